"""Facts of one session: its context from response to response, what its time went to, its checks,
its longest calls, and how many records it has of each kind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from accrete.database import Question, Row
from accrete.derive.times import LONG_RUNNING, LONGEST_OTHER_MS
from accrete.model import PROMPT_KINDS, Tier
from accrete.outcomes.tool_names import SPAWNS
from accrete.queries.scope import Scope, narrowed_by, stored_number
from accrete.settings import IDLE_GAP_MS


@dataclass(frozen=True, slots=True)
class Answered:
    """A response of the main line. seq: its place in its file; prompt: the number of its prompt, 0
    before the first; at: UTC ms; tokens: all that it read, of which cached came from the cache;
    output: what it wrote; compacted: how often the context was compacted since the response before
    it."""

    seq: int
    prompt: int
    at: int | None
    model: str | None
    tokens: int
    cached: int
    output: int
    compacted: int


@narrowed_by("session")
def context(scope: Scope) -> Question[list[Answered]]:
    """The responses of the main line of a session in their order, with the context that each
    read."""
    gate, seen = scope.gate
    key = (*scope.one, *seen)
    responses = f"""SELECT r.seq, COALESCE(t.number, 0), r.at, r.model,
      r.input_tokens + r.cache_read_tokens + r.cache_write_tokens, r.cache_read_tokens,
      r.output_tokens
    FROM response r
    LEFT JOIN prompt t ON t.person = r.person AND t.session = r.session AND t.uuid = r.prompt
    WHERE r.person = ? AND r.session = ? AND {gate} AND r.run = '' AND r.counted = 1
    AND r.synthetic = 0 AND r.has_usage = 1 ORDER BY r.seq, r.message_id, r.request_id"""
    compactions = f"""SELECT seq FROM event WHERE person = ? AND session = ? AND {gate}
    AND agent = '' AND kind = 'compact_boundary' ORDER BY seq"""

    def shape(answers: list[list[Row]]) -> list[Answered]:
        cuts = [int(seq) for (seq,) in answers[1]]
        found: list[Answered] = []
        before = 0
        for seq, prompt, at, model, tokens, cached, output in answers[0]:
            passed = bisect_right(cuts, seq)
            compacted = passed - before if found else 0
            before = passed
            found.append(Answered(int(seq), int(prompt), at, model, int(tokens), int(cached),
                                  int(output), compacted))  # fmt: skip
        return found

    return Question(((responses, key), (compactions, key)), shape)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a session waited for, ms. model: Claude's answers; tools: calls; agents: subagents;
    person: the next prompt, pauses over five minutes left out; asked: what a person was asked to
    allow, the run of the call in it unless that was measured, None where the client wrote no
    decisions down."""

    model: int
    tools: int
    agents: int
    person: int
    asked: int | None

    @property
    def total(self) -> int:
        """All of it."""
        return self.model + self.tools + self.agents + self.person + (self.asked or 0)


LONGEST_MS = 15 * 60_000
"""What of a run that was not measured counts at most, as active time has it unless it is set."""
_ANSWERS = ("assistant_text", "thinking", "tool_call", "api_error", "interruption")


