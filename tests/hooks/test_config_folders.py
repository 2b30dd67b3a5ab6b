"""Several config folders of Claude Code: every command knows them all, whichever shell it is called
from."""

from __future__ import annotations

import json
import os

import pytest
from accrete_hooks import install

from accrete.errors import AccreteError
from accrete.settings import read_settings
from tests.hooks.conftest import ingest, settings_of
from tests.transcripts import busy

INIT = ("init", "--yes", "--no-backfill")


def has_hooks(folder) -> bool:
    path = folder / "settings.json"
    return path.exists() and set(install.EVENTS) <= set(
        json.loads(path.read_bytes()).get("hooks", {})
    )


@pytest.fixture
def work(place):
    """A second config folder that was used."""
    folder = place / ".claude-work"
    (folder / "projects").mkdir(parents=True)
    return folder


def listed(place, folder, how, monkeypatch) -> None:
    if how == "config.json":
        (place / "data").mkdir()
        (place / "data" / "config.json").write_text(
            json.dumps({"configFolders": ["~/.claude-work"]})
        )
    elif how == "a list in the environment":
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{place / '.claude'},{folder}")
    else:
        monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{place / '.claude'}{os.pathsep}{folder}")


@pytest.mark.long
@pytest.mark.parametrize("how", ["config.json", "a list in the environment", "a list of paths"])
def test_init_backfill_status_doctor_and_uninstall_know_all_of_a_list(
    place, run, work, how, monkeypatch
):
    listed(place, work, how, monkeypatch)
    busy(1).write(work / "projects")
    assert run("init", "--yes")[0] == 0
    assert has_hooks(place / ".claude")
    assert has_hooks(work)
    assert json.loads((work / ".claude.json").read_bytes())["mcpServers"][
        "accrete"
    ] == install.server(place / "data")
    assert len(json.loads(run("sessions", "--json")[1])) == 1
    said = " ".join(run("status")[1].split())
    assert f"Hooks are in {settings_of(place)}" in said
    assert f"Hooks are in {work / 'settings.json'}" in said
    assert f"registered in {work / '.claude.json'}" in said
    assert str(work) in run("doctor")[1]
    (work / "settings.json").write_text("{}")
    assert f"No hooks are installed in {work / 'settings.json'}" in " ".join(
        run("status")[1].split()
    )
    assert f"No hooks are installed in {work / 'settings.json'}" in " ".join(
        run("doctor")[1].split()
    )
    assert run(*INIT)[0] == 0
    assert run("uninstall", "--yes")[0] == 0
    assert not settings_of(place).exists()
    assert (work / "settings.json").read_text() == "{}"
    assert (
        "mcpServers" not in (work / ".claude.json").read_text()
        if (work / ".claude.json").exists()
        else True
    )
    assert not (place / "data" / "bin").exists()


@pytest.mark.long
def test_what_one_shell_installed_another_shell_knows(place, run, work, monkeypatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(work))
    assert run(*INIT)[0] == 0
    assert has_hooks(work)
    assert not has_hooks(place / ".claude")
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert work in read_settings().roots
    said = " ".join(run("status")[1].split())
    assert f"Hooks are in {work / 'settings.json'}" in said
    assert f"No hooks are installed in {settings_of(place)}" in said
    assert run("uninstall", "--yes")[0] == 0
    assert not (work / "settings.json").exists()
    assert not (work / ".claude.json").exists()


@pytest.mark.long
def test_the_folder_of_a_session_is_known_from_its_first_event_on(place, run, work, monkeypatch):
    (place / "data").mkdir()
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(work))
    ingest()
    monkeypatch.delenv("CLAUDE_CONFIG_DIR")
    assert work in read_settings().roots


def test_the_usual_folder_that_is_named_has_its_state_inside(place, run, monkeypatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(place / ".claude"))
    run(*INIT)
    assert (place / ".claude" / ".claude.json").exists()
    assert not (place / ".claude.json").exists()


def test_a_folder_that_cannot_be_changed_stops_all_of_init(place, run, work, monkeypatch):
    listed(place, work, "a list in the environment", monkeypatch)
    (work / "settings.json").write_text("{ broken")
    code, said = run(*INIT)
    assert code == 1
    assert str(work / "settings.json") in said
    assert not settings_of(place).exists()


@pytest.mark.parametrize("value", [5, [5], [""], {"a": "b"}])
def test_a_list_that_is_none_is_refused(tmp_path, value):
    (tmp_path / "config.json").write_text(json.dumps({"configFolders": value}))
    with pytest.raises(AccreteError, match="configFolders must be a list"):
        read_settings({"ACCRETE_HOME": str(tmp_path), "HOME": str(tmp_path)})


def test_how_long_transcripts_are_kept_is_said_of_the_folder_that_keeps_them_least(
    place, run, work, monkeypatch
):
    listed(place, work, "a list in the environment", monkeypatch)
    settings_of(place).write_text('{"cleanupPeriodDays": 400}')
    assert (
        "30 days after their last change (the default; "
        f"cleanupPeriodDays is not set in {work / 'settings.json'})" in run("doctor")[1]
    )
    assert run(*INIT, "--retention", "365")[0] == 0
    assert json.loads(settings_of(place).read_bytes())["cleanupPeriodDays"] == 400
    assert (
        f"365 days after their last change (cleanupPeriodDays in {work / 'settings.json'})"
        in run("doctor")[1]
    )


def test_the_server_stays_for_a_project_that_has_hooks_of_its_own(
    place, run, tmp_path, monkeypatch
):
    project = tmp_path / "project"
    project.mkdir()
    assert run(*INIT)[0] == 0
    monkeypatch.chdir(project)
    assert run(*INIT, "--scope", "project")[0] == 0
    monkeypatch.chdir(tmp_path)
    said = run("uninstall", "--yes")[1]
    assert (
        f"still in {place / '.claude.json'}, {project / '.claude' / 'settings.local.json'}." in said
    )
    assert (place / "data" / "bin" / install.HOOK).exists()
    assert "accrete" in json.loads((place / ".claude.json").read_bytes())["mcpServers"]
    assert (
        f"but it is still in {project / '.claude' / 'settings.local.json'}"
        in run("uninstall", "--yes")[1]
    )
    monkeypatch.chdir(project)
    assert "Removed from Claude Code" in run("uninstall", "--yes", "--scope", "project")[1]
    assert not (place / ".claude.json").exists()
    assert not (place / "data" / "bin").exists()


def test_one_of_several_folders_can_be_left_and_the_others_stay(place, run, work, monkeypatch):
    listed(place, work, "a list in the environment", monkeypatch)
    assert run(*INIT)[0] == 0
    said = run("uninstall", "--yes", "--config-dir", str(work))[1]
    assert f"still in {place / '.claude'}" in said
    assert not (work / "settings.json").exists()
    assert not (work / ".claude.json").exists()
    assert has_hooks(place / ".claude")
    assert (place / "data" / "bin" / install.HOOK).exists()
