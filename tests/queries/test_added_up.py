"""What sessions come to, by rows of which each stands for one thing: sums, days, hours, projects,
spreads; of nothing, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.derive import DERIVED_VERSION
from accrete.queries.decisions import actions
from accrete.queries.figures import figures, quantile
from accrete.queries.health import coverage
from accrete.queries.moving import tails
from accrete.queries.overview import (
    Results,
    Side,
    by_project,
    days,
    overview,
    prompt_hours,
    results,
    said_between,
    sides,
    tools,
)
from accrete.queries.pulls import pulls, spellings
from accrete.queries.results import checks, groups, kinds, reworked
from accrete.queries.scope import Scope
from accrete.queries.work import active, failed, touched
from tests.company import insert
from tests.queries.by_hand import DAY, NEXT, add, put
from tests.queries.by_hand import db as db

ME, BOTH = Scope((1,)), Scope((1, 2))
LATER = replace(ME, since=NEXT)


def test_of_nothing_every_count_is_0_and_what_is_not_known_is_none(db):
    for scope in (ME, LATER):
        assert set(db.ask(sides(scope))) == {Side()}
        assert set(Side()) == {0}
        found = db.ask(results(scope))
        assert found == Results()
        assert (found.lines_added, found.lines_removed) == (None, None)
        assert {each for each in found if each is not None} == {0}
        assert db.ask(said_between(scope)) == (None, None)
        assert (db.ask(days(scope)), db.ask(by_project(scope)), db.ask(tools(scope))) == (
            [],
            [],
            [],
        )
        assert db.ask(prompt_hours(scope)) == [0] * 168
        assert db.ask(active(scope, "all")) == {"": 0}
        whole = db.ask(overview(scope))
        assert (whole.usage, whole.days, whole.models, whole.kinds) == (None, [], [], {})
    assert set(db.ask(coverage(ME))) == {0}


def test_what_came_of_sessions_counts_each_that_did_it(db):
    paid = {"cost_own_nano": 3, "cost_delegated_nano": 4, "unpriced": 1, "lower_bound": 2}
    add(db, "a", days=(DAY,), outcome="shipped", edits_landed=2, commits=1, lines_added=5,
        pull_requests=1, **paid)  # fmt: skip
    add(db, "b", days=(DAY,), outcome="delivered", edits_landed=1, lines_removed=7, **paid)
    add(db, "c", days=(DAY,), outcome="shipped", commits=2, **paid)
    add(db, "d", days=(DAY,), prompts=0, commits=9, edits_landed=9)
    wanted = Results(3, 2, 1, 3, 1, 5, 7, 2, 14, 2, 4)
    assert db.ask(results(ME)) == wanted
    assert db.ask(results(replace(ME, since=DAY))) == wanted._replace(pull_requests=0)
    assert db.ask(results(LATER)) == Results()
    found = {each.key: each for each in db.ask(groups(ME, "outcome"))}
    assert set(found) == {"shipped", "delivered"}
    both = found["shipped"]
    assert (both.sessions, both.edited, both.shipped, both.commits) == (2, 1, 1, 3)
    assert (both.cost_nano, both.unpriced, both.lower_bound) == (14, 2, 4)
    assert (both.lines_added, both.lines_removed) == (5, None)
    assert (found["delivered"].lines_added, found["delivered"].lines_removed) == (None, 7)
    assert (found["delivered"].shipped, found["delivered"].edited) == (0, 1)


def test_sides_add_up_what_each_session_has(db):
    figures = {
        name: 2**n
        for n, name in enumerate(Side._fields[1:])
        if name not in ("source_missing", "partly")
    }
    add(db, "a", source_missing_at=5, **figures)
    add(db, "b", source_missing_at=6, **figures)
    add(db, "c", automated=1, active_ms=None, wall_ms=None)
    human, automated = db.ask(sides(ME))
    assert human._asdict() == {
        "sessions": 2, **{name: 2 * value for name, value in figures.items()},
        "source_missing": 2, "partly": 0,
    }  # fmt: skip
    assert automated.source_missing == 0
    assert (automated.sessions, automated.prompts, automated.active_ms) == (1, 1, 0)
    only = db.ask(sides(replace(ME, automated=True)))
    assert (only[0], only[1].sessions) == (Side(), 1)
    assert db.ask(sides(LATER))[0].partly == 2


def test_days_and_active_time_are_those_on_which_it_happened(db):
    add(db, "a", active_ms=5, cost_own_nano=1, cost_delegated_nano=2, lower_bound=1)
    add(db, "b", days=(NEXT,), active_ms=7, unpriced=1, prompts_queued=3)
    add(db, "c", days=(DAY,), prompts=0, active_ms=100)
    add(db, "d", days=("",))
    found = db.ask(days(ME))
    assert [(each.day, each.sessions, each.all_prompts) for each in found] == [
        ("", 1, 1), (DAY, 1, 1), (NEXT, 2, 5),
    ]  # fmt: skip
    assert [each.active_ms for each in found] == [0, 5, 12]
    assert [(each.cost_nano, each.lower_bound, each.unpriced) for each in found] == [
        (0, 0, 0), (3, 1, 0), (3, 1, 1),
    ]  # fmt: skip
    assert [each.day for each in db.ask(days(LATER))] == [NEXT]
    assert db.ask(active(ME, "day")) == {DAY: 105, NEXT: 12}
    assert db.ask(active(ME, "week")) == {"2026-09-21": 117}
    assert db.ask(active(ME, "month")) == {"2026-09": 117}
    assert db.ask(active(ME, "all")) == {"": 117}
    assert db.ask(active(LATER, "session")) == {"a": 5, "b": 7}
    assert db.ask(active(ME, "branch")) == {}


def test_projects_come_by_the_last_work_and_without_one_they_are_one(db):
    for id_, name in (("p", "Shop"), ("q", "Ledger")):
        insert(db, "project", person=1, id=id_, name=name, root="/w")
    for name, project, ended in (("a", "p", 5), ("b", "p", 9), ("c", "q", 7), ("d", None, 6)):
        add(db, name, days=(DAY,), project=project, ended_at=ended, active_ms=3, unpriced=1,
            cost_own_nano=1, cost_delegated_nano=2, prompts_queued=2, lower_bound=1)  # fmt: skip
    found = db.ask(by_project(ME))
    assert [(each.id, each.sessions, each.all_prompts, each.last_at) for each in found] == [
        ("p", 2, 6, 9), ("q", 1, 3, 7), ("", 1, 3, 6),
    ]  # fmt: skip
    assert [each.name for each in found[:2]] == ["Shop", "Ledger"]
    assert found[0][5:9] == (6, 6, 2, 2)
    assert [each.key for each in db.ask(groups(ME, "project"))] == ["p", "q", ""]
    assert db.ask(said_between(ME)) == (1, 9)


def test_prompts_are_told_by_the_hour_of_the_week(db):
    add(db, "a")
    add(db, "a", person=2)
    for n, (person, session, day, hour, replayed) in enumerate([
        (1, "a", DAY, 0, 0), (1, "a", DAY, 167, 0), (1, "a", NEXT, 167, 0), (1, "a", DAY, 5, 1),
        (1, "a", DAY, None, 0), (1, "gone", DAY, 6, 0), (2, "a", DAY, 7, 0),
    ]):  # fmt: skip
        insert(db, "prompt", person=person, session=session, uuid=f"u{n}", seq=n, local_day=day,
               hour_of_week=hour, replayed=replayed, kind="typed_prompt", number=n)  # fmt: skip
    assert {n: each for n, each in enumerate(db.ask(prompt_hours(ME))) if each} == {0: 1, 167: 2}
    both = db.ask(prompt_hours(BOTH))
    assert (both[7], both[6], sum(both), len(both)) == (1, 0, 4, 168)
    assert sum(db.ask(prompt_hours(LATER))) == 1
    assert sum(db.ask(prompt_hours(replace(BOTH, session="a")))) == 4
    assert sum(db.ask(prompt_hours(replace(ME, session="b")))) == 0


def test_a_quantile_is_a_value_that_the_share_does_not_pass():
    tens = list(range(10, 110, 10))
    assert [quantile(tens, share) for share in (0.0, 0.1, 0.5, 0.9, 1.0)] == [10, 10, 50, 90, 100]
    assert [quantile([7], share) for share in (0.1, 0.9)] == [7, 7]
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([], 0.5) is None


def test_figures_say_what_was_proposed_asked_and_accepted(db):
    for name, day, values in (
        ("a", "2026-08-20", {"edits_proposed": 4, "edits_landed": 1, "asked_accepted": 3,
                             "asked_rejected": 1, "cost_own_nano": 5, "active_ms": 10}),
        ("b", "2026-09-20", {"edits_proposed": 2, "edits_landed": 2, "asked_accepted": None,
                             "asked_rejected": 2, "cost_own_nano": 9, "active_ms": 20}),
        ("c", "2026-09-20", {"asked_accepted": None, "asked_rejected": None, "unpriced": 1,
                             "cost_own_nano": 7, "active_ms": None}),
    ):  # fmt: skip
        add(db, name, days=(day,), local_day=day, outcome="shipped", **values)
    found = db.ask(figures(ME, by="outcome", budget_nano=5))
    (group,) = found.groups
    assert (group.sessions, group.asked, group.accepted) == (3, 6, 3)
    assert (group.edits_proposed, group.edits_landed, group.unpriced) == (6, 3, 1)
    assert (group.cost_nano, group.active_ms, group.outcomes) == (14, 10, {"shipped": 3})
    assert (found.sessions, found.over_budget, found.partly) == (3, 1, 0)
    spreads = {each.name: each for each in found.spreads}
    assert (spreads["active time"].sessions, spreads["active time"].recent) == (2, 20)
    assert spreads["active time"].before == 10
    assert spreads["edits that landed"][2:6] == (2, 0.25, 0.25, 1.0)
    assert spreads["accepted when asked"][2:6] == (2, 0.0, 0.0, 0.75)
    assert db.ask(figures(ME, by="outcome")).over_budget is None


def call(db, session: str, n: int, target: str | None, *, person: int = 1, **more: object) -> None:
    put(db, "tool_call", session, person, {
        "message_id": f"m{n}", "tool_use_id": f"t{n}", "uuid": f"u{n}", "seq": n, "at": n,
        "tool": "Edit", "status": "ok", "local_day": DAY, "target": target, "run": "",
    } | more)  # fmt: skip


def test_the_newest_calls_that_hold_all_the_words_are_found(db):
    add(db, "a")
    for n in range(12):
        call(db, "a", n, f"/w/STRASSE/straße{n}.py" if n < 2 else f"/w/STRASSE/{n}.py")
    call(db, "a", 20, "/w/strasse/%.py", at=None)
    call(db, "a", 21, "/w/strasse/x.py", counted=0)
    call(db, "a", 22, None)

    def found(*words: str, limit: int = 2) -> list[int]:
        return [each.seq for each in db.ask(actions(ME, list(words), limit=limit))]

    assert found("strasse") == [11, 10]
    assert found("Strasse", ".PY", limit=20) == [*range(11, -1, -1), 20]
    assert found("straße0") == [0]
    assert found("strasse", "straße", limit=1) == [11]
    assert found("%") == [20]
    assert found("strasse", "nowhere") == []
    with pytest.raises(ValueError, match="nothing to look for"):
        actions(ME, [" ", ""])


def test_files_and_failures_count_what_landed_and_what_did_not(db):
    add(db, "a", edits_landed=1)
    add(db, "b", edits_landed=1)
    add(db, "a", person=2, edits_landed=1)
    for n, (session, target, more) in enumerate([
        ("a", "/w/a.py", {}), ("a", "/w/a.py", {"local_day": NEXT}), ("b", "/w/a.py", {}),
        ("b", "/w/b.py", {}), ("a", "/w/c.py", {}), ("a", "/w/c.py", {"status": "error"}),
        ("a", "/w/d.py", {"counted": 0}), ("a", "/w/e.py", {"tool": "Read"}), ("a", None, {}),
        ("a", "/h/.claude/plans/p.md", {}), ("a", "/w/f.py", {"status": "rejected", "at": None}),
        ("a", "/w/f.py", {"status": "error", "counted": 0}),
    ]):  # fmt: skip
        call(db, session, n, target, **more)
    call(db, "a", 50, "/w/a.py", person=2)
    found = [(each.path, each.edits, each.sessions) for each in db.ask(reworked(ME, limit=9))]
    assert found == [("/w/a.py", 3, 2), ("/w/b.py", 1, 1), ("/w/c.py", 1, 1)]
    assert db.ask(reworked(ME, limit=1))[0].last_day == NEXT
    assert db.ask(reworked(BOTH, limit=1))[0].sessions == 3
    assert [each.path for each in db.ask(reworked(LATER, limit=9))] == ["/w/a.py"]
    bad = db.ask(failed(ME, limit=9))
    assert [(each.target, each.status) for each in bad] == [
        ("/w/c.py", "error"), ("/w/f.py", "rejected"),
    ]  # fmt: skip
    assert len(db.ask(failed(ME, limit=1))) == 1
    for person, session, path, day in (
        (1, "a", "/x", DAY), (1, "a", "/x", NEXT), (1, "b", "/x", DAY), (1, "a", "/y", DAY),
        (2, "a", "/x", DAY),
    ):  # fmt: skip
        insert(db, "session_file", person=person, session=session, path=path, local_day=day)
    assert db.ask(touched(ME)) == [("/x", 2, NEXT), ("/y", 1, DAY)]
    assert db.ask(touched(BOTH))[0] == ("/x", 3, NEXT)
    assert db.ask(touched(LATER)) == [("/x", 1, NEXT)]


def test_checks_are_told_by_how_they_ended_and_kinds_by_their_lines(db):
    add(db, "a")
    add(db, "a", person=2)
    for n, (person, kind, verdict) in enumerate([
        (1, "test", "passed"), (1, "test", "failed"), (1, "test", "unknown"), (1, "lint", "passed"),
        (2, "test", "passed"),
    ]):  # fmt: skip
        put(db, "check_run", "a", person, {"kind": kind, "verdict": verdict, "local_day": DAY,
                                           "tool_use_id": f"t{n}"})  # fmt: skip
    first, second = db.ask(checks(ME))
    assert (first.kind, first.runs, first.passed, first.failed, first.unknown) == (
        "test", 3, 1, 1, 1,
    )  # fmt: skip
    assert (first.sessions, second.kind, second.unknown) == (1, "lint", 0)
    assert db.ask(checks(BOTH))[0].sessions == 2
    assert db.ask(checks(LATER)) == []
    for person, kind, added, removed in ((1, ".py", 1, 9), (1, ".md", 5, 0), (2, ".md", 9, 1)):
        put(db, "session_kind", "a", person, {"kind": kind, "local_day": DAY,
                                              "lines_added": added,
                                              "lines_removed": removed})  # fmt: skip
    assert [(k.kind, k.sessions, k.lines_added, k.lines_removed) for k in db.ask(kinds(ME))] == [
        (".py", 1, 1, 9), (".md", 1, 5, 0),
    ]  # fmt: skip
    assert [(each.kind, each.sessions) for each in db.ask(kinds(BOTH))] == [(".md", 2), (".py", 1)]


def test_transcripts_are_told_from_the_instant_of_their_last_message(db):
    for n, (name, ended) in enumerate((("a", 5), ("b", 4), ("c", 9), ("d", None))):
        add(db, name, ended_at=ended)
        insert(db, "source_file", id=n + 1, person=1, path=f"/t/{name}", session=name,
               layout="main", size=7, root="/t", head_hash="", tail_hash="", counts="{}",
               tail_counts="{}", missing_at=3 if name == "c" else None)  # fmt: skip
    assert [(each.path, each.size) for each in db.ask(tails(ME, 5))] == [("/t/a", 7)]


def test_coverage_counts_what_its_figures_lack(db):
    old = DERIVED_VERSION - 1
    add(db, "a", outcome="shipped", responses_own=1, responses_delegated=2, unpriced=1)
    add(db, "b", derived_version=old, source_missing_at=1, lower_bound=2, price_assumed=3)
    add(db, "c", stale=1)
    add(db, "d", prompts=0)
    assert db.ask(coverage(ME)) == (3, 1, 1, 2, 3, 1, 2, 3)


def test_a_pull_request_under_two_spellings_is_one(db):
    here, again, eighth = (
        "http://forge.org/A/b/pull/7",
        "https://Forge.org/A/b/pull/7/",
        "https://forge.org/A/b/pull/8",
    )
    for name, cost in (("a", 3), ("b", 4), ("c", 5), ("d", 6)):
        add(db, name, cost_own_nano=cost, unpriced=1, lower_bound=2)
    for session, url, at, number in (
        ("a", again, 9, None), ("b", here, 5, 7), ("b", again, None, 7), ("d", eighth, 6, 8),
    ):  # fmt: skip
        put(db, "session_pull", session, 1, {"url": url, "at": at, "number": number,
                                             "repository": "A/b" if number else None})  # fmt: skip
    for session, url, state, told in (
        ("a", again, "open", 2), ("b", here, "merged", 3), ("c", here, "closed", 1),
    ):  # fmt: skip
        put(db, "session_pull_state", session, 1, {"url": url, "state": state, "told_at": told,
                                                   "draft": 0})  # fmt: skip
    found = db.ask(pulls(ME))
    second, one = found.rows
    assert (one.url, one.number, one.repository, one.first_at) == (here, 7, "A/b", 5)
    assert (one.state, one.sessions, one.opened, one.asked_at) == ("merged", ("a", "b", "c"), 2, 3)
    assert (one.cost_nano, one.unpriced, one.lower_bound) == (12, 3, 6)
    assert (second.number, second.state, second.cost_nano) == (8, None, 6)
    assert found.merged == (2, 1, 1, 3, 12, 3, 6)
    assert found.merged.each_nano == 12
    assert found.merged._replace(cost_nano=0).each_nano is None
    assert found.merged._replace(cost_nano=0, unpriced=0).each_nano == 0
    assert found.merged._replace(cost_nano=15, merged=2).each_nano == 8
    assert found.merged._replace(merged=0).each_nano is None
    assert db.ask(spellings(ME, again)) == sorted({here, again})
    assert db.ask(pulls(replace(ME, since="2026-09-24"))).rows == []
