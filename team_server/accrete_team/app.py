"""The server: every route on one screen."""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, time
from time import monotonic
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.sync.choice import TOKEN
from accrete.wire.benchmarks import Benchmarks, Offered, Teaching
from accrete.wire.contract import Erased, Heard, Message, Receipt, RefusedError, State
from accrete_team import benchmarks as learned
from accrete_team import description, mine, nightly, receive, request_log, tokens, web
from accrete_team.rates import Rates
from accrete_team.registry import Company, Registry
from accrete_team.tenants import open_company
from accrete_team.tokens import Who

T = TypeVar("T")
_LOG = logging.getLogger("accrete_team")
UNKNOWN = "This token is unknown or revoked."
ASKS = {"WWW-Authenticate": "Bearer"}
CLOSED = {
    "archived": (423, "This company is archived: its record is kept, and takes nothing new."),
    "moving": (503, "This company is being moved to another database. Try again later."),
}
"""What those whose token is known are told of a company that takes nothing now."""
ALLOWED = {
    "v1/sync": "POST", "v1/projects": "GET, HEAD", "v1/state": "GET, HEAD, POST",
    "v1/turn": "POST", "v1/mine": "DELETE",
    "v1/benchmarks": "GET, HEAD", "v1/teaching": "POST",
}  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
BODY_S = 60.0
"""How long a message may take to come."""
STEP_S = 600.0
WRITERS = 8
"""How many messages are taken at once, over all companies."""
READY_S = 10.0
"""How long it holds whether the databases can be opened. Anybody may ask, and each answer opens
them all."""


class Server:
    """What the routes share: the registry, one writer for each company, and how often machines may
    ask."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.figures = request_log.Figures()
        self.rates = Rates()
        self._locks: dict[str, asyncio.Lock] = {}
        self._slots = asyncio.Semaphore(WRITERS)
        self._checking = asyncio.Lock()
        self._check_at = -math.inf
        self._problem = ""

    def company(self, slug: str) -> Company:
        """A company that answers. Raises HTTPException for every other, alike."""
        found = self.registry.find(slug)
        if found is None or found.state not in ("active", *CLOSED):
            raise HTTPException(401, UNKNOWN)
        return found

    async def knows(self, company: Company, token: str) -> bool:
        """Whether a token is one of the company's: asked before its message is read."""
        async with self._slots:
            return await asyncio.to_thread(self._knows, company, token)

    def _knows(self, company: Company, token: str) -> bool:
        with self._opened(company) as db:
            used = tokens.today() if company.state == "active" else None
            return tokens.whose(db, token, used) is not None

    async def ask(self, company: Company, token: str, what: Callable[[Database, Who], T]) -> T:
        """Asks or changes something of the person whose token it is."""

        def known(db: Database) -> T:
            who = tokens.whose(db, token, tokens.today())
            if who is None:
                raise HTTPException(401, UNKNOWN)
            if company.state in CLOSED:
                raise HTTPException(*CLOSED[company.state])
            return what(db, who)

        return await self.write(company, known)

    async def write(self, company: Company, do: Callable[[Database], T]) -> T:
        """Does something in the company's database, after what is done there now."""
        async with self._locks.setdefault(company.slug, asyncio.Lock()), self._slots:
            return await asyncio.to_thread(self._write, company, do)

    def _write(self, company: Company, do: Callable[[Database], T]) -> T:
        with self._opened(company) as db:
            return do(db)

    @contextmanager
    def _opened(self, company: Company) -> Iterator[Database]:
        """The database of a company. What fails since the company is moved meanwhile is to be
        tried again: HTTPException."""
        try:
            db = open_company(company)
            try:
                yield db
            finally:
                db.close()
        except Exception as error:
            now = self.registry.find(company.slug)
            if isinstance(error, HTTPException) or now is None:
                raise
            if now.state == "moving" or now.address != company.address:
                raise HTTPException(*CLOSED["moving"]) from None
            raise

    async def take(self, company: Company, token: str, body: bytes) -> Receipt:
        """Keeps a message in the company's database."""

        def keep(db: Database, who: Who) -> Receipt:
            now = tokens.now_ms()
            message: Message = receive.read(body, now)
            return receive.take(db, who, message, now)

        return await self.ask(company, token, keep)

    async def night(self) -> None:
        """The nightly job, a company at a time; its messages wait."""
        for company in await asyncio.to_thread(self.registry.companies):
            if company.state not in ("active", "archived"):
                continue
            async with self._locks.setdefault(company.slug, asyncio.Lock()):
                try:
                    done = await asyncio.to_thread(nightly.run, company, tokens.now_ms())
                except Exception as error:  # the job of the others goes on
                    _LOG.error("nightly %s: %s", company.slug, type(error).__name__)
                    self.figures.set("accrete_nightly_problem", 1, company=company.slug)
                else:
                    _LOG.info(json.dumps({"nightly": company.slug, **done._asdict()}))
                    bad, at = float(done.problem is not None), tokens.now_ms() / 1000
                    self.figures.set("accrete_nightly_problem", bad, company=company.slug)
                    self.figures.set("accrete_nightly_seconds", at, company=company.slug)

    async def check(self) -> None:
        """Raises AccreteError where the registry or a database cannot be read. The registry is read
        each time; the databases are opened by one request at a time, and once in READY_S."""
        async with self._checking:
            companies = await asyncio.to_thread(self.registry.companies)
            if monotonic() >= self._check_at:
                self._problem = await asyncio.to_thread(_problem, companies)
                self._check_at = monotonic() + READY_S
                if self._problem:
                    _LOG.warning("not ready: %s", self._problem)
            if self._problem:
                raise AccreteError(self._problem)


