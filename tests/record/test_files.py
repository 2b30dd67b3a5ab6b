"""Which file is which."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.record.files import Plan, Planned, _add_outdated, mark_missing
from accrete.transcript.read import Job
from tests.records import other, projects, rows
from tests.transcripts import busy, session_id


class Gone(NamedTuple):
    """What marking needs of a file."""

    id: int


def test_a_new_file_with_the_inode_of_a_deleted_one_is_another(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    renamed = path.with_name(f"{session_id(2)}.jsonl")
    path.rename(renamed)
    renamed.write_bytes(busy(2).text())
    ingest(settings)
    missing = rows(settings, "SELECT id, source_missing_at IS NOT NULL FROM session ORDER BY id")
    assert missing == [(session_id(1), 1), (session_id(2), 0)]


FILE = "SELECT path, session, layout, read_to, counts, tail_counts FROM source_file"


@pytest.mark.parametrize("name", [session_id(1), "kept"])
@pytest.mark.parametrize("tail", [b"", b"\n", b"{torn"])
def test_of_a_file_that_grew_the_same_is_known_as_of_one_read_at_once(settings, tail, name):
    """Whether it is of one session, and what it was counted to hold: also where a line is no JSON,
    and where lines of another session came later."""
    whole = busy(1).text() + b"{no json\n" + busy(2).text() + tail
    path = projects(settings) / "-home-dev-demo" / f"{name}.jsonl"
    path.parent.mkdir(parents=True)
    lines = whole.splitlines(keepends=True)
    for some in (3, 7, len(busy(1).lines) + 1, len(lines)):
        path.write_bytes(b"".join(lines[:some]))
        ingest(settings)
        of_one = name != "kept" or some < len(lines)
        assert rows(settings, "SELECT session FROM source_file") == [
            (session_id(1) if of_one else None,)
        ]
    at_once = other(settings, "at-once")
    ingest(at_once)
    assert rows(settings, FILE) == rows(at_once, FILE)
    ((counts,),) = rows(settings, "SELECT counts FROM source_file")
    assert json.loads(counts)["lines"] == len(busy(1).lines) + 1 + len(busy(2).lines)


def planned(name: str, new_bytes: int) -> Planned:
    return Planned(Job(f"/{name}.jsonl", "main", name, "", None, None), new_bytes)


@pytest.mark.parametrize(
    ("most", "read", "left"),
    [
        (None, ["c", "b", "a"], 0),
        (0, [], 3),
        (10, ["c"], 2),
        (11, ["c", "b"], 1),
        (20, ["c", "b"], 1),
        (21, ["c", "b", "a"], 0),
    ],
)
def test_of_files_that_an_older_reader_read_the_newest_come_first_up_to_a_limit(most, read, left):
    made = Plan()
    old = [(1, planned("a", 10)), (3, planned("c", 10)), (2, planned("b", 10))]
    _add_outdated(made, old, most)
    assert [each.job.session for each in made.jobs] == read
    assert (made.again, made.left) == (len(read), left)


def test_a_file_that_has_grown_and_was_read_by_an_older_reader_is_read_once_and_whole():
    made = Plan([planned("a", 1), planned("b", 2)])
    _add_outdated(made, [(1, planned("b", 30))], None)
    assert [(each.job.session, each.new_bytes) for each in made.jobs] == [("a", 1), ("b", 30)]
    assert made.again == 1


def test_a_session_is_marked_once_when_its_last_file_is_gone_and_no_other_session_is(settings):
    for n in (1, 2, 3):
        busy(n).write(projects(settings))
    ingest(settings)
    db = Sqlite(settings.database)
    first, second, third = (session_id(n) for n in (1, 2, 3))
    # The first session has two files now, the second none of its own.
    db.run("UPDATE source_file SET session = ? WHERE session = ?", (first, second))
    db.run(
        "UPDATE source_file SET session = NULL, path = 'history.jsonl' WHERE session = ?", (third,)
    )
    one, other = (
        Gone(file) for (file,) in db.run("SELECT id FROM source_file WHERE session = ?", (first,))
    )

    def marked() -> dict[str, int | None]:
        found = db.run("SELECT id, source_missing_at FROM session WHERE person = 1")
        return {session: at for session, at in found if at is not None}

    mark_missing(db, 1, [one], 10)
    assert marked() == {}
    mark_missing(db, 2, [other], 20)
    assert marked() == {}, "nobody's session is marked for another person"
    mark_missing(db, 1, [], 30)
    assert marked() == {first: 30}
    mark_missing(db, 1, [], 40)
    assert marked() == {first: 30}
    assert db.run("SELECT missing_at FROM source_file ORDER BY missing_at NULLS LAST") == [
        (10,), (20,), (None,),
    ]  # fmt: skip
    db.close()
