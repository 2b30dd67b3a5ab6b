"""Reads what is new and stores it: the pipeline, readable from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accrete.ingest.report import Progress, Report

if TYPE_CHECKING:
    from accrete.ingest.pipeline import Wishes, ingest, open_for_writing, passes

__all__ = ["Progress", "Report", "Wishes", "ingest", "open_for_writing", "passes"]


def __getattr__(name: str) -> object:
    """The pipeline, when it is asked for: whoever finds that there is nothing to do needs none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from accrete.ingest import pipeline

    found: object = getattr(pipeline, name)
    return found
