"""Usage: each API response counts once, with its largest output, however its lines are written.

Longer than a module should be because the cases of one rule, the largest output, are read beside one another.
"""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import FIRST, HAIKU, MIDDLE, NEW, OPUS, A, B, Record, bash, call, text, thinking, usage

# claude-opus-5: input 5,000, 5 m write 6,250, read 500, output 25,000 nano-dollars a token.
# The usual response is 4,300,000 (see lines.usage).


@case(
    "growing-output",
    "One response in three lines whose output grows 1, 40, 100: it counts once, with 100.",
    "A1",
    "A2",
    "V2",
)
def growing_output(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(thinking(), text(), bash("1"), used=[usage(output=1), usage(output=40), usage(output=100)], stop=None)
    f.result("1")
    return want(
        lines=5, malformed=0, recovered=0, session_count=1, human_prompts=1,
        responses={"main": 1}, by_model={OPUS: 1}, tools={"Bash": 1}, tool_calls=1,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=4_300_000,
    )  # fmt: skip


@case(
    "largest-output-first",
    "The line with the largest output comes first and placeholders follow: the largest wins, not the last.",
    "A1",
    "V2",
)
def largest_output_first(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(thinking(), text(), text("More."), used=[usage(output=100), usage(output=1), usage(output=3)], stop=None)
    return want(
        lines=4, responses={"main": 1},
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=4_300_000,
    )  # fmt: skip


@case(
    "blocks-share-usage",
    "Thinking, text and two tool calls are four lines of one response with the same usage: billed once, "
    "both calls kept.",
    "A2",
    "A3",
    "V1",
)
def blocks_share_usage(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(
        thinking(),
        text("Two looks."),
        bash("1"),
        call("Read", "2", file_path="/home/dev/demo/calc.py"),
        stop="tool_use",
    )
    f.result("1")
    f.result("2")
    f.reply()
    # 2 responses x 4,300,000
    return want(
        lines=8, record_types={"user": 3, "assistant": 5}, responses={"main": 2}, human_prompts=1,
        tools={"Bash": 1, "Read": 1}, tool_calls=2, tool_errors={},
        tokens={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "snapshots-repeat-blocks",
    "A proxy writes a message's whole content again as it grows; the later snapshot repeats a call and "
    "adds one: two calls, one response.",
    "A2",
    "A3",
)
def snapshots_repeat_blocks(s: Story) -> Want:
    f = s.session(version=FIRST)
    f.typed()
    first = f.reply(bash("1"), used=usage(output=30), stop=None)[0]
    grown = {**first["message"], "content": [bash("1"), call("Read", "2", file_path="/home/dev/demo/a.py")],
             "usage": usage(output=100)}  # fmt: skip
    f.again(first, uuid=s.ids.uuid(), message=grown)
    return want(
        lines=3, responses={"main": 1}, tools={"Bash": 1, "Read": 1}, tool_calls=2,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=4_300_000,
    )  # fmt: skip


@case(
    "request-id-absent",
    "Bedrock and proxies write no requestId: the message id alone tells the two responses of five lines apart.",
    "A4",
)
def request_id_absent(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(thinking(), text(), bash("1"), request=None)
    f.result("1")
    f.reply(text("One."), text("Two."), request=None)
    # 2 x 4,300,000
    return want(lines=7, responses={"main": 2}, tools={"Bash": 1}, cost_nano=8_600_000)


@case(
    "request-id-on-some-lines",
    "Only the first line of a response carries a requestId; the line without one is the same response.",
    "A4",
)
def request_id_on_some_lines(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    first = f.reply(thinking(), used=usage(output=4), stop=None)[0]
    message = {**first["message"], "content": [text()], "usage": usage()}
    f.again(first, uuid=s.ids.uuid(), timestamp=s.clock.stamp(), message=message, requestId=None)
    return want(lines=3, responses={"main": 1}, cost_nano=4_300_000)


@case(
    "message-id-absent",
    "A proxy writes neither message.id nor requestId: each line is a response of its own, by its uuid, "
    "and a copied line is not a second one.",
    "A4",
)
def message_id_absent(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(message_id=None, request=None)
    last = f.reply(message_id=None, request=None)
    f.copy(last)
    # 2 x 4,300,000
    return want(lines=4, responses={"main": 2}, by_model={OPUS: 2}, cost_nano=8_600_000)


@case(
    "one-message-two-requests",
    "A proxy gives two main-line requests the same message id: two responses, for the request ids differ.",
    "A4",
    "A6",
)
def one_message_two_requests(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    f.reply(message_id="msg_reused", request="req_1")
    f.typed("And again.")
    f.reply(message_id="msg_reused", request="req_2")
    # 2 x 4,300,000
    return want(lines=4, responses={"main": 2}, human_prompts=2, cost_nano=8_600_000)


@case(
    "btw-sidechain",
    "/btw replays the parent's response in a side chain under a new request id: the same response, the "
    "parent's; only its own answer is new.",
    "A6",
    "V5",
)
def btw_sidechain(s: Story) -> Want:
    f = s.session()
    f.typed()
    said = f.reply(thinking(), text())
    aside = s.subagent(f, "aside_question-0123456789abcdef")
    aside.copy(said, isSidechain=True, agentId=aside.agent, requestId="req_aside_replay")
    aside.user("<system-reminder>This is a side question.</system-reminder>\n\nWhich file is it?")
    aside.reply(text("calc.py"), used=usage(output=20))
    # main 4,300,000; aside 10 x 5,000 + 20 x 25,000 + 1,000 x 500 + 200 x 6,250 = 2,300,000
    return want(
        lines=7, session_count=1, human_prompts=1, responses={"main": 1, "delegated": 1},
        tokens={"input": 20, "output": 120, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
        tokens_delegated={"input": 10, "output": 20, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=6_600_000, cost_delegated_nano=2_300_000,
        sessions={A: {"responses_own": 1, "cost_own_nano": 4_300_000, "cost_delegated_nano": 2_300_000}},
    )  # fmt: skip


@case(
    "btw-sidechain-knows-more",
    "The parent's line has a placeholder, the side chain's replay the final usage: still the parent's "
    "response, with the larger output.",
    "A1",
    "A6",
)
def btw_sidechain_knows_more(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    said = f.reply(used=usage(output=1), stop=None)[0]
    aside = s.subagent(f, "aside_question-0123456789abcdef")
    aside.copy([said], isSidechain=True, agentId=aside.agent, requestId="req_aside_replay",
               message={**said["message"], "usage": usage()})  # fmt: skip
    return want(
        lines=3, responses={"main": 1}, cost_nano=4_300_000, cost_delegated_nano=0,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
    )  # fmt: skip


@case(
    "aborted-in-midstream",
    "Esc during a response: its finished block is written with stop_reason null and the start usage. It "
    "counts, as a lower bound.",
    "A13",
    "V2",
)
def aborted_in_midstream(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(text("I was about to"), used=usage(output=1), stop=None, isAbortedMidStream=True)
    f.user([text("[Request interrupted by user]")])
    # 10 x 5,000 + 1 x 25,000 + 1,000 x 500 + 200 x 6,250 = 1,825,000
    return want(
        lines=3, human_prompts=1, responses={"main": 1},
        tokens={"input": 10, "output": 1, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=1_825_000,
    )  # fmt: skip


@case(
    "api-errors",
    "Retries are system lines, the last failure a <synthetic> message, and so is 'No response "
    "requested.': none of them is a response or costs anything.",
    "A21",
    "V12",
)
def api_errors(s: Story) -> Want:
    f = s.session()
    f.typed()
    for attempt in (1, 2):
        f.system("api_error", level="error", error={"status": 529, "formatted": "529 Overloaded"}, retryInMs=500,
                 retryAttempt=attempt, maxRetries=10)  # fmt: skip
    f.failure()
    f.typed("Try again.")
    f.reply()
    f.failure("No response requested.", isApiErrorMessage=False, error=None)
    return want(
        lines=7, record_types={"user": 2, "assistant": 3, "system": 2}, human_prompts=2, api_errors=2,
        responses={"main": 1, "synthetic": 2}, by_model={OPUS: 1}, unpriced_responses=0,
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200},
        cost_nano=4_300_000,
    )  # fmt: skip


@case(
    "web-search-side-call",
    "The searches ran in a side call that is in no file; only toolUseResult.searchCount tells of them: "
    "$10 a thousand are credited.",
    "A22",
)
def web_search_side_call(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("WebSearch", "1", query="rounding rules"), stop="tool_use")
    f.result(
        "1", "Two pages.", told={"query": "rounding rules", "results": [], "durationSeconds": 1.5, "searchCount": 2}
    )
    f.reply()
    # 2 x 4,300,000 + 2 searches x 10,000,000; tokens.web_searches sums the usage only
    return want(
        lines=4, responses={"main": 2}, tools={"WebSearch": 1},
        tokens={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400, "web_searches": 0},
        cost_nano=28_600_000,
    )  # fmt: skip


@case(
    "web-search-counted-in-usage",
    "Where the usage itself counts the search, the result's searchCount is not credited again.",
    "A22",
)
def web_search_counted_in_usage(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("WebSearch", "1", query="rounding rules"), used=usage(web=1), stop="tool_use")
    f.result(
        "1", "One page.", told={"query": "rounding rules", "results": [], "durationSeconds": 1.5, "searchCount": 1}
    )
    # 4,300,000 + 1 search x 10,000,000
    return want(
        lines=3, responses={"main": 1},
        tokens={"input": 10, "output": 100, "cache_read": 1000, "cache_write": 200, "cache_write_5m": 200, "web_searches": 1},
        cost_nano=14_300_000,
    )  # fmt: skip


@case(
    "bare-usage",
    "The oldest usage has input and output alone; a response with every field of today stands beside it.",
    "V15",
)
def bare_usage(s: Story) -> Want:
    f = s.session(version=FIRST)
    f.typed()
    f.reply(used={"input_tokens": 10, "output_tokens": 100})
    f.reply(used={"input_tokens": 10, "cache_creation_input_tokens": None, "cache_read_input_tokens": 0, "output_tokens": 100,
                  "service_tier": None, "cache_creation": None, "server_tool_use": None})  # fmt: skip
    # each 10 x 5,000 + 100 x 25,000 = 2,550,000
    return want(
        lines=3, responses={"main": 2}, tokens={"input": 20, "output": 200}, cost_nano=5_100_000, unpriced_responses=0
    )


@case(
    "agent-result-usage-not-summed",
    "A subagent's result repeats the usage of its last request and a token total: both are already in "
    "the subagent's own file.",
    "A14",
)
def agent_result_usage_not_summed(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(
        call("Agent", "1", description="Count", prompt="Count the functions.", subagent_type="Explore"), stop="tool_use"
    )
    sub = s.subagent(
        f, "a0123456789abcdef", meta={"agentType": "Explore", "description": "Count", "toolUseId": "toolu_1"}
    )
    sub.user("Count the functions.")
    sub.reply(bash("2"), model=HAIKU, stop="tool_use")
    sub.result("2")
    sub.reply(text("Two."), model=HAIKU)
    f.result("1", [text("Two.")], told={"status": "completed", "agentId": "a0123456789abcdef", "totalTokens": 1310,
             "totalDurationMs": 3000, "totalToolUseCount": 1, "usage": usage(), "content": [text("Two.")]})  # fmt: skip
    f.reply()
    # main 2 x 4,300,000; haiku-4-5 10 x 1,000 + 100 x 5,000 + 1,000 x 100 + 200 x 1,250 = 860,000, twice
    return want(
        lines=8, human_prompts=1, responses={"main": 2, "delegated": 2}, by_model={OPUS: 2, HAIKU: 2},
        tokens={"input": 40, "output": 400, "cache_read": 4000, "cache_write": 800, "cache_write_5m": 800},
        tokens_delegated={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
        subagent_spawns=1, agents=1, tools={"Agent": 1, "Bash": 1}, cost_nano=10_320_000, cost_delegated_nano=1_720_000,
    )  # fmt: skip


@case(
    "cost-state-kept-apart",
    "The client's own total, written again at each exit, is not our figure and is not added to it.",
    "A25",
    "V11",
)
def cost_state_kept_apart(s: Story) -> Want:
    f = s.session()
    f.turn()
    for total in (0.9, 1.8):
        f.bare("cost-state", sessionId=f.session, totalCostUSD=total, totalAPIDuration=900, totalDuration=5000,
               modelUsage={OPUS: {"inputTokens": 999, "outputTokens": 999, "costUSD": total}})  # fmt: skip
    return want(
        lines=4, record_types={"user": 1, "assistant": 1, "cost-state": 2}, responses={"main": 1}, cost_nano=4_300_000,
        sessions={A: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000}},
    )  # fmt: skip


def _used(n: int) -> Record:
    """The usage of a gateway's n-th answer, which is given more than the one before."""
    return usage(1000 + n, 50 + n, 0, 0)


@case(
    "one-id-six-answers",
    "A gateway without request ids gives six answers one message id, and their calls one tool-use id; each call has its "
    "result before the next answer: six responses, six calls.",
    "A4",
)
def one_id_six_answers(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    for n in range(6):
        f.reply(call("Read", "0", file_path="/home/dev/demo/a.py"), used=_used(n), message_id="msg_gate", request=None,
                stop="tool_use")  # fmt: skip
        f.result("0")
    return want(
        lines=13, responses={"main": 6}, tools={"Read": 6}, tool_calls=6,
        tokens={"input": 6015, "output": 315, "cache_read": 0, "cache_write": 0},
    )  # fmt: skip


@case(
    "one-id-one-answer-with-results-between",
    "Bedrock writes no request id, and fast tools are done before the answer's later calls are written: equal usage, so "
    "one response with three calls.",
    "A4",
)
def one_id_one_answer(s: Story) -> Want:
    f = s.session(version=NEW)
    f.typed()
    for n in range(3):
        f.reply(call("Read", str(n), file_path=f"/home/dev/demo/{n}.py"), message_id="msg_bdrk_1", request=None,
                stop="tool_use")  # fmt: skip
        f.result(str(n))
    return want(lines=7, responses={"main": 1}, tools={"Read": 3}, tool_calls=3, cost_nano=4_300_000)


@case(
    "gateway-answer-written-twice",
    "With a gateway's ids the client writes an answer, and a call, twice: one response each, one call.",
    "A4",
)
def gateway_answer_written_twice(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    for _ in range(2):
        f.reply(text("Hi there."), message_id="resp_a", request=None)
    f.typed("And list.")
    for _ in range(2):
        f.reply(bash("1"), message_id="resp_b", request=None, stop="tool_use")
    f.result("1")
    return want(lines=7, responses={"main": 2}, tools={"Bash": 1}, tool_calls=1, cost_nano=8_600_000)


@case(
    "gateway-answer-written-twice-in-another-century",
    "The same while the clock was wrong: a time that cannot be right still says that two lines are one.",
    "A4",
)
def gateway_answer_written_twice_in_another_century(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    f.typed()
    for time in ("1970-01-01T00:00:05.250Z", "2001-02-03T04:05:06.789Z"):
        said = f.reply(text("Hi there."), message_id="resp_a", request=None, timestamp=time)[0]
        f.again(said, uuid=s.ids.uuid())
        f.typed("And again.")
    f.reply(message_id="resp_b", request=None)
    return want(lines=8, responses={"main": 3}, human_prompts=3, cost_nano=12_900_000)


@case(
    "one-id-ended-answers",
    "A gateway gives every answer one id and the same usage. An answer that ended is over where a notification, the "
    "feedback of a Stop hook or a queued prompt follows.",
    "A4",
)
def one_id_ended_answers(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(text("One."), message_id="resp_a", request=None)
    f.user("<task-notification>\n<task-id>b1</task-id>\n</task-notification>", origin={"kind": "task-notification"})
    f.reply(text("Two."), message_id="resp_a", request=None)
    f.meta("Stop hook feedback:\nRun the tests.")
    f.reply(text("Three."), message_id="resp_a", request=None)
    f.attachment("queued_command", prompt="And lint.", commandMode="prompt", origin={"kind": "human"}, humanTurn=True)
    f.reply(thinking(), text("Four."), message_id="resp_a", request=None)
    return want(lines=9, responses={"main": 4}, prompts={"typed": 1, "queued": 1}, cost_nano=17_200_000)


@case(
    "gateway-counts-anew",
    "A gateway counts its ids from one in each session: two sessions, two responses, two costs.",
    "A4",
)
def gateway_counts_anew(s: Story) -> Want:
    for name in (A, B):
        f = s.session(name)
        f.typed()
        f.reply(message_id="chatcmpl-1", request="1")
    return want(lines=4, session_count=2, responses={"main": 2}, cost_nano=8_600_000)


@case(
    "summaries-of-idle-agents",
    "Before 2.1.128 an idle subagent's report was written again and again, with usage: no answers, no cost, no title.",
    "A2",
)
def summaries_of_idle_agents(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    leaf = f.turn("Look around.")[-1]["uuid"]
    for n in range(5):
        f.bare("summary", summary="Reads the routes", agentName="scout", sessionId=f.session, leafUuid=leaf if n == 0 else "x",
               message={"id": f"msg_sum{n}", "role": "assistant", "model": HAIKU, "content": [], "usage": usage()})  # fmt: skip
    return want(
        lines=7, responses={"main": 1}, cost_nano=4_300_000, record_types={"user": 1, "assistant": 1, "summary": 5},
        sessions={A: {"title": "Look around."}},
    )  # fmt: skip
