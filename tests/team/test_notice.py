"""The notice page: it lists every field that can leave, at the tier from which on it does, and
what never does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from accrete_team.pages import notice
from accrete_team.release_rules import known_by

from accrete.model.tables import TABLES
from accrete.wire.travels import NAMES, columns
from tests.records import busy, kept
from tests.team.seen import rows
from tests.team.signed import a_person, signed_in
from tests.team.test_sync import told

pytestmark = [pytest.mark.long, pytest.mark.alike]

DOCS = Path(__file__).parents[2] / "docs"
NEVER = {
    "screen": "screen", "keys": "keys", "mail": "mail", "chat": "chat", "browser": "browser",
    "camera": "camera", "idle time": "away", "the editor outside sessions": "editor",
}  # fmt: skip
"""What is promised not to be collected, and the word that says so."""
TELLTALE = re.compile(
    r"screen|keystroke|keyboard|mouse|camera|microphone|e-?mail|\bchat|calendar|browser|\bidle|"
    r"\baway\b|clipboard|\bwindow title",
    re.IGNORECASE,
)
OF_SERVER = {"person"}
"""Columns that the server adds to the rows that it takes."""


def listed(browser) -> dict[tuple[str, str], int]:
    """The fields on the page, by table and name, with the tier from which on each is sent."""
    found = json.loads(browser.page("/notice?format=json"))["tables"]
    return {
        (row["table"], row["field"]): tier
        for tier in (1, 2, 3)
        for row in found[f"tier-{tier}"]
    }  # fmt: skip


def filled(team) -> set[tuple[str, str]]:
    """The columns of the server in which something stands, of the tables that machines send."""
    found = set()
    with team.database() as db:
        for table in NAMES:
            names = [name for of in TABLES if of.name == table for name in of.fields]
            for row in db.run(f"SELECT {', '.join(names)} FROM {table}"):
                found |= {(table, name) for name, value in zip(names, row, strict=True) if value}
    return {each for each in found if each[1] not in OF_SERVER}


@pytest.mark.parametrize("tier", [1, 2, 3])
def test_what_arrives_at_a_tier_stands_on_the_page_at_that_tier(settings, team, tier):
    kept(settings, told(1), told(2), busy(3, turns=4))
    team.company()
    team.sync(settings, team.choice("Amara Nwosu", tier=tier))
    a_person(team, "Amara Nwosu", password=None)
    known = listed(signed_in(team, "Amara Nwosu"))
    arrived = filled(team)
    assert len(arrived) > 60
    assert {each for each in arrived if known.get(each, 4) > tier} == set()


@pytest.fixture
def member(team):
    team.company()
    a_person(team, "Amara Nwosu", password=None)
    return signed_in(team, "Amara Nwosu")


def due() -> Mapping[tuple[str, str], int]:
    """Every field of every noun that may leave, with its tier."""
    return {
        (name, each.name): tier
        for tier in (3, 2, 1)
        for name in NAMES
        for each in columns(name, tier)
    }


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
def test_every_field_that_may_leave_is_on_the_page_with_what_it_is(member):
    assert listed(member) == due()
    found = json.loads(member.page("/notice?format=json"))["tables"]
    html = member.page("/notice")
    for tier in (1, 2, 3):
        for row in found[f"tier-{tier}"]:
            assert row["meaning"]
            assert row["field"] in html


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
def test_a_new_field_changes_the_page_and_a_missing_one_is_noticed(member, monkeypatch):
    def more(name, tier):
        made = columns(name, tier)
        return [*made, made[0]._replace(name="a_new_one")] if name == "session" else made

    def fewer(name, tier):
        return [each for each in columns(name, tier) if each.name != "prompts"]

    monkeypatch.setattr(notice, "columns", more)
    assert listed(member).keys() - due().keys() == {("session", "a_new_one")}
    monkeypatch.setattr(notice, "columns", fewer)
    assert ("session", "prompts") in due().keys() - listed(member).keys()


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
def test_what_colleagues_know_is_told_by_the_size_of_a_group_as_the_documentation_does(member):
    found = json.loads(member.page("/notice?format=json"))["tables"]["known"]
    told = {row["people"]: row["known"] for row in found}
    assert list(told) == sorted(told)
    assert {people: known_by(people) for people in told} == told
    text = (DOCS / "team.md").read_text("utf-8")
    columns = zip(*(
        [int(each) for each in re.search(rf"\| {name} \|(.*)\|\n", text)[1].split("|")]
        for name in ("people in the group", "k")
    ), strict=True)  # fmt: skip
    documented = dict(columns)
    assert min(documented) == min(told)
    assert max(documented) == max(told)
    assert {people: told[people] for people in documented if people in told} == {
        people: known for people, known in documented.items() if people in told
    }
    assert rows(member.page("/notice"), "known") == [
        [str(people), str(known)] for people, known in told.items()
    ]


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
def test_what_is_never_collected_is_said_and_no_field_is_about_it(member):
    html = member.page("/notice")
    said = re.search(r"Never collected</h2><ul>(.*?)</ul>", html, re.S)[1]
    pages = [said]
    for name in ("for-developers.md", "works-council.md"):
        text = " ".join((DOCS / name).read_text("utf-8").split())
        pages.append(re.search(r"(?:was never|Never) collected: (.*?)\. ", f"{text} ")[1])
    for what, word in NEVER.items():
        for page in pages:
            assert word in page, what
    for table in TABLES:
        if table.name in NAMES:
            for name, mark in table.fields.items():
                assert not TELLTALE.search(f"{name} {mark.meaning}"), (table.name, name)
