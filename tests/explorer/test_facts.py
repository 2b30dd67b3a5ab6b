"""The page of a session's facts: context, waiting, cost, checks, calls, records."""

from __future__ import annotations

import json
import re

import pytest

from accrete.explorer import charts
from tests.explorer.asking import words
from tests.records import called, kept, rows
from tests.transcripts import Transcript, session_id

pytestmark = pytest.mark.long

MIN = 60_000


def spent() -> Transcript:
    """10 s of Claude, 30 s of a tool, 2 min of the person, 10 min away, a compaction."""
    t = Transcript(1)
    t.prompt("Run the tests")
    usage = {"input_tokens": 100, "cache_read_input_tokens": 900}
    t.call("Bash", {"command": "pytest -q"}, usage=usage, after_ms=10_000)
    t.result("3 passed in 0.1s", after_ms=30_000)
    t.answer("msg_2", usage={"input_tokens": 10, "cache_read_input_tokens": 1990}, after_ms=5_000)
    t.prompt("Go on", after_ms=2 * MIN)
    t.answer("msg_3", usage={"input_tokens": 0, "cache_read_input_tokens": 5000}, after_ms=1_000)
    t.add("system", subtype="compact_boundary", content="Conversation compacted",
          compactMetadata={"trigger": "auto", "preTokens": 5000})  # fmt: skip
    t.prompt("And on", after_ms=10 * MIN)
    t.answer("msg_4", usage={"input_tokens": 800, "cache_read_input_tokens": 0}, after_ms=1_000)
    return t


@pytest.fixture
def facts(settings, opened):
    kept(settings, spent())
    client = opened(settings)
    return lambda query="": client.get(f"/sessions/{session_id(1)}/facts{query}")


def test_the_context_is_what_each_response_read_and_falls_after_a_compaction(facts):
    table = facts("?format=json").json()["tables"]["context"]
    assert [row["tokens"] for row in table] == [1000, 2000, 5000, 800]
    assert [row["cached"] for row in table] == [900, 1990, 5000, 0]
    assert [row["compacted"] for row in table] == [0, 0, 0, 1]
    html = facts().text
    assert 'class="cliff"' in html
    assert re.findall(r"<title>([^<]* from the cache)</title>", html) == [
        "prompt 1: 1.0k tokens, 900 from the cache",
        "prompt 1: 2.0k tokens, 2.0k from the cache",
        "prompt 2: 5.0k tokens, 5.0k from the cache",
        "prompt 3 after a compaction: 800 tokens, 0 from the cache",
    ]


def test_what_is_answered_before_the_first_prompt_is_of_none(settings, opened):
    t = Transcript(1)
    t.answer("msg_1", usage={"input_tokens": 7, "cache_read_input_tokens": 3})
    t.prompt("Go on")
    t.answer("msg_2", usage={"input_tokens": 9, "cache_read_input_tokens": 1})
    kept(settings, t)
    html = opened(settings).get(f"/sessions/{t.session}/facts").text
    assert re.findall(r"<title>([^<]*): \d+ tokens, \d from the cache</title>", html) == [
        "before the first prompt", "prompt 1",
    ]  # fmt: skip


def test_time_goes_to_what_was_waited_for_and_pauses_to_nobody(facts, settings):
    table = {row["for"]: row["ms"] for row in facts("?format=json").json()["tables"]["waiting"]}
    assert table == {"Claude": 17_000, "tools": 30_000, "subagents": 0,
                     "the next prompt": 2 * MIN, "permission": None}  # fmt: skip
    assert "did not record decisions" in words(facts().text)
    assert (
        sum(ms or 0 for ms in table.values())
        == rows(settings, "SELECT active_ms FROM session")[0][0]
    )


