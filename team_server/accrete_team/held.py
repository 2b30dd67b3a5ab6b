"""What a company holds of one person: how much, the newest, all of it as a file."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, NamedTuple

from accrete.database import Database, Question
from accrete.record import shared
from accrete.wire.travels import NAMES, table

NEWEST = 20


class Holding(NamedTuple):
    """How much is held. tiers: sessions by the tier that they are held at; machines: those with a
    token that is not revoked, as (label, week of the last use)."""

    sessions: int
    rows: int
    first_day: str | None
    last_day: str | None
    tiers: dict[int, int]
    newest: list[tuple[str, str, int, int, int]]
    machines: list[tuple[str, str | None]]


def holding(person: int) -> Question[Holding]:
    """What is held of a person. newest: (session, table, tier, rows, UTC ms), the last first."""
    statements = (
        ("""SELECT COUNT(DISTINCT h.session), COALESCE(SUM(h.row_count), 0) FROM shared h
          WHERE h.person = ?""", (person,)),
        ("SELECT MIN(local_day), MAX(local_day) FROM session WHERE person = ? AND local_day <> ''",
         (person,)),
        ("SELECT tier, COUNT(DISTINCT session) FROM shared WHERE person = ? GROUP BY tier",
         (person,)),
        ("""SELECT session, what, tier, row_count, at FROM shared WHERE person = ?
          ORDER BY at DESC, session, what LIMIT ?""", (person, NEWEST)),
        ("SELECT label, used_week FROM device_token WHERE person = ? AND revoked_at IS NULL "
         "ORDER BY made_at", (person,)),
    )  # fmt: skip
    return Question(
        statements,
        lambda answers: Holding(
            int(answers[0][0][0]), int(answers[0][0][1]), answers[1][0][0], answers[1][0][1],
            {int(tier): int(n) for tier, n in answers[2]},
            [(str(a), str(b), int(c), int(d), int(e)) for a, b, c, d, e in answers[3]],
            [(str(label), week) for label, week in answers[4]],
        ),
    )  # fmt: skip


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
