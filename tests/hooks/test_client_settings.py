"""What Claude Code's settings say, as the client (2.1.329) was seen to read them; and that every
command says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from accrete_hooks import install

from accrete.edge import client_settings
from accrete.edge.client_settings import blocked, read_layer, stack
from accrete.edge.retention import retention
from accrete.settings import read_settings
from tests.hooks.conftest import settings_of

INIT = ("init", "--yes", "--no-backfill", "--no-mcp")
OFF = {"disableAllHooks": True}
ON = {"disableAllHooks": False}


@pytest.fixture
def managed(tmp_path, monkeypatch) -> Path:
    """An administrator's folder, empty."""
    folder = tmp_path / "managed"
    (folder / "managed-settings.d").mkdir(parents=True)
    monkeypatch.setattr(client_settings, "MANAGED_FOLDER", folder)
    return folder


def put(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def said_by(run, *command: str) -> str:
    return " ".join(run(*command)[1].split())


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/claude-code"),
        ("darwin", "/Library/Application Support/ClaudeCode"),
        ("win32", "C:/Program Files/ClaudeCode"),
    ],
)
def test_where_an_administrators_settings_are(platform, folder):
    assert client_settings.managed_folder(platform) == Path(folder)


@pytest.mark.parametrize(
    ("user", "project", "local", "runs"),
    [
        (OFF, None, None, False),
        ({}, OFF, None, False),
        ({}, None, OFF, False),
        (OFF, ON, None, True),
        (OFF, OFF, ON, True),
        ({}, '{ // a comment\n "disableAllHooks": true}', None, True),
        ({}, {"disableAllHooks": "true"}, None, True),
        ({}, {**OFF, "cleanupPeriodDays": 0}, None, True),
    ],
)
def test_the_file_that_counts_most_decides_whether_hooks_run(
    place, tmp_path, user, project, local, runs
):
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    put(settings_of(place), user)
    for name, value in (("settings.json", project), ("settings.local.json", local)):
        if value is not None:
            put(folder / ".claude" / name, value)
    assert (blocked(stack(place / ".claude", folder), plugin=False) is None) == runs


def test_local_settings_are_found_at_the_root_of_the_repository_and_shared_ones_are_not(
    place, tmp_path
):
    inner = tmp_path / "project" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    shared = put(tmp_path / "project" / ".claude" / "settings.json", OFF)
    assert blocked(stack(place / ".claude", inner), plugin=False) is None
    shared.unlink()
    local = put(tmp_path / "project" / ".claude" / "settings.local.json", OFF)
    assert blocked(stack(place / ".claude", inner), plugin=False) == ("disableAllHooks", local)


def test_local_settings_of_the_config_folder_are_no_settings(place):
    put(settings_of(place), {"cleanupPeriodDays": 90})
    put(place / ".claude" / "settings.local.json", {**OFF, "cleanupPeriodDays": 7})
    assert blocked(stack(place / ".claude"), plugin=False) is None
    assert retention(read_settings())[0] == 90


PLUGIN = {"enabledPlugins": {"accrete@accrete": True}}


@pytest.mark.long
@pytest.mark.parametrize(
    ("base", "drop_ins", "why", "plugin_runs"),
    [
        ({"allowManagedHooksOnly": True}, {}, "allowManagedHooksOnly", False),
        ({"allowManagedHooksOnly": "yes"}, {}, "allowManagedHooksOnly", False),
        ({"allowManagedHooksOnly": True, **PLUGIN}, {}, "allowManagedHooksOnly", True),
        ({}, {"10-hooks.json": {"allowManagedHooksOnly": True}}, "allowManagedHooksOnly", False),
        (OFF, {}, "disableAllHooks", False),
        ({}, {"10-off.json": OFF}, "disableAllHooks", False),
        (OFF, {"10-on.json": ON}, None, True),
        ({}, {"10-off.json": OFF, "20-on.json": ON}, None, True),
        ({}, {".10-hidden.json": OFF, "10-off.txt": OFF}, None, True),
        ({"strictPluginOnlyCustomization": True}, {}, "strictPluginOnlyCustomization", True),
        (
            {"strictPluginOnlyCustomization": ["hooks", "mcp"]},
            {},
            "strictPluginOnlyCustomization",
            True,
        ),
        ({"strictPluginOnlyCustomization": ["skills"]}, {}, None, True),
        ("{ broken", {}, None, True),
    ],
)
def test_what_an_administrator_set_is_said_by_init_status_and_doctor(
    place, run, managed, base, drop_ins, why, plugin_runs
):
    put(managed / "managed-settings.json", base)
    for name, value in drop_ins.items():
        put(managed / "managed-settings.d" / name, value)
    files = stack(place / ".claude")
    found = blocked(files, plugin=False)
    assert (found and found[0]) == why
    assert (blocked(files, plugin=True) is None) == plugin_runs
    said = [said_by(run, *INIT), said_by(run, "status"), said_by(run, "doctor")]
    code = run("status")[0]
    assert code == (1 if why else 0)
    assert ("Accrete captures every session from the next one on" in said[0]) == (why is None)
    for each in said:
        assert ("(managed settings)" in each) == (why is not None)
        assert (str(managed) in each) == (why is not None or base == "{ broken")


