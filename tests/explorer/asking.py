"""A client for the pages of a small record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from starlette.requests import Request

from accrete.clock import ISO, LocalTime
from accrete.commands.deeds import LocalDeeds
from accrete.edge.local import MINE
from accrete.explorer.app import application
from accrete.explorer.guard import Keys
from accrete.explorer.local import LocalSource, local_application
from accrete.explorer.viewer import Viewer
from accrete.settings import Settings
from tests.asked_once import Client

PORT = 7410
HOME = f"http://127.0.0.1:{PORT}"


def locked(settings: Settings) -> tuple[Client, Keys]:
    """A client that has no key yet."""
    keys = Keys(PORT)
    app = local_application(settings, keys, ISO, LocalDeeds(settings))
    return Client(app, base_url=HOME, raise_server_exceptions=False), keys


@contextmanager
def seen_by(settings: Settings, *, strict: bool = True, **viewer: Any) -> Iterator[Client]:
    """A client for somebody else, or for whom `viewer` says (fields of Viewer), in UTC. strict: a
    fault of the program is raised here."""
    source = LocalSource(settings)
    given = {"scope": MINE, "own": False, "source": source, "local": LocalTime("UTC"), **viewer}
    seer = Viewer(**given)

    async def viewer_of(request: Request) -> Viewer:
        return seer

    @asynccontextmanager
    async def open_while_served(app: object) -> AsyncIterator[None]:
        yield
        await source.close()

    app = application(viewer_of, lifespan=open_while_served)
    with Client(app, base_url=HOME, raise_server_exceptions=strict) as client:
        yield client


def token(html: str, path: str) -> str:
    """The token of the form that a page sends to a path."""
    form = re.search(rf'<form method="post" action="{path}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert form is not None, path
    found = re.search(r'name="token" value="([0-9a-f]{64})"', form[1])
    assert found is not None
    return found[1]


def words(html: str) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
