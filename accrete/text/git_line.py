"""The line that git prints for a commit: `[branch sha] subject`."""

from __future__ import annotations

import re

from accrete.text.lazy import lazy

_LINE = lazy(r"^\[([^\]\n]*?)\s(?:\(root-commit\)\s)?([0-9a-f]{7,40})\]\s?(.*)$", re.MULTILINE)


def printed_commits(output: str) -> list[tuple[str | None, str, str]]:
    """(branch, sha, subject) of each such line; no branch where HEAD was detached."""
    if "\n[" not in output and not output.startswith("["):
        return []
    return [
        (branch.removeprefix("detached HEAD") or None, sha, subject.rstrip("\r"))
        for branch, sha, subject in _LINE.findall(output)
    ]
