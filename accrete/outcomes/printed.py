"""Which part of a call's output belongs to which check: by scripts' first lines, markers, and each
tool's own words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from accrete.outcomes.goals import BUILD, LINT, TEST, parts_of
from accrete.outcomes.kinds import FAILED, PASSED
from accrete.outcomes.runners import SCRIPTED, Runner
from accrete.outcomes.shell import Simple
from accrete.outcomes.summaries import SUMMARIES, counted, numbers
from accrete.text.lazy import lazy

Run = tuple[int, Runner]
"""A check of a call: the place of its command, and the runner that it is."""


class Print(NamedTuple):
    """What a check printed: counts, a verdict by its own words, whether anything of it is to be
    seen; `text`: the part of the output in which that stands, `alone` where no other check's does.
    """

    passed: int | None
    failed: int | None
    verdict: str | None
    spoke: bool
    text: str
    alone: bool


def prints_of(found: Sequence[Simple], runs: Sequence[Run], output: str) -> dict[int, Print]:
    """What each check of a call printed, by the place of its command."""
    made: dict[int, Print] = {}
    for group, begun, text in _parts(found, runs, output):
        if len(group) == 1:
            place, runner = group[0]
            counts = counted(runner.kind, text)
            made[place] = Print(*counts, begun or counts[2] is not None, text, True)
        else:
            made.update(_apart(found, group, text))
            first = group[0][0]
            made[first] = made[first]._replace(spoke=begun or made[first].spoke)
    return made


def may_not_run(simple: Simple) -> bool:
    """Whether a command may not have run although all ended well."""
    return simple.branch or simple.tested


def echoes(found: Sequence[Simple], output: str) -> set[int]:
    """The places of the `echo`s whose words stand in the output, so that they ran."""
    lines = {line.strip() for line in output.split("\n")}
    return {
        place for place, simple in enumerate(found) if (text := _echo(simple)) and text in lines
    }


def _echo(simple: Simple) -> str:
    if simple.words[0] not in ("echo", "Write-Host", "Write-Output"):
        return ""
    text = " ".join(word for word in simple.words[1:] if word not in ("-e", "-n")).strip()
    return "" if "$" in text else text


def _parts(
    found: Sequence[Simple], runs: Sequence[Run], output: str
) -> Iterator[tuple[list[Run], bool, str]]:
    """The checks in groups, whether the first of each is seen to begin, and the part of the output
    that is the group's."""
    marks: list[tuple[int, int]] = []
    group: list[Run] = []
    groups: list[tuple[list[Run], bool, int]] = []
    at, known = 0, dict(runs)
    for place, simple in enumerate(found):
        pattern = _beginning(simple, known[place]) if place in known else _marker(simple)
        match = pattern.search(output, at) if pattern is not None else None
        if match is not None:
            at = match.end()
            marks.append((place, match.start()))
        if place in known:
            if match is not None or not groups or (marks and marks[-1][0] > groups[-1][0][-1][0]):
                group = []
                groups.append((group, match is not None, marks[-1][1] if marks and groups else 0))
            group.append((place, known[place]))
    ends = [
        next((start for mark, start in marks if mark > group[-1][0]), len(output))
        for group, _, _ in groups
    ]
    for (group, begun, start), end in zip(groups, ends, strict=True):
        yield group, begun, output[start:end]


def _marker(simple: Simple) -> re.Pattern[str] | None:
    text = _echo(simple)
    return re.compile(rf"^\s*{re.escape(text)}\s*$", re.MULTILINE) if text else None


_BEGINNINGS = {
    ("pytest", TEST): re.compile(r"^=+ test session starts =+$", re.MULTILINE),
    ("latex", BUILD): re.compile(r"^This is (?:pdfTeX|XeTeX|Lua\w*TeX)", re.MULTILINE),
}
_SHELLED = lazy(r"^\$ \S", re.MULTILINE)
"""What bun and yarn print before they run a script; npm and pnpm print the script's name."""


def _beginning(simple: Simple, runner: Runner) -> re.Pattern[str] | None:
    """The line with which a check begins, where it prints one always."""
    script = script_name(simple)
    if simple.words[0] in ("npm", "pnpm") and script:
        return re.compile(rf"^> (?:\S+@\S+ )?{re.escape(script)}(?: \S.*)?$", re.MULTILINE)
    if simple.words[0] in ("bun", "yarn") and script and runner.name in ("npm", "bun"):
        return _SHELLED
    return _BEGINNINGS.get((runner.name, runner.kind))


def always_begins(found: Sequence[Simple], runs: Sequence[Run], spoke: Collection[int]) -> set[int]:
    """The places of the checks whose tool prints a line whenever it begins, as one before them in
    the call shows."""
    seen = {runner for place, runner in runs if place in spoke}
    return {
        place
        for place, runner in runs
        if runner in seen and _beginning(found[place], runner) is not None
    }


