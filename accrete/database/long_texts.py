"""How SQLite keeps the long texts of tool calls: each compressed by itself, as a frame of Zstandard
(RFC 8878), so that one is read without any other. A short one stands as it is.

PostgreSQL compresses long values by itself: there they stay as they are (decision 29).
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

Kept: TypeAlias = str | bytes
"""A text as it is stored: itself, or its frame."""
LONG_TEXTS = {"tool_call": ("input", "output", "patch")}
"""The columns that hold such texts, by table: of any type in the schema."""
SHORTEST = 256
"""Characters from which on a frame saves enough to be worth unpacking."""
LEVEL = 1
"""Higher ones save no more on texts of some KiB, and take longer."""
_FRAME = b"\x28\xb5\x2f\xfd"
"""How a frame begins, and no text in UTF-8."""


def kept(text: str | None) -> Kept | None:
    """A text as it is stored: itself where it is short, or its frame would hardly be shorter."""
    if text is None or len(text) < SHORTEST:
        return text
    data = text.encode("utf-8")
    frame = _compress()(data)
    return frame if len(frame) * 8 < len(data) * 7 else text


def text_of(stored: Kept | None) -> str | None:
    """The text that is stored so. Raises sqlite3.DatabaseError for what is no frame."""
    return _read(stored) if isinstance(stored, bytes) else stored


def _from_bytes(stored: bytes) -> str:
    """The text whose stored bytes, of a frame or of itself, are these."""
    return _read(stored) if stored[:4] == _FRAME else stored.decode("utf-8")


def _read(frame: bytes) -> str:
    decompress, fault = _decompress()
    try:
        return decompress(frame).decode("utf-8")
    except (fault, UnicodeDecodeError) as error:
        raise sqlite3.DatabaseError(f"a long text is malformed: {error}") from error


@lru_cache(1)
def _compress() -> Callable[[bytes], bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    compressor = zstd.ZstdCompressor(LEVEL)
    return lambda data: compressor.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)


@lru_cache(1)
def _decompress() -> tuple[Callable[[bytes], bytes], type[Exception]]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    return zstd.decompress, zstd.ZstdError


sqlite3.register_converter("ANY", _from_bytes)


def teach(connection: sqlite3.Connection) -> None:
    """Lets SQL use `text_of(column)`, for a long text within an expression, and `kept_text`. A
    column that is selected as it stands needs neither where the connection was opened with
    PARSE_DECLTYPES."""
    connection.create_function("text_of", 1, text_of, deterministic=True)
    connection.create_function("kept_text", 1, kept, deterministic=True)
