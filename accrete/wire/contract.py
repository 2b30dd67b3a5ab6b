"""The messages between a person's machine and a team server: strict, versioned, made of tiers."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Annotated, Any, NamedTuple

import msgspec

from accrete.model import Tier
from accrete.model.field import Holds
from accrete.model.published_names import OTHER, is_published
from accrete.wire.rows import DAY_MS, target_of
from accrete.wire.travels import AGENTS, HOURS, NAMES, WIRE_VERSION, Column, Given, columns
from accrete.wire.travels import table as stored

OLDEST = max(1, WIRE_VERSION - 1)
"""The oldest version that a server takes."""
ID_MOST, NAME_MOST, TEXT_MOST = 256, 4096, 1 << 20
"""The longest id, name or path, and text, in characters."""
KEY_MOST = 1000
"""The longest text in an identity: an index of PostgreSQL has no room for more."""
_ID = re.compile(r"[A-Za-z0-9_.:@#/+-]*", re.ASCII)
_MARKS = re.compile(r"[a-z0-9_-]*(?: [a-z0-9_-]+)*", re.ASCII)
_ALIAS = re.compile(r"(?:[0-9a-f]{16})?")
LARGEST = 1 << 53
"""No number is as large as this."""
MOMENTS = (-62_135_424_000_000, 253_402_128_000_000)
"""UTC ms between which every moment has a date in every zone: years 1 to 9999, but for two days at
either end."""

EAST_MS = 14 * 3_600_000
"""How far ahead of UTC clocks are anywhere."""


class RefusedError(ValueError):
    """A message that the contract does not allow; says which field and why, never its value."""


class Table(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """All rows of one table of one session. hash: of `rows` as they stand in the message."""

    table: str
    hash: str
    rows: list[msgspec.Raw] = []


class Shared(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What changed of one session. tier: of every row in it; events: how many the machine knows of
    it; whole: whether a table that is not in it has no rows."""

    session: str
    tier: int
    tables: list[Table] = []
    events: int = 0
    whole: bool = False


