"""`accrete sessions`: lists sessions, newest first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import click

from accrete.commands import common
from accrete.errors import AccreteError
from accrete.outcomes.kinds import OUTCOMES
from accrete.queries.sessions import SORTS, SessionRow, sessions
from accrete.text.plain import squeeze

SHOWN = 30


@click.command("sessions")
@common.scope_options
@click.option("--branch", metavar="NAME", help="Only sessions with responses on this git branch.")
@click.option("--model", metavar="ID", help="Only sessions with responses from this model.")
@click.option(
    "--outcome",
    type=click.Choice(OUTCOMES, case_sensitive=False),
    help="Only sessions with this outcome.",
)
@click.option("--practice", metavar="NAME", help="Only sessions with this practice.")
@click.option(
    "--text", metavar="WORDS", help="Words in the title. `accrete search` searches the content."
)
@click.option("--tag", metavar="TAG", help="Only sessions with this tag.")
@click.option(
    "--sort", type=click.Choice(tuple(SORTS)), default="started", show_default=True, help="Sort by."
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="All sessions, also those in which nothing happened (limit with -n).",
)
@common.limit_option(SHOWN)
@common.json_option
def command(
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    branch: str | None,
    model: str | None,
    outcome: str | None,
    practice: str | None,
    text: str | None,
    tag: str | None,
    sort: str,
    everything: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List sessions, newest first.

    With --since or --until: sessions with activity in that time, with the figures of that time.
    Other commands accept the beginning of an id; `latest` is the first row here.
    """
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated, branch=branch, model=model)
    if practice is not None:
        _refuse_unknown(practice)
    most = limit or (None if everything else SHOWN)
    question = partial(
        sessions, scope, empty=everything, outcome=outcome, practice=practice, text=text,
        tag=tag.lstrip("#") if tag else None, sort=sort,
    )  # fmt: skip
    found = db.ask(question(limit=most + 1 if most else None))
    more = most is not None and len(found) > most
    found = found[:most]
    if as_json:
        from accrete.insight.sessions import session_of

        common.print_answer([session_of(row) for row in found])
        return
    if not found:
        narrowed = any(
            value is not None
            for value in (
                since,
                until,
                project,
                automated,
                branch,
                model,
                outcome,
                practice,
                text,
                tag,
            )
        )
        click.echo(
            "No sessions match. Remove a filter."
            if narrowed and db.ask(sessions(common.MINE, limit=1, empty=True))
            else common.EMPTY
        )
        return
    _show(found, now, sort)
    if note := common.range_note(scope, sum(s.partly for s in found)):
        common.console().print(note, style="dim")
    if more:
        shown_of = f"{common.number(most)} of {common.number(len(db.ask(question(limit=None))))}"
        shown = f"Newest {shown_of}" if sort == "started" else f"Top {shown_of} by {sort}"
        click.echo(f"\n{shown}. Use `-n` for more, `--all` for all.")


def _refuse_unknown(practice: str) -> None:
    from accrete.practices import all_practices, named

    if named(practice) is None:
        raise AccreteError(
            f"No practice {practice!r}. Choose one of: "
            f"{', '.join(p.name for p in all_practices())}."
        )


def _show(found: list[SessionRow], now: common.LocalNow, sort: str) -> None:
    out = common.console()
    rows = common.table(
        *((name, how, 0 if name == sort else rank) for name, how, rank, _ in _COLUMNS)
    )
    for s in found:
        rows.add_row(*(cell(s, now) for *_, cell in _COLUMNS))
    out.print(rows)
    if any(s.automated for s in found):
        out.print("⚙ automated: print mode, SDK, CI or team member", style="dim")


def _title(s: SessionRow) -> str:
    untitled = "(untitled)" if s.prompts or s.responses else "(subagents only)"
    return ("⚙ " if s.automated else "") + squeeze(s.title or untitled)


def _day(s: SessionRow, now: common.LocalNow) -> str:
    return now.date(s.started_at)


def _lines(s: SessionRow) -> str:
    return "—" if s.lines_added is None else f"+{s.lines_added:,} −{s.lines_removed or 0:,}"


_COLUMNS: tuple[tuple[str, str, int, Callable[[SessionRow, common.LocalNow], str]], ...] = (
    ("id", "l", 0, lambda s, now: s.id[:8]),
    ("started", "l", 2, _day),
    ("project", "l", 3, lambda s, now: _short(s.project_name, 14)),
    ("title", "w", 0, lambda s, now: _title(s)),
    ("outcome", "l", 4, lambda s, now: s.outcome or "—"),
    ("branch", "l", 7, lambda s, now: _short(s.branch or "", 24)),
    ("prompts", "r", 1, lambda s, now: common.number(s.all_prompts)),
    ("tools", "r", 7, lambda s, now: common.number(s.tool_calls)),
    ("errors", "r", 7, lambda s, now: common.number(s.tool_errors)),
    ("lines", "r", 6, lambda s, now: _lines(s)),
    ("active", "r", 5, lambda s, now: common.span(s.active_ms)),
    (
        "cost",
        "r",
        0,
        lambda s, now: common.money(s.cost_nano, unpriced=s.unpriced),
    ),
)
"""Heading, how it is set and its rank (tables.Column), and the cell."""


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
