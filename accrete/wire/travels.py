"""Which tables and which of their fields leave the machine at a tier."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import NamedTuple, Union, get_args, get_origin, get_type_hints

from accrete import __version__
from accrete.model import Tier
from accrete.model.captured import ToolResult
from accrete.model.field import Field
from accrete.model.sessions import Finding, SessionKind, SessionPullState
from accrete.model.tables import TABLES, Table

WIRE_VERSION = 3
"""The version of the contract. Raise it with every field that is added, and list the field in
SINCE: a server takes the version before it, too, and a machine speaks it to a server that does."""
NUMBERED = 3
"""The version from which on messages carry a number (decision 26)."""
PROGRAM = f"{__version__} wire {WIRE_VERSION}"
"""What this program calls itself to the other side: what one refused, another may take."""
SINCE: dict[tuple[str, str], int] = {
    ("session_day", "steps_told"): 2,
    ("session_day", "steps_untold"): 2,
    **{("finding", name): 2 for name in Finding._fields},
    **{("session_kind", name): 2 for name in SessionKind._fields},
    **{("session_pull_state", name): 3 for name in SessionPullState._fields},
}
"""The version of the contract from which on a field is in it, where that is not the first."""

NAMES = (
    "session", "prompt", "response", "inference", "tool_call", "agent_run", "session_commit",
    "session_pull", "session_pull_state", "check_run", "sighting", "session_practice",
    "session_day", "session_usage", "session_tool", "session_file", "session_kind", "finding",
    "work_block", "event",
)  # fmt: skip
"""The tables whose rows may leave, each with the session it belongs to. Tags and notes do not:
they are what a person says to themselves."""

ADDED_UP = frozenset({"session_usage", "session_tool"})
"""Tables of sums: rows that a tier cannot tell apart are added up."""
FROM_ACTIVITY = frozenset({"event", "work_block"})
"""Tables that tier 1 has no use for: single steps, and blocks that only their clock time tells
apart."""
WORDS_IN = frozenset(
    {("tool_call", "detail"), ("session", "outcome_reason"), ("session", "category_reason")}
)
"""Fields of activity that may hold words, such as the subject of a commit or what a prompt says:
they leave at tier 3."""
AGENTS = frozenset({"agent", "run", "parent_agent", "spawned"})
"""Ids of subagents. Claude Code makes them of names that people give, so below tier 3 they leave as
what `alias` makes of them."""
HOURS = frozenset({"hour_of_week"})
"""Fields that tell the time of day; they leave from tier 2 on, where clock times do."""


Value = str | int | float | None
"""What stands in a field of a row."""
Given = dict[str, Value]
"""A row by the names of its fields."""


class Column(NamedTuple):
    """A field as it leaves. listed: the list of published names that it is checked against at tier
    1, '' at higher tiers and for other fields; daily: a moment that leaves as its day."""

    name: str
    kind: type
    nullable: bool
    mark: Field
    listed: str = ""
    daily: bool = False
    since: int = 1


@cache
def table(name: str) -> Table:
    """A stored table. Raises KeyError."""
    return {each.name: each for each in TABLES}[name]


@cache
def columns(name: str, tier: int, version: int = WIRE_VERSION) -> tuple[Column, ...]:
    """The fields of a table that leave at a tier, in the table's order; none where its rows do not
    leave. The person is not among them: a server knows whose token it is."""
    if name not in NAMES or tier < lowest(name):
        return ()
    found = []
    for field, (kind, nullable, mark) in typed(name).items():
        column = _column(name, field, kind, nullable, mark, tier)
        if column is not None and column.since <= version:
            found.append(column)
    return tuple(found)


def spoken_with(program: str) -> int:
    """The version of the contract that is spoken with a program that calls itself so; the newest
    where it does not say."""
    _, _, said = program.rpartition(" wire ")
    return min(WIRE_VERSION, int(said)) if said.isascii() and said.isdecimal() else WIRE_VERSION


@cache
def lowest(name: str) -> int:
    """The lowest tier at which rows of a table leave: that of its identity."""
    if name in FROM_ACTIVITY:
        return int(Tier.ACTIVITY)
    if name in ADDED_UP:
        return int(Tier.METADATA)
    fields = table(name).fields
    return max(
        int(Tier.METADATA if fields[each].listed else fields[each].tier) for each in table(name).key
    )


def _column(
    name: str, field: str, kind: type, nullable: bool, mark: Field, tier: int
) -> Column | None:
    if field == "person" or mark.tier is Tier.LOCAL:
        return None
    since = SINCE.get((name, field), 1)
    if field in HOURS and tier < Tier.ACTIVITY:
        return None
    if (name, field) in WORDS_IN and tier < Tier.WORDS:
        return None
    if mark.tier <= tier:
        daily = tier < Tier.ACTIVITY and mark.unit == "UTC ms"
        return Column(field, kind, nullable, mark, daily=daily, since=since)
    if mark.listed:
        return Column(field, kind, nullable, mark, listed=mark.listed, since=since)
    return None


@cache
def typed(name: str) -> dict[str, tuple[type, bool, Field]]:
    """The plain type of each field of a table, whether it may be NULL, and its mark."""
    found: dict[str, tuple[type, bool, Field]] = {}
    one = table(name)
    for noun in (*one.nouns, *one.worked_out):
        missing = noun is ToolResult  # a call that nothing answered has none
        for field, hint in get_type_hints(noun).items():
            given = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
            kinds = [each for each in given if each is not type(None)]
            mark = one.fields[field]
            answered = missing and mark.tier is not Tier.LOCAL
            found[field] = (kinds[0], answered or len(kinds) < len(given), mark)
    return found
