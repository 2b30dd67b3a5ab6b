"""What could be had for less on the costs page: findings in money, with their moments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from accrete.explorer.lines import step_at
from accrete.explorer.listings import untitled
from accrete.explorer.page import Cell, Column, Sheet
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.present.formats import least, money, number, plural, span, tokens
from accrete.queries.findings import Called, Finding, Findings, Found

ROWS = 31
"""Moments of one kind that are shown."""
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
_DEFINED = {"cold": "cold-returns", "switches": "model-switches", "outputs": "large-outputs"}


class Told(NamedTuple):
    """A finding as its heading and its sentence have it. key: of its table; define: of its
    definition; rows: what its table is called."""

    key: str
    define: str
    title: str
    amount: str
    words: str
    rows: str


def told(view: View, key: str, some: Found, found: Findings) -> Told:
    """One kind of findings (a key of TITLES) as a heading and a sentence."""
    n, where = some.n, f"in {plural(some.sessions, 'session')}"
    written = tokens(some.tokens)
    words = {
        "cold": f"{plural(n, 'time')} {where} a prompt came after the cache had run out, and "
        f"{written} tokens were written to it again. It lasts five minutes, or an hour.",
        "switches": f"{plural(n, 'time')} {where} another model took over, and {written} tokens "
        "were written to its cache. A cache is of one model.",
        "outputs": f"{plural(n, 'time')} {where} one step brought 10k tokens or more into the "
        "context, which later responses read again.",
    }[key]
    if not n:
        known = key != "outputs" or found.told or not found.untold
        words = "None in this range." if known else "Not known in this range."
    if key == "outputs" and found.untold:
        words += (
            f" Known of {number(found.told)} of {number(found.told + found.untold)} steps: "
            "older clients did not write down all output."
        )
    return Told(
        key, _DEFINED[key], TITLES[key], least(some.nano, some.unpriced) if n else "",
        words,
        f"The {min(n, ROWS)} most expensive" if n > ROWS else plural(n, "moment") if n else "",
    )  # fmt: skip


def sheets(view: View, found: Findings, called: dict[str, Called]) -> list[Sheet]:
    """A table for each kind of findings. called: for an output, by the message id of the response
    that called, the call with the largest one."""
    pause = Column("pause_ms", "Pause", right=True, unit="ms", define=_DEFINED["cold"])
    again, instead = (
        Column("tokens", "Written again", right=True, unit="tokens", define=_DEFINED[key])
        for key in ("cold", "switches")
    )
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
            (Column("before", "From"), Column("model", "To"), instead),
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
                Column("tokens", "Brought", right=True, unit="tokens", define=_DEFINED["outputs"]),
                Column(
                    "later", "Read again", right=True, unit="responses", define=_DEFINED["outputs"]
                ),
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
    some: Found,
    columns: Sequence[Column],
    cells: Callable[[Finding], list[Cell]],
    called: dict[str, Called],
) -> Sheet:
    """The findings of one kind, a row each, at most ROWS; each opens the prompt, or the call."""
    made = []
    for each in some.rows:
        call = called.get(each.called)
        uuid = call.uuid if call else each.uuid
        where = step_at(view, each.session, uuid)
        made.append(
            [
                Cell(each.session, each.title or untitled(view, each.session, each.at), href=where),
                Cell(each.at, when(each.at, view.local, view.now)),
                *cells(each),
                Cell(each.nano, money(each.nano), why=_no_price(each.nano)),
            ]
        )
    more = f" The first {ROWS} of {some.n}." if some.n > ROWS else ""
    return Sheet(
        key,
        f"{TITLES[key]}, the most expensive first.{more}",
        (
            Column("session", "Session"),
            Column("at", "When", unit="UTC ms"),
            *columns,
            Column(
                "nano", "Cost", right=True, unit="nano-dollars at list prices", define=_DEFINED[key]
            ),
        ),
        made,
        empty="None in this range.",
    )


def _no_price(nano: int | None) -> str:
    return "" if nano is not None else "The model has no known list price."
