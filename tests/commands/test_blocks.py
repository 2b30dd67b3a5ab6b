"""Five-hour windows, costs by model, today, and what is looked for in one session."""

from __future__ import annotations

import pytest

from accrete.clock import ISO, LocalNow
from tests.commands.made import asked
from tests.transcripts import START, Transcript

HOUR = 3_600_000
NOW = START - START % (24 * HOUR) + (30 * 24 + 12) * HOUR + 20 * 60_000
"""Twenty past noon, 30 days later."""


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """A session of a minute ago is one of today, whenever these tests run."""
    monkeypatch.setattr(
        "accrete.commands.common.local_now", lambda settings: LocalNow(settings.zone, NOW, ISO)
    )


def worked(
    n: int, start: int, models: tuple[str, ...] = ("claude-opus-5",), cwd: str = "/home/dev/demo"
) -> Transcript:
    """A prompt, and a minute later one response of each model."""
    t = Transcript(n, start=start, cwd=cwd)
    t.prompt(f"work {n}", after_ms=0)
    for index, model in enumerate(models):
        t.answer(
            f"msg_{n}_{index}",
            model=model,
            after_ms=60_000,
            usage={
                "input_tokens": 1_000_000 * (index + 1),
                "output_tokens": 0,
                "cache_read_input_tokens": 0,
            },
        )
    return t


def test_the_running_block_has_a_pace_and_a_projection(run, kept):
    begins = NOW - NOW % HOUR - HOUR
    kept(
        worked(1, START),
        worked(2, begins + 60_000),
        worked(3, NOW - 120_000, ("claude-opus-5", "claude-sonnet-5")),
    )
    old, running = asked(run, "blocks")
    assert (old["running"], old["pace"]) == (False, None)
    assert (running["running"], running["begins"], running["ends"]) == (
        True,
        begins,
        begins + 5 * HOUR,
    )
    used, pace = running["used"], running["pace"]
    assert used["sessions"] == 2
    assert sum(row["cost_nano"] for row in running["models"]) == used["cost_nano"] > 0
    minutes = (NOW - running["first_at"]) / 60_000
    left = (running["ends"] - NOW) / 60_000
    assert pace["tokens_per_minute"] == pytest.approx(used["input_tokens"] / minutes)
    assert pace["cost_nano_at_end"] == pytest.approx(used["cost_nano"] * (1 + left / minutes))
    assert pace["minutes_left"] == pytest.approx(left, abs=1)
    assert [each["begins"] for each in asked(run, "blocks", "--active")] == [begins]
    assert [each["begins"] for each in asked(run, "blocks", "-n", "1")] == [begins]
    out = run("blocks")[1]
    assert "running" in out
    assert "At this pace:" in out


def test_a_block_that_ended_has_no_pace_and_none_running_is_said(run, kept):
    kept(worked(1, START), worked(2, START + 2 * HOUR), worked(3, START + 6 * HOUR))
    found = asked(run, "blocks")
    assert [each["used"]["sessions"] for each in found] == [2, 1]
    assert [each["pace"] for each in found] == [None, None]
    assert "No window is open" in run("blocks", "--active")[1]
    by_window = asked(run, "cost", "--by", "window")["rows"]
    assert [int(row["key"]) for row in by_window] == [each["begins"] for each in found]


def test_a_window_takes_what_is_within_five_hours_of_its_full_hour_and_no_more(run, kept):
    begins = START - START % HOUR
    times = [13 * 60_000, 5 * HOUR - 1, 5 * HOUR, 10 * HOUR - 1, 10 * HOUR, 19 * HOUR]
    kept(*(worked(n, begins + at - 60_000) for n, at in enumerate(times, 1)))
    found = asked(run, "blocks")
    assert [(each["begins"] - begins, each["used"]["responses"]) for each in found] == [
        (0, 2),
        (5 * HOUR, 2),
        (10 * HOUR, 1),
        (19 * HOUR, 1),
    ]
    assert [(each["first_at"] - begins, each["last_at"] - begins) for each in found] == [
        (times[0], times[1]),
        (times[2], times[3]),
        (times[4], times[4]),
        (times[5], times[5]),
    ]


