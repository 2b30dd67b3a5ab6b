"""Statements are wrapped between words, never within a quoted text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.test_docs import ROOT
from tools.module_map import SOURCES

pytestmark = pytest.mark.long

_STATEMENT = re.compile(r"\b(?:SELECT|UPDATE|INSERT|DELETE|WHERE|CASE|FROM|JOIN|VALUES)\b")


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each text with its line: an f-string whole, with `x` for what is put in; no docstring."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            yield from texts(node)


def broken(source: str) -> list[int]:
    """The lines at which statements begin that have a line break within a quoted text."""
    return [
        line
        for line, text in texts(ast.parse(source))
        if _STATEMENT.search(text) and any("\n" in quoted for quoted in text.split("'")[1::2])
    ]


@pytest.mark.parametrize("root", SOURCES)
def test_no_quoted_text_of_a_statement_is_broken_over_two_lines(root):
    paths = sorted((ROOT / root).rglob("*.py"))
    assert paths
    assert [(path.name, line) for path in paths for line in broken(path.read_text("utf-8"))] == []


def test_a_broken_text_is_noticed():
    assert broken('A = """SELECT \'(no\n folder)\' FROM x"""') == [1]
    assert broken('A = f"""SELECT {a} \'{b}\n\' FROM x"""') == [1]
    assert broken('A = """SELECT \'(no folder)\'\n FROM x WHERE y = \'\'"""') == []
