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
        (
            "git worktree add --reason 'not now' --lock -B fix ../shop-fix origin/main",
            "/w/shop-fix",
        ),
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
    assert list(in_command("git -C ../api worktree add ../api-fix", MADE, "/w/shop")) == [
        ("/w/api-fix", "/w/api")
    ]
    assert list(in_command("cd ../api && git worktree add fix", MADE, "/w/shop")) == [
        ("/w/api/fix", "/w/api")
    ]


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
        # it may not have been asked to make one, and git says nothing
        ("[ -d ../shop-fix ] || git worktree add ../shop-fix", "", False),
        ("[ ! -d ../shop-fix ] && git worktree add -q ../shop-fix", "", False),
        ("if [ ! -d ../shop-fix ]; then git worktree add ../shop-fix; fi", "", False),
        ("while read -r name; do git worktree add -q ../shop-fix; done < names", "", False),
        ("if (!(Test-Path ../shop-fix)) { git worktree add -q ../shop-fix }", "", False),
        ("git worktree add ../shop-fix; ls", "README.md", False),
        ("git worktree add ../shop-fix 2>/dev/null || true", "", False),
        (
            "git worktree add -b fix ../shop-fix",
            "Preparing worktree (new branch 'fix')\nfatal: '../shop-fix' already exists",
            True,
        ),
        # whose repository is not known
        ("cd - && git worktree add ../shop-fix", MADE, False),
        ("cd $DIR && git worktree add ../shop-fix", MADE, False),
        ("popd; git worktree add ../shop-fix", MADE, False),
        ("[ -d api ] && cd api; git worktree add ../shop-fix", MADE, False),
        ("git --git-dir=/w/api/.git worktree add ../shop-fix", MADE, False),
    ],
)
def test_what_was_not_made_is_no_worktree(text, output, failed):
    power = "Test-Path" in text
    assert list(in_command(text, output, "/w/shop", failed=failed, powershell=power)) == []


@pytest.mark.parametrize(
    ("text", "output", "failed"),
    [
        ("[ -d ../shop-fix ] || git worktree add ../shop-fix", MADE, False),
        ("if [ ! -d ../shop-fix ]; then git worktree add ../shop-fix; fi", MADE, False),
        ("git worktree add -q ../shop-fix; ls", "README.md", False),
        ("git worktree add ../shop-fix >/dev/null 2>&1 && ls", "README.md", False),
        ("git worktree add ../shop-fix 2>&1 | tail -1", "HEAD is now at 1a2b3c4 begin", False),
        ("git worktree add ../shop-fix; git log no-such",
         MADE + "\nfatal: ambiguous argument 'no-such'", True),
        ("git worktree add ../shop-fix fix || git worktree add -b fix ../shop-fix",
         "fatal: invalid reference: fix\n" + MADE, False),
    ],
)  # fmt: skip
def test_git_says_whether_it_made_one_that_it_may_not_have_been_asked_for(text, output, failed):
    assert set(in_command(text, output, "/w/shop", failed=failed)) == {("/w/shop-fix", "/w/shop")}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("(cd /w/api && git worktree add a); git worktree add b", ["/w/api/a", "/w/shop/b"]),
        (
            "(cd /w/api; (cd src; git worktree add a); git worktree add b)",
            ["/w/api/src/a", "/w/api/b"],
        ),
        ("x=$(cd /w/api && git worktree add a); git worktree add b", ["/w/api/a", "/w/shop/b"]),
        (
            "bash -c 'cd /w/api && git worktree add a'; git worktree add b",
            ["/w/api/a", "/w/shop/b"],
        ),
        ("{ cd /w/api; git worktree add a; }; git worktree add b", ["/w/api/a", "/w/api/b"]),
        (
            "at() { cd /w/api; }; (at; git worktree add a); git worktree add b",
            ["/w/api/a", "/w/shop/b"],
        ),
        ("cd /w/api; git worktree add a; cd -; git worktree add b", ["/w/api/a", "/w/shop/b"]),
        (
            "pushd /w/api && git worktree add a && popd && git worktree add b",
            ["/w/api/a", "/w/shop/b"],
        ),
        (
            "pushd /w/api; pushd; git worktree add a; pushd; git worktree add b",
            ["/w/shop/a", "/w/api/b"],
        ),
        ("cd /w/api | cat; git worktree add a; git worktree add b", ["/w/shop/a", "/w/shop/b"]),
        (
            "cd $DIR; git -C /w/api worktree add a; cd /w/shop; git worktree add b",
            ["/w/api/a", "/w/shop/b"],
        ),
    ],
)
def test_a_folder_holds_as_long_as_its_shell(text, made):
    said = "\n".join(
        f"Preparing worktree (new branch '{name}')\nHEAD is now at 1a2b3c4 begin" for name in "ab"
    )
    assert [worktree for worktree, _ in in_command(text, said, "/w/shop")] == made


