"""Reads companies' databases for many at once: a pool each while it is used, few in all."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from accrete.database.serving import Pool, PostgresPool, Reader, SqlitePool
from accrete.errors import AccreteError
from accrete_team.memory import Memory, Weekly
from accrete_team.registry import Company

POOLS = 50
"""Companies whose connections are kept."""
READERS = 80
"""Pages that are read at once, over all companies."""


class Pools:
    """The pools, those last used last."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Pool] = OrderedDict()
        self._files: dict[str, tuple[int, int]] = {}
        self._replaced: dict[str, list[Pool]] = {}
        self._used: dict[str, int] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._free = asyncio.Semaphore(READERS)
        self._memory = Memory()

    def weekly(self, company: Company) -> Weekly:
        """Asks about whole weeks of a company."""
        return Weekly(self._memory, company.address)

    @asynccontextmanager
    async def reading(self, company: Company) -> AsyncIterator[Reader]:
        """See database.serving.Pool.reading. Raises AccreteError."""
        key = company.address
        self._used[key] = self._used.get(key, 0) + 1
        try:
            async with self._free:
                pool = await self._of(company)
                async with pool.reading() as reader:
                    yield reader
        finally:
            self._used[key] -= 1
            if not self._used[key]:
                del self._used[key]
                for each in self._replaced.pop(key, ()):
                    await each.close()
            await self._few()

    async def _of(self, company: Company) -> Pool:
        key = company.address
        async with self._opening.setdefault(key, asyncio.Lock()):
            if company.engine == "postgresql":
                if key not in self._open:
                    self._open[key] = await PostgresPool.open(company.address)
            else:
                await self._of_file(key, company)
            self._open.move_to_end(key)
            return self._open[key]

    async def _of_file(self, key: str, company: Company) -> None:
        """Opens the file that is at a company's address now. A company that was deleted and comes
        back is another file there; connections to the old one would go on reading what is gone.
        Those that are idle are closed, the others once nobody reads the company."""
        path = Path(company.address)
        try:
            found = await asyncio.to_thread(path.stat)
        except OSError:
            raise AccreteError(f"The database of {company.slug} is not there.") from None
        file = (found.st_dev, found.st_ino)
        if key in self._open and self._files.get(key) != file:
            old = self._open.pop(key)
            self._memory.forget(key)
            self._replaced.setdefault(key, []).append(old)
            await old.close()
        if key not in self._open:
            self._open[key] = await SqlitePool.open(path)
            self._files[key] = file

    async def _few(self) -> None:
        """Closes the pools that were used longest ago and are not used now. While one is closed
        others begin and end, so each is looked for anew."""
        while len(self._open) > POOLS:
            key = next((each for each in self._open if each not in self._used), None)
            if key is None:
                break
            self._opening.pop(key, None)
            self._files.pop(key, None)
            self._memory.forget(key)
            await self._open.pop(key).close()

    async def close(self) -> None:
        """Closes all."""
        for each in [*self._open.values(), *sum(self._replaced.values(), [])]:
            await each.close()
        self._open.clear()
        self._replaced.clear()


class CompanySource:
    """A company as the pages ask it; see explorer.viewer.Source."""

    def __init__(self, pools: Pools, company: Company) -> None:
        self._pools, self._company = pools, company
        self.dialect = company.engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """See explorer.viewer.Source."""
        async with self._pools.reading(self._company) as reader:
            yield reader
