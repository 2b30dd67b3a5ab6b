"""Costs: where money goes, what could be had for less, and whether the budget holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from accrete.errors import AccreteError
from accrete.explorer.cells import flat
from accrete.explorer.day_bars import Day, cost_by_day
from accrete.explorer.lines import step_at
from accrete.explorer.listings import (
    chosen_by,
    cost_sheet,
    known,
    most_first,
    place,
    place_after,
    place_of,
    share_of,
    untitled,
)
from accrete.explorer.page import Cell, Column, Figure, Page, Scalar, Sheet
from accrete.explorer.pages import budget, saving
from accrete.explorer.ranges import spoken
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.present.formats import least, number, percent, plural, span
from accrete.present.leads import of_spending
from accrete.queries.costs import (
    GROUPINGS,
    IN_TIME,
    STAY_HERE,
    CostRow,
    cost,
    dearest_sessions,
    session_costs,
)
from accrete.queries.findings import findings, largest_calls
from accrete.queries.overview import Results, results
from accrete.queries.projects import known_projects
from accrete.queries.prompts import prompt_records
from accrete.queries.results import groups, kinds
from accrete.queries.scope import Scope
from accrete.queries.work import active

ROWS, KINDS = 31, 8
NAMED = 80
"""Characters of a prompt in the table."""
NARROW, WIDE = 620, 1190
"""Widths of the chart of days: beside the budget, and alone."""
NO_LINES = "The record has no patch of its edits."
NOT_BY_FILE = "A response is billed as a whole: what it cost by file is not known."


def _ways(view: View) -> list[str]:
    """What costs can be grouped by: where the record is kept, also by what does not leave it."""
    return [each for each in GROUPINGS if view.viewer.keeping is not None or each not in STAY_HERE]


async def show(view: View) -> Page:
    """The costs of the range, grouped as `by` asks."""
    by = view.query.get("by") or "day"
    ways = _ways(view)
    if by not in ways:
        raise AccreteError(f"No grouping by {by[:40]!r}. Choose one of: {', '.join(ways)}.")
    scope = view.scope
    earlier = view.range.before()
    total = await _total(view, scope)
    was = await _total(view, view.within(earlier)) if earlier else None
    days = await view.ask(cost(scope, "day"))
    past = await view.ask(cost(view.within(earlier), "day")) if earlier else []
    time = await view.ask(active(scope, "day"))
    time_past = await view.ask(active(view.within(earlier), "day")) if earlier else {}
    costs = await view.ask(session_costs(scope))
    came = await view.ask(results(scope))
    found = await view.ask(findings(scope, limit=saving.ROWS))
    called = await view.ask(
        largest_calls(
            replace(scope, since=None, until=None),
            [each.called for each in found.outputs.rows],
        )
    )
    spent = total.cost_nano if total else 0
    month = await budget.month(view)
    beside = bool(month) or view.viewer.budget_nano is not None
    return Page(
        title="Costs",
        current="/costs",
        live=True,
        lead=of_spending(
            spent if total else None,
            costs,
            total.cost_delegated_nano if total else 0,
            total is not None and bool(total.unpriced or total.lower_bound),
            {words: getattr(found, key).nano for key, words in saving.IN_WORDS.items()},
        ),
        figures=_figures(view, total, was, sum(time.values()), sum(time_past.values()), came)
        if total
        else [],
        sheets=[
            await _table(view, by, await _shown(view, by, days, len(costs)), spent),
            *saving.sheets(view, found, called),
            await _shares(view, scope),
            *([month.sheet] if month else []),
        ],
        parts={
            "chart": cost_by_day(
                view,
                _held(days, time),
                _held(past, time_past),
                earlier,
                width=NARROW if beside else WIDE,
            ),
            "all": None if total else view.here(range="all"),
            "by": [(name, view.here(by=name, after=None), name == by) for name in ways],
            "who": _who(view),
            "project": await _project(view),
            "findings": [
                saving.told(view, key, getattr(found, key), found) for key in saving.TITLES
            ],
            "session_budget": await budget.session_budget(view, scope),
            "month": month,
            "as_table": None if by == "day" else view.here(by="day", after=None),
        },
    )


async def _total(view: View, scope: Scope) -> CostRow | None:
    found = await view.ask(cost(scope, "all"))
    return found[0] if found else None


def _held(rows: list[CostRow], time: dict[str, int]) -> dict[str, Day]:
    return {
        row.key: Day(row.cost_nano, row.unpriced, row.lower_bound, time.get(row.key, 0))
        for row in rows
    }


def _figures(
    view: View, now: CostRow | None, was: CostRow | None, ms: int, ms_was: int, came: Results
) -> list[Figure]:
    spent = now.cost_nano if now else 0
    unpriced, bound = (now.unpriced, now.lower_bound) if now else (0, 0)
    unpriced_was, bound_was = (was.unpriced, was.lower_bound) if was else (0, 0)
    before = was.cost_nano if was else 0
    hourly, hourly_was = _per_hour(spent, ms), _per_hour(before, ms_was)
    share, share_was = _cached(now), _cached(was)
    handed = now.cost_delegated_nano / spent if now and spent else None
    handed_was = was.cost_delegated_nano / before if was and before else None
    priced = [f"{plural(unpriced, 'response')} without a price"] if unpriced else []
    return [
        Figure(
            "cost",
            "Cost, API-equivalent" if view.viewer.api_equivalent else "Cost",
            known(spent, unpriced),
            least(spent, unpriced, bound),
            "; ".join(
                [*priced, *([f"{least(before, unpriced_was, bound_was)} before"] if was else [])]
            ),
            view.sessions(sort="cost"),
        ),
        Figure(
            "cost-per-active-hour",
            "Per active hour",
            known(hourly, unpriced),
            least(hourly, unpriced, bound) if hourly is not None else "n/a",
            f"{least(hourly_was, unpriced_was, bound_was)} before"
            if hourly_was is not None
            else f"in {span(ms)}"
            if ms
            else "no active time",
            view.sessions(sort="active"),
        ),
        Figure(
            "cache-reads",
            "Read from the cache",
            share,
            percent(share, 1, 0) if share is not None else "n/a",
            f"{percent(share_was, 1, 0)} before" if share_was is not None else "of input tokens",
            view.here(by="session", after=None) + "#costs",
        ),
        Figure(
            "delegated",
            "Subagents",
            handed,
            percent(handed, 1, 0) if handed is not None else "n/a" if not unpriced else "—",
            f"{percent(handed_was, 1, 0)} before" if handed_was is not None else "of the cost",
            view.sessions(made="delegated"),
        ),
        _per_commit(view, spent, came),
    ]


def _per_hour(nano: int, ms: int) -> int | None:
    return round(nano * 3_600_000 / ms) if ms else None


def _cached(row: CostRow | None) -> float | None:
    """The share of input tokens that was read from the cache."""
    if row is None:
        return None
    whole = row.input_tokens + row.cache_read_tokens + row.cache_write_tokens
    return row.cache_read_tokens / whole if whole else None


def _per_commit(view: View, spent: int, came: Results) -> Figure:
    """What sessions with commits cost, for each commit. The rest of the cost led to none."""
    name, key = "Per commit", "cost-per-commit"
    if not came.commits:
        return Figure(key, name, None, "n/a", "no commits in this range", None)
    each = round(came.commit_cost_nano / came.commits)
    unpriced, bound = came.commit_unpriced, came.commit_lower_bound
    covers = f"{percent(came.commit_cost_nano, spent, 0)} of the cost" if spent else ""
    note = f"{plural(came.commits, 'commit')}, {covers}".rstrip(", ")
    return Figure(
        key, name, known(each, unpriced), least(each, unpriced, bound), note,
        view.sessions(made="commits"),
    )  # fmt: skip


_HEADS = {
    "day": "Day", "week": "Week of", "month": "Month", "project": "Project", "branch": "Branch",
    "model": "Model", "session": "Session", "prompt": "Prompt", "subagent": "Subagent",
    "skill": "Skill", "plugin": "Plugin", "mcp-server": "MCP server",
    "outcome": "What came of it", "window": "Five hours from",
}  # fmt: skip


async def _shown(
    view: View, by: str, days: list[CostRow], sessions: int
) -> tuple[int, Sequence[CostRow], int]:
    """ROWS rows of one grouping, from the one on that follows the place `after`: how many come
    before them, the rows, and how many there are. days: the rows by day; sessions: how many there
    are, of which no more are read than are shown."""
    after = view.query.get("after")
    if by == "session":
        last = place(after) if after else None
        return *await view.ask(dearest_sessions(view.scope, limit=ROWS, after=last)), sessions
    rows = days if by == "day" else await view.ask(cost(view.scope, by))
    order = list(reversed(rows)) if by in IN_TIME else sorted(rows, key=most_first)
    first = place_after(order, after, in_time=by in IN_TIME) if after else 0
    return first, order[first : first + ROWS], len(order)


async def _table(
    view: View, by: str, part: tuple[int, Sequence[CostRow], int], total: int
) -> Sheet:
    """Rows of one grouping. part: see `_shown`."""
    first, shown, whole = part
    of = [row.key.rpartition("#")[0] for row in shown] if by == "prompt" else []
    records = await view.ask(prompt_records(replace(view.scope, since=None, until=None), of))
    said = "newest first" if by in IN_TIME else "the most expensive first"
    which = f" {first + 1} to {first + len(shown)} of {whole}" if whole > ROWS else ""
    more = view.here(after=place_of(shown[-1])) if first + ROWS < whole else None
    return cost_sheet(
        "costs",
        f"{view.range.label} by {'five-hour window' if by == 'window' else by}, {said}.{which}",
        Column(by, _HEADS[by]),
        shown,
        [_name(view, by, row, records) for row in shown],
        behind=[_behind(view, by, row) for row in shown],
        total=total,
        older=f"{more}#costs" if more else None,
    )


def _name(view: View, by: str, row: CostRow, records: dict[tuple[str, int], str]) -> Cell:
    """What a row is called, and the sessions that it counts. records: of prompts."""
    key = row.key
    if by in IN_TIME:
        if not key:
            return Cell(None, "—", why="Its lines have no time.")
        return _in_time(view, by, key)
    if by == "session":
        return Cell(key, row.label or untitled(view, key, None), href=view.link(f"/sessions/{key}"))
    if by == "prompt":
        session, _, n = key.rpartition("#")
        uuid = records.get((session, int(n)), "")
        where = step_at(view, session, uuid)
        under = f"prompt {n}" if n != "0" else ""
        named = flat(row.label, NAMED) or "(no text)"
        return Cell(key, named, href=where, under=under)
    made = "responses" if by in ("project", "outcome") else None
    return Cell(key or None, row.label, href=view.sessions(**chosen_by(by, row), made=made))


def _behind(view: View, by: str, row: CostRow) -> str | None:
    """The responses that a row adds up."""
    if by == "window":
        return view.responses(window=row.key) if row.key else None
    if by in IN_TIME:
        return view.responses_of(*_ends(by, row.key)) if row.key else None
    if by == "prompt":
        session, _, n = row.key.rpartition("#")
        return view.responses(session=session, prompt=n)
    return view.responses(**chosen_by(by, row))


def _in_time(view: View, by: str, key: str) -> Cell:
    """A day, a week, a month or a window; what of it lies in the range opens."""
    if by == "window":
        at = int(key)
        return Cell(at, when(at, view.local, view.now), href=view.responses(window=key))
    first, last = _ends(by, key)
    text = spoken(key) if by != "month" else date.fromisoformat(first).strftime("%B %Y")
    return Cell(key, text, href=view.sessions_of(first, last, made="responses"))


def _ends(by: str, key: str) -> tuple[str, str]:
    """The first and the last day of a day, a week or a month."""
    if by == "week":
        return key, (date.fromisoformat(key) + timedelta(6)).isoformat()
    if by == "month":
        begin = date.fromisoformat(f"{key}-01")
        last = (begin + timedelta(31)).replace(day=1) - timedelta(1)
        return begin.isoformat(), last.isoformat()
    return key, key


async def _shares(view: View, scope: Scope) -> Sheet:
    """The share of cost beside the share of edited lines: by project, by what came of it, by kind
    of file."""
    projects, outcomes = [await view.ask(groups(scope, by)) for by in ("project", "outcome")]
    files = await view.ask(kinds(scope))
    spent = sum(row.cost_nano for row in projects)
    lines = sum((row.lines_added or 0) + (row.lines_removed or 0) for row in projects)
    made = []
    for by, rows in (("project", projects), ("outcome", outcomes)):
        for row in sorted(rows, key=lambda each: (-each.cost_nano, each.label))[:KINDS]:
            n = (row.lines_added or 0) + (row.lines_removed or 0)
            unknown = row.lines_added is None and row.edited > 0
            chosen = {by: row.key} if row.key else {by: None, "lacks": by}
            made.append(
                [
                    Cell(by, by),
                    Cell(
                        row.key or None, row.label, href=view.sessions(**chosen, sort="cost")
                    ),
                    Cell(row.sessions, number(row.sessions)),
                    Cell(_part(row.cost_nano, spent), share_of(row.cost_nano, spent)),
                    *([Cell(None, "—", why=NO_LINES)] * 2 if unknown else
                      [Cell(_part(n, lines), share_of(n, lines)), Cell(n, number(n))]),
                ]
            )  # fmt: skip
    for kind in files[:KINDS]:
        n = kind.lines_added + kind.lines_removed
        made.append(
            [
                Cell("kind of file", "kind of file"),
                Cell(
                    kind.kind or None,
                    kind.kind or "(changed by a command)",
                    href=view.sessions(
                        **({"kind": kind.kind} if kind.kind else {"lacks": "kind"}), sort="lines"
                    ),
                ),
                Cell(kind.sessions, number(kind.sessions)),
                Cell(None, "n/a", why=NOT_BY_FILE),
                Cell(_part(n, lines), share_of(n, lines)),
                Cell(n, number(n)),
            ]
        )
    return Sheet(
        "shares",
        "Of the cost, and of the lines that landed edits added and removed. The most expensive "
        f"{KINDS} of each; kinds of files by their lines: a session of several is in each.",
        (
            Column("by", "By"),
            Column("name", "Name"),
            Column("sessions", "Sessions", right=True, define="sessions"),
            Column("cost_share", "Of the cost", right=True, define="cost-share"),
            Column("line_share", "Of the lines", right=True, define="line-share"),
            Column("lines", "Lines", right=True, define="lines"),
        ),
        made,
    )


def _part(n: int, whole: int) -> Scalar:
    return n / whole if whole else None


def _who(view: View) -> list[tuple[str, str, bool]]:
    """Whose sessions: (words, address, chosen)."""
    chosen = view.query.get("who") or ""
    mine = "Mine" if view.viewer.own else "People's"
    return [
        (words, view.here(who=value or None, after=None), chosen == value)
        for value, words in (("", mine), ("automated", "Automated"), ("all", "All"))
    ]


async def _project(view: View) -> tuple[str, str] | None:
    """The project that the page is narrowed to: its name and the address without it."""
    wanted = view.query.get("project")
    if not wanted:
        return None
    known = {each.id: each.name for each in await view.ask(known_projects(view.viewer.scope))}
    return known.get(wanted, wanted), view.here(project=None, after=None)
