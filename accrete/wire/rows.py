"""Stored rows as they leave the machine: without what is above the tier."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType

from accrete.clock import LocalTime
from accrete.model import Tier
from accrete.model.published_names import OTHER, PLACES, is_published
from accrete.wire.travels import ADDED_UP, AGENTS, WIRE_VERSION, Column, Given, Value, columns

DAY_MS = 86_400_000
ELSE = "…"
"""Stands for what is left out of a command."""
COMMANDS = frozenset({"Bash", "PowerShell"})
SUBCOMMANDS = frozenset({
    "apt", "apt-get", "brew", "bun", "cargo", "docker", "dotnet", "gh", "git", "go", "gradle",
    "helm", "just", "kubectl", "make", "mise", "mvn", "npm", "npx", "nox", "pip", "pip3", "pnpm",
    "poe", "poetry", "rake", "task", "terraform", "tox", "uv", "yarn",
})  # fmt: skip
"""Programs whose next word says what they do."""
_HERE = re.compile(r"<<-?\s*\S+.*", re.DOTALL)
_PROGRAM = re.compile(r"[A-Za-z0-9_./~+-]{1,80}", re.ASCII)
_FLAG = re.compile(r"--?[A-Za-z0-9][A-Za-z0-9-]{0,40}", re.ASCII)
_SUBCOMMAND = re.compile(r"[a-z][a-z0-9:-]{0,40}", re.ASCII)
_PLACE = re.compile(r"(?=.*/|[\w-]+\.[A-Za-z0-9]{1,8}$)[\w./~@:*+-]{1,400}", re.ASCII)
_OPERATORS = frozenset(";|&<>()")
Way = Callable[..., Value]
"""How a value of a column leaves. It takes what the column holds."""


class Reducer:
    """Makes the rows of one table of one session ready to leave.

    stored: the names of the stored row's columns. local: the zone of the session's days. projects:
    for each project's id the id it leaves under, and under '' a secret of this machine. agents: for
    each subagent the id of its first record, which tells nothing of its name and is the same on all
    machines; one without it leaves as what the secret makes of its name. version: of the contract.
    """

    def __init__(
        self,
        table: str,
        tier: int,
        stored: Sequence[str],
        local: LocalTime,
        projects: Mapping[str, str],
        agents: Mapping[str, str] = MappingProxyType({}),
        version: int = WIRE_VERSION,
    ) -> None:
        self.table, self.local, self.projects = table, local, projects
        at = {name: index for index, name in enumerate(stored)}
        self._tier, self._secret, self._agents = tier, projects.get("", ""), agents
        self._of_tool = at.get("tool", -1) if table == "tool_call" and tier < Tier.WORDS else -1
        self._taken = [
            (at[each.name], each.name, self._way(each)) for each in columns(table, tier, version)
        ]

    def rows(self, stored: Iterable[Sequence[Value]]) -> list[Given]:
        """The rows as they leave, without what is NULL. Those that the tier cannot tell apart are
        added up, in a table of sums."""
        made = [self._row(row) for row in stored]
        return _added(made, self.table) if self.table in ADDED_UP else made

    def _row(self, row: Sequence[Value]) -> Given:
        made: Given = {}
        for index, name, way in self._taken:
            value = row[index]
            if value is not None:
                value = value if way is None else way(value)
                if value is not None:
                    made[name] = value
        if self._of_tool >= 0 and "target" in made:
            made["target"] = target_of(str(row[self._of_tool]), str(made["target"]))
            if made["target"] is None:
                del made["target"]
        return made

    def _way(self, column: Column) -> Way | None:
        if column.name in AGENTS and self._tier < Tier.WORDS:
            return self._agent
        if column.name == "project":
            return lambda value: self.projects.get(value) if value else None
        if column.daily:
            return self._day
        if column.listed:
            listed = column.listed
            return lambda value: value if is_published(listed, value) else OTHER
        return None

    def _agent(self, name: str) -> str:
        first = self._agents.get(name)
        return alias(first, "") if first else alias(name, self._secret)

    def _day(self, at: int) -> int:
        """The moment at which its local day would begin in UTC."""
        return midnight(self.local.day(at))


def target_of(tool: str, target: str) -> str | None:
    """The target of a call as activity: that of tools whose target is a place, and of a command
    what it runs (command_of)."""
    if tool not in PLACES:
        return None
    if tool not in COMMANDS:
        return target
    return command_of(target)


def command_of(command: str) -> str:
    """What a command runs and on which places: programs, what comes first after those that take a
    subcommand, flags without their values, and words that look like a path. All else is `…`, also
    the rest of a command that cannot be taken apart."""
    lexer = shlex.shlex(_HERE.sub("", command), posix=True, punctuation_chars=";|&<>()")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    kept: list[str] = []
    program, at = "", 0
    try:
        for word in lexer:
            if set(word) <= _OPERATORS:
                shown, at = word, 0 if word[0] not in "<>" else at
            elif at == 0:
                program = word.rpartition("/")[2]
                shown = word if _PROGRAM.fullmatch(word) else ELSE
                at = 1
            else:
                shown = _word_of(program, word, at)
                at += not word.startswith("-")
            if shown != ELSE or not kept or kept[-1] != ELSE:
                kept.append(shown)
    except ValueError:
        first = kept[:1] if kept and kept[0] != ELSE else []
        kept = [*first, ELSE]
    return " ".join(kept)


def _word_of(program: str, word: str, at: int) -> str:
    name, equals, _ = word.partition("=")
    if _FLAG.fullmatch(name):
        return f"{name}={ELSE}" if equals else name
    if at == 1 and program in SUBCOMMANDS and _SUBCOMMAND.fullmatch(word):
        return word
    return word if _PLACE.fullmatch(word) else ELSE


def alias(name: str, secret: str) -> str:
    """An id that stands for a name, and that nobody without the secret can make of it."""
    return blake2b(name.encode(), key=secret.encode(), digest_size=8).hexdigest() if name else ""


@lru_cache(maxsize=4096)
def midnight(day: str) -> int:
    """00:00 UTC of a day `YYYY-MM-DD`, in ms."""
    return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * 1000


def _added(rows: list[Given], name: str) -> list[Given]:
    """Rows of one identity become one, with their numbers added up."""
    from accrete.wire.travels import table

    identity = [each for each in table(name).key if each != "person"]
    found: dict[tuple[Value, ...], Given] = {}
    for row in rows:
        key = tuple(row.get(each) for each in identity)
        if key not in found:
            found[key] = row
            continue
        held = found[key]
        for field, value in row.items():
            if field not in identity:
                held[field] = _sum(held.get(field), value)
    return list(found.values())


def _sum(one: Value, other: Value) -> int | float:
    """Two numbers added up; None counts as 0. Raises TypeError for a text."""
    if isinstance(one, str) or isinstance(other, str):
        raise TypeError("a text in a table of sums")
    return (one or 0) + (other or 0)
