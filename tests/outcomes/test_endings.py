"""How a session ended: in the middle of its work, with an answer, or not yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from accrete.database import Sqlite
from accrete.derive.insight import OPEN_MS
from accrete.derive.refresh import refresh
from accrete.ingest import ingest
from accrete.model.captured import HookEvent
from accrete.record.store import add_hook_event
from accrete.settings import Settings
from tests.practices.examples import READS, edit, session
from tests.records import kept, rows
from tests.transcripts import START, Transcript


def ending(settings: Settings, t: Transcript) -> tuple[str | None, str]:
    """(outcome, reason) of one session."""
    kept(settings, t)
    (found,) = rows(settings, "SELECT outcome, outcome_reason FROM session")
    return found


def after(*steps: tuple) -> Transcript:
    """A session that answered once, was asked again and ends with these steps."""
    t = session(("say", "Find out"), *READS)
    t.prompt("And then?")
    for number, (tool, result) in enumerate(steps):
        t.call(tool, {"command": "ls"}, message_id=f"msg_a{number}", use=f"toolu_a{number}")
        if result is not None:
            t.result(result, use=f"toolu_a{number}", error=result.startswith("Error"))
    return t


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([("Bash", None)], "ended with a call of Bash that has no result, nothing edited"),
        ([("Edit", None)], "ended with a call of Edit that has no result, nothing edited"),
        ([("Bash", "a.py")], "ended with a call of Bash, nothing edited"),
        ([("Read", "x"), ("Bash", "Error: exit 1")], "ended with a call of Bash, nothing edited"),
        (
            [("AskUserQuestion", None)],
            "ended with a question that was not answered, nothing edited",
        ),
    ],
)
def test_a_session_that_ends_in_mid_work_is_unfinished(settings, steps, reason):
    assert ending(settings, after(*steps)) == ("unfinished", reason)


def test_words_before_the_last_call_are_no_answer(settings):
    t = session(("say", "Find out"))
    t.prompt("And then?")
    t.answer("msg_x", blocks=[{"type": "text", "text": "Let me look."}], stop=None)
    t.call("Bash", {"command": "ls"}, message_id="msg_x", use="toolu_x")
    assert ending(settings, t)[0] == "unfinished"


def test_an_answer_at_the_end_explores_and_so_does_a_structured_one(settings):
    t = after(("Bash", "a.py"))
    t.answer("msg_end2")
    t.prompt(
        "<command-name>/exit</command-name>\n<command-message>exit</command-message>\n"
        "<command-args></command-args>"
    )
    assert ending(settings, t) == ("explored", "answered, nothing edited")


def test_a_structured_answer_ends_a_session(settings):
    assert ending(settings, after(("StructuredOutput", "ok")))[0] == "explored"


def test_a_stop_after_a_call_abandons(settings):
    t = after(("Bash", "a.py"))
    t.prompt("[Request interrupted by user]")
    assert ending(settings, t) == ("abandoned", "stopped, nothing edited")


def test_edits_that_took_place_are_delivered_and_the_reason_says_that_the_work_broke_off(settings):
    t = session(("say", "Fix"), edit("/home/dev/demo/a.py"))
    t.call("Bash", {"command": "ls"}, message_id="msg_y", use="toolu_y")
    assert ending(settings, t) == (
        "delivered",
        "1 file edited, none committed, ended with a call of Bash that has no result",
    )


def saw(settings: Settings, *events: tuple[str, int]) -> None:
    """Stores events as hooks write them."""
    db = Sqlite(settings.database)
    for name, at in events:
        add_hook_event(
            db,
            HookEvent(1, session(("say", "x")).session, name, at, f"{name}{at}", None, "{}"),
            within_ms=1,
        )
    db.close()
    ingest(settings)


def test_a_session_that_hooks_saw_begin_and_not_end_is_not_judged_until_it_ends(settings):
    kept(settings, after(("Bash", "a.py")))
    saw(settings, ("SessionStart", START))
    assert rows(settings, "SELECT outcome, outcome_reason FROM session") == [
        (None, "still running, as far as hooks saw")
    ]
    saw(settings, ("SessionEnd", START + 10**6))
    assert rows(settings, "SELECT outcome FROM session") == [("unfinished",)]
    saw(settings, ("SessionStart", START + 10**7))
    assert rows(settings, "SELECT outcome FROM session") == [(None,)]


def test_a_session_whose_end_nobody_saw_is_judged_when_a_day_of_others_has_passed(settings):
    kept(settings, after(("Bash", "a.py")))
    saw(settings, ("SessionStart", START))
    other = Sqlite(settings.database)
    add_hook_event(
        other, HookEvent(1, "another", "Stop", START + 90_000_000, "h", None, "{}"), within_ms=1
    )
    other.close()
    ingest(settings)
    assert rows(settings, "SELECT outcome FROM session") == [("unfinished",)]


def stopped_elsewhere(settings: Settings, after_ms: int) -> None:
    """Another session's hook tells of a later time; nothing is read."""
    db = Sqlite(settings.database)
    event = HookEvent(1, "another", "Stop", START + after_ms, f"h{after_ms}", None, "{}")
    add_hook_event(db, event, within_ms=1)
    refresh(db, 1, settings)
    db.close()


