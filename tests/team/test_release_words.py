"""Attacks on what releases say, by enumeration: what follows of single people for somebody who
knows their own value, those of colleagues, who is in which group, and what was said for a year."""

from __future__ import annotations

import os
import random
from functools import cache
from itertools import combinations, product
from pathlib import Path

import pytest
from accrete_team.release_rules import (
    COMPANY,
    MOST,
    REST,
    WORDS,
    YEAR,
    Cuts,
    cuts,
    known_by,
    plan,
)
from accrete_team.release_words import (
    Earlier,
    Past,
    Said,
    beside,
    earlier,
    possible,
    singles_out,
    steady,
)

pytestmark = [pytest.mark.long, pytest.mark.grid]

ROOT = Path(__file__).resolve().parents[2]

HEAVY = bool(os.environ.get("ACCRETE_TORTURE"))


# -- one word


def literally_told(people: int, made: Cuts, known: int) -> bool:
    """Whether a word tells somebody's value to one who knows `known` values: by looking at every
    world there can be, person by person."""
    always: dict[tuple[int, str], tuple[int, int]] = {}
    for world in range(1 << people):
        seen = (world & ((1 << known) - 1), made.word(world.bit_count()))
        ones, noughts = always.get(seen, (-1, -1))
        always[seen] = (ones & world, noughts & ~world)
    unknown = ((1 << people) - 1) & ~((1 << known) - 1)
    return any((ones | noughts) & unknown for ones, noughts in always.values())


@pytest.mark.parametrize("people", range(8, 13))
def test_a_word_tells_nothing_to_who_knows_k_others_and_something_to_who_knows_one_more(people):
    made, k = cuts(people), known_by(people)
    assert not any(literally_told(people, made, known) for known in range(1, k + 2))
    assert literally_told(people, made, k + 2)
    better = [
        other for half in range(1, people) for most in range(half + 2, people)
        if not literally_told(people, other := Cuts(half, most), k + 2)
    ]  # fmt: skip
    assert better == []  # no cuts under which a word states no number are safe against more


def test_the_k_of_each_size_is_the_one_that_is_published():
    found = {n: known_by(n) for n in (8, 9, 10, 11, 12, 14, 16, 20, 24, 30, 40, 100, 200)}
    assert found == {
        8: 0, 9: 1, 10: 1, 11: 2, 12: 2, 14: 3, 16: 4, 20: 6, 24: 7, 30: 10, 40: 14, 100: 38,
        200: 78,
    }  # fmt: skip
    for n in range(8, 201, 1 if HEAVY else 16):
        made = cuts(n)
        assert made.half - 1 <= 0.4 * n
        assert made.most >= 0.6 * n
        assert made.half == n + 1 - made.most


def test_words_of_fewer_than_seven_tell_of_single_people_and_none_are_said_below_eight():
    for people in range(2, 7):
        for half, most in combinations(range(1, people + 1), 2):
            assert literally_told(people, Cuts(half, most), 1) or most - half < 2
    for people in range(2, 8):
        with pytest.raises(ValueError, match="no word"):
            cuts(people)


# -- all words of one block


def told_together(parts: list[Said], whole: Said, target: int, known: tuple[int, ...]) -> bool:
    """Whether the words for disjoint parts and for all of them tell of somebody of the target part,
    to one who knows so many values of each part: by looking at all numbers there can be."""
    low, high = whole.band
    for ones in product(*(range(each + 1) for each in known)):
        unknown = [part.people - k for part, k in zip(parts, known, strict=True)]
        if not unknown[target]:
            continue
        found = {
            rest[target]
            for rest in product(*(range(n + 1) for n in unknown))
            if low <= sum(rest) + sum(ones) <= high
            and all(
                part.band[0] <= a + b <= part.band[1]
                for part, a, b in zip(parts, rest, ones, strict=True)
            )
        }
        if found in ({0}, {unknown[target]}):
            return True
    return False


def splits(total: int, over: int):
    """All ways to split a number."""
    if over == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splits(total - first, over - 1):
            yield (first, *rest)


SIZES = [(8, 8), (8, 12), (12, 12), (9, 11)] + ([(8, 8, 8), (12, 8, 8)] if HEAVY else [])


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SIZES)
def test_all_words_of_a_block_together_tell_nothing_to_who_knows_k_others(sizes):
    refused = 0
    for words in product(WORDS, repeat=len(sizes)):
        parts = [Said(n, word) for n, word in zip(sizes, words, strict=True)]
        for word in WORDS:
            whole = Said(sum(sizes), word)
            if not beside(parts, whole):
                refused += 1
                continue
            for target, size in enumerate(sizes):
                for known in splits(known_by(size) + 1, len(sizes)):
                    assert not told_together(parts, whole, target, known), (words, word, known)
    assert refused


