"""The one to three sentences that a page begins with, made of the figures below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from accrete.insight.chance import change
from accrete.practices.depth import FLUENT, REGULAR, TOO_FEW, Week, depth
from accrete.present.formats import least, money, plural, span
from accrete.present.formats import tokens as short

MOST = 3


class Share(NamedTuple):
    """In how many of the sessions in which something was possible it was seen."""

    seen: int
    possible: int


def hours(ms: int) -> str:
    """A length of time in a sentence: 31 hours, 3h 05m, 24 minutes, 40 seconds. Minutes are whole
    ones, as in the figures below."""
    seconds = ms // 1000
    if seconds < 60:
        return plural(seconds, "second")
    if seconds < 90 * 60:
        return plural(seconds // 60, "minute")
    if seconds < 10 * 3600 and seconds % 3600 >= 60:
        return span(ms)
    return plural(round(seconds / 3600), "hour")


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


def of_practices(
    habits: Sequence[str],
    now: Mapping[str, Share],
    before: Mapping[str, Share],
    titles: Mapping[str, str],
) -> list[str]:
    """Which practices are habits, which one was possible most often and not seen, and which rose or
    fell. habits: the names of those that are regular."""
    if not now:
        return ["No practice was possible in this range."]
    said = []
    if habits:
        names = [titles[name] for name in habits[:MOST]]
        more = f" and {len(habits) - MOST} more" if len(habits) > MOST else ""
        listed = _listed(names) if not more else ", ".join(names)
        said.append(f"{listed}{more} {'is' if len(habits) == 1 else 'are'} regular.")
    unseen = [(share.possible, name) for name, share in now.items() if not share.seen]
    if unseen:
        possible, name = max(unseen)
        said.append(f"Not seen, but possible in {plural(possible, 'session')}: {titles[name]}.")
    moved = practice_change(now, before, titles)
    said += [moved] if moved else []
    return said or ["No practice is regular yet in this range."]


def of_practice(
    share: Share, habit: str, since: str | None, sightings: int, marked: int
) -> list[str]:
    """How often one practice was seen where it was possible, and done well. since: the local day of
    the week from which on it is regular."""
    if not share.possible:
        return ["It was not possible in any session of this range."]
    if not share.seen:
        return [f"Not seen in {plural(share.possible, 'session')} in which it was possible."]
    seen = f"In {share.seen} of {plural(share.possible, 'session')}"
    if habit == TOO_FEW:
        return [f"{seen}: too few to say more."]
    if since is not None:
        seen += f", regular since {_month(since)}"
    return [f"{seen}.", f"Done well {marked} of {plural(sightings, 'time')}."]


def regular_since(weeks: Sequence[Week]) -> str | None:
    """The week (its Monday) from which on a practice has been regular without a break, None where
    it is not. weeks: all of them, in order."""
    since = None
    for upto in range(len(weeks), 0, -1):
        some = weeks[:upto]
        if depth(some, sum(week.eligible for week in some)) not in (REGULAR, FLUENT):
            break
        since = some[-1].week
    return since


def _month(day: str) -> str:
    return date.fromisoformat(day).strftime("%B %Y")


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def of_spending(
    cost_nano: int | None,
    by_session: Sequence[int],
    delegated_nano: int,
    bound: bool,
    found: Mapping[str, int],
) -> list[str]:
    """What it cost (None where there is no response at all), in how few sessions half of it was,
    how much of it was subagents', and the most expensive finding where it is a twentieth of it.
    by_session: nano-dollars by session, in any order; bound: the cost is a lower bound; found:
    nano-dollars by what they were, in words."""
    if cost_nano is None:
        return ["Nothing was billed in this range."]
    if not cost_nano:
        return ["Nothing with a known price was billed in this range."]
    few = _half(by_session)
    paid = [cost for cost in by_session if cost]
    cost = least(cost_nano, lower_bound=bound)
    said = [f"{cost[0].upper()}{cost[1:]} in {plural(len(paid), 'session')}."]
    if len(paid) >= 4 and 4 * few <= len(paid):
        said = [f"Half of {cost} went to {few} of {plural(len(paid), 'session')}."]
    if 4 * delegated_nano >= cost_nano:
        said.append(f"Subagents account for {100 * delegated_nano // cost_nano}% of it.")
    nano, what = max(((nano, what) for what, nano in found.items()), default=(0, ""))
    if 20 * nano >= cost_nano:
        said.append(f"{money(nano)} of it went to {what}.")
    return said[:MOST]


def _half(costs: Sequence[int]) -> int:
    """How few of the costs are at least half of all of them."""
    whole, held = sum(costs), 0
    for n, cost in enumerate(sorted(costs, reverse=True), start=1):
        held += cost
        if 2 * held >= whole:
            return n
    return len(costs)


def of_forecast(spent: int, low: int | None, high: int | None, budget: int, end: str) -> str:
    """The month so far beside its budget. Nano-dollars; end: its last day, as a sentence has it."""
    said = f"{money(spent)} of {money(budget)} so far this month"
    if low is None or high is None:
        return f"{said}. What it will be is shown from the fifth day on."
    where = "within" if high <= budget else "beyond" if low > budget else "near"
    return f"{said}; {band_said(low, high)} by {end}, {where} the budget."


def band_said(low: int, high: int) -> str:
    """Both ends of a forecast, in whole dollars; one where they are the same."""
    ends = whole_dollars(low), whole_dollars(high)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def whole_dollars(nano: int) -> str:
    """$110; with cents below ten dollars."""
    return f"${round(nano / 1e9):,}" if nano >= 10_000_000_000 else money(nano)


def of_projects(sessions: int, names: Sequence[str], share: float | None) -> list[str]:
    """How many projects were worked on, and how much of the active time was in the first. share: 0
    to 1, None where there is no active time."""
    if not names:
        return ["No sessions in this range."]
    said = [f"{plural(sessions, 'session')} in {plural(len(names), 'project')}."]
    if len(names) > 1 and share is not None:
        said.append(f"{round(100 * share)}% of the active time was in {names[0]}.")
    return said


def of_project(
    sessions: int, active_ms: int, shipped: int, edited: int, checks: int, failed: int
) -> list[str]:
    """How work on one project went."""
    if not sessions:
        return ["No sessions of this project in this range."]
    said = [f"{hours(active_ms)} in {plural(sessions, 'session')}."]
    said[0] = said[0][0].upper() + said[0][1:]
    if edited:
        said.append(f"{shipped} of {edited} with edits shipped.")
    if checks:
        said.append(f"{failed} of {plural(checks, 'check')} failed.")
    return said


def _share(share: Share) -> str:
    return f"{round(100 * share.seen / share.possible)}%"


def of_search(
    asked: str,
    places: int,
    sessions: int,
    *,
    named: int,
    loose: str,
    more: bool,
    outside: str | None,
    whose: str | None = None,
) -> list[str]:
    """What a search found. named: sessions with the words in their title; loose: how what it found
    differs from what was asked for; more: whether there are more places than these; outside: the
    range that has none of them; whose: own sessions have none, where automated ones alone do."""
    if not asked:
        return []
    if not places and named:
        return [f"Nothing in texts; {plural(named, 'title')} with these words."]
    if not places:
        return ["Nothing found. Try fewer words, a beginning (word*), or remove a filter."]
    newest = "The newest " if more else ""
    said = [f"{newest}{plural(places, 'place')} in {plural(sessions, 'session')}."]
    if loose:
        said.insert(0, f"No exact match. These have {loose}.")
    if whose:
        said.insert(0, f"Nothing in {whose} own sessions; this is in automated ones.")
    elif outside:
        said.insert(0, f"Nothing in {outside}; this is from all time.")
    return said


def of_data(
    *, known: int, whole: int, only_typed: int, next_loss: str | None, losing: int, on_disk: int
) -> list[str]:
    """How complete the record is, and what will be lost next. only_typed: sessions of which only
    typed prompts are left; next_loss: the day from which Claude Code may delete something that is
    not in the record."""
    said = [f"{plural(known, 'session')} known, {whole} whole."]
    if only_typed:
        said.append(
            f"{only_typed} lost: Claude Code deleted their transcripts before they were read."
        )
    if next_loss:
        what = "that is not in the record"
        said.append(f"Next loss: {next_loss}, {plural(losing, 'file')} with content {what}.")
    elif on_disk:
        said.append("Everything that is on this machine now is in the record.")
    return said


BEHIND = 10
"""From how many files on it is said that they are not read yet: sessions at work are always a
little behind."""


def of_reading(behind: int, files: int) -> str | None:
    """How far the reading of transcripts is, while much of it is not done."""
    if behind < BEHIND:
        return None
    return f"Not all is read: {files - behind} of {plural(files, 'file')} are in the record."


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
    lower_bound: int = 0,
    amounts: bool = True,
) -> list[str]:
    """What one session took, and what it did. lower_bound: responses with partly known output;
    amounts: with its cost, lines and commits."""
    if not prompts and not calls:
        return ["Nothing was asked in this session."]
    cost = least(cost_nano, unpriced, lower_bound)
    took = f" in {hours(active_ms)} of active time" if active_ms is not None else ""
    paid = f" for {cost}" if cost_nano and amounts else ""
    said = [f"{plural(prompts, 'prompt')}, {plural(calls, 'tool call')}{took}{paid}."]
    lines = f" (+{added or 0:,} −{removed or 0:,} lines)" if added or removed else ""
    lines, commits = (lines, commits) if amounts else ("", 0)
    did = [f"{plural(files, 'file')} changed{lines}"] if files else []
    if checks:
        failed = f", {checks_failed} of them failed" if checks_failed else ""
        did.append(f"{plural(checks, 'check')}{failed}")
    did += [plural(commits, "commit")] if commits else []
    if did:
        said.append(f"{'; '.join(did)}.")
    return said[:MOST]


def of_changes(
    *,
    files: int,
    edits: int,
    added: int | None,
    removed: int,
    yours: int,
    yours_lines: int,
    reverted: int,
    commands: int,
    prompt: int | None,
    who: str = "you",
    amounts: bool = True,
) -> list[str]:
    """What a session, or one of its prompts, did to files. added: None where no lines are known;
    yours: edits that the person (`who`) changed before they landed, and by how many lines;
    commands: those that may have changed files; amounts: with numbers of lines."""
    whose = "This session" if prompt is None else f"Prompt {prompt}"
    may = f"{plural(commands, 'command')} may have changed files, which the record does not show."
    if not edits:
        return [f"{whose} made no edits.", *([may] if commands else [])]
    lines = (
        f": {plural(added, 'line')} added and {removed:,} removed in the end"
        if added is not None
        else ": which lines is not recorded"
    )
    said = [
        f"{whose} changed {plural(files, 'file')} in {plural(edits, 'edit')}"
        f"{lines if amounts else ''}."
    ]
    own = []
    if yours:
        what = plural(yours_lines, "line") if yours_lines and amounts else plural(yours, "edit")
        own.append(f"{who} changed {what} before {'it' if yours == 1 else 'they'} landed")
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
        shares = [f"{round(100 * ms / whole)}% waiting for {name}" for name, ms in most]
        said.append(f"{span(active_ms)} of active time, {' and '.join(shares)}.")
    often = "once" if compactions == 1 else f"{compactions} times"
    times = f" and was compacted {often}" if compactions else ""
    said.append(f"The context grew to {short(peak)} tokens{times}.")
    if read:
        said.append(f"{round(100 * cached / read)}% of what Claude read came from the cache.")
    return said[:MOST]
