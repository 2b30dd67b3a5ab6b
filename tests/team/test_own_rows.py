"""What is looked up by person and session is of that person and that session alone: two people have
sessions of one name, and one person several."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from accrete_team import nightly
from accrete_team.order import Order
from accrete_team.tokens import Who

from accrete.database import Database
from accrete.wire.contract import Message, Receipt, Shared, Tombstone
from tests.company import insert
from tests.team.two_people import ME, OTHER
from tests.team.two_people import db as db


def done(db: Database, number: int, receipt: Receipt, *, sessions: Sequence[Shared] = (),
         gone: Sequence[Tombstone] = ()) -> None:  # fmt: skip
    """A message of ME's machine a is taken, with a receipt."""
    message = Message(3, "a", 1, list(sessions), list(gone), number)
    Order(db, Who(ME, "a"), message).done(message, receipt)


def test_a_session_is_as_old_as_its_own_end_beginning_or_coming(db):
    times = {
        (ME, "s"): (10, 20), (ME, "begun"): (30, None), (OTHER, "s"): (50, None),
        (OTHER, "ended"): (60, 70), (OTHER, "t"): (None, None),
    }  # fmt: skip
    for (person, session), (start, end) in times.items():
        insert(db, "session", person=person, id=session, client="claude-code", zone="UTC",
               started_at=start, ended_at=end)  # fmt: skip
    for person, session, what, tier, at in (
        (ME, "s", "session", 1, 900), (ME, "s", "prompt", 3, 901), (ME, "begun", "session", 2, 902),
        (ME, "t", "session", 2, 903), (OTHER, "ended", "session", 1, 904),
    ):  # fmt: skip
        insert(db, "shared", person=person, session=session, what=what, tier=tier, hash="x",
               row_count=1, byte_count=1, device="a", at=at)  # fmt: skip
    db.run("UPDATE person SET tier = 3 WHERE id = ?", (ME,))
    db.run("UPDATE person SET tier = 2 WHERE id = ?", (OTHER,))
    assert nightly._ages(db) == [
        (ME, "begun", 2, 30), (ME, "s", 3, 20), (ME, "t", 2, 903),
        (OTHER, "ended", 1, 70), (OTHER, "s", 2, 50), (OTHER, "t", 2, None),
    ]  # fmt: skip


@pytest.mark.parametrize("why", ["unshared", "left"])
def test_a_message_numbers_the_taking_back_of_its_own_sessions_alone(db, why):
    for person in (ME, OTHER):
        for session, number in (("s", 3), ("t", 3), ("newer", 9)):
            insert(db, "unshared", person=person, session=session, why=why, at=1, number=number)
    gone = [Tombstone("s", why), Tombstone("newer", why)]
    done(db, 5, Receipt(3, gone=gone), gone=gone)
    found = db.run("SELECT person, session, number FROM unshared ORDER BY person, session")
    assert found == [
        (ME, "newer", 9), (ME, "s", 5), (ME, "t", 3),
        (OTHER, "newer", 9), (OTHER, "s", 3), (OTHER, "t", 3),
    ]  # fmt: skip


def test_a_message_wants_its_own_sessions_of_its_own_machine_again(db):
    for person in (ME, OTHER):
        for session in ("s", "t"):
            for machine in ("a", "b"):
                insert(db, "session_device", person=person, session=session, device=machine,
                       events=1, tier=2, wanted=0)  # fmt: skip
    whole = [Shared("s", 2, whole=True)]
    done(db, 5, Receipt(3, gone=[Tombstone("s", "again")]), sessions=whole)
    done(db, 4, Receipt(3), sessions=whole)
    found = db.run("SELECT person, session, device FROM session_device WHERE wanted = 1")
    assert found == [(ME, "s", "a")]
