"""A session as an answer, and sessions added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from accrete.insight.answer import made
from accrete.queries.sessions import SessionRow


class Session(NamedTuple):
    """One session. In a range of days its counts, spans, tokens and costs are those of the range;
    its start, end, title, outcome and `client_cost_nano` are those of the whole session."""

    id: Annotated[str, "its id"]
    title: Annotated[str | None, "its title"]
    title_source: Annotated[
        str | None,
        "custom_title, ai_title, agent_name, summary, prompt, plan, file, answer or subagent",
    ]
    project: Annotated[str | None, "id of its project"]
    project_name: Annotated[str, "name of its project, told apart from namesakes"]
    cwd: Annotated[str | None, "the folder it began in"]
    branch: Annotated[str | None, "git branch"]
    version: Annotated[str | None, "version of Claude Code"]
    entrypoint: Annotated[str | None, "how Claude Code was started: cli, sdk-cli …"]
    automated: Annotated[int, "1 if no person typed in it"]
    automated_reason: Annotated[str | None, "why it counts as automated"]
    forked_from: Annotated[str | None, "id of the session it was forked or resumed from"]
    started_at: Annotated[int | None, "its beginning"]
    ended_at: Annotated[int | None, "its end"]
    local_day: Annotated[str | None, "day on which it began"]
    wall_ms: Annotated[int | None, "from the first to the last message"]
    active_ms: Annotated[int | None, "of that, without pauses over 5 minutes"]
    work_blocks: Annotated[int, "stretches of work, apart by 10 idle minutes"]
    prompts: Annotated[int, "prompts that a person sent"]
    prompts_queued: Annotated[int, "prompts sent while Claude worked, besides `prompts`"]
    interruptions: Annotated[int, "times a person stopped Claude"]
    compactions: Annotated[int, "times the context was compacted"]
    api_errors: Annotated[int, "errors of the API"]
    plan_mode: Annotated[int, "1 if plan mode was used"]
    agents: Annotated[int, "subagents that ran"]
    tool_calls: Annotated[int, "tool calls, of subagents too"]
    tool_errors: Annotated[int, "tool calls that ended in an error"]
    responses: Annotated[int, "API responses: own and delegated"]
    responses_own: Annotated[int, "API responses of the main conversation"]
    responses_delegated: Annotated[int, "API responses of subagents"]
    tokens: Annotated[int, "input, output and cache: own and delegated"]
    tokens_own: Annotated[int, "tokens of the main conversation"]
    tokens_delegated: Annotated[int, "tokens of subagents"]
    cost_nano: Annotated[int, "API-equivalent cost: own and delegated, of what has a price"]
    cost_own_nano: Annotated[int, "cost of the main conversation"]
    cost_delegated_nano: Annotated[int, "cost of subagents"]
    unpriced: Annotated[int, "responses and inferences without a price"]
    lower_bound: Annotated[int, "responses with partly known output"]
    client_cost_nano: Annotated[int | None, "what Claude Code itself wrote down as its cost"]
    source_missing_at: Annotated[int | None, "when its transcript was found gone"]
    outcome: Annotated[str | None, "shipped, delivered, answered …"]
    outcome_reason: Annotated[str | None, "why, in words"]
    commits: Annotated[int, "commits it made"]
    commits_unconfirmed: Annotated[int, "commits that nothing proves yet"]
    pull_requests: Annotated[int, "pull requests it opened"]
    checks: Annotated[int, "runs of tests, build or lint"]
    checks_failed: Annotated[int, "of these, runs that failed"]
    lines_added: Annotated[int | None, "lines added by edits"]
    lines_removed: Annotated[int | None, "lines removed by edits"]
    files_edited: Annotated[int, "files edited"]
    edits_proposed: Annotated[int, "edits that Claude proposed"]
    edits_landed: Annotated[int, "of these, edits applied"]
    edits_changed_by_user: Annotated[int, "edits that a person changed before accepting"]
    asked_accepted: Annotated[int | None, "edits accepted when asked"]
    asked_rejected: Annotated[int | None, "edits refused when asked"]
    partly: Annotated[int, "1 if it extends beyond the range"]
    assumed: Annotated[int, "1 if part of it was read by an older version alone"]


def session_of(row: SessionRow) -> Session:
    """A session as an answer."""
    return made(Session, row)


class Together(NamedTuple):
    """Sessions added up. projects: their names, sorted."""

    sessions: int
    projects: list[str]
    active_ms: int
    prompts: int
    tool_calls: int
    tool_errors: int
    agents: int
    responses: int
    cost_nano: int
    unpriced: int


def together(rows: Sequence[SessionRow]) -> Together:
    """What sessions add up to; a session without active time adds none."""
    return Together(
        sessions=len(rows),
        projects=sorted({row.project_name or "—" for row in rows}),
        active_ms=sum(row.active_ms or 0 for row in rows),
        prompts=sum(row.prompts for row in rows),
        tool_calls=sum(row.tool_calls for row in rows),
        tool_errors=sum(row.tool_errors for row in rows),
        agents=sum(row.agents for row in rows),
        responses=sum(row.responses for row in rows),
        cost_nano=sum(row.cost_nano for row in rows),
        unpriced=sum(row.unpriced for row in rows),
    )
