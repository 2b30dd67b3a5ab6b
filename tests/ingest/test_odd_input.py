"""Odd input stops nothing: numbers, instants, letters, pipes, and records that are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from accrete.errors import AccreteError
from accrete.ingest import ingest
from tests.records import projects, rows
from tests.transcripts import busy

HUGE = [1e300, 1e19, 2**63, -(2**70)]


@pytest.mark.parametrize("value", HUGE)
def test_a_number_that_no_database_takes_stops_nothing(value, settings):
    t = busy(1)
    t.add("system", subtype="turn_duration", durationMs=value)
    t.add(
        "system",
        subtype="compact_boundary",
        compactMetadata={"trigger": "auto", "preTokens": value},
    )
    t.add("pr-link", prUrl="https://github.com/acme/demo/pull/1", prNumber=value)
    t.add("cost-state", totalCostUSD=value)
    t.call(
        "WebSearch",
        {"query": "x"},
        use="toolu_w",
        message_id="msg_w",
        usage={"output_tokens": value, "input_tokens": value},
    )
    t.result(
        "ok",
        use="toolu_w",
        told={"durationSeconds": value, "searchCount": value, "durationMs": value},
    )
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT stale, prompts FROM session") == [(0, 4)]


@pytest.mark.parametrize(
    "instant", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "1969-01-01T00:00:00Z"]
)
def test_an_instant_in_no_year_of_ours_stops_nothing(instant, settings):
    t = busy(1)
    t.prompt("When?", timestamp=instant)
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT stale, prompts FROM session") == [(0, 5)]


def test_broken_letters_beside_transcripts_stop_nothing(settings):
    main = busy(1).write(projects(settings))
    agents = main.with_suffix("") / "subagents"
    agents.mkdir(parents=True)
    (agents / "agent-abc.jsonl").write_text("")
    (agents / "agent-abc.meta.json").write_text('{"description": "cut \\ud83d"}')
    odd = os.fsencode(projects(settings)) + b"/-odd-\xff"
    os.makedirs(odd)
    Path(os.fsdecode(odd + b"/notes.jsonl")).write_bytes(busy(2).text())
    (settings.roots[0] / "history.jsonl").write_text(
        '{"display": "x", "project": "/p/\\ud800", "timestamp": 1790000000000}\n'
    )
    assert ingest(settings).skipped == []
    assert ingest(settings).lines_parsed == 0
    assert rows(settings, "SELECT COUNT(*) FROM session") == [(2,)]


@pytest.mark.parametrize(
    "line",
    ['["x"]', "{}", '{"display": ""}', '{"display": 5}', '{"display": null}', '"x"', "no json",
     '{"display": "x"'],
)  # fmt: skip
def test_a_line_of_the_history_without_a_prompt_is_none(settings, line):
    settings.roots[0].mkdir(parents=True)
    typed = '{"display": "said", "project": "/p", "timestamp": 1790000000000}'
    (settings.roots[0] / "history.jsonl").write_text(f"{line}\n{typed}\n")
    assert ingest(settings).skipped == []
    assert rows(settings, "SELECT text FROM typed_history") == [("said",)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_named_like_a_transcript_is_reported_and_not_waited_for(settings):
    folder = projects(settings) / "-x"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.jsonl")
    assert [reason for _, reason in ingest(settings).skipped] == ["not a regular file"]


@pytest.mark.long
def test_a_damaged_record_is_told_in_a_sentence(settings):
    for n in range(1, 8):
        busy(n, turns=30).write(projects(settings))
    ingest(settings)
    data = bytearray(settings.database.read_bytes())
    data[40_000:-40_000] = b"\xa5" * (len(data) - 80_000)
    settings.database.write_bytes(data)
    with pytest.raises(AccreteError, match="damaged"):
        rows(settings, "SELECT COUNT(*), MAX(text) FROM event")


def test_a_path_that_is_no_transcript_is_refused(settings, tmp_path):
    (tmp_path / "MANIFEST.json").write_text("{}")
    with pytest.raises(AccreteError, match="no transcript"):
        ingest(settings, paths=(tmp_path / "MANIFEST.json",))
