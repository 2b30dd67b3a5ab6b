"""Sessions that several machines of a person know, and rows that several sessions or machines
claim: each row counts once.

Of a session the machine with most events *leads*: its rows are what is held. Responses, inferences
and tool calls are the union of all machines' rows by their identity. Where there is more than one
claim to an identity, all claims are kept as `rival_row`, and one of them stands in the table, by a
rule that does not depend on which came first. Sums of such sessions are recomputed (recount.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from hashlib import blake2b

import msgspec

from accrete.database import Database
from accrete.record import shared
from accrete.wire.contract import LARGEST, Shared
from accrete.wire.travels import Given, Value, table, typed
from accrete_team.recount import recount
from accrete_team.tokens import Who

Fields = Mapping[str, Value]
COUNTED = {
    name: tuple(each for each in table(name).key if each not in ("person", "session"))
    for name in ("response", "inference", "tool_call")
}
"""The tables whose rows count once, and what their identity is."""
AT_ONCE = 400


class Place(Enum):
    """What is done with what a machine sends of a session."""

    LEADS = "its rows are held"
    TAKES_OVER = "its rows are held in place of another machine's"
    FOLLOWS = "only its counted rows are"
    ASIDE = "nothing of it is: another machine shares the session at a lower tier"
    AGAIN = "nothing of it is until all of it comes"


def arrive(db: Database, who: Who, session: Shared) -> tuple[Place, bool]:
    """Notes that a machine sends something of a session; returns what is done with it, and whether
    a lower tier deleted what was held."""
    name, key = session.session, (who.person, session.session)
    rows = db.run(
        "SELECT device, events, tier FROM session_device WHERE person = ? AND session = ?", key
    )
    others = {str(device): (events, tier) for device, events, tier in rows if device != who.device}
    aside = any(session.tier > tier for _, tier in others.values())
    before = shared.held(db, who.person, name)
    lowered = not aside and any(each.tier > session.tier for each in before.values())
    if lowered:
        withdraw(db, who.person, name)
        before = {}
    sends(db, who, [session])
    if aside:
        return Place.ASIDE, False
    if not before and not session.whole:  # its rest is not here: deleted, or lost
        _want(db, *key, who.device, 1)
        return Place.AGAIN, lowered
    _raised(db, who, session, others)
    beside = {device: n for device, (n, tier) in others.items() if tier == session.tier}
    leader = before["session"].device if "session" in before else None
    if leader is not None and leader not in beside:
        leader = None
    place = Place.LEADS
    if leader is not None and leader != who.device:
        ahead = _events(session) > beside[leader]
        if ahead and not session.whole:
            _want(db, *key, who.device, 1)
            return Place.AGAIN, lowered
        place = Place.TAKES_OVER if ahead else Place.FOLLOWS
        _seed(db, who.person, name, leader)
    return place, lowered


def sends(db: Database, who: Who, sessions: Iterable[Shared]) -> None:
    """Notes what a machine sends of sessions, and that those are not wanted of it any more that it
    sends whole."""
    given = list(sessions)
    db.many(
        "INSERT INTO session_device (person, session, device, events, tier, wanted) "
        "VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (person, session, device) DO UPDATE SET "
        "events = excluded.events, tier = excluded.tier",
        [(who.person, each.session, who.device, _events(each), each.tier) for each in given],
    )
    for some in shared.parts([each.session for each in given if each.whole]):
        db.run(
            "UPDATE session_device SET wanted = 0 WHERE person = ? AND device = ? "
            f"AND session IN ({', '.join('?' * len(some))})",
            (who.person, who.device, *some),
        )


def _events(session: Shared) -> int:
    return max(0, min(session.events, LARGEST))


def _raised(db: Database, who: Who, session: Shared, others: Mapping[str, tuple[int, int]]) -> None:
    """Wants the rows of machines that stood aside because this one shared at a lower tier."""
    rows = db.run(
        "SELECT MIN(tier) FROM shared WHERE person = ? AND session = ?",
        (who.person, session.session),
    )
    if rows[0][0] is not None and rows[0][0] < session.tier:
        for device in others:
            _want(db, who.person, session.session, device, 1)


def _want(db: Database, person: int, session: str, device: str, wanted: int) -> None:
    db.run(
        "UPDATE session_device SET wanted = ? WHERE person = ? AND session = ? AND device = ?",
        (wanted, person, session, device),
    )


def is_wanted(db: Database, who: Who, session: str) -> bool:
    """Whether a session is wanted again from a machine."""
    sql = "SELECT wanted FROM session_device WHERE person = ? AND session = ? AND device = ?"
    return any(wanted for (wanted,) in db.run(sql, (who.person, session, who.device)))


def take_away(db: Database, person: int, session: str, why: str, now: int) -> None:
    """Deletes what is held of a session, and remembers that it is not shared."""
    _gone(db, person, session, why, now)
    db.run("DELETE FROM session_device WHERE person = ? AND session = ?", (person, session))


def _gone(db: Database, person: int, session: str, why: str, now: int) -> None:
    touched = withdraw(db, person, session)
    shared.unshare(db, person, session, why, now)
    for each in sorted(touched):
        recount(db, person, each)


def leave(db: Database, who: Who, session: str, now: int) -> None:
    """A machine does not share a session any more; others that do are to send it again."""
    key = (who.person, session)
    _gone(db, *key, "left", now)
    db.run(
        "DELETE FROM session_device WHERE person = ? AND session = ? AND device = ?",
        (*key, who.device),
    )
    db.run("UPDATE session_device SET wanted = 1 WHERE person = ? AND session = ?", key)


def withdraw(db: Database, person: int, session: str) -> set[str]:
    """Takes all that is held of a session out of the tables, and lets other claims to its rows
    stand. Returns the sessions whose sums changed."""
    gone: dict[str, dict[str, tuple[object, ...]]] = {name: {} for name in COUNTED}
    rows = db.run(
        "SELECT what, hash, fields FROM rival_row WHERE person = ? AND session = ?",
        (person, session),
    )
    for what, one, fields in rows:
        gone[what][one] = _key(what, msgspec.json.decode(fields))
    db.run("DELETE FROM rival_row WHERE person = ? AND session = ?", (person, session))
    shared.take_rows(db, person, session)
    touched = set()
    for what, keys in gone.items():
        touched |= _elect(db, person, what, keys)
    return touched - {session}


def claim(db: Database, who: Who, session: str, what: str, rows: list[Given]) -> set[str]:
    """Keeps a machine's rows of a counted table of a session, in place of those that it sent
    before. Returns the sessions whose sums changed beside what the machine says of them."""
    mine = (who.person, what, session, who.device)
    found = {_hash(_key(what, row)): row for row in rows}
    before = db.run(
        "SELECT hash, fields FROM rival_row "
        "WHERE person = ? AND what = ? AND session = ? AND device = ?",
        mine,
    )
    keys = {str(one): _key(what, msgspec.json.decode(fields)) for one, fields in before}
    if keys:
        db.run(
            "DELETE FROM rival_row WHERE person = ? AND what = ? AND session = ? AND device = ?",
            mine,
        )
    if _several(db, who.person, session):
        contested = found
        _keep_elsewhere(db, who.person, session, what, found)
    else:
        shared.take_out(db, who.person, session, what)
        shared.put_rows(db, who.person, what, list(found.values()), yields=True)
        contested = _contested(db, who.person, session, what, found)
    _rivals(db, who.person, what, session, who.device, contested)
    keys |= {one: _key(what, row) for one, row in contested.items()}
    return _elect(db, who.person, what, keys)


def contested(
    db: Database, person: int, what: str, given: Mapping[str, Mapping[object, Fields]]
) -> bool:
    """Whether others have rows of sessions, too, whose rows of a counted table were just put, by
    identity: not all of theirs stand, or others claim the responses of their inferences."""
    if what == "inference":
        return _any_rival(db, person, [row for rows in given.values() for row in rows.values()])
    standing = 0
    for some in shared.parts([*given]):
        sql = (
            f"SELECT COUNT(*) FROM {what} WHERE person = ? "
            f"AND session IN ({', '.join('?' * len(some))})"
        )
        standing += int(db.run(sql, (person, *some))[0][0])
    return standing < sum(map(len, given.values()))


def is_mixed(db: Database, person: int, session: str) -> bool:
    """Whether there are other claims to rows of a session, so that its sums are recomputed."""
    sql = "SELECT 1 FROM rival_row WHERE person = ? AND session = ? LIMIT 1"
    return bool(db.run(sql, (person, session)))


def _several(db: Database, person: int, session: str) -> bool:
    """Whether more than one machine shares a session, each at its tier."""
    rows = db.run(
        "SELECT COUNT(*) FROM session_device WHERE person = ? AND session = ? AND tier = "
        "(SELECT MIN(tier) FROM session_device WHERE person = ? AND session = ?)",
        (person, session) * 2,
    )
    return int(rows[0][0]) > 1


def _contested(
    db: Database, person: int, session: str, what: str, found: dict[str, Given]
) -> dict[str, Given]:
    """Which of a session's new rows another session has, too; those of the other are kept as
    rivals. An inference is contested where its response is, whose rows came before."""
    if not found:
        return {}
    if what == "inference":
        return _with_rivals(db, person, session, found)
    sql = f"SELECT {', '.join(COUNTED[what])} FROM {what} WHERE person = ? AND session = ?"
    standing = {_hash(tuple(row)) for row in db.run(sql, (person, session))}
    missing = {one: row for one, row in found.items() if one not in standing}
    same = " AND ".join(f"{each} = ?" for each in COUNTED[what])
    for one, row in missing.items():
        _keep_standing(db, person, what, one, f"person = ? AND {same}", _key(what, row))
    return missing


def _any_rival(db: Database, person: int, rows: Iterable[Fields]) -> bool:
    """Whether there are several claims to a response of these inferences."""
    owners = sorted({_hash(_key("response", row)) for row in rows})
    return any(
        db.run(
            "SELECT 1 FROM rival_row WHERE person = ? AND what = 'response' "
            f"AND hash IN ({', '.join('?' * len(some))}) LIMIT 1",
            (person, *some),
        )
        for some in shared.parts(owners)
    )


def _with_rivals(
    db: Database, person: int, session: str, found: dict[str, Given]
) -> dict[str, Given]:
    contested = {}
    for one, row in found.items():
        owner = _hash(_key("response", row))
        rivals = db.run(
            "SELECT DISTINCT session FROM rival_row "
            "WHERE person = ? AND what = 'response' AND hash = ? AND session <> ?",
            (person, owner, session),
        )
        same = "person = ? AND message_id = ? AND request_id = ? AND part = ? AND session = ?"
        for (other,) in rivals:
            contested[one] = row
            key = (*_key("inference", row), other)
            _keep_standing(db, person, "inference", one, same, key)
    return contested


def _keep_elsewhere(
    db: Database, person: int, session: str, what: str, found: Mapping[str, Fields]
) -> None:
    """Keeps the rows of other sessions that stand for these identities as their claims: they came
    while nothing was held of this session."""
    same = " AND ".join(f"{each} = ?" for each in COUNTED[what])
    for one, row in found.items():
        key = (*_key(what, row), session)
        _keep_standing(db, person, what, one, f"person = ? AND {same} AND session <> ?", key)


def _keep_standing(
    db: Database, person: int, what: str, one: str, where: str, key: tuple[object, ...]
) -> None:
    """Keeps the row that stands as the claim of its session's machine, unless it is kept."""
    fields = tuple(typed(what))
    sql = f"SELECT {', '.join(fields)} FROM {what} WHERE {where}"
    for values in db.run(sql, (person, *key)):
        row = dict(zip(fields, values, strict=True))
        leader = _leader(db, person, row["session"])
        if leader is not None and not _several(db, person, row["session"]):
            _rivals(db, person, what, row["session"], leader, {one: row})


