"""A unified diff as HTML: line numbers, code in colours, and which words of a line changed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import zip_longest

from markupsafe import Markup, escape

from accrete.present.code import Piece, coloured, language_of
from accrete.text.plain import visible

ALIKE = 0.4
"""From how alike on two lines are one line that changed; below, all of both did."""
LONGEST, PAIRS = 400, 400
"""Characters of a line, and changed lines of a diff, within which changed words are looked for."""

_HEAD = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)", re.DOTALL)
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_KINDS = {"+": "a", "-": "r"}

Spans = list[tuple[int, int]]


@dataclass(slots=True)
class _Line:
    """kind: a added, r removed, '' unchanged, h the head of a hunk, n a note. old, new: line
    numbers; marks: what changed within the line."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None
    marks: Spans = field(default_factory=list)


def diff_html(
    patch: str,
    path: str | None = None,
    *,
    cut: bool = False,
    label: str | None = None,
    beside: bool = False,
) -> Markup:
    """The patch of one file as `div.diff`, safe whatever it holds. patch: unified, with or without
    file headers and counts in its `@@` lines; path: of the file, for its language and its name;
    cut: the patch was stored in part, which is said at its end; label: its accessible name;
    beside: what was removed stands left of what was added, in `div.p` of two lines each.

    A line is `div.a` (added), `div.r` (removed), `div.h` (where a hunk begins) or `div`; the line
    numbers are in attributes, so that they are not copied along."""
    return _made(patch, path, cut, label, beside)


@lru_cache(maxsize=128)
def _made(patch: str, path: str | None, cut: bool, label: str | None, beside: bool) -> Markup:
    lines = _read(patch)
    _mark(lines)
    name = label or (f"Change to {visible(path)}" if path else "Change")
    kind = "diff beside" if beside else "diff"
    out = [f'<div class="{kind}" tabindex="0" role="group" aria-label="{escape(name)}">']
    pieces = _colours(lines, language_of(path))
    rows = [(line.kind, _row(line, part)) for line, part in zip(lines, pieces, strict=True)]
    out.extend(_beside(rows) if beside else (row for _, row in rows))
    if cut:
        out.append('<div class="n">The rest of this change was too long to be kept.</div>')
    out.append("</div>")
    return Markup("".join(out))  # noqa: S704 - every text in it went through escape


def _read(patch: str) -> list[_Line]:
    found: list[_Line] = []
    old: int | None = None
    new: int | None = None
    begun = re.search(r"^@@ -\d", patch, re.MULTILINE) is None
    for raw in patch.split("\n"):
        head = _HEAD.fullmatch(raw)
        if head is not None:
            begun = True
            old, new = int(head[1][:9]), int(head[2][:9])
            if found or head[3].strip():
                found.append(_Line("h", visible(head[3].strip())))
        elif not begun:
            continue
        elif raw.startswith("\\"):
            found.append(_Line("n", visible(raw[1:].strip())))
        else:
            kind = _KINDS.get(raw[:1], "")
            text = raw[1:] if raw[:1] in ("+", "-", " ") else raw
            ended = text.endswith("\r")
            text = visible(text.rstrip("\r")) + ("␍" if ended and kind else "")
            found.append(
                _Line(kind, text, None if kind == "a" else old, None if kind == "r" else new)
            )
            old = old + 1 if old is not None and kind != "a" else old
            new = new + 1 if new is not None and kind != "r" else new
    if found and found[-1].kind == "" and not found[-1].text:
        found.pop()  # what follows the last newline
    return found


def _mark(lines: list[_Line]) -> None:
    """Finds the changed words of lines that were replaced: removed ones, then as many or more or
    fewer added ones, the first of these for the first of those."""
    left = PAIRS
    at = 0
    while at < len(lines) and left > 0:
        cut_to = _end(lines, at, "r")
        add_to = _end(lines, cut_to, "a")
        for before, after in zip(lines[at:cut_to], lines[cut_to:add_to], strict=False):
            if left > 0:
                before.marks, after.marks = _changed(before.text, after.text)
                left -= 1
        at = max(add_to, at + 1)


