"""Which characters a terminal is given, and which only a sign in their place."""

from __future__ import annotations

import pytest

from accrete.text.plain import plain, plain_pieces, squeeze, visible


def test_the_first_and_the_last_of_what_a_terminal_obeys_are_replaced_and_their_neighbours_stay():
    obeyed = "\x00\x08\x0b\x1f\x7f\x80\x9f\u202a\u202e\u2066\u2069"
    others = " 1?@þéŀ→日\t\n\xa0\u2029\u202f\u2065\u206a"
    assert [each for each in obeyed if plain(f"a{each}b") != "a\ufffdb"] == []
    assert [each for each in others if plain(f"a{each}\tb") != f"a{each}\tb"] == []


@pytest.mark.parametrize(
    ("text", "shown"), [("a\r\nb", "a\nb"), ("a\rb", "a\ufffdb"), ("a\x1b[1mb\x07", "ab\ufffd")]
)
def test_an_end_of_line_stays_one_and_a_return_alone_writes_over_nothing(text, shown):
    assert plain(text) == shown
    assert list(plain_pieces([text, "c\x7f"])) == [shown, "c\ufffd"]


def test_what_has_no_width_is_seen():
    unseen = "\u200b\u200f\u2028\u2029\u2060\u2064\ufeff\u061c\u180e"
    assert visible(f"a{unseen}b") == "a" + "␣" * 9 + "b"
    assert visible("a\u200ab\u2010c\u2027d") == "a\u200ab\u2010c\u2027d"
    assert visible("a\x7f") == "a\ufffd"
    assert squeeze(" a\n\t b\u3000c ") == "a b c"
