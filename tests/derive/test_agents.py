"""Which session and prompt a subagent's work belongs to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from tests.contents import contents
from tests.records import kept, projects, rows
from tests.transcripts import Transcript, fork, write_agent

CASE = Path(__file__).resolve().parents[1] / "corpus" / "client-2.1.329-subagents"


@pytest.mark.long
def test_the_work_of_a_fork_is_of_the_prompt_whose_call_started_it(settings):
    shutil.copytree(CASE, settings.roots[0], ignore=shutil.ignore_patterns("expected.json"))
    ingest(settings)
    forks = rows(settings, "SELECT session, agent, prompt FROM agent_run WHERE shown_type = 'fork'")
    assert forks
    for session, agent, prompt in forks:
        started = (
            f"SELECT prompt FROM tool_call WHERE session = '{session}' "
            "AND run = '' AND tool = 'Agent'"
        )
        assert (prompt,) in rows(settings, started)
        assert rows(settings, f"SELECT DISTINCT prompt FROM response WHERE run = '{agent}'") == [
            (prompt,)
        ]


@pytest.mark.long
def test_a_fork_read_before_its_origin_has_no_subagents_of_its_own(settings, tmp_path):
    origin = Transcript(1)
    origin.prompt("Look")
    origin.call(
        "Agent", {"subagent_type": "Explore", "description": "Look", "prompt": "p"}, use="toolu_a"
    )
    origin.result("found", use="toolu_a", told={"agentId": "abc", "status": "completed"})
    origin.answer("msg_2")
    copy = fork(origin, 2, upto=len(origin.lines))
    kept(settings, copy)
    kept(settings, origin)
    together = settings.__class__(home=tmp_path / "other", roots=settings.roots)
    ingest(together)
    dbs = [Sqlite(each.database, readonly=True) for each in (settings, together)]
    assert contents(dbs[0])["agent_run"] == contents(dbs[1])["agent_run"]
    assert contents(dbs[0])["session"] == contents(dbs[1])["session"]
    for db in dbs:
        db.close()


@pytest.mark.parametrize(
    ("meta", "call", "shown"),
    [
        (None, None, (None, None, None)),
        (None, ("careful-coder", "Do it"), ("careful-coder", "Do it", "toolu_a")),
        ("toolu_a", ("careful-coder", "Do it"), ("Explore", "look", "toolu_a")),
        ("toolu_a", None, ("Explore", "look", "toolu_a")),
        ("toolu_gone", ("careful-coder", "Do it"), ("Explore", "look", "toolu_gone")),
    ],
)
def test_a_subagent_shows_what_it_says_of_itself_and_else_what_its_call_says(
    settings, meta, call, shown
):
    t = Transcript(1)
    asked = t.prompt("Begin")
    t.answer("msg_0")
    if call is not None:
        kind, task = call
        t.call("Agent", {"subagent_type": kind, "description": task, "prompt": "p"}, use="toolu_a")
        t.result("ok", use="toolu_a", told={"agentId": "a1b2c3"})
    sub = Transcript(1, start=t.now)
    sub.answer("msg_sub")
    t.prompt("Later", after_ms=60_000)
    t.answer("msg_9")
    write_agent(projects(settings), t, sub, use=meta)
    kept(settings, t)
    said = rows(settings, "SELECT shown_type, shown_task, started_by, prompt FROM agent_run")
    assert said == [(*shown, asked)]


def test_the_subagent_of_a_subagent_belongs_to_the_prompt_whose_call_began_it_all(settings):
    t = Transcript(1)
    asked = t.prompt("Begin")
    t.call("Agent", {"description": "outer", "prompt": "p"}, message_id="msg_1", use="toolu_a")
    t.prompt("Meanwhile")
    t.answer("msg_2")
    outer, inner = Transcript(1, start=t.now + 5000), Transcript(1, start=t.now + 9000)
    outer.call("Agent", {"description": "inner", "prompt": "p"}, message_id="msg_3", use="toolu_b")
    inner.answer("msg_4", usage={"output_tokens": 900})
    inner.answer("msg_5")
    t.result("ok", use="toolu_a", told={"agentId": "outer1"}, after_ms=60_000)
    write_agent(projects(settings), t, outer, agent="outer1", use="toolu_a")
    write_agent(projects(settings), t, inner, agent="inner1", use="toolu_b")
    kept(settings, t)
    assert rows(
        settings,
        "SELECT agent, prompt, started_by, responses, tool_calls, ended_at - started_at "
        "FROM agent_run ORDER BY agent",
    ) == [
        ("inner1", asked, "toolu_b", 2, 0, 1000),
        ("outer1", asked, "toolu_a", 1, 1, 0),
    ]
    assert rows(settings, "SELECT responses FROM prompt ORDER BY seq") == [(4,), (1,)]


def test_a_subagent_of_several_models_has_the_one_that_sorts_first(settings):
    t, made = Transcript(1), Transcript(1)
    t.prompt("Begin")
    t.call("Agent", {"description": "look", "prompt": "p"}, message_id="msg_1", use="toolu_a")
    made.answer("msg_2", model="claude-sonnet-4-5")
    made.answer("msg_3", model="claude-haiku-4-5")
    made.answer("msg_4", model="claude-opus-4-5")
    write_agent(projects(settings), t, made, agent="a1", use="toolu_a")
    kept(settings, t)
    assert rows(settings, "SELECT agent, model FROM agent_run") == [("a1", "claude-haiku-4-5")]
