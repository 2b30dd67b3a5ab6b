"""What the explorer changes in the record of this machine: tags, notes, and what is forgotten.

What writes is imported with the first deed: the explorer's first page would wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from accrete.database import Sqlite
from accrete.edge.local import ME
from accrete.errors import AccreteError
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

        def write(db: Sqlite) -> None:
            from accrete.record import notes

            notes.tag(db, ME, session, [tag], _now())

        await self._write(write)

    async def untag(self, session: str, tag: str) -> None:
        """See Deeds."""

        def write(db: Sqlite) -> None:
            from accrete.record import notes

            notes.untag(db, ME, session, [tag])

        await self._write(write)

    async def note(self, session: str, text: str) -> None:
        """See Deeds."""

        def write(db: Sqlite) -> None:
            from accrete.record import notes

            notes.note(db, ME, session, text or None, _now())

        await self._write(write)

    async def title(self, session: str, text: str) -> None:
        """See Deeds."""
        await asyncio.shield(asyncio.to_thread(self._title, session, text))

    def _title(self, session: str, text: str) -> None:
        from accrete.derive.refresh import refresh
        from accrete.ingest import open_for_writing
        from accrete.record import lock, notes

        with lock.held(self.settings.lock, wait_s=WAIT_S) as mine:
            if not mine:
                raise AccreteError("Another ingest is running. Wait until it ends and try again.")
            db = open_for_writing(self.settings)
            try:
                notes.title(db, ME, session, text or None, _now())
                refresh(db, ME, self.settings)
            finally:
                db.close()
        self._catch_up()

    def _catch_up(self) -> None:
        """Reads what hooks wrote meanwhile: the ingests that they started left it to this one."""
        from accrete.edge.start import start
        from accrete.record import spooled

        if spooled.waiting(self.settings):
            start()

    async def forget(self, session: str) -> list[str]:
        """See Deeds."""
        return await asyncio.shield(asyncio.to_thread(self._forget, session))

    def _forget(self, session: str) -> list[str]:
        from accrete.care.forget import What, forget
        from accrete.commands.forget import told

        receipt = forget(self.settings, What(sessions=(session,)), _now(), wait_s=WAIT_S)
        self._catch_up()
        return told(receipt) + ([receipt.problem] if receipt.problem is not None else [])

    async def _write(self, write: Callable[[Sqlite], None]) -> None:
        def run() -> None:
            from accrete.ingest import open_for_writing

            db = open_for_writing(self.settings)
            try:
                write(db)
            finally:
                db.close()

        await asyncio.shield(asyncio.to_thread(run))


def _now() -> int:
    return int(time.time() * 1000)
