"""Titles at the ends of what decides them: how much of a line is letters, how far is looked, what
the client wraps a prompt of a fork in."""

from __future__ import annotations

import pytest

from accrete.derive.title import (
    LONGEST,
    LOOKED_AT,
    NEAR,
    Said,
    one_line,
    prompt_title,
    short,
    weak_title,
)

LATER = "Mend the parser of dates"


def title(*texts: str) -> str | None:
    found = prompt_title([Said("typed_prompt", text) for text in texts])
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fix 4.2", True),  # half of it is letters
        ("fix 4.21", False),
        ("fix it 4.2.10", False),
        ("to do: 4 5", True),
        ("हिन्दी १२३४५", True),  # marks belong to letters
        ("12:30 go", False),
        ("mend", False),
        ("mend dates", True),
        ("src/a.py", False),
        ("look at src/a.py", True),
    ],
)
def test_a_line_says_something_where_half_of_it_is_letters_and_it_has_two_words(text, says):
    assert title(text, LATER) == (text if says else LATER)
    assert title(text) == text


BEGINS = "<fork-boilerplate>\nSTOP. READ THIS FIRST.\nYou are a fork.\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{BEGINS}</fork-boilerplate>\n\nYour directive: {LATER}", LATER),
        (f"{BEGINS}</fork-boilerplate> {LATER}", LATER),
        (f"{BEGINS.upper()}</FORK-BOILERPLATE>\n\nYOUR DIRECTIVE:\n{LATER}", LATER),
        (f"{BEGINS}{LATER}", None),
        (f"{LATER}\n{BEGINS}</fork-boilerplate>", LATER),
        (f"Your directive: {LATER}", f"Your directive: {LATER}"),
    ],
)
def test_what_the_client_tells_a_fork_is_no_title(text, found):
    assert title(text) == found
    assert one_line(text) == found


@pytest.mark.parametrize("shout", ["STOP! READ THIS FIRST!", "stop. read this first", "Stop Read"])
def test_a_call_to_stop_and_read_is_no_title_of_its_own(shout):
    assert title(shout, LATER) == (LATER if "this" in shout.lower() else shout)


def test_what_says_more_is_taken_from_the_first_prompts_and_else_from_those_that_are_looked_at():
    little = ["src/a.py"]
    assert title(*little * (NEAR - 1), LATER) == LATER
    assert title(*little * NEAR, LATER) == "src/a.py"
    assert title(*["/model"] * NEAR, LATER) == LATER
    assert title(*["/model"] * (LOOKED_AT - 1), LATER) == LATER
    assert title(*["/model"] * LOOKED_AT, LATER) is None
    assert title(*[""] * (LOOKED_AT - 1), LATER) == LATER
    # what says nothing at all is none of the first
    assert title(*[""] * (NEAR - 1), *little, LATER) == LATER
    assert weak_title([Said("typed_prompt", text) for text in ("", "ok", LATER)]) == "ok"
    assert weak_title([Said("typed_prompt", "")]) is None


def test_a_title_is_cut_at_a_word_in_its_second_half_and_else_within_one():
    assert short("a" * LONGEST) == "a" * LONGEST
    assert short("a" * (LONGEST + 1)) == "a" * (LONGEST - 1) + "…"
    half = LONGEST // 2
    for before, kept in ((half, "a" * half + " " + "b" * (LONGEST - half - 2)),
                         (half + 1, "a" * (half + 1))):  # fmt: skip
        assert short("a" * before + " " + "b" * LONGEST) == kept + "…"
    assert short("a" * (half + 1) + " - " + "b" * LONGEST) == "a" * (half + 1) + "…"
