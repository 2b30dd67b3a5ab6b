"""What is billed: inferences beside a response's usage, refusals, dated prices, and what has no
price and why.

Longer than a module should be because every rule of billing stands beside its arithmetic, by hand
and by a recount.
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.pricing.refusals import is_billed
from accrete.queries.costs import GROUPINGS, cost, made_for, without_price
from accrete.queries.scope import Scope
from tests.contents import contents
from tests.fuzz import examples
from tests.records import called, other, projects, record, rows
from tests.transcripts import Transcript, fork, minted

pytestmark = pytest.mark.long

OPUS, FABLE, HAIKU, SONNET = (
    "claude-opus-5",
    "claude-fable-5",
    "claude-haiku-4-5",
    "claude-sonnet-5",
)
NOTHING = {
    "input_tokens": 0,
    "output_tokens": 0,
    "cache_read_input_tokens": 0,
    "cache_creation_input_tokens": 0,
}
SEPTEMBER = 1_788_220_800_000  # 2026-09-01


def entry(
    kind: str, fresh: int, output: int, read: int = 0, write: int = 0, **more: Any
) -> dict[str, Any]:
    """One entry of `usage.iterations`."""
    return {
        "type": kind,
        "input_tokens": fresh,
        "output_tokens": output,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": write,
        **more,
    }


def usage(
    fresh: int, output: int, read: int = 0, write: int = 0, *listed: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A usage with what it lists."""
    return {**entry("", fresh, output, read, write, **more), "iterations": list(listed)}


def asked(settings, by: str = "all", *, question=cost, **scope: Any):
    """The rows of a cost question."""
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.ask(question(Scope((1,), **scope), by))
    finally:
        db.close()


def nano(settings, by: str = "model") -> dict[str, int]:
    """Nano-dollars by key."""
    return {row.key: row.cost_nano for row in asked(settings, by)}


def one(
    settings,
    made: dict[str, Any],
    *,
    model: str = OPUS,
    start: int = SEPTEMBER,
    stop: str = "end_turn",
    content: list[dict[str, Any]] | None = None,
    **line: Any,
) -> None:
    """Reads a session of one prompt and one response."""
    t = Transcript(1, start=start)
    t.prompt()
    t.answer("msg_1", model=model, usage=made, stop=stop, **line)
    if content is not None:
        t.lines[-1]["message"]["content"] = content
    t.write(projects(settings))
    ingest(settings)


# -- inferences beside the usage


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "made", "costs"),
    [
        # executor 10 x 3,000 + 100 x 15,000; advisor 100,000 x 5,000 + 2,000 x 25,000
        ("claude-sonnet-4-6", usage(10, 100, 0, 0, entry("message", 5, 40),
                                    entry("advisor_message", 100_000, 2000,
                                          model="claude-opus-4-8"),
                                    entry("message", 5, 60)),
                                    {"claude-sonnet-4-6": 1_530_000,
                                     "claude-opus-4-8": 550_000_000}),
        # two advisors of two models, one with a cache: 1,000 x 5,000 + 10 x 25,000 + 5,000 x 500;
        # 200 x 10,000 + 20 x 50,000
        (HAIKU, usage(10, 10, 0, 0, entry("advisor_message", 1000, 10, 5000, model=OPUS),
                      entry("message", 10, 10),
                      entry("advisor_message", 200, 20, model=FABLE)),
                      {HAIKU: 60_000, OPUS: 7_750_000, FABLE: 3_000_000}),
        # an advisor of the executor's own model: 10 x 5,000 + 10 x 25,000 + 300 x 5,000 + 7 x
        # 25,000
        (OPUS, usage(10, 10, 0, 0, entry("message", 10, 10),
                     entry("advisor_message", 300, 7, model=OPUS)), {OPUS: 1_975_000}),
        # the usage has the input of the first round alone: 412 + 1,348 in, 412 read, 531 out;
        # advisor 823 x 10,000 + 1,612 x 50,000
        (OPUS, usage(412, 531, 0, 0, entry("message", 412, 89),
                     entry("advisor_message", 823, 1612, model=FABLE),
                     entry("message", 1348, 442, 412)), {OPUS: 22_281_000, FABLE: 88_830_000}),
        # an advisor of a dated id on Bedrock, and one hour of cache: 100 x 10,000 x 2 + 1 x 25,000
        (OPUS, usage(0, 0, 0, 0,
                     entry("advisor_message", 0, 1, 0, 100, model="anthropic.claude-opus-5-v1:0",
                                       cache_creation={"ephemeral_1h_input_tokens": 100})),
                                       {OPUS: 0, "anthropic.claude-opus-5-v1:0": 1_025_000}),
    ],
)  # fmt: skip
def test_an_advisor_is_billed_beside_the_usage_at_its_own_price(settings, model, made, costs):
    one(settings, made, model=model)
    assert nano(settings) == costs
    assert asked(settings)[0].responses == 1


