"""Where an edit's lines are in what is known of a file, case by case: how many known lines make a
place sure, what moves it, and which of several differences is told."""

from __future__ import annotations

import pytest

from accrete.outcomes.folding import STEPS, Edit, _Line, _matched, fold
from accrete.outcomes.patches import Hunk, hunks_from, hunks_of, lines_changed, proposed, written


def at(line: int, text: str, *, new: int | None = None, placed: bool = True) -> Edit:
    """An edit of a hunk at a line, its lines parted by `|`."""
    head = f"@@ -{line} +{line if new is None else new} @@\n"
    return Edit(head + text.replace("|", "\n"), placed=placed)


def told(*edits: Edit) -> list[str]:
    """Of each block: why it begins, its shift, and its patch in one line."""
    return [
        f"{block.begun}~{block.shifted} " + block.patch.replace("\n", "|")
        for block in fold(edits).blocks
    ]


KNOWN = at(10, " A|-old|+B|+C|+D|+E| F")
"""Of a file then lines 10 to 15 are known: A B C D E F; an edit wrote B to E."""


FIRST = "@@ -10,3 +10,6 @@| A|-old|+B|+C|+D|+E| F|"


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (at(11, "-B|+b"), ["~0 @@ -10,3 +10,6 @@| A|-old|+b|+C|+D|+E| F|"]),
        (at(40, "-B|+b"), [f"~0 {FIRST}@@ -37,1 +40,1 @@|-B|+b|"]),
        (at(12, "-B|+b"), ["~1 @@ -10,3 +11,6 @@| A|-old|+b|+C|+D|+E| F|"]),
        (at(12, " A|-B|+b"), ["~2 @@ -10,3 +12,6 @@| A|-old|+b|+C|+D|+E| F|"]),
        (at(12, " A|-B|+b| z"), [f"~0 {FIRST}", "moved~0 @@ -12,3 +12,3 @@| A|-B|+b| z|"]),
        (at(13, " E| F|-z|+y"), [f"~0 {FIRST}", "moved~0 @@ -13,3 +13,3 @@| E| F|-z|+y|"]),
        (at(12, " D| E| F|-z|+y"), ["~1 @@ -10,4 +9,7 @@| A|-old|+B|+C|+D|+E| F|-z|+y|"]),
        (at(14, " A| B|-C|+c| z"), [f"~0 {FIRST}", "moved~0 @@ -14,4 +14,4 @@| A| B|-C|+c| z|"]),
        (at(13, "-X|+x"), [f"~0 {FIRST}", "moved~0 @@ -13,1 +13,1 @@|-X|+x|"]),
        (at(40, " A| B| C|-D|+d"), [f"~0 {FIRST}@@ -37,4 +40,4 @@| A| B| C|-D|+d|"]),
        (at(40, " A| B| C|-D|+d| E"), ["~30 @@ -10,3 +40,6 @@| A|-old|+B|+C|+d|+E| F|"]),
        (at(40, " A| B| C|-D|+d| E| z"),
         [f"~0 {FIRST}@@ -37,6 +40,6 @@| A| B| C|-D|+d| E| z|"]),
        (at(5, " A| B| C|-D|+d| E"), ["~5 @@ -10,3 +5,6 @@| A|-old|+B|+C|+d|+E| F|"]),
        (at(1, " A| B| C|-D|+d| E"), ["~9 @@ -10,3 +1,6 @@| A|-old|+B|+C|+d|+E| F|"]),
        (at(1, "-A|+a"), [f"~0 @@ -1,1 +1,1 @@|-A|+a|{FIRST}"]),
    ],
)  # fmt: skip
def test_lines_are_where_they_say_unless_what_is_known_has_them_elsewhere(edit, found):
    assert told(KNOWN, edit) == found


def test_lines_that_are_known_twice_are_the_nearest_ones_and_stay_where_they_may_be():
    twice = [at(10, "-o|+a|+b|+c"), at(30, "-o|+a|+b|+c")]
    changed = {n: told(*twice, at(n, " a| b|-c|+d")) for n in (11, 20, 29, 32)}
    assert changed == {
        11: ["~1 @@ -10,1 +11,3 @@|-o|+a|+b|+d|@@ -28,1 +31,3 @@|-o|+a|+b|+c|"],
        20: ["~0 @@ -10,1 +10,3 @@|-o|+a|+b|+c|@@ -18,3 +20,3 @@| a| b|-c|+d|"
             "@@ -28,1 +30,3 @@|-o|+a|+b|+c|"],
        29: ["~1 @@ -10,1 +10,3 @@|-o|+a|+b|+c|@@ -28,1 +29,3 @@|-o|+a|+b|+d|"],
        32: ["~2 @@ -10,1 +10,3 @@|-o|+a|+b|+c|@@ -28,1 +32,3 @@|-o|+a|+b|+d|"],
    }  # fmt: skip


