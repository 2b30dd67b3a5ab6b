"""What of what is billed can be asked for: each choice beside its near misses, page by page, and
added up; sessions as others see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accrete.queries.billed import After, Chosen, billed, billed_sum, last_day
from accrete.queries.costs import WINDOW_MS
from accrete.queries.facts import checks_of, context
from accrete.queries.others import last_days, others_sessions, over_by
from accrete.queries.prompts import prompt_records, turns
from accrete.queries.scope import Scope
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, add, put
from tests.queries.by_hand import db as db

ME, BOTH = Scope((1,)), Scope((1, 2))


def respond(db, n: int, session: str = "a", person: int = 1, **more: Any) -> None:
    """The n-th response, of the main line unless it says which subagent's."""
    put(db, "response", session, person, {
        "message_id": f"m{n}", "at": 1000 - n, "seq": n, "has_usage": 1, "local_day": DAY,
        "model": "m", "branch": "b", "skill": "s", "plugin": "p", "mcp_server": "q",
        "cost_nano": 10, "cost_basis": "exact", "output_tokens": 1, "prompt": "u1",
    } | more)  # fmt: skip


def places(db, chosen: Chosen, scope: Scope = ME) -> list[int]:
    """The responses that are listed, by their numbers; as many are added up."""
    found = db.ask(billed(scope, chosen, limit=99))
    whole = db.ask(billed_sum(scope, chosen))
    if chosen.set:
        assert whole.responses == sum(not each.beside for each in found)
        assert whole.cost_nano == sum(each.cost_nano or 0 for each in found)
        assert whole.sessions == len({(each.session, each.message_id[-1]) for each in found})
    for n, row in enumerate(found):
        after = After.read(After.of(row).write())
        assert db.ask(billed(scope, chosen, limit=2, after=after)) == found[n + 1 : n + 3]
    return [int(each.message_id[1:].partition("-")[0]) for each in found]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Chosen(), [1, 2, 3, 4, 5, 6]),
        (Chosen(skill="x"), [2]), (Chosen(plugin="x"), [3]), (Chosen(server="x"), [4]),
        (Chosen(subagent="Explore"), [5]), (Chosen(lacks="subagent"), [6]),
        (Chosen(lacks="skill"), [3]), (Chosen(lacks="plugin"), [4]), (Chosen(lacks="server"), [2]),
        (Chosen(lacks="branch"), [2, 5]), (Chosen(lacks="model"), [3]),
        (Chosen(lacks="price"), [1]), (Chosen(lacks="whole output"), [6]),
        (Chosen(lacks="confirmed price"), [4]), (Chosen(lacks="project"), [1, 2, 3, 4, 5, 6]),
        (Chosen(lacks="outcome"), []), (Chosen(outcome="shipped"), [1, 2, 3, 4, 5, 6]),
        (Chosen(outcome="explored"), []),
        (Chosen(places=(2, 3)), [2, 3]), (Chosen(places=(4, 9)), []),
        (Chosen(skill="x", server="x"), []),
    ],
)  # fmt: skip
def test_responses_are_chosen_by_what_they_have(db, chosen, found):
    add(db, "a", outcome="shipped")
    add(db, "a", person=2, outcome="explored")
    for agent, type_ in (("e", "Explore"), ("n", None)):
        put(db, "agent_run", "a", 1, {"agent": agent, "shown_type": type_})
    put(db, "agent_run", "a", 2, {"agent": "n", "shown_type": "Explore"})
    respond(db, 1, cost_nano=None)
    respond(db, 2, skill="x", branch="", mcp_server=None)
    respond(db, 3, plugin="x", skill=None, model=None)
    respond(db, 4, mcp_server="x", plugin=None, cost_basis="assumed", has_usage=0)
    respond(db, 5, run="e", branch=None)
    respond(db, 6, run="n", lower_bound=1)
    respond(db, 7, counted=0)
    respond(db, 8, synthetic=1)
    if chosen.set:
        assert places(db, chosen) == found
        assert places(db, chosen, replace(ME, since=DAY, until=DAY)) == found
    assert [each.message_id[:2] for each in db.ask(billed(ME, chosen, limit=9))] == [
        f"m{n}" for n in found
    ]
    assert db.ask(billed(replace(ME, since=NEXT), chosen, limit=9)) == []
    assert db.ask(billed(Scope((2,)), chosen, limit=9)) == []


def test_a_window_holds_its_first_instant_and_not_its_last(db):
    add(db, "a")
    for n, at in enumerate((99, 100, 100 + WINDOW_MS - 1, 100 + WINDOW_MS, None)):
        respond(db, n, at=at)
    assert places(db, Chosen(window=100)) == [2, 1]
    assert places(db, Chosen()) == [3, 2, 1, 0, 4]


def test_responses_of_one_instant_and_without_a_time_are_listed_once_each(db):
    for session in ("a", "b"):
        add(db, session)
        for n in range(3):
            respond(db, n, session, at=5 if n else None)
        put(db, "inference", session, 1, {"message_id": "m1", "part": 2, "at": 5, "cost_nano": 1,
                                          "local_day": DAY})  # fmt: skip
    assert places(db, Chosen()) == [1, 1, 2, 1, 1, 2, 0, 0]
    rows = db.ask(billed(ME, Chosen(), limit=9))
    assert [each.beside for each in rows] == [0, 1, 0, 0, 1, 0, 0, 0]
    for text in ("", "5~a", "x~a~m~r~0", "5~a~m~r~x", f"{10**17}~a~m~r~0"):
        with pytest.raises(ValueError, match=r"unpack|literal|no time|no number"):
            After.read(text)


