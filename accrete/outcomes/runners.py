"""Which commands are checks: tests, builds and lints of some twenty ecosystems, whatever launches them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

TEST, BUILD, LINT = "test", "build", "lint"


class Runner(NamedTuple):
    """A command that is a check: the words it begins with (`*` ends a word), what it is, and words that make it none."""

    words: str
    kind: str
    name: str
    unless: str = ""


RUNNERS: tuple[Runner, ...] = (
    # Python
    Runner("pytest", TEST, "pytest", "--collect-only --co --fixtures --markers"),
    Runner("py.test", TEST, "pytest"),     Runner("unittest", TEST, "unittest"), Runner("tox", TEST, "tox", "-l --listenvs"),
    Runner("nox", TEST, "nox", "-l --list"), Runner("python manage.py test", TEST, "django"),
    Runner("hatch test", TEST, "hatch"), Runner("ruff check", LINT, "ruff"), Runner("ruff format --check", LINT, "ruff"),
    Runner("flake8", LINT, "flake8"), Runner("pylint", LINT, "pylint"), Runner("mypy", LINT, "mypy"),
    Runner("pyright", LINT, "pyright"), Runner("basedpyright", LINT, "pyright"), Runner("black --check", LINT, "black"),
    Runner("py_compile", BUILD, "py_compile"), Runner("pyproject-build", BUILD, "build"), Runner("ty check", LINT, "ty"),
    Runner("pre-commit run", LINT, "pre-commit"),
    # JavaScript and TypeScript
    Runner("npm test", TEST, "npm"), Runner("npm t", TEST, "npm"), Runner("npm run test*", TEST, "npm"),
    Runner("npm run build*", BUILD, "npm"), Runner("npm run lint*", LINT, "npm"), Runner("npm run typecheck*", LINT, "npm"),
    Runner("npm run type-check*", LINT, "npm"), Runner("npm run types*", LINT, "npm"), Runner("npm run tsc*", LINT, "npm"),
    Runner("npm run check*", LINT, "npm"), Runner("jest", TEST, "jest"), Runner("vitest", TEST, "vitest"),
    Runner("mocha", TEST, "mocha"), Runner("ava", TEST, "ava"), Runner("playwright test", TEST, "playwright"),
    Runner("cypress run", TEST, "cypress"), Runner("node --test", TEST, "node"), Runner("bun test", TEST, "bun"),
    Runner("bun run test*", TEST, "bun"), Runner("bun run build*", BUILD, "bun"), Runner("bun run lint*", LINT, "bun"),
    Runner("bun run typecheck*", LINT, "bun"), Runner("bun run type-check*", LINT, "bun"), Runner("bun run check*", LINT, "bun"),
    Runner("deno test", TEST, "deno"),
    Runner("deno check", LINT, "deno"), Runner("deno lint", LINT, "deno"), Runner("tsc", LINT, "tsc", "--init"),
    Runner("vue-tsc", LINT, "tsc"), Runner("eslint", LINT, "eslint"), Runner("biome check", LINT, "biome"),
    Runner("biome ci", LINT, "biome"), Runner("prettier --check", LINT, "prettier"), Runner("vite build", BUILD, "vite"),
    Runner("knip", LINT, "knip"), Runner("ts-prune", LINT, "ts-prune"), Runner("depcheck", LINT, "depcheck"), Runner("oxlint", LINT, "oxlint"),
    Runner("stylelint", LINT, "stylelint"), Runner("next build", BUILD, "next"), Runner("webpack", BUILD, "webpack"), Runner("turbo run test*", TEST, "turbo"),
    Runner("turbo test*", TEST, "turbo"), Runner("turbo build*", BUILD, "turbo"),
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
    Runner("mvn test", TEST, "maven"), Runner("mvn verify", TEST, "maven"), Runner("mvn package", BUILD, "maven"),
    Runner("mvn compile", BUILD, "maven"), Runner("mvn install", BUILD, "maven"), Runner("gradle test*", TEST, "gradle", "testClasses"),
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
    Runner("act", TEST, "act", "-l --list"), Runner("latexmk", BUILD, "latex"), Runner("pdflatex", BUILD, "latex"), Runner("xelatex", BUILD, "latex"),
    Runner("lualatex", BUILD, "latex"), Runner("typst compile", BUILD, "typst"),
    Runner("shellcheck", LINT, "shellcheck"), Runner("hadolint", LINT, "hadolint"),
    Runner("markdownlint", LINT, "markdownlint"), Runner("markdownlint-cli2", LINT, "markdownlint"), Runner("vale", LINT, "vale"),
    Runner("make test*", TEST, "make"), Runner("make check", TEST, "make"), Runner("make lint", LINT, "make"),
    Runner("make build", BUILD, "make"), Runner("make all", BUILD, "make"),
    Runner("make", BUILD, "make"),
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
    ("uv", "run"): frozenset({"--with", "--python", "-p", "--group", "--extra", "--directory", "--package", "--project", "--env-file",
                              "--with-requirements", "--with-editable", "--only-group"}),
    ("poetry", "run"): frozenset(), ("pipenv", "run"): frozenset(), ("pdm", "run"): frozenset({"-p"}), ("hatch", "run"): frozenset(),
    ("rye", "run"): frozenset(), ("npx",): frozenset({"-p", "--package"}), ("pnpm", "exec"): frozenset(), ("bunx",): frozenset(),
    ("pnpm", "dlx"): frozenset(), ("yarn", "exec"): frozenset(), ("yarn", "dlx"): frozenset(), ("bundle", "exec"): frozenset(),
    ("uvx",): frozenset({"--from", "--with"}), ("coverage", "run"): frozenset({"--source", "--rcfile", "--omit", "--include"}),
    ("dotenv", "--"): frozenset(), ("mise", "exec", "--"): frozenset(), ("mise", "x", "--"): frozenset(), ("xvfb-run",): frozenset(),
    ("cross-env",): frozenset(), ("doppler", "run", "--"): frozenset(), ("op", "run", "--"): frozenset(),
}  # fmt: skip
_BEFORE_RUN = {"uv": {"--directory", "--project"}, "poetry": {"-C", "--directory", "-P"}, "pdm": {"-p"}, "pnpm": {"--filter", "-F", "-C", "--dir"},
               "yarn": {"--cwd"}}  # fmt: skip
"""Options with a value that may stand before a launcher's own subcommand."""
_CONTAINERS = frozenset({"-e", "--env", "-u", "--user", "-w", "--workdir", "--env-file", "--index"})
_NPM_LIKE = frozenset({"pnpm", "yarn"})
_NPM_OWN = frozenset({"run", "run-script", "test", "t", "tst", "add", "install", "i", "remove", "why", "up", "update", "publish", "pack", "link",
                      "dlx", "exec", "create", "init", "audit", "outdated", "list", "ls", "config", "store", "cache", "set"})  # fmt: skip
