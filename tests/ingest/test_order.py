"""What belongs together is joined in whatever order it is read."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest, open_for_writing
from tests.contents import contents
from tests.records import kept, projects, rows
from tests.transcripts import Transcript, append, busy, minted

USE = minted("toolu")
"""The API gave it: a gateway's may be that of other calls, in other sessions."""


@pytest.mark.long
def test_a_result_that_is_read_before_its_call_is_joined(settings):
    a, b = Transcript(1), Transcript(2)
    a.prompt("go")
    a.call("Bash", {"command": "ls"}, use=USE)
    b.result("done", use=USE)
    other = type(settings)(
        home=settings.home.with_name("other"),
        roots=(settings.roots[0].with_name("second"),),
        zone="UTC",
    )
    for each, order in ((settings, (a, b)), (other, (b, a))):
        for made in order:
            made.write(each.roots[0] / "projects")
            ingest(each)
    assert (
        rows(settings, "SELECT status FROM tool_call")
        == rows(other, "SELECT status FROM tool_call")
        == [("ok",)]
    )
    assert contents(Sqlite(settings.database, readonly=True)) == contents(
        Sqlite(other.database, readonly=True)
    )


def test_a_result_that_waited_changes_the_session_it_stands_in_and_no_other_that_was_stored(
    settings,
):
    call, result = Transcript(1), Transcript(2)
    call.prompt("go")
    call.call("Bash", {"command": "ls"}, use=USE)
    result.result("done", use=USE)
    kept(settings, result, busy(3))
    db = open_for_writing(settings)
    try:
        db.run("CREATE TABLE said (session TEXT)")
        db.run("CREATE TRIGGER says AFTER UPDATE OF stale ON session WHEN NEW.stale = 1 "
               "BEGIN INSERT INTO said VALUES (NEW.id); END")  # fmt: skip
    finally:
        db.close()
    kept(settings, call)
    assert {*rows(settings, "SELECT session FROM said")} == {(result.session,)}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_results_of_a_call_the_earlier_counts_whichever_is_read_first(order, settings):
    call = Transcript(1)
    call.prompt("go")
    call.call("Bash", {"command": "ls"}, use=USE)
    results = [Transcript(2, start=call.now), Transcript(3, start=call.now + 60_000)]
    for each in results:
        each.result("done", use=USE)
    kept(settings, call)
    for n in order:
        kept(settings, results[n])
    assert rows(settings, "SELECT result_uuid FROM tool_call") == [(results[0].last,)]


def test_a_meta_file_that_comes_later_names_its_agent(settings):
    t = busy(1)
    main = t.write(projects(settings))
    agents = main.with_suffix("") / "subagents"
    append(
        agents / "agent-abc.jsonl",
        {**t.lines[0], "isSidechain": True, "agentId": "abc", "uuid": "a-1"},
    )
    ingest(settings)
    (agents / "agent-abc.meta.json").write_text('{"agentType": "scout"}')
    ingest(settings)
    assert rows(settings, "SELECT type, shown_type FROM agent_run") == [("scout", "scout")]


@pytest.mark.long
@pytest.mark.parametrize("with_result", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_the_main_line_and_a_side_chain_both_say_is_of_the_main_line(
    order, at_once, with_result, settings
):
    main, side = Transcript(1), Transcript(1)
    side.common |= {"isSidechain": True, "uuid": "00000002-1111-4000-8000-000000000001"}
    for t in (main, side):
        ids = {"message_id": minted("msg"), "requestId": minted("req")}
        t.call("Bash", {"command": "ls"}, use=USE, **ids)
        if with_result:
            t.common["uuid"] = f"{t.last}-result"
            t.result(use=USE)
    path = projects(settings) / "-home-dev-demo" / f"{main.session}.jsonl"
    lines = [(main, side)[n].lines for n in order]
    for some in [[*lines[0], *lines[1]]] if at_once else lines:
        append(path, *some)
        ingest(settings)
    assert rows(settings, "SELECT sidechain FROM response") == [(0,)]
    assert rows(settings, "SELECT sidechain FROM tool_call") == [(0,)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_a_response_and_its_replay_in_a_side_chain_that_know_as_much_the_main_lines_counts(
    order, settings
):
    main, side = Transcript(1), Transcript(2, isSidechain=True)
    main.answer(minted("msg"), requestId=minted("req", 1))
    side.answer(minted("msg"), requestId=minted("req", 9))
    for n in order:
        (main, side)[n].write(projects(settings))
        ingest(settings)
    assert rows(settings, "SELECT sidechain, counted FROM response ORDER BY sidechain") == [
        (0, 1),
        (1, 0),
    ]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_result_goes_to_the_call_in_the_record_that_it_names(at_once, settings):
    t = Transcript(1)
    t.prompt("go")
    first = t.call("Bash", {"command": "one"}, use="toolu_same", message_id="msg_a")
    t.call("Bash", {"command": "two"}, use="toolu_same", message_id="msg_b")
    t.result("of one", use="toolu_same", sourceToolAssistantUUID=first)
    path = projects(settings) / "-home-dev-demo" / f"{t.session}.jsonl"
    for some in [t.lines] if at_once else [[line] for line in t.lines]:
        append(path, *some)
        ingest(settings)
    assert rows(settings, "SELECT target, output FROM tool_call ORDER BY target") == [
        ("one", "of one"),
        ("two", None),
    ]


def test_a_summary_in_another_file_names_its_session_whenever_it_comes(settings):
    named = Transcript(1)
    leaf = named.prompt("The words of the prompt")
    named.write(projects(settings))
    later = Transcript(2)
    later.lines.append({"type": "summary", "summary": "What it was about", "leafUuid": leaf})
    later.prompt("Something else")
    ingest(settings)
    later.write(projects(settings))
    ingest(settings)
    fresh = type(settings)(home=settings.home.with_name("fresh"), roots=settings.roots, zone="UTC")
    ingest(fresh)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT title FROM session WHERE id = ?", (named.session,)) == [
        ("What it was about",)
    ]
    db.close()
    assert contents(Sqlite(settings.database, readonly=True)) == contents(
        Sqlite(fresh.database, readonly=True)
    )


def test_a_replay_lends_nothing_for_good_when_a_second_request_of_the_main_line_comes(settings):
    t = Transcript(1)
    t.prompt("go")
    t.answer(minted("msg"), requestId=minted("req", 2), usage={"output_tokens": 10})
    path = t.write(projects(settings))
    aside = path.with_suffix("") / "subagents" / "agent-aside_question-1.jsonl"
    replay = {
        **t.lines[-1],
        "isSidechain": True,
        "agentId": "aside_question-1",
        "requestId": minted("req", 3),
    }
    replay["message"] = {
        **replay["message"],
        "usage": {**replay["message"]["usage"], "output_tokens": 100},
    }
    append(aside, replay)
    ingest(settings)
    counted = "SELECT SUM(output_tokens) FROM response WHERE counted = 1"
    assert rows(settings, counted) == [(100,)]
    t.answer(minted("msg"), requestId=minted("req", 1), usage={"output_tokens": 5})
    append(path, t.lines[-1])
    ingest(settings)
    fresh = type(settings)(home=settings.home.with_name("fresh"), roots=settings.roots, zone="UTC")
    ingest(fresh)
    assert rows(settings, counted) == rows(fresh, counted) == [(15,)]