def test_a_session_may_be_open_for_a_day_to_the_instant(settings):
    kept(settings, after(("Bash", "a.py")))
    saw(settings, ("SessionStart", START - 5), ("Stop", START))
    for after_ms, outcome in ((OPEN_MS - 1, None), (OPEN_MS, "unfinished")):
        stopped_elsewhere(settings, after_ms)
        assert rows(settings, "SELECT outcome FROM session") == [(outcome,)], after_ms


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ([("SessionStart", 0)], None),
        ([("SessionStart", 0), ("SessionEnd", 0)], "unfinished"),
        ([("SessionEnd", 0), ("SessionStart", 1)], None),
        ([("SessionStart", 0), ("SessionEnd", 1), ("Stop", 2)], "unfinished"),
        ([("Stop", 0)], "unfinished"),
        ([("SessionEnd", 0)], "unfinished"),
        ([], "unfinished"),
    ],
)
def test_a_session_runs_after_a_beginning_that_hooks_saw_no_end_of(settings, events, outcome):
    kept(settings, after(("Bash", "a.py")))
    saw(settings, *((name, START + at) for name, at in events))
    assert rows(settings, "SELECT outcome FROM session") == [(outcome,)]


def test_a_day_of_others_makes_no_session_be_worked_out_but_those_that_seemed_to_run(settings):
    judged, running = after(("Bash", "a.py")), Transcript(2)
    running.prompt("Wait")
    running.answer("msg_2")
    running.call("Bash", {"command": "ls"}, message_id="msg_3")
    empty = Transcript(3)
    empty.add("system", subtype="api_error", content="529")
    kept(settings, judged, running, empty)
    saw(settings, ("SessionStart", START - 1), ("SessionEnd", START))
    db = Sqlite(settings.database)
    for t in (running, empty):
        event = HookEvent(1, t.session, "SessionStart", START, t.session, None, "{}")
        add_hook_event(db, event, within_ms=1)
    refresh(db, 1, settings)
    assert db.run("SELECT id FROM session WHERE outcome IS NULL ORDER BY id") == [
        (running.session,),
        (empty.session,),
    ]
    db.run("UPDATE session SET wall_ms = -1")
    db.close()
    stopped_elsewhere(settings, OPEN_MS)
    worked_out = rows(settings, "SELECT id, outcome FROM session WHERE COALESCE(wall_ms, 0) <> -1")
    assert worked_out == [(running.session, "unfinished")]


def test_what_a_running_session_edited_is_said_at_once(settings):
    kept(settings, session(("say", "Fix"), edit("/home/dev/demo/a.py")))
    saw(settings, ("SessionStart", START))
    assert rows(settings, "SELECT outcome FROM session") == [("delivered",)]


def test_sessions_can_be_asked_for_by_that_outcome(settings, capsys, monkeypatch):
    from tests.records import called

    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    kept(settings, after(("Bash", None)))
    code, out, _ = called(capsys, "sessions", "--outcome", "unfinished", "--json", "--all")
    assert code == 0
    assert '"unfinished"' in out


UNANSWERED = ("abandoned", "the last prompt has no answer, nothing edited")
ANSWERED = ("explored", "answered, nothing edited")
MADE_UP: dict[str, Any] = {"model": "<synthetic>", "requestId": None}
FAILED = {**MADE_UP, "isApiErrorMessage": True, "error": "overloaded"}


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (lambda t: None, UNANSWERED),
        (lambda t: t.answer("msg_z"), ANSWERED),
        # the client's own words in the model's place are no answer, nor an error without a name
        (lambda t: t.answer(str(UUID(int=7)), **MADE_UP), UNANSWERED),
        (lambda t: [t.answer("msg_z"), t.answer(str(UUID(int=7)), **MADE_UP)], ANSWERED),
        (lambda t: t.answer(str(UUID(int=7)), **FAILED),
         ("errored", "ended in an API error (overloaded)")),
        (lambda t: [t.answer(str(UUID(int=7)), **FAILED),
                    t.answer("msg_z")], ANSWERED),
        (lambda t: [t.answer(str(UUID(int=7)), **FAILED),
                    t.prompt("Again")], UNANSWERED),
        (lambda t: t.prompt("[Request interrupted by user]"),
         ("abandoned", "stopped, nothing edited")),
        (lambda t: [t.prompt("[Request interrupted by user]"), t.answer("msg_z")], ANSWERED),
        # what is no prompt for Claude leaves the answer the last word
        (lambda t: [t.answer("msg_z"), t.prompt("<bash-input>ls</bash-input>")], ANSWERED),
        (lambda t: [t.answer("msg_z"), t.prompt("And then?")], UNANSWERED),
    ],
)  # fmt: skip
def test_the_last_word_of_the_conversation_is_how_it_ended(settings, end, expected):
    t = session(("say", "Find out"), *READS)
    t.prompt("And then?")
    end(t)
    assert ending(settings, t) == expected
