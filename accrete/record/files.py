"""Transcript files: how far each was read, its hashes, and what to read next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accrete.database import Database
from accrete.record.file_names import FORGOTTEN, hidden, text_of
from accrete.record.readers import Reading
from accrete.record.store import mark_stale
from accrete.transcript import READER_VERSION
from accrete.transcript.discover import Found, Search, is_named_by_file, named_by_file, signature
from accrete.transcript.line_counts import Counts
from accrete.transcript.read import Job, Position, is_continued


@dataclass(frozen=True, slots=True)
class Source:
    """A file as it was when it was last read. reader: the version of the reader that read it."""

    id: int
    path: str
    signature: tuple[int, ...]
    position: Position
    missing_at: int | None
    error: str | None
    reader: int
    session: str | None = None


@dataclass(slots=True)
class Planned:
    """A file to read and how many bytes of it are new, at least."""

    job: Job
    new_bytes: int


@dataclass(slots=True)
class Plan:
    """What there is to read, and what could not even be looked at. `again`: the files among them
    that are read only because an older reader read them; `left`: how many of those are left for
    another time."""

    jobs: list[Planned] = field(default_factory=list)
    again: int = 0
    left: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


_KNOWN = """SELECT id, path, device, inode, size, mtime_ns, ctime_ns, meta_mtime_ns, read_to,
    head_length, head_hash,
tail_hash, missing_at, error, reader, session FROM source_file WHERE person = ?"""


def known(db: Database, person: int) -> dict[str, Source]:
    """All files that were ever read, by path."""
    found = {}
    for row in db.run(_KNOWN, (person,)):
        (
            id_, path, device, inode, size, mtime_ns, ctime_ns, meta_mtime_ns, read_to,
            head_length, head_hash, tail_hash, missing_at, error, reader, session,
        ) = row  # fmt: skip
        signature = (device, inode, size, mtime_ns, ctime_ns, meta_mtime_ns)
        position = Position(read_to, head_length, head_hash, tail_hash)
        found[path] = Source(id_, path, signature, position, missing_at, error, reader, session)
    return found


def plan(
    db: Database,
    person: int,
    search: Search,
    sources: dict[str, Source],
    since: int | None,
    *,
    again_bytes: int | None = None,
) -> Plan:
    """What to read of what was found: what is new, grown or changed; a file that only moved keeps
    its position.

    Then what an older reader read, from its beginning, the newest first, until `again_bytes` or
    more are planned;
    all of it with None.
    """
    made = Plan()
    old: list[tuple[int, Planned]] = []
    here = {text_of(found.path) for found in search.files}
    by_inode = {
        s.signature[:2]: s
        for s in sources.values()
        if s.path not in here and not s.path.startswith(FORGOTTEN)
    }
    for found in reversed(search.files):
        if since is not None and found.stat.st_mtime_ns < since * 1_000_000:
            continue
        path, now = text_of(found.path), signature(found)
        source = sources.get(path) or sources.get(hidden(path))
        if source is None and (moved := _moved(found, by_inode, sources, here)) is not None:
            source = by_inode.pop(moved.signature[:2], moved)
            with db.transaction():
                db.run(
                    "UPDATE source_file SET path = ?, missing_at = NULL WHERE id = ?",
                    (path, source.id),
                )
            sources.pop(source.path, None)
        as_it_was = (
            source is not None
            and source.signature == now
            and source.missing_at is None
            and source.error is None
        )
        outdated = source is not None and source.reader < READER_VERSION
        if as_it_was and not outdated:
            continue
        position = (
            source.position
            if source is not None and found.stat.st_size >= source.position.read_to
            else None
        )
        new_bytes = found.stat.st_size - (position.read_to if position else 0)
        meta = str(found.meta) if found.meta else None
        name = _name(found, source)
        job = Job(
            str(found.path), found.layout, found.session, found.agent, meta, position, person, name,
            seen=now, root=text_of(found.root),
        )  # fmt: skip
        if not as_it_was:
            made.jobs.append(Planned(job, new_bytes))
        if source is not None and outdated:
            if not as_it_was and not _is_it(found, source):
                with db.transaction():
                    db.run("UPDATE source_file SET lost = 1 WHERE id = ?", (source.id,))
            old.append(
                (found.stat.st_mtime_ns, Planned(replace(job, known=None), found.stat.st_size))
            )
    _add_outdated(made, old, again_bytes)
    return made


def _add_outdated(made: Plan, old: list[tuple[int, Planned]], most: int | None) -> None:
    """Files that an older reader read; one of them that has also grown is read once, whole."""
    grown = {planned.job.path: index for index, planned in enumerate(made.jobs)}
    taken = 0
    for _, planned in sorted(old, key=lambda each: -each[0]):
        if most is not None and taken >= most:
            made.left += 1
            continue
        taken += planned.new_bytes
        made.again += 1
        if planned.job.path in grown:
            made.jobs[grown[planned.job.path]] = planned
        else:
            made.jobs.append(planned)


def _name(found: Found, source: Source | None) -> str:
    """What to call a conversation that nothing in its file names: by the file's first name,
    whatever it is called now."""
    if found.layout != "main" or found.session is not None:
        return ""
    kept = source.session if source is not None else None
    return kept if kept is not None and is_named_by_file(kept) else named_by_file(found.path)


def _moved(
    found: Found,
    by_inode: dict[tuple[int, ...], Source],
    sources: dict[str, Source],
    here: set[str],
) -> Source | None:
    """The file that this one was before it was renamed or moved, to another disk too where its path
    alone names its session."""
    stat = found.stat
    source = by_inode.get((stat.st_dev, stat.st_ino))
    if source is not None and _is_it(found, source):
        return source
    if found.layout != "main" or found.session is not None:
        return None
    gone = (s for s in sources.values() if is_named_by_file(s.session) and s.path not in here)
    return next((s for s in gone if s.signature[2] == stat.st_size and _is_it(found, s)), None)


def _is_it(found: Found, source: Source) -> bool:
    """Whether the file is the one that was read under another name: inodes of deleted files are
    used again."""
    try:
        return is_continued(str(found.path), source.position)
    except OSError:
        return False


_COLUMNS = (
    "person, path, root, layout, session, device, inode, size, mtime_ns, ctime_ns, "
    "meta_mtime_ns, head_length, "
    "head_hash, tail_hash, read_to, counts, tail_counts, read_at, missing_at, error"
)


_SAVE = f"""INSERT INTO source_file ({_COLUMNS}, reader) VALUES ({", ".join("?" * 20)},
    {READER_VERSION})
