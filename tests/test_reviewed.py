"""What a reviewer broke in outcomes and practices, held: cases that the conformance kit cannot
tell."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from accrete.care.maintain import rebuild
from accrete.commands import cli
from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.outcomes.checks import checks_of
from accrete.outcomes.commits import commit_commands
from accrete.outcomes.pushes import push_commands
from accrete.outcomes.runners import runner_of
from accrete.outcomes.shell import commands
from tests.contents import contents
from tests.records import kept, rows
from tests.transcripts import Transcript, fork


@pytest.mark.parametrize(
    ("command", "pushed", "committed"),
    [
        ('cd "C:\\repo\\"; git commit -m "x"; git push', True, 1),
        ('& "C:\\Program Files\\Git\\bin\\git.exe" commit -m x', False, 1),
        ("git commit -m @'\nfix: don't break\n'@; git push", True, 1),
        ("Write-Output 'git push'", False, 0),
        ("git commit `\n  -m x", False, 1),
    ],
)
def test_powershell_has_its_own_quotes(command, pushed, committed):
    found = commands(command, powershell=True)
    assert (bool(push_commands(found)), len(commit_commands(found))) == (pushed, committed)


@pytest.mark.parametrize(
    "command",
    [".\\gradlew.bat test", ".\\venv\\Scripts\\pytest.exe", '& "C:\\v\\Scripts\\pytest.exe" -q'],
)
def test_a_check_is_known_by_a_windows_path(command):
    assert [
        runner_of(simple.words) is not None for simple in commands(command, powershell=True)
    ] == [True]


@pytest.mark.parametrize(
    "command",
    [
        "pnpm vitest run",
        "yarn jest",
        "yarn tsc --noEmit",
        "pnpm -r test",
        "yarn workspace w test",
        "npm -s test",
        "npm run --silent test",
        "npx cross-env A=1 jest",
        "turbo test",
        "python -u -m pytest",
        "python -m ruff check .",
        "coverage run -m pytest",
        "uv run --env-file .env pytest",
        "poetry -C x run pytest",
        "cargo +nightly test",
        "cargo fmt --all -- --check",
        "docker compose exec -T web pytest",
        "bash -o pipefail -c pytest",
        "time -p pytest",
        "mvn clean verify",
        "make -j4",
        "py -3 -m pytest",
    ],
)
def test_a_check_is_known_whatever_launches_it(command):
    assert any(runner_of(simple.words) for simple in commands(command))


@pytest.mark.parametrize(
    "command",
    [
        "command -v pytest",
        "mypy --version",
        "pytest -h",
        "python -m pytest --version",
        "cargo build --help",
        "make -n test",
        "make deploy",
        "npm run typeorm -- migration:run",
        "mvn test-compile",
        "pnpm install",
        "yarn add jest",
        "gradle testClasses",
    ],
)
def test_what_only_looks_like_a_check_is_none(command):
    assert not any(runner_of(simple.words) for simple in commands(command))


@pytest.mark.parametrize("command", ["npm test &", "! pytest", "pytest &"])
def test_a_check_whose_end_nobody_saw_has_no_verdict(command):
    assert [check.verdict for check in checks_of(commands(command), status="ok", output="")] == [
        "unknown"
    ]


def test_a_run_that_printed_counts_ran_whatever_else_was_not_found():
    found = checks_of(
        commands("pytest"),
        status="error",
        output="sh: foo: command not found\n1 failed, 2 passed in 0.1s",
    )
    assert [(check.verdict, check.failed) for check in found] == [("failed", 1)]


def test_substitutions_nested_without_end_stop_nothing(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "git log " + '"$(' * 1500})
    t.result("ok")
    t.answer("msg_2")
    kept(settings, t)
    assert rows(settings, "SELECT outcome, derive_error FROM session") == [("explored", None)]


def test_details_that_an_older_program_cut_stop_nothing(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "git status"})
    t.result("ok", told={"stdout": "", "backgroundTaskId": "b1"})
    t.answer("msg_2")
    kept(settings, t)
    db = Sqlite(settings.database)
    db.run("UPDATE tool_call SET detail = substr(detail, 1, 9)")
    db.close()
    rebuild(settings)
    assert rows(settings, "SELECT outcome, derive_error FROM session") == [("explored", None)]


def test_subagents_started_in_one_record_are_a_sighting_each(settings):
    t = Transcript(1)
    t.prompt("Look everywhere")
    blocks = [
        {
            "type": "tool_use",
            "id": f"toolu_{n}",
            "name": "Agent",
            "input": {"subagent_type": "Explore", "description": "Look", "prompt": "p"},
        }
        for n in range(3)
    ]
    t.answer("msg_1", blocks=blocks, stop="tool_use")
    for n in range(3):
        t.result("found", use=f"toolu_{n}")
    t.answer("msg_2")
    kept(settings, t)
    assert rows(
        settings,
        "SELECT COUNT(*), COUNT(DISTINCT tool_use_id) FROM sighting WHERE practice = 'delegation'",
    ) == [(3, 3)]


def test_a_fork_read_before_its_origin_has_no_subagents_of_its_own(settings, tmp_path):
    origin = Transcript(1)
    origin.prompt("Look")
    origin.call(
        "Agent", {"subagent_type": "Explore", "description": "Look", "prompt": "p"}, use="toolu_a"
    )
    origin.result("found", use="toolu_a", told={"agentId": "abc", "status": "completed"})
    origin.answer("msg_2")
    copy = fork(origin, 2, upto=len(origin.lines))
    kept(settings, copy)
    kept(settings, origin)
    together = settings.__class__(home=tmp_path / "other", roots=settings.roots)
    ingest(together)
    dbs = [Sqlite(each.database, readonly=True) for each in (settings, together)]
    assert contents(dbs[0])["agent_run"] == contents(dbs[1])["agent_run"]
    assert contents(dbs[0])["session"] == contents(dbs[1])["session"]
    for db in dbs:
        db.close()


def test_a_mistyped_command_is_no_skill(settings):
    t = Transcript(1)
    t.prompt(
        "<command-name>/deplyo</command-name><command-message>deplyo</command-message><command-args></command-args>"
    )
    t.prompt("<local-command-stdout>Unknown slash command: deplyo</local-command-stdout>")
    t.prompt("Never mind")
    t.answer()
    kept(settings, t)
    assert rows(settings, "SELECT * FROM sighting WHERE practice = 'skills'") == []


def test_titles_are_found_in_any_letter_case_and_tags_with_their_sign(settings, monkeypatch):
    t = Transcript(1)
    t.prompt("Überarbeite den Leser")
    t.answer()
    kept(settings, t)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))

    def told(*words: str) -> list[dict]:
        return json.loads(CliRunner().invoke(cli, [*words, "--json"]).output)

    assert [s["id"] for s in told("sessions", "--text", "üBERarbeite")] == [t.session]
    CliRunner().invoke(cli, ["tag", "latest", "#foo"])
    assert [s["id"] for s in told("sessions", "--tag", "#foo")] == [t.session]


def test_an_export_touches_no_file_beside_its_own(settings, monkeypatch, tmp_path):
    t = Transcript(1)
    t.prompt("Hello")
    t.answer()
    kept(settings, t)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    mine = tmp_path / "e.jsonl.partial"
    mine.write_text("mine")
    done = CliRunner().invoke(cli, ["export", str(tmp_path / "e.jsonl")])
    assert done.exit_code == 0, done.output
    assert mine.read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [
        "e.jsonl",
        "e.jsonl.partial",
    ]


@pytest.mark.parametrize(
    ("tool", "minutes", "ms", "expected"),
    [
        ("Bash", 12, None, 12),
        ("Bash", 600, None, 15),
        ("WebFetch", 55, None, 10),
        ("Bash", 600, 90_000, 1.5),
        ("Task", 600, 600 * 60_000, 15),
        ("mcp__x__y", 90, None, 15),
    ],
)
def test_a_tool_ran_as_long_as_was_measured_and_a_night_is_no_work(tool, minutes, ms, expected):
    from accrete.derive.times import running_span

    start, end = running_span(1000, 1000 + minutes * 60_000, tool, ms, 15 * 60_000)
    assert (end - start) / 60_000 == expected
