"""Derives a session's outcome and practices from its stored rows.

Longer than a module should be because the rows that are asked for and what is made of them change
together.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeVar

from accrete.database import Database
from accrete.derive.byhand import checks_by_hand
from accrete.derive.days import Days
from accrete.derive.events import Event, texts_of
from accrete.derive.moments import FAR_MS
from accrete.derive.outcome_rows import replace_insight
from accrete.model import PROMPT_KINDS
from accrete.model.sessions import CheckRun, SessionCommit, SessionPull
from accrete.outcomes.addresses import same_address
from accrete.outcomes.amends import FOLDER, with_amends
from accrete.outcomes.checks import Check, checks_of, settled
from accrete.outcomes.commits import (
    OWN_KINDS,
    REPLACED,
    Commit,
    brings,
    commit_commands,
    commit_runs,
    commits_of,
    committed_lines,
    makes_commit,
    with_answers,
)
from accrete.outcomes.kinds import UNSURE
from accrete.outcomes.merges import merges_of
from accrete.outcomes.places import Places, folders_of
from accrete.outcomes.pulls import (
    Pull,
    creates,
    may_not_create,
    pulls_of,
    refused,
    says_created,
    tool_creates,
    wrapped_pulls,
)
from accrete.outcomes.pushes import push_commands, pushed
from accrete.outcomes.runners import runner_of
from accrete.outcomes.session import End, acceptance, category, lines, outcome, patched
from accrete.outcomes.shell import Simple, commands
from accrete.outcomes.story import Call, Mark, Story, Turn, ending
from accrete.outcomes.tool_names import EDITS, SHELLS
from accrete.outcomes.wrappers import may_send
from accrete.practices import all_practices
from accrete.practices.practice import Practice, Sighting
from accrete.text.json import JsonObject
from accrete.text.lazy import lazy
from accrete.transcript.client_marks import without_injected

WORDS_KEPT = 4000

Last = dict[str, list[tuple[int, str | None]]]
"""(place, message id) of the interruptions and answers of the main line, by kind."""

_MARKS = (
    "interruption",
    "plan_mode",
    "plan_handoff",
    "shell_output",
    "compact_boundary",
    "permission_mode",
    "mode",
)
_MAY_BE_MARKS = frozenset({*_MARKS, "command_output", "injected_context"})
_IS_MARK = f"""kind IN ({", ".join(f"'{kind}'" for kind in _MARKS)})
OR (kind = 'command_output' AND text LIKE '%Unknown%')
OR (kind = 'injected_context' AND (text LIKE 'Base directory for this skill: %'
OR (text LIKE '%.claude%' AND parent IN (
  SELECT p.uuid FROM prompt p WHERE p.person = event.person AND p.session = event.session
  AND p.kind = 'slash_command'))))"""
_TURN_ROWS = """SELECT p.uuid, p.kind, p.seq, p.at, e.text, p.command, p.permission_mode
FROM prompt p
LEFT JOIN event e ON e.person = p.person AND e.session = p.session AND e.agent = ''
AND e.uuid = p.uuid AND e.kind IN (p.kind, 'queue_operation')
WHERE p.person = ? AND p.session = ? AND p.replayed = 0 ORDER BY p.seq, p.uuid, e.part"""
_CALL_ROWS = """SELECT message_id, tool_use_id, uuid, run, seq, at, tool, variant, target, status,
    decision_source, decision, denial,
result_at, lines_added, lines_removed, user_modified, spawned, detail,
CASE WHEN tool IN ('TodoWrite', 'TaskUpdate') THEN text_of(input) END,
CASE WHEN tool IN ('Agent', 'Task')
  AND text_of(input) LIKE '%"isolation"%"worktree"%' THEN 1 ELSE 0 END,
CASE WHEN tool IN ('Bash', 'PowerShell') OR status = 'rejected' OR tool LIKE 'mcp%'
  THEN text_of(output) END,
COALESCE(answer, message_id),
CASE WHEN tool IN ('Agent', 'Task')
  AND text_of(output) LIKE '%worktreePath: %' THEN text_of(output) END,
CASE WHEN tool IN ('Agent', 'Task') AND status IN ('rejected', 'error')
AND EXISTS (SELECT 1 FROM agent_run r WHERE r.person = tool_call.person
  AND r.session = tool_call.session AND r.started_by = tool_call.tool_use_id AND r.responses > 0)
  THEN 1 END
