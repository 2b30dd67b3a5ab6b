"""The results that test runners, builds and linters print: counts, and words of success or
failure."""

from __future__ import annotations

import re

from accrete.outcomes.goals import LINT, TEST
from accrete.outcomes.kinds import FAILED, PASSED
from accrete.text.lazy import lazy

SUMMARIES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (kind, name, re.compile(pattern, re.MULTILINE))
    for kind, name, pattern in (
        (TEST, "pytest", r"^=+ (?=[^\n]*\b(?:passed|failed|"
                         r"errors?)\b)[^\n]* in [\d.]+s(?: \([^)]*\))? =+$|"
                         r"^(?:\d+ (?:failed|passed)(?:, )?)++[^\n]* in [\d.]+s$"),
        (TEST, "unittest", r"^Ran \d+ tests? in [\d.]+s$"),
        (TEST, "jest", r"^Tests: +(?:\d+ \w+, )*\d+ total$"),
        (TEST, "vitest", r"^ *Tests  +\d+ (?:passed|failed)\b.*\(\d+\)"),
        (TEST, "mocha", r"^ +\d+ passing \([\d.]+m?s\)$"),
        (TEST, "cargo", r"^test result: (?:ok|FAILED)\. \d+ passed; \d+ failed"),
        (TEST, "go", r"^(?:ok  ?|FAIL)\t\S+\t(?:[\d.]+s|\(cached\))"),
        (TEST, "maven", r"Tests run: \d+, Failures: \d+, Errors: \d+"),
        (TEST, "gradle", r"^\d+ tests completed, \d+ failed"),
        (TEST, "rspec", r"^\d+ examples?, \d+ failures?"),
        (TEST, "minitest", r"^\d+ runs, \d+ assertions, \d+ failures"),
        (TEST, "phpunit", r"^OK \(\d+ tests?, \d+ assertions?\)|^Tests: \d+, Assertions: \d+"),
        (TEST, "dotnet", r"^(?:Passed|Failed)!  ?- Failed: +\d+, Passed: +\d+"),
        (TEST, "bun", r"^ *\d+ pass\n *(?:\d+ (?:skip|todo)\n *)*\d+ fail$"),
        (TEST, "node", r"^[#ℹ] pass \d+$"),
        (TEST, "swift", r"^[ \t]*Executed \d+ tests?, with \d+ failures?"),
        (TEST, "ctest", r"tests passed, \d+ tests? failed out of \d+"),
        (TEST, "playwright", r"^ +\d+ passed \([\d.]+m?s?\)$"),
        (LINT, "mypy", r"^Success: no issues found in \d+ source files?|"
                       r"^Found \d+ errors? in \d+ files? \(checked \d+ source"),
        (LINT, "ruff", r"^All checks passed!$"),
        (LINT, "eslint", r"^✖ \d+ problems? \(\d+ errors?"),
        (LINT, "tsc", r"^\S+\(\d+,\d+\): error TS\d+"),
    )
)  # fmt: skip
"""What no other program prints: the last lines of test runners and linters."""


