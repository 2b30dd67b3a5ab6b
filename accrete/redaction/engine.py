"""Finds and replaces secrets: one fast pass over clean text, exact matching only on hits.

google-re2 where it is installed, `re` otherwise; both find the same. Both look at the bytes of a
text's UTF-8 form, each as a character, so that every pattern counts alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from accrete.redaction import assigned, columns, keys, secret_file, signs, sql_rows
from accrete.redaction.patterns import Pattern
from accrete.redaction.signs import PATTERNS, Regex, Text, by_re, by_re2
from accrete.redaction.views import views

SHORTEST = 9
"""No secret together with what gives it away is shorter."""
MOST_ROUNDS = 8
"""Marks after marks: no text that was not made for it takes more than three."""
MOST_KNOWN, LONGEST_KNOWN = 4096, 200
"""Short texts are repeated: names, paths, states. So many are remembered."""
ASSIGNED = "assigned-secret"
PRIVATE_KEY = "private-key"


class Finding(NamedTuple):
    """A secret: its place in the text (characters) and its kind."""

    start: int
    end: int
    kind: str


class Redactor:
    """Finds secrets with one of the two engines, `re2` or `re`."""

    def __init__(self, engine: str) -> None:
        """Raises ImportError when google-re2 is asked for and not installed."""
        self.engine = engine
        re2 = engine == "re2"
        # Of some hundred patterns a text needs few, and each takes a while to compile.
        self._in_bytes: dict[int, Regex[bytes]] | None = {} if re2 else None
        self._in_text: dict[int, Regex[str]] = {}
        self._sign = by_re2(assigned.SIGN) if re2 else None
        self._defines = by_re2(assigned.DEFINES) if re2 else None
        self._head = by_re2(columns.SIGN) if re2 else None
        self._signs = signs.of_re2() if re2 else signs.of_re()
        self._known = lru_cache(MOST_KNOWN)(self._redacted)

    def find(self, text: str) -> list[Finding]:
        """All secrets in a text, in order, none overlapping another."""
        if len(text) < SHORTEST:
            return []
        data = text.encode("utf-8", "replace")
        return self._found(text, data, seen) if (seen := self._signs(data)) else []

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `[redacted:<kind>]`; the same object when there is
        none.

        Goes over its own result until nothing is left: a mark may separate what hid a second
        secret.
        """
        size = len(text)
        if size < SHORTEST:
            return text
        if size > LONGEST_KNOWN:
            return self._redacted(text)
        clean = self._known(text)
        return text if clean == text else clean

    def may_hold(self, text: str) -> bool:
        """Whether a text has a sign of a secret. Where it has none, `find` finds nothing in it nor
        in any part of it."""
        return bool(self._signs(text.encode("utf-8", "replace")))

    def _redacted(self, text: str) -> str:
        for _ in range(MOST_ROUNDS):
            data = text.encode("utf-8", "replace")
            if not (seen := self._signs(data)) or not (found := self._found(text, data, seen)):
                break
            out, last = [], 0
            for start, end, kind in found:
                out += [text[last:start], f"[redacted:{kind}]"]
                last = end
            text = "".join((*out, text[last:]))
        return text

    def _found(self, text: str, data: bytes, seen: Collection[int]) -> list[Finding]:
        plain = data.decode("latin-1")
        found = list(self._search(plain, data, seen))
        for view, trace in views(plain) if _may_hide(seen, plain) else ():
            data = view.encode("latin-1")
            found += (
                Finding(*trace(one.start, one.end), one.kind)
                for one in self._search(view, data, self._signs(data))
            )
        return _in_characters(_apart(found), text)

    def _names(self, text: str, data: bytes) -> Iterable[int]:
        if self._sign is None or self._defines is None or self._defines.search(data):
            return assigned.stems(text)
        return _starts(self._sign, data)

    def _heads(self, text: str, data: bytes) -> Iterable[int]:
        return columns.heads(text) if self._head is None else _starts(self._head, data)

    def _search(self, text: str, data: bytes, seen: Collection[int]) -> Iterator[Finding]:
        for sign in seen:
            if sign >= len(PATTERNS):
                continue
            pattern = PATTERNS[sign]
            if self._in_bytes is not None:
                if (in_bytes := self._in_bytes.get(sign)) is None:
                    in_bytes = self._in_bytes[sign] = by_re2(pattern.regex)
                yield from _shaped(pattern, in_bytes, data, text)
            else:
                if (in_text := self._in_text.get(sign)) is None:
                    in_text = self._in_text[sign] = by_re(pattern.regex)
                yield from _shaped(pattern, in_text, text, text)
        if signs.KEYS in seen:
            yield from (Finding(a, b, PRIVATE_KEY) for a, b in keys.find_keys(text))
        if signs.BLOCKS in seen:
            yield from (Finding(a, b, PRIVATE_KEY) for a, b in keys.find_blocks(text))
        if signs.ASSIGNED in seen:
            yield from (
                Finding(a, b, ASSIGNED)
                for a, b in assigned.find_assigned(text, self._names(text, data))
            )
        if signs.MANIFEST in seen:
            yield from (Finding(a, b, ASSIGNED) for a, b in secret_file.find_in_manifest(text))
        if signs.ROWS in seen:
            yield from (Finding(a, b, ASSIGNED) for a, b in sql_rows.find_in_rows(text))
        if signs.TABLES in seen:
            yield from (
                Finding(a, b, ASSIGNED)
                for a, b in columns.find_in_tables(text, self._heads(text, data))
            )


