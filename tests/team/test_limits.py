"""How large a message may be, how far ahead its clock, and of which version: taken at each limit,
and refused one beyond it."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
import pytest
from accrete_team import receive, web
from accrete_team.access import InTeam, Seat

from accrete.wire.contract import LARGEST, OLDEST, Message, RefusedError, Shared, Table, Tombstone
from accrete.wire.travels import NUMBERED, WIRE_VERSION
from tests.team.serving import NOW, Team

DAY_MS = 86_400_000


def read(**given: Any) -> Message:
    whole = {"wire": WIRE_VERSION, "device": "d", "at": NOW, "sessions": [], "number": 1} | given
    return receive.read(gzip.compress(msgspec.json.encode(whole)), NOW)


def shared(n: int, rows: int = 0) -> list[Shared]:
    """Sessions with as many rows each."""
    table = Table("prompt", "", [msgspec.Raw(b"{}")] * rows)
    return [Shared(f"s{each}", 1, [table], 0) for each in range(n)]


@pytest.mark.parametrize(
    ("limit", "taken", "beyond", "said"),
    [
        (None, {"at": NOW + DAY_MS}, {"at": NOW + DAY_MS + 1}, "more than a day ahead"),
        (None, {"number": LARGEST - 1}, {"number": LARGEST}, "no such number"),
        (None, {"number": 1}, {"number": 0}, "no such number"),
        (("SESSIONS_MOST", 3), {"sessions": shared(3)}, {"sessions": shared(4)},
         "at most 3 sessions"),
        (("SESSIONS_MOST", 3), {"sessions": shared(2), "gone": [Tombstone("g", "left")]},
         {"sessions": shared(2), "gone": [Tombstone("g", "left"), Tombstone("h", "left")]},
         "at most 3 sessions"),
        (("ROWS_MOST", 6), {"sessions": shared(2, rows=3)}, {"sessions": shared(3, rows=3)},
         "at most 6 rows"),
    ],
)  # fmt: skip
def test_a_message_is_taken_at_a_limit_and_refused_beyond_it(
    monkeypatch, limit, taken, beyond, said
):
    if limit is not None:
        monkeypatch.setattr(receive, *limit)
    assert read(**taken).at >= NOW
    with pytest.raises(RefusedError, match=said):
        read(**beyond)


def test_a_message_of_many_parts_is_refused_before_it_is_read(monkeypatch):
    body = msgspec.json.encode({"wire": WIRE_VERSION, "device": "d", "at": NOW, "sessions": [],
                                "number": 1})  # fmt: skip
    monkeypatch.setattr(receive, "PARTS_MOST", body.count(b","))
    receive.read(gzip.compress(body), NOW)
    monkeypatch.setattr(receive, "PARTS_MOST", body.count(b",") - 1)
    with pytest.raises(RefusedError, match="too many parts"):
        receive.read(gzip.compress(body), NOW)


@pytest.mark.parametrize("wire", range(OLDEST - 1, WIRE_VERSION + 2))
def test_only_versions_that_are_known_are_taken_each_with_its_numbers(wire):
    number = int(wire >= NUMBERED)
    if wire > WIRE_VERSION:
        with pytest.raises(receive.TooNewError):
            read(wire=wire)
    elif wire < OLDEST:
        with pytest.raises(RefusedError, match="not taken any more"):
            read(wire=wire, number=number)
    else:
        assert read(wire=wire, number=number).number == number
        with pytest.raises(RefusedError, match="no such number"):
            read(wire=wire, number=1 - number)


@pytest.mark.parametrize(
    ("admin", "roles", "menu"),
    [
        (False, (), "sharing notice"),
        (False, ("member",), "experiments sharing notice"),
        (False, ("lead",), "week matrix experiments activity costs catalog people search sharing "
                           "notice"),
        (True, (), "activity costs catalog people sharing admin notice"),
        (True, ("member",), "experiments activity costs catalog people sharing admin notice"),
        (True, ("lead",), "week matrix experiments activity costs catalog people search sharing "
                          "admin notice"),
    ],
)  # fmt: skip
def test_the_menu_of_a_company_has_what_somebody_may_open(admin, roles, menu):
    teams = tuple(InTeam(role, role, role) for role in roles)
    seat = Seat(1, "Kim", "", admin, "UTC", "", 1, False, NOW, teams=teams)
    assert [path for path, _ in web.menu_of(seat)] == [f"/{each}" for each in menu.split()]


def test_pages_are_called_what_their_links_say():
    teams = (InTeam("a", "a", "lead"),)
    seat = Seat(1, "Kim", "", True, "UTC", "", 1, False, NOW, teams=teams)
    assert [name for _, name in web.menu_of(seat)] == [
        "This week", "Practices", "Experiments", "Activity", "Costs", "Catalog", "People", "Search",
        "Sharing", "Administration", "What is collected",
    ]  # fmt: skip


def test_the_address_of_a_company_without_a_slash_leads_to_its_pages(tmp_path):
    team = Team(tmp_path / "team")
    team.company()
    answer = team.client.get("/c/acme", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/acme/")
