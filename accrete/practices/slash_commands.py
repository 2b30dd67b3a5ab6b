"""The slash command of a turn: its name and what was said after it."""

from __future__ import annotations

from accrete.outcomes.story import Turn
from accrete.transcript.client_marks import element


def command_of(turn: Turn) -> str | None:
    """The name of a slash command, without the slash."""
    return turn.command.lstrip("/") if turn.kind == "slash_command" and turn.command else None


def arguments_of(turn: Turn) -> str:
    """The text after a slash command's name."""
    return element(turn.words, "command-args") or ""
