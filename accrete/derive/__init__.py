"""Derives owners, totals, times and titles from captured rows. Reads stored rows only."""

DERIVED_VERSION = 14
"""Raised when deriving the same rows gives something else: all sessions are derived again."""
