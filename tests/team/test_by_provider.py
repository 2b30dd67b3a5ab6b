"""Signing in with a provider: what is asked of it, which of its answers let in, and whom."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from accrete_team import oidc, people, tokens
from accrete_team.registry import Provider
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from accrete.errors import AccreteError
from tests.team.serving import Team
from tests.team.signed import HOST, Browser, a_person

pytestmark = pytest.mark.long

SECRET = "a secret of the test, of 32 bytes or more"
KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-256")


class OpenID:
    """A provider on loopback. claims, says: what is changed in its token, and in what it says of
    itself; answers: what it answers to a path instead; key, algorithm: what it signs with."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.says: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.key: ECKey | OctKey = KEY
        self.algorithm = "ES256"
        self.asked: dict[str, str] = {}
        self.refused: list[str] = []
        self.authorizations: list[str | None] = []
        self._door = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._door.server_port}/of/acme"
        self._beside = threading.Thread(target=self._door.serve_forever, args=(0.01,), daemon=True)
        self._beside.start()

    def close(self) -> None:
        self._door.shutdown()
        self._beside.join()
        self._door.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.authorizations.append(self.headers.get("Authorization"))
                self._answer(b"")

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])))

            def _answer(self, body: bytes) -> None:
                status, text = provider.answer(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *said: object) -> None:
                """Says nothing."""

        return Handler

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        name = path.rpartition("/")[2]
        if name in self.answers:
            return self.answers[name]
        if path == "/of/acme/.well-known/openid-configuration":
            said = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/in",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return 200, json.dumps(said | self.says).encode()
        if name == "keys":
            return 200, json.dumps(KeySet([KEY]).as_dict(private=False)).encode()
        given = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        made = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        fits = base64.urlsafe_b64encode(made).decode().rstrip("=") == self.asked["code_challenge"]
        if name != "token" or not fits or given["redirect_uri"] != self.asked["redirect_uri"]:
            self.refused.append(path)
            return 400, b'{"error": "invalid_grant"}'
        token = jwt.encode({"alg": self.algorithm}, self._claims(), self.key,
                           algorithms=[self.algorithm])  # fmt: skip
        return 200, json.dumps({"access_token": "a", "token_type": "Bearer",
                                "id_token": token}).encode()  # fmt: skip

    def _claims(self) -> dict[str, Any]:
        now = int(time.time())
        made = {"iss": self.issuer, "aud": "accrete", "sub": "amara", "iat": now, "exp": now + 60,
                "nonce": self.asked["nonce"], "email": "amara@example.com",
                "email_verified": True}  # fmt: skip
        return {key: value for key, value in (made | self.claims).items() if value is not None}


@pytest.fixture
def provider(team: Team) -> Iterator[OpenID]:
    made = OpenID()
    slug = team.company().slug
    team.registry.set_provider(slug, Provider(slug, made.issuer, "accrete", SECRET))
    yield made
    made.close()


def there(browser: Browser, provider: OpenID, goes_on: str = "") -> str:
    """Goes to the provider, as which the person of the test is signed in; where it sends them."""
    answer = browser.get(f"/sso?next={goes_on}")
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["location"])
    provider.asked = {key: values[0] for key, values in parse_qs(address.query).items()}
    path = provider.asked["redirect_uri"].removeprefix(HOST)
    return f"{path}?code=c&state={provider.asked['state']}"


def back(team: Team, provider: OpenID, goes_on: str = ""):
    """A browser that goes to the provider and comes back, and what it is answered."""
    browser = Browser(team)
    return browser, browser.get(there(browser, provider, goes_on))


