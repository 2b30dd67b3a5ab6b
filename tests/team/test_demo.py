"""The demo company: each figure is the sum of the rows below it, nothing is above a tier, and the
same seed makes the same rows.

Longer than a module should be because every sum is held against the rows of one company.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import msgspec
import pytest
from accrete_team import demo, demo_commands, rollups, tenants
from accrete_team.__main__ import main
from accrete_team.demo.calendar import BERLIN, NEW_YORK, holidays
from accrete_team.demo.people import members
from accrete_team.demo.session import DERIVED_VERSION
from accrete_team.tokens import whose

from accrete.clock import LocalTime
from accrete.derive.session import DERIVED_VERSION as DERIVED_HERE
from accrete.derive.session import derive_session
from accrete.model import DAY_FIGURES
from accrete.pricing.cost import UsedTokens, price
from accrete.record import shared
from accrete.settings import Settings
from accrete.wire.contract import decoded, rows_hash
from accrete.wire.travels import NAMES, WIRE_VERSION, columns, lowest, table
from tests.team.serving import Team

pytestmark = pytest.mark.long

UNTIL = date(2026, 11, 25)
PEOPLE, WEEKS = 6, 4
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="module", params=ENGINES)
def small(request, tmp_path_factory) -> Iterator[Team]:
    """A server with a small demo company, on either engine."""
    admin = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    made = Team(tmp_path_factory.mktemp("team"), admin)
    made.company()
    with made.database() as db:
        demo.make(db, made.slug("acme"), people=PEOPLE, weeks=WEEKS, seed=7, until=UNTIL)
    yield made
    for company in made.registry.companies():
        with suppress(Exception):
            tenants.delete(made.registry, company.slug, admin_url=admin)


def differences(team: Team, sql: str) -> list[tuple]:
    """What a statement finds wrong; Decimal and int compare alike."""
    return [tuple(row) for row in team.rows(sql)]


@pytest.mark.parametrize("figure", DAY_FIGURES)
def test_the_days_of_a_session_add_up_to_it(small, figure):
    assert (
        differences(
            small,
            f"""
        SELECT s.id, s.{figure}, SUM(d.{figure}) FROM session s
        JOIN session_day d ON d.person = s.person AND d.session = s.id
        GROUP BY s.person, s.id, s.{figure}
        HAVING COALESCE(s.{figure}, -1) <> COALESCE(SUM(d.{figure}), -1)""",
        )
        == []
    )
    assert small.rows(
        "SELECT COUNT(*) FROM session WHERE NOT EXISTS (SELECT 1 FROM session_day d "
        "WHERE d.person = session.person AND d.session = session.id)"
    ) == [(0,)]


TOTALS = {
    "prompts": "FROM prompt t WHERE {of} AND t.kind IN ('typed_prompt', 'slash_command')",
    "prompts_queued": "FROM prompt t WHERE {of} AND t.kind = 'queued_prompt'",
    "tool_calls": "FROM tool_call t WHERE {of} AND t.counted = 1",
    "tool_errors": "FROM tool_call t WHERE {of} AND t.is_error = 1",
    "responses_own": "FROM response t WHERE {of} AND t.run = ''",
    "responses_delegated": "FROM response t WHERE {of} AND t.run <> ''",
    "agents": "FROM agent_run t WHERE {of}",
    "commits": "FROM session_commit t WHERE {of}",
    "checks": "FROM check_run t WHERE {of}",
    "checks_failed": "FROM check_run t WHERE {of} AND t.verdict = 'failed'",
    "interruptions": "FROM prompt t WHERE {of} AND t.interrupted = 1",
    "edits_landed": "FROM tool_call t WHERE {of} AND t.tool IN ('Edit', 'Write') "
                    "AND t.status = 'ok'",
    "edits_proposed": "FROM tool_call t WHERE {of} AND t.tool IN ('Edit', 'Write')",
}  # fmt: skip


@pytest.mark.parametrize("figure", TOTALS)
def test_a_session_counts_its_rows(small, figure):
    counted = (
        "(SELECT COUNT(*) "
        + TOTALS[figure].format(of="t.person = s.person AND t.session = s.id")
        + ")"
    )
    assert (
        differences(
            small,
            f"SELECT s.id, s.{figure}, {counted} FROM session s WHERE s.{figure} <> {counted}",
        )
        == []
    )
    assert small.rows(f"SELECT SUM({figure}) FROM session")[0][0] > 0


TOKENS = "t.input_tokens + t.output_tokens + t.cache_read_tokens + t.cache_write_tokens"
SUMS = {
    "tokens_own": ("response", f"CASE WHEN t.run = '' THEN {TOKENS} ELSE 0 END"),
    "tokens_delegated": ("response", f"CASE WHEN t.run <> '' THEN {TOKENS} ELSE 0 END"),
    "cost_own_nano": ("response", "CASE WHEN t.run = '' THEN COALESCE(t.cost_nano, 0) ELSE 0 END"),
    "cost_delegated_nano": ("response",
                            "CASE WHEN t.run <> '' THEN COALESCE(t.cost_nano, 0) ELSE 0 END"),
    "lines_added": ("tool_call", "COALESCE(t.lines_added, 0)"),
    "lines_removed": ("tool_call", "COALESCE(t.lines_removed, 0)"),
}  # fmt: skip


@pytest.mark.parametrize("figure", SUMS)
def test_a_session_is_the_sum_of_its_rows_and_so_are_its_usage_turns_and_runs(small, figure):
    rows_of, amount = SUMS[figure]
    summed = (
        f"(SELECT COALESCE(SUM({amount}), 0) FROM {rows_of} t "
        "WHERE t.person = s.person AND t.session = s.id)"
    )
    assert (
        differences(
            small,
            f"SELECT s.id, s.{figure}, {summed} FROM session s "
            f"WHERE COALESCE(s.{figure}, 0) <> {summed}",
        )
        == []
    )
    if rows_of != "response":
        return
    turns = (
        f"(SELECT COALESCE(SUM(p.{figure}), 0) FROM prompt p "
        "WHERE p.person = s.person AND p.session = s.id)"
    )
    assert differences(small, f"SELECT s.id FROM session s WHERE s.{figure} <> {turns}") == []
    of = int("delegated" in figure)
    column = (
        "cost_nano"
        if "cost" in figure
        else ("input_tokens + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens")
    )
    usage = (
        f"(SELECT COALESCE(SUM(u.{column}), 0) FROM session_usage u "
        f"WHERE u.person = s.person AND u.session = s.id AND u.delegated = {of})"
    )
    assert differences(small, f"SELECT s.id FROM session s WHERE s.{figure} <> {usage}") == []
    if of:
        run = "cost_nano" if "cost" in figure else "tokens"
        runs = (
            f"(SELECT COALESCE(SUM(a.{run}), 0) FROM agent_run a "
            "WHERE a.person = s.person AND a.session = s.id)"
        )
        assert differences(small, f"SELECT s.id FROM session s WHERE s.{figure} <> {runs}") == []


def test_turns_and_tools_count_their_calls(small):
    for figure, rows_of in (("tool_calls", "tool_call"), ("responses", "response")):
        assert (
            differences(
                small,
                f"""
            SELECT p.uuid FROM prompt p WHERE p.{figure} <> (SELECT COUNT(*) FROM {rows_of} t
            WHERE t.person = p.person AND t.session = p.session AND t.prompt = p.uuid)""",
            )
            == []
        )
    for figure, also in (("calls", ""), ("errors", " AND t.is_error = 1")):
        assert (
            differences(
                small,
                f"""
            SELECT u.session, u.tool FROM session_tool u WHERE u.{figure} <> (SELECT COUNT(*)
            FROM tool_call t WHERE t.person = u.person AND t.session = u.session
            AND t.tool = u.tool AND t.local_day = u.local_day{also})""",
            )
            == []
        )
    assert (
        differences(
            small,
            """
        SELECT s.id FROM session s WHERE s.tool_calls <> (SELECT SUM(u.calls) FROM session_tool u
        WHERE u.person = s.person AND u.session = s.id)""",
        )
        == []
    )


def test_practices_are_the_sum_of_their_moments(small):
    counted = """(SELECT COUNT(*) FROM sighting g WHERE g.person = p.person
        AND g.session = p.session AND g.practice = p.practice{})"""
    whole, marked = counted.format(""), counted.format(" AND g.marks <> ''")
    assert (
        differences(
            small,
            f"SELECT p.session, p.practice FROM session_practice p "
            f"WHERE p.sightings <> {whole} OR p.marked <> {marked}",
        )
        == []
    )
    assert small.rows("SELECT COUNT(*) FROM session_practice") == [
        (11 * small.rows("SELECT COUNT(*) FROM session")[0][0],)
    ]
    assert (
        differences(
            small,
            """
        SELECT g.session FROM sighting g WHERE NOT EXISTS (SELECT 1 FROM session_day d
        WHERE d.person = g.person AND d.session = g.session AND d.local_day = g.local_day)
        OR (g.tool_use_id <> '' AND NOT EXISTS (SELECT 1 FROM tool_call t
        WHERE t.person = g.person AND t.session = g.session AND t.tool_use_id = g.tool_use_id))
        """,
        )
        == []
    )


def test_weeks_are_those_of_a_recomputation(small):
    sql = (
        "SELECT person, project, week, practice, eligible, seen, sightings, marked, versions "
        "FROM person_week ORDER BY person, week, practice, project"
    )
    held = small.rows(sql)
    with small.database() as db:
        for (person,) in db.run("SELECT id FROM person"):
            rollups.add_up_everything(db, person)
        days = db.run("SELECT person, session FROM session_day")
        before = db.run(sql)
        with rollups.following(db, 1, [session for person, session in days if person == 1]):
            pass
        assert [tuple(row) for row in db.run(sql)] == [tuple(row) for row in before] == held
    assert held
    assert small.rows(
        "SELECT COUNT(*) FROM sighting g JOIN session s ON s.person = g.person "
        "AND s.id = g.session WHERE s.automated = 0"
    ) == [(sum(row[6] for row in held),)]


def test_costs_are_those_of_the_price_table(small):
    rows = small.rows(
        "SELECT input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, "
        "cache_write_5m_tokens, cache_write_1h_tokens, model, at, cost_nano, cost_basis "
        "FROM response"
    )
    assert len({model for *_, model, _, _, _ in rows}) >= 3
    for *tokens, model, at, nano, basis in rows:
        assert (nano, basis) == tuple(price_of(tokens, model, at)), (model, at)


def price_of(tokens: list[int], model: str, at: int) -> tuple[int | None, str]:
    found = price(UsedTokens(*tokens), model=model, at=at)
    return found.nano, found.basis


def test_every_row_passes_the_contract_at_its_tier_and_nothing_else_is_stored(small):
    tiers = {
        (person, session): tier
        for person, session, tier in small.rows("SELECT DISTINCT person, session, tier FROM shared")
    }
    people = dict(small.rows("SELECT id, tier FROM person"))
    assert sorted({*tiers.values()}) == [1, 2, 3]
    for (person, _), tier in tiers.items():
        assert tier == people[person]
    for name in NAMES:
        fields = shared.fields(name)
        kept = set(fields)
        session = "id" if name == "session" else "session"
        rows = small.rows(f"SELECT {', '.join(fields)} FROM {name}")
        assert bool(rows) == (name not in ("inference", "finding")), name
        for row in rows:
            given = dict(zip(fields, row, strict=True))
            tier = tiers[given["person"], given[session]]
            allowed = {each.name for each in columns(name, tier)}
            assert tier >= lowest(name)
            leaving = {key: value for key, value in given.items() if key in allowed}
            decoded(
                name,
                tier,
                WIRE_VERSION,
                msgspec.json.encode({k: v for k, v in leaving.items() if v is not None}),
            )
            for key in kept - allowed - {"person"}:
                assert given[key] in (None, "", 0), (name, key, tier)


def test_what_is_said_to_be_held_is_held(small):
    for name in NAMES:
        session = "id" if name == "session" else "session"
        there = set(
            small.rows(f"SELECT person, {session}, COUNT(*) FROM {name} GROUP BY person, {session}")
        )
        assert there == set(
            small.rows(f"SELECT person, session, row_count FROM shared WHERE what = '{name}'")
        ), name
    hashes = [value for (value,) in small.rows("SELECT hash FROM shared")]
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in hashes)
    assert rows_hash([]) not in hashes
    assert small.rows(
        "SELECT COUNT(*) FROM shared x WHERE NOT EXISTS (SELECT 1 FROM device_token "
        "d WHERE d.person = x.person AND d.device = x.device)"
    ) == [(0,)]


DERIVED_AGAIN = (
    "session", "prompt", "response", "tool_call", "agent_run", "session_day", "session_usage",
    "session_tool", "session_file", "session_kind", "finding", "work_block", "check_run",
    "session_commit", "session_pull", "sighting", "session_practice",
)  # fmt: skip
ELSEWHERE = {"automated_reason", "category_reason", "zone", "zone_assumed", "result_rank",
             "reader", "result_reader"}  # fmt: skip
"""What a server does not hold, and the words for a category."""


def test_sessions_with_all_their_text_are_what_the_program_would_derive_of_them(tmp_path):
    team = Team(tmp_path)
    team.company()
    with team.database() as db:
        demo.make(db, "acme", people=14, weeks=4, seed=11, until=UNTIL)
        words = (
            "SELECT p.id, a.zone FROM person p JOIN account a ON a.person = p.id WHERE p.tier = 3"
        )
        people = db.run(words)
        assert len(people) == 2
        before = {name: of_people(db, name, people) for name in DERIVED_AGAIN}
        for person, zone in people:
            db.run("UPDATE session SET zone = ? WHERE person = ?", (zone, person))
            of = "FROM session WHERE person = ?"
            said = "person, id, cwd, branch, version, entrypoint, '', 0, 1000000, 1"
            db.run(f"INSERT INTO session_context SELECT {said} {of}", (person,))
            folders = "INSERT INTO workdir (person, cwd, project)"
            db.run(f"{folders} SELECT DISTINCT person, cwd, project {of}", (person,))
            sessions = [one for (one,) in db.run(f"SELECT id {of}", (person,))]
            assert len(sessions) > 10
            with db.transaction():
                for session in sessions:
                    derive_session(db, person, session, shared=False, prices=None,
                                   settings=Settings(tmp_path, ()))  # fmt: skip
        for name in DERIVED_AGAIN:
            assert before[name] or name == "finding"
            assert of_people(db, name, people) == before[name], name


def of_people(db, name: str, people) -> list[dict]:
    """The rows of a table of some people, without what a server does not hold."""
    fields = sorted({*table(name).fields} - ELSEWHERE)
    sql = f"SELECT {', '.join(fields)} FROM {name} WHERE person = ?"
    rows = [row for person, _ in people for row in db.run(sql, (person,))]
    return sorted((dict(zip(fields, row, strict=True)) for row in rows), key=repr)


def test_no_token_opens_the_machines_of_invented_people(small):
    slug = small.slug("acme")
    with small.database() as db:
        for made in ("7:1", "acr_acme_7:1", f"acr_{slug}_7:1", ""):
            assert whose(db, made, UNTIL) is None


def test_a_new_person_gets_a_number_of_their_own(small):
    from accrete_team import tokens

    with small.database() as db:
        made = tokens.add_person(db, "Somebody New")
        assert made == PEOPLE + 2
        with db.transaction():
            db.run("DELETE FROM account WHERE person = ?", (made,))
            db.run("DELETE FROM person WHERE id = ?", (made,))


def dump(home, people: int, weeks: int, seed: int, slug: str = "acme") -> dict[str, list[tuple]]:
    """All rows of a demo company."""
    made = Team(home)
    made.company(slug)
    with made.database(slug) as db:
        demo.make(db, slug, people=people, weeks=weeks, seed=seed, until=UNTIL)
        names = (*NAMES, "shared", "person", "account", "team", "team_place", "device_token",
                 "person_week")  # fmt: skip
        return {name: sorted(map(repr, db.run(f"SELECT * FROM {name}"))) for name in names}


def test_the_same_seed_makes_the_same_rows_and_another_does_not(tmp_path):
    one, two = dump(tmp_path / "a", 4, 2, 3), dump(tmp_path / "b", 4, 2, 3)
    assert one == two
    other = dump(tmp_path / "c", 4, 2, 4)
    assert not set(one["session"]) & set(other["session"])
    assert not set(one["person"]) & set(other["person"])


def test_both_engines_hold_the_same_rows(tmp_path, postgres_server):
    there = Team(tmp_path / "p", postgres_server)
    company = there.company()
    try:
        with there.database() as db:
            demo.make(db, "acme", people=4, weeks=2, seed=3, until=UNTIL)
            here = dump(tmp_path / "s", 4, 2, 3)
            for name in (*NAMES, "person", "account", "team_place", "person_week"):
                fields = ", ".join(shared.fields(name)) if name in NAMES else "*"
                found = sorted(map(repr, db.run(f"SELECT {fields} FROM {name}")))
                if name in NAMES and name == "event":
                    assert len(found) == len(here[name])
                elif fields == "*":
                    assert found == here[name], name
                else:
                    assert len(found) == len(here[name]), name
    finally:
        tenants.delete(there.registry, company.slug, admin_url=postgres_server)


def test_a_company_of_forty_is_as_it_is_said():
    from random import Random

    first = date(2026, 5, 28)
    found = members(40, first, UNTIL, "acme", Random("1:people"))
    tiers = [who.tier for who in found]
    assert [tiers.count(tier) for tier in (1, 2, 3)] == [24, 10, 6]
    sizes = {team: sum(team in who.teams for who in found) for team in range(6)}
    assert min(sizes.values()) == 3
    assert sorted(who.leads for who in found if who.leads is not None) == list(range(6))
    assert [len(who.teams) for who in found].count(2) == 1
    assert {who.job for who in found} == {
        "backend", "frontend", "data", "platform", "mobile", "QA"}  # fmt: skip
    assert {who.zone for who in found} == {BERLIN, NEW_YORK}
    assert sum(who.left for who in found) == 3
    assert sum(who.first > first for who in found) == 5
    assert sum(who.admin for who in found) == 1
    assert len({who.name for who in found}) == len({who.email for who in found}) == 40
    assert all(re.fullmatch(r"[a-z.-]+@acme\.example", who.email) for who in found)
    large = members(1000, first, UNTIL, "acme", Random("1:people"))
    assert len({who.name for who in large}) == len({who.email for who in large}) == 1000
    assert {who.job for who in members(1, first, UNTIL, "acme", Random("1"))} == {"backend"}


def test_nobody_works_on_weekends_or_holidays_nor_before_or_after_their_time(small):
    slug = small.slug("acme")
    from random import Random

    first = date(2026, 10, 29)
    who = {each.id: each for each in members(PEOPLE, first, UNTIL, slug, Random("7:people"))}
    for person, day in small.rows("SELECT person, local_day FROM session_day"):
        at = date.fromisoformat(day)
        assert at.weekday() < 5
        assert at not in holidays(who[person].zone, at.year)
        assert who[person].first <= at <= who[person].last


def test_holidays_are_where_the_calendar_has_them():
    assert date(2026, 4, 6) in holidays(BERLIN, 2026)  # Easter Monday
    assert date(2025, 4, 18) in holidays(BERLIN, 2025)  # Good Friday
    assert date(2026, 5, 14) in holidays(BERLIN, 2026)  # Ascension
    assert date(2026, 11, 26) in holidays(NEW_YORK, 2026)  # Thanksgiving
    assert date(2026, 5, 25) in holidays(NEW_YORK, 2026)  # Memorial Day
    assert date(2026, 9, 7) in holidays(NEW_YORK, 2026)  # Labor Day


def test_times_agree_with_days_and_zones(small):
    zones = dict(small.rows("SELECT person, zone FROM account"))
    rows = small.rows("SELECT p.person, p.at, p.local_day, p.hour_of_week, x.tier FROM prompt p "
                      "JOIN shared x ON x.person = p.person AND x.session = p.session "
                      "AND x.what = 'prompt'")  # fmt: skip
    seen = set()
    for person, at, day, hour, tier in rows:
        if tier == 1:
            assert (at % 86_400_000, hour) == (0, None)
        else:
            assert (day, hour) == LocalTime(zones[person]).day_and_hour(at)
            seen.add(hour % 24)
    assert seen <= set(range(7, 21))


def test_derived_rows_are_of_the_rules_of_today():
    assert DERIVED_VERSION == DERIVED_HERE


def test_words_of_tier_three_are_found_by_search_and_no_others_are(small):
    three = small.rows("SELECT COUNT(*) FROM event WHERE text IS NOT NULL AND kind IN "
                       "('typed_prompt', 'slash_command', 'queued_prompt', 'assistant_text', "
                       "'tool_call')")  # fmt: skip
    assert three[0][0] > 50
    if small.admin_url:
        assert small.rows("SELECT COUNT(*) FROM event_search") == three
    else:
        assert small.rows("SELECT COUNT(*) FROM event_search WHERE event_search MATCH 'commit'"
                          )[0][0] > 0  # fmt: skip


def test_the_command_makes_one_company_and_no_second_of_that_name(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path))
    monkeypatch.delenv("ACCRETE_DATABASE_URL", raising=False)
    given = ["demo", "tiny", "--people", "2", "--weeks", "1", "--until", "2026-11-20"]
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 0
    db = tenants.open_company(Team(tmp_path).registry.find("tiny"))
    ((sessions,),) = db.run("SELECT COUNT(*) FROM session")
    db.close()
    assert sessions > 1
    said = f"tiny is ready (sqlite): 2 people, {sessions:,} sessions."
    assert said in capsys.readouterr().out
    until = ["demo", "b", "--until"]
    bad_days = (([*until, day], "as a date") for day in ("soon", "2024-12-31", "2101-01-01"))
    for bad, said in ((given, "already"), *bad_days):
        with pytest.raises(SystemExit) as ended:
            main(bad)
        assert ended.value.code == 1
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("day", [date(2025, 1, 1), date(2100, 12, 31)])
def test_a_demo_ends_on_any_day_of_this_century_from_2025_on(day):
    assert demo_commands._day(day.isoformat()) == day


def test_nothing_is_left_of_a_company_whose_making_failed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path))
    monkeypatch.delenv("ACCRETE_DATABASE_URL", raising=False)
    monkeypatch.setattr(rollups, "add_up_everything", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["demo", "tiny", "--people", "2", "--weeks", "1", "--until", "2026-11-20"])
    assert Team(tmp_path).registry.find("tiny") is None
    assert not [name for name in os.listdir(tmp_path / "companies") if name.startswith("tiny")]