def _problem(companies: list[Company]) -> str:
    """Why the database of one of the companies that are active cannot be opened; empty where all
    can be."""
    try:
        for company in companies:
            if company.state == "active":
                open_company(company).close()
    except AccreteError as error:
        return str(error)
    except Exception as error:  # a database of another program: its text may quote rows
        return type(error).__name__
    return ""


async def sync(request: Request) -> Response:
    """Takes a message of a machine; answers with what is now held, and what was refused."""
    server, company, token = _asked(request)
    if not await server.knows(company, token):
        raise HTTPException(401, UNKNOWN)
    if company.state in CLOSED:
        raise HTTPException(*CLOSED[company.state])
    if request.headers.get("content-encoding", "") != "gzip":
        raise HTTPException(415, "Messages are gzipped JSON.")
    async with asyncio.timeout(BODY_S):
        body = await request.body()
    try:
        receipt = await server.take(company, token, body)
    except RefusedError as error:
        return JSONResponse({"error": str(error)}, 400)
    except receive.TooNewError:
        return JSONResponse({"error": "This server is older than your Accrete."}, 426)
    _counted(server, request, receipt, len(body))
    return _json(receipt)


async def projects(request: Request) -> Response:
    """The projects that the company published."""
    server, company, token = _asked(request)
    return _json(await server.ask(company, token, lambda db, who: mine.projects(db)))


async def state(request: Request) -> Response:
    """What a machine asks before it sends."""
    server, company, token = _asked(request)

    def ask(db: Database, who: Who) -> State:
        return mine.state(db, who, tokens.now_ms())

    return _json(await server.ask(company, token, ask))


async def choose(request: Request) -> Response:
    """Keeps what a person chose on one machine for all of theirs."""
    server, company, token = _asked(request)
    async with asyncio.timeout(BODY_S):
        body = await request.body()

    def keep(db: Database, who: Who) -> Heard:
        return mine.choose(db, who, body, tokens.now_ms())

    try:
        return _json(await server.ask(company, token, keep))
    except RefusedError as error:
        return JSONResponse({"error": str(error)}, 400)


async def turn(request: Request) -> Response:
    """Numbers for the messages of a sync that begins now."""
    server, company, token = _asked(request)
    return _json(await server.ask(company, token, mine.turn))


async def delete_everything(request: Request) -> Response:
    """Deletes all that a person shared, from whichever machine."""
    server, company, token = _asked(request)

    def delete(db: Database, who: Who) -> Erased:
        return mine.delete_everything(db, who, tokens.now_ms())

    erased = await server.ask(company, token, delete)
    _LOG.info(json.dumps({"company": company.slug, "deleted_everything_of": "one person"}))
    return _json(erased)


async def benchmarks(request: Request) -> Response:
    """What the person of a machine may learn of their company and their team."""
    server, company, token = _asked(request)

    def look(db: Database, who: Who) -> Benchmarks:
        return learned.benchmarks(db, company.slug, who.person, tokens.now_ms())

    answer = _json(await server.ask(company, token, look))
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def teaching(request: Request) -> Response:
    """The person of a machine offers to show a practice, or does not any more."""
    server, company, token = _asked(request)
    async with asyncio.timeout(BODY_S):
        body = await request.body()

    def keep(db: Database, who: Who) -> Offered:
        try:
            said = msgspec.json.decode(body, type=Teaching)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise HTTPException(400, "Say which practice, and on or off.") from None
        try:
            learned.teach(db, who.person, said.practice, said.on, tokens.now_ms())
        except KeyError:
            raise HTTPException(400, "This server does not know that practice.") from None
        return Offered(learned.offered(db, who.person))

    return _json(await server.ask(company, token, keep))


def _asked(request: Request) -> tuple[Server, Company, str]:
    """The server, the company of the address, and a token of that company. Whether the token is
    known is for the company's database to say. Raises HTTPException; 429 for a token
    that asks too often."""
    server: Server = request.app.state.server
    slug = request.path_params["slug"]
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = TOKEN.fullmatch(token)
    if scheme.lower() != "bearer" or found is None or found[1] != slug:
        raise HTTPException(401, UNKNOWN)
    if wait := math.ceil(server.rates.wait_s(token)):
        raise HTTPException(
            429, "This machine asks too often. Try again later.", {"Retry-After": str(wait)}
        )
    return server, server.company(slug), token


