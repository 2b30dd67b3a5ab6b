"""A replay of some prompts is the part of the whole one, and reads no more than that."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.present.work import check_line, commit_line
from accrete.queries.replay import Check, Commit, Entry, replay
from accrete.queries.scope import Scope
from accrete.settings import Settings
from tests.records import kept, world
from tests.transcripts import Transcript

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


def test_a_range_reads_what_it_holds(settings):
    made = large(60)
    kept(settings, made)
    db = Sqlite(settings.database, readonly=True)
    scope = Scope((1,), session=made.session)

    def read(question) -> int:
        return sum(size(db.run(sql, params)) for sql, params in question.statements)

    assert read(replay(scope, (3, 3))) * 20 < read(replay(scope))
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
        (Commit("1a2b3c4d5e", "Add", "certain"), "1a2b3c4 Add"),
        (Commit(None, None, "unconfirmed"), "a commit (unconfirmed)"),
        (Check("test", "pytest", "unknown", None, None), "pytest ran, result unknown"),
        (Check("lint", "ruff", "failed", None, 3), "ruff failed (None passed, 3 failed)"),
    ],
)
def test_they_are_printed_so(made, line):
    assert (commit_line(made) if isinstance(made, Commit) else check_line(made)) == line