def test_a_person_cannot_overrule_an_administrator_nor_pose_as_one(place, managed):
    put(managed / "managed-settings.json", OFF)
    put(settings_of(place), ON)
    assert blocked(stack(place / ".claude"), plugin=False) == (
        "disableAllHooks",
        managed / "managed-settings.json",
    )
    put(managed / "managed-settings.json", ON)
    put(settings_of(place), {**OFF, "allowManagedHooksOnly": True})
    assert blocked(stack(place / ".claude"), plugin=False) is None


def test_managed_retention_stands_above_ones_own_and_init_says_so(place, run, managed):
    put(settings_of(place), {"cleanupPeriodDays": 30})
    put(managed / "managed-settings.d" / "days.json", {"cleanupPeriodDays": 60})
    put(managed / "managed-settings.json", {"cleanupPeriodDays": 90})
    assert retention(read_settings()) == (
        60,
        f"cleanupPeriodDays in {managed / 'managed-settings.d' / 'days.json'}",
    )
    assert (
        "set cleanupPeriodDays to 60, so yours has no effect" in run(*INIT, "--retention", "365")[1]
    )
    put(
        managed / "managed-settings.d" / "days.json", {"cleanupPeriodDays": 0}
    )  # the client leaves that value out
    assert retention(read_settings())[0] == 90


@pytest.mark.long
def test_hooks_turned_off_in_this_folder_and_in_others_are_said(
    place, run, tmp_path, monkeypatch, sessions_in
):
    here, other, fine = (tmp_path / name for name in ("here", "other", "fine"))
    for folder in (here, other, fine):
        folder.mkdir()
    put(here / ".claude" / "settings.json", OFF)
    put(other / ".claude" / "settings.local.json", OFF)
    sessions_in(other, fine)
    run(*INIT)
    monkeypatch.chdir(here)
    assert (
        f"{here / '.claude' / 'settings.json'} sets disableAllHooks, "
        "so no hooks run in this folder." in said_by(run, "status")
    )
    assert run("status")[0] == 1
    assert "sets disableAllHooks, so no hooks run in this folder." in said_by(run, *INIT)
    monkeypatch.chdir(fine)
    assert run("status")[0] == 0
    for command in ("status", "doctor"):
        said = said_by(run, command)
        assert "1 settings file of another folder turns hooks off" in said
        assert str(other) in said
        assert str(here) not in said


def plugin(place: Path, *, on: bool = True, fetched: bool = True) -> None:
    put(settings_of(place), {"enabledPlugins": {"accrete@accrete": on, "other@accrete": True}})
    if fetched:
        put(
            place / ".claude" / "plugins" / "installed_plugins.json",
            {"version": 2, "plugins": {"accrete@accrete": []}},
        )


def test_a_plugin_alone_is_enough(place, run):
    plugin(place)
    code, said = run("status")
    assert code == 0, said
    assert "The plugin accrete@accrete is enabled" in said
    assert "brings the MCP server" in said
    assert "No hooks are installed" not in said + run("doctor")[1]
    said = run("uninstall", "--yes")[1]
    assert "The plugin accrete@accrete still captures" in said
    assert "Removed from Claude Code" not in said


