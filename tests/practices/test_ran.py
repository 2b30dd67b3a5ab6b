"""What a person ran, stopped or handed over, and where a subagent worked, by what came back."""

from __future__ import annotations

import json

import pytest

from tests.practices.examples import READS, edit, run, session
from tests.records import kept, projects, rows
from tests.transcripts import Transcript, write_agent

A = "/home/dev/demo/parser.py"
REFUSED = "The user doesn't want to proceed with this tool use. The tool use was rejected."
BECAUSE = f"{REFUSED} The user provided the following reason for the rejection:  split it"
TREE = (
    "Done.\nagentId: a1b2c3 (use SendMessage to continue this agent)\n"
    "worktreePath: /home/dev/demo/.claude/worktrees/agent-a1"
)
SPAWN = {"subagent_type": "careful-coder", "description": "Do it", "prompt": "p"}
RED = "============ FAILURES ============\n5 failed, 6 passed in 0.30s"


def by_hand(command: str, printed: str, *before: tuple) -> Transcript:
    """A session in which a person ran a command with `!`."""
    t = session(("say", "Go"), *before)
    t.prompt(f"<bash-input>{command}</bash-input>")
    t.prompt(f"<bash-stdout>{printed}</bash-stdout><bash-stderr></bash-stderr>")
    t.prompt("And now the other thing")
    t.answer("msg_last")
    return t


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "printed", "found"),
    [
        ("uv run pytest", RED, [("test", "pytest", "failed", 6)]),
        (
            "uv run pytest",
            "============ FAILURES ============\n(the end is cut)",
            [("test", "pytest", "failed", None)],
        ),
        ("pytest -q", "6 passed in 0.30s", [("test", "pytest", "passed", 6)]),
        ("ruff check .", "All checks passed!", [("lint", "ruff", "passed", None)]),
        ("npx tsc --noEmit", "", [("lint", "tsc", "unknown", None)]),
        ("pytest", "", [("test", "pytest", "unknown", None)]),
        ("ls tests", "test_a.py", []),
        ("cat test.log", RED, []),
        ("nosuch && pytest", "zsh: command not found: pytest", []),
    ],
)
def test_a_check_that_a_person_ran_in_the_session_is_the_sessions(
    settings, command, printed, found
):
    kept(settings, by_hand(command, printed, edit(A)))
    assert rows(settings, "SELECT kind, runner, verdict, passed FROM check_run") == found
    assert rows(settings, "SELECT checks, checks_failed FROM session") == [
        (len(found), sum(each[2] == "failed" for each in found))
    ]
    assert rows(settings, "SELECT SUM(checks) FROM session_day") == [(len(found),)]
    sightings = rows(
        settings,
        "SELECT s.uuid, p.kind FROM sighting s JOIN prompt p "
        "ON p.uuid = s.uuid WHERE s.practice = 'verification'",
    )
    assert [kind for _, kind in sightings] == ["shell_input"] * len(found)


def test_a_check_by_hand_is_judged_by_what_was_printed_for_it_alone(settings):
    t = session(("say", "Go"))
    for command, printed in (("pytest a", RED), ("ls", RED), ("pytest b", "6 passed in 0.30s")):
        t.prompt(f"<bash-input>{command}</bash-input>")
        if command == "pytest a":
            t.prompt("<bash-stdout>collecting</bash-stdout><bash-stderr></bash-stderr>")
        t.prompt(f"<bash-stdout>{printed}</bash-stdout><bash-stderr></bash-stderr>")
    t.prompt(f"<task-notification><status>done</status>{RED}</task-notification>")
    t.prompt(f"Stop hook feedback: {RED}", isMeta=True)
    t.prompt(f"<local-command-stdout>Unknown skill: x\n{RED}</local-command-stdout>")
    t.prompt("<bash-input>pytest c</bash-input>")
    sub = Transcript(1, start=t.now)
    sub.prompt(f"<bash-stdout>{RED}</bash-stdout><bash-stderr></bash-stderr>")
    write_agent(projects(settings), t, sub)
    kept(settings, t)
    assert rows(settings, "SELECT verdict, passed, failed FROM check_run ORDER BY seq") == [
        ("failed", 6, 5),
        ("passed", 6, 0),
        ("unknown", None, None),
    ]


def test_a_check_by_hand_before_a_commit_is_the_check_before_it(settings):
    t = by_hand("pytest -q", "6 passed in 0.30s", edit(A))
    t.call("Bash", {"command": "git commit -am x"}, message_id="msg_c", use="toolu_c")
    t.result("[main 1a2b3c4] x", use="toolu_c")
    kept(settings, t)
    assert rows(settings, "SELECT marks FROM sighting WHERE practice = 'committing'") == [
        ("checks-green",)
    ]


