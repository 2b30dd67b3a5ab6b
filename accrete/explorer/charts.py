"""Where the marks of charts stand: bars, days, hours. The templates draw them as SVG."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LEVELS = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a chart, in its own units. label: what it stands for, in words; kind: how it is
    drawn; href: what it opens."""

    x: float
    y: float
    width: float
    height: float
    label: str
    kind: str = "b"
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of width x height units. name: what it shows and where its figures stand; texts:
    (x, y, what is written); ends: what is written below its first and its last mark, where it is
    drawn as wide as there is room, which would draw letters wide or narrow too."""

    name: str
    width: int
    height: int
    marks: Sequence[Mark]
    texts: Sequence[tuple[float, float, str]] = ()
    lines: Sequence[tuple[float, float, float, float]] = ()
    ends: tuple[str, str] | None = None

    @property
    def heading(self) -> str:
        """What it shows."""
        return self.name.partition(";")[0]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its value, and as Mark."""

    value: float
    label: str
    kind: str = "b"
    href: str | None = None


def bars(
    name: str,
    given: Sequence[Bar],
    *,
    ends: tuple[str, str],
    width: int = 620,
    most: float | None = None,
) -> Chart:
    """Bars from 0, side by side; what is above 0 has at least one unit. ends: what is written
    under the first and the last; most: the value at full height, the largest if not given."""
    height, foot = 92, 90
    most = most or max((each.value for each in given), default=0) or 1
    step = width / max(len(given), 1)
    room = max(step - 2, 1) if step >= 4 else step * 0.8
    marks = []
    for at, each in enumerate(given):
        tall = max(each.value / most * (foot - 8), 1.0) if each.value > 0 else 0.5
        x = round(at * step, 2)
        marks.append(
            Mark(
                x,
                round(foot - tall, 2),
                round(room, 2),
                round(tall, 2),
                each.label,
                each.kind,
                each.href,
            )
        )
    axis = (0.0, foot + 0.5, float(width), foot + 0.5)
    return Chart(name, width, height, marks, (), [axis], ends)


