"""The real Claude Code client, closed in: a home of its own, a made-up key, a base URL on
loopback."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path
from typing import Any

import pyte

from accrete.database import Sqlite

KEY = "sk-ant-made-up-test-key-000"


class Place:
    """A home, a repository in it, and the client that runs there."""

    def __init__(self, folder: Path, client: str, url: str, python_bin: Path) -> None:
        self.home = folder / "home"
        self.repository = folder / "home" / "demo"
        self.client = client
        self.url = url
        self.bin = python_bin
        self.repository.mkdir(parents=True)
        (self.repository / "calc.py").write_text("def add(a, b):\n    return a - b\n")
        (self.home / ".gitconfig").write_text(
            "[user]\n\tname = Made Up\n\temail = made@example.com\n[init]\n\tdefaultBranch = main\n"
        )
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "Begin")):
            subprocess.run(["git", *words], cwd=self.repository, env=self.env(), check=True)
        state = {
            "hasCompletedOnboarding": True,
            "lastOnboardingVersion": "2.1.329",
            "theme": "dark",
            "numStartups": 5,
            "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
            "bypassPermissionsModeAccepted": True,
            "projects": {
                str(self.repository): {
                    "hasTrustDialogAccepted": True,
                    "hasCompletedProjectOnboarding": True,
                    "allowedTools": [],
                }
            },
        }
        (self.home / ".claude.json").write_text(json.dumps(state, indent=2))
        (self.home / ".claude").mkdir()

    def env(self, **more: str) -> dict[str, str]:
        """The whole environment of everything that runs here."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.bin}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": "/bin/sh",
            "TMPDIR": str(self.home),
            "ANTHROPIC_BASE_URL": self.url,
            "ANTHROPIC_API_KEY": KEY,
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "IS_SANDBOX": "1",
            "TZ": "Europe/Lisbon",
            **more,
        }

    def say(
        self,
        prompt: str,
        *args: str,
        mode: str = "bypassPermissions",
        cwd: Path | None = None,
        **env: str,
    ) -> str:
        """One run in print mode; returns the session's id."""
        words = [
            self.client,
            "-p",
            prompt,
            "--output-format",
            "json",
            "--permission-mode",
            mode,
            "--model",
            "claude-opus-5-5",
            *args,
        ]
        done = subprocess.run(
            words,
            cwd=cwd or self.repository,
            env=self.env(**env),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)
        return str((told if isinstance(told, dict) else told[-1])["session_id"])

    def accrete(self, *args: str, check: bool = True) -> str:
        """What a command of ours prints."""
        done = subprocess.run(
            [str(self.bin / "accrete"), *args],
            cwd=self.repository,
            env=self.env(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asked(self, *args: str) -> Any:
        """The JSON that a command of ours prints."""
        return json.loads(self.accrete(*args, "--json", check=False))

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / ".local" / "share" / "accrete"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the record says, nothing where there is none yet: cheaper than a command of ours,
        which is a process each time."""
        if not (self.data / "accrete.db").exists():
            return []
        record = Sqlite(self.data / "accrete.db", readonly=True)
        try:
            return record.run(sql)
        finally:
            record.close()

    def written(self) -> list[tuple[int, int]]:
        """What changes with the record: when its files were last written, and their sizes."""
        found = [self.data / name for name in ("accrete.db", "accrete.db-wal")]
        stats = [each.stat() for each in found if each.exists()]
        return [(stat.st_mtime_ns, stat.st_size) for stat in stats]

    def events(self) -> dict[str, int]:
        """How many came from hooks of each event, as soon as none waits in the spool."""
        assert self.until(lambda: not [*(self.data / "spool").glob("*.hook")]), "events wait"
        return dict(self.rows("SELECT event, COUNT(*) FROM hook_event GROUP BY event"))

    def until(self, found: Any, seconds: float = 30) -> Any:
        """What `found` gives as soon as it gives anything true: events arrive seconds after they
        happened."""
        deadline = time.monotonic() + seconds
        while True:
            got = found()
            if got or time.monotonic() > deadline:
                return got
            time.sleep(0.2)


class Screen:
    """The interactive client on a terminal of its own."""

    def __init__(self, place: Place, *args: str, rows: int = 50, columns: int = 140) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._lock = threading.Lock()
        self.alive = True
        self.last = time.monotonic()
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(place.repository)
            os.execve(
                place.client, [place.client, "--model", "claude-opus-5-5", *args], place.env()
            )
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        threading.Thread(target=self._read, daemon=True).start()
        self.wait(r"❯|\? for shortcuts")
        self.settle()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.handle, 65536)
            except OSError:
                break
            if not data:
                break
            with self._lock:
                self._stream.feed(data)
            self.last = time.monotonic()
            if b"\x1b[c" in data:
                os.write(self.handle, b"\x1b[?62;c")
            if b"\x1b[6n" in data:
                os.write(self.handle, b"\x1b[1;1R")
        self.alive = False

    def text(self) -> str:
        """What is on the screen."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self.screen.display)

    def wait(self, pattern: str, seconds: float = 40) -> None:
        """Until the screen shows the pattern."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if re.search(pattern, self.text()):
                return
            time.sleep(0.05)
        raise AssertionError(f"the screen never showed {pattern!r}:\n{self.text()}")

    def settle(self, quiet: float = 0.6, seconds: float = 15) -> None:
        """Until nothing has changed for a while."""
        began = time.monotonic()
        while (
            time.monotonic() < began + seconds and time.monotonic() - max(self.last, began) < quiet
        ):
            time.sleep(0.05)

    def keys(self, pressed: str) -> None:
        """Presses keys."""
        os.write(self.handle, pressed.encode())

    def say(self, words: str) -> None:
        """Types a line and sends it."""
        for at in range(0, len(words), 16):
            self.keys(words[at : at + 16])
            time.sleep(0.03)
        time.sleep(0.25)
        self.keys("\r")
        time.sleep(0.2)

    def close(self) -> None:
        """Leaves the client."""
        if self.alive:
            self.say("/exit")
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
