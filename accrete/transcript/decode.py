"""Bytes to records: splits lines in bounded memory, decodes each, repairs what msgspec refuses.
Nothing raises."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec

from accrete.text.json import Json, JsonObject
from accrete.text.lazy import lazy
from accrete.transcript.records import NOTHING, Iteration, Line, Outcome

S = TypeVar("S", bound=msgspec.Struct)
CHUNK = 1 << 17
"""Bytes that are read at once, and held meanwhile."""
LONGEST_LINE = 64 << 20
"""A longer line is not read: its bytes are passed over and it is counted as malformed."""

_line = msgspec.json.Decoder(Line)
_outcome = msgspec.json.Decoder(Outcome)
_iterations = msgspec.json.Decoder(list[Iteration])
_any: msgspec.json.Decoder[Json] = msgspec.json.Decoder()
_scanner = json.JSONDecoder()
_SURROGATE = lazy("[\ud800-\udfff\x00]")
_BLANK = b" \t\r\n\x0b\x0c"


class RawLine(NamedTuple):
    """One physical line: the byte offsets of its beginning and of the next line's, its bytes
    without the newline (None when it was too long to hold), and whether a newline ended it."""

    offset: int
    end: int
    data: bytes | None
    ended: bool


def raw_lines(file: BinaryIO, start: int, stop: int | None = None) -> Iterator[RawLine]:
    """The physical lines from byte `start` (a line's beginning) to `stop` or the end, split on
    `\\n` alone.

    Memory: one chunk and one line. A line above LONGEST_LINE comes with `data` None.
    """
    file.seek(start)
    offset, held_bytes, dropped = start, 0, 0
    held: list[bytes] = []
    position = start
    while chunk := file.read(CHUNK if stop is None else min(CHUNK, stop - position)):
        position += len(chunk)
        begin = 0
        while (end := chunk.find(b"\n", begin)) >= 0:
            piece = chunk[begin:end]
            if held or dropped:
                size = held_bytes + dropped + len(piece)
                data = None if dropped or size > LONGEST_LINE else b"".join((*held, piece))
                held, held_bytes, dropped = [], 0, 0
            else:
                size, data = len(piece), piece
            yield RawLine(offset, offset + size + 1, data, True)
            offset += size + 1
            begin = end + 1
        rest = chunk[begin:]
        if held_bytes + len(rest) > LONGEST_LINE:
            dropped += held_bytes + len(rest)
            held, held_bytes = [], 0
        elif dropped:
            dropped += len(rest)
        elif rest:
            held.append(rest)
            held_bytes += len(rest)
    if held or dropped:
        yield RawLine(
            offset, offset + held_bytes + dropped, None if dropped else b"".join(held), False
        )


class Decoded(msgspec.Struct, frozen=True):
    """What one physical line held. `malformed`: no record could be read. `repaired`: records were
    read only after mending (a lone surrogate, NaN, a BOM, NUL, invalid UTF-8, objects glued on one
    line, wrong types).
    `strict_failure`: a plain JSON reader would have refused the line."""

    lines: tuple[Line, ...]
    malformed: bool = False
    repaired: bool = False
    strict_failure: bool = False


MOST = 1 << 53


def bounded(value: int | float | None, most: int = MOST) -> int | None:
    """A number of the client's as an integer; None if it is absent or so large that it can be no
    such thing."""
    return int(value) if value is not None and -most <= value <= most else None


def is_blank(data: bytes) -> bool:
    """Whether a physical line holds white space only."""
    return not data.strip(_BLANK)


def decode(data: bytes) -> Decoded:
    """The record or records of one physical line."""
    if b"\\u0000" not in data:
        try:
            return Decoded((_line.decode(data),))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    return _repair(data)


def decode_outcome(raw: msgspec.Raw) -> Outcome | str | None:
    """`toolUseResult`: an Outcome where it is an object, the text where it is a string, else
    None."""
    first = bytes(memoryview(raw)[:1])
    if first == b"{":
        try:
            return _outcome.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _lenient(decode_any(raw), Outcome)
    if first == b'"':
        value = decode_any(raw)
        return value if isinstance(value, str) else None
    return None


def decode_as(raw: msgspec.Raw, shape: type[S]) -> S | None:
    """A small object of a known shape, each field of a wrong type left out; None if it is no
    object."""
    return None if raw is NOTHING else _lenient(decode_any(raw), shape)


def decode_iterations(raw: msgspec.Raw) -> list[Iteration]:
    """`usage.iterations`: its entries that are objects, each field of a wrong type left out."""
    if raw is NOTHING:
        return []
    try:
        return _iterations.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        listed = decode_any(raw)
        found = (
            _lenient(_clean(item), Iteration)
            for item in (listed if isinstance(listed, list) else ())
        )
        return [each for each in found if each is not None]


def decode_any(raw: msgspec.Raw | bytes) -> Json:
    """Any JSON value, None if it is none."""
    try:
        return _any.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode_mended(data: bytes) -> Json:
    """Any JSON value, what JSON cannot carry replaced as in a record; None if it is none."""
    value = decode_any(data)
    if value is None:
        try:
            value = _clean(json.loads(data.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            return None
    return value


def _repair(data: bytes) -> Decoded:
    text = data.decode("utf-8", "replace").strip("\ufeff \t\r\n\x0b\x0c\x00")
    values: list[JsonObject] = []
    position, failed = 0, False
    while position < len(text):
        try:
            value, position = _scanner.raw_decode(text, position)
        except (ValueError, RecursionError):
            failed = True
            break
        if not isinstance(value, dict):
            failed = True
            break
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n\x00,":
            position += 1
    lines = tuple(line for line in (_typed(value) for value in values) if line is not None)
    if not lines:
        return Decoded((), malformed=True, strict_failure=True)
    strict = failed or len(values) != 1 or _plain_json_refuses(data)
    return Decoded(
        lines, repaired=strict or not isinstance(decode_any(data), dict), strict_failure=strict
    )


def _plain_json_refuses(data: bytes) -> bool:
    try:
        return not isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return True


def _typed(value: JsonObject) -> Line | None:
    return _lenient(_clean(value), Line)


def _clean(value: Json, depth: int = 0) -> Json:
    """The value with what JSON cannot carry replaced: lone surrogates and NUL by U+FFFD, NaN and
    infinities by null."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if depth > 200:
        return None
    if isinstance(value, dict):
        return {
            _SURROGATE.sub("\ufffd", key): _clean(item, depth + 1) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > 2**63:
        return None
    return value


def _lenient(value: Json, shape: type[S]) -> S | None:
    """The object as `shape`, each field of a wrong type left out rather than the record with it."""
    if not isinstance(value, dict):
        return None
    try:
        return msgspec.json.decode(msgspec.json.encode(value), type=shape)
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError):
        pass
    kept: dict[str, object] = {}
    for name in shape.__struct_fields__:
        if name not in value:
            continue
        converted = _one_field({name: value[name]}, shape) or _one_field(
            {name: _prune(value[name])}, shape
        )
        if converted is not None:
            kept[name] = getattr(converted, name)
    return shape(**kept)


def _one_field(single: JsonObject, shape: type[S]) -> S | None:
    try:
        return msgspec.json.decode(msgspec.json.encode(single), type=shape)
    except (msgspec.MsgspecError, RecursionError, ValueError, TypeError):
        return None


_TEXT_KEYS = frozenset(
    {"type", "text", "thinking", "id", "name", "tool_use_id", "role", "model", "stop_reason"}
)


def _prune(value: Json) -> Json:
    """A nested value with members of impossible types dropped: blocks that are no objects or text,
    and scalar fields that are not text."""
    if isinstance(value, dict):
        kept: JsonObject = {}
        for key, item in value.items():
            if key in _TEXT_KEYS and item is not None and not isinstance(item, str):
                continue
            if key == "content" and not isinstance(item, (str, list, type(None))):
                continue
            if key == "usage":
                item = _prune_usage(item)
            if key == "is_error" and not isinstance(item, bool):
                continue
            kept[key] = item if key == "input" else _prune(item)
        return kept
    if isinstance(value, list):
        return [_prune(item) for item in value if isinstance(item, (dict, str))]
    return value


def _prune_usage(value: Json) -> Json:
    if not isinstance(value, dict):
        return None
    kept: JsonObject = {}
    for key, item in value.items():
        if key in ("cache_creation", "server_tool_use", "output_tokens_details"):
            if isinstance(item, dict):
                kept[key] = {
                    k: v
                    for k, v in item.items()
                    if isinstance(v, (int, float)) and not isinstance(v, bool)
                }
        elif key in ("service_tier", "inference_geo", "speed"):
            if isinstance(item, str):
                kept[key] = item
        elif key == "iterations" or isinstance(item, (int, float)) and not isinstance(item, bool):
            kept[key] = item
    return kept