def script_name(simple: Simple) -> str:
    """The script that npm or one like it is given: what stands behind `run`, or the first word;
    else the first target."""
    named = [word for word in simple.words[1:] if not word.startswith("-")]
    named = named[1:] if named[:1] in (["run"], ["run-script"]) else named
    return {"t": "test", "tst": "test"}.get(named[0], named[0]) if named else ""


def _apart(found: Sequence[Simple], group: Sequence[Run], text: str) -> dict[int, Print]:
    """What each of several checks printed in a text that is not parted: by the words of its own
    tool alone."""
    tests = _tests(found, [run for run in group if run[1].kind == TEST], text)
    claimed = {runner.name for _, runner in group if runner.name not in SCRIPTED}
    scripts = sum(runner.name in SCRIPTED and runner.kind == LINT for _, runner in group)
    made = {}
    for place, runner in group:
        passed, failed, verdict = tests.get(place, (None, None, None))
        verdict = verdict or _script_failed(found[place], text)
        if verdict is None and runner.kind != TEST:
            alike = [each for each in group if each[1] == runner and runner.name not in SCRIPTED]
            sure = [each for each in alike if not may_not_run(found[each[0]])] or alike
            number = sure.index((place, runner)) if (place, runner) in sure else -1 if sure else 0
            names = _names(found[place], runner, claimed, scripts > 1)
            verdict = _said(names, runner.kind, text, number, max(len(sure), 1))
        made[place] = Print(passed, failed, verdict, verdict is not None, text, False)
    return made


def _script_failed(simple: Simple, text: str) -> str | None:
    name = re.escape(script_name(simple))
    failed = name and re.search(
        rf'^error: script "{name}" exited|^make(?:\[\d+\])?: \*\*\* \[(?:\S+:\d+: )?{name}\]|'
        rf'[Ll]ifecycle script [`"]{name}[`"] failed',
        text,
        re.MULTILINE,
    )
    return FAILED if failed else None


_Counts = tuple[int | None, int | None, str | None]
_MANY_LINES = frozenset({"cargo", "go", "maven", "dotnet", "unittest"})
"""Runners that print a summary for each package, so that two lines are not two runs."""


def _tests(found: Sequence[Simple], runs: Sequence[Run], text: str) -> dict[int, _Counts]:
    """The results of the tests among several checks: one for all summaries, or the summaries in
    their order."""
    lines = sorted(
        {
            (match.start(), name)
            for kind, name, pattern in SUMMARIES
            if kind == TEST
            for match in pattern.finditer(text)
        }
    )
    firsts = [
        each
        for n, each in enumerate(lines)
        if not n or each[1] != lines[n - 1][1] or each[1] not in _MANY_LINES
    ]
    if len(runs) == 1 or not firsts:
        return {
            place: _counted_alone(text) if firsts or len(runs) == 1 else (None, None, None)
            for place, _ in runs
        }
    made: dict[int, _Counts] = {place: (None, None, None) for place, _ in runs}
    in_order = len(firsts) >= len(runs) or all(
        found[place].follows == "&&" for place in range(runs[0][0], runs[-1][0])
    )
    waiting = list(runs)
    for n, (start, name) in enumerate(firsts):
        fits = [
            run for run in waiting if run[1].name == name or (in_order and run[1].name in SCRIPTED)
        ]
        if fits and (in_order or len(fits) == 1):
            end = firsts[n + 1][0] if n + 1 < len(firsts) else len(text)
            made[fits[0][0]] = _counted_alone(text[start:end])
            waiting = waiting[waiting.index(fits[0]) + 1 :]
    return made


_RED = lazy(r"^FAILED \(|^FAIL\s|^not ok \d|^--- FAIL|^test result: FAILED", re.MULTILINE)
_GREEN = lazy(r"^OK$|^ok\s+\S+\s|^PASS$|^test result: ok", re.MULTILINE)


def _counted_alone(text: str) -> _Counts:
    """The counts of tests in a text that also holds what others printed."""
    passed, failed = numbers(text)
    if passed or failed:
        return passed, failed or 0, FAILED if failed else PASSED
    return None, None, FAILED if _RED.search(text) else PASSED if _GREEN.search(text) else None


