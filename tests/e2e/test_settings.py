"""The real client, offline, with settings as people and administrators have them: what Accrete says
of them is what the client does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.api import text
from tests.e2e.client import Place
from tests.fuzz import TORTURE, part
from tests.hooks.odd_settings import LEFT_ASIDE, READ

pytestmark = pytest.mark.slow

HELLO = {"Say hello": [[text("Hello.")]]}
PLUGIN = Path(__file__).resolve().parents[2]
UNDER = (
    'etc=$(mktemp -d) && cp -a /etc/. "$etc" 2>/dev/null; rm -rf "$etc/claude-code"; cp -a "$0" '
    '"$etc/claude-code" && mount --bind "$etc" /etc && exec "$@"'
)
"""Runs a program where /etc/claude-code is another folder, in a mount namespace of its own."""


def said(p: Place, command: str, *wrap: str) -> str:
    """What a command of ours prints, on one line."""
    words = [*wrap, str(p.bin / "accrete"), *command.split()]
    done = subprocess.run(
        words,
        cwd=p.repository,
        env=p.env(COLUMNS="400"),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return " ".join((done.stdout + done.stderr).split())


def settled(p: Place) -> Place:
    """The place without the state that the client moves into settings.json at its start, so that it
    writes nothing there."""
    state = json.loads((p.home / ".claude.json").read_text())
    del state["bypassPermissionsModeAccepted"]
    (p.home / ".claude.json").write_text(json.dumps(state))
    return p


def ran(p: Place, *wrap: str, **env: str) -> bool:
    """Whether a session of the client sent us its events."""
    before = p.events().get("SessionStart", 0)
    words = [
        *wrap,
        p.client,
        "-p",
        "Say hello",
        "--output-format",
        "json",
        "--model",
        "claude-opus-5-5",
    ]
    done = subprocess.run(
        words,
        cwd=p.repository,
        env=p.env(**env),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return p.events().get("SessionStart", 0) > before


@pytest.fixture
def under(tmp_path):
    """Gives the words that run a program under an administrator's files: `under({name: value})`."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces: /etc/claude-code cannot be put in place for one program")

    def make(files: dict[str, object]) -> list[str]:
        folder = tmp_path / f"managed-{len(list(tmp_path.iterdir()))}"
        for name, value in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(json.dumps(value))
        return ["unshare", "-rm", "sh", "-c", UNDER, str(folder)]

    return make


BASE, DROP = "managed-settings.json", "managed-settings.d/50-hooks.json"
MANAGED: list[tuple[dict[str, object], bool]] = [
    ({BASE: {"model": "opus"}}, True),
    ({BASE: {"allowManagedHooksOnly": True}}, False),
    ({DROP: {"disableAllHooks": True}}, False),
    ({BASE: {"disableAllHooks": True}, DROP: {"disableAllHooks": False}}, True),
    ({BASE: {"strictPluginOnlyCustomization": ["hooks"]}}, False),
]
"""An administrator's files, and whether hooks of a person run under them."""


@pytest.mark.torture
def test_managed_settings_are_said_as_the_client_acts_by_them(place, under):
    p = place(HELLO)
    p.accrete("init", "--yes", "--no-mcp")
    for files, runs in MANAGED:
        wrap = under(files)
        assert ran(p, *wrap) == runs, files
        assert ("(managed settings)" not in said(p, "status", *wrap)) == runs, files
        assert ("(managed settings)" not in said(p, "init --dry-run --no-mcp", *wrap)) == runs, (
            files
        )
    assert "cleanupPeriodDays in /etc/claude-code/managed-settings.json" in said(
        p, "doctor", *under({BASE: {"cleanupPeriodDays": 77}})
    )


