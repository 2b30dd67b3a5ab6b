"""Cases whose transcripts the real client wrote, offline, against a scripted stand-in for the API.

Counts of prompts, responses, tools and errors were reasoned from the script of each run: every scripted answer is a
response. Tokens are the sums of the lines' own usage, once for each message id, added up apart from any reader; costs
are those sums at the models' prices (claude-opus-5-5: input 4,000, 5 m write 5,000, 1 h write 8,000, read 200, output
20,000 nano-dollars a token).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.corpus.kit.case import Want


@dataclass(frozen=True, slots=True)
class ClientCase:
    """A case folder `name` with a `projects/` tree of the client's own, and what it must count."""

    name: str
    about: str
    pins: tuple[str, ...]
    wanted: Want


def tokens(fresh: int, output: int, read: int, write: int, w5: int, w1: int) -> dict[str, Any]:
    """Token sums in the order of the scripts' own tables."""
    return {"input": fresh, "output": output, "cache_read": read, "cache_write": write, "cache_write_5m": w5,
            "cache_write_1h": w1}  # fmt: skip
