"""Who sees what, as a table; the column of each route of the server; and a company with somebody of
every kind whom the table tells apart, each with words of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from accrete_team import companies, signin, tokens
from starlette.routing import BaseRoute, Mount

from accrete.settings import Settings
from tests.records import kept
from tests.team.serving import Team
from tests.team.signed import Browser, a_person, in_team
from tests.team.test_sync import SECRETS, told
from tests.transcripts import Transcript, session_id

SEES = {
    "nobody": (),
    "stranger": (),
    "member": ("own", "company"),
    "lead": ("own", "company", "person", "team", "people", "sums"),
    "lead of another team": ("own", "company", "person", "team", "people", "sums"),
    "administrator": ("own", "company", "people", "sums", "administration"),
    "broken glass": ("own", "company", "person", "people", "sums", "administration"),
}
"""The columns that each viewer has something in. stranger: who leads and administers another
company. person: of the people in `WHOSE` alone; people: the list that leads to them."""
NAMED = {
    "stranger": "Zoe Zett", "member": "Mia Member", "lead": "Lea Lead",
    "lead of another team": "Otto Other", "administrator": "Ada Admin",
    "broken glass": "Gus Glass",
}  # fmt: skip
WHOSE = {
    "lead": {"Amara Nwosu", "Mia Member"}, "lead of another team": {"Bo Beside"},
    "broken glass": {"Amara Nwosu"},
}  # fmt: skip
"""The people whose rows somebody sees, beside their own."""
TOLD = {
    "Amara Nwosu": {"Lea Lead", "Gus Glass"}, "Mia Member": {"Lea Lead"},
    "Bo Beside": {"Otto Other"},
}  # fmt: skip
"""Of whom a person is told by name: who leads them, who looks at them."""
PEOPLE = ("Amara Nwosu", "Mia Member", "Lea Lead", "Bo Beside", "Otto Other", "Ada Admin",
          "Gus Glass")  # fmt: skip
NUMBERS = {name: 0xA0000000 + n for n, name in enumerate((*PEOPLE, "Zoe Zett"), 1)}
SHOWN, ANOTHER = "shownqz", 0xB0000000
"""The word of a session of which Bo Beside shows everybody a step."""

ROUTES = {
    "open": """GET /healthz, GET /readyz, GET /metrics, GET /api/v1/openapi.json, GET /c/{slug},
      GET /c/{slug}/sign-in, POST /c/{slug}/sign-in, GET /c/{slug}/sso, GET /c/{slug}/sso/back,
      GET /c/{slug}/invitation/{secret}, POST /c/{slug}/invitation/{secret}, GET /c/{slug}/static,
      GET /c/{slug}/me/static, GET /c/{slug}/people/{person:int}/static""",
    "machine": """POST /c/{slug}/api/v1/sync, GET /c/{slug}/api/v1/projects,
      GET /c/{slug}/api/v1/state, POST /c/{slug}/api/v1/state, POST /c/{slug}/api/v1/turn,
      DELETE /c/{slug}/api/v1/mine, GET /c/{slug}/api/v1/benchmarks,
      POST /c/{slug}/api/v1/teaching, GET /c/{slug}/api/{rest:path},
      POST /c/{slug}/api/{rest:path}, PUT /c/{slug}/api/{rest:path},
      PATCH /c/{slug}/api/{rest:path}, DELETE /c/{slug}/api/{rest:path},
      OPTIONS /c/{slug}/api/{rest:path}, TRACE /c/{slug}/api/{rest:path},
      QUERY /c/{slug}/api/{rest:path}""",
    "own": """GET /c/{slug}/me/, GET /c/{slug}/me/sessions, GET /c/{slug}/me/sessions/{session}/own,
      GET /c/{slug}/me/sessions/{session}/forget, POST /c/{slug}/me/sessions/{session}/forget,
      POST /c/{slug}/me/sessions/{session}/tags, POST /c/{slug}/me/sessions/{session}/title,
      POST /c/{slug}/me/sessions/{session}/note, GET /c/{slug}/me/undo/{name},
      GET /c/{slug}/me/forgotten/{name}, GET /c/{slug}/me/search, GET /c/{slug}/me/data,
      GET /c/{slug}/me/data/redactions, GET /c/{slug}/me/data/export, GET /c/{slug}/me/numbers,
      GET /c/{slug}/me/settings, POST /c/{slug}/me/settings, GET /c/{slug}/me/keys,
      GET /c/{slug}/me/practices, GET /c/{slug}/me/practices/{name}, GET /c/{slug}/me/costs,
      GET /c/{slug}/me/responses, GET /c/{slug}/me/projects, GET /c/{slug}/me/projects/{id},
      GET /c/{slug}/me/sessions/{session}.md, GET /c/{slug}/me/sessions/{session}.html,
      GET /c/{slug}/me/sessions/{session}.json, GET /c/{slug}/me/sessions/{session}/changes,
      GET /c/{slug}/me/sessions/{session}/facts, GET /c/{slug}/me/sessions/{session},
      GET /c/{slug}/me/sessions/{session}/steps/{step}, GET /c/{slug}/me/live,
      GET /c/{slug}/sharing, GET /c/{slug}/sharing/export, GET /c/{slug}/sharing/delete,
      POST /c/{slug}/sharing/pause, POST /c/{slug}/sharing/zone, POST /c/{slug}/sharing/tier,
      GET /c/{slug}/examples/new, POST /c/{slug}/examples, POST /c/{slug}/examples/{clip}/end,
      POST /c/{slug}/sharing/delete, POST /c/{slug}/sign-out""",
    "person": """GET /c/{slug}/people/{person:int}/, GET /c/{slug}/people/{person:int}/sessions,
      GET /c/{slug}/people/{person:int}/sessions/{session},
      GET /c/{slug}/people/{person:int}/sessions/{session}/changes,
      GET /c/{slug}/people/{person:int}/sessions/{session}/steps/{step},
      GET /c/{slug}/people/{person:int}/practices,
      GET /c/{slug}/people/{person:int}/practices/{name},
      GET /c/{slug}/people/{person:int}/search, GET /c/{slug}/people/{person:int}/numbers""",
    "team": """GET /c/{slug}/search, GET /c/{slug}/week, GET /c/{slug}/matrix,
      GET /c/{slug}/matrix/{practice}, GET /c/{slug}/matrix/{practice}/{person:int},
      GET /c/{slug}/experiments/new, POST /c/{slug}/week/not-now, POST /c/{slug}/experiments,
      POST /c/{slug}/experiments/{experiment}/end, POST /c/{slug}/catalog/hide""",
    "people": "GET /c/{slug}/people",
    "sums": """GET /c/{slug}/activity, GET /c/{slug}/figures, GET /c/{slug}/costs,
      GET /c/{slug}/catalog""",
    "company": """GET /c/{slug}/, GET /c/{slug}/experiments, GET /c/{slug}/numbers,
      GET /c/{slug}/notice, GET /c/{slug}/examples/{person:int}/{clip}""",
    "administration": """GET /c/{slug}/admin, POST /c/{slug}/admin/settings,
      POST /c/{slug}/admin/budget, POST /c/{slug}/admin/keep, GET /c/{slug}/admin/audit,
      GET /c/{slug}/admin/people, POST /c/{slug}/admin/people, GET /c/{slug}/admin/people/{id:int},
      POST /c/{slug}/admin/people/{id:int}, POST /c/{slug}/admin/people/{id:int}/{deed},
      GET /c/{slug}/admin/teams, POST /c/{slug}/admin/teams""",
}
"""Every route of the server, by the column of the table that says who gets it. open: before anybody
signed in; machine: for the token of a machine. Nothing of a person is in either."""
VERDICTS = {route.strip(): name for name, of in ROUTES.items() for route in of.split(",")}
EMPTY = {
    "/me/undo/{name}", "/me/forgotten/{name}", "/me/live", "/me/data", "/me/data/redactions",
    "/me/data/export",
}  # fmt: skip
"""Pages of one's own that only a machine has: on the server nobody gets them."""


