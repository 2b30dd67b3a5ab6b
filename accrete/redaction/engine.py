"""Finds and replaces secrets: one pass that sees nothing in clean text, exact work only where something stands.

google-re2 where it is installed, `re` otherwise; both find the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, AnyStr, NamedTuple

from accrete.redaction.judge import is_secret
from accrete.redaction.patterns import ASSIGNED, ASSIGNED_PROBE, NAMES, SPECIFIC, Pattern

SHORTEST = 12
"""No secret together with what gives it away is shorter."""


class Finding(NamedTuple):
    """A secret: its place in the text (characters) and its kind."""

    start: int
    end: int
    kind: str


def _literal(text: str) -> str:
    return "".join(c if c.isalnum() or c in " -_/:=," else "\\" + c for c in text)


_ALL = "|".join("(?:" + pattern.regex.replace("(?P<v>", "(?:") + ")" for pattern in (*SPECIFIC, ASSIGNED))
"""Everything at once."""

_PROBE = "|".join(dict.fromkeys([*(p.probe or _literal(p.hint) for p in SPECIFIC), ASSIGNED_PROBE]))
"""What matches wherever _ALL does, and more: nearly all text is clean, and this says so twice as fast."""


class Redactor:
    """Finds secrets with one of the two engines, `re2` or `re`."""

    def __init__(self, engine: str) -> None:
        """Raises ImportError when google-re2 is asked for and not installed."""
        self.engine = engine
        self._any = _compile(_ALL, engine, capture=False) if engine == "re2" else None
        self._probe = _compile(_PROBE, engine, capture=False)
        self._each = [(p, _compile(p.regex, engine), "(?P<v>" in p.regex) for p in SPECIFIC]
        self._assigned = _compile(ASSIGNED.regex, engine)

    def find(self, text: str) -> list[Finding]:
        """All secrets in a text, in order, none overlapping another."""
        if self._any is None:
            return self._all(text, text)
        try:
            if self._probe.search(text) is None or self._any.search(text) is None:
                return []
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
        return _in_characters(self._all(text, text.encode()), text)

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `[redacted:<kind>]`; the same object when there is none.

        Goes over its own result until nothing is left: a mark may separate what hid a second secret.
        """
        while (again := self._once(text)) is not text:
            text = again
        return text

    def _once(self, text: str) -> str:
        if len(text) < SHORTEST:
            return text
        out, last = [], 0
        for found in self.find(text):
            out += [text[last : found.start], f"[redacted:{found.kind}]"]
            last = found.end
        return "".join((*out, text[last:])) if out else text

    def _all(self, text: str, data: AnyStr) -> list[Finding]:
        """The findings in `data`, which is `text` or its UTF-8 form, in its own offsets."""
        found = [one for pattern, regex, grouped in self._each if pattern.hint in text
                 for one in _specific(pattern, regex, grouped, data)]  # fmt: skip
        found += self._assignments(text, data)
        kept: list[Finding] = []
        for one in sorted(found, key=lambda f: (f.start, f.kind == ASSIGNED.kind, -f.end)):
            if not kept or one.start >= kept[-1].end:
                kept.append(one)
            elif kept[-1].kind == ASSIGNED.kind and one.kind != ASSIGNED.kind:
                kept[-1] = one
        return kept

    def _assignments(self, text: str, data: AnyStr) -> Iterator[Finding]:
        position = 0
        search = self._assigned.search if self._any is not None else _named(text, self._assigned)
        while (match := search(data, position)) is not None:
            a, b = match.span(1)
            name, value = _text(data[match.start() : a]), _text(data[a:b])
            if is_secret(name, value, _text(data[a - 1 : a]) in "\"'`", _text(data[b : b + 1])):
                b = a + len(value.rstrip(".,;:!?"))
                yield Finding(a, b, ASSIGNED.kind)
                position = b
            else:
                position = max(a, position + 1)


def _specific(pattern: Pattern, regex: Any, grouped: bool, data: AnyStr) -> Iterator[Finding]:
    position = 0
    while (match := regex.search(data, position)) is not None:
        a, b = match.span(1) if grouped else match.span()
        position = max(b, match.start() + 1)
        value = _text(data[max(0, a - 10) : b])
        if "[redacted:" not in value and not (pattern.kind == "url-password" and _is_variable(_text(data[a:b]))):
            yield Finding(a, b, pattern.kind)


def _named(text: str, regex: Any) -> Callable[[Any, int], Any]:
    """`regex.search` for the slower engine: looks only where one of the names begins."""
    lower = text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)
    places = sorted({at for name in NAMES for at in _places(lower, name)})

    def search(data: Any, position: int) -> Any:
        for at in places[bisect_left(places, position) :]:
            match = regex.match(data, at)
            if match is not None:
                return match
        return None

    return search


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _in_characters(found: list[Finding], text: str) -> list[Finding]:
    """Findings in bytes of the UTF-8 form as findings in characters."""
    if not found or text.isascii():
        return found
    data, made, byte, char = text.encode(), [], 0, 0
    for one in found:
        char += len(data[byte : one.start].decode())
        start = char
        char += len(data[one.start : one.end].decode())
        byte = one.end
        made.append(Finding(start, char, one.kind))
    return made


def _text(piece: AnyStr) -> str:
    return piece if isinstance(piece, str) else piece.decode("utf-8", "replace")


_VARIABLE = re.compile(r"\$|\{|%|<|\*{2}|xxx|pass(word|wd)?$|secret$|pwd$|user$|example", re.IGNORECASE)


def _is_variable(text: str) -> bool:
    return _VARIABLE.search(text) is not None


def _compile(regex: str, engine: str, *, capture: bool = True) -> Any:
    if engine == "re":
        return re.compile(regex, re.ASCII)
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 128 << 20
    options.never_capture = not capture
    return re2.compile(regex, options)


@lru_cache(maxsize=1)
def _best() -> Redactor:
    try:
        return Redactor("re2")
    except ImportError:
        return Redactor("re")


def engine() -> str:
    """The engine in use: `re2`, or `re` where google-re2 is not installed."""
    return _best().engine


def find(text: str) -> list[Finding]:
    """All secrets in a text, in order, none overlapping another."""
    return _best().find(text)


def redact(text: str) -> str:
    """The text with every secret replaced by `[redacted:<kind>]`; the same object when there is none."""
    return _best().redact(text)