def test_without_that_look_two_teams_and_their_company_tell_of_single_people():
    parts, whole = [Said(12, MOST), Said(12, "few")], Said(24, "few")
    assert told_together(parts, whole, 1, (0, 1))  # to a member who knows nothing but their own
    assert not beside(parts, whole)


def test_two_teams_that_say_the_words_of_all_tell_nothing():
    """Of all numbers that the words leave open, none is at an end."""
    for size in (8, 12, 20):
        for word in WORDS:
            parts, whole = [Said(size, word)] * 2, Said(2 * size, word)
            low, high = parts[0].band
            least, most = whole.band
            possible_ = not (least > 2 * high or most < 2 * low)
            known = (known_by(size) + 1, 0)
            if beside(parts, whole):
                assert possible_
                assert not told_together(parts, whole, 0, known), (size, word)


# -- two words of a year


@pytest.mark.parametrize(
    ("left", "joined", "one", "other"),
    [(left, joined, one, other) for left, joined in ((1, 0), (1, 1), (2, 1), (1, 3))
     for one in WORDS for other in WORDS],
)  # fmt: skip
def test_a_few_that_come_or_go_are_told_of_exactly_when_it_is_known(left, joined, one, other):
    before, after = Said(10, one), Said(10 - left + joined, other)
    told = bool(told_by_two(before, after, 10 - left))
    assert singles_out(Earlier(before, 10 - left, left + joined), after) == told
    assert not singles_out(Earlier(before, 10 - left, 0), after)  # none of them is to be hidden


@pytest.mark.parametrize(
    ("people", "left", "joined", "any_two"),
    [(8, 0, 0, False), (8, 1, 1, False), (9, 0, 3, False), (9, 1, 0, False), (12, 4, 4, True)],
)
def test_two_words_are_possible_exactly_if_there_are_numbers_for_both(
    people, left, joined, any_two
):
    """Of those who stayed, left and joined, by looking at all of them."""
    stayed, seen = people - left, set()
    for one, other in product(WORDS, repeat=2):
        before, after = Said(people, one), Said(stayed + joined, other)
        (low, high), (low_after, high_after) = before.band, after.band
        there = any(
            low <= ones + gone <= high and low_after <= ones + new <= high_after
            for ones, gone, new in product(range(stayed + 1), range(left + 1), range(joined + 1))
        )
        assert possible(before, after, stayed) == there, (one, other)
        seen.add(there)
    assert seen == ({True} if any_two else {True, False})


NINE = frozenset(range(9))


@pytest.mark.parametrize(
    ("group", "past", "now", "stayed", "targets"),
    [
        # Of another group: who is in one of the two alone.
        ("a", Past("2026-09-07", "b", Said(9, "few"), frozenset(range(4, 13))), {}, 5, 8),
        ("a", Past("2026-09-07", COMPANY, Said(12, "few"), frozenset(range(12))), {}, 9, 3),
        # A deleted person counted then, and is nobody now.
        ("a", Past("2026-09-07", "b", Said(12, "few"), frozenset(range(4, 13))), {}, 5, 11),
        # Of the same: who is new, and who left; not who had no sessions and is in it.
        ("a", Past("2026-09-07", "a", Said(9, "few"), frozenset(range(2, 11))), {}, 7, 4),
        ("a", Past("2026-09-07", "a", Said(9, "few"), frozenset(range(2, 11))), {9: "a"}, 7, 3),
        ("a", Past("2026-09-07", "a", Said(9, "few"), frozenset(range(2, 11))),
         {9: "a", 10: "b"}, 7, 3),
        (COMPANY, Past("2026-09-07", COMPANY, Said(9, "few"), frozenset(range(2, 11))),
         {9: "a", 10: "b"}, 7, 2),
        ("a", Past("2026-09-07", "a", Said(11, "few"), frozenset(range(2, 11))), {9: "a"}, 7, 5),
    ],
)  # fmt: skip
def test_who_came_or_went_between_two_words_is_counted(group, past, now, stayed, targets):
    assert earlier(group, NINE, [past], now) == [Earlier(past.said, stayed, targets)]


def test_what_was_said_of_others_alone_or_without_a_word_is_nothing_earlier():
    none = Past("2026-09-07", "a", Said(9, ""), NINE)
    others = Past("2026-09-07", "b", Said(9, "few"), frozenset(range(20, 29)))
    assert earlier("a", NINE, [none, others], {}) == []


