"""What is derived of tool calls, however long they ran and however their details are stored."""

from __future__ import annotations

import pytest

from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from tests.records import kept, rows
from tests.transcripts import Transcript


def test_details_that_an_older_program_cut_stop_nothing(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "git status"})
    t.result("ok", told={"stdout": "", "backgroundTaskId": "b1"})
    t.answer("msg_2")
    kept(settings, t)
    db = Sqlite(settings.database)
    db.run("UPDATE tool_call SET detail = substr(detail, 1, 9)")
    db.close()
    rebuild(settings)
    assert rows(settings, "SELECT outcome, derive_error FROM session") == [("explored", None)]


@pytest.mark.parametrize(
    ("tool", "minutes", "ms", "expected"),
    [
        ("Bash", 12, None, 12),
        ("Bash", 600, None, 15),
        ("WebFetch", 55, None, 10),
        ("Bash", 600, 90_000, 1.5),
        ("Task", 600, 600 * 60_000, 15),
        ("mcp__x__y", 90, None, 15),
    ],
)
def test_a_tool_ran_as_long_as_was_measured_and_a_night_is_no_work(tool, minutes, ms, expected):
    from accrete.derive.times import running_span

    start, end = running_span(1000, 1000 + minutes * 60_000, tool, ms, 15 * 60_000)
    assert (end - start) / 60_000 == expected
