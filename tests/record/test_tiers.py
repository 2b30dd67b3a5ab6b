"""A record that keeps less: no marker of a higher tier stands anywhere in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.model import Tier
from accrete.model.captured import AgentRun, Event, Prompt, Response, ToolCall, ToolResult
from accrete.record.tiers import above
from accrete.settings import Settings
from tests.transcripts import Transcript

pytestmark = pytest.mark.usefixtures("texts_as_they_are")

NOUNS = (AgentRun, Event, Prompt, Response, ToolCall, ToolResult)


def marked() -> Transcript:
    t = Transcript(1)
    t.prompt("WORDS of a prompt", promptSource="typed")
    t.answer("m0", blocks=[{"type": "thinking", "thinking": "WORDS of a thought"}])
    t.call(
        "Bash",
        {"command": "echo ACTIVITY && git commit -m x", "description": "WORDS of a description"},
        message_id="m1",
        use="u1",
    )
    t.result("WORDS of an output [main 1a2b3c4] x", use="u1")
    hunk = {
        "oldStart": 1,
        "oldLines": 1,
        "newStart": 1,
        "newLines": 1,
        "lines": ["-a", "+ACTIVITY"],
    }
    t.call(
        "Edit",
        {"file_path": "/home/dev/demo/ACTIVITY.py", "old_string": "WORDS", "new_string": "b"},
        message_id="m2",
        use="u2",
    )
    t.result(
        "ok", use="u2", told={"filePath": "/home/dev/demo/ACTIVITY.py", "structuredPatch": [hunk]}
    )
    t.call(
        "Agent",
        {"subagent_type": "Explore", "description": "WORDS of a task", "prompt": "WORDS"},
        message_id="m3",
        use="u3",
    )
    t.result("WORDS", use="u3")
    t.answer("m4", blocks=[{"type": "text", "text": "WORDS of an answer"}])
    t.lines.append({"type": "ai-title", "aiTitle": "WORDS of a title", "sessionId": t.session})
    return t


def text_of(settings: Settings) -> str:
    db = Sqlite(settings.database, readonly=True)
    tables = [
        row[0]
        for row in db.run(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'event_search%'"
        )
    ]
    found = json.dumps({table: db.run(f"SELECT * FROM {table}") for table in tables}, default=str)
    db.close()
    return found


@pytest.mark.parametrize(
    ("tier", "words", "activity"), [(3, True, True), (2, False, True), (1, False, False)]
)
def test_what_lies_above_the_tier_is_nowhere_in_the_record(settings, tier, words, activity):
    mine = replace(settings, local_tier=tier)
    marked().write(settings.roots[0] / "projects")
    (settings.roots[0] / "history.jsonl").write_text(
        json.dumps({"display": "WORDS typed", "timestamp": 5, "project": "/x"}) + "\n"
    )
    ingest(mine)
    found = text_of(mine)
    assert ("WORDS" in found, "ACTIVITY" in found) == (words, activity)
    raw = b"".join(path.read_bytes() for path in settings.home.glob("accrete.db*"))
    assert (b"WORDS" in raw, b"ACTIVITY" in raw) == (words, activity)
    db = Sqlite(mine.database, readonly=True)
    assert db.run("SELECT prompts, tool_calls, responses_own, cost_own_nano > 0 FROM session") == [
        (1, 3, 5, 1)
    ]
    db.close()


@pytest.mark.parametrize("noun", NOUNS)
def test_lower_tiers_keep_less(noun):
    assert set(above(noun, 3)) <= set(above(noun, 2)) <= set(above(noun, 1))
    assert above(noun, Tier.WORDS) == ()


def test_the_setting_is_checked_and_told_to_hooks(monkeypatch, tmp_path):
    from click.testing import CliRunner

    from accrete.commands import cli
    from accrete.errors import AccreteError
    from accrete.settings import read_settings

    home = read_settings().home
    home.mkdir(parents=True)
    (home / "config.json").write_text('{"localTier": 2}')
    CliRunner().invoke(cli, ["status"])
    assert (home / "tier").read_text() == "2\n"
    (home / "config.json").write_text('{"localTier": true}')
    with pytest.raises(AccreteError, match="localTier must be"):
        read_settings()
