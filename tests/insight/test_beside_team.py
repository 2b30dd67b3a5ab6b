"""What is said to a person beside their team: own words, the team's, and why nothing is said."""

from __future__ import annotations

import pytest

from accrete.insight.beside_team import compared, nothing_to_compare, of_team, told
from accrete.insight.matrix import ORDER
from accrete.practices import named
from accrete.queries.practices import PracticeRow
from accrete.wire.benchmarks import OTHERS, TOO_FEW, Benchmarks, Cell, Group, Teacher

FIRST, LAST = "2026-10-05", "2026-11-01"


def own(name: str, eligible: int, seen: int, depth: str) -> PracticeRow:
    return PracticeRow(name, name.title(), eligible, seen, 3 * seen, seen, depth, None, None, [])


def group(of: str, word: str = "", *, why: str = "", known: int | None = 4, versions: str = "2"):
    people = None if why else {"company": 30, "team": 12}[of]
    cells = [Cell("steering", "most", versions), Cell("planning", word, versions if word else "")]
    return Group(of, f"the {of}", people, why, known, [] if why else cells)


def answer(*rows: PracticeRow, groups=(), since=None, doubts=(), days=(FIRST, LAST), **more):
    found = Benchmarks("acme", *days, list(groups), [], ["review"])
    given = {"fetched_at": 7, "offline": False} | more
    return compared(found, rows, since or {}, doubts=doubts, **given)


@pytest.mark.parametrize(
    ("row", "since", "said"),
    [
        (own("planning", 0, 0, "too few"), None,
         "No session of yours in these four weeks was one in which to plan first"),
        (own("planning", 1, 0, "too few"), None,
         "You plan first in none of 1 session where that could help"),
        (own("delegation", 2000, 0, "not seen"), None,
         "You use subagents in none of 2,000 sessions where they could help"),
        (own("planning", 4, 1, "too few"), None,
         "You plan first in 1 of 4 sessions where that could help, too few to call it a habit"),
        (own("planning", 8, 1, "tried"), "2026-09-28",
         "You plan first in 1 of 8 sessions where that could help, not regularly"),
        (own("planning", 8, 6, "regular"), None,
         "You plan first in 6 of 8 sessions where that could help, regularly"),
        (own("planning", 8, 6, "regular"), "2026-09-28",
         "You plan first in 6 of 8 sessions where that could help, regularly since September"),
        (own("planning", 8, 6, "fluent"), "2025-11-03",
         "You plan first in 6 of 8 sessions where that could help, regularly since November 2025"),
    ],
)  # fmt: skip
def test_what_a_person_does_is_said_by_how_regular_it_is(row, since, said):
    found = answer(row, groups=[group("company", "few")], since={row.name: since})
    assert found.said.startswith(f"{said}; ")
    (practice,) = found.practices
    regular = row.depth in ("regular", "fluent")
    assert practice.regular_since == (since if regular else None)
    assert (practice.possible, practice.seen, practice.depth) == (row.eligible, row.seen, row.depth)
    assert (practice.sightings, practice.marked) == (3 * row.seen, row.seen)


@pytest.mark.parametrize("name", ORDER)
def test_every_practice_has_words_for_who_does_it(name):
    found = answer(own(name, 5, 5, "regular"), groups=[group("company")])
    assert " in 5 of 5 sessions where " in found.said
    practice = named(name)
    assert practice is not None
    (row,) = found.practices
    assert (row.version, row.try_next) == (practice.version, practice.try_next)


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([], "nothing is said of your company"),
        ([group("company", "few")], "few of your company do so regularly"),
        ([group("company", "about half")], "about half of your company does so regularly"),
        ([group("company", "few"), group("team", "most")], "most of your team do so regularly"),
        ([group("company", "few"), group("team")],
         "what your team does is not said this time: beside earlier words it would tell of single "
         "people; few of your company do so regularly"),
        ([group("company", "few"), group("team", why=TOO_FEW)],
         "your team is too small to say anything of it: it takes eight people who share and had "
         "sessions; few of your company do so regularly"),
        ([group("company"), group("team", why=OTHERS)],
         "your team is not told of, since another team or the rest of the company is too small"),
    ],
)  # fmt: skip
def test_a_team_is_told_of_first_and_the_company_where_the_team_is_not(groups, said):
    """A person of whom `regularly` was said already does not read it twice."""
    found = answer(own("planning", 8, 1, "tried"), groups=groups)
    assert found.said.endswith(f", not regularly; {said}.")
    found = answer(own("planning", 8, 8, "regular"), groups=groups)
    assert found.said.endswith(f", regularly; {said.replace(' so regularly', '')}.")
    words = of_team(Benchmarks("acme", FIRST, LAST, list(groups)), "planning")
    assert told(words) == f"{said[0].upper()}{said[1:]}."
    assert [each.of for each in words] == [each.of for each in reversed(groups)]
    assert all((each.word is None) == (each.why is not None) for each in words)
    assert all((each.word is None) == (each.versions is None) for each in words)
    assert found.practices[0].words == words


