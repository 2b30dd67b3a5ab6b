"""What redaction replaced is counted, and newer patterns go over what is stored as it was read."""

from __future__ import annotations

import json

import pytest

from accrete.care import maintain, redactions
from accrete.care.maintain import redact_past
from accrete.database import Sqlite
from tests.records import kept, rows
from tests.transcripts import busy

SECRET = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


@pytest.mark.parametrize("at_once", [1, 2, 20_000])
def test_every_mark_is_counted_once_and_the_most_frequent_kind_is_first(
    settings, monkeypatch, at_once
):
    monkeypatch.setattr(redactions, "AT_ONCE", at_once)
    kept(settings, busy(1, turns=1))
    db = Sqlite(settings.database)
    db.run("UPDATE event SET text = '[redacted:b] [redacted:b] [redacted:a] [redacted:]'")
    ((events, first),) = db.run("SELECT COUNT(*), MIN(id) FROM event")
    db.run("UPDATE event SET text = '[redacted:b] [redacted:c]' WHERE id = ?", (first,))
    db.run("UPDATE tool_call SET output = ?", ("[redacted:a]" * events,))
    db.close()
    assert redactions.redactions(settings.database) == [
        ("a", 2 * events - 1),
        ("b", 2 * events - 1),
        ("c", 1),
    ]


def test_newer_patterns_go_over_json_by_its_values_and_over_a_text_as_it_stands(
    settings, monkeypatch
):
    monkeypatch.setattr(maintain, "_AT_ONCE", 2)
    kept(settings, busy(1, turns=2))
    said = json.dumps({"seen": 1, "by": f"see {SECRET}"})
    db = Sqlite(settings.database)
    identities = [each for (each,) in db.run("SELECT id FROM event WHERE text IS NOT NULL "
                                             "ORDER BY id")]  # fmt: skip
    record, text = identities[-1], identities[0]
    db.run("UPDATE event SET kind = 'unknown' WHERE id = ?", (record,))
    db.run("UPDATE event SET text = ? WHERE id IN (?, ?)", (said, record, text))
    db.run("UPDATE fact SET value = '0' WHERE name = 'redaction_version'")
    assert redact_past(db) == 2
    assert redact_past(db) == 0
    db.close()
    ((of_text,), (of_record,)) = rows(
        settings, f"SELECT text FROM event WHERE id IN ({record}, {text}) ORDER BY id"
    )
    assert json.loads(of_record) == json.loads(of_text)
    assert json.loads(of_text)["by"].startswith("see [redacted:")
    assert of_text.startswith('{"seen": 1, "by": ')
    assert of_record.startswith('{"seen":1,"by":')
