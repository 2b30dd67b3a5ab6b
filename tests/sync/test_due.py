"""When a sync is due, and what starts it."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from accrete.edge import start as wake
from accrete.sync import due, transport
from accrete.sync.choice import join, write_choice
from accrete.sync.due import EVERY_MS, Last, is_due, read_last, went
from accrete.sync.retry import sync_if_due
from accrete.sync.soon import NEXT, TEAM, look_again, may_be_due
from tests.records import called, kept
from tests.transcripts import Transcript

NOW = 1_790_000_000_000


@pytest.fixture
def choice():
    return join("https://team.example", "acr_acme_" + "x" * 43)


def test_the_first_is_due_at_once_and_the_next_an_hour_later(settings, choice):
    settings.home.mkdir(parents=True)
    assert is_due(settings, choice, NOW)
    went(settings, NOW)
    assert not is_due(settings, choice, NOW + EVERY_MS - 1)
    assert is_due(settings, choice, NOW + EVERY_MS)


def test_without_a_team_and_while_paused_none_is_due(settings, choice):
    assert not is_due(settings, None, NOW)
    assert not is_due(settings, replace(choice, paused=True), NOW)


@pytest.mark.parametrize(("chance", "part"), [(0.0, 0.75), (0.5, 1.0), (0.9, 1.2)])
def test_the_wait_doubles_up_to_a_day_and_begins_anew_after_one_that_went_well(
    settings, monkeypatch, chance, part
):
    settings.home.mkdir(parents=True)
    monkeypatch.setattr(due.random, "random", lambda: chance)
    waits = [went(settings, NOW, "gone").next_at - NOW for _ in range(14)]
    usual = [min(5 << n, 24 * 60) * 60_000 for n in range(14)]
    assert waits == [round(part * each) for each in usual]
    assert read_last(settings).failures == 14
    assert went(settings, NOW) == Last(NOW, 0, "", NOW + EVERY_MS)


def test_a_clock_that_was_ahead_does_not_hold_it_up(settings, choice):
    settings.home.mkdir(parents=True)
    went(settings, NOW + 400 * 24 * 3_600_000)
    assert is_due(settings, choice, NOW)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"odd": 1}', "null"])
def test_a_file_that_cannot_be_read_counts_as_none(settings, text):
    settings.home.mkdir(parents=True)
    (settings.home / due.FILE).write_text(text)
    assert read_last(settings) == Last()


def test_an_ingest_starts_one_only_where_it_is_due(settings, choice, monkeypatch):
    started = []
    monkeypatch.setattr(wake, "sync", lambda: started.append(1))
    assert not sync_if_due(settings)
    write_choice(settings, choice)
    assert sync_if_due(settings)
    assert started == [1]
    assert not sync_if_due(settings)  # it is under way
    (settings.home / NEXT).unlink()
    went(settings, time.time_ns() // 1_000_000)
    assert not sync_if_due(settings)
    assert started == [1]


@pytest.mark.long
def test_one_in_the_background_says_nothing_and_remembers_what_went_wrong(
    settings, capsys, monkeypatch
):
    monkeypatch.setattr(transport, "WAIT_S", 0)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    t = Transcript()
    t.prompt()
    t.answer()
    kept(settings, t)
    unanswered = join("http://127.0.0.1:9", "acr_acme_" + "x" * 43)
    write_choice(settings, unanswered)
    assert called(capsys, "sync", "--due") == (0, "", "")
    last = read_last(settings)
    assert last.failures == 1
    assert "does not answer" in last.fault


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ({}, True), ({"paused": True}, False), ({"paused": True, "paused_elsewhere": True}, True),
        ({"paused": True, "unsaid": ("paused",)}, True), ({"unsaid": ("tier",)}, True),
        ({"paused_elsewhere": True}, True),
    ],
)  # fmt: skip
def test_a_paused_machine_asks_where_another_may_have_gone_on_and_says_its_own(
    settings, choice, changed, due
):
    settings.home.mkdir(parents=True)
    assert is_due(settings, replace(choice, **changed), NOW) == due
    went(settings, NOW)
    assert not is_due(settings, replace(choice, **changed), NOW + 1)


def test_a_clock_that_went_back_holds_it_up_for_two_days_at_most(settings, choice):
    settings.home.mkdir(parents=True)
    next_at, two_days = went(settings, NOW).next_at, 2 * 24 * 3_600_000
    assert not is_due(settings, choice, next_at - two_days)
    assert is_due(settings, choice, next_at - two_days - 1)


def test_how_it_went_is_kept_for_its_owner_alone_and_not_at_any_length(settings, monkeypatch):
    settings.home.mkdir(parents=True)
    assert read_last(settings) == Last(None, 0, "", 0)
    monkeypatch.setattr(due.random, "random", lambda: 0.5)
    assert went(settings, NOW, "x" * 501) == Last(None, 1, "x" * 500, NOW + 5 * 60_000)
    path = settings.home / due.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    went(settings, NOW)
    left = path.with_name(f"{path.name}.{os.getpid()}")
    left.write_text("x" * 5_000)  # of one that broke off
    assert went(settings, NOW + 1, "gone") == read_last(settings)
    assert read_last(settings) == Last(NOW, 1, "gone", NOW + 1 + 5 * 60_000)
    assert not left.exists()
    at = (settings.home / NEXT).stat()
    assert at.st_mtime_ns == read_last(settings).next_at * 1_000_000
    assert at.st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("ahead_s", "looks"),
    [(-1, True), (0, True), (1, False), (172_799, False), (172_800, True), (400_000, True)],
)
def test_nobody_looks_before_it_may_be_due_and_no_later_than_in_two_days(
    settings, choice, monkeypatch, ahead_s, looks
):
    assert not may_be_due(settings.home)
    write_choice(settings, choice)
    assert may_be_due(settings.home)
    look_again(settings.home, NOW)
    monkeypatch.setattr(time, "time", lambda: NOW / 1000 - ahead_s)
    assert may_be_due(settings.home) == looks


def test_what_cannot_be_written_is_looked_at_sooner(settings, choice):
    look_again(settings.home / "nowhere", NOW)
    assert not (settings.home / "nowhere").exists()


@pytest.mark.parametrize(("changed", "wait_s"), [({}, 2 * 60), ({"paused": True}, 10 * 60)])
def test_whoever_looks_is_left_alone_for_a_while(settings, choice, monkeypatch, changed, wait_s):
    monkeypatch.setattr(wake, "sync", lambda: None)
    monkeypatch.setattr(time, "time", lambda: NOW / 1000)
    write_choice(settings, replace(choice, **changed))
    assert sync_if_due(settings) == (not changed)
    assert (settings.home / NEXT).stat().st_mtime == NOW / 1000 + wait_s
    assert not sync_if_due(settings)


def test_what_keeps_a_sync_from_starting_is_kept_to_itself(settings, choice, monkeypatch):
    def no_room() -> None:
        raise BlockingIOError

    monkeypatch.setattr(wake, "sync", no_room)
    write_choice(settings, choice)
    assert not sync_if_due(settings)
    (settings.home / NEXT).unlink()
    (settings.home / TEAM).write_text("{")
    monkeypatch.setattr(wake, "sync", lambda: None)
    assert not sync_if_due(settings)
