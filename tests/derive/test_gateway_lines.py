"""Two lines under one message id of a gateway: whether the second goes on with the answer of the
first, by what stands between them and what each says."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from accrete.ingest import ingest
from tests.records import kept, projects, rows
from tests.transcripts import Transcript, minted, write_agent

GIVEN = 1000
CALL, OTHER_CALL = ({"type": "tool_use", "id": f"call_{n}", "name": "Read",
                     "input": {"file_path": f"/{n}"}} for n in (1, 2))  # fmt: skip
TEXT = {"type": "text", "text": "Hm, hi"}
THOUGHT = {"type": "thinking", "thinking": "hm"}


class Said(NamedTuple):
    """What a line says."""

    stop: str | None = None
    given: int = GIVEN
    output: int = 50
    request: str | None = None
    block: dict[str, Any] = TEXT


def prompt(t: Transcript) -> None:
    t.prompt("And another thing")


def interruption(t: Transcript) -> None:
    t.prompt("[Request interrupted by user]")


def context(t: Transcript) -> None:
    t.prompt("Caveat: something the client adds", isMeta=True)


def result(t: Transcript) -> None:
    t.result("text", use="call_1")


def hook(t: Transcript) -> None:
    t.add("attachment", attachment={"type": "hook_success", "hookName": "PreToolUse:Read",
                                    "hookEvent": "PreToolUse", "content": "ok"})  # fmt: skip


def nothing(t: Transcript) -> None:
    pass


ENDED, FULL = Said("end_turn"), Said("end_turn", output=90)
CALLED = Said("tool_use", block=CALL)
CASES = {
    "the same request, said again with more": (
        ENDED._replace(request="r"), nothing, FULL._replace(request="r"), 1),
    "the same request, said again after a result": (
        ENDED._replace(request="r"), result, FULL._replace(request="r"), 2),
    "the same request, said again after a prompt": (
        ENDED._replace(request="r"), prompt, FULL._replace(request="r"), 2),
    "two requests": (Said(request="r"), nothing, Said(request="s"), 2),
    "a request of the first alone": (ENDED._replace(request="r"), nothing, ENDED, 1),
    "a request of the first alone, and more": (ENDED._replace(request="r"), nothing, FULL, 2),
    "a request of the second alone": (ENDED, nothing, ENDED._replace(request="r"), 1),
    "a request of the second alone, and more": (ENDED, nothing, FULL._replace(request="r"), 2),
    "both ended, alike": (ENDED, nothing, ENDED, 1),
    "both ended, with more": (ENDED, nothing, FULL, 2),
    "only the second ended, with more": (Said(), nothing, FULL, 1),
    "only the first ended, the second with more": (ENDED, nothing, Said(output=90), 1),
    "interrupted": (Said(), interruption, Said(), 2),
    "typed while it came": (Said(), prompt, Said(), 1),
    "typed after it ended": (ENDED, prompt, ENDED, 2),
    "typed, and given more": (Said(), prompt, Said(given=GIVEN + 1), 2),
    "typed, and given less": (Said(), prompt, Said(given=GIVEN - 1), 2),
    "typed, and neither says what it was given": (Said(given=0), prompt, Said(given=0), 2),
    "a hook ran meanwhile": (Said(), hook, Said(), 1),
    "a hook ran after a call": (CALLED, hook, CALLED._replace(block=OTHER_CALL), 1),
    "a hook ran after it ended": (ENDED, hook, ENDED, 2),
    "a hook ran after it ended for another reason": (
        Said("max_tokens"), hook, Said("max_tokens"), 2),
    "context came meanwhile": (Said(block=THOUGHT), context, Said(), 1),
    "context came after it ended": (ENDED, context, ENDED, 2),
    "context came, and it was given more": (
        Said(block=THOUGHT), context, Said(given=GIVEN + 1), 2),
    "context came while a call had no result": (CALLED, context, CALLED._replace(block=TEXT), 1),
    "a further call after a result": (CALLED, result, CALLED._replace(block=OTHER_CALL), 1),
    "a further call after a result, given more": (
        CALLED, result, Said("tool_use", GIVEN + 1, block=OTHER_CALL), 2),
    "a further call after a result, given more, before either ended": (
        CALLED._replace(stop=None), result, Said(None, GIVEN + 1, block=OTHER_CALL), 2),
    "words after a result": (CALLED, result, CALLED._replace(block=TEXT), 2),
    "a thought after a result": (CALLED, result, CALLED._replace(block=THOUGHT), 2),
    "the same call after its result": (CALLED, result, CALLED, 2),
    "a placeholder, and what it stood for": (
        Said(given=0, block=CALL), result, Said("tool_use", block=OTHER_CALL), 1),
    "a placeholder that ended": (
        Said("tool_use", 0, 0, block=CALL), result, Said(block=OTHER_CALL), 2),
    "a placeholder after the usage": (
        CALLED._replace(stop=None), result, Said(given=0, block=OTHER_CALL), 2),
    "two placeholders": (Said(given=0, block=CALL), result, Said(given=0, block=OTHER_CALL), 2),
}  # fmt: skip


@pytest.mark.parametrize(("first", "between", "second", "number"), CASES.values(), ids=CASES)
def test_a_line_goes_on_with_an_answer_or_begins_the_next(settings, first, between, second, number):
    t = Transcript(1)
    t.prompt("Look")
    for each, after in ((first, between), (second, nothing)):
        t.answer("gen-1", blocks=[each.block], stop=each.stop, requestId=each.request,
                 usage={"input_tokens": each.given, "output_tokens": each.output,
                        "cache_read_input_tokens": 0})  # fmt: skip
        after(t)
    kept(settings, t)
    assert rows(settings, "SELECT COUNT(*) FROM response WHERE counted = 1") == [(number,)]


def test_a_progress_record_gives_way_to_its_own_line_that_says_more_of_the_ids(settings):
    t = Transcript(1)
    t.prompt("Count")
    t.call("Task", {"description": "Count", "prompt": "Count."}, message_id=minted("msg", 1),
           use="toolu_task", requestId=minted("req", 1))  # fmt: skip
    sub = Transcript(1, start=t.now)
    sub.call("Bash", {"command": "ls"}, message_id=minted("msg", 2), use="toolu_sub",
             uuid="a1b2c3-0", requestId=minted("req", 2))  # fmt: skip
    early = {name: sub.lines[0][name] for name in ("type", "timestamp", "message", "uuid")}
    t.add("progress", parentToolUseID="toolu_task", toolUseID="agent_a1b2c3-0",
          data={"type": "agent_progress", "agentId": "a1b2c3", "message": early})  # fmt: skip
    kept(settings, t)
    counted = "SELECT message_id FROM {} WHERE counted = 1 AND agent <> ''"
    delegated = "SELECT responses_delegated, tool_calls FROM session"
    for named in (f"{minted('msg', 2)}#a1b2c3-0", minted("msg", 2)):
        for table in ("response", "tool_call"):
            assert rows(settings, counted.format(table)) == [(named,)], table
        assert rows(settings, delegated) == [(1, 2)]
        write_agent(projects(settings), t, sub)
        ingest(settings)
