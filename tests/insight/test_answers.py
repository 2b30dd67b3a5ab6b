"""What follows from the figures of answers."""

from __future__ import annotations

import json
from typing import Annotated, NamedTuple

import pytest

from accrete.insight.answer import ABSENT, Absent, as_json, keys, made
from accrete.insight.costs import active_of, added_up, cost_of, spent
from accrete.insight.practice_names import KNOWN_AS, meant, nearest
from accrete.insight.practices import by_use, by_week, practice_of, steps
from accrete.insight.replay import edited, failed_calls, handoff
from accrete.insight.sessions import Session, session_of, together
from accrete.insight.windows import block_of, pace
from accrete.practices import all_practices
from accrete.practices.depth import NOT_SEEN, TRIED, Week
from accrete.queries.costs import WINDOW_MS, CostRow, Window
from accrete.queries.practices import PracticeRow
from accrete.queries.replay import CallRow, CheckRow, CommitRow, Entry
from accrete.queries.sessions import SessionRow


class Inner(NamedTuple):
    n: Annotated[int, "a number"]


class Outer(NamedTuple):
    last_at: Annotated[int | None, "when"]
    inner: Annotated[list[Inner], "numbers"]
    extra: Annotated[str | Absent, "only if asked for"] = ABSENT


def test_an_answer_is_json_with_its_keys_and_without_what_is_absent():
    answer = Outer(None, [Inner(1), Inner(2)])
    assert json.loads(json.dumps(as_json([answer, answer._replace(extra="x")]))) == [
        {"last_at": None, "inner": [{"n": 1}, {"n": 2}]},
        {"last_at": None, "inner": [{"n": 1}, {"n": 2}], "extra": "x"},
    ]


def test_a_key_has_its_meaning_and_the_unit_of_its_name():
    found = keys(Outer)
    assert (found["last_at"].unit, found["last_at"].meaning) == ("UTC ms", "when")
    assert [key.optional for key in found.values()] == [False, False, True]

    class Dumb(NamedTuple):
        n: int

    with pytest.raises(TypeError, match="has no meaning"):
        keys(Dumb)


def test_an_answer_takes_from_a_row_what_it_has():
    class Row:
        last_at = 5
        inner = "of another form"
        more = 1

    assert made(Outer, Row(), inner=[]) == Outer(5, [])


def row(**given: object) -> SessionRow:
    values = dict.fromkeys(SessionRow._fields, 0) | {"id": "s", "project_name": "demo"} | given
    return SessionRow(**values)


def test_totals_of_a_session_are_own_and_delegated_together():
    found = session_of(
        row(cost_own_nano=3, cost_delegated_nano=4, responses_own=1, responses_delegated=2,
            tokens_own=10, tokens_delegated=20)
    )  # fmt: skip
    assert (found.cost_nano, found.responses, found.tokens) == (7, 3, 30)
    assert "person" not in Session._fields


def test_sessions_together_add_up_and_name_each_project_once():
    found = together(
        [
            row(active_ms=None, prompts=1, cost_own_nano=5, cost_delegated_nano=1),
            row(active_ms=7, prompts=2, unpriced=1, project_name="shop"),
            row(project_name=""),
        ]
    )
    assert (found.sessions, found.projects) == (3, ["demo", "shop", "—"])
    assert (found.active_ms, found.prompts, found.cost_nano, found.unpriced) == (7, 3, 6, 1)


def spent_on(key: str, n: int, **given: int) -> CostRow:
    values = {"sessions": 1, **dict.fromkeys(CostRow._fields[3:], n), **given}
    return CostRow(key, key, **values)


def test_rows_of_costs_add_up_but_for_their_sessions():
    found = added_up([spent_on("a", 1), spent_on("b", 10)], 1)
    assert (found.sessions, found.responses, found.cost_own_nano) == (1, 11, 11)
    answer = cost_of(found)
    assert (answer.tokens, answer.cost_nano) == (44, 22)
    assert "active_ms" not in as_json(answer)
    assert as_json(cost_of(found, active_ms=None))["active_ms"] is None


