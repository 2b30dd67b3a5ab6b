"""`accrete` and `accrete overview`: how much, when, where and with what, each figure with its
basis."""

from __future__ import annotations

import click

from accrete.commands import common
from accrete.commands.styled import Text
from accrete.database import Sqlite
from accrete.model import HUMAN_KINDS
from accrete.pricing.version import PRICE_TABLE_VERSION
from accrete.queries.costs import CostRow, Unpriced, why_unpriced, without_price
from accrete.queries.forgetting import forgotten_sessions
from accrete.queries.overview import Overview, overview
from accrete.queries.sessions import sessions
from accrete.settings import Settings

DAYS_SHOWN = 14
NAMES_SHOWN = 8
DAYS_FIRST, PROJECTS_FIRST = 4, 3
"""How many stand on the first screen, which fits 80 x 24 with the line that asks for it."""
SCREEN_LEFT = 6
"""Lines of that screen for projects and notes."""


@click.command("overview", help="Show how much, when, where, and with which models and tools.")
@common.scope_options
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also show models, tools, more rows and the basis of each figure.",
)
@common.json_option
def command(
    since: str | None = None,
    until: str | None = None,
    project: str | None = None,
    automated: bool | None = None,
    everything: bool = False,
    as_json: bool = False,
) -> None:
    """Prints the first screen."""
    settings = common.settings()
    db = common.open_record(settings)
    now = common.local_now(settings)
    scope = common.make_scope(db, now, since, until, project, automated)
    found = db.ask(overview(scope))
    unpriced = (
        db.ask(without_price(scope)) if found.human.unpriced or found.automated.unpriced else []
    )
    if as_json:
        from accrete.insight.overview import overview_of

        common.print_answer(overview_of(found, unpriced, PRICE_TABLE_VERSION))
        return
    if not found.human.sessions and not found.automated.sessions:
        narrowed = bool(common.left_out()) or any(
            value is not None for value in (since, until, project, automated)
        )
        only_today = (
            since == "today"
            and (until, project, automated) == (None, None, None)
            and not common.left_out()
        )
        click.echo(_none(db, settings, now, narrowed=narrowed, only_today=only_today))
        return
    note = common.range_note(scope, found.human.partly + found.automated.partly)
    notes = [each for each in (note, common.assumed_reading(db, scope)) if each]
    if not everything:
        show_first(found, settings, now, unpriced, " ".join(notes) or None)
        return
    show(found, settings, now, unpriced)
    for each in notes:
        common.console().print(each, style="dim")


def _none(
    db: Sqlite, settings: Settings, now: common.LocalNow, *, narrowed: bool, only_today: bool
) -> str:
    """Why there is nothing to show."""
    last = db.ask(sessions(common.MINE, limit=1))
    if not narrowed or not last:
        return _empty(db, settings)
    if only_today:
        return f"No sessions today. The last one started {now.prose(last[0].started_at)}."
    return common.nothing(db, "sessions")


def _empty(db: Sqlite, settings: Settings) -> str:
    if forgotten := db.ask(forgotten_sessions(common.MINE)):
        return (
            f"The record is empty: you deleted {common.plural(forgotten, 'session')}, and what is "
            f"deleted stays out. To start over, delete the folder {settings.home}."
        )
    return common.EMPTY


def show_first(
    found: Overview,
    settings: Settings,
    now: common.LocalNow,
    unpriced: list[Unpriced],
    note: str | None,
) -> None:
    """Prints one screen for people: who worked how much and what it cost, then the newest days and
    projects."""
    out = common.console()
    notes = [
        Text(common.plain(line), "dim") for line in _first_notes(found, settings, unpriced, note)
    ]
    room = SCREEN_LEFT - sum(each.height(out.width) for each in notes)
    out.print(_heading(found, settings, now))
    out.print()
    out.print(_answer(found))
    for each in (
        _days(found, now, DAYS_FIRST),
        _projects(found, now, min(max(room, 1), PROJECTS_FIRST)),
    ):
        if each is not None:
            each.title = None
            out.print()
            out.print(each)
    out.print()
    for line in notes:
        out.print(line)


def _first_notes(
    found: Overview, settings: Settings, unpriced: list[Unpriced], note: str | None
) -> list[str]:
    lines = []
    if missing := found.human.unpriced + found.automated.unpriced:
        lines.append(_missing(common.plural(missing, "response"), unpriced))
    if assumed := found.human.price_assumed + found.automated.price_assumed:
        lines.append(common.assumed(assumed))
    if note is not None:
        lines.append(note)
    word = "API-equivalent cost, not a bill. " if settings.api_equivalent else ""
    return [*lines, f"{word}More with `accrete --all`: models, tools, definitions."]


