"""Whose rows are read is decided in one place: only the edge makes a scope, and what a question
reads of a person it reads in `queries`. Who reads past them is listed here, with the reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import accrete_hooks
import accrete_mcp
import accrete_team
import pytest

import accrete
from accrete.model.tables import OF_PERSON
from accrete.wire.travels import NAMES

pytestmark = pytest.mark.long

PACKAGES = (accrete, accrete_hooks, accrete_mcp, accrete_team)
ROOMS = tuple(
    f"accrete/{room}/" for room in ("queries", "record", "derive", "ingest", "care", "database")
)
"""The rooms that write SQL on what is stored of people."""
TABLES = {*NAMES, *OF_PERSON, "session", "person_week", "visible_session", "visible_person"}
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\{?)(\w+)")

READERS = {
    "accrete_hooks/statusline.py": "starts in 50 ms, without the package; its owner's own record",
    "accrete_team/at_once.py": "keeps what a machine sent",
    "accrete_team/clips.py": "whose examples are shown is their owners' choice, not a viewer's",
    "accrete_team/copies.py": "refuses a record of one machine as a company's copy",
    "accrete_team/devices.py": "keeps what a machine sent",
    "accrete_team/held.py": "what is held of a person, for that person alone",
    "accrete_team/lowering.py": "reduces what is held to a lower tier",
    "accrete_team/mine.py": "what is held of a person, for their own machine",
    "accrete_team/nightly.py": "deletes what is kept too long",
    "accrete_team/order.py": "keeps what a machine sent",
    "accrete_team/portable.py": "a company whole, as a file",
    "accrete_team/recount.py": "sums of a session, of its rows",
    "accrete_team/releases.py": "counts everybody, and stores words alone",
    "accrete_team/stamps.py": "which weeks changed",
}
"""Modules outside of the rooms that read tables of people, and why they may."""
MAKERS = {
    "accrete/edge/local.py": "one's own record",
    "accrete/queries/costs.py": "windows are formed of all that the same people used",
    "accrete/queries/health.py": "of nobody",
    "accrete_team/access.py": "who is signed in",
    "accrete_team/memory.py": "versions of whole weeks of the people of a scope",
    "accrete_team/releases.py": "a release counts everybody; nobody asks",
}
"""Modules that make a scope, and whose it is."""


def makes_a_scope(text: str) -> bool:
    """Whether a module calls `Scope`, under any name."""
    if "Scope" not in text:
        return False
    tree = ast.parse(text)
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "Scope"
    } | {"Scope"}
    return any(
        isinstance(node, ast.Call)
        and (
            isinstance(node.func, ast.Name)
            and node.func.id in names
            or isinstance(node.func, ast.Attribute)
            and node.func.attr == "Scope"
        )
        for node in ast.walk(tree)
    )


def changes_whose(text: str) -> bool:
    """Whether a module gives a scope other people: `replace(scope, people=…)`."""
    return "people" in text and any(
        isinstance(node, ast.Call)
        and any(each.arg == "people" for each in node.keywords)
        and ast.unparse(node.func).split(".")[-1] == "replace"
        for node in ast.walk(ast.parse(text))
    )


def reads_of_people(text: str) -> set[str]:
    """The tables of people that the statements of a module read; `{…}` is one of any name."""
    found = set()
    for node in ast.walk(ast.parse(text)) if "SELECT" in text else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said = node.value
        elif isinstance(node, ast.JoinedStr):
            said = ast.unparse(node)
        else:
            continue
        if re.search(r"\bSELECT\b", said):
            found |= {
                "{…}" if brace else name
                for brace, name in _READ.findall(said)
                if brace or name in TABLES
            }
    return found


def modules(*but: str) -> dict[str, str]:
    """The text of each module by its path, without those of some rooms."""
    paths = {
        path.relative_to(root.parent).as_posix(): path
        for package in PACKAGES
        for root in [Path(str(package.__file__)).parent]
        for path in root.rglob("*.py")
    }
    return {
        name: path.read_text("utf-8") for name, path in paths.items() if not name.startswith(but)
    }


def those(found: Callable[[str], object], *but: str) -> set[str]:
    return {name for name, text in modules(*but).items() if found(text)}


def test_only_the_edge_makes_a_scope():
    assert those(makes_a_scope) == set(MAKERS)
    assert those(changes_whose) == {"accrete/queries/scope.py"}


def test_what_is_stored_of_people_is_read_in_its_rooms():
    assert those(reads_of_people, *ROOMS) == set(READERS)


def test_a_scope_and_a_question_past_the_gate_are_found():
    assert makes_a_scope("from accrete.queries.scope import Scope as S\nWHO = S((1, 2))")
    assert makes_a_scope("from accrete.queries import scope\nWHO = scope.Scope((1,))")
    assert not makes_a_scope("def of(scope: Scope) -> Scope: return replace(scope, since='')")
    assert changes_whose("of = dataclasses.replace(scope, people=(2,))")
    assert not changes_whose("of = scope.among({2})")
    past = "def asked(person): return f'SELECT 1 FROM {0} s WHERE s.person = {{person}}'"
    assert reads_of_people(past.format("response")) == {"response"}
    assert reads_of_people("ASKED = 'SELECT 1 FROM person p ' 'JOIN visible_session s'")
    assert reads_of_people("ASKED = f'SELECT * FROM {table}'") == {"{…}"}
    assert not reads_of_people("ASKED = 'SELECT name FROM team'")
