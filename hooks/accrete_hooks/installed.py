"""What was added to which settings file, and how to undo it: byte for byte if nobody else changed
the file since."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from accrete_hooks import jsontext
from accrete_hooks.handlers import handlers, home_of, home_of_statusline
from accrete_hooks.install import plan_removal
from accrete_hooks.scripts import PROGRAM, is_our_server, scripts, write_at_once
from accrete_hooks.settings_file import (
    CannotEditError,
    Note,
    Plan,
    Retention,
    apply,
    decode,
    digest,
    read_text,
)

BACKUP = ".before-accrete"
STATE = "installed.json"


def install(home: Path, plan: Plan, *, beside: bool = True) -> Path | None:
    """Carries a plan out and notes it, so that it can be undone; returns where the file as it was
    is kept, None where nothing is. What an earlier installation noted stays: its copy is of the
    time before there was anything of ours, and holds as long as nobody else changed the file since.
    A text that holds something of ours is no copy to go back to."""
    known = _note(home, plan.path, plan.before)
    again = known.get("after") == digest(plan.before) and plan.before is not None
    place = Path(os.path.realpath(plan.path))
    keep = None
    if plan.before is not None and not again and not homes_in(plan.before, home):
        keep = (
            place.with_name(place.name + BACKUP)
            if beside
            else home / "backups" / f"{digest(str(plan.path))}.json"
        )
    apply(plan, keep=keep)
    made = known if again or homes_in(plan.before or "", home) else {}
    keep_statusline(home, plan.statusline or made.get("statusline"))
    write_note(
        home,
        plan.path,
        {
            "made": sorted({*made.get("made", ()), *plan.made}),
            "after": digest(plan.after),
            "backup": known.get("backup") if again else str(keep) if keep else None,
            "existed": made.get("existed", True) if made else plan.before is not None,
            "statusline": plan.statusline or made.get("statusline"),
            "retention": _retention(plan, known),
        },
    )
    return keep


def _retention(plan: Plan, known: Note) -> Retention | None:
    """What `cleanupPeriodDays` was set to, and what stood there before the first time that we set
    it."""
    earlier, now = known.get("retention"), plan.retention
    if now is None or earlier is None:
        return now or earlier
    return {**now, "before": earlier["before"]} if now["before"] == str(earlier["set"]) else now


def keep_statusline(home: Path, old: str | None) -> None:
    """Notes the command of the status line that was there before, for ours to run first."""
    value = json.loads(old) if old else None
    command = value.get("command") if isinstance(value, dict) else None
    if isinstance(command, str) and command:
        write_at_once(home / "statusline-before", command + "\n", 0o600)


def homes_in(text: str, home: Path) -> list[Path]:
    """The data folders whose hooks, status line or MCP server stand in a settings text; none where
    nothing of ours does."""
    try:
        value = jsontext.check(text)
    except ValueError:
        return []
    if not isinstance(value, dict):
        return []
    hooks, servers = value.get("hooks"), value.get("mcpServers")
    lists = hooks.values() if isinstance(hooks, dict) else ()
    found = [home_of(hook, home) for groups in lists for hook in handlers(groups)]
    found.append(home_of_statusline(value.get("statusLine"), home))
    server = servers.get(PROGRAM) if isinstance(servers, dict) else None
    if isinstance(server, dict) and is_our_server(server):
        env = server.get("env")
        found.append(Path(str(env.get("ACCRETE_HOME", home)) if isinstance(env, dict) else home))
    return list(dict.fromkeys(each for each in found if each is not None))


def remembered(home: Path) -> dict[str, Note]:
    """What was done to which settings file."""
    try:
        state: dict[str, Note] = json.loads((home / STATE).read_bytes())
    except (OSError, ValueError):
        return {}
    return (
        {str(path): note for path, note in state.items() if isinstance(note, dict)}
        if isinstance(state, dict)
        else {}
    )


def _note(home: Path, path: Path, text: str | None) -> Note:
    """What is known of a file: of this installation, else of the one in another data folder that it
    takes the place of."""
    for each in (home, *homes_in(text or "", home)):
        note = remembered(each).get(str(path))
        if note is not None:
            return note
    return {}


def write_note(home: Path, path: Path, note: Note) -> None:
    """Notes what was done to a file."""
    write_at_once(
        home / STATE, json.dumps({**remembered(home), str(path): note}, indent=2) + "\n", 0o600
    )


def undo(home: Path, path: Path, otherwise: Plan | None = None) -> Plan:
    """How to bring a settings file back: byte for byte where nothing else changed since, else
    without what was put in (`otherwise`, where that is no hook)."""
    before = read_text(path)
    known = _note(home, path, before)
    if before is not None and known.get("after") == digest(before):
        if not known.get("existed", True):
            return Plan(path, before, None)
        backup = _text_of(known.get("backup"))
        if backup is not None and not homes_in(backup, home):
            return Plan(path, before, backup)
    return _emptied(otherwise, known) if otherwise else plan_removal(path, home, known)


def _emptied(plan: Plan, known: Note) -> Plan:
    """The plan without the empty object of MCP servers that we had made."""
    if plan.after is None or "mcpServers" not in known.get("made", ()):
        return plan
    root = jsontext.root(plan.after)
    servers = jsontext.member(plan.after, root, "mcpServers")
    if servers is None or json.loads(plan.after[servers.start : servers.end]) != {}:
        return plan
    left = jsontext.remove(plan.after, root, servers)
    return plan._replace(after=left if jsontext.check(left) or known.get("existed", True) else None)


def _text_of(path: str | None) -> str | None:
    try:
        return decode(Path(path).read_bytes()) if path else None
    except (OSError, UnicodeDecodeError):
        return None


def installed_elsewhere(home: Path, *these: Path) -> list[str]:
    """The other settings files that hooks were put into and not taken out of."""
    return sorted(
        path
        for path in set(remembered(home)) - {str(path) for path in these}
        if _has_ours(home, path)
    )


def _has_ours(home: Path, path: str) -> bool:
    """Whether something of ours stands in a file, or may: one that cannot be read is not given
    up."""
    try:
        return bool(homes_in(read_text(Path(path)) or "", home))
    except CannotEditError:
        return True


def forget_installation(home: Path, *paths: Path) -> list[str]:
    """Takes settings files off the list, with the copies of them that were kept, and the scripts
    away when none is left that names them; returns the files that still do."""
    state = remembered(home)
    for path in paths:
        backup = state.pop(str(path), {}).get("backup")
        if backup:
            Path(backup).unlink(missing_ok=True)
    left = {path: note for path, note in state.items() if _has_ours(home, path)}
    if left:
        write_at_once(home / STATE, json.dumps(left, indent=2) + "\n", 0o600)
        return sorted(left)
    for name in (STATE, "statusline-before"):
        (home / name).unlink(missing_ok=True)
    for script in sorted(
        scripts(home), key=lambda path: path.suffix == ".py"
    ):  # what is called before what it calls
        script.unlink(missing_ok=True)
    for folder in (home / "bin", home / "backups"):
        with suppress(OSError):
            folder.rmdir()
    return []
