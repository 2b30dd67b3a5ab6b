"""What tests of the MCP server share: the home that it reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from accrete.edge import start as wake
from accrete.settings import Settings, read_settings


@pytest.fixture(autouse=True, scope="session")
def schemas_are_checked_once() -> Iterator[None]:
    """Each client checks the schema of what a tool answers, which takes longer than the answer; it
    is the same for all clients."""
    from jsonschema import Draft202012Validator

    check, well = Draft202012Validator.check_schema, set[str]()

    def once(schema: dict[str, object]) -> None:
        key = json.dumps(schema, sort_keys=True)
        if key not in well:
            check(schema)
            well.add(key)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Draft202012Validator, "check_schema", once)
        yield


@pytest.fixture
def home() -> Iterator[Settings]:
    """The settings that the server will read: the test's own home. Ingests that were started are
    waited for."""
    yield read_settings()
    for child in wake._children:
        child.communicate(timeout=120)
    wake._children.clear()
