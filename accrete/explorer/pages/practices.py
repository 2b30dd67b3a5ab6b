"""Practices: which are habits, which are not; and one of them, with the moments that prove it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from accrete.clock import monday
from accrete.errors import AccreteError
from accrete.explorer.lines import step_at
from accrete.explorer.listings import untitled
from accrete.explorer.page import Cell, Column, Figure, Page, Sheet
from accrete.explorer.pages.practice_weeks import bars, end_of, last_weeks, spark, week_sheet
from accrete.explorer.ranges import spoken
from accrete.explorer.templates import when
from accrete.explorer.view import MissingError, View
from accrete.insight.beside_team import of_team, told
from accrete.practices import Practice, named
from accrete.practices.depth import FLUENT, REGULAR, TOO_FEW, Week
from accrete.present.formats import number, plural
from accrete.present.leads import Share, of_practice, of_practices, regular_since
from accrete.queries.practices import (
    PracticeRow,
    SightingRow,
    person_weeks,
    practice_days,
    sightings,
)
from accrete.queries.scope import spanning
from accrete.text.plain import squeeze
from accrete.wire.benchmarks import Benchmarks

MOMENTS, GOOD, LONGEST = 20, 3, 140
LOOKED_AT = 60
"""Newest moments done well, of which GOOD are shown: of different sessions where there are some."""
UNSHARED = "Moments are shown only of sessions whose words are shared (tier 3)."
WHY_NOT = "It was not possible in any session of this range."


async def show(view: View) -> Page:
    """All practices: those that were possible often and seen seldom first."""
    found, before, last = await _compared(view)
    weeks = {row.name: row.weeks for row in last}
    rows = sorted(found, key=lambda row: (row.seen - row.eligible, row.title))
    return Page(
        title="Practices",
        current="/practices",
        live=True,
        lead=of_practices(
            [row.name for row in found if row.depth in (REGULAR, FLUENT)],
            _shares(found),
            _shares(before),
            {row.name: row.title for row in found},
        ),
        sheets=[_table(view, rows)],
        parts={
            "team_block": _block(team) if (team := view.viewer.team()) else None,
            "weeks": [spark(view, row, weeks[row.name]) for row in rows],
            "glyphs": [row.depth.replace(" ", "-") for row in rows],
            "last_week": spoken(monday(end_of(view))),
        },
    )


def _shares(rows: list[PracticeRow]) -> dict[str, Share]:
    return {row.name: Share(row.seen, row.eligible) for row in rows if row.eligible}


async def _compared(
    view: View, practice: str | None = None
) -> tuple[list[PracticeRow], list[PracticeRow], list[PracticeRow]]:
    """The practices, or one of them, in the range, in that before it (none where there is none),
    and in the last weeks: read once, since these have most of their days in common."""
    earlier = view.range.before()
    ranges = [view.range, last_weeks(view), *([earlier] if earlier else [])]
    scopes = [view.within(each) for each in ranges]
    read = await view.ask(practice_days(spanning(scopes), practice))
    found, last, *before = (read.within(scope.since, scope.until) for scope in scopes)
    return found, next(iter(before), []), last


def _table(view: View, rows: list[PracticeRow]) -> Sheet:
    team = view.viewer.team()
    shown = team is not None and team.first is not None
    columns = (
        Column("practice", "Practice"),
        Column("depth", "Habit", define="depth"),
        Column("seen", "Seen in", right=True, unit="sessions", define="seen-in"),
        Column("possible", "Possible in", right=True, unit="sessions", define="possible-in"),
        Column("marked", "Done well", right=True, define="done-well"),
        Column("last_at", "Last moment", unit="UTC ms"),
        *((Column("team", "Team"),) if shown else ()),
    )
    return Sheet(
        "practices",
        f"{view.range.label}: in how many sessions a practice was seen, of those in which it was "
        "possible. Possible often and seen seldom comes first.",
        columns,
        [
            [
                Cell(row.name, row.title, href=view.link(f"/practices/{row.name}")),
                Cell(row.depth, row.depth),
                _sessions(view, row.seen, row.eligible, practice=row.name),
                Cell(
                    row.eligible,
                    number(row.eligible),
                    href=view.sessions(possible=row.name) if row.eligible else None,
                ),
                _marked(view, row),
                Cell(
                    row.last_at,
                    when(row.last_at, view.local, view.now),
                    href=view.link(f"/practices/{row.name}") + "#moments" if row.last_at else None,
                    why="" if row.last_at else "Not seen in this range.",
                ),
                *([_theirs(team, row.name)] if shown and team is not None else []),
            ]
            for row in rows
        ],
    )


def _theirs(team: Benchmarks, practice: str) -> Cell:
    """For how many of the team a practice is regular; of the company where nothing is said of the
    team."""
    words = of_team(team, practice)
    said = next((each for each in words if each.word), None)
    if said is None:
        return Cell(None, "—", why=told(words))
    return Cell(said.word, f"{said.word} ({said.of})")


def _block(team: Benchmarks) -> str | None:
    """The days that the words for a team are of."""
    if team.first is None or team.last is None:
        return None
    return f"{spoken(team.first)} to {spoken(team.last)}"


def _team_said(team: Benchmarks | None, practice: str) -> dict[str, object] | None:
    """What a practice's page says of the team."""
    if team is None or team.first is None:
        return None
    words = of_team(team, practice)
    return {
        "said": told(words),
        "people": [f"{each.of}: {each.people} people" for each in words if each.word],
        "block": _block(team),
    }


