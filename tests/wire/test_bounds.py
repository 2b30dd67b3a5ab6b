"""How large, how long and of what form a value may be, for each field of each table and tier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from accrete.model.field import Holds
from accrete.model.published_names import OTHER
from accrete.wire import contract, travels
from accrete.wire.contract import (
    Latest,
    RefusedError,
    check_dates,
    decoded,
    decoded_together,
    row_type,
)
from accrete.wire.travels import AGENTS, NAMES, WIRE_VERSION, Column, columns, table
from tests.wire.test_contract import AT, leaving

DAY_MS = 86_400_000
FIRST, LAST = -62_135_424_000_000, 253_402_128_000_000
LARGE = 1 << 53
LONG = ("title", "detail")
"""Of the fields that may hold a megabyte, those that are tried with one."""


@pytest.fixture(autouse=True)
def anew() -> None:
    """What a field may hold is worked out anew in each test."""
    for cached in (travels.columns, travels.lowest, travels.typed, travels.table,
                   contract.row_type, contract._decoder, contract._quick, contract._dated,
                   contract._is_day):  # fmt: skip
        cached.cache_clear()


def bounds(name: str, column: Column, tier: int) -> tuple[list[Any], dict[str, list[Any]]]:
    """The outermost values that are taken, and by what is said of them those that are not."""
    unit, key = column.mark.unit, column.name in table(name).key
    if column.kind is not str:
        if column.name == "hour_of_week":
            return [0, 167], {"no hour of a week": [-1, 168]}
        if unit == "0 or 1":
            return [0, 1], {"neither 0 nor 1": [-1, 2]}
        if unit == "UTC ms":
            said = {"a moment without a date": [FIRST - 1, LAST + 1], "too large": [LARGE, -LARGE]}
            if tier == 1:
                said["a moment without a date"] = [FIRST - DAY_MS, LAST + DAY_MS]
                said["a time of day"] = [1, DAY_MS - 1, -1]
            return [FIRST, 0, LAST], said
        return [1 - LARGE, LARGE - 1], {"too large": [-LARGE, LARGE]}
    if unit == "YYYY-MM-DD":
        said = {"not a day": ["2026-02-30", "2026-9-1", "20260901", "-"],
                "not of its type": [5, True]}  # fmt: skip
        return ["", "2024-02-29", "0001-01-01", "9999-12-31"], said
    value = column.mark.holds is Holds.VALUE
    most = 256 if value else 4096 if column.listed else 1 << 20
    most = min(most, 1000) if key else most
    long = {f"longer than {most} characters": ["x" * (most + 1)]}
    if tier < 3 and column.name in AGENTS:
        return ["", "0123456789abcdef"], {"not an alias": ["0123456789abcdeg", "a" * 15, "A" * 16]}
    if tier < 3 and column.name == "marks":
        return ["", "a-b c_1", "x" * most], long | {"not an id": ["a  b", "A", "a "]}
    if tier < 3 and value:
        return ["", "aZ_.:@#/+-9", "x" * most], long | {"not an id": ["a b", "a\n", "é", '"', ","]}
    if most > 4096 and column.name not in LONG:
        return ["", "é \n"], {"has a NUL character": ["a\x00b"]}
    return ["", "é \n", "x" * most], long | {"has a NUL character": ["a\x00b"]}


def fields() -> Iterator[tuple[str, int, Column]]:
    for name in NAMES:
        for tier in (1, 2, 3):
            for column in columns(name, tier):
                if (name, column.name, tier) != ("tool_call", "target", 2):  # a command of its own
                    yield name, tier, column


def row(name: str, tier: int) -> dict[str, Any]:
    made = leaving(name, tier)
    return made | ({"target": None} if (name, tier) == ("tool_call", 2) else {})


def refusal(name: str, tier: int, raw: bytes) -> str:
    """Why a row is refused; '' where it is taken."""
    try:
        decoded(name, tier, WIRE_VERSION, raw)
    except RefusedError as why:
        return str(why)
    return ""


def test_a_value_is_taken_up_to_its_bounds_and_none_beyond_whichever_way_it_is_looked_at():
    tried = 0
    for name, tier, column in fields():
        plain = row(name, tier)
        taken, refused = bounds(name, column, tier)
        for value in taken:
            raw = msgspec.json.encode(plain | {column.name: value})
            kept = OTHER if column.listed else value
            where = (name, tier, column.name, str(value)[:20])
            assert decoded(name, tier, WIRE_VERSION, raw)[column.name] == kept, where
            together = decoded_together(name, tier, WIRE_VERSION, [raw, raw])
            assert together is None or [each[column.name] for each in together] == [kept] * 2, where
            if tier == 3 or not isinstance(value, str) or value.isascii():
                assert (together is None) == (tier < 3 and " " in str(value)), where
        for said, values in refused.items():
            for value in values:
                raw = msgspec.json.encode(plain | {column.name: value})
                where = (name, tier, column.name, str(value)[:20])
                assert decoded_together(name, tier, WIRE_VERSION, [raw]) is None, where
                assert refusal(name, tier, raw) == f"{column.name}: {said}", where
                tried += 1
    assert tried > 1_000


def test_of_a_row_at_all_its_bounds_the_field_beyond_is_named():
    for name in NAMES:
        for tier in (1, 2, 3):
            found = [each for each in columns(name, tier)
                     if (name, each.name, tier) != ("tool_call", "target", 2)]  # fmt: skip
            for at in (0, -1):
                full = row(name, tier)
                for column in found:
                    value = bounds(name, column, tier)[0][at]
                    full[column.name] = value if len(str(value)) <= 4096 else "x"
                for column in found:
                    said, values = next(iter(bounds(name, column, tier)[1].items()))
                    raw = msgspec.json.encode(full | {column.name: values[0]})
                    with pytest.raises(RefusedError, match=f"^{column.name}: {said}$"):
                        decoded(name, tier, WIRE_VERSION, raw)
    long = row("session", 3) | {"title": "x" * (1 << 20), "automated": 2}
    with pytest.raises(RefusedError, match="^automated: neither 0 nor 1$"):
        decoded("session", 3, WIRE_VERSION, msgspec.json.encode(long))


def test_what_may_be_missing_may_and_nothing_else():
    for name, tier, column in fields():
        given = row(name, tier)
        given.pop(column.name, None)
        raw = msgspec.json.encode(given)
        if column.nullable or column.listed or column.name == "project":
            assert decoded(name, tier, WIRE_VERSION, raw)[column.name] is None
            null = msgspec.json.encode(given | {column.name: None})
            assert decoded(name, tier, WIRE_VERSION, null)[column.name] is None
            continue
        with pytest.raises(RefusedError, match=f"missing required field `{column.name}`"):
            decoded(name, tier, WIRE_VERSION, raw)
        assert decoded_together(name, tier, WIRE_VERSION, [raw]) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unheard_of": 1}, "Object contains unknown field `unheard_of`"),
        ({"unheard_of_" + "x" * 200: 1}, "Object contains unknown field `unheard_of_"),
        ({"id": 5}, "id: not of its type"),
        ({"prompts": 1.5}, "prompts: not of its type"),
        ({"prompts": True}, "prompts: not of its type"),
        ({"id": "a\x00b"}, "id: has a NUL character"),
    ],
)
def test_why_a_row_is_refused_is_said_in_few_words(changed, said):
    raw = msgspec.json.encode(row("session", 1) | changed)
    with pytest.raises(RefusedError) as why:
        decoded("session", 1, WIRE_VERSION, raw)
    assert str(why.value).startswith(said)
    assert len(str(why.value)) <= 120


@pytest.mark.parametrize("raw", [b"[]", b"5", b"{", b"\xff", b'{"id":"\xff"}'])
def test_what_is_no_row_is_said_to_be_none(raw):
    with pytest.raises(RefusedError, match=r"^not a row of this table$"):
        decoded("session", 1, WIRE_VERSION, raw)


def test_a_text_that_only_looks_like_a_nul_character_is_taken():
    given = row("session", 3) | {"title": "a\\u0000b"}
    raw = msgspec.json.encode(given)
    assert b"\\u0000" in raw
    assert decoded("session", 3, WIRE_VERSION, raw)["title"] == "a\\u0000b"


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize(
    "odd",
    ["a b", "a,b", 'a"b', "a{b", "a}b", ":", ":a", "a:b", '":"', "é", "", "a\\b", "x,y:z", "[a]"],
)
def test_rows_that_are_looked_at_together_are_what_each_of_them_is(tier, odd):
    one = msgspec.json.encode(row("session", tier))
    two = msgspec.json.encode(row("session", tier) | {"id": odd})
    three = msgspec.json.encode(row("session", tier) | {"version": odd})
    for rows in ([one, two], [two], [three, one], [one, three, two]):
        together = decoded_together("session", tier, WIRE_VERSION, rows)
        try:
            alone = [decoded("session", tier, WIRE_VERSION, each) for each in rows]
        except RefusedError:
            assert together is None
            continue
        assert together in (None, alone)
        if tier == 3:
            assert together == alone


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_usual_rows_are_looked_at_together(name, tier):
    if not columns(name, tier):
        with pytest.raises(RefusedError, match=f"^{name}: no rows at tier {tier}$"):
            row_type(name, tier)
        return
    raw = msgspec.json.encode({k: v for k, v in row(name, tier).items() if v is not None})
    for count in (0, 1, 3):
        together = decoded_together(name, tier, WIRE_VERSION, [raw] * count)
        if count or tier == 3:
            assert together == [decoded(name, tier, WIRE_VERSION, raw)] * count


@pytest.mark.parametrize("tier", [1, 3])
def test_two_rows_in_the_place_of_one_are_not_taken(tier):
    raw = msgspec.json.encode(row("session", tier))
    for rows in ([raw + b"," + raw], [raw[:-1], b"}"], [raw, b""]):
        assert decoded_together("session", tier, WIRE_VERSION, rows) is None
    with pytest.raises(RefusedError):
        decoded("session", tier, WIRE_VERSION, raw + b"," + raw)


def test_nothing_is_yet_to_happen():
    """A day counts where clocks are furthest ahead, and `misdated` may be of any time."""
    midnight = 1_790_035_200_000
    assert Latest.of(midnight - 14 * 3_600_000 - 1).day == "2026-09-21"
    latest = Latest.of(midnight - 14 * 3_600_000)
    assert latest == (midnight - 14 * 3_600_000, "2026-09-22")
    for name in NAMES:
        plain: dict[str, Any] = {each.name: None for each in columns(name, 3)}
        check_dates(name, 3, WIRE_VERSION, plain, latest)
        for column in columns(name, 3):
            unit = column.mark.unit
            if unit not in ("UTC ms", "YYYY-MM-DD"):
                continue
            last, beyond = (latest.at, latest.at + 1) if unit == "UTC ms" else (
                latest.day, "2026-09-23")  # fmt: skip
            check_dates(name, 3, WIRE_VERSION, plain | {column.name: last}, latest)
            late = plain | {column.name: beyond}
            if column.name == "misdated":
                check_dates(name, 3, WIRE_VERSION, late, latest)
                continue
            with pytest.raises(RefusedError, match=f"^{column.name}: more than a day ahead$"):
                check_dates(name, 3, WIRE_VERSION, late, latest)


def test_a_published_name_stays_and_any_other_is_not_told():
    for name, field, known in (("session_usage", "model", "claude-opus-5"),
                               ("tool_call", "tool", "Bash")):  # fmt: skip
        for value, kept in ((known, known), (known + "x", OTHER), ("", OTHER)):
            raw = msgspec.json.encode(row(name, 1) | {field: value})
            found = decoded(name, 1, WIRE_VERSION, raw)[field]
            assert found == kept or (value == "" and found in ("", OTHER))
    given = row("session_usage", 3) | {"model": "of our own"}
    assert decoded("session_usage", 3, WIRE_VERSION, msgspec.json.encode(given))["model"] == (
        "of our own"
    )


@pytest.mark.parametrize(
    ("tool", "target", "tier", "taken"),
    [
        ("Bash", "git status", 2, True), ("Bash", "git commit -m 'words'", 2, False),
        ("Bash", "git commit -m 'words'", 3, True), ("Agent", "words", 2, False),
        ("Agent", "words", 3, True), ("", "words", 2, False), ("Read", "/a b.py", 2, True),
        ("Bash", None, 2, True),
    ],
)  # fmt: skip
def test_a_command_comes_without_words_below_the_highest_tier(tool, target, tier, taken):
    given = leaving("tool_call", tier, at=AT) | {"tool": tool, "target": target}
    raw = msgspec.json.encode(given)
    if taken:
        assert decoded("tool_call", tier, WIRE_VERSION, raw)["target"] == target
        return
    with pytest.raises(RefusedError, match="^target: has more than what ran and where$"):
        decoded("tool_call", tier, WIRE_VERSION, raw)
    assert decoded_together("tool_call", tier, WIRE_VERSION, [raw]) is None
