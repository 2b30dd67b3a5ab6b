"""People sign in with a real OpenID provider."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from accrete_team.registry import Provider

from tests.e2e.walk import faults, follow
from tests.fuzz import TORTURE
from tests.team.served import Served, free_port
from tests.team.signed import a_person
from tools.claude_client import PLACE, npm_package

PACKAGE = "oidc-provider@8.8.1"


@pytest.fixture
def company(tmp_path):
    made = Served(tmp_path / "team")
    yield made
    made.close()


@pytest.fixture
def provider(company):
    folder = npm_package(PLACE.parent / "oidc", PACKAGE)
    if folder is None:
        why = f"{PACKAGE} cannot be installed: no npm, or no package registry"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    port = free_port()
    program = Path(__file__).with_name("provider.mjs")
    process = subprocess.Popen(
        [shutil.which("node"), program, folder, str(port), f"{company.base}/sso/back"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout.readline().strip() == "ready"
    issuer = f"http://127.0.0.1:{port}"
    company.registry.set_provider(
        "acme", Provider("acme", issuer, "accrete", "a secret of the test")
    )
    yield issuer
    process.kill()
    process.communicate()


class Walker:
    """A browser without scripts: follows redirects and fills in forms, with cookies."""

    def __init__(self) -> None:
        self.http = httpx2.Client(follow_redirects=True, timeout=120)

    def get(self, url: str) -> httpx2.Response:
        return self.http.get(url)

    def fill(self, answer: httpx2.Response, **fields: str) -> httpx2.Response:
        form = re.search(r"<form.*?</form>", answer.text, re.S)[0]
        action = urljoin(str(answer.url), unescape(re.search(r'action="([^"]*)"', form)[1]))
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
        origin = str(answer.url).partition("/interaction")[0]
        return self.http.post(action, data=dict(hidden) | fields, headers={"Origin": origin})

    def sign_in(self, company: Served, account: str) -> httpx2.Response:
        asked = self.get(f"{company.base}/sso")
        asked = self.fill(asked, login=account, password="any")
        return self.fill(asked)


@pytest.fixture
def walker():
    """Makes browsers, and closes them."""
    made = list[Walker]()

    def make() -> Walker:
        made.append(Walker())
        return made[-1]

    yield make
    for each in made:
        each.http.close()


@pytest.mark.slow
def test_a_person_signs_in_with_the_provider_of_the_company(company, provider, walker):
    a_person(company, "amara", password=None)
    page = walker().get(f"{company.base}/sign-in").text
    assert "Sign in with your company" in page
    own = walker()
    landed = own.sign_in(company, "amara")
    assert (landed.status_code, str(landed.url)) == (200, f"{company.base}/me/")
    with company.database() as db:
        ((subject,),) = db.run("SELECT subject FROM account")
        assert subject == f"{provider}|amara"
        db.run("UPDATE account SET email = 'new-address@example.com'")
        assert db.run("SELECT how FROM sign_in") == [("oidc",)]
    again = walker().sign_in(company, "amara")
    assert str(again.url) == f"{company.base}/me/"


@pytest.mark.slow
def test_nobody_else_comes_in(company, provider, walker):
    a_person(company, "amara", password=None)
    a_person(company, "unverified", password=None)
    for account in ("mallory", "unverified"):
        answer = walker().sign_in(company, account)
        assert answer.status_code == 403
        assert "Nobody in this company" in answer.text
    with company.database() as db:
        assert db.run("SELECT COUNT(*) FROM sign_in") == [(0,)]


@pytest.mark.slow
def test_a_code_is_of_the_browser_that_asked(company, provider, walker):
    a_person(company, "amara", password=None)
    own = walker()
    asked = own.get(f"{company.base}/sso")
    asked = own.fill(asked, login="amara", password="any")
    own.http.follow_redirects = False
    answer = own.fill(asked)
    while "/sso/back" not in (there := answer.headers["location"]):
        answer = own.get(urljoin(str(answer.url), there))
    stolen = walker().get(there)
    assert stolen.status_code == 403
    assert "was not begun here" in stolen.text
    assert own.get(there).status_code == 403  # the state was used up by the first


@pytest.mark.slow
@pytest.mark.grid
@pytest.mark.parametrize("scripts", [True, False] if TORTURE else [False])
def test_a_browser_goes_there_and_comes_back_signed_in(company, provider, chromium, scripts):
    a_person(company, "amara", password=None)
    context = chromium.new_context(java_script_enabled=scripts)
    context.set_default_timeout(8000)
    page = context.new_page()
    wrong = list[str]()
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.goto(f"{company.base}/sharing")
    assert "/sign-in?next=" in page.url
    assert not scripts or faults(page) == []
    follow(page, "text=Sign in with your company")
    assert page.url.startswith(provider)
    page.fill("[name=login]", "amara")
    page.fill("[name=password]", "any")
    page.click("button[type=submit]")
    page.wait_for_selector("text=Authorize")
    page.click("button[type=submit]")
    page.wait_for_url(f"{company.base}/**")
    assert page.url == f"{company.base}/sharing"
    (cookie,) = [each for each in context.cookies() if each["path"] == "/c/acme"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    follow(page, "text=My work")
    assert page.url.startswith(f"{company.base}/me/")
    assert [each for each in wrong if company.base in each or "Security Policy" in each] == []
    context.close()