FROM tool_call WHERE person = ? AND session = ? AND counted = 1
ORDER BY seq, message_id, tool_use_id"""
_ANSWERS = """SELECT a.message_id, a.tool_use_id, a.part, a.answer, a.sha FROM tool_call t
JOIN git_answer a
ON a.person = t.person AND a.message_id = t.message_id AND a.tool_use_id = t.tool_use_id
WHERE t.person = ? AND t.session = ?"""
_LATER = """SELECT output FROM tool_call WHERE person = ? AND session = ?
AND (text_of(input) LIKE ? OR target LIKE ?) AND tool_use_id <> ? AND output IS NOT NULL
ORDER BY seq, message_id, tool_use_id"""
_ENDED = """SELECT text FROM event WHERE person = ? AND session = ? AND text LIKE ?
AND kind IN ('task_notification', 'queue_operation', 'machine_message', 'injected_context')
ORDER BY seq, uuid, part"""
_SEEN = "SELECT event, MAX(at) FROM hook_event WHERE person = ? AND session = ? GROUP BY event"
_SYNTHETIC = "SELECT message_id FROM response WHERE person = ? AND session = ? AND synthetic = 1"
_ERRORS = """SELECT seq, error FROM response WHERE person = ? AND session = ? AND synthetic = 1
AND error IS NOT NULL AND agent = ''
ORDER BY seq DESC LIMIT 1"""
_LINKS = """SELECT l.url, l.at, p.number, p.repository FROM session_pull_request l
JOIN pull_request p ON p.person = l.person AND p.url = l.url WHERE l.person = ? AND l.session = ?
    ORDER BY l.at NULLS LAST, l.url"""
_REASON = lazy(
    r"(?:reason for the rejection|how to proceed, the user said):\s*(\S.{0,200})", re.DOTALL
)
"""What a person wrote when they refused a step, in the result that Claude is given."""
_SILENCED = lazy(r"&?>>?\s*(?:/dev/null|\$null)|\|\s*Out-Null", re.IGNORECASE)
"""Output of a command that is thrown away."""


class _CallRow(NamedTuple):
    """A tool call as it is stored, with what its output and its input are looked at for."""

    message_id: str
    use: str
    uuid: str
    run: str
    seq: int
    at: int | None
    tool: str
    variant: str | None
    target: str | None
    status: str | None
    decision_source: str | None
    decision: str | None
    denial: str | None
    result_at: int | None
    added: int | None
    removed: int | None
    user_modified: int | None
    spawned: str | None
    detail: str | None
    input: str | None
    in_worktree: int
    output: str | None
    answer: str
    isolated: str | None
    ran: int | None


class Where(NamedTuple):
    """The folder that a session worked in between two places of its main line."""

    cwd: str
    first_seq: int
    last_seq: int


def derive_insight(
    db: Database,
    person: int,
    session: str,
    *,
    automated: bool,
    project: str | None,
    branch: str | None,
    wheres: Sequence[Where],
    models: frozenset[str],
    replayed: Container[str],
    last: Last,
    days: Days,
    events: Iterable[Event],
) -> dict[str, object]:
    """Stores commits, pull requests, checks and sightings of the session and adds them to its days;
    returns the values of its own columns."""
    key = (person, session)
    marks = _marks(db, [event for event in events if event.uuid not in replayed])
    turns = _turns(db, key)
    story, timeless = _in_order(
        days,
        Story(
            session,
            automated,
            turns,
            _calls(db, key, wheres),
            marks,
            models=models,
            trees=tuple(dict.fromkeys(where.cwd for where in wheres)),
            branch=bool(branch),
            typed=checks_by_hand(turns, marks),
        ),
    )

    def placed(at: Call | Sighting) -> tuple[int | None, str]:
        return None if at.uuid in timeless else at.at, days.of(at.at, at.run, at.seq)

    pulls = [(pull, days.of(pull.at, "", 0)) for pull in _pulls(db, key, story)]
    replace_insight(
        db,
        key,
        commits=[
            SessionCommit(
                person,
                session,
                call.message_id,
                call.use,
                part,
                project,
                c.sha,
                c.branch,
                c.subject,
                c.confidence,
                c.kind,
                call.uuid,
                call.seq,
                *placed(call),
            )
            for call in story.calls
            for part, c in enumerate(call.commits)
        ],  # fmt: skip
        pulls=[
            SessionPull(
                person,
                session,
                pull.url,
                pull.number,
                pull.repository,
                pull.confidence,
                pull.uuid,
                pull.seq,
                None if pull.uuid in timeless else pull.at,
                day,
            )
            for pull, day in pulls
        ],  # fmt: skip
        checks=[
            CheckRun(
                person,
                session,
                call.message_id,
                call.use,
                part,
                call.run,
                check.kind,
                check.runner,
                check.verdict,
                check.passed,
                check.failed,
                call.uuid,
                call.seq,
                *placed(call),
            )
            for call in story.checking
            for part, check in enumerate(call.checks)
        ],  # fmt: skip
        practices=[
            (practice.name, possible, sightings, practice.version)
            for practice in all_practices()
            for possible, sightings in (_observed(practice, story),)
        ],
        placed=placed,
    )
    values = _values(db, key, story, len(pulls), branch, last)
    _add_to_days(days, story, [day for _, day in pulls])
    return values


_Timed = TypeVar("_Timed", Turn, Call, Mark)


def _in_order(days: Days, story: Story) -> tuple[Story, set[str]]:
    """The story with a time for everything, that of its nearest neighbour where it has none of its
    own, so that what is in order stays so; and the uuids of what has none."""
    timeless: set[str] = set()

    def timed(each: _Timed) -> _Timed:
        if each.at is not None:
            return each
        timeless.add(each.uuid)
        return each._replace(
            at=days.moments.near("" if isinstance(each, Turn) else each.run, each.seq)
        )

    in_order = replace(
        story,
        turns=[timed(each) for each in story.turns],
        calls=[timed(each) for each in story.calls],
        marks=[timed(each) for each in story.marks],
        typed=tuple(timed(each) for each in story.typed),
    )
    return in_order, timeless


def _add_to_days(days: Days, story: Story, pulled: list[str]) -> None:
    """Adds what came of the session to the days on which it did."""
    calls: dict[str, list[Call]] = defaultdict(list)
    for call in story.checking:
        calls[days.of(call.at, call.run, call.seq)].append(call)
    for day, some in calls.items():
        days.add_all(day, _made(some))
        for call in patched(some):
            kind = ending(call.target) if call.tool in EDITS and call.target else ""
            days.add_lines(day, kind, call.added or 0, call.removed or 0)
    for day in pulled:
        days.add(day, "pull_requests")
    for call in story.changes:
        if call.target:
            days.add_file(days.of(call.at, call.run, call.seq), call.target)


def _made(calls: list[Call]) -> dict[str, int | None]:
    """What came of some calls, but for pull requests, which are known by their address."""
    commits = [commit for call in calls for commit in call.commits]
    checks = [check for call in calls for check in call.checks]
    accepted = acceptance(calls)
    added, removed = lines(calls)
    return {
        "commits": sum(c.confidence not in UNSURE and c.kind in OWN_KINDS for c in commits),
        "commits_unconfirmed": sum(c.confidence in UNSURE and c.kind != REPLACED for c in commits),
        "checks": len(checks),
        "checks_failed": sum(check.verdict == "failed" for check in checks),
        "lines_added": added,
        "lines_removed": removed,
        "edits_proposed": accepted.proposed,
        "edits_landed": accepted.landed,
        "edits_changed_by_user": accepted.changed_by_user,
        "asked_accepted": accepted.accepted,
        "asked_rejected": accepted.rejected,
    }


def _observed(practice: Practice, story: Story) -> tuple[bool | None, list[Sighting]]:
    last_first = reversed(list(practice.find(story)))
    sightings = list(reversed({(s.uuid, s.use): s for s in last_first}.values()))
    return (True if sightings else practice.possible(story)), sightings


def _marks(db: Database, events: Iterable[Event]) -> list[Mark]:
    some = [event for event in events if event.kind in _MAY_BE_MARKS]
    texts = texts_of(db, some, _IS_MARK)
    return [
        Mark(e.kind, e.uuid, e.agent, e.seq, e.at, e.name, texts[e.id])
        for e in sorted(some, key=lambda e: (e.seq, e.uuid, e.agent, e.part))
        if e.id in texts
    ]


def _turns(db: Database, key: tuple[int, str]) -> list[Turn]:
    found: dict[str, Turn] = {}
    for uuid, kind, seq, at, text, command, mode in db.run(_TURN_ROWS, key):
        found.setdefault(
            uuid,
            Turn(uuid, kind, seq, at, without_injected(text or "")[:WORDS_KEPT], command, mode),
        )
    return [turn for turn in found.values() if turn.kind in PROMPT_KINDS]


def _calls(db: Database, key: tuple[int, str], wheres: Sequence[Where]) -> list[Call]:
    said: dict[tuple[str, str], dict[int, tuple[str, str | None]]] = {}
    for message_id, use, part, answer, sha in db.run(_ANSWERS, key):
        said.setdefault((message_id, use), {})[part] = (answer, sha)
    rows = [_CallRow._make(row) for row in db.run(_CALL_ROWS, key)]
    places = _places(rows, wheres)
    calls = [_settled(db, key, _call(row, places, wheres)) for row in rows]
    return with_amends(
        call._replace(commits=with_answers(call.commits, said[call.key]))
        if call.key in said
        else call
        for call in calls
    )


def _settled(db: Database, key: tuple[int, str], call: Call) -> Call:
    """The call with the verdicts of its checks, where they went on in the background and their end
    is told."""
    task = call.detail.get("background")
    if not call.checks or not isinstance(task, str) or not re.fullmatch(r"[\w-]{3,}", task):
        return call
    named = f"%{task}%"
    texts = [output for (output,) in db.run(_LATER, (*key, named, named, call.use))]
    texts += [text for (text,) in db.run(_ENDED, (*key, named))]
    found = _read(call.target or "", call.tool == "PowerShell").found
    return call._replace(checks=tuple(settled(found, texts)) or call.checks)


def _places(rows: list[_CallRow], wheres: Sequence[Where]) -> Places:
    places = Places(wheres[0].cwd if wheres else None)
    for row in rows:
        tool, target = row.tool, row.target
        if tool in SHELLS and target and "git" in target:
            places.learn(_read(target, tool == "PowerShell").found, target, _cwd(row, wheres))
    return places


def _cwd(row: _CallRow, wheres: Sequence[Where]) -> str | None:
    """The folder in which a call of the main line began; a subagent's places are of another
    file.
    """
    before = [where for where in wheres if where.first_seq <= row.seq and not row.run]
    return (
        max(before, key=lambda where: (where.last_seq >= row.seq, where.first_seq)).cwd
        if before
        else None
    )


def _call(row: _CallRow, places: Places, wheres: Sequence[Where]) -> Call:
    tool, target, status, output = row.tool, row.target, row.status, row.output or ""
    detail = _detail(row.detail)
    beside = (("input", row.input), ("isolated", row.isolated), ("ran", row.ran))
    detail |= {name: said for name, said in beside if said}
    if status == "rejected" and (said := _REASON.search(output)):
        detail["reason"] = said.group(1)
    made: _Made = ((), (), (), False)
    if tool in SHELLS and target:
        made = _of_shell(tool, target, status, output, detail, places, _cwd(row, wheres))
    elif tool_creates(tool):
        made = ((), tuple(pulls_of(True, ok=status == "ok", output=output, told=detail)), (), False)
    as_stored = row[: _CallRow._fields.index("detail")]
    return Call._make((*as_stored, detail, bool(row.in_worktree), *made, row.answer))


_Made = tuple[tuple[Commit, ...], tuple[Pull, ...], tuple[Check, ...], bool]
"""Commits, pull requests and checks of a call, and whether it pushed."""


def _detail(text: str | None) -> JsonObject:
    """The details of a call; none where an older program cut them in the middle."""
    try:
        detail = json.loads(text) if text else {}
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


class _Read(NamedTuple):
    """What a command asks for, by its words alone."""

    found: tuple[Simple, ...]
    asked: list[tuple[str, ...]]
    creating: bool
    other: str | None
    runs: bool
    pushing: bool
    sends: bool


@lru_cache(maxsize=1024)
def _read(target: str, powershell: bool) -> _Read:
    """People and models type the same commands again and again: each is read once."""
    found = tuple(commands(target, powershell=powershell))
    runs = any(runner_of(simple.words) for simple in found)
    pushing = bool(push_commands(found))
    return _Read(
        found, commit_commands(found), creates(found), brings(found), runs, pushing, may_send(found)
    )


def _of_shell(
    tool: str,
    target: str,
    status: str | None,
    output: str,
    told: JsonObject,
    places: Places,
    cwd: str | None,
) -> _Made:
    read = _read(target, tool == "PowerShell")
    found, ok = read.found, status == "ok"
    scratch = places.scratch(found, target, cwd, output)
    runs = commit_runs(found, scratch, silenced=_SILENCED.search(target) is not None, text=target)
    creating = read.creating and (not may_not_create(found) or says_created(output))
    sends = read.sends and status in ("ok", "error", "interrupted") and not any(scratch)
    pulls = pulls_of(creating, ok=ok, output=output, told=told)
    if sends and not read.creating and not pulls:
        pulls = wrapped_pulls(output)
    if creating and ok and not pulls and not refused(output):
        told["pull_asked"] = True
    if read.asked and (lines := committed_lines(output)) is not None:
        told["committed_lines"] = lines
    made = commits_of(
        read.asked, ok=ok, output=output, told=told, other=read.other, runs=runs, wrapped=sends
    )
    made += merges_of(found, scratch, ok=ok, output=output) if "merge" in target else []
    if made:
        told[FOLDER] = _committed_in(found, target, cwd or places.home)
    checks = (
        checks_of(found, status=status, output=output, background=bool(told.get("background")))
        if read.runs
        else []
    )
    return (
        tuple(made),
        tuple(pulls),
        tuple(checks),
        pushed(found, ok=ok, output=output, told=told, wrapped=sends, scratch=scratch),
    )


def _committed_in(found: Sequence[Simple], target: str, cwd: str) -> str:
    """The folder in which a call committed, as its text says."""
    folders = folders_of(found, target, cwd)
    return next(
        (folder for simple, folder in zip(found, folders, strict=True) if makes_commit(simple)),
        cwd,
    )


class _Opened(NamedTuple):
    """A pull request that the session opened, and the call that did; a linked one has no call."""

    url: str
    number: int | None
    repository: str | None
    confidence: str
    uuid: str | None
    seq: int | None
    at: int | None


def _pulls(db: Database, key: tuple[int, str], story: Story) -> list[_Opened]:
    """What calls created, once for each address. A link counts only where a call created one and
    did not say which: the client also links what a session only works on."""
    found: dict[str, _Opened] = {}
    for call in story.calls:
        for pull in call.pulls:
            said = (pull.url, pull.number, pull.repository, pull.confidence)
            found.setdefault(same_address(pull.url), _Opened(*said, call.uuid, call.seq, call.at))
    unnamed = [call for call in story.calls if call.detail.get("pull_asked") and not call.pulls]
    links = db.run(_LINKS, key) if unnamed else []
    for call in unnamed:
        after = [
            (url, at, number, repository)
            for url, at, number, repository in links
            if at is not None
            and call.at is not None
            and at >= call.at
            and same_address(url) not in found
        ]
        for url, at, number, repository in after[:1]:
            linked = (
                at if at < (call.at or 0) + FAR_MS else None
            )  # a clock that was wrong tells nothing
            said = (url, number, repository, "linked")
            found[same_address(url)] = _Opened(*said, None, None, linked or call.at)
    return list(found.values())


OPEN_MS = 24 * 3_600_000
"""How long after its last event a session that was not seen to end may still be open, as later
events of others tell."""


def _is_open(db: Database, key: tuple[int, str]) -> bool:
    """Whether hooks saw the session begin and not end since, and no event of another a day
    later."""
    seen: dict[str, int] = dict(db.run(_SEEN, key))
    if seen.get("SessionStart", -1) <= seen.get("SessionEnd", -1):
        return False
    ((newest,),) = db.run("SELECT MAX(at) FROM hook_event WHERE person = ?", key[:1])
    return bool(newest - max(seen.values()) < OPEN_MS)


def _values(
    db: Database, key: tuple[int, str], story: Story, pulls: int, branch: str | None, last: Last
) -> dict[str, object]:
    made_up = {message_id for (message_id,) in db.run(_SYNTHETIC, key)}
    stop = max((seq for seq, _ in last["interruption"]), default=None)
    answer = max(
        (
            seq
            for seq, message in last["assistant_text"]
            if message is not None and message not in made_up
        ),
        default=None,
    )
    failed_at, error = next(iter(db.run(_ERRORS, key)), (None, None))
    _, last_use = next(iter(last["end"]), (0, None))
    prompt = max(
        (
            turn.seq
            for turn in story.turns
            if turn.kind not in ("queued_prompt", "slash_command", "shell_input")
        ),
        default=None,
    )
    end = End(
        failed_at,
        error,
        answer,
        prompt,
        stop,
        broken_off=bool(last["end"]),
        use=last_use,
        open=_is_open(db, key),
    )
    judged, kind = outcome(story, end, pulls), category(story, branch)
    return {
        "outcome": judged.value, "outcome_reason": judged.reason,
        "category": kind.value if judged.value else None, "category_reason": kind.reason,
        "pull_requests": pulls, "files_edited": len(story.changed_files), **_made(story.checking),
    }  # fmt: skip
