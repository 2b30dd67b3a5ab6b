"""What an independent reading of sightings and near misses found wrong, held as it was mended."""

from __future__ import annotations

import pytest

from accrete.outcomes.checks import checks_of
from accrete.outcomes.commits import commits_of
from accrete.outcomes.shell import commands
from tests.practices.examples import READS, edit, run, session, slash
from tests.records import kept, rows
from tests.transcripts import Transcript

LINT = ("fail", "Bash", {"command": "bun run lint"}, "Exit code 1")
A, SPEC = "/home/dev/demo/parser.py", "/home/dev/demo/SPEC.md"


def write(path: str) -> tuple:
    return ("call", "Write", {"file_path": path, "content": "x"})


def read(path: str) -> tuple:
    return ("call", "Read", {"file_path": path})


def seen(settings, practice: str, *steps: tuple) -> list[tuple[str, str]]:
    """(note, marks) of a practice's sightings in a session of these steps."""
    kept(settings, session(("say", "Go on with it"), *steps))
    return rows(
        settings, f"SELECT note, marks FROM sighting WHERE practice = '{practice}' ORDER BY seq"
    )


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([write(SPEC), edit(A), read(SPEC)], [("SPEC.md", "before-code read-again")]),
        ([write(SPEC), edit(A), read(SPEC), edit(SPEC)], [("SPEC.md", "before-code")]),
        ([write(SPEC)], [("SPEC.md", "")]),
        ([edit(A), write(SPEC)], [("SPEC.md", "")]),
        ([write("/home/dev/demo/.claude/worktrees/one/SPEC.md"), edit(A),
          read("/home/dev/demo/SPEC.md")], [("SPEC.md", "before-code read-again")]),
        ([write("/home/dev/demo/.github/copilot-instructions.md"),
          write("/home/dev/demo/.github/instructions/a.instructions.md")], []),
    ],
)  # fmt: skip
def test_artifacts_that_were_written_and_read_again(settings, steps, found):
    assert seen(settings, "artifacts", *steps) == found


def test_a_figure_put_right_in_a_document_is_no_artifact(settings):
    t = session(("say", "Count"))
    t.call(
        "Edit",
        {"file_path": SPEC, "old_string": "8", "new_string": "7"},
        message_id="msg_e",
        use="toolu_e",
    )
    t.result("ok", use="toolu_e", toolUseResult={"structuredPatch": [HUNK]})
    t.answer("msg_f")
    kept(settings, t)
    assert rows(settings, "SELECT note FROM sighting WHERE practice = 'artifacts'") == []


HUNK = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-8", "+7"]}
REJECTED = "The user doesn't want to proceed with this tool use. The tool use was rejected."
WHY = f"{REJECTED} The user provided the following reason for the rejection:  use pnpm"


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, WHY), ("say", "no")],
         [("refused", "specific")]),
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, REJECTED), ("say", "no")],
         [("refused", "")]),
        ([*READS, ("stop",), ("say", "push it now")], [("interrupted", "specific")]),
        ([*READS, ("refuse", "ExitPlanMode", {"plan": "1"}, REJECTED), ("stop",)], []),
        ([("refuse", "ExitPlanMode", {"plan": "1"}, REJECTED), ("stop",),
          ("say", "With tests please")], [("interrupted", "early specific")]),
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, WHY), ("stop",)],
         [("refused", "specific")]),
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, WHY), *READS[:1], ("stop",),
          ("say", "no")], [("refused", "specific"), ("interrupted", "")]),
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, REJECTED), ("stop",), ("say", "no")],
         [("interrupted", "")]),
        ([*READS, *[("refuse", "Bash", {"command": "npm i"}, WHY)] * 3, ("say", "no")],
         [("refused", "specific"), ("refused", "specific"), ("refused", "")]),
        ([*READS, ("refuse", "Bash", {"command": "npm i"}, WHY), ("say", "Go on"), ("stop",)],
         [("refused", "specific"), ("interrupted", "early")]),
    ],
)  # fmt: skip
def test_steering_with_reasons_and_without(settings, steps, found):
    assert seen(settings, "steering", *steps) == found


def queued(t: Transcript, operation: str, content: str | None = None) -> None:
    t.add("queue-operation", operation=operation, **({"content": content} if content else {}))
    del t.lines[-1]["uuid"]  # the client gives these none


