"""Review: a fresh pair of eyes on the change, before it is called done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.outcomes.story import Call, Story, Turn
from accrete.outcomes.tool_names import SPAWNS
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.practices.slash_commands import command_of
from accrete.text.lazy import lazy

_COMMANDS = frozenset({"review", "code-review", "security-review", "ultrareview", "simplify"})
_NAME = lazy(
    r"(?:^|[-_:/])(?:(?:code-?)?review(?:er|s)?|auditor|critic|critique|(?:code|"
    r"security)[-_]audit)(?:$|[-_:])",
    re.IGNORECASE,
)
_TASK = lazy(
    r"\b(?:code[- ]?review(?:er|ing)?|review(?:er|ing)?|critique|fresh (?:pair of |set of )?eyes|"
    r"(?:code|security)[- ]audit|"
    r"audit (?:(?:the|this|these|my|our|all) )?(?:\w+ )?(?:changes?|diff|implementation|code|"
    r"commits?|branch|patch|pr))\b"
    r"(?!.*\b(?:docs?|documentation|literature|history|logs?)\b)",
    re.IGNORECASE,
)
_THING = lazy(
    r"\b(?:product|customer|movie|film|book|restaurant|user|guest|client|star|app|store|"
    r"peer)[- ]reviews?\b(?:[- ]\w+)?|"
    r"(?!^)\breviews?[- ](?:page|form|screen|component|section|feature|system|widget|model|table|"
    r"schema|app|site|card|list|button|"
    r"endpoint|api|ui|view|modal|dialog|module|service|score|rating|workflow|queue|dashboard|tab|"
    r"panel|database|entity|controller)s?\b",
    re.IGNORECASE,
)
"""Reviews that a product is about: what is built there reviews nothing."""
_ACT = (
    r"(?:address|(?:auto-?)?fix|resolv|respon|repl(?:y|ies)|answer|appl|implement|handl|incorporat|"
    r"receiv|"
    r"process|triag|act[- ]on|follow[- ]?up|work[- ]through)"
)
_NOUN = (
    r"(?:['’]s)?[\s_:/-]+(?:(?!(?:the|this|that|an?|my|our|all|and|then|for|of|on|in|after|before|"
    r"with)\b)\w+[\s_:/-]+)?"
)
_ANSWERS = lazy(
    rf"\b{_ACT}\w*\b(?:(?!\b(?:and|then|by|before|after)\b)[^.;\n]){{0,40}}?\breview|"
    rf"\breview(?:er|ers)?{_NOUN}(?:comments?|feedback|findings?|suggestions?|remarks?|notes?|"
    rf"nits?|threads?|replies|responses?|"
    rf"fixer|responder|resolver|handler)\b|"
    rf"(?!^)\breview(?:er|ers)?{_NOUN}(?:points?|requests?|issues?|fix(?:es)?)\b",
    re.IGNORECASE,
)
"""Words of somebody's review that is answered or acted on."""
_GIVES = lazy(
    r"\b(?:post|write|writing|leave|draft|give|submit|add|run|do|perform|conduct|request)(?:s|ing|"
    r"ting|ed)?\b[^.;\n]{0,30}\breview",
    re.IGNORECASE,
)
TASK_READ = 300
"""Characters of a task's text that say what it is."""
_READERS = frozenset({"explore", "plan", "claude-code-guide"})
"""Types of subagents that find out and judge nothing."""


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each review: a reviewing subagent or skill after edits, or a review
    command."""
    edits = [call.seq for call in story.landed if not call.run]
    first, last = (min(edits), max(edits)) if edits else (1 << 62, -1)
    moments: list[Turn | Call] = []
    for turn in story.turns:
        name = command_of(turn)
        if name and (name in _COMMANDS or _names_review(name)):
            moments.append(turn)
    for call in story.main:
        asked = call.tool == "Skill" and call.ok and _names_review(call.variant or "")
        reviewed = call.tool == "ReportFindings" or (call.tool in SPAWNS and _reviews(call))
        if asked or (reviewed and first < call.seq):
            moments.append(call)
    for moment in sorted(moments, key=lambda m: m.seq):
        marks = []
        if first < moment.seq:
            marks.append("after-edits")
        if last > moment.seq:
            marks.append("acted-on")
        yield seen(
            moment,
            *marks,
            note=command_of(moment) if isinstance(moment, Turn) else moment.variant or moment.tool,
        )


def _names_review(name: str) -> bool:
    """Whether a command, a skill or an agent of that name reviews; one that answers a review does
    not."""
    return name.lstrip("/") in _COMMANDS or (
        _NAME.search(name) is not None and not _answers(re.sub(r"[-_:/]", " ", name))
    )


def _answers(words: str) -> bool:
    return _ANSWERS.search(words) is not None and not _GIVES.search(words)


def _reviews(call: Call) -> bool:
    task, variant = call.target or "", call.variant or ""
    if call.status in ("rejected", "error") or _answers(task[:TASK_READ]):
        return False
    return _names_review(variant) or (
        variant.lower() not in _READERS and _TASK.search(_THING.sub(" ", task)) is not None
    )


PRACTICE = Practice(
    name="review",
    title="Review",
    what="A reviewing subagent after edits, or /code-review, /review, /security-review. Answering "
    "review comments does not count.",
    why="The author believes in the code. A reviewer with a fresh context sees only the change.",
    source=DOCS + "best-practices#add-an-adversarial-review-step",
    good="After the edits and before the commit, and its findings are fixed.",
    marks={"after-edits": "after edits in the session", "acted-on": "edits followed"},
    try_next="/code-review, or: “Have a subagent with a fresh "
    "context review this diff for correctness gaps only.”",
    possible=lambda story: (
        bool(story.landed_code) or any(command_of(turn) in _COMMANDS for turn in story.turns)
    ),
    find=find,
    version=4,
)
