"""Tables that several pages have, from the rows of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from accrete.errors import AccreteError
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.templates import when
from accrete.explorer.view import LONGEST, View
from accrete.present.formats import money, number, percent, plural, span, tokens
from accrete.queries.costs import CostRow
from accrete.queries.pulls import PullRow
from accrete.queries.sessions import SessionRow

TONES = {"shipped": "good", "errored": "bad", "abandoned": "bad"}
SESSION_COLUMNS = (
    Column("title", "What"),
    Column("project", "Project"),
    Column("started_at", "When", unit="UTC ms"),
    Column("active_ms", "Active", right=True, unit="ms", define="active-time"),
    Column("prompts", "Prompts", right=True, define="prompts"),
    Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    Column("outcome", "What came of it", define="outcome"),
)


class Unknown(NamedTuple):
    """Why a value is not known."""

    why: str


def session_sheet(
    view: View,
    rows: Sequence[SessionRow],
    *,
    caption: str,
    older: str | None = None,
    sort: str | None = None,
    sorts: dict[str, str] | None = None,
    empty: str = "No sessions match.",
) -> Sheet:
    """Sessions, a row each; in a range of days the part of them that happened there."""
    return Sheet(
        "sessions",
        caption,
        SESSION_COLUMNS,
        [_session(view, row) for row in rows],
        older=older,
        sort=sort,
        sorts=sorts or {},
        empty=empty,
    )


def _session(view: View, row: SessionRow) -> list[Cell]:
    cost = row.cost_nano
    return [
        Cell(
            row.title,
            row.title or called(row),
            href=view.link(f"/sessions/{row.id}"),
            under=_under(row),
        ),
        Cell(
            row.project_name or None,
            row.project_name or "—",
            href=view.link(f"/projects/{row.project}") if row.project else None,
            why="" if row.project else "It has no folder.",
        ),
        Cell(row.started_at, when(row.started_at, view.local, view.now)),
        Cell(row.active_ms, span(row.active_ms), why=_no_time(row.active_ms)),
        Cell(row.all_prompts, number(row.all_prompts)),
        money_cell(cost, row.unpriced, row.lower_bound),
        Cell(row.outcome, came_of(row), chip=row.outcome or "", tone=tone(row.outcome))
        if row.outcome
        else Cell(None, "—", why="Nothing tells yet what came of it."),
    ]


def called(row: SessionRow) -> str:
    """What a session is called whose title is not known."""
    prompts = plural(row.all_prompts, "prompt")
    return f"Session of {spoken(row.local_day)}, {prompts}" if row.local_day else (
        f"Session {row.id[:8]}"
    )  # fmt: skip


def untitled(view: View, session: str, at: int | None) -> str:
    """The same where all that is known of it is a moment, UTC ms."""
    return f"Session {session[:8]}" if at is None else f"Session of {spoken(view.local.day(at))}"


def tone(outcome: str | None) -> str:
    """The tone of an outcome's chip."""
    return TONES.get(outcome or "", "plain")


def came_of(row: SessionRow) -> str:
    """What came of a session beside its outcome: commits, checks."""
    said = [plural(row.commits, "commit")] if row.commits else []
    said += [plural(row.pull_requests, "pull request")] if row.pull_requests else []
    if row.checks:
        failed = f", {row.checks_failed} failed" if row.checks_failed else ""
        said.append(f"{plural(row.checks, 'check')}{failed}")
    return ", ".join(said) or " "


def _under(row: SessionRow) -> str:
    said = ["automated"] if row.automated else []
    said += [row.branch] if row.branch and row.branch not in ("main", "master") else []
    said += [plural(row.tool_errors, "failed call")] if row.tool_errors else []
    said += [plural(row.agents, "subagent")] if row.agents else []
    said += [f"{plural(row.compactions, 'compaction')}"] if row.compactions else []
    said += ["goes beyond this range"] if row.partly else []
    return " · ".join(said)


def _no_time(ms: int | None) -> str:
    return "" if ms is not None else "Its lines have no time."


def money_cell(nano: int, unpriced: int = 0, lower_bound: int = 0) -> Cell:
    """A cost; `+` where some of it has no price, `≥` where some output is known in part only."""
    if not nano and unpriced:
        return Cell(None, "—", why=f"{plural(unpriced, 'response')} without a price.")
    text = money(nano, unpriced=unpriced)
    return Cell(nano, f"≥ {text}" if lower_bound and not unpriced else text)


VERDICTS = {"passed": "good", "failed": "bad"}


def verdict_cells(verdict: str, passed: int | None, failed: int | None) -> list[Cell]:
    """How a check ended, and how many tests it says passed and failed."""
    told = verdict in VERDICTS
    return [
        Cell(verdict, "" if told else verdict, chip=verdict if told else "",
             tone=VERDICTS.get(verdict, "plain")),
        *(Cell(n, number(n), why="" if n is not None else "It printed no count.")
          for n in (passed, failed)),
    ]  # fmt: skip


def of_project(view: View, project: str, /, **query: str | None) -> str:
    """The sessions of a project, of none where it is ''."""
    return view.sessions(project=project or None, lacks=None if project else "project", **query)


def chosen_by(by: str, row: CostRow) -> dict[str, str | None]:
    """The filter of lists that selects what a row of costs by `by` counts: what has its key, or
    what lacks any."""
    name = "server" if by == "mcp-server" else by
    known = bool(row.key) and row.label != "(unknown)"
    return {name: row.key} if known else {name: None, "lacks": name}


