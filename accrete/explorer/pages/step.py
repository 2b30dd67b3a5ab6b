"""One step of a session, whole: what was asked of a tool and what came of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from markupsafe import Markup

from accrete.explorer.lines import named_by
from accrete.explorer.page import Page
from accrete.explorer.pages.replay import tier_of
from accrete.explorer.view import MissingError, View
from accrete.model import PROMPT_KINDS, Tier
from accrete.present.code import language_of
from accrete.present.diff import diff_html
from accrete.present.formats import number, span
from accrete.present.markup import code_block, markdown_html
from accrete.queries.folders import session_folders, within
from accrete.queries.replay import as_typed
from accrete.queries.step import Body, Inner, step, step_deeds, step_words
from accrete.queries.work import BAD
from accrete.text.json import JsonObject

_ADDRESS = re.compile(r"([\w-]{1,120})(?:\.(\d{1,4}))?", re.ASCII)
_SHELLS = frozenset({"Bash", "PowerShell"})
_MARKDOWN = frozenset({
    "assistant_text", "plan_handoff", "compact_summary", "agent_prompt", "away_summary",
})  # fmt: skip


class Block(NamedTuple):
    """A part of a step. label: what it is; html: made by present/; text: other people's, shown as
    it stands."""

    label: str
    html: Markup | None = None
    text: str = ""


class InnerLine(NamedTuple):
    """A call of a subagent."""

    href: str
    name: str
    target: str
    chip: str
    tail: str


async def show(view: View) -> Page:
    """The step that the path names by the beginning of its record's id."""
    scope = await view.session()
    address = _ADDRESS.fullmatch(view.params["step"])
    if address is None:
        raise MissingError("There is no such step in this session.")
    start, part = address[1], int(address[2] or 0)
    found = await view.ask(step(scope, start, part))
    if found is None and start.startswith("h"):
        found = await view.ask(step(scope, f"#{start[1:]}", part))
    if found is None:
        raise MissingError("There is no such step in this session.")
    body, may = found, tier_of(view)
    folders: list[str] = []
    if may >= Tier.ACTIVITY:
        body = await view.ask(step_deeds(scope, body))
        known = await view.ask(session_folders(view.viewer.scope, [scope.one[1]]))
        folders = known.get(scope.one[1], [])
    if may >= Tier.WORDS:
        body = await view.ask(step_words(scope, body))
    base = f"/sessions/{scope.one[1]}"
    return Page(
        title=_title(body),
        current="/sessions",
        parts={
            "asked": list(blocks(body, folders)),
            "came": list(came(body)) if body.kind == "tool_call" else [],
            "inner": [_inner(view, base, each, folders) for each in body.inner],
            "back": view.bare(base, view="everything") + f"#s-{view.params['step']}",
            "notes": list(_notes(body)),
            "target": within(body.target, folders) or "",
            "at": view.local.text(body.at, "%-d %b %Y, %H:%M:%S")
            if body.at is not None and view.viewer.own
            else "",
        },
    )


def _title(body: Body) -> str:
    if body.kind == "tool_call":
        return body.name or "Tool call"
    return "Prompt" if body.kind in PROMPT_KINDS else body.kind.replace("_", " ").capitalize()


def _notes(body: Body) -> Iterator[str]:
    call = body.call
    if call is None:
        return
    if call.status in BAD:
        yield {"error": "failed", "rejected": "refused", "interrupted": "stopped"}[
            call.status or ""
        ]
    if body.decided_by:
        yield f"decided by {body.decided_by.replace('_', ' ')}"
    if call.ms is not None:
        yield f"ran {span(call.ms)}"
    if call.by_person:
        yield "changed by the person before it was applied"