_TYPES = frozenset({"tsc", "mypy", "pyright", "ty"})
_OWN_WORDS: dict[tuple[str, str], tuple[str, str]] = {
    ("ruff", LINT): (r"^All checks passed!|^\d+ files? already formatted|\b0 remaining",
                     r"^Found [1-9]\d* errors?\.?(?: \(.*\b[1-9]\d* remaining.*)?$|"
                     r"^Would reformat: "),
    ("mypy", LINT): (r"^Success: no issues found", r"^Found [1-9]\d* errors? in "),
    ("pyright", LINT): (r"^0 errors, \d+ warn", r"^[1-9]\d* errors?, \d+ warn"),
    ("ty", LINT): (r"^All checks passed!", r"^error\[[\w-]+\]"),
    ("tsc", LINT): (r"^Found 0 errors", r"error TS\d+: "),
    ("eslint", LINT): (r"^✖ \d+ problems? \(0 errors", r"✖ [1-9]\d* problems? \([1-9]"),
    ("biome", LINT): (r"^Checked [1-9]\d* files? in .*(?:No fixes applied|"
                      r"Fixed \d+ files?)\.?(?!\s*\nFound)",
                      r"^Found [1-9]\d* errors?\.$"),
    ("markdownlint", LINT): (r"^Summary: 0 error\(s\)", r"^Summary: [1-9]\d* error\(s\)"),
    ("vale", LINT): (r"^✖ (?:\x1b\[\d+m)?0 errors\b", r"^✖ (?:\x1b\[\d+m)?[1-9]\d* errors?\b"),
    ("rubocop", LINT): (r"no offenses detected", r"[1-9]\d* offenses? detected"),
    ("prettier", LINT): (r"^All matched files use Prettier code style",
                         r"^\[warn\] Code style issues"),
    ("golangci-lint", LINT): (r"^0 issues\.", r"^[1-9]\d* issues[.:]"),
    ("cargo", LINT): (r"^ +Finished ", r"error: could not compile"),
    ("cargo", BUILD): (r"^ +Finished ", r"error: could not compile"),
    ("go", BUILD): (r"(?!)", r"^# [\w./-]+\n(?!# \[)\S+\.go:\d+:\d+: "),
    ("go", LINT): (r"(?!)",
                   r"^vet: |^# \[|\.go:\d+:\d+: (?:possible misuse of |[\w.]+ (?:format|call) |"
                   r"self-assignment|unreachable code|.* copies lock)"),
    ("latex", BUILD): (r"(?!)", r"^!  ==> Fatal error occurred"),
    ("vite", BUILD): (r"✓ built in", r"^error during build"),
    ("next", BUILD): (r"Compiled successfully", r"Failed to compile"),
    ("webpack", BUILD): (r"compiled successfully", r"compiled with [1-9]\d* errors?"),
    ("maven", BUILD): (r"BUILD SUCCESS", r"BUILD FAILURE"),
    ("gradle", BUILD): (r"BUILD SUCCESSFUL", r"BUILD FAILED"),
    ("dotnet", BUILD): (r"^Build succeeded", r"^Build FAILED"),
    ("xcodebuild", BUILD): (r"\*\* BUILD SUCCEEDED", r"\*\* BUILD FAILED"),
}  # fmt: skip
"""The words of a good and of a bad end that each linter and builder prints, and no other tool;
`(?!)` where a good end is silent."""


def _names(simple: Simple, runner: Runner, claimed: set[str], several: bool) -> list[str]:
    """The tools whose words a check may print: its own, or those that a script may run and no other
    check of the call is.
    Of several scripts that lint, one called after types runs what checks types, another something
    else."""
    if runner.name not in SCRIPTED:
        return [runner.name]
    names = [name for name, kind in _OWN_WORDS if kind == runner.kind and name not in claimed]
    if several and runner.kind == LINT:
        typed = bool(
            {"typecheck", "types", "typing", "tsc", "mypy", "pyright"}
            & set(parts_of(script_name(simple)))
        )
        names = [name for name in names if (name in _TYPES) == typed]
    return names


def _said(names: Sequence[str], kind: str, text: str, number: int, runs: int) -> str | None:
    """The verdict by the words of these tools: those of run `number` of `runs` where each said one,
    else of the first."""
    pairs = [_OWN_WORDS[name, kind] for name in names if (name, kind) in _OWN_WORDS]
    bad = {m.start(): FAILED for _, words in pairs for m in re.finditer(words, text, re.MULTILINE)}
    good = {m.start(): PASSED for words, _ in pairs for m in re.finditer(words, text, re.MULTILINE)}
    said = [verdict for _, verdict in sorted((good | bad).items())]
    if runs > 1 and len(said) == runs and not _BY_LINE & set(names):
        return said[number] if number >= 0 else None
    return None if number else FAILED if FAILED in said else PASSED if said else None


_BY_LINE = frozenset({"tsc", "go"})
"""Tools that print one such line for each error."""


_PNPM = lazy(r"^> \S+@\S+ \S+ (?:/|[A-Z]:\\)", re.MULTILINE)
_NO_END = lazy(r"ELIFECYCLE|ERR_PNPM|^error: |^error Command failed", re.MULTILINE)
_SHOW_THE_END = frozenset({"tail", "cat", "tee"})


def ended_well(found: Sequence[Simple], place: int, printed: Print) -> bool:
    """Whether pnpm or bun ran a script before a pipe that shows the end of it, without the line
    they print when one fails."""
    runs = {"pnpm": _PNPM, "bun": _SHELLED}.get(found[place].words[0])
    after = place
    while after + 1 < len(found) and found[after].follows == "|":
        after += 1
        if found[after].words[0] not in _SHOW_THE_END:
            return False
    seen = runs is not None and printed.alone and runs.search(printed.text) is not None
    return seen and not _NO_END.search(printed.text)
