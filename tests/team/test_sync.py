"""What a machine shares arrives, and nothing else; what is taken back is gone."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import httpx2
import msgspec
import pytest

from accrete.care.forget import What, forget
from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.ingest import open_for_writing
from accrete.sync.choice import join, read_choice, write_choice
from accrete.sync.prepare import changes, parcels
from accrete.sync.send import UnreachableError, packed, send
from accrete.wire.travels import NAMES, columns, typed
from tests.records import kept, rows
from tests.team.serving import NOW
from tests.transcripts import Transcript

SECRETS = ("zqprompt", "zqanswer", "zqcommand", "zqpath", "zqbranch", "zqfolder", "zqtool")


def told(n: int = 1) -> Transcript:
    """A session with a word of its own in each kind of text."""
    t = Transcript(n, cwd=f"/home/dev/zqfolder{n}", gitBranch="zqbranch")
    t.prompt("Please zqprompt it")
    use = {
        "type": "tool_use",
        "id": f"toolu_{n}",
        "name": "Bash",
        "input": {"command": "pytest tests/zqpath.py -k 'zqcommand here'"},
    }
    hunk = {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-a", "+b"]}
    path = f"/home/dev/zqfolder{n}/zqpath.py"
    edit = {"type": "tool_use", "id": f"toolu_e{n}", "name": "Edit",
            "input": {"file_path": path, "old_string": "a", "new_string": "b"}}  # fmt: skip
    other = {"type": "tool_use", "id": f"toolu_x{n}", "name": "mcp__zqtool__go", "input": {}}
    t.answer(
        f"msg_{n}",
        blocks=[{"type": "text", "text": "zqanswer done"}, use, edit, other],
        stop="tool_use",
    )
    result = {
        "type": "tool_result",
        "tool_use_id": f"toolu_e{n}",
        "content": "The file is updated.",
    }
    t.add("user", message={"role": "user", "content": [result]},
          toolUseResult={"filePath": path, "structuredPatch": [hunk]})  # fmt: skip
    return t


def everything(team) -> str:
    """All that the company's database holds, as text."""
    found = []
    for name in (*NAMES, "shared", "unshared", "person", "device_token", "forgotten"):
        found += [repr(row) for row in team.rows(f"SELECT * FROM {name}")]
    return "\n".join(found)


@pytest.mark.long
@pytest.mark.parametrize(
    ("tier", "arrived"),
    [(1, ()), (2, ("zqpath", "zqbranch", "zqtool")), (3, SECRETS)],
)
def test_what_is_above_the_tier_is_nowhere_on_the_server(settings, team, tier, arrived):
    kept(settings, told())
    sent = team.sync(settings, team.choice(tier=tier))
    assert (sent.sessions, sent.refused) == (1, [])
    held = everything(team)
    expected = {*arrived} | ({"zqfolder"} if tier >= 2 else set())
    assert {word for word in SECRETS if word in held} == expected
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
    assert team.rows("SELECT COUNT(*) FROM session_file") == [(int(tier > 1),)]
    assert team.rows("SELECT tier FROM person") == [(tier,)]


@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_figures_arrive_as_they_are(settings, team, tier):
    kept(settings, told(1), told(2))
    team.sync(settings, team.choice(tier=tier))
    for name in NAMES:
        shown = [each.name for each in columns(name, tier) if each.kind is int and not each.daily]
        if not shown:
            continue
        order = ", ".join(shown)
        sql = f"SELECT {order} FROM {name}"
        if name not in ("session_usage", "session_tool"):
            assert sorted(map(repr, rows(settings, sql))) == sorted(map(repr, team.rows(sql))), name


def test_nothing_new_sends_nothing(settings, team):
    kept(settings, told())
    choice = team.choice(tier=3)
    assert team.sync(settings, choice).messages == 1
    assert team.sync(settings, choice).messages == 0


