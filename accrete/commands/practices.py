"""`accrete practices`: a person's practices over time, with the moments that prove them."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.commands.styled import Text
from accrete.errors import AccreteError
from accrete.practices import all_practices, named
from accrete.practices.practice import Practice
from accrete.queries.practices import PracticeRow, SightingRow, practices, sightings
from accrete.queries.prompts import prompt_texts
from accrete.text.plain import squeeze

WEEKS_SHOWN = 12
SHOWN = 10
BARS = " ▁▂▃▄▅▆▇█"


@click.command("practices")
@click.argument(
    "name",
    required=False,
    metavar="[PRACTICE]",
    shell_complete=lambda ctx, param, text: [
        p.name for p in all_practices() if p.name.startswith(text)
    ],
)
@common.scope_options
@common.limit_option(SHOWN, "moments or practices")
@common.json_option
def command(
    name: str | None,
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """Show your practices: which ones, since when, and the moments that prove it.

    Without a name: all practices. With one: what it is, why it helps, your weeks, the newest
    moments and what to try next. Covers your own sessions; --automated shows those of scripts.
    """
    settings = common.settings()
    practice = find(name) if name else None
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, bool(automated))
    rows = db.ask(practices(scope))
    if practice is None:
        rows = rows[:limit]
        if as_json:
            from accrete.insight.practices import practice_of

            common.print_answer([practice_of(row) for row in rows])
        else:
            _show_all(rows, now, common.nothing(db, "sessions"), common.range_note(scope))
        return
    row = next(row for row in rows if row.name == practice.name)
    moments = db.ask(sightings(scope, practice.name, limit=limit or SHOWN))
    if as_json:
        from accrete.insight.practices import in_full, moment_of

        texts = {
            each: db.ask(prompt_texts(common.about(each)))
            for each in {moment.session for moment in moments}
        }
        shown = [moment_of(moment, texts[moment.session]) for moment in moments]
        common.print_answer(in_full(row, practice, shown))
    else:
        _show_one(practice, row, moments, now)


def find(name: str) -> Practice:
    """The practice of a name, or of its beginning. Raises AccreteError for another."""
    found = named(name)
    if found is None:
        near = [p.name for p in all_practices() if p.name.startswith(name.lower())]
        if len(near) == 1:
            found = named(near[0])
    if found is None:
        raise AccreteError(
            f"No practice {name!r}. Choose one of: {', '.join(p.name for p in all_practices())}."
        )
    return found


def sparkline(row: PracticeRow) -> str:
    """The share of sessions that show the practice, for each of the last weeks: eight heights; `·`
    where it was not possible."""
    bars = []
    for week in row.weeks[-WEEKS_SHOWN:]:
        share = min(week.seen / week.eligible, 1) if week.eligible else None
        bars.append("·" if share is None else BARS[max(2, round(share * 8))] if share else "▁")
    return "".join(bars)


def _adoption(row: PracticeRow) -> str:
    return f"{row.seen:,} of {row.eligible:,}" if row.eligible else "—"


def _show_all(
    rows: list[PracticeRow], now: common.LocalNow, nothing: str, note: str | None
) -> None:
    out = common.console()
    if not any(row.weeks for row in rows):
        click.echo(nothing)
        return
    table = common.table(
        ("practice", "l"),
        ("sessions", "r"),
        ("share", "r"),
        ("times", "r", 2),
        ("done well", "r", 2),
        ("habit", "l", 1),
        ("by week", "l", 3),
        ("since", "l", 4),
    )
    for row in rows:
        since = now.date(row.first_at)
        table.add_row(
            row.name,
            _adoption(row),
            common.percent(row.seen, row.eligible, 0),
            common.number(row.sightings),
            common.percent(row.marked, row.sightings, 0),
            row.depth,
            sparkline(row),
            since,
        )
    out.print(table)
    out.print(
        "\nsessions: used in X of Y where it could apply. times: how often. done well: share "
        "of those times with a quality mark.\n"
        "habit: too few (under 5 sessions), not seen, tried, regular (in 25% of the sessions "
        "of at least half of the last 8 weeks), "
        f"fluent (regular and done well). by week: last {WEEKS_SHOWN} weeks with sessions.",
        style="dim",
    )
    if note is not None:
        out.print(note, style="dim")
    untried = [row.name for row in rows if row.depth == "not seen"]
    hint = (
        f"`accrete practices {untried[0] if untried else rows[0].name}` shows what it is, what to "
        "try, and the moments behind each figure."
    )
    out.print(hint, style="dim")


def _show_one(
    practice: Practice, row: PracticeRow, moments: list[SightingRow], now: common.LocalNow
) -> None:
    out = common.console()
    out.print(Text.assemble((practice.title, "bold"), f"  {row.depth}  ", (sparkline(row), "cyan")))
    rows = common.table(("", "r"), ("", "f"))
    parts = (
        ("What", practice.what),
        ("Why", practice.why),
        ("Source", practice.source),
        ("Good", practice.good),
    )
    for label, text in parts:
        rows.add_row(label, text)
    rows.show_header = False
    out.print(rows)
    out.print()
    out.print(
        f"Used in {_adoption(row)} sessions where it could apply, "
        f"{common.plural(row.sightings, 'time')}."
    )
    if row.weeks:
        weeks = common.table(
            ("week of", "l"),
            ("sessions", "r"),
            ("share", "r"),
            ("times", "r", 1),
            ("done well", "r", 2),
        )
        for week in row.weeks[-WEEKS_SHOWN:]:
            weeks.add_row(
                now.written(week.week),
                f"{week.seen} of {week.eligible}" if week.eligible else "—",
                common.percent(week.seen, week.eligible, 0),
                common.number(week.sightings),
                common.percent(week.marked, week.sightings, 0),
            )
        out.print()
        out.print(weeks)
        out.print()
    for mark, said in practice.marks.items():
        n = sum(mark in moment.marks for moment in moments)
        out.print(
            f"  {mark}: {said} ({n} of the {len(moments)} below)", style="dim"
        ) if moments else None
    if moments:
        out.print()
        table = common.table(
            ("when", "l", 3),
            ("session", "l"),
            ("project", "w", 2),
            ("moment", "w"),
            ("marks", "f", 1),
        )
        for moment in moments:
            number = f" {moment.prompt}" if moment.prompt is not None else ""
            about = squeeze(moment.note or moment.text or moment.what or "")
            table.add_row(
                now.moment(moment.at),
                f"{moment.session[:8]}{number}",
                moment.project,
                about,
                ", ".join(moment.marks),
            )
        out.print(table)
        if row.sightings > len(moments):
            out.print(
                f"Newest {common.number(len(moments))} of {common.number(row.sightings)}. "
                "Use `-n` for more.",
                style="dim",
            )
        out.print(
            "Open a moment with `accrete show SESSION N`, "
            "using the two values in the session column.",
            style="dim",
        )
    out.print()
    out.print(Text.assemble(("Try next  ", "bold"), practice.try_next))
