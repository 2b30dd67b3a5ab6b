"""What the pages say before there is anything, while it is made, and where it is not."""

from __future__ import annotations

import threading

import pytest

from accrete.care.sample import sample_folder
from accrete.database import Sqlite
from accrete.database.schema import latest_version
from accrete.explorer import keeping
from accrete.explorer.keeping import LocalKeeping
from accrete.ingest import ingest
from accrete.present.leads import BEHIND, of_data, of_reading, of_search
from tests.explorer.asking import words
from tests.patience import until
from tests.records import kept, projects, rows
from tests.transcripts import Transcript, busy

PAGES = ("/", "/sessions", "/search", "/data", "/numbers")


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_ingest_a_page_says_what_to_do(settings, opened, page):
    for n in (1, 2):
        busy(n).write(projects(settings))
    answer = opened(settings).get(page)
    assert answer.status_code == 503
    said = words(answer.text)
    assert "Nothing has been read yet" in said
    assert f"2 transcripts in {settings.roots[0]} can be read." in said
    assert "accrete backfill" in said
    assert "sample" not in said
    assert 'data-soon="5"' in answer.text
    kept(settings)
    assert opened(settings).get(page).status_code == 200


def test_a_machine_without_claude_code_is_told_where_accrete_looked(settings, opened):
    said = words(opened(settings).get("/").text)
    assert f"There are no transcripts of Claude Code in {settings.roots[0]}" in said
    assert "accrete backfill --or-sample" in said


def test_a_record_without_sessions_is_no_range_without_sessions(settings, opened):
    kept(settings)
    said = words(opened(settings).get("/").text)
    assert "The record has no sessions yet." in said
    assert "accrete backfill" in said


def test_a_range_without_sessions_links_to_where_there_are_some(settings, opened):
    kept(settings, busy(1))
    client = opened(settings)
    for page in ("/", "/sessions"):
        answer = client.get(f"{page}?since=2020-01-01&until=2020-01-02")
        assert "The last session was on 22 Sep 2026. Show it" in words(answer.text)
        assert f'href="{page}?range=all"' in answer.text
        assert "The last session" not in words(client.get(f"{page}?range=all").text)


def test_a_filter_without_sessions_links_to_all_of_them(settings, opened):
    kept(settings, busy(1))
    client = opened(settings)
    said = words(client.get("/sessions?range=all&who=automated").text)
    assert "No session is of this project or kind. Show it" in said