FIVE = "-o|+a|+b|+c|+d|+e"


@pytest.mark.parametrize(
    ("edits", "shifted"),
    [
        ([at(10, FIVE), at(60, " a| b|-c|+x| d| e")], 50),
        ([at(10, FIVE), at(60, " a| b|-c|+x| d")], 0),
        ([at(10, FIVE), at(30, FIVE), at(60, " a| b|-c|+x| d| e")], 0),
        ([at(10, " a| b| c| d| e|-f|+g"), at(60, " a| b|-c|+x| d| e")], 0),
        ([at(10, " a| b| c| d| e|-f|+g"), at(60, " b| c| d| e|-g|+x")], 49),
        ([at(10, " a| b| c| d| e|-f|+g"), at(60, " c| d| e|-g|+x")], 0),
        ([at(10, " a| b| c| d|-f|+ "), at(60, " a| b| c| d|- |+x")], 0),
    ],
)
def test_five_lines_of_which_an_edit_wrote_one_and_that_are_known_once_are_preferred(
    edits, shifted
):
    assert [block.shifted for block in fold(edits).blocks] == [shifted]


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        ([at(10, " a|+a| b")], "@@ -10,2 +10,3 @@| a|+a| b|"),
        ([at(10, "+a| a| b")], "@@ -10,2 +10,3 @@|+a| a| b|"),
        ([at(10, "+a| a| b"), at(10, "-a|+c")], "@@ -10,2 +10,3 @@|+c| a| b|"),
        ([at(10, "-a|-b|+b|+c")], "@@ -10,2 +10,2 @@|-a| b|+c|"),
    ],
)
def test_a_line_that_stands_beside_an_equal_one_is_the_one_that_the_edit_wrote(edits, found):
    assert told(*edits) == [f"~0 {found}"]


@pytest.mark.parametrize("more", [STEPS - 1, STEPS, STEPS + 1])
def test_lines_that_are_back_in_the_middle_are_found_up_to_so_many_steps(more):
    old = [_Line(f"{n}\n") for n in range(more + 1)]
    assert _matched(old, [old[50].text]) == ({50: 0} if more <= STEPS else {})
    assert _matched(old, [old[0].text]) == {0: 0}
    assert _matched(old, [old[-1].text]) == {more: 0}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (" a|+b", " a|+b", 0),
        (" a|+b", " a|+b|+c|+d", 2),
        (" a|+b|+c|+d", " a|+b", 2),
        ("-a|+b", "-a|+c", 1),
        ("-a|+b", "-a|-x|+c", 2),
        (" a|+b|+b", " a|+b", 1),
        (" a|+b", " x|+b", 0),
        ("-b", "+b", 1),
    ],
)
def test_the_lines_that_a_person_changed_are_the_more_of_both_sides(one, other, found):
    patches = [at(1, each).patch or "" for each in (one, other)]
    assert lines_changed(*patches) == found


def of_signs(signs: str) -> list[tuple[str, str]]:
    return [(sign, f"{n}\n") for n, sign in enumerate(signs)]


@pytest.mark.parametrize(
    ("signs", "heads"),
    [
        ("     +     ", ["@@ -12,6 +22,7 @@"]),
        ("+" + " " * 6 + "+", ["@@ -10,6 +20,8 @@"]),
        ("+" + " " * 7 + "+", ["@@ -10,3 +20,4 @@", "@@ -14,3 +25,4 @@"]),
        ("-" + " " * 7 + "-", ["@@ -10,4 +20,3 @@", "@@ -15,4 +24,3 @@"]),
        ("-", ["@@ -10,1 +19,0 @@"]),
        ("+", ["@@ -9,0 +20,1 @@"]),
        ("    ", []),
    ],
)
def test_a_hunk_has_three_lines_around_its_changes_and_counts_both_sides(signs, heads):
    lines = written(hunks_from(of_signs(signs), 10, 20)).splitlines()
    assert [line for line in lines if line.startswith("@@")] == heads


def test_a_stored_patch_is_read_up_to_where_it_was_cut():
    text = "noise\n@@ -3,1 +4,2 @@ of f\n a\n+b\n\\ No newline\n@@ -9 +9 @@\n-c\n+d"
    assert hunks_of(text) == [
        Hunk(3, 4, ((" ", "a\n"), ("+", "b"))),
        Hunk(9, 9, (("-", "c\n"), ("+", "d\n"))),
    ]
    assert hunks_of(text, cut=True)[-1] == Hunk(9, 9, (("-", "c\n"),))
    assert hunks_of("@@ -1 +1 @@\n\\ No newline\n+a") == [Hunk(1, 1, (("+", "a\n"),))]


