"""The rule of ownership over sets of copies: each set is worked out once, whatever the number of records it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

Mask = int
"""A set of copies, or of sets of copies: one bit for each."""


class Copy(NamedTuple):
    """What of one copy of a record decides on its owner: the session that holds it, and the one it names as its
    origin."""

    session: str
    forked_from: str | None


class Copies:
    """The copies that the sessions of a cluster hold, and who owns a record by the set of its copies: (1) the session
    that others name as what they were forked from, (2) else the one whose first unshared line is earliest (a session
    without any was copied whole, and so was there first), (3) the smaller id.

    A history of n stretches, each copied by all later sessions, has n different sets. So sets are bits, and the time
    is that of the sets' sizes added up, which is at most the number of copies.
    """

    def __init__(self, firsts: Callable[[], Firsts]) -> None:
        """`firsts` reads what rule 2 compares; it is called once, and only where rule 1 leaves several sessions."""
        self._read_firsts = firsts
        self._firsts: Firsts | None = None
        self.contenders: set[str] = set()
        """Owners that rule 2 or 3 chose: a first unshared line of theirs may cost them what they own."""
        self._bits: dict[Copy, Mask] = {}
        self._copies: list[Copy] = []
        self._of_session: dict[str, Mask] = {}
        self._sessions: dict[Mask, frozenset[str]] = {}
        self._owner: dict[Mask, str] = {}

    def bit(self, copy: Copy) -> Mask:
        """The set of this one copy."""
        if copy not in self._bits:
            self._bits[copy] = 1 << len(self._copies)
            self._copies.append(copy)
            self._of_session[copy.session] = self._of_session.get(copy.session, 0) | self._bits[copy]
        return self._bits[copy]

    def of(self, sessions: Iterable[str]) -> Mask:
        """All copies that these sessions hold."""
        found = 0
        for session in sessions:
            found |= self._of_session.get(session, 0)
        return found

    def sessions(self, held: Mask) -> frozenset[str]:
        """The sessions that hold these copies."""
        if held not in self._sessions:
            self._sessions[held] = frozenset(self._copies[place].session for place in places(held))
        return self._sessions[held]

    def roots(self, held: Mask) -> frozenset[str]:
        """The sessions of a set that rule 1 leaves: those that are named and name none, else all."""
        sessions = self.sessions(held)
        named = [copy for place in places(held) if (copy := self._copies[place]).forked_from in sessions]
        forks = {copy.session for copy in named if copy.forked_from != copy.session}
        origins = {str(copy.forked_from) for copy in named if copy.session in forks}
        return frozenset(origins - forks) or sessions

    def owner(self, held: Mask) -> str:
        """The session that owns a record with these copies."""
        if held not in self._owner:
            self._owner[held] = self._decide(held)
        return self._owner[held]

    def _decide(self, held: Mask) -> str:
        roots = self.roots(held)
        if len(roots) == 1:
            return next(iter(roots))
        if self._firsts is None:
            self._firsts = self._read_firsts()
        first = self._firsts.unshared(self.sessions(held))
        owner = min(roots, key=lambda session: (first(session) or 0, session))
        self.contenders.add(owner)
        return owner


class Firsts:
    """The first line of each session that no other of a group holds, for any group.

    `lines` are the sets of copies that lines of main conversations have, each with its earliest instant; `add` tells
    of each session which of them it holds since when.
    """

    def __init__(self, lines: Mapping[Mask, int]) -> None:
        self._sets = sorted(lines, key=lambda held: (lines[held], held))
        self._rank = {held: rank for rank, held in enumerate(self._sets)}
        self._least = [lines[held] for held in self._sets]
        self._held: dict[str, Mask] = {}
        self._apart: dict[tuple[str, int], int | None] = {}

    def add(self, session: str, lines: Mapping[Mask, int | None]) -> None:
        """The sets that hold lines of a session, with the earliest instant that its own copies have."""
        found = 0
        for held, at in lines.items():
            rank = self._rank.get(held)
            if rank is not None:
                found |= 1 << rank
                if at != self._least[rank]:
                    self._apart[session, rank] = at
        self._held[session] = found

    def unshared(self, group: frozenset[str]) -> Callable[[str], int | None]:
        """What tells of each session of a group the instant of its first line that no other of the group holds."""
        once = more = 0
        for session in group:
            held = self._held.get(session, 0)
            more |= once & held
            once |= held
        return lambda session: self._least_at(session, once & ~more & self._held.get(session, 0))

    def _least_at(self, session: str, sets: Mask) -> int | None:
        """The earliest instant of a session in these sets, which are in the order of it but where copies differ."""
        best: int | None = None
        for rank in places(sets):
            if best is not None and best <= self._least[rank]:
                break
            at = self._apart.get((session, rank), self._least[rank])
            if at is not None and (best is None or at < best):
                best = at
        return best


def places(held: Mask) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while held:
        low = held & -held
        yield low.bit_length() - 1
        held ^= low
