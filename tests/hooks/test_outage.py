"""A team server that accepts and never answers: hooks do not notice, and the record goes on."""

from __future__ import annotations

import os
import shlex
import socket
import sys

import pytest

from accrete.record import lock
from accrete.settings import Settings
from accrete.sync.choice import join, write_choice
from accrete.sync.due import read_last
from tests.hooks.fired import fire, silent
from tests.patience import LONG_S, until
from tests.records import kept, rows
from tests.transcripts import busy

TURNS = (4, 6, 9)


def so_far(connection: socket.socket) -> bytes:
    """What came over a connection that is still open."""
    said = b""
    while True:
        try:
            part = connection.recv(65536)
        except BlockingIOError:
            return said
        assert part, "the other side gave up"
        said += part


@pytest.mark.long
def test_while_a_team_server_hangs_hooks_and_ingests_go_on(tmp_path):
    settings = Settings(home=tmp_path / "data", roots=(tmp_path / "claude",), zone="UTC")
    kept(settings, busy(1, turns=2))
    program = tmp_path / "program"
    given = {"ACCRETE_HOME": settings.home, "CLAUDE_CONFIG_DIR": settings.roots[0], "TZ": "UTC",
             "HOME": tmp_path, "PATH": os.environ["PATH"]}  # fmt: skip
    words = ["env", "-i", *(f"{name}={value}" for name, value in given.items()), sys.executable,
             "-m", "accrete"]  # fmt: skip
    program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    program.chmod(0o700)
    (settings.home / "launcher").write_text(f"{program}\ningest\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LONG_S)
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        write_choice(settings, join(address, "acr_acme_" + "x" * 43))
        waiting = None
        for turns in TURNS:
            made = busy(1, turns=turns)
            path = made.write(settings.roots[0] / "projects")
            told = {"session_id": made.session, "hook_event_name": "Stop",
                    "transcript_path": str(path)}  # fmt: skip
            assert silent(fire(settings.home, payload=told))
            if waiting is None:
                waiting, _ = server.accept()  # the sync is there, and gets no answer
                waiting.setblocking(False)
            until(lambda turns=turns: rows(settings, "SELECT prompts FROM session") == [(turns,)])
        assert so_far(waiting).startswith((b"GET /", b"POST /"))
        waiting.close()
    until(lambda: read_last(settings).failures > 0)
    with lock.held(settings.lock, wait_s=LONG_S) as free:
        assert free
