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
    """A person's queued texts that no line repeats, in their order. `operations` and `lines` in the order of their
    places; `lines`: everything a user line or an attachment says, whoever wrote it. A line stands for one queued text,
    queued before it. A text that went back and was sent again counts as sent."""
    operations = _once(operations)
    persons = [line for line in lines if line.kind in HUMAN_KINDS]
    fates = _fates(operations, persons)
    typed = {each.uuid: (each, words) for each in operations
             if each.name == "enqueue" and (words := human_queue_text(each.text))}  # fmt: skip
    said = _said_again([(each, squeeze(words)) for each, words in typed.values()], fates, lines)
    found: list[Queued] = []
    later = {squeeze(line.words): line.seq for line in lines}
    for each, words in sorted(typed.values(), key=lambda one: (-one[0].seq, one[0].uuid)):
        fate = fates.get(each.uuid)
        begun = fate and fate.name == "dequeue" and _says(_next(fate.seq, persons), words)
        given = not (fate and fate.name in TAKEN_BACK)
        if not (begun or each.uuid in said) and (given or later.get(squeeze(words), -1) < each.seq):
            found.append(Queued(each, words, given))
        later[squeeze(words)] = max(each.seq, later.get(squeeze(words), -1))
    return sorted(found, key=lambda queued: (queued.operation.seq, queued.operation.uuid))


def _once(operations: list[Operation]) -> list[Operation]:
    """The operations without what was written twice: one text, put in at one moment."""
    first = {(each.text, each.at): each.uuid for each in reversed(operations) if each.name == "enqueue"}
    return [each for each in operations
            if each.name != "enqueue" or each.at is None or first[each.text, each.at] == each.uuid]  # fmt: skip


def _said_again(texts: list[tuple[Operation, str]], fates: dict[str, Operation], lines: list[Line]) -> set[str]:
    """The uuids of texts that a line repeats. Of several with the same words a line repeats the one that the queue let go
    last; one that never was let go, or went back, only where there is no other."""
    by_words: dict[str, list[Operation]] = {}
    for each, words in texts:
        by_words.setdefault(words, []).append(each)
    found: set[str] = set()
    for line in lines:
        spoken = {squeeze(line.words)} | ({squeeze(line.words[1:])} if line.kind == "shell_input" else set())
        fitting = [
            each
            for words in sorted(spoken)
            for each in by_words.get(words, ())
            if each.seq <= line.seq and each.uuid not in found
        ]
        if fitting:
            found.add(max(fitting, key=lambda each: (_nearness(fates.get(each.uuid), line), -each.seq)).uuid)
    return found


def _nearness(fate: Operation | None, line: Line) -> tuple[int, int]:
    if fate is None or fate.seq > line.seq:
        return 1, 0
    return (0, 0) if fate.name in TAKEN_BACK else (2, fate.seq)


def _fates(operations: list[Operation], persons: list[Line]) -> dict[str, Operation]:
    """uuid of each text that left the queue -> the operation by which it did. Older clients do not say which text an
    operation is about: the first that waits. `popAll` takes all that wait, or those that it says; a turn takes several
    where its line has them all."""
    waiting: dict[str, Operation] = {}
    by_text: dict[str, list[str]] = {}
    fates: dict[str, Operation] = {}
    for each in operations:
        if each.name == "enqueue":
            waiting[each.uuid] = each
            by_text.setdefault(squeeze(each.text or ""), []).append(each.uuid)
            continue
        for about in _about(each, waiting, by_text, persons):
            waiting.pop(about, None)
            fates[about] = each
    return fates


def _about(operation: Operation, waiting: dict[str, Operation], by_text: dict[str, list[str]],
           persons: list[Line]) -> list[str]:  # fmt: skip
    """The queued records that an operation is about."""
    text = squeeze(operation.text or "")
    if text:
        return [by_text[text].pop()] if by_text.get(text) else _joined(operation.text or "", waiting)
    if operation.name == "popAll":
        return list(waiting)
    first = next(iter(waiting), None)
    line = _next(operation.seq, persons) if operation.name == "dequeue" else None
    joined = _joined(line.words, waiting) if line else []
    return joined if first in joined else [first] if first is not None else []


def _joined(text: str, waiting: dict[str, Operation]) -> list[str]:
    """The queued texts that a text consists of, one after the other, each on lines of its own."""
    rest, found = _rows(text), []
    for uuid, each in waiting.items():
        words = _rows(human_queue_text(each.text) or "")
        if words and f"{rest}\n".startswith(f"{words}\n"):
            found.append(uuid)
            rest = rest[len(words) + 1 :]
    return found


def _rows(text: str) -> str:
    """The text without empty lines, each line with one space wherever there is any."""
    return "\n".join(row for row in map(squeeze, text.splitlines()) if row)


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
    return f"\n{_rows(words)}\n" in f"\n{_rows(line.words)}\n"
