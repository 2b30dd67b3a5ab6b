"""Kubernetes Secrets: everything below `data` and `stringData` is a secret, whatever its name."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Container, Iterable, Iterator
from itertools import chain, islice

from accrete.redaction.judge import is_random
from accrete.text.lazy import lazy

SIGN = (
    r"kind[\\\"']{0,8}:[ \t]{0,4}[\\\"']{0,8}Secret"
    r"|--from-literal|(?:kubectl|oc)[ \t][^\n]*secret"
)
"""Matches wherever find_in_manifest finds something."""
HINTS = ("Secret", "secret")
"""One of these stands where SIGN and what it needs to be found match."""

_KIND = lazy(r"[\"']?kind[\"']?:[ \t]{0,4}[\"']?(?P<kind>[A-Za-z]+)")
_PRINTED = lazy(
    r"(?:[ \t]*[0-9]{1,6}(?:\t|\xe2\x86\x92|[ ]?\|[ ])|"
    r"(?:[^\n \t:]{1,200}[:-])?[0-9]{1,6}[:-](?![ ][^ ])"
    r"|(?:>[ ]?){1,4}|[+-](?![ ][^ ])|#[ ](?=[ ]*[\"']?[A-Za-z0-9._-]+[\"']?:))?"
)
"""What `cat -n`, `grep -n`, a quotation, a diff or a comment puts before a line."""
_LEFT = lazy(r"[ \t]*(?:-[ \t]+)?")
_DATA = lazy(r"[\"']?(?:string)?[dD]ata[\"']?:[ \t]*(?:[&!][^ \t\n]*[ \t]*)?(?:#[^\n]*)?\r?$")
_KEY = lazy(r"(?:\"[^\"\n]{1,253}\"|'[^'\n]{1,253}'|[A-Za-z0-9._-]{1,253})[ \t]*:(?:[ \t]+|$)")
_TAG = lazy(r"(?:[!&][^ \t\n]*[ \t]+)*")
_BLOCK = lazy(r"[|>][0-9+-]{0,2}[ \t]*(?:#[^\n]*)?$")
_SCALAR = r"\"(?P<double>(?:[^\"\\\n]|\\.)*)\"|'(?P<single>(?:[^'\n]|'')*)'"
_VALUE = lazy(
    rf"(?:{_SCALAR})[ \t]*(?:#[^\n]*)?\r?$|(?P<plain>[^\"'#\n][^\n]*?)(?:[ \t]+#[^\n]*)?[ \t]*\r?$"
)
_OBJECT = lazy(
    r"(?<![A-Za-z0-9_])[\"']?(?P<name>(?:string)?[dD]ata)[\"']?[ \t]*:[ "
    r"\t\r\n]*\{(?P<inside>[^{}]*)\}"
)
_MEMBER = lazy(
    rf"(?:\"[^\"\n]{{1,253}}\"|'[^'\n]{{1,253}}'|"
    rf"[A-Za-z0-9._-]{{1,253}})[ \t]*:[ \t\r\n]*(?:{_SCALAR}|(?P<plain>[^ \t\r\n,\"'{{}}]+))"
)
_PATCH = lazy(
    r"[\"']path[\"'][ \t]*:[ \t]*[\"']/(?:d|stringD)ata/[^\"'\n]+[\"'][ \t]*,[ "
    r"\t\r\n]*[\"']value[\"'][ \t]*:[ \t]*[\"'](?P<v>[^\"'\n]+)"
    r"|[\"']value[\"'][ \t]*:[ \t]*[\"'](?P<w>[^\"'\n]+)[\"'][ \t]*,[ "
    r"\t\r\n]*[\"']path[\"'][ \t]*:[ \t]*[\"']/(?:d|stringD)ata/"
)
_COMMAND = lazy(r"(?:kubectl|\boc)[ \t][^\n|;]{0,200}?\bsecrets?[ \t/]")
_LITERAL = lazy(
    r"--from-literal[ \t=]{1,3}(?:\"[^\"=\n]{1,253}=(?P<double>[^\"\n]+)\"|"
    r"'[^'=\n]{1,253}=(?P<single>[^'\n]+)'"
    r"|[A-Za-z0-9._-]{1,253}=(?:\"(?P<inner>[^\"\n]+)\"|'(?P<quoted>[^'\n]+)'|"
    r"(?P<plain>[^ \t\r\n\"'`]+)))"
)
_NO_VALUE = lazy(r"\[redacted:|'?\"?[$<{]|\*{3}|\.\.\.|\xe2\x80\xa6|(?:null|true|false|~)$")
_FARTHEST = 4000
"""How far behind its command an argument may stand, and how far an object may reach."""
_MOST_LINES = 2000
"""How far from `data` its `kind` may stand."""


def is_kubernetes(manifest: Container[str], values: Iterable[object]) -> bool:
    """Whether an object of `kind: Secret` is Kubernetes' and not another one's: by its fields or by
    its base64."""
    return "apiVersion" in manifest or "stringData" in manifest or _all_base64(values)


def is_value(value: str) -> bool:
    """Whether it is a value, not nothing and not a variable."""
    return len(value) > 2 and _NO_VALUE.match(value) is None


def find_in_manifest(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the values of Kubernetes Secrets: in YAML, in JSON, in the arguments of
    kubectl."""
    if "ecret" not in text:
        return
    kinds = {match["kind"] for match in _KIND.finditer(text)} & {"Secret", "SecretList"}
    commands = [match.end() for match in _COMMAND.finditer(text)]
    if kinds:
        yield from _in_yaml(text)
    if kinds or commands:
        yield from _in_objects(text, commands)
    if commands:
        yield from _arguments(text, commands)