def routes_of(routes: list[BaseRoute], before: str = "") -> Iterator[str]:
    """The method and path of each route, HEAD apart."""
    for route in routes:
        path = before + getattr(route, "path", "")
        inner = getattr(route.app, "routes", None) if isinstance(route, Mount) else None
        if inner is not None:
            yield from routes_of(inner, path)
        else:
            for method in sorted(getattr(route, "methods", None) or {"GET"}):
                if method != "HEAD":
                    yield f"{method} {path}"


@dataclass
class Of:
    """What there is of one person: the word of theirs, the ids of theirs."""

    name: str
    person: int
    word: str
    session: str = ""
    step: str = ""
    project: str = ""
    team: str = ""
    clip: str = "none"

    @property
    def marks(self) -> tuple[str, ...]:
        """What shows that an answer has rows of theirs."""
        return (*(word.replace("zq", self.word) for word in SECRETS), self.session[:8])


@dataclass
class Everyone:
    """The company that is walked, and the stranger's. cookies: of the viewers who are signed in;
    asked: the names that the pages of each route look for in a query."""

    team: Team
    of: dict[str, Of]
    other: Of
    experiment: str
    asked: dict[str, set[str]] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @cached_property
    def faces(self) -> dict[str, Browser]:
        """A browser of each viewer, signed in but for nobody's. The stranger's has its cookie under
        the name of this company, too."""
        made = {"nobody": Browser(self.team)}
        for viewer, name in NAMED.items():
            company = "other" if viewer == "stranger" else "acme"
            browser = Browser(self.team)
            with self.team.database(company) as db:
                person = tokens.person_named(db, name)
                cookie = signin.sign_in(db, person, "password", tokens.now_ms()).cookie
            for slug in {company, "acme"}:
                browser.client.cookies.set(signin.cookie_name(self.team.slug(slug)), cookie)
            self.cookies[viewer] = cookie
            made[viewer] = browser
        return made

    @property
    def all(self) -> list[Of]:
        """Everybody, the stranger last."""
        return [*self.of.values(), self.other]


