"""Messages of a machine that come late, twice, or in another order: what is held is what it would
be had they come as they were sent."""

from __future__ import annotations

import copy
import itertools
import random
import shutil
from dataclasses import replace
from typing import Any

import httpx2
import msgspec
import pytest
from accrete_team.order import STRETCH

from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.record import shared
from accrete.settings import Settings
from accrete.sync.choice import Choice
from accrete.sync.send import UnreachableError, packed, send
from accrete.wire.contract import Message, Receipt, Shared, Table, Tombstone, rows_hash
from accrete.wire.travels import columns
from tests.fuzz import part, seeded
from tests.lineages import talk
from tests.records import projects
from tests.team.serving import NOW, Team
from tests.team.test_devices import held
from tests.team.test_marks import Machine
from tests.transcripts import busy

GZIP = {"Content-Encoding": "gzip"}


def post(team: Team, choice: Choice, body: bytes) -> Receipt:
    """A message as a network delivers it."""
    with team.http(choice) as http:
        answer = http.post(choice.endpoint, content=body, headers=GZIP)
    assert answer.status_code == 200, answer.content
    return msgspec.json.decode(answer.content, type=Receipt)


class Network:
    """Between machines and a server: a message arrives, or arrives and its answer does not, or
    stands somewhere and arrives later; whatever was sent may arrive again at any time."""

    def __init__(self, team: Team, rng: random.Random) -> None:
        self.team, self.rng = team, rng
        self.sent: list[tuple[Choice, bytes]] = []
        self.standing: list[tuple[Choice, bytes]] = []

    def client(self, choice: Choice) -> httpx2.Client:
        def handle(request: httpx2.Request) -> httpx2.Response:
            if not request.url.path.endswith("/sync"):
                with self.team.http(choice) as http:
                    answer = http.send(request)
                return httpx2.Response(answer.status_code, content=answer.read())
            self.sent.append((choice, request.content))
            what = self.rng.choice(("arrives", "arrives", "arrives", "unheard", "stands"))
            if what == "stands":
                self.standing.append((choice, request.content))
                raise httpx2.ReadError("cut")
            receipt = post(self.team, choice, request.content)
            if what == "unheard":
                raise httpx2.ReadError("cut")
            return httpx2.Response(200, content=msgspec.json.encode(receipt))

        return httpx2.Client(
            transport=httpx2.MockTransport(handle),
            headers={"Authorization": f"Bearer {choice.token}"},
        )

    def late(self, *, every: bool = False) -> None:
        """Some of what stands arrives, and some of what was sent arrives again."""
        self.rng.shuffle(self.standing)
        n = len(self.standing) if every else self.rng.randrange(len(self.standing) + 1)
        again = self.rng.choices(self.sent, k=min(len(self.sent), 20 if every else 2))
        came = [*self.standing[:n], *again]
        self.standing = self.standing[n:]
        self.rng.shuffle(came)
        for choice, body in came:
            post(self.team, choice, body)


class Flaky(Machine):
    """A machine behind such a network."""

    def __init__(self, settings: Settings, team: Team, seed: int, network: Network) -> None:
        super().__init__(settings, team, seed)
        self.network = network

    def sync(self, *, lost: int = 0) -> bool:
        db = open_for_writing(self.settings)
        try:
            with self.network.client(self.choice) as http:
                send(db, MINE, self.choice, http=http, now=lambda: NOW, sleep=lambda s: None)
        except UnreachableError:
            return False
        finally:
            db.close()
        return True


class Elsewhere(Flaky):
    """Another machine of the person: what is said there is said there alone, and never makes a
    session as long as it is on the first one: of two alike the one that came first leads."""

    def go_on(self) -> None:
        t = self.any()
        first = not any("there" in str(line) for line in t.lines)
        talk(t, 4 if first else 3, f"there{t.session[:8]}{len(t.lines)}")
        self.write(t)


