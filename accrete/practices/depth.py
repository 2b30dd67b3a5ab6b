"""How regular a practice is: one word from a person's weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

TOO_FEW, NOT_SEEN, TRIED, REGULAR, FLUENT = "too few", "not seen", "tried", "regular", "fluent"
ELIGIBLE, SHARE, LAST_WEEKS, MARKED_WEEKS = 5, 0.25, 8, 4


class Week(NamedTuple):
    """One week of one practice: sessions where it could apply, sessions where it was used,
    sightings, and sightings with a quality mark."""

    week: str
    eligible: int
    seen: int
    sightings: int
    marked: int


class Counted(Protocol):
    """The figures of a week that its habit is worked out from."""

    @property
    def eligible(self) -> int:
        """See Week."""
        ...

    @property
    def seen(self) -> int:
        """See Week."""
        ...

    @property
    def sightings(self) -> int:
        """See Week."""
        ...

    @property
    def marked(self) -> int:
        """See Week."""
        ...


def depth(weeks: Sequence[Counted], sessions: int) -> str:
    """too few: under 5 sessions where it could apply. not seen. tried: at least once. regular: in a
    quarter of the eligible sessions, in at least half of the last 8 weeks that had any. fluent:
    regular, with quality marks on at least half of the sightings, over at least 4 weeks. `weeks`:
    those with a session of one's own, in order; `sessions`: in how many it was possible, each once.
    """
    if sessions < ELIGIBLE:
        return TOO_FEW
    if not any(week.seen for week in weeks):
        return NOT_SEEN
    last = [week for week in weeks if week.eligible][-LAST_WEEKS:]
    held = sum(week.seen >= SHARE * week.eligible for week in last)
    if 2 * held < len(last):
        return TRIED
    sightings, marked = sum(week.sightings for week in weeks), sum(week.marked for week in weeks)
    return (
        FLUENT
        if 2 * marked >= sightings and sum(week.marked > 0 for week in weeks) >= MARKED_WEEKS
        else REGULAR
    )
