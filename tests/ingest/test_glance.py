"""A glance says that there is nothing to do only where an ingest does nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from accrete.care.copies import KEPT_S, before_upgrade
from accrete.care.forget import What, forget
from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.ingest.glance import glance
from accrete.projects.rules import rules_of
from accrete.record import stored_facts as facts
from accrete.record.file_names import PART
from accrete.record.spooled import DISABLED
from accrete.settings import Settings
from tests.records import projects
from tests.transcripts import Transcript, busy

pytestmark = pytest.mark.long

Change = Callable[[Settings, Path], Settings | None]


@pytest.fixture
def read(settings):
    """A record of two sessions and a subagent, and the file of the first of them."""
    path = busy(1).write(projects(settings))
    t = Transcript(2)
    t.prompt("Mend the cart")
    t.answer("msg_cart")
    t.write(projects(settings))
    ingest(settings)
    return path


def without_seconds(report):
    return replace(report, seconds=0.0)


def revision(settings):
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.revision()
    finally:
        db.close()


def test_it_reports_what_an_ingest_reports_that_finds_nothing(settings, read):
    seen, before = glance(settings), revision(settings)
    assert seen is not None
    assert without_seconds(seen) == without_seconds(ingest(settings))
    assert revision(settings) == before
    folder = settings.roots[0]
    again = glance(settings, [folder])
    assert again is not None
    assert without_seconds(again) == without_seconds(ingest(settings, paths=(folder,)))


def test_a_forgotten_session_leaves_nothing_to_do_whether_its_file_is_there_or_not(settings, read):
    forget(settings, What(sessions=(busy(1).session,)), 1)
    ingest(settings)
    seen = glance(settings)
    assert seen is not None
    assert without_seconds(seen) == without_seconds(ingest(settings))
    read.unlink()
    seen = glance(settings)
    assert seen is not None
    assert without_seconds(seen) == without_seconds(ingest(settings))


def test_what_cannot_be_read_is_said_by_a_glance_too(settings, read):
    (projects(settings) / "d").mkdir()
    (projects(settings) / "d" / "loop.jsonl").symlink_to("loop.jsonl")
    ingest(settings)
    seen = glance(settings)
    assert seen is not None
    assert [Path(path).name for path, _ in seen.skipped] == ["loop.jsonl"]
    assert without_seconds(seen) == without_seconds(ingest(settings))


def _sql(*statements: str) -> Change:
    def change(settings: Settings, path: Path) -> None:
        db = Sqlite(settings.database)
        for sql in statements:
            db.run(sql)
        db.close()

    return change


def _fact(person: int, name: str, value: str) -> Change:
    return _sql(
        f"DELETE FROM fact WHERE person = {person} AND name = '{name}'",
        f"INSERT INTO fact (person, name, value) VALUES ({person}, '{name}', '{value}')",
    )


def _write(name: str) -> Change:
    def change(settings: Settings, path: Path) -> None:
        at = settings.home / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text("")

    return change


def _append(settings: Settings, path: Path) -> None:
    with path.open("a") as file:
        file.write("{}\n")


def _new(settings: Settings, path: Path) -> None:
    shutil.copy(path, path.with_name("00000009-0000-4000-8000-000000000000.jsonl"))


def _old_copy(settings: Settings, path: Path) -> None:
    copy = before_upgrade(settings.database)
    copy.write_text("")
    long_ago = copy.stat().st_mtime - KEPT_S - 60
    os.utime(copy, (long_ago, long_ago))


CHANGES: dict[str, Change] = {
    "a line more": _append,
    "a file more": _new,
    "a file touched": lambda settings, path: os.utime(path),
    "a file moved": lambda settings, path: path.rename(path.with_stem("elsewhere")) and None,
    "a file gone": lambda settings, path: path.unlink(),
    "a file that came back": _sql("UPDATE source_file SET missing_at = 1"),
    "a file that could not be read": _sql("UPDATE source_file SET error = 'why'"),
    "a file of an older reader": _sql("UPDATE source_file SET reader = 0"),
    "a stale session": _sql("UPDATE session SET stale = 1 WHERE id LIKE '00000001%'"),
    "an older derivation": _sql("UPDATE session SET derived_version = 0"),
    "another zone": lambda settings, path: replace(settings, zone="Asia/Tokyo"),
    "rules of projects": lambda settings, path: replace(
        settings, projects=rules_of({"/home/dev/*": "Dev"}, "/home/dev")
    ),
    "automated folders": lambda settings, path: replace(settings, automated=("/home/dev/**",)),
    "unsettled projects": _fact(1, "projects_settled", ""),
    "something to scrub": _fact(0, facts.SCRUB_WAITS, "1"),
    "an older index": _fact(0, facts.SEARCH_INDEX, "0"),
    "older patterns": _fact(0, facts.REDACTED, "0"),
    "an older sweep": _fact(1, facts.SWEPT, "0"),
    "weeks that wait": _fact(1, facts.WEEKS_WAIT, "1"),
    "summaries that wait": _fact(1, facts.SUMMARIES_WAIT, "1"),
    "all before a day is forgotten": _sql(
        "INSERT INTO forgotten (person, what, value, at) VALUES (1, 'before', '1', 1)"
    ),
    "a project is forgotten": _sql(
        "INSERT INTO forgotten (person, what, value, at) VALUES (1, 'project', 'x', 1)"
    ),
    "a session that may have ended": _sql(
        "UPDATE session SET outcome = NULL, outcome_reason = 'still running, as far as hooks saw'",
        "INSERT INTO hook_event (person, hash, session, event, at, detail) "
        "SELECT 1, id, id, 'Stop', 1, '{}' FROM session",
    ),
    "a session that is to stay out": _write(f"spool/1-{DISABLED}.hook"),
    "what a killed backfill left": _write(f"{PART}0-1"),
    "a copy that is kept no longer": _old_copy,
    "no record": lambda settings, path: settings.database.unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_says_nothing_where_something_may_be_to_do(settings, read, change):
    assert glance(settings) is not None
    changed = change(settings, read)
    assert glance(changed if isinstance(changed, Settings) else settings) is None


@pytest.mark.parametrize(
    ("folder", "command", "known"),
    [
        (".", "git commit -qm 'Mend the cart'", False),
        ("gone", "git commit -qm 'Mend the cart'", True),
        ("gone", "cd .. && git commit -qm 'Mend the cart'", True),
        ("gone", "cd /elsewhere && git commit -qm 'Mend the cart'", False),
    ],
)
def test_a_commit_waits_for_git_where_its_folder_may_be_here(
    settings, tmp_path, folder, command, known
):
    t = Transcript(3, cwd=str(tmp_path / folder))
    t.prompt("Commit it")
    t.call("Bash", {"command": command})
    t.result("")
    t.answer("msg_end")
    t.write(projects(settings))
    ingest(settings)
    assert (glance(settings) is not None) == known


def test_a_backfill_with_nothing_new_loads_nothing_of_reading(settings, read):
    code = (
        "import sys\n"
        "from accrete.commands import main\n"
        "try: main(['backfill'])\n"
        "except SystemExit: pass\n"
        "print(' '.join(sys.modules), file=sys.stderr)\n"
    )
    env = {**os.environ, "ACCRETE_HOME": str(settings.home), "TZ": "UTC",
           "CLAUDE_CONFIG_DIR": str(settings.roots[0])}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Nothing new in 2 files.")
    assert not set(done.stderr.split()) & {
        "accrete.ingest.pipeline", "accrete.derive.refresh", "accrete.record.store",
        "accrete.redaction.engine", "accrete.outcomes.shell", "accrete.model.tables", "msgspec",
        "subprocess",
    }  # fmt: skip
