"""Projects: what was worked on; and one of them, with its files, branches and checks."""

from __future__ import annotations

from dataclasses import replace

from accrete.errors import AccreteError
from accrete.explorer.lines import step_at
from accrete.explorer.listings import (
    chosen_by,
    cost_sheet,
    known,
    money_cell,
    of_project,
    pull_sheet,
    session_sheet,
    untitled,
    verdict_cells,
)
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.templates import when
from accrete.explorer.view import LONGEST, MissingError, View
from accrete.present import leads
from accrete.present.formats import least, number, percent, plural, span
from accrete.projects.resolve import Project
from accrete.queries.costs import cost
from accrete.queries.projects import known_projects
from accrete.queries.pulls import MergedCost, pulls
from accrete.queries.results import Checks, Group, Reworked, check_runs, groups
from accrete.queries.results import checks as checks_of
from accrete.queries.results import reworked as reworked_in
from accrete.queries.scope import Scope
from accrete.queries.sessions import sessions, sessions_count
from accrete.text.plain import plain

LAST, FILES, RUNS = 20, 20, 50
NO_EDITS = "No session has an edit that landed."


async def show(view: View) -> Page:
    """All projects that were worked on in the range, those of the last work first."""
    rows = await view.ask(groups(view.scope, "project"))
    active = sum(row.active_ms for row in rows)
    most = sorted((row for row in rows if row.key), key=lambda row: (-row.active_ms, row.key))
    return Page(
        title="Projects",
        current="/projects",
        live=True,
        lead=leads.of_projects(
            sum(row.sessions for row in rows if row.key),
            [row.label for row in most],
            most[0].active_ms / active if active and most else None,
        ),
        sheets=[_table(view, rows)],
    )


