"""What several machines of a person know counts once, in whatever order it comes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from accrete.care.forget import What, forget
from accrete.ingest import ingest, open_for_writing
from accrete.record.shared import begin_anew
from accrete.settings import Settings
from accrete.sync.choice import Choice
from accrete.wire.travels import NAMES, typed
from tests.records import ADVISED, rows, used
from tests.team.serving import NOW, Team
from tests.transcripts import Transcript, busy, fork

pytestmark = pytest.mark.long

SUMS = """SELECT COALESCE(SUM(responses_own + responses_delegated), 0),
  COALESCE(SUM(tokens_own + tokens_delegated), 0),
  COALESCE(SUM(cost_own_nano + cost_delegated_nano), 0), COALESCE(SUM(tool_calls), 0),
  COALESCE(SUM(tool_errors), 0) FROM {table}"""
CALLS = "SELECT COUNT(*), SUM(CASE WHEN is_error = 1 THEN 1 ELSE 0 END) FROM tool_call"
BILLED = """SELECT SUM(n), SUM(tokens), SUM(cost) FROM (
    SELECT 1 AS n, input_tokens + output_tokens + cache_read_tokens + cache_write_tokens AS tokens,
      cost_nano AS cost FROM response WHERE counted = 1 AND synthetic = 0
    UNION ALL SELECT 0, input_tokens + output_tokens + cache_read_tokens + cache_write_tokens,
      cost_nano FROM inference) b"""


@pytest.fixture
def machine(tmp_path) -> Callable[..., Settings]:
    """Makes a machine: a home folder of its own with some transcripts, read."""

    def made(name: str, *transcripts: Transcript) -> Settings:
        settings = Settings(
            home=tmp_path / f"{name}-data", roots=(tmp_path / f"{name}-claude",), zone="UTC"
        )
        for each in transcripts:
            each.write(settings.roots[0] / "projects")
        ingest(settings)
        return settings

    return made


def held(team: Team, *but: str) -> dict[str, list[str]]:
    """All rows of the company, without the person's number."""
    found = {}
    for name in NAMES:
        fields = [each for each in typed(name) if each not in ("person", "project", *but)]
        found[name] = sorted(map(repr, team.rows(f"SELECT {', '.join(fields)} FROM {name}")))
    return found


def ints(row) -> tuple[int, ...]:
    return tuple(int(each or 0) for each in row)


def check_sums(team: Team) -> tuple[int, ...]:
    """Sessions, days and sums by model and tool add up to the rows that are there, each once."""
    responses, tokens, cost = ints(team.rows(BILLED)[0])
    calls, errors = ints(
        team.rows("SELECT COUNT(*), SUM(CASE WHEN is_error = 1 THEN 1 ELSE 0 END) FROM tool_call")[
            0
        ]
    )
    expected = (responses, tokens, cost, calls, errors)
    for table in ("session", "session_day"):
        assert ints(team.rows(SUMS.format(table=table))[0]) == expected, table
    by_model = team.rows(
        "SELECT SUM(responses), SUM(input_tokens + output_tokens + cache_read_tokens + "
        "cache_write_tokens), SUM(cost_nano) FROM session_usage"
    )
    assert ints(by_model[0]) == expected[:3]
    assert ints(team.rows("SELECT SUM(calls), SUM(errors) FROM session_tool")[0]) == expected[3:]
    return expected


def advised(n: int, turns: int = 4) -> Transcript:
    """A session with a tool error, and an inference beside a response."""
    made = busy(n, turns=turns)
    used(made, f"msg_{n}_0_end", iterations=[ADVISED])
    return made


@pytest.mark.alike
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_a_copied_home_folder_doubles_nothing(machine, team, tier):
    one = machine("one", advised(1), fork(advised(1), 2, upto=10))
    two = machine("two", advised(1), fork(advised(1), 2, upto=10))
    team.meet(one, team.choice(tier=tier))
    before, sums = held(team), check_sums(team)
    team.meet(two, team.choice(tier=tier))
    assert check_sums(team) == sums
    assert held(team) == before
    assert sums[0] > 8


def test_a_session_that_went_on_on_two_machines_counts_both_once(machine, team):
    here, there = advised(1), advised(1)
    here.prompt("here")
    here.answer("msg_here")
    there.prompt("there")
    there.call("Bash", {"command": "ls"}, message_id="msg_there", use="toolu_there")
    there.result("Exit code 1", use="toolu_there", error=True)
    there.answer("msg_there_2")
    one, two = machine("one", here), machine("two", there)
    first, second = team.choice(tier=2), team.choice(tier=2)
    team.meet(one, first)
    alone = check_sums(team)
    _, sent = team.meet(two, second)
    assert sent.wanted == 0
    both = check_sums(team)
    assert both[0] == alone[0] + 2
    assert both[3:] == (alone[3] + 1, alone[4] + 1)
    # prompts are those of the machine with most events
    (prompts,) = team.rows("SELECT COUNT(*) FROM prompt")[0]
    assert prompts == rows(two, "SELECT COUNT(*) FROM prompt")[0][0]
    events = rows(two, "SELECT COUNT(*) FROM event")
    assert team.rows("SELECT COUNT(*) FROM event") == events


