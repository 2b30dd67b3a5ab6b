"""The version of the price table, apart from it: screens that name it need no price."""

from typing import Final

PRICE_TABLE_VERSION: Final = "2026-11-26.1"
"""Stored with every computed cost. Changes whenever a row, a premium or the calculation does."""
