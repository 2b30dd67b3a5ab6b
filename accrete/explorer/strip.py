"""Where a session's strip has its bars and marks: on active time, pauses as breaks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accrete.present.formats import span
from accrete.queries.steps import Step

PAUSE_MS = 5 * 60_000
"""A longer time without a step is a break, whatever happened in it."""
WIDTH, GUTTER, BREAK = 1180, 76, 14
LANES = (("you", 16), ("Claude", 29), ("subagents", 42))
OTHERS = (("person", 16), *LANES[1:])
MOST_MARKS = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in which somebody was at work. lane: 0 you, 1 Claude, 2 subagents."""

    lane: int
    x: float
    width: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: failed, commit, compaction or interrupted."""

    kind: str
    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Strip:
    """name: what it shows, in words; breaks: (x, label); ends: what is written at its ends."""

    name: str
    bars: list[Bar]
    marks: list[Mark]
    breaks: list[tuple[float, str]]
    ends: tuple[str, str]
    lanes: Sequence[tuple[str, int]] = LANES
    width: int = WIDTH


def strip(
    steps: Sequence[Step],
    anchor: Callable[[Step], str],
    clock: Callable[[int], str],
    *,
    own: bool = True,
) -> Strip | None:
    """The strip of a session; None where fewer than two moments are known. anchor: of a step in the
    page; clock: how an instant is written; own: the viewer's own session."""
    times = sorted({at for each in steps for at in _moments(each)})
    if len(times) < 2:
        return None
    place, breaks = _axis(times)
    bars: list[Bar] = []
    marks: list[Mark] = []
    ended: int | None = None
    for each in steps:
        if each.at is None or not (each.turn or each.run or _kind(each)):
            continue
        x, here = place(each.at), anchor(each)
        if each.turn is not None:
            begin = ended if ended is not None and 0 <= each.at - ended <= PAUSE_MS else each.at
            label = f"prompt {each.number}, {clock(each.at)}"
            bars.append(_bar(0, place(begin), x, label, here))
            ended = each.turn.ended_at
            if ended is not None and ended > each.at:
                took = span(each.turn.active_ms)
                label = f"Claude on prompt {each.number}: {took}"
                bars.append(_bar(1, x, place(ended), label, here))
        if each.run is not None and each.run.started_at is not None:
            until = place(each.run.ended_at or each.run.started_at)
            name = f"{each.run.runs} subagents" if each.run.runs > 1 else "subagent"
            label = f"{name}, {clock(each.run.started_at)}: {each.run.calls} calls"
            bars.append(_bar(2, place(each.run.started_at), until, label, here))
        if (kind := _kind(each)) and len(marks) < MOST_MARKS:
            marks.append(Mark(kind, x, f"{kind}, {clock(each.at)}", here))
    counts = ", ".join(
        f"{n} {name}" for name in ("failed", "commit", "compaction", "interrupted")
        if (n := sum(mark.kind == name for mark in marks))
    )  # fmt: skip
    said = f"The session on a time line without its pauses: {len({b.anchor for b in bars})} prompts"
    return Strip(
        f"{said}{', ' if counts else ''}{counts}",
        bars, marks, breaks, (clock(times[0]), clock(times[-1])), LANES if own else OTHERS,
    )  # fmt: skip


def _kind(step: Step) -> str:
    if step.commits:
        return "commit"
    if step.failed:
        return "failed"
    return {"compact_boundary": "compaction", "interruption": "interrupted"}.get(step.kind, "")


def _moments(step: Step) -> list[int]:
    """The instants at which something is known to have happened: during a call that ran long, as
    many as it takes to make no pause of it."""
    found = [step.at] if step.at is not None else []
    if step.turn is not None and step.turn.ended_at is not None:
        found.append(step.turn.ended_at)
    if step.at is not None and step.call is not None and (step.call.ms or 0) > 0:
        ran = min(step.call.ms or 0, 15 * 60_000)
        found += [step.at + at for at in (*range(PAUSE_MS, ran, PAUSE_MS), ran)]
    return found


def _axis(times: list[int]) -> tuple[Callable[[int], float], list[tuple[float, str]]]:
    """Where an instant stands, and where the breaks are."""
    gaps = [later - at for at, later in zip(times, times[1:], strict=False)]
    pauses = sum(gap > PAUSE_MS for gap in gaps)
    room = min(BREAK, (WIDTH - GUTTER) * 0.3 / pauses) if pauses else 0
    active = sum(gap for gap in gaps if gap <= PAUSE_MS) or 1
    scale = (WIDTH - GUTTER - room * pauses) / active
    at, places, breaks, last = float(GUTTER), [float(GUTTER)], [], -1e9
    for gap in gaps:
        if gap > PAUSE_MS:
            words = span(gap)
            close = at - last < 64 or at > WIDTH - 110 or at < GUTTER + 64
            breaks.append((round(at + room / 2, 1), "" if close else words))
            last = last if close else at
        at += room if gap > PAUSE_MS else gap * scale
        places.append(at)

    def place(moment: int) -> float:
        found = bisect_right(times, moment) - 1
        if found < 0:
            return float(GUTTER)
        if found >= len(times) - 1:
            return round(places[-1], 1)
        share = (moment - times[found]) / (times[found + 1] - times[found])
        return round(places[found] + share * (places[found + 1] - places[found]), 1)

    return place, breaks


def _bar(lane: int, begin: float, end: float, label: str, anchor: str) -> Bar:
    wide = max(round(end - begin, 1), 3.0)
    return Bar(lane, min(begin, WIDTH - wide), wide, label, anchor)
