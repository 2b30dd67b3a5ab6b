"""Every question there is, with what it needs besides a scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from accrete import queries
from accrete.database import Question
from accrete.queries.amounts import costs, labels, made, pulled, spent, spent_on_merged, tools_used
from accrete.queries.billed import LACKS as UNSAID
from accrete.queries.billed import After as AfterBilled
from accrete.queries.billed import Chosen, billed, billed_sum, last_day
from accrete.queries.catalog import digests, worked
from accrete.queries.changes import changes, edit_inputs
from accrete.queries.costs import (
    GROUPINGS,
    MADE_FOR,
    cost,
    dearest_sessions,
    delegated,
    made_for,
    session_costs,
    windows,
    without_price,
)
from accrete.queries.counts import counts
from accrete.queries.decisions import (
    Action,
    Thought,
    actions,
    followed_by,
    thought_before,
    thoughts,
)
from accrete.queries.facts import WHOSE, checks_of, context, longest_calls, records, waiting
from accrete.queries.facts import kinds as record_kinds
from accrete.queries.figures import GROUPS, figures, standing
from accrete.queries.findings import findings, largest_calls
from accrete.queries.folders import session_folders
from accrete.queries.forgetting import forgotten_sessions, goes
from accrete.queries.health import completeness, coverage, files_read, health
from accrete.queries.hook_events import capture
from accrete.queries.leaving import events_known, first_records, shareable, stored_rows
from accrete.queries.live import live, newest
from accrete.queries.moving import tails
from accrete.queries.others import last_days, others_sessions, over_by
from accrete.queries.overview import (
    by_project,
    days,
    overview,
    prompt_hours,
    prompt_kinds,
    results,
    said_between,
    sides,
    tools,
)
from accrete.queries.practices import person_weeks, practice_days, practices, sightings
from accrete.queries.practices_of_people import (
    first_uses,
    members,
    moments,
    on_projects,
    outcomes_beside,
    person_shares,
    sessions_by_week,
    shared_projects,
    stuck,
    week_sums,
    week_versions,
)
from accrete.queries.projects import (
    known_projects,
    project_folders,
    project_names,
    project_words,
)
from accrete.queries.prompts import prompt_records, prompt_texts, turns
from accrete.queries.pulls import pulls as pull_rows
from accrete.queries.pulls import pulls_asked, spellings
from accrete.queries.refused import refused_rows
from accrete.queries.replay import replay
from accrete.queries.results import check_runs, checks, groups, kinds, reworked
from accrete.queries.rules import other_rules
from accrete.queries.scope import Scope
from accrete.queries.search import search, search_days, search_people, terms_of, titled
from accrete.queries.sessions import (
    LACKS,
    SORTS,
    After,
    anything,
    assumed_sessions,
    extent,
    other_zones,
    read_of,
    said_of,
    session,
    session_tags,
    sessions,
    sessions_count,
    sessions_named,
    used,
)
from accrete.queries.shapes import shapes
from accrete.queries.step import Body, step, step_deeds, step_words
from accrete.queries.steps import beside, deeds, steps, whole, words
from accrete.queries.work import active, failed, touched

ONE = "00000001-0000-4000-8000-000000000000"
THOUGHT = Thought(ONE, None, "", 1, 0, "assistant_text", "", 0, "", "")
ACTION = Action(ONE, None, "", 1, 0, "", 1 << 40, "", "Bash", None, None, None, None)

CALL = "00000001-1111-4000-8000-000000000002"
"""The record of the first call of session ONE in `records.world`."""


def _body() -> Body:
    return Body(CALL, 0, "", "tool_call", None, 0, "toolu_1_0", "msg_1_0")


Asked = Callable[[Scope, str], Question[Any]]

ABOUT_MANY: dict[str, tuple[Any, Asked]] = {
    "overview": (overview, lambda s, _: overview(s)),
    **{f"cost by {by}": (cost, lambda s, _, by=by: cost(s, by)) for by in (*GROUPINGS, "all")},
    **{f"made for a {by}": (made_for, lambda s, _, by=by: made_for(s, by)) for by in MADE_FOR},
    "delegated": (delegated, lambda s, _: delegated(s)),
    "session costs": (session_costs, lambda s, _: session_costs(s)),
    "dearest sessions": (
        dearest_sessions,
        lambda s, _: dearest_sessions(s, limit=5, after=(10**15, "")),
    ),
    "windows": (windows, lambda s, _: windows(s)),
    "without a price": (without_price, lambda s, _: without_price(s)),
    "thoughts": (thoughts, lambda s, _: thoughts(s, ["Answer"])),
    "actions": (actions, lambda s, _: actions(s, ["pytest"])),
    **{f"figures by {by}": (figures, lambda s, _, by=by: figures(s, by=by)) for by in GROUPS},
    "practices": (practices, lambda s, _: practices(s)),
    "practice_days": (practice_days, lambda s, _: practice_days(s)),
    "practice_days untimed": (practice_days, lambda s, _: practice_days(s, timed=False)),
    "person weeks": (person_weeks, lambda s, _: person_weeks(s)),
    "members": (members, lambda s, _: members(s, 1)),
    "shares of people": (person_shares, lambda s, _: person_shares(s, "2026-09-28")),
    "weeks of one practice": (person_weeks, lambda s, _: person_weeks(s, "verification")),
    "shared projects": (shared_projects, lambda s, _: shared_projects(s)),
    "sums of weeks": (week_sums, lambda s, _: week_sums(s)),
    "first uses": (first_uses, lambda s, _: first_uses(s, "verification")),
    "spent": (spent, lambda s, _: spent(s, ["2026-09-28", "2026-10-05"])),
    "labels": (labels, lambda s, _: labels(s)),
    "versions of weeks": (week_versions, lambda s, _: week_versions(s)),
    "projects of people": (on_projects, lambda s, _: on_projects(s)),
    "pulled": (pulled, lambda s, _: pulled(s, ["2026-09-28", "2026-10-05"])),
    "spent on merged": (
        spent_on_merged, lambda s, _: spent_on_merged(s, ["2026-09-28", "2026-10-05"])
    ),
    "tools used": (tools_used, lambda s, _: tools_used(s, ["2026-09-28", "2026-10-05"])),
    "costs by stretch": (costs, lambda s, _: costs(s, ["2026-09-28", "2026-10-01"], ["p"])),
    "made": (made, lambda s, _: made(s, ["2026-09-28", "2026-10-05"])),
    "shapes": (shapes, lambda s, _: shapes(s)),
    "worked": (worked, lambda s, _: worked(s)),
    "digests": (digests, lambda s, _: digests(s, "2026-12-31", limit=5)),
    "stuck": (stuck, lambda s, _: stuck(s)),
    "outcomes beside": (outcomes_beside, lambda s, _: outcomes_beside(s, "verification")),
    "sessions by week": (sessions_by_week,
                         lambda s, _: sessions_by_week(s, ["2026-09-28", "2026-10-05"])),
    "moments": (moments, lambda s, _: moments(s, "verification", limit=5)),
    "sightings": (sightings, lambda s, _: sightings(s, "verification", limit=5)),
    "search": (search, lambda s, dialect: search(s, "needle1", dialect=dialect)),
    "search by person": (
        search_people,
        lambda s, dialect: search_people(s, terms_of("needle1"), dialect=dialect),
    ),
    "search by day": (
        search_days,
        lambda s, dialect: search_days(s, terms_of("needle1"), dialect=dialect),
    ),
    **{f"sessions by {sort}": (sessions, lambda s, _,
                               sort=sort: sessions(s, sort=sort, limit=3)) for sort in SORTS},
    "all sessions": (sessions, lambda s,
                     _: sessions(s, empty=True, outcome="explored", text="s", tag="x")),
    "sessions that made commits": (sessions, lambda s, _: sessions(s, made="commits")),
    "sessions after one": (sessions, lambda s, _: sessions(s, after=After(5, ONE))),
    "count of sessions": (sessions_count, lambda s, _: sessions_count(s, outcome="explored")),
    "shareable": (shareable, lambda s, _: shareable(s)),
    "tags": (session_tags, lambda s, _: session_tags(s)),
    "sides": (sides, lambda s, _: sides(s)),
    "said between": (said_between, lambda s, _: said_between(s)),
    "days": (days, lambda s, _: days(s)),
    "by project": (by_project, lambda s, _: by_project(s)),
    "tools": (tools, lambda s, _: tools(s)),
    "kinds of prompts": (prompt_kinds, lambda s, _: prompt_kinds(s)),
    "results": (results, lambda s, _: results(s)),
    "asked for pulls": (pulls_asked, lambda s, _: pulls_asked(s)),
    "sessions with merged pulls": (sessions, lambda s,
                                   _: sessions(s, made="merged pull requests")),
    "tails": (tails, lambda s, _: tails(s, 0)),
    "hours": (prompt_hours, lambda s, _: prompt_hours(s)),
    "sessions with a practice": (sessions, lambda s, _: sessions(s, practice="verification")),
    "assumed sessions": (assumed_sessions, lambda s, _: assumed_sessions(s)),
    "coverage": (coverage, lambda s, _: coverage(s)),
    "extent": (extent, lambda s, _: extent(s)),
    "anything": (anything, lambda s, _: anything(s)),
    "titled": (titled, lambda s, d: titled(s, "ledger", dialect=d, limit=5)),
    "latest": (sessions_named, lambda s, _: sessions_named(s, "latest")),
    "by prefix": (sessions_named, lambda s, _: sessions_named(s, "0000000")),
    "newest": (newest, lambda s, _: newest(s)),
    "other zones": (other_zones, lambda s, _: other_zones(replace(s, zone="Nowhere"))),
    "branches": (used, lambda s, _: used(s, "branch")),
    "models": (used, lambda s, _: used(s, "model")),
    **{f"active by {by}": (active, lambda s, _, by=by: active(s, by)) for by in ("all", "day",
                                                                                 "week",
                                                                                 "session")},
    "touched": (touched, lambda s, _: touched(s)),
    "failed": (failed, lambda s, _: failed(s, limit=5)),
    "records of prompts": (prompt_records, lambda s, _: prompt_records(s, [ONE])),
    "findings": (findings, lambda s, _: findings(s, limit=5)),
    "largest calls": (largest_calls, lambda s, _: largest_calls(s, ["msg_1_0", "msg_2_0"])),
    **{f"groups by {by}": (groups, lambda s, _, by=by: groups(s, by)) for by in ("project",
                                                                                 "outcome")},
    "reworked": (reworked, lambda s, _: reworked(s, limit=5)),
    "kinds of files": (kinds, lambda s, _: kinds(s)),
    "pull requests": (pull_rows, lambda s, _: pull_rows(s)),
    "checks": (checks, lambda s, _: checks(s)),
    "sightings done well": (sightings,
                            lambda s, _: sightings(s, "verification", limit=5, marked=True)),
    "sightings after one": (sightings, lambda s, _: sightings(
        s, "verification", limit=5, after=(ONE, "00000001-1111-4000-8000-000000000005"))),
    "sessions for": (sessions, lambda s, _: sessions(s, possible="review", skill="x",
                                                     subagent="Explore", check="test")),
    "sessions with a kind of file": (sessions, lambda s, _: sessions(s, kind=".py")),
    "sessions of a pull request": (sessions, lambda s, _: sessions(s, pull=["https://x.org/1"])),
    **{f"sessions that lack {what}": (sessions, lambda s, _, what=what: sessions(s, lacks=what))
       for what in LACKS},
    "count of what is lacking": (sessions_count, lambda s, _: sessions_count(
        s, kind=".py", pull=["https://x.org/1"], lacks="price")),
    "what is billed": (billed, lambda s, _: billed(s, Chosen(), limit=5)),
    "last day of what is billed": (last_day, lambda s, _: last_day(s)),
    "all that is billed": (billed_sum, lambda s, _: billed_sum(s, Chosen())),
    "some of what is billed": (billed, lambda s, _: billed(
        s, Chosen("shipped", 1, "Explore", "x", "y", "z", 0, (0, 9)), limit=5,
        after=AfterBilled(5, ONE, "msg_1_0", "req_1", -1))),
    **{f"billed without {what}": (billed_sum, lambda s, _, what=what: billed_sum(
        s, Chosen(lacks=what))) for what in UNSAID},
    "spellings": (spellings, lambda s, _: spellings(s, "https://x.org/1")),
    "runs of checks": (check_runs, lambda s, _: check_runs(
        s, "test", verdict="passed", limit=5, after="5~0~toolu_1~msg_1")),
    "folders of sessions": (session_folders, lambda s, _: session_folders(s, [ONE])),
    "capture": (capture, lambda s, _: capture(s)),
    "sessions of others": (others_sessions, lambda s, _: others_sessions(
        s, "2026-12-31", limit=5, practice="verification", possible="planning")),
    "refused rows": (refused_rows, lambda s, _: refused_rows(s)),
    "last days": (last_days, lambda s, _: last_days(s)),
}  # fmt: skip
"""Questions that can be asked about several people."""

ABOUT_ONE: dict[str, tuple[Any, Asked]] = {
    "counts": (counts, lambda s, _: counts(s)),
    "completeness": (completeness, lambda s, _: completeness(s)),
    "files read": (files_read, lambda s, _: files_read(s)),
    "health": (health, lambda s, _: health(s)),
    "forgotten sessions": (forgotten_sessions, lambda s, _: forgotten_sessions(s)),
    "projects": (known_projects, lambda s, _: known_projects(s)),
    "folders": (project_folders, lambda s, _: project_folders(s)),
    "names of projects": (project_names, lambda s, _: project_names(s)),
    "words on projects": (project_words, lambda s, _: project_words(s)),
    "other rules": (other_rules, lambda s, _: other_rules(s, ())),
}
"""Questions about one person's own record: their owner alone asks them."""

