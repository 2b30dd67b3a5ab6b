"""Search: the places that hold the words, by session."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from accrete.errors import AccreteError
from accrete.explorer import charts
from accrete.explorer.lines import step_at
from accrete.explorer.listings import untitled
from accrete.explorer.page import Cell, Column, Page, Sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.templates import when
from accrete.explorer.view import View
from accrete.present.formats import number, plural
from accrete.present.leads import of_search
from accrete.queries.projects import known_projects
from accrete.queries.scope import Scope
from accrete.queries.search import (
    ALL_THE_WORDS,
    FORMS,
    SOME,
    TITLES_AT_ONCE,
    WHERE_TO_LOOK,
    Found,
    Hit,
    Titled,
    asking,
    find_by,
    search_days,
    titled,
)

MOST, STEPS, TITLES = 100, 3, 5
FEW_SESSIONS, NEAR = 2, 5
"""Of so few sessions with all the words, so many are shown that have fewer of them."""
KINDS = {
    "typed_prompt": "prompt",
    "slash_command": "command",
    "shell_input": "shell",
    "queued_prompt": "queued prompt",
    "prompt_beside_result": "prompt",
    "assistant_text": "answer",
}
"""Kinds of events as they are called; a tool call is called by its tool."""
_FIRST = (*(kind for kind in KINDS if kind != "assistant_text"), "assistant_text", "tool_call")
"""Of two steps with as many of the words, what a person said comes first."""
_MARK = re.compile("\x02([^\x02\x03]*)\x03")
MOST_WEEKS = 104
NEARLY = "Places in other sessions with forms of the words, or with some of them."
FEW = 20
"""So few places are read one by one, not by week."""


async def show(view: View) -> Page:
    """What the words of `q` find, in the range, or in all time where the range has nothing."""
    asked = view.query.get("q", "").strip()
    where = view.query.get("in") or "all"
    if where not in WHERE_TO_LOOK:
        raise AccreteError(f"No kind {where[:40]!r}. Choose one of: {', '.join(WHERE_TO_LOOK)}.")
    kinds = WHERE_TO_LOOK[where]
    found, scope, near = Found([], ""), view.told, list[Hit]()
    unreadable = ""
    if asked:
        try:
            found, scope = await _find(view, asked, kinds)
            near = await _nearly(view, scope, asked, kinds, found)
        except ValueError:
            unreadable = "Nothing to search for. Give letters, digits or an emoji."
    outside = _in_sentence(view.range.label) if scope.since != view.told.since else None
    automated = scope.automated is True and view.told.automated is not True
    whose = ("your" if view.viewer.own else "people's") if automated else None
    hits, more = found.hits[:MOST], len(found.hits) > MOST
    named = await _titled(view, scope, asked) if asked else []
    days = None
    if hits:
        days = await view.ask(
            search_days(
                scope, found.terms, dialect=view.viewer.source.dialect, kinds=kinds,
                least=found.least,
            )
        )  # fmt: skip
    groups = _groups(view, hits)
    lead = of_search(
        asked, len(hits), len(groups), named=len(named), loose=found.loose, more=more,
        outside=outside, whose=whose,
    )  # fmt: skip
    if days and more:
        lead[-1] = f"{plural(sum(days.values()), 'place')}; the newest {len(hits)} are shown."
    weeks = _weeks(days or {})
    drawn = _chart(view, scope, weeks) if len(hits) > FEW and len(weeks) > 1 else None
    oldest = next((day for hit in reversed(hits) if (day := _day(view, hit))), None)
    return Page(
        title=f"Search: {asked}" if asked else "Search",
        current="/search",
        lead=[unreadable] if unreadable else lead,
        sheets=[
            _steps(view, hits),
            *([_week_sheet(view, scope, weeks)] if drawn else []),
            *([_steps(view, near, "near", NEARLY)] if near else []),
        ],
        parts={
            "asked": asked,
            "groups": groups,
            "near": _groups(view, near),
            "named": [(each, view.link(f"/sessions/{each.session}")) for each in named],
            "weeks": drawn,
            "uncounted": bool(hits) and days is None,
            "filters": await _filters(view, where),
            "all": view.here(range="all") if asked and not outside and scope.ranged else None,
            "older": view.here(
                since=None, until=oldest, who="automated" if automated else view.query.get("who")
            )
            if more and oldest
            else None,
        },
    )


async def _find(view: View, asked: str, kinds: tuple[str, ...]) -> tuple[Found, Scope]:
    """What is closest to what was asked for, and where it is: in the range or, where that has
    nothing so close, in all time; then in automated sessions, unless the URL says whose. Places
    with some of the words alone come last: they are many, and seldom what was meant."""
    own = _widening(view.told, view)
    others = [] if view.query.get("who") else [replace(each, automated=True) for each in own]
    forms, some = (FORMS,), (SOME,)
    for scopes, ways in (
        (own, ALL_THE_WORDS), (own, forms), (others, ALL_THE_WORDS), (others, forms),
        (own, some), (others, some),
    ):  # fmt: skip
        for scope in scopes:
            found = await _asked(view, scope, asked, kinds, ways)
            if found.hits:
                return found, scope
    return Found([], ""), view.told


def _widening(scope: Scope, view: View) -> list[Scope]:
    """A scope, and the same in all time where it is of a range."""
    if not scope.ranged:
        return [scope]
    return [scope, replace(scope, since=None, until=view.within(None).until)]


async def _asked(
    view: View,
    scope: Scope,
    asked: str,
    kinds: tuple[str, ...],
    ways: tuple[str, ...],
    without: frozenset[str] = frozenset(),
) -> Found:
    steps = asking(
        scope, asked, dialect=view.viewer.source.dialect, kinds=kinds, limit=MOST + 1, ways=ways,
        without=without,
    )  # fmt: skip
    return await find_by(view.reader, steps)


async def _titled(view: View, scope: Scope, asked: str) -> list[Titled]:
    """The newest sessions that are named by the words; most titles with the letters of a word have
    it, so few are read at first."""
    among, more = TITLES_AT_ONCE, True
    dialect = view.viewer.source.dialect
    while more:
        found, more = await view.ask(
            titled(scope, asked, dialect=dialect, limit=TITLES, among=among)
        )
        among *= 10
    return found


async def _nearly(
    view: View, scope: Scope, asked: str, kinds: tuple[str, ...], found: Found
) -> list[Hit]:
    """Where all the words are in very few sessions, the places of some others with forms of them or
    some of them: one remembers what was said, seldom how."""
    known = frozenset(hit.session for hit in found.hits)
    if not known or len(known) > FEW_SESSIONS or found.loose == SOME or len(found.terms) < 2:
        return []
    hits = (await _asked(view, scope, asked, kinds, (FORMS, SOME), known)).hits
    others = list(dict.fromkeys(hit.session for hit in hits))[:NEAR]
    return [hit for hit in hits if hit.session in others]


def _in_sentence(label: str) -> str:
    return label if label[:1].isdigit() else label[:1].lower() + label[1:]


class Place(NamedTuple):
    """A place that holds the words. at: UTC ms; href: its step."""

    kind: str
    prompt: int | None
    at: int | None
    excerpt: str
    href: str


class Group(NamedTuple):
    """The places of one session: the best, and the rest of them. at: of the newest."""

    title: str
    project: str | None
    href: str
    at: int | None
    steps: list[Place]
    rest: list[Place]


def _groups(view: View, hits: Sequence[Hit]) -> list[Group]:
    """The sessions of the places, the newest place first, each with its best steps."""
    by_session: dict[str, list[Hit]] = {}
    for hit in hits:
        by_session.setdefault(hit.session, []).append(hit)
    return [
        Group(
            some[0].title or untitled(view, session, some[0].at),
            some[0].project,
            view.link(f"/sessions/{session}"),
            some[0].at,
            [_place(view, hit) for hit in best(some)[:STEPS]],
            [_place(view, hit) for hit in best(some)[STEPS:]],
        )
        for session, some in by_session.items()
    ]


def best(hits: Sequence[Hit]) -> list[Hit]:
    """The places of one session: those with most different words first, then what a person said,
    then the newest."""
    return sorted(hits, key=lambda hit: (-_words(hit), _rank(hit), -(hit.at or 0)))


def _words(hit: Hit) -> int:
    return len({word.casefold() for word in _MARK.findall(hit.excerpt)})


def _rank(hit: Hit) -> int:
    return _FIRST.index(hit.kind) if hit.kind in _FIRST else len(_FIRST)


def _place(view: View, hit: Hit) -> Place:
    return Place(_kind(hit), hit.prompt, hit.at, hit.excerpt, _address(view, hit))


def _kind(hit: Hit) -> str:
    return KINDS.get(hit.kind) or hit.name or hit.kind


def _address(view: View, hit: Hit) -> str:
    return step_at(view, hit.session, hit.uuid, hit.run)


def _day(view: View, hit: Hit) -> str | None:
    return None if hit.at is None else view.local.day(hit.at)


def _steps(
    view: View, hits: Sequence[Hit], key: str = "steps", caption: str = "Places, newest first."
) -> Sheet:
    columns = (
        Column("session", "Session"),
        Column("title", "Title"),
        Column("project", "Project"),
        Column("prompt", "Prompt", right=True),
        Column("at", "When", unit="UTC ms"),
        Column("kind", "Kind"),
        Column("uuid", "Step"),
        Column("excerpt", "Text"),
    )
    rows = [
        [
            Cell(hit.session, hit.session[:8], href=_address(view, hit)),
            Cell(hit.title, hit.title or untitled(view, hit.session, hit.at)),
            Cell(hit.project or None, hit.project or "—"),
            Cell(hit.prompt, number(hit.prompt)),
            Cell(hit.at, when(hit.at, view.local, view.now)),
            Cell(_kind(hit), _kind(hit)),
            Cell(hit.uuid, hit.uuid[:8]),
            Cell(hit.excerpt.replace("\x02", "**").replace("\x03", "**"), hit.excerpt),
        ]
        for hit in hits
    ]
    return Sheet(key, caption, columns, rows)


def _weeks(days: dict[str, int]) -> list[tuple[str, int]]:
    """(Monday, places) of every week from the first to the last, of MOST_WEEKS at most."""
    known = {
        day - timedelta(day.weekday()): 0
        for day in (date.fromisoformat(each) for each in days if each)
    }
    for each, n in days.items():
        if each:
            day = date.fromisoformat(each)
            known[day - timedelta(day.weekday())] += n
    if not known:
        return []
    last = max(known)
    first = max(min(known), last - timedelta(7 * (MOST_WEEKS - 1)))
    mondays = (first + timedelta(7 * at) for at in range((last - first).days // 7 + 1))
    return [(monday.isoformat(), known.get(monday, 0)) for monday in mondays]


def _chart(view: View, scope: Scope, weeks: Sequence[tuple[str, int]]) -> charts.Chart:
    given = [
        charts.Bar(
            n,
            f"Week of {spoken(monday)}: {plural(n, 'place')}",
            href=_in_week(view, scope, monday),
        )
        for monday, n in weeks
    ]
    ends = (f"week of {spoken(weeks[0][0])}", f"week of {spoken(weeks[-1][0])}")
    return charts.bars("Places by week; the table below has the figures", given, ends=ends)


def _sunday(monday: str) -> str:
    return (date.fromisoformat(monday) + timedelta(6)).isoformat()


def _in_week(view: View, scope: Scope, monday: str) -> str:
    """The same search in the days of a week that were searched."""
    since, until = max(monday, scope.since or monday), _sunday(monday)
    return view.here(since=since, until=min(until, scope.until or until))


def _week_sheet(view: View, scope: Scope, weeks: Sequence[tuple[str, int]]) -> Sheet:
    columns = (Column("week", "Week of"), Column("places", "Places", right=True, define="places"))
    rows = [
        [
            Cell(monday, spoken(monday), href=_in_week(view, scope, monday)),
            Cell(n, number(n)),
        ]
        for monday, n in reversed(weeks)
    ]
    return Sheet("weeks", "Places by week, newest first.", columns, rows)


async def _filters(view: View, where: str) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """(name, label, value, choices) of each."""
    projects = await view.ask(known_projects(view.viewer.scope))
    whose = "mine" if view.viewer.own else "people's"
    return [
        ("in", "Where", where, [(each, each) for each in ("all", *list(WHERE_TO_LOOK)[:-1])]),
        ("project", "Project", view.query.get("project", ""),
         [("", "all"), *((each.id, each.name) for each in projects)]),
        ("who", "Whose", view.query.get("who", ""),
         [("", whose), ("automated", "automated"), ("all", "all")]),
    ]  # fmt: skip
