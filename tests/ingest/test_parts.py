"""New sessions are read in parts by several processes; the record is as if they were read there."""

from __future__ import annotations

import pytest

from accrete.care.forget import What, forget
from accrete.database import Sqlite
from accrete.derive.parts import NAME
from accrete.ingest import ingest, parts
from accrete.model.captured import HookEvent
from accrete.record import store
from accrete.settings import Settings
from tests.records import other, projects, record, rows, world
from tests.transcripts import Transcript, busy, fork

FOUND = "SELECT COUNT(*) FROM event_search WHERE event_search MATCH '{}'"
WORDS = ("needle1", "session", "forked", "pytest")


def same(settings: Settings, expected: Settings) -> None:
    """Both records hold the same, and find the same."""
    assert record(settings) == record(expected)
    for word in WORDS:
        assert rows(settings, FOUND.format(word)) == rows(expected, FOUND.format(word)), word
    assert not list(settings.home.glob(f"{NAME}*"))


@pytest.fixture
def whole(settings):
    """The sessions of `world`, read one by one."""
    world(settings)
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    return clean


@pytest.mark.parametrize("size", [1, parts.PART_BYTES])
def test_sessions_read_in_parts_of_any_size_are_as_they_would_be_one_by_one(
    settings, whole, monkeypatch, size
):
    monkeypatch.setattr(parts, "PART_BYTES", size)
    report = ingest(settings, jobs=1)
    assert report.files_read == report.files
    same(settings, whole)
    assert ingest(settings, jobs=1).lines_parsed == 0


@pytest.mark.parametrize("first", [1, 4, 5])
def test_what_shares_with_sessions_of_the_record_is_read_again(settings, whole, monkeypatch, first):
    (known,) = projects(settings).rglob(f"{first:08x}-*.jsonl")
    ingest(settings, paths=(known,), jobs=0)
    monkeypatch.setattr(parts, "PART_BYTES", 1)
    report = ingest(settings, jobs=1)
    assert report.files_read == report.files - 1
    same(settings, whole)


def test_of_a_part_the_sessions_that_share_nothing_are_taken(settings, monkeypatch):
    busy(1).write(projects(settings))
    ingest(settings, jobs=0)
    for each in (fork(busy(1), 4, upto=8), busy(2), busy(3)):
        each.write(projects(settings))
    taken: list[set[int]] = []
    real = parts.read_in_parts

    def watched(task, groups, processes, take, stopped):
        return real(task, groups, 0, take, stopped)

    from accrete.ingest import reading

    take_part = reading.take_part

    def noting(*given):
        taken.append(take_part(*given))
        return taken[-1]

    monkeypatch.setattr(reading, "read_in_parts", watched)
    monkeypatch.setattr(reading, "take_part", noting)
    ingest(settings, jobs=1)
    assert [len(left) for left in taken] == [1]
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)


def test_a_result_that_waited_finds_its_call_in_a_part(settings):
    t = Transcript(1)
    t.prompt("run it")
    t.call("Bash", {"command": "ls"}, message_id="msg_1", use="toolu_1", usage={})
    asked, answered = t.lines[:-1], t.lines[-1]
    early = Transcript(2)
    early.lines = [{**answered, "sessionId": early.session}]
    early.write(projects(settings))
    ingest(settings, jobs=0)
    t.lines = asked
    for each in (t, busy(3)):
        each.write(projects(settings))
    ingest(settings, jobs=1)
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)


def test_a_session_that_hooks_told_of_is_read_with_what_they_said(settings):
    for n in (1, 2, 3):
        busy(n).write(projects(settings))
    session = busy(1).session
    clean = other(settings, "clean")
    for each in (settings, clean):
        db = Sqlite(each.database)
        db.migrate()
        store.ensure_person(db, each.person)
        began = HookEvent(each.person, session, "SessionStart", 1, "h", "Asia/Tokyo", "{}")
        store.add_hook_event(db, began, within_ms=1)
        db.close()
    ingest(settings, jobs=1)
    ingest(clean, jobs=0)
    same(settings, clean)
    zones = "SELECT DISTINCT zone, zone_assumed FROM session ORDER BY zone"
    assert rows(settings, zones) == [("Asia/Tokyo", 0), ("UTC", 1)]


def test_parts_that_a_kill_left_are_removed_by_the_next_reading_and_by_forget(settings):
    busy(1).write(projects(settings))
    busy(2).write(projects(settings))
    ingest(settings)
    left = settings.home / f"{NAME}1-1"
    left.write_bytes(b"needle")
    ingest(settings)
    assert not left.exists()
    left.write_bytes(b"needle")
    forget(settings, What(sessions=(busy(1).session,)), 1)
    assert not left.exists()