_SUMS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "test result:",
        re.compile(r"^test result: (?:ok|FAILED)\. (?P<p>\d+) passed; (?P<f>\d+) failed", re.M),
        "sum",
    ),  # cargo
    (
        "Tests:",
        re.compile(
            r"^Tests:\s+(?:(?P<f>\d+) failed, )?(?:\d+ (?:skipped|todo|"
            r"pending), )*(?:(?P<p>\d+) passed, )?\d+ total",
            re.M,
        ),
        "sum",
    ),
    (
        "Tests ",
        re.compile(
            r"^[ \t]*Tests[ \t]++(?:(?P<f>\d+) failed)?+[ |]*+(?:(?P<p>\d+) passed)?.*\(\d+\)", re.M
        ),
        "sum",
    ),  # vitest
    (
        "Tests run:",
        re.compile(
            r"Tests run: (?P<t>\d+), Failures: (?P<f>\d+), Errors: (?P<e>\d+)(?:, Skipped: "
            r"\d+)?\s*$",
            re.M,
        ),
        "sum",
    ),  # maven: the sum of each module; lines of one class name it behind
    (
        "Tests run:",
        re.compile(r"Tests run: (?P<t>\d+), Failures: (?P<f>\d+), Errors: (?P<e>\d+)"),
        "sum",
    ),
    ("example", re.compile(r"^(?P<t>\d+) examples?, (?P<f>\d+) failures?", re.M), "last"),  # rspec
    (
        " runs, ",
        re.compile(
            r"^(?P<t>\d+) runs, \d+ assertions, (?P<f>\d+) failures, (?P<e>\d+) errors", re.M
        ),
        "last",
    ),  # minitest
    ("OK (", re.compile(r"^OK \((?P<p>\d+) tests?", re.M), "last"),  # phpunit
    (
        "Assertions:",
        re.compile(r"^Tests: (?P<t>\d+), Assertions: \d++.*?Failures: (?P<f>\d+)", re.M),
        "last",
    ),  # phpunit
    (" tests, ", re.compile(r"(?<!\d)(?P<t>\d+) tests, (?P<f>\d+) failures"), "last"),  # mix, bats
    (
        "Executed ",
        re.compile(r"Executed (?P<t>\d+) tests?, with (?P<f>\d+) failures?"),
        "last",
    ),  # swift
    (
        "failed out of",
        re.compile(r"(?<!\d)(?P<f>\d+) tests? failed out of (?P<t>\d+)"),
        "last",
    ),  # ctest
    (
        "completed, ",
        re.compile(r"(?<!\d)(?P<t>\d+) tests? completed, (?P<f>\d+) failed"),
        "last",
    ),  # gradle
    ("Failed:", re.compile(r"Failed:\s+(?P<f>\d+), Passed:\s+(?P<p>\d+)"), "sum"),  # dotnet
    (
        " pass\n",
        re.compile(
            r"^[ \t]*(?P<p>\d+) pass\n\s*+(?:\d+ (?:skip|todo)\n\s*+)*(?P<f>\d+) fail$", re.M
        ),
        "last",
    ),  # bun
    (
        "passed",
        re.compile(
            r"^(?:ok|FAILED) \| (?P<p>\d+) passed(?: \([^)]*\))? \| (?P<f>\d+) failed", re.M
        ),
        "last",
    ),  # deno
    ("# pass", re.compile(r"^# pass (?P<p>\d+)(?:\n.*)*?^# fail (?P<f>\d+)", re.M), "last"),  # node
    ("ℹ pass", re.compile(r"^ℹ pass (?P<p>\d+)(?:\n.*)*?^ℹ fail (?P<f>\d+)", re.M), "last"),  # node
)
_PYTEST = lazy(
    r"^(?:=+ )?((?:\d+ (?:failed|passed|skipped|errors?|deselected|xfailed|xpassed|warnings?|"
    r"rerun)(?:, )?)+) in [\d.]+s",
    re.M,
)
_UNITTEST = lazy(r"^Ran (?P<t>\d+) tests? in ", re.M)
_UNITTEST_BAD = lazy(r"^FAILED \(.*\)", re.M)
_TAP = lazy(r"^1\.\.\d+", re.M)
_MOCHA = lazy(r"^[ \t]*(\d+) passing\b", re.M)
_PLAYWRIGHT = lazy(r"^ +(\d+) passed \([\d.]+m?s\)", re.M)
_BAD = lazy(
    r"^(?:=+ (?:FAILURES|ERRORS) =+$|"
    r"FAILED \(|FAIL\s|not ok \d|--- FAIL|npm ERR!|"
    r"error\[E\d+\]|Found [1-9]\d* errors?(?!.*\b0 remaining)|"
    r"✖ (?:\x1b\[\d+m)?[1-9]\d* errors?\b|"
    r"Executed \d+ out of \d+ tests?: .*\bfails?\b| +\S+: FAIL |  evaluation failed :\(|"
    r"nox > Session .* failed|[ \t]*✖\s+\d+/\d+ failed|"
    r"Summary: [1-9]\d* error\(s\)|Build FAILED|make(?:\[\d+\])?: \*\*\*|"
    r"error: script \"[^\"]+\" exited with code [1-9]|[ \t]*(?:ERR_PNPM\w*\s+)?ELIFECYCLE\b|"
    r"[ \t]*× Some errors were emitted)",
    re.M,
)
_BAD_IN_LINE = lazy(
    r"BUILD FAILURE|BUILD FAILED|\*\* (?:BUILD|TEST) FAILED|error: could not compile|"
    r": error TS\d+|✖ [1-9]\d* problems? \([1-9]|Failed to compile"
)
"""Apart from those at the beginning of a line: `re` then looks for either kind quickly."""
_OFFENSES = lazy(r"(?<!\d)[1-9]\d* offenses? detected")
_GOOD = lazy(
    r"^(?:Summary: 0 error\(s\)|✖ (?:\x1b\[\d+m)?0 errors\b|"
    r"Executed (\d+) out of \d+ tests?: \d+ tests? pass(?:es)?\.|  congratulations :\)|"
    r" NX   Successfully ran target|"
    r"OK$|ok\s+\S+\s|Success: no issues found|All checks passed!|Build succeeded|PASS$|"
    r"Checked [1-9]\d* files? in .*No fixes applied)",
    re.M,
)
_GOOD_IN_LINE = lazy(
    r"BUILD SUCCESS|\*\* (?:BUILD|TEST) SUCCEEDED|no offenses detected|✓ built in|"
    r"Compiled successfully"
)


