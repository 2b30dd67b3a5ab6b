"""Local days and hours from UTC milliseconds, in a named zone, with daylight saving."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from accrete.errors import AccreteError
from accrete.text.lazy import lazy

if TYPE_CHECKING:
    from accrete.clock.posix_tz import PosixZone

_QUARTER_MS = 15 * 60_000


UTC_NAMES = frozenset(
    {f"{area}{name}" for area in ("", "Etc/") for name in ("UTC", "UCT", "Universal", "Zulu")}
)
"""What the zone UTC is called."""


class Style(NamedTuple):
    """A person's date style: strftime patterns for days and times."""

    day: str = "%Y-%m-%d"
    time: str = "%H:%M"
    seconds: str = "%H:%M:%S"


ISO = Style()


class LocalTime:
    """Turns instants (UTC ms) into the local day and hour of one zone. Hours begin on quarters in
    nearly every zone, so that each quarter is derived once."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._tz = zone_info(zone)
        self._quarters: dict[int, tuple[str, int] | None] = {}

    def day_and_hour(self, at: int) -> tuple[str, int]:
        """The local day as `YYYY-MM-DD` and the hour of the week (0 = Monday 00:00-00:59, 167 =
        Sunday 23:…)."""
        quarter = at // _QUARTER_MS
        if quarter not in self._quarters:
            first, last = (
                self._worked_out(each * _QUARTER_MS - (each > quarter))
                for each in (quarter, quarter + 1)
            )
            self._quarters[quarter] = first if first == last else None
        return self._quarters[quarter] or self._worked_out(at)

    def _worked_out(self, at: int) -> tuple[str, int]:
        local = datetime.fromtimestamp(at // 1000, UTC).astimezone(self._tz)
        return local.strftime("%Y-%m-%d"), local.weekday() * 24 + local.hour

    def day(self, at: int) -> str:
        """The local day as `YYYY-MM-DD`."""
        return self.day_and_hour(at)[0]

    def by_day(self, start: int, end: int) -> list[tuple[str, int]]:
        """The time between two instants, cut where a local day begins: (day, ms), in order."""
        found: list[tuple[str, int]] = []
        at = start
        while at < end:
            day, stop = self.day(at), min(end, at - at % _QUARTER_MS + _QUARTER_MS)
            if self.day(stop - 1) != day:
                stop = self._next_day(at, stop - 1, day)
            if found and found[-1][0] == day:
                found[-1] = (day, found[-1][1] + stop - at)
            else:
                found.append((day, stop - at))
            at = stop
        return found

    def _next_day(self, low: int, high: int, day: str) -> int:
        """The first instant of another day than `day`, which `low` is in and `high` is not."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.day(middle) == day else (low, middle)
        return high

    def start_of_day(self, day: str) -> int:
        """The instant (UTC ms) at which the local day `YYYY-MM-DD` begins."""
        local = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=self._tz)
        return int(local.timestamp() * 1000)

    def text(self, at: int, pattern: str = "%Y-%m-%d %H:%M") -> str:
        """The instant as local text."""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._tz).strftime(pattern)


class DaysOnly(LocalTime):
    """The days of UTC alone, never a time of day: how others' instants are shown."""

    def __init__(self) -> None:
        super().__init__("UTC")

    def text(self, at: int, pattern: str = "%Y-%m-%d") -> str:
        """The day of an instant; '' for a pattern without one."""
        if _TIMES.fullmatch(pattern):
            return ""
        return super().text(at, _TIMES.sub("", pattern).strip(" ,"))


_TIMES = lazy(r"[ ,]*%-?[HIMSfp](?::%-?[HIMSfp])*")


@lru_cache(maxsize=64)
def zone_info(zone: str) -> tzinfo:
    """The zone of a text as sessions store it: an IANA name, a fixed offset east `UTC+hh:mm`, `:`
    and the path of a zone's file, or a POSIX TZ string. What is none of them is UTC."""
    if _FIXED.fullmatch(zone):
        from accrete.clock.posix_tz import seconds_of

        east = seconds_of(int(zone[4:6]), int(zone[7:9]), 0)
        return timezone(timedelta(seconds=-east if zone[3] == "-" else east))
    return (_of_file(zone[1:]) if zone.startswith(":") else _named(zone)) or _posix(zone) or UTC


_FIXED = lazy(r"UTC[+-]\d\d:\d\d")


def _posix(text: str) -> PosixZone | None:
    from accrete.clock.posix_tz import posix_zone

    return posix_zone(text)


