"""Team servers on either engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from accrete_team import tenants, tokens

from tests.team.serving import Team

NOON_NS = int(datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()) * 10**9


@pytest.fixture
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's clock goes on from noon of one day. Which of the invented weeks leads see is
    another matter each day, and on some of them there is too little in them for what is tried."""
    ahead_ns = time.time_ns() - NOON_NS
    clock = SimpleNamespace(time_ns=lambda: time.time_ns() - ahead_ns)
    monkeypatch.setattr(tokens, "time", clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def team(request, tmp_path) -> Iterator[Team]:
    """A server whose companies are files, and one whose companies are PostgreSQL databases."""
    admin = None
    if request.param == "postgresql":
        admin = request.getfixturevalue("postgres_server")
    made = Team(tmp_path / "team", admin, holds=True)
    with made.client:
        yield made
    made.let_go()
    for company in made.registry.companies():
        with suppress(Exception):
            tenants.delete(made.registry, company.slug, admin_url=admin)
