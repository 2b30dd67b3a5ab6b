"""No regular expression takes more than about linear time, whatever text it is put to: transcripts
hold anything."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest

import accrete
from accrete.derive.title import COLUMNS
from accrete.text.lazy import Lazy
from tests.fuzz import TORTURE
from tests.patience import least, ratio, thread_s

pytestmark = pytest.mark.long

PACKAGES = (
    "accrete.transcript",
    "accrete.derive",
    "accrete.outcomes",
    "accrete.practices",
    "accrete.projects",
    "accrete.pricing",
)
LENGTH, UNITS = 20_000 if TORTURE else 6_000, 2_000
"""How long a hostile text is: characters, and repeated units. What is quadratic takes a twentieth
of a second for 6,000 characters; `make torture` looks farther."""
FLOOR_S = 0.02
"""Below this a pattern is fast enough, however it grows."""
CUBIC = 64
"""Times as long for a text four times as long is cubic: what takes so little that even this would
stay below the floor is not put to the longer text."""
FAILING, MATCHING = "\x01!", ""
"""What a hostile text ends with: what no pattern goes on with, so that it turns back, or nothing.
The latter is tried with a quarter of the texts, in `make torture` with all."""
WORSE = 10
"""Times as long for a text four times as long is worse than linear; quadratic is 16."""
FEW_PAIRS = 150 if TORTURE else 40
"""Up to so many pairs of a beginning and a part are tried all, of a large pattern only those that
stand beside each other."""
HANGS_S = 10
"""Seconds of CPU time that stop a pattern whose time is exponential."""
TITLE = "accrete.derive.title."
BOUNDED = {
    **{
        f"{TITLE}{name}": 2 * COLUMNS
        for name in (
            "_AROUND",
            "_BANNER",
            "_BEFORE",
            "_CODE",
            "_GREETING",
            "_IMAGE",
            "_LOG",
            "_MAIL",
            "_PLACE",
            "_POINTS",
            "_ROW_OF_TABLE",
            "_STOP",
            "_TAGS_BEFORE",
            "_TAGS_BEHIND",
            *(f"_MARKS[{n}]" if n else "_MARKS" for n in range(7)),
        )
    },
}
"""The longest text that a pattern is put to, where its module cuts it before: a line of a title,
and the next one behind it."""
COMMON = (
    " ",
    "\t",
    "\n",
    "\\",
    '"',
    "'",
    "`",
    "<",
    "<a",
    "<a>",
    "</a>",
    "[",
    "(",
    "{",
    "[a](",
    "**a",
    "_a",
    "a",
    "a ",
    "0",
    "-",
    "/",
    "./",
    "a\n",
    " \n",
    "$(",
    "\\'",
    "é",
    "续",
    "|",
    "|a",
    "::",
    "=",
    "a=",
    "a.",
    "--a ",
)


def modules() -> list[str]:
    found = []
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        found += [package, *(f"{package}.{each.name}" for each in pkgutil.iter_modules(path))]
    return found


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern of the modules, in tables too, and every one that stands in a call; by
    the place."""
    found: dict[str, re.Pattern[str]] = {}
    for name in modules():
        module = importlib.import_module(name)
        for attribute, value in vars(module).items():
            for number, pattern in enumerate(_inside(value)):
                found.setdefault(f"{name}.{attribute}" + (f"[{number}]" if number else ""), pattern)
        named = {pattern.pattern for pattern in found.values()}
        for number, (asked, pattern) in enumerate(_in_calls(Path(str(module.__file__)))):
            if pattern.pattern not in named:
                found[f"{name}:{asked} {number}"] = pattern
    return found


def _inside(value: object) -> Iterator[re.Pattern[str]]:
    value = value.compiled() if isinstance(value, Lazy) else getattr(value, "__self__", value)
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(_inside, value.values()))
    elif isinstance(value, (tuple, list)):
        yield from chain.from_iterable(map(_inside, value))


def _in_calls(path: Path) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Patterns that stand in a call of `re`, each with what is called."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and getattr(node.func.value, "id", "") == "re"
        ):
            text = node.args[0]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                named = " ".join(
                    ast.unparse(each)
                    for each in [*node.args[1:], *(k.value for k in node.keywords)]
                )
                flags = re.IGNORECASE * ("IGNORECASE" in named or "re.I" in named) | re.DOTALL * (
                    "DOTALL" in named
                )
                multiline = re.MULTILINE * ("MULTILINE" in named or "re.M" in named)
                yield node.func.attr, re.compile(text.value, flags | multiline)


def uses(name: str) -> set[str]:
    """How the source asks a pattern: of `match` and `fullmatch` a search that fails everywhere says
    nothing."""
    if ":" in name:
        asked = {name.partition(":")[2].split()[0]}
        return asked if asked <= {"match", "fullmatch"} else {"findall"}
    module, attribute = name.partition("[")[0].rsplit(".", 1)
    text = SOURCES[module]
    known = ASKED[module] if attribute.startswith("_") else ASKED_ANYWHERE
    asked = known.get(attribute, set()) | set(
        re.findall(
            rf"(?m)^{attribute} = (?:re\.compile|lazy)\(.*\)\.(match|fullmatch|search)$", text
        )
    )
    return (
        asked
        if asked and asked <= {"match", "fullmatch"}
        else {"findall", *(asked & {"match", "fullmatch"})}
    )


SOURCES = {
    name: Path(str(importlib.import_module(name).__file__)).read_text() for name in modules()
}


def asked_in(text: str) -> dict[str, set[str]]:
    """By the name of a pattern what a source asks it. Read once: to look for each name in all of
    them takes longer than all of the patterns."""
    found: dict[str, set[str]] = {}
    for name, use in re.findall(
        r"\b(\w+)\.(match|fullmatch|search|findall|finditer|sub|subn|split)\b", text
    ):
        found.setdefault(name, set()).add(use)
    return found


