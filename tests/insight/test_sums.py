"""The rule of five, against an attacker who combines every shown sum with every other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.insight.sums import FEWEST, Sums, _told

Place = tuple[int, int, int]
"""(week, project, model)"""


def rank(rows: Sequence[Sequence[int]]) -> int:
    """The rank of a matrix, exactly."""
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in range(found, len(left)) if left[row][column]), None)
        if pivot is None:
            continue
        left[found], left[pivot] = left[pivot], left[found]
        for row in range(found + 1, len(left)):
            if left[row][column]:
                by = left[row][column] / left[found][column]
                left[row] = [a - by * b for a, b in zip(left[row], left[found], strict=True)]
        found += 1
    return found


def isolated(people: dict[Place, set[int]], sums: Sequence[frozenset[Place]], most: int):
    """`most` people of whom some combination of the sums tells something, whatever everybody else
    did; None if there are none. Values are of a person in a place. Fewer people are found, too:
    whatever isolates some of them isolates all."""
    facts = [(person, place) for place, found in people.items() for person in sorted(found)]
    matrix = [[int(place in row) for _, place in facts] for row in sums]
    whole = rank(matrix)
    everybody = sorted({person for person, _ in facts})
    for few in combinations(everybody, min(most, len(everybody))):
        others = [at for at, (person, _) in enumerate(facts) if person not in few]
        if rank([[row[at] for at in others] for row in matrix]) < whole:
            return few
    return None


def published(people: dict[Place, set[int]], fewest: int = FEWEST) -> list[frozenset[Place]]:
    """The sums of a page: all, by week, by project, by model, by project of each week."""
    sums = Sums(people, fewest)
    shown: list[frozenset[Place]] = []
    for key in (lambda p: p[0], lambda p: p[1], lambda p: p[2], lambda p: p[:2]):
        made = sums.split(people, key)
        if made.withheld:
            continue
        shown += [frozenset(people), *made.shown.values()]
        shown += [made.rest] if made.rest else []
    return shown


worlds = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)),
    st.sets(st.integers(1, 7), max_size=7),
    max_size=10,
)


@pytest.mark.long
@given(worlds)
@settings(max_examples=100, deadline=None)
def test_no_combination_of_shown_sums_is_about_fewer_than_five_people(people):
    shown = published({place: found for place, found in people.items() if found})
    assert isolated(people, shown, FEWEST - 1) is None


@pytest.mark.long
@given(worlds)
@settings(max_examples=100, deadline=None)
def test_every_shown_sum_and_rest_has_five_people(people):
    for row in published({place: found for place, found in people.items() if found}):
        found = {person for place in row for person in people[place]}
        assert not found or len(found) >= FEWEST


def test_the_attack_finds_someone_where_the_rule_is_off():
    people = {(0, 0, 0): {1, 2, 3, 4, 5}, (0, 1, 0): {1, 2, 3, 4, 5, 6}, (1, 0, 0): {7}}
    assert isolated(people, published(people, fewest=1), 1) == (7,)
    assert isolated(people, published(people), 4) is None


def test_what_a_filter_leaves_out_is_nobody_or_at_least_five():
    few = {("a",): {1, 2, 3, 4, 5, 6}, ("b",): {7, 8}}
    made = Sums(few).split(few, lambda place: place[0])
    assert made.shown == {}
    assert made.rest == set(few)
    many = {("a",): {1, 2, 3, 4, 5, 6}, ("b",): {7, 8}, ("c",): {9, 1, 2}}
    made = Sums(many).split(many, lambda place: place[0])
    assert set(made.shown) == {"a"}
    assert made.keys == ("b", "c")


def test_a_key_that_is_not_wanted_is_of_the_rest_however_many_it_has():
    many = {("a",): {1, 2, 3, 4, 5, 6}, ("b",): {7, 8, 9, 10, 11}, ("c",): {12, 13, 14, 15, 16}}
    made = Sums(many).split(many, lambda place: place[0], lambda key: key != "a")
    assert made.shown == {"b": {("b",)}, "c": {("c",)}}
    assert (made.keys, made.rest, made.withheld) == (("a",), {("a",)}, False)


def test_a_sum_nested_in_another_but_for_few_is_refused():
    """A week's people, and a project that has all of that week and one person more."""
    people = {("w1", "x"): {1, 2, 3, 4, 5}, ("w2", "x"): {6}, ("w2", "y"): {7, 8, 9, 10, 11}}
    sums = Sums(people)
    assert sums.admit([place for place in people if place[0] == "w1"])
    assert not sums.admit([place for place in people if place[1] == "x"])


def test_what_the_shown_sums_already_tell_is_shown():
    people = {(w,): {1, 2, 3, 4, 5 + w} for w in range(4)}
    sums = Sums(people)
    assert all(sums.admit([place]) for place in people)
    assert sums.admit(people)
    few = {**people, ("more",): {1}}
    sums = Sums(few)
    assert all(sums.admit([place]) for place in people)
    assert sums.admit(people)
    assert not sums.admit(few)


def test_a_sum_is_told_by_others_where_it_is_a_combination_of_them_and_nowhere_else():
    rng, told = random.Random(1), 0
    for _ in range(600):
        last = rng.randint(1, 6)
        marks = {rng.randrange(1, 2 << last) for _ in range(rng.randint(1, 7))}
        if rng.random() < 0.5:  # the last one is the sum of some that have no place in common
            marks = {mark & ~(1 << last) for mark in marks}
            marks = {mark | (mark & 1) << last for mark in marks} - {0}
        matrix = [[mark >> at & 1 for mark in sorted(marks)] for at in range(last + 1)]
        told += (expected := rank(matrix[:last]) == rank(matrix))
        assert _told(marks, last) == expected, (marks, last)
    assert 200 < told < 500


def test_a_whole_of_four_people_is_withheld():
    people = {("a",): {1, 2, 3, 4}}
    made = Sums(people).split(people, lambda place: place[0])
    assert made.withheld
    assert Sums(people).admit([])


@pytest.mark.parametrize("n", [40, 1000])
def test_a_company_keeps_its_useful_sums(n):
    """People on several projects: the rule takes nothing where every project is busy."""
    people = {
        (week, project): {person for person in range(n) if (person + week) % 8 == project}
        for week in range(4)
        for project in range(8)
    }
    sums = Sums(people)
    for week in range(4):
        assert sums.admit([place for place in people if place[0] == week])
    made = sums.split(people, lambda place: place[1])
    assert len(made.shown) + len(made.keys) == 8
    assert len(made.keys) <= 1  # the last one is what is left of the whole
