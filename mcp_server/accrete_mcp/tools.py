"""The tools but `session`: a scope, a question to the record, an answer made short."""

from __future__ import annotations

import json
import time

from accrete.edge.local import about
from accrete.errors import AccreteError
from accrete.insight.beside_team import TeamComparison
from accrete.insight.costs import active_of, added_up
from accrete.insight.found import hit_of
from accrete.insight.practice_names import meant, nearest
from accrete.insight.practices import Moment as MomentOf
from accrete.insight.practices import by_use, by_week, in_full, moment_of, practice_of
from accrete.insight.practices import steps as next_steps
from accrete.practices import Practice as PracticeOf
from accrete.practices import all_practices
from accrete.present.formats import plural
from accrete.queries.costs import (
    GROUPINGS,
    IN_TIME,
    CostRow,
    cost,
    delegated,
    why_unpriced,
    without_price,
)
from accrete.queries.practices import PracticeRow, practices, sightings
from accrete.queries.prompts import prompt_texts
from accrete.queries.scope import Scope
from accrete.queries.search import WHERE_TO_LOOK, find
from accrete.queries.work import active
from accrete.sync.benchmarks import compare
from accrete_mcp.record import ALL as ALL
from accrete_mcp.record import Record
from accrete_mcp.record import record as record
from accrete_mcp.shape import (
    Comparison,
    Costs,
    Hit,
    Hits,
    Moment,
    Practice,
    Practices,
    Step,
    Steps,
    Use,
)
from accrete_mcp.shared_parts import nothing, use
from accrete_mcp.shorten import text
from accrete_mcp.texts import COSTS, SHARES, TEAM

MOMENTS, WEEKS = 8, 8


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
            return Practices(scope=said, more=nothing(scope, "my_practices"))
        if found is None:
            return Practices(
                scope=said,
                practices=[_practice(r, row) for row in by_use(rows)],
                more='my_practices(practice="NAME"): what it is, moments, next step',
                legend=SHARES,
            )
        row = next(row for row in rows if row.name == found.name)
        return _in_full(r, scope, said, row, found)


def _in_full(
    r: Record, scope: Scope, said: str, row: PracticeRow, practice: PracticeOf
) -> Practices:
    seen = r.db.ask(sightings(scope, row.name, limit=MOMENTS))
    asked = {one: r.db.ask(prompt_texts(about(one))) for one in {each.session for each in seen}}
    moments = [moment_of(each, asked[each.session]) for each in seen]
    more = (
        f"{row.sightings - len(moments)} older moments: use an earlier `until`. "
        "session(id=…) shows a moment in context"
        if row.sightings > len(moments)
        else None
    )
    return r.short.of(
        Practices,
        in_full(row, practice, moments),
        scope=said,
        practices=[_practice(r, row)],
        moments=[_moment(r, each) for each in moments],
        more=more,
        legend=SHARES,
    )


def _moment(r: Record, moment: MomentOf) -> Moment:
    """A moment; what was asked is not said twice."""
    made = r.short.of(Moment, moment, when=r.time(moment.at) or "—")
    if made.asked is not None and made.text is not None and made.text.startswith(made.asked[:-1]):
        made.text = None
    return made


def _practice_named(name: str) -> PracticeOf:
    """The practice of a name, or of what people call it."""
    found = meant(name)
    if found is None:
        names = ", ".join(each.name for each in all_practices())
        raise AccreteError(
            f"No practice {name[:60]!r}. Choose one of {names}. Call "
            f'my_practices(practice="{nearest(name)}").'
        )
    return found


def _practice(r: Record, row: PracticeRow) -> Practice:
    return r.short.of(
        Practice, practice_of(row), by_week=by_week(row, WEEKS)._asdict(), last=r.day(row.last_at)
    )


def compare_with_team(
    practice: str | None, project: str, since: str | None = None, until: str | None = None
) -> Comparison:
    """The person beside their team; says that none is connected, and gives their own figures."""
    only = _practice_named(practice).name if practice is not None else None
    with record() as r:
        found = compare(r.settings, r.db, r.now, int(time.time() * 1000), only)
        if found.team_connected:
            return _beside(r, found, only, narrowed=project != ALL or bool(since or until))
    mine = my_practices(None, project, since, until)
    wanted = [p for p in mine.practices if only in (None, p.name)]
    return Comparison(
        scope=mine.scope,
        more=None if wanted else mine.more,
        legend=mine.legend,
        team_connected=False,
        mine=wanted,
        said=found.said,
    )


