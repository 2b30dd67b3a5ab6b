"""Sessions and everything derived from their rows: totals, outcomes, practices."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import (
    Field,
    Holds,
    activity,
    count,
    day,
    flag,
    instant,
    kept_here,
    key,
    local,
    money,
    name,
    span,
    tokens,
    words,
)

_PERSON = key("the person")
_SESSION = key("the session")
_DAY = day("the local day it counts on")


def _told(meaning: str) -> Field:
    """A moment that a forge tells."""
    return activity(meaning, unit="UTC ms", holds=Holds.VALUE)


class Session(NamedTuple):
    """A session before anything is derived."""

    person: Annotated[int, _PERSON]
    id: Annotated[str, key("the client's id")]
    client: Annotated[str, key("the program it ran in")]
    zone: Annotated[str, local("the time zone of its days")]
    zone_assumed: Annotated[
        int, local("whether the zone is this machine's because none is known", "0 or 1")
    ]
    stale: Annotated[int, local("whether it must be derived again", "0 or 1")]
    source_missing_at: Annotated[
        int | None, local("when its transcript was found missing", "UTC ms")
    ]
    reader: Annotated[int, local("the oldest reader version among its rows")]


class SessionState(NamedTuple):
    """A session, derived from its rows."""

    derived_version: Annotated[int, key("the version of the rules")]
    derive_error: Annotated[str | None, local("why it could not be derived")]
    project: Annotated[str | None, key("the project of its first folder; leaves under another id")]
    cwd: Annotated[str | None, activity("its first folder")]
    branch: Annotated[str | None, activity("the last git branch")]
    version: Annotated[str | None, name("the last client version", "client_version")]
    entrypoint: Annotated[str | None, name("how the client was started", "entrypoint")]
    title: Annotated[str | None, words("its name")]
    title_source: Annotated[str | None, key("source of the title")]
    automated: Annotated[int, flag("whether a program started it")]
    automated_reason: Annotated[str | None, local("the rule that makes it automated")]
    forked_from: Annotated[str | None, key("the session it continues with copied lines")]
    started_at: Annotated[int | None, instant("first message")]
    ended_at: Annotated[int | None, instant("last message")]
    local_day: Annotated[str | None, day("the local day on which it began")]
    hour_of_week: Annotated[
        int | None, count("local hour since Monday 00:00 when it began", "0 to 167")
    ]
    wall_ms: Annotated[int | None, span("from first to last message")]
    prompts_replayed: Annotated[int, count("prompts copied from another session")]
    prompts_taken_back: Annotated[
        int, count("queued texts that were taken back before Claude saw them")
    ]
    client_cost_nano: Annotated[int | None, money("the cost recorded by Claude Code")]
    outcome: Annotated[str | None, key("outcome (outcomes/session.py)")]
    outcome_reason: Annotated[str | None, activity("reason for the outcome")]
    category: Annotated[str | None, key("task category")]
    category_reason: Annotated[str | None, activity("reason for the category")]
    files_edited: Annotated[int, count("changed files")]


class PromptFigures(NamedTuple):
    """Derived fields of a prompt and its turn."""

    number: Annotated[int | None, count("position among the session's prompts, from 1")]
    replayed: Annotated[int, flag("whether it is copied from another session")]
    interrupted: Annotated[int, flag("whether the person stopped the turn")]
    local_day: Annotated[str | None, day("the local day on which it was sent")]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    ended_at: Annotated[int | None, instant("last message of the turn")]
    active_ms: Annotated[int | None, span("active time of the turn")]
    responses: Annotated[int, count("API responses of the turn")]
    tool_calls: Annotated[int, count("tool calls of the turn")]
    tokens_own: Annotated[int, tokens("all kinds, of the main conversation")]
    tokens_delegated: Annotated[int, tokens("all kinds, of subagents")]
    cost_own_nano: Annotated[int, money("of the main conversation")]
    cost_delegated_nano: Annotated[int, money("of subagents")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    reader: Annotated[int, local("the reader's version that read it")]


class ResponseFigures(NamedTuple):
    """Derived fields of a response."""

    counted: Annotated[int, flag("0 for a copy of another line's answer")]
    run: Annotated[str, key("the subagent it belongs to; '' for the main conversation")]
    prompt: Annotated[str | None, key("the prompt whose turn it belongs to")]
    searches_credited: Annotated[int, count("searches recorded by its tool calls")]
    local_day: Annotated[str | None, _DAY]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    lower_bound: Annotated[int, flag("whether its output is only partly known")]
    cost_nano: Annotated[int | None, money("cost at the API's price; NULL if no price is known")]
    cost_basis: Annotated[str | None, key("basis of the price, or the reason why there is none")]
    price_version: Annotated[str | None, key("the version of the price table")]
    reader: Annotated[int, local("the reader's version that read it")]
    answer: Annotated[str | None, key("the line whose usage counts, if not this one")]


class ToolCallFigures(NamedTuple):
    """Derived fields of a tool call."""

    run: Annotated[str, key("the subagent it belongs to; '' for the main conversation")]
    prompt: Annotated[str | None, key("the prompt whose turn it belongs to")]
    reader: Annotated[int, local("the reader's version that read the call")]
    result_reader: Annotated[int, local("the reader's version that read the result")]
    answer: Annotated[str | None, key("the line whose usage counts, if not this one")]
    counted: Annotated[int, flag("0 if another line of its answer repeats the call")]
    local_day: Annotated[str | None, _DAY]


class AgentRunFigures(NamedTuple):
    """Derived fields of a subagent's run."""

    shown_type: Annotated[str | None, name("its type, from its own file or the call", "agent_type")]
    shown_task: Annotated[str | None, words("its task, from its own file or the call")]
    started_by: Annotated[str | None, key("the call that started it")]
    replayed: Annotated[int, flag("whether it is copied from another session")]
    prompt: Annotated[str | None, key("the prompt whose turn started it")]
    model: Annotated[str | None, name("the last model", "model")]
    started_at: Annotated[int | None, instant("first message")]
    ended_at: Annotated[int | None, instant("last message")]
    responses: Annotated[int, count("API responses")]
    tool_calls: Annotated[int, count("tool calls")]
    tokens: Annotated[int, tokens("all kinds")]
    cost_nano: Annotated[int, money("of its responses")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    derived: Annotated[int, local("1 if only events and calls mention the run", "0 or 1")]
    reader: Annotated[int, local("the reader's version that read it")]


class Inference(NamedTuple):
    """An inference that is billed beside the usage of its response: an advisor's, a compaction, an
    attempt before a fallback. What it does not have of its own is the response's."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response")]
    request_id: Annotated[str, key("the response's request")]
    part: Annotated[int, count("position in the response's list")]
    at: Annotated[int | None, instant("when the response began")]
    kind: Annotated[str, key("its purpose")]
    model: Annotated[str | None, name("the model that answered", "model")]
    branch: Annotated[str | None, activity("the git branch")]
    skill: Annotated[str | None, activity("the skill that was active")]
    input_tokens: Annotated[int, tokens("input that was not in a cache")]
    output_tokens: Annotated[int, tokens("output")]
    cache_read_tokens: Annotated[int, tokens("input read from the cache")]
    cache_write_tokens: Annotated[int, tokens("input written to the cache")]
    cache_write_5m_tokens: Annotated[int, tokens("of these, kept five minutes")]
    cache_write_1h_tokens: Annotated[int, tokens("of these, kept an hour")]
    speed: Annotated[str | None, name("the speed that is billed", "speed")]
    geo: Annotated[str | None, name("where inference ran", "geo")]
    tier: Annotated[str | None, name("the service tier", "service_tier")]
    refusal: Annotated[str | None, name("the category of a refusal", "refusal")]
    run: Annotated[str, key("the subagent it belongs to; '' for the main conversation")]
    prompt: Annotated[str | None, key("the prompt whose turn it belongs to")]
    local_day: Annotated[str | None, _DAY]
    hour_of_week: Annotated[int | None, count("local hour since Monday 00:00", "0 to 167")]
    cost_nano: Annotated[int | None, money("cost; NULL if no price is known")]
    cost_basis: Annotated[str, key("basis of the price, or the reason why there is none")]
    price_version: Annotated[str, key("the version of the price table")]
    plugin: Annotated[str | None, kept_here("the plugin that it was made for")]
    mcp_server: Annotated[str | None, kept_here("the MCP server that it was made for")]


class SessionUsage(NamedTuple):
    """A session's billed usage, added up by day, model, branch, and whether it was delegated."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    model: Annotated[str, name("the model", "model")]
    branch: Annotated[str, activity("the git branch")]
    delegated: Annotated[int, flag("whether from subagents")]
    responses: Annotated[int, count("API responses")]
    input_tokens: Annotated[int, tokens("input that was not in a cache")]
    output_tokens: Annotated[int, tokens("output")]
    cache_read_tokens: Annotated[int, tokens("input read from the cache")]
    cache_write_tokens: Annotated[int, tokens("input written to the cache")]
    web_searches: Annotated[int, count("searches that the API made")]
    cost_nano: Annotated[int, money("of everything with a price")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    lower_bound: Annotated[int, count("responses with partly known output")]
    price_assumed: Annotated[int, count("responses and inferences with an assumed price")]


class SessionTool(NamedTuple):
    """Tool calls of a session, added up by day and tool."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    tool: Annotated[str, name("the tool", "tool")]
    calls: Annotated[int, count("calls")]
    errors: Annotated[int, count("of these, failed")]


class SessionFile(NamedTuple):
    """A file that a session changed on a local day."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    path: Annotated[str, activity("the file")]


class SessionKind(NamedTuple):
    """Lines that a session's calls changed, added up by day and kind of file."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    local_day: Annotated[str, _DAY]
    kind: Annotated[
        str, activity("the ending of the files, or a name without one; '' for commands")
    ]
    lines_added: Annotated[int, count("lines added", "lines")]
    lines_removed: Annotated[int, count("lines removed", "lines")]


class Finding(NamedTuple):
    """A response that cost more than it had to: see pricing/findings.py."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response")]
    request_id: Annotated[str, key("the response's request")]
    kind: Annotated[str, key("cold, switch or output")]
    prompt: Annotated[str | None, key("the prompt whose turn it belongs to")]
    at: Annotated[int | None, instant("when the response began")]
    local_day: Annotated[str, _DAY]
    model: Annotated[str, name("the model that answered", "model")]
    model_before: Annotated[str, name("the model of the response before it", "model")]
    called: Annotated[str, key("the response before it")]
    pause_ms: Annotated[int | None, span("since the response before it ended")]
    tokens: Annotated[int, tokens("written to the cache again, or brought into the context")]
    nano: Annotated[int | None, money("what that cost at list prices; NULL if none is known")]
    later: Annotated[int, count("later responses that had the same in their context")]


