"""Stores what was read of transcripts, each piece with its new position in one transaction."""

from __future__ import annotations

from accrete.database import Sqlite
from accrete.ingest import reread
from accrete.ingest.report import Report
from accrete.projects.repository import look, registered
from accrete.record import file_names, store
from accrete.record import files as sources
from accrete.record.forgotten import Forgotten, drop_ignored
from accrete.record.ignored import Ignored
from accrete.record.readers import Reading
from accrete.record.tiers import limit
from accrete.redaction import redact
from accrete.settings import Settings

ASKED_AGAIN_MS = 24 * 3_600_000
"""After how long this machine is asked again about a folder that new lines name."""


class Writer:
    """Stores readings, each piece with its new position in one transaction. Without `searchable`
    the texts are left out of the search index."""

    def __init__(
        self, db: Sqlite, settings: Settings, now: int, *, searchable: bool = True
    ) -> None:
        self.db = db
        self.settings = settings
        self.now = now
        self.forgotten = Forgotten(db, settings.person)
        self.ignored = Ignored(settings)
        self.replaced = False
        self._searchable = searchable
        self._folders = store.asked_folders(db, settings.person, now - ASKED_AGAIN_MS)
        self._current = reread.current_sessions(db, settings.person)

    def take(self, reading: Reading, report: Report) -> int:
        """Stores one piece; returns the number of lines parsed for it."""
        if reading.error is not None:
            report.skipped.append((reading.job.path, reading.error))
            with self.db.transaction():
                sources.mark_error(self.db, self.settings.person, reading.job.path, reading.error)
            return 0
        piece = reading.piece
        assert piece is not None
        batch = piece.batch
        with self.db.transaction():
            report.ignored += drop_ignored(self.ignored, batch, reading.job.path)
            gone = self.forgotten.drop(batch, file_names.text_of(reading.job.path), self.now)
            report.forgotten_skipped += gone
            limit(batch, self.settings.local_tier)
            hidden = (
                (gone > 0 or self.ignored.holds(reading.job.path))
                and not batch.sessions
                and not batch.events
            )
            folders = {said.cwd for said in batch.contexts if said.cwd} - self._folders
            seen = {folder: look(folder) for folder in sorted(folders)}
            store.add_folders(
                self.db,
                self.settings.person,
                {folder: said.redacted(redact) for folder, said in seen.items()},
                self.now,
            )
            roots = {said.root for said in seen.values() if said.root}
            trees = [
                (redact(tree), redact(root))
                for root in sorted(roots)
                for tree in registered(root)
                if not self.ignored.covers(tree)
            ]
            store.add_git_worktrees(self.db, self.settings.person, trees)
            replaced = reread.replace(self.db, self.settings.person, batch, self._current)
            store.store_batch(
                self.db,
                batch,
                person=self.settings.person,
                zone=self.settings.zone,
                searchable=self._searchable,
            )
            reread.mark_shared(self.db, self.settings.person, replaced)
            self.replaced |= bool(replaced)
            if self.settings.local_tier == 3:
                store.store_history(
                    self.db, self.ignored.keep_history(self.forgotten.keep_history(piece.history))
                )
            sources.save(self.db, self.settings.person, reading, self.now, hidden_name=hidden)
        self._folders |= folders
        report.files_read += reading.last and (piece.parsed > 0 or reading.started)
        report.bytes_read += reading.new_bytes
        report.malformed += piece.counts.malformed
        return piece.parsed
