"""The answers of the tool `session`: one session or a range, the part of it that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from accrete.edge.local import MINE, about
from accrete.edge.names import find_session, running_session
from accrete.edge.start import freshen
from accrete.errors import AccreteError
from accrete.insight.replay import edited, failed_calls
from accrete.insight.replay import handoff as handed_over
from accrete.insight.sessions import session_of, together
from accrete.outcomes.kinds import UNSURE
from accrete.present.formats import plural
from accrete.queries.costs import (
    cost,
)
from accrete.queries.replay import Entry, replay
from accrete.queries.sessions import SessionRow, sessions
from accrete.queries.sessions import session as one_session
from accrete.queries.work import failed, touched
from accrete.settings import read_settings
from accrete_mcp.record import ALL, HERE, Record, record
from accrete_mcp.shape import (
    Asked,
    Commit,
    Edited,
    FailedBefore,
    FailedCall,
    Handoff,
    Line,
    Session,
    Spent,
    Touched,
)
from accrete_mcp.shared_parts import nothing, usd, use
from accrete_mcp.shorten import Part, ends

LINES, MANY, FILES, ROWS = 12, 40, 30, 6
VIEWS = ("summary", "handoff", "errors", "files", "cost")


def session(
    identity: str | None,
    view: str,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Session:
    """One session, or all of a range, and the part that was asked for."""
    ranged = since is not None or until is not None
    name = (identity or ("all" if ranged else "latest")).strip()
    if name.lower() in ("all", "*", "any"):
        return _many(view, project or ALL, since, until)
    if ranged:
        raise AccreteError(
            f'since and until select several sessions. Call session(id="{name}") without them, '
            'or session(id="all", since=…).'
        )
    if name == "current":
        freshen(read_settings())
    with record() as r:
        whole, note = _which(r, name, project)
        row = r.db.ask(one_session(about(whole)))
        assert row is not None
        made = r.short.of(
            Session,
            session_of(row),
            scope=note,
            cost_usd=usd(row),
            more="view: " + ", ".join(VIEWS),
        )
        if view == "cost":
            made.costs = [_spent(r, whole, by) for by in ("model", "subagent", "prompt")]
            made.costs = [each for each in made.costs if each.rows]
        else:
            _view(r, r.db.ask(replay(about(whole))), view, made)
        return made


def _which(r: Record, name: str, project: str | None) -> tuple[str, str]:
    """The id of the session that is meant, and how to say so. The latest is the one before this
    one, of the project that
    was named, else of the one at hand where it has any."""
    if name.lower() not in ("latest", "last", "newest"):
        return find_session(
            r.db, MINE, name
        ), "the named session" if name != "current" else "the running session"
    asking = running_session()
    for where in [project] if project else [HERE, ALL]:
        scope, of = r.scope(where, None)
        found = [row.id for row in r.db.ask(sessions(scope, limit=2)) if row.id != asking]
        if found:
            said = f"the latest session of {of}"
            return found[0], f"{said}, before the running one" if asking else said
    if project:
        raise AccreteError(f'No session in {project[:60]!r} yet. Call session(project="all").')
    return find_session(r.db, MINE, "latest"), "the latest"


def _view(r: Record, items: list[Entry], view: str, made: Session) -> None:
    """Puts in what a view shows of one session."""
    if view == "errors":
        calls = failed_calls(items)
        made.failed = [*r.short.all_of(FailedCall, _ends(made, "failed", calls))]
        made.more = made.more if calls else "No tool call failed."
    elif view == "files":
        files = edited(items)
        made.files = [*r.short.all_of(Edited, _ends(made, "files", files, FILES))]
    else:
        made.work = _work(r, items, made, whole=view == "handoff")


def _work(r: Record, items: list[Entry], made: Session, *, whole: bool) -> Handoff:
    """What was asked and done; `whole`: and what is open."""
    found = handed_over(items)
    asked = [
        r.short.of(Asked, each, kind=None if each.kind == "typed_prompt" else each.kind)
        for each in _ends(made, "prompts", found.asked)
    ]
    commits = [
        r.short.of(Commit, each, confidence=each.confidence if each.confidence in UNSURE else None)
        for each in _ends(made, "commits", found.commits)
    ]
    pulls = _ends(made, "pull requests", found.pulls)
    if not whole:
        return Handoff(asked=asked, commits=commits, pulls=pulls)
    return r.short.of(
        Handoff,
        found,
        asked=asked,
        commits=commits,
        pulls=pulls,
        uncommitted=_ends(made, "uncommitted files", found.uncommitted),
    )


def _ends(made: Session, name: str, parts: Sequence[Part], most: int = LINES) -> list[Part]:
    """The ends of a list; the answer says how many of the middle were left out."""
    if len(parts) > most:
        made.more = f"{len(parts) - most} {name} left out between the first two and the rest" + (
            f"; {made.more}" if made.more else ""
        )
    return ends(parts, most)


def _spent(r: Record, whole: str, by: str) -> Spent:
    rows = r.db.ask(cost(about(whole), by))[:ROWS]
    used = [use(r, row, by, None) for row in rows]
    return Spent(by=by, rows=[row.model_copy(update={"sessions": None}) for row in used])


def _many(view: str, project: str, since: str | None, until: str | None) -> Session:
    """All sessions of a range: what they add up to, and the sessions, the files, or the calls that
    failed.
    """
    if view in ("handoff", "cost"):
        better = 'usage(by="session")' if view == "cost" else 'session(id="latest", view="handoff")'
        raise AccreteError(f"view {view} needs one session. Call {better}.")
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = r.db.ask(sessions(scope))
        made = _added_up(r, rows, said)
        if not rows:
            made.more = nothing(scope, "session").replace("session(", 'session(id="all", ')
        elif view == "files":
            files = r.db.ask(touched(scope))
            made.files = [*r.short.all_of(Touched, _first(made, files))]
        elif view == "errors":
            calls = r.db.ask(failed(scope, limit=MANY + 1))
            made.failed = [*r.short.all_of(FailedBefore, _first(made, calls))]
            made.more = made.more if calls else "No tool call failed."
        else:
            made.sessions = [
                r.short.of(Line, session_of(row), cost_usd=usd(row)) for row in _first(made, rows)
            ]
        return made


def _first(made: Session, parts: Sequence[Part]) -> list[Part]:
    """The first of a list; the answer says that there are more."""
    made.more = "more: use a shorter range or a project" if len(parts) > MANY else None
    return [*parts[:MANY]]


def _added_up(r: Record, rows: list[SessionRow], said: str) -> Session:
    sums = together(rows)
    return r.short.of(
        Session,
        sums,
        scope=f"{said}; figures of {plural(len(rows), 'session')}, without automated ones",
        id="all",
        project_name=", ".join(sums.projects[:6]) or "—",
        cost_usd=usd(sums),
        sessions=[],
    )