_VALUED = {"npm": {"--prefix", "-w", "--workspace", "-C", "--filter", "-F", "--dir", "--cwd"}, "make": {"-C", "-f", "-o", "-W"}, "gradle": {"-p", "-b"},
           "mvn": {"-f", "-pl", "-P", "-s"}, "cargo": {"--manifest-path", "-p", "--package"}, "go": {"-C"}, "just": {"-f", "-d"},
           "python": {"-W", "-X"}, "task": {"-d", "-t"}, "nx": {"-p"}, "turbo": {"--filter", "-F"}}  # fmt: skip
"""Options with a value that may stand before the subcommand of a runner."""
_ASKING = frozenset({"--version", "--help", "-h", "-V"})
"""With one of these any command only tells something."""
_GOALS = frozenset({"mvn", "gradle", "make", "just", "xcodebuild", "task"})
"""Runners that take several goals, any of which may be the check."""


NAMES = frozenset(_BY_NAME) | {"python3", "py", "mvnw", "gradlew", "pnpm", "yarn"}
"""The first words of commands that may be checks; a version may follow python's."""


def runner_of(words: Sequence[str]) -> Runner | None:
    """The runner that a simple command is, if any."""
    if words and words[0] not in _BEGINNINGS and words[0].isalpha():
        return None
    words = _launched(list(words))
    if not words or _ASKING & set(words):
        return None
    name = _name(words[0])
    if name == "python":
        return _of_module(words[1:])
    rest = words[1:]
    if name in _NPM_LIKE or name == "npm":
        rest = _npm_words(rest)
        if name in _NPM_LIKE and rest and rest[0] not in _NPM_OWN:
            return runner_of(rest) or _among("npm", ["run", *rest])
        name = "npm"
    if name == "make" and {"-n", "--dry-run", "--just-print", "-q"} & set(rest):
        return None
    return _among(name, rest)


_BEGINNINGS = NAMES | {start[0] for start in _LAUNCHERS} | {"docker", "podman", "python"}
"""Plain words that a check may begin with: any other plain word begins none."""


def _name(word: str) -> str:
    """A program's name without folder and ending."""
    name = word.replace("\\", "/").rsplit("/", 1)[-1]
    for suffix in (".exe", ".cmd", ".bat"):
        name = name.removesuffix(suffix)
    if re.fullmatch(r"python3?(\.\d+)?|py", name):
        return "python"
    return {"mvnw": "mvn", "gradlew": "gradle"}.get(name, name)