@pytest.mark.parametrize(("nano", "unpriced", "known"), [(0, 0, 0), (0, 1, None), (5, 1, 5)])
def test_a_cost_is_unknown_where_nothing_of_it_has_a_price(nano, unpriced, known):
    assert spent(nano, unpriced) == known


def test_active_time_of_rows_is_unknown_where_time_cannot_be_told_so():
    rows = [spent_on("a", 0), spent_on("b", 0)]
    assert active_of(rows, {"a": 3, "c": 9}) == 3
    assert active_of(rows, {}) is None


def test_a_window_that_runs_has_a_pace_and_others_have_none():
    used = spent_on("0", 0, input_tokens=600, cost_own_nano=1200)
    window = Window(0, 0, 60_000, used, [used])
    going = pace(window, 60 * 60_000)
    assert going is not None
    assert (going.tokens_per_minute, going.minutes_left, going.tokens_at_end) == (10, 240, 3000)
    assert (going.cost_nano_per_hour, going.cost_nano_at_end) == (1200, 6000)
    assert pace(window, WINDOW_MS - 1) is not None
    assert pace(window, WINDOW_MS) is None
    assert pace(window, -1) is None
    beginning = pace(window, 0)
    assert beginning is not None  # the first minute counts whole
    assert (beginning.minutes_left, beginning.tokens_per_minute) == (300, 600)
    over = block_of(window, WINDOW_MS)
    assert (over.running, over.pace, over.ends, over.models[0].tokens) == (
        False,
        None,
        WINDOW_MS,
        600,
    )
    assert block_of(Window(None, None, None, used, []), 0).ends is None


def practice(name: str, seen: int, eligible: int, depth: str = TRIED) -> PracticeRow:
    weeks = [Week("2026-09-07", 0, 0, 0, 0), Week("2026-09-14", eligible, seen, seen, 0)]
    return PracticeRow(name, name, eligible, seen, seen, 0, depth, None, 5, weeks)


def test_practices_come_with_what_was_possible_by_week():
    found = practice_of(practice("planning", 2, 5))
    assert (found.seen, found.possible, found.weeks[1].possible) == (2, 5, 5)
    assert by_week(practice("planning", 2, 5), 8) == ([2], [5])
    rows = [practice("skills", 1, 2), practice("review", 1, 9), practice("planning", 4, 4)]
    assert [each.name for each in by_use(rows)] == ["planning", "review", "skills"]


def test_the_next_step_is_what_could_often_apply_and_is_seldom_used():
    rows = [
        practice("planning", 9, 10),
        practice("skills", 0, 3, NOT_SEEN),
        practice("review", 5, 10),
        practice("isolation", 0, 0),
    ]
    found = steps(rows)
    assert [(each.name, each.seen, each.possible) for each in found] == [
        ("skills", 0, 3),
        ("review", 5, 10),
        ("planning", 9, 10),
    ]
    assert found[0].try_next
    assert found[0].source.startswith("https://")


def test_a_practice_is_meant_by_its_name_and_by_what_people_call_it():
    assert set(KNOWN_AS) == {each.name for each in all_practices()}
    for name, others in KNOWN_AS.items():
        assert {meant(word).name for word in [name, *others.split()]} == {name}
    assert meant("Plan Mode").name == "planning"
    assert meant("nosuch") is None
    assert nearest("subagentss") == "delegation"


def called(tool: str, target: str | None, status: str = "ok", **more: int) -> CallRow:
    empty = dict.fromkeys(CallRow._fields)
    return CallRow(**{**empty, "tool": tool, "target": target, "status": status, **more})


def entry(kind: str, number: int, text: str | None = None, **more: object) -> Entry:
    return Entry(kind, number, 1, f"u{number}", text, **more)


EDIT_A = called("Edit", "a.py", added=2, removed=1)
DAY = [
    entry("typed_prompt", 1, "Fix it"),
    entry("tool_call", 1, call=EDIT_A),
    entry(
        "tool_call",
        1,
        call=called("Bash", "git commit"),
        commits=[CommitRow("1a2b3c4", "Fix", "git")],
        pulls=["https://example.com/1"],
    ),
    entry("queued_prompt", 2, "And the docs"),
    entry("typed_prompt", 3, "  "),
    entry(
        "tool_call", 3, call=called("Task", None), inner=[called("Write", "b.md", added=9), EDIT_A]
    ),
    entry("assistant_text", 3, "Nearly."),
    entry("tool_call", 3, call=called("Edit", "c.py", "rejected")),
    entry(
        "tool_call",
        3,
        call=called("Bash", "pytest", "error"),
        checks=[CheckRow("test", "pytest", "failed", 1, 2)],
    ),
]


