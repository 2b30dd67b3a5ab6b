"""Lays out the prose of Markdown pages at 100 columns: `python -m tools.prose FILE…`.

Tables, code, headings, link definitions and HTML stay as they are, and so does a paragraph whose
lines all fit.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

WIDTH = 100
_FENCE = re.compile(r"\s*(?:```|~~~)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)]) +")
_FIXED = re.compile(r"\s*(?:\||#{1,6} |<|>|\[[^\]]+\]: |-{3,}$)")
_MARK = re.compile(r"[-+*]$|\d+[.)]$|#{1,6}$|[<>|].*|=+$|-+$|~~~|```|\[[^\]]+\]:")
"""What would mean something else at the beginning of a line than within one."""
_PIECE = re.compile(r"(?:`[^`]{1,60}`|\S)+")
"""A word; spaces in a short piece of code do not end it."""


def fill(page: str) -> str:
    """The page with each paragraph and list item that is too wide laid out anew."""
    return "".join(
        line + "\n" for block, prose in _blocks(page) for line in (_laid(block) if prose else block)
    )


def too_wide(page: str) -> list[str]:
    """The lines of prose that are wider than a line may be and could be broken."""
    return [
        line
        for block, prose in _blocks(page)
        if prose and block != _laid(block)
        for line in block
        if len(line) > WIDTH
    ]


def _blocks(page: str) -> Iterator[tuple[list[str], bool]]:
    """The paragraphs and list items of a page, and what is no prose."""
    held: list[str] = []
    fenced = listed = html = False
    blank = True
    for line in page.splitlines():
        fence = _FENCE.match(line) is not None
        code = blank and not listed and line.startswith("    ")
        html = bool(line.strip()) and (html or (blank and line.startswith("<")))
        fixed = fence or fenced or code or html or not line.strip() or _FIXED.match(line)
        fenced ^= fence
        if held and (fixed or _ITEM.match(line) or held[-1].endswith(("  ", "\\"))):
            yield held, True
            held = []
        if fixed:
            yield [line], False
        else:
            held.append(line)
        blank = not line.strip() or (blank and code)
        listed = _ITEM.match(line) is not None or (listed and (blank or line[:1].isspace()))
    if held:
        yield held, True


def _laid(block: list[str]) -> list[str]:
    """The lines of a paragraph or list item, none of them too wide where that can be."""
    if all(len(line) <= WIDTH for line in block):
        return block
    item = _ITEM.match(block[0])
    indent = item[0] if item else block[0][: len(block[0]) - len(block[0].lstrip())]
    text = " ".join(line.strip() for line in [block[0][len(indent) :], *block[1:]])
    lines, after = [], " " * len(indent)
    line = indent
    for word in _PIECE.findall(text):
        new = line.strip() == indent.strip()
        if not new and len(line) + 1 + len(word) > WIDTH and not _MARK.match(word):
            lines.append(line)
            line, new = after, True
        line += word if new else f" {word}"
    end = block[-1][len(block[-1].rstrip()) :]
    return [*lines, line + end]


def page_command(page: Path, text: Callable[[], str]) -> None:
    """What a tool that generates a page does: with `--write` it writes the page, else it prints
    it."""
    if sys.argv[1:] == ["--write"]:
        page.write_text(text(), "utf-8")
    else:
        print(text(), end="")


def main() -> None:
    """Lays out the files that are named."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(fill(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