def test_words_of_a_group_end_where_they_show_that_a_habit_changed():
    """The newest first, and those of other groups of the same block after it."""
    old, new = (
        Past(f"2026-0{n}-07", "a", Said(9, word), NINE) for n, word in ((7, MOST), (9, "few"))
    )
    beside_ = new._replace(group="b", said=Said(9, "few"))
    before = old._replace(block="2026-06-07", group="b")
    said = [old, before, beside_, new]
    assert earlier("a", NINE, said, {}) == [Earlier(new.said, 9, 0), Earlier(beside_.said, 9, 0)]
    vague = new._replace(said=Said(9, "few", exact=False))
    assert [each.said for each in earlier("a", NINE, [old, vague], {})] == [vague.said, old.said]


@cache
def told_by_two(before: Said, after: Said, stayed: int) -> frozenset[str]:
    """Of whom two words tell, to one of those concerned who supposes that no value changed and
    knows their own: those who stayed, left or joined. By looking at all numbers there can be."""
    sizes = (stayed, before.people - stayed, after.people - stayed)
    names = ("stayed", "left", "joined")
    told: set[str] = set()
    for own, value in product(range(3), (0, 1)):
        if not sizes[own]:
            continue
        unknown = [size - (at == own) for at, size in enumerate(sizes)]
        ones = [value if at == own else 0 for at in range(3)]
        found: list[set[int]] = [set(), set(), set()]
        for rest in product(*(range(n + 1) for n in unknown)):
            a, b, c = (x + y for x, y in zip(rest, ones, strict=True))
            if (
                before.band[0] <= a + b <= before.band[1]
                and after.band[0] <= a + c <= after.band[1]
            ):
                for at in range(3):
                    found[at].add(rest[at])
        told |= {names[at] for at in range(3) if unknown[at] and found[at] in ({0}, {unknown[at]})}
    return frozenset(told)


@pytest.mark.slow
@pytest.mark.parametrize("people", [8, 9, 12] if not HEAVY else range(8, 17))
def test_two_words_are_known_to_tell_exactly_when_they_do(people):
    for left, joined in product(range(4), range(5)):
        stayed = people - left
        if stayed + joined < 8 or left + joined == 0:
            continue
        for one, other in product(WORDS, repeat=2):
            before, after = Said(people, one), Said(stayed + joined, other)
            told = told_by_two(before, after, stayed)
            assert "stayed" not in told
            assert singles_out(Earlier(before, stayed, left + joined), after) == bool(told), (
                people, left, joined, one, other, told,
            )  # fmt: skip


def told_to_who_knows(before: Said, after: Said, stayed: int, known: int) -> set[str]:
    """The same for one who knows so many values, their own among them, of whomever they like: whose
    are all told. By looking at all numbers there can be."""
    sizes = (stayed, before.people - stayed, after.people - stayed)
    told: set[str] = set()
    for of_each in splits(known, 3):
        if any(n > size for n, size in zip(of_each, sizes, strict=True)):
            continue
        unknown = [size - n for size, n in zip(sizes, of_each, strict=True)]
        for ones in product(*(range(n + 1) for n in of_each)):
            found: list[set[int]] = [set(), set(), set()]
            for rest in product(*(range(n + 1) for n in unknown)):
                a, b, c = (x + y for x, y in zip(rest, ones, strict=True))
                if (
                    before.band[0] <= a + b <= before.band[1]
                    and after.band[0] <= a + c <= after.band[1]
                ):
                    for held, one in zip(found, rest, strict=True):
                        held.add(one)
            told |= {
                name
                for name, n, held in zip(("stayed", "left", "joined"), unknown, found, strict=True)
                if n and held in ({0}, {n})
            }
    return told


@pytest.mark.slow
@pytest.mark.parametrize("people", [9, 10, 12] if not HEAVY else range(9, 15))
def test_two_words_tell_who_knows_k_others_of_nobody_who_stayed(people):
    """And of those who came or went exactly when `singles_out` says so."""
    told = 0
    for left, joined in product((0, 1, 3), (0, 1, 3, 4)):
        stayed = people - left
        if stayed + joined < 8 or left + joined == 0:
            continue
        for one, other in product(WORDS, repeat=2):
            before, after = Said(people, one), Said(stayed + joined, other)
            if not possible(before, after, stayed):
                continue
            for k in range(min(known_by(people), known_by(after.people)) + 1):
                found = told_to_who_knows(before, after, stayed, k + 1)
                assert "stayed" not in found
                pair = Earlier(before, stayed, left + joined)
                assert singles_out(pair, after, k + 1) == bool(found), (left, joined, one, other, k)
                told += bool(found)
    assert told


