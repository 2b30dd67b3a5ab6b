"""Puts the hooks into Claude Code's settings, and takes out again exactly what was put in."""

from __future__ import annotations

import json
import os
import shlex
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from accrete.errors import AccreteError
from accrete_hooks import jsontext
from accrete_hooks.scripts import HOOK as HOOK
from accrete_hooks.scripts import PROGRAM as PROGRAM
from accrete_hooks.scripts import STATUSLINE as STATUSLINE
from accrete_hooks.scripts import is_our_server
from accrete_hooks.scripts import repair as repair
from accrete_hooks.scripts import scripts as scripts
from accrete_hooks.scripts import server as server
from accrete_hooks.scripts import write_at_once as write_at_once
from accrete_hooks.scripts import write_scripts as write_scripts

EVENTS: dict[str, dict[str, Any]] = {
    "SessionStart": {"timeout": 10},
    "UserPromptSubmit": {"timeout": 10},
    "Stop": {"timeout": 10},
    "Notification": {"timeout": 10, "async": True},
    "SessionEnd": {"timeout": 5},
}
"""The events that are captured and how: docs/decisions/0008 says why these. All are known to clients from 2.0 on."""

BACKUP = ".before-accrete"
STATE = "installed.json"


class Plan(NamedTuple):
    """What an installation or its undoing does to one file: its text before (None: no file) and after; `made` names the
    members that were not there before, outermost first."""

    path: Path
    before: str | None
    after: str | None
    made: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.before != self.after


def handler(home: Path, event: str) -> dict[str, Any]:
    """The hook of one event as settings have it: exec form, so that no shell reads the path."""
    if os.name == "nt":
        command, args = sys.executable, ["-I", "-S", str(home / "bin" / "capture.py"), event, str(home)]
    else:
        command, args = str(home / "bin" / HOOK), [event]
    return {"type": "command", "command": command, "args": args, **EVENTS[event]}


def is_ours(hook: Any) -> bool:
    """Whether a hook of a settings file is one that was put there by us, wherever the data folder was then."""
    if not isinstance(hook, dict):
        return False
    args = hook.get("args")
    words = [str(hook.get("command", "")), *(map(str, args) if isinstance(args, list) else ())]
    paths = [word.replace("\\", "/") for word in words]
    if any(path.endswith("/bin/" + HOOK) for path in paths):
        return True
    return any(path.endswith("/bin/capture.py") for path in paths) and bool(set(words) & set(EVENTS)) and "-I" in words


def handlers(groups: Any) -> list[Any]:
    """The handlers of all groups of an event, whatever else stands among them."""
    found = []
    for group in groups if isinstance(groups, list) else ():
        hooks = group.get("hooks") if isinstance(group, dict) else None
        found += hooks if isinstance(hooks, list) else []
    return found


