"""Times: active time, wall time, and the developer's local day.

Active: gaps between neighbouring conversation lines of up to five minutes count whole, longer ones not at all; a
running tool or subagent counts from its call to its result, fifteen minutes at most. Wall: from the first conversation line to the last. The local day is
that of the first.
"""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import MIDDLE, A, B, C, bash, call, text

MINUTE = 60_000


def at(s: Story, time: str) -> None:
    s.clock.set(f"2026-09-01T{time}Z")


@case(
    "active-gaps",
    "A gap of five minutes counts whole; one of a millisecond more does not count at all.",
    "B36",
)
def active_gaps(s: Story) -> Want:
    f = s.session()
    for time in ("10:00:00.000", "10:05:00.000", "10:10:00.001", "10:10:30.001"):
        at(s, time)
        f.typed()
    # 5 min + 0 + 30 s; wall 10 min 30.001 s
    return want(sessions={A: {"active_ms": 330_000, "wall_ms": 630_001}})


@case(
    "active-while-a-tool-runs",
    "A tool ran for twenty minutes, and nothing was written meanwhile: fifteen of them count.",
    "B36",
)
def active_while_a_tool_runs(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    at(s, "10:00:10.000")
    f.reply(bash("1", "make test"), stop="tool_use")
    at(s, "10:20:10.000")
    f.result("1")
    at(s, "10:20:20.000")
    f.reply()
    at(s, "11:20:20.000")
    f.typed("Thanks.")
    # 10 s + 15 of the 20 min + 10 s; then an hour's gap
    return want(sessions={A: {"active_ms": 15 * MINUTE + 20_000, "wall_ms": 80 * MINUTE + 20_000}})


@case(
    "active-sleeping-subagent",
    "A subagent slept for fourteen hours by the client's own measure: fifteen minutes count.",
    "B36",
)
def active_sleeping_subagent(s: Story) -> Want:
    f = s.session()
    at(s, "08:00:00.000")
    f.typed()
    at(s, "08:00:00.000")
    f.reply(call("Task", "1", description="Wait", prompt="Wait for the deployment."), stop="tool_use")
    at(s, "22:00:00.000")
    f.result("1", told={"status": "completed", "totalDurationMs": 14 * 60 * MINUTE})
    at(s, "22:00:00.000")
    f.reply()
    return want(sessions={A: {"active_ms": 15 * MINUTE, "wall_ms": 14 * 60 * MINUTE}})


@case(
    "active-busy-subagent",
    "A subagent worked for forty minutes and said something every four: all of it counts.",
    "B36",
)
def active_busy_subagent(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    f.reply(call("Task", "1", description="Look", prompt="Look."), stop="tool_use")
    sub = s.subagent(f, "a0123456789abcdef")
    for minute in range(0, 40, 4):
        at(s, f"10:{minute:02}:00.000")
        sub.reply(text("Looking."))
    at(s, "10:40:00.000")
    f.result("1", told={"status": "completed", "agentId": "a0123456789abcdef", "totalDurationMs": 40 * MINUTE})
    at(s, "10:40:00.000")
    f.reply()
    return want(sessions={A: {"active_ms": 40 * MINUTE, "wall_ms": 40 * MINUTE}})


@case(
    "active-overnight",
    "A call waited for its person all night: fifteen minutes of it may have been work, and what the client measured was.",
    "B36",
)
def active_overnight(s: Story) -> Want:
    f = s.session()
    at(s, "20:00:00.000")
    f.typed()
    at(s, "20:00:00.000")
    f.reply(bash("1", "npm run build"), stop="tool_use")
    s.clock.set("2026-09-02T06:00:00.000Z")
    f.result("1")
    s.clock.set("2026-09-02T06:00:00.000Z")
    f.reply(bash("2", "make"), stop="tool_use")
    s.clock.set("2026-09-02T08:00:00.000Z")
    f.result("2", told={"stdout": "", "durationMs": 90_000})
    # fifteen minutes at most, and a minute and a half as measured
    return want(sessions={A: {"active_ms": 15 * MINUTE + 90_000, "wall_ms": 12 * 60 * MINUTE}})


@case(
    "active-refused",
    "A command waited all night to be allowed, and was refused in the morning: it never ran.",
    "B36",
)
def active_refused(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    at(s, "10:00:10.000")
    f.reply(bash("1", "make deploy"), stop="tool_use")
    at(s, "20:00:00.000")
    f.result("1", "The user doesn't want to proceed with this tool use.", error=True, toolDenialKind="user-rejected")
    at(s, "20:01:00.000")
    f.typed("Build it only.")
    return want(tool_rejected=1, sessions={A: {"active_ms": MINUTE + 10_000, "wall_ms": 10 * 60 * MINUTE + MINUTE}})


@case(
    "active-with-a-subagent",
    "The main line is silent for twelve minutes while a background subagent writes every four: the "
    "timelines are merged.",
    "B36",
    "A11",
)
def active_with_a_subagent(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    f.reply(call("Agent", "1", description="Look", prompt="Look.", run_in_background=True), stop="tool_use")
    f.result("1", "Launched.", told={"status": "async_launched", "agentId": "a0123456789abcdef"})
    sub = s.subagent(f, "a0123456789abcdef")
    for time in ("10:04:00.000", "10:08:00.000"):
        at(s, time)
        sub.reply(text("Looking."))
    at(s, "10:12:00.000")
    f.reply()
    return want(sessions={A: {"active_ms": 12 * MINUTE, "wall_ms": 12 * MINUTE}})


@case(
    "times-out-of-order",
    "Lines stand in the file in another order than their times: time goes by the clock, not by the file.",
    "V18",
)
def times_out_of_order(s: Story) -> Want:
    f = s.session(version=MIDDLE)
    for time in ("10:02:00.000", "10:00:00.000", "10:01:00.000", "10:03:00.000"):
        at(s, time)
        f.typed()
    return want(sessions={A: {"active_ms": 3 * MINUTE, "wall_ms": 3 * MINUTE}})


@case(
    "one-time-for-all",
    "A converter gave all lines one time, which is no clock's: equal prompts and equal answers are several all the same.",
    "V18",
)
def one_time_for_all(s: Story) -> Want:
    f, g = s.session(A, version=MIDDLE), s.session(B, version=MIDDLE)
    for each, time in ((f, "2026-09-01T10:00:00.000Z"), (g, "1970-01-01T00:00:00.000Z")):
        each.extra = {"timestamp": time}
        for _ in range(3):
            each.typed("Go on.")
            each.reply(message_id="resp_a", request=None)
    # 6 x 4,300,000
    return want(
        human_prompts=6, responses={"main": 6}, cost_nano=25_800_000,
        sessions={A: {"prompts": 3, "responses_own": 3, "active_ms": 0}, B: {"prompts": 3, "responses_own": 3}},
    )  # fmt: skip


@case(
    "bookkeeping-takes-no-time",
    "Links, queue records, titles and totals written hours later do not lengthen the session.",
    "B39",
    "V11",
)
def bookkeeping_takes_no_time(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    at(s, "10:01:00.000")
    f.reply()
    at(s, "10:04:00.000")
    f.bare("pr-link", sessionId=A, prNumber=7, prUrl="https://github.com/demo/demo/pull/7", prRepository="demo/demo",
           timestamp=s.clock.stamp())  # fmt: skip
    at(s, "15:00:00.000")
    f.queue("popAll", "")
    f.bare("ai-title", aiTitle="Mend add", sessionId=A, timestamp=s.clock.stamp())
    f.system("away_summary", content="They mended add.")
    return want(sessions={A: {"active_ms": MINUTE, "wall_ms": MINUTE}}, pull_request_links=1)


@case(
    "one-line-session",
    "A session of one line lasted no time.",
    "B36",
)
def one_line_session(s: Story) -> Want:
    s.session().typed()
    return want(human_prompts=1, sessions={A: {"prompts": 1, "responses_own": 0, "active_ms": 0, "wall_ms": 0}})


@case(
    "local-midnight",
    "A session of the evening in Los Angeles is of the next day in UTC: the developer's day counts.",
    "B35",
)
def local_midnight(s: Story) -> Want:
    before, after = s.session(A), s.session(B)
    s.clock.set("2026-09-02T06:59:59.000Z")
    before.typed()
    s.clock.set("2026-09-02T07:00:00.000Z")
    after.typed()
    return want(
        timezone="America/Los_Angeles",
        sessions={A: {"local_day": "2026-09-01"}, B: {"local_day": "2026-09-02"}},
    )  # fmt: skip


@case(
    "summer-time-begins",
    "In Berlin the 29th of March 2026 has 23 hours: it begins an hour after UTC and ends two hours after.",
    "B35",
)
def summer_time_begins(s: Story) -> Want:
    for name, instant in (
        (A, "2026-03-28T22:59:59.000Z"),
        (B, "2026-03-28T23:00:00.000Z"),
        (C, "2026-03-29T22:00:00.000Z"),
    ):
        f = s.session(name)
        s.clock.set(instant)
        f.typed()
    return want(
        timezone="Europe/Berlin",
        sessions={A: {"local_day": "2026-03-28"}, B: {"local_day": "2026-03-29"}, C: {"local_day": "2026-03-30"}},
    )  # fmt: skip


@case(
    "summer-time-ends",
    "In Berlin the 25th of October 2026 has 25 hours; the hour that comes twice is two hours of work.",
    "B35",
    "B36",
)
def summer_time_ends(s: Story) -> Want:
    f, g = s.session(A), s.session(B)
    for minute in range(0, 121, 5):
        s.clock.set(f"2026-10-25T0{minute // 60}:{minute % 60:02d}:00.000Z")
        f.typed()
    s.clock.set("2026-10-25T22:59:59.000Z")
    g.typed()
    # 00:00 to 02:00 UTC is 02:00 summer time to 03:00 winter time
    return want(
        timezone="Europe/Berlin",
        sessions={
            A: {"local_day": "2026-10-25", "active_ms": 120 * MINUTE, "wall_ms": 120 * MINUTE},
            B: {"local_day": "2026-10-25"},
        },
    )  # fmt: skip


@case(
    "half-hour-zone",
    "Kathmandu is five hours and three quarters ahead.",
    "B35",
)
def half_hour_zone(s: Story) -> Want:
    f, g = s.session(A), s.session(B)
    s.clock.set("2026-09-01T18:14:59.000Z")
    f.typed()
    s.clock.set("2026-09-01T18:15:00.000Z")
    g.typed()
    return want(timezone="Asia/Kathmandu", sessions={A: {"local_day": "2026-09-01"}, B: {"local_day": "2026-09-02"}})


@case(
    "posix-zone",
    "TZ may be a POSIX string: CST-8 is eight hours ahead of UTC, whatever the sign says.",
    "B35",
)
def posix_zone(s: Story) -> Want:
    f, g = s.session(A), s.session(B)
    s.clock.set("2026-09-01T15:59:59.000Z")
    f.typed()
    s.clock.set("2026-09-01T16:00:00.000Z")
    g.typed()
    return want(timezone="CST-8", sessions={A: {"local_day": "2026-09-01"}, B: {"local_day": "2026-09-02"}})


@case(
    "over-midnight",
    "A session that goes on after midnight is of the day on which it began; its times are one.",
    "B35",
    "B36",
)
def over_midnight(s: Story) -> Want:
    f = s.session()
    for time in ("2026-09-01T23:58:00.000Z", "2026-09-02T00:01:00.000Z", "2026-09-02T00:03:00.000Z"):
        s.clock.set(time)
        f.typed()
    return want(sessions={A: {"local_day": "2026-09-01", "active_ms": 5 * MINUTE, "wall_ms": 5 * MINUTE}})


@case(
    "clock-set-back",
    "The clock was set back in mid-session: the lines of 1970 and of a year before keep their place and lose their time.",
    "B35",
    "B36",
)
def clock_set_back(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    s.clock.set("1970-01-01T00:00:05.000Z")
    f.reply()
    s.clock.set("2025-08-31T10:00:00.000Z")
    f.typed()
    f.reply()
    at(s, "10:01:00.000")
    f.typed()
    return want(
        human_prompts=3,
        sessions={A: {"local_day": "2026-09-01", "active_ms": MINUTE, "wall_ms": MINUTE, "prompts": 3, "responses_own": 2}},
    )  # fmt: skip


@case(
    "clock-ahead",
    "The clock ran ahead for a while, to 2038 and to the year 9999.",
    "B35",
    "B36",
)
def clock_ahead(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    s.clock.set("2038-01-19T03:14:07.000Z")
    f.reply()
    s.clock.set("9999-12-31T23:59:58.000Z")
    f.typed()
    at(s, "10:01:00.000")
    f.reply()
    return want(
        human_prompts=2,
        sessions={A: {"local_day": "2026-09-01", "active_ms": MINUTE, "wall_ms": MINUTE, "prompts": 2, "responses_own": 2}},
    )  # fmt: skip


@case(
    "seconds-for-milliseconds",
    "A tool wrote the timestamps of two lines as numbers: one in milliseconds, which is read, one in seconds, which is of 1970.",
    "B35",
)
def seconds_for_milliseconds(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    f.typed("In milliseconds.", timestamp=1_788_256_860_000)
    f.typed("In seconds.", timestamp=1_788_256_920)
    return want(
        human_prompts=3,
        sessions={A: {"local_day": "2026-09-01", "active_ms": MINUTE, "wall_ms": MINUTE, "prompts": 3}},
    )  # fmt: skip


@case(
    "active-parallel-tools",
    "Two tools run at once for eight and twelve minutes: twelve minutes, not twenty; a call without a result "
    "ran for no known time.",
    "B36",
)
def active_parallel_tools(s: Story) -> Want:
    f = s.session()
    at(s, "10:00:00.000")
    f.typed()
    at(s, "10:00:00.000")
    f.reply(bash("1", "make test"), stop="tool_use", message_id="msg_both")
    at(s, "10:00:00.000")
    f.reply(bash("2", "make lint"), stop="tool_use", message_id="msg_both")
    at(s, "10:08:00.000")
    f.result("1")
    at(s, "10:12:00.000")
    f.result("2")
    at(s, "10:12:00.000")
    f.reply(bash("3", "sleep 9999"), stop="tool_use")
    at(s, "11:30:00.000")
    f.typed("It hangs.")
    return want(sessions={A: {"active_ms": 12 * MINUTE, "wall_ms": 90 * MINUTE}})
