"""Which worktrees a session's own commands made."""

from __future__ import annotations

import pytest

from accrete.derive.worktrees import in_command

MADE = "Preparing worktree (new branch 'fix')\nHEAD is now at 1a2b3c4 begin"


@pytest.mark.parametrize(
    ("text", "worktree"),
    [
        ("git worktree add ../shop-fix", "/w/shop-fix"),
        ("git worktree add -b fix ../shop-fix main", "/w/shop-fix"),
        ("git worktree add --reason 'not now' --lock -B fix ../shop-fix origin/main", "/w/shop-fix"),
        ("git worktree add --detach -- ../shop-fix", "/w/shop-fix"),
        ("git worktree add /tmp/fix fix", "/tmp/fix"),
        ("git worktree add ~/trees/fix", "/home/kim/trees/fix"),
        ("git worktree add 'my tree'", "/home/kim/w/shop/my tree"),
        ("git worktree move ../old ../shop-fix", "/w/shop-fix"),
        ("git fetch && git worktree add ../shop-fix && cd ../shop-fix && npm ci", "/w/shop-fix"),
        ("bash -c 'git worktree add ../shop-fix'", "/w/shop-fix"),
    ],
)
def test_a_worktree_is_where_the_command_says(text, worktree):
    cwd = "/home/kim/w/shop" if worktree.startswith("/home/kim") else "/w/shop"
    assert list(in_command(text, MADE, cwd)) == [(worktree, cwd)]


def test_the_repository_is_where_git_was_told_to_work():
    assert list(in_command("git -C ../api worktree add ../api-fix", MADE, "/w/shop")) == [("/w/api-fix", "/w/api")]
    assert list(in_command("cd ../api && git worktree add fix", MADE, "/w/shop")) == [("/w/api/fix", "/w/api")]


@pytest.mark.parametrize(
    ("text", "output", "failed"),
    [
        ("git worktree add ../shop-fix", "fatal: '../shop-fix' already exists", True),
        ("git worktree add ../shop-fix || true", "fatal: invalid reference: fix", False),
        ("git worktree add ../shop-fix", "Permission denied", True),
        ('git worktree add "../$NAME"', MADE, False),
        ("git worktree add ../shop-$(date +%s)", MADE, False),
        ("git worktree remove ../shop-fix", "", False),
        ("git worktree prune", "", False),
        ("echo git worktree add ../shop-fix", "", False),
        ("git commit -m 'git worktree add ../shop-fix'", "", False),
        ("cat <<'EOF'\ngit worktree add ../shop-fix\nEOF", "", False),
        ("git worktree add", "usage: git worktree add", True),
    ],
)
def test_what_was_not_made_is_no_worktree(text, output, failed):
    assert list(in_command(text, output, "/w/shop", failed=failed)) == []


def test_a_worktree_was_made_although_what_came_after_it_failed():
    text = "git worktree add ../shop-fix && cd ../shop-fix && npm test"
    assert list(in_command(text, MADE + "\n1 failed", "/w/shop", failed=True)) == [("/w/shop-fix", "/w/shop")]


def test_a_command_on_windows_names_folders_of_windows():
    assert list(in_command("git worktree add ../fix", MADE, "C:/Users/kim/shop")) == [
        ("C:/Users/kim/fix", "C:/Users/kim/shop")
    ]
    assert list(in_command("git worktree add /c/fix", MADE, "C:/Users/kim/shop"))[0][0] == "C:/fix"
    assert list(in_command("git worktree add ..\\fix", MADE, "C:/w/shop", powershell=True))[0][0] == "C:/w/fix"


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("git worktree list", "/w/shop      1a2b3c4 [main]\n/tmp/fix     5d6e7f8 [fix]\n/tmp/look   5d6e7f8 (detached HEAD)\n"),
        ("git worktree list --porcelain",
         "worktree /w/shop\nHEAD 1a2b3c4\nbranch refs/heads/main\n\nworktree /tmp/fix\nHEAD 5\n\nworktree /tmp/look\nHEAD 5\n"),
    ],
)  # fmt: skip
def test_what_git_lists_is_known(text, output):
    assert list(in_command(text, output, "/tmp/fix")) == [("/tmp/fix", "/w/shop"), ("/tmp/look", "/w/shop")]
