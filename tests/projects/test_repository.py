"""Which project a folder belongs to, told with git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from accrete.projects import Folder, Project, look, normalise_remote, place


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", *args], cwd=folder, check=True,
                   capture_output=True)  # fmt: skip


def identify(folder: str) -> Project:
    """The project of a folder that nothing else is known of."""
    found = place([Folder(folder, *look(folder))])
    return found.projects[found.folders[folder][0]]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = (tmp_path / "demo").resolve()
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "begin")
    return folder


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/acme/Demo.git",
        "https://token:x-oauth@github.com/acme/Demo",
        "ssh://git@github.com:22/acme/Demo.git",
        "git@github.com:acme/Demo.git",
        "git://GitHub.com/acme/Demo/",
    ],
)
def test_one_remote_has_one_name_however_it_is_written(url):
    assert normalise_remote(url) == "github.com/acme/Demo"


@pytest.mark.parametrize("url", ["/srv/git/demo.git", "../demo", "file:///srv/demo.git", "", "C:\\git\\demo"])
def test_a_local_path_is_no_remote(url):
    assert normalise_remote(url) is None


def test_a_folder_without_a_repository_is_its_own_project(tmp_path):
    found = identify(str(tmp_path / "notes"))
    assert (found.name, found.remote, found.root) == ("notes", None, str(tmp_path / "notes"))


def test_a_folder_inside_a_repository_belongs_to_it(repository):
    git(repository, "remote", "add", "upstream", "https://example.com/other/demo.git")
    git(repository, "remote", "add", "origin", "https://me:secret@example.com/acme/demo.git")
    (repository / "src").mkdir()
    inner, outer = identify(str(repository / "src")), identify(str(repository))
    assert inner == outer
    assert (outer.name, outer.remote, outer.root) == ("demo", "example.com/acme/demo", str(repository))


def test_worktrees_and_clones_of_one_remote_fold_into_one_project(repository, tmp_path):
    git(repository, "remote", "add", "origin", "git@example.com:acme/demo.git")
    git(repository, "worktree", "add", "-q", str(tmp_path / "elsewhere"))
    git(repository, "clone", "-q", str(repository), str(tmp_path / "clone"))
    git(tmp_path / "clone", "remote", "set-url", "origin", "https://example.com/acme/demo")
    one = identify(str(repository)).id
    assert identify(str(tmp_path / "elsewhere")).id == one
    assert identify(str(tmp_path / "clone")).id == one
    assert identify(str(repository / ".claude" / "worktrees" / "gone" / "src")).id == one


def test_a_damaged_repository_is_a_folder_like_any_other(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all")
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "sub" / ".git" / "config").write_bytes(b"[remote \xff\n url")
    assert identify(str(tmp_path)).remote is None
    assert identify(str(tmp_path / "sub")).root == str(tmp_path / "sub")
