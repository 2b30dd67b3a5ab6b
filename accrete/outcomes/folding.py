"""Folds the edits of one file into one diff, from their patches alone: no file and no git.

A patch shows the lines around each change and their numbers, so a series of patches tells parts
of the file. They are kept as lines with unknown runs between them, patches are applied to that in
order, and the difference between what was first known and what is known last is the diff.

Longer than a module should be because placing a patch and applying it share the one model of a
partly known file.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from accrete.outcomes.patches import (
    Hunk,
    differences,
    hunks_from,
    hunks_of,
    lines_of,
    removed_first,
    written,
)

LEAST_MATCHED = 3
"""Known lines that must be equal for a patch to be placed elsewhere than its line numbers say."""
SURE = 5
"""Lines of a place that is preferred to the line numbers; one of them was written by an edit."""

STEPS = 100
"""Lines that differ up to which a shorter difference is looked for than the edits tell."""
CHUNK = 64
"""Parts of a file that are looked at together: an edit looks at those around it only."""
APART = 16
"""Unchanged lines in a row between two changes that are compared one by one."""


class Edit(NamedTuple):
    """One change of a file.

    patch: as stored; cut: it was longer. written: the text of a file that the edit created, None
    where it changed one; lines: how many lines that has, where the text was cut.
    placed: its line numbers are known.
    """

    patch: str | None
    cut: bool = False
    written: str | None = None
    lines: int | None = None
    placed: bool = True


class Block(NamedTuple):
    """A diff of one file.

    patch: unified, without names; '' where nothing is left of the edits. added, removed: its
    lines; unseen: added lines that the record does not hold. created: the file did not exist.
    edits: places of its edits. shifted: lines that came or went outside the recorded edits.
    begun: why it is a block of its own, '' for most that are first: `cut` after a patch of which
    the end is missing; `moved` where an edit fits nowhere in what was known; `again` where the file
    was created a second time; `unplaced` where an edit has no line numbers.
    """

    patch: str
    added: int
    removed: int
    unseen: int
    created: bool
    edits: tuple[int, ...]
    shifted: int
    begun: str


class Folded(NamedTuple):
    """The blocks of a file, usually one, and the places of the edits of which nothing is left."""

    blocks: list[Block]
    reverted: frozenset[int]


def fold(edits: Sequence[Edit]) -> Folded:
    """The edits of one file, in order, as one diff; as several where one does not follow from what
    the ones before it show.

    Without changes by others in between the diff leads from the first state of the file to its
    last. It may have more lines than git's: git compares whole files, this compares changes that
    lie apart one by one, so a line that moved from one to another counts twice, and where very much
    changed it takes what the edits tell; of several shortest diffs git may choose another. A change
    by others is seen where an edit's lines contradict it; where it only moved unknown lines, their
    old numbers are off by as much. CRLF is as the patches have it: Claude Code writes them without
    CR.
    """
    files: list[_File] = []
    for at, edit in enumerate(edits):
        if edit.written is not None:
            known = files and not files[-1].ended and files[-1].gone
            if not files or not known:
                files.append(_File("again" if files else ""))
            files[-1].create(at, edit)
            continue
        hunks = hunks_of(edit.patch or "", cut=edit.cut)
        if not hunks:
            continue
        if not files or files[-1].ended:
            begun = ("cut" if files else "") if edit.placed else "unplaced"
            files.append(_File(begun, placed=edit.placed))
        if not files[-1].apply(at, hunks, edit):
            files.append(_File("moved" if edit.placed else "unplaced", placed=edit.placed))
            files[-1].apply(at, hunks, edit)
        files[-1].ended = files[-1].ended or edit.cut or not files[-1].placed
    reverted = frozenset(at for each in files for at in each.reverted())
    return Folded([each.block() for each in files], reverted)


class _Line(NamedTuple):
    """A known line. first: the edit that wrote it, None for one of the file; cut: the edit that
    removed it; over: that edit wrote others in its place."""

    text: str
    first: int | None = None
    cut: int | None = None
    over: bool = False


class _Gap(NamedTuple):
    """Unknown lines: how many there were and are; None for all to the end. first: the edit that
    wrote them, if they are not of the file."""

    old: int | None
    new: int | None
    first: int | None = None


class _Gone(NamedTuple):
    """Removed lines in a row; newest: the last edit that removed one of them, or a later one."""

    lines: tuple[_Line, ...]
    newest: int


_Part = _Line | _Gap | _Gone
"""What a file is known as, in order: lines that are there, unknown ones, and removed ones."""


class _Chunk:
    """Some parts in a row, which are not changed any more; size: lines of them that are there, None
    where that is not known."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.parts = parts
        self.size = _size(parts)
        self._texts: frozenset[str] | None = None

    def has(self, text: str) -> bool:
        """Whether one of its known lines is a text, given as `_plain` writes it."""
        if self._texts is None:
            self._texts = frozenset(
                _plain(part.text) for part in self.parts if isinstance(part, _Line)
            )
        return text in self._texts


