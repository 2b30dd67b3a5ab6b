"""One company as one file: a zip of JSON Lines for each table, which either engine reads."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from accrete.database import Database, Row
from accrete.database.schema import latest_version
from accrete.errors import AccreteError
from accrete.model.tables import TABLES, Table
from accrete.record.store import freshen_search
from accrete_team.tenants import fault_said, faults

FORMAT, VERSION = "accrete-company", 1
MANIFEST = "manifest.json"
LEFT_OUT = frozenset({"revision", "settled"})
"""Tables that say something of one database alone. So do the facts of nobody (RECORD)."""
AT_ONCE = 2_000
_DAMAGE: tuple[type[Exception], ...] = (
    OSError, EOFError, KeyError, ValueError, OverflowError, zlib.error, zipfile.BadZipFile,
    msgspec.MsgspecError,
)  # fmt: skip
"""What reading a damaged file raises."""
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_KNOWN = {each.name: each for each in TABLES if each.name not in LEFT_OUT}


class Contents(msgspec.Struct, forbid_unknown_fields=True):
    """What the file holds of a table. hash: SHA-256 of its lines, in the order of its identity."""

    columns: list[str]
    rows: int
    hash: str


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """What the file is. schema: the number of the last schema file; made_at: UTC ms."""

    format: str
    version: int
    schema: int
    company: str
    made_at: int
    tables: dict[str, Contents]


@contextmanager
def reserved(path: Path) -> Iterator[Path]:
    """A new file that only this user reads, for the block to fill; removed when that raises.
    Raises AccreteError where there is one already."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise AccreteError(f"{path} is there already. Nothing was changed. Name another.") from None
    except OSError as error:
        raise AccreteError(f"Cannot write {path}: {error.strerror}. Name another.") from None
    try:
        yield path
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise AccreteError(f"Cannot write {path}: {error.strerror}. Name another.") from error
        raise


def export(db: Database, file: Path, company: str, now: int) -> Manifest:
    """Writes all that a company holds, of one moment, to a new file. Raises AccreteError."""
    manifest = Manifest(FORMAT, VERSION, db.version, company, now, {})
    with (
        reserved(file),
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed,
        db.reading(),
    ):
        for name, table in _KNOWN.items():
            with packed.open(f"{name}.jsonl", "w", force_zip64=True) as entry:
                manifest.tables[name] = _write(db, table, list(table.fields), entry)
        packed.writestr(MANIFEST, msgspec.json.encode(manifest))
    return manifest


def _write(db: Database, table: Table, columns: list[str], entry: IO[bytes] | None) -> Contents:
    """Writes the rows of a table where an entry is given; says what they are in any case."""
    made, count = hashlib.sha256(), 0
    for rows in _pages(db, table, columns):
        lines = b"".join(
            msgspec.json.encode(dict(zip(columns, row, strict=True))) + b"\n" for row in rows
        )
        made.update(lines)
        count += len(rows)
        if entry is not None:
            entry.write(lines)
    return Contents(columns, count, made.hexdigest())


def _pages(db: Database, table: Table, columns: list[str]) -> Iterator[list[Row]]:
    """The rows in the order of their identity, some at a time."""
    key = ", ".join(table.key)
    at = [columns.index(each) for each in table.key]
    of = "person <> 0" if table.name == "fact" else "1 = 1"
    marks = ", ".join("?" * len(table.key))
    last: list[object] = []
    while True:
        after = f" AND ({key}) > ({marks})" if last else ""
        rows = db.run(
            f"SELECT {', '.join(columns)} FROM {table.name} WHERE {of}{after} "
            f"ORDER BY {key} LIMIT {AT_ONCE}",
            last,
        )
        if rows:
            yield rows
            last = [rows[-1][each] for each in at]
        if len(rows) < AT_ONCE:
            return


def manifest_of(file: Path) -> Manifest:
    """What an exported file says of itself. Raises AccreteError for any other file."""
    try:
        with zipfile.ZipFile(file) as packed:
            found = msgspec.json.decode(packed.read(MANIFEST), type=Manifest)
    except FileNotFoundError:
        raise AccreteError(f"There is no file {file}.") from None
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, msgspec.DecodeError) as error:
        raise AccreteError(
            f"{file} is no whole export of a company ({fault_said(error)}). Give a file that "
            "`accrete-team company export` or `backup` wrote."
        ) from None
    if found.format != FORMAT:
        raise AccreteError(
            f"{file} is no export of a company. Give a file that `accrete-team company export` or "
            "`backup` wrote."
        )
    if found.version != VERSION or found.schema > latest_version():
        raise AccreteError(f"{file} was written by a newer Accrete. Upgrade this server first.")
    unknown = sorted(set(found.tables) - set(_KNOWN))
    if unknown:
        raise AccreteError(f"{file} has tables that no company has: {', '.join(unknown)[:80]}.")
    return found


def load(db: Database, file: Path) -> Manifest:
    """Fills an empty database from an exported file and compares what it then holds, row for row;
    afterwards the database is of today's schema. Raises AccreteError; the caller drops what was
    made."""
    manifest = manifest_of(file)
    damage: tuple[type[Exception], ...] = (*_DAMAGE, *faults())
    try:
        db.migrate(manifest.schema)
        with zipfile.ZipFile(file) as packed, db.transaction():
            for name, contents in manifest.tables.items():
                _check_columns(db, name, contents.columns)
                with packed.open(f"{name}.jsonl") as entry:
                    _insert(db, name, contents.columns, entry)
            _count_on(db, manifest)
        _compare(db, manifest)
    except damage as error:
        raise AccreteError(
            f"{file} cannot be loaded: it is damaged, or was changed ({fault_said(error)})."
        ) from error
    db.migrate()
    freshen_search(db)
    return manifest


def _check_columns(db: Database, name: str, columns: list[str]) -> None:
    """Raises ValueError unless these are columns of the table, its identity among them: they come
    from the file and become part of a statement."""
    cursor = db.connection.execute(f"SELECT * FROM {name} LIMIT 0")
    there = {each[0] for each in cursor.description or ()}
    good = set(columns) <= there and set(_KNOWN[name].key) <= set(columns)
    if not good or not all(_COLUMN.fullmatch(each) for each in columns):
        raise ValueError(f"columns of {name}")


def _insert(db: Database, name: str, columns: list[str], entry: IO[bytes]) -> None:
    sql = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    decoder = msgspec.json.Decoder(dict[str, str | int | float | None])
    rows: list[tuple[object, ...]] = []
    for line in entry:
        row = decoder.decode(line)
        rows.append(tuple(row[each] for each in columns))
        if len(rows) == AT_ONCE:
            db.many(sql, rows)
            rows = []
    db.many(sql, rows)


def _count_on(db: Database, manifest: Manifest) -> None:
    """PostgreSQL gives new numbers behind those that were loaded."""
    if db.dialect != "postgresql":
        return
    for name, contents in manifest.tables.items():
        if "id" in contents.columns and _numbered(db, name):
            db.run(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), "
                f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {name}), false)"
            )


def _numbered(db: Database, name: str) -> bool:
    return db.run(f"SELECT pg_get_serial_sequence('{name}', 'id')")[0][0] is not None


def _compare(db: Database, manifest: Manifest) -> None:
    """Raises AccreteError unless the database holds exactly the rows that the file says."""
    with db.reading():
        for name, contents in manifest.tables.items():
            found = _write(db, _KNOWN[name], contents.columns, None)
            if found != contents:
                raise AccreteError(
                    f"After loading, {name} has {found.rows:,} rows that are not the "
                    f"{contents.rows:,} of the file. Nothing was kept."
                )
