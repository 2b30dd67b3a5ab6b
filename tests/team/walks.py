"""A walk of every route as every viewer of `everyone.SEES`: asks with the ids of everybody in its
path, in its query and in its form, and says what is not as the table has it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterator
from math import gcd
from typing import Any, NamedTuple

from accrete_team import tokens

from tests.team.everyone import (
    EMPTY,
    NAMED,
    SEES,
    VERDICTS,
    Everyone,
    Of,
    address,
    allowed,
    names_seen,
    rows_seen,
)

CLOCK = re.compile(r"\b\d{1,2}:\d\d\b")
MOMENT = re.compile(r"\b1[5-9]\d{11}\b")
AMOUNT = re.compile(r"\$\d|cost_nano")
OF_OTHERS = ("person", "team", "people", "sums")
"""Columns that are about others."""


class Ask(NamedTuple):
    """A route with the ids of a person in it. may: whether the table gives it to who asks; there:
    whether there is such a page: a session that is the person's."""

    route: str
    path: str
    of: Of
    may: bool
    there: bool

    @property
    def column(self) -> str:
        """Of the table."""
        return VERDICTS[self.route]


def values(of: Of) -> dict[str, tuple[str, ...]]:
    """What is asked for under each name in a query: what is of one person, and orders."""
    order = ("cost", "name", "started", "desc")
    return {
        "q": (of.word, f"{of.word}prompt"), "project": (of.project, f"{of.word}folder"),
        "branch": (f"{of.word}branch",), "model": ("claude-opus-5",), "team": (of.team or "none",),
        "session": (of.session,), "sessions": (of.session,), "uuid": (of.step[:-2],),
        "file": (f"{of.word}path.py",), "prompt": (of.step[:-2],), "edits": (of.step[:-2],),
        "sort": order, "by": ("session", "project", "model", "team", "none", "job", *order),
        "who": ("all", "automated"), "page": ("2",), "from": ("1", of.step), "to": (of.step,),
        "after": (f"1~{of.session}", f"~{of.session}"), "range": ("all", "4w"),
        "since": ("2024-01-01",), "until": ("2030-01-01",), "format": ("json", "csv"),
        "table": ("sessions", "people", "practices"), "practice": ("planning",),
        "possible": ("verification",), "outcome": ("explored",), "made": ("commits",),
        "tag": (of.word,), "text": (of.word,), "skill": (of.word,), "subagent": (of.word,),
        "plugin": (of.word,), "server": (of.word,), "run": (of.step[:-2],), "done": ("well",),
        "check": ("tests",), "view": ("steps", "text"), "steps": ("1", "tool_call"),
        "as": ("before",), "lines": ("split",), "in": ("all", "prompts", "titles"),
        "compare": ("before",), "job": (of.word,), "start": ("2026-01",), "ask": ("left",),
        "tools": ("all",), "tool": ("Bash",), "failed": ("Bash",), "known": ("1",),
        "next": ("//evil.example",), "state": ("x",), "kind": (".py",), "lacks": ("outcome",),
        "pull": (f"https://github.com/{of.word}/x/pull/1",), "window": ("0",), "places": ("0-9",),
        "records": ("tool_call",), "of": ("main",), "prompts": ("0~x",), "verdict": ("passed",),
        "files": ("main",), "only": ("gone",),
        "order": order, "did": ("hidden",), "person": (str(of.person),),
    }  # fmt: skip


FIELDS = ("add", "admin", "again", "device", "dollars", "email", "format", "item", "job", "keys",
          "label", "metric", "name", "next", "on", "password", "person", "practice", "project",
          "prompt", "q", "remove", "since", "start_month", "steps", "table", "team", "text", "tier",
          "token", "until", "value", "view", "weeks", "what", "where", "why", "zone", "session",
          "uuid", "from", "to")  # fmt: skip


def fields_of(of: Of) -> dict[str, str]:
    """A form that names what is of one person wherever a form can."""
    return {
        **dict.fromkeys(FIELDS, "1"), "person": str(of.person), "team": of.team or "none",
        "project": of.project, "session": of.session, "uuid": of.step[:-2], "from": of.step,
        "to": of.step, "practice": "verification", "what": "member", "metric": "use",
        "weeks": "2", "zone": "Asia/Tokyo", "name": of.name, "tier": "1", "email": "x@example.com",
        "why": "a reason that is long enough", "add": of.word, "text": of.word,
    }  # fmt: skip


def token_of(cookie: str, path: str) -> str:
    """The token of a form that a page of who has a cookie would have."""
    secret = hmac.digest(cookie.encode(), b"forms", "sha256")
    inside = re.sub(r"^/c/[^/]+(/me(?=/))?", "", path)
    return hmac.new(secret, b"form:" + inside.encode(), hashlib.sha256).hexdigest()


