"""Commits, pull requests and checks, told from the command, its output and what the client
recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.outcomes.addresses import same_address
from accrete.outcomes.checks import checks_of
from accrete.outcomes.commits import commit_commands, commits_of
from accrete.outcomes.pulls import creates, pulls_of, tool_creates
from accrete.outcomes.pushes import push_commands
from accrete.outcomes.runners import RUNNERS, runner_of
from accrete.outcomes.shell import commands
from accrete.outcomes.tasks import TASKS

PRINTED = "[main 1a2b3c4] Say why\n 1 file changed, 2 insertions(+)\n"


def commits(
    command: str, output: str = PRINTED, *, ok: bool = True, told: dict | None = None
) -> list[tuple]:
    found = commits_of(commit_commands(commands(command)), ok=ok, output=output, told=told or {})
    return [(commit.sha, commit.confidence) for commit in found]


@pytest.mark.parametrize(
    "command",
    [
        "git commit -m 'Say why'",
        "cd sub && git commit -m x",
        "git add -A && git commit -m x && git push",
        "git -C ../other commit -m x",
        "git -c user.name=dev commit -am x",
        "git --no-pager commit -m x",
        "/usr/bin/git commit -m x",
        "GIT_EDITOR=true git commit",
        "sudo -u dev git commit -m x",
        "timeout 30 git commit -m x",
        "bash -lc 'cd sub; git commit -m x'",
        "(cd sub && git commit -m x)",
        "if git diff --quiet; then echo same; else git commit -m x; fi",
        "git commit -F - <<'EOF'\nSay why\n\ngit push\nEOF",
        'git commit -m "$(cat <<\'EOF\'\nfeat: it\'s (done)\n\nwith "quotes"\nEOF\n)"',
        'out=$(git commit -m x); echo "$out"',
        "git commit --amend --no-edit",
        "git commit \\\n  -m x",
        "! git commit -m x",
    ],
)
def test_a_commit_that_git_printed_is_seen_however_it_was_asked_for(command):
    assert commits(command) == [("1a2b3c4", "printed")]


@pytest.mark.parametrize(
    "command",
    [
        "echo 'git commit -m x'",
        'printf "git commit"',
        "git commit --dry-run",
        "git commit --help",
        "# git commit -m x",
        "cat > notes <<EOF\ngit commit -m x\nEOF",
        "git log --grep 'git commit'",
        "git commit-tree abc",
        "grep -rn 'git commit' .",
        "git rebase -i HEAD~2",
        "git cherry-pick 1a2b3c4",
        "alias gc='git commit'",
        "git",
        "git --no-pager",
        "git -C /home/dev/demo",
        "git -c",
    ],
)
def test_what_only_speaks_of_a_commit_is_none(command):
    assert commits(command) == []


def test_a_failed_commit_is_none_but_a_printed_one_counts_when_a_later_command_failed():
    assert commits("git commit -m x", "nothing to commit, working tree clean", ok=False) == []
    assert commits("git commit -m x && npm test", PRINTED + "1 failing", ok=False) == [
        ("1a2b3c4", "printed")
    ]


def test_a_quiet_commit_stays_unconfirmed():
    assert commits("git commit -qm x", "") == [(None, "unconfirmed")]


def test_what_the_client_recorded_goes_before_what_was_printed():
    told = {"git": {"commit": {"sha": "1a2b3c4d5e6f", "kind": "committed"}}}
    assert commits("git commit -m x", PRINTED, told=told) == [("1a2b3c4d5e6f", "reported")]


def test_two_commits_of_one_call_are_two():
    both = PRINTED + "[main 9f8e7d6] And then\n"
    assert commits("git commit -m a; git commit -m b", both) == [
        ("1a2b3c4", "printed"),
        ("9f8e7d6", "printed"),
    ]


@pytest.mark.parametrize(
    ("line", "branch", "sha"),
    [
        ("[main (root-commit) 1a2b3c4] Begin", "main", "1a2b3c4"),
        ("[detached HEAD 1a2b3c4] x", None, "1a2b3c4"),
        ("[fix/login-2 1a2b3c4d5] x", "fix/login-2", "1a2b3c4d5"),
    ],
)
def test_the_line_that_git_prints_is_read(line, branch, sha):
    (found,) = commits_of([("-m", "x")], ok=True, output=line, told={})
    assert (found.branch, found.sha) == (branch, sha)


def test_a_push_is_seen_and_a_dry_one_is_not():
    assert push_commands(commands("git push -u origin main"))
    assert not push_commands(commands("git push --dry-run"))


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("gh pr create --fill", "https://github.com/acme/demo/pull/7"),
        ("cd x && gh pr create -t a -b b", "https://git.acme.example/tools/demo/pull/7"),
        (
            "gh api repos/acme/demo/pulls --method POST -f title=x",
            "https://github.com/acme/demo/pull/7",
        ),
        ("gh api -X POST repos/acme/demo/pulls < new.json", "https://github.com/acme/demo/pull/7"),
        ("gh api --method=post repos/acme/demo/pulls", "https://github.com/acme/demo/pull/7"),
        ("gh api repos/acme/demo/pulls --field=title=x", "https://github.com/acme/demo/pull/7"),
        ("gh api repos/acme/demo/pulls -F title=x", "https://github.com/acme/demo/pull/7"),
        ("glab mr create --fill", "https://gitlab.com/acme/team/demo/-/merge_requests/7"),
        ("git push -o merge_request.create", "https://gitlab.example/acme/demo/-/merge_requests/7"),
        ("az repos pr create", "https://dev.azure.com/acme/_git/demo/pullrequest/7"),
        ("bb pr create", "https://bitbucket.org/acme/demo/pull-requests/7"),
        ("tea pr create", "https://codeberg.org/acme/demo/pulls/7"),
    ],
)
def test_a_pull_request_is_seen_on_every_forge(command, url):
    (found,) = pulls_of(
        creates(commands(command)),
        ok=True,
        output=f"Creating…\nsee https://x.example/pull/1 too\n{url}\n",
        told={},
    )
    assert (found.url, found.number) == (url, 7)


@pytest.mark.parametrize(
    "command",
    [
        "gh pr view 7",
        "gh pr create --web",
        "echo 'gh pr create'",
        "gh pr list",
        "gh api repos/acme/demo/pulls",
        "gh api -X GET repos/acme/demo/pulls -f state=open",
        "gh api --method=GET repos/acme/demo/pulls --field=state=open",
        "gh api repos/acme/demo/pulls/7 -f title=x",
    ],
)
def test_a_pull_request_that_is_only_mentioned_is_none(command):
    assert (
        pulls_of(
            creates(commands(command)),
            ok=True,
            output="https://github.com/acme/demo/pull/7",
            told={},
        )
        == []
    )


def test_a_pull_request_counts_by_the_clients_record_and_not_when_creating_it_failed():
    told = {
        "git": {
            "pr": {"number": 7, "url": "https://github.com/acme/demo/pull/7", "action": "created"}
        }
    }
    assert [pull.repository for pull in pulls_of(True, ok=True, output="", told=told)] == [
        "acme/demo"
    ]
    assert (
        pulls_of(
            True, ok=False, output="already exists: https://github.com/acme/demo/pull/7", told={}
        )
        == []
    )
    told["git"]["pr"]["action"] = "merged"
    assert pulls_of(False, ok=True, output="", told=told) == []


def test_addresses_are_compared_without_scheme_and_case_of_the_host():
    assert same_address("http://GitHub.com/Acme/x/pull/1/") == same_address(
        "https://github.com/Acme/x/pull/1"
    )
    assert tool_creates("mcp__github__create_pull_request")
    assert not tool_creates("mcp__github__get_pull_request")


@pytest.mark.parametrize(
    ("command", "status", "output", "expected"),
    [
        ("pytest -q", "ok", "3 passed in 0.10s", ("test", "pytest", "passed", 3, 0)),
        ("uv run pytest -x 2>&1 | tail -5", "ok", "==== 1 failed, 2 passed in 0.10s ====",
         ("test", "pytest", "failed", 2, 1)),
        ("python3 -m unittest", "error", "Ran 4 tests in 0.1s\n\nFAILED (failures=1, errors=1)",
         ("test", "unittest", "failed", 2, 2)),
        ("npm test", "ok", "Tests:       1 failed, 5 passed, 6 total",
         ("test", "npm", "failed", 5, 1)),
        ("npx vitest run", "ok", " Tests  2 failed | 6 passed (8)",
         ("test", "vitest", "failed", 6, 2)),
        ("pnpm --filter web test", "ok", "Tests:       5 passed, 5 total",
         ("test", "npm", "passed", 5, 0)),
        ("npx mocha || true", "ok", "  4 passing (1s)\n  1 failing",
         ("test", "mocha", "failed", 4, 1)),
        ("npx mocha", "error", "  4 passing (1s)\n  1 failing", ("test", "mocha", "failed", 4, 1)),
        ("bun test", "ok", " 12 pass\n 0 fail\n", ("test", "bun", "passed", 12, 0)),
        ("node --test", "ok", "# tests 3\n# pass 3\n# fail 0", ("test", "node", "passed", 3, 0)),
        ("cargo test", "ok", "test result: ok. 2 passed; 0 failed;\n"
                             "test result: ok. 3 passed; 0 "
                             "failed;", ("test", "cargo", "passed", 5, 0)),
        ("go test ./...", "error", "--- FAIL: TestX (0.00s)\nFAIL\tacme/x",
         ("test", "go", "failed", None, None)),
        ("./mvnw -q test", "error", "Tests run: 5, Failures: 1, Errors: 1, Skipped: 0",
         ("test", "maven", "failed", 3, 2)),
        ("./gradlew test", "error", "10 tests completed, 2 failed",
         ("test", "gradle", "failed", 8, 2)),
        ("dotnet test", "ok", "Passed!  - Failed:     0, Passed:     9, Skipped: 0",
         ("test", "dotnet", "passed", 9, 0)),
        ("bundle exec rspec", "error", "7 examples, 2 failures", ("test", "rspec", "failed", 5, 2)),
        ("vendor/bin/phpunit", "ok", "OK (8 tests, 12 assertions)",
         ("test", "phpunit", "passed", 8, 0)),
        ("mix test", "error", "6 tests, 1 failures", ("test", "mix", "failed", 5, 1)),
        ("swift test", "ok", "Executed 3 tests, with 0 failures (0 unexpected)",
         ("test", "swift", "passed", 3, 0)),
        ("ctest", "error", "50% tests passed, 2 tests failed out of 4",
         ("test", "ctest", "failed", 2, 2)),
        ("make -C sub test", "ok", "", ("test", "make", "passed", None, None)),
        ("cargo build", "error", "error: could not compile `demo`",
         ("build", "cargo", "failed", None, None)),
        ("npm run build", "ok", "✓ built in 2s", ("build", "npm", "passed", None, None)),
        ("ruff check . && echo ok", "ok", "All checks passed!",
         ("lint", "ruff", "passed", None, None)),
        ("npx tsc --noEmit | head", "ok", "a.ts(1,2): error TS2304: no",
         ("lint", "tsc", "failed", None, None)),
        ("npx eslint src | tail -3", "ok", "", ("lint", "eslint", "unknown", None, None)),
        ("mypy .", "error", "Found 2 errors in 1 file", ("lint", "mypy", "failed", None, None)),
        ("rubocop", "ok", "3 files inspected, no offenses detected",
         ("lint", "rubocop", "passed", None, None)),
        ("pytest", "interrupted", "", ("test", "pytest", "unknown", None, None)),
        ("a && pytest", "error", "", ("test", "pytest", "unknown", None, None)),
    ],
)  # fmt: skip
def test_a_check_has_one_verdict_by_counts_else_by_its_own_exit(command, status, output, expected):
    found = checks_of(commands(command), status=status, output=output)
    assert [tuple(check) for check in found] == [expected]


@pytest.mark.parametrize(
    "command",
    [
        "pytest --version",
        "pytest --collect-only",
        "cat pytest.ini",
        "npm install",
        "echo pytest",
        "git log",
        "make clean",
        "ls tests",
    ],
)
def test_what_runs_no_check_is_none(command):
    assert [
        runner_of(simple.words) for simple in commands(command) if runner_of(simple.words)
    ] == []


def test_a_runner_that_was_not_found_did_not_run():
    assert (
        checks_of(
            commands("pytest"),
            status="error",
            output="Exit code 127\nbash: pytest: command not found",
        )
        == []
    )


LETTERS = "git comit-m\"'$()`\\\n;&|<>EOF#{}bc ="
"""Letters of commits and of the shell; none of a check: neither `s` of tests nor `/` of scripts.
Only behind the `\\` of a Windows path is `ci` a script."""


@pytest.mark.long
@given(st.text(alphabet=st.sampled_from(f"{LETTERS}/"), max_size=80))
def test_no_text_makes_the_shell_reader_raise(text):
    found = commands(text)
    assert all(simple.words for simple in found)
    assert len(commit_commands(found)) <= len(found)
    checks_of(found, status="ok", output=text)


def test_no_check_can_be_written_with_the_letters_of_commits():
    assert [each.words for each in RUNNERS if set(each.words) <= set(LETTERS)] == []
    assert [name for name in TASKS if set(name) <= set(LETTERS)] == []


@pytest.mark.long
@given(st.text(alphabet=st.sampled_from(LETTERS), max_size=80))
def test_a_text_of_the_letters_of_commits_is_no_check(text):
    plain = [each for each in commands(text) if not any("\\" in word for word in each.words)]
    assert checks_of(plain, status="ok", output=text) == []
