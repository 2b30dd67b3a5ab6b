"""Claude Code's status line: what a session has cost with its subagents, how full its context is,
one calm nudge.

Runs at every change of the screen, so it is the standard library alone, on one read-only
connection. What is said is decided in accrete/insight/status_line.py, whose copy lies beside this
file where `init` wrote it. What the client says
of plan limits, which no transcript holds, is kept in the file `limits.json` of the data folder. A
status line that was
there before is run first, with the same input, and its line is printed before ours. Run as

    python -I -S statusline.py [DATA_FOLDER]
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time

TYPE_CHECKING = False  # importing `typing` would take longer than most of what is done here
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUSY_S = 0.05
"""How long a locked record is waited for: a status line that comes late is none."""
WRAPPED = "statusline-before"
WRAPPED_TIMEOUT_S = 2.0
DIM, YELLOW, PLAIN = "\033[2m", "\033[33m", "\033[0m"

SESSION = """SELECT cost_own_nano + cost_delegated_nano, cost_delegated_nano, agents, unpriced
FROM session
WHERE person = 1 AND id = ?"""
# A call that is not derived yet may be a check.
CALLS = """SELECT c.status, EXISTS (SELECT 1 FROM check_run k WHERE k.person = 1 AND k.session =
    c.session AND k.message_id = c.message_id
  AND k.tool_use_id = c.tool_use_id) OR c.local_day IS NULL, c.tool IN ('Edit', 'MultiEdit',
  'Write', 'NotebookEdit') FROM tool_call c
WHERE c.person = 1 AND c.session = ? AND c.run = '' AND c.counted = 1 ORDER BY c.seq DESC
    LIMIT 100"""


def read_record(
    home: str, session: str
) -> tuple[tuple[object, ...] | None, list[tuple[object, ...]]]:
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


def coloured(parts: list[tuple[str, bool]]) -> str:
    """The parts of a line, those that ask for attention in yellow."""
    return f"{DIM} · {PLAIN}".join(f"{YELLOW}{text}{PLAIN}" if odd else text for text, odd in parts)


def keep_limits(home: str, given: Mapping[str, object]) -> None:
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


def main(home: str, parts: Callable[..., list[tuple[str, bool]]]) -> None:
    """Prints the line for what stands on standard input. parts: insight.status_line.parts."""
    raw = sys.stdin.buffer.read()
    try:
        given = json.loads(raw)
    except ValueError:
        given = {}
    given = given if isinstance(given, dict) else {}
    first = before(home, raw)
    row, calls = read_record(home, str(given.get("session_id") or ""))
    said = coloured(parts(given, row, calls, budget_of(home)))
    sys.stdout.buffer.write(
        "\n".join(part for part in (first, said) if part).encode("utf-8", "replace") + b"\n"
    )
    try:
        keep_limits(home, given)
    except OSError:
        return


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    from status_line import parts  # type: ignore[import-not-found]

    main(sys.argv[1], parts)
