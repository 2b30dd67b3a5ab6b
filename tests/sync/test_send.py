"""What a sync sends, in which messages, and what it remembers of the answers."""

from __future__ import annotations

import gzip

import httpx2
import pytest

from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.record.store import mark_stale
from accrete.sync import prepare, send
from accrete.sync.prepare import changes
from accrete.sync.send import NotTakenError, UnreachableError, packed
from accrete.wire.contract import Erased, Fault, Message, Receipt, Tombstone
from tests.records import kept, rows
from tests.sync.taking import CHOICE, NOW, Taking
from tests.transcripts import START, Transcript, busy, session_id

DAY_MS = 86_400_000
ONE, TWO, THREE, FOUR = (session_id(n) for n in (1, 2, 3, 4))


def short(n: int) -> Transcript:
    """A session of one turn; all are of one day, and leave as so many bytes."""
    return busy(n, turns=1, start=START - n * (DAY_MS - 60_000))


@pytest.fixture
def machine(settings):
    """A record of three sessions."""
    kept(settings, *(short(n) for n in (1, 2, 3)))
    return settings


@pytest.fixture
def server():
    return Taking()


def test_a_sync_says_what_it_did(machine, server):
    done = server.sync(machine)
    (message,) = server.messages
    assert server.sent() == [[ONE, TWO, THREE]]
    assert (done.messages, done.sessions) == (1, 3)
    assert done.tables == sum(len(each.tables) for each in message.sessions) > 3
    assert done.bytes == len(packed(message))
    assert (done.taken_back, done.refused, done.erased, done.wanted, done.outdated) == (
        0, [], None, 0, 0
    )  # fmt: skip
    assert (message.device, message.at) == (CHOICE.device, NOW)
    assert all(each.whole and each.events > 0 and each.tier == 2 for each in message.sessions)
    again = server.sync(machine)
    assert (again.messages, again.sessions, again.bytes) == (0, 0, 0)
    assert len(server.messages) == 1


def test_a_message_leaves_as_the_same_bytes_each_time():
    body = packed(Message(3, "d", NOW))
    assert body[4:8] == bytes(4)  # no moment of packing
    assert gzip.decompress(body).startswith(b'{"wire":3')


def test_the_messages_of_a_sync_have_numbers_in_a_row_that_are_asked_for_once(
    machine, server, monkeypatch
):
    monkeypatch.setattr(prepare, "SESSIONS_MOST", 1)
    server.sync(machine)
    assert [message.number for message in server.messages] == [7, 8, 9]
    assert server.asked.count("POST turn") == 1
    assert server.asked[0] == "POST turn"
    server.sync(machine)
    assert server.asked.count("POST turn") == 1  # nothing to send


def test_a_server_of_the_version_before_is_sent_no_number(machine, server):
    db = open_for_writing(machine)
    try:
        with db.transaction():
            db.run("INSERT INTO fact (person, name, value) VALUES (?, 'team server', 'x wire 2')",
                   (MINE.person,))  # fmt: skip
    finally:
        db.close()
    server.sync(machine)
    assert [(message.wire, message.number) for message in server.messages] == [(2, 0)]
    assert "POST turn" not in server.asked


@pytest.mark.parametrize("what", ["turn", "sync"])
def test_where_no_address_is_known_there_is_no_team_server(machine, server, what):
    server.statuses[what] = 404
    with pytest.raises(UnreachableError, match="is no team server of Accrete"):
        server.sync(machine)
    assert server.asked.count(f"POST {what}") == 1
    server.statuses.clear()
    assert server.sync(machine).sessions == 3


@pytest.mark.parametrize(
    ("sessions", "size", "parts"),
    [(2, 99, [[ONE, TWO], [THREE, FOUR]]), (3, 99, [[ONE, TWO, THREE], [FOUR]]),
     (99, 4, [[ONE, TWO, THREE, FOUR]]), (99, 3, [[ONE, TWO, THREE], [FOUR]]),
     (99, 2, [[ONE, TWO], [THREE, FOUR]]), (99, 1.9, [[ONE], [TWO], [THREE], [FOUR]]),
     (99, 0.5, [[ONE], [TWO], [THREE], [FOUR]])],
)  # fmt: skip
def test_a_message_has_so_many_sessions_and_bytes_at_most(
    machine, server, monkeypatch, sessions, size, parts
):
    kept(machine, short(4))
    db = open_for_writing(machine)
    try:
        sizes = [each.size for each in changes(db, MINE, CHOICE)]
    finally:
        db.close()
    assert len({*sizes}) == 1
    monkeypatch.setattr(prepare, "SESSIONS_MOST", sessions)
    monkeypatch.setattr(prepare, "MESSAGE_MOST", int(size * sizes[0]))
    server.sync(machine)
    assert server.sent() == parts


