"""What single conditions of a question keep apart, each by rows that one other condition would let
in, leave out or put in another order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accrete.queries.costs import CostRow
from accrete.queries.health import health
from accrete.queries.live import live
from accrete.queries.practices import practices, sightings
from accrete.queries.practices_of_people import Beside, outcomes_beside
from accrete.queries.replay import replay
from accrete.queries.scope import Scope
from accrete.queries.search import titled
from accrete.queries.sessions import read_of
from accrete.transcript import READER_VERSION
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, add, put
from tests.queries.by_hand import db as db

ME, BOTH = Scope((1,)), Scope((1, 2))
ONE = replace(ME, session="a")


def said(db, n: int, kind: str, text: str | None = None, **more: Any) -> None:
    insert(db, "event", **{
        "person": 1, "session": "a", "uuid": f"u{n}", "part": 0, "seq": n, "agent": "",
        "kind": kind, "text": text, "at": n,
    } | more)  # fmt: skip


def called(db, n: int, session: str = "a", person: int = 1, **more: Any) -> None:
    put(db, "tool_call", session, person, {
        "message_id": f"m{n}", "tool_use_id": f"t{n}", "uuid": f"u{n}", "seq": n, "at": n,
        "tool": "Edit", "status": "ok", "target": "/w/a.py", "local_day": DAY, "run": "",
    } | more)  # fmt: skip


def answered(db, n: int, session: str = "a", person: int = 1, **more: Any) -> None:
    put(db, "response", session, person, {
        "message_id": f"m{n}", "request_id": f"r{n}", "seq": n, "at": n, "local_day": DAY,
        "model": "opus", "has_usage": 1,
    } | more)  # fmt: skip


def file(db, path: str, person: int = 1, **more: Any) -> None:
    ((n,),) = db.run("SELECT COUNT(*) FROM source_file", ())
    insert(db, "source_file", **{
        "id": n + 1, "person": person, "path": path, "root": "/r", "layout": "main", "session": "a",
        "head_hash": "", "tail_hash": "", "counts": "{}", "tail_counts": "{}", "size": 5,
        "reader": READER_VERSION,
    } | more)  # fmt: skip


def test_the_tokens_of_a_row_are_all_four_kinds_together():
    amounts = dict.fromkeys(CostRow._fields[3:], 1000)
    kinds = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    amounts |= {name: 10**n for n, name in enumerate(kinds)}
    assert CostRow("", "", 1, **amounts).tokens == 1111


def test_what_is_known_of_a_transcript_is_of_its_own_files_that_are_there(db):
    add(db, "a")
    add(db, "b")
    add(db, "a", person=2)
    file(db, "/a", size=7)
    file(db, "/agent", layout="agent")
    file(db, "/gone", missing_at=1)
    file(db, "/b", session="b")
    file(db, "/theirs", person=2)
    assert db.ask(read_of(ONE)) == {"/a": 7}
    file(db, "/not derived", session="new")
    assert db.ask(read_of(replace(ME, session="new"))) == {"/not derived": 5}
    add(db, "stale", stale=1)
    file(db, "/stale", session="stale")
    assert db.ask(read_of(replace(ME, session="stale"))) == {"/stale": -1}
    for person, what, value in ((2, "session", "a"), (1, "project", "a"), (1, "session", "b")):
        insert(db, "forgotten", person=person, what=what, value=value, at=1)
    assert db.ask(read_of(ONE)) == {"/a": 7}
    assert db.ask(read_of(replace(ME, session="b"))) is None


def test_unknown_records_are_told_with_the_first_and_the_last_version(db):
    for name in ("a", "b", "none"):
        add(db, name)
    add(db, "a", person=2)
    for n, (session, version, person) in enumerate([
        ("a", "2.1", 1), ("b", "2.3", 1), ("none", None, 1), ("a", "9.9", 2),
    ]):  # fmt: skip
        if version:
            insert(db, "session_context", person=person, session=session, version=version,
                   cwd="", branch="", entrypoint="", teammate="")  # fmt: skip
        said(db, n, "unknown", name="often", session=session, person=person)
    said(db, 10, "unknown", name="z", session="none")
    said(db, 11, "unknown", name="b", session="b")
    said(db, 12, "typed_prompt", name="known")
    assert db.ask(health(ME)).unknown == [
        ("often", 3, "2.1", "2.3"), ("b", 1, "2.3", "2.3"), ("z", 1, "", ""),
    ]  # fmt: skip


def test_what_belongs_to_no_session_comes_by_its_tokens(db):
    add(db, "a")
    add(db, "theirs", person=2)
    for n, (session, model, tokens, more) in enumerate([
        ("a", "in a session", 9, {}), ("theirs", "small", 1, {}), ("gone", "large", 5, {}),
        ("gone", "alike", 1, {}), ("gone", None, 1, {}), ("gone", "copied", 9, {"counted": 0}),
        ("gone", "made up", 9, {"synthetic": 1}), ("gone", "theirs", 9, {"person": 2}),
    ]):  # fmt: skip
        answered(db, n, session, model=model, input_tokens=tokens, output_tokens=tokens,
                 cache_read_tokens=tokens, cache_write_tokens=tokens, **more)  # fmt: skip
    assert db.ask(health(ME)).without_session == [
        ("large", 1, 20), ("", 1, 4), ("alike", 1, 4), ("small", 1, 4),
    ]  # fmt: skip


def test_the_state_of_a_record_counts_what_is_ones_own(db):
    old = READER_VERSION - 1
    for person in (1, 2):
        add(db, "left", person, reader=old, derive_error="z", price_assumed=person)
        add(db, "again", person, reader=old, price_assumed=4 * person)
        add(db, "fine", person, reader=READER_VERSION, derive_error="y")
        file(db, f"/again{person}", person, session="again", reader=old)
        file(db, f"/left{person}", person, session="left", reader=old, missing_at=1)
        file(db, f"/fine{person}", person, session="left")
        for what, value in (("session", "x"), ("session", "w"), ("project", "x"))[person - 1 :]:
            insert(db, "forgotten", person=person, what=what, value=value, at=1)
        for n, (agent, uuid, part, misdated) in enumerate([
            ("", "u", 0, 1), ("", "u", 1, 1), ("b", "u", 0, 1), ("", "v", 0, 1), ("", "w", 0, None),
        ]):  # fmt: skip
            said(db, n, "typed_prompt", person=person, agent=agent, uuid=uuid, part=part,
                 misdated=misdated)  # fmt: skip
    found = db.ask(health(ME))
    assert (found.to_read_again, found.assumed, found.misdated) == (1, 1, 3)
    assert (found.forgotten, found.price_assumed) == (2, 5)
    assert found.underived == [("fine", "y"), ("left", "z")]
    assert [each.path for each in found.sources] == ["/again1", "/fine1", "/left1"]


def test_a_session_counts_once_a_week_in_which_it_was_at_work(db):
    later = "2026-09-28"
    add(db, "a", days=(DAY, NEXT, later))
    add(db, "b", days=(NEXT,))
    for name in ("a", "b"):
        put(db, "session_practice", name, 1, {"practice": "planning", "possible": 1})
    for n, day in enumerate((DAY, NEXT, later)):
        put(db, "sighting", "a", 1,
            {"practice": "planning", "uuid": f"u{n}", "local_day": day, "at": n})  # fmt: skip
    (found,) = [each for each in db.ask(practices(ME)) if each.name == "planning"]
    assert [each[:4] for each in found.weeks] == [("2026-09-21", 2, 1, 2), (later, 1, 1, 1)]
    assert (found.eligible, found.seen, found.sightings) == (2, 1, 3)
    since = db.ask(practices(replace(ME, since=NEXT)))
    (part,) = [each for each in since if each.name == "planning"]
    assert [each[:4] for each in part.weeks] == [("2026-09-21", 2, 1, 1), (later, 1, 1, 1)]


def test_a_sighting_is_told_with_its_event_alone_and_without_one(db):
    insert(db, "project", person=1, id="p", name="Mine", root="/w")
    insert(db, "project", person=2, id="p", name="Theirs", root="/w")
    add(db, "a", title="A", project="p")
    add(db, "b")
    for session, uuid, at in (("a", "x", 5), ("b", "x", 5), ("a", "w", 5), ("a", "z", 9),
                              ("a", "none", None)):  # fmt: skip
        put(db, "sighting", session, 1,
            {"practice": "planning", "uuid": uuid, "at": at, "local_day": DAY})  # fmt: skip
    put(db, "sighting", "a", 1, {"practice": "review", "uuid": "x", "at": 99, "local_day": DAY})
    said(db, 1, "assistant_text", "said", uuid="x")
    said(db, 2, "tool_call", "ran", uuid="x", part=1, name="Bash")
    said(db, 3, "tool_result", "a result", uuid="w")
    for n, more in enumerate(({"agent": "b"}, {"session": "c"}, {"person": 2}, {"uuid": "y"}), 4):
        said(db, n, "tool_call", "another", name="Aaa", **{"uuid": "x", **more})
    found = db.ask(sightings(ME, "planning", limit=9))
    assert [(each.session, each.uuid, each.project, each.what, each.text) for each in found] == [
        ("a", "z", "Mine", None, None), ("a", "w", "Mine", "tool_result", None),
        ("a", "x", "Mine", "Bash", "ran"), ("b", "x", "", None, None),
        ("a", "none", "Mine", None, None),
    ]  # fmt: skip
    for n, each in enumerate(found, 1):
        rest = sightings(ME, "planning", limit=9, after=(each.session, each.uuid))
        assert db.ask(rest) == found[n:]
        assert db.ask(sightings(ME, "planning", limit=n)) == found[:n]


def test_outcomes_are_of_sessions_with_edits_in_which_the_practice_was_possible(db):
    for n, (edits, outcome, practice, possible, seen) in enumerate([
        (1, "shipped", "planning", 1, 2), (1, "delivered", "planning", 1, 1),
        (2, "shipped", "planning", 1, 0), (1, None, "planning", 1, 0),
        (0, "shipped", "planning", 1, 1), (1, "shipped", "planning", 0, 1),
        (1, "shipped", "planning", None, 0), (1, "shipped", "review", 1, 1),
    ]):  # fmt: skip
        add(db, f"s{n}", outcome=outcome, edits_landed=edits)
        put(db, "session_practice", f"s{n}", 1,
            {"practice": practice, "possible": possible, "sightings": seen})  # fmt: skip
    add(db, "s0", person=2, outcome="shipped", edits_landed=1)
    put(db, "session_practice", "s0", 2, {"practice": "planning", "possible": 1, "sightings": 0})
    mine = [Beside(1, False, 2, 1), Beside(1, True, 2, 1)]
    assert sorted(db.ask(outcomes_beside(ME, "planning"))) == mine
    assert sorted(db.ask(outcomes_beside(BOTH, "planning"))) == [*mine, Beside(2, False, 1, 1)]
    assert db.ask(outcomes_beside(replace(ME, since="2026-09-24"), "planning")) == []


def test_a_title_is_told_with_the_project_of_its_person(db):
    for person, id_, name in ((1, "p", "Mine"), (1, "q", "Another"), (2, "p", "Theirs")):
        insert(db, "project", person=person, id=id_, name=name, root="/w")
    for n, (name, title, more) in enumerate([
        ("with", "Total", {"project": "p"}), ("without", "Totals", {}),
        ("undated", "Total", {"started_at": None}), ("other", "Words", {"project": "p"}),
        ("untitled", None, {}), ("theirs", "Total", {"project": "p", "person": 2}),
        ("as old", "Total", {"started_at": 1, "project": "q"}),
    ]):  # fmt: skip
        add(db, name, title=title, **{"started_at": n + 1, **more})
    found, more = db.ask(titled(ME, "total", dialect=db.dialect, limit=9))
    assert [(each.session, each.project) for each in found] == [
        ("without", None), ("as old", "Another"), ("with", "Mine"), ("undated", None),
    ]  # fmt: skip
    assert not more


@pytest.mark.parametrize(
    "lines",
    [
        [("typed_prompt", "Look"), ("assistant_text", "Look here")],
        [("assistant_text", "Yes"), ("assistant_text", "Yes, done")],
        [("thinking", "So"), ("assistant_text", "So it is")],
    ],
)
def test_a_line_replaces_none_of_another_kind_or_answer(db, lines):
    add(db, "a")
    for n, (kind, text) in enumerate(lines):
        said(db, n, kind, text, message_id=f"m{n}" if kind == "assistant_text" else "m1")
    assert [(each.kind, each.text) for each in db.ask(replay(ONE))] == lines


@pytest.mark.parametrize(
    ("second", "shown"),
    [
        ({"text": "Yes, done"}, ["Yes, done"]),
        ({"text": "No"}, ["Yes", "No"]),
        ({"text": "Yes, done", "uuid": "u0", "part": 1}, ["Yes", "Yes, done"]),
    ],
)
def test_a_line_that_grew_stands_for_the_one_before_it(db, second, shown):
    add(db, "a")
    said(db, 0, "assistant_text", "Yes", message_id="m")
    said(db, 1, "assistant_text", **{"message_id": "m", **second})
    assert [each.text for each in db.ask(replay(ONE))] == shown


def test_messages_of_one_answer_are_told_as_one(db):
    add(db, "a")
    for n in range(3):
        said(db, n, "assistant_text", "Done", message_id=f"m{n}-a-1")
    for n, answer in ((0, "x"), (1, "x"), (2, None)):
        answered(db, n, answer=answer)
    insert(db, "response", person=2, session="a", message_id="m2-a-1", request_id="r", agent="",
           run="", counted=1, answer="x")  # fmt: skip
    assert [each.uuid for each in db.ask(replay(ONE))] == ["u0", "u2"]


@pytest.mark.parametrize(
    ("tokens", "model", "detail", "limit"),
    [
        (200_000, "opus", "", 200_000),
        (200_001, "opus", "", 1_000_000),
        (10, "opus[1m]", "", 1_000_000),
        (10, "opus", "opus[1m]", 1_000_000),
        (10, None, "", 200_000),
    ],
)
def test_the_window_is_the_large_one_where_something_shows_it(db, tokens, model, detail, limit):
    add(db, "a")
    answered(db, 1, input_tokens=tokens - 3, cache_read_tokens=2, cache_write_tokens=1, model=model)
    insert(db, "hook_event", person=1, session="a", event="SessionStart", at=1, hash="h",
           detail=detail)  # fmt: skip
    found = db.ask(live(ONE))
    assert (found.context_limit, found.context_tokens) == (limit, tokens)


def test_a_running_session_is_told_by_its_main_line_alone(db):
    add(db, "a")
    add(db, "b")
    add(db, "a", person=2)
    called(db, 1)
    called(db, 2, status="error")
    answered(db, 1, input_tokens=5)
    for n, (session, person, more) in enumerate(
        [("b", 1, {}), ("a", 2, {}), ("a", 1, {"run": "r"})], 3
    ):
        called(db, n, session, person, status="ok", **more)
        answered(db, n, session, person, input_tokens=300_000, **more)
    called(db, 8, counted=0)
    answered(db, 8, input_tokens=300_000, synthetic=1)
    answered(db, 9, input_tokens=7, has_usage=0)
    for session, person, event, at in (
        ("b", 1, "SessionEnd", 99), ("a", 2, "SessionEnd", 98), ("a", 1, "Stop", 50),
        ("a", 1, "SessionEnd", 40),
    ):  # fmt: skip
        insert(db, "hook_event", person=person, session=session, event=event, at=at, hash="h",
               detail="")  # fmt: skip
    found = db.ask(live(ONE))
    assert (found.calls, found.context_tokens, found.context_limit) == (2, 5, 200_000)
    assert (found.ended, found.last_at) == (False, 50)
