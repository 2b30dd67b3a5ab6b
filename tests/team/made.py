"""People of a company with sessions in which practices are regular or are not, stored as if their
machines had sent them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from accrete_team import tokens
from accrete_team.release_rules import block_at

from accrete.database import Database
from accrete.practices import all_practices
from accrete.record.shared import put_rows, take_out_all

BLOCK = 36
"""The block that tests begin with: 2026-10-05 to 2026-11-01."""
SESSIONS = 8
TABLES = ("session", "session_day", "session_practice", "sighting")


def after(block: int) -> int:
    """A moment at which the release of a block is due, UTC ms."""
    day = date.fromisoformat(block_at(block).last) - date(1970, 1, 1)
    return (day.days + 5) * 86_400_000


def person(db: Database, name: str, team: str = "", *, token: str = "") -> int:
    """A person with a machine; in a team, which is made where there is none of that name."""
    made = tokens.add_person(db, name)
    if not token:
        tokens.make_token(db, "acme", made, "laptop", 0)
    if team:
        put(db, made, team)
    return made


def put(db: Database, person: int, team: str) -> None:
    """Puts a person into a team."""
    if not db.run("SELECT 1 FROM team WHERE id = ?", (team,)):
        db.run("INSERT INTO team (id, name, made_at) VALUES (?, ?, 0)", (team, f"Team {team}"))
    db.run(
        "INSERT INTO team_place (person, team, role, since, made_at) VALUES (?, ?, 'member', 0, 0)",
        (person, team),
    )


def worked(
    db: Database, person: int, block: int, regular: Iterable[str], *, sessions: int = SESSIONS,
    version: int = 2,
) -> None:  # fmt: skip
    """Sessions of a person, spread over the weeks of a block: every practice could apply in each of
    them; the regular ones were used in all, every other in one at most."""
    first = date.fromisoformat(block_at(block).first)
    known = {each.name for each in all_practices()}
    often = set(regular)
    assert often <= known
    ids = [f"s{person}-{block}-{n}" for n in range(sessions)]
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for n, session in enumerate(ids):
        day = (first + timedelta(n * 28 // sessions)).isoformat()
        used = known if n == 0 and person % 3 == 0 else often
        rows["session"].append(
            {"id": session, "local_day": day, "client": "claude-code", "automated": 0}
        )
        rows["session_day"].append({"session": session, "local_day": day})
        rows["session_practice"] += [
            {"session": session, "practice": name, "possible": 1, "version": version,
             "sightings": int(name in used)} for name in sorted(known)
        ]  # fmt: skip
        rows["sighting"] += [
            {"session": session, "practice": name, "uuid": f"u{n}{name}", "agent": "", "seq": n,
             "local_day": day, "marks": ""} for name in sorted(used)
        ]  # fmt: skip
    with db.transaction():
        for name in TABLES:
            take_out_all(db, person, ids, name)
            put_rows(db, person, name, rows[name])
