"""Which hooks are ours, by what they run; and that none of ours is heard of when what it runs is
gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from accrete_hooks import handlers, install
from hypothesis import given
from hypothesis import strategies as st

from tests.hooks.conftest import settings_of

INIT = ("init", "--yes", "--no-backfill", "--no-mcp")
HOME = Path("/data/accrete")


@pytest.mark.long
@given(
    st.text(
        st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=12
    )
)
def test_what_we_write_is_ours_wherever_the_data_folder_is(name):
    home = Path("/somewhere") / name
    for event in install.EVENTS:
        assert handlers.home_of(install.handler(home, event), HOME) == home
    assert handlers.home_of_statusline({"command": handlers.statusline(home)}, HOME) == home


@pytest.mark.parametrize(
    "hook",
    [
        {"command": "/opt/other/bin/accrete-hook", "args": ["Stop"], "timeout": 10},
        {"command": "/opt/other/bin/accrete-hook", "args": []},
        {"command": "accrete-hook", "args": ["Stop"]},
        {"command": "/opt/other/bin/accrete-hook Stop"},
        {"command": "[ -x /opt/other/bin/accrete-hook ] && /opt/other/bin/accrete-hook Stop"},
        {"command": "[ ! -x /a/bin/accrete-hook ] || exec /b/bin/accrete-hook Stop"},
        {"command": "[ ! -x /a/bin/accrete-hook ] || exec /a/bin/accrete-hook Stop; say done"},
        {"command": "[ ! -x /a/accrete-hook ] || exec /a/accrete-hook Stop"},
        {"command": "python3", "args": ["-I", "-S", "/opt/x/bin/capture.py", "Stop", "/opt/x"]},
        {"command": "say 'an open quote"},
        {"command": None, "args": "Stop"},
        {"type": "http", "url": "http://127.0.0.1/bin/accrete-hook"},
        "accrete-hook",
        None,
    ],
)
def test_a_hook_of_a_like_name_is_nobody_elses_but_its_owners(hook):
    assert not handlers.is_ours(hook, HOME)


def test_the_older_exec_form_is_ours_by_the_program_that_it_runs(tmp_path):
    program = tmp_path / "elsewhere" / "bin" / "accrete-hook"
    hook = {"type": "command", "command": str(program), "args": ["Stop"], "timeout": 10}
    assert handlers.is_ours(hook, tmp_path / "elsewhere")  # this installation's, though it is gone
    assert not handlers.is_ours(hook, HOME)
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n# Somebody's own.\n")
    assert not handlers.is_ours(hook, HOME)
    install.write_scripts(tmp_path / "elsewhere")
    assert handlers.is_ours(hook, HOME)


def test_the_older_exec_form_is_replaced_and_somebodys_stays(place, run):
    old = {
        event: [
            {
                "hooks": [
                    {
                        "type": "command",
                        "command": str(place / "data" / "bin" / install.HOOK),
                        "args": [event],
                    }
                ]
            }
        ]
        for event in install.EVENTS
    }
    theirs = {
        "type": "command",
        "command": "/opt/other/bin/accrete-hook",
        "args": ["Stop"],
        "timeout": 10,
    }
    old["Stop"][0]["hooks"].append(theirs)
    settings_of(place).write_text(json.dumps({"hooks": old}))
    assert run(*INIT)[0] == 0
    hooks = json.loads(settings_of(place).read_bytes())["hooks"]
    ours = {event: [install.handler(place / "data", event)] for event in install.EVENTS}
    assert {event: install.handlers(groups) for event, groups in hooks.items()} == {
        **ours,
        "Stop": [theirs, *ours["Stop"]],
    }
    run("uninstall", "--yes")
    assert [
        hook
        for groups in json.loads(settings_of(place).read_bytes())["hooks"].values()
        for hook in install.handlers(groups)
    ] == [theirs]


@pytest.mark.parametrize("gone", ["the launcher", "the data folder", "its folder is closed"])
def test_a_hook_whose_program_is_gone_is_silent_and_ends_well(place, run, gone):
    run(*INIT, "--statusline")
    value = json.loads(settings_of(place).read_bytes())
    commands = [
        hook["command"] for groups in value["hooks"].values() for hook in install.handlers(groups)
    ]
    if gone == "the launcher":
        (place / "data" / "bin" / install.HOOK).unlink()
        (place / "data" / "bin" / install.STATUSLINE).unlink()
    elif gone == "the data folder":
        shutil.rmtree(place / "data")
    else:
        for name in (install.HOOK, install.STATUSLINE):
            (place / "data" / "bin" / name).chmod(0o600)
    for command in [*commands, value["statusLine"]["command"]]:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            input=b'{"session_id": "s"}',
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (place / "data").exists() == (gone != "the data folder")


def test_on_windows_too_a_missing_file_blocks_no_prompt(place, monkeypatch):
    monkeypatch.setattr(handlers.os, "name", "nt")
    hook = install.handler(HOME, "UserPromptSubmit")
    monkeypatch.undo()
    words = [sys.executable, *hook["args"]]
    done = subprocess.run(words, input=b"{}", capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        b"",
        b"",
    )  # a Python without its file ends with 2
    home = place / "kept"
    install.write_scripts(home)
    words = [word.replace(str(HOME), str(home)) for word in words]
    done = subprocess.run(words, input=b'{"session_id": "s"}', capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(list((home / "spool").glob("*-UserPromptSubmit.hook"))) == 1
    assert handlers.home_of(hook, HOME) == HOME


def test_the_plugins_hooks_are_silent_too_when_the_plugin_was_swept_away(tmp_path):
    path = Path(__file__).parents[2] / "hooks" / "plugin" / "hooks" / "hooks.json"
    hooks = json.loads(path.read_bytes())["hooks"]
    assert {
        event: {name: hook[name] for name in hook if name not in ("type", "command")}
        for event, groups in hooks.items()
        for hook in install.handlers(groups)
    } == install.EVENTS
    for groups in hooks.values():
        for hook in install.handlers(groups):
            command = hook["command"].replace("${CLAUDE_PLUGIN_ROOT}", str(tmp_path / "swept away"))
            done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
