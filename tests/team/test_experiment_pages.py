"""The pages of experiments as leads and members read them: which run, until when one can be ended,
what can be chosen for a new one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from accrete_team import people

from tests.company import add_week
from tests.team.seen import chosen, lead_of, links, options, parts, words_of
from tests.team.signed import a_person, in_team, signed_in

pytestmark = [pytest.mark.long, pytest.mark.parametrize("team", ["sqlite"], indirect=True)]
NOW = int(datetime(2026, 11, 11, 14, 30, tzinfo=UTC).timestamp() * 1000)
"""The week of 2 Nov is the last one that is over then."""
NAMES = ("Amara Nwosu", "Beatriz Lima", "Chen Rong", "Dag Hovland", "Farid Haddad")


@pytest.fixture
def ids(team):
    """Two teams of the same five, one of which is led by Lea, who is a member of the other; and one
    that is somebody else's."""
    made = {name: a_person(team, name, password=None) for name in (*NAMES, "Lea Lead", "Otto Oh")}
    five = [made[name] for name in NAMES]
    made["zebra"] = in_team(team, "zebra", leads=[made["Lea Lead"]], members=five)
    made["Ant"] = in_team(team, "Ant", leads=[made["Lea Lead"]], members=five)
    made["Bee"] = in_team(team, "Bee", leads=[made["Otto Oh"]], members=[made["Lea Lead"], *five])
    made["Cat"] = in_team(team, "Cat", leads=[made["Otto Oh"]], members=five)
    return made


def runs(
    team, of: str, name: str, start: str, weeks: int = 2, *, practice: str = "planning",
    metric: str = "use", ended: int | None = None,
) -> None:  # fmt: skip
    with team.database() as db:
        db.run(
            "INSERT INTO experiment (id, team, practice, metric, start_week, weeks, by_person, "
            "made_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?)",
            (name, of, practice, metric, start, weeks, ended),
        )


def told(html: str) -> list[str]:
    return [words_of(each) for each in parts(html, "section", **{"class": "experiment"})]


def test_what_runs_is_listed_for_the_lead_and_for_the_members_of_each_team(team, ids):
    lea, amara = signed_in(team, "Lea Lead", now=NOW), signed_in(team, "Amara Nwosu", now=NOW)
    a_person(team, "Nia None", password=None)
    assert lead_of(lea.page("/experiments")).startswith("No experiments yet. An experiment is one")
    for who in (amara, signed_in(team, "Nia None", now=NOW)):
        assert lead_of(who.page("/experiments")) == "No experiment runs in your teams."
        assert "/experiments/new" not in who.page("/experiments")
    assert "Begin an experiment" in links(lea.page("/experiments"))
    runs(team, ids["Ant"], "a", "2026-11-16", practice="review", metric="checks")
    assert lead_of(lea.page("/experiments")).startswith("1 experiment. What came of each is the")
    runs(team, ids["Bee"], "b", "2026-11-09", 4)
    runs(team, ids["Cat"], "c", "2026-10-05")
    use, checks = ("the share of sessions in which the practice is seen, where it is possible",
                   "the share of sessions with edits that end with a check")  # fmt: skip
    theirs = "The team's lead tells the team what comes of it."
    assert told(lea.page("/experiments")) == [
        "Review, Ant Too early: 0 of 2 weeks are over. From 16 Nov 2026, 2 weeks. Measured on "
        f"{checks}. End it early",
        f"Planning, Bee {theirs} From 9 Nov 2026, 4 weeks. Measured on {use}.",
    ]
    assert told(amara.page("/experiments")) == [
        f"Review, Ant {theirs} From 16 Nov 2026, 2 weeks. Measured on {checks}.",
        f"Planning, Bee {theirs} From 9 Nov 2026, 4 weeks. Measured on {use}.",
        f"Planning, Cat {theirs} From 5 Oct 2026, 2 weeks. Measured on {use}.",
    ]
    assert lead_of(amara.page("/experiments")).startswith("3 experiments. What came of each")


@pytest.mark.parametrize(
    ("start", "weeks", "ended", "said", "ends"),
    [
        ("2026-10-26", 2, None, "Too few: 0 of 5 people have 5 sessions before and during", False),
        ("2026-10-26", 4, None, "Too early: 2 of 4 weeks are over.", True),
        ("2026-11-02", 2, None, "Too early: 1 of 2 weeks are over.", True),
        ("2026-10-19", 2, None, "Too few: 0 of 5 people", False),
        ("2026-11-02", 2, NOW, "Ended early: nothing is said of it.", False),
    ],
)
def test_one_can_be_ended_until_its_last_week_is_over(team, ids, start, weeks, ended, said, ends):
    runs(team, ids["Ant"], "a", start, weeks, ended=ended)
    lea = signed_in(team, "Lea Lead", now=NOW)
    (shown,) = told(lea.page("/experiments"))
    assert said in shown
    assert ("End it early" in shown) == ends
    if ends:
        answer = lea.form("/experiments", "/experiments/a/end")
        assert answer.headers["location"] == f"{lea.base}/experiments"
        assert team.rows("SELECT ended_at FROM experiment") == [(NOW,)]


