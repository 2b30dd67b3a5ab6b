"""Says to open pages that the record has changed; looks only while a page is open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from accrete.errors import AccreteError
from accrete.explorer.templates import render
from accrete.explorer.viewer import Source
from accrete.queries.moving import REVISION

_LOG = logging.getLogger("accrete.explorer")
LOOK_S = 1.0
"""How often the record is looked at while a page is open."""
PING_S = 20
STREAMS = 64
"""The most pages that may listen at once."""

Looked = Callable[[], Awaitable[None]]
"""What is done at each look beside: on a person's machine, whether transcripts have grown."""


class Watch:
    """Looks at the revision of one record, once for all who listen."""

    def __init__(self, source: Source, beside: Looked | None = None) -> None:
        self._source, self._beside = source, beside
        self._listening = 0
        self._seen = 0
        self._moved = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Whether no other page may listen."""
        return self._listening >= STREAMS

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Callable[[int], Awaitable[int]]]:
        """Gives what waits for a larger revision than one, and returns it."""
        self._listening += 1
        if self._looking is None:
            self._seen = 0  # a record that was restored begins lower
            self._looking = asyncio.ensure_future(self._look())
        try:
            yield self._next
        finally:
            self._listening -= 1
            if not self._listening and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _next(self, known: int) -> int:
        async with self._moved:
            await self._moved.wait_for(lambda: self._seen > known)
            return self._seen

    async def now(self) -> int:
        """The revision, asked for now."""
        async with self._source.reading() as reader:
            return await reader.ask(REVISION)

    async def _look(self) -> None:
        while True:
            try:
                await self._look_once()
            except AccreteError:
                pass  # it is being replaced, or there is none yet
            except Exception:
                _LOG.exception("the record could not be looked at")
            await asyncio.sleep(LOOK_S)

    async def _look_once(self) -> None:
        if self._beside is not None:
            await self._beside()
        found = await self.now()
        if found != self._seen:
            async with self._moved:
                self._seen = found
                self._moved.notify_all()


class _Stream(EventSourceResponse):
    """A stream whose answer has an end where the server is stopped, too. Without one the server
    says that it failed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ended = False

        async def sending(message: Message) -> None:
            nonlocal ended
            ended = message["type"] == "http.response.body" and not message.get("more_body")
            await send(message)

        await super().__call__(scope, receive, sending)
        if not ended:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def stream(request: Request) -> Response:
    """The stream of a page: a message whenever the record has changed since the page was made
    (`known`), or since the last message that the browser has (Last-Event-ID)."""
    watch: Watch | None = getattr(request.app.state, "watch", None)
    if watch is None or watch.full:
        return Response(status_code=204)  # tells the browser not to come back
    known = _known(request)

    async def messages() -> AsyncIterator[ServerSentEvent]:
        async with watch.listening() as wait:
            seen = known if known is not None else await watch.now()
            while True:
                seen = await wait(seen)
                yield ServerSentEvent(render("news.html"), id=str(seen))

    return _Stream(messages(), ping=PING_S, headers={"Cache-Control": "no-store"})


def _known(request: Request) -> int | None:
    given = request.headers.get("last-event-id") or request.query_params.get("known") or ""
    return int(given) if given.isdecimal() and len(given) < 19 else None
