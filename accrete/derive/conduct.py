"""Who drove a session, whether it planned, and how its main conversation ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile

from accrete.derive.automation import Asked, Signs, automated
from accrete.derive.events import Event
from accrete.derive.session_rows import CONVERSATION, Prompt, Work
from accrete.model import HUMAN_KINDS

_BEFORE_ALL = frozenset(
    {
        "queue_operation",
        "hook_output",
        "mode",
        "permission_mode",
        "summary_title",
        "ai_title",
        "lineage",
    }
)
"""Kinds that may stand before the first word of a session."""
_NO_END = frozenset(
    {
        "injected_context",
        "command_output",
        "shell_output",
        "task_notification",
        "teammate_message",
        "agent_prompt",
        "assistant_empty",
    }
)
"""Kinds that may follow the end of a turn."""
_OPEN_FILES = """SELECT 1 FROM event WHERE person = ? AND session = ? AND kind IN ('typed_prompt',
    'slash_command', 'injected_context')
AND (text LIKE '%<ide_opened_file>%' OR text LIKE '%<ide_selection>%') LIMIT 1"""


def plans(e: Event) -> bool:
    """Whether a record is one of plan mode."""
    return (
        e.kind == "plan_mode"
        or (e.kind in ("mode", "permission_mode") and e.name == "plan")
        or (e.kind == "tool_call" and e.name in ("EnterPlanMode", "ExitPlanMode", "exit_plan_mode"))
    )


def plan_mode(work: Work) -> int:
    """1 where the session was in plan mode at any time."""
    if any(prompt.permission_mode == "plan" for prompt in work.prompts):
        return 1
    return int(any(plans(e) for e in work.events))


def ends_with(work: Work) -> dict[str, list[tuple[int, str | None]]]:
    """(place, message id) of each interruption and answer of the main line, in order; and, as
    "end", the place and the tool-use id of what it ends with, where that is a call, its result or a
    thought."""
    found: dict[str, list[tuple[int, str | None]]] = {
        "interruption": [],
        "assistant_text": [],
        "end": [],
    }
    main = [
        e for e in work.events if not e.agent and not e.sidechain and e.uuid not in work.replayed
    ]
    for e in main:
        if e.kind in ("interruption", "assistant_text"):
            found[e.kind].append((e.seq, e.message_id))
    last = next(
        (e for e in reversed(main) if e.kind in CONVERSATION and e.kind not in _NO_END), None
    )
    if last is not None and last.kind in ("tool_call", "tool_result", "thinking"):
        found["end"].append((last.seq, last.tool_use_id))
    return found


def automated_reason(work: Work, prompts: list[Prompt], globs: Sequence[str]) -> str | None:
    """Why the session is not a person's; None when it is."""
    main = [
        e for e in work.events if not e.agent and not e.sidechain and e.uuid not in work.replayed
    ]
    answers = [(e.seq, e.at) for e in main if e.kind == "assistant_text" and e.at is not None]
    asked = [
        Asked(each.source, _after(answers, each)) for each in prompts if each.kind in HUMAN_KINDS
    ]
    begun = takewhile(lambda e: e.kind in _BEFORE_ALL, main)
    queue = tuple(e.name or "" for e in begun if e.kind == "queue_operation")
    by_hand = any(e.kind in ("interruption", "shell_input") for e in main)
    if queue and not by_hand:
        by_hand = bool(work.db.run(_OPEN_FILES, (work.person, work.session)))
    return automated(
        Signs(
            next((c.cwd for c in work.contexts if c.cwd), ""),
            next((c.entrypoint for c in work.contexts if c.entrypoint), ""),
            any(c.teammate for c in work.contexts),
            queue,
            asked,
            by_hand,
        ),
        globs,
    )


def _after(answers: list[tuple[int, int]], prompt: Prompt) -> int | None:
    """How long after the last answer before it a prompt came, ms."""
    index = bisect_right(answers, (prompt.seq, 0)) - 1
    if index < 0 or prompt.at is None:
        return None
    _, answered_at = answers[index]
    return prompt.at - answered_at
