"""A client for the pages of a small record."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from accrete.clock import ISO
from accrete.explorer.guard import Keys
from accrete.explorer.local import local_application
from accrete.settings import Settings

PORT = 7410
HOME = f"http://127.0.0.1:{PORT}"


def locked(settings: Settings) -> tuple[TestClient, Keys]:
    """A client that has no key yet."""
    keys = Keys(PORT)
    app = local_application(settings, keys, ISO)
    return TestClient(app, base_url=HOME, raise_server_exceptions=False), keys


def words(html: str) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(style|script|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())
