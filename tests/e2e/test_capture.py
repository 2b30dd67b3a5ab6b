"""The real client, offline: `accrete init`, then scripted sessions; the record holds what was
scripted, seconds after it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.api import slow, text, use
from tests.e2e.client import Place, Screen
from tests.fuzz import TORTURE
from tools.claude_client import OLDER

pytestmark = pytest.mark.slow


def sessions(p: Place) -> dict[str, dict]:
    return {row["id"]: row for row in p.asked("sessions", "--all")}


def session_when(p: Place, identity: str, fits) -> dict:
    """The session as soon as it is as expected: the hook's ingest runs by itself."""
    seen: list[dict[str, dict]] = []
    written: list[tuple[int, int]] | None = None

    def look() -> bool:
        nonlocal written
        before, written = written, p.written()
        if written == before:  # to ask is a process each time
            return False
        seen.append(sessions(p))
        return identity in seen[-1] and fits(seen[-1][identity])

    assert p.until(look), json.dumps(seen[-1].get(identity))
    return seen[-1][identity]


def test_what_is_scripted_is_in_the_record_seconds_after(place):
    p = place({
        "The add function subtracts": [
            [text("I look first."), use("Read", file_path="calc.py")],
            [use("Edit", file_path="calc.py", old_string="return a - b",
                 new_string="return a + b")],
            [use("Bash", command="git commit -qam 'Fix add'", description="Commit")],
            [use("Bash", command="python3 -c 'import calc; assert calc.add(2, 3) == 5'",
                 description="Check")],
            [text("It adds now.")],
        ],
        "Find out what calc does": [
            [use("Agent", description="Look at calc", prompt="Say what calc.py does.",
                 subagent_type="Explore")],
            [text("It adds.")],
        ],
        "Say what calc.py does": [[use("Bash", command="ls", description="List")],
                                  [text("It has one function.")]],
        "Greet the person": [[text("Hello Ada.")]],
        "Follow these steps to tidy": [[text("Tidied.")]],
        "Use the tidy skill": [[use("Skill", skill="tidy", args="calc.py")],
                               [text("Tidied by the skill.")]],
        "Remove everything": [[use("Bash", command="rm -rf important", description="Remove")],
                              [text("It was refused.")]],
        "Go on with it": [[text("I went on.")]],
        "Take another way": [[text("Another way.")]],
    })  # fmt: skip
    skill = (
        "---\nname: tidy\ndescription: Tidy a file.\n---\nFollow these steps to tidy $ARGUMENTS."
    )
    for name, words in (
        ("commands/greet.md", "Greet the person called $ARGUMENTS."),
        ("skills/tidy/SKILL.md", skill),
    ):
        path = p.repository / ".claude" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words)
    before = """{
   "skipDangerousModePermissionPrompt": true,
   "permissions": {"deny": ["WebFetch"]},
   "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "true"}]}]}
}"""
    (p.home / ".claude" / "settings.json").write_text(before)
    said = p.accrete("init", "--yes")
    assert "SessionStart" in said

    fixed = p.say("The add function subtracts. Fix it and commit.")
    row = session_when(p, fixed, lambda s: s["outcome"] == "shipped" and s["tool_calls"] == 4)
    assert (row["prompts"], row["tool_calls"], row["edits_landed"], row["automated"]) == (
        1,
        4,
        1,
        1,
    )
    assert row["local_day"]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=p.repository,
        env=p.env(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    shown = p.asked("show", fixed)
    (commit,) = [c for item in shown["items"] for c in item["commits"]]
    assert commit["sha"].startswith(head[:7])  # it was quiet: git was asked

    found_out = p.say("Find out what calc does.")
    row = session_when(p, found_out, lambda s: s["agents"] == 1 and s["responses_delegated"] >= 1)
    assert row["agents"] == 1
    assert row["cost_delegated_nano"] > 0

    greeted = p.say("/greet Ada")
    skilled = p.say("Use the tidy skill on calc.py.")
    session_when(p, skilled, lambda s: s["outcome"] == "explored")
    skills = {m["session"]: m for m in p.asked("practices", "skills", "--automated")["moments"]}
    assert {greeted, skilled} <= skills.keys()

    refused = p.say("Remove everything.", mode="dontAsk")
    assert session_when(p, refused, lambda s: s["tool_errors"] == 1)["tool_calls"] == 1

    again = p.say("Go on with it.", "--resume", fixed)
    assert again == fixed
    session_when(p, fixed, lambda s: s["prompts"] == 2)
    forked = p.say("Take another way.", "--resume", fixed, "--fork-session")
    row = session_when(p, forked, lambda s: s["responses"] == 1)
    # the copied lines belong to the first session
    assert (row["prompts"], row["responses"]) == (1, 1)
    assert sessions(p)[fixed]["prompts"] == 2

    came = p.events()
    runs = 7
    assert came["SessionStart"] == came["SessionEnd"] == runs
    assert (
        came["Stop"] == came["UserPromptSubmit"] >= runs
    )  # the end of a subagent in the background is a turn of its own
    assert p.asked("status")["waiting"] == 0
    assert p.rows("SELECT DISTINCT zone, zone_assumed FROM session") == [("Europe/Lisbon", 0)]

    p.accrete("uninstall", "--yes")
    assert (p.home / ".claude" / "settings.json").read_text() == before
    assert "accrete" not in json.loads((p.home / ".claude.json").read_text()).get("mcpServers", {})
    count = len(sessions(p))
    p.say("Go on with it.")
    assert len(sessions(p)) == count  # nothing is captured any more


def test_compaction_and_a_session_in_a_worktree_that_moves(place):
    p = place(
        {
            "Remember blue": [[text("Noted.")]],
            "What do you remember": [[text("Blue.")]],
            "Work over there": [
                [
                    use(
                        "Bash",
                        command="echo x > made.txt && git add -A && git commit -qm 'Made'",
                        description="Work",
                    )
                ],
                [text("Done.")],
            ],
        }
    )
    p.accrete("init", "--yes", "--no-mcp")
    first = p.say("Remember blue.")
    p.say("/compact", "--resume", first)
    p.say("What do you remember?", "--resume", first)
    row = session_when(p, first, lambda s: s["compactions"] == 1 and s["prompts"] >= 2)
    assert row["compactions"] == 1
    moved = p.say("Work over there.", "--worktree", "side")
    row = session_when(p, moved, lambda s: s["outcome"] == "shipped")
    assert row["outcome"] == "shipped"
    assert row["project_name"] == "demo"  # worktrees fold into their repository


@pytest.mark.grid
@pytest.mark.parametrize("version", ["2.1.53", OLDER] if TORTURE else [OLDER])
def test_hooks_fire_in_older_clients(place, version):
    p = place({"Say hello": [[text("Hello.")]]}, version)
    (p.home / ".claude" / "settings.json").write_text("{}")
    p.accrete("init", "--yes", "--no-mcp")
    identity = p.say("Say hello to me.")
    # an older client warms its agents up, which answer something too
    row = session_when(p, identity, lambda s: s["responses_own"] == 1)
    assert (row["prompts"], row["version"]) == (1, version)
    p.until(lambda: len(p.events()) == 4)
    assert p.events() == {"SessionEnd": 1, "SessionStart": 1, "Stop": 1, "UserPromptSubmit": 1}


def plan_written(request: dict) -> list[dict]:
    """A call that writes the plan where the client says that it belongs."""
    import re

    places = re.findall(r"(/[^\s\"`\\]*?/plans/[A-Za-z0-9-]+\.md)", json.dumps(request))
    return [
        use("Write", file_path=places[-1], content="# Plan\n\n1. Fix add.\n")
        if places
        else text("No place for a plan.")
    ]


def test_a_person_at_the_terminal(place):
    p = place({
        "Plan the fix": [[use("ToolSearch", query="select:ExitPlanMode", max_results=3)],
                         plan_written, [use("ExitPlanMode", plan="# Plan\n\n1. Fix add.\n")],
                         [text("I wait.")]],
        "Try it again": [[use("ExitPlanMode", plan="# Plan\n\n1. Fix add.\n2. Test.\n")],
                         [use("Read", file_path="calc.py")],
                         [use("Edit", file_path="calc.py", old_string="return a - b",
                              new_string="return a + b")], [text("Carried out.")]],
        "Tell a long story": [slow("Once upon a time there was a made-up story "
                                   "that never ended. " * 40)],
        "Work for three seconds": [[use("Bash", command="sleep 3; echo worked",
                                        description="Work")], [text("Worked, and saw the line.")],
                                        [text("And done.")]],
        "A line put in meanwhile": [[text("Answered the line.")]],
        "And now go on": [[text("I go on.")]],
    })  # fmt: skip
    p.accrete("init", "--yes", "--no-mcp")
    screen = Screen(p, "--permission-mode", "plan")
    screen.say("Plan the fix of add.")
    screen.wait(r"Would you like to proceed|Ready to code|ready to execute")
    screen.settle()
    screen.keys("\x1b")
    screen.settle(1.0)
    screen.say("Try it again, with a test.")
    screen.wait(r"Would you like to proceed|Ready to code|ready to execute")
    screen.settle()
    screen.keys("1")
    screen.wait("Carried out")
    screen.settle()
    screen.say("Tell a long story.")
    screen.wait("Once upon")
    screen.keys("\x1b")
    screen.wait("[Ii]nterrupted")
    screen.settle()
    screen.say("And now go on.")
    screen.wait("I go on")
    screen.settle()
    screen.say("Work for three seconds.")
    screen.settle(1.2, 4)
    if "Do you want to proceed" in screen.text():
        screen.keys("1")
        screen.settle(0.4, 1)
    screen.say("A line put in meanwhile.")
    screen.wait("Worked, and saw|Answered the line", 30)
    screen.settle(1.5)
    screen.close()
    assert p.until(lambda: any(s["interruptions"] and s["plan_mode"] for s in sessions(p).values()))
    p.until(lambda: p.events().get("SessionEnd"))
    (row,) = [s for s in sessions(p).values() if s["prompts"] >= 4]
    assert row["plan_mode"] == 1
    assert row["automated"] == 0
    assert row["interruptions"] >= 1
    assert row["edits_landed"] == 2  # the plan is a file too
    assert row["prompts"] + row["prompts_queued"] == 6
    planning = p.asked("practices", "planning")["moments"]
    assert any("approved" in m["marks"] for m in planning)
    steering = {m["note"] for m in p.asked("practices", "steering")["moments"]}
    assert "interrupted" in steering
    assert p.events()["SessionEnd"] == 1


CALLS = (
    ("my_practices", {"project": "all"}),
    ("what_to_try", {}),
    ("compare_with_team", {}),
    ("search_history", {"words": "subtracts", "project": "all"}),
    ("session", {"id": "current"}),
    ("usage", {"by": "model"}),
)


def test_claude_asks_each_tool(place):
    names = [f"mcp__accrete__{name}" for name, _ in CALLS]
    p = place(
        {
            "The add function subtracts": [[text("I see.")]],
            "Ask about me": [
                [use("ToolSearch", query="select:" + ",".join(names), max_results=9)],
                *[[use(name, **given)] for name, (_, given) in zip(names, CALLS, strict=True)],
                [text("Asked.")],
            ],
        }
    )
    p.accrete("init", "--yes")
    p.say("The add function subtracts, look at it.")
    identity = p.say("Ask about me.", "--allowedTools", "mcp__accrete")
    row = session_when(p, identity, lambda s: s["tool_calls"] == 1 + len(CALLS))
    assert (row["tool_calls"], row["tool_errors"]) == (1 + len(CALLS), 0)
    shown = {
        item["call"]["tool"]: item["call"]
        for item in p.asked("show", identity)["items"]
        if item["call"]
    }
    assert set(names) <= shown.keys()
    answers = {
        name: json.loads(shown[name]["output"])
        for name in names
        if shown[name]["output"].startswith("{") and "left out" not in shown[name]["output"]
    }
    assert answers["mcp__accrete__compare_with_team"]["team_connected"] is False
    assert any(
        "**subtracts**" in hit["excerpt"] for hit in answers["mcp__accrete__search_history"]["hits"]
    )
    asked = [json.dumps(request) for request in p.api.asked]
    assert any(
        "Accrete is the user's own record" in request for request in asked
    )  # the instructions reached the model


PLUGIN = Path(__file__).resolve().parents[2]


def test_the_plugin_works_from_a_marketplace_and_counts_nothing_twice(place):
    p = place(
        {
            "Say hello": [[text("Hello.")]],
            "Ask about me": [
                [
                    use(
                        "ToolSearch",
                        query="select:mcp__plugin_accrete_accrete__usage",
                        max_results=3,
                    )
                ],
                [use("mcp__plugin_accrete_accrete__usage", by="model")],
                [text("Asked.")],
            ],
        }
    )
    market = p.home / "market"
    shutil.copytree(PLUGIN / "hooks" / "plugin", market / "hooks" / "plugin")
    shutil.copytree(PLUGIN / ".claude-plugin", market / ".claude-plugin")

    def client(*words: str) -> str:
        done = subprocess.run(
            [p.client, *words],
            cwd=p.repository,
            env=p.env(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    client("plugin", "validate", "--strict", str(market / "hooks" / "plugin"))
    client("plugin", "validate", "--strict", str(market))
    client("plugin", "marketplace", "add", str(market))
    client("plugin", "install", "accrete@accrete")
    alone = p.say("Say hello to me.")
    assert p.until(lambda: p.accrete("ingest") is not None)
    assert session_when(p, alone, lambda s: s["responses"] == 1)["prompts"] == 1
    p.accrete("init", "--yes", "--no-mcp")
    both = p.say("Say hello to me, twice over.")
    session_when(p, both, lambda s: s["responses"] == 1)
    assert p.until(lambda: p.asked("status")["waiting"] == 0)
    assert p.events()["Stop"] == 2
    asked = p.say("Ask about me.", "--allowedTools", "mcp__plugin_accrete_accrete")
    assert session_when(p, asked, lambda s: s["tool_calls"] == 2)["tool_errors"] == 0