def _given(text: str, match: re.Match[str]) -> Iterator[tuple[int, int]]:
    for name, value in match.groupdict().items():
        if name not in ("name", "inside") and value is not None and is_value(value):
            yield match.span(name)


# -- YAML


class _Line:
    """A line without what a program printed before it. column: of its first key; -1 where the line
    is empty."""

    def __init__(self, text: str, start: int) -> None:
        stop = text.find("\n", start)
        self.end = len(text) if stop < 0 else stop
        printed = _PRINTED.match(text, start, self.end)
        begin = printed.end() if printed is not None else start
        left = _LEFT.match(text, begin, self.end)
        self.start = left.end() if left is not None else begin
        self.item = "-" in text[begin : self.start]
        rest = text[self.start : self.end].strip()
        self.column = self.start - begin if rest and not rest.startswith("#") else -1
        self.document = (
            rest.startswith(("---", "apiVersion:")) and self.column == 0 and not self.item
        )


def _lines(text: str) -> list[_Line]:
    lines, at = [], 0
    while at < len(text):
        lines.append(_Line(text, at))
        at = lines[-1].end + 1
    return lines


def _in_yaml(text: str) -> Iterator[tuple[int, int]]:
    lines = _lines(text)
    known: dict[int, bool] = {}
    for index, line in enumerate(lines):
        flow = _OBJECT.match(text, line.start)
        if flow is None and _DATA.match(text, line.start, line.end) is None:
            continue
        known[line.start] = _is_of_secret(text, lines, index, known)
        if known[line.start]:
            yield from _entries(text, lines, index) if flow is None else _members(text, flow)


def _members(text: str, block: re.Match[str]) -> Iterator[tuple[int, int]]:
    for member in _MEMBER.finditer(text, *block.span("inside")):
        yield from _given(text, member)


def _is_of_secret(text: str, lines: list[_Line], index: int, known: dict[int, bool]) -> bool:
    """Whether `kind: Secret` stands beside the line, or nothing does and the list around it is of
    Secrets.
    known: what was found for lines before."""
    column = lines[index].column
    for line in chain((lines[index],), _beside(lines, index, -1), _beside(lines, index, 1)):
        if line.column == column and line.start in known:
            return known[line.start]
        kind = _KIND.match(text, line.start, line.end) if line.column == column else None
        if kind is not None:
            return kind["kind"] == "Secret"
    return column > 0 and re.search(r"kind[\"']?:[ \t]*[\"']?SecretList", text) is not None