def test_what_a_stop_hook_ran_is_no_check_of_the_session(settings):
    t = session(("say", "Go"), edit(A))
    t.prompt(f"Stop hook feedback:\n- [uv run pytest]: {RED}", isMeta=True)
    t.answer("msg_last")
    kept(settings, t)
    assert rows(settings, "SELECT checks FROM session") == [(0,)]


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([*READS, ("refuse", "ExitPlanMode", {"plan": "1"}, REFUSED), ("stop",)],
         ("explored", "a plan handed over")),
        ([*READS, ("refuse", "ExitPlanMode", {"plan": "1"}, BECAUSE), ("stop",)],
         ("abandoned", "no answer")),
        ([*READS, ("refuse", "Bash", {"command": "ls"}, REFUSED), ("stop",)],
         ("abandoned", "no answer")),
        ([edit(A), ("refuse", "ExitPlanMode", {"plan": "1"}, REFUSED), ("stop",)],
         ("delivered", "1 file edited, none committed")),
        ([("refuse", "ExitPlanMode", {"plan": "1"}, REFUSED), ("stop",), ("say", "With tests"),
          ("stop",)], ("abandoned", "no answer")),
    ],
)  # fmt: skip
def test_a_session_that_ends_with_a_plan_handed_over_explored(settings, steps, outcome):
    t = session(("say", "Plan it"), *steps)
    t.lines.pop()  # the answer with which examples end
    kept(settings, t)
    assert rows(settings, "SELECT outcome, outcome_reason FROM session") == [outcome]


@pytest.mark.long
@pytest.mark.parametrize(
    ("given", "said", "found"),
    [
        (SPAWN, TREE + "\nworktreeBranch: worktree-agent-a1\n<usage>x</usage>", [("own-branch",)]),
        (SPAWN, TREE, [("",)]),
        ({**SPAWN, "isolation": "worktree"}, "Done.", [("own-branch",)]),
        (SPAWN, "Done.\nagentId: a1b2c3", []),
        (SPAWN, "I read that `worktreePath: x` is printed", []),
        (SPAWN, "The file says\nworktreePath: x", []),
    ],
)
def test_a_subagent_whose_result_names_its_worktree_was_isolated(settings, given, said, found):
    kept(settings, session(("say", "Go"), ("call", "Agent", given, said), edit(A)))
    assert rows(settings, "SELECT marks FROM sighting WHERE practice = 'isolation'") == found


@pytest.mark.parametrize(("answers", "found"), [(0, 0), (1, 1)])
def test_a_subagent_that_was_stopped_was_given_work_where_it_ran(settings, answers, found):
    t = session(("say", "Go"), *READS, *READS, ("refuse", "Agent", SPAWN, REFUSED))
    kept(settings, t)
    if answers:
        agent = Transcript(1, start=t.now)
        agent.answer("msg_agent")
        folder = projects(settings) / "-home-dev-demo" / t.session / "subagents"
        folder.mkdir(parents=True)
        lines = [{**line, "isSidechain": True, "agentId": "a1b2c3"} for line in agent.lines]
        (folder / "agent-a1b2c3.jsonl").write_text(
            "".join(json.dumps(line) + "\n" for line in lines)
        )
        (folder / "agent-a1b2c3.meta.json").write_text(
            json.dumps({"agentType": "careful-coder", "toolUseId": "toolu_13"})
        )
    kept(settings)
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'delegation'") == [
        (found,)
    ]


IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x"}}
OPEN = {"type": "text", "text": "<ide_opened_file>The user opened a.py</ide_opened_file>"}
WORDS = {"type": "text", "text": "What is this an image of?"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("contents", "counts"),
    [
        ([[OPEN, IMAGE, WORDS], [IMAGE], [WORDS]], (1, 2)),
        ([[OPEN, WORDS], [OPEN], [WORDS]], (1, 1)),
        ([[WORDS], [OPEN, WORDS]], (1, 1)),
        ([[WORDS], [{"type": "text", "text": "And what is that?"}]], (2, 0)),
        ([[WORDS], [{"type": "text", "text": "What is this"}]], (2, 0)),
        ([[WORDS]], (1, 0)),
    ],
)
def test_a_prompt_that_is_written_again_at_the_same_instant_counts_once(settings, contents, counts):
    t = Transcript(1)
    for content in contents:
        t.prompt(content, after_ms=0)
    t.answer("msg_1")
    kept(settings, t)
    assert rows(settings, "SELECT prompts, prompts_replayed FROM session") == [counts]
    assert rows(settings, "SELECT SUM(prompts) FROM session_day") == [counts[:1]]


def test_the_same_words_a_second_later_are_a_prompt_of_their_own(settings):
    t = Transcript(1)
    t.prompt("go on")
    t.prompt("go on")
    t.answer("msg_1")
    kept(settings, t)
    assert rows(settings, "SELECT prompts FROM session") == [(2,)]


@pytest.mark.parametrize(("said", "prompts"), [("Mend the cart", 1), ("Mend the login", 2)])
def test_a_plan_command_and_the_prompt_that_repeats_its_words_are_one(settings, said, prompts):
    t = Transcript(1)
    t.prompt(
        "<command-name>/plan</command-name><command-message>plan</command-message>"
        "<command-args>Mend "
        "the cart</command-args>"
    )
    t.prompt(said)
    t.answer("msg_1")
    kept(settings, t)
    assert rows(settings, "SELECT prompts FROM session") == [(prompts,)]


def test_runs_of_the_program_by_claude_are_not_by_hand(settings):
    kept(settings, session(("say", "Go"), edit(A), run("pytest -q", "6 passed in 0.30s")))
    assert rows(settings, "SELECT tool_use_id <> '' FROM check_run") == [(1,)]
