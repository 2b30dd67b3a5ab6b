"""Time zones by a POSIX TZ string (`EST5EDT,M3.2.0,M11.1.0`), read as glibc reads it."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from accrete.text.lazy import lazy

_NAME = lazy(r"[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>")
_OFFSET = lazy(r"([+-]?)(\d+)(?::(\d+)(?::(\d+))?)?")
_MONTHS = lazy(r"M(\d+)\.(\d+)\.(\d+)")
_TIME = lazy(r"(-?)(\d+)(?::(\d+)(?::(\d+))?)?")
_UNIX = date(1970, 1, 1).toordinal()
LONGEST = 86_399
"""Seconds that an offset has at most: Python goes no further."""


class Rule(NamedTuple):
    """When a change is: `J` day of the year without 29 February, `D` day of the year from 0, `M`
    weekday of a month; seconds after the local midnight."""

    kind: str = "D"
    month: int = 0
    week: int = 0
    day: int = 0
    seconds: int = 0

    def midnight(self, year: int) -> int:
        """The day of the change in a year, as seconds since 1970 of its midnight in UTC."""
        if self.kind == "M":
            first = date(year, self.month, 1)
            day = (self.day - first.isoweekday()) % 7 + 7 * (self.week - 1)
            while day >= monthrange(year, self.month)[1]:
                day -= 7
            return (first.toordinal() + day - _UNIX) * 86_400
        past = self.day - 1 + (self.day >= 60 and isleap(year)) if self.kind == "J" else self.day
        return (date(year, 1, 1).toordinal() + past - _UNIX) * 86_400


class PosixZone(tzinfo):
    """Standard time and, where the string has it, summer time. Offsets in seconds east of UTC."""

    def __init__(self, text: str, standard: int, summer: int, begins: Rule, ends: Rule) -> None:
        self.text, self.standard, self.summer, self.begins, self.ends = (
            text,
            standard,
            summer,
            begins,
            ends,
        )

    def offset(self, at: int) -> int:
        """The offset at an instant, in seconds since 1970."""
        year = min(max(1970 + at // 31_556_952, 1), 9999)
        while year < 9999 and at >= (date(year + 1, 1, 1).toordinal() - _UNIX) * 86_400:
            year += 1
        while year > 1 and at < (date(year, 1, 1).toordinal() - _UNIX) * 86_400:
            year -= 1
        begins = self.begins.midnight(year) - self.standard + self.begins.seconds
        ends = self.ends.midnight(year) - self.summer + self.ends.seconds
        in_summer = not ends <= at < begins if begins > ends else begins <= at < ends
        return self.summer if in_summer else self.standard

    def fromutc(self, dt: datetime) -> datetime:
        """Local time of a time in UTC."""
        at = _seconds(dt)
        offset = self.offset(at)
        other = self.summer + self.standard - offset
        again = offset < other and self.offset(at + offset - other) == other
        return (dt + timedelta(seconds=offset)).replace(fold=int(again))

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """The offset at a local time: of one that comes twice `fold` chooses, of one that is left
        out too."""
        if dt is None:
            return timedelta(seconds=self.standard)
        local = _seconds(dt)
        low, high = sorted((self.standard, self.summer))
        valid = [offset for offset in (high, low) if self.offset(local - offset) == offset]
        if len(valid) == 1:
            return timedelta(seconds=valid[0])
        return timedelta(seconds=(high, low)[dt.fold] if valid else (low, high)[dt.fold])

    def dst(self, dt: datetime | None) -> timedelta:
        """How much of the offset is summer time."""
        return self.utcoffset(dt) - timedelta(seconds=self.standard)

    def tzname(self, dt: datetime | None) -> str:
        """The string itself."""
        return self.text


def _seconds(dt: datetime) -> int:
    return (dt.toordinal() - _UNIX) * 86_400 + dt.hour * 3600 + dt.minute * 60 + dt.second


_UNITED_STATES = (Rule("M", 3, 2, 0, 7200), Rule("M", 11, 1, 0, 7200))
"""What holds where a string names summer time without saying when it is."""


def posix_zone(text: str) -> PosixZone | None:
    """The zone that a TZ string describes; None if it begins with no name and offset. What is wrong
    behind them is read as far as it goes, as glibc does; for a month that there is not, glibc reads
    past the end of a table, and this goes on with standard time."""
    name = _NAME.match(text)
    given = _OFFSET.match(text, name.end()) if name else None
    if name is None or given is None:
        return None
    standard = _east(given)
    rest = text[given.end() :]
    if not rest:
        return PosixZone(text, standard, standard, Rule(), Rule())
    summer, name = 0, _NAME.match(rest)
    if name is not None:
        rest = rest[name.end() :]
        given = _OFFSET.match(rest)
        summer = _east(given) if given else min(standard + 3600, LONGEST)
        rest = (
            rest[given.end() :] if given else rest.lstrip("+-") if rest[:1] in ("+", "-") else rest
        )
    begins, rest, well = _rule(rest, 0)
    ends, _, _ = _rule(rest, 1) if well else (Rule(), "", False)
    return PosixZone(text, standard, summer, begins, ends)


def _east(given: re.Match[str]) -> int:
    west = seconds_of(*(int(part or 0) for part in given.groups()[1:]))
    return west if given.group(1) == "-" else -west


def seconds_of(hours: int, minutes: int, seconds: int) -> int:
    """An offset in seconds, cut as glibc cuts it, and to less than a day, which is as far as Python
    goes."""
    return min(min(hours, 24) * 3600 + min(minutes, 59) * 60 + min(seconds, 59), LONGEST)


def _rule(text: str, which: int) -> tuple[Rule, str, bool]:
    """A rule, what follows it, and whether it is well-formed."""
    text = text.removeprefix(",")
    if not text:
        return _UNITED_STATES[which], "", True
    if (found := _MONTHS.match(text)) is not None:
        month, week, day = map(int, found.groups())
        rule, good = Rule("M", month, week, day), 1 <= month <= 12 and 1 <= week <= 5 and day <= 6
    elif (found := re.match(r"(J?)(\d+)", text)) is not None:
        rule = Rule("J" if found.group(1) else "D", day=int(found.group(2)))
        good = rule.day <= 365 and (rule.kind == "D" or rule.day > 0)
    else:
        return Rule(), text, False
    if not good:
        return (
            rule
            if rule.kind == "M" and 1 <= rule.month <= 12
            else Rule("D" if rule.kind == "M" else rule.kind),
            text,
            False,
        )
    text = text[found.end() :]
    if not text or text[0] == ",":
        return Rule(rule.kind, rule.month, rule.week, rule.day, 7200), text, True
    if text[0] != "/" or text == "/":
        return rule, text, False
    sign = -1 if text[1:2] == "-" else 1
    time = _TIME.match(text, 1)
    hours, minutes, seconds = (int(part or 0) for part in time.groups()[1:]) if time else (2, 0, 0)
    text = text[time.end() :] if time else text[1 + (sign < 0) :]
    return (
        Rule(
            rule.kind,
            rule.month,
            rule.week,
            rule.day,
            sign * (hours * 3600 + minutes * 60 + seconds),
        ),
        text,
        True,
    )
