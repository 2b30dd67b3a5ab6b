"""Whose a text is that stands in the queue alone, where sessions copy each other: by what stands
beside it."""

from __future__ import annotations

import pytest

from accrete.care.maintain import rebuild
from tests.derive.test_queued import queue
from tests.records import kept, rows
from tests.transcripts import Transcript

COUNTED = """SELECT prompts, prompts_queued, prompts_replayed, prompts_taken_back FROM session
ORDER BY id"""


def given(t: Transcript, text: str) -> None:
    """A text that was queued, and given to Claude with the next call."""
    queue(t, "enqueue", text)
    queue(t, "remove")


def copied(of: Transcript, n: int) -> Transcript:
    """A session that holds all lines of another and goes on."""
    made = Transcript(n, start=of.now + 3_600_000)
    made.lines = [{**line, "sessionId": made.session} for line in of.lines]
    made.last, made._count = of.last, 100 * n
    return made


@pytest.mark.parametrize("where", ["before the answer", "between two", "behind it"])
@pytest.mark.parametrize("held", [True, False])
def test_a_text_beside_a_copied_answer_is_of_whom_holds_it_too(settings, where, held):
    origin = Transcript(1)
    origin.prompt("Begin")
    if where == "before the answer":
        given(origin, "Also this")
    origin.call("Bash", {"command": "make"})
    origin.result("ok")
    if where == "between two":
        given(origin, "Also this")
    origin.answer("msg_2")
    if where == "behind it":
        given(origin, "Also this")
    copy = copied(origin, 2)
    copy.prompt("Go on")
    copy.answer("msg_3")
    if not held:
        origin.lines = [line for line in origin.lines if line["type"] != "queue-operation"]
    kept(settings, origin, copy)
    wanted = [(1, 1, 0, 0), (1, 0, 2, 0)] if held else [(1, 0, 0, 0), (1, 1, 1, 0)]
    assert rows(settings, COUNTED) == wanted
    rebuild(settings)
    assert rows(settings, COUNTED) == wanted


def test_a_text_before_a_sessions_own_answer_and_behind_a_copied_one_is_both(settings):
    origin = Transcript(1)
    origin.prompt("Begin")
    origin.answer("msg_1")
    copy = copied(origin, 2)
    given(copy, "Only here")
    copy.answer("msg_2")
    given(copy, "And here")
    copy.answer("msg_3")
    kept(settings, origin, copy)
    assert rows(settings, COUNTED) == [(1, 0, 0, 0), (0, 2, 1, 0)]


def test_where_nobody_answered_the_prompt_before_says_whose_a_text_is(settings):
    origin = Transcript(1)
    origin.prompt("Begin")
    given(origin, "Also this")
    copy, stranger = copied(origin, 2), Transcript(3)
    copy.prompt("Go on")
    given(copy, "And that")
    stranger.prompt("Begin")
    given(stranger, "Also this")
    kept(settings, origin, copy, stranger)
    wanted = [(1, 1, 0, 0), (1, 1, 2, 0), (1, 1, 0, 0)]
    assert rows(settings, COUNTED) == wanted
    rebuild(settings)
    assert rows(settings, COUNTED) == wanted


def test_a_text_taken_back_is_counted_where_it_was_and_a_queue_without_texts_took_none(settings):
    origin, silent = Transcript(1), Transcript(3)
    origin.prompt("Begin")
    origin.call("Bash", {"command": "make"})
    queue(origin, "enqueue", "no, not this")
    queue(origin, "popAll", "no, not this")
    origin.result("ok")
    origin.answer("msg_2")
    copy = copied(origin, 2)
    copy.prompt("Go on")
    copy.answer("msg_3")
    queue(silent, "dequeue")
    silent.prompt("Begin")
    silent.answer("msg_4")
    kept(settings, origin, copy, silent)
    assert rows(settings, COUNTED) == [(1, 0, 0, 1), (1, 0, 1, 0), (1, 0, 0, 0)]


@pytest.mark.parametrize("behind", [True, False])
def test_a_text_between_answers_of_its_own_is_a_sessions_own_whoever_holds_it_too(settings, behind):
    origin = Transcript(1)
    origin.prompt("Begin")
    origin.answer("msg_1")
    given(origin, "Also this")
    copy = Transcript(2, start=origin.now + 3_600_000)
    prompt, answer, *texts = ({**line, "sessionId": copy.session} for line in origin.lines)
    copy.lines = [prompt, answer] if behind else [prompt]
    copy._count = 100
    copy.answer("msg_2")
    copy.lines += texts
    copy.answer("msg_3")
    if not behind:
        copy.lines.append(answer)
    kept(settings, origin, copy)
    assert rows(settings, COUNTED) == [(1, 1, 0, 0), (0, 1, 1, 0)]


def test_a_text_that_copies_hold_and_the_owner_of_the_prompt_does_not_is_not_lost(settings):
    origin = Transcript(1)
    origin.prompt("Begin")
    copies = [copied(origin, n) for n in (2, 3)]
    origin.prompt("Go on here")
    given(copies[0], "Also this")
    copies[1].lines += [{**line, "sessionId": copies[1].session} for line in copies[0].lines[1:]]
    for copy in copies:
        copy.now += copy._count * 1000
        copy.prompt("Go on there")
    kept(settings, origin, *copies)
    ((queued,),) = rows(settings, "SELECT SUM(prompts_queued) FROM session")
    assert queued >= 1
