"""Rows are read by name: where questions are asked, no place in a row is read by its number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import accrete

QUERIES = Path(str(accrete.__file__)).parent / "queries"
ANSWERS = ("answers",)
"""The answers of a question's statements come in the order of the statements."""


def _is_place(node: ast.expr) -> bool:
    """Whether it is a number, or from one number to another."""
    if isinstance(node, ast.Slice):
        return any(isinstance(each, ast.Constant) for each in (node.lower, node.upper))
    return isinstance(node, ast.Constant) and type(node.value) is int


def _of_rows(tree: ast.AST) -> set[str]:
    """The names that stand for a row: parameters that are rows, and what goes over rows."""
    names = {
        each.arg
        for each in ast.walk(tree)
        if isinstance(each, ast.arg) and each.annotation and ast.unparse(each.annotation) == "Row"
    }
    many = {
        each.arg
        for each in ast.walk(tree)
        if isinstance(each, ast.arg)
        and each.annotation
        and ast.unparse(each.annotation) in ("list[Row]", "Sequence[Row]", "Iterable[Row]")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "answers":
            many |= {each.id for each in ast.walk(node.targets[0]) if isinstance(each, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.target, ast.Name):
            over = {each.id for each in ast.walk(node.iter) if isinstance(each, ast.Name)}
            if over & {*many, *ANSWERS}:
                names.add(node.target.id)
    return names


def positions(text: str) -> Iterator[str]:
    """The places of rows that a module reads by number."""
    tree = ast.parse(text)
    rows = _of_rows(tree) | {"row"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_place(node.slice):
            of = node.value
            if isinstance(of, ast.Name) and of.id in rows:
                yield f"{node.lineno}: {ast.unparse(node)}"


def test_no_question_reads_a_place_of_a_row_by_its_number():
    found = {path.name: list(positions(path.read_text())) for path in QUERIES.glob("*.py")}
    assert {name: places for name, places in found.items() if places} == {}


def test_a_place_that_is_read_by_number_is_found():
    assert list(positions("f = lambda answers: [one[2] for one in answers[0]]"))
    assert list(positions("def f(found: Row) -> int:\n    return found[0]"))
    assert list(positions("def f(answers):\n    a, b = answers\n    return {x[1:] for x in b}"))
    assert not list(positions("f = lambda answers: [at for at, _ in answers[0]]"))
