"""The verdict of one check: by counts, its own exit status, or what a command behind it prints of
that; what never ran; what went on in the background."""

from __future__ import annotations

import pytest

from accrete.outcomes.checks import checks_of, settled
from accrete.outcomes.shell import commands

GREEN, RED = "3 passed in 0.1s", "1 failed, 2 passed in 0.1s"


def of(command: str, output: str, status: str | None, *, background: bool = False) -> list[str]:
    """`kind runner: verdict passed/failed` of each check."""
    found = checks_of(commands(command), status=status, output=output, background=background)
    return [
        f"{check.kind} {check.runner}: {check.verdict}"
        + f" {check.passed}/{check.failed}" * (check.passed is not None)
        for check in found
    ]


@pytest.mark.parametrize(
    ("command", "output", "status", "found"),
    [
        ("pytest; echo $?", "0", "ok", ["test pytest: passed"]),
        ("pytest; echo $?", "1", "ok", ["test pytest: failed"]),
        ("pytest; echo $?", "x\n12\n1", "ok", ["test pytest: failed"]),
        ("pytest; echo exit: $?", "exit: 0", "ok", ["test pytest: passed"]),
        ("pytest; echo exit: $?", "exit: 2", "ok", ["test pytest: failed"]),
        ("pytest; echo exit: $?", "0", "ok", ["test pytest: unknown"]),
        ("pytest; echo -e rc=$?", "rc=1", "ok", ["test pytest: failed"]),
        ("pytest; echo $x", "1", "ok", ["test pytest: unknown"]),
        ("pytest; a; echo $?", "1", "ok", ["test pytest: unknown"]),
        ("pytest | tail; echo $?", "1", "ok", ["test pytest: unknown"]),
        ("pytest | tail; echo ${PIPESTATUS[0]}", "1", "ok", ["test pytest: failed"]),
        ("pytest | tail; echo ${PIPESTATUS[0]}", "0", "ok", ["test pytest: passed"]),
        ("pytest | tail | head; echo ${PIPESTATUS[0]}", "0", "ok", ["test pytest: passed"]),
        ("pytest && echo $?", "1", "ok", ["test pytest: passed"]),
        ("pytest; echo $?", "0\n1", "ok", ["test pytest: failed"]),
        ("pytest; echo $?", "1\n0", "ok", ["test pytest: passed"]),
        ("pytest; printf $?", "1", "ok", ["test pytest: failed"]),
        ("pytest; cat $?", "1", "ok", ["test pytest: unknown"]),
        ("pytest && echo YES || echo NO", "YES", "ok", ["test pytest: passed"]),
        ("pytest && echo YES || echo NO", "NO", "ok", ["test pytest: failed"]),
        ("pytest && echo YES || echo NO; a", "NO", "ok", ["test pytest: failed"]),
        ("pytest |", "", "ok", ["test pytest: passed"]),
        ("pytest && echo YES || echo NO", "YES\nNO", "ok", ["test pytest: passed"]),
        ("pytest && echo YES || echo NO", "", "ok", ["test pytest: unknown"]),
        ("pytest | tail && echo YES || echo NO", "NO", "ok", ["test pytest: unknown"]),
        ("pytest && echo YES || a NO", "NO", "ok", ["test pytest: unknown"]),
        ("pytest && echo || echo NO", "NO", "ok", ["test pytest: unknown"]),
        ("pytest && echo YES || echo", "YES", "ok", ["test pytest: passed"]),
        ("pytest && echo YES; echo NO", "NO", "ok", ["test pytest: unknown"]),
        ("pytest && echo YES", "YES", "ok", ["test pytest: passed"]),
        ("if x; then pytest; fi", "", "ok", []),
        ("if x; then pytest; echo $?; fi", "1", "ok", ["test pytest: failed"]),
        ("if x; then pytest; fi", GREEN, "ok", ["test pytest: passed 3/0"]),
        ("[ x ] && pytest", "", "ok", []),
        ("[ x ] && pytest", RED, "ok", ["test pytest: failed 2/1"]),
        ("pytest", "pytest: command not found", "error", []),
        ("a/pytest", "pytest: command not found", "error", []),
        ("pytest", "zsh: command not found: pytest", "error", []),
        ("pytest", "Exit code 127\nsh: x", "error", []),
        ("pytest", "Exit code 127\nsh: x", "ok", ["test pytest: passed"]),
        ("cd x && pytest", "cd: x: No such file or directory", "error", []),
        ("cd x; pytest", "cd: x: No such file or directory", "ok", ["test pytest: passed"]),
        ("pytest", "Exit code 1\nerror: unrecognized subcommand 'x'", "error", []),
        ("pytest", "no tests ran in 0.1s", "error", []),
        ("npm test", 'npm ERR! Missing script: "test"', "error", []),
        (
            "pytest",
            "pytest: command not found\n1 failed, 2 passed in 0.1s",
            "error",
            ["test pytest: failed 2/1"],
        ),
        ("pytest", "", "interrupted", ["test pytest: unknown"]),
        ("pytest", RED, "interrupted", ["test pytest: unknown 2/1"]),
        ("pytest &", GREEN, "ok", ["test pytest: unknown 3/0"]),
        ("! pytest", RED, "ok", ["test pytest: unknown 2/1"]),
        ("pytest", "", None, []),
        ("pytest", "", "rejected", []),
        ("pytest", "<tool_use_error>x", "error", []),
        ("npm run check", GREEN, "ok", ["test npm: passed 3/0"]),
        ("make lint", GREEN, "ok", ["test make: passed 3/0"]),
        ("ruff check", GREEN, "ok", ["lint ruff: passed"]),
        ("make lint; make types", GREEN, "ok", ["lint make: unknown", "lint make: passed"]),
        ("make lint", "", "ok", ["lint make: passed"]),
        ("./go", GREEN, "ok", ["test pytest: passed 3/0"]),
        ("./go", RED, "error", ["test pytest: failed 2/1"]),
        ("./go", GREEN, "error", ["test pytest: failed 3/0"]),
        ("./go; a", GREEN, "error", ["test pytest: passed 3/0"]),
        ("cat x", GREEN, "ok", []),
        ("./go", GREEN, "interrupted", ["test pytest: unknown 3/0"]),
        ("./go", "ok", "ok", []),
        ("./go", "All checks passed!", "ok", ["lint ruff: passed"]),
        ("./go; cat x", GREEN, "ok", []),
        ("pytest", GREEN, "error", ["test pytest: failed 3/0"]),
        ("pytest", RED, "ok", ["test pytest: failed 2/1"]),
        ("pytest | tail", RED, "ok", ["test pytest: failed 2/1"]),
        ("pytest | tail", "", "ok", ["test pytest: unknown"]),
        ("pytest | tail", GREEN, "error", ["test pytest: passed 3/0"]),
    ],
)
def test_a_check_has_the_verdict_that_is_its_own(command, output, status, found):
    assert of(command, output, status) == found


