"""What counts as a word in search: the same for stored texts and for queries, on both engines.

ASCII letters and digits make words, as do other letters; everything else stands between words. In
scripts that are written without spaces each character is a word of its own, so that any run of them
is found as a phrase, and Latin words beside them are words too. Case, Latin and Greek accents, the
dots of Russian `ё`, the points of Hebrew and Arabic, full-width and half-width forms make no
difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from accrete.text.lazy import lazy

INDEX_VERSION = 3
"""To be raised when a text yields other words than before: the index is then made anew."""
SHORT = 24
"""Characters of a run outside ASCII that is likely to come again: dashes, quotes, arrows, an
accented letter."""
LONGEST_WORD = 500
"""Characters of a word that are kept where words are stored; PostgreSQL takes no more than 2
KiB."""

_UNSPACED = lazy(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf"
    "\u1b00-\u1b7f\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u31ff\u3400-\ua4cf"
    "\ua960-\ua97f\ua980-\ua9ff\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
"""Thai, Lao, Myanmar, Khmer, Tai, Javanese, Balinese, Chinese, Japanese, Korean, Yi. Korean has
spaces, but glues particles to words."""
_HANGUL = lazy("[\u1100-\u11ff\ua960-\ua97f\uac00-\ud7ff]")
_EMOJI = lazy(
    "[\u2600-\u27bf\u2b00-\u2bff\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff]"
)
_OTHER_FORMS = lazy("[\u3300-\u33ff\uff00-\uffef\ufb00-\ufb06\U0001d400-\U0001d7ff]")
"""Full-width, half-width and squared forms (㎏, ㌔), ligatures, mathematical letters: other shapes
of ordinary characters."""
_ACCENT = lazy("[\u0300-\u036f]")
_POINT = lazy("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]")
"""Vowels of Hebrew and Arabic, which most people leave out, and what makes an Arabic word
longer."""
_NOT_ASCII = lazy("[^\x00-\x7f]+")
_CAPITALS = lazy("[A-Z]+")
_WORD = lazy("[^\x00-/:-`{-\x7f]+")
"""Digits, small letters of ASCII and what is not ASCII, written as what it is not: a class that
ends at the last character of all takes 3 ms to compile."""
_EDGE = "\x00"
"""Where a letter of another script than Latin begins or ends: two of them beside each other are
none. No stored text has this character."""


class _Folded(dict[int, str]):
    """What each character becomes, derived when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _fold(chr(code))
        return made


def _fold(char: str) -> str:
    """A character outside ASCII as the index has it; characters that stand between words become a
    space."""
    if _OTHER_FORMS.match(char):
        return "".join(
            each if each.isascii() else _fold(each) for each in unicodedata.normalize("NFKC", char)
        )
    kind = unicodedata.category(char)
    if _UNSPACED.match(char):
        parts = char if _HANGUL.match(char) else unicodedata.normalize("NFKD", char)
        return "".join(
            f" {part} " if unicodedata.category(part)[0] in "LMN" else " " for part in parts
        )
    if _EMOJI.match(char):
        return f" {char} "
    if _ACCENT.match(char) or _POINT.match(char) or kind == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return " " if char == "\u200b" else ""
    if kind[0] not in "LMN":
        return " "
    return _letter(char.casefold(), kind)


def _letter(char: str, kind: str) -> str:
    bare = unicodedata.normalize("NFD", char)
    if bare[0].isascii():
        return _ACCENT.sub("", bare)
    name = unicodedata.name(char[0], "")
    if name.startswith("GREEK") or char == "ё":
        char = _ACCENT.sub("", bare)
    latin = kind in ("Lm", "Nd", "No") or name.startswith("LATIN")
    return char if latin else f"{_EDGE}{char}{_EDGE}"


_folded = _Folded()


def _fold_run(run: str) -> str:
    return run.translate(_folded).replace(_EDGE + _EDGE, "").replace(_EDGE, " ")


_fold_short = lru_cache(8192)(_fold_run)


def _fold_match(run: re.Match[str]) -> str:
    return (_fold_short if run.end() - run.start() <= SHORT else _fold_run)(run[0])


def spread(text: str) -> str:
    """The text with what is not ASCII folded and set apart, so that words are what stands between
    ASCII characters that are neither letters nor digits. ASCII stays as it is, capitals too."""
    if text.isascii():
        return text
    return _NOT_ASCII.sub(_fold_match, unicodedata.normalize("NFC", text))


def lower(text: str) -> str:
    """The text with its ASCII capitals made small: SQLite knows no others."""
    return _CAPITALS.sub(lambda found: found.group().lower(), text)


def words(text: str) -> list[str]:
    """The words of a text in their order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(lower(spread(text)))]


def places(text: str, wanted: list[tuple[tuple[str, ...], bool]]) -> Iterator[tuple[int, int]]:
    """(begin, end) of each place in a text (NFC) where some words stand side by side; True beside
    them: the last may be the beginning of one."""
    folded, origin = _aligned(text)
    longest_first = sorted(wanted, key=lambda each: -len(" ".join(each[0])))
    any_of = re.compile("|".join(_pattern(*each) for each in longest_first))
    for found in any_of.finditer(folded):
        begin, end = found.span()
        if not begin or not _WORD.match(folded[begin - 1]):
            yield origin[begin], origin[end - 1] + 1


def _pattern(side_by_side: tuple[str, ...], beginning: bool) -> str:
    inner = _WORD.pattern[:-1]
    body = f"(?:(?!{inner})[\\s\\S])+".join(map(re.escape, side_by_side))
    return body + (f"{inner}*" if beginning else f"(?!{inner})")


def _aligned(text: str) -> tuple[str, list[int]]:
    """The text as the index has it, and for each of its characters the place in the text that it
    comes from."""
    pieces: list[str] = []
    origin: list[int] = []
    last = 0
    for run in _NOT_ASCII.finditer(text):
        pieces.append(text[last : run.start()])
        origin.extend(range(last, run.start()))
        for place, char in enumerate(run.group(), run.start()):
            made = _folded[ord(char)]
            if made[:1] == _EDGE and pieces and pieces[-1][-1:] == _EDGE:
                pieces[-1], made = pieces[-1][:-1], made[1:]
                origin.pop()
            pieces.append(made)
            origin.extend([place] * len(made))
        last = run.end()
    pieces.append(text[last:])
    origin.extend(range(last, len(text)))
    return lower("".join(pieces)), origin