def _teachers(team: Benchmarks | None, practice: str) -> list[str]:
    """Who of the others offers to show a practice; releases have no part in it."""
    return [] if team is None else [e.name for e in team.teachers if e.practice == practice]


def _sessions(view: View, seen: int, eligible: int, *, practice: str) -> Cell:
    if not eligible and not seen:
        return Cell(None, "n/a", why=WHY_NOT)
    return Cell(seen, number(seen), href=view.sessions(practice=practice) if seen else None)


def _marked(view: View, row: PracticeRow) -> Cell:
    if not row.sightings:
        return Cell(None, "n/a", why="Nothing to be done well: not seen in this range.")
    where = view.link(f"/practices/{row.name}", done="well") + "#moments"
    text = f"{number(row.marked)} of {number(row.sightings)}"
    return Cell(row.marked, text, href=where if row.marked else None)


async def show_one(view: View) -> Page:
    """One practice."""
    practice = named(view.params["name"])
    if practice is None:
        raise MissingError(f"No practice {view.params['name'][:40]!r}. All are under Practices.")
    name = practice.name
    (row,), before, (last,) = await _compared(view, name)
    weeks = last.weeks
    team = view.viewer.team()
    since = await _since(view, name) if row.depth in (REGULAR, FLUENT) else None
    good = await view.ask(sightings(view.told, name, limit=LOOKED_AT, marked=True))
    well = view.query.get("done") == "well"
    after = _after(view.query.get("after"))
    asked = sightings(view.told, name, limit=MOMENTS + 1, marked=well, after=after)
    moments = await view.ask(asked)
    counted = row.marked if well else row.sightings
    unshared = UNSHARED if counted and not moments and after is None else ""
    return Page(
        title=practice.title,
        current="/practices",
        live=True,
        lead=of_practice(
            Share(row.seen, row.eligible), row.depth, since, row.sightings, row.marked
        ),
        figures=_figures(view, row, next(iter(before), None)),
        sheets=[
            week_sheet(view, name, weeks),
            _moments(view, practice, row, moments, well=well, empty=unshared),
        ],
        parts={
            "practice": practice,
            "team": _team_said(team, name),
            "teachers": _teachers(team, name),
            "glyph": row.depth.replace(" ", "-"),
            "chart": bars(view, practice, weeks) if weeks else None,
            "good": [_good(view, practice, moment) for moment in _different(good)],
            "unshared": unshared,
            "examples": [each for each in view.viewer.examples if each.practice == name],
            "all_moments": view.here(done=None, after=None) if well else None,
            "newest": view.here(after=None) if after else None,
            "sessions": view.sessions(practice=name) if row.seen else None,
            "seen": row.seen,
        },
    )


async def _since(view: View, name: str) -> str | None:
    """Since when it has been regular, by all weeks up to the end of the range."""
    scope = replace(
        view.viewer.scope, project=view.query.get("project") or None, until=monday(end_of(view))
    )
    weeks: dict[str, Week] = {}
    for each in await view.ask(person_weeks(scope)):
        if each.practice == name:
            had = weeks.get(each.week, Week(each.week, 0, 0, 0, 0))
            weeks[each.week] = Week(
                each.week, had.eligible + each.eligible, had.seen + each.seen,
                had.sightings + each.sightings, had.marked + each.marked,
            )  # fmt: skip
    return regular_since([weeks[week] for week in sorted(weeks)])


def _figures(view: View, row: PracticeRow, before: PracticeRow | None) -> list[Figure]:
    was = before if before and before.eligible else None
    return [
        Figure(
            "seen-in",
            "Seen in",
            row.seen,
            number(row.seen) if row.eligible or row.seen else "n/a",
            f"{number(was.seen)} of {number(was.eligible)} before" if was else "sessions",
            view.sessions(practice=row.name) if row.seen else None,
        ),
        Figure(
            "possible-in",
            "Possible in",
            row.eligible,
            number(row.eligible),
            "sessions",
            view.sessions(possible=row.name) if row.eligible else None,
        ),
        Figure(
            "sightings",
            "Times",
            row.sightings,
            number(row.sightings),
            f"{number(was.sightings)} before" if was else "moments",
            view.here(done=None, after=None) + "#moments" if row.sightings else None,
        ),
        Figure(
            "done-well",
            "Done well",
            row.marked if row.sightings else None,
            number(row.marked) if row.sightings else "n/a",
            f"of {plural(row.sightings, 'time')}" if row.sightings else "not seen",
            view.here(done="well", after=None) + "#moments" if row.marked else None,
        ),
        Figure("depth", "Habit", row.depth, row.depth, _asks(row.depth), "#by-week"),
    ]


