"""Moves of a company, each in a process that is killed at a line: `python -m tests.team.killed`
reads what to move, a JSON list a line, and answers `killed` or `done`."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from accrete_team import copies, moves, portable, registry, tenants

TRACED = {each.__file__ for each in (copies, moves, portable, registry, tenants)}
"""The modules whose lines are counted, each when it is run first."""


def killed_at(line: int) -> None:
    """Kills this process before the so many-th line."""
    seen: set[tuple[CodeType, int]] = set()

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line":
            seen.add((frame.f_code, frame.f_lineno))
            if len(seen) == line:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)


def main() -> None:
    """Answers each line."""
    for asked in sys.stdin:
        home, slug, url, to_sqlite, line = json.loads(asked)
        child = os.fork()
        if child == 0:
            known = registry.Registry(Path(home))
            killed_at(line)
            moves.move(known, slug, admin_url=url, to_sqlite=to_sqlite)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        said = {signal.SIGKILL: "killed", 0: "done"}.get(by, "fault")
        print(said if os.WIFSIGNALED(status) or not status else "fault", flush=True)


if __name__ == "__main__":
    main()
