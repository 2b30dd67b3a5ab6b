"""Which commands are checks: tests, builds and lint of some twenty ecosystems, with any
launcher."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from accrete.outcomes.goals import BUILD, LINT, TEST, goal_kind
from accrete.outcomes.tasks import SHELLS, TASKS, script_of, task_of

__all__ = ["BUILD", "LINT", "RUNNERS", "SCRIPTED", "TEST", "Runner", "runner_of"]


class Runner(NamedTuple):
    """A command that is a check: the words it begins with (`*` ends a word), what it is, and words
    that make it none."""

    words: str
    kind: str
    name: str
    unless: str = ""


RUNNERS: tuple[Runner, ...] = (
    # Python
    Runner("pytest", TEST, "pytest", "--collect-only --co --fixtures --markers"),
    Runner("py.test", TEST, "pytest"), Runner("unittest", TEST, "unittest"),
    Runner("python manage.py test", TEST, "django"),
    Runner("ruff check", LINT, "ruff"), Runner("ruff format --check", LINT, "ruff"),
    Runner("flake8", LINT, "flake8"), Runner("pylint", LINT, "pylint"),
    Runner("mypy", LINT, "mypy"),
    Runner("pyright", LINT, "pyright"), Runner("basedpyright", LINT, "pyright"),
    Runner("black --check", LINT, "black"),
    Runner("py_compile", BUILD, "py_compile"), Runner("pyproject-build", BUILD, "build"),
    Runner("ty check", LINT, "ty"),
    # JavaScript and TypeScript
    Runner("jest", TEST, "jest"), Runner("vitest", TEST, "vitest"),
    Runner("mocha", TEST, "mocha"), Runner("ava", TEST, "ava"),
    Runner("playwright test", TEST, "playwright"),
    Runner("cypress run", TEST, "cypress"), Runner("node --test", TEST, "node"),
    Runner("bun test", TEST, "bun"),
    Runner("deno test", TEST, "deno"),
    Runner("deno check", LINT, "deno"), Runner("deno lint", LINT, "deno"),
    Runner("tsc", LINT, "tsc", "--init"),
    Runner("vue-tsc", LINT, "tsc"), Runner("eslint", LINT, "eslint"),
    Runner("biome check", LINT, "biome"),
    Runner("biome ci", LINT, "biome"), Runner("prettier --check", LINT, "prettier"),
    Runner("vite build", BUILD, "vite"),
    Runner("knip", LINT, "knip"), Runner("ts-prune", LINT, "ts-prune"),
    Runner("depcheck", LINT, "depcheck"), Runner("oxlint", LINT, "oxlint"),
    Runner("stylelint", LINT, "stylelint"), Runner("next build", BUILD, "next"),
    Runner("webpack", BUILD, "webpack"),
    # Rust, Go, C and C++
    Runner("cargo test", TEST, "cargo", "--no-run"), Runner("cargo nextest run", TEST, "cargo"),
    Runner("cargo build", BUILD, "cargo"), Runner("cargo check", BUILD, "cargo"),
    Runner("cargo clippy", LINT, "cargo"),
    Runner("cargo fmt --check", LINT, "cargo"), Runner("go test", TEST, "go"),
    Runner("go build", BUILD, "go"),
    Runner("go vet", LINT, "go"), Runner("golangci-lint run", LINT, "golangci-lint"),
    Runner("gotestsum", TEST, "go"),
    Runner("staticcheck", LINT, "staticcheck"), Runner("ctest", TEST, "ctest"),
    Runner("cmake --build", BUILD, "cmake"),
    Runner("zig build test", TEST, "zig"), Runner("zig test", TEST, "zig"),
    Runner("zig build", BUILD, "zig"),
    # the JVM and .NET
    Runner("ktlint", LINT, "ktlint"),
    Runner("detekt", LINT, "detekt"), Runner("dotnet test", TEST, "dotnet"),
    Runner("dotnet build", BUILD, "dotnet"),
    Runner("dotnet format --verify-no-changes", LINT, "dotnet"),
    # Ruby, PHP, Elixir, Haskell
    Runner("rspec", TEST, "rspec"),
    Runner("rubocop", LINT, "rubocop"), Runner("standardrb", LINT, "standard"),
    Runner("phpunit", TEST, "phpunit"), Runner("pest", TEST, "pest"),
    Runner("php artisan test", TEST, "artisan"), Runner("phpstan", LINT, "phpstan"),
    Runner("psalm", LINT, "psalm"),
    Runner("phpcs", LINT, "phpcs"), Runner("mix test", TEST, "mix"),
    Runner("mix compile", BUILD, "mix"),
    Runner("mix credo", LINT, "credo"), Runner("mix format --check-formatted", LINT, "mix"),
    Runner("stack test", TEST, "stack"),
    Runner("cabal test", TEST, "cabal"),
    # Swift, Dart, shell, and what many use
    Runner("swift test", TEST, "swift"), Runner("swift build", BUILD, "swift"),
    Runner("xcodebuild test", TEST, "xcodebuild"),
    Runner("xcodebuild", BUILD, "xcodebuild", "-list -version"),
    Runner("swiftlint", LINT, "swiftlint"),
    Runner("flutter test", TEST, "flutter"), Runner("flutter build", BUILD, "flutter"),
    Runner("flutter analyze", LINT, "flutter"),
    Runner("dart test", TEST, "dart"), Runner("dart analyze", LINT, "dart"),
    Runner("bats", TEST, "bats"),
    Runner("act", TEST, "act", "-l --list"), Runner("latexmk", BUILD, "latex"),
    Runner("pdflatex", BUILD, "latex"), Runner("xelatex", BUILD, "latex"),
    Runner("lualatex", BUILD, "latex"), Runner("typst compile", BUILD, "typst"),
    Runner("shellcheck", LINT, "shellcheck"), Runner("hadolint", LINT, "hadolint"),
    Runner("markdownlint", LINT, "markdownlint"),
    Runner("markdownlint-cli2", LINT, "markdownlint"), Runner("vale", LINT, "vale"),
    Runner("docker build", BUILD, "docker"), Runner("terraform validate", LINT, "terraform"),
    Runner("nix flake check", TEST, "nix"),
    Runner("pre-commit run", LINT, "pre-commit"), Runner("prek run", LINT, "pre-commit"),
    Runner("lefthook run pre-commit", LINT, "lefthook"),
    Runner("hatch fmt --check", LINT, "hatch"), Runner("prettier -c", LINT, "prettier"),
    Runner("go tool cover", TEST, "go", "-html"),
    Runner("cargo llvm-cov", TEST, "cargo"), Runner("cargo tarpaulin", TEST, "cargo"),
    Runner("cargo deny check", LINT, "cargo"),
    Runner("rustfmt --check", LINT, "rustfmt"), Runner("isort --check", LINT, "isort"),
    Runner("isort --check-only", LINT, "isort"),
    Runner("shfmt -d", LINT, "shfmt"), Runner("clang-format --dry-run", LINT, "clang-format"),
    Runner("helm lint", LINT, "helm"),
    Runner("buf lint", LINT, "buf"), Runner("sqlfluff lint", LINT, "sqlfluff"),
    Runner("dprint check", LINT, "dprint"),
    Runner("biome lint", LINT, "biome"), Runner("trunk check", LINT, "trunk"),
    Runner("crystal spec", TEST, "crystal"),
    Runner("terraform fmt -check", LINT, "terraform"), Runner("pint --test", LINT, "pint"),
    Runner("php-cs-fixer --dry-run", LINT, "php-cs-fixer"),
    Runner("compileall", BUILD, "compileall"), Runner("srb tc", LINT, "sorbet"),
    Runner("steep check", LINT, "steep"),
    Runner("robot", TEST, "robot"), Runner("codecept run", TEST, "codeception"),
    Runner("dmypy run", LINT, "mypy"), Runner("svelte-check", LINT, "svelte-check"),
    Runner("npm t", TEST, "npm"), Runner("npm test", TEST, "npm"),
    Runner("npm tst", TEST, "npm"), Runner("tofu validate", LINT, "terraform"),
    Runner("composer validate", LINT, "composer"),
    *(Runner(name, TEST, name) for name in ("behave", "busted", "shellspec", "ginkgo", "jasmine",
                                            "karma", "prove", "tap", "uvu", "behat", "paratest",
                                            "elm-test", "Invoke-Pester", "testcafe", "wdio",
                                            "nosetests", "nose2", "stestr", "zunit")),
    *(Runner(name, LINT, name) for name in ("yamllint", "actionlint", "ansible-lint", "tflint",
                                            "cfn-lint", "codespell", "typos", "bandit", "pyflakes",
                                            "pycodestyle", "pydocstyle", "vulture", "deptry",
                                            "lint-imports", "clang-tidy", "cppcheck", "cpplint",
                                            "hlint", "brakeman", "reek", "xo", "tslint", "publint",
                                            "attw", "commitlint", "textlint", "cspell",
                                            "luacheck", "selene", "standard", "djlint", "semgrep",
                                            "revive", "errcheck", "dialyzer")),
)  # fmt: skip

_BY_NAME: dict[str, list[tuple[tuple[str, ...], Runner]]] = {}
for _runner in RUNNERS:
    _words = tuple(_runner.words.split())
    _BY_NAME.setdefault(_words[0], []).append((_words, _runner))
for _list in _BY_NAME.values():
    _list.sort(key=lambda entry: -len(entry[0]))

_LAUNCHERS: dict[tuple[str, ...], frozenset[str]] = {
    ("uv", "run"): frozenset({"--with", "--python", "-p", "--group", "--extra", "--directory",
                              "--package", "--project", "--env-file",
                              "--with-requirements", "--with-editable", "--only-group"}),
    ("poetry", "run"): frozenset(), ("pipenv", "run"): frozenset(),
    ("pdm", "run"): frozenset({"-p"}), ("hatch", "run"): frozenset(),
    ("rye", "run"): frozenset(), ("npx",): frozenset({"-p", "--package"}),
    ("pnpm", "exec"): frozenset(), ("bunx",): frozenset(),
    ("pnpm", "dlx"): frozenset(), ("yarn", "exec"): frozenset(), ("yarn", "dlx"): frozenset(),
    ("bundle", "exec"): frozenset(),
    ("uvx",): frozenset({"--from", "--with"}),
    ("coverage", "run"): frozenset({"--source", "--rcfile", "--omit", "--include"}),
    ("dotenv", "--"): frozenset(), ("mise", "exec", "--"): frozenset(),
    ("mise", "x", "--"): frozenset(), ("xvfb-run",): frozenset(),
    ("pixi", "run"): frozenset({"-e", "--environment"}),
    ("nix", "develop", "-c"): frozenset(), ("nix", "develop", "--command"): frozenset(),
    ("bun", "x"): frozenset(), ("direnv", "exec"): frozenset(),
    ("fvm",): frozenset(), ("c8",): frozenset(), ("nyc",): frozenset(),
    ("rbenv", "exec"): frozenset(), ("asdf", "exec"): frozenset(),
    ("conda", "run"): frozenset({"-n", "-p", "--name"}), ("pipx", "run"): frozenset({"--spec"}),
    ("infisical", "run", "--"): frozenset(), ("dotenvx", "run", "--"): frozenset(),
    ("devbox", "run"): frozenset(), ("pdm",): frozenset(),
    ("cross-env",): frozenset(), ("doppler", "run", "--"): frozenset(),
    ("op", "run", "--"): frozenset(),
}  # fmt: skip
_BEFORE_RUN = {
    "uv": {"--directory", "--project"},
    "poetry": {"-C", "--directory", "-P"},
    "pdm": {"-p"},
    "pnpm": {"--filter", "-F", "-C", "--dir"},
    "yarn": {"--cwd"},
}
"""Options with a value that may stand before a launcher's own subcommand."""
_CONTAINERS = frozenset({"-e", "--env", "-u", "--user", "-w", "--workdir", "--env-file", "--index"})
_OF_RUN = frozenset(
    {
        "-v",
        "--volume",
        "--mount",
        "-p",
        "--publish",
        "--name",
        "--network",
        "--entrypoint",
        "--platform",
        "-m",
        "--memory",
        "--cpus",
        "--tmpfs",
        "-h",
        "--hostname",
        "--label",
        "--add-host",
        "--gpus",
        "--shm-size",
        "--cap-add",
        "--security-opt",
    }
)
_NPM_LIKE = frozenset({"pnpm", "yarn"})
_NPM_OWN = frozenset(
    {
        "add",
        "install",
        "i",
        "remove",
        "why",
        "up",
        "update",
        "publish",
        "pack",
        "link",
        "ci",
        "prune",
        "rebuild",
        "import",
        "dlx",
        "exec",
        "create",
        "init",
        "audit",
        "outdated",
        "list",
        "ls",
        "config",
        "store",
        "cache",
        "set",
        "info",
        "view",
    }
)
_SCRIPTS_OF = frozenset({"uv", "poetry", "pdm", "rye", "hatch", "pipenv", "pixi", "devbox"})
"""Launchers that also run a project's scripts by name."""
_VALUED = {
    "npm": {"--prefix", "-w", "--workspace", "-C", "--filter", "-F", "--dir", "--cwd"},
    "make": {"-C", "-f", "-o", "-W"},
    "gradle": {"-p", "-b"},
    "mvn": {"-f", "-pl", "-P", "-s"},
    "cargo": {"--manifest-path", "-p", "--package"},
    "go": {"-C"},
    "just": {"-f", "-d"},
    "python": {"-W", "-X"},
    "task": {"-d", "-t"},
    "nx": {"-p"},
    "turbo": {"--filter", "-F"},
}
"""Options with a value that may stand before the subcommand of a runner."""
_ASKING = frozenset({"--version", "--help", "-h", "-V", "--listTests", "--list-tests"})
"""With one of these any command only tells something."""
SCRIPTED = frozenset({"npm", "script", "composer", "maven"}) | TASKS.keys()
"""Runners of scripts and tasks: two runs of one are the same check only where the script is."""

