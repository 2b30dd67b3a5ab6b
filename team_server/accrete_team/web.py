"""The company's pages as an application: who may come in, and every route on one screen."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from starlette.datastructures import Headers as Given
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accrete.clock import DaysOnly, LocalTime
from accrete.database import Database, Question
from accrete.explorer import app as explorer
from accrete.explorer.app import BODY
from accrete.explorer.guard import HEADERS, SAFE, Headers
from accrete.explorer.ranges import spoken
from accrete.explorer.response import PRIVATE
from accrete.explorer.templates import render
from accrete.explorer.view import MissingError, View
from accrete.explorer.viewer import Example, Viewer
from accrete.model import Tier
from accrete.queries.scope import Scope as Whose
from accrete.wire.benchmarks import Benchmarks
from accrete_team import access, benchmarks, clips, tokens
from accrete_team.access import Seat, seat_of
from accrete_team.memory import Weekly
from accrete_team.oidc import Flows
from accrete_team.people import hashed
from accrete_team.pools import CompanySource, Pools
from accrete_team.registry import SLUG, Company
from accrete_team.signin import Attempts, cookie_name

if TYPE_CHECKING:
    from accrete_team.app import Server

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
_LOG = logging.getLogger("accrete_team")
TEMPLATES = Path(__file__).parent / "templates"
CLOSED = {
    "archived": (
        "Archived", 423,
        "This company is archived: what it holds is kept, and nobody opens its pages until whoever "
        "runs the server opens it again (accrete-team company unarchive).",
    ),
    "moving": (
        "Being moved", 503,
        "This company is being moved to another database. Nothing is lost: try again later.",
    ),
}  # fmt: skip
"""What those who can sign in are told of a company whose pages are closed, by its state."""
HASHES = 2
"""Passwords that are compared at once: each takes 19 MB."""
PERSON_MENU = (
    ("/", "Profile"), ("/sessions", "Sessions"), ("/practices", "Practices"), ("/search", "Search"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamViewer(Viewer):
    """A viewer of a company's pages. base: where the company's pages are; subject: the person whose
    pages these are, None for those of the company; shown: of whom a page of the company shows
    something, and of which session (pages/noted.py); weekly: asks about whole weeks."""

    seat: Seat
    company: Company
    base: str
    subject: int | None = None
    shown: set[tuple[int, str | None]] = field(default_factory=set)
    weekly: Weekly


class Site:
    """What the pages share: the pools, the writer of each company, the attempts to sign in."""

    def __init__(self, server: Server, now: Callable[[], int] | None = None) -> None:
        self.server = server
        self.pools = Pools()
        self.attempts = Attempts()
        self.flows = Flows()
        self.hashing = asyncio.Semaphore(HASHES)
        self.now = now or tokens.now_ms

    async def write(self, company: Company, do: Callable[[Database], T]) -> T:
        """Does something in the company's database, on a thread, one after the other."""
        return await self.server.write(company, do)

    async def company(self, slug: str) -> Company | None:
        """An active company."""
        found = await self.kept(slug)
        return found if found is not None and found.state == "active" else None

    async def kept(self, slug: str) -> Company | None:
        """A company whose people are known: it is active, or its pages say why they are closed."""
        if not SLUG.fullmatch(slug):
            return None
        found = await asyncio.to_thread(self.server.registry.find, slug)
        return found if found is not None and found.state in ("active", *CLOSED) else None

    async def seat(self, company: Company, cookie: str) -> Seat | None:
        """Who has a cookie."""
        if not cookie or len(cookie) > 100:
            return None
        async with self.pools.reading(company) as reader:
            return await reader.ask(seat_of(hashed(cookie), self.now()))

    async def learned(self, company: Company, seat: Seat) -> Benchmarks:
        """What somebody may learn of their teams."""
        slug = company.slug
        return await self.write(
            company, lambda db: benchmarks.benchmarks(db, slug, seat.person, seat.now)
        )

    async def examples(self, company: Company, seat: Seat) -> list[Example]:
        """What others show of practices."""
        async with self.pools.reading(company) as reader:
            found = await reader.ask(clips.shown(seat.last_day()))
        base = base_of(company.slug)
        return [
            Example(each.practice, each.name, spoken(each.day), base + each.path)
            for each in found
            if each.person != seat.person
        ]


def seat_in(view: View) -> Seat:
    """Who looks at a page of the company."""
    return team_viewer(view).seat


def team_viewer(view: View) -> TeamViewer:
    """The viewer of a page of the company."""
    assert isinstance(view.viewer, TeamViewer)
    return view.viewer


