"""What became of texts that were queued while Claude worked: given to Claude, or taken back into the input line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

WRITES_WHAT_IT_GIVES = (2, 1, 70)
"""From about this client on a queued text that Claude is given also stands elsewhere; an older one removes it from the
queue and writes nothing more."""


class Operation(NamedTuple):
    """One record of the queue. `name`: enqueue, dequeue, remove, popAll; `text`: what a person queued and no other record
    holds; None for any other record."""

    uuid: str
    name: str
    text: str | None


def kept(operations: Sequence[Operation], versions: Iterable[str]) -> set[str]:
    """The ids of the texts that were not taken back: `popAll` takes back all that wait, `remove` the first, unless the
    client is one that says nothing else when it gives a text to Claude."""
    writes = max((_version(version) for version in versions), default=()) >= WRITES_WHAT_IT_GIVES
    waiting: list[Operation] = []
    found = {operation.uuid for operation in operations if operation.text is not None}
    for operation in operations:
        if operation.name == "enqueue":
            waiting.append(operation)
        elif operation.name == "popAll":
            found -= {each.uuid for each in waiting}
            waiting = [each for each in waiting if each.text is None]
        elif operation.name == "remove" and waiting:
            gone = waiting.pop(0)
            found -= {gone.uuid} if writes else set()
        elif operation.name == "dequeue":
            at = next(
                (n for n, each in enumerate(waiting) if each.text is None), None
            )  # what is dequeued stands elsewhere
            waiting = waiting if at is None else waiting[:at] + waiting[at + 1 :]
    return found


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
