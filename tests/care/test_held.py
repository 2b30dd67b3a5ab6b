"""What maintains the record says so where it cannot: held, damaged, no backup, no room."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from accrete.care import forget as forgetting
from accrete.care.forget import What, drop, forget, scrub, scrub_again
from accrete.care.maintain import backup, rebuild, restore
from accrete.care.upgrade import upgrade
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest, open_for_writing
from accrete.model.tables import TABLES
from accrete.record import lock, store
from accrete.record.stored_facts import RECORD, SCRUB_WAITS
from accrete.settings import Settings
from tests.people import both_people
from tests.records import kept, record, rows
from tests.transcripts import START, Transcript, busy, fork, session_id

ONE = session_id(1)


@pytest.fixture
def filled(settings):
    kept(settings, busy(1), busy(2))
    return settings


HOLDERS: dict[str, Callable[[Settings, Path], object]] = {
    "forget": lambda settings, copy: forget(settings, What(everything=True), START),
    "drop": lambda settings, copy: drop(settings, (ONE,), START),
    "scrub again": lambda settings, copy: scrub_again(settings),
    "rebuild": lambda settings, copy: rebuild(settings),
    "restore": lambda settings, copy: restore(settings, copy),
    "upgrade": lambda settings, copy: upgrade(settings),
}


@pytest.mark.parametrize("act", HOLDERS.values(), ids=HOLDERS)
def test_who_finds_the_record_held_for_a_minute_says_so_and_changes_nothing(
    filled, tmp_path, monkeypatch, act
):
    backup(filled, tmp_path / "copy.db")
    before, waited, real = record(filled), [], lock.held

    def at_once(path, *, wait_s):
        waited.append(wait_s)
        return real(path, wait_s=0)

    monkeypatch.setattr(lock, "held", at_once)
    with real(filled.lock, wait_s=0), pytest.raises(AccreteError, match="Another ingest"):
        act(filled, tmp_path / "copy.db")
    assert waited == [60]
    assert record(filled) == before


def test_an_ingest_that_does_not_wait_tells_that_the_record_is_held(filled):
    busy(3).write(filled.roots[0] / "projects")
    with lock.held(filled.lock, wait_s=0):
        report = ingest(filled, wait_s=0)
    assert (report.held_elsewhere, report.files) == (True, 0)
    assert not ingest(filled, wait_s=0).held_elsewhere
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(3,)]


def test_a_session_that_is_dropped_comes_back_and_one_that_is_forgotten_does_not(filled):
    path = next(filled.roots[0].rglob(f"{ONE}.jsonl"))
    assert drop(filled, (ONE,), START).sessions == [ONE]
    assert rows(filled, "SELECT id FROM session") == [(session_id(2),)]
    assert rows(filled, f"SELECT value FROM fact WHERE name = '{SCRUB_WAITS}'") == [("0",)]
    path.touch()
    ingest(filled)
    assert rows(filled, "SELECT COUNT(*) FROM session") == [(2,)]
    forget(filled, What(sessions=(ONE,)), START)
    path.touch()
    ingest(filled)
    assert rows(filled, "SELECT id FROM session") == [(session_id(2),)]


def damaged(path: Path) -> None:
    """Zeroes a page of a record, whose first pages stay."""
    db = Sqlite(path)
    ((page,),) = db.run("SELECT rootpage FROM sqlite_schema WHERE name = 'tool_call'")
    ((size,),) = db.run("PRAGMA page_size")
    db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\0" * size)


def test_no_backup_is_made_of_a_damaged_record_and_none_is_restored(filled, tmp_path):
    backup(filled, tmp_path / "copy.db")
    damaged(tmp_path / "copy.db")
    before = record(filled)
    with pytest.raises(AccreteError, match=r"(?s)copy.db is damaged \(.+\)\. Nothing was changed"):
        restore(filled, tmp_path / "copy.db")
    assert record(filled) == before
    damaged(filled.database)
    with pytest.raises(AccreteError, match="did not pass its check"):
        backup(filled, tmp_path / "other.db")
    assert [path.name for path in tmp_path.glob("*other*")] == []


def test_a_file_of_anything_is_no_backup_whatever_its_folder_is_called(filled, tmp_path):
    other = tmp_path / "newer" / "copy.db"
    other.parent.mkdir()
    other.write_text("words")
    with pytest.raises(AccreteError, match="is damaged or not an Accrete backup. Nothing was"):
        restore(filled, other)


def test_an_empty_database_is_no_backup(filled, tmp_path):
    Sqlite(tmp_path / "empty.db").close()
    with pytest.raises(AccreteError, match="not an Accrete backup"):
        restore(filled, tmp_path / "empty.db")
    assert not list(filled.home.glob("*restoring*"))


def test_a_record_is_kept_whole_where_the_disk_has_no_links(filled, tmp_path, monkeypatch):
    backup(filled, tmp_path / "copy.db")

    def no_link(*names: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", no_link)
    before = record(filled)
    kept_at = restore(filled, tmp_path / "copy.db")
    assert kept_at is not None
    kept_as = Settings(home=kept_at.parent, roots=filled.roots)
    monkeypatch.setattr(Settings, "database", property(lambda self: kept_at))
    assert record(kept_as) == before


@pytest.mark.parametrize(
    ("message", "said"),
    [("database or disk is full", r"\(the disk is full\)"), ("odd", r"\(odd\)")],
)
def test_what_cannot_be_scrubbed_is_said_with_its_reason(filled, message, said):
    db = open_for_writing(filled)
    db.run(f"CREATE TRIGGER no BEFORE INSERT ON fact WHEN NEW.name = '{SCRUB_WAITS}' "
           f"BEGIN SELECT RAISE(ABORT, '{message}'); END")  # fmt: skip
    with pytest.raises(AccreteError, match=f"rows are deleted.*{said}"):
        scrub(db)
    db.close()


def test_a_copy_that_cannot_be_removed_is_said_by_forget_and_tried_again_by_the_next(filled):
    copy = filled.database.with_name("accrete.db.replaced-by-upgrade")
    copy.mkdir()
    receipt = forget(filled, What(sessions=(ONE,)), START)
    assert (receipt.sessions, receipt.scrubbed) == ([ONE], False)
    assert "rows are deleted" in (receipt.problem or "")
    assert rows(filled, f"SELECT value FROM fact WHERE name = '{SCRUB_WAITS}'") == [("1",)]
    copy.rmdir()
    copy.write_text("")
    assert scrub_again(filled) == [copy]
    assert rows(filled, f"SELECT value FROM fact WHERE name = '{SCRUB_WAITS}'") == [("0",)]


def test_what_cannot_be_deleted_says_that_nothing_was(filled, monkeypatch):
    db = open_for_writing(filled)
    db.run("CREATE TRIGGER no BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.close()
    before = record(filled)
    with pytest.raises(AccreteError, match=r"Nothing was deleted\. .*: no\."):
        forget(filled, What(sessions=(ONE,)), START)
    filled.database.rename(filled.home / "aside")
    filled.database.mkdir()
    with pytest.raises(AccreteError, match="Nothing was deleted. .* is a folder"):
        forget(filled, What(sessions=(ONE,)), START)
    filled.database.rmdir()
    (filled.home / "aside").rename(filled.database)
    assert record(filled) == before


def test_a_receipt_tells_what_went_and_nothing_else(filled):
    db = open_for_writing(filled)
    store.set_fact(db, RECORD, SCRUB_WAITS, "0")
    counted = {
        table: db.run(f"SELECT COUNT(*) FROM {table} WHERE session = ?", (ONE,))[0][0]
        for table in ("prompt", "response", "tool_call", "event")
    }
    db.close()
    receipt = forget(filled, What(sessions=(ONE,)), START)
    path = next(filled.roots[0].rglob(f"{ONE}.jsonl"))
    assert receipt == forgetting.Receipt(
        [ONE], counted["prompt"], counted["response"], counted["tool_call"], counted["event"],
        0, [], [str(path)], [], START, True, None,
    )  # fmt: skip


def test_what_goes_over_to_a_fork_is_derived_at_once_when_its_origin_is_dropped(settings):
    one = busy(1)
    kept(settings, one, fork(one, 4, upto=10))
    assert drop(settings, (ONE,), START).kept_by == [session_id(4)]
    assert rows(
        settings, "SELECT prompts, prompts_replayed, responses_own, stale FROM session"
    ) == [(3, 0, 5, 0)]


def test_a_receipt_for_all_counts_what_belonged_to_no_session_too(settings):
    titles = Transcript(9)
    titles.lines = [
        {"type": "summary", "summary": f"Of another {n}", "leafUuid": session_id(n)} for n in (7, 8)
    ]
    kept(settings, busy(1), titles)
    of_none = "session IS NULL OR session NOT IN (SELECT id FROM session)"
    assert rows(settings, f"SELECT COUNT(*) FROM event WHERE {of_none}")[0][0] >= 2
    ((events,),) = rows(settings, "SELECT COUNT(*) FROM event")
    assert forget(settings, What(everything=True), START).events == events
    assert rows(settings, "SELECT COUNT(*) FROM event") == [(0,)]


def test_what_ended_before_an_instant_is_what_ended_before_it_and_not_at_it(filled):
    db = Sqlite(filled.database)
    ((ended,),) = db.run("SELECT ended_at FROM session WHERE id = ?", (ONE,))
    for before, found in ((ended - 1, []), (ended, []), (ended + 1, [ONE])):
        assert forgetting.preview(db, 1, What(before=before)) == found
    db.run("UPDATE session SET ended_at = NULL WHERE id = ?", (ONE,))
    ((last,),) = db.run("SELECT MAX(at) FROM event WHERE session = ?", (ONE,))
    for before, found in ((last, []), (last + 1, [ONE])):
        assert forgetting.preview(db, 1, What(before=before)) == found
    assert forgetting.preview(db, 2, What(before=last + 1)) == []
    db.close()


def test_a_pull_request_stays_as_long_as_one_session_of_the_person_knows_it(filled):
    db, two = Sqlite(filled.database), session_id(2)
    of_me = [(1, url) for url in ("told", "made", "both", "gone", "theirs")]
    db.many("INSERT INTO pull_request (person, url) VALUES (?, ?)", [*of_me, (2, "theirs")])
    db.many(
        "INSERT INTO session_pull_request (person, session, url) VALUES (?, ?, ?)",
        [(1, two, "told"), (1, two, "both"), (1, ONE, "gone"), (1, ONE, "theirs"),
         (2, ONE, "theirs")],
    )  # fmt: skip
    db.many(
        "INSERT INTO session_pull (person, session, url, confidence) VALUES (?, ?, ?, 'printed')",
        [(1, two, "made"), (1, two, "both"), (1, ONE, "gone"), (1, ONE, "told")],
    )
    with db.transaction():
        forgetting.delete_sessions(db, 1, [ONE], forgetting.Receipt())
    assert db.run("SELECT person, url FROM pull_request ORDER BY person, url") == [
        (1, "both"),
        (1, "made"),
        (1, "told"),
        (2, "theirs"),
    ]
    db.close()


@pytest.mark.long
def test_of_two_people_with_equal_ids_one_forgets_and_the_other_keeps_every_row(settings, tmp_path):
    settings.home.mkdir()
    db = Sqlite(settings.database)
    db.migrate()
    both_people(db, settings, tmp_path)
    tables = {table.name for table in TABLES if "person" in table.fields} - {"fact"}

    def theirs() -> dict[str, list]:
        return {table: db.run(f"SELECT * FROM {table} WHERE person = 2") for table in tables}

    before, receipt = theirs(), forgetting.Receipt()
    with db.transaction():
        forgetting.delete_sessions(db, 1, [ONE, session_id(2)], receipt)
    assert theirs() == before
    assert db.run("SELECT id FROM session WHERE person = 1 ORDER BY id") == [
        (session_id(n),) for n in (3, 4, 5)
    ]
    assert receipt.kept_by == [session_id(4), session_id(5)]
    db.close()
