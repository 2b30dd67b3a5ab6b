"""Sessions told as stories, line by line, and what a practice finds in one."""

from __future__ import annotations

from typing import Any

from accrete.outcomes.checks import Check
from accrete.outcomes.commits import Commit
from accrete.outcomes.story import Call, Mark, Story, Turn
from accrete.practices import named

Line = Turn | Call | Mark
OPEN = -1
"""A place or time that the order of a story gives."""


def turn(words: str = "Go on with it", kind: str = "typed_prompt", *, at: int | None = OPEN,
         uuid: str = "", mode: str | None = None) -> Turn:  # fmt: skip
    return Turn(uuid, kind, OPEN, at, words, None, mode)


def slash(name: str, words: str = "") -> Turn:
    return Turn("", "slash_command", OPEN, OPEN, words, f"/{name}", None)


def call(tool: str, target: str | None = None, status: str = "ok", **more: Any) -> Call:
    empty: dict[str, Any] = dict.fromkeys(Call._fields)
    empty |= {"uuid": "", "run": "", "seq": OPEN, "at": OPEN, "detail": {}, "in_worktree": False}
    empty |= {"commits": (), "pulls": (), "checks": (), "pushed": False, "message_id": "",
              "use": "", "answer": ""}  # fmt: skip
    return Call(**(empty | {"tool": tool, "target": target, "status": status} | more))


def mark(kind: str, text: str | None = None, *, name: str | None = None, run: str = "",
         at: int | None = OPEN) -> Mark:  # fmt: skip
    return Mark(kind, "", run, OPEN, at, name, text)


def edit(path: str = "/w/a.py", **more: Any) -> Call:
    return call("Edit", path, **({"added": 1, "removed": 0} | more))


def check(verdict: str = "passed", runner: str = "pytest", **more: Any) -> Call:
    return call("Bash", runner, checks=(Check("test", runner, verdict, None, None),), **more)


def commit(subject: str | None = "Fix", *, sure: str = "printed", kind: str = "committed",
           **more: Any) -> Call:  # fmt: skip
    made = Commit("1a2b3c4", "main", subject, sure, kind, False)
    return call("Bash", "git commit -am x", commits=(made,), **more)


def told(*lines: Line, **more: Any) -> Story:
    """A story of these lines: each is at its place and second, unless it says when."""
    placed = [
        line._replace(
            seq=n, at=1000 * n if line.at == OPEN else line.at, uuid=line.uuid or f"u{n}",
            **({"use": line.use or f"t{n}", "message_id": line.message_id or f"m{n}",
                "answer": line.answer or f"m{n}"} if isinstance(line, Call) else {}),
        )
        for n, line in enumerate(lines)
    ]  # fmt: skip
    of = {kind: [each for each in placed if isinstance(each, kind)] for kind in (Turn, Call, Mark)}
    given: dict[str, Any] = {"automated": False} | more
    return Story("s", turns=of[Turn], calls=of[Call], marks=of[Mark], **given)


def found(practice: str, *lines: Line, **more: Any) -> list[tuple[int, str]]:
    """(place, marks) of what a practice finds, in its order."""
    rules = named(practice)
    assert rules is not None
    sightings = list(rules.find(told(*lines, **more)))
    assert all(set(each.marks) <= set(rules.marks) for each in sightings)
    return [(each.seq, " ".join(each.marks)) for each in sightings]


def notes(practice: str, *lines: Line, **more: Any) -> list[str | None]:
    rules = named(practice)
    assert rules is not None
    return [each.note for each in rules.find(told(*lines, **more))]


def possible(practice: str, *lines: Line, **more: Any) -> bool | None:
    rules = named(practice)
    assert rules is not None
    return rules.possible(told(*lines, **more))


READ, GREEN, RED = call("Read", "/w/b.py"), check(), check("failed")
