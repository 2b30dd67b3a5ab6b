"""Who may come in: invitations, passwords, cookies, and what does not let in."""

from __future__ import annotations

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from accrete_team import people, signin, tokens
from accrete_team.oidc import Flows, check_provider

from accrete.errors import AccreteError
from accrete.explorer.guard import HEADERS
from tests.team.seen import links
from tests.team.signed import PASSWORD, Browser, a_person, signed_in

pytestmark = pytest.mark.long


@pytest.fixture
def amara(team):
    team.company()
    return a_person(team, "Amara Nwosu")


@pytest.mark.alike
@pytest.mark.long
def test_an_invitation_sets_a_password_once_and_signs_in(team):
    team.company()
    person = a_person(team, "Amara Nwosu", password=None)
    with team.database() as db:
        secret = people.invite(db, person, actor=None, now=tokens.now_ms())
    browser = Browser(team)
    assert "Welcome, <bdi>Amara Nwosu</bdi>" in browser.page(f"/invitation/{secret}")
    short = browser.post(f"/invitation/{secret}", {"password": "short", "again": "short"})
    assert (short.status_code, "12 to 256" in short.text) == (400, True)
    two = browser.post(f"/invitation/{secret}", {"password": PASSWORD, "again": "another one"})
    assert "not the same" in two.text
    done = browser.post(f"/invitation/{secret}", {"password": PASSWORD, "again": PASSWORD})
    assert done.status_code == 303
    assert browser.get("/me/").status_code == 200
    assert Browser(team).get(f"/invitation/{secret}").status_code == 404
    assert Browser(team).sign_in("amara@example.com").status_code == 303


def test_a_password_has_at_least_12_and_at_most_256_characters():
    for n in (12, 256):
        assert people.password_fits(people.hash_password("é" * n), "é" * n)
    for n in (0, 11, 257):
        with pytest.raises(AccreteError, match="12 to 256"):
            people.hash_password("é" * n)


@pytest.mark.alike
def test_an_invitation_ends_after_a_week_and_with_the_next_one(team):
    team.company()
    person = a_person(team, "Amara Nwosu", password=None)
    now = tokens.now_ms()
    with team.database() as db:
        first = people.invite(db, person, actor=None, now=now)
        second = people.invite(db, person, actor=None, now=now)
        assert people.invited(db, first, now) is None
        assert people.invited(db, second, now + people.INVITED_MS - 1) is not None
        assert people.invited(db, second, now + people.INVITED_MS) is None


@pytest.mark.long
def test_a_cookie_is_of_one_company_and_of_one_browser(team, amara):
    browser = Browser(team)
    answer = browser.sign_in("Amara@Example.com ")
    said = answer.headers["set-cookie"]
    assert answer.headers["location"] == f"{browser.base}/"
    for part in ("HttpOnly", "SameSite=lax", f"Path={browser.base}", f"accrete-{browser.slug}="):
        assert part in said
    cookie = re.search(r"=([^;]+)", said)[1]
    rows = team.rows("SELECT hash FROM sign_in")
    assert cookie not in str(rows)
    team.company("other")
    a_person(team, "Amara Nwosu", company="other")
    elsewhere = Browser(team, "other")
    elsewhere.client.cookies.set(signin.cookie_name(elsewhere.slug), cookie)
    assert elsewhere.get("/me/").status_code == 303


@pytest.mark.alike
@pytest.mark.long
def test_every_sign_in_gets_a_cookie_that_nobody_chose(team, amara):
    browser = Browser(team)
    browser.client.cookies.set(signin.cookie_name(browser.slug), "chosen")
    said = browser.sign_in("amara@example.com").headers["set-cookie"]
    again = Browser(team).sign_in("amara@example.com").headers["set-cookie"]
    assert "chosen" not in said
    assert said.partition(";")[0] != again.partition(";")[0]


