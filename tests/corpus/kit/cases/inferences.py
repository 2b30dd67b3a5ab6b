"""Inferences: what a response's usage lists beside itself is billed, each at its own model's price; refusals by day."""

from __future__ import annotations

from typing import Any

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import HAIKU, OPUS, A, Record, Transcript, as_embedded, call, text, thinking, usage

FABLE = "claude-fable-5"
# Nano-dollars a token: claude-opus-5 5,000 in, 6,250 and 10,000 written, 500 read, 25,000 out; claude-fable-5
# 10,000 in, 12,500 and 20,000 written, 1,000 read, 50,000 out; claude-haiku-4-5 1,000 in, 100 read, 5,000 out.


def part(kind: str, fresh: int, output: int, read: int = 0, write: int = 0, **more: Any) -> Record:
    """One entry of `usage.iterations`."""
    return {"type": kind, "input_tokens": fresh, "output_tokens": output, "cache_read_input_tokens": read,
            "cache_creation_input_tokens": write} | more  # fmt: skip


def fallback(declined: str, answered: str, category: str | None = None) -> Record:
    """The block that stands where another model took over."""
    block: Record = {"type": "fallback", "from": {"model": declined}, "to": {"model": answered}}
    return block | ({"trigger": {"type": "refusal", "category": category}} if category else {})


@case(
    "iterations-of-one-answer",
    "usage.iterations lists the rounds of a loop with server tools, which the usage already sums: they are not added.",
    "A14",
    "V15",
)
def iterations_of_one_answer(s: Story) -> Want:
    f = s.session()
    f.typed()
    rounds = [part("message", 5, 50, 500, 100), part("message", 5, 50, 500, 100)]
    f.reply(thinking(), text(), used=usage(iterations=rounds, output_tokens_details={"thinking_tokens": 30}))
    f.reply(used=usage(iterations=[part("message", 10, 100, 1000, 200, model=OPUS)]))
    return want(
        lines=4, responses={"main": 2}, inferences={}, tokens_inferences={},
        tokens={"input": 20, "output": 200, "cache_read": 2000, "cache_write": 400, "cache_write_5m": 400},
        cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "iterations-with-an-advisor",
    "An advisor's inference is billed beside the executor's usage, at the advisor's price; the lines of the response "
    "repeat it and it counts once.",
    "V15",
)
def iterations_with_an_advisor(s: Story) -> Want:
    f = s.session()
    f.typed()
    listed = [part("message", 4, 40), part("advisor_message", 1000, 200, model=FABLE), part("message", 6, 60)]
    f.reply(thinking(), text(), used=usage(10, 100, 0, 0, iterations=listed))
    # the executor 10 x 5,000 + 100 x 25,000 = 2,550,000; the advisor 1,000 x 10,000 + 200 x 50,000 = 20,000,000
    return want(
        sessions={A: {"responses_own": 1, "cost_own_nano": 22_550_000}},
        lines=3, responses={"main": 1}, by_model={OPUS: 1}, inferences={"advisor_message": 1},
        tokens={"input": 10, "output": 100}, tokens_inferences={"input": 1000, "output": 200}, cost_nano=22_550_000,
    )  # fmt: skip


@case(
    "iterations-beyond-the-usage",
    "With an advisor the usage sums the output of all rounds and has the input of the first alone: what the later "
    "rounds read is billed too.",
    "V15",
)
def iterations_beyond_the_usage(s: Story) -> Want:
    f = s.session()
    f.typed()
    listed = [part("message", 412, 89), part("advisor_message", 823, 1612, model=FABLE), part("message", 1348, 442, 412)]
    f.reply(used=usage(412, 531, 0, 0, iterations=listed))
    # usage 412 x 5,000 + 531 x 25,000 = 15,335,000; the later round 1,348 x 5,000 + 412 x 500 = 6,946,000;
    # the advisor 823 x 10,000 + 1,612 x 50,000 = 88,830,000
    return want(
        lines=2, responses={"main": 1}, inferences={"advisor_message": 1, "message": 1},
        tokens={"input": 412, "output": 531},
        tokens_inferences={"input": 2171, "output": 1612, "cache_read": 412}, cost_nano=111_111_000,
    )  # fmt: skip


