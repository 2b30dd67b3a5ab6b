"""Ownership by its definition, slowly: each record's copies looked at on their own. What the
program keeps is compared with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from accrete.database import Database, Sqlite
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.records import projects, rows
from tests.transcripts import Transcript


class Copy(NamedTuple):
    """One session's copy of a record."""

    session: str
    forked_from: str | None


class Line(NamedTuple):
    """What of an event decides on owners."""

    session: str
    agent: str
    uuid: str
    at: int | None
    forked_from: str | None
    message: str | None
    sidechain: int


class Owners:
    """Who owns what, and which records are therefore repetitions."""

    def __init__(self, db: Database) -> None:
        self.lines = [
            Line(*row)
            for row in db.run(
                "SELECT session, agent, uuid, at, forked_from, message_id, sidechain FROM event"
            )
        ]
        self.spoken = [
            line for line in self.lines if not line.agent and not line.uuid.startswith("#")
        ]
        contested = {
            row[0] for row in db.run("SELECT message_id FROM response WHERE contested = 1")
        }
        self.messages = _by(
            (line.message, line) for line in self.lines if line.message in contested
        )
        held = _by(
            db.run(
                "SELECT uuid, session FROM prompt "
                "WHERE kind <> 'queued_prompt' OR substr(uuid, 1, 1) <> '#'"
            )
        )
        self.prompts = {
            uuid: [
                Copy(session, fork)
                for session in sessions
                for fork in {
                    e.forked_from for e in self.spoken if (e.session, e.uuid) == (session, uuid)
                }
                or {None}
            ]
            for uuid, sessions in held.items()
            if len(set(sessions)) > 1
        }
        requests = _by(db.run("SELECT message_id, session FROM response"))
        groups = [
            {c.session for c in held} for held in (*self.prompts.values(), *self.messages.values())
        ]
        groups += [set(held) for held in requests.values()]
        self.near: dict[str, set[str]] = defaultdict(set)
        for group in groups:
            for session in group:
                self.near[session] |= group

    def of(self, copies: Iterable[Copy | Line]) -> str:
        """(1) The session that others name; (2) the one whose first unshared line is earliest; (3)
        the smaller id."""
        copies = list(copies)
        sessions = {c.session for c in copies}
        names = [
            (c.session, c.forked_from) for c in copies if c.forked_from in sessions - {c.session}
        ]
        forks = {session for session, _ in names}
        roots = {origin for _, origin in names if origin not in forks} or sessions
        return min(
            roots, key=lambda session: (self.first_unshared(session, sessions) or 0, session)
        )

    def first_unshared(self, session: str, group: set[str]) -> int | None:
        others = {line.uuid for line in self.spoken if line.session in group - {session}}
        mine = (line for line in self.spoken if line.session == session and line.uuid not in others)
        return min((line.at for line in mine if line.at is not None), default=None)

    def responses(self) -> dict[str, tuple[str, str]]:
        """message id -> (session, agent) that owns it."""
        found = {}
        for message, copies in self.messages.items():
            owner = self.of(copies)
            found[message] = (
                owner,
                min((c.sidechain, c.agent) for c in copies if c.session == owner)[1],
            )
        return found

    def replayed_prompts(self) -> set[tuple[str, str]]:
        """(session, uuid) of prompts that another session owns."""
        return {
            (c.session, uuid)
            for uuid, held in self.prompts.items()
            for c in held
            if c.session != self.of(held)
        }

    def replayed_records(self) -> set[tuple[str, str]]:
        """(session, uuid) of records that another session owns, which shares prompts or responses
        with this one."""
        copies: dict[tuple[str, str], set[Line]] = defaultdict(set)
        by_uuid = _by(((e.agent, e.uuid), e) for e in self.lines if not e.uuid.startswith("#"))
        for (_, uuid), held in by_uuid.items():
            for mine, other in combinations(held, 2):
                if other.session in self.near[mine.session] - {mine.session}:
                    copies[mine.session, uuid] |= {mine, other}
                    copies[other.session, uuid] |= {mine, other}
        return {key for key, held in copies.items() if self.of(held) != key[0]}


def _by(pairs: Iterable[tuple]) -> dict[str, list]:
    found: dict[str, list] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def at(base: Path, name: str) -> Settings:
    return Settings(home=base / name / "data", roots=(base / name / "claude",), zone="UTC")


def check_by_the_rule(settings: Settings) -> None:
    db = Sqlite(settings.database, readonly=True)
    rule = Owners(db)
    assert (
        set(db.run("SELECT session, uuid FROM prompt WHERE replayed = 1"))
        == rule.replayed_prompts()
    )
    assert (
        set(db.run("SELECT session, uuid FROM event WHERE replayed = 1")) == rule.replayed_records()
    )
    owned = db.run("SELECT message_id, session, agent FROM response WHERE contested = 1")
    assert {(message, (session, agent)) for message, session, agent in owned} == set(
        rule.responses().items()
    )
    db.close()


def derived_by(settings: Settings, t: Transcript) -> set[str]:
    """The sessions that are worked out when one more line of this one is read."""
    db = Sqlite(settings.database)
    db.run("UPDATE session SET wall_ms = -1")
    db.close()
    t.write(projects(settings))
    ingest(settings)
    return {row[0] for row in rows(settings, "SELECT id FROM session WHERE wall_ms <> -1")}
