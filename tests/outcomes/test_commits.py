"""Which commits a call made, told from git's lines, its log, the client and rtk; where each ran."""

from __future__ import annotations

from typing import Any

import pytest

from accrete.outcomes.commits import (
    brings,
    commit_commands,
    commit_runs,
    commits_of,
    committed_lines,
)
from accrete.outcomes.places import commit_places
from accrete.outcomes.shell import commands

ONE, TWO = "[main 1a2b3c4] one\n", "[main 2b3c4d5] two\n"
ROOT = "[main (root-commit) 1a2b3c4] one\n"
LOG = "2b3c4d5 two\n1a2b3c4 one"
BLOCK = "commit 1a2b3c4d5e6f\nAuthor: d\nDate: x\n\n    one\n"
CLEAN = "nothing to commit, working tree clean"


def made(
    text: str, output: str = "", *, told: dict[str, Any] | None = None, away: tuple[int, ...] = (),
    ok: bool = True, wrapped: bool = False, silenced: bool = False,
) -> list[str]:  # fmt: skip
    """Each commit: sha, branch and subject where they are known, how sure it is; `!` where another
    kind than committed."""
    found = commands(text)
    scratch = [at in away for at in range(len(found))]
    each = commits_of(
        commit_commands(found), ok=ok, output=output, told=told or {}, other=brings(found),
        runs=commit_runs(found, scratch, silenced=silenced, text=text), wrapped=wrapped,
    )  # fmt: skip
    return [
        " ".join(
            filter(
                None,
                [c.sha, c.branch and f"({c.branch})", c.subject, c.confidence,
                 f"!{c.kind}" * (c.kind != "committed")],
            )
        )
        for c in each
    ]  # fmt: skip


PRINTED_ONE, PRINTED_TWO = "1a2b3c4 (main) one printed", "2b3c4d5 (main) two printed"
UNSURE = ["one unconfirmed"]