def test_it_is_about_who_was_in_the_team_when_its_first_week_ended(team, ids):
    runs(team, ids["Ant"], "a", "2026-10-26")
    lea = signed_in(team, "Lea Lead", now=NOW)
    ended = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp() * 1000)
    with team.database() as db:
        place = "UPDATE team_place SET {} WHERE person = ? AND team = ? AND role = 'member'"
        for name, change in zip(
            NAMES, (f"until = {ended}", f"until = {ended - 1}", f"since = {ended}",
                    f"since = {ended - 1}"), strict=False,
        ):  # fmt: skip
            db.run(place.format(change), (ids[name], ids["Ant"]))
        late = a_person(team, "Late Lund", password=None)
        people.place(db, late, ids["Ant"], "member", actor=None, now=NOW, since=NOW - 1)
    assert "Too few: 0 of 3 people have" in told(lea.page("/experiments"))[0]
    with team.database() as db:
        db.run("UPDATE team_place SET since = ? WHERE role = 'member'", (ended,))
    assert "Too few: 0 of 0 people have" in told(lea.page("/experiments"))[0]


def test_its_weeks_are_compared_with_the_four_before_it_and_with_no_other(team, ids):
    runs(team, ids["Ant"], "a", "2026-10-19")
    lea = signed_in(team, "Lea Lead", now=NOW)
    worked_in = {
        NAMES[0]: ("2026-09-21", "2026-10-26"),
        NAMES[1]: ("2026-09-14", "2026-10-26"),
        NAMES[2]: ("2026-09-21", "2026-11-02"),
        NAMES[3]: ("2026-10-12", "2026-10-19"),
        NAMES[4]: ("2026-10-19", "2026-10-26"),
    }
    with team.database() as db:
        for name, weeks in worked_in.items():
            for week in weeks:
                add_week(db, ids[name], week, "planning", 5, 1)
    assert "Too few: 2 of 5 people have 5 sessions" in told(lea.page("/experiments"))[0]


def test_a_new_one_is_of_a_team_that_is_led_and_begins_on_the_next_monday(team, ids):
    lea = signed_in(team, "Lea Lead", now=NOW)
    html = lea.page("/experiments/new")
    _, teams, metrics, _ = parts(html, "select")
    assert list(options(teams).values()) == ["Ant", "zebra"]
    assert list(options(metrics)) == ["use", "checks"]
    assert [words_of(each) for each in parts(html, "option")][-2:] == ["2", "4"]
    assert chosen(html) == []
    assert "Begin on 16 Nov 2026" in words_of(html)
    assert "the 4 weeks before it, within the people who are in the team when it starts, 5 at" in (
        words_of(html)
    )
    assert links(html)["Experiments"] == f"{lea.base}/experiments"
    assert chosen(lea.page("/experiments/new?practice=review")) == ["Review"]
    for path in ("/experiments/new?practice=nothing", "/experiments/new?practice=x&format=json"):
        assert lea.get(path).status_code == 404
    monday = int(datetime(2026, 11, 15, 23, 59, tzinfo=UTC).timestamp() * 1000)
    for now, day in ((monday, "16 Nov 2026"), (monday + 60_000, "23 Nov 2026")):
        assert f"Begin on {day}" in signed_in(team, "Lea Lead", now=now).page("/experiments/new")
    for name in ("Amara Nwosu", "Otto Oh"):
        answer = signed_in(team, name, now=NOW).get("/experiments/new")
        assert answer.status_code == (404 if name in NAMES else 200)
        assert (name in NAMES) == ("Leads begin and end experiments" in answer.text)


def test_what_cannot_be_begun_is_refused_and_what_can_is_stored(team, ids):
    lea = signed_in(team, "Lea Lead", now=NOW)
    good = {"practice": "review", "team": ids["Ant"], "metric": "use", "weeks": "4"}
    for changed, said in (
        ({"team": ids["Bee"]}, "You lead no such team."), ({"team": ""}, "You lead no such team."),
        ({"weeks": "two"}, "two or four weeks"), ({"weeks": ""}, "two or four weeks"),
        ({"weeks": "9" * 4500}, "two or four weeks"), ({"weeks": "24"}, "two or four weeks"),
        ({"practice": ""}, "No practice"), ({"metric": "x"}, "Choose what it is measured on"),
    ):  # fmt: skip
        answer = lea.form("/experiments/new", "/experiments", **good | changed)
        assert answer.status_code == 400, changed
        assert said in answer.text, changed
    assert team.rows("SELECT COUNT(*) FROM experiment") == [(0,)]
    answer = lea.form("/experiments/new", "/experiments", **good)
    assert answer.headers["location"] == f"{lea.base}/experiments"
    stored = "SELECT team, practice, metric, weeks, start_week, by_person FROM experiment"
    assert team.rows(stored) == [
        (ids["Ant"], "review", "use", 4, "2026-11-16", ids["Lea Lead"])
    ]  # fmt: skip
