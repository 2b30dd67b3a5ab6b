"""Ends of quotes, substitutions and heredocs in a shell text, and their values."""

from __future__ import annotations

import re

from accrete.text.lazy import lazy

HEREDOC = lazy(r"<<-?[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|\\?([A-Za-z0-9_.!+-]+))")


ANSI_QUOTED = lazy(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)


def up_to(sign: str, text: str, at: int) -> int:
    """The place of the next such sign from a place on, else the end of the text."""
    end = text.find(sign, at)
    return end if end != -1 else len(text)


def past_arithmetic(text: str, at: int) -> int:
    """The place behind the `))` that closes an arithmetic expression."""
    return up_to("))", text, at) + 2


def closing(text: str, at: int) -> int:
    """The place of the parenthesis that closes what begins before `at`; quotes and heredocs are
    stepped over."""
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
            at = up_to("'", text, at + 1)
        elif text.startswith("<<<", at):  # one line that is given, no heredoc
            at += 2
        elif char == "<" and (match := HEREDOC.match(text, at)):
            mark = match.group(1) or match.group(2) or match.group(3) or ""
            end = re.compile(rf"^[\t ]*{re.escape(mark)}[ \t]*$", re.MULTILINE).search(
                text, match.end()
            )
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


def substituted(inner: str) -> str:
    """What a substitution stands for where that can be seen: the text of `cat <<EOF`, else a
    mark."""
    match = re.match(
        r"\s*cat\s*<<-?\s*\\?(['\"]?)([A-Za-z0-9_.!+-]++)\1[^\n]*\n(.*?)^[\t ]*\2[ \t]*$",
        inner,
        re.DOTALL | re.MULTILINE,
    )
    return match.group(3) if match else "$()"
