"""Who wrote a text: the client's marks, commands and injected elements."""

from __future__ import annotations

from accrete.text.lazy import lazy
from accrete.text.plain import squeeze

_INJECTED = lazy(
    r"<(system-reminder|ide_opened_file|ide_selection|ide_diagnostics|post-tool-use-hook|"
    r"user-prompt-submit-hook)>"
)
"""Where an element begins that the client or an editor put in. Its end is looked for with `find`,
once: a pattern with both would look through the rest of the text from every beginning."""

MACHINE_PREFIXES: tuple[tuple[str, str], ...] = (
    ("<local-command-stdout>", "command_output"),
    ("<local-command-stderr>", "command_output"),
    ("<local-command-caveat>", "injected_context"),
    ("<command-args>", "command_output"),
    ("<command-contents>", "command_output"),
    ("<bash-stdout>", "shell_output"),
    ("<bash-stderr>", "shell_output"),
    ("<task-notification>", "task_notification"),
    ("<agent-notification>", "task_notification"),
    ("<teammate-message", "teammate_message"),
    ("Another Claude session sent a message:", "teammate_message"),
    ("<agent-message", "teammate_message"),
    ("<ci-monitor-event", "machine_message"),
    ("<tick>", "machine_message"),
    ("[Request interrupted by user", "interruption"),
    ("This session is being continued from a previous conversation", "compact_summary"),
    ("Caveat: The messages below", "injected_context"),
    ("Implement the following plan:", "plan_handoff"),
    ("Stop hook feedback:", "hook_output"),
)
"""How a user record begins that the client wrote itself, and what it then is."""


def without_injected(text: str) -> str:
    """The text without the elements that the client or an editor put into it, and without
    surrounding space."""
    kept, at = [], 0
    unclosed: set[str] = set()
    for begin in _INJECTED.finditer(text):
        if begin.start() < at or begin[1] in unclosed:
            continue
        closing = f"</{begin[1]}>"
        end = text.find(closing, begin.end())
        if end < 0:
            unclosed.add(begin[1])
            continue
        kept.append(text[at : begin.start()])
        at = end + len(closing)
    return ("".join(kept) + text[at:]).strip()


def human_queue_text(text: str | None) -> str | None:
    """A queued text when a person may have typed it, without what the client injected; else
    None."""
    words = without_injected(text or "")
    if not words or machine_kind(words) or words.startswith('{"task_id"'):
        return None
    return words


def machine_kind(words: str) -> str | None:
    """What a text is that a machine wrote into the conversation, by how it begins; None when a
    person may have."""
    for prefix, kind in MACHINE_PREFIXES:
        if words.startswith(prefix):
            return kind
    return None


_COMMAND_NAME = lazy(r"<command-name>\s*/?([^<\s]+)\s*</command-name>")
_COMMAND_MESSAGE = lazy(r"<command-message>\s*/?([^<\s]+)")


def command_name(text: str) -> str | None:
    """The slash command's name without the slash, as the client wrote it down."""
    found = _COMMAND_NAME.search(text) or _COMMAND_MESSAGE.search(text)
    return found.group(1) if found else None


def element(text: str, name: str) -> str | None:
    """What stands in the first element of this name that is closed, without surrounding space; None
    if there is none."""
    _, opened, rest = text.partition(f"<{name}>")
    inner, closed, _ = rest.partition(f"</{name}>")
    return inner.strip() if opened and closed else None


def command_line(text: str) -> str:
    """What the person typed for a recorded command: `/name arguments`, or `!command`."""
    shell = element(text, "bash-input")
    if shell is not None:
        return "!" + shell
    return f"/{command_name(text) or ''} {element(text, 'command-args') or ''}".strip()


def plan_words(command: str) -> str | None:
    """What a `/plan` command asks to plan, on one line; None for any other command, and where it
    asks for nothing."""
    name, _, rest = command.strip().partition(" ")
    return squeeze(rest) or None if name == "/plan" else None
