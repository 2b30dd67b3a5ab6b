"""What is kept, how complete it is, what will be lost next, and how to take it away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import nsmallest
from itertools import chain
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from accrete.care.disk import OnDisk
from accrete.care.download import FORMATS
from accrete.edge.retention import kept_for
from accrete.errors import AccreteError
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.response import PRIVATE, as_asked
from accrete.explorer.templates import when
from accrete.explorer.view import MissingError, View, view_of
from accrete.explorer.viewer import Keeping
from accrete.model.tables import EXPORTED
from accrete.present.formats import number, plural, size
from accrete.present.leads import of_data
from accrete.queries.health import Completeness, SourceHealth, completeness

DAY_MS = 86_400_000
SOON_DAYS = 7
ROWS, FILES = 200, 100
"""Sessions, and files, in one table."""
LAYOUTS = {
    "main": "Sessions",
    "subagent": "Subagents",
    "subagent_beside": "Subagents, older layout",
    "workflow": "Workflows",
    "journal": "Journals of workflows",
    "history": "Prompts that were typed (history.jsonl)",
}


class Known(NamedTuple):
    """The sessions that are known, by id. recorded: those in the record; broken: of these the ones
    of which something could not be read; waiting: those of which a file holds more than was read;
    lost: those of which only typed prompts are left."""

    recorded: frozenset[str]
    broken: frozenset[str]
    waiting: frozenset[str]
    lost: frozenset[str]

    @property
    def known(self) -> int:
        """How many they are."""
        return self.whole + self.in_part + len(self.lost)

    @property
    def whole(self) -> int:
        """How many are whole."""
        return len(self.recorded) - len(self.broken) - len(self._waiting & self.recorded)

    @property
    def in_part(self) -> int:
        """How many are neither whole nor lost."""
        return len(self.broken) + len(self._waiting)

    @property
    def _waiting(self) -> frozenset[str]:
        return self.waiting - self.broken

    def of(self, which: str) -> tuple[int, Iterable[str]]:
        """How many are "whole", "lost", or "" for not whole, and their ids."""
        if which == "whole":
            return self.whole, (one for one in self.recorded if not self.missing(one))
        if which == "lost":
            return len(self.lost), self.lost
        return self.in_part + len(self.lost), chain(self.broken, self._waiting, self.lost)

    def missing(self, session: str) -> str:
        """What is missing of one, "" where it is whole."""
        if session in self.lost:
            return (
                "Claude Code deleted its transcript before it was read; its typed prompts are left."
            )
        if session in self.waiting:
            return "Its transcript has content that was not read yet."
        if session in self.broken:
            return "Some of it could not be read, or it has no transcript."
        return ""


async def show(view: View) -> Page:
    """The state of the record."""
    keeping = _keeping(view)
    found = await view.ask(completeness(view.viewer.scope))
    disk = await keeping.disk(found.sources)
    counted = known(found, disk)
    loss = disk.first_loss_at
    soon = disk.deleted_by(view.now + SOON_DAYS * DAY_MS)
    files = _files(view, found)
    return Page(
        title="Data",
        current="/data",
        lead=of_data(
            known=counted.known,
            whole=counted.whole,
            only_typed=len(counted.lost),
            next_loss=view.local.text(loss, "%-d %b") if loss is not None else None,
            losing=len(disk.behind),
            on_disk=disk.files,
        ),
        figures=[
            Figure("sessions-known", "Sessions known", counted.known, number(counted.known),
                   href=view.bare("/sessions", range="all", who="all")),
            Figure("sessions-whole", "Whole", counted.whole, number(counted.whole),
                   f"{number(counted.in_part)} in part", _rows_of(view, "whole")),
            Figure("sessions-lost", "Lost", len(counted.lost), number(len(counted.lost)),
                   href=_rows_of(view, "lost")),
            Figure("files-behind", "Files to read", len(disk.behind), number(len(disk.behind)),
                   f"of {number(disk.files)} on disk", "#behind"),
            Figure("record-size", "Size", keeping.size(), size(keeping.size()), href="#backup"),
        ],
        sheets=[
            _sources(view, found, disk),
            _behind(view, disk),
            _troubles(found),
            _incomplete(view, counted),
            *([files] if files else []),
        ],
        parts={
            "chosen": view.query.get("sessions"),
            "files": files is not None,
            "last_read": found.last_read_at,
            "kept_for": kept_for(disk.kept_days, disk.kept_said),
            "kept_days": disk.kept_days,
            "soon": plural(len(soon), "session") if soon else None,
            "soon_days": SOON_DAYS,
            "database": str(keeping.database),
            "tables": EXPORTED,
        },
    )  # fmt: skip


def known(found: Completeness, disk: OnDisk) -> Known:
    """Which sessions are known, whole and lost. What is on disk and not read yet is neither."""
    waiting = frozenset(each.session for each in disk.behind if each.session)
    return Known(
        recorded=found.sessions,
        broken=found.broken,
        waiting=waiting,
        lost=found.only_typed - waiting - disk.sessions.keys(),
    )


def _rows_of(view: View, which: str) -> str:
    return view.bare("/data", sessions=which) + "#incomplete"


def _incomplete(view: View, counted: Known) -> Sheet:
    """The sessions that are not whole; those that are whole or lost alone where the URL asks for
    them, ROWS of them that follow `after`."""
    columns = (Column("session", "Session"), Column("why", "What is missing"))
    which, after = view.query.get("sessions") or "", view.query.get("after") or ""
    captions = {
        "": "Sessions that are not whole.",
        "whole": "Sessions that are whole.",
        "lost": "Sessions that are lost.",
    }
    if which not in captions:
        raise AccreteError(f"No sessions {which[:40]!r}. Choose whole or lost, or leave it out.")
    caption, (total, ids) = captions[which], counted.of(which)
    rest = [one for one in ids if one > after]
    first = total - len(rest)
    shown = nsmallest(ROWS, rest)
    rows = [
        [
            Cell(one, one[:8], None if one in counted.lost else view.bare(f"/sessions/{one}")),
            Cell(why := counted.missing(one) or "nothing", why),
        ]
        for one in shown
    ]
    if total > ROWS:
        caption += f" {first + 1} to {first + len(shown)} of {number(total)}."
    more = None
    if len(rest) > ROWS:
        more = view.bare("/data", sessions=which or None, after=shown[-1]) + "#incomplete"
    return Sheet("incomplete", caption, columns, rows, empty="None.",
                 older=more, next_name="The next")  # fmt: skip


def _sources(view: View, found: Completeness, disk: OnDisk) -> Sheet:
    """The files that were read, by what they hold."""
    by_layout: dict[str, list[SourceHealth]] = defaultdict(list)
    for source in found.sources:
        by_layout[source.layout].append(source)
    columns = (
        Column("layout", "What"),
        Column("files", "Files", right=True, define="files-read"),
        Column("bytes", "Read", right=True, unit="bytes", define="bytes-read"),
        Column("lines", "Lines", right=True, define="lines-read"),
        Column("malformed", "Not readable", right=True, define="lines-malformed"),
        Column("gone", "Gone from disk", right=True, define="files-gone"),
    )
    rows = []
    for layout in sorted(by_layout, key=lambda each: list(LAYOUTS).index(each)):
        files = by_layout[layout]
        bytes_ = sum(each.read_to for each in files)
        lines = sum(each.counts.lines for each in files)
        malformed = sum(each.counts.malformed for each in files)
        gone = sum(each.missing_at is not None for each in files)
        rows.append(
            [
                Cell(layout, LAYOUTS[layout], href=_files_of(view, layout)),
                Cell(len(files), number(len(files)), href=_files_of(view, layout)),
                Cell(bytes_, size(bytes_)),
                Cell(lines, number(lines)),
                Cell(
                    malformed,
                    number(malformed),
                    href=_files_of(view, layout, "malformed") if malformed else None,
                ),
                Cell(gone, number(gone), href=_files_of(view, layout, "gone") if gone else None),
            ]
        )
    places = ", ".join(disk.places or disk.looked)
    read = when(found.last_read_at, view.local, view.now)
    return Sheet(
        "sources", f"Files that were read from {places}; last read {read}.", columns, rows,
        empty=f"Nothing was read yet. Accrete looks in {places}.",
    )  # fmt: skip


def _files_of(view: View, layout: str, only: str | None = None) -> str:
    return view.bare("/data", files=layout, only=only) + "#files"


_ONLY: dict[str, Callable[[SourceHealth], bool]] = {
    "": lambda each: True,
    "malformed": lambda each: bool(each.counts.malformed),
    "gone": lambda each: each.missing_at is not None,
}
"""Which files are listed: all, those with lines that could not be read, those gone from disk."""


def _files(view: View, found: Completeness) -> Sheet | None:
    """The files of one layout that the URL asks for, FILES of them that follow `after`; None where
    it asks for none."""
    layout, only = view.query.get("files") or "", view.query.get("only") or ""
    if not layout:
        return None
    if layout not in LAYOUTS or only not in _ONLY:
        raise AccreteError(f"No such files. Choose one of: {', '.join(LAYOUTS)}.")
    chosen = [each for each in found.sources if each.layout == layout and _ONLY[only](each)]
    order = sorted(chosen, key=lambda each: each.path)
    after = view.query.get("after") or ""
    first = sum(each.path <= after for each in order)
    shown = order[first : first + FILES]
    more = None
    if first + FILES < len(order):
        more = view.here(after=shown[-1].path) + "#files"
    said = {"": "", "malformed": ", with lines that could not be read", "gone": ", gone from disk"}
    part = f" {first + 1} to {first + len(shown)}." if len(order) > FILES else ""
    return Sheet(
        "files",
        f"{plural(len(order), 'file')} of {LAYOUTS[layout].lower()}{said[only]}.{part}",
        (
            Column("path", "File"),
            Column("bytes", "Read", right=True, unit="bytes", define="bytes-read"),
            Column("lines", "Lines", right=True, define="lines-read"),
            Column("malformed", "Not readable", right=True, define="lines-malformed"),
            Column("gone_at", "Gone from disk", unit="UTC ms", define="files-gone"),
        ),
        [
            [
                Cell(each.path, each.path),
                Cell(each.read_to, size(each.read_to)),
                Cell(each.counts.lines, number(each.counts.lines)),
                Cell(each.counts.malformed, number(each.counts.malformed)),
                Cell(each.missing_at, when(each.missing_at, view.local, view.now)
                     if each.missing_at is not None else "n/a",
                     why="" if each.missing_at is not None else "It is there."),
            ]
            for each in shown
        ],
        older=more,
        next_name="The next",
        empty="None.",
    )  # fmt: skip


def _behind(view: View, disk: OnDisk) -> Sheet:
    columns = (
        Column("path", "File"),
        Column("bytes", "Size", right=True, unit="bytes", define="files-behind"),
        Column("changed_at", "Changed", unit="UTC ms"),
        Column("deleted_at", "May be deleted from", unit="UTC ms"),
    )
    rows = [
        [
            Cell(str(each.path), str(each.path)),
            Cell(each.size, size(each.size)),
            Cell(each.changed_at, when(each.changed_at, view.local, view.now)),
            Cell(each.changed_at + disk.lifetime_ms,
                 view.local.text(each.changed_at + disk.lifetime_ms, "%-d %b %Y")),
        ]
        for each in sorted(disk.behind, key=lambda each: each.changed_at)
    ]  # fmt: skip
    return Sheet(
        "behind", "Files with content that is not in the record, the first to go first.", columns,
        rows,
        empty="All of them are in the record." if disk.files else "There are none at the moment.",
    )  # fmt: skip


def _troubles(found: Completeness) -> Sheet:
    columns = (Column("path", "File"), Column("problem", "What is wrong"))
    rows = []
    for source in sorted(found.sources, key=lambda each: each.path):
        lines = plural(source.counts.malformed, "line")
        said = source.error or (
            f"{lines} could not be read and was skipped." if source.counts.malformed else None
        )
        if said:
            rows.append([Cell(source.path, source.path), Cell(said, said)])
    return Sheet("troubles", "Files with something that could not be read.", columns, rows,
                 empty="Every line could be read.")  # fmt: skip


async def redactions(request: Request) -> Response:
    """What redaction replaced, by kind. It is counted while nothing else is read: it takes seconds
    on a long record."""
    viewer = await request.app.state.viewer_of(request)
    if viewer.keeping is None:
        raise MissingError("There is no such page.")
    found = await viewer.keeping.redactions()
    async with viewer.source.reading() as reader:
        view = view_of(request, viewer, reader)
    columns = (
        Column("kind", "Kind"),
        Column("times", "Replaced", right=True, define="redactions"),
    )
    rows = [[Cell(kind, kind), Cell(n, number(n))] for kind, n in found]
    total = sum(n for _, n in found)
    lead = (
        f"{plural(total, 'secret was', 'secrets were')} replaced in stored texts."
        if total
        else "No secret was found in what was stored."
    )
    sheet = Sheet("redactions", "By kind, the most frequent first.", columns, rows,
                  empty="Nothing was replaced.")  # fmt: skip
    page = Page("Redactions", "/data", [lead], sheets=[sheet])
    return as_asked(request, view, page, "redactions.html")


async def export(request: Request) -> Response:
    """The record as a download: `format`, and `table` for one table."""
    viewer = await request.app.state.viewer_of(request)
    if viewer.keeping is None:
        raise MissingError("There is no such page.")
    form, table = (request.query_params.get(name) or None for name in ("format", "table"))
    if form not in FORMATS:
        raise AccreteError(f"No format {str(form)[:40]!r}. Choose one of: {', '.join(FORMATS)}.")
    if table is not None and table not in EXPORTED:
        raise AccreteError(f"No table {table[:40]!r}. Choose one of: {', '.join(EXPORTED)}.")
    if table is None and form != "jsonl":
        table = "session"
    name = f"accrete-{table or 'record'}.{form}".replace("_", "-")
    async with viewer.source.reading():
        pass  # there is a record, and this program can read it: else the answer is a sentence
    return StreamingResponse(
        viewer.keeping.export(form, table),
        media_type=f"{FORMATS[form]}; charset=utf-8",
        headers={**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _keeping(view: View) -> Keeping:
    if view.viewer.keeping is None:
        raise MissingError("There is no such page.")
    return view.viewer.keeping
