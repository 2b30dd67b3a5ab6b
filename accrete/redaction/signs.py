"""Signs of secrets: one quick look at a text decides which slower searches to run.

With google-re2 all signs are one automaton. `re` has nothing like it: there, plain searches for the
literals that each sign needs come first, those that share a literal behind one search for it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from accrete.redaction import assigned, columns, keys, secret_file, sql_rows
from accrete.redaction.issued import ISSUED
from accrete.redaction.marks import LEFT, WORD
from accrete.redaction.network_devices import DEVICES
from accrete.redaction.patterns import any_case, bounded, one_of
from accrete.redaction.placed import PLACED
from accrete.redaction.secret_names import STEMS
from accrete.redaction.views import ENCODING_HINTS, ENCODING_PROBE

if TYPE_CHECKING:
    import re2

Text = TypeVar("Text", str, bytes, contravariant=True)
PATTERNS = (*ISSUED, *PLACED, *DEVICES)
Signs = Callable[[bytes], Collection[int]]
"""Which signs stand in the UTF-8 form of a text."""


def _literal(text: str) -> str:
    return "|".join(
        "".join(c if c.isalnum() or c in " -_/:=,~" else "\\" + c for c in line)
        for line in text.split("\n")
    )


SIGNS = (
    *(p.probe or _literal(p.hint) for p in PATTERNS),
    assigned.SIGN,
    keys.PROBE,
    ENCODING_PROBE,
    secret_file.SIGN,
    sql_rows.SIGN,
    columns.SIGN,
)
"""What matches wherever each pattern does, then wherever each other search finds something."""
SPOKEN = len(ISSUED)
"""The sign of a value that is told before its name, in a sentence."""
ASSIGNED, KEYS, ENCODED, MANIFEST, ROWS, TABLES, BLOCKS = range(len(PATTERNS), len(PATTERNS) + 7)

_LITERALS = {
    ASSIGNED: "|".join(map(any_case, STEMS)),
    KEYS: "|".join(keys.HINTS),
    MANIFEST: "[Ss]ecret",
    ROWS: "|".join(sql_rows.HINTS),
    TABLES: "|".join(columns.HINTS),
}
"""What stands wherever the signs that are no pattern's do."""


class Match(Protocol):
    """Where a pattern matches: places in what was searched."""

    def start(self) -> int:
        """The first place."""

    def span(self, group: int = 0, /) -> tuple[int, int]:
        """The first place of a group, and the one behind it."""


class Regex(Protocol[Text]):
    """A pattern of either engine. `re` searches texts here, google-re2 bytes."""

    def search(self, text: Text, start: int = 0, end: int = ..., /) -> Match | None:
        """The first match from `start` on that ends by `end`."""


_BEFORE = {before: re.compile(before + r"\Z", re.ASCII) for before in (LEFT, WORD)}
_LONGEST_BEFORE = 5
"""Characters that what stands before a token has at most."""


class _Behind(NamedTuple):
    """A token, and what stands before it, for `re`: it finds the token's mark quickly, where it
    would try all that may stand before one at every place."""

    token: re.Pattern[str]
    before: re.Pattern[str]

    def search(self, text: str, start: int = 0, end: int = sys.maxsize, /) -> Match | None:
        """The first match from `start` on that ends by `end`."""
        position = start
        while (match := self.token.search(text, position, end)) is not None:
            position = match.start()
            if self.before.search(text, max(start, position - _LONGEST_BEFORE), position):
                return match  # what is before it is not in it: nobody looks at that
            position += 1
        return None


def by_re(regex: str) -> Regex[str]:
    """The pattern for `re`. What begins with the mark of a token may match from there on, without
    what stands before it."""
    for before, ends in _BEFORE.items():
        token = regex.removeprefix(before)
        if token is not regex and re.match(r"\(\?P<v>[A-Za-z0-9]", token):
            return _Behind(re.compile(token, re.ASCII), ends)
    return re.compile(regex, re.ASCII)


