"""What commands share: settings, the open record, options, and how figures are written."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from accrete import __version__
from accrete.clock import ISO, Style
from accrete.clock import LocalNow as LocalNow
from accrete.commands.tables import Table as Table
from accrete.commands.tables import table as table
from accrete.database import Sqlite
from accrete.database.opening import open_for_reading
from accrete.errors import AccreteError, NoRecordError, OldRecordError
from accrete.local import ME as ME
from accrete.local import MINE as MINE
from accrete.local import about as about
from accrete.plain import plain as plain
from accrete.queries.names import find_project as project_called
from accrete.queries.names import find_session as named_session
from accrete.queries.names import find_used
from accrete.queries.projects import other_rules, project_names
from accrete.queries.scope import Scope
from accrete.queries.sessions import assumed_sessions, other_zones, sessions_named
from accrete.settings import Settings, read_settings

if TYPE_CHECKING:
    from rich.console import Console

F = TypeVar("F", bound=Callable[..., Any])


def open_record(settings: Settings) -> Sqlite:
    """The record to read from, brought up to date first where an older version wrote it. Raises NoRecordError when there
    is none yet, AccreteError when it needs a newer program."""
    try:
        db = open_for_reading(settings.database)
    except NoRecordError as error:
        raise NoRecordError(_no_record(settings, str(error))) from None
    except OldRecordError:
        from accrete.maintain import upgrade

        click.echo("Bringing the record up to date with this version of Accrete, once …", err=True)
        upgrade(settings)
        catch_up(settings)
        return open_for_reading(settings.database)
    if db.ask(other_rules(MINE, settings.projects)):
        with suppress(AccreteError):  # it cannot be written now: the next ingest does it
            settle(settings)
    return db


def _no_record(settings: Settings, otherwise: str) -> str:
    """Why there is no record, and what to do."""
    from accrete.commands.hooks_found import is_gone

    if is_gone(settings):
        return (f"The data folder {settings.home} is gone, though hooks in Claude Code's settings write to it. Mount it again, or run "
                "`accrete init` to begin a new one.")  # fmt: skip
    return otherwise


def settle(settings: Settings) -> None:
    """Works projects out again, by what the person says of them now."""
    from accrete.derive.projects import settle_projects
    from accrete.ingest import open_for_writing

    writable = open_for_writing(settings)
    try:
        settle_projects(writable, ME, settings)
    finally:
        writable.close()


def find_session(db: Sqlite, prefix: str) -> str:
    """The id of the one session that is meant; what is new of the session this shell runs in is read first."""
    if prefix == "current":
        from accrete.wake import freshen

        freshen(read_settings())
    return named_session(db, MINE, prefix)


def find_project(db: Sqlite, name: str) -> str:
    """The id of the one project that is called so."""
    return project_called(db, MINE, name)


def nothing(db: Sqlite, what: str) -> str:
    """Why nothing is shown: the record is empty, or a filter leaves nothing over."""
    if not db.ask(sessions_named(MINE, "latest")):
        return "The record holds no session yet. Run `accrete backfill`, or `accrete doctor` to see where it looks."
    return f"No {what} matches. Leave out a filter, or see `accrete sessions --all`."


def settings() -> Settings:
    """The settings of this run. Where hooks are installed, what they start is kept current."""
    found = read_settings()
    _tell_hooks(found)
    text: str | None
    try:
        text = (found.home / "bin" / "accrete").read_text("utf-8", "replace")
    except OSError:
        text = None if (found.home / "spool").is_dir() else ""
    if text is None or (text and (f"# accrete {__version__}\n" not in text or sys.executable not in text)):
        from accrete_hooks.scripts import repair

        with suppress(AccreteError):  # what a person asked for goes first, such as to delete where the disk is full
            repair(found.home)
    return found


def _tell_hooks(found: Settings) -> None:
    """Hooks read no JSON: what the local tier lets them keep stands in a file of its own."""
    path = found.home / "tier"
    try:
        known = path.read_text("ascii", "replace").strip()
    except OSError:
        known = "3"
    if known != str(found.local_tier) and found.home.is_dir():
        path.write_text(f"{found.local_tier}\n", "ascii")
        path.chmod(0o600)


def catch_up(settings: Settings) -> None:
    """Reads what hooks wrote while a command held the record: the ingests that they started left it to that."""
    from accrete import spool

    if spool.waiting(settings):
        from accrete.background import background

        background(settings)


def json_option(command: F) -> F:
    """Adds `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def limit_option(shown: int | None, what: str = "rows") -> Callable[[F], F]:
    """Adds `-n`: how many rows at most, on the screen and in JSON alike. `shown`: how many the screen has without it."""
    default = f"  [default: {shown}]" if shown else ""
    return click.option("-n", "--limit", type=click.IntRange(1), help=f"At most so many {what}, in JSON too.{default}")


def scope_options(command: F) -> F:
    """Adds the options that narrow a question: --since, --until, --project, --exclude-project,
    --automated."""
    for option in reversed(
        (
            click.option("--since", metavar="WHEN", help="From a day on, by when things happened: 2026-03-01, today, yesterday, 14d, 2w, 3m."),
            click.option("--until", metavar="WHEN", help="Up to a day, included, by when things happened."),
            project_options,
            click.option("--automated/--human", default=None,
                         help="Only automated sessions (-p, SDK, team members), or only your own."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def project_options(command: F) -> F:
    """Adds what narrows a question to projects: --project, --exclude-project."""
    command = click.option("--exclude-project", metavar="NAME", multiple=True, expose_value=False, callback=_left_out,
                           shell_complete=_complete_project, help="Leave a project out; can be given again.")(command)  # fmt: skip
    return click.option(
        "--project", metavar="NAME", help="One project, by name, remote or folder.", shell_complete=_complete_project
    )(command)


LEFT_OUT = "accrete.left_out"
"""Where a run keeps the projects that --exclude-project names."""


def _left_out(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
    ctx.meta[LEFT_OUT] = names


def _complete_project(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    try:
        names: list[str] = open_record(settings()).ask(project_names(MINE))
    except AccreteError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def make_scope(db: Sqlite, now: LocalNow, since: str | None, until: str | None, project: str | None,
               automated: bool | None, **more: Any) -> Scope:  # fmt: skip
    """The scope that the options describe. Raises AccreteError for a day or a project that cannot be understood."""
    first, last = (now.day(day) if day is not None else None for day in (since, until))
    if first and last and first > last:
        raise AccreteError(f"--since {since} is after --until {until}. Exchange them.")
    tell_zone(db, now)
    for name, column in (("branch", "branch"), ("model", "model")):
        if more.get(name) is not None:
            more[name] = find_used(db, MINE, name, column, more[name])
    return replace(
        MINE,
        since=first,
        until=last,
        project=find_project(db, project) if project is not None else None,
        automated=automated,
        without=tuple(find_project(db, name) for name in left_out()),
        zone=now.local.zone,
        **more,
    )


def left_out() -> tuple[str, ...]:
    """The projects that --exclude-project names in this run."""
    ctx = click.get_current_context(silent=True)
    return tuple(ctx.meta.get(LEFT_OUT, ())) if ctx else ()


def tell_zone(db: Sqlite, now: LocalNow) -> None:
    """Says that the zone changed since the days were worked out, until an ingest has worked them out anew."""
    if others := db.ask(other_zones(replace(MINE, zone=now.local.zone))):
        click.echo(
            f"Days are still those of {', '.join(others)}. For {now.local.zone} run `accrete backfill`, or `accrete rebuild`.",
            err=True,
        )


def range_note(scope: Scope, partly: int = 0) -> str | None:
    """What a screen says of its range of days: that figures are those of the range, and how many sessions go beyond it."""
    if not scope.ranged:
        return None
    beyond = f"; {plural(partly, 'session')} {'goes' if partly == 1 else 'go'} beyond it" if partly else ""
    return f"Figures within the range{beyond}."


def local_now(settings: Settings) -> LocalNow:
    """The present, for a person who reads it."""
    import time

    return LocalNow(settings.zone, int(time.time() * 1000), local_style())


def local_style() -> Style:
    """How the locale of this run (LC_ALL, LC_TIME, LANG) writes days and times: years in four digits, times without
    seconds. ISO 8601 where it is C or POSIX, is not installed, or the system does not tell."""
    import locale

    try:
        chosen = locale.setlocale(locale.LC_TIME, "")
        day, time, half_days = (locale.nl_langinfo(each) for each in (locale.D_FMT, locale.T_FMT, locale.T_FMT_AMPM))
        half_days = half_days if locale.nl_langinfo(locale.AM_STR) else half_days.replace("%p", "")
        time = time if locale.nl_langinfo(locale.AM_STR) else time.replace("%p", "")
    except (locale.Error, AttributeError, ValueError):
        return ISO
    return ISO if chosen.partition(".")[0] in ("C", "POSIX") else style_of(day, time, half_days)


def style_of(day: str, time: str, half_days: str) -> Style:
    """A style from what a locale says of itself: `%d.%m.%y`, `%T` or `%r`, and what `%r` stands for; ISO 8601 where that
    says more or less than a day and a time of day that can be read back."""
    for short, long in (("%D", "%m/%d/%y"), ("%F", "%Y-%m-%d"), ("%y", "%Y"), ("%-", "%"), ("%e", "%d")):
        day = day.replace(short, long)
    for short, long in (("%r", half_days or "%I"), ("%T", "%H:%M:%S"), ("%R", "%H:%M"), ("%k", "%H"), ("%l", "%I")):
        time = time.replace(short, long)
    day, seconds = day.strip(), time.strip()
    of_day, of_time = set(re.findall("%.", day)), set(re.findall("%.", seconds))
    readable = {"%d", "%Y"} <= of_day <= {"%d", "%m", "%Y", "%b", "%B"} and {"%M"} <= of_time <= {
        "%H",
        "%I",
        "%M",
        "%S",
        "%p",
    }
    if not readable or ("%I" in of_time) != ("%p" in of_time):  # without %p nothing tells morning from evening
        return ISO
    return Style(day, re.sub(r"[:.,]?%S[^\s%]*", "", seconds), seconds)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def console() -> Console:
    """A console that colours only a terminal and keeps whole lines when it is piped into a file."""
    from rich.console import Console
    from rich.text import Text

    known = bool(sys.stdout.isatty() or os.environ.get("COLUMNS"))
    width = None if known else _terminal_width()

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

        def print(self, *objects: Any, **how: Any) -> None:
            """A text that says not to wrap is cut on a terminal and whole in a pipe; rich forgets it when it joins what
            is printed. A table that is wider than the terminal in spite of all flows over its edge whole."""
            if len(objects) == 1 and isinstance(objects[0], Table):
                how = {"crop": False, **how}
            if len(objects) == 1 and isinstance(objects[0], Text) and objects[0].no_wrap:
                cut = {"no_wrap": True, "overflow": objects[0].overflow, "crop": True}
                how = {**(cut if known else {"soft_wrap": True}), **how}
            super().print(*objects, **how)

    return Piped(highlight=False, width=width, soft_wrap=False, emoji=False, markup=False)


def _terminal_width() -> int:
    """Where the output goes into a pipe: the width of the terminal that the errors go to, and so the eyes, or 100."""
    try:
        return os.get_terminal_size(2).columns or 100
    except (OSError, ValueError):
        return 100


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 session`, `2 sessions`."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def number(n: int | None) -> str:
    """A count with thousands separated; `—` where it is not known."""
    return "—" if n is None else f"{n:,}"


