"""Pull requests with their states, and what the merged ones cost, on both engines."""

from __future__ import annotations

from collections import Counter

import pytest

from accrete.database import Postgres, Sqlite
from accrete.outcomes.forge import Fault, Said, address_of
from accrete.queries.amounts import pulled
from accrete.queries.pulls import MergedCost, pulls, pulls_asked
from accrete.queries.scope import Scope
from accrete.queries.sessions import sessions, sessions_count
from accrete.record.pull_states import renew_states, store_states
from tests.company import insert
from tests.forges import ENDED_MS, OPENED_MS, REPOSITORY, pulling
from tests.people import fill
from tests.transcripts import START, session_id

pytestmark = pytest.mark.long

DAY = 86_400_000
MADE = "merged pull requests"
ME = Scope((1,))


def url(n: int) -> str:
    return f"{REPOSITORY}/{n}"


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request, settings, tmp_path):
    """Session 1 opens 1 and 2; session 2 opens 3 and works on 1; session 3, a day later, works on
    1 and 3; session 4 opens 4 and 5; session 5 opens none. Merged are 1 and 3, 2 is closed, 4 a
    draft, 5 is not known."""
    pulling(settings, 1, url(1), url(2))
    pulling(settings, 2, url(3), linked=(url(1),))
    pulling(settings, 3, linked=(url(1), url(3)), start=START + DAY)
    pulling(settings, 4, url(4), url(5), start=START + 2 * DAY)
    pulling(settings, 5)
    if request.param == "sqlite":
        db = Sqlite(tmp_path / "pulls.db")
    else:
        db = Postgres(request.getfixturevalue("postgres_url"))
    db.migrate()
    fill(db, settings)
    merged = Said("merged", False, OPENED_MS, ENDED_MS, ENDED_MS)
    said = {
        1: merged,
        2: Said("closed", False, OPENED_MS, None, ENDED_MS),
        3: merged,
        4: Said("open", True, OPENED_MS, None, None),
        5: Fault("no answer"),
    }
    with db.transaction():
        store_states(db, 1, [(address_of(url(n)), [url(n)], each) for n, each in said.items()], 77)
    yield db
    db.close()


def cost(db, *numbers: int) -> int:
    """What sessions cost, added up by a statement of its own."""
    ids = ", ".join(f"'{session_id(n)}'" for n in numbers)
    sql = f"SELECT SUM(cost_own_nano + cost_delegated_nano) FROM session WHERE id IN ({ids})"
    return int(db.run(sql)[0][0])


def test_a_pull_request_ended_when_it_was_merged_else_closed_else_when_it_was_told(db):
    told = {1: ("merged", 10, None, 99), 2: ("closed", None, 20, 99), 3: ("merged", None, 30, 99),
            4: ("merged", None, None, 40), 5: ("open", None, None, 99)}  # fmt: skip
    with db.transaction():
        for n, (state, merged_at, closed_at, told_at) in told.items():
            insert(db, "session_pull_state", person=1, session="", url=url(n), state=state,
                   merged_at=merged_at, closed_at=closed_at, told_at=told_at)  # fmt: skip
    found = db.ask(pulled(ME, ["2020-01-06"]))
    assert Counter((each.state, each.ended_at) for each in found) == {
        ("merged", 10): 1, ("closed", 20): 1, ("merged", 30): 1, ("merged", 40): 1,
        ("open", None): 1,
    }  # fmt: skip


def test_each_has_its_state_its_sessions_and_what_they_cost(db):
    found = {each.url: each for each in db.ask(pulls(ME)).rows}
    assert {n: found[url(n)].word for n in range(1, 6)} == {
        1: "merged",
        2: "closed",
        3: "merged",
        4: "draft",
        5: "unknown",
    }
    assert {n: found[url(n)].since for n in range(1, 6)} == {
        1: ENDED_MS,
        2: ENDED_MS,
        3: ENDED_MS,
        4: OPENED_MS,
        5: None,
    }
    by = {n: ([int(each[:8], 16) for each in found[url(n)].sessions], found[url(n)].opened)
          for n in range(1, 6)}  # fmt: skip
    assert by == {
        1: ([1, 2, 3], 1),
        2: ([1], 1),
        3: ([2, 3], 1),
        4: ([4], 1),
        5: ([4], 1),
    }
    assert {n: found[url(n)].cost_nano for n in (1, 3, 5)} == {
        1: cost(db, 1, 2, 3),
        3: cost(db, 2, 3),
        5: cost(db, 4),
    }
    assert (found[url(5)].fault, found[url(5)].asked_at) == ("no answer", 77)
    assert (found[url(5)].number, found[url(5)].repository) == (5, "acme/demo")


