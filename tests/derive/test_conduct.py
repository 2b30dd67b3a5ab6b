"""Whether a session planned, and what its main line ends with."""

from __future__ import annotations

import pytest

from accrete.derive.conduct import ends_with, plans
from accrete.derive.events import Event
from tests.records import kept, rows
from tests.transcripts import Transcript

BLANK = Event("u0", 0, "", 0, None, "", None, 0, None, None, None, 0, 0, None, None, 1)


@pytest.mark.parametrize(
    ("kind", "name", "planned"),
    [
        ("plan_mode", None, True),
        ("mode", "plan", True),
        ("permission_mode", "plan", True),
        ("mode", "normal", False),
        ("permission_mode", "acceptEdits", False),
        ("typed_prompt", "plan", False),
        ("tool_call", "EnterPlanMode", True),
        ("tool_call", "ExitPlanMode", True),
        ("tool_call", "exit_plan_mode", True),
        ("tool_call", "plan", False),
        ("tool_result", "ExitPlanMode", False),
    ],
)
def test_a_session_plans_where_its_mode_says_so_or_a_plan_is_called_for(kind, name, planned):
    assert plans(BLANK._replace(kind=kind, name=name)) is planned


@pytest.mark.parametrize(("mode", "planned"), [("plan", 1), ("acceptEdits", 0), (None, 0)])
def test_a_session_planned_where_a_prompt_was_sent_in_plan_mode(settings, mode, planned):
    t = Transcript(1)
    t.prompt("Begin", permissionMode="default")
    t.prompt("Think", **({} if mode is None else {"permissionMode": mode}))
    kept(settings, t)
    assert rows(settings, "SELECT plan_mode FROM session") == [(planned,)]


class Records:
    """What of a session the end of it is told by."""

    def __init__(self, *events: Event, copied: tuple[str, ...] = ()) -> None:
        self.events, self.replayed = list(events), set(copied)


def line(kind: str, seq: int, **more: object) -> Event:
    return BLANK._replace(uuid=f"u{seq}", kind=kind, seq=seq, **more)


CALL = line("tool_call", 5, tool_use_id="toolu_1")


@pytest.mark.parametrize(
    ("after", "end"),
    [
        ((), [(5, "toolu_1")]),
        ((line("assistant_text", 6),), []),
        ((line("typed_prompt", 6),), []),
        ((line("interruption", 6),), []),
        ((line("tool_result", 6, tool_use_id="toolu_1"),), [(6, "toolu_1")]),
        ((line("thinking", 6),), [(6, None)]),
        # what may follow the end of a turn, and what is no conversation
        ((line("injected_context", 6), line("command_output", 7)), [(5, "toolu_1")]),
        ((line("shell_output", 6), line("task_notification", 7)), [(5, "toolu_1")]),
        ((line("teammate_message", 6), line("agent_prompt", 7)), [(5, "toolu_1")]),
        ((line("assistant_empty", 6), line("ai_title", 7)), [(5, "toolu_1")]),
        # a subagent, a side chain and a copy say nothing of it
        ((line("assistant_text", 6, agent="a1"),), [(5, "toolu_1")]),
        ((line("assistant_text", 6, sidechain=1),), [(5, "toolu_1")]),
        ((line("assistant_text", 9),), [(5, "toolu_1")]),
    ],
)
def test_a_main_line_that_ends_with_a_call_its_result_or_a_thought_was_broken_off(after, end):
    assert ends_with(Records(CALL, *after, copied=("u9",)))["end"] == end  # type: ignore[arg-type]


def test_interruptions_and_answers_of_the_main_line_are_told_in_order():
    found = ends_with(Records(  # type: ignore[arg-type]
        line("assistant_text", 1, message_id="m1"),
        line("interruption", 2),
        line("assistant_text", 3, message_id="m2", agent="a1"),
        line("assistant_text", 4, message_id="m3"),
        line("interruption", 5, sidechain=1),
        line("thinking", 6, message_id="m4"),
    ))  # fmt: skip
    assert found["interruption"] == [(2, None)]
    assert found["assistant_text"] == [(1, "m1"), (4, "m3")]
