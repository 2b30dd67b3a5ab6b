"""The catalog as leads and administrators read it: its cards in words, its tables, its pages."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.company import Rows, add_person, add_session, add_week, insert
from tests.team.even import NOW
from tests.team.seen import lead_of, links, parts, words_of
from tests.team.signed import a_person, signed_in

pytestmark = pytest.mark.parametrize("team", ["sqlite"], indirect=True)
WEEK = "2026-10-26"
"""Within the twelve weeks up to the last one that is over, and in a whole block."""
PROJECTS = {"ledger": "Ledger", **{f"p{n}": f"Project {n}" for n in range(1, 8)}}


@pytest.fixture
def company(team):
    """Twelve people of two teams with weeks on eight projects, one session each on the first."""
    rows = Rows()
    for person in range(1, 13):
        add_person(rows, person, f"Person {person:02d}", team=("forge", "harbour")[person > 6],
                   tier=3)  # fmt: skip
        for key, name in PROJECTS.items():
            insert(rows, "project", person=person, id=key, name=name, root="", ids="")
            add_week(rows, person, WEEK, "planning", 2, int(person != 12), project=key)
            add_week(rows, person, WEEK, "review", 2, int(person > 8), project=key)
        add_session(rows, person, 1, f"2026-10-{26 + person % 3}", practices={"planning": 1})
    with team.database() as db:
        rows.put(db)
        db.run("UPDATE session SET title = 'Mend the engine' WHERE person < 3")
        db.run("UPDATE session SET title = 'Paint the boat' WHERE person = 3")
    lena = a_person(team, "Lena Lead", password=None)
    a_person(team, "Ada Admin", admin=True, password=None)
    with team.database() as db:
        db.run("INSERT INTO team_place (person, team, role, since, made_at) "
               "VALUES (?, 'forge', 'lead', 1, 1)", (lena,))  # fmt: skip
    return team


def card(html: str, name: str) -> str:
    (found,) = [each for each in parts(html, "article") if f"<h2><bdi>{name}</bdi></h2>" in each]
    return found


def test_a_card_says_who_worked_on_it_what_was_seen_and_on_what_it_rests(company):
    lena = signed_in(company, "Lena Lead", now=NOW)
    html = lena.page("/catalog")
    assert lead_of(html) == ("8 projects of 5 people or more. The cards are made by rules, from "
                             "sessions that are shared.")  # fmt: skip
    ledger = card(html, "Ledger")
    who, others, *_ = [words_of(each) for each in parts(ledger, "p")]
    assert who == "6 people of your teams; their last 6 sessions."
    assert others == ("6 people outside your teams worked on it. Seen with 5 of them or more: "
                      "Planning.")  # fmt: skip
    assert [words_of(each) for each in parts(ledger, "dt")] == [
        "What it was about", "Practices seen"
    ]  # fmt: skip
    themes, practices = (unescape(words_of(each)) for each in parts(ledger, "dd"))
    assert re.fullmatch(r"“Mend the engine” in 2 sessions \[1\] \[2\]; “Paint the boat” \[3\]\.",
                        themes)  # fmt: skip
    assert practices.startswith("Planning in 6 sessions [")
    assert "Made by rules, of sessions up to 8 Nov 2026." in words_of(ledger)
    assert re.findall(r'aria-label="(Source[^"]*)"', ledger)[:2] == [
        "Source 1 of Ledger", "Source 2 of Ledger"
    ]  # fmt: skip
    hrefs = re.findall(r'class="cite" href="([^"]+)"', ledger)
    names = {f"{person:04x}0001-0000-4000-8000-000000000000": person for person in range(1, 7)}
    for href in hrefs:
        person, session = re.fullmatch(rf"{lena.base}/people/(\d+)/sessions/(.*)", href).groups()
        assert names[session] == int(person)
    listed = [words_of(each) for each in parts(ledger, "li")]
    for nth in (0, 1):
        person = re.search(r"people/(\d+)/", hrefs[nth])[1]
        assert listed[nth] == (
            f"Person 0{person}, session of {26 + int(person) % 3} Oct 2026"
        )  # fmt: skip
    assert words_of(parts(ledger, "summary")[0]) == f"{len(listed)} sources"
    other = card(html, "Project 1")
    assert words_of(parts(other, "p")[0]) == "6 people of your teams; their last 0 sessions."
    assert "Made by rules. Hide" in words_of(other)
    assert "<dl>" not in other
    assert "<details>" not in other


def test_in_how_many_sessions_is_said_of_all_but_what_one_was_about(company):
    with company.database() as db:
        for table in ("session_practice", "sighting"):
            db.run(f"DELETE FROM {table} WHERE person <> 4")
    ledger = card(signed_in(company, "Lena Lead", now=NOW).page("/catalog"), "Ledger")
    themes, practices = (unescape(words_of(each)) for each in parts(ledger, "dd"))
    assert themes.endswith("“Paint the boat” [3].")
    assert practices == "Planning in 1 session [4]."


def test_an_administrator_reads_counts_of_all_and_is_told_why(company):
    html = signed_in(company, "Ada Admin", now=NOW).page("/catalog")
    assert lead_of(html).endswith("You may open nobody's sessions, so they say counts alone.")
    ledger = card(html, "Ledger")
    assert [words_of(each) for each in parts(ledger, "p")] == [
        "12 people worked on it. Seen with 5 of them or more: Planning."
    ]
    with company.database() as db:
        db.run("UPDATE person_week SET seen = 0")
    html = signed_in(company, "Ada Admin", now=NOW).page("/catalog")
    assert words_of(parts(card(html, "Ledger"), "p")[0]) == "12 people worked on it."
    assert "are those of people whom you lead" not in html


def test_the_tables_of_the_catalog_have_a_row_for_each_sentence(company):
    lena = signed_in(company, "Lena Lead", now=NOW)
    told = lena.get("/catalog?format=json").json()["tables"]
    first = {"project": "Ledger", "people": 6, "others": 6}
    assert [(row["about"], row["words"], row["sessions"]) for row in told["sentences"][:4]] == [
        ("theme", "Mend the engine", 2), ("theme", "Paint the boat", 1),
        ("practice", "Planning", 6), ("practice of others", "Planning", None),
    ]  # fmt: skip
    assert all(row.items() >= first.items() for row in told["sentences"][:4])
    assert [row["sources"] for row in told["sentences"][:2]] == ["1 2", "3"]
    assert told["sentences"][3]["sources"] == ""
    assert {row["project"] for row in told["sentences"]} == {
        "Ledger", *(f"Project {n}" for n in range(1, 6))
    }  # fmt: skip
    assert [(row["project"], row["nth"]) for row in told["sources"]] == [
        ("Ledger", nth) for nth in range(1, len(told["sources"]) + 1)
    ]
    assert all(row["name"].startswith("Person 0") for row in told["sources"])
    assert all(row["day"].startswith("2026-10-2") for row in told["sources"])
    assert "" not in {row["about"] for row in told["sentences"]}  # something is said of each
    with company.database() as db:
        db.run("DELETE FROM person_week WHERE person > 6")
    told = signed_in(company, "Lena Lead", now=NOW).get("/catalog?format=json").json()["tables"]
    of = {row["project"]: row["about"] for row in told["sentences"]}
    assert (of["Ledger"], of["Project 1"]) == ("practice", "")
    with company.database() as db:  # projects of which nothing is said have one row
        db.run("DELETE FROM session_practice")
        db.run("DELETE FROM sighting")
        db.run("UPDATE session SET title = NULL")
    told = signed_in(company, "Lena Lead", now=NOW).get("/catalog?format=json").json()["tables"]
    nothing = {"people": 6, "others": None, "about": "", "words": "", "sessions": None,
               "sources": ""}  # fmt: skip
    names = ["Ledger", *(f"Project {n}" for n in range(1, 6))]
    assert told["sentences"] == [{"project": name, **nothing} for name in names]
    assert told["sources"] == []
    html = signed_in(company, "Lena Lead", now=NOW).page("/catalog")
    assert "worked on it" not in html


def test_six_cards_a_page_and_the_pages_lead_to_each_other(company):
    lena = signed_in(company, "Lena Lead", now=NOW)

    def names(html: str) -> list[str]:
        return [words_of(each) for each in re.findall(r"<article.*?<h2>(.*?)</h2>", html, re.S)]

    first = lena.page("/catalog")
    assert names(first) == ["Ledger", *(f"Project {n}" for n in range(1, 6))]
    assert "Earlier names" not in links(first)
    second = lena.page(links(first)["Later names"])
    assert names(second) == ["Project 6", "Project 7"]
    assert "Later names" not in links(second)
    assert names(lena.page(links(second)["Earlier names"])) == names(first)
    for key in ("p1", "p2"):
        fields = re.findall(r'catalog/hide"><input type="hidden" name="token" value="(\w+)"', first)
        sent = lena.post("/catalog/hide", {"token": fields[0], "project": key, "on": "1"})
        assert sent.headers["location"] == f"{lena.base}/catalog"
    left = lena.page("/catalog")
    assert names(left) == ["Ledger", *(f"Project {n}" for n in range(3, 8))]
    assert "Later names" not in links(left)
    assert lead_of(left).startswith("6 projects of 5 people or more.")
    assert "Project 1, hidden by Lena Lead on 11 Nov 2026 Show the card of Project 1 again" in (
        words_of(left)
    )
    with company.database() as db:
        ((on,),) = db.run("SELECT COUNT(*) FROM hidden_card WHERE project IN ('p1', 'p2')")
    assert on == 2


def test_one_person_more_or_less_makes_a_card(company):
    lena = signed_in(company, "Lena Lead", now=NOW)
    with company.database() as db:
        db.run("DELETE FROM person_week WHERE person IN (1, 7, 8) AND project <> 'p7'")
    assert "8 projects of" in lead_of(lena.page("/catalog"))  # five of one's own, four others
    ledger = card(lena.page("/catalog"), "Ledger")
    assert words_of(parts(ledger, "p")[0]).startswith("5 people of your teams")
    assert "worked on it" not in ledger
    with company.database() as db:
        db.run("DELETE FROM person_week WHERE person = 2 AND project <> 'p7'")
    html = lena.page("/catalog")
    assert lead_of(html).startswith("1 project of 5 people or more.")
    with company.database() as db:
        db.run("DELETE FROM person_week")
    assert lead_of(lena.page("/catalog")) == (
        "No project has 5 people or more who share sessions on it."
    )