def test_a_tool_that_waited_for_hours_counts_as_long_as_active_time_has_it(settings, opened):
    t = Transcript(4)
    t.prompt("Run")
    t.call("Bash", {"command": "ls"}, after_ms=1000)
    t.result("ok", after_ms=9 * 60 * MIN)
    t.answer("msg_2", after_ms=1000)
    kept(settings, t)
    shown = opened(settings).get(f"/sessions/{t.session}/facts?format=json").json()
    table = {row["for"]: row["ms"] for row in shown["tables"]["waiting"]}
    assert (table["tools"], table["Claude"]) == (15 * MIN, 2_000)
    assert shown["figures"]["active-time"] == 15 * MIN + 2_000


def test_what_a_person_was_asked_to_allow_is_told_from_the_run_of_the_tool(settings, opened):
    t = Transcript(2)
    t.prompt("Run")
    t.call("Bash", {"command": "ls"}, after_ms=1000)
    t.result("ok", after_ms=40_000, told={"durationMs": 3_000},
             permissionDecision={"decision": "accept", "source": "user_temporary"})  # fmt: skip
    t.answer("msg_2", after_ms=1000)
    kept(settings, t)
    shown = opened(settings).get(f"/sessions/{t.session}/facts?format=json").json()
    table = {row["for"]: row["ms"] for row in shown["tables"]["waiting"]}
    assert (table["permission"], table["tools"], table["Claude"]) == (37_000, 3_000, 2_000)


def test_the_figures_are_those_of_the_terminal(facts, settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    shown = facts("?format=json").json()
    for by, table in (("prompt", "prompts"), ("model", "models")):
        _, out, _ = called(capsys, "cost", "--by", by, "--json")
        told = json.loads(out)["rows"]
        assert [row["cost_nano"] for row in shown["tables"][table]] == [
            row["cost_own_nano"] + row["cost_delegated_nano"] for row in told
        ]
    active, cost = rows(
        settings, "SELECT active_ms, cost_own_nano + cost_delegated_nano FROM session"
    )[0]
    assert shown["figures"]["active-time"] == active
    assert shown["figures"]["cost"] == cost > 0
    assert shown["figures"]["context-peak"] == 5000
    assert shown["figures"]["cache-read-share"] == 7890 / 8800
    assert shown["figures"]["responses"] == 4
    kinds = shown["tables"]["kinds"]
    assert sum(row["main"] for row in kinds) == rows(settings, "SELECT COUNT(*) FROM event")[0][0]


def test_checks_and_the_longest_calls_link_to_their_steps(facts):
    shown = facts("?format=json").json()["tables"]
    assert [(row["check"], row["verdict"], row["passed"]) for row in shown["checks"]] == [
        ("pytest", "passed", 3)
    ]
    assert [(row["tool"], row["ms"]) for row in shown["longest"]] == [("Bash", 30_000)]
    assert facts().text.count("#s-") >= 2


def test_a_session_in_which_claude_did_not_answer_has_facts_too(settings, opened):
    t = Transcript(3)
    t.prompt("Hello")
    kept(settings, t)
    response = opened(settings).get(f"/sessions/{t.session}/facts")
    assert response.status_code == 200
    assert "Claude did not answer in this session." in words(response.text)


def test_an_area_is_drawn_from_the_left_to_the_right_within_its_frame():
    steps = [charts.Step(10, 5, "a"), charts.Step(40, 40, "b"), charts.Step(20, 0, "c", fell=True)]
    drawn = charts.area("x", steps, levels=[(40.0, "40")], ends=("from", "to"), width=300)
    assert [mark.x for mark in drawn.marks] == [0, 100, 200]
    assert drawn.paths[0] == ("b2", "M0 148V114.5H100.0V14.0H200.0V81.0H300.0V148Z")
    assert [kind for kind, _ in drawn.paths] == ["b2", "b", "cliff"]
    assert charts.area("x", [], levels=[], ends=("", "")).paths == []


def test_a_stack_has_each_part_beside_the_one_before_and_none_for_nothing():
    given = [charts.Bar(3, "a"), charts.Bar(0, "b"), charts.Bar(1, "c")]
    drawn = charts.stack("x", given, width=404)
    assert [(mark.label, mark.x, mark.width) for mark in drawn.marks] == [
        ("a", 0, 301), ("c", 302, 101)
    ]  # fmt: skip
