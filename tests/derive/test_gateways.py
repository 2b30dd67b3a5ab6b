"""Gateways use ids again: which lines are one answer, and which are several.

Longer than a module should be because every form of an answer is held against every order in which
its lines can come.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from accrete.database import Sqlite
from accrete.derive.events import Event
from accrete.derive.gateway_answers import (
    Line,
    Row,
    StoredCall,
    _settled,
    _settled_calls,
    answers_of,
)
from accrete.ingest import ingest
from accrete.queries.replay import Entry, replay
from accrete.queries.scope import Scope
from accrete.queries.steps import told, whole
from accrete.settings import Settings
from tests.fuzz import seeded
from tests.patience import least, thread_s
from tests.records import kept, other, projects, record, rows
from tests.transcripts import Transcript, fork, minted

pytestmark = pytest.mark.long


def used(n: int) -> dict[str, int]:
    """The usage of the n-th answer: each is given more than the one before."""
    return {"input_tokens": 1000 + n, "output_tokens": 50 + n, "cache_read_input_tokens": 0}


def answers(settings: Settings) -> list[tuple[int, int, int]]:
    """(responses, input, output) of each session, by its id."""
    return rows(settings, """SELECT COUNT(*), SUM(input_tokens), SUM(output_tokens) FROM response
        WHERE counted = 1 GROUP BY session ORDER BY session""")  # fmt: skip


def calls(settings: Settings) -> list[tuple[int, int]]:
    """(calls, those with a result) that count."""
    return rows(settings, "SELECT COUNT(*), COUNT(result_uuid) FROM tool_call WHERE counted = 1")


def shown(settings: Settings, t: Transcript) -> list[Entry]:
    """What the replay of a session shows."""
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.ask(replay(Scope((1,), session=t.session)))
    finally:
        db.close()


def six_calls(
    t: Transcript, *, use: str = "toolu_{n}", request: str | None = None, constant: bool = False
) -> None:
    """Six calls, each with its result before the next, all under one message id."""
    t.prompt("Read the files")
    for n in range(6):
        t.call(
            "Read",
            {"file_path": "/home/dev/demo/a.py"},
            message_id="msg_gate",
            use=use.format(n=n),
            usage=used(0 if constant else n),
            requestId=request and request.format(n=n),
        )
        t.result("text", use=use.format(n=n))


SIX = [sum(1000 + n for n in range(6)), sum(50 + n for n in range(6))]


@pytest.mark.long
@pytest.mark.parametrize("request_id", [None, "req_{n}", "req_gateway"])
@pytest.mark.parametrize("use", ["toolu_{n}", "call_0"])
def test_calls_under_one_message_id_with_results_between_are_several_answers(
    settings, use, request_id
):
    t = Transcript(1)
    six_calls(t, use=use, request=request_id)
    kept(settings, t)
    assert answers(settings) == [(6, *SIX)]
    assert calls(settings) == [(6, 6)]


def test_a_call_made_again_under_the_same_ids_after_its_result_is_another_even_with_equal_usage(
    settings,
):
    t = Transcript(1)
    six_calls(t, use="call_0", constant=True)
    kept(settings, t)
    assert answers(settings) == [(6, 6000, 300)]
    assert calls(settings) == [(6, 6)]


@pytest.mark.parametrize(
    "usage", [used(0), {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0}]
)
def test_answers_to_prompts_under_one_message_id_are_several(settings, usage):
    t = Transcript(1)
    for n in range(4):
        t.prompt(f"Question {n}")
        t.answer(
            "chatcmpl-1",
            blocks=[{"type": "text", "text": f"Answer {n}"}],
            usage=usage,
            requestId=None,
        )
    kept(settings, t)
    assert answers(settings)[0][0] == 4


def test_a_subagents_answers_are_told_apart_like_the_main_lines(settings):
    t = Transcript(1)
    six_calls(t)
    agent = Transcript(1, isSidechain=True, agentId="a1", start=t.now)
    agent._count = 500
    six_calls(agent)
    t.write(projects(settings))
    agent.write(projects(settings), slug=f"-home-dev-demo/{t.session}/subagents", name="agent-a1")
    ingest(settings)
    assert answers(settings) == [(12, 2 * SIX[0], 2 * SIX[1])]
    assert rows(
        settings, "SELECT run, COUNT(*) FROM response WHERE counted = 1 GROUP BY run ORDER BY run"
    ) == [("", 6), ("a1", 6)]
    assert calls(settings) == [(12, 12)]


@pytest.mark.parametrize("ids", [("msg_1", None), ("0", "0"), ("chatcmpl-1", "req_1")])
def test_a_gateway_that_counts_anew_gives_two_sessions_two_answers(settings, ids):
    made = []
    for n in (1, 2):
        t = Transcript(n)
        t.prompt("Nightly run")
        t.call(
            "Bash",
            {"command": "ls"},
            message_id=ids[0],
            use="call_1",
            usage=used(0),
            requestId=ids[1],
        )
        t.result("ok", use="call_1")
        made.append(t)
    kept(settings, *made)
    assert answers(settings) == [(1, 1000, 50), (1, 1000, 50)]
    assert calls(settings) == [(2, 2)]


def parallel(t: Transcript, *, stops: tuple[str | None, ...], outputs: tuple[int, ...]) -> None:
    """One answer of three calls, of which the results stand between its lines, as the client writes
    fast tools."""
    t.prompt("Look around")
    t.answer(
        "msg_bdrk_x",
        blocks=[{"type": "thinking", "thinking": "hm"}],
        requestId=None,
        stop=stops[0],
        usage={**used(0), "output_tokens": outputs[0]},
    )
    for n in range(3):
        t.call(
            "Read",
            {"file_path": f"/{n}"},
            message_id="msg_bdrk_x",
            use=f"toolu_{n}",
            requestId=None,
            usage={**used(0), "output_tokens": outputs[n + 1]},
        )
        t.lines[-1]["message"]["stop_reason"] = stops[n + 1]
        t.result("text", use=f"toolu_{n}")


@pytest.mark.parametrize(
    ("stops", "outputs"),
    [
        (("tool_use",) * 4, (90,) * 4),
        ((None, None, None, None), (1, 1, 1, 90)),
        ((None, None, None, "tool_use"), (1, 1, 1, 90)),
    ],
)
def test_results_between_the_lines_of_one_streamed_answer_do_not_cut_it(settings, stops, outputs):
    t = Transcript(1)
    parallel(t, stops=stops, outputs=outputs)
    kept(settings, t)
    assert answers(settings) == [(1, 1000, 90)]
    assert calls(settings) == [(3, 3)]


def test_placeholders_without_usage_before_the_last_line_are_its_answer(settings):
    t = Transcript(1)
    t.prompt("Look around")
    nothing = {"input_tokens": 0, "output_tokens": 0, "cache_read_input_tokens": 0}
    for n, usage in enumerate((nothing, used(0), used(0))):
        t.call(
            "Read",
            {"file_path": f"/{n}"},
            message_id="gen-1",
            use=f"call_{n}",
            requestId=None,
            usage=usage,
        )
        t.lines[-1]["message"]["stop_reason"] = None
        t.result("text", use=f"call_{n}")
    kept(settings, t)
    assert answers(settings) == [(1, 1000, 50)]
    assert calls(settings) == [(3, 3)]


def test_several_subagents_started_in_one_answer_were_started_together_whoever_gave_the_ids(
    settings,
):
    t = Transcript(1)
    t.prompt("Research")
    for n in range(3):
        t.call(
            "Agent",
            {"subagent_type": "Explore", "description": f"part {n}", "prompt": "look"},
            requestId=None,
            message_id="msg_bdrk_x",
            use=f"toolu_{n}",
            usage=used(0),
        )
    for n in range(3):
        t.result("found", use=f"toolu_{n}")
    kept(settings, t)
    marks = rows(settings, "SELECT marks FROM sighting WHERE practice = 'delegation'")
    assert len(marks) == 3
    assert all("several-at-once" in row[0] for row in marks)


def test_a_copied_session_repeats_no_answer_of_a_gateway(settings):
    t = Transcript(1)
    six_calls(t, use="call_0")
    copy = fork(t, 2, upto=len(t.lines))
    kept(settings, t, copy)
    assert answers(settings)[0] == (6, *SIX)
    assert calls(settings) == [(6, 6)]


def test_history_written_again_with_new_uuids_repeats_nothing(settings):
    t = Transcript(1)
    parallel(t, stops=("tool_use",) * 4, outputs=(90,) * 4)
    for line in list(t.lines):
        t.lines.append(
            {**line, "uuid": f"again-{line['uuid']}", "parentUuid": f"again-{line['parentUuid']}"}
        )
    kept(settings, t)
    assert answers(settings) == [(1, 1000, 90)]
    assert calls(settings) == [(3, 3)]


@pytest.mark.parametrize("name", ["resp_probe", "msg_0123456789abcdefghijkl"])
@pytest.mark.parametrize("request_id", [None, "req_0123456789abcdefghijkl"])
def test_an_answer_written_twice_shows_and_counts_once(settings, name, request_id):
    t = Transcript(1, version="2.1.237")
    t.prompt("say hi")
    for _ in range(2):
        t.answer(
            name,
            blocks=[{"type": "text", "text": "Hi there."}],
            usage=used(0),
            requestId=request_id,
        )
    t.prompt("and list")
    for _ in range(2):
        t.call(
            "Bash",
            {"command": "ls -la"},
            message_id=f"{name}2",
            use="call_1",
            usage=used(1),
            requestId=request_id,
        )
    t.result("total 0", use="call_1")
    kept(settings, t)
    assert answers(settings) == [(2, 2001, 101)]
    assert calls(settings) == [(1, 1)]
    items = shown(settings, t)
    assert [item.text for item in items if item.kind == "assistant_text"] == ["Hi there."]
    assert [(item.call.target, item.call.status) for item in items if item.call] == [
        ("ls -la", "ok")
    ]


@pytest.mark.parametrize(("name", "request_id"), [("resp_1", None), (minted("msg"), minted("req"))])
def test_an_answer_written_again_as_it_grows_shows_once(settings, name, request_id):
    t = Transcript(1)
    t.prompt("say hi")
    for n, (thought, words) in enumerate((("Hm", None), ("Hm, hi", "Hi"), ("Hm, hi", "Hi there."))):
        blocks = [{"type": "thinking", "thinking": thought}]
        blocks += [{"type": "text", "text": words}] if words else []
        t.answer(name, blocks=blocks, usage=used(0) | {"output_tokens": n}, stop=None,
                 requestId=request_id)  # fmt: skip
    for path in ("/a", "/ab"):
        t.call("Read", {"file_path": path}, message_id=name, use=path, usage=used(0),
               requestId=request_id)  # fmt: skip
    t.answer(name, usage=used(0), requestId=request_id,
             blocks=[{"type": "text", "text": text} for text in ("Yes", "Yes, hi")])  # fmt: skip
    kept(settings, t)
    assert answers(settings) == [(1, 1000, 50)]
    said = ["say hi", "Hm, hi", "Hi there.", "/a", "/ab", "Yes", "Yes, hi"]
    assert [item.text for item in shown(settings, t)] == said
    db = Sqlite(settings.database, readonly=True)
    made = told(*db.ask(whole(Scope((1,), session=t.session))))
    db.close()
    assert [step.text or step.target for step in made] == said


def test_the_same_words_in_two_answers_show_twice(settings):
    t = Transcript(1)
    for n in range(2):
        t.prompt(f"say hi {n}")
        t.answer(
            "resp_1", blocks=[{"type": "text", "text": "Hi there."}], usage=used(n), requestId=None
        )
    kept(settings, t)
    assert [item.text for item in shown(settings, t) if item.kind == "assistant_text"] == [
        "Hi there."
    ] * 2


def test_a_failed_answer_and_its_retry_under_one_id_are_two(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.answer(
        "gen-1",
        blocks=[{"type": "text", "text": "I"}],
        usage={**used(0), "output_tokens": 1},
        stop=None,
        requestId=None,
    )
    t.add("system", subtype="api_error", error={"status": 529})
    t.answer(
        "gen-1", blocks=[{"type": "text", "text": "I will."}], usage={**used(1)}, requestId=None
    )
    kept(settings, t)
    assert answers(settings) == [(2, 2001, 52)]


def test_a_request_id_on_some_lines_only_leaves_one_answer(settings):
    t = Transcript(1)
    t.prompt("Go")
    for n, request_id in enumerate((None, "req_a", None)):
        t.call(
            "Read",
            {"file_path": f"/{n}"},
            message_id="gen-1",
            use=f"call_{n}",
            usage=used(0),
            requestId=request_id,
        )
    for n in range(3):
        t.result("text", use=f"call_{n}")
    kept(settings, t)
    assert answers(settings) == [(1, 1000, 50)]
    assert calls(settings) == [(3, 3)]


def test_ids_that_differ_in_a_suffix_are_two_answers(settings):
    t = Transcript(1)
    t.prompt("Go")
    for n, name in enumerate(("gen-1", "gen-1#2", "gen-1-2")):
        t.answer(name, usage=used(n), requestId=None)
    kept(settings, t)
    assert answers(settings) == [(3, 3003, 153)]


@pytest.mark.long
@seeded(3)
def test_gateway_ids_come_out_the_same_in_any_order_and_any_pieces(settings, seed):
    chance = random.Random(seed)
    t = Transcript(1)
    six_calls(t, use="call_0")
    parallel(t, stops=("tool_use",) * 4, outputs=(90,) * 4)
    copy = fork(t, 2, upto=9)
    six_calls(copy, use="call_0")
    alone = Transcript(3)
    six_calls(alone, use="call_0")
    twice = Transcript(4)
    twice.prompt("hi")
    twice.answer("resp_1", requestId=None)
    twice.answer("resp_1", requestId=None)
    made = [t, copy, alone, twice]
    paths = [each.write(projects(settings)) for each in made]
    ingest(settings)
    expected = answers(settings), calls(settings), record(settings)
    pieces = other(settings, f"pieces{seed}")
    for path in paths:
        path.write_bytes(b"")
    left = {path: each.text() for path, each in zip(paths, made, strict=True)}
    while any(left.values()):
        path = chance.choice([path for path in paths if left[path]])
        cut = chance.randint(1, len(left[path]))
        with path.open("ab") as file:
            file.write(left[path][:cut])
        left[path] = left[path][cut:]
        ingest(pieces)
    assert (answers(pieces), calls(pieces)) == expected[:2]
    assert record(pieces) == expected[2]


def test_a_session_cut_into_two_files_comes_out_the_same(settings):
    t = Transcript(1)
    six_calls(t, use="call_0")
    parallel(t, stops=("tool_use",) * 4, outputs=(90,) * 4)
    folder = projects(settings) / "-home-dev-demo"
    folder.mkdir(parents=True)
    for name, lines in (("one", t.lines[:16]), ("two", t.lines[16:])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ingest(settings)
    assert answers(settings) == [(7, SIX[0] + 1000, SIX[1] + 90)]
    assert calls(settings) == [(9, 9)]


def test_a_growing_answer_leaves_the_same_rows_in_one_reading_and_in_three(settings):
    t = Transcript(1)
    t.prompt("Go")
    path = t.write(projects(settings))
    for output in (1, 5, 20):
        t.answer(
            "chatcmpl-7",
            requestId=None,
            stop=None if output < 20 else "end_turn",
            usage={"output_tokens": output},
        )
        t.write(projects(settings))
        ingest(settings)
    assert path.exists()
    fresh = other(settings, "fresh")
    ingest(fresh)
    assert record(settings) == record(fresh)


def test_a_call_that_no_longer_counts_leaves_the_same_row_as_one_that_never_did(settings):
    """The client wrote it twice, and its result names the second: the first counted until then."""
    t = Transcript(1)
    t.prompt("Go")
    for n in range(2):
        t.call("Bash", {"command": "make"}, message_id="gate", use="call_0", usage=used(0),
               requestId=None, after_ms=1000 * (n == 0))  # fmt: skip
        kept(settings, t)
    t.result("ok", use="call_0", sourceToolAssistantUUID=t.last)
    kept(settings, t)
    assert calls(settings) == [(1, 1)]
    assert rows(settings, "SELECT counted, local_day FROM tool_call ORDER BY seq") == [
        (0, None), (1, "2026-09-21")
    ]  # fmt: skip
    kept(other(settings, "fresh"))
    assert record(settings) == record(other(settings, "fresh"))


def of_agent(
    t: Transcript, name: str, n: int, settings: Settings, *, uuid: str | None = None
) -> None:
    """A subagent's answer: a call with the n-th usage, at the same instant and under the same ids
    as any other's."""
    agent = Transcript(1, isSidechain=True, agentId=name, start=t.now)
    agent._count = 500 + len(name) * 100
    agent.prompt("Look", **({} if uuid is None else {"uuid": f"{uuid}-0"}))
    agent.call(
        "Read",
        {"file_path": "/a"},
        message_id="msg_gate",
        use="call_0",
        usage=used(n),
        requestId=None,
        **({} if uuid is None else {"uuid": uuid}),
    )
    agent.write(
        projects(settings), slug=f"-home-dev-demo/{t.session}/subagents", name=f"agent-{name}"
    )


