"""Finds or starts a PostgreSQL for the tests and prints shell lines that tell them where it is.

Order: `ACCRETE_TEST_POSTGRES` (a libpq URL); binaries that are installed, as a private cluster that
does not wait for the disk, in memory where there is room, else under .make/pg; a server that
answers on this machine; `apt-get install postgresql` where that is possible. Where all fails it
says so and prints no address: the tests then skip aloud, but fail under CI.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
CLUSTER = HERE / ".make" / "pg"
"""Where the private cluster of this checkout is: a folder, or a link to one in memory."""
MEMORY, ROOM_BYTES = Path("/dev/shm"), 6 << 30
"""Where a cluster is quickest, and what has to be free there, since the tests' own folders are
there too: a new database is a copy of four hundred files, which takes a third as long as on a
disk."""
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
         "max_wal_senders=0", "max_wal_size=512MB", "autovacuum=off", "jit=off")  # fmt: skip
"""Making and dropping a database waits for the disk, and tests do it by the hundred."""
LOCAL = (
    "postgresql:///postgres",
    "postgresql://127.0.0.1:5432/postgres",
    "postgresql://postgres@127.0.0.1:5432/postgres",
)


def answers(url: str) -> bool:
    """Whether a server answers there and lets us make databases."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


def find() -> str | None:
    """The address of a server for the tests, None when there is none and none can be started."""
    given = os.environ.get("ACCRETE_TEST_POSTGRES")
    if given:
        return given if answers(given) else None
    if url := start():
        return url
    if os.environ.get("ACCRETE_TEST_POSTGRES_LOCAL", "1") != "0":
        for url in LOCAL:
            if answers(url):
                return url
    return start() if install() else None


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return (
        Path(found).parent if found else next((f for f in folders if (f / "initdb").exists()), None)
    )


def install() -> bool:
    """Installs PostgreSQL from Debian's packages where we may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    print("Installing postgresql for the tests …", file=sys.stderr)
    quiet = {
        "stdout": subprocess.DEVNULL,
        "check": False,
        "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    }
    subprocess.run(["apt-get", "update", "-q"], **quiet)  # type: ignore[call-overload]
    done = subprocess.run(["apt-get", "install", "-y", "-q", "postgresql"], **quiet)  # type: ignore[call-overload]
    return bool(done.returncode == 0)


def start(cluster: Path = CLUSTER, *, port: int = 0, set_to: tuple[str, ...] = HASTY) -> str | None:
    """Starts a cluster, usually the private one, which goes on until `--stop`. port: 0 for any."""
    folder = binaries()
    if folder is None:
        return None
    if (url := running(cluster)) and answers(url):
        return url
    if not (cluster / "PG_VERSION").exists():
        remove(cluster)
        cluster.parent.mkdir(parents=True, exist_ok=True)
        if cluster == CLUSTER and free_memory() >= ROOM_BYTES:
            cluster.symlink_to(tempfile.mkdtemp(prefix="accrete-pg-", dir=MEMORY))
        else:
            cluster.mkdir()
        own(cluster)
        run(folder / "initdb", "-D", cluster, "-U", "accrete", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8")  # fmt: skip
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    given = ("listen_addresses=127.0.0.1", f"unix_socket_directories={cluster}", *set_to)
    options = f"-p {port} " + " ".join(f"-c {each}" for each in given)
    run(folder / "pg_ctl", "-D", cluster, "-l", cluster / "log", "-w", "-o", options, "start")
    return url if (url := running(cluster)) and answers(url) else None


def stop(cluster: Path = CLUSTER, how: str = "fast") -> None:
    """Stops a cluster. how: `fast` ends its connections, `immediate` is as if it crashed."""
    folder = binaries()
    if folder is not None and (cluster / "PG_VERSION").exists():
        run(folder / "pg_ctl", "-D", cluster, "-m", how, "-w", "stop")


def running(cluster: Path = CLUSTER) -> str | None:
    """The address of a cluster, if it was started and its server is there."""
    try:
        pid, _, _, port = (cluster / "postmaster.pid").read_text("utf-8").splitlines()[:4]
        with suppress(PermissionError):  # it is another user's
            os.kill(int(pid), 0)
    except (OSError, ValueError):
        return None
    return f"postgresql://accrete@127.0.0.1:{port}/postgres"


def remove(cluster: Path) -> None:
    """Removes the files of a cluster whose server is not there."""
    shutil.rmtree(cluster.resolve(), ignore_errors=True)
    if cluster.is_symlink():
        cluster.unlink()


def free_memory() -> int:
    """Bytes that may be taken in MEMORY; 0 where there is no such place, or nobody knows."""
    try:
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        (available,) = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
        limits = [shutil.disk_usage(MEMORY).free, int(available) * 1024]
        with suppress(OSError, ValueError):  # of a container; without one it says `max`
            limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text("utf-8")))
    except (OSError, ValueError):
        return 0
    return min(limits) if os.access(MEMORY, os.W_OK) else 0


def own(folder: Path) -> None:
    """PostgreSQL refuses to run as root: the cluster is another user's then."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        for parent in folder.parents:
            if not os.stat(parent).st_mode & 0o001:
                os.chmod(parent, os.stat(parent).st_mode | 0o011)


def run(*command: object) -> bool:
    """Runs a PostgreSQL program, as the user it may run as."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", *words]
    return (
        subprocess.run(
            words, stdout=subprocess.DEVNULL, stderr=sys.stderr, check=False, cwd="/"
        ).returncode
        == 0
    )


def main() -> None:
    """Prints `export ACCRETE_TEST_POSTGRES=…`, or says that there is none; `--stop` ends and
    removes the private cluster."""
    if "--stop" in sys.argv:
        stop()
        if running() is None:
            remove(CLUSTER)
        return
    url = find()
    if url is None:
        print(
            "No PostgreSQL: its tests will be skipped. "
            "Install postgresql, or set ACCRETE_TEST_POSTGRES.",
            file=sys.stderr,
        )
    else:
        print(f"export ACCRETE_TEST_POSTGRES='{url}'")


if __name__ == "__main__":
    main()