@pytest.mark.alike
@pytest.mark.long
@pytest.mark.parametrize(
    ("email", "password"),
    [("amara@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("", "")],
)
def test_a_wrong_password_and_an_unknown_address_look_alike(team, amara, email, password):
    answer = Browser(team).sign_in(email, password)
    assert answer.status_code == 403
    assert signin.WRONG in answer.text
    assert "set-cookie" not in answer.headers
    unknown = Browser(team)
    unknown.base = "/c/never-made"
    same = unknown.sign_in(email, password)
    assert (same.status_code, signin.WRONG in same.text) == (403, True)


@pytest.mark.alike
@pytest.mark.long
def test_passwords_cannot_be_tried_for_long(team, amara):
    browser = Browser(team)
    for _ in range(signin.OF_ACCOUNT):
        assert browser.sign_in("amara@example.com", "wrong password").status_code == 403
    assert browser.sign_in("amara@example.com").status_code == 429
    a_person(team, "Bela Kis")
    assert browser.sign_in("bela@example.com").status_code == 303


@pytest.mark.alike
@pytest.mark.long
@pytest.mark.parametrize("email", ["amara@example.com", "nobody@example.com"])
def test_pages_are_answered_while_a_password_is_looked_at(team, amara, monkeypatch, email):
    looks, answered, was_answered = Event(), Event(), []

    def held(hashed: str | None, password: str) -> bool:
        looks.set()
        was_answered.append(answered.wait(30))
        return fits(hashed, password)

    fits = people.password_fits
    monkeypatch.setattr(people, "password_fits", held)
    with ThreadPoolExecutor(1) as other:
        signs_in = other.submit(Browser(team).sign_in, email)
        assert looks.wait(30)
        assert Browser(team).get("/sign-in").status_code == 200
        answered.set()
        assert (signs_in.result().status_code == 303) == email.startswith("amara")
    assert was_answered == [True]


def test_signing_out_everywhere_ends_every_browser(team, amara):
    here, there = signed_in(team, "Amara Nwosu"), signed_in(team, "Amara Nwosu")
    here.form("/sharing", "/sign-out", where="everywhere")
    assert here.get("/me/").status_code == 303
    assert there.get("/me/").status_code == 303
    one, two = signed_in(team, "Amara Nwosu"), signed_in(team, "Amara Nwosu")
    one.form("/sharing", "/sign-out", where="here")
    assert (one.get("/me/").status_code, two.get("/me/").status_code) == (303, 200)


@pytest.mark.alike
def test_who_leaves_is_out_at_once(team, amara):
    browser = signed_in(team, "Amara Nwosu")
    assert browser.get("/me/").status_code == 200
    with team.database() as db:
        people.leave(db, amara, actor=None, now=tokens.now_ms())
    assert browser.get("/me/").status_code == 303
    assert Browser(team).sign_in("amara@example.com").status_code == 403


def test_a_sign_in_ends_by_itself(team, amara):
    browser = signed_in(team, "Amara Nwosu")
    with team.database() as db:
        db.run("UPDATE sign_in SET until = 1")
    assert browser.get("/me/").status_code == 303


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil"])
def test_forms_of_other_sites_are_refused(team, amara, origin):
    browser = signed_in(team, "Amara Nwosu")
    assert browser.post("/sharing/pause", {"on": "1"}, origin=origin).status_code == 403
    assert browser.post("/sign-in", {"email": "x"}, origin=origin).status_code == 403
    assert browser.post("/sharing/pause", {"on": "1"}).status_code == 403  # without its token
    assert team.rows("SELECT paused_at FROM account") == [(None,)]


@pytest.mark.parametrize(
    "given",
    ["https://evil.example", "//evil.example", "/c/other/", "/c/acme//evil", "/c/acme/../other",
     "/c/acme/\\evil", "javascript:alert(1)", "/c/acme/\nx"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(given):
    assert signin.safe_path(given, "/c/acme") == "/c/acme/"
    assert signin.safe_path("/c/acme/people?range=4w", "/c/acme") == "/c/acme/people?range=4w"


@pytest.mark.alike
def test_who_is_not_signed_in_is_shown_the_way_and_nothing_else(team, amara):
    browser = Browser(team)
    for path in ("/me/", "/me/sessions", "/people", "/people/1/", "/admin", "/sharing", "/notice",
                 "/me/search?q=x"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith(f"{browser.base}/sign-in?next=")
    assert browser.get("/me/sessions?format=csv").status_code == 401
    assert browser.post("/admin/people", {"name": "X"}).status_code == 401


@pytest.mark.alike
@pytest.mark.long
def test_answers_have_their_security_headers(team, amara):
    own, stranger = signed_in(team, "Amara Nwosu"), Browser(team)
    answers = [stranger.get("/sign-in"), stranger.get("/invitation/none"), stranger.get("/me/"),
               stranger.sign_in("amara@example.com", "wrong password"), own.get("/me/"),
               own.get("/sharing"), own.get("/nothing"), own.get("/admin"),
               own.get("/me/sessions?format=csv"), own.get("/sharing/export"),
               own.post("/sharing/pause", {"on": "1"}),
               own.post("/sharing/pause", {}, origin="http://evil.example")]  # fmt: skip
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (answer.url, name)
    for answer in (each for each in answers if each.status_code == 200):
        assert answer.headers["cache-control"] == "no-store", answer.url
    assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]


@pytest.mark.alike
@pytest.mark.long
def test_behind_tls_cookies_and_pages_stay_there(team, amara):
    browser = Browser(team)
    browser.client.base_url = "https://localhost"
    answer = browser.client.post(
        f"{browser.base}/sign-in", data={"email": "amara@example.com", "password": PASSWORD},
        headers={"Origin": "https://localhost"},
    )  # fmt: skip
    assert "; Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "Secure" not in Browser(team).sign_in("amara@example.com").headers["set-cookie"]


@pytest.mark.alike
@pytest.mark.long
def test_no_secret_stands_in_an_address_or_in_the_log(team, amara, caplog):
    caplog.set_level(logging.DEBUG)
    with team.database() as db:
        secret = people.invite(db, amara, actor=None, now=tokens.now_ms())
    browser = Browser(team)
    browser.page(f"/invitation/{secret}")
    browser.post(f"/invitation/{secret}", {"password": PASSWORD, "again": PASSWORD})
    cookie = browser.client.cookies.get(signin.cookie_name(browser.slug))
    known = {cookie, PASSWORD}
    addresses = []
    for path in ("/me/", "/me/sessions", "/me/search", "/sharing", "/sharing/delete", "/notice"):
        page = browser.page(path)
        known |= set(re.findall(r'name="token" value="(\w+)"', page))
        addresses += re.findall(r'(?:href|action|src|hx-get|sse-connect)="([^"]*)', page)
    assert len(known) > 2
    assert len(addresses) > 20
    assert [each for each in known if any(each in address for address in addresses)] == []
    said = "\n".join(each.getMessage() for each in caplog.records
                     if each.name.startswith(("accrete", "uvicorn")))  # fmt: skip
    assert '"kind": "page"' in said
    assert [each for each in {*known, secret, "amara@example.com"} if each in said] == []


@pytest.mark.alike
def test_without_a_provider_there_is_no_way_by_one(team, amara):
    browser = Browser(team)
    for path in (f"{browser.base}/sso", "/c/nobody/sso", f"{browser.base}/sso/back?state=x&code=y"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "signs in with passwords" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("slug", "known"), [
    ("never-made", True), ("a" * 39, True), ("a" * 40, False), ("Acme", False), ("-acme", False),
    ("acme-", False), ("%22%3E%3Ca", False),
])  # fmt: skip
@pytest.mark.parametrize(("path", "said"), [
    ("/invitation/none", "Ask for another"), ("/sso", "signs in with passwords"),
    ("/sso/back?state=x&code=y", "signs in with passwords"),
])  # fmt: skip
def test_who_is_refused_is_led_to_the_sign_in_of_a_company_that_could_be(
    team, path, said, slug, known
):
    answer = Browser(team).get(f"/c/{slug}{path}")
    assert answer.status_code == 404
    assert said in answer.text
    assert links(answer.text)["Sign in"] == (f"/c/{slug}/sign-in" if known else "/sign-in")
    assert (slug in answer.text) == known


@pytest.mark.alike
def test_who_left_is_neither_invited_nor_put_in_a_team(team, amara):
    mia = a_person(team, "Mia Member")
    now = tokens.now_ms()
    with team.database() as db:
        made = people.make_team(db, "Ledger", actor=None, now=now)
        people.leave(db, mia, actor=None, now=now)
        with pytest.raises(AccreteError, match="has left the company"):
            people.invite(db, mia, actor=None, now=now)
        for role in ("member", "lead"):
            with pytest.raises(AccreteError, match="has left the company"):
                people.place(db, mia, made, role, actor=None, now=now)
        assert people.places(db, team=made) == []


def test_a_provider_is_reached_by_tls():
    for good in ("https://login.example", "http://127.0.0.1:1", "http://localhost:5/x"):
        assert check_provider(good) == good
    for bad in ("http://login.example", "login.example", "ftp://x", "https://", "",
                "https://login.example?to=x", "http://localhost:5/?to=x"):  # fmt: skip
        with pytest.raises(AccreteError):
            check_provider(bad)


def test_a_flow_ends_once_and_in_its_company():
    flows = Flows()
    made = flows.begin("acme", "")
    with pytest.raises(AccreteError):
        flows.finish("other", made.state, made.state)
    again = flows.begin("acme", "/c/acme/people")
    assert flows.finish("acme", again.state, again.state).goes_on == "/c/acme/people"
    with pytest.raises(AccreteError):
        flows.finish("acme", again.state, again.state)


def test_a_flow_ends_in_the_browser_that_began_it_and_within_ten_minutes(monkeypatch):
    flows, now = Flows(), time.monotonic()
    for cookie in ("", "x" * 32):
        made = flows.begin("acme", "")
        with pytest.raises(AccreteError):
            flows.finish("acme", made.state, cookie)
    monkeypatch.setattr(time, "monotonic", lambda: now)
    early, late = flows.begin("acme", "/early"), flows.begin("acme", "/late")
    monkeypatch.setattr(time, "monotonic", lambda: now + 10 * 60 - 1)
    assert flows.finish("acme", early.state, early.state) == early
    monkeypatch.setattr(time, "monotonic", lambda: now + 10 * 60 + 1)
    with pytest.raises(AccreteError):
        flows.finish("acme", late.state, late.state)


@pytest.mark.alike
def test_a_browser_keeps_its_cookie_for_the_two_weeks_of_a_sign_in(team, amara):
    said = Browser(team).sign_in("amara@example.com").headers["set-cookie"]
    assert f"Max-Age={14 * 24 * 3600};" in said