def test_of_all_practices_the_three_that_most_could_apply_to_are_said():
    rows = [
        own("review", 0, 0, "too few"), own("steering", 9, 0, "not seen"),
        own("planning", 9, 2, "tried"), own("skills", 30, 0, "not seen"),
        own("context", 7, 0, "not seen"),
    ]  # fmt: skip
    found = answer(*rows, groups=[group("company", "few")])
    assert [each.name for each in found.practices] == [
        "skills", "planning", "steering", "context", "review",
    ]  # fmt: skip
    assert found.said == " ".join(each.said for each in found.practices[:3])
    few = answer(rows[0], rows[2], groups=[group("company", "few")])
    assert few.said == few.practices[0].said


def test_without_a_session_of_ones_own_it_says_that_and_why_nothing_is_said_of_others():
    rows = [own("planning", 0, 0, "too few"), own("review", 0, 0, "too few")]
    nothing = "You have no sessions of your own in these four weeks."
    assert answer(*rows, groups=[group("company", "few")]).said == nothing
    found = answer(*rows, groups=[group("company", "few"), group("team", why=TOO_FEW)])
    assert found.said == (
        f"{nothing} Your team is too small to say anything of it: it takes eight people who share "
        "and had sessions."
    )


def test_caveats_begin_with_doubts_and_say_the_block_who_counts_and_what_is_known():
    groups = [group("company", "few", known=10), group("team", "most", known=4)]
    found = answer(own("planning", 8, 6, "regular"), groups=groups, doubts=["Paused."])
    version = found.practices[0].version
    shown = [each for each in found.caveats if "of its rules" not in each]
    assert shown == [
        "Paused.",
        "All figures are of 5 Oct to 1 Nov 2026, the newest four weeks that were released.",
        "People who count: your team 12, your company 30. A word says for how many a practice is "
        "regular, and is made so that it tells nothing of anybody, even to who knows 4 others' "
        "habits.",
    ]
    other = [group("company", "few", versions=f"{version}"), group("team", "most", versions="7 8")]
    found = answer(own("planning", 8, 6, "regular"), groups=other)
    assert found.caveats[0] == (
        f"planning: counted here by version {version} of its rules, in your team by 7 and 8; the "
        "two may differ a little."
    )
    assert sum("of its rules" in each for each in found.caveats) == 1
    alone = answer(own("planning", 8, 6, "regular"), groups=[group("company", why=TOO_FEW)])
    assert len(alone.caveats) == 1
    unknown = answer(own("review", 1, 0, "x"), groups=[group("company", known=None)])
    assert "who knows 0 others" in unknown.caveats[-1]


@pytest.mark.parametrize("offline", [False, True])
def test_before_the_first_release_nothing_is_compared(offline):
    for days in ((None, None), (FIRST, None), (None, LAST)):
        found = answer(own("planning", 8, 6, "regular"), days=days, offline=offline, doubts=["D"])
        assert found.said.startswith("There is no release of acme yet.")
        assert (found.team_connected, found.offline, found.fetched_at) == (True, offline, 7)
        assert (found.first_day, found.last_day, found.practices) == (None, None, [])
        assert (found.caveats, found.teaching) == (["D"], ["review"])
    found = answer(own("planning", 8, 6, "regular"), offline=offline)
    assert (found.team_connected, found.offline, found.fetched_at) == (True, offline, 7)
    assert (found.first_day, found.last_day, found.teaching) == (FIRST, LAST, ["review"])


def test_a_server_that_never_answered_is_no_missing_team():
    assert nothing_to_compare().said.startswith("No team server is connected")
    assert (nothing_to_compare().team_connected, nothing_to_compare().offline) == (False, False)
    fault = nothing_to_compare("It is down.")
    assert fault.said.startswith("It is down. Nothing of the team is kept here yet")
    assert (fault.team_connected, fault.offline) == (True, True)


def test_who_offers_to_show_a_practice_stands_beside_it_alone():
    teachers = [Teacher("review", "Kim"), Teacher("planning", "Ada"), Teacher("review", "Lee")]
    found = compared(
        Benchmarks("acme", FIRST, LAST, [], teachers),
        [own("review", 2, 0, "too few"), own("planning", 1, 0, "too few")],
        {}, fetched_at=1, offline=False, doubts=(),
    )  # fmt: skip
    assert [each.taught_by for each in found.practices] == [["Kim", "Lee"], ["Ada"]]
