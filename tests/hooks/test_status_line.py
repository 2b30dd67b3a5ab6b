"""The status line: set beside the one before, and never in the way."""

from __future__ import annotations

import json
import subprocess

import pytest
from accrete_hooks import install, jsontext

from tests.hooks.conftest import settings_of


@pytest.mark.parametrize(
    "before",
    [
        '{"model": "opus"}',
        '{\n  "statusLine": {"type": "command", "command": "echo mine", "padding": 0},\n  "a": 1\n'
        "}\n",
    ],
)
def test_a_status_line_is_set_keeps_the_one_before_and_goes_again(place, run, before):
    settings_of(place).write_text(before)
    assert run("init", "--yes", "--no-backfill", "--no-mcp", "--statusline")[0] == 0
    command = json.loads(settings_of(place).read_bytes())["statusLine"]["command"]
    given = {
        "session_id": "s",
        "model": {"display_name": "Opus"},
        "cost": {"total_cost_usd": 1.5},
        "context_window": {"used_percentage": 91},
        "rate_limits": {"five_hour": {"used_percentage": 40, "resets_at": 1}},
    }
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=json.dumps(given).encode(),
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    lines = done.stdout.decode().splitlines()
    assert (lines[0] == "mine") == ("mine" in before)
    assert all(word in lines[-1] for word in ("Opus", "context 91%", "$1.50", "5h 40%"))
    assert (
        json.loads((place / "data" / "limits.json").read_bytes())["rate_limits"]["five_hour"][
            "used_percentage"
        ]
        == 40
    )
    assert sorted(p.name for p in (place / "data" / "bin").iterdir() if "line" in p.name) == [
        "accrete-statusline",
        "status_line.py",
        "statusline.py",
    ]
    text = settings_of(place).read_text()
    settings_of(place).write_text(jsontext.insert(text, jsontext.root(text), 1, "since"))
    run("uninstall", "--yes")
    assert json.loads(settings_of(place).read_bytes()) == {**json.loads(before), "since": 1}
    assert not (place / "data" / "statusline-before").exists()
    assert not (place / "data" / "bin").exists()


@pytest.mark.parametrize(
    "given",
    [
        b"",
        b"[]",
        b"{",
        b'{"session_id": 5, "model": 3, "cost": [], "rate_limits": {"five_hour": 7}}',
    ],
)
def test_the_status_line_takes_whatever_comes(place, run, given):
    run("init", "--yes", "--no-backfill", "--no-mcp", "--statusline")
    done = subprocess.run(
        [str(place / "data" / "bin" / install.STATUSLINE)],
        input=given,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.long
def test_the_status_line_knows_what_the_record_knows(place, run, tmp_path):
    from tests.transcripts import Transcript

    t = Transcript(1)
    t.prompt("Go")
    for n in range(30):
        t.call(
            "Edit",
            {"file_path": "/x.py", "old_string": "a", "new_string": "b"},
            message_id=f"m{n}",
            use=f"u{n}",
            usage={"output_tokens": 40_000},
        )
        t.result("ok", use=f"u{n}")
    t.write(place / ".claude" / "projects")
    run("init", "--yes", "--no-mcp")
    (place / "data" / "config.json").write_text('{"sessionBudgetUsd": 1}')
    import io
    import sys as system

    done = subprocess.run(
        [system.executable, "-m", "accrete", "statusline"],
        input=json.dumps({"session_id": t.session}).encode(),
        capture_output=True,
        check=True,
    )
    said = io.TextIOWrapper(io.BytesIO(done.stdout), "utf-8").read()
    assert "over budget" in said
    assert "30 tool calls, no tests yet" in said
