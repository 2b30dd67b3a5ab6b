"""Verification: a check that Claude runs after it changed something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accrete.outcomes.kinds import FAILED, PASSED
from accrete.outcomes.story import Call, Story
from accrete.outcomes.tool_names import SHELLS
from accrete.practices.practice import DOCS, Practice, Sighting, seen
from accrete.text.lazy import lazy

_OF_PROSE = frozenset({"markdownlint", "vale"})
"""Linters of prose: they say nothing of code."""
_NAMES = lazy(r"[\w.-]+")
_IMPORTED = lazy(r"""(?:\bimport|\bfrom|\brequire\(|\bimport\()\s*['"]?([\w./, -]+)""")
_WRITES = lazy(
    r"""\bopen\([^()]*,\s*['"][wa+]|write_text|write_bytes|writeFile|\bunlink|\bremove\("""
)
"""Code that makes files tries none."""
_ONE_LINE = lazy(r"\s(?:-[cep]|--eval|--print)\s")
_INTERPRETER = lazy(r"(?:python3?(?:\.\d+)?|py|node|bun|deno|ruby|php|perl|tsx)(?:\.exe)?")
_ANY_STEM = frozenset(
    {"index", "main", "app", "__init__", "mod", "lib", "test", "config", "utils", "types"}
)
"""Names of files that are words of any code too: only with their ending do they name the file."""
_SHOTS = lazy(r"^mcp__.*(?:screenshot|browser_snapshot|take_snapshot)$")


def find(story: Story) -> Iterator[Sighting]:
    """One sighting for each call that checked what was edited before: tests, build, lint, a picture
    of the page, or a line of code that tries what was edited."""
    edits = sorted(call.at or 0 for call in story.landed_code)
    if not edits:
        return
    tries = _tries(story)
    checking = [
        call
        for call in story.checking
        if (
            any(check.runner not in _OF_PROSE for check in call.checks)
            or (_SHOTS.match(call.tool) and call.ok)
            or call.key in tries
        )
        and (call.at or 0) >= edits[0]
    ]
    checking.sort(key=lambda call: (call.at or 0, call.seq))
    verdicts = [_verdict(call, tries.get(call.key)) for call in checking]
    red = max((index for index, verdict in enumerate(verdicts) if verdict == FAILED), default=-1)
    last: dict[tuple[str, str], str | None] = {}
    for index, (call, verdict) in enumerate(zip(checking, verdicts, strict=True)):
        what = _checked(call)
        marks = []
        if index > red and (call.at or 0) >= edits[-1] and verdict == PASSED:
            marks.append("green-at-the-end")
        if verdict == PASSED and any(last.get(each) == FAILED for each in what):
            marks.append("failure-fixed")
        last.update(dict.fromkeys(what, verdict))
        yield seen(
            call,
            *marks,
            note=call.checks[0].runner
            if call.checks
            else "screenshot"
            if _SHOTS.match(call.tool)
            else "tried",
        )


def _verdict(call: Call, tried: str | None) -> str | None:
    if not call.checks:
        return tried
    verdicts = {check.verdict for check in call.checks}
    return FAILED if FAILED in verdicts else PASSED if verdicts == {PASSED} else None


def _checked(call: Call) -> set[tuple[str, str]]:
    """What a call checked, so that a later run of the same is known: the kind and the runner, with
    the script's name where the runner runs any."""
    from accrete.outcomes.runners import SCRIPTED, runner_of
    from accrete.outcomes.shell import commands

    names = [check.runner for check in call.checks]
    if SCRIPTED & set(names):
        found = commands(call.target or "", powershell=call.tool == "PowerShell")
        runs = [simple.words for simple in found if runner_of(simple.words)]
        if len(runs) == len(names):
            names = [
                _script(words) if name in SCRIPTED else name
                for name, words in zip(names, runs, strict=True)
            ]
    return {(check.kind, name) for check, name in zip(call.checks, names, strict=True)}


def _script(words: tuple[str, ...]) -> str:
    return " ".join(
        [
            word
            for word in words
            if not word.startswith("-") and word not in ("run", "run-script", "npx", "rtk")
        ][:2]
    )


def _tries(story: Story) -> dict[tuple[str, str], str]:
    """The calls that ran a file that had been edited, or a line of code (`python -c`, `node -e`)
    that names one, with what their exit says."""
    from accrete.outcomes.chains import exit_verdict
    from accrete.outcomes.shell import commands

    files: dict[str, int] = {}
    stems: dict[str, int] = {}
    for edit in sorted(story.landed_code, key=lambda call: call.at or 0, reverse=True):
        name = _name(edit.target or "")
        files[name] = edit.at or 0
        stem = name.partition(".")[0]
        if len(stem) > 2 and stem not in _ANY_STEM:
            stems[stem] = edit.at or 0
    found: dict[tuple[str, str], str] = {}
    for call in story.calls:
        text = call.target or ""
        if call.tool not in SHELLS or call.status not in ("ok", "error"):
            continue
        of_code = _ONE_LINE.search(text) is not None
        if not of_code and not files.keys() & set(_NAMES.findall(text)):
            continue
        simples = commands(text, powershell=call.tool == "PowerShell")
        for index, simple in enumerate(simples):
            code = _code(simple.words) if of_code else ""
            code = "" if _WRITES.search(code) else code
            named = [
                files[name]
                for name in files.keys() & {_program(simple.words), *_NAMES.findall(code)}
            ]
            named += [
                stems[stem]
                for stem in stems.keys()
                & set(re.findall(r"\w+", " ".join(_IMPORTED.findall(code))))
            ]
            if named and (call.at or 0) >= min(named):
                found[call.key] = exit_verdict(simples, index, call.status)
    return found


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _program(words: tuple[str, ...]) -> str:
    """The name of the file that a simple command runs: itself, or what an interpreter is given
    first."""
    for at, word in enumerate(words[:4]):
        name = _name(word)
        if _INTERPRETER.fullmatch(name) or name in ("bash", "sh", "zsh"):
            return next((_name(w) for w in words[at + 1 :] if not w.startswith("-")), "")
    return _name(words[0]) if words else ""


def _code(words: tuple[str, ...]) -> str:
    """The code that a simple command gives to an interpreter on its command line, and nothing if it
    does not."""
    if not any(_INTERPRETER.fullmatch(word.rpartition("/")[2]) for word in words[:3]):
        return ""
    return next(
        (
            words[at + 1]
            for at, word in enumerate(words[:-1])
            if word in ("-c", "-e", "--eval", "-p", "--print")
        ),
        "",
    )


PRACTICE = Practice(
    name="verification",
    title="Verification",
    what="After code edits: tests, a build, lint, a screenshot, or running the edited code; by "
    "Claude, or by you with !. Checks in hooks do not count.",
    why="With a check that it can run, Claude sees its own mistakes "
    "and corrects them; without one, you are the check.",
    source=DOCS + "best-practices#give-claude-a-way-to-verify-its-work",
    good="Checks pass after the last edit; earlier failures were fixed.",
    marks={
        "green-at-the-end": "passed after the last edit",
        "failure-fixed": "passed after it had failed",
    },
    try_next="“Write a failing test for this first, make it pass, "
    "then run the whole suite and show me the result.”",
    possible=lambda story: bool(story.landed_code),
    find=find,
    version=4,
)
