"""Where the commands of a call work, which of them work in a repository that is thrown away, and
what proves a push."""

from __future__ import annotations

from typing import Any

import pytest

from accrete.outcomes.places import Places, folders_of
from accrete.outcomes.pushes import pushed
from accrete.outcomes.shell import commands

FOLDERS = {
    "a": ["/w"],
    "cd x; a": ["/w", "/w/x"],
    "cd /x/y && a": ["/w", "/x/y"],
    "cd; a": ["/w", "~"],
    "cd -P x; a": ["/w", "/w/x"],
    "cd -- x; a": ["/w", "/w/x"],
    "pushd x; a; popd; b": ["/w", "/w/x", "/w/x", "/w"],
    "cd x; cd ..; a": ["/w", "/w/x", "/w"],
    "cd x; cd -; a": ["/w", "/w/x", "/w"],
    "cd ./; a": ["/w"] * 2,
    'cd ""; a': ["/w"] * 2,
    "cd -LP x; a": ["/w", "/w/x"],
    "cd -q x; a": ["/w", "/w/x"],
    "cd /d x; a": ["/w", "/w/x"],
    "cd x; popd; cd -; a": ["/w", "/w/x", "/w/x", "/w"],
    "cd $X/y/../..; a": ["/w", "$X/.."],
    "cd $X; cd ../z; a": ["/w", "$X", "$X/../z"],
    "cd ~/x/y; cd ..; a": ["/w", "~/x/y", "~/x"],
    "cd ~/x; cd ..; a": ["/w", "~/x", "~"],
    "cd ~/x; a": ["/w", "~/x"],
    "cd %TEMP%/x; a": ["/w", "%TEMP%/x"],
    "(cd x; a); b": ["/w", "/w/x", "/w"],
    "a=$(cd x; b); c": ["/w", "/w/x", "/w"],
    "cd x; (cd y; a; (cd z; b); c); d": [
        "/w",
        "/w/x",
        "/w/x/y",
        "/w/x/y",
        "/w/x/y/z",
        "/w/x/y",
        "/w/x",
    ],
    "f() { (cd x; a); }; f; cd y; f": ["/w", "/w/x", "/w", "/w/y", "/w/y/x"],
    "f() { cd x; a; }; f; b": ["/w", "/w/x", "/w/x"],
    "bash -c 'cd x; a'; b": ["/w", "/w/x", "/w"],
    "(case $q in a) cd x; b ;; esac; c); d": ["/w", "/w/x", "/w/x", "/w"],
    "cd x | a; b": ["/w"] * 3,
    "cd x & a": ["/w"] * 2,
    "if a; then cd x; fi; b": ["/w", "/w", "/w/x"],
    "[ -d x ] && cd x && a; b": ["/w", "/w", "/w/x", "/w/x"],
    "popd; a": ["/w"] * 2,
    "cd -; a": ["/w"] * 2,
    "pushd +1; a": ["/w"] * 2,
    "git -C x status; a": ["/w/x", "/w"],
    "git -C x -C y log": ["/w/x/y"],
    "cd z; git -C x -C y log": ["/w", "/w/z/x/y"],
    "git --work-tree x log": ["/w/x"],
    "git -C /q -c a=b push": ["/q"],
    "git -c x=y log": ["/w"],
    "git log -C x": ["/w"],
    "a -C x": ["/w"],
    "D=$(mktemp -d); cd $D; a": ["/w", "/w", "$(mktemp)"],
    "D=`mktemp -d` && cd $D/x && a": ["/w", "/w", "$(mktemp)/x"],
    'D="$(mktemp -d)"; git -C "$D" log': ["/w", "$(mktemp)"],
    "E=$(mktemp -d); D=/tmp/d; cd $D; a": ["/w", "/w", "/tmp/d"],
    "E=/tmp/e; D=/tmp/d; cd ${D}/x; a": ["/w", "/tmp/d/x"],
    "D=/home/q; cd $D; a": ["/w", "$D"],
    "cd $(mktemp -d); a": ["/w", "/w", "$(mktemp)"],
    "cd $(a); b": ["/w", "/w", "$()"],
}
POWER = {
    "cd 'C:\\x y'; a": ["/w", "C:/x y"],
    "Set-Location x; a": ["/w", "/w/x"],
    "Set-Location -Path x; a": ["/w", "/w/x"],
    "set-location -literalpath x -PassThru | b; a": ["/w", "/w/x", "/w/x"],
    "Set-Location -ErrorAction Stop x; a": ["/w", "/w/x"],
    "Push-Location x | b; a; Pop-Location -EA Ignore; c": ["/w", "/w/x", "/w/x", "/w/x", "/w"],
    "(cd x); a": ["/w", "/w/x"],
    "Push-Location x; a; Pop-Location; b": ["/w", "/w/x", "/w/x", "/w"],
    "$d='/tmp/e'; cd $d; a": ["/w", "/w", "/tmp/e"],
}