LANDED = "@@ -1,2 +1,2 @@\n a\n-b\n+X\n@@ -9,1 +9,2 @@\n a\n+y\n"


@pytest.mark.parametrize(
    ("replaced", "found"),
    [
        ([("b", "c", False)], "@@ -1,2 +1,2 @@| a|-b|+c|"),
        ([("a", "c", False)], "@@ -1,2 +1,2 @@|-a|+c| b|"),
        ([("a", "c", True)], "@@ -1,2 +1,2 @@|-a|+c| b|@@ -9,1 +9,1 @@|-a|+c|"),
        ([("b", "c", False), ("c", "d", False)], "@@ -1,2 +1,2 @@| a|-b|+d|"),
        ([("b\n", "b\nc\n", False), ("a\n", "d\n", True)],
         "@@ -1,2 +1,3 @@|-a|+d| b|+c|@@ -9,1 +10,1 @@|-a|+d|"),
        ([("z", "c", False)], None),
        ([("b", "c", False), ("z", "c", False)], None),
        ([("", "c", False)], None),
        ([], ""),
    ],
)  # fmt: skip
def test_what_was_proposed_is_what_the_replacements_make_of_the_lines_before(replaced, found):
    patch = proposed(LANDED, replaced)
    assert (None if patch is None else patch.replace("\n", "|")) == found


def wrote(text: str, *, cut: bool = False, lines: int | None = None) -> Edit:
    """An edit that creates the file, with lines parted by `|`."""
    return Edit(None, cut=cut, written=text.replace("|", "\n"), lines=lines)


