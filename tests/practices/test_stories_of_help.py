"""What practices of help and order find in a session, told as its story: subagents, worktrees,
task lists, reviews, skills, documents and the context."""

from __future__ import annotations

from typing import Any

import pytest

from tests.practices.stories import (
    GREEN,
    READ,
    Call,
    call,
    commit,
    edit,
    found,
    mark,
    notes,
    possible,
    slash,
    turn,
)


def agent(
    kind: str | None = "Explore", what: str = "Look", status: str = "ok", **more: Any
) -> Call:
    return call("Agent", what, status, **({"variant": kind} | more))


SAME: dict[str, Any] = {"answer": "one"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([agent(), edit()], [(0, "research-first")]),
        ([edit(), agent()], [(1, "")]),
        ([edit(run="a"), agent()], [(1, "research-first")]),
        ([edit(status="error"), agent()], [(1, "research-first")]),
        ([edit(), agent(**SAME), READ, agent(**SAME)],
         [(1, "several-at-once"), (3, "several-at-once")]),
        ([edit(), agent(**SAME), agent(status="error", **SAME)], [(1, "")]),
        ([edit(), call("Workflow")], [(1, "several-at-once")]),
        ([edit(), call("TeamCreate", variant="mine")], [(1, "several-at-once")]),
        ([edit(), call("Task", variant="db-expert")], [(1, "own-type")]),
        ([edit(), agent("General-Purpose")], [(1, "")]),
        ([edit(), agent("tools:expert")], [(1, "")]),
        ([edit(), agent(None)], [(1, "")]),
        ([edit(), agent(run="a")], []),
        ([edit(), agent(status="rejected"), agent(status="error")], []),
        ([edit(), agent(status="rejected", detail={"ran": 1})], [(1, "")]),
        ([edit(), agent(status="interrupted"), agent(status=None)], [(1, ""), (2, "")]),
    ],
)  # fmt: skip
def test_a_subagent_counts_that_the_main_line_started(lines, expected):
    assert found("delegation", *lines) == expected


def test_delegation_is_possible_where_there_was_much_to_do():
    assert notes("delegation", agent("db"), call("Workflow")) == ["db", None]
    assert [possible("delegation", *[READ] * n) for n in (9, 10)] == [False, True]
    assert possible("delegation", *[READ] * 9, READ._replace(run="a")) is False
    assert possible("delegation", READ, agent(status="rejected")) is True
    assert possible("delegation", READ, agent(run="a")) is False


def sh(command: str, status: str = "ok", **more: Any) -> Call:
    return call("Bash", command, status, **more)


TOLD = {"isolated": "agentId: a1\nworktreePath: /w/x\nworktreeBranch: side"}
BARE = {"isolated": "agentId: a1\nworktreePath: /w/x"}
TREE: dict[str, Any] = {"trees": ("/home/dev/demo", "/home/dev/.worktrees/x")}


@pytest.mark.parametrize(
    ("lines", "more", "expected"),
    [
        ([sh("git worktree add ../x")], {}, [(0, "")]),
        ([sh("cd a && git worktree add -b x ../x")], {}, [(0, "own-branch")]),
        ([sh("git worktree add -B x ../x", run="a")], {}, [(0, "own-branch")]),
        ([sh("git worktree add ../x", "error"), sh("git worktree remove ../x")], {}, []),
        ([sh("git add worktree")], {}, []),
        ([call("Read", "git worktree add ../x")], {}, []),
        ([call("EnterWorktree")], {}, [(0, "own-branch")]),
        ([call("EnterWorktree", status="error")], {}, []),
        ([agent(detail=TOLD)], {}, [(0, "own-branch")]),
        ([agent(detail=BARE)], {}, [(0, "")]),
        ([agent(detail=TOLD, status="error")], {}, [(0, "own-branch")]),
        ([call("Read", detail=TOLD)], {}, []),
        ([agent(detail=TOLD, run="a")], {}, []),
        ([agent(detail={"isolated": "x"})], {}, []),
        ([agent(in_worktree=True)], {}, [(0, "own-branch")]),
        ([agent(in_worktree=True, status=None)], {}, [(0, "own-branch")]),
        ([agent(in_worktree=True, status="error"), agent(in_worktree=True, status="rejected")],
         {}, []),
        ([agent()], {}, []),
        ([READ, turn(), turn(), edit()], TREE, [(1, "own-branch")]),
        ([turn(), READ, commit()], TREE, [(0, "own-branch")]),
        ([turn(), READ, GREEN], TREE, [(0, "own-branch")]),
        ([turn(), READ, agent()], TREE, [(0, "own-branch")]),
        ([turn(), READ, agent(status="error")], TREE, []),
        ([turn(), READ], TREE, []),
        ([edit()], TREE, []),
        ([turn(), edit()], {}, []),
        ([turn(), edit()], {"trees": ("/home/dev/demo",)}, []),
        ([turn(), sh("git worktree add ../x"), edit()], TREE, [(1, "")]),
        ([turn(), agent(detail=BARE), edit()], TREE, [(1, "")]),
    ],
)  # fmt: skip
def test_a_worktree_is_made_entered_given_or_worked_in(lines, more, expected):
    assert found("isolation", *lines, **more) == expected


