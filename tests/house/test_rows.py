"""Rows are read by name: no place in a row is read by its number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import accrete_hooks
import accrete_mcp
import accrete_team
import pytest

import accrete

pytestmark = pytest.mark.long

PACKAGES = (accrete, accrete_hooks, accrete_mcp, accrete_team)
ANSWERS = ("answers",)
"""The answers of a question's statements come in the order of the statements."""
MANY = ("list[Row]", "Sequence[Row]", "Iterable[Row]")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _is_place(node: ast.expr) -> bool:
    """Whether it is a number, or from one number to another."""
    if isinstance(node, ast.Slice):
        return any(isinstance(each, ast.Constant) for each in (node.lower, node.upper))
    if isinstance(node, ast.UnaryOp):
        return _is_place(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) is int


def _is_asked(node: ast.expr) -> bool:
    """Whether it is what a database gives for a statement: a list of rows."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr == "run" and ast.unparse(node.func.value).split(".")[-1] == "db"
             or node.func.attr == "fetchall")
    )  # fmt: skip


def _given(nodes: list[ast.AST], *kinds: str) -> set[str]:
    """The parameters of these kinds."""
    return {
        each.arg
        for each in nodes
        if isinstance(each, ast.arg) and each.annotation and ast.unparse(each.annotation) in kinds
    }


def _is_answers(node: ast.AST) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and getattr(node.value, "id", "") == "answers"


def _called(target: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}


def _of_rows(nodes: list[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that stand for a row, and those that stand for several: what was asked for,
    parameters, and what goes over rows."""
    names, many = _given(nodes, "Row") | {"row"}, _given(nodes, *MANY)
    for node in nodes:
        if isinstance(node, ast.NamedExpr) and _is_asked(node.value):
            many.add(node.target.id)
        elif isinstance(node, ast.Assign) and _is_asked(node.value):
            many |= {each.id for each in node.targets if isinstance(each, ast.Name)}
        elif _is_answers(node):
            many |= _called(node.targets[0])
    for node in nodes:
        if (
            isinstance(node, (ast.For, ast.comprehension))
            and isinstance(node.target, ast.Name)
            and (_is_asked(node.iter) or _called(node.iter) & {*many, *ANSWERS})
        ):
            names.add(node.target.id)
    return names, many


def _in(tree: ast.AST) -> Iterator[str]:
    """The places that one function, or what stands outside of all, reads by number. The only value
    of a row that was asked for one may be read from it as it comes: `rows[0][0]`."""
    nodes = list(ast.walk(tree))  # once: all of the program is gone over
    names, many = _of_rows(nodes)
    for node in nodes:
        if isinstance(node, ast.Subscript) and _is_place(node.slice):
            of = node.value
            if isinstance(of, ast.Name) and of.id in names:
                yield f"{node.lineno}: {ast.unparse(node)}"
            elif isinstance(of, ast.Subscript) and _is_place(of.slice):
                asked = _is_asked(of.value) or ast.unparse(of.value) in many
                if asked and ast.unparse(node.slice) != "0":
                    yield f"{node.lineno}: {ast.unparse(node)}"


def positions(text: str) -> list[str]:
    """The places of rows that a module reads by number."""
    tree = ast.parse(text)
    functions = [each for each in ast.walk(tree) if isinstance(each, FUNCTIONS)]
    outside = [each for each in tree.body if not isinstance(each, (*FUNCTIONS, ast.ClassDef))]
    found = {place for each in (*functions, *outside) for place in _in(each)}
    return sorted(found, key=lambda place: int(place.partition(":")[0]))


def test_no_place_of_a_row_is_read_by_its_number():
    files = [
        path for package in PACKAGES for path in Path(str(package.__file__)).parent.rglob("*.py")
    ]
    found = {str(path): positions(path.read_text("utf-8")) for path in files}
    assert len(found) > 400
    assert {name: places for name, places in found.items() if places} == {}


def test_a_place_that_is_read_by_number_is_found():
    assert positions("f = lambda answers: [one[2] for one in answers[0]]")
    assert positions("def f(found: Row) -> int:\n    return found[0]")
    assert positions("def f(answers):\n    a, b = answers\n    return {x[1:] for x in b}")
    assert positions("def f(db):\n    said = db.run('')\n    return said[0][1]")
    assert positions("def f(self):\n    return [x[0] for x in self.db.run('')]")
    assert positions("def f(db):\n    while found := db.run(''):\n        print(found[-1][2])")
    assert not positions("f = lambda answers: [at for at, _ in answers[0]]")
    assert not positions("def f(db):\n    return db.run('')[0][0]")
    assert not positions("def f(db):\n    ((n,),) = db.run('')\n    return n")
