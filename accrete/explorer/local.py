"""The pages of the record on this machine: its one person, who may see and change all of it."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request

from accrete.clock import LocalTime, Style
from accrete.database.serving import Reader, SqlitePool
from accrete.edge.benchmarks import read_kept
from accrete.edge.growing import AT_WORK_MS, Growing
from accrete.edge.local import MINE
from accrete.explorer.app import application
from accrete.explorer.change_stream import Watch
from accrete.explorer.guard import Key, Keys, Loopback
from accrete.explorer.keeping import LocalKeeping
from accrete.explorer.viewer import Deeds, Viewer
from accrete.model import Tier
from accrete.queries.moving import tails
from accrete.settings import Settings

LEAVE_S = 2
"""How long open requests may take to end when the explorer ends."""


class LocalSource:
    """The record of this machine: opened when first asked, and again after it was replaced."""

    dialect = "sqlite"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._pool: SqlitePool | None = None
        self._of: tuple[int, int] | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reader]:
        """See Source."""
        async with (await self._current()).reading() as reader:
            yield reader

    async def close(self) -> None:
        """Closes what is open."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _current(self) -> SqlitePool:
        async with self._opening:
            of = self._file()
            if self._pool is None or of != self._of:
                await self.close()
                self._pool, self._of = await SqlitePool.open(self.settings.database), of
            return self._pool

    def _file(self) -> tuple[int, int] | None:
        try:
            found = self.settings.database.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def local_application(
    settings: Settings, keys: Keys, style: Style, deeds: Deeds | None = None, host: str = ""
) -> Starlette:
    """The pages for this machine's person, at the port that the keys are for."""
    source = LocalSource(settings)
    viewer = Viewer(
        scope=replace(MINE, tier=Tier.METADATA, zone=settings.zone),
        source=source,
        local=LocalTime(settings.zone),
        deeds=deeds,
        style=style,
        api_equivalent=settings.api_equivalent,
        budget_nano=settings.session_budget_nano,
        keeping=LocalKeeping(settings),
        secret=keys.secret.encode(),
        monthly_budget_nano=settings.monthly_budget_nano,
        team=lambda: kept.said if (kept := read_kept(settings)) is not None else None,
    )

    async def viewer_of(request: Request) -> Viewer:
        return viewer

    @asynccontextmanager
    async def open_while_served(app: Starlette) -> AsyncIterator[None]:
        yield
        await source.close()

    growing = Growing(settings)

    async def grown() -> None:
        async with source.reading() as reader:
            found = await reader.ask(tails(viewer.scope, time.time_ns() // 1_000_000 - AT_WORK_MS))
        await asyncio.to_thread(growing.look, found)

    watch = Watch(source, grown)
    return application(viewer_of, outer=doors(keys, host), lifespan=open_while_served, watch=watch)


def doors(keys: Keys, host: str = "") -> list[Middleware]:
    """What lets in only the browser that was opened, on this machine, at the port of the keys."""
    port = keys.name.rpartition("-")[2]
    names = ("127.0.0.1", "localhost", "[::1]", *([host] if host else []))
    hosts = [f"{name}:{port}" for name in names]
    if port == "80":
        hosts += names
    return [Middleware(Loopback, hosts=hosts), Middleware(Key, keys=keys)]


def serve(app: Starlette, listening: socket.socket, opened: Callable[[], None]) -> None:
    """Serves until Ctrl-C; calls `opened` once requests are taken."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=LEAVE_S, ws="none",
    )  # fmt: skip
    server = uvicorn.Server(config)

    async def run() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            # What is there now stays: collections look at what a page leaves alone.
            gc.freeze()
            opened()
        await serving

    with suppress(KeyboardInterrupt):  # Ctrl-C ends it, and well
        asyncio.run(run())