def worded(n: int, word: str) -> Transcript:
    """A session whose every text has a word of its own."""
    made = told(n)
    made.lines = json.loads(json.dumps(made.lines).replace("zq", word))
    return made


def everyone(settings: Settings, team: Team, folder: Path) -> Everyone:
    """Fills both companies; the second time copies of them."""

    def share(n: int, name: str, word: str, company: str = "acme") -> None:
        own = Settings(home=folder / word / "data", roots=(folder / word,), zone="UTC")
        kept(own, worded(n, word))
        team.sync(own, team.choice(name, company, tier=3))

    def made() -> None:
        ids = {name: a_person(team, name, admin=name in ("Ada Admin", "Gus Glass"), password=None)
               for name in PEOPLE}  # fmt: skip
        for name in PEOPLE:
            share(NUMBERS[name], name, word_of(name))
        share(ANOTHER, "Bo Beside", SHOWN)
        in_team(team, "Ledger", leads=[ids["Lea Lead"]],
                members=[ids["Amara Nwosu"], ids["Mia Member"]])  # fmt: skip
        in_team(team, "Tools", leads=[ids["Otto Other"]], members=[ids["Bo Beside"]])
        with team.database() as db:
            companies.break_glass(db, ids["Amara Nwosu"], ids["Gus Glass"],
                                  "a reason that is long enough", tokens.now_ms())  # fmt: skip
            ((team_id,),) = db.run("SELECT id FROM team WHERE name = 'Ledger'")
            db.run("INSERT INTO experiment (id, team, practice, metric, start_week, weeks, "
                   "by_person, made_at) VALUES ('tried', ?, 'planning', 'use', "
                   "'2025-01-06', 2, ?, 1)", (team_id, ids["Lea Lead"]))  # fmt: skip
            session = session_id(ANOTHER)
            ((moment,),) = db.run("SELECT MIN(uuid) FROM prompt WHERE session = ?", (session,))
            db.run("INSERT INTO clip (person, id, session, practice, uuid, step_ids, at) "
                   "VALUES (?, 'shown0', ?, 'verification', ?, ?, 1)",
                   (ids["Bo Beside"], session, moment, f"{moment}.0"))  # fmt: skip

    def beside() -> None:
        for n in range(len(PEOPLE)):  # people of the same numbers, whom the stranger leads
            a_person(team, f"Other{n} Person", company="other", password=None)
        person = a_person(team, "Zoe Zett", admin=True, company="other", password=None)
        share(NUMBERS["Zoe Zett"], "Zoe Zett", word_of("Zoe Zett"), "other")
        with team.database("other") as db:
            known = [int(p) for (p,) in db.run("SELECT id FROM person") if int(p) != person]
        in_team(team, "Ledger", leads=[person], members=known, company="other")

    team.filled("everyone", made)
    team.filled("beside everyone", beside, "other")
    of = {}
    for name in PEOPLE:
        of[name] = _of(team, name)
    bo = of["Bo Beside"]
    bo.clip = "shown0"
    return Everyone(team, of, _of(team, "Zoe Zett", "other"), "tried")


