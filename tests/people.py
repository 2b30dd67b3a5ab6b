"""Two people in one database, whose rows have the same ids."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accrete.database import Database
from accrete.derive.refresh import refresh
from accrete.model.captured import HookEvent
from accrete.projects.repository import look
from accrete.record import store
from accrete.record.readers import read_job
from accrete.settings import Settings
from accrete.transcript.discover import discover
from accrete.transcript.read import Job
from tests.records import busy, projects, world
from tests.transcripts import Transcript


def fill(db: Database, settings: Settings, person: int = 1) -> None:
    """Stores and derives all transcripts of a person, twice over, in two pieces of work."""
    store.ensure_person(db, person)
    for _ in range(2):
        for found in discover(settings.roots).files:
            meta = str(found.meta) if found.meta else None
            job = Job(
                str(found.path), found.layout, found.session, found.agent, meta, None, person=person
            )
            for reading in read_job(job, str):
                with db.transaction():
                    folders = {said.cwd for said in reading.piece.batch.contexts}
                    store.add_folders(db, person, {folder: look(folder) for folder in folders}, 1)
                    store.store_batch(db, reading.piece.batch, person=person, zone="UTC")
                    store.store_history(db, reading.piece.history)
        refresh(db, person, replace(settings, person=person))


def of_another(settings: Settings, folder: Path) -> Settings:
    """Transcripts of somebody else with the same ids, in a place of their own."""
    theirs = replace(settings, home=folder / "data", roots=(folder / "claude",), person=2)
    for n, turns in ((1, 3), (2, 7)):
        made: Transcript = busy(n, turns=turns)
        made.prompt("A needle1 of somebody else")
        made.answer(f"msg_{n}_theirs", usage={"output_tokens": 77_000})
        made.lines.append(
            {"type": "summary", "summary": "Theirs", "leafUuid": made.lines[-1]["uuid"]}
        )
        made.write(projects(theirs))
    return theirs


def both_people(db: Database, settings: Settings, folder: Path) -> None:
    """Person 1 with the sessions of `records.world`, person 2 with others of the same ids."""
    world(settings)
    fill(db, settings)
    fill(db, of_another(settings, folder), 2)
    for person in (1, 2):
        stop(db, person)


def stop(db: Database, person: int) -> None:
    """An event of a hook of a person's."""
    event = HookEvent(person, "s", "Stop", person, "h", "UTC", "{}")
    with db.transaction():
        store.add_hook_event(db, event, within_ms=1)
