"""The people of a team, one of them and their sessions as their lead reads them, and sessions in
figures, which name nobody."""

from __future__ import annotations

import re

import pytest
from accrete_team import companies

from tests.company import add_session, add_week
from tests.team.even import DOLLAR, NOW, even
from tests.team.seen import figures, lead_of, links, parts, rows, words_of
from tests.team.signed import a_person, in_team, signed_in

pytestmark = pytest.mark.parametrize("team", ["sqlite"], indirect=True)
DAY = 86_400_000


@pytest.fixture
def lead(team):
    even(team)
    return signed_in(team, "Lena Lead", now=NOW)


def test_people_stand_under_their_teams_with_what_they_share_and_when_they_worked_last(team, lead):
    with team.database() as db:
        for person, tier in ((1, 1), (2, 2), (3, 3)):
            db.run("UPDATE person SET tier = ? WHERE id = ?", (tier, person))
        for table in ("session", "session_day"):
            db.run(f"DELETE FROM {table} WHERE person = 4")
        db.run("INSERT INTO team_place (person, team, role, since, made_at) "
               "VALUES (1, 'harbour', 'member', 1, 1)")  # fmt: skip
    html = lead.page("/people")
    assert lead_of(html) == "20 people in the teams that you lead."
    assert rows(html, "team-forge")[:4] == [
        ["Person 01", "figures and days, no words and no paths", "5 Nov 2026", ""],
        ["Person 02", "figures, tools, files and changes, no words", "5 Nov 2026", ""],
        ["Person 03", "everything that was written, and all the figures", "5 Nov 2026", ""],
        ["Person 04", "everything that was written, and all the figures", "—", ""],
    ]
    assert [len(rows(html, f"team-{of}")) for of in ("forge", "harbour")] == [10, 11]
    assert rows(html, "team-harbour")[-1][::3] == ["Person 20", "paused"]
    assert rows(html, "team-harbour")[0][0] == "Person 01"
    assert links(html)["Person 20"] == f"{lead.base}/people/20/"
    assert [words_of(each) for each in parts(html, "h2")] == ["Forge", "Harbour"]
    solo = a_person(team, "Solo Lead", password=None)
    in_team(team, "Empty", leads=[solo], members=[])
    html = signed_in(team, "Solo Lead", now=NOW).page("/people")
    assert lead_of(html) == "0 people in the teams that you lead."
    assert "Nobody is in this team yet." in html
    answer = signed_in(team, "Person 01", now=NOW).get("/people")
    assert answer.status_code == 404
    assert "You see your own work." in answer.text


def test_an_administrator_sees_people_for_a_reason_alone(team, lead):
    ada = signed_in(team, "Ada Admin", now=NOW)
    assert lead_of(ada.page("/people")).startswith("Administrators see no single person's work.")
    ((who,),) = team.rows("SELECT id FROM person WHERE name = 'Ada Admin'")
    with team.database() as db:
        companies.break_glass(db, 5, who, "a key that was lost in a session", NOW)
    html = ada.page("/people")
    assert ("You may see the work of Person 05 for the reason that you gave: a key that was lost "
            "in a session") in words_of(html)  # fmt: skip
    assert links(html)["Person 05"] == f"{ada.base}/people/5/"
    ada.page("/people/5/?range=4w")
    assert team.rows("SELECT person, viewer, what, why FROM look") == [
        (5, who, "profile", "a key that was lost in a session")
    ]
    assert ada.get("/people/6/?range=4w").status_code == 404


