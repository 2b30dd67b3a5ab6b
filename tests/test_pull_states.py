"""States of pull requests: asked for only if the person chose so, at most hourly, and kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from accrete.care.forget import What, forget
from accrete.care.maintain import rebuild
from accrete.database import Postgres, Sqlite
from accrete.errors import AccreteError
from accrete.ingest import ingest
from accrete.ingest import pull_states as states
from accrete.ingest.pull_states import AT_ONCE, EVERY_MS, VAIN, ask, is_due
from accrete.outcomes.forge import Fault, Said, address_of
from accrete.record import store
from accrete.record.pull_states import store_states, waiting
from accrete.settings import read_settings
from tests.forges import ENDED_MS, OPENED_MS, REPOSITORY, Gh, by_api, by_gh, pulling, served_api
from tests.patience import clock_s, until
from tests.people import fill
from tests.records import called, rows, unmeasured
from tests.transcripts import START

NOW_S = START / 1000 + 5 * 86_400
HOUR_S = EVERY_MS / 1000
STATES = "SELECT url, state, draft, merged_at, fault, faults FROM pull_request ORDER BY url"


@pytest.fixture
def gh(tmp_path):
    return Gh(tmp_path / "bin")


@pytest.fixture
def asking(settings, gh):
    """Settings that ask through gh."""
    return replace(settings, pull_request_states="gh")


def urls(*numbers: int) -> list[str]:
    return [f"{REPOSITORY}/{n}" for n in numbers]


def asked(settings, gh, hours: float = 0, **given) -> list[int]:
    """The numbers that one run asks about, so many hours later."""
    before = len(gh.calls)
    ask(settings, gh.env, clock=lambda: NOW_S + hours * HOUR_S, **given)
    return [int(call.split()[2].rsplit("/", 1)[1]) for call in gh.calls[before:]]


WATCHED = """
import sys
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
from accrete.commands import main
try:
    main(["ingest"])
except SystemExit:
    pass
print([each for each in seen if each.startswith(("subprocess.", "socket.", "os.posix_spawn",
    "os.fork", "os.exec", "os.system", "os.spawn", "urllib."))])
