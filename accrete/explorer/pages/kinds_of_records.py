"""The records of a session by kind, on the page of its facts; and those of one kind, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from accrete.database.question import Question
from accrete.errors import AccreteError
from accrete.explorer.lines import named_by
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.present.formats import number
from accrete.queries.facts import WHOSE, KindRow, RecordRow, records
from accrete.queries.scope import Scope
from accrete.queries.sessions import SessionRow

RECORDS = 100
"""Records in the list of one kind at once."""
SHORT = 12
"""Characters of a record's id that are shown."""


def kind_sheet(view: View, rows: Sequence[KindRow]) -> Sheet:
    """How many records there are of each kind; each count opens them."""
    columns = (
        Column("kind", "Kind"),
        Column("main", "Main line", right=True, define="records"),
        Column("agents", "Subagents", right=True, define="records"),
        Column("copied", "Copied from another session", right=True, define="records"),
    )
    made = [
        [
            Cell(row.kind, row.kind.replace("_", " ")),
            *(
                Cell(n, number(n),
                     href=view.here(records=row.kind, of=whose, after=None) + "#records"
                     if n else None)
                for whose, n in zip(WHOSE, (row.main, row.agents, row.copied), strict=True)
            ),
        ]
        for row in rows
    ]  # fmt: skip
    caption = "Records of each kind; copied ones count in the session that they are from."
    return Sheet("kinds", caption, columns, made)


def asked_records(view: View, scope: Scope) -> Question[list[RecordRow]] | None:
    """The records of one kind that the URL asks for; None where it asks for none."""
    kind, whose = view.query.get("records") or None, view.query.get("of") or "main"
    if kind is None:
        return None
    if whose not in WHOSE:
        raise AccreteError(f"No records of {whose[:40]!r}. Choose one of: {', '.join(WHOSE)}.")
    try:
        return records(scope, kind, whose, limit=RECORDS + 1, after=view.query.get("after") or None)
    except ValueError:
        raise AccreteError("`after` is no place in a list. Leave it out.") from None


def record_sheet(view: View, head: SessionRow, found: Sequence[RecordRow]) -> Sheet:
    """The records that the URL asks for, a row each; each opens its step."""
    kind, whose = view.query["records"].replace("_", " "), view.query.get("of") or "main"
    rows = found[:RECORDS]
    said = {"main": "of the main line", "agents": "of subagents", "copied": "from another session"}
    return Sheet(
        "records",
        f"Records of the kind {kind}, {said[whose]}, in their order.",
        (Column("uuid", "Record"), Column("agent", "Subagent"),
         Column("at", "When", unit="UTC ms")),
        [
            [
                Cell(row.uuid, row.uuid[:SHORT], href=_shown_at(view, head, row)),
                Cell(row.agent or None, row.agent or "n/a",
                     why="" if row.agent else "It is of the main line."),
                Cell(row.at, when(row.at, view.local, view.now),
                     why="" if row.at is not None else "Its line has no time."),
            ]
            for row in rows
        ],
        older=view.here(after=rows[-1].place) + "#records" if len(found) > RECORDS else None,
        next_name="More",
        empty="None of that kind.",
    )  # fmt: skip


def _shown_at(view: View, head: SessionRow, row: RecordRow) -> str:
    """The page of the step that a record belongs to; the session, where it belongs to none."""
    name = named_by(row.step)
    part = f".{row.part}" if row.part and row.step == row.uuid else ""
    return view.link(f"/sessions/{head.id}" + (f"/steps/{name}{part}" if name else ""))
