"""What a response used: its tokens, and those of each inference that its usage lists, in a form that is stored.

`usage.iterations` is stored as a JSON array of entries (ENTRY), and only where it says more than the usage does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, NamedTuple

from accrete.transcript.decode import decode_as, decode_iterations
from accrete.transcript.records import Block, Iteration, Line, Message, NamedModel, StopDetails, Usage

MOST_TOKENS = 10**10
"""More tokens than any response can have: what is above is an error of the writer's."""

SAMPLING: Final = ("message", "fallback_message")
"""Kinds of entries that are the answer itself: of the model asked first, and of one that it fell back to."""

Label = Callable[[str | None], str | None]


class Entry(NamedTuple):
    """One inference. What is not known is an empty text, which sorts first: of two lines that say the same of a
    response the one that knows more wins. refusal: the category for which this model declined."""

    kind: str
    model: str
    refusal: str
    speed: str
    input: int
    output: int
    cache_read: int
    cache_write: int
    cache_write_5m: int
    cache_write_1h: int


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
    split, server, details = usage.cache_creation, usage.server_tool_use, usage.output_tokens_details
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
    return Tokens._make(int(min(max(count, 0), MOST_TOKENS)) if count else 0 for count in counts)


def refusal_of(message: Message) -> str | None:
    """The category of a refusal, None where none is named."""
    details = decode_as(message.stop_details, StopDetails) if message.stop_reason == "refusal" else None
    return details.category if details else None


def iterations_of(record: Line, message: Message, label: Label) -> str | None:
    """The inferences of a response as they are stored; None where its usage says all there is."""
    listed = decode_iterations(message.usage.iterations) if message.usage else []
    if not listed or _says_nothing_new(listed, message):
        return None
    fell_back = next((place for place, each in enumerate(listed) if each.type == "fallback_message"), 0)
    declined = _declined(message)
    asked_first = next(iter(declined), None) or record.requestedModel
    entries = []
    for place, each in enumerate(listed):
        kind = each.type or "message"
        answers = asked_first if place < fell_back else message.model
        model = each.model or (record.advisorModel if kind == "advisor_message" else answers)
        known = (kind, model, declined.get(model or ""), each.speed)
        kind, model, refusal, speed = (label(text) or "" for text in known)
        entries.append(Entry(kind, model, refusal, speed, *tokens_of(each)[:6]))
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def entries_of(stored: str | None) -> list[Entry]:
    """The inferences of a stored text."""
    return [Entry(*each) for each in json.loads(stored)] if stored else []


def _declined(message: Message) -> dict[str, str | None]:
    """The models that `fallback` blocks say declined, in order, each with the category."""
    found: dict[str, str | None] = {}
    for block in message.content if isinstance(message.content, list) else ():
        if isinstance(block, Block) and block.type == "fallback":
            named, trigger = decode_as(block.from_, NamedModel), decode_as(block.trigger, StopDetails)
            if named and named.model:
                found[named.model] = trigger.category if trigger else None
    return found


def _says_nothing_new(listed: list[Iteration], message: Message) -> bool:
    """Whether this is one answer of the message's model, within what the usage already says: true of most lines."""
    only, whole = listed[0], message.usage
    return (
        len(listed) == 1
        and only.type in (None, "message")
        and only.model in (None, message.model)
        and whole is not None
        and (only.input_tokens or 0) <= (whole.input_tokens or 0)
        and (only.output_tokens or 0) <= (whole.output_tokens or 0)
        and (only.cache_read_input_tokens or 0) <= (whole.cache_read_input_tokens or 0)
        and (only.cache_creation_input_tokens or 0) <= (whole.cache_creation_input_tokens or 0)
    )