def _leader(db: Database, person: int, session: str) -> str | None:
    held = shared.held(db, person, session)
    return held["session"].device if "session" in held else None


def _seed(db: Database, person: int, session: str, leader: str) -> None:
    """Keeps what stands of a session as the claims of the machine that sent it, before a second one
    makes its own."""
    for what in COUNTED:
        known = db.run(
            "SELECT 1 FROM rival_row WHERE person = ? AND what = ? AND session = ? AND device = ? "
            "LIMIT 1",
            (person, what, session, leader),
        )
        if not known:
            fields = tuple(typed(what))
            sql = f"SELECT {', '.join(fields)} FROM {what} WHERE person = ? AND session = ?"
            rows = [dict(zip(fields, row, strict=True)) for row in db.run(sql, (person, session))]
            theirs = {_hash(_key(what, row)): row for row in rows}
            _rivals(db, person, what, session, leader, theirs)


def _rivals(
    db: Database, person: int, what: str, session: str, device: str, rows: Mapping[str, Fields]
) -> None:
    db.many(
        "INSERT INTO rival_row (person, what, hash, session, device, fields) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person, what, hash, session, device) "
        "DO UPDATE SET fields = excluded.fields",
        [
            (person, what, one, session, device, msgspec.json.encode(row).decode())
            for one, row in rows.items()
        ],
    )


