"""Pull and merge requests that a tool call created, on any forge; a mere mention is none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from accrete.outcomes.shell import Simple

_URL = re.compile(
    r"https?://[^\s\"'<>()\[\]]+?/(?:pull/\d+|-/merge_requests/\d+|merge_requests/\d+|pull-requests/\d+|pullrequest/\d+|pulls/\d+)(?!\d)"
)
_CREATING = (("gh", "pr", "create"), ("glab", "mr", "create"), ("glab", "mr", "new"), ("hub", "pull-request"),
             ("tea", "pr", "create"), ("tea", "pulls", "create"), ("az", "repos", "pr", "create"),
             ("bb", "pr", "create"), ("bkt", "pr", "create"))  # fmt: skip
_CREATING_TOOLS = re.compile(r"(create_pull_request|create_merge_request|createPullRequest|pull_request_create)$")


class Pull(NamedTuple):
    """A pull request that was created: its address, and whether the client recorded it or its tool printed it."""

    url: str
    number: int | None
    repository: str | None
    confidence: str


def creates(found: Iterable[Simple]) -> bool:
    """Whether the commands create a pull request."""
    return any(_is_creating(simple.words) for simple in found)


def tool_creates(tool: str) -> bool:
    """Whether a tool of an MCP server creates a pull request."""
    return tool.startswith("mcp__") and _CREATING_TOOLS.search(tool) is not None


def _is_creating(words: tuple[str, ...]) -> bool:
    if not words or {"--help", "-h", "--dry-run", "--web", "-w"} & set(words):
        return False
    name = words[0].rsplit("/", 1)[-1].removesuffix(".exe")
    plain = (name, *(w for w in words[1:] if not w.startswith("-")))
    if name == "gh" and plain[1:2] == ("api",):
        return "POST" in words and any(re.search(r"repos/[^/]+/[^/]+/pulls$", w) for w in words)
    if name == "git" and "push" in plain and any("merge_request.create" in w for w in words):
        return True
    return any(plain[: len(start)] == start for start in _CREATING)


def pulls_of(created: bool, *, ok: bool, output: str, told: dict[str, Any]) -> list[Pull]:
    """The pull requests of one call: `created` says that it asked for one. The last address printed is the new one:
    a forge may name others before."""
    report = told.get("git")
    reported = report.get("pr") if isinstance(report, dict) else None
    if isinstance(reported, dict) and reported.get("action") == "created":
        url = reported.get("url")
        if isinstance(url, str) and url:
            return [_pull(url, "reported")]
    if not (created and ok):
        return []
    found = _URL.findall(output)
    return [_pull(found[-1], "printed")] if found else []


def _pull(url: str, confidence: str) -> Pull:
    number = re.search(r"(\d+)$", url)
    place = re.match(r"https?://[^/]+/(.+?)/(?:-/)?(?:pull|merge_requests|pull-requests|pullrequest|pulls)/\d+$", url)
    return Pull(url, int(number.group(1)) if number else None, place.group(1) if place else None, confidence)


def same_address(url: str) -> str:
    """The address in the form by which two are compared: no scheme, no letter case in the host, no slash at the end."""
    return re.sub(r"^https?://([^/]+)", lambda m: m.group(1).lower(), url).rstrip("/")