def _asks(word: str) -> str:
    """What the word rests on, in short."""
    return {
        TOO_FEW: "fewer than 5 sessions",
        REGULAR: "a quarter of sessions, most weeks",
        FLUENT: "regular, and done well",
    }.get(word, "")


def step(view: View, moment: SightingRow) -> str:
    """The address of the step that proves a moment."""
    return step_at(view, moment.session, moment.uuid, moment.run)


def _about(moment: SightingRow) -> tuple[str, str]:
    """What was said or called, and what the practice says of it, where that is more."""
    text, note = squeeze(moment.text or ""), squeeze(moment.note or "")
    if not text or text.startswith(("<", "[")):  # the client's own marks
        return note or moment.what or "", ""
    return text, "" if note in text else note


def _different(moments: list[SightingRow]) -> list[SightingRow]:
    """Up to GOOD of them, the newest of each session first."""
    first = {moment.session: moment for moment in reversed(moments)}
    chosen = [moment for moment in moments if first[moment.session] is moment]
    return [*chosen, *(moment for moment in moments if moment not in chosen)][:GOOD]


def _good(view: View, practice: Practice, moment: SightingRow) -> dict[str, str]:
    about, note = _about(moment)
    marks = [practice.marks.get(mark, mark) for mark in moment.marks]
    return {
        "about": about or practice.title,
        "href": step(view, moment),
        "why": "; ".join([*([note] if note else []), *marks]),
        "title": moment.title or untitled(view, moment.session, moment.at),
        "project": moment.project,
        "when": when(moment.at, view.local, view.now),
        "show": _shown_at(view, moment),
    }


def _shown_at(view: View, moment: SightingRow) -> str:
    """Where a moment can be shown to others as an example; '' where none can."""
    at = view.viewer.example_at
    if not at:
        return ""
    of = {"practice": moment.practice, "session": moment.session, "uuid": moment.uuid}
    of |= {"run": moment.run} if moment.run else {}
    return f"{at}?{urlencode(of)}"


def _after(text: str | None) -> tuple[str, str] | None:
    """The moment after which a table of them begins."""
    if not text:
        return None
    session, _, uuid = text.partition("~")
    if not session or not uuid:
        raise AccreteError(f"{text[:40]!r} is no place in a list. Go back to the newest.")
    return session, uuid


def _place(moment: SightingRow) -> str:
    """The place of a moment in a list, as a URL has it: without its time, which not all may see."""
    return f"{moment.session}~{moment.uuid}"


def _moments(
    view: View, practice: Practice, row: PracticeRow, found: list[SightingRow], *, well: bool,
    empty: str,
) -> Sheet:  # fmt: skip
    """Moments, MOMENTS at most of those found. Those of one event stay together. empty: why there
    are none, '' where none were seen."""
    moments = found[:MOMENTS]
    if older := found[MOMENTS:]:
        whole = [each for each in moments if _place(each) != _place(older[0])]
        moments = whole or moments
    all_of_them = row.marked if well else row.sightings
    columns = (
        Column("uuid", "Moment"),
        Column("session", "Session"),
        Column("project", "Project"),
        Column("at", "When", unit="UTC ms"),
        Column("marks", "Done well"),
        *((Column("example", "Example"),) if view.viewer.example_at else ()),
    )
    kind = "done well, " if well else ""
    return Sheet(
        "moments",
        f"{plural(all_of_them, 'moment')}, {kind}newest first.",
        columns,
        [
            [
                Cell(
                    moment.uuid,
                    _about(moment)[0][:LONGEST] or "—",
                    href=step(view, moment),
                    under=_about(moment)[1],
                ),
                Cell(
                    moment.session,
                    moment.title or untitled(view, moment.session, moment.at),
                    href=view.link(f"/sessions/{moment.session}"),
                    under=f"prompt {moment.prompt}" if moment.prompt else "",
                ),
                Cell(moment.project or None, moment.project or "—"),
                Cell(moment.at, when(moment.at, view.local, view.now)),
                Cell(
                    " ".join(moment.marks),
                    "; ".join(practice.marks.get(mark, mark) for mark in moment.marks) or " ",
                ),
                *([_example(view, moment)] if view.viewer.example_at else []),
            ]
            for moment in moments
        ],
        older=view.here(after=_place(moments[-1])) + "#moments" if older else None,
        empty=empty or "Not seen in this range.",
    )


def _example(view: View, moment: SightingRow) -> Cell:
    return Cell("can be shown", "Show to others", href=_shown_at(view, moment))
