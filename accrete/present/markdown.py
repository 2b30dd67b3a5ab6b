"""Markdown of answers: closes open fences, and renders a safe subset as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"((?:\s|>|[-*+] |\d{1,9}[.)] )*)(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*")
_ITEM = re.compile(r"(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*")
_DIVIDER = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_SPANS = (
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])"), r"<em>\1</em>"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"<del>\1</del>"),
    (re.compile(r"\[([^\]\[]+)\]\((https?://[^\s()]+)\)"), r'<a href="\2" rel="noreferrer">\1</a>'),
)


def _closes(line: str, fence: str) -> bool:
    found = _FENCE.fullmatch(line)
    return bool(
        found and found[2][0] == fence[0] and len(found[2]) >= len(fence) and not found[3].strip()
    )


def _opens(line: str) -> str:
    """The fence that a line opens, '' if it opens none."""
    found = _FENCE.fullmatch(line)
    return found[2] if found and not (found[2][0] == "`" and "`" in found[3]) else ""


def closed(text: str) -> str:
    """The text with what it leaves open closed, a code block or a piece of HTML: what follows is
    not of it."""
    fence = opening = ""
    outside = []
    for line in text.splitlines():
        if fence:
            fence = "" if _closes(line, fence) else fence
            continue
        fence, opening = _opens(line), line
        if not fence:
            outside.append(_CODE.sub("", line))
    if fence:  # inside the list or quote that it stands in
        indented = re.sub(r"[^\s>]", " ", opening.partition(fence)[0])
        return f"{text}\n{indented}{fence}"
    return text + "".join(f"\n{end}" for end in _left_open("\n".join(outside)))


def _left_open(text: str) -> list[str]:
    """The ends of comments and elements that a text leaves open, and that take in all that
    follows."""
    if text.rpartition("<!--")[1] and "-->" not in text.rpartition("<!--")[2]:
        return ["-->"]
    names = ("pre", "script", "style", "textarea", "details")
    count = {
        name: len(re.findall(rf"<{name}\b", text, re.I))
        - len(re.findall(rf"</{name}\b", text, re.I))
        for name in names
    }
    return [f"</{name}>" for name in names for _ in range(count[name])]


def as_html(text: str) -> str:
    """Headings, lists, tables, quotes, code, emphasis and links of http; any other markup is shown
    as it is written."""
    return "\n".join(_blocks(text.splitlines()))


def _blocks(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line, begin = lines[at], at
        fence = _opens(line)
        if fence:
            at = next(
                (n for n in range(at + 1, len(lines)) if _closes(lines[n], fence)), len(lines)
            )
            yield f"<pre><code>{html.escape(chr(10).join(lines[begin + 1 : at]))}</code></pre>"
            at += 1
        elif not line.strip():
            at += 1
        elif heading := _HEADING.fullmatch(line):
            level = min(len(heading[1]) + 2, 6)  # below the headings of the page
            yield f"<h{level}>{_spans(heading[2])}</h{level}>"
            at += 1
        elif _RULE.fullmatch(line):
            yield "<hr>"
            at += 1
        elif (
            "|" in line
            and at + 1 < len(lines)
            and "|" in lines[at + 1]
            and _DIVIDER.fullmatch(lines[at + 1])
        ):
            at = _while(lines, at + 2, lambda each: "|" in each)
            yield _table([line, *lines[begin + 2 : at]])
        elif line.lstrip().startswith(">"):
            at = _while(lines, at, lambda each: each.lstrip().startswith(">"))
            inner = "\n".join(
                each.lstrip().removeprefix(">").removeprefix(" ") for each in lines[begin:at]
            )
            yield f"<blockquote>{_quote(inner)}</blockquote>"
        elif _ITEM.fullmatch(line):
            at = _while(
                lines,
                at,
                lambda each: bool(_ITEM.fullmatch(each)) or (each[:1] == " " and not _opens(each)),
            )
            yield _list(lines[begin:at])
        else:
            at = _while(lines, at + 1, _is_plain)
            yield f"<p>{'<br>'.join(_spans(each.strip()) for each in lines[begin:at])}</p>"


def _quote(text: str) -> str:
    """What a quote holds; a quote inside it stays text, so that no depth of them costs anything."""
    return "\n".join(f"<p>{_spans(line)}</p>" for line in text.splitlines() if line.strip())


def _while(lines: list[str], at: int, holds: Callable[[str], bool]) -> int:
    while at < len(lines) and lines[at].strip() and holds(lines[at]):
        at += 1
    return at


def _is_plain(line: str) -> bool:
    starts = (
        _opens(line) or _HEADING.fullmatch(line) or _ITEM.fullmatch(line) or _RULE.fullmatch(line)
    )
    return not starts and not line.lstrip().startswith(">")


def _list(lines: list[str]) -> str:
    """A list with its depth as indentation; a line that is no item goes on with the one before
    it."""
    items: list[str] = []
    for line in lines:
        found = _ITEM.fullmatch(line)
        if found:
            number = f"{found[2]}. " if found[2] else ""
            depth = min(len(found[1].expandtabs(4)) // 2, 8)
            items.append(f'<li class="{"n " if number else ""}d{depth}">{number}{_spans(found[3])}')
        else:
            items.append(f"<br>{_spans(line.strip())}")
    return f"<ul>{''.join(items)}</ul>"


def _table(lines: list[str]) -> str:
    rows = [
        [
            _spans(cell.strip().replace("\\|", "|"))
            for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))
        ]
        for line in lines
    ]
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><tr>{head}</tr>{body}</table>"


def _spans(text: str) -> str:
    """Code as it is written, and the emphasis and links between."""
    pieces, at = [], 0
    for found in _CODE.finditer(text):
        pieces += [
            _marked(text[at : found.start()]),
            f"<code>{html.escape(found[2].strip())}</code>",
        ]
        at = found.end()
    return "".join([*pieces, _marked(text[at:])])


def _marked(text: str) -> str:
    shown = html.escape(text)
    for pattern, made in _SPANS if len(shown) < 20_000 else ():
        shown = pattern.sub(made, shown)
    return shown
