"""No `Any` in the rooms of the record: what is stored, asked and said has nouns, or is an object.

JSON that others wrote and rows as a driver gives them are `Any` where they come in: in
`transcript/`, `redaction/`, `wire/`, `database/`, `settings.py`, hooks, commands and servers.
"""

from __future__ import annotations

import ast
from pathlib import Path

import accrete

ROOT = Path(str(accrete.__file__)).parent
ROOMS = (
    "care", "clock", "derive", "ingest", "insight", "model", "outcomes", "practices", "present",
    "pricing", "projects", "queries", "record", "sync", "text",
)  # fmt: skip
EXCEPTIONS = {
    "derive/insight.py": "details of a call, stored as JSON",
    "outcomes/story.py": "details of a call, stored as JSON",
    "outcomes/commits.py": "details of a call, stored as JSON",
    "outcomes/pulls.py": "details of a call, stored as JSON",
    "outcomes/pushes.py": "details of a call, stored as JSON",
    "queries/counts.py": "a nested object of integers, as the command prints it",
    "record/tiers.py": "a noun is made from its own values, whichever noun it is",
}


def anys(text: str) -> list[int]:
    """The lines on which a module says `Any`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id == "Any"
    ]


def test_nothing_is_any_where_a_noun_could_stand():
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in files
        if (lines := anys(path.read_text("utf-8")))
    }
    assert len(files) > 150
    assert {name: found[name] for name in found if name not in EXCEPTIONS} == {}
    assert set(EXCEPTIONS) <= set(found), "an exception that nothing needs"


def test_an_any_is_found():
    assert anys("def f(rows: list[Any]) -> None: ...") == [1]
    assert anys("x: dict[str, object] = {}") == []
