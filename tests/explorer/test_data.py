"""The state of the record: what is known, what will be lost, and how it leaves the machine."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from contextlib import closing

import pytest

from accrete.care.download import pieces
from accrete.care.redactions import redactions
from accrete.database import Sqlite
from accrete.edge.local import MINE
from accrete.explorer.keeping import LocalKeeping
from accrete.model.tables import EXPORTED
from tests.explorer.asking import words
from tests.records import called, kept, projects, rows
from tests.transcripts import START, Transcript, busy, session_id

pytestmark = pytest.mark.long

DAY_S = 86_400
CHANGED = START // 1000
SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def changed(path, at: float) -> None:
    os.utime(path, (at, at))


@pytest.fixture
def world(settings):
    """Three sessions in the record, one of them damaged; one on disk that was not read; one of
    which only a typed prompt is left."""
    folder = projects(settings)
    for n in (1, 2, 3):
        busy(n).write(folder)
    damaged = folder / "-home-dev-demo" / f"{session_id(3)}.jsonl"
    damaged.write_bytes(damaged.read_bytes() + b'{"type": "user", broken\n')
    typed = {"display": "long ago", "timestamp": START, "project": "/p", "sessionId": session_id(8)}
    (settings.roots[0] / "history.jsonl").write_text(json.dumps(typed) + "\n")
    kept(settings)
    changed(busy(4).write(folder), CHANGED)
    return settings


def shown(client, path: str = "/data") -> dict:
    answer = client.get(f"{path}?format=json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_known_whole_and_lost_sessions_are_told_apart(world, opened):
    client = opened(world)
    figures = shown(client)["figures"]
    assert figures["sessions-known"] == 5
    assert figures["sessions-whole"] == 2
    assert figures["sessions-lost"] == 1
    assert figures["files-behind"] == 1
    incomplete = {each["session"] for each in shown(client)["tables"]["incomplete"]}
    assert incomplete == {session_id(3), session_id(4), session_id(8)}


def test_whole_and_lost_sessions_are_listed_where_their_figures_lead(world, opened, monkeypatch):
    client = opened(world)
    figures, html = shown(client)["figures"], client.get("/data").text
    for which in ("whole", "lost"):
        assert f"sessions={which}#incomplete" in html
        listed = client.get(f"/data?sessions={which}&format=json").json()["tables"]["incomplete"]
        assert len(listed) == figures[f"sessions-{which}"]
    assert {each["session"] for each in listed} == {session_id(8)}
    monkeypatch.setattr("accrete.explorer.pages.data.ROWS", 1)
    first = client.get("/data?sessions=whole")
    assert "1 to 1 of 2" in words(first.text)
    (more,) = re.findall(r'href="([^"]+)">The next', first.text)
    assert "2 to 2 of 2" in words(client.get(more.replace("&amp;", "&")).text)
    assert "after=" in more
    assert client.get("/data?sessions=x").status_code == 400


@pytest.mark.long
def test_the_page_begins_with_what_is_kept_and_lost(world, opened):
    html = words(opened(world).get("/data").text)
    loss = "Next loss: 21 Oct, 1 file with content that is not in the record."
    assert "5 sessions known, 2 whole. 1 lost: Claude Code deleted their transcripts" in html
    assert loss in html
    kept(world)
    html = words(opened(world).get("/data").text)
    assert "5 sessions known, 3 whole." in html
    assert "Everything that is on this machine now is in the record." in html


def test_the_page_and_the_doctor_say_the_same_of_the_disk(world, opened, capsys, monkeypatch):
    monkeypatch.setenv("ACCRETE_HOME", str(world.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(world.roots[0]))
    _, out, _ = called(capsys, "doctor", "--json")
    told = [each["text"] for each in json.loads(out)["findings"]]
    page = words(opened(world).get("/data").text)
    assert any(text.startswith("1 file (") and "2026-10-21" in text for text in told)
    assert next(text for text in told if "cleanupPeriodDays" in text) in page


def test_retention_that_is_set_moves_the_loss(world, opened):
    (world.roots[0] / "settings.json").write_text('{"cleanupPeriodDays": 60}')
    html = words(opened(world).get("/data").text)
    assert "Next loss: 20 Nov" in html
    assert "60 days after their last change" in html


def test_the_page_says_what_may_be_deleted_in_the_next_week(world, opened):
    for n, days in ((1, 31), (2, 24), (3, 22), (4, 1)):
        path = projects(world) / "-home-dev-demo" / f"{session_id(n)}.jsonl"
        changed(path, time.time() - days * DAY_S)
    said = "In the next 7 days it may delete the transcripts of 2 sessions."
    assert said in words(opened(world).get("/data").text)


def test_what_was_read_is_counted_by_what_it_holds(world, opened):
    tables = shown(opened(world))["tables"]
    main = next(each for each in tables["sources"] if each["layout"] == "main")
    sums = rows(world, "SELECT COUNT(*), SUM(read_to) FROM source_file WHERE layout = 'main'")
    assert (main["files"], main["bytes"]) == sums[0]
    assert main["malformed"] == 1
    assert [each["path"] for each in tables["troubles"]] == [
        str(projects(world) / "-home-dev-demo" / f"{session_id(3)}.jsonl")
    ]


def test_an_empty_machine_is_no_error(settings, opened):
    kept(settings)
    page = words(opened(settings).get("/data").text)
    assert "0 sessions known" in page
    assert "Nothing was read yet." in page


def test_redactions_are_counted_by_kind(settings, opened):
    t = Transcript(1)
    t.prompt(f"use {SECRET} and {SECRET}")
    t.call("Bash", {"command": f"curl -H 'token: {SECRET}'"})
    t.result(f"got {SECRET}")
    t.answer("msg_2")
    kept(settings, t)
    found = dict(redactions(settings.database))
    with closing(Sqlite(settings.database, readonly=True)) as db:
        stored = "".join(
            str(value)
            for table in ("event", "tool_call")
            for row in db.run(f"SELECT * FROM {table}")
            for value in row
        )
    assert SECRET not in stored
    assert sum(found.values()) == stored.count("[redacted:") > 3
    told = opened(settings).get("/data/redactions?format=json").json()["tables"]["redactions"]
    assert {each["kind"]: each["times"] for each in told} == found


@pytest.mark.long
def test_the_export_is_that_of_the_command(world, opened, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("ACCRETE_HOME", str(world.home))
    client = opened(world)
    for form, table, args in (
        ("jsonl", None, []),
        ("csv", "session", ["--table", "session"]),
        ("csv", "prompt", ["--table", "prompt"]),
        ("jsonl", "event", ["--table", "event"]),
    ):
        file = tmp_path / f"{table}.{form}"
        code, _, err = called(capsys, "export", str(file), *args)
        assert code == 0, err
        query = f"format={form}" + (f"&table={table}" if table else "")
        answer = client.get(f"/data/export?{query}")
        assert answer.content == file.read_bytes()
        assert (
            f'filename="accrete-{table or "record"}.{form}"'
            in answer.headers["content-disposition"]
        )
        assert answer.headers["cache-control"] == "no-store"
    listed = client.get("/data/export?format=json&table=session").json()
    assert len(listed) == 3
    assert client.get("/data/export?format=json&table=session_note").json() == []


def test_a_format_or_table_that_is_none_is_refused(world, opened):
    client = opened(world)
    for query in ("", "format=db", "format=csv&table=sqlite_master", "format=csv&table=person"):
        answer = client.get(f"/data/export?{query}")
        assert answer.status_code == 400
        assert "Choose one of" in words(answer.text)


def test_whoever_takes_an_export_slowly_holds_no_writer_up(settings):
    kept(settings, *(busy(n) for n in range(1, 9)))

    async def slowly() -> bytes:
        export = LocalKeeping(settings).export("jsonl", None)
        taken = [await anext(export)]
        with closing(Sqlite(settings.database)) as db:
            for n in range(3):
                db.run("UPDATE session SET title = ?", (f"title {n}",))
            busy_, pages, moved = db.run("PRAGMA wal_checkpoint(TRUNCATE)")[0]
            assert (busy_, pages, moved) == (0, 0, 0)
        taken += [piece async for piece in export]
        return b"".join(taken)

    lines = asyncio.run(slowly()).decode().splitlines()
    assert {json.loads(line)["table"] for line in lines} <= set(EXPORTED)
    assert sum(json.loads(line)["table"] == "session" for line in lines) == 8


def test_an_export_that_nobody_takes_to_its_end_is_closed(settings):
    kept(settings, *(busy(n) for n in range(1, 9)))

    async def left() -> None:
        export = LocalKeeping(settings).export("jsonl", None)
        await anext(export)
        await export.aclose()

    asyncio.run(left())
    with closing(Sqlite(settings.database)) as db:
        assert db.run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0
        db.run("VACUUM")


def test_pieces_are_of_a_bounded_size(settings):
    kept(settings, *(busy(n) for n in range(1, 9)))
    sizes = [len(piece) for piece in pieces(settings.database, MINE, "jsonl", None)]
    assert len(sizes) > 2
    assert max(sizes) < 80_000
