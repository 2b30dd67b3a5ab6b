"""Which moments of a practice are done well, and in which sessions one is possible: on both sides
of each limit."""

from __future__ import annotations

from typing import Any

import pytest

from accrete.practices.committing import SMALL
from accrete.practices.delegation import ENOUGH_CALLS
from tests.practices.examples import READS, edit, run, session, slash
from tests.records import kept, rows

pytestmark = pytest.mark.long

CODE, OTHER = "/home/dev/demo/parser.py", "/home/dev/demo/lexer.py"
SAME = "msg_same"
GREEN, RED = ("pytest -q", "3 passed in 0.1s"), ("pytest -q", "1 failed, 2 passed in 0.1s")
TYPED = ("say", "Then go on")


def agent(kind: str = "Explore", message: str | None = None, how: str = "call") -> tuple[Any, ...]:
    given = {"subagent_type": kind, "description": "Look", "prompt": "look"}
    return (how, "Agent", given, "ok", message)


def todo(*statuses: str) -> tuple[Any, ...]:
    listed = [{"content": f"{n}", "status": each} for n, each in enumerate(statuses)]
    return ("call", "TodoWrite", {"todos": listed})


def create() -> tuple[Any, ...]:
    return ("call", "TaskCreate", {"subject": "Fix", "description": "Fix it"})


def update(task: str, status: str, message: str | None = None) -> tuple[Any, ...]:
    return ("call", "TaskUpdate", {"taskId": task, "status": status}, "ok", message)


def plan(how: str = "call") -> tuple[Any, ...]:
    return (how, "ExitPlanMode", {"plan": "1. Do"}, "No" if how == "refuse" else "ok")


def fails(*ran: str) -> tuple[Any, ...]:
    return ("fail", "Bash", {"command": ran[0]}, f"Exit code 1\n{ran[1]}")


def commit(lines: int = 0) -> tuple[Any, ...]:
    changed = f"\n 1 file changed, {lines} insertions(+)" if lines else ""
    return run("git commit -am x", f"[main 1a2b3c4] x{changed}")


def made(settings, practice: str, *steps: tuple[Any, ...]) -> list[str]:
    """The marks of a practice's sightings in a session of these steps."""
    kept(settings, session(("say", "Go on with it"), *steps))
    found = rows(settings, f"SELECT marks FROM sighting WHERE practice = '{practice}' ORDER BY seq")
    return [marks for (marks,) in found]


