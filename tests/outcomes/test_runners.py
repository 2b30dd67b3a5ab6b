"""Which commands are checks, whatever launches them, and what their output says of them."""

from __future__ import annotations

import pytest

from accrete.outcomes.checks import checks_of
from accrete.outcomes.runners import runner_of
from accrete.outcomes.shell import commands


@pytest.mark.parametrize(
    "command",
    [".\\gradlew.bat test", ".\\venv\\Scripts\\pytest.exe", '& "C:\\v\\Scripts\\pytest.exe" -q'],
)
def test_a_check_is_known_by_a_windows_path(command):
    assert [
        runner_of(simple.words) is not None for simple in commands(command, powershell=True)
    ] == [True]


@pytest.mark.parametrize(
    "command",
    [
        "pnpm vitest run",
        "yarn jest",
        "yarn tsc --noEmit",
        "pnpm -r test",
        "yarn workspace w test",
        "npm -s test",
        "npm run --silent test",
        "npx cross-env A=1 jest",
        "turbo test",
        "python -u -m pytest",
        "python -m ruff check .",
        "coverage run -m pytest",
        "uv run --env-file .env pytest",
        "poetry -C x run pytest",
        "cargo +nightly test",
        "cargo fmt --all -- --check",
        "docker compose exec -T web pytest",
        "bash -o pipefail -c pytest",
        "time -p pytest",
        "mvn clean verify",
        "make -j4",
        "py -3 -m pytest",
    ],
)
def test_a_check_is_known_whatever_launches_it(command):
    assert any(runner_of(simple.words) for simple in commands(command))


@pytest.mark.parametrize(
    "command",
    [
        "command -v pytest",
        "mypy --version",
        "pytest -h",
        "python -m pytest --version",
        "cargo build --help",
        "make -n test",
        "make deploy",
        "npm run typeorm -- migration:run",
        "mvn test-compile",
        "pnpm install",
        "yarn add jest",
        "gradle testClasses",
    ],
)
def test_what_only_looks_like_a_check_is_none(command):
    assert not any(runner_of(simple.words) for simple in commands(command))


@pytest.mark.parametrize("command", ["npm test &", "! pytest", "pytest &"])
def test_a_check_whose_end_nobody_saw_has_no_verdict(command):
    assert [check.verdict for check in checks_of(commands(command), status="ok", output="")] == [
        "unknown"
    ]


def test_a_run_that_printed_counts_ran_whatever_else_was_not_found():
    found = checks_of(
        commands("pytest"),
        status="error",
        output="sh: foo: command not found\n1 failed, 2 passed in 0.1s",
    )
    assert [(check.verdict, check.failed) for check in found] == [("failed", 1)]