def test_the_machine_with_most_events_leads_whenever_it_comes(machine, team):
    short, long = advised(1), advised(1)
    long.prompt("more")
    long.answer("msg_more")
    one, two = machine("one", short), machine("two", long)
    first, second = team.choice(tier=3), team.choice(tier=3)
    team.meet(two, second)
    whole = held(team)
    team.meet(one, first)
    assert held(team) == whole
    for each in range(3):  # the other goes ahead
        short.prompt(f"Again {each}")
        short.answer(f"msg_again_{each}")
    machine("one", short)
    _, sent = team.meet(one, first)
    assert sent.wanted == 0  # it was asked for all of it, and sent it
    assert team.rows("SELECT COUNT(*) FROM prompt") == rows(one, "SELECT COUNT(*) FROM prompt")
    check_sums(team)
    assert {"msg_more", "msg_again_2"} <= {
        str(each).partition("#")[0] for (each,) in team.rows("SELECT message_id FROM response")
    }


@pytest.mark.alike
@pytest.mark.parametrize("tier", [1, 3])
def test_a_fork_on_another_machine_counts_what_both_have_once_in_any_order(machine, team, tier):
    origin = advised(1)
    branch = fork(origin, 2, upto=12, extra=2)
    one, two = machine("one", origin), machine("two", branch)
    found = []
    for name, order in (("acme", (one, two)), ("globex", (two, one))):
        choices = {id(each): anew(team, each, name, tier) for each in (one, two)}
        for each in order:
            team.meet(each, choices[id(each)])
        company = _Of(team, name)
        sums = check_sums(company)
        assert sums[0] == rows_of(origin, branch)
        found.append((sums, held(company)))
    assert found[0] == found[1]


def rows_of(*transcripts: Transcript) -> int:
    """How many responses transcripts have, each counted once."""
    return len(
        {
            line["message"]["id"]
            for each in transcripts
            for line in each.lines
            if line["type"] == "assistant"
        }
    )


def anew(team: Team, settings: Settings, company: str, tier: int) -> Choice:
    """A machine that begins to share with another company."""
    db = open_for_writing(settings)
    try:
        begin_anew(db, 1)
    finally:
        db.close()
    return team.choice(company=company, tier=tier)


class _Of:
    """One company of a team."""

    def __init__(self, team: Team, name: str) -> None:
        self.team, self.name = team, name

    def rows(self, sql: str):
        return self.team.rows(sql, self.name)


@pytest.mark.alike
def test_three_machines_in_any_order_end_alike(machine, team):
    origin, other = advised(1), advised(1)
    other.prompt("other")
    other.answer("msg_other")
    branch = fork(origin, 2, upto=12)
    made = (machine("a", origin), machine("b", other), machine("c", branch, origin))
    ends = []
    for n, order in enumerate(itertools.permutations(made)):
        company = _Of(team, f"c{n}")
        choices = {id(each): anew(team, each, company.name, 2) for each in made}
        for each in (*order, *order):
            team.meet(each, choices[id(each)])
        check_sums(company)
        ends.append(held(company))
    assert all(each == ends[0] for each in ends)


@pytest.mark.alike
def test_what_only_a_fork_still_has_counts_there(machine, team):
    origin = advised(1)
    branch = fork(origin, 2, upto=12)
    one, two = machine("one", origin), machine("two", branch)
    first, second = team.choice(tier=2), team.choice(tier=2)
    team.meet(one, first)
    team.meet(two, second)
    forget(one, What(sessions=(origin.session,)), NOW)
    team.meet(one, first)
    assert team.rows("SELECT id FROM session") == [(branch.session,)]
    check_sums(team)
    alone = _Of(team, "globex")
    team.meet(machine("three", branch), team.choice(company="globex", tier=2))
    assert held(team) == held(alone)
    assert team.rows("SELECT COUNT(*) FROM rival_row") == [(0,)]


