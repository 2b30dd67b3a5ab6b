"""The team's pages of the demo company against plain counts over its sessions, on both engines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest
from accrete_team import demo, tenants
from accrete_team.weeks import later

from accrete.clock import monday
from accrete.insight.four_weeks import whole_blocks
from accrete.insight.matrix import ORDER
from accrete.practices import named
from tests.team.leading import last_day, last_monday
from tests.team.serving import Team
from tests.team.signed import Browser, signed_in
from tests.team.test_amounts import figure
from tests.team.test_matrix import said

pytestmark = pytest.mark.long

PEOPLE, WEEKS = 14, 10


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(request, tmp_path_factory) -> Iterator[tuple[Team, Browser, set[int]]]:
    """The demo company, the browser of the lead of its largest team, and the people of the teams
    that they lead, but not they themselves."""
    admin = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    made = Team(tmp_path_factory.mktemp("team"), admin)
    made.company()
    with made.database() as db:
        demo.make(db, made.slug("acme"), people=PEOPLE, weeks=WEEKS, seed=3,
                  until=date.fromisoformat(last_day()))  # fmt: skip
    members = defaultdict(set)
    for team, person in made.rows(
        "SELECT c.team, c.person FROM team_place c JOIN account a ON a.person = c.person "
        "WHERE c.role = 'member' AND c.until IS NULL AND a.left_at IS NULL"
    ):
        members[team].add(int(person))
    leads = dict(made.rows(
        "SELECT c.team, p.name FROM team_place c JOIN person p ON p.id = c.person "
        "WHERE c.role = 'lead' AND c.until IS NULL"
    ))  # fmt: skip
    team = max(leads, key=lambda each: (len(members[each]), each))
    others = {
        int(p)
        for (p,) in made.rows(
            "SELECT m.person FROM team_place m JOIN team_place l ON l.team = m.team "
            "JOIN person p ON p.id = l.person WHERE m.role = 'member' AND l.role = 'lead' "
            f"AND m.until IS NULL AND p.name = '{leads[team]}' AND m.person <> l.person"
        )
    }
    with made.client:
        yield made, signed_in(made, leads[team]), others
    for each in made.registry.companies():
        with suppress(Exception):
            tenants.delete(made.registry, each.slug, admin_url=admin)


@pytest.mark.alike
def test_cells_are_counted_from_sessions_and_not_from_rollups(company):
    team, browser, people = company
    last = last_monday()
    first = date.fromisoformat(later(last.isoformat(), -3))
    days = f">= '{first}' AND {{0}}.local_day <= '{last + timedelta(6)}'"
    possible, seen = defaultdict(set), defaultdict(set)
    for person, practice, session, day in team.rows(
        "SELECT d.person, y.practice, d.session, d.local_day FROM session_day d "
        "JOIN session s ON s.person = d.person AND s.id = d.session "
        "JOIN session_practice y ON y.person = d.person AND y.session = d.session "
        f"WHERE d.local_day {days.format('d')} AND s.automated = 0 AND y.possible = 1"
    ):
        possible[person, practice].add((monday(day), session))
    for person, practice, session, day in team.rows(
        "SELECT g.person, g.practice, g.session, g.local_day FROM sighting g "
        "JOIN session s ON s.person = g.person AND s.id = g.session "
        f"WHERE g.local_day {days.format('g')} AND s.automated = 0"
    ):
        seen[person, practice].add((monday(day), session))
    cells = said(browser.page("/matrix?range=4w&by=none"))
    checked = 0
    for person, name in team.rows("SELECT id, name FROM person"):
        if person not in people:
            continue
        for practice in ORDER:
            cell = cells[name, named(practice).title]
            whole, part = len(possible[person, practice]), len(seen[person, practice])
            if cell.startswith(("new", "private")):
                continue
            if whole == 0:
                assert cell == "n/a: not possible in any session"
            elif whole < 5:
                assert cell.startswith(f"few: possible in {whole} session")
            else:
                percent = int(re.search(r", (\d+)% of ([\d,]+) session", cell)[1])
                assert f" of {whole:,} session" in cell, (name, practice)
                assert abs(percent - 100 * part / whole) <= 1
                checked += 1
    assert checked > 20


def test_sessions_and_costs_are_the_sums_of_what_people_share(company):
    team, browser, people = company
    last = last_monday()
    who = ", ".join(map(str, sorted(people)))
    html = browser.page("/activity?range=4w")
    ((sessions,),) = team.rows(
        "SELECT COUNT(*) FROM (SELECT DISTINCT d.person, d.session, d.local_day FROM session_day d "
        "JOIN session s ON s.person = d.person AND s.id = d.session WHERE s.automated = 0 "
        f"AND d.person IN ({who}) AND d.prompts + d.prompts_queued + d.responses_own > 0 "
        f"AND d.local_day >= '{later(last.isoformat(), -3)}' "
        f"AND d.local_day <= '{last + timedelta(6)}') x"
    )
    shown = int(figure(html, "Sessions").replace(",", ""))
    assert 0 < shown <= sessions  # a session counts once a week, its days may be several
    block = whole_blocks(last.isoformat(), 4)[0]
    ((cost,),) = team.rows(
        f"SELECT SUM(cost_nano) FROM session_usage WHERE local_day >= '{block}' "
        f"AND local_day < '{later(block, 4)}'"
    )
    paid = figure(signed_in(team, demo.ADMINISTRATOR).page("/costs?range=4w"), "Cost")
    assert paid == f"${int(cost) / 1e9:,.2f}"


def test_pages_say_something_of_a_real_company(company):
    _, browser, _ = company
    for path in ("/week", "/matrix", "/matrix/planning", "/activity", "/costs", "/experiments"):
        html = browser.page(path)
        assert re.search(r'<p class="lead"[^>]*>[^<]{10,}', html), path
        assert "Traceback" not in html