def _end(lines: Sequence[_Line], at: int, kind: str) -> int:
    while at < len(lines) and lines[at].kind == kind:
        at += 1
    return at


def _changed(before: str, after: str) -> tuple[Spans, Spans]:
    if max(len(before), len(after)) > LONGEST:
        return [], []
    old, new = _WORD.findall(before), _WORD.findall(after)
    found = SequenceMatcher(None, old, new, autojunk=False)
    if found.ratio() < ALIKE:
        return [], []
    cut: Spans = []
    add: Spans = []
    for what, a, b, c, d in found.get_opcodes():
        if what != "equal":
            _put(cut, old, a, b)
            _put(add, new, c, d)
    return cut, add


def _put(spans: Spans, words: list[str], first: int, last: int) -> None:
    if first < last:
        begin = len("".join(words[:first]))
        spans.append((begin, begin + len("".join(words[first:last]))))


def _colours(lines: list[_Line], language: str | None) -> Iterator[list[Piece]]:
    """The pieces of each line: the old side and the new side are coloured as a text each, so that
    what begins in one line and ends in another is seen."""
    sides = {}
    for kind in ("a", "r"):
        text = "\n".join(line.text for line in lines if line.kind in (kind, ""))
        sides[kind] = iter(coloured(text, language))
    for line in lines:
        if line.kind in ("h", "n"):
            yield [("", line.text)]
            continue
        both = {kind: next(sides[kind]) for kind in ("a", "r") if line.kind in (kind, "")}
        yield both.get("a") or both.get("r") or []


def _row(line: _Line, pieces: list[Piece]) -> str:
    if line.kind in ("h", "n"):
        return f'<div class="{line.kind}">{escape(line.text) or "…"}</div>'
    sign = {"a": "+", "r": "-"}.get(line.kind, " ")
    tag = {"a": "ins", "r": "del"}.get(line.kind, "span")
    kind = f' class="{line.kind}"' if line.kind else ""
    return (
        f'<div{kind}><i data-n="{_shown(line.old)}"></i><i data-n="{_shown(line.new)}"></i>'
        f"<b>{sign}</b><{tag}>{code_html(pieces, line.marks)}</{tag}></div>"
    )


def _beside(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Two lines a row: an unchanged one twice, a removed one with the added one that follows it in
    its place."""
    empty = "<div></div>"
    at = 0
    while at < len(rows):
        kind, row = rows[at]
        if kind in ("h", "n"):
            yield row
            at += 1
            continue
        if kind == "":
            again = row.replace("<div", '<div aria-hidden="true"', 1)
            yield f'<div class="p">{row}{again}</div>'
            at += 1
            continue
        cut_to = next((n for n in range(at, len(rows)) if rows[n][0] != "r"), len(rows))
        add_to = next((n for n in range(cut_to, len(rows)) if rows[n][0] != "a"), len(rows))
        for (_, cut), (_, add) in zip_longest(
            rows[at:cut_to], rows[cut_to:add_to], fillvalue=("", empty)
        ):
            yield f'<div class="p">{cut}{add}</div>'
        at = add_to


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def code_html(pieces: Sequence[Piece], marks: Sequence[tuple[int, int]] = ()) -> str:
    """One line of code from its pieces. marks: ranges of characters that are marked."""
    out = []
    at = 0
    edges = [edge for span in marks for edge in span]
    for name, text in pieces:
        begin, end = at, at + len(text)
        while begin < end:
            passed = bisect_right(edges, begin)
            stop = min(edges[passed] if passed < len(edges) else end, end)
            part = str(escape(text[begin - at : stop - at]))
            part = f'<span class="{name}">{part}</span>' if name else part
            out.append(f"<mark>{part}</mark>" if passed % 2 else part)
            begin = stop
        at = end
    return "".join(out)
