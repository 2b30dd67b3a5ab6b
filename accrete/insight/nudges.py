"""Nudges for a running session, as a calm colleague would say them."""

from __future__ import annotations

from accrete.insight.status_line import CALLS_WITHOUT_CHECK, CONTEXT_NEARLY_FULL, ERRORS_IN_A_ROW
from accrete.queries.live import Live

EDITS_OF_ONE_FILE = 6


def nudges(found: Live, cost_nano: int, budget_nano: int | None) -> list[str]:
    """A sentence for each thing worth a word; empty if all is well. cost_nano: own and
    delegated."""
    said = []
    unchecked = found.calls if found.since_check is None else found.since_check
    if unchecked >= CALLS_WITHOUT_CHECK and found.edited_since_check:
        said.append(f"{unchecked} tool calls with edits, no tests yet: ask for the tests.")
    if found.error_streak >= ERRORS_IN_A_ROW:
        said.append(
            f"{found.error_streak} errors in a row: press Esc and say what you see, or start "
            "again with what you know now."
        )
    if found.most_edited is not None and found.most_edited[1] >= EDITS_OF_ONE_FILE:
        said.append(
            f"{found.most_edited[0].rpartition('/')[2]} was edited {found.most_edited[1]} "
            "times with no check in between."
        )
    if found.context_tokens >= CONTEXT_NEARLY_FULL * found.context_limit:
        said.append(
            "The context is nearly full: /compact, saying what to keep, or /clear for the next "
            "task."
        )
    if budget_nano is not None and cost_nano > budget_nano:
        said.append("The session is over your budget.")
    return said
