"""The MCP server as the MCP Inspector's command line sees it: to install it takes as long as a
hundred tests, and the real client asks the same with the same SDK."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accrete.ingest import ingest
from accrete.settings import read_settings
from tests.transcripts import Transcript
from tools.claude_client import inspector

pytestmark = [pytest.mark.slow, pytest.mark.torture]


def asked(*words: str) -> dict[str, Any]:
    program = inspector()
    if program is None:
        why = "the MCP Inspector cannot be installed: no npm, or no package registry"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    command = [str(program), "--cli", str(Path(sys.executable).parent / "accrete"), "mcp", *words]
    env = {name: os.environ[name] for name in ("HOME", "PATH", "CLAUDE_CONFIG_DIR", "ACCRETE_HOME")}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_the_inspector_calls() -> None:
    t = Transcript(1)
    t.prompt("Hello")
    t.answer()
    t.write(read_settings().roots[0] / "projects")
    ingest(read_settings())
    answer = asked("--method", "tools/call", "--tool-name", "usage", "--tool-arg", "by=project")
    assert answer["structuredContent"]["rows"][0]["label"] == "demo"


@pytest.mark.parametrize(("what", "many"), [("tools", 6), ("resources", 11), ("prompts", 2)])
def test_the_inspector_lists(what, many) -> None:
    listed = asked("--method", f"{what}/list")[what]
    assert len({each["name"] for each in listed}) == len(listed) == many
    if what == "prompts":
        assert {each["name"] for each in listed} == {"retro", "handoff"}