def levels(values: Sequence[float]) -> list[float]:
    """The lowest value of each of the levels 2 to LEVELS: quantiles of the values above 0."""
    some = sorted(value for value in values if value > 0)
    if not some:
        return []
    return [some[len(some) * at // LEVELS] for at in range(1, LEVELS)]


def level(value: float, of: Sequence[float]) -> int:
    """0 for nothing, else 1 to LEVELS."""
    return 0 if value <= 0 else 1 + bisect_right(of, value)


def calendar(name: str, given: dict[str, tuple[float, str]], until: str, weeks: int = 26) -> Chart:
    """Weeks as columns, Monday on top. given: for a local day its value and its words."""
    last = date.fromisoformat(until)
    first = last - timedelta(last.weekday() + 7 * (weeks - 1))
    steps = levels([value for value, _ in given.values()])
    marks, texts = [], []
    for at in range((last - first).days + 1):
        day = first + timedelta(at)
        value, words = given.get(day.isoformat(), (0.0, "nothing"))
        column, row = divmod(at, 7)
        label = f"{day.strftime('%a %-d %b')}: {words}"
        marks.append(Mark(column * 13, 14 + row * 13, 11, 11, label, f"q{level(value, steps)}"))
        if day.day <= 7 and row == 0 and (at or day.day == 1):
            texts.append((float(column * 13), 9.0, day.strftime("%b")))
    return Chart(name, weeks * 13, 14 + 7 * 13, marks, texts)


def hours(name: str, given: Sequence[float], words: Sequence[str]) -> Chart:
    """Weekdays as rows, hours as columns. given: 168 values from Monday 00:00."""
    steps = levels(given)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    marks = [
        Mark(
            30 + hour % 24 * 13,
            hour // 24 * 13,
            11,
            11,
            f"{days[hour // 24]} {hour % 24:02d}:00: {words[hour]}",
            f"q{level(value, steps)}",
        )
        for hour, value in enumerate(given)
    ]
    texts: list[tuple[float, float, str]] = [
        (0.0, row * 13 + 10.0, day) for row, day in enumerate(days)
    ]
    texts += [(30.0 + hour * 13, 104.0, f"{hour:02d}") for hour in (0, 6, 12, 18)]
    return Chart(name, 30 + 24 * 13, 106, marks, texts)


def spark(name: str, values: Sequence[float], most: float | None = None) -> Chart:
    """A row of small bars without an axis. most: as for bars."""
    most = most or max(values, default=0) or 1
    marks = [
        Mark(at * 5, round(20 - max(value / most * 19, 1 if value else 0.5), 2), 4,
             round(max(value / most * 19, 1 if value else 0.5), 2), "", "b" if value else "b2")
        for at, value in enumerate(values)
    ]  # fmt: skip
    return Chart(name, max(len(values) * 5, 5), 20, marks)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an area: its height, how much of it the lower area has, what it stands for, and
    whether the height fell to it at once."""

    value: float
    under: float
    label: str
    fell: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """Areas over one another as paths (how it is drawn, the path), the rest as in Chart; its marks
    are where a step is pointed at."""

    name: str
    width: int
    height: int
    paths: Sequence[tuple[str, str]]
    marks: Sequence[Mark]
    texts: Sequence[tuple[float, float, str]]
    lines: Sequence[tuple[float, float, float, float]]


def area(
    name: str,
    given: Sequence[Step],
    *,
    levels: Sequence[tuple[float, str]],
    ends: tuple[str, str],
    width: int = 840,
) -> Area:
    """Steps from left to right, the lower area over the whole one. levels: heights that have a
    line, with what is written on it; ends: what is written under the first and the last."""
    height, foot = 164, 148
    most = max([each.value for each in given] + [at for at, _ in levels], default=0) or 1
    wide = width / max(len(given), 1)

    def y(value: float) -> float:
        return round(foot - value / most * (foot - 14), 2)

    def path(values: Sequence[float]) -> str:
        drawn = "".join(f"V{y(v)}H{round((at + 1) * wide, 2)}" for at, v in enumerate(values))
        return f"M0 {foot}{drawn}V{foot}Z"

    paths = [("b2", path([each.value for each in given])), ("b", path([e.under for e in given]))]
    for at, each in enumerate(given):
        if each.fell and at:
            x = round(at * wide, 2)
            paths.append(("cliff", f"M{x} {y(given[at - 1].value)}V{foot}"))
    marks = [
        Mark(round(at * wide, 2), 0, round(wide, 2), foot, each.label, "hit")
        for at, each in enumerate(given)
    ]
    texts = [(0.0, 162.0, ends[0]), (float(width), 162.0, ends[1])]
    texts += [(0.0, y(at) - 3, words) for at, words in levels]
    lines = [(0.0, y(at), float(width), y(at)) for at, _ in levels]
    return Area(name, width, height, paths if given else [], marks, texts,
                [*lines, (0, foot + 0.5, width, foot + 0.5)])  # fmt: skip


def stack(name: str, given: Sequence[Bar], *, width: int = 840) -> Chart:
    """One bar of parts beside each other; what is above 0 has at least two units."""
    parts = [each for each in given if each.value > 0]
    whole = sum(each.value for each in parts) or 1
    room = width - 2 * len(parts)
    marks, x = [], 0.0
    for each in parts:
        wide = 2 + each.value / whole * room
        marks.append(
            Mark(round(x, 2), 0, round(max(wide - 1, 1), 2), 24, each.label, each.kind, each.href)
        )
        x += wide
    return Chart(name, width, 24, marks)


@dataclass(frozen=True, slots=True)
class Upto:
    """What a month cost up to the end of some of its days: the first and the last of them, from 1
    on, and what it is in words."""

    first: int
    last: int
    value: float
    label: str


def running(
    name: str,
    given: Sequence[Upto],
    *,
    days: int,
    limit: tuple[float, str],
    band: tuple[float, float, str] | None = None,
) -> Chart:
    """What a month of so many days cost up to each day, its budget as a line, its forecast as a
    band at its end. limit: the budget, and its words; band: the ends of the forecast, and its
    words."""
    width, foot = 300, 90
    high = band[1] if band else 0
    most = max([limit[0], high, *(each.value for each in given)]) or 1
    step = width / days

    def tall(value: float) -> float:
        return round(value / most * (foot - 12), 2)

    marks = [
        Mark(
            round((each.first - 1) * step, 2), round(foot - tall(each.value), 2),
            round((each.last - each.first + 1) * step - 2, 2), max(tall(each.value), 0.5),
            each.label, "b",
        )
        for each in given
    ]  # fmt: skip
    if band is not None:
        marks.append(
            Mark(
                round(width - step, 2), round(foot - tall(high), 2), round(step - 2, 2),
                max(tall(high) - tall(band[0]), 2.0), band[2], "b2",
            )
        )  # fmt: skip
    line = foot - tall(limit[0])
    return Chart(
        name, width, 104, marks,
        [(0.0, 103.0, "1"), (float(width), 103.0, str(days)), (0.0, round(line - 3, 2), limit[1])],
        [(0, foot + 0.5, width, foot + 0.5), (0, line, width, line)],
    )  # fmt: skip