def test_a_person_whom_the_provider_vouches_for_signs_in(team, provider):
    a_person(team, "Amara Nwosu", password=None)
    browser = Browser(team)
    assert "Sign in with your company" in browser.page("/sign-in")
    answer = browser.get(f"/sso?next={browser.base}/sharing")
    address = answer.headers["location"]
    assert address.startswith(f"{provider.issuer}/in?")
    said = answer.headers["set-cookie"]
    for part in ("accrete-sso=", "HttpOnly", "SameSite=lax", "Max-Age=600",
                 f"Path={browser.base}/sso"):  # fmt: skip
        assert part in said
    assert "Secure" not in said
    asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["response_type"], asked["client_id"]) == ("code", "accrete")
    assert (asked["scope"], asked["code_challenge_method"]) == ("openid email", "S256")
    assert asked["redirect_uri"] == f"{HOST}{browser.base}/sso/back"
    provider.asked = asked
    landed = browser.get(f"/sso/back?code=c&state={asked['state']}")
    assert (landed.status_code, landed.headers["location"]) == (303, f"{browser.base}/sharing")
    assert browser.get("/sharing").status_code == 200
    assert browser.client.cookies.get("accrete-sso") is None
    assert provider.refused == []
    assert set(provider.authorizations) == {None}  # its public answers are asked as nobody
    assert team.rows("SELECT how FROM sign_in") == [("oidc",)]
    assert team.rows("SELECT subject FROM account") == [(f"{provider.issuer}|amara",)]


@pytest.mark.alike
def test_behind_tls_the_way_to_the_provider_stays_there(team, provider):
    browser = Browser(team)
    browser.client.base_url = "https://localhost"
    answer = browser.get("/sso")
    assert "; Secure" in answer.headers["set-cookie"]
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"https://localhost{browser.base}/sso/back"]


@pytest.mark.alike
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example"}, {"iss": None}, {"aud": "another"}, {"aud": None},
        {"aud": []}, {"nonce": "another"}, {"nonce": None}, {"sub": None},
        {"exp": -90}, {"exp": None}, {"iat": 3600}, {"azp": "another"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_of_another_or_too_old_lets_nobody_in(team, provider, claims):
    """Times are seconds from now."""
    a_person(team, "Amara Nwosu", password=None)
    now = int(time.time())
    provider.claims = {k: now + v if isinstance(v, int) else v for k, v in claims.items()}
    browser, answer = back(team, provider)
    assert (answer.status_code, "does not hold" in answer.text) == (403, True)
    assert team.rows("SELECT COUNT(*) FROM sign_in") == [(0,)]
    assert browser.get("/me/").status_code == 303


@pytest.mark.alike
def test_clocks_may_differ_by_a_minute(team, provider):
    a_person(team, "Amara Nwosu", password=None)
    now = int(time.time())
    provider.claims = {"exp": now - 30, "iat": now + 30}
    assert back(team, provider)[1].status_code == 303


@pytest.mark.parametrize(
    ("key", "algorithm"), [(OTHER_KEY, "ES256"), (OctKey.import_key(SECRET), "HS256")]
)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(team, provider, key, algorithm):
    a_person(team, "Amara Nwosu", password=None)
    provider.key, provider.algorithm = key, algorithm
    assert back(team, provider)[1].status_code == 403
    assert team.rows("SELECT COUNT(*) FROM sign_in") == [(0,)]


@pytest.mark.alike
@pytest.mark.parametrize("name", ["token", "keys"])
@pytest.mark.parametrize("answer", [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b"{}")])
def test_a_provider_that_fails_halfway_is_said_and_lets_nobody_in(team, provider, name, answer):
    a_person(team, "Amara Nwosu", password=None)
    provider.answers[name] = answer
    said = back(team, provider)[1]
    assert (said.status_code, "does not hold" in said.text) == (403, True)


@pytest.mark.alike
def test_a_code_counts_with_the_secret_of_who_asked_for_it(team, provider):
    a_person(team, "Amara Nwosu", password=None)
    browser = Browser(team)
    address = there(browser, provider)
    provider.asked["code_challenge"] = "of another sign-in"
    assert browser.get(address).status_code == 403
    assert provider.refused != []
    mine, theirs = Browser(team), Browser(team)
    address = there(mine, provider)
    answer = theirs.get(address)
    assert (answer.status_code, "not begun here" in answer.text) == (403, True)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("says", "answer"),
    [
        ({"issuer": "https://login.example"}, None), ({"issuer": None}, None),
        ({"authorization_endpoint": None}, None), ({"token_endpoint": 5}, None),
        ({"jwks_uri": None}, None), ({}, (500, b"{}")), ({}, (200, b"[]")), ({}, (302, b"")),
        ({}, (200, b"<html>")),
    ],
)  # fmt: skip
def test_what_is_no_provider_is_said_before_anybody_is_sent_there(team, provider, says, answer):
    provider.says = says
    if answer:
        provider.answers["openid-configuration"] = answer
    browser = Browser(team)
    said = browser.get("/sso")
    assert (said.status_code, "The provider does not" in said.text) == (502, True)
    assert "set-cookie" not in said.headers


