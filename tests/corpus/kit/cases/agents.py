"""Subagents: every place their lines have stood in, each response at its own model's price, as delegated work."""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import (
    EARLY,
    FIRST,
    HAIKU,
    MIDDLE,
    OPUS,
    A,
    B,
    as_embedded,
    bash,
    call,
    text,
    usage,
)

# The usual response costs 4,300,000 on claude-opus-5, and on claude-haiku-4-5
# 10 x 1,000 + 100 x 5,000 + 1,000 x 100 + 200 x 1,250 = 860,000.
DELEGATED_ONE = {"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200}
EXPLORE = {"description": "Count", "prompt": "Count the functions.", "subagent_type": "Explore"}


@case(
    "agent-inline",
    "Client 1.0 wrote a subagent's lines into the main file with isSidechain: two interleaved runs, "
    "delegated, their prompts nobody's.",
    "A8",
    "V5",
)
def agent_inline(s: Story) -> Want:
    f = s.session(version=FIRST)
    f.typed()
    f.reply(call("Task", "1", **EXPLORE), call("Task", "2", **EXPLORE), stop="tool_use")
    main_at = f.parent
    ends: list[str | None] = [None, None]
    for turn in range(2):
        for chain in range(2):
            f.parent = ends[chain]
            if turn == 0:
                f.user("Count the functions.", sidechain=True)
                f.reply(bash(f"1{chain}"), model=HAIKU, sidechain=True, stop="tool_use")
            else:
                f.result(f"1{chain}", sidechain=True)
                f.reply(text("Two."), model=HAIKU, sidechain=True)
            ends[chain] = f.parent
    f.parent = main_at
    f.result("1", [text("Two.")])
    f.result("2", [text("Two.")])
    f.reply()
    # main 2 x 4,300,000, delegated 4 x 860,000
    return want(
        lines=14, malformed=0, session_count=1, human_prompts=1, responses={"main": 2, "delegated": 4},
        by_model={OPUS: 2, HAIKU: 4}, tools={"Task": 2, "Bash": 2}, subagent_spawns=2, agents=2,
        cost_nano=12_040_000, cost_delegated_nano=3_440_000,
        sessions={A: {"prompts": 1, "responses_own": 2, "cost_own_nano": 8_600_000, "cost_delegated_nano": 3_440_000}},
    )  # fmt: skip


@case(
    "agent-beside-the-session",
    "Client 2.0 laid agent-<8 hex>.jsonl beside the session, with the parent's sessionId; warm-up "
    "agents, which nobody called, cost too.",
    "A8",
    "A9",
    "V5",
)
def agent_beside_the_session(s: Story) -> Want:
    f = s.session(version=EARLY)
    warm = s.beside(f, "0a1b2c3d")
    warm.user("Warmup")
    warm.reply(text("Ready."), model=HAIKU)
    f.typed()
    f.reply(call("Task", "1", **EXPLORE), stop="tool_use")
    sub = s.beside(f, "4e5f6a7b")
    sub.user("Count the functions.")
    sub.reply(text("Two."), model=HAIKU)
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "4e5f6a7b", "totalTokens": 1310})
    f.reply()
    # main 2 x 4,300,000, delegated 2 x 860,000
    return want(
        lines=8, session_count=1, human_prompts=1, responses={"main": 2, "delegated": 2}, by_model={OPUS: 2, HAIKU: 2},
        subagent_spawns=1, agents=2, cost_nano=10_320_000, cost_delegated_nano=1_720_000,
        sessions={A: {"prompts": 1, "responses_own": 2, "cost_own_nano": 8_600_000, "cost_delegated_nano": 1_720_000}},
    )  # fmt: skip


@case(
    "agent-in-its-folder",
    "From 2.1 a subagent's file lies in <session>/subagents/; it is priced at its own model, not the parent's.",
    "A8",
    "A9",
    "A11",
    "A12",
    "V5",
)
def agent_in_its_folder(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("Agent", "1", **EXPLORE), stop="tool_use")
    sub = s.subagent(
        f, "a0123456789abcdef", meta={"agentType": "Explore", "description": "Count", "toolUseId": "toolu_1"}
    )
    sub.user("Count the functions.")
    sub.reply(text("Two."), model=HAIKU)
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a0123456789abcdef"})
    f.reply()
    # main 2 x 4,300,000, delegated 860,000
    return want(
        lines=6, record_types={"user": 3, "assistant": 3}, session_count=1, human_prompts=1,
        responses={"main": 2, "delegated": 1}, by_model={OPUS: 2, HAIKU: 1}, tokens_delegated=DELEGATED_ONE,
        tokens={"input": 30, "output": 300, "cache_read": 3000, "cache_write": 600, "cache_write_5m": 600},
        subagent_spawns=1, agents=1, cost_nano=9_460_000, cost_delegated_nano=860_000,
        sessions={A: {"prompts": 1, "responses_own": 2, "cost_own_nano": 8_600_000, "cost_delegated_nano": 860_000}},
    )  # fmt: skip


