"""What the pages of sums have in common: one order, the usual weeks, one scale, and what is counted
of many people when it is asked for."""

from __future__ import annotations

import re

import pytest

from tests.company import add_person, add_week
from tests.team.even import NOW, RANGE, even
from tests.team.seen import chosen, links, rows
from tests.team.signed import signed_in

pytestmark = [
    pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)
]  # fmt: skip
OF_WEEKS = ("/matrix", "/matrix/review", "/activity", "/costs", "/figures")


@pytest.fixture
def lead(team):
    even(team)
    return signed_in(team, "Lena Lead", now=NOW)


@pytest.mark.parametrize("path", [*OF_WEEKS, "/week", "/catalog"])
def test_no_page_has_another_order_than_by_name(lead, path):
    for query in ("sort=name", "order=desc", "sort=sessions&order=asc"):
        answer = lead.get(f"{path}?{query}")
        assert answer.status_code == 400
        assert "People are listed by name, and in no other order." in answer.text
    assert lead.get(f"{path}?sort=&order=").status_code == 200


@pytest.mark.parametrize("path", [*OF_WEEKS, "/matrix/review/1"])
def test_a_page_of_weeks_is_of_the_last_twelve_where_no_others_are_asked_for(team, lead, path):
    with team.database() as db:
        for week in ("2026-09-07", "2026-10-05", "2026-11-02"):
            add_week(db, 1, week, "review", 5, 5)
    usual = lead.page(path)
    assert "12 weeks" in chosen(usual)
    assert "12 weeks" in chosen(lead.page(f"{path}?range=12w"))
    for query in ("range=4w", "since=2026-10-05", "until=2026-11-01"):
        assert "12 weeks" not in chosen(lead.page(f"{path}?{query}")), query


def test_people_are_drawn_on_the_scale_of_who_had_most_sessions_in_a_week(lead):
    html = lead.page(f"/activity?{RANGE}")
    of = {
        name: [float(each) for each in re.findall(r'<rect[^>]*\bheight="([\d.]+)"', bars)]
        for name, bars in re.findall(r'<svg[^>]*aria-label="(Person \d+): .*?>(.*?)</svg>', html,
                                     re.S)
    }  # fmt: skip
    assert max(of["Person 01"]) == 19  # three sessions in a week of the last block
    assert max(of["Person 20"]) == 12.67  # two of them
    assert of["Person 20"][:4] == [0.5] * 4  # none


def test_tools_of_more_than_two_hundred_people_are_counted_when_they_are_asked_for(team, lead):
    path = f"/activity?{RANGE}"
    with team.database() as db:
        for n in range(100, 278):
            add_person(db, n, f"Person {n}")
    admin = signed_in(team, "Ada Admin", now=NOW)
    html = admin.page(path)
    with team.database() as db:
        ((there,),) = db.run("SELECT COUNT(*) FROM account")
    assert there == 201
    (asks,) = [href for href in links(html).values() if "tools=1" in href]
    assert 'id="tools"' not in html or rows(html, "tools") == []
    assert asks.endswith("#tools")
    assert rows(admin.page(asks.partition("#")[0]), "tools")[0][0] == "Bash"
    with team.database() as db:
        db.run("UPDATE account SET left_at = 1 WHERE person = 277")
        db.run("DELETE FROM account WHERE person = 277")
    html = admin.page(path)
    assert not [href for href in links(html).values() if "tools=1" in href]
    assert rows(html, "tools")[0][0] == "Bash"
