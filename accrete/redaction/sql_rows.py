"""Values of rows in SQL, each judged by the name of its column: INSERT with its values or with what
a program binds to it, and COPY as dumps hold it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from accrete.redaction.judge import is_secret
from accrete.redaction.secret_names import NONE, strength
from accrete.text.lazy import lazy

_WORD = "(?:VALUES|[Vv]alues)[^()'\"]*[(]"
SIGN = (
    rf"\)(?:[^()'\";]*[^A-Za-z0-9_.()'\";])?{_WORD}"
    r"|\)[ \t]+(?:FROM|from)[ \t]+(?:STDIN|stdin)"
)
"""Matches wherever find_in_rows finds something."""
HINTS = ("VALUES", "alues", "stdin", "STDIN")
"""One of these stands where SIGN matches."""

_VALUES = tuple(lazy(word + r"[^()'\"]{0,120}[(]") for word in ("VALUES", "values", "Values"))
_COPIED = lazy(r"\)[ \t]{1,4}(?:FROM|from)[ \t]{1,4}(?:STDIN|stdin)[^\n]{0,200}\n")
_COLUMN = lazy(r"[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*")
_COMMENT = lazy(r"--[^\n]*")
_TOKEN = lazy(
    r"'(?:[^'\\]|''|\\.)*+'|\"(?:[^\"\\]|\"\"|\\.)*+\"|`[^`]*+`|[()\[\],'\"`]|--[^\n]*"
    r"|[^'\"`()\[\],-]++|-",
    re.DOTALL,
)
_APART = r"(?:--[^\n]*+\n|[^()'\"`;,]){0,200}+"
_NEXT_ROW = lazy(rf"{_APART},{_APART}[(]")
_BOUND = lazy(
    r"[^\"'`()]{0,200}[\\]{0,3}[\"'`]{1,3}[ \t\r\n]{0,40}"
    r"(?:[,%]|\)[ \t\r\n]{0,40}\.[A-Za-z_]{2,20}\()[ \t\r\n]{0,40}[\[(]{0,2}"
)
"""What stands between placeholders and what is bound to them: `VALUES (?, ?)", ("kim", …`."""
_NAMING = lazy(r"(?:key|name|option|setting|property|variable|parameter)$", re.IGNORECASE)
_NAMED = lazy(r"(?:^|_)val(?:ue)?$", re.IGNORECASE)
_BETWEEN, _MOST_COLUMNS = 200, 4000
"""Characters between the columns and VALUES, and of all columns."""
_MOST_CUT = 8
"""So many rows without an end are read: each may go on to the end of the text."""

_Cells = list[list[tuple[int, int]]]
"""The places of the texts in each cell of a row, without their quotes."""


def find_in_rows(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the secrets in rows of SQL."""
    done = cut = 0
    found = [match for word in _VALUES for match in word.finditer(text)]
    for match in sorted(found, key=lambda each: each.start()):
        if match.start() < done or cut > _MOST_CUT:
            continue
        names = _columns(text, match.start())
        if not _tell(names):
            continue
        at = match.end()
        while at:
            cells, end, whole = _row(text, at)
            if whole and not any(cells) and (bound := _BOUND.match(text, end)) is not None:
                cells, end, whole = _row(text, bound.end())
            if not whole or len(cells) == len(names):
                yield from _secrets(text, names, cells)
            done = end if whole else at
            cut += not whole
            after = _NEXT_ROW.match(text, end) if whole else None
            at = after.end() if after is not None else 0
    done = 0
    for match in _COPIED.finditer(text):
        if match.start() >= done and _tell(names := _columns(text, match.start() + 1)):
            done = yield from _copied(text, match.end(), names)


def _columns(text: str, end: int) -> list[str]:
    """The names in the parenthesis that closes before `end`; none if there is no such."""
    close = text.rfind(")", max(0, end - _BETWEEN), end)
    begin = text.rfind("(", max(0, close - _MOST_COLUMNS), close) if close >= 0 else -1
    if begin < 0 or any(c in text[close:end] for c in "'\";"):
        return []
    listed = _COMMENT.sub("", text[begin + 1 : close]).split(",")
    return [(_COLUMN.findall(column) or [""])[-1] for column in listed]


def _tell(names: list[str]) -> bool:
    """Whether a column may hold a secret: by its name, or as the value of a name beside it."""
    return any(strength(name) != NONE or _NAMED.search(name) for name in names)


def _row(text: str, at: int) -> tuple[_Cells, int, bool]:
    """The cells from `at`, behind the parenthesis, on; where they end; whether they do."""
    cells: _Cells = [[]]
    depth = 1
    while (match := _TOKEN.match(text, at)) is not None:
        piece, at = match[0], match.end()
        if piece in ("(", "["):
            depth += 1
        elif piece in (")", "]"):
            depth -= 1
            if not depth:
                return cells, at, True
        elif piece == "," and depth == 1:
            cells.append([])
        elif piece[0] in "'\"" and len(piece) > 1:
            cells[-1].append((match.start() + 1, at - 1))
        elif piece in "'\"":
            break
    return cells, at, False


def _secrets(text: str, names: list[str], cells: _Cells) -> Iterator[tuple[int, int]]:
    naming = [n for n, name in enumerate(names) if _NAMING.search(name)]
    named = {n for n, name in enumerate(names) if _NAMED.search(name)} if naming else set[int]()
    said = ""
    if named and naming[0] < len(cells) and cells[naming[0]]:
        a, b = cells[naming[0]][0]
        said = text[a:b]
    for n, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if named and n == naming[0]:
            continue
        for a, b in cell:
            if is_secret(said if n in named else name, text[a:b]):
                yield a, b


def _copied(text: str, at: int, names: list[str]) -> Generator[tuple[int, int], None, int]:
    """The secrets in the lines that COPY reads, cells with tabs between them; where they end."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        cells = text[at:end].rstrip("\r").split("\t")
        if len(cells) == len(names) + 1 and cells[0].strip().isdigit():  # cat -n
            at += len(cells.pop(0)) + 1
        if len(cells) != len(names):
            break
        placed: _Cells = []
        for cell in cells:
            placed.append([(at, at + len(cell))])
            at += len(cell) + 1
        yield from _secrets(text, names, placed)
        at = end + 1
    return at