@pytest.mark.alike
def test_a_provider_that_does_not_answer_is_said(team, provider):
    slug = team.company().slug
    team.registry.set_provider(slug, Provider(slug, "http://127.0.0.1:9/", "accrete", SECRET))
    said = Browser(team).get("/sso")
    assert (said.status_code, "The provider does not answer" in said.text) == (502, True)


@pytest.mark.alike
@pytest.mark.parametrize(
    "claims",
    [
        {"email": "mallory@example.com"}, {"email_verified": False}, {"email_verified": "true"},
        {"email_verified": None}, {"email": None}, {"email": 5},
    ],
    ids=str,
)  # fmt: skip
def test_an_address_that_is_not_vouched_for_lets_nobody_in(team, provider, claims):
    a_person(team, "Amara Nwosu", password=None)
    provider.claims = claims
    _, answer = back(team, provider)
    assert (answer.status_code, "Nobody in this company" in answer.text) == (403, True)
    assert team.rows("SELECT subject FROM account") == [(None,)]


def test_who_signed_in_before_is_known_whatever_their_address_is(team, provider):
    amara, mia = a_person(team, "Amara Nwosu", password=None), a_person(team, "Mia Member")
    provider.claims = {"email": " Amara@EXAMPLE.com"}
    assert back(team, provider)[1].status_code == 303
    for claims in ({"email": "mia@example.com"}, {"email_verified": False}):
        provider.claims = claims
        assert back(team, provider)[1].status_code == 303
    provider.claims = {"sub": "somebody else"}  # with an address that is tied already
    assert back(team, provider)[1].status_code == 403
    said = set(team.rows("SELECT person, COUNT(*) FROM sign_in GROUP BY person"))
    assert (amara, 3) in said
    assert {person for person, _ in said} == {amara}
    known = team.rows("SELECT person, subject FROM account ORDER BY person")
    assert known == [(amara, f"{provider.issuer}|amara"), (mia, None)]


@pytest.mark.alike
def test_who_left_is_let_in_by_no_provider(team, provider):
    amara = a_person(team, "Amara Nwosu", password=None)
    bela = a_person(team, "Bela Kis", password=None)
    assert back(team, provider)[1].status_code == 303
    with team.database() as db:
        for person in (amara, bela):
            people.set_account(db, bela, actor=None, now=1, admin=False)
            people.leave(db, person, actor=None, now=tokens.now_ms())
    for claims in ({}, {"sub": "bela", "email": "bela@example.com"}):
        provider.claims = claims
        assert back(team, provider)[1].status_code == 403


def test_no_more_sign_ins_are_under_way_than_are_remembered():
    flows = oidc.Flows()
    first, second = flows.begin("acme", ""), flows.begin("acme", "")
    for _ in range(4_999):
        last = flows.begin("acme", "")
    with pytest.raises(AccreteError):
        flows.finish("acme", first.state, first.state)
    for each in (second, last):
        assert flows.finish("acme", each.state, each.state) == each


def test_certificates_of_the_machine_are_read_once_an_hour(monkeypatch):
    read, trusted = [], oidc.httpx2.create_ssl_context()
    monkeypatch.setattr(oidc.httpx2, "create_ssl_context", lambda: read.append(1) or trusted)
    oidc._trusted.cache_clear()
    provider = Provider("acme", "https://example.org", "accrete", SECRET)
    for second, reads in ((7200.0, 1), (10_799.0, 1), (10_800.0, 2)):
        monkeypatch.setattr(oidc.time, "monotonic", lambda now=second: now)
        oidc._client(provider, "https://example.org/back")
        assert len(read) == reads
    oidc._trusted.cache_clear()