async def ask_weekly(view: View, scope: Whose, question: Question[T]) -> T:
    """The answer to a question about whole weeks, which is kept (memory.py)."""
    return await team_viewer(view).weekly.ask(view.reader, scope, question)


async def keep_weekly(
    view: View, scope: Whose, key: tuple[Hashable, ...], make: Callable[[], Mapping[K, V]]
) -> Mapping[K, V]:
    """What is worked out of weeks, and of nothing else but what the key names; kept, too."""

    async def work() -> Mapping[K, V]:
        return make()

    weekly = team_viewer(view).weekly
    return await weekly.work(view.reader, scope, (view.path, *key), work, len)


def base_of(slug: str) -> str:
    """Where a company's pages are."""
    return f"/c/{slug}"


class SameOrigin:
    """Takes forms only from the server's own pages, and says what browsers must know of each
    answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not _ours(scope):
            refused = PlainTextResponse("Another site sent this form.", 403, headers=dict(HEADERS))
            await refused(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start" and scope.get("scheme") == "https":
                MutableHeaders(scope=message).setdefault(
                    "Strict-Transport-Security", "max-age=31536000"
                )
            await send(message)

        await self.app(scope, receive, headed)


def _ours(scope: Scope) -> bool:
    """Whether a form came from a page of this server: browsers always say where from."""
    given = Given(scope=scope)
    origin, site = given.get("origin"), given.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    return origin is not None and origin.partition("://")[2] == given.get("host", "")


class Doors:
    """Lets in who is signed in, as whom the pages behind it are for; others are shown the way."""

    def __init__(self, app: ASGIApp, site: Site, viewer: ViewerFor) -> None:
        self.app, self.site, self.viewer = app, site, viewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path.startswith("/static/"):
            await self.app(scope, receive, send)
            return
        slug = str(scope["path_params"]["slug"])
        company = await self.site.kept(slug)
        cookie = cookie_parser(Given(scope=scope).get("cookie", "")).get(cookie_name(slug), "")
        seat = await self.site.seat(company, cookie) if company is not None else None
        if company is None or seat is None:
            await _to_sign_in(scope, slug)(scope, receive, send)
            return
        if company.state in CLOSED:
            await closed(company)(scope, receive, send)
            return
        try:
            viewer = self.viewer(self.site, company, seat, cookie, scope["path_params"])
            if viewer.own and path.startswith("/practices"):
                said = await self.site.learned(company, seat)
                viewer = replace(
                    viewer,
                    team=lambda: said,
                    examples=await self.site.examples(company, seat),
                    example_at=f"{viewer.base}/examples/new" if seat.tier >= Tier.WORDS else "",
                )
            scope["accrete.viewer"] = viewer
        except MissingError as error:
            await refused(base_of(slug), "Not found", str(error), 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


ViewerFor = Callable[[Site, Company, Seat, str, Mapping[str, object]], TeamViewer]


def _to_sign_in(scope: Scope, slug: str) -> Response:
    request = Request(scope)
    partial = request.headers.get("HX-Request-Type") == "partial"
    if request.method not in SAFE or partial or request.query_params.get("format"):
        return refused(base_of(slug), "Signed out", "Sign in, then try again.", 401)
    asked = scope["path"] + (f"?{request.url.query}" if request.url.query else "")
    address = f"{base_of(slug)}/sign-in?next={quote(asked)}"
    return RedirectResponse(address, 303, headers=PRIVATE)


def refused(base: str, title: str, what: str, status: int) -> Response:
    """A sentence as a page."""
    html = render("closed.html", TEMPLATES, mount=base, title=title, what=what)
    return HTMLResponse(html, status, headers=PRIVATE)


def closed(company: Company) -> Response:
    """The page of a company whose pages are closed, for who can sign in."""
    title, status, what = CLOSED[company.state]
    return refused(base_of(company.slug), title, what, status)


def own_viewer(
    site: Site, company: Company, seat: Seat, cookie: str, params: Mapping[str, object]
) -> TeamViewer:
    """One's own pages: everything of one's own that the company holds."""
    base = base_of(company.slug)
    return TeamViewer(
        scope=access.own(seat), source=CompanySource(site.pools, company),
        local=LocalTime(seat.zone), own=True, secret=_secret(cookie), seat=seat, company=company,
        base=base, subject=seat.person, name=seat.name, places=_places(seat, base, "me"),
        weekly=site.pools.weekly(company),
    )  # fmt: skip


def person_viewer(
    site: Site, company: Company, seat: Seat, cookie: str, params: Mapping[str, object]
) -> TeamViewer:
    """The pages of one person as others see them. Raises MissingError for who may not."""
    person = int(str(params["person"]))
    base, found = base_of(company.slug), seat.seen(person)
    name = found.name if found is not None else seat.name
    why = getattr(found, "why", None)
    said = (
        "This is what others see of you." if person == seat.person
        else f"{name} sees that you opened these pages, when, and why." if why
        else f"{name} sees which of these pages you opened, and when."
    )  # fmt: skip
    return TeamViewer(
        scope=access.one(seat, person), source=CompanySource(site.pools, company),
        local=DaysOnly(), own=False, secret=_secret(cookie), seat=seat, company=company, base=base,
        subject=person, name=name, last_day=seat.last_day(), amounts=seat.amounts,
        weekly=site.pools.weekly(company), menu=PERSON_MENU,
        places=_places(seat, base, "people"), said=said,
    )  # fmt: skip


def company_viewer(
    site: Site, company: Company, seat: Seat, cookie: str, params: Mapping[str, object]
) -> TeamViewer:
    """The company's pages: whose rows each of them asks for, its module takes from `access`."""
    base = base_of(company.slug)
    return TeamViewer(
        scope=access.own(seat), source=CompanySource(site.pools, company), local=DaysOnly(),
        own=False, secret=_secret(cookie), seat=seat, company=company, base=base,
        last_day=seat.last_day(), amounts=seat.amounts, menu=menu_of(seat),
        places=_places(seat, base, "company"), weekly=site.pools.weekly(company),
    )  # fmt: skip