@pytest.mark.parametrize(
    ("text", "output", "found"),
    [
        ("git commit -m one", "", ["one unconfirmed"]),
        ("git commit -m one; a", "", []),
        ("git commit -qm one", "", ["one unconfirmed"]),
        ("git commit -qm one; a", "", ["one unconfirmed"]),
        ("git commit -m one | tail", "", ["one unconfirmed"]),
        ("a || git commit -qm one", "", []),
        ("a || git commit -m one | tail", "", []),
        ("git commit -m one >/dev/null; a", "", []),
        ("git commit -m one", "nothing to commit", []),
        ("git commit -qm one; git status", CLEAN, ["one unconfirmed"]),
        ("git commit -qm one && git status", CLEAN, ["one printed"]),
        ("git commit -qm one", "fatal: not a git repository", []),
        ("git commit -qm one && git log --oneline", LOG, ["1a2b3c4 one printed"]),
        ("git commit -qm one && git log -1", BLOCK, ["1a2b3c4d5e6f one printed"]),
        ("git commit -qm one && git log", "2b3c4d5 two", ["one unconfirmed"]),
        ("git commit -qF m && git log --oneline", LOG, ["2b3c4d5 two printed"]),
        ("git commit -qF m; git log --oneline", LOG, ["unconfirmed"]),
        ("git commit -qF - <<X && git log --oneline\none\nX", LOG, ["1a2b3c4 one printed"]),
        ("git commit -qm one && git rev-parse HEAD", "1a2b3c4", ["1a2b3c4 one printed"]),
        (
            "git commit -qm one && git rev-parse HEAD~ HEAD",
            "2b3c4d5\n1a2b3c4",
            ["1a2b3c4 one printed"],
        ),
        ("git commit -qm one; git rev-parse HEAD", "1a2b3c4", ["one unconfirmed"]),
        ("git commit -qm one && git show", "1a2b3c4", ["one unconfirmed"]),
        ("git commit -m one; git commit -m two", ONE + TWO, [PRINTED_ONE, PRINTED_TWO]),
        (
            "git commit -m one; git commit --amend -m two",
            ONE + TWO,
            [PRINTED_ONE, "2b3c4d5 (main) two printed !amended"],
        ),
        (
            "git commit --amend -m two; git commit -m one",
            ONE + TWO,
            ["1a2b3c4 (main) one printed !amended", PRINTED_TWO],
        ),
        ("git commit -m one; git commit -qm two", ONE, [PRINTED_ONE, "two unconfirmed"]),
        ("git commit -qm one && git commit -m two", TWO, [PRINTED_TWO, "one unconfirmed"]),
        ("git commit -m two; git commit -qm two", TWO, [PRINTED_TWO]),
        (
            "git commit -qm one && git commit -qm two && git log --oneline",
            LOG,
            ["1a2b3c4 one printed", "2b3c4d5 two printed"],
        ),
        (
            "git commit -qm one && git commit -qm one && git log --oneline",
            "2b3c4d5 one\n1a2b3c4 one",
            ["2b3c4d5 one printed", "1a2b3c4 one printed"],
        ),
        ("git cherry-pick x", ONE, ["1a2b3c4 (main) one printed !cherry-picked"]),
        ("git cherry-pick -n x", ONE, []),
        ("git merge --abort", ONE, []),
        ("git revert x; git commit -m two", ONE + TWO, [PRINTED_ONE, PRINTED_TWO]),
        ("git rebase x", ONE * 2, ["1a2b3c4 (main) one printed !rebased"]),
        ("make", ONE, []),
        ("rtk git commit -m one; a", "ok ✓ 1a2b3c4", ["1a2b3c4 one printed"]),
        ("rtk git add x && rtk git commit -m one", "ok ✓\nok ✓ 1a2b3c4", ["1a2b3c4 one printed"]),
        (
            "rtk git add x && rtk git commit -m one && rtk git push",
            "ok ✓\nok ✓\nok ✓ main",
            ["one printed"],
        ),
        ("rtk git add x && rtk git commit -m one; a", "ok ✓", []),
        ("rtk git commit -m one; rtk git commit -m two; a", "ok ✓\nok ✓", []),
        ("git commit -m 'one\n\nbody'", "", ["one unconfirmed"]),
        ("git commit --message=one", "", ["one unconfirmed"]),
        ("git commit --message one", "", ["one unconfirmed"]),
        ("git commit -am ' one '", "", ["one unconfirmed"]),
        ("git commit -m", "", ["unconfirmed"]),
        ("git commit -m ''", "", ["unconfirmed"]),
        ("git commit --message=", "", ["unconfirmed"]),
        ("git commit -amq", "", ["unconfirmed"]),
        ("git commit -qam one; a", "", ["one unconfirmed"]),
        ("git commit --quiet -m one; a", "", ["one unconfirmed"]),
        ("git commit -m one --quiet; a", "", ["one unconfirmed"]),
        ("git commit -mq; a", "", []),
        ("git commit one --query; a", "", []),
        ("git commit -m $x && git log --oneline", LOG, ["2b3c4d5 two printed"]),
        (
            "git commit -qm one && git status",
            "On branch main\nnothing to commit, working tree clean",
            ["one printed"],
        ),
        (
            "git commit -qm one && git status -sb",
            "## main...origin/main [ahead 1]",
            ["one printed"],
        ),
        (
            "git commit -qm one; git status",
            "Your branch is ahead of 'o' by 1 commit",
            ["one unconfirmed"],
        ),
    ],
)
def test_a_commit_is_told_by_its_line_by_the_log_behind_it_or_by_a_good_end(text, output, found):
    assert made(text, output) == found


