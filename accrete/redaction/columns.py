"""Values in tables, each judged by the head of its column: CSV, and what database clients print."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from accrete.redaction.judge import is_drawn, is_random, is_secret
from accrete.redaction.patterns import any_case
from accrete.redaction.secret_names import SECRET, strength
from accrete.text.lazy import lazy

_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "api key",
    "apikey",
)
_NAMED = "(?:" + "|".join(map(any_case, _WORDS)) + r")[A-Za-z_ ]{0,20}[\"'`*]{0,3}[ ]{0,20}"
_HEADS = r"[|,;\t][^\n(){}<>=:/\\$&#@!?%]*"
SIGN = (
    rf"[|,;\t][ \"'`*]*[A-Za-z_ -]*{_NAMED}(?:{_HEADS})?\r?\n"
    rf"|{_NAMED}{_HEADS}\r?\n"
)
"""Matches wherever find_in_tables finds something."""
HINTS = (
    *("assword", "ASSWORD", "asswd", "ASSWD", "assphrase", "ASSPHRASE", "pwd", "PWD", "Pwd"),
    *("ecret", "SECRET", "oken", "TOKEN", "pi_key", "PI_KEY", "pikey", "piKey", "PIKEY", "pi_Key"),
    *("pi key", "pi Key", "PI key", "PI Key", "PI KEY"),
)
"""One of these stands where SIGN matches."""

_HEAD = lazy(r"[A-Za-z_][A-Za-z0-9_. -]{0,40}")
_RULE = lazy(r"[ \t|+:=-]+")
"""The line between the heads and the rows."""
_VALUE = lazy(r"[^\x00-\x20]{6,400}")
_SEPARATORS = ("|", "\t", ";", ",")
_AROUND = " \t\r\"'`*"
_LONGEST = 2000


def find_in_tables(text: str, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The spans of the secrets below heads that name them. places: where lines with such a head
    are, in order."""
    done = 0
    for at in places:
        if at < done:
            continue
        begin = text.rfind("\n", max(done - 1, 0), at) + 1 or done
        end = text.find("\n", at)
        if end < 0:
            break
        done = end + 1
        line = text[begin:end] if end - begin <= _LONGEST else ""
        separator = next((each for each in _SEPARATORS if each in line), "")
        names = [cell.strip(_AROUND) for cell in line.split(separator)] if separator else []
        if _is_head(names):
            done = yield from _rows(text, end + 1, separator, names)


def heads(text: str) -> list[int]:
    """Where a line may have a head that names secrets, without a search engine."""
    lower = text.lower()
    found = set()
    for word in _WORDS:
        at = lower.find(word)
        while at >= 0:
            found.add(at)
            end = lower.find("\n", at)
            at = lower.find(word, end) if end >= 0 else -1
    return sorted(found)


def _is_head(names: list[str]) -> bool:
    """Whether a line names columns: at least two, one of them that of secrets."""
    named = [name for name in names if name]
    return (
        len(named) > 1
        and all(_HEAD.fullmatch(name) for name in named)
        and any(strength(name.replace(" ", "_")) >= SECRET for name in named)
    )


def _rows(
    text: str, at: int, separator: str, names: list[str]
) -> Generator[tuple[int, int], None, int]:
    """The secrets in the lines from `at` on that have as many cells; where they end."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        cells = text[at:end].split(separator) if end - at <= _LONGEST else []
        if len(cells) != len(names) and not _RULE.fullmatch(text, at, end):
            break
        place = at
        for name, cell in zip(names, cells, strict=False):
            value = cell.strip(_AROUND)
            if name and _is_value(name.replace(" ", "_"), value):
                begin = place + cell.index(value)
                yield begin, begin + len(value)
            place += len(cell) + 1
        at = end + 1
    return at


def _is_value(name: str, value: str) -> bool:
    """Whether a cell holds a secret, not words about one."""
    return (
        strength(name) >= SECRET
        and _VALUE.fullmatch(value) is not None
        and is_secret(name, value)
        and (is_random(value) or (is_drawn(value) and any(c.isdigit() for c in value)))
    )