DETACHED = "Preparing worktree (detached HEAD 1a2b3c4)"
TAKEN = "fatal: '../one' already exists"
NOW = "HEAD is now at 1a2b3c4 begin"


@pytest.mark.parametrize(
    ("text", "output", "made"),
    [
        # of one command, tried again, whatever git names
        ("until git worktree add --detach ../one; do rm -r ../one; done",
         f"{DETACHED}\n{TAKEN}\n{DETACHED}\n{NOW}", ["/w/one"]),
        ("until git worktree add --detach ../one; do sleep 1; done",
         f"{DETACHED}\n{TAKEN}\n{DETACHED}\n{TAKEN}", []),
        # of several, of which git tells of some: those whose branch or folder it names
        ("git worktree add -b a ../one || git worktree add -b b ../two",
         f"fatal: a branch named 'a' already exists\nPreparing worktree (new branch 'b')\n{NOW}",
         ["/w/two"]),
        ("git worktree add ../one || git worktree add ../two",
         f"fatal: no\nPreparing worktree (new branch 'two')\n{NOW}", ["/w/two"]),
        ("git worktree add ../one || git worktree add ../two",
         f"fatal: no\nPreparing worktree (checking out 'other')\n{NOW}", []),
        # of several, of which it tells of all: in their order
        ("git worktree add --detach ../one; git worktree add --detach ../two",
         f"{DETACHED}\n{TAKEN}\n{DETACHED}\n{NOW}", ["/w/two"]),
        ("git worktree add --detach ../one; git worktree add --detach ../two",
         f"{DETACHED}\n{NOW}\n{DETACHED}\n{TAKEN}", ["/w/one"]),
    ],
)  # fmt: skip
def test_of_several_tries_git_says_which_made_one(text, output, made):
    assert [worktree for worktree, _ in in_command(text, output, "/w/shop", failed=True)] == made


def test_a_worktree_was_made_although_what_came_after_it_failed():
    text = "git worktree add ../shop-fix && cd ../shop-fix && npm test"
    assert list(in_command(text, MADE + "\n1 failed", "/w/shop", failed=True)) == [
        ("/w/shop-fix", "/w/shop")
    ]


def test_a_command_on_windows_names_folders_of_windows():
    assert list(in_command("git worktree add ../fix", MADE, "C:/Users/kim/shop")) == [
        ("C:/Users/kim/fix", "C:/Users/kim/shop")
    ]
    assert list(in_command("git worktree add /c/fix", MADE, "C:/Users/kim/shop"))[0][0] == "C:/fix"
    assert (
        list(in_command("git worktree add ..\\fix", MADE, "C:/w/shop", powershell=True))[0][0]
        == "C:/w/fix"
    )


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (
            "git worktree list",
            "/w/shop      1a2b3c4 [main]\n/tmp/fix     5d6e7f8 [fix]\n"
            "/tmp/look   5d6e7f8 (detached HEAD)\n",
        ),
        (
            "git worktree list --porcelain",
            "worktree /w/shop\nHEAD 1a2b3c4\nbranch refs/heads/main\n\nworktree /tmp/fix\n"
            "HEAD 5\n\nworktree /tmp/look\nHEAD 5\n",
        ),
    ],
)
def test_what_git_lists_is_known(text, output):
    assert list(in_command(text, output, "/tmp/fix")) == [
        ("/tmp/fix", "/w/shop"),
        ("/tmp/look", "/w/shop"),
    ]
