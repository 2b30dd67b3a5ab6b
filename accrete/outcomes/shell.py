"""Reads a shell command into the simple commands that it runs; what is quoted, echoed or in a heredoc is text."""

from __future__ import annotations

import re
from typing import NamedTuple

DEPTH = 6


class Simple(NamedTuple):
    """One simple command: its words without quotes, redirections and assignments, wrappers taken off. `follows`:
    the operator after it ('&&', '||', ';', '|', '&', '' at the end); `negated`: a `!` stands before it."""

    words: tuple[str, ...]
    follows: str
    negated: bool = False


_SPECIAL = re.compile(r"""[\\'"$`#;&|()<>\s{}]""")
_POWER_SPECIAL = re.compile(r"""['"$`#;&|()\s{}@]""")
_HERE_STRING = re.compile(r"@(['\"])[ \t]*\n(.*?)\n\1@", re.DOTALL)
_ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*\+?=")
_HEREDOC = re.compile(r"<<-?[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|\\?([A-Za-z0-9_.!+-]+))")
_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done"})
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
    }
)
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "pwsh", "powershell"})
_OPTION_VALUES = {"sudo": {"-u", "-g", "-C", "-h", "-p"}, "env": {"-u", "-C", "-S"}, "nice": {"-n"},
                  "xargs": {"-I", "-n", "-P", "-L", "-d", "-s"}, "stdbuf": {"-i", "-o", "-e"}}  # fmt: skip


def commands(text: str, *, powershell: bool = False) -> list[Simple]:
    """The simple commands of a shell text in their order, those of `$(…)`, `( … )` and `sh -c` among them.
    PowerShell has its own quoting: a backslash is a letter, a backtick escapes, `@'…'@` is a text."""
    found: list[Simple] = []
    _Reader(text, found, 0, powershell).read_all()
    return found


class _Reader:
    """One pass over a text; a reader of its own for what is nested."""

    def __init__(self, text: str, found: list[Simple], depth: int, power: bool = False) -> None:
        self.text = text
        self.power = power
        self.special = _POWER_SPECIAL if power else _SPECIAL
        self.at = 0
        self.found = found
        self.depth = depth
        self.words: list[str] = []
        self.word: list[str] | None = None
        self.heredocs: list[str] = []
        self.skip_next = False

    def read_all(self) -> None:
        while self.at < len(self.text):
            self._step()
        self._end_command("")

    def _step(self) -> None:
        text, at = self.text, self.at
        match = self.special.search(text, at)
        if match is None or match.start() > at:
            end = match.start() if match else len(text)
            self._add(text[at:end])
            self.at = end
            return
        char = text[at]
        if char == ("`" if self.power else "\\"):
            self._escape()
        elif char == "@" and self.power:
            self._here_string()
        elif char == "'":
            self._single_quoted()
        elif char == '"':
            self._double_quoted()
        elif char == "$":
            self._dollar()
        elif char == "`":
            end = text.find("`", at + 1)
            end = len(text) if end < 0 else end
            self._nested(text[at + 1 : end])
            self._add("`")
            self.at = end + 1
        elif char == "#" and self.word is None:
            end = text.find("\n", at)
            self.at = len(text) if end < 0 else end
        elif char in " \t\r":
            self._end_word()
            self.at += 1
        elif char == "\n":
            self._end_command(";")
            self.at += 1
            self._skip_heredocs()
        elif char in ";&|()":
            self._operator()
        elif char in "<>":
            self._redirection()
        else:
            self._add(char)
            self.at += 1

    def _add(self, piece: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(piece)

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if self.power and following == "\r":
            self.at += 1
            following = self.text[self.at + 1 : self.at + 2]
        if following == "\n":
            self._end_word()
        else:
            self._add(following)
        self.at += 2

    def _here_string(self) -> None:
        match = _HERE_STRING.match(self.text, self.at)
        self._add(match.group(2) if match else "@")
        self.at = match.end() if match else self.at + 1

    def _single_quoted(self) -> None:
        end = self.text.find("'", self.at + 1)
        end = len(self.text) if end < 0 else end
        self._add(self.text[self.at + 1 : end])
        self.at = end + 1

    def _double_quoted(self) -> None:
        text, at = self.text, self.at + 1
        self._add("")
        while at < len(text) and text[at] != '"':
            if text[at] == ("`" if self.power else "\\"):
                following = text[at + 1 : at + 2]
                self._add(
                    following if self.power or following in '$`"\\' else "" if following == "\n" else text[at : at + 2]
                )
                at += 2
            elif text.startswith("$((", at) and not self.power:
                at = _past_arithmetic(text, at + 3)
                self._add("$()")
            elif text.startswith("$(", at):
                end = _closing(text, at + 2)
                self._nested(text[at + 2 : end])
                self._add(_substituted(text[at + 2 : end]))
                at = end + 1
            else:
                self._add(text[at])
                at += 1
        self.at = at + 1

    def _dollar(self) -> None:
        if self.text.startswith("$((", self.at) and not self.power:
            self._add("$()")
            self.at = _past_arithmetic(self.text, self.at + 3)
        elif self.text.startswith("$'", self.at) and not self.power:
            match = _ANSI_QUOTED.match(self.text, self.at)
            self._add(re.sub(r"\\(.)", r"\1", match.group(1), flags=re.DOTALL) if match else "$'")
            self.at = match.end() if match else self.at + 2
        elif self.text.startswith("$(", self.at):
            end = _closing(self.text, self.at + 2)
            self._nested(self.text[self.at + 2 : end])
            self._add(_substituted(self.text[self.at + 2 : end]))
            self.at = end + 1
        else:
            self._add("$")
            self.at += 1

    def _nested(self, inner: str) -> None:
        if self.depth < DEPTH:
            _Reader(inner, self.found, self.depth + 1, self.power).read_all()

    def _operator(self) -> None:
        two = self.text[self.at : self.at + 2]
        if self.word is None and not self.words and two == "((":
            self.at = _past_arithmetic(self.text, self.at + 2)
            return
        if self.power and two[:1] == "&" and two != "&&" and self.word is None and not self.words:
            self.at += 1  # the call operator
            return
        operator = two if two in ("&&", "||", ";;", "|&") else self.text[self.at]
        if operator == "&" and self.text[self.at + 1 : self.at + 2] == ">":
            self.at += 1
            self._redirection()
            return
        self._end_command({"(": ";", ")": ";", ";;": ";", "|&": "|"}.get(operator, operator))
        self.at += len(operator)

    def _redirection(self) -> None:
        match = _HEREDOC.match(self.text, self.at)
        if match and not self.text.startswith("<<<", self.at):
            self._end_word()
            self.heredocs.append(match.group(1) or match.group(2) or match.group(3) or "")
            self.at = match.end()
            return
        if self.word is not None and "".join(self.word).isdigit():
            self.word = None
        self._end_word()
        while self.at < len(self.text) and self.text[self.at] in "<>&|":
            self.at += 1
        self.skip_next = True

    def _skip_heredocs(self) -> None:
        for mark in self.heredocs:
            end = re.compile(rf"^[\t ]*{re.escape(mark)}[ \t]*$", re.MULTILINE).search(self.text, self.at)
            self.at = end.end() if end else len(self.text)
        self.heredocs.clear()

    def _end_word(self) -> None:
        if self.word is not None:
            word = "".join(self.word)
            if self.skip_next:
                self.skip_next = False
            else:
                self.words.append(word)
            self.word = None

    def _end_command(self, operator: str) -> None:
        self._end_word()
        self.skip_next = False
        negated = self.words[:1] == ["!"]
        words, self.words = unwrapped(self.words), []
        if not words:
            return
        inner = _inner_script(words)
        if inner is not None and self.depth < DEPTH:
            self._nested(inner)
            return
        self.found.append(Simple(tuple(words), operator, negated))


_ANSI_QUOTED = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)


