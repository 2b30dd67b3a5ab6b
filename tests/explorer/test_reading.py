"""Pages read as they did: what they say, where it leads, and why something is not known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.explorer.reading.__main__ import PAGES as WRITTEN
from tests.explorer.reading.record import OTHERS, PAGES, every_page, settings_in

NAMES = (*PAGES, *(f"{name}-to-others" for name in OTHERS))
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shared_settings) -> Iterator[dict[str, str]]:
    return dict(every_page(settings_in(tmp_path_factory.mktemp("read"))))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reads_as_it_was_written_down(made, name):
    written = (WRITTEN / f"{name}.txt").read_text("utf-8")
    assert made[name] == written, "run: python -m tests.explorer.reading --write"


def test_every_page_that_was_written_down_is_read():
    assert {path.stem for path in WRITTEN.glob("*.txt")} == set(NAMES)
