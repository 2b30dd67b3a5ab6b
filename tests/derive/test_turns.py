"""What belongs to a prompt: everything up to the next one, and whether the person stopped it."""

from __future__ import annotations

import pytest

from accrete.derive import doubles
from tests.records import kept, projects, rows
from tests.transcripts import START, Transcript, iso, write_agent

STOP = "[Request interrupted by user]"


def turns(settings) -> list[tuple]:
    """(second at which it began, at which it ended, interrupted) of each prompt."""
    found = rows(settings, "SELECT at, ended_at, interrupted FROM prompt ORDER BY number")
    return [((at - START) / 1000, (end - START) / 1000, stopped) for at, end, stopped in found]


def test_a_turn_ends_before_the_next_prompt_and_its_own_interruption_counts(settings):
    t = Transcript()
    for n in range(3):
        t.prompt(f"Prompt {n}")
        t.answer(f"msg_{n}")
        if n == 1:
            t.prompt(STOP)
    kept(settings, t)
    assert turns(settings) == [(1, 2, 0), (3, 5, 1), (6, 7, 0)]


def test_a_turn_ends_with_the_latest_of_what_was_said_in_it_wherever_that_stands(settings):
    """Results are written late, and a clock goes back; what the client notes takes no time."""
    t = Transcript()
    t.prompt("First")
    t.call("Bash", {"command": "make"})
    t.answer("msg_2", after_ms=60_000)
    t.result()
    t.lines[-1]["timestamp"] = iso(START + 30_000)
    t.add("system", subtype="away_summary", content="They made it.", after_ms=3_600_000)
    t.prompt("Second")
    t.answer("msg_3")
    t.lines[-1]["timestamp"] = iso(START + 3_000)
    kept(settings, t)
    assert turns(settings) == [(1, 62, 0), (3664, 3664, 0)]
    assert rows(settings, "SELECT active_ms FROM prompt ORDER BY number") == [(61_000,), (0,)]


def test_the_last_turn_can_be_interrupted_and_one_without_an_answer_ends_as_it_begins(settings):
    t = Transcript()
    t.prompt("First")
    t.prompt("Second")
    t.answer()
    t.prompt(STOP)
    kept(settings, t)
    assert turns(settings) == [(1, 1, 0), (2, 4, 1)]


def test_a_stop_within_a_subagent_interrupts_no_turn_and_its_lines_end_none(settings):
    t = Transcript()
    t.prompt("Look")
    t.call("Agent", {"prompt": "Look", "description": "look"}, use="toolu_a")
    agent = Transcript(start=t.now)
    agent.prompt("Look")
    agent.answer("msg_agent")
    agent.prompt(STOP)
    write_agent(projects(settings), t, agent)
    kept(settings, t)
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE kind = 'interruption'") == [(1,)]
    assert turns(settings) == [(1, 2, 0)]


def test_a_turn_has_the_active_time_between_its_prompt_and_its_end(settings):
    t = Transcript(1)
    t.prompt("one")
    t.answer("msg_1", after_ms=60_000)
    t.prompt("two", after_ms=30_000)
    t.answer("msg_2", after_ms=45_000)
    kept(settings, t)
    assert rows(settings, "SELECT active_ms FROM prompt ORDER BY seq") == [(60_000,), (45_000,)]
    assert rows(settings, "SELECT active_ms FROM session") == [(135_000,)]


@pytest.mark.parametrize("at_once", [2, 500])
def test_of_prompts_of_one_instant_those_that_another_holds_are_copies(
    settings, monkeypatch, at_once
):
    monkeypatch.setattr(doubles, "AT_ONCE", at_once)
    t = Transcript(1)
    for said in ("fix", "fix\nthe login\nnow", "the login", "now", "write a test"):
        t.now = START
        t.prompt(said)
    kept(settings, t)
    copies = rows(settings, "SELECT replayed FROM prompt ORDER BY seq")
    assert [copy for (copy,) in copies] == [1, 0, 1, 1, 0]
