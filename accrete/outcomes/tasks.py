"""Task runners and project scripts: which check a command runs, by the name of its target or
file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from accrete.outcomes.goals import BUILD, LINT, TEST, goal_kind, parts_of, plain_goal_kind
from accrete.text.lazy import lazy


class Tasks(NamedTuple):
    """How a runner is told its tasks. `behind`: subcommands of which one stands before them, '' for
    none; `valued`:
    options with a value; `named_by`: options whose value is a task; `bare`: what it is without any;
    `several`: it takes several tasks; `last`: of `a:b` only the last part is the task; `of_check`:
    what a task `check` is."""

    behind: tuple[str, ...] = ("",)
    valued: frozenset[str] = frozenset()
    named_by: frozenset[str] = frozenset()
    bare: str | None = None
    several: bool = False
    last: bool = False
    of_check: str = TEST


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAKE = Tasks(valued=_words("-C -f -o -W --directory --file"), bare=BUILD, several=True)
_JUST = Tasks(
    valued=_words("-f -d --justfile --working-directory --shell --dotenv-path"), several=True
)
_SEVERAL, _ONE = Tasks(several=True), Tasks()

TASKS: dict[str, Tasks] = {
    **dict.fromkeys(("make", "gmake", "bmake", "nmake", "mingw32-make"), _MAKE),
    "just": _JUST,
    **dict.fromkeys(("task", "go-task"),
                    Tasks(valued=_words("-d -t --dir --taskfile"), several=True)),
    "mise": Tasks(behind=("run", "r", "tasks run", "task run", ""),
                  valued=_words("-C --cd -E --env -j --jobs")),
    "npm": Tasks(behind=("run", "run-script"), of_check=LINT),
    "bun": Tasks(behind=("run", ""), valued=_words("--cwd --filter -F"), of_check=LINT),
    "deno": Tasks(behind=("task",), valued=_words("--cwd -c --config"), of_check=LINT),
    "composer": Tasks(behind=("run-script", "run", ""), valued=_words("-d --working-dir")),
    **dict.fromkeys(("npm-run-all", "run-s", "run-p", "npm-run-all2"),
                    Tasks(several=True, of_check=LINT)),
    **dict.fromkeys(("poe", "poethepoet"),
                    Tasks(valued=_words("-C --root --directory --executor -e"))),
    **dict.fromkeys(("inv", "invoke", "doit", "fab"), _SEVERAL),
    "nox": Tasks(behind=(), valued=_words("-f --noxfile"),
                 named_by=_words("-s --session --sessions -e"), bare=TEST, several=True),
    "tox": Tasks(behind=(), valued=_words("-c --conf"), named_by=_words("-e"), bare=TEST,
                 several=True),
    "hatch": Tasks(behind=("run", ""), valued=_words("-e --env -p --project"), last=True),
    "rake": _SEVERAL, "rails": _ONE, "thor": _ONE,
    "gradle": Tasks(valued=_words("-p -b -c -x --exclude-task "
                                  "--init-script --tests --project-dir"), several=True, last=True),
    "mvn": Tasks(valued=_words("-f -pl -P -s -T"), several=True),
    **dict.fromkeys(("sbt", "lein", "mill", "ant", "mage", "scons", "pants", "gulp", "grunt",
                     "lage", "fastlane"), _SEVERAL),
    **dict.fromkeys(
        ("bazel", "bazelisk", "buck2", "buck", "plz", "dune", "rebar3", "gleam", "forge",
         "hardhat", "truffle", "anchor", "scarb", "stack",
         "cabal", "spago", "nimble", "molecule", "ng", "react-scripts", "vue-cli-service", "astro",
         "nuxt", "nuxi", "ember", "rush", "rushx",
         "melos", "tuist", "wasm-pack", "symfony", "skaffold", "garden"), _ONE),
    "ninja": Tasks(valued=_words("-C -f"), bare=BUILD, several=True),
    "meson": Tasks(valued=_words("-C")),
    "moon": Tasks(behind=("run", "r", ""), several=True, last=True),
    "turbo": Tasks(behind=("run", ""), valued=_words("--filter -F --cwd"), several=True),
    "nx": Tasks(behind=("run", ""), valued=_words("-p --projects --project -c --configuration"),
                named_by=_words("-t --target --targets"), last=True),
    "lerna": Tasks(behind=("run",), valued=_words("--scope"), of_check=LINT),
    "cargo": Tasks(behind=("make", "xtask"), valued=_words("--makefile -p --package")),
    "earthly": _ONE, "dagger": Tasks(behind=("call",)),
    "pixi": Tasks(behind=("run",), valued=_words("-e --environment")),
    "devbox": Tasks(behind=("run",)),
}  # fmt: skip
_RENAMED = {
    "gmake": "make",
    "bmake": "make",
    "nmake": "make",
    "mingw32-make": "make",
    "go-task": "task",
    "poethepoet": "poe",
    "invoke": "inv",
    "bazelisk": "bazel",
    "mvn": "maven",
    "run-s": "npm",
    "run-p": "npm",
    "npm-run-all": "npm",
}
_ONLY_TELLS = _words(
    "--list --dry-run --dry --tasks --listTests --listenvs --list-tests --just-print --summary "
    "--list-sessions --what-if --show"
)
_SHORT_TELLS = {
    "make": "-n -q",
    "nox": "-l",
    "tox": "-l -a",
    "just": "-l -n",
    "task": "-l -a -n",
    "ninja": "-t -n",
    "rake": "-T -P -n",
    "inv": "-l",
}
_STOPS = _words("deploy publish serve start watch release help")
_MAVEN = {
    "test": TEST,
    "verify": TEST,
    "integration-test": TEST,
    "package": BUILD,
    "compile": BUILD,
    "install": BUILD,
}
_UNTESTED = lazy(r"-D(?:skipTests|maven\.test\.skip)(?:=true)?$")


def task_of(name: str, rest: Sequence[str]) -> tuple[str, str] | None:
    """(kind, runner) of what a task runner is told to do, None if it is no check."""
    tasks = TASKS.get(name)
    runner = _RENAMED.get(name, name)
    if tasks is None or _ONLY_TELLS & set(rest) or _words(_SHORT_TELLS.get(runner, "")) & set(rest):
        return None
    goals, several = _goals(tasks, rest)
    if not goals:
        bare = tasks.bare if "--" not in rest or not tasks.behind else None
        return (bare, runner) if bare else None
    kind = _maven(goals, rest) if name == "mvn" else _kind(tasks, name, goals, several=several)
    return (kind, runner) if kind else None


def _kind(tasks: Tasks, name: str, goals: list[str], *, several: bool) -> str | None:
    if parts_of(goals[0])[:1] and parts_of(goals[0])[0] in _STOPS:
        return None
    if goals == ["all"] and tasks.bare == BUILD:
        return BUILD
    kinds = [
        goal_kind(_target(tasks, goal), of_check=tasks.of_check)
        for goal in goals[: None if several else 1]
    ]
    if name in ("nox", "tox"):  # an environment or a session by another name, as py312, tests
        kinds = [kind or TEST for kind in kinds]
    known = [kind for kind in kinds if kind]
    return next((kind for kind in (TEST, LINT, BUILD) if kind in known), None)


def _target(tasks: Tasks, goal: str) -> str:
    return re.split(r"[:#]", goal)[-1] if tasks.last or goal.startswith("//") else goal


def _maven(goals: list[str], rest: Sequence[str]) -> str | None:
    kinds = [_MAVEN.get(goal) or (goal_kind(goal) if ":" in goal else None) for goal in goals]
    if any(_UNTESTED.match(word) for word in rest):
        kinds = [BUILD if kind == TEST else kind for kind in kinds]
    return next((kind for kind in (TEST, LINT, BUILD) if kind in kinds), None)


def _goals(tasks: Tasks, rest: Sequence[str]) -> tuple[list[str], bool]:
    """The tasks that a command line names, and whether all of them are meant or the first."""
    named = _named(tasks, rest)
    if named or not tasks.behind:
        return named, True
    plain = _plain(tasks, rest)
    for start in tasks.behind:
        words = start.split()
        if plain[: len(words)] == words:
            return plain[len(words) :], tasks.several
    return [], False


def _named(tasks: Tasks, rest: Sequence[str]) -> list[str]:
    found: list[str] = []
    taking = False
    for word in rest:
        option, _, value = word.partition("=")
        if option in tasks.named_by:
            taking = not value
            found += value.split(",") if value else []
        elif word.startswith("-"):
            taking = False
        elif taking:
            found += word.split(",")
    return found


def _plain(tasks: Tasks, rest: Sequence[str]) -> list[str]:
    """The words that are neither options, their values (a number is that of `-j`), nor assignments;
    nothing behind `--`."""
    found, at = [], 0
    while at < len(rest) and rest[at] != "--":
        if rest[at].startswith("-"):
            at += 2 if rest[at] in tasks.valued else 1
            continue
        if ("=" not in rest[at] and not rest[at].isdigit()) or rest[at].startswith("+"):
            found.append(rest[at].removeprefix("+"))
        at += 1
    return found


_ENDING = lazy(r"\.(?:sh|bash|zsh|ps1|cmd|bat|py|js|mjs|cjs|ts|mts|rb|pl|php)$", re.IGNORECASE)
_SYSTEM = lazy(r"^(?:/usr/|/bin/|/sbin/|/opt/homebrew/|[A-Z]:/Program )", re.IGNORECASE)
_CODE = _words("-n -c -e -p -r --eval --print -Command -command")
SHELLS = _words("bash sh zsh dash ksh pwsh powershell")
INTERPRETERS = SHELLS | _words("python node ruby php perl tsx ts-node bun deno")


def script_of(words: Sequence[str]) -> tuple[str, str] | None:
    """(kind, "script") of a project's own script: by its name (`bin/check`,
    `scripts/run-tests.sh`), else by the word that it is given (`./dev test`)."""
    path, rest = words[0].replace("\\", "/"), list(words[1:])
    if path in INTERPRETERS:
        if _CODE & set(rest):
            return None
        rest = [word for word in rest if not word.startswith("-")]
        if not rest:
            return None
        path, rest = rest[0].replace("\\", "/"), rest[1:]
    if ("/" not in path and not _ENDING.search(path)) or _SYSTEM.match(path):
        return None
    stem = _ENDING.sub("", path.rsplit("/", 1)[-1])
    parts = parts_of(stem)
    kind = plain_goal_kind(stem)
    given = next((word for word in rest if not word.startswith("-")), "")
    if (
        kind is None
        and parts
        and parts[0] not in _STOPS
        and given
        and "/" not in given
        and "." not in given
    ):
        kind = plain_goal_kind(given)
    return (kind, "script") if kind else None