@pytest.mark.long
def test_only_what_changed_is_sent(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    t = told(2)
    t.answer("msg_later", blocks=[{"type": "text", "text": "more"}])
    kept(settings, t)
    sent = team.sync(settings, choice)
    assert sent.sessions == 1
    assert team.rows("SELECT COUNT(*) FROM response") == [(3,)]


@pytest.mark.long
def test_a_forgotten_session_is_deleted_there_and_is_not_taken_again(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    other = team.choice(tier=3)  # another machine of the person, with a copy of the home folder
    one = told(1).session
    forget(settings, What(sessions=(one,)), NOW)
    sent = team.sync(settings, choice)
    assert sent.taken_back == 1
    assert team.rows("SELECT id FROM session") == [(told(2).session,)]
    assert "zqfolder1" not in everything(team)
    db = open_for_writing(settings)
    try:
        db.run("DELETE FROM forgotten")
    finally:
        db.close()
    kept(settings, told(1))
    assert team.sync(settings, other).sessions == 0  # it was said that nobody takes it
    db = open_for_writing(settings)
    try:
        db.run("DELETE FROM unshared")
    finally:
        db.close()
    assert team.sync(settings, other).taken_back == 1  # nor is it taken where nobody said so
    assert team.rows("SELECT id FROM session") == [(told(2).session,)]


@pytest.mark.long
def test_a_lower_tier_deletes_what_no_longer_fits(settings, team):
    kept(settings, told())
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    assert "zqprompt" in everything(team)
    team.sync(settings, choice, tier=1)
    assert not any(word in everything(team) for word in SECRETS)
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]


@pytest.mark.long
def test_an_unshared_project_is_deleted_and_can_be_shared_again(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{told(1).session}'")[0]
    team.sync(settings, choice, excluded=(project,))
    assert team.rows("SELECT id FROM session") == [(told(2).session,)]
    team.sync(settings, choice)
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]


@pytest.mark.long
def test_leaving_deletes_everything(settings, team):
    kept(settings, told(1), told(2))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    sent = team.sync(settings, choice, projects="none")
    assert sent.taken_back == 2
    assert all(team.rows(f"SELECT COUNT(*) FROM {name}") == [(0,)] for name in NAMES)


def test_a_project_leaves_under_an_id_that_tells_nothing(settings, team):
    kept(settings, told())
    team.sync(settings, team.choice(tier=1))
    (ours,) = rows(settings, "SELECT project FROM session")[0]
    (theirs,) = team.rows("SELECT project FROM session")[0]
    assert theirs not in (None, ours)
    assert rows(settings, "SELECT leaves_as FROM shared_project WHERE project <> ''") == [(theirs,)]


@pytest.mark.long
def test_people_and_companies_are_apart(settings, team):
    kept(settings, told())
    team.sync(settings, team.choice("Amara"))
    team.sync(replace_home(settings), team.choice("Kim"))
    assert team.rows("SELECT COUNT(DISTINCT person) FROM session") == [(2,)]
    team.company("globex")
    assert team.rows("SELECT COUNT(*) FROM session", "globex") == [(0,)]
    choice = team.choice("Amara")
    stolen = choice.token.replace(team.slug("acme"), team.slug("globex"))
    answer = team.client.post(
        f"/c/{team.slug('globex')}/api/v1/sync",
        headers={"Authorization": f"Bearer {stolen}", "Content-Encoding": "gzip"},
        content=b"",
    )
    assert answer.status_code == 401


def replace_home(settings):
    """The same record as another machine has it: nothing was acknowledged to it."""
    db = open_for_writing(settings)
    try:
        db.run("DELETE FROM shared")
    finally:
        db.close()
    return settings


@pytest.mark.long
def test_the_preview_is_what_leaves_byte_for_byte(settings, team, monkeypatch, capsys):
    from tests.records import called

    kept(settings, told())
    choice = team.choice(tier=2)
    write_choice(settings, choice)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    code, out, _ = called(capsys, "sync", "--preview")
    assert code == 0
    caught: list[bytes] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("/sync"):
            caught.append(request.content)
        return httpx2.Response(200, content=b'{"wire":1,"number":1}')

    db = open_for_writing(settings)
    try:
        with httpx2.Client(transport=httpx2.MockTransport(handle)) as http:
            send(db, MINE, choice, http=http, now=lambda: NOW)
    finally:
        db.close()
    (body,) = caught
    message = json.loads(gzip.decompress(body))
    left = [
        json.dumps({"table": table["table"], "row": row}, ensure_ascii=False, separators=(",", ":"))
        for session in message["sessions"]
        for table in session["tables"]
        for row in table["rows"]
    ]
    assert out.splitlines() == left


@pytest.mark.long
def test_a_sync_that_breaks_off_goes_on_where_it_was(settings, team, monkeypatch):
    from accrete.sync import prepare

    monkeypatch.setattr(prepare, "MESSAGE_MOST", 1)
    kept(settings, *(told(n) for n in range(1, 6)))
    choice = team.choice(tier=2)
    good, n = team.http(choice), 0

    def handle(request: httpx2.Request) -> httpx2.Response:
        nonlocal n
        n += request.url.path.endswith("/sync")
        if n > 2:
            raise httpx2.ConnectError("cut")
        return good.send(good.build_request("POST", request.url, content=request.content,
                                            headers=request.headers))  # fmt: skip

    db = open_for_writing(settings)
    try:
        with (
            httpx2.Client(transport=httpx2.MockTransport(handle)) as http,
            pytest.raises(UnreachableError),
        ):
            send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()
        good.close()
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]
    assert team.sync(settings, choice).sessions == 3
    assert team.rows("SELECT COUNT(*) FROM session") == [(5,)]


