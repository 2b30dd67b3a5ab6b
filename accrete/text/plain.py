"""Makes any text safe to print: removes what a terminal or browser would interpret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accrete.text.lazy import lazy

_ESCAPES = lazy(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Whole escape sequences: colours, cursor movements, titles."""

_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""What turns the reading order round, so that a text seems to say another thing."""
_CONTROLS = dict.fromkeys(
    (*range(0x20), 0x7F, *range(0x80, 0xA0), *_TURNING), "\N{REPLACEMENT CHARACTER}"
)
del _CONTROLS[0x09], _CONTROLS[0x0A]  # tabs and ends of lines stay


def plain(text: str) -> str:
    """Text that a terminal shows and does not obey: titles and excerpts come from anywhere."""
    if text.isprintable():  # as nearly all of them are: no character of those below is printable
        return text
    text = text.replace("\r\n", "\n")
    return (_ESCAPES.sub("", text) if "\x1b" in text else text).translate(_CONTROLS)


_UNSEEN = lazy("[\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\u061c\u180e]")


def visible(text: str) -> str:
    """Plain text in which what cannot be seen (zero-width characters, marks of direction) is
    visible."""
    if text.isprintable():
        return text
    return _UNSEEN.sub("␣", plain(text))


def squeeze(text: str) -> str:
    """The text on one line, with one space wherever there is any."""
    return " ".join(text.split())


def plain_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """The same for a text that comes in pieces, each whole in itself."""
    for piece in pieces:
        yield plain(piece)
