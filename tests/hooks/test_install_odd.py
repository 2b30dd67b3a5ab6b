"""Settings that are odd but legal, others who write meanwhile, and files that go missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from accrete_hooks import install

from accrete.edge.retention import retention
from accrete.settings import read_settings
from tests.hooks.conftest import settings_of
from tests.transcripts import busy


def test_init_again_with_something_new_keeps_the_way_back(place, run):
    path, before = settings_of(place), '{\n  "model": "opus"\n}'
    path.write_text(before)
    run("init", "--yes", "--no-backfill", "--no-mcp")
    run("init", "--yes", "--no-backfill", "--no-mcp", "--statusline")
    run("uninstall", "--yes")
    assert path.read_text() == before


def test_two_data_folders_leave_nothing_of_ours_behind(place, run, monkeypatch):
    path, before = settings_of(place), '{\n  "model": "opus"\n}'
    path.write_text(before)
    run("init", "--yes", "--no-backfill")
    monkeypatch.setenv("ACCRETE_HOME", str(place / "second"))
    run("init", "--yes", "--no-backfill")
    assert json.loads((place / ".claude.json").read_bytes())["mcpServers"]["accrete"]["env"][
        "ACCRETE_HOME"
    ] == str(place / "second")
    run("uninstall", "--yes")
    assert path.read_text() == before
    assert not (place / ".claude.json").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        '{"hooks": null}',
        '{"hooks": {"Stop": null}}',
        '{"hooks": {"Stop": [{"hooks": 5}]}}',
        '{"hooks": {"Stop": [{"hooks": [{"args": 5}]}]}}',
        "\n",
        " ",
    ],
)
def test_odd_but_legal_settings_are_no_fault(place, run, text):
    settings_of(place).write_text(text)
    code, said = run("init", "--yes", "--no-backfill", "--no-mcp")
    assert code == 0, said
    assert set(install.EVENTS) <= set(json.loads(settings_of(place).read_bytes())["hooks"])
    assert run("status")[0] in (0, 1)
    assert run("uninstall", "--yes")[0] == 0
    assert settings_of(place).read_text() == text


@pytest.mark.parametrize(
    "state",
    [
        '{"mcpServers": null, "oauth": 1}',
        '{"oauth": 1}',
        '{"mcpServers": {"other": {"command": "x"}}}',
    ],
)
def test_the_clients_state_file_stays_what_it_is(place, run, state):
    (place / ".claude.json").write_text(state)
    assert run("init", "--yes", "--no-backfill")[0] == 0
    value = json.loads((place / ".claude.json").read_bytes())
    assert value["mcpServers"]["accrete"]["args"] == ["mcp"]
    run("uninstall", "--yes")
    assert (place / ".claude.json").read_text() == state


def test_a_state_file_of_another_shape_is_left_alone(place, run):
    (place / ".claude.json").write_text('{"mcpServers": [1]}')
    code, said = run("init", "--yes", "--no-backfill")
    assert code == 1
    assert "`mcpServers` is not an object" in said
    assert (place / ".claude.json").read_text() == '{"mcpServers": [1]}'


def test_what_the_client_wrote_while_it_was_asked_is_not_overwritten(place, run, monkeypatch):
    settings_of(place).write_text('{"permissions": {"allow": []}}')

    def meanwhile() -> bool:
        settings_of(place).write_text('{"permissions": {"allow": ["Bash(npm test)"]}}')
        return True

    monkeypatch.setattr("accrete.commands.init.agreed", meanwhile)
    code, said = run("init", "--no-backfill", "--no-mcp")
    assert code == 1
    assert "changed in the meantime" in said
    assert "npm test" in settings_of(place).read_text()


def test_a_hook_whose_files_are_gone_stops_nobody(place, run):
    run("init", "--yes", "--no-backfill")
    (place / "data" / "bin" / "capture.py").unlink()
    done = subprocess.run(
        [str(place / "data" / "bin" / install.HOOK), "UserPromptSubmit"],
        input=b"{}",
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_program_that_finds_itself_ends(place, run):
    run("init", "--yes", "--no-backfill")
    program = place / "data" / "bin" / install.PROGRAM
    program.write_text(program.read_text().replace("[ -x /", "[ -x /gone/"))
    env = {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(place)}
    done = subprocess.run(
        [str(program), "ingest"], capture_output=True, check=False, timeout=120, env=env
    )
    assert done.returncode == 127
    assert b"no longer installed" in done.stderr


def test_the_folders_are_for_their_owner_alone(place, run):
    run("init", "--yes", "--no-backfill")
    assert (place / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.long
def test_nothing_of_a_project_is_run(place, run, tmp_path):
    run("init", "--yes", "--no-backfill")
    project = tmp_path / "project"
    (project / "bin").mkdir(parents=True)
    (project / "click.py").write_text("raise SystemExit('the project ran')")
    (project / "bin" / "git").write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\n")
    (project / "bin" / "git").chmod(0o755)
    env = {
        "PATH": "./bin:/usr/bin:/bin",
        "HOME": str(place),
        "PYTHONPATH": ".",
        "ACCRETE_HOME": str(place / "data"),
        "CLAUDE_CONFIG_DIR": str(place / ".claude"),
    }
    done = subprocess.run(
        [str(place / "data" / "bin" / "accrete"), "ingest"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "sprung").exists()


def test_a_relative_data_folder_becomes_absolute(place, run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACCRETE_HOME", "data")
    run("init", "--yes", "--no-backfill", "--no-mcp")
    command = json.loads(settings_of(place).read_bytes())["hooks"]["Stop"][0]["hooks"][0]["command"]
    assert f" {tmp_path / 'data' / 'bin' / install.HOOK} " in command


@pytest.mark.long
def test_a_relative_config_folder_becomes_absolute(place, run, tmp_path):
    """Ingest leaves the folder that a hook started it in, so a relative one would be looked for
    elsewhere."""
    busy(1).write(tmp_path / "project" / "config" / "projects")
    (place / "data").mkdir()
    env = {**os.environ, "CLAUDE_CONFIG_DIR": "config"}
    done = subprocess.run(
        [sys.executable, "-m", "accrete", "ingest"],
        cwd=tmp_path / "project",
        env=env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(json.loads(run("sessions", "--json")[1])) == 1


def test_a_plugin_alone_finds_its_ingest_after_any_run(place, run):
    (place / "data" / "spool").mkdir(parents=True)
    run("backfill", "-q")
    assert (place / "data" / "launcher").read_text().splitlines()[-1] == "ingest"


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "npx", "args": ["accrete-charts"]},
        {"command": "/opt/charts", "args": []},
        {"type": "http", "url": "http://localhost/x"},
        5,
    ],
)
def test_a_server_of_our_name_that_is_somebody_elses_is_neither_replaced_nor_taken_out(
    place, run, entry
):
    state = place / ".claude.json"
    state.write_text(json.dumps({"mcpServers": {"accrete": entry}}))
    code, said = run("init", "--yes", "--no-backfill")
    assert code == 1
    assert "another MCP server" in said
    assert not (place / ".claude" / "settings.json").exists()
    assert run("init", "--yes", "--no-backfill", "--no-mcp")[0] == 0
    run("uninstall", "--yes")
    assert json.loads(state.read_bytes()) == {"mcpServers": {"accrete": entry}}


@pytest.mark.parametrize(
    "entry",
    [
        {"command": "accrete", "args": ["mcp"]},
        {"command": "uvx", "args": ["accrete", "mcp"]},
        {"command": "/old/python", "args": ["-m", "accrete", "mcp"]},
        {"command": "/old/bin/accrete", "args": ["mcp"], "env": {"ACCRETE_HOME": "/old"}},
    ],
)
def test_an_older_server_of_ours_is_replaced(place, run, entry):
    state = place / ".claude.json"
    state.write_text(json.dumps({"mcpServers": {"accrete": entry}}))
    assert run("init", "--yes", "--no-backfill")[0] == 0
    assert json.loads(state.read_bytes())["mcpServers"]["accrete"] != entry


@pytest.mark.parametrize(
    ("days", "said", "advised"),
    [
        (0, "cleanupPeriodDays is 0", True),
        (20, "20 days", True),
        (365, "365 days", False),
        (99999, "99999 days", False),
    ],
)
def test_how_long_transcripts_are_kept_is_said_as_it_is_and_nobody_is_advised_less(
    place, run, days, said, advised
):
    (place / ".claude" / "settings.json").write_text(json.dumps({"cleanupPeriodDays": days}))
    (place / ".claude" / "projects").mkdir()
    printed = " ".join(run("init", "--yes", "--no-mcp")[1].split())
    assert said in printed
    assert ("--retention" in printed) == advised
    assert "is not set" not in printed + run("doctor")[1]


def test_what_an_administrator_set_stands_above_a_persons_own(place, tmp_path):
    (place / ".claude" / "settings.json").write_text('{"cleanupPeriodDays": 400}')
    managed = tmp_path / "managed"
    (managed / "managed-settings.d").mkdir(parents=True)
    assert retention(read_settings(), managed)[0] == 400
    (managed / "managed-settings.json").write_bytes(b'\xef\xbb\xbf{"cleanupPeriodDays": 60}')
    assert retention(read_settings(), managed) == (
        60,
        f"cleanupPeriodDays in {managed / 'managed-settings.json'}",
    )
    (managed / "managed-settings.d" / "10-days.json").write_text('{"cleanupPeriodDays": 7}')
    assert retention(read_settings(), managed)[0] == 7


@pytest.mark.parametrize(
    "text",
    [
        '{\r\n  "model": "opus"\r\n}\r\n',
        "{}",
        '{"hooks": {}}',
        ' {"hooks": {"Stop": []}, "statusLine": {"command": "x"}}\n',
    ],
)
def test_a_byte_order_mark_is_kept(place, run, text):
    path, state = place / ".claude" / "settings.json", place / ".claude.json"
    for each in (path, state):
        each.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert run("init", "--yes", "--no-backfill", "--statusline", "--retention", "90")[0] == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads(path.read_bytes())["cleanupPeriodDays"] == 90
    assert run("uninstall", "--yes")[0] == 0
    assert state.read_bytes() == b"\xef\xbb\xbf" + text.encode()
    left = json.loads(path.read_bytes())
    assert {name: left[name] for name in left if name != "cleanupPeriodDays"} == json.loads(text)