@lru_cache(None)
def by_re2(regex: str) -> Regex[bytes]:
    """The pattern for google-re2, one for all: its automaton takes memory as it is used. Raises
    ImportError where it is not installed."""
    import re2

    made: Regex[bytes] = re2.compile(regex.encode("latin-1"), _options())
    return made


def _options() -> re2.Options:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 128 << 20
    return options


def of_re2() -> Signs:
    """Raises ImportError where google-re2 is not installed.

    The automaton of all stays small, and so quick, as long as no sign in it has parts of any
    length: of those only the literals are in it, and the sign itself is looked for where one of
    them stands. The same goes for marks before many characters: it takes one of them, or four
    hexadecimal digits. Of signs that count twice it leaves out one count: the one before a hash at
    their end, else the last one. What is counted beside everything else multiplies the states: a
    sign counts little behind a mark that is common in texts.
    """
    import re2

    every = re2.Set.SearchSet(_options())
    whole: dict[int, str] = {}
    made: dict[int, Regex[bytes]] = {}
    for n, sign in enumerate(SIGNS):
        if "*" in sign or "+" in sign:
            whole[n] = sign
            sign = _LITERALS[n] if n in _LITERALS else _literal(PATTERNS[n].hint)
        elif (far := _FAR.match(sign)) is not None:
            whole[n] = sign
            sign = f"{far[0]}{{4}}" if far[0].endswith(_HEX_DIGIT) else far[0]
        elif (again := _COUNTS_AGAIN.fullmatch(sign)) is not None:
            whole[n] = sign
            sign = again["hash"] or again["first"]
        every.Add(sign)
    every.Compile()
    # both apart: counting to 64 or words beside the others multiplies their states
    block = by_re2(keys.BLOCK_PROBE)
    defines = by_re2(assigned.DEFINES)

    def stands(n: int, data: bytes) -> bool:
        """Whether a sign of any length is there; compiled where its literal was first met."""
        if n not in made:
            made[n] = by_re2(whole[n])
        return made[n].search(data) is not None or (
            n == ASSIGNED and defines.search(data) is not None
        )

    def signs(data: bytes) -> list[int]:
        found = every.Match(data) or []
        if found:
            found = sorted(n for n in found if n not in whole or stands(n, data))
        if len(data) >= keys.SHORTEST_BLOCK and block.search(data) is not None:
            found.append(BLOCKS)
        return found

    return signs


_FAR = re.compile(r"[A-Za-z0-9_:-]+(?:\\\.)?(?:\[[^\]]+\])+(?=\{(?:1[7-9]|[2-9][0-9])\})")
"""The beginning of a sign that is a mark and then more than sixteen characters."""
_COUNTS_AGAIN = re.compile(
    r"[^|()]*\{[0-9,]+\}(?P<hash>\\?[^?*+]\[0-9a-f\]\{8\})|"
    r"(?P<first>[^|()]*\{[0-9,]+\}(?:\\?[^?*+])?)\[[^\]]+\]\{[0-9]+\}"
)
"""A sign that counts twice."""
_HEX_DIGIT = "[0-9a-f]"
"""Few characters, so that counting four of them makes few states: `:12` of a time is no hash."""
_WORD = bytes(c if c >= 128 or chr(c).isalnum() or c == 95 else 32 for c in range(256))
"""To a space what stands in no word."""
_RUN = bytes(
    c if chr(c).isascii() and (chr(c).isalnum() or chr(c) in "+/") else 32 for c in range(256)
)
"""To a space what stands in no base64."""
_BLOB = 1000
"""Runs so long are images and the like: no name, no command and no mark with a separator stands
inside of them."""
_END_OF_BLOB = 200
"""What stands this near to the end of one may be a name that what follows it is given to:
LONGEST_NAME is less."""
_MOST_WORDS, _LONGEST_WORD = 1 << 15, 64
"""So many words of texts are remembered, with what begins in them, up to so long."""


_MARKS = ("\\", "$", "%", "\x1b", "^", "~", "<", "//", "\t-", " -")
"""Literals that several hints share."""


_BEFORE_MARK = re.compile(r"\[[^\]]+\]\{[0-9]+\}(?=\\?[^\[({])")


