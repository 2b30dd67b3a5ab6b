"""Several connections of one process, beside those of others."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from accrete.database import Question, Sqlite
from accrete.database.serving import SqlitePool

pytestmark = pytest.mark.long

FACTS = Question((("SELECT COUNT(*) FROM fact", ()),), lambda answers: int(answers[0][0][0]))
ELSEWHERE = """
import sys
from pathlib import Path
from accrete.database import Sqlite
db = Sqlite(Path(sys.argv[1]))
db.run("INSERT INTO fact (person, name, value) VALUES (1, ?, 'x')", (sys.argv[2],))
print(db.run("SELECT COUNT(*) FROM fact")[0][0])
db.close()
"""


def elsewhere(path, name: str) -> int:
    command = [sys.executable, "-c", ELSEWHERE, str(path), name]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def here(path, name: str) -> None:
    db = Sqlite(path)
    db.run("INSERT INTO fact (person, name, value) VALUES (1, ?, 'x')", (name,))
    db.close()


def test_a_writer_that_opens_and_closes_does_not_take_the_log_from_under_a_reader(tmp_path):
    path = tmp_path / "record.db"
    db = Sqlite(path)
    db.migrate()
    before = db.run("SELECT COUNT(*) FROM fact")[0][0]
    db.close()

    async def read_beside() -> None:
        pool = await SqlitePool.open(path)
        assert await pool.ask(FACTS) == before
        n = before
        for turn in range(4):
            here(path, f"here {turn}")
            n += 1
            assert await pool.ask(FACTS) == n
            assert elsewhere(path, f"elsewhere {turn}") == n + 1
            n += 1
            assert await pool.ask(FACTS) == n
        await pool.close()

    asyncio.run(read_beside())
