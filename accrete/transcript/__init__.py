"""The only code that knows Claude Code's files."""

READER_VERSION = 5
"""Raise it when a line is read otherwise than before: files that are still there are then read
again."""
