"""An ingest is started where a transcript grew, and not again for the same."""

from __future__ import annotations

import pytest

from accrete.edge import growing
from accrete.edge.growing import Growing
from accrete.queries.moving import Tail


@pytest.fixture
def looked(settings, monkeypatch):
    started: list[int] = []
    monkeypatch.setattr(growing, "start", lambda: started.append(1) is None)
    monkeypatch.setattr(growing, "LEAST_S", 0.0)
    (settings.roots[0] / "projects" / "-home-dev-demo").mkdir(parents=True)
    return Growing(settings), started


def test_the_first_look_starts_one_and_the_next_none(looked):
    watching, started = looked
    assert [watching.look([]) for _ in range(3)] == [True, False, False]
    assert len(started) == 1


def test_a_transcript_that_grew_starts_one(looked, tmp_path):
    watching, _ = looked
    path = tmp_path / "t.jsonl"
    path.write_text("one\n")
    watching.look([Tail(str(path), 4)])
    assert not watching.look([Tail(str(path), 4)])
    path.write_text("one\ntwo\n")
    assert watching.look([Tail(str(path), 4)])
    assert not watching.look([Tail(str(path), 4)])  # it is being read
    path.write_text("one\ntwo\nthree\n")
    assert watching.look([Tail(str(path), 8)])


def test_a_new_transcript_in_a_known_folder_starts_one(looked, settings):
    watching, _ = looked
    watching.look([])
    (settings.roots[0] / "projects" / "-home-dev-demo" / "new.jsonl").write_text("x\n")
    assert watching.look([])


def test_a_transcript_that_is_gone_starts_none(looked, tmp_path):
    watching, _ = looked
    watching.look([])
    assert not watching.look([Tail(str(tmp_path / "gone"), 4)])


def test_what_grows_while_an_ingest_runs_is_not_forgotten(looked, tmp_path, monkeypatch):
    watching, started = looked
    watching.look([])
    monkeypatch.setattr(growing, "start", lambda: False)  # the last one still runs
    path = tmp_path / "t.jsonl"
    path.write_text("one\n")
    assert not watching.look([Tail(str(path), 0)])
    monkeypatch.setattr(growing, "start", lambda: started.append(1) is None)
    assert watching.look([Tail(str(path), 0)])
    assert len(started) == 2


def test_one_more_is_started_a_little_after_the_last_change(looked, monkeypatch):
    watching, started = looked
    assert watching.look([])
    assert not watching.look([])
    now = growing.time.monotonic()
    monkeypatch.setattr(growing.time, "monotonic", lambda: now + growing.AGAIN_S)
    assert [watching.look([]) for _ in range(3)] == [True, False, False]
    assert len(started) == 2


def test_two_are_started_a_second_apart_and_the_last_three_seconds_after_the_change(
    looked, settings, monkeypatch
):
    watching, _ = looked
    monkeypatch.setattr(growing, "LEAST_S", 1.0)
    started = {}
    for at in (100.0, 100.75, 101.0, 103.5, 103.75, 104.75, 107.0):
        monkeypatch.setattr(growing.time, "monotonic", lambda at=at: at)
        if at == 100.75:
            (settings.roots[0] / "projects" / "-home-dev-new").mkdir()
        started[at] = watching.look([])
    assert [at for at, did in started.items() if did] == [100.0, 101.0, 103.75]
