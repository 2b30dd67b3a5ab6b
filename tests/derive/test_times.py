"""What of a session counts as active, and where its work is cut into blocks."""

from __future__ import annotations

import pytest

from accrete.derive.times import (
    LONGEST_OTHER_MS,
    Block,
    active_spans,
    running_span,
    total,
    work_blocks,
)
from accrete.settings import IDLE_GAP_MS

MIN = 60_000
HOUR = 60 * MIN


@pytest.mark.parametrize(
    ("instants", "running", "spans"),
    [
        ([], [], []),
        ([7], [], []),
        ([7, 7], [], []),
        ([0, IDLE_GAP_MS], [], [(0, IDLE_GAP_MS)]),
        ([0, IDLE_GAP_MS + 1], [], []),
        ([MIN, 0, 3 * MIN], [], [(0, 3 * MIN)]),
        ([0, MIN, HOUR, HOUR + MIN], [], [(0, MIN), (HOUR, HOUR + MIN)]),
        # a tool that ran joins what it touches, and covers what it surrounds
        ([0, MIN], [(MIN, HOUR)], [(0, HOUR)]),
        ([0, MIN], [(MIN + 1, HOUR)], [(0, MIN), (MIN + 1, HOUR)]),
        ([5 * MIN, 6 * MIN], [(0, HOUR)], [(0, HOUR)]),
        ([], [(0, HOUR), (MIN, 2 * MIN), (30 * MIN, 90 * MIN)], [(0, 90 * MIN)]),
        ([], [(HOUR, HOUR), (HOUR, MIN)], []),
    ],
)
def test_active_is_what_lies_near_together_and_what_ran(instants, running, spans):
    assert active_spans(instants, running) == spans


def test_without_a_tool_only_instants_count():
    assert active_spans([0, MIN]) == [(0, MIN)]


@pytest.mark.parametrize(
    ("ended", "tool", "ms", "most", "span"),
    [
        (MIN, "Edit", None, HOUR, (0, MIN)),
        (2 * HOUR, "Edit", None, HOUR, (0, LONGEST_OTHER_MS)),
        (2 * HOUR, "Edit", None, MIN, (0, MIN)),
        (2 * HOUR, "Bash", None, HOUR, (0, HOUR)),
        (2 * HOUR, "Agent", None, HOUR, (0, HOUR)),
        (2 * HOUR, "mcp__db__query", None, HOUR, (0, HOUR)),
        # what was measured is believed, of every tool, and is no more than there was time for
        (2 * HOUR, "Edit", 30 * MIN, HOUR, (90 * MIN, 2 * HOUR)),
        (2 * HOUR, "Edit", 90 * MIN, HOUR, (30 * MIN, 90 * MIN)),
        (MIN, "Bash", HOUR, HOUR, (0, MIN)),
        (MIN, "Bash", 0, HOUR, (MIN, MIN)),
    ],
)
def test_a_tool_ran_as_long_as_it_may_have(ended, tool, ms, most, span):
    assert running_span(0, ended, tool, ms, most) == span


def test_spans_add_up():
    assert total([]) == 0
    assert total([(1, 4), (10, 30)]) == 23


@pytest.mark.parametrize(
    ("instants", "spans", "blocks"),
    [
        ([], [], []),
        ([5], [], [Block(5, 5, 0)]),
        ([0, HOUR], [], [Block(0, HOUR, 0)]),
        ([0, HOUR + 1], [], [Block(0, 0, 0), Block(HOUR + 1, HOUR + 1, 0)]),
        ([3 * HOUR, 0], [], [Block(0, 0, 0), Block(3 * HOUR, 3 * HOUR, 0)]),
        # what ran lasts until its end, whatever was said meanwhile
        ([0, MIN, 3 * HOUR], [(0, 2 * HOUR)], [Block(0, 3 * HOUR, 2 * HOUR)]),
        ([0, 2 * HOUR], [(0, MIN)], [Block(0, MIN, MIN), Block(2 * HOUR, 2 * HOUR, 0)]),
        # each block has the spans that begin in it, to its last instant
        (
            [0, 2 * HOUR],
            [(0, MIN), (2 * MIN, 4 * MIN), (2 * HOUR, 2 * HOUR + 8 * MIN)],
            [Block(0, 4 * MIN, 3 * MIN), Block(2 * HOUR, 2 * HOUR + 8 * MIN, 8 * MIN)],
        ),
    ],
)
def test_work_is_cut_where_nothing_happened_for_an_hour(instants, spans, blocks):
    assert work_blocks(instants, spans, HOUR) == blocks
