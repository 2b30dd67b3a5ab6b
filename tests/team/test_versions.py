"""The version of the contract before this one: a machine that speaks it, and a server that does,
each as its golden files have it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.outcomes.forge import Said, address_of
from accrete.record.pull_states import store_states
from accrete.record.shared import begin_anew
from accrete.settings import Settings
from accrete.sync.choice import Choice
from accrete.sync.learn import learn
from accrete.sync.send import Sent, send
from accrete.wire.contract import OLDEST
from accrete.wire.travels import NAMES, WIRE_VERSION, spoken_with
from tests.forges import ENDED_MS, OPENED_MS, REPOSITORY, pulling
from tests.team.serving import NOW, Team
from tests.team.test_devices import check_sums, held
from tests.team.test_order import GZIP, held_by
from tests.transcripts import busy

BEFORE = WIRE_VERSION - 1
GOLDEN = Path(__file__).parents[1] / "wire"
MESSAGES = (GOLDEN / f"messages-{BEFORE}.jsonl").read_bytes().splitlines()
"""What a machine of the version before sent of three sessions, at each tier."""
ENVELOPE = json.loads((GOLDEN / f"envelope-{BEFORE}.json").read_text("utf-8"))
ROWS = json.loads((GOLDEN / f"wire-{BEFORE}.json").read_text("utf-8"))
KINDS = {"str": str, "int": int, "float": float}


@pytest.mark.alike
@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_what_a_machine_of_the_version_before_sent_is_taken_whole(team, tier):
    body = MESSAGES[tier - 1]
    said = json.loads(body)
    assert (said["wire"], "number" in said) == (BEFORE, False)
    choice = team.choice(tier=tier)
    with team.http(choice) as http:
        answers = [http.post(choice.endpoint, content=gzip.compress(body), headers=GZIP)
                   for _ in range(2)]  # fmt: skip
    for answer in answers:
        assert answer.status_code == 200
        receipt = answer.json()
        assert not set(receipt) - set(ENVELOPE["Receipt"]["fields"])  # nothing that it has to learn
        assert "refused" not in receipt
        sent = {
            (s["session"], t["table"], t["hash"]) for s in said["sessions"] for t in s["tables"]
        }
        assert {(k["session"], k["table"], k["hash"]) for k in receipt["kept"]} == sent
    rows: dict[str, int] = {}
    for session in said["sessions"]:
        for table in session["tables"]:
            rows[table["table"]] = rows.get(table["table"], 0) + len(table["rows"])
    assert rows["session"] == 2
    for name in NAMES:
        assert team.rows(f"SELECT COUNT(*) FROM {name}") == [(rows.get(name, 0),)], name


class Old:
    """A server of the version before: it takes what its golden files allow, word by word, and its
    answers have what these say. The rows are kept by a server of now, as version 2."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.asked: list[str] = []

    def client(self, choice: Choice) -> httpx2.Client:
        def handle(request: httpx2.Request) -> httpx2.Response:
            what = request.url.path.rpartition("/")[2]
            self.asked.append(what)
            if what not in ("sync", "projects", "state", "mine"):
                return httpx2.Response(404)
            if what == "sync":
                message = json.loads(gzip.decompress(request.content))
                if message["wire"] > BEFORE:
                    return httpx2.Response(426)
                if fault := self.fault(message):
                    return httpx2.Response(400, json={"error": fault})
            with self.team.http(choice) as http:
                answer = http.send(request)
            said = json.loads(answer.read())
            kind = {"sync": "Receipt", "state": "State", "projects": "Projects", "mine": "Erased"}
            fields = ENVELOPE[kind[what]]["fields"]
            said = {name: value for name, value in said.items() if name in fields}
            if what == "state":
                said["server"] = f"0.1.0 wire {BEFORE}"
            return httpx2.Response(answer.status_code, json=said)

        return httpx2.Client(
            transport=httpx2.MockTransport(handle),
            headers={"Authorization": f"Bearer {choice.token}"},
        )

    def fault(self, message: dict[str, Any]) -> str:
        """What of a message the version before does not know."""
        for kind, parts in (("Message", [message]), ("Shared", message.get("sessions", [])),
                            ("Tombstone", message.get("gone", []))):  # fmt: skip
            for part in parts:
                if extra := set(part) - set(ENVELOPE[kind]["fields"]):
                    return f"{kind}: {extra}"
        for session in message.get("sessions", []):
            for table in session["tables"]:
                known = ROWS.get(table["table"])
                if known is None:
                    return f"no table {table['table']}"
                fields = known.get(str(session["tier"]), {})
                for row in table["rows"]:
                    for name, value in row.items():
                        kind = fields.get(name)
                        if kind is None or not isinstance(value, KINDS[kind.rstrip("?")]):
                            return f"{table['table']}.{name}"
        return ""


def meet(settings: Settings, choice: Choice, http: httpx2.Client) -> Sent:
    """A sync: learns, then sends."""
    db = open_for_writing(settings)
    try:
        with http:
            choice = learn(db, MINE.person, choice, http, now=NOW, sleep=lambda s: None)
            return send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()


