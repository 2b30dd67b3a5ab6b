"""Browsers of people of a company, without a browser."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from accrete_team import people, signin, tokens

from tests.asked_once import Client
from tests.team.serving import Team

HOST = "http://localhost"
PASSWORD = "correct horse battery"


class Browser:
    """One person's browser at a company's pages."""

    def __init__(self, team: Team, company: str = "acme") -> None:
        self.slug = team.slug(company)
        self.base = f"/c/{self.slug}"
        self.client = Client(team.app, base_url=HOST, follow_redirects=False)
        self.client.portal = team.client.portal  # one loop, which the pools are opened in

    def get(self, path: str, **headers: str):
        return self.client.get(path if path.startswith("/c/") else self.base + path,
                               headers=headers)  # fmt: skip

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.text

    def post(self, path: str, fields: dict[str, str], origin: str = HOST):
        return self.client.post(path if path.startswith("/c/") else self.base + path, data=fields,
                                headers={"Origin": origin})  # fmt: skip

    def form(self, page: str, action: str, **fields: str):
        """Sends the form of a page that goes to an address, as a browser would."""
        for form in re.findall(r"<form.*?</form>", self.page(page), re.S):
            if f'action="{self.base}{action}"' in form:
                hidden = dict(
                    re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
                )
                kept = {name: unescape(value) for name, value in hidden.items()}
                return self.post(action, kept | fields)
        raise AssertionError(f"no form to {action} on {page}")

    def sign_in(self, email: str, password: str = PASSWORD):
        return self.post("/sign-in", {"email": email, "password": password})


hashed = cache(people.hash_password)
"""A password's hash, which is made to take its time, made once in a process."""


def a_person(team: Team, name: str, *, admin: bool = False, company: str = "acme",
             password: str | None = PASSWORD) -> int:  # fmt: skip
    """A person who can sign in with `<first name>@example.com`."""
    with team.database(company) as db:
        found = db.run("SELECT id FROM person WHERE name = ?", (name,))
        person = int(found[0][0]) if found else tokens.add_person(db, name)
        now = tokens.now_ms()
        people.set_account(db, person, actor=None, now=now, admin=admin or None,
                           email=f"{name.split()[0].lower()}@example.com")  # fmt: skip
        if password:
            secret = people.invite(db, person, actor=None, now=now)
            people.accept(db, secret, hashed(password), now)
    return person


def in_team(team: Team, name: str, *, leads: list[int], members: list[int],
            company: str = "acme") -> str:  # fmt: skip
    """A team whose people are in it since long."""
    with team.database(company) as db:
        made = people.make_team(db, name, actor=None, now=1)
        for role, some in (("member", members), ("lead", leads)):
            for person in some:
                people.place(db, person, made, role, actor=None, now=1, since=1)
    return made


def signed_in(team: Team, name: str, company: str = "acme", *, now: int | None = None) -> Browser:
    """The browser of a person who has signed in, without the tenth of a second that it takes. now:
    what the server's clock says from then on, UTC ms."""
    made = Browser(team, company)
    if now is not None:
        team.app.state.site.now = lambda: now
    with team.database(company) as db:
        person = tokens.person_named(db, name)
        at = tokens.now_ms() if now is None else now
        cookie = signin.sign_in(db, person, "password", at).cookie
    made.client.cookies.set(signin.cookie_name(made.slug), cookie)
    return made