def _of_module(words: list[str]) -> Runner | None:
    """`python -m X …` is X; `python manage.py test` stands in the table."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-m":
        at += 2 if words[at] in _VALUED["python"] else 1
    if words[at : at + 1] == ["-m"] and at + 1 < len(words):
        module = {"build": "pyproject-build"}.get(words[at + 1], words[at + 1])
        return runner_of([module, *words[at + 2 :]])
    return _among("python", words[at:])


def _npm_words(words: list[str]) -> list[str]:
    """The words of npm, pnpm or yarn from the subcommand on, without options and names of workspaces before the script."""
    kept = _past_options(words, _VALUED["npm"])
    if kept[:1] == ["workspace"]:
        return _npm_words(kept[2:])
    if kept[:2] == ["workspaces", "foreach"] or kept[:2] == ["workspaces", "run"]:
        return _npm_words(kept[2:])
    if kept[:1] in (["run"], ["run-script"]):
        return ["run", *_past_options(kept[1:], _VALUED["npm"])]
    return kept


def _past_options(words: list[str], valued: set[str]) -> list[str]:
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        at += 2 if words[at] in valued else 1
    return words[at:]


def _among(name: str, rest: list[str]) -> Runner | None:
    """The runner of that name whose subcommands the words begin with, options left out, and whose options stand in them."""
    for start, runner in _BY_NAME.get(name, ()):
        wanted = [word for word in start[1:] if not word.startswith("-")]
        options = {word for word in start[1:] if word.startswith("-")}
        if not options <= set(rest):
            continue
        if _begins(rest, wanted, _VALUED.get(name, set())) or (
            name in _GOALS and len(wanted) == 1 and _has_goal(rest, wanted[0], name)
        ):
            if not wanted and name == "make" and _targets(rest):
                continue
            return None if runner.unless and set(runner.unless.split()) & set(rest) else runner
    return None


def _begins(rest: list[str], wanted: list[str], valued: set[str]) -> bool:
    for word in wanted:
        rest = _past_options([w for w in rest[:1] if not w.startswith("+")] + rest[1:], valued)
        if not rest or not _same(rest[0], word):
            return False
        rest = rest[1:]
    return True


def _has_goal(rest: list[str], goal: str, name: str) -> bool:
    return any(_same(word.rsplit(":", 1)[-1], goal) for word in _targets(rest, _VALUED.get(name, set())))


def _targets(rest: list[str], valued: set[str] | None = None) -> list[str]:
    """The words that are neither options, their values, nor assignments."""
    valued = _VALUED["make"] if valued is None else valued
    found, at = [], 0
    while at < len(rest):
        if rest[at].startswith("-"):
            at += 2 if rest[at] in valued else 1
            continue
        if "=" not in rest[at]:
            found.append(rest[at])
        at += 1
    return found


def _same(word: str, pattern: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


_FIRST = frozenset(start[0] for start in _LAUNCHERS)


def _launched(words: list[str]) -> list[str]:
    """The words of what a launcher starts, and of what stands in a container."""
    if words[:1] == ["docker"] or words[:1] == ["podman"] or words[:1] == ["docker-compose"]:
        return _contained(words)
    if not words or words[0] not in _FIRST:
        return words
    before = _past_options(words[1:], _BEFORE_RUN.get(words[0], set()))
    for start, with_value in _LAUNCHERS.items():
        given = [words[0], *(before if len(start) > 1 and not start[1].startswith("-") else words[1:])]
        if tuple(given[: len(start)]) == start:
            rest = _past_options(given[len(start) :], set(with_value))
            if start == ("cross-env",):
                rest = rest[next((i for i, word in enumerate(rest) if "=" not in word), len(rest)) :]
            if start == ("coverage", "run") and "-m" in given:
                rest = ["python", *given[given.index("-m") :]]
            return _launched(rest[1:] if rest[:1] == ["--"] else rest)
    return words


def _contained(words: list[str]) -> list[str]:
    """What `docker exec CONTAINER …` and `docker compose exec SERVICE …` run; other words of docker as they are."""
    at = 1
    if words[0] != "docker-compose" and words[1:2] == ["compose"]:
        at = 2
    rest = _past_options(words[at:], {"-f", "--file", "-p", "--project-name", "--profile"})
    if rest[:1] == ["exec"] or (rest[:1] == ["run"] and (at == 2 or words[0] == "docker-compose")):
        inside = _past_options(rest[1:], set(_CONTAINERS))
        return _launched(inside[1:])
    return words
