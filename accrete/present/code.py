"""Colours code: which words are comments, strings and keywords, by Pygments, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

MOST = 32 * 1024
"""Characters of the longest text that is coloured: about 40 ms."""
LINE = 1000
"""Characters of its longest line. Generated files have lines on which lexers take seconds."""

Piece = tuple[str, str]
"""A class and the text that has it: c comment, s string, k keyword, '' the rest."""

_LANGUAGES = {
    "bash": "sh bash zsh shell console shellsession",
    "c": "c h",
    "cpp": "cpp cc cxx hpp hh c++",
    "csharp": "cs csharp c#",
    "css": "css",
    "docker": "dockerfile containerfile docker",
    "go": "go golang",
    "html": "html htm vue svelte xml svg",
    "ini": "ini cfg conf env",
    "java": "java",
    "javascript": "js mjs cjs jsx javascript",
    "json": "json jsonc jsonl ipynb",
    "kotlin": "kt kts kotlin",
    "lua": "lua",
    "make": "makefile mk make",
    "php": "php",
    "python": "py pyi python python3",
    "ruby": "rb ruby gemfile rakefile",
    "rust": "rs rust",
    "scss": "scss",
    "sql": "sql psql sqlite",
    "swift": "swift",
    "toml": "toml",
    "typescript": "ts mts cts typescript",
    "tsx": "tsx",
    "yaml": "yml yaml",
}
_BY_NAME = {name: language for language, names in _LANGUAGES.items() for name in names.split()}


def language_of(path: str | None) -> str | None:
    """The language of a file, None where it has none that is coloured."""
    name = re.split(r"[\\/]", path or "")[-1].lower()
    return _BY_NAME.get(name) or _BY_NAME.get(name.rpartition(".")[2])


def language_named(name: str) -> str | None:
    """The language of a Markdown fence, likewise."""
    words = re.findall(r"[\w+#-]+", name.lower()[:60])
    return _BY_NAME.get(words[0]) if words else None


class _Lexer(Protocol):
    """What is used of Pygments, which ships no types."""

    def get_tokens(self, text: str) -> Iterable[tuple[object, str]]: ...


@lru_cache
def _lexer(language: str) -> _Lexer:
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    made: _Lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    return made


def coloured(text: str, language: str | None) -> list[list[Piece]]:
    """The lines of a text, split at newlines, each as pieces with their class. The pieces of a line
    always add up to the line."""
    lines = text.split("\n")
    plain: list[list[Piece]] = [[("", line)] if line else [] for line in lines]
    if language is None or len(text) > MOST or max(map(len, lines)) > LINE:
        return plain
    made: list[list[Piece]] = [[]]
    for kind, value in _lexer(language).get_tokens(text):
        name = _class(str(kind))
        for at, part in enumerate(value.split("\n")):
            if at:
                made.append([])
            if part and made[-1] and made[-1][-1][0] == name:
                made[-1][-1] = (name, made[-1][-1][1] + part)
            elif part:
                made[-1].append((name, part))
    whole = ["".join(part for _, part in line) for line in made]
    return made if whole == lines else plain


def _class(kind: str) -> str:
    if kind.startswith("Token.Comment"):
        return "c"
    if kind.startswith(("Token.Literal.String", "Token.Literal.Date")):
        return "s"
    return "k" if kind.startswith(("Token.Keyword", "Token.Name.Tag")) else ""
