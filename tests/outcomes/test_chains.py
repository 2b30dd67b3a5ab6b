"""Several checks in one call: which ran, and what each one's verdict is, by what was printed and by
the exit status."""

from __future__ import annotations

import pytest

from accrete.outcomes.chains import exit_verdict
from accrete.outcomes.checks import checks_of
from accrete.outcomes.shell import commands

ESLINT = (
    "/home/dev/demo/a.js\n  1:1  error  x is not defined  no-undef\n\n"
    "✖ 1 problem (1 error, 0 warnings)"
)
JEST = "Tests:       12 passed, 12 total"
TSC = "src/a.ts(3,1): error TS2304: Cannot find name 'x'."
VET = "cache/file.go:198:13: possible misuse of unsafe.Pointer"
BUN_FAILED = 'error: script "typecheck" exited with code 2'
TEX = "This is pdfTeX, Version 3.141592653\nOutput written on paper.pdf (2 pages)."


def of(command: str, output: str = "", status: str = "ok") -> list[str]:
    """`runner: verdict` of each check of a call, with the number that passed where it is known."""
    found = checks_of(commands(command), status=status, output=output)
    return [
        f"{each.runner}: {each.verdict}" + f" {each.passed}" * (each.passed is not None)
        for each in found
    ]


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        ("npm run lint && npm test", f"> lint\n> eslint .\n\n> test\n> jest\n\n{JEST}",
         ["npm: passed", "npm: passed 12"]),
        ("ruff check . && mypy . && pytest -q",
         "All checks passed!\nSuccess: no issues found in 3 source files\n12 passed in 0.3s",
         ["ruff: passed", "mypy: passed", "pytest: passed 12"]),
        ("pytest a && pytest b", "3 passed in 0.3s\n4 passed in 0.2s",
         ["pytest: passed 3", "pytest: passed 4"]),
        ("go build ./... && go test ./... | tail -5", "ok  \tacme/x\t0.1s",
         ["go: passed", "go: passed"]),
        ("go vet ./... && go test ./... | tail -5", "", ["go: passed", "go: unknown"]),
        ("vale README.md | tail -3 && markdownlint '*.md' | tail -2",
         "✖ 0 errors and 2 warnings in 1 file.\nSummary: 0 error(s)",
         ["vale: passed", "markdownlint: passed"]),
    ],
)  # fmt: skip
def test_of_a_chain_that_ended_well_each_check_passed(command, output, found):
    assert of(command, output) == found


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        ("npm run lint && npm test", f"> lint\n> eslint .\n\n{ESLINT}", ["npm: failed"]),
        ("npm test && npm run lint",
         f"> test\n> jest\n\n{JEST}\n\n> lint\n> eslint .\n\n{ESLINT}",
         ["npm: passed 12", "npm: failed"]),
        ("npx tsc --noEmit && npx vitest run", TSC, ["tsc: failed"]),
        ("npx tsc --noEmit && npx eslint .", ESLINT, ["tsc: passed", "eslint: failed"]),
        ("ruff check . && mypy . && pytest -q", "F401 unused\nFound 1 error.", ["ruff: failed"]),
        ("ruff check . && mypy . && pytest -q",
         "All checks passed!\nFound 2 errors in 1 file (checked 3 source files)",
         ["ruff: passed", "mypy: failed"]),
        ("pytest -q && ruff check .", "1 failed, 3 passed in 0.3s", ["pytest: failed 3"]),
        ("pytest a && pytest b", "1 failed, 4 passed in 0.2s", ["pytest: failed 4"]),
        ("pytest a && pytest b", "3 passed in 0.3s\n1 failed, 4 passed in 0.2s",
         ["pytest: passed 3", "pytest: failed 4"]),
        ("go build ./... && go vet ./... && go test ./...", VET, ["go: passed", "go: failed"]),
        ("go build ./... && go vet ./...", "# acme/x\na.go:1:2: undefined: z", ["go: failed"]),
        ("go build ./... && echo built && go test ./...", "built\nFAIL\tacme/x\t0.1s",
         ["go: passed", "go: failed"]),
        ("go build ./... && echo -e '== tests ==' && go test ./...", "== tests ==",
         ["go: passed", "go: failed"]),
        ("go build ./... && echo '== tests ==' && go test ./...", "", ["go: failed"]),
        ("make lint && make test", "ruff check .\nFound 3 errors.\nmake: *** [lint] Error 1",
         ["make: failed"]),
        ("make lint && make test", "make: *** [Makefile:3: test] Error 1",
         ["make: passed", "make: failed"]),
        ("bun run test && bun run lint && bun run typecheck",
         "$ bun test\n 9 pass\n 0 fail\n$ biome check\n"
         f"Checked 28 files in 9ms. No fixes applied.\n$ tsc --noEmit\n{TSC}\n" + BUN_FAILED,
         ["bun: passed 9", "bun: passed", "bun: failed"]),
        ("bun run test && bun run lint",
         '$ bun test\n 8 pass\n 1 fail\nerror: script "test" exited with code 1',
         ["bun: failed 8"]),
        ("pdflatex a && pdflatex a && echo compiled", TEX, ["latex: failed"]),
        ("bibtex a && pdflatex a && pdflatex a", "This is BibTeX, Version 0.99d\n" + TEX,
         ["latex: failed"]),
        ("pdflatex a && bibtex a && pdflatex a", TEX, ["latex: unknown"]),
        ("pdflatex a && bibtex a && pdflatex a", TEX + "\nThis is BibTeX\n" + TEX,
         ["latex: passed", "latex: failed"]),
    ],
)  # fmt: skip
def test_of_a_chain_that_ended_in_an_error_the_first_unproven_link_failed_and_the_rest_did_not_run(
    command, output, found
):
    assert of(command, "Exit code 1\n" + output, "error") == found


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        ("tsc --noEmit && git commit -m x", "husky - pre-commit script failed (code 1)",
         ["tsc: unknown"]),
        ("pytest -q && git commit -m x",
         "3 passed in 0.3s\nhusky - pre-commit script failed (code 1)", ["pytest: passed 3"]),
        ("./prepare && pytest", "", ["pytest: unknown"]),
        ("./prepare && pytest -q", "1 failed in 0.3s", ["pytest: failed 0"]),
        ("tsc > log 2>&1 && grep error log", "", ["tsc: unknown"]),
        ("go build ./... || go vet ./...", "", ["go: unknown"]),
    ],
)  # fmt: skip
def test_where_something_else_may_have_failed_a_check_has_only_its_own_words(
    command, output, found
):
    assert of(command, "Exit code 1\n" + output, "error") == found


