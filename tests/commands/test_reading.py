"""Commands say what they said: figures, sentences, ways on, and exit codes."""

from __future__ import annotations

import pytest

from tests.commands.reading.__main__ import WRITTEN
from tests.commands.reading.spoken import SAID, every_answer

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return dict(every_answer(tmp_path_factory.mktemp("said")))


@pytest.mark.parametrize("name", SAID)
def test_commands_say_what_was_written_down(made, name):
    written = (WRITTEN / f"{name}.txt").read_text("utf-8")
    assert made[name] == written, "run: make corpus, and review the difference"


def test_every_file_that_was_written_down_is_compared():
    assert {path.stem for path in WRITTEN.glob("*.txt")} == set(SAID)
