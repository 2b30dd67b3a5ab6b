"""What a script's, target's or task's name says about it: `test:unit`, `lint-fix`, `check-types`,
`ci` are checks."""

from __future__ import annotations

from accrete.text.lazy import lazy

TEST, BUILD, LINT = "test", "build", "lint"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF: dict[str, str] = {
    **dict.fromkeys(_words(
        "test tests testing spec specs unit units integration etoe smoke itest itests runtest "
        "runtests functional acceptance regression conformance coverage cov doctest doctests "
        "pytest jest vitest mocha playwright cypress nextest rspec phpunit junit selftest"
    ), TEST),
    **dict.fromkeys(_words(
        "lint lints linter linters linting typecheck types typing tsc mypy pyright ruff eslint "
        "oxlint clippy vet biome flake pylint rubocop stylelint precommit detekt ktlint spotless "
        "checkstyle shellcheck phpstan psalm formatcheck fmtcheck stylecheck"
    ), LINT),
    **dict.fromkeys(_words("build builds compile bundle assemble rebuild"), BUILD),
}  # fmt: skip
_ANY = _words("check checks ci verify validate validation qa cibuild prepush presubmit preflight")
"""Words that promise a check of some kind."""
_DOES_ELSE = _words(
    "watch serve start install setup clean deploy publish generate gen create new init "
    "update upgrade open list seed help stop kill "
    "download fetch clone migrate bump"
)
"""A name that begins or ends with one of these does something else: `test:watch`,
`install-test-deps`."""
_NOUNS = _words(
    "data fixtures fixture deps dependencies db env server image images logs log report "
    "reports docs status results config utils helpers "
    "classes snapshot snapshots ui user users account email connection api version versions updates"
)
"""A name that ends with one of these names a thing, no run: `test-data`, `check-status`."""
_FILLING = _words(
    "run all only full fast quick local the py js ts web "
    "app code base every project repo suite sh main my do"
)
_PARTS = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_JOINED = (
    ("e2e", "etoe"),
    ("type-check", "typecheck"),
    ("type_check", "typecheck"),
    ("typeCheck", "typecheck"),
    ("type:check", "typecheck"),
    ("pre-commit", "precommit"),
    ("pre_commit", "precommit"),
    ("pre-push", "prepush"),
    ("pre_push", "prepush"),
)
_FORMATS = _words("format fmt formatting prettier style")


def parts_of(name: str) -> list[str]:
    """The words of a name in lower case, whatever joins them: `testUnit`, `test:unit`,
    `test-unit`."""
    for joined, word in _JOINED:
        name = name.replace(joined, f"-{word}-")
    return [part.lower() for part in _PARTS.findall(name) if not part.isdigit()]


def goal_kind(name: str, *, of_check: str = TEST) -> str | None:
    """What a target of that name checks: a test, a lint or a build; None if the name promises no
    check. The first word that says a kind decides; `check` alone is `of_check`, `ci` and `verify`
    are tests."""
    parts = parts_of(name)
    if not parts or parts[0] in _DOES_ELSE or parts[-1] in _DOES_ELSE | _NOUNS:
        return None
    if _FORMATS & set(parts):
        return LINT if {"check", "lint", "verify"} & set(parts) else None
    kind = next((_OF[part] for part in parts if part in _OF), None)
    if kind is None and _ANY & set(parts):
        kind = of_check if _ANY & set(parts) <= {"check", "checks"} else TEST
    return kind


def plain_goal_kind(name: str) -> str | None:
    """The same for a file's name, which may be anything: every word of it must speak of checks."""
    parts = parts_of(name)
    known = [part for part in parts if part in _OF or part in _ANY]
    if not known or any(
        part not in _OF and part not in _ANY and part not in _FILLING for part in parts
    ):
        return None
    return goal_kind(name)
