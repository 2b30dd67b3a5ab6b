"""Practices of any range of days, beside a count of the stored rows by sets; and what reading them
takes."""

from __future__ import annotations

import random

from accrete.clock import monday
from accrete.database import Sqlite
from accrete.practices import all_practices
from accrete.queries.practices import practice_days
from accrete.queries.scope import Scope
from accrete.settings import Settings
from tests.explorer.worked import worked
from tests.ranges.test_days import asked
from tests.records import kept, rows
from tests.transcripts import busy

NAMES = [each.name for each in all_practices()][:3]
DAYS = [f"2026-09-{day:02}" for day in (*range(7, 24, 2), 24, 25)]
"""Days of three weeks; the first is a Monday."""
AT = 1_790_000_000_000


def with_days(settings: Settings, sessions: int, rng: random.Random) -> None:
    """Sessions that are at work on several days and show practices on some of them, one of which
    was not possible."""
    kept(settings, *(busy(n, turns=1) for n in range(1, sessions + 1)))
    db = Sqlite(settings.database)
    columns = [name for _, name, *_ in db.run("PRAGMA table_info(session_day)")]
    others = ", ".join(name for name in columns if name != "local_day")
    with db.transaction():
        db.run("CREATE TEMP TABLE model_day AS SELECT * FROM session_day")
        for table in ("session_day", "sighting", "session_practice"):
            db.run(f"DELETE FROM {table}")
        for (session,) in db.run("SELECT id FROM session"):
            for n, name in enumerate(NAMES):
                db.run(
                    "INSERT INTO session_practice VALUES (1, ?, ?, ?, 1, 0, 1)",
                    (session, name, int(rng.random() < 0.8) if n else 1),
                )
            for day in rng.sample(DAYS, rng.randint(1, 5)):
                db.run(
                    f"INSERT INTO session_day ({others}, local_day) "
                    f"SELECT {others}, ? FROM model_day WHERE session = ?",
                    (day, session),
                )
                for n in range(rng.randint(0, 4)):
                    db.run(
                        "INSERT INTO sighting (person, session, practice, uuid, tool_use_id, agent,"
                        " seq, at, marks, local_day) VALUES (1, ?, ?, ?, '', '', 1, ?, ?, ?)",
                        (session, rng.choice(NAMES), f"{day}-{n}", AT + rng.randint(0, 99),
                         rng.choice(("", "done")), day),
                    )  # fmt: skip
        db.run("DROP TABLE model_day")
    db.close()


def counted(settings: Settings, name: str, since: str, until: str) -> tuple:
    """What a row of practices says of a range, by sets of sessions."""
    within = f"local_day BETWEEN '{since}' AND '{until}'"
    worked = rows(settings, f"SELECT local_day, session FROM session_day WHERE {within}")
    possible = {
        session
        for (session,) in rows(
            settings,
            f"SELECT session FROM session_practice WHERE practice = '{name}' AND possible = 1",
        )
    }
    moments = rows(
        settings,
        "SELECT local_day, session, marks, at FROM sighting "
        f"WHERE practice = '{name}' AND {within}",
    )
    weeks = []
    for week in sorted({monday(day) for day, _ in worked}):
        of = [each for each in moments if monday(each[0]) == week]
        at_work = {session for day, session in worked if monday(day) == week}
        weeks.append(
            (week, len(at_work & possible), len({s for _, s, _, _ in of}), len(of),
             sum(marks != "" for _, _, marks, _ in of))
        )  # fmt: skip
    times = [at for *_, at in moments]
    return (
        len({session for _, session in worked} & possible),
        len({session for _, session, _, _ in moments}),
        min(times, default=None),
        max(times, default=None),
        weeks,
    )


def test_a_session_counts_once_in_every_range_and_once_in_each_of_its_weeks(settings):
    with_days(settings, 12, random.Random(3))
    read = asked(settings, practice_days(Scope((1,))))
    part = asked(settings, practice_days(Scope((1,), since=DAYS[2], until=DAYS[-2])))
    more = 0
    for n, since in enumerate(DAYS):
        for until in DAYS[n:]:
            found = {row.name: row for row in read.within(since, until)}
            within = DAYS[2] <= since and until <= DAYS[-2]
            if within:
                assert part.within(since, until) == [*found.values()]
            for name in NAMES:
                row = found[name]
                said = (row.eligible, row.seen, row.first_at, row.last_at, row.weeks)
                assert said == counted(settings, name, since, until), (name, since, until)
                assert row.sightings == sum(week.sightings for week in row.weeks)
                assert row.marked == sum(week.marked for week in row.weeks)
                more += sum(week.seen for week in row.weeks) > row.seen
    assert more, "no session was seen in two weeks of a range"


def test_what_is_read_of_practices_grows_with_the_days_and_not_with_the_sessions(settings):
    made = [worked(n, days=5, checks=(True,)) for n in range(1, 4)]
    kept(settings, *made)
    question = practice_days(Scope((1,)))

    def held() -> int:
        db = Sqlite(settings.database, readonly=True)
        read = sum(len(db.run(*each)) for each in question.statements)
        db.close()
        return read

    few = held()
    kept(settings, *made, *(worked(n, days=5, checks=(True,)) for n in range(4, 12)))
    assert rows(settings, "SELECT COUNT(*) FROM session_day") == [(11,)]
    assert 0 < held() == few
