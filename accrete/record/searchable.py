"""Which events the search index holds, for whoever fills it and whoever asks it."""

from __future__ import annotations

from accrete.model import SEARCHABLE_KINDS

_KINDS = ", ".join(f"'{kind}'" for kind in SEARCHABLE_KINDS)
SEARCHABLE = (
    f"({{event}}.kind IN ({_KINDS}) OR ({{event}}.kind = 'queue_operation' AND "
    f"{{event}}.name = 'enqueue'))"
)
"""The condition on an event: those with a person's or the model's words, and what was put into the
queue.
"""