_BEGINNINGS = (
    frozenset(_BY_NAME)
    | TASKS.keys()
    | SHELLS
    | {start[0] for start in _LAUNCHERS}
    | _NPM_LIKE
    | {
        "docker",
        "podman",
        "python",
        "python3",
        "py",
        "node",
        "ruby",
        "php",
        "perl",
        "mvnw",
        "gradlew",
    }
)
"""Plain words that a check may begin with: any other plain word begins none."""


def runner_of(words: Sequence[str]) -> Runner | None:
    """The runner that a simple command is, if any."""
    if words and words[0] not in _BEGINNINGS and words[0].isalpha():
        return None
    return _runner_of(tuple(words))


@lru_cache(maxsize=256)
def _runner_of(given: tuple[str, ...]) -> Runner | None:
    """The same few commands recur, and several modules ask for the runner of each."""
    words = _launched(list(given))
    if not words or _ASKING & set(words):
        return None
    name = _name(words[0])
    if name == "python":
        return _of_module(words[1:])
    if (
        name in ("node", "php", "ruby")
        and _name("".join(words[1:2])).removesuffix(".js") in _BY_NAME
    ):
        return runner_of([_name(words[1]).removesuffix(".js"), *words[2:]])
    found = (
        _of_npm(name, words[1:])
        if name in _NPM_LIKE or name == "npm"
        else _of_name(name, words[1:])
    )
    by_name = (
        given[0] in _SCRIPTS_OF
        and words != list(given)
        and name not in _BY_NAME
        and re.fullmatch(r"[\w:-]+", words[0])
    )
    if found is None and by_name:
        found = (
            _made((kind, given[0])) if (kind := goal_kind(words[0].rsplit(":", 1)[-1])) else None
        )
    return found or _made(
        script_of(
            [
                name if name in SHELLS or name in ("node", "ruby", "php", "perl") else words[0],
                *words[1:],
            ]
        )
    )