class World:
    """A company over a year: values of one practice that do not change, people who come and go.
    plainly: without anything that keeps words back."""

    def __init__(self, seed: int, teams: dict[str, int], share: float, *, plainly: bool) -> None:
        chance = random.Random(seed)
        values: dict[int, int] = {}
        home: dict[int, str] = {}

        def join(team: str) -> None:
            values[len(values)] = int(chance.random() < share)
            home[len(values) - 1] = team

        for team, size in teams.items():
            for _ in range(size):
                join(team)
        self.values, self.past = values, list[Past]()
        for block in range(YEAR):
            for person in [p for p in home if chance.random() < 0.04]:
                join(home.pop(person))
            if chance.random() < 0.1:
                home[chance.choice(list(home))] = chance.choice(list(teams))
            self.publish(f"{block:02}", dict(home), plainly)

    def publish(self, block: str, home: dict[int, str], plainly: bool) -> None:
        before: dict[str, set[int]] = {}
        for each in self.past:
            before.setdefault(each.group, set()).update(each.members)
        if plainly:
            groups = {team or REST: [p for p in home if home[p] == team] for team in home.values()}
        else:
            groups = dict(plan(home, before).groups)
        fresh: list[Past] = []
        if groups and COMPANY not in groups:
            groups[COMPANY] = [person for some in groups.values() for person in some]
        now = {person: team or REST for person, team in home.items()}
        for name in sorted(groups, key=lambda name: name == COMPANY):
            people = frozenset(groups[name])
            count = sum(self.values[person] for person in people)
            if plainly:
                word = cuts(len(people)).word(count) if len(people) > 7 else ""
                said = Said(len(people), word)
            else:
                parts = [each.said for each in fresh if name == COMPANY]
                known = earlier(name, people, self.past, now)
                said = steady(count, len(people), known, parts)
            fresh.append(Past(block, name, said, people))
        self.past += fresh

    def told(self) -> int:
        """Of how many pairs of words something follows."""
        said = [each for each in self.past if each.said.word]
        return sum(
            bool(told_by_two(a.said, b.said, len(a.members & b.members)))
            for a, b in combinations(said, 2)
            if a.members & b.members
        )

    def told_to(self, k: int) -> tuple[int, int]:
        """Of the pairs of words of one group whose people differ: how many there are, and how many
        tell somebody who knows k others of those who came or went."""
        pairs = told = 0
        said = [each for each in self.past if each.said.word]
        for a, b in combinations(said, 2):
            stayed = len(a.members & b.members)
            changed = a.said.people + b.said.people - 2 * stayed
            if a.group == b.group and stayed and changed:
                pairs += 1
                if k <= min(known_by(a.said.people), known_by(b.said.people)):
                    told += possible(a.said, b.said, stayed) and singles_out(
                        Earlier(a.said, stayed, changed), b.said, k + 1
                    )
        return pairs, told


COMPANIES = [
    ({"": 12}, 0.5), ({"": 16}, 0.4), ({"a": 12, "b": 12}, 0.5), ({"a": 10, "": 12}, 0.35),
    ({"a": 12, "b": 12}, 0.0), ({"a": 12, "b": 12}, 1.0), ({"a": 9, "b": 9, "": 9}, 0.6),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("teams", "share"), COMPANIES)
def test_no_pair_of_words_of_a_year_tells_of_anybody_who_stays_comes_or_goes(teams, share):
    for seed in range(40 if HEAVY else 1):
        assert World(seed, teams, share, plainly=False).told() == 0, seed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("teams", "share", "pairs", "told"),
    [({"": 12}, 0.5, 381, [0, 6, 6, 0]), ({"a": 12, "b": 12}, 0.5, 1198, [0, 40, 52, 18]),
     ({"a": 12, "b": 12}, 1.0, 1234, [0, 0, 0, 0]), ({"": 40}, 0.4, 458, [0, 5, 24, 34])],
)  # fmt: skip
def test_what_pairs_tell_who_knows_colleagues_is_what_the_decision_says(teams, share, pairs, told):
    worlds = [World(seed, teams, share, plainly=False) for seed in range(6)]
    assert sum(world.told_to(0)[0] for world in worlds) == pairs
    assert [sum(world.told_to(k)[1] for world in worlds) for k in range(4)] == told
    page = (ROOT / "docs/decisions/0020-releases.md").read_text("utf-8")
    for k in range(1, 4):
        assert f"{100 * told[k] / pairs:.1f}%" in page


@pytest.mark.slow
def test_without_what_keeps_words_back_pairs_tell_of_people():
    told = [
        sum(World(seed, teams, share, plainly=True).told() for seed in range(40 if HEAVY else 3))
        for teams, share in COMPANIES
        if 0 < share < 1
    ]
    assert all(told), told
