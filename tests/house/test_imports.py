"""The import contracts hold, and each breaks on a planted violation.

All violations are planted in one tree and looked for in one report: a run takes half a second.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SERVERS = "The MCP server reads through queries and wires nothing"
ANSWERS = "What is said from answers needs no database and no files"
HOOKS = "Hooks know nothing of the record"
TEAM = "The team server never derives"
PAGES = "The pages ask, and know nothing of how the record is made"
PLANTED = [
    ("Imports go down only", "accrete/transcript/decode.py", "from accrete.record import store"),
    ("Imports go down only", "accrete/record/store.py", "import accrete.derive.refresh"),
    ("Imports go down only", "accrete/derive/refresh.py", "import accrete.queries.scope"),
    ("Imports go down only", "accrete/present/formats.py", "import accrete.edge.local"),
    ("Imports go down only", "accrete/care/forget.py", "import accrete.ingest"),
    ("Imports go down only", "accrete/redaction/engine.py", "from accrete.pricing import table"),
    ("Imports go down only", "accrete/queries/costs.py", "import accrete.ingest"),
    ("Imports go down only", "accrete/insight/nudges.py", "import accrete.present.formats"),
    ("Imports go down only", "accrete/queries/live.py", "import accrete.insight"),
    (ANSWERS, "accrete/insight/nudges.py", "import accrete.database"),
    ("Imports go down only", "accrete/model/__init__.py", "import accrete.database"),
    ("Only commands know the terminal", "accrete/queries/costs.py", "import rich.table"),
    ("Only commands know the terminal", "accrete/ingest/pipeline.py", "import click"),
    ("Only the database room knows the drivers", "accrete/record/store.py", "import sqlite3"),
    ("Only the database room knows the drivers", "accrete/queries/search.py", "import psycopg"),
    (PAGES, "accrete/explorer/pages/overview.py", "from accrete.ingest import ingest"),
    (PAGES, "accrete/explorer/listings.py", "import accrete.record.store"),
    (SERVERS, "accrete_mcp/tools.py", "import accrete.commands.common"),
    (SERVERS, "accrete_mcp/record.py", "from accrete.ingest import ingest"),
    (SERVERS, "accrete_mcp/shape.py", "import accrete.transcript.classify"),
    (TEAM, "accrete_team/receive.py", "import accrete.derive.refresh"),
    (TEAM, "accrete_team/app.py", "import accrete.transcript"),
    (HOOKS, "accrete_hooks/install.py", "from accrete.record import store"),
    (HOOKS, "accrete_hooks/capture.py", "import accrete.database"),
    (HOOKS, "accrete_hooks/scripts.py", "import accrete_mcp.server"),
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


@pytest.fixture
def tree(tmp_path_factory):
    return copied(tmp_path_factory)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """What is said of each contract where all violations are planted, and on which line each of
    them stands."""
    folder, at = copied(tmp_path_factory), []
    for _, module, line in PLANTED:
        path = folder / module
        text = f"{path.read_text('utf-8')}\n{line}\n"
        path.write_text(text, encoding="utf-8")
        at.append(text.count("\n"))
    done = lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    summary, _, report = done.stdout.partition("Broken contracts")
    parts = re.split(r"\n(.+)\n-{5,}\n", report)
    return summary, dict(zip(parts[1::2], parts[2::2], strict=True)), at


def copied(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for package in (
        "accrete",
        "hooks/accrete_hooks",
        "mcp_server/accrete_mcp",
        "team_server/accrete_team",
    ):
        source = ROOT / package
        ignored = shutil.ignore_patterns("__pycache__", "sample")
        shutil.copytree(source, folder / source.name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.slow
def test_the_contracts_hold(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("n", range(len(PLANTED)), ids=lambda n: f"{n}-{PLANTED[n][1]}")
def test_a_planted_violation_breaks_its_contract(planted, n):
    (contract, module, line), (summary, said, at) = PLANTED[n], planted
    importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    name = line.split()[1]
    imported = name if name.startswith("accrete") else name.partition(".")[0]
    assert f"{contract} BROKEN" in summary
    alone = rf"(?m)^- +{re.escape(importer)} -> {re.escape(imported)}(\.\w+)? \(l\.{at[n]}\)$"
    assert re.search(alone, said[contract]), said[contract]


def test_every_contract_is_broken_by_one_of_these():
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = configured["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {name for name, _, _ in PLANTED}


@pytest.mark.slow
def test_a_new_module_must_find_its_layer(tree):
    path = tree / "accrete" / "helpers.py"
    path.write_text('"""Homeless."""\n', encoding="utf-8")
    done = lint(tree)
    assert done.returncode == 1
    assert "helpers" in done.stdout
