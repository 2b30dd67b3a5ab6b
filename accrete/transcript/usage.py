"""What a response used: its tokens, and those of each inference that its usage lists, in a form
that is stored.

`usage.iterations` is stored as a JSON array of entries (Entry), and only where it says more than
the usage does. Behind them stands for each model that a `fallback` block says declined an entry of
the kind DECLINED, with the category and no tokens: the block is a line of its own, and what lines
say of that is put together whichever usage wins.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, NamedTuple

from accrete.transcript.decode import decode_as, decode_iterations
from accrete.transcript.records import (
    Block,
    Iteration,
    Line,
    Message,
    NamedModel,
    StopDetails,
    Usage,
)

MOST_TOKENS = 10**10
"""More tokens than any response can have: what is above is an error of the writer's."""

SAMPLING: Final = ("message", "fallback_message")
"""Kinds of entries that are the answer itself: of the model asked first, and of one that it fell
back to."""

DECLINED: Final = "~declined"
"""No kind of the API's: it sorts behind all of those, so that of two lists without these entries
the same is greater."""

Label = Callable[[str | None], str | None]


class Entry(NamedTuple):
    """One inference. What is not known is an empty text, which sorts first: of two lines that say
    the same of a response the one that knows more wins. refusal: the category for which this model
    declined, in entries of the kind DECLINED (older versions wrote it in the attempt's own)."""

    kind: str
    model: str
    refusal: str
    speed: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0


class Tokens(NamedTuple):
    """The counts of a usage, in the order that a Response has them."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    thinking: int = 0
    web_searches: int = 0


def tokens_of(usage: Usage | None) -> Tokens:
    """What a usage counts; 0 where it says nothing."""
    if usage is None:
        return Tokens()
    split, server, details = (
        usage.cache_creation,
        usage.server_tool_use,
        usage.output_tokens_details,
    )
    counts = (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_creation_input_tokens,
        split.ephemeral_5m_input_tokens if split else None,
        split.ephemeral_1h_input_tokens if split else None,
        details.thinking_tokens if details else None,
        server.web_search_requests if server else None,
    )
    return Tokens._make([int(min(max(count, 0), MOST_TOKENS)) if count else 0 for count in counts])


def refusal_of(message: Message) -> str | None:
    """The category of a refusal, None if none is named."""
    details = (
        decode_as(message.stop_details, StopDetails) if message.stop_reason == "refusal" else None
    )
    return details.category if details else None


def iterations_of(record: Line, message: Message, label: Label) -> str | None:
    """The inferences of a response as they are stored; None if its usage says all there is."""
    listed = decode_iterations(message.usage.iterations) if message.usage else []
    declined = _declined(message)
    if _says_nothing_new(listed, message):
        listed = []
    if not listed and not declined:
        return None
    fell_back = next(
        (place for place, each in enumerate(listed) if each.type == "fallback_message"), 0
    )
    asked_first = next(iter(declined), None) or record.requestedModel
    entries = []
    for place, each in enumerate(listed):
        kind = each.type or "message"
        answers = asked_first if place < fell_back else message.model
        model = each.model or (record.advisorModel if kind == "advisor_message" else answers)
        kind, model, speed = (label(text) or "" for text in (kind, model, each.speed))
        entries.append(Entry(kind, model, "", speed, *tokens_of(each)[:6]))
    told = (
        Entry(DECLINED, label(model) or "", label(category) or "")
        for model, category in declined.items()
    )
    return _stored([*entries, *sorted(told)])


def entries_of(stored: str | None) -> list[Entry]:
    """The inferences of a stored text, and behind them what of models declined."""
    return [Entry(*each) for each in json.loads(stored)] if stored else []


def with_declined(stored: str | None, *others: str | None) -> str | None:
    """The inferences of a stored text with all that it and the others say of models that declined.
    The order of the others does not matter."""
    if not any(text and DECLINED in text for text in others):
        return stored
    told: dict[str, str] = {}
    for each in (
        entry for text in (stored, *others) for entry in entries_of(text) if entry.kind == DECLINED
    ):
        told[each.model] = max(each.refusal, told.get(each.model, ""))
    own = [entry for entry in entries_of(stored) if entry.kind != DECLINED]
    return _stored(
        [*own, *(Entry(DECLINED, model, category) for model, category in sorted(told.items()))]
    )


def _stored(entries: list[Entry]) -> str | None:
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")) if entries else None


def _declined(message: Message) -> dict[str, str | None]:
    """The models that `fallback` blocks say declined, in order, each with the category."""
    found: dict[str, str | None] = {}
    for block in message.content if isinstance(message.content, list) else ():
        if isinstance(block, Block) and block.type == "fallback":
            named, trigger = (
                decode_as(block.from_, NamedModel),
                decode_as(block.trigger, StopDetails),
            )
            if named and named.model:
                found[named.model] = trigger.category if trigger else None
    return found


def _says_nothing_new(listed: list[Iteration], message: Message) -> bool:
    """Whether this is one answer of the message's model, within what the usage already says: true
    of most lines."""
    if len(listed) != 1 or message.usage is None:
        return False
    only, whole = listed[0], tokens_of(message.usage)
    within = all(
        mine <= theirs for mine, theirs in zip(tokens_of(only)[:4], whole[:4], strict=True)
    )
    return within and only.type in (None, "message") and only.model in (None, message.model)
