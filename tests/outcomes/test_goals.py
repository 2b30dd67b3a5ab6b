"""What the name of a target or a script promises to check."""

from __future__ import annotations

import pytest

from accrete.outcomes.goals import BUILD, LINT, TEST, goal_kind, plain_goal_kind


@pytest.mark.parametrize(
    ("name", "kind", "plain"),
    [
        ("test", TEST, TEST), ("testUnit", TEST, TEST), ("unit:test", TEST, TEST),
        ("lint", LINT, LINT), ("build", BUILD, BUILD), ("lint-and-test", LINT, None),
        ("check", BUILD, TEST), ("checks", BUILD, TEST), ("check-checks", BUILD, TEST),
        ("ci", TEST, TEST), ("verify", TEST, TEST), ("ci-check", TEST, TEST),
        ("format", None, None), ("fmt", None, None), ("format-check", LINT, None),
        ("verify:format", LINT, None), ("lint:style", LINT, None), ("style-test", None, None),
        ("test:watch", None, None), ("watch-test", None, None), ("install-test-deps", None, None),
        ("test-data", None, None), ("check-status", None, None), ("data-test", TEST, None),
        ("orders", None, None), ("", None, None), ("7", None, None), ("test-payments", TEST, None),
    ],
)  # fmt: skip
def test_a_name_promises_a_check_or_none(name, kind, plain):
    assert goal_kind(name, of_check=BUILD) == kind
    assert plain_goal_kind(name) == plain
