"""Scripts that version 0.1.0 left on a machine start today's program; what they write is read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import accrete
from accrete.record import lock
from accrete.settings import Settings, read_settings
from tests.hooks.fired import silent
from tests.mcp.messages import CANCELLED, HELLO, READY, line
from tests.patience import until
from tests.records import rows, unmeasured
from tests.transcripts import Transcript

pytestmark = pytest.mark.slow
FROZEN = Path(__file__).resolve().parent / "frozen_0_1_0"
EVENTS = ("SessionStart", "UserPromptSubmit", "Notification", "Stop", "SessionEnd")
PROGRAM = Path(sys.executable).with_name("accrete")


@pytest.fixture
def home() -> Iterator[Settings]:
    """The test's own home; ingests that hooks started there are waited for."""
    settings = read_settings()
    yield settings
    if settings.home.is_dir():
        with lock.held(settings.lock, wait_s=120) as free:
            assert free


@pytest.fixture
def talk(home) -> Transcript:
    """A session of which hooks tell."""
    t = Transcript(1)
    t.prompt("Say hello")
    t.answer()
    t.write(home.roots[0] / "projects")
    return t


def left_by_the_first(home: Path, python: str, package: str) -> None:
    """What `accrete init` of 0.1.0 wrote into a data folder, by a Python with that package."""
    for path in (each for each in (FROZEN / "data_folder").rglob("*") if each.is_file()):
        to = home / path.relative_to(FROZEN / "data_folder")
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = path.read_text("utf-8")
        for name, value in (("/HOME", str(home)), ("/PYTHON", python), ("/PACKAGE", package)):
            text = text.replace(name, value)
        to.write_text(text, encoding="utf-8")
        shutil.copymode(path, to)


@pytest.fixture(params=["in place", "elsewhere"])
def installed(request, home, tmp_path) -> Path:
    """The data folder of a machine where 0.1.0 was upgraded in place, or removed and the program of
    today installed elsewhere."""
    if request.param == "in place":
        left_by_the_first(home.home, sys.executable, str(Path(accrete.__file__).resolve()))
    else:
        gone = tmp_path / "gone"
        left_by_the_first(home.home, str(gone / "bin" / "python"), str(gone / "__init__.py"))
    return home.home


def started(command: Path, *args: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What the client starts, with the program of today on its path."""
    path = os.pathsep.join([str(PROGRAM.parent), "/usr/bin", "/bin"])
    return subprocess.run(
        [str(command), *args], input=given, capture_output=True, check=False, timeout=120,
        env=unmeasured() | {"PATH": path},
    )  # fmt: skip


def fire(command: Path, *args: str, event: str, talk: Transcript, home: Settings) -> None:
    told = {
        "session_id": talk.session,
        "hook_event_name": event,
        "transcript_path": str(next(home.roots[0].rglob(f"{talk.session}.jsonl"))),
        "cwd": "/home/dev/demo",
    }
    assert silent(started(command, *args, given=json.dumps(told).encode()))


def read(home: Settings) -> list[tuple]:
    """The sessions, as soon as the ingests that hooks started have read all there is."""
    until(lambda: home.database.exists() and not list(home.spool.glob("*.hook")))
    with lock.held(home.lock, wait_s=120) as free:
        assert free
    return rows(home, "SELECT id, prompts FROM session")


def told(home: Settings) -> list[str]:
    return [event for (event,) in rows(home, "SELECT event FROM hook_event ORDER BY at, event")]


def test_the_hook_in_the_data_folder_tells_todays_program(installed, home, talk):
    for event in EVENTS:
        fire(installed / "bin" / "accrete-hook", event, event=event, talk=talk, home=home)
    assert read(home) == [(talk.session, 1)]
    assert sorted(told(home)) == sorted(EVENTS)


def test_the_plugins_hook_tells_todays_program(home, talk, tmp_path):
    plugin = Path(shutil.copytree(FROZEN / "plugin", tmp_path / "plugin"))
    hooks = json.loads((plugin / "hooks" / "hooks.json").read_bytes())["hooks"]
    assert set(hooks) == set(EVENTS)
    for event in EVENTS:
        (hook,) = hooks[event][0]["hooks"]
        command = Path(hook["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(plugin)))
        fire(command, *hook["args"], event=event, talk=talk, home=home)
    assert read(home) == [(talk.session, 1)]
    assert sorted(told(home)) == sorted(EVENTS)


def handshake(command: Path, *args: str) -> dict:
    """What a server says of itself."""
    given = b"\n".join([line("initialize", HELLO), READY, CANCELLED, b""])
    done = started(command, *args, given=given)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout.splitlines()[0])["result"]["serverInfo"]


def test_the_entry_of_the_mcp_server_starts_todays_server(installed):
    assert handshake(installed / "bin" / "accrete", "mcp")["name"] == "accrete"


def test_the_plugins_entry_of_the_mcp_server_starts_todays_server(tmp_path):
    plugin = Path(shutil.copytree(FROZEN / "plugin", tmp_path / "plugin"))
    entry = json.loads((plugin / ".mcp.json").read_bytes())["mcpServers"]["accrete"]
    command = Path(entry["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(plugin)))
    assert handshake(command, *entry["args"])["name"] == "accrete"


def test_the_status_line_reads_todays_record(installed, home, talk):
    t = Transcript(2)
    t.prompt("Do much")
    t.answer(usage={"input_tokens": 1_000_000, "output_tokens": 0})
    t.write(home.roots[0] / "projects")
    assert started(installed / "bin" / "accrete", "backfill", "-q").returncode == 0
    nano = rows(home, f"SELECT cost_own_nano FROM session WHERE id = '{t.session}'")[0][0]
    assert nano > 1_000_000_000
    given = json.dumps({"session_id": t.session, "model": {"display_name": "Opus"}}).encode()
    done = started(installed / "bin" / "accrete-statusline", given=given)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"${nano / 1e9:.2f}" in done.stdout.decode()


def test_the_scripts_become_those_of_today_when_they_are_looked_after(installed, home):
    from accrete_hooks.scripts import repair, scripts

    assert repair(installed)
    for path, text in scripts(installed).items():
        assert path.read_text("utf-8") == text
    assert not repair(installed)