STEPS = (
    "sync", "sync", "sync", "go_on", "go_on", "begin", "link", "ask_forge", "fork", "forget",
    "drop", "title", "tier", "lower", "leave_out", "rebuild",
)  # fmt: skip


def settled(team: Team, machines: list[Machine]) -> None:
    """Each machine syncs over a network that works, until nobody wants anything."""
    for _ in range(4):
        for each in machines:
            each.choice, _ = team.meet(each.settings, each.choice)


def calm(team: Team, machines: list[Machine], name: str) -> dict[str, list[str]]:
    """What a company holds to which the same machines send the same once."""
    fresh = []
    for each in machines:
        choice = team.choice(company=name)
        each.choice = replace(each.choice, url=choice.url, token=choice.token)
        db = open_for_writing(each.settings)
        try:
            with db.transaction():
                shared.nothing_is_held(db, 1)
        finally:
            db.close()
        fresh.append(each)
    settled(team, fresh)
    return held_by(team, name)


def held_by(team: Team, name: str) -> dict[str, list[str]]:
    class One:
        def rows(self, sql: str) -> list[Any]:
            return team.rows(sql, name)

    return held(One())  # type: ignore[arg-type]


@pytest.mark.alike
@pytest.mark.long
@pytest.mark.parametrize("seed", range(1))
def test_any_order_and_repetition_ends_in_the_rows_of_the_right_one(settings, team, seed):
    walk(settings, team, seed, 40)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 130))
def test_any_order_and_repetition_ends_in_the_rows_of_the_right_one_long(settings, team, seed):
    walk(settings, team, seed, 120)


def walk(settings: Settings, team: Team, seed: int, steps: int) -> None:
    network = Network(team, random.Random(f"network {seed}"))
    machine = Flaky(settings, team, seed, network)
    for _ in range(3):
        machine.begin()
    for _ in range(steps):
        if not machine.told:
            machine.begin()
        getattr(machine, machine.rng.choice(STEPS))()
        if machine.rng.random() < 0.3:
            network.late()
    assert len(network.sent) >= steps // 10
    network.late(every=True)
    settled(team, [machine])
    network.late(every=True)
    after = held_by(team, "acme")
    assert after["session"]
    assert after == calm(team, [machine], "calm")


@pytest.mark.alike
@pytest.mark.long
@seeded(1)
def test_two_machines_of_a_person_in_any_order(settings, team, tmp_path, seed):
    """They have some sessions in common, and each goes on in them."""
    network = Network(team, random.Random(f"two {seed}"))
    one = Flaky(settings, team, seed, network)
    there = Settings(
        home=tmp_path / "there", roots=(tmp_path / "claude-there",), zone=settings.zone
    )
    for _ in range(3):
        one.begin()
    shutil.copytree(projects(settings), projects(there))
    ingest(there)
    two = Elsewhere(there, team, seed + 50, network)
    two.told = copy.deepcopy(one.told)
    two.count = 500
    todo = ("sync", "sync", "go_on", "begin")
    for _ in range(40):
        machine = network.rng.choice((one, two))
        getattr(machine, machine.rng.choice(todo))()
        if network.rng.random() < 0.3:
            network.late()
    network.late(every=True)
    settled(team, [one, two])
    network.late(every=True)
    settled(team, [one, two])
    after = held_by(team, "acme")
    assert len(after["session"]) > 3
    assert after == calm(team, [one, two], "calm")


# Messages that are made by hand.


def row(name: str, session: str, value: int) -> bytes:
    """A row of a table at tier 1, with a number by which it is told apart."""
    made: dict[str, object] = {}
    for each in columns(name, 1):
        if not each.nullable and not each.listed and each.name != "project":
            made[each.name] = 0 if each.kind is int else ""
    own = {"id" if name == "session" else "session": session, NUMBER[name]: value}
    days = {each: "2026-09-01" for each in made if each == "local_day"}
    return msgspec.json.encode({**made, **own, **days})