def test_a_command_works_where_cd_and_gits_own_options_say():
    assert {text: folders_of(commands(text), text, "/w") for text in FOLDERS} == FOLDERS
    found = {text: folders_of(commands(text, powershell=True), text, "/w") for text in POWER}
    assert found == POWER


FIRST = "[main (root-commit) 1a2b3c4] Begin"


@pytest.mark.parametrize(
    ("learned", "text", "cwd", "output", "home", "found"),
    [
        ([], "a", "/tmp/x", "", "/w", [False]),
        ([], "a", "/tmp/x", FIRST, "/w", [True]),
        ([], "a", "/w", FIRST, "/w", [False]),
        ([], "a", "/v", FIRST, "/w", [False]),
        ([], "a; cd /tmp/x; b", "/w", FIRST, "/w", [False, False, True]),
        ([], "cd $(mktemp -d); a", "/w", "", "/w", [False, False, True]),
        (["git init /tmp/x"], "a", "/tmp/x/y", "", "/w", [True]),
        (["git init /tmp/x"], "a", "/tmp/xy", "", "/w", [False]),
        (["git init /tmp/x"], "a", "/tmp", "", "/w", [False]),
        (["git init /tmp/x", "git init /tmp/z"], "a", "/tmp/x", "", "/w", [True]),
        (["cd /tmp/x && git init"], "a", "/tmp/x", "", "/w", [True]),
        (["git init -b main /tmp/x"], "a", "/tmp/x", "", "/w", [True]),
        (["cd /tmp; git init -q x"], "cd /tmp/x; a", "/w", "", "/w", [False, True]),
        (["git init /tmp/x"], "git -C /tmp/x commit; a", "/w", "", "/w", [True, False]),
        (["git status /tmp/x"], "a", "/tmp/x", "", "/w", [False]),
        (["git init /tmp", "git clone https://a.dev/b /tmp/x"], "a; cd /tmp/y; b", "/tmp/x", "",
         "/w", [False, False, True]),
        (["git clone https://a.dev/b", "git init /tmp/x"], "a", "/tmp/x", "", "/w", [True]),
        (["git clone /tmp/a /tmp/b"], "a", "/tmp/b", FIRST, "/w", [False]),
        (["git init /tmp", "git worktree add /tmp/x main"], "a", "/tmp/x", "", "/w", [False]),
        (["git init /tmp", "git worktree add -b y /tmp/x main"],
         "a; cd /tmp/main; b; cd /tmp/add; c", "/tmp/x", "",
         "/w", [False, False, True, True, True]),
        (["cd /tmp; git init", "cd /tmp; git worktree add x"], "a; cd /tmp/y; b", "/tmp/x", "",
         "/w", [False, False, True]),
        (["git init /tmp", "git clone -b main /tmp/a /tmp/b"], "a; cd /tmp/main; b", "/tmp/b", "",
         "/w", [False, False, True]),
        (["git init /tmp", "git worktree add -fb y /tmp/x"], "a; cd /tmp/y; b", "/tmp/x", "",
         "/tmp/w", [False, False, True]),
        (["cd /tmp/x; git init -b main"], "a", "/tmp/x", "", "/w", [True]),
        (["cd /tmp/x; git init -qb main"], "a", "/tmp/x", "", "/w", [True]),
        (["cd /tmp/x; git init --object-format sha256"], "a", "/tmp/x", "", "/w", [True]),
        (["git init /tmp", "git worktree list /tmp/x"], "a", "/tmp/x", "", "/w", [True]),
        (["git init /tmp", "git stash add /tmp/x"], "a", "/tmp/x", "", "/w", [True]),
        (["git init /tmp/x"], "a", "/tmp/x/y", "", "/tmp/x/", [False]),
        (["git init /tmp/x"], "a", "/tmp/x", "", "/tmp/", [True]),
        (["git init /tmp/x"], "a", "/tmp/x", "", None, [True]),
        (["git init"], "a", "/tmp/x/y", "", "/tmp/x", [False]),
        ([], "a", None, FIRST, "/w", [False]),
        ([], "cd x; a", None, FIRST, "/dev/shm", [False, False]),
        (["(cd /tmp/x; git init)"], "(cd /tmp/x; a); b", "/w", "", "/w", [False, True, False]),
    ],
)  # fmt: skip
def test_a_repository_that_was_made_under_a_temporary_folder_is_thrown_away(
    learned: list[str], text: str, cwd: str | None, output: str, home: str | None, found: list[bool]
) -> None:
    places = Places(home)
    for each in learned:
        places.learn(commands(each), each, None)
    assert places.scratch(commands(text), text, cwd, output) == found


TO = "To github.com:acme/demo.git\n"
MOVED = "   1a2b3c4..5d6e7f8  main -> main\n"
FETCHED = "   1a2b3c4..5d6e7f8  main -> origin/main\n"
FROM = "From github.com:acme/demo\n"
AWAY = "To /tmp/remote.git\n"
TRACKED = "branch 'x' set up to track 'origin/x'.\n"
BOOKMARK = "  Move forward bookmark x from 1a2b to 2b3c\n"
BY_TOOL = "*\trefs/heads/a:refs/heads/a\t[new branch]\n"


