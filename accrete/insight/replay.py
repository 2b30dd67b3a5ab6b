"""A session's replay as an answer, and what it comes to: handoff, failed calls, changed files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.insight.sessions import Session, session_of
from accrete.model import PROMPT_KINDS
from accrete.outcomes.tool_names import EDITS
from accrete.queries import replay as rows
from accrete.queries.pulls import PullRow
from accrete.queries.replay import CallRow, Entry, typed
from accrete.queries.sessions import SessionRow
from accrete.queries.work import BAD


class Call(NamedTuple):
    """A tool call and what came of it."""

    tool: Annotated[str, "name of the tool"]
    variant: Annotated[str | None, "which of its kind: a subagent's type, a skill"]
    target: Annotated[str | None, "what it was about: a path, a command"]
    status: Annotated[str | None, "ok, error, rejected or interrupted; null without a result"]
    error_class: Annotated[str | None, "kind of error"]
    output: Annotated[str | None, "the kept part of its output"]
    output_chars: Annotated[int | None, "characters of the whole output"]
    ms: Annotated[int | None, "how long it ran"]
    added: Annotated[int | None, "lines its patch added"]
    removed: Annotated[int | None, "lines its patch removed"]
    patch: Annotated[str | None, "its patch"]
    decision_source: Annotated[str | None, "who allowed or refused it"]
    user_modified: Annotated[int | None, "1 if a person changed it before accepting"]
    spawned: Annotated[str | None, "id of the subagent it started"]
    input: Annotated[str | None, "its input, as JSON text"]


class Commit(NamedTuple):
    """A commit that a call made."""

    sha: Annotated[str | None, "its sha, maybe short"]
    subject: Annotated[str | None, "its subject"]
    confidence: Annotated[str, "how sure it is"]


class Check(NamedTuple):
    """A run of tests, a build or lint."""

    kind: Annotated[str, "test, build, lint …"]
    runner: Annotated[str, "what ran"]
    verdict: Annotated[str, "passed, failed or unknown"]
    passed: Annotated[int | None, "tests that passed"]
    failed: Annotated[int | None, "tests that failed"]


class Item(NamedTuple):
    """One thing that happened."""

    kind: Annotated[str, "kind of event: typed_prompt, assistant_text, tool_call …"]
    number: Annotated[int, "number of the prompt it belongs to; 0 before the first"]
    at: Annotated[int | None, "when"]
    uuid: Annotated[str, "the event"]
    text: Annotated[str | None, "what it says, as stored"]
    name: Annotated[str | None, "name of the tool, mode, hook …"]
    call: Annotated[Call | None, "of a tool call"]
    inner: Annotated[list[Call], "calls of the subagent that it started"]
    commits: Annotated[list[Commit], "commits it made"]
    pulls: Annotated[list[str], "addresses of pull requests it opened"]
    checks: Annotated[list[Check], "checks it ran"]
    copied: Annotated[bool, "whether it was copied from an earlier session, and counts there"]


class Pull(NamedTuple):
    """A pull request that the session opened or worked on."""

    url: Annotated[str, "its address"]
    number: Annotated[int | None, "its number"]
    repository: Annotated[str | None, "owner/name"]
    state: Annotated[str | None, "open, draft, merged or closed; null if no forge was asked"]
    opened_at: Annotated[int | None, "when it was opened"]
    merged_at: Annotated[int | None, "when it was merged"]
    closed_at: Annotated[int | None, "when it was closed"]


class Replay(NamedTuple):
    """One session and what happened in it, in order."""

    session: Annotated[Session, "the session"]
    pull_requests: Annotated[list[Pull], "its pull requests, the oldest first"]
    items: Annotated[list[Item], "what happened, without what the options leave out"]


class Asked(NamedTuple):
    """A prompt. text: as the person typed it."""

    number: int
    kind: str
    text: str


class FailedCall(NamedTuple):
    """A call that failed, was refused or interrupted. number: the prompt it belongs to."""

    number: int
    tool: str
    target: str | None
    status: str | None
    output: str | None


class Edited(NamedTuple):
    """A changed file: how often it was edited, and the lines that its patches added and removed."""

    path: str
    edits: int
    added: int
    removed: int


class Handoff(NamedTuple):
    """What the next session has to know. uncommitted: paths edited since the last commit.
    last_failed: the last call of the main line, if that failed. last_answer: the last text."""

    asked: list[Asked]
    commits: list[Commit]
    pulls: list[str]
    last_check: Check | None
    uncommitted: list[str]
    last_failed: FailedCall | None
    last_answer: str | None


def replay_of(session: SessionRow, items: Sequence[Entry], pulls: Sequence[PullRow] = ()) -> Replay:
    """A replay as an answer."""
    return Replay(
        session_of(session), [made(Pull, each) for each in pulls], [_item(item) for item in items]
    )


def _item(item: Entry) -> Item:
    return made(
        Item,
        item,
        call=made(Call, item.call) if item.call else None,
        inner=[made(Call, call) for call in item.inner],
        commits=[made(Commit, each) for each in item.commits],
        checks=[_check(each) for each in item.checks],
    )


def _check(check: rows.CheckRow) -> Check:
    return made(Check, check)


def _calls(item: Entry) -> list[CallRow]:
    """The call of an item, and those of the subagent that it started."""
    return [*([item.call] if item.call else []), *item.inner]


def handoff(items: Sequence[Entry]) -> Handoff:
    """What was asked and done in a session, and what is open at its end."""
    checks = [check for item in items for check in item.checks]
    last_commit = max((n for n, item in enumerate(items) if item.commits), default=-1)
    called = [(item, item.call) for item in items if item.call is not None]
    answers = [
        item.text
        for item in items
        if item.kind == "assistant_text" and item.text and item.text.strip()
    ]
    return Handoff(
        asked=[
            Asked(item.number, item.kind, typed(item))
            for item in items
            if item.kind in PROMPT_KINDS and typed(item).strip()
        ],
        commits=[made(Commit, each) for item in items for each in item.commits],
        pulls=[url for item in items for url in item.pulls],
        last_check=_check(checks[-1]) if checks else None,
        uncommitted=[file.path for file in edited(items[last_commit + 1 :])],
        last_failed=_failed(*called[-1]) if called and called[-1][1].status == "error" else None,
        last_answer=answers[-1] if answers else None,
    )


def failed_calls(items: Sequence[Entry]) -> list[FailedCall]:
    """The calls that failed, were refused or interrupted, those of subagents too, in order."""
    return [_failed(item, call) for item in items for call in _calls(item) if call.status in BAD]


def _failed(item: Entry, call: CallRow) -> FailedCall:
    return FailedCall(item.number, call.tool, call.target, call.status, call.output)


def edited(items: Sequence[Entry]) -> list[Edited]:
    """The files that edits changed, by path."""
    found: dict[str, Edited] = {}
    for call in (call for item in items for call in _calls(item)):
        if call.tool in EDITS and call.status == "ok" and call.target:
            path, edits, added, removed = found.get(call.target, (call.target, 0, 0, 0))
            found[call.target] = Edited(
                path, edits + 1, added + (call.added or 0), removed + (call.removed or 0)
            )
    return [found[path] for path in sorted(found)]