NUMBER = {"session": "files_edited", "session_day": "commits", "check_run": "part"}


def message(
    number: int, named: str, /, *, whole: bool = False, wire: int = 3, events: int = 5, **given: int
) -> bytes:
    """A message with tables of a session, a row each."""
    tables = [
        Table(name, rows_hash([made]), [msgspec.Raw(made)])
        for name, value in given.items()
        for made in [row(name, named, value)]
    ]
    shared_ = Shared(named, 1, tables, events, whole)
    return packed(Message(wire, "d", NOW, [shared_], number=number))


def back(number: int, session: str, why: str = "unshared") -> bytes:
    return packed(Message(3, "d", NOW, gone=[Tombstone(session, why)], number=number))


def values(team: Team, session: str) -> list[int | None]:
    """The numbers of a session's rows, by table."""
    found = []
    for name, column in NUMBER.items():
        key = "id" if name == "session" else "session"
        rows = team.rows(f"SELECT {column} FROM {name} WHERE {key} = '{session}'")
        found.append(int(rows[0][0]) if rows else None)
    return found


ORDERS = [*itertools.permutations(range(4))]


@pytest.mark.long
@pytest.mark.grid
def test_messages_of_a_session_in_every_order(team):
    """The first has all of it, the others some tables. Where one of these comes before what it is a
    part of, the server wants the session again."""
    choice = team.choice()
    first = team.number(choice)
    orders = ORDERS if team.admin_url is None else part(ORDERS, 8)
    wanted = 0
    for order in orders:
        name = "s" + "".join(map(str, order))
        bodies = [
            message(first, name, whole=True, session=1, session_day=1, check_run=1),
            message(first + 1, name, session_day=2, check_run=2),
            message(first + 2, name, session=3),
            message(first + 3, name, session_day=4, session=4),
        ]
        for at in (*order, *order[:2], order[0]):
            post(team, choice, bodies[at])
        asked = f"SELECT wanted FROM session_device WHERE session = '{name}'"
        if order[0] != 0:
            assert team.rows(asked) == [(1,)], order
            wanted += 1
            body = message(first + 9, name, whole=True, session=4, session_day=4, check_run=2)
            post(team, choice, body)
        assert team.rows(asked) == [(0,)], order
        assert values(team, name) == [4, 4, 2], order
    assert wanted == sum(order[0] != 0 for order in orders) > 4


@pytest.mark.alike
@pytest.mark.long
def test_taking_back_and_sharing_again_in_every_order(team):
    choice = team.choice()
    first = team.number(choice)
    for why in ("unshared", "left"):
        for order in itertools.permutations(range(3)):
            name = why + "".join(map(str, order))
            bodies = [
                message(first, name, whole=True, session=1, session_day=1),
                back(first + 1, name, why),
                message(first + 2, name, whole=True, session=3, check_run=3),
            ]
            for at in (*order, *order):
                post(team, choice, bodies[at])
            assert values(team, name) == [3, None, 3], order
            for at in (1, 0):
                assert post(team, choice, bodies[at]).outdated == [name]
            gone = "gone" + name
            for at in order:
                if at < 2:
                    body = message(first, gone, whole=True, session=1) if at == 0 else back(
                        first + 1, gone, why)  # fmt: skip
                    post(team, choice, body)
            assert values(team, gone) == [None, None, None], order


@pytest.mark.long
def test_what_a_whole_message_has_none_of_is_not_brought_back_by_an_older_one(team):
    """A whole one that comes late itself says so of what it has alone, and the rest is sent
    again."""
    choice = team.choice()
    first = team.number(choice)
    whole = message(first, "s", whole=True, session=1, session_day=1, check_run=1)
    shorter = message(first + 2, "s", whole=True, session=2, session_day=2)
    older = message(first + 1, "s", check_run=3)
    post(team, choice, whole)
    assert post(team, choice, shorter).outdated == []
    assert values(team, "s") == [2, 2, None]
    assert post(team, choice, older).outdated == ["s"]
    assert values(team, "s") == [2, 2, None]

    late = message(first + 2, "t", whole=True, session=2, session_day=2)
    post(team, choice, message(first, "t", whole=True, session=1, session_day=1, check_run=1))
    post(team, choice, message(first + 3, "t", session_day=4))
    assert post(team, choice, late).outdated == ["t"]
    assert values(team, "t") == [2, 4, 1]
    assert post(team, choice, message(first + 1, "t", session=3)).outdated == ["t"]
    post(team, choice, message(first + 1, "t", check_run=3))
    assert values(team, "t") == [2, 4, 3]