def _table(view: View, rows: list[Group]) -> Sheet:
    columns = (
        Column("project", "Project"),
        Column("sessions", "Sessions", right=True, define="sessions"),
        Column("active_ms", "Active", right=True, unit="ms", define="active-time"),
        Column("shipped", "Shipped", right=True, define="shipped"),
        Column("commits", "Commits", right=True, define="commits"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
        Column("last_at", "Last", unit="UTC ms"),
    )
    made = []
    for row in rows:
        made.append(
            [
                Cell(
                    row.key or None,
                    row.label,
                    href=view.link(f"/projects/{row.key}") if row.key else None,
                ),
                _linked(view, row.sessions, row.key),
                Cell(row.active_ms, span(row.active_ms)),
                shipped_cell(view, row),
                _linked(view, row.commits, row.key, made="commits"),
                money_cell(row.cost_nano, row.unpriced, row.lower_bound),
                Cell(row.last_at, when(row.last_at, view.local, view.now)),
            ]
        )
    return Sheet(
        "projects",
        f"{view.range.label}, the last used first. Shipped: of the sessions with edits.",
        columns,
        made,
        empty="Nothing to list.",
    )


def _linked(view: View, n: int, project: str, /, **query: str | None) -> Cell:
    """A number of sessions of a project, or of what they made."""
    return Cell(n, number(n), href=of_project(view, project, **query) if n else None)


def shipped_cell(view: View, row: Group) -> Cell:
    """Shipped of the sessions with edits."""
    if not row.edited:
        return Cell(None, "n/a", why=NO_EDITS)
    where = of_project(view, row.key, outcome="shipped", made="edits")
    return Cell(
        row.shipped,
        f"{number(row.shipped)} of {number(row.edited)}",
        href=where if row.shipped else None,
    )


async def show_one(view: View) -> Page:
    """One project."""
    wanted = view.params["id"]
    known = {each.id: each for each in await view.ask(known_projects(view.viewer.scope))}
    project = known.get(wanted) or await _nameless(view, wanted)
    scope = replace(view.scope, project=wanted)
    earlier = view.range.before()
    row = _only(await view.ask(groups(scope, "project")))
    before = None
    if earlier is not None:
        past = replace(view.within(earlier), project=wanted)
        before = _only(await view.ask(groups(past, "project")))
    last = await view.ask(sessions(scope, limit=LAST))
    ran = await view.ask(checks_of(scope))
    own = view.viewer.own
    opened = await view.ask(pulls(scope))
    return Page(
        title=plain(project.name),
        current="/projects",
        live=True,
        lead=leads.of_project(
            row.sessions,
            row.active_ms,
            row.shipped,
            row.edited,
            sum(each.runs for each in ran),
            sum(each.failed for each in ran),
        ),  # fmt: skip
        figures=_figures(view, wanted, row, before),
        sheets=[
            session_sheet(
                view,
                last,
                caption=f"The last {len(last)} of {number(row.sessions)}, newest first.",
                empty="No sessions of this project in this range.",
            ),
            _files(view, wanted, await view.ask(reworked_in(scope, limit=FILES)), project.root),
            await _used(view, scope, "branches", "branch"),
            pull_sheet(view, opened.rows, wanted),
            _checks(view, wanted, ran),
            *([await _runs(view, scope)] if view.query.get("check") else []),
            await _used(view, scope, "models", "model"),
        ],
        parts={
            "runs": bool(view.query.get("check")),
            "all": view.sessions(project=wanted) if row.sessions > LAST else None,
            "sessions": row.sessions,
            "costs": view.link("/costs", project=wanted),
            "merged": _merged(opened.merged),
            "merged_href": view.sessions(project=wanted, made="merged pull requests"),
            "remote": project.remote,
            "root": project.root if own else None,
        },
    )


async def _nameless(view: View, wanted: str) -> Project:
    """A project that there are sessions of and no name: on a team server all but those that the
    company listed. Raises MissingError where there are none."""
    if not await view.ask(sessions_count(replace(view.viewer.scope, project=wanted))):
        raise MissingError(f"No project {wanted[:40]!r} in the record. All are under Projects.")
    return Project(wanted, "(no name)", "(no name)", None, "", "", ())


_NONE = Group("", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None, None)


def _only(rows: list[Group]) -> Group:
    return rows[0] if rows else _NONE


def _figures(view: View, project: str, row: Group, was: Group | None) -> list[Figure]:
    lines = f"+{number(row.lines_added)} −{number(row.lines_removed)} lines edited"
    priced = [f"{plural(row.unpriced, 'response')} without a price"] if row.unpriced else []
    before = least(was.cost_nano, was.unpriced, was.lower_bound) if was else ""
    return [
        Figure(
            "sessions",
            "Sessions",
            row.sessions,
            number(row.sessions),
            f"{number(was.sessions)} before" if was else "",
            view.sessions(project=project),
        ),
        Figure(
            "active-time",
            "Active time",
            row.active_ms,
            span(row.active_ms),
            f"{span(was.active_ms)} before" if was else "",
            view.sessions(project=project, sort="active"),
        ),
        Figure(
            "shipped",
            "Shipped",
            row.shipped if row.edited else None,
            f"{number(row.shipped)} of {number(row.edited)}" if row.edited else "n/a",
            f"{number(was.shipped)} of {number(was.edited)} before"
            if was and was.edited
            else "of sessions with edits",
            view.sessions(project=project, outcome="shipped", made="edits") if row.edited else None,
        ),
        Figure(
            "commits",
            "Commits",
            row.commits,
            number(row.commits),
            lines if row.lines_added is not None else "",
            view.sessions(project=project, made="commits"),
        ),
        Figure(
            "cost",
            "Cost, API-equivalent" if view.viewer.api_equivalent else "Cost",
            known(row.cost_nano, row.unpriced),
            least(row.cost_nano, row.unpriced, row.lower_bound),
            "; ".join([*priced, *([f"{before} before"] if was else [])]),
            view.link("/costs", project=project),
        ),
    ]


def _files(view: View, project: str, rows: list[Reworked], root: str) -> Sheet:
    columns = (
        Column("path", "File"),
        Column("edits", "Edits", right=True, define="edits-landed"),
        Column("sessions", "Sessions", right=True, define="sessions"),
        Column("last_day", "Last"),
    )
    return Sheet(
        "files",
        "Files that landed edits changed most often. Changes by commands are not counted.",
        columns,
        [
            [
                Cell(row.path, _below(row.path, root),
                     href=view.sessions(project=project, file=row.path)
                     if view.viewer.own and len(row.path) <= LONGEST else None),
                Cell(row.edits, number(row.edits)),
                Cell(row.sessions, number(row.sessions)),
                Cell(row.last_day or None, spoken(row.last_day) if row.last_day else "—",
                     why="" if row.last_day else "Its line has no time."),
            ]
            for row in rows
        ],
        empty="No edits landed in this range.",
    )  # fmt: skip


def _below(path: str, root: str) -> str:
    """A path without the project's folder."""
    folder = root.rstrip("/\\")
    inside = folder and path.startswith((f"{folder}/", f"{folder}\\"))
    return path[len(folder) + 1 :] if inside else path


async def _used(view: View, scope: Scope, key: str, name: str) -> Sheet:
    """What the project cost by `branch` or `model`."""
    rows = await view.ask(cost(scope, name))
    of = [{"project": scope.project, **chosen_by(name, row)} for row in rows]
    return cost_sheet(
        key,
        "The most expensive first.",
        Column(name, name.capitalize()),
        rows,
        [
            Cell(row.key or None, row.label, href=view.sessions(**each))
            for row, each in zip(rows, of, strict=True)
        ],
        behind=[view.responses(**each) for each in of],
    )


def _merged(found: MergedCost) -> str | None:
    """What merged pull requests cost each, with how many have a known state; None without any."""
    if not found.pulls:
        return None
    known = f"the state of {number(found.known)} of {number(found.pulls)} is known"
    if found.each_nano is None:
        return f"none is known to be merged; {known}."
    return f"{least(found.each_nano, found.unpriced, found.lower_bound)}; {known}."


def _checks(view: View, project: str, rows: list[Checks]) -> Sheet:
    columns = (
        Column("kind", "Check"),
        Column("runs", "Runs", right=True, define="checks"),
        Column("passed", "Passed", right=True, define="checks"),
        Column("failed", "Failed", right=True, define="checks"),
        Column("unknown", "Not told", right=True, define="checks"),
        Column("share", "Failed share", right=True, define="checks"),
        Column("sessions", "Sessions", right=True, define="sessions"),
    )

    def runs(n: int, kind: str, verdict: str | None = None) -> Cell:
        """A number of runs, with where they are."""
        where = view.here(check=kind, verdict=verdict, after=None) + "#runs"
        return Cell(n, number(n), href=where if n else None)

    return Sheet(
        "checks",
        "Runs of tests, builds and linters. Not told: how they ended is not in the record.",
        columns,
        [
            [
                Cell(row.kind, row.kind),
                runs(row.runs, row.kind),
                runs(row.passed, row.kind, "passed"),
                runs(row.failed, row.kind, "failed"),
                runs(row.unknown, row.kind, "unknown"),
                Cell(
                    row.failed / (row.passed + row.failed),
                    percent(row.failed, row.passed + row.failed, 0),
                )
                if row.passed + row.failed
                else Cell(None, "—", why="How they ended is not told."),
                Cell(
                    row.sessions,
                    number(row.sessions),
                    href=view.sessions(project=project, check=row.kind),
                ),
            ]
            for row in rows
        ],
        empty="No checks ran in this range.",
    )


VERDICTS = {"passed": "passed", "failed": "failed", "unknown": "whose end is not told"}


async def _runs(view: View, scope: Scope) -> Sheet:
    """The runs of one kind of check, of those that ended as `verdict` says, the newest first."""
    kind, verdict = view.query["check"], view.query.get("verdict") or None
    if verdict not in (None, *VERDICTS):
        wrong = str(verdict)[:40]
        raise AccreteError(f"No verdict {wrong!r}. Choose one of: {', '.join(VERDICTS)}.")
    try:
        asked = check_runs(
            scope, kind, verdict=verdict, limit=RUNS + 1, after=view.query.get("after") or None
        )
    except ValueError:
        raise AccreteError("`after` is no place in a list. Leave it out.") from None
    found = await view.ask(asked)
    rows = found[:RUNS]
    return Sheet(
        "runs",
        f"Runs of {kind}{f', {VERDICTS[verdict]}' if verdict else ''}, newest first.",
        (Column("session", "Session"), Column("at", "When", unit="UTC ms"),
         Column("check", "Check"), Column("verdict", "Verdict", define="checks"),
         Column("passed", "Passed", right=True, unit="tests", define="tests"),
         Column("failed", "Failed", right=True, unit="tests", define="tests")),
        [
            [
                Cell(
                    row.session,
                    row.title or untitled(view, row.session, row.at),
                    href=step_at(view, row.session, row.uuid, row.run),
                    under="by a subagent" if row.run else "",
                ),
                Cell(row.at, when(row.at, view.local, view.now),
                     why="" if row.at is not None else "Its line has no time."),
                Cell(row.runner, row.runner),
                *verdict_cells(row.verdict, row.passed, row.failed),
            ]
            for row in rows
        ],
        older=view.here(after=rows[-1].place) + "#runs" if len(found) > RUNS else None,
        empty="No such runs in this range.",
    )  # fmt: skip
