"""Delegation: giving work to subagents, which have a context of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from accrete.outcomes.story import Call, Story
from accrete.outcomes.tool_names import SPAWNS
from accrete.practices.built_in import BUILT_IN_AGENTS
from accrete.practices.practice import DOCS, Practice, Sighting, seen

_OTHERS = frozenset({"Workflow", "TeamCreate"})
ENOUGH_CALLS = 10


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each subagent, workflow or team that the main line started; one that was
    stopped did run."""
    spawns = [call for call in story.main if call.tool in SPAWNS | _OTHERS and _started(call)]
    together = Counter(call.answer for call in spawns)
    first_edit = min((call.seq for call in story.landed if not call.run), default=None)
    for call in spawns:
        marks = []
        if together[call.answer] > 1 or call.tool in _OTHERS:
            marks.append("several-at-once")
        if (
            call.variant
            and call.variant.lower() not in BUILT_IN_AGENTS
            and ":" not in call.variant
            and call.tool in SPAWNS
        ):
            marks.append("own-type")
        if first_edit is None or call.seq < first_edit:
            marks.append("research-first")
        yield seen(call, *marks, note=call.variant)


def _started(call: Call) -> bool:
    return call.status not in ("rejected", "error") or bool(call.detail.get("ran"))


PRACTICE = Practice(
    name="delegation",
    title="Delegation",
    what="Subagents, teams and workflows: parts of the work that run in a context of their own and "
    "report a summary. One that you stopped counts: it ran.",
    why="Reading many files fills the context that the rest of the session needs. A subagent reads "
    "them elsewhere and brings back what matters.",
    source=DOCS + "best-practices#use-subagents-for-investigation",
    good="Questions that need much reading go to subagents before the first edit; "
    "independent questions run in parallel.",
    marks={
        "several-at-once": "several at once",
        "own-type": "an agent type of your own",
        "research-first": "before the first edit",
    },
    try_next="“Use subagents to find out how X works and where Y is called; "
    "report file names and a short summary.”",
    possible=lambda story: (
        len(story.main) >= ENOUGH_CALLS or any(call.tool in SPAWNS for call in story.main)
    ),
    find=find,
    version=2,
)
