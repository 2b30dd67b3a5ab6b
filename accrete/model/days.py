"""The figures that a session and each of its days have alike."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from accrete.model.field import count, day, flag, instant, key, money, span, tokens


class SessionFigures(NamedTuple):
    """Figures that a session and each of its days have alike: those of the days add up to the
    session's, but for
    `plan_mode`. The last five are NULL if unknown."""

    plan_mode: Annotated[int, flag("whether it was in plan mode")]
    work_blocks: Annotated[int, count("work blocks that began")]
    prompts: Annotated[int, count("prompts typed")]
    prompts_queued: Annotated[int, count("prompts queued, or sent while Claude worked")]
    interruptions: Annotated[int, count("interruptions by the person")]
    compactions: Annotated[int, count("compactions of the context")]
    api_errors: Annotated[int, count("API errors")]
    agents: Annotated[int, count("subagents started")]
    tool_calls: Annotated[int, count("tool calls")]
    tool_errors: Annotated[int, count("tool calls that failed")]
    responses_own: Annotated[int, count("API responses of the main conversation")]
    responses_delegated: Annotated[int, count("API responses of subagents")]
    tokens_own: Annotated[int, tokens("all kinds, of the main conversation")]
    tokens_delegated: Annotated[int, tokens("all kinds, of subagents")]
    cost_own_nano: Annotated[int, money("of the main conversation")]
    cost_delegated_nano: Annotated[int, money("of subagents")]
    unpriced: Annotated[int, count("responses and inferences without a known price")]
    lower_bound: Annotated[int, count("responses with partly known output")]
    price_assumed: Annotated[int, count("responses and inferences with an assumed price")]
    commits: Annotated[int, count("commits made")]
    commits_unconfirmed: Annotated[int, count("unconfirmed commits")]
    pull_requests: Annotated[int, count("pull requests opened")]
    checks: Annotated[int, count("checks run: tests, builds and lint")]
    checks_failed: Annotated[int, count("of these, failed")]
    edits_proposed: Annotated[int, count("edits proposed by Claude")]
    edits_landed: Annotated[int, count("edits applied")]
    edits_changed_by_user: Annotated[int, count("edits changed by the person first")]
    active_ms: Annotated[int | None, span("active time")]
    lines_added: Annotated[int | None, count("lines added by patches", "lines")]
    lines_removed: Annotated[int | None, count("lines removed by patches", "lines")]
    asked_accepted: Annotated[int | None, count("edits accepted when asked")]
    asked_rejected: Annotated[int | None, count("edits refused when asked")]


class SessionDay(NamedTuple):
    """A session on one local day: its key and span, then the SessionFigures of that day."""

    person: Annotated[int, key("the person")]
    session: Annotated[str, key("the session")]
    local_day: Annotated[str, day("local day; '' if no record of the session has a time")]
    first_at: Annotated[int | None, instant("first message of the day")]
    last_at: Annotated[int | None, instant("last message of the day")]
    steps_told: Annotated[
        int, count("steps with tool calls of which is known how much they brought into the context")
    ]
    steps_untold: Annotated[int, count("such steps of which it is not known")]
