"""Splits a shell text into the simple commands it runs; quoted, echoed and heredoc content is text.

Longer than a module should be because the one reader of a text holds all that may stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, dropwhile, takewhile
from typing import NamedTuple

from accrete.outcomes.quoting import (
    ANSI_QUOTED,
    HEREDOC,
    closing,
    past_arithmetic,
    substituted,
    up_to,
)
from accrete.outcomes.unwrap import inner_script, reads_script, unwrapped
from accrete.text.lazy import lazy

DEPTH = 6
FUNCTION_KEPT = 100


class Simple(NamedTuple):
    """One simple command.

    words: its words without quotes, redirections, assignments and wrappers.
    follows: the operator after it ('&&', '||', ';', '|', '&', '' at the end; under `set -e` and
    `pipefail` '&&' if its failure ends the script).
    negated: a `!` is before it.
    branch: it is in a branch, a loop or behind `||`, so it may not have run although everything
    succeeded.
    tested: it is behind `&&` after a test such as `[ -f x ]`.
    asked: it is in the condition of an `if` or a loop, where its failure ends no script.
    shell: the subshells it runs in, outermost first, each by its own number.
    """

    words: tuple[str, ...]
    follows: str
    negated: bool
    branch: bool = False
    tested: bool = False
    shell: tuple[int, ...] = ()
    asked: bool = False


class _Block(NamedTuple):
    """An open block: what opened it, whether its commands may not run, the function it defines and
    where that began, the subshells around it, and whether its condition is being read."""

    kind: str
    branch: bool
    tested: bool
    name: str
    start: int
    shell: tuple[int, ...]
    asks: bool


_Functions = dict[str, list[Simple]]


_SPECIAL = lazy(r"""[\\'"$`#;&|()<>\s{}]""")
_POWER_SPECIAL = lazy(r"""['"$`#;&|()\s{}@]""")
_HERE_STRING = lazy(r"@(['\"])[ \t]*\n(.*?)\n\1@", re.DOTALL)
_BRANCHES = {
    "if": "if",
    "while": "loop",
    "until": "loop",
    "then": "if",
    "elif": "if",
    "else": "if",
    "do": "loop",
}
_BEFORE_COMMANDS = _BRANCHES.keys() | {"{"}
"""Words of which each has a command behind it."""
_ENDS = {"fi": "if", "done": "loop", "esac": "case", "}": "{"}
_POWER_BRANCHES = frozenset(
    {"if", "elseif", "else", "foreach", "while", "for", "switch", "catch", "do"}
)
_TESTS = frozenset(
    {"[", "[[", "test", "grep", "egrep", "rg", "which", "type", "hash", "pgrep", "cmp", "Test-Path"}
)
_NO_PARAMETERS = lazy(r"\([ \t]*\)")


def commands(text: str, *, powershell: bool = False) -> list[Simple]:
    """The simple commands of a shell text in their order, those of `$(…)`, `( … )` and `sh -c`
    among them.
    PowerShell has its own quoting: a backslash is a letter, a backtick escapes, `@'…'@` is a text.
    """
    found: list[Simple] = []
    _Reader(text, found, 0, powershell, {}, (), count(1)).read_all()
    return found


class _Reader:
    """One pass over a text; a reader of its own for what is nested."""

    def __init__(
        self,
        text: str,
        found: list[Simple],
        depth: int,
        power: bool,
        functions: _Functions,
        shell: tuple[int, ...],
        numbers: Iterator[int],
    ) -> None:
        self.functions, self.shell, self.numbers = functions, shell, numbers
        self.blocks: list[_Block] = []
        self.defining = ""
        self.closed = self.otherwise = self.tested = self.chained = False
        self.fed: str | None = None
        self.branching = self.errexit = self.pipefail = False
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
            end = up_to("`", text, at + 1)
            self._nested(text[at + 1 : end])
            self._add("`")
            self.at = end + 1
        elif char == "#" and self.word is None:
            self.at = up_to("\n", text, at)
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
        if following != "\n":
            self._add(following)
        elif self.power:
            self._end_word()
        self.at += 2

    def _here_string(self) -> None:
        match = _HERE_STRING.match(self.text, self.at)
        self._add(match.group(2) if match else "@")
        self.at = match.end() if match else self.at + 1

    def _single_quoted(self) -> None:
        end = up_to("'", self.text, self.at + 1)
        self._add(self.text[self.at + 1 : end])
        self.at = end + 1

    def _double_quoted(self) -> None:
        text, at = self.text, self.at + 1
        self._add("")
        while at < len(text) and text[at] != '"':
            if text[at] == ("`" if self.power else "\\"):
                following = text[at + 1 : at + 2]
                self._add(
                    following
                    if self.power or following in '$`"\\'
                    else ""
                    if following == "\n"
                    else text[at : at + 2]
                )
                at += 2
            elif text.startswith("$((", at) and not self.power:
                at = past_arithmetic(text, at + 3)
                self._add("$()")
            elif text.startswith("$(", at):
                end = closing(text, at + 2)
                self._nested(text[at + 2 : end])
                self._add(substituted(text[at + 2 : end]))
                at = end + 1
            else:
                self._add(text[at])
                at += 1
        self.at = at + 1

    def _dollar(self) -> None:
        if self.text.startswith("$((", self.at) and not self.power:
            self._add("$()")
            self.at = past_arithmetic(self.text, self.at + 3)
        elif self.text.startswith("$'", self.at) and not self.power:
            match = ANSI_QUOTED.match(self.text, self.at)
            self._add(re.sub(r"\\(.)", r"\1", match.group(1), flags=re.DOTALL) if match else "$'")
            self.at = match.end() if match else self.at + 2
        elif self.text.startswith("$(", self.at):
            end = closing(self.text, self.at + 2)
            self._nested(self.text[self.at + 2 : end])
            self._add(substituted(self.text[self.at + 2 : end]))
            self.at = end + 1
        else:
            self._add("$")
            self.at += 1

    def _nested(self, inner: str) -> None:
        self._open_behind()
        if self.depth < DEPTH:
            start = len(self.found)
            _Reader(
                inner,
                self.found,
                self.depth + 1,
                self.power,
                self.functions,
                self._inside(),
                self.numbers,
            ).read_all()
            self.found[start:] = [self._placed(simple) for simple in self.found[start:]]

    def _open_behind(self) -> None:
        """Opens and parts the blocks whose words stand before a substitution."""
        words = () if self.power else takewhile(_BEFORE_COMMANDS.__contains__, self.words)
        opened = list(words)
        self._past_keywords(opened)
        del self.words[: len(opened)]

    def _inside(self) -> tuple[int, ...]:
        """A new subshell; in PowerShell what stands in parentheses runs where it stands."""
        return self.shell if self.power else (*self.shell, next(self.numbers))

    def _operator(self) -> None:
        two = self.text[self.at : self.at + 2]
        if self.word is None and not self.words and two == "((":
            self.at = past_arithmetic(self.text, self.at + 2)
            return
        operator = two if two in ("&&", "||", ";;", "|&") else self.text[self.at]
        if operator == "&" and self.text[self.at + 1 : self.at + 2] == ">":
            self.at += 1
            self._redirection()
            return
        if operator == "(":
            self._open_parenthesis()
        elif operator == ")":
            self._close_parenthesis()
        else:
            self._end_command({";;": ";", "|&": "|"}.get(operator, operator))
        self.at += len(operator)

    def _open_parenthesis(self) -> None:
        match = _NO_PARAMETERS.match(self.text, self.at)
        if match and not self.power and self.word is not None and self.words in ([], ["function"]):
            self.defining, self.word, self.words = "".join(self.word), None, []
            self.at = match.end() - 1
            return
        self._end_command(";")
        self._open("(")

    def _close_parenthesis(self) -> None:
        self._end_word()
        if self._opens_case():
            self._open_behind()
            self._open("case", branch=True)
        elif not self.blocks or self.blocks[-1].kind != "case" or self.words[:1] == ["esac"]:
            self._end_command(";")
            self._close("(")
            return
        self.words = []  # the pattern of a case

    def _opens_case(self) -> bool:
        """Whether the words that stand here are `case … in` and its first pattern."""
        words = list(dropwhile(_BEFORE_COMMANDS.__contains__, self.words))
        return words[:1] == ["case"] and "in" in words and not self.power

    def _in_branch(self) -> bool:
        return self.otherwise or any(block.branch for block in self.blocks)

    def _placed(self, simple: Simple) -> Simple:
        """A command with what the blocks around it and the operator before it say of it."""
        return simple._replace(
            branch=simple.branch or self._in_branch(),
            tested=simple.tested or self.tested or any(block.tested for block in self.blocks),
            asked=simple.asked or any(block.asks for block in self.blocks),
        )

    def _open(self, kind: str, *, branch: bool = False, asks: bool = False) -> None:
        self.blocks.append(
            _Block(
                kind,
                branch or self.otherwise,
                self.tested,
                self.defining if kind in "({" else "",
                len(self.found),
                self.shell,
                asks,
            )
        )
        self.shell = self._inside() if kind == "(" else self.shell
        self.defining = self.defining if kind not in "({" else ""
        self.otherwise = self.tested = False

    def _close(self, kind: str) -> None:
        """Closes the block of that kind, and what is open inside it; a function's body runs where
        it is called."""
        if not any(block.kind == kind for block in self.blocks):
            return
        while (block := self.blocks.pop()).kind != kind:
            pass
        self.closed, self.shell = True, block.shell
        if block.name:
            outer = len(self.shell)
            self.functions[block.name] = [
                each._replace(shell=each.shell[outer:]) for each in self.found[block.start :]
            ]
            del self.found[block.start :]
            self.closed = False

    def _past_keywords(self, words: list[str]) -> list[str]:
        """The words behind those that open, part and close blocks."""
        at = 0
        while at < len(words):
            word = words[at]
            if self.power and word in _POWER_BRANCHES:
                self.branching = True
                return []
            if word == "function" and at + 1 < len(words):
                self.defining, at = words[at + 1], at + 1
            elif word == "{":
                self._open("{", branch=self.branching)
                self.branching = False
            elif word in ("for", "select"):
                literal = any(not re.search(r"[$*?`]", each) for each in words[at + 3 :])
                self._open("loop", branch=not literal)
                return []
            elif word == "case":
                self._open("case", branch=True)
                return []
            elif word in ("if", "while", "until"):
                self._open(_BRANCHES[word], asks=True)
            elif word in _BRANCHES:
                self._part(word)
            elif word in _ENDS:
                self._close(_ENDS[word])
            else:
                break
            at += 1
        return words[at:]

    def _part(self, word: str) -> None:
        """After `then`, `else`, `elif` and the `do` of a while: what follows may not run."""
        if self.blocks and self.blocks[-1].kind == _BRANCHES[word]:
            block = self.blocks[-1]
            counted = word == "do" and block.start == len(
                self.found
            )  # of a `for`: nothing is asked before its body
            self.blocks[-1] = block._replace(
                branch=block.branch if counted else True, asks=word == "elif"
            )

    def _redirection(self) -> None:
        match = HEREDOC.match(self.text, self.at)
        if match and not self.text.startswith("<<<", self.at):
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
            end = re.compile(rf"^[\t ]*{re.escape(mark)}[ \t]*$", re.MULTILINE).search(
                self.text, self.at
            )
            if self.fed is not None:
                self._inner(self.text[self.at : end.start() if end else len(self.text)], self.fed)
                self.fed = None
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
        words, self.words = self._past_keywords(self.words), []
        negated = words[:1] == ["!"]
        asks = words[:1] == ["command"] or bool(words) and words[0] in _TESTS
        ran = bool(words)
        words = unwrapped(words)
        if not words:
            if self.closed and self.found:
                self.found[-1] = self.found[-1]._replace(follows=operator)
                self._link(operator, asks=False)
            elif ran:  # `x=1`, `command -v x`
                self._link(operator, asks=asks)
            self.closed = False
            return
        self.closed = False
        self._settings(words)
        ends_block = (
            self.power and words[-1] == "}" and any(block.kind == "{" for block in self.blocks)
        )
        written, operator = operator, self._strict(operator)
        words = words[:-1] if ends_block else words
        inner = inner_script(words) if words else None
        if inner is not None and self.depth < DEPTH:
            self._inner(inner, operator)
        elif words and self.heredocs and reads_script(words):
            self.fed = operator
        elif (
            self.otherwise
            and words
            and words[0] in ("exit", "return")
            and words[1:] != ["0"]
            and self.found
        ):
            # `x || exit 1`: what follows ran after x had succeeded
            self.found[-1] = self.found[-1]._replace(follows="&&")
        elif words:
            self._store(Simple(tuple(words), operator, negated))
        self._link(written, asks=asks)
        if ends_block:
            self._close("{")

    def _inner(self, script: str, operator: str) -> None:
        """The commands of a script that a shell is given, the last one followed by what follows the
        shell."""
        before = len(self.found)
        self._nested(script)
        if len(self.found) > before:
            self.found[-1] = self.found[-1]._replace(follows=operator)

    def _store(self, simple: Simple) -> None:
        """Adds a command, or the body of the function that it calls."""
        body = self.functions.get(simple.words[0], [])
        run = [*body[:-1], body[-1]._replace(follows=simple.follows)] if body else [simple]
        anew: dict[int, int] = {}  # each call has subshells of its own
        for each in run[:FUNCTION_KEPT]:
            inside = tuple(
                anew.get(shell) or anew.setdefault(shell, next(self.numbers))
                for shell in each.shell
            )
            self.found.append(self._placed(each)._replace(shell=self.shell + inside))

    def _link(self, operator: str, *, asks: bool) -> None:
        """What a command that has just ended means for the next one."""
        self.otherwise = operator == "||" or (operator == "|" and self.otherwise)
        self.tested = operator in ("&&", "|") and (self.tested or asks)
        self.chained = operator in ("&&", "||")

    def _settings(self, words: list[str]) -> None:
        if words[0] == "set":
            short = "".join(word[1:] for word in words[1:] if re.fullmatch(r"-[a-zA-Z]+", word))
            self.errexit = self.errexit or "e" in short or "errexit" in words
            self.pipefail = self.pipefail or "pipefail" in words

    def _strict(self, operator: str) -> str:
        """The operator as `set -e` and `pipefail` make it; a chain that fails in its middle ends no
        script."""
        if operator == ";" and self.errexit and not self.chained:
            return "&&"
        return "&&" if operator == "|" and self.pipefail else operator