def _beside(r: Record, found: TeamComparison, only: str | None, *, narrowed: bool) -> Comparison:
    """With a team: its words for one practice or all, with what to try next."""
    days = f", {found.first_day} to {found.last_day}" if found.first_day else ""
    more = ['compare_with_team(practice="NAME"): one practice, what to try'] if not only else []
    if narrowed:
        more.append("project, since and until do not apply: a release is of four weeks")
    made = r.short.of(
        Comparison,
        found,
        scope=f"all projects{days}",
        more="; ".join(more) or None,
        legend=TEAM if found.practices else None,
        offline=found.offline or None,
        caveats=found.caveats,
        mine=[],
    )
    for each in made.practices if not only else ():
        each.try_next = None
    return made


def what_to_try(
    project: str, limit: int, since: str | None = None, until: str | None = None
) -> Steps:
    """The next steps of the most promising practices."""
    with record() as r:
        scope, said = r.scope(project, since, until)
        rows = r.db.ask(practices(scope))
        found = next_steps(rows)
        shown = found[: max(1, min(limit, 11))]
        left = len(found) - len(shown)
        more = f"{left} more practices: what_to_try(limit=11)" if left else None
        return Steps(
            scope=said,
            steps=[r.short.of(Step, each, last=r.day(each.last_at)) for each in shown],
            more=more if found else nothing(scope, "what_to_try"),
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
        hits = [r.short.of(Hit, hit_of(hit), when=r.time(hit.at) or "—") for hit in found[:most]]
        more = "older ones: limit=30, or an earlier `until`" if len(found) > most else None
        if not hits:
            more = "No match for these words, or for most of them." + (
                " Call "
                f"search_history(words={json.dumps(text(words, 60), ensure_ascii=False)}, "
                'project="all").'
                if scope.project
                else ""
            )
        return Hits(scope=said, hits=hits, more=more)


# -- usage


def usage(by: str, project: str, since: str | None, limit: int, until: str | None = None) -> Costs:
    """Tokens and API-equivalent cost by one thing."""
    if by not in GROUPINGS:
        raise AccreteError(f"by must be one of {', '.join(GROUPINGS)}.")
    most = max(1, min(limit, 60))
    with record() as r:
        scope, said = r.scope(project, since, until, automated=None)
        said += ", automated sessions included"
        rows = r.db.ask(cost(scope, by))
        if not rows:
            of_subagents = "No subagent ran in these sessions."
            more = of_subagents if by == "subagent" else nothing(scope, "usage")
            return Costs(scope=said, by=by, more=more)
        shown = rows[-most:] if by in IN_TIME else rows[:most]
        hours = r.db.ask(active(scope, by))
        left = len(rows) - len(shown)
        return Costs(
            scope=said,
            by=by,
            rows=[use(r, row, by, hours.get(row.key)) for row in shown],
            total=_total(r, shown, _sessions_in(r, scope, shown, by, left), hours),
            note=_without_price(r, scope, shown),
            legend=COSTS,
            more=f"{left} more rows: limit={min(60, len(rows))}, or `since` and `until`; all "
            f"{len(rows)} rows: ${added_up(rows, 0).cost_nano / 1e9:.2f}"
            if left
            else None,
        )


def _without_price(r: Record, scope: Scope, shown: list[CostRow]) -> str | None:
    """What the two doubts that rows can have mean, where they have them."""
    notes = []
    if any(row.unpriced for row in shown):
        why = why_unpriced(r.db.ask(without_price(scope)))
        notes.append(f"unpriced responses are not in the cost: {why}")
    if any(row.price_assumed for row in shown):
        notes.append("price_assumed: responses whose price no source confirms for that date")
    return "; ".join(notes) or None


def _total(r: Record, shown: list[CostRow], sessions_of: int | None, hours: dict[str, int]) -> Use:
    sums = added_up(shown, sessions_of or 0)
    made = use(r, sums, "all", active_of(shown, hours))
    made.label = f"total of the {plural(len(shown), 'row')} shown"
    made.sessions = sessions_of
    return made


def _sessions_in(r: Record, scope: Scope, shown: list[CostRow], by: str, left: int) -> int | None:
    """How many sessions are in the rows shown, each once; None where rows that share sessions were
    left out."""
    if by in ("session", "project", "outcome"):
        return sum(row.sessions for row in shown)
    total = [] if left else r.db.ask(delegated(scope) if by == "subagent" else cost(scope, "all"))
    return total[0].sessions if total else None
