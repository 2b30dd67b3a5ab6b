"""The one range of days that all pages share: from the URL, else from the last page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from accrete.errors import AccreteError

NAMES = {
    "week": "This week",
    "month": "This month",
    "4w": "4 weeks",
    "12w": "12 weeks",
    "year": "A year",
    "all": "All time",
}
"""What can be chosen by name, in the order of the menu."""
USUAL = "4w"
FIRST, LAST = "2020-01-01", "2099-12-31"
"""No session is of a day before or after these."""
_DAYS = {"4w": 28, "12w": 84, "year": 365}


@dataclass(frozen=True, slots=True)
class Range:
    """Local days `YYYY-MM-DD`, both included; None has no end on that side. key: one of NAMES, or
    `days` for days of one's own."""

    key: str
    since: str | None
    until: str | None

    @property
    def label(self) -> str:
        """As the title of a page says it."""
        said = {
            "week": "This week",
            "month": "This month",
            "4w": "The last 4 weeks",
            "12w": "The last 12 weeks",
            "year": "The last year",
            "all": "All time",
        }
        return said.get(self.key) or _between(self.since, self.until)

    @property
    def query(self) -> dict[str, str]:
        """What stands for it in a URL; nothing for the usual one."""
        if self.key == "days":
            ends = (("since", self.since), ("until", self.until))
            return {name: day for name, day in ends if day is not None}
        return {"range": self.key}

    def before(self) -> Range | None:
        """As many days before it; the same days of the week or the month before for those. None
        where it has no beginning or no end."""
        if self.since is None or self.until is None:
            return None
        first, last = date.fromisoformat(self.since), date.fromisoformat(self.until)
        if self.key == "week":
            begin, end = first - timedelta(7), last - timedelta(7)
        elif self.key == "month":
            begin = (first - timedelta(1)).replace(day=1)
            end = min(begin + (last - first), first - timedelta(1))
        else:
            begin, end = first - (last - first) - timedelta(1), first - timedelta(1)
        return Range("days", begin.isoformat(), end.isoformat())


def read_range(query: Mapping[str, str], remembered: str | None, today: str) -> Range:
    """The range that a URL names, else the remembered one, else the usual one. `today`: the
    viewer's local day. Raises AccreteError for what is no range."""
    since, until = (query.get(name) or None for name in ("since", "until"))
    if since or until:
        for day in (since, until):
            _check(day)
        if since and until and since > until:
            raise AccreteError(f"The range ends ({until}) before it begins ({since}). Swap them.")
        return Range("days", since, until)
    key = query.get("range") or (remembered if remembered in NAMES else None) or USUAL
    if key not in NAMES:
        raise AccreteError(f"No range {key[:40]!r}. Choose one of: {', '.join(NAMES)}.")
    last = date.fromisoformat(today)
    if key == "all":
        return Range(key, None, None)
    if key == "week":
        first = last - timedelta(last.weekday())
    elif key == "month":
        first = last.replace(day=1)
    else:
        first = last - timedelta(_DAYS[key] - 1)
    return Range(key, first.isoformat(), today)


def _check(day: str | None) -> None:
    try:
        if day is not None and date.fromisoformat(day).isoformat() != day:
            raise ValueError
    except ValueError:
        raise AccreteError(f"{str(day)[:40]!r} is no day. Write it as 2026-03-31.") from None
    if day is not None and not FIRST <= day <= LAST:
        raise AccreteError(f"{day} is not between {FIRST} and {LAST}: nothing is kept of it.")


def _between(since: str | None, until: str | None) -> str:
    if since and until:
        return spoken(since) if since == until else f"{spoken(since)} to {spoken(until)}"
    return f"Since {spoken(since)}" if since else f"Until {spoken(until or '')}"


@lru_cache(maxsize=4096)
def spoken(day: str) -> str:
    """A local day as a sentence has it: 3 Nov 2026."""
    return date.fromisoformat(day).strftime("%-d %b %Y")