@case(
    "iterations-with-a-compaction",
    "A compaction on the server is billed beside the usage, which may be 0 where nothing followed it.",
    "V15",
)
def iterations_with_a_compaction(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(used=usage(23_000, 1000, 0, 0, iterations=[part("compaction", 180_000, 3500), part("message", 23_000, 1000)]))
    f.reply(used=usage(0, 0, 0, 0, iterations=[part("compaction", 180_000, 3500)]), stop="compaction")
    # 23,000 x 5,000 + 1,000 x 25,000 = 140,000,000; each compaction 180,000 x 5,000 + 3,500 x 25,000 = 987,500,000
    return want(
        lines=3, responses={"main": 2}, inferences={"compaction": 2}, tokens={"input": 23_000, "output": 1000},
        tokens_inferences={"input": 360_000, "output": 7000}, cost_nano=2_115_000_000,
    )  # fmt: skip


@case(
    "iterations-before-a-fallback",
    "A model that declined in mid-stream is billed at its own price beside the model that answered; one that declined "
    "before any output is not.",
    "V12",
    "V15",
)
def iterations_before_a_fallback(s: Story) -> Want:
    f = s.session()
    f.typed()
    two = [part("message", 2000, 500, model=FABLE), part("fallback_message", 2000, 300, model=OPUS)]
    f.reply(fallback(FABLE, OPUS), text(), used=usage(2000, 300, 0, 0, iterations=two))
    early = [part("message", 2000, 0, model=FABLE), part("fallback_message", 2000, 300, model=OPUS)]
    f.reply(fallback(FABLE, OPUS, "cyber"), text(), used=usage(2000, 300, 0, 0, iterations=early))
    unnamed = [part("message", 2000, 500), part("fallback_message", 2000, 300)]
    f.reply(fallback(FABLE, OPUS), text(), used=usage(2000, 300, 0, 0, iterations=unnamed))
    # each answer 2,000 x 5,000 + 300 x 25,000 = 17,500,000; declined after output 2,000 x 10,000 + 500 x 50,000 = 45,000,000
    return want(
        lines=7, responses={"main": 3}, by_model={OPUS: 3}, inferences={"message": 3},
        tokens={"input": 6000, "output": 900}, tokens_inferences={"input": 6000, "output": 1000},
        cost_nano=142_500_000, unpriced_responses=0,
    )  # fmt: skip


@case(
    "iterations-of-subagents",
    "Inferences of subagents count as delegated, in files of their own as in progress records.",
    "A8",
    "V15",
)
def iterations_of_subagents(s: Story) -> Want:
    f = s.session(version="2.1.14")
    f.typed()
    f.reply(call("Task", "1", description="Count", prompt="Count.", subagent_type="Explore"),
            call("Task", "2", description="Count", prompt="Count.", subagent_type="Explore"), stop="tool_use")  # fmt: skip
    listed = [part("message", 10, 100), part("advisor_message", 100, 10, model=FABLE)]
    own, gone = s.subagent(f, "a1b2c3d"), s.subagent(f, "a1b2c3e")
    own.reply(text(), model=HAIKU, used=usage(10, 100, 0, 0, iterations=listed))
    s.remove(f"projects/-home-dev-demo/{A}/subagents/agent-a1b2c3e.jsonl")
    gone.reply(text(), model=HAIKU, used=usage(10, 100, 0, 0, iterations=listed))
    for record in gone.records:
        f.progress("a1b2c3e", "2", as_embedded(record))
    # main 4,300,000; each subagent 10 x 1,000 + 100 x 5,000 = 510,000, its advisor 100 x 10,000 + 10 x 50,000 = 1,500,000
    return want(
        responses={"main": 1, "delegated": 1, "embedded_only": 1}, inferences={"advisor_message": 2},
        tokens_inferences={"input": 200, "output": 20}, cost_nano=8_320_000, cost_delegated_nano=4_020_000,
    )  # fmt: skip


def refuse(f: Transcript, category: str | None, output: int = 0) -> None:
    """A prompt that the model declines, before any output or after some."""
    f.typed()
    details = {"type": "refusal", "category": category, "explanation": None}
    f.reply(text("Well,") if output else {}, used=usage(1000, output, 0, 0), stop="refusal", details=details)


@case(
    "refusals-by-day",
    "A refusal before any output is billed until 2026-06-01, then not; from 2026-09-24 on again for three categories. One "
    "after output is billed as ever.",
    "V15",
)
def refusals_by_day(s: Story) -> Want:
    f = s.session()
    for day, category, output in (
        ("2026-06-01", "cyber", 0), ("2026-06-02", "bio", 0), ("2026-09-23", "bio", 0), ("2026-09-24", "bio", 0),
        ("2026-09-24", "frontier_llm", 0), ("2026-09-24", "reasoning_extraction", 0), ("2026-09-24", "cyber", 0),
        ("2026-09-24", None, 0), ("2026-09-24", "cyber", 10),
    ):  # fmt: skip
        s.clock.set(f"{day}T12:00:00.000Z")
        refuse(f, category, output)
    # 1,000 x 5,000 = 5,000,000 each; billed are the first, three of the last days, and the one after output,
    # which has 10 x 25,000 = 250,000 more
    return want(
        responses={"main": 9}, tokens={"input": 9000, "output": 10}, cost_nano=25_250_000, unpriced_responses=0
    )
