"""What the client put into a text is told from what a person wrote, in time that grows with the
text."""

from __future__ import annotations

import pytest

from accrete.transcript.client_marks import command_line, element, without_injected
from tests.patience import ratio


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a <system-reminder>x</system-reminder> b", "a  b"),
        ("<system-reminder>x</system-reminder>", ""),
        ("<system-reminder>x", "<system-reminder>x"),
        ("<system-reminder>x<system-reminder>y</system-reminder>z", "z"),
        ("<ide_selection>x<system-reminder>y</system-reminder>z", "<ide_selection>xz"),
        (
            "<ide_selection>x<system-reminder>y</ide_selection>z</system-reminder>",
            "z</system-reminder>",
        ),
        ("</system-reminder><system-reminder>x", "</system-reminder><system-reminder>x"),
    ],
)
def test_only_elements_that_are_closed_are_taken_out(text, words):
    assert without_injected(text) == words


def test_the_first_closed_element_says_what_was_typed():
    assert (
        command_line(
            "<command-name>/x</command-name><command-args> a "
            "</command-args><command-args>b</command-args>"
        )
        == "/x a"
    )
    assert command_line("<command-name>/x</command-name><command-args>a") == "/x"
    assert command_line("<bash-input> ls </bash-input>") == "!ls"
    assert element("</a><a>b</a>", "a") == "b"


@pytest.mark.parametrize("read", [without_injected, command_line])
@pytest.mark.parametrize(
    "unit",
    [
        "<system-reminder>",
        "<ide_selection><system-reminder>",
        "<command-args>",
        "<bash-input>",
        "<command-name>/x",
        "<system-reminder></ide_selection>",
    ],
)
def test_unclosed_elements_take_time_in_proportion(read, unit):
    long, short = unit * 40_000, unit * 10_000
    assert ratio(lambda: read(long), lambda: read(short), 10, floor_s=0.01) < 10
