"""The rule of five: which sums over people may be shown, so that no shown sum, and nothing that can
be worked out from several of them, is about fewer than five people.

Facts are where a person has a value: a place is whatever tells sums apart, such as (week, project,
model). A sum is a set of places. Sums are admitted one by one, the most useful first. What can be
worked out from the admitted ones are their linear combinations: each sum is a row of a matrix whose
columns are the classes of places that no admitted sum tells apart.

Everybody is put into one of five groups. A column stays with a group if somebody of the group is in
it, or five people of any. If the rows are independent on the columns of each group alone, then
whichever four people one leaves out, the columns of a group without them are left, and every
combination that is not nothing is about somebody of it: so it is about five people at least. That
is what is checked, for a few ways of making the groups, of which one has to hold. The check is made
modulo 2, where independent rows are independent everywhere, so it can only refuse too much. A sum
that the admitted ones already tell is admitted, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from zlib import crc32

FEWEST = 5
"""People with a value that a sum, and what several sums tell together, has at least."""

WAYS, FEW = 6, 8
"""Ways of putting people into groups that are tried; sums of so many times five people have people
of each group without being looked after."""

P = TypeVar("P", bound=Hashable)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Split(Generic[P, K]):
    """A sum by a key. shown: the places of each key whose sum may be shown; rest: those of all
    others together, which may be shown as one sum, too; withheld: whether they may not, since the
    whole may not. keys: of the rest."""

    shown: dict[K, frozenset[P]]
    rest: frozenset[P]
    keys: tuple[K, ...]
    withheld: bool


class Sums(Generic[P]):
    """The sums of one measure that may be shown together."""

    def __init__(self, people: Mapping[P, Iterable[int]], fewest: int = FEWEST) -> None:
        """people: who has a value in each place; a value of 0 is none."""
        self._fewest = fewest
        self._people = {place: frozenset(found) for place, found in people.items()}
        self._groups: list[dict[int, int]] = [{} for _ in range(WAYS)]
        self._rows: list[frozenset[P]] = []
        self._marks = dict.fromkeys(self._people, 0)

    def admit(self, places: Iterable[P]) -> bool:
        """Whether the sum over these places may be shown beside all that were admitted before; if
        so, it is. A sum of nothing may always be shown."""
        row = frozenset(place for place in places if self._people.get(place))
        if not row or row in self._rows:
            return True
        bit = 1 << len(self._rows)
        marks = {place: mark | bit if place in row else mark for place, mark in self._marks.items()}
        if not self._independent(marks, len(self._rows) + 1):
            return _told({mark for mark in marks.values() if mark}, len(self._rows))
        self._rows.append(row)
        self._marks = marks
        return True

    def _spread(self, cells: Iterable[set[int]]) -> None:
        """Puts people who are in no group yet into groups so that each of some sums, those of the
        fewest people first, has people of as many groups as it can."""
        for people in sorted(cells, key=lambda each: (len(each), sorted(each))):
            for way, groups in enumerate(self._groups):
                used = [0] * self._fewest
                for person in people & groups.keys():
                    used[groups[person]] += 1
                for person in sorted(people - groups.keys(), key=lambda each: _mixed(way, each)):
                    groups[person] = used.index(min(used))
                    used[groups[person]] += 1

    def _in(self, way: int, places: Iterable[P]) -> int:
        """The groups that the people of some places are in, a bit each."""
        groups, found = self._groups[way], 0
        for place in places:
            for person in self._people[place]:
                if person not in groups:
                    groups[person] = _mixed(way, person) % self._fewest
                found |= 1 << groups[person]
        return found

    def _independent(self, marks: Mapping[P, int], rows: int) -> bool:
        """Whether as many rows are independent on the columns of each group."""
        classes: dict[int, list[P]] = defaultdict(list)
        for place, mark in marks.items():
            if mark:
                classes[mark].append(place)
        every = (1 << self._fewest) - 1
        columns: list[tuple[int, tuple[int, ...]]] = []
        for mark, places in classes.items():
            if self._enough(places):
                columns.append((mark, (every,) * WAYS))
                continue
            held = tuple(self._in(way, places) for way in range(WAYS))
            columns.append((mark, held))
        return any(
            all(
                _full((mark for mark, held in columns if held[way] >> group & 1), rows)
                for group in range(self._fewest)
            )
            for way in range(WAYS)
        )

    def _enough(self, places: Iterable[P]) -> bool:
        found: set[int] = set()
        for place in places:
            found |= self._people[place]
            if len(found) >= self._fewest:
                return True
        return False

    def split(
        self,
        places: Iterable[P],
        key: Callable[[P], K],
        wanted: Callable[[K], bool] | None = None,
        first: K | None = None,
    ) -> Split[P, K]:
        """A sum by a key: the keys of most people are tried first. The whole is admitted if it is
        not yet, so that the rest can be worked out of it. wanted: the keys that may have a sum of
        their own; others are of the rest; first: the key that is tried before all others."""
        whole = frozenset(places)
        found: dict[K, set[P]] = defaultdict(set)
        for place in whole:
            if self._people.get(place):
                found[key(place)].add(place)
        if not self.admit(whole):
            return Split({}, whole, tuple(sorted(found, key=str)), True)
        few = (self._of(each) for each in found.values())
        self._spread(each for each in few if len(each) <= FEW * self._fewest)
        shown: dict[K, frozenset[P]] = {}
        order = sorted(
            found, key=lambda each: (each != first, -len(self._of(found[each])), str(each))
        )
        for each in order:
            if wanted is not None and not wanted(each):
                continue
            if self.admit(found[each]):
                shown[each] = frozenset(found[each])
        left = tuple(sorted((each for each in found if each not in shown), key=str))
        rest = frozenset(place for each in left for place in found[each])
        return Split(shown, rest, left, False)

    def refined(self, people: Mapping[P, Iterable[int]], of: Callable[[P], P]) -> Sums[P]:
        """The same sums over finer places, so that more can be admitted beside them. people: who
        has a value in each; of: the place that a finer one is a part of."""
        made = Sums(people, self._fewest)
        made._groups = self._groups
        made._marks = {place: self._marks.get(of(place), 0) for place in made._people}
        made._rows = [
            frozenset(place for place in made._people if of(place) in row) for row in self._rows
        ]
        return made

    def _of(self, places: Iterable[P]) -> set[int]:
        return {person for place in places for person in self._people[place]}


def _mixed(way: int, person: int) -> int:
    """A number that says nothing about a person, another one for each way."""
    return crc32(b"%d %d" % (way, person))


def _full(columns: Iterable[int], rows: int) -> bool:
    """Whether so many rows are independent modulo 2. columns: of the matrix, as numbers with a bit
    for each row."""
    basis: dict[int, int] = {}
    for column in columns:
        left = column
        while left:
            top = left.bit_length()
            if top not in basis:
                basis[top] = left
                if len(basis) == rows:
                    return True
                break
            left ^= basis[top]
    return len(basis) == rows


_PRIME = (1 << 127) - 1
"""Larger than any determinant of 0 and 1 in some 60 rows, so that what is 0 modulo it is 0."""


def _told(marks: Iterable[int], last: int) -> bool:
    """Whether row `last` is a combination of the rows before it. marks: the columns, as for _full:
    the system that says so for each column is solved. A line of the basis has 0 where those before
    it lead, so that one walk over them in their order takes all of them out of another."""
    basis: dict[int, list[int]] = {}
    for mark in marks:
        line = [mark >> at & 1 for at in range(last + 1)]
        for pivot, each in basis.items():
            if by := line[pivot]:
                line = [(a - by * b) % _PRIME for a, b in zip(line, each, strict=True)]
        lead = next((at for at in range(last) if line[at]), None)
        if lead is None:
            if line[last]:
                return False
            continue
        inverse = pow(line[lead], -1, _PRIME)
        basis[lead] = [value * inverse % _PRIME for value in line]
    return True
