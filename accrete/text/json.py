"""What a JSON text holds, as types."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
"""A value that was read from JSON, or can be written as JSON."""
JsonObject: TypeAlias = "dict[str, Json]"
"""A JSON object: its members by name."""
