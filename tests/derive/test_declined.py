"""What a response cost at least, and what is known of models that declined before it."""

from __future__ import annotations

import pytest

from tests.records import kept, rows
from tests.transcripts import Transcript, minted

NO_STOP = {"stop": None}
FAILED = {"model": "<synthetic>", "isApiErrorMessage": True}


@pytest.mark.parametrize(
    ("fields", "bound"),
    [
        ({}, 0),
        (NO_STOP, 1),
        ({"stop": "tool_use"}, 0),
        (FAILED, 0),
        ({**FAILED, **NO_STOP}, 0),
    ],
)
def test_an_answer_without_a_stop_reason_cost_at_least_what_is_told(settings, fields, bound):
    t = Transcript(1)
    t.prompt("Begin")
    t.answer("msg_1", **fields)
    kept(settings, t)
    assert rows(settings, "SELECT lower_bound FROM response") == [(bound,)]
    assert rows(settings, "SELECT lower_bound FROM session") == [(bound,)]


def test_an_answer_without_usage_has_no_cost_of_which_it_could_be_a_part(settings):
    t = Transcript(1)
    t.prompt("Begin")
    t.answer("msg_1", stop=None)
    del t.lines[-1]["message"]["usage"]
    kept(settings, t)
    said = "SELECT lower_bound, cost_nano, has_usage FROM response"
    assert rows(settings, said) == [(0, None, 0)]


def declining(name: str, request: str | None, category: str | None) -> Transcript:
    """An answer of two lines after another model declined; the first says for what."""
    usage = {
        "input_tokens": 2000,
        "output_tokens": 300,
        "cache_read_input_tokens": 0,
        "iterations": [
            {"type": "message", "input_tokens": 2000, "output_tokens": 0,
             "model": "claude-fable-5"},
            {"type": "fallback_message", "input_tokens": 2000, "output_tokens": 300,
             "model": "claude-opus-5"},
        ],
    }  # fmt: skip
    block = {
        "type": "fallback",
        "from": {"model": "claude-fable-5"},
        "to": {"model": "claude-opus-5"},
        "trigger": {"type": "refusal", "category": category, "explanation": None},
    }
    t = Transcript(1)
    t.prompt("Begin")
    text = {"type": "text", "text": "Done."}
    for blocks in ([block], [text]):
        t.answer(name, blocks=blocks, usage=usage, requestId=request)
    return t


@pytest.mark.parametrize("ids", [(minted("msg"), minted("req")), ("chatcmpl-1", None)])
@pytest.mark.parametrize(("category", "refusal"), [("cyber", "cyber"), (None, None)])
def test_for_what_a_model_declined_is_known_of_the_answer_whoever_gave_its_id(
    settings, ids, category, refusal
):
    """A gateway's lines are rows of their own, of which one counts: another may say it."""
    kept(settings, declining(*ids, category))
    assert rows(settings, "SELECT COUNT(*) FROM response WHERE counted = 1") == [(1,)]
    assert rows(settings, "SELECT kind, model, refusal FROM inference") == [
        ("message", "claude-fable-5", refusal)
    ]
