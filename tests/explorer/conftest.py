"""Explorers that are served as long as a test runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from accrete.explorer.guard import Keys
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.explorer import asking
from tests.explorer.leading import DAY
from tests.explorer.worked import record
from tests.forges import pulling
from tests.records import kept, world
from tests.transcripts import START, busy


@pytest.fixture
def locked() -> Iterator[Callable[[Settings], tuple[TestClient, Keys]]]:
    """Serves a record to a client that has no key yet."""
    with ExitStack() as served:

        def serve(settings: Settings) -> tuple[TestClient, Keys]:
            client, keys = asking.locked(settings)
            return served.enter_context(client), keys

        yield serve


@pytest.fixture
def opened(locked) -> Callable[[Settings], TestClient]:
    """Serves a record to a client that was let in."""

    def serve(settings: Settings) -> TestClient:
        client, keys = locked(settings)
        assert client.get(f"/open?token={keys.token()}").status_code == 200
        return client

    return serve


@pytest.fixture
def shown_to(settings):
    """Serves the pages of the record as another viewer sees them: by default somebody else."""
    with ExitStack() as served:

        def serve(**viewer) -> TestClient:
            return served.enter_context(asking.seen_by(settings, strict=False, **viewer))

        yield serve


@pytest.fixture
def various(settings, opened):
    """Sessions with subagents, skills, inferences beside responses, pull requests, copies."""
    world(settings)
    kept(settings, *record()[:4], busy(21))
    pulling(settings, 31, "https://github.com/acme/demo/pull/1")
    pulling(settings, 32, linked=("https://github.com/acme/demo/pull/1",), start=START + 40 * DAY)
    ingest(settings)
    return opened(settings)