@pytest.mark.parametrize(
    ("made", "costs"),
    [
        # 23,000 x 5,000 + 1,000 x 25,000; the compaction 180,000 x 5,000 + 3,500 x 25,000
        (usage(23_000, 1000, 0, 0, entry("compaction", 180_000, 3500),
               entry("message", 23_000, 1000)), 1_127_500_000),
        # nothing followed it
        (usage(0, 0, 0, 0, entry("compaction", 180_000, 3500)), 987_500_000),
        # twice in one response, from the cache: 2 x (1,000 x 500 + 10 x 25,000) + 5 x 5,000 + 5 x
        # 25,000
        (usage(5, 5, 0, 0, entry("compaction", 0, 10, 1000), entry("message", 2, 2),
               entry("compaction", 0, 10, 1000),
               entry("message", 3, 3)), 1_650_000),
        # the usage is 0 although an answer followed: what was billed stands in the list alone; 9 x
        # 5,000 + 9 x 25,000 + 1 x 25,000
        (usage(0, 0, 0, 0, entry("compaction", 0, 1), entry("message", 9, 9)), 295_000),
    ],
)  # fmt: skip
def test_a_compaction_on_the_server_is_billed_beside_the_usage(settings, made, costs):
    one(settings, made)
    assert nano(settings) == {OPUS: costs}


TOOK_OVER = [
    {"type": "fallback", "from": {"model": FABLE}, "to": {"model": OPUS}},
    {"type": "text", "text": "So."},
]


def declined(category: str) -> list[dict[str, Any]]:
    return [{**TOOK_OVER[0], "trigger": {"type": "refusal", "category": category}}, TOOK_OVER[1]]


@pytest.mark.long
@pytest.mark.parametrize(
    ("made", "content", "costs"),
    [
        # declined in mid-stream 2,000 x 10,000 + 500 x 50,000; answered 2,000 x 5,000 + 300 x
        # 25,000
        (usage(2000, 300, 0, 0, entry("message", 2000, 500, model=FABLE),
               entry("fallback_message", 2000, 300, model=OPUS)),
         TOOK_OVER, {FABLE: 45_000_000, OPUS: 17_500_000}),
        # the entries name no model: the block does
        (usage(2000, 300, 0, 0, entry("message", 2000, 500), entry("fallback_message", 2000, 300)),
         TOOK_OVER, {FABLE: 45_000_000, OPUS: 17_500_000}),
        # three models, two declined after output: + 2,000 x 2,000 + 100 x 10,000
        (usage(2000, 300, 0, 0, entry("message", 2000, 500, model=FABLE),
               entry("fallback_message", 2000, 100, model=SONNET),
               entry("fallback_message", 2000, 300, model=OPUS)), TOOK_OVER,
               {FABLE: 45_000_000, SONNET: 5_000_000, OPUS: 17_500_000}),
        # the declined attempt had two rounds, the answer two as well, which the usage sums
        (usage(30, 30, 0, 0, entry("message", 10, 1, model=FABLE),
               entry("message", 20, 2, model=FABLE),
               entry("fallback_message", 10, 10, model=OPUS), entry("message", 20, 20, model=OPUS)),
         TOOK_OVER, {FABLE: 450_000, OPUS: 900_000}),
        # declined before any output: reported, not billed
        (usage(2000, 300, 0, 0, entry("message", 2000, 0, model=FABLE),
               entry("fallback_message", 2000, 300, model=OPUS)),
         declined("bio"), {FABLE: 0, OPUS: 17_500_000}),
        # the same model under a dated id is the same attempt
        (usage(30, 30, 0, 0, entry("message", 10, 10, model="claude-opus-5-20260724"),
               entry("message", 20, 20, model=OPUS)),
         None, {OPUS: 900_000}),
    ],
)  # fmt: skip
def test_each_attempt_before_a_fallback_is_billed_at_its_own_price(settings, made, content, costs):
    one(settings, made, content=content)
    assert nano(settings) == costs


