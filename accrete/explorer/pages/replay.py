"""One session as it went: prompts, answers, every step, on one page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from accrete.database import Row
from accrete.database.question import Together
from accrete.explorer.lines import Writer
from accrete.explorer.listings import called, tone
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.strip import strip
from accrete.explorer.view import MissingError, View
from accrete.model import Tier
from accrete.present.formats import money, number, span
from accrete.present.leads import of_session
from accrete.queries.folders import session_folders
from accrete.queries.prompts import TurnRow, turns
from accrete.queries.replay import as_typed
from accrete.queries.scope import Scope
from accrete.queries.sessions import SessionRow, said_of, session
from accrete.queries.steps import (
    Beside,
    Deeds,
    Step,
    Words,
    beside,
    deeds,
    steps,
    told,
    whole,
    words,
)
from accrete.text.plain import squeeze

VIEWS = {
    "reading": "prompts and answers",
    "working": "and what was done",
    "everything": "and system records",
}
GROUPS = ("human", "agent", "tool", "system")
RAIL = 60


Steps = Callable[[list[list[Row]]], tuple[list[Step], Deeds | None, Words | None]]


class Railed(NamedTuple):
    """A prompt in the rail."""

    anchor: str
    number: int
    text: str
    note: str


async def show(view: View) -> Page:
    """The replay of the session that the path names."""
    scope = await view.session()
    row = await view.ask(session(scope))
    if row is None:
        raise MissingError("There is no such session in the record.")
    may = tier_of(view)
    apart = Together()
    of_turns = apart.add(turns(scope))
    of_near = apart.add(beside(scope)) if view.viewer.own else None
    of_folders = (
        apart.add(session_folders(view.viewer.scope, [row.id])) if may >= Tier.ACTIVITY else None
    )
    of_said = apart.add(said_of(scope)) if view.viewer.own else None
    answers = await view.ask(apart.rows)
    read, of_steps = await _steps(view, scope, may)
    title = (row.title or "" if may >= Tier.WORDS else "") or called(row)

    def made() -> Page:
        """Made while the page is sent: its head, with the style sheet, is there before."""
        folders = of_folders(answers).get(row.id, []) if of_folders is not None else []
        asked = view.query.get("view")
        found = told(*of_steps(read))
        writer = Writer(view, row.id, found, folders, whole=asked == "everything")
        groups = [name for name in view.query.get("steps", "").split(",") if name in GROUPS]
        return Page(
            title=title,
            current="/sessions",
            lead=of_session(
                prompts=row.all_prompts, calls=row.tool_calls,
                files=row.files_edited, added=row.lines_added, removed=row.lines_removed,
                commits=row.commits,
                checks=row.checks, checks_failed=row.checks_failed, active_ms=row.active_ms,
                cost_nano=row.cost_nano, unpriced=row.unpriced,
                lower_bound=row.lower_bound, amounts=view.viewer.amounts,
            ),
            sheets=[_sheet(view, found)] if view.query.get("format")
            else [] if found else [_turns(of_turns(answers))],
            parts={
                "head": _head(view, row, may),
                "near": of_near(answers) if of_near is not None else Beside(None, None),
                "writer": writer,
                "strip": strip(found, writer.anchor, writer.clock, own=view.viewer.own),
                "rail": _rail(writer),
                "views": VIEWS,
                "everything": view.here(view="everything"),
                "chosen": asked if asked in VIEWS else "working",
                "groups": GROUPS,
                "shown": groups or list(GROUPS),
                "said": of_said(answers) if of_said is not None else None,
                "session": row,
                "who": "You" if view.viewer.own else view.viewer.name,
            },
            live=True,
            streamed=True,
        )  # fmt: skip

    return Page(title=title, current="/sessions", live=True, streamed=True, rest=made)


async def _steps(view: View, scope: Scope, may: Tier) -> tuple[list[list[Row]], Steps]:
    """The rows of the steps and of what may be seen of them, and what makes steps of those rows.
    All of it is read at once; of a session that is shared at a lower tier, tier by tier."""
    read = Together()
    if may >= Tier.WORDS:
        of_whole = read.add(whole(scope))
        answers = await view.ask(read.rows)
        if any(answers):
            return answers, of_whole
        read = Together()
    of_steps = read.add(steps(scope))
    of_deeds = read.add(deeds(scope)) if may >= Tier.ACTIVITY else None
    of_words = read.add(words(scope)) if may >= Tier.WORDS else None
    return await view.ask(read.rows), lambda rows: (
        of_steps(rows),
        of_deeds(rows) if of_deeds is not None else None,
        of_words(rows) if of_words is not None else None,
    )


def tier_of(view: View) -> Tier:
    """Up to which tier a viewer may see the steps of a session: one's own are whole."""
    return Tier.WORDS if view.viewer.own else Tier(min(view.viewer.scope.tier, Tier.WORDS))


