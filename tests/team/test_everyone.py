"""The isolation walk: every route of the server as every viewer, by the table of who sees what; and
that it finds a leak."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from accrete_team import access, clips, looks, web
from accrete_team.pages import admin, admin_people
from starlette.datastructures import QueryParams
from starlette.routing import Route

from accrete.explorer import forms as form_forms
from accrete.explorer import view
from accrete.explorer.page import Sheet
from accrete.model import Tier
from accrete.queries.scope import Scope
from tests.fuzz import TORTURE
from tests.team import walks
from tests.team.everyone import EMPTY, SEES, VERDICTS, Everyone, everyone, routes_of
from tests.team.serving import Team

pytestmark = [pytest.mark.long, pytest.mark.grid]


ONE = pytest.mark.parametrize("team", ["sqlite"], indirect=True)
"""Neither what can be asked for nor what is planted depends on the engine."""


@pytest.fixture
def company(settings, team, tmp_path) -> Everyone:
    return everyone(settings, team, tmp_path)


def unjudged(app) -> set[str]:
    """Routes that there are and the table does not know, or the other way round."""
    return set(VERDICTS) ^ set(routes_of(app.routes))


def test_every_route_has_a_verdict(tmp_path):
    app = Team(tmp_path / "team").app
    assert unjudged(app) == set()
    assert {each.partition("{slug}")[2] for each in VERDICTS} >= EMPTY
    app.router.routes[-1].app.router.routes.append(Route("/new", lambda request: None))
    app.router.routes.insert(0, Route("/c/{slug}/api/v1/more", lambda request: None))
    assert unjudged(app) == {"GET /c/{slug}/new", "GET /c/{slug}/api/v1/more"}


class Asked(dict):
    """A query that notes which names a page looks for."""

    names: set[str] = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


@pytest.fixture
def asked(monkeypatch, company) -> Everyone:
    """The company, with what the pages of each route look for in a query."""
    return noted(monkeypatch, company)


def noted(monkeypatch, company) -> Everyone:
    """Notes what pages look for in a query, as somebody who gets most of them."""
    made, get = view.View, QueryParams.get

    def viewed(viewer, reader, mount, path, query, *rest, **kept):
        return made(viewer, reader, mount, path, Asked(query), *rest, **kept)

    def given(self, name, default=None):
        Asked.names.add(name)
        return get(self, name, default)

    with monkeypatch.context() as patched:
        patched.setattr(view, "View", viewed)
        patched.setattr(QueryParams, "get", given)
        for viewer in ("lead", "administrator"):
            for ask in walks.asks(company, viewer, "GET"):
                if ask.may:
                    Asked.names = set()
                    company.faces[viewer].get(f"{ask.path}?range=all&q=x&practice=planning")
                    company.asked.setdefault(ask.route, set()).update(Asked.names)
    return company


@ONE
def test_what_can_be_asked_for_is_asked_for(asked):
    there = set().union(*asked.asked.values())
    assert there - set(walks.values(asked.of["Amara Nwosu"])) == set()
    assert {"q", "project", "sort", "after", "team", "format", "from", "page"} <= there


def test_everybody_gets_what_the_table_gives_them_and_nothing_else(asked):
    """`make test` asks for one page in seven, on PostgreSQL, where they take longer here, for one
    in nineteen; `make torture` asks for everything on both."""
    step = 19 if asked.team.admin_url else 7
    found = list(walks.gets(asked, step=0 if TORTURE else step))
    assert found == [], "\n".join(found[:30])


@pytest.mark.alike
def test_no_form_of_anybody_changes_what_is_not_theirs(company):
    found = list(walks.posts(company, SEES))
    assert found == [], "\n".join(found[:30])


def test_tokens_of_others_get_nothing_and_ones_own_ones_own(company):
    found = list(walks.machines(company))
    assert found == [], "\n".join(found[:30])


ALL = tuple(range(1, 20))
"""The numbers of everybody."""


def _anybody(seat, person):
    return access.Led(person, "Somebody", 3, "team", "", False)


def _filtered(real):
    """A filter that forgets whose rows it is about."""

    def within(self, chosen):
        scope = real(self, chosen)
        return replace(scope, people=ALL) if self.query.get("project") else scope

    return within


PLANTED = {
    "everybody is led": (
        "lead of another team got 200", access.Seat, "seen", _anybody),
    "nobody is refused": (
        "member got 200", access, "one", lambda seat, person: Scope((person,), tier=Tier.WORDS)),
    "one's own rows are everybody's": (
        "member got rows", access, "own", lambda seat: Scope(ALL, tier=Tier.WORDS)),
    "the people who are led are everybody": (
        "lead got the name", access, "led",
        lambda seat, team=None: Scope(ALL, until=seat.last_day())),
    "everybody counts as a lead": (
        "member got 200", access.Seat, "leads", property(lambda seat: True)),
    "everybody administers": (
        "lead got 200", admin, "admin_seat", lambda view: view.viewer.seat),
    "whoever looks is taken for the owner": (
        "lead got a time of day", web.TeamViewer, "own",
        property(lambda self: True, lambda self, value: None)),
    "files have moments": ("lead got a time of day", Sheet, "by_days", lambda self, day: self),
    "people have amounts": (
        "lead got an amount", access.Seat, "amounts", property(lambda seat: True)),
    "looks are not written down": (
        "lead read words of", looks, "look", lambda *given, **named: None),
    "a session is found whoever asks": (
        "member got 200", view.View, "session", lambda self: _found(self)),
    "a filter forgets the people": (
        "member got rows", view.View, "within", _filtered(view.View.within)),
}  # fmt: skip
"""Gates that forget something: what the walk says, as the viewer who finds out; what is patched,
and with what."""


FEW = (
    "nobody is refused", "everybody administers", "files have moments",
    "a session is found whoever asks", "a filter forgets the people",
)  # fmt: skip
"""One of each kind: a page, an administrator's, a file, a session, a filter."""


async def _found(self):
    session = self.params["session"]
    return replace(self.viewer.scope, people=(int(session[:8], 16) & 0xF,), session=session)


@ONE
@pytest.mark.parametrize("planted", PLANTED if TORTURE else FEW)
def test_a_planted_leak_is_found(monkeypatch, company, planted):
    said, where, name, leak = PLANTED[planted]
    viewer = re.split(" (?:got|read) ", said)[0]
    if "filter" in planted:
        noted(monkeypatch, company)
    monkeypatch.setattr(where, name, leak)
    if where is admin:
        monkeypatch.setattr(admin_people, name, leak)
    company.faces[viewer].client._transport.raise_server_exceptions = False
    found = next(walks.gets(company, [viewer]), None)
    assert found is not None
    assert found.startswith(said)


LOOSE = {
    "tokens of forms are not looked at": (form_forms, "fits", lambda view, given: True),
    "forms of other sites are taken": (web, "_ours", lambda scope: True),
    "an example ends whoever it is of": (
        clips, "take_back",
        lambda db, person, clip: db.run("DELETE FROM clip WHERE id = ?", (clip,))),
}  # fmt: skip


@ONE
@pytest.mark.parametrize("planted", LOOSE)
def test_a_form_that_does_too_much_is_found(monkeypatch, company, planted):
    monkeypatch.setattr(*LOOSE[planted])
    assert next(walks.posts(company, ["member"]), None) is not None
