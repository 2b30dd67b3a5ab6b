"""What is a word of a text, and where in the text it stands, to the character."""

from __future__ import annotations

import pytest

from accrete.text.terms import places, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\ufe00b", ["ab"]),
        ("a\ufe0fb", ["ab"]),
        ("a\ufe10b", ["a", "b"]),
        ("co\u00adop", ["coop"]),
        ("a\u200cb", ["ab"]),
        ("a\u200bb", ["a", "b"]),
        ("x\u0301y", ["xy"]),
        ("x" * 501, ["x" * 500]),
    ],
)
def test_what_cannot_be_seen_parts_no_word_but_a_space_without_width_does(text, found):
    assert words(text) == found


WHOLE, BEGINNING = False, True


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("да нет", [(("нет",), WHOLE)], [(3, 6)]),
        ("да нет", [(("да", "нет"), WHOLE)], [(0, 6)]),
        ("xда", [(("да",), WHOLE)], [(1, 3)]),
        ("дé", [(("д",), WHOLE)], [(0, 1)]),
        ("дé", [(("e",), WHOLE)], [(1, 2)]),
        ("акт факт", [(("акт",), WHOLE)], [(0, 3)]),
        ("日本", [(("本",), WHOLE)], [(1, 2)]),
        ("日本", [(("日", "本"), WHOLE)], [(0, 2)]),
        ("ﬁx", [(("fix",), WHOLE)], [(0, 2)]),
        ("é cat", [(("cat",), WHOLE)], [(2, 5)]),
        ("bobcat cat", [(("cat",), WHOLE)], [(7, 10)]),
        ("Cat", [(("ca",), BEGINNING)], [(0, 3)]),
        ("Cat", [(("ca",), WHOLE)], []),
        ("a-b a", [(("a",), WHOLE)], [(0, 1), (4, 5)]),
        ("a - b", [(("a",), WHOLE), (("a", "b"), WHOLE)], [(0, 5)]),
    ],
)
def test_a_place_begins_and_ends_with_its_words_in_any_script(text, wanted, found):
    assert list(places(text, wanted)) == found
