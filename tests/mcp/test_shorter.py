"""What the MCP server says is what `--json` prints, made short."""

from __future__ import annotations

import json
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from accrete_mcp import shape
from accrete_mcp.shape import Compact, Most
from accrete_mcp.shorten import UNITS, Short, ends, source_of
from pydantic import Field

from accrete.insight.answer import Absent
from tests.mcp.asked import call, keep, shipped
from tests.records import called
from tests.transcripts import Transcript

pytestmark = pytest.mark.long  # to import the SDK takes as long as all of them

OWN = {"scope", "more", "legend", "note", "said", "team_connected"}
"""Keys of the server alone: sentences about the answer."""
SHAPES = [
    each for each in vars(shape).values() if isinstance(each, type) and issubclass(each, Compact)
]


def kinds(hint: Any) -> set[Any]:
    """The types in a hint, without what is left out or not known."""
    inside = get_args(hint)
    if not inside:
        return {hint} - {NoneType, Absent}
    return {kind for each in inside if not isinstance(each, Most) for kind in kinds(each)}


def odd_keys(made: type[Compact]) -> list[str]:
    """Keys that `--json` has not, or with another type."""
    known = get_type_hints(made.answer) if made.answer else {}
    odd = []
    for name, field in made.model_fields.items():
        mine = kinds(field.annotation)
        parts = {each for each in mine if isinstance(each, type) and issubclass(each, Compact)}
        source = next((each for each in source_of(name) if each in known), None)
        if name in OWN or (parts and parts == mine and all(each.answer for each in parts)):
            continue
        converted = source != name
        if source is None or (not converted and mine != kinds(known[source])):
            odd.append(f"{made.__name__}.{name}")
    return odd


@pytest.mark.parametrize("made", SHAPES, ids=lambda made: made.__name__)
def test_a_key_is_one_of_the_answer_with_its_type(made):
    assert odd_keys(made) == []


def test_a_key_of_another_name_or_type_is_told():
    class Odd(Compact):
        answer = shape.Practice.answer
        name: str
        seen: str
        eligible: int
        last: str
        cost_usd: float

    assert odd_keys(Odd) == ["Odd.seen", "Odd.eligible", "Odd.cost_usd"]


def printed(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    code, out, err = called(capsys, *args, "--json")
    assert code == 0, err
    return json.loads(out)


def same(short: dict[str, Any], whole: dict[str, Any]) -> int:
    """How many keys both have; fails where their values differ."""
    shared = 0
    for name, value in short.items():
        key = next((each for each in source_of(name) if each in whole), None)
        if key is None or isinstance(value, (dict, list)):
            continue
        unit = next((unit for unit in UNITS if name.endswith(unit.theirs)), None)
        if unit is not None:
            assert value == unit.convert(whole[key]), name
        elif key == name and isinstance(value, str):
            assert whole[key].startswith(value.rstrip("…")), name
        elif key == name:
            assert value == whole[key], name
        shared += 1
    return shared


@pytest.mark.long
def test_the_same_session_practice_row_and_hit_have_the_same_figures(home, capsys):
    other = Transcript(2, cwd="/home/dev/shop")
    other.prompt("Fix nothing")
    other.answer("msg_2", model="claude-unheard-of-9")
    keep(home, shipped(), other)
    for session in printed(capsys, "sessions"):
        assert same(call("session", id=session["id"]), session) >= 12
    listed = {row["id"][:8]: row for row in printed(capsys, "sessions")}
    assert [same(row, listed[row["id"]]) >= 7 for row in call("session", id="all")["sessions"]]
    practices = {row["name"]: row for row in printed(capsys, "practices")}
    for row in call("my_practices", project="all")["practices"]:
        assert same(row, practices[row["name"]]) >= 6
        assert row["by_week"].get("seen", []) == [
            week["seen"] for week in practices[row["name"]]["weeks"] if week["possible"]
        ]
    for by in ("project", "model", "session", "day"):
        rows = {row["label"]: row for row in printed(capsys, "cost", "--by", by)["rows"]}
        for row in call("usage", by=by)["rows"]:
            assert same(row, rows[row["label"]]) >= 3
    hits = printed(capsys, "search", "Fix")
    for short, whole in zip(
        call("search_history", words="Fix", project="all")["hits"], hits, strict=True
    ):
        assert same(short, whole) >= 5


@pytest.mark.long
def test_what_has_no_price_is_counted_and_costs_nothing_known(home):
    t = Transcript(1)
    t.prompt("Go")
    t.answer("msg_1", model="claude-unheard-of-9")
    keep(home, t)
    found = call("session")
    assert found["unpriced"] == 1
    assert "cost_usd" not in found
    assert call("usage")["rows"][0]["unpriced"] == 1
    assert "claude-unheard-of-9" in call("usage")["note"]


@pytest.mark.long
def test_a_long_list_is_cut_in_the_middle_and_the_answer_says_how_much(home):
    t = Transcript(1)
    for n in range(20):
        t.prompt(f"Prompt {n}")
        t.answer(f"msg_{n}")
    keep(home, t)
    found = call("session")
    assert [each["number"] for each in found["work"]["asked"]] == [1, 2, *range(11, 21)]
    assert found["more"].startswith("8 prompts left out")
    assert ends([1, 2, 3], 3) == [1, 2, 3]


def test_texts_and_ids_are_cut_and_units_are_those_of_a_reader():
    class Made(Compact):
        id: str
        text: str = Field(default="")
        cost_usd: float | None = None
        active_hours: float | None = None
        started: str | None = None
        gone: str | None = None

    class Whole:
        id = "0123456789"
        text = "word " * 100
        cost_nano = 1_234_567_890
        active_ms = 5_400_000
        started_at = 7

    found = Short(lambda at: f"at {at}").of(Made, Whole())
    assert (found.id, len(found.text), found.text[-1]) == ("01234567", 200, "…")
    assert (found.cost_usd, found.active_hours, found.started) == (1.2346, 1.5, "at 7")
    assert "gone" not in found.model_dump()
