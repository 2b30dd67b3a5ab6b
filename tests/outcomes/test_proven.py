"""Commits, pushes and pull requests count where git's or the forge's own words prove them, and
nowhere else."""

from __future__ import annotations

import pytest

from tests.outcomes.came import came
from tests.practices.examples import run, session
from tests.records import kept, rows

TO = "To github.com:acme/demo.git\n   1a2b3c4..5d6e7f8  main -> main\n"
CLEAN = "\n\nnothing to commit, working tree clean"
UNSIGNED = "error: gpg failed to sign the data\nfatal: failed to write commit object\n"
NEW = (
    "To https://git.acme.example/demo.git\n * [new branch]      fix -> fix\n"
    "branch 'fix' set up to track 'origin/fix'.\n"
)
LINE = "[main 1a2b3c4] Say why\n 1 file changed, 2 insertions(+)\n"
IF = 'if git diff --quiet; then\n  echo same\nelse\n  git commit -qm "Say why"\n  git push\nfi\n'


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("git push", TO),
        ("git push -q", ""),
        ("git add -A && git push --quiet origin main", ""),
        ("git push 2>&1 | tail -1", "   1a2b3c4..5d6e7f8  main -> main"),
        ("git push --force-with-lease 2>&1 | tail -1",
         " + 1a2b3c4...5d6e7f8 main -> main (forced update)"),
        ("git push -u origin fix; echo done", NEW),
        ("git push -u origin fix 2>&1 | tail -1", "branch 'fix' set up to track 'origin/fix'."),
        ("git push -u origin fix | cat",
         "Branch 'fix' set up to track remote branch 'fix' from 'origin'."),
        (IF, TO),
        ("git push || (git pull --rebase && git push)",
         " ! [rejected] main -> main (fetch first)\nerror: failed to push some refs\n" + TO),
        ("git push origin main; git push origin v1",
         "Everything up-to-date\nTo github.com:acme/demo.git\n * [new tag]  v1 -> v1"),
        ("git push --dry-run && git push", TO + TO),
        ("git push --porcelain | cat",
         "To github.com:acme/demo.git\n \trefs/heads/main:refs/heads/main\t1a2b3c4..5d6e7f8\nDone"),
        ("set -e\ngit push -q\necho done", "done"),
        ("git push -q || exit 1; echo done", "done"),
        ("publish() { git push -q; }; publish", ""),
        ("make release 2>&1 | tail -5", "tagged\n" + TO),
        ("./scripts/ship.sh", "✓ tests\n" + NEW),
        ("just ship", "\x1b[1mgit push\x1b[0m\n" + TO),
        ("npm version patch", "v1.2.4\n" + TO),
        ("jj git push", "Changes to push to origin:\n  Move forward bookmark main "
                        "from 1a2b3c4d5e6f to 5d6e7f8a9b0c"),
        ("gh repo create acme/demo --source . --push", NEW),
        ("git sync", TO),
        ("git submodule foreach 'git push'", "Entering 'lib'\n" + TO),
    ],
)  # fmt: skip
def test_a_push_that_git_or_its_exit_proves_ships(settings, command, output):
    assert came(settings, run(command, output))[0] == "shipped"


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output"),
    [
        (IF, "same"),
        ("git push", "Everything up-to-date"),
        ("git push -u origin fix",
         "Everything up-to-date\nbranch 'fix' set up to track 'origin/fix'."),
        ("git push --dry-run", TO),
        ("git push -n origin main | cat", TO),
        ("[ -n \"$CI\" ] && git push; echo done", "done"),
        ("npm test || git push", "ok"),
        ("case $1 in go) git push;; *) echo no;; esac", "no"),
        ("for remote in $(git remote); do git push $remote; done", ""),
        ("push_all() { git push; }\necho defined", "defined"),
        ("while read r; do git push $r; done < list.txt", ""),
        ("git push 2>&1 | tail -3",
         " ! [remote rejected] main -> main (pre-receive hook declined)\n"
         "error: failed to push some refs"),
        ("git push; echo done",
         "husky - pre-push script failed (code 1)\nerror: failed to push some refs to 'x'\ndone"),
        ("git push || true", "fatal: unable to access 'https://x/': Could not resolve host"),
        ("git push & sleep 1", ""),
        ("git pull && echo git push",
         "From github.com:acme/demo\n   1a2b3c4..5d6e7f8  main -> origin/main"),
        ("if [ \"$GO\" ]; then git push; fi; git fetch --tags",
         "From github.com:acme/demo\n * [new tag]  v1 -> v1"),
        ("cat push.log", TO),
        ("grep -A2 To build.log | head", TO),
        ("gh run view 7 --log | tail -20", TO),
        ("pytest -s tests/test_git.py | tail", TO),
        ("jj git push --dry-run",
         "Changes to push to origin:\n  Move forward bookmark main from 1a2b3c4d to 5d6e7f8a\n"
         "Dry-run requested, not pushing."),
        ("cd /tmp/try && git init && git push ../bare.git main", TO),
        ("./try.sh", "To /tmp/tmp.Ab12/bare.git\n * [new branch]  main -> main"),
        ("rtk git push", "ok (up-to-date)"),
        ("git push --delete origin old; git push origin :older",
         "To github.com:acme/demo.git\n - [deleted]  old"),
    ],
)  # fmt: skip
def test_a_push_that_nothing_proves_is_none(settings, command, output):
    assert came(settings, run(command, output))[0] == "explored"


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output", "counts"),
    [
        ("git commit -qm 'Say why' && git log --oneline -1", "1a2b3c4 Say why", (1, 0)),
        ("git commit -qm 'Say why'; git log --oneline -3",
         "1a2b3c4 (HEAD -> main) Say why\n9f8e7d6 Before", (1, 0)),
        ("git commit -q -m 'Say why' && git log --graph --oneline | head -2",
         "* 1a2b3c4 Say why\n* 9f8e7d6 Before", (1, 0)),
        ("git commit -qm 'Say why' && git show --stat",
         f"commit 1a2b3c4{'0' * 33}\nAuthor: D <d@x>\nDate:   now\n\n    Say why\n\n"
         " a.py | 2 +-", (1, 0)),
        ("git commit -qF msg.txt && git log -1 --format='%h %s'", "1a2b3c4 Whatever it says",
         (1, 0)),
        ("git commit -qm 'Say why' && git rev-parse --short HEAD", "1a2b3c4", (1, 0)),
        ("git commit -qm 'Say why' && git status",
         "On branch main\nYour branch is ahead of 'origin/main' by 1 commit." + CLEAN, (1, 0)),
        ("git commit -qm a && git commit -qm b && git log --oneline -2", "2b2b2b2 b\n1a1a1a1 a",
         (2, 0)),
        ("git commit -qm 'Say why'", "", (0, 1)),
        ("git commit -qm 'Say why'; git log --oneline -1", "9f8e7d6 Before", (0, 1)),
        ("git commit -qm 'Say why'; git status",
         "On branch main\nnothing to commit, working tree clean", (0, 1)),
        ("git commit -qm 'Say why' || true; git log --oneline -1",
         UNSIGNED + "9f8e7d6 Say why not", (0, 0)),
        ("if [ -f x ]; then git commit -qm 'Say why'; fi; git log --oneline -1", "9f8e7d6 Before",
         (0, 0)),
        ("if [ -f x ]; then git commit -qm 'Say why'; fi; git log --oneline -1", "1a2b3c4 Say why",
         (1, 0)),
        ("git diff --cached --quiet || git commit -m 'Say why'", "", (0, 0)),
        ("git diff --cached --quiet || git commit -m 'Say why'", LINE, (1, 0)),
        ("git commit -m 'Say why' 2>&1 | tail -3",
         "On branch main\nnothing to commit, working tree clean", (0, 0)),
        ("git commit -m 'Say why'; true",
         "trim whitespace.....................Failed\n- hook id: trailing-whitespace", (0, 0)),
        ("git commit -qF - <<'EOF'\nSay why\n\nAnd how\nEOF\ngit log --oneline -1",
         "1a2b3c4 Say why", (1, 0)),
        ("git commit -qF msg.txt; git log --oneline -1", "9f8e7d6 Before", (0, 1)),
        ("git commit -F msg.txt || true; git log --oneline -1",
         "nothing to commit, working tree clean\n9f8e7d6 Before", (0, 0)),
        ("make commit", LINE, (1, 0)),
        ("gt create -am 'Say why'", LINE, (1, 0)),
        ("./release.sh | tail -3", "[main 1a2b3c4] Release 1.2\n 1 file changed", (1, 0)),
        ("git acp 'Say why'", LINE, (1, 0)),
        ("cat old.log", LINE, (0, 0)),
        ("pytest -s", LINE, (0, 0)),
        ("python make_fixtures.py", "[main (root-commit) 1a2b3c4] init", (0, 0)),
    ],
)  # fmt: skip
def test_commits_are_counted_by_what_git_says_of_them(settings, command, output, counts):
    assert came(settings, run(command, output))[1:] == counts


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        "cd /tmp/try && git init -q && git add . && git commit -m 'Say why'",
        "git init /tmp/try && git -C /tmp/try commit --allow-empty -m 'Say why'",
        "cd $(mktemp -d) && git init && git commit --allow-empty -m 'Say why'",
        'D=$(mktemp -d); cd "$D/repo"; git init .; git commit -m "Say why"',
        'export R=/var/folders/xy/T/repo\ngit init "$R"\ngit -C "$R" commit -m "Say why"',
        "mkdir -p $TMPDIR/r && cd $TMPDIR/r && git init && git commit -m 'Say why'",
        "bash <<'EOF'\ncd /tmp/try\ngit init\ngit commit -m 'Say why'\nEOF",
        "D=`mktemp -d`\ncd $D && git init && git commit -m 'Say why'",
        "cd /private/tmp/claude-501/-home-dev-demo/scratchpad/r "
        "&& git init -q && git commit -m 'Say why'",
        "cd /home/dev/pytest-of-dev/pytest-3/r && git init && git commit -m 'Say why'",
    ],
)
def test_a_commit_in_a_repository_made_to_be_thrown_away_is_none(settings, command):
    assert came(settings, run(command, LINE)) == ("explored", 0, 0)