@pytest.mark.parametrize(
    ("command", "output", "status", "found"),
    [
        ("pytest -q; ruff check .", "1 failed, 3 passed in 0.3s\nAll checks passed!", "ok",
         ["pytest: failed 3", "ruff: passed"]),
        ("pytest -q; ruff check .", "3 passed in 0.3s\nFound 1 error.", "error",
         ["pytest: passed 3", "ruff: failed"]),
        ("ruff check . ; pytest -q", "Found 1 error.\n12 passed in 0.3s", "ok",
         ["ruff: failed", "pytest: passed 12"]),
        ("tsc --noEmit; pytest -q", "12 passed in 0.3s", "ok",
         ["tsc: unknown", "pytest: passed 12"]),
        ("tsc --noEmit; true", "", "ok", ["tsc: unknown"]),
        ("ruff check . && pytest -q; git status", "Found 1 error.\nOn branch main", "ok",
         ["ruff: failed"]),
        ("set -e\nruff check .\npytest -q", "F401\nFound 1 error.", "error", ["ruff: failed"]),
    ],
)  # fmt: skip
def test_of_commands_behind_one_another_only_the_last_has_the_exit_status(
    command, output, status, found
):
    assert of(command, output, status) == found


@pytest.mark.parametrize(
    ("command", "output", "status", "found"),
    [
        ("go build ./... && go test ./... 2>&1 | tail -9", "", "error", ["go: failed"]),
        ("go build ./... && go test ./... 2>&1 | tail -9", "", "ok", ["go: passed", "go: unknown"]),
        ("set -o pipefail; go build ./... && go test ./... | tail -9", "FAIL\tacme/x\t0.1s",
         "error", ["go: passed", "go: failed"]),
        ("make lint 2>&1 | tail -9 && make test", "", "ok", ["make: unknown", "make: passed"]),
        ("go build ./... && go test ./... | grep FAIL", "", "error",
         ["go: unknown", "go: unknown"]),
        ("go test ./... | tee log", "", "error", ["go: unknown"]),
    ],
)  # fmt: skip
def test_behind_a_pipe_into_tail_the_exit_status_is_that_of_what_stood_before(
    command, output, status, found
):
    assert of(command, output, status) == found


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        ("pnpm lint 2>&1 | tail -20", "\n> x@1.0.0 lint /home/dev/demo\n> eslint .\n",
         ["npm: passed"]),
        ("pnpm --filter web build | tail -5",
         "> @acme/web@0.1.0 build /home/dev/demo/web\n> vite build", ["npm: passed"]),
        ("bun run lint | tail", "$ eslint .\n", ["bun: passed"]),
        ("pnpm lint | tail", "> x@1.0.0 lint /home/dev/demo\n> eslint .\n"
                             " ELIFECYCLE  Command failed with exit code 1.", ["npm: failed"]),
        ("bun run lint | tail", '$ eslint .\nerror: script "lint" exited with code 1',
         ["bun: failed"]),
        ("pnpm lint | tail -1", "> eslint .", ["npm: unknown"]),
        ("pnpm lint | head", "> x@1.0.0 lint /home/dev/demo\n> eslint .\n", ["npm: unknown"]),
        ("bun run lint | grep -c error", "$ eslint .\n0", ["bun: unknown"]),
        ("npm run lint | tail", "> x@1.0.0 lint\n> eslint .\n", ["npm: unknown"]),
    ],
)  # fmt: skip
def test_a_script_whose_beginning_is_seen_and_no_failure_behind_it_passed(command, output, found):
    assert of(command, output) == found


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        ("npm run check", ["test"]),
        ("make lint", ["test"]),
        ("make lint && ls", ["test"]),
        ("make lint && make test", ["lint", "test"]),
        ("npm run check; npm run lint", ["lint", "lint"]),
        ("ruff check .", ["lint"]),
    ],
)
def test_a_script_that_ran_the_tests_is_a_test_only_where_it_is_the_only_check(command, kinds):
    assert [each.kind for each in checks_of(commands(command), status="ok", output=JEST)] == kinds