def test_isolation_says_how_and_is_possible_where_something_was_edited_under_git():
    lines = [call("EnterWorktree"), sh("git worktree add ../x"), agent(detail=BARE)]
    assert notes("isolation", *lines) == [
        "EnterWorktree", "git worktree add", "a subagent in a worktree",
    ]  # fmt: skip
    assert notes("isolation", turn(), edit(), **TREE) == ["ran in a worktree"]
    assert possible("isolation", edit(), READ) is False
    assert possible("isolation", edit(), READ, branch=True) is True
    assert possible("isolation", READ, branch=True) is False


def todo(*statuses: str, **more: Any) -> Call:
    listed = ", ".join(f'{{"status": "{each}"}}' for each in statuses)
    return call("TodoWrite", detail={"input": f"[{listed}]"}, **more)


def update(task: str, status: str, **more: Any) -> Call:
    return call("TaskUpdate", task, detail={"input": f'{{"status" : "{status}"}}'}, **more)


CREATE = call("TaskCreate")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([todo("pending"), todo("completed", "completed")], [(0, "finished")]),
        ([todo("completed", "pending")], [(0, "")]),
        ([todo()], [(0, "")]),
        ([todo("completed"), todo("pending")], [(0, "finished"), (1, "")]),
        ([todo("pending", status="error"), todo("pending", run="a")], []),
        ([todo("pending"), todo("pending"), todo("pending")], [(0, "kept-current")]),
        ([todo("pending", **SAME), todo("pending", **SAME), todo("pending")], [(0, "")]),
        ([CREATE, CREATE, CREATE], [(0, "")]),
        ([CREATE, update("1", "in_progress"), update("1", "completed")], [(0, "finished")]),
        ([CREATE, *[update("1", "in_progress")] * 3], [(0, "kept-current")]),
        ([CREATE, CREATE, update("1", "completed")], [(0, "")]),
        ([CREATE, CREATE, update("1", "completed"), update("2", "deleted")], [(0, "finished")]),
        ([CREATE, CREATE, update("1", "completed"), update("1", "deleted")], [(0, "")]),
        ([CREATE, update("1", "deleted")], [(0, "")]),
        ([CREATE, update("1", "completed"), update("2", "completed")], [(0, "finished")]),
        ([CREATE, update("1", "completed"), CREATE], [(0, "finished"), (2, "")]),
        ([update("1", "completed"), CREATE], [(1, "")]),
        ([update("1", "completed")], []),
        ([CREATE, update("1", "completed"), update("1", "in_progress"), CREATE],
         [(0, "finished"), (3, "")]),
    ],
)  # fmt: skip
def test_a_list_is_finished_and_kept_current(lines, expected):
    assert found("task-tracking", *lines) == expected


OLD, NEW = "claude-opus-4-7", "claude-opus-4-8"


@pytest.mark.parametrize(
    ("lines", "models", "expected"),
    [
        ([READ, todo("pending", status="error", run="a")], {NEW}, True),
        ([CREATE], {NEW}, True),
        ([READ] * 9, set(), None),
        ([READ] * 8, {OLD}, True),
        ([READ] * 7, {OLD}, False),
        ([*[READ] * 7, READ._replace(run="a")], {OLD}, False),
        ([READ] * 9, {NEW}, False),
        ([READ] * 9, {NEW, OLD}, True),
        ([update("1", "completed")], {NEW}, False),
    ],
)
def test_task_tracking_is_possible_for_models_that_have_task_tools(lines, models, expected):
    assert possible("task-tracking", *lines, models=frozenset(models)) is expected


