"""The copy that an upgrade keeps: made where it is needed, one at a time, for thirty days."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing

import pytest

from accrete.care import upgrade as upgrading
from accrete.care.copies import before_upgrade, expire
from accrete.care.upgrade import bring_up_to_date
from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from tests.records import kept, record
from tests.transcripts import busy

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def old(settings, monkeypatch):
    """A record that a program of the version before wrote, as far as this one can tell."""
    kept(settings, busy(1))
    monkeypatch.setattr(upgrading, "latest_version", lambda: latest_version() + 1)
    return settings


def copies(settings) -> list[str]:
    return sorted(path.name for path in settings.home.glob("*replaced-by-upgrade*"))


def test_the_copy_is_kept_for_thirty_days_to_the_second(settings):
    settings.home.mkdir()
    expire(settings.database, 10.0**10)
    copy = before_upgrade(settings.database)
    copy.write_text("")
    os.utime(copy, (1000, 1000))
    expire(settings.database, 1000 + 30 * 86_400)
    assert copy.exists()
    expire(settings.database, 1000 + 30 * 86_400 + 1)
    assert not copy.exists()


def test_a_new_record_and_a_current_one_need_no_room_and_no_copy(settings, monkeypatch):
    settings.home.mkdir()
    db = Sqlite(settings.database)
    assert bring_up_to_date(db) is None
    assert db.version == latest_version()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
    assert bring_up_to_date(db) is None
    db.close()
    assert copies(settings) == []


def test_an_upgrade_keeps_one_whole_copy_and_nothing_of_those_before(old):
    (old.home / ".accrete.db.replaced-by-upgrade.1234.partial").write_text("killed")
    before_upgrade(old.database).write_text("of an earlier upgrade")
    before = record(old)
    db = Sqlite(old.database)
    assert bring_up_to_date(db) == before_upgrade(old.database)
    db.close()
    assert copies(old) == ["accrete.db.replaced-by-upgrade"]
    with closing(sqlite3.connect(before_upgrade(old.database))) as copy:
        assert copy.execute("SELECT COUNT(*) FROM session").fetchall() == [(1,)]
    assert record(old) == before


def test_where_there_is_room_for_the_upgrade_alone_no_copy_is_left(old, monkeypatch):
    before_upgrade(old.database).write_text("of an earlier upgrade")
    monkeypatch.setattr(upgrading, "shortage", lambda path, copies: copies)
    db = Sqlite(old.database)
    assert bring_up_to_date(db) is None
    db.close()
    assert copies(old) == []


def test_without_room_for_the_upgrade_the_copy_before_it_stays(old, monkeypatch):
    before_upgrade(old.database).write_text("of an earlier upgrade")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
    db = Sqlite(old.database)
    with pytest.raises(AccreteError, match="Nothing was changed"):
        bring_up_to_date(db)
    db.close()
    assert before_upgrade(old.database).read_text() == "of an earlier upgrade"


@pytest.mark.parametrize(("part", "given_back"), [(0.1, False), (1.0, True)])
def test_an_upgrade_gives_back_what_it_left_empty_if_that_is_much(old, part, given_back):
    db = Sqlite(old.database)
    ((pages,),), ((size,),) = db.run("PRAGMA page_count"), db.run("PRAGMA page_size")
    db.run("CREATE TABLE much (bytes BLOB)")
    db.run("INSERT INTO much VALUES (zeroblob(?))", (int(pages * size * part),))
    db.run("DROP TABLE much")
    assert db.run("PRAGMA freelist_count")[0][0] >= int(pages * part)
    bring_up_to_date(db)
    assert (db.run("PRAGMA freelist_count")[0][0] == 0) is given_back
    db.close()
