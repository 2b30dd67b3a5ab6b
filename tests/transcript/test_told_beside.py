"""What progress records, attachments and the files beside a subagent's say, and which of several
results of a call counts."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from tests.records import kept, projects, rows
from tests.transcripts import START, Transcript, write_agent

pytestmark = pytest.mark.long


def progress(t: Transcript, kind: str, uuid: str, message: object) -> None:
    """A record of what a subagent does, in its session's file."""
    inner = {"type": kind, "uuid": uuid, "timestamp": t.lines[-1]["timestamp"], "message": message}
    data = {"type": "agent_progress", "agentId": "a1", "prompt": "Look", "message": inner}
    t.add("progress", toolUseID="agent_a1-0", parentToolUseID="toolu_task", data=data)


def test_a_call_and_its_result_that_only_progress_records_tell_are_one_call_of_the_subagent(
    settings,
):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Task", {"prompt": "Look"}, message_id="msg_task", use="toolu_task")
    call = {"type": "tool_use", "id": "toolu_in", "name": "Bash", "input": {"command": "pytest"}}
    said = {"id": "msg_in", "role": "assistant", "model": "m", "content": [call], "usage": {}}
    progress(t, "assistant", "u-in-1", said)
    answer = {"type": "tool_result", "tool_use_id": "toolu_in", "content": "3 passed"}
    progress(t, "user", "u-in-2", {"role": "user", "content": [answer]})
    kept(settings, t)
    assert rows(
        settings,
        "SELECT agent, tool, target, status, output FROM tool_call WHERE tool_use_id = 'toolu_in'",
    ) == [("a1", "Bash", "pytest", "ok", "3 passed")]
    assert rows(settings, "SELECT agent, task, tool_use_id FROM agent_run") == [
        ("a1", "Look", "toolu_task")
    ]


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ({"filename": "/w/a.py", "path": "/w/b.py", "hookName": "Stop"}, "/w/a.py"),
        ({"path": "/w/b.py", "hookName": "Stop"}, "/w/b.py"),
        ({"hookName": "Stop"}, "Stop"),
        ({}, None),
    ],
)
def test_an_attachment_is_about_its_file_its_folder_or_its_hook(settings, about, text):
    t = Transcript(1)
    t.prompt("Go")
    t.add("attachment", attachment={"type": "directory", **about})
    kept(settings, t)
    assert rows(settings, "SELECT text FROM event WHERE name = 'directory'") == [(text,)]


RESULTS = (("u-c", "09", "late"), ("u-b", "05", "early"), ("u-a", "05", "least"))


@pytest.mark.parametrize("order", list(permutations(RESULTS)))
def test_of_several_results_the_earliest_counts_then_the_one_of_the_least_id(settings, order):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "ls"}, message_id="msg_1", use="toolu_1")
    for uuid, second, text in order:
        t.result(text, use="toolu_1")
        t.lines[-1]["uuid"] = uuid
        t.lines[-1]["timestamp"] = f"2026-11-02T10:00:{second}Z"
    kept(settings, t)
    assert rows(settings, "SELECT output, result_uuid FROM tool_call") == [("least", "u-a")]


@pytest.mark.parametrize("timeless_first", [True, False])
def test_a_result_without_a_time_goes_before_one_with_a_time(settings, timeless_first):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "ls"}, message_id="msg_1", use="toolu_1")
    for timeless in (timeless_first, not timeless_first):
        t.result("timeless" if timeless else "timed", use="toolu_1")
        if timeless:
            t.lines[-1].pop("timestamp")
    kept(settings, t)
    assert rows(settings, "SELECT output FROM tool_call") == [("timeless",)]


@pytest.mark.parametrize(
    ("meta", "type_"),
    [
        ('{"agentType": "Explore"}', "Explore"),
        ('{"agentType": ""}', None),
        ('{"agentType": 7}', None),
        ('["Explore"]', None),
        ("[" * 100_000, None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_no_description_of_a_subagent_takes_nothing_else_from_it(settings, meta, type_):
    t = Transcript(1)
    t.prompt("Go")
    made = Transcript(1, start=START + 60_000)
    made.answer("msg_agent")
    write_agent(projects(settings), t, made)
    if meta is not None:
        folder = projects(settings) / "-home-dev-demo" / t.session / "subagents"
        (folder / "agent-a1b2c3.meta.json").write_text(meta)
    kept(settings, t)
    assert rows(settings, "SELECT agent, type, layout FROM agent_run") == [
        ("a1b2c3", type_, "subagent")
    ]
    assert rows(settings, "SELECT COUNT(*) FROM response WHERE agent = 'a1b2c3'") == [(1,)]


def test_a_workflow_is_named_by_the_folder_of_its_subagents(settings):
    t = Transcript(1)
    t.prompt("Go")
    made = Transcript(1, start=START + 60_000)
    made.answer("msg_agent")
    for line in made.lines:
        line.update(isSidechain=True, agentId="a1", sessionId=t.session, uuid="u-a1")
    folder = projects(settings) / "-home-dev-demo" / t.session / "subagents/workflows/wf_0f2a"
    folder.mkdir(parents=True)
    (folder / "agent-a1.jsonl").write_bytes(made.text())
    (folder / "agent-a1.meta.json").write_text(json.dumps({"agentType": "workflow-subagent"}))
    kept(settings, t)
    assert rows(settings, "SELECT agent, type, workflow, layout FROM agent_run") == [
        ("a1", "workflow-subagent", "wf_0f2a", "workflow")
    ]