def worked(settings: Settings) -> None:
    """Two sessions, one with pull requests of which one was merged."""
    pulling(settings, 1, f"{REPOSITORY}/1", linked=(f"{REPOSITORY}/2",))
    busy(2, turns=3).write(settings.roots[0] / "projects")
    ingest(settings)
    db = open_for_writing(settings)
    try:
        said = Said("merged", False, OPENED_MS, ENDED_MS, ENDED_MS)
        with db.transaction():
            store_states(db, 1, [(address_of(f"{REPOSITORY}/1"), [f"{REPOSITORY}/1"], said)], NOW)
    finally:
        db.close()


@pytest.mark.alike
@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_a_machine_speaks_the_version_of_a_server_that_is_older(settings, team, tier):
    worked(settings)
    old, choice = Old(team), team.choice(tier=tier)
    sent = meet(settings, choice, old.client(choice))
    assert (sent.refused, sent.sessions, sent.outdated) == ([], 2, 0)
    assert "turn" not in old.asked
    assert meet(settings, choice, old.client(choice)).sessions == 0
    assert team.rows("SELECT * FROM session_pull_state") == []
    # the server is upgraded: what the new version adds follows, by itself
    sent = meet(settings, choice, team.http(choice))
    assert sent.refused == []
    there = held(team)
    assert bool(there["session_pull_state"]) == (tier > 1)
    assert meet(settings, choice, team.http(choice)).sessions == 0
    # and it holds what it would hold had it always been of this version
    db = open_for_writing(settings)
    try:
        with db.transaction():
            begin_anew(db, 1)
    finally:
        db.close()
    fresh = team.choice(company="fresh", tier=tier)
    meet(settings, fresh, team.http(fresh))
    assert held_by(team, "fresh") == there
    # and back: a server that was put back to the version before is spoken to in its words
    busy(3, turns=2).write(settings.roots[0] / "projects")
    ingest(settings)
    assert meet(settings, fresh, Old(team).client(fresh)).refused == []


@pytest.mark.long
def test_what_a_forge_says_later_reaches_the_server_with_the_next_sync(settings, team):
    worked(settings)
    choice = team.choice(tier=2)
    meet(settings, choice, team.http(choice))
    told = "SELECT url, state, merged_at FROM session_pull_state ORDER BY url"
    one, two = (f"{REPOSITORY}/{n}" for n in (1, 2))
    assert team.rows(told) == [(one, "merged", ENDED_MS), (two, None, None)]
    said = Said("open", True, OPENED_MS, None, None)
    for state, tables in ((said, 1), (said, 0), (said._replace(draft=False), 1)):
        db = open_for_writing(settings)
        try:
            with db.transaction():
                store_states(db, 1, [(address_of(two), [two], state)], NOW + tables)
        finally:
            db.close()
        assert meet(settings, choice, team.http(choice)).tables == tables
    assert team.rows(told) == [(one, "merged", ENDED_MS), (two, "open", None)]


@pytest.mark.alike
def test_taking_back_and_leaving_work_with_a_server_that_is_older(settings, team):
    worked(settings)
    old, choice = Old(team), team.choice(tier=2)
    meet(settings, choice, old.client(choice))
    db = open_for_writing(settings)
    try:
        with old.client(choice) as http:
            sent = send(db, MINE, choice, leaving=True, http=http, now=lambda: NOW,
                        sleep=lambda s: None)  # fmt: skip
    finally:
        db.close()
    assert sent.taken_back == 2
    assert team.rows("SELECT id FROM session") == []


def test_a_program_says_which_version_it_speaks():
    assert spoken_with(f"0.1.0 wire {BEFORE}") == BEFORE
    assert spoken_with("9.0 wire 99") == WIRE_VERSION
    assert spoken_with("") == spoken_with("0.1.0") == spoken_with("x wire ²") == WIRE_VERSION
    assert OLDEST == BEFORE


def test_a_message_of_the_version_before_decodes_as_it_did():
    from accrete.wire.contract import Message

    for body in MESSAGES:
        message = msgspec.json.decode(body, type=Message)
        assert msgspec.json.encode(message) == body


@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 3])
def test_two_machines_of_two_versions_at_once_double_nothing(settings, team, tmp_path, tier):
    worked(settings)
    beside = Settings(home=tmp_path / "beside", roots=settings.roots, zone=settings.zone)
    ingest(beside)
    one, two = team.choice(tier=tier), team.choice(tier=tier)
    for turns in (3, 6, 8):  # a session that goes on
        busy(2, turns=turns).write(settings.roots[0] / "projects")
        ingest(settings)
        ingest(beside)
        assert meet(settings, one, Old(team).client(one)).refused == []
        sums = check_sums(team)
        assert meet(beside, two, team.http(two)).refused == []
        assert check_sums(team) == sums
    apart = Settings(home=tmp_path / "apart", roots=settings.roots, zone=settings.zone)
    ingest(apart)
    alone = team.choice("Kim", company="globex", tier=tier)
    meet(apart, alone, team.http(alone))
    for table in ("session", "response", "tool_call", "session_day", "session_usage"):
        assert team.rows(f"SELECT COUNT(*) FROM {table}") == team.rows(
            f"SELECT COUNT(*) FROM {table}", "globex"
        )
