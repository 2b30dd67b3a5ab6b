"""Local days and hours from UTC milliseconds, in a named zone, with daylight saving."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from accrete.errors import AccreteError

_QUARTER_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Style:
    """How days and times of day are written for a person: patterns of strftime."""

    day: str = "%Y-%m-%d"
    time: str = "%H:%M"
    seconds: str = "%H:%M:%S"


ISO = Style()


class LocalTime:
    """Turns instants (UTC ms) into the local day and hour of one zone. Zone changes fall on quarter hours,
    so each quarter is worked out once."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._tz = zone_info(zone)
        self._quarters: dict[int, tuple[str, int]] = {}

    def day_and_hour(self, at: int) -> tuple[str, int]:
        """The local day as `YYYY-MM-DD` and the hour of the week (0 = Monday 00:00-00:59, 167 = Sunday 23:…)."""
        quarter = at // _QUARTER_MS
        found = self._quarters.get(quarter)
        if found is None:
            local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._tz)
            found = (local.strftime("%Y-%m-%d"), local.weekday() * 24 + local.hour)
            self._quarters[quarter] = found
        return found

    def start_of_day(self, day: str) -> int:
        """The instant (UTC ms) at which the local day `YYYY-MM-DD` begins."""
        local = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=self._tz)
        return int(local.timestamp() * 1000)

    def text(self, at: int, pattern: str = "%Y-%m-%d %H:%M") -> str:
        """The instant as local text."""
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._tz).strftime(pattern)


@lru_cache(maxsize=64)
def zone_info(zone: str) -> tzinfo:
    """The zone for an IANA name or a fixed offset `UTC+hh:mm`. Unknown names are read as UTC."""
    if zone.startswith("UTC") and len(zone) == 9:
        sign = -1 if zone[3] == "-" else 1
        return timezone(sign * timedelta(hours=int(zone[4:6]), minutes=int(zone[7:9])))
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        return UTC


def parse_instant(text: object) -> int | None:
    """UTC milliseconds from an ISO 8601 text (`2026-01-02T03:04:05.678Z`) or a number of ms; None when it is neither."""
    if isinstance(text, str):
        try:
            return _iso_ms(text)
        except (ValueError, OverflowError):
            return None
    if isinstance(text, (int, float)) and not isinstance(text, bool) and 0 <= text < 4e12:
        return int(text)
    return None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _iso_ms(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    delta = moment - _EPOCH
    at = delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000
    if not 0 <= at < 4e12:  # years that no client has lived in, some of which have no local day
        raise ValueError(text)
    return at


def monday(day: str) -> str:
    """The Monday of the week that a local day (`YYYY-MM-DD`) is in."""
    at = date.fromisoformat(day)
    return (at - timedelta(days=at.weekday())).isoformat()


class LocalNow:
    """The present in the person's zone, and how days and times are written for them."""

    def __init__(self, zone: str, now_ms: int, style: Style = ISO) -> None:
        self.local = LocalTime(zone)
        self.now_ms = now_ms
        self.style = style
        self.today = date.fromisoformat(self.local.day_and_hour(now_ms)[0])

    def day(self, text: str) -> str:
        """The local day that a text means: a date, today, yesterday, or so long ago (14d, 2w, 3m, 1y)."""
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
        raise AccreteError(f"{text!r} is no day that I understand. Write 2026-03-01, today, yesterday, 14d, 2w or 3m.")

    def date(self, at: int | None) -> str:
        """The day of an instant (UTC ms) as the person writes days; a dash where it is not known."""
        return self.local.text(at, self.style.day) if at is not None else "—"

    def moment(self, at: int | None) -> str:
        """Day and time of an instant."""
        return self.local.text(at, f"{self.style.day} {self.style.time}") if at is not None else "—"

    def time(self, at: int | None, *, seconds: bool = False) -> str:
        """The time of day of an instant; nothing where it is not known."""
        return self.local.text(at, self.style.seconds if seconds else self.style.time) if at is not None else ""

    def written(self, day: str) -> str:
        """A local day `YYYY-MM-DD` as the person writes days; anything else as it is."""
        if self.style is ISO or len(day) != 10:
            return day
        try:
            return date.fromisoformat(day).strftime(self.style.day)
        except ValueError:
            return day