def read_text(path: Path) -> str | None:
    """A settings file's text, None where there is none. Raises AccreteError for one that cannot be read or is no JSON object:
    it is left as it is."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise AccreteError(f"Cannot read {path}: {error}. Nothing was changed.") from error
    try:
        value = jsontext.check(text) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise AccreteError(
            f"{path}, line {error.lineno}, column {error.colno}: {error.msg}. Mend it, then run this again; nothing was changed."
        ) from error
    except ValueError as error:
        raise AccreteError(f"{path}: {error}. Mend it, then run this again; nothing was changed.") from error
    if not isinstance(value, dict):
        raise AccreteError(f"{path} holds no JSON object. Mend it, then run this again; nothing was changed.")
    return text


def plan_hooks(path: Path, home: Path) -> Plan:
    """What has to change in a settings file so that it has our hooks, once each and as they are now."""
    before = read_text(path)
    text = before if before is not None and before.strip() else "{}\n"
    made = []
    at = jsontext.member(text, jsontext.root(text), "hooks")
    if at is None:
        text = jsontext.insert(text, jsontext.root(text), {}, "hooks")
        made.append("hooks")
    elif text[at.start : at.end] == "null":
        text = jsontext.replace(text, at, {})
    present = jsontext.check(text)["hooks"]
    if not isinstance(present, dict):
        raise AccreteError(f"{path}: `hooks` is no object. Mend it, then run this again; nothing was changed.")
    for event in EVENTS:
        wanted = handler(home, event)
        groups = present.get(event)
        if groups is not None and not isinstance(groups, list):
            raise AccreteError(
                f"{path}: `hooks.{event}` is no array. Mend it, then run this again; nothing was changed."
            )
        ours = [hook for hook in handlers(groups) if is_ours(hook)]
        if ours == [wanted]:
            continue
        if ours:
            text = _without(text, event)
            left = jsontext.member(text, _hooks(text), event)
            if left is not None and text[left.start : left.end].strip("[] \t\r\n") == "":
                text = jsontext.remove(text, _hooks(text), left)  # only what an installation of ours had made
        hooks = _hooks(text)
        at = jsontext.member(text, hooks, event)
        if at is None:
            text = jsontext.insert(text, hooks, [{"hooks": [wanted]}], event)
            made.append(event)
        elif text[at.start : at.end] == "null":
            text = jsontext.replace(text, at, [{"hooks": [wanted]}])
        else:
            text = jsontext.insert(text, at, {"hooks": [wanted]})
    return Plan(path, before, text, tuple(made))


def with_statusline(plan: Plan, home: Path) -> tuple[Plan, str | None]:
    """The plan with our status line in it, and the value that was there before, as the file has it: its command is run
    before ours."""
    text = plan.after or "{}\n"
    known = jsontext.member(text, jsontext.root(text), "statusLine")
    wanted = {"type": "command", "command": shlex.quote(str(home / "bin" / STATUSLINE))}
    if known is None:
        return plan._replace(
            after=jsontext.insert(text, jsontext.root(text), wanted, "statusLine"), made=(*plan.made, "statusLine")
        ), None
    old = text[known.start : known.end]
    if STATUSLINE in old:
        return plan, None
    return plan._replace(after=text[: known.start] + json.dumps(wanted, ensure_ascii=False) + text[known.end :]), old


def keep_statusline(home: Path, old: str | None) -> None:
    """Notes the command of the status line that was there before, for ours to run first."""
    value = json.loads(old) if old else None
    command = value.get("command") if isinstance(value, dict) else None
    if isinstance(command, str) and command:
        write_at_once(home / "statusline-before", command + "\n", 0o600)


def _without_statusline(text: str, before: str | None) -> str:
    known = jsontext.member(text, jsontext.root(text), "statusLine")
    if known is None or STATUSLINE not in text[known.start : known.end]:
        return text
    if before is not None:
        return text[: known.start] + before + text[known.end :]
    return jsontext.remove(text, jsontext.root(text), known)


def _hooks(text: str) -> jsontext.Span:
    found = jsontext.member(text, jsontext.root(text), "hooks")
    assert found is not None
    return found


def _without(text: str, event: str) -> str:
    """The text without our hooks of one event; a group that held nothing else goes with them."""
    while True:
        at = jsontext.member(text, _hooks(text), event)
        found = _first_of_ours(text, at) if at is not None else None
        if at is None or found is None:
            return text
        group, inner, hook = found
        alone = len(jsontext.elements(text, inner)) == 1 and len(jsontext.members(text, group)) == 1
        text = jsontext.remove(text, at, group) if alone else jsontext.remove(text, inner, hook)


def _first_of_ours(text: str, at: jsontext.Span) -> tuple[jsontext.Span, jsontext.Span, jsontext.Span] | None:
    for group in jsontext.elements(text, at):
        inner = jsontext.member(text, group, "hooks")
        for hook in jsontext.elements(text, inner) if inner is not None else ():
            if inner is not None and is_ours(json.loads(text[hook.start : hook.end])):
                return group, inner, hook
    return None


def plan_removal(path: Path, made: tuple[str, ...], statusline: str | None = None) -> Plan:
    """What has to change in a settings file so that nothing of ours is left. `made`: the members that we had added; they go
    when nothing else is in them. `statusline`: the status line that was there before."""
    before = read_text(path)
    if before is None or not before.strip():
        return Plan(path, before, before)
    text = _without_statusline(before, statusline)
    if not isinstance(jsontext.check(text).get("hooks"), dict):
        return Plan(path, before, text)
    for event in EVENTS:
        if jsontext.member(text, _hooks(text), event) is None:
            continue
        text = _without(text, event)
        at = jsontext.member(text, _hooks(text), event)
        if at is not None and event in made and not json.loads(text[at.start : at.end]):
            text = jsontext.remove(text, _hooks(text), at)
    hooks = _hooks(text)
    if "hooks" in made and not json.loads(text[hooks.start : hooks.end]):
        text = jsontext.remove(text, jsontext.root(text), hooks)
    return Plan(path, before, text)


def plan_server(path: Path, home: Path, *, there: bool) -> Plan:
    """What has to change in the client's own state file so that it has the MCP server of this data folder, or none.
    Raises AccreteError for a file that is not what the client writes; it is left as it is."""
    before = read_text(path)
    text = before if before is not None and before.strip() else "{}\n"
    made: list[str] = []
    servers = jsontext.member(text, jsontext.root(text), "mcpServers")
    if servers is not None and text[servers.start : servers.end] == "null" and there:
        text = jsontext.replace(text, servers, {})
        servers = jsontext.member(text, jsontext.root(text), "mcpServers")
    if servers is not None and text[servers.start] != "{":
        if there:
            raise AccreteError(f"{path}: `mcpServers` is no object. Mend it, then run this again; nothing was changed.")
        return Plan(path, before, before)
    known = jsontext.member(text, servers, PROGRAM) if servers is not None else None
    if known is not None and not is_our_server(json.loads(text[known.start : known.end])):
        if there:
            raise AccreteError(
                f"{path} has an MCP server `{PROGRAM}` that is somebody else's. Give it another name, or run this with --no-mcp; nothing was changed."
            )
        return Plan(path, before, before)
    if there:
        if known is not None and json.loads(text[known.start : known.end]) == server(home):
            return Plan(path, before, before)
        if servers is None:
            text = jsontext.insert(text, jsontext.root(text), {}, "mcpServers")
            made.append("mcpServers")
            servers = jsontext.member(text, jsontext.root(text), "mcpServers")
        assert servers is not None
        text = (
            jsontext.replace(text, known, server(home))
            if known is not None
            else jsontext.insert(text, servers, server(home), PROGRAM)
        )
        return Plan(path, before, text, tuple(made))
    if known is None or servers is None:
        return Plan(path, before, before)
    return Plan(path, before, jsontext.remove(text, servers, known))


def apply(plan: Plan, *, keep: Path | None = None) -> None:
    """Carries a plan out, at once, and writes the text as it was before to `keep` first, where that is given. A link is
    followed: the file that it leads to is replaced. Raises AccreteError when it cannot be written, or when the file is not
    any more what the plan was made for."""
    path = Path(os.path.realpath(plan.path))
    if read_text(plan.path) != plan.before:
        raise AccreteError(f"{plan.path} was changed meanwhile. Nothing was written; run this again.")
    if plan.after is not None and plan.after.strip():
        jsontext.check(plan.after)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if plan.before is not None else 0o600
        if plan.before is not None and keep is not None:
            keep.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_at_once(keep, plan.before, mode & 0o700)
        if plan.after is None:
            path.unlink(missing_ok=True)
        else:
            write_at_once(path, plan.after, mode)
    except OSError as error:
        raise AccreteError(f"Cannot write {path}: {error.strerror}. Nothing was changed.") from error


def digest(text: str | None) -> str | None:
    """What a file's text is known by."""
    return sha256(text.encode("utf-8")).hexdigest() if text is not None else None


def install(home: Path, plan: Plan, *, beside: bool = True, statusline: str | None = None) -> Path | None:
    """Carries a plan out and notes it, so that it can be undone; returns where the file as it was is kept, None where
    nothing is. What an earlier installation noted stays: its copy is of the time before there was anything of ours, and
    holds as long as nobody else changed the file since. A text that holds something of ours is no copy to go back to."""
    state = remembered(home)
    known = state.get(str(plan.path), {})
    again = known.get("after") == digest(plan.before) and plan.before is not None
    fresh = plan.before is not None and not again and not holds_ours(plan.before)
    place = Path(os.path.realpath(plan.path))
    keep = None
    if fresh:
        keep = place.with_name(place.name + BACKUP) if beside else home / "backups" / f"{digest(str(plan.path))}.json"
    apply(plan, keep=keep)
    state[str(plan.path)] = {
        "made": sorted({*known.get("made", ()), *plan.made}), "after": digest(plan.after),
        "backup": known.get("backup") if again else str(keep) if keep else None,
        "existed": known.get("existed", True) if again else plan.before is not None,
        "statusline": statusline or known.get("statusline"),
    }  # fmt: skip
    write_at_once(home / STATE, json.dumps(state, indent=2) + "\n", 0o600)
    return keep


def holds_ours(text: str) -> bool:
    """Whether anything of ours stands in a settings text."""
    try:
        value = jsontext.check(text) if text.strip() else {}
    except ValueError:
        return False
    hooks, servers, line = (value.get(name) for name in ("hooks", "mcpServers", "statusLine"))
    return (
        any(
            is_ours(hook) for groups in (hooks.values() if isinstance(hooks, dict) else ()) for hook in handlers(groups)
        )
        or (isinstance(servers, dict) and PROGRAM in servers)
        or STATUSLINE in json.dumps(line)
    )