@pytest.mark.parametrize(
    ("category", "day", "billed"),
    [
        ("bio", "2026-09-24", True),
        ("frontier_llm", "2026-10-01", True),
        ("reasoning_extraction", "2026-11-01", True),
        ("cyber", "2026-10-01", False),
        ("bio", "2026-09-23", False),
    ],
)
def test_an_attempt_declined_before_output_is_billed_by_its_category_and_day(
    settings, category, day, billed
):
    made = usage(
        2000,
        300,
        0,
        0,
        entry("message", 2000, 0, model=FABLE),
        entry("fallback_message", 2000, 300, model=OPUS),
    )
    one(settings, made, content=declined(category), start=noon(day))
    assert nano(settings) == {FABLE: 20_000_000 if billed else 0, OPUS: 17_500_000}


@pytest.mark.parametrize("first", [0, 1])
def test_the_category_of_an_attempt_may_stand_in_another_line_of_its_response(settings, first):
    """The client writes one block a line: the usage is on each, the fallback block on one."""
    made = usage(2000, 300, 0, 0, entry("message", 2000, 0), entry("fallback_message", 2000, 300))
    t = Transcript(1, start=noon("2026-10-01"))
    t.prompt()
    for block in (declined("bio"), declined("bio")[::-1])[first]:
        t.answer("msg_1", usage=made, blocks=[block])
    t.write(projects(settings))
    ingest(settings)
    assert nano(settings) == {FABLE: 20_000_000, OPUS: 17_500_000}


DATED = "claude-fable-5-20260609"


@pytest.mark.long
@pytest.mark.parametrize("gateway", [False, True])
@pytest.mark.parametrize("named", [FABLE, DATED, None])
def test_the_category_of_an_attempt_outlives_the_line_that_says_it_in_any_order(
    settings, gateway, named
):
    """The fallback block comes first, while the usage grows; ids are dated here and not there."""
    listed = [
        entry("message", 2000, 0, **({} if named is None else {"model": named})),
        entry("fallback_message", 2000, 300, model=OPUS),
    ]
    t = Transcript(1, start=noon("2026-10-01"))
    t.prompt()
    ids = {
        "message_id": "msg_gate" if gateway else minted("msg"),
        "requestId": None if gateway else minted("req"),
    }
    block, text = declined("bio")
    t.answer(**ids, usage=usage(2000, 1, 0, 0, *listed), blocks=[block], stop=None)
    t.answer(**ids, usage=usage(2000, 300, 0, 0, *listed), blocks=[text])
    answers = t.lines[1:]
    seen = []
    for order in (answers, answers[::-1]):
        for pieces in ((2,), (1, 2)):
            each = other(settings, f"{len(seen)}")
            for n in pieces:
                t.lines[1:] = order[:n]
                t.write(projects(settings))
                ingest(each)
            seen.append(
                (nano(each), rows(each, "SELECT iterations FROM response ORDER BY message_id"))
            )
    assert [cost for cost, _ in seen] == [{named or FABLE: 20_000_000, OPUS: 17_500_000}] * 4
    assert len({str(stored) for _, stored in seen}) == 1


def test_of_several_models_that_declined_each_has_its_own_category(settings):
    listed = [
        entry("message", 2000, 0, model=FABLE),
        entry("fallback_message", 2000, 0, model=SONNET),
        entry("fallback_message", 2000, 300, model=OPUS),
    ]
    t = Transcript(1, start=noon("2026-10-01"))
    t.prompt()
    for n, (model, category) in enumerate(((SONNET, "bio"), (FABLE, "cyber"))):
        block = {**declined(category)[0], "from": {"model": model}}
        t.answer("msg_1", usage=usage(2000, 1 + n, 0, 0, *listed), blocks=[block], stop=None)
    t.answer("msg_1", usage=usage(2000, 300, 0, 0, *listed), blocks=[declined("bio")[1]])
    t.write(projects(settings))
    ingest(settings)
    assert nano(settings) == {FABLE: 0, SONNET: 4_000_000, OPUS: 17_500_000}


def test_an_attempt_without_a_model_is_of_the_one_that_was_asked_for(settings):
    made = usage(0, 1, 0, 0, entry("message", 0, 1), entry("fallback_message", 0, 1))
    one(settings, made, requestedModel=FABLE)
    assert nano(settings) == {OPUS: 25_000, FABLE: 50_000}


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        [entry("message", 10, 20, 300)],
        [entry("message", 4, 8, 100), entry("message", 6, 12, 200)],
        "text",
        {"a": 1},
        [None, 7, "x"],
        [{"type": "message"}],
        [entry("message", 10, 20, 300, model=OPUS)],
        [{}],
    ],
)
def test_a_list_that_says_nothing_new_adds_nothing(settings, listed):
    one(settings, {"iterations": listed})
    # 10 x 5,000 + 20 x 25,000 + 300 x 500
    assert nano(settings) == {OPUS: 700_000}
    assert rows(settings, "SELECT * FROM inference") == []


