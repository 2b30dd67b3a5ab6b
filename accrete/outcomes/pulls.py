"""Pull and merge requests that a tool call created, on any forge; mentions do not count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from accrete.outcomes.addresses import same_address
from accrete.outcomes.shell import Simple
from accrete.text.json import JsonObject
from accrete.text.lazy import lazy

_URL = lazy(
    r"https?://(?:(?!https?://)[^\s\"'<>()\[\]])+?/(?:pull/\d+|-/merge_requests/\d+|"
    r"merge_requests/\d+|pull-requests/\d+|pull[rR]equests?/\d+|pulls/\d+)(?!\d)"
)
_STACKED = lazy(r"https?://app\.graphite\.dev/github/pr/([^/\s]+/[^/\s]+)/(\d+)[^\s)]*")
_ALONE = lazy(rf"^[ \t]*({_URL.pattern})\s*?$", re.MULTILINE)
_OF_JSON = lazy(rf'"(?:html_url|web_url)"\s*:\s*"({_URL.pattern})"')
_API = lazy(r"^https?://api\.github\.com/repos/(.+)/pulls/(\d+)$")
_REFUSED = lazy(r"already exists|pull request create failed|failed to create", re.IGNORECASE)
_GH_VALUED = frozenset({"-R", "--repo", "--hostname"})
_CREATING = (
    ("gh", "pr", "create"),
    ("gh", "pr", "new"),
    ("glab", "mr", "create"),
    ("glab", "mr", "new"),
    ("hub", "pull-request"),
    ("tea", "pr", "create"),
    ("tea", "pulls", "create"),
    ("az", "repos", "pr", "create"),
    ("bb", "pr", "create"),
    ("bkt", "pr", "create"),
)
_CREATING_TOOLS = lazy(
    r"(create_pull_request|create_merge_request|createPullRequest|pull_request_create)$"
)


_FORGES = frozenset(start[0] for start in _CREATING) | {"git"}


class Pull(NamedTuple):
    """A pull request that was created: its address, and whether the client recorded it or its tool
    printed it."""

    url: str
    number: int | None
    repository: str | None
    confidence: str


def creates(found: Iterable[Simple]) -> bool:
    """Whether the commands create a pull request."""
    return any(_is_creating(simple.words) for simple in found)


def may_not_create(found: Sequence[Simple]) -> bool:
    """Whether every command that would create one stands in a branch, as in `gh pr view || gh pr
    create`, beside one that shows those that there are: then an address alone says nothing."""
    creating = [simple for simple in found if _is_creating(simple.words)]
    shows = any(
        re.search(
            r"^(?:gh|hub|glab|tea|az)\b.* (?:view|list|show|status|checks)\b", " ".join(s.words)
        )
        for s in found
    )
    return shows and all(simple.branch or simple.tested for simple in creating)


def says_created(output: str) -> bool:
    """Whether the output says in words that one was created."""
    return _SAYS_SO.search(output) is not None


def tool_creates(tool: str) -> bool:
    """Whether a tool of an MCP server creates a pull request."""
    return tool.startswith("mcp__") and _CREATING_TOOLS.search(tool) is not None


def _is_creating(words: tuple[str, ...]) -> bool:
    name = words[0].replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe") if words else ""
    if name not in _FORGES or {"--help", "-h", "--dry-run", "--web", "-w"} & set(words):
        return False
    plain = (name, *_without_options(words[1:]))
    if name == "gh" and plain[1:2] == ("api",):
        return _posts(words) and any(re.search(r"repos/[^/]+/[^/]+/pulls$", w) for w in words)
    if name == "git" and "push" in plain and any("merge_request.create" in w for w in words):
        return True
    return any(plain[: len(start)] == start for start in _CREATING)


def _without_options(words: tuple[str, ...]) -> list[str]:
    kept, at = [], 0
    while at < len(words):
        if words[at].startswith("-"):
            at += 2 if words[at] in _GH_VALUED else 1
        else:
            kept.append(words[at])
            at += 1
    return kept


def _posts(words: tuple[str, ...]) -> bool:
    """Whether `gh api` sends a POST: said, or implied by fields."""
    method = next((b for a, b in pairwise(words) if a in ("-X", "--method")), None)
    method = method or next(
        (w.split("=", 1)[1] for w in words if w.startswith(("--method=", "-X="))), None
    )
    if method is not None:
        return method.upper() == "POST"
    return any(
        w in ("-f", "-F", "--field", "--raw-field", "--input")
        or w.startswith(("--field=", "--raw-field=", "--input="))
        for w in words
    )


def pulls_of(created: bool, *, ok: bool, output: str, told: JsonObject) -> list[Pull]:
    """The pull requests of one call: `created` says that it asked for one. An address alone on its
    line is the new one, else the last one printed: a forge may name others before."""
    report = told.get("git")
    reported = report.get("pr") if isinstance(report, dict) else None
    if isinstance(reported, dict) and reported.get("action") == "created":
        url = reported.get("url")
        if isinstance(url, str) and url:
            return [_pull(url, "reported")]
    if not (created and ok) or refused(output):
        return []
    found = _OF_JSON.findall(output) or _ALONE.findall(output)[:1] or _URL.findall(output)[-1:]
    return [_pull(_API.sub(r"https://github.com/\1/pull/\2", found[0]), "printed")] if found else []


_SAYS_SO = lazy(
    r"\b(?:[Cc]reated|[Oo]pened|[Ss]ubmitted)\b|[Cc]reating (?:a )?(?:draft )?(?:pull|"
    r"merge) request (?:for|\.\.\.)|(?:PR|MR) #?\d+ (?:created|opened)"
)


def wrapped_pulls(output: str) -> list[Pull]:
    """The pull requests that a script or a tool says it opened: an address beside a word that says
    so, or alone on the line behind one."""
    if "http" not in output:
        return []
    found: dict[str, Pull] = {}
    said = 2
    for line in _STACKED.sub(r"https://github.com/\1/pull/\2", output).splitlines():
        said = 0 if _SAYS_SO.search(line) else said + bool(line.strip())
        urls = _URL.findall(line)
        if (
            len(urls) == 1
            and "already exists" not in line
            and (said == 0 or (said == 1 and _ALONE.match(line)))
        ):
            found.setdefault(same_address(urls[0]), _pull(urls[0], "printed"))
    return list(found.values())


def refused(output: str) -> bool:
    """Whether the forge says that it made none: there is one already, or it failed."""
    return _REFUSED.search(output) is not None


def _pull(url: str, confidence: str) -> Pull:
    number = re.search(r"(?<!\d)(\d+)$", url)
    place = re.match(
        r"https?://[^/]+/(.+?)/(?:-/)?(?:pull|merge_requests|pull-requests|pull[rR]equests?|"
        r"pulls)/\d+$",
        url,
    )
    return Pull(
        url, int(number.group(1)) if number else None, place.group(1) if place else None, confidence
    )