def test_five_hundred_sessions_are_taken_back_by_one_message(machine, server):
    server.sync(machine)
    db = open_for_writing(machine)
    try:
        with db.transaction():
            db.run("INSERT INTO shared (person, session, what, tier, hash, row_count, byte_count, "
                   "device, at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                   "WHERE i < 498) SELECT ?, 'x' || i, 'session', 1, 'h', 1, 1, 'd', 1 FROM n",
                   (MINE.person,))  # fmt: skip
    finally:
        db.close()
    done = server.sync(machine, leaving=True)
    assert [len(message.gone) for message in server.messages[1:]] == [500, 1]
    assert {each.why for message in server.messages for each in message.gone} == {"left"}
    assert (done.taken_back, done.messages, done.sessions) == (501, 2, 0)
    assert done.erased == Erased(NOW, NOW + 1)
    assert server.sync(machine, leaving=True).messages == 0


def damage(machine) -> None:
    """What the machine believes that the server has becomes wrong."""
    db = open_for_writing(machine)
    try:
        with db.transaction():
            db.run("UPDATE shared SET hash = 'wrong' WHERE session = ? AND what = 'session'",
                   (TWO,))  # fmt: skip
    finally:
        db.close()


@pytest.mark.parametrize(
    ("later", "whole", "sent"),
    [(7 * DAY_MS - 1, False, 0), (7 * DAY_MS, False, 1), (-1, False, 1), (0, False, 0),
     (0, True, 1)],
)  # fmt: skip
def test_each_session_is_compared_once_a_week_or_when_asked_to(machine, server, later, whole, sent):
    server.sync(machine)
    damage(machine)
    assert server.sync(machine, now=NOW + later, whole=whole).sessions == sent
    assert len(server.messages) == 1 + sent
    for message in server.messages[1:]:
        (only,) = message.sessions
        assert (only.session, [each.table for each in only.tables], only.whole) == (
            TWO, ["session"], False
        )  # fmt: skip
    damage(machine)
    if sent:  # and the next is a week after this one
        assert server.sync(machine, now=NOW + later + 1).sessions == 0


def test_what_changed_and_leaves_as_it_was_is_looked_at_once(machine, server, monkeypatch):
    read: list[str] = []
    real = prepare.of_session
    monkeypatch.setattr(
        prepare, "of_session",
        lambda db, scope, choice, each, *args: (
            read.append(each.session) or real(db, scope, choice, each, *args)
        ),
    )  # fmt: skip
    server.sync(machine)
    assert sorted(read) == sorted((ONE, TWO, THREE))
    db = open_for_writing(machine)
    db.run("UPDATE session_change SET n = n + 1 WHERE session = ?", (TWO,))
    db.close()
    for _ in range(2):
        assert server.sync(machine).sessions == 0
    assert read[3:] == [TWO]


def test_what_waits_to_be_derived_is_neither_sent_nor_taken_back(machine, server):
    server.sync(machine)
    db = open_for_writing(machine)
    mark_stale(db, MINE.person, [TWO])
    db.close()
    done = server.sync(machine, whole=True)
    assert (done.sessions, done.taken_back, len(server.messages)) == (0, 0, 1)


def test_who_takes_all_back_has_compared_nothing(machine, server):
    server.sync(machine, leaving=True)
    assert rows(machine, "SELECT value FROM fact WHERE name = 'compared whole'") == []
    server.sync(machine)
    assert rows(machine, "SELECT value FROM fact WHERE name = 'compared whole'") == [(str(NOW),)]


@pytest.mark.parametrize(("times", "messages", "left"), [(1, 2, 0), (2, 2, 1), (9, 2, 1)])
def test_what_is_wanted_again_is_sent_once_more_at_once(machine, server, times, messages, left):
    said: list[Message] = []

    def again(message: Message, receipt: Receipt) -> None:
        said.append(message)
        if len(said) <= times:
            receipt.gone = [Tombstone(TWO, "again")]

    server.said = again
    done = server.sync(machine)
    assert server.sent() == [[ONE, TWO, THREE], [TWO]][:messages]
    assert (done.wanted, done.taken_back) == (left, 0)
    assert server.messages[1].sessions[0].whole


