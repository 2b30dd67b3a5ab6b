"""Task tracking: a list of steps that Claude keeps while it works."""

from __future__ import annotations

from collections.abc import Iterator

from accrete.outcomes.story import Call, Story
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.text.lazy import lazy

_LISTS = frozenset({"TodoWrite", "TaskCreate"})
_STATUS = lazy(r'"status"\s*:\s*"(\w+)"')
_NEWER = lazy(r"claude-(?:opus-(?:4-8|4-9|[5-9])|sonnet-[5-9]|haiku-[5-9]|fable|mythos)")
"""Models for which the client has no task tools."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each list: its first TodoWrite, or the first TaskCreate after all before
    were done."""
    open_list: list[Call] = []
    for call in (c for c in story.main if c.ok and (c.tool in _LISTS or c.tool == "TaskUpdate")):
        if call.tool in _LISTS and open_list and _finished(open_list):
            yield _sighting(open_list)
            open_list = []
        if open_list or call.tool in _LISTS:
            open_list.append(call)
    if open_list:
        yield _sighting(open_list)


def _sighting(calls: list[Call]) -> Sighting:
    marks = []
    if _finished(calls):
        marks.append("finished")
    if len({call.answer for call in calls if call.tool in ("TodoWrite", "TaskUpdate")}) >= 3:
        marks.append("kept-current")
    return seen(calls[0], *marks)


def _finished(calls: list[Call]) -> bool:
    todos = [call for call in calls if call.tool == "TodoWrite"]
    if todos:
        said = _STATUS.findall(str(todos[-1].detail.get("input", "")))
        return bool(said) and set(said) == {"completed"}
    created = sum(call.tool == "TaskCreate" for call in calls)
    updates = [
        (call.target, _STATUS.findall(str(call.detail.get("input", ""))))
        for call in calls
        if call.tool == "TaskUpdate"
    ]
    done = {task for task, said in updates if "completed" in said}
    dropped = {task for task, said in updates if "deleted" in said} - done
    return 0 < created <= len(done | dropped) and bool(done)


def _possible(story: Story) -> bool | None:
    if any(call.tool in _LISTS for call in story.calls):
        return True
    if not story.models:
        return None
    return False if all(_NEWER.search(model) for model in story.models) else len(story.main) >= 8


PRACTICE = Practice(
    name="task-tracking",
    title="Task tracking",
    what="A task list that Claude makes, keeps current and finishes. Newer models have no task "
    "tools, so it does not apply to them.",
    why="On long work a list keeps steps from being forgotten, and shows you what is left.",
    source=DOCS + "interactive-mode#task-list",
    good="Three or more steps, each ticked off as it is done, none left over.",
    marks={"finished": "every item done", "kept-current": "updated while the work went on"},
    try_next="“Before you begin, write down the steps as tasks, and keep them current.”",
    possible=_possible,
    find=find,
)
