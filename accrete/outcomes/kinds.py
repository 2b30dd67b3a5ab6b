"""The words for what came of a session and for how a check ended, apart from the rules that
decide them."""

SHIPPED, DELIVERED, EXPLORED, ABANDONED, ERRORED = (
    "shipped",
    "delivered",
    "explored",
    "abandoned",
    "errored",
)
UNFINISHED = "unfinished"
OUTCOMES = (SHIPPED, DELIVERED, EXPLORED, UNFINISHED, ABANDONED, ERRORED)
"""shipped: committed, pushed or in a pull request. delivered: edited, not committed. explored:
answered, or a plan handed over, nothing edited. unfinished: broke off in the middle of the work,
nothing edited. abandoned: stopped or left without an answer, nothing edited before. errored: ended
in an error of the API."""

PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"
"""How a check ended."""
