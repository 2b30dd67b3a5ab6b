"""What a machine sends that means harm, or is broken: refused in a sentence, and the rest kept."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import resource
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from accrete_team import app, receive

from accrete.care.forget import What, forget
from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.sync.choice import Choice
from accrete.sync.prepare import parcels
from accrete.sync.send import packed
from accrete.wire.contract import LARGEST, OLDEST, Message, Shared, Table, rows_hash
from tests.records import kept
from tests.team.serving import NOW, Team
from tests.team.test_sync import everything, told

pytestmark = pytest.mark.long

GZIP = {"Content-Encoding": "gzip"}


@pytest.fixture
def small(tmp_path) -> Team:
    """A server whose companies are files."""
    return Team(tmp_path / "small")


def messages(settings, team: Team, choice: Choice) -> list[bytes]:
    """The messages of a first sync, one for each session."""
    first = team.number(choice)
    db = open_for_writing(settings)
    try:
        (parcel,) = parcels(db, MINE, choice, NOW)
    finally:
        db.close()
    return [
        packed(msgspec.structs.replace(parcel.message, sessions=[each], number=first + n))
        for n, each in enumerate(parcel.message.sessions)
    ]


def first(settings, team: Team, tier: int = 3) -> tuple[Choice, Message, Shared]:
    """A machine with one session, its first message, and the session in it."""
    kept(settings, told(1))
    choice = team.choice(tier=tier)
    (body,) = messages(settings, team, choice)
    made = msgspec.json.decode(gzip.decompress(body), type=Message)
    return choice, made, made.sessions[0]


def post(team: Team, choice: Choice, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    with team.http(choice) as http:
        answer = http.post(choice.endpoint, content=body, headers=GZIP | headers)
    return answer.status_code, answer.json()


def message(*sessions: Shared, **changed: Any) -> bytes:
    made = {"wire": OLDEST, "device": "d", "at": NOW, "sessions": list(sessions)} | changed
    return gzip.compress(msgspec.json.encode(made))


def table(name: str, *rows: bytes) -> Table:
    return Table(name, rows_hash([*rows]), [msgspec.Raw(each) for each in rows])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        gzip.compress(b"{}")[:-4],
        gzip.compress(b"{}") + b"x",
        gzip.compress(b"{}") * 2,
        gzip.compress(b"[" * 100_000),
        gzip.compress(b'{"wire":1,"wire":1,"device":"d","at":1,"x":' + b"[" * 5_000),
        gzip.compress(b"\xff\xfe{}"),
        gzip.compress(b'{"wire":1e400,"device":"d","at":1}'),
        gzip.compress(b'{"wire":1,"device":"\\ud800","at":1}'),
        gzip.compress(b'{"wire":1,"device":"d","at":%d}' % 10**30),
        zlib.compress(b"{}"),
        message(at=NOW * 100),
        message(wire=0),
        message(wire=-1),
        message(person=2),
    ],
    ids=[str(n) for n in range(16)],
)
def test_what_is_no_message_is_refused_in_a_sentence(small, body):
    choice = small.choice()
    code, said = post(small, choice, body)
    assert code == 400
    assert said["error"]


@pytest.mark.parametrize("named", [None, "", "identity", "deflate", "x-gzip", "gzip, gzip"])
def test_a_message_that_is_not_said_to_be_gzipped_is_not_taken(settings, small, named):
    choice, made, _ = first(settings, small)
    body = gzip.compress(msgspec.json.encode(made))
    with small.http(choice) as http:
        given = {} if named is None else {"Content-Encoding": named}
        answer = http.post(choice.endpoint, content=body, headers=given)
    assert (answer.status_code, answer.json()) == (415, {"error": "Messages are gzipped JSON."})
    assert small.rows("SELECT 1 FROM session") == []
    assert post(small, choice, body)[0] == 200


def test_a_bomb_is_not_unpacked(small):
    bomb = gzip.compress(gzip.compress(b"\0" * (200 << 20)))
    plain = gzip.compress(b" " * (receive.UNPACKED_MOST + 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for body in (plain, bomb, gzip.compress(b"," * (receive.PARTS_MOST + 1))):
        code, said = post(small, small.choice(), body)
        assert (code, bool(said["error"])) == (400, True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10


def test_a_bomb_of_many_members_or_of_many_layers_is_not_unpacked(small):
    """Of a file of several members only the first is looked at, of layers only the outermost."""
    choice, member = small.choice(), gzip.compress(b" " * (20 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    layers = b"\0" * (200 << 20)
    for _ in range(3):
        layers = gzip.compress(layers)
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for body in (member * 100, gzip.compress(b"{}") * 100_000, layers):
        code, said = post(small, choice, body)
        assert (code, bool(said["error"])) == (400, True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - max(before, made) < 200 << 10


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_not_read(small, chunked):
    choice = small.choice()
    body = b"x" * (receive.PACKED_MOST + 1)
    answer = small.client.post(
        f"/c/{choice.company}/api/v1/sync",
        content=iter([body[: 4 << 20], body[4 << 20 :]]) if chunked else body,
        headers=GZIP | {"Authorization": f"Bearer {choice.token}"},
    )
    assert answer.status_code == 413


def test_a_body_that_does_not_come_to_an_end_is_let_go(small, monkeypatch):
    monkeypatch.setattr(app, "BODY_S", 0.2)
    choice, sent = small.choice(), []
    pieces = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def slowly() -> dict[str, Any]:
        for piece in pieces:
            return piece
        await asyncio.sleep(30)
        raise AssertionError("it waited")

    async def send(said: dict[str, Any]) -> None:
        sent.append(said)

    path = f"/c/{choice.company}/api/v1/sync"
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"authorization", f"Bearer {choice.token}".encode()),
                    (b"content-encoding", b"gzip")],
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(app.application(small.registry)(scope, slowly, send), 10))
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    "slug",
    ["..", "%2e%2e", "../acme", "ACME", "acme%00", "acme ", "registry", "acme.db",
     "аcme", "ａｃｍｅ", "acme\u200b", "ac\u00admе", "acme%E2%80%8B", "%ed%a0%80",
     "acme%2f..%2facme", "'; DROP TABLE company; --", "acme\n", "-", "a" * 300],
)  # fmt: skip
def test_a_name_of_a_company_that_plays_tricks_finds_nothing(small, slug):
    choice = small.choice()
    before = sorted(small.registry.home.rglob("*"))
    for token in (choice.token, f"acr_{slug}_{'x' * 43}", choice.token.replace("acme", slug)):
        try:
            headers = {"Authorization": f"Bearer {token}".encode()}
            answer = small.client.post(
                f"/c/{slug}/api/v1/sync", content=b"", headers=headers | GZIP
            )
        except Exception as error:  # a client may refuse to send it
            assert type(error).__module__.startswith(("httpx", "h11"))  # noqa: PT017
            continue
        assert answer.status_code in (401, 403, 404)
    assert [each for each in sorted(small.registry.home.rglob("*")) if each not in before] == []


def test_messages_in_any_order_and_again_end_alike(settings, team):
    kept(settings, *(told(n) for n in range(1, 5)))
    choice = team.choice(tier=3)
    bodies = messages(settings, team, choice)
    for body in bodies:
        assert post(team, choice, body)[0] == 200
    sql = "SELECT session, message_id, output_tokens FROM response ORDER BY session"
    calls = "SELECT COUNT(*) FROM tool_call"
    before = team.rows(sql), team.rows(calls)
    made = random.Random(7)
    for body in made.sample(bodies * 3, 12):
        assert post(team, choice, body)[0] == 200
    assert (team.rows(sql), team.rows(calls)) == before


def test_a_replayed_message_does_not_bring_back_what_was_forgotten(settings, small):
    kept(settings, told(1))
    choice = small.choice(tier=3)
    (body,) = messages(settings, small, choice)
    small.sync(settings, choice)
    forget(settings, What(sessions=(told(1).session,)), NOW)
    small.sync(settings, choice)
    code, said = post(small, choice, body)
    assert (code, said["gone"]) == (200, [{"session": told(1).session, "why": "forgotten"}])
    assert small.rows("SELECT COUNT(*) FROM session") == [(0,)]


def test_a_clock_that_is_years_off(settings, team):
    choice, made, ours = first(settings, team, tier=2)
    for years in (5, 3000, -5, -60):
        off = NOW + years * 31_556_952_000
        row = json.loads(bytes(ours.tables[0].rows[0])) | {"started_at": off, "ended_at": off}
        tables = [table("session", json.dumps(row).encode()), *ours.tables[1:]]
        code, said = post(team, choice, message(replace_tables(ours, tables), at=off))
        if years > 0:
            assert (code, "clock" in said["error"]) == (400, True)
            assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
        else:
            assert (code, said.get("refused")) == (200, None)
            assert team.rows("SELECT ended_at FROM session") == [(off,)]


@pytest.mark.alike
@pytest.mark.parametrize("at", [LARGEST - 1, 1 - LARGEST, 253_402_300_799_000])
def test_a_row_whose_moment_has_no_date_is_refused_alone(settings, team, at):
    """Where it was taken, pages that write its date failed."""
    choice, made, ours = first(settings, team)
    calls = next(each for each in ours.tables if each.table == "tool_call")
    rows = [json.loads(bytes(each)) for each in calls.rows]
    rows[1]["at"] = at
    given = table("tool_call", *(json.dumps(each).encode() for each in rows))
    tables = [given if each is calls else each for each in ours.tables]
    code, said = post(team, choice, message(replace_tables(ours, tables), at=made.at))
    assert code == 200
    assert [(each["table"], each["row"]) for each in said["refused"]] == [("tool_call", 1)]
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(len(rows) - 1,)]


HOUR_MS = 3_600_000


@pytest.mark.alike
@pytest.mark.parametrize(
    ("name", "field", "hours", "taken"),
    [
        ("tool_call", "at", 23, True),
        ("tool_call", "at", 25, False),
        ("tool_call", "result_at", 40 * 24, False),
        ("session_day", "local_day", 20, True),
        ("session_day", "local_day", 62, False),
        ("session", "ended_at", 9 * 8766, False),
    ],
)
def test_a_row_of_what_is_yet_to_happen_is_refused_alone(settings, team, name, field, hours, taken):
    """The clock of a machine may have been wrong for a while, and be right when it sends."""
    choice, made, ours = first(settings, team)
    before = next(each for each in ours.tables if each.table == name)
    rows = [json.loads(bytes(each)) for each in before.rows]
    at = int(time.time() * 1000) + hours * HOUR_MS
    rows[-1][field] = (
        at if field != "local_day" else str(datetime.fromtimestamp(at / 1000, UTC).date())
    )
    after = table(name, *(json.dumps(each).encode() for each in rows))
    tables = [after if each is before else each for each in ours.tables]
    code, said = post(team, choice, message(replace_tables(ours, tables), at=made.at))
    assert code == 200
    refused = [(each["table"], each["row"], each["why"]) for each in said.get("refused", [])]
    ahead = f"{field}: more than a day ahead"
    assert refused == ([] if taken else [(name, len(rows) - 1, ahead)])
    assert team.rows(f"SELECT COUNT(*) FROM {name}") == [(len(rows) - (not taken),)]
    for other in ours.tables:
        if other.table not in (name, "event"):
            assert team.rows(f"SELECT COUNT(*) FROM {other.table}") == [(len(other.rows),)]


def test_a_message_under_the_token_of_another_is_of_that_person_or_of_nobody(settings, team):
    """A copied message counts for whose token it comes with, and never for its writer."""
    kept(settings, told(1))
    first = team.choice("Amara", tier=3)
    (body,) = messages(settings, team, first)
    assert post(team, first, body)[0] == 200
    sql = "SELECT person, session, message_id FROM response ORDER BY person"
    before = team.rows(sql)
    mine = {person for person, *_ in before}
    other, there = team.choice("Kim", tier=1), team.choice("Kim", "globex")
    assert post(team, other, body)[0] in (200, 400)
    assert [row for row in team.rows(sql) if row[0] in mine] == before
    with team.http(there) as http:
        asked = http.post(first.endpoint, content=body, headers=GZIP)
    assert asked.status_code == 401
    assert team.rows("SELECT COUNT(*) FROM session", "globex") == [(0,)]
    high = "SELECT COUNT(*) FROM event WHERE person NOT IN ({}) AND text IS NOT NULL"
    assert team.rows(high.format(", ".join(map(str, mine)))) == [(0,)]


KEYS = (b"\\ud800", b"\\udfff", b"\\ud83d\\ud83d", b"a\\u0000", b"\xed\xa0\x80", b"\xff")


@pytest.mark.parametrize("key", KEYS, ids=map(repr, KEYS))
def test_a_key_that_no_text_can_be_spoils_its_message_or_its_row_alone(settings, small, key):
    choice, made, ours = first(settings, small)
    events = next(each for each in ours.tables if each.table == "event")
    bad = b'{"' + key + b'":1,' + bytes(events.rows[0])[1:]
    tables = [table("event", bad) if each is events else each for each in ours.tables]
    code, said = post(small, choice, message(replace_tables(ours, tables), at=made.at))
    assert code in (200, 400)
    assert code == 400 or [each["table"] for each in said["refused"]] == ["event"]
    assert small.rows("SELECT COUNT(*) FROM event") == [(0,)]
    whole = b'{"' + key + b'":1,' + msgspec.json.encode(made)[1:]
    assert post(small, choice, gzip.compress(whole))[0] == 400


BAD = (b"a\\u0000b", b"\\ud800", b"\\udfff x", b"\xed\xa0\x80", b"\xff", b"\xc0\x80")


@pytest.mark.alike
def test_a_text_that_no_database_can_hold_is_refused_with_its_row_alone(settings, team):
    choice, made, ours = first(settings, team)
    events = next(each for each in ours.tables if each.table == "event")
    others = [each for each in ours.tables if each.table != "event"]
    good = next(bytes(each) for each in events.rows if b"zqprompt" in bytes(each))
    for bad in BAD:
        fresh = good.replace(b"zqprompt", bad).replace(b'"uuid":"', b'"uuid":"x', 1)
        tables = [*others, table("event", good, fresh)]
        code, said = post(team, choice, message(replace_tables(ours, tables), at=made.at))
        if code == 200:
            assert [(each["table"], each["row"]) for each in said["refused"]] == [("event", 1)], bad
            assert team.rows("SELECT COUNT(*) FROM event") == [(1,)]
        else:  # what is no Unicode makes no JSON of all of it, and no machine can store it
            assert (code, bad is BAD[0]) == (400, False)
    assert team.rows("SELECT COUNT(*) FROM event") == [(1,)]


@pytest.mark.alike
@pytest.mark.parametrize("name", ["", "a\0b", "x" * 257, "x" * 5000])
def test_an_id_that_no_session_has_is_refused_alone(team, name):
    good = Shared("good", 1, [])
    code, said = post(team, team.choice(), message(Shared(name, 1, []), good))
    assert (code, len(said["refused"])) == (200, 1)


@pytest.mark.parametrize("tier", [0, 4, -1, 1 << 40])
def test_a_tier_that_there_is_not_changes_nothing(settings, small, tier):
    kept(settings, told(1))
    choice = small.choice(tier=2)
    small.sync(settings, choice)
    before = everything(small)
    ours = told(1).session
    code, said = post(small, choice, message(Shared(ours, tier, [table("prompt", b"{}")])))
    assert (code, len(said["refused"])) == (200, 1)
    assert everything(small) == before


@pytest.mark.parametrize(
    "name", ["person", "device_token", "account", "company_setting", "sqlite_master", "prompt; --"]
)
def test_no_row_of_another_table_is_taken(settings, small, name):
    kept(settings, told(1))
    choice = small.choice(tier=2)
    small.sync(settings, choice)
    before = everything(small)
    row = b'{"id":1,"uuid":"u","name":"x","tier":3}'
    code, said = post(small, choice, message(Shared(told(1).session, 2, [table(name, row)])))
    assert (code, len(said["refused"])) == (200, 1)
    assert everything(small) == before


@pytest.mark.alike
def test_the_same_session_and_table_twice_in_a_message_count_once(settings, team):
    choice, made, ours = first(settings, team)
    twice = replace_tables(ours, [*ours.tables, *ours.tables])
    code, _ = post(team, choice, message(twice, twice, at=made.at))
    assert code == 200
    assert team.rows("SELECT COUNT(*) FROM response") == [(1,)]
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(3,)]


def replace_tables(shared: Shared, tables: list[Table]) -> Shared:
    return msgspec.structs.replace(shared, tables=tables)


@pytest.mark.alike
def test_a_row_of_another_persons_session_stays_theirs(settings, team):
    """Two people may name a session alike: what one sends never touches the other's."""
    kept(settings, told(1))
    first = team.choice("Amara", tier=3)
    team.sync(settings, first)
    before = team.rows("SELECT * FROM prompt")
    other = team.choice("Kim", tier=3)
    gone = {"session": told(1).session, "why": "forgotten"}
    code, _ = post(team, other, message(gone=[gone]))
    assert code == 200
    assert team.rows("SELECT * FROM prompt") == before
