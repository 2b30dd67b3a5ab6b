"""What a person says of their projects: merge, split, rename, rules; and the way back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from accrete.care.forget import What, forget
from accrete.care.maintain import backup, rebuild, restore
from accrete.ingest import ingest
from accrete.settings import Settings, read_settings
from tests.records import called, projects, rows
from tests.transcripts import Transcript

pytestmark = pytest.mark.long


@pytest.fixture
def mine() -> Settings:
    """The settings that the commands find."""
    return read_settings()


def session(n: int, cwd: str) -> Transcript:
    made = Transcript(n, cwd=cwd)
    made.prompt(f"Please look at number {n}")
    made.answer(f"msg_{n}")
    return made


def read(settings: Settings, *folders: str, first: int = 1) -> None:
    for n, cwd in enumerate(folders, first):
        session(n, cwd).write(projects(settings), slug=f"s{n}")
    ingest(settings)


def shown(capsys) -> dict[str, int]:
    code, out, _ = called(capsys, "projects", "--json")
    assert code == 0
    return {row["name"]: row["sessions"] for row in json.loads(out)}


def done(capsys, *args: str) -> str:
    code, out, err = called(capsys, "projects", *args)
    assert code == 0, err
    return out


def refused(capsys, *args: str) -> str:
    code, _, err = called(capsys, *args)
    assert code == 1
    return err


@pytest.mark.long
def test_two_projects_become_one_and_two_again(mine, capsys):
    read(mine, "/w/shop", "/old/store", "/w/api")
    before = rows(mine, "SELECT id, name FROM project WHERE name <> 'store' ORDER BY id")
    said = done(capsys, "merge", "shop", "store")
    assert shown(capsys) == {"shop": 2, "api": 1}
    assert rows(mine, "SELECT id, name FROM project ORDER BY id") == before
    read(mine, "/old/store", first=4)
    assert shown(capsys) == {"shop": 3, "api": 1}
    assert "Undo: accrete projects merge --undo store" in said
    done(capsys, "merge", "--undo", "store")
    assert shown(capsys) == {"shop": 1, "store": 2, "api": 1}


@pytest.mark.long
@pytest.mark.parametrize("undo", [["a"], ["b"], ["a", "b"], ["c"], ["b", "c"]])
def test_a_merge_of_several_is_undone_whole_or_in_part(mine, capsys, undo):
    read(mine, "/w/a", "/w/b", "/w/c")
    done(capsys, "merge", "a", "b", "--into", "c")
    assert shown(capsys) == {"c": 3}
    done(capsys, "merge", "--undo", *undo)
    left = {"c"} if "c" in undo and len(undo) == 1 else set()
    apart = {"a", "b"} if left else set(undo) - {"c"}
    assert shown(capsys) == {"c": 3 - len(apart), **dict.fromkeys(apart, 1)}


@pytest.mark.long
def test_merges_follow_each_other_and_can_turn_round(mine, capsys):
    read(mine, "/w/a", "/w/b", "/w/c")
    done(capsys, "merge", "b", "a")
    done(capsys, "merge", "c", "b")
    assert shown(capsys) == {"c": 3}
    done(capsys, "merge", "--undo", "b")
    assert shown(capsys) == {"b": 2, "c": 1}
    done(capsys, "merge", "a", "b") if "a" in shown(capsys) else done(capsys, "merge", "c", "b")
    assert sum(shown(capsys).values()) == 3


@pytest.mark.long
def test_a_folder_is_split_off_and_put_back(mine, capsys):
    read(mine, "/w/mono", "/w/mono/.worktrees/x", "/w/mono/worktrees/y/web")
    assert shown(capsys) == {"mono": 3}
    done(capsys, "split", "mono", "/w/mono/worktrees/y")
    assert shown(capsys) == {"mono": 2, "y": 1}
    read(mine, "/w/mono/worktrees/y/api", first=4)
    assert shown(capsys) == {"mono": 2, "y": 2}
    done(capsys, "split", "--undo", "mono", "/w/mono/worktrees/y")
    assert shown(capsys) == {"mono": 4}


def test_several_folders_are_split_off_together_and_put_back_by_name(mine, capsys):
    read(mine, "/w/mono", "/w/mono/.worktrees/x", "/w/mono/.worktrees/y")
    done(capsys, "split", "mono", "/w/mono/.worktrees/y", "/w/mono/.worktrees/x")
    assert shown(capsys) == {"mono": 1, "y": 2}
    done(capsys, "split", "--undo", "y")
    assert shown(capsys) == {"mono": 3}


def test_a_folder_of_windows_is_split_off_however_it_is_written(mine, capsys):
    read(mine, "C:\\w\\mono", "c:\\W\\mono\\.worktrees\\x")
    done(capsys, "split", "mono", "/c/w/mono/.worktrees/X/")
    assert sorted(shown(capsys).values()) == [1, 1]


def test_a_split_that_takes_all_or_nothing_is_refused(mine, capsys):
    read(mine, "/w/shop", "/w/shop.worktrees/x", "/w/api", "/c/w/thing", "C:\\w\\thing")
    assert "nothing would be left" in refused(
        capsys, "projects", "split", "shop", "/w/shop", "/w/shop.worktrees"
    )
    assert "nothing would be left" in refused(capsys, "projects", "split", "thing", "/c/w/thing")
    assert "No sessions of shop started in /w/api" in refused(
        capsys, "projects", "split", "shop", "/w/api"
    )


def test_a_project_is_called_otherwise_and_as_before(mine, capsys):
    read(mine, "/w/shop")
    one = rows(mine, "SELECT id FROM project")
    done(capsys, "rename", "shop", "Corner Shop")
    assert shown(capsys) == {"Corner Shop": 1}
    assert rows(mine, "SELECT id FROM project") == one
    done(capsys, "rename", "corner shop", "Store")
    for name in ("store", "shop", "/w/shop"):
        done(capsys, "rename", "/w/shop", "Store")
        done(capsys, "rename", "--undo", name)
        assert shown(capsys) == {"shop": 1}


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 81, "\x1b[31mred"])
def test_what_can_be_no_name_is_refused(mine, capsys, name):
    read(mine, "/w/shop")
    assert "isn't a valid name" in refused(capsys, "projects", "rename", "shop", name)


@pytest.mark.parametrize(
    "args",
    [
        ("merge", "shop"),
        ("merge", "shop", "nosuch"),
        ("merge", "--undo", "shop"),
        ("split", "--undo", "shop"),
        ("rename", "--undo", "shop"),
        ("rename", "nosuch", "x"),
        ("show", "nosuch"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(mine, capsys, args):
    read(mine, "/w/shop")
    assert refused(capsys, "projects", *args).startswith("accrete: ")


@pytest.mark.long
def test_words_outlive_a_rebuild_a_backup_and_new_sessions(mine, capsys, tmp_path):
    read(mine, "/w/shop", "/w/store", "/w/mono", "/w/mono/.worktrees/x")
    done(capsys, "merge", "shop", "store")
    done(capsys, "rename", "shop", "Both")
    done(capsys, "split", "mono", "/w/mono/.worktrees/x")
    wanted = {"Both": 2, "mono": 1, "x": 1}
    assert shown(capsys) == wanted
    rebuild(mine)
    assert shown(capsys) == wanted
    backup(mine, tmp_path / "copy.db")
    restore(mine, tmp_path / "copy.db")
    assert shown(capsys) == wanted


def test_an_export_holds_what_was_said(mine, capsys):
    read(mine, "/w/shop", "/w/store", "/w/api")
    done(capsys, "merge", "shop", "store")
    done(capsys, "rename", "api", "Service")
    _, out, _ = called(capsys, "export", "-", "--format", "jsonl")
    said = [json.loads(line) for line in out.splitlines() if '"table": "project_word"' in line]
    assert {(each["what"], each["label"]) for each in said} == {("merge", "store"), ("name", "api")}
    _, out, _ = called(capsys, "export", "-", "--format", "jsonl", "--project", "shop")
    rest = [json.loads(line) for line in out.splitlines()]
    assert [each["label"] for each in rest if each["table"] == "project_word"] == ["store"]
    assert [each["name"] for each in rest if each["table"] == "project"] == ["shop"]


def test_forgetting_a_merged_project_takes_all_of_it_and_what_was_said(mine, capsys):
    read(mine, "/w/shop", "/w/store", "/w/api")
    done(capsys, "merge", "shop", "store")
    done(capsys, "rename", "shop", "Secret Shop")
    code, _, _ = called(capsys, "forget", "--project", "Secret Shop", "--yes")
    assert code == 0
    assert rows(mine, "SELECT * FROM project_word") == []
    read(mine, "/w/store/", "/w/shop", "/w/shop.worktrees/a", first=10)
    assert shown(capsys) == {"api": 1}
    assert b"Secret Shop" not in mine.database.read_bytes()


def test_forgetting_another_project_leaves_what_was_said(mine, capsys):
    read(mine, "/w/shop", "/w/store", "/w/api")
    done(capsys, "merge", "shop", "store")
    called(capsys, "forget", "--project", "api", "--yes")
    assert shown(capsys) == {"shop": 2}


def test_forgetting_all_takes_every_word(mine, capsys):
    read(mine, "/w/shop", "/w/store")
    done(capsys, "merge", "shop", "store")
    forget(mine, What(everything=True), 1)
    assert rows(mine, "SELECT * FROM project_word") == []


@pytest.mark.parametrize(
    "command",
    [
        ("sessions",),
        ("cost", "--by", "project"),
        ("overview",),
        ("figures", "--by", "project"),
        ("search", "look"),
        ("projects",),
        ("show", "00000001"),
    ],
)
def test_namesakes_are_told_apart_wherever_projects_are_named(mine, capsys, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "160")
    read(mine, "/w/work/api", "/w/home/api", "/w/shop")
    _, out, _ = called(capsys, *command)
    assert "api (work/api)" in out
    assert command[0] == "show" or "api (home/api)" in out


def test_a_filter_that_fits_namesakes_says_which_there_are_and_how_to_name_one(mine, capsys):
    read(mine, "/w/work/api", "/w/home/api", "/w/home/api", "/w/shop")
    said = refused(capsys, "sessions", "--project", "api")
    assert "api (home/api)" in said
    assert "api (work/api)" in said
    for name in ("home/api", "api (home/api)", "/w/home/api", "/w/home/api/"):
        _, out, _ = called(capsys, "sessions", "--project", name, "--json")
        assert len(json.loads(out)) == 2


def test_completion_offers_what_names_one_project(mine, capsys):
    from accrete.commands.options import _complete_project

    read(mine, "/w/work/api", "/w/home/api", "/w/shop")
    assert _complete_project(None, None, "") == ["home/api", "shop", "work/api"]
    for name in ("home/api", "shop", "work/api"):
        assert called(capsys, "sessions", "--project", name)[0] == 0


def test_a_folder_of_windows_names_its_project_however_it_is_written(mine, capsys):
    read(mine, "C:\\Users\\kim\\shop", "/w/api")
    for name in ("c:/users/kim/shop", "/mnt/c/Users/kim/shop", "kim/shop", "SHOP"):
        _, out, _ = called(capsys, "sessions", "--project", name, "--json")
        assert len(json.loads(out)) == 1, name


def rule(mine: Settings, rules: object) -> None:
    mine.home.mkdir(parents=True, exist_ok=True)
    (mine.home / "config.json").write_text(json.dumps({"projects": rules}))


def test_rules_of_the_file_hold_at_once_and_for_all_commands(mine, capsys):
    home = os.environ["HOME"]
    read(mine, f"{home}/work/client-a/x", f"{home}/work/client-b", "/w/api")
    rule(mine, {"~/work/client-*": "Clients"})
    _, out, _ = called(capsys, "sessions", "--project", "Clients", "--json")
    assert len(json.loads(out)) == 2
    assert shown(capsys) == {"Clients": 2, "api": 1}
    _, out, _ = called(capsys, "projects")
    assert "your rule" in out
    rule(mine, {})
    assert shown(capsys) == {"x": 1, "client-b": 1, "api": 1}


@pytest.mark.parametrize(
    "rules",
    [
        [],
        "x",
        3,
        None,
        {"": "x"},
        {"/w": ""},
        {"/w": 3},
        {"/w": None},
        {"/w": "a\nb"},
        {"/w": "x" * 81},
        {"~kim/x": "x"},
        {"./x": "x"},
        {"/w": ["x"]},
        {"/ok": "Fine", "../x": "y"},
    ],
)
def test_a_bad_rule_is_told_in_a_sentence_that_names_the_file(mine, capsys, rules):
    rule(mine, rules)
    said = refused(capsys, "projects")
    assert "config.json" in said
    assert "projects" in said
    assert len(said.splitlines()) == 1


def test_the_page_of_a_project_says_how_each_folder_was_found(mine, capsys, tmp_path):
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / ".git" / "config").write_text(
        '[remote "origin"]\nurl = git@example.com:acme/shop.git\n'
    )
    (tmp_path / "lib" / ".git").mkdir(parents=True)
    read(
        mine,
        str(tmp_path / "shop"),
        str(tmp_path / "shop.worktrees" / "x"),
        str(tmp_path / "lib"),
        "/w/plain",
        "/w/other",
        "/w/.worktrees/y",
    )
    done(capsys, "merge", "plain", "other")
    _, out, _ = called(capsys, "projects", "--json")
    found = {row["name"]: row["found"] for row in json.loads(out)}
    assert found == {
        "shop": ["git remote", "worktree rule"],
        "lib": ["repository"],
        "plain": ["merged", "folder"],
        "w": ["worktree rule"],
    }
    page = json.loads(done(capsys, "show", "plain", "--json"))
    assert [each["label"] for each in page["words"]] == ["other"]
    assert "You merged 'other' into it." in done(capsys, "show", "plain")


def test_claude_asks_about_the_project_at_hand_whatever_it_is_part_of(
    mine, capsys, monkeypatch, tmp_path
):
    from accrete_mcp.record import record

    here = tmp_path / "shop.worktrees" / "x"
    here.mkdir(parents=True)
    read(mine, str(tmp_path / "shop"), "/w/store", "/h/shop")
    done(capsys, "merge", "store", str(tmp_path / "shop"))
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", str(here))
    with record() as r:
        scope, said = r.scope("here", None)
        assert scope.project == rows(mine, "SELECT id FROM project WHERE name = 'store'")[0][0]
        assert said.startswith("project store")


def test_the_folder_at_hand_needs_no_session(mine, tmp_path, monkeypatch):
    from accrete_mcp.record import record

    read(mine, "/w/shop")
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", str(Path(tmp_path)))
    with record() as r:
        assert r.scope("here", None)[1].startswith(f"project {tmp_path.name}")


@pytest.mark.parametrize("name", ["two", "TWO", "a/two", "/home/a/two"])
def test_a_merged_project_is_found_by_its_old_name(mine, capsys, name):
    read(mine, "/home/a/one", "/home/a/two")
    done(capsys, "merge", "one", "two")
    for command in (["cost"], ["sessions"], ["search", "cart"], ["figures"]):
        assert called(capsys, *command, "--project", name)[0] == 0, command
    assert len(json.loads(called(capsys, "sessions", "--json", "--project", name)[1])) == 2


def test_a_renamed_project_is_found_by_its_old_name_until_another_has_it(mine, capsys):
    read(mine, "/w/shop", "/w/api")
    done(capsys, "rename", "shop", "Store")
    done(capsys, "merge", "api", "shop")
    assert shown(capsys) == {"api": 2}
    read(mine, "/v/shop", first=5)
    assert len(json.loads(called(capsys, "sessions", "--json", "--project", "shop")[1])) == 1
