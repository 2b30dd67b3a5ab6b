"""Files that change between two readings: what was counted once stays counted, and is not counted again."""

from __future__ import annotations

from typing import Any

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import EARLY, MIDDLE, SLUG, A, B, as_embedded, bash, call, text, usage

TURN: dict[str, Any] = {"responses": {"main": 1}, "human_prompts": 1, "cost_nano": 4_300_000}


@case(
    "step-growing",
    "A file grows in three readings, between the lines of one response too, whose usage grows with it.",
    "A1",
    "B30",
)
def step_growing(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    s.step()
    first = f.reply(text(), used=usage(output=1), stop=None)[0]
    s.step()
    f.again(first, uuid=s.ids.uuid(), message={**first["message"], "content": [bash("1")], "usage": usage()})
    f.result("1")
    f.reply()
    s.step()
    return want(
        lines=5, malformed=0, record_types={"user": 2, "assistant": 3}, human_prompts=1, responses={"main": 2},
        tools={"Bash": 1}, cost_nano=8_600_000,
        tokens={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
    )  # fmt: skip


@case(
    "step-torn-tail-completed",
    "The file was read while its last line was being written; the rest of the line comes later.",
    "B38",
)
def step_torn_tail_completed(s: Story) -> Want:
    f = s.session()
    f.turn()
    whole = list(f.pieces)
    f.pieces[1] = f.pieces[1][:200]
    s.step()
    f.pieces[:] = whole
    s.step()
    return want(lines=2, malformed=0, recovered=0, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "step-newline-completed",
    "The last line was whole but for its newline; then the newline and more lines come: nothing doubles.",
    "B38",
    "V16",
)
def step_newline_completed(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.pieces[1] = f.pieces[1].rstrip(b"\n")
    s.step()
    f.raw(b"\n")
    f.turn("Now a test.")
    s.step()
    return want(
        lines=4, malformed=0, recovered=0, record_types={"user": 2, "assistant": 2}, human_prompts=2, responses={"main": 2},
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "step-read-again",
    "The same folder read twice: nothing changes.",
    "B30",
)
def step_read_again(s: Story) -> Want:
    s.session().turn()
    s.step()
    s.step()
    return want(lines=2, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "step-rewritten",
    "A resume rewrote the file without its first turn: what was read before stays, yesterday's totals do not change.",
    "B30",
)
def step_rewritten(s: Story) -> Want:
    f = s.session(version=EARLY)
    f.turn("First.")
    f.turn("Second.")
    s.step()
    del f.pieces[:2]
    f.turn("Third.")
    s.step()
    return want(
        human_prompts=3, responses={"main": 3}, session_count=1, cost_nano=12_900_000,
        sessions={A: {"prompts": 3, "responses_own": 3, "cost_own_nano": 12_900_000}},
    )  # fmt: skip


@case(
    "step-rewritten-in-the-same-size",
    "The file was rewritten with as many bytes as before: size alone shows nothing, the new response "
    "counts and the old one stays.",
    "B30",
)
def step_rewritten_in_the_same_size(s: Story) -> Want:
    f = s.session(version=EARLY)
    f.typed()
    f.reply(message_id="msg_one")
    s.step()
    f.pieces[1] = f.pieces[1].replace(b"msg_one", b"msg_two").replace(b"00000002-", b"00000003-")
    s.step()
    # 2 x 4,300,000
    return want(human_prompts=1, responses={"main": 2}, cost_nano=8_600_000)


@case(
    "step-vanished",
    "Claude Code purged a transcript after thirty days: what it held stays.",
    "B29",
)
def step_vanished(s: Story) -> Want:
    f, g = s.session(A), s.session(B)
    f.turn()
    sub = s.subagent(f, "a0123456789abcdef")
    sub.user("Count the functions.")
    sub.reply()
    g.turn()
    s.step()
    s.remove(f"projects/{SLUG}/{A}.jsonl")
    s.remove(f"projects/{SLUG}/{A}/subagents/agent-a0123456789abcdef.jsonl")
    g.turn("Now a test.")
    s.step()
    # A 4,300,000 and delegated 4,300,000; B 2 x 4,300,000
    return want(
        session_count=2, human_prompts=3, responses={"main": 3, "delegated": 1}, cost_nano=17_200_000, agents=1,
        sessions={
            A: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000, "cost_delegated_nano": 4_300_000},
            B: {"prompts": 2, "responses_own": 2, "cost_own_nano": 8_600_000},
        },
    )  # fmt: skip


@case(
    "step-emptied",
    "The file is still there and has no bytes left: what it held stays.",
    "B29",
    "B30",
    "V17",
)
def step_emptied(s: Story) -> Want:
    f = s.session()
    f.turn()
    s.step()
    f.pieces.clear()
    s.step()
    return want(session_count=1, **TURN)


@case(
    "step-moved",
    "Entering a worktree renames the transcript into another project's folder, marks it with relocated, "
    "and goes on there.",
    "B32",
    "V20",
)
def step_moved(s: Story) -> Want:
    f = s.session()
    f.turn()
    s.step()
    s.move(f"projects/{SLUG}/{A}.jsonl", f"projects/-home-dev-demo--claude-worktrees-side/{A}.jsonl")
    f.cwd = "/home/dev/demo/.claude/worktrees/side"
    f.bare("relocated", sessionId=A, relocatedCwd=f.cwd)
    f.turn("Now a test.")
    s.step()
    return want(
        lines=5, record_types={"user": 2, "assistant": 2, "relocated": 1}, session_count=1, human_prompts=2,
        responses={"main": 2}, cost_nano=8_600_000, sessions={A: {"prompts": 2, "responses_own": 2}},
    )  # fmt: skip


@case(
    "step-fork-first",
    "The fork is read first and its origin appears later: the shared turn goes to the origin then, and "
    "is not charged twice.",
    "A5",
    "V3",
)
def step_fork_first(s: Story) -> Want:
    a, b = s.session(A, version=EARLY), s.session(B, version=EARLY)
    shared = a.turn()
    a.turn("On with it.")
    b.copy(shared)
    s.clock.wait(3600)
    b.turn("Another way.")
    s.remove(f"projects/{SLUG}/{A}.jsonl")
    s.step()
    s.files[f"projects/{SLUG}/{A}.jsonl"] = a
    s.step()
    # 3 x 4,300,000
    return want(
        lines=8, session_count=2, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={
            A: {"prompts": 2, "responses_own": 2, "cost_own_nano": 8_600_000},
            B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
        },
    )  # fmt: skip


@case(
    "step-agent-file-later",
    "First a subagent is known from progress records alone, then its own file appears: it moves from "
    "embedded to delegated.",
    "V4",
    "A8",
)
def step_agent_file_later(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(call("Task", "1", description="Count", prompt="Count.", subagent_type="Explore"), stop="tool_use")
    sub = s.subagent(f, "a0123456789abcdef")
    path = f"projects/{SLUG}/{A}/subagents/agent-a0123456789abcdef.jsonl"
    sub.user("Count.")
    said = sub.reply(bash("2"), stop="tool_use")[0]
    s.remove(path)
    f.progress("a0123456789abcdef", "1", as_embedded(said) | {"message": {**said["message"], "usage": usage(output=1)}})
    s.step()
    s.files[path] = sub
    sub.result("2")
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a0123456789abcdef"})
    s.step()
    # main 4,300,000, delegated 4,300,000
    return want(
        lines=7, responses={"main": 1, "delegated": 1, "embedded_only": 0}, tokens_embedded={}, tools={"Task": 1, "Bash": 1},
        agents=1, cost_nano=8_600_000, cost_delegated_nano=4_300_000,
    )  # fmt: skip


@case(
    "step-result-later",
    "A call is read in one pass, its refusal in the next, and the queue's text gets its user line only then.",
    "V7",
    "V14",
)
def step_result_later(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(bash("1"), stop="tool_use")
    f.queue("enqueue", "Use pytest.")
    s.step()
    f.result("1", "The user doesn't want to proceed with this tool use.", error=True, told="User rejected tool use")
    f.queue("dequeue")
    f.typed("Use pytest.")
    f.reply()
    s.step()
    return want(
        lines=7, human_prompts=2, prompts={"typed": 2, "queued": 0}, tools={"Bash": 1}, tool_errors={"Bash": 1},
        tool_rejected=1, cost_nano=8_600_000,
    )  # fmt: skip