def word_of(name: str) -> str:
    """The word that stands in every text of a person."""
    return f"{name.split()[0].lower()}qz"


def _of(team: Team, name: str, company: str = "acme") -> Of:
    with team.database(company) as db:
        made = Of(name, tokens.person_named(db, name), word_of(name))
        made.session = session_id(NUMBERS[name])
        ((uuid,),) = db.run("SELECT MIN(uuid) FROM prompt WHERE session = ?", (made.session,))
        ((made.project,),) = db.run("SELECT project FROM session WHERE id = ?", (made.session,))
        made.step = f"{uuid}.0"
        found = db.run(f"SELECT team FROM team_place WHERE person = {made.person}")
        made.team = str(found[0][0]) if found else ""
    return made


def rows_seen(viewer: str) -> set[str]:
    """The people whose rows somebody may be sent."""
    return {NAMED[viewer], *WHOSE.get(viewer, ())} if viewer in NAMED else set()


def names_seen(viewer: str) -> set[str]:
    """The people whose names somebody may read: those they see, those they are told of, who shows
    an example; of who administers, all."""
    if "administration" in SEES[viewer]:
        return set(PEOPLE)
    if not SEES[viewer]:
        return rows_seen(viewer)
    seen = rows_seen(viewer)
    return seen.union({"Bo Beside"}, *(TOLD.get(each, set()) for each in (NAMED[viewer],)))


def allowed(viewer: str, route: str, of: Of) -> bool:
    """Whether the table gives a route to a viewer, for the ids of a person."""
    column = VERDICTS[route]
    if column == "person":
        return SEES[viewer] != () and of.name in rows_seen(viewer)
    if column not in SEES[viewer]:
        return False
    if route.endswith("/matrix/{practice}/{person:int}"):
        return of.name in WHOSE.get(viewer, ())
    if (
        column == "own"
        and not route.endswith("/end")
        and re.search(r"\{(session|step|id|clip)\}", route)
    ):
        return of.name == NAMED[viewer]
    if route.endswith("/examples/{person:int}/{clip}"):
        return of.clip != "none"
    return not (column == "administration" and "{id" in route) or of.name in PEOPLE


def address(everyone: Everyone, route: str, of: Of, session: Of | None = None) -> str:
    """The path of a route, with the ids of a person in it; with another's session."""
    path, own = route.partition(" ")[2], session or of
    ids = {
        "slug": everyone.team.slug("acme"), "person:int": of.person, "id:int": of.person,
        "session": own.session, "step": own.step.removesuffix(".0") + ".0", "id": own.project,
        "clip": of.clip, "experiment": everyone.experiment, "deed": "invite", "secret": "x" * 43,
        "practice": "planning", "name": "planning" if "practices" in path else "x" * 8,
        "rest:path": "v1/state",
    }  # fmt: skip
    return re.sub(r"\{([^}]*)\}", lambda found: str(ids[found[1]]), path)
