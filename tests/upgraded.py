"""What a record holds of what transcripts said, some of which may be gone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from accrete.model.captured import Event, Prompt, Response, ToolCall
from accrete.settings import Settings
from tests.records import (
    rows,
)

CAPTURED = (
    ("event", Event),
    ("prompt", Prompt),
    ("response", Response),
    ("tool_call", ToolCall),
)


PLACED = {"session", "agent", "contested", "seq", "at", "ended_at", "sidechain", "embedded"}
"""What a response or call shares with its copies, of which one that is gone may own it or be the
first."""


def captured(settings: Settings) -> dict[str, set[tuple[Any, ...]]]:
    """What transcripts said, without what is derived of it and who owns it."""
    found = {}
    for table, noun in CAPTURED:
        columns = [
            c for c in noun._fields if not (table in ("response", "tool_call") and c in PLACED)
        ]
        found[table] = set(rows(settings, f"SELECT {', '.join(columns)} FROM {table}"))
    return found


HELD_BY_WHAT_IS_GONE = """SELECT DISTINCT e.message_id FROM event e JOIN source_file f ON f.session
    = e.session
WHERE e.message_id IS NOT NULL AND f.missing_at IS NOT NULL"""
"""Messages of which a file that is gone held a copy, which may have been the whole one."""


def known_better(settings: Settings) -> set[str]:
    return {row[0] for row in rows(settings, HELD_BY_WHAT_IS_GONE)}


def remove_half(root: Path, rng: random.Random) -> None:
    files = sorted(path for path in root.rglob("*.jsonl") if path.is_file())
    for path in rng.sample(files, len(files) // 2):
        path.unlink()
