"""A record of either engine, filled with all transcripts."""

from __future__ import annotations

from accrete.derive.refresh import refresh
from accrete.projects import look
from accrete.record import store
from accrete.record.readers import read_job
from accrete.transcript.discover import discover
from accrete.transcript.read import Job


def fill(db, settings) -> None:
    """Stores and derives all transcripts, twice over, in two pieces of work."""
    store.ensure_person(db, 1)
    for _ in range(2):
        for found in discover(settings.roots).files:
            meta = str(found.meta) if found.meta else None
            for reading in read_job(
                Job(str(found.path), found.layout, found.session, found.agent, meta, None), str
            ):
                with db.transaction():
                    folders = {said.cwd for said in reading.piece.batch.contexts}
                    store.add_folders(db, 1, {folder: look(folder) for folder in folders}, 1)
                    store.store_batch(db, reading.piece.batch, person=1, zone="UTC")
                    store.store_history(db, reading.piece.history)
        refresh(db, 1, settings)
