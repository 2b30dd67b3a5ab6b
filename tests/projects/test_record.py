"""Projects in the record: read in any order, removed before or after, with git itself."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from accrete.care.forget import What, forget
from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.database.schema import migrations
from accrete.derive.projects import settle_projects
from accrete.ingest import ingest
from accrete.projects.rules import rules_of
from tests.records import kept, other, projects, record, rows
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

NOW = 1_790_000_000_000


def git(folder: Path, *args: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", *args],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def session(
    n: int,
    cwd: str | Path,
    *commands: str,
    printed: str = "Preparing worktree (new branch 'fix')",
    **common,
) -> Transcript:
    made = Transcript(n, cwd=str(cwd), **common)
    made.prompt()
    for at, command in enumerate(commands):
        made.call("Bash", {"command": command}, message_id=f"msg_{n}_{at}", use=f"toolu_{n}_{at}")
        made.result(printed, use=f"toolu_{n}_{at}")
    made.answer(f"msg_{n}_end")
    return made


def found(settings) -> list[tuple]:
    """(name, sessions) of each project."""
    return rows(
        settings,
        """SELECT p.name, COUNT(*) FROM session s JOIN project p ON p.id = s.project
        GROUP BY p.id ORDER BY 1, 2""",
    )


@pytest.fixture
def repository(tmp_path) -> Path:
    folder = (tmp_path / "code" / "shop").resolve()
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "begin")
    return folder


@pytest.mark.parametrize(
    "spellings",
    [
        ["C:\\Users\\kim\\shop", "c:\\Users\\kim\\shop"],
        ["W:\\shop", "w:\\shop", "W:/shop/"],
        ["\\\\?\\C:\\Users\\kim\\shop", "C:\\Users\\kim\\shop\\", "c:/users/KIM/shop"],
        ["/mnt/c/Users/kim/shop", "c:\\Users\\kim\\shop", "/c/Users/kim/shop"],
        [
            "\\\\wsl$\\Ubuntu\\home\\kim\\shop",
            "/home/kim/shop/",
            "\\\\wsl.localhost\\Ubuntu\\home\\kim\\shop",
        ],
    ],
)
def test_a_folder_is_one_project_however_it_is_written(settings, spellings):
    kept(settings, *(session(n, cwd) for n, cwd in enumerate(spellings, 1)))
    assert found(settings) == [("shop", len(spellings))]


@pytest.mark.long
def test_the_order_and_the_pieces_of_reading_do_not_show(settings):
    made = [
        session(1, "/w/shop.worktrees/a"),
        session(2, "/w/shop", "git worktree add ../try"),
        session(3, "/w/try/src"),
        session(4, "c:\\w\\api"),
        session(5, "/c/w/api"),
        session(6, "C:\\w\\api"),
        session(7, "/h/api"),
    ]
    answers = []
    for name, order in (("one", made), ("two", made[::-1]), ("three", made[3:] + made[:3])):
        now = replace(other(settings, name), roots=(settings.home.with_name(f"claude-{name}"),))
        for each in order:
            each.write(projects(now), slug=f"s{each.session[:8]}")
            ingest(now)
        rebuild(now)
        answers.append(record(now))
    for answer in answers[1:]:
        for table in ("project", "workdir", "session_worktree", "session_commit"):
            assert answer[table] == answers[0][table]
        assert sorted(row for row in answer["session"]) == sorted(
            row for row in answers[0]["session"]
        )
    assert found(settings.__class__(home=settings.home.with_name("one"), roots=())) == [
        ("api (h/api)", 1),
        ("api (w/api)", 3),
        ("shop", 3),
    ]


def test_worktrees_that_are_there_fold_in_wherever_they_lie(settings, repository, tmp_path):
    git(repository, "worktree", "add", "-q", str(tmp_path / "far" / "away"))
    git(repository, "worktree", "add", "-q", str(repository / ".worktrees" / "near"))
    kept(
        settings,
        session(1, tmp_path / "far" / "away"),
        session(2, repository / ".worktrees" / "near"),
    )
    assert found(settings) == [("shop", 2)]


def test_worktrees_that_were_removed_before_the_first_reading_fold_in(settings, repository):
    beside = repository.parent / "shop-worktrees" / "fix"
    git(repository, "worktree", "add", "-q", str(beside))
    git(repository, "worktree", "remove", "--force", str(beside))
    kept(
        settings, session(1, beside), session(2, repository.parent / "shop.worktrees" / "x" / "src")
    )
    assert found(settings) == [("shop", 2)]  # the repository is on disk, and no session ran in it


@pytest.mark.parametrize("first", [0, 1])
def test_git_still_lists_a_worktree_that_somebody_only_deleted(
    settings, repository, tmp_path, first
):
    tree = tmp_path / "anywhere"
    git(repository, "worktree", "add", "-q", str(tree))
    subprocess.run(["rm", "-rf", str(tree)], check=True)
    made = [session(1, tree / "src"), session(2, repository)]
    kept(settings, made[first])
    kept(settings, made[1 - first])
    assert found(settings) == [("shop", 2)]
    forget(settings, What(project=rows(settings, "SELECT id FROM project")[0][0]), NOW)
    assert rows(settings, "SELECT * FROM git_worktree") == []


def test_a_worktree_stays_with_its_repository_when_both_are_gone(settings, repository, tmp_path):
    tree = tmp_path / "elsewhere"
    git(repository, "worktree", "add", "-q", str(tree))
    kept(settings, session(1, tree), session(2, repository))
    before = record(settings)
    subprocess.run(["rm", "-rf", str(tree), str(repository)], check=True)
    tree.mkdir()
    made = session(3, tree)
    made.write(projects(settings), slug="later")
    ingest(settings, clock=lambda: 4_000_000_000)
    assert found(settings) == [("shop", 3)]
    assert before["project"] == record(settings)["project"]


def test_the_session_that_made_a_worktree_tells_whose_it_is_before_or_after_it_is_read(settings):
    kept(settings, session(1, "/tmp/try/src"))
    assert found(settings) == [("src", 1)]
    kept(settings, session(2, "/w/shop", "git worktree add -b try /tmp/try main"))
    assert found(settings) == [("shop", 2)]


def test_a_worktree_that_git_refused_is_a_project_of_its_own(settings):
    kept(
        settings,
        session(1, "/tmp/try"),
        session(2, "/w/shop", "git worktree add /tmp/try", printed="fatal: no"),
    )
    assert found(settings) == [("shop", 1), ("try", 1)]


def test_the_clients_own_record_of_a_worktree_counts(settings):
    made = session(1, "/far/hooked/side")
    made.lines.append(
        {
            "type": "worktree-state",
            "sessionId": made.session,
            "worktreeSession": {"originalCwd": "/w/shop", "worktreePath": "/far/hooked/side"},
        }
    )
    kept(settings, made, session(2, "/w/shop"))
    assert found(settings) == [("shop", 2)]
    assert rows(settings, "SELECT worktree, repository FROM session_worktree") == [
        ("/far/hooked/side", "/w/shop")
    ]


def test_a_tool_that_entered_a_worktree_tells_whose_it_is(settings):
    made = Transcript(1, cwd="/w/shop")
    made.prompt()
    made.call("EnterWorktree", {"name": "side"})
    made.result("Created worktree at /far/side on branch worktree-side. The session is now in it.")
    kept(settings, made, session(2, "/far/side"))
    assert found(settings) == [("shop", 2)]


def test_a_link_and_what_it_leads_to_are_one_project(settings, tmp_path):
    (tmp_path / "data" / "shop").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "data")
    kept(settings, session(1, tmp_path / "link" / "shop"), session(2, tmp_path / "data" / "shop"))
    assert found(settings) == [("shop", 2)]


def test_rules_apply_to_what_was_read_before_and_go_with_it(settings):
    kept(settings, session(1, "/w/client-a/x"), session(2, "/w/client-b/y"))
    assert found(settings) == [("x", 1), ("y", 1)]
    ruled = replace(settings, projects=rules_of({"/w/client-*": "Clients"}, "/home/kim"))
    ingest(ruled)
    assert found(settings) == [("Clients", 2)]
    ingest(settings)
    assert found(settings) == [("x", 1), ("y", 1)]


def test_a_forgotten_project_takes_its_worktrees_along_and_stays_away(settings):
    kept(settings, session(1, "/w/shop"), session(2, "/w/shop.worktrees/a"), session(3, "/w/other"))
    shop = rows(settings, "SELECT id FROM project WHERE name = 'shop'")[0][0]
    assert len(forget(settings, What(project=shop), NOW).sessions) == 2
    kept(
        settings,
        session(4, "/w/shop/"),
        session(5, "/w/shop.worktrees/b"),
        session(6, "/w/shop/.worktrees/c/src"),
    )
    assert found(settings) == [("other", 1)]
    assert b"shop" not in settings.database.read_bytes().replace(b"shop-", b"")


def test_a_forgotten_project_of_windows_stays_away_however_it_is_written(settings):
    kept(settings, session(1, "C:\\w\\shop"))
    shop = rows(settings, "SELECT id FROM project")[0][0]
    forget(settings, What(project=shop), NOW)
    kept(
        settings,
        session(2, "c:\\w\\shop\\"),
        session(3, "/mnt/c/w/shop"),
        session(4, "C:\\w\\shop2"),
    )
    assert found(settings) == [("shop2", 1)]


@pytest.mark.long
def test_a_project_that_a_later_session_tells_to_be_a_forgotten_one_goes_too(settings):
    kept(settings, session(1, "/w/shop"))
    forget(settings, What(project=rows(settings, "SELECT id FROM project")[0][0]), NOW)
    kept(settings, session(2, "/tmp/try"))
    assert found(settings) == [("try", 1)]
    kept(settings, session(3, "/w/else", "git -C /w/shop worktree add /tmp/try"))
    assert found(settings) == [("else", 1)]


def test_commits_are_of_the_project_of_their_session(settings):
    made = session(
        1, "/w/try", 'git commit -m "begin"', printed="[main 1a2b3c4] begin\n 1 file changed"
    )
    kept(settings, made)
    kept(settings, session(2, "/w/shop", "git worktree add ../try"))
    assert rows(
        settings,
        "SELECT c.project = s.project FROM session_commit c JOIN session s ON s.id = c.session",
    ) == [(1,)]
    assert found(settings) == [("shop", 2)]


def test_what_an_older_version_was_told_counts_until_the_folder_is_asked_again(settings, tmp_path):
    db = Sqlite(tmp_path / "old.db")
    files = migrations("sqlite")
    for _, statements in (each for each in files if each[0] < 12):
        for statement in statements:
            db.run(statement)
    old = [
        ("/w/shop", "a", "host/acme/shop", "/w/shop"),
        ("/far/tree", "a", "host/acme/shop", "/w/shop"),
        ("C:\\w\\api", "b", None, "C:\\w\\api"),
        ("c:\\w\\api\\", "c", None, "c:\\w\\api"),
        ("/w/lib/x", "d", None, "/w/lib"),
    ]
    for cwd, project, remote, root in old:
        db.run("INSERT INTO workdir (person, cwd, project) VALUES (1, ?, ?)", (cwd, project))
        db.run(
            "INSERT INTO project (person, id, name, remote, root) "
            "VALUES (1, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (project, "old", remote, root),
        )
        db.run(
            "INSERT INTO session (person, id, zone, stale, cwd) VALUES (1, ?, 'UTC', 0, ?)",
            (cwd, cwd),
        )
    for _, statements in (each for each in files if each[0] >= 12):
        for statement in statements:
            db.run(statement)
    settle_projects(db, 1, settings)
    told = db.run(
        "SELECT p.name, p.how, COUNT(*) FROM session s "
        "JOIN project p ON p.id = s.project GROUP BY 1, 2 ORDER BY 1"
    )
    assert told == [("api", "folder", 2), ("lib", "repository", 1), ("shop", "git remote", 2)]
    db.close()
