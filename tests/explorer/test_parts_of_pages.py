"""Parts of a session's pages, each by itself: its head, its times, its groups of responses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from accrete.clock import LocalTime
from accrete.errors import AccreteError
from accrete.explorer.pages import facts, saving, sessions
from accrete.explorer.pages.replay import _head, _sheet, _turns, _when
from accrete.explorer.view import View
from accrete.model import Tier
from accrete.queries.facts import Answered
from accrete.queries.findings import Findings, Found
from accrete.queries.prompts import TurnRow
from accrete.queries.steps import Step
from tests.explorer.test_rows import DAY_MS, session
from tests.transcripts import START

MINUTE_MS = 60_000


def view(*, own: bool = True, amounts: bool = True, **query: str) -> View:
    made = SimpleNamespace(
        local=LocalTime("UTC"),
        query=query,
        viewer=SimpleNamespace(own=own, amounts=amounts, api_equivalent=True),
        link=lambda path, **named: path,
        bare=lambda path, **named: path,
    )
    return cast(View, made)


def date_of(at: int, form: str = "%-d %b") -> str:
    return LocalTime("UTC").text(at, form)


def test_a_session_was_at_a_time_or_from_one_to_another():
    begun = date_of(START, "%-d %b %Y, %H:%M")
    end = START + 5 * MINUTE_MS
    assert _when(view(), session(started_at=None)) == "at an unknown time"
    assert _when(view(), session(ended_at=None)) == begun
    assert _when(view(), session(ended_at=end)) == f"{begun} to {date_of(end, '%H:%M')}"
    later = START + DAY_MS
    assert _when(view(), session(ended_at=later)) == f"{begun} to {date_of(later, '%-d %b, %H:%M')}"
    others = view(own=False)
    assert _when(others, session(ended_at=end, local_day="2026-11-16")) == "16 Nov 2026"
    assert _when(others, session(ended_at=end, local_day=None)) == "at an unknown time"
    assert _when(others, session(started_at=None, local_day="2026-11-16")) == "at an unknown time"


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("tier", list(Tier))
def test_the_head_of_a_session_says_what_may_be_seen(own, tier):
    row = session(local_day="2026-11-16", outcome="shipped", outcome_reason="1 commit")
    head = _head(view(own=own), row, tier)
    act = tier >= Tier.ACTIVITY
    assert head["outcome"] == "shipped"
    assert (head["project"], head["branch"], head["reason"]) == (
        ("demo", "main", "1 commit") if act else ("", "", "")
    )
    assert bool(head["changes"]) == act
    assert head["project_href"] == ("/projects/p1" if act and own else None)
    assert bool(head["facts"]) == bool(head["resume"]) == own
    assert head["exports"] == (
        [(form, f"/sessions/s1.{form}") for form in ("md", "html", "json")] if own else []
    )


def test_the_head_of_a_session_without_a_project_leads_to_none():
    row = session(project=None, project_name="", branch=None, outcome_reason=None)
    head = _head(view(), row, Tier.WORDS)
    assert (head["project_href"], head["branch"], head["reason"]) == (None, "", "")


def test_prompts_without_steps_are_told_as_figures():
    sheet = _turns([TurnRow(1, "2026-11-16", 61_000, 3, 0), TurnRow(2, "", None, 0, 1)])
    texts = [[cell.text for cell in row] for row in sheet.rows]
    assert texts[0][:2] == ["1", "16 Nov 2026"]
    assert texts[1][:2] == ["2", "—"]
    assert [row[4] for row in texts] == [" ", "by the person"]
    assert [row[1].value for row in sheet.rows] == ["2026-11-16", None]
    assert [row[3].value for row in sheet.rows] == [3, 0]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("amounts", [True, False])
def test_every_step_is_a_row_with_what_may_be_seen(own, amounts):
    call = SimpleNamespace(status="ok", ms=7, added=2, removed=1)
    made = [
        SimpleNamespace(number=1, kind="tool_call", at=START, uuid="u", name="Edit", target="a.py",
                        call=call),
        SimpleNamespace(number=1, kind="answer", at=None, uuid="v", name=None, target=None,
                        call=None),
    ]  # fmt: skip
    rows = _sheet(view(own=own, amounts=amounts), cast(list[Step], made)).rows
    seen = [2, 1] if amounts else [None, None]
    assert [cell.value for cell in rows[0]] == [
        1, "tool_call", START if own else None, "u", "Edit", "a.py", "ok", 7, *seen,
    ]  # fmt: skip
    assert [cell.value for cell in rows[1]] == [1, "answer", None, "v"] + [None] * 6


def answered(tokens: int, *, compacted: int = 0, prompt: int = 1, cached: int = 0) -> Answered:
    return Answered(tokens, prompt, None, "model", tokens, cached, 1, compacted)


def test_responses_are_grouped_by_neighbours_and_not_across_a_compaction():
    assert facts._grouped([]) == []
    few = [answered(n) for n in range(facts.STEPS)]
    assert facts._grouped(few) == [[each] for each in few]
    more = [answered(n) for n in range(facts.STEPS + 1)]
    groups = facts._grouped(more)
    assert [each for group in groups for each in group] == more
    assert {len(group) for group in groups[:-1]} == {2}
    assert len(groups) <= facts.STEPS
    cut = [*more[:3], answered(3, compacted=1), *more[4:]]
    groups = facts._grouped(cut)
    assert [len(group) for group in groups[:4]] == [2, 1, 2, 2]
    assert groups[2][0].compacted == 1


def test_an_area_names_the_fullest_of_each_group_and_what_emptied_it():
    groups = [
        [answered(10, prompt=0), answered(70_000, prompt=0, cached=5_000)],
        [answered(9_000, compacted=1, prompt=3)],
    ]
    made = facts._area(groups, [each for group in groups for each in group], 70_000)
    labels = [mark.label for mark in made.marks]
    assert "before the first prompt: 70.0k tokens, 5.0k from the cache" in labels
    assert "prompt 3 after a compaction: 9.0k tokens, 0 from the cache" in labels
    assert {"first response", "3 responses"} <= {text for _, _, text in made.texts}


@pytest.mark.parametrize(
    ("peak", "said"),
    [
        (40_000, []), (48_000, ["50k"]), (60_000, ["50k"]), (90_000, ["50k", "100k"]),
        (100_000, ["50k", "100k"]), (180_000, ["100k", "200k"]), (1_000_000, ["500k", "1,000k"]),
    ],
)  # fmt: skip
def test_an_area_has_the_two_highest_levels_that_it_comes_near(peak, said):
    group = [answered(peak)]
    made = facts._area([group], group, peak)
    assert [text for _, _, text in made.texts if text.endswith("k")] == said


NAMES_OF_FILTERS = ("lacks", "made", "outcome", "practice", "possible")


@pytest.mark.parametrize(
    ("name", "good", "wrong", "said"),
    [
        ("lacks", "price", "wings", "No sessions lack 'wings'"),
        ("made", "commits", "wings", "Sessions make no 'wings'"),
        ("outcome", "shipped", "wings", "No outcome 'wings'"),
        ("practice", "planning", "wings", "No practice 'wings'"),
        ("possible", "planning", "wings", "No practice 'wings'"),
    ],
)
def test_a_filter_of_sessions_that_is_none_says_what_there_is(name, good, wrong, said):
    nothing = dict.fromkeys(NAMES_OF_FILTERS)
    one = cast(View, SimpleNamespace(viewer=SimpleNamespace(keeping=object())))
    sessions._check(one, nothing)
    sessions._check(one, nothing | {name: good})
    with pytest.raises(AccreteError, match=said):
        sessions._check(one, nothing | {name: wrong})


@pytest.mark.parametrize("what", ["plugin", "server"])
def test_plugins_and_servers_are_lacked_on_their_own_machine_alone(what):
    asked = dict.fromkeys(NAMES_OF_FILTERS) | {"lacks": what}
    sessions._check(cast(View, SimpleNamespace(viewer=SimpleNamespace(keeping=object()))), asked)
    with pytest.raises(AccreteError, match="on their machine alone"):
        sessions._check(cast(View, SimpleNamespace(viewer=SimpleNamespace(keeping=None))), asked)


@pytest.mark.parametrize(
    ("key", "n", "steps", "words", "amount", "rows"),
    [
        ("cold", 0, (0, 0), "None in this range.", "", ""),
        ("switches", 0, (0, 5), "None in this range.", "", ""),
        ("outputs", 0, (0, 0), "None in this range.", "", ""),
        ("outputs", 0, (3, 0), "None in this range.", "", ""),
        ("outputs", 0, (3, 5), "None in this range. Known of 3 of 8 steps", "", ""),
        ("outputs", 0, (0, 5), "Not known in this range. Known of 0 of 5 steps", "", ""),
        ("outputs", 1, (0, 5), "1 time in 2 sessions one step", "$3.00", "1 moment"),
        ("cold", saving.ROWS, (0, 5), f"{saving.ROWS} times in 2 sessions a prompt", "$3.00",
         f"{saving.ROWS} moments"),
        ("switches", saving.ROWS + 1, (0, 0), f"{saving.ROWS + 1} times in 2 sessions another",
         "$3.00", f"The {saving.ROWS} most expensive"),
    ],
)  # fmt: skip
def test_findings_are_told_and_what_is_not_known_of_them(key, n, steps, words, amount, rows):
    some = Found(n, 2, 40_000, 3 * 10**9, 0)
    said = saving.told(view(), key, some, Findings(some, some, some, *steps))
    assert said.words.startswith(words)
    assert ("older clients" in said.words) == (key == "outputs" and steps[1] > 0)
    assert (said.amount, said.rows) == (amount, rows)
