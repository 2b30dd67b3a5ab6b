"""The edits of a file folded into one diff: applied to what the file was, it gives what it is."""

from __future__ import annotations

import subprocess
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.outcomes import folding
from accrete.outcomes.folding import STEPS, Edit, fold
from accrete.outcomes.patches import (
    differences,
    hunks_of,
    lines_changed,
    lines_of,
    proposed,
)
from tests.patience import least, thread_s

pytestmark = pytest.mark.long


def patch_of(old: str, new: str) -> str:
    """The patch that is stored of an edit: Claude Code's structuredPatch, 3 lines of context."""
    before, after = lines_of(old), lines_of(new)
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(3)
    out: list[str] = []
    for group in groups:
        out.append(f"@@ -{group[0][1] + 1} +{group[0][3] + 1} @@")
        for what, a, b, c, d in group:
            if what == "equal":
                _put(out, " ", before[a:b])
                continue
            _put(out, "-", before[a:b])
            _put(out, "+", after[c:d])
    return "\n".join(out)


def _put(out: list[str], sign: str, lines: list[str]) -> None:
    for line in lines:
        out.append(sign + line.removesuffix("\n"))
        if not line.endswith("\n"):
            out.append("\\ No newline at end of file")


def applied(patch: str, text: str) -> str:
    """The text after a unified diff with exact line numbers; fails where a line is another."""
    before, out, at = lines_of(text), [], 0
    for hunk in hunks_of(patch):
        begin = hunk.old - 1 if hunk.before else hunk.old
        out += before[at:begin]
        assert before[begin : begin + len(hunk.before)] == hunk.before
        assert hunk.new == len(out) + (1 if hunk.after else 0)
        out += hunk.after
        at = begin + len(hunk.before)
    return "".join([*out, *before[at:]])


def edited(text: str, random: Random, words: list[str]) -> str:
    """The text after an edit somewhere, as Claude makes them."""
    lines = lines_of(text)
    kind = random.random()
    if kind < 0.06:
        return ""
    if kind < 0.12:
        return "".join(random.choices(words, k=random.randrange(12))).rstrip(
            "\n" if kind < 0.09 else ""
        )
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        at = random.randrange(len(lines) + 1)
        end = min(at + random.randrange(4), len(lines))
        lines[at:end] = random.choices(words, k=random.randrange(4))
    made = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    return made.removesuffix("\n") if random.random() < 0.1 else made


def session_of(
    random: Random, size: int, kinds: int, end: str = "\n"
) -> tuple[list[str], list[str]]:
    words = [f"line {n}{end}" for n in range(kinds)] + [end]
    states = ["".join(random.choices(words, k=random.randrange(size)))]
    for _ in range(random.randrange(1, 9)):
        fresh = [f"new {random.randrange(10**9)}{end}" for _ in range(4)]
        more = words if random.random() < 0.3 else fresh
        states.append(states[0] if random.random() < 0.1 else edited(states[-1], random, more))
    return states, [patch_of(a, b) for a, b in zip(states, states[1:], strict=False)]


@settings(max_examples=600, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([3, 30, 120]), st.sampled_from([2, 9, 200]),
       st.sampled_from(["\n", "\r\n"]))  # fmt: skip
