"""What every figure means, and how much of the record it covers."""

from __future__ import annotations

from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.view import View
from accrete.present.definitions import BASES, SECTIONS, versions
from accrete.present.formats import number, percent
from accrete.queries.health import Coverage, coverage


async def show(view: View) -> Page:
    """All definitions, the versions that they rest on, and the coverage of the whole record."""
    found: Coverage | None = None
    if view.viewer.own:
        found = await view.ask(coverage(view.viewer.scope))
    return Page(
        title="Definitions",
        lead=[
            "What every figure counts, where it comes from and how well it is known.",
            "Unknown is — and never 0.",
        ],
        sheets=[*([_coverage(view, found)] if found else []), _versions(), _definitions()],
        parts={"sections": SECTIONS, "bases": BASES},
    )


def _coverage(view: View, found: Coverage) -> Sheet:
    """How much of the record the figures cover."""
    columns = (
        Column("what", "What"),
        Column("covered", "Covered", right=True, define="covered"),
        Column("whole", "of", right=True, define="covered"),
        Column("share", "Share", right=True, define="covered"),
        Column("missing", "Not covered", right=True, define="covered"),
    )
    every = {"range": "all", "who": "all"}
    rows = [
        [
            Cell(words, words),
            Cell(part, number(part)),
            Cell(whole, number(whole), href=view.bare(path, **every) if whole else None),
            Cell(part / whole if whole else None, percent(part, whole),
                 why="" if whole else "There is none in the record."),
            Cell(whole - part, number(whole - part),
                 href=view.bare(path, **every, lacks=lacks) if whole > part else None),
        ]
        for words, part, whole, path, lacks in (
            ("Responses with a price", found.responses - found.unpriced, found.responses,
             "/responses", "price"),
            ("Responses with their whole output", found.responses - found.lower_bound,
             found.responses, "/responses", "whole output"),
            ("Responses at a confirmed price", found.responses - found.price_assumed,
             found.responses, "/responses", "confirmed price"),
            ("Sessions with a known outcome", found.outcomes, found.sessions,
             "/sessions", "outcome"),
            ("Sessions by the current rules", found.current, found.sessions,
             "/sessions", "current rules"),
            ("Sessions whose transcript is on disk", found.on_disk, found.sessions,
             "/sessions", "transcript"),
        )
    ]  # fmt: skip
    return Sheet("coverage", "The whole record, automated sessions included.", columns, rows)


def _versions() -> Sheet:
    columns = (Column("what", "What"), Column("version", "Version"))
    rows = [[Cell(what, what), Cell(version, version)] for what, version in versions()]
    return Sheet("versions", "What the figures rest on.", columns, rows)


def _definitions() -> Sheet:
    columns = tuple(
        Column(key, name)
        for key, name in (("key", "Key"), ("name", "Name"), ("unit", "Unit"),
                          ("counts", "What it counts"), ("basis", "Basis"),
                          ("source", "Source"))
    )  # fmt: skip
    rows = [
        [Cell(value, value or "number") for value in each]
        for some in SECTIONS.values()
        for each in some
    ]
    return Sheet("definitions", "All definitions.", columns, rows)
