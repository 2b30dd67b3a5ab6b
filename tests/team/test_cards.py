"""The card of a person, as their lead reads it: against plain counts, by name, without amounts."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from accrete.insight.matrix import ORDER
from tests.company import insert
from tests.team.leading import last_day, led

pytestmark = pytest.mark.long

PERSON = 6
AMOUNTS = re.compile(r"\$\d|\bcost|\btokens|\bcommits\b|\blines\b", re.IGNORECASE)


def test_a_card_is_counted_from_the_rows(team):
    browser = led(team, sessions=True)
    own = f"person = {PERSON}"
    with team.database() as db, db.transaction():
        insert(db, "project", person=PERSON, id="ledger", name="Ledger", root="", ids="")
        for project in ("hidden-1", "hidden-2"):  # of which only an id is shared
            insert(db, "project", person=PERSON, id=project, name="", root="", ids="")
        db.run(f"DELETE FROM session_tool WHERE {own}")
        rows = db.run(f"SELECT id, local_day FROM session WHERE {own} ORDER BY id")
        for nth, (session, day) in enumerate(rows):
            for tool in ("Read", "Bash", "other")[: nth % 4]:
                insert(db, "session_tool", person=PERSON, session=session, local_day=day,
                       tool=tool, calls=nth % 5 + 1)  # fmt: skip
    got = browser.get(f"/people/{PERSON}/?range=all&format=json").json()["tables"]
    seen = dict(team.rows("SELECT practice, COUNT(DISTINCT session) FROM sighting "
                          f"WHERE {own} GROUP BY practice"))  # fmt: skip
    possible = dict(team.rows("SELECT practice, COUNT(*) FROM session_practice "
                              f"WHERE {own} AND possible = 1 GROUP BY practice"))  # fmt: skip
    assert [row["practice"] for row in got["practices"]] == list(ORDER)
    for row in got["practices"]:
        name = row["practice"]
        assert (row["seen"], row["possible"]) == (seen.get(name, 0), possible.get(name, 0))
        assert (row["depth"] is None) == (name not in possible)
    used = team.rows(f"SELECT tool, SUM(calls) FROM session_tool WHERE {own} GROUP BY tool")
    assert [(row["name"], row["count"]) for row in got["tools"]] == sorted(
        ((tool, int(calls)) for tool, calls in used), key=lambda each: each[0].casefold()
    )
    models = team.rows("SELECT model, COUNT(DISTINCT session) FROM session_usage "
                       f"WHERE {own} GROUP BY model ORDER BY model")  # fmt: skip
    assert [(row["name"], row["count"]) for row in got["models"]] == models
    places = dict(team.rows(f"SELECT project, COUNT(*) FROM session WHERE {own} GROUP BY project"))
    found = {row["name"]: row["count"] for row in got["projects"]}
    assert found.pop("Ledger") == places.pop("ledger")
    assert found == {"(not named)": sum(places.values())}


def test_a_card_says_the_last_week_at_work_and_no_amount(team):
    browser = led(team, sessions=True)
    html = browser.page(f"/people/{PERSON}/?range=12w")
    said = unescape(re.sub(r"<[^>]+>", " ", re.search(r"<main.*</main>", html, re.S)[0]))
    ((day,),) = team.rows(
        f"SELECT MAX(local_day) FROM session WHERE person = {PERSON} "
        f"AND local_day <= '{last_day()}'"
    )
    assert day
    found = re.search(r"Last at work in the week of (\d+ \w+(?: \d+)?)", said)
    assert found
    monday = date.fromisoformat(day) - timedelta(date.fromisoformat(day).weekday())
    assert found[1].startswith(f"{monday.day} {monday:%b}")
    assert not AMOUNTS.search(said)
    assert team.rows("SELECT person, what FROM look") == [(PERSON, "profile")]
