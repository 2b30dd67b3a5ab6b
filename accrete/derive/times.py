"""Active time and work blocks from the instants of a session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accrete.settings import IDLE_GAP_MS


class Block(NamedTuple):
    """A stretch of work: when it began and ended (UTC ms) and how much of it was active (ms)."""

    started_at: int
    ended_at: int
    active_ms: int


def active_spans(instants: Iterable[int], running: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """The stretches that count as active, merged and in order: between neighbouring instants no more than five
    minutes apart, and while a tool ran (`running`: from its call to its result)."""
    times = sorted(instants)
    spans = [(a, b) for a, b in zip(times, times[1:], strict=False) if a < b <= a + IDLE_GAP_MS]
    spans.extend((a, b) for a, b in running if a < b)
    spans.sort()
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


LONG_RUNNING = frozenset({"Bash", "PowerShell", "Agent", "Task", "Workflow", "TaskOutput", "Monitor"})
LONGEST_MS, LONGEST_OTHER_MS = 3_600_000, 600_000


def running_span(called: int, ended: int, tool: str, ms: int | None) -> tuple[int, int]:
    """When a tool ran: as long as the client measured, up to its result. Where it measured nothing, from call to result,
    but no longer than an hour, and ten minutes for tools that do not run for long: what is more was waiting for somebody."""
    if ms is not None:
        return max(called, ended - ms), ended
    longest = LONGEST_MS if tool in LONG_RUNNING or tool.startswith("mcp__") else LONGEST_OTHER_MS
    return called, min(ended, called + longest)


def total(spans: Iterable[tuple[int, int]]) -> int:
    """The length of all spans, ms."""
    return sum(end - start for start, end in spans)


def work_blocks(instants: Iterable[int], spans: list[tuple[int, int]], idle_ms: int) -> list[Block]:
    """The session cut where nothing happened for longer than `idle_ms`: instants and active spans both count as
    something happening. `spans` is what `active_spans` gave for the same instants."""
    pieces = sorted([(at, at) for at in instants] + spans)
    blocks: list[list[int]] = []
    for start, end in pieces:
        if blocks and start - blocks[-1][1] <= idle_ms:
            blocks[-1][1] = max(blocks[-1][1], end)
        else:
            blocks.append([start, end, 0])
    found, index = [], 0
    for start, end, _ in blocks:
        active = 0
        while index < len(spans) and spans[index][0] <= end:
            active += spans[index][1] - spans[index][0]
            index += 1
        found.append(Block(start, end, active))
    return found