def _past_arithmetic(text: str, at: int) -> int:
    """The place behind the `))` that closes an arithmetic expression."""
    end = text.find("))", at)
    return len(text) if end < 0 else end + 2


def _closing(text: str, at: int) -> int:
    """The place of the parenthesis that closes what begins before `at`; quotes and heredocs are stepped over."""
    open_ones = [")"]
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif open_ones[-1] == '"':
            if char == '"':
                open_ones.pop()
            elif text.startswith("$(", at):
                open_ones.append(")")
                at += 1
        elif char == "'":
            at = text.find("'", at + 1)
            if at < 0:
                return len(text)
        elif char == "<" and (match := _HEREDOC.match(text, at)) and not text.startswith("<<<", at):
            mark = match.group(1) or match.group(2) or match.group(3) or ""
            end = re.compile(rf"^[\t ]*{re.escape(mark)}[ \t]*$", re.MULTILINE).search(text, match.end())
            at = end.end() - 1 if end else len(text)
        elif char == '"':
            open_ones.append('"')
        elif char == "(":
            open_ones.append(")")
        elif char == ")":
            open_ones.pop()
            if not open_ones:
                return at
        at += 1
    return len(text)


def _substituted(inner: str) -> str:
    """What a substitution stands for where that can be seen: the text of `cat <<EOF`, else a mark."""
    match = re.match(
        r"\s*cat\s*<<-?\s*\\?(['\"]?)([A-Za-z0-9_.!+-]+)\1[^\n]*\n(.*?)^[\t ]*\2[ \t]*$",
        inner,
        re.DOTALL | re.MULTILINE,
    )
    return match.group(3) if match else "$()"


def unwrapped(words: list[str]) -> list[str]:
    """The words without assignments, shell keywords and commands that only run another (sudo, env, timeout …)."""
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


def _inner_script(words: list[str]) -> str | None:
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
