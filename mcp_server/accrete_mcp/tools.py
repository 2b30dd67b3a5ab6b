"""What the six tools answer: questions to the record, made small enough for a model to read."""

from __future__ import annotations

from accrete.errors import AccreteError
from accrete.model import PROMPT_KINDS
from accrete.practices import all_practices, named
from accrete.practices.depth import NOT_SEEN
from accrete.queries.costs import GROUPINGS, IN_TIME, CostRow, cost, delegated, why_unpriced, without_price
from accrete.queries.names import ME, find_session, running_session
from accrete.queries.practices import PracticeRow, practices, sightings
from accrete.queries.replay import CallRow, Item, replay, typed
from accrete.queries.scope import Scope
from accrete.queries.search import WHERE_TO_LOOK, find
from accrete.queries.sessions import SessionRow, sessions
from accrete.queries.sessions import session as one_session
from accrete.settings import read_settings
from accrete.story import EDITS
from accrete.wake import freshen
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

MOMENTS, LINES, WEEKS = 8, 12, 8
TEXT, LONG_TEXT = 200, 600
VIEWS = ("summary", "handoff", "errors", "files", "cost")


def _short(text: str | None, most: int = TEXT) -> str:
    flat = " ".join((text or "").split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "—"


def _dollars(nano: int | None) -> float | None:
    return None if nano is None else round(nano / 1e9, 4)


# -- practices


def my_practices(practice: str | None, project: str, since: str | None, until: str | None = None) -> Practices:
    """All practices, or one with its moments."""
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = r.db.ask(practices(scope))
        if practice is None:
            shown = sorted(rows, key=lambda row: (-row.seen, row.name))
            return Practices(
                scope=said,
                practices=[_practice(r, row) for row in shown],
                more="my_practices(practice=NAME): what it is, moments, next step",
            )
        found = named(practice.strip().lower().replace("_", "-").replace(" ", "-"))
        if found is None:
            raise AccreteError(
                f"There is no practice {practice!r}. There are: {', '.join(p.name for p in all_practices())}."
            )
        row = next(row for row in rows if row.name == found.name)
        seen = r.db.ask(sightings(scope, found.name, limit=MOMENTS))
        moments = [
            Moment(
                when=r.time(s.at) or "—",
                session=s.session[:8],
                prompt=s.prompt,
                what=_short(s.note or s.text or s.what),
                marks=s.marks,
            )
            for s in seen
        ]
        more = (
            f"{row.sightings - len(moments)} older moments; session(id=…) shows one in its place"
            if row.sightings > len(moments)
            else None
        )
        return Practices(scope=said, practices=[_practice(r, row)], what=found.what, why=found.why, good=found.good, next_step=found.try_next,
                         source=found.source, moments=moments, more=more)  # fmt: skip


def _practice(r: Record, row: PracticeRow) -> Practice:
    weeks = [f"{week.seen}/{week.eligible}" for week in row.weeks if week.eligible][-WEEKS:]
    return Practice(name=row.name, depth=row.depth, sessions=f"{row.seen} of {row.eligible}" if row.eligible else "not possible in any", times=row.sightings,
                    well_done=_share(row.marked, row.sightings), trend=" ".join(weeks) or "—", last=(r.time(row.last_at) or "")[:10] or None)  # fmt: skip


def compare_with_team(
    practice: str | None, project: str, since: str | None = None, until: str | None = None
) -> Comparison:
    """The person's own figures, and that no team is connected."""
    mine = my_practices(None, project, since, until)
    wanted = [p for p in mine.practices if practice is None or p.name == practice]
    return Comparison(
        scope=mine.scope, team_connected=False, mine=wanted,
        said="No team server is connected, so there is nothing to compare with; nothing of this person has left their machine. These are their own figures.",
    )  # fmt: skip


def what_to_try(project: str, limit: int, since: str | None = None, until: str | None = None) -> Steps:
    """The next step of the practices from which most is to be had: possible often, seen seldom."""
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = [row for row in r.db.ask(practices(scope)) if row.eligible]
        if not rows:
            return Steps(scope=said, steps=[], more="No session of the person in this scope; try project='all'.")
        rows.sort(key=lambda row: (-(row.eligible - row.seen) * (2 if row.depth == NOT_SEEN else 1), row.name))
        steps = []
        for row in rows[: max(1, min(limit, 11))]:
            found = named(row.name)
            assert found is not None
            because = f"seen in {row.seen} of the {row.eligible} sessions in which it was possible" + (
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
            more=f"{len(rows) - len(steps)} more practices: limit=11" if len(rows) > len(steps) else None,
        )


# -- history


def search_history(
    words: str, where: str, project: str, since: str | None, limit: int, until: str | None = None
) -> Hits:
    """Where the words stand in the person's own history."""
    if where not in WHERE_TO_LOOK:
        raise AccreteError(f"where must be one of {', '.join(WHERE_TO_LOOK)}.")
    most = max(1, min(limit, 30))
    with record() as r:
        scope, said = r.scope(project, since, until, automated=None)
        try:
            found, loose = find(r.db, scope, words, kinds=WHERE_TO_LOOK[where], limit=most + 1)
        except ValueError:
            raise AccreteError(
                "Give a word to look for: letters or digits. All words must stand in one place; word* finds beginnings."
            ) from None
        said += ", none exactly as written: these have the words" if loose else ""
        hits = [Hit(session=h.session[:8], prompt=h.prompt, when=r.time(h.at) or "—", project=h.project, what=h.name or h.kind.replace("_", " "),
                    text=_short(h.excerpt.replace("\x02", "**").replace("\x03", "**"), 260)) for h in found[:most]]  # fmt: skip
        more = "older ones: limit=30, or another `since`" if len(found) > most else None
        if not hits:
            more = "Nothing found. Fewer words, word* for a beginning, or project='all'."
        return Hits(scope=said, hits=hits, more=more)


def session(identity: str, view: str) -> Session:
    """One session and the part of it that was asked for."""
    if view not in VIEWS:
        raise AccreteError(f"view must be one of {', '.join(VIEWS)}.")
    name = identity.strip() or "latest"
    if name == "current":
        freshen(read_settings())
    with record() as r:
        whole, note = _which(r, name)
        row = r.db.ask(one_session(ME, whole))
        assert row is not None
        made = _session(r, row)
        made.scope = note
        if view == "cost":
            _costs(r, whole, made)
            return made
        items = r.db.ask(replay(ME, whole))
        {"summary": _summary, "handoff": _handoff, "errors": _errors, "files": _files}[view](items, made)
        return made


def _which(r: Record, name: str) -> tuple[str, str]:
    """The id of the session that is meant, and how to say so. The latest is the one before this one, of the project at
    hand where it has any."""
    if name != "latest":
        return find_session(
            r.db, name
        ), "the session that was named" if name != "current" else "the session that is running"
    asking = running_session()
    for project, said in ((HERE, "the latest of this project"), (ALL, "the latest of all projects")):
        scope, _ = r.scope(project, None)
        found = [row.id for row in r.db.ask(sessions(scope, limit=2)) if row.id != asking]
        if found:
            return found[0], f"{said} before the one that is running" if asking else said
    return find_session(r.db, name), "the latest"


def _session(r: Record, row: SessionRow) -> Session:
    minutes = round((row.active_ms or 0) / 60_000)
    outcome = f"{row.outcome}: {row.outcome_reason}" if row.outcome else None
    return Session(
        scope="one session", id=row.id[:8], title=_short(row.title) or None, started=r.time(row.started_at), project=row.project_name, branch=row.branch,
        outcome=outcome, active=f"{minutes} min", prompts=row.prompts, tool_calls=row.tool_calls, errors=row.tool_errors,
        cost_usd=_dollars(row.cost_nano + row.delegated_cost_nano) if not row.unpriced else None, subagents=row.agents,
        more="view: " + ", ".join(VIEWS),
    )  # fmt: skip


def _prompts(items: list[Item]) -> list[str]:
    asked = [item for item in items if item.kind in PROMPT_KINDS and typed(item).strip()]
    queued = {"queued_prompt": " (queued)"}
    return [f"#{item.number}{queued.get(item.kind, '')} {_short(typed(item))}" for item in asked]


def _capped(lines: list[str], most: int = LINES) -> list[str]:
    return lines if len(lines) <= most else [*lines[:2], f"… {len(lines) - most} left out …", *lines[-(most - 2) :]]


def _summary(items: list[Item], made: Session) -> None:
    made.asked = _capped(_prompts(items))
    made.done = _capped(_done(items))


def _done(items: list[Item]) -> list[str]:
    return [
        line
        for item in items
        for line in (*(f"commit {c}" for c in item.commits), *(f"pull request {p}" for p in item.pulls))
    ]


def _handoff(items: list[Item], made: Session) -> None:
    """What the next session has to know: what was asked, what was done, what failed last, what is not committed."""
    made.asked = _capped(_prompts(items))
    made.done = _capped(_done(items))
    checks = [check for item in items for check in item.checks]
    if checks:
        made.open.append(f"last check: {checks[-1]}")
    last_commit = max((n for n, item in enumerate(items) if item.commits), default=-1)
    later = [call for item in items[last_commit + 1 :] for call in _calls(item)]
    loose = sorted({call.target for call in later if call.tool in EDITS and call.status == "ok" and call.target})
    if loose:
        made.open.append(f"edited since the last commit: {', '.join(_capped(loose))}")
    failed = [item for item in items if item.call is not None and item.call.status == "error"]
    if failed and failed[-1] is [item for item in items if item.call is not None][-1]:
        made.open.append(f"the last call failed: {_call(failed[-1])}")
    answers = [item.text for item in items if item.kind == "assistant_text" and item.text and item.text.strip()]
    made.last_answer = _short(answers[-1], LONG_TEXT) if answers else None


def _calls(item: Item) -> list[CallRow]:
    """The call of an item, and those of the subagent that it started."""
    return [*([item.call] if item.call else []), *item.inner]


def _call(item: Item) -> str:
    assert item.call is not None
    return f"{item.call.tool} {_short(item.call.target, 120)}"


def _errors(items: list[Item], made: Session) -> None:
    bad = [
        (item, call) for item in items for call in _calls(item) if call.status in ("error", "rejected", "interrupted")
    ]
    lines = [
        f"#{item.number} {call.tool} {_short(call.target, 120)} [{call.status}] {_short(call.output, 160)}"
        for item, call in bad
    ]
    made.failed = _capped(lines)
    if not bad:
        made.more = "No call failed."


def _files(items: list[Item], made: Session) -> None:
    changed: dict[str, list[int]] = {}
    for call in (call for item in items for call in _calls(item)):
        if call.tool in EDITS and call.status == "ok" and call.target:
            sums = changed.setdefault(call.target, [0, 0, 0])
            sums[0] += 1
            sums[1] += call.added or 0
            sums[2] += call.removed or 0
    made.files = _capped(
        [f"{path} ({n} edits, +{added} −{removed})" for path, (n, added, removed) in sorted(changed.items())], 30
    )


def _costs(r: Record, whole: str, made: Session) -> None:
    for by, most in (("model", 6), ("subagent", 6), ("prompt", 6)):
        for row in r.db.ask(cost(Scope(ME, session=whole), by))[:most]:
            name = f"#{row.key.rpartition('#')[2]} {_short(row.label, 80)}" if by == "prompt" else row.label
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
        total = r.db.ask(delegated(scope) if by == "subagent" else cost(scope, "all"))
        shown = rows[-most:] if by in IN_TIME else rows[:most]
        unpriced = total[0].unpriced if total else 0
        why = why_unpriced(r.db.ask(without_price(scope))) if unpriced else ""
        notes = [f"{unpriced} responses are left out of cost: {why}"] if unpriced else []
        if total and total[0].price_assumed:
            notes.append(
                f"the price of {total[0].price_assumed} responses is assumed: no source shows it for their time"
            )
        return Usage(
            scope=said + ", automated sessions included", by=by, rows=[_use(r, row, by) for row in shown], total=_use(r, total[0], "all") if total else None,
            note="; ".join(notes) or None,
            more=f"{len(rows) - len(shown)} more rows: limit=60" if len(rows) > len(shown) else None,
        )  # fmt: skip


def _use(r: Record, row: CostRow, by: str) -> Use:
    label = {"all": "total", "session": f"{row.key[:8]} {_short(row.label, 60)}",
             "prompt": f"{row.key[:8]}#{row.key.rpartition('#')[2]} {_short(row.label, 60)}",
             "window": r.time(int(row.key)) if by == "window" and row.key else ""}.get(by) or row.label or "(none)"  # fmt: skip
    tokens = row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens
    priced = row.cost_nano > 0 or not row.unpriced
    return Use(key=label, sessions=row.sessions, responses=row.responses, tokens=tokens, cost_usd=_dollars(row.cost_nano) if priced else None,
               delegated_usd=_dollars(row.cost_delegated_nano) if row.cost_delegated_nano else None)  # fmt: skip
