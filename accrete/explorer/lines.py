"""The lines of a replay, made of a session's steps: what each says, and whose it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os.path import commonpath
from typing import NamedTuple

from accrete.explorer.replay_size import LEAST_HEAD, ROOM, STEP, cut, level
from accrete.explorer.strip import PAUSE_MS
from accrete.explorer.view import View
from accrete.model import PROMPT_KINDS
from accrete.practices import Practice, named
from accrete.present.formats import money, number, plural, span, tokens
from accrete.queries.folders import within
from accrete.queries.replay import as_typed
from accrete.queries.steps import HEAD, Step
from accrete.text.json import JsonObject
from accrete.text.plain import squeeze

READS = {"Read": "file", "NotebookRead": "file", "Grep": "search", "Glob": "search", "LS": "folder"}
LEAST_RUN = 3
"""Reads and searches in a row from which on they are one line."""
LONG, MOST_LINES = 1500, 24
"""Characters and lines of a prompt from which on its rest is folded."""
SHORT = 8
"""Characters of a record's id that name a step, where they suffice."""

_NAME = re.compile(r"[\w-]{1,120}", re.ASCII)
_TAGS = re.compile(r"</?[a-z][a-z-]*>")
_PLANS = ("ExitPlanMode", "exit_plan_mode")
_KINDS = {
    "thinking": ("Thinking", "agent", "working"),
    "tool_call": ("", "tool", "working"),
    "compact_summary": ("Summary", "system", "working"),
    "plan_handoff": ("Plan", "human", "working"),
    "model_fallback": ("Model", "system", "working"),
    "teammate_message": ("Teammate", "agent", "working"),
    "task_notification": ("Subagent", "agent", "working"),
    "shell_output": ("Shell", "human", "working"),
    "command_output": ("Command", "human", "working"),
}
"""Kinds of lines: what stands for their name, whose they are, and from which view on they show.
What is not here is a system record."""
_RULES = {
    "interruption": ("interrupted", "human", "working"),
    "compact_boundary": ("compacted", "system", "working"),
    "api_error": ("API error", "system", "working"),
}
_STATUS = {
    "error": ("failed", "bad"),
    "rejected": ("refused", "warn"),
    "interrupted": ("stopped", "warn"),
}


class Chip(NamedTuple):
    """A word in a frame beside a step; out: it leads to another site."""

    text: str
    tone: str = "plain"
    href: str | None = None
    out: bool = False


@dataclass(slots=True)
class Line:
    """One thing on the page. what: prompt, answer, plan, step, run, rule, gap; id: its anchor;
    href: its own page; more: characters of its text that only that has; kinds: for the keys: f
    failed, m commit, d change; inner: of a run."""

    what: str
    group: str
    view: str
    id: str = ""
    href: str = ""
    at: int | None = None
    clock: str = ""
    name: str = ""
    target: str = ""
    text: str = ""
    rest: str = ""
    more: int = 0
    output: str = ""
    tail: str = ""
    kinds: str = ""
    open: bool = False
    opens: bool = True
    chips: list[Chip] = field(default_factory=list)
    inner: list[Line] = field(default_factory=list)
    number: int = 0

    @property
    def linked(self) -> bool:
        """Whether any of its chips leads somewhere."""
        return any(chip.href for chip in self.chips)

    @property
    def plain(self) -> bool:
        """Whether any of its chips leads nowhere."""
        return any(not chip.href for chip in self.chips)


@dataclass(slots=True)
class Section:
    """A prompt with what followed; the first may have none."""

    lines: list[Line] = field(default_factory=list)

    @property
    def prompt(self) -> bool:
        """Whether it begins with one."""
        return self.lines[0].what == "prompt"


def named_by(uuid: str) -> str:
    """How addresses write the id of a record: the hash that stands for one without an id (`#…`)
    with h; '' for an id that no address can hold."""
    name = f"h{uuid[1:]}" if uuid.startswith("#") else uuid
    return name if _NAME.fullmatch(name) else ""


def step_at(view: View, session: str, uuid: str, run: str = "", *, ranged: bool = True) -> str:
    """The address of a step: its place on the page of its session, or the page of a step of a
    subagent (run), which stands on no other. ranged: in the range of the page that links to it."""
    link = view.link if ranged else view.bare
    if run:
        return link(f"/sessions/{session}/steps/{named_by(uuid)}")
    return link(f"/sessions/{session}") + (f"#s-{named_by(uuid)[:SHORT]}" if uuid else "")