@pytest.mark.alike
@pytest.mark.long
def test_what_was_taken_back_on_another_machine_is_not_brought_back_by_an_older_message(team):
    one, two = team.choice(), team.choice()
    older, newer, newest = team.number(one), team.number(two), team.number(one)
    assert older < newer < newest
    post(team, one, message(older, "s", whole=True, session=1))
    post(team, two, back(newer, "s"))
    assert post(team, one, message(older + 1, "s", whole=True, session=2)).outdated == ["s"]
    assert values(team, "s") == [None, None, None]
    post(team, one, message(newest, "s", whole=True, session=3))
    assert post(team, two, back(newer + 1, "s")).outdated == ["s"]
    assert values(team, "s") == [3, None, None]
    post(team, two, back(newer + 2, "s", "forgotten"))
    assert values(team, "s") == [None, None, None]
    assert post(team, one, message(newest + 1, "s", whole=True, session=4)).kept == []


@pytest.mark.alike
def test_a_repeated_message_is_answered_as_before_and_changes_nothing(team):
    one, two = team.choice(), team.choice()
    first = team.number(one)
    body = message(first, "s", whole=True, session=1, session_day=1)
    before = post(team, one, body)
    assert {each.table for each in before.kept} == {"session", "session_day"}
    post(team, two, message(team.number(two), "s", whole=True, events=9, session=2))
    assert values(team, "s") == [2, None, None]
    assert post(team, one, body) == before
    assert values(team, "s") == [2, None, None]
    gone = back(first + 1, "s", "left")
    assert post(team, one, gone).gone == [Tombstone("s", "left")]
    post(team, two, message(team.number(two), "s", whole=True, events=9, session=5))
    assert post(team, one, gone).gone == [Tombstone("s", "left")]
    assert values(team, "s") == [5, None, None]


@pytest.mark.alike
@pytest.mark.long
def test_a_number_that_was_not_handed_out_is_not_taken_and_is_no_fault(team):
    choice = team.choice()
    assert post(team, choice, message(5, "s", whole=True, session=1)).outdated == ["s"]
    first = team.number(choice)
    for number in (1, first - 1, first + STRETCH, 1 << 52):
        receipt = post(team, choice, message(number, "s", whole=True, session=1))
        assert (receipt.outdated, receipt.kept) == (["s"], [])
    assert team.rows("SELECT id FROM session") == []
    assert post(team, choice, message(first, "s", whole=True, session=1)).outdated == []
    other = team.choice("Chen")  # numbers are a person's own
    assert post(team, other, message(first, "t", whole=True, session=1)).outdated == ["t"]


@pytest.mark.alike
@pytest.mark.parametrize(("wire", "number"), [(3, 0), (3, -1), (2, 7), (3, 1 << 53)])
def test_a_version_has_numbers_or_has_none(team, wire, number):
    choice = team.choice()
    team.number(choice)
    body = packed(Message(wire, "d", NOW, [Shared("s", 1)], number=number))
    with team.http(choice) as http:
        assert http.post(choice.endpoint, content=body, headers=GZIP).status_code == 400


def test_of_a_machine_without_numbers_the_last_message_counts(team):
    choice = team.choice()
    for value in (1, 2, 1):
        body = message(0, "s", whole=True, wire=2, session=value)
        assert post(team, choice, body).outdated == []
        assert values(team, "s") == [value, None, None]
    assert team.rows("SELECT * FROM message_order") == []


