"""Every cell of the matrix against counts of its own, on both engines."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest

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
    is_new,
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
from accrete.queries.practices_of_people import (
    Member,
    PersonShare,
    first_uses,
    members,
    person_shares,
    week_sums,
)
from accrete.queries.scope import Scope
from tests.company import AT, PRACTICES, TODAY, add_person, add_week, fill, week

EVERYBODY = Scope(tuple(range(1, 13)), tier=1)


@pytest.fixture
def company(either):
    """A company of twelve on either engine."""
    return either


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


@pytest.mark.parametrize(
    ("cell", "said", "percent"),
    [
        (Cell(NEW, 9, 9), "new: joined less than four weeks ago", None),
        (Cell(PRIVATE, 9, 9), "private: nothing is shared", None),
        (Cell(NOT_POSSIBLE), "n/a: not possible in any session", None),
        (Cell(FEW, 1, 1), "few: possible in 1 session", None),
        (Cell(FEW, 1, 4), "few: possible in 4 sessions", None),
        (Cell("regular", 12, 21, "rising"), "regular, 57% of 21 sessions, rising", 57),
        (Cell("not seen", 0, 1000), "not seen, 0% of 1,000 sessions", 0),
        (Cell("tried", 3, 20, before=(5, 10)), "tried, 15% of 20 sessions; before 50% of 10", 15),
        (Cell("tried", 3, 20, before=(0, 0)), "tried, 15% of 20 sessions", 15),
        (Cell("tried", 3, 20, before=(0, 1)), "tried, 15% of 20 sessions; before 0% of 1", 15),
        (Cell("tried", 3, 20, mixed="1 2"), "tried, 15% of 20 sessions; rules of versions 1 2", 15),
        (TeamCell(12, 7, 58, 100, None), "used by 7 of 12 people, 58% of 100 sessions", 58),
        (TeamCell(0, 0, 0, 0, None), "n/a: not possible in any session", None),
        (TeamCell(0, 0, 1, 4, None), "few: possible in 4 sessions", None),
        (TeamCell(0, 0, 1, 5, None), "few each, 20% of 5 sessions", 20),
        (TeamCell(8, 1, 40, 2000, Within(8, 0.3, Interval(0.1, 0.5)), "", (20, 4000)),
         "used by 1 of 8 people, 2% of 2,000 sessions, rising; before 1% of 4,000", 2),
        (TeamCell(8, 1, 40, 80, Within(8, -0.3, Interval(-0.5, -0.1)), "", (0, 0)),
         "used by 1 of 8 people, 50% of 80 sessions, falling", 50),
        (TeamCell(8, 1, 40, 80, Within(8, 0.1, Interval(-0.5, 0.7)), "1 2"),
         "used by 1 of 8 people, 50% of 80 sessions; rules of versions 1 2", 50),
    ],
)  # fmt: skip
def test_a_cell_says_what_is_read_aloud(cell, said, percent):
    assert (cell.said, cell.percent) == (said, percent)


@pytest.mark.parametrize(
    ("start_month", "first_week", "new"),
    [
        ("", None, False),
        ("2026-11", None, True),
        ("2026-10", None, False),
        ("", "2026-10-26", True),
        ("", "2026-10-25", False),
        ("2026-09", "2026-11-16", True),
        ("2026-11", "2026-05-04", True),
        ("2026-09", "2026-05-04", False),
    ],
)
def test_a_person_is_new_for_four_weeks_by_the_later_of_two_days(start_month, first_week, new):
    member = Member(1, "A", "", start_month, False, first_week, ())
    assert is_new(member, "2026-11-22") is new


@pytest.mark.parametrize(
    ("first", "last", "middle"),
    [
        ("2026-11-02", "2026-11-02", "2026-11-02"),
        ("2026-11-02", "2026-11-09", "2026-11-09"),
        ("2026-11-02", "2026-11-16", "2026-11-09"),
        ("2026-09-07", "2026-11-23", "2026-10-19"),
    ],
)
def test_the_second_half_of_an_odd_number_of_weeks_is_the_longer_one(first, last, middle):
    assert middle_of(first, last) == middle


def weeks_of(*weeks: tuple[int, int], practice="planning", versions="1", person=1):
    """A person's weeks of a practice from 2026-09-07 on: (eligible, seen)."""
    return [
        PersonWeekRow(
            person, (date(2026, 9, 7) + timedelta(7 * n)).isoformat(), practice, eligible, seen,
            seen, 0, versions,
        )
        for n, (eligible, seen) in enumerate(weeks)
    ]  # fmt: skip


def cell_of(rows, compared=None, middle="2026-09-21", **member):
    known = {"start_month": "2025-01", "paused": False, "first_week": "2026-01-05"} | member
    there = Member(1, "A", "", known["start_month"], known["paused"], known["first_week"], ())
    found = cells([there], rows, middle=middle, today="2026-11-22", compared=compared)
    assert set(found) == {1}
    assert set(found[1]) == set(ORDER)
    return found[1]["planning"]


def test_the_halves_of_a_range_tell_its_trend():
    rising = weeks_of((10, 1), (10, 0), (10, 9), (10, 10))
    assert cell_of(rising) == Cell("regular", 20, 40, "rising")
    assert cell_of(rising[2:]) == Cell("regular", 19, 20)
    assert cell_of(weeks_of((10, 9), (10, 10), (10, 1), (10, 0))).way == "falling"
    assert cell_of(rising, middle="2026-09-07").way == ""


