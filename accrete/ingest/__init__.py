"""Reads what is new and stores it: the pipeline, readable from top to bottom."""

from accrete.ingest.pipeline import Progress, Report, ingest, open_for_writing, passes

__all__ = ["Progress", "Report", "ingest", "open_for_writing", "passes"]
