"""Steering: correcting the course while it can still be corrected."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.words import command_of
from accrete.story import Call, Mark, Story, Turn

EARLY = 5
"""Calls since the prompt up to which a correction is early."""
SPECIFIC = 40
"""Characters from which the words that follow say something."""


def _moments(story: Story) -> list[tuple[Turn | Call | Mark, str]]:
    found: list[tuple[Turn | Call | Mark, str]] = []
    for mark in story.marks:
        if mark.kind == "interruption" and not mark.run:
            found.append((mark, "interrupted"))
    for turn in story.turns:
        if turn.kind in ("queued_prompt", "prompt_beside_result"):
            found.append((turn, "said while it worked"))
        elif command_of(turn) == "rewind":
            found.append((turn, "rewound"))
    refused = [call for call in story.main if call.status == "rejected" and _by_person(call)]
    stops = [m.seq for m in story.marks if m.kind == "interruption" and not m.run]
    for call in refused:
        if not any(call.seq < stop for stop in stops) or not _followed_by_stop(story, call, stops):
            found.append((call, "refused"))
    return sorted(found, key=lambda moment: (moment[0].seq, moment[0].uuid))


def _by_person(call: Call) -> bool:
    return call.denial in (None, "user-rejected") and call.decision_source not in ("config", "hook")


def _followed_by_stop(story: Story, call: Call, stops: list[int]) -> bool:
    """A refusal without words writes an interruption right after it: that is the same moment."""
    nearest = min((stop for stop in stops if stop > call.seq), default=None)
    return nearest is not None and not any(call.seq < turn.seq < nearest for turn in story.turns)


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each interruption, refusal, rewind, or word put in while Claude worked."""
    if story.automated:
        return
    before: list[int] = []
    for moment, how in _moments(story):
        turn = max((t.seq for t in story.turns if t.seq < moment.seq), default=0)
        calls = sum(turn < call.seq < moment.seq for call in story.main)
        words = moment.words if isinstance(moment, Turn) else _next_words(story, moment.seq)
        marks = []
        if calls <= EARLY:
            marks.append("early")
        if len(words) >= SPECIFIC:
            marks.append("specific")
        if len([seq for seq in before if seq >= turn]) >= 2:
            marks = []
        before.append(moment.seq)
        yield seen(moment, *marks, note=how)


def _next_words(story: Story, seq: int) -> str:
    following = [turn for turn in story.turns if turn.seq > seq]
    return following[0].words if following and following[0].kind != "slash_command" else ""


PRACTICE = Practice(
    name="steering",
    title="Steering",
    what="Interrupting, refusing a step, rewinding, or adding a word while Claude works.",
    why="A wrong direction is cheapest to leave when it has just been taken. After two failed corrections a fresh start with a better prompt is quicker.",
    source=DOCS + "best-practices#course-correct-early-and-often",
    good="Early, and with words that say what to do instead; not three times on the same thing.",
    marks={"early": f"within {EARLY} calls of your prompt", "specific": "with words that say what to do"},
    try_next="Press Esc as soon as it goes the wrong way, say what you want instead; /rewind when the way back is long.",
    possible=lambda story: None if story.automated else len(story.main) >= 5,
    find=find,
)