def test_a_card_of_a_person_is_counted_from_their_sessions_of_the_range(team, lead):
    with team.database() as db:
        for nth in range(12):
            add_session(db, 20, 1000 + nth, f"2026-11-0{1 + nth % 8}",
                        practices={"planning": 1, "review": 0}, tools={"Bash": 2, "Zed": 1},
                        active_ms=600_000)  # fmt: skip
    html = lead.page("/people/20/?range=4w")
    assert lead_of(html) == "20 sessions in this range. Regular: Planning."
    assert figures(html) == {
        "Sessions": "20", "Active time": "2h 00m", "Regular practices": "1"
    }  # fmt: skip
    assert links(html)["20"] == f"{lead.base}/people/20/sessions?range=4w"
    assert links(html)["1"] == f"{lead.base}/people/20/practices?range=4w"
    assert rows(html, "practices")[:2] == [["Planning", "regular", "12", "12"],
                                           ["Task tracking", "n/a", "0", "0"]]  # fmt: skip
    assert rows(html, "practices")[7] == ["Review", "not seen", "0", "12"]
    assert len(rows(html, "practices")) == 11
    assert rows(html, "models") == [["claude-haiku-5-5", "4"], ["claude-opus-5-5", "16"]]
    assert rows(html, "tools") == [["Bash", "36"], ["Read", "4"], ["Zed", "12"]]
    assert rows(html, "projects") == [["(not named)", "16"], ["The Quay", "4"]]
    assert ("Last at work in the week of 2 Nov 2026. Up to 9 Nov 2026. Shared: everything that was "
            "written, and all the figures.") in words_of(html)  # fmt: skip
    assert "Change what you share" not in html
    own = signed_in(team, "Person 20", now=NOW).page("/people/20/?range=4w")
    assert links(own)["Change what you share"] == f"{lead.base}/sharing"
    assert "Regular: " not in lead_of(lead.page("/people/19/?range=4w"))
    with team.database() as db:
        for table in ("session", "session_day"):
            db.run(f"DELETE FROM {table} WHERE person = 19")
        db.run("UPDATE person SET tier = 2 WHERE id = 19")
    html = lead.page("/people/19/?range=4w")
    assert "Last at work" not in html
    assert "Shared: figures, tools, files and changes, no words." in words_of(html)


def test_sessions_of_somebody_stand_by_day_fifty_a_page(team, lead):
    with team.database() as db:
        for table in ("session", "session_day", "session_usage"):
            db.run(f"DELETE FROM {table} WHERE person = 20")
        for nth in range(54):
            add_session(
                db, 20, nth, f"2026-11-0{8 - nth // 9}", checks=nth % 3, checks_failed=nth % 2,
                outcome="shipped" if nth % 3 else None, tool_errors=nth % 3, agents=nth % 2,
                interruptions=nth % 4, prompts=1 + nth % 2, active_ms=60_000,
                project="quay" if nth == 1 else "ledger",
            )  # fmt: skip
        db.run("UPDATE session SET title = 'Mend it' WHERE person = 20 AND id LIKE '00140002%'")
    html = lead.page("/people/20/sessions?range=4w")
    assert lead_of(html) == ("Sessions up to 9 Nov 2026: a session is shown to others a day after "
                             "the day on which it ended.")  # fmt: skip
    table = rows(html, "sessions")
    assert len(table) == 50
    first = "Session of 8 Nov 2026"
    assert table[:4] == [
        [f"{first}, 1 prompt", "8 Nov 2026", "—", "1", "1 min", "—"],
        [f"{first}, 2 prompts 1 failed call · 1 interruption · 1 subagent", "8 Nov 2026",
         "The Quay", "2", "1 min", "shipped 1 check, 1 failed"],
        ["Mend it 2 failed calls · 2 interruptions", "8 Nov 2026", "—", "1", "1 min",
         "shipped 2 checks"],
        [f"{first}, 2 prompts 3 interruptions · 1 subagent", "8 Nov 2026", "—", "2", "1 min", "—"],
    ]  # fmt: skip
    assert table[9][1] == "7 Nov 2026"
    assert links(html)["Mend it"].startswith(f"{lead.base}/people/20/sessions/00140002-")
    older = links(html)["Older"]
    assert older == f"{lead.base}/people/20/sessions?range=4w&page=2"
    second = lead.page(older)
    assert [row[1] for row in rows(second, "sessions")] == ["3 Nov 2026"] * 4
    assert "Older" not in links(second)
    assert rows(lead.page(older.replace("page=2", "page=0")), "sessions") == table
    with team.database() as db:
        for table_, name in (("session", "id"), ("session_day", "session")):
            db.run(f"DELETE FROM {table_} WHERE person = 20 AND {name} > '00140032'")
    assert "Older" not in links(lead.page("/people/20/sessions?range=4w"))
    for wrong, said in (("sort=cost", "listed by time only, not by &#39;cost&#39;."),
                        ("practice=x", "No practice"), ("possible=x", "No practice")):  # fmt: skip
        answer = lead.get(f"/people/20/sessions?{wrong}")
        assert answer.status_code == 404
        assert said in answer.text
    assert lead.get("/people/20/sessions?sort=newest").status_code == 200
    empty = lead.page("/people/20/sessions?range=4w&practice=planning")
    assert "No sessions in this range." in empty


