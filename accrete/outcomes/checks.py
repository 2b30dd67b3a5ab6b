"""Tests, builds and lints that a tool call ran, with one verdict each: by the counts printed, else by the exit status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from accrete.outcomes.shell import Simple

TEST, BUILD, LINT = "test", "build", "lint"
PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"


class Runner(NamedTuple):
    """A command that is a check: the words it begins with (`*` ends a word), what it is, and words that make it none."""

    words: str
    kind: str
    name: str
    unless: str = ""


RUNNERS: tuple[Runner, ...] = (
    # Python
    Runner("pytest", TEST, "pytest", "--collect-only --version --help --fixtures"),
    Runner("py.test", TEST, "pytest"), Runner("python -m pytest", TEST, "pytest", "--collect-only"),
    Runner("python -m unittest", TEST, "unittest"), Runner("tox", TEST, "tox", "-l --listenvs"),
    Runner("nox", TEST, "nox", "-l --list"), Runner("python manage.py test", TEST, "django"),
    Runner("hatch test", TEST, "hatch"), Runner("ruff check", LINT, "ruff"), Runner("ruff format --check", LINT, "ruff"),
    Runner("flake8", LINT, "flake8"), Runner("pylint", LINT, "pylint"), Runner("mypy", LINT, "mypy"),
    Runner("pyright", LINT, "pyright"), Runner("basedpyright", LINT, "pyright"), Runner("black --check", LINT, "black"),
    Runner("python -m mypy", LINT, "mypy"), Runner("python -m py_compile", BUILD, "py_compile"),
    Runner("python -m build", BUILD, "build"), Runner("ty check", LINT, "ty"), Runner("pre-commit run", LINT, "pre-commit"),
    # JavaScript and TypeScript
    Runner("npm test", TEST, "npm"), Runner("npm t", TEST, "npm"), Runner("npm run test*", TEST, "npm"),
    Runner("npm run build*", BUILD, "npm"), Runner("npm run lint*", LINT, "npm"), Runner("npm run type*", LINT, "npm"),
    Runner("npm run check*", LINT, "npm"), Runner("jest", TEST, "jest"), Runner("vitest", TEST, "vitest"),
    Runner("mocha", TEST, "mocha"), Runner("ava", TEST, "ava"), Runner("playwright test", TEST, "playwright"),
    Runner("cypress run", TEST, "cypress"), Runner("node --test", TEST, "node"), Runner("bun test", TEST, "bun"),
    Runner("bun run test*", TEST, "bun"), Runner("bun run build*", BUILD, "bun"), Runner("bun run lint*", LINT, "bun"),
    Runner("bun run type*", LINT, "bun"), Runner("bun run check*", LINT, "bun"), Runner("deno test", TEST, "deno"),
    Runner("deno check", LINT, "deno"), Runner("deno lint", LINT, "deno"), Runner("tsc", LINT, "tsc", "--init --version"),
    Runner("vue-tsc", LINT, "tsc"), Runner("eslint", LINT, "eslint"), Runner("biome check", LINT, "biome"),
    Runner("biome ci", LINT, "biome"), Runner("prettier --check", LINT, "prettier"), Runner("vite build", BUILD, "vite"),
    Runner("next build", BUILD, "next"), Runner("webpack", BUILD, "webpack"), Runner("turbo run test*", TEST, "turbo"),
    Runner("turbo run build*", BUILD, "turbo"), Runner("nx test", TEST, "nx"), Runner("nx build", BUILD, "nx"),
    # Rust, Go, C and C++
    Runner("cargo test", TEST, "cargo", "--no-run"), Runner("cargo nextest run", TEST, "cargo"),
    Runner("cargo build", BUILD, "cargo"), Runner("cargo check", BUILD, "cargo"), Runner("cargo clippy", LINT, "cargo"),
    Runner("cargo fmt --check", LINT, "cargo"), Runner("go test", TEST, "go"), Runner("go build", BUILD, "go"),
    Runner("go vet", LINT, "go"), Runner("golangci-lint run", LINT, "golangci-lint"), Runner("gotestsum", TEST, "go"),
    Runner("staticcheck", LINT, "staticcheck"), Runner("ctest", TEST, "ctest"), Runner("cmake --build", BUILD, "cmake"),
    Runner("ninja", BUILD, "ninja", "-t"), Runner("meson test", TEST, "meson"), Runner("bazel test", TEST, "bazel"),
    Runner("bazel build", BUILD, "bazel"), Runner("zig build test", TEST, "zig"), Runner("zig test", TEST, "zig"),
    Runner("zig build", BUILD, "zig"),
    # the JVM and .NET
    Runner("mvn test*", TEST, "maven"), Runner("mvn verify", TEST, "maven"), Runner("mvn package", BUILD, "maven"),
    Runner("mvn compile", BUILD, "maven"), Runner("mvn install", BUILD, "maven"), Runner("gradle test*", TEST, "gradle"),
    Runner("gradle check", TEST, "gradle"), Runner("gradle build", BUILD, "gradle"), Runner("gradle assemble*", BUILD, "gradle"),
    Runner("sbt test", TEST, "sbt"), Runner("lein test", TEST, "lein"), Runner("ktlint", LINT, "ktlint"),
    Runner("detekt", LINT, "detekt"), Runner("dotnet test", TEST, "dotnet"), Runner("dotnet build", BUILD, "dotnet"),
    Runner("dotnet format --verify-no-changes", LINT, "dotnet"),
    # Ruby, PHP, Elixir, Haskell
    Runner("rspec", TEST, "rspec"), Runner("rake test*", TEST, "rake"), Runner("rake spec", TEST, "rake"),
    Runner("rails test*", TEST, "rails"), Runner("rubocop", LINT, "rubocop"), Runner("standardrb", LINT, "standard"),
    Runner("phpunit", TEST, "phpunit"), Runner("pest", TEST, "pest"), Runner("composer test", TEST, "composer"),
    Runner("php artisan test", TEST, "artisan"), Runner("phpstan", LINT, "phpstan"), Runner("psalm", LINT, "psalm"),
    Runner("phpcs", LINT, "phpcs"), Runner("mix test", TEST, "mix"), Runner("mix compile", BUILD, "mix"),
    Runner("mix credo", LINT, "credo"), Runner("mix format --check-formatted", LINT, "mix"), Runner("stack test", TEST, "stack"),
    Runner("cabal test", TEST, "cabal"),
    # Swift, Dart, shell, and what many use
    Runner("swift test", TEST, "swift"), Runner("swift build", BUILD, "swift"), Runner("xcodebuild test", TEST, "xcodebuild"),
    Runner("xcodebuild", BUILD, "xcodebuild", "-list -version"), Runner("swiftlint", LINT, "swiftlint"),
    Runner("flutter test", TEST, "flutter"), Runner("flutter build", BUILD, "flutter"), Runner("flutter analyze", LINT, "flutter"),
    Runner("dart test", TEST, "dart"), Runner("dart analyze", LINT, "dart"), Runner("bats", TEST, "bats"),
    Runner("shellcheck", LINT, "shellcheck"), Runner("hadolint", LINT, "hadolint"),
    Runner("markdownlint", LINT, "markdownlint"), Runner("markdownlint-cli2", LINT, "markdownlint"), Runner("vale", LINT, "vale"),
    Runner("make test*", TEST, "make"), Runner("make check", TEST, "make"), Runner("make lint", LINT, "make"),
    Runner("make build", BUILD, "make"), Runner("make", BUILD, "make", "help clean run install -n"),
    Runner("just test*", TEST, "just"), Runner("just lint", LINT, "just"), Runner("just build", BUILD, "just"),
    Runner("task test*", TEST, "task"), Runner("docker build", BUILD, "docker"), Runner("terraform validate", LINT, "terraform"),
)  # fmt: skip

_BY_NAME: dict[str, list[tuple[tuple[str, ...], Runner]]] = {}
for _runner in RUNNERS:
    _words = tuple(_runner.words.split())
    _BY_NAME.setdefault(_words[0], []).append((_words, _runner))
for _list in _BY_NAME.values():
    _list.sort(key=lambda entry: -len(entry[0]))

_LAUNCHERS: dict[tuple[str, ...], frozenset[str]] = {
    ("uv", "run"): frozenset({"--with", "--python", "-p", "--group", "--extra", "--directory", "--package", "--project"}),
    ("poetry", "run"): frozenset(), ("pipenv", "run"): frozenset(), ("pdm", "run"): frozenset(), ("hatch", "run"): frozenset(),
    ("rye", "run"): frozenset(), ("npx",): frozenset({"-p", "--package"}), ("pnpm", "exec"): frozenset(), ("bunx",): frozenset(),
    ("pnpm", "dlx"): frozenset(), ("yarn", "exec"): frozenset(), ("bundle", "exec"): frozenset(), ("uvx",): frozenset({"--from"}),
    ("dotenv", "--"): frozenset(), ("mise", "exec", "--"): frozenset(), ("mise", "x", "--"): frozenset(), ("xvfb-run",): frozenset(),
}  # fmt: skip
_NPM_LIKE = frozenset({"pnpm", "yarn"})
_ROOT_OPTIONS = {"npm": {"--prefix", "-w", "--workspace", "-C"}, "pnpm": {"--filter", "-F", "-C", "--dir"}, "yarn": {"--cwd"},
                 "make": {"-C", "-f", "-j"}, "gradle": {"-p"}, "mvn": {"-f", "-pl"}, "cargo": {"--manifest-path"}, "go": {"-C"},
                 "dotnet": set(), "just": {"-f", "-d"}}  # fmt: skip


NAMES = frozenset(_BY_NAME) | {"python3", "py", "mvnw", "gradlew", "pnpm", "yarn"}
"""The first words of commands that may be checks; a version may follow python's."""


