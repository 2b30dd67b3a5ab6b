"""Sessions and what is worked out of their rows: totals, days, outcomes, practices. All of it can be derived again."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import (
    activity,
    count,
    day,
    flag,
    instant,
    key,
    local,
    money,
    name,
    span,
    tokens,
    words,
)

_PERSON = key("whose it is")
_SESSION = key("the session")
_DAY = day("the local day that it counts on")


class Session(NamedTuple):
    """What is kept of a session before anything is derived."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, key("the client's id of it")]
    client: Annotated[str, key("the program that it ran in")]
    zone: Annotated[str, local("the time zone that its days are of")]
    zone_assumed: Annotated[int, local("whether the zone is this machine's for want of a better one", "0 or 1")]
    stale: Annotated[int, local("whether it is to be derived again", "0 or 1")]
    source_missing_at: Annotated[int | None, local("when its transcript was found gone", "UTC ms")]
    reader: Annotated[int, local("the oldest reader that any of its rows rests on")]


class SessionState(NamedTuple):
    """What a session is, as far as its rows tell."""

    derived_version: Annotated[int, key("the version of the rules")]
    derive_error: Annotated[str | None, local("why it could not be worked out")]
    project: Annotated[str | None, key("the project of the folder that it began in; leaves under another id")]
    cwd: Annotated[str | None, activity("the folder that it began in")]
    branch: Annotated[str | None, activity("the git branch, the last one named")]
    version: Annotated[str | None, name("the client's version, the last one named", "client_version")]
    entrypoint: Annotated[str | None, name("how the client was started", "entrypoint")]
    title: Annotated[str | None, words("what it is called")]
    title_source: Annotated[str | None, key("where the title is from")]
    automated: Annotated[int, flag("whether a program started it, not a person")]
    automated_reason: Annotated[str | None, local("by what rule it is automated")]
    forked_from: Annotated[str | None, key("the session that it continues with copied lines")]
    started_at: Annotated[int | None, instant("first message")]
    ended_at: Annotated[int | None, instant("last message")]
    local_day: Annotated[str | None, day("the local day that it began on")]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00 in which it began", "0 to 167")]
    wall_ms: Annotated[int | None, span("from first to last message")]
    prompts_replayed: Annotated[int, count("prompts that are another session's, copied")]
    prompts_taken_back: Annotated[int, count("queued texts that were taken back before Claude saw them")]
    client_cost_nano: Annotated[int | None, money("what Claude Code itself wrote down as the cost")]
    outcome: Annotated[str | None, key("what came of it (outcomes/session.py)")]
    outcome_reason: Annotated[str | None, activity("what says so")]
    category: Annotated[str | None, key("what kind of work it was")]
    category_reason: Annotated[str | None, activity("what says so")]
    files_edited: Annotated[int, count("files that it changed")]


