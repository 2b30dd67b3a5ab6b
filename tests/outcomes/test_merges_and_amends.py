"""A merge brings what was committed before; an amend puts a commit in another's place."""

from __future__ import annotations

import pytest

from tests.outcomes.came import came
from tests.practices.examples import run
from tests.records import rows

STAT = " a.md | 3 +++\n 1 file changed, 3 insertions(+)"
MADE = f"Merge made by the 'ort' strategy.\n{STAT}"
FORWARD = f"Updating 1234567..89abcde\nFast-forward\n{STAT}"
CONFLICT = (
    "Auto-merging a.md\nCONFLICT (content): Merge conflict in a.md\n"
    "Automatic merge failed; fix conflicts and then commit the result."
)


def line(sha: str, branch: str = "main") -> str:
    return f"[{branch} {sha}] Say why\n 1 file changed, 2 insertions(+)"


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output", "sha"),
    [
        ("git merge --no-ff feature -m 'Bring it in'", MADE, None),
        ("git merge a b c", "Trying simple merge with b\nMerge made by the 'octopus' strategy.\n"
                            f"{STAT}", None),
        ("git checkout main && git merge feature",
         "Switched to branch 'main'\nMerge made by the 'recursive' strategy.", None),
        ("git merge feature", FORWARD, "89abcde"),
        ("git merge --ff-only feature 2>&1 | head", FORWARD, "89abcde"),
        ("git -C ../other merge feature; echo done", FORWARD + "\ndone", "89abcde"),
        ("git merge -q feature && git log --oneline -1",
         "1a2b3c4 (HEAD -> main) Merge branch 'feature'", "1a2b3c4"),
        ("git merge -q --no-ff feature -m 'Bring it in' && git log --oneline -2",
         "1a2b3c4 Bring it in\n9f8e7d6 Before", "1a2b3c4"),
        ("git merge origin/feature", MADE, None),
        ("git merge -m origin/main feature", FORWARD, "89abcde"),
        ("git merge origin/main && git merge feature", FORWARD, "89abcde"),
    ],
)  # fmt: skip
def test_a_merge_that_git_says_it_made_ships_and_is_named_apart(settings, command, output, sha):
    assert came(settings, run(command, output)) == ("shipped", 0, 0)
    assert rows(settings, "SELECT kind, sha FROM session_commit") == [("merged", sha)]
    assert rows(settings, "SELECT outcome_reason FROM session") == [("1 merged",)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("git merge feature || true", CONFLICT),
        ("git merge feature | cat", "Already up to date."),
        ("git merge --abort", ""),
        ("git merge --squash feature", "Fast-forward\nSquash commit -- not updating HEAD"),
        ("git merge -q feature && git log --oneline -1", "1a2b3c4 Say why"),
        ("git merge -q feature; git log --oneline -1", "9f8e7d6 Merge branch 'older'"),
        ("git log --oneline -1 && git merge -q feature", "9f8e7d6 Merge branch 'older'"),
        ("git merge --ff-only origin/main", FORWARD),
        ("git merge origin/main feature", FORWARD),
        ("git pull", FORWARD),
        ("git pull --no-rebase", MADE),
        ("git log | grep -A1 Merge", MADE),
        ("echo git merge feature", MADE),
        ("git merge-base main feature", "1a2b3c4"),
        ("cd /tmp/try && git init && git merge feature", MADE),
    ],
)  # fmt: skip
def test_a_merge_that_did_not_end_or_brought_nothing_of_ours_is_none(settings, command, output):
    assert came(settings, run(command, output)) == ("explored", 0, 0)


