"""Finds and replaces secrets: one pass that sees nothing in clean text, exact work only where something stands.

google-re2 where it is installed, `re` otherwise; both find the same. Both look at the bytes of a text's UTF-8 form, each
as a character, so that every pattern counts alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from accrete.redaction import assigned, keys, secret_file
from accrete.redaction.issued import ISSUED
from accrete.redaction.names import STEMS
from accrete.redaction.patterns import Pattern
from accrete.redaction.placed import PLACED
from accrete.redaction.views import ENCODING_HINTS, ENCODING_PROBE, views

SHORTEST = 12
"""No secret together with what gives it away is shorter."""
ASSIGNED = "assigned-secret"
PRIVATE_KEY = "private-key"
PATTERNS = (*ISSUED, *PLACED)


class Finding(NamedTuple):
    """A secret: its place in the text (characters) and its kind."""

    start: int
    end: int
    kind: str


def _literal(text: str) -> str:
    return "|".join(
        "".join(c if c.isalnum() or c in " -_/:=,~" else "\\" + c for c in line) for line in text.split("\n")
    )


_SIGNS = (*(p.probe or _literal(p.hint) for p in PATTERNS), assigned.SIGN, keys.PROBE, ENCODING_PROBE, secret_file.SIGN)
"""What matches wherever each pattern does, then wherever each other search finds something."""
_ASSIGNED, _KEYS, _ENCODED, _MANIFEST, _BLOCKS = range(len(PATTERNS), len(PATTERNS) + 5)


class Redactor:
    """Finds secrets with one of the two engines, `re2` or `re`."""

    def __init__(self, engine: str) -> None:
        """Raises ImportError when google-re2 is asked for and not installed."""
        self.engine = engine
        self._each = [(p, _compile(p.regex, engine), "(?P<v>" in p.regex) for p in PATTERNS]
        self._sign = _compile(assigned.SIGN, engine) if engine == "re2" else None
        self._signs = _signs_of_re2() if engine == "re2" else _signs_of_re()

    def find(self, text: str) -> list[Finding]:
        """All secrets in a text, in order, none overlapping another."""
        if len(text) < SHORTEST:
            return []
        data = text.encode("utf-8", "replace")
        signs = self._signs(data)
        if not signs:
            return []
        plain = data.decode("latin-1")
        found = list(self._search(plain, data, signs))
        for view, trace in views(plain) if _may_hide(signs, plain) else ():
            data = view.encode("latin-1")
            found += (
                Finding(*trace(one.start, one.end), one.kind) for one in self._search(view, data, self._signs(data))
            )
        return _in_characters(_apart(found), text)

    def _names(self, text: str, data: bytes) -> Iterable[int]:
        return assigned.stems(text) if self._sign is None else _starts(self._sign, data)

    def redact(self, text: str) -> str:
        """The text with every secret replaced by `[redacted:<kind>]`; the same object when there is none.

        Goes over its own result until nothing is left: a mark may separate what hid a second secret.
        """
        while (again := self._once(text)) is not text:
            text = again
        return text

    def _once(self, text: str) -> str:
        out, last = [], 0
        for found in self.find(text):
            out += [text[last : found.start], f"[redacted:{found.kind}]"]
            last = found.end
        return "".join((*out, text[last:])) if out else text

    def _search(self, text: str, data: bytes, signs: Collection[int]) -> Iterator[Finding]:
        for sign in signs:
            if sign < len(PATTERNS):
                yield from _shaped(*self._each[sign], data if self.engine == "re2" else text, text)
        if _KEYS in signs:
            yield from (Finding(a, b, PRIVATE_KEY) for a, b in keys.find_keys(text))
        if _BLOCKS in signs:
            yield from (Finding(a, b, PRIVATE_KEY) for a, b in keys.find_blocks(text))
        if _ASSIGNED in signs:
            yield from (Finding(a, b, ASSIGNED) for a, b in assigned.find_assigned(text, self._names(text, data)))
        if _MANIFEST in signs:
            yield from (Finding(a, b, ASSIGNED) for a, b in secret_file.find_in_manifest(text))


def _may_hide(signs: Collection[int], text: str) -> bool:
    """Whether decoding may show more: assignments alone are read through escapes."""
    return any(sign not in (_ASSIGNED, _BLOCKS) for sign in signs) or any(
        entity in text for entity in ("&quot;", "&#", "&gt;")
    )


def _starts(regex: Any, data: bytes) -> Iterator[int]:
    position = 0
    while (match := regex.search(data, position)) is not None:
        yield match.start()
        position = match.start() + 2


def _shaped(pattern: Pattern, regex: Any, grouped: bool, data: Any, text: str) -> Iterator[Finding]:
    position = 0
    while (match := regex.search(data, position)) is not None:
        a, b = match.span(1) if grouped else match.span()
        new = "[redacted:" not in text[max(0, a - 10) : b]
        found = new and pattern.check(text[a:b]) and pattern.place(text, match.start())
        position = max(b if found else a, match.start() + 1)
        if found:
            yield Finding(a, b, pattern.kind)


def _apart(found: list[Finding]) -> list[Finding]:
    """The findings in order: those with a known shape or place, overlapping ones as one, and the others between them."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        last = kept[-1] if kept else None
        if last is None or one.start >= last.end:
            kept.append(one)
        elif last.kind == ASSIGNED:
            kept[-1] = one if one.kind != ASSIGNED else Finding(last.start, max(last.end, one.end), ASSIGNED)
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


