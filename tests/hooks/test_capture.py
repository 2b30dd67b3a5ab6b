"""What runs inside Claude Code: quick, silent, never failing, and whole in what it writes."""

from __future__ import annotations

import ast
import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from accrete_hooks import capture

from tests.fuzz import TORTURE
from tests.hooks.fired import CAPTURE, PAYLOAD, events, fire, silent
from tests.patience import clock_s, until


def test_it_imports_little_and_only_the_standard_library(tmp_path):
    tree = ast.parse(CAPTURE.read_text("utf-8"))
    named = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert named <= {"os", "sys", "time", "re"} <= sys.stdlib_module_names
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", str(CAPTURE), "Stop", str(tmp_path)],
        input=b"{}",
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )
    assert b" re\n" not in done.stderr


def test_an_event_is_one_whole_file_for_its_owner_alone(tmp_path):
    home = tmp_path / "home"
    done = fire(home, cwd=tmp_path, TZ="Europe/Lisbon")
    assert silent(done)
    (event,) = events(home)
    assert (event.name, event.session, event.zone, event.folder) == (
        "Stop",
        "s1",
        "Europe/Lisbon",
        str(tmp_path),
    )
    assert event.payload == PAYLOAD
    assert abs(event.at - time.time() * 1000) < 60_000
    (path,) = (home / "spool").glob("*.hook")
    assert [stat.S_IMODE(p.stat().st_mode) for p in (home, home / "spool", path)] == [
        0o700,
        0o700,
        0o600,
    ]


def test_a_client_that_sends_no_arguments_is_understood_by_its_payload(tmp_path):
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CAPTURE), "", str(tmp_path)],
        input=json.dumps(PAYLOAD).encode(),
        capture_output=True,
        check=False,
    )
    assert silent(done)
    assert [event.name for event in events(tmp_path)] == ["Stop"]


@pytest.mark.parametrize("payload", [b"", b"\xff\xfe", b"{", b"[]", b"x" * 300_000])
def test_whatever_comes_it_is_silent_and_well(tmp_path, payload):
    assert silent(fire(tmp_path, payload=payload))


@pytest.mark.parametrize("event", ["../../etc", "", "a b", "x" * 100])
def test_an_odd_name_writes_nothing(tmp_path, event):
    assert silent(fire(tmp_path, event, b"{}"))
    assert not list(tmp_path.rglob("*.hook"))


def test_ignored_folders_are_left_alone(tmp_path):
    home, work = tmp_path / "home", tmp_path / "work" / "deep"
    work.mkdir(parents=True)
    (tmp_path / "work" / ".accrete-ignore").touch()
    other = tmp_path / "other"
    other.mkdir()
    home.mkdir()
    (home / "ignore").write_text(f"# mine\n{other}\n")
    for folder in (work, other):
        assert silent(fire(home, cwd=folder))
    assert silent(fire(home, cwd=other, ACCRETE_DISABLE="1"))
    assert not (home / "spool").exists()


def test_at_a_lower_tier_the_spool_holds_no_words(tmp_path):
    (tmp_path / "tier").write_text("1")
    fire(tmp_path, CLAUDE_CODE_SESSION_ID="s1")
    (path,) = (tmp_path / "spool").glob("*.hook")
    assert b"Done" not in path.read_bytes()
    assert [(event.name, event.session, event.payload) for event in events(tmp_path)] == [
        ("Stop", "s1", {})
    ]


@pytest.mark.parametrize("spoil", ["readonly", "a file", "no launcher", "bad launcher"])
def test_whatever_is_broken_it_is_silent_and_well(tmp_path, spoil):
    home = tmp_path / "home"
    if spoil == "readonly":
        (home / "spool").mkdir(parents=True)
        (home / "spool").chmod(0o500)
    elif spoil == "a file":
        home.write_text("")
    elif spoil == "bad launcher":
        home.mkdir()
        (home / "launcher").write_text("/no/such/program\ningest\n")
    assert silent(fire(home))


