"""The words for what came of a session, for how a check ended, for how sure a commit is and for
states of pull requests, apart from the rules that decide them."""

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

REPORTED, PRINTED, VERIFIED, QUIET = "reported", "printed", "verified", "unconfirmed"
"""How sure a commit is: the client's own record of it; git's line `[branch sha]`; git's log, asked
later; no word but a good exit."""

AMBIGUOUS = "ambiguous"
"""Git has a commit that several calls may have made."""

UNSURE = frozenset({QUIET, AMBIGUOUS})

OPEN, MERGED, CLOSED = "open", "merged", "closed"
FINAL = (MERGED, CLOSED)
"""States after which nobody asks again."""

RUNNING = "still running, as far as hooks saw"
"""The reason shown for a session without a known end."""
