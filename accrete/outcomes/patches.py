"""Reads the stored patch of an edit: its hunks, and what was proposed where a person changed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from accrete.text.lazy import lazy

_HEAD = lazy(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*")
CONTEXT = 3
"""Unchanged lines around a change, as Claude Code and git have them."""
MOST_STEPS = 300
"""Changed lines up to which the shortest difference of two texts is looked for, unless told."""


class Hunk(NamedTuple):
    """One hunk of a patch.

    old, new: its first line before and after the whole patch, from 1.
    lines: (sign, text): ' ', '+' or '-', and the line with its newline where it has one.
    """

    old: int
    new: int
    lines: tuple[tuple[str, str], ...]

    @property
    def before(self) -> list[str]:
        """Its lines before the change."""
        return [text for sign, text in self.lines if sign != "+"]

    @property
    def after(self) -> list[str]:
        """Its lines after the change."""
        return [text for sign, text in self.lines if sign != "-"]


def lines_of(text: str) -> list[str]:
    """The lines of a text, each with its newline; the last has none where the text does not end in
    one."""
    found = [f"{line}\n" for line in text.split("\n")]
    last = found.pop()[:-1]
    return [*found, last] if last else found


def hunks_of(patch: str, *, cut: bool = False) -> list[Hunk]:
    """The hunks of a stored patch. Of one that was cut, the last line, which may lack its end, is
    left out."""
    found: list[tuple[int, int, list[tuple[str, str]]]] = []
    given = patch.split("\n")
    for line in given[:-1] if cut else given:
        head = _HEAD.fullmatch(line) if line.startswith("@@") else None
        if head is not None:
            found.append((int(head[1][:9]), int(head[2][:9]), []))
        elif not found:
            continue
        elif line.startswith("\\") and found[-1][2]:
            sign, text = found[-1][2][-1]
            found[-1][2][-1] = sign, text.removesuffix("\n")
        elif line[:1] in ("+", "-", " "):
            found[-1][2].append((line[0], f"{line[1:]}\n"))
    return [Hunk(old, new, tuple(lines)) for old, new, lines in found if lines]


def written(hunks: Sequence[Hunk]) -> str:
    """The hunks as a unified diff, without the names of the file."""
    out: list[str] = []
    for hunk in hunks:
        before, after = len(hunk.before), len(hunk.after)
        old = hunk.old if before else hunk.old - 1
        new = hunk.new if after else hunk.new - 1
        out.append(f"@@ -{old},{before} +{new},{after} @@\n")
        out.extend(_line(sign, text) for sign, text in hunk.lines)
    return "".join(out)


def _line(sign: str, text: str) -> str:
    return (
        f"{sign}{text}" if text.endswith("\n") else f"{sign}{text}\n\\ No newline at end of file\n"
    )


def differences(
    old: Sequence[str], new: Sequence[str], most: int = MOST_STEPS
) -> list[tuple[str, str]] | None:
    """(sign, line) for each line of both: the fewest added and removed ones (Myers 1986). None
    where more than `most` lines differ: its time grows with their square."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _shortest(old[head : len(old) - tail], new[head : len(new) - tail], most)
    if middle is None:
        return None
    first, last = old[:head], old[len(old) - tail :]
    return [*((" ", line) for line in first), *middle, *((" ", line) for line in last)]


def _shortest(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[str, str]] | None:
    if not old or not new:
        return [*(("-", line) for line in old), *(("+", line) for line in new)]
    furthest = {1: 0}
    trace: list[dict[int, int]] = []
    for steps in range(min(len(old) + len(new), most) + 1):
        trace.append(dict(furthest))
        for k in range(-steps, steps + 1, 2):
            down = k == -steps or (k != steps and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(old) and x - k >= len(new):
                return _back(trace, old, new)
    return None


def _back(
    trace: list[dict[int, int]], old: Sequence[str], new: Sequence[str]
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    x, y = len(old), len(new)
    for steps in range(len(trace) - 1, -1, -1):
        reached, k = trace[steps], x - y
        down = k == -steps or (k != steps and reached[k - 1] < reached[k + 1])
        before = reached[k + 1] if down else reached[k - 1]
        begin = before - (k + 1 if down else k - 1)
        while x > before and y > begin:
            x, y = x - 1, y - 1
            found.append((" ", old[x]))
        if steps:
            found.append(("+", new[begin]) if down else ("-", old[before]))
        x, y = before, begin
    return removed_first(found[::-1])


def removed_first(lines: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same with what is removed before what is added, wherever both stand together."""
    out: list[tuple[str, str]] = []
    added: list[tuple[str, str]] = []
    for sign, text in lines:
        if sign == "+":
            added.append((sign, text))
            continue
        if sign == " ":
            out.extend(added)
            added.clear()
        out.append((sign, text))
    return [*out, *added]


def hunks_from(lines: Sequence[tuple[str, str]], old: int, new: int) -> list[Hunk]:
    """The hunks of a run of lines, with CONTEXT around each change. old, new: the numbers of the
    run's first line before and after."""
    changed = [at for at, (sign, _) in enumerate(lines) if sign != " "]
    spans: list[tuple[int, int]] = []
    for at in changed:
        begin, end = max(at - CONTEXT, 0), min(at + CONTEXT + 1, len(lines))
        if spans and begin <= spans[-1][1]:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((begin, end))
    found, at = [], 0
    for begin, end in spans:
        before = lines[at:begin]
        old += sum(sign != "+" for sign, _ in before)
        new += sum(sign != "-" for sign, _ in before)
        hunk = Hunk(old, new, tuple(lines[begin:end]))
        found.append(hunk)
        old, new, at = old + len(hunk.before), new + len(hunk.after), end
    return found


def proposed(landed: str, replaced: Sequence[tuple[str, str, bool]]) -> str | None:
    """The patch that Claude proposed, from the patch that landed and the replacements (old text,
    new text, all of them) that it asked for. None where the landed patch does not hold the place:
    the person undid that part."""
    hunks = hunks_of(landed)
    texts = ["".join(hunk.before) for hunk in hunks]
    results = list(texts)
    for old, new, everywhere in replaced:
        places = [at for at, text in enumerate(results) if old and old in text]
        if not places:
            return None
        for at in places if everywhere else places[:1]:
            results[at] = results[at].replace(old, new, -1 if everywhere else 1)
    out: list[Hunk] = []
    shift = 0
    for hunk, before, after in zip(hunks, texts, results, strict=True):
        lines = differences(lines_of(before), lines_of(after))
        if lines is None:
            return None
        out += hunks_from(lines, hunk.old, hunk.old + shift)
        shift += len(lines_of(after)) - len(lines_of(before))
    return written(out)


def lines_changed(proposed_patch: str, landed_patch: str) -> int:
    """How many of the lines that a patch writes or removes are others than the proposed ones."""
    sides = [
        Counter(
            (sign, text) for hunk in hunks_of(patch) for sign, text in hunk.lines if sign != " "
        )
        for patch in (proposed_patch, landed_patch)
    ]
    only = [(sides[0] - sides[1]).total(), (sides[1] - sides[0]).total()]
    return max(only)
