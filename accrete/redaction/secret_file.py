"""Kubernetes Secrets: everything below `data` and `stringData` is a secret, whatever its name."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KIND = re.compile(r"kind[\"']?:[ \t]{0,4}[\"']?Secret(?![A-Za-z])")
_DATA = re.compile(r"(?m)^(?P<left>[^\nA-Za-z\"]{0,24})(?:string)?[dD]ata:[ \t]*\r?$")
_ENTRY = re.compile(
    r"(?P<left>[^\nA-Za-z_.\"]{0,40})[\"']?[A-Za-z0-9._-]{1,253}[\"']?:[ \t]{1,4}(?P<quote>[\"']?)(?P<v>[^\x00-\x20\"'<>]{4,})[\"']?[ \t]*\r?"
)
_OBJECT = re.compile(r"\"(?:string)?[dD]ata\":[ \t\r\n]*\{(?P<inside>[^{}]*)\}")
_MEMBER = re.compile(r"\"[^\"\n]{1,253}\":[ \t\r\n]*\"(?P<v>[^\"\n]{4,})\"")


def find_in_manifest(text: str) -> Iterator[tuple[int, int]]:
    """The spans of the values of Kubernetes Secrets, in YAML and in JSON."""
    if "Secret" not in text or _KIND.search(text) is None:
        return
    for block in _DATA.finditer(text):
        if _is_of_secret(text, block.start()):
            yield from _entries(text, block)
    for block in _OBJECT.finditer(text):
        for member in _MEMBER.finditer(text, *block.span("inside")):
            if not member["v"].startswith("[redacted:"):
                yield member.span("v")


def _is_of_secret(text: str, at: int) -> bool:
    """Whether the document around `at` is a Secret."""
    start, end = text.rfind("\n---", 0, at), text.find("\n---", at)
    return _KIND.search(text, max(start, 0), end if end >= 0 else len(text)) is not None


def _entries(text: str, block: re.Match[str]) -> Iterator[tuple[int, int]]:
    line = block.end() + 1
    while 0 < line < len(text):
        stop = text.find("\n", line)
        stop = len(text) if stop < 0 else stop
        entry = _ENTRY.fullmatch(text, line, stop)
        if entry is None or len(entry["left"]) <= len(block["left"]):
            return
        if not re.match(r"\[redacted:|[$<{]", entry["v"]):
            yield entry.span("v")
        line = stop + 1
