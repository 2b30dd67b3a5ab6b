"""Facts of one session: its context from response to response, what its time went to, its checks,
its longest calls, and how many records it has of each kind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from accrete.database import Question, Row
from accrete.derive.times import LONG_RUNNING, LONGEST_OTHER_MS
from accrete.model import PROMPT_KINDS, Tier
from accrete.outcomes.story import SPAWNS
from accrete.queries.scope import Scope, narrowed_by
from accrete.settings import IDLE_GAP_MS


@dataclass(frozen=True, slots=True)
class Answered:
    """A response of the main line. prompt: the number of its prompt, 0 before the first; at: UTC
    ms; tokens: all that it read, of which cached came from the cache; output: what it wrote;
    compacted: how often the context was compacted since the response before it."""

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
        cuts = [int(row[0]) for row in answers[1]]
        found: list[Answered] = []
        before = 0
        for seq, prompt, at, model, tokens, cached, output in answers[0]:
            passed = bisect_right(cuts, seq)
            compacted = passed - before if found else 0
            before = passed
            found.append(Answered(int(prompt), at, model, int(tokens), int(cached), int(output),
                                  compacted))  # fmt: skip
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
    long_running = sorted(LONG_RUNNING)
    gaps = f"""SELECT e.person, e.session, e.kind, e.agent, e.tool_use_id,
      e.at - LAG(e.at) OVER (ORDER BY e.at, e.agent, e.seq, e.part) AS gap
    FROM event e WHERE e.person = ? AND e.session = ? AND {gate} AND e.at IS NOT NULL
    AND e.replayed = 0 AND e.kind IN ({", ".join("?" for _ in kinds)})"""
    sql = f"""SELECT g.kind, CASE WHEN g.agent = '' THEN 0 ELSE 1 END,
      CASE WHEN c.decision_source LIKE 'user%' THEN 1 ELSE 0 END,
      CASE WHEN c.tool IN ({", ".join("?" for _ in SPAWNS)}) THEN 1 ELSE 0 END,
      SUM(CASE WHEN g.gap <= {IDLE_GAP_MS} THEN g.gap WHEN c.tool IS NULL THEN 0
        WHEN c.ms < g.gap THEN c.ms WHEN c.ms >= g.gap THEN g.gap
        WHEN c.tool IN ({", ".join("?" for _ in long_running)}) OR c.tool LIKE 'mcp!_!_%' ESCAPE '!'
        THEN CASE WHEN g.gap < {LONGEST_MS} THEN g.gap ELSE {LONGEST_MS} END
        WHEN g.gap < {LONGEST_OTHER_MS} THEN g.gap ELSE {LONGEST_OTHER_MS} END),
      SUM(CASE WHEN c.ms < g.gap THEN c.ms WHEN c.ms >= g.gap THEN g.gap ELSE 0 END)
    FROM ({gaps}) g LEFT JOIN tool_call c ON c.person = g.person AND c.session = g.session
    AND c.tool_use_id = g.tool_use_id AND c.counted = 1 AND g.kind = 'tool_result'
    WHERE g.gap > 0 GROUP BY 1, 2, 3, 4"""
    told = f"""SELECT COUNT(*) FROM tool_call WHERE person = ? AND session = ? AND {gate}
    AND decision_source IS NOT NULL"""

    def shape(answers: list[list[Row]]) -> Waiting:
        sums = {"model": 0, "tools": 0, "agents": 0, "person": 0, "asked": 0}
        for kind, inner, asked, spawn, ms, ran in answers[0]:
            if kind == "tool_result" and asked and not inner:
                sums["asked"] += int(ms) - int(ran)
                sums["agents" if spawn else "tools"] += int(ran)
                continue
            if inner or (kind == "tool_result" and spawn):
                name = "agents"
            elif kind == "tool_result":
                name = "tools"
            else:
                name = "model" if kind in _ANSWERS else "person"
            sums[name] += int(ms or 0)
        known = bool(answers[1][0][0])
        return Waiting(sums["model"], sums["tools"], sums["agents"], sums["person"],
                       sums["asked"] if known else None)  # fmt: skip

    params = (*sorted(SPAWNS), *long_running, *key, *kinds)
    return Question(((sql, params), (told, key)), shape)


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
        lambda answers: [KindRow(row[0], *(int(n) for n in row[1:])) for row in answers[0]],
    )