def _of_name(name: str, rest: list[str]) -> Runner | None:
    return _among(name, rest) or _made(task_of(name, rest))


def _made(found: tuple[str, str] | None) -> Runner | None:
    return Runner(found[1], found[0], found[1]) if found else None


def _of_npm(name: str, rest: list[str]) -> Runner | None:
    rest = _npm_words(rest)
    if not rest or rest[0] in _NPM_OWN:
        return None
    if name in _NPM_LIKE and rest[0] not in ("run", "run-script", "test", "t", "tst"):
        return runner_of(rest) or _made(task_of("npm", ["run", *rest]))
    return _among("npm", rest) or _made(task_of("npm", rest))


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
        if words[at] == "-c":
            return None
        at += 2 if words[at] in _VALUED["python"] else 1
    if words[at : at + 1] == ["-m"] and at + 1 < len(words):
        module = {"build": "pyproject-build"}.get(words[at + 1], words[at + 1])
        return runner_of([module, *words[at + 2 :]])
    return _among("python", words[at:]) or _made(script_of(["python", *words[at:]]))


def _npm_words(words: list[str]) -> list[str]:
    """The words of npm, pnpm or yarn from the subcommand on, without options and names of
    workspaces before the script."""
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
    """The runner of that name whose subcommands the words begin with, options left out, and whose
    options stand in them."""
    for start, runner in _BY_NAME.get(name, ()):
        wanted = [word for word in start[1:] if not word.startswith("-")]
        options = {word for word in start[1:] if word.startswith("-")}
        if not options <= set(rest):
            continue
        if _begins(rest, wanted, _VALUED.get(name, set())) or (
            name == "xcodebuild" and wanted and wanted[0] in rest
        ):
            given = {word.partition("=")[0] for word in rest}
            return None if given & set(runner.unless.split()) else runner
    return None


