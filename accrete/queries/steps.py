"""The steps of one session: a light row each, and what one of them holds. Each tier of what they
say is a question of its own, so that what lies above a reader's tier is never asked for.

Longer than a module should be because what is asked tier by tier and what is asked at once have to
name the same columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, Tier
from accrete.model.published_names import PLACES, is_published
from accrete.queries.prompts import IS_PROMPT
from accrete.queries.replay import SAID, CheckRow, CommitRow, is_grown
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.work import BAD

K = TypeVar("K")
V = TypeVar("V")
HEAD = 200
"""Characters of a target or a text that is not read whole."""
FAILED = 1200
"""Characters of the end of what a failed call printed."""

OF_PLACES = ", ".join(f"'{tool}'" for tool in sorted(PLACES))
_WHOLE = ", ".join(f"'{kind}'" for kind in (*PROMPT_KINDS, "assistant_text", "queue_operation"))
_TOLD_BY_INPUT = "'ExitPlanMode', 'exit_plan_mode', 'TodoWrite', 'AskUserQuestion', 'Skill'"
"""Tools without a target, whose input says what they are about; read whole."""
_TEXT = f"CASE WHEN kind IN ({_WHOLE}) THEN text ELSE substr(text, 1, {HEAD + 1}) END"
_BAD = ", ".join(f"'{status}'" for status in BAD)
_OF = "person = ? AND session = ? AND kind <> 'tool_result'"
_MAIN = "agent = '' AND sidechain = 0"

Place = tuple[str, int]
"""A step's record and its part of it."""
Use = tuple[str, str]
"""A call: the answer that made it and its tool-use id."""


class Facts(NamedTuple):
    """What is counted of a call. status: ok, error, rejected, interrupted, None if no result was
    read; ms: how long it ran; added, removed: lines of its patch; chars: of its output."""

    status: str | None
    error_class: str | None
    ms: int | None
    chars: int | None
    added: int | None
    removed: int | None
    by_person: int | None


class Run(NamedTuple):
    """A subagent that a call started. cost: nano-dollars; times: UTC ms; runs: how many it started
    where it is several: then the figures are of all."""

    agent: str
    kind: str | None
    task: str | None
    calls: int
    cost_nano: int
    unpriced: int
    started_at: int | None
    ended_at: int | None
    runs: int = 1


class Pull(NamedTuple):
    """A pull request that was opened; url is None where the reader may not see it."""

    url: str | None
    number: int | None


class Turn(NamedTuple):
    """A prompt's figures: of its turn. Times in UTC ms, money in nano-dollars."""

    uuid: str
    number: int
    copied: int
    at: int | None
    ended_at: int | None
    active_ms: int | None
    calls: int
    cost_nano: int
    unpriced: int
    interrupted: int
    images: int