@pytest.mark.parametrize("fresh", [10, 30])
def test_an_entry_of_an_unknown_kind_counts_where_the_usage_leaves_it_out(settings, fresh):
    """The usage is that of the message alone, or of both: the twenty tokens are billed once either
    way."""
    one(settings, usage(fresh, 2, 0, 0, entry("dreaming", 20, 0), entry("message", 10, 2)))
    assert nano(settings) == {OPUS: 30 * 5000 + 2 * 25_000}


def test_odd_entries_are_left_out_and_the_others_count(settings):
    odd = [
        None,
        5,
        {"type": 3, "input_tokens": "x"},
        entry("advisor_message", 100, 1, model=FABLE, speed=7),
        {"type": "advisor_message", "model": FABLE, "input_tokens": None, "output_tokens": 2},
    ]
    one(settings, {"iterations": odd})
    # 100 x 10,000 + 1 x 50,000 + 2 x 50,000
    assert nano(settings)[FABLE] == 1_150_000


def test_rounds_are_priced_by_the_length_of_each(settings):
    """Haiku 5.5 asks five times the price above 100,000 tokens of one request, not of several
    together."""
    rounds = [entry("message", 60_000, 10), entry("message", 60_000, 10)]
    one(
        settings,
        usage(120_000, 20, 0, 0, *rounds),
        model="claude-haiku-5-5",
        start=noon("2026-10-10"),
    )
    assert nano(settings) == {"claude-haiku-5-5": 120_000 * 100 + 20 * 500}
    first = other(settings, "first")  # the usage has the input of the first round alone
    one(first, usage(60_000, 20, 0, 0, *rounds), model="claude-haiku-5-5", start=noon("2026-10-10"))
    assert nano(first) == {"claude-haiku-5-5": 120_000 * 100 + 20 * 500}
    at_once = other(settings, "at once")
    one(at_once, usage(120_000, 20), model="claude-haiku-5-5", start=noon("2026-10-10"))
    assert nano(at_once) == {"claude-haiku-5-5": 120_000 * 500 + 20 * 2500}


@pytest.mark.parametrize("split", [{}, {"cache_creation": {"ephemeral_1h_input_tokens": 200}}])
def test_what_the_usage_knows_of_cache_writes_holds_where_its_rounds_do_not_say(settings, split):
    rounds = [entry("message", 0, 1, 0, 100), entry("message", 0, 1, 0, 100)]
    one(settings, usage(0, 2, 0, 200, *rounds, **split))
    assert nano(settings) == {OPUS: 2 * 25_000 + 200 * (10_000 if split else 6_250)}


def test_inferences_of_an_unknown_model_have_no_price_and_say_so(settings):
    one(settings, usage(10, 10, 0, 0, entry("advisor_message", 100, 1, model="oracle-9")))
    found = asked(settings)[0]
    assert (found.cost_nano, found.unpriced, found.responses) == (300_000, 1, 1)
    db = Sqlite(settings.database, readonly=True)
    assert [(row.reason, row.model, row.n) for row in db.ask(without_price(Scope((1,))))] == [
        ("unpriced:model", "oracle-9", 1)
    ]


def test_an_advisor_without_a_model_is_the_one_that_the_line_names(settings):
    one(settings, usage(0, 1, 0, 0, entry("advisor_message", 0, 1)), advisorModel=FABLE)
    assert nano(settings) == {OPUS: 25_000, FABLE: 50_000}


