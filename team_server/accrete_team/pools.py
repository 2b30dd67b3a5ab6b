"""Reads companies' databases for many at once: a pool each while it is used, few in all."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from accrete.database.serving import Pool, PostgresPool, Reader, SqlitePool
from accrete.errors import AccreteError
from accrete_team.registry import Company

POOLS = 50
"""Companies whose connections are kept."""
READERS = 80
"""Pages that are read at once, over all companies."""


class Pools:
    """The pools, those last used last."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Pool] = OrderedDict()
        self._used: dict[str, int] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._free = asyncio.Semaphore(READERS)

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
            await self._few()

    async def _of(self, company: Company) -> Pool:
        key = company.address
        async with self._opening.setdefault(key, asyncio.Lock()):
            if key not in self._open:
                if company.engine == "postgresql":
                    self._open[key] = await PostgresPool.open(company.address)
                else:
                    if not await asyncio.to_thread(Path(company.address).exists):
                        raise AccreteError(f"The database of {company.slug} is not there.")
                    self._open[key] = await SqlitePool.open(Path(company.address))
            self._open.move_to_end(key)
            return self._open[key]

    async def _few(self) -> None:
        """Closes the pools that were used longest ago and are not used now."""
        for key in [each for each in self._open if each not in self._used]:
            if len(self._open) <= POOLS:
                break
            self._opening.pop(key, None)
            await self._open.pop(key).close()

    async def close(self) -> None:
        """Closes all."""
        while self._open:
            await self._open.popitem()[1].close()


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