def test_a_setting_up_behind_or_does_not_take_the_words_of_the_check():
    assert of("ls styles || vale sync; vale README.md | tail", "✖ 2 errors in 1 file.") == [
        "vale: failed"
    ]


@pytest.mark.parametrize(
    ("command", "status", "verdict"),
    [
        ("cd x && python a.py", "error", "failed"),
        ("python a.py && echo done", "error", "failed"),
        ("python a.py && rm out", "error", "unknown"),
        ("./prepare && python a.py", "error", "unknown"),
        ("python a.py | head", "ok", "unknown"),
        ("python a.py && echo $(date)", "ok", "passed"),
        ("! python a.py", "ok", "unknown"),
    ],
)
def test_the_exit_status_alone_says_of_one_command(command, status, verdict):
    found = commands(command)
    place = next(n for n, simple in enumerate(found) if "a.py" in simple.words)
    assert exit_verdict(found, place, status) == verdict


@pytest.mark.parametrize(
    ("command", "status", "found"),
    [
        ("set -e; if pytest; then echo; fi", "ok", ["pytest: unknown"]),
        ("set -e; if ruff check; then echo; fi", "error", ["ruff: unknown"]),
        ("set -e; ruff check; if a; then echo; fi", "ok", ["ruff: passed"]),
        ("set -e; while mypy; do echo; done; echo", "ok", ["mypy: unknown"]),
    ],
)
def test_the_end_of_a_script_says_nothing_of_a_check_in_a_condition(command, status, found):
    assert of(command, "", status) == found