ABOUT_A_SESSION: dict[str, tuple[Any, Asked]] = {
    "session": (session, lambda s, _: session(s)),
    "replay": (replay, lambda s, _: replay(s)),
    "live": (live, lambda s, _: live(s)),
    "standing": (standing, lambda s, _: standing(s)),
    "what goes with it": (goes, lambda s, _: goes(s)),
    "said": (said_of, lambda s, _: said_of(s)),
    "stored rows": (stored_rows, lambda s, _: stored_rows(s, "response")),
    "texts of prompts": (prompt_texts, lambda s, _: prompt_texts(s)),
    "followed by": (followed_by, lambda s, _: followed_by(s, THOUGHT)),
    "thought before": (thought_before, lambda s, _: thought_before(s, ACTION)),
    "read": (read_of, lambda s, _: read_of(s)),
    "context": (context, lambda s, _: context(s)),
    "waiting": (waiting, lambda s, _: waiting(s)),
    "checks of a session": (checks_of, lambda s, _: checks_of(s)),
    "longest calls": (longest_calls, lambda s, _: longest_calls(s, limit=10)),
    "kinds of records": (record_kinds, lambda s, _: record_kinds(s)),
    **{f"records of {whose}": (records, lambda s, _, whose=whose: records(
        s, "tool_call", whose, limit=5)) for whose in WHOSE},
    "records after one": (records, lambda s, _: records(
        s, "tool_call", "main", limit=5, after="~0~00000001-1111-4000-8000-000000000005")),
    "changes": (changes, lambda s, _: changes(s)),
    "inputs of edits": (edit_inputs, lambda s, _: edit_inputs(s)),
    "steps": (steps, lambda s, _: steps(s)),
    "deeds of steps": (deeds, lambda s, _: deeds(s)),
    "words of steps": (words, lambda s, _: words(s)),
    "steps with deeds and words": (whole, lambda s, _: whole(s)),
    "events known": (events_known, lambda s, _: events_known(s)),
    "first records": (first_records, lambda s, _: first_records(s)),
    "over by": (over_by, lambda s, _: over_by(s, "2026-12-31")),
    "turns": (turns, lambda s, _: turns(s)),
    "beside": (beside, lambda s, _: beside(s)),
    "step": (step, lambda s, _: step(s, CALL)),
    "deeds of a step": (step_deeds, lambda s, _: step_deeds(s, _body())),
    "words of a step": (step_words, lambda s, _: step_words(s, _body())),
}  # fmt: skip
"""Questions about one session."""

EVERY = {**ABOUT_MANY, **ABOUT_ONE, **ABOUT_A_SESSION}


def scope_for(name: str, *people: int) -> Scope:
    """A scope that the question can be asked with."""
    return Scope(people, session=ONE if name in ABOUT_A_SESSION else None)


def questions() -> set[Any]:
    """Every function in `accrete/queries` that asks something."""
    modules = [
        import_module(f"accrete.queries.{each.name}") for each in iter_modules(queries.__path__)
    ]
    return {
        each
        for module in modules
        for name, each in vars(module).items()
        if getattr(each, "__module__", "") == module.__name__
        and not name.startswith("_")
        and callable(each)
        and "Question[" in str(getattr(each, "__annotations__", {}).get("return", ""))
    }
