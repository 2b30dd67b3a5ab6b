"""`accrete export`: exports the record, or one session, to a file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO
from uuid import uuid4

import click

from accrete.care.export import write_csv, write_json_lines
from accrete.care.maintain import backup
from accrete.commands import common
from accrete.database import Sqlite
from accrete.errors import AccreteError
from accrete.model.tables import EXPORTED
from accrete.present.session import as_html, as_markdown
from accrete.queries.replay import replay
from accrete.queries.scope import Scope
from accrete.queries.sessions import session, sessions
from accrete.text.plain import plain_pieces

PIPE = "-"
FORMATS = {
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".md": "md",
    ".html": "html",
}


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--session",
    "session_id",
    metavar="ID",
    help="Only this session: the beginning of its id, latest or current.",
)
@click.option(
    "--table",
    type=click.Choice(EXPORTED),
    help="Export this table only. Default: all tables for JSON Lines, sessions for CSV.",
)
@click.option(
    "--format",
    "chosen",
    type=click.Choice(sorted(set(FORMATS.values()))),
    help="Format, if FILE's ending does not show it.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@common.scope_options
@common.json_option
def command(
    file: Path,
    session_id: str | None,
    table: str | None,
    chosen: str | None,
    force: bool,
    since: str | None,
    until: str | None,
    project: str | None,
    automated: bool | None,
    as_json: bool,
) -> None:
    """Export the record or one session to FILE: .jsonl, .csv, .db (a copy of the database), .md or
    .html. With `-` and --format, write to standard output.

    With --since or --until: what happened in that time, and each session with its figures of that
    time. Markdown and HTML export one whole session (--session; default: the newest). The HTML page
    is complete in itself and loads nothing.

    Texts were redacted when they were stored. Read the file before you share it.
    """
    settings = common.settings()
    how = chosen or FORMATS.get(file.suffix.lower())
    if how is None:
        raise AccreteError(
            f"{file.name} doesn't end in a known format. "
            f"Use one of {', '.join(FORMATS)}, or give --format."
        )
    db = common.open_record(settings)
    now = common.local_now(settings)
    narrowed = (
        session_id is not None
        or bool(common.left_out())
        or any(option is not None for option in (since, until, project, automated))
    )
    if str(file) == PIPE and (how == "sqlite" or as_json):
        raise AccreteError("This format needs a file; it can't be piped.")
    if how == "sqlite":
        if narrowed or table:
            raise AccreteError(
                "A database copy can't be filtered. Remove the filters, or export .jsonl."
            )
        count = backup(settings, file, force=force)
        _done(file, count, "byte", as_json)
        return
    if table and how in ("md", "html"):
        raise AccreteError(f"--table works with .jsonl and .csv only. {how} exports one session.")
    if file.exists() and not force and str(file) != PIPE:
        raise AccreteError(f"{file} exists. Give another name, or --force to overwrite it.")
    one = common.find_session(db, session_id) if session_id else None
    if how in ("md", "html") and (since is not None or until is not None):
        raise AccreteError(
            "Markdown and HTML export a whole session. "
            "Remove --since and --until, or export .jsonl."
        )
    scope = common.make_scope(db, now, since, until, project, automated)
    if one is None and how in ("md", "html"):
        newest = db.ask(sessions(scope, limit=1))
        if not newest:
            raise AccreteError("No sessions match. Remove a filter, or give --session.")
        one = newest[0].id
    ids = [one] if one else None
    if ids is None and narrowed:
        ids = [row.id for row in db.ask(sessions(scope, empty=True))]
    try:
        count, what = _write(db, file, how, table, ids, scope, now)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AccreteError(
            f"Cannot write {file}: {error.strerror}. Try another location."
        ) from error
    _done(file, count, what, as_json)


def _write(
    db: Sqlite,
    file: Path,
    how: str,
    table: str | None,
    ids: list[str] | None,
    scope: Scope,
    now: common.LocalNow,
) -> tuple[int, str]:
    if str(file) == PIPE:
        return _into(sys.stdout, db, how, table, ids, scope, now)
    partial = file.with_name(f".{file.name}.{uuid4().hex[:8]}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="" if how == "csv" else "\n") as out:
            count, what = _into(out, db, how, table, ids, scope, now)
        os.replace(partial, file)
    finally:
        partial.unlink(missing_ok=True)
    return count, what


def _into(
    out: IO[str],
    db: Sqlite,
    how: str,
    table: str | None,
    ids: list[str] | None,
    scope: Scope,
    now: common.LocalNow,
) -> tuple[int, str]:
    if how == "jsonl":
        return write_json_lines(db, out, (table,) if table else EXPORTED, ids, scope), "row"
    if how == "csv":
        return write_csv(db, out, table or "session", ids, scope), "row"
    assert ids is not None
    row = db.ask(session(common.about(ids[0])))
    assert row is not None
    items = db.ask(replay(common.about(ids[0])))
    out.writelines(plain_pieces((as_markdown if how == "md" else as_html)(row, items, now.local)))
    return len(items), "moment"


def _done(file: Path, count: int, what: str, as_json: bool) -> None:
    if as_json:
        from accrete.insight.upkeep import Exported

        common.print_answer(Exported(str(file), **{f"{what}s": count}))
    elif str(file) != PIPE:
        entries = (
            common.plural(count, "entry", "entries")
            if what == "moment"
            else common.plural(count, what)
        )
        click.echo(f"Wrote {file} ({entries}), readable only by you.")
