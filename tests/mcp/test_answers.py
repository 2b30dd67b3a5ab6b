"""What the tools answer to the questions that people put: what failed, what was touched, how long
it took."""

from __future__ import annotations

import pytest
from accrete_mcp import tools

from accrete.errors import AccreteError
from accrete.practices import all_practices
from tests.mcp.asked import call, keep, refused, shipped
from tests.practices.examples import EXAMPLES, edit, run, session
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

DAY_MS = 86_400_000


def on_day(n: int, *, cwd: str = "/home/dev/demo") -> Transcript:
    t = Transcript(n, start=START + n * DAY_MS, cwd=cwd)
    t.prompt(f"Prompt of day {n}")
    t.call(
        "Edit",
        {"file_path": f"{cwd}/day{n}.py", "old_string": "a", "new_string": "b"},
        message_id=f"msg_{n}",
        use=f"toolu_{n}",
    )
    t.result(use=f"toolu_{n}", after_ms=60_000)
    t.call("Bash", {"command": f"make broken{n}"}, message_id=f"msg_b{n}", use=f"toolu_b{n}")
    t.result("Exit code 2", use=f"toolu_b{n}", error=True)
    t.answer(f"msg_end{n}")
    return t


def test_what_was_touched_on_a_day_is_the_files_of_that_day(home):
    keep(home, *(on_day(n) for n in (1, 2, 3)))
    found = call("session", view="files", since="2026-09-23", until="2026-09-23")
    assert found["files"] == [
        {"path": "/home/dev/demo/day2.py", "sessions": 1, "last_day": "2026-09-23"}
    ]
    both = call("session", id="all", view="files", since="2026-09-23")
    assert [file["path"] for file in both["files"]] == [
        "/home/dev/demo/day3.py",
        "/home/dev/demo/day2.py",
    ]
    assert both["id"] == "all"


def test_which_calls_failed_is_answered_over_a_range(home):
    keep(home, *(on_day(n) for n in (1, 2, 3)), EXAMPLES["artifacts"][0]())
    found = call("session", id="all", view="errors")["failed"]
    assert [(call["target"], call["status"], call["prompt"]) for call in found] == [
        ("make broken3", "error", 1),
        ("make broken2", "error", 1),
        ("make broken1", "error", 1),
    ]
    assert len(call("session", view="errors", until="2026-09-22")["failed"]) == 1
    assert call("session", view="errors", until="2026-09-21")["more"] == "No tool call failed."


def test_how_long_somebody_worked_is_in_usage_and_in_the_sessions_of_a_range(home):
    keep(home, *(on_day(n) for n in (1, 2)))
    by_day = call("usage", by="day")
    assert [row["active_hours"] for row in by_day["rows"]] == [0.02, 0.02]
    for by in ("week", "month", "project", "session", "outcome"):
        found = call("usage", by=by)
        assert found["total"]["active_hours"] == pytest.approx(0.04, abs=0.01)
        assert sum(row["active_hours"] for row in found["rows"]) == pytest.approx(0.04, abs=0.01)
    assert "active_hours" not in call("usage", by="model")["rows"][0]
    rows = call("session", since="2026-09-01")["sessions"]
    assert [row["active_hours"] for row in rows] == [0.02, 0.02]


def test_a_project_narrows_the_latest_session_and_those_of_a_range(home):
    keep(home, on_day(1), on_day(2, cwd="/home/dev/shop"))
    assert call("session", project="demo")["id"] == "00000001"
    assert call("session", project="all")["id"] == "00000002"
    assert len(call("session", id="all", project="shop")["sessions"]) == 1
    assert "Call session" in refused("session", id="00000001", since="2026-09-01")
    assert 'usage(by="session")' in refused("session", id="all", view="cost")
    assert 'session(id="latest", view="handoff")' in refused("session", id="all", view="handoff")


@pytest.mark.parametrize(
    "by",
    [
        "day",
        "week",
        "month",
        "project",
        "branch",
        "model",
        "session",
        "prompt",
        "skill",
        "plugin",
        "mcp-server",
        "outcome",
        "window",
    ],
)
def test_totals_are_of_the_rows_shown_and_say_so(home, by):
    keep(home, *(on_day(n, cwd=f"/home/dev/p{n}") for n in range(1, 5)))
    for limit in (1, 2, 60):
        found = call("usage", by=by, limit=limit)
        for name in ("tokens", "responses", "cost_usd"):
            assert sum(row[name] for row in found["rows"]) == pytest.approx(
                found["total"][name], abs=0.001
            )
        assert f"{len(found['rows'])} row" in found["total"]["label"]
        assert ("more" in found) == (
            len(found["rows"]) < len(call("usage", by=by, limit=60)["rows"])
        )
    assert found["total"]["sessions"] == 4


@pytest.mark.parametrize(
    ("by", "newest"),
    [
        ("day", ["2026-11-20", "2026-12-20"]),
        ("week", ["2026-11-16", "2026-12-14"]),
        ("month", ["2026-11", "2026-12"]),
        ("window", ["2026-11-20 14:00", "2026-12-20 14:00"]),
    ],
)
def test_of_spans_of_time_the_newest_are_shown_and_of_others_the_dearest(home, by, newest):
    made = [on_day(n) for n in (0, 30, 60, 90)]
    made[1].answer("msg_more")
    keep(home, *made)
    found = call("usage", by=by, limit=2)
    assert [row["label"] for row in found["rows"]] == newest
    assert found["more"].startswith("2 more rows")
    dearest = [row["cost_usd"] for row in call("usage", by="session", limit=2)["rows"]]
    every = [row["cost_usd"] for row in call("usage", by="session", limit=60)["rows"]]
    assert dearest == sorted(every, reverse=True)[:2] != sorted(every)[:2]


