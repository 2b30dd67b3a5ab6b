"""A timer of the system is written only when its person asks, and goes without a trace."""

from __future__ import annotations

import os
import plistlib
import stat
from pathlib import Path

import pytest

from accrete.edge import timer
from accrete.errors import AccreteError
from accrete.settings import read_settings
from accrete.sync.choice import join, write_choice
from tests.records import called


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A home whose systemctl writes down how it is called."""
    home = tmp_path / "a home"
    tools = home / "tools"
    tools.mkdir(parents=True)
    for name in ("systemctl", "launchctl"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho {name} "$@" >> "{home}/calls"\n')
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("ACCRETE_HOME", str(home / "100% data"))
    monkeypatch.setattr(timer.platform, "system", lambda: "Linux")
    write_choice(read_settings(), join("https://team.example", "acr_acme_" + "x" * 43))
    return home


def calls(home: Path) -> list[str]:
    path = home / "calls"
    return path.read_text().splitlines() if path.exists() else []


def written(home: Path) -> set[str]:
    return {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and not str(path.relative_to(home)).startswith(("tools", "100%", "calls"))
    }


def test_the_timer_is_off_until_it_is_turned_on_and_gone_when_it_is_off(home, capsys):
    assert "is off" in called(capsys, "team", "timer")[1]
    assert written(home) == set()
    code, out, err = called(capsys, "team", "timer", "on")
    assert (code, err) == (0, "")
    assert "started hourly" in out
    units = ".config/systemd/user/accrete-sync"
    assert written(home) == {f"{units}.timer", f"{units}.service"}
    service = (home / f"{units}.service").read_text()
    assert f'Environment="ACCRETE_HOME={home}/100%% data"' in service
    assert '"accrete" "sync" "--due"' in service
    assert "Persistent=true" in (home / f"{units}.timer").read_text()
    assert "is on" in called(capsys, "team", "timer", "status")[1]
    assert "is off" in called(capsys, "team", "timer", "off")[1]
    assert written(home) == set()
    assert calls(home) == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now accrete-sync.timer",
        "systemctl --user disable --now accrete-sync.timer",
    ]
    assert "There is no timer" in called(capsys, "team", "timer", "off")[1]


def test_where_it_cannot_be_started_the_command_to_do_so_is_said(home, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(home))
    code, out, _ = called(capsys, "team", "timer", "on")
    assert code == 0
    assert "Start it yourself: systemctl --user daemon-reload" in out


def test_leaving_the_team_takes_the_timer_along(home, capsys):
    called(capsys, "team", "timer", "on")
    code, _, err = called(capsys, "team", "leave", "--yes", "--keep")
    assert (code, err) == (0, "")
    assert written(home) == set()


def test_without_a_team_there_is_no_timer(home, capsys):
    (home / "100% data" / "team.json").unlink()
    code, _, err = called(capsys, "team", "timer", "on")
    assert code == 1
    assert "shares with no team" in err
    assert written(home) == set()


def test_on_macos_it_is_an_agent_of_launchd(home, monkeypatch):
    made = timer.timer(read_settings(), os.environ, "Darwin")
    (path,) = made.files
    assert path == home / "Library" / "LaunchAgents" / "accrete.sync.plist"
    assert timer.turn_on(made) == ""
    agent = plistlib.loads(path.read_bytes())
    assert agent["ProgramArguments"][-2:] == ["sync", "--due"]
    assert agent["EnvironmentVariables"] == {"ACCRETE_HOME": str(home / "100% data")}
    assert timer.turn_off(made) == [path]
    assert [call.split()[1] for call in calls(home)] == ["bootstrap", "bootout"]


def test_elsewhere_it_is_said_what_to_do():
    with pytest.raises(AccreteError, match="accrete sync --due"):
        timer.timer(read_settings(), os.environ, "Windows")


def test_the_config_folder_of_the_environment_is_used(home, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    made = timer.timer(read_settings(), os.environ)
    assert all(path.is_relative_to(tmp_path / "config" / "systemd" / "user") for path in made.files)


@pytest.mark.parametrize(
    ("system", "folder"),
    [("Linux", ".config/systemd/user"), ("Darwin", "Library/LaunchAgents")],
)
def test_the_timer_is_in_the_home_of_the_environment_or_else_of_the_account(
    system, folder, monkeypatch, tmp_path
):
    monkeypatch.setattr(Path, "home", classmethod(lambda cls: tmp_path))
    for environ, home in (({"HOME": "/home/ada"}, Path("/home/ada")), ({}, tmp_path)):
        made = timer.timer(read_settings(), environ, system)
        assert {path.parent for path in made.files} == {home / folder}


def test_the_first_command_that_fails_is_the_one_to_run_by_hand(home):
    tool = home / "tools" / "systemctl"
    tool.write_text('#!/bin/sh\n[ "$2" = daemon-reload ]\n')
    made = timer.timer(read_settings(), os.environ)
    assert timer.turn_on(made) == "systemctl --user enable --now accrete-sync.timer"


def test_what_is_left_of_a_timer_is_no_timer_and_goes_and_what_is_not_there_is_not_ended(home):
    made = timer.timer(read_settings(), os.environ)
    assert timer.turn_off(made) == []
    assert calls(home) == []
    timer.turn_on(made)
    left, gone = made.files
    gone.unlink()
    assert not timer.is_on(made)
    assert timer.turn_off(made) == [left]
    assert not left.exists()
    assert calls(home)[-1] == "systemctl --user disable --now accrete-sync.timer"


def test_every_sign_of_a_path_reaches_the_program_and_all_machines_do_not_come_at_once(
    home, monkeypatch
):
    monkeypatch.setattr(timer.sys, "executable", "/opt/$py 5%")
    monkeypatch.setenv("ACCRETE_HOME", '/data/a "b" \\c')
    service, clock = timer.timer(read_settings(), os.environ).files.values()
    lines = service.decode().splitlines()
    assert 'Environment="ACCRETE_HOME=/data/a \\"b\\" \\\\c"' in lines
    command = '"/opt/$$py 5%%" "-E" "-P" "-m" "accrete" "sync" "--due"'
    assert f"ExecStart={command}" in lines
    assert {"OnCalendar=hourly", "RandomizedDelaySec=600"} <= set(clock.decode().splitlines())
    (agent,) = timer.timer(read_settings(), os.environ, "Darwin").files.values()
    assert plistlib.loads(agent)["StartInterval"] == 3600
