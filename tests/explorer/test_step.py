"""What the page of a step shows of a call: what it was given, what it changed, what came of it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from accrete.explorer.pages.step import _notes, _proposed, _title, blocks, came
from accrete.queries.step import Body, Inner
from accrete.queries.steps import Facts
from tests.transcripts import START

OK = Facts("ok", None, None, None, None, None, None)
FAILED = OK._replace(status="error")
PATCH = "@@ -1 +1 @@\n-a\n+b"
CALLED = Inner("toolu_1", "u", START, "Read", "/a", "ok", None, None, None)


def body(kind: str = "tool_call", **said: Any) -> Body:
    made = Body("u1", 0, "", kind, START, 0, "toolu_1", "msg_1")
    for name, value in said.items():
        setattr(made, name, value)
    return made


def shown(made: Any) -> list[tuple[str, str]]:
    """(label, words) of blocks, without markup."""
    return [(each.label, words(each.html) if each.html else each.text) for each in made]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (body("typed_prompt", text="Go on"), [("", "Go on")]),
        (body("typed_prompt"), [("", "(no text is kept)")]),
        (body("assistant_text", text="It is **done**"), [("", "It is done")]),
        (body("hook", text="It is **raw**"), [("", "It is **raw**")]),
        (body("hook"), []),
        (body(name="Bash", target="ls -l"), [("command", "ls -l")]),
        (body(name="Bash", target="ls …", input='{"command": "ls -la", "description": "List"}'),
         [("", "List"), ("command", "ls -la")]),
        (body(name="Other", target="x", input='{"command": "ls"}'),
         [("input", '{ "command": "ls" }')]),
        (body(name="ExitPlanMode", input='{"plan": "# Do", "a": 1}'), [("plan", "Do")]),
        (body(name="Agent", input='{"prompt": "Look *here*", "a": 1}'), [("task", "Look here")]),
        (body(name="Other", spawned="a1", input='{"prompt": "Look"}'), [("task", "Look")]),
        (body(name="Task", input='{"a": 1}'), []),
        (body(name="Read", input='{"file_path": "/a"}'), []),
        (body(name="Read", input='{"file_path": "/a", "limit": 3}'), [("input", '{ "limit": 3 }')]),
        (body(name="Read", input='{"file_path": "/a", "limit": 3}', input_cut=1),
         [("input, cut", '{ "limit": 3 }')]),
        (body(name="Read", input='{"file_pa', input_cut=1), [("input, cut", '{"file_pa')]),
        (body(name="Read", input='{"file_pa'), [("input", '{"file_pa')]),
        (body(name="Read", input="{}"), [("input", "{}")]),
        (body(name="Read"), []),
    ],
)  # fmt: skip
def test_what_was_asked_is_shown_once_and_as_what_it_is(made, expected):
    assert shown(blocks(made, [])) == expected


@pytest.mark.parametrize(
    ("made", "labels"),
    [
        (body(name="Edit", patch=PATCH, call=OK), [""]),
        (body(name="Edit", patch=PATCH, call=FAILED), [""]),
        (body(name="Edit", call=FAILED, input='{"old_string": "a", "new_string": "b"}'),
         ["not applied"]),
        (body(name="Edit", call=OK, input='{"old_string": "a", "new_string": "b"}'), [""]),
        (body(name="Edit", input='{"old_string": "a", "new_string": "b"}'), [""]),
        (body(name="Edit", input='{"old_string": "", "new_string": ""}'), []),
    ],
)  # fmt: skip
def test_a_change_that_was_not_made_says_so(made, labels):
    assert [each.label for each in blocks(made, [])] == labels


@pytest.mark.parametrize(
    ("name", "given", "patch"),
    [
        ("Write", {"content": "a\nb"}, "@@ -0 +1 @@\n+a\n+b"),
        ("Write", {"content": ""}, ""),
        ("Edit", {"old_string": "a", "new_string": "b\nc"}, "-a\n+b\n+c"),
        ("Edit", {"old_string": "", "new_string": "b"}, "+b"),
        ("Edit", {"old_string": "a", "new_string": ""}, "-a"),
        ("MultiEdit", {"edits": [{"old_string": "a", "new_string": "b"}, 1, {"new_string": "c"}]},
         "-a\n+b\n+c"),
        ("MultiEdit", {"edits": "odd"}, ""),
        ("Bash", {"old_string": "a", "new_string": "b"}, ""),
    ],
)  # fmt: skip
def test_what_a_call_proposed_is_a_patch(name, given, patch):
    assert _proposed(name, given) == patch


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (body(name="Bash", output="\n3 passed\n", call=OK), [("output", "3 passed")]),
        (body(name="Bash", output="\n\n", call=OK), []),
        (body(name="Bash", call=OK), []),
        (body(name="Edit", output="The file was changed", patch=PATCH, call=OK), []),
        (body(name="Edit", output="Failed", patch=PATCH, call=FAILED), [("output", "Failed")]),
        (body(name="Edit", output="Changed", call=OK), [("output", "Changed")]),
        (body(name="Bash", output="x" * 10, call=OK._replace(chars=110)), [("output", "x" * 10)]),
        (body(name="Bash", output="x" * 10, call=OK._replace(chars=1111)),
         [("output: the ends of 1,111 characters", "x" * 10)]),
        (body(name="Agent", output="**Found**", call=OK), [("answer", "Found")]),
        (body(name="Workflow", output="**Found**", inner=[CALLED]), [("answer", "Found")]),
    ],
)  # fmt: skip
def test_what_came_of_a_call_is_shown_where_its_diff_does_not_say_it(made, expected):
    assert shown(came(made)) == expected


@pytest.mark.parametrize(
    ("made", "notes"),
    [
        (body(), []),
        (body(call=OK), []),
        (body(call=FAILED), ["failed"]),
        (body(call=OK._replace(status="rejected"), decided_by="user_permanent"),
         ["refused", "decided by user permanent"]),
        (body(call=OK._replace(status="interrupted", ms=0)), ["stopped", "ran 0 s"]),
        (body(call=OK._replace(by_person=1)), ["changed by the person before it was applied"]),
    ],
)  # fmt: skip
def test_notes_say_how_it_ended_and_who_decided(made, notes):
    assert list(_notes(made)) == notes


def test_a_step_is_called_by_what_it_is():
    assert _title(body(name="Bash")) == "Bash"
    assert _title(body()) == "Tool call"
    assert _title(body("typed_prompt")) == "Prompt"
    assert _title(body("turn_end")) == "Turn end"
