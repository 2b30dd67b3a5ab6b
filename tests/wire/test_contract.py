"""What leaves at which tier, and what a server takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from accrete.clock import LocalTime
from accrete.model import Tier
from accrete.model.field import Holds
from accrete.model.published_names import OTHER
from accrete.model.tables import TABLES
from accrete.wire import contract, travels
from accrete.wire.contract import RefusedError, decoded, decoded_together, describe, row_type
from accrete.wire.rows import DAY_MS, Reducer, target_of
from accrete.wire.travels import ADDED_UP, HOURS, NAMES, WIRE_VERSION, columns, lowest, table

GOLDEN = Path(__file__).parent
AT = 1_790_000_000_123
BERLIN = LocalTime("Europe/Berlin")


def stored(name: str, **given: Any) -> tuple[list[str], tuple[Any, ...]]:
    """A row with a marker in each text, a moment in each instant, and 1 elsewhere."""
    names, row = [], []
    for field, mark in table(name).fields.items():
        kind = travels.typed(name)[field][0]
        value: Any = f"marker-{field}" if kind is str else 1
        if mark.unit == "UTC ms":
            value = AT
        if mark.unit == "YYYY-MM-DD":
            value = "2026-09-21"
        names.append(field)
        row.append(given.get(field, value))
    return names, tuple(row)


def leaving(name: str, tier: int, **given: Any) -> dict[str, Any]:
    names, row = stored(name, **given)
    (made,) = Reducer(
        name, tier, names, BERLIN, {"marker-project": "p1", "": "secret of this machine"}
    ).rows([row])
    return made


def test_each_version_of_the_contract_is_frozen():
    for version in range(1, WIRE_VERSION + 1):
        golden = json.loads((GOLDEN / f"wire-{version}.json").read_text("utf-8"))
        assert describe(version) == golden, "raise WIRE_VERSION, and add the field to SINCE"


def test_what_rows_travel_in_is_frozen_too():
    golden = json.loads((GOLDEN / f"envelope-{WIRE_VERSION}.json").read_text("utf-8"))
    assert envelope() == golden, "a field more is a new version of the contract"
    before = json.loads((GOLDEN / f"envelope-{WIRE_VERSION - 1}.json").read_text("utf-8"))
    for name, each in before.items():  # what the version before says is still said, and alike
        assert each["fields"].items() <= golden[name]["fields"].items()
        added = golden[name]["fields"].keys() - each["fields"].keys()
        assert all("default" in golden[name]["fields"][field] for field in added)


def envelope() -> dict[str, Any]:
    """The fields of all messages and answers, and what each may hold."""
    kinds = (contract.Message, contract.Receipt, contract.Projects, contract.Chosen,
             contract.Heard, contract.State, contract.Erased, contract.Turn)  # fmt: skip
    _, found = msgspec.json.schema_components(kinds, ref_template="{name}")
    return {
        name: {"fields": each["properties"], "strict": each.get("additionalProperties") is False}
        for name, each in sorted(found.items())
    }


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_above_the_tier_leaves(name, tier):
    fields = table(name).fields
    if tier < lowest(name):
        assert columns(name, tier) == ()
        return
    made = leaving(name, tier)
    assert "person" not in made
    for field, value in made.items():
        mark = fields[field]
        assert mark.tier is not Tier.LOCAL
        if mark.tier > tier:
            assert mark.listed, field
            assert value == OTHER, field
        if tier == Tier.METADATA:
            assert mark.holds is Holds.VALUE or value == OTHER, field
            assert field not in HOURS
            if mark.unit == "UTC ms":
                assert value % DAY_MS == 0


@pytest.mark.parametrize("name", NAMES)
def test_at_tier_3_nothing_is_lost_but_what_is_local(name):
    left_out = set(table(name).fields) - set(leaving(name, 3))
    assert all(
        field == "person" or table(name).fields[field].tier is Tier.LOCAL for field in left_out
    )


def test_what_a_person_says_to_themselves_and_what_is_of_the_machine_never_leaves():
    assert not {
        "session_tag",
        "session_note",
        "session_title",
        "hook_event",
        "source_file",
        "project",
    } & set(NAMES)
    assert set(NAMES) < {each.name for each in TABLES}


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_what_leaves_is_taken(name, tier):
    if tier < lowest(name):
        with pytest.raises(RefusedError):
            row_type(name, tier)
        return
    made = leaving(name, tier)
    took = decoded(name, tier, WIRE_VERSION, msgspec.json.encode(made))
    assert {field: value for field, value in took.items() if value is not None} == made


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tier", [1, 2])
def test_a_row_of_a_higher_tier_is_refused(name, tier):
    if tier < lowest(name):
        return
    raw = msgspec.json.encode(leaving(name, 3))
    listed = {each.name for each in columns(name, tier) if each.listed}
    if all(
        leaving(name, 3).get(k) == v or k in listed for k, v in leaving(name, tier).items()
    ) and (leaving(name, 3).keys() == leaving(name, tier).keys()):
        return  # nothing of it is above the tier, but names, which are `other` on arrival
    with pytest.raises(RefusedError):
        decoded(name, tier, WIRE_VERSION, raw)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 5),
        ("id", "x" * 257),
        ("id", "a\x00b"),
        ("started_at", AT),
        ("started_at", "yesterday"),
        ("started_at", 1 << 60),
        ("automated", 2),
        ("automated", True),
        ("local_day", "21.9.2026"),
        ("title", "words"),
        ("prompts", 1.5),
        ("prompts", None),
        ("person", 2),
        ("unheard_of", 1),
    ],
)
def test_a_field_that_is_not_as_the_contract_says_is_refused_and_not_repeated(field, value):
    row = {**leaving("session", 1, started_at=AT), field: value}
    with pytest.raises(RefusedError) as refused:
        decoded("session", 1, WIRE_VERSION, msgspec.json.encode(row))
    if isinstance(value, str) and len(value) > 4:
        assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "tier", "field", "most"),
    [
        ("session", 1, "id", 256),
        ("session", 1, "version", 4096),
        ("session", 3, "title", 1_048_576),
        ("session_tool", 1, "tool", 1000),
        ("session_usage", 3, "branch", 1000),
        ("session_file", 2, "path", 1000),
    ],
)
def test_the_longest_text_is_taken_and_none_that_is_longer(name, tier, field, most):
    for length in (most, most + 1):
        raw = msgspec.json.encode(leaving(name, tier) | {field: "x" * length})
        if length == most:
            assert field in decoded(name, tier, WIRE_VERSION, raw)
            assert decoded_together(name, tier, WIRE_VERSION, [raw]) is not None
            continue
        assert decoded_together(name, tier, WIRE_VERSION, [raw]) is None
        with pytest.raises(RefusedError, match=f"^{field}: longer than {most} characters$"):
            decoded(name, tier, WIRE_VERSION, raw)


@pytest.mark.parametrize(
    ("name", "field", "taken", "refused"),
    [
        (name, field, taken, refused)
        for name in NAMES
        for field, (kind, _, mark) in travels.typed(name).items()
        if kind is int and field in {each.name for each in columns(name, 3)}
        for taken, refused in (
            [(0, -1), (167, 168)] if field in HOURS
            else [(0, -1), (1, 2)] if mark.unit == "0 or 1"
            else []
        )
    ],
)  # fmt: skip
def test_a_number_is_taken_up_to_its_bounds_one_by_one_and_together(name, field, taken, refused):
    for value in (taken, refused):
        raw = msgspec.json.encode(leaving(name, 3) | {field: value})
        if value == taken:
            assert decoded(name, 3, WIRE_VERSION, raw)[field] == value
            assert decoded_together(name, 3, WIRE_VERSION, [raw]) is not None
            continue
        assert decoded_together(name, 3, WIRE_VERSION, [raw]) is None
        with pytest.raises(RefusedError, match=f"^{field}: "):
            decoded(name, 3, WIRE_VERSION, raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b"{", b'{"id": "\xff"}', b"[" * 100_000])
def test_what_is_no_row_is_refused(raw):
    with pytest.raises(RefusedError):
        decoded("session", 1, WIRE_VERSION, raw)


def test_moments_leave_as_the_days_of_the_persons_zone():
    late = 1_790_029_800_000  # 21 September 22:30 UTC, past midnight in Berlin
    (day,) = (leaving("session", 1, started_at=late)["started_at"],)
    assert BERLIN.day(late) == "2026-09-22"
    assert day == 1_790_035_200_000
    assert leaving("session", 2, started_at=late)["started_at"] == late


def test_rows_that_a_tier_cannot_tell_apart_are_added_up():
    names, one = stored("session_usage", branch="a", model="acme-1", responses=3, cost_nano=10)
    _, two = stored("session_usage", branch="b", model="acme-2", responses=4, cost_nano=5)
    _, three = stored("session_usage", branch="b", model="claude-opus-5", responses=1, cost_nano=1)
    made = Reducer("session_usage", 1, names, BERLIN, {}).rows([one, two, three])
    assert [(row["model"], row["responses"], row["cost_nano"]) for row in made] == [
        (OTHER, 7, 15),
        ("claude-opus-5", 1, 1),
    ]
    assert len(Reducer("session_usage", 2, names, BERLIN, {}).rows([one, two, three])) == 3
    assert set(ADDED_UP) <= set(NAMES)


@pytest.mark.parametrize(("costs", "sum_of"), [((None, 5), 5), ((5, None), 5)])
def test_a_number_that_is_missing_adds_nothing(costs, sum_of):
    (names, one), (_, two) = (
        stored("session_usage", model=f"acme-{n}", cost_nano=cost) for n, cost in enumerate(costs)
    )
    (row,) = Reducer("session_usage", 1, names, BERLIN, {}).rows([one, two])
    assert row["cost_nano"] == sum_of


def test_a_project_leaves_under_another_id_or_not_at_all():
    assert leaving("session", 3)["project"] == "p1"
    assert "project" not in leaving("session", 3, project="one that is not shared")


@pytest.mark.parametrize(
    ("tool", "target", "left"),
    [
        ("Read", "/home/dev/a b.py", "/home/dev/a b.py"),
        ("Agent", "Find the secret plan", None),
        ("mcp__acme__ask", "Where is it", None),
        ("Bash", "ls -la", "ls -la"),
        ("Bash", "pytest -k 'a and b' tests/test_a.py", "pytest -k … tests/test_a.py"),
        ("Bash", 'git commit -m "Say it" && git push', "git commit -m … && git push"),
        ("Bash", "git commit -m 'Say it", "git …"),
        ("Bash", "git 'Say it", "git …"),
        ("Bash", "PLAN='Say it' make 'test", "…"),
        ("Bash", "'Say it", "…"),
        ("Bash", "git commit -F- <<'X'\nSay it\nX\ngit push", "git commit -F-"),
        ("Bash", "cat <<X > a\nSay it", "cat"),
        ("Bash", "# don't forget\ngit commit -m 'secret words here'", "git commit -m …"),
        ("Bash", "git commit -m $'don\\'t leak the plan'", "git …"),
        ("Bash", 'git commit -m "$(printf "fix secret words")"', "git commit -m …"),
        ("Bash", r"git commit -m fix\ the\ secret\ plan", "git commit -m …"),
        ("Bash", 'git commit -m "修复客户合同泄密问题"', "git commit -m …"),
        ("Bash", "echo all tests of customer Acme failed", "echo …"),
        ("Bash", "API_KEY=abc make --jobs=4 test > out.log", "… --jobs=… … > out.log"),
        ("Bash", "cd src/report; npm run build", "cd src/report ; npm run …"),
        ("PowerShell", 'cd "C:\\My Dir\\"; git commit -m "secret words here"', "cd …"),
    ],
)  # fmt: skip
def test_a_command_leaves_without_the_words_in_it(tool, target, left):
    assert target_of(tool, target) == left
    made = leaving("tool_call", 2, tool=tool, target=target)
    assert made.get("target") == left
    assert leaving("tool_call", 3, tool=tool, target=target)["target"] == target
    if left is not None:
        assert target_of(tool, left) == left  # a server takes what left, and nothing else


def test_a_server_takes_no_target_with_words():
    row = leaving("tool_call", 2, tool="Bash", target="ls")
    for tool, target in (("Bash", "git commit -m 'secret words'"), ("Agent", "secret words")):
        raw = msgspec.json.encode({**row, "tool": tool, "target": target})
        with pytest.raises(RefusedError, match="target"):
            decoded("tool_call", 2, WIRE_VERSION, raw)


@pytest.mark.parametrize("tier", [1, 2])
def test_the_name_of_a_subagent_is_no_part_of_its_id(tier):
    for name in NAMES:
        if tier < lowest(name):
            continue
        made = leaving(name, tier, agent="aacme-secret-researcher-060b", run="aacme-secret-060b",
                       parent_agent="aacme-secret-1", spawned="aacme-secret-2")  # fmt: skip
        assert not [field for field, value in made.items() if "secret" in str(value)]
    kept = leaving("agent_run", 3, agent="aacme-secret-researcher-060b")
    assert kept["agent"] == "aacme-secret-researcher-060b"
    row = leaving("agent_run", 1)
    with pytest.raises(RefusedError, match="alias"):
        decoded("agent_run", 1, WIRE_VERSION, msgspec.json.encode({**row, "agent": "a-secret"}))


def test_a_name_that_a_server_does_not_know_is_other_there():
    row = {**leaving("session", 1, started_at=AT), "version": "9.9.9-acme"}
    assert decoded("session", 1, WIRE_VERSION, msgspec.json.encode(row))["version"] == OTHER


@pytest.mark.parametrize("value", ["any words at all", "секрет", "a\tb", "x" * 257])
def test_an_id_with_words_is_refused(value):
    row = {**leaving("session", 1, started_at=AT), "outcome": value}
    with pytest.raises(RefusedError, match="outcome"):
        decoded("session", 1, WIRE_VERSION, msgspec.json.encode(row))


def test_a_server_takes_rows_of_the_version_before(monkeypatch):
    """Until there is a second version, one with a field that the first does not have."""
    monkeypatch.setattr(travels, "SINCE", {("session", "outcome"): 2})
    for cached in (travels.columns, contract.row_type, contract._decoder, contract._quick):
        cached.cache_clear()
    try:
        row = leaving("session", 1, started_at=AT)
        new = decoded("session", 1, 2, msgspec.json.encode({**row, "outcome": "shipped"}))
        assert new["outcome"] == "shipped"
        row.pop("outcome", None)
        assert "outcome" not in decoded("session", 1, 1, msgspec.json.encode(row))
        with pytest.raises(RefusedError):
            decoded("session", 1, 1, msgspec.json.encode({**row, "outcome": "shipped"}))
    finally:
        monkeypatch.undo()
        for cached in (travels.columns, contract.row_type, contract._decoder, contract._quick):
            cached.cache_clear()


def test_what_may_quote_leaves_with_the_words():
    for name, field in travels.WORDS_IN:
        assert field in leaving(name, 3)
        assert field not in leaving(name, 2)
