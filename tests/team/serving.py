"""A company on a server, and a machine that shares with it, without a network between them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from accrete_team import stamps, tenants, tokens
from accrete_team.app import application
from accrete_team.registry import Company, Registry

from accrete.database import Database
from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.settings import Settings
from accrete.sync.choice import Choice, join
from accrete.sync.learn import learn, say
from accrete.sync.send import Sent, send
from accrete.wire.contract import Turn
from tests import ready
from tests.asked_once import Client

NOW = 1_790_100_000_000


def stamped(db: Database) -> None:
    """What a test writes by statements of its own changes the weeks of everybody."""
    for (person,) in db.run("SELECT id FROM person"):
        weeks = db.run("SELECT DISTINCT week FROM person_week WHERE person = ?", (person,))
        there = db.run("SELECT week FROM week_stamp WHERE person = ?", (person,))
        known = {str(week) for (week,) in [*weeks, *there]}
        stamps.stamp(db, person, known | stamps.all_weeks(db, person))


class Team:
    """A server with companies, and what machines send to it."""

    def __init__(
        self,
        home: Path,
        admin_url: str | None = None,
        *,
        copies: bool = True,
        holds: bool = False,
    ) -> None:
        """copies: companies are copies of one that was migrated. holds: connections to PostgreSQL
        are kept for the next time, until `let_go`; a test makes hundreds otherwise, and each takes
        a hundredth of a second there."""
        self.registry = Registry(home)
        self.admin_url = admin_url
        self.copies = copies
        self.holds = holds and admin_url is not None
        self._held: dict[str, list[Database]] = {}
        self.end = f"-{uuid.uuid4().hex[:8]}" if admin_url else ""
        self.app = application(self.registry)
        self.client = Client(self.app, base_url="http://localhost")

    def slug(self, name: str) -> str:
        """The name of a company of this test alone: PostgreSQL is shared."""
        return name + self.end

    def company(self, name: str = "acme") -> Company:
        slug = self.slug(name)
        if found := self.registry.find(slug):
            return found
        if self.copies:
            return self._copies.make(self.registry, slug)
        return tenants.create(self.registry, slug, admin_url=self.admin_url)

    @property
    def _copies(self) -> ready.Companies | ready.Server:
        return ready.server(self.admin_url) if self.admin_url else ready.FILES

    def filled(self, key: Hashable, fill: Callable[[], object], name: str = "acme") -> Company:
        """A company with what `fill` puts into it; of the second one under a key, a copy of what it
        put into the first. Nobody may have it open at the end of that."""
        slug = self.slug(name)
        if key not in self._copies.kept or self.registry.find(slug):
            company = self.company(name)
            fill()
            self.let_go()
            if key not in self._copies.kept:
                self._copies.keep(company, key)
            return company
        return self._copies.make(self.registry, slug, like=key)

    @contextmanager
    def database(self, name: str = "acme") -> Iterator[Database]:
        company = self.company(name)
        held = self._held.setdefault(company.address, [])
        db = held.pop() if held else tenants.open_company(company)
        try:
            before = db.revision()
            yield db
            if db.revision() != before:
                stamped(db)
        except BaseException:
            db.close()
            raise
        if self.holds:
            held.append(db)
        else:
            db.close()

    def let_go(self) -> None:
        """Closes the connections that are kept."""
        for held in self._held.values():
            while held:
                held.pop().close()

    def rows(self, sql: str, company: str = "acme") -> list[tuple[Any, ...]]:
        with self.database(company) as db:
            return db.run(sql)

    def choice(self, name: str = "Amara", company: str = "acme", tier: int = 1) -> Choice:
        """A machine of a person that may send; the person is made when they are new."""
        with self.database(company) as db:
            found = db.run("SELECT id FROM person WHERE name = ?", (name,))
            person = int(found[0][0]) if found else tokens.add_person(db, name)
            token = tokens.make_token(db, self.slug(company), person, "laptop", NOW)
        return join("http://localhost", token, tier=tier)

    def http(self, choice: Choice) -> httpx2.Client:
        """A client whose requests go to the server in this process."""

        def handle(request: httpx2.Request) -> httpx2.Response:
            answer = self.client.request(
                request.method,
                request.url.path,
                content=request.content,
                headers={k: v for k, v in request.headers.items() if k != "host"},
            )
            return httpx2.Response(answer.status_code, content=answer.content)

        return httpx2.Client(
            transport=httpx2.MockTransport(handle),
            headers={"Authorization": f"Bearer {choice.token}"},
        )

    def number(self, choice: Choice) -> int:
        """The first of the numbers that a sync of a machine gets."""
        with self.http(choice) as http:
            answer = http.post(f"{choice.address}/turn")
        return msgspec.json.decode(answer.content, type=Turn).number

    def meet(self, settings: Settings, choice: Choice) -> tuple[Choice, Sent]:
        """What a machine does when a sync is due: says, learns, and sends unless it is paused."""
        db = open_for_writing(settings)
        try:
            with self.http(choice) as http:
                choice = say(choice, http) if choice.unsaid else choice
                choice = learn(db, MINE.person, choice, http, now=NOW, sleep=lambda s: None)
        finally:
            db.close()
        return choice, Sent() if choice.paused else self.sync(settings, choice)

    def sync(
        self, settings: Settings, choice: Choice, *, leaving: bool = False, **changed: Any
    ) -> Sent:
        db = open_for_writing(settings)
        try:
            with self.http(choice) as http:
                return send(
                    db, MINE, replace(choice, **changed), leaving=leaving, http=http,
                    now=lambda: NOW, sleep=lambda s: None,
                )  # fmt: skip
        finally:
            db.close()
