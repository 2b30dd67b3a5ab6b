"""What its owner deleted does not come back: filters what is read by the list of what was forgotten."""

from __future__ import annotations

from accrete.database import Database
from accrete.model import TypedHistory
from accrete.projects import identify
from accrete.transcript.assemble import Batch


class Forgotten:
    """The list of forgotten sessions, projects and times of one person, as it stands when it is made."""

    def __init__(self, db: Database, person: int) -> None:
        rows = db.run("SELECT what, value FROM forgotten WHERE person = ?", (person,))
        self.sessions = {value for what, value in rows if what == "session"}
        self.projects = {value for what, value in rows if what == "project"}
        self.before = max((int(value) for what, value in rows if what == "before"), default=None)
        self.history_to = max((int(value) for what, value in rows if what in ("before", "history")), default=None)

    def drop(self, batch: Batch) -> int:
        """Takes the rows of forgotten sessions out of a batch; returns how many sessions that were."""
        if self.projects:
            for key in batch.contexts:
                if key[1] and identify(key[1]).id in self.projects:
                    self.sessions.add(key[0])
        named = batch.sessions | {event.session for event in batch.events}
        gone = self.sessions & named
        if gone:
            _without(batch, gone)
        return len(gone)

    def keep_history(self, rows: list[TypedHistory]) -> list[TypedHistory]:
        """The remembered prompts that were not forgotten."""
        return [row for row in rows if not self._forgets(row)]

    def _forgets(self, row: TypedHistory) -> bool:
        if row.session in self.sessions:
            return True
        if self.history_to is not None and (row.at is None or row.at < self.history_to):
            return True
        return bool(self.projects and row.project_path and identify(row.project_path).id in self.projects)


def _without(batch: Batch, gone: set[str]) -> None:
    batch.sessions -= gone
    batch.events = [row for row in batch.events if row.session not in gone]
    batch.prompts = [row for row in batch.prompts if row.session not in gone]
    batch.responses = {key: row for key, row in batch.responses.items() if row[3] not in gone}
    batch.tool_calls = {key: pair for key, pair in batch.tool_calls.items() if pair[0].session not in gone}
    batch.results = [row for row in batch.results if row.session not in gone]
    batch.agents = {key: row for key, row in batch.agents.items() if row.session not in gone}
    batch.contexts = {key: seqs for key, seqs in batch.contexts.items() if key[0] not in gone}
    batch.pull_requests = {key: row for key, row in batch.pull_requests.items() if row.session not in gone}
