"""What leads and administrators can work out of a single person: two companies that differ only in
what is not to be seen look the same, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from html import unescape

import pytest
from accrete_team import companies, tokens
from accrete_team.budgets import set_budget

from accrete.model.tables import TABLES
from tests.fuzz import TORTURE
from tests.records import busy, kept
from tests.team.signed import Browser, a_person, in_team, signed_in
from tests.team.test_sync import told

WHY = "a reason that is long enough"
SHIFT_MS = 2 * 3_600_000
AMOUNTS = ("commits", "commits_unconfirmed", "pull_requests")
EXTRA = ("range=all", "range=all&format=json", "range=all&format=csv")
SUMS = ("/activity", "/costs", "/figures", "/week")
"""Pages of sums, which lead to the others."""
LEFT_OUT = re.compile(r"/(?:me|admin|sharing|notice|numbers|static)\b|range=(?!all)|since=|until=")
"""Pages of one's own and of the company, and other ranges of the same pages."""
FEW = 10**9 if TORTURE else 2
"""So many links of a kind are followed: to pages that differ in their ids and values alone."""


@pytest.fixture
def seats(settings, team):
    """Browsers of a lead and of an administrator who broke the glass, and the number of the person
    whom they look at."""
    kept(settings, told(1), told(2), busy(3, turns=4))
    team.company()
    names = ("Amara Nwosu", "Lea Lead", "Ada Admin")
    ids = {name: a_person(team, name, admin=name == "Ada Admin", password=None) for name in names}
    team.sync(settings, team.choice("Amara Nwosu", tier=3))
    in_team(team, "Ledger", leads=[ids["Lea Lead"]], members=[ids["Amara Nwosu"]])
    with team.database() as db:
        set_budget(db, 1, actor=None, now=1)
        companies.break_glass(db, ids["Amara Nwosu"], ids["Ada Admin"], WHY, tokens.now_ms())
    return [signed_in(team, "Lea Lead"), signed_in(team, "Ada Admin")], ids["Amara Nwosu"]


def crawled(browser: Browser, subject: int) -> dict[str, str]:
    """Every page that links lead to, or a few of each kind, with what each can be exported as."""
    browser.client.cookies.delete("range")
    waiting = [f"{browser.base}/people", f"{browser.base}/search?q=zqprompt",
               *(f"{browser.base}/people/{subject}{path}?{extra}" for extra in EXTRA
                 for path in ("/", "/sessions", "/practices", "/search"))]  # fmt: skip
    sums = [f"{browser.base}{path}?{extra}" for extra in EXTRA for path in SUMS]
    seen = {each: f"{(found := browser.get(each)).status_code} {found.text}" for each in sums}
    kinds: Counter[str] = Counter()
    while waiting:
        address = waiting.pop()
        if address in seen or LEFT_OUT.search(address):
            continue
        kind = re.sub(r"=(?!json|csv)[^&]*|/[0-9a-f-]{8,}|/\d+", "", address)
        kinds[kind] += 1
        if kinds[kind] > FEW:
            continue
        answer = browser.get(address)
        seen[address] = f"{answer.status_code} {answer.text}"
        for link in re.findall(r'href="([^"#]*)', answer.text):
            there = unescape(link)
            if there.startswith(f"{browser.base}/"):
                waiting.append(there)
                if "/sessions/" in there and "format" not in there:
                    waiting.append(f"{there}{'&' if '?' in there else '?'}format=json")
    return seen


def disguise(team, held: Collection[str] = ()) -> None:
    """Everything happened two hours later on the same days, and cost and changed more. held: the
    tables; those that machines sent where none are given."""
    with team.database() as db, db.transaction():
        held = held or {str(row[0]) for row in db.run("SELECT DISTINCT what FROM shared")}
        for table in (each for each in TABLES if each.name in held):
            for name, mark in table.fields.items():
                if mark.unit == "UTC ms" and mark.tier:
                    change = f"{name} + {SHIFT_MS}"
                elif mark.unit in ("nano-dollars", "tokens", "lines") or name in AMOUNTS:
                    change = f"{name} * 3 + 7"
                elif name == "hour_of_week":
                    change = f"{name} + 2"
                else:
                    continue
                if name not in table.key:
                    db.run(f"UPDATE {table.name} SET {name} = {change} WHERE {name} IS NOT NULL")


ENGINES = pytest.mark.parametrize(
    "team", ["sqlite", "postgresql"] if TORTURE else ["sqlite"], indirect=True
)
"""Every page is opened twice or four times; that the engines answer alike is held to elsewhere."""


@pytest.mark.long
@pytest.mark.grid
@ENGINES
def test_hours_and_amounts_of_one_person_cannot_be_worked_out(team, seats):
    browsers, subject = seats
    before = [crawled(browser, subject) for browser in browsers]
    assert len(before[0]) > 30
    assert any("zqanswer" in text for text in before[0].values())
    disguise(team)
    after = [crawled(browser, subject) for browser in browsers]
    for one, other in zip(before, after, strict=True):
        assert set(one) == set(other)
        for address, text in one.items():
            assert text == other[address], address


@pytest.mark.long
@pytest.mark.grid
@ENGINES
def test_the_same_attack_finds_amounts_where_the_company_shows_them(team, seats):
    browsers, subject = seats
    with team.database() as db:
        companies.switch(db, "cost_per_person", "on", actor=None, now=1)
        db.run("UPDATE company_setting SET since = 1")
    before = crawled(browsers[0], subject)
    disguise(team)
    after = crawled(browsers[0], subject)
    assert any(before[each] != after.get(each) for each in before)
