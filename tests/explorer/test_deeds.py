"""Tags, notes and forgetting from the pages."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from accrete.care.maintain import rebuild
from accrete.commands import deeds
from accrete.commands.deeds import LocalDeeds
from accrete.errors import AccreteError
from accrete.explorer import undo
from accrete.explorer.forms import STALE
from accrete.record import lock
from tests.explorer.asking import HOME, seen_by, token, words
from tests.records import kept, projects, rows
from tests.transcripts import busy, fork, session_id

ONE, TWO = session_id(1), session_id(2)
HERE = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
TAGS, NOTES = "SELECT tag FROM session_tag ORDER BY tag", "SELECT text FROM session_note"


@pytest.fixture
def client(settings, opened):
    """A session, and a fork of it."""
    first = busy(1)
    kept(settings, first, fork(first, 2, upto=8))
    return opened(settings)


def post(client, what: str, *, session: str = ONE, **fields: str):
    """Sends a form as its page has it."""
    shown = "forget" if what == "forget" else "own"
    page = client.get(f"/sessions/{session}/{shown}").text
    path = f"/sessions/{session}/{what}"
    data = {"token": token(page, path), **fields}
    return client.post(path, data=data, headers=HERE, follow_redirects=False)


def undone(client, answer):
    name = parse_qs(urlsplit(answer.headers["location"]).query)["undo"][0]
    return client.get(f"/undo/{name}", follow_redirects=False)


def test_a_tag_is_added_shown_and_taken_off(client, settings):
    answer = post(client, "tags", add="#later")
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == f"/sessions/{ONE}"
    assert rows(settings, TAGS) == [("later",)]
    assert "#later" in words(client.get(f"/sessions/{ONE}/own").text)
    post(client, "tags", remove="later")
    assert rows(settings, TAGS) == []


@pytest.mark.long
def test_a_note_replaces_the_one_before_and_an_empty_one_takes_it_away(client, settings):
    post(client, "note", text="first")
    post(client, "note", text="second\nline")
    assert rows(settings, NOTES) == [("second\nline",)]
    assert "second line" in words(client.get(f"/sessions/{ONE}/own").text)
    post(client, "note", text="  ")
    assert rows(settings, NOTES) == []


@pytest.mark.long
def test_a_title_of_ones_own_stands_before_others_and_an_empty_one_brings_them_back(
    client, settings
):
    shown = "SELECT title, title_source FROM session ORDER BY id LIMIT 1"
    before = rows(settings, shown)
    assert before == [("Session 1", "ai_title")]
    answer = post(client, "title", text=" Mine,\n <b>of course</b> ")
    assert rows(settings, shown) == [("Mine, <b>of course</b>", "own")]
    assert "<b>" not in client.get("/sessions?range=all").text
    rebuild(settings)
    assert rows(settings, shown) == [("Mine, <b>of course</b>", "own")]
    assert undone(client, answer).status_code == 303
    assert rows(settings, shown) == before
    post(client, "title", text="Again")
    post(client, "title", text="")
    assert rows(settings, shown) == before
    assert rows(settings, "SELECT text FROM session_title") == []


@pytest.mark.long
def test_a_title_is_forgotten_with_its_session(client, settings):
    post(client, "title", text="Mine")
    post(client, "forget")
    assert rows(settings, "SELECT text FROM session_title") == []


@pytest.mark.long
def test_what_was_done_is_undone_once(client, settings):
    post(client, "note", text="first")
    for answer, sql, before in (
        (post(client, "note", text="second"), NOTES, [("first",)]),
        (post(client, "tags", add="x"), TAGS, []),
    ):
        assert undone(client, answer).status_code == 303
        assert rows(settings, sql) == before
        assert undone(client, answer).status_code == 404


@pytest.mark.long
def test_a_tag_that_was_there_is_not_undone(client, settings):
    post(client, "tags", add="x")
    again = post(client, "tags", add="x")
    assert "undo" not in again.headers["location"]
    assert rows(settings, TAGS) == [("x",)]


@pytest.mark.long
def test_undo_ends_after_ten_seconds(client, settings, monkeypatch):
    answer = post(client, "tags", add="x")
    query = urlsplit(answer.headers["location"]).query
    page = f"/sessions/{ONE}/own?{query}"
    assert "Tag added. Undo" in words(client.get(page).text)
    now = undo.time.monotonic()
    monkeypatch.setattr(undo.time, "monotonic", lambda: now + undo.UNDO_S + 1)
    late = undone(client, answer)
    assert late.status_code == 404
    assert "10 seconds" in words(late.text)
    assert rows(settings, TAGS) == [("x",)]
    past = re.sub(r"by=\d+", "by=1", page)
    assert "Undo" not in words(client.get(past).text)


@pytest.mark.long
@pytest.mark.parametrize("given", ["", "0" * 64])
def test_a_form_without_its_token_changes_nothing(client, settings, given):
    for what, field in (("tags", "add"), ("note", "text"), ("forget", "x")):
        path = f"/sessions/{ONE}/{what}"
        answer = client.post(path, data={"token": given, field: "x"}, headers=HERE)
        assert answer.status_code == 403
        assert STALE in words(answer.text)
    assert rows(settings, TAGS) == rows(settings, NOTES) == []
    assert len(rows(settings, "SELECT id FROM session")) == 2


def test_a_token_is_of_one_form_of_one_session(client):
    page = client.get(f"/sessions/{ONE}/own").text
    of_tags = token(page, f"/sessions/{ONE}/tags")
    for path in (f"/sessions/{ONE}/note", f"/sessions/{ONE}/forget", f"/sessions/{TWO}/tags"):
        assert client.post(path, data={"token": of_tags}, headers=HERE).status_code == 403


def test_a_form_of_another_site_changes_nothing(client, settings):
    page = client.get(f"/sessions/{ONE}/own").text
    path = f"/sessions/{ONE}/tags"
    data = {"token": token(page, path), "add": "x"}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, data=data, headers=headers).status_code == 403
    assert rows(settings, TAGS) == []


@pytest.mark.long
def test_what_can_be_no_tag_is_said_with_a_way_back(client, settings):
    answer = post(client, "tags", add="two words")
    assert answer.status_code == 400
    assert "valid tag. Use up to 40" in words(answer.text)
    assert f'href="/sessions/{ONE}"' in answer.text
    assert post(client, "tags", add=" ").status_code == 400
    assert rows(settings, TAGS) == []


def test_secrets_and_markup_in_a_note_are_neither_stored_nor_run(client, settings):
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    post(client, "note", text=f"<script>alert(1)</script> {key}")
    assert key not in rows(settings, NOTES)[0][0]
    assert "<script>alert" not in client.get(f"/sessions/{ONE}/own").text


def test_a_session_that_is_not_there_is_not_found(client):
    for what in ("own", "forget"):
        assert client.get(f"/sessions/{session_id(9)}/{what}").status_code == 404


@pytest.mark.long
def test_what_is_shown_before_is_what_the_receipt_says_after(client, settings):
    shown = client.get(f"/sessions/{ONE}/forget")
    listed = re.search(r"This deletes (.*?), its tags", words(shown.text))
    assert listed is not None
    assert f'href="/sessions/{TWO}"' in shown.text
    transcript = str(projects(settings) / "-home-dev-demo" / f"{ONE}.jsonl")
    assert transcript in words(shown.text)
    answer = post(client, "forget")
    assert answer.status_code == 303
    receipt = words(client.get(answer.headers["location"]).text)
    assert f"Deleted: 1 session, {listed[1]}, 0 remembered prompts." in receipt
    assert "The data folder holds nothing of the rest any more." in receipt
    assert transcript in receipt
    assert rows(settings, "SELECT id FROM session") == [(TWO,)]
    assert client.get(f"/sessions/{ONE}/forget").status_code == 404


def test_looking_at_what_goes_deletes_nothing(client, settings):
    client.get(f"/sessions/{ONE}/forget")
    assert len(rows(settings, "SELECT id FROM session")) == 2


def test_a_receipt_cannot_be_guessed(client):
    assert client.get("/forgotten/1").status_code == 404


def test_what_another_program_holds_is_left_alone_and_said(client, settings, monkeypatch):
    monkeypatch.setattr(deeds, "WAIT_S", 0.1)
    with lock.held(settings.lock, wait_s=0) as mine:
        assert mine
        answer = post(client, "forget")
    assert answer.status_code == 400
    assert "Another ingest is running. Nothing was deleted." in words(answer.text)
    assert len(rows(settings, "SELECT id FROM session")) == 2


def test_a_record_that_is_written_to_is_waited_for_and_then_said(settings, monkeypatch):
    from accrete.database import Sqlite, sqlite

    kept(settings, busy(1))
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)
    other = Sqlite(settings.database)
    try:
        with other.transaction(), pytest.raises(AccreteError, match="Another program is writing"):
            asyncio.run(LocalDeeds(settings).tag(ONE, "x"))
    finally:
        other.close()
    assert rows(settings, TAGS) == []


def test_where_nothing_may_be_changed_there_are_no_forms(settings):
    kept(settings, busy(1))
    with seen_by(settings, own=True) as client:
        for what in ("own", "forget"):
            assert "<form" not in client.get(f"/sessions/{ONE}/{what}").text
        answer = client.post(f"/sessions/{ONE}/tags", data={"token": "", "add": "x"})
    assert answer.status_code == 403
    assert rows(settings, TAGS) == []