def test_a_week_is_from_monday_to_sunday_and_counts_a_session_once(run, kept):
    monday = 1_789_948_800_000  # 2026-09-21
    day = 24 * HOUR
    long = worked(1, monday)
    long.answer("msg_1_sunday", after_ms=7 * day - 60_001)  # the last millisecond of the week
    long.answer("msg_1_next", after_ms=1)
    kept(worked(2, monday - 60_001), long, worked(3, monday + 3 * day))
    rows = asked(run, "cost", "--by", "week")["rows"]
    assert [(row["key"], row["sessions"], row["responses"]) for row in rows] == [
        ("2026-09-14", 1, 1),
        ("2026-09-21", 2, 3),
        ("2026-09-28", 1, 1),
    ]


BY = [
    "day",
    "week",
    "month",
    "project",
    "branch",
    "session",
    "prompt",
    "window",
    "outcome",
    "skill",
    "plugin",
    "mcp-server",
]


@pytest.mark.long
@pytest.mark.parametrize("by", BY)
def test_a_breakdown_by_model_adds_up_to_its_row(by, run, kept):
    kept(
        worked(1, START, ("claude-opus-5", "claude-sonnet-5")),
        worked(2, START + 9 * HOUR, ("claude-haiku-4-5", "unheard-of-1")),
        worked(3, START + 40 * HOUR, cwd="/home/dev/other"),
    )
    found = asked(run, "cost", "--by", by, "--breakdown")
    assert len({model["key"] for row in found["rows"] for model in row["models"]}) == 4
    for row in found["rows"]:
        for figure in ("cost_nano", "responses", "input_tokens", "unpriced"):
            assert sum(model[figure] for model in row["models"]) == row[figure], (
                by,
                row["key"],
                figure,
            )
    assert "models" not in asked(run, "cost", "--by", by)["rows"][0]
    assert "claude-sonnet-5" in run("cost", "--by", by, "--breakdown")[1]
    assert "claude-sonnet-5" not in run("cost", "--by", by)[1]


def test_sessions_have_their_day_and_project_in_costs(run, kept):
    kept(worked(1, START), worked(2, START + 40 * HOUR, cwd="/home/dev/other"))
    rows = {row["key"][:8]: row for row in asked(run, "cost", "--by", "session")["rows"]}
    assert [(rows[key]["local_day"], rows[key]["project_name"]) for key in sorted(rows)] == [
        ("2026-09-21", "demo"),
        ("2026-09-23", "other"),
    ]
    out = run("cost", "--by", "session", columns=120)[1]
    assert all(word in out for word in ("2026-09-21", "2026-09-23", "demo", "other"))


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        ("sessions",),
        ("cost", "--by", "project"),
        ("overview", "--all"),
        ("projects",),
        ("search", "work"),
        ("figures", "--by", "project"),
        ("blocks",),
    ],
    ids=" ".join,
)
def test_a_project_can_be_left_out_everywhere(command, run, kept):
    kept(
        worked(1, START),
        worked(2, START + HOUR, cwd="/home/dev/other"),
        worked(3, START + 2 * HOUR, cwd="/home/dev/third"),
    )
    out = run(*command, "--exclude-project", "other", columns=160)[1]
    assert "other" not in out
    assert command[0] == "blocks" or ("demo" in out and "third" in out)
    both = run(*command, "--exclude-project", "other", "--exclude-project", "demo", columns=160)[1]
    assert "demo" not in both
    assert "other" in run(*command, columns=160)[1] or command[0] == "blocks"
    assert run(*command, "--exclude-project", "nothere")[0] == 1


def test_what_is_left_out_and_the_rest_add_up(run, kept):
    kept(
        worked(1, START),
        worked(2, START + HOUR, cwd="/home/dev/other"),
        worked(3, START + 2 * HOUR, cwd="/home/dev/third"),
    )

    def cost(*args: str) -> int:
        return asked(run, "cost", *args)["total"]["cost_nano"]

    assert cost("--exclude-project", "other") + cost("--project", "other") == cost()


def test_a_project_can_be_left_out_of_today(run, kept):
    kept(worked(1, NOW - 60_000), worked(2, NOW - 120_000, cwd="/home/dev/other"))
    both, one = asked(run, "today"), asked(run, "today", "--exclude-project", "other")
    assert one == asked(run, "today", "--project", "demo")
    assert one != both
    assert run("today", "--exclude-project", "nothere")[0] == 1


