"""What was forgotten stays away, and keeps nothing else away."""

from __future__ import annotations

import pytest

from accrete.care.forget import What, forget
from accrete.ingest import ingest
from tests.records import projects, rows
from tests.transcripts import START, Transcript, append, busy, session_id

pytestmark = pytest.mark.usefixtures("texts_as_they_are")

NOW = START + 90 * 86_400_000


@pytest.mark.long
def test_a_new_session_without_instants_is_not_taken_for_an_old_one(settings):
    busy(1).write(projects(settings))
    ingest(settings)
    forget(settings, What(before=NOW), NOW)
    fresh = Transcript(9, start=NOW + 86_400_000)
    path = projects(settings) / "-home-dev-demo" / f"{fresh.session}.jsonl"
    append(
        path, {"type": "permission-mode", "permissionMode": "default", "sessionId": fresh.session}
    )
    ingest(settings)
    fresh.prompt("Here I am")
    append(path, *fresh.lines)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts FROM session") == [(fresh.session, 1)]


@pytest.mark.parametrize("cuts", [(20, 10), (10, 20)])
def test_of_two_forgotten_times_the_longer_stays_away(settings, cuts):
    day = 86_400_000
    for n, at in ((1, 5), (2, 15), (3, 25)):
        busy(n, start=START + (at - n) * day).write(projects(settings))
    history = settings.roots[0] / "history.jsonl"
    append(history, *({"display": f"typed {at}", "timestamp": START + at * day, "project": "/p",
                       "sessionId": session_id(40 + at)} for at in (5, 15, 25)))  # fmt: skip
    ingest(settings)
    for cut in cuts:
        forget(settings, What(before=START + cut * day), NOW)
    again = sorted(projects(settings).rglob("*.jsonl")) + [history]
    for path in again:
        path.write_bytes(path.read_bytes() + b"\n")
    busy(4, start=START + 12 * day).write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(session_id(3),)]
    assert rows(settings, "SELECT text FROM typed_history") == [("typed 25",)]


def test_a_session_keeps_what_it_did_in_a_folder_of_a_forgotten_project(settings):
    busy(1).write(projects(settings))
    other = Transcript(2, cwd="/home/dev/secret")
    other.prompt("secret work")
    other.write(projects(settings))
    ingest(settings)
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{session_id(2)}'")[0]
    forget(settings, What(project=project), NOW)
    t = busy(1)
    moved = Transcript(1, start=NOW, cwd="/home/dev/secret")
    moved.prompt("a word in the other folder", uuid="moved-1")
    append(projects(settings) / "-home-dev-demo" / f"{t.session}.jsonl", *moved.lines)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts FROM session") == [(session_id(1), 5)]


def test_a_session_of_a_forgotten_project_does_not_come_back_by_its_bookkeeping(settings):
    first = Transcript(1, cwd="/home/dev/secret")
    first.prompt("secret work")
    first.write(projects(settings))
    ingest(settings)
    (project,) = rows(settings, "SELECT project FROM session")[0]
    forget(settings, What(project=project), NOW)
    later = Transcript(3, cwd="/home/dev/secret")
    later.prompt("more of it")
    path = later.write(projects(settings))
    ingest(settings)
    append(
        path,
        {"type": "ai-title", "aiTitle": "TOPSECRET", "sessionId": later.session},
        {
            "type": "queue-operation",
            "operation": "enqueue",
            "content": "TOPSECRET",
            "sessionId": later.session,
        },
    )
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == []
    assert b"TOPSECRET" not in settings.database.read_bytes()


def test_forgetting_all_takes_what_belongs_to_no_session_and_keeps_it_away(settings):
    busy(1).write(projects(settings))
    folder = projects(settings) / "-home-dev-demo"
    append(
        folder / f"{session_id(8)}.jsonl",
        {"type": "summary", "summary": "MARKER one", "leafUuid": "nowhere"},
    )
    append(folder / "notes.jsonl", {"type": "something-new", "uuid": "n1", "text": "MARKER two"})
    agents = folder / session_id(1) / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-abc.jsonl").write_text("")
    (agents / "agent-abc.meta.json").write_text('{"description": "MARKER three"}')
    ingest(settings)
    assert b"MARKER" in settings.database.read_bytes()
    for _ in range(2):
        forget(settings, What(everything=True), NOW)
        assert b"MARKER" not in b"".join(
            path.read_bytes() for path in settings.home.rglob("*") if path.is_file()
        )
        ingest(settings)
        assert rows(settings, "SELECT COUNT(*) FROM event") == [(0,)]


def test_the_path_of_a_transcript_of_several_forgotten_sessions_goes_when_it_is_read(settings):
    one, other = busy(1), busy(2)
    folder = projects(settings) / "-home-dev-hush"
    folder.mkdir(parents=True)
    append(folder / "both.jsonl", *one.lines, *other.lines)
    busy(3).write(projects(settings))
    ingest(settings)
    forget(settings, What(sessions=(one.session, other.session)), NOW)
    append(folder / "both.jsonl", *one.lines[:1])
    ingest(settings)
    assert rows(settings, "SELECT id FROM session") == [(session_id(3),)]
    assert rows(settings, "SELECT path FROM source_file WHERE path LIKE '%hush%'") == []


def test_the_path_of_a_forgotten_transcript_is_not_stored_again(settings):
    t = Transcript(1, cwd="/home/dev/hush")
    t.prompt("secret work")
    t.write(projects(settings), slug="-home-dev-hush")
    busy(2).write(projects(settings))
    ingest(settings)
    assert b"-home-dev-hush" in settings.database.read_bytes()
    forget(settings, What(sessions=(t.session,)), NOW)
    for _ in range(2):
        report = ingest(settings)
        assert b"-home-dev-hush" not in settings.database.read_bytes()
        assert rows(settings, "SELECT id FROM session") == [(session_id(2),)]
    assert report.lines_parsed == 0


def test_what_a_forgotten_session_shares_with_another_in_one_file_stays_with_that_one(settings):
    t = Transcript(1)
    t.prompt("go")
    t.call("Bash", {"command": "ls"}, use="toolu_1")
    t.result("done", use="toolu_1")
    t.write(projects(settings))
    ingest(settings)
    forget(settings, What(sessions=(t.session,)), NOW)
    copies = [{**line, "sessionId": session_id(2)} for line in t.lines]
    append(projects(settings) / "-home-dev-demo" / "both.jsonl", *t.lines, *copies)
    ingest(settings)
    assert rows(settings, "SELECT id, prompts, responses_own, tool_calls FROM session") == [
        (session_id(2), 1, 1, 1)
    ]
