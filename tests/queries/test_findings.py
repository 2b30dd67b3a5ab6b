"""Money that responses prove could have been had for less."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.database import Postgres, Sqlite
from accrete.pricing.cost import UsedTokens, price
from accrete.queries.findings import Found, findings, largest_calls
from accrete.queries.scope import Scope
from tests.people import fill
from tests.records import kept
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

MINUTE = 60_000
FILLED = 10_000
"""From so many tokens on Claude Code warns of an output, as its documentation says."""
OPUS, SONNET = "claude-opus-5", "claude-sonnet-5"


class Line(Transcript):
    """A main conversation, told by what each response has in its context."""

    def says(
        self,
        *,
        read: int = 0,
        write: int = 0,
        hour: int = 0,
        new: int = 5,
        output: int = 100,
        model: str = OPUS,
        tool: str | None = None,
        wait: int = 1000,
        **fields,
    ) -> None:
        """A response; `hour`: of what it wrote, what is kept for an hour; tool: it calls one."""
        self.count = getattr(self, "count", 0) + 1
        key = f"msg_{self.session[:8]}_{self.count}"
        usage = {
            "input_tokens": new,
            "output_tokens": output,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": write,
            "cache_creation": {
                "ephemeral_5m_input_tokens": write - hour,
                "ephemeral_1h_input_tokens": hour,
            },
        }
        given = {"message_id": key, "usage": usage, "model": model, "after_ms": wait, **fields}
        if tool is None:
            self.answer(**given)
        else:
            self.call(tool, {"file_path": "/home/dev/demo/big.txt"}, use=f"toolu_{key}", **given)
            self.result("x" * 50, use=f"toolu_{key}")


def asked(settings, *lines: Line, scope: Scope | None = None):
    kept(settings, *lines)
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.ask(findings(scope or Scope((1,)), limit=20))
    finally:
        db.close()


def talk(pause: int, *, hour: int = 0, read: int = 0, write: int = 40_000, **second) -> Line:
    """Two prompts with a pause between them; the first left 40,000 tokens in the cache."""
    line = Line(1)
    line.prompt("one")
    line.says(write=40_000, hour=hour)
    line.prompt("two", after_ms=pause)
    line.says(read=read, write=write, **second)
    return line


def list_price(model: str = OPUS, at: int = START, **tokens: int) -> int:
    given = {name: tokens.get(name, 0) for name in UsedTokens._fields if name != "web_searches"}
    nano = price(UsedTokens(**given), model=model, at=at).nano
    assert nano is not None
    return nano


def test_a_prompt_after_the_cache_ran_out_pays_for_the_context_again(settings):
    found = asked(settings, talk(6 * MINUTE, write=41_000))
    (one,) = found.cold.rows
    assert one.tokens == 40_000
    written = list_price(cache_write=40_000, cache_write_5m=40_000)
    assert one.nano == written - list_price(cache_read=40_000) > 0
    assert (found.switches, found.outputs) == (Found(), Found())
    assert one.pause_ms is not None
    assert 6 * MINUTE < one.pause_ms < 7 * MINUTE


def test_what_was_read_from_the_cache_was_not_lost(settings):
    (one,) = asked(settings, talk(6 * MINUTE, read=15_000, write=26_000)).cold.rows
    assert one.tokens == 25_000


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (talk(4 * MINUTE), "the cache still held"),
        (talk(6 * MINUTE, hour=40_000), "it was kept for an hour"),
        (talk(6 * MINUTE, read=40_000, write=500), "all of it was read"),
        (talk(6 * MINUTE, write=9_000), "the context had shrunk"),
        (talk(6 * MINUTE, write=0, new=41_000), "it was not written again"),
    ],
)
def test_no_cache_was_lost(settings, line, why):
    assert asked(settings, line).cold == Found(), why


def test_an_hour_is_over_after_an_hour(settings):
    assert asked(settings, talk(61 * MINUTE, hour=40_000)).cold.n == 1


def test_a_tool_that_takes_long_is_no_return(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=40_000, tool="Bash")
    line.says(write=41_000, wait=9 * MINUTE)
    assert asked(settings, line).cold == Found()


def test_another_model_writes_the_context_anew(settings):
    found = asked(settings, talk(MINUTE, model=SONNET, write=40_200))
    (one,) = found.switches.rows
    assert (one.before, one.model, one.tokens) == (OPUS, SONNET, 40_000)
    written = list_price(SONNET, cache_write=40_000, cache_write_5m=40_000)
    assert one.nano == written - list_price(SONNET, cache_read=40_000)
    assert found.cold == Found()


def test_a_switch_after_the_cache_ran_out_is_a_lost_cache(settings):
    found = asked(settings, talk(6 * MINUTE, model=SONNET, write=40_200))
    assert (found.cold.n, found.switches) == (1, Found())


@pytest.mark.parametrize(
    ("pause", "wait", "switches"), [(0, 0, 1), (0, -1, 0), (299_000, 1000, 1), (299_000, 1001, 0)]
)
def test_a_switch_is_from_the_end_of_a_response_until_its_cache_runs_out(
    settings, pause, wait, switches
):
    found = asked(settings, talk(pause, wait=wait, model=SONNET, write=40_200))
    assert (found.switches.n, found.cold) == (switches, Found())


def test_a_subagent_of_another_model_is_no_switch(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=40_000)
    line.says(write=41_000, model=SONNET, isSidechain=True, agentId="a1")
    line.says(read=40_000, write=200)
    assert asked(settings, line).switches == Found()


def large(brought: int = FILLED, *, output: int = 100) -> Line:
    """A step that brings so many tokens, and two responses after it."""
    line = Line(1)
    line.prompt("one")
    line.says(write=20_000, new=0, output=output, tool="Read")
    line.says(read=20_000, write=brought + output, new=0)
    line.says(read=20_000 + brought + output, write=50, new=0)
    line.says(read=20_050 + brought + output, write=50, new=0)
    return line


def test_an_output_is_paid_for_when_it_comes_and_in_each_response_after_it(settings):
    found = asked(settings, large())
    (one,) = found.outputs.rows
    assert (one.tokens, one.later, found.told, found.untold) == (FILLED, 2, 1, 0)
    came = list_price(cache_write=FILLED, cache_write_5m=FILLED)
    assert one.nano == came + 2 * list_price(cache_read=FILLED)
    db = Sqlite(settings.database, readonly=True)
    assert db.ask(largest_calls(Scope((1,)), [one.called]))[one.called].tool == "Read"
    assert db.ask(largest_calls(Scope((1,)), [])) == {}
    db.close()


def test_an_output_is_of_what_was_written_for_minutes_then_for_an_hour_then_of_the_input(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=20_000, new=0, tool="Read")
    line.says(read=20_000, write=6_000, hour=2_000, new=FILLED - 6_000 + 100)
    (one,) = asked(settings, line).outputs.rows
    assert (one.tokens, one.later) == (FILLED, 0)
    written = list_price(cache_write=6_000, cache_write_5m=4_000, cache_write_1h=2_000)
    assert one.nano == written + list_price(input=FILLED - 6_000)


@pytest.mark.parametrize(("late", "pauses"), [(0, [0]), (-1, [])])
def test_a_response_that_began_before_the_one_before_it_ended_is_out_of_order(
    settings, late, pauses
):
    line = Line(1)
    line.prompt("one")
    line.says(write=20_000, new=0, tool="Read")
    line.says(read=20_000, write=FILLED + 100, new=0, wait=late - 1000)
    assert [one.pause_ms for one in asked(settings, line).outputs.rows] == pauses


def test_what_is_known_of_a_session_follows_it_when_it_goes_on(settings):
    line = large()
    (before,) = asked(settings, line).outputs.rows
    line.says(read=20_200 + FILLED, write=50, new=0)
    (now,) = asked(settings, line).outputs.rows
    assert (before.later, now.later) == (2, 3)


def test_less_does_not_fill_the_context(settings):
    assert asked(settings, large(FILLED - 1)).outputs == Found()


def test_what_the_model_wrote_itself_is_no_output_of_a_tool(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=20_000, new=0, output=FILLED, tool="Write")
    line.says(read=20_000, write=FILLED + 50, new=0)
    assert asked(settings, line).outputs == Found()


def test_what_a_prompt_brings_is_no_output(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=20_000, tool="Read")
    line.prompt("a long text")
    line.says(read=20_000, write=FILLED + 500)
    assert asked(settings, line).outputs == Found()


def test_reading_again_ends_where_the_context_shrinks(settings):
    line = large()
    line.says(read=5_000, write=5_000)
    line.says(read=45_000, write=50)
    assert [one.later for one in asked(settings, line).outputs.rows] == [2]


def test_the_last_response_is_read_again_by_none_before_it(settings):
    line = Line(1)
    line.prompt("one")
    line.says(write=90_000, new=0)
    line.says(read=5_000, write=5_000, new=0, output=100, tool="Read")
    line.says(read=10_000, write=FILLED + 100, new=0)
    assert [one.later for one in asked(settings, line).outputs.rows] == [0]


def test_steps_whose_output_is_known_in_part_only_are_counted_and_left_out(settings):
    line = large()
    for each in line.lines:
        if each.get("message", {}).get("stop_reason") == "tool_use":
            each["message"]["stop_reason"] = None
            each["message"]["usage"]["output_tokens"] = 1
    found = asked(settings, line)
    assert (found.outputs, found.untold) == (Found(), 1)


def test_a_model_without_a_list_price_has_a_finding_without_money(settings):
    found = asked(settings, talk(6 * MINUTE, model="house-model"))
    (one,) = found.cold.rows
    assert (one.tokens, one.nano) == (40_000, None)
    assert (found.cold.nano, found.cold.unpriced) == (0, 1)


def test_a_finding_belongs_to_the_day_of_its_response(settings):
    line = talk(26 * 60 * MINUTE)
    found = asked(settings, line, scope=Scope((1,), since="2026-09-22", until="2026-09-22"))
    assert found.cold.n == 1
    db = Sqlite(settings.database, readonly=True)
    before = Scope((1,), since="2026-09-21", until="2026-09-21")
    assert db.ask(findings(before, limit=20)).cold == Found()
    db.close()


def test_sums_are_of_all_findings_and_rows_of_the_most_expensive(settings):
    line = Line(1)
    for tokens in (30_000, 50_000, 40_000):
        line.prompt("more", after_ms=6 * MINUTE)
        line.says(write=tokens)
        line.prompt("on", after_ms=6 * MINUTE)
        line.says(write=tokens)
    kept(settings, line)
    db = Sqlite(settings.database, readonly=True)
    whole = db.ask(findings(Scope((1,)), limit=20)).cold
    some = db.ask(findings(Scope((1,)), limit=2)).cold
    db.close()
    assert (whole.n, whole.sessions, whole.unpriced) == (len(whole.rows), 1, 0)
    assert whole.nano == sum(each.nano or 0 for each in whole.rows)
    assert whole.tokens == sum(each.tokens for each in whole.rows)
    assert whole.rows == sorted(whole.rows, key=lambda each: -(each.nano or 0))
    assert replace(some, rows=whole.rows) == whole
    assert some.rows == whole.rows[:2]


def test_postgresql_finds_the_same(settings, postgres_url):
    found = asked(settings, talk(6 * MINUTE))
    db = Postgres(postgres_url)
    db.migrate()
    fill(db, settings)
    assert db.ask(findings(Scope((1,)), limit=20)) == found
    db.close()