def test_hooks_turned_off_by_a_person_or_a_folder_are_said(place):
    p = place(HELLO)
    p.accrete("init", "--yes", "--no-mcp")
    user, shared, local = (
        p.home / ".claude" / "settings.json",
        p.repository / ".claude" / "settings.json",
        p.repository / ".claude" / "settings.local.json",
    )
    shared.parent.mkdir()
    for path in (shared, local):
        path.write_text('{"disableAllHooks": true}')
        assert not ran(p)
        assert f"{path} sets disableAllHooks, so no hooks run in this folder." in said(p, "status")
        path.unlink()
    assert ran(p)
    user.write_text(json.dumps({**json.loads(user.read_text()), "cleanupPeriodDays": 0}))
    assert not ran(p)
    assert "Claude Code ignores the whole file, hooks included" in said(p, "status")
    p.accrete("init", "--yes", "--no-mcp", "--retention", "90")
    assert ran(p)


ODD = (
    "nothing in it",
    "a byte order mark",
    "a byte order mark and nothing",
    "UTF-16 of PowerShell",
    "Latin-1 letters",
    "escapes",
    "odd numbers",
    "the same key twice",
    "hooks twice",
    "hooks of null",
    "an event of null",
    "an empty group",
    "a group that is none",
    "an unknown event",
    "deep nesting",
)
"""Files of which it is not plain that the client reads them; all the others were tried once too.
What `init` makes of each of them is held to in `tests/hooks/test_odd_settings.py`."""


@pytest.mark.grid
@pytest.mark.parametrize("name", ODD if TORTURE else ["hooks twice"])
def test_the_client_reads_what_init_made_of_an_odd_file(place, name):
    p = settled(place(HELLO))
    path = p.home / ".claude" / "settings.json"
    path.write_bytes(READ[name])
    p.accrete("init", "--yes", "--no-mcp", "--no-backfill", "--statusline")
    assert ran(p)
    p.accrete("uninstall", "--yes")
    assert path.read_bytes() == READ[name]


REFUSED = [
    name for name, (data, _) in LEFT_ASIDE.items() if b"hooks" not in data and b"model" in data
]


@pytest.mark.grid
@pytest.mark.parametrize("name", part(REFUSED, 1))
def test_the_client_leaves_aside_what_init_refuses(place, name):
    p = place(HELLO)
    data = LEFT_ASIDE[name][0]
    hook = (
        b'"hooks": {"UserPromptSubmit": [{"hooks": [{"type": '
        b'"command", "command": "touch ~/ran"}]}]}, "model"'
    )
    wide = data.startswith((b"\xfe\xff", b"\xff\xfe"))
    put = (
        hook.decode().encode("utf-16-be" if data.startswith(b"\xfe\xff") else "utf-16-le")
        if wide
        else hook
    )
    key = (
        '"model"'.encode("utf-16-be" if data.startswith(b"\xfe\xff") else "utf-16-le")
        if wide
        else b'"model"'
    )
    assert key in data or b"'model'" in data
    (p.home / ".claude" / "settings.json").write_bytes(
        data.replace(key, put).replace(b"'model'", put)
    )
    p.say("Say hello.")
    assert not (p.home / "ran").exists()