def _compile(regex: str, engine: str) -> Any:
    if engine == "re":
        return re.compile(regex, re.ASCII)
    import re2

    return re2.compile(regex.encode("latin-1"), _options())


def _options() -> Any:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 128 << 20
    return options


def _signs_of_re2() -> Callable[[bytes], Collection[int]]:
    """Which of _SIGNS stand in a text, in one pass over it."""
    import re2

    every = re2.Set.SearchSet(_options())
    for sign in _SIGNS:
        every.Add(sign)
    every.Compile()
    block = _compile(keys.BLOCK_PROBE, "re2")  # apart: counting to 64 beside the others multiplies their states

    def signs(data: bytes) -> list[int]:
        found = sorted(every.Match(data) or ())
        if len(data) >= keys.SHORTEST_BLOCK and block.search(data) is not None:
            found.append(_BLOCKS)
        return found

    return signs


_TOKEN = bytes(c if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "_-./+=~:%@") else 32 for c in range(256))
"""To a space what stands in no token."""
_SHORTEST_TOKEN = 16
_ID = re.compile(rb"[0-9a-f]{16,63}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9T:.Z+-]+|[a-z_/.-]{1,24}")
"""Long words that are no tokens: digests (shorter than a line of a key), UUIDs, times, words and paths."""


def _signs_of_re() -> Callable[[bytes], Collection[int]]:
    """The same with more in it, by plain searches: `re` has no quick one for many patterns.

    Tokens are looked for in the long words of a text only: most texts have few.
    """
    issued = [(n, p.hint, re.compile(_SIGNS[n])) for n, p in enumerate(ISSUED)]
    others = [(n, hint) for n, p in enumerate(PLACED, len(ISSUED)) for hint in p.hint.split("\n")]
    others += [(_KEYS, hint) for hint in keys.HINTS] + [(_ENCODED, hint) for hint in ENCODING_HINTS]
    block, manifest = re.compile(keys.BLOCK_PROBE), re.compile(secret_file.SIGN)

    def signs(data: bytes) -> list[int]:
        long = [w for w in data.translate(_TOKEN).split() if len(w) >= _SHORTEST_TOKEN and not _ID.fullmatch(w)]
        words = b" ".join(long).decode("latin-1")
        found = [n for n, hint, sign in issued if hint in words and sign.search(words)] if words else []
        text, lower = data.decode("latin-1"), data.lower().decode("latin-1")
        found += sorted({n for n, hint in others if hint in text})
        if [stem for stem in STEMS if stem in lower]:
            found.append(_ASSIGNED)
        if any(hint in text for hint in secret_file.HINTS) and manifest.search(text):
            found.append(_MANIFEST)
        if len(data) >= keys.SHORTEST_BLOCK and words and block.search(words):
            found.append(_BLOCKS)
        return found

    return signs


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
