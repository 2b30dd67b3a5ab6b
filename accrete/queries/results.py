"""What came of sessions, put together: projects with what was made in them, files reworked, pull
requests, checks, lines by kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.model import Tier
from accrete.outcomes.story import is_plan
from accrete.outcomes.tool_names import EDITS
from accrete.queries.scope import PROJECT_NAME, SESSIONS, Scope, narrowed_by, stored_number
from accrete.queries.sessions import HAS_WORK


@dataclass(frozen=True, slots=True)
class Group:
    """Sessions of one project, or of one outcome, added up within the range. Spans in ms, money in
    nano-dollars. lower_bound: responses with partly known output; edited: sessions with a landed
    edit; shipped: of these, those whose outcome is so; lines_added, lines_removed: of landed edits,
    None where none is known. last_at: UTC ms."""

    key: str
    label: str
    sessions: int
    prompts: int
    active_ms: int
    cost_nano: int
    unpriced: int
    lower_bound: int
    edited: int
    shipped: int
    commits: int
    lines_added: int | None
    lines_removed: int | None
    last_at: int | None


_GROUPS = {
    "project": ("COALESCE(s.project, '')", PROJECT_NAME),
    "outcome": ("COALESCE(s.outcome, '')", "COALESCE(MIN(s.outcome), '(none)')"),
}


@narrowed_by(*SESSIONS)
def groups(scope: Scope, by: str) -> Question[list[Group]]:
    """The sessions of a scope by `project` or `outcome`, those of the last work first. Raises
    KeyError for another grouping."""
    key, label = _GROUPS[by]
    tables, where, params = scope.sessions()
    sql = scope.figures(f"""SELECT {key}, {label}, COUNT(*), SUM(r.prompts + r.prompts_queued),
      SUM(COALESCE(r.active_ms, 0)), SUM(r.cost_own_nano + r.cost_delegated_nano),
      SUM(r.unpriced), SUM(r.lower_bound), SUM(CASE WHEN r.edits_landed > 0 THEN 1 ELSE 0 END),
      SUM(CASE WHEN r.edits_landed > 0 AND s.outcome = 'shipped' THEN 1 ELSE 0 END),
      SUM(r.commits), SUM(r.lines_added), SUM(r.lines_removed), MAX(r.last_at)
    FROM {tables} LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    WHERE {where} AND {HAS_WORK} GROUP BY {key}""")

    def shape(answers: list[list[Row]]) -> list[Group]:
        found = [_group(row) for row in answers[0]]
        return sorted(found, key=lambda each: (-(each.last_at or 0), each.key))

    return Question(((sql, params),), shape)


def _group(row: Row) -> Group:
    key, label, *counts, added, removed, last_at = row
    lines = (None if each is None else int(each) for each in (added, removed))
    figures = [int(each or 0) for each in counts]
    return Group(*[str(key), str(label), *figures, *lines, last_at])


@dataclass(frozen=True, slots=True)
class Reworked:
    """A file that edit tools changed: how often, in how many sessions, and the last local day."""

    path: str
    edits: int
    sessions: int
    last_day: str


def _calls(scope: Scope, did: str) -> tuple[str, list[object]]:
    """The condition on calls `c` and their sessions `s`. did: what a day of the session did that
    has such calls: in a range its few days are looked at first, for calls are many."""
    where, params = scope.where(day="c.local_day")
    if not scope.ranged:
        return where, params
    within, days = scope.days("d.local_day")
    whose, people = scope.of("d.person")
    some = f"""{where} AND (s.person, s.id) IN (SELECT d.person, d.session FROM session_day d
      WHERE {whose} AND {did}{within})"""
    return some, [*params, *people, *days]


_LANDED = f"c.counted = 1 AND c.status = 'ok' AND c.tool IN ({', '.join('?' * len(EDITS))})"
_CALLS = "tool_call c JOIN visible_session s ON s.person = c.person AND s.id = c.session"


@narrowed_by(*SESSIONS, shows=Tier.ACTIVITY)
def reworked(scope: Scope, *, limit: int) -> Question[list[Reworked]]:
    """The files that landed edits changed most often, without plans in the client's own folder."""
    where, params = _calls(scope, "d.edits_landed > 0")
    sql = f"""SELECT c.target, COUNT(*), {scope.distinct("c")}, MAX(c.local_day) FROM {_CALLS}
    WHERE {where} AND {_LANDED} AND c.target IS NOT NULL GROUP BY c.target
    ORDER BY 2 DESC, 4 DESC, c.target"""

    def shape(answers: list[list[Row]]) -> list[Reworked]:
        found = [(path, *more) for path, *more in answers[0] if not is_plan(path)]
        return [
            Reworked(path, int(times), int(sessions), last or "")
            for path, times, sessions, last in found[:limit]
        ]

    return Question(((sql, [*params, *sorted(EDITS)]),), shape)