def test_today_is_the_first_screen_of_today(run, kept):
    kept(worked(1, START), worked(2, NOW - 60_000))
    assert asked(run, "today") == asked(run, "overview", "--since", "today")
    out = run("today")[1]
    assert out == run("overview", "--since", "today")[1]
    assert len(out.splitlines()) <= 23


def looked_into() -> Transcript:
    t = Transcript(1)
    t.prompt("Find the kiwi")
    t.call("Bash", {"command": "grep -r kiwi ."}, message_id="msg_a", use="toolu_a")
    t.result("src/fruit.py: kiwi = 1", use="toolu_a")
    t.answer("msg_b", blocks=[{"type": "text", "text": "It is in fruit.py."}])
    t.prompt("Read it")
    t.call("Read", {"file_path": "/home/dev/demo/src/fruit.py"}, message_id="msg_c", use="toolu_c")
    t.result("Papaya", use="toolu_c")
    t.answer("msg_d", blocks=[{"type": "text", "text": "Nothing else."}])
    return t


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "prompts", "tools"),
    [
        (["--tool", "Bash"], [1], ["Bash"]),
        (["--tool", "read"], [2], ["Read"]),
        (["--grep", "KIWI"], [1], ["Bash"]),
        (["--grep", "fruit.py"], [1, 2], ["Bash", "Read"]),
        (["--tool", "Read", "--grep", "fruit"], [2], ["Read"]),
        (["--tool", "Read", "--grep", "kiwi"], [], []),
        (["--tool", "Edit"], [], []),
    ],
)
def test_one_session_is_searched_by_tool_and_by_word(options, prompts, tools, run, kept):
    kept(looked_into())
    items = asked(run, "show", "latest", *options)["items"]
    assert [item["number"] for item in items if item["kind"] == "typed_prompt"] == prompts
    assert [item["call"]["tool"] for item in items if item["call"]] == tools
    out = run("show", "latest", *options)[1]
    assert ("accrete search" in out) == (not prompts)
    assert ("Find the kiwi" in out.split("\n", 4)[-1]) == (1 in prompts)


@pytest.mark.long
@pytest.mark.parametrize(
    ("cwd", "path", "shown"),
    [
        ("/home/dev/demo", "/home/dev/demo/src/fruit.py", "src/fruit.py"),
        ("/home/dev/demo", "/home/dev/demo-two/fruit.py", "/home/dev/demo-two/fruit.py"),
        ("/home/dev/demo", "/etc/hosts", "/etc/hosts"),
        ("C:\\work\\demo", "C:\\work\\demo\\src\\fruit.py", "src\\fruit.py"),
    ],
)
def test_paths_are_shown_relative_to_the_project_and_are_whole_in_json(cwd, path, shown, run, kept):
    t = Transcript(1, cwd=cwd)
    t.prompt("Read it")
    t.call("Read", {"file_path": path}, message_id="msg_c", use="toolu_c")
    t.result("Papaya", use="toolu_c")
    kept(t)
    assert f"Read  {shown}\n" in run("show", "latest")[1]
    assert asked(run, "show", "latest")["items"][1]["call"]["target"] == path


COUNTED = {
    ("sessions",): "",
    ("projects",): "",
    ("blocks",): "",
    ("search", "work"): "",
    ("debug", "Done"): "",
    ("practices",): "",
    ("practices", "context"): "moments",
    ("cost",): "rows",
    ("cost", "--by", "session"): "rows",
    ("figures", "--by", "project"): "groups",
}


@pytest.mark.long
@pytest.mark.parametrize("command", COUNTED, ids=" ".join)
def test_n_is_the_number_of_rows_in_every_command(command, run, kept):
    for n in range(1, 5):
        t = worked(n, START + n * 30 * HOUR, cwd=f"/home/dev/p{n}")
        t.prompt("/compact")
        kept(t)
    key = COUNTED[command]
    whole = asked(run, *command)
    whole = whole[key] if key else whole
    for option in ("-n", "--limit"):
        some = asked(run, *command, option, "2")
        some = some[key] if key else some
        assert len(some) == min(2, len(whole))
        assert all(row in whole for row in some)
    assert len(whole) > 2 or command[0] == "practices"
    assert run(*command, "-n", "2")[0] == 0
    assert run(*command, "-n", "0")[0] == 2
