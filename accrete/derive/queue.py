"""Prompts that were queued but never written as a user line, and what happened to each."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from functools import lru_cache
from typing import NamedTuple

from accrete.derive.waiting import Same, Waiting
from accrete.model import HUMAN_KINDS, PROMPT_KINDS
from accrete.text.plain import squeeze
from accrete.transcript.classify import DISCARDED
from accrete.transcript.client_marks import human_queue_text

TAKEN_BACK = ("popAll", DISCARDED)
"""Operations after which Claude never sees a text: it was taken back or dropped."""

_OTHER_NAMES = {
    "cost": "usage",
    "stats": "usage",
    "reset": "clear",
    "new": "clear",
    "settings": "config",
    "continue": "resume",
    "quit": "exit",
    "bashes": "tasks",
    "allowed-tools": "permissions",
    "plugins": "plugin",
    "marketplace": "plugin",
    "name": "rename",
    "checkpoint": "rewind",
    "undo": "rewind",
    "bg": "background",
    "rc": "remote-control",
    "tp": "teleport",
    "app": "desktop",
    "ios": "mobile",
    "android": "mobile",
    "share": "bug",
}
"""Commands that the client (2.1.329) writes down under another name than they were typed under."""


class Operation(NamedTuple):
    """One record of the queue. name: enqueue, dequeue (a turn begins with it), remove (the running
    turn took it up), popAll, discarded; text: of those that say it."""

    uuid: str
    name: str | None
    text: str | None
    seq: int
    at: int | None


class Queued(NamedTuple):
    """A person's text that stands in the queue alone. words: without what the client injected;
    given: whether Claude was given it."""

    operation: Operation
    words: str
    given: bool


class Line(NamedTuple):
    """What a user line or an attachment says: the event's kind, its words as they were typed, and
    where it stands."""

    kind: str
    words: str
    seq: int


def only_in_queue(operations: list[Operation], lines: list[Line]) -> list[Queued]:
    """A person's queued texts that no line repeats, in their order. `operations` and `lines` in the
    order of their places; `lines`: everything a user line or an attachment says, whoever wrote it.
    A line stands for one queued text, queued before it. A text that went back and was sent again
    counts as sent."""
    operations = _once(operations)
    persons = [line for line in lines if line.kind in HUMAN_KINDS]
    fates, joined = _fates(operations, persons)
    typed = {each.uuid: (each, words) for each in operations
             if each.name == "enqueue" and (words := human_queue_text(each.text))}  # fmt: skip
    joined |= _in_one_line(list(typed.values()), lines)
    said = _said_again([(each, _as_sent(words)) for each, words in typed.values()], fates, lines)
    found: list[Queued] = []
    later = {squeeze(line.words): line.seq for line in lines}
    for each, words in sorted(typed.values(), key=lambda one: (-one[0].seq, one[0].uuid)):
        fate = fates.get(each.uuid)
        begun = each.uuid in joined or (
            fate
            and fate.name == "dequeue"
            and (_begins_session(words) or _is_command(_next(fate.seq, persons), squeeze(words)))
        )
        given = not (fate and fate.name in TAKEN_BACK)
        if not (begun or each.uuid in said) and (given or later.get(squeeze(words), -1) < each.seq):
            found.append(Queued(each, words, given))
        later[squeeze(words)] = max(each.seq, later.get(squeeze(words), each.seq))
    return sorted(found, key=lambda queued: (queued.operation.seq, queued.operation.uuid))


def _once(operations: list[Operation]) -> list[Operation]:
    """The operations without duplicates: one text, queued at one moment."""
    first = {
        (each.text, each.at): each.uuid for each in reversed(operations) if each.name == "enqueue"
    }
    return [
        each
        for each in operations
        if each.name != "enqueue" or each.at is None or first[each.text, each.at] == each.uuid
    ]


def _in_one_line(texts: list[tuple[Operation, str]], lines: list[Line]) -> set[str]:
    """The uuids of texts of which a line consists: several that were queued before it, each from a
    row of its own, whatever the queue says of them."""
    waiting, found = Waiting(), set()
    coming = deque(sorted(texts, key=lambda one: one[0].seq))
    for line in lines:
        while coming and coming[0][0].seq <= line.seq:
            each, words = coming.popleft()
            waiting.put(each.uuid, _rows(words))
        if line.kind not in PROMPT_KINDS or waiting.first() is None:
            continue
        joined, whole = waiting.joined(_rows(line.words))
        if whole and len(joined) > 1:
            found.update(joined)
            for uuid in joined:
                waiting.remove(uuid)
    return found


def _said_again(
    texts: list[tuple[Operation, str]], fates: dict[str, Operation], lines: list[Line]
) -> set[str]:
    """The uuids of texts that a line repeats. Of several with the same words a line repeats the one
    that the queue let go last; one that never was let go, or went back, only where there is no
    other."""
    by_words: dict[str, list[tuple[int, str, int | None, bool]]] = defaultdict(list)
    for each, words in texts:
        fate = fates.get(each.uuid)
        by_words[words].append(
            (each.seq, each.uuid, fate and fate.seq, fate is not None and fate.name in TAKEN_BACK)
        )
    same = {words: Same(several) for words, several in by_words.items()}
    found: set[str] = set()
    for line in lines:
        spoken = {squeeze(line.words)} | (
            {squeeze(line.words[1:])} if line.kind == "shell_input" else set()
        )
        fitting = [
            (best, same[words])
            for words in sorted(spoken)
            if words in same and (best := same[words].best(line.seq))
        ]
        if fitting:
            found.add(max(fitting, key=lambda each: each[0])[1].take(line.seq))
    return found


def _fates(
    operations: list[Operation], persons: list[Line]
) -> tuple[dict[str, Operation], set[str]]:
    """uuid of each text that left the queue -> the operation by which it did; and those that a line
    has which consists of several of them. Older clients do not say which text an operation is
    about: the first that waits. `popAll` takes all that wait, or those that it says; a turn takes
    several where its line has them all."""
    waiting = Waiting()
    by_text: dict[str, list[str]] = {}
    fates: dict[str, Operation] = {}
    in_lines: set[str] = set()
    for each in operations:
        text = squeeze(each.text or "")
        if each.name == "enqueue":
            waiting.put(each.uuid, _rows(human_queue_text(each.text) or ""))
            by_text.setdefault(text, []).append(each.uuid)
            continue
        whole = False
        if text:
            about = (
                [by_text[text].pop()]
                if by_text.get(text)
                else waiting.joined(_rows(each.text or ""))[0]
            )
        elif each.name == "popAll":
            about = list(waiting)
        else:
            about, whole = _first(each, waiting, persons)
        for uuid in about:
            waiting.remove(uuid)
            fates[uuid] = each
        in_lines.update(about if whole else ())
    return fates, in_lines


def _first(operation: Operation, waiting: Waiting, persons: list[Line]) -> tuple[list[str], bool]:
    """The first text that waits, and those beside it in the line with which the turn that begins
    goes on; whether they are all of the line."""
    first = waiting.first()
    line = (
        _next(operation.seq, persons) if operation.name == "dequeue" and first is not None else None
    )
    joined, whole = waiting.joined(_rows_of_line(line.words)) if line else ([], False)
    return (joined, whole) if first in joined else ([first] if first is not None else [], False)


def _as_sent(words: str) -> str:
    """The words on one line, as a line has them if they are sent: a command of the shell without
    space after its mark."""
    return "!" + squeeze(words[1:]) if words.startswith("!") else squeeze(words)


def _rows(text: str) -> list[str]:
    """The rows of a text but for empty ones, each with one space wherever there is any."""
    return [row for row in map(squeeze, text.splitlines()) if row]


_rows_of_line = lru_cache(1)(_rows)
"""Many turns may begin before the next line: it is cut once."""


def _next(seq: int, persons: list[Line]) -> Line | None:
    """The line of a person with which a turn that began at `seq` goes on."""
    after = bisect_right(persons, seq, key=lambda line: line.seq)
    return persons[after] if after < len(persons) else None


def _begins_session(words: str) -> bool:
    """Whether a command begins another session, in whose file it stands."""
    name = words.strip()[1:] if words.startswith("/") else ""
    return _OTHER_NAMES.get(name, name) == "clear"


def _is_command(line: Line | None, words: str) -> bool:
    """Whether a line is a command under its other name: `/cost` is `/usage`, `/deploy` may be a
    plugin's `/tools:deploy`."""
    if line is None or line.kind != "slash_command" or not words.startswith("/"):
        return False
    name, _, arguments = words[1:].partition(" ")
    written, _, with_arguments = squeeze(line.words)[1:].partition(" ")
    known = {name, _OTHER_NAMES.get(name, name)}
    return arguments == with_arguments and (written in known or written.endswith(f":{name}"))
