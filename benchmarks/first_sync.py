"""What a whole history costs that is shared at once, and a team server that has nothing to do: the
first sync of a made history on loopback, and the server before it.

    python benchmarks/first_sync.py [--gb 0.2] [--tier 3] [--idle 30]
    ACCRETE_TEST_POSTGRES: a server's URL, for a company there beside one in a file

Client and server are processes of their own. Of each: wall seconds, processor seconds, and the peak
of what it holds in memory. The goal for 1 GB is 60 s and 150 MB on the client; an idle server is to
take less than 1 % of a core and 200 MB.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from accrete_team import tenants, tokens
from accrete_team.registry import Company, Registry

from accrete.settings import Settings
from accrete.sync.choice import join, write_choice
from benchmarks.measure import Run, run

HERE = Path(__file__).resolve().parent
TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """`accrete-team serve` with the companies of a registry."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "accrete_team", "serve", "--port", str(self.port)],
            env=environment | {"ACCRETE_TEAM_HOME": str(home)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(1200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise SystemExit("the server did not begin")

    def cpu(self) -> float:
        """Its processor seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def peak(self) -> int:
        """The most bytes it has held in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    given.add_argument("--gb", type=float, default=0.2)
    given.add_argument("--tier", type=int, choices=[1, 2, 3], default=3)
    given.add_argument("--idle", type=float, default=30, help="seconds of an idle server")
    given.add_argument("--record", type=Path, help="a data folder with a history that is there")
    said = given.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        environment = quiet(scratch, said.record or scratch / "data")
        if said.record is None:
            corpus = scratch / "corpus"
            run([sys.executable, str(HERE / "corpus.py"), str(corpus), "--gb", str(said.gb)])
            cpu, done = spent("backfill", "-q", "--path", str(corpus), environment=environment)
            print(f"backfill of {said.gb:g} GB: {done.seconds:.1f} s, {cpu:.1f} s CPU")
        admin = os.environ.get("ACCRETE_TEST_POSTGRES")
        for url in (None, admin) if admin else (None,):
            first_sync(scratch, environment, url, said)


def quiet(scratch: Path, data: Path) -> dict[str, str]:
    """The environment of a machine that has nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ACCRETE", "CLAUDE", "XDG_"))
    }
    return kept | {
        "HOME": str(scratch), "CLAUDE_CONFIG_DIR": str(scratch / "claude"),
        "ACCRETE_HOME": str(data), "PYTHONPATH": str(HERE.parent),
    }  # fmt: skip


def spent(*words: str, environment: dict[str, str]) -> tuple[float, Run]:
    """An `accrete` command and its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run([sys.executable, "-m", "accrete", *words], environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done


def first_sync(
    scratch: Path, environment: dict[str, str], url: str | None, said: argparse.Namespace
) -> None:
    engine = "postgresql" if url else "sqlite"
    mine = scratch / f"mine-{engine}"  # what one company was sent is not sent to the next
    shutil.copytree(environment["ACCRETE_HOME"], mine)
    environment = environment | {"ACCRETE_HOME": str(mine)}
    registry = Registry(scratch / f"team-{engine}")
    company = tenants.create(registry, f"bench-{uuid.uuid4().hex[:8]}", admin_url=url)
    server = Server(registry.home, environment)
    try:
        if said.idle:
            before = server.cpu()
            time.sleep(said.idle)
            share = (server.cpu() - before) / said.idle
            print(f"idle server: {share:.2%} of a core, {server.peak() / 1e6:.0f} MB")
        choice = join(f"http://127.0.0.1:{server.port}", token(company), tier=said.tier)
        write_choice(Settings(home=Path(environment["ACCRETE_HOME"]), roots=()), choice)
        before = server.cpu()
        cpu, done = spent("sync", environment=environment)
        print(
            f"{company.engine:10} first sync at tier {said.tier}: {done.seconds:.1f} s; client "
            f"{cpu:.1f} s CPU, {done.peak / 1e6:.0f} MB; server {server.cpu() - before:.1f} s CPU, "
            f"{server.peak() / 1e6:.0f} MB\n  {' '.join(done.output.split())[:300]}"
        )
        db = tenants.open_company(company)
        ((held, rows),) = db.run("SELECT COUNT(DISTINCT session), SUM(row_count) FROM shared")
        db.close()
        print(f"  held: {held} sessions, {rows} rows")
    finally:
        server.end()
        tenants.delete(registry, company.slug, admin_url=url)


def token(company: Company) -> str:
    """The token of a machine of a new person."""
    db = tenants.open_company(company)
    try:
        return tokens.make_token(db, company.slug, tokens.add_person(db, "Amara"), "", 0)
    finally:
        db.close()


if __name__ == "__main__":
    main()
