"""Every page for leads, every viewer: who gets it, whose names are in it, and that nothing is
ordered by a figure."""

from __future__ import annotations

import inspect
import re

import pytest
from accrete_team import people, tokens
from accrete_team.budgets import set_budget
from accrete_team.pages import team_pages

from accrete.queries import amounts, catalog, shapes
from accrete.queries import practices_of_people as asked
from tests.company import NAMES
from tests.team.leading import LEAD, led
from tests.team.signed import a_person, in_team, signed_in

pytestmark = pytest.mark.long

OF_LEADS = ("/week", "/matrix", "/matrix/planning", "/matrix/planning/1", "/experiments/new")
OF_SUMS = ("/activity", "/costs", "/figures", "/catalog")
OF_ALL = ("/experiments",)
OF_NOBODY = ("/examples/new", "/examples/1/x")
"""What is there for a moment of one's own, and for an example that somebody shows: see
test_clips.py."""
POSTS = ("/week/not-now", "/experiments", "/experiments/x/end", "/catalog/hide",
         "/examples", "/examples/x/end")  # fmt: skip


@pytest.fixture
def company(team):
    """The lead of both teams, the lead of another one, a member, an administrator; and the lead of
    another company with people of the same numbers."""
    led(team, sessions=True)
    for name, admin in (("Otto Other", False), ("Mia Member", False), ("Ada Admin", True)):
        a_person(team, name, admin=admin, password=None)
    with team.database() as db:
        ids = {name: tokens.person_named(db, name) for name in ("Otto Other", "Mia Member")}
    in_team(team, "Tools", leads=[ids["Otto Other"]], members=[ids["Mia Member"]])
    with team.database() as db:
        people.place(db, ids["Mia Member"], "forge", "member", actor=None, now=1, since=1)
        set_budget(db, 1, actor=None, now=1)
    a_person(team, "Lena Brandt", company="other", password=None)
    return team


def pages() -> set[str]:
    """The routes for leads that there are."""
    known = {route.path for route in team_pages.routes()}
    return {
        path
        for path in known
        if re.match(r"/(week|matrix|activity|costs|figures|exper|catalog|examples)", path)
    }


def test_a_character_that_no_database_can_hold_is_no_fault_of_the_server(company):
    browser = signed_in(company, LEAD)
    for page in ("/matrix", "/costs", "/catalog", "/people", "/people/1/", "/search"):
        for name in ("project", "team", "after", "q", "model"):
            status = browser.get(f"{page}?range=all&{name}=5~%00").status_code
            assert status in (200, 303, 400, 404), (page, name)


def test_every_page_for_leads_is_walked_here():
    ours = {re.sub(r"\{[^}]*\}", "{}", path) for path in pages()}
    walked = {*OF_LEADS, *OF_SUMS, *OF_ALL, *OF_NOBODY, *POSTS}
    named = {
        re.sub(r"^/matrix/planning", "/matrix/{}", re.sub(r"/1$", "/{}", path))
        .replace("/x/", "/{}/")
        .replace("/1/x", "/{}/{}")
        for path in walked
    }
    assert ours == named


@pytest.mark.parametrize("form", ["", "?format=json", "?format=csv"])
def test_who_gets_which_page_and_whose_names_are_in_it(company, form):
    seen_by = {
        LEAD: {*OF_LEADS, *OF_SUMS, *OF_ALL},
        "Otto Other": {
            "/week",
            "/matrix",
            "/matrix/planning",
            "/experiments/new",
            *OF_SUMS,
            *OF_ALL,
        },
        "Mia Member": set(OF_ALL),
        "Ada Admin": {*OF_SUMS, *OF_ALL},
    }
    for name, allowed in seen_by.items():
        browser = signed_in(company, name)
        for path in (*OF_LEADS, *OF_SUMS, *OF_ALL, *OF_NOBODY):
            answer = browser.get(path + form)
            if path in allowed:
                assert answer.status_code in ((200,) if form != "?format=csv" else (200, 404))
            else:
                assert answer.status_code == 404, (name, path, answer.status_code)
            if name != LEAD:
                assert not [each for each in NAMES if each in answer.text], (name, path)


@pytest.mark.alike
def test_other_companies_cookies_and_ids_open_nothing(company):
    stranger = signed_in(company, "Lena Brandt", "other")
    theirs = signed_in(company, LEAD).base
    for path in (*OF_LEADS, *OF_SUMS, *OF_ALL, *OF_NOBODY):
        answer = stranger.get(theirs + path)
        assert answer.status_code in (303, 401)
        assert "sign-in" in answer.headers.get("location", "sign-in")
        assert stranger.get(path).status_code == (200 if path in OF_ALL else 404)


def test_forms_need_their_token_and_a_lead(company):
    for name in ("Mia Member", "Ada Admin", "Otto Other", LEAD):
        browser = signed_in(company, name)
        for path in POSTS:
            answer = browser.post(path, {"item": "checks", "practice": "review", "token": "0" * 64})
            assert answer.status_code == 403, (name, path)
    assert company.rows("SELECT COUNT(*) FROM experiment")[0][0] == 0
    assert company.rows("SELECT COUNT(*) FROM put_off")[0][0] == 0
    assert company.rows("SELECT COUNT(*) FROM hidden_card")[0][0] == 0


@pytest.mark.alike
def test_no_page_takes_an_order(company):
    browser = signed_in(company, LEAD)
    for path in ("/week", "/matrix", "/matrix/planning", *OF_SUMS):
        for order in ("sort=cost", "sort=name", "order=desc"):
            assert browser.get(f"{path}?{order}").status_code == 400, path


@pytest.mark.parametrize("module", [asked, amounts, catalog, shapes])
def test_no_question_orders_people_by_a_figure(module):
    orders = re.findall(r"ORDER BY ([^\n\"]+)", inspect.getsource(module))
    for order in orders:
        keys = [each.strip().split()[0] for each in order.replace("LIMIT ?", "").split(",")]
        assert set(keys) <= {"w.week", "w.practice", "g.local_day", "g.session", "g.person",
                             "s.local_day", "s.id", "s.person"}, order  # fmt: skip


@pytest.mark.alike
def test_no_page_has_a_score_or_a_rank(company):
    said = re.compile(r"\b(scor|rank|grade|leaderboard|streak|archetype|top perform|best of)",
                      re.IGNORECASE)  # fmt: skip
    browser = signed_in(company, LEAD)
    person = company.rows("SELECT id FROM person WHERE name = 'Beatriz Lima'")[0][0]
    for path in (*OF_LEADS, *OF_SUMS, *OF_ALL, "/people", f"/people/{person}/?range=all",
                 f"/people/{person}/practices?range=all"):  # fmt: skip
        shown = re.sub(r"<[^>]*>", " ", browser.page(path))
        assert not said.search(shown), (path, said.search(shown))
