"""Team servers on either engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from accrete_team import tenants

from tests.team.serving import Team


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
