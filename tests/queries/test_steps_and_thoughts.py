"""What is asked about thoughts, single steps and the record itself, by rows of which each stands
for one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accrete.projects.settled import PROJECTS_SETTLED, Rule, digest
from accrete.queries.costs import WINDOW_MS, windows
from accrete.queries.counts import counts
from accrete.queries.decisions import Thought, followed_by, thought_before, thoughts
from accrete.queries.moving import REVISION, tails
from accrete.queries.rules import other_rules
from accrete.queries.scope import Scope, stored_number
from accrete.queries.step import Body, Inner, step, step_deeds, step_words
from accrete.queries.steps import HEAD, Facts
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, add, put
from tests.queries.by_hand import db as db

ME, BOTH = Scope((1,)), Scope((1, 2))
ONE = replace(ME, session="a")
HOUR = 3_600_000


def said(db, n: int, kind: str, text: str | None, session: str = "a", **more: Any) -> None:
    """A record; its number is its place, its time and its id."""
    insert(db, "event", **{
        "person": 1, "session": session, "uuid": f"u{n}", "part": 0, "seq": n, "agent": "",
        "kind": kind, "at": n, "text": text,
    } | more)  # fmt: skip


def called(db, n: int, session: str = "a", **more: Any) -> None:
    put(db, "tool_call", session, more.pop("person", 1), {
        "message_id": f"m{n}", "tool_use_id": f"t{n}", "uuid": f"u{n}", "seq": n, "at": n,
        "tool": "Bash", "status": "ok", "local_day": DAY, "target": f"make {n}", "run": "",
    } | more)  # fmt: skip


def test_the_newest_thoughts_and_answers_that_hold_all_the_words_are_found(db):
    add(db, "a")
    add(db, "b")
    add(db, "a", person=2)
    for n in range(1, 13):
        said(db, n, "thinking", f"Straße {n}, 100% sure" if n < 3 else f"Streets {n}, sure")
    said(db, 20, "assistant_text", "streets_20 are SURE")
    said(db, 21, "typed_prompt", "streets, sure")
    said(db, 22, "thinking", None)
    said(db, 23, "thinking", "streets, sure", at=None)
    said(db, 12, "thinking", "Streets 12, sure", session="b")
    said(db, 12, "thinking", "Streets 12, sure", person=2)

    def found(*words: str, limit: int = 3, where: str = "both", scope: Scope = ME) -> list[str]:
        asked = thoughts(scope, list(words), where=where, limit=limit)
        return [each.uuid for each in db.ask(asked)]

    assert found("streets") == ["u20", "u12", "u11"]
    assert found("Sure", "STREETS", where="thinking", limit=2) == ["u12", "u11"]
    assert found("streets", "sure", where="answers") == ["u20"]
    assert found("streets", limit=50) == ["u20", *(f"u{n}" for n in range(12, 2, -1)), "u23"]
    assert (found("strasse"), found("STRASSE", "straße", limit=1)) == ([], [])
    assert found("straße") == ["u2", "u1"]
    assert found("straße", "2", limit=9) == ["u2"]
    assert (found("%"), found("_"), found("!")) == (["u2", "u1"], ["u20"], [])
    assert found("streets 12", scope=replace(ME, session="b")) == ["u12"]
    (first,) = db.ask(thoughts(ME, ["streets 12"]))
    assert (first.session, first.at, first.kind, first.text) == (
        "a", 12, "thinking", "Streets 12, sure",
    )  # fmt: skip
    with pytest.raises(ValueError, match="nothing to look for"):
        thoughts(ME, ["", " "])


def test_what_followed_a_thought_ends_with_the_next_thought_or_prompt(db):
    add(db, "a", title="Ledger")
    add(db, "b")
    put(db, "prompt", "a", 1, {"uuid": "u1", "seq": 1, "number": 1, "kind": "typed_prompt"})
    said(db, 1, "typed_prompt", "Do")
    said(db, 2, "thinking", "First")
    said(db, 3, "assistant_text", "I look")
    called(db, 4)
    said(db, 5, "assistant_text", "and look")
    called(db, 6, lines_added=3, lines_removed=0)
    called(db, 6, session="b")
    called(db, 7, agent="x")
    called(db, 8, counted=0)
    said(db, 9, "thinking", "Second")
    for n in range(10, 20):
        called(db, n)
    first = Thought("a", None, "", 1, 2, "thinking", "", 2, "u2", "First")
    found = db.ask(followed_by(ONE, first))
    assert [each.seq for each in found] == [4, 6]
    assert (found[1].title, found[1].prompt, found[1].added, found[1].removed) == (
        "Ledger", 1, 3, 0,
    )  # fmt: skip
    assert [each.seq for each in db.ask(followed_by(ONE, replace(first, seq=9)))] == [
        *range(10, 16)
    ]
    assert [each.seq for each in db.ask(followed_by(ONE, replace(first, agent="x")))] == [7]
    said(db, 12, "queued_prompt", "And")
    assert [each.seq for each in db.ask(followed_by(ONE, replace(first, seq=9)))] == [10, 11]
    assert [each.seq for each in db.ask(followed_by(ONE, replace(first, seq=6)))] == [6]

    def before(seq: int) -> str | None:
        thought = db.ask(thought_before(ONE, replace(found[0], seq=seq)))
        return thought and thought.text

    assert [before(seq) for seq in (1, 2, 4, 5, 8, 9, 12, 13)] == [
        None, "First", "I look", "and look", "and look", "Second", "Second", None,
    ]  # fmt: skip
    said(db, 13, "thinking", "")
    assert before(14) is None
    said(db, 14, "thinking", "one", part=0)
    said(db, 14, "assistant_text", "two", part=1)
    assert before(14) == "two"


def test_a_step_is_found_by_the_beginning_of_its_record_the_main_line_first(db):
    add(db, "a")
    add(db, "b")
    said(db, 1, "typed_prompt", "Go", uuid="ab1")
    said(db, 2, "thinking", "Hm", uuid="ab2", size=9)
    said(db, 1, "assistant_text", "of a subagent", uuid="ab0", agent="x")
    said(db, 0, "tool_result", "out", uuid="ab3")
    said(db, 0, "typed_prompt", "of another", uuid="ab", session="b")
    said(db, 5, "typed_prompt", "longer", uuid="ab11")
    said(db, 2, "assistant_text", "So", uuid="ab2", part=1)

    def found(start: str, part: int = 0) -> tuple[str, str] | None:
        body = db.ask(step(ONE, start, part))
        return body and (body.uuid, db.ask(step_words(ONE, body)).text)

    assert found("ab") == ("ab1", "Go")
    assert found("ab1") == ("ab1", "Go")
    assert found("ab11") == ("ab11", "longer")
    assert found("ab0") == ("ab0", "of a subagent")
    assert (found("ab2"), found("ab2", 1)) == (("ab2", "Hm"), ("ab2", "So"))
    assert (found("ab2", 2), found("ab3"), found("ac"), found("aa")) == (None,) * 4
    body = db.ask(step(ONE, "ab2"))
    assert (body.kind, body.at, body.size, body.agent, body.call) == ("thinking", 2, 9, "", None)


def test_a_step_tells_its_call_its_deeds_and_its_words_each_for_itself(db):
    add(db, "a")
    insert(db, "agent_run", person=1, session="a", agent="y", started_by="t1")
    insert(db, "agent_run", person=1, session="a", agent="z", started_by="t9")
    long = "/w/" + "x" * HEAD
    made = {"tool_use_id": "t1", "message_id": "m1-a-1"}
    said(db, 1, "tool_call", "/w/a.py", name="Edit", **made)
    said(db, 2, "tool_call", "secret", name="mcp__own__tool", **made | {"tool_use_id": "t2"})
    called(db, 1, tool="Edit", status="error", error_class="other", ms=5, output_chars=6,
           lines_added=7, lines_removed=8, user_modified=1, input_cut=1, patch_cut=1, spawned="x",
           patch="+a", decision_source="config", input="{}", output="done")  # fmt: skip
    called(db, 2, message_id="m1", tool="mcp__own__tool", input="[]")
    called(db, 3, run="x", agent="x", tool="Read", target=long, ms=1, lines_added=2,
           lines_removed=3)  # fmt: skip
    called(db, 4, run="x", agent="x", tool="Agent", target=long)
    called(db, 5, run="y", agent="y", tool="mcp__own__tool", target="/own")
    called(db, 6, run="z", agent="z")
    called(db, 7, run="x", agent="x", counted=0)
    called(db, 8, spawned="z")
    called(db, 9, tool_use_id="t1", counted=0, status="ok")
    body = db.ask(step(ONE, "u1"))
    assert body.call == Facts("error", "other", 5, 6, 7, 8, 1)
    assert (body.name, body.target, body.patch, body.input, body.output) == (
        "Edit", None, None, None, None,
    )  # fmt: skip
    assert (body.input_cut, body.patch_cut, body.spawned, body.message) == (1, 1, "x", "m1-a-1")
    assert body.inner == [
        Inner("t3", "u3", 3, "Read", None, "ok", 1, 2, 3),
        Inner("t4", "u4", 4, "Agent", None, "ok", None, None, None),
        Inner("t5", "u5", 5, None, None, "ok", None, None, None),
    ]
    body = db.ask(step_deeds(ONE, body))
    assert (body.target, body.patch, body.decided_by) == ("/w/a.py", "+a", "config")
    assert (body.text, body.input, body.output) == (None, None, None)
    assert [(each.tool, each.target) for each in body.inner] == [
        ("Read", long[: HEAD + 1]), ("Agent", None), ("mcp__own__tool", None),
    ]  # fmt: skip
    body = db.ask(step_words(ONE, body))
    assert (body.text, body.input, body.output) == ("/w/a.py", "{}", "done")
    assert [each.target for each in body.inner] == [long[: HEAD + 1], long[: HEAD + 1], "/own"]

    own = db.ask(step(ONE, "u2"))
    assert (own.name, own.inner, own.call is None) == (None, [], False)
    own = db.ask(step_words(ONE, db.ask(step_deeds(ONE, own))))
    assert (own.name, own.target, own.text, own.input) == ("mcp__own__tool", "secret", "secret",
                                                           "[]")  # fmt: skip
    for key in ({"uuid": "u1", "agent": "q"}, {"uuid": "u1", "part": 1}, {"uuid": "u90"},
                {"uuid": "u1", "session": "b"}):  # fmt: skip
        said(db, 90, "tool_call", "other", name="Read", **made | key)
    called(db, 91, message_id="m1", tool_use_id="t91", input="other", patch="other")
    called(db, 92, tool_use_id="t1", input="other", patch="other")
    again = db.ask(step_words(ONE, db.ask(step_deeds(ONE, db.ask(step(ONE, "u1"))))))
    assert (again.name, again.text, again.target) == ("Edit", "/w/a.py", "/w/a.py")
    assert (again.input, again.patch) == ("{}", "+a")
    none = Body("u1", 0, "", "tool_call", None, 0, "t1", "m1-a-1")
    assert db.ask(step_words(replace(ME, session="b"), none)).text is None


def test_rules_are_others_only_where_projects_were_derived_by_them(db):
    mine = [Rule("/w/*", "w")]
    for value, other in (("", False), (digest(mine), False), (digest(()), True), ("x", True)):
        db.run("DELETE FROM fact WHERE name = ?", (PROJECTS_SETTLED,))
        assert db.ask(other_rules(ME, mine)) is False
        insert(db, "fact", person=1, name=PROJECTS_SETTLED, value=value)
        insert(db, "fact", person=2, name=PROJECTS_SETTLED, value="y")
        insert(db, "fact", person=1, name=f"not {value}", value="y")
        assert db.ask(other_rules(ME, mine)) is other


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64, -(2**64)])
def test_a_number_that_no_column_holds_is_refused(number):
    with pytest.raises(ValueError, match="is no number of a column"):
        stored_number(str(number))


def test_transcripts_are_those_of_the_person_in_order(db):
    assert db.ask(REVISION) >= 0
    for n, (person, name, path) in enumerate(
        [(1, "a", "/t/b"), (1, "a", "/t/a"), (1, "b", "/t/c"), (2, "a", "/t/d")]
    ):
        if path != "/t/a":
            add(db, name, person=person, ended_at=5)
        insert(db, "source_file", id=n + 1, person=person, path=path, session=name, layout="main",
               size=n, root="/t", head_hash="", tail_hash="", counts="{}",
               tail_counts="{}")  # fmt: skip
    assert db.ask(tails(ME, 0)) == [("/t/a", 1), ("/t/b", 0), ("/t/c", 2)]
    assert db.ask(tails(BOTH, 5))[-1] == ("/t/d", 3)
    assert db.ask(tails(ME, 6)) == []


def test_a_window_ends_five_hours_after_the_hour_in_which_it_began(db):
    add(db, "a")
    add(db, "b")
    start = 1_790_000_000_000 // HOUR * HOUR
    rows = [
        ("a", 9, start + 7, "m", 5), ("a", 10, None, "m", 6),
        ("b", 11, start + WINDOW_MS - 1, "n", 70), ("a", 12, start + WINDOW_MS, "m", None),
    ]  # fmt: skip
    for session, n, at, model, cost in rows:
        put(db, "response", session, 1, {
            "message_id": f"m{n}", "seq": n, "at": at, "model": model,
            "cost_nano": cost, "local_day": DAY, "output_tokens": 1,
        })  # fmt: skip
    put(db, "response", "c", 1, {"message_id": "none", "local_day": DAY})
    add(db, "c")
    found = db.ask(windows(ME))
    assert [(each.begins, each.first_at, each.last_at) for each in found] == [
        (None, None, None), (start, start + 7, start + WINDOW_MS - 1),
        (start + WINDOW_MS, start + WINDOW_MS, start + WINDOW_MS),
    ]  # fmt: skip
    _, first, second = found
    assert (first.row.key, first.row.sessions, first.row.responses) == (str(start), 2, 3)
    assert (first.row.cost_nano, first.row.unpriced, second.row.unpriced) == (81, 0, 1)
    assert [(each.key, each.label, each.cost_nano) for each in first.models] == [
        ("n", "n", 70), ("m", "m", 11),
    ]  # fmt: skip
    assert [(each.key, each.label) for each in found[0].models] == [("", "(unknown)")]
    assert [each.begins for each in db.ask(windows(replace(ME, model="n")))] == [start]
    assert db.ask(windows(replace(ME, since=NEXT))) == []


def test_counts_tell_subagents_and_copies_from_what_was_said_here(db):
    add(db, "a")
    for n, (kind, agent, embedded) in enumerate([
        ("thinking", "x", 0), ("thinking", "x", 1), ("thinking", "y", 2), ("thinking", "", 0),
        ("compact_boundary", "z", 0), ("api_error", "", 0), ("interruption", "", 0),
        ("microcompact_boundary", "", 0), ("compact_boundary", "", 0),
    ]):  # fmt: skip
        said(db, n, kind, None, agent=agent, embedded=embedded, message_id=f"m{n}")
    said(db, 5, "api_error", None, session="b", uuid="u5")
    said(db, 9, "api_error", None, person=2)
    for agent, replayed in (("x", 0), ("y", 1), ("w", 0)):
        insert(db, "agent_run", person=1, session="a", agent=agent, replayed=replayed)
    found = db.ask(counts(ME))
    assert (found["agents"], found["agents_with_lines"]) == (2, 2)
    assert (found["compactions"], found["microcompactions"]) == (2, 1)
    assert (found["api_errors"], found["interruptions"]) == (1, 1)
    assert (found["embedded_message_ids"], found["kinds"]["thinking"]) == (2, 4)
    assert found["human_prompts"] == 0