"""


def happened(settings, config: dict, env: dict[str, str]) -> str:
    """The processes and sockets that `accrete ingest` makes."""
    (settings.home / "config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        env={
            **unmeasured(),
            **env,
            "ACCRETE_HOME": str(settings.home),
            "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.long
def test_no_process_and_no_socket_is_made_unless_the_person_chose_it(settings, gh):
    pulling(settings, 1, *urls(1))
    ingest(settings)
    token = {**gh.env, "GITHUB_TOKEN": "t"}
    assert happened(settings, {}, token) == "[]"
    assert happened(settings, {"pullRequestStates": "off"}, token) == "[]"
    assert happened(settings, {"pullRequestStates": "token"}, {"PATH": gh.env["PATH"]}) == "[]"
    assert gh.calls == []
    gh.says(1, by_gh("MERGED"))
    assert "subprocess.Popen" in happened(settings, {"pullRequestStates": "gh"}, gh.env)
    until(lambda: rows(settings, "SELECT 1 FROM pull_request WHERE state = 'merged'"))
    assert happened(settings, {"pullRequestStates": "gh"}, gh.env) == "[]"  # asked already


def test_asking_while_it_is_off_asks_nobody(settings, gh):
    pulling(settings, 1, *urls(1))
    ingest(settings)
    assert asked(settings, gh) == []
    assert not (settings.home / "pulls.lock").exists()


def test_every_state_is_stored_with_its_moments(asking, gh):
    pulling(asking, 1, *urls(1, 2, 3, 4), linked=(*urls(1), *urls(5)))
    ingest(asking)
    gh.says(1, by_gh("OPEN"))
    gh.says(2, by_gh("OPEN", draft=True))
    gh.says(3, by_gh("MERGED"))
    gh.says(4, by_gh("CLOSED"))
    gh.says(5, by_gh("MERGED"))
    assert sorted(asked(asking, gh)) == [1, 2, 3, 4, 5]
    one, two, three, four, five = urls(1, 2, 3, 4, 5)
    assert rows(asking, STATES) == [
        (one, "open", 0, None, None, 0),
        (two, "open", 1, None, None, 0),
        (three, "merged", 0, ENDED_MS, None, 0),
        (four, "closed", 0, None, None, 0),
        (five, "merged", 0, ENDED_MS, None, 0),
    ]
    assert rows(asking, "SELECT DISTINCT opened_at FROM pull_request") == [(OPENED_MS,)]
    assert rows(asking, f"SELECT number, repository FROM pull_request WHERE url = '{four}'") == [
        (4, "acme/demo")
    ]


def test_it_asks_at_most_hourly_and_never_again_for_what_is_over(asking, gh):
    pulling(asking, 1, *urls(1, 2, 3))
    ingest(asking)
    gh.says(1, by_gh("OPEN"))
    gh.says(2, by_gh("MERGED"))
    gh.says(3, by_gh("CLOSED"))
    assert len(asked(asking, gh)) == 3
    assert asked(asking, gh, 0.99) == []
    gh.says(1, by_gh("MERGED"))
    assert asked(asking, gh, 1.01) == [1]
    assert asked(asking, gh, 500) == []
    assert {row[1] for row in rows(asking, STATES)} == {"merged", "closed"}


def test_a_reopened_state_takes_the_place_of_the_one_before(asking, gh):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    gh.says(1, by_gh("OPEN", draft=True))
    asked(asking, gh)
    gh.says(1, by_gh("OPEN"))
    asked(asking, gh, 1.01)
    assert rows(asking, STATES) == [(urls(1)[0], "open", 0, None, None, 0)]


@pytest.mark.long
def test_one_run_asks_about_thirty_the_longest_unasked_first(asking, gh):
    for n in range(1, 41):
        pulling(asking, n, *urls(n), start=START + n * 60_000)
        gh.says(n, by_gh("OPEN"))
    ingest(asking)
    first = asked(asking, gh)
    assert first == list(range(40, 10, -1))
    assert len(first) == AT_ONCE
    second = asked(asking, gh, 1.01)
    assert second[:10] == list(range(10, 0, -1))
    assert set(second[10:]) < set(first)


@pytest.mark.long
def test_what_fails_is_asked_again_later_and_later(asking, gh):
    pulling(asking, 1, *urls(1, 2))
    ingest(asking)
    gh.says(2, by_gh("OPEN"))
    assert sorted(asked(asking, gh)) == [1, 2]
    assert asked(asking, gh, 1.01) == [2]
    assert 1 in asked(asking, gh, 2.02)
    assert 1 not in asked(asking, gh, 5.9)
    assert 1 in asked(asking, gh, 7)
    assert rows(asking, STATES)[0][4:] == ("gh could not read it", 3)
    for n in range(12):
        asked(asking, gh, 7 + (n + 1) * 24 * 7)
    gh.says(1, by_gh("MERGED"))
    assert 1 in asked(asking, gh, 7 + 13 * 24 * 7 + 1)  # a week at most
    assert rows(asking, STATES)[0] == (urls(1)[0], "merged", 0, ENDED_MS, None, 0)


def test_a_fault_leaves_what_is_known_as_it_is(asking, gh):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    gh.says(1, by_gh("OPEN", draft=True))
    asked(asking, gh)
    gh.does(1, "exit 1")
    assert asked(asking, gh, 1.01) == [1]
    assert rows(asking, STATES) == [(urls(1)[0], "open", 1, None, "gh could not read it", 1)]


def test_after_each_fault_it_is_left_alone_twice_as_long_up_to_a_week(asking, gh):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    at = int(NOW_S * 1000)
    db = Sqlite(asking.database)
    for faults, hours in ((0, 0), (1, 2), (2, 4), (3, 8), (7, 128), (8, 168), (12, 168), (99, 168)):
        db.run("DELETE FROM pull_request")
        db.run("INSERT INTO pull_request (person, url, number, repository, asked_at, faults) "
               "VALUES (1, ?, 1, 'acme/demo', ?, ?)", (urls(1)[0], at, faults))  # fmt: skip
        until_ms = at + hours * EVERY_MS
        due = [is_due(asking, gh.env, now) for now in (at - 1, at, until_ms - 1, until_ms)]
        assert due == [True, not faults, not faults, True], faults  # the clock was set back: due
    db.close()


def test_it_is_asked_again_an_hour_later_to_the_millisecond_or_when_the_clock_was_set_back(
    asking, gh
):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    at = int(NOW_S * 1000)
    db = Sqlite(asking.database)
    store.set_fact(db, 1, states.ASKED, json.dumps({"at": at, "fault": None}))
    db.close()
    hour = at + EVERY_MS
    due = [is_due(asking, gh.env, now) for now in (at - 1, at, hour - 1, hour)]
    assert due == [True, False, False, True]


STATED = Said("open", False, OPENED_MS, None, None)
FAULT = Fault("no answer")


@pytest.mark.parametrize(
    ("said", "told", "why"),
    [
        ([FAULT, FAULT, STATED] * 3, 9, None),
        ([STATED, FAULT, FAULT, STATED, FAULT, FAULT, FAULT, STATED], 7, "no answer"),
        ([STATED, Fault("signed out", of_all=True), STATED], 1, "signed out"),
    ],
)
def test_a_run_goes_on_while_answers_come_between_faults(said, told, why):
    due = [states.Due(address_of(url), (url,)) for url in urls(*range(1, len(said) + 1))]
    answers = iter(said)
    found, stopped = states._answers(due, lambda address, s: next(answers), float("inf"))
    assert (found, stopped) == (list(zip(due, said, strict=True))[:told], why)


def test_a_run_ends_where_one_fault_follows_another(asking, gh):
    pulling(asking, 1, *urls(*range(1, 9)))
    ingest(asking)
    assert len(asked(asking, gh)) == VAIN
    log = (asking.home / "ingest.log").read_text().splitlines()
    assert len(log) == 1
    assert log[0].endswith("States of pull requests: gh could not read it.")


@pytest.mark.long
def test_a_gh_that_hangs_costs_no_more_than_the_budget(asking, gh):
    pulling(asking, 1, *urls(1, 2))
    ingest(asking)
    for n in (1, 2):
        gh.does(n, "sleep 60")
    asks: list[list[int]] = []
    assert clock_s(lambda: asks.append(asked(asking, gh, budget_s=0.5))) < 40  # gh takes a minute
    assert len(asks[0]) == 1
    assert "no answer in time" in (asking.home / "ingest.log").read_text()


@pytest.mark.parametrize("broken", ["missing", "signed out", "garbage", "huge"])
def test_whatever_gh_does_is_one_line_in_the_log_and_breaks_nothing(asking, gh, broken):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    if broken == "missing":
        (gh.folder / "gh").unlink()
    gh.does(1, {"signed out": "exit 4", "garbage": "echo {", "huge": "yes"}.get(broken, ""))
    asked(asking, gh)
    assert len((asking.home / "ingest.log").read_text().splitlines()) == 1
    assert rows(asking, "SELECT COUNT(*) FROM pull_request WHERE state IS NOT NULL") == [(0,)]


def test_a_record_that_cannot_be_read_is_one_line_in_the_log(asking, gh):
    asking.home.mkdir()
    asking.database.write_bytes(b"no database" * 100)
    assert asked(asking, gh) == []
    assert len((asking.home / "ingest.log").read_text().splitlines()) == 1


@pytest.mark.long
def test_only_one_process_asks_at_a_time(asking, gh):
    pulling(asking, 1, *urls(1))
    ingest(asking)
    gh.does(1, f"sleep 1; . {gh.folder}/2")
    gh.says(2, by_gh("MERGED"))
    (asking.home / "config.json").write_text('{"pullRequestStates": "gh"}')
    env = {**unmeasured(), "PATH": gh.env["PATH"], "ACCRETE_HOME": str(asking.home)}
    command = [sys.executable, "-m", "accrete", "ingest", "--pull-states"]
    running = [subprocess.Popen(command, env=env, cwd=os.getcwd()) for _ in range(3)]
    assert [each.wait(120) for each in running] == [0, 0, 0]
    assert len(gh.calls) == 1
    assert rows(asking, STATES)[0][1] == "merged"


def test_spellings_of_one_address_are_asked_about_once(asking, gh):
    (one,) = urls(1)
    pulling(asking, 1, one)
    pulling(asking, 2, linked=(one.replace("https://github", "http://GitHub"),))
    ingest(asking)
    gh.says(1, by_gh("MERGED"))
    assert asked(asking, gh) == [1]
    assert [row[1] for row in rows(asking, STATES)] == ["merged", "merged"]


def test_only_hosts_that_the_person_named_are_asked(asking, gh):
    pulling(asking, 1, "https://git.example.com/acme/demo/pull/1")
    pulling(asking, 2, "https://gitlab.com/acme/demo/-/merge_requests/2")
    ingest(asking)
    gh.says(1, by_gh("MERGED"))
    assert asked(asking, gh) == []
    assert asked(replace(asking, github_hosts=("git.example.com",)), gh) == [1]


def test_a_token_asks_the_api_and_is_stored_nowhere(settings):
    settings = replace(settings, pull_request_states="token")
    pulling(settings, 1, *urls(1, 2))
    ingest(settings)
    token = "ghp_" + "a1B2" * 9
    with served_api() as api:
        api.says(1, by_api("closed", merged=True))
        api.says(2, b"", 404)
        ask(settings, {}, clock=lambda: NOW_S, base=api.base)
        assert api.asked == []
        ask(settings, {"GITHUB_TOKEN": token}, clock=lambda: NOW_S, base=api.base)
        assert {each for _, each in api.asked} == {f"Bearer {token}"}
    assert [row[1] for row in rows(settings, STATES)] == ["merged", None]
    for path in settings.home.rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes()


def test_states_stay_when_all_is_derived_or_read_again(asking, gh):
    t = pulling(asking, 1, *urls(1), linked=tuple(urls(2)))
    ingest(asking)
    gh.says(1, by_gh("MERGED"))
    gh.says(2, by_gh("OPEN"))
    asked(asking, gh)
    before = rows(asking, "SELECT * FROM pull_request ORDER BY url")
    rebuild(asking)
    t.prompt("More")
    t.write(asking.roots[0] / "projects")
    ingest(asking)
    db = Sqlite(asking.database)
    for table in ("source_file", "session", "session_pull_request"):
        db.run(f"UPDATE {table} SET reader = 1")
    db.close()
    ingest(asking)
    assert rows(asking, "SELECT * FROM pull_request ORDER BY url") == before
    assert len(before) == 2


def test_what_is_forgotten_takes_its_pull_requests_along(asking, gh):
    pulling(asking, 1, *urls(1))
    pulling(asking, 2, *urls(2), linked=tuple(urls(1)))
    t = pulling(asking, 3, *urls(3))
    ingest(asking)
    for n in (1, 2, 3):
        gh.says(n, by_gh("MERGED"))
    asked(asking, gh)
    forget(asking, What(sessions=(t.session,)), 1)
    assert [row[0] for row in rows(asking, STATES)] == urls(1, 2)
    assert b"/pull/3" not in asking.database.read_bytes()
    told = [(address_of(url), [url], Fault("no answer")) for url in urls(1, 3)]
    db = Sqlite(asking.database)
    store_states(db, 1, told, 5)  # an answer that comes after it
    db.close()
    assert [row[0] for row in rows(asking, STATES)] == urls(1, 2)


@pytest.mark.long
def test_both_engines_keep_the_same_states(settings, tmp_path, postgres_url):
    pulling(settings, 1, *urls(1, 2), linked=tuple(urls(3)))
    found = []
    for db in (Sqlite(tmp_path / "one.db"), Postgres(postgres_url)):
        db.migrate()
        fill(db, settings)
        one, two, three = urls(1, 2, 3)
        said = Said("merged", False, OPENED_MS, ENDED_MS, ENDED_MS)
        told = [
            (address_of(one), [one], said),
            (address_of(two), [two], Fault("no answer")),
            (address_of(three), [three], said._replace(state="open", draft=True)),
        ]
        for at in (5, 6):
            with db.transaction():
                store_states(db, 1, told, at)
        stored = db.run(
            "SELECT url, number, repository, state, draft, opened_at, merged_at, closed_at, "
            "asked_at, fault, faults FROM pull_request ORDER BY url"
        )
        found.append(([tuple(row) for row in stored], waiting(db, 1)))
        db.close()
    assert found[0] == found[1]
    assert [row[3] for row in found[0][0]] == ["merged", None, "open"]
    assert [(each.url, each.faults) for each in found[0][1]] == [(two, 2), (three, 0)]


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"pullRequestStates": "on"}, "must be one of: off, gh, token"),
        ({"pullRequestStates": True}, "must be one of"),
        ({"pullRequestStates": []}, "must be one of"),
        ({"githubHosts": "git.example.com"}, "must be a list of host names"),
        ({"githubHosts": ["https://git.example.com"]}, "must be a list of host names"),
        ({"githubHosts": ["-x.example.com"]}, "must be a list of host names"),
        ({"githubHosts": ["git.example.com:8443"]}, "must be a list of host names"),
    ],
)
def test_a_setting_that_is_none_is_refused_with_what_it_can_be(tmp_path, config, why):
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(AccreteError, match=why):
        read_settings({"ACCRETE_HOME": str(tmp_path)}, user_home=tmp_path)


def test_it_is_off_unless_the_person_chose_otherwise(tmp_path):
    env = {"ACCRETE_HOME": str(tmp_path)}
    assert read_settings(env, user_home=tmp_path).pull_request_states == "off"
    (tmp_path / "config.json").write_text(
        '{"pullRequestStates": "gh", "githubHosts": ["Git.Example.com"]}'
    )
    chosen = read_settings(env, user_home=tmp_path)
    assert (chosen.pull_request_states, chosen.github_hosts) == ("gh", ("git.example.com",))


def test_nothing_is_due_without_a_record_or_pull_requests(asking, gh):
    assert not is_due(asking, gh.env, 1)
    pulling(asking, 1)
    ingest(asking)
    assert not is_due(asking, gh.env, 1)


def test_status_says_that_it_is_on_and_when_it_last_asked(asking, gh, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(asking.home))
    pulling(asking, 1, *urls(1, 2))
    ingest(asking)
    config = asking.home / "config.json"
    assert "States of pull requests" not in called(capsys, "status")[1]
    config.write_text('{"pullRequestStates": "token"}')
    out = " ".join(called(capsys, "status")[1].split())
    assert "through a token, not asked yet: 0 of 2 known. Hooks inherit no tokens" in out
    gh.says(1, by_gh("MERGED"))
    asked(asking, gh)
    config.write_text('{"pullRequestStates": "gh", "timeZone": "UTC"}')
    out = " ".join(called(capsys, "status")[1].split())
    assert "asked for through gh, last asked 26 Sep" in out
    assert "1 of 2 known" in out
    gh.does(2, "exit 4")
    asked(asking, gh, 3)
    out = " ".join(called(capsys, "status")[1].split())
    assert "It stopped: gh is not signed in to github.com." in out


def test_show_puts_the_state_beside_each_pull_request(asking, gh, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(asking.home))
    monkeypatch.setenv("TZ", "UTC")
    pulling(asking, 1, *urls(1, 2), linked=tuple(urls(3)))
    ingest(asking)
    gh.says(1, by_gh("MERGED"))
    gh.says(3, by_gh("OPEN", draft=True))
    asked(asking, gh)
    lines = called(capsys, "show", "latest", "--no-pager")[1].splitlines()
    told = [" ".join(line.split()) for line in lines if line.startswith("Pull request")]
    one, two, three = urls(1, 2, 3)
    assert sorted(told) == [
        f"Pull request {one} merged 22 Sep 16:30",
        f"Pull request {two} state unknown",
        f"Pull request {three} draft 21 Sep 15:00",
    ]
    found = json.loads(called(capsys, "show", "latest", "--json")[1])["pull_requests"]
    assert {each["url"]: each["state"] for each in found} == {
        one: "merged",
        two: None,
        three: "draft",
    }
    assert {each["merged_at"] for each in found} == {ENDED_MS, None}
