"""Checks that a person ran in a session with `!`: recognised by the command and its output."""

from __future__ import annotations

from collections.abc import Sequence

from accrete.outcomes.checks import Check, checks_of
from accrete.outcomes.runners import runner_of
from accrete.outcomes.shell import commands
from accrete.outcomes.story import BY_HAND, Call, Mark, Turn
from accrete.text.lazy import lazy
from accrete.transcript.client_marks import command_line

_TAGS = lazy(r"</?bash-std(?:out|err)>")
PRINTED_ONLY = "printed"
"""The status of such a command: the client does not write down how it ended."""


def checks_by_hand(turns: Sequence[Turn], marks: Sequence[Mark]) -> tuple[Call, ...]:
    """One call for each `!` command that was a check; its verdict is by its own words alone."""
    outputs = sorted(
        (mark for mark in marks if mark.kind == "shell_output" and not mark.run),
        key=lambda mark: mark.seq,
    )
    found = []
    for turn in turns:
        command = command_line(turn.words).lstrip("! ") if turn.kind == "shell_input" else ""
        simples = commands(command)
        if not any(runner_of(simple.words) for simple in simples):
            continue
        following = min((other.seq for other in turns if other.seq > turn.seq), default=1 << 62)
        said = "\n".join(
            _TAGS.sub("", mark.text or "") for mark in outputs if turn.seq < mark.seq < following
        )
        if checks := checks_of(simples, status=PRINTED_ONLY, output=said):
            found.append(_call(turn, command, checks))
    return tuple(found)


def _call(turn: Turn, command: str, checks: Sequence[Check]) -> Call:
    return Call(
        message_id=turn.uuid,
        use="",
        uuid=turn.uuid,
        run="",
        seq=turn.seq,
        at=turn.at,
        tool=BY_HAND,
        variant=None,
        target=command,
        status=PRINTED_ONLY,
        decision_source=None,
        decision=None,
        denial=None,
        result_at=None,
        added=None,
        removed=None,
        user_modified=None,
        spawned=None,
        detail={},
        in_worktree=False,
        commits=(),
        pulls=(),
        checks=tuple(checks),
        pushed=False,
        answer=turn.uuid,
    )
