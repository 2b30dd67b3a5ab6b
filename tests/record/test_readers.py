"""Reading processes run the program that started them, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accrete.ingest.reading import WholeSessions
from accrete.record.readers import Reading, readings
from accrete.transcript.read import Job
from tests.records import projects, rows
from tests.transcripts import busy, session_id


@pytest.mark.long
def test_reading_processes_import_nothing_from_the_folder_they_are_called_in(settings, tmp_path):
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("msgspec", "queue", "json"):
        (trap / f"{name}.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    busy(1).write(projects(settings))
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
    }
    command = [Path(sys.executable).with_name("accrete"), "backfill", "--jobs", "1", "--json"]
    done = subprocess.run(command, cwd=trap, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["lines_parsed"] > 0
    assert not (tmp_path / "sprung").exists()


@pytest.mark.long
def test_processes_that_read_files_are_of_the_program_that_started_them(settings):
    for n in range(1, 5):
        busy(n, turns=30).write(projects(settings))
    root = Path(__file__).resolve().parents[2]
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        "PYTHONPATH": os.pathsep.join(map(str, (root, root / "hooks", root / "mcp_server"))),
        "PYTHONSAFEPATH": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "accrete", "backfill", "-q", "--jobs", "2"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(4,)]
    from accrete.record import processes

    assert processes.package_folder() == str(root)


@pytest.mark.long
def test_every_file_that_other_processes_are_given_is_read_to_its_end(settings):
    jobs = [
        Job(str(busy(n).write(projects(settings))), "main", session_id(n), "", None, None)
        for n in range(1, 6)
    ]
    ended = [reading.job.path for reading in readings(jobs, 2) if reading.last]
    assert sorted(ended) == [job.path for job in jobs]


def test_a_session_is_worked_out_once_the_last_of_its_files_is_read_to_its_end():
    def job(name: str, session: str | None) -> Job:
        return Job(f"/{name}.jsonl", "main", session, "", None, None)

    one, more, *others = (job(f"{n}", ("a", "a", "b", "c", "d")[n]) for n in range(5))
    nobodys = job("notes", None)
    whole = WholeSessions([one, more, *others, nobodys])
    ready = set[str]()
    for read in (*others, nobodys, one):
        ready |= whole.after(Reading(read, None))
    ready |= whole.after(Reading(more, None, last=False))
    assert ready == set()
    assert whole.after(Reading(more, None)) == {"a", "b", "c", "d"}
    assert whole.after(Reading(nobodys, None)) == set()