def _beside(lines: list[_Line], index: int, step: int) -> Iterator[_Line]:
    """The lines above or below that belong to the same mapping."""
    column, before = lines[index].column, lines[index]
    for near in range(
        index + step,
        min(len(lines), index + _MOST_LINES) if step > 0 else max(-1, index - _MOST_LINES),
        step,
    ):
        line = lines[near]
        first = (
            before.item and before.column == column
            if step < 0
            else line.item and line.column == column
        )
        if (
            first
            or (0 <= line.column < column)
            or (line.document and step > 0)
            or (before.document and step < 0)
        ):
            return
        yield line
        if line.column >= 0:
            before = line


def _entries(text: str, lines: list[_Line], index: int) -> Iterator[tuple[int, int]]:
    column, inside = lines[index].column, -1
    for line in islice(lines, index + 1, None):
        rest = text[line.start : line.end].strip()
        if rest and inside >= 0 and (line.column > inside or line.column < 0):
            if is_value(rest):
                yield line.start, line.start + len(rest)
            continue
        if line.column < 0:
            continue
        key = _KEY.match(text, line.start, line.end)
        if line.column <= column or key is None:
            return
        at = _TAG.match(text, key.end(), line.end).end()  # type: ignore[union-attr]  # it matches nothing, too
        inside = line.column if _BLOCK.match(text, at, line.end) else -1
        if inside < 0 and (value := _VALUE.match(text, at, line.end)) is not None:
            yield from _given(text, value)


# -- JSON, and what is given to kubectl


def _in_objects(text: str, commands: list[int]) -> Iterator[tuple[int, int]]:
    objects = _objects(text)
    for block in _OBJECT.finditer(text):
        span = objects.get(block.start("inside") - 1, (-1, -1))
        if _follows(block.start(), commands) or _is_in_secret(text, block, *span):
            yield from _members(text, block)


def _follows(at: int, commands: list[int]) -> bool:
    return any(command <= at < command + _FARTHEST for command in commands)


def _is_in_secret(text: str, block: re.Match[str], start: int, end: int) -> bool:
    if start < 0:
        return False
    around = (
        text[max(start, block.start() - _FARTHEST) : block.start()]
        + text[block.end() : min(end, block.end() + _FARTHEST)]
    )
    kind = _KIND.search(around)
    if kind is None:
        return re.search(r"kind[\"']?:[ \t]*[\"']?SecretList", text) is not None
    known = {
        word: True
        for word in ("apiVersion", "stringData")
        if word in around or word == block["name"]
    }
    values = (
        m["double"] or m["single"] or m["plain"]
        for m in _MEMBER.finditer(text, *block.span("inside"))
    )
    return kind["kind"] == "Secret" and is_kubernetes(known, values)


def _objects(text: str) -> dict[int, tuple[int, int]]:
    """The object around each object, by where the inner one begins."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    around: dict[int, int] = {}
    for brace in re.finditer("[{}]", text):
        if brace[0] == "{":
            around[brace.start()] = opened[-1] if opened else -1
            opened.append(brace.start())
        elif opened:
            closed[opened.pop()] = brace.start()
    return {
        inner: (outer, closed.get(outer, len(text)))
        for inner, outer in around.items()
        if outer >= 0
    }


def _arguments(text: str, commands: list[int]) -> Iterator[tuple[int, int]]:
    for pattern in (_LITERAL, _PATCH):
        for match in pattern.finditer(text):
            if (
                _follows(match.start(), commands)
                and "configmap" not in text[max(0, match.start() - 200) : match.start()]
            ):
                yield from _given(text, match)


def _all_base64(values: Iterable[object]) -> bool:
    return bool(given := list(values)) and all(
        isinstance(value, str) and _is_base64(value) for value in given
    )


def _is_base64(value: str) -> bool:
    try:
        plain = base64.b64decode(value, validate=True)
        plain.decode()
    except UnicodeDecodeError:
        return is_random(value, 12)
    except (binascii.Error, ValueError):
        return False
    return len(plain) > 0
