"""A company that is made up, asked at one moment, and what its pages say to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from accrete_team import demo
from accrete_team.budgets import set_budget

from tests.explorer.reading.text import read
from tests.team.serving import Team
from tests.team.signed import Browser, signed_in

LAST = date(2026, 11, 23)
NOW = int(datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp() * 1000)
PEOPLE, WEEKS = 24, 8


class Company(NamedTuple):
    """Who is who. lead: of the largest team, by name; person: whom they lead; session: a session
    of that person's; member: somebody of the same team, by name."""

    team: Team
    lead: str
    person: int
    session: str
    member: str
    group: str


PAGES: dict[str, tuple[str, ...]] = {
    "lead": (
        "/", "/people", "/week", "/matrix", "/matrix?by=team&range=4w",
        "/matrix?compare=before&by=job&range=4w", "/matrix/planning",
        "/matrix/verification", "/matrix/delegation/{person}", "/matrix/planning/{person}",
        "/matrix/nosuch", "/matrix?team=nosuch", "/experiments", "/experiments/new",
        "/experiments/new?practice=planning", "/activity", "/activity?range=4w",
        "/activity?since=2026-10-01&until=2026-10-31", "/figures", "/figures?range=4w",
        "/costs", "/costs?by=team", "/costs?by=job", "/costs?range=all", "/costs?range=4w",
        "/catalog", "/catalog?practice=review", "/search?q=fix", "/search?q=nosuchword",
        "/notice", "/sharing", "/admin", "/people/{person}/", "/people/{person}/?range=all",
        "/people/{person}/sessions?range=4w", "/people/{person}/practices",
        "/people/{person}/practices/verification", "/people/{person}/sessions/{session}",
        "/people/{person}/sessions/{session}/changes", "/people/{person}/search?q=fix",
        "/people/1000/",
    ),
    "member": (
        "/", "/people", "/week", "/matrix", "/activity", "/costs", "/figures", "/catalog",
        "/experiments", "/experiments/new", "/sharing", "/me/", "/me/sessions?range=4w",
        "/me/practices", "/people/{person}/", "/admin",
    ),
    "administrator": (
        "/", "/people", "/activity", "/figures", "/costs", "/costs?by=team", "/catalog",
        "/week", "/matrix", "/admin", "/admin/audit", "/admin/people",
        "/admin/people/{person}", "/admin/people/1000", "/admin/teams", "/sharing",
        "/people/{person}/",
    ),
    "nobody": (
        "/", "/sign-in", "/matrix", "/invitation/nosuch", "/notice", "/sso",
    ),
}  # fmt: skip
"""What is asked, by who asks."""


@contextmanager
def at_now() -> Iterator[None]:
    """It is NOW."""
    with patch("time.time_ns", lambda: NOW * 1_000_000), patch("time.time", lambda: NOW / 1000):
        yield


def company(folder: Path) -> Company:
    """The company, with a budget."""
    team = Team(folder / "team")
    team.company()
    with team.database() as db:
        demo.make(db, team.slug("acme"), people=PEOPLE, weeks=WEEKS, seed=5, until=LAST)
        set_budget(db, 400_000_000_000, actor=None, now=NOW - 40 * 86_400_000)
    placed = team.rows(
        """SELECT t.id, t.name, c.role, p.id, p.name, p.tier FROM team_place c
        JOIN team t ON t.id = c.team JOIN person p ON p.id = c.person
        JOIN account a ON a.person = p.id
        WHERE c.until IS NULL AND a.left_at IS NULL ORDER BY t.id, p.id"""
    )
    sizes = {each[0]: sum(one[0] == each[0] for one in placed) for each in placed}
    leads = [each for each in placed if each[2] == "lead"]
    group, name, _, lead, who, _ = max(leads, key=lambda each: (sizes[each[0]], each[0]))
    there = [each for each in placed if each[0] == group and each[2] == "member"
             and each[3] != lead]  # fmt: skip
    person = max(there, key=lambda each: (each[5], -each[3]))
    ((session,),) = team.rows(
        f"SELECT id FROM session WHERE person = {person[3]} ORDER BY started_at DESC, id LIMIT 1"
    )
    member = next(each for each in there if each != person)
    return Company(team, who, person[3], session, member[4], name)


def every_page(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each file and what stands in it: the pages that somebody asks for, one after
    the other. The company is made in the folder first."""
    with at_now():
        made = company(folder)
        with made.team.client:
            for who, paths in PAGES.items():
                yield who, "\n".join(asked(browser_of(made, who), made, each) for each in paths)
        made.team.let_go()


def browser_of(made: Company, who: str) -> Browser:
    """The browser of somebody."""
    names = {"lead": made.lead, "member": made.member, "administrator": demo.ADMINISTRATOR}
    return signed_in(made.team, names[who]) if who in names else Browser(made.team)


def asked(browser: Browser, made: Company, path: str) -> str:
    """One page: its address, its status where that is not 200, where it leads, what it says."""
    path = path.format(person=made.person, session=made.session, group=made.group)
    answer = browser.get(path)
    status = "" if answer.status_code == 200 else f" {answer.status_code}"
    if leads := answer.headers.get("location"):
        status += f" to {leads}"
    text = answer.text
    if "<main" in text:  # the frame is the same around each page of a viewer
        text = read(text, "<main").partition("\n")[2]
    text = text.replace(made.session, "<session>").replace(made.session[:8], "<session>")
    return f"=== GET {path}{status}\n{steady(text)}\n"


def steady(text: str) -> str:
    """A page with one word for what is another one each time."""
    return re.sub(r"\b[0-9a-f]{32,}\b", "<random>", text)
