"""Spreads of session figures as answers."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.queries import figures


class Spread(NamedTuple):
    """How one figure lies over sessions."""

    name: Annotated[str, "the figure"]
    unit: Annotated[str, "ms, tokens, nano (dollars), share (0 to 1), or empty for a count"]
    sessions: Annotated[int, "sessions that have it"]
    low: Annotated[float | None, "10% of them are at or below it, in `unit`"]
    median: Annotated[float | None, "50%"]
    high: Annotated[float | None, "90%"]
    recent: Annotated[float | None, "median since `baseline`"]
    before: Annotated[float | None, "median before it"]


class Group(NamedTuple):
    """Sessions of one kind."""

    key: Annotated[str, "what they have in common: an outcome, an id, a name"]
    label: Annotated[str, "the same in words"]
    sessions: Annotated[int, "sessions"]
    active_ms: Annotated[float | None, "median of active time"]
    messages: Annotated[float | None, "median of prompts and own responses"]
    tokens: Annotated[float | None, "median of tokens, own and delegated"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of priced sessions"]
    cost_median_nano: Annotated[float | None, "median of that"]
    unpriced: Annotated[int, "sessions with something that has no price"]
    edits_proposed: Annotated[int, "edits that Claude proposed"]
    edits_landed: Annotated[int, "of these, edits applied"]
    asked: Annotated[int, "edits that a person was asked about"]
    accepted: Annotated[int, "of these, accepted"]
    outcomes: Annotated[dict[str, int], "sessions by outcome"]


class Figures(NamedTuple):
    """Figures of sessions with a prompt or response."""

    by: Annotated[str, "the grouping"]
    spreads: Annotated[list[Spread], "figures"]
    groups: Annotated[list[Group], "sessions by kind"]
    sessions: Annotated[int, "all sessions"]
    over_budget: Annotated[int | None, "sessions over the budget; null without one"]
    baseline: Annotated[str, "day from which on sessions are recent; empty without any"]
    partly: Annotated[int, "sessions that extend beyond the range"]


def figures_of(found: figures.Figures, by: str, most: int | None) -> Figures:
    """Figures as an answer; most: how many groups."""
    return made(
        Figures,
        found,
        by=by,
        spreads=[made(Spread, each) for each in found.spreads],
        groups=[made(Group, each) for each in found.groups[:most]],
    )
