"""Two sessions for each practice: one that shows it, and one that comes close and does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.transcripts import Transcript

Made = Callable[[], Transcript]


def session(*steps: tuple[Any, ...], **common: Any) -> Transcript:
    """A session of steps: ("say", text, …), ("call", tool, input, result, …), ("fail", …),
    ("refuse", …), ("stop",)."""
    t = Transcript(1, **common)
    for number, step in enumerate(steps):
        kind, args = step[0], step[1:]
        if kind == "say":
            t.prompt(args[0], **(args[1] if len(args) > 1 else {}))
        elif kind == "stop":
            t.prompt("[Request interrupted by user]")
        else:
            _call(t, number, kind, *args)
    t.answer("msg_end")
    return t


def _call(
    t: Transcript,
    number: int,
    kind: str,
    tool: str,
    given: dict[str, Any],
    said: str = "ok",
    message: str | None = None,
) -> None:
    use = f"toolu_{number}"
    t.call(tool, given, message_id=message or f"msg_{use}", use=use)
    fields: dict[str, Any] = {"toolDenialKind": "user-rejected"} if kind == "refuse" else {}
    t.result(said, use=use, error=kind in ("fail", "refuse"), **fields)


def edit(path: str) -> tuple[Any, ...]:
    return ("call", "Edit", {"file_path": path, "old_string": "a", "new_string": "b"})


def run(command: str, said: str = "") -> tuple[Any, ...]:
    return ("call", "Bash", {"command": command}, said)


def slash(name: str, arguments: str = "") -> tuple[Any, ...]:
    return (
        "say",
        f"<command-name>/{name}</command-name><command-message>{name}</command-message><command-args>{arguments}</command-args>",
    )


STEPS = {"todos": [{"content": "Fix", "status": "in_progress", "activeForm": "Fixing"}]}
REVIEWER = (
    "call",
    "Agent",
    {"subagent_type": "code-reviewer", "description": "Check", "prompt": "p"},
)
READER = (
    "call",
    "Agent",
    {"subagent_type": "Explore", "description": "Review docs", "prompt": "p"},
)
READS = [("call", "Read", {"file_path": f"/home/dev/demo/{n}.py"}) for n in range(6)]

EXAMPLES: dict[str, tuple[Made, Made]] = {
    "planning": (
        lambda: session(("say", "Think first", {"permissionMode": "plan"}),
                        ("call", "ExitPlanMode", {"plan": "1. Do"}), edit("/home/dev/demo/a.py")),
        lambda: session(("say", "Make a plan in your head and go"), edit("/home/dev/demo/a.py")),
    ),
    "delegation": (
        lambda: session(("say", "Find out"),
                        ("call", "Agent",
                         {"subagent_type": "Explore", "description": "Look", "prompt": "look"})),
        lambda: session(("say", "Use a subagent"),
                        ("refuse", "Agent", {"description": "Look", "prompt": "look"}), *READS,
                        *READS),
    ),
    "skills": (
        lambda: session(slash("ship", "today")),
        lambda: session(slash("compact"),
                        ("fail", "Skill", {"skill": "ship"}, "Unknown skill: ship")),
    ),
    "task-tracking": (
        lambda: session(("say", "Do it"), ("call", "TodoWrite", STEPS)),
        lambda: session(("say", "Write a todo list"),
                        ("fail", "TodoWrite", STEPS, "InputValidationError"), *READS, *READS),
    ),
    "context": (
        lambda: session(("say", "Look at @src/app.py")),
        lambda: session(("say", "Mail dev@example.com about @prisma/client, @dev")),
    ),
    "committing": (
        lambda: session(("say", "Commit"), edit("/home/dev/demo/a.py"),
                        run("git commit -am x", "[main 1a2b3c4] x")),
        lambda: session(("say", "Commit"), edit("/home/dev/demo/a.py"), run("git commit -qam x"),
                        run("echo git commit")),
    ),
    "artifacts": (
        lambda: session(("say", "Write it down"),
                        ("call", "Write", {"file_path": "/home/dev/demo/SPEC.md", "content": "x"})),
        lambda: session(("say", "Note it"), edit("/home/dev/demo/CLAUDE.md"),
                        edit("/home/dev/demo/CHANGELOG.md"), edit("/home/dev/demo/a.py")),
    ),
    "verification": (
        lambda: session(("say", "Fix"), edit("/home/dev/demo/a.py"),
                        run("pytest", "1 passed in 0.1s")),
        lambda: session(("say", "Fix"), run("pytest", "1 failed in 0.1s"),
                        edit("/home/dev/demo/a.py"), run("cat pytest.ini")),
    ),
    "steering": (
        lambda: session(("say", "Go"), *READS, ("stop",),
                        ("say", "Not there, look into the parser instead, please")),
        lambda: session(("say", "Go"), *READS,
                        ("say", "Stop is a word, and so is [Request interrupted by user]")),
    ),
    "review": (
        lambda: session(("say", "Go"), edit("/home/dev/demo/a.py"), REVIEWER),
        lambda: session(("say", "Review this"), READER, edit("/home/dev/demo/a.py")),
    ),
    "isolation": (
        lambda: session(("say", "Go"), run("git worktree add ../side -b side"),
                        edit("/home/dev/side/a.py")),
        lambda: session(("say", "Go"), run("git worktree list"), run("echo git worktree add"),
                        edit("/home/dev/demo/worktrees.py")),
    ),
}  # fmt: skip