@narrowed_by("session")
def waiting(scope: Scope) -> Question[Waiting]:
    """What a session waited for: each time between two neighbouring records goes to what the
    later one brought. Of times over five minutes only those count in which a tool ran: as long as
    was measured, else at most as long as tools of its kind may take."""
    gate, seen = scope.gate
    key = (*scope.one, *seen)
    kinds = (*PROMPT_KINDS, *_ANSWERS, "tool_result")
    events = f"""SELECT e.kind, e.agent, e.at, e.tool_use_id FROM event e
    WHERE e.person = ? AND e.session = ? AND {gate} AND e.at IS NOT NULL AND e.replayed = 0
    AND e.kind IN ({", ".join("?" for _ in kinds)}) ORDER BY e.at, e.agent, e.seq, e.part"""
    calls = f"""SELECT tool_use_id, tool, ms,
      CASE WHEN decision_source LIKE 'user%' THEN 1 ELSE 0 END
    FROM tool_call WHERE person = ? AND session = ? AND {gate} AND counted = 1"""
    told = f"""SELECT COUNT(*) FROM tool_call WHERE person = ? AND session = ? AND {gate}
    AND decision_source IS NOT NULL"""

    def shape(answers: list[list[Row]]) -> Waiting:
        sums = {"model": 0, "tools": 0, "agents": 0, "person": 0, "asked": 0}
        by_use: dict[str, list[Row]] = {}
        for use, *call in answers[1]:
            by_use.setdefault(use, []).append(tuple(call))
        before: int | None = None
        for kind, agent, at, use in answers[0]:
            gap, before = 0 if before is None else at - before, at
            if gap <= 0:
                continue
            result = kind == "tool_result"
            for tool, ran, asked in (by_use.get(use) if result else None) or [(None, None, 0)]:
                spawn = tool in SPAWNS
                if result and asked and not agent:
                    known = 0 if ran is None else min(ran, gap)
                    sums["asked"] += _counted(gap, tool, ran) - known
                    sums["agents" if spawn else "tools"] += known
                    continue
                if agent or (result and spawn):
                    name = "agents"
                elif result:
                    name = "tools"
                else:
                    name = "model" if kind in _ANSWERS else "person"
                sums[name] += _counted(gap, tool, ran)
        return Waiting(sums["model"], sums["tools"], sums["agents"], sums["person"],
                       sums["asked"] if answers[2][0][0] else None)  # fmt: skip

    return Question(((events, (*key, *kinds)), (calls, key), (told, key)), shape)


