"""The hooks in settings: which events, how they are written, and which existing entries are
ours."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

from accrete.text.json import Json, JsonObject
from accrete_hooks.scripts import HOOK, STATUSLINE

EVENTS: dict[str, dict[str, int]] = {
    "SessionStart": {"timeout": 10},
    "UserPromptSubmit": {"timeout": 10},
    "Stop": {"timeout": 10},
    "Notification": {"timeout": 10, "async": True},
    "SessionEnd": {"timeout": 5},
}
"""The events that are captured and how: docs/decisions/0008 says why these. All are known to
clients from 2.0 on."""

_RUN = (
    "import os,sys;sys.argv=sys.argv[1:];__file__=sys.argv[0];os.path.isfile(__file__) and "
    "exec(open(__file__,encoding='utf-8').read())"
)
"""Runs a file where there is one: a Python that is given a missing file ends with 2, which blocks a
prompt."""
_GUARDED = re.compile(
    r"\[ ! -x (?P<program>.+) \] \|\| exec (?P=program)(?: [A-Za-z]+)?", re.DOTALL
)
_MARKS = (b"Written by `accrete init`", b"python -I -S capture.py [EVENT")
"""What stands at the beginning of the programs that hooks of ours run."""


def guarded(program: Path, *words: str) -> str:
    """A shell command that runs a program where it is there, and is silent with exit 0 where it is
    gone. Shell form and not exec form: a client says "ENOENT" at every event for an exec-form
    program that is gone."""
    quoted = shlex.quote(str(program))
    return " ".join((f"[ ! -x {quoted} ] || exec {quoted}", *words))


def handler(home: Path, event: str) -> JsonObject:
    """The hook of one event as settings have it."""
    if os.name == "nt":  # exec form: which shell would read it is not known
        args: list[Json] = [
            "-I",
            "-S",
            "-c",
            _RUN,
            str(home / "bin" / "capture.py"),
            event,
            str(home),
        ]
        return {"type": "command", "command": sys.executable, "args": args, **EVENTS[event]}
    return {"type": "command", "command": guarded(home / "bin" / HOOK, event), **EVENTS[event]}


def statusline(home: Path) -> str:
    """The command of the status line."""
    return guarded(home / "bin" / STATUSLINE)


def home_of(hook: object, home: Path) -> Path | None:
    """The data folder of a hook that was put there by us; None for anybody else's, however like its
    name is. What has not the form that `handler` writes is ours if it runs a program of `home`, or
    one that says that we wrote it."""
    if not isinstance(hook, dict):
        return None
    command, args = hook.get("command"), hook.get("args")
    if isinstance(command, str) and not isinstance(args, list):
        return _home_of_command(command, home, HOOK)
    words = [str(word) for word in (command, *(args if isinstance(args, list) else ()))]
    return next(
        filter(None, (_home_of_program(word, home, HOOK, "capture.py") for word in words)), None
    )


def home_of_statusline(line: object, home: Path) -> Path | None:
    """The data folder of a status line that is ours; None for anybody else's."""
    command = line.get("command") if isinstance(line, dict) else None
    return _home_of_command(command, home, STATUSLINE) if isinstance(command, str) else None


def is_ours(hook: object, home: Path) -> bool:
    """Whether a hook of a settings file is one that was put there by us, wherever the data folder
    was then."""
    return home_of(hook, home) is not None


def handlers(groups: object) -> list[object]:
    """The handlers of all groups of an event, whatever else stands among them."""
    found: list[object] = []
    for group in groups if isinstance(groups, list) else ():
        hooks = group.get("hooks") if isinstance(group, dict) else None
        found += hooks if isinstance(hooks, list) else []
    return found


def _home_of_command(command: str, home: Path, name: str) -> Path | None:
    form = _GUARDED.fullmatch(command)
    try:
        words = shlex.split(form["program"] if form else command)
    except ValueError:
        return None
    if not words or len(words) > 1 + (form is None):
        return None
    path = Path(words[0])
    if form and path.name == name and path.parent.name == "bin":
        return path.parent.parent
    return _home_of_program(words[0], home, name)


def _home_of_program(word: str, home: Path, *names: str) -> Path | None:
    path = Path(word.replace("\\", "/") if os.name == "nt" else word)
    if path.name not in names or path.parent.name != "bin":
        return None
    return path.parent.parent if path.parent.parent == home or _is_marked(path) else None


def _is_marked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(1024)
    except OSError:
        return False
    return any(mark in start for mark in _MARKS)