@pytest.mark.parametrize(
    ("practice", "steps", "marks"),
    [
        ("delegation", [agent()], ["research-first"]),
        ("delegation", [edit(CODE), agent()], [""]),
        ("delegation", [agent(), edit(CODE), agent()], ["research-first", ""]),
        ("delegation", [agent(message=SAME), agent(message=SAME)],
         ["research-first several-at-once"] * 2),
        ("delegation", [agent("db-expert")], ["own-type research-first"]),
        ("delegation", [agent("plugin:expert")], ["research-first"]),
        ("delegation", [agent(how="refuse"), agent(how="fail")], []),
        ("task-tracking", [todo("in_progress")], [""]),
        ("task-tracking", [todo("pending"), todo("completed")], ["finished"]),
        ("task-tracking", [todo("pending"), todo("in_progress"), todo("completed")],
         ["finished kept-current"]),
        ("task-tracking", [todo("completed", "pending")] * 3, ["kept-current"]),
        ("task-tracking", [todo("completed"), todo("pending")], ["finished", ""]),
        ("task-tracking", [todo("pending"), todo("pending")], [""]),
        ("task-tracking", [create(), create(), update("1", "completed")], [""]),
        ("task-tracking", [create(), create(), update("1", "completed"), update("2", "deleted")],
         ["finished"]),
        ("task-tracking", [create(), create(), update("1", "deleted"), update("2", "deleted")],
         [""]),
        ("task-tracking", [create(), update("1", "completed"), create()], ["finished", ""]),
        ("task-tracking", [update("1", "completed"), create()], [""]),
        ("planning", [plan(), edit(CODE)], ["approved before-first-edit"]),
        ("planning", [edit(CODE), plan()], ["approved"]),
        ("planning", [plan("refuse"), TYPED, plan(), edit(CODE)],
         ["approved before-first-edit revised"]),
        ("planning", [plan("refuse")], ["before-first-edit"]),
        ("planning", [plan(), edit(CODE), plan()], ["approved before-first-edit", "approved"]),
        ("committing", [edit(CODE), commit()], [""]),
        ("committing", [edit(CODE), run(*GREEN), commit()], ["checks-green"]),
        ("committing", [edit(CODE), fails(*RED), commit()], [""]),
        ("committing", [run(*GREEN), edit(CODE), commit()], [""]),
        ("committing", [edit(CODE), run(*GREEN), edit("/home/dev/demo/README.md"), commit()],
         ["checks-green"]),
        ("committing", [edit(CODE), commit(), run(*GREEN), commit()], ["", "checks-green"]),
        ("committing", [edit(CODE), commit(lines=SMALL)], ["small"]),
        ("committing", [edit(CODE), commit(lines=SMALL + 1)], [""]),
        ("context", [slash("compact")], ["before-the-wall"]),
        ("context", [slash("compact", "keep the plan")], ["before-the-wall with-instructions"]),
        ("context", [slash("clear"), TYPED], ["between-tasks"]),
        ("context", [slash("clear")], [""]),
        ("context", [edit("/home/dev/demo/CLAUDE.md"), edit("/home/dev/demo/CLAUDE.md")],
         ["memory"]),
        ("context", [("say", "Look at @src/app.py and @src/b.py")], ["mention"]),
        ("isolation", [run("git worktree add ../side"), edit(CODE)], [""]),
        ("isolation", [run("git worktree add -b side ../side"), edit(CODE)], ["own-branch"]),
        ("isolation", [("call", "EnterWorktree", {"name": "side"}), edit(CODE)], ["own-branch"]),
        ("isolation", [run("git worktree list"), edit(CODE)], []),
        ("skills", [slash("ship"), slash("ship")], ["again own"] * 2),
        ("skills", [slash("ship"), slash("land")], ["own"] * 2),
        ("review", [edit(CODE), slash("code-review")], ["after-edits"]),
        ("review", [edit(CODE), slash("code-review"), edit(OTHER)], ["acted-on after-edits"]),
        ("review", [slash("code-review"), edit(CODE)], ["acted-on"]),
        ("review", [slash("code-review")], [""]),
        ("verification", [edit(CODE), run(*GREEN)], ["green-at-the-end"]),
        ("verification", [edit(CODE), run(*GREEN), edit(CODE)], [""]),
        ("verification", [edit(CODE), fails(*RED), run(*GREEN)],
         ["", "failure-fixed green-at-the-end"]),
        ("verification", [edit(CODE), fails(*RED), run("ruff check .", "All checks passed!")],
         ["", "green-at-the-end"]),
        ("verification", [edit(CODE), run(*GREEN), fails(*RED)], ["", ""]),
        ("verification", [run(*GREEN), edit(CODE)], []),
        ("verification", [edit("/home/dev/demo/ab.py"), run('python -c "import ab"')], []),
        ("verification", [edit("/home/dev/demo/abc.py"), run('python -c "import abc"')],
         ["green-at-the-end"]),
        ("verification", [edit("/home/dev/demo/utils.py"), run('python -c "import utils"')], []),
        ("verification", [run('python -c "import abc"'), edit("/home/dev/demo/abc.py")], []),
        ("steering", [*READS[:5], ("stop",), ("say", "use the other")], ["early specific"]),
        ("steering", [*READS[:6], ("stop",), ("say", "use the other")], ["specific"]),
        ("steering", [*READS[:5], ("stop",), ("say", "use another")], ["early"]),
        ("steering", [*READS[:5], ("stop",), ("say", "用另一个吧")], ["early"]),
        ("steering", [*READS[:5], ("stop",), ("say", "请用另一个吧")], ["early specific"]),
        ("artifacts", [("call", "Write", {"file_path": "/home/dev/demo/P.md", "content": "x"}),
                       edit(CODE)], ["before-code"]),
        ("artifacts", [edit(CODE), ("call", "Write", {"file_path": "/home/dev/demo/P.md",
                                                      "content": "x"})], [""]),
    ],
)  # fmt: skip
def test_what_is_done_well_is_marked(settings, practice, steps, marks):
    assert made(settings, practice, *steps) == marks


NPM_GREEN, NPM_RED = "Tests: 3 passed, 3 total", "Tests: 1 failed, 2 passed, 3 total"


