"""The bundled sample: made-up sessions for a machine that has none."""

from __future__ import annotations

from pathlib import Path


def sample_folder() -> Path:
    """The config folder with it."""
    return Path(__file__).resolve().parent.parent / "sample"


def sample_sessions() -> list[str]:
    """The ids of its sessions, sorted."""
    return sorted({path.stem for path in (sample_folder() / "projects").glob("*/*.jsonl")})