@pytest.mark.torture
def test_a_launcher_that_is_gone_is_not_heard_of(place):
    p = place(HELLO)
    p.accrete("init", "--yes", "--no-mcp", "--statusline")
    home = p.home / ".local" / "share" / "accrete"
    for gone in (home / "bin", home):
        shutil.rmtree(gone)
        words = [
            p.client,
            "-p",
            "Say hello",
            "--output-format",
            "stream-json",
            "--verbose",
            "--include-hook-events",
            "--model",
            "claude-opus-5-5",
        ]
        done = subprocess.run(
            words,
            cwd=p.repository,
            env=p.env(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        heard = [json.loads(line) for line in done.stdout.splitlines() if '"hook_response"' in line]
        assert {(each["exit_code"], each["outcome"], each["output"]) for each in heard} == {
            (0, "success", "")
        }
        assert done.stderr == ""
        kept = "".join(
            path.read_text() for path in (p.home / ".claude" / "projects").rglob("*.jsonl")
        )
        assert "hook_non_blocking_error" not in kept
    assert not home.exists()
    assert f"The data folder {home} is gone" in said(p, "status")


def test_several_config_folders_are_captured_into_one_record(place):
    p = place(HELLO)
    work = p.home / ".claude-work"
    work.mkdir()
    shutil.copy(p.home / ".claude.json", work / ".claude.json")
    data = p.home / ".local" / "share" / "accrete"
    data.mkdir(parents=True)
    (data / "config.json").write_text('{"configFolders": ["~/.claude-work"]}')
    (work / "settings.json").write_text("{}")
    p.accrete("init", "--yes")
    assert ran(p)
    assert ran(p, CLAUDE_CONFIG_DIR=str(work))
    assert p.until(lambda: p.rows("SELECT COUNT(*) FROM session") == [(2,)])
    for root, state in (
        (p.home / ".claude", p.home / ".claude.json"),
        (work, work / ".claude.json"),
    ):
        assert f"Hooks are in {root / 'settings.json'}" in said(p, "status")
        assert "accrete" in json.loads(state.read_text())["mcpServers"]
    p.accrete("uninstall", "--yes")
    assert not ran(p)
    assert not ran(p, CLAUDE_CONFIG_DIR=str(work))
    for state in (p.home / ".claude.json", work / ".claude.json"):
        assert "accrete" not in json.loads(state.read_text()).get("mcpServers", {})


@pytest.mark.torture
def test_a_foreign_server_of_our_name_is_left_alone_by_us_and_by_the_client(place):
    p = settled(place(HELLO))
    words = [
        p.client,
        "mcp",
        "add",
        "--scope",
        "user",
        "accrete",
        "--",
        "/opt/charts/serve",
        "--stdio",
    ]
    subprocess.run(
        words, cwd=p.repository, env=p.env(), capture_output=True, timeout=180, check=True
    )
    theirs = json.loads((p.home / ".claude.json").read_text())["mcpServers"]["accrete"]
    assert "another MCP server" in said(p, "init --yes")
    assert not (p.home / ".claude" / "settings.json").exists()
    p.accrete("init", "--yes", "--no-mcp")
    assert ran(p)
    assert "has another MCP server" in said(p, "status")
    p.accrete("uninstall", "--yes")
    assert json.loads((p.home / ".claude.json").read_text())["mcpServers"]["accrete"] == theirs


def test_a_plugin_alone_is_known_and_so_is_one_that_is_disabled(place):
    p = place(HELLO)
    market = p.home / "market"
    shutil.copytree(PLUGIN / "hooks" / "plugin", market / "hooks" / "plugin")
    shutil.copytree(PLUGIN / ".claude-plugin", market / ".claude-plugin")

    def client(*words: str) -> None:
        done = subprocess.run(
            [p.client, "plugin", *words],
            cwd=p.repository,
            env=p.env(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    client("marketplace", "add", str(market))
    client("install", "accrete@accrete")
    assert ran(p)
    told = said(p, "status")
    assert "The plugin accrete@accrete is enabled" in told
    assert "No hooks are installed" not in told
    assert "still captures" in said(p, "uninstall --yes")
    p.accrete("init", "--yes")
    assert "Every event arrives twice and is stored once" in said(p, "status")
    before = p.events()
    assert ran(p)
    assert {event: n - before[event] for event, n in p.events().items()} == {
        "SessionStart": 1,
        "UserPromptSubmit": 1,
        "Stop": 1,
        "SessionEnd": 1,
    }
    p.accrete("uninstall", "--yes")
    client("disable", "accrete@accrete")
    assert not ran(p)
    assert "is disabled in" in said(p, "status")


@pytest.mark.torture
def test_sessions_that_went_by_without_an_event_are_a_warning(place):
    p = place(HELLO)
    p.accrete("init", "--yes", "--no-mcp")
    noted = p.home / ".local" / "share" / "accrete" / "installed.json"
    os.utime(noted, (noted.stat().st_mtime - 86_400,) * 2)
    assert ran(p)
    assert "without an event" not in said(p, "status")
    p.say("Say hello.", "--bare")
    for command in ("status", "doctor"):
        told = said(p, command)
        assert "1 transcript changed without an event, though hooks are installed" in told
        assert "They ran with --bare" in told
