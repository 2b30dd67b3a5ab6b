"""The pages of administration as they are read: what holds, what will, who set it, who is where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from accrete_team import budgets, people, tokens

from tests.team.seen import chosen, items, links, options, parts, rows, words_of
from tests.team.signed import a_person, signed_in

pytestmark = pytest.mark.parametrize("team", ["sqlite"], indirect=True)
NOW = int(datetime(2026, 11, 9, 14, 30, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
KEYS = {"cost_per_person": "Cost, tokens, lines, commits and pull requests of single people",
        "people_csv": "The matrix of practices as a file"}  # fmt: skip


def setting(team, name: str, since: int, value: str, by: int | None = None) -> None:
    with team.database() as db:
        db.run("INSERT INTO company_setting (name, since, value, by_person, made_at) "
               "VALUES (?, ?, ?, ?, 1)", (name, since, value, by))  # fmt: skip


@pytest.fixture
def admin(team):
    a_person(team, "Ada Admin", admin=True, password=None)
    return signed_in(team, "Ada Admin", now=NOW)


def section(html: str, heading: str) -> str:
    (found,) = [each for each in parts(html, "section") if f"<h2>{heading}</h2>" in each]
    return found


@pytest.mark.parametrize(
    ("since", "holds", "later"),
    [
        (NOW - 1, "shown to their leads", ""),
        (NOW, "shown to their leads", ""),
        (NOW + 1, "sums over five people or more only",
         "From 9 Nov 2026, 14:30 UTC on: shown to their leads."),
        (NOW + 3 * DAY, "sums over five people or more only",
         "From 12 Nov 2026, 14:30 UTC on: shown to their leads."),
    ],
)  # fmt: skip
def test_a_setting_holds_from_its_moment_on_and_is_announced_before(
    team, admin, since, holds, later
):
    setting(team, "cost_per_person", since, "on")
    html = admin.page("/admin")
    part = section(html, KEYS["cost_per_person"])
    assert chosen(part) == [holds]
    assert [words_of(each) for each in parts(part, "p")] == ([later] if later else [])
    assert options(part) == {"off": "sums over five people or more only",
                             "on": "shown to their leads"}  # fmt: skip
    other = section(html, KEYS["people_csv"])
    assert chosen(other) == ["the row of the whole team only"]
    assert options(other)["on"] == "rows of people, for their leads"
    assert parts(other, "p") == []


def test_a_switch_is_announced_a_day_before_and_the_last_one_counts(team, admin):
    for value in ("on", "off", "on"):
        answer = admin.form("/admin", "/admin/settings", name="people_csv", value=value)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{admin.base}/admin")
    part = section(admin.page("/admin"), KEYS["people_csv"])
    assert "From 10 Nov 2026, 14:30 UTC on: rows of people, for their leads." in words_of(part)
    assert admin.form("/admin", "/admin/settings", name="people_csv", value="x").status_code == 400


def test_for_how_long_what_is_kept_is_what_was_set_last_of_what_has_begun(team, admin):
    def kept() -> list[tuple[str, str]]:
        part = section(admin.page("/admin"), "How long it is kept")
        fields = [each.partition('value="')[2].partition('"')[0]
                  for each in part.split("<input ")[2:]]  # fmt: skip
        return list(zip(map(words_of, parts(part, "label")), fields, strict=True))

    names = ["Sessions shared at tier 1", "Sessions shared at tier 2", "Sessions shared at tier 3",
             "What is held of people who left"]  # fmt: skip
    assert kept() == list(zip(names, ["", "", "", "30"], strict=True))
    for name, since, value in (
        ("retention_days_1", 1, "90"), ("retention_days_1", NOW, "none"),
        ("retention_days_2", NOW - 1, "60"), ("retention_days_2", NOW, "61"),
        ("retention_days_3", 1, "7"), ("retention_days_3", NOW + 1, "8"),
        ("leavers_days", NOW, "12"),
    ):  # fmt: skip
        setting(team, name, since, value)
    assert kept() == list(zip(names, ["", "61", "7", "12"], strict=True))
    fields = {"retention_days_1": "", "retention_days_2": "61", "retention_days_3": "7",
              "leavers_days": "12"}  # fmt: skip
    admin.form("/admin", "/admin/keep", **fields)
    assert kept() == list(zip(names, ["", "61", "7", "12"], strict=True))


def test_what_is_kept_as_it_was_is_written_down_by_nobody(team, admin):
    same = {"retention_days_1": "", "retention_days_2": " ", "retention_days_3": "",
            "leavers_days": "30"}  # fmt: skip
    assert admin.form("/admin", "/admin/keep", **same).headers["location"] == f"{admin.base}/admin"
    for value, taken in (("99999", True), ("100000", False), ("1", True), ("²", False)):
        answer = admin.form("/admin", "/admin/keep", **same | {"retention_days_2": value})
        assert (answer.status_code == 303) == taken, value
        assert taken or f"&#39;{value}&#39; is no number of days. Empty is for ever." in answer.text
    team.app.state.site.now = lambda: NOW + 1
    admin.form("/admin", "/admin/keep", **same | {"leavers_days": ""})
    said = team.rows("SELECT at, about FROM audit WHERE what = 'set' ORDER BY at, about")
    assert said == [
        (NOW, "retention days 2: 1"), (NOW, "retention days 2: 99999"),
        (NOW + 1, "leavers days: none"), (NOW + 1, "retention days 2: none"),
    ]  # fmt: skip


def test_budgets_stand_by_name_with_the_companys_first_and_who_set_them(team, admin):
    ((ada,),) = team.rows("SELECT id FROM person")
    with team.database() as db:
        for key, name in (("zz", "api"), ("aa", "Web"), ("mm", "Ledger")):
            db.run("INSERT INTO published_project (remote, id, name, at) VALUES (?, ?, ?, 1)",
                   (f"github.com/acme/{key}", key, name))  # fmt: skip
    places = {"": "The company", "zz": "api", "mm": "Ledger", "aa": "Web"}

    def budgets_part() -> str:
        html = admin.page("/admin")
        return html[html.index('<section id="budgets">') : html.index("How long it is kept")]

    assert options(budgets_part()) == places
    assert list(options(budgets_part())) == list(places)
    assert items(budgets_part()) == []
    for project, dollars in (("aa", "20.5"), ("zz", "1,000"), ("", "5000")):
        answer = admin.form("/admin", "/admin/budget", project=project, dollars=dollars)
        assert answer.headers["location"] == f"{admin.base}/admin#budgets"
    with team.database() as db:
        budgets.set_budget(db, 7 * 10**9, actor=None, now=NOW - DAY, project="mm")
        db.run("DELETE FROM published_project WHERE id = 'mm'")
        db.run("INSERT INTO company_setting (name, since, value, by_person, made_at) "
               "VALUES ('budget:f00dcafe', ?, '9000000000', ?, 1)", (NOW, ada))  # fmt: skip
        db.run("INSERT INTO company_setting (name, since, value, by_person, made_at) "
               "VALUES ('budget:later', ?, '1000000000', ?, 1)", (NOW + 1, ada))  # fmt: skip
    now, before = "since 9 Nov 2026, 14:30 UTC", "since 8 Nov 2026, 14:30 UTC"
    assert items(budgets_part()) == [
        f"The company: $5,000.00 a month {now}, set by Ada Admin",
        f"api: $1,000.00 a month {now}, set by Ada Admin",
        f"Web: $20.50 a month {now}, set by Ada Admin",
        f"project f00dca: $9.00 a month {now}, set by Ada Admin",
        f"project mm: $7.00 a month {before}, set by the command line",
    ]
    gone = {"f00dcafe": "project f00dca", "mm": "project mm"}
    assert options(budgets_part()) == {"": "The company", "zz": "api", "aa": "Web", **gone}
    team.app.state.site.now = lambda: NOW + 2
    assert admin.form("/admin", "/admin/budget", project="zz").status_code == 303
    assert not [each for each in items(budgets_part()) if each.startswith("api")]


def test_a_team_lists_its_leads_first_then_by_name_and_who_will_come(team, admin):
    names = ("zoe Zorn", "Abel Ames", "Mia Moor", "Gone Gale", "Left Lund")
    made = {name: a_person(team, name, password=None) for name in names}
    with team.database() as db:
        forge, empty = (people.make_team(db, name, actor=None, now=1)
                        for name in ("Forge", "Empty"))  # fmt: skip
        for name, role, since, until in (
            ("zoe Zorn", "lead", 1, None), ("Abel Ames", "member", NOW, NOW + 1),
            ("Mia Moor", "member", NOW + DAY, None), ("Gone Gale", "member", 1, NOW),
            ("zoe Zorn", "member", 1, None), ("Mia Moor", "lead", 1, None),
        ):  # fmt: skip
            db.run(
                "INSERT INTO team_place (person, team, role, since, until, made_at) "
                "VALUES (?, ?, ?, ?, ?, 1)", (made[name], forge, role, since, until),
            )  # fmt: skip
        db.run("UPDATE account SET left_at = 1 WHERE person = ?", (made["Left Lund"],))
    html = admin.page("/admin/teams")
    there = items(section(html, "<bdi>Forge</bdi>"))
    assert [line.removesuffix(" Take out") for line in there] == [
        "Mia Moor, leads it", "zoe Zorn, leads it", "Abel Ames",
        "Mia Moor from 10 Nov 2026, 14:30 UTC on", "zoe Zorn",
    ]  # fmt: skip
    assert items(section(html, "<bdi>Empty</bdi>")) == ["nobody yet"]
    listed = set(options(section(html, "<bdi>Empty</bdi>")).values())
    assert listed == {"Ada Admin", *made} - {"Left Lund"}
    assert "Dissolve Forge" not in words_of(html)
    asked = admin.page(f"/admin/teams?ask={forge}")
    assert "Dissolve Forge" in words_of(section(asked, "<bdi>Forge</bdi>"))
    assert "Dissolve this team" in words_of(section(asked, "<bdi>Empty</bdi>"))
    answer = admin.form("/admin/teams", "/admin/teams", what="make", name="New")
    assert answer.headers["location"] == f"{admin.base}/admin/teams"
    for wrong, person in (("member", "x"), ("out lead", ""), ("nothing", "1")):
        answer = admin.form("/admin/teams", "/admin/teams", what=wrong, person=person, team=empty)
        assert answer.status_code == 400
        assert "That form asks for nothing. Go back and choose." in answer.text


def test_the_people_of_a_company_stand_by_name_with_what_they_are(team, admin):
    with team.database() as db:
        for name, job in (("Abel Ames", "tester"), ("bea Boon", ""), ("Lin Left", ""), ("Zed", "")):
            who = tokens.add_person(db, name)
            people.set_account(db, who, actor=None, now=1, job=job or None,
                               start_month="2026-03" if job else None)  # fmt: skip
            for nth, of in enumerate(("Tools", "Forge", "Past")[: 3 if job else 1]):
                made = (db.run("SELECT id FROM team WHERE name = ?", (of,)) or [(None,)])[0][0]
                made = made or people.make_team(db, of, actor=None, now=1)
                db.run("INSERT INTO team_place (person, team, role, since, until, made_at) "
                       "VALUES (?, ?, 'member', 1, ?, 1)", (who, made, 5 if nth == 2 else None)
                       )  # fmt: skip
        db.run("UPDATE account SET left_at = 1 WHERE person = ?",
               (tokens.person_named(db, "Lin Left"),))  # fmt: skip
    a_person(team, "Zed")
    html = admin.page("/admin/people")
    assert rows(html, "people") == [
        ["Abel Ames", "—", "tester", "2026-03", "Forge, Tools", "not signed in yet"],
        ["Ada Admin", "ada@example.com", "—", "—", "—", "administrator"],
        ["bea Boon", "—", "—", "—", "Tools", "not signed in yet"],
        ["Lin Left", "—", "—", "—", "Tools", "left"],
        ["Zed", "zed@example.com", "—", "—", "Tools", "signs in"],
    ]
    ((abel,),) = team.rows("SELECT id FROM person WHERE name = 'Abel Ames'")
    assert links(html)["Abel Ames"] == f"{admin.base}/admin/people/{abel}"


def test_a_person_is_added_changed_and_given_what_they_need_and_each_is_written_down(team, admin):
    answer = admin.form("/admin/people", "/admin/people", name="Mia Moor", email="Mia@Example.com")
    ((mia, email),) = team.rows("SELECT p.id, a.email FROM person p JOIN account a ON a.person = "
                                "p.id WHERE p.name = 'Mia Moor'")  # fmt: skip
    assert email == "mia@example.com"
    at = f"/admin/people/{mia}"
    assert answer.headers["location"] == admin.base + at
    fields = {"email": "m@example.com", "job": "tester", "start_month": "2026-03", "admin": "0"}
    assert admin.form(at, at, **fields).headers["location"] == admin.base + at
    html = admin.page(at)
    assert chosen(html) == []
    for value in ("m@example.com", "tester", "2026-03"):
        assert f'value="{value}"' in html
    assert items(html) == ["none yet"]
    assert "Say that Mia Moor left" in words_of(html)
    invited = admin.form(at, f"{at}/invite").text
    assert f"http://localhost{admin.base}/invitation/" in invited
    assert "It sets a password, once, for a week." in invited
    for label in ("laptop", " "):
        made = admin.form(at, f"{at}/token", label=label)
        assert "It lets a machine of this person send what" in made.text
        assert made.headers["cache-control"] == "no-store"
        assert links(made.text)["Back"] == admin.base + at
    with team.database() as db:
        db.run("UPDATE device_token SET used_week = '2026-11-02' WHERE label = 'laptop'")
    there = sorted(items(admin.page(at)))
    assert there == ["laptop: week of 2026-11-02 End its token", "no name: never used End its token"
                     ]  # fmt: skip
    ((device,),) = team.rows("SELECT device FROM device_token WHERE label = ''")
    assert admin.form(at, f"{at}/revoke", device=device).headers["location"] == admin.base + at
    assert "no name: ended" in items(admin.page(at))
    assert admin.form(at, f"{at}/glass", why="short").status_code == 400
    sent = admin.form(at, f"{at}/glass", why="somebody asked me to look at this")
    assert sent.headers["location"] == admin.base + at
    assert "is signed out, their tokens end" in words_of(admin.page(f"{at}?ask=left"))
    sent = admin.form(f"{at}?ask=left", f"{at}/left")
    assert sent.headers["location"] == admin.base + at
    assert "Left the company." in words_of(admin.page(at))
    assert "<form" not in admin.page(at).partition("<main")[2].partition("</main>")[0]
    wrote = [(what, about) for _, what, about in team.rows(
        "SELECT at, what, about FROM audit WHERE actor IS NOT NULL")]  # fmt: skip
    for what in ("added", "made a token", "ended a token"):
        assert (what, "Mia Moor") in wrote, wrote
    assert admin.get("/admin/people/9999").status_code == 404
    assert "no such person" in admin.get("/admin/people/9999").text


def test_the_audit_log_has_its_newest_lines_with_who_and_when(team, admin):
    ((ada,),) = team.rows("SELECT id FROM person")
    with team.database() as db:
        db.run("DELETE FROM audit")
        for nth in range(205):
            db.run(
                "INSERT INTO audit (id, at, actor, what, about) VALUES (?, ?, ?, 'did', ?)",
                (f"a{nth}", NOW - nth * 60_000, ada if nth % 2 else None, f"thing {nth}"),
            )
    table = admin.get("/admin/audit?format=json").json()["tables"]["audit"]
    assert len(table) == 200
    assert table[:2] == [
        {"at": "9 Nov 2026, 14:30 UTC", "actor": "the command line", "what": "did",
         "about": "thing 0"},
        {"at": "9 Nov 2026, 14:29 UTC", "actor": "Ada Admin", "what": "did", "about": "thing 1"},
    ]  # fmt: skip
    assert "The newest 200 at most." in admin.page("/admin/audit")


@pytest.mark.parametrize("path", ["/admin", "/admin/audit", "/admin/teams"])
def test_nobody_else_has_a_page_of_administration(team, admin, path):
    a_person(team, "Mia Member", password=None)
    answer = signed_in(team, "Mia Member").get(path)
    assert answer.status_code == 404
    assert "Administrators have it." in answer.text
