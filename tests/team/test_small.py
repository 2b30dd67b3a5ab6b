"""Companies of one, without a lead, with everybody paused, with an emptied team."""

from __future__ import annotations

import re
from html import unescape

import pytest
from accrete_team import access, people, tokens, web
from accrete_team.pages import empty_team, week

from tests.records import kept
from tests.team.leading import led
from tests.team.signed import Browser, a_person, in_team, signed_in
from tests.team.test_sync import told

PATHS = ("/me/", "/me/sessions", "/me/practices", "/me/costs", "/me/projects", "/me/search",
         "/sharing", "/notice", "/numbers")  # fmt: skip


@pytest.fixture
def alone(team):
    """A company of one, who administers it."""
    team.company()
    return a_person(team, "Amara Nwosu", admin=True)


@pytest.mark.long
def test_a_company_of_one_that_shared_nothing(team, alone):
    browser = signed_in(team, "Amara Nwosu")
    for path in (*PATHS, "/people", "/admin", "/admin/people", "/admin/teams", "/admin/audit"):
        browser.page(path)
    assert "The company holds nothing of yours." in browser.page("/sharing")
    assert "Nobody but you sees your sessions." in browser.page("/sharing")
    assert browser.get("/").headers["location"] == f"{browser.base}/me/"


@pytest.mark.alike
def test_the_only_administrator_stays_one(team, alone):
    with team.database() as db:
        for change in (
            lambda: people.leave(db, alone, actor=None, now=1),
            lambda: people.set_account(db, alone, actor=None, now=1, admin=False),
        ):
            with pytest.raises(Exception, match="only administrator"):
                change()


def test_one_of_two_administrators_leaves_and_the_other_stays(team, alone):
    ada, mia = a_person(team, "Ada Admin", admin=True), a_person(team, "Mia Member")
    with team.database() as db:
        people.leave(db, mia, actor=None, now=1)
        people.leave(db, alone, actor=None, now=1)
        with pytest.raises(Exception, match="only administrator"):
            people.leave(db, ada, actor=None, now=1)


@pytest.mark.alike
@pytest.mark.long
def test_a_team_without_a_lead_is_seen_by_nobody(settings, team, alone):
    kept(settings, told())
    mia = a_person(team, "Mia Member")
    team.sync(settings, team.choice("Mia Member", tier=3))
    in_team(team, "Ledger", leads=[], members=[mia, alone])
    assert signed_in(team, "Amara Nwosu").get(f"/people/{mia}/").status_code == 404
    assert "Nobody but you sees" in signed_in(team, "Mia Member").page("/sharing")


@pytest.mark.alike
def test_a_person_in_two_teams_stands_in_both_and_is_seen_by_both_leads(team, alone):
    mia = a_person(team, "Mia Member")
    leads = [a_person(team, name) for name in ("Lea Lead", "Otto Other")]
    in_team(team, "Ledger", leads=[leads[0]], members=[mia])
    in_team(team, "Tools", leads=[leads[1], leads[0]], members=[mia])
    page = signed_in(team, "Lea Lead").page("/people")
    assert (page.count("Mia Member</bdi></a>"), "1 person in the teams" in page) == (2, True)
    assert signed_in(team, "Otto Other").get(f"/people/{mia}/").status_code == 200
    said = signed_in(team, "Mia Member").page("/sharing")
    assert "Lea Lead and Otto Other see your sessions" in said


@pytest.mark.alike
def test_who_leaves_a_team_is_out_of_sight_at_once(team, alone):
    mia, lea = a_person(team, "Mia Member"), a_person(team, "Lea Lead")
    made = in_team(team, "Ledger", leads=[lea], members=[mia])
    lead = signed_in(team, "Lea Lead")
    assert lead.get(f"/people/{mia}/").status_code == 200
    with team.database() as db:
        people.take_out(db, mia, made, "member", actor=None, now=tokens.now_ms())
    assert lead.get(f"/people/{mia}/").status_code == 404
    assert "Nobody is in this team yet." in lead.page("/people")
    with team.database() as db:
        people.dissolve(db, made, actor=None, now=tokens.now_ms())
    assert lead.get("/people").status_code == 404