@pytest.mark.long
def test_the_last_one_comes_first(db):
    rows = [each.url for each in db.ask(pulls(ME)).rows]
    assert rows[:2] == [url(5), url(4)]
    assert rows.index(url(2)) < rows.index(url(1))


def test_what_the_merged_ones_cost_counts_each_session_once(db):
    merged = db.ask(pulls(ME)).merged
    assert merged == MergedCost(pulls=5, known=4, merged=2, sessions=3, cost_nano=cost(db, 1, 2, 3))
    assert merged.each_nano == round(cost(db, 1, 2, 3) / 2)


def test_the_figure_counts_just_the_sessions_that_the_list_shows(db):
    days = sorted({row[0] for row in db.run("SELECT local_day FROM session_day")})
    for scope in (ME, Scope((1,), since=days[1]), Scope((1,), until=days[0])):
        merged = db.ask(pulls(scope)).merged
        rows = db.ask(sessions(scope, made=MADE))
        assert merged.sessions == len(rows) == db.ask(sessions_count(scope, made=MADE)) > 0
        assert merged.cost_nano == sum(r.cost_nano for r in rows) > 0


@pytest.mark.long
def test_a_range_counts_the_sessions_in_it_whenever_the_merge_was(db):
    second = sorted({row[0] for row in db.run("SELECT local_day FROM session_day")})[1]
    found = db.ask(pulls(Scope((1,), since=second, until=second)))
    assert [each.url for each in found.rows] == [url(3), url(1)]
    assert found.merged == MergedCost(2, 2, 2, 1, cost(db, 3))
    one = db.ask(pulls(Scope((1,), session=session_id(4))))
    assert [each.word for each in one.rows] == ["unknown", "draft"]
    assert one.merged == MergedCost(pulls=2, known=1)
    assert one.merged.each_nano is None


def test_what_is_merged_without_any_known_cost_has_no_cost_for_each():
    assert MergedCost(1, 1, 1, 1, 0, unpriced=2).each_nano is None
    assert MergedCost(1, 1, 1, 1, 0).each_nano == 0
    assert MergedCost(3, 3, 2, 2, 5, unpriced=1).each_nano == 2


def test_spellings_of_one_address_are_one_pull_request(db):
    other = url(2).replace("https://github", "http://GitHub") + "/"
    db.run(
        "INSERT INTO session_pull_request (person, session, url, at) VALUES (1, ?, ?, 1)",
        (session_id(5), other),
    )
    with db.transaction():
        renew_states(db, 1, [session_id(5)])
    found = [each for each in db.ask(pulls(ME)).rows if each.number == 2]
    assert [each.state for each in found] == ["closed"]
    assert found[0].sessions == (session_id(1), session_id(5))
    assert db.ask(pulls_asked(ME)).pulls == 5


def changes(db) -> dict[int, int]:
    """The number of each session that whatever changes its rows raises."""
    rows = db.run("SELECT session, n FROM session_change WHERE person = 1")
    return {int(session[:8], 16): n for session, n in rows}


def test_what_a_forge_says_anew_is_of_each_session_that_names_it_and_marks_it_changed(db):
    def told(n: int) -> list[tuple]:
        rows = db.run(
            "SELECT session, state, draft, merged_at, told_at FROM session_pull_state "
            "WHERE person = 1 AND url = ? ORDER BY session",
            (url(n),),
        )
        return [(int(session[:8], 16), *rest) for session, *rest in rows]

    merged = ("merged", 0, ENDED_MS, 77)
    assert told(1) == [(1, *merged), (2, *merged), (3, *merged)]
    assert told(4) == [(4, "open", 1, None, 77)]
    assert told(5) == [(4, None, None, None, None)]
    before = changes(db)
    draft = Said("open", True, OPENED_MS, None, None)
    with db.transaction():
        store_states(db, 1, [(address_of(url(4)), [url(4)], draft)], 99)
    assert told(4) == [(4, "open", 1, None, 77)]  # asked again, and the same was said
    assert changes(db) == before
    with db.transaction():
        said = draft._replace(draft=False)
        store_states(db, 1, [(address_of(url(4)), [url(4)], said)], 111)
    assert told(4) == [(4, "open", 0, None, 111)]
    assert {n for n, change in changes(db).items() if change != before.get(n)} == {4}
    with db.transaction():
        store_states(db, 1, [(address_of(url(4)), [url(4)], Fault("no answer"))], 222)
    assert told(4) == [(4, "open", 0, None, 111)]


def test_the_addresses_are_shown_to_nobody_below_their_tier(db):
    db.run("UPDATE person SET tier = 1 WHERE id = 1")
    assert db.ask(pulls(ME)).rows == []


def test_how_the_asking_goes_is_known(db):
    asked = db.ask(pulls_asked(ME))
    assert (asked.at, asked.fault, asked.known, asked.pulls) == (None, None, 4, 5)
