"""Whatever breaks off during syncs, at last both sides hold what an undisturbed run leaves."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from accrete_team import tenants, tokens
from accrete_team.registry import Registry

from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.sync import prepare
from accrete.sync.choice import Choice, join
from accrete.sync.send import UnreachableError, client, send
from accrete.wire.travels import NAMES, columns
from tests.records import kept
from tests.team.serving import NOW
from tests.team.test_sync import told

TIMES = 200 if os.environ.get("ACCRETE_TORTURE") else 8


class Serving:
    """`accrete-team serve` in a process of its own, killed and begun again."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "accrete_team", "serve", "--port", str(self.port),
             "--nightly", "off"],
            env=os.environ | {"ACCRETE_TEAM_HOME": str(self.home)}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(600):
            try:
                httpx2.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5)
            except httpx2.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not begin")

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Cutting(httpx2.BaseTransport):
    """Sends requests, and at random loses one before it arrives, or its answer; or kills the server
    on the way."""

    def __init__(self, below: httpx2.BaseTransport, rng: random.Random, kill: Any) -> None:
        self.below, self.rng, self.kill, self.cuts = below, rng, kill, 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        way = self.rng.choice(["good", "good", "lost", "unheard", "killed"])
        self.cuts += way != "good"
        if way == "lost":
            raise httpx2.ConnectError("cut")
        if way == "killed":
            self.kill(self.rng.random() * 0.05)
        answer = self.below.handle_request(request)
        if way == "unheard":
            answer.read()
            raise httpx2.ReadError("cut")
        return answer


def held(company: Any) -> dict[str, list[str]]:
    """All shared rows that a company has, and what it remembers of them."""
    db = tenants.open_company(company)
    try:
        found = {}
        for name in NAMES:
            names = ", ".join(each.name for each in columns(name, 3))
            found[name] = sorted(map(repr, db.run(f"SELECT {names} FROM {name}")))
        found["shared"] = sorted(map(repr, db.run("SELECT session, what, tier, hash FROM shared")))
        return found
    finally:
        db.close()


def changed(settings: Any, rng: random.Random, n: int) -> None:
    """Something new to send: another session, or more of one."""
    t = told(rng.randrange(1, 6))
    for more in range(n % 4):
        t.answer(f"msg_more_{n}_{more}", blocks=[{"type": "text", "text": f"more {more}"}])
    kept(settings, t)


def pushed(settings: Any, choice: Choice, http: httpx2.Client | None = None) -> None:
    db = open_for_writing(settings)
    try:
        send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_server_that_is_killed_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch, engine, request
):
    import threading

    monkeypatch.setattr(prepare, "MESSAGE_MOST", 2_000)  # a message for each session
    monkeypatch.setattr("accrete.sync.transport.TRIES", 2)
    admin = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
    end = f"-{os.getpid()}-{time.time_ns() % 10**6}"
    registry, port, rng = Registry(tmp_path / "team"), free_port(), random.Random(11)
    serving = Serving(registry.home, port)
    made, choices = [], []
    for name in (f"cut{end}", f"calm{end}"):
        made.append(tenants.create(registry, name, admin_url=admin))
        db = tenants.open_company(made[-1])
        token = tokens.make_token(db, name, tokens.add_person(db, "Amara"), "", NOW)
        db.close()
        choices.append(join(f"http://127.0.0.1:{port}", token, tier=3))
    serving.begin()
    killers: list[threading.Timer] = []

    def kill(after: float) -> None:
        killers.append(threading.Timer(after, serving.kill))
        killers[-1].start()

    try:
        cuts = 0
        for n in range(TIMES):
            changed(settings, rng, n)
            own = client(choices[0])
            cutting = Cutting(own._transport, rng, kill)
            with (
                suppress(UnreachableError),  # and nothing else: no machine is sent away
                httpx2.Client(transport=cutting, headers=own.headers, timeout=10) as http,
            ):
                pushed(settings, choices[0], http)
            own.close()
            cuts += cutting.cuts
            if killers:
                for each in killers:
                    each.join()
                killers.clear()
                serving.begin()
        assert cuts > TIMES // 4
        pushed(settings, choices[0])
        again = open_for_writing(settings)
        try:
            assert again.run("SELECT COUNT(*) FROM shared") != [(0,)]
            again.run("DELETE FROM shared")
            again.run("DELETE FROM unshared")
        finally:
            again.close()
        pushed(settings, choices[1])
        cut, calm = (held(each) for each in made)
        assert {name: rows for name, rows in cut.items() if rows != calm[name]} == {}
        assert len(cut["session"]) > 1
    finally:
        for each in killers:
            each.cancel()
        serving.kill()
        for each in made:
            tenants.delete(registry, each.slug, admin_url=admin)