def _missing(responses: str, unpriced: list[Unpriced]) -> str:
    """The note under a cost that leaves responses out."""
    why = f": {why_unpriced(unpriced)}" if unpriced else ""
    return f"+ {responses} without a price{why}. The real cost is higher. See `accrete doctor`."


def _heading(found: Overview, settings: Settings, now: common.LocalNow) -> Text:
    first, last = (
        now.local.text(at, "%-d %b %Y") if at is not None else "—"
        for at in (found.first_at, found.last_at)
    )
    days = first if first == last else f"{first} – {last}"
    return Text.assemble(("Accrete", "bold"), f"  {days}  ", (settings.zone, "dim"))


def _answer(found: Overview) -> common.Table:
    """Who worked how much and what it cost."""
    you, auto = found.human, found.automated
    sides = (you, auto) if auto.sessions else (you,)
    rows = common.table(
        ("", "l"), *((name, "r") for name, _ in zip(("you", "automated"), sides, strict=False))
    )
    rows.add_row("active time", *(common.span(s.active_ms) for s in sides))
    rows.add_row(
        "cost",
        *(common.money(s.cost_nano, unpriced=s.unpriced) for s in sides),
    )
    rows.add_row("sessions", *(common.number(s.sessions) for s in sides))
    rows.add_row("prompts", *(common.number(s.all_prompts) for s in sides))
    rows.add_row("tool calls", *(common.number(s.tool_calls) for s in sides))
    return rows


def show(
    found: Overview, settings: Settings, now: common.LocalNow, unpriced: list[Unpriced]
) -> None:
    """Prints an overview for people."""
    out = common.console()
    out.print(_heading(found, settings, now))
    out.print()
    out.print(_figures(found, settings))
    for each in (_days(found, now), _projects(found, now), _models(found), _tools(found)):
        if each is not None:
            out.print()
            out.print(each)
    out.print()
    for line in _basis(found, settings, unpriced):
        out.print(Text(common.plain(line), "dim"))


def _figures(found: Overview, settings: Settings) -> object:
    rows = common.table(
        ("", "l"),
        ("you", "r"),
        ("automated" if found.automated.sessions else " ", "r"),
        ("basis", "f"),
    )
    you, auto = found.human, found.automated

    def add(name: str, mine: str, theirs: str, basis: str) -> None:
        rows.add_row(name, mine, theirs if auto.sessions else "", basis)

    n = common.number
    add(
        "sessions",
        n(you.sessions),
        n(auto.sessions),
        "measured: sessions with at least one prompt or response",
    )
    add("prompts", n(you.all_prompts), n(auto.all_prompts), "measured: " + _kinds(found))
    add(
        "active time",
        common.span(you.active_ms),
        common.span(auto.active_ms),
        "computed: gaps up to 5 min and running tools",
    )
    add(
        "wall time",
        common.span(you.wall_ms),
        common.span(auto.wall_ms),
        "computed: from first to last message",
    )
    add(
        "work blocks",
        n(you.work_blocks),
        n(auto.work_blocks),
        f"computed: separated by pauses over {settings.work_block_idle_ms // 60_000} min",
    )
    errors = you.tool_errors + auto.tool_errors
    add(
        "tool calls",
        n(you.tool_calls),
        n(auto.tool_calls),
        f"measured; {common.percent(errors, you.tool_calls + auto.tool_calls)} failed "
        "or were refused",
    )
    add(
        "subagents",
        n(you.agents),
        n(auto.agents),
        "measured: from subagents' own files, side chains and progress records",
    )
    add(
        "responses",
        n(you.responses),
        n(auto.responses),
        f"measured, each once; {n(you.responses_delegated + auto.responses_delegated)} by "
        "subagents",
    )
    add(
        "cost",
        common.money(you.cost_own_nano + you.cost_delegated_nano, unpriced=you.unpriced),
        common.money(auto.cost_own_nano + auto.cost_delegated_nano, unpriced=auto.unpriced),
        f"computed{', partly assumed' if you.price_assumed or auto.price_assumed else ''}; "
        f"{common.money(you.cost_delegated_nano + auto.cost_delegated_nano)} by subagents",
    )
    return rows


def _kinds(found: Overview) -> str:
    names = {
        "typed_prompt": "typed",
        "slash_command": "slash",
        "shell_input": "shell",
        "queued_prompt": "queued",
        "prompt_beside_result": "sent mid-turn",
    }
    said = {
        kind: f"{common.number(found.kinds[kind])} {name}"
        for kind, name in names.items()
        if found.kinds.get(kind)
    }
    counted = " · ".join(text for kind, text in said.items() if kind in HUMAN_KINDS)
    besides = ", ".join(text for kind, text in said.items() if kind not in HUMAN_KINDS)
    return f"{counted} (plus {besides})" if besides else counted


