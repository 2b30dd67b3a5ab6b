"""Edits a JSON text and leaves every other byte unchanged: order, indentation, numbers, unknown
keys."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from accrete.text.json import Json, JsonObject

BOM = "\ufeff"
"""What some editors on Windows write before a text; the client reads over it."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class Span(NamedTuple):
    """Where a value stands in a text; for a member of an object also where its key begins."""

    key: str
    first: int
    start: int
    end: int


def check(text: str) -> Json:
    """The value of a JSON text, as the client understands it: of a key that stands twice the last
    one counts. Raises ValueError with line and column."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    value: Json = json.loads(text.removeprefix(BOM), parse_constant=refuse)
    return value


def object_of(text: str) -> JsonObject:
    """The object of a JSON text, as `check` reads it; one without members where another value
    stands."""
    value = check(text)
    return value if isinstance(value, dict) else {}


def root(text: str) -> Span:
    """The span of the one value of a text."""
    start = _skip(text, len(BOM) if text.startswith(BOM) else 0)
    return Span("", start, start, _end(text, start))


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _end(text: str, at: int) -> int:
    return _DECODER.raw_decode(text, at)[1]


def members(text: str, span: Span) -> list[Span]:
    """The members of the object at a span, in order; none where it is no object."""
    if text[span.start : span.start + 1] != "{":
        return []
    found, at = [], _skip(text, span.start + 1)
    while text[at] != "}":
        key, colon = _DECODER.raw_decode(text, at)
        start = _skip(text, _skip(text, colon) + 1)
        end = _end(text, start)
        found.append(Span(key, at, start, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def elements(text: str, span: Span) -> list[Span]:
    """The elements of the array at a span, in order; none where it is no array."""
    if text[span.start : span.start + 1] != "[":
        return []
    found, at = [], _skip(text, span.start + 1)
    while text[at] != "]":
        end = _end(text, at)
        found.append(Span("", at, at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found


def member(text: str, span: Span, key: str) -> Span | None:
    """The member of an object by its key: of several the last, for that is the one that the client
    reads."""
    return next((each for each in reversed(members(text, span)) if each.key == key), None)


def insert(text: str, into: Span, value: object, key: str | None = None) -> str:
    """The text with a value put last into the object (with a key) or array at a span, indented as
    its surroundings are.
    Raises ValueError where neither stands there."""
    if text[into.start] != ("{" if key is not None else "["):
        raise ValueError(f"nothing can be put into {text[into.start : into.end]!r}")
    inside = members(text, into) if key is not None else elements(text, into)
    newline = "\r\n" if "\r\n" in text else "\n"
    unit, outer = _unit(text), _indent_at(text, into.start)
    if _is_flat(text, into if inside else root(text)):
        name = f"{json.dumps(key, ensure_ascii=False)}: " if key is not None else ""
        put = name + json.dumps(value, ensure_ascii=False)
        if inside:
            return text[: inside[-1].end] + ", " + put + text[inside[-1].end :]
        return text[: into.start + 1] + put + text[into.end - 1 :]
    indent = _indent_at(text, inside[-1].first) if inside else outer + unit
    body = json.dumps(value, ensure_ascii=False, indent=unit or 1).replace("\n", newline + indent)
    line = (
        newline
        + indent
        + (f"{json.dumps(key, ensure_ascii=False)}: " if key is not None else "")
        + body
    )
    if inside:
        return text[: inside[-1].end] + "," + line + text[inside[-1].end :]
    return text[: into.start + 1] + line + newline + outer + text[into.end - 1 :]


def _is_flat(text: str, span: Span) -> bool:
    """Whether a value has something in it, all on one line."""
    return (
        bool(members(text, span) or elements(text, span))
        and "\n" not in text[span.start : span.end]
    )


def replace(text: str, span: Span, value: object) -> str:
    """The text with another value at a span, on one line."""
    return text[: span.start] + json.dumps(value, ensure_ascii=False) + text[span.end :]


def remove(text: str, container: Span, gone: Span) -> str:
    """The text without one member or element of the container; nothing else moves but its comma and
    white space."""
    inside = members(text, container) or elements(text, container)
    place = next(n for n, each in enumerate(inside) if each.first == gone.first)
    if len(inside) == 1:
        return text[: container.start + 1] + text[container.end - 1 :]
    if place:
        return text[: inside[place - 1].end] + text[gone.end :]
    return text[: gone.first] + text[inside[1].first :]


def _indent_at(text: str, at: int) -> str:
    """The white space that the line of a place begins with."""
    line = text.rfind("\n", 0, at) + 1
    match = re.compile(r"[ \t]*").match(text, line)
    return match.group(0) if match else ""


def _unit(text: str) -> str:
    """One step of indentation, as the first indented line has it; two spaces where none is."""
    match = re.search(r"\n([ \t]+)\S", text)
    return match.group(1) if match else "  "