def _elect(
    db: Database, person: int, what: str, keys: Mapping[str, tuple[object, ...]]
) -> set[str]:
    """Lets one claim to each identity stand; returns the sessions that have a claim. A claim that
    is alone, of a session that one machine knows, is no rival any more."""
    if not keys:
        return set()
    claims = _claims(db, person, what, keys)
    sessions = {session for each in claims.values() for session, _, _ in each}
    rank = _Ranks(db, person, sessions)
    stand, alone = [], []
    for one, each in claims.items():
        session, device, row = min(each, key=lambda each: rank.of(*each))
        stand.append({**row, "session": session})
        if len(each) == 1 and not rank.several(session):
            alone.append((person, what, one, session, device))
    same = " AND ".join(f"{each} = ?" for each in COUNTED[what])
    db.many(
        f"DELETE FROM {what} WHERE person = ? AND {same}", [(person, *key) for key in keys.values()]
    )
    shared.put_rows(db, person, what, stand)
    db.many(
        "DELETE FROM rival_row WHERE person = ? AND what = ? AND hash = ? AND session = ? "
        "AND device = ?",
        alone,
    )
    return sessions


def _claims(
    db: Database, person: int, what: str, keys: Iterable[str]
) -> dict[str, list[tuple[str, str, Given]]]:
    """The claims to identities: (session, device, row)."""
    wanted = list(keys)
    found: dict[str, list[tuple[str, str, Given]]] = {}
    for at in range(0, len(wanted), AT_ONCE):
        some = wanted[at : at + AT_ONCE]
        rows = db.run(
            "SELECT hash, session, device, fields FROM rival_row WHERE person = ? "
            f"AND what = ? AND hash IN ({', '.join('?' * len(some))})",
            (person, what, *some),
        )
        for one, session, device, fields in rows:
            claim = (str(session), str(device), msgspec.json.decode(fields))
            found.setdefault(str(one), []).append(claim)
    return found