def asks(everyone: Everyone, viewer: str, method: str) -> Iterator[Ask]:
    """Every route, with everybody's ids; pages of people with the sessions of others, too."""
    for route, column in VERDICTS.items():
        if not route.startswith(f"{method} "):
            continue
        for of in everyone.all if "{" in route.replace("{slug}", "") else everyone.all[:1]:
            may = allowed(viewer, route, of)
            yield Ask(route, address(everyone, route, of), of, may, True)
            if may and column == "person" and "{session}" in route:
                for each in everyone.all:
                    if each is not of:
                        yield Ask(route, address(everyone, route, of, each), of, may, False)


def excess(everyone: Everyone, viewer: str, ask: Ask, answer: Any) -> str:
    """What an answer has that is for others; '' where it is nothing."""
    text, asked = answer.text, str(answer.request.url)
    rows, names = rows_seen(viewer), names_seen(viewer)
    for of in everyone.all:
        if of.name not in rows and (mark := shown(of, answer)):
            return f"rows of {of.name} ({mark})"
        if of.name not in names and (of.name in text or f"{of.word[:-2]}@" in text):
            return f"the name of {of.name}"
    if ask.column not in OF_OTHERS:
        return ""
    page = "<html" in text
    if found := (CLOCK if page else MOMENT).search(re.sub(r'"[^"]*"', "", text) if page else text):
        return f"a time of day ({found[0]})"
    if ask.column == "person" and "/numbers" not in asked and (found := AMOUNT.search(text)):
        return f"an amount ({found[0]})"
    return ""


def wrong(viewer: str, ask: Ask, answer: Any) -> str:
    """What is wrong with how an answer lets somebody in, or keeps them out."""
    short, got = ask.route.partition("{slug}")[2], answer.status_code
    right: tuple[int, ...] = (200, 303)
    if ask.column == "open":
        return ""
    if ask.column == "machine":
        right = (401, 404, 405)
    elif not SEES[viewer]:
        right = (303, 401)
        if got == 303 and "/sign-in?" not in answer.headers["location"]:
            return f"{viewer} was sent from {ask.path} to {answer.headers['location']}"
    elif not ask.may or not ask.there or short in EMPTY:
        right = (204, 404)
    elif short in MAYBE:
        right = (200, 404)
    return "" if got in right else f"{viewer} got {got} from {ask.path}, not {right}"


MAYBE = ("/examples/new", "/me/projects/{id}")
"""Pages that need more than ids."""