def _json(answer: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _counted(server: Server, request: Request, receipt: Receipt, size: int) -> None:
    slug = request.path_params["slug"]
    taken = {
        "sessions": len({each.session for each in receipt.kept}), "tables": len(receipt.kept),
        "refused": len(receipt.refused), "bytes": size,
    }  # fmt: skip
    for name, count in taken.items():
        server.figures.add(f"accrete_sync_{name}_total", count, company=slug)
    line = {"request": request.scope[request_log.ID], "company": slug, **taken}
    _LOG.info(json.dumps(line | {"gone": len(receipt.gone)}))


async def metrics(request: Request) -> Response:
    """The figures for Prometheus, for who has the token of ACCRETE_METRICS_TOKEN."""
    allowed = request_log.allowed(request.headers.get("authorization", ""))
    if allowed is None:
        raise HTTPException(404)
    if not allowed:
        raise HTTPException(401, "Figures need their own token.")
    text = request.app.state.server.figures.text()
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


async def healthz(request: Request) -> Response:
    """The process answers, and its registry can be read."""
    await asyncio.to_thread(request.app.state.server.registry.companies)
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Databases can be opened, or could be a few seconds ago."""
    try:
        await request.app.state.server.check()
    except AccreteError:
        return PlainTextResponse("not ready\n", 503)
    except Exception as error:  # the registry is no database, or none of ours
        _LOG.warning("not ready: %s", type(error).__name__)
        return PlainTextResponse("not ready\n", 503)
    return PlainTextResponse("ok\n")


async def no_page(request: Request) -> Response:
    """Below an API's address there are no pages, whatever the method."""
    allowed = ALLOWED.get(request.path_params["rest"])
    if allowed is None:
        raise HTTPException(404)
    raise HTTPException(405, headers={"Allow": allowed})


async def described(request: Request) -> Response:
    """The OpenAPI description of this API."""
    return Response(msgspec.json.encode(description.openapi()), media_type="application/json")


async def said(request: Request, error: Exception) -> Response:
    """What went wrong, in a sentence that names nothing of what was sent."""
    if isinstance(error, HTTPException):
        headers = error.headers or (ASKS if error.status_code == 401 else None)
        return JSONResponse({"error": error.detail}, error.status_code, headers=headers)
    if isinstance(error, AccreteError):
        _LOG.warning("%s", error)
        return JSONResponse({"error": "The company's database does not answer."}, 503)
    if isinstance(error, ClientDisconnect):
        return JSONResponse({"error": "The message did not come whole."}, 400)
    if isinstance(error, TimeoutError):
        return JSONResponse({"error": "The message took too long to come."}, 408)
    code = getattr(error, "sqlstate", None) or ""
    known = request.scope.get(request_log.ID, "")
    _LOG.error("%s unexpected %s %s", known, type(error).__name__, code)  # its text may quote rows
    said = f"Something went wrong here. The log has it under {known}."
    return JSONResponse({"error": said}, 500, headers={"X-Request-Id": known})


async def nights(server: Server, at: time) -> None:
    """Does the nightly job of all companies once a day, for ever."""
    while True:
        begins = nightly.next_run(datetime.now(), at)
        while (wait := (begins - datetime.now()).total_seconds()) > 0:
            await asyncio.sleep(min(wait, STEP_S))  # the clock may be put forward meanwhile
        await server.night()


def application(registry: Registry, *, nightly_at: time | None = None) -> Starlette:
    """The server for the companies of a registry. nightly_at: when to do the nightly job."""

    site = web.Site(Server(registry))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = None
        if nightly_at is not None:
            task = asyncio.create_task(nights(site.server, nightly_at))
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
            await site.pools.close()

    app = Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route(description.PATH, described),
            Route(
                "/c/{slug}/api/v1/sync", sync, methods=["POST"],
                max_body_size=receive.PACKED_MOST,
            ),
            Route("/c/{slug}/api/v1/projects", projects),
            Route("/c/{slug}/api/v1/state", state),
            Route("/c/{slug}/api/v1/state", choose, methods=["POST"]),
            Route("/c/{slug}/api/v1/turn", turn, methods=["POST"]),
            Route("/c/{slug}/api/v1/mine", delete_everything, methods=["DELETE"]),
            Route("/c/{slug}/api/v1/benchmarks", benchmarks),
            Route("/c/{slug}/api/v1/teaching", teaching, methods=["POST"]),
            Route("/c/{slug}/api/{rest:path}", no_page, methods=METHODS),
            *web.routes(site),
        ],
        exception_handlers={
            HTTPException: said, AccreteError: said, TimeoutError: said,
            ClientDisconnect: said, Exception: said,
        },
        middleware=[Middleware(request_log.Watch, figures=site.server.figures)],
        lifespan=lifespan,
        max_body_size=64 * 1024,
    )  # fmt: skip
    app.state.server = site.server
    app.state.site = site
    return app
