"""The answers of the six tools: questions to the record, small enough for a model to read.

Longer than a module should be because the six share their caps, their words and the shapes of a
session.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches

from accrete.edge.local import MINE, about
from accrete.edge.names import find_session, running_session
from accrete.edge.start import freshen
from accrete.errors import AccreteError
from accrete.model import PROMPT_KINDS
from accrete.outcomes.story import EDITS
from accrete.practices import Practice as PracticeOf
from accrete.practices import all_practices, named
from accrete.practices.depth import NOT_SEEN
from accrete.present.work import check_line, commit_line
from accrete.queries.costs import (
    GROUPINGS,
    IN_TIME,
    CostRow,
    cost,
    delegated,
    why_unpriced,
    without_price,
)
from accrete.queries.practices import PracticeRow, SightingRow, practices, sightings
from accrete.queries.prompts import prompt_texts
from accrete.queries.replay import CallRow, Entry, as_typed, replay, typed
from accrete.queries.scope import Scope
from accrete.queries.search import WHERE_TO_LOOK, find
from accrete.queries.sessions import SessionRow, sessions
from accrete.queries.sessions import session as one_session
from accrete.queries.work import BAD, active, failed, touched
from accrete.settings import read_settings
from accrete_mcp.record import ALL as ALL
from accrete_mcp.record import HERE, Record
from accrete_mcp.record import record as record
from accrete_mcp.shape import (
    Comparison,
    Hit,
    Hits,
    Moment,
    Practice,
    Practices,
    Session,
    Step,
    Steps,
    Usage,
    Use,
)
from accrete_mcp.words import COSTS, KNOWN_AS, NO_SESSION, NO_SESSION_ALL, SHARES

MOMENTS, LINES, WEEKS, MANY = 8, 12, 8, 40
TEXT, LONG_TEXT = 200, 600
VIEWS = ("summary", "handoff", "errors", "files", "cost")


def _short(text: str | None, most: int = TEXT) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole}%" if whole else "—"


def _dollars(nano: int | None) -> float | None:
    return None if nano is None else round(nano / 1e9, 4)


# -- practices


def my_practices(
    practice: str | None, project: str, since: str | None, until: str | None = None
) -> Practices:
    """All practices, or one with its moments."""
    with record() as r:
        scope, said = r.scope(project, since, until)
        found = (
            _practice_named(practice)
            if practice is not None and practice.strip().lower() != ALL
            else None
        )
        rows = r.db.ask(practices(scope))
        if not any(row.eligible or row.sightings for row in rows):
            return Practices(scope=said, more=_nothing(scope, "my_practices"))
        if found is None:
            shown = sorted(rows, key=lambda row: (-row.seen, row.name))
            return Practices(
                scope=said,
                practices=[_practice(r, row) for row in shown],
                more='my_practices(practice="NAME"): what it is, moments, next step',
                legend=SHARES,
            )
        row = next(row for row in rows if row.name == found.name)
        seen = r.db.ask(sightings(scope, found.name, limit=MOMENTS))
        asked = {
            one: r.db.ask(prompt_texts(about(one))) for one in {moment.session for moment in seen}
        }
        moments = [_moment(r, moment, asked[moment.session]) for moment in seen]
        more = (
            f"{row.sightings - len(moments)} older moments: use an earlier `until`. "
            "session(id=…) shows a moment in context"
            if row.sightings > len(moments)
            else None
        )
        return Practices(
            scope=said,
            practices=[_practice(r, row)],
            what=found.what,
            why=found.why,
            good=found.good,
            next_step=found.try_next,
            source=found.source,
            moments=moments,
            more=more,
            legend=SHARES,
        )


def _practice_named(name: str) -> PracticeOf:
    """The practice of a name, or of what people call it."""
    folded = "-".join(re.findall(r"[a-z0-9]+", name[:60].lower()))
    called = next((right for right, others in KNOWN_AS.items() if folded in others.split()), folded)
    found = named(called)
    if found is None:
        names = [each.name for each in all_practices()]
        near = get_close_matches(folded, [*names, *" ".join(KNOWN_AS.values()).split()], n=1)
        right = next(
            (each for each in names if near and near[0] in (each, *KNOWN_AS.get(each, "").split())),
            names[0],
        )
        raise AccreteError(
            f"No practice {name[:60]!r}. Choose one of {', '.join(names)}. Call "
            f'my_practices(practice="{right}").'
        )
    return found


def _nothing(scope: Scope, tool: str) -> str:
    return (NO_SESSION if scope.project else NO_SESSION_ALL).format(tool=tool)


def _moment(r: Record, seen: SightingRow, prompts: dict[int, str]) -> Moment:
    """A moment with what proves it, and the prompt that it belongs to."""
    asked = _short(as_typed(prompts.get(seen.prompt or 0, "")), 120)
    what = _short(seen.note or seen.what)
    text = _short(as_typed(seen.text or ""), 160)
    return Moment(
        when=r.time(seen.at) or "—",
        session=seen.session[:8],
        prompt=seen.prompt,
        what=what or text,
        marks=seen.marks,
        command=text if what and text not in (what, asked) else None,
        asked=asked or None,
    )


def _practice(r: Record, row: PracticeRow) -> Practice:
    weeks = [f"{week.seen}/{week.eligible}" for week in row.weeks if week.eligible][-WEEKS:]
    return Practice(
        name=row.name,
        depth=row.depth,
        sessions=f"{row.seen} of {row.eligible}" if row.eligible else "never applicable",
        times=row.sightings,
        well_done=_share(row.marked, row.sightings),
        trend=" ".join(weeks) or "—",
        last=(r.time(row.last_at) or "")[:10] or None,
    )


def compare_with_team(
    practice: str | None, project: str, since: str | None = None, until: str | None = None
) -> Comparison:
    """The person's own figures; says that no team is connected."""
    only = _practice_named(practice).name if practice is not None else None
    mine = my_practices(None, project, since, until)
    wanted = [p for p in mine.practices if only in (None, p.name)]
    return Comparison(
        scope=mine.scope,
        more=None if wanted else mine.more,
        legend=mine.legend,
        team_connected=False,
        mine=wanted,
        said="No team server is connected, so there is nothing to compare with. These are the "
        "user's own figures; nothing left their machine.",
    )