@case(
    "agent-without-its-session",
    "The main file was purged, the subagent's is still there: its work is that session's, and counts.",
    "A9",
    "B29",
)
def agent_without_its_session(s: Story) -> Want:
    f = s.session()
    sub = s.subagent(f, "a0123456789abcdef")
    s.remove(f"projects/-home-dev-demo/{A}.jsonl")
    sub.user("Count the functions.")
    sub.reply(text("Two."), model=HAIKU)
    return want(
        lines=2, session_count=1, human_prompts=0, responses={"delegated": 1}, agents=1,
        cost_nano=860_000, cost_delegated_nano=860_000,
        sessions={A: {"prompts": 0, "responses_own": 0, "cost_own_nano": 0, "cost_delegated_nano": 860_000}},
    )  # fmt: skip


@case(
    "agents-nested",
    "A subagent's subagent lies flat in the same folder, its meta file names the parent: two runs, each once.",
    "A8",
    "A10",
)
def agents_nested(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("Agent", "1", **EXPLORE), stop="tool_use")
    outer = s.subagent(f, "a1111111111111111", meta={"agentType": "Explore", "toolUseId": "toolu_1", "spawnDepth": 1})
    outer.user("Count the functions.")
    outer.reply(call("Agent", "2", **EXPLORE), model=HAIKU, stop="tool_use")
    inner = s.subagent(f, "a2222222222222222", meta={"agentType": "Explore", "toolUseId": "toolu_2", "spawnDepth": 2,
                       "parentAgentId": "a1111111111111111"})  # fmt: skip
    inner.user("Count the functions.")
    inner.reply(text("Two."), model=HAIKU)
    outer.result("2", [text("Two.")], told={"status": "completed", "agentId": "a2222222222222222"})
    outer.reply(text("Two."), model=HAIKU)
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a1111111111111111"})
    f.reply()
    # main 2 x 4,300,000, delegated 3 x 860,000
    return want(
        lines=10, human_prompts=1, responses={"main": 2, "delegated": 3}, tools={"Agent": 2}, subagent_spawns=2, agents=2,
        cost_nano=11_180_000, cost_delegated_nano=2_580_000,
    )  # fmt: skip


@case(
    "agents-of-a-workflow",
    "A Workflow's agents lie in subagents/workflows/wf_*/ beside a journal whose records have no uuid: "
    "the agents count, the journal is no transcript.",
    "A8",
    "V5",
)
def agents_of_a_workflow(s: Story) -> Want:
    f = s.session()
    f.typed("Run the flow.")
    f.reply(call("Workflow", "1", name="flow"), stop="tool_use")
    f.result("1", "Started.", told={"status": "async_launched", "workflowName": "flow", "runId": "wf_41757e64-d15"})
    folder = "workflows/wf_41757e64-d15/"
    journal: list[bytes] = [b'{"type":"launched"}\n']
    for number, agent in enumerate(("a1111111111111111", "a2222222222222222"), 1):
        sub = s.subagent(f, agent, folder=folder, meta={"agentType": "workflow-subagent", "inWorkflowRun": True})
        sub.user("One step.")
        sub.reply(text("Step done."), model=HAIKU)
        journal.append(b'{"type":"started","key":"v2:%d","agentId":"%s","label":"one"}\n' % (number, agent.encode()))
        journal.append(b'{"type":"result","key":"v2:%d","agentId":"%s","result":"done","sessionId":"%s"}\n'
                       % (number, agent.encode(), A.encode()))  # fmt: skip
    s.put(f"projects/-home-dev-demo/{A}/subagents/{folder}journal.jsonl", b"".join(journal))
    f.reply()
    # main 2 x 4,300,000, delegated 2 x 860,000
    return want(
        lines=13, record_types={"user": 4, "assistant": 4, "launched": 1, "started": 2, "result": 2}, session_count=1,
        human_prompts=1, responses={"main": 2, "delegated": 2}, tools={"Workflow": 1}, subagent_spawns=0, agents=2,
        cost_nano=10_320_000, cost_delegated_nano=1_720_000,
    )  # fmt: skip


