"""A replay of some prompts is the part of the whole one, and reads no more than that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.present.outcomes import check_line, commit_line
from accrete.queries.replay import CallRow, CheckRow, CommitRow, Entry, plan_of, replay
from accrete.queries.scope import Scope
from accrete.queries.steps import steps
from accrete.settings import Settings
from tests.records import kept, projects, world
from tests.transcripts import Transcript, write_agent

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
CASES = [
    "agents-nested",
    "fork-of-a-fork",
    "interruptions",
    "gateway-answer-written-twice",
    "agents-of-a-workflow",
    "client-2.1.329-subagents",
    "client-2.1.329-tui",
    "client-2.1.329-resume",
    "client-2.1.329-gitpr",
    "conversation-without-ids",
]


def whole_and_parts(settings: Settings) -> int:
    """Compares every range of every session; returns how many were compared."""
    db = Sqlite(settings.database, readonly=True)
    compared = 0
    for (session,) in db.run("SELECT id FROM session"):
        scope = Scope((1,), session=session)
        whole = db.ask(replay(scope))
        last = max((entry.number for entry in whole), default=0)
        for first in range(last + 2):
            for end in (*range(first, last + 2), None):
                part = [e for e in whole if first <= e.number and (end is None or e.number <= end)]
                assert db.ask(replay(scope, (first, end))) == part, (session, first, end)
                compared += 1
    db.close()
    return compared


def test_a_range_is_the_part_of_the_whole(settings):
    world(settings)
    ingest(settings)
    assert whole_and_parts(settings) > 100


def agents(settings: Settings) -> Transcript:
    """A call that starts one subagent, one that starts two, one that goes on with the first, and a
    call of the main line with the same id as one of a subagent."""
    t = Transcript()
    t.prompt("Look")
    for n, names in enumerate((["a1"], ["b1", "b2"])):
        t.call(
            "Agent", {"prompt": "x", "description": "x"}, message_id=f"msg_{n}", use=f"toolu_{n}"
        )
        for name in names:
            agent = Transcript(start=t.now)
            for k in range(2):
                agent.call("Read", {"file_path": f"/{name}/{k}"}, message_id=f"msg_{name}_{k}",
                           use=f"toolu_{name}_{k}")  # fmt: skip
                agent.result("ok", use=f"toolu_{name}_{k}", error=k == 1)
            write_agent(projects(settings), t, agent, agent=name, use=f"toolu_{n}")
        t.result("seen", use=f"toolu_{n}", told={"agentId": names[0]})
    t.call("Agent", {"prompt": "x", "description": "more"}, message_id="msg_2", use="toolu_2")
    t.result("seen", use="toolu_2", told={"agentId": "a1"})
    t.call("Bash", {"command": "ls"}, message_id="msg_main", use="toolu_a1_0")
    t.result("ok", use="toolu_a1_0")
    kept(settings, t)
    return t


def test_the_calls_of_a_subagent_stand_in_their_order_within_the_call_that_started_it(settings):
    t = agents(settings)
    db = Sqlite(settings.database, readonly=True)
    found = [e for e in db.ask(replay(Scope((1,), session=t.session))) if e.call]
    db.close()
    assert [(e.call.tool, [(c.target, c.status) for c in e.inner]) for e in found if e.call] == [
        ("Agent", [("/a1/0", "ok"), ("/a1/1", "error")]),
        ("Agent", [(f"/{name}/{k}", ("ok", "error")[k]) for name in ("b1", "b2") for k in (0, 1)]),
        ("Agent", [("/a1/0", "ok"), ("/a1/1", "error")]),
        ("Bash", []),
    ]


def test_a_step_that_started_subagents_has_the_figures_of_all_of_them(settings):
    t = agents(settings)
    db = Sqlite(settings.database, readonly=True)
    found = [s for s in db.ask(steps(Scope((1,), session=t.session))) if s.kind == "tool_call"]
    costs = dict(db.run("SELECT agent, cost_nano FROM agent_run"))
    db.close()
    assert [s.run and (s.run.runs, s.run.calls, s.run.cost_nano) for s in found] == [
        (1, 2, costs["a1"]),
        (2, 4, costs["b1"] + costs["b2"]),
        (1, 2, costs["a1"]),
        None,
    ]
    assert [s.call and s.call.status for s in found] == ["ok"] * 4


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
def test_a_range_is_the_part_of_the_whole_in_odd_sessions(settings, case):
    shutil.copytree(
        CORPUS / case, settings.roots[0], ignore=shutil.ignore_patterns("expected.json")
    )
    ingest(settings)
    assert whole_and_parts(settings)


def large(turns: int) -> Transcript:
    made = Transcript(1)
    for n in range(turns):
        made.prompt(f"Do number {n}")
        made.call("Bash", {"command": f"echo {n} {'x' * 2000}"}, message_id=f"m{n}", use=f"u{n}")
        made.result("y" * 3000, use=f"u{n}")
        made.answer(f"a{n}", blocks=[{"type": "text", "text": "z" * 2000}])
    return made


def size(rows: object) -> int:
    return len(repr(rows))


@pytest.mark.long
def test_a_range_reads_what_it_holds(settings):
    made = large(60)
    kept(settings, made)
    db = Sqlite(settings.database, readonly=True)
    scope = Scope((1,), session=made.session)

    def read(question) -> int:
        return sum(size(db.run(sql, params)) for sql, params in question.statements)

    whole = read(replay(scope))
    assert read(replay(scope, (3, 3))) * 20 < whole
    assert read(replay(scope, (0, 2))) * 10 < whole
    db.close()


def test_what_a_call_made_are_nouns_until_they_are_printed(settings):
    made = Transcript(1)
    made.prompt("Commit it")
    made.call(
        "Bash", {"command": "pytest -q && git commit -m 'Add the cart'"}, message_id="m", use="u"
    )
    made.result("12 passed in 0.1s\n[main 1a2b3c4] Add the cart\n 1 file changed", use="u")
    kept(settings, made)
    db = Sqlite(settings.database, readonly=True)
    (entry,) = (
        e
        for e in db.ask(replay(Scope((1,), session=made.session)))
        if isinstance(e, Entry) and e.call
    )
    db.close()
    (commit,), (check,) = entry.commits, entry.checks
    assert (commit.sha, commit.subject) == ("1a2b3c4", "Add the cart")
    assert (check.kind, check.runner, check.verdict, check.passed) == (
        "test",
        "pytest",
        "passed",
        12,
    )
    assert check_line(check) == "pytest passed (12 passed, 0 failed)"


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (CommitRow("1a2b3c4d5e", "Add", "certain"), "1a2b3c4 Add"),
        (CommitRow(None, None, "unconfirmed"), "a commit (unconfirmed)"),
        (CheckRow("test", "pytest", "unknown", None, None), "pytest ran, result unknown"),
        (CheckRow("lint", "ruff", "failed", None, 3), "ruff failed (None passed, 3 failed)"),
    ],
)
def test_they_are_printed_so(made, line):
    assert (commit_line(made) if isinstance(made, CommitRow) else check_line(made)) == line


@pytest.mark.parametrize(
    ("tool", "given", "plan"),
    [
        ("ExitPlanMode", '{"plan": "# Do it"}', "# Do it"),
        ("exit_plan_mode", '{"plan": "# Do it"}', "# Do it"),
        ("Write", '{"plan": "# Do it"}', None), ("ExitPlanMode", '{"plan": ""}', None),
        ("ExitPlanMode", '{"plan": 7}', None), ("ExitPlanMode", '["plan"]', None),
        ("ExitPlanMode", '{"plan": "# Do', None), ("ExitPlanMode", "", None),
        ("ExitPlanMode", None, None), ("ExitPlanMode", "{}", None),
    ],
)  # fmt: skip
def test_a_plan_is_what_the_tool_of_plans_was_given(tool, given, plan):
    call = CallRow(tool, *[None] * (len(CallRow._fields) - 2), given)
    assert plan_of(call) == plan