class Tombstone(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A session that its owner no longer shares. why: forgotten, unshared, left; in an answer also
    again: the server wants all of it anew, and expired: the company does not keep it any more."""

    session: str
    why: str


class Message(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One request. at: when it was made, UTC ms; device: a random id; number: what tells which of
    two messages is the newer one, from version 3 on (decision 26)."""

    wire: int
    device: str
    at: int
    sessions: list[Shared] = []
    gone: list[Tombstone] = []
    number: int = 0


class Turn(msgspec.Struct):
    """The first of the numbers that a machine may give its messages now: larger than all that were
    handed out to the person before."""

    number: int


class Kept(msgspec.Struct, omit_defaults=True):
    """What the server now holds: the hash of a table of a session."""

    session: str
    table: str
    hash: str


class Fault(msgspec.Struct, omit_defaults=True):
    """A row that was refused, by its place, and why. The rest of its table was kept. table: ''
    where it is the whole session."""

    session: str
    table: str
    row: int
    why: str


class Erased(msgspec.Struct, omit_defaults=True):
    """When what was taken back is gone. rows_at: from the tables, UTC ms; bytes_by: by when the
    nightly job has removed the bytes from the disk; backups_by: by when the last backup that has
    them is gone, if the server knows."""

    rows_at: int
    bytes_by: int
    backups_by: int | None = None


class Receipt(msgspec.Struct, omit_defaults=True):
    """The answer to a message. gone: sessions whose rows were deleted here, and those that were
    forgotten on another device of the person; outdated: those of which something was not taken,
    since the message is older than what the server heard: there is nothing to do about it. Answers
    may have fields that a machine does not know: the server can be newer."""

    wire: int
    kept: list[Kept] = []
    refused: list[Fault] = []
    gone: list[Tombstone] = []
    erased: Erased | None = None
    outdated: list[str] = []


class Published(msgspec.Struct):
    """A project on the company's list. remote: as accrete.projects normalises it."""

    id: str
    remote: str
    name: str


class Projects(msgspec.Struct):
    """The company's list of projects."""

    projects: list[Published] = []


class Chosen(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a person chose on one machine, for all of theirs; None for what they left as it was."""

    tier: int | None = None
    paused: bool | None = None


class Heard(msgspec.Struct):
    """When the server heard of a choice, by its own clock, UTC ms."""

    at: int


class Gone(msgspec.Struct, omit_defaults=True):
    """A session that is not to be sent, or `again`. at: when the server heard of it, UTC ms."""

    session: str
    why: str
    at: int = 0


class Elsewhere(msgspec.Struct, omit_defaults=True):
    """What the person chose last on another machine. what: tier, paused, cleared; at: when the
    server heard of it, UTC ms."""

    what: str
    amount: int
    at: int


class State(msgspec.Struct, omit_defaults=True):
    """What a machine asks before it sends. server: the program there; at: its clock, UTC ms; gone:
    the sessions that the person took back, and those that the server wants again from this
    machine."""

    server: str
    at: int
    chosen: list[Elsewhere] = []
    gone: list[Gone] = []


@cache
def row_type(table: str, tier: int, version: int = WIRE_VERSION) -> type[msgspec.Struct]:
    """The strict type of a table's rows at a tier: no field that it does not have, no value of
    another type. Raises RefusedError where none may leave."""
    found = columns(table, tier, version)
    if not found:
        raise RefusedError(f"{table[:40]}: no rows at tier {tier}")
    fields = [_field(each, each.kind) for each in found]
    return msgspec.defstruct(
        f"{table}_{tier}", fields, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
    )


def _field(column: Column, form: Any) -> tuple[str, Any] | tuple[str, Any, Any]:
    """A field as msgspec takes it: its name, the form of its type, and None where a row may be
    without it."""
    if column.nullable or column.listed or column.name == "project":
        return column.name, form | None, None
    return column.name, form


@cache
def _decoder(table: str, tier: int, version: int) -> msgspec.json.Decoder[msgspec.Struct]:
    return msgspec.json.Decoder(row_type(table, tier, version), strict=True)


class Quick(NamedTuple):
    """Checks rows as a whole. decoder: of a type that takes no row that `_check` refuses, but in
    its days; many: of a list of them, without what an id has to look like; days, listed: columns to
    look at one by one, with the list."""

    decoder: msgspec.json.Decoder[msgspec.Struct]
    many: msgspec.json.Decoder[list[msgspec.Struct]]
    days: tuple[str, ...]
    listed: tuple[tuple[str, str], ...]


@cache
def _quick(table: str, tier: int, version: int) -> Quick:
    found, keys = columns(table, tier, version), stored(table).key

    def made(without: re.Pattern[str] | None) -> type[msgspec.Struct]:
        return msgspec.defstruct(
            f"{table}_{tier}_quick",
            [
                _field(each, Annotated[each.kind, _bounds(each, tier, each.name in keys, without)])
                for each in found
            ],
            forbid_unknown_fields=True,
            kw_only=True,
        )

    return Quick(
        msgspec.json.Decoder(made(None), strict=True),
        msgspec.json.Decoder(list[made(_ID)], strict=True),  # type: ignore[misc]
        tuple(each.name for each in found if each.mark.unit == "YYYY-MM-DD"),
        tuple((each.name, each.listed) for each in found if each.listed),
    )


def _bounds(
    column: Column, tier: int, is_key: bool, without: re.Pattern[str] | None = None
) -> msgspec.Meta:
    """What `_check` asks of a value, as msgspec asks it. without: what it does not ask."""
    if column.kind is str:
        most = min(_most(column), KEY_MOST) if is_key else _most(column)
        allowed = _allowed(column, tier)
        pattern = rf"\A(?:{allowed.pattern})\Z" if allowed and allowed is not without else None
        return msgspec.Meta(max_length=most, pattern=pattern)
    if column.name in HOURS:
        return msgspec.Meta(ge=0, le=167)
    if column.mark.unit == "0 or 1":
        return msgspec.Meta(ge=0, le=1)
    daily = DAY_MS if column.daily else None
    if column.mark.unit == "UTC ms":
        return msgspec.Meta(ge=MOMENTS[0], le=MOMENTS[1], multiple_of=daily)
    return msgspec.Meta(gt=-LARGEST, lt=LARGEST)


def decoded_together(
    table: str, tier: int, version: int, rows: Sequence[bytes | msgspec.Raw]
) -> list[Given] | None:
    """`decoded` of all rows of a table at once, for a third of the time; None where one of them may
    have to be refused, or nobody can tell without looking at each."""
    joined, quick = b",".join(rows), _quick(table, tier, version)
    if b"\\u0000" in joined or (tier < Tier.WORDS and not _plain(joined, len(rows))):
        return None
    try:
        found = quick.many.decode(b"[%b]" % joined)
        if len(found) != len(rows):
            return None
        return [_finished(table, tier, msgspec.structs.asdict(row), version) for row in found]
    except (ValueError, RecursionError):
        return None


_IN_IDS = (string.ascii_letters + string.digits + "_.:@#/+-").encode()
_PLAIN = _IN_IDS + b'{}",'


def _plain(rows: bytes, count: int) -> bool:
    """Whether all texts in rows, in JSON with commas between them, are ids. All else in them are
    braces and commas, and there are no more of these than fields and rows explain. A text that
    begins with a colon would look like one more field."""
    return (
        not rows.translate(None, _PLAIN)
        and b':":' not in rows
        and rows.count(b"{") == count == rows.count(b"}")
        and rows.count(b",") == rows.count(b'":') - 1
    )


def decoded(table: str, tier: int, version: int, raw: bytes | msgspec.Raw) -> Given:
    """A row that came, by the names of the fields that the tier has; None where it has no value.
    Raises RefusedError with the field and the reason, never with what stood there."""
    text, quick = bytes(raw), _quick(table, tier, version)
    try:
        if b"\\u0000" in text:
            raise ValueError
        found = msgspec.structs.asdict(quick.decoder.decode(text))
    except (ValueError, RecursionError):  # of which msgspec.DecodeError is one
        found = _said_why(table, tier, version, text)
    return _finished(table, tier, found, version)


def _finished(table: str, tier: int, found: Given, version: int = WIRE_VERSION) -> Given:
    """The values of a row that has the right types, as this server keeps them. Raises RefusedError
    for a day or a command that cannot be."""
    quick = _quick(table, tier, version)
    for name in quick.days:
        if found[name] and not _is_day(found[name]):
            raise RefusedError(f"{name}: not a day")
    for name, listed in quick.listed:
        if (called := found[name]) is not None and not is_published(listed, str(called)):
            found[name] = OTHER  # a name that this server does not know, or that nobody should
    if table == "tool_call" and tier < 3 and (target := found.get("target")) is not None:
        shown = target_of(str(found["tool"]), str(target))
        if shown != target:
            raise RefusedError("target: has more than what ran and where")
    return found


class Latest(NamedTuple):
    """The last moment (UTC ms) and the last day that a row may have."""

    at: int
    day: str

    @classmethod
    def of(cls, at: int) -> Latest:
        """at: of the last moment. Where clocks are ahead of UTC its day may be the next one."""
        return cls(at, datetime.fromtimestamp((at + EAST_MS) / 1000, UTC).date().isoformat())


@cache
def _dated(table: str, tier: int, version: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields that say when something happened: moments, and days. `misdated` holds times that
    cannot be right."""
    found = [each for each in columns(table, tier, version) if each.name != "misdated"]
    return (
        tuple(each.name for each in found if each.mark.unit == "UTC ms"),
        tuple(each.name for each in found if each.mark.unit == "YYYY-MM-DD"),
    )


def check_dates(table: str, tier: int, version: int, row: Given, latest: Latest) -> None:
    """Raises RefusedError with the field by which something in a row is yet to happen."""
    moments, days = _dated(table, tier, version)
    for name in moments:
        if (row[name] or 0) > latest.at:  # type: ignore[operator]
            raise RefusedError(f"{name}: more than a day ahead")
    for name in days:
        if (row[name] or "") > latest.day:  # type: ignore[operator]
            raise RefusedError(f"{name}: more than a day ahead")


def _said_why(table: str, tier: int, version: int, text: bytes) -> Given:
    """Looks at a row field by field; says which the contract does not allow."""
    try:
        row = _decoder(table, tier, version).decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(_where(error)) from None
    found: Given = {}
    keys = stored(table).key
    for column in columns(table, tier, version):
        value = getattr(row, column.name)
        if value is not None:
            _check(column, value, tier)
            if isinstance(value, str) and column.name in keys and len(value) > KEY_MOST:
                raise RefusedError(f"{column.name}: longer than {KEY_MOST} characters")
        found[column.name] = value
    return found


def _where(error: Exception) -> str:
    """What msgspec says is wrong, without the values that it may quote."""
    said = str(error)
    if "unknown field" in said or "missing required field" in said:
        return said[:120]
    place = said.rpartition(" - at `$.")[2].rstrip("`") if " - at `$." in said else ""
    return f"{place[:60]}: not of its type" if place else "not a row of this table"


def _check(column: Column, value: object, tier: int) -> None:
    """Raises RefusedError for a value that the tier, the sizes or sense do not allow."""
    name = column.name
    if isinstance(value, str):
        if len(value) > _most(column):
            raise RefusedError(f"{name}: longer than {_most(column)} characters")
        if "\x00" in value:
            raise RefusedError(f"{name}: has a NUL character")
        allowed = _allowed(column, tier)
        if allowed is not None and not allowed.fullmatch(value):
            what = "alias" if allowed is _ALIAS else "id"
            raise RefusedError(f"{name}: not an {what}")
    elif isinstance(value, int | float):
        if not -LARGEST < value < LARGEST:
            raise RefusedError(f"{name}: too large")
        if column.mark.unit == "UTC ms" and not MOMENTS[0] <= value <= MOMENTS[1]:
            raise RefusedError(f"{name}: a moment without a date")
        if column.daily and value % DAY_MS:
            raise RefusedError(f"{name}: a time of day")
        if column.mark.unit == "0 or 1" and value not in (0, 1):
            raise RefusedError(f"{name}: neither 0 nor 1")
        if name in HOURS and not 0 <= value < 168:
            raise RefusedError(f"{name}: no hour of a week")


def _allowed(column: Column, tier: int) -> re.Pattern[str] | None:
    """What a text below tier 3 has to look like; None where it may be any."""
    if tier >= 3:
        return None
    if column.name in AGENTS:
        return _ALIAS
    if column.mark.holds is Holds.VALUE:
        return _MARKS if column.name == "marks" else _ID
    return None


def _most(column: Column) -> int:
    if column.mark.holds is Holds.VALUE:
        return ID_MOST
    return NAME_MOST if column.listed else TEXT_MOST


@lru_cache(maxsize=4096)
def _is_day(text: str) -> bool:
    try:
        return text.isascii() and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def rows_hash(rows: list[bytes]) -> str:
    """The hash of a table's rows as they leave, in their order."""
    made = hashlib.sha256()
    for row in rows:
        made.update(row)
        made.update(b"\n")
    return made.hexdigest()


def describe(version: int = WIRE_VERSION) -> dict[str, dict[str, dict[str, str]]]:
    """Every field of the contract: by table and tier, its name and its type. The golden files of
    versions hold this."""
    return {
        table: {
            str(tier): {
                each.name: each.kind.__name__ + ("?" if each.nullable or each.listed else "")
                for each in columns(table, tier, version)
            }
            for tier in (1, 2, 3)
            if columns(table, tier, version)
        }
        for table in NAMES
        if columns(table, Tier.WORDS, version)
    }
