"""The sums of a session, recomputed from its responses, inferences and tool calls: by the rules of
`derive/responses.py` and `derive/calls.py`."""

from __future__ import annotations

from collections import defaultdict

from accrete.database import Database
from accrete.model.sessions import SessionUsage
from accrete.pricing.cost import ASSUMED
from accrete.record import shared, store
from accrete_team import stamps

_BILLED = """SELECT COALESCE(local_day, ''), COALESCE(model, ''), COALESCE(branch, ''),
    CASE WHEN run <> '' THEN 1 ELSE 0 END, {responses}, SUM(input_tokens), SUM(output_tokens),
    SUM(cache_read_tokens), SUM(cache_write_tokens), {searches}, SUM(COALESCE(cost_nano, 0)),
    SUM(CASE WHEN cost_nano IS NULL THEN 1 ELSE 0 END), {bound},
    SUM(CASE WHEN cost_basis = ? THEN 1 ELSE 0 END)
  FROM {table} WHERE person = ? AND session = ? {counted}
  GROUP BY COALESCE(local_day, ''), COALESCE(model, ''), COALESCE(branch, ''),
    CASE WHEN run <> '' THEN 1 ELSE 0 END"""
_RESPONSES = _BILLED.format(
    responses="COUNT(*)",
    searches="SUM(CASE WHEN web_searches > 0 THEN web_searches ELSE searches_credited END)",
    bound="SUM(lower_bound)",
    table="response",
    counted="AND counted = 1 AND synthetic = 0",
)
_INFERENCES = _BILLED.format(responses="0", searches="0", bound="0", table="inference", counted="")
_CALLS = """SELECT COALESCE(local_day, ''), tool, COUNT(*),
    SUM(CASE WHEN is_error = 1 THEN 1 ELSE 0 END)
  FROM tool_call WHERE person = ? AND session = ? AND counted = 1
  GROUP BY COALESCE(local_day, ''), tool"""
FIGURES = (
    "responses_own", "tokens_own", "cost_own_nano", "responses_delegated", "tokens_delegated",
    "cost_delegated_nano", "unpriced", "lower_bound", "price_assumed", "tool_calls", "tool_errors",
)  # fmt: skip
"""What of a session and of its days is recomputed."""


def recount(db: Database, person: int, session: str) -> None:
    """Replaces a session's sums, those of its days, and its sums by model and by tool."""
    key = (person, session)
    if not db.run("SELECT 1 FROM session WHERE person = ? AND id = ?", key):
        return
    weeks = stamps.weeks_of(db, person, [session])
    usage: dict[tuple[str, str, str, int], list[int]] = defaultdict(lambda: [0] * 10)
    for sql in (_RESPONSES, _INFERENCES):
        for day, model, branch, delegated, *sums in db.run(sql, (ASSUMED, *key)):
            row = usage[(str(day), str(model), str(branch), int(delegated))]
            row[:] = [held + int(each or 0) for held, each in zip(row, sums, strict=True)]
    tools = [
        (str(day), str(tool), int(n), int(bad or 0)) for day, tool, n, bad in db.run(_CALLS, key)
    ]
    store.replace_usage(
        db,
        key,
        [SessionUsage(person, session, *each, *sums) for each, sums in sorted(usage.items())],
    )
    store.replace_tools(db, key, sorted(tools))
    days: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for (day, _, _, delegated), sums in usage.items():
        whose, figures = "delegated" if delegated else "own", days[day]
        n, fresh, output, read, written, _, cost, unpriced, bound, assumed = sums
        figures[f"responses_{whose}"] += n
        figures[f"tokens_{whose}"] += fresh + output + read + written
        figures[f"cost_{whose}_nano"] += cost
        figures["unpriced"] += unpriced
        figures["lower_bound"] += bound
        figures["price_assumed"] += assumed
    for day, _, n, bad in tools:
        days[day]["tool_calls"] += n
        days[day]["tool_errors"] += bad
    _write(db, key, days)
    stamps.stamp(db, person, weeks | stamps.weeks_of(db, person, [session]))


def _write(db: Database, key: tuple[int, str], days: dict[str, dict[str, int]]) -> None:
    whole = [sum(figures[name] for figures in days.values()) for name in FIGURES]
    change = ", ".join(f"{name} = ?" for name in FIGURES)
    db.run(f"UPDATE session SET {change} WHERE person = ? AND id = ?", (*whole, *key))
    db.run(
        f"UPDATE session_day SET {', '.join(f'{name} = 0' for name in FIGURES)} "
        "WHERE person = ? AND session = ?",
        key,
    )
    known = {
        str(day)
        for (day,) in db.run(
            "SELECT local_day FROM session_day WHERE person = ? AND session = ?", key
        )
    }
    person, session = key
    fresh = [{"session": session, "local_day": day} for day in sorted(set(days) - known)]
    shared.put_rows(db, person, "session_day", fresh)
    db.many(
        f"UPDATE session_day SET {change} WHERE person = ? AND session = ? AND local_day = ?",
        [(*(figures[name] for name in FIGURES), *key, day) for day, figures in days.items()],
    )