@pytest.mark.long
@pytest.mark.parametrize(
    ("version", "operations", "given"),
    [
        ("2.1.39", [("enqueue", "is it running?"), ("popAll", "is it running?"),
                    ("enqueue", "use the cache"), ("remove", None)], 1),
        ("2.1.39", [("enqueue", "one"), ("enqueue", "two"), ("popAll", "one"), ("popAll", "two")],
         0),
        ("2.1.39", [("enqueue", "use the cache"), ("dequeue", None), ("popAll", "use the cache")],
         0),
        ("2.1.39", [("enqueue", "use the cache"), ("remove", None), ("enqueue", "and more"),
                    ("popAll", None)], 1),
        ("2.1.39", [("enqueue", '{"task_id": "a1"}'), ("enqueue", "use the cache"),
                    ("remove", None), ("popAll", None)], 0),
        ("2.1.329", [("enqueue", "use the cache")], 1),
    ],
)  # fmt: skip
def test_a_queued_text_that_was_taken_back_is_no_prompt_and_steers_nothing(
    settings, version, operations, given
):
    t = session(("say", "Go"), *READS, version=version)
    for operation, content in operations:
        queued(t, operation, content)
    t.answer("msg_f")
    kept(settings, t)
    assert rows(settings, "SELECT prompts_queued FROM session") == [(given,)]
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'steering'") == [(given,)]


@pytest.mark.parametrize(
    ("words", "given", "steers"),
    [
        ("/login page shows 404", True, 1),
        ("/login page shows 404", False, 0),
        ("/tmp/err.log has the reason", True, 1),
        ("/tmp/err.log has the reason", False, 1),
        ("/cost", False, 0),
    ],
)
def test_what_begins_with_a_slash_steers_unless_it_is_a_command(settings, words, given, steers):
    t = session(("say", "Go"), *READS)
    queued(t, "enqueue", words)
    queued(t, "remove")
    if given:
        t.add("attachment", attachment={"type": "queued_command", "prompt": words,
                                        "commandMode": "prompt"})  # fmt: skip
    t.answer("msg_f")
    kept(settings, t)
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'steering'") == [
        (steers,)
    ]


def test_a_queued_prompt_that_claude_was_given_steers_whatever_is_taken_back_later(settings):
    t = session(("say", "Go"), *READS)
    queued(t, "enqueue", "use the cache")
    queued(t, "remove")
    t.add(
        "attachment",
        attachment={"type": "queued_command", "prompt": "use the cache", "commandMode": "prompt"},
    )
    queued(t, "enqueue", "another thing")
    queued(t, "popAll", "another thing")
    t.answer("msg_f")
    kept(settings, t)
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'steering'") == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([edit(A), run('python -c "import parser; print(parser.x)"')],
         [("tried", "green-at-the-end")]),
        ([edit(A), run("python3 -c \"import json; json.load(open('/tmp/other.json'))\"")], []),
        ([run('python -c "import parser"'), edit(A)], []),
        ([edit("/home/dev/demo/other.py"), run('python -c "import parser"'), edit(A)], []),
        ([edit("/home/dev/demo/other.py"), run("python parser.py"), edit(A)], []),
        ([edit(A), run('python -c "import parser"'), edit(A)], [("tried", "")]),
        ([edit(A), run("python parser.py"), edit(A)], [("tried", "")]),
        ([edit(A), run('python -c "parser = 1; print(parser)"')], []),
        ([edit(A), run("python3 -c \"import json; "
                       "print(json.load(open('/tmp/x.json'))['parser'])\"")], []),
        ([edit(A), run("python3 -c \"open('parser.py', 'w').write('x')\"")], []),
        ([edit("/home/dev/demo/src/fmt.ts"), run("node -e \"require('./src/fmt').x()\"")],
         [("tried", "green-at-the-end")]),
        ([edit("/home/dev/demo/.gitignore"), run("pytest", "1 passed in 0.1s")], []),
        ([edit("/home/dev/demo/requirements-dev.txt"), run("pytest", "1 passed in 0.1s")],
         [("pytest", "green-at-the-end")]),
        ([edit(A), run("uv run python src/parser.py --demo")], [("tried", "green-at-the-end")]),
        ([edit(A), run("python src/parser.py | head -3")], [("tried", "")]),
        ([edit("/home/dev/demo/deploy.sh"), run("./deploy.sh --dry")],
         [("tried", "green-at-the-end")]),
        ([edit(A), run("cat parser.py")], []),
        ([edit(A), run("npx knip", "")], [("knip", "green-at-the-end")]),
        ([edit("/home/dev/demo/paper.tex"), run("pdflatex paper.tex", "")],
         [("latex", "green-at-the-end")]),
        ([edit(A), LINT, run("bun run typecheck", "")], [("bun", ""), ("bun", "green-at-the-end")]),
        ([edit(A), LINT, run("bun run lint", "")],
         [("bun", ""), ("bun", "failure-fixed green-at-the-end")]),
        ([edit(A), run("pytest", "2 passed in 0.1s"), run("eslint . | tail", "")],
         [("pytest", "green-at-the-end"), ("eslint", "")]),
        ([edit(A), run("pytest", "2 passed in 0.1s"), run("pytest -k b", "1 failed in 0.1s")],
         [("pytest", ""), ("pytest", "")]),
    ],
)  # fmt: skip
def test_verification_of_what_was_edited(settings, steps, found):
    assert seen(settings, "verification", *steps) == found


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([edit("/home/dev/demo/CLAUDE.md"), edit("/home/dev/demo/CLAUDE.md")],
         [("CLAUDE.md", "memory")]),
        ([("say", "Fails:\n    @pytest.mark.tui\n    def test_x():\n        pass")], []),
        ([("say", "Fails:\n    @app.route('/x')\n    def x(): pass\nsee @src/app.py")],
         [("@src/app.py", "mention")]),
        ([slash("clear"), slash("exit")], [("/clear", "")]),
        ([slash("clear"), ("say", "Now the other thing")], [("/clear", "between-tasks")]),
        ([slash("init")], []),
    ],
)  # fmt: skip
def test_context_that_is_kept(settings, steps, found):
    assert seen(settings, "context", *steps) == found


