"""Tool arguments as models send them (numbers as text, nulls, near names); refuses the rest with
the call to make.

Each tool's own JSON schema says what it takes, so a new tool or argument needs nothing here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypedDict

from accrete.errors import AccreteError
from accrete.text.json import Json, JsonObject

NOT_GIVEN = frozenset({"", "null", "none", "undefined"})
"""What models send for "not given", besides null itself."""
LONGEST = 4000
"""Characters of a text that are read."""
OTHER_NAMES = {
    "words": ("query", "q", "text", "search", "keywords", "term", "terms", "pattern"),
    "where": ("kind", "kinds", "type", "in"),
    "since": ("from", "start", "start_date", "after", "date", "day", "days", "from_date"),
    "until": ("to", "end", "end_date", "before", "to_date"),
    "project": ("scope", "repo", "repository", "folder", "cwd", "path", "project_name"),
    "limit": ("n", "max", "count", "top", "max_results", "limit_rows"),
    "by": (
        "group_by",
        "groupby",
        "group",
        "period",
        "per",
        "breakdown",
        "granularity",
        "dimension",
    ),
    "id": ("session", "session_id", "sessionid", "identity"),
    "view": ("mode", "part", "what", "include"),
    "practice": ("name", "practice_name", "habit", "topic"),
}
"""Names that models give to an argument of another name. They are refused, with the right one."""


class Schema(TypedDict, total=False):
    """What a JSON schema says of a tool's arguments, or of one of them."""

    type: str
    enum: list[str]
    anyOf: list[Schema]
    properties: dict[str, Schema]
    required: list[str]


def understood(tool: str, schema: Schema, given: Mapping[str, Json]) -> JsonObject:
    """The arguments in the types that a tool's schema asks for, without those that are not given.
    Raises AccreteError with the call to make if an argument is unknown or missing, or its value
    makes no sense."""
    properties = schema.get("properties", {})
    _refuse_unknown(tool, properties, given)
    needed = schema.get("required", [])
    found = {
        name: _value(tool, name, properties[name], value)
        for name, value in given.items()
        if value is not None and (name in needed or not _is_nothing(value))
    }
    missing = [name for name in needed if name not in found]
    if missing:
        raise AccreteError(
            f"{tool} needs {missing[0]}. Call "
            f"{call(tool, {**found, **dict.fromkeys(missing, '…')})}."
        )
    return found


def call(tool: str, arguments: Mapping[str, Json]) -> str:
    """A call as the instructions write it."""
    return f"{tool}({', '.join(f'{name}={_said(value)}' for name, value in arguments.items())})"


def _said(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else json.dumps(text[1:60] + "…", ensure_ascii=False)


def _is_nothing(value: Json) -> bool:
    return value in ([], {}) or (isinstance(value, str) and value.strip().lower() in NOT_GIVEN)


def _refuse_unknown(tool: str, properties: Mapping[str, Schema], given: Mapping[str, Json]) -> None:
    unknown = [name for name in given if name not in properties]
    if not unknown:
        return
    meant = {name: _meant(name, properties) for name in unknown}
    better = {meant.get(name, name): _as_day(value) if meant.get(name) == "since" else value
              for name, value in given.items() if meant.get(name, name)}  # fmt: skip
    names = ", ".join(f"'{_printable(name)}'" for name in unknown[:5])
    raise AccreteError(
        f"{tool} has no argument {names}. "
        f"It takes {', '.join(properties)}. Call {call(tool, better)}."
    )


def _meant(name: str, properties: Mapping[str, Schema]) -> str:
    """The argument that a name stands for, '' if that cannot be told."""
    folded = re.sub(
        r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name[:60]).lower()
    ).strip("_")
    if folded in properties:
        return folded
    for right, others in OTHER_NAMES.items():
        if right in properties and folded in others:
            return right
    near = get_close_matches(folded, properties, n=1, cutoff=0.75)
    return near[0] if near else ""


def _as_day(value: Json) -> Json:
    """So many days, as `since` has them."""
    return (
        f"{value}d"
        if isinstance(value, int | str) and str(value).isdecimal() and len(str(value)) < 4
        else value
    )


def _printable(text: str) -> str:
    short = text if len(text) <= 40 else text[:39] + "…"
    return "".join(char if char.isprintable() else "?" for char in short)


def _value(tool: str, name: str, schema: Schema, value: Json) -> Json:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if _takes(schema, "integer"):
        return _whole(tool, name, value)
    text = _text(tool, name, value)
    return _one_of(tool, name, schema["enum"], text) if "enum" in schema else text


def _takes(schema: Schema, kind: str) -> bool:
    return schema.get("type") == kind or any(
        each.get("type") == kind for each in schema.get("anyOf", [])
    )


def _whole(tool: str, name: str, value: Json) -> int:
    try:
        number = float(value) if isinstance(value, str) and len(value) < 40 else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            whole = 0
        else:
            whole = int(number) if number == int(number) else 0
    except (ValueError, OverflowError):
        whole = 0
    if whole < 1:
        raise AccreteError(
            f"{name} must be a whole number of at least 1, not {_said(value)}. "
            f"Call {call(tool, {name: 10})}."
        )
    return min(whole, 1_000_000)


def _text(tool: str, name: str, value: Json) -> str:
    if isinstance(value, bool | list | dict) or not isinstance(value, str | int | float):
        raise AccreteError(
            f"{name} must be a text, not {_said(value)}. Call {call(tool, {name: '…'})}."
        )
    text = (
        value if isinstance(value, str) else str(int(value)) if value == int(value) else str(value)
    )
    return text[:LONGEST].encode("utf-8", "replace").decode().replace("\0", " ")


def _folded(text: str) -> str:
    """A word without its spaces, hyphens and capitals."""
    return re.sub(r"[\s_-]+", "", text.lower())


def _one_of(tool: str, name: str, values: list[str], text: str) -> str:
    folded = _folded(text)
    known = {_folded(value): value for value in values}
    forms = (
        folded,
        folded.removesuffix("s"),
        folded.removesuffix("es"),
        folded.removesuffix("ly"),
        {"daily": "day"}.get(folded, ""),
    )
    found = next((known[form] for form in forms if form in known), None) or next(
        (value for value in values if value.removesuffix("s") == folded), None
    )
    if found is None:
        near = get_close_matches(folded, values, n=1, cutoff=0.6) or values[:1]
        raise AccreteError(
            f"{name} must be one of {', '.join(values)}, not {_said(text)}. Call "
            f"{call(tool, {name: near[0]})}."
        )
    return found