@pytest.mark.long
def test_a_plugin_beside_hooks_in_settings_is_said(place, run):
    plugin(place)
    assert "Every event arrives twice and is stored once" in " ".join(run(*INIT)[1].split())
    assert "Every event arrives twice and is stored once" in said_by(run, "status")
    said = run("uninstall", "--yes")[1]
    assert "still captures" in said
    assert "every event" not in said_by(run, "status")


@pytest.mark.parametrize(
    ("on", "fetched", "word"),
    [(False, True, "is disabled in"), (True, False, "but not installed in")],
)
def test_a_plugin_that_does_not_run_is_no_capture(place, run, on, fetched, word):
    plugin(place, on=on, fetched=fetched)
    code, said = run("status")
    assert code == 1
    assert word in " ".join(said.split())
    assert "No hooks are installed" in said


def test_a_plugin_that_an_administrator_enabled_runs_under_managed_hooks_only(place, run, managed):
    put(managed / "managed-settings.json", {"allowManagedHooksOnly": True, **PLUGIN})
    put(
        place / ".claude" / "plugins" / "installed_plugins.json",
        {"version": 2, "plugins": {"accrete@accrete": []}},
    )
    assert run("status")[0] == 0
    put(managed / "managed-settings.json", {"allowManagedHooksOnly": True})
    put(settings_of(place), PLUGIN)
    assert run("status")[0] == 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'{"cleanupPeriodDays": 1.5}', "whole number"),
        (b'{"cleanupPeriodDays": -1}', "whole number"),
        (b'{"cleanupPeriodDays": null}', "whole number"),
        (b'{"cleanupPeriodDays": true}', "whole number"),
        (b'{"disableAllHooks": null}', "true or false"),
        (b'{"statusLine": null}', "must be an object"),
        (b'{"enabledPlugins": 5}', "must be an object"),
        (b"[]", "not a JSON object"),
        (b'{"a": 1,}', "not valid JSON"),
    ],
)
def test_a_file_that_the_client_leaves_aside_gives_nothing(tmp_path, data, word):
    (tmp_path / "settings.json").write_bytes(data)
    layer = read_layer(tmp_path / "settings.json")
    assert layer is not None
    assert layer.value == {}
    assert word in layer.fault


@pytest.mark.long
def test_a_data_folder_that_is_gone_is_said_by_every_command(place, run):
    import shutil

    run(*INIT)
    shutil.rmtree(place / "data")
    for command in ("status", "doctor", "sessions", "cost"):
        assert f"data folder {place / 'data'} is gone" in said_by(run, command), command
    assert run("status")[0] == 1
    assert not (place / "data").exists()
    assert run(*INIT)[0] == 0
    assert "is gone" not in said_by(run, "status")


def test_hooks_that_write_elsewhere_are_said(place, run, monkeypatch):
    run(*INIT)
    monkeypatch.setenv("ACCRETE_HOME", str(place / "second"))
    assert f"write to another data folder: {place / 'data'}" in said_by(run, "status")


@pytest.mark.long
@pytest.mark.parametrize(
    "entry",
    [
        {"command": "npx", "args": ["accrete-charts"]},
        {"type": "http", "url": "http://127.0.0.1/x"},
        5,
    ],
)
def test_a_foreign_server_of_our_name_is_said_and_stays(place, run, entry):
    state = put(place / ".claude.json", {"mcpServers": {"accrete": entry}})
    assert run(*INIT)[0] == 0
    assert "has another MCP server" in said_by(run, "status")
    assert "will be removed" not in run("uninstall", "--yes")[1]
    assert json.loads(state.read_bytes()) == {"mcpServers": {"accrete": entry}}
    assert install.PROGRAM in state.read_text()


@pytest.mark.long
@pytest.mark.parametrize("where", ["shared", "local"])
def test_a_foreign_server_of_a_project_that_goes_before_ours_is_said(
    place, run, tmp_path, monkeypatch, where
):
    run("init", "--yes", "--no-backfill")
    theirs = {"mcpServers": {"accrete": {"command": "/opt/charts", "args": []}}}
    monkeypatch.chdir(tmp_path)
    assert "replaces Accrete's" not in said_by(run, "status")
    if where == "shared":
        put(tmp_path / ".mcp.json", theirs)
    else:
        state = json.loads((place / ".claude.json").read_bytes())
        put(place / ".claude.json", {**state, "projects": {str(tmp_path): theirs}})
    assert "replaces Accrete's in this folder" in said_by(run, "status")