@case(
    "agent-resumed",
    "SendMessage wakes a finished agent: its file grows, it notifies twice, it is one run; the "
    "notifications are nobody's prompts.",
    "B40",
    "V5",
)
def agent_resumed(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("Agent", "1", **EXPLORE, run_in_background=True), stop="tool_use")
    f.result("1", "Launched.", told={"status": "async_launched", "agentId": "a0123456789abcdef"})
    sub = s.subagent(f, "a0123456789abcdef", meta={"agentType": "Explore", "toolUseId": "toolu_1"})
    note = "<task-notification>\n<task-id>a0123456789abcdef</task-id>\n<status>completed</status>\n</task-notification>"
    for words in ("Count the functions.", "Count the words too."):
        sub.user(words)
        sub.reply(text("Two."), model=HAIKU)
        f.user(note, origin={"kind": "task-notification"}, promptSource="system")
        f.reply()
    # main 3 x 4,300,000, delegated 2 x 860,000
    return want(
        lines=11, human_prompts=1, prompts={"typed": 1}, responses={"main": 3, "delegated": 2}, agents=1, subagent_spawns=1,
        cost_nano=14_620_000, cost_delegated_nano=1_720_000,
    )  # fmt: skip


@case(
    "team-members",
    "A team member is a main session of its own; its mail looks like a prompt and is nobody's, and its "
    "session is automated.",
    "B40",
    "B41",
    "V6",
)
def team_members(s: Story) -> Want:
    lead, member = s.session(A, version=MIDDLE), s.session(B, version=MIDDLE)
    lead.extra = {"teamName": "demo"}
    lead.typed("Build it with a team.")
    lead.reply(
        call("Task", "1", description="Research", prompt="Read it.", name="researcher", team_name="demo"),
        stop="tool_use",
    )
    lead.result(
        "1", "Spawned.", told={"status": "teammate_spawned", "teammate_id": "researcher@demo", "tmux_pane_id": "%1"}
    )
    member.extra = {"teamName": "demo", "agentName": "researcher"}
    member.user('<teammate-message teammate_id="team-lead">\nRead it.\n</teammate-message>')
    member.reply(model=HAIKU)
    lead.user('<teammate-message teammate_id="researcher" color="blue">\nRead.\n</teammate-message>')
    lead.reply()
    # lead 2 x 4,300,000; member 860,000, its own and not delegated
    return want(
        lines=7, session_count=2, human_prompts=1, responses={"main": 3}, by_model={OPUS: 2, HAIKU: 1}, subagent_spawns=1,
        cost_nano=9_460_000, cost_delegated_nano=0,
        sessions={
            A: {"prompts": 1, "responses_own": 2, "cost_own_nano": 8_600_000, "automated": 0},
            B: {"prompts": 0, "responses_own": 1, "cost_own_nano": 860_000, "automated": 1},
        },
    )  # fmt: skip


@case(
    "teammate-in-process",
    "A teammate inside the lead's process has a file under the lead's subagents/ and writes to the lead "
    "through user lines.",
    "B40",
    "V5",
    "V6",
)
def teammate_in_process(s: Story) -> Want:
    f = s.session()
    f.typed("Build it with a team.")
    f.reply(call("Agent", "1", description="Research", prompt="Read it.", name="researcher"), stop="tool_use")
    f.result("1", "Spawned.", told={"status": "teammate_spawned", "agentId": "aresearcher-0123456789abcdef"})
    sub = s.subagent(f, "aresearcher-0123456789abcdef", meta={"agentType": "researcher", "name": "researcher",
                     "taskKind": "in_process_teammate", "teamName": "session-aaaaaaaa"})  # fmt: skip
    sub.user(
        'Another Claude session sent a message:\n<teammate-message teammate_id="team-lead">\nRead it.\n</teammate-message>'
    )
    sub.reply(model=HAIKU)
    f.user(
        'Another Claude session sent a message:\n<teammate-message teammate_id="researcher">\nRead.\n</teammate-message>'
    )
    f.meta("A peer says hello.", origin={"kind": "peer"})
    f.reply()
    # main 2 x 4,300,000, delegated 860,000
    return want(
        lines=8, session_count=1, human_prompts=1, responses={"main": 2, "delegated": 1}, agents=1, subagent_spawns=1,
        cost_nano=9_460_000, cost_delegated_nano=860_000, sessions={A: {"prompts": 1, "automated": 0}},
    )  # fmt: skip


