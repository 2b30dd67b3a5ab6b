"""Settings files that others write, lock, link or mount meanwhile: nothing is lost, and what could
not be done is said."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from accrete_hooks import install, jsontext, settings_file

from tests.hooks.conftest import settings_of

INIT = ("init", "--yes", "--no-backfill", "--no-mcp")
BEFORE = '{\n  "model": "opus"\n}\n'


def test_a_change_at_the_last_moment_is_not_overwritten(place, run, monkeypatch):
    path = settings_of(place)
    path.write_text(BEFORE)
    sync = os.fsync

    def meanwhile(handle: int) -> None:
        sync(handle)
        path.write_text('{"model": "sonnet"}')

    monkeypatch.setattr(settings_file.os, "fsync", meanwhile)
    plan = install.plan_hooks(path, place / "data")
    with pytest.raises(install.CannotEditError, match="changed in the meantime"):
        install.apply(plan)
    assert path.read_text() == '{"model": "sonnet"}'
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(place):
    plan = install.plan_hooks(settings_of(place), place / "data")
    settings_of(place).write_text(BEFORE)
    with pytest.raises(install.CannotEditError, match="changed in the meantime"):
        install.apply(plan)
    assert settings_of(place).read_text() == BEFORE


@pytest.mark.parametrize(
    "number", [errno.EACCES, errno.EBUSY, errno.EXDEV, errno.EPERM, errno.EROFS, errno.ENOSPC]
)
def test_where_a_file_cannot_be_exchanged_it_stays_and_what_to_add_is_said(
    place, run, monkeypatch, number
):
    path = settings_of(place)
    path.write_text(BEFORE)
    exchange = os.replace

    def refuse(source: str, target: str) -> None:
        if Path(target).name == "settings.json":
            raise OSError(number, os.strerror(number))
        exchange(source, target)

    monkeypatch.setattr(settings_file.os, "replace", refuse)
    code, said = run(*INIT)
    assert code == 1
    assert os.strerror(number) in said
    assert "add by hand" in said
    assert path.read_text() == BEFORE
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]  # no copy, no part
    assert not (place / "data" / "installed.json").exists()


def test_a_read_only_file_is_somebodys_wish(place, run):
    path = settings_of(place)
    path.write_text(BEFORE)
    path.chmod(0o444)
    code, said = run(*INIT)
    assert code == 1
    assert "is read-only" in said
    assert "add by hand" in said
    assert path.read_text() == BEFORE


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o660])
def test_a_file_keeps_its_mode_through_init_and_uninstall(place, run, mode):
    path = settings_of(place)
    path.write_text(BEFORE)
    path.chmod(mode)
    run(*INIT)
    assert path.stat().st_mode & 0o777 == mode
    run("uninstall", "--yes")
    assert (path.stat().st_mode & 0o777, path.read_text()) == (mode, BEFORE)


def test_a_link_through_links_stays_and_its_target_keeps_the_copy_beside_it(place, run, tmp_path):
    real = tmp_path / "dotfiles" / "claude.json"
    real.parent.mkdir()
    real.write_text(BEFORE)
    (tmp_path / "middle").symlink_to(real)
    settings_of(place).symlink_to(tmp_path / "middle")
    run(*INIT)
    assert settings_of(place).is_symlink()
    assert (real.parent / "claude.json.before-accrete").read_text() == BEFORE
    run("uninstall", "--yes")
    assert (settings_of(place).is_symlink(), real.read_text()) == (True, BEFORE)
    assert list(real.parent.iterdir()) == [real]


def test_a_link_that_leads_nowhere_yet_is_filled_and_emptied(place, run, tmp_path):
    settings_of(place).symlink_to(tmp_path / "later.json")
    assert run(*INIT)[0] == 0
    assert (tmp_path / "later.json").exists()
    run("uninstall", "--yes")
    assert settings_of(place).is_symlink()
    assert not (tmp_path / "later.json").exists()


def emptied(value: dict, how: str) -> dict:
    """What a person leaves who takes our hooks out by hand."""
    if how == "the groups":
        value["hooks"] = dict.fromkeys(value["hooks"], [])
    elif how == "the handlers":
        value["hooks"] = {event: [{"hooks": []}] for event in value["hooks"]}
    else:
        value["hooks"] = {}
    return value


@pytest.mark.parametrize("how", ["the groups", "the handlers", "all events"])
@pytest.mark.parametrize(
    "before",
    [None, "{}", BEFORE, '{"hooks": {"Stop": [], "PreToolUse": []}, "z": 1}', '{"hooks": {}}'],
)
def test_after_a_cleaning_by_hand_uninstall_leaves_what_was_there_and_nothing_empty_of_ours(
    place, run, how, before
):
    path = settings_of(place)
    if before is not None:
        path.write_text(before)
    run(*INIT)
    kept = json.loads(before or "{}").get("hooks", {})
    value = emptied(json.loads(path.read_bytes()), how)
    if how == "all events" and kept:
        value["hooks"] = kept
    path.write_text(json.dumps(value))
    assert run("uninstall", "--yes")[0] == 0
    left = json.loads(path.read_bytes()) if path.exists() else None
    wanted = json.loads(before) if before is not None else None
    if how == "the handlers" and wanted and wanted.get("hooks"):
        wanted["hooks"] = {
            "Stop": [{"hooks": []}],
            "PreToolUse": [{"hooks": []}],
        }  # those lists were theirs, and so is what is in them
    assert left == wanted
    assert not (place / "data" / "bin").exists()
    assert not (place / "data" / "installed.json").exists()


LINE = (
    '{\n  "statusLine": {\n    "padding": 3,\n    "type": "command",\n    "command": "echo mine",\n'
    '    "refreshInterval": 5\n  }\n}\n'
)


def test_a_status_line_keeps_its_other_keys_and_gets_its_command_back(place, run):
    path = settings_of(place)
    path.write_text(LINE)
    run(*INIT, "--statusline")
    line = json.loads(path.read_bytes())["statusLine"]
    assert (line["padding"], line["refreshInterval"], list(line)) == (
        3,
        5,
        ["padding", "type", "command", "refreshInterval"],
    )
    assert install.STATUSLINE in line["command"]
    path.write_text(path.read_text().replace('"padding": 3', '"padding": 0'))
    run("uninstall", "--yes")
    assert path.read_text() == LINE.replace('"padding": 3', '"padding": 0')


def test_a_status_line_survives_a_change_of_the_data_folder(place, run, monkeypatch):
    path = settings_of(place)
    path.write_text(LINE)
    run(*INIT, "--statusline")
    monkeypatch.setenv("ACCRETE_HOME", str(place / "second"))
    run(*INIT, "--statusline")
    assert (place / "second" / "statusline-before").read_text() == "echo mine\n"
    run("uninstall", "--yes")
    assert path.read_text() == LINE


def test_a_status_line_that_somebody_set_since_stays(place, run):
    path = settings_of(place)
    path.write_text(LINE)
    run(*INIT, "--statusline")
    value = json.loads(path.read_bytes())
    value["statusLine"]["command"] = "/opt/x/bin/accrete-statusline --mine"
    path.write_text(json.dumps(value))
    run("uninstall", "--yes")
    assert (
        json.loads(path.read_bytes())["statusLine"]["command"]
        == "/opt/x/bin/accrete-statusline --mine"
    )


@pytest.mark.parametrize(
    "before",
    [
        '{"cleanupPeriodDays": 7}',
        "{}",
        '{"cleanupPeriodDays": 0}',
        '{"cleanupPeriodDays": 30.0}',
        '{"cleanupPeriodDays": "7"}',
    ],
)
def test_retention_stands_in_the_diff_and_is_taken_back(place, run, before):
    path = settings_of(place)
    path.write_text(before)
    said = run("init", "--dry-run", "--no-mcp", "--retention", "365")[1]
    assert '"cleanupPeriodDays": 365' in said
    run(*INIT, "--retention", "90")
    run(*INIT, "--retention", "365")
    text = path.read_text()
    assert json.loads(text)["cleanupPeriodDays"] == 365
    path.write_text(jsontext.insert(text, jsontext.root(text), 1, "since"))
    run("uninstall", "--yes")
    assert json.loads(path.read_bytes()) == {**json.loads(before), "since": 1}


def test_retention_that_somebody_changed_since_stays(place, run):
    path = settings_of(place)
    path.write_text('{"cleanupPeriodDays": 7}')
    run(*INIT, "--retention", "90")
    path.write_text(path.read_text().replace('"cleanupPeriodDays": 90', '"cleanupPeriodDays": 120'))
    run("uninstall", "--yes")
    assert json.loads(path.read_bytes())["cleanupPeriodDays"] == 120


def test_retention_is_never_lowered(place, run):
    settings_of(place).write_text('{"cleanupPeriodDays": 400}')
    code, said = run(*INIT, "--retention", "90")
    assert code == 0
    assert "cleanupPeriodDays stays 400" in said
    assert json.loads(settings_of(place).read_bytes())["cleanupPeriodDays"] == 400
    assert "--retention 365" not in run(*INIT)[1]


@pytest.mark.long
def test_a_value_that_claude_code_refuses_is_said_by_init_status_and_doctor(place, run):
    settings_of(place).write_text('{"cleanupPeriodDays": 0}')
    (place / ".claude" / "projects").mkdir()
    said = run("init", "--yes", "--no-mcp", "--no-backfill")[1]
    assert "hooks included, because cleanupPeriodDays is 0" in said
    code, said = run("status")
    assert code == 1
    assert "cleanupPeriodDays is 0, and must be a whole number" in " ".join(said.split())
    assert "cleanupPeriodDays is 0, and must be a whole number" in " ".join(
        run("doctor")[1].split()
    )
    run(*INIT, "--retention", "365")
    assert "cleanupPeriodDays is 0" not in run("status")[1]
