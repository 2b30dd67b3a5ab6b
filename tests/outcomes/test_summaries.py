"""The counts that test runners print, each in its own words, and the verdict by what is printed."""

from __future__ import annotations

import pytest

from accrete.outcomes.summaries import counted, numbers


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ("3 passed in 0.1s", (3, 0)),
        ("=== 2 failed, 1 passed, 3 skipped, 1 error in 0.12s ===", (1, 3)),
        ("=== 4 errors in 1.0s ===", (0, 4)),
        ("1 passed in 0.1s\n2 failed, 5 passed in 0.2s", (5, 2)),
        ("=== 3 skipped in 0.1s ===", (0, 0)),
        ("Ran 3 tests in 0.1s\n\nOK", (3, 0)),
        ("Ran 5 tests in 0.1s\n\nFAILED (failures=2, errors=1)", (2, 3)),
        ("Ran 5 tests in 0.1s\n\nFAILED (expected failures=1)", (5, 0)),
        ("Ran 1 test in 0.1s\n\nFAILED (failures=2)", (0, 2)),
        ("  3 passing (10ms)", (3, 0)),
        ("  3 passing (10ms)\n  2 failing", (3, 2)),
        ("  1 passing (1s)\n  4 passing (2s)\n  1 failing\n  2 failing", (4, 2)),
        ("  3 passed (1.2s)", (3, 0)),
        ("  2 failed\n  3 passed (1.2s)", (3, 2)),
        ("  1 passed (1s)\n  4 passed (2s)\n  1 failed\n  2 failed", (4, 2)),
        ("1..3\nok 1\nok 2\nnot ok 3", (2, 1)),
        ("1..3\nok 1\nnot ok 2 # TODO x\nnot ok 3 # skip", (1, 0)),
        ("1..2\nok 1\n# pass 1\n# fail 1", (1, 1)),
        ("1..0", (0, 0)),
        ("test result: ok. 3 passed; 0 failed\ntest result: FAILED. 4 passed; 2 failed", (7, 2)),
        ("Tests:       1 failed, 2 skipped, 3 passed, 6 total", (3, 1)),
        ("Tests:       3 passed, 3 total", (3, 0)),
        ("Tests:       4 failed, 4 total", (0, 4)),
        ("Tests:       3 passed, 3 total\nTests:       1 failed, 1 total", (3, 1)),
        ("     Tests  2 failed | 3 passed (5)", (3, 2)),
        ("     Tests  3 passed (3)", (3, 0)),
        ("Tests run: 5, Failures: 1, Errors: 2, Skipped: 0", (2, 3)),
        (
            "Tests run: 5, Failures: 1, Errors: 2, Skipped: 0, "
            "Time elapsed: 1 s - in A\n"
            "Tests run: 5, Failures: 1, Errors: 2\n",
            (2, 3),
        ),
        (
            "Tests run: 2, Failures: 0, Errors: 0 - in A\n"
            "Tests run: 3, Failures: 1, Errors: 0 - in B",
            (4, 1),
        ),
        ("5 examples, 2 failures", (3, 2)),
        ("2 examples, 0 failures\n5 examples, 1 failure", (4, 1)),
        ("5 runs, 9 assertions, 1 failures, 2 errors", (2, 3)),
        ("OK (3 tests, 5 assertions)", (3, 0)),
        ("Tests: 5, Assertions: 9, Failures: 2.", (3, 2)),
        ("5 tests, 2 failures", (3, 2)),
        ("Executed 5 tests, with 2 failures", (3, 2)),
        ("2 tests failed out of 9", (7, 2)),
        ("9 tests completed, 2 failed", (7, 2)),
        ("Failed:     1, Passed:     2", (2, 1)),
        ("Failed:     1, Passed:     2\nFailed:     0, Passed:     4", (6, 1)),
        (" 3 pass\n 1 fail", (3, 1)),
        (" 3 pass\n 2 skip\n 1 todo\n 0 fail", (3, 0)),
        ("ok | 3 passed (1 step) | 0 failed", (3, 0)),
        ("FAILED | 3 passed | 2 failed", (3, 2)),
        ("# pass 3\n# cancelled 0\n# fail 1", (3, 1)),
        ("ℹ pass 3\nℹ fail 0", (3, 0)),
        ("1 examples, 3 failures", (0, 3)),
        ("", (None, None)),
        ("nothing", (None, None)),
        ("12 tests", (None, None)),
    ],
)
def test_tests_are_counted_as_the_runner_prints_them(output, found):
    assert numbers(output) == found


@pytest.mark.parametrize(
    ("kind", "output", "found"),
    [
        ("test", "3 passed in 0.1s", (3, 0, "passed")),
        ("test", "1 failed in 0.1s", (0, 1, "failed")),
        ("test", "3 passed in 0.1s\nBUILD FAILED", (3, 0, "failed")),
        ("test", "=== 3 skipped in 0.1s ===", (None, None, None)),
        ("test", "BUILD FAILED", (None, None, "failed")),
        ("test", "OK", (None, None, "passed")),
        ("test", "", (None, None, None)),
        ("lint", "3 passed in 0.1s", (None, None, None)),
        ("lint", "1 failed in 0.1s", (None, None, None)),
        ("lint", "All checks passed!", (None, None, "passed")),
        ("lint", "All checks passed!\nFound 2 errors.", (None, None, "failed")),
        ("build", "BUILD SUCCESS", (None, None, "passed")),
        ("build", "BUILD FAILURE", (None, None, "failed")),
        ("lint", "Found 2 errors (2 fixed, 0 remaining).", (None, None, None)),
    ],
)
def test_counts_go_before_words_and_bad_words_before_good_ones(kind, output, found):
    assert counted(kind, output) == found
