"""What is stored of a person's sessions, a rule at a time: waiting summaries, zones, worktrees,
copies of events, and what a read reports."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from accrete.care.forget import What, forget
from accrete.errors import AccreteError
from accrete.ingest import Report, ingest, open_for_writing
from accrete.ingest.pipeline import Wishes, passes
from accrete.ingest.writer import Writer
from accrete.model.batch import Batch
from accrete.model.captured import Event, HookEvent
from accrete.outcomes.git import AMBIGUOUS, FOUND, NONE, Answer
from accrete.projects.repository import Seen
from accrete.record import published, readers, shared, store, weeks
from accrete.record.readers import Reading
from accrete.record.stored_facts import SUMMARIES_WAIT
from accrete.transcript import READER_VERSION
from accrete.transcript.read import Job
from tests.records import kept, projects, rows
from tests.transcripts import START, Transcript, append, busy, session_id

pytestmark = pytest.mark.usefixtures("texts_as_they_are")


@pytest.fixture
def db(settings):
    db = open_for_writing(settings)
    yield db
    db.close()


def test_summaries_wait_by_name_up_to_twenty_and_then_all_of_them(db):
    assert store.waiting_summaries(db, 1) == []
    store.let_summaries_wait(db, 1, {f"{n:02}" for n in range(19)})
    store.let_summaries_wait(db, 1, {"00", "19"})
    store.let_summaries_wait(db, 1, set())
    assert store.waiting_summaries(db, 1) == [f"{n:02}" for n in range(20)]
    assert store.waiting_summaries(db, 2) == []
    store.let_summaries_wait(db, 1, {"20"})
    assert store.waiting_summaries(db, 1) is None
    store.let_summaries_wait(db, 1, {"21"})
    assert store.fact(db, 1, SUMMARIES_WAIT) == "1"
    store.clear_summaries(db, 1)
    assert store.waiting_summaries(db, 1) == []
    store.let_summaries_wait(db, 1, None)
    assert store.waiting_summaries(db, 1) is None


ZONES = [
    ([("startup", "Asia/Tokyo", 1)], "Asia/Tokyo"),
    ([("startup", "Asia/Tokyo", 2), ("clear", "Europe/Berlin", 1)], "Europe/Berlin"),
    ([("resume", "Asia/Tokyo", 1), ("startup", "Europe/Berlin", 2)], "Europe/Berlin"),
    ([("compact", "Asia/Tokyo", 1)], "UTC"),
    ([("startup", None, 1)], "UTC"),
]


@pytest.mark.parametrize(("begun", "zone"), ZONES)
def test_a_session_that_is_to_be_derived_takes_the_zone_that_it_began_in(db, begun, zone):
    for session, stale, assumed in (("s", 1, 1), ("known", 1, 0), ("derived", 0, 1)):
        db.run("INSERT INTO session (person, id, zone, stale, zone_assumed) VALUES "
               "(1, ?, 'UTC', ?, ?), (2, ?, 'UTC', 1, 1)",
               (session, stale, assumed, session))  # fmt: skip
        for source, said, at in begun:
            event = HookEvent(1, session, "SessionStart", at, f"{at}", said,
                              json.dumps({"source": source}))  # fmt: skip
            store.add_hook_event(db, event, within_ms=1)
        other = HookEvent(1, session, "Stop", 0, "h", "America/Lima", "{}")
        store.add_hook_event(db, other, within_ms=1)
    db.run("UPDATE session SET stale = 0 WHERE id = 'derived'")
    store.take_zones(db, 1)
    found = db.run("SELECT id, zone, zone_assumed FROM session WHERE person = 1 ORDER BY id")
    assert found == [("derived", "UTC", 1), ("known", "UTC", 0), ("s", zone, int(zone == "UTC"))]
    assert db.run("SELECT DISTINCT zone FROM session WHERE person = 2") == [("UTC",)]


@pytest.mark.parametrize(("event", "stale"), [("SessionStart", 1), ("SessionEnd", 1), ("Stop", 0)])
def test_a_session_is_judged_anew_where_it_began_or_ended(db, event, stale):
    db.run("INSERT INTO session (person, id, zone, stale) VALUES (1, 's', 'UTC', 0)")
    row = HookEvent(1, "s", event, 100, "h", "UTC", "{}")
    for at, stored in ((100, True), (100, False), (109, False), (110, True), (90, True)):
        assert store.add_hook_event(db, row._replace(at=at), within_ms=10) == stored
    for other in (row._replace(person=2), row._replace(session="t"), row._replace(hash="i"),
                  row._replace(event="Other")):  # fmt: skip
        assert store.add_hook_event(db, other, within_ms=10)
    assert db.run("SELECT stale FROM session") == [(stale,)]


SAID = Event(1, "s", "", "u", 0, 5, 50, "assistant_text", "a", "what was said", 13, "m", None, "p",
             0, 0, None)  # fmt: skip
IN_PROGRESS = SAID._replace(kind="unknown", name="b", size=1, parent="q", at=60, embedded=2)
NAMED = "m#u"
"""The message id of a line whose gateway gave it none."""


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (SAID, SAID._replace(seq=9), SAID),  # a line that stands in two places, at the first
        (SAID._replace(kind="ai_title"), SAID._replace(kind="ai_title", seq=9),
         SAID._replace(kind="ai_title", seq=9)),  # bookkeeping, at the last
        (SAID, IN_PROGRESS, SAID._replace(embedded=1)),  # as its own line has it
        (IN_PROGRESS, IN_PROGRESS._replace(seq=9), IN_PROGRESS),
        (SAID, SAID._replace(message_id=NAMED), SAID),  # an id as the API gives it
        (SAID._replace(seq=9), SAID._replace(message_id=NAMED), SAID),
    ],
)  # fmt: skip
def test_a_line_that_is_read_twice_is_one_in_whatever_order(db, one, other, kept):
    for session, lines in (("s", (one, other)), ("t", (other, one))):
        for line in lines:
            store.store_batch(db, Batch(events=[line._replace(session=session)]), person=1,
                              zone="UTC")  # fmt: skip
        found = db.run(
            f"SELECT {', '.join(Event._fields)} FROM event WHERE session = ?", (session,)
        )
        assert [Event._make(row) for row in found] == [kept._replace(session=session)]


def sessions_of(db) -> dict[tuple[int, str], tuple]:
    found = db.run("SELECT person, id, zone, stale, derived_version, derive_error FROM session")
    return {(person, session): tuple(rest) for person, session, *rest in found}


def test_the_zone_that_is_assumed_now_is_that_of_sessions_whose_zone_nobody_saw(db):
    made = [(1, "other", "UTC", 1), (1, "same", "Asia/Tokyo", 1), (1, "seen", "UTC", 0),
            (2, "other", "UTC", 1)]  # fmt: skip
    for row in made:
        db.run("INSERT INTO session (person, id, zone, zone_assumed, stale) VALUES "
               "(?, ?, ?, ?, 0)", row)  # fmt: skip
    before = sessions_of(db)
    store.assume_zone(db, 1, "Asia/Tokyo")
    changed = {(1, "other"): ("Asia/Tokyo", 1, *before[1, "other"][2:])}
    assert sessions_of(db) == {**before, **changed}


def test_a_session_that_cannot_be_derived_is_left_until_the_next_version_and_compared(db):
    for person, session in ((1, "s"), (1, "t"), (2, "s")):
        db.run("INSERT INTO session (person, id, zone, stale) VALUES (?, ?, 'UTC', 1)",
               (person, session))  # fmt: skip
    db.run("DELETE FROM session_change")
    before = sessions_of(db)
    store.mark_underivable(db, 1, "s", 7, "odd")
    assert sessions_of(db) == {**before, (1, "s"): ("UTC", 0, 7, "odd")}
    assert db.run("SELECT person, session FROM session_change") == [(1, "s")]


def test_only_subagents_that_were_derived_are_derived_anew(db):
    for key in ((1, "s", "a"), (1, "t", "a"), (2, "s", "a")):
        store.add_agent_runs(db, [key])
    store.add_agent_runs(db, [(1, "s", "told"), (1, "s", "told")])
    db.run("UPDATE agent_run SET derived = 0 WHERE agent = 'told'")
    store.add_agent_runs(db, [(1, "s", "told")])
    store.forget_derived_runs(db, (1, "s"))
    assert db.run("SELECT person, session, agent FROM agent_run ORDER BY 1, 2, 3") == [
        (1, "s", "told"), (1, "t", "a"), (2, "s", "a"),
    ]  # fmt: skip


def test_new_events_that_get_the_numbers_of_deleted_ones_are_new_to_each_session(settings):
    kept(settings, busy(1))
    db = open_for_writing(settings)
    numbers = [number for (number,) in db.run("SELECT id FROM event ORDER BY id")]
    left = numbers[-4]
    db.run("DELETE FROM settled")
    for session, event in (("before", left - 1), ("last", left), ("after", left + 1)):
        db.run("INSERT INTO settled (person, session, event, contender) VALUES (1, ?, ?, 0)",
               (session, event))  # fmt: skip
    store.delete_events(db, [])
    store.delete_events(db, numbers[-3:])
    assert store.last_event(db) == left
    assert db.run("SELECT session, event FROM settled ORDER BY session") == [
        ("after", left), ("before", left - 1), ("last", left),
    ]  # fmt: skip
    db.close()


SEEN = Seen(real="/real", root="/root", remote="host/a/b", there=True)
GONE = Seen(real=None, root=None, remote=None, there=False)
FOLDERS = [
    ([(SEEN, 5), (SEEN._replace(remote="new"), 6)], ("/real", "/root", "new", 1)),
    ([(SEEN, 5), (GONE, 6)], ("/real", "/root", "host/a/b", 1)),
    ([(GONE, 5), (SEEN, 6)], ("/real", "/root", "host/a/b", 1)),
    ([(SEEN, 6), (SEEN._replace(root="/older"), 5)], ("/real", "/root", "host/a/b", 1)),
    ([(SEEN, 5), (SEEN._replace(root="/same"), 5)], ("/real", "/same", "host/a/b", 1)),
    ([(SEEN, 5), (SEEN._replace(root="/guess", there=False, remote=None), 6)],
     ("/real", "/root", "host/a/b", 1)),
    ([(SEEN._replace(there=False), 5), (SEEN._replace(root="/guess", there=False), 6)],
     ("/real", "/guess", "host/a/b", 0)),
    ([(GONE._replace(there=True), 5), (SEEN._replace(there=False), 6)],
     ("/real", "/root", "host/a/b", 0)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kept_as"), FOLDERS)
def test_of_a_folder_the_newest_answer_counts_but_none_about_a_folder_that_is_gone(
    db, said, kept_as
):
    for seen, at in said:
        store.add_folders(db, 1, {"/cwd": seen}, at)
    assert db.run("SELECT leads_to, root, remote, there FROM workdir") == [kept_as]
    assert store.asked_folders(db, 1, max(at for _, at in said)) == {"/cwd"}
    assert store.asked_folders(db, 1, max(at for _, at in said) + 1) == set()
    assert store.asked_folders(db, 2, 0) == set()


def test_a_commit_that_fits_two_calls_is_neithers(db):
    for n in range(3):
        db.run("INSERT INTO session (person, id, zone, stale) VALUES (1, ?, 'UTC', 0)", (f"s{n}",))
        db.run(
            "INSERT INTO tool_call (person, message_id, tool_use_id, session, agent, uuid, seq, "
            "tool, input_cut, sidechain, embedded) VALUES (1, ?, 'u', ?, '', 'x', 1, 'Bash', 0, "
            "0, 0)",
            (f"m{n}", f"s{n}"),
        )
    store.store_git_answers(db, 1, [Answer(("m0", "u", 0), FOUND, "one")], 1)
    store.store_git_answers(db, 1, [Answer(("m0", "u", 1), FOUND, "one")], 1)
    store.store_git_answers(db, 2, [Answer(("m1", "u", 0), FOUND, "one")], 1)
    store.store_git_answers(db, 1, [Answer(("m2", "u", 0), FOUND, "two")], 1)
    assert {answer for (answer,) in db.run("SELECT answer FROM git_answer")} == {FOUND}
    assert db.run("SELECT id FROM session WHERE stale = 1") == []
    store.store_git_answers(db, 1, [Answer(("m1", "u", 0), NONE, "one")], 2)
    assert db.run("SELECT id FROM session WHERE stale = 1") == []
    store.store_git_answers(db, 1, [Answer(("m1", "u", 0), FOUND, "one")], 3)
    assert db.run("SELECT person, message_id, part, answer FROM git_answer ORDER BY 1, 2, 3") == [
        (1, "m0", 0, AMBIGUOUS), (1, "m0", 1, AMBIGUOUS), (1, "m1", 0, AMBIGUOUS),
        (1, "m2", 0, FOUND), (2, "m1", 0, FOUND),
    ]  # fmt: skip
    assert db.run("SELECT id FROM session WHERE stale = 1 ORDER BY id") == [("s0",), ("s1",)]
    store.store_git_answers(db, 1, [Answer(("m2", "u", 0), FOUND, "one")], 4)
    assert db.run("SELECT COUNT(*) FROM git_answer WHERE answer = ?", (AMBIGUOUS,)) == [(4,)]


def test_a_file_that_cannot_be_read_is_told_and_tried_again(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    db, report = open_for_writing(settings), Report()
    job = Job(str(path), "main", session_id(1), "", None, None)
    assert Writer(db, settings, 1).take(Reading(job, None, "it is odd"), report) == 0
    assert report == Report(skipped=[(str(path), "it is odd")])
    db.close()
    assert rows(settings, "SELECT error FROM source_file") == [("it is odd",)]
    again = ingest(settings)
    assert (again.skipped, again.files_read, again.lines_parsed) == ([], 0, 0)
    assert rows(settings, "SELECT error FROM source_file") == [(None,)]


def test_a_file_that_was_only_touched_was_not_read_and_says_nothing_new(settings):
    path = busy(1).write(projects(settings))
    first = ingest(settings)
    lines, size = len(busy(1).lines), path.stat().st_size
    assert (first.files, first.files_read, first.lines_parsed, first.bytes_read) == (
        1, 1, lines, size,
    )  # fmt: skip
    assert (first.sessions_changed, first.files_missing, first.malformed) == (1, 0, 0)
    path.touch()
    again = ingest(settings)
    assert (again.files_read, again.lines_parsed, again.bytes_read) == (0, 0, 0)
    with path.open("ab") as file:
        file.write(b"no json\n")
    third = ingest(settings)
    assert (third.files_read, third.malformed, third.bytes_read) == (1, 1, 8)
    path.unlink()
    gone = ingest(settings)
    assert (gone.files, gone.files_missing) == (0, 1)
    assert ingest(settings).files_missing == 0


def test_reports_of_parts_add_up():
    one = Report(files_read=1, bytes_read=2, malformed=3, ignored=4, forgotten_skipped=5,
                 skipped=[("a", "b")])  # fmt: skip
    one.add(Report(files_read=10, bytes_read=20, malformed=30, ignored=40, forgotten_skipped=50,
                   skipped=[("c", "d")]))  # fmt: skip
    assert one == Report(files_read=11, bytes_read=22, malformed=33, ignored=44,
                         forgotten_skipped=55, skipped=[("a", "b"), ("c", "d")])  # fmt: skip
    assert Report() == Report(0, 0, 0, 0, 0, 0, 0, 0, [], 0.0, False, 0, 0, 0, 0, None)


def test_what_was_forgotten_before_a_day_is_told_each_time_it_comes_and_never_else(settings):
    kept(settings, busy(1))
    forget(settings, What(before=START + 90 * 86_400_000), START)
    ingest(settings)
    assert ingest(settings).forgotten_skipped == 0
    old = Transcript(5, start=START)
    old.prompt("Long ago")
    kept(settings, Transcript(6, start=START + 91 * 86_400_000))
    old.write(projects(settings))
    report = ingest(settings)
    assert (report.forgotten_skipped, report.lines_parsed) == (1, 1)
    assert rows(settings, f"SELECT id FROM session WHERE id = '{old.session}'") == []


def test_a_session_that_is_deleted_again_beside_a_new_one_counts_once(settings):
    kept(settings, Transcript(2, start=START + 92 * 86_400_000))
    forget(settings, What(before=START + 90 * 86_400_000), START)
    for n, start in ((5, START), (6, START + 91 * 86_400_000)):
        made = Transcript(n, start=start)
        made.prompt(f"Session {n}")
        made.write(projects(settings))
    report = ingest(settings)
    assert (report.forgotten_skipped, report.lines_parsed) == (1, 2)


def test_what_grows_while_old_sessions_come_again_is_read_by_the_same_ingest(settings):
    kept(settings, Transcript(2, start=START + 92 * 86_400_000))
    forget(settings, What(before=START + 90 * 86_400_000), START)
    old = Transcript(5, start=START)
    old.prompt("Long ago")
    old.write(projects(settings))
    grows = Transcript(6, start=START + 91 * 86_400_000)
    for n in range(3):
        grows.prompt(f"Prompt {n}")
    path = projects(settings) / "-home-dev-demo" / f"{grows.session}.jsonl"
    lines = iter(grows.lines)
    asked = 0

    def clock() -> float:  # asked once before each pass
        nonlocal asked
        asked += 1
        append(path, *([line] if asked > 1 and (line := next(lines, None)) else []))
        return time.time()

    db = open_for_writing(settings)
    report = Report()
    passes(db, settings, report, Wishes(), clock=clock)
    db.close()
    assert (report.forgotten_skipped, report.lines_parsed) == (1, 3 + 3)
    grown = f"SELECT prompts FROM session WHERE id = '{grows.session}'"
    assert rows(settings, grown) == [(3,)]


def test_a_session_that_turns_out_to_be_of_a_forgotten_project_goes_with_what_was_stored(settings):
    first = Transcript(1, cwd="/home/dev/secret")
    first.prompt("secret work")
    kept(settings, first, busy(2))
    ((project,),) = rows(settings, f"SELECT project FROM session WHERE id = '{first.session}'")
    forget(settings, What(project=project), START)
    later = Transcript(3, cwd="/home/dev/secret")
    later.prompt("more of it")
    path = projects(settings) / "-home-dev-demo" / f"{later.session}.jsonl"
    append(path, {"type": "ai-title", "aiTitle": "TITLE", "sessionId": later.session})
    ingest(settings)
    append(path, *later.lines)
    assert ingest(settings).forgotten_skipped > 0
    assert rows(settings, "SELECT id FROM session") == [(session_id(2),)]


def test_a_reading_process_that_ends_early_is_a_fault_that_is_said(settings, monkeypatch):
    path = busy(1).write(projects(settings))
    code = "import sys; sys.stdin.buffer.read(8)"
    monkeypatch.setattr(
        readers,
        "start",
        lambda module: subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        ),
    )
    job = Job(str(path), "main", session_id(1), "", None, None)
    with pytest.raises(RuntimeError, match="it ended early"):
        list(readers.readings([job], 1))


def test_a_file_that_is_gone_when_it_is_read_is_told_and_what_is_odd_is_logged(tmp_path, caplog):
    job = Job(str(tmp_path / "gone.jsonl"), "main", "s", "", None, None)
    (found,) = readers.read_job(job, str)
    assert (found.piece, found.error, found.last) == (None, "No such file or directory", True)
    (tmp_path / "odd.jsonl").write_bytes(busy(1).text())

    def fails(text: str) -> str:
        raise ZeroDivisionError("in redaction")

    (odd,) = readers.read_job(replace(job, path=str(tmp_path / "odd.jsonl")), fails)
    assert odd.error == "could not be understood (ZeroDivisionError: in redaction)"
    assert "odd.jsonl" in caplog.text


@pytest.mark.parametrize(
    ("name", "called"),
    [("", "api"), (" The  API ", "The API"), ("x" * 200, "x" * 200), ("x" * 201, None),
     ("a\x07b", None)],
)  # fmt: skip
def test_a_published_project_has_a_name_of_at_most_two_hundred_characters(db, name, called):
    if called is None:
        with pytest.raises(AccreteError, match="A name has 1 to 200"):
            published.add(db, "github.com/acme/api", name, 1)
        assert published.published(db) == []
        return
    assert published.add(db, "github.com/acme/api", name, 1).name == called
    with pytest.raises(AccreteError, match="listed already, as "):
        published.add(db, "git@github.com:acme/api.git", name, 1)
    with pytest.raises(AccreteError, match="is not listed"):
        published.remove(db, "github.com/acme/other")
    assert published.remove(db, "https://github.com/acme/api").name == called
    assert published.published(db) == []


@pytest.mark.parametrize("remote", ["", "nothing", "acme/api", "github.com/a\x07/b",
                                    "github.com/acme/" + "x" * 1000])  # fmt: skip
def test_what_is_no_remote_is_not_published(db, remote):
    with pytest.raises(AccreteError, match="is not a git remote"):
        published.add(db, remote, "name", 1)


ARRAYS = [
    ([1, 2], "{1,2}"),
    ([None, None], "{NULL,NULL}"),
    ([1, None], "{1,NULL}"),
    ([1.5], "{1.5}"),
    (["a", "b"], '{"a","b"}'),
    (['a"b', "c"], '{"a\\"b","c"}'),
    (["a\\b"], '{"a\\\\b"}'),
    (["a", None, 'b"', "c\\"], '{"a",NULL,"b\\"","c\\\\"}'),
    (["", '"'], '{"","\\""}'),
]


@pytest.mark.parametrize(("values", "written"), ARRAYS)
def test_an_array_is_written_as_postgresql_reads_it(values, written):
    assert shared._array(values) == written


def test_weeks_are_added_up_alike_one_by_one_and_in_one_walk(settings, db):
    for n in range(15):
        made = Transcript(n + 1, start=START + n * 7 * 86_400_000)
        made.prompt("Plan it")
        made.call("Bash", {"command": "pytest"}, message_id=f"m{n}", use=f"u{n}")
        made.result("1 passed in 0.1s", use=f"u{n}")
        made.write(projects(settings))
    ingest(settings)
    names = [session_id(n + 1) for n in range(15)]
    found = weeks.weeks_of(db, 1, names)
    assert len(found) == 15
    assert weeks.weeks_of(db, 2, names) == weeks.weeks_of(db, 1, []) == set()
    assert weeks.weeks_of(db, 1, names[:1]) == {min(found)}
    all_rows = sorted(db.run("SELECT * FROM person_week"))
    assert {row[2] for row in all_rows} == found
    for some in (found, set(sorted(found)[:3]), set(sorted(found)[:12]), set(sorted(found)[:13])):
        db.run("UPDATE person_week SET seen = 99")
        weeks.add_up_weeks(db, 1, some)
        now = {row[2]: row for row in db.run("SELECT * FROM person_week WHERE seen <> 99")}
        assert now.keys() == some
        weeks.add_up_weeks(db, 1, None)
        assert sorted(db.run("SELECT * FROM person_week")) == all_rows


def test_rows_of_an_older_reader_are_told_from_those_of_this_one(settings):
    kept(settings, busy(1))
    for table in ("event", "prompt", "response", "tool_call", "session_context", "session",
                  "source_file"):  # fmt: skip
        assert rows(settings, f"SELECT DISTINCT reader FROM {table}") == [(READER_VERSION,)], table
