"""What `make mutants` changes, what it leaves alone, and that it changes nothing but its copy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import mutants
from tools.forked_runs import MARK
from tools.mutants import ROOMS, ROOT, Copy, Room, mutants_of, sample
from tools.mutation import changes

HELD = '''"""A text with 1 < 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

pytestmark = pytest.mark.long

if TYPE_CHECKING:
    from decimal import Decimal

AT_ONCE = 500
NEVER = 1 << 62
"""How many is 7 > 6."""


@keep(1)
def rule(n: int | None, flag: Annotated[int, 3] = 3) -> Decimal:
    """Whether 1 is 2."""
    log.warning("took %d", n + 1)
    if n is None:
        raise ValueError(f"{n + 1} is none")
    if sys.version_info >= (3, 14):
        pass
    assert n > 0
    return cast(int | None, n)
'''


def made(source: str) -> list[tuple[str, str]]:
    """What becomes what."""
    return [(each.before, each.after) for each in changes(source.encode())]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b <= c", [("<", "<="), ("<=", "<")]),
        ("x = a == b", [("==", "!=")]),
        ("x = a is not b", [("is not", "is")]),
        ("x = a not in b", [("not in", "in")]),
        ("x = a and b and c", [("and", "or"), ("and", "or")]),
        ("x = (a  # or\n  or b)", [("or", "and")]),
        ("x = not a", [("not a", "(a)")]),
        ("x = 'ü' if a else 2", [("a", "not (a)"), ("2", "3")]),
        ("x = [a for a in b if a.c()]", [("a.c()", "not (a.c())")]),
        ("x = 'ü', a + b", [("+", "-")]),
        ("x = a + 'text'", []),
        ("x = 20", [("20", "21")]),
        ("x = 5000", [("5000", "10000")]),
        ("x = True", [("True", "False")]),
        ("x = min(a, b)", [("min", "max")]),
        ("save(a)", [("save(a)", "pass")]),
        ("n += a", [("n += a", "pass")]),
        ("zip(a, b, strict=True)", [("zip(a, b, strict=True)", "pass")]),
        ("x = 'SELECT MIN(a) FROM b WHERE c >= ? AND d = 0'",
         [("MIN(", "MAX("), (">=", ">"), ("AND", "OR"), ("= 0", "= 1")]),
        ("x = f'SELECT {a < b} FROM c ORDER BY d DESC'", [("DESC", "ASC")]),
        ("x = 'a word AND another'", []),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_made(source, expected):
    assert made(source) == expected


def test_what_promises_nothing_is_left_alone():
    assert made(HELD) == [
        ("3", "4"),
        ("is", "is not"),
        ('raise ValueError(f"{n + 1} is none")', "pass"),
    ]


@pytest.mark.long
def test_every_change_of_our_own_code_compiles_and_differs():
    found = list(mutants_of("accrete/practices"))
    assert len(found) > 300
    for each in found[::20]:
        source = (ROOT / each.file).read_bytes()
        changed = each.change.applied(source)
        assert changed != source
        compile(changed, each.file, "exec", dont_inherit=True)
        assert str(each).startswith(f"{each.file}:{each.change.line}: ")


@pytest.mark.long
def test_a_sample_is_the_same_for_a_seed_and_has_each_line_once():
    found = list(mutants_of("accrete/wire"))
    some = sample(found, 10, 1)
    assert some == sample(found, 10, 1) != sample(found, 10, 2)
    assert len({(each.file, each.change.line) for each in some}) == 10


def test_rooms_have_code_and_tests_and_no_module_is_in_two():
    rooms: dict[str, str] = {}
    for room in ROOMS:
        assert all((ROOT / test).exists() for test in room.tests), room
        assert all((ROOT / place).exists() for place in (*room.within, *room.without)), room
        files = [file.relative_to(ROOT).as_posix() for file in (ROOT / room.code).rglob("*.py")]
        held = list(filter(room.holds, files))
        assert held, room
        for file in held:
            assert rooms.setdefault(file, room.name) == room.name, file


@pytest.mark.torture
def test_a_change_is_tried_in_the_copy_alone_and_noticed_where_a_test_holds_it(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(mutants, "START_S", 5)
    root = tmp_path / "work"
    files = {
        "accrete/__init__.py": "",
        "team_server/accrete_team/__init__.py": "",
        "accrete/rule.py": "def held(n):\n    return n < 5\n\n\ndef loose(n):\n    return n < 5\n",
        "accrete/table.py": "MOST = 5\nUNUSED = 5\n\n\ndef few(n):\n    return n < MOST\n",
        "accrete/ends.py": "def count(n):\n    while n > 0:\n        n -= 1\n    return n\n",
        "accrete/alone.py": "def main():\n    print(1 < 2)\n\n\nmain()\n",
        "pyproject.toml": '[tool.pytest.ini_options]\nmarkers = ["slow", "torture", "upgrade"]\n',
        "tests/test_rule.py": "import os, subprocess, sys\n"
        "from accrete.ends import count\n"
        "from accrete.rule import held, loose\n"
        "from accrete.table import few\n\n\n"
        "def test_rule():\n    assert held(4) and not held(5)\n    assert loose(4)\n\n\n"
        "def test_table():\n    assert few(4) and not few(5)\n\n\n"
        "def test_end():\n    assert count(3) == 0\n\n\n"
        "def test_alone():\n    said = subprocess.check_output([sys.executable, '-m', "
        "'accrete.alone'])\n    assert said == b'True\\n'\n\n\n"
        f"def test_of_the_first_process():\n    assert not loose(5) or '{MARK}' in os.environ\n"
        f"    assert '{MARK}' not in os.environ\n",
        "tools/forked_runs.py": (ROOT / "tools/forked_runs.py").read_text(),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    copy = Copy(root, _folder(tmp_path))
    room = Room("all", "accrete", ("tests",))
    copy.whole(room.tests, ("accrete",))
    told = {
        (each.file.rpartition("/")[2], each.change.line, each.change.after): copy.notices(
            each, room, 1.5
        )
        for each in mutants_of("accrete", root)
        if each.change.after not in (">=", "2", "3")
    }
    copy.end()
    assert told == {
        ("alone.py", 2, "<="): False, ("alone.py", 2, "pass"): True, ("alone.py", 5, "pass"): True,
        ("ends.py", 2, "1"): True, ("ends.py", 3, "pass"): True,
        ("rule.py", 2, "<="): True, ("rule.py", 2, "6"): True,
        ("rule.py", 6, "<="): False, ("rule.py", 6, "6"): False,
        ("table.py", 1, "6"): True, ("table.py", 2, "6"): False, ("table.py", 6, "<="): True,
    }  # fmt: skip
    for name in ("accrete/rule.py", "accrete/ends.py", "accrete/alone.py"):
        assert (root / name).read_text() == (copy.root / name).read_text() == files[name]


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder
