"""Adds the hooks to Claude Code's settings, and removes exactly what was added."""

from __future__ import annotations

import json
from pathlib import Path

from accrete_hooks import jsontext
from accrete_hooks.handlers import EVENTS as EVENTS
from accrete_hooks.handlers import handler as handler
from accrete_hooks.handlers import handlers as handlers
from accrete_hooks.handlers import home_of as home_of
from accrete_hooks.handlers import home_of_statusline, is_ours, statusline
from accrete_hooks.scripts import HOOK as HOOK
from accrete_hooks.scripts import PROGRAM as PROGRAM
from accrete_hooks.scripts import STATUSLINE as STATUSLINE
from accrete_hooks.scripts import is_our_server as is_our_server
from accrete_hooks.scripts import repair as repair
from accrete_hooks.scripts import scripts as scripts
from accrete_hooks.scripts import server as server
from accrete_hooks.scripts import write_at_once as write_at_once
from accrete_hooks.scripts import write_scripts as write_scripts
from accrete_hooks.settings_file import CannotEditError as CannotEditError
from accrete_hooks.settings_file import Note, Retention
from accrete_hooks.settings_file import Plan as Plan
from accrete_hooks.settings_file import apply as apply
from accrete_hooks.settings_file import read_text as read_text


def plan_hooks(path: Path, home: Path) -> Plan:
    """What has to change in a settings file so that it has our hooks, once each and as they are
    now."""
    before = read_text(path)
    text = Plan(path, before, before).text
    text, made = _with_object(path, text, "hooks")
    present = jsontext.object_of(text)["hooks"]
    assert isinstance(present, dict)
    for event in EVENTS:
        wanted = handler(home, event)
        groups = present.get(event)
        if groups is not None and not isinstance(groups, list):
            raise CannotEditError(path, f": `hooks.{event}` is not an array.")
        ours = [hook for hook in handlers(groups) if is_ours(hook, home)]
        if ours == [wanted]:
            continue
        if ours:
            text = _without(text, event, home)
            left = jsontext.member(text, _hooks(text), event)
            if left is not None and text[left.start : left.end].strip("[] \t\r\n") == "":
                text = jsontext.remove(
                    text, _hooks(text), left
                )  # only what an installation of ours had made
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


def with_statusline(plan: Plan, home: Path) -> Plan:
    """The plan with our status line in it: of one that is there only the command changes, so that
    its padding and whatever else it has stay, and its command is run before ours."""
    text, root = plan.text, jsontext.root(plan.text)
    wanted = {"type": "command", "command": statusline(home)}
    known = jsontext.member(text, root, "statusLine")
    if known is None:
        return plan._replace(
            after=jsontext.insert(text, root, wanted, "statusLine"), made=(*plan.made, "statusLine")
        )
    old = text[known.start : known.end]
    value = json.loads(old)
    other = home_of_statusline(value, home)
    if isinstance(value, dict):
        for name, word in wanted.items():
            line = jsontext.member(text, jsontext.root(text), "statusLine")
            at = jsontext.member(text, line, name) if line is not None else None
            if line is not None and at is None:
                text = jsontext.insert(text, line, word, name)
            elif at is not None and json.loads(text[at.start : at.end]) != word:
                text = jsontext.replace(text, at, word)
    else:
        text = jsontext.replace(text, known, wanted)
    return plan._replace(after=text, statusline=None if other else old)


def with_retention(plan: Plan, days: int) -> Plan:
    """The plan with `cleanupPeriodDays` of so many days; a larger value that stands there stays."""
    text, root = plan.text, jsontext.root(plan.text)
    known = jsontext.member(text, root, "cleanupPeriodDays")
    if known is None:
        after = jsontext.insert(text, root, days, "cleanupPeriodDays")
        return plan._replace(after=after, retention={"set": days, "before": None})
    before = text[known.start : known.end]
    value = json.loads(before)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= days:
        return plan
    return plan._replace(
        after=jsontext.replace(text, known, days), retention={"set": days, "before": before}
    )


def plan_removal(path: Path, home: Path, note: Note) -> Plan:
    """What has to change in a settings file so that nothing of ours is left. `note` is what
    `installed` keeps of the file:
    members that we had added go when nothing else is in them, though somebody else emptied them."""
    before = read_text(path)
    if before is None or not before.strip().strip(jsontext.BOM):
        return Plan(path, before, before)
    made = set(note.get("made", ()))
    text = _without_statusline(before, home, note.get("statusline"))
    text = _without_retention(text, note.get("retention"))
    if isinstance(present := jsontext.object_of(text).get("hooks"), dict):
        for event in present:
            text = _without(text, event, home)
            at = jsontext.member(text, _hooks(text), event)
            if at is not None and event in made and _is_empty(json.loads(text[at.start : at.end])):
                text = jsontext.remove(text, _hooks(text), at)
        hooks = _hooks(text)
        if "hooks" in made and not json.loads(text[hooks.start : hooks.end]):
            text = jsontext.remove(text, jsontext.root(text), hooks)
    is_left = bool(jsontext.check(text)) or note.get("existed", True)
    return Plan(path, before, text if is_left else None)


