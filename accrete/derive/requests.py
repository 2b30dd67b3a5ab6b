"""One message id with several request ids: which rows of a response count."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from accrete.database import Database
from accrete.record import store

_SEVERAL = """SELECT r.message_id FROM response r WHERE r.person = ? AND r.session IN ({marks})
AND EXISTS (SELECT 1 FROM response o WHERE o.person = r.person AND o.message_id = r.message_id
AND o.request_id <> r.request_id)"""


def several(db: Database, person: int, sessions: list[str]) -> set[str]:
    """The sessions of responses that these have under several request ids."""
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT DISTINCT session FROM response WHERE person = ?
        AND message_id IN ({_SEVERAL.format(marks=marks)})""",
        (person, person, *sessions),
    )
    return {session for (session,) in rows}


def settle_requests(db: Database, person: int, sessions: list[str]) -> set[frozenset[str]]:
    """One message id with several request ids. Two of main conversations are two responses. Else it
    is one: a side chain's replay and a row without a request id say the same again, and the one
    that knows most counts."""
    marks = ", ".join("?" for _ in sessions)
    rows = db.run(
        f"""SELECT a.message_id, a.request_id, a.session, a.agent, a.sidechain, a.embedded,
        a.output_tokens, a.input_tokens + a.cache_read_tokens + a.cache_write_tokens FROM response a
        WHERE a.person = ? AND a.message_id IN ({_SEVERAL.format(marks=marks)})""",
        (person, person, *sessions),
    )
    by_message: dict[str, list[Said]] = defaultdict(list)
    for message_id, *said in rows:
        by_message[message_id].append(Said(*said))
    marked: list[tuple[int, int, str, str]] = []
    contested: list[tuple[int, int, str]] = []
    placed: list[tuple[str, str, int, str]] = []
    for message_id, held in by_message.items():
        counted = {said.request for said in held if said.request and not said.sidechain}
        if len(counted) < 2:
            counted = {max(held, key=_knows).request}
            contested.append((1, person, message_id))
        else:
            # Two responses under one id share their calls' rows: one of the two has them, whichever
            # came first.
            placed.append(
                (
                    *min((said.session, said.agent) for said in held if said.request in counted),
                    person,
                    message_id,
                )
            )
        marked.extend(
            (int(said.request in counted), person, message_id, said.request) for said in held
        )
    store.update_rows(db, "response", ("person", "message_id", "request_id"), ("counted",), marked)
    store.update_rows(db, "response", ("person", "message_id"), ("contested",), contested)
    store.update_rows(db, "tool_call", ("person", "message_id"), ("session", "agent"), placed)
    return {frozenset(said.session for said in held) for held in by_message.values()}


class Said(NamedTuple):
    """What one row says of a response."""

    request: str
    session: str
    agent: str
    sidechain: int
    embedded: int
    output: int
    given: int


def _knows(said: Said) -> tuple[bool, int, int, bool, str]:
    """Orders rows of one response by what they know; lines go before progress records, the main
    line before others."""
    return (said.embedded < 2, said.output, said.given, not said.sidechain, said.request)
