# ruff: noqa: E501
"""Texts for the model: instructions and the two prompts."""

from __future__ import annotations

SHARES = (
    "seen, possible: used in `seen` of the `possible` sessions where it could apply. sightings: "
    "moments seen. marked: of these, with a quality mark. by_week: seen and possible by active "
    "week, newest last. depth: too few (under 5 sessions), not seen, tried, regular (most weeks), "
    "fluent (regular and done well)."
)
TEAM = (
    "said first, then figures. seen, possible, sightings, marked, depth: the user's own of these "
    "weeks. words: for how many people the practice is regular: few, about half, most; never who. "
    "Keep to the words: no rank, no percentage of people."
)
COSTS = (
    "cost_usd: API-equivalent, not a bill; it includes cost_delegated_usd, the subagents' "
    "part. tokens: input, output and cache. active_hours: "
    "time at work without pauses over 5 minutes; parallel sessions each count."
)
NO_SESSION = 'No sessions here. Call {tool}(project="all") for all projects.'
NO_SESSION_ALL = "No sessions in this range. Use an earlier `since`, or none."

INSTRUCTIONS = """Accrete is the user's own record of their Claude Code sessions on this machine: what they asked, what was done, which working practices they have, what it cost, what shipped.
Use it when the user asks about their own use of Claude Code: habits, subagents, planning, skills, tests, cost, tokens, past sessions, their team beside them, "what did we do about X", "continue where I left off", how to get better.
- my_practices: how they work, by week, with moments that prove it: artifacts, committing, context, delegation (subagents), isolation (worktrees), planning, review, skills, steering, task-tracking, verification (tests).
- what_to_try: the next habit. compare_with_team: the user beside their team, colleagues or company.
- search_history: words in past sessions. session: one (latest, current, an id): summary, handoff, errors, files, cost; or all of a range: session(view="files", since="yesterday") lists the changed files, view="errors" the failed tool calls.
- usage: tokens, cost and active hours by day, project, model …: usage(by="day", since="7d") shows how long they worked.
Practices and search cover the current project unless project="all"; compare_with_team all. Each answer states its scope. session takes the ids from answers. Figures are the user's own, for coaching: never rank people. Cost is API-equivalent, not a bill. Quote figures as they are and name a moment."""

RETRO = """Look back with me over my last two weeks with Claude Code, from Accrete's record.
1. Call usage(by="project", project="{project}", since="14d") and my_practices(project="{project}", since="14d").
2. Say in five lines what I worked on and what came of it, with figures.
3. Call what_to_try(project="{project}", limit=1). Say one habit to try next, why it fits my figures, and the exact prompt or command. Name one moment from my own sessions where it would have helped.
Quote figures as they are; no praise, no ranking."""

HANDOFF = """Write a handoff for the next session, from Accrete's record.
1. Call session(id="{id}", view="handoff") and session(id="{id}", view="files").
2. Write Markdown with: goal, what is done (commits), what is open (uncommitted files, failing checks), decisions and dead ends, the exact next step.
At most 40 lines. Nothing that the record does not show."""
