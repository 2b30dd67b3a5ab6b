"""Pages of the team server read as they did, to who leads, to who is led, to an administrator and
to nobody: figures, words, where they lead, and what is refused."""

from __future__ import annotations

import pytest

from tests.team.reading.__main__ import WRITTEN
from tests.team.reading.shown import PAGES, every_page

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return dict(every_page(tmp_path_factory.mktemp("shown")))


@pytest.mark.parametrize("who", PAGES)
def test_pages_say_what_was_written_down(made, who):
    written = (WRITTEN / f"{who}.txt").read_text("utf-8")
    assert made[who] == written, "run: make corpus, and review the difference"
