"""The small changes of a module that tests have to notice: comparisons, conditions, arithmetic,
constants, statements left out, and the same within SQL.

Left out by rule, because no promise depends on it: docstrings, annotations and what is only for
types; decorators; error texts (the arguments of `raise`) and log lines; how much is done at once
(names with AT_ONCE), how long an answer is waited for (names with TIMEOUT); shifted numbers, which
are sizes or stand for no end (`1 << 62`); what is passed to `strict`; which Python it is
(`sys.version_info`); how a table or a drawing is laid out (`right`, `width`, `height`). A number
above 20 is doubled instead of raised by 1: of a limit like 5,000 the last digit is no promise."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
    ast.And: ("and", "or"), ast.Or: ("or", "and"), ast.Add: ("+", "-"), ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"), ast.Mod: ("%", "*"),
    ast.BitOr: ("|", "&"), ast.BitAnd: ("&", "|"),
}  # fmt: skip
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_SQL = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|UNION|FROM|WHERE|AND|OR|CASE)\b")
_IN_SQL = (
    (re.compile(r"(?<![<>=!])<(?![<>=])"), "<="), (re.compile(r"(?<![<>=!])>(?![<>=])"), ">="),
    (re.compile(r"<="), "<"), (re.compile(r">="), ">"), (re.compile(r"<>"), "="),
    (re.compile(r"(?<![<>=!])= 0\b"), "= 1"), (re.compile(r"(?<![<>=!])= 1\b"), "= 0"),
    (re.compile(r"\bAND\b"), "OR"), (re.compile(r"\bMIN\("), "MAX("),
    (re.compile(r"\bMAX\("), "MIN("),
    (re.compile(r"\bDESC\b"), "ASC"), (re.compile(r"\bLEFT JOIN\b"), "JOIN"),
    (re.compile(r"\bIS NOT NULL\b"), "IS NULL"), (re.compile(r"\bIS NULL\b"), "IS NOT NULL"),
    (re.compile(r"\bNOT EXISTS\b"), "EXISTS"), (re.compile(r"\bNOT IN\b"), "IN"),
    (re.compile(r"COUNT\(DISTINCT "), "COUNT("), (re.compile(r"\bUNION(?! ALL)\b"), "UNION ALL"),
)  # fmt: skip
_LOGS = ("log", "logger", "logging", "warnings", "echo", "say")
_ALSO_FOR_TYPES = ("TypeVar", "NewType", "Annotated", "Literal", "cast")
_SIZES = re.compile("AT_ONCE|TIMEOUT")
_LAYOUT = ("right", "width", "height")
_LARGE = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a module: bytes from `start` to `end` become `after`; line counts from 1."""

    line: int
    start: int
    end: int
    before: str
    after: str
    begins: int = 0
    """The line on which its statement begins."""
    inside: bool = False
    """Whether it is in the body of a function, which is run when that is called."""

    def applied(self, source: bytes) -> bytes:
        """The module with the change."""
        return source[: self.start] + self.after.encode() + source[self.end :]


def changes(source: bytes) -> list[Change]:
    """Every change that the rules allow, in the order of the module; each still compiles."""
    found = _Finder(source)
    found.visit(ast.parse(source))
    return sorted(set(found.made), key=lambda each: (each.start, each.end, each.after))


