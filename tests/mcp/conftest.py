"""What tests of the MCP server share: the home that it reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accrete.edge import start as wake
from accrete.settings import Settings, read_settings


@pytest.fixture
def home() -> Iterator[Settings]:
    """The settings that the server will read: the test's own home. Ingests that were started are
    waited for."""
    yield read_settings()
    for child in wake._children:
        child.communicate(timeout=30)
    wake._children.clear()
