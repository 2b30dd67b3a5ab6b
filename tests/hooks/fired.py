"""Runs the hook as the client does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from accrete.record.spool import read_event
from tests.patience import LONG_S

CAPTURE = Path(__file__).resolve().parents[2] / "hooks" / "accrete_hooks" / "capture.py"


PAYLOAD = {
    "session_id": "s1",
    "hook_event_name": "Stop",
    "last_assistant_message": "Done — überall.",
    "transcript_path": "/nope/s1.jsonl",
}


def fire(
    home: Path,
    event: str = "Stop",
    payload: object = PAYLOAD,
    *,
    cwd: Path | None = None,
    **env: str,
) -> subprocess.CompletedProcess[bytes]:
    data = (
        payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    )
    words = [sys.executable, "-I", "-S", str(CAPTURE), event, str(home)]
    return subprocess.run(
        words,
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd,
        timeout=LONG_S,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **env},
    )


def events(home: Path) -> list:
    return [read_event(path.read_bytes()) for path in sorted((home / "spool").glob("*.hook"))]


def silent(done: subprocess.CompletedProcess[bytes]) -> bool:
    return (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
