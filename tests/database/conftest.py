"""New databases that the schema files make, whatever other tests copy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import ready


@pytest.fixture(scope="module")
def applied_schema() -> Iterator[None]:
    """Nothing is copied."""
    with ready.applied():
        yield