def _may_hide(seen: Collection[int], text: str) -> bool:
    """Whether decoding may show more: assignments alone are read through escapes, and sentences
    and tables have none."""
    plain = (signs.ASSIGNED, signs.BLOCKS, signs.SPOKEN, signs.TABLES)
    return any(sign not in plain for sign in seen) or any(
        entity in text for entity in ("&quot;", "&#", "&gt;")
    )


WINDOW, OVERLAP = 6000, 1000
"""How far a name's value is looked for: else each name would be read to the end of a long line."""


def _starts(regex: Regex[bytes], data: bytes) -> Iterator[int]:
    position = 0
    while position < len(data):
        match = regex.search(data, position, min(len(data), position + WINDOW))
        if match is not None:
            yield match.start()
            position = match.start() + 2
        else:
            position += WINDOW - OVERLAP


def _shaped(pattern: Pattern, regex: Regex[Text], data: Text, text: str) -> Iterator[Finding]:
    """The secrets that a pattern finds in data: the text, or its bytes, as the engine takes it.

    Marks that follow one another are values that all go on to the end. After one that was no
    secret the next are looked at in a window first, else each would be read to that end.
    """
    grouped = "(?P<v>" in pattern.regex  # then the secret is a group of it
    position, near = 0, len(data)
    while (match := regex.search(data, position, near)) is not None or near < len(data):
        if match is None:
            near = len(data)
            continue
        a, b = match.span(1) if grouped else match.span()
        new = "[redacted:" not in text[max(0, a - 10) : b]
        found = new and pattern.check(text[a:b]) and pattern.place(text, match.start())
        if found and near < len(data) and match.span()[1] == near:
            position, near = match.start(), len(data)  # it may go on
            continue
        position = max(b if found else a, match.start() + 1)
        if near < len(data) or (not found and b - a > WINDOW):
            near = min(len(data), position + WINDOW)
        if found:
            yield Finding(a, b, pattern.kind)


def _apart(found: list[Finding]) -> list[Finding]:
    """The findings in order: those with a known shape or place, overlapping ones as one, and the
    others between them."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        last = kept[-1] if kept else None
        if last is None or one.start >= last.end:
            kept.append(one)
        elif last.kind == ASSIGNED:
            kept[-1] = (
                one
                if one.kind != ASSIGNED
                else Finding(last.start, max(last.end, one.end), ASSIGNED)
            )
        elif one.kind != ASSIGNED:
            kept[-1] = Finding(last.start, max(last.end, one.end), last.kind)
    return kept


def _in_characters(found: list[Finding], text: str) -> list[Finding]:
    """Findings in bytes of the UTF-8 form as findings in characters."""
    if not found or text.isascii():
        return found
    data, made, byte, char = text.encode("utf-8", "replace"), [], 0, 0
    for one in found:
        start, end = _whole(data, one.start, one.end)
        char += len(data[byte:start].decode())
        begin = char
        char += len(data[start:end].decode())
        byte = end
        made.append(Finding(begin, char, one.kind))
    return made


def _whole(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The span widened to whole characters."""
    while start > 0 and data[start] & 0xC0 == 0x80:
        start -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return start, end


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
    """The text with every secret replaced by `[redacted:<kind>]`; the same object when there is
    none."""
    return _best().redact(text)


def may_hold(text: str) -> bool:
    """Whether a text has a sign of a secret. Where it has none, `find` finds nothing in it nor in
    any part of it."""
    return _best().may_hold(text)