def sent(
    text: str, output: str = "", *, told: dict[str, Any] | None = None, away: tuple[int, ...] = (),
    ok: bool = True, wrapped: bool = False,
) -> bool:  # fmt: skip
    found = commands(text)
    scratch = [at in away for at in range(len(found))]
    return pushed(found, ok=ok, output=output, told=told or {}, wrapped=wrapped, scratch=scratch)


@pytest.mark.parametrize(
    ("text", "output", "proves"),
    [
        ("git push", "", True),
        ("a && git push", "", True),
        ("git push && a", "", True),
        ("git push; a", "", False),
        ("git push || a", "", False),
        ("git push | a", "", False),
        ("git push x; a; git push y", "", True),
        ("git push x; a; git push y; b", "", False),
        ("a", "", False),
        ("git push -n", "", False),
        ("git push origin :x", "", False),
        ("git push -d origin x", "", False),
        ("git push", "Everything up-to-date", False),
        ("git push", "error: failed to push some refs", False),
        ("git push; a", TO + MOVED, True),
        ("git push; a", TO, False),
        ("git push; a", MOVED, True),
        ("git push; a", FROM + MOVED, False),
        ("git push; a", TO + FROM + MOVED, False),
        ("git push; a", FROM + FETCHED + TO + MOVED, True),
        ("git push; a", AWAY + MOVED, False),
        ("git push; a", AWAY + MOVED + TO + MOVED, True),
        ("git push; a", TO + MOVED + AWAY + MOVED, True),
        ("git fetch; git push; a", MOVED, False),
        ("git pull; git push; a", MOVED, False),
        ("git remote update; git push; a", MOVED, False),
        ("git status; git push; a", MOVED, True),
        ("git fetch; git push; a", TO + MOVED, True),
        ("git push; a", FETCHED, False),
        ("git push; a", TO + FETCHED, True),
        ("git push; a", "   1a2b3c4..5d6e7f8  HEAD -> main", True),
        ("git push; a", " = [up to date] main -> main", False),
        ("git push; a", TO + BY_TOOL, True),
        ("git push; a", BY_TOOL, False),
        ("git push; a", f"Changes to push to origin:\n{BOOKMARK}", True),
        ("git push; a", BOOKMARK, False),
        ("git push; a", f"{TO}{MOVED}Dry-run requested, not pushing", False),
        ("git push; a", f"\x1b[1mTo\x1b[0m github.com:acme/demo\n{MOVED}", True),
        ("git push -n; git push; a", TO + MOVED, False),
        ("git push -n; git push; a", TO + MOVED + MOVED, False),
        ("git push -n; git push; a", TO + MOVED + TO + MOVED, True),
        ("git push -n; git push -n; git push; a", (TO + MOVED) * 2, False),
        ("git log -n; git push; a", TO + MOVED, True),
        ("git push -n; git push; a", FROM + MOVED + TO + MOVED, False),
        ("git push -u o x; a", TRACKED, True),
        ("git push --set-upstream o x; a", TRACKED, True),
        ("git push; a", TRACKED, False),
        ("git push x; git push -u o y; a", TRACKED, True),
        ("git push -u o x; a", f"{TRACKED}Everything up-to-date", False),
        ("git push -u o x; a", f"{TRACKED} ! [rejected] x", False),
        ("a", TO + MOVED, False),
    ],
)
def test_a_push_is_proven_by_its_exit_or_by_what_git_printed(text, output, proves):
    assert sent(text, output) == proves


def test_a_script_pushed_where_git_reports_it_with_its_head():
    assert sent("make x", TO + MOVED, wrapped=True)
    assert not sent("make x", MOVED, wrapped=True)
    assert not sent("make x", wrapped=True)


def test_a_failed_push_counts_by_what_git_printed_alone():
    assert not sent("git push", ok=False)
    assert sent("git push", TO + MOVED, ok=False)
    assert sent("git push -u o x", TRACKED, ok=False)


def test_what_the_client_says_of_a_push_is_believed_unless_it_went_to_a_repository_thrown_away():
    told = {"git": {"push": {"branch": "x"}}}
    assert sent("a", told=told)
    assert sent("a", "Everything up-to-date", told=told)
    assert not sent("a", told={"git": {"push": {}}})
    assert not sent("a", told={"git": "push"})
    assert not sent("git push", "Dry-run requested, not pushing", told=told)
    assert not sent("git push", told=told, away=(0,))
    assert sent("git push; git push", told=told, away=(0,))


def test_a_push_from_a_repository_thrown_away_is_none_but_another_of_the_call_is():
    assert not sent("git push", away=(0,))
    assert sent("git push && git push", away=(0,))
    assert sent("a; git push", away=(0,))
    assert not sent("git push; a", TO + MOVED, away=(0,))
    assert not sent("make; a", TO + MOVED, wrapped=True, away=(1,))
