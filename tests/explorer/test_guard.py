"""What keeps other users, other programs and other sites out of the explorer."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from accrete.explorer import guard
from tests.explorer.asking import HOME, PORT
from tests.records import kept
from tests.transcripts import Transcript

STATIC = Path(guard.__file__).parent / "static"


@pytest.fixture
def client(settings, opened):
    t = Transcript()
    t.prompt()
    t.answer()
    kept(settings, t)
    return opened(settings)


def test_without_the_key_every_page_is_locked(settings, locked):
    client, _ = locked(settings)
    for path in ("/", "/sessions", "/nope", "/open", "/open?token=", "/open?token=x"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "accrete explore" in answer.text


def test_a_token_works_once(settings, locked):
    client, keys = locked(settings)
    token = keys.token()
    assert client.get(f"/open?token={token}").status_code == 200
    client.cookies.clear()
    assert client.get(f"/open?token={token}").status_code == 403


def test_a_token_is_too_old_after_a_minute(settings, monkeypatch, locked):
    client, keys = locked(settings)
    token = keys.token()
    now = guard.time.monotonic()
    monkeypatch.setattr(guard.time, "monotonic", lambda: now + guard.TOKEN_S + 1)
    assert client.get(f"/open?token={token}").status_code == 403


def test_the_cookie_is_for_this_site_and_no_script(settings, locked):
    client, keys = locked(settings)
    cookie = client.get(f"/open?token={keys.token()}").headers["set-cookie"]
    assert cookie.startswith(f"accrete-{PORT}=")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_the_key_of_another_run_opens_nothing(settings, locked):
    _, other = locked(settings)
    client, _ = locked(settings)
    client.cookies.set(other.name, other.secret)
    assert client.get("/").status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", ""]
)
def test_a_foreign_host_is_refused(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"[::1]:{PORT}"])
def test_the_other_names_of_this_machine_are_taken(client, host):
    assert client.get("/static/app.css", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:7411"])
def test_a_foreign_origin_is_refused(client, origin):
    assert client.get("/", headers={"Origin": origin}).status_code == 403


def test_a_form_from_nowhere_is_refused(client):
    assert client.post("/sessions").status_code == 403
    assert client.post("/sessions", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert (
        client.post(
            "/sessions", headers={"Origin": HOME, "Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert client.post("/sessions", headers={"Origin": HOME}).status_code == 405


def test_another_site_may_link_to_a_page_but_not_embed_it(client):
    given = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=given).status_code == 200
    assert client.get("/", headers={**given, "Sec-Fetch-Mode": "no-cors"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/nope", "/static/app.css", "/sessions?format=json"])
def test_every_answer_has_the_policy(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == guard.POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_pages_are_kept_nowhere(client):
    assert client.get("/").headers["cache-control"] == "no-store"


def test_pages_have_no_inline_style_or_script_and_load_nothing_from_elsewhere(client):
    for path in ("/", "/sessions", "/nope"):
        text = client.get(path).text
        assert not re.search(r"<[^>]*\s(?:style|on\w+)=", text)
        assert not re.search(r"<style|<script(?![^>]*\ssrc=\"/static/)", text)
        assert not re.search(
            r"(?:src|href)=\"(?:https?:)?//", text.replace('rel="noreferrer"', "")
        ) or all(
            "code.claude.com" in each for each in re.findall(r"href=\"(https?://[^\"]+)", text)
        )


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/viewer.py"]
)
def test_nothing_outside_the_static_files_is_served(client, path):
    assert client.get(path).status_code in (403, 404)


def test_files_of_others_are_those_that_the_document_names():
    document = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    listed = dict(re.findall(r"`accrete/explorer/static/([\w.-]+)`.*`([0-9a-f]{64})`", document))
    assert set(listed) == {"htmx.js", "hx-sse.js"}
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("other", ['prefs={"a": 1}', "a=b c", "x=\xe9", "=;;", 'q="unclosed'])
def test_cookies_of_other_programs_lock_nobody_out(settings, locked, other):
    client, keys = locked(settings)
    for cookie in (f"{other}; {keys.name}={keys.secret}", f"{keys.name}={keys.secret}; {other}"):
        answer = client.get("/", headers={"Cookie": cookie.encode("latin-1")})
        assert answer.status_code != 403


@pytest.mark.parametrize("origin", ["http://[x", "http://", "//", ""])
def test_an_origin_that_is_none_is_refused(client, origin):
    answer = client.get("/", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.headers["content-security-policy"] == guard.POLICY
