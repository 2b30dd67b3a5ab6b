"""The ownership rule over sets of copies: each set is decided once, however many records it
holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

Mask = int
"""A set of copies, or of sets of copies: one bit for each."""
Lines = Callable[[str], Mapping[str, int | None]]
"""The lines of a session's main conversation: the uuid of each, and when it was written."""
KEPT = 4
"""Sessions whose lines stay in memory: in a chain the next one to be compared was just read."""


class Copy(NamedTuple):
    """The part of one copy of a record that decides its owner: the session that holds it, and the
    one it names as its origin."""

    session: str
    forked_from: str | None


class Copies:
    """The copies that the sessions of a cluster hold, numbered, so that a set of them is a number
    too.

    A history of n stretches, each copied by all later sessions, has n different sets. What goes
    over each set once takes the time of the sets' sizes added up, which is at most the number of
    copies.
    """

    def __init__(self) -> None:
        self._bits: dict[Copy, Mask] = {}
        self._copies: list[Copy] = []
        self._of_session: dict[str, Mask] = {}

    def bit(self, copy: Copy) -> Mask:
        """The set of this one copy."""
        if copy not in self._bits:
            self._bits[copy] = 1 << len(self._copies)
            self._copies.append(copy)
            self._of_session[copy.session] = (
                self._of_session.get(copy.session, 0) | self._bits[copy]
            )
        return self._bits[copy]

    def of(self, sessions: Iterable[str]) -> Mask:
        """All copies that these sessions hold."""
        found = 0
        for session in sessions:
            found |= self._of_session.get(session, 0)
        return found

    def sessions(self, held: Mask) -> frozenset[str]:
        """The sessions that hold these copies."""
        return frozenset(self._copies[place].session for place in places(held))

    def roots(self, held: Mask) -> frozenset[str]:
        """The sessions of a set that rule 1 leaves: those that are named and name none, else
        all."""
        copies = [self._copies[place] for place in places(held)]
        sessions = frozenset(copy.session for copy in copies)
        named = [
            copy
            for copy in copies
            if copy.forked_from in sessions and copy.forked_from != copy.session
        ]
        forks = {copy.session for copy in named}
        return (
            frozenset(str(copy.forked_from) for copy in named if copy.forked_from not in forks)
            or sessions
        )


class Owners(NamedTuple):
    """Who owns the records with these sets of copies."""

    of: dict[Mask, str]
    contenders: set[str]
    """Owners that rule 2 or 3 chose: a first unshared line of theirs may cost them what they
    own."""


def owners_of(
    copies: Copies, sets: Iterable[Mask], lines: Lines, own_at: Mapping[str, int | None]
) -> Owners:
    """Who owns what, by the set of its copies: (1) the session that others name as what they were
    forked from, (2) else the one whose first unshared line is earliest (a session without any was
    copied whole, and so was there first), (3) the smaller id.

    `lines` reads a session; those that cannot change the answer are not read. `own_at` says of
    sessions when they wrote their first line that no session at all shares; where it does not know
    of one, more is read.
    """
    found: dict[Mask, str] = {}
    contested: list[Mask] = []
    firsts = _Firsts(lines, own_at)
    for held in sorted(set(sets)):
        roots = copies.roots(held)
        if len(roots) == 1:
            (found[held],) = roots
        else:
            firsts.add(copies.sessions(held), roots)
            contested.append(held)
    chosen = dict(zip(contested, firsts.earliest(), strict=True))
    return Owners(found | chosen, set(chosen.values()))


class _Firsts:
    """Rule 2 and 3 for many groups of sessions at once; a set of groups is a number with one bit
    for each.

    A line of a session is shared in a group where two sessions of it hold the line. Sessions are
    read when one is needed to find a line shared, each at most twice, and never all of them are
    held in memory: what is held is of each different line in which groups one session holds it, and
    in which several."""

    def __init__(self, lines: Lines, own_at: Mapping[str, int | None]) -> None:
        self._lines, self._own_at = lru_cache(KEPT)(lines), own_at
        self._groups = 0
        self._members: dict[str, Mask] = defaultdict(int)
        self._roots: dict[str, Mask] = defaultdict(int)
        self._unread: dict[str, None] = {}
        self._once: dict[str, Mask] = {}
        self._shared: dict[str, Mask] = {}

    def add(self, sessions: frozenset[str], roots: frozenset[str]) -> None:
        """One more group, and those of its sessions that may own what it holds."""
        group = 1 << self._groups
        self._groups += 1
        for session in sessions:
            self._members[session] |= group
        for session in roots:
            self._roots[session] |= group

    def earliest(self) -> list[str]:
        """Of each group the session whose first unshared line is earliest."""
        best: list[tuple[int, str] | None] = [None] * self._groups
        self._unread = dict.fromkeys(sorted(self._members))
        open_ = (1 << self._groups) - 1
        # whoever has no line of its own goes before all others, so that with the smallest id of
        # them a group is decided
        for session in sorted(
            self._roots, key=lambda session: (self._own_at.get(session) is not None, session)
        ):
            left = self._roots[session] & open_
            if not left:
                continue
            for at, groups in self._unshared(session, left):
                left &= ~groups
                for group in places(groups):
                    here = best[group]
                    best[group] = (at, session) if here is None else min(here, (at, session))
            open_ &= ~left
            for group in places(left):
                best[group] = (0, session)
        return [each[1] for each in best if each is not None]

    def _unshared(self, session: str, groups: Mask) -> Iterator[tuple[int, Mask]]:
        """The groups in which a session has a line that no other holds, each with the instant of
        the first."""
        lines, own_at = self._lines(session), self._own_at.get(session)
        self._read(session, lines)
        timed = sorted(
            (at, uuid)
            for uuid, at in lines.items()
            if at is not None and (own_at is None or at < own_at)
        )
        for at, uuid in timed:
            alone = groups & ~self._shared_in(uuid, groups)
            if alone:
                yield at, alone
            groups &= ~alone
            if not groups:
                return
        if own_at is not None:
            yield own_at, groups

    def _shared_in(self, uuid: str, groups: Mask) -> Mask:
        """The groups, of these at least, in which several sessions hold a line that one is known to
        hold."""
        while missing := groups & ~self._shared.get(uuid, 0):
            session = next(
                (session for session in self._unread if self._members[session] & missing), None
            )
            if session is None:
                break
            self._read(session, self._lines(session))
        return self._shared.get(uuid, 0)

    def _read(self, session: str, lines: Iterable[str]) -> None:
        if session in self._unread:
            del self._unread[session]
            groups = self._members[session]
            for uuid in lines:
                once = self._once.get(uuid)
                if once is None:
                    self._once[uuid] = groups
                else:
                    self._shared[uuid] = self._shared.get(uuid, 0) | (once & groups)
                    self._once[uuid] = once | groups


def places(held: Mask) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while held:
        low = held & -held
        yield low.bit_length() - 1
        held ^= low
