"""The catalog: its counts against plain counts, what it cites for whom, and what it leaves out."""

from __future__ import annotations

import re
from html import unescape

import pytest
from accrete_team import tokens
from accrete_team.access import LATER_MS
from accrete_team.pages.catalog import spans
from accrete_team.people import DAY_MS
from accrete_team.weeks import later

from accrete.insight.four_weeks import block_of
from tests.company import NAMES, insert
from tests.team.leading import LEAD, last_day, led
from tests.team.signed import a_person, signed_in
from tests.team.test_rebuild import disguise

pytestmark = pytest.mark.long

LED = [name for n, name in enumerate(NAMES, 1) if n % 2 == 0]
"""The people of the team `forge`."""


@pytest.fixture
def lead(team):
    """The browser of who leads one of the two teams; all work on one project that has a name. One
    of their people shares at tier 1, all others titles and files."""
    browser = led(team, sessions=True, teams=("forge",))
    with team.database() as db, db.transaction():
        for person in range(1, 13):
            insert(db, "project", person=person, id="ledger", name="Ledger", root="", ids="")
            insert(db, "project", person=person, id=f"own-{person}", name=f"Own {person}", root="",
                   ids="")  # fmt: skip
            rows = db.run("SELECT id, local_day FROM session WHERE person = ?", (person,))
            for session, day in rows:
                db.run("UPDATE session SET title = ? WHERE person = ? AND id = ?",
                       (f"zqtitle of {NAMES[person - 1]}", person, session))  # fmt: skip
                insert(db, "session_file", person=person, session=session, local_day=day,
                       path=f"/home/{person}/Ledger/zqpath.py")  # fmt: skip
        db.run("UPDATE person SET tier = 1 WHERE id = 2")
    return browser


def tables(browser) -> tuple[list[dict], list[dict]]:
    """What the cards say, and what they cite."""
    found = browser.get("/catalog?format=json").json()["tables"]
    return found["sentences"], found["sources"]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def test_the_counts_of_a_card_are_counted_from_the_rows(team, lead):
    near, far = spans(last_day())
    weeks = {
        "forge": f"week >= '{near.first}' AND week <= '{near.last}'",
        "harbour": f"week >= '{far.first}' AND week <= '{far.last}'",
    }
    people, use = {}, {}
    for name, range_ in weeks.items():
        of = (
            f"project = 'ledger' AND {range_} AND person IN (SELECT person FROM team_place "
            f"WHERE team = '{name}' AND role = 'member')"
        )
        count = f"COUNT(DISTINCT person) FROM person_week WHERE {of}"
        ((people[name],),) = team.rows(f"SELECT {count}")
        use[name] = team.rows(f"SELECT practice, {count} AND seen > 0 GROUP BY practice")
    sentences, _ = tables(lead)
    assert {(row["people"], row["others"]) for row in sentences} == {
        (people["forge"], people["harbour"])
    }
    told = {row["words"] for row in sentences if row["about"] == "practice of others"}
    assert told == {name.replace("-", " ").capitalize() for name, n in use["harbour"] if n >= 5}
    newest = team.rows(
        "SELECT s.person, s.id FROM session s JOIN team_place t ON t.person = s.person "
        "AND t.team = 'forge' AND t.role = 'member' WHERE s.project = 'ledger' "
        f"AND s.local_day >= '{near.first}' AND s.local_day <= '{near.until}' "
        "ORDER BY s.local_day DESC, s.id, s.person LIMIT 40"
    )
    for practice in ("planning", "verification"):
        seen = set(team.rows(f"SELECT person, session FROM sighting WHERE practice = '{practice}'"))
        (row,) = [each for each in sentences if each["words"].lower() == practice
                  and each["about"] == "practice"]  # fmt: skip
        assert row["sessions"] == len(seen & set(newest))
    assert {row["project"] for row in sentences} == {"Ledger"}


def test_a_card_is_of_twelve_weeks_that_are_over_and_of_others_of_three_whole_blocks():
    near, far = spans("2026-11-25")  # a Wednesday
    assert (near.first, near.until) == ("2026-08-31", "2026-11-22")
    assert (far.many, block_of(far.first), block_of(far.last)) == (
        12, far.first, later(far.last, -3)
    )  # fmt: skip
    assert far.last in (later(near.last, -n) for n in range(4))


def test_only_what_the_reader_may_open_is_cited_and_words_only_of_who_shares_them(team, lead):
    html = lead.page("/catalog")
    sentences, sources = tables(lead)
    assert sources
    assert {row["name"] for row in sources} <= set(LED)
    themes = [row for row in sentences if row["about"] == "theme"]
    assert {row["words"] for row in themes} <= {f"zqtitle of {name}" for name in LED[1:]}
    for name in ("Amara Nwosu", "Beatriz Lima"):  # of the other team; and at tier 1
        assert f"zqtitle of {name}" not in html
    for href in set(re.findall(r'class="cite" href="([^"]+)"', html)):
        assert lead.get(href).status_code == 200
    assert "src" not in {row["words"] for row in sentences if row["about"] == "file"}
    assert {row["words"] for row in sentences if row["about"] == "file"} == {"zqpath.py"}
    with team.database() as db:
        db.run("UPDATE person SET tier = 1")
    sentences, _ = tables(lead)
    assert {row["about"] for row in sentences} <= {"practice", "practice of others"}
    assert "zq" not in lead.page("/catalog")


