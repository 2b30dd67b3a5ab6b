"""The wheel installs and runs with pipx and with uv tool."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def quiet(*command: object, **more: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **more
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    quiet(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


def installer(place: Path, name: str) -> Path:
    """A program that installs wheels."""
    folder = place / "installer"
    quiet(sys.executable, "-m", "venv", folder)
    quiet(folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", name)
    return folder / "bin" / name


@pytest.mark.slow
def test_the_wheel_holds_the_package_whole_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "accrete",
        "accrete_hooks",
        "accrete_mcp",
        "accrete_team",
        next(n for n in names if ".dist-info" in n).split("/")[0],
    }
    for needed in (
        "accrete/py.typed",
        "accrete/database/schema/0001_record.sql",
        "accrete/database/schema/0002_search.sqlite.sql",
        "accrete/explorer/templates/base.html",
        "accrete/explorer/static/app.css",
        "accrete/explorer/static/htmx.js",
    ):
        assert needed in names
    assert sum(name.startswith("accrete/sample/projects/") for name in names) >= 8


def try_it(command: Path, home: Path) -> None:
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "ACCRETE_HOME": str(home / "data")}
    assert quiet(command, "--version", env=env).startswith("accrete ")
    assert "bundled sample" in quiet(command, "backfill", "--or-sample", env=env)
    assert "active time" in quiet(command, env=env)


@pytest.mark.torture
def test_it_runs_when_pipx_installed_it(wheel, tmp_path):
    installed = installer(tmp_path, "pipx")
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "PIPX_HOME": str(tmp_path / "pipx"),
        "PIPX_BIN_DIR": str(tmp_path / "bin"),
        "PIP_NO_COMPILE": "1",
    }
    quiet(installed, "install", "--python", sys.executable, wheel, env=env)
    try_it(tmp_path / "bin" / "accrete", tmp_path)


@pytest.mark.slow
def test_it_runs_when_uv_tool_installed_it(wheel, tmp_path):
    installed = installer(tmp_path, "uv")
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
    }
    quiet(installed, "tool", "install", "--python", sys.executable, wheel, env=env)
    try_it(tmp_path / "bin" / "accrete", tmp_path)
