"""A machine that asks too often waits; no other machine waits for it."""

from __future__ import annotations

import pytest
from accrete_team import rates
from accrete_team.rates import Rates

from tests.records import kept
from tests.team.test_sync import told

pytestmark = pytest.mark.alike


def test_a_machine_may_ask_many_times_at_once_and_then_as_often_as_is_said():
    clock = [100.0]
    asked = Rates(5, 2, now=lambda: clock[0])
    assert [asked.wait_s("one") for _ in range(5)] == [0] * 5
    assert [asked.wait_s("one") for _ in range(3)] == [0.5] * 3  # those refused use none up
    assert asked.wait_s("another") == 0
    clock[0] += 0.5
    assert [asked.wait_s("one"), asked.wait_s("one")] == [0, 0.5]
    clock[0] += 60
    assert [asked.wait_s("one") for _ in range(6)] == [0] * 5 + [0.5]


def test_the_machine_that_asked_last_is_remembered(monkeypatch):
    monkeypatch.setattr(rates, "MACHINES", 2)
    asked = Rates(1, 1, now=lambda: 0.0)
    assert [asked.wait_s(each) for each in ("one", "two", "one", "three")] == [0, 0, 1, 0]
    assert asked.wait_s("one") == 1
    assert asked.wait_s("two") == 0  # forgotten for the third


def test_who_asks_too_often_is_told_to_wait_and_loses_nothing(settings, team):
    kept(settings, told(1))
    choice, other = team.choice(tier=2), team.choice("Kim")
    team.app.state.server.rates = Rates(3, 1, now=lambda: 0.0)
    with team.http(choice) as http:
        answers = [http.get(f"{choice.address}/state").status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    said = team.client.get(
        f"/c/{choice.company}/api/v1/state", headers={"Authorization": f"Bearer {choice.token}"}
    )
    assert said.headers["Retry-After"] == "1"
    assert said.json() == {"error": "This machine asks too often. Try again later."}
    with team.http(other) as http:
        assert http.get(f"{other.address}/state").status_code == 200
    team.app.state.server.rates = Rates()
    assert team.sync(settings, choice).sessions == 1
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
