"""Responses: what a cost, its tokens and its count of responses are made of, a row each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from accrete.clock import LocalTime
from accrete.database.question import Together
from accrete.errors import AccreteError
from accrete.explorer.lines import step_at
from accrete.explorer.listings import all_tokens, known, money_cell, untitled
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.templates import clock, when
from accrete.explorer.view import View
from accrete.present.formats import least, number, plural, tokens
from accrete.queries.billed import LACKS, After, BilledRow, Chosen, billed, billed_sum, last_day
from accrete.queries.costs import CostRow
from accrete.queries.projects import known_projects
from accrete.queries.scope import ZONES_MS, Scope

PAGE = 50
LOOKED_AT = (2, 14, 90)
"""Days that are looked at first for the newest responses."""
MOST_DIGITS = 14
"""Of a number in a URL: more are no place, and no time that a calendar has."""
NAMES = {
    "session": "Session", "project": "Project", "branch": "Branch", "model": "Model",
    "outcome": "Outcome", "prompt": "Prompt", "subagent": "Subagent", "skill": "Skill",
    "plugin": "Plugin", "server": "MCP server", "window": "Five hours from",
    "places": "Main line, places", "lacks": "Lacks",
}  # fmt: skip
"""What narrows the list, as URLs name it, and what it is called."""
WITHIN = ("prompt", "places")
"""Of these what is numbered within a session."""
STAY_HERE = ("plugin", "server")
"""Of these what does not leave a machine: a team server cannot tell it."""


async def show(view: View) -> Page:
    """The responses of the range, and what is billed beside them, as the URL narrows them."""
    scope, chosen = await _scope(view)
    after = _after(view.query.get("after"))
    total, found = await _newest(view, scope, chosen, after)
    rows = found[:PAGE]
    older = view.here(after=After.of(rows[-1]).write()) if len(found) > PAGE else None
    return Page(
        title="Responses",
        current="/costs",
        live=True,
        lead=[
            f"{plural(total.responses, 'response')} in {plural(total.sessions, 'session')}."
            if total.sessions
            else "Nothing was billed that matches."
        ],
        figures=_figures(view, total),
        sheets=[_table(view, rows, older)],
        parts={
            "narrowed": [
                (name, await _said(view, key, value), _without(view, key))
                for key, name in NAMES.items()
                if (value := view.query.get(key))
            ],
            "newest": view.here(after=None) if after else None,
        },
    )


def _without(view: View, key: str) -> str:
    """The list without what narrows it by a key; with a session goes what is numbered within it."""
    gone = (key, *(WITHIN if key == "session" else ()), "after")
    return view.here(**dict.fromkeys(gone))


async def _newest(
    view: View, scope: Scope, chosen: Chosen, after: After | None
) -> tuple[CostRow, list[BilledRow]]:
    """All of it added up, and a page of it and one more, of one moment. The last days are looked at
    first, then, where the sum is in rollups, more of them: all responses are many. A row of an
    earlier local day is not newer than those that are found, whatever the zones of both, as long
    as these are ZONES_MS from the first day that is read."""
    if after is not None and after.at:
        last = view.local.day(after.at)
    else:
        last = await view.ask(last_day(scope))
    tried = LOOKED_AT[:1] if chosen.set else LOOKED_AT
    for days in tried if last and scope.session is None else ():
        first = (date.fromisoformat(last) - timedelta(days)).isoformat()
        if scope.since is not None and first <= scope.since:
            break
        total, found = await _at_once(view, scope, chosen, after, first)
        safe = LocalTime("UTC").start_of_day(first) + ZONES_MS
        if len(found) > PAGE and (found[-1].at or 0) >= safe:
            return total, found
    return await _at_once(view, scope, chosen, after, scope.since)


async def _at_once(
    view: View, scope: Scope, chosen: Chosen, after: After | None, since: str | None
) -> tuple[CostRow, list[BilledRow]]:
    """The sum of a scope, and what a page has of it from a day on."""
    asked = Together()
    of_sum = asked.add(billed_sum(scope, chosen))
    of_rows = asked.add(billed(replace(scope, since=since), chosen, limit=PAGE + 1, after=after))
    rows = await view.ask(asked.rows)
    return of_sum(rows), of_rows(rows)


async def _scope(view: View) -> tuple[Scope, Chosen]:
    """The rows and what of them the URL asks for. Raises AccreteError for what it cannot read."""
    given = {name: view.query.get(name) or None for name in NAMES}
    here = view.viewer.keeping is not None
    if not here and (any(given[name] for name in STAY_HERE) or given["lacks"] in STAY_HERE):
        raise AccreteError("Plugins and MCP servers are known on their machine alone.")
    if given["lacks"] not in (None, *LACKS):
        wrong = str(given["lacks"])[:40]
        raise AccreteError(f"No responses lack {wrong!r}. Choose one of: {', '.join(LACKS)}.")
    if given["session"] is None and any(given[name] for name in WITHIN):
        raise AccreteError("Prompts and places are numbered within a session. Name it: session=…")
    scope = replace(
        view.scope, session=given["session"], branch=given["branch"], model=given["model"]
    )
    prompt, window, places = given["prompt"], given["window"], given["places"]
    return scope, Chosen(
        outcome=given["outcome"],
        prompt=_number(prompt) if prompt is not None else None,
        subagent=given["subagent"],
        skill=given["skill"],
        plugin=given["plugin"],
        server=given["server"],
        window=_number(window) if window is not None else None,
        places=_places(places) if places is not None else None,
        lacks=given["lacks"],
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise AccreteError(f"{text[:40]!r} is not a whole number.")
    return int(text)


def _places(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return _number(first), _number(last)


def _after(text: str | None) -> After | None:
    try:
        return After.read(text) if text else None
    except ValueError:
        wrong = str(text)[:40]
        raise AccreteError(f"{wrong!r} is no place in a list. Go back to the newest.") from None


async def _said(view: View, key: str, value: str) -> str:
    """What narrows the list, in words."""
    if key == "project":
        known = await view.ask(known_projects(view.viewer.scope))
        return next((each.name for each in known if each.id == value), value)
    if key == "window":
        return when(_number(value), view.local, view.now)
    return value


def _figures(view: View, total: CostRow) -> list[Figure]:
    cost = least(total.cost_nano, total.unpriced, total.lower_bound)
    own = view.viewer.api_equivalent
    return [
        Figure("responses", "Responses", total.responses, number(total.responses),
               href="#responses"),
        Figure("sessions", "Sessions", total.sessions, number(total.sessions), href="#responses"),
        Figure("tokens", "Tokens", all_tokens(total), tokens(all_tokens(total)),
               href="#responses"),
        Figure("cost", "Cost, API-equivalent" if own else "Cost",
               known(total.cost_nano, total.unpriced), cost,
               f"{number(total.unpriced)} without a price" if total.unpriced else "",
               "#responses"),
    ]  # fmt: skip


def _table(view: View, rows: list[BilledRow], older: str | None) -> Sheet:
    columns = (
        Column("session", "Session"),
        Column("at", "When", unit="UTC ms"),
        Column("model", "Model"),
        Column("input_tokens", "Input", right=True, unit="tokens", define="tokens"),
        Column("cache_read_tokens", "Cache reads", right=True, unit="tokens", define="tokens"),
        Column("cache_write_tokens", "Cache writes", right=True, unit="tokens", define="tokens"),
        Column("output_tokens", "Output", right=True, unit="tokens", define="tokens"),
        Column("cost_nano", "Cost", right=True, unit="nano-dollars", define="cost"),
    )
    return Sheet(
        "responses",
        f"{view.range.label}, newest first: every response, and what is billed beside one.",
        columns,
        [
            [
                Cell(
                    row.session,
                    row.title or untitled(view, row.session, row.at),
                    href=step_at(view, row.session, row.uuid or "", row.run if row.uuid else ""),
                    under=_under(row),
                ),
                Cell(row.at, _moment(view, row.at),
                     why="" if row.at is not None else "Its line has no time."),
                Cell(row.model or None, row.model or "—",
                     why="" if row.model else "Its line names no model."),
                *(Cell(n, tokens(n)) for n in (row.input_tokens, row.cache_read_tokens,
                                               row.cache_write_tokens, row.output_tokens)),
                money_cell(row.cost_nano or 0, int(row.cost_nano is None), row.lower_bound),
            ]
            for row in rows
        ],
        older=older,
        empty="Nothing was billed that matches. Remove a filter, or choose a longer range.",
    )  # fmt: skip


def _moment(view: View, at: int | None) -> str:
    """An instant with its time of day: many responses have the same day."""
    said, time_of_day = when(at, view.local, view.now), clock(at, view.local)
    return said if time_of_day in said else f"{said}, {time_of_day}"


def _under(row: BilledRow) -> str:
    said = [f"prompt {row.prompt}"] if row.prompt else []
    said += [f"subagent {row.agent_type or '(unknown)'}"] if row.run else []
    said += ["billed beside a response"] if row.beside else []
    return " · ".join(said)
