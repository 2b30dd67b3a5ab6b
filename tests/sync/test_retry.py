"""Any command and any call of the MCP server starts a due sync, waits for none, and starts one."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from accrete_mcp import record

from accrete.edge import start
from accrete.sync import retry
from accrete.sync.choice import join, write_choice
from accrete.sync.due import went
from accrete.sync.soon import NEXT, may_be_due
from tests.records import called, kept
from tests.transcripts import busy


@pytest.fixture
def started(settings, monkeypatch):
    """A machine that shares with a team; the syncs that were started."""
    kept(settings, busy())
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    write_choice(settings, join("https://team.example", "acr_acme_" + "x" * 43))
    found: list[tuple[str, ...]] = []

    def detached(*command: str, **how: object):
        found.append(command)
        return _Ended()

    monkeypatch.setattr(start, "_detached", detached)
    return found


class _Ended:
    def poll(self) -> int:
        return 0


SYNC = ("sync", "--due")


@pytest.mark.parametrize("command", [("overview",), ("sessions",), ("cost",), ("status",), ()])
def test_a_command_starts_a_due_sync_once(started, capsys, command):
    for _ in range(3):
        called(capsys, *command)
    assert started.count(SYNC) == 1


@pytest.mark.parametrize(
    "command", [("team", "status"), ("sync", "--explain"), ("completion", "bash")]
)
def test_some_commands_start_none(started, capsys, command):
    called(capsys, *command)
    assert SYNC not in started


def test_a_call_of_the_mcp_server_starts_a_due_sync(started, settings):
    record.wake(settings)
    record.wake(settings)
    assert started.count(SYNC) == 1


def test_one_that_did_not_end_is_started_again_after_a_while(started, settings, monkeypatch):
    now = time.time()
    assert retry.sync_if_due(settings)
    monkeypatch.setattr(time, "time", lambda: now + retry.BEGUN_MS / 1000 + 1)
    assert retry.sync_if_due(settings)
    assert started == [SYNC, SYNC]


def test_none_is_started_where_none_is_due_or_nothing_is_shared(started, settings):
    went(settings, time.time_ns() // 1_000_000)
    assert not retry.sync_if_due(settings)
    (settings.home / NEXT).unlink()
    (settings.home / "team.json").write_text("{")  # said by commands about the team
    assert not retry.sync_if_due(settings)
    (settings.home / "team.json").unlink()
    assert not retry.sync_if_due(settings)
    assert started == []


def test_while_paused_nobody_looks_each_time(started, settings):
    choice = join("https://team.example", "acr_acme_" + "x" * 43)
    write_choice(settings, replace(choice, paused=True))
    assert may_be_due(settings.home)
    assert not retry.sync_if_due(settings)
    assert not may_be_due(settings.home)
    os.utime(settings.home / NEXT, (time.time() + 400 * 86_400,) * 2)  # a clock that was ahead
    assert may_be_due(settings.home)
    assert started == []


@pytest.mark.parametrize(("paused", "minutes"), [(True, 10), (False, 2)])
def test_nobody_looks_for_ten_minutes_while_paused_and_for_two_once_one_is_started(
    started, settings, monkeypatch, paused, minutes
):
    now = time.time()
    choice = join("https://team.example", "acr_acme_" + "x" * 43)
    write_choice(settings, replace(choice, paused=paused))
    monkeypatch.setattr(time, "time", lambda: now)
    assert retry.sync_if_due(settings) is not paused
    monkeypatch.setattr(time, "time", lambda: now + minutes * 60 - 1)
    assert not may_be_due(settings.home)
    monkeypatch.setattr(time, "time", lambda: now + minutes * 60 + 1)
    assert may_be_due(settings.home)


def test_a_machine_without_room_for_a_process_goes_on(started, settings, monkeypatch, capsys):
    def no_room(*command: str, **how: object):
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(start, "_detached", no_room)
    code, _, err = called(capsys, "sessions")
    assert (code, err) == (0, "")
