"""Reads what is new and stores it: the pipeline, readable from top to bottom."""

from accrete.ingest.pipeline import Wishes, ingest, open_for_writing, passes
from accrete.ingest.reading import Progress
from accrete.ingest.writer import Report

__all__ = ["Progress", "Report", "Wishes", "ingest", "open_for_writing", "passes"]