@pytest.mark.long
def test_it_starts_one_ingest_with_no_secret_and_a_log(tmp_path):
    seen = tmp_path / "seen"
    program = tmp_path / "program.sh"
    program.write_text(f'#!/bin/sh\nenv > "{seen}.$$"\necho went\n')
    program.chmod(0o755)
    (tmp_path / "launcher").write_text(f"{program}\ningest\n")
    for _ in range(3):
        assert silent(
            fire(
                tmp_path,
                ANTHROPIC_API_KEY="sk-secret",
                CLAUDE_CODE_MESSAGING_TOKEN="t",
                CLAUDE_CONFIG_DIR="/c",
            )
        )
    until(lambda: list(tmp_path.glob("seen.*")))
    time.sleep(0.3)
    (env,) = [path.read_text() for path in tmp_path.glob("seen.*")]
    assert "sk-secret" not in env
    assert "TOKEN" not in env
    assert "CLAUDE_CONFIG_DIR=/c" in env
    assert f"ACCRETE_HOME={tmp_path}" in env
    assert (tmp_path / "ingest.log").read_text() == "went\n"
    assert len(events(tmp_path)) == 3


def test_a_notification_starts_nothing(tmp_path):
    (tmp_path / "launcher").write_text("/bin/true\n")
    fire(tmp_path, "Notification")
    assert not (tmp_path / "spool" / ".waking").exists()


HOOKS = 1000 if TORTURE else 160


@pytest.mark.long
@pytest.mark.grid
def test_hundreds_of_hooks_of_twenty_processes_are_as_many_whole_records(tmp_path):
    big = "y" * 20_000

    def one(n: int) -> bool:
        return silent(fire(tmp_path, "Notification", {"session_id": f"s{n}", "text": big}))

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(one, range(HOOKS)))
    found = events(tmp_path)
    assert sorted(event.session for event in found) == sorted(f"s{n}" for n in range(HOOKS))
    assert all(event.payload["text"] == big for event in found)
    assert not list((tmp_path / "spool").glob(".*.part"))


def test_the_plugin_has_the_same_file():
    plugin = CAPTURE.parents[1] / "plugin" / "capture.py"
    assert plugin.read_bytes() == CAPTURE.read_bytes()


def test_a_full_disk_leaves_nothing_half_written(tmp_path):
    import resource

    words = [sys.executable, "-I", "-S", str(CAPTURE), "Stop", str(tmp_path)]
    done = subprocess.run(
        words,
        input=json.dumps(PAYLOAD).encode(),
        capture_output=True,
        check=False,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )
    assert silent(done)
    assert [
        path.name
        for path in (tmp_path / "spool").iterdir()
        if path.stat().st_size or path.suffix in (".hook", ".part")
    ] == []


def test_an_ingest_that_hangs_keeps_nobody_waiting(tmp_path):
    (tmp_path / "launcher").write_text("/bin/sleep\n60\n")
    said = []
    assert clock_s(lambda: said.append(fire(tmp_path))) < 50
    assert silent(said[0])
    assert len(events(tmp_path)) == 1


def test_where_no_new_session_can_be_begun_the_ingest_has_a_group_of_its_own(tmp_path, monkeypatch):
    told = []

    def spawn(program, command, environment, **how):
        if "setsid" in how:
            raise NotImplementedError  # a C library without POSIX_SPAWN_SETSID
        told.append((program, command, environment, how))

    monkeypatch.setattr(os, "posix_spawn", spawn)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    capture.start(str(tmp_path), ["/bin/starter", "ingest"])
    ((program, command, environment, how),) = told
    assert (program, command, how["setpgroup"]) == ("/bin/starter", ["/bin/starter", "ingest"], 0)
    assert environment["ACCRETE_HOME"] == str(tmp_path)
    assert "ANTHROPIC_API_KEY" not in environment


@pytest.mark.parametrize("known", ["by its payload", "by the environment"])
def test_of_a_session_with_capture_switched_off_only_its_id_is_noted(tmp_path, known):
    payload = PAYLOAD if known == "by its payload" else b"{}"
    assert silent(
        fire(
            tmp_path, "UserPromptSubmit", payload, ACCRETE_DISABLE="1", CLAUDE_CODE_SESSION_ID="s1"
        )
    )
    (event,) = events(tmp_path)
    assert (event.name, event.session, event.folder, event.payload) == ("Disabled", "s1", "", {})
    assert b"Done" not in next((tmp_path / "spool").glob("*.hook")).read_bytes()