class SessionFigures(NamedTuple):
    """Figures that a session and each of its days have alike: those of the days add up to the session's, but for
    `plan_mode`. The last five are NULL where nothing tells."""

    plan_mode: Annotated[int, flag("whether it was in plan mode")]
    work_blocks: Annotated[int, count("stretches of work without a long pause that began")]
    prompts: Annotated[int, count("prompts typed")]
    prompts_queued: Annotated[int, count("prompts queued, or sent while Claude worked")]
    interruptions: Annotated[int, count("times that the person stopped Claude")]
    compactions: Annotated[int, count("times that the context was compacted")]
    api_errors: Annotated[int, count("errors of the API")]
    agents: Annotated[int, count("subagents started")]
    tool_calls: Annotated[int, count("tool calls")]
    tool_errors: Annotated[int, count("tool calls that failed")]
    responses_own: Annotated[int, count("API responses of the main line")]
    responses_delegated: Annotated[int, count("API responses of subagents")]
    tokens_own: Annotated[int, tokens("all kinds, of the main line")]
    tokens_delegated: Annotated[int, tokens("all kinds, of subagents")]
    cost_own_nano: Annotated[int, money("of the main line")]
    cost_delegated_nano: Annotated[int, money("of subagents")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    lower_bound: Annotated[int, count("responses whose output is known in part only")]
    price_assumed: Annotated[int, count("those whose price is older than its first sighting")]
    commits: Annotated[int, count("commits made")]
    commits_unconfirmed: Annotated[int, count("commits of which neither git nor output tells")]
    pull_requests: Annotated[int, count("pull requests opened")]
    checks: Annotated[int, count("runs of tests, builds and lint")]
    checks_failed: Annotated[int, count("of them failed")]
    edits_proposed: Annotated[int, count("edits that Claude proposed")]
    edits_landed: Annotated[int, count("edits that were applied")]
    edits_changed_by_user: Annotated[int, count("edits that the person changed first")]
    active_ms: Annotated[int | None, span("active time")]
    lines_added: Annotated[int | None, count("lines added by patches", "lines")]
    lines_removed: Annotated[int | None, count("lines removed by patches", "lines")]
    asked_accepted: Annotated[int | None, count("edits that the person was asked for and accepted")]
    asked_rejected: Annotated[int | None, count("edits that the person was asked for and refused")]


class SessionDay(NamedTuple):
    """What of a session happened on one local day: its key and span, then the SessionFigures of that day."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, day("the day; '' where no record of the session has a time")]
    first_at: Annotated[int | None, instant("first message of the day")]
    last_at: Annotated[int | None, instant("last message of the day")]


DAY_FIGURES = SessionFigures._fields[1:]
"""What a session's days add up to."""
DAY_KNOWN = DAY_FIGURES[DAY_FIGURES.index("active_ms") :]
"""Those that are NULL where nothing tells."""


class PromptFigures(NamedTuple):
    """What is worked out of a prompt and the turn that it began."""

    number: Annotated[int | None, count("its place among the session's prompts, from 1")]
    replayed: Annotated[int, flag("whether it is another session's, copied")]
    interrupted: Annotated[int, flag("whether the person stopped the turn")]
    local_day: Annotated[str | None, day("the local day that it was sent on")]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    ended_at: Annotated[int | None, instant("last message of the turn")]
    active_ms: Annotated[int | None, span("active time of the turn")]
    responses: Annotated[int, count("API responses of the turn")]
    tool_calls: Annotated[int, count("tool calls of the turn")]
    tokens_own: Annotated[int, tokens("all kinds, of the main line")]
    tokens_delegated: Annotated[int, tokens("all kinds, of subagents")]
    cost_own_nano: Annotated[int, money("of the main line")]
    cost_delegated_nano: Annotated[int, money("of subagents")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    reader: Annotated[int, local("the reader's version that read it")]


class ResponseFigures(NamedTuple):
    """What is worked out of a response."""

    counted: Annotated[int, flag("0 for a copy of another line's answer")]
    run: Annotated[str, key("the subagent that it is of; '' for the main line")]
    prompt: Annotated[str | None, key("the prompt whose turn it is of")]
    searches_credited: Annotated[int, count("searches that its tool calls tell of")]
    local_day: Annotated[str | None, _DAY]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    lower_bound: Annotated[int, flag("whether its output is known in part only")]
    cost_nano: Annotated[int | None, money("what it costs at the API's price; NULL without a known price")]
    cost_basis: Annotated[str | None, key("how the price is known, or why not")]
    price_version: Annotated[str | None, key("the version of the price table")]
    reader: Annotated[int, local("the reader's version that read it")]
    answer: Annotated[str | None, key("the line whose usage counts for the answer, where that is another")]


class ToolCallFigures(NamedTuple):
    """What is worked out of a tool call."""

    run: Annotated[str, key("the subagent that it is of; '' for the main line")]
    prompt: Annotated[str | None, key("the prompt whose turn it is of")]
    reader: Annotated[int, local("the reader's version that read the call")]
    result_reader: Annotated[int, local("the reader's version that read the result")]
    answer: Annotated[str | None, key("the line whose usage counts for the answer, where that is another")]
    counted: Annotated[int, flag("0 for a call that another line of its answer repeats")]
    local_day: Annotated[str | None, _DAY]


class AgentRunFigures(NamedTuple):
    """What is worked out of a subagent's run."""

    shown_type: Annotated[str | None, name("its type, by its own file or by the call", "agent_type")]
    shown_task: Annotated[str | None, words("its task, by its own file or by the call")]
    started_by: Annotated[str | None, key("the call that started it")]
    replayed: Annotated[int, flag("whether it is another session's, copied")]
    prompt: Annotated[str | None, key("the prompt whose turn started it")]
    model: Annotated[str | None, name("the model that answered last", "model")]
    started_at: Annotated[int | None, instant("first message")]
    ended_at: Annotated[int | None, instant("last message")]
    responses: Annotated[int, count("API responses")]
    tool_calls: Annotated[int, count("tool calls")]
    tokens: Annotated[int, tokens("all kinds")]
    cost_nano: Annotated[int, money("of its responses")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    derived: Annotated[int, local("1 for a run of which only events and calls tell", "0 or 1")]
    reader: Annotated[int, local("the reader's version that read it")]


class Inference(NamedTuple):
    """An inference that is billed beside the usage of its response: an advisor's, a compaction, an attempt before a
    fallback. What it does not have of its own is the response's."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response")]
    request_id: Annotated[str, key("the response's request")]
    part: Annotated[int, count("its place in the response's list")]
    at: Annotated[int | None, instant("when the response began")]
    kind: Annotated[str, key("what it was for")]
    model: Annotated[str | None, name("the model that answered", "model")]
    branch: Annotated[str | None, activity("the git branch")]
    skill: Annotated[str | None, activity("the skill that it was working for")]
    input_tokens: Annotated[int, tokens("input that no cache held")]
    output_tokens: Annotated[int, tokens("output")]
    cache_read_tokens: Annotated[int, tokens("input read from the cache")]
    cache_write_tokens: Annotated[int, tokens("input written to the cache")]
    cache_write_5m_tokens: Annotated[int, tokens("of it kept for five minutes")]
    cache_write_1h_tokens: Annotated[int, tokens("of it kept for an hour")]
    speed: Annotated[str | None, name("the speed that is billed", "speed")]
    geo: Annotated[str | None, name("where inference ran", "geo")]
    tier: Annotated[str | None, name("the service tier", "service_tier")]
    refusal: Annotated[str | None, name("the category of a refusal", "refusal")]
    run: Annotated[str, key("the subagent that it is of; '' for the main line")]
    prompt: Annotated[str | None, key("the prompt whose turn it is of")]
    local_day: Annotated[str | None, _DAY]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    cost_nano: Annotated[int | None, money("what it costs; NULL without a known price")]
    cost_basis: Annotated[str, key("how the price is known, or why not")]
    price_version: Annotated[str, key("the version of the price table")]


class SessionUsage(NamedTuple):
    """What is billed of a session, added up by day, model, branch, and whether it was delegated."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    model: Annotated[str, name("the model", "model")]
    branch: Annotated[str, activity("the git branch")]
    delegated: Annotated[int, flag("whether subagents'")]
    responses: Annotated[int, count("API responses")]
    input_tokens: Annotated[int, tokens("input that no cache held")]
    output_tokens: Annotated[int, tokens("output")]
    cache_read_tokens: Annotated[int, tokens("input read from the cache")]
    cache_write_tokens: Annotated[int, tokens("input written to the cache")]
    web_searches: Annotated[int, count("searches that the API made")]
    cost_nano: Annotated[int, money("of what has a price")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    lower_bound: Annotated[int, count("responses whose output is known in part only")]
    price_assumed: Annotated[int, count("those whose price is older than its first sighting")]


class SessionTool(NamedTuple):
    """Tool calls of a session, added up by day and tool."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    tool: Annotated[str, name("the tool", "tool")]
    calls: Annotated[int, count("calls")]
    errors: Annotated[int, count("of them failed")]


class SessionFile(NamedTuple):
    """A file that a session changed on a local day."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    path: Annotated[str, activity("the file")]


class WorkBlock(NamedTuple):
    """A stretch of work in one session without a long pause."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    started_at: Annotated[int, instant("its first message")]
    ended_at: Annotated[int, instant("its last message")]
    active_ms: Annotated[int, span("active time in it")]
    local_day: Annotated[str, day("the local day that it began on")]


class SessionWorktree(NamedTuple):
    """A git worktree that a session made, listed or was in."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    worktree: Annotated[str, activity("its folder")]
    repository: Annotated[str, activity("a folder of its repository")]
    at: Annotated[int, instant("when that was seen")]


class SessionCommit(NamedTuple):
    """A commit that a tool call of the session made."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, count("its place among the commits of the call")]
    project: Annotated[str | None, key("the project; leaves under another id")]
    sha: Annotated[str | None, activity("its id, maybe short; NULL where nothing told it")]
    branch: Annotated[str | None, activity("the git branch")]
    subject: Annotated[str | None, words("the first line of its message")]
    confidence: Annotated[str, key("how sure it is")]
    kind: Annotated[str, key("commit, amend, merge, …")]
    uuid: Annotated[str, key("the record of the call")]
    seq: Annotated[int, count("where that record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was made")]
    local_day: Annotated[str | None, _DAY]


class SessionPull(NamedTuple):
    """A pull request that the session opened."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    url: Annotated[str, activity("its address")]
    number: Annotated[int | None, activity("its number")]
    repository: Annotated[str | None, activity("owner/name")]
    confidence: Annotated[str, key("how sure it is")]
    uuid: Annotated[str | None, key("the record that tells of it")]
    seq: Annotated[int | None, count("where that record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was opened")]
    local_day: Annotated[str | None, _DAY]


class CheckRun(NamedTuple):
    """One run of tests, a build or lint."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, count("its place among the checks of the call")]
    run: Annotated[str, key("the subagent that it is of; '' for the main line")]
    kind: Annotated[str, key("tests, build, lint, …")]
    runner: Annotated[str, activity("the program that ran")]
    verdict: Annotated[str, key("passed, failed, unknown")]
    passed: Annotated[int | None, count("tests that passed")]
    failed: Annotated[int | None, count("tests that failed")]
    uuid: Annotated[str, key("the record of the call")]
    seq: Annotated[int, count("where that record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it ran")]
    local_day: Annotated[str | None, _DAY]


class Sighting(NamedTuple):
    """One observed moment of a practice, with the record that proves it."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    practice: Annotated[str, key("the practice")]
    uuid: Annotated[str, key("the record that proves it")]
    tool_use_id: Annotated[str, key("the call that proves it; '' where it is no call")]
    agent: Annotated[str, key("the subagent's line that holds it; '' for the main line")]
    seq: Annotated[int, count("where the record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was")]
    local_day: Annotated[str | None, _DAY]
    marks: Annotated[str, key("what was done well, separated by spaces")]
    note: Annotated[str | None, words("what is to be said of it")]


class SessionPractice(NamedTuple):
    """Whether a practice was possible in a session, and how often it was seen."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    practice: Annotated[str, key("the practice")]
    possible: Annotated[int | None, count("whether it was possible; NULL where nothing tells", "0 or 1")]
    sightings: Annotated[int, count("how often it was seen")]
    marked: Annotated[int, count("of them done well")]
    version: Annotated[int, key("the version of the practice's rules")]


class PersonWeek(NamedTuple):
    """A person's week, from Monday on, by project: in how many sessions a practice was possible, and seen."""

    person: Annotated[int, _PERSON]
    project: Annotated[str, key("the project; '' for sessions without a folder; leaves under another id")]
    week: Annotated[str, day("its Monday")]
    practice: Annotated[str, key("the practice")]
    eligible: Annotated[int, count("sessions of a person in which it was possible")]
    seen: Annotated[int, count("of them those in which it was seen")]
    sightings: Annotated[int, count("how often it was seen")]
    marked: Annotated[int, count("of them done well")]
    versions: Annotated[str, key("the versions of the practice's rules that this rests on, separated by spaces")]