def _rail(writer: Writer) -> list[Railed]:
    return [_railed(each, writer) for each in writer.made if each.turn is not None]


def _railed(step: Step, writer: Writer) -> Railed:
    turn = step.turn
    assert turn is not None
    text = squeeze(as_typed(step.text)) if step.text else ""
    most = RAIL if writer.most is None else min(RAIL, writer.most // 2)
    failed = writer.failed[step.number]
    notes = [span(turn.active_ms) if turn.active_ms else "",
             money(turn.cost_nano, unpriced=turn.unpriced)
             if turn.cost_nano and writer.view.viewer.amounts else "",
             f"{failed} failed" if failed else ""]  # fmt: skip
    return Railed(
        writer.anchor(step), step.number,
        text if len(text) <= most else text[: most - 1] + "…",
        " · ".join(each for each in notes if each),
    )  # fmt: skip


def _turns(found: list[TurnRow]) -> Sheet:
    """The prompts of a session of which no step is kept here."""
    columns = (
        Column("prompt", "Prompt", right=True),
        Column("day", "Day"),
        Column("active_ms", "Active", right=True, unit="ms"),
        Column("tool_calls", "Tool calls", right=True),
        Column("interrupted", "Stopped"),
    )
    rows = [
        [Cell(each.number, number(each.number)),
         Cell(each.day or None, spoken(each.day) if each.day else "—"),
         Cell(each.active_ms, span(each.active_ms)), Cell(each.tool_calls, number(each.tool_calls)),
         Cell(each.interrupted, "by the person" if each.interrupted else " ")]
        for each in found
    ]  # fmt: skip
    return Sheet("turns", "Its prompts, in order.", columns, rows, empty="It has no prompts.")


def _head(view: View, row: SessionRow, may: Tier) -> dict[str, object]:
    act = may >= Tier.ACTIVITY
    base = f"/sessions/{row.id}"
    return {
        "id": row.id,
        "project": row.project_name if act else "",
        "project_href": view.link(f"/projects/{row.project}")
        if act and row.project and view.viewer.own else None,
        "branch": (row.branch or "") if act else "",
        "when": _when(view, row),
        "outcome": row.outcome or "",
        "tone": tone(row.outcome),
        "reason": (row.outcome_reason or "") if act else "",
        "automated": bool(row.automated),
        "changes": view.bare(f"{base}/changes") if act else "",
        "facts": view.bare(f"{base}/facts") if view.viewer.own else "",
        "exports": [(form, view.bare(f"{base}.{form}")) for form in ("md", "html", "json")]
        if view.viewer.own else [],
        "resume": f"claude --resume {row.id}" if view.viewer.own else "",
    }  # fmt: skip


def _when(view: View, row: SessionRow) -> str:
    if row.started_at is None:
        return "at an unknown time"
    if not view.viewer.own:
        return spoken(row.local_day) if row.local_day else "at an unknown time"
    begun = view.local.text(row.started_at, "%-d %b %Y, %H:%M")
    if row.ended_at is None:
        return begun
    same = view.local.day(row.started_at) == view.local.day(row.ended_at)
    return f"{begun} to {view.local.text(row.ended_at, '%H:%M' if same else '%-d %b, %H:%M')}"


_COLUMNS: Sequence[Column] = (
    Column("prompt", "Prompt", right=True), Column("kind", "Kind"),
    Column("at", "When", unit="UTC ms"), Column("id", "Record"), Column("tool", "Tool"),
    Column("target", "Target"), Column("status", "Status"),
    Column("ms", "Ran", right=True, unit="ms"), Column("lines_added", "Added", right=True),
    Column("lines_removed", "Removed", right=True),
)  # fmt: skip


def _sheet(view: View, made: list[Step]) -> Sheet:
    rows = []
    for each in made:
        call = each.call
        rows.append([
            Cell(each.number), Cell(each.kind), Cell(each.at if view.viewer.own else None),
            Cell(each.uuid), Cell(each.name), Cell(each.target),
            Cell(call.status if call else None), Cell(call.ms if call else None),
            Cell(call.added if call and view.viewer.amounts else None),
            Cell(call.removed if call and view.viewer.amounts else None),
        ])  # fmt: skip
    return Sheet("steps", "Every step, in order.", _COLUMNS, rows)
