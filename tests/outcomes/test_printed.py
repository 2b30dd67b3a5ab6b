"""Which part of an output belongs to which of several checks, and whose words are heard in it."""

from __future__ import annotations

import pytest

from accrete.outcomes.checks import checks_of
from accrete.outcomes.shell import commands

ES = "✖ 1 problem (1 error, 0 warnings)"
ES_GOOD = "✖ 2 problems (0 errors, 2 warnings)"
TSC = "a.ts(3,1): error TS2304: x"
JEST = "Tests:       12 passed, 12 total"
JEST_BAD = "Tests:       1 failed, 12 passed, 13 total"
RUFF, RUFF_BAD = "All checks passed!", "Found 2 errors."
MYPY, MYPY_BAD = "Success: no issues found", "Found 2 errors in 1 file"
BEGUN = "=== test session starts ==="
CARGO = "test result: ok. 3 passed; 0 failed"
PNPM = "> a@1 test /w\n> x"


def of(command: str, output: str = "") -> list[str]:
    """`runner: verdict passed/failed` of each check of a call that ended well."""
    return [
        f"{check.runner}: {check.verdict}"
        + f" {check.passed}/{check.failed}" * (check.passed is not None)
        for check in checks_of(commands(command), status="ok", output=output)
    ]


@pytest.mark.parametrize(
    ("command", "output", "found"),
    [
        ("npm run lint; npm run typecheck | tail", TSC, ["npm: unknown", "npm: failed"]),
        ("npm run typecheck; npm run lint | tail", TSC, ["npm: failed", "npm: unknown"]),
        ("npm run lint; npm run typecheck | tail", ES, ["npm: failed", "npm: unknown"]),
        (
            "npm run lint | tail; npm run typecheck | tail",
            f"{ES}\n{TSC}",
            ["npm: failed", "npm: failed"],
        ),
        ("make lint | tail; make types | tail", ES, ["make: failed", "make: unknown"]),
        ("make lint | tail; make build | tail", ES, ["make: failed", "make: unknown"]),
        ("make lint | tail; make build | tail", TSC, ["make: failed", "make: unknown"]),
        ("make lint | tail; tsc | tail", TSC, ["make: unknown", "tsc: failed"]),
        ("make lint | tail; eslint . | tail", ES, ["make: unknown", "eslint: failed"]),
        (
            "make lint | tail; make types | tail; make test | tail",
            f"{TSC}\n{JEST}",
            ["make: unknown", "make: failed", "make: passed 12/0"],
        ),
        (
            "ruff check a | tail; ruff check b | tail",
            f"{RUFF}\n{RUFF_BAD}",
            ["ruff: passed", "ruff: failed"],
        ),
        (
            "ruff check a | tail; ruff check b | tail",
            f"{RUFF_BAD}\n{RUFF}",
            ["ruff: failed", "ruff: passed"],
        ),
        ("ruff check a | tail; ruff check b | tail", RUFF, ["ruff: passed", "ruff: unknown"]),
        ("ruff check a | tail; ruff check b | tail", RUFF_BAD, ["ruff: failed", "ruff: unknown"]),
        ("ruff check a | tail; mypy b | tail", RUFF_BAD, ["ruff: failed", "mypy: unknown"]),
        ("tsc -p a | tail; tsc -p b | tail", f"{TSC}\n{TSC}", ["tsc: failed", "tsc: unknown"]),
        ("if x; then ruff check a | tail; fi; ruff check b | tail", RUFF, ["ruff: passed"]),
        (
            "if x; then ruff check a | tail; fi; ruff check b | tail; ruff check c | tail",
            f"{RUFF}\n{RUFF_BAD}",
            ["ruff: passed", "ruff: failed"],
        ),
        (
            "if x; then ruff check a | tail; fi; mypy | tail",
            RUFF,
            ["ruff: passed", "mypy: unknown"],
        ),
        (
            "jest | tail; pytest | tail",
            f"{JEST}\n3 passed in 0.1s",
            ["jest: passed 12/0", "pytest: passed 3/0"],
        ),
        (
            "pytest | tail; jest | tail",
            f"{JEST}\n3 passed in 0.1s",
            ["pytest: unknown", "jest: passed 12/0"],
        ),
        (
            "pytest a | tail; pytest b | tail",
            "3 passed in 0.1s",
            ["pytest: unknown", "pytest: unknown"],
        ),
        (
            "pytest a | tail && pytest b | tail",
            "3 passed in 0.1s",
            ["pytest: unknown", "pytest: unknown"],
        ),
        (
            "pytest a | tail; pytest b | tail",
            "3 passed in 0.1s\n1 failed, 2 passed in 0.2s",
            ["pytest: passed 3/0", "pytest: failed 2/1"],
        ),
        (
            "npm test | tail; make test | tail",
            f"{JEST}\n{JEST_BAD}",
            ["npm: passed 12/0", "make: failed 12/1"],
        ),
        ("npm test | tail; pytest | tail", JEST, ["npm: unknown", "pytest: unknown"]),
        (
            "npm test | tail; pytest | tail",
            "3 passed in 0.1s",
            ["npm: unknown", "pytest: passed 3/0"],
        ),
        (
            "npm run test:a | tail; npm run test:b | tail; jest | tail",
            JEST,
            ["npm: unknown", "npm: unknown", "jest: passed 12/0"],
        ),
        (
            "cargo test | tail; pytest | tail",
            f"{CARGO}\n{CARGO.replace('3', '4')}\n2 passed in 0.1s",
            ["cargo: passed 7/0", "pytest: passed 2/0"],
        ),
        (
            "go test ./a | tail; go test ./b | tail",
            "ok  \ta\t0.1s\nok  \tb\t0.2s",
            ["go: unknown", "go: unknown"],
        ),
        (
            "make a-test | tail; make lint | tail",
            "make: *** [a-test] Error 1",
            ["make: failed", "make: unknown"],
        ),
        (
            "make test | tail; make lint | tail",
            "make[1]: *** [Makefile:3: lint] Error 2",
            ["make: unknown", "make: failed"],
        ),
        (
            "bun run test | tail; bun run lint | tail",
            'error: script "lint" exited with code 1',
            ["bun: unknown", "bun: failed"],
        ),
        (
            "echo a; ruff check | tail; echo b; mypy | tail",
            f"a\n{RUFF}\nb\n{MYPY_BAD}",
            ["ruff: passed", "mypy: failed"],
        ),
        (
            "echo a; mypy x | tail; echo b; mypy y | tail",
            f"a\n{MYPY}\nb\n{MYPY_BAD}",
            ["mypy: passed", "mypy: failed"],
        ),
        (
            "echo a; mypy x | tail; echo b; mypy y | tail",
            f"b\n{MYPY_BAD}",
            ["mypy: unknown", "mypy: failed"],
        ),
        (
            "echo -e ' a '; mypy x | tail; mypy y | tail",
            f"  a\n{MYPY}",
            ["mypy: passed", "mypy: unknown"],
        ),
        ("echo $a; mypy x | tail; mypy y | tail", f"$a\n{MYPY}", ["mypy: passed", "mypy: unknown"]),
        ("mypy x | tail; echo b; mypy y | tail", f"{MYPY}\nb", ["mypy: passed", "mypy: unknown"]),
        (
            "npm run lint; npm test | tail",
            f"> x@1 lint\n> eslint .\n\n> x@1 test\n> jest\n\n{JEST}",
            ["npm: unknown", "npm: passed 12/0"],
        ),
        (
            "npm run lint | tail; npm run lint:css | tail",
            f"> x@1 lint\n{ES_GOOD}\n> x@1 lint:css\n{ES}",
            ["npm: unknown", "npm: failed"],
        ),
        (
            "bun run lint | tail; bun run test | tail",
            f"$ eslint .\n{ES_GOOD}\n$ bun test\n{JEST}",
            ["bun: passed", "bun: passed 12/0"],
        ),
        (
            "yarn lint | tail; yarn test | tail",
            f"$ eslint .\n{ES}\n$ jest\n{JEST}",
            ["npm: failed", "npm: passed 12/0"],
        ),
        ("pnpm test | tail", PNPM, ["npm: passed"]),
        ("pnpm test | tail", f"{PNPM}\n ELIFECYCLE  Command failed", ["npm: failed"]),
        ("pnpm test | head", PNPM, ["npm: unknown"]),
        ("pnpm test | cat | tail", PNPM, ["npm: passed"]),
        ("pnpm test | cat | wc", PNPM, ["npm: unknown"]),
        ("bun run lint | tee x", "$ eslint", ["bun: passed"]),
        ("npm run lint | tail", "> x@1 lint\n> eslint", ["npm: unknown"]),
        ("pnpm lint | tail", "> eslint", ["npm: unknown"]),
        ("bun run lint | tail", "$ eslint\nerror: script x", ["bun: unknown"]),
        ("pnpm test; a | tail", PNPM, ["npm: passed"]),
        (
            "pytest a | tail; pytest b | tail",
            f"{BEGUN}\n3 passed in 0.1s\n{BEGUN}\n1 failed, 2 passed in 0.2s",
            ["pytest: passed 3/0", "pytest: failed 2/1"],
        ),
        (
            "pytest a | tail; pytest b | tail",
            f"{BEGUN}\n{BEGUN}\n1 failed, 2 passed in 0.2s",
            ["pytest: unknown", "pytest: failed 2/1"],
        ),
        ("pytest a | tail; mypy | tail", f"ok\nOK\n{MYPY_BAD}", ["pytest: passed", "mypy: failed"]),
        (
            "pytest | tail; unittest a | tail",
            "FAILED (failures=1)",
            ["pytest: unknown", "unittest: unknown"],
        ),
        (
            "pytest | tail; unittest a | tail",
            "Ran 3 tests in 0.1s\n\nFAILED (failures=1)",
            ["pytest: unknown", "unittest: failed 2/1"],
        ),
    ],
)
def test_of_several_checks_each_is_judged_by_what_is_its_own(command, output, found):
    assert of(command, output) == found
