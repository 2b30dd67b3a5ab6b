"""Stored about this machine: files read, folders and projects, and bookkeeping."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import Field, Holds, activity, instant, key, local
from accrete.model.tier import Tier

_PERSON = key("the person")


def _here(meaning: str) -> Field:
    """Text that never leaves the machine, and is redacted all the same."""
    return Field(Tier.LOCAL, meaning, holds=Holds.TEXT)


class Project(NamedTuple):
    """The folders of one repository, or one folder. Derived from folders and their owner's
    changes."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, local("a hash of its remote or folder; known only on this machine")]
    name: Annotated[str, activity("its name, made unique")]
    short: Annotated[str | None, activity("its name alone", holds=Holds.VALUE)]
    remote: Annotated[str | None, activity("host/owner/name of its git remote")]
    root: Annotated[str, _here("its folder")]
    how: Annotated[str | None, local("by what rule it was found")]
    ids: Annotated[str, local("its id, and its earlier or automatic ids, separated by spaces")]


class Workdir(NamedTuple):
    """A folder that sessions ran in, and what this machine knows about it."""

    person: Annotated[int, _PERSON]
    cwd: Annotated[str, _here("the folder")]
    project: Annotated[str, local("the project it belongs to; derived")]
    leads_to: Annotated[str | None, _here("its real path, links resolved")]
    root: Annotated[str | None, _here("its main work tree")]
    remote: Annotated[str | None, _here("host/owner/name of the git remote")]
    there: Annotated[int, local("whether it existed when it was asked", "0 or 1")]
    asked_at: Annotated[int | None, local("when it was asked", "UTC ms")]
    how: Annotated[str | None, local("by what rule its project was found; derived")]


class GitWorktree(NamedTuple):
    """A worktree that git lists for a repository on this machine."""

    person: Annotated[int, _PERSON]
    worktree: Annotated[str, _here("its folder")]
    repository: Annotated[str, _here("its repository's folder")]


class GitAnswer(NamedTuple):
    """Git's answer about a commit whose full id no record has."""

    person: Annotated[int, _PERSON]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, local("the commit's position in the call")]
    answer: Annotated[str, local("found, none, ambiguous, failed")]
    sha: Annotated[str | None, local("the full id, if found")]
    asked_at: Annotated[int, local("when git was asked", "UTC ms")]


class PullRequest(NamedTuple):
    """A pull request that any session linked."""

    person: Annotated[int, _PERSON]
    url: Annotated[str, activity("its address")]
    number: Annotated[int | None, activity("its number", holds=Holds.VALUE)]
    repository: Annotated[str | None, activity("owner/name")]


class PullState(NamedTuple):
    """What a forge said about a pull request when it was asked."""

    state: Annotated[
        str | None,
        activity("open, merged or closed; NULL until a forge told", holds=Holds.VALUE),
    ]
    draft: Annotated[
        int | None, activity("whether it is a draft", unit="0 or 1", holds=Holds.VALUE)
    ]
    opened_at: Annotated[
        int | None, activity("when it was opened", unit="UTC ms", holds=Holds.VALUE)
    ]
    merged_at: Annotated[
        int | None, activity("when it was merged", unit="UTC ms", holds=Holds.VALUE)
    ]
    closed_at: Annotated[
        int | None, activity("when it was closed or merged", unit="UTC ms", holds=Holds.VALUE)
    ]
    asked_at: Annotated[int | None, local("when its forge was last asked", "UTC ms")]
    fault: Annotated[str | None, local("why the last asking brought nothing")]
    faults: Annotated[int, local("how often in a row asking brought nothing")]
    told_at: Annotated[
        int | None,
        activity("since when its forge tells this", unit="UTC ms", holds=Holds.VALUE),
    ]


class SessionPullRequest(NamedTuple):
    """A link from a session's transcript to a pull request."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    url: Annotated[str, activity("the pull request's address")]
    at: Annotated[int | None, instant("when it was linked")]
    reader: Annotated[int, local("the reader's version that read it")]


class SourceFile(NamedTuple):
    """A file that was read, and how far."""

    id: Annotated[int, local("its number")]
    person: Annotated[int, _PERSON]
    path: Annotated[str, local("its path")]
    root: Annotated[str, local("the folder in which it was found")]
    layout: Annotated[str, local("main, subagent, history, …")]
    session: Annotated[str | None, local("the session it belongs to")]
    device: Annotated[int, local("the file system's number")]
    inode: Annotated[int, local("the file's number there")]
    size: Annotated[int, local("its size when it was read", "bytes")]
    mtime_ns: Annotated[int, local("when it was last written", "ns")]
    ctime_ns: Annotated[int, local("when it was last changed", "ns")]
    meta_mtime_ns: Annotated[int, local("modification time of the meta file", "ns")]
    head_length: Annotated[int, local("how much of its beginning is hashed", "bytes")]
    head_hash: Annotated[str, local("hash of its beginning")]
    tail_hash: Annotated[str, local("hash of the bytes before the offset")]
    read_to: Annotated[int, local("the offset up to which it was read", "bytes")]
    counts: Annotated[str, local("what was read, by record type and kind, as JSON")]
    tail_counts: Annotated[str, local("what was read of a last line without a newline, as JSON")]
    read_at: Annotated[int, local("when it was read", "UTC ms")]
    missing_at: Annotated[int | None, local("when it was found missing", "UTC ms")]
    error: Annotated[str | None, local("why it could not be read")]
    reader: Annotated[int, local("the reader's version that read it")]
    lost: Annotated[int, local("whether an older reader read lines that are gone now", "0 or 1")]


class Settled(NamedTuple):
    """Up to which event the owners of a session's records are derived (derive/appends.py)."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    event: Annotated[int, local("the last event that was looked at")]
    cluster: Annotated[str | None, local("cluster; NULL if it shares no records")]
    own_at: Annotated[int | None, local("time of its first unshared line", "UTC ms")]
    contender: Annotated[int, local("whether only rules 2 and 3 made it an owner", "0 or 1")]
    alike: Annotated[
        int,
        local("whether all holders of each record of its cluster see the same copies", "0 or 1"),
    ]


class SessionChange(NamedTuple):
    """When rows of a session changed last, as a number of the record's own."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    n: Annotated[int, local("the revision of the record that the change made")]


class Fact(NamedTuple):
    """One stored fact about a person's rows, or about the record itself."""

    person: Annotated[int, key("the person whose rows it describes; 0 for the record itself")]
    name: Annotated[str, local("name")]
    value: Annotated[str, local("value")]


class Revision(NamedTuple):
    """Counts writes to the record, so that readers notice changes."""

    n: Annotated[int, local("number of transactions that wrote")]