@pytest.mark.parametrize(
    ("edits", "found", "reverted"),
    [
        ([wrote("a|b|")], ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+b|"], []),
        ([wrote("a|b")], ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+b|\\ No newline at end of file|"], []),
        ([wrote("")], ["~0 +0-0?0c "], [0]),
        (
            [wrote("a|b|"), wrote("a|c|")],
            ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+b|", "again~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+c|"],
            [],
        ),
        ([wrote("a|b|"), at(1, "-a|-b"), wrote("a|c|")], ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+c|"], []),
        ([wrote("a|"), at(1, "-a"), wrote("a|")], ["~0 +1-0?0c @@ -0,0 +1,1 @@|+a|"], [1, 2]),
        (
            [
                at(
                    1,
                    "-a",
                ),
                wrote("a|"),
            ],
            ["~0 +0-1?0 @@ -1,1 +0,0 @@|-a|", "again~0 +1-0?0c @@ -0,0 +1,1 @@|+a|"],
            [],
        ),
        (
            [at(1, "-a"), wrote("b|")],
            ["~0 +0-1?0 @@ -1,1 +0,0 @@|-a|", "again~0 +1-0?0c @@ -0,0 +1,1 @@|+b|"],
            [],
        ),
        ([wrote("a|b|c", cut=True, lines=5)], ["~0 +2-0?3c @@ -0,0 +1,2 @@|+a|+b|"], []),
        ([wrote("a|b|c", cut=True)], ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+b|"], []),
        ([wrote("a|b|c", cut=True, lines=1)], ["~0 +2-0?0c @@ -0,0 +1,2 @@|+a|+b|"], []),
        (
            [wrote("a|b|c", cut=True, lines=5), at(4, "-x|+y")],
            ["~0 +3-0?2c @@ -0,0 +1,2 @@|+a|+b|@@ -0,0 +4,1 @@|+y|"],
            [],
        ),
        (
            [wrote("a|b|c", cut=True), at(9, "-x|+y")],
            ["~0 +3-0?6c @@ -0,0 +1,2 @@|+a|+b|@@ -0,0 +9,1 @@|+y|"],
            [],
        ),
        (
            [wrote("a|b|c", cut=True, lines=5), at(7, "-x|+y")],
            ["~0 +2-0?3c @@ -0,0 +1,2 @@|+a|+b|", "moved~0 +1-1?0 @@ -7,1 +7,1 @@|-x|+y|"],
            [],
        ),
        (
            [
                at(
                    3,
                    "-a|+b",
                ),
                Edit(None),
            ],
            ["~0 +1-1?0 @@ -3,1 +3,1 @@|-a|+b|"],
            [],
        ),
        (
            [Edit("@@ -1 +1 @@\n-a\n+b\n+c", cut=True), at(1, " b|-c|+d")],
            ["~0 +1-1?0 @@ -1,1 +1,1 @@|-a|+b|", "cut~0 +1-1?0 @@ -1,2 +1,2 @@| b|-c|+d|"],
            [],
        ),
        (
            [Edit("@@ -1 +1 @@\n-a\n+b\n+c", cut=True), wrote("z|")],
            ["~0 +1-1?0 @@ -1,1 +1,1 @@|-a|+b|", "again~0 +1-0?0c @@ -0,0 +1,1 @@|+z|"],
            [],
        ),
        (
            [wrote("a|b|", cut=False), Edit("@@ -1 +1 @@\n-a\n+b\n+c", cut=True), wrote("z|")],
            ["~0 +2-0?0c @@ -0,0 +1,2 @@|+b|+b|", "again~0 +1-0?0c @@ -0,0 +1,1 @@|+z|"],
            [],
        ),
        ([at(1, "-a|+b", placed=False)], ["unplaced~0 +1-1?0 -a|+b|"], []),
        (
            [at(1, "-a|+b", placed=False), at(1, "-b|+c", placed=False)],
            ["unplaced~0 +1-1?0 -a|+b|", "unplaced~0 +1-1?0 -b|+c|"],
            [],
        ),
        (
            [at(1, "-a|+b", placed=False), at(1, "-b|+c")],
            ["unplaced~0 +1-1?0 -a|+b|", "cut~0 +1-1?0 @@ -1,1 +1,1 @@|-b|+c|"],
            [],
        ),
        (
            [at(10, "-a|+b"), at(1, "-b|+c", placed=False), at(10, "-c|+d")],
            ["~0 +1-1?0 @@ -10,1 +10,1 @@|-a|+d|"],
            [],
        ),
        (
            [at(10, "-a|+b|+b2"), Edit("@@ -1 +1 @@\n-b\n+c\n@@ -5 +5 @@\n-b2\n+d", placed=False)],
            ["~0 +2-1?0 @@ -10,1 +10,2 @@|-a|+c|+d|"],
            [],
        ),
        (
            [
                Edit("@@ -5 +5 @@\n-a\n+b\n@@ -20 +20 @@\n-c\n+d"),
                Edit("@@ -6 +6 @@\n-b\n+e\n@@ -21 +21 @@\n-d\n+f"),
            ],
            ["~0 +2-2?0 @@ -5,2 +5,2 @@|-a| b|+e|@@ -20,2 +20,2 @@|-c| d|+f|"],
            [],
        ),
        (
            [
                Edit("@@ -5 +5 @@\n-a\n+b\n@@ -20 +20 @@\n-c\n+d"),
                Edit("@@ -3 +3 @@\n-b\n+e\n@@ -18 +18 @@\n-d\n+f"),
            ],
            [
                "~0 +4-4?0 @@ -3,1 +3,1 @@|-b|+e|@@ -5,1 +5,1 @@|-a|+b|"
                "@@ -18,1 +18,1 @@|-d|+f|@@ -20,1 +20,1 @@|-c|+d|"
            ],
            [],
        ),
        (
            [at(5, "-a|+b"), at(2, "+x|+y"), at(7, "-b|+c")],
            ["~0 +3-1?0 @@ -1,0 +2,2 @@|+x|+y|@@ -5,1 +7,1 @@|-a|+c|"],
            [],
        ),
        (
            [at(5, "-a|+b"), at(1, "-q|-r|-s"), at(2, "-b|+c")],
            ["~0 +1-4?0 @@ -1,3 +0,0 @@|-q|-r|-s|@@ -5,1 +2,1 @@|-a|+c|"],
            [],
        ),
        ([at(5, "-a|+b"), at(5, "-b|+a")], ["~0 +0-0?0 "], [0]),
        ([at(5, " x|+b"), at(5, " x|-b")], ["~0 +0-0?0 "], [0]),
        ([at(5, " x|+b"), at(5, " x|-b|+c")], ["~0 +1-0?0 @@ -5,1 +5,2 @@| x|+c|"], []),
        ([at(5, " x|+b"), at(5, " x|-b|+c"), at(5, " x|-c")], ["~0 +0-0?0 "], [0, 1]),
        ([at(5, "-a"), at(5, "+a")], ["~0 +0-0?0 "], [0, 1]),
        ([at(5, "-a|-b"), at(5, "+b")], ["~0 +0-1?0 @@ -5,2 +5,1 @@|-a| b|"], [1]),
        ([at(5, "-a|+b"), at(5, "-b|+c"), at(5, "-c|+a")], ["~0 +0-0?0 "], [0, 1]),
        (
            [at(5, "-a|+b"), at(5, "-b|+c"), at(5, "-c|+b")],
            ["~0 +1-1?0 @@ -5,1 +5,1 @@|-a|+b|"],
            [1],
        ),
        (
            [
                at(0, "+a", new=1),
                at(
                    1,
                    "-a",
                ),
            ],
            ["~0 +0-0?0 "],
            [0],
        ),
        ([at(1, "-a"), at(0, "+b", new=1)], ["~0 +1-1?0 @@ -1,1 +1,1 @@|-a|+b|"], []),
        (
            [at(5, "-a|+b"), at(20, "-c|+d"), at(17, "-d|+e| q")],
            ["~0 +3-3?0 @@ -5,1 +5,1 @@|-a|+b|@@ -17,2 +17,2 @@|-d|+e| q|@@ -20,1 +20,1 @@|-c|+d|"],
            [],
        ),
        (
            [at(5, "-a|+b"), at(8, "-c|+d"), at(20, " x|-y|+z| w"), at(18, " x|-z|+v| w")],
            [
                "~2 +3-3?0 @@ -5,1 +5,1 @@|-a|+b|@@ -8,1 +8,1 @@|-c|+d|"
                "@@ -20,3 +18,3 @@| x|-y|+v| w|"
            ],
            [],
        ),
        (
            [at(5, "-a|+b"), at(8, "-c|+d"), at(20, " x|-y|+z| w"), at(9, " x|-z|+v| w")],
            [
                "~0 +4-4?0 @@ -5,1 +5,1 @@|-a|+b|@@ -8,4 +8,4 @@|-c|+d| x|-z|+v| w|"
                "@@ -20,3 +20,3 @@| x|-y|+z| w|"
            ],
            [],
        ),
        (
            [
                at(5, "-a|+b"),
                at(8, "-c|+d"),
                at(14, " x|-y|+z| w"),
                at(19, " x|-z|+v| w"),
                at(8, "-d|+e"),
            ],
            [
                "~0 +4-4?0 @@ -5,1 +5,1 @@|-a|+b|@@ -8,1 +8,1 @@|-c|+e|"
                "@@ -14,3 +14,3 @@| x|-y|+z| w|@@ -19,3 +19,3 @@| x|-z|+v| w|"
            ],
            [],
        ),
        (
            [at(3, " x|-y|+z| w"), at(1, " x|-z|+v| w")],
            ["~2 +1-1?0 @@ -3,3 +1,3 @@| x|-y|+v| w|"],
            [],
        ),
        (
            [at(1, " x|-y|+z| w"), at(3, " x|-z|+v| w")],
            ["~2 +1-1?0 @@ -1,3 +3,3 @@| x|-y|+v| w|"],
            [],
        ),
        (
            [at(1, "-y|+z| w"), at(1, "-q|+z| w")],
            ["~0 +1-1?0 @@ -1,2 +1,2 @@|-y|+z| w|", "moved~0 +1-1?0 @@ -1,2 +1,2 @@|-q|+z| w|"],
            [],
        ),
        (
            [
                at(10, "-a|+b|+c"),
                at(30, "-d|+e"),
                Edit("@@ -1 +1 @@\n-b\n+B\n-c\n@@ -21 +20 @@\n-e\n+E", placed=False),
            ],
            ["~0 +2-2?0 @@ -10,1 +10,1 @@|-a|+B|@@ -29,1 +29,1 @@|-d|+E|"],
            [],
        ),
        ([at(5, "-a|-b|+c"), at(5, "-c|+d"), at(5, "-d|+a|+b")], ["~0 +0-0?0 "], [0, 1]),
        ([at(5, "-a|-b|+c"), at(5, "-c|+a")], ["~0 +0-1?0 @@ -5,2 +5,1 @@| a|-b|"], []),
        (
            [wrote("a|b|c|", cut=True, lines=9), at(5, "-q|+r"), at(5, "-r")],
            ["~0 +2-0?6c @@ -0,0 +1,2 @@|+a|+b|"],
            [1],
        ),
    ],
)
def test_a_files_edits_make_one_diff_and_say_what_is_left_of_each(edits, found, reverted):
    folded = fold(edits)
    made = [
        f"{block.begun}~{block.shifted} +{block.added}-{block.removed}?{block.unseen}"
        f"{'c' * block.created} " + block.patch.replace("\n", "|")
        for block in folded.blocks
    ]
    assert (made, sorted(folded.reverted)) == (found, reverted)
