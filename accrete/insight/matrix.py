"""The matrix of people and practices: what each cell says, for one person and for a whole team.

A cell has two channels that never mix: how regular a practice is, in the words of
practices/depth.py, and in which share of the sessions in which it was possible it was seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from accrete.insight.chance import Z99, change
from accrete.insight.within import Within, within
from accrete.practices.depth import ELIGIBLE, NOT_SEEN, SHARE, TOO_FEW, depth
from accrete.queries.practices import PersonWeekRow, spanned
from accrete.queries.practices_of_people import Member, PersonShare

ORDER = (
    "planning", "task-tracking", "delegation", "skills", "context", "steering", "verification",
    "review", "committing", "artifacts", "isolation",
)  # fmt: skip
"""The columns, in the order in which work flows."""
NOT_POSSIBLE, FEW, PRIVATE, NEW = "n/a", "few", "private", "new"
NEW_DAYS = 28
"""Nothing is said of a person's first four weeks."""
STILL = 0.1
"""A team stands still where its change is surely smaller than this."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One person and one practice. word: n/a, few, private, new, not seen, tried, regular, fluent.
    seen, eligible: sessions, each once a week; way: rising, falling or ''; before: seen and
    eligible of the range it is compared with; mixed: the versions of the practice's rules, where
    there are several."""

    word: str
    seen: int = 0
    eligible: int = 0
    way: str = ""
    before: tuple[int, int] | None = None
    mixed: str = ""

    @property
    def counted(self) -> bool:
        """Whether there is a share to be shown."""
        return self.word not in (NOT_POSSIBLE, FEW, PRIVATE, NEW)

    @property
    def percent(self) -> int | None:
        """The share in whole percent, where there is one to be shown."""
        return share(self.seen, self.eligible) if self.counted else None

    @property
    def said(self) -> str:
        """The cell in words, as it is read aloud and written to CSV."""
        if self.word == NEW:
            return "new: joined less than four weeks ago"
        if self.word == PRIVATE:
            return "private: nothing is shared"
        if self.word == NOT_POSSIBLE:
            return "n/a: not possible in any session"
        if self.word == FEW:
            return f"few: possible in {_sessions(self.eligible)}"
        said = f"{self.word}, {self.percent}% of {_sessions(self.eligible)}"
        said += f", {self.way}" if self.way else ""
        if self.before is not None and self.before[1]:
            said += f"; before {share(*self.before)}% of {self.before[1]}"
        return said + (f"; rules of versions {self.mixed}" if self.mixed else "")


def share(seen: int, eligible: int) -> int:
    """Whole percent; never 0 of what was seen, never 100 of what was not always seen."""
    if not eligible:
        return 0
    whole = round(100 * min(seen, eligible) / eligible)
    return min(max(whole, int(seen > 0)), 99 if seen < eligible else 100)


def _sessions(n: int) -> str:
    return f"{n:,} session" + ("" if n == 1 else "s")


def is_new(member: Member, today: str) -> bool:
    """Whether a person joined less than four weeks ago: by their start month and by the first week
    of which they share something, whichever is later."""
    begins = [f"{member.start_month}-01"] if member.start_month else []
    begins += [member.first_week] if member.first_week else []
    if not begins:
        return False
    return date.fromisoformat(max(begins)) > date.fromisoformat(today) - timedelta(NEW_DAYS)