class Check(NamedTuple):
    """One run of a check. Counts are None where nothing was printed."""

    kind: str
    runner: str
    verdict: str
    passed: int | None
    failed: int | None


def runner_of(words: Sequence[str]) -> Runner | None:
    """The runner that a simple command is, if any."""
    words = _launched(list(words))
    if not words:
        return None
    name = words[0].replace("\\", "/").rsplit("/", 1)[-1]
    for suffix in (".exe", ".cmd", ".bat"):
        name = name.removesuffix(suffix)
    if re.fullmatch(r"python3?(\.\d+)?|py", name):
        name = "python"
    name = {"mvnw": "mvn", "gradlew": "gradle"}.get(name, name)
    rest = _without_root_options(name, words[1:])
    if name in _NPM_LIKE:
        name, rest = "npm", rest if rest[:1] in (["run"], ["test"], ["t"]) else ["run", *rest]
    for start, runner in _BY_NAME.get(name, ()):
        if len(rest) >= len(start) - 1 and all(_same(w, s) for w, s in zip(rest, start[1:], strict=False)):
            return None if runner.unless and set(runner.unless.split()) & set(rest) else runner
        if len(start) == 2 and start[1].startswith("-") and start[1] in rest:
            return runner
        if (
            name in ("mvn", "gradle", "make", "just", "xcodebuild")
            and len(start) == 2
            and any(_same(w.rsplit(":", 1)[-1], start[1]) for w in rest if not w.startswith("-"))
        ):
            return runner
    return None