def blocks(body: Body, folders: list[str]) -> Iterator[Block]:
    """What a step says, or what its call was given."""
    if body.kind != "tool_call":
        text = body.text or ""
        if body.kind in PROMPT_KINDS:
            yield Block("", text=as_typed(text) or "(no text is kept)")
        elif body.kind in _MARKDOWN:
            yield Block("", markdown_html(text))
        elif text:
            yield Block("", text=text)
        return
    given = _given(body.input)
    path = within(body.target, folders)
    yield from _asked(body, given)
    patch = body.patch or _proposed(body.name, given)
    if patch:
        failed = body.call is not None and body.call.status in BAD
        cut = bool(body.patch_cut if body.patch else body.input_cut)
        label = "not applied" if failed and not body.patch else ""
        yield Block(label, diff_html(patch, path, cut=cut))


def _asked(body: Body, given: JsonObject) -> Iterator[Block]:
    """What a call was given, less what its diff shows."""
    name = body.name or ""
    if name in _SHELLS:
        if said := _text(given.get("description")):
            yield Block("", text=said)
        yield Block("command", code_block(_text(given.get("command")) or body.target or "", "bash"))
        return
    if plan := _text(given.get("plan")):
        yield Block("plan", markdown_html(plan))
        return
    if body.spawned or name in ("Task", "Agent"):
        if task := _text(given.get("prompt")):
            yield Block("task", markdown_html(task))
        return
    left = {key: value for key, value in given.items() if key not in _SHOWN.get(name, ())}
    if left:
        cut = ", cut" if body.input_cut else ""
        yield Block(
            f"input{cut}", code_block(json.dumps(left, indent=2, ensure_ascii=False), "json")
        )
    elif not given and body.input:
        yield Block("input, cut" if body.input_cut else "input", text=body.input)


_SHOWN = {
    "Edit": ("file_path", "old_string", "new_string"),
    "MultiEdit": ("file_path", "edits"),
    "Write": ("file_path", "content"),
    "Read": ("file_path",),
    "Glob": ("pattern",),
    "Grep": ("pattern",),
    "LS": ("path",),
    "WebFetch": ("url",),
}


def _proposed(name: str | None, given: JsonObject) -> str:
    """The change that a call asked for, as a patch, where what it did is not recorded."""
    if name == "Write":
        content = _text(given.get("content"))
        return (
            "\n".join(["@@ -0 +1 @@", *(f"+{line}" for line in content.split("\n"))])
            if content
            else ""
        )
    edits = given.get("edits") if name == "MultiEdit" else [given] if name == "Edit" else []
    out: list[str] = []
    for each in edits if isinstance(edits, list) else []:
        if isinstance(each, dict):
            old, new = _text(each.get("old_string")), _text(each.get("new_string"))
            if old or new:
                out += [*(f"-{line}" for line in old.split("\n") if old),
                        *(f"+{line}" for line in new.split("\n") if new)]  # fmt: skip
    return "\n".join(out)


def came(body: Body) -> Iterator[Block]:
    """What came of a call."""
    output = (body.output or "").strip("\n")
    told = body.patch and body.call is not None and body.call.status == "ok"
    if not output or told:  # that a file was changed is what the diff shows
        return
    label = "output"
    if body.call is not None and body.call.chars and body.call.chars > len(output) + 100:
        label = f"output: the ends of {number(body.call.chars)} characters"
    if body.inner or body.name in ("Task", "Agent"):
        yield Block("answer", markdown_html(output))
        return
    language = language_of(body.target) if body.name == "Read" else None
    yield Block(label, code_block(output, language))


def _inner(view: View, base: str, each: Inner, folders: list[str]) -> InnerLine:
    lines = f"+{each.added or 0} −{each.removed or 0}" if each.added or each.removed else ""
    ran = span(each.ms) if each.ms is not None and each.ms >= 1000 else ""
    chip = {"error": "failed", "rejected": "refused", "interrupted": "stopped"}.get(
        each.status or "", ""
    )
    return InnerLine(
        view.bare(f"{base}/steps/{named_by(each.uuid)}"),
        each.tool or "tool",
        within(each.target, folders) or "",
        chip,
        " · ".join(part for part in (lines, ran) if part),
    )


def _given(given: str | None) -> JsonObject:
    try:
        found = json.loads(given or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
