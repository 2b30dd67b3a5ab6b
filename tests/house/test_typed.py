"""No `Any` in the program: what is stored, asked, said and drawn has nouns, JSON is `Json`, and
what may be anything is an object. Where a library has no better type, it is listed here."""

from __future__ import annotations

import ast
from pathlib import Path

import accrete_hooks
import accrete_mcp
import accrete_team
import pytest

import accrete

pytestmark = pytest.mark.long

PACKAGES = (accrete, accrete_hooks, accrete_mcp, accrete_team)
UNTYPED = {
    "accrete/commands/screen.py": (1, "the options of rich's print, which are passed on"),
    "accrete/database/question.py": (1, "the values of a row, which sqlite3 and psycopg give"),
    "accrete/wire/contract.py": (1, "forms of types such as int | None: there is no type of them"),
}
"""On how many lines a module says `Any`, and why."""


def anys(text: str) -> list[int]:
    """The lines on which a module says `Any`, but for the import of a module that does so."""
    if "Any" not in text:
        return []
    tree = ast.parse(text)
    said = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "Any"
        or isinstance(node, ast.Attribute) and node.attr == "Any"
    }  # fmt: skip
    imported = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(each.name == "Any" for each in node.names)
    }
    return sorted(said or imported)


def test_nothing_is_any():
    paths = {
        path.relative_to(root.parent).as_posix(): path
        for package in PACKAGES
        for root in [Path(str(package.__file__)).parent]
        for path in root.rglob("*.py")
    }
    found = {
        name: lines for name, path in paths.items() if (lines := anys(path.read_text("utf-8")))
    }
    assert len(paths) > 400
    assert {name: found[name] for name in found if name not in UNTYPED} == {}
    assert {name: len(lines) for name, lines in found.items()} == {
        name: most for name, (most, _) in UNTYPED.items()
    }


def test_an_any_is_found():
    assert anys("def f(rows: list[Any]) -> None: ...") == [1]
    assert anys("import typing\nx: typing.Any = 1") == [2]
    assert anys("from typing import Any as Whatever\nx: Whatever = 1") == [1]
    assert anys('from typing import Any\nX: TypeAlias = "list[Any]"') == [1]
    assert anys("x: dict[str, object] = {}") == []