ON CONFLICT (person, path) DO UPDATE SET {
    ", ".join(f"{c.strip()} = excluded.{c.strip()}" for c in _COLUMNS.split(",")[2:])
}, reader = CASE WHEN ? = 1 THEN excluded.reader ELSE source_file.reader END"""


def save(
    db: Database, person: int, reading: Reading, now: int, *, hidden_name: bool = False
) -> None:
    """Records how far a file was read, and adds what its lines were. A file is of the session that
    its path names, else of the only one that its lines name, else of none: the same in whatever
    pieces it is read. With `hidden_name`, of a file with nothing but sessions that were forgotten
    or are ignored, only a hash of its path, and that it was read."""
    piece, job = reading.piece, reading.job
    assert piece is not None
    device, inode, *later = job.seen
    seen = (device, inode, *(later if reading.last else (0, 0, 0, 0)))
    root = job.root
    path = text_of(job.path)
    rows = db.run(
        "SELECT counts, session FROM source_file WHERE person = ? AND path = ?", (person, path)
    )
    if hidden_name:
        db.run("DELETE FROM source_file WHERE person = ? AND path = ?", (person, path))
        path, root = hidden(path), ""
    counts = Counts()
    told = set(piece.batch.sessions)
    counted, before = rows[0] if rows else (None, None)
    if rows and not reading.started and not hidden_name:
        counts = Counts.from_json(counted)
        told |= {before} - {None}
    if not hidden_name:
        counts.add(piece.counts)
    tail = Counts() if hidden_name else piece.tail
    counts.mixed |= int(len(told) > 1)
    session = (
        None if hidden_name else job.session or (min(told) if told and not counts.mixed else None)
    )
    if before not in (None, session):
        mark_stale(db, person, [before])
    at = piece.position
    db.run(
        _SAVE,
        (
            person,
            path,
            root,
            job.layout,
            session,
            *seen,
            at.head_length,
            at.head_hash,
            at.tail_hash,
            at.read_to,
            counts.to_json(),
            tail.to_json(),
            now,
            None,
            None,
            int(reading.started),
        ),
    )
    if session is not None:
        db.run(
            "UPDATE session SET source_missing_at = NULL WHERE person = ? "
            "AND id = ? AND source_missing_at IS NOT NULL",
            (person, session),
        )


def mark_error(db: Database, person: int, path: str, error: str) -> None:
    """Remembers why a known file could not be read; it is tried again the next time."""
    db.run(
        "UPDATE source_file SET error = ? WHERE person = ? AND path = ?",
        (text_of(error), person, text_of(path)),
    )


def mark_missing(db: Database, person: int, gone: Iterable[Source], now: int) -> None:
    """Marks files that are no longer there, and the sessions that now have no file."""
    db.many(
        "UPDATE source_file SET missing_at = ? WHERE id = ?", [(now, source.id) for source in gone]
    )
    db.run(
        """UPDATE session SET source_missing_at = ? WHERE person = ? AND source_missing_at IS NULL
        AND id IN (SELECT session FROM source_file WHERE person = ? AND missing_at IS NOT NULL)
        AND id NOT IN (SELECT session FROM source_file
        WHERE person = ? AND missing_at IS NULL AND session IS NOT NULL)""",
        (now, person, person, person),
    )
