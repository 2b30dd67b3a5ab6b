"""A command loads what it shows and no more: most of its time is spent on imports."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from hashlib import blake2b

import pytest

from accrete.projects import settled
from accrete.settings import read_settings
from accrete.text.lazy import lazy
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

ASKED = (
    "import sys, accrete.commands\n"
    "try: accrete.commands.main(sys.argv[1:])\n"
    "except SystemExit as ended: assert not ended.code, ended.code\n"
    "print('\\n' + ' '.join(sys.modules), file=sys.stderr)\n"
)
READING = {
    "accrete.derive.refresh", "accrete.derive.session", "accrete.ingest.pipeline",
    "accrete.model.captured", "accrete.model.tables", "accrete.outcomes.commits",
    "accrete.outcomes.shell", "accrete.pricing.table", "accrete.projects.repository",
    "accrete.projects.resolve", "accrete.record.files", "accrete.record.forgotten",
    "accrete.record.store", "accrete.redaction.engine", "accrete.transcript.decode",
}  # fmt: skip
"""What reads, derives and stores."""
SLOW = {
    "accrete.database.postgres", "accrete.model.days", "accrete.model.field",
    "accrete.projects.folders", "aiosqlite", "asyncio", "concurrent.futures", "hashlib",
    "importlib.resources", "logging", "msgspec", "psycopg", "rich.console", "rich.text",
    "subprocess", "tempfile", "zoneinfo",
}  # fmt: skip
"""What takes long to import, and belongs to other commands; `zoneinfo`, where the zone is UTC."""
COMMANDS = ["overview", "sessions", "cost", "practices", "figures", "search word", "show latest",
            "doctor", "today"]  # fmt: skip


def loaded_by(command: str) -> tuple[str, set[str]]:
    """What a command prints, and the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *command.split()],
        env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout, set(done.stderr.splitlines()[-1].split())


@pytest.mark.loads
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split()[0])
def test_a_command_that_only_shows_loads_nothing_of_reading(kept, command):
    t = Transcript(1)
    t.prompt("Mend the cart, word by word — and its tests")
    t.call("Bash", {"command": "pytest -q"})
    t.result("1 failed → see ↳ above", error=True)
    t.answer("msg_1")
    kept(t)
    said, loaded = loaded_by(command)
    assert said.strip()
    assert "accrete.queries.scope" in loaded
    assert loaded & (READING | SLOW) == set()


@pytest.mark.loads
def test_no_pattern_is_compiled_that_a_command_does_not_use(kept):
    t = Transcript(1)
    t.prompt("Mend the cart")
    kept(t)
    code = (
        "from accrete.text.lazy import Lazy\n"
        "made = []\n"
        "Lazy.compiled = lambda self, real=Lazy.compiled: made.append(self.pattern) or real(self)\n"
        "from accrete.commands import main\n"
        "main(['overview'])\n"
        "print(len(made))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout.splitlines()[-1]) <= 5


@pytest.mark.parametrize(
    ("command", "at_once"),
    [("overview", True), ("--since 3m", True), ("", True), ("show latest", True),
     ("backfill", True), ("doctor --json", True), ("show nothing-like-it", False),
     ("completion bash", False)],
)  # fmt: skip
def test_a_command_that_has_said_all_ends_at_once(kept, command, at_once):
    t = Transcript(1)
    t.prompt("Mend the cart")
    kept(t)
    code = (
        "import atexit, os, sys\n"
        "atexit.register(os.write, 2, b'taken to pieces')\n"
        "from accrete.__main__ import main\n"
        "main()\n"
    )
    ended, asked = (
        subprocess.run(words, capture_output=True, text=True, check=False)
        for words in (
            [sys.executable, "-c", code, *command.split()],
            [sys.executable, "-c", "from accrete.commands import main; main()", *command.split()],
        )
    )
    assert ("taken to pieces" in ended.stderr) != at_once
    assert ended.stdout == asked.stdout
    assert ended.returncode == asked.returncode
    assert ended.stderr.removesuffix("taken to pieces") == asked.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")
def test_a_command_whose_last_words_cannot_be_written_says_so(kept):
    t = Transcript(1)
    t.prompt("Mend the cart")
    kept(t)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "accrete", "overview"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "Cannot write: No space left on device." in done.stderr


def test_the_head_of_a_replay_stands_before_the_rest_is_read(kept, monkeypatch):
    from accrete.commands import common, show

    t = Transcript(1)
    t.prompt("Mend the cart")
    t.answer("msg_1")
    kept(t)
    db = common.open_record(common.settings())
    now = common.local_now(common.settings())
    wanted = show._Wanted(None, None, None, False, None, None)
    asked = []
    real = show.replay
    monkeypatch.setattr(show, "replay", lambda *given: asked.append(db.connection.in_transaction)
                        or real(*given))  # fmt: skip
    pages = show._pages(db, t.session, common.console(), now, None, wanted)
    assert t.session in next(pages)
    assert asked == []
    assert db.connection.in_transaction
    rest = list(pages)
    assert asked == [True]
    assert not db.connection.in_transaction
    assert "Mend the cart" in "".join(rest)
    db.close()


@pytest.mark.parametrize("config", [None, "{"], ids=["read", "unreadable"])
def test_the_status_line_says_the_same_with_and_without_the_command_line(tmp_path, config):
    home = tmp_path / "data"
    home.mkdir()
    if config is not None:
        (home / "config.json").write_text(config)
    given = json.dumps({"session_id": "a", "model": {"display_name": "Opus"}}).encode()
    env = {**os.environ, "ACCRETE_HOME": str(home)}
    short, long = (
        subprocess.run(command, input=given, capture_output=True, env=env, check=False)
        for command in (
            [sys.executable, "-m", "accrete", "statusline"],
            [sys.executable, "-c", "from accrete.commands import main; main(['statusline'])"],
        )
    )
    assert (short.returncode, short.stdout, short.stderr) == (
        long.returncode, long.stdout, long.stderr,
    )  # fmt: skip
    assert (b"Opus" in short.stdout) == (config is None)
    assert (b"config.json" in short.stderr) == (config is not None)


def test_the_written_digest_of_no_rules_is_the_one_that_would_be_computed():
    written = settled.digest(())
    assert settled.digest([settled.Rule("/a", "a")]) != written
    text = repr((settled.PLACING_VERSION, [])).encode()
    assert written == blake2b(text, digest_size=8).hexdigest()


def test_a_pattern_that_waits_for_its_first_use_can_be_handed_over():
    assert pickle.loads(pickle.dumps(lazy("a+"))).findall("aab") == ["aa"]


@pytest.mark.parametrize("config", [None, "{}", '{"timeZone": "Europe/Berlin", "localTier": 2}'])
def test_reading_the_settings_writes_no_file(tmp_path, config):
    client, data = tmp_path / "client", tmp_path / "data"
    client.mkdir()
    if config is not None:
        data.mkdir()
        (data / "config.json").write_text(config)
    env = {"HOME": str(tmp_path), "ACCRETE_HOME": str(data), "CLAUDE_CONFIG_DIR": str(client)}
    before = [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))]
    assert read_settings(env).home == data
    assert [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))] == before