class Writer:
    """Makes lines of steps. Where their texts have no room in one page (replay_size.py), each is
    cut, and system records are left out unless the page is to have all of them (whole)."""

    def __init__(
        self, view: View, session: str, made: list[Step], folders: list[str], *, whole: bool
    ) -> None:
        self.view, self.made, self.folders = view, made, folders
        self.path = f"/sessions/{session}"
        self.link = view.bare(f"{self.path}/steps/")
        self.started = next((each.at for each in made if each.at is not None), None)
        self.failed = Counter(each.number for each in made if each.failed)
        self._names: dict[str, str] = {}
        self._clocks: dict[int, str] = {}
        texts = (size for each in made for size in _sizes(each))
        self.most = level(texts, ROOM - STEP * len(made))
        self.whole = whole or self.most is None
        taken = set[str]()
        for each in made:
            if each.uuid not in self._names:
                name = named_by(each.uuid)
                short = name[:SHORT]
                self._names[each.uuid] = name if short in taken else short
                taken.add(short)

    def address(self, step: Step) -> str:
        """What addresses name a step by: the beginning of its record's id, the whole id where an
        earlier record begins so too; '' for an id that no address can hold."""
        name = self._names[step.uuid]
        return f"{name}.{step.part}" if name and step.part else name

    def anchor(self, step: Step) -> str:
        """The id of a step in the page."""
        return f"s-{self.address(step) or f'at-{step.seq}-{step.part}'}"

    def clock(self, at: int | None) -> str:
        """The time of day; for others the time since the session began."""
        if at is None:
            return ""
        if self.view.viewer.own:
            minute = at // 60_000
            if minute not in self._clocks:
                self._clocks[minute] = self.view.local.text(at, "%H:%M")
            return self._clocks[minute]
        return f"+{span(max(at - (self.started or at), 0))}"

    def sections(self) -> Iterator[Section]:
        """The record, a section for each prompt."""
        section, last = Section(), None
        for step in self.made:
            line = self._line(step)
            if line.view == "everything" and not self.whole:
                continue
            if line.view != "everything" and step.at is not None:
                if last is not None and step.at - last > PAUSE_MS:
                    later = f"{span(step.at - last)} later"
                    section.lines.append(Line("gap", "", "working", text=later))
                last = max(step.at, last or step.at)
            if line.what == "prompt" and section.lines:
                yield Section(_folded(section.lines))
                section = Section()
            section.lines.append(line)
        if section.lines:
            yield Section(_folded(section.lines))

    def _line(self, step: Step) -> Line:
        address = self.address(step)
        line = Line("step", "system", "everything", self.anchor(step), at=step.at,
                    clock=self.clock(step.at), number=step.number)  # fmt: skip
        line.href = self.link + address if address else self.view.bare(self.path)
        seen = [(named(name), marks) for name, marks in step.sightings]
        line.chips = [_seen(self.view, each, marks) for each, marks in seen if each is not None]
        if step.kind in PROMPT_KINDS:
            return self._prompt(line, step)
        if step.kind == "assistant_text":
            line.what, line.group, line.view = "answer", "agent", "reading"
            text = (step.text or "").strip()
            line.text = cut(text, self.most)
            line.more = len(text) - len(line.text)
            if not text:
                line.what, line.name, line.tail = "step", "Answer", _size(step.size)
                line.view = "working" if step.text is None else "everything"
                line.opens = False
            return line
        if step.kind in _RULES:
            word, line.group, line.view = _RULES[step.kind]
            line.what, line.text = "rule", _rule(step, word, self.view.viewer.amounts)
            line.kinds = "f" if step.kind == "api_error" else ""
            return line
        line.name, line.group, line.view = _KINDS.get(
            step.kind, (step.kind.replace("_", " "), "system", "everything")
        )
        if step.kind == "tool_call":
            line.opens = bool(address)
            return self._call(line, step)
        text = step.text or ""
        said = text if step.kind == "thinking" else _flat(text)
        line.target = self._first(said) or (step.name or "")
        line.opens = step.text is not None and bool(address)
        if step.kind == "thinking" and not line.opens:
            line.view = "everything"
        line.tail = _size(step.size) if step.kind != "turn_end" else span(step.size)
        return line

    def _prompt(self, line: Line, step: Step) -> Line:
        line.what, line.group, line.view = "prompt", "human", "reading"
        text = as_typed(step.text) if step.text else ""
        line.text, line.rest = _parted(text)
        if self.most is not None and len(text) > self.most:
            line.text, line.rest = cut(line.text, self.most), ""
            line.more = len(text) - len(line.text)
        how = {"queued_prompt": "queued", "prompt_beside_result": "sent while Claude worked",
               "slash_command": "command", "shell_input": "shell"}.get(step.kind)  # fmt: skip
        pictures = step.turn.images if step.turn else 0
        said = [how or "", step.mode if step.mode and step.mode != "default" else "",
                plural(pictures, "picture") if pictures else "",
                "copied from the session it was forked from" if step.copied else "",
                "" if text else f"{number(step.size)} characters"]  # fmt: skip
        line.tail = " · ".join(each for each in said if each)
        return line

    def _call(self, line: Line, step: Step) -> Line:
        call, name = step.call, step.name or "tool"
        line.name = _short(name)
        line.target = self._first(within(step.target, self.folders) or "")
        if name in _PLANS:
            line.name = "Plan"
            if step.input and (plan := _given(step.input).get("plan")) and isinstance(plan, str):
                line.what, line.view, line.group = "plan", "reading", "agent"
                line.text = cut(plan, self.most)
                line.more = len(plan) - len(line.text)
        elif not line.target and step.input:
            line.target = self._first(_about(_given(step.input)))
        if step.run is not None or name in ("Task", "Agent"):
            kind = (step.run.kind if step.run else None) or step.variant or ""
            task = self._first((step.run.task if step.run else None) or line.target)
            line.target = ": ".join(each for each in (kind, task) if each)
            line.tail = _run_tail(step, self.view.viewer.amounts)
        if call is not None:
            line.tail = line.tail or _tail(step, self.view.viewer.amounts)
            if call.status in _STATUS:
                line.chips.insert(0, Chip(*_STATUS[call.status]))
            elif line.name == "Plan" and call.status == "ok":
                line.chips.insert(0, Chip("approved", "good"))
            if call.by_person:
                line.chips.append(Chip("you changed it" if self.view.viewer.own else "changed"))
            line.output = (step.output or "").strip()
            line.open = step.failed and bool(line.output) and self.most is None
        for check in step.checks:
            counts = f" {check.failed} of {check.failed + check.passed}" if (
                check.failed and check.passed is not None) else ""  # fmt: skip
            words = f"{check.runner or check.kind} {check.verdict}{counts}"
            line.chips.append(
                Chip(words, {"passed": "good", "failed": "bad"}.get(check.verdict, "plain"))
            )
        for commit in step.commits:
            sha, subject = (commit.sha or "")[:7], commit.subject or ""
            line.chips.append(Chip(squeeze(f"commit {sha} {subject}")[:90], "mark"))
        for pull in step.pulls:
            words = f"pull request #{pull.number}" if pull.number else "pull request"
            web = pull.url if pull.url and pull.url.startswith(("https://", "http://")) else None
            line.chips.append(Chip(words, "mark", web, out=True))
        line.kinds = " ".join(
            kind for kind, has in (
                ("f", step.failed or any(check.verdict == "failed" for check in step.checks)),
                ("m", bool(step.commits)),
                ("d", call is not None and bool(call.added or call.removed)),
            ) if has
        )  # fmt: skip
        return line

    def _first(self, text: str) -> str:
        """The beginning of a text on one line."""
        flat = squeeze(text)
        most = HEAD if self.most is None else min(HEAD, max(self.most // 4, LEAST_HEAD))
        return flat if len(flat) <= most else flat[: most - 1] + "…"


def _sizes(step: Step) -> Iterator[int]:
    """Characters of the texts that the page has of a step."""
    whole = step.kind in PROMPT_KINDS or step.kind == "assistant_text"
    yield len(step.text or "") if whole else min(len(step.text or step.target or ""), HEAD)
    if step.failed:
        yield len(step.output or "")
    if step.name in _PLANS:
        yield len(step.input or "")


def _parted(text: str) -> tuple[str, str]:
    """A long prompt in two: what is read at once, and the rest."""
    lines = text.split("\n", MOST_LINES)
    most = min(LONG, len(text) - len(lines[MOST_LINES]) if len(lines) > MOST_LINES else LONG)
    if len(text) <= most + 300:
        return text, ""
    cut = max(text.rfind("\n", most // 2, most), text.rfind(" ", most // 2, most))
    cut = cut if cut > 0 else most
    return text[:cut], text[cut:].lstrip("\n")


def _short(tool: str) -> str:
    """The name of a tool; of a server's its last part."""
    return tool.rpartition("__")[2].replace("_", " ") if tool.startswith("mcp__") else tool


def _size(chars: int) -> str:
    return f"{number(chars)} characters" if chars else ""


def _flat(text: str) -> str:
    """A text of the client's on one line, without the tags of one that begins with one."""
    return squeeze(_TAGS.sub(" ", text) if text.startswith("<") else text)


def _rule(step: Step, word: str, amounts: bool) -> str:
    if step.kind == "compact_boundary":
        how = {"auto": ", by itself", "manual": ", by /compact"}.get(step.name or "", "")
        after = f" → {tokens(step.after)}" if step.after is not None else ""
        sizes = f": {tokens(step.size)}{after} tokens" if step.size and amounts else ""
        return f"Context compacted{sizes}{how}"
    if step.kind == "api_error":
        said = _flat(step.text or "")[:HEAD]
        return f"API error: {said}" if said else "API error"
    return "Interrupted" if word == "interrupted" else word


def _given(given: str) -> JsonObject:
    try:
        found = json.loads(given)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _about(given: Mapping[str, object]) -> str:
    """What a call without a target is about: how far a list is, a question, a skill."""
    todos, questions = given.get("todos"), given.get("questions")
    if isinstance(todos, list):
        items = [each for each in todos if isinstance(each, dict)]
        done = sum(each.get("status") == "completed" for each in items)
        at = next((each for each in items if each.get("status") == "in_progress"), None)
        now = at.get("content") if at is not None else None
        said = f"{done} of {len(items)} done"
        return f"{said}; now: {now}" if isinstance(now, str) else said
    if isinstance(questions, list) and questions and isinstance(questions[0], dict):
        return str(questions[0].get("question") or "")
    skill = given.get("skill") or given.get("command")
    return skill if isinstance(skill, str) else ""


def _tail(step: Step, amounts: bool) -> str:
    call = step.call
    if call is None:
        return ""
    lines = (
        f"+{call.added or 0} −{call.removed or 0}"
        if amounts and (call.added or call.removed)
        else ""
    )
    ran = span(call.ms) if call.ms is not None and call.ms >= 1000 else ""
    return " · ".join(each for each in (lines, ran) if each)


def _run_tail(step: Step, amounts: bool) -> str:
    run = step.run
    if run is None or (not run.calls and run.started_at is None):
        return "its steps are not in the record"
    many = plural(run.runs, "subagent") if run.runs > 1 else ""
    paid = amounts and (run.cost_nano or run.unpriced)
    cost = money(run.cost_nano, unpriced=run.unpriced) if paid else ""
    return " · ".join(each for each in (many, plural(run.calls, "call"), cost) if each)


def _seen(view: View, practice: Practice, marks: str) -> Chip:
    said = f"{practice.title}: {', '.join(marks.split())}" if marks else practice.title
    return Chip(said.replace("-", " "), "mark", view.link(f"/practices/{practice.name}"))


def _folded(lines: list[Line]) -> list[Line]:
    """The lines with reads and searches in a row as one, that opens."""
    made: list[Line] = []
    run: list[Line] = []

    def close() -> None:
        if sum(each.view != "everything" for each in run) >= LEAST_RUN:
            made.append(_as_one(run))
        else:
            made.extend(run)
        run.clear()

    for line in lines:
        plain = line.what == "step" and line.name in READS and not line.kinds and not line.open
        if plain or (run and line.view == "everything"):
            run.append(line)
        else:
            close()
            made.append(line)
    close()
    return made


def _as_one(run: list[Line]) -> Line:
    own = [each for each in run if each.view != "everything"]
    counts: dict[str, int] = {}
    for each in own:
        counts[READS[each.name]] = counts.get(READS[each.name], 0) + 1
    paths = {each.target for each in own if READS[each.name] == "file" and each.target}
    if paths:
        counts["file"] = len(paths)
    plurals = {"search": "searches"}
    said = ", ".join(plural(n, what, plurals.get(what)) for what, n in counts.items())
    folder = _folder(paths)
    line = Line("run", "tool", "working", at=own[0].at, clock=own[0].clock, name="reads",
                target=f"{said} in {folder}" if folder else said, inner=list(run))  # fmt: skip
    kept: dict[str, Chip] = {}
    for each in run:
        kept |= {chip.text: chip for chip in each.chips}
    line.chips = list(kept.values())
    return line


def _folder(paths: set[str]) -> str:
    try:
        found = commonpath([path.rpartition("/")[0] for path in paths]) if paths else ""
    except ValueError:
        return ""
    return found if found not in ("", "/") else ""