def test_what_goes_on_in_the_background_has_a_verdict_by_counts_alone():
    assert of("pytest", "", "ok", background=True) == ["test pytest: unknown"]
    assert of("pytest", GREEN, "ok", background=True) == ["test pytest: passed 3/0"]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((), []),
        (("x",), []),
        (("<exit_code>0</exit_code>",), [("passed", None, None)]),
        (("<exit_code>2</exit_code>",), [("failed", None, None)]),
        (("exit code 1",), [("failed", None, None)]),
        (("exit code 0",), [("passed", None, None)]),
        (("<status>running</status><exit_code>0</exit_code>",), []),
        ((GREEN,), [("passed", 3, 0)]),
        (("   12→3 passed in 0.1s",), [("passed", 3, 0)]),
        (("12\t1 failed, 2 passed in 0.1s",), [("failed", 2, 1)]),
        (
            (
                GREEN,
                "<exit_code>0</exit_code>",
            ),
            [("passed", 3, 0)],
        ),
        (
            (
                "<exit_code>1</exit_code>",
                "nothing",
            ),
            [("failed", None, None)],
        ),
        (
            (
                "<exit_code>1</exit_code>",
                GREEN,
            ),
            [("passed", 3, 0)],
        ),
        (
            (
                RED,
                GREEN,
            ),
            [("passed", 3, 0)],
        ),
        (
            (
                "<exit_code>0</exit_code>",
                "<exit_code>1</exit_code>",
            ),
            [("failed", None, None)],
        ),
    ],
)
def test_the_last_text_that_tells_of_the_end_settles_a_check_of_the_background(texts, found):
    checks = settled(commands("pytest"), texts)
    assert [(check.verdict, check.passed, check.failed) for check in checks] == found


def test_counts_that_were_read_stay_when_the_end_is_told():
    texts = [GREEN, "ok\n<exit_code>0</exit_code>"]
    checks = settled(commands("pytest && ruff check"), texts)
    assert [(check.verdict, check.passed) for check in checks] == [("passed", 3), ("passed", None)]
