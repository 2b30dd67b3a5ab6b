"""Every cell of the matrix against counts of its own, on both engines."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import pytest

from accrete.database import Postgres, Sqlite
from accrete.insight.chance import Interval
from accrete.insight.matrix import (
    FEW,
    NEW,
    NOT_POSSIBLE,
    ORDER,
    PRIVATE,
    Cell,
    TeamCell,
    cells,
    middle_of,
    share,
    shares_of,
    spreading,
    standing,
    team_cells,
    trend,
)
from accrete.insight.within import Within
from accrete.practices import all_practices
from accrete.queries.practices import PersonWeekRow, person_weeks
from accrete.queries.practices_of_people import first_uses, members, person_shares, week_sums
from accrete.queries.scope import Scope
from tests.company import AT, PRACTICES, TODAY, add_person, add_week, fill, week

EVERYBODY = Scope(tuple(range(1, 13)), tier=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def company(request, tmp_path):
    """A company of twelve on either engine."""
    db = (
        Sqlite(tmp_path / "company.db")
        if request.param == "sqlite"
        else Postgres(request.getfixturevalue("postgres_url"))
    )
    db.migrate()
    yield db
    db.close()


def counted(db, first, last):
    """The cells by plain counting: nothing of the program but the rows."""
    rows = db.run(
        "SELECT person, week, practice, eligible, seen, marked, versions FROM person_week"
    )
    by_cell = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, set()]))
    for person, monday, practice, eligible, seen, marked, versions in rows:
        if first <= monday <= last:
            held = by_cell[person, practice][monday]
            held[0] += eligible
            held[1] += seen
            held[2] += marked
            held[3].add(versions)
    return by_cell


def word_of(weeks) -> str:
    """The habit as docs/practices.md says it."""
    eligible = sum(each[0] for each in weeks.values())
    seen = sum(each[1] for each in weeks.values())
    if eligible == 0:
        return NOT_POSSIBLE
    if eligible < 5:
        return FEW
    if seen == 0:
        return "not seen"
    last = [weeks[each] for each in sorted(weeks) if weeks[each][0]][-8:]
    if sum(each[1] * 4 >= each[0] for each in last) * 2 < len(last):
        return "tried"
    marked = [each[2] for each in weeks.values()]
    return "fluent" if sum(marked) * 2 >= seen and sum(m > 0 for m in marked) >= 4 else "regular"


@pytest.mark.long
@pytest.mark.parametrize(("back", "until"), [(11, 0), (51, 0), (3, 2), (29, 7)])
def test_every_cell_is_what_a_count_of_its_own_says(company, back, until):
    fill(company)
    first, last = week(back), week(until)
    scope = replace(EVERYBODY, since=first, until=last)
    people = company.ask(members(replace(scope, since=None, until=None), AT))
    found = cells(
        people, company.ask(person_weeks(scope)), middle=middle_of(first, last),
        today=TODAY.isoformat(),
    )  # fmt: skip
    own = counted(company, first, last)
    checked = 0
    for member in people:
        for practice in PRACTICES:
            cell, weeks = found[member.person][practice], own[member.person, practice]
            if member.person in (4, 5):
                assert cell.word == {4: PRIVATE, 5: NEW}[member.person]
                continue
            assert cell.word == word_of(weeks), (member.name, practice)
            assert cell.eligible == sum(each[0] for each in weeks.values())
            assert cell.seen == sum(each[1] for each in weeks.values())
            versions = set().union(*(each[3] for each in weeks.values())) if weeks else set()
            if len(versions) > 1:
                assert cell.mixed == "1 2"
                assert not cell.way
            checked += 1
    assert checked == 10 * 11
    words = {cell.word for row in found.values() for cell in row.values()}
    assert {PRIVATE, NEW, NOT_POSSIBLE} <= words


@pytest.mark.long
@pytest.mark.parametrize(("back", "until"), [(11, 0), (51, 0)])
def test_the_row_of_the_team_is_what_a_count_of_its_own_says(company, back, until):
    fill(company)
    first, last = week(back), week(until)
    middle = middle_of(first, last)
    scope = replace(EVERYBODY, since=first, until=last)
    row = team_cells(company.ask(person_shares(scope, middle)), set(scope.people) - {5})
    own = counted(company, first, last)
    for practice in PRACTICES:
        sums = {}
        for person in set(scope.people) - {5}:
            weeks = own[person, practice].values()
            sums[person] = sum(each[0] for each in weeks), sum(each[1] for each in weeks)
        cell = row[practice]
        assert cell.eligible == sum(each[0] for each in sums.values())
        assert cell.seen == sum(each[1] for each in sums.values())
        assert cell.people == sum(each[0] >= 5 for each in sums.values())
        assert cell.using == sum(e >= 5 and 4 * s >= e for e, s in sums.values())
    assert row["skills"].mixed == "1 2"
    assert row["skills"].moved is None
    again = shares_of(company.ask(person_weeks(scope)), middle)
    assert set(again) == set(company.ask(person_shares(scope, middle)))
    if back == 11:
        assert "review" in spreading(row)


def test_a_team_is_compared_with_the_range_before(company):
    fill(company)
    scope = replace(EVERYBODY, since=week(7), until=week(0))
    row = team_cells(company.ask(person_shares(scope, week(3))), scope.people, compared=True)
    now, before = counted(company, week(3), week(0)), counted(company, week(7), week(4))
    for practice in PRACTICES:
        for own, (seen, eligible) in (
            (now, (row[practice].seen, row[practice].eligible)),
            (before, row[practice].before),
        ):
            weeks = [each for person in scope.people for each in own[person, practice].values()]
            assert (sum(each[1] for each in weeks), sum(each[0] for each in weeks)) == (
                seen, eligible,
            )  # fmt: skip


def test_weeks_of_a_team_and_first_uses_are_what_a_count_of_its_own_says(company):
    fill(company)
    own = counted(company, "2000-01-01", "2099-01-01")
    for each in company.ask(week_sums(EVERYBODY)):
        weeks = [own[person, each.practice].get(each.week, [0, 0]) for person in EVERYBODY.people]
        assert each[2:] == (
            sum(w[0] > 0 for w in weeks), sum(w[1] > 0 for w in weeks),
            sum(w[0] for w in weeks), sum(w[1] for w in weeks),
        )  # fmt: skip
    first = company.ask(first_uses(EVERYBODY, "planning"))
    assert first == {
        person: min(monday for monday, w in own[person, "planning"].items() if w[1])
        for person in EVERYBODY.people
        if any(w[1] for w in own[person, "planning"].values())
    }


def test_people_come_by_name_with_their_teams_of_the_moment(company):
    with company.transaction():
        add_person(company, 1, "zoe", team="b")
        add_person(company, 2, "Åke", team="a")
        add_person(company, 3, "anna", team="a")
        company.run("UPDATE account SET left_at = 5 WHERE person = 2")
        company.run("INSERT INTO team_place (person, team, role, since, made_at) "
                    "VALUES (3, 'b', 'member', 100, 1), (1, 'a', 'lead', 1, 1)")  # fmt: skip
    scope = Scope((1, 2, 3), tier=1)
    found = company.ask(members(scope, 50))
    assert [(each.name, each.teams) for each in found] == [
        ("anna", (("a", "A"),)), ("zoe", (("b", "B"),)),
    ]  # fmt: skip
    assert company.ask(members(scope, 200))[0].teams == (("a", "A"), ("b", "B"))
    assert all(each.first_week is None for each in found)


def test_the_columns_are_all_practices_in_the_order_of_work():
    assert set(ORDER) == {practice.name for practice in all_practices()}
    assert ORDER == PRACTICES


def test_a_share_is_never_rounded_to_all_or_nothing():
    assert (share(1, 1000), share(999, 1000), share(0, 5), share(5, 5), share(0, 0)) == (
        1, 99, 0, 100, 0,
    )  # fmt: skip


def test_a_cell_says_what_is_read_aloud():
    assert Cell("regular", 12, 21, "rising").said == "regular, 57% of 21 sessions, rising"
    assert Cell(FEW, 1, 1).said == "few: possible in 1 session"
    assert Cell("tried", 3, 20, before=(5, 10)).said == (
        "tried, 15% of 20 sessions; before 50% of 10"
    )
    assert Cell("tried", 3, 20, mixed="1 2").said.endswith("; rules of versions 1 2")
    assert TeamCell(12, 7, 58, 100, None).said == "used by 7 of 12 people, 58% of 100 sessions"
    assert Cell(NOT_POSSIBLE).percent is None


def test_a_trend_is_said_beyond_its_interval_alone():
    assert trend((2, 20), (16, 20)) == "rising"
    assert trend((16, 20), (2, 20)) == "falling"
    assert trend((8, 20), (12, 20)) == ""
    assert trend((0, 4), (20, 20)) == ""


def test_a_trend_is_of_the_compared_range_where_there_is_one(company):
    with company.transaction():
        add_person(company, 1, "Amara Nwosu")
        for back in range(8):
            add_week(company, 1, week(back), "planning", 10, 8 if back < 4 else 1)
    now = replace(Scope((1,), tier=1), since=week(3), until=week(0))
    before = replace(now, since=week(7), until=week(4))
    people = company.ask(members(Scope((1,), tier=1), AT))
    arguments = {"middle": middle_of(week(3), week(0)), "today": TODAY.isoformat()}
    weeks = company.ask(person_weeks(now))
    alone = cells(people, weeks, **arguments)[1]["planning"]
    both = cells(people, weeks, compared=company.ask(person_weeks(before)), **arguments)[1]
    assert (alone.way, alone.before) == ("", None)
    assert (both["planning"].way, both["planning"].before) == ("rising", (4, 40))


def test_a_plateau_is_a_practice_of_few_that_surely_did_not_change():
    rng = random.Random(2)
    from accrete.queries.practices_of_people import PersonShare

    rows = [
        PersonShare(n, name, 10 + rng.randrange(2), 100, 10 + rng.randrange(2), 100, "1")
        for n in range(8)
        for name in ORDER
    ]
    row = team_cells(rows, set(range(8)))
    assert standing(row) == list(ORDER)
    assert standing(team_cells(rows[:11], {0})) == []


def test_people_count_in_a_change_from_five_sessions_on_each_side_on():
    from accrete.queries.practices_of_people import PersonShare

    def changed(before: int, after: int) -> int | None:
        rows = [PersonShare(n, "planning", 1, before, 4, after, "1") for n in range(5)]
        moved = team_cells(rows, set(range(5)))["planning"].moved
        return moved.people if moved else None

    assert [changed(5, 5), changed(4, 5), changed(5, 4)] == [5, None, None]
    rows = [PersonShare(n, "planning", 1, n, 0, 0, "1") for n in (4, 5)]
    assert team_cells(rows, {4, 5})["planning"].people == 1


def test_cells_of_a_row_without_weeks_are_not_possible():
    from accrete.queries.practices_of_people import Member

    there = Member(1, "A", "", "2025-01", False, "2026-01-05", ())
    found = cells([there], list[PersonWeekRow](), middle=week(5), today=TODAY.isoformat())
    assert {cell.word for cell in found[1].values()} == {NOT_POSSIBLE}


@pytest.mark.parametrize(
    ("low", "high", "still"),
    [(-0.09, 0.09, True), (-0.11, 0.02, False), (-0.02, 0.11, False), (0.02, 0.09, True)],
)
def test_a_team_stands_still_where_it_surely_changed_by_less_than_ten_points(low, high, still):
    moved = Within(8, (low + high) / 2, Interval(low, high))
    assert TeamCell(8, 1, 80, 800, moved).still is still
    assert not TeamCell(8, 1, 80, 800, None).still
