"""The import contracts hold, and each breaks on a planted violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = [
    ("Imports go down only", "transcript/decode.py", "from accrete.record import store"),
    ("Imports go down only", "record/store.py", "import accrete.derive.refresh"),
    ("Imports go down only", "derive/refresh.py", "import accrete.queries.scope"),
    ("Imports go down only", "present/figures.py", "import accrete.edge.local"),
    ("Imports go down only", "care/forget.py", "import accrete.ingest"),
    ("Imports go down only", "redaction/engine.py", "from accrete.pricing import table"),
    ("Imports go down only", "queries/costs.py", "import accrete.ingest"),
    ("Imports go down only", "insight/nudges.py", "import accrete.present.figures"),
    ("Imports go down only", "queries/live.py", "import accrete.insight"),
    (
        "What is said from answers needs no database and no files",
        "insight/nudges.py",
        "import accrete.database",
    ),
    ("Imports go down only", "model/__init__.py", "import accrete.database"),
    ("Only commands know the terminal", "queries/costs.py", "import rich.table"),
    ("Only commands know the terminal", "ingest/pipeline.py", "import click"),
    ("Only the database room knows the drivers", "record/store.py", "import sqlite3"),
    ("Only the database room knows the drivers", "queries/search.py", "import psycopg"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        Path(sys.executable).with_name("lint-imports"),
        "--config",
        str(folder / "pyproject.toml"),
        "--no-cache",
    ]
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    shutil.copytree(
        ROOT / "accrete", folder / "accrete", ignore=shutil.ignore_patterns("__pycache__", "sample")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.slow
def test_the_contracts_hold(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("contract", "module", "line"), PLANTED, ids=lambda value: str(value).replace(" ", "_")
)
def test_a_planted_violation_breaks_its_contract(tree, contract, module, line):
    path = tree / "accrete" / module
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        done = lint(tree)
    finally:
        path.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout


@pytest.mark.slow
def test_a_new_module_must_find_its_layer(tree):
    path = tree / "accrete" / "helpers.py"
    path.write_text('"""Homeless."""\n', encoding="utf-8")
    try:
        done = lint(tree)
    finally:
        path.unlink()
    assert done.returncode == 1
    assert "helpers" in done.stdout