@pytest.mark.parametrize(("tool", "on"), [("Bash", "\\\n"), ("PowerShell", "`\n")])
@pytest.mark.parametrize(
    ("practice", "ran", "marks"),
    [
        ("isolation", [("call", "git {on} worktree add ../side", "")], [""]),
        ("committing", [("call", *GREEN), ("fail", "git {on} commit -am x; pytest -q",
                                           f"[main 1a2b3c4] x\n{RED[1]}")], ["checks-green"]),
        ("verification", [("call", f"python {{on}} {CODE}", "")], ["green-at-the-end"]),
        ("verification", [("fail", "npm run {on} test:a", NPM_RED),
                          ("call", "npm run {on} test:b", NPM_GREEN)], ["", "green-at-the-end"]),
        ("verification", [("fail", "npm run {on} test:a", NPM_RED),
                          ("call", "npm run {on} test:a", NPM_GREEN)],
         ["", "failure-fixed green-at-the-end"]),
    ],
)  # fmt: skip
def test_a_command_is_read_by_the_rules_of_its_shell(settings, tool, on, practice, ran, marks):
    steps = [(how, tool, {"command": text.format(on=on)}, said) for how, text, said in ran]
    assert made(settings, practice, edit(CODE), *steps) == marks


@pytest.mark.parametrize(("lines", "marks"), [(4, []), (5, [""])])
def test_a_document_counts_from_the_fifth_line_that_edits_add(settings, lines, marks):
    t = session(("say", "Write it down"))
    for n, added in enumerate((1, lines - 1)):
        t.call("Edit", {"file_path": "/home/dev/demo/P.md"}, message_id=f"m{n}", use=f"u{n}")
        patch = {"oldStart": 1, "oldLines": 0, "newStart": 1, "newLines": added,
                 "lines": ["+x"] * added}  # fmt: skip
        t.result("ok", use=f"u{n}", toolUseResult={"structuredPatch": [patch]})
    t.answer("msg_after")
    kept(settings, t)
    assert rows(settings, "SELECT marks FROM sighting WHERE practice = 'artifacts'") == [
        (each,) for each in marks
    ]


OLD, NEW = "claude-opus-4-7", "claude-opus-4-8"


@pytest.mark.parametrize(
    ("practice", "steps", "model", "possible"),
    [
        ("delegation", [READS[0]] * (ENOUGH_CALLS - 1), NEW, 0),
        ("delegation", [READS[0]] * ENOUGH_CALLS, NEW, 1),
        ("delegation", [agent(how="refuse")], NEW, 1),
        ("task-tracking", [READS[0]] * 7, OLD, 0),
        ("task-tracking", [READS[0]] * 8, OLD, 1),
        ("task-tracking", [READS[0]] * 8, NEW, 0),
        ("task-tracking", [todo("pending")], NEW, 1),
        ("artifacts", READS[:4], NEW, 0),
        ("artifacts", READS[:5], NEW, 1),
        ("artifacts", [edit(CODE)], NEW, 1),
        ("steering", READS[:4], NEW, 0),
        ("steering", READS[:5], NEW, 1),
        ("planning", READS[:5], NEW, 0),
        ("planning", [edit(CODE)], NEW, 1),
        ("planning", [plan("refuse")], NEW, 1),
        ("review", [READS[0]], NEW, 0),
        ("review", [edit("/home/dev/demo/README.md")], NEW, 0),
        ("review", [edit(CODE)], NEW, 1),
        ("review", [slash("review")], NEW, 1),
        ("verification", [READS[0], run(*GREEN)], NEW, 0),
        ("verification", [edit(CODE)], NEW, 1),
        ("committing", [edit(CODE)], NEW, 1),
        ("committing", [commit()], NEW, 1),
        ("committing", [READS[0]], NEW, 0),
        ("isolation", [edit(CODE)], NEW, 1),
        ("isolation", [READS[0]], NEW, 0),
        ("skills", [READS[0]], NEW, 1),
        ("context", [READS[0]], NEW, 1),
    ],
)  # fmt: skip
def test_where_a_practice_is_possible(settings, practice, steps, model, possible):
    t = session(("say", "Go on with it"), *steps)
    for line in t.lines:
        if line["type"] == "assistant":
            line["message"]["model"] = model
    kept(settings, t)
    found = rows(settings, f"SELECT possible FROM session_practice WHERE practice = '{practice}'")
    assert [bool(each) for (each,) in found] == [bool(possible)]
