"""The record does not depend on where a growing file was cut when it was read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accrete.ingest import ingest
from tests.records import other, projects, record, rows
from tests.transcripts import Transcript, iso

LATER = 10 * 365 * 86_400_000
SESSIONS = "SELECT id, prompts, local_day, title, title_source FROM session ORDER BY id"


def talk(n: int, turns: int = 2, *, later: int = 0) -> list[dict[str, Any]]:
    t = Transcript(n)
    for turn in range(turns):
        t.prompt(f"Mend part {turn} of {n}")
        t.answer(f"msg_{n}_{turn}")
    return [{**line, "timestamp": iso(t.now + later)} if later else line for line in t.lines]


def without(lines: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{key: value for key, value in line.items() if key not in keys} for line in lines]


FILES = {
    "two sessions": [*talk(1), *talk(2)],
    "two sessions by turns": [*talk(1)[:2], *talk(2)[:2], *talk(1)[2:], *talk(2)[2:]],
    "two sessions, one ten years ahead": [*talk(1), *talk(2, later=LATER)],
    "a session that the last lines name": [*without(talk(1), "sessionId")[:2], *talk(1)[2:]],
    "a session that a middle line names": [*without(talk(1), "sessionId")[:2], talk(1)[2],
                                           *without(talk(1), "sessionId")[3:]],
    "a session that a summary's line names": [*without(talk(1), "sessionId")[:2],
                                              {"type": "tag", "sessionId": "s", "tag": "x"},
                                              *without(talk(1), "sessionId")[2:]],
    "no session": without(talk(1), "sessionId"),
    "no session and then two": [*without(talk(1), "sessionId")[:2], *talk(2)[:2],
                                *without(talk(3), "sessionId"), *talk(4)],
    "a greeting in a file with a name": [*without(talk(1), "sessionId", "uuid")[:0],
                                         {**talk(1)[0],
                                          "message": {"role": "user", "content": "hi"}},
                                         *talk(2, 1)],
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("lines", FILES.values(), ids=FILES.keys())
def test_a_file_comes_out_the_same_wherever_it_is_cut(lines, settings):
    path = projects(settings) / "-home-dev-demo" / "nightly.jsonl"
    path.parent.mkdir(parents=True)
    texts = [json.dumps(line) + "\n" for line in lines]
    found = []
    for cut in range(len(texts)):
        home = other(settings, f"cut-{cut}")
        for upto in dict.fromkeys((cut, len(texts))):
            path.write_text("".join(texts[:upto]))
            ingest(home)
        found.append(
            (record(home), rows(home, "SELECT session FROM source_file"), rows(home, SESSIONS))
        )
    path.unlink()
    line_by_line = other(settings, "line-by-line")
    for upto in range(1, len(texts) + 1):
        path.write_text("".join(texts[:upto]))
        ingest(line_by_line)
    found.append(
        (
            record(line_by_line),
            rows(line_by_line, "SELECT session FROM source_file"),
            rows(line_by_line, SESSIONS),
        )
    )
    for each in found[1:]:
        assert each == found[0]


def test_a_file_of_two_sessions_is_of_neither(settings):
    path = projects(settings) / "-home-dev-demo" / "nightly.jsonl"
    path.parent.mkdir(parents=True)
    for lines in (talk(1), [*talk(1), *talk(2, later=LATER)]):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        ingest(settings)
    assert rows(settings, "SELECT session FROM source_file") == [(None,)]
    assert [row[2] for row in rows(settings, SESSIONS)] == ["2026-09-21", None]


def test_lines_before_the_first_that_names_a_session_are_of_the_files_own(settings):
    path = projects(settings) / "-home-dev-demo" / "nightly.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(
        "".join(json.dumps(line) + "\n" for line in FILES["a session that a middle line names"])
    )
    ingest(settings)
    (named, own), (by_file, before) = [row[:2] for row in rows(settings, SESSIONS)]
    assert (named, own, before) == (talk(1)[0]["sessionId"], 1, 1)
    assert by_file.startswith("nightly.")


def test_a_secret_in_a_files_name_is_in_no_sessions_id(settings):
    secret = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    path = projects(settings) / "-home-dev-demo" / f"{secret}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in without(talk(1), "sessionId")))
    ingest(settings)
    path.write_text("".join(json.dumps(line) + "\n" for line in without(talk(1, 3), "sessionId")))
    ingest(settings)
    [(identity, prompts, *_)] = rows(settings, SESSIONS)
    assert secret[:20] not in identity
    assert prompts == 3
