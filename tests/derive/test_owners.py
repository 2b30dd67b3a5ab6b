"""Owners of what resumes, branches and forks copied: by the rule, in any order, at the cost of what
changes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.care.maintain import rebuild
from accrete.database import Postgres, Sqlite
from accrete.database.opening import open_for_reading
from accrete.derive.appends import forget_settled
from accrete.derive.clusters import sharing
from accrete.derive.refresh import refresh
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.contents import contents
from tests.fuzz import TORTURE, examples, seeded
from tests.lineages import Family, Files, chain, copy_of, star, talk, tree, write
from tests.owners import at, check_by_the_rule, derived_by
from tests.people import fill
from tests.records import kept, other, projects, record, rows
from tests.transcripts import Transcript, fork

EXAMPLES = examples(12)


def steps(files: Files, random: Random) -> Iterable[dict[Path, int]]:
    """The files growing line by line or in strides, in any order, to their end."""
    upto = dict.fromkeys(files, 0)
    while left := [path for path in files if upto[path] < len(files[path])]:
        for path in random.sample(left, random.randint(1, len(left))):
            upto[path] += random.choice((1, 2, len(files[path])))
        yield upto


@pytest.mark.slow
@hypothesis_settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_owners_follow_the_rule_whatever_was_copied_and_in_whatever_steps_it_is_read(
    tmp_path_factory, seed
):
    random, base = Random(seed), tmp_path_factory.mktemp("family")
    files = Family(random).files()
    stepwise, whole = at(base, "steps"), at(base, "whole")
    for upto in steps(files, random):
        write(files, projects(stepwise), upto)
        ingest(stepwise, jobs=0)
    write(files, projects(whole))
    ingest(whole, jobs=0)
    check_by_the_rule(whole)
    assert record(stepwise) == record(whole)
    rebuild(stepwise)
    assert record(stepwise) == record(whole)


def tried(settings: Settings, before: Files, after: Files) -> tuple[dict, dict]:
    """The record after these files were read one after the other, and that of the last ones
    alone."""
    for files in (before, after):
        write(files, projects(settings))
        ingest(settings)
    fresh = other(settings, "fresh")
    ingest(fresh)
    return record(settings), record(fresh)


def files_of(*made: Transcript) -> Files:
    return {Path("-home-dev-demo", f"{t.session}.jsonl"): list(t.lines) for t in made}


def owner_of(settings: Settings, message_id: str) -> str:
    return rows(settings, f"SELECT session FROM response WHERE message_id LIKE '{message_id}#%'")[
        0
    ][0]


@pytest.mark.long
def test_the_first_line_of_its_own_may_cost_a_session_what_it_owns(settings):
    first, second = chain(2, 6)
    before = files_of(first, second)
    first.now += 3_600_000
    first.prompt("Goes on in the original, after the copy did")
    stepwise, fresh = tried(settings, before, files_of(first, second))
    assert stepwise == fresh
    assert owner_of(settings, "msg_1_1") == second.session


@pytest.mark.long
def test_a_line_that_becomes_shared_may_change_the_owner_of_all_that_was(settings):
    origin = Transcript(2)
    talk(origin, 6, "2")
    copy, another = copy_of(origin, 1), copy_of(origin, 3)
    talk(origin, 2, "2b")
    talk(copy, 1, "1")
    talk(another, 1, "3")
    before = files_of(origin, copy, another)
    another.lines += [{**line, "sessionId": another.session} for line in origin.lines[6:]]
    stepwise, fresh = tried(settings, before, files_of(origin, copy, another))
    assert stepwise == fresh
    assert owner_of(settings, "msg_2_1") == origin.session


def test_a_copy_that_names_its_origin_gives_it_what_both_hold(settings):
    origin, copy = Transcript(2), Transcript(1)
    talk(origin, 6, "2")
    talk(origin, 1, "own")
    copy.lines = [{**line, "sessionId": copy.session} for line in origin.lines[:4]]
    before = files_of(origin, copy)
    fork = {"sessionId": origin.session, "messageUuid": origin.lines[5]["uuid"]}
    copy.lines += [
        {**line, "sessionId": copy.session, "forkedFrom": fork} for line in origin.lines[4:6]
    ]
    stepwise, fresh = tried(settings, before, files_of(origin, copy))
    assert stepwise == fresh
    assert owner_of(settings, "msg_2_1") == copy.session
    assert owner_of(settings, "msg_2_5") == origin.session
    prompts = "SELECT session FROM prompt WHERE uuid = '{}' AND replayed = 0"
    unnamed = prompts.format(origin.lines[0]["uuid"])
    assert rows(settings, unnamed) == [(copy.session,)]
    check_by_the_rule(settings)


@pytest.mark.long
def test_a_result_that_only_a_copy_has_is_seen_where_its_call_is_owned(settings):
    origin = Transcript(1)
    origin.prompt("Run it")
    origin.call("Bash", {"command": "pytest -q"}, message_id="m", use="u")
    copy = copy_of(origin, 2, named=True)
    before = files_of(origin, copy)
    copy.result("3 passed", use="u")
    stepwise, fresh = tried(settings, before, files_of(origin, copy))
    assert stepwise == fresh
    assert rows(settings, "SELECT session, verdict FROM check_run") == [(origin.session, "passed")]


def test_a_larger_usage_that_only_a_copy_has_is_seen_where_the_response_is_owned(settings):
    origin = Transcript(1)
    origin.prompt("Answer")
    origin.answer("m")
    copy = copy_of(origin, 2, named=True)
    before = files_of(origin, copy)
    copy.answer("m", usage={"output_tokens": 900})
    stepwise, fresh = tried(settings, before, files_of(origin, copy))
    assert stepwise == fresh


SHAPES = [
    pytest.param(shape, named, id=f"{shape.__name__}{' that names its origins' if named else ''}")
    for shape in (chain, star, tree)
    for named in (False, True)
]


@pytest.mark.long
@pytest.mark.parametrize(("shape", "named"), SHAPES)
def test_one_more_line_of_the_newest_copy_works_out_that_session_alone(settings, shape, named):
    made = list(shape(8, 6, named=named))
    kept(settings, *made)
    made[-1].prompt("One more")
    assert derived_by(settings, made[-1]) == {made[-1].session}
    fresh = other(settings, "fresh")
    ingest(fresh)
    made[-1].prompt("And one more")
    assert derived_by(settings, made[-1]) == {made[-1].session}


@pytest.mark.long
def test_one_more_line_in_the_middle_of_a_chain_works_out_that_session_alone(settings):
    made = [Transcript(9)]
    for n in range(
        8, 1, -1
    ):  # of the copies that have no line of their own the last one has the smallest id
        talk(made[-1], 6, str(n))
        made.append(copy_of(made[-1], n))
    talk(made[-1], 6, "1")
    kept(settings, *made)
    made[4].now = made[-1].now
    made[4].prompt("One more, where nothing was its own before")
    assert derived_by(settings, made[4]) == {made[4].session}
    rebuild(settings)
    made[4].prompt("And one more")
    assert derived_by(settings, made[4]) == {made[4].session}


def steps_of(settings: Settings, made: list[Transcript], name: str) -> tuple[int, int]:
    """Steps of SQLite's machine that working out everything takes, and those after one more line of
    the newest."""
    there = at(settings.home.parent, name)
    kept(there, *made)
    db = Sqlite(there.database)
    steps = [0, 0]

    def counts(which: int) -> None:
        def count() -> int:
            steps[which] += 1
            return 0

        db.connection.set_progress_handler(count, 100)

    db.run("UPDATE session SET stale = 1")
    forget_settled(db, 1)
    counts(0)
    refresh(db, 1, there)
    db.run("UPDATE session SET stale = 1 WHERE id = ?", (made[-1].session,))
    counts(1)
    refresh(db, 1, there)
    db.close()
    return steps[0], steps[1]


@pytest.mark.slow
@pytest.mark.grid
@pytest.mark.parametrize(("shape", "named"), SHAPES if TORTURE else SHAPES[1:3])
def test_work_grows_with_the_copies_and_no_faster(settings, shape, named):
    few, many = list(shape(8, 12, named=named)), list(shape(32, 12, named=named))
    lines = [sum(len(t.lines) for t in made) for made in (few, many)]
    work = [steps_of(settings, made, str(len(made)))[0] for made in (few, many)]
    assert work[1] / lines[1] < 1.3 * work[0] / lines[0]


@pytest.mark.slow
@pytest.mark.parametrize("named", [False, True])
def test_one_more_line_costs_its_session_and_not_its_relatives(settings, named):
    strangers = [Transcript(1000 + n) for n in range(24)]
    for n, t in enumerate(strangers):
        talk(t, 30, f"stranger_{n}")
    few, many = [*strangers, *star(8, 30, named=named)], list(star(32, 30, named=named))
    work = [steps_of(settings, made, name)[1] for made, name in ((few, "few"), (many, "many"))]
    assert work[1] < 1.2 * work[0]


@pytest.mark.slow
@seeded(3)
def test_both_engines_have_the_same_owners(settings, postgres_url, seed):
    random = Random(seed)
    files = Family(random).files()
    sqlite, postgres = Sqlite(settings.home / "one.db"), Postgres(postgres_url)
    for db in (sqlite, postgres):
        db.migrate()
    for upto in steps(files, random):
        write(files, projects(settings), upto)
        for db in (sqlite, postgres):
            fill(db, settings)
    mine, theirs = contents(sqlite), contents(postgres)
    for table in mine:
        assert sorted(map(repr, mine[table])) == sorted(map(repr, theirs[table])), table
    sqlite.close()
    postgres.close()


def test_only_sessions_with_copies_are_looked_at_together(settings):
    origin, alone = talked(1), talked(2)
    copy = fork(origin, 3, upto=len(origin.lines))
    kept(settings, origin, alone, copy)
    db = open_for_reading(settings.database)
    try:
        every = [each.session for each in (origin, alone, copy)]
        assert sharing(db, 1, every) == {origin.session, copy.session}
    finally:
        db.close()


def talked(n: int) -> Transcript:
    """A session with a prompt and its answer."""
    made = Transcript(n)
    made.prompt("Fix the login page")
    made.answer(f"msg_{n}")
    return made