def tokens(n: int | None) -> str:
    """Tokens in four characters or so: 912, 8.1k, 12.4M, 1.2G."""
    if n is None:
        return "—"
    value = float(n)
    for unit in ("", "k", "M", "G"):
        if value < 999.5 or unit == "G":
            return f"{n}" if not unit else f"{value:.1f}{unit}" if value < 99.95 else f"{value:.0f}{unit}"
        value /= 1000
    return str(n)


def money(nano: int | None, *, unpriced: int = 0) -> str:
    """US dollars from nano-dollars; `—` where nothing is known, a `+` where some of it has no price."""
    if nano is None or (nano == 0 and unpriced):
        return "—"
    dollars = nano / 1e9
    text = f"${dollars:,.2f}" if dollars >= 0.005 or nano == 0 else f"${dollars:.4f}"
    return text + ("+" if unpriced else "")


def assumed(n: int) -> str:
    """The note under costs of which some rest on an assumed price."""
    return f"Price assumed for {plural(n, 'response')}: no source shows it for that time."


def assumed_reading(db: Sqlite, scope: Scope) -> str | None:
    """The note under figures of which some rest on the reading of an older version."""
    n = db.ask(assumed_sessions(scope))
    return f"Assumed: {plural(n, 'session')} read by an older version of Accrete. See `accrete doctor`." if n else None


def span(ms: int | None) -> str:
    """A length of time: 42 s, 7 min, 3 h 05, 12 d 4 h."""
    if ms is None:
        return "—"
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 100 * 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"
    return f"{seconds // 86400} d {seconds % 86400 // 3600} h"


def percent(part: int, whole: int) -> str:
    """A share; `—` of nothing."""
    return "—" if not whole else f"{100 * part / whole:.1f} %"


def size(n: int) -> str:
    """Bytes: 12 kB, 3.4 MB, 1.2 GB."""
    value = float(n)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{n} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return str(n)


def rows_as_dicts(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Dataclass rows as plain objects, without whose they are: here all are one's own."""
    from dataclasses import asdict

    return [{name: value for name, value in asdict(row).items() if name != "person"} for row in rows]
