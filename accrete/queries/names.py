"""What people call things: a session by the beginning of its id, latest or current; projects, branches, models by name."""

from __future__ import annotations

import os

from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.queries.sessions import project_names, projects_named, sessions_named, used

ME = 1
"""The one person of a local record."""


def running_session() -> str:
    """The id of the Claude Code session that this process runs in; '' outside of one."""
    return os.environ.get("CLAUDE_CODE_SESSION_ID", "")


def find_used(db: Sqlite, name: str, column: str, text: str) -> str:
    """The one branch or model that responses have and that is called so, or has it in its name."""
    names = [row for row in db.ask(used(ME, column)) if row]
    if text in names:
        return text
    near = [each for each in names if text and text.lower() in each.lower()]
    if len(near) == 1:
        return near[0]
    shown = near or names
    some = ", ".join(shown[:6]) + (f" … and {len(shown) - 6} more" if len(shown) > 6 else "")
    raise AccreteError(
        f"{'Several' if near else 'No response has a'} {name}{'s match' if near else ''} {text!r}. There are: {some or 'none'}."
    )


def find_project(db: Sqlite, name: str) -> str:
    """The id of the one project of that name."""
    text = os.path.abspath(name) if name.startswith((".", "~", os.sep)) else name
    found = db.ask(projects_named(ME, text)) if text.strip() else []
    if len(found) == 1:
        return found[0][0]
    if found:
        places = "; ".join(f"{where} ({identity[:8]})" for identity, _, where in found[:5])
        raise AccreteError(
            f"{len(found)} projects are called {name!r}: {places}. Give the folder, the remote or the id."
        )
    from difflib import get_close_matches

    names = db.ask(project_names(ME))
    near = get_close_matches(name, names, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else " `accrete projects` lists them."
    raise AccreteError(f"No project is called {name!r}.{hint}")


def find_session(db: Sqlite, prefix: str) -> str:
    """The id of the one session whose id begins so, or of the newest for `latest`."""
    running = prefix == "current"
    if running:
        prefix = running_session()
        if not prefix:
            raise AccreteError("This shell runs in no Claude Code session. Give an id, or latest.")
    found = db.ask(sessions_named(ME, prefix)) or db.ask(sessions_named(ME, prefix.lower()))
    if not found and prefix == "latest":
        raise AccreteError("There is no session in the record yet. Run `accrete backfill`.")
    exact = [identity for identity, _ in found if identity == prefix]
    if len(found) == 1 or exact:
        return exact[0] if exact else found[0][0]
    if found:
        ids = [identity for identity, _ in found[:5]]
        shown = next((n for n in (13, 18, 24) if len({identity[:n] for identity in ids}) == len(ids)), None)
        some = ", ".join(identity[:shown] for identity in ids) + (" …" if len(found) > len(ids) else "")
        raise AccreteError(f"{prefix!r} begins {len(found)} session ids ({some}). Give more of the id.")
    if running:
        raise AccreteError("The session that this shell runs in is not in the record yet. Run `accrete backfill`.")
    raise AccreteError(f"No session's id begins with {prefix!r}. `accrete sessions` lists them.")