@pytest.mark.parametrize(
    ("second", "uuid", "count"),
    [(0, None, 2), (1, None, 2), (0, "00000001-0000-4000-8000-0000000000aa", 1)],
)
def test_two_subagents_that_say_the_same_at_once_gave_two_answers(settings, second, uuid, count):
    t = Transcript(1)
    t.prompt()
    of_agent(t, "a", 0, settings, uuid=uuid)
    of_agent(t, "bb", second, settings, uuid=uuid)
    t.write(projects(settings))
    ingest(settings)
    assert answers(settings)[0][0] == count


def test_a_subagent_that_stands_in_the_main_lines_file_too_repeats_nothing(settings):
    t = Transcript(1)
    t.prompt()
    of_agent(t, "a", 0, settings)
    inline = Transcript(1, isSidechain=True, start=t.now)
    inline._count = 300
    inline.prompt("Look")
    inline.call(
        "Read",
        {"file_path": "/a"},
        message_id="msg_gate",
        use="call_0",
        usage=used(0),
        requestId=None,
    )
    t.lines += inline.lines
    t.write(projects(settings))
    ingest(settings)
    assert answers(settings)[0][0] == 1


def made_event(**given: Any) -> Event:
    blank = {
        "part": 0,
        "agent": "",
        "name": None,
        "size": 9,
        "parent": None,
        "sidechain": 0,
        "replayed": 0,
        "misdated": None,
        "forked_from": None,
        "id": 1,
    }
    return Event(**{**blank, **given})


