"""What the status line says of a running session: cost, context, plan limits, one nudge.

The standard library alone: `init` writes a copy of this file beside the status line's script, which
any Python runs.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing `typing` would take longer than all else here
if TYPE_CHECKING:
    Said = dict[str, object]
    """What the client says, of any form."""
    Spent = tuple[int, ...]
    """A session's cost and the subagents' part of it (nano-dollars), its subagents, its responses
    without a price; a script of another version may give more."""
    Called = tuple[str | None, int, int]
    """A call's status, whether it checks or may, and whether it edits."""

CALLS_WITHOUT_CHECK, ERRORS_IN_A_ROW = 25, 4
CONTEXT_NEARLY_FULL = 0.85
LIMITS = (("five_hour", "5h"), ("seven_day", "7d"))

Part = tuple[str, bool]
"""Text, and whether it asks for attention."""


def parts(
    given: Said, spent: Spent | None, calls: list[Called], budget: float | None
) -> list[Part]:
    """The parts of the line in their order: model, context, cost, plan limits, a nudge.

    spent: None where the record has nothing of the session. calls: see `nudge`. budget: dollars a
    session."""
    found = [_model(given), _context(given), _cost(given, spent, budget), *_limits(given)]
    word = nudge(calls)
    return [part for part in (*found, (word, True) if word else None) if part is not None]


def _model(given: Said) -> Part | None:
    model = given.get("model")
    name = model.get("display_name") if isinstance(model, dict) else None
    return ("".join(char for char in str(name) if char.isprintable()), False) if name else None


def _context(given: Said) -> Part | None:
    used = _percent(given.get("context_window"))
    return (f"context {used:.0f}%", used >= 100 * CONTEXT_NEARLY_FULL) if used is not None else None


def _cost(given: Said, spent: Spent | None, budget: float | None) -> Part | None:
    cost = money(given, spent)
    if cost is None:
        return None
    over = budget is not None and cost > budget
    delegated = spent[1] if spent else 0
    subagents = f" (subagents ${delegated / 1e9:.2f})" if delegated else ""
    return f"${cost:.2f}{subagents}{', over budget' if over else ''}", over


def _limits(given: Said) -> list[Part]:
    limits = given.get("rate_limits")
    shares = [
        (short, _percent(limits.get(name))) for name, short in LIMITS if isinstance(limits, dict)
    ]
    return [(f"{short} {share:.0f}%", False) for short, share in shares if share is not None]


def _percent(window: object) -> float | None:
    used = window.get("used_percentage") if isinstance(window, dict) else None
    return used if isinstance(used, (int, float)) else None


def money(given: Said, spent: Spent | None) -> float | None:
    """What the session has cost, in dollars: the record's figure, or the client's where that is
    ahead of it; None if neither knows. A record with unpriced responses does not know."""
    cost = given.get("cost")
    told = cost.get("total_cost_usd") if isinstance(cost, dict) else None
    nano, _, _, unpriced, *_ = spent or (0, 0, 0, 1)
    known = None if unpriced else nano / 1e9
    return max((value for value in (told, known) if isinstance(value, (int, float))), default=None)


def nudge(calls: list[Called]) -> str | None:
    """What a calm colleague might say. calls: the main line's newest, the last first."""
    streak = next((n for n, (status, _, _) in enumerate(calls) if status != "error"), len(calls))
    if streak >= ERRORS_IN_A_ROW:
        return f"{streak} errors in a row"
    since = next((n for n, (_, checks, _) in enumerate(calls) if checks), len(calls))
    if since >= CALLS_WITHOUT_CHECK and any(edits for _, _, edits in calls[:since]):
        return f"{since} tool calls, no tests yet"
    return None
