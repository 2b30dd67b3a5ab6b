"""The weeks that the team's pages are about: whole ones that ended a day ago, and how they are
grouped and compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accrete.clock import monday
from accrete.explorer.ranges import Range, read_range, spoken
from accrete.explorer.view import View

USUAL = "12w"
"""The range of the team's pages where the URL names none: habits take weeks."""
_MANY = {"week": 1, "4w": 4, "12w": 12, "year": 52}
LONGEST = 104
"""Weeks of `All time` and of a range of one's own, at most."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks, from the Monday `first` to the one `last`."""

    first: str
    last: str

    @property
    def many(self) -> int:
        """How many."""
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days // 7 + 1

    @property
    def mondays(self) -> list[str]:
        """Each of them."""
        return [later(self.first, at) for at in range(self.many)]

    @property
    def until(self) -> str:
        """The last day."""
        return (date.fromisoformat(self.last) + timedelta(6)).isoformat()

    @property
    def said(self) -> str:
        """In words."""
        weeks = "1 week" if self.many == 1 else f"{self.many} weeks"
        return f"{weeks}, {spoken(self.first)} to {spoken(self.until)}"

    def before(self) -> Weeks:
        """As many weeks before them."""
        return Weeks(later(self.first, -self.many), later(self.first, -1))


def later(week: str, by: int) -> str:
    """The Monday so many weeks later."""
    return (date.fromisoformat(week) + timedelta(7 * by)).isoformat()


def usual(view: View) -> None:
    """Takes the usual range of the team's pages where the URL names none."""
    if not {"range", "since", "until"} & set(view.query):
        view.range = read_range({"range": USUAL}, None, view.today)


def chosen(view: View) -> Weeks:
    """The whole weeks of the page's range. A week that runs is not shown: who looks again and again
    would see when somebody works. At least one week; of a range without a whole one the last."""
    return weeks_of(view.range, view.today)


def weeks_of(given: Range, last_day: str) -> Weeks:
    """The same for a range, with the last day of which anything is shown."""
    newest = last_whole(last_day)
    if given.key in _MANY:
        return Weeks(later(newest, 1 - _MANY[given.key]), newest)
    last = min(monday(given.until), newest) if given.until else newest
    first = min(_from(given.since), last) if given.since else later(last, 1 - LONGEST)
    return Weeks(max(first, later(last, 1 - LONGEST)), last)


def last_whole(last_day: str) -> str:
    """The Monday of the last week that is over on a day."""
    return later(monday((date.fromisoformat(last_day) + timedelta(1)).isoformat()), -1)


def _from(day: str) -> str:
    """The first Monday of a range: of the week that begins in it."""
    return monday((date.fromisoformat(day) + timedelta(6)).isoformat())
