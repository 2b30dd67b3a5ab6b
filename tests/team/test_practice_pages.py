"""The matrix, a cell of it, the page of a practice and the page of the week, of a company in which
everybody does the same every week."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.company import add_person, add_session, add_week
from tests.team.even import NOW, even_weeks
from tests.team.seen import chosen, figures, items, lead_of, links, parts, rows, words_of
from tests.team.signed import signed_in
from tests.team.test_matrix import bodies, said

pytestmark = [pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)]
MONDAYS = ("17 Aug", "24 Aug", "31 Aug", "7 Sep", "14 Sep", "21 Sep", "28 Sep", "5 Oct", "12 Oct",
           "19 Oct", "26 Oct", "2 Nov")  # fmt: skip
POSSIBLE = {"Planning", "Delegation", "Skills", "Verification", "Review"}


@pytest.fixture
def lead(team):
    even_weeks(team)
    return signed_in(team, "Lena Lead", now=NOW)


def bars(html: str) -> list[str]:
    return [unescape(each) for each in re.findall(r"<title>(.*?)</title>", html)[1:]]


def heights(html: str) -> list[float]:
    """Of the bars of weeks, in units of which 82 are a whole bar."""
    return [float(each) for each in re.findall(r'height="([\d.]+)"[^>]*><title>Week of', html)]


def by_week(shares: list[str]) -> list[str]:
    return [f"Week of {day} 2026: {each}" for day, each in zip(MONDAYS, shares, strict=True)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", {
            ("Whole team", "Planning"): "used by 6 of 10 people, 30% of 480 sessions",
            ("Whole team", "Review"): "used by 10 of 10 people, 50% of 480 sessions, rising",
            ("Whole team", "Delegation"): "few: possible in 4 sessions",
            ("Person 01", "Planning"): "regular, 50% of 48 sessions",
            ("Person 07", "Planning"): "not seen, 0% of 48 sessions",
            ("Person 01", "Verification"): "fluent, 100% of 48 sessions",
            ("Person 01", "Review"): "regular, 50% of 48 sessions, rising",
            ("Person 11", "Review"): "new: joined less than four weeks ago",
            ("Person 12", "Review"): "private: nothing is shared",
        }),
        ("?range=4w&compare=before", {
            ("Whole team", "Review"):
                "used by 10 of 10 people, 75% of 160 sessions, rising; before 50% of 160",
            ("Whole team", "Planning"):
                "used by 6 of 10 people, 30% of 160 sessions; before 30% of 160",
            ("Person 01", "Review"): "regular, 75% of 16 sessions; before 50% of 16",
            ("Person 12", "Review"): "private: nothing is shared",
        }),
        ("?range=4w&compare=after", {
            ("Whole team", "Review"): "used by 10 of 10 people, 75% of 160 sessions",
            ("Person 01", "Review"): "regular, 75% of 16 sessions",
        }),
        ("?team=harbour", {
            ("Person 08", "Planning"): "not seen, 0% of 48 sessions",
        }),
        ("?project=p", {("Person 01", "Review"): "regular, 50% of 48 sessions, rising"}),
        ("?project=x", {("Person 01", "Review"): "n/a: not possible in any session"}),
    ],
)  # fmt: skip
def test_cells_say_the_share_of_the_weeks_and_of_the_weeks_before(lead, query, told):
    cells = said(lead.page(f"/matrix{query}"))
    for cell, words in told.items():
        assert cells[cell] == words
    assert {practice for _, practice in cells} > POSSIBLE
    assert ("Person 01", "Planning") in cells or "team=harbour" in query


def test_what_can_be_chosen_is_a_link_and_what_is_chosen_is_marked(lead):
    html = lead.page("/matrix")
    assert chosen(html) == ["12 weeks", "All teams", "Team"]
    base = f"{lead.base}/matrix?range=12w"
    there = links(html)
    assert there["Harbour"] == f"{base}&team=harbour"
    assert there["Role"] == f"{base}&by=job"
    assert there["Compare with 12 weeks, 25 May 2026 to 16 Aug 2026"] == f"{base}&compare=before"
    assert "More people" not in there
    assert "People before" not in there
    assert "CSV of these people" not in there
    query = "range=4w&compare=before&team=forge&by=job"
    html = lead.page(f"/matrix?{query}")
    assert chosen(html) == ["4 weeks", "Forge", "Role",
                            "Compare with 4 weeks, 14 Sep 2026 to 11 Oct 2026"]  # fmt: skip
    there = links(html)
    assert there["Compare with 4 weeks, 14 Sep 2026 to 11 Oct 2026"] == (
        f"{lead.base}/matrix?range=4w&team=forge&by=job"
    )
    assert there["All teams"] == f"{lead.base}/matrix?range=4w&compare=before&by=job"
    assert there["Harbour"] == f"{lead.base}/matrix?range=4w&compare=before&team=harbour"
    (cell,) = [href for text, href in there.items() if text.startswith("Person 01, Planning")]
    assert cell == f"{lead.base}/matrix/planning/1?range=4w&compare=before&team=forge"
    assert list(bodies(html)) == ["No role given", "tester"]
    assert chosen(lead.page("/matrix?team=forge"))[1:] == ["Forge", "by name"]
    assert chosen(lead.page("/matrix?team="))[1:] == ["All teams", "Team"]
    for person in ("Person 11", "Person 12"):
        assert not [text for text in links(lead.page("/matrix")) if text.startswith(f"{person},")]
    assert words_of(parts(html, "caption")[0]).startswith("4 weeks, 12 Oct 2026 to 8 Nov 2026. ")
    assert "The paler bar: 4 weeks, 14 Sep 2026 to 11 Oct 2026." in html
    assert "since the range before by more than chance" in html
    assert "Person 12paused" in words_of(lead.page("/matrix"))


def test_one_team_is_no_choice_of_teams_and_stands_by_name(team, lead):
    with team.database() as db:
        db.run("DELETE FROM team_place WHERE role = 'lead' AND team = 'harbour'")
    html = lead.page("/matrix")
    assert chosen(html) == ["12 weeks", "by name"]
    assert "All teams" not in links(html)
    assert list(bodies(html)) in ([], ["Person 01"])
    assert said(html)["Whole team", "Planning"] == "used by 6 of 6 people, 50% of 288 sessions"


def test_projects_are_a_choice_where_five_share_their_name(team, lead):
    with team.database() as db:
        for person in range(1, 6):
            db.run("INSERT INTO project (person, id, name, root, ids) "
                   "VALUES (?, 'p', 'The Quay', '', '')", (person,))  # fmt: skip
    html = lead.page("/matrix?page=1&by=none")
    assert chosen(html) == ["12 weeks", "All teams", "All projects", "by name"]
    there = links(html)
    assert there["The Quay"].endswith("/matrix?by=none&range=12w&project=p") or (
        "project=p" in there["The Quay"] and "page" not in there["The Quay"]
    )
    html = lead.page("/matrix?project=p&by=none")
    assert chosen(html) == ["12 weeks", "All teams", "The Quay", "by name"]
    assert "project" not in links(html)["All projects"]


REVIEW = ("Review spreads: within people the share of sessions with it rose by {} points (between "
          "{} and {}).")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "query", "words"),
    [
        ("", "", f"{REVIEW.format(50, 50, 50)} Skills stands still: none of 10 people use it "
                 "often. 1 of 12 people shares nothing."),
        ("", "?range=4w&compare=before",
         f"{REVIEW.format(25, 25, 25)} Skills stands still: none of 10 people use it often. 1 of "
         "12 people shares nothing."),
        ("UPDATE person_week SET seen = 3 WHERE practice = 'skills' AND person = 2", "",
         f"{REVIEW.format(50, 50, 50)} Skills stands still: 1 of 10 people uses it often. 1 of 12 "
         "people shares nothing."),
        ("UPDATE person_week SET seen = 3 WHERE practice = 'skills' AND person < 3", "",
         f"{REVIEW.format(50, 50, 50)} Skills stands still: 2 of 10 people use it often. 1 of 12 "
         "people shares nothing."),
        ("UPDATE person_week SET seen = 0 WHERE practice IN ('planning', 'review')", "",
         "Planning, Skills and Review stand still: few people use them often. 1 of 12 people "
         "shares nothing."),
        ("UPDATE person_week SET seen = 0 WHERE practice = 'review'", "",
         "Skills and Review stand still: few people use them often. 1 of 12 people shares "
         "nothing."),
        ("UPDATE person_week SET seen = 4 WHERE practice IN ('review', 'skills')", "",
         "No practice changed by more than chance would explain. 1 of 12 people shares nothing."),
        ("DELETE FROM person_week WHERE person > 3", "",
         "Too few people and weeks to say what spreads and what stands still. 9 of 12 people share "
         "nothing."),
    ],
)  # fmt: skip
def test_what_spreads_and_what_stands_still_is_said_first(team, lead, change, query, words):
    if change:
        with team.database() as db:
            db.run(change)
            if change.startswith("DELETE"):
                db.run("UPDATE account SET start_month = ''")
    assert lead_of(lead.page(f"/matrix{query}")) == words


def test_only_two_of_what_spreads_are_told(team, lead):
    with team.database() as db:
        db.run("UPDATE person_week SET seen = CASE WHEN week > '2026-09-22' THEN 3 ELSE 1 END "
               "WHERE practice IN ('planning', 'skills')")  # fmt: skip
    told = lead_of(lead.page("/matrix"))
    assert told.count(" spreads: ") == 2
    assert told.startswith("Planning spreads: within people")


@pytest.mark.parametrize(
    ("page", "newer", "older", "people"),
    [("", False, True, 100), ("1", False, True, 100), ("2", True, False, 12), ("3", True, False, 0),
     ("0", False, True, 100), ("x", False, True, 100), ("-1", False, True, 100)],
)  # fmt: skip
def test_pages_of_people_lead_to_each_other(team, lead, page, newer, older, people):
    with team.database() as db:
        for n in range(100, 200):
            add_person(db, n, f"Person {n}", team="forge")
    html = lead.page(f"/matrix?by=none&page={page}")
    there = links(html)
    assert ("People before" in there, "More people" in there) == (newer, older)
    if older:
        assert "page=2" in there["More people"]
    if newer:
        assert f"page={int(page) - 1}" in there["People before"]
    shown = re.findall(r'<th scope="row"><a[^>]*><bdi>([^<]+)', html)
    assert len(shown) == people
    assert ("share nothing" in lead_of(html)) is False
    with team.database() as db:
        db.run("DELETE FROM team_place WHERE person > 187")
        db.run("DELETE FROM account WHERE person > 187")
    assert "More people" not in links(lead.page("/matrix?by=none"))


@pytest.mark.parametrize(
    ("path", "words", "shares", "depths"),
    [
        ("/matrix/verification/1", "Fluent, 100% of 48 sessions.", ["4 of 4"] * 12,
         ["too few", "regular", "regular", *["fluent"] * 9]),
        ("/matrix/review/7", "Regular, 50% of 48 sessions, rising.",
         ["1 of 4"] * 6 + ["3 of 4"] * 6, ["too few", *["regular"] * 11]),
        ("/matrix/delegation/1", "Few: possible in 4 sessions.",
         ["not possible"] * 8 + ["1 of 1"] * 4, ["too few"] * 4),
        ("/matrix/skills/1", "Not seen, 0% of 48 sessions.", ["0 of 4"] * 12,
         ["too few", *["not seen"] * 11]),
        ("/matrix/isolation/1", "N/a: not possible in any session.", ["not possible"] * 12, []),
        ("/matrix/planning/1?range=year", "Regular, 50% of 52 sessions.", ["2 of 4"] * 12,
         ["too few", *["regular"] * 11]),
    ],
)  # fmt: skip
def test_behind_a_cell_are_its_weeks_and_how_regular_it_was_by_each(
    lead, path, words, shares, depths
):
    html = lead.page(path)
    assert lead_of(html) == words
    assert bars(html) == by_week(shares)
    tall = {"0 of 4": 0.5, "1 of 4": 20.5, "2 of 4": 41.0, "3 of 4": 61.5, "not possible": 0.5}
    assert heights(html) == [tall.get(each, 82.0) for each in shares]
    table = [row for row in zip(MONDAYS, shares, strict=True) if row[1] != "not possible"]
    assert rows(html)[::-1] == [
        [f"{day} 2026", *each.split(" of "), depth]
        for (day, each), depth in zip(table, depths, strict=True)
    ]
    person = path[-1] if "?" not in path else "1"
    since = "2025-11-10" if "year" in path else "2026-08-17"
    practice = path.split("/")[2]
    assert links(html)[f"All moments that Person 0{person} shares"] == (
        f"{lead.base}/people/{person}/practices/{practice}?since={since}&until=2026-11-08"
    )
    regular = words.startswith(("Fluent", "Regular")) and "planning" not in path
    assert (f"Done well, as Person 0{person} reads it: “" in words_of(html)) == regular or (
        "planning" in path
    )


@pytest.mark.parametrize("person", [11, 12])
def test_behind_a_cell_that_says_nothing_is_nothing(lead, person):
    answer = lead.get(f"/matrix/planning/{person}")
    assert answer.status_code == 404
    assert f"Person {person}: " in answer.text


def test_moments_of_a_cell_are_the_last_six_with_how_often_each(team, lead):
    with team.database() as db:
        for nth in range(8):
            add_session(db, 1, nth, f"2026-11-0{nth + 1}", practices={"planning": 1})
        more = "0001000{}-0000-4000-8000-000000000000"
        for nth in (7, 6):
            db.run("INSERT INTO sighting (person, session, practice, uuid, tool_use_id, agent, "
                   "local_day, marks, seq) VALUES (1, ?, 'planning', 'zz', '', '', ?, 'well', 1)",
                   (more.format(nth), f"2026-11-0{nth + 1}"))  # fmt: skip
    html = lead.page("/matrix/planning/1")
    moments = [each for each in items(html) if "time" in each]
    assert len(moments) == 6
    assert moments[0].startswith("Session of 8 Nov 2026")
    assert "2 times, 1 done well" in moments[0]
    assert moments[2].endswith("1 time")
    hrefs = [href for text, href in links(html).items() if text == "Session of 8 Nov 2026"]
    assert hrefs[0].startswith(f"{lead.base}/people/1/sessions/{more.format(7)}#s-")
    with team.database() as db:
        db.run("UPDATE person SET tier = 1 WHERE id = 1")
    html = lead.page("/matrix/planning/1")
    assert "#s-" not in links(html)["Session of 8 Nov 2026"]


@pytest.mark.parametrize(
    ("practice", "words", "told"),
    [
        ("planning",
         "6 of 10 people use it in a quarter of their sessions or more. No change was found: no "
         "points within people in the second half of these weeks (between no points and no points; "
         "10 people).", ("6 of 10 with enough sessions", "6 of 12 people", "144", "480", "30%")),
        ("review",
         "10 of 10 people use it in a quarter of their sessions or more. It spreads: 50 points "
         "more within people in the second half of these weeks (between 50 points more and 50 "
         "points more; 10 people).",
         ("10 of 10 with enough sessions", "11 of 12 people", "240", "480", "50%")),
        ("delegation", "Too few sessions in which it was possible to say who uses it.",
         ("0 of 0 with enough sessions", "1 of 12 people", "4", "4", "100%")),
        ("isolation", "Too few sessions in which it was possible to say who uses it.",
         ("0 of 0 with enough sessions", "0 of 12 people", "0", "0", "n/a")),
    ],
)  # fmt: skip
def test_a_practice_is_told_by_people_sessions_and_change(lead, practice, words, told):
    html = lead.page(f"/matrix/{practice}")
    using, tried, seen, possible, share = told
    assert lead_of(html) == words
    assert figures(html) == {
        "People who use it often": using, "Ever used it": tried, "Seen in": f"{seen} sessions",
        "Possible in": f"{possible} sessions", "Share": f"{share} of sessions where possible",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("versions = '1 2' WHERE person = 1 AND week = '2026-11-02'",
         "10 of 10 people use it in a quarter of their sessions or more. Its rules changed in "
         "these weeks, so no change is shown."),
        ("eligible = 0, seen = 0 WHERE person > 4 AND week > '2026-09-22'",
         "10 of 10 people use it in a quarter of their sessions or more. A change is shown of 5 "
         "people or more with sessions in both halves."),
        ("seen = 0 WHERE week > '2026-09-22'", "Nobody uses it in a quarter of their sessions or "
         "more. It is used less: 25 points fewer within people in the second half of these weeks "
         "(between 25 points fewer and 25 points fewer; 10 people)."),
        ("seen = 4 WHERE person = 1 AND week > '2026-09-22'", None),
        ("seen = 0 WHERE person > 1", "1 of 10 people uses it in a quarter of their sessions or "
         "more. No change was found: 5 points more within people in the second half of these "
         "weeks (between "),
        ("seen = 0 WHERE person > 2", "2 of 10 people use it in a quarter of their sessions or "
         "more."),
    ],
)  # fmt: skip
def test_what_changed_in_a_practice_is_told_or_why_it_is_not(team, lead, change, said):
    with team.database() as db:
        db.run(f"UPDATE person_week SET {change.replace('WHERE', 'WHERE practice = ? AND')}",
               ("review",))  # fmt: skip
    told = lead_of(lead.page("/matrix/review"))
    assert told.startswith(said or "10 of 10 people use it"), told
    assert ("It spreads" in told) == (said is None)


def test_the_week_is_told_beside_the_week_before(team, lead):
    with team.database() as db:
        for person in range(1, 8):
            add_session(db, person, 1, "2026-11-03")
            add_session(db, person, 2, "2026-11-04")
            if person < 6:
                add_session(db, person, 3, "2026-10-27", cost=3 * 10**9)
        db.run("UPDATE person_week SET seen = 3 WHERE practice = 'verification' AND person < 3")
        for back, week in enumerate(("2026-11-02", "2026-10-26", "2026-10-19", "2026-10-12")):
            add_week(db, 3, week, "steering", 4, 2 if back < 2 else 0)
    html = lead.page("/week")
    told = figures(html)
    assert told["Active people"] == "7 of 12; 5 the week before"
    assert told["Sessions"] == "14 5 the week before"
    assert told["Checked after edits"] == "95% of 44 sessions"
    assert told["Cost"] == "$14.00 $15.00 the week before"
    assert lead_of(html) == "Review spreads. Skills stands still."
    assert rows(html, "activity")[:3] == [
        ["2 Nov 2026", "14", "7"], ["26 Oct 2026", "5", "5"], ["19 Oct 2026", "0", "0"],
    ]  # fmt: skip
    assert len(rows(html, "activity")) == len(rows(html, "adoption")) == 12
    used = ["6 of 11", "n/a", "1 of 1", "0 of 11", "n/a", "1 of 1", "11 of 11", "11 of 11", "n/a",
            "n/a", "n/a"]  # fmt: skip
    assert rows(html, "adoption")[0] == ["2 Nov 2026", *used]
    assert rows(html, "adoption")[-1][1:4] == ["6 of 11", "n/a", "n/a"]
    assert items(html)[-11:][0] == "Planning 6 of 11"
    assert [each.rpartition(" ")[0] for each in items(html)[-11:]][1] == "Task tracking"
    assert bars(html)[10:12] == [
        "Week of 26 Oct 2026: 5 sessions of 5 people", "Week of 2 Nov 2026: 14 sessions of 7 people"
    ]  # fmt: skip
    with team.database() as db:
        db.run("UPDATE account SET paused_at = 1 WHERE person < 12")
    assert lead_of(lead.page("/week")).startswith(
        "Everybody in your teams has paused sharing, so nothing new arrives. Review spreads."
    )
    with team.database() as db:
        db.run("UPDATE account SET paused_at = NULL WHERE person = 4")
    assert lead_of(lead.page("/week")) == "Review spreads. Skills stands still."


def test_a_practice_is_taken_up_when_it_becomes_regular_for_a_person(team, lead):
    assert figures(lead.page("/week"))["Practices taken up"] == "0 became regular for a person"
    weeks = ("2026-11-02", "2026-10-26", "2026-10-19", "2026-10-12", "2026-10-05", "2026-09-28")
    with team.database() as db:
        for nth, week in enumerate(weeks):
            add_week(db, 3, week, "steering", 4, 4 * (nth < 3))
    assert figures(lead.page("/week"))["Practices taken up"] == "1 became regular for a person"
    with team.database() as db:
        for n in range(100, 288):
            add_person(db, n, f"Person {n}", team="forge")
    assert figures(lead.page("/week"))["Practices taken up"] == "1 became regular for a person"
    with team.database() as db:
        add_person(db, 288, "Person 288", team="forge")
    assert figures(lead.page("/week"))["Practices taken up"] == "— counted for up to 200 people"


def test_a_practice_is_told_week_by_week_and_by_who_began_when(team, lead):
    html = lead.page("/matrix/planning")
    assert bars(html)[:12] == by_week(["12 of 44 sessions, 6 of 11 people"] * 12)
    assert heights(html)[:12] == [22.36] * 12
    assert rows(html, "weeks") == [
        [f"{day} 2026", "6", "11", "12", "44", "27%"] for day in MONDAYS[::-1]
    ]
    assert bars(lead.page("/matrix/delegation"))[7:9] == [
        "Week of 5 Oct 2026: not possible", "Week of 12 Oct 2026: 1 of 1 session, 1 of 1 people"
    ]  # fmt: skip
    assert "No sessions in these weeks." in lead.page("/matrix/isolation")
    told = lead.get("/matrix/planning?format=json").json()["tables"]["weeks"][0]
    assert told == {
        "week": "2026-11-02", "using": 6, "people": 11, "seen": 12, "possible": 44,
        "share": 12 / 44,
    }  # fmt: skip
    used = re.findall(r"([\w\- ]+: \d+ of \d+ (?:people|person)) used it by the last week", html)
    assert [each.strip() for each in used][:3] == [
        "2025-03: 0 of 2 people", "2026-11: 0 of 1 person", "Not given: 6 of 9 people"
    ]  # fmt: skip
    with team.database() as db:
        for person, month in enumerate(("2024-01", "2024-02", "2024-03", "2025-02"), 1):
            db.run("UPDATE account SET start_month = ? WHERE person = ?", (month, person))
    html = lead.page("/matrix/planning")
    used = re.findall(r"([\w\- ]+: \d+ of \d+ (?:people|person)) used it by the last week", html)
    assert [each.strip() for each in used][:4] == [
        "2024: 3 of 3 people", "2025: 1 of 3 people", "2026: 0 of 1 person",
        "Not given: 2 of 5 people",
    ]  # fmt: skip


def test_who_stands_on_the_page_of_a_practice_leads_to_their_weeks(lead):
    html = lead.page("/matrix/review")
    hrefs = [unescape(each) for each in re.findall(r'href="([^"]*)"', html)]
    assert links(html)["Person 01"] == f"{lead.base}/people/1/"
    assert f"{lead.base}/matrix/review/1?range=12w" in hrefs
    for person in (11, 12):
        assert f"{lead.base}/matrix/review/{person}?range=12w" not in hrefs
    assert f"{lead.base}/experiments/new?practice=review" in hrefs
    people = [words_of(each) for each in parts(html, "li")]
    assert [each.split()[1][:2] for each in people if each.startswith("Person")] == [
        f"{n:02d}" for n in range(1, 13)
    ]


def test_where_several_people_are_stuck_is_said_in_the_week(team, lead):
    assert len(lead_of(lead.page("/week")).split(". ")) == 2
    with team.database() as db:
        for person in range(1, 9):
            for nth in range(6):
                add_session(db, person, nth, f"2026-11-0{2 + nth}", checks=2, checks_failed=1)
    html = lead.page("/week")
    told = lead_of(html)
    assert told.startswith("Review spreads. Skills stands still. ")
    (item,) = [each for each in items(html) if told.partition("still. ")[2][:40] in each]
    assert item.startswith(told.partition("still. ")[2])
    assert "8" in told
