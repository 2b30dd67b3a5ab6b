"""Single sign-on with OpenID Connect: the code flow with PKCE, for one provider of each company."""

from __future__ import annotations

import hmac
import secrets
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol, Self
from urllib.parse import urlsplit

import httpx2

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.text.json import JsonObject
from accrete_team.registry import Provider

FLOW_S = 600.0
"""How long signing in at the provider may take."""
FLOWS = 5_000
TIMEOUT_S = 10.0
TRUSTED_S = 3_600.0
"""How long the certificates of the machine count as they were read."""
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
UNKNOWN = (
    "Nobody in this company has the address that your provider names. Ask an administrator to add "
    "it to your account."
)


class Flow(NamedTuple):
    """A sign-in that began here and is at the provider now. goes_on: the page it was for."""

    slug: str
    state: str
    nonce: str
    verifier: str
    goes_on: str
    until: float


class Identity(NamedTuple):
    """Who a provider says it was. subject: issuer and subject; email: None where the provider does
    not vouch for it."""

    subject: str
    email: str | None


class Flows:
    """The sign-ins that are under way; each can be finished once, by the browser that began it."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Flow] = OrderedDict()

    def begin(self, slug: str, goes_on: str) -> Flow:
        """A new one."""
        made = Flow(
            slug, secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48),
            goes_on, time.monotonic() + FLOW_S,
        )  # fmt: skip
        self._open[made.state] = made
        while len(self._open) > FLOWS:
            self._open.popitem(last=False)
        return made

    def finish(self, slug: str, state: str, cookie: str) -> Flow:
        """Ends one. Raises AccreteError for a state that this browser did not begin here."""
        found = self._open.pop(state, None)
        fits = found is not None and hmac.compare_digest(state.encode(), cookie.encode())
        if found is None or not fits or found.slug != slug or found.until < time.monotonic():
            raise AccreteError("This sign-in was not begun here, or took too long. Begin it again.")
        return found


def check_provider(issuer: str) -> str:
    """The address of a provider. Raises AccreteError for one that is not https, loopback apart."""
    parts = urlsplit(issuer)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or plain) or parts.query:
        raise AccreteError(f"{issuer[:100]!r} is no address of a provider. Give it with https://.")
    return issuer


async def address(provider: Provider, flow: Flow, back: str) -> str:
    """Where the browser goes to sign in."""
    async with _client(provider, back) as client:
        found = await _discovered(client, provider)
        url, _ = client.create_authorization_url(
            str(found["authorization_endpoint"]), state=flow.state, nonce=flow.nonce,
            code_verifier=flow.verifier,
        )  # fmt: skip
    return str(url)


async def identity(provider: Provider, flow: Flow, back: str, came: str) -> Identity:
    """Who came back. came: the whole address that the provider sent the browser to. Raises
    AccreteError for an answer that does not hold."""
    from authlib.common.errors import AuthlibBaseError
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwk, jwt
    from joserfc.errors import JoseError

    async with _client(provider, back) as client:
        found = await _discovered(client, provider)
        try:
            token = await client.fetch_token(
                str(found["token_endpoint"]), authorization_response=came, state=flow.state,
                code_verifier=flow.verifier,
            )  # fmt: skip
            keys = (await client.request("GET", str(found["jwks_uri"]), withhold_token=True)).json()
            decoded = jwt.decode(
                str(token["id_token"]), jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS
            )
            options = {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "nonce": {"essential": True, "value": flow.nonce},
            }
            claims = CodeIDToken(
                decoded.claims, decoded.header, options,
                {"nonce": flow.nonce, "client_id": provider.client_id},
            )  # fmt: skip
            claims.validate(leeway=60)
        except (
            AuthlibBaseError,
            JoseError,
            httpx2.HTTPError,
            KeyError,
            ValueError,
            TypeError,
        ) as error:
            raise AccreteError(
                f"The provider's answer does not hold ({type(error).__name__}). Begin again."
            ) from None
    email = claims.get("email") if claims.get("email_verified") is True else None
    subject = f"{provider.issuer}|{claims['sub']}"
    return Identity(subject[:500], email.strip().lower()[:254] if isinstance(email, str) else None)


def whose(db: Database, who: Identity) -> int:
    """The person that a provider vouches for: by the subject that signed in before, else by the
    address, which is tied to the subject then. Raises AccreteError for everybody else."""
    rows = db.run(
        "SELECT person FROM account WHERE subject = ? AND left_at IS NULL", (who.subject,)
    )
    if rows:
        return int(rows[0][0])
    if who.email is not None:
        sql = "SELECT person FROM account WHERE email = ? AND subject IS NULL AND left_at IS NULL"
        rows = db.run(sql, (who.email,))
        if rows:
            person = int(rows[0][0])
            db.run("UPDATE account SET subject = ? WHERE person = ?", (who.subject, person))
            return person
    raise AccreteError(UNKNOWN)


class _Client(Protocol):
    """What of authlib's client is used here; authlib has no types."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *raised: object) -> None: ...

    def create_authorization_url(
        self, url: str, *, state: str, nonce: str, code_verifier: str
    ) -> tuple[str, str]: ...

    async def fetch_token(
        self, url: str, *, authorization_response: str, state: str, code_verifier: str
    ) -> Mapping[str, object]: ...

    async def request(self, method: str, url: str, *, withhold_token: bool) -> httpx2.Response: ...


def _client(provider: Provider, back: str) -> _Client:
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    made: _Client = AsyncOAuth2Client(
        provider.client_id, provider.secret, scope="openid email", redirect_uri=back,
        code_challenge_method="S256", timeout=TIMEOUT_S, follow_redirects=False,
        verify=_trusted(int(time.monotonic() // TRUSTED_S)),
    )  # fmt: skip
    return made


@lru_cache(maxsize=1)
def _trusted(turn: int) -> ssl.SSLContext:
    """The certificates of the machine, read anew in each turn: to read them takes 20 ms, in which
    nobody else is served."""
    return httpx2.create_ssl_context()


async def _discovered(client: _Client, provider: Provider) -> JsonObject:
    """What the provider says of itself. Raises AccreteError where it does not answer, or is another
    one than it should be."""
    url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        answer = await client.request("GET", url, withhold_token=True)
        found = answer.json() if answer.status_code == 200 else {}
    except (httpx2.HTTPError, ValueError) as error:
        raise AccreteError(f"The provider does not answer ({type(error).__name__}).") from None
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not isinstance(found, dict) or found.get("issuer") != provider.issuer or any(
        not isinstance(found.get(name), str) for name in wanted
    ):  # fmt: skip
        raise AccreteError("The provider does not say what it must of itself. Check its address.")
    return found
