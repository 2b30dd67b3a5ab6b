"""Removes secrets from text before anything is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accrete.redaction.version import REDACTION_VERSION

if TYPE_CHECKING:
    from accrete.redaction.engine import Finding, Redactor, engine, find, redact
    from accrete.redaction.structure import redact_json, redact_value

__all__ = [
    "REDACTION_VERSION",
    "Finding",
    "Redactor",
    "engine",
    "find",
    "redact",
    "redact_json",
    "redact_value",
]


def __getattr__(name: str) -> object:
    """What redacts, when it is asked for: its patterns take long to make."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    where = "structure" if name.startswith("redact_") else "engine"
    found: object = getattr(import_module(f"accrete.redaction.{where}"), name)
    globals()[name] = found  # asked once
    return found
