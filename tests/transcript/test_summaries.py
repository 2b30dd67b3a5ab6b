"""A conversation's summary is its title; what an idle subagent reports of itself is not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.records import kept, rows
from tests.transcripts import Transcript, fork

REPORT: dict[str, Any] = {"role": "assistant", "model": "claude-haiku-4-5", "content": [],
                          "usage": {"input_tokens": 5000, "output_tokens": 50}}  # fmt: skip


@pytest.mark.parametrize(
    "marks",
    [
        {"agentName": "scout", "message": {"id": "msg_sum{n}", **REPORT}},
        {"teamName": "crew", "agentName": "scout", "cwd": "/home/dev/demo", "version": "2.1.120"},
        {"agentId": "a1", "isSidechain": True},
        {"usage": {"input_tokens": 5000, "output_tokens": 50}},
        {"message": {"id": "msg_1", **REPORT}, "requestId": "req_msg_1"},
    ],
)
def test_a_subagents_repeated_report_is_no_title_prompt_answer_or_cost(settings, marks):
    t = Transcript(1, version="2.1.120")
    t.prompt("look around")
    leaf = t.answer(
        "msg_1", usage={"input_tokens": 100, "output_tokens": 10, "cache_read_input_tokens": 0}
    )
    for n in range(5):
        record = {
            "type": "summary",
            "summary": f"Reads the routes{'.' * (n % 2)}",
            "sessionId": t.session,
            "leafUuid": leaf if n % 2 == 0 else "x",
            "n": n,
            **marks,
        }
        t.lines.append(record)
    kept(settings, t)
    assert rows(settings, "SELECT title, prompts, responses_own, automated FROM session") == [
        ("look around", 1, 1, 0)
    ]
    assert rows(
        settings, "SELECT SUM(input_tokens), SUM(output_tokens), COUNT(*) FROM response"
    ) == [(100, 10, 1)]


def test_a_conversations_summary_is_its_title(settings):
    t = Transcript(1, version="1.0.80")
    t.prompt("look around")
    leaf = t.answer("msg_1")
    t.lines.append({"type": "summary", "summary": "Reading the routes", "leafUuid": leaf})
    kept(settings, t)
    assert rows(settings, "SELECT title, title_source FROM session") == [
        ("Reading the routes", "summary")
    ]


def test_a_summary_of_a_subagents_file_titles_no_session(settings):
    t = Transcript(1)
    t.prompt("look around")
    t.answer("msg_1")
    agent = Transcript(1, isSidechain=True, agentId="a1")
    agent._count = 500
    agent.prompt("Look at the routes")
    leaf = agent.answer("msg_2")
    agent.lines.append({"type": "summary", "summary": "Reads the routes", "leafUuid": leaf})
    t.lines.append({"type": "summary", "summary": "Read the routes", "leafUuid": leaf})
    agent.write(
        settings.roots[0] / "projects",
        slug=f"-home-dev-demo/{t.session}/subagents",
        name="agent-a1",
    )
    kept(settings, t)
    assert rows(settings, "SELECT title FROM session") == [("look around",)]


def test_a_summary_of_what_a_fork_copied_is_the_title_of_its_origin_alone(settings):
    t = Transcript(1)
    t.prompt("look around")
    leaf = t.answer("msg_1")
    copy = fork(t, 2, upto=2)
    t.lines.append({"type": "summary", "summary": "Reading the routes", "leafUuid": leaf})
    kept(settings, t, copy)
    titles = rows(settings, "SELECT title, title_source FROM session ORDER BY id")
    assert titles == [("Reading the routes", "summary"), ("look around", "prompt")]
