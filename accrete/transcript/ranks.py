"""Which of the lines that describe one API response wins; kept apart from what reads the lines."""

from __future__ import annotations

from operator import attrgetter

from accrete.model.captured import Response

RANK_NUMBERS = (
    "has_usage",
    "web_searches",
    "thinking_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "cache_write_5m_tokens",
    "synthetic",
)
RANK_TIES = (
    "stop_reason",
    "model",
    "speed",
    "geo",
    "tier",
    "skill",
    "effort",
    "error",
    "refusal",
    "iterations",
    "plugin",
    "mcp_server",
)
"""Tie-breakers for copies with equal usage, so that reading order cannot matter: properties of the
answer, not of the
copy. The branch and the client's version are the owner's (derive/responses.py)."""
OF_COPIES = ("version", "branch")
"""What differs between copies; the least is kept until their owner is known."""
_numbers, _ties = attrgetter(*RANK_NUMBERS), attrgetter(*RANK_TIES)


def usage_rank(r: Response) -> tuple[int | str, ...]:
    """Orders the usage that lines of one response carry: the largest output wins, then the largest
    input side.
    `store.py` has the same order in SQL."""
    given = r.input_tokens + r.cache_read_tokens + r.cache_write_tokens
    return (r.output_tokens, given, *_numbers(r), *(text or "" for text in _ties(r)))