def test_a_compared_range_tells_it_instead_and_is_never_compared_across_versions():
    now = weeks_of((10, 5), (10, 5), (10, 5), (10, 5))
    little, other = weeks_of((20, 1), (20, 0)), weeks_of((20, 1), (20, 0), versions="2")
    assert cell_of(now, little) == Cell("regular", 20, 40, "rising", (1, 40))
    assert cell_of(now, other) == Cell("regular", 20, 40, "", (1, 40), "1 2")
    assert cell_of(now, []) == Cell("regular", 20, 40, "", (0, 0))
    mixed = weeks_of((10, 1), (10, 0), versions="9 10") + weeks_of((10, 9), (10, 10), versions="2")
    assert cell_of(mixed) == Cell("regular", 20, 40, "", None, "2 9 10")
    assert cell_of(weeks_of((4, 1)), other) == Cell(FEW, 1, 4, "", (1, 40), "1 2")
    assert cell_of(weeks_of((0, 0)), little) == Cell(NOT_POSSIBLE, before=(1, 40))
    assert cell_of(weeks_of((0, 0))) == Cell(NOT_POSSIBLE)


def test_who_shares_nothing_is_private_and_who_paused_keeps_what_is_there():
    there = weeks_of((10, 5))
    assert cell_of([], paused=True) == Cell(PRIVATE)
    assert cell_of([], first_week=None) == Cell(PRIVATE)
    assert cell_of([], first_week=None, start_month="2026-11") == Cell(PRIVATE)
    assert cell_of([]) == Cell(NOT_POSSIBLE)
    assert cell_of(there, paused=True).eligible == 10
    assert cell_of(there, first_week=None).eligible == 10
    assert cell_of(there, first_week="2026-11-16") == Cell(NEW)
    assert cell_of(weeks_of((10, 5), person=2)) == Cell(NOT_POSSIBLE)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ((2, 20), (16, 20), "rising"),
        ((16, 20), (2, 20), "falling"),
        ((8, 20), (12, 20), ""),
        ((0, 4), (20, 20), ""),
        ((0, 5), (20, 20), "rising"),
        ((20, 20), (0, 4), ""),
        ((20, 20), (0, 5), "falling"),
        ((0, 20), (24, 20), "rising"),
        ((24, 20), (0, 20), "falling"),
    ],
)
def test_a_trend_is_said_beyond_its_interval_alone(old, new, said):
    assert trend(old, new) == said


def person_share(person: int, old: tuple[int, int], new: tuple[int, int], versions="1"):
    return PersonShare(person, "planning", *old, *new, versions)


def test_the_row_of_a_team_adds_up_its_people_and_who_uses_it():
    rows = [
        person_share(1, (1, 2), (0, 2)), person_share(2, (1, 2), (0, 3)),
        person_share(3, (1, 3), (1, 5)), person_share(4, (0, 0), (2, 8)), person_share(9, (5, 5),
                                                                                        (5, 5)),
    ]  # fmt: skip
    found = team_cells(rows, {1, 2, 3, 4})["planning"]
    assert (found.people, found.using, found.seen, found.eligible) == (3, 2, 6, 25)
    assert (found.before, found.moved, found.mixed) == (None, None, "")
    found = team_cells(rows, {1, 2, 3, 4}, compared=True)["planning"]
    assert (found.people, found.using, found.seen, found.eligible) == (2, 1, 3, 18)
    assert found.before == (3, 7)
    assert set(team_cells([], set())) == set(ORDER)


def test_a_team_moves_by_the_mean_of_its_people_and_not_across_versions():
    rows = [person_share(n, (n, 10), (n + 3, 10)) for n in range(5)]
    found = team_cells(rows, set(range(5)))["planning"]
    assert found.moved is not None
    assert (found.moved.people, round(found.moved.mean, 9), found.way) == (5, 0.3, "rising")
    again = [person_share(n, (n + 13, 10), (n, 10)) for n in range(5)]
    moved = team_cells(again, set(range(5)))["planning"].moved
    assert moved is not None
    assert round(moved.mean, 9) == -0.8
    mixed = [*rows[:4], person_share(4, (0, 10), (9, 10), "2 10")]
    found = team_cells(mixed, set(range(5)))["planning"]
    assert (found.moved, found.way, found.still, found.mixed) == (None, "", False, "1 2 10")


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
    rows = [
        PersonShare(n, name, 10 + rng.randrange(2), 100, 10 + rng.randrange(2), 100, "1")
        for n in range(8)
        for name in ORDER
    ]
    row = team_cells(rows, set(range(8)))
    assert standing(row) == list(ORDER)
    assert standing(team_cells(rows[:11], {0})) == []


@pytest.mark.parametrize(("using", "people", "few"), [(0, 9, True), (4, 9, True), (4, 8, False)])
def test_a_plateau_is_of_fewer_than_half_of_the_people(using, people, few):
    moved = Within(people, 0.0, Interval(-0.01, 0.01))
    row = dict.fromkeys(ORDER, TeamCell(people, using, 80, 800, moved))
    assert (standing(row) == list(ORDER)) is few


def test_people_count_in_a_change_from_five_sessions_on_each_side_on():
    def changed(before: int, after: int) -> int | None:
        rows = [PersonShare(n, "planning", 1, before, 4, after, "1") for n in range(5)]
        moved = team_cells(rows, set(range(5)))["planning"].moved
        return moved.people if moved else None

    assert [changed(5, 5), changed(4, 5), changed(5, 4)] == [5, None, None]
    rows = [PersonShare(n, "planning", 1, n, 0, 0, "1") for n in (4, 5)]
    assert team_cells(rows, {4, 5})["planning"].people == 1


def test_cells_of_a_row_without_weeks_are_not_possible():
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
