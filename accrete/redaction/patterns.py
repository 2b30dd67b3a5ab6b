"""The definition of a secret's pattern, and the version of all patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from accrete.text.lazy import lazy

A = "[A-Za-z0-9]"
B64 = "[A-Za-z0-9_-]"
END = "(?:[^A-Za-z0-9]|$)"
"""What follows a token of exact length (no lookahead: the two engines do not share one)."""


def always(_: str) -> bool:
    """The check of patterns that leave no doubt."""
    return True


def anywhere(_: str, __: int) -> bool:
    """The place of patterns that hold wherever they match."""
    return True


class Pattern(NamedTuple):
    """A kind of secret and its pattern.

    Every pattern means the same to google-re2 and to `re` (with re.ASCII): no lookaround, no back
    references, no `\\s`,
    `\\w` or `\\d`, no case folding by flag. The group `v` is what goes; without it the whole match
    goes.
    `hint` is a text that stands in every match, or some, a line each, of which one does; `source`
    says who documents the shape; `probe` is a plain pattern that
    matches wherever `regex` does, where the hint alone is too common; `check` looks at what would
    go, `place` at the text and where the match begins.
    """

    kind: str
    hint: str
    regex: str
    source: str
    probe: str = ""
    check: Callable[[str], bool] = always
    place: Callable[[str, int], bool] = anywhere


def any_case(word: str) -> str:
    """A pattern for a word in any case, without a flag (the engines fold different letters)."""
    return "".join(
        f"[{c.upper()}{c.lower()}]"
        if c.isascii() and c.isalpha()
        else c
        if c.isascii()
        else f"\\x{ord(c):02x}"
        for c in word
    )


_Tree: TypeAlias = "dict[str, _Tree]"
"""What may follow, by letter; '' where a word ends."""


def one_of(words: Iterable[str]) -> str:
    """A pattern for `re` that matches where any of the words begins, at least the shortest of them:
    letter by letter, where `re` would try one word after another."""
    tree: _Tree = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _spelled(tree)


def _spelled(node: _Tree) -> str:
    if "" in node:
        return ""
    letters: dict[str, list[str]] = {}
    for letter, following in node.items():
        letters.setdefault(_spelled(following), []).append(re.escape(letter))
    ways = [(c[0] if len(c) == 1 else f"[{''.join(c)}]") + rest for rest, c in letters.items()]
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


_UNBOUNDED = lazy(r"(\[\^(?:\\.|[^\]\\])*\])\*")


def bounded(sign: str) -> str:
    """A pattern for `re`, which would try each of its beginnings with all of a long line."""
    return _UNBOUNDED.sub(r"\1{0,400}", sign)
