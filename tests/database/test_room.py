"""Before a record is brought up to date: room for it, a copy as it was, and what ends that copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple

import pytest

from accrete.care.copies import KEPT_S, before_upgrade
from accrete.care.forget import What, forget
from accrete.care.maintain import redact_past
from accrete.database import Sqlite
from accrete.database.disk_space import GROWS
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.ingest.background import background
from accrete.settings import Settings
from tests.records import (
    FIRST,
    called,
    ingest_with_the_first,
    other,
    record,
    rows,
    unmeasured,
    world,
)
from tests.transcripts import session_id
from tools.old_program import program

pytestmark = pytest.mark.long

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def old(settings, monkeypatch) -> Settings:
    """A record of version 0.1.0."""
    world(settings)
    ingest_with_the_first(settings)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    return settings


@pytest.fixture
def disk(monkeypatch):
    """Sets how many bytes are free."""

    def free(size: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12 - size, size))

    return free


def version(settings: Settings) -> int:
    return rows(settings, "PRAGMA user_version")[0][0]


def as_it_is(settings: Settings) -> dict[str, bytes]:
    """Every file of the data folder that holds something of the record."""
    return {path.name: path.read_bytes() for path in settings.home.glob("*accrete.db*")}


@pytest.mark.parametrize(
    "command", [("overview",), ("backfill", "-q"), ("ingest",), ("rebuild",), ("forget", "--all")]
)
def test_without_room_nothing_is_changed_and_the_sentence_says_how_much_is_missing(
    old, disk, capsys, command
):
    need = old.database.stat().st_size * GROWS
    disk(need - 2_000_000)
    before = old.database.read_bytes()
    folder = os.getcwd()
    try:
        code, _, err = called(capsys, *command)
    finally:
        os.chdir(folder)  # an ingest leaves it
    assert code == 1
    assert f"needs {need / 1e6:,.1f} MB of free disk space. Free 2.0 MB more" in err
    assert "Nothing was changed" in err
    assert old.database.read_bytes() == before
    assert not before_upgrade(old.database).exists()
    disk(need)
    ingest(old)
    assert version(old) == latest_version()


def test_the_record_as_it_was_is_kept_where_there_is_room_for_it(old, disk, capsys):
    size = old.database.stat().st_size
    disk(size * (GROWS + 1) - 1)
    place = other(old, "narrow")
    place.home.mkdir()
    shutil.copy(old.database, place.database)
    ingest(place)
    assert list(as_it_is(place)) == ["accrete.db"]
    disk(size * (GROWS + 1))
    _, _, err = called(capsys, "sessions")
    kept = before_upgrade(old.database)
    assert f"The record as it was is kept for 30 days: {kept}" in " ".join(err.split())
    assert kept.stat().st_mode & 0o777 == 0o600
    db = Sqlite(kept, readonly=True)
    assert db.version == 7
    assert db.run("PRAGMA quick_check") == [("ok",)]
    db.close()


def test_the_first_version_opens_what_was_kept(old):
    before = rows(old, "SELECT id, prompts, tool_calls FROM session ORDER BY id")
    background(old)
    back = other(old, "back")
    back.home.mkdir()
    shutil.copy(before_upgrade(old.database), back.database)
    ingest_with_the_first(back)
    assert rows(back, "SELECT id, prompts, tool_calls FROM session ORDER BY id") == before


def test_the_first_version_forgets_what_was_kept_too(old):
    background(old)
    back = other(old, "back")
    back.home.mkdir()
    for path in (back.database, before_upgrade(back.database)):
        shutil.copy(before_upgrade(old.database), path)
    env = unmeasured() | {"PYTHONPATH": str(program(FIRST)), "ACCRETE_HOME": str(back.home)}
    command = [sys.executable, "-P", "-m", "accrete", "forget", "--all", "--yes"]
    subprocess.run(command, env=env, check=True, capture_output=True)
    assert list(as_it_is(back)) == ["accrete.db"]


def test_what_was_kept_can_be_restored_and_is_brought_up_to_date_again(old, capsys):
    ingest(old)
    right = record(old)
    assert called(capsys, "backup", "--restore", str(before_upgrade(old.database)))[0] == 0
    ingest(old)
    assert record(old) == right


def test_what_was_kept_goes_after_thirty_days(old):
    ingest(old)
    kept = before_upgrade(old.database)
    made = kept.stat().st_mtime
    ingest(old, clock=lambda: made + KEPT_S - 60)
    assert kept.exists()
    ingest(old, clock=lambda: made + KEPT_S + 60)
    assert not kept.exists()


@pytest.mark.parametrize("left", ["accrete.db.replaced-by-upgrade", ".{}.12ab34cd.partial"])
def test_whatever_is_forgotten_is_in_no_copy_either(old, left):
    ingest(old)
    kept = before_upgrade(old.database)
    mark = session_id(1).encode()
    assert mark in kept.read_bytes()
    path = kept.rename(kept.with_name(left.format(kept.name)))
    receipt = forget(old, What(sessions=(session_id(2),)), int(time.time() * 1000))
    assert receipt.removed_files == [str(path)]
    assert not any("upgrade" in name for name in as_it_is(old))


def test_a_secret_that_newer_patterns_find_is_in_no_copy_either(old):
    ingest(old)
    secret = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
    db = Sqlite(old.database)
    db.run("UPDATE tool_call SET output = ?", (f"token {secret}",))
    db.run("UPDATE fact SET value = '0' WHERE name = 'redaction_version'")
    assert before_upgrade(old.database).exists()
    assert redact_past(db) > 0
    db.close()
    assert list(as_it_is(old)) == ["accrete.db"]
    assert secret.encode() not in old.database.read_bytes()


def test_a_backup_of_an_older_record_is_the_record_as_it_is(old, tmp_path, capsys):
    events = rows(old, "SELECT COUNT(*) FROM event")
    assert called(capsys, "backup", str(tmp_path / "old.db"))[0] == 0
    assert version(old) == 7
    db = Sqlite(tmp_path / "old.db", readonly=True)
    assert (db.version, db.run("SELECT COUNT(*) FROM event")) == (7, events)
    db.close()


def test_the_doctor_says_what_is_kept_and_until_when(old, capsys):
    ingest(old)
    kept = before_upgrade(old.database)
    told = called(capsys, "doctor")[1].split()
    assert "as it was before the last upgrade is kept until" in " ".join(told)
    assert str(kept) in "".join(told)  # a long path is cut at the edge of the screen
    kept.unlink()
    assert "before the last upgrade" not in called(capsys, "doctor")[1]


def test_a_kill_while_the_copy_is_made_leaves_a_record_that_is_brought_up_to_date(old):
    """The program is killed right after it has made the copy."""
    code = (
        "import os, signal\n"
        "from accrete.care import upgrade\n"
        "from accrete.ingest import ingest\n"
        "from accrete.settings import read_settings\n"
        "made = upgrade.copy\n"
        "def copy(database, file):\n"
        "    made(database, file.with_name(f'.{file.name}.12ab34cd.partial'))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "upgrade.copy = copy\n"
        "ingest(read_settings())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=unmeasured(), check=False)
    assert done.returncode == -9
    assert version(old) == 7
    assert len(as_it_is(old)) > 1
    ingest(old)
    assert version(old) == latest_version()
    assert sorted(name for name in as_it_is(old) if "upgrade" in name) == [
        before_upgrade(old.database).name
    ]


def test_a_copy_that_cannot_be_made_keeps_no_record_from_being_updated(old, monkeypatch):
    def fails(*_: object) -> int:
        raise AccreteError("Cannot write it.")

    monkeypatch.setattr("accrete.care.upgrade.copy", fails)
    ingest(old)
    assert version(old) == latest_version()
