"""What commands that read, check, change or delete say they did, as answers."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.insight.answer import ABSENT, Absent


class Skipped(NamedTuple):
    """A file that was not read."""

    path: Annotated[str, "the file"]
    reason: Annotated[str, "why"]


class Backfilled(NamedTuple):
    """What reading transcripts did."""

    files: Annotated[int, "files found"]
    files_read: Annotated[int, "files with something new"]
    files_missing: Annotated[int, "files that are gone"]
    lines_parsed: Annotated[int, "lines read"]
    bytes_read: Annotated[int, "bytes read"]
    malformed: Annotated[int, "lines that could not be read"]
    sessions_changed: Annotated[int, "sessions derived again"]
    forgotten_skipped: Annotated[int, "deleted sessions left out"]
    skipped: Annotated[list[Skipped], "what could not be read"]
    seconds: Annotated[float, "how long it took"]
    held_elsewhere: Annotated[bool, "whether another ingest was running, and this one did nothing"]
    events: Annotated[int, "events of hooks that were read"]
    ignored: Annotated[int, "sessions left out by `ignore`"]
    read_again: Annotated[int, "files that an older version had read"]
    left_for_later: Annotated[int, "such files that a later run will read"]
    due: Annotated[float | None, "when long sessions will be derived, seconds since 1970"]


class Ingested(NamedTuple):
    """What an ingest did."""

    events: Annotated[int, "events of hooks that were read"]
    files_read: Annotated[int, "files with something new"]
    lines_parsed: Annotated[int, "lines read"]
    sessions_changed: Annotated[int, "sessions derived again"]
    held_elsewhere: Annotated[bool, "whether another ingest was running, and this one did nothing"]


class Said(NamedTuple):
    """What a person wrote on a session."""

    session: Annotated[str, "id of the session"]
    tags: Annotated[list[str], "its tags"]
    note: Annotated[str | None, "its note"]


class Finding(NamedTuple):
    """One line of a diagnosis. `text` and `advice` are sentences for people, with dates in their
    locale."""

    level: Annotated[str, "ok, note, warn or bad"]
    text: Annotated[str, "what was found"]
    advice: Annotated[str, "what to do"]
    details: Annotated[list[str], "what it is about, a line each"]


class Findings(NamedTuple):
    """A diagnosis."""

    findings: Annotated[list[Finding], "what was found"]


class Event(NamedTuple):
    """One kind of hook event."""

    event: Annotated[str, "its name"]
    times: Annotated[int, "how often it came"]
    last_at: Annotated[int, "the last time"]


class Status(NamedTuple):
    """Whether capture works."""

    findings: Annotated[list[Finding], "what was found"]
    events: Annotated[list[Event], "events that came, by kind"]
    waiting: Annotated[int, "events that nobody read yet"]


class Counted(NamedTuple):
    """Counts of every kind of record."""

    counts: Annotated[dict[str, object], "see [counts](counts.md)"]


class Exported(NamedTuple):
    """What was written."""

    file: Annotated[str, "the file"]
    rows: Annotated[int | Absent, "rows of a .jsonl or .csv"] = ABSENT
    moments: Annotated[int | Absent, "entries of a .md or .html"] = ABSENT
    bytes: Annotated[int | Absent, "bytes of a copy of the database"] = ABSENT


class Forgotten(NamedTuple):
    """What was deleted, and what is left elsewhere."""

    sessions: Annotated[list[str], "ids of the sessions"]
    prompts: Annotated[int, "prompts"]
    responses: Annotated[int, "API responses: own and delegated"]
    tool_calls: Annotated[int, "tool calls"]
    events: Annotated[int, "events"]
    remembered_prompts: Annotated[int, "prompts of history.jsonl"]
    kept_by: Annotated[list[str], "sessions that hold copies of shared lines"]
    transcripts: Annotated[list[str], "files of Claude Code that still hold the words"]
    removed_files: Annotated[list[str], "files removed from the data folder"]
    at: Annotated[int, "when"]
    scrubbed: Annotated[bool, "whether the bytes are gone from the data folder too"]
    problem: Annotated[str | None, "why not"]


class Rebuilt(NamedTuple):
    """What was recomputed."""

    sessions: Annotated[int, "sessions"]
    redacted_again: Annotated[int, "stored texts that newer patterns redacted"]
    seconds: Annotated[float, "how long it took"]


class BackedUp(NamedTuple):
    """A backup that was made (`backup`, `bytes`) or restored (`restored`, `kept`)."""

    backup: Annotated[str | Absent, "the copy"] = ABSENT
    bytes: Annotated[int | Absent, "its size"] = ABSENT
    restored: Annotated[str | Absent, "the copy that is the record now"] = ABSENT
    kept: Annotated[str | None | Absent, "where the record before is kept"] = ABSENT


class Secret(NamedTuple):
    """Something to redact."""

    line: Annotated[int, "its line"]
    kind: Annotated[str, "kind of secret"]
    characters: Annotated[int, "its length"]


class Redacted(NamedTuple):
    """What redaction would remove. The exit code is 1 if there is something."""

    redaction_version: Annotated[int, "version of the patterns"]
    findings: Annotated[list[Secret], "what was found"]
