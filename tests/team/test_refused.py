"""Rows that a server does not take: remembered, sent again after a change, never for ever."""

from __future__ import annotations

import gzip
import json

import httpx2
import pytest
from accrete_team import mine, receive

from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.queries.refused import NotTakenRows, refused_rows
from accrete.record import shared
from accrete.sync import send as sending
from accrete.sync.choice import write_choice
from accrete.sync.send import send
from accrete.wire.contract import RefusedError, decoded
from tests.records import called, kept, rows
from tests.team.serving import NOW
from tests.team.test_sync import told

pytestmark = [pytest.mark.long, pytest.mark.alike]


@pytest.fixture
def picky(monkeypatch):
    """A server that takes no call of Bash; `picky[0] = False` makes it take all."""
    on = [True]

    def checked(table, tier, version, raw):
        found = decoded(table, tier, version, raw)
        if on[0] and table == "tool_call" and found["tool"] == "Bash":
            raise RefusedError("status: not an id")
        return found

    monkeypatch.setattr(receive, "decoded", checked)
    monkeypatch.setattr(receive, "decoded_together", lambda *rows: None)
    return on


def refused(settings) -> list[NotTakenRows]:
    db = open_for_writing(settings)
    try:
        return db.ask(refused_rows(MINE))
    finally:
        db.close()


def test_a_refused_row_is_remembered_by_its_field_and_not_sent_again(settings, team, picky):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=2)
    choice, sent = team.meet(settings, choice)
    assert len(sent.refused) == 2
    assert refused(settings) == [NotTakenRows("tool_call", "status: not an id", 2, 2)]
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(4,)]
    for _ in range(3):
        assert team.meet(settings, choice)[1].messages == 0
    assert len(refused(settings)) == 1


def test_what_is_taken_back_of_a_session_leaves_what_was_refused_of_another(settings, team, picky):
    kept(settings, told(1), told(2))
    team.meet(settings, team.choice(tier=2))
    db = open_for_writing(settings)
    try:
        both = {told(1).session, told(2).session}
        assert shared.refused_sessions(db, MINE.person) == both
        shared.told(db, MINE.person, told(1).session, "unshared", NOW)
        assert shared.refused_sessions(db, MINE.person) == {told(2).session}
    finally:
        db.close()


def test_a_refused_row_is_sent_again_when_its_content_changed(settings, team, picky):
    kept(settings, told(1), told(2))
    choice, _ = team.meet(settings, team.choice(tier=2))
    picky[0] = False
    assert team.meet(settings, choice)[1].messages == 0
    t = told(2)
    t.answer("msg_later", blocks=[{"type": "tool_use", "id": "toolu_new", "name": "Bash",
                                   "input": {"command": "ls"}}])  # fmt: skip
    kept(settings, t)
    assert team.meet(settings, choice)[1].sessions == 1
    assert refused(settings) == [NotTakenRows("tool_call", "status: not an id", 1, 1)]
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(6,)]


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_refused_row_is_sent_again_when_a_program_changed_and_only_once(
    settings, team, picky, monkeypatch, where
):
    kept(settings, told())
    choice, _ = team.meet(settings, team.choice(tier=2))
    for version, taken in (("0.9.0", False), ("0.9.1", True)):
        if where == "there":
            monkeypatch.setattr(mine, "PROGRAM", version)
        else:
            monkeypatch.setattr("accrete.record.shared.PROGRAM", version)
        picky[0] = not taken
        assert team.meet(settings, choice)[1].sessions == 1
        assert team.meet(settings, choice)[1].sessions == 0
        assert refused(settings) == (
            [] if taken else [NotTakenRows("tool_call", "status: not an id", 1, 1)]
        )
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(3,)]


@pytest.mark.parametrize("code", [400, 413])
def test_a_session_that_is_refused_whole_is_not_sent_each_time(settings, team, code):
    kept(settings, *(told(n) for n in range(1, 4)))
    choice, bad, asked = team.choice(tier=2), told(2).session.encode(), []
    good = team.http(choice)

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.method)
        if request.content and bad in gzip.decompress(request.content):
            return httpx2.Response(code)
        return good.send(good.build_request("POST", request.url, content=request.content,
                                            headers=request.headers))  # fmt: skip

    for expected in (5, 0):  # numbers, all of it, each alone
        asked.clear()
        db = open_for_writing(settings)
        try:
            with httpx2.Client(transport=httpx2.MockTransport(handle)) as http:
                sent = send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
        finally:
            db.close()
        assert len(asked) == expected
    assert sent.refused == []
    good.close()
    assert {each.why for each in refused(settings)} == {f"the server does not take it ({code})"}
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]


def test_a_reason_is_kept_on_one_line_and_not_at_any_length(settings, team, monkeypatch):
    def checked(table, tier, version, raw):
        raise RefusedError("a\x1b[31m\n" + "x" * 5000)

    monkeypatch.setattr(receive, "decoded", checked)
    monkeypatch.setattr(receive, "decoded_together", lambda *rows: None)
    kept(settings, told())
    team.meet(settings, team.choice(tier=1))
    whys = {why for (why,) in rows(settings, "SELECT why FROM refused")}
    assert whys == {"a [31m " + "x" * 193}


def test_the_status_says_how_many_rows_are_refused_and_why(
    settings, team, picky, monkeypatch, capsys
):
    kept(settings, told(1), told(2))
    choice, _ = team.meet(settings, team.choice(tier=3))
    write_choice(settings, choice)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    code, out, _ = called(capsys, "team", "status")
    assert code == 0
    assert "2 rows not taken by the server." in out
    assert "2 rows of tool_call: status: not an id" in out
    assert "zqcommand" not in out
    code, out, _ = called(capsys, "team", "status", "--json")
    (said,) = json.loads(out)["refused"]
    assert said == {"table": "tool_call", "why": "status: not an id", "rows": 2, "sessions": 2}


def test_another_server_is_told_what_the_first_refused(settings, team, picky):
    from accrete.record.shared import begin_anew

    kept(settings, told())
    team.meet(settings, team.choice(tier=2))
    db = open_for_writing(settings)
    try:
        begin_anew(db, 1)
    finally:
        db.close()
    assert refused(settings) == []
    picky[0] = False
    assert team.meet(settings, team.choice(tier=2, company="globex"))[1].refused == []
    assert team.rows("SELECT COUNT(*) FROM tool_call", "globex") == [(3,)]


def test_an_answer_of_a_newer_server_is_understood():
    from accrete.sync.choice import join
    from accrete.sync.transport import Answer, read
    from accrete.wire.contract import Receipt

    choice = join("http://localhost", "acr_acme_" + "x" * 43)
    body = b'{"wire":2,"kept":[{"session":"s","table":"t","hash":"h","new":1}],"newer":{}}'
    assert read(choice, Answer(200, body), Receipt).kept[0].hash == "h"
    assert sending.Receipt is Receipt
