"""A turn of a long session costs what is new of it: its lines are stored at once, its figures
follow when they are due."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from accrete.care.forget import What, forget
from accrete.derive import rest
from accrete.derive.rest import LONGEST_S, Rests
from accrete.edge.local import ME
from accrete.ingest import ingest, open_for_writing
from accrete.ingest.background import background, derive_later
from accrete.queries.scope import Scope
from accrete.record import store
from accrete.settings import Settings
from tests.hooks.spooled import Waited, put, talk
from tests.records import other, record, rows
from tests.transcripts import Transcript


@pytest.fixture
def every_session_is_long(monkeypatch):
    monkeypatch.setattr(rest, "FELT_S", 0.0)
    monkeypatch.setattr(rest, "RESTS", 1e9)


def derived(settings: Settings) -> list[tuple]:
    return rows(settings, "SELECT prompts, stale FROM session ORDER BY id")


def turn(t: Transcript, settings: Settings) -> None:
    """One more turn in the file of a session."""
    before = len(t.lines)
    t.prompt("One more")
    t.call("Bash", {"command": "pytest -q"}, message_id=f"msg_{t.now}", use=f"toolu_{t.now}")
    t.result("2 passed in 0.1s", use=f"toolu_{t.now - 1000}")
    t.answer(f"msg_{t.now}")
    with (settings.roots[0] / "projects" / "-home-dev-demo" / f"{t.session}.jsonl").open(
        "ab"
    ) as file:
        file.write(b"".join(json.dumps(line).encode() + b"\n" for line in t.lines[before:]))


@pytest.mark.long
def test_a_turn_of_a_long_session_is_stored_at_once_and_derived_when_it_is_due(
    settings, every_session_is_long
):
    t, waited = talk(), Waited()
    t.write(settings.roots[0] / "projects")
    assert background(settings, at_once=False, clock=waited.clock, sleep=waited.sleep).due is None
    assert derived(settings) == [(1, 0)]
    for _ in range(3):
        turn(t, settings)
        report = background(settings, at_once=False, clock=waited.clock, sleep=waited.sleep)
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE kind = 'typed_prompt'") == [(4,)]
    assert derived(settings) == [(1, 1)]
    assert report.due == pytest.approx(waited.clock() + LONGEST_S, abs=1)
    derive_later(settings, clock=waited.clock, sleep=waited.sleep)
    assert derived(settings) == [(4, 0)]
    assert waited.seconds >= LONGEST_S - 1
    at_once = other(settings, "at-once")
    ingest(at_once)
    assert record(settings) == record(at_once)


@pytest.mark.long
@pytest.mark.parametrize("how", ["at its end", "asked for", "by hand", "another one too"])
def test_a_long_session_is_derived_when_it_ends_or_when_somebody_asks(
    settings, every_session_is_long, how
):
    t, waited = talk(), Waited()
    t.write(settings.roots[0] / "projects")
    background(settings, at_once=False, clock=waited.clock, sleep=waited.sleep)
    turn(t, settings)
    if how == "at its end":
        put(settings, "SessionEnd", {"session_id": t.session})
    if how == "by hand":
        ingest(settings)
    if how == "another one too":
        talk(2).write(settings.roots[0] / "projects")
    background(settings, at_once=how == "asked for", clock=waited.clock, sleep=waited.sleep)
    assert derived(settings) == ([(1, 1), (1, 0)] if how == "another one too" else [(2, 0)])


def test_sessions_that_are_read_whole_while_others_are_read_rest_too(
    settings, every_session_is_long
):
    made = [talk(n) for n in range(1, 7)]
    for t in made:
        t.write(settings.roots[0] / "projects")
    background(settings, at_once=False)
    for t in made:
        turn(t, settings)
    background(settings, at_once=False)
    assert derived(settings) == [(1, 1)] * 6


@pytest.mark.long
def test_a_session_whose_derivation_cannot_be_felt_never_rests(settings):
    t = talk()
    t.write(settings.roots[0] / "projects")
    for prompts in (1, 2, 3):
        assert background(settings, at_once=False).due is None
        assert derived(settings) == [(prompts, 0)]
        turn(t, settings)


def test_how_long_a_session_rests_goes_by_how_long_its_derivation_took(settings):
    db = open_for_writing(settings)
    with db.transaction():
        for session, took in (("short", 0.01), ("long", 2.0), ("endless", 900.0)):
            Rests(db, 1, lambda: 1000.0).derived(session, took)
    for at, resting in (
        (1000.5, {"long", "endless"}),
        (1040.5, {"endless"}),
        (1301.0, set()),
        (-9000.0, set()),
    ):
        assert Rests(db, 1, lambda at=at: at).resting() == resting
    db.close()


@pytest.mark.long
def test_the_ingest_that_a_hook_starts_ends_at_once_and_leaves_one_behind_for_what_is_due(settings):
    t = talk()
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
    }
    command = [sys.executable, "-m", "accrete", "ingest", "--json"]
    for prompts, room_s in enumerate((4, 15, 60), 1):  # more where the machine was too busy for it
        turn(t, settings)
        due = round((time.time() + room_s) * 1000)
        db = open_for_writing(settings)
        with db.transaction():
            store.set_fact(db, ME, rest.RESTING, json.dumps({t.session: due}))
        db.close()
        said = [
            json.loads(subprocess.run(command, env=env, capture_output=True, check=True).stdout)
            for _ in range(3)
        ]
        before = derived(settings)
        in_time = time.time() * 1000 < due
        deadline = time.monotonic() + room_s + 60
        while derived(settings) != [(prompts + 1, 0)] and time.monotonic() < deadline:
            time.sleep(0.1)
        assert derived(settings) == [(prompts + 1, 0)]
        if in_time:
            assert before == [(prompts, 1)]
            assert [each["sessions_changed"] for each in said] == [0, 0, 0]
            return
    pytest.fail("three ingests took over a minute")


@pytest.mark.long
def test_whoever_asks_about_the_running_session_waits_for_its_figures(
    settings, every_session_is_long, monkeypatch
):
    from accrete.edge.start import freshen

    t = talk()
    t.write(settings.roots[0] / "projects")
    background(settings, at_once=False)
    turn(t, settings)
    background(settings, at_once=False)
    assert derived(settings) == [(1, 1)]
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", t.session)
    freshen(settings)
    assert derived(settings) == [(2, 0)]


@pytest.mark.long
def test_sleeping_ones_end_where_another_one_sleeps(settings, every_session_is_long):
    from accrete.record import lock

    def never(_: float) -> None:
        raise AssertionError

    Path(settings.home).mkdir(parents=True)
    with lock.held(settings.home / "later.lock", wait_s=0) as mine:
        assert mine
        derive_later(settings, sleep=never)


@pytest.mark.long
def test_what_is_not_derived_yet_may_be_a_check_and_nobody_is_told_that_there_was_none(
    settings, every_session_is_long
):
    from accrete_hooks import statusline

    from accrete.insight.nudges import nudges
    from accrete.insight.status_line import nudge
    from accrete.queries.live import live

    def told() -> tuple[list[str], str | None]:
        db = open_for_writing(settings)
        found = db.ask(live(Scope((ME,), session=t.session)))
        db.close()
        return nudges(found, 0, None), nudge(
            statusline.read_record(str(settings.home), t.session)[1]
        )

    t = talk()
    for n in range(30):
        t.call(
            "Edit", {"file_path": f"/x/{n}.py"}, message_id=f"msg_edit_{n}", use=f"toolu_edit_{n}"
        )
        t.result("changed", use=f"toolu_edit_{n}")
    t.write(settings.roots[0] / "projects")
    background(settings, at_once=False)
    assert told() == (
        ["30 tool calls with edits, no tests yet: ask for the tests."],
        "30 tool calls, no tests yet",
    )
    turn(t, settings)
    background(settings, at_once=False)
    assert told() == ([], None)
    background(settings)
    assert told() == ([], None)


def test_a_session_that_was_forgotten_rests_nowhere(settings, every_session_is_long):
    t = talk()
    t.write(settings.roots[0] / "projects")
    background(settings, at_once=False)
    resting = f"SELECT value FROM fact WHERE name = '{rest.RESTING}'"
    assert t.session in rows(settings, resting)[0][0]
    forget(settings, What(sessions=(t.session,)), 0)
    assert rows(settings, resting) == [("{}",)]
