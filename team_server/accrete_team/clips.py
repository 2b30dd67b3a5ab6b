"""Examples of practices: steps of a session that their owner shows to everybody of the company,
with their name, until they take them back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

from accrete.database import Database, Question, Row
from accrete.errors import AccreteError
from accrete.model import Tier
from accrete.practices import named
from accrete.queries.others import OVER
from accrete.queries.practices_of_people import by_name
from accrete.record import shared

MOST = 12
"""Steps of one example."""


class Clip(NamedTuple):
    """An example. day: the local day on which its session began; steps: the addresses of its
    records."""

    person: int
    name: str
    id: str
    session: str
    practice: str
    day: str
    steps: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it is, on the pages of its company."""
        return f"/examples/{self.person}/{self.id}"


_SQL = f"""SELECT c.person, p.name, c.id, c.session, c.practice, s.local_day, c.step_ids FROM clip c
  JOIN visible_session s ON s.person = c.person AND s.id = c.session
  JOIN person p ON p.id = c.person JOIN account a ON a.person = c.person
  WHERE s.tier >= {int(Tier.WORDS)} AND a.left_at IS NULL"""


def shown(last_day: str, practice: str | None = None) -> Question[list[Clip]]:
    """What others see: examples of sessions that were over on a day; by the names of their owners,
    of one the newest first."""
    sql, values = f"{_SQL} AND {OVER}", [last_day]
    if practice is not None:
        sql, values = f"{sql} AND c.practice = ?", [*values, practice]
    return Question(((sql, values),), _clips)


def of_person(person: int) -> Question[list[Clip]]:
    """All of a person's own, those that nobody sees yet too."""
    return Question(((f"{_SQL} AND c.person = ?", (person,)),), _clips)


def _clips(answers: list[list[Row]]) -> list[Clip]:
    found = [
        Clip(int(person), name, id_, session, practice, day, tuple(steps.split()))
        for person, name, id_, session, practice, day, steps in answers[0]
    ]
    found.sort(key=lambda each: (each.day, each.id), reverse=True)
    return sorted(found, key=lambda each: by_name(each.name))


def share(
    db: Database, person: int, session: str, practice: str, uuid: str, steps: Sequence[str],
    now: int, *, run: str = "",
) -> str:  # fmt: skip
    """Shows steps of a person's session as an example of a practice, in place of what was shown of
    the same moment; returns its id. run: the subagent whose moment it is. Raises AccreteError for
    what cannot be one."""
    if named(practice) is None:
        raise AccreteError(f"No practice {practice[:40]!r}.")
    if not 0 < len(steps) <= MOST:
        raise AccreteError(f"An example has 1 to {MOST} steps.")
    with db.transaction():
        held = shared.held(db, person, session).get("event")
        if held is None or held.tier < Tier.WORDS:
            raise AccreteError("Only a session whose words you share can be an example.")
        key = (person, session, practice, uuid)
        if not db.run(
            "SELECT 1 FROM sighting WHERE person = ? AND session = ? AND practice = ? "
            "AND uuid = ? AND agent = ?",
            (*key, run),
        ):
            raise AccreteError("There is no such moment in this session.")
        db.run(
            "DELETE FROM clip WHERE person = ? AND session = ? AND practice = ? AND uuid = ?", key
        )
        made = secrets.token_hex(8)
        db.run(
            "INSERT INTO clip (person, id, session, practice, uuid, step_ids, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (person, made, session, practice, uuid, " ".join(steps), now),
        )
    return made


def take_back(db: Database, person: int, clip: str) -> None:
    """Ends an example of a person's own."""
    db.run("DELETE FROM clip WHERE person = ? AND id = ?", (person, clip))
