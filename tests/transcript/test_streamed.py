"""Conversations in files that name no session the usual way: kept output of stream-json, and lines
without any id."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from accrete.care.forget import What, forget
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import kept, other, projects, record, rows
from tests.transcripts import Transcript

SESSION = "00000001-0000-4000-8000-000000000000"
USAGE = {"input_tokens": 100_000, "output_tokens": 1000}


def streamed(*, session: str | None = SESSION, init: bool = True) -> list[dict[str, Any]]:
    """What `claude -p --output-format stream-json` prints of a call and an answer, one of a
    subagent's between."""
    made: list[dict[str, Any]] = []

    def add(kind: str, **fields: Any) -> None:
        made.append(
            {"type": kind, **fields, "uuid": f"{len(made) + 1:08x}-3333-4000-8000-000000000000"}
        )

    def said(
        message_id: str,
        block: dict[str, Any],
        model: str = "claude-sonnet-4-6",
        parent: str | None = None,
    ) -> None:
        message = {
            "id": message_id,
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": [block],
            "usage": USAGE,
        }
        add("assistant", message=message, parent_tool_use_id=parent)

    if init:
        add("system", subtype="init", cwd="/home/dev/demo", tools=[], model="claude-sonnet-4-6",
            claude_code_version="2.1.4", permissionMode="default")  # fmt: skip
    said(
        "msg_j1",
        {
            "type": "tool_use",
            "id": "toolu_1",
            "name": "Task",
            "input": {"description": "look", "prompt": "look"},
        },
    )
    said("msg_j2", {"type": "text", "text": "looked"}, "claude-haiku-4-5", "toolu_1")
    add(
        "user",
        message={
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "looked"}],
        },
        parent_tool_use_id=None,
        tool_use_result={"status": "completed", "totalDurationMs": 1200},
    )
    said("msg_j3", {"type": "text", "text": "ok"})
    add("stream_event", event={"type": "message_stop"})
    add("result", subtype="success", total_cost_usd=0.735, num_turns=2, usage=USAGE, result="ok")
    return [line if session is None else {**line, "session_id": session} for line in made]


def write(
    settings: Settings,
    lines: list[dict[str, Any]],
    name: str = "nightly",
    slug: str = "-home-dev-demo",
) -> Path:
    """Writes a file below the projects folder."""
    path = projects(settings) / slug / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


SESSIONS = """SELECT id, responses_own, responses_delegated, cost_own_nano, cost_delegated_nano,
    client_cost_nano, unpriced, title, cwd,
automated, version FROM session"""
TWO = 2 * 315_000_000
ONE_OF_HAIKU = 105_000_000


def test_kept_stream_json_is_the_session_that_it_names_with_its_cost(settings):
    write(settings, streamed())
    ingest(settings)
    assert rows(settings, SESSIONS) == [
        (SESSION, 2, 1, TWO, ONE_OF_HAIKU, 735_000_000, 0, "nightly", "/home/dev/demo", 1, "2.1.4")
    ]
    assert rows(settings, "SELECT tool, status, ms FROM tool_call") == [("Task", "ok", 1200)]
    assert rows(settings, "SELECT started_by, responses FROM agent_run") == [("toolu_1", 1)]


def test_without_any_id_the_file_names_the_session(settings):
    write(settings, streamed(session=None))
    ingest(settings)
    [(identity, *rest)] = rows(settings, SESSIONS)
    assert identity.startswith("nightly.")
    assert rest == [
        2,
        1,
        TWO,
        ONE_OF_HAIKU,
        735_000_000,
        0,
        "nightly",
        "/home/dev/demo",
        1,
        "2.1.4",
    ]


def test_lines_of_a_stream_that_lack_the_id_are_of_the_session_that_its_beginning_names(settings):
    lines = streamed()
    for line in lines[2:]:
        del line["session_id"]
    path = write(settings, lines[:3])
    ingest(settings)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ingest(settings)
    assert [row[:4] for row in rows(settings, SESSIONS)] == [(SESSION, 2, 1, TWO)]


def plain(words: str) -> list[dict[str, Any]]:
    """A conversation as tools that cut transcripts keep it: no ids but the message's."""
    answer = {"id": "msg_p1", "role": "assistant", "model": "claude-sonnet-4-6", "usage": USAGE,
              "content": [{"type": "text", "text": f"{words}!"}]}  # fmt: skip
    return [
        {
            "type": "user",
            "message": {"role": "user", "content": words},
            "timestamp": "2026-09-21T14:00:00.000Z",
        },
        {"type": "assistant", "message": answer, "timestamp": "2026-09-21T14:00:05.000Z"},
    ]


