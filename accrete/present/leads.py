"""The one to three sentences that a page begins with, made of the figures below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from accrete.insight.compare import change
from accrete.present.figures import money, plural, span

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


def _share(share: Share) -> str:
    return f"{round(100 * share.seen / share.possible)}%"


def of_search(
    asked: str, places: int, sessions: int, *, loose: str, more: bool, outside: str | None
) -> list[str]:
    """What a search found. loose: how it differs from what was asked for; more: whether there are
    more places than these; outside: the range that has none of them."""
    if not asked:
        return []
    if not places:
        return ["Nothing found. Try fewer words, a beginning (word*), or remove a filter."]
    newest = "The newest " if more else ""
    said = [f"{newest}{plural(places, 'place')} in {plural(sessions, 'session')}."]
    if loose:
        said.insert(0, f"No exact match. These have {loose}.")
    if outside:
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
