"""Which project a folder belongs to, told with git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from accrete.projects.identities import identities
from accrete.projects.repository import identity, look, normalise_remote
from accrete.projects.resolve import Folder, Project, place


def git(folder: Path, *args: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=dev", "-c", "user.email=dev@example.com", *args],
        cwd=folder,
        check=True,
        capture_output=True,
    )


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
        "ssh://git@ssh.github.com:443/acme/Demo.git",
        "https://www.github.com/acme/Demo",
    ],
)
def test_one_remote_has_one_name_however_it_is_written(url):
    assert normalise_remote(url) == "github.com/acme/Demo"


@pytest.mark.parametrize(
    "url",
    [
        "https://dev.azure.com/acme/shop/_git/Demo",
        "https://acme@dev.azure.com/acme/shop/_git/Demo",
        "git@ssh.dev.azure.com:v3/acme/shop/Demo",
        "https://acme.visualstudio.com/shop/_git/Demo",
        "https://acme.visualstudio.com/DefaultCollection/shop/_git/Demo",
        "acme@vs-ssh.visualstudio.com:v3/acme/shop/Demo",
    ],
)
def test_a_repository_of_azure_devops_has_one_name_by_every_address(url):
    assert normalise_remote(url) == "dev.azure.com/acme/shop/_git/Demo"


def test_a_project_of_azure_devops_that_is_called_as_its_repository_may_be_left_out():
    whole = normalise_remote("git@ssh.dev.azure.com:v3/acme/demo/demo")
    assert whole == "dev.azure.com/acme/demo/_git/demo"
    assert normalise_remote("https://acme.visualstudio.com/_git/demo") == whole
    assert normalise_remote("https://dev.azure.com/acme/_git/demo") == whole


@pytest.mark.parametrize(
    ("stored", "usual"),
    [
        ("ssh.github.com/acme/Demo", "github.com/acme/demo"),
        ("altssh.gitlab.com/acme/demo", "gitlab.com/acme/Demo"),
        ("altssh.bitbucket.org/acme/demo", "bitbucket.org/acme/demo"),
        ("ssh.dev.azure.com/v3/acme/shop/Demo", "dev.azure.com/acme/shop/_git/demo"),
    ],
)
def test_clones_by_two_addresses_of_a_host_are_one_project_also_as_older_versions_stored_them(
    stored, usual
):
    clones = [
        Folder(f"/w/{n}/demo", None, f"/w/{n}/demo", remote, True, 1, 1)
        for n, remote in enumerate((stored, usual))
    ]
    found = place(clones)
    assert len(found.projects) == 1
    (one,) = found.projects.values()
    assert identity(f"remote:{stored}") in one.ids


def test_another_host_is_another_one():
    assert normalise_remote("git@github-work:acme/demo.git") == "github-work/acme/demo"
    assert normalise_remote("https://ssh.example.org/acme/demo") == "ssh.example.org/acme/demo"
    assert normalise_remote("https://x.example.org/a/_git/b") == "x.example.org/a/_git/b"


PASSWORD = "Tr0ub4dor@Zx9q"


@pytest.mark.parametrize(
    "url",
    [
        f"https://kim:{PASSWORD}@git.example.com/acme/demo.git",
        f"https://kim:{PASSWORD}@Git.Example.com:8443/acme/demo",
        f"https://{PASSWORD}@git.example.com/acme/demo",
        f"https://kim%40acme:{PASSWORD}%40@git.example.com/acme/demo",
        f"https://kim:{PASSWORD}#?@git.example.com/acme/demo",
        f"ssh://git:{PASSWORD}@git.example.com:22/acme/demo.git/",
        f"kim:{PASSWORD}@git.example.com:acme/demo.git",
        f"{PASSWORD}@git.example.com:acme/demo.git",
        f"[kim:{PASSWORD}@git.example.com:22]:acme/demo.git",
    ],
)
def test_credentials_end_at_the_last_at_sign_before_the_path(url):
    assert normalise_remote(url) == "git.example.com/acme/demo"


@pytest.mark.parametrize(
    "url",
    [
        f"https://kim%3A{PASSWORD.replace('@', '%40')}%40git.example.com/acme/demo",
        f"kim:{PASSWORD}@git.example.com/acme/demo.git",
        f"kim:{PASSWORD}@git.example.com",
        "https://a b/acme/demo",
    ],
)
def test_what_may_hold_a_password_where_the_host_should_be_is_no_remote(url):
    assert normalise_remote(url) is None


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("https://git.example.com/@acme/demo", "git.example.com/@acme/demo"),
        ("git.example.com:team@acme/demo", None),
        ("git@git.example.com:team@acme/demo", "git.example.com/team@acme/demo"),
        ("git.example.com:acme/demo@2", "git.example.com/acme/demo@2"),
        ("ssh://git@[::1]:22/acme/demo", "[::1]/acme/demo"),
    ],
)
def test_an_at_sign_of_the_path_stays_in_it(url, remote):
    assert normalise_remote(url) == remote


@pytest.mark.parametrize(
    "url", ["/srv/git/demo.git", "../demo", "file:///srv/demo.git", "", "C:\\git\\demo"]
)
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
    assert (outer.name, outer.remote, outer.root) == (
        "demo",
        "example.com/acme/demo",
        str(repository),
    )


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


def test_worktrees_of_a_bare_repository_are_one_project(tmp_path):
    seed = tmp_path / "seed"
    seed.mkdir()
    git(seed, "init", "-q", "-b", "main")
    git(seed, "commit", "-q", "--allow-empty", "-m", "begin")
    for bare in (tmp_path / "shop.git", tmp_path / "store" / ".bare"):
        git(tmp_path, "clone", "-q", "--bare", str(seed), str(bare))
        for name in ("one", "two"):
            git(bare, "worktree", "add", "-q", str(bare.parent / name), "-b", name)
        found = {identify(str(bare.parent / name)) for name in ("one", "two")}
        assert [project.short for project in found] == [
            "shop" if bare.name == "shop.git" else "store"
        ]
        subprocess.run(
            ["rm", "-rf", str(bare.parent / "one"), str(bare.parent / "two")], check=True
        )


@pytest.mark.parametrize("gone", [True, False])
def test_a_worktree_whose_repository_is_gone_still_says_where_it_was(repository, tmp_path, gone):
    tree = tmp_path / "elsewhere"
    git(repository, "worktree", "add", "-q", str(tree))
    if gone:
        repository.rename(tmp_path / "moved")
    assert identify(str(tree)).root == str(repository)


def test_a_worktree_of_windows_says_where_its_repository_was(tmp_path):
    (tmp_path / ".git").write_text("gitdir: C:/Users/kim/Shop/.git/worktrees/fix\n")
    assert identify(str(tmp_path)).root == "C:\\Users\\kim\\Shop"


def test_a_submodule_is_a_project_of_its_own(repository, tmp_path):
    git(
        repository,
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        str(repository),
        "lib",
    )
    assert identify(str(repository / "lib")).root == str(repository / "lib")


def test_what_a_folder_may_have_been_known_by_is_not_its_neighbours(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/kim")
    mine = identities("/home/kim/.worktrees/shop/fix")
    assert not mine & (identities("/home/kim") | identities("/home/kim/shop"))
    assert identities("/w/shop.worktrees/x") & identities("/w/shop")
    assert identities("c:\\w\\shop\\") & identities("/mnt/c/w/Shop")
    assert not identities("/w/shop/worktrees/x") & identities("/w/shop")
