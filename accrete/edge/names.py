"""Resolves names: sessions by the beginning of an id, latest or current; branches and models by
name."""

from __future__ import annotations

from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.queries.scope import Scope
from accrete.queries.sessions import sessions_named, used


def running_session() -> str:
    """The id of the Claude Code session that this process runs in; '' outside of one."""
    from accrete.edge.running import running  # not at the top: few names need it

    return running().session


def find_used(db: Sqlite, scope: Scope, name: str, column: str, text: str) -> str:
    """The one branch or model that responses have and that is called so, or has it in its name."""
    names = [row for row in db.ask(used(scope, column)) if row]
    if text in names:
        return text
    near = [each for each in names if text and text.lower() in each.lower()]
    if len(near) == 1:
        return near[0]
    shown = near or names
    some = ", ".join(shown[:6]) + (f" … and {len(shown) - 6} more" if len(shown) > 6 else "")
    raise AccreteError(
        f"{'Several' if near else 'No'} "
        f"{name}{name.endswith('ch') * 'e' + 's match' if near else ''} {text!r}. "
        f"{f'Choose one of: {some}' if some else 'The record has none'}."
    )


def find_session(db: Sqlite, scope: Scope, prefix: str) -> str:
    """The id of the one session whose id begins so, or of the first that `accrete sessions` lists
    for `latest`."""
    running = prefix == "current"
    if running:
        prefix = running_session()
        if not prefix:
            raise AccreteError(
                "This shell does not run in a Claude Code session. Give an id, or latest."
            )
    found = db.ask(sessions_named(scope, prefix)) or db.ask(sessions_named(scope, prefix.lower()))
    if not found and prefix == "latest":
        raise AccreteError("The record is empty. Run `accrete backfill`.")
    exact = [identity for identity, _ in found if identity == prefix]
    if len(found) == 1 or exact:
        return exact[0] if exact else found[0][0]
    if found:
        ids = [identity for identity, _ in found[:5]]
        shown = next(
            (n for n in (13, 18, 23) if len({identity[:n] for identity in ids}) == len(ids)), None
        )
        some = ", ".join(identity[:shown] for identity in ids) + (
            " …" if len(found) > len(ids) else ""
        )
        raise AccreteError(
            f"{len(found)} session ids begin with {prefix!r} ({some}). Give more of the id."
        )
    if running:
        raise AccreteError("This shell's session is not in the record yet. Run `accrete backfill`.")
    raise AccreteError(f"No session {prefix!r}. `accrete sessions` lists them.")