@dataclass(frozen=True, slots=True)
class Kind:
    """Lines of landed edits of files with one ending: `.py`, a name without one (`Makefile`), or
    '' for lines that a command changed; in how many sessions."""

    kind: str
    sessions: int
    lines_added: int
    lines_removed: int


@narrowed_by(*SESSIONS, shows=Tier.ACTIVITY)
def kinds(scope: Scope) -> Question[list[Kind]]:
    """Lines added and removed by calls that ended well, by the kind of file, most lines first.
    Together they are the lines of the scope's sessions."""
    where, params = scope.where(day="k.local_day")
    sql = f"""SELECT k.kind, {scope.distinct("k")}, SUM(k.lines_added), SUM(k.lines_removed)
    FROM session_kind k JOIN visible_session s ON s.person = k.person AND s.id = k.session
    WHERE {where} GROUP BY k.kind ORDER BY SUM(k.lines_added) + SUM(k.lines_removed) DESC, k.kind"""
    return Question(
        ((sql, params),),
        lambda answers: [Kind(kind, *map(int, counts)) for kind, *counts in answers[0]],
    )


@dataclass(frozen=True, slots=True)
class Checks:
    """Runs of one kind of check (test, build, lint), by how they ended; in how many sessions."""

    kind: str
    runs: int
    passed: int
    failed: int
    sessions: int

    @property
    def unknown(self) -> int:
        """Those whose end is not told."""
        return self.runs - self.passed - self.failed


@narrowed_by(*SESSIONS)
def checks(scope: Scope) -> Question[list[Checks]]:
    """The checks of a scope in its range, the most frequent kind first."""
    where, params = scope.where(day="c.local_day")
    sql = f"""SELECT c.kind, COUNT(*), SUM(CASE WHEN c.verdict = 'passed' THEN 1 ELSE 0 END),
      SUM(CASE WHEN c.verdict = 'failed' THEN 1 ELSE 0 END), {scope.distinct("c")}
    FROM check_run c JOIN visible_session s ON s.person = c.person AND s.id = c.session
    WHERE {where} GROUP BY c.kind ORDER BY 2 DESC, 1"""
    return Question(
        ((sql, params),),
        lambda answers: [Checks(kind, *map(int, counts)) for kind, *counts in answers[0]],
    )


class CheckRunRow(NamedTuple):
    """One run of a check. at: UTC ms; uuid: of the record of its call; run: the subagent's, '' for
    the main line; verdict: passed, failed, unknown; passed, failed: how many tests, None where it
    did not say. place: in a list."""

    session: str
    title: str | None
    at: int | None
    uuid: str
    run: str
    runner: str
    verdict: str
    passed: int | None
    failed: int | None
    message_id: str
    tool_use_id: str
    part: int

    @property
    def place(self) -> str:
        """Its place in a list, as a URL has it."""
        return f"{self.at or 0}~{self.part}~{self.tool_use_id}~{self.message_id}"


@narrowed_by(*SESSIONS)
def check_runs(
    scope: Scope,
    kind: str,
    *,
    verdict: str | None = None,
    limit: int,
    after: str | None = None,
) -> Question[list[CheckRunRow]]:
    """The runs that `checks` counts of one kind, the newest first: `limit` of them at most, of
    those that follow the place `after`. verdict: those that ended so. Raises ValueError for what is
    no place."""
    where, params = scope.where(day="c.local_day")
    where, params = f"{where} AND c.kind = ?", [*params, kind]
    if verdict is not None:
        where, params = f"{where} AND c.verdict = ?", [*params, verdict]
    if after is not None:
        at, part, use, message = after.split("~", 3)
        where += """ AND (COALESCE(c.at, 0) < ? OR (COALESCE(c.at, 0) = ?
          AND (c.tool_use_id, c.message_id, c.part) > (?, ?, ?)))"""
        params += [stored_number(at), stored_number(at), use, message, stored_number(part)]
    sql = f"""SELECT c.session, s.title, c.at, c.uuid, c.run, c.runner, c.verdict, c.passed,
      c.failed, c.message_id, c.tool_use_id, c.part
    FROM check_run c JOIN visible_session s ON s.person = c.person AND s.id = c.session
    WHERE {where} ORDER BY COALESCE(c.at, 0) DESC, c.tool_use_id, c.message_id, c.part LIMIT ?"""
    return Question(
        ((sql, [*params, limit]),), lambda answers: [CheckRunRow(*row) for row in answers[0]]
    )
