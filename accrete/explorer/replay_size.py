"""How much of its texts a long replay carries: the page stays small, what is cut opens on
demand."""

from __future__ import annotations

from collections.abc import Iterable

ROOM = 270_000
"""Characters of texts in one page: as much as 100 KB, compressed."""
STEP = 53
"""What a step takes beside its text, in characters: an address, a time, a name."""
LEAST, LEAST_HEAD = 38, 33
"""Characters of a text that are always there: of what is read, and of the line of a step."""
SLACK = 40
"""By how many characters a text has to be longer for it to be cut."""


def level(sizes: Iterable[int], room: int) -> int | None:
    """The most characters of each of the texts for which all of them have room together; at least
    LEAST, None where they have room as they are."""
    short_first = sorted(sizes)
    left = room
    for at, size in enumerate(short_first):
        each = left // (len(short_first) - at)
        if size > each:
            return max(each, LEAST)
        left -= size
    return None


def cut(text: str, most: int | None) -> str:
    """The beginning of a text with room for so many characters, up to the end of a word."""
    if most is None or len(text) <= most + SLACK:
        return text
    end = max(text.rfind("\n", most // 2, most), text.rfind(" ", most // 2, most))
    return text[: end if end > 0 else most].rstrip()