def test_files_of_one_name_in_two_folders_are_two_sessions(settings):
    write(settings, plain("fix the cart"), slug="-home-dev-one")
    write(settings, plain("good day"), slug="-home-dev-two")
    ingest(settings)
    assert sorted(row[7:8] + row[1:4] for row in rows(settings, SESSIONS)) == [
        ("fix the cart", 1, 0, 315_000_000), ("good day", 1, 0, 315_000_000)]  # fmt: skip


def test_a_conversation_without_ids_in_a_file_named_by_a_session_is_that_session(settings):
    write(settings, plain("hello"), name=SESSION)
    ingest(settings)
    assert [row[:4] for row in rows(settings, SESSIONS)] == [(SESSION, 1, 0, 315_000_000)]


@pytest.mark.long
@pytest.mark.parametrize("lines", [streamed(session=None), plain("hello")])
@pytest.mark.parametrize("way", ["renamed", "moved to another disk", "to another folder"])
def test_a_file_that_got_another_name_and_grew_is_still_one_session(settings, lines, way):
    path = write(settings, lines[:-1])
    ingest(settings)
    before = {row[0] for row in rows(settings, SESSIONS)}
    new = (
        path.with_name("weekly.jsonl")
        if way != "to another folder"
        else path.parent.parent / "-home-dev-b" / path.name
    )
    new.parent.mkdir(exist_ok=True)
    if way == "moved to another disk":
        shutil.copyfile(path, new)
        path.unlink()
    else:
        path.rename(new)
    ingest(settings)
    with new.open("a") as file:
        file.write(json.dumps(lines[-1]) + "\n")
    ingest(settings)
    assert {row[0] for row in rows(settings, SESSIONS)} == before or not before
    assert len(rows(settings, SESSIONS)) == 1


def test_what_is_kept_of_a_conversation_that_is_gone_is_no_file_that_is_named_by_a_session(
    settings,
):
    path = write(settings, plain("hello"))
    ingest(settings)
    shutil.copyfile(path, path.with_name(f"{SESSION}.jsonl"))
    path.unlink()
    report = ingest(settings)
    assert (report.files_read, report.files_missing) == (1, 1)
    assert SESSION in {row[0] for row in rows(settings, SESSIONS)}


def test_a_copy_of_such_a_file_costs_nothing_more(settings):
    write(settings, streamed(session=None))
    write(settings, streamed(session=None), name="again")
    ingest(settings)
    assert rows(settings, "SELECT SUM(cost_own_nano + cost_delegated_nano) FROM session") == [
        (TWO + ONE_OF_HAIKU,)
    ]


def test_the_transcript_of_a_run_and_its_kept_output_are_one_session_in_any_order(settings):
    t = Transcript(1, entrypoint="sdk-cli")
    t.prompt("Go")
    for name in ("msg_0123456789abcdefghij1", "msg_0123456789abcdefghij2"):
        t.answer(name, model="claude-sonnet-4-6", usage=USAGE, requestId=f"req_{name[4:]}")
    out = []
    for n, line in enumerate(t.lines[1:]):
        message = {
            **line["message"],
            "usage": {"input_tokens": 100_000, "output_tokens": 1},
            "stop_reason": None,
        }
        uuid = line["uuid"] if n == 0 else "00000009-3333-4000-8000-000000000000"
        out.append({"type": "assistant", "message": message, "session_id": t.session, "uuid": uuid})
    paths = [t.write(projects(settings)), write(settings, out)]
    found = []
    for name, order in (("one", paths), ("other", paths[::-1])):
        mine = other(settings, name)
        for path in order:
            ingest(mine, paths=(path,))
        found.append(record(mine))
        assert [row[:4] for row in rows(mine, SESSIONS)] == [
            (SESSION, 2, 0, rows(mine, SESSIONS)[0][3])
        ]
    assert found[0]["session"] == found[1]["session"]


def test_such_a_session_can_be_forgotten_for_good(settings):
    write(settings, streamed(session=None))
    ingest(settings)
    [(identity,)] = rows(settings, "SELECT id FROM session")
    forget(settings, What(sessions=(identity,)), 0)
    ingest(settings)
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(0,)]
    assert rows(settings, "SELECT COUNT(*) FROM response") == [(0,)]


def test_what_is_no_conversation_makes_no_session(settings):
    write(
        settings,
        [
            {"type": "summary", "summary": "Old work", "leafUuid": "x"},
            {"type": "file-history-snapshot", "messageId": "m"},
        ],
    )
    write(
        settings,
        [
            {"type": "session_meta", "payload": {"id": "1"}},
            {"session_id": "s1", "hook_event_name": "Stop"},
        ],
        name="rollout",
    )
    kept(settings)
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(0,)]
