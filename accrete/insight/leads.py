"""The one to three sentences that a page begins with, made of the figures below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accrete.insight.compare import change
from accrete.present.figures import money, plural, span
from accrete.present.figures import tokens as short

MOST = 3


class Share(NamedTuple):
    """In how many of the sessions in which something was possible it was seen."""

    seen: int
    possible: int


def hours(ms: int) -> str:
    """A length of time in a sentence: 31 hours, 1 hour, 24 minutes."""
    minutes = round(ms / 60_000)
    return plural(minutes, "minute") if minutes < 90 else plural(round(ms / 3_600_000), "hour")


def of_overview(
    *,
    sessions: int,
    active_ms: int,
    shipped: int,
    edited: int,
    now: Mapping[str, Share],
    before: Mapping[str, Share],
    titles: Mapping[str, str],
) -> list[str]:
    """Who did how much, what came of it, and which practice rose or fell beyond its interval."""
    if not sessions:
        return ["No sessions in this range."]
    said = [f"You worked {hours(active_ms)} with Claude Code in {plural(sessions, 'session')}."]
    if edited:
        said.append(
            f"{shipped} of the {plural(edited, 'session')} with edits shipped."
            if edited > 1
            else f"The one session with edits {'shipped' if shipped else 'did not ship'}."
        )
    moved = practice_change(now, before, titles)
    return [*said, *([moved] if moved else [])][:MOST]


def practice_change(
    now: Mapping[str, Share], before: Mapping[str, Share], titles: Mapping[str, str]
) -> str | None:
    """The practice whose share changed most, of those that changed by more than chance."""
    found = []
    for name, share in now.items():
        old = before.get(name)
        interval = change(old, share) if old is not None else None
        if old is not None and interval is not None and interval.excludes_zero:
            found.append((abs(share.seen / share.possible - old.seen / old.possible), name))
    if not found:
        return None
    _, name = max(found)
    share, old = now[name], before[name]
    way = "rose" if share.seen / share.possible > old.seen / old.possible else "fell"
    return (
        f"{titles[name]} {way} from {_share(old)} to {_share(share)} of the sessions "
        "in which it was possible."
    )


def of_sessions(shown: int, total: int | None, narrowed: Sequence[str]) -> list[str]:
    """What a list of sessions holds. total: None where more are not counted."""
    what = "match" if narrowed else "in this range"
    if total == 0:
        return [f"No sessions {what}."]
    counted = total if total is not None else shown
    return [f"{plural(counted, 'session')} {what}."]


def of_costs(cost_nano: int, unpriced: int, active_ms: int, cached: int, tokens: int) -> list[str]:
    """What it cost, for how much work, and how much of the input came from the cache."""
    if not cost_nano and not unpriced:
        return ["Nothing was billed in this range."]
    said = [f"{money(cost_nano, unpriced=unpriced)} for {span(active_ms)} of active time."]
    if tokens:
        said.append(f"{100 * cached // tokens}% of all input tokens were read from the cache.")
    return said


def of_changes(
    *,
    files: int,
    edits: int,
    added: int,
    removed: int,
    yours: int,
    yours_lines: int,
    reverted: int,
    commands: int,
    prompt: int | None,
) -> list[str]:
    """What a session, or one of its prompts, did to files. yours: edits that the person changed
    before they landed, and by how many lines; commands: those that may have changed files."""
    whose = "This session" if prompt is None else f"Prompt {prompt}"
    may = f"{plural(commands, 'command')} may have changed files, which the record does not show."
    if not edits:
        return [f"{whose} made no edits.", *([may] if commands else [])]
    lines = f"{added:,} lines added and {removed:,} removed in the end"
    said = [f"{whose} changed {plural(files, 'file')} in {plural(edits, 'edit')}: {lines}."]
    own = []
    if yours:
        what = plural(yours_lines, "line") if yours_lines else plural(yours, "edit")
        own.append(f"you changed {what} before {'it' if yours == 1 else 'they'} landed")
    if reverted:
        own.append(f"{plural(reverted, 'edit')} {'was' if reverted == 1 else 'were'} taken back")
    if own:
        text = " and ".join(own)
        said.append(f"{text[0].upper()}{text[1:]}.")
    return [*said, *([may] if commands else [])][:MOST]


def of_facts(
    *,
    responses: int,
    active_ms: int | None,
    parts: Sequence[tuple[str, int]],
    peak: int,
    compactions: int,
    cached: int,
    read: int,
) -> list[str]:
    """What a session's time went to, how full its context was, and what came from the cache.
    parts: what was waited for and how long, ms."""
    if not responses:
        return ["Claude did not answer in this session."]
    whole = sum(ms for _, ms in parts)
    said = []
    if active_ms is not None and whole:
        most = sorted((part for part in parts if part[1]), key=lambda part: -part[1])[:2]
        shares = ", ".join(f"{round(100 * ms / whole)}% for {name}" for name, ms in most)
        said.append(f"{span(active_ms)} of active time, of which it waited {shares}.")
    often = "once" if compactions == 1 else f"{compactions} times"
    times = f" and was compacted {often}" if compactions else ""
    said.append(f"The context grew to {short(peak)} tokens{times}.")
    if read:
        said.append(f"{round(100 * cached / read)}% of what Claude read came from the cache.")
    return said[:MOST]


def _share(share: Share) -> str:
    return f"{round(100 * share.seen / share.possible)}%"


def of_session(
    *,
    prompts: int,
    calls: int,
    files: int,
    added: int | None,
    removed: int | None,
    commits: int,
    checks: int,
    checks_failed: int,
    active_ms: int | None,
    cost_nano: int,
    unpriced: int,
) -> list[str]:
    """What one session took, and what it did."""
    if not prompts and not calls:
        return ["Nothing was asked in this session."]
    cost = money(cost_nano, unpriced=unpriced)
    took = f" in {hours(active_ms)} of active time" if active_ms is not None else ""
    paid = f" for {cost}" if cost_nano else ""
    said = [f"{plural(prompts, 'prompt')}, {plural(calls, 'tool call')}{took}{paid}."]
    lines = f" (+{added or 0:,} −{removed or 0:,} lines)" if added or removed else ""
    did = [f"{plural(files, 'file')} changed{lines}"] if files else []
    if checks:
        failed = f", {checks_failed} of them failed" if checks_failed else ""
        did.append(f"{plural(checks, 'check')}{failed}")
    did += [plural(commits, "commit")] if commits else []
    if did:
        said.append(f"{'; '.join(did)}.")
    return said[:MOST]
