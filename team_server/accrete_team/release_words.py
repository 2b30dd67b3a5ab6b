"""Which word is said of a group, so that it tells nothing of anybody beside the words for others
and those of a year.

Pure functions; docs/decisions/0020-releases.md has the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from accrete_team.release_rules import COMPANY, HALF, WORDS, cuts, known_by


class Said(NamedTuple):
    """What was said of a group of so many people; '' where nothing was. exact: whether it is the
    word for their number, and no other in its place."""

    people: int
    word: str
    exact: bool = True

    @property
    def band(self) -> tuple[int, int]:
        """The numbers that this can mean."""
        return cuts(self.people).band(self.word, self.people) if self.word else (0, self.people)


class Past(NamedTuple):
    """What was said of a group in an earlier block, and who of those counted is still known."""

    block: str
    group: str
    said: Said
    members: frozenset[int]


class Earlier(NamedTuple):
    """What was said earlier of a group that shares `stayed` people with the one at hand. targets:
    how many of those who came or went are to be hidden."""

    said: Said
    stayed: int
    targets: int


def earlier(
    group: str, members: frozenset[int], past: Sequence[Past], now: Mapping[int, str]
) -> list[Earlier]:
    """What was said within a year of groups that share people with this one, the newest first. now:
    the group that everybody who shares is of, whether they had sessions or not. Who only had no
    sessions for a while did not come or go. It ends where two words show that somebody's habit
    changed: who supposes that none did is told so."""
    found: list[Earlier] = []
    run: list[Past] = []
    ordered = sorted(past, key=lambda each: (each.block, each.group == group), reverse=True)
    for each in ordered:
        stayed = len(each.members & members)
        if each.group == group:
            if any(
                each.said.exact
                and later.said.exact
                and not possible(each.said, later.said, len(each.members & later.members))
                for later in run
            ):
                break
            run.append(each)
            known = {p for one in past if one.group == group and one.block <= each.block
                     for p in one.members}  # fmt: skip
            fresh = len(members - known)
            away = sum(p in now and group in (COMPANY, now[p]) for p in each.members - members)
            targets = fresh + each.said.people - stayed - away
        else:
            targets = len(members) + each.said.people - 2 * stayed
        if stayed and each.said.word:
            found.append(Earlier(each.said, stayed, targets))
    return found


@cache
def possible(before: Said, after: Said, stayed: int) -> bool:
    """Whether both can be true of people whose values did not change."""
    (low, high), (low_after, high_after) = before.band, after.band
    left, joined = before.people - stayed, after.people - stayed
    return max(0, low - left, low_after - joined) <= min(stayed, high, high_after)


@cache
def singles_out(before: Earlier, after: Said, known: int = 1) -> bool:
    """Whether two words tell the value of somebody who came or went, to one who supposes that
    nobody's value changed in between and knows `known` values, their own among them. It is so where
    the numbers can only be reached if everyone who came or went has the value that helps, but for
    those whose values are known."""
    (low, high), (low_after, high_after) = before.said.band, after.band
    left, joined = before.said.people - before.stayed, after.people - before.stayed
    room = min(known, left + joined - 1)
    spare = (joined - (low_after - high), left - (low - high_after))
    return before.targets > 0 and any(0 <= each <= room for each in spare)


def beside(parts: Sequence[Said], whole: Said) -> bool:
    """Whether the word for all people, beside the words for disjoint parts of them, can be true and
    tells nothing of anybody to one who knows their own value and as many more as the size of the
    part allows."""
    low, high = whole.band
    least, most = (sum(part.band[at] for part in parts) for at in (0, 1))
    if low > most or high < least:
        return False
    for part in parts:
        known = known_by(part.people) + 1
        ones = high - (least - part.band[0])
        noughts = part.people - (low - (most - part.band[1]))
        if any(0 <= each <= min(known, part.people - 1) for each in (ones, noughts)):
            return False
    return True


def steady(count: int, people: int, before: Sequence[Earlier], parts: Sequence[Said] = ()) -> Said:
    """What is said of a number of people. before: what was said within a year, the newest first;
    parts: what is said of disjoint parts of the same people. Where the word would tell somebody's
    value beside these, the nearest word that does not is said in its place, so that each word can
    mean more numbers than its own, never fewer. Nothing where there is no such word."""
    true = cuts(people).word(count)
    last = before[0].said.word if before else HALF
    for word in sorted(WORDS, key=lambda word: (_apart(word, true), _apart(word, last))):
        said = Said(people, word, word == true)
        if parts and not beside(parts, said):
            continue
        verdict = _verdict(said, before)
        if verdict == "safe" or (word == true and verdict == "changed"):
            return said
    return Said(people, "")


def _verdict(said: Said, before: Sequence[Earlier]) -> str:
    """safe; tells; or changed: it cannot be true unless somebody's value changed, and says so."""
    for each in before:
        if possible(each.said, said, each.stayed):
            if singles_out(each, said):
                return "tells"
        elif each.said.exact:
            return "changed"
    return "safe"


def _apart(one: str, other: str) -> int:
    return abs(WORDS.index(one) - WORDS.index(other))
