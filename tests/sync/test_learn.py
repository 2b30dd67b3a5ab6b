"""What a machine learns before it sends, and what it says of its own choices."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx2
import msgspec
import pytest

from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.sync.choice import Choice, join
from accrete.sync.learn import delete_everything, learn, say
from accrete.sync.transport import UnreachableError
from accrete.wire.contract import Elsewhere, Erased, Gone, State
from tests.records import kept, rows
from tests.sync.taking import Taking
from tests.transcripts import busy, session_id

CHOICE = replace(join("https://team.example", "acr_acme_" + "x" * 43, tier=2), tier_at=100,
                 paused_at=100, cleared_at=100, heard_at=100)  # fmt: skip
NOW = 1_790_000_000_000


@pytest.fixture
def server():
    return Taking()


@pytest.fixture
def learned(settings, server):
    """What a machine has chosen after it learned."""

    def ask(*chosen: Elsewhere, choice: Choice = CHOICE, at: int = 200) -> Choice:
        server.state = State("a program wire 3", at, list(chosen))
        db = open_for_writing(settings)
        try:
            with server.http() as http:
                return learn(db, MINE.person, choice, http, now=NOW, sleep=lambda s: None)
        finally:
            db.close()

    return ask


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        (("paused", 1, 101), {"paused": True, "paused_elsewhere": True, "paused_at": 101}),
        (("paused", 0, 101), {"paused_at": 101}),
        (("paused", 1, 100), {}),
        (("tier", 1, 101), {"tier": 1, "tier_at": 101}),
        (("tier", 3, 101), {"tier_at": 101}),
        (("tier", 0, 101), {"tier": 1, "tier_at": 101}),
        (("tier", 1, 100), {}),
        (("cleared", 0, 101), {"cleared_at": 101}),
        (("cleared", 0, 99), {}),
    ],
)
def test_what_was_chosen_last_counts_and_no_tier_is_raised(learned, said, changed):
    assert learned(Elsewhere(*said)) == replace(CHOICE, heard_at=200, **changed)


def test_a_machine_that_another_one_paused_goes_on_with_it(learned):
    paused = replace(CHOICE, paused=True, paused_elsewhere=True)
    assert learned(Elsewhere("paused", 0, 101), choice=paused) == replace(
        CHOICE, heard_at=200, paused_at=101
    )
    assert learned(choice=paused, at=50) == paused


@pytest.mark.parametrize(("at", "sent"), [(100, 0), (101, 1)])
def test_after_everything_was_deleted_elsewhere_all_is_sent_anew(
    settings, server, learned, at, sent
):
    kept(settings, busy(1, turns=1))
    server.sync(settings, CHOICE)
    learned(Elsewhere("cleared", 0, at))
    assert server.sync(settings, CHOICE).sessions == sent


def test_what_was_taken_back_and_is_wanted_again_is_remembered(settings, server, learned):
    kept(settings, *(busy(n, turns=1) for n in (1, 2, 3, 4)))
    server.sync(settings, CHOICE)
    gone = [Gone(session_id(n), why, 150)
            for n, why in ((1, "again"), (2, "unshared"), (3, "forgotten"))]  # fmt: skip
    server.state = State("a program wire 3", 200, gone=gone)
    db = open_for_writing(settings)
    try:
        with server.http() as http:
            learn(db, MINE.person, CHOICE, http, now=NOW, sleep=lambda s: None)
    finally:
        db.close()
    said = {*rows(settings, "SELECT session, why, at FROM unshared")}
    assert said == {(session_id(2), "elsewhere", 150), (session_id(3), "forgotten", NOW)}
    server.sync(settings, CHOICE)
    assert server.sent()[1:] == [[session_id(1)]]


@pytest.mark.parametrize("missing", [("projects",), ("state",), ("projects", "state")])
def test_a_server_that_is_older_may_not_know_one_of_both(settings, server, learned, missing):
    server.statuses = dict.fromkeys(missing, 404)
    if len(missing) == 2:
        with pytest.raises(UnreachableError, match="no team server of Accrete at https://team"):
            learned()
        return
    heard_at = 100 if "state" in missing else 200
    assert learned() == replace(CHOICE, heard_at=heard_at)
    program = rows(settings, "SELECT value FROM fact WHERE name = 'team server'")
    assert program == ([] if "state" in missing else [("a program wire 3",)])


@pytest.mark.parametrize(
    ("unsaid", "body", "changed"),
    [
        ((), {}, {}),
        (("tier",), {"tier": 2}, {"tier_at": 300}),
        (("paused",), {"paused": True}, {"paused_at": 300}),
        (("projects",), {}, {"projects_at": 300}),
        (("tier", "paused", "projects"), {"tier": 2, "paused": True},
         {"tier_at": 300, "paused_at": 300, "projects_at": 300}),
    ],
)  # fmt: skip
def test_what_was_chosen_here_is_said_and_counts_from_when_it_was_heard(unsaid, body, changed):
    bodies = []

    def heard(request: httpx2.Request) -> httpx2.Response:
        bodies.append((request.method, json.loads(request.content)))
        return httpx2.Response(200, content=b'{"at": 300}')

    choice = replace(CHOICE, paused=True, unsaid=unsaid)
    with httpx2.Client(transport=httpx2.MockTransport(heard)) as http:
        assert say(choice, http) == replace(choice, unsaid=(), **changed)
    assert bodies == [("POST", body)]
    with httpx2.Client(
        transport=httpx2.MockTransport(lambda request: httpx2.Response(404))
    ) as http:  # one that knows no choices
        assert say(choice, http) == replace(choice, unsaid=(), **dict.fromkeys(changed, 0))


def test_everything_is_deleted_by_one_request():
    asked = []

    def gone(request: httpx2.Request) -> httpx2.Response:
        asked.append(f"{request.method} {request.url.path}")
        return httpx2.Response(200, content=msgspec.json.encode(Erased(1, 2, 3)))

    with httpx2.Client(transport=httpx2.MockTransport(gone)) as http:
        assert delete_everything(CHOICE, http) == Erased(1, 2, 3)
    assert asked == ["DELETE /c/acme/api/v1/mine"]
