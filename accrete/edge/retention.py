"""How long Claude Code keeps transcripts: where it is set, and the sentence for it."""

from __future__ import annotations

from pathlib import Path

from accrete_hooks import jsontext
from accrete_hooks.settings_file import decode

from accrete.edge.client_settings import managed_layers
from accrete.settings import DEFAULT_RETENTION_DAYS, Settings


def retention(settings: Settings, managed: Path | None = None) -> tuple[int, str]:
    """(days, where that is set): what an administrator set counts, else the shortest of the config
    folders. What the client refuses, as 0, is given as it is."""
    for layer in managed_layers(managed):
        days = layer.value.get("cleanupPeriodDays")
        if isinstance(days, (int, float)):
            return int(days), f"cleanupPeriodDays in {layer.path}"
    roots = [root for root in settings.roots if root.is_dir()]
    return min(
        (_of_folder(root, alone=len(roots) == 1) for root in roots),
        default=(DEFAULT_RETENTION_DAYS, NOT_SET),
    )


NOT_SET = "the default; cleanupPeriodDays is not set"


def _of_folder(root: Path, *, alone: bool) -> tuple[int, str]:
    path = root / "settings.json"
    days = days_in(path)
    if days is None:
        return DEFAULT_RETENTION_DAYS, NOT_SET if alone else f"{NOT_SET} in {path}"
    return days, f"cleanupPeriodDays in {path}"


def days_in(path: Path) -> int | None:
    """`cleanupPeriodDays` as a settings file has it, though the client refuses it; None where it
    has no number."""
    try:
        value = jsontext.check(decode(path.read_bytes()))
    except (OSError, ValueError):
        return None
    days = value.get("cleanupPeriodDays") if isinstance(value, dict) else None
    return (
        int(days)
        if isinstance(days, (int, float)) and not isinstance(days, bool) and days >= 0
        else None
    )


def kept_for(days: int, said: str) -> str:
    """How long Claude Code keeps transcripts, as a sentence."""
    if days == 0:
        return (
            "cleanupPeriodDays is 0: Claude Code before 2.1.89 deleted all transcripts and wrote "
            f"none; newer versions reject the whole file, and no hooks in it run ({said})."
        )
    return f"Claude Code deletes transcripts {days} days after their last change ({said})."
