"""Whatever breaks off during syncs, at last both sides hold what an undisturbed run leaves."""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from accrete_team import tenants, tokens
from accrete_team.registry import Company, Registry

from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.settings import Settings
from accrete.sync import prepare
from accrete.sync.choice import Choice, join
from accrete.sync.send import UnreachableError, client, send
from accrete.wire.travels import NAMES, columns
from tests.records import kept
from tests.team.serving import NOW
from tests.team.test_sync import told
from tools import postgres

DISK_BYTES, CLUSTER_BYTES = 16 << 20, 224 << 20
ROOT = Path(__file__).resolve().parents[2]
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
"""Of Linux's <sys/ioctl.h> and <net/if.h>."""
TIMES = 200 if os.environ.get("ACCRETE_TORTURE") else 4


class Serving:
    """`accrete-team serve` in a process of its own. What befalls it comes a moment after `strike`,
    and is over after `mend`; this one is killed and begun again."""

    patience_s = 10.0
    place: tuple[str, ...] = ()
    """The command that runs another one where the server is."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        self.home, self.port, self.rng = home, free_port(), rng
        self.process: subprocess.Popen[bytes] | None = None
        self.coming: list[threading.Timer] = []

    def prepare(self) -> None:
        """Makes the place where the server is to be, when its companies are there."""

    def within(self, do: Callable[[], None]) -> None:
        """Does something where a machine reaches the server."""
        do()

    def seen(self, company: Company) -> Company:
        """A company as this process finds it."""
        return company

    def strike(self, after: float) -> None:
        self.coming.append(threading.Timer(after, self.befall))
        self.coming[-1].start()

    def befall(self) -> None:
        self.kill()

    def mend(self, *, last: bool) -> None:
        struck = bool(self.coming)
        for each in self.coming:
            each.join()
        self.coming.clear()
        if struck or last:
            self.recover(last=last)

    def recover(self, *, last: bool) -> None:
        if self.process is None or self.process.poll() is not None:
            self.begin()

    def end(self) -> None:
        for each in self.coming:
            each.cancel()
            each.join()
        self.kill()

    def begin(self) -> None:
        self.process = subprocess.Popen(
            [*self.place, sys.executable, "-m", "accrete_team", "serve", "--port", str(self.port),
             "--nightly", "off"],
            env=os.environ | {"ACCRETE_TEAM_HOME": str(self.home)}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.within(self.wait)

    def wait(self) -> None:
        for _ in range(600):
            try:
                httpx2.get(f"http://127.0.0.1:{self.port}/healthz", timeout=5, verify=False)
            except httpx2.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not begin")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


class OnPostgres(Serving):
    """Its PostgreSQL crashes, or is stopped, and begins again; it is a cluster of its own that
    keeps what it said it did."""

    def __init__(self, home: Path, rng: random.Random) -> None:
        super().__init__(home, rng)
        self.cluster = home.parent / "pg"
        sure = tuple(each for each in postgres.HASTY if "synchronous_commit" not in each)
        self.go = partial(postgres.start, self.cluster, port=free_port(), set_to=sure)

    def befall(self) -> None:
        postgres.stop(self.cluster, self.rng.choice(["fast", "immediate"]))

    def recover(self, *, last: bool) -> None:
        assert self.go(), (self.cluster / "log").read_text("utf-8")[-2_000:]

    def end(self) -> None:
        super().end()
        postgres.stop(self.cluster, "immediate")


class Apart(Serving):
    """A server in a namespace of its own, which a process holds that does nothing else."""

    kind, first = "", ""

    def prepare(self) -> None:
        self.holder = subprocess.Popen(
            ["unshare", self.kind, "sh", "-c", f"{self.first} && echo ready && exec sleep 36000"],
            stdout=subprocess.PIPE,
        )
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == b"ready\n"
        self.place = ("nsenter", "-t", str(self.holder.pid), self.kind, "--")

    def end(self) -> None:
        super().end()
        self.holder.kill()
        self.holder.communicate()

    @classmethod
    def check(cls) -> None:
        """Skips where there can be no namespaces."""
        try:
            done = subprocess.run(["unshare", cls.kind, "true"], capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("there is no unshare here")
        if done.returncode:
            pytest.skip(f"no namespace may be made here: {done.stderr.decode().strip()}")


class OnSmallDisk(Apart):
    """Its disk is full for a while, but for some KiB."""

    kind = "-m"

    def prepare(self) -> None:
        home, kept = self.home, self.home.with_name("kept")
        self.first = (
            f"cp -a {home} {kept} && mount -t tmpfs -o size={DISK_BYTES} tmpfs {home} "
            f"&& cp -a {kept}/. {home}"
        )
        super().prepare()
        self.filler = Path(f"/proc/{self.holder.pid}/root{home}/filler")

    def seen(self, company: Company) -> Company:
        copy = self.home.with_name(f"seen-{company.slug}")  # SQLite would follow the link itself
        shutil.copytree(f"/proc/{self.holder.pid}/root{self.home}/companies", copy)
        return company._replace(address=str(copy / f"{company.slug}.db"))

    def befall(self) -> None:
        left = self.rng.randrange(200) << 10
        with self.filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        os.truncate(self.filler, max(0, self.filler.stat().st_size - left))

    def recover(self, *, last: bool) -> None:
        if last or self.rng.random() < 0.5:  # else it stays full
            self.filler.unlink(missing_ok=True)


class OnFullCluster(Apart):
    """The disk of its PostgreSQL is full for a while, but for some KiB, so that the cluster cannot
    write, or falls over."""

    kind = "-m"
    patience_s = 20.0

    def __init__(self, home: Path, rng: random.Random) -> None:
        super().__init__(home, rng)
        self.disk = home.parent / "disk"
        self.disk.mkdir()
        self.first = f"mount -t tmpfs -o size={CLUSTER_BYTES} tmpfs {self.disk}"
        small = ("max_wal_size=48MB", "min_wal_size=32MB", "checkpoint_timeout=30s")
        kept = [
            each for each in postgres.HASTY if not each.startswith(("synchronous", "max_wal_size"))
        ]
        where, port = str(self.disk / "pg"), free_port()
        self.address = f"postgresql://accrete@127.0.0.1:{port}/postgres?connect_timeout=5"
        self.program = (
            "import sys; from pathlib import Path; from tools import postgres\n"
            f"if sys.argv[1] == 'stop': postgres.stop(Path({where!r}), 'immediate')\n"
            f"else: print(postgres.start(Path({where!r}), port={port}, "
            f"set_to={(*kept, *small)!r}) or '')"
        )

    def go(self) -> str | None:
        """Begins the cluster, in the namespace; its address, None where it cannot be."""
        if not self.place:
            Apart.prepare(self)
        return self.told("start") or None

    def told(self, what: str) -> str:
        words = [*self.place, sys.executable, "-c", self.program, what]
        done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
        return done.stdout.strip()

    def prepare(self) -> None:
        """The companies are in the cluster, and the server is outside."""
        self.inside, self.place = self.place, ()
        self.filler = Path(f"/proc/{self.holder.pid}/root{self.disk}/filler")

    def strike(self, after: float) -> None:
        super().strike(0.0 if self.rng.random() < 0.7 else after)
        if not self.coming[-1].interval:
            self.coming[-1].join()

    def befall(self) -> None:
        OnSmallDisk.befall(self)  # type: ignore[arg-type]
        with suppress(psycopg.Error), psycopg.connect(self.address, autocommit=True) as db:
            for _ in range(self.rng.randint(4, 6)):  # it has to make room for what it writes next
                db.execute("SELECT txid_current(), pg_switch_wal()")

    def recover(self, *, last: bool) -> None:
        if last or self.rng.random() < 0.3:  # else it stays full
            self.filler.unlink(missing_ok=True)
            self.place = self.inside
            assert self.go()
            self.place = ()

    def end(self) -> None:
        self.place = getattr(self, "inside", self.place)
        if self.place:
            self.told("stop")
            super().end()


class OnCutNetwork(Apart):
    """The network between it and the machine is down for up to two seconds."""

    kind, first = "-n", "ip link set lo up"
    patience_s = 0.8

    def prepare(self) -> None:
        super().prepare()
        found: list[socket.socket] = []
        self.within(lambda: found.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        (self.inside,) = found

    def within(self, do: Callable[[], None]) -> None:
        libc = ctypes.CDLL(None, use_errno=True)

        def work() -> None:
            with open(f"/proc/{self.holder.pid}/ns/net") as namespace:
                if libc.setns(namespace.fileno(), 0):
                    raise OSError(ctypes.get_errno(), "setns")
            do()

        with ThreadPoolExecutor(1) as alone:
            alone.submit(work).result()

    def befall(self) -> None:
        self.link(up=False)
        time.sleep(self.rng.random() * 2)
        self.link(up=True)

    def link(self, *, up: bool) -> None:
        flags = IFF_UP if up else 0
        fcntl.ioctl(self.inside, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags))

    def recover(self, *, last: bool) -> None:
        """It is up again."""

    def end(self) -> None:
        super().end()
        self.inside.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Cutting(httpx2.BaseTransport):
    """Sends requests, and at random loses one before it arrives, or its answer; or something
    befalls the server on the way."""

    def __init__(
        self, below: httpx2.BaseTransport, rng: random.Random, strike: Callable[[float], None]
    ) -> None:
        self.below, self.rng, self.strike, self.cuts = below, rng, strike, 0
        self.felt = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        way = self.rng.choice(["good", "good", "lost", "unheard", "struck"])
        self.cuts += way != "good"
        if way == "lost":
            raise httpx2.ConnectError("cut")
        if way == "struck":
            self.strike(self.rng.random() * 0.05)
            time.sleep(self.rng.choice([0, 0.1]))  # it comes during the request, or before
        try:
            answer = self.below.handle_request(request)
        except httpx2.HTTPError:
            self.felt += 1
            raise
        self.felt += answer.status_code >= 500
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
@pytest.mark.grid
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_server_that_is_killed_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch, engine, request
):
    admin = request.getfixturevalue("postgres_server") if engine == "postgresql" else None
    disturbed(settings, monkeypatch, Serving(tmp_path / "team", random.Random(11)), admin)


@pytest.mark.torture
def test_a_postgresql_that_begins_again_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch
):
    serving = OnPostgres(tmp_path / "team", random.Random(12))
    admin = serving.go()
    if admin is None:
        pytest.skip("no cluster of PostgreSQL can be made here: its programs are not installed")
    disturbed(settings, monkeypatch, serving, admin)


@pytest.mark.slow
@pytest.mark.grid
def test_a_server_whose_disk_is_full_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch
):
    OnSmallDisk.check()
    disturbed(settings, monkeypatch, OnSmallDisk(tmp_path / "team", random.Random(13)))


@pytest.mark.torture
def test_a_server_whose_postgresql_has_a_full_disk_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch
):
    OnFullCluster.check()
    serving = OnFullCluster(tmp_path / "team", random.Random(15))
    admin = serving.go()
    if admin is None:
        serving.end()
        pytest.skip("no cluster of PostgreSQL can be made here: its programs are not installed")
    disturbed(settings, monkeypatch, serving, admin)


@pytest.mark.slow
@pytest.mark.grid
def test_a_server_whose_network_is_cut_at_random_holds_in_the_end_what_was_sent(
    settings, tmp_path, monkeypatch
):
    OnCutNetwork.check()
    disturbed(settings, monkeypatch, OnCutNetwork(tmp_path / "team", random.Random(14)))


def disturbed(
    settings: Settings, monkeypatch: Any, serving: Serving, admin: str | None = None
) -> None:
    """Sends changes while something befalls the server; then all of it to a company to which
    nothing did, and compares."""
    monkeypatch.setattr(prepare, "MESSAGE_MOST", 2_000)  # a message for each session
    monkeypatch.setattr("accrete.sync.transport.TRIES", 2)
    end = f"-{os.getpid()}-{time.time_ns() % 10**6}"
    registry, rng = Registry(serving.home), serving.rng
    made, choices = [], []
    try:
        for name in (f"cut{end}", f"calm{end}"):
            made.append(tenants.create(registry, name, admin_url=admin))
            db = tenants.open_company(made[-1])
            token = tokens.make_token(db, name, tokens.add_person(db, "Amara"), "", NOW)
            db.close()
            choices.append(join(f"http://127.0.0.1:{serving.port}", token, tier=3))
        serving.prepare()
        serving.begin()
        cuts = felt = 0
        for n in range(TIMES):
            changed(settings, rng, n)
            own = client(choices[0])
            cutting = Cutting(own._transport, rng, serving.strike)
            with httpx2.Client(
                transport=cutting, headers=own.headers, timeout=serving.patience_s
            ) as http:
                serving.within(partial(cut_short, settings, choices[0], http))
            own.close()
            cuts, felt = cuts + cutting.cuts, felt + cutting.felt
            serving.mend(last=n == TIMES - 1)
        print(f"{TIMES} syncs, {cuts} requests disturbed, {felt} felt it on the way")
        assert cuts > TIMES // 4
        assert felt > 0 or TIMES < 20  # of few, all may come where nobody waits for them
        serving.within(lambda: pushed(settings, choices[0]))
        again = open_for_writing(settings)
        try:
            assert again.run("SELECT COUNT(*) FROM shared") != [(0,)]
            again.run("DELETE FROM shared")
            again.run("DELETE FROM unshared")
        finally:
            again.close()
        serving.within(lambda: pushed(settings, choices[1]))
        cut, calm = (held(serving.seen(each)) for each in made)
        assert {name: rows for name, rows in cut.items() if rows != calm[name]} == {}
        assert len(cut["session"]) > 1
    finally:
        if type(serving) is Serving:
            for each in made:
                tenants.delete(registry, each.slug, admin_url=admin)
        serving.end()


def cut_short(settings: Settings, choice: Choice, http: httpx2.Client) -> None:
    with suppress(UnreachableError):  # and nothing else: no machine is sent away
        pushed(settings, choice, http)