def menu_of(seat: Seat) -> tuple[tuple[str, str], ...]:
    """The company's pages that somebody may open."""
    found = [("/week", "This week"), ("/matrix", "Practices")] if seat.leads else []
    found += [("/experiments", "Experiments")] if seat.teams else []
    if seat.leads or seat.admin:
        found += [("/activity", "Activity"), ("/costs", "Costs"), ("/catalog", "Catalog"),
                  ("/people", "People")]  # fmt: skip
    found += [("/search", "Search")] if seat.leads else []
    found += [("/sharing", "Sharing")]
    found += [("/admin", "Administration")] if seat.admin else []
    return (*found, ("/notice", "What is collected"))


def _places(seat: Seat, base: str, here: str) -> tuple[tuple[str, str], ...]:
    first = f"{base}{menu_of(seat)[0][0]}"
    found = [] if here == "company" else [(first, "Company")]
    return tuple(found if here == "me" else [*found, (f"{base}/me/", "My work")])


def _secret(cookie: str) -> bytes:
    return hmac.digest(cookie.encode(), b"forms", "sha256")


async def viewer_of(request: Request) -> Viewer:
    """Who makes a request; see explorer.app."""
    found = request.scope["accrete.viewer"]
    assert isinstance(found, TeamViewer)
    return found


Endpoint = Callable[[Request], Awaitable[Response]]


def routes(site: Site) -> list[BaseRoute]:
    """Every page of a company."""
    from accrete_team.pages import open_pages, seen_pages, team_pages

    def behind(viewer: ViewerFor, pages: list[BaseRoute] | None) -> ASGIApp:
        made = explorer.application(
            viewer_of, pages=pages, templates=(TEMPLATES,),
            outer=[Middleware(SameOrigin), Middleware(Doors, site=site, viewer=viewer)],
        )  # fmt: skip
        made.state.site = site
        return made

    guarded = [Middleware(SameOrigin), Middleware(Headers)]
    return [
        Route("/c/{slug}", _home),
        Route("/c/{slug}/sign-in", open_pages.sign_in, methods=["GET", "POST"],
              middleware=guarded, max_body_size=BODY),
        Route("/c/{slug}/sso", open_pages.sso, middleware=guarded),
        Route("/c/{slug}/sso/back", open_pages.sso_back, middleware=guarded),
        Route("/c/{slug}/invitation/{secret}", open_pages.invitation, methods=["GET", "POST"],
              middleware=guarded, max_body_size=BODY),
        Mount("/c/{slug}/me", behind(own_viewer, None)),
        Mount("/c/{slug}/people/{person:int}", behind(person_viewer, seen_pages.routes())),
        Mount("/c/{slug}", behind(company_viewer, team_pages.routes())),
    ]  # fmt: skip


async def _home(request: Request) -> Response:
    return RedirectResponse(f"{base_of(request.path_params['slug'])}/", 303)
