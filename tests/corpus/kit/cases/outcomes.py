"""What came of a session: each way of committing and of failing to, each forge, each kind of check, each outcome."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import A, B, Record, bash, call

PRINTED = "[main 1a2b3c4] Say why\n 1 file changed, 2 insertions(+)"
EDIT = call("Edit", "edit", file_path="/home/dev/demo/a.py", old_string="a", new_string="b")
NOTHING = {"commits": 0, "commits_unconfirmed": 0, "pull_requests": 0, "checks": 0, "checks_failed": 0}


class Run(NamedTuple):
    """A session of one shell command. told: the client's `toolUseResult`; error: the result is one."""

    name: str
    about: str
    command: str
    output: str
    expected: dict[str, Any]
    told: Any = None
    error: bool = False


def shipped(commits: int = 1, **more: Any) -> dict[str, Any]:
    """The values of a session that committed."""
    return {"outcome": "shipped", "commits": commits, **more}


def explored(**more: Any) -> dict[str, Any]:
    """The values of a session in which nothing was edited or committed."""
    return {"outcome": "explored", **more}


def checked(failed: int = 0, runs: int = 1) -> dict[str, Any]:
    """The values of a session that only ran checks."""
    return explored(checks=runs, checks_failed=failed)


def opened(url: str) -> str:
    """What a forge's tool prints, another request's address first."""
    return f"Creating a request, see https://forge.example/acme/demo/pull/1 too\n{url}"


_HEREDOC = "git commit -m \"$(cat <<'EOF'\nfeat: it's (done)\n\nwith \"quotes\" and git commit -m no\nEOF\n)\""
_CREATED = {"stdout": "", "gitOperation": {"pr": {"number": 7, "url": "https://github.com/acme/demo/pull/7", "action": "created"}}}
_MERGED = {"stdout": "", "gitOperation": {"pr": {"number": 7, "url": "https://github.com/acme/demo/pull/7", "action": "merged"}}}
_REPORTED = {"stdout": "", "gitOperation": {"commit": {"sha": "1a2b3c4", "kind": "committed"}}}