@dataclass(slots=True)
class Step:
    """One thing that happened in the main conversation. kind: the event's, a prompt from the queue
    as `queued_prompt`; number: of the prompt it belongs to, 0 before the first; answer: the API
    response it is part of; size: as Event.size; after: tokens of the context after a compaction.
    name, target, text, output and what else a person's tier hides are None where it does."""

    kind: str
    number: int
    at: int | None
    uuid: str
    part: int
    seq: int
    size: int
    answer: str
    use: str | None
    copied: bool = False
    call: Facts | None = None
    run: Run | None = None
    turn: Turn | None = None
    commits: Sequence[CommitRow] = ()
    checks: Sequence[CheckRow] = ()
    pulls: Sequence[Pull] = ()
    sightings: Sequence[tuple[str, str]] = ()
    after: int | None = None
    name: str | None = None
    variant: str | None = None
    target: str | None = None
    text: str | None = None
    output: str | None = None
    input: str | None = None
    mode: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it is a call that did not succeed."""
        return self.call is not None and self.call.status in BAD


_KIND = f"""CASE WHEN kind = 'queue_operation' AND {IS_PROMPT.format(event="e")}
  THEN 'queued_prompt' ELSE kind END"""
_FACTS = "status, error_class, ms, output_chars, lines_added, lines_removed, user_modified"


def _line(run: str) -> tuple[str, tuple[str, ...]]:
    """The condition of the records of the main conversation, or of a subagent, and its values."""
    return ("agent = ?", (run,)) if run else (_MAIN, ())


@narrowed_by("session", shows=Tier.METADATA)
def steps(scope: Scope, run: str = "") -> Question[list[Step]]:
    """Every step of the main conversation of a scope's session, or of a subagent of it (run), in
    order, system records included, without a word of anybody: kinds, times, counts, costs,
    published names of tools."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    line, whose = _line(run)
    statements = (
        (f"""SELECT {_KIND}, at, uuid, part, seq, size, message_id, tool_use_id,
          CASE WHEN kind = 'tool_call' THEN name END
          FROM event e WHERE {_OF} AND {gate} AND {line} ORDER BY seq, part""", (*key, *whose)),
        (f"""SELECT message_id, tool_use_id, spawned, {_FACTS} FROM tool_call
          WHERE {of} AND counted = 1 AND run = ?""", (*key, run)),
        (f"""SELECT uuid, number, replayed, at, ended_at, active_ms, tool_calls,
          cost_own_nano + cost_delegated_nano, unpriced, interrupted, images
          FROM prompt WHERE {of}""", key),
        (f"""SELECT agent, started_by, shown_type, tool_calls, cost_nano, unpriced, started_at,
          ended_at FROM agent_run WHERE {of}""", key),
        (f"""SELECT message_id, tool_use_id, confidence FROM session_commit WHERE {of}
          ORDER BY seq, part""", key),
        (f"""SELECT message_id, tool_use_id, kind, verdict, passed, failed FROM check_run
          WHERE {of} ORDER BY seq, part""", key),
        (f"SELECT uuid FROM session_pull WHERE {of} AND uuid IS NOT NULL ORDER BY url", key),
        (f"""SELECT practice, uuid, tool_use_id, agent, marks FROM sighting WHERE {of}
          ORDER BY practice""", key),
        (f"SELECT message_id, answer FROM response WHERE {of} AND answer IS NOT NULL", key),
        (f"""SELECT seq, input_tokens + cache_read_tokens + cache_write_tokens FROM response
          WHERE {of} AND agent = '' AND counted = 1 AND has_usage = 1 ORDER BY seq""", key),
    )  # fmt: skip
    return Question(statements, _steps)


def _steps(answers: list[list[Row]]) -> list[Step]:
    events, calls, prompts, runs, commits, checks, pulls, sightings, lines, contexts = answers
    answer_of: dict[str, str] = dict(lines)
    measured, sizes = [seq for seq, _ in contexts], [size for _, size in contexts]
    turns = {uuid: Turn(uuid, number or 0, *figures) for uuid, number, *figures in prompts}
    facts = {
        _use(answer_of, message, use): (spawned, Facts(*counted))
        for message, use, spawned, *counted in calls
    }
    started: dict[str, Run] = {}
    by_agent: dict[str, Run] = {}
    starts: dict[str, str | None] = {}
    for agent, started_by, kind, *figures in runs:
        shown_type = kind if kind and is_published("agent_type", kind) else None
        run = by_agent[agent] = Run(agent, shown_type, None, *figures)
        starts[agent] = started_by
        if started_by:
            started[started_by] = _together(started.get(started_by), run)
    made: list[Step] = []
    shown: set[tuple[str, str]] = set()
    number = 0
    published: dict[str, str | None] = {}
    for kind, at, uuid, part, seq, size, message, use, name in events:
        answer = answer_of.get(message or "", str(message or uuid))
        if use and (answer, use) in shown:
            continue  # a line that says again what another line of the same answer said
        turn = turns.get(uuid) if kind in PROMPT_KINDS else None
        number = turn.number if turn is not None else number
        step = Step(kind, number, at, uuid, part, seq, size, answer, use, turn=turn)
        step.copied = turn is not None and bool(turn.copied)
        if kind == "tool_call" and use:
            shown.add((answer, use))
            spawned, step.call = facts.get((answer, use), (None, None))
            step.run = started.get(use) or by_agent.get(spawned or "")
            if name not in published:
                published[name] = name if name and is_published("tool", name) else None
            step.name = published[name]
        elif kind == "compact_boundary":
            later = bisect_right(measured, seq)
            step.after = sizes[later] if later < len(sizes) else None
        made.append(step)
    by_use = {(step.answer, step.use): step for step in made if step.use}
    for message, use, confidence in commits:
        if (found := by_use.get(_use(answer_of, message, use))) is not None:
            found.commits = [*found.commits, CommitRow(None, None, confidence)]
    for message, use, kind, *verdict in checks:
        if (found := by_use.get(_use(answer_of, message, use))) is not None:
            found.checks = [*found.checks, CheckRow(kind, "", *verdict)]
    _place(made, pulls, sightings, starts)
    return made


