"""Claude Code's status line: what a session has cost with its subagents, how full its context is,
one calm nudge.

Runs at every change of the screen, so it is the standard library alone, on one read-only
connection. What the client says of plan limits, which no transcript holds, is kept in the file
`limits.json` of the data folder. A status line that was there before is run first, with the same
input, and its line is printed before ours. Run as

    python -I -S statusline.py [DATA_FOLDER]
"""

import json
import os
import sqlite3
import sys
import time
from typing import Any

BUSY_S = 0.05
"""How long a locked record is waited for: a status line that comes late is none."""
WRAPPED = "statusline-before"
WRAPPED_TIMEOUT_S = 2.0
CALLS_WITHOUT_CHECK, ERRORS_IN_A_ROW = 25, 4
DIM, YELLOW, PLAIN = "\033[2m", "\033[33m", "\033[0m"

SESSION = """SELECT cost_own_nano + cost_delegated_nano, cost_delegated_nano, agents, unpriced,
    tool_calls FROM session
WHERE person = 1 AND id = ?"""
# A call that is not derived yet may be a check.
CALLS = """SELECT c.status, EXISTS (SELECT 1 FROM check_run k WHERE k.person = 1 AND k.session =
    c.session AND k.message_id = c.message_id
  AND k.tool_use_id = c.tool_use_id) OR c.local_day IS NULL, c.tool IN ('Edit', 'MultiEdit',
  'Write', 'NotebookEdit') FROM tool_call c
WHERE c.person = 1 AND c.session = ? AND c.run = '' AND c.counted = 1 ORDER BY c.seq DESC
    LIMIT 100"""


def read_record(home: str, session: str) -> tuple[Any, list[Any]]:
    """The session's row and its newest calls; (None, []) where the record cannot tell."""
    try:
        uri = (
            "file:"
            + os.path.join(home, "accrete.db").replace("?", "%3f").replace("#", "%23")
            + "?mode=ro"
        )
        db = sqlite3.connect(uri, uri=True, timeout=BUSY_S)
        try:
            return db.execute(SESSION, (session,)).fetchone(), db.execute(
                CALLS, (session,)
            ).fetchall()
        finally:
            db.close()
    except sqlite3.Error:
        return None, []


def line(given: dict[str, Any], row: Any, calls: list[Any], budget: float | None) -> str:
    """The line: model, context, cost, plan limits, and a nudge."""
    parts = []
    model = given.get("model")
    if isinstance(model, dict) and model.get("display_name"):
        parts.append("".join(char for char in str(model["display_name"]) if char.isprintable()))
    window = given.get("context_window")
    used = window.get("used_percentage") if isinstance(window, dict) else None
    if isinstance(used, (int, float)):
        parts.append(
            (YELLOW if used >= 85 else "") + f"context {used:.0f}%" + (PLAIN if used >= 85 else "")
        )
    cost = money(given, row)
    if cost is not None:
        over = budget is not None and cost > budget
        text = f"${cost:.2f}" + (
            f" (subagents ${row[1] / 1e9:.2f})" if row is not None and row[1] else ""
        )
        parts.append(f"{YELLOW}{text}, over budget{PLAIN}" if over else text)
    limits = given.get("rate_limits")
    if isinstance(limits, dict):
        for name, short in (("five_hour", "5h"), ("seven_day", "7d")):
            share = (
                limits.get(name, {}).get("used_percentage")
                if isinstance(limits.get(name), dict)
                else None
            )
            if isinstance(share, (int, float)):
                parts.append(f"{short} {share:.0f}%")
    word = nudge(calls)
    if word:
        parts.append(f"{YELLOW}{word}{PLAIN}")
    return f"{DIM} · {PLAIN}".join(parts)


def money(given: dict[str, Any], row: Any) -> float | None:
    """What the session has cost, in dollars: the record's figure, or the client's where that is
    ahead of it."""
    cost = given.get("cost")
    told = cost.get("total_cost_usd") if isinstance(cost, dict) else None
    known = row[0] / 1e9 if row is not None and not row[3] else None
    values = [
        value
        for value in (told if isinstance(told, (int, float)) else None, known)
        if value is not None
    ]
    return max(values) if values else None


def nudge(calls: list[Any]) -> str | None:
    """What a calm colleague might say."""
    streak = next((n for n, call in enumerate(calls) if call[0] != "error"), len(calls))
    if streak >= ERRORS_IN_A_ROW:
        return f"{streak} errors in a row"
    since = next((n for n, call in enumerate(calls) if call[1]), len(calls))
    if since >= CALLS_WITHOUT_CHECK and any(call[2] for call in calls[:since]):
        return f"{since} tool calls, no tests yet"
    return None


def keep_limits(home: str, given: dict[str, Any]) -> None:
    """Notes what the client says of plan limits, when it says something new."""
    limits = given.get("rate_limits")
    if not isinstance(limits, dict) or not limits:
        return
    path = os.path.join(home, "limits.json")
    try:
        with open(path, encoding="utf-8") as file:
            if json.load(file).get("rate_limits") == limits:
                return
    except (OSError, ValueError, AttributeError):
        pass
    partial = f"{path}.{os.getpid()}.part"
    with open(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump({"at": int(time.time() * 1000), "rate_limits": limits}, file)
    os.replace(partial, path)


def before(home: str, raw: bytes) -> str:
    """What the status line says that was there before; nothing if there was none, or it fails."""
    try:
        with open(os.path.join(home, WRAPPED), encoding="utf-8") as file:
            command = file.read().strip()
    except OSError:
        return ""
    if not command:
        return ""
    import subprocess

    try:
        words = (
            [command] if os.name == "nt" else ["/bin/sh", "-c", command]
        )  # the person's own command, as the client would run it
        done = subprocess.run(
            words, input=raw, capture_output=True, timeout=WRAPPED_TIMEOUT_S, check=False
        )
        return done.stdout.decode("utf-8", "replace").rstrip("\n")
    except (OSError, subprocess.SubprocessError):
        return ""


def budget_of(home: str) -> float | None:
    """The person's soft budget a session, in dollars."""
    try:
        with open(os.path.join(home, "config.json"), encoding="utf-8") as file:
            value = json.load(file).get("sessionBudgetUsd")
    except (OSError, ValueError, AttributeError):
        return None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def main(home: str) -> None:
    """Prints the line for what stands on standard input."""
    raw = sys.stdin.buffer.read()
    try:
        given = json.loads(raw)
    except ValueError:
        given = {}
    given = given if isinstance(given, dict) else {}
    first = before(home, raw)
    row, calls = read_record(home, str(given.get("session_id") or ""))
    said = line(given, row, calls, budget_of(home))
    sys.stdout.buffer.write(
        "\n".join(part for part in (first, said) if part).encode("utf-8", "replace") + b"\n"
    )
    try:
        keep_limits(home, given)
    except OSError:
        return


if __name__ == "__main__":
    main(sys.argv[1])
