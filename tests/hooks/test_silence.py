"""Transcripts that grow while no event comes: a warning with the likely reasons, and none where all
is as it was meant."""

from __future__ import annotations

import json
import os
import time

import pytest

from tests.hooks.conftest import ingest, settings_of
from tests.transcripts import busy

pytestmark = pytest.mark.long

INIT = ("init", "--yes", "--no-backfill", "--no-mcp")
HOUR = 3600


@pytest.fixture
def installed(place, run):
    """Hooks that were installed a day ago, and an event of an hour ago."""
    run(*INIT)
    os.utime(place / "data" / "installed.json", (time.time() - 24 * HOUR,) * 2)
    return place


def transcript(
    place,
    *,
    hours_ago: float,
    session: str = "11111111-1111-4111-8111-111111111111",
    cwd: str = "/home/dev/demo",
):
    path = place / ".claude" / "projects" / "-home-dev-demo" / f"{session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {
                "type": "user",
                "sessionId": session,
                "cwd": cwd,
                "message": {"role": "user", "content": "x"},
            }
        )
        + "\n"
    )
    os.utime(path, (time.time() - hours_ago * HOUR,) * 2)
    return path


def event(
    place, *, hours_ago: float, session: str = "11111111-1111-4111-8111-111111111111"
) -> None:
    spool = place / "data" / "spool"
    spool.mkdir(mode=0o700, exist_ok=True)
    at = int((time.time() - hours_ago * HOUR) * 1000)
    (spool / f"{at:020d}-1-Stop.hook").write_text(
        f'accrete-hook 1 Stop {at} 0 UTC {session}\n/home/dev/demo\n{{"session_id": "{session}"}}'
    )


def warned(run, command: str = "status") -> bool:
    return "changed without an event, though hooks are installed" in " ".join(
        run(command)[1].split()
    )


@pytest.mark.parametrize("drained", [False, True])
def test_a_session_without_any_event_is_a_warning_with_reasons(installed, run, drained):
    path = transcript(installed, hours_ago=1)
    event(installed, hours_ago=2, session="another")
    if drained:
        ingest()
    said = " ".join(run("status")[1].split())
    assert "1 transcript changed without an event" in said
    assert "--bare" in said
    assert path.name in said
    assert warned(run, "doctor")


def test_a_session_that_went_on_after_its_last_event_is_a_warning(installed, run):
    transcript(installed, hours_ago=1)
    event(installed, hours_ago=9)
    assert warned(run)


@pytest.mark.parametrize("hours", [1.5, 0.5])
def test_a_session_whose_events_come_is_fine(installed, run, hours):
    transcript(installed, hours_ago=1)
    event(installed, hours_ago=hours)
    assert not warned(run)
    ingest()
    assert not warned(run)


def test_what_was_there_before_the_hooks_is_fine(installed, run):
    transcript(installed, hours_ago=30)
    assert not warned(run)


def test_without_hooks_nothing_is_expected(place, run):
    transcript(place, hours_ago=1)
    assert not warned(run)
    assert not warned(run, "doctor")


def test_what_is_to_stay_out_is_not_missed(installed, run, tmp_path):
    transcript(installed, hours_ago=1, cwd=str(tmp_path))
    assert warned(run)
    (tmp_path / ".accrete-ignore").touch()
    assert not warned(run)


def test_a_session_that_was_forgotten_is_not_missed(installed, run):
    made = busy(1).write(installed / ".claude" / "projects")
    os.utime(made, (time.time() - HOUR,) * 2)
    run("backfill", "-q")
    assert warned(run)
    assert run("forget", "latest", "--yes")[0] == 0
    made.touch()
    assert not warned(run)


def test_events_that_were_dropped_are_said_by_status_and_doctor(place, run):
    run(*INIT)
    (place / "data" / "dropped").write_bytes(b"..")
    for command in ("status", "doctor"):
        assert "Hooks dropped 2 events because the spool was full" in " ".join(
            run(command)[1].split()
        )
    assert settings_of(place).exists()
