"""What a release says is what independent SQL counts; who counts in it; what is kept back, and
why."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from accrete_team import tokens
from accrete_team.benchmarks import benchmarks, teach
from accrete_team.release_rules import COMPANY, REST, YEAR, block_at, cuts
from accrete_team.releases import homes, made_of, make_releases

from accrete.practices import all_practices
from accrete.record.shared import replace_rows
from tests.team.made import BLOCK, after, person, put, worked

pytestmark = pytest.mark.long

NAMES = [each.name for each in all_practices()]
INDEPENDENT = """
WITH eligible AS (
  SELECT DISTINCT d.person, p.practice, d.session, (d.day - ?) / 7 AS week
  FROM (SELECT person, session, {day} AS day FROM session_day) d
  JOIN session s ON s.person = d.person AND s.id = d.session AND s.automated = 0
  JOIN session_practice p ON p.person = d.person AND p.session = d.session AND p.possible = 1
  WHERE d.day >= ? AND d.day < ? + 28
), used AS (
  SELECT DISTINCT g.person, g.practice, g.session, (g.day - ?) / 7 AS week
  FROM (SELECT person, practice, session, {day} AS day FROM sighting) g
  WHERE g.day >= ? AND g.day < ? + 28
), could_use AS (
  SELECT person, practice, week, COUNT(DISTINCT session) AS could FROM eligible
  GROUP BY person, practice, week
), did_use AS (
  SELECT person, practice, week, COUNT(DISTINCT session) AS did FROM used
  GROUP BY person, practice, week
), by_week AS (
  SELECT c.person, c.practice, c.could, COALESCE(d.did, 0) AS did FROM could_use c
  LEFT JOIN did_use d ON d.person = c.person AND d.practice = c.practice AND d.week = c.week
), whole AS (
  SELECT person, practice, COUNT(DISTINCT session) AS sessions FROM eligible
  GROUP BY person, practice
), judged AS (
  SELECT w.person, w.practice,
    CASE WHEN MAX(a.sessions) >= 5 AND SUM(w.did) > 0
      AND 2 * SUM(CASE WHEN 4 * w.did >= w.could THEN 1 ELSE 0 END) >= COUNT(*)
    THEN 1 ELSE 0 END AS regular
  FROM by_week w JOIN whole a ON a.person = w.person AND a.practice = w.practice
  GROUP BY w.person, w.practice
)
SELECT j.practice, SUM(j.regular), COUNT(*) FROM judged j
JOIN account a ON a.person = j.person AND a.left_at IS NULL AND a.paused_at IS NULL
WHERE EXISTS (SELECT 1 FROM device_token t WHERE t.person = j.person AND t.revoked_at IS NULL)
AND {whose} GROUP BY j.practice
"""


def company(db, sizes: dict[str, int], seed: int = 1, block: int = BLOCK) -> list[int]:
    """People of teams, each practice regular for some of them: for more of them the later its name
    comes."""
    made = []
    for team, size in sizes.items():
        for n in range(size):
            one = person(db, f"P{team}{n}", team)
            often = [name for at, name in enumerate(NAMES) if (n * 7 + seed + at) % 11 < at + 1]
            worked(db, one, block, often)
            made.append(one)
    return made


def cells(db, block: int = BLOCK) -> dict[tuple[str, str], str]:
    rows = db.run(
        "SELECT team, practice, answer FROM release_cell WHERE block = ?", (block_at(block).first,)
    )
    return {(team, practice): word for team, practice, word in rows}


def counted(db, whose: str = "1 = 1") -> dict[str, tuple[int, int]]:
    """(regular, people) of each practice, by SQL that shares nothing with the program."""
    sqlite = type(db).__name__ == "Sqlite"
    day = (
        "CAST(julianday(local_day) - 2440587.5 AS INTEGER)" if sqlite
        else "(CAST(local_day AS date) - DATE '1970-01-01')"
    )  # fmt: skip
    first = (after(BLOCK) // 86_400_000) - 5 - 27
    rows = db.run(INDEPENDENT.format(day=day, whose=whose), (first,) * 6)
    return {practice: (int(regular), int(people)) for practice, regular, people in rows}


@pytest.mark.slow
def test_every_word_is_what_independent_sql_counts(team):
    with team.database() as db:
        made = company(db, {"a": 14, "b": 12, "": 16})
        db.run("UPDATE account SET paused_at = 1 WHERE person = ?", (made[0],))
        db.run("UPDATE account SET left_at = 1 WHERE person = ?", (made[15],))
        db.run("UPDATE device_token SET revoked_at = 1 WHERE person = ?", (made[30],))
        assert make_releases(db, after(BLOCK)) == ["2026-10-05"]
        said = cells(db)
        places = "(SELECT m.team FROM team_place m WHERE m.person = j.person)"
        for group, whose, size in (
            ("a", f"{places} = 'a'", 13), ("b", f"{places} = 'b'", 11),
            (REST, f"{places} IS NULL", 15),
        ):  # fmt: skip
            found = counted(db, whose)
            assert {n for _, n in found.values()} == {size}
            for practice, (regular, people) in found.items():
                assert said[group, practice] == cuts(people).word(regular), (group, practice)
        whole = counted(db)
        exact = [p for p, (m, n) in whole.items() if said[COMPANY, p] == cuts(n).word(m)]
        assert len(exact) >= 9  # the others would tell of a team, beside the words for teams
        assert len(set(said.values())) == 3


def test_a_release_made_twice_from_the_same_data_is_the_same_and_is_never_made_again(team):
    with team.database("one") as first, team.database("two") as second:
        for db in (first, second):
            company(db, {"a": 12, "": 12})
            make_releases(db, after(BLOCK))
        assert cells(first) == cells(second) != {}
        before = cells(first)
        first.run("DELETE FROM sighting")
        assert make_releases(first, after(BLOCK)) == []
        assert cells(first) == before


def test_deleting_a_person_changes_no_past_release_and_none_below_eight_follows(team):
    with team.database() as db:
        made = company(db, {"": 9})
        make_releases(db, after(BLOCK))
        before = cells(db)
        for one in made[:2]:
            for name in ("session", "session_day", "session_practice", "sighting", "counted",
                         "account", "device_token", "teaching"):  # fmt: skip
                db.run(f"DELETE FROM {name} WHERE person = ?", (one,))
        assert cells(db) == before
        for one in made[2:]:
            worked(db, one, BLOCK + 1, NAMES[:4])
        assert make_releases(db, after(BLOCK + 1)) == ["2026-11-02"]
        assert cells(db, BLOCK + 1) == {}
        found = made_of(db, "2026-11-02")
        assert found is not None
        assert [(each.people, each.why) for each in found.withheld] == [(7, "people")]


@pytest.mark.parametrize(
    ("sizes", "groups", "why"),
    [
        ({"": 7}, set(), {COMPANY: "people"}),
        ({"": 8}, {COMPANY}, {}),
        ({"a": 12, "b": 7}, {COMPANY}, {"a": "others", "b": "people"}),
        ({"a": 12, "b": 12, "": 3}, {COMPANY}, {"a": "others", "b": "others"}),
        ({"a": 12}, {COMPANY}, {"a": "others"}),
        ({"a": 8, "b": 8}, {COMPANY, "a", "b"}, {}),
        ({"a": 8, "": 8}, {COMPANY, "a", REST}, {}),
    ],
)
def test_all_teams_are_released_or_none(team, sizes, groups, why):
    with team.database() as db:
        company(db, sizes)
        make_releases(db, after(BLOCK))
        rows = db.run("SELECT team, why FROM release_group")
        assert {name for name, kept in rows if not kept} == groups
        assert {name: kept for name, kept in rows if kept} == why
        assert {name for name, _ in cells(db)} == groups


def test_who_joins_waits_until_two_more_do(team):
    with team.database() as db:
        made = company(db, {"": 10})
        make_releases(db, after(BLOCK))
        sizes = []
        for block in range(BLOCK + 1, BLOCK + 4):
            made.append(person(db, f"New {block}"))
            for one in made:
                worked(db, one, block, NAMES[:5])
            make_releases(db, after(block))
            first = block_at(block).first
            ((n, waiting),) = db.run(
                "SELECT g.people, r.waiting FROM release r JOIN release_group g "
                "ON g.block = r.block WHERE r.block = ?", (first,),
            )  # fmt: skip
            sizes.append((n, waiting))
        assert sizes == [(10, 1), (10, 2), (13, 0)]


def test_a_person_counts_in_the_first_team_they_were_given(team):
    with team.database() as db:
        made = company(db, {"a": 9, "b": 9})
        for one in made[:9]:
            db.run(
                "INSERT INTO team_place (person, team, role, since, made_at) "
                "VALUES (?, 'b', 'lead', 1, 1)", (one,),
            )  # fmt: skip
        make_releases(db, after(BLOCK))
        rows = db.run("SELECT team, people FROM release_group")
        assert dict(rows) == {COMPANY: 18, "a": 9, "b": 9}


@pytest.mark.parametrize(
    ("nth", "automated", "counts"),
    [(-1, 0, False), (0, 0, True), (27, 0, True), (28, 0, False), (14, 1, False)],
)
def test_who_had_a_session_of_their_own_on_any_day_of_a_block_counts(team, nth, automated, counts):
    """Their rules' versions are those of these days, too."""
    with team.database() as db:
        company(db, {"": 8})
        one = person(db, "Kim")
        worked(db, one, BLOCK, NAMES[:1], sessions=1, version=7)
        day = (date.fromisoformat(block_at(BLOCK).first) + timedelta(nth)).isoformat()
        for name in ("session", "session_day", "sighting"):
            db.run(f"UPDATE {name} SET local_day = ? WHERE person = ?", (day, one))
        db.run("UPDATE session SET automated = ? WHERE person = ?", (automated, one))
        make_releases(db, after(BLOCK))
        assert db.run("SELECT COUNT(*) FROM counted WHERE person = ?", (one,)) == [(int(counts),)]
        assert db.run("SELECT people FROM release_group") == [(8 + counts,)]
        versions = db.run("SELECT versions FROM release_cell WHERE practice = ?", (NAMES[0],))
        assert versions == [("2 7" if counts else "2",)]