def what_to_try(
    project: str, limit: int, since: str | None = None, until: str | None = None
) -> Steps:
    """The next steps of the most promising practices: those that could often apply and are seldom
    used."""
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = [row for row in r.db.ask(practices(scope)) if row.eligible]
        if not rows:
            return Steps(scope=said, steps=[], more=_nothing(scope, "what_to_try"))
        rows.sort(
            key=lambda row: (
                -(row.eligible - row.seen) * (2 if row.depth == NOT_SEEN else 1),
                row.name,
            )
        )
        steps = []
        for row in rows[: max(1, min(limit, 11))]:
            found = named(row.name)
            assert found is not None
            because = f"used in {row.seen} of the {row.eligible} sessions where it could apply" + (
                f", last {(r.time(row.last_at) or '')[:10]}" if row.last_at else ""
            )
            steps.append(
                Step(
                    practice=row.name,
                    try_this=found.try_next,
                    because=because,
                    why_it_helps=found.why,
                    source=found.source,
                )
            )
        return Steps(
            scope=said,
            steps=steps,
            more=f"{len(rows) - len(steps)} more practices: what_to_try(limit=11)"
            if len(rows) > len(steps)
            else None,
        )


# -- history


def search_history(
    words: str, where: str, project: str, since: str | None, limit: int, until: str | None = None
) -> Hits:
    """Texts with the words in the person's own history."""
    if where not in WHERE_TO_LOOK:
        raise AccreteError(f"where must be one of {', '.join(WHERE_TO_LOOK)}.")
    most = max(1, min(limit, 30))
    with record() as r:
        scope, said = r.scope(project, since, until, automated=None)
        try:
            answer = find(r.db, scope, words, kinds=WHERE_TO_LOOK[where], limit=most + 1)
        except ValueError:
            raise AccreteError(
                'Give at least one word. Call search_history(words="cart total").'
            ) from None
        found = answer.hits
        said += f"; no exact match; these have {answer.loose}" if answer.loose else ""
        hits = [
            Hit(
                session=h.session[:8],
                prompt=h.prompt,
                when=r.time(h.at) or "—",
                project=h.project,
                what=h.name or h.kind.replace("_", " "),
                text=_short(h.excerpt.replace("\x02", "**").replace("\x03", "**"), 260),
            )
            for h in found[:most]
        ]
        more = "older ones: limit=30, or an earlier `until`" if len(found) > most else None
        if not hits:
            more = "No match for these words, or for most of them." + (
                f" Call search_history(words={json.dumps(_short(words, 60), ensure_ascii=False)}, "
                'project="all").'
                if scope.project
                else ""
            )
        return Hits(scope=said, hits=hits, more=more)


