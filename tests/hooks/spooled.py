"""Events in a spool, and a clock that waits for nobody."""

from __future__ import annotations

import json
import time
from pathlib import Path

from accrete.edge.local import ME
from accrete.ingest import open_for_writing
from accrete.record import spool
from accrete.settings import Settings
from tests.transcripts import START, Transcript


def put(
    settings: Settings,
    name: str,
    payload: dict,
    *,
    at: int = START,
    zone: str = "-",
    offset: int = 0,
    n: int = 0,
) -> Path:
    settings.spool.mkdir(parents=True, exist_ok=True)
    body = json.dumps(payload)
    path = settings.spool / f"{at:020d}-{n}-{name}.hook"
    path.write_text(f"accrete-hook 1 {name} {at} {offset} {zone} -\n/home/dev/demo\n{body}")
    return path


def drained(settings: Settings) -> spool.Drained:
    db = open_for_writing(settings)
    try:
        return spool.drain(db, ME, settings)
    finally:
        db.close()


class Waited:
    """A clock that goes on only while someone sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = time.time()

    def clock(self) -> float:
        return self._began + self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def talk(n: int = 1, answers: int = 1) -> Transcript:
    t = Transcript(n)
    for k in range(answers):
        t.prompt(f"Question {k}")
        t.answer(f"msg_{n}_{k}", blocks=[{"type": "text", "text": f"Answer {k}"}])
    return t
