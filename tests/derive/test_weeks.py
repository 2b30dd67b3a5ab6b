"""Weeks are added up one by one, and come out as if all of them had been."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from accrete.care.forget import What, forget
from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.derive.weeks import EVERY_WEEK, FEW_WEEKS, derive_weeks
from accrete.ingest import ingest
from accrete.practices.weeks import weeks_of_person
from accrete.projects.settled import Rule
from accrete.record import store
from accrete.record.stored_facts import WEEKS_WAIT
from tests.fuzz import seeded
from tests.practices.examples import EXAMPLES
from tests.records import kept, projects, rows
from tests.transcripts import START, Transcript, session_id

SUNDAY = START + 6 * 86_400_000 - 2 * 3_600_000
"""A Sunday in UTC; within a day of it another week begins, in one zone earlier than in another."""
WEEK_MS = 7 * 86_400_000
ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago")
FOLDERS = ("/home/dev/demo", "/home/dev/other", "/home/dev/third")
STEPS = 10


def shown(n: int, name: str, start: int, cwd: str) -> Transcript:
    """A session that shows a practice."""
    example = EXAMPLES[name][0]()
    t = Transcript(n, start=start, cwd=cwd)
    for line in example.lines:
        said = {k: v for k, v in line.items() if k not in ("uuid", "timestamp", "sessionId", "cwd")}
        message = said.get("message", {})
        if "id" in message:
            said["message"] = {**message, "id": f"{message['id']}_{n}_{start}"}
        t.add(said.pop("type"), **{**said, "parentUuid": t.last})
    return t


def stored(settings) -> list[tuple]:
    return rows(settings, "SELECT * FROM person_week ORDER BY person, week, practice, project")


def anew(settings) -> list[tuple]:
    """All weeks, added up from nothing."""
    db = Sqlite(settings.database)
    with db.transaction():
        db.run("DELETE FROM person_week")
        store.set_fact(db, 1, WEEKS_WAIT, EVERY_WEEK)
    derive_weeks(db, 1)
    db.close()
    return stored(settings)


@pytest.mark.long
@seeded(8)
def test_weeks_added_up_after_each_change_are_those_added_up_from_nothing(settings, seed):
    rng = random.Random(seed)
    there: dict[int, Transcript] = {}
    done = []
    for step in range(STEPS):
        what = rng.choice(("new", "new", "grow", "forget", "move", "zone", "automated"))
        done.append(what)
        start = SUNDAY + rng.randrange(4) * WEEK_MS + rng.randrange(86_400_000)
        if what == "new" or not there:
            there[step] = shown(step, rng.choice(sorted(EXAMPLES)), start, rng.choice(FOLDERS))
            there[step].write(projects(settings))
        elif what == "grow":
            grown = there[rng.choice(sorted(there))]
            grown.now += WEEK_MS
            grown.prompt("/compact")
            grown.call("Agent", {"prompt": "Look", "description": "x"}, message_id=f"m{step}",
                       use=f"toolu_g{step}")  # fmt: skip
            grown.result(use=f"toolu_g{step}")
            grown.write(projects(settings))
        elif what == "forget":
            gone = rng.choice(sorted(there))
            del there[gone]
            forget(settings, What(sessions=(session_id(gone),)), 5)
        elif what == "move":
            settings = replace(settings, projects=(Rule(rng.choice(FOLDERS), f"name{step}"),))
        elif what == "zone":
            settings = replace(settings, zone=rng.choice(ZONES))
        else:
            settings = replace(settings, automated=(rng.choice(FOLDERS),))
        ingest(settings)
        found = stored(settings)
        assert found == anew(settings), done


def test_a_week_is_from_monday_to_sunday_and_counts_a_session_once():
    sunday, week, monday = "2026-09-20", ("2026-09-21", "2026-09-24", "2026-09-27"), "2026-09-28"
    days = (sunday, *week, monday)
    found = weeks_of_person(
        1,
        [("demo", "planning", day, "a", 1) for day in days]
        + [("demo", "planning", week[2], "b", 1)],
        [("demo", "planning", day, "a", 3, 2) for day in days],
    )
    assert [(w.week, w.eligible, w.seen, w.sightings, w.marked) for w in found] == [
        ("2026-09-14", 1, 1, 3, 2), (week[0], 2, 1, 9, 6), (monday, 1, 1, 3, 2)
    ]  # fmt: skip


def test_only_the_weeks_of_a_changed_session_are_written(settings):
    made = [shown(n, "planning", START + n * WEEK_MS, FOLDERS[0]) for n in range(4)]
    kept(settings, *made)
    before = stored(settings)
    db = Sqlite(settings.database)
    db.run("CREATE TABLE written (week TEXT)")
    for change, row in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
        db.run(f"""CREATE TRIGGER written_{row}_{change} AFTER {change} ON person_week
        BEGIN INSERT INTO written VALUES ({row}.week); END""")
    db.close()
    kept(settings, shown(9, "planning", START + WEEK_MS, FOLDERS[1]))
    assert rows(settings, "SELECT DISTINCT week FROM written") == [("2026-09-28",)]
    projects_written = "SELECT COUNT(DISTINCT project) FROM person_week WHERE week = '2026-09-28'"
    assert rows(settings, projects_written) == [(2,)]
    assert set(before) < set(stored(settings))


def test_a_history_of_many_weeks_is_added_up_whole(settings):
    weeks = FEW_WEEKS + 3
    kept(settings, *(shown(n, "planning", START + n * WEEK_MS, FOLDERS[0]) for n in range(weeks)))
    found = stored(settings)
    assert len({row[2] for row in found}) == weeks
    assert found == anew(settings)


def test_a_rebuild_mends_weeks_that_nothing_waits_for(settings):
    kept(settings, shown(1, "planning", START, FOLDERS[0]))
    before = stored(settings)
    db = Sqlite(settings.database)
    db.run("UPDATE person_week SET seen = seen + 7")
    db.run("""INSERT INTO person_week SELECT person, 'gone', '2020-01-06', practice, eligible, seen,
    sightings, marked, versions FROM person_week""")
    db.close()
    rebuild(settings)
    assert stored(settings) == before