@pytest.mark.alike
@pytest.mark.parametrize(
    ("other", "session", "day", "automated", "known"),
    [
        (False, "late", 0, 0, True),
        (False, "early", -1, 0, False),  # theirs, and they had others in the block
        (True, "s", 0, 0, False),  # of somebody else in the block, under the id of an older one
        (False, "by itself", 0, 1, False),
    ],
)
def test_versions_of_a_word_are_those_of_the_sessions_it_is_made_of(
    team, other, session, day, automated, known
):
    first = date.fromisoformat(block_at(BLOCK).first)
    with team.database() as db:
        people = company(db, {"": 8})

        def judged(one: int, name: str, nth: int, version: int) -> None:
            local_day = (first + timedelta(nth)).isoformat()
            row = {"id": name, "local_day": local_day, "client": "claude-code",
                   "automated": automated}  # fmt: skip
            replace_rows(db, one, name, "session", [row])
            replace_rows(db, one, name, "session_day", [{"session": name, "local_day": local_day}])
            replace_rows(db, one, name, "session_practice", [
                {"session": name, "practice": NAMES[0], "possible": 1, "version": version,
                 "sightings": 0}
            ])  # fmt: skip

        judged(people[0], session, -1 if other else day, 7)
        if other:
            judged(people[1], session, 0, 2)
        make_releases(db, after(BLOCK))
        versions = db.run("SELECT versions FROM release_cell WHERE practice = ?", (NAMES[0],))
        assert versions == [("2 7" if known else "2",)]


