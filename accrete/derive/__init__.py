"""Derives owners, totals, times and titles from captured rows. Reads stored rows only."""