def _size(parts: Sequence[_Part]) -> int | None:
    size = 0
    for part in parts:
        if isinstance(part, _Line):
            size += 1
        elif isinstance(part, _Gap):
            if part.new is None:
                return None
            size += part.new
    return size


def _chunks(parts: Sequence[_Part]) -> list[_Chunk]:
    return [_Chunk(parts[at : at + CHUNK]) for at in range(0, len(parts), CHUNK)]


def _joined(chunks: Sequence[_Chunk]) -> list[_Part]:
    return [part for chunk in chunks for part in chunk.parts]


def _around(chunks: Sequence[_Chunk], begin: int, size: int) -> tuple[int, int, int]:
    """Which of the chunks (from one to before another) hold so many lines from a place on and what
    stands beside them, and the number of their first line. All of them for no lines."""
    if not size:
        return 0, len(chunks), 0
    first, offset, at = 0, 0, 0
    for index, chunk in enumerate(chunks):
        if at < begin and chunk.size is not None and at + chunk.size < begin:
            at += chunk.size
            first, offset = index + 1, at
            continue
        if chunk.size is None or at + chunk.size > begin + size:
            return first, index + 1, offset
        at += chunk.size
    if first == len(chunks):  # the place is beyond all that there is
        return 0, len(chunks), 0
    return first, len(chunks), offset


@dataclass(slots=True)
class _File:
    """A partly known file. placed: its line numbers are known; ended: no edit can follow."""

    begun: str
    placed: bool = True
    chunks: list[_Chunk] = field(default_factory=lambda: _chunks([_Gap(None, None)]))
    edits: list[int] = field(default_factory=list)
    created: bool = False
    ended: bool = False
    shifted: int = 0

    @property
    def parts(self) -> list[_Part]:
        """All of it."""
        return _joined(self.chunks)

    @property
    def gone(self) -> bool:
        """Whether no line is left of it, as far as is known."""
        return all(isinstance(part, _Gone) for part in self.parts)

    def create(self, at: int, edit: Edit) -> None:
        """The file with all its text written by an edit."""
        lines = lines_of(edit.written or "")
        parts: list[_Part] = []
        if edit.cut:
            lines = lines[:-1]
            rest = None if edit.lines is None else max(edit.lines - len(lines), 0)
            parts.append(_Gap(0, rest, at))
        slot = [part for part in self.parts if isinstance(part, _Gone)]
        self.chunks = _chunks([*_restored(slot, lines, at), *parts])
        self.created = self.created or self.begun != "" or not self.edits
        self.edits.append(at)

    def apply(self, at: int, hunks: Sequence[Hunk], edit: Edit) -> bool:
        """Applies a patch; False, and nothing is changed, where a hunk fits nowhere."""
        chunks, shifted, drift = list(self.chunks), 0, 0
        for hunk in hunks:
            begin, before = max(hunk.new - 1 + drift, 0), hunk.before
            first, last, offset = _around(chunks, begin, len(before))
            near = _joined(chunks[first:last])
            place: int | None = begin
            placed = edit.placed and self.placed
            if self.edits and not (placed and _known(near, before, begin - offset)):
                here = _Known.of(near).holds(before, begin - offset) if placed else None
                place = _place(chunks, before, begin, here)
            if place is None:
                return False
            if not edit.placed:
                drift += place - begin
                begin = place
            if place != begin:
                moved = _shift(_joined(chunks), place, begin - place)
                if moved is None:
                    return False
                chunks, shifted = _chunks(moved), shifted + abs(begin - place)
            first, last, offset = _around(chunks, begin, len(before))
            near = _applied(_joined(chunks[first:last]), hunk, begin - offset, at)
            chunks[first:last] = _chunks(near)
        self.chunks, self.shifted = chunks, self.shifted + shifted
        self.edits.append(at)
        return True

    def block(self) -> Block:
        """Its diff."""
        found: list[Hunk] = []
        old = new = 1
        unseen = 0
        for run in _runs(self.parts):
            if isinstance(run, _Gap):
                unseen += (run.new or 0) if run.first is not None else 0
                old, new = old + (run.old or 0), new + (run.new or 0)
                continue
            lines = _compared(run)
            found += hunks_from(lines, old, new)
            old += sum(sign != "+" for sign, _ in lines)
            new += sum(sign != "-" for sign, _ in lines)
        signs = [sign for hunk in found for sign, _ in hunk.lines]
        patch = written(found)
        if not self.placed:
            patch = "".join(line for line in patch.splitlines(True) if not line.startswith("@@"))
        return Block(
            patch, signs.count("+"), signs.count("-"), unseen, self.created, tuple(self.edits),
            self.shifted, self.begun,
        )  # fmt: skip

    def reverted(self) -> list[int]:
        """The edits of which nothing is left: what they wrote was removed without another line in
        its place, or with one of which nothing is left either, and what they removed is back."""
        of: dict[int, list[_Line]] = {at: [] for at in self.edits}
        gaps: set[int | None] = set()
        for part in _each(self.parts):
            if isinstance(part, _Gap):
                gaps.add(part.first)
                continue
            if part.first is not None:
                of[part.first].append(part)
            if part.cut is not None and part.cut != part.first:
                of[part.cut].append(part)
        stands: dict[int, bool] = {}
        for at in reversed(self.edits):
            stands[at] = at in gaps or any(_stands(line, at, stands) for line in of[at])
        return [at for at in self.edits if not stands[at]]