@pytest.mark.parametrize(
    ("column", "at", "home"),
    [
        ("since", 0, "b"), ("since", 1, "a"), ("until", 0, "a"), ("until", 1, "b"),
        ("gone_at", 0, "a"), ("gone_at", 1, "b"), ("made_at", 0, "b"),
    ],
)  # fmt: skip
def test_a_team_is_that_of_the_end_of_a_block(team, column, at, home):
    """Of two, the one that was given first. Both hold, but for what is said."""
    end = after(BLOCK)
    with team.database() as db:
        one = person(db, "Kim", "a")
        put(db, one, "b")
        db.run("UPDATE team_place SET made_at = 5, since = 5 WHERE team = 'b'")
        db.run("UPDATE team_place SET made_at = 9, since = 9 WHERE team = 'a'")
        assert homes(db, end) == {one: "b"}
        db.run("UPDATE team_place SET made_at = 3 WHERE team = 'b'")
        table, key = ("team", "id") if column == "gone_at" else ("team_place", "team")
        db.run(f"UPDATE {table} SET {column} = ? WHERE {key} = 'b'", (end + at,))
        if column == "made_at":
            db.run("UPDATE team_place SET made_at = ? WHERE team = 'a'", (end + 1,))
        assert homes(db, end) == {one: home}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE account SET left_at = 1",
        "UPDATE account SET paused_at = 1",
        "UPDATE device_token SET revoked_at = 1",
        "DELETE FROM device_token",
    ],
)
def test_who_does_not_share_is_of_no_team(team, sql):
    with team.database() as db:
        one = person(db, "Kim", "a")
        two = person(db, "Sam")
        assert homes(db, 10) == {one: "a", two: ""}
        db.run(f"{sql} WHERE person = ?", (one,))
        assert homes(db, 10) == {two: ""}


