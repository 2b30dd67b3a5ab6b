"""Costs: where money goes, what could be had for less, and whether the budget holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from accrete.errors import AccreteError
from accrete.explorer import charts
from accrete.explorer.days import Day, cost_by_day
from accrete.explorer.page import Cell, Column, Figure, Page, Scalar, Sheet
from accrete.explorer.ranges import Range, spoken
from accrete.explorer.rows import cost_sheet, share_of
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.insight.forecast import Forecast, of_month
from accrete.insight.leads import of_forecast, of_spending, whole_dollars
from accrete.present.figures import money, number, percent, plural, span, tokens
from accrete.queries.activity import Results, results
from accrete.queries.costs import GROUPINGS, IN_TIME, WINDOW_MS, CostRow, cost
from accrete.queries.figures import figures
from accrete.queries.findings import Called, Finding, Findings, findings, largest_calls
from accrete.queries.projects import known_projects
from accrete.queries.prompts import prompt_records
from accrete.queries.results import groups, kinds
from accrete.queries.scope import Scope
from accrete.queries.work import active

ROWS, KINDS = 31, 8
NARROW, WIDE = 620, 1190
"""Widths of the chart of days: beside the budget, and alone."""
NOT_BY_FILE = "A response is billed as a whole: what it cost by file is not known."
IN_WORDS = {
    "cold": "caches written again after a pause",
    "switches": "caches written again after a switch of models",
    "outputs": "outputs that filled the context",
}
TITLES = {
    "cold": "Caches lost after a pause",
    "switches": "Models switched in mid-session",
    "outputs": "Outputs that filled the context",
}


async def show(view: View) -> Page:
    """The costs of the range, grouped as `by` asks."""
    by = view.query.get("by") or "day"
    if by not in GROUPINGS:
        raise AccreteError(f"No grouping by {by[:40]!r}. Choose one of: {', '.join(GROUPINGS)}.")
    scope = view.scope
    earlier = view.range.before()
    total = await _total(view, scope)
    was = await _total(view, view.within(earlier)) if earlier else None
    days = await view.ask(cost(scope, "day"))
    past = await view.ask(cost(view.within(earlier), "day")) if earlier else []
    time = await view.ask(active(scope, "day"))
    time_past = await view.ask(active(view.within(earlier), "day")) if earlier else {}
    by_session = await view.ask(cost(scope, "session"))
    came = await view.ask(results(scope))
    found = await view.ask(findings(scope))
    called = await view.ask(
        largest_calls(
            replace(scope, since=None, until=None),
            [each.called for each in found.outputs[:ROWS]],
        )
    )
    rows = {"day": days, "session": by_session}.get(by)
    if rows is None:
        rows = await view.ask(cost(scope, by))
    spent = total.cost_nano if total else 0
    month = await _month(view)
    beside = bool(month) or view.viewer.budget_nano is not None
    return Page(
        title="Costs",
        current="/costs",
        live=True,
        lead=of_spending(
            spent,
            [row.cost_nano for row in by_session],
            total.cost_delegated_nano if total else 0,
            {
                words: sum(each.nano or 0 for each in getattr(found, key))
                for key, words in IN_WORDS.items()
            },
        ),
        figures=_figures(view, total, was, sum(time.values()), sum(time_past.values()), came),
        sheets=[
            await _table(view, by, rows, spent),
            *_findings(view, found, called),
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
            "by": [(name, view.here(by=name, **{"from": None}), name == by) for name in GROUPINGS],
            "who": _who(view),
            "project": await _project(view),
            "findings": [_told(view, key, getattr(found, key), found) for key in TITLES],
            "session_budget": await _session_budget(view, scope),
            "month": month,
            "as_table": None if by == "day" else view.here(by="day", **{"from": None}),
        },
    )


async def _total(view: View, scope: Scope) -> CostRow | None:
    found = await view.ask(cost(scope, "all"))
    return found[0] if found else None


def _held(rows: list[CostRow], time: dict[str, int]) -> dict[str, Day]:
    return {row.key: Day(row.cost_nano, row.unpriced, time.get(row.key, 0)) for row in rows}


def _figures(
    view: View, now: CostRow | None, was: CostRow | None, ms: int, ms_was: int, came: Results
) -> list[Figure]:
    spent = now.cost_nano if now else 0
    unpriced = now.unpriced if now else 0
    before = was.cost_nano if was else 0
    hourly, hourly_was = _per_hour(spent, ms), _per_hour(before, ms_was)
    share, share_was = _cached(now), _cached(was)
    handed = now.cost_delegated_nano / spent if now and spent else None
    handed_was = was.cost_delegated_nano / before if was and before else None
    priced = [f"{plural(unpriced, 'response')} without a price"] if unpriced else []
    bound = ["lower bound"] if now and now.lower_bound else []
    return [
        Figure(
            "cost",
            "Cost, API-equivalent" if view.viewer.api_equivalent else "Cost",
            spent,
            money(spent, unpriced=unpriced),
            "; ".join([*priced, *bound, *([f"{money(before)} before"] if was else [])]),
            view.sessions(sort="cost"),
        ),
        Figure(
            "cost-per-active-hour",
            "Per active hour",
            hourly,
            money(hourly),
            f"{money(hourly_was)} before" if hourly_was is not None else f"in {span(ms)}",
            view.sessions(sort="active"),
        ),
        Figure(
            "cache-reads",
            "Read from the cache",
            share,
            percent(share, 1, 0) if share is not None else "—",
            f"{percent(share_was, 1, 0)} before" if share_was is not None else "of input tokens",
            view.here(by="session", **{"from": None}) + "#costs",
        ),
        Figure(
            "delegated",
            "Subagents",
            handed,
            percent(handed, 1, 0) if handed is not None else "—",
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
    covers = f"{percent(came.commit_cost_nano, spent, 0)} of the cost" if spent else ""
    note = f"{plural(came.commits, 'commit')}, {covers}".rstrip(", ")
    return Figure(
        key, name, each, money(each, unpriced=came.commit_unpriced), note,
        view.sessions(made="commits"),
    )  # fmt: skip


_HEADS = {
    "day": "Day", "week": "Week of", "month": "Month", "project": "Project", "branch": "Branch",
    "model": "Model", "session": "Session", "prompt": "Prompt", "subagent": "Subagent",
    "skill": "Skill", "outcome": "What came of it", "window": "Five hours from",
}  # fmt: skip


async def _table(view: View, by: str, rows: Sequence[CostRow], total: int) -> Sheet:
    """The rows of one grouping, ROWS of them from the one on that `from` says."""
    begin = view.query.get("from") or "0"
    if not begin.isdecimal():
        raise AccreteError(f"{begin[:40]!r} is no row to begin with. Leave `from` out.")
    first = int(begin)
    order = list(reversed(rows)) if by in IN_TIME else list(rows)
    shown = order[first : first + ROWS]
    of = [row.key.rpartition("#")[0] for row in shown] if by == "prompt" else []
    records = await view.ask(prompt_records(replace(view.scope, since=None, until=None), of))
    said = "newest first" if by in IN_TIME else "the most expensive first"
    part = f" {first + 1} to {first + len(shown)} of {len(order)}" if len(order) > ROWS else ""
    more = view.here(**{"from": first + ROWS}) if first + ROWS < len(order) else None
    return cost_sheet(
        "costs",
        f"{view.range.label} by {'five-hour window' if by == 'window' else by}, {said}.{part}",
        Column(by, _HEADS[by]),
        shown,
        [_name(view, by, row, records) for row in shown],
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
        return Cell(key, row.label or "(no title)", href=view.link(f"/sessions/{key}"))
    if by == "prompt":
        session, _, n = key.rpartition("#")
        uuid = records.get((session, int(n)), "")
        where = view.link(f"/sessions/{session}") + (f"#s-{uuid[:8]}" if uuid else "")
        under = f"prompt {n}" if n != "0" else ""
        return Cell(key, row.label or "(no text)", href=where, under=under)
    known = bool(key) and row.label != "(unknown)"
    made = "responses" if by in ("project", "outcome") else None
    href = view.sessions(**{by: key}, made=made) if known else None
    return Cell(key or None, row.label, href=href)


def _in_time(view: View, by: str, key: str) -> Cell:
    """A day, a week, a month or a window; what of it lies in the range opens."""
    if by == "window":
        at = int(key)
        first, last = view.local.day(at), view.local.day(at + WINDOW_MS - 1)
        return Cell(at, when(at, view.local, view.now), href=_days(view, first, last))
    first, last = key, key
    text = spoken(key) if by != "month" else ""
    if by == "week":
        last = (date.fromisoformat(key) + timedelta(6)).isoformat()
    elif by == "month":
        begin = date.fromisoformat(f"{key}-01")
        first = begin.isoformat()
        last = ((begin + timedelta(31)).replace(day=1) - timedelta(1)).isoformat()
        text = begin.strftime("%B %Y")
    return Cell(key, text, href=_days(view, first, last))


def _days(view: View, first: str, last: str) -> str:
    chosen = view.range
    since, until = max(first, chosen.since or first), min(last, chosen.until or last)
    kept = {name: view.query[name] for name in ("project", "who") if view.query.get(name)}
    return view.bare("/sessions", since=since, until=until, made="responses", **kept)


class Told(NamedTuple):
    """A finding as its heading and its sentence have it. key: of its table."""

    key: str
    title: str
    amount: str
    words: str
    rows: str


def _told(view: View, key: str, rows: list[Finding], found: Findings) -> Told:
    nano = sum(each.nano or 0 for each in rows)
    n, sessions = len(rows), len({each.session for each in rows})
    where = f"in {plural(sessions, 'session')}"
    unpriced = sum(each.nano is None for each in rows)
    written = tokens(sum(each.tokens for each in rows))
    words = {
        "cold": f"{plural(n, 'time')} {where} a prompt came after the cache had run out, and "
        f"{written} tokens were written to it again. It lasts five minutes, or an hour.",
        "switches": f"{plural(n, 'time')} {where} another model took over, and {written} tokens "
        "were written to its cache. A cache is of one model.",
        "outputs": f"{plural(n, 'time')} {where} one step brought 10k tokens or more into the "
        "context, which later responses read again.",
    }[key]
    if not rows:
        known = key != "outputs" or found.told or not found.untold
        words = "None in this range." if known else "Not known in this range."
    if key == "outputs" and found.untold:
        words += (
            f" Known of {number(found.told)} of {number(found.told + found.untold)} steps: "
            "older clients did not write down all output."
        )
    return Told(
        key, TITLES[key], money(nano, unpriced=unpriced) if rows else "", words,
        f"The {min(n, ROWS)} most expensive" if n > ROWS else plural(n, "moment") if n else "",
    )  # fmt: skip


def _findings(view: View, found: Findings, called: dict[str, Called]) -> list[Sheet]:
    pause = Column("pause_ms", "Pause", right=True, unit="ms")
    again = Column("tokens", "Written again", right=True, unit="tokens")
    return [
        _moments(
            view, "cold", found.cold, (pause, again),
            lambda each: [
                Cell(each.pause_ms, span(each.pause_ms)), Cell(each.tokens, tokens(each.tokens))
            ],
            {},
        ),
        _moments(
            view, "switches", found.switches,
            (Column("before", "From"), Column("model", "To"), again),
            lambda each: [
                Cell(each.before, each.before), Cell(each.model, each.model),
                Cell(each.tokens, tokens(each.tokens)),
            ],
            {},
        ),
        _moments(
            view, "outputs", found.outputs,
            (
                Column("tool", "Largest output"),
                Column("tokens", "Brought", right=True, unit="tokens"),
                Column("later", "Read again", right=True, unit="responses"),
            ),
            lambda each: [
                _tool(called.get(each.called)),
                Cell(each.tokens, tokens(each.tokens)),
                Cell(each.later, f"{number(each.later)}×"),
            ],
            called,
        ),
    ]  # fmt: skip


def _tool(call: Called | None) -> Cell:
    return Cell(call.tool, call.tool) if call else Cell(None, "—", why="Its call is not there.")


def _moments(
    view: View,
    key: str,
    rows: list[Finding],
    columns: Sequence[Column],
    cells: Callable[[Finding], list[Cell]],
    called: dict[str, Called],
) -> Sheet:
    """The findings of one kind, a row each, at most ROWS; each opens the prompt, or the call."""
    made = []
    for each in rows[:ROWS]:
        call = called.get(each.called)
        uuid = call.uuid if call else each.uuid
        where = view.link(f"/sessions/{each.session}") + (f"#s-{uuid[:8]}" if uuid else "")
        made.append(
            [
                Cell(each.session, each.title or "(no title)", href=where),
                Cell(each.at, when(each.at, view.local, view.now)),
                *cells(each),
                Cell(each.nano, money(each.nano), why=_no_price(each.nano)),
            ]
        )
    more = f" The first {ROWS} of {len(rows)}." if len(rows) > ROWS else ""
    return Sheet(
        key,
        f"{TITLES[key]}, the most expensive first.{more}",
        (
            Column("session", "Session"),
            Column("at", "When", unit="UTC ms"),
            *columns,
            Column("nano", "Cost", right=True, unit="nano-dollars at list prices", define=key),
        ),
        made,
        empty="None in this range.",
    )


def _no_price(nano: int | None) -> str:
    return "" if nano is not None else "The model has no known list price."


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
            chosen = {by: row.key} if row.key else None
            made.append(
                [
                    Cell(by, by),
                    Cell(
                        row.key or None,
                        row.label,
                        href=view.sessions(**chosen, sort="cost") if chosen else None,
                    ),
                    Cell(row.sessions, number(row.sessions)),
                    Cell(_part(row.cost_nano, spent), share_of(row.cost_nano, spent)),
                    Cell(_part(n, lines), share_of(n, lines)),
                    Cell(n, number(n)),
                ]
            )
    for kind in files[:KINDS]:
        n = kind.lines_added + kind.lines_removed
        made.append(
            [
                Cell("kind of file", "kind of file"),
                Cell(kind.kind or None, kind.kind or "(changed by a command)"),
                Cell(None, "n/a", why="Sessions change files of several kinds."),
                Cell(None, "n/a", why=NOT_BY_FILE),
                Cell(_part(n, lines), share_of(n, lines)),
                Cell(n, number(n)),
            ]
        )
    return Sheet(
        "shares",
        "Of the cost, and of the lines that landed edits added and removed. The most expensive "
        f"{KINDS} of each; kinds of files by their lines.",
        (
            Column("by", "By"),
            Column("name", "Name"),
            Column("sessions", "Sessions", right=True),
            Column("cost_share", "Of the cost", right=True),
            Column("line_share", "Of the lines", right=True),
            Column("lines", "Lines", right=True),
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
        (words, view.here(who=value or None, **{"from": None}), chosen == value)
        for value, words in (("", mine), ("automated", "Automated"), ("all", "All"))
    ]


async def _project(view: View) -> tuple[str, str] | None:
    """The project that the page is narrowed to: its name and the address without it."""
    wanted = view.query.get("project")
    if not wanted:
        return None
    known = {each.id: each.name for each in await view.ask(known_projects(view.viewer.scope))}
    return known.get(wanted, wanted), view.here(project=None, **{"from": None})


async def _session_budget(view: View, scope: Scope) -> dict[str, str] | None:
    budget = view.viewer.budget_nano
    if budget is None:
        return None
    found = await view.ask(figures(scope, by="outcome", budget_nano=budget))
    return {
        "words": f"{found.over_budget} of {plural(found.sessions, 'session')} passed the session "
        f"budget of {money(budget)}.",
        "href": view.sessions(sort="cost"),
    }


class Month(NamedTuple):
    """The calendar month beside its budget."""

    words: str
    chart: charts.Chart
    sheet: Sheet


async def _month(view: View) -> Month | None:
    """The month of today, of all sessions, whatever the range."""
    budget = view.viewer.monthly_budget_nano
    if budget is None:
        return None
    first = view.today[:8] + "01"
    scope = replace(view.within(Range("days", first, view.today)), project=None, automated=None)
    daily = {row.key: row.cost_nano for row in await view.ask(cost(scope, "day"))}
    told = of_month(daily, view.today)
    end = date.fromisoformat(first) + timedelta(told.days - 1)
    words = of_forecast(told.spent, told.low, told.high, budget, end.strftime("%-d %b"))
    sums = [sum(cost for day, cost in daily.items() if day <= f"{view.today[:8]}{at:02d}")
            for at in range(1, told.today + 1)]  # fmt: skip
    return Month(words, _running(view, told, sums, budget), _sums(view, sums))


def _running(view: View, told: Forecast, sums: list[int], budget: int) -> charts.Chart:
    """What the month cost up to each day; the budget as a line, the forecast as a band."""
    width, foot = 300, 90
    most = max(budget, told.high or 0, told.spent) or 1
    step = width / told.days

    def tall(nano: int) -> float:
        return round(nano / most * (foot - 12), 2)

    marks = [
        charts.Mark(
            round(at * step, 2), round(foot - tall(nano), 2), round(step - 2, 2),
            max(tall(nano), 0.5), f"{at + 1} {view.today[:7]}: {money(nano)}", "b",
        )
        for at, nano in enumerate(sums)
    ]  # fmt: skip
    if told.low is not None and told.high is not None:
        label = f"Forecast: {whole_dollars(told.low)} to {whole_dollars(told.high)}"
        marks.append(
            charts.Mark(
                round(width - step, 2), round(foot - tall(told.high), 2), round(step - 2, 2),
                max(tall(told.high) - tall(told.low), 2.0), label, "b2",
            )
        )  # fmt: skip
    line = foot - tall(budget)
    return charts.Chart(
        "The month's cost up to each day, its budget as a line, the forecast as a band at its end",
        width, 104, marks,
        [(0.0, 103.0, "1"), (float(width), 103.0, str(told.days)),
         (0.0, round(line - 3, 2), f"budget {money(budget)}")],
        [(0, foot + 0.5, width, foot + 0.5), (0, line, width, line)],
    )  # fmt: skip


def _sums(view: View, sums: list[int]) -> Sheet:
    days = [f"{view.today[:8]}{at:02d}" for at in range(1, len(sums) + 1)]
    return Sheet(
        "month",
        "What the month cost up to each day, all sessions.",
        (Column("day", "Day"),
         Column("cost_total_nano", "Cost", right=True, unit="nano-dollars")),
        [[Cell(day, spoken(day)), Cell(nano, money(nano))]
         for day, nano in zip(reversed(days), reversed(sums), strict=True)],
    )  # fmt: skip
