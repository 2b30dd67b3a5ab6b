"""What of a message is taken, by its version, its tier and the names of its tables."""

from __future__ import annotations

import msgspec
import pytest

from accrete.sync.send import packed
from accrete.wire.contract import Fault, Message, Shared, Table, Tombstone, rows_hash
from accrete.wire.travels import NUMBERED, WIRE_VERSION, columns
from tests.team.serving import NOW
from tests.team.test_order import back, message, post, row, values

pytestmark = pytest.mark.long

YOUNG = "session_pull_state"
"""A table that machines of the oldest version do not know."""


@pytest.mark.alike
def test_what_machines_with_numbers_say_keeps_nothing_without_one_from_counting(team):
    plain, numbered = team.choice(), team.choice()
    for value in (1, 2):
        body = message(0, "s", whole=True, wire=2, session=value)
        assert post(team, plain, body).outdated == []
        assert values(team, "s") == [value, None, None]
        post(team, numbered, back(team.number(numbered), "s"))
        assert values(team, "s") == [None, None, None]
    post(team, numbered, message(team.number(numbered), "s", whole=True, session=4))
    assert values(team, "s") == [4, None, None]
    gone = packed(Message(2, "d", NOW, gone=[Tombstone("s", "unshared")]))
    assert post(team, plain, gone).outdated == []
    assert values(team, "s") == [None, None, None]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("table", "wire", "tier", "refused"),
    [
        ("session_day", WIRE_VERSION, 1, False),
        (YOUNG, WIRE_VERSION, 2, False),
        # Known, without rows at this tier: it has none to bring.
        (YOUNG, WIRE_VERSION, 1, False),
        (YOUNG, NUMBERED - 1, 2, True),
        ("no_such_table", WIRE_VERSION, 1, True),
        ("person", WIRE_VERSION, 3, True),
    ],
)
def test_a_table_that_a_version_does_not_have_is_refused_though_it_is_empty(
    team, table, wire, tier, refused
):
    choice = team.choice(tier=3)
    number = team.number(choice) if wire >= NUMBERED else 0
    assert columns(YOUNG, 2, wire) or wire < WIRE_VERSION
    shared = Shared("s", tier, [Table(table, rows_hash([]), [])], 1, True)
    receipt = post(team, choice, packed(Message(wire, "d", NOW, [shared], number=number)))
    fault = Fault("s", table, 0, f"no such rows at tier {tier}")
    assert receipt.refused == ([fault] if refused else [])
    assert [each.table for each in receipt.kept] == ([] if refused else [table])


@pytest.mark.parametrize("tier", [-1, 0, 4, 9])
def test_a_tier_that_there_is_not_is_refused_also_of_a_message_that_came_before(team, tier):
    choice = team.choice(tier=3)
    number = team.number(choice)
    made = row("session_day", "s", 1)
    table = Table("session_day", rows_hash([made]), [msgspec.Raw(made)])

    def sent(at: int, n: int):
        body = packed(Message(WIRE_VERSION, "d", NOW, [Shared("s", at, [table], 5, True)],
                              number=n))  # fmt: skip
        return post(team, choice, body)

    assert [each.table for each in sent(1, number).kept] == ["session_day"]
    for n, said in ((number, f"no such rows at tier {tier}"), (number + 1, f"no tier {tier}")):
        receipt = sent(tier, n)
        assert receipt.kept == []
        (fault,) = receipt.refused
        assert said in fault.why
    assert team.rows("SELECT tier, commits FROM session_device d JOIN session_day s "
                     "ON s.session = d.session") == [(1, 1)]  # fmt: skip
