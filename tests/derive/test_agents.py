"""Which prompt a subagent's work belongs to."""

from __future__ import annotations

import shutil
from pathlib import Path

from accrete.ingest import ingest
from tests.records import rows

CASE = Path(__file__).resolve().parents[1] / "corpus" / "client-2.1.329-subagents"


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
