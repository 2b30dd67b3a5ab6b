"""`accrete status --watch`: the running session, live, with calm nudges."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from accrete import spool
from accrete.commands import common
from accrete.errors import AccreteError
from accrete.queries.live import Live, live, nudges
from accrete.queries.sessions import last_active, session
from accrete.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

EVERY_S = 2.0
READ_EVERY_S = 4.0
QUIET_MS = 15 * 60_000
"""Silence after which a session is not called running."""


def watch(settings: Settings) -> None:
    """Shows the newest session until Ctrl-C. Reads what is new by starting an ingest as a child, as hooks do."""
    from rich.live import Live as Screen

    if not sys.stdout.isatty():
        raise AccreteError(
            "--watch needs a terminal. Without one: `accrete show latest --json`, or `accrete status --json`."
        )
    out = common.console()
    with Screen(console=out, auto_refresh=False, screen=False) as screen:
        last_read = 0.0
        while True:
            if time.monotonic() - last_read >= READ_EVERY_S or spool.waiting(settings):
                subprocess.run(
                    [sys.executable, "-E", "-P", "-m", "accrete", "ingest"],
                    check=False,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                )
                last_read = time.monotonic()
            screen.update(page(settings), refresh=True)
            time.sleep(EVERY_S)


def page(settings: Settings) -> RenderableType:
    """The session in which something happened last."""
    from rich.console import Group
    from rich.text import Text

    db = common.open_record(settings)
    try:
        now = common.local_now(settings)
        identity = db.ask(last_active(common.MINE))
        row = db.ask(session(common.about(identity))) if identity else None
        if row is None:
            return Text("No session yet. Waiting; Ctrl-C ends.", "dim")
        found = db.ask(live(common.about(row.id)))
    finally:
        db.close()
    if found.last_at is None or now.now_ms - found.last_at > QUIET_MS:
        return Text(
            f"No session is running. The last one: {common.plain(row.title or '(untitled)')}, {now.moment(row.ended_at)}. Waiting; Ctrl-C ends.",
            "dim",
        )
    lines: list[RenderableType] = [
        Text.assemble((common.plain(row.title or "(untitled)"), "bold"), f"  {row.id[:8]}  ", (row.project_name, "dim")),
        Text(f"{common.plural(row.prompts, 'prompt')}, {common.plural(row.tool_calls, 'call')}, {common.plural(row.tool_errors, 'error')}, "
             f"active {common.span(row.active_ms)}, {common.money(row.cost_nano + row.delegated_cost_nano, unpriced=row.unpriced)}"),
        Text(_state(found, now), "dim"),
    ]  # fmt: skip
    lines += [
        Text(f"· {nudge}", "yellow")
        for nudge in nudges(found, row.cost_nano + row.delegated_cost_nano, settings.session_budget_nano)
    ]
    return Group(*lines)


def _state(found: Live, now: common.LocalNow) -> str:
    parts = [
        f"{common.plural(found.since_check, 'call')} since the last check"
        if found.since_check is not None
        else "no check yet"
    ]
    if found.error_streak:
        parts.append(f"{common.plural(found.error_streak, 'error')} in a row")
    if found.context_tokens:
        parts.append(f"context {common.tokens(found.context_tokens)} of {common.tokens(found.context_limit)}")
    if found.last_at is not None:
        parts.append(f"last word {now.time(found.last_at, seconds=True)}")
    return ", ".join(parts)
