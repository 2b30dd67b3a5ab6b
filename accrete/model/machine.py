"""What is kept of this machine: files that were read, folders and their projects, and the record's own bookkeeping."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import Field, Holds, Tier, activity, instant, key, local

_PERSON = key("whose it is")


def _here(meaning: str) -> Field:
    """Text that never leaves the machine, and is redacted all the same."""
    return Field(Tier.LOCAL, meaning, holds=Holds.TEXT)


class Project(NamedTuple):
    """What folders of one repository, or one folder, are together. Derived from folders and their owner's words."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, local("a hash of its remote or folder: known to this machine alone")]
    name: Annotated[str, activity("what it is called, told apart from namesakes")]
    short: Annotated[str | None, activity("its name alone", holds=Holds.VALUE)]
    remote: Annotated[str | None, activity("host/owner/name of its git remote")]
    root: Annotated[str, _here("its folder")]
    how: Annotated[str | None, local("by what rule it was found")]
    ids: Annotated[str, local("its id and those it had or would have by itself, separated by spaces")]


class Workdir(NamedTuple):
    """A folder that sessions ran in, and what this machine said of it."""

    person: Annotated[int, _PERSON]
    cwd: Annotated[str, _here("the folder")]
    project: Annotated[str, local("the project that it is of; derived")]
    leads_to: Annotated[str | None, _here("where it leads, links resolved")]
    root: Annotated[str | None, _here("the main work tree that holds it")]
    remote: Annotated[str | None, _here("host/owner/name of the git remote")]
    there: Annotated[int, local("whether it existed when it was asked", "0 or 1")]
    asked_at: Annotated[int | None, local("when it was asked", "UTC ms")]
    how: Annotated[str | None, local("by what rule its project was found; derived")]


class GitWorktree(NamedTuple):
    """A worktree that git had on its list for a repository of this machine."""

    person: Annotated[int, _PERSON]
    worktree: Annotated[str, _here("its folder")]
    repository: Annotated[str, _here("its repository's folder")]


class GitAnswer(NamedTuple):
    """What git said of a commit that a call made and nobody named whole."""

    person: Annotated[int, _PERSON]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, local("the commit's place among those of the call")]
    answer: Annotated[str, local("found, none, ambiguous, failed")]
    sha: Annotated[str | None, local("the whole id where it was found")]
    asked_at: Annotated[int, local("when git was asked", "UTC ms")]


class PullRequest(NamedTuple):
    """A pull request that any session linked."""

    person: Annotated[int, _PERSON]
    url: Annotated[str, activity("its address")]
    number: Annotated[int | None, activity("its number", holds=Holds.VALUE)]
    repository: Annotated[str | None, activity("owner/name")]


class SessionPullRequest(NamedTuple):
    """That a session's transcript links a pull request."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    url: Annotated[str, activity("the pull request's address")]
    at: Annotated[int | None, instant("when it was linked")]
    reader: Annotated[int, local("the reader's version that read it")]


class SourceFile(NamedTuple):
    """A file that was read, and how far."""

    id: Annotated[int, local("its number")]
    person: Annotated[int, _PERSON]
    path: Annotated[str, local("where it lies")]
    root: Annotated[str, local("the folder that it was found under")]
    layout: Annotated[str, local("main, subagent, history, …")]
    session: Annotated[str | None, local("the session that it is of")]
    device: Annotated[int, local("the file system's number")]
    inode: Annotated[int, local("the file's number there")]
    size: Annotated[int, local("its size when it was read", "bytes")]
    mtime_ns: Annotated[int, local("when it was last written", "ns")]
    ctime_ns: Annotated[int, local("when it was last changed", "ns")]
    meta_mtime_ns: Annotated[int, local("when the file beside it was last written", "ns")]
    head_length: Annotated[int, local("how much of its beginning is hashed", "bytes")]
    head_hash: Annotated[str, local("hash of its beginning")]
    tail_hash: Annotated[str, local("hash of what stands before the offset")]
    read_to: Annotated[int, local("the offset up to which it was read", "bytes")]
    counts: Annotated[str, local("what was read, by record type and kind, as JSON")]
    tail_counts: Annotated[str, local("what was read of a last line without a newline, as JSON")]
    read_at: Annotated[int, local("when it was read", "UTC ms")]
    missing_at: Annotated[int | None, local("when it was found gone", "UTC ms")]
    error: Annotated[str | None, local("why it could not be read")]
    reader: Annotated[int, local("the reader's version that read it")]
    lost: Annotated[int, local("whether an older reader read what it no longer holds", "0 or 1")]


class Settled(NamedTuple):
    """Up to which event the owners of a session's records are worked out (derive/appends.py)."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, key("the session")]
    event: Annotated[int, local("the last event that was looked at")]
    cluster: Annotated[str | None, local("which sessions it shares records with; NULL where none")]
    own_at: Annotated[int | None, local("its first line that no other session holds", "UTC ms")]
    contender: Annotated[int, local("whether only rules 2 and 3 made it an owner", "0 or 1")]
    alike: Annotated[int, local("whether all holders of each of its cluster's records see the same copies", "0 or 1")]


class Fact(NamedTuple):
    """One thing that is so of a person's rows, or of the record itself."""

    person: Annotated[int, key("whose rows it is about; 0 for the record itself")]
    name: Annotated[str, local("what it is about")]
    value: Annotated[str, local("what is so")]


class Revision(NamedTuple):
    """How often the record was written to: tells whoever shows something that it changed."""

    n: Annotated[int, local("transactions that wrote")]