RUNS = (
    Run("commit-printed", "git printed its line.", "git commit -m 'Say why'", PRINTED, shipped()),
    Run("commit-reported", "The client recorded a commit that git did not print.", "git commit -q -m x", "", shipped(), told=_REPORTED),
    Run("commit-quiet", "A quiet commit of which nobody said a sha is unconfirmed.", "git commit -qm x", "", explored(commits_unconfirmed=1)),
    Run("commit-after-cd", "cd and && before the commit.", "cd sub && git add -A && git commit -m x", PRINTED, shipped()),
    Run("commit-elsewhere", "git -C names another folder.", "git -C ../other -c user.name=dev commit -am x", PRINTED, shipped()),
    Run("commit-heredoc", "The message is a heredoc that speaks of commits.", _HEREDOC, PRINTED, shipped()),
    Run("commit-in-a-shell", "A shell in a shell commits.", "bash -lc 'cd sub; git commit -m x'", PRINTED, shipped()),
    Run("commit-in-a-subshell", "Parentheses, an assignment and a wrapper.", "(cd sub && GIT_EDITOR=true timeout 9 git commit)", PRINTED, shipped()),
    Run("commit-root", "The first commit of a repository.", "git commit -m x", "[main (root-commit) 1a2b3c4] x", shipped()),
    Run("commit-detached", "On no branch.", "git commit -m x", "[detached HEAD 1a2b3c4] x", shipped()),
    Run("commit-amended", "An amended commit is one.", "git commit --amend --no-edit", PRINTED, shipped()),
    Run("commit-twice", "Two commits of one call.", "git commit -m a; git commit -m b", PRINTED + "\n[main 9f8e7d6] b", shipped(2)),
    Run("commit-then-failure", "git printed its line, a later command failed.", "git commit -m x && npm run nothing", PRINTED + "\nnpm error",
        shipped(), error=True),
    Run("commit-nothing", "Nothing to commit.", "git commit -m x", "nothing to commit, working tree clean", explored(), error=True),
    Run("commit-refused-by-a-hook", "A hook refused it.", "git commit -m x", "husky - pre-commit script failed (code 1)", explored(), error=True),
    Run("commit-dry", "A dry run is none.", "git commit --dry-run", "On branch main", explored()),
    Run("commit-echoed", "Echoed words are none, git's own line in a file neither.", "echo 'git commit -m x'; cat log.txt", PRINTED, explored()),
    Run("commit-in-a-heredoc", "Written into a script, not run.", "cat > c.sh <<'EOF'\ngit commit -m x\nEOF", "", explored()),
    Run("commit-commented", "In a comment.", "# git commit -m x\nls", "a.py", explored()),
    Run("commit-picked", "A cherry-pick ships, and is no commit of the session's own.", "git cherry-pick 1a2b3c4", PRINTED, shipped(0)),
    Run("commit-reported-by-a-script", "The client recorded what a script did.", "./release.sh", "", shipped(), told=_REPORTED),
    Run("commit-in-powershell-words", "An escaped quote in double quotes.", 'git commit -m "say \\"why\\"; git push"', PRINTED, shipped()),
    Run("push-refused", "A push that the remote refused, behind a pipe.", "git push 2>&1 | tail -5",
        " ! [rejected] main -> main (fetch first)\nerror: failed to push some refs", explored()),
    Run("push-deletes", "A push that only deletes a branch.", "git push origin --delete old", "- [deleted] old", explored()),
    Run("push-nothing-new", "Everything was there already.", "git push", "Everything up-to-date", explored()),
    Run("push-after-a-shift", "Arithmetic with << is no heredoc.", "x=$((1<<20))\ngit push", "main -> main", {"outcome": "shipped"}),
    Run("push-in-a-quoted-heredoc", "A heredoc whose mark has a space.", "cat <<'END OF' > x\ngit push\nEND OF", "", explored()),
    Run("request-exists", "There is one already.", "gh pr create --fill 2>&1 | tail -3",
        "a pull request for branch x already exists:\nhttps://github.com/acme/demo/pull/3", explored()),
    Run("request-by-api", "gh api with fields is a POST.", "gh api repos/acme/demo/pulls -f title=x -f head=y",
        '{"url":"https://api.github.com/repos/acme/demo/pulls/7","html_url":"https://github.com/acme/demo/pull/7"}', shipped(0, pull_requests=1)),
    Run("check-threshold", "All tests passed and the coverage was too low: its own exit says so.", "pytest --cov-fail-under=90",
        "3 passed in 0.1s\nFAIL Required test coverage of 90% not reached", checked(1), error=True),
    Run("check-modules", "Each module says its own sum.", "mvn test -fae",
        "Tests run: 4, Failures: 2, Errors: 0, Skipped: 0\nTests run: 3, Failures: 0, Errors: 0, Skipped: 0\nBUILD FAILURE", checked(1), error=True),
    Run("check-mended", "What a linter mended itself is no failure.", "ruff check --fix", "Found 3 errors (3 fixed, 0 remaining).", checked()),
    Run("check-expected-failures", "Expected failures are none.", "python -m unittest", "Ran 3 tests in 0.1s\n\nOK (expected failures=2)", checked()),
    Run("check-never-begun", "The folder is not there, so the check did not run.", "cd nosuch && pytest",
        "bash: line 1: cd: nosuch: No such file or directory", explored(), error=True),
    Run("check-asked-where", "Asking where a runner is runs nothing.", "command -v pytest; mypy --version", "/usr/bin/pytest", explored()),
    Run("check-tap", "Lines of the test anything protocol.", "bats test | tail -5", "1..2\nok 1 a\nnot ok 2 b", checked(1)),
    Run("pushed", "A push ships what was committed elsewhere.", "git push -u origin main", "main -> main", {"outcome": "shipped", "commits": 0}),
    Run("push-dry", "A dry push ships nothing.", "git push --dry-run", "main -> main", explored()),
    Run("request-github", "gh opens a pull request; the last address is the new one.", "gh pr create --fill",
        opened("https://github.com/acme/demo/pull/7"), shipped(0, pull_requests=1)),
    Run("request-enterprise", "The same on a host of one's own.", "cd x && gh pr create -t a -b b",
        opened("https://git.acme.example/tools/demo/pull/7"), shipped(0, pull_requests=1)),
    Run("request-gitlab", "glab opens a merge request.", "glab mr create --fill",
        opened("https://gitlab.com/acme/team/demo/-/merge_requests/7"), shipped(0, pull_requests=1)),
    Run("request-gitlab-by-push", "A push option opens one; the push ships too.", "git push -o merge_request.create",
        opened("https://gitlab.example/acme/demo/-/merge_requests/7"), shipped(0, pull_requests=1)),
    Run("request-bitbucket", "bb opens a pull request.", "bb pr create",
        opened("https://bitbucket.org/acme/demo/pull-requests/7"), shipped(0, pull_requests=1)),
    Run("request-azure", "az opens a pull request.", "az repos pr create",
        opened("https://dev.azure.com/acme/_git/demo/pullrequest/7"), shipped(0, pull_requests=1)),
    Run("request-gitea", "tea opens a pull request.", "tea pr create",
        opened("https://codeberg.org/acme/demo/pulls/7"), shipped(0, pull_requests=1)),
    Run("request-reported", "The client recorded it.", "gh pr create --fill", "", shipped(0, pull_requests=1), told=_CREATED),
    Run("request-merged", "A merged request was not created here.", "gh pr merge 7", "Merged", explored(), told=_MERGED),
    Run("request-viewed", "An address that is only read is none.", "gh pr view 7", "https://github.com/acme/demo/pull/7", explored()),
    Run("request-failed", "The forge refused it.", "gh pr create --fill", "already exists: https://github.com/acme/demo/pull/7", explored(), error=True),
    Run("check-python", "pytest behind a pipe: the counts are believed, not the exit of tail.", "uv run pytest 2>&1 | tail -5",
        "==== 1 failed, 2 passed in 0.10s ====", checked(1)),
    Run("check-javascript", "jest through npm.", "npm test", "Tests:       5 passed, 5 total", checked()),
    Run("check-vitest", "vitest through npx.", "npx vitest run", " Tests  2 failed | 6 passed (8)", checked(1)),
    Run("check-rust", "cargo prints a line for each target.", "cargo test",
        "test result: ok. 2 passed; 0 failed;\ntest result: FAILED. 3 passed; 1 failed;", checked(1), error=True),
    Run("check-go", "go test says FAIL.", "go test ./...", "--- FAIL: TestX (0.00s)\nFAIL\tacme/x", checked(1), error=True),
    Run("check-maven", "The wrapper script of maven.", "./mvnw -q test", "Tests run: 5, Failures: 0, Errors: 0, Skipped: 0", checked()),
    Run("check-gradle", "The wrapper script of gradle.", "./gradlew test", "10 tests completed, 2 failed", checked(1), error=True),
    Run("check-dotnet", "dotnet test.", "dotnet test", "Passed!  - Failed:     0, Passed:     9, Skipped: 0", checked()),
    Run("check-ruby", "rspec through bundle.", "bundle exec rspec", "7 examples, 2 failures", checked(1), error=True),
    Run("check-php", "phpunit.", "vendor/bin/phpunit", "OK (8 tests, 12 assertions)", checked()),
    Run("check-elixir", "mix.", "mix test", "6 tests, 0 failures", checked()),
    Run("check-swift", "swift.", "swift test", "Executed 3 tests, with 0 failures (0 unexpected)", checked()),
    Run("check-build", "A build that failed.", "cargo build", "error: could not compile `demo`", checked(1), error=True),
    Run("check-lint", "A linter and what follows it.", "ruff check . && echo ok", "All checks passed!\nok", checked()),
    Run("check-masked", "`|| true` hides the exit and nothing was printed: no verdict, so no failure.", "make test || true", "", checked()),
    Run("check-not-found", "A runner that is not there did not run.", "pytest", "Exit code 127\nbash: pytest: command not found", explored(), error=True),
    Run("check-mentioned", "Looking at a check's settings is no check.", "cat pytest.ini; npm install", "[pytest]", explored()),
)  # fmt: skip