class WorkBlock(NamedTuple):
    """A work block: work in one session without a long pause."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    started_at: Annotated[int, instant("its first message")]
    ended_at: Annotated[int, instant("its last message")]
    active_ms: Annotated[int, span("active time in it")]
    local_day: Annotated[str, day("the local day on which it began")]


class SessionWorktree(NamedTuple):
    """A git worktree that a session created, listed or ran in."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    worktree: Annotated[str, activity("its folder")]
    repository: Annotated[str, activity("a folder of its repository")]
    at: Annotated[int, instant("when this was seen")]


class SessionCommit(NamedTuple):
    """A commit that a tool call of the session made."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, count("position among the commits of the call")]
    project: Annotated[str | None, key("the project; leaves under another id")]
    sha: Annotated[str | None, activity("its id, maybe short; NULL if unknown")]
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
    uuid: Annotated[str | None, key("the record that shows it")]
    seq: Annotated[int | None, count("where that record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it was opened")]
    local_day: Annotated[str | None, _DAY]


class SessionPullState(NamedTuple):
    """A pull request that the session opened or worked on, with what its forge said when it was
    asked."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    url: Annotated[str, activity("its address")]
    state: Annotated[
        str | None,
        activity("open, merged or closed; NULL until a forge told", holds=Holds.VALUE),
    ]
    draft: Annotated[
        int | None, activity("whether it is a draft", unit="0 or 1", holds=Holds.VALUE)
    ]
    opened_at: Annotated[int | None, _told("when it was opened")]
    merged_at: Annotated[int | None, _told("when it was merged")]
    closed_at: Annotated[int | None, _told("when it was closed or merged")]
    told_at: Annotated[int | None, _told("since when its forge tells this")]


