"""The server's weeks are those of a recomputation, and those of the laptop, whatever happens."""

from __future__ import annotations

import random
from contextlib import closing

import pytest
from accrete_team import mine, receive, rollups
from accrete_team.tokens import Who

from accrete.care.forget import What, forget
from accrete.ingest import open_for_writing
from accrete.record.weeks import FEW_WEEKS
from accrete.wire.contract import MOMENTS, Message, Shared, Table, rows_hash
from accrete.wire.travels import WIRE_VERSION
from tests.derive.test_weeks import SUNDAY, WEEK_MS, shown
from tests.practices.examples import EXAMPLES
from tests.records import kept, rows
from tests.team.serving import NOW
from tests.transcripts import START, session_id

WEEKS = (
    "SELECT person, project, week, practice, eligible, seen, sightings, marked, versions "
    "FROM person_week ORDER BY person, week, practice, project"
)
OURS = "SELECT week, practice, eligible, seen, sightings, marked, versions FROM person_week"
RECOUNTED = """SELECT s.person, COALESCE(s.project, ''), g.local_day, g.practice, COUNT(*)
FROM sighting g JOIN session s ON s.person = g.person AND s.id = g.session
WHERE s.automated = 0 AND g.local_day <> ''
GROUP BY s.person, COALESCE(s.project, ''), g.local_day, g.practice"""


def anew(team) -> list[tuple]:
    """All weeks of everybody, added up from nothing."""
    with team.database() as db:
        people = [person for (person,) in db.run("SELECT id FROM person")]
        with db.transaction():
            db.run("DELETE FROM person_week")
        for person in people:
            rollups.add_up_everything(db, person)
        return [tuple(row) for row in db.run(WEEKS)]


@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 3])
def test_weeks_follow_updates_and_what_is_taken_back(settings, team, tier):
    rng = random.Random(tier)
    names = sorted(EXAMPLES)
    choice = team.choice(tier=tier)
    there: list[int] = []
    for step in range(8):
        n = rng.randrange(1, 7)
        start = rng.choice((START, SUNDAY)) + rng.randrange(3) * WEEK_MS
        kept(settings, shown(n, rng.choice(names), start, f"/home/dev/p{n % 2}"))
        there.append(n)
        if step in (4, 6):
            forget(settings, What(sessions=(session_id(there.pop(0)),)), NOW)
        team.sync(settings, choice)
        now = team.rows(WEEKS)
        assert now
        assert sorted(team.rows(OURS)) == sorted(rows(settings, OURS))
        assert now == anew(team)
        found = {(p, j, w, k): n for p, j, w, k, _, _, n, _, _ in now if n}
        said: dict[tuple, int] = {}
        for person, project, day, practice, count in team.rows(RECOUNTED):
            key = (person, project, monday_by_sql(team, day), practice)
            said[key] = said.get(key, 0) + count
        assert found == said
    team.sync(settings, choice, projects="none")
    assert team.rows(WEEKS) == []


def monday_by_sql(team, day: str) -> str:
    """The Monday of a day, by the database's own calendar."""
    sql = (
        f"SELECT date('{day}', '-6 days', 'weekday 1')"
        if not team.admin_url
        else f"SELECT to_char(date_trunc('week', date '{day}'), 'YYYY-MM-DD')"
    )
    return str(team.rows(sql)[0][0])


@pytest.mark.long
def test_only_the_weeks_that_a_message_touched_are_written(settings, team, monkeypatch):
    kept(settings, shown(1, "planning", START, "/home/dev/p"),
         shown(2, "planning", START + 5 * WEEK_MS, "/home/dev/p"))  # fmt: skip
    choice = team.choice()
    team.sync(settings, choice)
    with team.database() as db:
        db.run("UPDATE person_week SET versions = 'old'")
    kept(settings, shown(3, "planning", START + 5 * WEEK_MS, "/home/dev/p"))
    team.sync(settings, choice)
    assert (
        len({w for (w,) in team.rows("SELECT week FROM person_week WHERE versions = 'old'")}) == 1
    )
    assert (
        len({w for (w,) in team.rows("SELECT week FROM person_week WHERE versions <> 'old'")}) == 1
    )


@pytest.mark.long
def test_many_weeks_at_once_are_added_up_whole(settings, team):
    many = FEW_WEEKS + 3
    kept(settings, *(shown(n, "planning", START - n * WEEK_MS, "/home/dev/p")
                     for n in range(1, many + 1)))  # fmt: skip
    team.sync(settings, team.choice())
    now = team.rows(WEEKS)
    assert len({row[2] for row in now}) == many
    assert now == anew(team)


@pytest.mark.long
def test_taking_away_takes_the_weeks_along_and_no_others(settings, team):
    kept(settings, shown(1, "planning", START, "/home/dev/p"),
         shown(2, "planning", START + WEEK_MS, "/home/dev/p"))  # fmt: skip
    team.sync(settings, team.choice("Amara", tier=2))
    with closing(open_for_writing(settings)) as db:
        db.run("DELETE FROM shared")
    team.sync(settings, team.choice("Kim"))
    with team.database() as db:
        (amara,) = db.run("SELECT id FROM person WHERE name = 'Amara'")[0]
        rollups.take_away(db, amara, [session_id(1)], "left", NOW)
    now = team.rows(WEEKS)
    assert len({row[2] for row in now if row[0] == amara}) == 1
    assert len({row[2] for row in now if row[0] != amara}) == 2
    assert now == anew(team)


@pytest.mark.long
def test_deleting_all_of_a_person_leaves_no_weeks_of_theirs(settings, team):
    kept(settings, shown(1, "planning", START, "/home/dev/p"))
    team.sync(settings, team.choice("Amara", tier=3))
    with team.database() as db:
        (amara,) = db.run("SELECT id FROM person WHERE name = 'Amara'")[0]
        assert db.run("SELECT COUNT(*) FROM person_week")[0][0] > 0
        mine.delete_everything(db, Who(amara, ""), NOW)
    assert team.rows("SELECT COUNT(*) FROM person_week") == [(0,)]
    assert team.rows("SELECT tier FROM person") == [(1,)]


def test_a_day_at_the_end_of_the_calendar_is_added_up(team):
    choice = team.choice()
    session = "00000000-0000-4000-8000-00000000000a"
    with team.database() as db:
        (person,) = db.run("SELECT id FROM person")[0]
        sighting = (
            b'{"session":"%s","practice":"planning","uuid":"u","tool_use_id":"","agent":"",'
            b'"seq":1,"local_day":"9999-12-31","marks":""}' % session.encode()
        )
        table = Table("sighting", rows_hash([sighting]), [_raw(sighting)])
        message = Message(
            WIRE_VERSION, choice.device, NOW, [Shared(session, 1, [table], whole=True)]
        )
        receipt = receive.take(db, Who(person, choice.device), message, MOMENTS[1])
    assert receipt.refused == []
    assert team.rows("SELECT COUNT(*) FROM sighting") == [(1,)]
    assert team.rows("SELECT COUNT(*) FROM person_week") == [(0,)]  # its session was not sent


def _raw(row: bytes):
    import msgspec

    return msgspec.Raw(row)