def test_a_handoff_has_what_was_asked_and_done_and_what_is_open():
    found = handoff(DAY)
    assert [(each.number, each.text) for each in found.asked] == [
        (1, "Fix it"),
        (2, "And the docs"),
    ]
    assert [each.sha for each in found.commits] == ["1a2b3c4"]
    assert found.pulls == ["https://example.com/1"]
    assert found.last_check is not None
    assert (found.last_check.verdict, found.last_check.failed) == ("failed", 2)
    assert found.uncommitted == ["a.py", "b.md"]
    assert found.last_failed is not None
    assert (found.last_failed.target, found.last_failed.number) == ("pytest", 3)
    assert found.last_answer == "Nearly."


def test_a_failure_that_was_followed_by_another_call_is_not_open():
    found = handoff([*DAY, entry("tool_call", 4, call=called("Bash", "ls"))])
    assert found.last_failed is None
    assert handoff([]) == ([], [], [], None, [], None, None)


def test_failed_calls_and_changed_files_count_those_of_subagents():
    assert [(c.tool, c.status) for c in failed_calls(DAY)] == [
        ("Edit", "rejected"),
        ("Bash", "error"),
    ]
    assert edited(DAY) == [("a.py", 2, 4, 2), ("b.md", 1, 9, 0)]


def test_a_handoff_is_of_the_last_of_each():
    """Of several commits, checks, calls and texts: a text of spaces says nothing, and the prompts
    of a person alone were asked."""
    commits = [CommitRow(f"{n}a2b3c4", f"Step {n}", "git") for n in (1, 2, 3)]
    found = handoff(
        [
            entry("typed_prompt", 1, "Fix it"),
            entry("tool_call", 1, call=EDIT_A, commits=commits[:2], pulls=["u1"]),
            entry("tool_call", 1, call=called("Edit", "b.py")),
            entry("tool_call", 1, call=called("Bash", "x", "error"), commits=commits[2:],
                  checks=[CheckRow("test", "pytest", "failed", 1, 2),
                          CheckRow("lint", "ruff", "passed", None, None)], pulls=["u2", "u3"]),
            entry("tool_call", 1, call=called("Write", "z.py"), inner=[called("Edit", "y.py")]),
            entry("assistant_text", 1, "One"), entry("assistant_text", 1, "Two"),
            entry("assistant_text", 1, " \n"), entry("assistant_text", 1),
            entry("thinking", 1, "I"),
            entry("tool_call", 1, call=called("Bash", "y", "rejected")),
        ]
    )  # fmt: skip
    assert [each.text for each in found.asked] == ["Fix it"]
    assert [each.subject for each in found.commits] == ["Step 1", "Step 2", "Step 3"]
    assert found.pulls == ["u1", "u2", "u3"]
    assert found.last_check is not None
    assert found.last_check.runner == "ruff"
    assert found.uncommitted == ["y.py", "z.py"]
    assert (found.last_failed, found.last_answer) == (None, "Two")
    none = handoff([entry("tool_call", 1, call=called("Edit", "b.py")), entry("typed_prompt", 2)])
    assert (none.uncommitted, none.last_check, none.last_answer) == (["b.py"], None, None)


def test_edits_that_did_not_land_change_no_file():
    calls = [
        called("Edit", "a.py", added=2), called("Edit", "a.py", removed=3),
        called("Edit", "b.py", "error"), called("Edit", None), called("Read", "c.py"),
    ]  # fmt: skip
    assert edited([entry("tool_call", 1, call=each) for each in calls]) == [("a.py", 2, 2, 3)]
    bad = [called("Bash", status, status) for status in ("ok", "error", "rejected", "interrupted")]
    found = failed_calls([entry("tool_call", 1, inner=bad), entry("typed_prompt", 2)])
    assert [each.target for each in found] == ["error", "rejected", "interrupted"]