def gets(everyone: Everyone, viewers: Collection[str] = SEES, *, step: int = 1) -> Iterator[str]:
    """Asks all that is read as some viewers; yields what is not as the table has it. step: of so
    many routes one is asked for, by turns, with one value of each name in a query, of those with
    ids that are refused one of nearly twice as many. 0 asks for everything."""
    turn, refused = 0, max(2, 2 * step - 1)
    # a route comes once for each person: else all routes would be asked for with one's ids
    assert step < 2 or gcd(step * refused, len(everyone.all)) == 1
    for viewer in viewers:
        browser, read = everyone.faces[viewer], set[str]()
        for ask in asks(everyone, viewer, "GET"):
            plain = ask.may and ask.there
            turn += 1
            named = "{" in ask.route.replace("{slug}", "")
            if step and turn % (refused if named and not plain else step):
                continue
            queries = [*FORMS] if plain or not step else [FORMS[turn // 2 % len(FORMS)]]
            if plain and ask.column not in ("open", "machine"):
                queries += _queries(everyone, ask, turn if step else None)
            for query in queries:
                answer = browser.get(ask.path + query)
                browser.client.cookies.delete("range")
                if query in FORMS and (said := wrong(viewer, ask, answer)):
                    yield said
                if said := excess(everyone, viewer, ask, answer):
                    yield f"{viewer} got {said} from {ask.path}{query}"
                read |= {of.name for of in everyone.all if shown(of, answer)}
        read -= {NAMED.get(viewer, "")}
        if missing := read - looked_at(everyone, viewer):
            yield f"{viewer} read words of {missing}, and no look was written down"


def _queries(everyone: Everyone, ask: Ask, turn: int | None) -> Iterator[str]:
    """Everything that a route can be asked for in a query, or one of each name by turns; of pages
    that have one's own rows alone every fourth name by turns, too."""
    for at, name in enumerate(sorted(everyone.asked.get(ask.route, ()))):
        given = dict.fromkeys(v for of in everyone.all for v in values(of).get(name, ()))
        some = [*given]
        if turn is not None:
            if ask.column not in OF_OTHERS and (turn + at) % 4:
                continue
            some = [some[(turn + at) % len(some)]] if some else []
        for value in some:
            yield f"{'?' if name in ('range', 'since') else '?range=all&'}{name}={value}"


def shown(of: Of, answer: Any) -> str:
    """A mark of somebody's rows that is in an answer, and was not asked for; '' for none."""
    asked = str(answer.request.url)
    return next((mark for mark in of.marks if mark in answer.text and mark not in asked), "")


FORMS = ("", "?range=all", "?range=all&format=json")
"""How each page is asked for at least."""


def looked_at(everyone: Everyone, viewer: str) -> set[str]:
    """The people of whom it is written down that somebody looked."""
    name = NAMED.get(viewer, "")
    return {
        str(seen)
        for (seen,) in everyone.team.rows(
            "SELECT p.name FROM look l JOIN person p ON p.id = l.person "
            f"JOIN person v ON v.id = l.viewer WHERE v.name = '{name}'"
        )
    }


def posts(everyone: Everyone, viewers: Collection[str] = SEES) -> Iterator[str]:
    """Sends every form as every viewer, with the token that a page of theirs would have: what is
    not theirs is refused, and nothing of anybody else's is changed."""
    kept = held(everyone)
    for viewer in viewers:
        browser = everyone.faces[viewer]
        if "administration" in SEES[viewer]:
            continue  # what an administrator may change is everybody's
        mine = next((o for o in everyone.all if o.name == NAMED.get(viewer)), None)
        cookie = everyone.cookies.get(viewer, "")
        for ask in asks(everyone, viewer, "POST"):
            if ask.column in ("open", "machine") or ask.path.endswith("/sign-out"):
                continue
            form = {**fields_of(ask.of), "token": token_of(cookie, ask.path)}
            if browser.post(ask.path, form, "http://evil.example").status_code != 403:
                yield f"{viewer} sent {ask.path} from another site"
            if browser.post(ask.path, {**form, "token": "0" * 64}).status_code not in REFUSED:
                yield f"{viewer} sent {ask.path} without its token"
            answer = browser.post(ask.path, form)
            if answer.status_code not in (400, *REFUSED) and not ask.may:
                yield f"{viewer} could send {ask.path}: {answer.status_code}"
            if said := excess(everyone, viewer, ask, answer):
                yield f"{viewer} got {said} from the form {ask.path}"
        for person, was in held(everyone).items():
            if person != (mine.person if mine else None) and was != kept[person]:
                yield f"{viewer} changed rows of person {person}: {was ^ kept[person]}"
        kept = held(everyone)


def machines(everyone: Everyone) -> Iterator[str]:
    """Asks and sends with tokens that are not the company's, and as the machine of a member, who
    gets and changes nothing of others."""
    team, mine = everyone.team, everyone.of["Mia Member"]
    with team.database("other") as db:
        foreign = tokens.make_token(db, team.slug("other"), everyone.other.person, "laptop", 1)
    with team.database() as db:
        ended = tokens.make_token(db, team.slug("acme"), mine.person, "old", 1)
        db.run("UPDATE device_token SET revoked_at = 2 WHERE label = 'old'")
        own = tokens.make_token(db, team.slug("acme"), mine.person, "new", 1)
    secret = foreign.rpartition("_")[2]
    kept = held(everyone)
    for token in (foreign, ended, f"acr_{team.slug('acme')}_{secret}", "lead",
                  own):  # fmt: skip
        for route, column in VERDICTS.items():
            if column != "machine":
                continue
            method, path = route.partition(" ")[0], address(everyone, route, mine)
            answer = everyone.team.client.request(
                method, path, headers={"Authorization": f"Bearer {token}"},
                content=b"{}" if method == "POST" else b"",
            )  # fmt: skip
            if token != own and answer.status_code not in (401, 404, 405):
                yield f"{route} answered {answer.status_code} to a token of nobody here"
            for of in everyone.all:
                if of is not mine and (shown(of, answer) or of.name in answer.text):
                    yield f"{route} told a machine of {mine.name} of {of.name}"
    now = held(everyone)
    for person, was in kept.items():
        if person != mine.person and now[person] != was:
            yield f"a machine of {mine.name} changed rows of person {person}"
    if now[mine.person] == kept[mine.person]:
        yield "nothing was deleted where something should be"


REFUSED = (401, 403, 404)


def held(everyone: Everyone) -> dict[int, set[Any]]:
    """What the company holds of each person, a row each; 0: of nobody in particular."""
    found: dict[int, set[Any]] = {of.person: set() for of in everyone.of.values()} | {0: set()}
    for table in OF_PEOPLE:
        for row in everyone.team.rows(f"SELECT person, {table}.* FROM {table}"):
            found.setdefault(int(row[0]), set()).add((table, *map(str, row)))
    for table in ("team", "published_project", "company_setting", "opening"):
        found[0] |= {
            (table, *map(str, row)) for row in everyone.team.rows(f"SELECT * FROM {table}")
        }
    return found


OF_PEOPLE = ("account", "team_place", "invitation", "device_token", "session", "prompt", "event",
             "session_tag", "session_note", "session_title", "shared", "unshared", "clip",
             "person_choice", "session_practice")  # fmt: skip