def _named(name: str) -> tzinfo | None:
    if name in UTC_NAMES:  # without the time that `zoneinfo` takes to import
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


@lru_cache(maxsize=8)
def _of_file(path: str) -> tzinfo | None:
    import struct
    from zoneinfo import ZoneInfo

    try:
        with open(path, "rb") as file:
            return ZoneInfo.from_file(file, path)
    except (ValueError, OSError, EOFError, struct.error):
        return None


def zone_of_tz(given: str) -> str | None:
    """How a session stores the zone that a value of TZ means, by libc's rules; None if libc takes
    it for UTC because it is no zone."""
    text = given.removeprefix(":")
    if not text:
        return "UTC"
    if text.startswith("/"):
        name = os.path.realpath(text).partition("/zoneinfo/")[2]
        return name if name and _named(name) else f":{text}" if _of_file(text) else None
    if _named(text):
        return text
    zone = _posix(text)
    if zone is not None and _FIXED.fullmatch(text):  # east in what sessions store, west for libc
        return text.translate({ord("+"): "-", ord("-"): "+"})
    return text if zone is not None else None


def parse_instant(text: object) -> int | None:
    """UTC milliseconds from an ISO 8601 text (`2026-01-02T03:04:05.678Z`) or a number of ms; None
    when it is neither, or of a time that no client has lived in."""
    at = parse_time(text)
    return at if at is not None and 0 <= at < 4e12 else None


def parse_time(text: object) -> int | None:
    """Like parse_instant, but also for impossible times; the caller must judge them."""
    if isinstance(text, str):
        if text.isdecimal() and 8 < len(text) < 20:
            return parse_time(int(text))
        try:
            return _iso_ms(text)
        except (ValueError, OverflowError):
            return None
    if isinstance(text, (int, float)) and not isinstance(text, bool) and abs(text) < 2**53:
        return int(text)
    return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _iso_ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


@lru_cache(maxsize=4096)
def monday(day: str) -> str:
    """The Monday of the week that a local day (`YYYY-MM-DD`) is in."""
    at = date.fromisoformat(day)
    return (at - timedelta(days=at.weekday())).isoformat()


class LocalNow:
    """Now, in the person's zone and date style."""

    def __init__(self, zone: str, now_ms: int, style: Style = ISO) -> None:
        self.local = LocalTime(zone)
        self.now_ms = now_ms
        self.style = style
        self.today = date.fromisoformat(self.local.day_and_hour(now_ms)[0])

    def day(self, text: str) -> str:
        """The local day a text means: a date, today, yesterday, or a span ago (14d, 2w, 3m, 1y)."""
        lower = text.strip().lower()
        if lower in ("today", "yesterday"):
            return (self.today - timedelta(days=lower == "yesterday")).isoformat()
        days = {"d": 1, "w": 7, "m": 30, "y": 365}
        if lower[:-1].isdigit() and lower[-1:] in days:
            try:
                return (self.today - timedelta(days=int(lower[:-1]) * days[lower[-1]])).isoformat()
            except OverflowError:
                return "0001-01-01"
        with suppress(ValueError):
            return date.fromisoformat(lower).isoformat()
        with suppress(ValueError):
            return datetime.strptime(lower, self.style.day).date().isoformat()
        raise AccreteError(f"Can't read {text!r} as a date. Try 2026-03-01, yesterday, 2w.")

    def date(self, at: int | None) -> str:
        """The day of an instant (UTC ms) as the person writes days; a dash if unknown."""
        return self.local.text(at, self.style.day) if at is not None else "—"

    def moment(self, at: int | None) -> str:
        """Day and time of an instant."""
        return self.local.text(at, f"{self.style.day} {self.style.time}") if at is not None else "—"

    def prose(self, at: int | None) -> str:
        """Day and time of an instant in a sentence: `22 Nov 14:02`, with the year if it is not this
        one."""
        if at is None:
            return "—"
        year = "" if self.local.text(at, "%Y") == f"{self.today:%Y}" else " %Y"
        return self.local.text(at, f"%-d %b{year} {self.style.time}")

    def time(self, at: int | None, *, seconds: bool = False) -> str:
        """The time of day of an instant; nothing if unknown."""
        return (
            self.local.text(at, self.style.seconds if seconds else self.style.time)
            if at is not None
            else ""
        )

    def written(self, day: str) -> str:
        """A local day `YYYY-MM-DD` as the person writes days; anything else as it is."""
        if self.style is ISO or len(day) != 10:
            return day
        try:
            return date.fromisoformat(day).strftime(self.style.day)
        except ValueError:
            return day
