"""Here every new database is made by the schema files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import ready


@pytest.fixture(autouse=True, scope="package")
def applied_schema() -> Iterator[None]:
    """Nothing is copied."""
    with ready.applied():
        yield
