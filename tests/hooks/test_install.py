"""Into Claude Code's settings and out again: nothing of anybody else is touched, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from accrete_hooks import install, jsontext
from hypothesis import given
from hypothesis import strategies as st

from tests.hooks.conftest import settings_of

STYLES = {
    "absent": None,
    "empty object": "{}",
    "no newline": '{"model": "opus"}',
    "two spaces": '{\n  "model": "opus",\n  "env": {"A": "1"}\n}\n',
    "tabs": '{\n\t"model": "opus",\n\t"hooks": {\n\t\t"PreToolUse": []\n\t}\n}\n',
    "windows": '{\r\n  "model": "opus"\r\n}\r\n',
    "odd numbers and letters": '{\n    "n": 1.50, "big": 1E5, "text": "\\u00fc \\/ ü",\n'
    '    "z": [ 1,2 ]}',
    "others' hooks": '{\n  "hooks": {\n    "Stop": [\n      {\n        "hooks": [\n'
    '          {"type": "command", "command": "say done"}\n'
    "        ]\n      }\n    ]\n  }\n}\n",
    "empty hooks": '{\n  "hooks": {},\n  "permissions": {"allow": []}\n}',
    "a flat hook": '{"hooks": {"SessionEnd": [{"hooks": [{"type": '
    '"command", "command": "x"}]}]}, "otel": true}',
}


@pytest.mark.parametrize("style", STYLES)
def test_init_and_uninstall_leave_every_byte_as_it_was(place, run, style):
    path, before = settings_of(place), STYLES[style]
    if before is not None:
        path.write_bytes(before.encode())
    assert run("init", "--yes", "--no-backfill")[0] == 0
    after = json.loads(path.read_bytes())
    assert set(install.EVENTS) <= set(after["hooks"])
    assert {key: value for key, value in after.items() if key != "hooks"} == {
        k: v for k, v in json.loads(before or "{}").items() if k != "hooks"
    }
    assert json.loads((place / ".claude.json").read_bytes())["mcpServers"]["accrete"]["args"] == [
        "mcp"
    ]
    assert run("uninstall", "--yes")[0] == 0
    assert (path.read_bytes() if path.exists() else None) == (
        before.encode() if before is not None else None
    )
    assert not list(path.parent.glob("settings.json?*"))
    assert not (place / ".claude.json").exists()
    assert not (place / "data" / "bin").exists()


@pytest.mark.parametrize("style", STYLES)
def test_what_others_changed_meanwhile_stays(place, run, style):
    path, before = settings_of(place), STYLES[style]
    if before is not None:
        path.write_bytes(before.encode())
    run("init", "--yes", "--no-backfill", "--no-mcp")
    text = path.read_bytes().decode()
    path.write_bytes(jsontext.insert(text, jsontext.root(text), "mine", "since").encode())
    run("uninstall", "--yes")
    wanted = {**json.loads(before or "{}"), "since": "mine"}
    assert json.loads(path.read_bytes()) == wanted
    assert "accrete" not in path.read_text("utf-8")


@pytest.mark.parametrize("style", [name for name, text in STYLES.items() if text])
def test_taking_out_exactly_what_was_put_in_gives_the_same_text(place, style):
    path, before = settings_of(place), STYLES[style]
    path.write_bytes(before.encode())
    plan = install.plan_hooks(path, place / "data")
    install.apply(plan)
    assert install.plan_removal(path, place / "data", {"made": plan.made}).after == before


def test_init_twice_changes_nothing_the_second_time(place, run):
    run("init", "--yes", "--no-backfill")
    first = settings_of(place).read_bytes()
    code, said = run("init", "--yes", "--no-backfill")
    assert (code, settings_of(place).read_bytes()) == (0, first)
    assert "has the hooks" in said


def test_an_older_form_of_our_hooks_is_replaced_not_doubled(place, run):
    run("init", "--yes", "--no-backfill")
    path = settings_of(place)
    path.write_text(path.read_text().replace('"timeout": 10', '"timeout": 99'))
    run("init", "--yes", "--no-backfill")
    hooks = json.loads(path.read_bytes())["hooks"]
    assert all(
        len(groups) == 1 and groups[0]["hooks"] == [install.handler(place / "data", event)]
        for event, groups in hooks.items()
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{\n  // mine\n}", "line 2, column 3"),
        ("[]", "not a JSON object"),
        ('{"hooks": []}', "`hooks` is not an object"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"hooks": {"Stop": {}}}', "`hooks.Stop` is not an array"),
        ('{"a": 1,}', "line 1"),
    ],
)
def test_a_file_that_cannot_be_understood_is_left_alone(place, run, text, said):
    settings_of(place).write_text(text)
    code, out = run("init", "--yes", "--no-backfill")
    assert code == 1
    assert said in out
    assert "othing was changed" in out
    assert settings_of(place).read_text() == text


def test_a_dry_run_shows_and_writes_nothing(place, run):
    settings_of(place).write_text("{}")
    code, said = run("init", "--dry-run")
    assert code == 0
    assert "SessionStart" in said
    assert settings_of(place).read_text() == "{}"
    assert not (place / "data").exists()


def test_nobody_there_to_ask_is_told(place, run):
    code, said = run("init", "--no-backfill")
    assert code == 1
    assert "--yes" in said
    assert not settings_of(place).exists()


def test_a_linked_settings_file_stays_a_link(place, run, tmp_path):
    real = tmp_path / "dotfiles.json"
    real.write_text('{\n  "model": "opus"\n}\n')
    settings_of(place).symlink_to(real)
    run("init", "--yes", "--no-backfill", "--no-mcp")
    assert settings_of(place).is_symlink()
    assert "SessionStart" in real.read_text()
    run("uninstall", "--yes")
    assert real.read_text() == '{\n  "model": "opus"\n}\n'


def test_a_project_has_hooks_of_its_own(place, run, tmp_path, monkeypatch):
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    run("init", "--yes", "--no-backfill", "--no-mcp", "--scope", "project")
    assert (
        "Stop"
        in json.loads((tmp_path / "project" / ".claude" / "settings.local.json").read_bytes())[
            "hooks"
        ]
    )
    assert not settings_of(place).exists()
    run("uninstall", "--yes", "--scope", "project")
    assert not (tmp_path / "project" / ".claude").exists()


def test_another_config_folder_is_read_from_then_on(place, run, tmp_path):
    from accrete.settings import read_settings

    other = tmp_path / "other config"
    assert run("init", "--yes", "--no-backfill", "--config-dir", str(other))[0] == 1
    assert not other.exists()
    other.mkdir()
    assert run("init", "--yes", "--no-backfill", "--config-dir", str(other))[0] == 0
    assert other in read_settings().roots
    assert json.loads((other / ".claude.json").read_bytes())["mcpServers"]["accrete"]


def test_the_hook_that_is_written_works_and_survives_the_loss_of_its_python(place, run):
    run("init", "--yes", "--no-backfill")
    hook = place / "data" / "bin" / install.HOOK
    for n, spoil in enumerate((False, True), 1):
        if spoil:
            hook.write_text(hook.read_text().replace("for python in /", "for python in /gone"))
        done = subprocess.run(
            [str(hook), "Notification"],
            input=b'{"session_id": "s"}',
            capture_output=True,
            check=False,
            env={"PATH": os.environ["PATH"]},
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert len(list((place / "data" / "spool").glob("*.hook"))) == n


def test_every_run_repairs_what_an_upgrade_of_python_broke(place, run):
    run("init", "--yes", "--no-backfill")
    program = place / "data" / "bin" / install.PROGRAM
    good = program.read_text()
    import sys

    program.write_text(good.replace(sys.executable, "/gone/python3.11"))
    run("projects")
    assert program.read_text() == good
    other = good.replace(sys.executable, "/bin/sh")  # a Python, and the package beside it
    program.write_text(other)
    run("projects")
    assert program.read_text() == other  # another installation that works is left alone


@pytest.mark.long
def test_status_says_what_is_missing_and_what_works(place, run):
    code, said = run("status")
    assert code == 1
    assert "No hooks are installed" in said
    run("init", "--yes", "--no-backfill")
    code, said = run("status")
    assert code == 0, said
    assert "A hook takes" in said
    assert "MCP server is registered" in said
    (place / "data" / "bin" / "capture.py").unlink()
    code, said = run("status")
    assert code == 0, said
    assert (place / "data" / "bin" / "capture.py").exists()  # it was written anew
    path = settings_of(place)
    text = path.read_text()
    path.write_text(jsontext.insert(text, jsontext.root(text), True, "disableAllHooks"))
    code, said = run("status")
    assert code == 1
    assert "disableAllHooks" in said


@pytest.mark.long
def test_events_that_nobody_reads_are_told(place, run):
    run("init", "--yes", "--no-backfill")
    spool = place / "data" / "spool"
    spool.mkdir(mode=0o700)
    (spool / "1.hook").write_bytes(b"x")
    os.utime(spool / "1.hook", (1, 1))
    told = json.loads(run("status", "--json")[1])
    assert told["waiting"] == 1
    assert any("pending for" in finding["text"] for finding in told["findings"])


def test_uninstalling_what_is_not_there_says_so(place, run):
    assert "nothing of Accrete" in run("uninstall", "--yes")[1]


def test_the_client_registers_the_server_where_there_is_one(place, run, monkeypatch, tmp_path):
    log = tmp_path / "client.log"
    client = tmp_path / "claude"
    client.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    client.chmod(0o755)
    monkeypatch.setattr("accrete.commands.init.find_client", lambda: str(client))
    assert "through `claude mcp add`" in run("init", "--yes", "--no-backfill")[1]
    assert log.read_text().startswith("mcp add --scope user accrete")
    assert not (place / ".claude.json").exists()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


@pytest.mark.long
@given(
    st.dictionaries(st.text(max_size=5), values, max_size=5),
    values,
    st.sampled_from([None, 1, 2, 4, "\t"]),
)
def test_what_is_put_into_a_text_can_be_taken_out_again(document, value, indent):
    text = json.dumps(document, indent=indent)
    key = "a new key"
    grown = jsontext.insert(text, jsontext.root(text), value, key)
    assert json.loads(grown) == {**document, key: value}
    at = jsontext.member(grown, jsontext.root(grown), key)
    assert at is not None
    assert json.loads(jsontext.remove(grown, jsontext.root(grown), at)) == document
    if document:
        assert jsontext.remove(grown, jsontext.root(grown), at) == text
