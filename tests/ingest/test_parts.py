"""New sessions are read in parts by several processes; the record is as if they were read there."""

from __future__ import annotations

import pytest

from accrete.care.forget import What, forget
from accrete.database import Sqlite
from accrete.derive import parts as derived_parts
from accrete.ingest import ingest, parts
from accrete.model.captured import HookEvent
from accrete.record import store
from accrete.record.file_names import PART
from accrete.settings import Settings
from tests.records import other, projects, record, rows, world
from tests.transcripts import Transcript, busy, fork, write_agent

pytestmark = pytest.mark.long

FOUND = "SELECT COUNT(*) FROM event_search WHERE event_search MATCH '{}'"
WORDS = ("needle1", "session", "forked", "pytest")


def same(settings: Settings, expected: Settings) -> None:
    """Both records hold the same, and find the same."""
    assert record(settings) == record(expected)
    for word in WORDS:
        assert rows(settings, FOUND.format(word)) == rows(expected, FOUND.format(word)), word
    assert not list(settings.home.glob(f"{PART}*"))


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


@pytest.fixture
def parts_taken(monkeypatch):
    """All new sessions are read into one part by this process. Returns a list that gets for each
    part: which of it were left, and the sessions that are stale once it is taken."""
    taken: list[tuple[set[int], set[str]]] = []
    real, take_part = parts.read_in_parts, derived_parts.take_part

    def watched(task, groups, processes, take, stopped):
        return real(task, groups, 0, take, stopped)

    def noting(db, *given):
        left = take_part(db, *given)
        stale = {session for (session,) in db.run("SELECT id FROM session WHERE stale = 1")}
        taken.append((left, stale))
        return left

    monkeypatch.setattr(parts, "read_in_parts", watched)
    monkeypatch.setattr(derived_parts, "take_part", noting)
    return taken


def test_of_a_part_the_sessions_that_share_nothing_are_taken(settings, parts_taken):
    busy(1).write(projects(settings))
    ingest(settings, jobs=0)
    for each in (fork(busy(1), 4, upto=8), busy(2), busy(3)):
        each.write(projects(settings))
    ingest(settings, jobs=1)
    assert [len(left) for left, _ in parts_taken] == [1]
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)


def test_of_a_part_whatever_shares_is_left_where_any_of_it_is(settings, parts_taken):
    busy(1).write(projects(settings))
    ingest(settings, jobs=0)
    for each in (fork(busy(1), 4, upto=8), busy(2), fork(busy(2), 5, upto=8), busy(3)):
        each.write(projects(settings))
    ingest(settings, jobs=1)
    assert [len(left) for left, _ in parts_taken] == [2]  # of three families
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)


def test_a_fork_in_the_part_of_its_origin_is_taken_with_its_figures(settings, parts_taken):
    for each in (busy(1), fork(busy(1), 4, upto=8), busy(2)):
        each.write(projects(settings))
    ingest(settings, jobs=1)
    assert parts_taken == [(set(), set())]
    clusters = "SELECT COUNT(DISTINCT session), COUNT(DISTINCT cluster) FROM settled"
    assert rows(settings, f"{clusters} WHERE cluster IS NOT NULL") == [(2, 1)]
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)


def test_what_a_forks_subagent_has_the_name_of_is_derived_again(settings, parts_taken):
    def written(origin: Transcript, n: int) -> None:
        agent = Transcript(n, start=origin.now)
        agent.answer(f"msg_agent_{n}")
        origin.write(projects(settings))
        write_agent(projects(settings), origin, agent)

    written(busy(1), 11)
    ingest(settings, jobs=0)
    written(busy(2), 12)
    fork(busy(2), 4, upto=8).write(projects(settings))
    busy(3).write(projects(settings))
    ingest(settings, jobs=1)
    assert parts_taken == [(set(), {busy(1).session})]
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
    left = settings.home / f"{PART}1-1"
    left.write_bytes(b"needle")
    ingest(settings)
    assert not left.exists()
    left.write_bytes(b"needle")
    forget(settings, What(sessions=(busy(1).session,)), 1)
    assert not left.exists()
