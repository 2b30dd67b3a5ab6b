"""Where the record of this machine is kept: its files, its settings, and its export."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from accrete.care.disk import OnDisk, on_disk
from accrete.care.download import pieces
from accrete.care.redactions import redactions
from accrete.database.opening import open_for_reading
from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.queries.health import SourceHealth, files_read
from accrete.settings import Settings, stated
from accrete.text.json import JsonObject

LOOK_S = 5.0
"""How old a look at the disk may be."""
LOOK_AGAIN_S = 30.0
"""The same where nobody waits for it."""


class LocalKeeping:
    """Looks at the disk on threads; what it found is good for LOOK_S."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._disk: tuple[float, int, OnDisk] | None = None
        self._redactions: tuple[object, list[tuple[str, int]]] | None = None
        self._counting = asyncio.Lock()
        self._looking: asyncio.Future[None] | None = None

    @property
    def database(self) -> Path:
        """See Keeping."""
        return self.settings.database

    async def disk(self, sources: Sequence[SourceHealth]) -> OnDisk:
        """See Keeping."""
        now = time.monotonic()
        held = self._disk
        if held is None or now - held[0] > LOOK_S or held[1] != len(sources):
            found = await asyncio.to_thread(on_disk, self.settings, sources)
            held = self._disk = (now, len(sources), found)
        return held[2]

    def behind(self) -> tuple[int, int] | None:
        """See Keeping."""
        held = self._disk
        old = held is None or time.monotonic() - held[0] > LOOK_AGAIN_S
        if old and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._look))
        return None if held is None else (len(held[2].behind), held[2].files)

    def _look(self) -> None:
        """Looks at the disk and the record, on a thread."""
        try:
            db = open_for_reading(self.database)
        except AccreteError:
            return  # it is made or replaced just now
        try:
            files = db.ask(files_read(MINE))
        finally:
            db.close()
        self._disk = time.monotonic(), len(files), on_disk(self.settings, files)

    def size(self) -> int:
        """See Keeping."""
        files = (self.database.with_name(self.database.name + end) for end in ("", "-wal"))
        return sum(each.stat().st_size for each in files if each.exists())

    def stated(self) -> JsonObject:
        """See Keeping."""
        return stated(self.settings.home)

    async def redactions(self) -> list[tuple[str, int]]:
        """See Keeping."""
        async with self._counting:
            now = (self.size(), self.database.stat().st_mtime_ns)
            if self._redactions is None or self._redactions[0] != now:
                self._redactions = now, await asyncio.to_thread(redactions, self.database)
            return self._redactions[1]

    async def export(self, form: str, table: str | None) -> AsyncIterator[bytes]:
        """See Keeping."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as one:  # a connection is used on the thread that opened it
            taken = pieces(self.database, MINE, form, table)
            try:
                while (piece := await loop.run_in_executor(one, next, taken, None)) is not None:
                    if piece:
                        yield piece.encode("utf-8", "backslashreplace")
            finally:
                await asyncio.shield(loop.run_in_executor(one, taken.close))