def plan_server(path: Path, home: Path, *, there: bool) -> Plan:
    """What has to change in the client's own state file so that it has the MCP server of this data
    folder, or none.
    Raises CannotEditError for a file that is not what the client writes, or that has somebody
    else's server of our name."""
    before = read_text(path)
    text = Plan(path, before, before).text
    servers = jsontext.member(text, jsontext.root(text), "mcpServers")
    known = jsontext.member(text, servers, PROGRAM) if servers is not None else None
    foreign = known is not None and not is_our_server(json.loads(text[known.start : known.end]))
    if not there:
        if servers is None or known is None or foreign:
            return Plan(path, before, before)
        return Plan(path, before, jsontext.remove(text, servers, known))
    if foreign:
        why = f" already has another MCP server called `{PROGRAM}`. Rename it, or use --no-mcp."
        raise CannotEditError(path, why)
    if known is not None and json.loads(text[known.start : known.end]) == server(home):
        return Plan(path, before, before)
    text, made = _with_object(path, text, "mcpServers")
    servers = jsontext.member(text, jsontext.root(text), "mcpServers")
    assert servers is not None
    known = jsontext.member(text, servers, PROGRAM)
    if known is not None:
        return Plan(path, before, jsontext.replace(text, known, server(home)), tuple(made))
    return Plan(path, before, jsontext.insert(text, servers, server(home), PROGRAM), tuple(made))


def _with_object(path: Path, text: str, name: str) -> tuple[str, list[str]]:
    """The text with an object of that name in it, and the name where it was not there."""
    root = jsontext.root(text)
    at = jsontext.member(text, root, name)
    if at is None:
        return jsontext.insert(text, root, {}, name), [name]
    if text[at.start : at.end] == "null":
        return jsontext.replace(text, at, {}), []
    if text[at.start] != "{":
        raise CannotEditError(path, f": `{name}` is not an object.")
    return text, []


def _hooks(text: str) -> jsontext.Span:
    found = jsontext.member(text, jsontext.root(text), "hooks")
    assert found is not None
    return found


def _is_empty(groups: object) -> bool:
    """Whether nothing runs by the groups of an event, and nothing is said in them."""
    return isinstance(groups, list) and all(group in ({}, {"hooks": []}) for group in groups)


def _without(text: str, event: str, home: Path) -> str:
    """The text without our hooks of one event; a group that held nothing else goes with them."""
    while True:
        at = jsontext.member(text, _hooks(text), event)
        found = _first_of_ours(text, at, home) if at is not None else None
        if at is None or found is None:
            return text
        group, inner, hook = found
        alone = len(jsontext.elements(text, inner)) == 1 and len(jsontext.members(text, group)) == 1
        text = jsontext.remove(text, at, group) if alone else jsontext.remove(text, inner, hook)


def _first_of_ours(
    text: str, at: jsontext.Span, home: Path
) -> tuple[jsontext.Span, jsontext.Span, jsontext.Span] | None:
    for group in jsontext.elements(text, at):
        inner = jsontext.member(text, group, "hooks")
        for hook in jsontext.elements(text, inner) if inner is not None else ():
            if inner is not None and is_ours(json.loads(text[hook.start : hook.end]), home):
                return group, inner, hook
    return None


def _without_statusline(text: str, home: Path, before: str | None) -> str:
    """The text with the status line's command that was there before; its other keys stay as they
    are now."""
    known = jsontext.member(text, jsontext.root(text), "statusLine")
    if known is None or home_of_statusline(json.loads(text[known.start : known.end]), home) is None:
        return text
    if before is None:
        return jsontext.remove(text, jsontext.root(text), known)
    old = json.loads(before)
    command = jsontext.member(text, known, "command")
    if (
        not isinstance(old, dict)
        or "command" not in old
        or old.get("type") != "command"
        or command is None
    ):
        return text[: known.start] + before + text[known.end :]
    return jsontext.replace(text, command, old["command"])


def _without_retention(text: str, note: Retention | None) -> str:
    """The text with the `cleanupPeriodDays` that was there before, where it is still the one that
    we set."""
    known = jsontext.member(text, jsontext.root(text), "cleanupPeriodDays")
    if (
        note is None
        or known is None
        or json.loads(text[known.start : known.end]) != note.get("set")
    ):
        return text
    before = note.get("before")
    if before is None:
        return jsontext.remove(text, jsontext.root(text), known)
    return text[: known.start] + str(before) + text[known.end :]