def middle_of(first: str, last: str) -> str:
    """The Monday from which on the second half of a range of weeks is counted."""
    weeks = (date.fromisoformat(last) - date.fromisoformat(first)).days // 7 + 1
    return (date.fromisoformat(first) + timedelta(7 * (weeks // 2))).isoformat()


def cells(
    members: Sequence[Member],
    weeks: Iterable[PersonWeekRow],
    *,
    middle: str,
    today: str,
    compared: Iterable[PersonWeekRow] | None = None,
) -> dict[int, dict[str, Cell]]:
    """Every cell of these people, by practice. middle: of the range, whose halves tell a trend;
    compared: the weeks of the range that is compared with it instead. A trend is said where
    Newcombe's 99 % interval of the change excludes zero, and never across versions of a rule."""
    now, before = _by_cell(weeks), None if compared is None else _by_cell(compared)
    found: dict[int, dict[str, Cell]] = {}
    for member in members:
        own = {name: now.get((member.person, name), []) for name in ORDER}
        silent = not any(own.values())
        if silent and (member.paused or member.first_week is None):
            found[member.person] = dict.fromkeys(ORDER, Cell(PRIVATE))
        elif is_new(member, today):
            found[member.person] = dict.fromkeys(ORDER, Cell(NEW))
        else:
            found[member.person] = {
                name: _cell(
                    rows, middle, None if before is None else before.get((member.person, name), [])
                )
                for name, rows in own.items()
            }
    return found


def _by_cell(rows: Iterable[PersonWeekRow]) -> dict[tuple[int, str], list[PersonWeekRow]]:
    found: dict[tuple[int, str], list[PersonWeekRow]] = defaultdict(list)
    for row in rows:
        found[row.person, row.practice].append(row)
    return found


def _cell(
    rows: Sequence[PersonWeekRow], middle: str, compared: Sequence[PersonWeekRow] | None
) -> Cell:
    seen = eligible = seen_before = eligible_before = 0
    for row in rows:
        seen += row.seen
        eligible += row.eligible
        if row.week < middle:
            seen_before += row.seen
            eligible_before += row.eligible
    other = None
    if compared is not None:
        other = sum(row.seen for row in compared), sum(row.eligible for row in compared)
    if not eligible:
        return Cell(NOT_POSSIBLE, before=other)
    mixed = _mixed([*rows, *compared] if compared else rows)
    word = depth(rows, eligible)
    if word == TOO_FEW:
        return Cell(FEW, seen, eligible, before=other, mixed=mixed)
    if mixed:
        return Cell(word, seen, eligible, "", other, mixed)
    if other is not None:
        way = trend(other, (seen, eligible))
    else:
        new = seen - seen_before, eligible - eligible_before
        way = trend((seen_before, eligible_before), new)
    return Cell(word, seen, eligible, way, other)


def _mixed(rows: Sequence[PersonWeekRow]) -> str:
    """The versions of the rules behind some weeks; '' where it is one."""
    first = rows[0].versions
    if " " not in first and all(row.versions == first for row in rows):
        return ""
    found = {each for row in rows for each in row.versions.split()}
    return " ".join(sorted(found, key=lambda each: (len(each), each))) if len(found) > 1 else ""


def trend(old: tuple[int, int], new: tuple[int, int]) -> str:
    """rising or falling, where the change of two shares (seen, eligible) is more than chance makes
    it; '' otherwise and of too few sessions."""
    if min(old[1], new[1]) < ELIGIBLE:
        return ""
    found = change(_proper(old), _proper(new), Z99)
    if found is None or not found.excludes_zero:
        return ""
    return "rising" if found.low > 0 else "falling"


def _proper(given: tuple[int, int]) -> tuple[int, int]:
    return min(given), given[1]


def shares_of(weeks: Iterable[PersonWeekRow], middle: str) -> list[PersonShare]:
    """What queries.team.person_shares answers, of weeks that are there already."""
    sums: dict[tuple[int, str], list[int]] = {}
    versions: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in weeks:
        key = row.person, row.practice
        held = sums.get(key)
        if held is None:
            held = sums[key] = [0, 0, 0, 0]
        at = 0 if row.week < middle else 2
        held[at] += row.seen
        held[at + 1] += row.eligible
        versions[key].add(row.versions)
    return [
        PersonShare(
            person, practice, seen_before, before, seen, after,
            spanned(min(versions[person, practice]), max(versions[person, practice])),
        )
        for (person, practice), (seen_before, before, seen, after) in sums.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class TeamCell:
    """One practice over people. people: those with at least 5 sessions in which it was possible;
    using: of these, those who used it in a quarter of them or more; seen, eligible: sessions of
    all; moved: the mean change within people between the halves, or against the range that it is
    compared with, None of fewer than 5 people; before: seen and eligible of that range."""

    people: int
    using: int
    seen: int
    eligible: int
    moved: Within | None
    mixed: str = ""
    before: tuple[int, int] | None = None

    @property
    def counted(self) -> bool:
        """Whether there is a share to be shown."""
        return self.eligible >= ELIGIBLE

    @property
    def percent(self) -> int | None:
        """The share in whole percent, where there is one to be shown."""
        return share(self.seen, self.eligible) if self.counted else None

    @property
    def way(self) -> str:
        """rising, falling or ''."""
        return self.moved.way if self.moved is not None else ""

    @property
    def still(self) -> bool:
        """Whether it surely changed by less than STILL."""
        return self.moved is not None and (
            self.moved.interval.low > -STILL and self.moved.interval.high < STILL
        )

    @property
    def said(self) -> str:
        """The cell in words."""
        if not self.eligible:
            return "n/a: not possible in any session"
        if not self.counted:
            return f"few: possible in {_sessions(self.eligible)}"
        said = f"used by {self.using} of {self.people} people" if self.people else "few each"
        said += f", {self.percent}% of {_sessions(self.eligible)}"
        said += f", {self.way}" if self.way else ""
        if self.before is not None and self.before[1]:
            said += f"; before {share(*self.before)}% of {self.before[1]:,}"
        return said + (f"; rules of versions {self.mixed}" if self.mixed else "")


def team_cells(
    shares: Iterable[PersonShare], counted: Collection[int], *, compared: bool = False
) -> dict[str, TeamCell]:
    """The row of a whole team. counted: the people in it; those who are new are left out by whoever
    asks. compared: what is before the middle is another range, not the first half of this one. The
    change of a team is that within its people (insight/within.py): the differences of those with at
    least 5 sessions on each side."""
    found: dict[str, list[PersonShare]] = defaultdict(list)
    for each in shares:
        if each.person in counted:
            found[each.practice].append(each)
    return {name: _team_cell(found.get(name, []), compared) for name in ORDER}


def _team_cell(rows: Sequence[PersonShare], compared: bool) -> TeamCell:
    old = [(row.seen_before, row.eligible_before) for row in rows]
    new = [(row.seen, row.eligible) for row in rows]
    sums = new if compared else [(a + c, b + d) for (a, b), (c, d) in zip(old, new, strict=True)]
    enough = [(seen, eligible) for seen, eligible in sums if eligible >= ELIGIBLE]
    versions = {each for row in rows for each in row.versions.split()}
    mixed = " ".join(sorted(versions, key=lambda each: (len(each), each)))
    differences = [
        min(row.seen / row.eligible, 1) - min(row.seen_before / row.eligible_before, 1)
        for row in rows
        if min(row.eligible, row.eligible_before) >= ELIGIBLE
    ]
    return TeamCell(
        len(enough),
        sum(seen >= SHARE * eligible for seen, eligible in enough),
        sum(seen for seen, _ in sums),
        sum(eligible for _, eligible in sums),
        within(differences) if len(versions) == 1 else None,
        mixed if len(versions) > 1 else "",
        (sum(seen for seen, _ in old), sum(eligible for _, eligible in old)) if compared else None,
    )


def spreading(row: Mapping[str, TeamCell]) -> list[str]:
    """The practices whose share rose within people by more than chance would explain."""
    return [name for name in ORDER if row[name].way == "rising"]


def standing(row: Mapping[str, TeamCell]) -> list[str]:
    """The practices that stand still while most people do not use them: plateaus."""
    return [
        name
        for name in ORDER
        if row[name].still and row[name].people and 2 * row[name].using < row[name].people
    ]


__all__ = [
    "FEW", "NEW", "NOT_POSSIBLE", "NOT_SEEN", "ORDER", "PRIVATE", "Cell", "TeamCell", "cells",
    "is_new", "middle_of", "share", "shares_of", "spreading", "standing", "team_cells", "trend",
]  # fmt: skip