@pytest.mark.parametrize(
    ("text", "output", "more", "found"),
    [
        (
            "git commit -m x",
            ONE,
            {"told": {"git": {"commit": {"sha": "1a2b3c4d5", "kind": "amended", "branch": "b"}}}},
            ["1a2b3c4d5 (b) one reported !amended"],
        ),
        (
            "git commit -m x",
            "",
            {"told": {"git": {"commit": {"sha": "1a2b3c4d5"}}}},
            ["1a2b3c4d5 reported"],
        ),
        (
            "a",
            "",
            {"told": {"git": {"commit": {"sha": "1a2b3c4d5", "branch": ""}}}},
            ["1a2b3c4d5 reported"],
        ),
        (
            "a",
            ONE,
            {"told": {"git": {"commit": {"sha": "1a2b3c4d5", "branch": ""}}}},
            ["1a2b3c4d5 (main) one reported"],
        ),
        ("a", "", {"told": {"git": {"commit": {"sha": 1}}}}, []),
        (
            "git commit -m x",
            ONE,
            {
                "told": {
                    "commits": [
                        ["main", "2b3c4d5", "two"],
                        ["x"],
                        3,
                        [None, "3c4d5e6", "three"],
                        ["main", "1a2b3c4", "one"],
                        [3, "4d5e6f7", "four"],
                        ["m", 1, "x"],
                        ["m", "5e6f7a8", None],
                    ]
                }
            },
            [PRINTED_TWO, "3c4d5e6 three printed", PRINTED_ONE, "4d5e6f7 four printed"],
        ),
        ("git commit -m one; git commit -m two", ONE + TWO, {"away": (0,)}, [PRINTED_TWO]),
        ("git commit -m one; git commit -m two", TWO, {"away": (0,)}, [PRINTED_TWO]),
        ("git commit -m one; git commit -m two", ONE, {"away": (0,)}, ["two unconfirmed"]),
        ("git commit -m one", ONE, {"away": (0,)}, []),
        ("git commit -qm one; git commit -qm two", "", {"away": (0,)}, ["two unconfirmed"]),
        ("make", ONE, {"wrapped": True}, [PRINTED_ONE]),
        ("make", ROOT + TWO, {"wrapped": True}, [PRINTED_TWO]),
        (
            "git cherry-pick x",
            "[main (root-commit) 1a2b3c4] one",
            {"wrapped": True},
            ["1a2b3c4 (main) one printed !cherry-picked"],
        ),
        ("git commit -m one", ONE, {"ok": False}, [PRINTED_ONE]),
        ("git commit -m one", "", {"ok": False}, []),
    ],
)
def test_the_client_scripts_and_repositories_thrown_away_tell_more_or_less(
    text, output, more, found
):
    assert made(text, output, **more) == found


PLACES = {
    "git commit": [""],
    "cd a; git commit": ["a"],
    "cd a && git -C b -C c commit": ["a/b/c"],
    "cd /x; git commit; cd y; git commit": ["/x", "/x/y"],
    "cd; git commit": ["~"],
    "git -C x status; git commit": [""],
    "(cd /x; git commit); git commit": ["/x", ""],
    "pushd a; git commit; popd; git commit": ["a", ""],
    "cd ../x; git commit": ["../x"],
    "cd $X; cd ..; git commit": ["$X/.."],
    "git --work-tree /x commit": [""],
    "git commit --dry-run": [],
    "git -c a=b commit; git commit -C x": ["", ""],
}


def test_a_commit_was_made_where_cd_and_gits_own_option_say():
    assert {text: commit_places(commands(text), text) for text in PLACES} == PLACES


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("", None),
        (" 1 file changed", 0),
        (" 1 file changed, 2 insertions(+)", 2),
        (" 1 file changed, 3 deletions(-)", 3),
        (" 2 files changed, 2 insertions(+), 3 deletions(-)\n 1 file changed, 4 deletions(-)", 9),
    ],
)
def test_the_lines_of_the_commits_are_what_git_says_of_all_of_them(output, found):
    assert committed_lines(output) == found