@case(
    "agent-of-a-compaction",
    "Where the client wrote compaction's own call as agent-acompact-*, that call is delegated work of the session.",
    "A23",
    "V5",
)
def agent_of_a_compaction(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.turn()
    sub = s.subagent(f, "acompact-0123456789abcdef")
    sub.user("Your task is to create a detailed summary of the conversation so far.")
    sub.reply(text("<summary>They mended add.</summary>"))
    f.parent = None
    f.system(
        "compact_boundary", content="Conversation compacted", compactMetadata={"trigger": "auto", "preTokens": 150000}
    )
    f.user("This session is being continued from a previous conversation. They mended add.", isCompactSummary=True)
    f.reply()
    # main 2 x 4,300,000, delegated 4,300,000
    return want(
        lines=7, human_prompts=1, responses={"main": 2, "delegated": 1}, compactions=1, cost_nano=12_900_000,
        cost_delegated_nano=4_300_000,
    )  # fmt: skip


@case(
    "progress-embedded-only",
    "Progress records embed a subagent's messages and no file of its own exists: counted apart, with "
    "their placeholder usage, in the cost.",
    "V4",
    "A8",
)
def progress_embedded_only(s: Story) -> Want:
    f = s.session(version="2.1.14")
    f.typed()
    f.reply(call("Task", "1", **EXPLORE), stop="tool_use")
    sub = s.subagent(f, "a1b2c3d")
    s.remove(f"projects/-home-dev-demo/{A}/subagents/agent-a1b2c3d.jsonl")
    said = sub.reply(text(), bash("2"), model=HAIKU, used=usage(output=1), stop=None)
    sub.result("2")
    for record in sub.records:
        f.progress("a1b2c3d", "1", as_embedded(record))
    assert len(said) == 2
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a1b2c3d", "totalTokens": 1310})
    f.reply()
    # main 2 x 4,300,000; embedded 10 x 1,000 + 1 x 5,000 + 1,000 x 100 + 200 x 1,250 = 365,000
    return want(
        lines=7, record_types={"user": 2, "assistant": 2, "progress": 3}, human_prompts=1,
        responses={"main": 2, "embedded_only": 1}, by_model={OPUS: 2}, tools={"Task": 1}, tools_embedded=1, agents=1,
        tokens={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
        tokens_embedded={"input": 10, "output": 1, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=8_965_000, cost_delegated_nano=365_000,
        sessions={A: {"responses_own": 2, "cost_own_nano": 8_600_000, "cost_delegated_nano": 365_000}},
    )  # fmt: skip


@case(
    "progress-embedded-and-own-file",
    "The same subagent message stands in a progress record, as a placeholder, and in the subagent's own "
    "file: one response, the file's usage.",
    "V4",
    "A1",
    "A8",
)
def progress_embedded_and_own_file(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(call("Task", "1", **EXPLORE), stop="tool_use")
    sub = s.subagent(f, "a0123456789abcdef")
    sub.user("Count the functions.")
    said = sub.reply(bash("2"), model=HAIKU, stop="tool_use")[0]
    early = as_embedded(said) | {"message": {**said["message"], "usage": usage(output=1)}}
    f.progress("a0123456789abcdef", "1", early)
    sub.result("2")
    sub.reply(text("Two."), model=HAIKU)
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a0123456789abcdef"})
    f.reply()
    # main 2 x 4,300,000, delegated 2 x 860,000
    return want(
        lines=9, responses={"main": 2, "delegated": 2, "embedded_only": 0}, tools={"Task": 1, "Bash": 1}, agents=1,
        tokens_embedded={}, tokens_delegated={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400,
        "cache_write_5m": 400}, cost_nano=10_320_000, cost_delegated_nano=1_720_000,
    )  # fmt: skip


@case(
    "agent-id-in-two-sessions",
    "Short agent ids of older clients may meet: the same id in two sessions is two runs.",
    "A9",
    "V5",
)
def agent_id_in_two_sessions(s: Story) -> Want:
    for session in (A, B):
        f = s.session(session, version="2.1.14")
        sub = s.subagent(f, "a1b2c3d")
        f.typed()
        sub.user("Count the functions.")
        sub.reply(text("Two."), model=HAIKU)
    # 2 x 860,000
    return want(
        lines=6, session_count=2, human_prompts=2, responses={"delegated": 2}, agents=2, cost_nano=1_720_000,
        sessions={A: {"cost_delegated_nano": 860_000}, B: {"cost_delegated_nano": 860_000}},
    )  # fmt: skip