@pytest.mark.alike
def test_the_first_members_of_a_team_are_there_at_once_and_everybody_else_in_a_day(team, alone):
    mia, lea, otto = (a_person(team, name) for name in ("Mia Member", "Lea Lead", "Otto Other"))
    now = tokens.now_ms()
    with team.database() as db:
        made = people.make_team(db, "Ledger", actor=None, now=now)
        since = [
            people.place(db, person, made, role, actor=None, now=now)
            for person, role in ((lea, "lead"), (mia, "member"), (otto, "member"))
        ]
    day = 24 * 3_600_000
    assert since == [now + day, now, now + day]


def test_what_ends_in_one_team_goes_on_in_another(team, alone):
    mia, lea, otto = (a_person(team, name) for name in ("Mia Member", "Lea Lead", "Otto Other"))
    ledger = in_team(team, "Ledger", leads=[lea], members=[mia, otto])
    tools = in_team(team, "Tools", leads=[lea], members=[mia])

    def running(one: str) -> set[tuple[int, str]]:
        with team.database() as db:
            return {(each.person, each.role) for each in people.places(db, team=one)
                    if each.until is None}  # fmt: skip

    now = tokens.now_ms()
    with team.database() as db:
        people.take_out(db, mia, ledger, "member", actor=None, now=now)
    assert running(ledger) == {(lea, "lead"), (otto, "member")}
    assert running(tools) == {(lea, "lead"), (mia, "member")}
    with team.database() as db:
        people.dissolve(db, ledger, actor=None, now=now + 1)
        ends = {each.person: each.until for each in people.places(db, team=ledger)}
    assert ends == {lea: now + 1, otto: now + 1, mia: now}  # who had left, had left then
    assert running(tools) == {(lea, "lead"), (mia, "member")}


@pytest.mark.long
@pytest.mark.parametrize("alone_in_it", [False, True])
def test_the_lead_of_an_emptied_team_is_told_so_on_every_page(team, alone, alone_in_it):
    lea = a_person(team, "Lea Lead")
    in_team(team, "Ledger", leads=[lea], members=[lea] * alone_in_it)
    lead = signed_in(team, "Lea Lead")
    pages = {
        path
        for path, _ in web.menu_of(
            access.Seat(
                lea, "", "", False, "UTC", "", 1, False, 1, teams=(access.InTeam("", "", "lead"),)
            )
        )
    }
    assert lead.get("/").headers["location"].removeprefix(lead.base) in pages
    for path in pages | {"/matrix/planning", "/figures", "/experiments/new"}:
        page = lead.page(path)
        people_of = path in ("/week", "/matrix", "/matrix/planning", "/activity", "/figures",
                             "/costs", "/search")  # fmt: skip
        assert (empty_team.NOBODY in page) == people_of, path
        lead.page(f"{path}?format=json")
    with team.database() as db:
        people.place(db, alone, people.team_named(db, "Ledger").id, "lead", actor=None, now=1,
                     since=1)  # fmt: skip
    admin = signed_in(team, "Amara Nwosu")
    assert "0 sessions" in admin.page("/activity")
    assert (empty_team.NOBODY in admin.page("/week")) != alone_in_it


def test_everybody_paused_is_said(team, alone):
    mia, lea = a_person(team, "Mia Member"), a_person(team, "Lea Lead")
    in_team(team, "Ledger", leads=[lea], members=[mia])
    assert week.PAUSED not in signed_in(team, "Lea Lead").page("/week")
    signed_in(team, "Mia Member").form("/sharing", "/sharing/pause", on="1")
    assert week.PAUSED in signed_in(team, "Lea Lead").page("/week")
    assert re.search(r"Mia Member.*paused", signed_in(team, "Lea Lead").page("/people"), re.S)
    assert "You paused" in signed_in(team, "Mia Member").page("/sharing")


@pytest.mark.alike
@pytest.mark.long
def test_an_archived_company_is_closed_and_says_so_to_its_people_alone(team, alone):
    browser = signed_in(team, "Amara Nwosu")
    team.registry.set_state(team.slug("acme"), "archived")
    for path in ("/me/", "/sharing", "/sharing/export", "/admin"):
        answer = browser.get(path)
        assert (answer.status_code, web.CLOSED["archived"][2] in unescape(answer.text)) == (
            423,
            True,
        ), path
    assert web.CLOSED["archived"][2] in unescape(Browser(team).sign_in("amara@example.com").text)
    for said in (
        Browser(team).sign_in("amara@example.com", "wrong password"),
        Browser(team).get("/sign-in"),
        Browser(team).get("/invitation/none"),
    ):
        assert "archived" not in said.text
    team.registry.set_state(team.slug("acme"), "active")
    assert browser.get("/sharing").status_code == 200


