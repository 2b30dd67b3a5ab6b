"""New sessions are read in parts by several processes; the record is as if they were read there."""

from __future__ import annotations

import pytest

from accrete.care.forget import What, forget
from accrete.database import Sqlite
from accrete.ingest import ingest, parts
from accrete.model.captured import HookEvent
from accrete.record import store
from accrete.record.file_names import PART
from tests.records import other, projects, rows, same, world
from tests.transcripts import busy

pytestmark = pytest.mark.long


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
    left = settings.home / f"{PART}1-1"
    left.write_bytes(b"needle")
    ingest(settings)
    assert not left.exists()
    left.write_bytes(b"needle")
    forget(settings, What(sessions=(busy(1).session,)), 1)
    assert not left.exists()
