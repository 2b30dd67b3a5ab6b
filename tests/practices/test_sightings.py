"""What is one sighting of a practice, and what is none."""

from __future__ import annotations

from tests.records import kept, rows
from tests.transcripts import Transcript


def test_subagents_started_in_one_record_are_a_sighting_each(settings):
    t = Transcript(1)
    t.prompt("Look everywhere")
    blocks = [
        {
            "type": "tool_use",
            "id": f"toolu_{n}",
            "name": "Agent",
            "input": {"subagent_type": "Explore", "description": "Look", "prompt": "p"},
        }
        for n in range(3)
    ]
    t.answer("msg_1", blocks=blocks, stop="tool_use")
    for n in range(3):
        t.result("found", use=f"toolu_{n}")
    t.answer("msg_2")
    kept(settings, t)
    assert rows(
        settings,
        "SELECT COUNT(*), COUNT(DISTINCT tool_use_id) FROM sighting WHERE practice = 'delegation'",
    ) == [(3, 3)]


def test_a_mistyped_command_is_no_skill(settings):
    t = Transcript(1)
    t.prompt(
        "<command-name>/deplyo</command-name><command-message>deplyo</command-message><command-args></command-args>"
    )
    t.prompt("<local-command-stdout>Unknown slash command: deplyo</local-command-stdout>")
    t.prompt("Never mind")
    t.answer()
    kept(settings, t)
    assert rows(settings, "SELECT * FROM sighting WHERE practice = 'skills'") == []


def test_a_mistyped_command_says_nothing_of_the_skill_before_it(settings):
    t = Transcript(1)
    for name in ("deploy", "deplyo"):
        t.prompt(f"<command-name>/{name}</command-name><command-args></command-args>")
    t.prompt("<local-command-stdout>Unknown slash command: deplyo</local-command-stdout>")
    t.prompt("Never mind")
    t.answer()
    kept(settings, t)
    assert rows(settings, "SELECT uuid FROM sighting WHERE practice = 'skills'") == [
        (t.lines[0]["uuid"],)
    ]