ASKED = {name: asked_in(text) for name, text in SOURCES.items()}
"""By the module; what begins with an underscore is asked there alone."""
ASKED_ANYWHERE = asked_in(
    "\n".join(path.read_text() for path in Path(str(accrete.__file__)).parent.rglob("*.py"))
)
PATTERNS = patterns()


def hostile(pattern: re.Pattern[str], turn: int) -> Iterator[tuple[str, str]]:
    """(beginning, unit to repeat): what each repetition of the pattern repeats, behind what goes
    before it, each of its parts, and what is common to all: of this a sixth, by turns, in `make
    torture` all."""
    import re._parser as parser

    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    units = dict.fromkeys([(before, unit) for before, unit in _pumped(tree, "") if unit])
    parts = dict.fromkeys(unit for _, unit in units)
    whole, common = _sample(tree), COMMON if TORTURE else COMMON[turn % 6 :: 6]
    yield from units
    for unit in dict.fromkeys([*parts, whole, whole[:-1], *common]):
        if unit:
            yield "", unit
    beginnings = dict.fromkeys(before for before, _ in units if before)
    if len(parts) * len(beginnings) <= FEW_PAIRS:
        yield from ((before, unit) for before in beginnings for unit in parts if unit)


def _pumped(tree: object, before: str) -> Iterator[tuple[str, str]]:
    """For every repetition and every alternative in it, what stands before it and one turn of
    it."""
    for index, (kind, value) in enumerate(tree):  # type: ignore[arg-type, var-annotated]
        here = before + _sample(tree[:index])  # type: ignore[index]
        yield here, _sample([(kind, value)])
        inner = []
        if str(kind) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            inner = [value[2]]
        elif str(kind) == "SUBPATTERN":
            inner = [value[3]]
        elif str(kind) == "BRANCH":
            inner = value[1]
        elif str(kind) == "ATOMIC_GROUP":
            inner = [value]
        for each in inner:
            yield here, _sample(each)
            yield from _pumped(each, here)


def _sample(tree: object) -> str:
    """A text that the tree matches, or nearly."""
    return "".join(_one(str(kind), value) for kind, value in tree)  # type: ignore[attr-defined]


def _one(kind: str, value: object) -> str:
    if kind == "LITERAL":
        return chr(value)  # type: ignore[arg-type]
    if kind == "NOT_LITERAL":
        return "a" if chr(value) != "a" else "b"  # type: ignore[arg-type]
    if kind == "ANY":
        return "a"
    if kind == "IN":
        return _of_set(value)
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        low, high, inner = value  # type: ignore[misc]
        return _sample(inner) * max(low, min(1, high))
    if kind == "SUBPATTERN":
        return _sample(value[3])  # type: ignore[index]
    if kind == "BRANCH":
        return _sample(value[1][0])  # type: ignore[index]
    return _sample(value) if kind == "ATOMIC_GROUP" else ""


def _of_set(members: object) -> str:
    """A character of a set."""
    tests: list[Callable[[str], bool]] = []
    negate = False
    for kind, value in members:  # type: ignore[attr-defined]
        if str(kind) == "NEGATE":
            negate = True
        elif str(kind) == "LITERAL":
            tests.append(lambda c, v=value: ord(c) == v)  # type: ignore[misc]
        elif str(kind) == "RANGE":
            tests.append(lambda c, v=value: v[0] <= ord(c) <= v[1])  # type: ignore[misc]
        elif str(kind) == "CATEGORY":
            shape = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[str(value).rsplit("_", 1)[-1]]
            wanted = "NOT" not in str(value)
            tests.append(lambda c, s=shape, w=wanted: (re.match(s, c) is not None) == w)  # type: ignore[misc]
    candidates = ("a0 -_./\\'\"`<>[](){}|\n\t:=@#$%~*+!?,;AZ", map(chr, range(0x20, 0x110000)))
    return next(
        c for c in chain.from_iterable(candidates) if any(test(c) for test in tests) != negate
    )


class HangsError(Exception):
    pass


@contextmanager
def given_up_on() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise HangsError

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def grows(ask: Callable[[str], object], long: str, short: str) -> float:
    """Times as long as for the short text, the least of some measurements; 0 for what is fast."""
    with given_up_on():
        if not TORTURE and short and thread_s(lambda: ask(short)) * CUBIC < FLOOR_S:
            return 0
        if least(lambda: thread_s(lambda: ask(long)), FLOOR_S, times=2) < FLOOR_S:
            return 0
        return ratio(lambda: ask(long), lambda: ask(short), WORSE, floor_s=FLOOR_S / CUBIC)


@pytest.mark.grid
@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_text_makes_a_pattern_slower_than_linear(name):
    pattern, longest = PATTERNS[name], BOUNDED.get(name, LENGTH)
    asked = [getattr(pattern, use) for use in sorted(uses(name))]
    turn = sorted(PATTERNS).index(name)
    for number, (beginning, unit) in enumerate(hostile(pattern, turn)):
        times = max(1, min(UNITS, (longest - len(beginning)) // len(unit)))
        for ending in (FAILING, MATCHING) if TORTURE or not number % 4 else (FAILING,):
            long = beginning + unit * times + ending
            short = beginning + unit * (times // 4) + ending if times >= 4 else ""
            for ask in asked:
                said = f"{ask.__name__} of {name}: {beginning!r} + {unit!r} * {times} + {ending!r}"
                try:
                    assert grows(ask, long, short) <= WORSE, said
                except HangsError:
                    pytest.fail(f"hangs: {said}")