@pytest.mark.parametrize(
    "tool", ["my_practices", "what_to_try", "compare_with_team", "usage", "session"]
)
def test_nothing_in_a_range_or_a_project_is_one_sentence(home, tool):
    keep(home, on_day(1))
    given = {"id": "all"} if tool == "session" else {}
    found = call(tool, project="demo", until="2020-01-01", **given)
    assert "No session" in found["more"]
    assert not {"rows", "steps", "practices", "sessions"} & found.keys()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("subagents", "delegation"),
        ("sub-agents", "delegation"),
        ("tests", "verification"),
        ("Testing", "verification"),
        ("worktrees", "isolation"),
        ("git worktree", "isolation"),
        ("todos", "task-tracking"),
        ("TODO list", "task-tracking"),
        ("plan mode", "planning"),
        ("code review", "review"),
        ("slash commands", "skills"),
        ("commits", "committing"),
        ("/clear", "context"),
        ("interruptions", "steering"),
        ("specs", "artifacts"),
    ],
)
def test_practices_answer_to_what_people_call_them(home, said, name):
    keep(home, shipped())
    what = next(p.what for p in all_practices() if p.name == name)
    assert call("my_practices", practice=said, project="all")["what"] == what
    assert [p["name"] for p in call("compare_with_team", practice=said)["mine"]] == [name]


def test_an_unknown_practice_is_refused_with_one_that_is_near(home):
    keep(home, shipped())
    assert 'my_practices(practice="delegation")' in refused("my_practices", practice="subagentss")
    assert "No practice" in refused("compare_with_team", practice="x" * 5000)
    assert "No practice" in refused("my_practices", practice="日本")


@pytest.mark.parametrize(
    ("practice", "steps", "command", "asked"),
    [
        (
            "verification",
            (
                ("say", "Fix the cart"),
                edit("/home/dev/demo/a.py"),
                run("pytest -k cart", "1 passed in 0.1s"),
            ),
            "pytest -k cart",
            "Fix the cart",
        ),
        (
            "committing",
            (
                ("say", "Put it down"),
                edit("/home/dev/demo/a.py"),
                run("git commit -am x", "[main 1a2b3c4] x"),
            ),
            "git commit -am x",
            "Put it down",
        ),
        (
            "artifacts",
            (
                ("say", "Specify it"),
                ("call", "Write", {"file_path": "/home/dev/demo/SPEC.md", "content": "x"}),
            ),
            "SPEC.md",
            "Specify it",
        ),
        (
            "isolation",
            (
                ("say", "Go apart"),
                run("git worktree add ../side -b side"),
                edit("/home/dev/side/a.py"),
            ),
            "git worktree add",
            "Go apart",
        ),
    ],
)
def test_a_moment_shows_the_command_and_the_prompt(home, practice, steps, command, asked):
    keep(home, session(*steps))
    (moment,) = call("my_practices", practice=practice, project="all")["moments"]
    assert command in moment["text"]
    assert moment["asked"] == asked


def test_figures_that_need_one_have_a_legend(home):
    keep(home, shipped())
    assert "where it could apply" in call("my_practices", project="all")["legend"]
    assert "not a bill" in call("usage")["legend"]


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("session", {"id": "ffff"}),
        ("usage", {"project": "nosuch"}),
        ("session", {"project": "nosuch"}),
    ],
)
def test_errors_name_a_call_and_no_command_that_a_model_cannot_make(home, tool, given):
    keep(home, shipped())
    said = refused(tool, **given)
    assert "usage(by=" in said
    assert "`accrete" not in said


def test_a_tool_shows_one_row_at_least_and_as_many_at_most_as_it_says(home):
    t = Transcript(1)
    for n in range(62):
        t.prompt(f"Number {n}")
        t.answer(f"msg_{n}")
    keep(home, t)
    for limit, shown in ((-1, 1), (0, 1), (1, 1), (2, 2), (60, 60), (61, 60), (100, 60)):
        found = tools.usage("prompt", "all", None, limit)
        assert (len(found.rows), found.total and found.total.responses) == (shown, shown)
        assert (found.more or "").startswith(f"{62 - shown} more rows: limit=60, or")
    for limit, shown in ((0, 1), (1, 1), (30, 30), (31, 30)):
        hits = tools.search_history("number", "prompts", "all", None, limit)
        assert (len(hits.hits), hits.more) == (shown, "older ones: limit=30, or an earlier `until`")
    whole = tools.search_history("number 7", "prompts", "all", None, 1)
    assert (len(whole.hits), whole.more) == (1, None)
    by_day = tools.usage("day", "all", None, 1)
    assert (len(by_day.rows), by_day.more) == (1, None)


def test_what_a_tool_groups_by_or_looks_in_is_one_of_its_words(home):
    keep(home, shipped())
    with pytest.raises(AccreteError, match=r"^by must be one of day, "):
        tools.usage("colour", "all", None, 1)
    with pytest.raises(AccreteError, match=r"^where must be one of "):
        tools.search_history("add", "nowhere", "all", None, 1)