def _of_run(run: Run) -> None:
    @case(f"outcome-{run.name}", run.about, "O")
    def build(s: Story) -> Want:
        f = s.session()
        f.typed("Go on.")
        f.reply(bash("1", run.command), stop="tool_use")
        f.result("1", run.output, error=run.error, told=run.told)
        f.reply()
        return want(sessions={A: NOTHING | run.expected})


for _run in RUNS:
    _of_run(_run)


@case("outcome-check-in-the-background", "A check that goes on in the background has no verdict yet.", "O")
def in_the_background(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(bash("1", "pytest"), stop="tool_use")
    f.result("1", "Command running in background with ID: b1", told={"stdout": "", "backgroundTaskId": "b1"})
    f.reply()
    f.reply(EDIT, stop="tool_use")
    f.result("edit")
    f.reply()
    return want(
        sessions={A: NOTHING | {"outcome": "delivered", "checks": 1, "checks_failed": 0}},
        practices={"verification": {"possible": 1, "seen": 0}},
    )


@case("outcome-edited-by-shell", "What a shell command changed, as the client recorded it, is an edit.", "O")
def by_shell(s: Story) -> Want:
    hunk = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}
    told = {"stdout": "", "bashEditDiff": {"files": [{"filePath": "/home/dev/demo/a.py", "hunks": [hunk]}]}}
    f = s.session()
    f.typed()
    f.reply(bash("1", "sed -i s/a/b/ a.py"), stop="tool_use")
    f.result("1", "", told=told)
    f.reply()
    return want(
        sessions={A: NOTHING | {"outcome": "delivered", "files_edited": 1, "lines_added": 1, "lines_removed": 1, "edits_landed": 0}},
        practices={"verification": {"possible": 1, "seen": 0}},
    )


