"""Times that cannot be right are taken away: the line keeps its place, and no question shows
them."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.derive.moments import AHEAD_MS, FAR_MS, FIRST_MS, Moments, doubtful, misdated
from accrete.ingest import ingest
from accrete.queries.costs import GROUPINGS, cost
from accrete.queries.overview import overview
from accrete.queries.scope import Scope
from accrete.settings import Settings, read_settings
from tests.contents import contents
from tests.fuzz import TORTURE, seeded
from tests.records import called, kept, projects, rows
from tests.transcripts import START, Transcript, iso

DAY = "2026-09-21"
WRONG = {
    "1970": "1970-01-01T00:00:05.000Z",
    "a clock without a battery": "2000-01-01T00:00:00.000Z",
    "a week before the first client": "2025-01-20T10:00:00.000Z",
    "a year before its neighbours": "2025-09-20T10:00:00.000Z",
    "seconds for milliseconds": 1_790_000_010,
    "seconds as a text": "1790000010",
    "microseconds": 1_790_000_010_000_000,
    "2038": "2038-01-19T03:14:07.000Z",
    "the year 9999": "9999-12-31T23:59:59.999Z",
    "the year 1": "0001-01-01T00:00:00Z",
    "Windows' beginning": "1601-01-01T00:00:00.000Z",
}


def session(wrong: Any, places: tuple[int, ...] = (2,)) -> Transcript:
    """Three turns with a call; the lines at these places say another time."""
    t = Transcript(1)
    for turn in range(3):
        t.prompt(f"Turn {turn}")
        t.call("Bash", {"command": "pytest -q"}, message_id=f"m{turn}", use=f"t{turn}")
        t.call(
            "Edit",
            {"file_path": "/a.py", "old_string": "a", "new_string": "b"},
            message_id=f"e{turn}",
            use=f"e{turn}",
        )
        t.result("ok", use=f"e{turn}")
        t.result("1 passed", use=f"t{turn}")
        t.answer(f"m{turn}_end")
    for place in places:
        t.lines[place]["timestamp"] = wrong
    return t


@pytest.mark.long
@pytest.mark.grid
@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        pytest.param(place, wrong, id=f"{place}-{name}")
        for place in range(1, 7)
        for n, (name, wrong) in enumerate(WRONG.items())
        if TORTURE or (n + place) % 3 == 0
    ],
)
def test_a_line_of_an_impossible_time_counts_on_the_day_of_its_neighbours(wrong, place, settings):
    kept(settings, session(wrong, (place,)))
    assert rows(
        settings, "SELECT local_day, wall_ms <= 17000, active_ms <= 17000, prompts FROM session"
    ) == [(DAY, 1, 1, 3)]
    for table in (
        "prompt",
        "response",
        "tool_call",
        "session_day",
        "session_usage",
        "session_tool",
        "check_run",
    ):
        assert rows(settings, f"SELECT DISTINCT local_day FROM {table}") == [(DAY,)], table
    for table, column in (
        ("event", "at"),
        ("prompt", "at"),
        ("prompt", "ended_at"),
        ("response", "at"),
        ("response", "ended_at"),
        ("tool_call", "at"),
        ("work_block", "started_at"),
        ("work_block", "ended_at"),
        ("session_day", "first_at"),
        ("session_day", "last_at"),
        ("sighting", "at"),
        ("check_run", "at"),
    ):
        low, high = rows(settings, f"SELECT MIN({column}), MAX({column}) FROM {table}")[0]
        assert START <= low <= high <= START + 20_000, (table, column)
    assert rows(settings, "SELECT DISTINCT cost_basis FROM response") == [("table",)]


def test_the_order_stays_that_of_the_file(settings):
    kept(settings, session(WRONG["2038"], (6, 7)))
    assert rows(settings, "SELECT number, at IS NULL FROM prompt ORDER BY seq") == [
        (1, 0),
        (2, 1),
        (3, 0),
    ]


def test_doctor_counts_the_lines(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), session(WRONG["1970"], (2, 3, 7)))
    assert "3 lines have an impossible time" in called(capsys, "doctor")[1]


def test_doctor_says_nothing_where_all_times_can_be_right(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), session(iso(START + 3000)))
    assert "impossible time" not in called(capsys, "doctor")[1]


@pytest.mark.long
@pytest.mark.parametrize("wrong", ["1970", "2038", "a year before its neighbours", "the year 9999"])
def test_no_screen_shows_the_time(wrong, monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), session(WRONG[wrong], (2, 3, 7)))
    year = str(WRONG[wrong])[:4]
    for args in (
        ("overview",),
        ("sessions",),
        ("show", "latest"),
        ("cost",),
        ("cost", "--by", "window"),
        ("figures",),
        ("practices",),
        ("practices", "verification"),
        ("projects",),
        ("search", "Turn"),
        ("debug", "Done"),
        ("debug", "--action", "pytest"),
    ):
        for form in ((), ("--json",)):
            code, out, err = called(capsys, *args, *form)
            assert code == 0, err
            assert f"{year}-" not in out, args
            assert f" {year} " not in out, args


def test_a_session_none_of_whose_lines_has_a_possible_time_is_counted_on_no_day(settings):
    kept(settings, session(WRONG["1970"], tuple(range(18))))
    assert rows(settings, "SELECT local_day, started_at, prompts FROM session") == [(None, None, 3)]
    assert rows(settings, "SELECT local_day, prompts FROM session_day") == [("", 3)]


@pytest.mark.parametrize("places", [(1,), (6, 7), tuple(range(18))])
def test_every_grouping_of_cost_adds_up_to_the_whole_though_a_time_is_wrong(places, settings):
    kept(settings, session(WRONG["1970"], places))
    db = Sqlite(settings.database, readonly=True)
    (whole,) = db.ask(cost(Scope((1,)), "all"))
    for by in GROUPINGS:
        if by != "subagent":
            found = db.ask(cost(Scope((1,)), by))
            assert (sum(row.responses for row in found), sum(row.cost_nano for row in found)) == (
                whole.responses,
                whole.cost_nano,
            ), by
    days = db.ask(overview(Scope((1,)))).days
    assert sum(day.cost_nano for day in days) == whole.cost_nano
    db.close()


def test_a_session_that_goes_on_after_a_year_is_believed(settings):
    t = Transcript(1, start=START - 400 * 86_400_000)
    t.prompt("Begin")
    t.answer("m1")
    t.prompt("Go on", after_ms=400 * 86_400_000)
    t.answer("m2")
    kept(settings, t)
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE misdated IS NOT NULL") == [(0,)]


def test_a_clock_that_ran_ahead_for_a_while_is_found(settings):
    t = Transcript(1, start=START - 300 * 86_400_000)
    for turn in range(6):
        t.prompt(
            f"Turn {turn}", after_ms={2: 300 * 86_400_000, 4: -300 * 86_400_000}.get(turn, 1000)
        )
        t.answer(f"m{turn}")
    kept(settings, t)
    assert rows(settings, "SELECT number FROM prompt WHERE at IS NULL ORDER BY 1") == [(3,), (4,)]


def test_a_subagent_whose_clock_was_wrong_works_when_it_was_started(settings):
    t = Transcript(1)
    t.prompt("Look")
    t.call("Agent", {"description": "d", "prompt": "p"}, use="toolu_a")
    t.result("ok", use="toolu_a", told={"agentId": "a1b2"})
    t.write(projects(settings))
    sub = Transcript(1, start=START - 500 * 86_400_000)
    sub.answer("sub_1", uuid="sub-1")
    path = projects(settings) / "-home-dev-demo" / t.session / "subagents" / "agent-a1b2.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"".join(
            json.dumps({**line, "isSidechain": True, "agentId": "a1b2"}).encode() + b"\n"
            for line in sub.lines
        )
    )
    ingest(settings)
    assert rows(settings, "SELECT at, local_day FROM response WHERE run <> ''") == [(None, DAY)]


@pytest.mark.long
@seeded(4)
def test_impossible_times_come_out_the_same_in_pieces_and_in_any_order(seed, settings):
    """A file read in one go, in pieces, and worked out anew: the same rows, whichever line was
    judged when."""
    rng = random.Random(seed)
    made = Transcript(1)
    for turn in range(8):
        made.prompt(f"Turn {turn}")
        made.call("Bash", {"command": "ls"}, message_id=f"m{turn}", use=f"t{turn}")
        made.result("ok", use=f"t{turn}")
    for line in rng.sample(made.lines, rng.randint(1, 20)):
        line["timestamp"] = rng.choice([*WRONG.values(), iso(START - 300 * 86_400_000)])
    whole = made.text().splitlines(keepends=True)
    path = made.write(projects(settings))
    ingest(settings)
    wanted = _contents(settings)
    pieces = Settings(home=settings.home.with_name("pieces"), roots=settings.roots, zone="UTC")
    cuts = sorted(rng.sample(range(1, len(whole)), 4))
    for cut in (*cuts, len(whole)):
        path.write_bytes(b"".join(whole[:cut]))
        ingest(pieces)
    assert _contents(pieces) == wanted
    rebuild(pieces)
    assert _contents(pieces) == wanted


def _contents(settings: Settings) -> dict[str, Any]:
    db = Sqlite(settings.database, readonly=True)
    try:
        return {table: held for table, held in contents(db).items() if table != "workdir"}
    finally:
        db.close()


def test_the_majority_of_a_file_says_which_times_are_right():
    good = [START + n * 1000 for n in range(5)]
    read = START + 86_400_000
    assert misdated({"": good}, read) == set()
    assert misdated({"": [*good[:2], FIRST_MS - 1, *good[2:]]}, read) == {("", 2)}
    assert misdated({"": [*good, read + AHEAD_MS + 1]}, read) == {("", 5)}
    assert misdated({"": [good[0] - FAR_MS, *good]}, read) == set()
    assert misdated({"": [*good, good[0] - FAR_MS]}, read) == {("", 5)}
    assert misdated({"": [good[0], good[0] - FAR_MS]}, read) == {("", 1)}
    assert misdated({"": [*good, read + FAR_MS]}, read) == {("", 5)}
    assert misdated({"": good, "a1": [good[0] - FAR_MS - 1, good[1]]}, read) == {("a1", 0)}
    assert misdated({"": [None, *good, None]}, read) == set()


@pytest.mark.long
def test_a_file_whose_times_jump_at_every_line_is_judged_quickly():
    times = [START - (n % 2) * 2 * FAR_MS + n for n in range(40_000)]
    assert misdated({"": times}, START + 86_400_000) == {("", n) for n in range(1, 40_000, 2)}


READ = START + 86_400_000


@pytest.mark.parametrize(
    ("times", "doubted"),
    [
        ([], False),
        ([FIRST_MS], False),
        ([FIRST_MS - 1], True),
        ([READ + AHEAD_MS], False),
        ([READ + AHEAD_MS + 1], True),
        ([START, START - FAR_MS + 1], False),
        ([START, START - FAR_MS], True),
    ],
)
def test_times_are_doubted_where_one_of_them_may_be_wrong(times, doubted):
    assert doubtful(times, READ) == doubted
    assert doubted or misdated({"": times}, READ) == set()


def test_a_subagents_time_is_held_against_the_right_ones_of_the_main_line():
    low, high = START - 10 - FAR_MS, START + 10 + FAR_MS
    main = [START, START - 10, None, START + 10, START]
    for at, wrong in ((low, True), (low + 1, False), (high - 1, False), (high, True)):
        found = misdated({"": main, "a1": [None, at]}, high + 1)
        assert found == ({("a1", 1)} if wrong else set()), at
    # without a right one there is nothing to hold it against, and a wrong one is none
    assert misdated({"": [None], "a1": [low]}, READ) == set()
    assert misdated({"a1": [low]}, READ) == set()
    assert misdated({"": [FIRST_MS - 1], "a1": [START]}, READ) == {("", 0)}


def test_a_record_without_a_time_has_that_of_its_nearest_neighbour():
    known = [("", 2, 20), ("", 4, 40), ("", 6, None), ("a1", 3, 15)]
    moments = Moments(known)
    assert [moments.near("", seq) for seq in (0, 2, 3, 4, 5, 9)] == [20, 20, 20, 40, 40, 40]
    assert moments.near("a1", 9) == 15
    assert moments.near("a2", 9) == 15  # when the session began
    moments.begins("a2", None)
    assert moments.near("a2", 9) == 15
    moments.begins("a2", 33)
    assert moments.near("a2", 9) == 33
    assert Moments([("", 1, None)]).near("", 1) is None
