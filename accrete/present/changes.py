"""What a session did to files: its edits by file, each file's folded into one diff."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accrete.outcomes.folding import Edit, Folded, fold
from accrete.outcomes.patches import hunks_of, lines_changed, lines_of, proposed
from accrete.outcomes.tool_names import EDITS, SHELLS
from accrete.outcomes.writing import may_write, renamed, renames
from accrete.queries.changes import Asked, ChangeRow

_CONTENT = re.compile(r'"content"\s*:\s*"')
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?$")
_INDENT = re.compile(r"[ +\-](?:  )+")

Inputs = Mapping[tuple[str, str], Asked]


@dataclass(frozen=True, slots=True)
class OneEdit:
    """An edit that landed. patch: its own, as it landed; proposed: as Claude proposed it, where the
    person changed it and that is known; changed: how many lines they changed, None if nobody did or
    it is not known; seen: its lines are known, if only in part."""

    row: ChangeRow
    patch: str
    proposed: str | None = None
    changed: int | None = None
    seen: bool = True


@dataclass(slots=True)
class FileChange:
    """What happened to one file. path: its last; was: its paths before, oldest first; edits: those
    that landed, in order, and reverted those of which nothing is left; folded: all of them as one
    diff."""

    path: str
    was: list[str] = field(default_factory=list)
    edits: list[OneEdit] = field(default_factory=list)
    folded: Folded = field(default_factory=lambda: Folded([], frozenset()))
    reverted: list[OneEdit] = field(default_factory=list)

    @property
    def added(self) -> int:
        """Lines that the diff adds, with those that the record does not hold."""
        return sum(block.added + block.unseen for block in self.folded.blocks)

    @property
    def removed(self) -> int:
        """Lines that the diff removes."""
        return sum(block.removed for block in self.folded.blocks)

    @property
    def created(self) -> bool:
        """Whether the session made it, as the client said; an old one did not say."""
        blocks = self.folded.blocks
        return bool(blocks) and blocks[0].created and self.edits[0].row.added is not None

    @property
    def deleted(self) -> bool:
        """Whether a command, as the client wrote it down, removed all of it in the end."""
        last = self.edits[-1] if self.edits else None
        hunks = hunks_of(last.patch) if last is not None and last.row.tool in SHELLS else []
        return bool(hunks) and not hunks[-1].new and not hunks[-1].after

    @property
    def unseen(self) -> list[OneEdit]:
        """The edits of which the record holds no lines: notebooks, old clients, what is not
        shared."""
        return [edit for edit in self.edits if not edit.seen]

    @property
    def undone(self) -> bool:
        """Whether nothing is left of what was done to it."""
        return bool(self.folded.blocks) and not self.unseen and not self.added + self.removed


@dataclass(frozen=True, slots=True)
class Changes:
    """Files, the most edited first; commands that may have changed files, of which nothing more is
    known; those that changed several, whose patch does not say which; and edits that a person
    refused, each with what it would have done, where that is known."""

    files: list[FileChange]
    commands: list[ChangeRow]
    together: list[ChangeRow]
    refused: list[OneEdit]


def changes_of(
    rows: Sequence[ChangeRow],
    inputs: Inputs,
    *,
    prompt: int | None = None,
    as_proposed: bool = False,
) -> Changes:
    """What some calls did to files, in the order of the calls. inputs: of the edits that need them,
    as far as they may be seen; prompt: only what one prompt did; as_proposed: with what Claude
    proposed in place of what the person made of it."""
    files: dict[str, FileChange] = {}
    found = Changes([], [], [], [])
    steps: dict[int, list[Edit]] = {}
    for row in rows:
        if prompt is not None and row.prompt != prompt:
            continue
        asked = _read(inputs.get(row.key))
        if row.tool in SHELLS:
            _commanded(row, files, steps, found)
        elif row.tool in EDITS and row.status == "rejected":
            found.refused.append(OneEdit(row, "".join(_unplaced(asked)), seen=bool(asked)))
        elif row.tool in EDITS and row.status == "ok":
            _edited(row, asked, files, steps, as_proposed)
    listed = list({id(each): each for each in files.values()}.values())
    for each in listed:
        each.folded = fold(steps[id(each)])
        each.reverted = [each.edits[at] for at in sorted(each.folded.reverted)]
    found.files.extend(sorted(listed, key=lambda each: (-len(each.edits), each.path)))
    return found


def _commanded(
    row: ChangeRow, files: dict[str, FileChange], steps: dict[int, list[Edit]], found: Changes
) -> None:
    text, power = row.target or "", row.tool == "PowerShell"
    if row.status in (None, "rejected"):
        return
    paths = _paths(row.detail)
    for path in paths:
        alone = len(paths) == 1 and bool(row.patch)
        edit = OneEdit(row, row.patch or "" if alone else "", seen=alone)
        _put(files, steps, path, edit, Edit(edit.patch or None, row.cut))
    if len(paths) > 1 and row.patch:
        found.together.append(row)
    if not paths and may_write(text, powershell=power):
        found.commands.append(row)
    if row.status != "ok":
        return
    for old, new in renames(text, powershell=power):
        for path in list(files):
            after = renamed(path, old, new)
            if after is not None and after not in files:
                moved = files[after] = files.pop(path)
                moved.was.append(path)
                moved.path = after


def _paths(detail: str | None) -> list[str]:
    """The files that the client said a command changed."""
    try:
        told = json.loads(detail) if detail else None
    except ValueError:
        return []
    paths = told.get("files") if isinstance(told, dict) else None
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def _edited(
    row: ChangeRow,
    asked: dict[str, object],
    files: dict[str, FileChange],
    steps: dict[int, list[Edit]],
    as_proposed: bool,
) -> None:
    path = row.target or "(unknown)"
    if row.patch:
        patch = _tabbed(row.patch, asked)
        was = changed = None
        if row.user_modified and asked and not row.cut:
            was = proposed(patch, _replacements(asked))
            changed = None if was is None else lines_changed(was, patch)
        used = was if as_proposed and was is not None else patch
        _put(files, steps, path, OneEdit(row, patch, was, changed), Edit(used, row.cut))
        return
    content = asked.get("content")
    if row.tool == "Write" and isinstance(content, str):
        if row.added == 0 and content:
            step = Edit(None)  # it was written as it was
        else:
            cut = bool(asked.get("cut"))
            step = Edit(None, cut, content.replace("\r\n", "\n"), row.added)
        _put(files, steps, path, OneEdit(row, _all_added(content)), step)
    elif row.tool == "Write" and row.added:
        _put(files, steps, path, OneEdit(row, "", seen=False), Edit(None, True, "", row.added))
    else:
        patch = "".join(_unplaced(asked))
        step = Edit(f"@@ -1 +1 @@\n{patch}" if patch else None, placed=False)
        _put(files, steps, path, OneEdit(row, patch, seen=bool(patch) or row.added == 0), step)


def _put(
    files: dict[str, FileChange],
    steps: dict[int, list[Edit]],
    path: str,
    edit: OneEdit,
    step: Edit,
) -> None:
    of = files.setdefault(path, FileChange(path))
    of.edits.append(edit)
    steps.setdefault(id(of), []).append(step)


def _read(asked: Asked | None) -> dict[str, object]:
    """The input of a call; of one that was cut the content of a file as far as it was kept, with
    `cut`."""
    if asked is None:
        return {}
    try:
        told = json.loads(asked.input)
    except ValueError:
        return _beginning(asked.input)
    return told if isinstance(told, dict) else {}


def _beginning(text: str) -> dict[str, object]:
    found = _CONTENT.search(text)
    if found is None:
        return {}
    kept = _ESCAPE.sub("", text[found.end() :].removesuffix("\ufffd"))
    if (len(kept) - len(kept.rstrip("\\"))) % 2:
        kept = kept[:-1]
    try:
        content = json.loads(f'"{kept}"')
    except ValueError:
        return {}
    return {"content": content, "cut": True}


def _replacements(asked: Mapping[str, object]) -> list[tuple[str, str, bool]]:
    """(old text, new text, all of them) of an edit or of several."""
    several = asked.get("edits")
    given = several if isinstance(several, list) else [asked]
    return [
        (old, new, each.get("replace_all") is True)
        for each in given
        if isinstance(each, dict)
        and isinstance(old := each.get("old_string"), str)
        and isinstance(new := each.get("new_string"), str)
    ]


def _unplaced(asked: Mapping[str, object]) -> list[str]:
    """The lines that an edit replaces and those it writes, signed, as a patch without a place has
    them."""
    content = asked.get("content")
    if isinstance(content, str):
        return [f"+{line}" for line in _ended(content)]
    out: list[str] = []
    for old, new, _ in _replacements(asked):
        before, after = _ended(old), _ended(new)
        head = 0
        while head < min(len(before), len(after)) and before[head] == after[head]:
            head += 1
        tail = 0
        while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        out += [f" {line}" for line in before[:head]]
        out += [f"-{line}" for line in before[head : len(before) - tail]]
        out += [f"+{line}" for line in after[head : len(after) - tail]]
        out += [f" {line}" for line in before[len(before) - tail :]]
    return out


def _ended(text: str) -> list[str]:
    return [line if line.endswith("\n") else f"{line}\n" for line in lines_of(text)]


def _all_added(text: str) -> str:
    return "".join(f"+{line}" for line in _ended(text))


def _tabbed(patch: str, asked: Mapping[str, object]) -> str:
    """The patch with the tabs that Claude Code wrote as two spaces each: of the lines that the
    call's input has, and of all where every indented line there begins with a tab."""
    texts = [text for old, new, _ in _replacements(asked) for text in (old, new)]
    lines = [line for text in [*texts, str(asked.get("content", ""))] for line in text.split("\n")]
    known = {
        "  " * (len(line) - len(line.lstrip("\t"))) + line.lstrip("\t"): line
        for line in lines
        if line.startswith("\t")
    }
    if not known or "\t" in "".join(line[1:2] for line in patch.split("\n")):
        return patch
    always = not any(line.startswith("  ") for line in lines)
    out = []
    for line in patch.split("\n"):
        indent = _INDENT.match(line)
        if line[1:] in known:
            line = line[0] + known[line[1:]]
        elif always and indent:
            line = line[0] + "\t" * ((indent.end() - 1) // 2) + line[indent.end() :]
        out.append(line)
    return "\n".join(out)
