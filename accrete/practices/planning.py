"""Planning: thinking a change through with Claude before code is written."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.story import Call, Mark, Story, Turn
from accrete.practices.practice import DOCS, Practice, Sighting, seen

_TOOLS = ("EnterPlanMode", "ExitPlanMode", "exit_plan_mode")


def _signs(story: Story) -> list[Turn | Call | Mark]:
    signs: list[Turn | Call | Mark] = [t for t in story.turns if t.permission_mode == "plan"]
    signs += [c for c in story.main if c.tool in _TOOLS]
    signs += [
        m
        for m in story.marks
        if not m.run
        and (m.kind == "plan_handoff" or (m.kind == "plan_mode" and m.name != "plan_mode_exit"))
    ]
    return sorted(signs, key=lambda sign: sign.seq)


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each plan: from the first sign of plan mode to its approval."""
    episode: list[Turn | Call | Mark] = []
    first_edit = min((call.seq for call in story.landed if not call.run), default=None)
    last = max([turn.seq for turn in story.turns] + [call.seq for call in story.main], default=0)
    for sign in _signs(story):
        episode.append(sign)
        handed = isinstance(sign, Mark) and sign.kind == "plan_handoff"
        if handed or (isinstance(sign, Call) and sign.tool in _TOOLS[1:] and sign.ok):
            yield _sighting(first_edit, episode, last)
            episode = []
    if episode:
        yield _sighting(first_edit, episode, last)


def _sighting(first_edit: int | None, episode: list[Turn | Call | Mark], last: int) -> Sighting:
    exits = [sign for sign in episode if isinstance(sign, Call) and sign.tool in _TOOLS[1:]]
    handed = any(isinstance(sign, Mark) and sign.kind == "plan_handoff" for sign in episode)
    marks = []
    if handed or any(call.ok for call in exits):
        marks.append("approved")
    if any(
        call.status == "rejected" and call.seq < last for call in exits
    ):  # a refusal that ended all sent nothing back
        marks.append("revised")
    if first_edit is None or episode[0].seq < first_edit:
        marks.append("before-first-edit")
    return seen(episode[0], *marks)


PRACTICE = Practice(
    name="planning",
    title="Planning",
    what="Plan mode: Claude reads and proposes a plan, and edits nothing until you approve it. A "
    "plan handed over by another session counts too.",
    why="If you separate research from changes, correcting a wrong direction costs one sentence. A "
    "change that one sentence describes needs no plan.",
    source=DOCS + "best-practices#explore-first-then-plan-then-code",
    good="A plan before the first edit, corrected where it is wrong, then approved.",
    marks={
        "approved": "you approved it",
        "revised": "you sent it back first",
        "before-first-edit": "nothing was edited before",
    },
    try_next="Press Shift+Tab until the mode line says plan mode, then: “Read what this touches "
    "and propose a plan. List what could go wrong.”",
    possible=lambda story: bool(story.landed or _signs(story)),
    find=find,
)