def _stands(line: _Line, at: int, stands: dict[int, bool]) -> bool:
    if line.first == at and line.cut is None:
        return True
    if line.cut == at:
        return line.first is None or not line.over
    return line.first == at and line.over and line.cut is not None and stands.get(line.cut, True)


def _each(parts: Sequence[_Part]) -> Iterator[_Line | _Gap]:
    """The lines, removed ones too, and the gaps."""
    for part in parts:
        if isinstance(part, _Gone):
            yield from part.lines
        else:
            yield part


class _Known(NamedTuple):
    """What is known of a file now: lines by their number from 0; how many there are, None where
    that is not known."""

    lines: dict[int, _Line]
    size: int | None

    @classmethod
    def of(cls, parts: Sequence[_Part]) -> _Known:
        found: dict[int, _Line] = {}
        at = 0
        for part in parts:
            if isinstance(part, _Gap):
                if part.new is None:
                    return cls(found, None)
                at += part.new
            elif isinstance(part, _Line):
                found[at] = part
                at += 1
        return cls(found, at)

    def holds(self, before: Sequence[str], begin: int) -> int | None:
        """How many of the lines are known to be at a place; None where another one is, or none."""
        if begin < 0 or (self.size is not None and begin + len(before) > self.size):
            return None
        matched = 0
        for at, text in enumerate(before, begin):
            line = self.lines.get(at)
            if line is not None:
                if not _same(line.text, text):
                    return None
                matched += 1
        return matched

    def places(self, before: Sequence[str], *, whole: bool) -> list[tuple[int, int]]:
        """(known lines that are equal, place) of all places where a known line is equal and none
        is another. whole: only where all of them are known."""
        if whole:
            starts = sorted(at for at, line in self.lines.items() if _same(line.text, before[0]))
        else:
            starts = sorted({at - index for at in self.lines for index in range(len(before))})
        found = [(self.holds(before, start), start) for start in starts]
        return [(matched, start) for matched, start in found if matched]

    def wrote(self, begin: int, size: int) -> bool:
        """Whether an edit wrote one of the lines at a place."""
        lines = (self.lines.get(at) for at in range(begin, begin + size))
        return any(
            line is not None and line.first is not None and line.text.strip() for line in lines
        )


def _known(parts: Sequence[_Part], before: Sequence[str], begin: int) -> bool:
    """Whether all lines of a hunk are known to be where it says: the usual case, found fast."""
    index = _index(parts, begin)
    if index is None:
        return False
    found = 0
    for part in parts[index:]:
        if found == len(before) or isinstance(part, _Gap):
            break
        if isinstance(part, _Line):
            if not _same(part.text, before[found]):
                return False
            found += 1
    return 0 < found == len(before)