FINDINGS, SKILL = call("ReportFindings"), call("Skill", variant="code-review")
REVIEWER = agent("code-reviewer")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([edit(), slash("code-review"), edit()], [(1, "acted-on after-edits")]),
        ([slash("review")], [(0, "")]),
        ([edit(run="a"), slash("review"), edit(run="a")], [(1, "")]),
        ([edit(), slash("x:pr-review"), slash("overview")], [(1, "after-edits")]),
        ([turn("/review"), edit()], []),
        ([REVIEWER, edit()], []),
        ([FINDINGS, edit(), FINDINGS], [(2, "after-edits")]),
        ([SKILL, edit(), SKILL], [(0, "acted-on"), (2, "after-edits")]),
        ([edit(), SKILL._replace(variant="/code-review")], [(1, "after-edits")]),
        ([edit(), SKILL._replace(status="error")], []),
        ([edit(), SKILL._replace(variant=None), call("Read", variant="code-review")], []),
        ([edit(), REVIEWER._replace(run="a")], []),
        ([edit(), REVIEWER, slash("review"), edit()],
         [(1, "acted-on after-edits"), (2, "acted-on after-edits")]),
        ([edit(), agent("code-reviewer", status="rejected"),
          agent("code-reviewer", status="error")], []),
        ([edit(), agent("code-reviewer", status="interrupted")], [(1, "after-edits")]),
        ([edit(), agent("code-reviewer", "Fix review comments")], []),
        ([edit(), agent("code-reviewer", "x" * 290 + " fix review comments")],
         [(1, "after-edits")]),
        ([edit(), agent(None, "Review the diff")], [(1, "after-edits")]),
        ([edit(), agent("Explore", "Review the diff")], []),
        ([edit(), agent("helper", "Read the docs")], []),
        ([edit(), agent("helper", "")], []),
        ([edit(), call("Read", "Review the diff")], []),
        ([edit(), slash("post-review-comments")], [(1, "after-edits")]),
    ],
)  # fmt: skip
def test_a_review_is_asked_for_and_a_reviewer_comes_after_edits(lines, expected):
    assert found("review", *lines) == expected


def test_a_review_is_noted_by_its_name_and_possible_where_code_was_edited():
    lines = [edit(), slash("review"), REVIEWER, FINDINGS, agent(None, "Review the diff")]
    assert notes("review", *lines) == ["review", "code-reviewer", "ReportFindings", "Agent"]
    assert possible("review", READ, edit("/w/a.md"), turn()) is False
    assert possible("review", READ, edit()) is True
    assert possible("review", turn(), slash("review")) is True
    assert possible("review", turn(), slash("pr-review")) is False


def added(text: str) -> Any:
    return mark("injected_context", text)


