"""Sessions of two people and what they have, a row at a time."""

from __future__ import annotations

from typing import Any

import pytest

from accrete.derive import DERIVED_VERSION
from tests.company import add_person, insert

DAY, NEXT = "2026-09-22", "2026-09-23"
Values = dict[str, Any]


@pytest.fixture
def db(either):
    """Two people without sessions, on either engine."""
    for n in (1, 2):
        either.run("DELETE FROM person WHERE id = ?", (n,))
        add_person(either, n, f"P{n}")
    return either


def add(db, name: str, person: int = 1, days: tuple[str, ...] = (DAY, NEXT), **values: Any) -> None:
    """A session in which something happened on some days."""
    of_day = {key: value for key, value in values.items() if key in DAYS}
    row = {"client": "claude-code", "zone": "UTC", "local_day": DAY, "started_at": 1, "reader": 99,
           "prompts": 1, "derived_version": DERIVED_VERSION, "stale": 0}  # fmt: skip
    insert(db, "session", person=person, id=name, **(row | values))
    for day in days:
        insert(db, "session_day", person=person, session=name, local_day=day,
               **({"prompts": 1} | of_day))  # fmt: skip


DAYS = ("prompts", "commits", "edits_landed", "responses_own", "responses_delegated", "unpriced",
        "lower_bound", "price_assumed", "tool_errors", "lines_added", "lines_removed", "active_ms",
        "cost_own_nano", "cost_delegated_nano", "prompts_queued")  # fmt: skip
KEYS: dict[str, Values] = {
    "response": {"message_id": "m", "request_id": "r", "agent": "", "run": "", "counted": 1},
    "inference": {"message_id": "m", "request_id": "r", "part": 0, "run": "", "kind": "advisor",
                  "cost_basis": "", "price_version": ""},
    "check_run": {"message_id": "m", "tool_use_id": "t", "part": 0, "run": "", "runner": "pytest",
                  "verdict": "passed", "uuid": "u", "seq": 0},
    "tool_call": {"message_id": "m", "tool_use_id": "t", "agent": "", "uuid": "u", "seq": 0,
                  "counted": 1},
    "session_pull": {"confidence": "told"},
    "sighting": {"uuid": "u", "tool_use_id": "", "agent": "", "seq": 0, "marks": ""},
    "session_practice": {"sightings": 0, "marked": 0, "version": 1},
    "session_usage": {"delegated": 0, "model": "", "branch": ""},
    "agent_run": {"agent": "a"},
    "session_tag": {"at": 1},
}  # fmt: skip


def put(db, table: str, session: str, person: int, values: Values) -> None:
    row = {**KEYS.get(table, {}), **values}
    if "message_id" in row:
        row["message_id"] = f"{row['message_id']}-{session}-{person}"
    insert(db, table, person=person, session=session, **row)