def _place(
    chunks: Sequence[_Chunk], before: Sequence[str], begin: int, here: int | None
) -> int | None:
    """Where the lines of a patch are, from 0: where it says, unless that contradicts what is
    known, or what is known has them whole elsewhere. None where they fit nowhere. here: how many of
    them are known to be where it says, None where others are, or where it does not say."""
    if here or (here == 0 and len(before) < SURE):
        return begin
    if not before:
        return None
    if here == 0 and not all(any(chunk.has(_plain(text)) for chunk in chunks) for text in before):
        return begin
    known = _Known.of(_joined(chunks))
    found = known.places(before, whole=here == 0)
    most = max((matched for matched, _ in found), default=0)
    best = [place for matched, place in found if matched == most]
    if here == 0:
        sure = most == len(before) and len(best) == 1 and known.wrote(best[0], most)
        return best[0] if sure else begin
    if most < min(LEAST_MATCHED, len(before)) or not any(text.strip() for text in before):
        return None
    return min(best, key=lambda place: (abs(place - begin), place))


def _same(one: str, other: str) -> bool:
    """Whether two texts are one line: Claude Code writes tabs that begin a line as two spaces, and
    no CR, into patches, and says little of the last newline."""
    if one == other:
        return True
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    bare = text.rstrip("\r\n")
    rest = bare.lstrip("\t")
    return "  " * (len(bare) - len(rest)) + rest


def _shift(parts: Sequence[_Part], place: int, by: int) -> list[_Part] | None:
    """The file after lines came (by > 0) or went before a place, where they are least known. None
    where so many cannot have gone."""
    at, gap = 0, None
    for index, part in enumerate(parts):
        if isinstance(part, _Gap):
            if at >= place or part.new is None:
                break
            gap = index if part.new + by >= 0 else gap
            at += part.new
        elif isinstance(part, _Line):
            if at >= place:
                break
            at += 1
    made = list(parts)
    if gap is not None:
        found = made[gap]
        if isinstance(found, _Gap) and found.new is not None:
            made[gap] = _Gap(found.old, found.new + by, found.first)
        return made
    return [_Gap(0, by), *made] if by > 0 else None


def _applied(parts: Sequence[_Part], hunk: Hunk, begin: int, at: int) -> list[_Part]:
    """The file after a hunk whose lines are at a place."""
    known = parts if _known(parts, hunk.before, begin) else _opened(parts, hunk.before, begin)
    index = _index(known, begin)
    index = len(known) if index is None else index
    out = list(known[:index])
    rest = known[index:]
    pos = 0
    lines = list(hunk.lines)
    step = 0
    while step < len(lines):
        sign = lines[step][0]
        if sign == "+":
            end = step
            while end < len(lines) and lines[end][0] == "+":
                end += 1
            slot: list[_Gone] = []
            while out and isinstance(gone := out[-1], _Gone):
                slot.insert(0, gone)
                out.pop()
            while pos < len(rest) and isinstance(gone := rest[pos], _Gone):
                slot.append(gone)
                pos += 1
            out += _restored(slot, [text for _, text in lines[step:end]], at)
            step = end
            continue
        while pos < len(rest) and _size(rest[pos : pos + 1]) == 0:
            out.append(rest[pos])
            pos += 1
        if pos == len(rest):
            break
        part = rest[pos]
        pos += 1
        step += 1
        if sign == "-" and isinstance(part, _Line):
            part = _Gone((part._replace(cut=at),), at)
        out.append(part)
    return [*out, *rest[pos:]]


def _index(parts: Sequence[_Part], begin: int) -> int | None:
    """The index of the part that line `begin` (from 0) is; None where that is within a gap."""
    at = 0
    for index, part in enumerate(parts):
        if at >= begin:
            return index if at == begin else None
        if isinstance(part, _Gap):
            if part.new is None:
                return None
            at += part.new
        elif isinstance(part, _Line):
            at += 1
    return len(parts) if at == begin else None


def _opened(parts: Sequence[_Part], before: Sequence[str], begin: int) -> list[_Part]:
    """The file with its lines from a place on known, as a patch shows them."""
    end = begin + len(before)
    out: list[_Part] = []
    at = 0
    for part in parts:
        size = part.new if isinstance(part, _Gap) else int(isinstance(part, _Line))
        if not isinstance(part, _Gap) or at >= end or (size is not None and at + size <= begin):
            if isinstance(part, _Gap) and part.new is None and not before and begin <= at:
                continue  # a patch without lines before it is of an empty file
            out.append(part)
        else:
            out += _split(part, before, begin, at)
        at += 0 if size is None else size
        if size is None:
            at = max(at, end)
    return out