def family(settings) -> list[Any]:
    """A session with subagents and skills, its fork, and a subagent that progress records embed;
    all with advisors."""
    listed = entry("advisor_message", 100, 10, model=FABLE)  # 1,500,000
    t = Transcript(1, start=SEPTEMBER)
    for turn in range(4):
        t.prompt(f"Prompt {turn}")
        for block in ("thinking", "text"):
            t.answer(
                f"msg_{turn}",
                blocks=[{"type": block, block: "hm"}],
                usage=usage(10, 20, 0, 0, listed),
                attributionSkill="review" if turn % 2 else None,
                attributionPlugin="tidy" if turn % 2 else None,
                attributionMcpServer=None if turn % 2 else "context7",
            )
    t.call("Task", {"prompt": "x"}, message_id="msg_call", use="toolu_1", usage=usage(1, 1))
    embedded = {
        "type": "assistant",
        "uuid": "0000-embedded",
        "timestamp": "2026-09-01T01:00:00.000Z",
        "requestId": "req_e",
        "message": {
            "id": "msg_e",
            "role": "assistant",
            "model": HAIKU,
            "content": [{"type": "text", "text": "e"}],
            "stop_reason": "end_turn",
            "usage": usage(10, 20, 0, 0, listed),
        },
    }
    t.add(
        "progress",
        data={"type": "agent_progress", "agentId": "a1", "message": embedded},
        parentToolUseID="toolu_1",
    )
    paths = [t.write(projects(settings)), fork(t, 2, upto=6).write(projects(settings))]
    sub = Transcript(1, start=SEPTEMBER + 60_000)
    sub.answer("msg_sub", model=HAIKU, usage=usage(10, 20, 0, 0, listed))
    path = projects(settings) / "-home-dev-demo" / t.session / "subagents" / "agent-a2.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"".join(
            json.dumps({**line, "isSidechain": True, "agentId": "a2"}).encode() + b"\n"
            for line in sub.lines
        )
    )
    return [*paths, path]


def test_inferences_count_once_in_forks_and_as_delegated_in_subagents(settings):
    family(settings)
    ingest(settings)
    # own: 4 x (10 x 5,000 + 20 x 25,000) + the call 30,000 + the fork's answer 700,000; delegated 2
    # x (10,000 + 100,000)
    total = asked(settings)[0]
    assert total.cost_own_nano == 4 * 550_000 + 30_000 + 700_000 + 4 * 1_500_000
    assert total.cost_delegated_nano == 2 * 110_000 + 2 * 1_500_000
    assert total.responses == 8


def test_every_grouping_has_the_inferences(settings):
    family(settings)
    ingest(settings)
    total = asked(settings)[0]
    for by in GROUPINGS:
        found = asked(settings, by)
        wanted = total.cost_delegated_nano if by == "subagent" else total.cost_nano
        assert sum(row.cost_nano for row in found) == wanted, by
    for by, key, none in (("skill", "review", "(no skill)"), ("plugin", "tidy", "(no plugin)"),
                          ("mcp-server", "context7", "(no MCP server)")):  # fmt: skip
        found = {row.key: row for row in asked(settings, by)}
        assert set(found) == {"", key}
        assert found[key].cost_nano == 2 * (550_000 + 1_500_000)
        assert found[""].label == none
        assert asked(settings, by, question=made_for) == [found[key]]
    assert asked(settings, "all", model=FABLE)[0].cost_nano == 6 * 1_500_000
    sums = (
        "SELECT SUM(cost_own_nano + cost_delegated_nano), "
        "SUM(tokens_own + tokens_delegated) FROM session"
    )
    tokens = (
        total.input_tokens
        + total.output_tokens
        + total.cache_read_tokens
        + total.cache_write_tokens
    )
    assert rows(settings, sums) == [(total.cost_nano, tokens)]
    prompts = "SELECT SUM(cost_own_nano + cost_delegated_nano) FROM prompt"
    assert rows(settings, prompts) == [(total.cost_nano,)]
    assert rows(settings, "SELECT SUM(cost_nano) FROM agent_run") == [(total.cost_delegated_nano,)]


@pytest.mark.long
def test_a_list_that_grows_counts_as_its_last_line_has_it_in_any_order(settings):
    listed = [
        entry("message", 10, 5),
        entry("advisor_message", 100, 10, model=FABLE),
        entry("message", 10, 15),
    ]
    t = Transcript(1, start=SEPTEMBER)
    t.prompt()
    for output, upto in ((1, 0), (5, 1), (5, 2), (20, 3)):
        t.answer(
            minted("msg"),
            requestId=minted("req"),
            usage=usage(20 if output == 20 else 10, output, 0, 0, *listed[:upto]),
        )
    lines = t.lines[1:]
    seen = []
    for seed in range(6):
        each = other(settings, f"order {seed}")
        random.Random(seed).shuffle(lines)
        for n in range(1, len(lines) + 1):  # one line more at a time
            t.lines[1:] = lines[:n]
            t.write(projects(settings))
            ingest(each)
        seen.append(nano(each))
    assert seen == [{OPUS: 20 * 5000 + 20 * 25_000, FABLE: 1_500_000}] * 6


