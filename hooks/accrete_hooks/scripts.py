"""The scripts of hooks, status line and MCP server: written by init, kept current by every run."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TypedDict

import accrete
from accrete import __version__
from accrete.errors import AccreteError

HOOK = "accrete-hook"
STATUSLINE = "accrete-statusline"
PROGRAM = "accrete"


def scripts(home: Path) -> dict[Path, str]:
    """The files that hooks and the MCP server run, with their contents: they try the Python that
    they were made with, then what is on the path, so that an upgrade of Python leaves them working.
    """
    from importlib import resources  # takes long to import, and is needed only here

    real = os.path.realpath(sys.executable)
    package = resources.files("accrete_hooks")
    capture, line = (
        package.joinpath(name).read_text("utf-8") for name in ("capture.py", "statusline.py")
    )
    rules = resources.files("accrete.insight").joinpath("status_line.py").read_text("utf-8")
    folder = home / "bin"
    quoted = shlex.quote
    here = os.path.abspath(accrete.__file__)
    script = """#!/bin/sh
# Written by `accrete init`: {what}. Never fails.
trap 'exit 0' EXIT
exec 2>/dev/null
for python in {python} python3 python; do
  "$python" -I -S {file} {given} && exit 0
done
exit 0
"""
    hook = script.format(
        what="captures one event of Claude Code",
        python=quoted(real),
        file=quoted(str(folder / "capture.py")),
        given=f'"$1" {quoted(str(home))}',
    )
    statusline = script.format(
        what="prints Claude Code's status line",
        python=quoted(real),
        file=quoted(str(folder / "statusline.py")),
        given=quoted(str(home)),
    )
    program = f"""#!/bin/sh
# accrete {__version__}
# Written by `accrete init`, kept current by every run of accrete: starts it, wherever it is
# installed.
if [ -x {quoted(sys.executable)} ] && [ -f {quoted(here)} ]; then
  exec {quoted(sys.executable)} -E -P -m accrete "$@"
fi
if [ -z "$ACCRETE_STARTED" ] && command -v accrete >/dev/null 2>&1; then
  ACCRETE_STARTED=1
  export ACCRETE_STARTED
  exec accrete "$@"
fi
echo "accrete is no longer installed. Install it again, or run 'claude mcp remove accrete'\\
 and remove its hooks from settings.json." >&2
exit 127
"""
    launcher = (
        "\n".join([str(folder / PROGRAM), "ingest"])
        if os.name != "nt"
        else "\n".join([sys.executable, "-E", "-P", "-m", "accrete", "ingest"])
    )
    return {
        folder / "status_line.py": rules,
        folder / "statusline.py": line,
        folder / STATUSLINE: statusline,
        folder / "capture.py": capture,
        folder / HOOK: hook,
        folder / PROGRAM: program,
        home / "launcher": launcher + "\n",
    }


def is_our_server(entry: object) -> bool:
    """Whether an MCP server of our name is one that starts Accrete: of this installation or of
    another one."""
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("args"), list)
        or entry["args"][-1:] != ["mcp"]
    ):
        return False
    command, env = entry.get("command"), entry.get("env")
    named = isinstance(command, str) and os.path.basename(command).removesuffix(".exe") == PROGRAM
    return named or PROGRAM in entry["args"] or (isinstance(env, dict) and "ACCRETE_HOME" in env)


class Server(TypedDict):
    """An MCP server as the client's configuration has it."""

    type: str
    command: str
    args: list[str]
    env: dict[str, str]


def server(home: Path) -> Server:
    """The MCP server as the client's configuration has it."""
    if os.name == "nt":
        return {
            "type": "stdio",
            "command": sys.executable,
            "args": ["-P", "-m", "accrete", "mcp"],
            "env": {"ACCRETE_HOME": str(home)},
        }
    return {
        "type": "stdio",
        "command": str(home / "bin" / PROGRAM),
        "args": ["mcp"],
        "env": {"ACCRETE_HOME": str(home)},
    }


def write_scripts(home: Path) -> None:
    """Writes those files, each at once and for their owner alone. Raises AccreteError when the
    folder cannot be written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in scripts(home).items():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_at_once(path, text, 0o700 if path.name in (HOOK, PROGRAM, STATUSLINE) else 0o600)
    except OSError as error:
        raise AccreteError(
            f"Cannot write in {home}: {error.strerror}. "
            "Make the path writable, or set ACCRETE_HOME."
        ) from error


def repair(home: Path) -> bool:
    """Writes the files anew when the accrete that they name is gone, when this program wrote them
    and has newer ones, or when events wait and nothing is there that could read them (a plugin was
    installed alone); returns whether it did.
    Another installation that works is left alone."""
    text = _reads(home / "bin" / PROGRAM)
    if text is None:
        if not (home / "spool").is_dir():
            return False
    else:
        named = _named(text)
        works = len(named) == 2 and os.access(named[0], os.X_OK) and os.path.isfile(named[1])
        if works and named[0] != sys.executable:
            return False
    if all(_reads(path) == wanted for path, wanted in scripts(home).items()):
        return False
    write_scripts(home)
    return True


def _named(text: str) -> list[str]:
    """The Python and the package that a program script tries first."""
    line = next((line for line in text.splitlines() if line.startswith("if [ -x ")), "")
    try:
        words = shlex.split(line)
    except ValueError:
        return []
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-x", "-f")]


def _reads(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return None


def write_at_once(path: Path, text: str, mode: int) -> None:
    """Writes a file so that a reader sees the old or the new one, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        os.chmod(partial, mode)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