def _same(word: str, pattern: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


_FIRST = frozenset(start[0] for start in _LAUNCHERS)


def _launched(words: list[str]) -> list[str]:
    if not words or words[0] not in _FIRST:
        return words
    for start, with_value in _LAUNCHERS.items():
        if tuple(words[: len(start)]) == start:
            at = len(start)
            while at < len(words) and words[at].startswith("-"):
                at += 2 if words[at] in with_value else 1
            return _launched(words[at:])
    return words


def _without_root_options(name: str, words: list[str]) -> list[str]:
    valued, at = _ROOT_OPTIONS.get(name), 0
    kept: list[str] = []
    if valued is None:
        return words
    while at < len(words):
        if words[at] in valued:
            at += 2
        elif (
            words[at].startswith(("-j", "--filter=", "--prefix=", "-C"))
            and name in ("make", "npm", "pnpm")
            and not kept
        ):
            at += 1
        else:
            kept.append(words[at])
            at += 1
    return kept


def checks_of(found: Sequence[Simple], *, status: str | None, output: str) -> list[Check]:
    """The checks that one call ran. Counts in the output are believed first; the exit status says something of a
    check only where it is its own: not before a pipe, `||` or `;`, and a failure only of the one check there is."""
    runs = [(index, runner) for index, simple in enumerate(found) if (runner := runner_of(simple.words)) is not None]
    if not runs or status in (None, "rejected") or (status == "error" and _NOT_RUN.search(output)):
        return []
    made = []
    for index, runner in runs:
        passed, failed, said = (
            counted(runner.kind, output) if len(runs) == 1 or index == runs[-1][0] else (None, None, None)
        )
        verdict = said or _by_exit(found, index, len(runs), status)
        made.append(Check(runner.kind, runner.name, verdict if status != "interrupted" else UNKNOWN, passed, failed))
    return made


_NOT_RUN = re.compile(r"^Exit code 12[67]$|command not found|is not recognized as|error: unrecognized subcommand", re.M)
"""The shell did not find the runner: no check took place."""


def _by_exit(found: Sequence[Simple], index: int, runs: int, status: str | None) -> str:
    after = [simple.follows for simple in found[index:-1]]
    if status == "ok":
        return PASSED if all(operator == "&&" for operator in after) else UNKNOWN
    others = [
        simple for simple in found[index + 1 :] if simple.words[0] not in ("echo", "tail", "head", "cat", "printf")
    ]
    before = [
        simple
        for simple in found[:index]
        if simple.words[0] not in ("cd", "source", ".", "export", "set", "echo", "pushd")
    ]
    alone = runs == 1 and not others and not before and all(operator == "&&" for operator in after)
    return FAILED if status == "error" and alone else UNKNOWN


_SUMS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "test result:",
        re.compile(r"^test result: (?:ok|FAILED)\. (?P<p>\d+) passed; (?P<f>\d+) failed", re.M),
        "sum",
    ),  # cargo
    (
        "Tests:",
        re.compile(
            r"^Tests:\s+(?:(?P<f>\d+) failed, )?(?:\d+ (?:skipped|todo|pending), )*(?:(?P<p>\d+) passed, )?\d+ total",
            re.M,
        ),
        "last",
    ),
    (
        "Tests ",
        re.compile(r"^\s*Tests\s+(?:(?P<f>\d+) failed)?(?:[ |]+)?(?:(?P<p>\d+) passed)?.*\(\d+\)", re.M),
        "last",
    ),  # vitest
    ("Tests run:", re.compile(r"Tests run: (?P<t>\d+), Failures: (?P<f>\d+), Errors: (?P<e>\d+)"), "last"),  # maven
    ("example", re.compile(r"^(?P<t>\d+) examples?, (?P<f>\d+) failures?", re.M), "last"),  # rspec
    (
        " runs, ",
        re.compile(r"^(?P<t>\d+) runs, \d+ assertions, (?P<f>\d+) failures, (?P<e>\d+) errors", re.M),
        "last",
    ),  # minitest
    ("OK (", re.compile(r"^OK \((?P<p>\d+) tests?", re.M), "last"),  # phpunit
    ("Assertions:", re.compile(r"^Tests: (?P<t>\d+), Assertions: \d+.*?Failures: (?P<f>\d+)", re.M), "last"),  # phpunit
    (" tests, ", re.compile(r"(?P<t>\d+) tests, (?P<f>\d+) failures"), "last"),  # mix, bats
    ("Executed ", re.compile(r"Executed (?P<t>\d+) tests?, with (?P<f>\d+) failures?"), "last"),  # swift
    ("failed out of", re.compile(r"(?P<f>\d+) tests? failed out of (?P<t>\d+)"), "last"),  # ctest
    ("completed, ", re.compile(r"(?P<t>\d+) tests? completed, (?P<f>\d+) failed"), "last"),  # gradle
    ("Failed:", re.compile(r"Failed:\s+(?P<f>\d+), Passed:\s+(?P<p>\d+)"), "sum"),  # dotnet
    (
        " pass\n",
        re.compile(r"^\s*(?P<p>\d+) pass\n\s*(?:\d+ (?:skip|todo)\n\s*)*(?P<f>\d+) fail$", re.M),
        "last",
    ),  # bun
    ("# pass", re.compile(r"^# pass (?P<p>\d+)(?:\n.*)*?^# fail (?P<f>\d+)", re.M), "last"),  # node
    ("ℹ pass", re.compile(r"^ℹ pass (?P<p>\d+)(?:\n.*)*?^ℹ fail (?P<f>\d+)", re.M), "last"),  # node
)
_PYTEST = re.compile(
    r"^(?:=+ )?((?:\d+ (?:failed|passed|skipped|errors?|deselected|xfailed|xpassed|warnings?|rerun)(?:, )?)+) in [\d.]+s",
    re.M,
)
_UNITTEST = re.compile(r"^Ran (?P<t>\d+) tests? in ", re.M)
_MOCHA = re.compile(r"^\s*(\d+) passing\b", re.M)
_BAD = re.compile(
    r"^FAILED \(|^FAIL\s|^--- FAIL|BUILD FAILURE|BUILD FAILED|\*\* (?:BUILD|TEST) FAILED|^npm ERR!|error: could not compile|"
    r"^error\[E\d+\]|: error TS\d+|^Found [1-9]\d* errors?|✖ [1-9]\d* problems? \([1-9]|[1-9]\d* offenses? detected|^Build FAILED|Failed to compile",
    re.M,
)
_GOOD = re.compile(
    r"^OK$|^ok\s+\S+\s|BUILD SUCCESS|\*\* (?:BUILD|TEST) SUCCEEDED|^Success: no issues found|^All checks passed!|no offenses detected|"
    r"^Build succeeded|✓ built in|Compiled successfully|^PASS$",
    re.M,
)