@pytest.mark.long
def test_merges_of_one_call_have_their_own_messages(settings):
    command = "git merge a -m 'One\n\nAnd why' && git merge --no-ff b -m && git merge c -m Three"
    came(settings, run(command, "\n".join([MADE] * 3)))
    assert rows(settings, "SELECT subject FROM session_commit ORDER BY part") == [
        ("One",), (None,), ("Three",)
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    ("steps", "counts", "kinds"),
    [
        ([run("git commit -am x", line("1a2b3c4")),
          run("git commit --amend --no-edit", line("5a6b7c8"))], (1, 0), ["replaced", "committed"]),
        ([run("git commit -am x && git commit --amend --no-edit",
              line("1a2b3c4") + "\n" + line("5a6b7c8"))], (1, 0), ["replaced", "committed"]),
        ([run("git commit -am x", line("1a2b3c4")),
          *[run("git commit --amend --no-edit", line(f"{n}a6b7c8")) for n in (5, 6)]], (1, 0),
         ["replaced", "replaced", "committed"]),
        ([run("git commit -am x", line("1a2b3c4")), run("git commit -q --amend --no-edit")],
         (1, 0), ["replaced", "committed"]),
        ([run("git commit -qam x"), run("git commit --amend --no-edit", line("5a6b7c8"))], (1, 0),
         ["replaced", "committed"]),
        ([run("git commit -am x", line("1a2b3c4")),
          run("cd docs && git commit --amend --no-edit", line("5a6b7c8"))], (1, 0),
          ["replaced", "committed"]),
        ([run("git commit -am x", line("1a2b3c4")),
          run("cd docs && git commit --amend --no-edit", line("5a6b7c8")),
          run("cd src && git commit --amend --no-edit", line("6a6b7c8"))], (1, 0),
          ["replaced", "replaced", "committed"]),
        ([run("cd docs && git commit -am x", line("1a2b3c4")),
          run("git commit --amend --no-edit", line("5a6b7c8")),
          run("cd src && git commit --amend --no-edit", line("6a6b7c8"))], (1, 0),
          ["replaced", "replaced", "committed"]),
        ([run("cd docs && git commit -am x", line("1a2b3c4")),
          run("cd src && git commit --amend --no-edit", line("6a6b7c8"))], (2, 0),
          ["committed", "amended"]),
        ([run("git commit --amend --no-edit", line("5a6b7c8"))], (1, 0), ["amended"]),
        ([run("git commit --amend --no-edit", line("5a6b7c8")),
          run("git commit --amend -m y", line("6a6b7c8"))], (1, 0), ["replaced", "amended"]),
        ([run("git commit -am x", line("1a2b3c4")),
          run("git commit --amend --no-edit", line("5a6b7c8", "fix"))], (2, 0),
          ["committed", "amended"]),
        ([run("git commit -am x", line("1a2b3c4")),
          run("git -C ../other commit --amend --no-edit", line("5a6b7c8"))], (2, 0),
          ["committed", "amended"]),
        ([run("git commit -am x", line("1a2b3c4")), run("git commit -am y", line("5a6b7c8"))],
         (2, 0), ["committed", "committed"]),
        ([run("git commit -am x", line("1a2b3c4")),
          run("git commit --amend --no-edit || true", "error: gpg failed to sign the data")],
          (1, 0), ["committed"]),
    ],
)  # fmt: skip
def test_an_amend_of_the_sessions_own_commit_takes_its_place(settings, steps, counts, kinds):
    assert came(settings, *steps)[1:] == counts
    assert [
        kind for (kind,) in rows(settings, "SELECT kind FROM session_commit ORDER BY seq, part")
    ] == kinds
    assert rows(settings, "SELECT SUM(commits), SUM(commits_unconfirmed) FROM session_day") == [
        counts
    ]
    sightings = len({kind for kind in kinds if kind != "replaced"}) if counts[0] == 1 else counts[0]
    assert rows(settings, "SELECT COUNT(*) FROM sighting WHERE practice = 'committing'") == [
        (sightings,)
    ]


@pytest.mark.long
def test_what_stands_in_the_place_of_a_commit_is_replaced_by_no_amend_of_elsewhere(settings):
    """Where the folder of the commit is not known, that of its amend is."""
    steps = [
        run("git commit -am x", line("1a2b3c4")),
        run("cd /w/a && git commit --amend --no-edit", line("5a6b7c8")),
        run("cd /w/b && git commit --amend --no-edit", line("6a6b7c8")),
    ]
    assert came(settings, *steps, cwd="")[1:] == (2, 0)
    assert rows(settings, "SELECT kind FROM session_commit ORDER BY seq, part") == [
        ("replaced",), ("committed",), ("amended",)
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output", "status", "counts"),
    [
        ("rtk git commit -m 'Say why'", "ok ✓", "call", (1, 0)),
        ("rtk git commit -m 'Say why'", "ok ✓ 1a2b3c4", "call", (1, 0)),
        ("rtk git add -A && rtk git commit -m 'Say why'",
         "ok ✓ 2 files changed, 3 insertions(+)\nok ✓", "call", (1, 0)),
        ("rtk git commit -m 'Say why' && rtk git push", "ok ✓ 1a2b3c4\nok ✓ main", "call", (1, 0)),
        ("rtk git commit -m 'Say why' && npm test", "ok ✓ 1a2b3c4\n1 failing", "fail", (1, 0)),
        ("rtk git add -A && rtk git commit -m 'Say why'",
         "ok ✓ 2 files changed\nFAILED: git commit\nhusky - pre-commit", "call", (0, 0)),
        ("rtk git commit -m 'Say why'", "ok (nothing to commit)", "call", (0, 0)),
        ("rtk git add -A", "ok ✓ 2 files changed", "call", (0, 0)),
        ("git commit -qm 'Say why'; echo 'ok ✓'", "ok ✓", "call", (0, 1)),
    ],
)  # fmt: skip
def test_the_word_of_rtk_confirms_a_commit(settings, command, output, status, counts):
    assert came(settings, (status, "Bash", {"command": command}, output))[1:] == counts