def test_a_session_is_opened_when_it_is_over_and_shared_at_its_tier(team, lead):
    with team.database() as db:
        db.run("UPDATE session SET prompts = 1")
        for nth, day in ((900, "2026-11-09"), (901, "2026-11-10")):
            add_session(db, 2, nth, day)
    of = "/people/2/sessions/0002{}-0000-4000-8000-000000000000{}"
    assert lead.get(of.format("0384", "")).status_code == 200
    for path in (of.format("0385", ""), of.format("ffff", "")):
        answer = lead.get(path)
        assert answer.status_code == 404
        assert "There is no such session that you may see." in answer.text
    for tier, status in ((1, 404), (2, 200)):
        with team.database() as db:
            db.run("UPDATE person SET tier = ? WHERE id = 2", (tier,))
        assert lead.get(of.format("0384", "/changes")).status_code == status
    looks = "SELECT what, session FROM look ORDER BY what"
    session = of.format("0384", "").rpartition("/")[2]
    assert team.rows(looks) == [("changes", session), ("session", session)]
    assert signed_in(team, "Person 02", now=NOW).get(of.format("0384", "")).status_code == 200
    assert len(team.rows(looks)) == 2


@pytest.mark.parametrize(
    ("switched", "since"),
    [
        ([(1, "on")], "1 Jan 1970"),
        ([(NOW - 3 * DAY, "on"), (NOW - DAY, "on"), (NOW + 1, "off")], "8 Nov 2026"),
        ([(NOW - 9 * DAY, "on"), (NOW - 5 * DAY, "off"), (NOW, "on")], "11 Nov 2026"),
        ([(NOW - 5 * DAY, "on"), (NOW, "off")], None),
        ([(NOW + 1, "on")], None),
    ],
)  # fmt: skip
def test_amounts_of_one_person_say_since_when_they_are_shown(team, lead, switched, since):
    with team.database() as db:
        for at, value in switched:
            db.run("INSERT INTO company_setting (name, since, value, by_person, made_at) "
                   "VALUES ('cost_per_person', ?, ?, NULL, 1)", (at, value))  # fmt: skip
        add_session(db, 20, 900, "2026-11-08", cost=DOLLAR, lines_added=1000, commits=2)
    html = lead.page("/people/20/?range=4w")
    if since is None:
        assert "$" not in html
        assert "of single people" not in html
        return
    told = figures(html)
    assert told["Cost"] == "$13.00 API prices"
    assert told["Commits"] == "6"
    assert told["Lines"] == "+1,040 −16 in landed edits"
    assert (f"The company shows cost, commits and lines of single people to their leads since "
            f"{since}. They say how sessions went") in words_of(html)  # fmt: skip


