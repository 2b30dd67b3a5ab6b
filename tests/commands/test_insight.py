"""`sessions`, `show`, `practices` and `projects` as a person meets them."""

from __future__ import annotations

import json

import pytest

from accrete.practices import all_practices
from tests.commands.made import shipped
from tests.practices.examples import edit, session
from tests.transcripts import Transcript


def outcome(run) -> tuple[str, str]:
    (row,) = json.loads(run("sessions", "--json")[1])
    return row["outcome"], row["outcome_reason"]


@pytest.mark.long
def test_a_session_with_a_commit_and_a_pull_request_shipped(run, kept):
    kept(shipped())
    assert outcome(run) == ("shipped", "1 commit and 1 pull request")
    (row,) = json.loads(
        run(
            "sessions",
            "--json",
            "--outcome",
            "shipped",
            "--practice",
            "committing",
            "--text",
            "ADD",
        )[1]
    )
    assert (row["checks"], row["checks_failed"], row["edits_landed"], row["files_edited"]) == (
        2,
        1,
        1,
        1,
    )
    assert json.loads(run("sessions", "--json", "--outcome", "errored")[1]) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("say", "Go"), edit("/home/dev/demo/a.py")],
         ("delivered", "1 file edited, none committed")),
        ([("say", "Go"), edit("/home/dev/demo/a.py"),
          ("call", "Bash", {"command": "git commit -qam x"})],
         ("delivered", "1 file edited, 1 commit unconfirmed")),
        ([("say", "Go"), edit("/home/dev/demo/a.py"), ("call", "Bash", {"command": "git push"})],
         ("shipped", "pushed")),
        ([("say", "What is this?")], ("explored", "answered, nothing edited")),
    ],
)  # fmt: skip
def test_the_outcome_is_the_first_rule_that_holds(steps, expected, run, kept):
    kept(session(*steps))
    assert outcome(run) == expected


@pytest.mark.long
def test_a_session_that_was_stopped_is_abandoned_and_one_that_ended_in_an_error_errored(run, kept):
    t = Transcript(1)
    t.prompt("Go")
    t.answer("m1")
    t.prompt("[Request interrupted by user]")
    kept(t)
    assert outcome(run) == ("abandoned", "stopped, nothing edited")
    t.prompt("Go on")
    t.answer("bad", model="<synthetic>", isApiErrorMessage=True, error="rate_limit", requestId=None)
    kept(t)
    assert outcome(run) == ("errored", "ended in an API error (rate_limit)")


def test_a_pull_request_that_is_only_linked_was_not_created_in_the_session(run, kept):
    t = Transcript(1)
    t.prompt("Review it")
    t.add(
        "pr-link", prUrl="https://github.com/acme/demo/pull/9", prNumber=9, prRepository="acme/demo"
    )
    t.answer("m1")
    kept(t)
    assert outcome(run)[0] == "explored"


@pytest.mark.long
def test_show_replays_a_session(run, kept):
    kept(shipped())
    code, out, _ = run("show", "latest")
    assert code == 0
    for said in (
        "#1",
        "Fix the add function",
        "shipped: 1 commit and 1 pull request",
        "pytest failed (2 passed, 1 failed)",
        "pytest passed (3 passed, 0 failed)",
        "✓ commit 1a2b3c4 Add, not subtract",
        "✓ pull request https://github.com/acme/demo/pull/7",
        "#2",
        "Thanks",
    ):
        assert said in out, said
    assert out.index("Fix the add") < out.index("1a2b3c4") < out.index("Thanks")


@pytest.mark.long
@pytest.mark.parametrize(
    ("option", "there", "gone"),
    [
        ("--prompts", "Thanks", "calc.py"),
        ("--errors", "1 failed", "calc.py"),
        ("--tools", "calc.py", "Done."),
        ("--range=2", "Thanks", "calc.py"),
    ],
)
def test_show_leaves_out_what_was_not_asked_for(option, there, gone, run, kept):
    kept(shipped())
    out = run("show", "latest", option)[1]
    assert there in out
    assert gone not in out


@pytest.mark.long
def test_every_id_that_is_printed_is_accepted(run, kept, monkeypatch):
    kept(shipped())
    short = run("sessions")[1].splitlines()[1].split()[0]
    assert "Fix the add" in run("show", short)[1]
    assert run("show", "current")[0] == 1
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", Transcript(1).session)
    assert "Fix the add" in run("show", "current")[1]
    assert run("show", "nosuch")[0] == 1
    assert run("show", "latest", "--range", "x")[0] == 1


def test_show_prints_json_and_nests_subagents(run, kept):
    t = Transcript(1)
    t.prompt("Find out")
    t.call(
        "Agent",
        {"subagent_type": "Explore", "description": "Look", "prompt": "look"},
        use="toolu_a",
    )
    t.result("found", use="toolu_a", told={"agentId": "abc", "status": "completed"})
    kept(t)
    items = json.loads(run("show", "latest", "--json")[1])["items"]
    assert [item["kind"] for item in items] == ["typed_prompt", "tool_call"]
    assert items[1]["call"]["variant"] == "Explore"


def test_practices_are_all_listed_with_shares_and_evidence(run, kept):
    kept(shipped())
    out = run("practices")[1]
    assert all(practice.name in out for practice in all_practices())
    (row,) = [
        row for row in json.loads(run("practices", "--json")[1]) if row["name"] == "committing"
    ]
    assert (row["possible"], row["seen"], row["sightings"], row["depth"]) == (1, 1, 1, "too few")
    one = run("practices", "commit")[1]
    assert "Add, not subtract" in one
    assert "Try next" in one
    assert run("practices", "nosuch")[0] == 1


def test_automated_sessions_are_not_a_persons_practice(run, kept):
    kept(session(("say", "Go"), edit("/home/dev/demo/SPEC.md"), entrypoint="sdk-cli"))
    rows = {row["name"]: row for row in json.loads(run("practices", "--json")[1])}
    assert rows["artifacts"]["sightings"] == 0
    rows = {row["name"]: row for row in json.loads(run("practices", "--json", "--automated")[1])}
    assert rows["artifacts"]["sightings"] == 1


def test_projects_and_cost_by_outcome(run, kept):
    kept(shipped())
    assert "demo" in run("projects")[1]
    assert json.loads(run("cost", "--by", "outcome", "--json")[1])["rows"][0]["key"] == "shipped"
    assert json.loads(run("cost", "--by", "skill", "--json")[1])["rows"][0]["label"] == "(no skill)"


def test_windows_of_five_hours_begin_at_the_hour_of_the_first_response(run, kept):
    t = Transcript(1)
    t.prompt("go")
    t.answer("a")  # 2026-09-21T14:13
    t.answer("b", after_ms=4 * 3_600_000)
    t.answer("c", after_ms=3_600_000)  # 19:13, after the first window
    t.answer("d", after_ms=24 * 3_600_000)
    kept(t)
    rows = json.loads(run("cost", "--by", "window", "--json")[1])["rows"]
    assert [(row["label"], row["responses"]) for row in rows] == [
        ("2026-09-21 14:00", 2),
        ("2026-09-21 19:00", 1),
        ("2026-09-22 19:00", 1),
    ]
    assert "started" in run("cost", "--by", "window")[1]
