"""What the row of a session says: where it began, how it ended, what happened in it, and sums that
agree wherever they stand."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.derive import events
from accrete.derive.refresh import refresh
from accrete.ingest import ingest
from accrete.record import notes, store
from tests.records import kept, record, rows, world
from tests.transcripts import START, Transcript

WHERE = "SELECT cwd, branch, version, entrypoint FROM session"
HAPPENED = """SELECT interruptions, compactions, api_errors, tool_calls, tool_errors, work_blocks,
wall_ms, active_ms FROM session ORDER BY id"""


def said(t: Transcript, text: str, **common: str | None) -> None:
    """A prompt, and what lines say from then on; None: nothing."""
    t.common = {**t.common, **common}
    for name in [name for name, value in t.common.items() if value is None]:
        del t.common[name]
    t.prompt(text)


def test_a_session_is_where_it_began_on_the_branch_and_version_with_which_it_ended(settings):
    t = Transcript(1, cwd="/w/a", gitBranch="HEAD", version="2.1.1", entrypoint="")
    said(t, "One")
    said(t, "Two", gitBranch="main", entrypoint="cli")
    said(t, "Three", gitBranch="fix", version="2.1.3", cwd="/w/b", entrypoint="claude-vscode")
    said(t, "Four", gitBranch="HEAD")
    kept(settings, t)
    assert rows(settings, WHERE) == [("/w/a", "fix", "2.1.3", "cli")]


def test_a_session_that_came_back_to_a_branch_ended_on_it(settings):
    t = Transcript(1, gitBranch="main")
    said(t, "One", version="2.1.1")
    said(t, "Two", gitBranch="fix", version="2.1.3")
    said(t, "Three", gitBranch="main", version="2.1.1")
    kept(settings, t)
    assert rows(settings, WHERE) == [("/home/dev/demo", "main", "2.1.1", "cli")]


def test_what_happened_in_a_session_is_counted_once_and_not_in_its_copy(settings):
    t = Transcript(1)
    t.prompt("Begin")
    t.call("Bash", {"command": "ls"}, message_id="msg_1", use="toolu_1")
    t.result("no", use="toolu_1", error=True)
    t.call("Bash", {"command": "ls"}, message_id="msg_2", use="toolu_2")
    t.result("ok", use="toolu_2")
    t.prompt([{"type": "text", "text": "[Request interrupted by user]"}])
    for _ in range(2):
        t.add("system", subtype="api_error", content="529")
    for _ in range(3):
        t.add("system", subtype="compact_boundary", content="Conversation compacted",
              compactMetadata={"trigger": "auto", "preTokens": 9})  # fmt: skip
    t.prompt("Go on", after_ms=3 * 3_600_000)
    t.answer("msg_3")
    copy = Transcript(2, start=t.now + 1000)
    copy.lines = [{**line, "sessionId": copy.session} for line in t.lines]
    copy.prompt("In the copy")
    copy.answer("msg_4")
    kept(settings, t, copy)
    copied = (0, 0, 0, 0, 0, 1, 1000, 1000)
    ((*counts, blocks, wall, active), copys) = rows(settings, HAPPENED)
    assert (counts, blocks) == ([1, 3, 2, 2, 1], 2)
    assert wall == t.now - START - 1000
    assert active <= wall - 3 * 3_600_000 + 1000
    assert copys == copied
    of_days = "SELECT SUM(interruptions), SUM(compactions), SUM(api_errors) FROM session_day"
    assert rows(settings, of_days) == [(1, 3, 2)]


def test_a_session_without_a_word_took_no_time_that_is_known(settings):
    t = Transcript(1)
    t.add("system", subtype="api_error", content="529")
    kept(settings, t)
    ((*_, blocks, wall, active),) = rows(settings, HAPPENED)
    assert (blocks, wall, active) == (0, None, None)


def test_the_clients_own_cost_is_the_last_one_that_it_said(settings):
    t = Transcript(1)
    t.prompt("Begin")
    for dollars in (1.5, 2.25):
        t.lines.append({"type": "cost-state", "sessionId": t.session, "totalCostUSD": dollars})
    kept(settings, t)
    assert rows(settings, "SELECT client_cost_nano FROM session") == [(2_250_000_000,)]


def test_a_title_of_its_owner_is_of_one_session(settings):
    made = [Transcript(1), Transcript(2)]
    for t in made:
        t.prompt("Fix the parser of dates")
    kept(settings, *made)
    db = Sqlite(settings.database)
    notes.title(db, 1, made[0].session, "Mine", 1)
    db.run("INSERT INTO session_title (person, session, text, at) VALUES (2, ?, 'Theirs', 1)",
           (made[1].session,))  # fmt: skip
    db.run("UPDATE session SET stale = 1")
    refresh(db, 1, settings)
    db.close()
    assert rows(settings, "SELECT title, title_source FROM session ORDER BY id") == [
        ("Mine", "own"),
        ("Fix the parser of dates", "prompt"),
    ]


def test_a_session_that_is_worked_out_again_is_one_that_changed(settings):
    made = [Transcript(1), Transcript(2)]
    for t in made:
        t.prompt("Begin")
    kept(settings, *made)
    changes = "SELECT session, n FROM session_change ORDER BY session"
    before = dict(rows(settings, changes))
    assert set(before) == {t.session for t in made}
    db = Sqlite(settings.database)
    db.run("DELETE FROM session_change")
    db.run("UPDATE session SET stale = 1 WHERE id = ?", (made[1].session,))
    refresh(db, 1, settings)
    db.close()
    assert [session for session, _ in rows(settings, changes)] == [made[1].session]


PARTS = {
    "SUM(responses_own + responses_delegated)": {
        "session_usage": "SUM(responses)", "prompt": "SUM(responses)",
        "response": "SUM(counted * (1 - synthetic))"},
    "SUM(responses_delegated)": {"agent_run": "SUM(responses)"},
    "SUM(tokens_own)": {"prompt": "SUM(tokens_own)"},
    "SUM(tokens_delegated)": {"prompt": "SUM(tokens_delegated)", "agent_run": "SUM(tokens)"},
    "SUM(cost_own_nano)": {"prompt": "SUM(cost_own_nano)"},
    "SUM(cost_delegated_nano)": {
        "prompt": "SUM(cost_delegated_nano)", "agent_run": "SUM(cost_nano)"},
    "SUM(cost_own_nano + cost_delegated_nano)": {"session_usage": "SUM(cost_nano)"},
    "SUM(unpriced)": {"session_usage": "SUM(unpriced)", "prompt": "SUM(unpriced)"},
    "SUM(lower_bound)": {"session_usage": "SUM(lower_bound)"},
    "SUM(tool_calls)": {"prompt": "SUM(tool_calls)", "session_tool": "SUM(calls)"},
    "SUM(tool_errors)": {"session_tool": "SUM(errors)"},
    "SUM(agents)": {"agent_run": "SUM(1 - replayed)"},
}  # fmt: skip


def test_what_its_parts_say_adds_up_to_what_a_session_says(settings):
    world(settings)
    t = Transcript(9)
    t.prompt("Begin")
    t.answer("msg_9a", model="claude-unknown-9")
    t.answer("msg_9b", stop=None, usage={"cache_creation_input_tokens": 7, "speed": "fast"})
    t.answer("bad", model="<synthetic>", isApiErrorMessage=True, requestId=None)
    kept(settings, t)
    for whole, parts in PARTS.items():
        said = rows(settings, f"SELECT id, {whole} FROM session GROUP BY id ORDER BY id")
        assert any(number for _, number in said), whole
        for table, part in parts.items():
            found = dict(rows(settings, f"SELECT session, {part} FROM {table} GROUP BY session"))
            assert [(each, found.get(each, 0)) for each, _ in said] == said, (whole, table)


@pytest.mark.parametrize(
    ("usage", "told", "searches", "credited"),
    [({}, 2, 0, 2), ({}, None, 0, 0), ({"server_tool_use": {"web_search_requests": 1}}, 2, 1, 0)],
)
def test_searches_that_a_result_tells_of_are_paid_for_where_the_usage_has_none(
    settings, usage, told, searches, credited
):
    t = Transcript(1)
    t.prompt("Search")
    t.call("WebSearch", {"query": "a"}, message_id="msg_1", use="toolu_1", usage=usage)
    t.call("WebSearch", {"query": "b"}, message_id="msg_1", use="toolu_2", usage=usage)
    for use in ("toolu_1", "toolu_2"):
        found = {"query": "a", "results": [], "durationSeconds": 1}
        t.result("found", use=use, told=found | ({} if told is None else {"searchCount": told}))
    t.answer("msg_2")
    kept(settings, t)
    assert rows(
        settings,
        "SELECT web_searches, searches_credited FROM response WHERE counted = 1 ORDER BY at",
    ) == [(searches, 2 * credited), (0, 0)]
    assert rows(settings, "SELECT SUM(web_searches) FROM session_usage") == [
        (searches or 2 * credited,)
    ]


@pytest.mark.parametrize("at_once", [(1,), (2,), (1, 3)])
def test_what_records_say_is_the_same_however_many_of_them_are_asked_at_once(
    settings, monkeypatch, at_once
):
    t = Transcript(7)
    for title in ("First", "Second", "Third"):
        t.add("custom-title", customTitle=title)
        t.add("permission-mode", permissionMode="plan")
        t.prompt(f"<command-name>/{title}</command-name><command-args></command-args>")
        t.prompt(f"<local-command-stdout>Unknown command: /{title}</local-command-stdout>")
        t.prompt([{"type": "text", "text": "[Request interrupted by user]"}])
    kept(settings, t)
    world(settings)
    ingest(settings)
    before = record(settings)
    assert ("Third", "custom_title", 3) in rows(
        settings, "SELECT title, title_source, interruptions FROM session"
    )
    monkeypatch.setattr(events, "_AT_ONCE", at_once)
    db = Sqlite(settings.database)
    with db.transaction():
        store.mark_stale(db, 1, {session for (session,) in db.run("SELECT id FROM session")})
    refresh(db, 1, settings)
    db.close()
    assert record(settings) == before