@pytest.mark.long
def test_a_company_grows_from_one_to_a_thousand(team):
    pages = ("/week", "/matrix", "/activity", "/figures", "/costs", "/people", "/experiments",
             "/matrix/planning", "/sharing")  # fmt: skip
    lead = led(team, people_=4, weeks=9, sessions=True)
    four = {path: lead.page(path) for path in pages}
    assert "Cost is shown as sums over at least five people" in four["/costs"]
    sums = set(re.findall(r"\$[\d.,]+", four["/costs"] + four["/activity"] + four["/week"]))
    assert sums <= {"$0.00"}  # of weeks in which nobody worked
    with team.database() as db:
        for n in range(4):
            person = tokens.add_person(db, f"Late Comer {n}")
            people.place(db, person, "forge", "member", actor=None, now=1, since=1)
    for path in pages:
        lead.page(path)  # eight, four of whom shared nothing
    with team.database() as db:
        ((last,),) = db.run("SELECT MAX(id) FROM person")
        more = range(last + 1, last + 993)
        db.load("person", ("id", "uuid", "name", "tier"),
                [(n, f"u{n}", f"Extra {n}", 1) for n in more])  # fmt: skip
        db.load("account", ("person", "admin", "job", "start_month", "zone", "made_at"),
                [(n, 0, "", "", "UTC", 1) for n in more])  # fmt: skip
        db.load("team_place", ("person", "team", "role", "since", "made_at"),
                [(n, "forge", "member", 1, 1) for n in more])  # fmt: skip
    for path in pages:
        assert lead.get(path).status_code == 200, path
    assert "1,000 people" in lead.page("/people")
    assert len(set(re.findall(r"Extra \d+", lead.page("/people")))) == 992


@pytest.mark.long
def test_how_long_sessions_are_kept_is_set_by_administrators(team, alone):
    browser = signed_in(team, "Amara Nwosu")
    assert 'name="leavers_days" value="30"' in browser.page("/admin")
    same = {"retention_days_1": "", "retention_days_2": "", "leavers_days": "30"}
    for bad in ("soon", "0", "-3", "1e3"):
        sent = browser.form("/admin", "/admin/keep", **same, retention_days_3=bad)
        assert sent.status_code == 400
    assert team.rows("SELECT COUNT(*) FROM company_setting") == [(0,)]
    browser.form("/admin", "/admin/keep", **same, retention_days_3="90")
    assert team.rows("SELECT name, value FROM company_setting") == [("retention_days_3", "90")]
    assert 'name="retention_days_3" value="90"' in browser.page("/admin")
    assert "retention days 3: 90" in browser.page("/admin/audit")


@pytest.mark.alike
@pytest.mark.long
def test_hostile_names_are_text(team, alone):
    name = "<script>alert(1)</script> \u202eevil"
    browser = signed_in(team, "Amara Nwosu")
    assert browser.form("/admin/people", "/admin/people", name=name).status_code == 303
    browser.form("/admin/teams", "/admin/teams", what="make", name=name)
    for path in ("/admin/people", "/admin/teams", "/admin/audit"):
        page = browser.page(path)
        assert "<script>alert" not in page
        assert "\u202e" not in page


@pytest.mark.long
def test_what_cannot_be_is_said_and_changes_nothing(team, alone):
    browser = signed_in(team, "Amara Nwosu")
    page = f"/admin/people/{alone}"
    for fields, said in (
        ({"email": "no address"}, "no e-mail address"),
        ({"start_month": "March"}, "Write it as 2026-03"),
    ):
        answer = browser.form(page, page, **({"email": "a@b.c", "admin": "1"} | fields))
        assert answer.status_code == 400
        assert said in answer.text
    assert browser.form("/admin/people", "/admin/people", name="").status_code == 400
    twice = browser.form("/admin/people", "/admin/people", name="Amara Nwosu")
    assert "already" in twice.text
    assert browser.form("/sharing", "/sharing/zone", zone=":/etc/passwd").status_code == 400
    assert browser.form("/sharing", "/sharing/zone", zone="Europe/Berlin").status_code == 303
    assert team.rows("SELECT COUNT(*) FROM person") == [(1,)]
