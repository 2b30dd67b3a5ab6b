"""No byte string makes the reader raise, and every line is counted."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.record.readers import read_job
from accrete.transcript.decode import LONGEST_LINE, _prune, decode, raw_lines
from accrete.transcript.read import Job
from tests.fuzz import examples
from tests.transcripts import busy

SCRAPS = [line + b"\n" for line in busy(1).text().splitlines()[:6]] + [
    b'{"type":"user","uuid":"u","message":{"content":"\\ud800 x"}}\n', b"\xef\xbb\xbf{}\n",
    b'{"a":NaN}', b"{}{}", b"//x\n", b"[1]\n", b"null\n",
    b'{"type":5,"uuid":[],"timestamp":{},"message":7}\n',
    b'{"type":"assistant","message":{"id":3,"usage":"x","content":[1,null,"t",{"type":4}]}}\n',
    b'{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t",'
    b'"content":{"x":1},"is_error":"yes"}]}}\n',
    b'{"type":"progress","data":{"type":"agent_progress","agentId":"a",'
    b'"message":{"type":"assistant","message":{"content":"x"}}}}\n',
    b'{"type":"attachment","attachment":{"type":"queued_command","prompt":{"a":1}}}\n', b"\x00",
    b"\r\n", b"\xff\xfe", b"{", b"\n",
    b'{"type":"cost-state","totalCostUSD":1e400}\n',
    b'{"type":"system","compactMetadata":{"preTokens":99999999999999999999999}}\n',
    b'{"type":"user","timestamp":"99999-01-01T00:00:00Z","message":{"content":"t"}}\n',
    b"[" * 3000 + b"\n", b'{"a":' * 3000 + b"\n",
    b'{"type":"pr-link","prUrl":"https://x/1","prNumber":"seven"}\n',
    b'{"type":"assistant","message":{"usage":{"input_tokens":-5,"output_tokens":1e308}}}\n',
]  # fmt: skip


@pytest.mark.long
@hypothesis_settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=60)), max_size=12).map(b"".join)
)
def test_no_byte_string_makes_the_reader_raise(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "scrap.jsonl"
    path.write_bytes(data)
    pieces = [
        reading.piece for reading in read_job(Job(str(path), "main", None, "", None, None), str)
    ]
    lines = sum(piece.counts.lines + piece.tail.lines for piece in pieces)
    assert lines == sum(1 for line in data.split(b"\n") if line.strip(b" \t\r\n\x0b\x0c"))


@pytest.mark.long
@hypothesis_settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=200))
def test_a_line_is_read_where_a_plain_json_reader_reads_it(data):
    decoded = decode(data)
    try:
        plain = isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        plain = False
    assert plain == (not decoded.strict_failure) or decoded.repaired


@pytest.mark.long
@given(st.lists(st.binary(max_size=30)), st.integers(0, 40))
def test_lines_and_their_places_add_up_to_the_file(parts, start_line):
    data = b"\n".join(parts)
    lines = list(raw_lines(io.BytesIO(data), 0))
    assert b"".join((line.data or b"") + (b"\n" if line.ended else b"") for line in lines) == data
    for line in lines[start_line:]:
        assert next(raw_lines(io.BytesIO(data), line.offset)) == line


@pytest.mark.long
def test_a_line_longer_than_can_be_held_is_passed_over_and_counted(tmp_path):
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        for _ in range(LONGEST_LINE // (1 << 20) + 2):
            file.write(b"x" * (1 << 20))
        file.write(b"\n" + busy(1).text())
    piece = [
        reading.piece for reading in read_job(Job(str(path), "main", None, "", None, None), str)
    ]
    assert sum(p.counts.malformed for p in piece) == 1
    assert sum(p.counts.lines for p in piece) == 1 + len(busy(1).lines)


@pytest.mark.parametrize(
    ("line", "lines", "repaired", "strict"),
    [
        (b'{"type":"user"}', 1, False, False),
        (b'{"type":"user"}{"type":"system"}', 2, True, True),
        (b'\xef\xbb\xbf{"type":"user"}', 1, False, False),
        (b'{"type":"user","x":NaN}', 1, True, False),
        (b'{"type":"user","cwd":"\\ud800"}', 1, True, False),
        (b'{"type":"user","cwd":"a\\u0000b"}', 1, False, False),
        (b'{"type":"user","cwd":"\xff"}', 1, True, True),
        (b'{"type":"user"} trailing', 1, True, True),
        (b'// {"type":"user"}', 0, False, True),
        (b"[]", 0, False, True),
    ],
)
def test_what_is_mended_is_counted(line, lines, repaired, strict):
    decoded = decode(line)
    assert len(decoded.lines) == lines
    assert decoded.strict_failure == strict
    assert decoded.repaired == (repaired or (b"\xef\xbb\xbf" in line)) or not lines


def test_text_keeps_no_nul_and_no_lone_surrogate():
    (line,) = decode(b'{"type":"user","cwd":"a\\u0000b\\ud800c"}').lines
    assert line.cwd == "a\ufffdb\ufffdc"


def test_one_field_of_a_wrong_type_does_not_cost_the_record():
    (line,) = decode(
        b'{"type":"user","uuid":"u","version":{"x":1},"message":{"role":"user","content":"hello"}}'
    ).lines
    assert (line.uuid, line.version, line.message.content) == ("u", None, "hello")


@pytest.mark.parametrize("chunk", [1, 3, 4, 10])
@pytest.mark.parametrize("stop", [None, 99])
def test_a_line_is_whole_up_to_the_longest_and_known_by_its_place_beyond(monkeypatch, chunk, stop):
    monkeypatch.setattr("accrete.transcript.decode.CHUNK", chunk)
    monkeypatch.setattr("accrete.transcript.decode.LONGEST_LINE", 10)
    for size in range(25):
        for end in (b"\n", b""):
            made = io.BytesIO(b"ok\n" + b"x" * size + end + (b"end\n" if end else b""))
            whole = b"x" * size if size <= 10 else None
            found = [(line.offset, line.end, line.data, line.ended) for line in
                     raw_lines(made, 0, stop)]  # fmt: skip
            behind = 3 + size + len(end)
            assert found == [
                (0, 3, b"ok", True),
                *([(3, behind, whole, bool(end))] if size or end else []),
                *([(behind, behind + 4, b"end", True)] if end else []),
            ]


@pytest.mark.parametrize("chunk", [1, 3, 4, 64])
def test_a_part_of_a_file_is_the_lines_of_its_bytes_alone(monkeypatch, chunk):
    monkeypatch.setattr("accrete.transcript.decode.CHUNK", chunk)
    data = b"one\n\nthree\nfour"
    for start in (0, 4, 5, 11):
        for stop in range(start, len(data) + 3):
            found = list(raw_lines(io.BytesIO(data), start, stop))
            part = data[start:stop]
            assert b"".join(
                (line.data or b"") + (b"\n" if line.ended else b"") for line in found
            ) == part  # fmt: skip
            assert len(found) == len(part.splitlines())
            assert [line.offset for line in found] == [
                start + at for at in range(len(part)) if at == 0 or part[at - 1 : at] == b"\n"
            ]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"text": 5, "id": None, "name": "x", "other": 5}, {"id": None, "name": "x", "other": 5}),
        ({"content": 7}, {}), ({"content": None}, {"content": None}), ({"content": "x"},) * 2,
        ({"content": [1, "a", None, {"type": 5, "text": "t"}, [2]]},
         {"content": ["a", {"text": "t"}]}),
        ({"is_error": "yes"}, {}), ({"is_error": True},) * 2, ({"is_error": None}, {}),
        ({"input": {"text": 5, "content": 7}},) * 2,
        ({"usage": "much"}, {"usage": None}),
        ({"usage": {"input_tokens": 5, "output_tokens": "5", "x": True, "y": 1.5}},
         {"usage": {"input_tokens": 5, "y": 1.5}}),
        ({"usage": {"cache_creation": {"a": 1, "b": "1", "c": False}, "server_tool_use": 3}},
         {"usage": {"cache_creation": {"a": 1}}}),
        ({"usage": {"speed": "fast", "service_tier": 1, "iterations": "x"}},
         {"usage": {"speed": "fast", "iterations": "x"}}),
    ],
)  # fmt: skip
def test_members_of_impossible_types_are_dropped_and_nothing_else(given, kept):
    assert _prune(given) == kept
