"""What leads and administrators can work out of a single person: two companies that differ only in
what is not to be seen look the same, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from html import unescape

import pytest
from accrete_team import companies, tokens, web
from accrete_team.budgets import set_budget

from accrete.model.tables import TABLES
from tests.fuzz import TORTURE, part
from tests.records import busy, kept
from tests.team.signed import Browser, a_person, in_team, signed_in
from tests.team.test_sync import told

WHY = "a reason that is long enough"
SHIFT_MS = 2 * 3_600_000
AMOUNTS = ("commits", "commits_unconfirmed", "pull_requests")
EXTRA = ("range=all", "range=all&format=json", "range=all&format=csv")
SUMS = ("/activity", "/costs", "/figures", "/week")
"""Pages of sums, which lead to the others."""
LEFT_OUT = re.compile(r"/(?:me|admin|sharing|notice|numbers|static)\b")
"""Pages of one's own and of the company."""
RANGED = re.compile(r"range=(?!all)|since=|until=")
"""Other ranges of the same pages."""
FEW, FEW_RANGES = (10**9, 20) if TORTURE else (2, 1)
"""So many links of a kind are followed: to pages that differ in their ids and values alone; and to
other ranges of them."""


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


def cut(team) -> list[str]:
    """Ranges that begin or end on a day on which something happened."""
    days = sorted({str(day) for (day,) in team.rows("SELECT local_day FROM session_day")})
    return part(
        [
            *(f"{name}={day}" for day in (days[0], days[-1]) for name in ("since", "until")),
            f"since={days[0]}&until={days[0]}", "range=month", "range=4w",
        ],
        3,
    )  # fmt: skip


def crawled(browser: Browser, subject: int, ranges: Collection[str] = ()) -> dict[str, str]:
    """Every page that links lead to, or a few of each kind, with what each can be exported as.
    ranges: other ones that pages are asked for, too."""
    browser.client.cookies.delete("range")
    waiting = [f"{browser.base}/people/{subject}{path}?{each}{form}" for each in ranges
               for path in ("/", "/sessions", "/practices", "/practices/verification", "/search")
               for form in ("", "&format=json")]  # fmt: skip
    waiting += [f"{browser.base}/people", f"{browser.base}/search?q=zqprompt",
               *(f"{browser.base}/people/{subject}{path}?{extra}" for extra in EXTRA
                 for path in ("/", "/sessions", "/practices", "/search"))]  # fmt: skip
    sums = [f"{browser.base}{path}?{extra}" for extra in (*EXTRA, *ranges) for path in SUMS]
    seen = {each: f"{(found := browser.get(each)).status_code} {found.text}" for each in sums}
    kinds, first = Counter[str](), set(waiting)
    while waiting:
        address = waiting.pop()
        if address in seen or LEFT_OUT.search(address):
            continue
        ranged = bool(RANGED.search(address))
        kind = re.sub(r"=(?!json|csv)[^&]*|/[0-9a-f-]{8,}|/\d+", "", address) + "*" * ranged
        kinds[kind] += 1
        if address not in first and kinds[kind] > (FEW_RANGES if ranged else FEW):
            continue
        answer = browser.get(address)
        browser.client.cookies.delete("range")
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
    before = [crawled(browser, subject, cut(team)) for browser in browsers]
    assert len(before[0]) > 30
    assert any("zqanswer" in text for text in before[0].values())
    disguise(team)
    after = [crawled(browser, subject, cut(team)) for browser in browsers]
    for one, other in zip(before, after, strict=True):
        assert set(one) == set(other)
        for address, text in one.items():
            assert text == other[address], address


@pytest.mark.torture
@ENGINES
def test_the_same_attack_finds_amounts_where_the_company_shows_them(team, seats):
    browsers, subject = seats
    with team.database() as db:
        companies.switch(db, "cost_per_person", "on", actor=None, now=1)
        db.run("UPDATE company_setting SET since = 1")
    before = crawled(browsers[0], subject, cut(team))
    disguise(team)
    after = crawled(browsers[0], subject, cut(team))
    found = [each for each in before if before[each] != after.get(each)]
    assert [each for each in found if RANGED.search(each)]
    assert [each for each in found if not RANGED.search(each)]


@pytest.mark.torture
@ENGINES
def test_the_same_attack_finds_hours_where_whoever_looks_is_taken_for_the_owner(
    team, seats, monkeypatch
):
    browsers, subject = seats
    own = property(lambda self: True, lambda self, value: None)
    monkeypatch.setattr(web.TeamViewer, "own", own)
    for browser in browsers:
        browser.client._transport.raise_server_exceptions = False
    before = crawled(browsers[0], subject, cut(team))
    disguise(team)
    after = crawled(browsers[0], subject, cut(team))
    hours = re.compile(r"\b\d{1,2}:\d\d\b|\b1[5-9]\d{11}\b")
    found = [each for each in before if hours.findall(before[each]) != hours.findall(after[each])]
    assert found
