"""Whether transcripts have grown since they were read; then an ingest is started."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from accrete.edge.start import start
from accrete.queries.moving import Tail
from accrete.settings import Settings

AT_WORK_MS = 48 * 3_600_000
"""How long after its last line a transcript is looked at: sessions are resumed a day later."""
AGAIN_S = 3.0
"""How long after the last change one more is started: the one before may have been too early, or
failed."""
LEAST_S = 1.0
"""The least time between two ingests that are started."""


class Growing:
    """Remembers what it saw, so that one change starts one ingest."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._sizes: dict[str, int] = {}
        self._folders: dict[str, int] | None = None
        self._started = 0.0
        self._due = False
        self._again_at: float | None = None

    def look(self, tails: Iterable[Tail]) -> bool:
        """Looks at the transcripts and at the folders that new ones appear in; starts an ingest
        where something grew, and at the first look: nobody knows what came before it. Returns
        whether it did."""
        grew, now = self._grown(tails), time.monotonic()
        changed = self._appeared() or grew
        self._due = self._due or changed
        if changed:
            self._again_at = now + AGAIN_S
        again = self._again_at is not None and now >= self._again_at
        if not (self._due or again) or now < self._started + LEAST_S or not start():
            return False
        self._started, self._due = now, False
        if again:
            self._again_at = None
        return True

    def _grown(self, tails: Iterable[Tail]) -> bool:
        grew = False
        for path, read in tails:
            try:
                size = os.stat(path).st_size
            except OSError:
                continue
            if size != read and self._sizes.get(path) != size:
                self._sizes[path] = size
                grew = True
        return grew

    def _appeared(self) -> bool:
        found: dict[str, int] = {}
        for root in self.settings.roots:
            try:
                with os.scandir(root / "projects") as entries:
                    for entry in entries:
                        found[entry.path] = entry.stat().st_mtime_ns
            except OSError:
                continue
        before, self._folders = self._folders, found
        return before != found
