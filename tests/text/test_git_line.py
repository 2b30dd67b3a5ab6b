"""The line of a commit in what git printed."""

from __future__ import annotations

import pytest

from accrete.text.git_line import printed_commits

SHA = "1a2b3c4"


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (f"[main {SHA}] Say why", [("main", SHA, "Say why")]),
        (f"hook ran\n[main {SHA}] Say why\n 1 file changed", [("main", SHA, "Say why")]),
        (f"[main (root-commit) {SHA}] First", [("main", SHA, "First")]),
        (f"[detached HEAD {SHA}] Away", [(None, SHA, "Away")]),
        (f"[a b/c {SHA}] Odd branch\r\n", [("a b/c", SHA, "Odd branch")]),
        (f"[main {SHA}]\n", [("main", SHA, "")]),
        (f"[main {SHA}] One\n[fix {'f' * 40}] Two",
         [("main", SHA, "One"), ("fix", "f" * 40, "Two")]),
        (f" [main {SHA}] not at its beginning", []),
        ("[main 1a2b3c] six letters are no sha", []),
        ("[1/2] Building", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_line_tells_branch_sha_and_subject(output, found):
    assert printed_commits(output) == found