def _days(found: Overview, now: common.LocalNow, most: int = DAYS_SHOWN) -> common.Table | None:
    if not found.days:
        return None
    shown = found.days[-most:]
    rows = common.table(
        ("day", "l"),
        ("sessions", "r", 3),
        ("prompts", "r", 2),
        ("active", "r", 1),
        ("tokens", "r", 4),
        ("cost", "r"),
        ("", "w", 5),
        title=f"Last {common.number(len(shown))} of {common.plural(len(found.days), 'active day')}",
    )
    highest = max(row.cost_nano for row in shown) or 1
    for row in shown:
        rows.add_row(
            now.written(row.day) or "(no date)",
            common.number(row.sessions),
            common.number(row.all_prompts),
            common.span(row.active_ms),
            common.tokens(row.tokens),
            common.money(row.cost_nano, unpriced=row.unpriced),
            "▇" * round(16 * row.cost_nano / highest),
        )
    return rows


def _projects(
    found: Overview, now: common.LocalNow, most: int = NAMES_SHOWN
) -> common.Table | None:
    if not found.projects:
        return None
    rows = common.table(
        ("project", "w"),
        ("sessions", "r", 2),
        ("prompts", "r", 3),
        ("active", "r", 1),
        ("cost", "r"),
        ("last", "l", 4),
        title=_of("Projects", len(found.projects)),
    )
    for row in found.projects[:most]:
        last = now.date(row.last_at)
        rows.add_row(
            row.name,
            common.number(row.sessions),
            common.number(row.all_prompts),
            common.span(row.active_ms),
            common.money(row.cost_nano, unpriced=row.unpriced),
            last,
        )
    return rows


def _of(name: str, n: int) -> str:
    return name if n <= NAMES_SHOWN else f"{name}: {NAMES_SHOWN} of {n}"


def _models(found: Overview) -> object | None:
    if not found.models:
        return None
    rows = common.table(
        ("model", "w"),
        ("responses", "r", 1),
        ("input", "r", 3),
        ("output", "r", 2),
        ("cache read", "r", 3),
        ("cache write", "r", 3),
        ("cost", "r"),
        title=_of("Models", len(found.models)),
    )
    for row in found.models[:NAMES_SHOWN]:
        rows.add_row(
            row.label,
            common.number(row.responses),
            common.tokens(row.input_tokens),
            common.tokens(row.output_tokens),
            common.tokens(row.cache_read_tokens),
            common.tokens(row.cache_write_tokens),
            cost_of(row),
        )
    return rows


def cost_of(row: CostRow) -> str:
    """A row's money, marked where some of it has no price."""
    return common.money(row.cost_nano, unpriced=row.unpriced)


def _tools(found: Overview) -> object | None:
    if not found.tools:
        return None
    rows = common.table(
        ("tool", "w"),
        ("calls", "r"),
        ("errors", "r", 1),
        ("share", "r", 2),
        title=_of("Tools", len(found.tools)),
    )
    for name, calls, errors in found.tools[:NAMES_SHOWN]:
        rows.add_row(
            name, common.number(calls), common.number(errors), common.percent(errors, calls)
        )
    return rows


def _basis(found: Overview, settings: Settings, priceless: list[Unpriced]) -> list[str]:
    lines = []
    unpriced = found.human.unpriced + found.automated.unpriced
    assumed = found.human.price_assumed + found.automated.price_assumed
    bound = found.human.lower_bound + found.automated.lower_bound
    responses = sum(s.responses for s in (found.human, found.automated))
    word = "API-equivalent, not a bill: " if settings.api_equivalent else ""
    lines.append(
        f"Cost is {word}tokens × list price on that day (price table {PRICE_TABLE_VERSION})."
    )
    if unpriced:
        lines.append(
            _missing(
                f"{common.number(unpriced)} of {common.plural(responses, 'response')}", priceless
            )
        )
    if assumed:
        lines.append(common.assumed(assumed))
    if bound:
        lines.append(
            common.partial(f"{common.number(bound)} of {common.plural(responses, 'response')}")
        )
    missing = found.human.source_missing + found.automated.source_missing
    if missing:
        lines.append(
            f"The transcripts of {common.plural(missing, 'session')} are gone; "
            "the record still has them."
        )
    if found.typed_history:
        lines.append(
            f"history.jsonl has {common.plural(found.typed_history, 'more prompt')}, "
            "not included here."
        )
    return lines