def test_what_was_said_more_than_a_year_ago_is_forgotten(team):
    """Who was counted, and whether a word was the one of their number."""
    with team.database() as db:
        company(db, {"": 9})
        make_releases(db, after(BLOCK))
        first = block_at(BLOCK).first
        for block, left in ((BLOCK - YEAR, 9), (BLOCK - YEAR - 1, 0)):
            then = block_at(block).first
            for name in ("release_cell", "release_group", "counted"):
                db.run(f"UPDATE {name} SET block = ? WHERE block = ?", (then, first))
            db.run("DELETE FROM release")
            db.run("UPDATE release_cell SET exact = 0")
            make_releases(db, after(BLOCK))
            ((n,),) = db.run("SELECT COUNT(*) FROM counted WHERE block = ?", (then,))
            assert n == left
            exact = db.run("SELECT DISTINCT exact FROM release_cell WHERE block = ?", (then,))
            assert exact == [(0 if left else 1,)]
            for name in ("release_cell", "release_group", "counted"):
                db.run(f"DELETE FROM {name} WHERE block = ?", (first,))
            first = then


@pytest.mark.alike
def test_a_block_that_was_missed_is_made_later_and_none_before_the_first(team):
    with team.database() as db:
        made = company(db, {"": 9}, block=BLOCK - 1)
        for block in (BLOCK, BLOCK + 1):
            for one in made:
                worked(db, one, block, NAMES[:3])
        assert make_releases(db, after(BLOCK)) == [block_at(BLOCK).first]
        due = [block_at(n).first for n in (BLOCK + 1, BLOCK + 2)]
        assert make_releases(db, after(BLOCK + 2)) == due
        day = 86_400_000
        assert (
            make_releases(db, after(BLOCK + 3) - 3 * day) == []
        )  # its last days may be on the way


def test_a_member_learns_of_the_company_and_their_own_team_alone(team):
    with team.database() as db:
        made = company(db, {"a": 12, "b": 12})
        make_releases(db, after(BLOCK))
        found = benchmarks(db, "acme", made[0], after(BLOCK))
        assert [(g.of, g.name, g.people) for g in found.groups] == [
            ("company", "acme", 24), ("team", "Team a", 12)
        ]  # fmt: skip
        assert (found.first, found.last) == ("2026-10-05", "2026-11-01")
        assert [len(g.cells) for g in found.groups] == [11, 11]
        assert found.groups[1].known == 2
        alone = person(db, "Nobody's", "")
        assert [g.of for g in benchmarks(db, "acme", alone, after(BLOCK)).groups] == ["company"]