def test_what_was_not_taken_as_it_is_is_sent_again(machine, server):
    def other(message: Message, receipt: Receipt) -> None:
        for each in receipt.kept:
            if each.session == TWO and each.table == "prompt":
                each.hash = "of something else"
            if each.session == THREE and each.table == "session":
                each.session = "another"

    server.said = other
    done = server.sync(machine)
    server.said = lambda message, receipt: None
    assert done.tables == sum(len(each.tables) for each in server.messages[0].sessions) - 2
    server.sync(machine)
    (later,) = server.messages[1:]
    assert [(each.session, [table.table for table in each.tables]) for each in later.sessions] == [
        (TWO, ["prompt"]), (THREE, ["session"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("faults", "kept_of_it"),
    [
        ([("tool_call", 0, "bad\nrow")], {("tool_call", "bad row", 1)}),
        ([("tool_call", 0, "a"), ("tool_call", 1, "a"), ("prompt", 0, "b")],
         {("tool_call", "a", 2), ("prompt", "b", 1)}),
        ([("tool_call", 999, "of no row")], set()),
        ([("session", 1, "of no row")], set()),
        ([("tool_call", 0, "\x00")], {("tool_call", "no reason", 1)}),
        ([("tool_call", 0, "x" * 201)], {("tool_call", "x" * 200, 1)}),
    ],
)  # fmt: skip
def test_rows_that_are_refused_are_counted_by_table_and_reason(
    settings, server, faults, kept_of_it
):
    kept(settings, busy(1, turns=2), busy(2, turns=1))

    def refuse(message: Message, receipt: Receipt) -> None:
        receipt.refused = [Fault(ONE, *each) for each in faults]
        receipt.outdated = [TWO]

    server.said = refuse
    done = server.sync(settings)
    assert [(each.table, each.row, each.why) for each in done.refused] == faults
    assert done.outdated == 1
    assert {*rows(settings, "SELECT what, why, row_count FROM refused")} == kept_of_it
    assert rows(settings, f"SELECT COUNT(*) FROM refused WHERE session = '{TWO}'") == [(0,)]


def test_a_session_that_is_refused_as_a_whole_counts_all_its_rows(machine, server):
    server.refuses = lambda message: 413 if TWO in str(message.sessions) else 0
    done = server.sync(machine)
    assert server.sent() == [[ONE], [THREE]]
    assert [each.number for each in server.messages] == [8, 10]
    assert (done.messages, done.sessions) == (2, 2)
    assert [(each.session, each.table) for each in done.refused] == [(TWO, "")]
    counted = dict(rows(machine, "SELECT what, row_count FROM refused"))
    assert counted["session"] == 1
    assert counted["event"] > 1
    assert rows(machine, "SELECT DISTINCT session, why FROM refused") == [
        (TWO, "the server does not take it (413)")
    ]
    server.refuses = lambda message: 0
    assert server.sync(machine).sessions == 0


def test_what_is_taken_back_and_refused_is_told(machine, server):
    server.sync(machine)
    server.refuses = lambda message: 400
    with pytest.raises(NotTakenError):
        server.sync(machine, leaving=True)


def test_a_client_that_was_given_stays_open_and_an_own_one_is_closed(machine, server, monkeypatch):
    made: list[httpx2.Client] = []

    def client(choice: object) -> httpx2.Client:
        made.append(server.http())
        return made[-1]

    monkeypatch.setattr(send, "client", client)
    db = open_for_writing(machine)
    try:
        with server.http() as given:
            send.send(db, MINE, CHOICE, http=given)
            assert not given.is_closed
        assert made == []
        assert send.send(db, MINE, CHOICE, whole=True).messages == 0
        server.statuses["sync"] = 401
        with pytest.raises(AccreteError, match="token"):
            send.send(db, MINE, CHOICE, leaving=True)
    finally:
        db.close()
    assert [each.is_closed for each in made] == [True, True]


def test_everything_is_shown_as_if_nothing_had_been_sent_to_anybody(machine, server, monkeypatch):
    """Whatever the other side has, and whichever version it speaks."""
    server.sync(machine)
    (message,) = server.messages
    monkeypatch.setattr(prepare, "spoken", lambda db, person: 1)
    db = open_for_writing(machine)
    try:
        found = list(prepare.everything(db, MINE, CHOICE, 10))
        newest = list(prepare.everything(db, MINE, CHOICE, 2))
    finally:
        db.close()
    sent = {each.session: [(t.table, t.hash) for t in each.tables] for each in message.sessions}
    assert {each.session: [(t.table, t.hash) for t in each.tables] for each in found} == sent
    assert newest == found[-2:]
