"""Stored rows as they leave the machine: without what is above the tier."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from accrete.clock import LocalTime
from accrete.model.field import Tier
from accrete.model.published import OTHER, PLACES, is_published
from accrete.wire.travels import ADDED_UP, Column, columns

DAY_MS = 86_400_000
COMMANDS = frozenset({"Bash", "PowerShell"})
_HERE = re.compile(
    r"(<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n).*?(^\s*\2\s*$|\Z)", re.DOTALL | re.MULTILINE
)
_QUOTED = re.compile(r"""(?s)\\.|"(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z)""")
"""A character that a backslash takes away, or a text in quotes, also one that is cut off."""
Given = dict[str, Any]
"""A row by the names of its fields; NULL is left out."""


class Reducer:
    """Makes the rows of one table of one session ready to leave.

    stored: the names of the stored row's columns. local: the zone of the session's days. projects:
    for each project's id the id it leaves under.
    """

    def __init__(
        self,
        table: str,
        tier: int,
        stored: Sequence[str],
        local: LocalTime,
        projects: Mapping[str, str],
    ) -> None:
        self.table, self.local, self.projects = table, local, projects
        at = {name: index for index, name in enumerate(stored)}
        self._of_tool = at.get("tool", -1) if table == "tool_call" and tier < Tier.WORDS else -1
        self._taken = [(at[each.name], each.name, self._way(each)) for each in columns(table, tier)]

    def rows(self, stored: Iterable[Sequence[Any]]) -> list[Given]:
        """The rows as they leave. Those that the tier cannot tell apart are added up, in a table of
        sums."""
        made = [self._row(row) for row in stored]
        return _added(made, self.table) if self.table in ADDED_UP else made

    def _row(self, row: Sequence[Any]) -> Given:
        made = {}
        for index, name, way in self._taken:
            value = row[index]
            if value is not None:
                value = value if way is None else way(value)
                if value is not None:
                    made[name] = value
        if self._of_tool >= 0 and "target" in made:
            made["target"] = target_of(row[self._of_tool], made["target"])
            if made["target"] is None:
                del made["target"]
        return made

    def _way(self, column: Column) -> Callable[[Any], Any] | None:
        if column.name == "project":
            return self.projects.get
        if column.daily:
            return self._day
        if column.listed:
            listed = column.listed
            return lambda value: value if is_published(listed, value) else OTHER
        return None

    def _day(self, at: int) -> int:
        """The moment at which its local day would begin in UTC."""
        return midnight(self.local.day(at))


def target_of(tool: str, target: str) -> str | None:
    """The target of a call as activity: that of tools whose target is a place, and of a command
    what it runs. Texts in quotes and here-documents, such as the message of a commit, are words."""
    if tool not in PLACES:
        return None
    if tool not in COMMANDS:
        return target
    return _QUOTED.sub(_quoted, _HERE.sub(r"\1…\n\3", target))


def _quoted(found: re.Match[str]) -> str:
    """A text in quotes as it leaves: words only where it is one word."""
    text = found[0]
    if text[0] == "\\" or not re.search(r"\s", text):
        return text
    return f"{text[0]}…{text[0]}"


def midnight(day: str) -> int:
    """00:00 UTC of a day `YYYY-MM-DD`, in ms."""
    return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1000


def _added(rows: list[Given], name: str) -> list[Given]:
    """Rows of one identity become one, with their numbers added up."""
    from accrete.wire.travels import table

    identity = [each for each in table(name).key if each != "person"]
    found: dict[tuple[Any, ...], Given] = {}
    for row in rows:
        key = tuple(row.get(each) for each in identity)
        if key not in found:
            found[key] = row
            continue
        held = found[key]
        for field, value in row.items():
            if field not in identity:
                held[field] = held.get(field, 0) + value
    return list(found.values())