def session(
    identity: str | None,
    view: str,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Session:
    """One session, or all of a range, and the part that was asked for."""
    ranged = since is not None or until is not None
    name = (identity or ("all" if ranged else "latest")).strip()
    if name.lower() in ("all", "*", "any"):
        return _many(view, project or ALL, since, until)
    if ranged:
        raise AccreteError(
            "since and until select several sessions. "
            f'Call session(id="{name}") without them, or session(id="all", since=…).'
        )
    if name == "current":
        freshen(read_settings())
    with record() as r:
        whole, note = _which(r, name, project)
        row = r.db.ask(one_session(about(whole)))
        assert row is not None
        made = _session(r, row)
        made.scope = note
        if view == "cost":
            _costs(r, whole, made)
            return made
        items = r.db.ask(replay(about(whole)))
        {"summary": _summary, "handoff": _handoff, "errors": _errors, "files": _files}[view](
            items, made
        )
        return made


def _which(r: Record, name: str, project: str | None) -> tuple[str, str]:
    """The id of the session that is meant, and how to say so. The latest is the one before this
    one, of the project that was named, else of the one at hand where it has any."""
    if name.lower() not in ("latest", "last", "newest"):
        return find_session(
            r.db, MINE, name
        ), "the named session" if name != "current" else "the running session"
    asking = running_session()
    for where in [project] if project else [HERE, ALL]:
        scope, of = r.scope(where, None)
        found = [row.id for row in r.db.ask(sessions(scope, limit=2)) if row.id != asking]
        if found:
            said = f"the latest session of {of}"
            return found[0], f"{said}, before the running one" if asking else said
    if project:
        raise AccreteError(f'No session in {project[:60]!r} yet. Call session(project="all").')
    return find_session(r.db, MINE, "latest"), "the latest"


def _many(view: str, project: str, since: str | None, until: str | None) -> Session:
    """All sessions of a range: what they add up to, and the sessions, the files, or the calls that
    failed."""
    if view in ("handoff", "cost"):
        better = 'usage(by="session")' if view == "cost" else 'session(id="latest", view="handoff")'
        raise AccreteError(f"view {view} needs one session. Call {better}.")
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = r.db.ask(sessions(scope))
        made = _added_up(rows, said)
        if not rows:
            made.more = _nothing(scope, "session").replace("session(", 'session(id="all", ')
        elif view == "files":
            made.files = [
                f"{file.path} (last {file.last_day}, {_some(file.sessions, 'session')})"
                for file in r.db.ask(touched(scope))
            ]
            made.more, made.files = _left_out(made.files, MANY)
        elif view == "errors":
            made.failed = [
                f"{r.time(c.at) or '—'} {c.session[:8]}#{c.prompt or 0} {c.tool} "
                f"{_short(c.target, 100)} [{c.status}] {_short(c.output, 120)}"
                for c in r.db.ask(failed(scope, limit=MANY + 1))
            ]
            made.more, made.failed = _left_out(made.failed, MANY)
            made.more = made.more or (None if made.failed else "No tool call failed.")
        else:
            made.sessions = [_line(r, row) for row in rows]
            made.more, made.sessions = _left_out(made.sessions, MANY)
        return made


def _left_out(lines: list[str], most: int) -> tuple[str | None, list[str]]:
    return ("more: use a shorter range or a project" if len(lines) > most else None), lines[:most]


def _added_up(rows: list[SessionRow], said: str) -> Session:
    names = sorted({row.project_name or "—" for row in rows})
    unpriced = any(row.unpriced for row in rows)
    return Session(
        scope=f"{said}; figures of {_some(len(rows), 'session')}, without automated ones",
        id="all",
        project=", ".join(names[:6]) or "—",
        active=_span(sum(row.active_ms or 0 for row in rows)),
        prompts=sum(row.prompts for row in rows),
        tool_calls=sum(row.tool_calls for row in rows),
        errors=sum(row.tool_errors for row in rows),
        subagents=sum(row.agents for row in rows),
        cost_usd=None
        if unpriced
        else _dollars(sum(row.cost_nano + row.delegated_cost_nano for row in rows)),
    )


def _line(r: Record, row: SessionRow) -> str:
    cost_said = (
        f"${(row.cost_nano + row.delegated_cost_nano) / 1e9:.2f}"
        if not row.unpriced
        else "cost unknown"
    )
    return " · ".join(
        (
            row.id[:8],
            r.time(row.started_at) or "—",
            row.project_name or "—",
            _span(row.active_ms or 0),
            cost_said,
            _some(row.tool_errors, "error"),
            row.outcome or "—",
            _short(row.title, 80),
        )
    )


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _span(ms: int) -> str:
    minutes = round(ms / 60_000)
    return f"{minutes // 60}h {minutes % 60:02}m" if minutes >= 60 else f"{minutes}m"


def _session(r: Record, row: SessionRow) -> Session:
    outcome = f"{row.outcome}: {row.outcome_reason}" if row.outcome else None
    return Session(
        scope="one session",
        id=row.id[:8],
        title=_short(row.title) or None,
        started=r.time(row.started_at),
        project=row.project_name,
        branch=row.branch,
        outcome=outcome,
        active=_span(row.active_ms or 0),
        prompts=row.prompts,
        tool_calls=row.tool_calls,
        errors=row.tool_errors,
        cost_usd=_dollars(row.cost_nano + row.delegated_cost_nano) if not row.unpriced else None,
        subagents=row.agents,
        more="view: " + ", ".join(VIEWS),
    )


def _prompts(items: list[Entry]) -> list[str]:
    asked = [item for item in items if item.kind in PROMPT_KINDS and typed(item).strip()]
    queued = {"queued_prompt": " (queued)"}
    return [f"#{item.number}{queued.get(item.kind, '')} {_short(typed(item))}" for item in asked]


def _capped(lines: list[str], most: int = LINES) -> list[str]:
    return (
        lines
        if len(lines) <= most
        else [*lines[:2], f"… {len(lines) - most} left out …", *lines[-(most - 2) :]]
    )


def _summary(items: list[Entry], made: Session) -> None:
    made.asked = _capped(_prompts(items))
    made.done = _capped(_done(items))


def _done(items: list[Entry]) -> list[str]:
    return [
        line
        for item in items
        for line in (
            *(f"commit {commit_line(c)}" for c in item.commits),
            *(f"pull request {p}" for p in item.pulls),
        )
    ]


def _handoff(items: list[Entry], made: Session) -> None:
    """What the next session has to know: what was asked, what was done, what failed last, what is
    not committed."""
    made.asked = _capped(_prompts(items))
    made.done = _capped(_done(items))
    checks = [check for item in items for check in item.checks]
    if checks:
        made.open.append(f"last check: {check_line(checks[-1])}")
    last_commit = max((n for n, item in enumerate(items) if item.commits), default=-1)
    later = [call for item in items[last_commit + 1 :] for call in _calls(item)]
    loose = sorted(
        {
            call.target
            for call in later
            if call.tool in EDITS and call.status == "ok" and call.target
        }
    )
    if loose:
        made.open.append(f"edited since the last commit: {', '.join(_capped(loose))}")
    failed = [item for item in items if item.call is not None and item.call.status == "error"]
    if failed and failed[-1] is [item for item in items if item.call is not None][-1]:
        made.open.append(f"the last tool call failed: {_call(failed[-1])}")
    answers = [
        item.text
        for item in items
        if item.kind == "assistant_text" and item.text and item.text.strip()
    ]
    made.last_answer = _short(answers[-1], LONG_TEXT) if answers else None


def _calls(item: Entry) -> list[CallRow]:
    """The call of an item, and those of the subagent that it started."""
    return [*([item.call] if item.call else []), *item.inner]


def _call(item: Entry) -> str:
    assert item.call is not None
    return f"{item.call.tool} {_short(item.call.target, 120)}"


def _errors(items: list[Entry], made: Session) -> None:
    bad = [(item, call) for item in items for call in _calls(item) if call.status in BAD]
    lines = [
        f"#{item.number} {call.tool} {_short(call.target, 120)} "
        f"[{call.status}] {_short(call.output, 160)}"
        for item, call in bad
    ]
    made.failed = _capped(lines)
    if not bad:
        made.more = "No tool call failed."


def _files(items: list[Entry], made: Session) -> None:
    changed: dict[str, list[int]] = {}
    for call in (call for item in items for call in _calls(item)):
        if call.tool in EDITS and call.status == "ok" and call.target:
            sums = changed.setdefault(call.target, [0, 0, 0])
            sums[0] += 1
            sums[1] += call.added or 0
            sums[2] += call.removed or 0
    made.files = _capped(
        [
            f"{path} ({n} edits, +{added} −{removed})"
            for path, (n, added, removed) in sorted(changed.items())
        ],
        30,
    )


def _costs(r: Record, whole: str, made: Session) -> None:
    for by, most in (("model", 6), ("subagent", 6), ("prompt", 6)):
        for row in r.db.ask(cost(about(whole), by))[:most]:
            name = (
                f"#{row.key.rpartition('#')[2]} {_short(row.label, 80)}"
                if by == "prompt"
                else row.label
            )
            made.costs.append(f"{by} {name}: ${row.cost_nano / 1e9:.4f}, {row.responses} responses")


# -- usage


def usage(by: str, project: str, since: str | None, limit: int, until: str | None = None) -> Usage:
    """Tokens and API-equivalent cost by one thing."""
    if by not in GROUPINGS:
        raise AccreteError(f"by must be one of {', '.join(GROUPINGS)}.")
    most = max(1, min(limit, 60))
    with record() as r:
        scope, said = r.scope(project, since, until, automated=None)
        rows = r.db.ask(cost(scope, by))
        if not rows:
            nothing = (
                "No subagent ran in these sessions."
                if by == "subagent"
                else _nothing(scope, "usage")
            )
            return Usage(scope=said + ", automated sessions included", by=by, more=nothing)
        shown = rows[-most:] if by in IN_TIME else rows[:most]
        hours = r.db.ask(active(scope, by))
        notes = _price_notes(shown, why_unpriced(r.db.ask(without_price(scope))))
        left = len(rows) - len(shown)
        whole = _sums(rows, None)
        total = _sums(shown, _sessions_in(r, scope, shown, by, left))
        return Usage(
            scope=said + ", automated sessions included",
            by=by,
            rows=[_use(r, row, by, hours.get(row.key)) for row in shown],
            total=_use(
                r, total, "all", sum(hours.get(row.key, 0) for row in shown) if hours else None
            ).model_copy(
                update={
                    "key": f"total of the {_some(len(shown), 'row')} shown",
                    **({} if total.sessions else {"sessions": None}),
                }
            ),
            note="; ".join(notes) or None,
            legend=COSTS,
            more=f"{left} more rows: limit={min(60, len(rows))}, or `since` and `until`; all "
            f"{len(rows)} rows: ${whole.cost_nano / 1e9:.2f}"
            if left
            else None,
        )


def _price_notes(rows: list[CostRow], why: str) -> list[str]:
    unpriced, assumed = (
        sum(getattr(row, name) for row in rows) for name in ("unpriced", "price_assumed")
    )
    notes = (
        [f"{unpriced} responses have no price and are not in the cost: {why}"] if unpriced else []
    )
    return notes + (
        [f"the price of {assumed} responses is assumed: no source confirms it for that date"]
        if assumed
        else []
    )


def _sums(rows: list[CostRow], sessions_of: int | None) -> CostRow:
    """Rows added up."""
    names = CostRow.__slots__[3:]
    return CostRow(
        "", "", sessions_of or 0, *(sum(getattr(row, name) for row in rows) for name in names)
    )


def _sessions_in(r: Record, scope: Scope, shown: list[CostRow], by: str, left: int) -> int | None:
    """How many sessions are in the rows shown, each once; None where rows that share sessions were
    left out."""
    if by in ("session", "project", "outcome"):
        return sum(row.sessions for row in shown)
    total = [] if left else r.db.ask(delegated(scope) if by == "subagent" else cost(scope, "all"))
    return total[0].sessions if total else None


def _use(r: Record, row: CostRow, by: str, ms: int | None) -> Use:
    label = (
        {
            "all": "total",
            "session": f"{row.key[:8]} {_short(row.label, 60)}",
            "prompt": f"{row.key[:8]}#{row.key.rpartition('#')[2]} {_short(row.label, 60)}",
            "window": r.time(int(row.key)) if by == "window" and row.key else "",
        }.get(by)
        or row.label
        or "(none)"
    )
    tokens = row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens
    priced = row.cost_nano > 0 or not row.unpriced
    return Use(
        key=label,
        sessions=row.sessions,
        responses=row.responses,
        tokens=tokens,
        cost_usd=_dollars(row.cost_nano) if priced else None,
        delegated_usd=_dollars(row.cost_delegated_nano) if row.cost_delegated_nano else None,
        active_hours=round(ms / 3_600_000, 2) if ms is not None else None,
    )