BASE = "Base directory for this skill: /h/.claude/"
UNKNOWN = mark("command_output", "Unknown command: /ship")
SHIP = call("Skill", variant="ship")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([slash("ship"), SHIP], [(0, "again own"), (1, "again own")]),
        ([slash("ship"), call("Skill", variant="/ship")], [(0, "again own"), (1, "again own")]),
        ([slash("ship"), slash("land")], [(0, "own"), (1, "own")]),
        ([slash("mcp__x__y"), slash("compact"), turn("/ship")], []),
        ([SHIP._replace(status="error"), SHIP._replace(variant=None), call("Read", variant="a")],
         []),
        ([SHIP._replace(run="a")], [(0, "own")]),
        ([call("Skill", variant="verify")], []),
        ([READ._replace(target="/h/.claude/skills/verify/a.md"), call("Skill", variant="verify")],
         [(1, "own")]),
        ([READ._replace(target="C:\\h\\.claude\\skills\\verify\\a.md"), slash("verify")],
         [(1, "own")]),
        ([READ._replace(target="/h/.claude/plugins/p/.claude/skills/verify/a.md"),
          slash("verify")], []),
        ([READ._replace(target="/h/.claude/skills/verifying/a.md"), slash("verify")], []),
        ([READ._replace(target="/h/.claude/commands/verify.md"), slash("verify")], [(1, "own")]),
        ([added(f"{BASE}skills/verify"), slash("verify")], [(1, "own")]),
        ([mark("command_output", f"{BASE}skills/verify"), slash("verify")], []),
        ([READ._replace(target="/h/.claude/skills/fix/a.md"), slash("tools:fix")], [(1, "own")]),
        ([READ._replace(target="/h/.claude/commands/fix.md"), slash("tools:fix")], [(1, "")]),
        ([READ._replace(target="/h/.claude/commands/tools/fix.md"), slash("tools:fix")],
         [(1, "own")]),
        # The client says that it knows no such command.
        ([slash("ship"), UNKNOWN], []),
        ([UNKNOWN, slash("ship")], [(1, "own")]),
        ([slash("ship"), turn(), UNKNOWN], [(0, "own")]),
        ([slash("ship"), mark("command_output", "Unknown"), mark("other", "Unknown command: x")],
         [(0, "own")]),
        ([slash("ship"), mark("command_output"), turn()], [(0, "own")]),
        # Whose it is, by the text that the client adds.
        ([slash("ship"), added("Run /h/.claude/plugins/p/x.py"), added("/h/.claude/x.py")],
         [(0, "")]),
        ([slash("ship"), added("Run /h/.claude/x.py and /h/.claude/plugins/p/x.py")], [(0, "")]),
        ([added("Run /h/.claude/plugins/p/x.py"), slash("ship")], [(1, "own")]),
        ([slash("ship"), turn(), added("Run /h/.claude/plugins/p/x.py")], [(0, "own")]),
        ([slash("x:ship"), added("Run /h/.claude/x.py")], [(0, "own")]),
        ([slash("x:ship"), added("Run it")], [(0, "")]),
        ([slash("local:ship")], [(0, "own")]),
        ([SHIP, added("Hello"), added(f"{BASE}plugins/p/ship \nGo")], [(0, "")]),
        ([SHIP, added(f"{BASE}plugins/p/other")], [(0, "own")]),
        ([call("Skill", variant="x:ship"), added(f"{BASE}skills/ship")], [(0, "own")]),
        ([call("Skill", variant="x:ship"), added("Base directory for this skill: C:\\h\\ship")],
         [(0, "")]),
        ([call("Skill", variant="x:ship"),
          added("Base directory for this skill: C:\\h\\.claude\\ship")], [(0, "own")]),
        ([SHIP, mark("other", f"{BASE}plugins/p/ship")], [(0, "own")]),
        ([SHIP, turn(), added(f"{BASE}plugins/p/ship")], [(0, "own")]),
    ],
)  # fmt: skip
def test_a_skill_is_ones_own_by_its_name_its_folder_or_its_text(lines, expected):
    assert found("skills", *lines) == expected


def test_a_skill_is_noted_by_its_name():
    assert notes("skills", slash("ship"), call("Skill", variant="/x:land")) == ["ship", "x:land"]
    assert possible("skills", READ) is False
    assert possible("skills", READ, turn()) is True


def write(path: str = "/w/SPEC.md", **more: Any) -> Call:
    return call("Write", path, **more)


