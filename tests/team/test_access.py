"""Who sees what: every page, every viewer, by the table of design and docs/team.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
from accrete_team import companies, tokens
from accrete_team.access import LATER_MS
from accrete_team.people import DAY_MS

from accrete.wire.travels import typed
from tests.fuzz import TORTURE
from tests.records import kept
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_sync import SECRETS, told

WORLDS = [
    (engine, tier)
    for engine in ("sqlite", "postgresql")
    for tier in ((1, 2, 3) if TORTURE or engine == "sqlite" else (2,))
]
"""Every tier on one engine, and one on the other where a test is not `alike`; in `make torture`
every tier on both."""
pytestmark = [
    pytest.mark.long, pytest.mark.grid,
    pytest.mark.parametrize(("team", "tier"), WORLDS, indirect=True),
]  # fmt: skip

PEOPLE = {
    "Amara Nwosu": "subject", "Lea Lead": "lead of the subject's team",
    "Otto Other": "lead of another team", "Mia Member": "member of the subject's team",
    "Ada Admin": "administrator",
}  # fmt: skip


@dataclass
class World:
    """A company, and the numbers of its people by name; session: of the subject."""

    team: object
    ids: dict[str, int]
    session: str

    def browser(self, name: str):
        return signed_in(self.team, name)

    @property
    def subject(self) -> int:
        return self.ids["Amara Nwosu"]

    def looks(self) -> list[tuple]:
        return self.team.rows("SELECT person, viewer, what, session FROM look ORDER BY what")


@pytest.fixture
def tier(request) -> int:
    return request.param


@pytest.fixture
def world(settings, team, tier) -> World:
    """The subject shares one session of half a year ago at a tier."""

    def made() -> None:
        kept(settings, told())
        team.company()
        ids = {name: a_person(team, name, admin=name == "Ada Admin", password=None)
               for name in PEOPLE}  # fmt: skip
        team.sync(settings, team.choice("Amara Nwosu", tier=tier))
        in_team(team, "Ledger", leads=[ids["Lea Lead"]],
                members=[ids["Amara Nwosu"], ids["Mia Member"]])  # fmt: skip
        in_team(team, "Tools", leads=[ids["Otto Other"]], members=[ids["Ada Admin"]])

    team.filled(("access", tier), made)
    ids = {str(name): int(person) for name, person in team.rows("SELECT name, id FROM person")}
    ((session,),) = team.rows("SELECT id FROM session")
    return World(team, ids, session)


def pages_of(world: World) -> list[str]:
    """Every page about the subject."""
    of = f"/people/{world.subject}"
    one = f"{of}/sessions/{world.session}"
    return [f"{of}/?range=all", f"{of}/sessions?range=all", one, f"{one}/changes",
            f"{of}/practices?range=all", f"{of}/practices/planning?range=all"]  # fmt: skip


@pytest.mark.alike
def test_only_the_lead_of_their_team_sees_a_person(world, tier):
    for name in PEOPLE:
        browser = world.browser(name)
        for path in pages_of(world):
            allowed = name in ("Amara Nwosu", "Lea Lead")
            if path.endswith("/changes") and tier < 2:
                allowed = False
            answer = browser.get(path)
            assert answer.status_code == (200 if allowed else 404), (name, path)
            if not allowed:
                assert not any(word in answer.text for word in SECRETS)
                assert "Amara" not in answer.text


@pytest.mark.alike
def test_what_is_seen_is_what_was_shared_and_no_time_of_day(world, tier):
    browser = world.browser("Lea Lead")
    shared = {1: set(), 2: {"zqpath", "zqtool"}, 3: {"zqprompt", "zqanswer", "zqpath", "zqtool"}}
    text = "".join(
        browser.get(path).text for path in pages_of(world) if tier > 1 or "/changes" not in path
    )
    assert {word for word in ("zqprompt", "zqanswer", "zqpath", "zqtool") if word in text} >= (
        shared[tier]
    )
    assert not any(word in text for word in set(SECRETS) - shared[tier] - {"zqbranch"} if tier < 2)
    assert not re.search(r"\b\d{1,2}:\d\d\b", re.sub(r'"[^"]*"', "", text))
    assert not re.search(r"\$\d", text)


@pytest.mark.alike
def test_files_of_a_page_have_days_too(world):
    browser = world.browser("Lea Lead")
    of = f"/people/{world.subject}"
    for path in (f"{of}/practices?range=all", f"{of}/sessions?range=all",
                 f"{of}/sessions/{world.session}"):  # fmt: skip
        join = "&" if "?" in path else "?"
        said = browser.page(f"{path}{join}format=json")
        assert not re.search(r"\b1[5-9]\d{11}\b", said)
        assert "cost_nano" not in said


@pytest.mark.alike
def test_each_look_is_written_down_and_ones_own_is_not(world, tier):
    lead, own = world.browser("Lea Lead"), world.browser("Amara Nwosu")
    for path in pages_of(world):
        lead.get(path)
        own.get(path)
        world.browser("Otto Other").get(path)
    seen = {(what, session) for _, _, what, session in world.looks()}
    assert {person for person, *_ in world.looks()} == {world.subject}
    assert {viewer for _, viewer, *_ in world.looks()} == {world.ids["Lea Lead"]}
    one = {("profile", None), ("sessions", None), ("session", world.session)}
    assert seen == (one | {("changes", world.session)} if tier > 1 else one)
    page = own.page("/sharing")
    assert "Lea Lead" in page
    assert "sees your sessions, a day after they ended" in page


@pytest.mark.alike
def test_what_cannot_be_written_down_is_not_sent(world, monkeypatch):
    from accrete_team import looks

    def broken(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(looks, "look", broken)
    browser = world.browser("Lea Lead")
    browser.client._transport.raise_server_exceptions = False
    answer = browser.get(f"/people/{world.subject}/sessions/{world.session}")
    assert answer.status_code == 500
    assert not any(word in answer.text for word in SECRETS)


@pytest.mark.alike
def test_administration_is_for_administrators(world):
    paths = ("/admin", "/admin/people", f"/admin/people/{world.subject}", "/admin/teams",
             "/admin/audit")  # fmt: skip
    for name in PEOPLE:
        browser = world.browser(name)
        for path in paths:
            expected = 200 if name == "Ada Admin" else 404
            assert browser.get(path).status_code == expected, (name, path)
        assert browser.get("/notice").status_code == 200
        assert browser.get("/sharing").status_code == 200
    sneaky = world.browser("Mia Member")
    token = re.search(r'name="token" value="(\w+)"', sneaky.page("/sharing"))[1]
    for path in ("/admin/people", "/admin/settings", "/admin/budget", "/admin/teams",
                 f"/admin/people/{world.subject}/invite"):  # fmt: skip
        assert sneaky.post(path, {"token": token, "name": "X"}).status_code in (403, 404)


def test_an_administrator_breaks_the_glass_for_a_day_and_the_person_is_told(world):
    admin = world.browser("Ada Admin")
    page = f"/admin/people/{world.subject}"
    short = admin.form(page, f"{page}/glass", why="because")
    assert short.status_code == 400
    why = "A customer's data may be in this session, case 4711"
    assert admin.form(page, f"{page}/glass", why=why).status_code == 303
    assert admin.get(f"/people/{world.subject}/?range=all").status_code == 200
    assert world.team.rows("SELECT why FROM look") == [(why,)]
    told_at_once = world.browser("Amara Nwosu").page("/sharing")
    assert why in unescape(told_at_once)
    assert "Ada Admin" in told_at_once
    with world.team.database() as db:
        db.run("UPDATE opening SET since = since - ?, until = until - ?", (DAY_MS, DAY_MS))
    assert admin.get(f"/people/{world.subject}/?range=all").status_code == 404


def test_becoming_a_lead_takes_a_day_and_the_members_are_told(world):
    admin = world.browser("Ada Admin")
    team = next(iter(world.team.rows("SELECT id FROM team WHERE name = 'Ledger'")))[0]
    sent = admin.form("/admin/teams", "/admin/teams", team=team, what="lead",
                      person=str(world.ids["Otto Other"]))  # fmt: skip
    assert sent.status_code == 303
    assert world.browser("Otto Other").get(f"/people/{world.subject}/").status_code == 404
    assert "Otto Other leads Ledger from" in world.browser("Amara Nwosu").page("/sharing")
    with world.team.database() as db:
        db.run("UPDATE team_place SET since = since - ? WHERE since > made_at", (DAY_MS,))
    assert world.browser("Otto Other").get(f"/people/{world.subject}/").status_code == 200


def test_what_happened_since_yesterday_is_not_shown(world):
    browser, of = world.browser("Lea Lead"), f"/people/{world.subject}"
    one = f"{of}/sessions/{world.session}"
    assert browser.get(one).status_code == 200
    late = tokens.now_ms() - LATER_MS + DAY_MS
    day = f"strftime('%Y-%m-%d', {late} / 1000, 'unixepoch')"
    if world.team.admin_url:
        day = f"to_char(to_timestamp({late} / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    with world.team.database() as db:
        db.run(f"UPDATE session_day SET local_day = {day}")
    for path in (one, f"{one}/changes", f"{one}/steps/x"):
        assert browser.get(path).status_code == 404
    assert world.session[:8] not in browser.page(f"{of}/sessions?range=all")
    assert world.browser("Amara Nwosu").get(f"/me/sessions/{world.session}").status_code == 200


def test_words_of_a_session_that_goes_on_are_not_found(world, tier):
    """Of one that began long ago and was gone on with since yesterday."""
    browser, of = world.browser("Lea Lead"), f"/people/{world.subject}"
    with world.team.database() as db:
        ((uuid, at, day),) = db.run("SELECT uuid, at, local_day FROM prompt LIMIT 1")
        known = {"person": world.subject, "session": world.session, "practice": "planning",
                 "uuid": uuid, "at": at, "local_day": day}  # fmt: skip
        row = {name: known.get(name, "" if kind is str else 0)
               for name, (kind, *_) in typed("sighting").items()}  # fmt: skip
        db.run(f"INSERT INTO sighting ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
               [*row.values()])  # fmt: skip
        db.run("UPDATE session SET title = 'Ledger Zqname' WHERE title IS NOT NULL")
    pages = {
        "/search?q=zqprompt": "Amara",
        f"{of}/search?range=all&q=zqprompt": "Please",
        f"{of}/search?range=all&q=zqname": "Ledger Zqname",
        f"{of}/practices/planning?range=all": "Ledger Zqname",
    }

    def found() -> list[bool]:
        return [word in browser.page(path) for path, word in pages.items()]

    assert found() == [tier == 3] * 4
    late = datetime.fromtimestamp((tokens.now_ms() - LATER_MS + DAY_MS) / 1000, UTC).date()
    with world.team.database() as db:
        columns = ", ".join(name for name in typed("session_day") if name != "local_day")
        db.run(f"INSERT INTO session_day (local_day, {columns}) SELECT ?, {columns} "
               "FROM session_day", (late.isoformat(),))  # fmt: skip
    assert found() == [False] * 4


def test_cost_per_person_is_announced_before_it_is_shown(world):
    one = f"/people/{world.subject}/sessions/{world.session}"
    with world.team.database() as db:
        now = tokens.now_ms()
        companies.switch(db, "cost_per_person", "on", actor=None, now=now)
    assert "Leads see cost, tokens, lines" in world.browser("Amara Nwosu").page("/sharing")
    before = world.browser("Lea Lead").page(one)
    with world.team.database() as db:
        db.run("UPDATE company_setting SET since = 1")
    after = world.browser("Lea Lead").page(one)
    assert before != after
    assert "$" in after
    assert "$" not in before


@pytest.mark.alike
def test_people_and_sessions_of_others_are_sorted_by_nothing_but_name_and_time(world):
    browser, of = world.browser("Lea Lead"), f"/people/{world.subject}"
    for sort in ("cost", "active", "prompts", "errors"):
        assert browser.get(f"{of}/sessions?sort={sort}").status_code in (400, 404)
    names = re.findall(r"(Amara Nwosu|Mia Member)</", browser.page("/people"))
    assert names == ["Amara Nwosu", "Mia Member"]


def test_search_over_people_shows_numbers_until_one_is_opened(world, tier):
    browser = world.browser("Lea Lead")
    page = browser.page("/search?q=zqprompt")
    assert world.looks() == []
    assert ("Amara Nwosu" in page) == (tier == 3)
    assert "Please" not in page
    of = f"/people/{world.subject}/search?q=zqprompt&range=all"
    assert ("Please" in browser.page(of)) == (tier == 3)
    assert [what for _, _, what, _ in world.looks()] == ["search"]
    for name in ("Otto Other", "Mia Member", "Ada Admin"):
        assert "Amara" not in world.browser(name).get("/search?q=zqprompt").text
        assert world.browser(name).get(of).status_code == 404


def test_ones_own_pages_are_whole(world, tier):
    browser = world.browser("Amara Nwosu")
    for path in ("/me/?range=all", "/me/sessions?range=all", f"/me/sessions/{world.session}",
                 "/me/practices?range=all", "/me/practices/verification?range=all",
                 "/me/costs?range=all&by=session", "/me/responses?range=all", "/me/projects",
                 "/me/search?q=zqprompt&range=all", "/me/numbers", "/me/settings",
                 "/me/keys"):  # fmt: skip
        assert "(no title)" not in browser.page(path), path
    untitled = [path for path in ("/me/costs?range=all&by=session", "/me/sessions?range=all")
                if re.search(r">Session (of [1-9]|[0-9a-f]{8}<)", browser.page(path))]  # fmt: skip
    assert len(untitled) == (0 if tier == 3 else 2)
    assert ("zqprompt" in browser.page(f"/me/sessions/{world.session}")) == (tier == 3)
    assert "Session of" in browser.page(f"/me/sessions/{world.session}") or tier == 3
    for other in set(PEOPLE) - {"Amara Nwosu"}:
        assert world.browser(other).get(f"/me/sessions/{world.session}").status_code == 404


def test_ones_own_costs_lead_to_ones_own_responses(world, tier):
    browser = world.browser("Amara Nwosu")
    page = unescape(browser.page("/me/costs?range=all&by=model"))
    found = re.findall(r'href="/c/[^/"]+(/me/responses\?[^"]+)"', page)
    assert found
    assert page.count("/responses?") == len(found)  # none without the company
    told = browser.get("/me/costs?range=all&by=model&format=json").json()["tables"]["costs"]
    for row in told:
        where = next(each for each in found if f"model={row['model']}" in each)
        figures = browser.get(f"{where}&format=json").json()["figures"]
        assert figures["responses"] == row["responses"] > 0
        assert figures["cost"] == row["cost_nano"]
    for refused in ("plugin=x", "server=x", "lacks=plugin"):
        assert browser.get(f"/me/responses?{refused}").status_code == 400
    assert browser.get("/me/sessions?lacks=server").status_code == 400
    for other in set(PEOPLE) - {"Amara Nwosu"}:
        asked = f"/me/responses?range=all&session={world.session}&format=json"
        assert world.browser(other).get(asked).json()["tables"]["responses"] == []


def test_what_is_held_can_be_taken_along_and_deleted(world):
    import io
    import zipfile

    browser = world.browser("Amara Nwosu")
    packed = zipfile.ZipFile(io.BytesIO(browser.get("/sharing/export").content))
    assert world.session in packed.read("session.jsonl").decode()
    assert "Delete everything" in browser.page("/sharing/delete")
    assert browser.form("/sharing/delete", "/sharing/delete").status_code == 303
    assert world.team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    assert "The company holds nothing of yours." in browser.page("/sharing")