def test_who_is_cited_reads_that_somebody_saw_it_and_it_is_written_first(team, lead, monkeypatch):
    from accrete_team import looks

    _, sources = tables(lead)
    seen = team.rows(
        "SELECT p.name, l.what, l.session FROM look l JOIN person p ON p.id = l.person"
    )
    assert sorted(seen) == sorted((name, "catalog", None) for name in {r["name"] for r in sources})

    def broken(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(looks, "look", broken)
    lead.client._transport.raise_server_exceptions = False
    for form in ("", "?format=json", "?format=csv"):
        answer = lead.get(f"/catalog{form}")
        assert answer.status_code == 500
        assert "zq" not in answer.text


@pytest.mark.alike
def test_hours_and_amounts_cannot_be_worked_out_of_the_cards(team, lead):
    forms = ("", "?format=json", "?format=csv&table=sentences", "?format=csv&table=sources")
    a_person(team, "Ada Admin", admin=True)
    browsers = (lead, signed_in(team, "Ada Admin"))
    before = [[each.page(f"/catalog{form}") for form in forms] for each in browsers]
    assert "zqtitle" in before[0][0]
    disguise(team, {"session", "session_day", "session_usage", "sighting"})
    assert [[each.page(f"/catalog{form}") for form in forms] for each in browsers] == before


@pytest.mark.alike
def test_a_session_that_goes_on_is_not_told_and_no_time_of_day_is(team, lead):
    late = tokens.now_ms() - LATER_MS + DAY_MS
    day = f"strftime('%Y-%m-%d', {late} / 1000, 'unixepoch')"
    if team.admin_url:
        day = f"to_char(to_timestamp({late} / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    assert not re.search(r"\b\d{1,2}:\d\d\b", text_of(lead.page("/catalog")))
    with team.database() as db:
        db.run(f"UPDATE session_day SET local_day = {day}")
    sentences, sources = tables(lead)
    assert sources == []
    assert {row["about"] for row in sentences} == {"practice of others"}


@pytest.mark.usefixtures("one_day")
def test_an_administrator_reads_counts_and_fewer_than_five_are_nobody(team, lead):
    a_person(team, "Ada Admin", admin=True)
    admin = signed_in(team, "Ada Admin")
    html = admin.page("/catalog")
    far = spans(last_day()).far
    ((people,),) = team.rows(
        "SELECT COUNT(DISTINCT person) FROM person_week WHERE project = 'ledger' "
        f"AND week >= '{far.first}' AND week <= '{far.last}'"
    )
    assert f"{people} people worked on it." in text_of(html)
    assert not [name for name in NAMES if name in html]
    assert "zq" not in html
    assert team.rows("SELECT COUNT(*) FROM look") == [(0,)]
    with team.database() as db:
        db.run("UPDATE account SET left_at = 1 WHERE person IN (3, 5)")
    there = lead.page("/catalog")
    assert "Ledger" in there
    assert "people outside your teams" not in there  # four are left
    with team.database() as db:
        db.run("UPDATE account SET left_at = 1 WHERE person IN (6, 8, 10)")
    assert "No project has 5 people or more" in lead.page("/catalog")
    assert f"{people - 4} people worked on it." in text_of(admin.page("/catalog"))


def test_a_card_is_hidden_and_shown_again_by_leads_and_administrators(team, lead):
    a_person(team, "Ada Admin", admin=True)
    a_person(team, "Mia Member")
    assert lead.form("/catalog", "/catalog/hide").status_code == 303
    assert tables(lead) == ([], [])
    assert f"Ledger, hidden by {LEAD}" in text_of(lead.page("/catalog"))
    admin = signed_in(team, "Ada Admin")
    assert admin.form("/catalog", "/catalog/hide").status_code == 303
    assert tables(lead)[0]
    said = team.rows("SELECT what, about FROM audit WHERE what LIKE '%catalog%' ORDER BY at, what")
    assert sorted(said) == [("hid a card of the catalog", "Ledger"),
                            ("showed a card of the catalog again", "Ledger")]  # fmt: skip
    page = lead.page("/catalog")
    token = re.search(r'catalog/hide"><input type="hidden" name="token" value="(\w+)"', page)[1]
    refused = lead.post("/catalog/hide", {"token": token, "project": "own-1", "on": "1"})
    assert (refused.status_code, "no such card" in refused.text) == (400, True)
    member = signed_in(team, "Mia Member").get("/catalog")
    assert (member.status_code, "Ledger" in member.text) == (404, False)
