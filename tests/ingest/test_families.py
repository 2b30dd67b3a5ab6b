"""Which new sessions begin with the same records, so that one process reads them."""

from __future__ import annotations

from accrete.ingest.families import LOOKED_AT, families, first_uuids
from accrete.ingest.parts import groups_of
from accrete.ingest.pipeline import open_for_writing
from accrete.record import files as sources
from accrete.transcript.discover import discover
from tests.records import projects
from tests.transcripts import Transcript, busy, fork


def of(beginnings: dict[str, str]) -> list[list[str]]:
    """The families of sessions (one letter for each uuid at its beginning)."""
    return families(
        {session: (session,) for session in beginnings},
        lambda path: {letter.encode() for letter in beginnings[path]},
    )


def test_sessions_that_begin_alike_are_together_directly_or_through_others():
    assert of({"one": "ab", "two": "cd", "three": "bx", "four": "xd"}) == [
        ["one", "three", "two", "four"]
    ]
    assert of({"one": "ab", "two": "c", "three": "b", "four": ""}) == [
        ["one", "three"], ["two"], ["four"],
    ]  # fmt: skip
    assert families({"one": (), "two": ()}) == [["one"], ["two"]]


def test_uuids_of_records_count_and_not_what_texts_or_later_lines_say(tmp_path):
    one = Transcript(1)
    one.prompt('a record has a member "uuid":"0000" as this')
    one.answer("msg_1")
    one.prompt("x" * LOOKED_AT)
    one.prompt("too late")
    path = one.write(tmp_path)
    expected = {line["uuid"].encode() for line in one.lines[:3]}
    assert len(expected) == 3
    assert first_uuids(str(path)) == expected
    assert first_uuids(str(tmp_path / "nowhere")) == set()


def test_forks_are_read_with_their_origin_and_the_largest_family_first(settings):
    made = [busy(1), busy(2, turns=9), busy(3), fork(busy(3), 4, upto=8), fork(busy(1), 5, upto=4)]
    for each in made:
        each.write(projects(settings))
    db = open_for_writing(settings)
    try:
        search = discover(settings.roots, ())
        work = sources.plan(db, settings.person, search, {}, None)
        groups = groups_of(db, settings.person, work.jobs)
    finally:
        db.close()
    names = [{job.session for job in group.jobs} for group in groups]
    family = [{made[0].session, made[4].session}, {made[2].session, made[3].session}]
    assert sorted(map(sorted, names)) == sorted(map(sorted, [*family, {made[1].session}]))
    sizes = [group.new_bytes for group in groups]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == sum(path.stat().st_size for path in projects(settings).rglob("*.jsonl"))
