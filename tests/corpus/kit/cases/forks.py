"""Forks, branches and resumes copy lines into other files: what is copied counts once, for its owner.

Owner: the session that the copies name; else the one whose first line of its own is earliest (a session that holds
nothing but copied lines comes before all); else the smaller id.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import EARLY, A, B, C, Record, Transcript, bash, call, text, usage


def branch(into: Transcript, origin: str, records: Iterable[Record]) -> None:
    """Copies as /branch makes them: each names the line it was copied from."""
    for record in records:
        into.copy([record], forkedFrom={"sessionId": origin, "messageUuid": record["uuid"]})


@case(
    "fork-unmarked",
    "A fork copies lines with the same uuids, ids and times under another session id, and nothing says "
    "so: one response, owned by the session that went on first.",
    "A5",
    "V3",
)
def fork_unmarked(s: Story) -> Want:
    a, b = s.session(A, version=EARLY), s.session(B, version=EARLY)
    shared = a.turn()
    a.turn("Now a test.")
    b.copy(shared)
    s.clock.wait(3600)
    b.turn("Now the docs.")
    # 3 x 4,300,000
    return want(
        lines=8, record_types={"user": 4, "assistant": 4}, session_count=2, human_prompts=3, prompts={"typed": 3},
        responses={"main": 3}, cost_nano=12_900_000,
        tokens={"input": 30, "output": 300, "cache_read": 3000, "cache_write": 600, "cache_write_5m": 600},
        sessions={
            A: {"prompts": 2, "responses_own": 2, "cost_own_nano": 8_600_000, "wall_ms": 3000},
            # Its copied lines are an hour older; its own time is that of its own two lines.
            B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000, "wall_ms": 1000, "active_ms": 1000},
        },
    )  # fmt: skip


@case(
    "fork-names-its-origin",
    "/branch writes forkedFrom on every copied line: the named session owns them, though the branch went on first.",
    "A5",
)
def fork_names_its_origin(s: Story) -> Want:
    a, b = s.session(A), s.session(B)
    shared = a.turn()
    branch(b, A, shared)
    s.clock.wait(60)
    b.turn("Another way.")
    s.clock.wait(3600)
    a.turn("On with it.")
    # 3 x 4,300,000
    return want(
        lines=8, session_count=2, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={
            A: {"prompts": 2, "responses_own": 2, "cost_own_nano": 8_600_000},
            B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
        },
    )  # fmt: skip


@case(
    "fork-names-its-request-session",
    "--fork-session leaves only requestSessionId on the copied responses: that session owns them, "
    "though the fork went on first.",
    "A5",
)
def fork_names_its_request_session(s: Story) -> Want:
    a, b = s.session(A, entrypoint="sdk-cli"), s.session(B, entrypoint="sdk-cli")
    prompt, answer = a.turn()
    b.copy([prompt])
    b.copy([answer], requestSessionId=A)
    s.clock.wait(60)
    b.turn("Another way.")
    s.clock.wait(3600)
    a.turn("On with it.")
    # 3 x 4,300,000
    return want(
        lines=8, session_count=2, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={A: {"responses_own": 2, "cost_own_nano": 8_600_000}, B: {"responses_own": 1, "cost_own_nano": 4_300_000}},
    )  # fmt: skip


@case(
    "resume-into-a-new-file",
    "Older clients resumed by copying the whole session into a new file and going on there: the old "
    "session keeps what it had.",
    "A5",
    "B30",
    "V3",
)
def resume_into_a_new_file(s: Story) -> Want:
    a, b = s.session(A, version=EARLY), s.session(B, version=EARLY)
    told = a.turn() + a.turn("Now a test.")
    s.clock.wait(86400)
    b.copy(told)
    b.turn("Where were we?")
    # 3 x 4,300,000
    return want(
        lines=10, session_count=2, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={
            A: {"prompts": 2, "responses_own": 2, "cost_own_nano": 8_600_000},
            B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
        },
    )  # fmt: skip


@case(
    "fork-of-a-fork",
    "Three sessions, each begun with a copy of the one before: each turn belongs to the session it was made in.",
    "A5",
    "V3",
)
def fork_of_a_fork(s: Story) -> Want:
    a, b, c = s.session(A, version=EARLY), s.session(B, version=EARLY), s.session(C, version=EARLY)
    first = a.turn()
    b.copy(first)
    s.clock.wait(60)
    second = b.turn("Second.")
    c.copy(first + second)
    s.clock.wait(60)
    c.turn("Third.")
    # 3 x 4,300,000
    return want(
        lines=12, session_count=3, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={
            A: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
            B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
            C: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
        },
    )  # fmt: skip


@case(
    "fork-with-a-placeholder",
    "The copy was made when the response's usage was still a placeholder: the largest wins, whichever file it is in.",
    "A1",
    "A5",
    "V2",
)
def fork_with_a_placeholder(s: Story) -> Want:
    a, b = s.session(A, version=EARLY), s.session(B, version=EARLY)
    prompt = a.typed()
    partial = a.reply(used=usage(output=1), stop=None)[0]
    b.copy([prompt])
    b.again(partial, sessionId=B, message={**partial["message"], "usage": usage()})
    a.turn("On with it.")
    s.clock.wait(60)
    b.turn("Another way.")
    # 3 x 4,300,000: the fork's line tells the true output, the origin owns it
    return want(
        lines=8, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={A: {"responses_own": 2, "cost_own_nano": 8_600_000}, B: {"responses_own": 1, "cost_own_nano": 4_300_000}},
    )  # fmt: skip


@case(
    "moved-to-the-background",
    "/background copies the session into a new one and marks the old with continued-in.",
    "A5",
)
def moved_to_the_background(s: Story) -> Want:
    a, b = s.session(A), s.session(B)
    shared = a.turn()
    a.bare("continued-in", timestamp=s.clock.stamp(), sessionId=A, continuedInSessionId=B)
    branch(b, A, shared)
    b.extra = {"sessionKind": "bg"}
    b.reply(text("Going on here."))
    # 2 x 4,300,000
    return want(
        lines=6, session_count=2, human_prompts=1, responses={"main": 2}, cost_nano=8_600_000,
        sessions={
            A: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000},
            B: {"prompts": 0, "responses_own": 1, "cost_own_nano": 4_300_000},
        },
    )  # fmt: skip


@case(
    "fork-subagent",
    "A fork subagent's file repeats the parent's line with the Agent call: one response, the parent's.",
    "A5",
    "A10",
)
def fork_subagent(s: Story) -> Want:
    f = s.session()
    f.typed()
    said = f.reply(
        call("Agent", "1", description="Look", prompt="List the files.", subagent_type="fork"), stop="tool_use"
    )
    sub = s.subagent(f, "af71cc87f70ee36e4", meta={"agentType": "fork", "description": "Look", "toolUseId": "toolu_1"})
    sub.bare(
        "fork-context-ref", agentId=sub.agent, parentSessionId=A, parentLastUuid=said[0]["parentUuid"], contextLength=2
    )
    sub.copy(said, isSidechain=True, agentId=sub.agent)
    sub.user([{"tool_use_id": "toolu_1", "type": "tool_result", "content": "Fork started."}, text("List the files.")])
    sub.reply(text("calc.py"))
    f.result("1", [text("calc.py")], told={"status": "completed", "agentId": sub.agent})
    f.reply()
    # main 2 x 4,300,000, delegated 4,300,000
    return want(
        lines=8, human_prompts=1, responses={"main": 2, "delegated": 1}, tools={"Agent": 1}, subagent_spawns=1, agents=1,
        cost_nano=12_900_000, cost_delegated_nano=4_300_000,
    )  # fmt: skip


@case(
    "fork-with-everything",
    "A fork copies calls, an error, a refusal, a retry, a compaction and a queued prompt: each of them happened once.",
    "A5",
    "V3",
)
def fork_with_everything(s: Story) -> Want:
    a, b = s.session(A), s.session(B)
    a.typed()
    a.system("api_error", error={"status": 529}, retryInMs=500, retryAttempt=1, maxRetries=10)
    a.reply(bash("1"), bash("2"), stop="tool_use")
    a.attachment("queued_command", prompt="Use pytest.", commandMode="prompt", origin={"kind": "human"}, humanTurn=True)
    a.result("1", "Exit code 1", error=True, told="Error: Exit code 1")
    a.result("2", "The user doesn't want to proceed with this tool use.", error=True, toolDenialKind="user-rejected")
    a.user([text("[Request interrupted by user for tool use]")])
    a.system("compact_boundary", content="Conversation compacted", compactMetadata={"trigger": "auto", "preTokens": 9})
    a.user("This session is being continued from a previous conversation.", isCompactSummary=True)
    shared = list(a.records)
    a.turn("On with it.")
    branch(b, A, shared)
    b.turn("Another way.")
    # 3 x 4,300,000
    return want(
        lines=24, session_count=2, human_prompts=3, prompts={"typed": 3, "queued": 1}, responses={"main": 3},
        api_errors=1, compactions=1, tool_calls=2, tools={"Bash": 2}, tool_errors={"Bash": 2}, tool_rejected=1,
        cost_nano=12_900_000,
        sessions={A: {"prompts": 2, "responses_own": 2}, B: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000}},
    )  # fmt: skip


@case(
    "fork-with-the-queue",
    "Forks copy the queue's records too, with and without a mark: a text that stands in the queue alone was queued once, "
    "and so was one that was taken back.",
    "A5",
    "V7",
)
def fork_with_the_queue(s: Story) -> Want:
    a, b, c = s.session(A), s.session(B), s.session(C)
    a.typed()
    a.reply(bash("1"), stop="tool_use")
    a.queue("enqueue", "Use pytest.")
    a.queue("remove")
    a.queue("enqueue", "No, unittest.")
    a.queue("popAll", "No, unittest.")
    a.result("1")
    shared = list(a.records)
    a.turn("On with it.")
    for record in shared:
        b.copy([record], forkedFrom={"sessionId": A, "messageUuid": record.get("uuid")})
    b.typed("Another way.")
    b.queue("enqueue", "With tests.")
    b.queue("remove")
    b.reply()
    c.copy(b.records)
    c.turn("A third way.")
    # 4 x 4,300,000
    return want(
        session_count=3, human_prompts=4, prompts={"typed": 4, "queued": 2}, responses={"main": 4}, cost_nano=17_200_000,
        sessions={A: {"prompts": 2}, B: {"prompts": 1}, C: {"prompts": 1}},
    )  # fmt: skip