def _place(
    made: list[Step], pulls: list[Row], sightings: list[Row], starts: dict[str, str | None]
) -> None:
    """Puts pull requests and sightings at the steps that prove them; a subagent's at the call that
    started it."""
    by_uuid: dict[str, Step] = {}
    by_call: dict[str, Step] = {}
    for step in made:
        by_uuid.setdefault(step.uuid, step)
        if step.use:
            by_call[step.use] = step
    for (uuid,) in pulls:
        if uuid in by_uuid:
            by_uuid[uuid].pulls = [*by_uuid[uuid].pulls, Pull(None, None)]
    for practice, uuid, use, agent, marks in sightings:
        found = by_call.get(starts.get(agent) or "") if agent else by_call.get(use)
        found = found or by_uuid.get(uuid)
        if found is not None and practice not in (name for name, _ in found.sightings):
            found.sightings = [*found.sightings, (practice, marks)]


def _together(first: Run | None, more: Run) -> Run:
    """What several subagents of one call did."""
    if first is None:
        return more
    begins = [at for at in (first.started_at, more.started_at) if at is not None]
    ends = [at for at in (first.ended_at, more.ended_at) if at is not None]
    return first._replace(
        calls=first.calls + more.calls,
        cost_nano=first.cost_nano + more.cost_nano,
        unpriced=first.unpriced + more.unpriced,
        started_at=min(begins, default=None),
        ended_at=max(ends, default=None),
        runs=first.runs + 1,
    )


def _use(answer_of: dict[str, str], message: str, use: str) -> Use:
    """What tells a call from others: its answer and its tool-use id."""
    return answer_of.get(message, str(message)), str(use)


def _by_use(of: dict[str, str], rows: list[Row]) -> list[tuple[Use, str]]:
    """Each call of rows of message, tool-use id and what is told of it, with that."""
    return [(_use(of, message, use), told) for message, use, told in rows]


class Deeds(NamedTuple):
    """Tool activity of the steps of a session: see `told`."""

    names: dict[Place, tuple[str | None, str | None]]
    variants: dict[Use, str | None]
    modes: dict[str, str | None]
    commits: dict[Use, list[str | None]]
    runners: dict[Use, list[str]]
    pulls: dict[str, list[Pull]]
    kinds: dict[str, str | None]


@narrowed_by("session", shows=Tier.ACTIVITY)
def deeds(scope: Scope, run: str = "") -> Question[Deeds]:
    """What the steps of a scope's session did, or those of a subagent: names, the beginning of
    commands and paths, shas, addresses of pull requests."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    line, whose = _line(run)
    statements = (
        (f"""SELECT uuid, part, name, CASE WHEN kind = 'tool_call' AND name IN ({OF_PLACES})
          THEN substr(text, 1, {HEAD + 1}) END FROM event e
          WHERE {_OF} AND name IS NOT NULL AND {gate} AND {line}""", (*key, *whose)),
        (f"SELECT message_id, answer FROM response WHERE {of} AND answer IS NOT NULL", key),
        (f"""SELECT message_id, tool_use_id, variant FROM tool_call
          WHERE {of} AND variant IS NOT NULL AND run = ?""", (*key, run)),
        (f"SELECT uuid, permission_mode FROM prompt WHERE {of}", key),
        (f"""SELECT message_id, tool_use_id, sha FROM session_commit WHERE {of}
          ORDER BY seq, part""", key),
        (f"""SELECT message_id, tool_use_id, runner FROM check_run WHERE {of}
          ORDER BY seq, part""", key),
        (f"SELECT uuid, url, number FROM session_pull WHERE {of} AND uuid IS NOT NULL ORDER BY url",
         key),
        (f"SELECT agent, shown_type FROM agent_run WHERE {of}", key),
    )  # fmt: skip
    return Question(statements, _deeds)


def _deeds(answers: list[list[Row]]) -> Deeds:
    names, lines, variants, modes, commits, runners, pulls, kinds = answers
    of = dict[str, str](lines)
    return Deeds(
        {(uuid, part): (name, target) for uuid, part, name, target in names},
        dict(_by_use(of, variants)),
        dict(modes),
        _listed(_by_use(of, commits)),
        _listed(_by_use(of, runners)),
        _listed([(uuid, Pull(url, number)) for uuid, url, number in pulls]),
        dict(kinds),
    )


class Words(NamedTuple):
    """What was said in the steps of a session: see `told`."""

    texts: dict[Place, str]
    outputs: dict[Use, str]
    inputs: dict[Use, str]
    subjects: dict[Use, list[str | None]]
    tasks: dict[str, str | None]


@narrowed_by("session", shows=Tier.WORDS)
def words(scope: Scope, run: str = "") -> Question[Words]:
    """What was said in the steps of a scope's session, or in those of a subagent: prompts, answers,
    plans, to-do lists and questions whole, the beginning of everything else, the end of what failed
    calls printed."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    line, whose = _line(run)
    statements = (
        (f"""SELECT uuid, part, {_TEXT}
          FROM event e WHERE {_OF} AND text IS NOT NULL AND {gate} AND {line}""",
         (*key, *whose)),
        (f"SELECT message_id, answer FROM response WHERE {of} AND answer IS NOT NULL", key),
        (f"""SELECT message_id, tool_use_id, text_of(output)
          FROM tool_call WHERE {of} AND run = ? AND output IS NOT NULL
          AND status IN ({_BAD})""", (*key, run)),
        (f"""SELECT message_id, tool_use_id, input FROM tool_call WHERE {of}
          AND tool IN ({_TOLD_BY_INPUT}) AND input IS NOT NULL""", key),
        (f"""SELECT message_id, tool_use_id, subject FROM session_commit WHERE {of}
          ORDER BY seq, part""", key),
        (f"SELECT agent, shown_task FROM agent_run WHERE {of}", key),
    )  # fmt: skip
    return Question(statements, _words)


