"""What happened in a range belongs to the range: sessions over midnight, active time, practices,
exports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from accrete_mcp import tools

from accrete.clock import LocalTime
from accrete.commands.export import FORMATS
from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.model import DAY_FIGURES
from accrete.queries.costs import cost, dearest_sessions, session_costs, windows
from accrete.queries.figures import figures
from accrete.queries.overview import overview
from accrete.queries.practices import practice_days, practices
from accrete.queries.scope import Scope, spanning
from accrete.queries.sessions import SORTS, After, sessions
from accrete.settings import Settings, read_settings
from tests.explorer.worked import worked
from tests.records import called, kept, rows, world
from tests.transcripts import Transcript, busy, fork, iso

pytestmark = pytest.mark.long

CORPUS = Path(__file__).resolve().parents[1] / "corpus"

NIGHT = 1_790_000_000_000 - 1_790_000_000_000 % 86_400_000 + 86_400_000
"""A midnight in UTC: 2026-09-22."""
DAY, MINUTE = 86_400_000, 60_000
FIRST, SECOND = "2026-09-21", "2026-09-22"


def over_midnight(n: int = 1) -> Transcript:
    """A prompt, an edit and an answer before midnight, a prompt and a failed check after it."""
    t = Transcript(n, start=NIGHT - 2 * MINUTE)
    t.prompt("Plan the cart")
    t.call(
        "Edit",
        {"file_path": "/home/dev/demo/a.py", "old_string": "a", "new_string": "b"},
        message_id=f"m{n}_1",
        use=f"t{n}_1",
    )
    t.result("done", use=f"t{n}_1")
    t.answer(f"m{n}_2")
    t.prompt("Ship the cart", after_ms=3 * MINUTE)
    t.call(
        "Bash",
        {"command": "pytest -q"},
        message_id=f"m{n}_3",
        use=f"t{n}_2",
        usage={"output_tokens": 500},
    )
    t.result("Exit code 1\n1 failed", use=f"t{n}_2", error=True)
    return t


def asked(settings: Settings, question):
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.ask(question)
    finally:
        db.close()


def adds_up(settings: Settings) -> list[tuple]:
    """Sessions whose days do not add up to them."""
    wrong = []
    for name in DAY_FIGURES:
        wrong += rows(
            settings,
            f"""SELECT s.id, '{name}', s.{name}, SUM(d.{name}) FROM session s LEFT JOIN session_day
            d ON d.session = s.id
          GROUP BY s.id, s.{name} HAVING COALESCE(s.{name}, 0) <> COALESCE(SUM(d.{name}), 0)""",
        )
    wrong += rows(
        settings,
        """SELECT s.id, 'wall', s.wall_ms, MAX(d.last_at) - MIN(d.first_at) FROM session s
        JOIN session_day d ON d.session = s.id
      GROUP BY s.id, s.wall_ms HAVING COALESCE(s.wall_ms, -1) <> COALESCE(MAX(d.last_at) -
      MIN(d.first_at), -1)""",
    )
    wrong += rows(
        settings,
        """SELECT s.id, 'files', s.files_edited, COUNT(DISTINCT f.path) FROM session s
        LEFT JOIN session_file f ON f.session = s.id
      GROUP BY s.id, s.files_edited HAVING s.files_edited <> COUNT(DISTINCT f.path)""",
    )
    wrong += rows(
        settings,
        """SELECT s.id, 'plan mode', s.plan_mode, MAX(d.plan_mode) FROM session s JOIN session_day d
        ON d.session = s.id
      GROUP BY s.id, s.plan_mode HAVING s.plan_mode <> MAX(d.plan_mode)""",
    )
    return wrong


def test_a_session_that_goes_on_after_midnight_is_in_both_days_with_what_happened_there(settings):
    kept(settings, over_midnight())
    first, second = (
        asked(settings, sessions(Scope((1,), since=day, until=day)))[0] for day in (FIRST, SECOND)
    )
    whole = asked(settings, sessions(Scope((1,))))[0]
    assert (first.prompts, second.prompts, whole.prompts) == (1, 1, 2)
    assert (first.responses, second.responses) == (2, 1)
    assert (first.tool_errors, second.tool_errors) == (0, 1)
    assert (first.edits_landed, second.edits_landed) == (1, 0)
    assert (first.files_edited, second.files_edited) == (1, 0)
    assert (first.checks_failed, second.checks_failed) == (0, 1)
    assert first.cost_nano + second.cost_nano == whole.cost_nano
    assert (first.partly, second.partly, whole.partly) == (1, 1, 0)
    assert (first.started_at, second.started_at) == (whole.started_at, whole.started_at)


def test_active_time_is_cut_at_midnight(settings):
    t = Transcript(1, start=NIGHT - MINUTE)
    t.prompt("Begin", after_ms=0)
    t.answer(after_ms=3 * MINUTE)
    kept(settings, t)
    assert rows(settings, "SELECT local_day, active_ms FROM session_day ORDER BY 1") == [
        (FIRST, MINUTE),
        (SECOND, 2 * MINUTE),
    ]


def test_a_tool_that_runs_over_midnight_is_cut_too(settings):
    t = Transcript(1, start=NIGHT - 9 * MINUTE)
    t.prompt("Build", after_ms=0)
    t.call("Bash", {"command": "make"}, after_ms=0)
    t.result("ok", after_ms=14 * MINUTE)
    kept(settings, t)
    assert rows(settings, "SELECT local_day, active_ms FROM session_day ORDER BY 1") == [
        (FIRST, 9 * MINUTE),
        (SECOND, 5 * MINUTE),
    ]


def test_a_session_of_three_nights_is_in_the_middle_one(settings):
    t = Transcript(1, start=NIGHT - MINUTE)
    for turn in range(3):
        t.prompt(f"Turn {turn}", after_ms=MINUTE // 2 if not turn else DAY)
        t.answer(f"m{turn}")
    kept(settings, t)
    middle = asked(settings, sessions(Scope((1,), since=SECOND, until=SECOND)))
    assert [(row.prompts, row.responses, row.partly) for row in middle] == [(1, 1, 1)]


def test_a_subagent_that_works_on_after_midnight_costs_on_its_own_day(settings):
    t = Transcript(1, start=NIGHT - MINUTE)
    t.prompt("Look")
    t.call("Agent", {"description": "d", "prompt": "p"})
    t.write(settings.roots[0] / "projects")
    sub = Transcript(1, start=NIGHT)
    sub.answer("sub_1", uuid="sub-1")
    path = (
        settings.roots[0]
        / "projects"
        / "-home-dev-demo"
        / t.session
        / "subagents"
        / "agent-a1b2.jsonl"
    )
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"".join(
            json.dumps({**line, "isSidechain": True, "agentId": "a1b2"}).encode() + b"\n"
            for line in sub.lines
        )
    )
    ingest(settings)
    found = asked(settings, overview(Scope((1,), since=SECOND)))
    assert (found.human.responses_own, found.human.responses_delegated) == (0, 1)
    assert found.usage is not None
    assert found.usage.cost_delegated_nano == found.human.cost_delegated_nano > 0


def test_headline_days_and_cost_of_a_range_agree(settings):
    kept(settings, over_midnight(), over_midnight(2))
    for scope in (
        Scope((1,)),
        Scope((1,), since=SECOND),
        Scope((1,), until=FIRST),
        Scope((1,), since=FIRST, until=SECOND),
    ):
        found = asked(settings, overview(scope))
        headline = found.human.cost_own_nano + found.human.cost_delegated_nano
        assert found.usage is not None
        assert (
            headline
            == sum(day.cost_nano for day in found.days)
            == found.usage.cost_nano
            == sum(p.cost_nano for p in found.projects)
        )


def test_a_range_of_all_days_says_what_no_range_says(settings):
    world(settings)
    ingest(settings)
    every = Scope((1,), since="2000-01-01", until="2100-01-01")
    assert asked(settings, sessions(every, empty=True)) == asked(
        settings, sessions(Scope((1,)), empty=True)
    )
    assert asked(settings, overview(every)) == asked(settings, overview(Scope((1,))))
    for by in ("outcome", "model"):
        assert asked(settings, figures(every, by=by)) == asked(
            settings, figures(Scope((1,)), by=by)
        )


@pytest.mark.long
def test_the_days_of_a_session_add_up_to_it(settings):
    world(settings)
    over_midnight(40).write(settings.roots[0] / "projects")
    fork(busy(50), 51, upto=7).write(settings.roots[0] / "projects")
    ingest(settings)
    assert not adds_up(settings)


@pytest.mark.slow
def test_the_days_of_every_session_of_the_conformance_cases_add_up_to_it(settings):
    cases = sorted(path for path in CORPUS.iterdir() if (path / "projects").is_dir())
    for n, zone in enumerate(("America/Los_Angeles", "Asia/Kathmandu")):
        here = Settings(
            home=settings.home.with_name(f"data{n}"), roots=tuple(cases[n::2]), zone=zone
        )
        ingest(here, jobs=0)
        assert not adds_up(here)


def test_practices_count_on_the_days_of_their_moments(settings, monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), over_midnight())
    for day, times in ((FIRST, 0), (SECOND, 1)):
        _, out, _ = called(
            capsys, "practices", "verification", "--since", day, "--until", day, "--json"
        )
        said = json.loads(out)
        assert (said["sightings"], said["seen"], said["possible"], len(said["moments"])) == (
            times,
            times,
            1,
            times,
        )


def weeks_of_work(settings: Settings) -> None:
    """Sessions on days of three weeks, one of them over midnight."""
    made = (worked(n, days=4 * n, commit=n % 2 > 0, checks=(n % 3 > 0,)) for n in range(2, 7))
    kept(settings, over_midnight(), *made)


def test_practices_of_a_range_are_the_same_read_alone_or_within_a_longer_one(settings):
    weeks_of_work(settings)
    known = [day for (day,) in rows(settings, "SELECT DISTINCT local_day FROM session_day") if day]
    first, last = min(known), max(known)
    middle = sorted(known)[len(known) // 2]
    wide = spanning([Scope((1,), since=middle, until=middle), Scope((1,), since=first, until=last)])
    assert (wide.since, wide.until) == (first, last)
    assert spanning([wide, Scope((1,), until=middle)]).since is None
    read = asked(settings, practice_days(wide))
    one = asked(settings, practice_days(Scope((1,)), "verification"))
    untimed = asked(settings, practice_days(wide, timed=False))
    seen = 0
    for since, until in ((first, middle), (middle, middle), (middle, last), (first, last)):
        alone = asked(settings, practices(Scope((1,), since=since, until=until)))
        assert read.within(since, until) == alone
        assert one.within(since, until) == [row for row in alone if row.name == "verification"]
        without = [row._replace(first_at=None, last_at=None) for row in alone]
        assert untimed.within(since, until) == without
        seen += sum(row.seen for row in alone)
    assert seen


@pytest.mark.long
@pytest.mark.parametrize("sort", SORTS)
def test_the_first_sessions_of_a_range_have_the_figures_that_all_of_them_have(settings, sort):
    weeks_of_work(settings)
    for scope in (Scope((1,), since="2026-01-01"), Scope((1,), until="2026-12-31")):
        every = asked(settings, sessions(scope, sort=sort))
        assert len(every) > 3
        assert asked(settings, sessions(scope, sort=sort, limit=3)) == every[:3]
        after = After.of(every[0], sort)
        assert asked(settings, sessions(scope, sort=sort, limit=2, after=after)) == every[1:3]


def test_part_of_the_costs_by_session_is_what_stands_there_in_the_whole(settings):
    made = (worked(n, days=4 * n) for n in range(2, 5))
    kept(settings, *map(over_midnight, (1, 7, 8)), *made)
    for scope in (Scope((1,)), Scope((1,), since=SECOND), Scope((1,), model="nothing")):
        every = asked(settings, cost(scope, "session"))
        assert sorted(asked(settings, session_costs(scope))) == sorted(r.cost_nano for r in every)
        for n in range(len(every) + 1):
            last = (every[n - 1].cost_nano, every[n - 1].key) if n else None
            before, some = asked(settings, dearest_sessions(scope, limit=2, after=last))
            assert (before, some) == (n, every[n : n + 2])
        if every:  # places that no session has
            dearest, least = every[0].cost_nano, every[-1].cost_nano
            for after, n in (
                ((dearest + 1, ""), 0),
                ((dearest, ""), 0),
                ((least, "~"), len(every)),
            ):
                assert asked(settings, dearest_sessions(scope, limit=1, after=after)) == (
                    n,
                    every[n : n + 1],
                )
    costs = [row.cost_nano for row in asked(settings, cost(Scope((1,)), "session"))]
    assert len(costs) > len(set(costs)) > 1, "some of one cost, and some of another"


def test_the_screens_say_that_a_session_goes_beyond_the_range(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), over_midnight())
    for command in ("sessions", "overview", "figures"):
        assert (
            "Figures cover this range only; 1 session extends beyond it."
            in called(capsys, command, "--since", SECOND)[1]
        )
        assert "range" not in called(capsys, command)[1]
    assert "Figures cover this range only." in called(capsys, "cost", "--since", SECOND)[1]
    assert "No sessions match" in called(capsys, "sessions", "--since", "2026-09-23")[1]


def test_debug_finds_what_was_said_in_the_range(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), over_midnight())
    for action, day in (("pytest", SECOND), ("a.py", FIRST)):
        for since in (FIRST, SECOND):
            _, out, _ = called(
                capsys, "debug", "--action", action, "--since", since, "--until", since, "--json"
            )
            assert len(json.loads(out)) == (day == since)
    for since, n in ((FIRST, 1), (SECOND, 0)):
        assert (
            len(
                json.loads(
                    called(capsys, "debug", "Done", "--since", since, "--until", since, "--json")[1]
                )
            )
            == n
        )


def test_an_export_of_a_range_holds_what_happened_in_it(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), over_midnight(), busy(3))
    called(capsys, "export", str(tmp_path / "out.jsonl"), "--since", SECOND, "--until", SECOND)
    made = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    by_table = {
        table: [row for row in made if row["table"] == table]
        for table in {row["table"] for row in made}
    }
    assert [(row["prompts"], row["responses_own"]) for row in by_table["session"]] == [(1, 1)]
    assert len(by_table["prompt"]) == len(by_table["response"]) == len(by_table["tool_call"]) == 1
    assert {row["at"] >= NIGHT for row in by_table["event"]} == {True}
    assert {row["local_day"] for row in by_table["session_usage"]} == {SECOND}


@pytest.mark.parametrize("ending", [".md", ".html", ".db"])
def test_an_export_that_shows_a_whole_session_refuses_a_range(
    ending, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("TZ", "UTC")
    assert ending in FORMATS
    kept(read_settings(), over_midnight())
    code, _, err = called(capsys, "export", str(tmp_path / f"out{ending}"), "--since", SECOND)
    assert code == 1
    assert "Remove" in err


def test_the_tools_take_both_ends_of_a_range(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    kept(read_settings(), over_midnight())
    for day, responses in ((FIRST, 2), (SECOND, 1)):
        said = tools.usage("day", "all", day, 10, day)
        assert said.total is not None
        assert said.total.responses == responses
        assert "figures within this range" in said.scope


def test_remembered_prompts_count_in_their_own_range(settings):
    kept(settings, over_midnight())
    line = json.dumps(
        {"display": "an old one", "timestamp": NIGHT + 1, "project": "/home/dev/demo"}
    )
    (settings.roots[0] / "history.jsonl").write_text(line + "\n")
    ingest(settings)
    counted = [asked(settings, overview(Scope((1,), since=since, until=until))).typed_history
               for since, until in ((None, None), (SECOND, None), (None, FIRST))]  # fmt: skip
    assert counted == [1, 1, 0]


@pytest.mark.parametrize(
    ("zone", "start", "hours"),
    [
        ("Europe/Berlin", "2026-03-29T00:00+01:00", 23),
        ("Europe/Berlin", "2026-10-25T00:00+02:00", 25),
        ("Australia/Lord_Howe", "2026-04-05T00:00+11:00", 24.5),
        ("America/Havana", "2026-03-08T01:00-04:00", 23),
        ("Asia/Kathmandu", "2026-03-29T00:00+05:45", 24),
        ("XXX-5:37:11", "2026-03-28T18:22:49+00:00", 24),
    ],
)
def test_time_is_cut_where_the_local_day_begins(zone, start, hours):
    from datetime import datetime

    local = LocalTime(zone)
    at = int(datetime.fromisoformat(start).timestamp() * 1000)
    day = local.day(at)
    assert local.day(at - 1) < day
    cut = local.by_day(at - 1234, at + 40 * 3_600_000)
    assert cut[:2] == [(local.day(at - 1), 1234), (day, int(hours * 3_600_000))]
    assert sum(ms for _, ms in cut) == 40 * 3_600_000 + 1234
    assert iso(at)


def test_windows_of_a_range_are_those_of_everything(settings, monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    t = Transcript(1, start=NIGHT - 8 * 60 * MINUTE)
    t.prompt(after_ms=0)
    for n, after in enumerate((60, 450, 120, 180, 180)):
        t.answer(f"msg_{n}", after_ms=after * MINUTE, usage={"output_tokens": 10 + n})
    other = Transcript(2, start=NIGHT - 29 * MINUTE, cwd="/home/dev/shop")
    other.prompt(after_ms=0)
    other.answer("msg_other", after_ms=MINUTE)
    kept(settings, t, other)
    whole = {row.begins: row for row in asked(settings, windows(Scope((1,))))}
    for scope in (
        Scope((1,), since=SECOND),
        Scope((1,), since=FIRST, until=SECOND),
        Scope((1,), until=FIRST),
        Scope((1,), since=SECOND, session=t.session),
        Scope((1,), session=other.session),
    ):
        found = asked(settings, windows(scope))
        assert {row.begins for row in found} <= set(whole), scope
        assert (
            sum(row.row.cost_nano for row in found)
            == asked(settings, cost(scope, "all"))[0].cost_nano
        )
    assert len(asked(settings, windows(Scope((1,), since=SECOND)))) == 2


@pytest.mark.parametrize(("ms", "minutes"), [(None, 1), (90_000, 2)])
def test_a_call_that_a_kill_cut_off_did_not_run_until_the_session_went_on(settings, ms, minutes):
    t = Transcript(1, start=NIGHT)
    t.prompt(after_ms=0)
    t.call("Bash", {"command": "sleep 9999"}, after_ms=MINUTE)
    t.result(
        "[Request interrupted by user for tool use]",
        error=True,
        after_ms=10 * MINUTE,
        toolDenialKind="interrupted",
        told=None if ms is None else {"durationMs": ms, "interrupted": True},
    )
    kept(settings, t)
    assert rows(settings, "SELECT active_ms FROM session")[0][0] // MINUTE == minutes
