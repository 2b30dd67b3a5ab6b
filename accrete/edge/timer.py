"""A timer of the system that starts a due sync where neither hooks nor commands do: a systemd user
timer, or a launchd agent on macOS. Written only when its person asks."""

from __future__ import annotations

import os
import platform
import plistlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from accrete.errors import AccreteError
from accrete.settings import Settings

UNIT = "accrete-sync"
LABEL = "accrete.sync"
EVERY_S = 3600
SPREAD_S = 600
"""By how much chance delays it, so that the machines of a team do not all come at once."""
WAIT_S = 20


class Timer(NamedTuple):
    """The files of a timer, and what starts and ends it."""

    files: dict[Path, bytes]
    begin: tuple[tuple[str, ...], ...]
    end: tuple[tuple[str, ...], ...]


def timer(settings: Settings, environ: Mapping[str, str], system: str | None = None) -> Timer:
    """The timer for this machine. Raises AccreteError where there is none of either kind."""
    home = Path(environ.get("HOME") or Path.home())
    command = [sys.executable, "-E", "-P", "-m", "accrete", "sync", "--due"]
    found = system or platform.system()
    if found == "Darwin":
        return _launchd(home / "Library" / "LaunchAgents", settings.home, command)
    if found == "Linux":
        base = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        return _systemd(base / "systemd" / "user", settings.home, command)
    raise AccreteError(
        f"Accrete makes no timer on {found}. Have your scheduler run: accrete sync --due"
    )


def is_on(made: Timer) -> bool:
    """Whether the timer's files are there."""
    return all(path.exists() for path in made.files)


def turn_on(made: Timer) -> str:
    """Writes the files and starts the timer; returns what is left to do by hand, or ''."""
    for path, text in made.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return _run(made.begin)


def turn_off(made: Timer) -> list[Path]:
    """Ends the timer and removes its files; returns those that were there."""
    there = [path for path in made.files if path.exists()]
    if there:
        _run(made.end)
    for path in there:
        path.unlink()
    return there


def _run(commands: Sequence[Sequence[str]]) -> str:
    for command in commands:
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=WAIT_S, check=False, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.SubprocessError):
            return " ".join(command)
        if done.returncode != 0:
            return " ".join(command)
    return ""


def _systemd(folder: Path, data: Path, command: Sequence[str]) -> Timer:
    service = f"""[Unit]
Description=Accrete: send what is shared with the team, if that is due

[Service]
Type=oneshot
Nice=10
Environment={_quoted(f"ACCRETE_HOME={data}")}
ExecStart={" ".join(_quoted(word).replace("$", "$$") for word in command)}
"""
    clock = f"""[Unit]
Description=Accrete: hourly sync

[Timer]
OnCalendar=hourly
RandomizedDelaySec={SPREAD_S}
Persistent=true

[Install]
WantedBy=timers.target
"""
    name, control = f"{UNIT}.timer", ("systemctl", "--user")
    return Timer(
        {folder / f"{UNIT}.service": service.encode(), folder / name: clock.encode()},
        (
            (*control, "daemon-reload"),
            (*control, "enable", "--now", name),
        ),
        ((*control, "disable", "--now", name),),
    )


def _quoted(word: str) -> str:
    """A word as systemd reads it: its specifiers begin with %."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"'


def _launchd(folder: Path, data: Path, command: Sequence[str]) -> Timer:
    path = folder / f"{LABEL}.plist"
    text = plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "EnvironmentVariables": {"ACCRETE_HOME": str(data)},
            "StartInterval": EVERY_S,
            "LowPriorityIO": True,
            "ProcessType": "Background",
        }
    )
    domain = f"gui/{os.getuid()}" if hasattr(os, "getuid") else "gui"
    return Timer(
        {path: text},
        (("launchctl", "bootstrap", domain, str(path)),),
        (("launchctl", "bootout", f"{domain}/{LABEL}"),),
    )