def test_inferences_go_with_their_response_when_it_is_forgotten_and_come_back_from_the_fork(
    settings,
):
    from accrete.care.forget import What, forget

    family(settings)
    ingest(settings)
    forget(settings, What(sessions=(Transcript(1).session,)), now=1)
    assert rows(settings, "SELECT DISTINCT session FROM inference") == [(Transcript(2).session,)]
    assert (
        asked(settings, "all", model=FABLE)[0].cost_nano == 2 * 1_500_000
    )  # the two that it copied
    forget(settings, What(everything=True), now=2)
    assert rows(settings, "SELECT COUNT(*) FROM inference") == [(0,)]


# -- a second count, by another way: what each inference costs, added up from the transcript itself

RATES = {  # USD per million tokens: input, 5 m write, 1 h write, read, output
    OPUS: ("5", "6.25", "10", "0.5", "25"),
    FABLE: ("10", "12.5", "20", "1", "50"),
    HAIKU: ("1", "1.25", "2", "0.1", "5"),
    SONNET: ("2", "2.5", "4", "0.2", "10"),
}
BILLED_AGAIN = ("bio", "frontier_llm", "reasoning_extraction")


def price_of(model: str, used: dict[str, Any]) -> Fraction:
    """Nano-dollars of one inference."""
    fresh, five, hour, read, output = (Fraction(rate) * 1000 for rate in RATES[model])
    split = used.get("cache_creation") or {
        "ephemeral_5m_input_tokens": used["cache_creation_input_tokens"]
    }
    return (
        used["input_tokens"] * fresh
        + used["output_tokens"] * output
        + used["cache_read_input_tokens"] * read
        + split.get("ephemeral_5m_input_tokens", 0) * five
        + split.get("ephemeral_1h_input_tokens", 0) * hour
    )


def noon(day: str) -> int:
    """UTC ms."""
    from datetime import UTC, datetime

    return int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp() * 1000)


def some_entry(
    rng: random.Random, kind: str, model: str, *, silent: bool = False
) -> dict[str, Any]:
    write = rng.choice((0, 0, 640))
    hour = rng.choice((0, write))
    return entry(
        kind,
        rng.randrange(1, 5000),
        0 if silent else rng.randrange(1, 900),
        rng.randrange(0, 9000),
        write,
        model=model,
        cache_creation={
            "ephemeral_5m_input_tokens": write - hour,
            "ephemeral_1h_input_tokens": hour,
        },
    )