def _begins(rest: list[str], wanted: list[str], valued: set[str]) -> bool:
    for word in wanted:
        rest = _past_options([w for w in rest[:1] if not w.startswith("+")] + rest[1:], valued)
        if not rest or not _same(rest[0], word):
            return False
        rest = rest[1:]
    return True


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
        given = [
            words[0],
            *(before if len(start) > 1 and not start[1].startswith("-") else words[1:]),
        ]
        if tuple(given[: len(start)]) == start:
            rest = _past_options(given[len(start) :], set(with_value))
            if start == ("cross-env",):
                rest = rest[
                    next((i for i, word in enumerate(rest) if "=" not in word), len(rest)) :
                ]
            if start == ("coverage", "run") and "-m" in given:
                rest = ["python", *given[given.index("-m") :]]
            if start == ("direnv", "exec"):
                rest = rest[1:]
            return _launched(rest[1:] if rest[:1] == ["--"] else rest)
    return words


def _contained(words: list[str]) -> list[str]:
    """What `docker exec CONTAINER …` and `docker compose run SERVICE …` run; other words of docker
    as they are."""
    at = 1
    if words[0] != "docker-compose" and words[1:2] == ["compose"]:
        at = 2
    rest = _past_options(words[at:], {"-f", "--file", "-p", "--project-name", "--profile"})
    if rest[:1] not in (["exec"], ["run"]):
        return words
    valued = _CONTAINERS | (_OF_RUN if rest[0] == "run" else frozenset())
    return _launched(_past_options(rest[1:], set(valued))[1:])
