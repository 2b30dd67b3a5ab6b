"""`accrete doctor`: what was read, what was not, what Claude Code will delete and when, and whether
the record is intact."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from accrete.commands import common
from accrete.commands.diagnosis import Finding, as_answers, show_findings
from accrete.database import Sqlite
from accrete.errors import AccreteError, NoRecordError

if TYPE_CHECKING:
    from accrete.queries.counts import Numbers


@click.command("doctor")
@click.option(
    "--counts", "only_counts", is_flag=True, help="Print every kind of record and its number."
)
@common.json_option
def command(only_counts: bool, as_json: bool) -> None:
    """Check the record: what was read, what was not, what Claude Code will delete and when.

    Exits with 1 if the record is damaged or a file could not be read.
    """
    settings = common.settings()
    try:
        db = common.open_record(settings)
    except NoRecordError:
        if only_counts:
            raise
        from accrete.commands.reading_found import before_the_first

        _show(before_the_first(settings), as_json)
        return
    if only_counts:
        _counts(db, as_json)
        return
    checked = SoundCheck(settings.database)
    from accrete.commands.reading_found import all_findings

    findings = all_findings(db, settings, checked.problems)
    _show(findings, as_json)
    if any(f.level == "bad" for f in findings):
        raise click.exceptions.Exit(1)


class SoundCheck:
    """SQLite's own check of the whole file, on a thread: it reads every page while the rest is
    imported and looked at."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[str] = []
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            db = Sqlite(self._path, readonly=True)
            try:
                self._found = [said for (said,) in db.run("PRAGMA quick_check(5)")]
            finally:
                db.close()
        except (AccreteError, OSError) as error:
            self._found = [str(error)]

    def problems(self) -> list[str]:
        """What is wrong, nothing where all is well."""
        self._thread.join()
        return [] if self._found == ["ok"] else self._found


def _show(findings: list[Finding], as_json: bool) -> None:
    if as_json:
        from accrete.insight.upkeep import Findings

        common.print_answer(Findings(as_answers(findings)))
    else:
        show_findings(findings)


def _counts(db: Sqlite, as_json: bool) -> None:
    from accrete.queries.counts import counts

    found = db.ask_at_once(counts(common.MINE))
    if as_json:
        from accrete.insight.upkeep import Counted

        common.print_answer(Counted({**found}))
        return
    out = common.console()
    for name, value in found.items():
        if isinstance(value, Mapping):
            out.print(name, style="bold")
            for line in _nested(value, "  "):
                out.print(line)
        else:
            out.print(f"{name:28} {value:>14,}")


def _nested(value: Numbers, indent: str) -> list[str]:
    lines = []
    for name, each in value.items():
        if isinstance(each, Mapping):
            lines.append(f"{indent}{name}")
            lines.extend(_nested(each, indent + "  "))
        else:
            lines.append(f"{indent}{name:<{28 - len(indent)}} {each:>14,}")
    return lines
