"""A session for practices and outcomes: turns, tool calls and marks in order, from stored rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from accrete.outcomes.tool_names import EDITS, PLANS, SHELLS
from accrete.text.json import JsonObject
from accrete.text.lazy import lazy

if TYPE_CHECKING:
    from accrete.outcomes.checks import Check
    from accrete.outcomes.commits import Commit
    from accrete.outcomes.pulls import Pull

BY_HAND = "!"
"""What stands for the tool of a command that a person ran in the session."""


class Turn(NamedTuple):
    """What a person put in: kind as in model.PROMPT_KINDS, words without what the client injected
    (up to 4,000 characters), the command's name for slash commands."""

    uuid: str
    kind: str
    seq: int
    at: int | None
    words: str
    command: str | None
    permission_mode: str | None


class Call(NamedTuple):
    """One tool call with its result. `run` is '' on the main line, else the subagent's; `detail`
    what outcomes need; `in_worktree`: a spawn that asks for a worktree of its own;
    `answer` is the same for all calls that the model made in one answer."""

    message_id: str
    use: str
    uuid: str
    run: str
    seq: int
    at: int | None
    tool: str
    variant: str | None
    target: str | None
    status: str | None
    decision_source: str | None
    decision: str | None
    denial: str | None
    result_at: int | None
    added: int | None
    removed: int | None
    user_modified: int | None
    spawned: str | None
    detail: JsonObject
    in_worktree: bool
    commits: tuple[Commit, ...]
    pulls: tuple[Pull, ...]
    checks: tuple[Check, ...]
    pushed: bool
    answer: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from other calls: the message and the tool-use id."""
        return self.message_id, self.use

    @property
    def ok(self) -> bool:
        """Whether it ended well."""
        return self.status == "ok"


class Mark(NamedTuple):
    """Something else that happened: kind, name and text as the event has them."""

    kind: str
    uuid: str
    run: str
    seq: int
    at: int | None
    name: str | None
    text: str | None


@dataclass(frozen=True)
class Story:
    """One session. `models`: those of its responses; `skills`: skills that responses were made for;
    `trees`: the folders it worked in; `branch`: whether git named a branch; `typed`: checks that a
    person ran with `!`, as calls."""

    session: str
    automated: bool
    turns: list[Turn]
    calls: list[Call]
    marks: list[Mark]
    models: frozenset[str] = frozenset()
    trees: tuple[str, ...] = ()
    branch: bool = False
    typed: tuple[Call, ...] = ()

    @cached_property
    def main(self) -> list[Call]:
        """The calls of the main line, in order."""
        return [call for call in self.calls if not call.run]

    @cached_property
    def handed_over(self) -> Call | None:
        """The plan with which the session ends: approving it with a fresh context reads as a
        refusal, and the work goes on in another session."""
        last = max(self.main, key=lambda call: call.seq, default=None)
        if (
            last is None
            or last.tool not in PLANS
            or last.status != "rejected"
            or last.detail.get("reason")
        ):
            return None
        return None if any(turn.seq > last.seq for turn in self.turns) else last

    @cached_property
    def checking(self) -> list[Call]:
        """All calls, and the commands that a person ran with `!` where these were checks."""
        return [*self.calls, *self.typed]

    @property
    def under_git(self) -> bool:
        """Whether the session worked under git, judging by its lines."""
        return self.branch or any(call.commits or call.pushed for call in self.calls)

    @cached_property
    def changed_files(self) -> set[str]:
        """The paths of all files that edits changed, plans too."""
        return {call.target for call in self.changes if call.target}

    @cached_property
    def landed(self) -> list[Call]:
        """Edits that took place, of subagents too, but of plans in the client's own folder."""
        return [call for call in self.changes if not is_plan(call.target)]

    @cached_property
    def changes(self) -> list[Call]:
        """Edits by edit tools, and by shell commands of which the client recorded what files they
        changed: one entry a file, the lines with the first."""
        found = []
        for call in self.calls:
            if not call.ok:
                continue
            if call.tool in EDITS:
                found.append(call)
            elif call.tool in SHELLS and isinstance(files := call.detail.get("files"), list):
                found += [
                    call._replace(target=path)
                    if not n
                    else call._replace(target=path, added=0, removed=0)
                    for n, path in enumerate(files)
                    if isinstance(path, str)
                ]
        return found

    @cached_property
    def landed_code(self) -> list[Call]:
        """Edits that took place in files that a check may say something of."""
        return [call for call in self.landed if is_code(call.target)]


def ending(path: str) -> str:
    """The kind of a file by its name: its last ending in lower case, else the name."""
    name = PurePosixPath(path.replace("\\", "/")).name
    return PurePosixPath(name).suffix.lower() or name


def is_plan(path: str | None) -> bool:
    """Whether a file is a plan in the client's own folder: part of planning, no product."""
    return "/.claude/plans/" in (path or "").replace("\\", "/")


_NO_CODE = frozenset(
    {
        ".gitignore",
        ".gitattributes",
        ".dockerignore",
        ".npmignore",
        ".editorconfig",
        ".mailmap",
        "license",
        "codeowners",
    }
)
"""Files of a repository's own household."""
_READ_BY_TOOLS = lazy(r"(?:^|/)(?:cmakelists|(?:dev-)?requirements[^/]*|constraints[^/]*)\.txt$")


def is_prose(path: str | None) -> bool:
    """Whether a file is written to be read by people."""
    lower = (path or "").lower().replace("\\", "/")
    return lower.endswith(
        (".md", ".mdx", ".markdown", ".rst", ".txt", ".adoc")
    ) and not _READ_BY_TOOLS.search(lower)


def is_code(path: str | None) -> bool:
    """Whether a file is what tests, builds and lints are about."""
    return (
        not is_prose(path)
        and (path or "").lower().replace("\\", "/").rsplit("/", 1)[-1] not in _NO_CODE
    )


_TEST_NAME = lazy(
    r"test_|(?i:(?:[^.]*[_.-])?(?:tests?|spec)(?:$|\.))|[^.]*[a-z0-9]Tests?(?:$|\.)|"
    r".*\.(?i:test|spec)\."
)
"""`test_cart.py`, `cart_test.go`, `cart-test.js`, `CartTest.java`, `cart.spec.ts`, `tests.py`; not
`latest.py`."""
_TEST_FOLDERS = frozenset(("tests", "test", "__tests__", "spec", "specs", "e2e", "testing"))


def within(path: str, trees: Iterable[str]) -> str:
    """A path from the outermost of the folders that a session worked in and that hold it; whole if
    none does."""
    spelled = path.replace("\\", "/")
    held = [
        tree
        for each in trees
        if spelled.lower().startswith((tree := each.replace("\\", "/").rstrip("/") + "/").lower())
    ]
    return spelled[len(min(held, key=len)) :] if held else spelled


def is_test(path: str | None) -> bool:
    """Whether a file holds tests, by the names that ten ecosystems use. path: from the project's
    folder on; what lies above it says nothing of the file."""
    *folders, name = (path or "").replace("\\", "/").split("/")
    return (
        not _TEST_FOLDERS.isdisjoint(each.lower() for each in folders)
        or _TEST_NAME.match(name) is not None
    )