def remembered(home: Path) -> dict[str, dict[str, Any]]:
    """What was done to which settings file."""
    try:
        state = json.loads((home / STATE).read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def undo(home: Path, path: Path, otherwise: Plan | None = None) -> Plan:
    """How to bring a settings file back: byte for byte where nothing else changed since, else without what was put in
    (`otherwise`, where that is no hook)."""
    known = remembered(home).get(str(path), {})
    before = read_text(path)
    if before is not None and known.get("after") == digest(before):
        if not known.get("existed", True):
            return Plan(path, before, None)
        backup = _reads_bytes(known.get("backup"))
        if backup is not None and not holds_ours(backup):
            return Plan(path, before, backup)
    return otherwise or plan_removal(path, tuple(known.get("made", ())), known.get("statusline"))


def _reads_bytes(path: str | None) -> str | None:
    try:
        return Path(path).read_bytes().decode("utf-8") if path else None
    except (OSError, UnicodeDecodeError):
        return None


def installed_elsewhere(home: Path, *these: Path) -> list[str]:
    """The other settings files that hooks were put into and not taken out of."""
    return sorted(set(remembered(home)) - {str(path) for path in these})


def forget_installation(home: Path, path: Path) -> list[str]:
    """Takes a settings file off the list, with the copy of it that was kept, and the scripts away when none is left that
    names them; returns the files that still do."""
    state = remembered(home)
    backup = state.pop(str(path), {}).get("backup")
    if backup:
        Path(backup).unlink(missing_ok=True)
    if state:
        write_at_once(home / STATE, json.dumps(state, indent=2) + "\n", 0o600)
        return sorted(state)
    (home / STATE).unlink(missing_ok=True)
    (home / "statusline-before").unlink(missing_ok=True)
    for script in sorted(
        scripts(home), key=lambda path: path.suffix == ".py"
    ):  # what is called goes before what it calls
        script.unlink(missing_ok=True)
    for folder in (home / "bin", home / "backups"):
        with suppress(OSError):
            folder.rmdir()
    return []