@case("outcome-many-files-by-shell", "A command that changed more files than are kept.", "O")
def many_files(s: Story) -> Want:
    files = [{"filePath": f"/home/dev/demo/source/of/a/long/name/{n:03d}.ts", "hunks": []} for n in range(400)]
    f = s.session()
    f.typed()
    f.reply(bash("1", "prettier -w ."), stop="tool_use")
    f.result("1", "", told={"stdout": "", "bashEditDiff": {"files": files}})
    f.reply()
    return want(sessions={A: NOTHING | {"outcome": "delivered"}})


@case("outcome-shell-input-last", "A command that the person ran needs no answer.", "O")
def shell_input_last(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.typed("<bash-input>git status</bash-input>")
    f.user("<bash-stdout>clean</bash-stdout><bash-stderr></bash-stderr>")
    return want(sessions={A: NOTHING | {"outcome": "explored"}})


@case("outcome-commit-in-a-long-output", "git's line in the part of an output that is not kept.", "O")
def long_output(s: Story) -> Want:
    noise = "\n".join(f"warning: in the working copy of 'file{n}.txt', LF will be replaced by CRLF" for n in range(40))
    more = "\n".join(f" create mode 100644 folder/of/generated/files/number{n}.txt" for n in range(90))
    f = s.session()
    f.typed()
    f.reply(bash("1", "git add -A && git commit -m x"), stop="tool_use")
    f.result("1", f"{noise}\n{PRINTED}\n{more}")
    f.reply()
    return want(sessions={A: NOTHING | {"outcome": "shipped", "commits": 1}})


@case("outcome-fork-repeats-an-interruption", "A fork copies an interruption and plan mode: only the first session shows them.", "O", "P")
def fork_repeats(s: Story) -> Want:
    f = s.session()
    f.typed("Plan it.", permissionMode="plan")
    for n in range(6):
        f.reply(call("Read", str(n), file_path=f"/home/dev/demo/{n}.py"), stop="tool_use")
        f.result(str(n))
    f.user("[Request interrupted by user]")
    f.typed("Rather look into the parser, please, and say what you find.")
    f.reply()
    s.clock.wait(60)
    g = s.session(B)
    g.copy(f.records)
    g.turn("And now something else.")
    return want(practices={"planning": {"seen": 1}, "steering": {"seen": 1}}, sessions={B: {"prompts": 1}})


@case("outcome-delivered", "An edit that took place and was not committed.", "O")
def delivered(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(EDIT, stop="tool_use")
    f.result("edit")
    f.reply()
    return want(sessions={A: NOTHING | {"outcome": "delivered", "edits_proposed": 1, "edits_landed": 1, "files_edited": 1}})


@case("outcome-refused", "The only edit was refused: nothing came of it.", "O")
def refused(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(EDIT, stop="tool_use")
    f.result("edit", "The user doesn't want to proceed with this tool use.", error=True, toolDenialKind="user-rejected")
    f.user("[Request interrupted by user for tool use]")
    return want(sessions={A: NOTHING | {"outcome": "abandoned", "edits_proposed": 1, "edits_landed": 0, "files_edited": 0}})


@case("outcome-unanswered", "The last prompt has no answer.", "O")
def unanswered(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.typed("And now?")
    return want(sessions={A: NOTHING | {"outcome": "abandoned"}})


@case("outcome-errored", "The last thing is an error of the API.", "O")
def errored(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.typed("And now?")
    f.failure()
    return want(sessions={A: NOTHING | {"outcome": "errored"}})


@case("outcome-error-overcome", "An error of the API after which an answer came.", "O")
def overcome(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.failure()
    f.reply()
    return want(sessions={A: NOTHING | {"outcome": "explored"}})


@case("outcome-changed-before-accepting", "The person changed an edit before accepting it.", "O")
def changed(s: Story) -> Want:
    told: Record = {"filePath": "/home/dev/demo/a.py", "oldString": "a", "newString": "c", "userModified": True,
                    "structuredPatch": [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 2, "lines": ["-a", "+c", "+d"]}]}  # fmt: skip
    f = s.session()
    f.typed()
    f.reply(EDIT, stop="tool_use")
    f.result("edit", told=told)
    f.reply()
    return want(
        sessions={A: NOTHING | {"outcome": "delivered", "edits_landed": 1, "edits_changed_by_user": 1, "lines_added": 2, "lines_removed": 1}}
    )


@case("outcome-by-a-subagent", "What a subagent edits and commits is the session's.", "O")
def by_a_subagent(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.reply(call("Agent", "1", description="Do it", prompt="Do it.", subagent_type="general-purpose"), stop="tool_use")
    g = s.subagent(f, "abc123")
    g.user("Do it.")
    g.reply(EDIT, stop="tool_use")
    g.result("edit")
    g.reply(bash("c", "git commit -am x"), stop="tool_use")
    g.result("c", PRINTED)
    g.reply()
    f.result("1", "Done.")
    f.reply()
    return want(sessions={A: NOTHING | {"outcome": "shipped", "commits": 1, "edits_landed": 1}})