def counted(kind: str, output: str) -> tuple[int | None, int | None, str | None]:
    """(passed, failed, verdict) as the output says; None where it says nothing."""
    if kind == TEST:
        passed, failed = _numbers(output)
        if failed or passed:
            return passed, failed or 0, FAILED if failed else PASSED
    if _BAD.search(output):
        return None, None, FAILED
    return None, None, PASSED if _GOOD.search(output) else None


def _numbers(output: str) -> tuple[int | None, int | None]:
    lines = _PYTEST.findall(output) if " in " in output else []
    if lines:
        said = {name.rstrip("s"): int(n) for n, name in re.findall(r"(\d+) ([a-z]+)", lines[-1])}
        return said.get("passed", 0), said.get("failed", 0) + said.get("error", 0)
    match = _UNITTEST.search(output) if "Ran " in output else None
    if match:
        bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", output))
        return max(int(match["t"]) - bad, 0), bad
    passing = _MOCHA.findall(output) if " passing" in output else []
    if passing:
        failing = re.findall(r"^\s*(\d+) failing\b", output, re.M)
        return int(passing[-1]), int(failing[-1]) if failing else 0
    for hint, pattern, how in _SUMS:
        found = [m.groupdict() for m in pattern.finditer(output)] if hint in output else []
        if found:
            used = found if how == "sum" else found[-1:]
            failed = sum(int(g.get("f") or 0) + int(g.get("e") or 0) for g in used)
            return sum(_passed(g) for g in used), failed
    return None, None


def _passed(group: dict[str, str | None]) -> int:
    if "p" in group:
        return int(group["p"] or 0)
    return max(int(group["t"] or 0) - int(group.get("f") or 0) - int(group.get("e") or 0), 0)