def _counted(gap: int, tool: str | None, ran: int | None) -> int:
    """What of a time before a record counts. tool, ran: of the call that ended with it, and how
    long it is known to have run."""
    if gap <= IDLE_GAP_MS:
        return gap
    if tool is None:
        return 0
    if ran is not None:
        return min(ran, gap)
    long = tool in LONG_RUNNING or tool.startswith("mcp__")
    return min(gap, LONGEST_MS if long else LONGEST_OTHER_MS)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A run of tests, a build or lint. prompt: the number of its prompt, 0 before the first; uuid:
    of the record of its call; run: the subagent's; verdict: passed, failed, unknown; passed,
    failed: how many tests, None where it did not say."""

    prompt: int
    uuid: str
    run: str
    at: int | None
    kind: str
    runner: str
    verdict: str
    passed: int | None
    failed: int | None


_PROMPT = """LEFT JOIN tool_call c ON c.person = k.person AND c.message_id = k.message_id
    AND c.tool_use_id = k.tool_use_id
    LEFT JOIN prompt t ON t.person = k.person AND t.session = k.session AND t.uuid = c.prompt"""


@narrowed_by("session", shows=Tier.ACTIVITY)
def checks_of(scope: Scope) -> Question[list[CheckRow]]:
    """The checks of a session in the order of time."""
    gate, seen = scope.gate
    sql = f"""SELECT COALESCE(t.number, 0), k.uuid, k.run, k.at, k.kind, k.runner, k.verdict,
      k.passed, k.failed
    FROM check_run k {_PROMPT}
    WHERE k.person = ? AND k.session = ? AND {gate}
    ORDER BY k.at NULLS LAST, k.run, k.seq, k.message_id, k.tool_use_id, k.part"""
    return Question(
        ((sql, (*scope.one, *seen)),), lambda answers: [CheckRow(*row) for row in answers[0]]
    )


@dataclass(frozen=True, slots=True)
class LongCall:
    """A call that took long. ms: as the client measured it, else from the call to its result;
    measured: 1 for the former; the rest as in CheckRow."""

    prompt: int
    uuid: str
    run: str
    at: int | None
    tool: str
    target: str | None
    status: str | None
    ms: int
    measured: int


@narrowed_by("session", shows=Tier.ACTIVITY)
def longest_calls(scope: Scope, *, limit: int) -> Question[list[LongCall]]:
    """The longest calls of a session, those of subagents too, the longest first."""
    gate, seen = scope.gate
    sql = f"""SELECT COALESCE(t.number, 0), c.uuid, c.run, c.at, c.tool, c.target, c.status,
      COALESCE(c.ms, c.result_at - c.at), CASE WHEN c.ms IS NULL THEN 0 ELSE 1 END
    FROM tool_call c
    LEFT JOIN prompt t ON t.person = c.person AND t.session = c.session AND t.uuid = c.prompt
    WHERE c.person = ? AND c.session = ? AND {gate} AND c.counted = 1
    AND COALESCE(c.ms, c.result_at - c.at) > 0
    ORDER BY 8 DESC, c.uuid, c.tool_use_id LIMIT ?"""
    return Question(
        ((sql, (*scope.one, *seen, limit)),),
        lambda answers: [LongCall(*row) for row in answers[0]],
    )


@dataclass(frozen=True, slots=True)
class KindRow:
    """Records of one kind: of the main line, of subagents, and copied from another session."""

    kind: str
    main: int
    agents: int
    copied: int


@narrowed_by("session")
def kinds(scope: Scope) -> Question[list[KindRow]]:
    """How many records a session has of each kind, the most first."""
    gate, seen = scope.gate
    sql = f"""SELECT kind, SUM(CASE WHEN replayed = 0 AND agent = '' THEN 1 ELSE 0 END),
      SUM(CASE WHEN replayed = 0 AND agent <> '' THEN 1 ELSE 0 END),
      SUM(CASE WHEN replayed = 0 THEN 0 ELSE 1 END)
    FROM event WHERE person = ? AND session = ? AND {gate}
    GROUP BY kind ORDER BY COUNT(*) DESC, kind"""
    return Question(
        ((sql, (*scope.one, *seen)),),
        lambda answers: [KindRow(kind, *map(int, counts)) for kind, *counts in answers[0]],
    )


WHOSE = {
    "main": "replayed = 0 AND agent = ''",
    "agents": "replayed = 0 AND agent <> ''",
    "copied": "replayed <> 0",
}
"""Whose records a count of `kinds` is of: the main line's, subagents', another session's."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record. at: UTC ms; uuid, agent, part: its identity within the session; step: the uuid of
    the record of the step that it is shown with, which for a result is that of its call."""

    at: int | None
    uuid: str
    agent: str
    part: int
    step: str

    @property
    def place(self) -> str:
        """Its place in a list, as a URL has it."""
        return f"{self.agent}~{self.part}~{self.uuid}"


@narrowed_by("session")
def records(
    scope: Scope, kind: str, whose: str, *, limit: int, after: str | None = None
) -> Question[list[RecordRow]]:
    """Records of one kind, of one of WHOSE, by subagent in their order: `limit` of them at most, of
    those that follow the place `after`. Raises ValueError for what is no place."""
    gate, seen = scope.gate
    person, session = scope.one
    params: list[object] = [person, session, *seen, kind]
    follows = ""
    if after is not None:
        agent, part, uuid = after.split("~", 2)
        at = """(SELECT b.seq FROM event b WHERE b.person = ? AND b.session = ? AND b.agent = ?
          AND b.uuid = ? AND b.part = ?)"""
        follows = f"AND (e.agent > ? OR (e.agent = ? AND (e.seq, e.uuid, e.part) > ({at}, ?, ?)))"
        place = (uuid, stored_number(part))
        params += [agent, agent, person, session, agent, *place, *place]
    call = """(SELECT MIN(c.uuid) FROM tool_call c WHERE c.person = e.person
      AND c.tool_use_id = e.tool_use_id)"""
    sql = f"""SELECT e.at, e.uuid, e.agent, e.part,
      CASE WHEN e.kind = 'tool_result' THEN COALESCE({call}, '') ELSE e.uuid END
    FROM event e WHERE e.person = ? AND e.session = ? AND {gate} AND e.kind = ?
    AND {WHOSE[whose]} {follows} ORDER BY e.agent, e.seq, e.uuid, e.part LIMIT ?"""
    return Question(
        ((sql, [*params, limit]),), lambda answers: [RecordRow(*row) for row in answers[0]]
    )