@pytest.mark.long
def test_an_answer_of_thousands_of_lines_takes_no_longer_for_each(settings):
    """Each line compared with each other would take minutes."""
    blank = {
        "stop": None,
        "request_id": "",
        "session": "s",
        "agent": "",
        "embedded": 0,
        "counted": 1,
        "answer": None,
        "refusal": None,
        "iterations": None,
        "output": 1,
        "given": 9,
        "has_usage": 1,
    }
    lines: dict[tuple[str, str], Line] = {}
    events = []
    calls = {}
    for n in range(20_000):
        uuid, use = f"{n:08}", f"toolu_{n}"
        event = made_event(
            uuid=uuid, seq=2 * n, at=n, kind="tool_call", message_id=f"m#{uuid}", tool_use_id=use
        )
        lines["", uuid] = Line(
            f"m#{uuid}", "m", event, [("tool_call", use, 9)], [Row(message_id=f"m#{uuid}", **blank)]
        )
        events.append(event)
        events.append(
            made_event(
                uuid=f"r{uuid}",
                seq=2 * n + 1,
                at=n,
                kind="tool_result",
                message_id=None,
                tool_use_id=f"toolu_{n - 9}",
            )
        )
        calls[f"m#{uuid}", use] = StoredCall(f"m#{uuid}", use, "s", 1, 1, None)

    def settled() -> None:
        found = answers_of(lines, events, {})
        assert [len(answer.lines) for answer in found] == [20_000]
        assert len(list(_settled(found[0].lines, found[0].lines[0].rows[0], "s"))) == 19_999
        assert len(list(_settled_calls(found[0].lines, "m#00000000", calls, "s"))) == 19_999

    assert least(lambda: thread_s(settled), 20) < 20