@pytest.mark.alike
def test_what_a_fork_alone_had_counts_there_after_its_origin_came_and_went(machine, team):
    origin = advised(1)
    branch = fork(origin, 2, upto=12)
    ones = [machine(f"one{n}", origin) for n in range(3)]
    choices = [team.choice(tier=2) for _ in ones]
    for each, choice in zip(ones, choices, strict=True):
        team.meet(each, choice)
    team.sync(ones[0], choices[0], leaving=True)  # two others know it, and nothing of it is held
    team.meet(machine("two", branch), team.choice(tier=2))
    team.meet(ones[1], choices[1])
    assert check_sums(team)[0] == rows_of(origin, branch)
    for each, choice in zip(ones[1:], choices[1:], strict=True):
        team.sync(each, choice, leaving=True)
    check_sums(team)
    alone = _Of(team, "globex")
    team.meet(machine("three", branch), team.choice(company="globex", tier=2))
    assert held(team) == held(alone)


@pytest.mark.alike
def test_what_is_unshared_on_one_machine_is_sent_by_one_that_joins_later(machine, team):
    one, two = machine("one", advised(1)), machine("two", advised(1))
    first, second = team.choice(tier=2), team.choice(tier=2)
    team.meet(one, first)
    team.meet(two, second)
    before = held(team)
    team.sync(one, first, projects="none")
    team.meet(two, second)
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    third = replace(team.choice(tier=2), projects_at=1 << 50)
    team.meet(machine("three", advised(1)), third)
    assert held(team) == before


@pytest.mark.alike
def test_a_session_left_by_one_machine_is_sent_again_by_the_other(machine, team):
    one, two = machine("one", advised(1)), machine("two", advised(1))
    first, second = team.choice(tier=2), team.choice(tier=2)
    team.meet(one, first)
    team.meet(two, second)
    before = held(team)
    sent = team.sync(one, first, leaving=True)
    assert sent.erased is not None
    assert sent.erased.bytes_by > sent.erased.rows_at
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    _, sent = team.meet(two, second)
    assert sent.sessions == 1
    assert held(team) == before


@pytest.mark.alike
def test_a_session_known_to_machines_of_two_tiers_is_shared_at_the_lower(machine, team):
    one, two = machine("one", advised(1)), machine("two", advised(1))
    low, high = team.choice(tier=1), team.choice(tier=3)
    team.meet(two, high)
    assert team.rows("SELECT tier FROM person") == [(3,)]
    team.meet(one, low)
    before = held(team)
    assert team.rows("SELECT tier FROM person") == [(1,)]
    more = advised(1)
    more.answer("msg_more")
    machine("two", more)
    for _ in range(2):
        _, sent = team.meet(two, high)
        assert held(team) == before
    assert sent.sessions == 0  # and it is not asked again and again
    assert "Prompt 0" not in repr(team.rows("SELECT * FROM rival_row"))


def test_a_server_that_lost_a_session_gets_all_of_it_with_the_next_change(machine, team):
    one = machine("one", advised(1))
    choice, _ = team.meet(one, team.choice(tier=2))
    with team.database() as db:
        for name in (*NAMES, "shared"):
            column = "id" if name == "session" else "session"
            db.run(f"DELETE FROM {name} WHERE {column} = ?", (advised(1).session,))
    more = advised(1)
    more.prompt("more")
    machine("one", more)
    team.meet(one, choice)
    other = _Of(team, "globex")
    team.meet(machine("two", more), team.choice(company="globex", tier=2))
    assert held(team) == held(other)


@pytest.mark.parametrize("tier", [1, 2])
def test_a_subagent_has_one_id_on_all_machines_and_not_its_name(machine, team, tier):
    import json

    parent = busy(1)
    agent = Transcript(1, start=parent.now)
    for line in ("msg_agent_1", "msg_agent_2"):
        agent.answer(line, model="claude-haiku-4-5")
    name = "aacme-merger-060b"

    def with_agent(which: str) -> Settings:
        settings = machine(which, parent)
        folder = settings.roots[0] / "projects/-home-dev-demo" / parent.session / "subagents"
        folder.mkdir(parents=True)
        lines = [{**line, "isSidechain": True, "agentId": name} for line in agent.lines]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"agent-{name}.jsonl").write_text(text)
        ingest(settings)
        return settings

    one, two = with_agent("one"), with_agent("two")
    assert rows(one, "SELECT DISTINCT agent FROM agent_run") == [(name,)]
    team.meet(one, team.choice(tier=tier))
    team.meet(two, anew(team, two, "globex", tier))
    assert held(team) == held(_Of(team, "globex"))
    (found,) = team.rows("SELECT agent FROM agent_run")
    assert "merger" not in repr(found)
    team.meet(two, anew(team, two, "acme", tier))
    assert team.rows("SELECT agent FROM agent_run") == [found]
    check_sums(team)
