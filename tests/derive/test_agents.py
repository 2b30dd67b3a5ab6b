"""Which session and prompt a subagent's work belongs to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from tests.contents import contents
from tests.records import kept, rows
from tests.transcripts import Transcript, fork

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