def test_sessions_in_figures_are_medians_and_shares_of_five_people_or_more(team, lead):
    ledger = "IN (SELECT id FROM session WHERE project = 'ledger')"
    with team.database() as db:
        for table, name in (("session", "id"), ("session_day", "session")):
            db.run(f"UPDATE {table} SET active_ms = 600000, tokens_own = 100, asked_accepted = 3, "
                   f"asked_rejected = 1, edits_landed = 1 WHERE {name} {ledger}")  # fmt: skip
        db.run("UPDATE session SET outcome = 'shipped' WHERE project = 'ledger' AND person < 11")
        db.run("UPDATE account SET job = CASE WHEN person < 9 THEN 'tester' ELSE '' END")
        for person in range(1, 21):
            add_week(db, person, "2026-08-10" if person < 13 else "2026-09-14", "planning", 1, 1)
    html = lead.page("/figures?range=12w")
    assert lead_of(html) == (
        "420 sessions of 20 people in 12 weeks, 10 Aug 2026 to 1 Nov 2026. Duration, messages and "
        "tokens are medians, each with the range of the middle half of the sessions."
    )
    assert figures(html) == {
        "Duration": "10 min 10 min to 10 min", "Messages": "14 14 to 14", "Tokens": "100 0 to 100",
        "Accepted when asked": "75% of 960", "Shipped, of those with edits": "50% of 240",
    }  # fmt: skip
    full, medium = "10 min 10 min to 10 min", ["14 14 to 14", "100 0 to 100"]
    assert rows(html, "roles") == [
        ["No role given", "240", full, *medium, "75% of 576", "17% of 144"],
        ["tester", "180", full, *medium, "75% of 384", "100% of 96"],
    ]
    nothing = ["—", "14 14 to 14", "0 0 to 0", "—", "—"]
    assert rows(html, "projects") == [
        ["project ledger", "240", full, "14 14 to 14", "100 100 to 100", "75% of 960",
         "50% of 240"],
        ["The Quay", "160", *nothing], ["all others", "20", *nothing],
    ]  # fmt: skip
    assert [row[:2] for row in rows(html, "weeks")] == [
        ["weeks 1 and 2", str(12 * 2 + 8 * 4 + 8 * 6)],  # six were before anything was shared
        ["weeks 3 and 4", str(12 * 2 + 8 * 4)],
        ["weeks 5 to 8", str(12 * 8 + 8 * 6)],
        ["weeks 9 to 12", str(12 * 8 + 20)],
    ]
    assert not re.search(r"Person \d\d", html)
    told = lead.get("/figures?range=12w&format=json").json()
    assert told["figures"] == {
        "active-time": 600_000, "messages": 14, "tokens": 100, "accepted": 0.75, "shipped": 0.5
    }  # fmt: skip
    assert told["tables"]["roles"][1] == {
        "name": "tester", "sessions": 180, "active-time": 600_000, "messages": 14, "tokens": 100,
        "accepted": 0.75, "shipped": 1.0,
    }  # fmt: skip
    with team.database() as db:  # a middle that differs from both ends of its range
        db.run("UPDATE session_day SET tokens_own = CASE WHEN person < 4 THEN 0 WHEN person < 17 "
               "THEN 100 ELSE 200 END WHERE session IN (SELECT id FROM session WHERE project = "
               "'quay')")  # fmt: skip
        db.run("UPDATE session_day SET prompts = person")
    quay = lead.get("/figures?range=12w&format=json").json()["tables"]["projects"][1]
    assert (quay["messages"], quay["tokens"]) == (19, 100)
    assert "14 to 24" in rows(lead.page("/figures?range=12w"), "projects")[1][3]
    solo = a_person(team, "Solo Lead", password=None)
    in_team(team, "Four", leads=[solo], members=[1, 2, 3, 4])
    html = signed_in(team, "Solo Lead", now=NOW).page("/figures?range=12w")
    assert lead_of(html) == "Figures are shown where at least 5 people worked in these weeks."
    assert figures(html) == {}
    ada = signed_in(team, "Ada Admin", now=NOW).page("/figures?range=12w")
    assert lead_of(ada).startswith("420 sessions of 20 people in 12 weeks")


def test_search_across_people_counts_places_and_shows_no_word(team, lead):
    assert "20 of 20 people in your teams share what was written." in words_of(
        lead.page("/search")
    )  # fmt: skip
    with team.database() as db:
        db.run("UPDATE person SET tier = 2 WHERE id < 4")
    html = lead.page("/search?q=+zqword+")
    assert "17 of 20 people in your teams share what was written." in words_of(html)
    assert lead_of(html) == "Nobody's shared words have all of these."
    assert 'value="zqword"' in html
    assert "Nothing found." in html
    html = lead.page(f"/search?q={'x' * 300}")
    assert f'value="{"x" * 200}"' in html
    assert lead_of(lead.page("/search?q=--")) == (
        "Nothing to search for. Give letters, digits or an emoji."
    )
    assert 'class="lead"' not in lead.page("/search?q=++")
