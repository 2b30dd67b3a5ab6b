"""What pages say of a row, and what they leave out: small rules, each by itself."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.explorer.lines import _sizes
from accrete.explorer.pages import overview, practices, replay
from accrete.model import Tier
from accrete.queries.practices import PracticeRow, SightingRow
from accrete.queries.steps import HEAD, Step
from tests.explorer.asking import words
from tests.explorer.worked import record
from tests.records import kept

pytestmark = pytest.mark.long


def moment(**given: Any) -> SightingRow:
    """A sighting that says what is given."""
    usual = {"session": "s1", "title": None, "project": "demo", "practice": "planning",
             "uuid": "u1", "prompt": 1, "at": 1, "marks": [], "note": None, "what": None,
             "text": None}  # fmt: skip
    return SightingRow(**{**usual, **given})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "Plan it\n first", "note": "one  plan"}, ("Plan it first", "one plan")),
        ({"text": "Plan it, one plan", "note": "one plan"}, ("Plan it, one plan", "")),
        ({"text": "Plan it"}, ("Plan it", "")),
        ({"text": "<command-name>/plan</command-name>", "note": "a plan"}, ("a plan", "")),
        ({"text": "[Request interrupted by user]", "what": "interruption"}, ("interruption", "")),
        ({"text": " ", "note": "a plan", "what": "Agent"}, ("a plan", "")),
        ({"what": "Agent"}, ("Agent", "")),
        ({}, ("", "")),
    ],
)  # fmt: skip
def test_a_moment_says_what_was_said_or_called(given, said):
    assert practices._about(moment(**given)) == said


def test_what_good_looks_like_is_of_each_session_first():
    made = [moment(session=session, uuid=f"{n}") for n, session in enumerate("aabacb")]
    chosen = practices._different(made)
    assert [each.uuid for each in chosen] == ["0", "2", "4", "1", "3", "5"][: practices.GOOD]


def test_habits_are_of_practices_that_were_possible():
    rows = [SimpleNamespace(name=name, seen=seen, eligible=of)
            for name, seen, of in (("planning", 1, 4), ("review", 0, 0))]  # fmt: skip
    assert overview._shares(cast("list[PracticeRow]", rows)) == {"planning": (1, 4)}


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({"kind": "typed_prompt", "text": "x" * (HEAD + 9)}, [HEAD + 9]),
        ({"kind": "assistant_text", "text": "x" * (HEAD + 9)}, [HEAD + 9]),
        ({"kind": "assistant_text"}, [0]),
        ({"kind": "thinking", "text": "x" * (HEAD + 9)}, [HEAD]),
        ({"kind": "thinking", "text": "x" * 9, "target": "x" * 20}, [9]),
        ({"kind": "tool_call", "target": "x" * 20, "output": "x" * 30}, [20]),
        ({"kind": "tool_call", "target": "x" * 20, "output": "x" * 30, "failed": True}, [20, 30]),
        ({"kind": "tool_call", "name": "ExitPlanMode", "input": "x" * 40}, [0, 40]),
        ({"kind": "tool_call", "failed": True}, [0, 0]),
    ],
)  # fmt: skip
def test_a_step_takes_as_much_room_as_the_page_has_of_its_texts(given, sizes):
    step = {"text": None, "target": None, "output": None, "input": None, "name": None,
            "failed": False, **given}  # fmt: skip
    assert list(_sizes(cast("Step", SimpleNamespace(**step)))) == sizes


@pytest.mark.parametrize(
    ("turn", "failed", "amounts", "notes"),
    [
        ({"active_ms": 61_000, "cost_nano": 2_000_000_000}, 2, True, "1 min · $2.00 · 2 failed"),
        ({"active_ms": 61_000, "cost_nano": 2_000_000_000}, 0, False, "1 min"),
        ({"active_ms": 0, "cost_nano": 0}, 1, True, "1 failed"),
        ({"active_ms": None, "cost_nano": None}, 0, True, ""),
    ],
)
def test_a_prompt_of_the_rail_says_what_it_took(turn, failed, amounts, notes):
    writer = SimpleNamespace(
        most=None, failed={7: failed}, anchor=lambda step: "s-7",
        view=SimpleNamespace(viewer=SimpleNamespace(amounts=amounts)),
    )  # fmt: skip
    step = SimpleNamespace(text=" Do\nit ", number=7,
                           turn=SimpleNamespace(unpriced=0, **turn))  # fmt: skip
    made = replay._railed(cast("Step", step), cast("Any", writer))
    assert (made[0], made[1], made[2], made[3]) == ("s-7", 7, "Do it", notes)


@pytest.mark.parametrize("length", [replay.RAIL, replay.RAIL + 1])
def test_a_prompt_of_the_rail_is_cut_where_it_is_too_long(length):
    writer = SimpleNamespace(most=None, failed={7: 0}, anchor=lambda step: "s-7")
    turn = SimpleNamespace(unpriced=0, active_ms=0, cost_nano=0)
    step = cast("Step", SimpleNamespace(text="x" * length, number=7, turn=turn))
    said = replay._railed(step, cast("Any", writer))[2]
    assert len(said) == replay.RAIL
    assert said.endswith("…") is (length > replay.RAIL)
    short = SimpleNamespace(**{**vars(writer), "most": 20})
    assert replay._railed(step, cast("Any", short))[2] == "x" * 9 + "…"


def test_several_people_are_listed_by_time_only(settings, shown_to):
    kept(settings, *record()[:2])
    for people, status in (((1,), 200), ((1, 2), 400)):
        client = shown_to(scope=replace(MINE, people=people), own=False)
        assert client.get("/sessions?range=all&sort=cost").status_code == status


def test_moments_of_words_that_are_not_shared_are_said_to_be_kept(settings, shown_to, opened):
    kept(settings, *record())
    path = "/practices/verification?range=all"
    assert practices.UNSHARED not in words(opened(settings).get(path).text)
    db = Sqlite(settings.database)
    with db.transaction():
        db.run("UPDATE person SET tier = 2")
    db.close()
    client = shown_to(scope=replace(MINE, tier=Tier.ACTIVITY), own=False)
    assert practices.UNSHARED in words(client.get(path).text)
    none = "/practices/verification?since=2000-01-01&until=2000-01-02"
    assert practices.UNSHARED not in words(client.get(none).text)
