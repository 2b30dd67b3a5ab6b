"""What the explorer changes in the record of this machine: tags, notes, and what is forgotten."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from accrete.care.forget import What, forget
from accrete.commands.forget import told
from accrete.database import Sqlite
from accrete.edge.local import ME
from accrete.edge.start import start
from accrete.ingest import open_for_writing
from accrete.record import notes, spool
from accrete.settings import Settings

WAIT_S = 5.0
"""How long a person waits for another program that holds the record."""


class LocalDeeds:
    """Writes by the one writer, each deed on a thread. Raises AccreteError when another program
    holds the record."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def tag(self, session: str, tag: str) -> None:
        """See Deeds."""
        await self._write(lambda db: notes.tag(db, ME, session, [tag], _now()))

    async def untag(self, session: str, tag: str) -> None:
        """See Deeds."""
        await self._write(lambda db: notes.untag(db, ME, session, [tag]))

    async def note(self, session: str, text: str) -> None:
        """See Deeds."""
        await self._write(lambda db: notes.note(db, ME, session, text or None, _now()))

    async def forget(self, session: str) -> list[str]:
        """See Deeds."""
        return await asyncio.shield(asyncio.to_thread(self._forget, session))

    def _forget(self, session: str) -> list[str]:
        receipt = forget(self.settings, What(sessions=(session,)), _now(), wait_s=WAIT_S)
        if spool.waiting(self.settings):
            start()
        return told(receipt) + ([receipt.problem] if receipt.problem is not None else [])

    async def _write(self, write: Callable[[Sqlite], None]) -> None:
        def run() -> None:
            db = open_for_writing(self.settings)
            try:
                write(db)
            finally:
                db.close()

        await asyncio.shield(asyncio.to_thread(run))


def _now() -> int:
    return int(time.time() * 1000)
