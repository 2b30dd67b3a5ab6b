"""What a session did to files: one diff a file, from the record alone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from accrete.database.question import Together
from accrete.errors import AccreteError
from accrete.explorer.lines import named_by
from accrete.explorer.listings import called
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.templates import when
from accrete.explorer.view import MissingError, View
from accrete.outcomes.folding import Block
from accrete.outcomes.tool_names import SHELLS
from accrete.present.changes import Changes, FileChange, OneEdit, changes_of
from accrete.present.diff import diff_html
from accrete.present.formats import number, plural
from accrete.present.leads import of_changes
from accrete.queries.changes import ChangeRow, changes, edit_inputs
from accrete.queries.folders import session_folders, within
from accrete.queries.prompts import prompt_texts
from accrete.queries.replay import as_typed
from accrete.queries.sessions import session
from accrete.text.plain import squeeze, visible

LINES = 700
"""Lines of diffs on one page; files beyond are a link."""
OF_ONE = 400
"""Lines of one file's diff, unless the page is about it alone."""
ALONE = 6000
COLOURED = 240
"""Lines of diffs on one page whose code is coloured: that takes longer than all the rest."""
SIDES = ("landed", "proposed")
VIEWS = {"unified": "one below the other", "split": "side by side"}
"""How removed and added lines stand to each other."""
EDITS = {
    "tools": "Every edit that an edit tool made and that landed, in order.",
    "yours": "The edits that were changed before they landed, in order.",
    "back": "The edits of which nothing is left, in order.",
}
"""What the table of edits may be narrowed to, and what it is called then."""
BEGUN = {
    "cut": "The record holds only the first 32 KiB of a change, so what follows stands for itself.",
    "moved": "Something else changed these lines in between, so what follows stands for itself.",
    "again": "The file was removed and written again.",
    "unplaced": "The record has no line numbers for this edit.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A diff with what has to be said before it."""

    before: str
    diff: Markup | None
    notes: Sequence[str]


class Struck(NamedTuple):
    """An edit of which nothing is left."""

    name: str
    href: str
    diff: Markup


@dataclass(slots=True)
class Shown:
    """A file as the page has it. added: None where no lines are known; parts: None where its diff
    is on a page of its own."""

    anchor: str
    name: str
    was: Sequence[str]
    chips: Sequence[tuple[str, str]]
    added: int | None
    removed: int
    said: str
    alone: str
    parts: list[Part] | None
    struck: list[Struck]
    edits: Sequence[tuple[str, str]]


async def show(view: View) -> Page:
    """The changes of the session, or of one of its prompts, or to one of its files."""
    scope = await view.session()
    head = await view.ask(session(scope))
    if head is None or head.id != view.params["session"]:
        raise MissingError(f"No session {view.params['session'][:40]!r} in the record.")
    asked = Together()
    of_calls, of_inputs = asked.add(changes(scope)), asked.add(edit_inputs(scope))
    of_prompts = asked.add(prompt_texts(scope))
    of_folders = asked.add(session_folders(view.viewer.scope, [head.id]))
    answers = await view.ask(asked.rows)
    prompt, side, only = _asked(view)
    split = _split(view)
    title = f"Changes · {visible(squeeze(head.title or called(head)))}"
    chosen = view.query.get("file") or None

    @cache
    def folded() -> Changes:
        calls, inputs = of_calls(answers), of_inputs(answers)
        return changes_of(calls, inputs, prompt=prompt, as_proposed=side == "proposed")

    if chosen is not None and not any(
        each.path == chosen for each in (await asyncio.to_thread(folded)).files
    ):
        raise MissingError(f"This session changed no file {chosen[:200]!r}.")

    def made() -> Page:
        found = folded()
        folders = of_folders(answers).get(head.id, [])
        names = {
            each.path: visible(within(each.path, folders) or each.path) for each in found.files
        }
        files = [each for each in found.files if chosen in (None, each.path)]
        link = _links(view, head.id)
        hidden = () if view.viewer.amounts else ("added", "removed")
        return Page(
            title=title,
            current="/sessions",
            lead=_lead(view, files, found, prompt),
            figures=_figures(view, files),
            sheets=[
                _files(view, files, names).less(*hidden),
                _commands(view, found, link),
                _refused(view, found, names, folders, link),
                _edits(view, files, names, link, only).less(*hidden),
            ],
            parts={
                "session": head,
                "files": _shown(view, files, names, link, alone=chosen is not None, split=split),
                "views": [(words, view.here(lines=name), (name == "split") == split)
                          for name, words in VIEWS.items()],
                "chosen": chosen,
                "all_files": view.here(file=None),
                "prompts": _prompts(of_calls(answers), of_prompts(answers)),
                "prompt": prompt,
                "sides": [(name, view.here(**{"as": name}), name == side) for name in SIDES]
                if _differ(found)
                else [],
                "every": view.here(edits=None) + "#edits" if only else None,
                "commands": len(found.commands),
                "together": [
                    (_place(view, row), link(row),
                     diff_html(row.patch or "", cut=row.cut, label=f"Changed by command {nth}",
                               beside=split))
                    for nth, row in enumerate(found.together, 1)
                ],
                "refused": [
                    Struck(
                        f"{names.get(each.row.target or '') or within(each.row.target, folders)}"
                        f", {_place(view, each.row)}",
                        link(each.row),
                        diff_html(each.patch, each.row.target, label=f"Refused, {nth}",
                                  beside=split),
                    )
                    for nth, each in enumerate(found.refused, 1)
                    if each.patch
                ]
                if side == "proposed"
                else [],
            },
        )  # fmt: skip

    return Page(title=title, current="/sessions", streamed=True, rest=made)


def _asked(view: View) -> tuple[int | None, str, str | None]:
    given, side = view.query.get("prompt") or None, view.query.get("as") or SIDES[0]
    only = view.query.get("edits") or None
    if given is not None and not (given.isascii() and given.isdigit() and len(given) < 9):
        raise AccreteError(f"No prompt {given[:40]!r}. Prompts are numbered from 1.")
    if side not in SIDES:
        raise AccreteError(f"No edits as {side[:40]!r}. Choose one of: {', '.join(SIDES)}.")
    if only is not None and only not in EDITS:
        raise AccreteError(f"No edits {only[:40]!r}. Choose one of: {', '.join(EDITS)}.")
    return (None if given is None else int(given)), side, only


def _split(view: View) -> bool:
    given = view.query.get("lines") or "unified"
    if given not in VIEWS:
        raise AccreteError(f"No diffs as {given[:40]!r}. Choose one of: {', '.join(VIEWS)}.")
    return given == "split"


def _differ(found: Changes) -> bool:
    """Whether what was proposed is not all that landed."""
    changed = any(edit.proposed is not None for each in found.files for edit in each.edits)
    return changed or bool(found.refused)


def _by_tools(each: FileChange) -> list[OneEdit]:
    """The edits that edit tools made, not commands."""
    return [edit for edit in each.edits if edit.row.tool not in SHELLS]


def _lead(view: View, files: Sequence[FileChange], found: Changes, prompt: int | None) -> list[str]:
    edits = [edit for each in files for edit in each.edits]
    return of_changes(
        files=len(files),
        edits=len(edits),
        added=sum(each.added for each in files) if _known(files) else None,
        removed=sum(each.removed for each in files),
        yours=sum(edit.row.user_modified for edit in edits),
        yours_lines=sum(edit.changed or 0 for edit in edits),
        reverted=sum(len(each.reverted) for each in files),
        commands=len(found.commands),
        prompt=prompt,
        who="you" if view.viewer.own else "the person",
        amounts=view.viewer.amounts,
    )


def _known(files: Sequence[FileChange]) -> bool:
    """Whether the lines of any edit are known; of none that there were not."""
    return not files or any(edit.seen for each in files for edit in each.edits)


def _figures(view: View, files: Sequence[FileChange]) -> list[Figure]:
    edits = [edit for each in files for edit in _by_tools(each)]
    added, removed = sum(e.added for e in files), sum(e.removed for e in files)
    patches = [edit.row for each in files for edit in each.edits if edit.row.added is not None]
    every = (sum(row.added or 0 for row in patches), sum(row.removed or 0 for row in patches))
    both = f"+{number(every[0])} −{number(every[1])} edit by edit" if patches else ""
    lines = sum(edit.changed or 0 for edit in edits)
    yours = sum(edit.row.user_modified for edit in edits)
    reverted = sum(len(each.reverted) for each in files)
    known = _known(files)
    shown = [
        Figure("files-changed", "Files", len(files), number(len(files)), "", "#files"),
        Figure(
            "edits-landed",
            "Edits",
            len(edits),
            number(len(edits)),
            "",
            view.here(edits="tools") + "#edits",
        ),
        Figure(
            "lines-net",
            "Lines in the end",
            added - removed if known else None,
            f"+{number(added)} −{number(removed)}" if known else "—",
            both,
            "#files",
        ),
        Figure(
            "edits-changed-by-you",
            "Changed by you" if view.viewer.own else "Changed by the person",
            yours,
            number(yours),
            plural(lines, "line") if lines and view.viewer.amounts else "before they landed",
            view.here(edits="yours") + "#edits",
        ),
        Figure(
            "edits-reverted",
            "Taken back",
            reverted,
            number(reverted),
            "of the edits",
            view.here(edits="back") + "#edits",
        ),
    ]
    return [each for each in shown if each.key != "lines-net" or view.viewer.amounts]


class _links:  # noqa: N801 - used as a function
    """Where the step of a call is."""

    def __init__(self, view: View, session: str) -> None:
        self._steps = view.link(f"/sessions/{session}/steps/[]").split("%5B%5D")
        self._page = view.link(f"/sessions/{session}")

    def __call__(self, row: ChangeRow) -> str:
        name = named_by(row.uuid)
        return name.join(self._steps) if row.run else f"{self._page}#s-{name[:8]}"


def _place(view: View, row: ChangeRow) -> str:
    clock = view.local.text(row.at, "%H:%M") if row.at is not None and view.viewer.own else ""
    prompt = f"prompt {row.prompt}" if row.prompt else "before the first prompt"
    return ", ".join(each for each in (prompt, clock) if each)


def _prompts(rows: Sequence[ChangeRow], texts: Mapping[int, str]) -> list[tuple[int, str]]:
    """The prompts whose work changed something, with their first words."""
    made = sorted({row.prompt for row in rows if row.status == "ok" and (row.patch or row.added)})
    return [(n, f"{n}: {as_typed(texts[n])}" if n in texts else str(n) if n else "before the first")
            for n in made]  # fmt: skip


def _words(view: View, each: FileChange) -> list[tuple[str, str]]:
    """What is said of a file in a word: (word, tone)."""
    whose = "changed by you" if view.viewer.own else "changed by the person"
    said = [("new", "plain")] if each.created else []
    said += [("removed", "plain")] if each.deleted else []
    said += [("renamed", "plain")] if each.was else []
    said += [("taken back", "plain")] if each.undone else []
    said += [(whose, "mark")] if any(e.row.user_modified for e in each.edits) else []
    return said


def _shown(
    view: View,
    files: Sequence[FileChange],
    names: Mapping[str, str],
    link: _links,
    *,
    alone: bool,
    split: bool,
) -> list[Shown]:
    left, coloured = (ALONE if alone else LINES), COLOURED
    made = []
    for at, each in enumerate(files, 1):
        size = sum(block.patch.count("\n") for block in each.folded.blocks)
        parts = None
        if size <= left and size <= (ALONE if alone else OF_ONE):
            language = each.path if size <= coloured else None
            parts = [
                _part(block, each, language, f"{names[each.path]}, part {part}", split=split)
                for part, block in enumerate(each.folded.blocks, 1)
            ]
            left, coloured = left - size, coloured - (size if language else 0)
        struck = []
        for nth, edit in enumerate(each.reverted, 1):
            lines = edit.patch.count("\n")
            if lines <= min(left, OF_ONE):
                left -= lines
                label = f"Taken back, {nth}: {names[each.path]}"
                diff = diff_html(edit.patch, None, cut=edit.row.cut, label=label, beside=split)
                struck.append(Struck(_place(view, edit.row), link(edit.row), diff))
        made.append(
            Shown(
                anchor=f"f-{at}", name=names[each.path], was=each.was, chips=_words(view, each),
                added=each.added if _known([each]) else None, removed=each.removed,
                said=_said(view, each),
                alone=view.here(file=each.path), parts=parts, struck=struck,
                edits=[(_place(view, edit.row), link(edit.row)) for edit in each.edits],
            )
        )  # fmt: skip
    return made


def _part(block: Block, each: FileChange, language: str | None, name: str, *, split: bool) -> Part:
    notes = []
    if block.shifted:
        notes.append(
            f"{plural(block.shifted, 'line')} came or went between these edits without a record, "
            "so line numbers may be off by as many."
        )
    if block.unseen:
        notes.append(f"{plural(block.unseen, 'more line')} written that the record does not hold.")
    cut = any(each.edits[at].row.cut for at in block.edits)
    diff = diff_html(block.patch, language, cut=cut, label=f"Change to {name}", beside=split)
    return Part(BEGUN.get(block.begun, ""), diff if block.patch else None, notes)


def _said(view: View, each: FileChange) -> str:
    said, who = [], "You" if view.viewer.own else "The person"
    if each.undone:
        said.append("Nothing is left of what was done to it.")
    if unseen := each.unseen:
        said.append(f"The record does not hold the lines of {plural(len(unseen), 'edit')}.")
    yours = [edit for edit in each.edits if edit.row.user_modified]
    known = [edit.changed for edit in yours if edit.changed is not None]
    if known:
        said.append(f"{who} changed {plural(sum(known), 'line')} before it landed.")
    elif yours:
        said.append(f"{who} changed what was proposed; how much is not known.")
    return " ".join(said)


def _files(view: View, files: Sequence[FileChange], names: Mapping[str, str]) -> Sheet:
    columns = (
        Column("file", "File"),
        Column("edits", "Edits", right=True, define="edits"),
        Column("added", "Added", right=True, unit="lines", define="lines-net"),
        Column("removed", "Removed", right=True, unit="lines", define="lines-net"),
        Column("state", "State"),
    )
    rows = []
    for at, each in enumerate(files, 1):
        words = ", ".join(word for word, _ in _words(view, each))
        rows.append(
            [
                Cell(each.path, names[each.path], href=f"#f-{at}",
                     under=f"before: {', '.join(each.was)}" if each.was else ""),
                Cell(len(each.edits), number(len(each.edits))),
                _lines(each.added, each),
                _lines(each.removed, each),
                Cell(words or "changed", words or "changed"),
            ]
        )  # fmt: skip
    empty = "No edit of this session landed in a file."
    return Sheet("files", "The most edited first; lines in the end.", columns, rows, empty=empty)


def _lines(n: int, each: FileChange) -> Cell:
    if len(each.unseen) == len(each.edits):
        return Cell(None, "—", why="The record does not hold the lines of its edits.")
    return Cell(n, number(n))


def _commands(view: View, found: Changes, link: _links) -> Sheet:
    columns = (Column("command", "Command"), Column("prompt", "Prompt", right=True))
    rows = [
        [Cell(row.target, row.target or "—", href=link(row)), Cell(row.prompt, number(row.prompt))]
        for row in found.commands
    ]
    caption = "What commands changed is not in the record; these may have changed files."
    return Sheet("commands", caption, columns, rows, empty="No command looks as if it wrote files.")


def _refused(
    view: View, found: Changes, names: Mapping[str, str], folders: list[str], link: _links
) -> Sheet:
    columns = (
        Column("file", "File"),
        Column("tool", "Tool"),
        Column("prompt", "Prompt", right=True),
    )
    rows = [
        [
            Cell(row.target, within(row.target, folders) or "—", href=link(row)),
            Cell(row.tool, row.tool),
            Cell(row.prompt, number(row.prompt)),
        ]
        for row in (each.row for each in found.refused)
    ]
    return Sheet("refused", "Proposed, and refused.", columns, rows, empty="No edit was refused.")


def _edits(
    view: View,
    files: Sequence[FileChange],
    names: Mapping[str, str],
    link: _links,
    only: str | None,
) -> Sheet:
    columns = (
        Column("file", "File"),
        Column("prompt", "Prompt", right=True),
        Column("at", "When", unit="UTC ms"),
        Column("tool", "Tool"),
        Column("added", "Added", right=True, unit="lines", define="lines"),
        Column("removed", "Removed", right=True, unit="lines", define="lines"),
        Column("state", "What became of it"),
    )
    back = {id(edit) for each in files for edit in each.reverted}
    every = [(each, edit) for each in files for edit in each.edits
             if only is None or _is(edit, only, id(edit) in back)]  # fmt: skip
    every.sort(key=lambda pair: (pair[1].row.at is None, pair[1].row.at or 0))
    rows = []
    for each, edit in every:
        row, state = edit.row, _state(view, edit, id(edit) in back)
        unknown = "The record has no patch of it."
        rows.append(
            [
                Cell(row.target, names[each.path], href=link(row)),
                Cell(row.prompt, number(row.prompt)),
                Cell(row.at, when(row.at, view.local, view.now)),
                Cell(row.tool, row.tool),
                Cell(row.added, number(row.added), why="" if row.added is not None else unknown),
                Cell(row.removed, number(row.removed),
                     why="" if row.removed is not None else unknown),
                Cell(state, state),
            ]
        )  # fmt: skip
    caption = EDITS[only] if only else "Every edit that landed, in order."
    return Sheet("edits", caption, columns, rows, empty="No edits.")


def _is(edit: OneEdit, only: str, back: bool) -> bool:
    """Whether an edit is of those that the table is narrowed to, a key of EDITS."""
    if only == "back":
        return back
    by_tool = edit.row.tool not in SHELLS
    return by_tool and (only == "tools" or edit.row.user_modified)


def _state(view: View, edit: OneEdit, back: bool) -> str:
    said = "taken back" if back else "landed"
    if edit.row.user_modified:
        lines = f" {plural(edit.changed, 'line')}" if edit.changed is not None else ""
        said += f", {'you' if view.viewer.own else 'the person'} changed{lines or ' it'}"
    if edit.row.cut:
        said += ", cut at 32 KiB"
    return said if edit.seen else f"{said}, lines not recorded"
