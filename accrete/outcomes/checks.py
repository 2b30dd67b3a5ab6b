"""Tests, builds and lint that a tool call ran, each with one verdict: by printed counts, else by
exit status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from accrete.outcomes.chains import Heard, by_exit
from accrete.outcomes.kinds import FAILED, PASSED, UNKNOWN
from accrete.outcomes.printed import (
    Print,
    always_begins,
    echoes,
    ended_well,
    may_not_run,
    prints_of,
)
from accrete.outcomes.runners import LINT, SCRIPTED, TEST, runner_of
from accrete.outcomes.shell import Simple
from accrete.outcomes.summaries import SUMMARIES, counted
from accrete.outcomes.wrappers import is_other, shows_text
from accrete.text.lazy import lazy

__all__ = ["FAILED", "PASSED", "UNKNOWN", "Check", "checks_of", "echoed", "settled"]


class Check(NamedTuple):
    """One run of a check. Counts are both None if nothing was printed."""

    kind: str
    runner: str
    verdict: str
    passed: int | None
    failed: int | None


_NO_FOLDER = lazy(
    r"\b(?:cd|source|\.|pushd): [^\n]*(?:No such file or directory|Not a directory|"
    r"Permission denied|not found)"
)
_NOT_FOUND = lazy(r"^Exit code 12[67]$", re.MULTILINE)


def checks_of(
    found: Sequence[Simple], *, status: str | None, output: str, background: bool = False
) -> list[Check]:
    """The checks that one call ran. Counts in the output are believed first; the exit status says
    something of a check only where it is its own: not before a pipe, `||` or `;`, unless `echo $?`
    prints it; in a chain of `&&` it tells which link failed (chains.py). What never ran is none,
    and what may not have run counts by what it printed.
    What goes on in the background has no verdict yet. A command that no rule knows is a check where
    it prints the counts of one."""
    if status in (None, "rejected") or output.startswith("<tool_use_error>"):
        return []
    runs = [
        (place, runner)
        for place, simple in enumerate(found)
        if (runner := runner_of(simple.words)) is not None
    ]
    if not runs:
        return _by_output(found, status, output)
    if (
        len(runs) == 1
        and runs[0][1].kind == LINT
        and runs[0][1].name in SCRIPTED
        and _shows_tests(output)
    ):
        runs = [
            (runs[0][0], runs[0][1]._replace(kind=TEST))
        ]  # a script `check` that runs the tests
    prints = prints_of(found, runs, output)
    ran = [run for run in runs if _ran(found, run[0], prints[run[0]], status, output)]
    said = {place: verdict for place, _ in ran if (verdict := prints[place].verdict) is not None}
    spoke = {place for place, _ in ran if prints[place].spoke} | echoes(found, output)
    exits = by_exit(
        found,
        status,
        Heard({place for place, _ in ran}, said, spoke, always_begins(found, ran, spoke)),
    )
    made = []
    for place, runner in ran:
        of, by_its_exit = prints[place], exits[place]
        if by_its_exit is None:
            continue
        verdict = _verdict(found, place, of, by_its_exit, output)
        if (
            status == "interrupted"
            or found[place].follows == "&"
            or found[place].negated
            or (background and of.passed is None)
        ):
            verdict = UNKNOWN
        made.append(Check(runner.kind, runner.name, verdict, of.passed, of.failed))
    return made


def _ran(found: Sequence[Simple], place: int, of: Print, status: str, output: str) -> bool:
    """Whether a check ran, as far as its output tells."""
    if of.passed is not None:
        return True
    if (
        _NOTHING_RAN.search(of.text)
        or _NOTHING_RAN_IN_LINE.search(of.text)
        or _did_not_run(found[place], output, failed=status == "error")
    ):
        return False
    return (
        of.verdict is not None
        or not may_not_run(found[place])
        or echoed(found, place, output) is not None
    )


def _shows_tests(output: str) -> bool:
    return any(kind == TEST and pattern.search(output) for kind, _, pattern in SUMMARIES)


def _by_output(found: Sequence[Simple], status: str | None, output: str) -> list[Check]:
    """The check that a command of another name ran, by the counts that it printed; not where a log
    is shown."""
    if shows_text(found) or not any(is_other(simple.words) for simple in found):
        return []
    told = next(((kind, name) for kind, name, pattern in SUMMARIES if pattern.search(output)), None)
    if told is None:
        return []
    kind, name = told
    passed, failed, said = counted(kind, output)
    if status == "error" and said == PASSED and len(found) == 1:
        said = FAILED
    return [
        Check(kind, name, UNKNOWN if status == "interrupted" else said or UNKNOWN, passed, failed)
    ]


def echoed(found: Sequence[Simple], index: int, output: str) -> str | None:
    """The verdict by the exit status that a later command of the call prints: `pytest | tail; echo
    ${PIPESTATUS[0]}`, `pytest && echo PASS || echo FAIL`; None if none does."""
    at = index
    while at + 1 < len(found) and found[at].follows == "|":
        at += 1
    following = found[at + 1 : at + 3]
    if not following or following[0].words[0] not in _ECHOES:
        return None
    text = " ".join(following[0].words[1:])
    if found[at].follows == ";" and (
        variable := (_PIPE_STATUS if at > index else _EXIT_STATUS).search(text)
    ):
        before = re.escape(text[: variable.start()].removeprefix("-e ").strip())
        said = re.findall(
            rf"{before}\s*(\d{{1,3}})\b" if before else r"^(\d{1,3})$", output, re.MULTILINE
        )
        return (PASSED if int(said[-1]) == 0 else FAILED) if said else None
    if (
        at == index
        and found[at].follows == "&&"
        and following[0].follows == "||"
        and len(following) == 2
    ):
        other = " ".join(following[1].words[1:])
        lines = set(output.split("\n"))
        if (
            text
            and other
            and following[1].words[0] in _ECHOES
            and (text in lines) != (other in lines)
        ):
            return PASSED if text in lines else FAILED
    return None


_ECHOES = frozenset({"echo", "printf", "Write-Host", "Write-Output"})
_EXIT_STATUS = lazy(
    r"\$\{?(?:\?|LASTEXITCODE|PIPESTATUS\[0\]|rc|ret|code|ec|status|exit_code|EXIT_CODE|EXIT|"
    r"RC)\b\}?|\$\?"
)
_PIPE_STATUS = lazy(r"\$\{?(?:PIPESTATUS\[0\]|PIPESTATUS|pipestatus\[1\])\}?")


def settled(found: Sequence[Simple], texts: Sequence[str]) -> list[Check]:
    """The checks of a call that went on in the background, by what was read of it later and what
    the client told of its end: the last text that holds an exit status or counts decides. None if
    no text does."""
    made: list[Check] = []
    for text in texts:
        if "<status>running</status>" in text:
            continue
        code = _END.search(text)
        status = (
            UNKNOWN
            if code is None
            else "ok"
            if int(code.group(1) or code.group(2)) == 0
            else "error"
        )
        checks = checks_of(found, status=status, output=_NUMBERED.sub("", text))
        if any(check.verdict != UNKNOWN for check in checks) and (
            code or any(c.passed is not None for c in checks)
        ):
            counts = {n: old for n, old in enumerate(made) if old.passed is not None}
            made = [
                counts.get(n, check) if check.passed is None and len(made) == len(checks) else check
                for n, check in enumerate(checks)
            ]
    return made


_END = lazy(r"<exit_code>(\d+)</exit_code>|(?<=exit code )(\d+)")
_NUMBERED = lazy(r"^ *\d+[\t→]", re.MULTILINE)
"""The numbers that the client's Read puts before lines."""
_NOTHING_RAN = lazy(
    r"^(?:(?:=+ )?no tests ran in |collected 0 items|collected .*/ 0 selected|No tests found|"
    r"Linting: 0 file|Checked 0 files|"
    r"make(?:\[\d+\])?: \*\*\* No rule to make target|E902 |error: E902|"
    r"error: Script not found|error Command \".*\" not found|"
    r"task: Task \".*\" does not exist|mise ERROR no task|Don't know how to build task|"
    r"Task '.*' not found in|Unrecognized task |ERROR: No .*environment|Unknown task)",
    re.MULTILINE,
)
_NOTHING_RAN_IN_LINE = lazy(
    r"No files were processed|: E902 |Missing script:? [\"']|ERR_PNPM_NO_SCRIPT|"
    r"Justfile does not contain recipe"
)
"""Apart from those at the beginning of a line: `re` then looks for either kind quickly."""


def _did_not_run(simple: Simple, output: str, *, failed: bool) -> bool:
    """Whether the shell did not find the runner, or never came to it."""
    name = re.escape(simple.words[0].rsplit("/", 1)[-1])
    missing = re.compile(
        rf"{name}['\"]?: (?:command not found|not found|No such file)|command not found: {name}$|"
        rf"'?{name}'? is not recognized as|"
        r"\A(?:Exit code \d+\n)?error: unrecognized subcommand",
        re.MULTILINE,
    )
    if missing.search(output):
        return True
    return failed and (
        _NOT_FOUND.search(output) is not None or _NO_FOLDER.search(output) is not None
    )


def _verdict(found: Sequence[Simple], place: int, of: Print, by_its_exit: str, output: str) -> str:
    if of.failed:
        return FAILED
    if (
        by_its_exit != UNKNOWN
    ):  # its own exit: a threshold that was missed, or a report of what was mended
        return by_its_exit
    return (
        echoed(found, place, output)
        or of.verdict
        or (PASSED if ended_well(found, place, of) else UNKNOWN)
    )
