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


def active_spans(
    instants: Iterable[int], running: Iterable[tuple[int, int]] = ()
) -> list[tuple[int, int]]:
    """The stretches that count as active, merged and in order: between neighbouring instants no
    more than five minutes apart, and while a tool ran (`running`: what `running_span` gives for
    each call)."""
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


LONG_RUNNING = frozenset(
    {"Bash", "PowerShell", "Agent", "Task", "Workflow", "TaskOutput", "Monitor"}
)
LONGEST_OTHER_MS = 10 * 60_000


def running_span(called: int, ended: int, tool: str, ms: int | None, most: int) -> tuple[int, int]:
    """The part of a tool's run that counts as active, at most `most` ms from its beginning.

    It begins at the call, or as long before the result as the client measured; without a measure a
    tool that does not run for long counts ten minutes at most: what is more was waiting for
    somebody. What a subagent says meanwhile has instants of its own, so that one at work counts
    whole, and one that sleeps does not.
    """
    began = called if ms is None else max(called, ended - ms)
    if ms is None and tool not in LONG_RUNNING and not tool.startswith("mcp__"):
        most = min(most, LONGEST_OTHER_MS)
    return began, min(ended, began + most)


def total(spans: Iterable[tuple[int, int]]) -> int:
    """The length of all spans, ms."""
    return sum(end - start for start, end in spans)


def work_blocks(instants: Iterable[int], spans: list[tuple[int, int]], idle_ms: int) -> list[Block]:
    """The session cut where nothing happened for longer than `idle_ms`: instants and active spans
    both count as something happening. `spans` is what `active_spans` gave for the same instants."""
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
