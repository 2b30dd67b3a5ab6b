"""What the eye sees of a cell of the matrix: beside the sentence that is read aloud, a figure, its
bar, an arrow, and a word where there is no figure."""

from __future__ import annotations

import re

import pytest
from accrete_team.pages.drawn_cells import cell_shown, drawn, team_shown

from accrete.insight.chance import Interval
from accrete.insight.matrix import Cell, TeamCell
from accrete.insight.within import Within
from tests.team.seen import parts, words_of

RISES = Within(8, 0.3, Interval(0.2, 0.4))


def seen_of(html: str) -> str:
    """What is drawn, without the sentence that is read aloud."""
    return words_of(re.sub(r'<span class="unseen">.*?</span>', "", html).replace("<", " <"))


def bars(html: str) -> list[tuple[str, str]]:
    """The bars with their widths."""
    return re.findall(r'<rect class="(\w+)"(?: y="5")? width="(\w+)"', html)


@pytest.mark.parametrize(
    ("cell", "seen", "glyph", "widths"),
    [
        (Cell("fluent", 9, 10), "90", "fluent", [("b", "90")]),
        (Cell("regular", 5, 10, "rising"), "50 ↗", "regular", [("b", "50")]),
        (Cell("tried", 1, 10, "falling", (8, 10)), "10 ↘", "tried", [("b", "10"), ("b2", "80")]),
        (Cell("not seen", 0, 10, "", (0, 0)), "0", "not-seen", [("b", "0")]),
        (Cell("not seen", 0, 10, "", (0, 4), "1 2"), "0 *", "not-seen", [("b", "0"), ("b2", "0")]),
        (Cell("few", 1, 4, before=(3, 6)), "few", None, []),
        (Cell("n/a", before=(3, 6)), "n/a", None, []),
        (Cell("private"), "private", None, []),
        (Cell("new"), "new", None, []),
    ],
)  # fmt: skip
def test_of_a_person_a_shape_a_number_and_a_bar_are_drawn_or_a_word(cell, seen, glyph, widths):
    html = drawn(cell_shown(cell), "Amara & co, Planning", None)
    assert seen_of(html) == seen
    assert parts(html, "span", **{"class": "unseen"}) == [
        f"Amara &amp; co, Planning: {cell.said}"
    ]  # fmt: skip
    assert re.findall(r'"#g-([\w-]+)"', html) == ([] if glyph is None else [glyph])
    assert bars(html) == widths
    assert 'class="under"' not in html


@pytest.mark.parametrize(
    ("cell", "seen", "widths"),
    [
        (TeamCell(7, 3, 20, 50, None), "3/7 40%", [("b", "40")]),
        (TeamCell(7, 3, 20, 50, RISES, "", (5, 50)), "3/7 ↗ 40%", [("b", "40"), ("b2", "10")]),
        (TeamCell(7, 3, 20, 50, None, "1 2", (0, 0)), "3/7 * 40%", [("b", "40")]),
        (TeamCell(1, 0, 0, 5, None, "", (0, 1)), "0/1 0%", [("b", "0"), ("b2", "0")]),
        (TeamCell(0, 0, 1, 4, None), "few", []),
        (TeamCell(0, 0, 0, 1, None, "", (4, 9)), "few", []),
        (TeamCell(0, 0, 0, 0, None), "n/a", []),
    ],
)  # fmt: skip
def test_of_a_team_who_uses_it_stands_above_its_share_or_a_word_says_why_not(cell, seen, widths):
    html = drawn(team_shown(cell), "Whole team, Planning", None)
    assert seen_of(html) == seen
    assert words_of(parts(html, "span", **{"class": "unseen"})[0]).endswith(cell.said)
    assert "glyph" not in html
    assert bars(html) == widths


def test_a_cell_leads_to_what_is_behind_it_where_something_is():
    cell = cell_shown(Cell("fluent", 9, 10))
    assert drawn(cell, "Amara", "/m?a=1&b=2").startswith('<a href="/m?a=1&amp;b=2"><span')
    assert drawn(cell, "Amara", "/m?a=1&b=2") == (
        f'<a href="/m?a=1&amp;b=2">{drawn(cell, "Amara", None)}</a>'
    )
