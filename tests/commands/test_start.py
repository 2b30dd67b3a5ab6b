"""A command loads what it shows and no more: most of its time is spent on imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from hashlib import blake2b

import pytest

from accrete.projects import settled
from tests.transcripts import Transcript

pytestmark = pytest.mark.long

ASKED = (
    "import sys, accrete.commands\n"
    "try: accrete.commands.main(sys.argv[1:])\n"
    "except SystemExit as ended: assert not ended.code, ended.code\n"
    "print('\\n' + ' '.join(sys.modules), file=sys.stderr)\n"
)
NOT_NEEDED = {
    "accrete.ingest", "accrete.outcomes.shell", "accrete.pricing.table",
    "accrete.projects.resolve", "accrete.queries.projects", "accrete.record.store",
    "accrete.redaction", "asyncio", "hashlib", "msgspec", "psycopg", "rich.console",
}  # fmt: skip
"""What takes long to import, and belongs to reading, or to other commands."""


@pytest.mark.parametrize(
    "command",
    ["overview", "sessions", "cost", "practices", "figures", "search word"],
    ids=lambda command: command.split()[0],
)
def test_a_command_that_only_shows_loads_nothing_of_reading(kept, command):
    t = Transcript(1)
    t.prompt("Mend the cart, word by word — and its tests")
    t.answer("msg_1")
    kept(t)
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *command.split()], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip()
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "accrete.queries.scope" in loaded
    assert loaded & NOT_NEEDED == set()


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
