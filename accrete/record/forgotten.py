"""Keeps deleted sessions out: filters what is read by the list of deletions."""

from __future__ import annotations

from collections.abc import Callable

from accrete.database import Database
from accrete.model.batch import Batch, Span
from accrete.model.captured import TypedHistory
from accrete.projects.identities import identities
from accrete.record.file_names import name_of_file
from accrete.record.ignored import Ignored
from accrete.redaction import redact


class Forgotten:
    """The list of forgotten sessions, projects and times of one person, as it stands when it is
    made.

    `found_again`: sessions that turned out to be of a forgotten project after some of their rows
    had been stored.
    """

    def __init__(self, db: Database, person: int) -> None:
        rows = db.run("SELECT what, value FROM forgotten WHERE person = ?", (person,))
        self.db, self.person = db, person
        self.sessions = {value for what, value in rows if what == "session"}
        self.projects = {value for what, value in rows if what == "project"}
        self.files = {value for what, value in rows if what == "file"}
        self.before = max((int(value) for what, value in rows if what == "before"), default=None)
        self.history_to = max(
            (int(value) for what, value in rows if what in ("before", "history")), default=None
        )
        self.found_again: set[str] = set()

    def drop(self, batch: Batch, path: str, now: int) -> int:
        """Takes the rows of forgotten sessions out of a batch of this file; returns how many
        sessions that were. A session belongs to the project of the folder it began in, and is
        remembered as forgotten for good. To be called in the transaction that stores the batch."""
        named = batch.named
        if self.projects:
            for session in sorted(named - self.sessions):
                if self._of_forgotten_project(session, batch):
                    self.sessions.add(session)
                    self.db.run(
                        "INSERT INTO forgotten (person, what, value, at) "
                        "VALUES (?, 'session', ?, ?) ON CONFLICT DO NOTHING",
                        (self.person, session, now),
                    )
                    self.db.run(
                        "DELETE FROM hook_event WHERE person = ? AND session = ?",
                        (self.person, session),
                    )
        gone = self.sessions & named
        if self.files and name_of_file(path) in self.files:
            gone = (
                gone
                | {""}
                | {event.session for event in batch.events if event.session not in batch.sessions}
            )
        if gone:
            _without(batch, gone)
        return len(gone - {""})

    def _of_forgotten_project(self, session: str, batch: Batch) -> bool:
        known = self.db.run(
            "SELECT cwd FROM session_context WHERE person = ? "
            "AND session = ? AND cwd <> '' ORDER BY first_seq, cwd LIMIT 1",
            (self.person, session),
        )
        folders = sorted(
            (span.first, said.cwd)
            for said, span in batch.contexts.items()
            if said.session == session and said.cwd
        )
        if known or not folders or not self.forgets_folder(folders[0][1]):
            return False
        if self.db.run("SELECT 1 FROM session WHERE person = ? AND id = ?", (self.person, session)):
            self.found_again.add(session)
        return True

    def found_by_project(self) -> set[str]:
        """Stored sessions that turned out to be of a forgotten project when all was known of their
        folders."""
        rows = self.db.run(
            """SELECT s.id FROM session s JOIN forgotten f ON f.person = s.person
            AND f.value = s.project
            WHERE s.person = ? AND f.what = 'project'""",
            (self.person,),
        )
        return {value for (value,) in rows}

    def forgets_folder(self, folder: str) -> bool:
        """Whether a folder is of a forgotten project."""
        return bool(self.projects and folder and identities(folder, redact) & self.projects)

    def keep_history(self, rows: list[TypedHistory]) -> list[TypedHistory]:
        """The remembered prompts that were not forgotten."""
        return [row for row in rows if not self.forgets(row)]

    def forgets(self, row: TypedHistory) -> bool:
        """Whether a remembered prompt is of what was forgotten."""
        if row.session in self.sessions:
            return True
        if self.history_to is not None and (row.at is None or row.at < self.history_to):
            return True
        return self.forgets_folder(row.project_path or "")


def drop_ignored(ignored: Ignored, batch: Batch, path: str) -> int:
    """Takes the rows of a file of a session that began in an ignored folder out of a batch;
    returns how many sessions those were. Of a session that began elsewhere and goes there, the
    folder's name is left out."""
    if not ignored.holds(path):
        _without_names(batch, ignored.covers)
        return 0
    gone = batch.named | {event.session for event in batch.events}
    if gone:
        _without(batch, gone)
    return len(gone)


def forget_history(db: Database, person: int) -> int:
    """Deletes the remembered prompts that the list of what was forgotten covers; returns how
    many."""
    forgotten = Forgotten(db, person)
    rows = db.run(
        f"SELECT {', '.join(TypedHistory._fields)} FROM typed_history WHERE person = ?", (person,)
    )
    remembered = map(TypedHistory._make, rows)
    gone = [(person, each.id) for each in remembered if forgotten.forgets(each)]
    db.many("DELETE FROM typed_history WHERE person = ? AND id = ?", gone)
    return len(gone)


def _without_names(batch: Batch, covers: Callable[[str], bool]) -> None:
    """Leaves out what ignored folders are called where sessions say where they are."""
    for said in [said for said in batch.contexts if said.cwd and covers(said.cwd)]:
        span, nameless = batch.contexts.pop(said), said._replace(cwd="")
        other = batch.contexts.get(nameless, span)
        batch.contexts[nameless] = Span(min(span.first, other.first), max(span.last, other.last))


def _without(batch: Batch, gone: set[str]) -> None:
    batch.sessions -= gone
    batch.events = [row for row in batch.events if row.session not in gone]
    batch.prompts = [row for row in batch.prompts if row.session not in gone]
    heirs = {
        event.message_id: (event.session, event.agent)
        for event in reversed(batch.events)
        if event.message_id
    }
    # A response or call that a kept session of the same file holds too goes to it.
    for key, response in batch.responses.items():
        if response.session in gone and (heir := heirs.get(response.message_id)):
            batch.responses[key] = response._replace(session=heir[0], agent=heir[1])
    for key, (call, result) in batch.tool_calls.items():
        if call.session in gone and (heir := heirs.get(call.message_id)):
            batch.tool_calls[key] = (call._replace(session=heir[0], agent=heir[1]), result)
    batch.responses = {key: row for key, row in batch.responses.items() if row.session not in gone}
    batch.tool_calls = {
        key: pair for key, pair in batch.tool_calls.items() if pair[0].session not in gone
    }
    batch.results = [row for row in batch.results if row.session not in gone]
    batch.agents = {key: row for key, row in batch.agents.items() if row.session not in gone}
    batch.contexts = {
        said: span for said, span in batch.contexts.items() if said.session not in gone
    }
    batch.pull_requests = {
        key: row for key, row in batch.pull_requests.items() if row.session not in gone
    }
