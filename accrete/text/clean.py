"""Makes any text one that can be stored."""

from __future__ import annotations


def clean(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
