"""The server: every route on one screen."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.sync.choice import TOKEN
from accrete.wire.contract import Message, Receipt, RefusedError
from accrete_team import receive, tokens, web
from accrete_team.registry import Company, Registry
from accrete_team.tenants import open_company

T = TypeVar("T")
_LOG = logging.getLogger("accrete_team")
UNKNOWN = "This token is unknown or revoked."
BODY_S = 60.0
"""How long a message may take to come."""
WRITERS = 8
"""How many messages are taken at once, over all companies."""


class Server:
    """What the routes share: the registry, and one writer for each company."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(WRITERS)

    def company(self, slug: str) -> Company:
        """An active company. Raises HTTPException for every other, alike."""
        found = self.registry.find(slug)
        if found is None or found.state != "active":
            raise HTTPException(401, UNKNOWN)
        return found

    async def knows(self, company: Company, token: str) -> bool:
        """Whether a token is one of the company's: asked before its message is read."""
        async with self._slots:
            return await asyncio.to_thread(self._knows, company, token)

    def _knows(self, company: Company, token: str) -> bool:
        db = open_company(company)
        try:
            return tokens.whose(db, token, tokens.today()) is not None
        finally:
            db.close()

    async def take(self, company: Company, token: str, body: bytes) -> Receipt:
        """Keeps a message in the company's database."""
        async with self._locks.setdefault(company.slug, asyncio.Lock()), self._slots:
            return await asyncio.to_thread(self._take, company, token, body)

    async def write(self, company: Company, do: Callable[[Database], T]) -> T:
        """Does something in the company's database, after what is done there now."""
        async with self._locks.setdefault(company.slug, asyncio.Lock()), self._slots:
            return await asyncio.to_thread(self._write, company, do)

    def _write(self, company: Company, do: Callable[[Database], T]) -> T:
        db = open_company(company)
        try:
            return do(db)
        finally:
            db.close()

    def _take(self, company: Company, token: str, body: bytes) -> Receipt:
        db = open_company(company)
        try:
            who = tokens.whose(db, token, tokens.today())
            if who is None:
                raise HTTPException(401, UNKNOWN)
            now = tokens.now_ms()
            message: Message = receive.read(body, now)
            return receive.take(db, who, message, now)
        finally:
            db.close()

    def check(self) -> None:
        """Raises AccreteError where the registry or a database cannot be read."""
        for company in self.registry.companies():
            if company.state == "active":
                db: Database = open_company(company)
                db.close()


async def sync(request: Request) -> Response:
    """Takes a message of a machine; answers with what is now held, and what was refused."""
    server: Server = request.app.state.server
    slug = request.path_params["slug"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = TOKEN.fullmatch(token)
    if scheme.lower() != "bearer" or found is None or found[1] != slug:
        raise HTTPException(401, UNKNOWN)
    if request.headers.get("content-encoding", "") != "gzip":
        raise HTTPException(415, "Messages are gzipped JSON.")
    company = server.company(slug)
    if not await server.knows(company, token):
        raise HTTPException(401, UNKNOWN)
    async with asyncio.timeout(BODY_S):
        body = await request.body()
    try:
        receipt = await server.take(company, token, body)
    except RefusedError as error:
        return JSONResponse({"error": str(error)}, 400)
    except receive.TooNewError:
        return JSONResponse({"error": "This server is older than your Accrete."}, 426)
    _LOG.info(
        json.dumps(
            {
                "company": slug,
                "kept": len(receipt.kept),
                "refused": len(receipt.refused),
                "gone": len(receipt.gone),
                "bytes": len(body),
            }
        )
    )
    return Response(msgspec.json.encode(receipt), media_type="application/json")


async def healthz(request: Request) -> Response:
    """The process answers, and its registry can be read."""
    await asyncio.to_thread(request.app.state.server.registry.companies)
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Databases can be opened."""
    try:
        await asyncio.to_thread(request.app.state.server.check)
    except AccreteError as error:
        _LOG.warning("not ready: %s", error)
        return PlainTextResponse("not ready\n", 503)
    return PlainTextResponse("ok\n")


async def said(request: Request, error: Exception) -> Response:
    """What went wrong, in a sentence that names nothing of what was sent."""
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    if isinstance(error, AccreteError):
        _LOG.warning("%s", error)
        return JSONResponse({"error": "The company's database does not answer."}, 503)
    if isinstance(error, TimeoutError):
        return JSONResponse({"error": "The message took too long to come."}, 408)
    code = getattr(error, "sqlstate", None) or ""
    _LOG.error("unexpected %s %s", type(error).__name__, code)  # its text may quote rows
    return JSONResponse({"error": "Something went wrong here. The log has it."}, 500)


def application(registry: Registry) -> Starlette:
    """The server for the companies of a registry."""

    site = web.Site(Server(registry))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await site.pools.close()

    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route(
                "/c/{slug}/api/v1/sync", sync, methods=["POST"],
                max_body_size=receive.PACKED_MOST,
            ),
            *web.routes(site),
        ],
        exception_handlers={
            HTTPException: said, AccreteError: said, TimeoutError: said, Exception: said,
        },
        lifespan=lifespan,
        max_body_size=64 * 1024,
    )  # fmt: skip
    app.state.server = site.server
    app.state.site = site
    return app