def _words(answers: list[list[Row]]) -> Words:
    texts, lines, outputs, inputs, subjects, tasks = answers
    of = dict[str, str](lines)
    return Words(
        {(uuid, part): text for uuid, part, text in texts},
        {use: _end(output) for use, output in _by_use(of, outputs)},
        dict(_by_use(of, inputs)),
        _listed(_by_use(of, subjects)),
        dict(tasks),
    )


def _end(output: str) -> str:
    """The end of what a failed call printed."""
    return output if len(output) <= FAILED else "…" + output[-FAILED:]


@narrowed_by("session", shows=Tier.WORDS)
def whole(scope: Scope, run: str = "") -> Question[tuple[list[Step], Deeds, Words]]:
    """What `steps`, `deeds` and `words` answer, each table read once: for who may see all of it."""
    gate, seen = scope.gate
    of, key = f"person = ? AND session = ? AND {gate}", (*scope.one, *seen)
    line, whose = _line(run)
    statements = (
        (f"""SELECT {_KIND}, at, uuid, part, seq, size, message_id, tool_use_id, name, {_TEXT}
          FROM event e WHERE {_OF} AND {gate} AND {line} ORDER BY seq, part""", (*key, *whose)),
        (f"""SELECT message_id, tool_use_id, spawned, {_FACTS}, counted, variant,
          CASE WHEN status IN ({_BAD}) THEN text_of(output) END,
          CASE WHEN tool IN ({_TOLD_BY_INPUT}) THEN text_of(input) END
          FROM tool_call WHERE {of} AND run = ?""", (*key, run)),
        (f"""SELECT uuid, number, replayed, at, ended_at, active_ms, tool_calls,
          cost_own_nano + cost_delegated_nano, unpriced, interrupted, images, permission_mode
          FROM prompt WHERE {of}""", key),
        (f"""SELECT agent, started_by, shown_type, tool_calls, cost_nano, unpriced, started_at,
          ended_at, shown_task FROM agent_run WHERE {of}""", key),
        (f"""SELECT message_id, tool_use_id, confidence, sha, subject FROM session_commit
          WHERE {of} ORDER BY seq, part""", key),
        (f"""SELECT message_id, tool_use_id, kind, verdict, passed, failed, runner FROM check_run
          WHERE {of} ORDER BY seq, part""", key),
        (f"""SELECT uuid, url, number FROM session_pull WHERE {of} AND uuid IS NOT NULL
          ORDER BY url""", key),
        *((sql, values) for sql, values in steps(scope, run).statements[-3:]),
    )  # fmt: skip
    return Question(statements, _whole)


