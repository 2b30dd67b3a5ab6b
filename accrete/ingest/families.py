"""Tells which new sessions begin with the same records, before they are read: a fork or a resume
copies the beginning of its origin, so that one process is to read both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

LOOKED_AT = 1 << 16
"""Bytes at the beginning of a file in which its first records are looked for."""
_UUID = re.compile(rb'"uuid":\s{0,8}"([^"\\]{1,200})"')


def first_uuids(path: str) -> set[bytes]:
    """The uuids of the records at the beginning of a file; none where it cannot be read: whoever
    reads it whole says so."""
    try:
        with open(path, "rb", buffering=0) as file:
            return set(_UUID.findall(file.read(LOOKED_AT)))
    except OSError:
        return set()


def families(
    files: Mapping[str, Iterable[str]], begins: Callable[[str], set[bytes]] = first_uuids
) -> list[list[str]]:
    """The sessions in groups: those with a record in common at the beginning of
    their `files` (session -> paths) are together, directly or through others."""
    family: dict[str, list[str]] = {}
    first: dict[bytes, str] = {}
    for session, paths in files.items():
        mine = family[session] = [session]
        for uuid in sorted(set[bytes]().union(*map(begins, paths))):
            other = family[first.setdefault(uuid, session)]
            if other is not mine:
                other += mine
                for each in mine:
                    family[each] = other
                mine = other
    return [some for session, some in family.items() if some[0] == session]