@pytest.mark.alike
def test_after_everything_was_deleted_no_older_number_counts(team):
    choice = team.choice()
    first = team.number(choice)
    post(team, choice, message(first, "s", whole=True, session=1))
    with team.http(choice) as http:
        assert http.delete(f"{choice.address}/mine").status_code == 200
        assert http.post(f"{choice.address}/state", content=b'{"paused":false}').status_code == 200
    assert post(team, choice, message(first + 1, "t", whole=True, session=2)).outdated == ["t"]
    assert team.rows("SELECT id FROM session") == []
    assert team.rows("SELECT * FROM message_order") == []
    later = team.number(choice)
    assert post(team, choice, message(later, "t", whole=True, session=2)).outdated == []


# Machines whose folder is older than what they sent.


@pytest.mark.alike
@pytest.mark.long
def test_a_copied_home_folder_goes_on_beside_the_first(settings, team, tmp_path):
    """Both have the token of one machine. One is overtaken in the middle of a sync: it is told, and
    its next sync heals it."""
    busy(1).write(projects(settings))
    ingest(settings)
    choice = team.choice(tier=2)
    team.meet(settings, choice)
    there = Settings(home=tmp_path / "copy", roots=(tmp_path / "claude-copy",), zone=settings.zone)
    shutil.copytree(settings.home, there.home)
    for at, turns in ((settings, 6), (there, 8)):
        busy(1, turns=turns).write(projects(at))
        ingest(at)
    first = team.number(choice)  # a sync of the first folder begins …
    team.meet(there, choice)  # … and the copy overtakes it
    alone = held_by(team, "acme")
    overtaken = message(first, busy(1).session, whole=True, session=1)
    assert post(team, choice, overtaken).outdated == [busy(1).session]
    assert held_by(team, "acme") == alone
    _, sent = team.meet(settings, choice)
    assert sent.outdated == 0
    (prompts,) = team.rows("SELECT COUNT(*) FROM prompt")
    assert prompts == (6,)
    busy(1, turns=9).write(projects(there))
    ingest(there)
    _, sent = team.meet(there, choice)
    assert team.rows("SELECT COUNT(*) FROM prompt") == [(9,)]


@pytest.mark.alike
@pytest.mark.long
def test_what_was_outdated_is_not_noted_as_held_and_is_sent_again(settings, team):
    busy(1).write(projects(settings))
    ingest(settings)
    choice = team.choice(tier=2)

    def overtaken(request: httpx2.Request) -> httpx2.Response:
        """Each answer that hands out numbers is of before."""
        with team.http(choice) as http:
            answer = http.send(request)
            body = answer.read()
            if request.url.path.endswith("/turn"):
                number = team.number(choice)
                later = message(number, busy(1).session, whole=True, session=1)
                post(team, choice, later)
        return httpx2.Response(answer.status_code, content=body)

    db = open_for_writing(settings)
    try:
        with httpx2.Client(
            transport=httpx2.MockTransport(overtaken),
            headers={"Authorization": f"Bearer {choice.token}"},
        ) as http:
            sent = send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()
    assert (sent.outdated, sent.tables, sent.refused) == (1, 0, [])
    _, sent = team.meet(settings, choice)
    assert (sent.outdated, sent.sessions) == (0, 1)
    assert team.rows("SELECT COUNT(*) FROM prompt") != [(0,)]
    _, sent = team.meet(settings, choice)
    assert sent.sessions == 0


@pytest.mark.long
def test_a_sync_that_has_nothing_to_send_asks_for_no_numbers(settings, team):
    busy(1).write(projects(settings))
    ingest(settings)
    choice = team.choice()
    team.meet(settings, choice)
    before = team.rows("SELECT number FROM message_number")
    team.meet(settings, choice)
    assert team.rows("SELECT number FROM message_number") == before != []