def known(nano: int | None, unpriced: int) -> int | None:
    """A cost as CSV and JSON have it: None where nothing of it has a price."""
    return None if unpriced and not nano else nano


COST_COLUMNS = (
    Column("sessions", "Sessions", right=True, define="sessions"),
    Column("responses", "Responses", right=True, define="responses"),
    Column("tokens", "Tokens", right=True, define="tokens"),
    Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
)


def cost_sheet(
    key: str,
    caption: str,
    name: Column,
    rows: Sequence[CostRow],
    names: Sequence[Cell],
    *,
    behind: Sequence[str | None],
    total: int | None = None,
    older: str | None = None,
) -> Sheet:
    """What costs, a row each. names: the first cell of each row; behind: where the responses of
    each row are; total: of what the shares are; older: where the next rows are, if there are
    more."""
    columns = [name, *COST_COLUMNS]
    if total is not None:
        columns.append(Column("share", "Share", right=True, define="cost-share"))
    made = []
    for row, first, href in zip(rows, names, behind, strict=True):
        cost = money_cell(row.cost_nano, row.unpriced, row.lower_bound)
        cells = [
            first,
            Cell(row.sessions, number(row.sessions)),
            Cell(row.responses, number(row.responses), href=href),
            Cell(all_tokens(row), tokens(all_tokens(row))),
            replace(cost, href=href) if cost.value is not None else cost,
        ]
        if total is not None:
            share = row.cost_nano / total if total else None
            cells.append(Cell(share, share_of(row.cost_nano, total)))
        made.append(cells)
    return Sheet(key, caption, columns, made, older=older, next_name="More")


def most_first(row: CostRow) -> tuple[int, str, int, str]:
    """What rows of costs are sorted by, the most expensive first; prompts of one cost by their
    number, as `cost` has them."""
    return _rank(row.cost_nano, row.key)


def _rank(nano: int, key: str) -> tuple[int, str, int, str]:
    session, _, n = key.rpartition("#")
    return (-nano, session, int(n), key) if n.isdecimal() else (-nano, key, 0, key)


def place_of(row: CostRow) -> str:
    """The place of a row in a table of costs, as a URL has it."""
    return f"{row.cost_nano}~{row.key}"


_DIGITS = 18
"""More are no number that a database can have."""


def place(after: str) -> tuple[int, str]:
    """The cost and the key of a place in a table of costs. Raises AccreteError for what is none."""
    cost, apart, key = after.partition("~")
    if not apart or not cost.isdecimal() or len(cost) > _DIGITS:
        raise AccreteError(f"{after[:40]!r} is no place in a table. Leave it out.")
    return int(cost), key


def place_after(rows: Sequence[CostRow], after: str, *, in_time: bool = False) -> int:
    """The number of the row that follows a place, whether or not the row of the place is still
    there. rows: sorted by `most_first`; in_time: the newest come first instead. Raises AccreteError
    for what is no place."""
    cost, key = place(after)
    if in_time:
        return next((n for n, row in enumerate(rows) if row.key < key), len(rows))
    last = _rank(cost, key)
    return next((n for n, row in enumerate(rows) if most_first(row) > last), len(rows))


def share_of(part: float, whole: float) -> str:
    """A share in whole percent, `<1%` for what would read as nothing; `—` of nothing."""
    return "<1%" if whole and 0 < part / whole < 0.005 else percent(part, whole, 0)


def all_tokens(row: CostRow) -> int:
    """Tokens of all kinds."""
    return row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens


PULL_COLUMNS = (
    Column("url", "Pull request"),
    Column("state", "State"),
    Column("since", "Since", unit="UTC ms"),
    Column("sessions", "Sessions", right=True, define="sessions"),
    Column("cost_nano", "Cost of the sessions", right=True, unit="nano-dollars", define="cost"),
)


def pull_sheet(view: View, rows: Sequence[PullRow], project: str | None = None) -> Sheet:
    """Pull requests, a row each, with what the sessions in the range cost that opened them or
    worked on them: a session of several stands in the cost of each. project: of the sessions."""
    return Sheet(
        "pull-requests",
        f"{view.range.label}: pull requests that sessions opened or worked on.",
        PULL_COLUMNS,
        [_pull(view, row, project) for row in rows],
        empty="No pull requests in this range.",
    )


def _pull(view: View, row: PullRow, project: str | None) -> list[Cell]:
    behind = view.sessions(project=project, pull=row.url) if len(row.url) <= LONGEST else None
    cost = money_cell(row.cost_nano, row.unpriced, row.lower_bound)
    return [
        Cell(row.url, pull_name(row), under=row.url),
        pull_state(row),
        Cell(row.since, when(row.since, view.local, view.now), why=_no_date(row)),
        Cell(len(row.sessions), number(len(row.sessions)), href=behind),
        replace(cost, href=behind) if cost.value is not None else cost,
    ]


def pull_name(row: PullRow) -> str:
    """`owner/name #12`, or the address where it names neither."""
    return f"{row.repository} #{row.number}" if row.repository and row.number else row.url


def pull_state(row: PullRow) -> Cell:
    """The state of a pull request as a badge: open, draft, merged, closed or unknown."""
    if row.state is None:
        why = f"Last time: {row.fault}." if row.fault else "No forge was asked for it."
        return Cell(None, row.word, why=why)
    return Cell(row.state, " ", chip=row.state)


def _no_date(row: PullRow) -> str:
    if row.since is not None:
        return ""
    return "Its state is unknown." if row.state is None else "GitHub gave no date."
