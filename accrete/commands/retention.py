"""How long Claude Code keeps transcripts: where that is set, and how to say it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from accrete.settings import DEFAULT_RETENTION_DAYS, Settings

MANAGED = {
    "darwin": Path("/Library/Application Support/ClaudeCode"), "win32": Path("C:/Program Files/ClaudeCode"),
}.get(sys.platform, Path("/etc/claude-code"))  # fmt: skip
"""Where an administrator's settings are, which stand above everybody's own."""


def retention(settings: Settings, managed: Path = MANAGED) -> tuple[int, str]:
    """(days, where that is set): what stands highest counts. 0 is given as it is, though the client does not keep to it."""
    dropped_in = sorted((managed / "managed-settings.d").glob("*.json"), reverse=True)
    own = [root / name for root in settings.roots for name in ("settings.local.json", "settings.json")]
    for path in (*dropped_in, managed / "managed-settings.json", *own):
        try:
            value = json.loads(path.read_bytes().decode("utf-8-sig"))
        except (OSError, ValueError):
            continue
        days = value.get("cleanupPeriodDays") if isinstance(value, dict) else None
        if isinstance(days, (int, float)) and not isinstance(days, bool) and days >= 0:
            return int(days), f"cleanupPeriodDays in {path}"
    return DEFAULT_RETENTION_DAYS, "the default; cleanupPeriodDays is not set"


def kept_for(days: int, said: str) -> str:
    """How long Claude Code keeps transcripts, as a sentence."""
    if days == 0:
        return (f"Claude Code is told to delete transcripts after 0 days ({said}). Before 2.1.89 it then deleted every transcript "
                "and wrote none; since then it refuses the value.")  # fmt: skip
    return f"Claude Code deletes transcripts {days} days after their last change ({said})."