class _Finder(ast.NodeVisitor):
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.made: list[Change] = []
        self._begins_on = 0
        self._inside = False
        self._begins = [0]
        for line in source.splitlines(keepends=True):
            self._begins.append(self._begins[-1] + len(line))

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr | ast.stmt)
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._begins[node.lineno - 1] + node.col_offset,
            self._begins[node.end_lineno - 1] + node.end_col_offset,
        )

    def _change(self, start: int, end: int, after: str) -> None:
        change = Change(
            self.source.count(b"\n", 0, start) + 1,
            start,
            end,
            self.source[start:end].decode(),
            after,
            self._begins_on,
            self._inside,
        )
        try:
            compile(change.applied(self.source), "changed", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return
        self.made.append(change)

    def _between(self, left: ast.AST, right: ast.AST, operator: ast.AST) -> None:
        """Exchanges the operator that stands between two expressions."""
        if type(operator) not in _OPERATORS:
            return
        before, after = _OPERATORS[type(operator)]
        start, end = self._span(left)[1], self._span(right)[0]
        word = r"\b" if before[0].isalpha() else ""
        pattern = word + r"\s+".join(map(re.escape, before.split())) + word
        gap = re.sub(rb"#[^\n]*", lambda found: b" " * len(found[0]), self.source[start:end])
        found = re.search(pattern.encode(), gap)
        if found is not None:
            self._change(start + found.start(), start + found.end(), after)

    def visit(self, node: ast.AST) -> None:
        if not isinstance(node, ast.stmt):
            super().visit(node)
            return
        around, self._begins_on = self._begins_on, node.lineno
        super().visit(node)
        self._begins_on = around

    def visit_Module(self, node: ast.Module) -> None:
        self._body(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._body(node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        positional = [*node.args.posonlyargs, *node.args.args]
        behind = positional[len(positional) - len(node.args.defaults) :]
        for given, default in (
            *zip(behind, node.args.defaults, strict=True),
            *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
        ):
            if default is not None and given.arg not in _LAYOUT:
                self.visit(default)
        around, self._inside = self._inside, True
        self._body(node.body)
        self._inside = around

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def _body(self, body: list[ast.stmt]) -> None:
        for each in body:
            self.visit(each)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) or _logs(node.value):
            return
        if isinstance(node.value, ast.Call | ast.Await):
            self._change(*self._span(node), "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._change(*self._span(node), "pass")
        self.visit(node.value)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._change(*self._span(node), "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            self._change(*self._span(node), "pass")

    def visit_Assert(self, node: ast.Assert) -> None:
        """Asserts state what holds anyway."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None and not _SIZES.search(ast.unparse(node.target)):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = ", ".join(map(ast.unparse, node.targets))
        if not _SIZES.search(names) and not names.startswith("__"):
            self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            self._body(node.orelse)
            return
        if ast.unparse(node.test) == "sys.platform == 'win32'":
            self._body(node.body if sys.platform == "win32" else node.orelse)
            return
        self._negated(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negated(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._negated(test)
        self.generic_visit(node)

    def _negated(self, test: ast.expr) -> None:
        """The other way round, where no change of its operator says the same."""
        if not isinstance(test, ast.Compare | ast.BoolOp) and not _is_not(test):
            start, end = self._span(test)
            self._change(start, end, f"not ({self.source[start:end].decode()})")

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if _is_not(node):
            start, end = self._span(node)
            self._change(start, end, f"({self.source[self._span(node.operand)[0] : end].decode()})")
        self.visit(node.operand)

    def visit_Compare(self, node: ast.Compare) -> None:
        if ast.unparse(node.left) == "sys.version_info":
            return
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            self._between(left, right, operator)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, node.op)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.LShift):
            return
        if not any(isinstance(side, ast.JoinedStr) or _is_text(side)
                   for side in (node.left, node.right)):  # fmt: skip
            self._between(node.left, node.right, node.op)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = ast.unparse(node.func)
        if name in _ALSO_FOR_TYPES or _logs(node):
            return
        if name in _CALLS:
            self._change(*self._span(node.func), _CALLS[name])
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg != "strict" and node.arg not in _LAYOUT:
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if ast.unparse(node.value) not in _ALSO_FOR_TYPES:
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._change(*self._span(node), str(not value))
        elif isinstance(value, int):
            self._change(*self._span(node), str(value + 1 if value <= _LARGE else value * 2))
        elif isinstance(value, float):
            self._change(*self._span(node), str(value * 2 or 1.0))
        elif isinstance(value, str):
            self._in_text(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._in_text(node)

    def _in_text(self, node: ast.expr) -> None:
        start, end = self._span(node)
        text = self.source[start:end].decode()
        if not any(_SQL.match(part) for part in _words_of(node)):
            return
        for pattern, after in _IN_SQL:
            for found in pattern.finditer(text):
                held = text[: found.start()]
                if held.count("{") == held.count("}"):
                    at = start + len(held.encode())
                    self._change(at, at + len(found[0].encode()), after)


def _words_of(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _is_not(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _logs(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func
    while isinstance(name, ast.Attribute):
        name = name.value
    return isinstance(name, ast.Name) and name.id.lstrip("_").lower() in _LOGS
