"""Prompts that were queued while Claude worked and never written as a user line: what became of each queued text."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from accrete.model import HUMAN_KINDS
from accrete.transcript.assemble import human_queue_text
from accrete.transcript.classify import DISCARDED

TAKEN_BACK = ("popAll", DISCARDED)
"""Operations after which Claude never sees a text: it went back into the input line, or was dropped."""


class Operation(NamedTuple):
    """One record of the queue. name: enqueue, dequeue (a turn begins with it), remove (the running turn took it up),
    popAll, discarded; text: of those that say it."""

    uuid: str
    name: str | None
    text: str | None
    seq: int
    at: int | None


class Queued(NamedTuple):
    """A person's text that stands in the queue alone. words: without what the client injected; given: whether Claude was
    given it."""

    operation: Operation
    words: str
    given: bool


class Line(NamedTuple):
    """What a user line or an attachment says: the event's kind, its words as they were typed, and where it stands."""

    kind: str
    words: str
    seq: int


def squeeze(text: str) -> str:
    """The text with one space wherever there is any."""
    return " ".join(text.split())


def only_in_queue(operations: list[Operation], lines: list[Line]) -> list[Queued]:
    """A person's queued texts that no line repeats, each once, in their order. `operations` and `lines` in the order of
    their places; `lines`: everything a user line or an attachment says, whoever wrote it."""
    gone, began = _fates(operations)
    known = {squeeze(line.words) for line in lines}
    known.update(squeeze(line.words[1:]) for line in lines if line.kind == "shell_input")
    persons = [line for line in lines if line.kind in HUMAN_KINDS]
    found: dict[str, Queued] = {}
    for each in operations:
        words = human_queue_text(each.text) if each.name == "enqueue" else None
        if not words or squeeze(words) in known:
            continue
        queued = Queued(each, words, each.uuid not in gone)
        if each.uuid in began and _says(_next(began[each.uuid], persons), words):
            continue
        if squeeze(words) not in found or (queued.given and not found[squeeze(words)].given):
            found[squeeze(words)] = queued
    return sorted(found.values(), key=lambda queued: (queued.operation.seq, queued.operation.uuid))


def _fates(operations: list[Operation]) -> tuple[set[str], dict[str, int]]:
    """(uuids of the texts taken back, uuid of each text with which a turn began -> where). Older clients do not say which
    text an operation is about: a turn takes the first that waits, going back takes the last."""
    waiting: dict[str, None] = {}
    by_text: dict[str, list[str]] = {}
    gone: set[str] = set()
    began: dict[str, int] = {}
    for each in operations:
        if each.name == "enqueue":
            waiting[each.uuid] = None
            by_text.setdefault(squeeze(each.text or ""), []).append(each.uuid)
        elif (about := _about(each, waiting, by_text)) is not None:
            waiting.pop(about, None)
            if each.name in TAKEN_BACK:
                gone.add(about)
            elif each.name == "dequeue":
                began[about] = each.seq
    return gone, began


def _about(operation: Operation, waiting: dict[str, None], by_text: dict[str, list[str]]) -> str | None:
    """The queued record that an operation is about."""
    text = squeeze(operation.text or "")
    if text:
        return by_text[text].pop() if by_text.get(text) else None
    if not waiting:
        return None
    return next(reversed(waiting)) if operation.name == "popAll" else next(iter(waiting))


def _next(seq: int, persons: list[Line]) -> Line | None:
    """The line of a person with which a turn that began at `seq` goes on."""
    after = bisect_right(persons, seq, key=lambda line: line.seq)
    return persons[after] if after < len(persons) else None


def _says(line: Line | None, words: str) -> bool:
    """Whether a line says the words in another way: a command under its other name (`/cost` is `/usage`), or several
    queued texts in one line."""
    if line is None:
        return False
    if words.startswith("/"):
        return line.kind == "slash_command"
    return f"\n{words}\n" in f"\n{line.words}\n"
