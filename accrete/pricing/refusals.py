"""Whether an answer that Claude declined before any output is billed: by its day and category."""

from __future__ import annotations

from typing import Final

from accrete.pricing.table import instant

REFUSED: Final = "refused"
"""The basis of what is not billed because it was declined before any output."""

FREE_SINCE: Final = instant("2026-06-02")
"""From this day on a refusal without any output is not billed (release notes, 2026-06-02)."""

BILLED_AGAIN_SINCE: Final = instant("2026-09-24")
"""From this day on it is billed again for some categories (release notes, 2026-09-24)."""

BILLED_CATEGORIES: Final = frozenset({"bio", "frontier_llm", "reasoning_extraction"})
"""Values of `stop_details.category` that are billed again; any other, and none, is not."""


def is_billed(category: str | None, at: int | None) -> bool:
    """Whether a refusal before any output is billed. at: UTC ms; where it is None the newest rule
    holds."""
    if at is not None and at < FREE_SINCE:
        return True
    return category in BILLED_CATEGORIES and (at is None or at >= BILLED_AGAIN_SINCE)