def counted(kind: str, output: str) -> tuple[int | None, int | None, str | None]:
    """(passed, failed, verdict) as the output says; None if it says nothing."""
    if kind == TEST:
        passed, failed = numbers(output)
        if failed or passed:
            return passed, failed or 0, FAILED if failed or _fails(output) else PASSED
    if _fails(output):
        return None, None, FAILED
    return None, None, PASSED if _succeeds(output) else None


def _fails(output: str) -> bool:
    return (
        _BAD.search(output) is not None
        or _BAD_IN_LINE.search(output) is not None
        or (" offense" in output and _OFFENSES.search(output) is not None)
    )


def _succeeds(output: str) -> bool:
    return _GOOD.search(output) is not None or _GOOD_IN_LINE.search(output) is not None


def numbers(output: str) -> tuple[int | None, int | None]:
    """(passed, failed) tests by the counts that a runner printed; None if there are none."""
    lines = _PYTEST.findall(output) if " in " in output else []
    if lines:
        said = {
            name.rstrip("s"): int(n) for n, name in re.findall(r"(?<!\d)(\d+) ([a-z]+)", lines[-1])
        }
        return said.get("passed", 0), said.get("failed", 0) + said.get("error", 0)
    match = _UNITTEST.search(output) if "Ran " in output else None
    if match:
        bad = sum(
            int(n)
            for n in re.findall(
                r"(?<!expected )(?:failures|errors)=(\d+)", "".join(_UNITTEST_BAD.findall(output))
            )
        )
        return max(int(match["t"]) - bad, 0), bad
    passing = _MOCHA.findall(output) if " passing" in output else []
    if passing:
        failing = re.findall(r"^[ \t]*(\d+) failing\b", output, re.M)
        return int(passing[-1]), int(failing[-1]) if failing else 0
    played = _PLAYWRIGHT.findall(output) if " passed (" in output else []
    if played:
        failing = re.findall(r"^ +(\d+) failed$", output, re.M)
        return int(played[-1]), int(failing[-1]) if failing else 0
    if _TAP.search(output) and "# pass" not in output:
        bad = len(re.findall(r"^not ok \d+(?!.*# (?:TODO|SKIP))", output, re.M | re.I))
        return len(re.findall(r"^ok \d+", output, re.M)), bad
    for hint, pattern, how in _SUMS:
        found = [m.groupdict() for m in pattern.finditer(output)] if hint in output else []
        if found:
            used = found if how == "sum" else found[-1:]
            failed = sum(int(g.get("f") or 0) + int(g.get("e") or 0) for g in used)
            return sum(_passed(g) for g in used), failed
    return None, None


def _passed(group: dict[str, str | None]) -> int:
    if "p" in group:
        return int(group["p"] or 0)
    return max(int(group["t"] or 0) - int(group.get("f") or 0) - int(group.get("e") or 0), 0)
