"""What stands between the pages and other programs: hosts, origins, headers, keys."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers as Given
from starlette.datastructures import MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Not no-referrer: with it browsers send `Origin: null` along with the pages' own forms.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAFE = ("GET", "HEAD", "OPTIONS")
TOKEN_S = 60.0
"""How long the address that the browser is opened with works, once."""


class Headers:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, headed)


class Loopback:
    """Answers only requests that were made to this machine by one of its own pages: a foreign Host
    (DNS rebinding) and a foreign Origin are refused."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self.app, self.hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await _unless_socket(self.app, scope, receive, send)
            return
        given = Given(scope=scope)
        host, origin = given.get("host", ""), given.get("origin")
        if host not in self.hosts:
            refused = "This address is not Accrete's."
        elif origin is not None and _host_of(origin) not in self.hosts:
            refused = "Another site asked for this."
        elif scope["method"] not in SAFE and not _from_here(given, self.hosts):
            refused = "Another site sent this form."
        elif scope["method"] in SAFE and _embedded_elsewhere(given):
            refused = "Another site asked for this."
        else:
            await self.app(scope, receive, send)
            return
        await PlainTextResponse(refused, 403, headers=dict(HEADERS))(scope, receive, send)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


async def _unless_socket(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Starts and ends the application; no page opens a web socket."""
    if scope["type"] == "lifespan":
        await app(scope, receive, send)


def _from_here(given: Given, hosts: frozenset[str]) -> bool:
    site = given.get("sec-fetch-site")
    origin = given.get("origin")
    return site in (None, "same-origin") and (
        (origin is not None and _host_of(origin) in hosts) or site == "same-origin"
    )


def _embedded_elsewhere(given: Given) -> bool:
    """Whether another site's page loads this one as anything but the page of a tab."""
    site = given.get("sec-fetch-site")
    return site in ("cross-site", "same-site") and given.get("sec-fetch-mode") != "navigate"


class Key:
    """Lets in who has the cookie that the opened address gave, and gives it once: other users of
    this machine reach loopback too."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app, self.keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await _unless_socket(self.app, scope, receive, send)
            return
        path = scope["path"]
        if path == "/open":
            token = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])
            if self.keys.spend(token[0]):
                await self._let_in(scope, receive, send)
                return
        elif path.startswith("/static/") or self.keys.fits(_cookie(scope, self.keys.name)):
            await self.app(scope, receive, send)
            return
        await HTMLResponse(_LOCKED, 403, headers=dict(HEADERS))(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Not a redirect: a SameSite=Strict cookie does not go along where a file began the
        # navigation. The page that this address shows begins the next one itself.
        answer = HTMLResponse(_OPENED, headers={**HEADERS, "Cache-Control": "no-store"})
        answer.set_cookie(
            self.keys.name, self.keys.secret, httponly=True, samesite="strict", path="/"
        )
        await answer(scope, receive, send)


class Keys:
    """The secret of one run of the explorer, and the token that gives it to one browser.

    name: of the cookie. Browsers share cookies between ports, so it has the port in it."""

    def __init__(self, port: int) -> None:
        self.name = f"accrete-{port}"
        self.secret = secrets.token_urlsafe(32)
        self._tokens: dict[str, float] = {}

    def token(self) -> str:
        """A token that is good once, for TOKEN_S."""
        made = secrets.token_urlsafe(32)
        self._tokens[made] = time.monotonic() + TOKEN_S
        return made

    def spend(self, token: str) -> bool:
        """Whether a token is good; it is not any more after that."""
        return time.monotonic() <= self._tokens.pop(token, -1.0)

    def fits(self, value: str) -> bool:
        """Whether a cookie has the secret."""
        return hmac.compare_digest(value.encode(), self.secret.encode())


def _cookie(scope: Scope, name: str) -> str:
    """The cookie of a name. Browsers send those of other programs on this address too, with values
    of any form."""
    return cookie_parser(Given(scope=scope).get("cookie", "")).get(name, "")


_OPENED = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Accrete</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url=/"></head>
<body><p><a href="/">Open Accrete</a></p></body></html>"""
_LOCKED = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Accrete</title>
<link rel="icon" href="data:,"></head><body><h1>This page is locked</h1>
<p>Run <code>accrete explore</code> in a terminal: it opens a browser that is let in.
An opened address works once, for a minute.</p></body></html>"""