@pytest.mark.long
def test_while_a_backfill_runs_pages_say_how_far_it_is(settings, opened, monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_AGAIN_S", 0.0)
    kept(settings, busy(1))
    for n in range(2, 2 + BEHIND):
        busy(n).write(projects(settings))
    client = opened(settings)
    wanted = f"Not all is read: 1 of {BEHIND + 1} files are in the record."
    until(lambda: wanted in words(client.get("/?range=all").text))
    kept(settings)
    until(lambda: wanted not in words(client.get("/?range=all").text))


@pytest.mark.long
def test_a_page_never_waits_for_the_disk(settings, opened, monkeypatch):
    kept(settings, busy(1))
    disk, looks = threading.Event(), []
    monkeypatch.setattr(LocalKeeping, "_look", lambda self: looks.append(disk.wait(30)))
    client = opened(settings)
    try:
        assert [client.get("/").status_code for _ in range(2)] == [200, 200]
        assert looks == []  # the disk has not answered yet
    finally:
        disk.set()
    until(lambda: looks)
    assert looks == [True]


def test_the_sample_is_called_made_up(settings, opened):
    ingest(settings, paths=(sample_folder(),))
    client = opened(settings)
    assert "accrete forget --sample" in words(client.get("/?range=all").text)
    assert "accrete forget --sample" not in words(client.get("/sessions?range=all").text)


def test_ones_own_sessions_are_not(settings, opened):
    kept(settings, busy(1))
    assert "made up" not in words(opened(settings).get("/").text)


def version(settings, n: int) -> None:
    db = Sqlite(settings.database)
    db.connection.execute(f"PRAGMA user_version = {n}")
    db.close()


def test_a_record_that_is_brought_up_to_date_is_waited_for(settings, opened):
    kept(settings, busy(1))
    version(settings, latest_version() - 1)
    answer = opened(settings).get("/sessions")
    assert answer.status_code == 503
    assert "The record is being updated" in words(answer.text)
    assert "data-soon" in answer.text
    version(settings, latest_version())
    assert opened(settings).get("/sessions").status_code == 200


def test_a_record_of_a_newer_program_asks_for_an_upgrade(settings, opened):
    kept(settings, busy(1))
    version(settings, latest_version() + 1)
    answer = opened(settings).get("/")
    assert answer.status_code == 503
    said = words(answer.text)
    assert "The record is newer than this program" in said
    assert "Upgrade: pipx upgrade accrete-ai" in said
    assert "data-soon" not in answer.text


def test_a_damaged_record_says_what_to_do(settings, opened):
    kept(settings, busy(1))
    settings.database.write_bytes(b"not a database at all" * 400)
    answer = opened(settings).get("/")
    assert answer.status_code == 503
    assert "The record cannot be read now" in words(answer.text)
    assert "Restore a backup" in words(answer.text)


def test_what_is_not_there_can_be_searched_for(settings, opened):
    kept(settings, busy(1))
    answer = opened(settings).get("/zebra-crossing")
    assert answer.status_code == 404
    assert 'name="q" value="zebra-crossing"' in answer.text


def test_a_part_of_a_page_that_was_asked_for_says_what_went_wrong(settings, opened):
    kept(settings, busy(1))
    client = opened(settings)
    for target, shown in (
        ("div#found", '<div id="found">'),
        ('div#"><script>', "<div>"),
        ("", "<div>"),
    ):
        answer = client.get("/search?in=nowhere", headers={"HX-Target": target})
        assert answer.status_code == 400
        assert f"{shown}\n<h1>That did not work</h1>" in answer.text


def test_faults_are_sentences_in_json_too(settings, opened):
    answer = opened(settings).get("/?format=json")
    assert answer.status_code == 503
    assert "Accrete has no sessions yet." in answer.json()["error"]


def test_a_fault_of_the_program_has_a_name_in_the_log_and_no_traceback(
    settings, opened, monkeypatch, caplog
):
    from accrete.explorer.pages import data

    def fails(*given):
        raise RuntimeError("secret detail")

    kept(settings, Transcript(1))
    monkeypatch.setattr(data, "of_data", fails)
    answer = opened(settings).get("/data")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    name = words(answer.text).split("The log has it under ")[1].split(".")[0]
    assert name in caplog.text
    assert rows(settings, "SELECT COUNT(*) FROM revision") == [(1,)]


def test_sentences_of_search():
    def said(places=0, **given) -> str:
        usual = {"sessions": 1, "named": 0, "loose": "", "more": False, "outside": None}
        return " ".join(of_search("x", places, **{**usual, **given}))

    assert of_search("", 0, 0, named=0, loose="", more=False, outside=None) == []
    assert said(named=2) == "Nothing in texts; 2 titles with these words."
    assert said().startswith("Nothing found.")
    assert said(1) == "1 place in 1 session."
    assert said(9, more=True, sessions=2) == "The newest 9 places in 2 sessions."
    assert said(1, loose="forms").startswith("No exact match. These have forms.")
    assert said(1, outside="the last 4 weeks").startswith("Nothing in the last 4 weeks;")


def test_sentences_of_data():
    def said(**given) -> str:
        usual = {"known": 3, "whole": 2, "only_typed": 0, "next_loss": None, "losing": 0}
        return " ".join(of_data(**{**usual, "on_disk": 3, **given}))

    assert said() == (
        "3 sessions known, 2 whole. Everything that is on this machine now is in the record."
    )
    assert said(on_disk=0) == "3 sessions known, 2 whole."
    assert "1 lost: Claude Code deleted" in said(only_typed=1)
    assert said(next_loss="3 Dec", losing=4).endswith(
        "Next loss: 3 Dec, 4 files with content that is not in the record."
    )


def test_a_few_files_at_work_are_not_worth_a_sentence():
    assert of_reading(BEHIND - 1, 100) is None
    assert of_reading(BEHIND, 100) == "Not all is read: 90 of 100 files are in the record."