@pytest.mark.long
def test_a_message_taken_twice_changes_nothing(settings, team):
    kept(settings, told())
    choice = team.choice(tier=3)
    db = open_for_writing(settings)
    try:
        (parcel,) = parcels(db, MINE, choice, NOW)
    finally:
        db.close()
    parcel.message.number = team.number(choice)
    body = packed(parcel.message)
    with team.http(choice) as http:
        for _ in range(3):
            answer = http.post(
                choice.endpoint,
                content=body,
                headers={"Content-Encoding": "gzip"},
            )
            assert answer.status_code == 200
    assert team.rows("SELECT COUNT(*) FROM response") == [(1,)]
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(3,)]


@pytest.mark.long
def test_a_bad_row_is_refused_alone(settings, team):
    from accrete.wire.contract import rows_hash

    kept(settings, told())
    choice = team.choice(tier=1)
    db = open_for_writing(settings)
    try:
        (parcel,) = parcels(db, MINE, choice, NOW)
    finally:
        db.close()
    calls = next(t for t in parcel.message.sessions[0].tables if t.table == "tool_call")
    row = json.loads(bytes(calls.rows[0]))
    calls.rows.append(
        msgspec.Raw(json.dumps({**row, "tool_use_id": "t2", "target": "zqcommand"}).encode())
    )
    calls.rows.append(
        msgspec.Raw(json.dumps({**row, "session": "another", "tool_use_id": "t3"}).encode())
    )
    calls.hash = rows_hash([bytes(each) for each in calls.rows])
    parcel.message.number = team.number(choice)
    with team.http(choice) as http:
        answer = http.post(
            choice.endpoint, content=packed(parcel.message), headers={"Content-Encoding": "gzip"}
        )
    said = answer.json()
    assert [(each["table"], each["row"]) for each in said["refused"]] == [
        ("tool_call", 3),
        ("tool_call", 4),
    ]
    assert "zqcommand" not in answer.text
    assert team.rows("SELECT COUNT(*) FROM tool_call") == [(3,)]


def test_a_revoked_token_sends_nothing(settings, team):
    from accrete_team import tokens

    kept(settings, told())
    choice = team.choice()
    with team.database() as db:
        (one,) = tokens.tokens(db)
        tokens.revoke(db, one.device[:8], NOW)
    with pytest.raises(AccreteError, match="token"):
        team.sync(settings, choice)
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]


def test_the_choice_is_kept_for_this_user_alone(settings):
    choice = join("https://accrete.example", "acr_acme_" + "x" * 43, tier=2)
    write_choice(settings, choice)
    assert (settings.home / "team.json").stat().st_mode & 0o777 == 0o600
    assert read_choice(settings) == choice


