"""Reads one transcript from where the last reading ended: bytes in, batches of rows and counts
out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from accrete.clock import parse_instant
from accrete.model.batch import Batch
from accrete.model.captured import AgentRun, TypedHistory
from accrete.text.clean import clean
from accrete.text.json import JsonObject
from accrete.transcript.assemble import NAMED_WITHIN, Assembler
from accrete.transcript.decode import Decoded, RawLine, decode, is_blank, raw_lines
from accrete.transcript.line_counts import Counts

HASHED = 4096
BATCH_BYTES = 512 << 10


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read, and what stood there: enough to tell growth from rewriting."""

    read_to: int = 0
    head_length: int = 0
    head_hash: str = ""
    tail_hash: str = ""


@dataclass(slots=True)
class Piece:
    """One step of a reading: rows, the position after them, and what is new in the counts. The last
    piece has the counts of an unterminated last line, which will be read again, apart in `tail`."""

    batch: Batch
    position: Position
    counts: Counts
    tail: Counts
    parsed: int
    history: list[TypedHistory] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read. `known`: the position of the last reading, None to read from the start.
    `name`: the session of a conversation that neither its lines nor the path name. `seen`: what
    stat said of it before it was read, so that a change after that is seen by the next pass;
    `root`: the folder that it was searched from."""

    path: str
    layout: str
    session: str | None
    agent: str
    meta: str | None
    known: Position | None
    person: int = 1
    name: str = ""
    seen: tuple[int, ...] = ()
    root: str = ""


def read_file(job: Job, redact: Callable[[str], str]) -> Iterator[Piece]:
    """The file's new rows in pieces of half a MiB. Starts anew (first piece's position says so by
    its counts being whole) when the file is not what `known` describes.

    Raises OSError when the file cannot be opened or read.
    """
    with open(job.path, "rb", buffering=0) as file:
        start = job.known.read_to if job.known else 0
        assembler = Assembler(
            person=job.person,
            session=job.session or "",
            agent=job.agent,
            redact=redact,
            name=job.name,
        )
        if job.name and (named := _first_named(file, start)):
            assembler.name_file(named)
        if job.meta is not None or job.agent:
            _add_meta(assembler, job)
        yield from _pieces(file, job, start, assembler)


def _first_named(file: BinaryIO, start: int) -> str | None:
    """The session that the beginning of a file names before byte `start`, for the lines behind it
    that name none."""
    for line in raw_lines(file, 0, min(start, NAMED_WITHIN)):
        for record in decode(line.data).lines if line.data and line.ended else ():
            if record.sessionId or record.session_id:
                return record.sessionId or record.session_id
    return None


def is_continued(path: str, known: Position) -> bool:
    """Whether the file still begins as it did, and still has before `read_to` what stood there.

    Raises OSError when the file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        return position_at(file, known.read_to, known.head_length) == known


def position_at(file: BinaryIO, read_to: int, head_length: int | None = None) -> Position:
    """The position of a file read up to byte `read_to`."""
    length = min(HASHED, read_to) if head_length is None else head_length
    file.seek(0)
    head = file.read(length)
    file.seek(max(0, read_to - HASHED))
    tail = file.read(read_to - max(0, read_to - HASHED))
    return Position(read_to, length, _digest(head), _digest(tail))


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _pieces(file: BinaryIO, job: Job, start: int, assembler: Assembler) -> Iterator[Piece]:
    counts, tail = Counts(), Counts()
    history: list[TypedHistory] = []
    pending = parsed = 0
    read_to = start
    for line in raw_lines(file, start):
        if line.data is None or not is_blank(line.data):
            parsed += 1
            _read_line(line, job, assembler, counts if line.ended else tail, history)
        if not line.ended:
            break
        read_to = line.end
        pending += line.end - line.offset
        if pending >= BATCH_BYTES:
            resume = file.tell()
            yield _piece(file, assembler, counts, Counts(), read_to, parsed, history)
            file.seek(resume)
            counts, history, pending, parsed = Counts(), [], 0, 0
    yield _piece(file, assembler, counts, tail, read_to, parsed, history)


def _read_line(
    line: RawLine, job: Job, assembler: Assembler, counts: Counts, history: list[TypedHistory]
) -> None:
    decoded = (
        decode(line.data)
        if line.data is not None
        else Decoded((), malformed=True, strict_failure=True)
    )
    counts.lines += 1
    counts.strict_failures += decoded.strict_failure
    counts.repaired += decoded.repaired
    if decoded.malformed or line.data is None:
        counts.malformed += 1
        counts.torn += not line.ended
        return
    if job.layout == "history":
        history.extend(_typed_history(job.person, line.data, assembler.redact))
        return
    assembler.batch.counts = counts.kinds
    for index, record in enumerate(decoded.lines):
        assembler.add(
            record, line.offset + index, line.data if index == 0 else line.data + b"#%d" % index
        )


def _piece(
    file: BinaryIO,
    assembler: Assembler,
    counts: Counts,
    tail: Counts,
    read_to: int,
    parsed: int,
    history: list[TypedHistory],
) -> Piece:
    batch = assembler.take_batch()
    counts.plan_mode |= int(batch.plan_mode)
    return Piece(batch, position_at(file, read_to), counts, tail, parsed, history)


def _add_meta(assembler: Assembler, job: Job) -> None:
    """Takes up what `.meta.json` says of a subagent."""
    meta: JsonObject = {}
    if job.meta is not None:
        try:
            value = json.loads(Path(job.meta).read_bytes())
        except (OSError, ValueError, RecursionError):
            value = None
        meta = value if isinstance(value, dict) else {}
    if not job.session:
        return

    def text(key: str) -> str | None:
        value = meta.get(key)
        return assembler.redact(clean(value)) if isinstance(value, str) and value else None

    workflow = os.path.basename(os.path.dirname(job.path)) if job.layout == "workflow" else None
    assembler.batch.agents[(job.session, job.agent)] = AgentRun(
        job.person, job.session, job.agent, text("agentType"), text("description"), text("name"),
        text("toolUseId"), text("parentAgentId"), workflow, job.layout,
    )  # fmt: skip


def _typed_history(person: int, data: bytes, redact: Callable[[str], str]) -> list[TypedHistory]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return []
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("display"), str)
        or not value["display"]
    ):
        return []
    project, session = value.get("project"), value.get("sessionId")
    return [
        TypedHistory(
            person,
            _digest(data.strip()),
            parse_instant(value.get("timestamp")),
            redact(clean(project)) if isinstance(project, str) else None,
            clean(session) if isinstance(session, str) else None,
            redact(clean(value["display"])),
        )
    ]
