"""Which file is which."""

from __future__ import annotations

from accrete.ingest import ingest
from tests.records import projects, rows
from tests.transcripts import busy, session_id


def test_a_new_file_with_the_inode_of_a_deleted_one_is_another(settings):
    path = busy(1).write(projects(settings))
    ingest(settings)
    renamed = path.with_name(f"{session_id(2)}.jsonl")
    path.rename(renamed)
    renamed.write_bytes(busy(2).text())
    ingest(settings)
    missing = rows(settings, "SELECT id, source_missing_at IS NOT NULL FROM session ORDER BY id")
    assert missing == [(session_id(1), 1), (session_id(2), 0)]