def test_a_worktree_session_whose_subagents_files_are_gone_ran_in_one(settings):
    t = session(
        ("say", "Go"),
        ("call", "Agent", {"subagent_type": "general-purpose", "description": "Do", "prompt": "p"}),
        cwd="/home/dev/demo/.claude/worktrees/side",
    )
    kept(settings, t)
    assert rows(settings, "SELECT note FROM sighting WHERE practice = 'isolation'") == [
        ("ran in a worktree",)
    ]


@pytest.mark.parametrize(
    ("command", "status", "output", "verdicts"),
    [
        (
            "bun run typecheck",
            "error",
            "<tool_use_error>Sibling tool call errored</tool_use_error>",
            [],
        ),
        ("npx biome check x | tail", "ok", "Checked 0 files in 3ms", []),
        (
            "npx biome check x | tail",
            "ok",
            "Checked 12 files in 30ms. No fixes applied.",
            ["passed"],
        ),
        (
            "pytest -k x",
            "error",
            "Exit code 5\ncollected 205 items / 205 deselected / 0 selected",
            [],
        ),
        (
            "ruff check nowhere",
            "error",
            "Exit code 1\nE902 No such file or directory (os error 2)",
            [],
        ),
        ("bun run test 2>&1 | tail", "ok", "error: unrecognized subcommand 'run'", []),
        ("bun run lint | tail", "ok", 'error: script "lint" exited with code 1', ["failed"]),
        ("make lint", "error", "Exit code 2\nmake: *** No rule to make target 'lint'.  Stop.", []),
        ("pnpm test | tail", "ok", "3 passed\nsee ELIFECYCLE in the docs", ["unknown"]),
        (
            "cargo test 2>&1 | tail -3",
            "ok",
            "test cli ... error: unrecognized subcommand 'x'\ntest result: ok. 3 passed; 0 failed",
            ["passed"],
        ),
        ("make 2>&1 | tail", "ok", "make: *** [Makefile:3: all] Error 1", ["failed"]),
    ],
)
def test_a_check_that_never_ran_is_none_and_one_behind_a_pipe_is_told_by_its_words(
    command, status, output, verdicts
):
    assert [
        check.verdict for check in checks_of(commands(command), status=status, output=output)
    ] == verdicts


def test_a_quiet_commit_before_a_status_may_have_been_made():
    words = commits_of(
        [("-qm", "x")],
        ok=True,
        output="On branch main\nnothing to commit, working tree clean",
        told={},
    )
    assert [commit.confidence for commit in words] == ["unconfirmed"]


@pytest.mark.parametrize(
    "output",
    [
        "FAILED: git commit -m x\nhusky - pre-commit script failed (code 1)",
        "nothing to commit, working tree clean",
    ],
)
def test_a_wrapped_commit_that_says_it_failed_is_none(output):
    assert commits_of([("-m", "x")], ok=True, output=output, told={}) == []


def test_findings_reported_of_what_nobody_edited_here_are_no_review(settings):
    assert seen(settings, "review", *READS, ("call", "ReportFindings", {"findings": []})) == []


def test_findings_reported_after_edits_are_one(settings):
    assert seen(settings, "review", edit(A), ("call", "ReportFindings", {"findings": []})) == [
        ("ReportFindings", "after-edits")
    ]


AGENT = "general-purpose"