def test_what_came_before_the_first_prompt_is_of_prompt_0(db):
    add(db, "a")
    for uuid, number, hidden in (("u1", 1, 0), ("u2", 2, 1), ("u3", None, 0)):
        insert(db, "prompt", person=1, session="a", uuid=uuid, number=number, kind="typed_prompt",
               seq=number or 9, local_day=DAY, active_ms=5, tool_calls=number or 0,
               interrupted=hidden)  # fmt: skip
    for n, uuid in enumerate(("u1", "u2", "u3", None, "u2")):
        respond(db, n, prompt=uuid)
    one = replace(ME, session="a")
    assert [places(db, Chosen(prompt=n), one) for n in range(3)] == [[2, 3], [0], [1, 4]]
    assert [each.prompt for each in db.ask(billed(one, Chosen(), limit=9))] == [1, 2, 0, 0, 2]
    put(db, "check_run", "a", 1, {"kind": "test", "at": 5})
    (check,) = db.ask(checks_of(one))
    assert (check.prompt, check.kind, check.verdict) == (0, "test", "passed")
    read = db.ask(context(one))
    assert [(each.seq, each.prompt) for each in read] == [(0, 1), (1, 2), (2, 0), (3, 0), (4, 2)]
    assert db.ask(turns(one)) == [(1, DAY, 5, 1, 0), (2, DAY, 5, 2, 1)]
    assert db.ask(turns(Scope((2,), session="a"))) == []
    assert db.ask(prompt_records(ME, ["a", "b"])) == {("a", 1): "u1", ("a", 2): "u2"}
    assert db.ask(prompt_records(ME, [])) == {}
    assert db.ask(prompt_records(Scope((2,)), ["a"])) == {}


def test_the_last_day_is_of_what_was_used(db):
    assert db.ask(last_day(ME)) == ""
    for person in (1, 2):
        add(db, "a", person=person)
    for person, day, model in ((1, DAY, "m"), (1, "2026-09-01", "n"), (2, NEXT, "m")):
        put(db, "session_usage", "a", person, {"local_day": day, "model": model})
    assert db.ask(last_day(ME)) == DAY
    assert db.ask(last_day(replace(ME, model="n"))) == "2026-09-01"
    assert db.ask(last_day(replace(ME, branch="x"))) == ""
    assert db.ask(last_day(BOTH)) == NEXT


def test_others_see_sessions_that_are_over_with_what_was_seen_and_possible(db):
    for name, ended, more in (
        ("a", 86_400_000, {"checks": 2, "checks_failed": 1, "prompts_queued": 3}),
        ("b", 86_400_000, {"local_day": NEXT}),
        ("c", 86_400_000, {"automated": 1}),
        ("d", 86_400_000, {"prompts": 0}),
    ):  # fmt: skip
        add(db, name, ended_at=ended, **more)
    add(db, "a", person=2, ended_at=86_400_000)
    for session, person, practice in (("a", 1, "review"), ("b", 1, "planning"), ("b", 2, "review")):
        put(db, "sighting", session, person, {"practice": practice, "local_day": DAY})
    for session, person, possible in (("a", 1, 0), ("b", 1, 1), ("a", 2, None)):
        put(db, "session_practice", session, person, {"practice": "review", "possible": possible})

    def seen(scope: Scope = BOTH, **more: Any) -> list[tuple[int, str]]:
        found = db.ask(others_sessions(scope, "2026-12-31", **({"limit": 9} | more)))
        return [(each.person, each.id) for each in found]

    assert seen() == [(1, "b"), (1, "a"), (2, "a")]
    assert (seen(limit=1), seen(limit=1, skip=1)) == ([(1, "b")], [(1, "a")])
    assert (seen(practice="review"), seen(possible="review")) == ([(1, "a")], [(1, "b")])
    assert seen(practice="review", possible="review") == []
    assert seen(replace(BOTH, since=NEXT)) == [(1, "b")]
    (first, *_) = db.ask(others_sessions(replace(ME, session="a"), "2026-12-31", limit=9))
    assert (first.prompts, first.checks, first.checks_failed) == (4, 2, 1)
    assert db.ask(over_by(replace(ME, session="a"), "2026-12-31")) is True
    assert db.ask(over_by(replace(ME, session="gone"), "2026-12-31")) is False
    assert sorted(db.ask(last_days(BOTH))) == [(1, NEXT, 3), (2, NEXT, 1)]
    assert sorted(db.ask(last_days(replace(BOTH, until=DAY)))) == [(1, DAY, 3), (2, DAY, 1)]


@pytest.mark.parametrize("message", ["m", "m~1", "~", "", "a~b~c"])
def test_a_place_among_responses_is_read_as_it_was_written(message):
    place = After(5, "a", message, "r", -1)
    assert After.read(place.write()) == place


@pytest.mark.parametrize("text", ["", "5", "5~a~m~r", "x~a~m~r~0", "5~a~m~r~x", f"{10**18}~a~m~r~0",
                                  f"{2**63}~a~m~r~0", f"5~a~m~r~{2**63}"])  # fmt: skip
def test_what_is_no_place_among_responses_is_refused(text):
    with pytest.raises(ValueError, match=r"\w"):
        After.read(text)


def test_something_is_chosen_where_any_of_it_is():
    assert not Chosen().set
    for given in ({"outcome": ""}, {"prompt": 0}, {"window": 0}, {"places": (0, 0)},
                  {"lacks": "price"}, {"skill": "x"}):  # fmt: skip
        assert Chosen(**given).set, given
