"""When a sync is due, and what starts it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from accrete.edge import start as wake
from accrete.sync import due, transport
from accrete.sync.choice import join, write_choice
from accrete.sync.due import EVERY_MS, Last, is_due, read_last, went
from accrete.sync.retry import sync_if_due
from accrete.sync.soon import NEXT
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
