"""Commits that a transcript tells only in part, asked of git itself: once, within bounds, from
repositories on this machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.ingest import git_answers as verify
from accrete.ingest import ingest, open_for_writing
from accrete.ingest.git_waiting import WaitingCommit
from accrete.outcomes.commits import git_words
from accrete.outcomes.git import AMBIGUOUS, FOUND, NONE, Asked, Logged, answers, read_log
from accrete.outcomes.places import commit_places
from accrete.outcomes.shell import commands
from tests.records import kept, projects
from tests.transcripts import START, Transcript

pytestmark = pytest.mark.long

SHA = "0123456789abcdef0123456789abcdef01234567"
OTHER = "fedcba9876543210fedcba9876543210fedcba98"
SIX_HOURS_MS = 6 * 3_600_000


def git(folder: Path, *words: str, at_s: int = START // 1000) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_AUTHOR_DATE": f"{at_s} +0000", "GIT_COMMITTER_DATE": f"{at_s} +0000"}  # fmt: skip
    names = (
        "-c",
        "user.name=dev",
        "-c",
        "user.email=dev@example.com",
        "-c",
        "commit.gpgsign=false",
    )
    return subprocess.run(
        ["git", "-C", str(folder), *names, *words],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def commit(folder: Path, subject: str, at_s: int) -> str:
    git(folder, "commit", "--allow-empty", "-q", "-m", subject, at_s=at_s)
    return git(folder, "rev-parse", "HEAD")


def quiet_session(
    folder: Path,
    n: int = 1,
    command: str = "git commit -q -m 'Say why'",
    said: str = "",
    start: int = START,
    tool: str = "Bash",
) -> Transcript:
    t = Transcript(n, cwd=str(folder), start=start)
    t.prompt("Commit it")
    t.call(tool, {"command": command}, message_id=f"msg_{n}", use=f"toolu_{n}")
    t.result(said, use=f"toolu_{n}")
    t.answer(f"msg_end_{n}")
    return t


def found(settings, columns: str = "sha, confidence") -> list[tuple]:
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.run(f"SELECT {columns} FROM session_commit ORDER BY session, part")
    finally:
        db.close()


CALL_S = START // 1000 + 2


def test_git_confirms_a_quiet_commit_and_the_session_has_shipped(settings, repository):
    sha = commit(repository, "Say why", CALL_S)
    kept(settings, quiet_session(repository))
    assert found(settings) == [(sha, "verified")]
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT outcome, commits, commits_unconfirmed FROM session") == [
        ("shipped", 1, 0)
    ]
    db.close()


def test_all_commits_of_a_repository_that_wait_are_confirmed_however_far_apart(
    settings, repository
):
    weeks_s = 21 * 86_400
    shas = [commit(repository, "Say why", CALL_S), commit(repository, "And how", CALL_S + weeks_s)]
    kept(
        settings,
        quiet_session(repository),
        quiet_session(repository, 2, "git commit -q -m 'And how'", start=START + weeks_s * 1000),
    )
    assert found(settings) == [(sha, "verified") for sha in shas]


def test_the_answer_outlives_the_repository_and_a_rebuild(settings, repository):
    sha = commit(repository, "Say why", CALL_S)
    kept(settings, quiet_session(repository))
    repository.rename(repository.with_name("gone"))
    rebuild(settings)
    assert found(settings) == [(sha, "verified")]


def test_a_short_sha_becomes_a_whole_one(settings, repository):
    sha = commit(repository, "Say why", CALL_S)
    kept(
        settings,
        quiet_session(
            repository, command="git commit -m 'Say why'", said=f"[main {sha[:7]}] Say why"
        ),
    )
    assert found(settings) == [(sha, "printed")]


@pytest.mark.parametrize(
    ("subject", "seconds"), [("Another", 0), ("Say why", 3600), ("Say why", -60)]
)
def test_a_commit_of_another_time_or_subject_is_no_proof(settings, repository, subject, seconds):
    commit(repository, subject, CALL_S + seconds)
    kept(settings, quiet_session(repository))
    assert found(settings) == [(None, "unconfirmed")]


MONTH_MS = 30 * 86_400_000


@pytest.mark.parametrize(
    ("end", "last_s"),
    [
        (None, 5601),
        (5_000_499, 5601),
        (5_000_500, 5001),
        (5_001_000, 5001),
        (5_000_499 + MONTH_MS, 2_597_001),
        (5_000_500 + MONTH_MS, 5601),
    ],
)
def test_a_commit_is_looked_for_until_its_call_ended_or_ten_minutes_where_nobody_knows(
    settings, monkeypatch, end, last_s
):
    waits = WaitingCommit(
        "m", "u", 0, None, "Say why", "s", "git commit", 5_000_500, end, 1, "Bash"
    )
    asked = []
    monkeypatch.setattr(verify, "waiting_commits", lambda *given: [(waits, ["/here"])])
    monkeypatch.setattr(verify, "_root", lambda *given: "/here")
    monkeypatch.setattr(verify, "read_log", lambda *given: asked.append(given))
    db = open_for_writing(settings)
    assert verify.ask_git(db, 1, 9) == 1
    db.close()
    assert asked == [("/here", 5000 - 2, last_s + 2)]


def test_git_is_asked_once_for_each_commit(settings, repository, monkeypatch):
    asked = []
    monkeypatch.setattr(verify, "read_log", lambda *given, **more: asked.append(given) or [])
    kept(settings, quiet_session(repository))
    ingest(settings)
    assert len(asked) == 1


def test_a_repository_that_did_not_answer_is_asked_again_after_six_hours_and_its_answer_counts(
    settings, repository, monkeypatch
):
    sha = commit(repository, "Say why", CALL_S)
    quiet_session(repository).write(projects(settings))
    asked = []

    def after(ms: int) -> list[tuple]:
        ingest(settings, clock=lambda: (START + ms) / 1000)
        return found(settings)

    with monkeypatch.context() as silent:
        silent.setattr(verify, "read_log", lambda *given, **more: asked.append(given))
        assert after(0) == [(None, "unconfirmed")]
        assert after(SIX_HOURS_MS) == [(None, "unconfirmed")]
        assert len(asked) == 1
    assert after(SIX_HOURS_MS + 1) == [(sha, "verified")]


@pytest.mark.long
def test_the_repository_of_the_newest_commit_is_asked_first(settings, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(verify, "read_log", lambda root, *_: asked.append(Path(root).name) or [])
    for n in (1, 2, 3):
        folder = tmp_path / f"repo{n}"
        folder.mkdir()
        git(folder, "init", "-q")
        later = quiet_session(folder, n, start=START + (0, 5, 9, 7)[n] * 3_600_000)
        later.write(projects(settings))
    ingest(settings)
    assert asked == ["repo2", "repo3", "repo1"]


@pytest.mark.long
def test_a_repository_that_is_not_here_waits(settings, repository, tmp_path):
    sha = commit(repository, "Say why", CALL_S)
    away = repository.rename(tmp_path / "away")
    kept(settings, quiet_session(repository))
    assert found(settings) == [(None, "unconfirmed")]
    away.rename(repository)
    ingest(settings)
    assert found(settings) == [(sha, "verified")]


def test_a_commit_that_two_sessions_may_have_made_is_ambiguous(settings, repository):
    commit(repository, "Say why", CALL_S)
    kept(settings, quiet_session(repository, 1), quiet_session(repository, 2))
    assert found(settings) == [(None, "ambiguous")] * 2


@pytest.mark.long
def test_the_second_claim_makes_the_first_ambiguous(settings, repository):
    commit(repository, "Say why", CALL_S)
    kept(settings, quiet_session(repository, 1))
    kept(settings, quiet_session(repository, 2))
    assert found(settings, "confidence") == [("ambiguous",)] * 2


def test_a_commit_made_in_another_folder_is_looked_for_there(settings, repository, tmp_path):
    sha = commit(repository, "Say why", CALL_S)
    here = tmp_path / "elsewhere"
    here.mkdir()
    kept(settings, quiet_session(here, command=f"cd {repository} && git commit -q -m 'Say why'"))
    assert found(settings) == [(sha, "verified")]


def test_a_commit_is_looked_for_in_the_folder_of_the_command_with_its_message(
    settings, repository, tmp_path
):
    sha = commit(repository, "Say why", CALL_S)
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    text = f"(cd {other} && git commit -q -m Away); cd {repository}; git commit -q -m 'Say why'"
    kept(settings, quiet_session(tmp_path, command=text))
    assert (sha, "verified") in found(settings)


def test_a_commit_of_powershell_is_looked_for_by_its_rules(settings, repository):
    """Parentheses are no shell of their own there."""
    sha = commit(repository, "Say why", CALL_S)
    made = quiet_session(
        repository.parent, command=f"(cd {repository.name}); git commit -q -m 'Say why'",
        tool="PowerShell",
    )  # fmt: skip
    kept(settings, made)
    assert found(settings) == [(sha, "verified")]


def test_what_a_repository_configures_is_not_run(repository, tmp_path):
    trap = tmp_path / "trap.sh"
    mark = tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\n")
    trap.chmod(0o755)
    commit(repository, "Say why", CALL_S)
    for name in (
        "core.pager",
        "core.fsmonitor",
        "gpg.program",
        "core.editor",
        "diff.external",
        "core.sshCommand",
    ):
        git(repository, "config", name, str(trap))
    git(repository, "config", "log.showSignature", "true")
    assert read_log(str(repository), CALL_S - 9, CALL_S + 9) == [
        Logged(git(repository, "rev-parse", "HEAD"), CALL_S, "Say why")
    ]
    assert not mark.exists()


def test_a_folder_without_a_repository_says_nothing(tmp_path):
    assert read_log(str(tmp_path), 0, 1) is None
    assert read_log(str(tmp_path / "missing"), 0, 1) is None


@pytest.mark.parametrize(
    ("asked", "log", "taken", "expected"),
    [
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 15, "x")], [], (FOUND, SHA)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 9, "x")], [], (FOUND, SHA)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 8, "x")], [], (NONE, None)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 21, "x")], [], (FOUND, SHA)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 22, "x")], [], (NONE, None)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 15, "x")], [SHA[:7]], (NONE, None)),
        (Asked(("m", "u", 0), None, None, 10, 20), [Logged(SHA, 15, "x"), Logged(OTHER, 16, "y")],
         [], (AMBIGUOUS, None)),
        (Asked(("m", "u", 0), None, "y", 10, 20), [Logged(SHA, 15, "x"), Logged(OTHER, 16, "y")],
         [], (FOUND, OTHER)),
        (Asked(("m", "u", 0), SHA[:9], "z", 10, 20), [Logged(SHA, 99, "x")], [SHA[:7]],
         (FOUND, SHA)),
    ],
)  # fmt: skip
def test_answers(asked, log, taken, expected):
    [answer] = answers([asked], log, taken)
    assert (answer.answer, answer.sha) == expected


def test_what_two_calls_may_have_made_is_of_neither_for_sure_and_is_named():
    both = [Asked((each, "u", 0), None, None, 10, 20) for each in "mn"]
    found = answers(both, [Logged(SHA, 15, "x")], [])
    assert [(each.answer, each.sha) for each in found] == [(AMBIGUOUS, SHA)] * 2


def test_parts_of_one_call_do_not_make_its_commit_doubtful():
    parts = [Asked(("m", "u", part), None, None, 10, 20) for part in range(2)]
    found = answers(parts, [Logged(SHA, 15, "x")], [])
    assert [(each.answer, each.sha) for each in found] == [(FOUND, SHA)] * 2


@pytest.mark.parametrize(
    ("words", "subcommand"),
    [
        ("git commit -m x", "commit -m x"), ("git --no-pager commit", "commit"),
        ("git -C sub commit", "commit"), ("git -c a=b --no-pager log", "log"),
        ("/usr/bin/git push", "push"), ("C:\\bin\\git.exe push", "push"), ("git", ""),
        ("git --version", ""), ("got commit", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_subcommand_of_git_stands_behind_its_options(words, subcommand):
    assert git_words(tuple(words.split())) == tuple(subcommand.split())


@pytest.mark.parametrize(
    ("command", "places"),
    [
        ("git commit -m x", [""]),
        ("cd sub && git commit -m x", ["sub"]),
        ("cd /tmp/a; git add .; cd b; git commit -m x", ["/tmp/a/b"]),
        ("git -C ../other commit -m x", ["../other"]),
        ("cd a && git -C /b commit -C HEAD", ["/b"]),
        ("git commit --dry-run; git commit -m y", [""]),
    ],
)
def test_where_a_commit_was_made(command, places):
    assert commit_places(commands(command), command) == places


def test_forgetting_a_session_takes_what_git_said_of_it(settings, repository):
    from accrete.care.forget import What, forget

    commit(repository, "Say why", CALL_S)
    made = quiet_session(repository)
    kept(settings, made)
    forget(settings, What(sessions=(made.session,)), START)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT * FROM git_answer") == []
    db.close()
