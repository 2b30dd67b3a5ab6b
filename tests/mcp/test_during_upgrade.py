"""MCP servers that run while a record is brought up to date: a sentence meanwhile, an answer
afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest

from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.ingest import ingest
from accrete.record import lock
from accrete.settings import Settings, read_settings
from tests.mcp.asked import META, refused
from tests.patience import until
from tests.records import FIRST, ingest_with_the_first, rows, unmeasured, world
from tools.old_program import program

pytestmark = pytest.mark.slow
BEING_UPDATED = "The record is being updated from an older version. Ask again in a minute."
Usage = namedtuple("Usage", "total used free")


class Server:
    """A server over stdio, of this program or of the one in `packages`."""

    def __init__(self, packages: str | None = None) -> None:
        env = unmeasured() | ({"PYTHONPATH": packages} if packages else {})
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "accrete", "mcp"], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._asked = 0

    def call(self, name: str, **given: Any) -> tuple[bool, str]:
        """Whether a tool call was answered, and the answer or the sentence."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._asked += 1
        params = {"_meta": META, "name": name, "arguments": given}
        message = {"jsonrpc": "2.0", "id": self._asked, "method": "tools/call", "params": params}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        result = json.loads(self.process.stdout.readline())["result"]
        return not result.get("isError"), result["content"][0]["text"]


@pytest.fixture
def old() -> Settings:
    """The test's own home, with a record of version 0.1.0."""
    settings = read_settings()
    world(settings)
    ingest_with_the_first(settings)
    assert rows(settings, "PRAGMA user_version") == [(7,)]
    return settings


@pytest.fixture
def server(old) -> Iterator[Server]:
    made = Server()
    yield made
    _, err = made.process.communicate(timeout=120)
    assert err == b""
    with lock.held(old.lock, wait_s=120) as free:  # the ingests that it started have ended
        assert free


def test_a_server_says_that_the_record_is_being_updated_and_answers_when_it_is_done(old, server):
    db = Sqlite(old.database)
    with lock.held(old.lock, wait_s=120) as mine, db.transaction():
        assert mine
        db.migrate()  # as another process does, up to the moment before it commits
        assert server.call("usage", by="day", project="all") == (False, BEING_UPDATED)
        assert server.call("session") == (False, BEING_UPDATED)
    db.close()
    said: list[str] = []

    def answered() -> bool:
        well, answer = server.call("usage", by="project", project="all")
        said.append(answer)
        return well

    until(answered)
    assert set(said[:-1]) <= {BEING_UPDATED}
    assert json.loads(said[-1])["rows"][0]["label"] == "demo"


def test_a_server_that_finds_an_older_record_has_it_updated_by_asking(old, server):
    assert server.call("session") == (False, BEING_UPDATED)
    until(lambda: server.call("session")[0])
    assert rows(old, "PRAGMA user_version") == [(latest_version(),)]


def test_a_server_of_the_first_version_that_goes_on_running_says_what_to_do(old):
    server = Server(str(program(FIRST)))
    assert server.call("usage", by="project", project="all")[0]
    ingest(old)
    answered, said = server.call("usage", by="project", project="all")
    assert not answered
    assert "newer Accrete" in said
    assert "Traceback" not in said
    server.process.communicate(timeout=120)
    assert server.process.returncode == 0


def test_a_server_that_goes_on_running_while_a_newer_version_took_over_says_to_restart_it(old):
    ingest(old)
    db = Sqlite(old.database)
    db.run(f"PRAGMA user_version = {latest_version() + 1}")
    db.close()
    assert "reconnect it (/mcp) or restart Claude Code" in refused("session")


def test_without_room_the_answer_says_so_and_not_to_wait(old, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 0))
    before = os.stat(old.database)
    assert "Nothing was changed" in refused("session")
    assert os.stat(old.database).st_mtime_ns == before.st_mtime_ns
