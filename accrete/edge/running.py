"""Which Claude Code session this process runs in: by the client's own file if it matches, else by
the environment.

The environment of an MCP server is as old as its client, which goes on to another session at
`/clear` and `/resume`. What it runs now stands in `sessions/PID.json` of its config folder; one
that a dead client left is told by the start of the process.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from accrete.settings import config_roots

FARTHEST = 4
"""How many processes there may be between the client and this one: wrappers such as a shell or
`uvx`."""
PS_S = 2.0
LARGEST = 1 << 16


class Running(NamedTuple):
    """A session's id, '' outside of one. assumed: only the environment says so, and that can be
    old."""

    session: str
    assumed: bool


class Process(NamedTuple):
    """A process. start: when it was started, as /proc or ps writes it; folder: where it is, None if
    unknown."""

    pid: int
    parent: int
    start: str
    folder: str | None


class Said(NamedTuple):
    """What a client wrote about itself. pid: its process; start, folder: as in Process."""

    session: str
    pid: int
    start: str
    folder: str


def running(env: Mapping[str, str] | None = None) -> Running:
    """The session that this process runs in now."""
    env = os.environ if env is None else env
    known = env.get("CLAUDE_CODE_SESSION_ID", "")
    if not known and not env.get("CLAUDECODE"):
        return Running("", False)
    folders = {
        os.path.realpath(each)
        for each in (env.get("CLAUDE_PROJECT_DIR"), env.get("PWD"), _here())
        if each
    }
    roots = config_roots(env, Path(env.get("HOME") or Path.home()))
    for process in _ancestors(os.getppid()):
        for root in roots:
            said = _said(root / "sessions" / f"{process.pid}.json")
            if said and _agrees(said, process, folders):
                return Running(said.session, False)
    return Running(known, bool(known))


def _here() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _said(path: Path) -> Said | None:
    """What a client wrote about itself; None if it wrote nothing of use."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    pid = said.get("pid")
    texts = [said.get(name) for name in ("sessionId", "procStart", "cwd")]
    session, start, folder = (each if isinstance(each, str) else "" for each in texts)
    if not (isinstance(pid, int) and session and start and folder):
        return None
    return Said(session, pid, start, folder)


def _agrees(said: Said, process: Process, folders: set[str]) -> bool:
    """Whether a client's word is of this process: another one may have its id by now."""
    if said.pid != process.pid or os.path.realpath(said.folder) not in folders | {process.folder}:
        return False
    if said.start == process.start:
        return True
    shown = _shown(process.pid)  # where there is no /proc the client writes what ps shows
    return shown is not None and said.start.split() == shown.start.split()


def _ancestors(pid: int) -> Iterator[Process]:
    for _ in range(FARTHEST):
        process = _listed(pid) or _shown(pid)
        if process is None:
            return
        yield process
        pid = process.parent
        if pid <= 1:
            return


def _listed(pid: int) -> Process | None:
    """A process as /proc has it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        parent, start = int(stat[1]), stat[19]
    except (OSError, ValueError, IndexError):
        return None
    try:
        return Process(pid, parent, start, os.path.realpath(os.readlink(f"/proc/{pid}/cwd")))
    except OSError:
        return Process(pid, parent, start, None)


def _shown(pid: int) -> Process | None:
    """A process as `ps` shows it."""
    try:
        asked = ["/bin/ps", "-o", "ppid=,lstart=", "-p", str(pid)]
        done = subprocess.run(
            asked,
            capture_output=True,
            text=True,
            timeout=PS_S,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        )
        parent, _, start = done.stdout.strip().partition(" ")
        return Process(pid, int(parent), start.strip(), None)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
