"""The pages for who is not signed in: the sign-in, and the invitation that begins it."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from accrete.errors import AccreteError
from accrete.explorer.forms import fields_of
from accrete.explorer.response import PRIVATE
from accrete.explorer.templates import render
from accrete_team import oidc, people, signin
from accrete_team.registry import SLUG, Company, Provider
from accrete_team.web import CLOSED, TEMPLATES, Site, base_of, closed, refused

STATE = "accrete-sso"
NO_PROVIDER = "This company signs in with passwords."


async def sign_in(request: Request) -> Response:
    """The form, and what comes of it. For a company that there is not it looks the same."""
    site: Site = request.app.state.site
    slug = str(request.path_params["slug"])
    if not SLUG.fullmatch(slug):
        return refused("", "Not found", "There is no such page.", 404)
    single = await asyncio.to_thread(site.server.registry.provider, slug) is not None
    if request.method != "POST":
        return _form(request, slug, request.query_params.get("next", ""), single=single)
    fields = await fields_of(request)
    email, password = fields.get("email", "").strip().lower(), fields.get("password", "")
    account, address = f"{slug}/{email}", request.client.host if request.client else ""
    goes_on = fields.get("next", "")
    if not site.attempts.begin(account, address):
        return _form(request, slug, goes_on, email, signin.SLOW, 429, single=single)
    company = await site.kept(slug)
    person = await _checked(site, company, email, password)
    if company is None or person is None:
        return _form(request, slug, goes_on, email, signin.WRONG, 403, single=single)
    site.attempts.well(account, address)
    if company.state in CLOSED:
        return closed(company)
    return await enter(site, request, company, person, "password", goes_on)


async def _checked(site: Site, company: Company | None, email: str, password: str) -> int | None:
    """Whose address and password these are; takes as long where there is no company."""
    async with site.hashing:
        if company is None:
            await asyncio.to_thread(people.password_fits, None, password)
            return None
        async with site.pools.reading(company) as reader:
            stored = await reader.ask(signin.stored_of(email))
        fits = await asyncio.to_thread(
            people.password_fits, stored[1] if stored else None, password
        )
    return stored[0] if stored is not None and fits else None


async def enter(
    site: Site, request: Request, company: Company, person: int, how: str, goes_on: str
) -> Response:
    """Gives a browser its cookie, and shows it the page that it asked for first."""
    made = await site.write(company, lambda db: signin.sign_in(db, person, how, site.now()))
    base = base_of(company.slug)
    answer = RedirectResponse(signin.safe_path(goes_on, base), 303, headers=PRIVATE)
    answer.set_cookie(
        signin.cookie_name(company.slug), made.cookie, max_age=signin.LASTS_MS // 1000, path=base,
        httponly=True, samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


async def sso(request: Request) -> Response:
    """To the company's provider."""
    site: Site = request.app.state.site
    slug = str(request.path_params["slug"])
    company, provider = await _provided(site, slug)
    if company is None or provider is None:
        return refused(base_of(slug) if SLUG.fullmatch(slug) else "", "Sign in", NO_PROVIDER, 404)
    flow = site.flows.begin(slug, request.query_params.get("next", ""))
    try:
        there = await oidc.address(provider, flow, _back(request, slug))
    except AccreteError as error:
        return refused(base_of(slug), "Sign in", str(error), 502)
    answer = RedirectResponse(there, 303, headers=PRIVATE)
    answer.set_cookie(
        STATE, flow.state, max_age=int(oidc.FLOW_S), path=f"{base_of(slug)}/sso", httponly=True,
        samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


async def sso_back(request: Request) -> Response:
    """From the provider: who came, and whether they are of this company."""
    site: Site = request.app.state.site
    slug = str(request.path_params["slug"])
    company, provider = await _provided(site, slug)
    if company is None or provider is None:
        return refused(base_of(slug) if SLUG.fullmatch(slug) else "", "Sign in", NO_PROVIDER, 404)
    try:
        given = request.query_params.get("state", "")
        flow = site.flows.finish(slug, given, request.cookies.get(STATE, ""))
        who = await oidc.identity(provider, flow, _back(request, slug), str(request.url))
        person = await site.write(company, lambda db: oidc.whose(db, who))
    except AccreteError as error:
        return refused(base_of(slug), "Sign in", str(error), 403)
    answer = await enter(site, request, company, person, "oidc", flow.goes_on)
    answer.delete_cookie(STATE, path=f"{base_of(slug)}/sso")
    return answer


async def _provided(site: Site, slug: str) -> tuple[Company | None, Provider | None]:
    company = await site.company(slug)
    if company is None:
        return None, None
    return company, await asyncio.to_thread(site.server.registry.provider, slug)


def _back(request: Request, slug: str) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{base_of(slug)}/sso/back"


def _form(
    request: Request, slug: str, goes_on: str, email: str = "", said: str = "", status: int = 200,
    *, single: bool = False,
) -> Response:  # fmt: skip
    base = base_of(slug)
    html = render(
        "sign_in.html", TEMPLATES, mount=base, title="Sign in", slug=slug, said=said, email=email,
        goes_on=signin.safe_path(goes_on, base) if goes_on else "", single=single,
    )  # fmt: skip
    return HTMLResponse(html, status, headers=PRIVATE)


async def invitation(request: Request) -> Response:
    """The page of an invitation: who it is for, and the password that they choose."""
    site: Site = request.app.state.site
    slug, secret = str(request.path_params["slug"]), str(request.path_params["secret"])
    company = await site.company(slug)
    address = request.client.host if request.client else ""
    if company is None or len(secret) > 100 or not site.attempts.begin(slug + secret[:43], address):
        return _used(slug)
    who = await site.write(company, lambda db: people.invited(db, secret, site.now()))
    if who is None:
        return _used(slug)
    site.attempts.well(slug + secret[:43], address)
    said = ""
    if request.method == "POST":
        fields = await fields_of(request)
        password = fields.get("password", "")
        if password != fields.get("again", ""):
            said = "The two passwords are not the same."
        else:
            try:
                person = await _accepted(site, company, secret, password)
                return await enter(site, request, company, person, "password", "")
            except AccreteError as error:
                said = str(error)
    html = render(
        "invitation.html", TEMPLATES, mount=base_of(slug), title="Welcome", slug=slug,
        name=who.name, email=who.email, said=said, shortest=people.SHORTEST,
    )  # fmt: skip
    return HTMLResponse(html, 400 if said else 200, headers=PRIVATE)


async def _accepted(site: Site, company: Company, secret: str, password: str) -> int:
    async with site.hashing:
        hashed = await asyncio.to_thread(people.hash_password, password)
    return await site.write(company, lambda db: people.accept(db, secret, hashed, site.now()))


def _used(slug: str) -> Response:
    what = "This invitation was used, or is more than a week old. Ask for another."
    return refused(base_of(slug) if SLUG.fullmatch(slug) else "", "Invitation", what, 404)