def _bounded(sign: str) -> Regex[str]:
    """A sign for `re`, from its mark on: that finds a literal quickly, and tries a class at every
    place."""
    return by_re(bounded(_BEFORE_MARK.sub("", sign, count=1) if _BEFORE_MARK.match(sign) else sign))


class _Needed(NamedTuple):
    """A literal, the sign that needs it, and the sign itself."""

    hint: str
    sign: int
    regex: Regex[str]


def _gate(hint: str) -> str:
    """What to look for among the words of a text, in lower case, before a hint is looked for in the
    text; '' where there is nothing."""
    word = max(re.findall("[A-Za-z0-9_\x80-\xff]+", hint), key=len, default="")
    return _lower(word) if len(word) > 2 or word == hint else ""


def _lower(text: str) -> str:
    return text.encode("latin-1").lower().decode("latin-1")  # ASCII letters only


def of_re() -> Signs:
    """The same with more in it, for names: every stem counts."""
    needed = [
        _Needed(hint, n, _bounded(SIGNS[n]))
        for n, p in enumerate(PATTERNS)
        for hint in p.hint.split("\n")
    ]
    needed += [_Needed(hint, KEYS, _bounded(keys.PROBE)) for hint in keys.HINTS]
    needed += [_Needed(hint, ENCODED, _bounded(ENCODING_PROBE)) for hint in ENCODING_HINTS]
    needed += [_Needed(hint, MANIFEST, _bounded(secret_file.SIGN)) for hint in secret_file.HINTS]
    needed += [_Needed(hint, ROWS, _bounded(sql_rows.SIGN)) for hint in sql_rows.HINTS]
    needed += [_Needed(hint, TABLES, _bounded(columns.SIGN)) for hint in columns.HINTS]
    gated: dict[str, list[_Needed]] = {}
    for one in needed:
        gated.setdefault(_gate(one.hint), []).append(one)
    without_word: dict[str, list[_Needed]] = {}
    for one in gated.pop("", []):
        without_word.setdefault(
            next((mark for mark in _MARKS if mark in one.hint), one.hint), []
        ).append(one)
    marks = list(without_word.items())
    in_blobs = [one for one in needed if one.hint.isalnum()]
    gates = (*gated, *STEMS)
    any_gate = re.compile(f"(?=({one_of(gates)}))".encode("latin-1"))
    told = {
        hit.encode("latin-1"): [
            one for gate, some in gated.items() if gate.startswith(hit) for one in some
        ]
        for hit in gates
    }
    naming = {
        gate.encode("latin-1") for gate in gates if any(stem.startswith(gate) for stem in STEMS)
    }

    known: dict[bytes, list[bytes]] = {}

    def signs(data: bytes) -> list[int]:
        found: set[int] = set()
        if len(data) >= keys.SHORTEST_BLOCK and (
            runs := [w for w in data.translate(_RUN).split() if len(w) >= 64]
        ):
            found.add(BLOCKS)
            for blob in [run for run in runs if len(run) >= _BLOB]:
                inside = blob.decode("latin-1")
                found.update(
                    [n for hint, n, sign in in_blobs if hint in inside and sign.search(inside)]
                )
                data = data.replace(blob, blob[:_END_OF_BLOB] + b" " + blob[-_END_OF_BLOB:])
        text = data.decode("latin-1")
        hits: set[bytes] = set()
        for word in {*data.lower().translate(_WORD).split()}:
            in_word = known.get(word)
            if in_word is None:
                in_word = any_gate.findall(word)
                if len(word) <= _LONGEST_WORD:
                    if len(known) >= _MOST_WORDS:
                        known.clear()
                    known[word] = in_word
            hits.update(in_word)
        if not naming.isdisjoint(hits):
            found.add(ASSIGNED)
        looked_for = set(found)  # once each, however many of its hints are there
        for some in (*[told[hit] for hit in hits], *[some for mark, some in marks if mark in text]):
            for hint, n, sign in some:
                if n not in looked_for and hint in text:
                    looked_for.add(n)
                    if sign.search(text):
                        found.add(n)
        return sorted(found)

    return signs