SPEC = call("Read", "/w/SPEC.md")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([write(), edit()], [(0, "before-code")]),
        ([edit(), write()], [(1, "")]),
        ([edit(at=5), write(at=4)], [(1, "before-code")]),
        ([edit(), write(), edit()], [(1, "")]),
        ([edit(at=5), write(at=5)], [(1, "")]),
        ([edit("/w/b.md", added=1), write()], [(1, "")]),
        ([edit(run="a"), write()], [(1, "")]),
        ([write(run="a"), edit()], [(0, "")]),
        ([write(run="a"), edit(run="b")], [(0, "")]),
        ([edit("/w/SPEC.md", added=5)], [(0, "")]),
        ([edit("/w/SPEC.md", added=4)], []),
        ([edit("/w/SPEC.md", added=None)], [(0, "")]),
        ([edit("/w/SPEC.md", added=2), edit("/w/B.md", added=4), edit("/w/SPEC.md", added=3)],
         [(2, "")]),
        ([write("/w/B.md"), write(), write("/w/B.md")], [(0, ""), (1, "")]),
        ([write("/w/a.py"), write("/w/a.txt"), write("/w/CLAUDE.md"), write("/w/changes-2.md")],
         []),
        ([write(status="error"), write("/h/.claude/plans/p.md")], []),
        ([write(), SPEC], [(0, "read-again")]),
        ([write(), SPEC._replace(status="error")], [(0, "")]),
        ([SPEC, write()], [(1, "")]),
        ([write(at=9), SPEC._replace(at=9)], [(0, "read-again")]),
        ([SPEC._replace(at=9), write(at=9)], [(1, "")]),
        ([write(at=9), SPEC._replace(at=8)], [(0, "")]),
        ([write(), SPEC, edit("/w/SPEC.md")], [(0, "")]),
        ([write(), SPEC, SPEC, edit("/w/SPEC.md")], [(0, "read-again")]),
        ([write(), SPEC, edit("/w/SPEC.md"), SPEC], [(0, "read-again")]),
        ([write(), SPEC, edit("/w/SPEC.md", run="a")], [(0, "read-again")]),
        ([write(), SPEC, edit("/w/B.md")], [(0, "read-again")]),
        ([write(), call("Grep", "/w/SPEC.md")], [(0, "")]),
        ([write("/w/.claude/worktrees/x/SPEC.md"), SPEC], [(0, "read-again")]),
        ([write("\\w\\SPEC.md"), SPEC], [(0, "read-again")]),
    ],
)  # fmt: skip
def test_a_document_is_written_before_code_and_read_again(lines, expected):
    assert found("artifacts", *lines) == expected


def test_a_document_is_noted_by_its_name_and_possible_in_work():
    assert notes("artifacts", write("/w/docs/SPEC.md"), write("a.rst")) == ["SPEC.md", "a.rst"]
    assert [possible("artifacts", *[READ] * n) for n in (4, 5)] == [False, True]
    assert possible("artifacts", *[READ] * 4, READ._replace(run="a")) is False
    assert possible("artifacts", READ, edit()) is True


ARGUMENTS = "<command-args>keep @src/a.py</command-args>"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([slash("compact")], [(0, "before-the-wall")]),
        ([slash("compact", ARGUMENTS)], [(0, "before-the-wall with-instructions")]),
        ([slash("clear"), turn()], [(0, "between-tasks")]),
        ([slash("new"), slash("reset"), turn()], [(0, "between-tasks"), (1, "between-tasks")]),
        ([turn(), slash("clear"), slash("exit"), slash("quit")], [(1, "")]),
        ([slash("context"), turn()], [(0, "")]),
        ([slash("ship", ARGUMENTS), slash("ship")], [(0, "mention")]),
        ([turn("See @a/b.py"), turn("See @a/b.py")], [(0, "mention"), (1, "mention")]),
        ([turn("Mail a@b.py, @dev, @types/node")], []),
        ([turn("See @docs/, please")], [(0, "mention")]),
        ([turn("x\n@app.get\ndef x():\n  pass")], []),
        ([turn("@app.get\ndef x(): pass")], []),
        ([turn("@app.get\ndef x(): see @a.py")], [(0, "mention")]),
        ([edit("/w/CLAUDE.md"), turn(), edit("/w/CLAUDE.md")], [(0, "memory")]),
        ([edit("/w/CLAUDE.md", status="error"), edit("/w/claude.md"), call("Read", "/w/CLAUDE.md")],
         []),
        ([edit("/h/.claude/projects/x/memory/a.md")], [(0, "memory")]),
        ([edit("C:\\h\\.claude\\memory\\a.md")], [(0, "memory")]),
        ([edit("/w/CLAUDE.md"), slash("compact")], [(0, "memory"), (1, "before-the-wall")]),
    ],
)  # fmt: skip
def test_the_context_is_kept_by_commands_files_and_memory(lines, expected):
    assert found("context", *lines) == expected


def test_what_keeps_the_context_is_noted():
    lines = [slash("clear"), turn("See @a/b.py"), edit("/w/x/CLAUDE.md"), turn(f"@{'a' * 90}/b.py")]
    assert notes("context", *lines) == ["/clear", "@a/b.py", "CLAUDE.md", "@" + "a" * 79]
    assert possible("context", READ) is False
    assert possible("context", turn()) is True