@pytest.mark.alike
def test_a_token_asks_and_no_other(team):
    choice = team.choice("Amara")
    with team.database() as db:
        company(db, {"": 11})
        make_releases(db, after(BLOCK))
    path = f"/c/{team.slug('acme')}/api/v1/benchmarks"
    answer = team.client.get(path, headers={"Authorization": f"Bearer {choice.token}"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["groups"][0]["people"] == 11
    assert team.client.get(path).status_code == 401
    other = choice.token[:-4] + "xxxx"
    refused = team.client.get(path, headers={"Authorization": f"Bearer {other}"})
    assert refused.status_code == 401
    with team.database() as db:
        for each in tokens.tokens(db):
            if each.name == "Amara":
                tokens.revoke(db, each.device, 1)
    refused = team.client.get(path, headers={"Authorization": f"Bearer {choice.token}"})
    assert refused.status_code == 401


def test_administrators_are_told_what_is_kept_back_and_why(team, monkeypatch, capsys):
    from accrete_team.__main__ import main

    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    monkeypatch.setattr(tokens, "now_ms", lambda: after(BLOCK))

    def said(*words: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["release", team.slug("acme"), *words])
        assert ended.value.code == 0
        return capsys.readouterr().out

    with team.database() as db:
        company(db, {"a": 12, "b": 7}, block=BLOCK + 5)
    assert "There is no release yet" not in said()  # a block without anybody is one, too
    with team.database("acme") as db:
        db.run("DELETE FROM release")
        db.run("DELETE FROM release_group")
        company(db, {"c": 12, "d": 7})
    out = said()
    assert "Made: 2026-10-05." in out
    assert "5 Oct to 1 Nov 2026:" in out
    assert "the company: 19 people" in out
    assert "Team c: kept back, another team, or the people of no team, are fewer than 8" in out
    assert "Team d: kept back, fewer than 8 people count (here 7)" in out
    found = json.loads(said("--json"))
    assert (found["made"], found["newest"]["groups"]) == ([], {"the company": 19})
    assert found["newest"]["words"] + found["newest"]["words_kept_back"] == 11


def test_who_teaches_is_seen_by_others_until_they_take_it_back(team):
    choice = team.choice("Amara")
    path = f"/c/{team.slug('acme')}/api/v1/teaching"
    head = {"Authorization": f"Bearer {choice.token}"}
    for body, status in (
        ({"practice": "delegation", "on": True}, 200), ({"practice": "nothing", "on": True}, 400),
        ({"practice": "delegation"}, 400), ([], 400),
    ):  # fmt: skip
        assert team.client.post(path, json=body, headers=head).status_code == status
    with team.database() as db:
        kim = person(db, "Kim")
        seen = benchmarks(db, "acme", kim, after(BLOCK))
        assert [(t.practice, t.name) for t in seen.teachers] == [("delegation", "Amara")]
        (amara,) = [p for p, name in db.run("SELECT id, name FROM person") if name == "Amara"]
        own = benchmarks(db, "acme", amara, after(BLOCK))
        assert (own.teachers, own.teaching) == ([], ["delegation"])
        teach(db, amara, "delegation", False, 2)
        assert benchmarks(db, "acme", kim, after(BLOCK)).teachers == []
        teach(db, amara, "delegation", True, 3)
        db.run("UPDATE account SET left_at = 4 WHERE person = ?", (amara,))
        assert benchmarks(db, "acme", kim, after(BLOCK)).teachers == []


def test_nobody_enters_a_team_that_they_are_put_into_alone(team):
    with team.database() as db:
        made = company(db, {"a": 10, "b": 10, "": 10})
        make_releases(db, after(BLOCK))
        put(db, made[-1], "a")
        for one in made:
            worked(db, one, BLOCK + 1, NAMES[:5])
        make_releases(db, after(BLOCK + 1))
        rows = db.run(
            "SELECT team, people FROM release_group WHERE block = ?", (block_at(BLOCK + 1).first,)
        )
        assert dict(rows) == {COMPANY: 29, "a": 10, "b": 10, REST: 9}
