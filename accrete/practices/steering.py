"""Steering: correcting the course while it can still be corrected."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator

from accrete.outcomes.story import Call, Mark, Story, Turn
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.slash_commands import command_of
from accrete.text.lazy import lazy

EARLY = 5
"""Calls since the prompt up to which a correction is early."""
SPECIFIC = 3
"""Words from which what follows says something."""


_COMMAND = lazy(r"\s*/[A-Za-z][\w:-]*(?:\s|$)")


def _waits(turn: Turn) -> bool:
    """Whether it is a command, which waits until the turn is over: only the queue has it, where it
    begins with a slash. What Claude was given is a prompt, however it begins."""
    return turn.uuid.startswith("#") and _COMMAND.match(turn.words) is not None


def _moments(story: Story) -> list[tuple[Turn | Call | Mark, str]]:
    found: list[tuple[Turn | Call | Mark, str]] = []
    handed = story.handed_over
    for mark in story.marks:
        if (
            mark.kind == "interruption"
            and not mark.run
            and (handed is None or mark.seq < handed.seq)
        ):
            found.append((mark, "interrupted"))
    for turn in story.turns:
        if turn.kind in ("queued_prompt", "prompt_beside_result") and not _waits(turn):
            found.append((turn, "said while it worked"))
        elif command_of(turn) == "rewind":
            found.append((turn, "rewound"))
    refused = [
        call
        for call in story.main
        if call.status == "rejected" and _by_person(call) and call is not handed
    ]
    stops = sorted(m.seq for m in story.marks if m.kind == "interruption" and not m.run)
    turns = sorted(turn.seq for turn in story.turns)
    found += [
        (call, "refused")
        for call in refused
        if call.detail.get("reason") or not _followed_by_stop(call, stops, turns)
    ]
    same = {
        stop.uuid
        for call in refused
        if call.detail.get("reason") and (stop := _its_stop(story, call)) is not None
    }
    found = [(moment, how) for moment, how in found if moment.uuid not in same]
    once: dict[object, tuple[Turn | Call | Mark, str]] = {}
    for moment, how in sorted(found, key=lambda each: (each[0].seq, each[0].uuid)):
        copied = moment.at is not None and not isinstance(
            moment, Call
        )  # a file may hold a second copy of its lines
        once.setdefault(
            (how, moment.at, moment.words if isinstance(moment, Turn) else "")
            if copied
            else moment.uuid,
            (moment, how),
        )
    return list(once.values())


def _by_person(call: Call) -> bool:
    return call.denial in (None, "user-rejected") and call.decision_source not in ("config", "hook")


def _followed_by_stop(call: Call, stops: list[int], turns: list[int]) -> bool:
    """A refusal without words writes an interruption right after it: that is the same moment."""
    next_stop, next_turn = bisect_right(stops, call.seq), bisect_right(turns, call.seq)
    if next_stop == len(stops):
        return False
    return next_turn == len(turns) or turns[next_turn] > stops[next_stop]


def _its_stop(story: Story, call: Call) -> Mark | None:
    """The interruption that belongs to a refusal with words: the next thing on the main line."""
    stop = min(
        (m for m in story.marks if m.kind == "interruption" and not m.run and m.seq > call.seq),
        key=lambda m: m.seq,
        default=None,
    )
    if stop is None:
        return None
    between = [
        c for c in story.main if call.seq < c.seq < stop.seq and c.message_id != call.message_id
    ]
    return None if between or any(call.seq < turn.seq < stop.seq for turn in story.turns) else stop


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each interruption, refusal, rewind, or word put in while Claude worked."""
    if story.automated:
        return
    turns = sorted(story.turns, key=lambda turn: turn.seq)
    places = [turn.seq for turn in turns]
    calls = sorted(call.seq for call in story.main)
    on_this = Counter[int]()
    for moment, how in _moments(story):
        at = bisect_left(places, moment.seq)
        turn = places[at - 1] if at else 0
        if isinstance(moment, Turn):
            specific = _says(moment.words)
        elif isinstance(moment, Call) and moment.detail.get("reason"):
            specific = True
        else:
            following = turns[bisect_right(places, moment.seq) :][:1]
            specific = (
                bool(following)
                and following[0].kind != "slash_command"
                and _says(following[0].words)
            )
        marks = []
        if bisect_left(calls, moment.seq) - bisect_right(calls, turn) <= EARLY:
            marks.append("early")
        if specific:
            marks.append("specific")
        yield seen(moment, *(marks if on_this[turn] < 2 else ()), note=how)
        on_this[turn] += 1


def _says(words: str) -> bool:
    """Whether words say what to do, rather than no or stop; some scripts put no spaces between
    theirs."""
    return len(words.split()) >= SPECIFIC or (not words.isascii() and len(words) >= 2 * SPECIFIC)


PRACTICE = Practice(
    name="steering",
    title="Steering",
    what="Interrupting, refusing a step, rewinding, or adding instructions while Claude works.",
    why="A wrong direction is cheapest to correct at once. After two failed corrections, a fresh "
    "start with a better prompt is quicker.",
    source=DOCS + "best-practices#course-correct-early-and-often",
    good="Early, saying what to do instead. Not three times about the same thing.",
    marks={"early": f"within {EARLY} tool calls of your prompt", "specific": "saying what to do"},
    try_next="Press Esc as soon as it goes the wrong way, and say what you want instead. Use "
    "/rewind if the way back is long.",
    possible=lambda story: None if story.automated else len(story.main) >= 5,
    find=find,
    version=4,
)