def whole(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The usage of the rounds of one attempt."""
    names = (
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    )
    split = ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    return {
        **{name: sum(each[name] for each in entries) for name in names},
        "cache_creation": {
            name: sum(each["cache_creation"][name] for each in entries) for name in split
        },
    }


def some_response(
    rng: random.Random, day: str
) -> tuple[dict[str, Any], list[dict[str, Any]], Fraction]:
    """A usage with its list, the content, and what its inferences cost by themselves."""
    rounds = [some_entry(rng, "message", OPUS) for _ in range(rng.randrange(1, 4))]
    before: list[dict[str, Any]] = []
    content: list[dict[str, Any]] = []
    free = 0
    for model in rng.sample((FABLE, SONNET, HAIKU), rng.choice((0, 0, 1, 2))):
        silent = rng.random() < 0.5
        before.append(
            some_entry(rng, "fallback_message" if before else "message", model, silent=silent)
        )
        category = rng.choice((*BILLED_AGAIN, "cyber", None))
        content.append({"type": "fallback", "from": {"model": model}, "to": {"model": OPUS},
                        "trigger": {"type": "refusal", "category": category}})  # fmt: skip
        if silent and not (day >= "2026-09-24" and category in BILLED_AGAIN):
            free += price_of(model, before[-1])
    if before:
        rounds = [{**each, "type": "fallback_message"} for each in rounds[:1]]
    listed = before + rounds
    for kind, models in (("advisor_message", (FABLE, SONNET)), ("compaction", (OPUS,))):
        for _ in range(rng.choice((0, 0, 1, 2))):
            listed.insert(rng.randrange(len(listed) + 1), some_entry(rng, kind, rng.choice(models)))
    made = {**whole(rounds), "iterations": listed}
    return (
        made,
        [*content, {"type": "text", "text": "So."}],
        sum(price_of(each["model"], each) for each in listed) - free,
    )


@pytest.mark.long
@hypothesis_settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**9))
def test_the_cost_is_that_of_all_inferences_recounted_from_the_transcript(tmp_path_factory, seed):
    from accrete.settings import Settings

    rng, folder = random.Random(seed), tmp_path_factory.mktemp("money")
    mine = Settings(home=folder / "one", roots=(folder / "claude",), zone="UTC")
    wanted, made = Fraction(0), []
    for n in range(3):
        day = rng.choice(("2026-07-01", "2026-09-23", "2026-09-24", "2026-11-20"))
        t = Transcript(n + 1, start=noon(day))
        for turn in range(3):
            t.prompt()
            used, content, nanos = some_response(rng, day)
            wanted += nanos
            for _ in range(rng.randrange(1, 3)):
                t.answer(f"msg_{n}_{turn}", usage=used, blocks=content)
        made.append(t)
    made.append(fork(made[0], 9, upto=rng.randrange(1, len(made[0].lines) + 1), extra=0))
    for t in made:
        t.write(projects(mine))
    ingest(mine)
    assert asked(mine)[0].cost_nano == wanted
    backwards = other(mine, "two")
    for t in made:
        (projects(mine) / "-home-dev-demo" / f"{t.session}.jsonl").unlink()
    for t in reversed(made):  # the files in the other order, each first when it is half written
        lines, path = t.lines, projects(mine) / "-home-dev-demo" / f"{t.session}.jsonl"
        t.lines = lines[: len(lines) // 2]
        t.write(projects(mine))
        ingest(backwards)
        t.lines = lines
        path.write_bytes(t.text())
        ingest(backwards)
    db, again = Sqlite(mine.database, readonly=True), Sqlite(backwards.database, readonly=True)
    assert contents(db) == contents(again)


# -- refusals


TEXT = [{"type": "text", "text": "Well"}]


@pytest.mark.long
@pytest.mark.parametrize(
    ("day", "category", "output", "content", "costs"),
    [
        ("2026-06-01", "cyber", 0, [], 5_000_000),  # billed as ever
        ("2026-06-01", None, 1, [], 5_025_000),
        ("2026-06-02", "cyber", 0, [], 0),
        ("2026-06-02", "bio", 1, [], 0),  # a token without any content is the API's placeholder
        ("2026-06-02", "bio", 1, TEXT, 5_025_000),  # one that was said is output
        ("2026-09-23", "reasoning_extraction", 0, [], 0),
        ("2026-09-24", "reasoning_extraction", 0, [], 5_000_000),
        ("2026-09-24", "frontier_llm", 0, [], 5_000_000),
        ("2026-10-30", "bio", 0, [], 5_000_000),
        ("2026-10-30", "general_harms", 0, [], 0),
        ("2026-10-30", None, 0, [], 0),
        ("2026-10-30", "cyber", 300, TEXT, 12_500_000),  # declined in mid-stream
    ],
)
def test_a_refusal_before_any_output_is_billed_by_its_day_and_category(
    settings, day, category, output, content, costs
):
    t = Transcript(1, start=noon(day))
    t.prompt()
    t.answer(usage=usage(1000, output), stop="refusal")
    t.lines[-1]["message"] |= {
        "content": content,
        "stop_details": {"type": "refusal", "category": category, "explanation": "x"},
    }
    t.write(projects(settings))
    ingest(settings)
    found = asked(settings)[0]
    assert (found.cost_nano, found.input_tokens, found.output_tokens, found.unpriced) == (
        costs,
        1000,
        output,
        0,
    )
    assert rows(settings, "SELECT cost_basis, refusal FROM response") == [
        ("refused" if not costs else "table", category)
    ]


@pytest.mark.parametrize(
    ("day", "category", "before", "after"),
    [("2026-06-02", "cyber", True, False), ("2026-09-24", "bio", False, True),
     ("2026-09-24", "cyber", False, False)],
)  # fmt: skip
def test_a_rule_of_refusals_holds_from_the_first_moment_of_its_day(day, category, before, after):
    begins = noon(day) - 12 * 3_600_000
    assert [is_billed(category, begins + n) for n in (-1, 0)] == [before, after]
    assert [is_billed(each, None) for each in ("bio", "cyber", None)] == [True, False, False]


@pytest.mark.parametrize("details", [None, "bio", ["bio"], {"category": 7}, {}])
def test_a_refusal_whose_details_are_odd_is_of_no_category(settings, details):
    t = Transcript(1, start=noon("2026-10-01"))
    t.prompt()
    t.answer(usage=usage(1000, 0), stop="refusal")
    t.lines[-1]["message"] |= {"content": [], "stop_details": details}
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT cost_nano, cost_basis, refusal FROM response") == [
        (0, "refused", None)
    ]


# -- prices by date


@pytest.mark.parametrize(
    ("day", "nanos"),
    [("2026-09-28", 200), ("2026-10-06", 200), ("2026-10-07", 100), ("2026-11-20", 100)],
)
def test_sonnet_5_5_reads_its_cache_at_half_price_since_october(settings, day, nanos):
    one(settings, usage(0, 0, 10_000_000), model="claude-sonnet-5-5", start=noon(day))
    assert nano(settings) == {"claude-sonnet-5-5": 10_000_000 * nanos}
    assert asked(settings)[0].price_assumed == 0


def test_a_price_that_no_source_shows_is_assumed_and_every_screen_says_so(
    settings, capsys, monkeypatch
):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    one(settings, usage(1000, 0), model="claude-mythos-preview", start=noon("2026-05-01"))
    assert rows(settings, "SELECT cost_nano, cost_basis FROM response") == [(25_000_000, "assumed")]
    assert rows(settings, "SELECT price_assumed FROM session") == [(1,)]
    for command in (("cost",), ("cost", "--by", "prompt"), ("overview",), ("doctor",)):
        assert "Assumed price for 1 response" in called(capsys, *command)[1], command
    assert json.loads(called(capsys, "cost", "--json")[1])["total"]["price_assumed"] == 1
    assert json.loads(called(capsys, "overview", "--json")[1])["human"]["price_assumed"] == 1


# -- what has no price, and why


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "made", "reason", "said"),
    [
        ("claude-sonnet-4-6", {"service_tier": "flex"}, "unpriced:tier", "service tier flex"),
        (
            "anthropic.claude-sonnet-4-6",
            {"service_tier": "priority"},
            "unpriced:tier",
            "service tier priority",
        ),
        (
            "claude-sonnet-4-6",
            {"service_tier": "reserved"},
            "unpriced:tier",
            "service tier reserved",
        ),
        ("claude-sonnet-4-6", {"speed": "turbo"}, "unpriced:speed", "speed turbo"),
        ("claude-sonnet-4-6", {"inference_geo": "mars"}, "unpriced:geo", "geo mars"),
        (
            "claude-sonnet-4-6",
            {"speed": "fast"},
            "unpriced:fast",
            "claude-sonnet-4-6 had no fast mode",
        ),
        ("oracle-9", {}, "unpriced:model", "no known price for oracle-9"),
    ],
)
def test_what_has_no_price_says_why(settings, capsys, monkeypatch, model, made, reason, said):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setenv("COLUMNS", "200")
    one(settings, {**usage(1000, 10), **made}, model=model)
    assert rows(settings, "SELECT cost_nano, cost_basis FROM response") == [(None, reason)]
    assert said in called(capsys, "cost")[1]
    assert said in called(capsys, "overview")[1]
    doctor = called(capsys, "doctor")[1]
    assert (
        ("model without a known price" in doctor)
        == ("Give one in config" in doctor)
        == (reason == "unpriced:model")
    )
    assert model in doctor
    told = json.loads(called(capsys, "cost", "--json")[1])["unpriced"]
    assert [(row["reason"], row["n"]) for row in told] == [(reason, 1)]


def test_a_response_without_usage_is_unpriced_for_that_reason_alone(settings, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    t = Transcript(1)
    t.prompt()
    t.answer()
    del t.lines[-1]["message"]["usage"]
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT cost_nano, cost_basis FROM response") == [
        (None, "unpriced:usage")
    ]
    doctor = called(capsys, "doctor")[1]
    assert "1 response without usage" in doctor
    assert "without a known price" not in doctor


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", HAIKU, "claude-opus-5-20260724"])
def test_a_file_that_names_no_session_is_never_said_to_hold_a_model_without_a_price(
    settings, capsys, monkeypatch, model
):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    t = Transcript(1)
    t.answer(model=model)
    path = projects(settings) / "-home-dev-demo" / "nightly.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(
        "".join(
            json.dumps({k: v for k, v in line.items() if k != "sessionId"}) + "\n"
            for line in t.lines
        )
    )
    ingest(settings)
    assert "known price" not in called(capsys, "doctor")[1]


@pytest.mark.long
@pytest.mark.parametrize("tier", ["default", "standard", "priority", None, ""])
def test_the_standard_tier_has_a_price_whatever_it_is_called(settings, tier):
    one(settings, {**usage(100_000, 1000), "service_tier": tier}, model="claude-sonnet-4-6")
    # 100,000 x 3,000 + 1,000 x 15,000
    assert nano(settings) == {"claude-sonnet-4-6": 315_000_000}


def test_the_record_is_the_same_when_it_is_rebuilt(settings):
    from accrete.care.maintain import rebuild

    family(settings)
    ingest(settings)
    before = record(settings)
    rebuild(settings)
    assert record(settings) == before
