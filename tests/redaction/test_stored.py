"""No field of a record carries a secret into the record, wherever in the line it stands."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from accrete.care.maintain import redact_past
from accrete.database import Sqlite
from accrete.ingest import ingest
from tests.transcripts import Transcript, busy, session_id

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("texts_as_they_are")]

SECRET = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
PASSWORD = "Qx7Rt2Lm9Zk4"
IDENTITIES = frozenset(
    {
        "uuid",
        "parentUuid",
        "sessionId",
        "timestamp",
        "type",
        "id",
        "tool_use_id",
        "requestId",
        "role",
        "agentId",
        "sourceToolAssistantUUID",
        "leafUuid",
        "toolUseID",
        "sourceToolUseID",
        "parentToolUseID",
        "requestSessionId",
    }
)
"""Ids, and what decides which rule reads the line: never redacted, or tried with its value kept."""


def everything() -> list[dict[str, Any]]:
    """The lines of a session with every field that is read."""
    t = busy(1)
    t.add(
        "user",
        message={"role": "user", "content": "more"},
        permissionMode="plan",
        promptSource="typed",
        agentName="scout",
        teamName="crew",
    )
    t.call(
        "Task",
        {"subagent_type": "general", "description": "look", "prompt": "look around"},
        use="toolu_t",
    )
    t.answer(
        "msg_x",
        attributionSkill="deploy",
        effort="high",
        stop="end_turn",
        isApiErrorMessage=True,
        error="overloaded",
        usage={"speed": "fast", "inference_geo": "us", "service_tier": "batch"},
    )
    t.add(
        "user",
        message={
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_t", "content": "no", "is_error": True}
            ],
        },
        toolDenialKind="user-rejected",
        permissionDecision={"decision": "deny", "source": "user"},
    )
    t.add(
        "user",
        message={
            "role": "user",
            "content": "<command-name>/ship</command-name><command-args>it</command-args>",
        },
    )
    t.add("system", subtype="informational", content="a notice")
    t.add(
        "attachment",
        attachment={"type": "queued_command", "prompt": "and that", "commandMode": "prompt"},
    )
    t.add("attachment", attachment={"type": "file", "filename": "/home/dev/demo/a.py"})
    t.add("queue-operation", operation="enqueue", content="later")
    t.add(
        "pr-link", prUrl="https://github.com/acme/demo/pull/1", prNumber=1, prRepository="acme/demo"
    )
    t.add("summary", summary="A summary", leafUuid=t.last)
    t.add("custom-title", customTitle="A title")
    t.add("tag", tag="later")
    t.add("mode", mode="plan")
    t.add("something-new", what="is this")
    return t.lines


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts in a line that are no identities."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        if isinstance(inner, str) and key not in IDENTITIES:
            yield (*path, key)
        else:
            yield from leaves(inner, (*path, key))


def test_a_secret_in_any_field_of_any_line_is_not_stored(settings):
    lines = everything()
    places = [(index, path) for index, line in enumerate(lines) for path in leaves(line)]
    assert len(places) > 100
    folder = settings.roots[0] / "projects" / "-home-dev-demo"
    folder.mkdir(parents=True)
    for n, (index, path) in enumerate(places, 1):
        changed = copy.deepcopy(lines)
        at: Any = changed[index]
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] += f" {SECRET}"
        text = "".join(json.dumps(line) + "\n" for line in changed)
        text = text.replace(session_id(1)[:8], session_id(n)[:8]).replace('"msg_', f'"msg_{n}_')
        (folder / f"{session_id(n)}.jsonl").write_text(text)
    assert ingest(settings).lines_parsed == len(lines) * len(places)
    for file in settings.home.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            at = data.find(SECRET.encode())
            assert at < 0, f"{file.name}: {data[max(0, at - 200) : at + 60]!r}"


def test_a_secret_in_the_names_of_a_subagent_is_not_stored(settings):
    t = Transcript(1)
    t.prompt("go")
    main = t.write(settings.roots[0] / "projects")
    agents = main.with_suffix("") / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-a1b2c3d4e5f6.jsonl").write_text(
        json.dumps({**t.lines[0], "isSidechain": True, "agentId": "a1b2c3d4e5f6", "uuid": "other"})
        + "\n"
    )
    (agents / "agent-a1b2c3d4e5f6.meta.json").write_text(
        json.dumps(
            dict.fromkeys(("agentType", "description", "name", "worktreePath"), f"x {SECRET}")
        )
    )
    ingest(settings)
    assert SECRET.encode() not in settings.database.read_bytes()


def test_a_secret_in_the_subject_of_a_commit_that_a_long_output_hides_is_not_stored(settings):
    t = Transcript(1)
    t.prompt("go")
    t.call("Bash", {"command": "make release"}, use="toolu_c")
    filler = "compiled one more file of the sources\n" * 1000
    t.result(f"{filler}[main 1a2b3c4] Take {SECRET} out\n{filler}", use="toolu_c")
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    db = Sqlite(settings.database)
    ((detail,),) = db.run("SELECT detail FROM tool_call")
    db.close()
    assert json.loads(detail)["commits"] == [
        ["main", "1a2b3c4", "Take [redacted:github-token] out"]
    ]


def test_what_an_older_version_stored_escaped_is_redacted_by_its_values(settings):
    busy(1).write(settings.roots[0] / "projects")
    ingest(settings)
    escaped = {
        "content": f"a\nAPI\t{SECRET}",
        "deep": [{"env": [{"name": "DB_PASS", "value": PASSWORD}]}],
    }
    whole, cut = (
        json.dumps(escaped),
        json.dumps({"a": f"x\n{SECRET}", "password": PASSWORD, "b": "cut"})[:-3],
    )
    db = Sqlite(settings.database)
    db.run("UPDATE tool_call SET input = ?, detail = ?", (whole, cut))
    db.run("UPDATE event SET kind = 'unknown', text = ? WHERE kind = 'assistant_text'", (whole,))
    db.run(
        "INSERT INTO hook_event (person, session, event, "
        "at, hash, detail) VALUES (1, 's', 'Stop', 1, 'h', ?)",
        (whole,),
    )
    db.run("UPDATE fact SET value = '1' WHERE name = 'redaction_version'")
    assert redact_past(db) > 3
    assert redact_past(db) == 0
    stored = json.loads(db.run("SELECT input FROM tool_call")[0][0])
    db.close()
    assert stored["content"] == "a\nAPI\t[redacted:github-token]"
    assert stored["deep"][0]["env"][0] == {"name": "DB_PASS", "value": "[redacted:assigned-secret]"}
    for secret in (SECRET, PASSWORD):
        assert secret.encode() not in settings.database.read_bytes()
