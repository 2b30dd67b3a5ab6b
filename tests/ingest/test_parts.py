"""New sessions are read in parts by several processes; the record is as if they were read there."""

from __future__ import annotations

import gc
import sys

import pytest

from accrete.care.forget import What, forget
from accrete.database import Sqlite
from accrete.ingest import ingest, open_for_writing, parts
from accrete.model.captured import HookEvent
from accrete.record import store
from accrete.record.file_names import PART, hidden
from accrete.record.files import Planned
from accrete.transcript.read import Job, Position
from tests.records import other, projects, rows, same, world
from tests.transcripts import Transcript, busy, fork, minted

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


@pytest.fixture
def none_related(monkeypatch):
    """No session is seen to begin like another, so that each is a group of its own."""
    monkeypatch.setattr(parts, "families", lambda conversations: [[each] for each in conversations])


@pytest.mark.usefixtures("none_related")
@pytest.mark.parametrize("processes", [0, 1])
def test_sessions_of_a_part_that_turn_out_to_share_something_are_as_they_would_be_one_by_one(
    settings, whole, monkeypatch, processes
):
    """Each is derived right after it was read: those that come later may change it."""
    real = parts.read_in_parts
    monkeypatch.setattr(
        parts, "read_in_parts", lambda task, groups, _, *told: real(task, groups, processes, *told)
    )
    ingest(settings, jobs=1)
    same(settings, whole)


@pytest.mark.usefixtures("none_related")
@pytest.mark.parametrize("longer", [0, 1])
def test_one_message_id_with_request_ids_of_two_sessions_is_settled_when_both_are_read(
    settings, monkeypatch, longer
):
    one, two = Transcript(1), Transcript(2)
    one.prompt("Go")
    one.answer(minted("msg"), requestId=minted("req", 1))
    one.answer(minted("msg"), requestId=minted("req", 2), isSidechain=True)
    two.prompt("Go on")
    two.answer(minted("msg"), requestId=minted("req", 3))
    (one, two)[longer].prompt("More " * 500)
    for each in (one, two):
        each.write(projects(settings))
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    real = parts.read_in_parts
    monkeypatch.setattr(
        parts, "read_in_parts", lambda task, groups, _, *told: real(task, groups, 0, *told)
    )
    ingest(settings, jobs=1)
    same(settings, clean)
    assert rows(
        settings, "SELECT request_id, counted, contested FROM response ORDER BY request_id"
    ) == [(minted("req", n), counted, 0) for n, counted in ((1, 1), (2, 0), (3, 1))]


def test_reading_in_parts_leaves_the_interpreter_as_it_was(settings, monkeypatch):
    busy(1).write(projects(settings))
    busy(2).write(projects(settings))
    before = sys.getswitchinterval(), gc.get_threshold()
    monkeypatch.setattr(parts, "Beside", lambda *_: (_ for _ in ()).throw(OSError("no process")))
    with pytest.raises(OSError, match="no process"):
        ingest(settings, jobs=1)
    assert (sys.getswitchinterval(), gc.get_threshold()) == before


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


def planned(path: object, session: str | None, size: int, *, agent: str = "", read_to: int = 0):
    """A file of a session that is to be read, or read on."""
    known = Position(read_to, 0, "", "") if read_to else None
    return Planned(Job(str(path), "main", session, agent, None, known), size)


@pytest.fixture
def db(settings):
    db = open_for_writing(settings)
    yield db
    db.close()


def groups(db, *files: Planned) -> list[tuple[list[str], int]]:
    found = parts.groups_of(db, 1, files)
    return [(sorted(job.path for job in each.jobs), each.new_bytes) for each in found]


def test_the_files_of_a_new_session_are_one_group_and_the_largest_group_comes_first(db, settings):
    one, two = busy(1), busy(2)
    forked = fork(one, 3, upto=4)
    paths = [str(each.write(projects(settings))) for each in (one, two, forked)]
    agent = "/agent-a.jsonl"
    found = groups(
        db, planned(paths[0], "1", 10), planned(paths[1], "2", 40), planned(paths[2], "3", 20),
        planned(agent, "3", 11, agent="a"), planned("/notes.jsonl", None, 99),
    )  # fmt: skip
    assert found == [(sorted([paths[0], paths[2], agent]), 41), ([paths[1]], 40)]


def test_only_sessions_that_the_record_has_nothing_of_are_read_into_parts(db):
    for person, here in ((1, ""), (2, "not_")):
        db.run("INSERT INTO session (person, id, zone) VALUES (?, ?, 'UTC')",
               (person, f"{here}stored"))  # fmt: skip
        told = HookEvent(person, f"{here}told", "Stop", 1, "h", "UTC", "{}")
        store.add_hook_event(db, told, within_ms=1)
        for path in (f"/{here}read", hidden(f"/{here}hidden")):
            db.run("INSERT INTO source_file (person, path, layout, device, inode, size, mtime_ns, "
                   "ctime_ns, meta_mtime_ns, head_length, head_hash, tail_hash, read_to, read_at, "
                   "root, counts, tail_counts, reader) VALUES (?, ?, 'main', 0, 0, 0, 0, 0, 0, 0, "
                   "'', '', 0, 0, '', '{}', '{}', 0)", (person, path))  # fmt: skip
    names = ("stored", "told", "read", "hidden", "not_stored", "not_told", "not_read", "not_hidden")
    files = [planned(f"/{name}", name, 9 - n) for n, name in enumerate(names)]
    files.append(planned("/not_hidden_on", "not_hidden", 1, read_to=5))
    assert groups(db, *files) == [(["/not_stored"], 5), (["/not_told"], 4), (["/not_read"], 3)]


@pytest.mark.parametrize(("person", "read"), [(1, False), (2, True)])
def test_nothing_is_read_into_parts_while_something_of_its_person_is_forgotten(db, person, read):
    db.run("INSERT INTO forgotten (person, what, value, at) VALUES (?, 'session', 'x', 1)",
           (person,))  # fmt: skip
    assert groups(db, planned("/new", "new", 1)) == [(["/new"], 1)] * read