def _whole(answers: list[list[Row]]) -> tuple[list[Step], Deeds, Words]:
    events, calls, prompts, runs, commits, checks, pulls, sightings, lines, contexts = answers
    made = _steps([
        [(kind, at, uuid, part, seq, size, message, use, name if kind == "tool_call" else None)
         for kind, at, uuid, part, seq, size, message, use, name, _ in events],
        [(message, use, spawned, *facts)
         for message, use, spawned, *facts, counted, _, _, _ in calls if counted == 1],
        [(uuid, *figures) for uuid, *figures, _ in prompts],
        [(agent, *told) for agent, *told, _ in runs],
        [(message, use, confidence) for message, use, confidence, _, _ in commits],
        [(message, use, *found) for message, use, *found, _ in checks],
        [(uuid,) for uuid, _, _ in pulls],
        sightings, lines, contexts,
    ])  # fmt: skip
    did = _deeds([
        [(uuid, part, name, text if kind == "tool_call" and name in PLACES else None)
         for kind, _, uuid, part, _, _, _, _, name, text in events if name is not None],
        lines,
        [(message, use, variant)
         for message, use, *_, variant, _, _ in calls if variant is not None],
        [(uuid, mode) for uuid, *_, mode in prompts],
        [(message, use, sha) for message, use, _, sha, _ in commits],
        [(message, use, runner) for message, use, *_, runner in checks],
        pulls,
        [(agent, kind) for agent, _, kind, *_ in runs],
    ])  # fmt: skip
    said = _words([
        [(uuid, part, text) for _, _, uuid, part, *_, text in events if text is not None],
        lines,
        [(message, use, output) for message, use, *_, output, _ in calls if output is not None],
        [(message, use, given) for message, use, *_, given in calls if given is not None],
        [(message, use, subject) for message, use, *_, subject in commits],
        [(agent, task) for agent, *_, task in runs],
    ])  # fmt: skip
    return made, did, said


def _listed(rows: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: dict[K, list[V]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def told(made: list[Step], did: Deeds | None, said: Words | None) -> list[Step]:
    """The steps with what was done and said in them. Lines that say again what another line of the
    same answer said are left out."""
    for step in made:
        use, run = (step.answer, step.use or ""), step.run
        if did is not None:
            step.name, step.target = did.names.get((step.uuid, step.part), (step.name, None))
            step.variant = did.variants.get(use)
            step.mode = did.modes.get(step.uuid) if step.turn else None
            if step.commits:
                step.commits = [
                    CommitRow(sha, None, each.confidence)
                    for each, sha in _with(step.commits, did.commits.get(use, []))
                ]
            if step.checks:
                step.checks = [
                    CheckRow(each.kind, runner or "", each.verdict, each.passed, each.failed)
                    for each, runner in _with(step.checks, did.runners.get(use, []))
                ]
            if step.pulls:
                known = did.pulls.get(step.uuid, [])
                step.pulls = [pull or each for each, pull in _with(step.pulls, known)]
            if run is not None:
                run = step.run = run._replace(kind=did.kinds.get(run.agent))
        if said is not None:
            text = said.texts.get((step.uuid, step.part))
            if step.kind == "tool_call":
                step.target = step.target or text
            else:
                step.text = text
            step.output, step.input = said.outputs.get(use), said.inputs.get(use)
            if step.commits:
                step.commits = [
                    CommitRow(each.sha, subject, each.confidence)
                    for each, subject in _with(step.commits, said.subjects.get(use, []))
                ]
            if run is not None:
                step.run = run._replace(task=said.tasks.get(run.agent))
    return _once(made)


def _with(known: Sequence[K], more: Sequence[V]) -> list[tuple[K, V | None]]:
    """What is known of each with what more is told, in the same order."""
    return [(each, more[at] if at < len(more) else None) for at, each in enumerate(known)]


def _once(made: list[Step]) -> list[Step]:
    shown: dict[tuple[str, str, str], str] = {}
    found: list[Step] = []
    for step in made:
        said = (step.answer, step.kind, step.text or "")
        if step.text and shown.setdefault(said, step.uuid) != step.uuid:
            continue
        if found and step.kind in SAID and found[-1].uuid != step.uuid:
            before = (found[-1].answer, found[-1].kind)
            if before == said[:2] and is_grown(found[-1].text, step.text):
                found.pop()
        found.append(step)
    return found


class Beside(NamedTuple):
    """The sessions that began before and after one."""

    before: str | None
    after: str | None


@narrowed_by("session", shows=Tier.METADATA)
def beside(scope: Scope) -> Question[Beside]:
    """The sessions with work in them that a person began before and after the scope's."""
    gate, seen = scope.gate
    person, session = scope.one
    made = []
    for sign, order in (("<", "DESC"), (">", "ASC")):
        made.append(
            (f"""SELECT s.id FROM visible_session s WHERE s.person = ? AND s.tier >= ?
              AND s.started_at {sign} (SELECT o.started_at FROM visible_session o
                WHERE o.person = ? AND o.id = ?)
              AND (s.prompts + s.prompts_queued > 0 OR s.responses_own > 0) AND {gate}
              ORDER BY s.started_at {order} LIMIT 1""",
             (person, int(scope.tier), person, session, *seen))
        )  # fmt: skip
    return Question(
        tuple(made),
        lambda answers: Beside(*(next((id_ for (id_,) in rows), None) for rows in answers)),
    )