class _Ranks:
    """Which claim stands: of the session that continues no other, then of the one with the smaller
    id; in a session the one with the larger output, then that of the machine that leads."""

    def __init__(self, db: Database, person: int, sessions: Iterable[str]) -> None:
        self._forked: dict[str, bool] = {}
        self._leader: dict[str, str | None] = {}
        self._several: dict[str, bool] = {}
        for session in sessions:
            rows = db.run(
                "SELECT forked_from FROM session WHERE person = ? AND id = ?", (person, session)
            )
            self._forked[session] = bool(rows and rows[0][0])
            self._leader[session] = _leader(db, person, session)
            self._several[session] = _several(db, person, session)

    def several(self, session: str) -> bool:
        """Whether several machines know a session."""
        return self._several[session]

    def of(self, session: str, device: str, row: Fields) -> tuple[object, ...]:
        """The rank of a claim: the smallest stands."""
        return (
            self._forked[session],
            session,
            -int(row.get("output_tokens") or 0),
            device != self._leader[session],
            device,
        )


def by_identity(what: str, rows: Iterable[Given]) -> dict[object, Given]:
    """Rows of a counted table by what they are; of two alike the last counts."""
    return {_key(what, row): row for row in rows}


def _key(what: str, row: Fields) -> tuple[object, ...]:
    return tuple(row[each] for each in COUNTED[what])


def _hash(key: tuple[object, ...]) -> str:
    return blake2b(msgspec.json.encode(key), digest_size=16).hexdigest()