@pytest.mark.long
@pytest.mark.parametrize(
    ("step", "found"),
    [
        (slash("address-review"), 0),
        (slash("fix-review-comments", "12"), 0),
        (slash("pr-review-feedback"), 0),
        (slash("review-and-fix"), 1),
        (slash("autofix-pr-review"), 0),
        (("call", "Agent", {"subagent_type": "review-fixer", "description": "Go through the list",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Re-review after fixes",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Review fixes of task 2",
                            "prompt": "p"}), 1),
        (slash("pr-review"), 1),
        (("call", "Skill", {"skill": "superpowers:receiving-code-review"}), 0),
        (("call", "Skill", {"skill": "superpowers:requesting-code-review"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Address review comments",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Fix CodeRabbit review findings", "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": "code-reviewer",
                            "description": "Respond to the reviewer's notes", "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Reply to PR review threads",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Review the fix for correctness", "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Fix the parser, then review the diff", "prompt": "p"}),
                            1),
        (("call", "Agent", {"subagent_type": "code-reviewer", "description": "Check the change",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Code review of auth",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Post review comments on the PR", "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Build the product review page",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Add a review form to the shop",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Import customer reviews",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Review fixes for review comments", "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Review the product review page", "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Review API changes",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": "security-auditor", "description": "Check the login",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": "code-critic", "description": "Check the login",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": "audit-log-writer", "description": "Write the log",
                            "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Fresh eyes on the diff",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Critique the implementation",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Audit the changes",
                            "prompt": "p"}), 1),
        (("call", "Agent", {"subagent_type": AGENT,
                            "description": "Audit dependencies for licences", "prompt": "p"}), 0),
        (("call", "Agent", {"subagent_type": AGENT, "description": "Build the critical path",
                            "prompt": "p"}), 0),
    ],
)  # fmt: skip
def test_answering_a_review_is_none(settings, step, found):
    kept(settings, session(("say", "Go"), edit(A), step, edit(A)))
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'review'") == [(found,)]


BODY = "Base directory for this skill: /home/dev/demo/.claude/skills/"


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([slash("project:fix-issue")], [("project:fix-issue", "own")]),
        ([slash("user:fix-issue")], [("user:fix-issue", "own")]),
        ([slash("fix-issue")], [("fix-issue", "own")]),
        ([slash("tools:fix-issue")], [("tools:fix-issue", "")]),
        ([edit("/home/dev/demo/.claude/commands/tools/fix-issue.md"), slash("tools:fix-issue")],
         [("tools:fix-issue", "own")]),
        ([run("cat .claude/commands/review.md"), slash("review")], [("review", "own")]),
        ([slash("review")], []),
        ([("say", BODY + "verify", {"isMeta": True}), slash("verify")], [("verify", "own")]),
        ([slash("publish"), ("say",
                             "Run python3 /home/dev/.claude/plugins/cache/x/1.0/publish.py now",
                             {"isMeta": True})], [("publish", "")]),
        ([slash("publish"), ("say", "Run python3 /home/dev/.claude/scripts/publish.py now",
                             {"isMeta": True})], [("publish", "own")]),
        ([slash("tools:publish"),
          ("say", "Follow @/home/dev/.claude/tools/publish.md", {"isMeta": True})],
          [("tools:publish", "own")]),
        ([slash("tools:publish"),
          ("say", "Follow C:\\Users\\dev\\.claude\\plugins\\x\\p.md", {"isMeta": True})],
          [("tools:publish", "")]),
        ([slash("publish"), ("say", "Say what you did", {"isMeta": True})], [("publish", "own")]),
        ([slash("tools:publish"), ("say", "Say what you did", {"isMeta": True})],
         [("tools:publish", "")]),
        ([slash("publish"), ("say", "Look into /home/dev/.claude/plugins/x too")],
         [("publish", "own")]),
        ([("call", "Skill", {"skill": "publish"}),
          ("say", BODY.replace("demo", ".claude/plugins") + "publish", {"isMeta": True})],
         [("publish", "")]),
        ([("call", "Skill", {"skill": "publish"}), ("say", BODY + "publish", {"isMeta": True})],
         [("publish", "own")]),
        ([("say", BODY.replace("/home/dev/demo", "/home/dev/.claude/plugins/cache/x") + "verify",
           {"isMeta": True}), slash("x:verify")], [("x:verify", "")]),
    ],
)  # fmt: skip
def test_commands_of_the_project_are_own_ones(settings, steps, found):
    assert seen(settings, "skills", *steps) == found


@pytest.mark.long
@pytest.mark.parametrize(
    ("cwd", "found"),
    [
        ("/home/dev/worktrees/side", 1),
        ("/home/dev/demo-worktrees/side", 1),
        ("/home/dev/demo.worktrees/side/src", 1),
        ("/home/dev/demo/.worktrees/side", 1),
        ("/home/dev/demo/.claude/worktrees/side", 1),
        ("C:\\work\\worktrees\\side", 1),
        ("/home/dev/worktrees", 0),
        ("/home/dev/my-worktree-tool/src", 0),
        ("/home/dev/networktrees/side", 0),
    ],
)
def test_a_session_in_a_folder_of_worktrees_ran_in_one(settings, cwd, found):
    kept(settings, session(("say", "Go"), edit(f"{cwd}/a.py"), cwd=cwd))
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'isolation'") == [
        (found,)
    ]