def test_the_folded_diff_leads_from_the_first_state_to_the_last(seed, size, kinds, end):
    states, patches = session_of(Random(seed), size, kinds, end)
    folded = fold([Edit(patch) for patch in patches])
    if not folded.blocks:
        assert states[0] == states[-1]
        return
    (block,) = folded.blocks
    assert applied(block.patch, states[0]) == states[-1]
    assert block.shifted == 0
    assert not block.begun


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_a_created_file_is_all_of_its_last_state(seed):
    random = Random(seed)
    states, patches = session_of(random, 40, 9)
    folded = fold([Edit(None, written=states[0]), *(Edit(patch) for patch in patches)])
    (block,) = folded.blocks
    assert block.created
    assert applied(block.patch, "") == states[-1]
    assert block.removed == 0
    assert block.added == len(lines_of(states[-1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_no_difference_of_two_texts_is_shorter(old, new):
    found = differences(old, new)
    assert found is not None
    assert [line for sign, line in found if sign != "+"] == old
    assert [line for sign, line in found if sign != "-"] == new
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i, a in enumerate(old):
        for j, b in enumerate(new):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if a == b else max(table[i][j + 1], table[i + 1][j])
            )
    assert sum(sign != " " for sign, _ in found) == len(old) + len(new) - 2 * table[-1][-1]


def numstat(folder: Path, old: str, new: str) -> tuple[Counter[str], list[str]]:
    """What git says of two states of a file."""
    for name, text in (("a", old), ("b", new)):
        (folder / name).write_bytes(text.encode())
    command = ["git", "diff", "--no-index", "--minimal", "-U3", "--", "a", "b"]
    out = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout.decode()
    lines = [line for line in out.split("\n")[4:] if line.startswith(("+", "-"))]
    return Counter(line[0] for line in lines), sorted(lines)


def test_git_shows_the_same_lines_of_files_in_which_no_line_is_twice(tmp_path):
    random = Random(4)
    for _ in range(60):
        size = random.choice([5, 60, 300])
        states = ["".join(f"line {n}\n" for n in range(random.randrange(1, size)))]
        for step in range(random.randrange(1, 9)):
            fresh = [f"new {step} {n} {random.randrange(10**9)}\n" for n in range(4)]
            states.append(edited(states[-1], random, fresh))
        patches = [patch_of(a, b) for a, b in zip(states, states[1:], strict=False)]
        blocks = fold([Edit(patch) for patch in patches]).blocks
        hunks = [hunk for block in blocks for hunk in hunks_of(block.patch)]
        changed = [line for hunk in hunks for line in hunk.lines if line[0] != " "]
        ours = [f"{sign}{text}".removesuffix("\n") for sign, text in changed]
        counts, lines = numstat(tmp_path, states[0], states[-1])
        assert sorted(ours) == lines
        assert sum(block.added for block in blocks) == counts["+"]


def test_git_never_needs_more_lines_and_mostly_as_many(tmp_path):
    random, equal, runs = Random(5), 0, 60
    for _ in range(runs):
        states, patches = session_of(random, 80, 9)
        blocks = fold([Edit(patch) for patch in patches]).blocks
        counts, _ = numstat(tmp_path, states[0], states[-1])
        ours = sum(block.added + block.removed for block in blocks)
        assert ours >= counts.total()
        equal += ours == counts.total()
    assert equal > runs * 0.6


BASE = "".join(f"line {n}\n" for n in range(1, 101))


def folded_of(*states: tuple[str, str]) -> list[Edit]:
    return [Edit(patch_of(before, after)) for before, after in states]


def test_lines_that_a_person_put_in_above_do_not_tear_an_edit_from_what_it_edits():
    one = BASE.replace("line 50\n", "fifty\n")
    by_hand = "# header\n# more\n" + one
    two = by_hand.replace("fifty\n", "FIFTY\n")
    (block,) = fold(folded_of((BASE, one), (by_hand, two))).blocks
    assert block.patch == patch_with_counts(BASE, BASE.replace("line 50\n", "FIFTY\n"), shift=2)
    assert block.shifted == 2


def patch_with_counts(old: str, new: str, *, shift: int = 0) -> str:
    out = []
    for hunk in hunks_of(patch_of(old, new)):
        out.append(f"@@ -{hunk.old},{len(hunk.before)} +{hunk.new + shift},{len(hunk.after)} @@\n")
        out += [f"{sign}{text}" for sign, text in hunk.lines]
    return "".join(out)


def test_what_a_person_rewrote_in_between_begins_a_second_block():
    one = BASE.replace("line 50\n", "fifty\n")
    by_hand = one.replace("line 49\nfifty\nline 51\n", "all\nof it\nis new\n")
    two = by_hand.replace("of it\n", "of this\n")
    first, second = fold(folded_of((BASE, one), (by_hand, two))).blocks
    assert first.patch == patch_with_counts(BASE, one)
    assert second.begun == "moved"
    assert "+of this" in second.patch
    assert second.edits == (1,)


def test_lines_that_went_elsewhere_shift_the_edits_after_them():
    one = BASE.replace("line 50\n", "fifty\n").replace("line 90\n", "ninety\n")
    by_hand = one.replace("line 10\nline 11\n", "")
    two = by_hand.replace("ninety\n", "NINETY\n")
    (block,) = fold(folded_of((BASE, one), (by_hand, two))).blocks
    assert block.shifted == 2
    assert "-line 90\n+NINETY\n" in block.patch
    assert "ninety" not in block.patch


def test_an_edit_that_was_taken_back_is_reverted_and_its_lines_are_gone():
    one = BASE.replace("line 50\n", "fifty\n")
    two = one.replace("line 90\n", "ninety\n")
    back = two.replace("fifty\n", "line 50\n")
    folded = fold(folded_of((BASE, one), (one, two), (two, back)))
    assert folded.reverted == {0}
    assert folded.blocks[0].patch == patch_with_counts(BASE, BASE.replace("line 90", "ninety"))


def test_lines_that_were_written_and_removed_again_are_reverted_by_the_edit_that_removed_them():
    one = BASE.replace("line 50\n", "line 50\nextra\n")
    folded = fold(folded_of((BASE, one), (one, BASE)))
    assert 0 in folded.reverted
    assert folded.blocks[0].patch == ""


def test_lines_that_were_rewritten_are_not_reverted():
    one = BASE.replace("line 50\n", "line 50\nextra\n")
    two = one.replace("extra\n", "better\n")
    folded = fold(folded_of((BASE, one), (one, two)))
    assert folded.reverted == frozenset()
    assert "+better" in folded.blocks[0].patch


def test_a_chain_that_comes_back_to_the_first_line_is_reverted_in_all_its_edits():
    states = [BASE.replace("line 50\n", text) for text in ("line 50\n", "a\n", "b\n", "line 50\n")]
    folded = fold(folded_of(*zip(states, states[1:], strict=False)))
    assert {0, 1} <= folded.reverted
    assert folded.blocks[0].patch == ""


def test_after_a_patch_that_was_cut_a_second_block_begins_and_says_why():
    one = "".join(f"new {n}\n" for n in range(100))
    patch = patch_of(BASE, one)
    kept = patch[: len(patch) - 300]
    first, second = fold(
        [Edit(kept, cut=True), Edit(patch_of(one, one.replace("new 5\n", "five\n")))]
    ).blocks
    assert first.added < 100
    assert second.begun == "cut"


def test_of_a_created_file_whose_text_was_cut_the_rest_is_counted_and_can_be_edited():
    text = "".join(f"line {n}\n" for n in range(100))
    kept = text[:500]
    known = kept.count("\n")
    one = text.replace("line 90\n", "ninety\n")
    (block,) = fold(
        [Edit(None, cut=True, written=kept, lines=100), Edit(patch_of(text, one))]
    ).blocks
    assert block.created
    assert block.added + block.unseen == 100
    assert block.unseen == 100 - known - 7
    assert "+ninety" in block.patch
    assert "-line 90" not in block.patch


def test_a_file_that_is_created_again_begins_a_second_block():
    one = BASE.replace("line 50\n", "fifty\n")
    first, second = fold([*folded_of((BASE, one)), Edit(None, written="short\n")]).blocks
    assert (first.created, second.created) == (False, True)
    assert second.begun == "again"
    assert second.patch == "@@ -0,0 +1,1 @@\n+short\n"


def test_tabs_that_claude_code_wrote_as_spaces_are_the_same_lines():
    text = "func f() {\n\tif a {\n\t\treturn\n\t}\n}\n"
    shown = text.replace("\t", "  ")
    patch = patch_of(shown, shown.replace("return", "return 1"))
    (block,) = fold([Edit(None, written=text), Edit(patch)]).blocks
    assert block.patch.count("+\tif a {\n") == 1
    assert block.removed == 0


def test_an_edit_without_line_numbers_stands_where_its_lines_are_known_else_alone():
    one = BASE.replace("line 50\n", "fifty\n")
    known = Edit("@@ -1 +1 @@\n-fifty\n+FIFTY", placed=False)
    (block,) = fold([*folded_of((BASE, one)), known]).blocks
    assert "-line 50\n+FIFTY\n" in block.patch
    other = Edit("@@ -1 +1 @@\n-some\n+thing", placed=False)
    first, second = fold([*folded_of((BASE, one)), other]).blocks
    assert second.begun == "unplaced"
    assert second.patch == "-some\n+thing\n"
    assert first.edits == (0,)


def test_what_was_proposed_is_told_from_what_landed():
    asked = BASE.replace("line 50\n", "fifty\n").replace("line 51\n", "fifty-one\n")
    landed = BASE.replace("line 50\n", "FIFTY\n").replace("line 51\n", "fifty-one\n")
    found = proposed(patch_of(BASE, landed), [("line 50\nline 51", "fifty\nfifty-one", False)])
    assert found is not None
    assert applied(found, BASE) == asked
    assert lines_changed(found, patch_of(BASE, landed)) == 1
    assert proposed(patch_of(BASE, landed), [("elsewhere", "x", False)]) is None


@pytest.mark.parametrize("everywhere", [False, True])
def test_what_was_proposed_once_is_proposed_at_the_first_place_and_else_at_each(everywhere):
    old = "".join("same\n" if n % 20 == 10 else f"line {n}\n" for n in range(60))
    landed = old.replace("same\n", "landed\n")
    found = proposed(patch_of(old, landed), [("same", "asked", everywhere)])
    assert found is not None
    assert applied(found, old) == old.replace("same", "asked", -1 if everywhere else 1)


@pytest.mark.parametrize("patch", ["", "@@", "no hunk", "@@ -1 +1 @@", "@@ -0 +0 @@\n+a", "\x00"])
def test_patches_that_are_none_fold_to_nothing_or_to_their_lines(patch):
    blocks = fold([Edit(patch), Edit(patch)]).blocks
    assert all(block.added for block in blocks)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_edits_between_which_others_changed_the_file_never_lose_a_line_that_was_written_last(seed):
    random = Random(seed)
    words = [f"line {n}\n" for n in range(30)]
    text = "".join(random.choices(words, k=60))
    patches, last = [], ""
    for step in range(6):
        by_hand = edited(text, random, words) if random.random() < 0.5 else text
        last = f"the last {step}\n"
        at = random.randrange(len(lines_of(by_hand)) + 1)
        lines = lines_of(by_hand if not by_hand or by_hand.endswith("\n") else f"{by_hand}\n")
        text = "".join([*lines[:at], last, *lines[at:]])
        patches.append(patch_of(by_hand, text))
    blocks = fold([Edit(patch) for patch in patches]).blocks
    assert sum(block.patch.count(f"+{last}") for block in blocks) == 1
    assert sorted(at for block in blocks for at in block.edits) == list(range(6))


@given(seed=st.integers(0, 1 << 32), chunk=st.integers(1, 9))
def test_how_a_file_is_cut_into_chunks_changes_nothing(seed, chunk):
    random = Random(seed)
    words = [f"{random.randrange(40)}\n" for _ in range(6)] + ["\n", "}\n"]
    text = "".join(random.choices(words, k=random.randrange(60)))
    edits = []
    for _ in range(random.randrange(1, 14)):
        if random.random() < 0.15:
            text = edited(text, random, words)  # by somebody else
        new = edited(text, random, words)
        edits.append(Edit(patch_of(text, new), placed=random.random() < 0.9))
        text = new
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folding, "CHUNK", chunk)
        made = fold(edits)
        patched.setattr(folding, "CHUNK", 1 << 30)
        assert fold(edits) == made


@given(seed=st.integers(0, 1 << 32))
def test_removed_lines_that_are_back_are_those_of_the_shortest_difference(seed):
    random = Random(seed)
    few = [f"{n}\n" for n in range(random.choice([2, 5, 400]))]
    old = random.choices(few, k=random.choice([3, 20, STEPS + 60]))
    new = random.choices(few, k=random.randrange(8))
    if random.random() < 0.3:
        new = [*old[: random.randrange(4)], *old[len(old) - random.randrange(4) :]]
    found, x, y = {}, 0, 0
    for sign, _ in differences(old, new, STEPS) or ():
        if sign == " ":
            found[x] = y
        x, y = x + (sign != "+"), y + (sign != "-")
    assert folding._matched([folding._Line(text) for text in old], new) == found


def test_thousands_of_edits_of_one_file_take_no_more_than_their_number():
    one = [Edit(f"@@ -1 +1 @@\n a\n-line {n}\n+line {n + 1}\n b\n") for n in range(6000)]
    apart = [
        Edit(f"@@ -{9 * n + 1} +{9 * n + 1} @@\n a {n}\n-line\n+other\n b\n c\n d {n}\n")
        for n in range(3000)
    ]

    def folded() -> None:
        assert (fold(one).blocks[0].added, fold(apart).blocks[0].added) == (1, 3000)

    assert least(lambda: thread_s(folded), 6) < 6  # it took a minute
