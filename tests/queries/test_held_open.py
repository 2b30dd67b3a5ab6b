"""Whoever takes what is exported slowly holds nothing open: the log of the record can be emptied
meanwhile."""

from __future__ import annotations

import pytest

from accrete.care import export
from accrete.care.export import rows_of
from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.ingest import ingest
from accrete.model.tables import EXPORTED
from tests.records import world

pytestmark = pytest.mark.long


@pytest.mark.parametrize("table", EXPORTED)
@pytest.mark.parametrize("some", [False, True])
def test_an_export_that_waits_for_its_reader_keeps_no_transaction_open(
    settings, monkeypatch, table, some
):
    monkeypatch.setattr(export, "_AT_ONCE", 2)
    world(settings)
    ingest(settings)
    reader, writer = Sqlite(settings.database, readonly=True), Sqlite(settings.database)
    ids = [row[0] for row in reader.run("SELECT id FROM session")] if some else None
    rows = rows_of(reader, table, ids, MINE)
    found = [row for row in [next(rows, None)] if row is not None]
    writer.run("INSERT INTO forgotten (person, what, value, at) VALUES (1, 'file', 'x', 1)")
    assert writer.run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0
    found += rows
    assert len(found) == reader.run(f"SELECT COUNT(*) FROM {table}")[0][0]
    assert all("person" not in row and "rowid" not in row for row in found)
    reader.close()
    writer.close()