class CheckRun(NamedTuple):
    """One run of tests, a build or lint."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    message_id: Annotated[str, key("the response that made the call")]
    tool_use_id: Annotated[str, key("the call")]
    part: Annotated[int, count("position among the checks of the call")]
    run: Annotated[str, key("the subagent it belongs to; '' for the main conversation")]
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
    tool_use_id: Annotated[str, key("the call that proves it; '' if it is not a call")]
    agent: Annotated[str, key("the subagent whose line has it; '' for the main conversation")]
    seq: Annotated[int, count("where the record begins in its file", "bytes")]
    at: Annotated[int | None, instant("when it happened")]
    local_day: Annotated[str | None, _DAY]
    marks: Annotated[str, key("quality marks, separated by spaces")]
    note: Annotated[str | None, words("a note")]


class SessionPractice(NamedTuple):
    """Whether a practice could apply to a session, and how often it was used."""

    person: Annotated[int, _PERSON]
    session: Annotated[str, _SESSION]
    practice: Annotated[str, key("the practice")]
    possible: Annotated[int | None, count("whether it could apply; NULL if unknown", "0 or 1")]
    sightings: Annotated[int, count("times used")]
    marked: Annotated[int, count("of these, done well")]
    version: Annotated[int, key("the version of the practice's rules")]


class PersonWeek(NamedTuple):
    """A person's week, from Monday, by project: in how many sessions a practice could apply, and
    was used."""

    person: Annotated[int, _PERSON]
    project: Annotated[
        str, key("the project; '' for sessions without a folder; leaves under another id")
    ]
    week: Annotated[str, day("its Monday")]
    practice: Annotated[str, key("the practice")]
    eligible: Annotated[int, count("a person's sessions where it could apply")]
    seen: Annotated[int, count("of these, sessions where it was used")]
    sightings: Annotated[int, count("times used")]
    marked: Annotated[int, count("of these, done well")]
    versions: Annotated[
        str, key("the versions of the practice's rules behind these figures, separated by spaces")
    ]
