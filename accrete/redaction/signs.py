"""Signs of secrets: one quick look at a text decides which slower searches to run.

With google-re2 all signs are one automaton. `re` has nothing like it: there, plain searches for the literals that each
sign needs come first, those that share a literal behind one search for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from accrete.redaction import assigned, keys, secret_file
from accrete.redaction.issued import ISSUED
from accrete.redaction.names import STEMS
from accrete.redaction.patterns import any_case, bounded
from accrete.redaction.placed import PLACED
from accrete.redaction.views import ENCODING_HINTS, ENCODING_PROBE

PATTERNS = (*ISSUED, *PLACED)
Signs = Callable[[bytes], Collection[int]]
"""Which signs stand in the UTF-8 form of a text."""


def _literal(text: str) -> str:
    return "|".join(
        "".join(c if c.isalnum() or c in " -_/:=,~" else "\\" + c for c in line) for line in text.split("\n")
    )


SIGNS = (*(p.probe or _literal(p.hint) for p in PATTERNS), assigned.SIGN, keys.PROBE, ENCODING_PROBE, secret_file.SIGN)
"""What matches wherever each pattern does, then wherever each other search finds something."""
ASSIGNED, KEYS, ENCODED, MANIFEST, BLOCKS = range(len(PATTERNS), len(PATTERNS) + 5)

_LITERALS = {ASSIGNED: "|".join(map(any_case, STEMS)), KEYS: "|".join(keys.HINTS), MANIFEST: "[Ss]ecret"}
"""What stands wherever the signs that are no pattern's do."""


def compiled(regex: str, engine: str) -> Any:
    """The pattern for one of the two engines."""
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


def of_re2() -> Signs:
    """Raises ImportError where google-re2 is not installed.

    The automaton of all stays small, and so quick, as long as no sign in it has parts of any length: of those only
    the literals are in it, and the sign itself is looked for where one of them stands.
    """
    import re2

    every = re2.Set.SearchSet(_options())
    whole: dict[int, Any] = {}
    for n, sign in enumerate(SIGNS):
        if "*" in sign or "+" in sign:
            whole[n] = compiled(sign, "re2")
            sign = _LITERALS[n] if n in _LITERALS else _literal(PATTERNS[n].hint)
        every.Add(sign)
    every.Compile()
    block = compiled(keys.BLOCK_PROBE, "re2")  # apart: counting to 64 beside the others multiplies their states

    def signs(data: bytes) -> list[int]:
        found = sorted(every.Match(data) or ())
        if found:
            found = [n for n in found if n not in whole or whole[n].search(data) is not None]
        if len(data) >= keys.SHORTEST_BLOCK and block.search(data) is not None:
            found.append(BLOCKS)
        return found

    return signs


_TOKEN = bytes(c if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "_-./+=~:%@") else 32 for c in range(256))
"""To a space what stands in no token."""
_SHORTEST_TOKEN = 16
_ID = re.compile(rb"[0-9a-f]{16,63}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9T:.Z+-]+|[a-z_/.-]{1,24}")
"""Long words that are no tokens: digests (shorter than a line of a key), UUIDs, times, words and paths."""
_BLOB = re.compile(rb"[A-Za-z0-9+/]{1000,}={0,2}")
"""Images and the like: no name, no command and no mark with a separator stands in them."""
_WORD = bytes(c if c >= 128 or chr(c).isalnum() or c == 95 else 32 for c in range(256))
"""To a space what stands in no word."""
_GATES = ("\\", "$", "\t-", " -")
"""Literals that several hints share."""


def _bounded(sign: str) -> Any:
    return re.compile(bounded(sign), re.ASCII)


Needed = tuple[str, int, Any]
"""A literal, the sign that needs it, and the sign itself."""


def _gate(hint: str) -> str:
    """What to look for among the words of a text, before a hint is looked for in the text; '' if there is nothing."""
    words = re.findall("[A-Za-z0-9_]+", hint)
    word = max(words, key=len) if words else ""
    return word if len(word) > 2 or word == hint else ""


def _grouped(needed: list[Needed], gate: Callable[[str], str]) -> list[tuple[str, list[Needed]]]:
    groups: dict[str, list[Needed]] = {}
    for one in needed:
        groups.setdefault(gate(one[0]), []).append(one)
    return list(groups.items())


def of_re() -> Signs:
    """The same with more in it, for names: every stem counts."""
    needed = [(p.hint, n, _bounded(SIGNS[n])) for n, p in enumerate(ISSUED)]
    tokens = {
        mark.encode(): [one for one in needed if mark == next((m for m in "_-." if m in one[0]), "")]
        for mark in ("_", "-", ".", "")
    }
    needed = [(hint, n, _bounded(SIGNS[n])) for n, p in enumerate(PLACED, len(ISSUED)) for hint in p.hint.split("\n")]
    blind = [(hint, KEYS, _bounded(keys.PROBE)) for hint in keys.HINTS]
    tokens[b""] += [one for one in blind if one[0].isalnum()]
    needed += [one for one in blind if not one[0].isalnum()]
    needed += [(hint, ENCODED, _bounded(ENCODING_PROBE)) for hint in ENCODING_HINTS]
    by_word = _grouped([one for one in needed if _gate(one[0])], _gate)
    by_mark = _grouped(
        [one for one in needed if not _gate(one[0])], lambda hint: next((g for g in _GATES if g in hint), hint)
    )
    block, manifest = re.compile(keys.BLOCK_PROBE), _bounded(secret_file.SIGN)

    def signs(data: bytes) -> list[int]:
        found: set[int] = set()
        long = [w for w in data.translate(_TOKEN).split() if len(w) >= _SHORTEST_TOKEN and not _ID.fullmatch(w)]
        if long:
            for mark, rows in tokens.items():
                words = b" ".join([w for w in long if mark in w] if mark else long).decode("latin-1")
                if words:
                    found.update([n for hint, n, sign in rows if hint in words and sign.search(words)])
            if len(data) >= keys.SHORTEST_BLOCK and block.search(words):
                found.add(BLOCKS)
            for word in long:
                if len(word) >= 1000 and _BLOB.fullmatch(word):
                    data = data.replace(word, b" ")
        text = data.decode("latin-1")
        words_of = b" ".join(set(data.translate(_WORD).split())) if len(data) > 400 else data
        vocabulary, lower = words_of.decode("latin-1"), words_of.lower().decode("latin-1")
        for groups, where in ((by_word, vocabulary), (by_mark, text)):
            for gate, rows in groups:
                if gate in where:
                    found.update([n for hint, n, sign in rows if n not in found and hint in text and sign.search(text)])
        if assigned.ANY_STEM.search(lower):
            found.add(ASSIGNED)
        if "ecret" in vocabulary and manifest.search(text):
            found.add(MANIFEST)
        return sorted(found)

    return signs
