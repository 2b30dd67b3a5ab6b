"""Records: tools and their results, titles, links, modes, odd shapes, and types nobody knows yet."""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import EARLY, FIRST, MIDDLE, NEW, OPUS, A, B, C, D, bash, call, result_block, text

REFUSED = ("The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, "
           "the new_string was NOT written to the file). STOP what you are doing.")  # fmt: skip


@case(
    "tool-errors",
    "An error is a result with is_error, once per call, under its tool; a refusal by the person is one "
    "too, and is also counted apart.",
    "V14",
)
def tool_errors(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(bash("1", "exit 3"), call("Edit", "2", file_path="/home/dev/demo/calc.py", old_string="x", new_string="y"),
            bash("3", "rm -r build"), bash("4", "rm -r dist"), call("NoSuchTool", "5", x=1), bash("6"), stop="tool_use")  # fmt: skip
    failed = f.result("1", "Exit code 3", error=True, told="Error: Exit code 3")
    f.result(
        "2", "String to replace not found in file.", error=True, told="Error: String to replace not found in file."
    )
    f.result("3", REFUSED, error=True, told="User rejected tool use", toolDenialKind="user-rejected")
    f.result("4", REFUSED, error=True, told="User rejected tool use")
    f.result("5", "<tool_use_error>Error: No such tool available: NoSuchTool</tool_use_error>", error=True)
    f.result("6", "error: only a word in an output", told={"stdout": "error: only a word in an output", "stderr": ""})
    f.copy([failed])
    f.reply()
    return want(
        lines=15, human_prompts=1, responses={"main": 2}, tool_calls=6, tools={"Bash": 4, "Edit": 1, "NoSuchTool": 1},
        tool_errors={"Bash": 3, "Edit": 1, "NoSuchTool": 1}, tool_rejected=2, cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "several-results-in-one-line",
    "One user line answers three calls, one of them with an error.",
    "V13",
)
def several_results_in_one_line(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(bash("1"), call("Read", "2", file_path="/home/dev/demo/a.py"), bash("3"), stop="tool_use")
    f.user([result_block("1"), result_block("2", "File does not exist.", error=True),
            result_block("3", [text("ok"), {"type": "tool_reference", "tool_name": "Grep"}])])  # fmt: skip
    f.reply()
    return want(
        lines=6, human_prompts=1, tool_calls=3, tools={"Bash": 2, "Read": 1}, tool_errors={"Read": 1}, tool_rejected=0,
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "call-without-result",
    "A killed client leaves a call unanswered; on resume it writes a stand-in result and 'No response requested.'.",
    "V12",
)
def call_without_result(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(bash("1"), bash("2"), stop="tool_use")
    f.result("1", "[Request interrupted by user for tool use]", error=True, toolDenialKind="interrupted")
    f.failure("No response requested.", isApiErrorMessage=False, error=None)
    f.turn("On with it.")
    return want(
        lines=7, human_prompts=2, responses={"main": 2, "synthetic": 1}, tool_calls=2, tools={"Bash": 2},
        tool_errors={"Bash": 1}, tool_rejected=0, cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "odd-content",
    "Content as a string, as strings in a list, as null, under a misspelt key; a tool named garbage; "
    "empty thinking: all survive.",
    "V13",
)
def odd_content(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.user(["Fix add,", "please."])
    f.line("user", message={"role": "user", "content": None})
    f.line("user", message={"role": "user", "conetnt": "Fix add."})
    f.reply(
        {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}, call('Task" > <parameter name="description', "1")
    )
    plain = f.reply()[0]["message"]
    plain["content"] = "Just words."
    f.pieces.pop()
    f.line("assistant", message=plain | {"id": "msg_plain"}, requestId="req_plain")
    return want(
        lines=6, malformed=0, record_types={"user": 3, "assistant": 3}, human_prompts=1, responses={"main": 2},
        tools={'Task" > <parameter name="description': 1}, subagent_spawns=0, cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "odd-types",
    "A field of a wrong type (a number for a text, an object for a number, a text for a list) costs "
    "that field, not the line.",
    "V13",
    "V15",
)
def odd_types(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.turn()
    f.line(
        "user",
        message={"role": "user", "content": "Now a test."},
        gitBranch=7,
        cwd=None,
        permissionMode={"mode": "plan"},
    )
    f.reply(slug=["not", "a", "text"], effort=3)
    f.line("system", subtype=12, content={"an": "object"}, durationMs="long")
    f.bare("ai-title", aiTitle="Mend add", sessionId=12)
    return want(
        lines=6, malformed=0, session_count=1, record_types={"user": 2, "assistant": 2, "system": 1, "ai-title": 1}, human_prompts=2, responses={"main": 2},
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "unknown-records",
    "Types, subtypes, attachments and fields that no release has had yet are counted and harm nothing.",
    "V12",
    "V11",
)
def unknown_records(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.line("telepathy", message={"role": "user", "content": "No words."}, depth={"very": ["new"]})
    f.bare("constellation", sessionId=A, stars=[1, 2, 3])
    f.system("tea_break", content="Back soon.")
    f.system(None, content="An old notice without a subtype.", level="info")
    f.attachment("crystal_ball", future=[{"unclear": True}])
    f.reply({"type": "hologram", "frames": 3})
    return want(
        lines=8, malformed=0, session_count=1, human_prompts=1, responses={"main": 2}, cost_nano=8_600_000,
        record_types={"user": 1, "assistant": 2, "telepathy": 1, "constellation": 1, "system": 2, "attachment": 1},
    )  # fmt: skip


@case(
    "answered-by-another-model",
    "A refused or overloaded model is replaced: the block says from and to, the message's own model is "
    "the one that answered and is billed.",
    "V12",
)
def answered_by_another_model(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.system("model_refusal_fallback", content="Switched model")
    f.reply({"type": "fallback", "from": {"model": "claude-fable-5"}, "to": {"model": OPUS}}, text())
    return want(lines=4, responses={"main": 1}, by_model={OPUS: 1}, cost_nano=4_300_000)


@case(
    "titles",
    "Titles repeat; the last one wins, a person's before the client's; an old summary may stand in "
    "another file and names its session by leafUuid.",
    "V11",
)
def titles(s: Story) -> Want:
    f, g, h, i = s.session(A), s.session(B), s.session(C, version=FIRST), s.session(D, version=FIRST)
    f.bare("custom-title", customTitle="First name", sessionId=A)
    f.turn()
    f.bare("ai-title", aiTitle="Mend the add function", sessionId=A)
    f.bare("custom-title", customTitle="Mended", sessionId=A)
    f.bare("ai-title", aiTitle="Mend add again", sessionId=A)
    g.bare("ai-title", aiTitle="An early guess", sessionId=B)
    g.turn()
    g.bare("ai-title", aiTitle="A better guess", sessionId=B)
    last = h.turn()[-1]
    i.bare("summary", summary="Old work on add", leafUuid=last["uuid"])
    i.bare("summary", summary="Work that is gone", leafUuid="99999999-0000-4000-8000-000000000001")
    i.turn("Something new.")
    return want(
        lines=16, record_types={"user": 4, "assistant": 4, "custom-title": 2, "ai-title": 4, "summary": 2}, session_count=4,
        cost_nano=17_200_000,
        sessions={A: {"title": "Mended"}, B: {"title": "A better guess"}, C: {"title": "Old work on add"}},
    )  # fmt: skip


@case(
    "titles-by-prompts",
    "Where nobody named a session its title is the first prompt that says what to do: no `continue`, no setting of the "
    "client, no banner; a command with its arguments, a plan's heading; else what was answered.",
    "V11",
)
def titles_by_prompts(s: Story) -> Want:
    f, g, h, i = s.session(A), s.session(B), s.session(C), s.session(D)
    f.turn("continue")
    f.turn("Mend the add function.\nThen commit.")
    g.meta("<local-command-caveat>Caveat: The messages below were generated by the user.</local-command-caveat>")
    g.user(
        "<command-name>/clear</command-name>\n<command-message>clear</command-message>\n<command-args></command-args>"
    )
    g.user("<local-command-stdout></local-command-stdout>")
    g.user(
        "<command-message>review</command-message>\n<command-name>/review</command-name>\n<command-args>123</command-args>"
    )
    g.reply()
    h.user("Implement the following plan:\n\n# Plan\n\n## Add **mul**\n\nText.", planContent="# Plan")
    h.reply()
    i.typed("go on")
    i.reply(text("Sure! I will test the add function now. It fails."))
    return want(
        lines=13, session_count=4, human_prompts=5, prompts={"typed": 3, "slash": 2},
        sessions={A: {"title": "Mend the add function."}, B: {"title": "/review 123"}, C: {"title": "Add mul"},
                  D: {"title": "I will test the add function now."}},
    )  # fmt: skip


@case(
    "pull-request-links",
    "The same link is written again and again and in several sessions: distinct addresses count.",
    "V11",
)
def pull_request_links(s: Story) -> Want:
    f, g = s.session(A), s.session(B)
    f.turn()
    for number in (7, 7, 8):
        f.bare("pr-link", sessionId=A, prNumber=number, prUrl=f"https://github.com/demo/demo/pull/{number}",
               prRepository="demo/demo", timestamp=s.clock.stamp())  # fmt: skip
    g.turn()
    g.bare("pr-link", sessionId=B, prNumber=7, prUrl="https://github.com/demo/demo/pull/7", prRepository="demo/demo",
           timestamp=s.clock.stamp())  # fmt: skip
    return want(lines=8, pull_request_links=2, session_count=2, cost_nano=8_600_000)


@case(
    "plan-mode",
    "Plan mode shows in five ways, each in a file of its own; a sixth file only speaks of a plan.",
    "V9",
    "V11",
)
def plan_mode(s: Story) -> Want:
    ids = [f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000" for n in range(1, 7)]
    prompt, tool, mode, attached, entered, plain = (
        s.session(each, version=NEW if each != ids[1] else EARLY) for each in ids
    )
    prompt.typed("Plan it.", permissionMode="plan")
    tool.typed("Plan it.")
    tool.reply(call("ExitPlanMode", "1", plan="# Plan"), stop="tool_use")
    mode.bare("permission-mode", permissionMode="plan", sessionId=ids[2])
    mode.typed("Plan it.")
    attached.typed("Plan it.")
    attached.attachment("plan_mode", reminderType="full", isSubAgent=False, planFilePath="/home/dev/.claude/plans/a.md")
    entered.typed("Plan it.")
    entered.reply(call("EnterPlanMode", "2"), stop="tool_use")
    plain.typed("Write a plan to PLAN.md, and use plan mode in your head.")
    plain.reply(call("Write", "3", file_path="/home/dev/demo/PLAN.md", content="# Plan"), stop="tool_use")
    return want(
        lines=11,
        plan_mode_files=5,
        human_prompts=6,
        session_count=6,
        tools={"ExitPlanMode": 1, "EnterPlanMode": 1, "Write": 1},
    )


@case(
    "several-versions",
    "Versions mix in one file, and a lower one may come later: a version is not a time.",
    "V18",
)
def several_versions(s: Story) -> Want:
    f = s.session(version="2.1.56")
    f.turn()
    f.version = "2.0.67"
    f.turn("Now a test.")
    f.version = NEW
    f.turn("Now the docs.")
    return want(
        lines=6, session_count=1, human_prompts=3, responses={"main": 3}, cost_nano=12_900_000,
        sessions={A: {"prompts": 3, "responses_own": 3, "active_ms": 5000, "wall_ms": 5000}},
    )  # fmt: skip


@case(
    "head-cut",
    "The head of the file is gone: parents point to lines that are not there, a result answers a call "
    "that is not there.",
    "V19",
)
def head_cut(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(bash("1"), stop="tool_use")
    f.pieces.clear()
    f.result("1", "Exit code 1", error=True)
    f.reply()
    f.turn("Now a test.")
    return want(
        lines=4, malformed=0, human_prompts=1, responses={"main": 2}, tool_calls=0, tools={}, tool_errors={"?": 1},
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "windows-paths",
    "Backslashes, drive letters in either case and /mnt/c are paths like others; one session may have several.",
    "V20",
    "B31",
)
def windows_paths(s: Story) -> Want:
    f = s.session(slug="C--Users-dev-demo", cwd="C:\\Users\\dev\\demo", version=MIDDLE)
    f.turn()
    f.cwd = "c:\\Users\\dev\\demo"
    f.reply(call("PowerShell", "1", command="dir"), stop="tool_use")
    f.result("1")
    f.cwd = "/mnt/c/Users/dev/demo"
    f.turn("Now from WSL.")
    return want(
        lines=6, session_count=1, human_prompts=2, tools={"PowerShell": 1}, responses={"main": 3}, cost_nano=12_900_000
    )


@case(
    "plumbing",
    "The client's copies of its requests hold messages too: prompts, answers, calls and usage in them "
    "are not lines of the conversation.",
    "B37",
    "V11",
)
def plumbing(s: Story) -> Want:
    f = s.session()
    prompt, answer = f.turn()
    f.bare("api-request-shape", sessionId=A, shapeHash="d0", timestamp=s.clock.stamp(), version=NEW,
           shape={"system": [text("You are Claude Code.")], "tools": [{"name": "Bash"}]})  # fmt: skip
    f.bare("api-request-blob", sessionId=A, hash="aa", message=prompt["message"])
    f.bare("api-request-blob", sessionId=A, hash="bb", message=answer["message"])
    f.bare("api-request", sessionId=A, id="392a6e21-0000-4000-8000-000000000000", timestamp=s.clock.stamp(), version=NEW,
           shapeHash="d0", params={"model": OPUS}, keep=0, tail=["aa", "bb"])  # fmt: skip
    f.attachment("prompt_snapshot", messages=[prompt["message"], answer["message"]])
    f.bare("tools-used", tools=["Bash"], sessionId=A)
    f.bare("last-prompt", lastPrompt="Fix the add function.", leafUuid=answer["uuid"], sessionId=A)
    return want(
        lines=9, session_count=1, human_prompts=1, responses={"main": 1}, tools={}, tool_calls=0, cost_nano=4_300_000,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        record_types={"user": 1, "assistant": 1, "api-request-shape": 1, "api-request-blob": 2, "api-request": 1,
                      "attachment": 1, "tools-used": 1, "last-prompt": 1},
    )  # fmt: skip


@case(
    "odd-usage",
    "Usage with floats, nulls and a word where an object should be: what is a number counts.",
    "V15",
)
def odd_usage(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(used={"input_tokens": 10.0, "output_tokens": 100.0, "cache_read_input_tokens": None, "cache_creation": "none",
                  "cache_creation_input_tokens": 0, "speed": None, "server_tool_use": [], "service_tier": 3})  # fmt: skip
    # 10 x 5,000 + 100 x 25,000
    return want(lines=2, malformed=0, responses={"main": 1}, tokens={"input": 10, "output": 100}, cost_nano=2_550_000)


@case(
    "tool-ids-reused",
    "A proxy counts its calls from 0 in every session: a result answers the call of its own session.",
    "A3",
    "V14",
)
def tool_ids_reused(s: Story) -> Want:
    f, g = s.session(A, version=MIDDLE), s.session(B, version=MIDDLE)
    f.typed()
    f.reply(bash("0"), stop="tool_use")
    g.typed()
    g.reply(call("Read", "0", file_path="/home/dev/demo/a.py"), stop="tool_use")
    g.result("0", "File does not exist.", error=True, told="Error: File does not exist.")
    f.result("0")
    return want(lines=6, tools={"Bash": 1, "Read": 1}, tool_errors={"Read": 1}, cost_nano=8_600_000)


@case(
    "tool-ids-reused-in-a-cut-file",
    "A proxy's ids again, in files that were cut at the head: the result of a call that is missing is not that of a later "
    "call of the same id, nor of one in another session.",
    "A3",
    "V14",
    "V19",
)
def tool_ids_reused_in_a_cut_file(s: Story) -> Want:
    f, g, h = s.session(A, version=MIDDLE), s.session(B, version=MIDDLE), s.session(C, version=MIDDLE)
    f.result("0", "File does not exist.", error=True, told="Error: File does not exist.")
    f.reply(bash("0"), stop="tool_use")
    f.result("0")
    g.typed()
    g.reply(call("Read", "1", file_path="/home/dev/demo/a.py"), stop="tool_use")
    h.result("1", "Exit code 1", error=True, told="Error: Exit code 1")
    h.reply()
    return want(lines=7, tools={"Bash": 1, "Read": 1}, tool_errors={"?": 2}, responses={"main": 3}, cost_nano=12_900_000)
