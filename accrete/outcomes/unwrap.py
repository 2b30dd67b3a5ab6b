"""Removes wrappers from a command: sudo, env, timeout, and `sh -c` around a script."""

from __future__ import annotations

from accrete.text.lazy import lazy

_ASSIGNMENT = lazy(r"^[A-Za-z_][A-Za-z0-9_]*\+?=")
_KEYWORDS = frozenset({"!", "then", "else", "do", "{", "}"})
_WRAPPERS = frozenset(
    {
        "sudo",
        "env",
        "nohup",
        "command",
        "exec",
        "nice",
        "stdbuf",
        "xargs",
        "caffeinate",
        "dotenv",
        "rtk",
        "time",
        "cross-env",
        "ionice",
        "setsid",
        "unbuffer",
        "chronic",
        "builtin",
        "wsl",
        "wsl.exe",
    }
)
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "pwsh", "powershell"})
_OPTION_VALUES = {
    "sudo": {"-u", "-g", "-C", "-h", "-p"},
    "env": {"-u", "-C", "-S"},
    "nice": {"-n"},
    "xargs": {"-I", "-n", "-P", "-L", "-d", "-s"},
    "stdbuf": {"-i", "-o", "-e"},
    "ionice": {"-c", "-n"},
    "wsl": {"-d", "-u", "--cd"},
}


def unwrapped(words: list[str]) -> list[str]:
    """The words without assignments, shell keywords and commands that only run another (sudo, env,
    timeout …)."""
    at = 0
    while at < len(words):
        word = words[at]
        name = word.rsplit("/", 1)[-1]
        if word in _KEYWORDS or _ASSIGNMENT.match(word):
            at += 1
        elif name == "command" and words[at + 1 : at + 2] in (["-v"], ["-V"]):
            return []
        elif name in _WRAPPERS:
            at = _past_options(words, at + 1, _OPTION_VALUES.get(name, set()))
        elif name in ("timeout", "gtimeout"):
            at = _past_options(words, at + 1, {"-s", "-k"}) + 1
        else:
            break
    return words[at:]


def _past_options(words: list[str], at: int, with_value: set[str]) -> int:
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        at += 2 if words[at] in with_value else 1
    return at + 1 if at < len(words) and words[at] == "--" else at


def inner_script(words: list[str]) -> str | None:
    """The script that a shell is given on its command line (`sh -c`, `pwsh -Command`), None if it
    is given none."""
    name = words[0].rsplit("/", 1)[-1].removesuffix(".exe")
    if name not in _SHELLS:
        return None
    at = 1
    while at < len(words) and words[at].startswith(("-", "+")):
        word = words[at].lower()
        if word == "-command" or (not word.startswith("--") and "c" in word and len(word) <= 6):
            return words[at + 1] if at + 1 < len(words) else None
        at += 2 if word.endswith("o") and not word.startswith("--") else 1
    return None


def reads_script(words: list[str]) -> bool:
    """Whether a shell reads its script from where its input comes from, such as a heredoc."""
    return words[0].rsplit("/", 1)[-1] in _SHELLS and all(
        word.startswith(("-", "+")) for word in words[1:]
    )