def test_a_scratch_repository_of_an_earlier_call_is_still_one(settings):
    steps = [
        run("mkdir /tmp/try && cd /tmp/try && git init"),
        run("cd /tmp/try && git commit -m x", LINE),
    ]
    assert came(settings, *steps)[1] == 0


@pytest.mark.parametrize(
    "steps",
    [
        [run("git worktree add /tmp/side -b side"), run("cd /tmp/side && git commit -m x", LINE)],
        [
            run(
                "cd /tmp && git clone git@github.com:acme/demo.git && cd demo && git commit -m x",
                LINE,
            )
        ],
        [run("cd /tmp/other && git commit -m x", LINE)],
        [
            ("call", "Grep", {"pattern": "git init /tmp/try"}, "run.sh"),
            run("cd /tmp/try && git commit -m x", LINE),
        ],
        [run("git init && git commit -m x", "[main (root-commit) 1a2b3c4] x")],
    ],
)
def test_a_commit_in_a_temporary_worktree_or_clone_counts(settings, steps):
    assert came(settings, *steps)[1] == 1


def test_a_session_that_was_started_in_a_temporary_folder_has_its_commits(settings):
    assert came(settings, run("git init && git commit -m x", LINE), cwd="/tmp/demo")[1] == 1


def test_of_a_scratch_commit_and_a_real_one_in_one_call_the_real_one_counts(settings):
    both = run(
        "cd /tmp/t && git init && git commit -m a; cd /home/dev/demo && git commit -m b",
        "[main 1a2b3c4] a\n[main 9f8e7d6] b",
    )
    assert came(settings, both)[1] == 1
    assert rows(settings, "SELECT sha FROM session_commit") == [("9f8e7d6",)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "output", "urls"),
    [
        ("gt submit", "🚀 fix: https://app.graphite.dev/github/pr/acme/demo/7 (created)",
         ["https://github.com/acme/demo/pull/7"]),
        ("./scripts/open-pr.sh",
         "Creating pull request for fix into main in acme/demo\n\n"
         "https://github.com/acme/demo/pull/7", ["https://github.com/acme/demo/pull/7"]),
        ("just pr", "Opened https://gitlab.com/acme/demo/-/merge_requests/7",
         ["https://gitlab.com/acme/demo/-/merge_requests/7"]),
        ("gt submit", "fix: https://app.graphite.dev/github/pr/acme/demo/7 (updated)", []),
        ("./scripts/open-pr.sh",
         "a pull request for branch fix already exists: https://github.com/acme/demo/pull/7",
         []),
        ("gh pr view --json url -q .url || gh pr create --fill",
         "https://github.com/acme/demo/pull/7", []),
        ("gh pr view || gh pr create --fill",
         "no pull requests found\nCreating pull request for fix into main in acme/demo\n\n"
         "https://github.com/acme/demo/pull/7",
         ["https://github.com/acme/demo/pull/7"]),
        ("if [ -n \"$GO\" ]; then gh pr create --fill; fi", "", []),
        ("cat notes.md", "Created https://github.com/acme/demo/pull/7", []),
    ],
)  # fmt: skip
def test_a_pull_request_that_a_wrapper_says_it_opened_counts(settings, command, output, urls):
    came(settings, run(command, output))
    assert [url for (url,) in rows(settings, "SELECT url FROM session_pull")] == urls


@pytest.mark.parametrize(("moved", "commits"), [("/tmp/try", 0), ("/home/dev/demo/sub", 1)])
def test_a_folder_that_the_shell_stays_in_is_where_the_next_call_commits(settings, moved, commits):
    t = session(("say", "Try it"), run(f"mkdir -p {moved} && cd {moved} && git init"))
    t.common["cwd"] = moved
    t.call("Bash", {"command": "git commit -m x"}, message_id="msg_c", use="toolu_c")
    t.result(LINE, use="toolu_c")
    t.answer("msg_d")
    kept(settings, t)
    assert rows(settings, "SELECT commits FROM session") == [(commits,)]
