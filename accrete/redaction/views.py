"""Decoded views of a text (without colours and escapes), each position traced to the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from accrete.text.lazy import lazy

DEEPEST = 4
"""How often a text may have been escaped: JSON in JSON in a shell string."""

_COLOUR = (
    r"(?:\x1b\[|\xc2\x9b|\^\[\[)[0-?]{0,24}[ -/]{0,2}[@-~]"
    r"|\x1b\][^\x07\x1b\n]{0,2000}(?:\x07|\x1b\\)"
    r"|\x1b[()*+][0-9A-Za-z]|\x1b[=>78cDEHMNOZ]"
    r"|\[[0-9]{1,3}(?:;[0-9]{1,3}){0,5}m|\x1b"
)
_ESCAPE = r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\0?33(?=\[)|\\e(?=\[)|\\[\"'`\\/bfnrt$&=:]"
_ENTITY = r"&(?:quot|apos|amp|lt|gt|#[0-9]{2,3}|#x[0-9a-fA-F]{2});"
_PERCENT = r"%[2-7][0-9a-fA-F]"
_ENCODED = lazy(f"(?P<colour>{_COLOUR})|(?P<escape>{_ESCAPE})|(?P<entity>{_ENTITY})")
_MARKS = (
    "\\",
    "\x1b",
    "\xc2\x9b",
    "&",
    "^[[",
    "0m",
    "1m",
    "2m",
    "3m",
    "4m",
    "5m",
    "6m",
    "7m",
    "9m",
    "8m",
)
_FIRST = lazy(r"[\x1b\\&\[\xc2^%]")
"""What each code begins with: quick to find."""
_PERCENT_ENCODED = lazy(f"(?P<percent>{_PERCENT})")
_QUERY = lazy(r"%(?:3[ADad]|22)")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "e": "\x1b"}
_NAMED = {"quot": '"', "apos": "'", "amp": "&", "lt": "<", "gt": ">"}

ENCODING_PROBE = (
    r"\x1b|\^\[\[|\\u[03-9a-dA-D]|\\x[0-9a-fA-F]{2}|\\e\[|\\0?33\[|[A-Za-z0-9]%(?:3[ADad]|22)"
)
"""Matches where an encoding may hide even the beginning of a secret."""

ENCODING_HINTS = (
    "\x1b",
    "^[[",
    "\\u",
    "\\x",
    "\\e[",
    "\\033[",
    "\\33[",
    "%3",
    "%22",
)
"""One of these stands where ENCODING_PROBE matches."""

Trace = Callable[[int, int], tuple[int, int]]
"""From a span of a view to the span of the text that it stands for."""


def views(text: str) -> Iterator[tuple[str, Trace]]:
    """What else the text reads as; nothing if nothing in it is encoded.

    A colour sequence may stand inside a secret or beside it: there is a view with nothing and one
    with a space in its place.
    """
    if any(mark in text for mark in _MARKS):
        decoded = list(_decoded(text, ""))
        yield from ((view, trace) for view, trace, _ in decoded)
        if any(coloured for _, _, coloured in decoded):
            yield from ((view, trace) for view, trace, _ in _decoded(text, " "))
    if "%" in text and _QUERY.search(text) is not None:
        yield _replaced(text, _PERCENT_ENCODED, "")[:2]


def _decoded(text: str, colour: str) -> Iterator[tuple[str, Trace, bool]]:
    """The views of a text, each escaped once less than the one before, and whether there was a
    colour in it."""
    trace: Trace = _itself
    for _ in range(DEEPEST):
        view, step, coloured = _replaced(text, _ENCODED, colour)
        if view == text:
            return
        text, trace = view, _through(step, trace)
        yield text, trace, coloured


def _itself(start: int, end: int) -> tuple[int, int]:
    return start, end


def _through(first: Trace, then: Trace) -> Trace:
    return lambda start, end: then(*first(start, end))


def _replaced(text: str, encoded: re.Pattern[str], colour: str) -> tuple[str, Trace, bool]:
    pieces: list[str] = []
    begins, places, widths = [0], [0], [0]
    """Piece i of the view begins at begins[i] and stands for the text from places[i] on: character
    by character where widths[i] is 0, else all of it for those `widths[i]` characters."""
    last = size = 0
    coloured = False
    for first in _FIRST.finditer(text):
        match = encoded.match(text, first.start()) if first.start() >= last else None
        if match is None:
            continue
        a, b = match.span()
        is_colour = match.lastgroup == "colour"
        coloured = coloured or is_colour
        new = colour if is_colour else _meaning(match[0])
        pieces += (text[last:a], new)
        size += a - last
        begins += (size, size + len(new))
        places += (a, b)
        widths += (b - a, 0)
        size += len(new)
        last = b
    pieces.append(text[last:])

    def trace(start: int, end: int) -> tuple[int, int]:
        first, final = bisect_right(begins, start) - 1, bisect_right(begins, end - 1) - 1
        a = places[first] + (0 if widths[first] else start - begins[first])
        b = places[final] + (widths[final] or end - begins[final])
        return a, b

    return "".join(pieces), trace, coloured


def _meaning(code: str) -> str:
    if code[0] == "%":
        return chr(int(code[1:], 16))
    if code[0] == "&":
        inner = code[1:-1]
        if inner[0] != "#":
            return _NAMED[inner]
        return _utf8(int(inner[2:], 16) if inner[1] == "x" else int(inner[1:]))
    if code[1] in "ux":
        return _utf8(int(code[2:], 16))
    return "\x1b" if code[1:] in ("33", "033") else _SIMPLE.get(code[1:], code[1:])


def _utf8(point: int) -> str:
    """A character as the bytes of its UTF-8 form, each as a character."""
    return chr(point).encode("utf-8", "replace").decode("latin-1")
