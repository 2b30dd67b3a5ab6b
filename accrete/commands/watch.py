"""`accrete status --watch`: follows the running session, with calm nudges."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from accrete.commands import common
from accrete.edge import start as wake
from accrete.errors import AccreteError, NoRecordError
from accrete.insight.nudges import nudges
from accrete.queries.live import Live, live, newest
from accrete.queries.sessions import session
from accrete.record import spooled
from accrete.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

EVERY_S = 2.0
READ_EVERY_S = 4.0
WAITING = "No sessions yet. Waiting (Ctrl-C stops)."
QUIET_MS = 15 * 60_000
"""Silence after which a session is not called running."""


def watch(settings: Settings) -> None:
    """Shows the session in which something happened last, until Ctrl-C, and waits where none runs.
    What is new is read by an ingest beside it, as hooks start one."""
    from rich.live import Live as Screen

    if not sys.stdout.isatty():
        raise AccreteError(
            "--watch needs a terminal. "
            "Otherwise use `accrete show latest --json` or `accrete status --json`."
        )
    out = common.rich_console()
    with (
        suppress(KeyboardInterrupt),
        Screen(console=out, auto_refresh=False, screen=False) as screen,
    ):
        read_at = -READ_EVERY_S
        while True:
            if time.monotonic() - read_at >= READ_EVERY_S or spooled.waiting(settings):
                wake.start()
                read_at = time.monotonic()
            screen.update(page(settings), refresh=True)
            time.sleep(EVERY_S)


def page(settings: Settings) -> RenderableType:
    """The session in which something happened last."""
    from rich.console import Group
    from rich.text import Text

    try:
        db = common.open_record(settings)
    except NoRecordError:
        return Text(WAITING, "dim")
    try:
        now = common.local_now(settings)
        identity = db.ask(newest(common.MINE))
        row = db.ask(session(common.about(identity))) if identity else None
        if row is None:
            return Text(WAITING, "dim")
        found = db.ask(live(common.about(row.id)))
    finally:
        db.close()
    if found.ended or found.last_at is None or now.now_ms - found.last_at > QUIET_MS:
        last = (
            f"{common.plain(row.title or '(untitled)')}, {now.prose(row.ended_at or found.last_at)}"
        )
        return Text(f"No session is running. Last: {last}. Waiting (Ctrl-C stops).", "dim")
    lines: list[RenderableType] = [
        Text.assemble(
            (common.plain(row.title or "(untitled)"), "bold"),
            f"  {row.id[:8]}  ",
            (row.project_name, "dim"),
        ),
        Text(
            f"{common.plural(row.all_prompts, 'prompt')}, "
            f"{common.plural(row.tool_calls, 'tool call')} ({common.number(row.tool_errors)} "
            "failed), "
            f"active {common.span(row.active_ms)}, "
            f"{common.money(row.cost_nano, unpriced=row.unpriced)}"
        ),
        Text(_state(found, now), "dim"),
    ]
    if found.blocked is not None:
        why = f": {common.plain(found.blocked)}" if found.blocked else ""
        lines.append(Text(f"· A hook blocked the last prompt{why}", "yellow"))
    lines += [
        Text(f"· {nudge}", "yellow")
        for nudge in nudges(found, row.cost_nano, settings.session_budget_nano)
    ]
    return Group(*lines)


def _state(found: Live, now: common.LocalNow) -> str:
    parts = [
        f"{common.plural(found.since_check, 'tool call')} since the last check"
        if found.since_check is not None
        else "no checks yet"
    ]
    if found.error_streak:
        parts.append(f"{common.plural(found.error_streak, 'error')} in a row")
    if found.context_tokens:
        parts.append(
            f"context {common.tokens(found.context_tokens)} of {common.tokens(found.context_limit)}"
        )
    if found.last_at is not None:
        parts.append(f"last message {now.time(found.last_at, seconds=True)}")
    return ", ".join(parts)
