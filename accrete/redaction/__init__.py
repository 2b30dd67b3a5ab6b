"""Removes secrets from text before anything is stored."""

from accrete.redaction.engine import Finding, Redactor, engine, find, redact
from accrete.redaction.patterns import REDACTION_VERSION
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
