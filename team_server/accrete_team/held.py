"""What a company holds of one person: how much, the newest, all of it as a file."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, NamedTuple

from accrete.database import Database, Question, Row
from accrete.record import shared, store
from accrete.wire.travels import NAMES, table

NEWEST = 20
GONE = "bytes_gone_at"
"""The fact of the database that says before when all that was deleted has left the disk."""


class HeldRows(NamedTuple):
    """What came last of a table of a session. size: bytes, as of a holding; at: UTC ms."""

    session: str
    table: str
    tier: int
    rows: int
    size: int
    at: int


class HeldProject(NamedTuple):
    """How much is held of one project. id: as it left the machine, '' for sessions of none; name:
    that of the company's list, '' for all others; size: bytes, as of a holding; tier: the highest
    of its sessions."""

    id: str
    name: str
    sessions: int
    rows: int
    size: int
    tier: int


class Holding(NamedTuple):
    """How much is held. size: bytes of the rows as they came, not compressed; unsized: how many
    sessions came before that was counted; tiers: sessions by the tier that they are held at;
    newest: the last first; machines: those with a token that is not revoked, as (label, week of the
    last use); projects: by name, then by id."""

    sessions: int
    rows: int
    size: int
    unsized: int
    first_day: str | None
    last_day: str | None
    tiers: dict[int, int]
    newest: list[HeldRows]
    machines: list[tuple[str, str | None]]
    projects: list[HeldProject]


def holding(person: int) -> Question[Holding]:
    """What is held of a person."""
    statements = (
        ("""SELECT COUNT(DISTINCT session), COALESCE(SUM(row_count), 0),
            COALESCE(SUM(byte_count), 0),
            COUNT(DISTINCT CASE WHEN byte_count = 0 AND row_count > 0 THEN session END)
          FROM shared WHERE person = ?""", (person,)),
        ("SELECT MIN(local_day), MAX(local_day) FROM session WHERE person = ? AND local_day <> ''",
         (person,)),
        ("SELECT tier, COUNT(DISTINCT session) FROM shared WHERE person = ? GROUP BY tier",
         (person,)),
        ("""SELECT session, what, tier, row_count, byte_count, at FROM shared WHERE person = ?
          ORDER BY at DESC, session, what LIMIT ?""", (person, NEWEST)),
        ("SELECT label, used_week FROM device_token WHERE person = ? AND revoked_at IS NULL "
         "ORDER BY made_at", (person,)),
        ("""SELECT COALESCE(s.project, ''), COALESCE(p.name, ''), COUNT(DISTINCT h.session),
            SUM(h.row_count), SUM(h.byte_count), MAX(h.tier)
          FROM shared h LEFT JOIN session s ON s.person = h.person AND s.id = h.session
          LEFT JOIN project p ON p.person = h.person AND p.id = s.project
          WHERE h.person = ? GROUP BY COALESCE(s.project, ''), COALESCE(p.name, '')""", (person,)),
    )  # fmt: skip

    def made(answers: Sequence[list[Row]]) -> Holding:
        ((sessions, rows, size, unsized),), ((first, last),), tiers, newest, machines, projects = (
            answers
        )
        return Holding(
            sessions=int(sessions),
            rows=int(rows),
            size=int(size),
            unsized=int(unsized),
            first_day=first,
            last_day=last,
            tiers={int(tier): int(n) for tier, n in tiers},
            newest=[HeldRows(str(one), str(what), *map(int, rest)) for one, what, *rest in newest],
            machines=[(str(label), week) for label, week in machines],
            projects=sorted(
                (HeldProject(str(id_), str(name), *map(int, of)) for id_, name, *of in projects),
                key=lambda each: (not each.name, each.name.casefold(), each.id),
            ),
        )

    return Question(statements, made)


class Chosen(NamedTuple):
    """What a person chose last for all their machines. what: tier or cleared; where: the machine
    where they did, '' for a page; at: UTC ms; gone_before: all that was deleted before has left the
    disk, UTC ms, None where the nightly job never said so; unheard: the names of machines that did
    not hear of it yet."""

    what: str
    amount: int
    where: str
    at: int
    gone_before: int | None
    unheard: tuple[str, ...]


def chosen(person: int, what: str) -> Question[Chosen | None]:
    """The last choice of its kind; None where there is none."""
    statements = (
        ("SELECT amount, device, at FROM person_choice WHERE person = ? AND what = ?",
         (person, what)),
        ("SELECT value FROM fact WHERE person = ? AND name = ?", (store.RECORD, GONE)),
        ("""SELECT t.label FROM device_token t JOIN person_choice c
            ON c.person = t.person AND c.what = ? AND c.device <> t.device
          WHERE t.person = ? AND t.revoked_at IS NULL AND t.used_week IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM choice_heard h
              WHERE h.person = t.person AND h.what = ? AND h.device = t.device)
          ORDER BY t.made_at, t.device""", (what, person, what)),
    )  # fmt: skip

    def made(answers: Sequence[list[Row]]) -> Chosen | None:
        if not answers[0]:
            return None
        ((amount, device, at),) = answers[0]
        gone = int(answers[1][0][0]) if answers[1] else None
        unheard = tuple(str(label) for (label,) in answers[2])
        return Chosen(what, int(amount), str(device), int(at), gone, unheard)

    return Question(statements, made)


def write_all(db: Database, person: int, to: IO[bytes]) -> int:
    """Writes everything that is held of a person as a zip of JSON lines, a file for each table;
    returns the number of rows. Reads one session at a time."""
    rows = 0
    sessions = sorted(shared.shared_sessions(db, person))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in NAMES:
            with packed.open(f"{name}.jsonl", "w") as file:
                for line in _lines(db, person, name, sessions):
                    file.write(line)
                    rows += 1
    return rows


def _lines(db: Database, person: int, name: str, sessions: list[str]) -> Iterator[bytes]:
    fields = [each for each in table(name).fields if each != "person"]
    column = "id" if name == "session" else "session"
    sql = f"SELECT {', '.join(fields)} FROM {name} WHERE person = ? AND {column} = ?"
    for session in sessions:
        for row in db.run(sql, (person, session)):
            known = {key: value for key, value in zip(fields, row, strict=True)
                     if value is not None}  # fmt: skip
            yield json.dumps(known, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def as_file(db: Database, person: int) -> IO[bytes]:
    """The same in a file that goes when it is closed."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by who sends it
    try:
        write_all(db, person, made)
        made.seek(0)
    except BaseException:
        made.close()
        raise
    return made