def _split(gap: _Gap, before: Sequence[str], begin: int, at: int) -> Iterator[_Part]:
    """A gap that begins at a line, opened where the patch shows it."""
    first = max(begin, at)
    last = begin + len(before) if gap.new is None else min(begin + len(before), at + gap.new)
    head, shown = first - at, last - first
    of_file = gap.first is None
    old = gap.old
    held = (head if of_file else 0) if old is None else min(head, old)
    left = None if old is None else old - held
    taken = shown if left is None else min(shown, left)
    if head or held:
        yield _Gap(held, head, gap.first)
    for index, text in enumerate(before[first - begin : last - begin]):
        yield _Line(text) if index < taken and of_file else _Line(text, gap.first)
    rest = None if gap.new is None else gap.new - head - shown
    if rest is None or rest or (left is not None and left - taken):
        yield _Gap(None if left is None else left - taken, rest, gap.first)


def _restored(slot: Sequence[_Gone], texts: Sequence[str], at: int) -> list[_Part]:
    """What stands at a place where removed lines were and lines are added: a removed line that is
    written again is back."""
    removed: tuple[_Line, ...] = ()
    for gone in slot:
        removed += gone.lines
    newest = max((gone.newest for gone in slot), default=at)
    matched = _matched(removed, texts)
    if len(matched) < len(texts):
        removed = _written_over(slot, matched, at)
    out: list[_Part] = []
    begin = done = 0
    for index in sorted(matched):
        if begin < index:
            out.append(_Gone(removed[begin:index], newest))
        out += [_Line(text, at) for text in texts[done : matched[index]]]
        out.append(removed[index]._replace(cut=None, over=False))
        begin, done = index + 1, matched[index] + 1
    if begin < len(removed):
        out.append(_Gone(removed[begin:], newest))
    return [*out, *(_Line(text, at) for text in texts[done:])]


def _written_over(slot: Sequence[_Gone], matched: Container[int], at: int) -> tuple[_Line, ...]:
    """The removed lines; others stand where an edit now removed those that are not back."""
    made: tuple[_Line, ...] = ()
    for gone in slot:
        some = gone.lines
        if gone.newest == at:
            some = tuple(
                line._replace(over=True) if line.cut == at and index not in matched else line
                for index, line in enumerate(some, len(made))
            )
        made += some
    return made


def _matched(old: Sequence[_Line], new: Sequence[str]) -> dict[int, int]:
    """Which line of the old ones is which of the new ones, in order: where fewer than STEPS lines
    differ, or what is new begins and ends the old ones."""
    if len(old) - len(new) > STEPS:
        head = tail = 0
        while head < len(new) and old[head].text == new[head]:
            head += 1
        while tail < len(new) - head and old[-1 - tail].text == new[-1 - tail]:
            tail += 1
        if head + tail < len(new):
            return {}
        return {**{at: at for at in range(head)},
                **{len(old) - at: len(new) - at for at in range(1, tail + 1)}}  # fmt: skip
    if {line.text for line in old}.isdisjoint(new):
        return {}
    found: dict[int, int] = {}
    x = y = 0
    for sign, _ in differences([line.text for line in old], new, STEPS) or ():
        if sign == " ":
            found[x] = y
        x, y = x + (sign != "+"), y + (sign != "-")
    return found


def _runs(parts: Sequence[_Part]) -> Iterator[list[_Line] | _Gap]:
    """The gaps, and the known lines between them."""
    run: list[_Line] = []
    for part in _each(parts):
        if isinstance(part, _Gap):
            if run:
                yield run
            run = []
            yield part
        else:
            run.append(part)
    if run:
        yield run


def _compared(run: Sequence[_Line]) -> list[tuple[str, str]]:
    """The difference of a run of known lines: who wrote and removed what tells it, and where no
    line was removed that was also written, no difference is shorter."""
    lines = [(_sign(line), line.text) for line in run if line.first is None or line.cut is None]
    out: list[tuple[str, str]] = []
    for part in _apart(lines):
        removed = {text for sign, text in part if sign == "-"}
        if any(sign == "+" and text in removed for sign, text in part):
            old = [text for sign, text in part if sign != "+"]
            part = differences(old, [text for sign, text in part if sign != "-"], STEPS) or part
        out += removed_first(part)
    return out


def _apart(lines: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The lines in parts, cut where many in a row are unchanged."""
    part: list[tuple[str, str]] = []
    same = 0
    for line in lines:
        part.append(line)
        same = same + 1 if line[0] == " " else 0
        if same == APART:
            yield part
            part, same = [], 0
    yield part


def _sign(line: _Line) -> str:
    if line.first is None:
        return " " if line.cut is None else "-"
    return "+"