@pytest.mark.parametrize(
    "url",
    ["http://accrete.example", "ftp://x", "accrete.example", "https://", "https://u:p@x.example"],
)
def test_an_address_that_is_not_safe_is_refused(url):
    with pytest.raises(AccreteError):
        join(url, "acr_acme_" + "x" * 43)


def test_every_column_of_what_travels_is_known():
    assert all({each.name for each in columns(name, 3)} <= set(typed(name)) for name in NAMES)


def test_changes_are_of_shared_projects_alone(settings, team):
    kept(settings, told())
    db = open_for_writing(settings)
    try:
        assert list(changes(db, MINE, replace(team.choice(), projects="none"))) == []
        assert len(list(changes(db, MINE, replace(team.choice(), projects="all")))) == 1
    finally:
        db.close()


@pytest.mark.long
def test_a_session_that_was_shared_again_is_still_deleted_when_it_is_forgotten(settings, team):
    kept(settings, told(1))
    choice = team.choice(tier=3)
    team.sync(settings, choice)
    (project,) = rows(settings, "SELECT project FROM session")[0]
    team.sync(settings, choice, excluded=(project,))
    team.sync(settings, choice)
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
    forget(settings, What(sessions=(told(1).session,)), NOW)
    assert team.sync(settings, choice).taken_back == 1
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]


@pytest.mark.long
def test_what_the_server_took_unheard_is_taken_back_too(settings, team):
    kept(settings, told(1))
    choice = team.choice(tier=3)
    good = team.http(choice)

    def handle(request: httpx2.Request) -> httpx2.Response:
        answer = good.send(good.build_request("POST", request.url, content=request.content,
                                              headers=request.headers))  # fmt: skip
        if request.url.path.endswith("/turn"):
            return answer
        raise httpx2.ReadTimeout("cut")

    db = open_for_writing(settings)
    try:
        deaf = httpx2.Client(transport=httpx2.MockTransport(handle))
        with deaf as http, pytest.raises(UnreachableError):
            send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()
        good.close()
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
    team.sync(settings, choice, projects="none")
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]


@pytest.mark.long
def test_more_sessions_than_a_message_has_can_all_be_taken_back(settings, team, monkeypatch):
    from accrete.sync import prepare

    monkeypatch.setattr(prepare, "SESSIONS_MOST", 2)
    kept(settings, *(told(n) for n in range(1, 6)))
    choice = team.choice(tier=2)
    assert team.sync(settings, choice).messages == 3
    assert team.sync(settings, choice, projects="none").taken_back == 5


@pytest.mark.long
def test_a_session_that_the_server_does_not_take_keeps_no_other_back(settings, team):
    kept(settings, *(told(n) for n in range(1, 4)))
    choice, bad = team.choice(tier=2), told(2).session.encode()
    good = team.http(choice)

    def handle(request: httpx2.Request) -> httpx2.Response:
        if request.content and bad in gzip.decompress(request.content):
            return httpx2.Response(413)
        return good.send(good.build_request("POST", request.url, content=request.content,
                                            headers=request.headers))  # fmt: skip

    db = open_for_writing(settings)
    try:
        with httpx2.Client(transport=httpx2.MockTransport(handle)) as http:
            sent = send(db, MINE, choice, http=http, now=lambda: NOW, sleep=lambda s: None)
    finally:
        db.close()
        good.close()
    assert [each.session for each in sent.refused] == [told(2).session]
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]


@pytest.mark.long
def test_another_team_is_told_nothing_of_the_one_before(settings, team):
    from accrete.record.shared import begin_anew

    kept(settings, told(1))
    team.sync(settings, team.choice())
    (first,) = team.rows("SELECT project FROM session")[0]
    db = open_for_writing(settings)
    try:
        begin_anew(db, 1)
    finally:
        db.close()
    other = team.choice(company="globex")
    assert team.sync(settings, other).sessions == 1
    (second,) = team.rows("SELECT project FROM session", "globex")[0]
    assert first != second
