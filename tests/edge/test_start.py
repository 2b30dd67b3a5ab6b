"""An ingest is started once at a time, and waited for only where the running session is behind."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from accrete.edge import start as starting
from accrete.edge.start import freshen, later, pull_states, start, sync
from tests.records import kept, projects
from tests.transcripts import busy, fork, session_id

ONE = session_id(1)


class Child:
    """A process that was started. code: how it ended, None while it runs."""

    def __init__(self, code: int | None, said: bytes) -> None:
        self.code, self.said = code, said

    def poll(self) -> int | None:
        return self.code

    def communicate(self) -> tuple[bytes, None]:
        return self.said, None


class Begun:
    """The commands that were started. ends: how the next ones end, and what each says."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, ...]] = []
        self.children: list[Child] = []
        self.ends: list[tuple[int | None, bytes]] = []

    def __call__(self, *command: str, stdout: int = 0) -> Child:
        self.commands.append(command)
        self.children.append(Child(*(self.ends.pop(0) if self.ends else (None, b""))))
        return self.children[-1]


@pytest.fixture
def begun(monkeypatch) -> Begun:
    made = Begun()
    monkeypatch.setattr(starting, "_children", [])
    monkeypatch.setattr(starting, "_syncs", [])
    monkeypatch.setattr(starting, "_detached", made)
    monkeypatch.setattr(starting, "running_session", lambda: ONE)
    monkeypatch.setattr(starting, "LOOK_S", 0.0)
    monkeypatch.setattr(starting, "HELD_S", 0.0)
    return made


NOW = ("ingest", "--json", "--now")


def test_no_ingest_is_started_while_the_one_before_runs(begun):
    assert [start(), start()] == [True, False]
    begun.children[0].code = 1
    assert [start(), start()] == [True, False]
    assert begun.commands == [("ingest", "--json")] * 2
    assert starting._children == [begun.children[1]]


def test_what_else_is_started_is_let_go_when_it_has_ended(begun):
    later()
    pull_states()
    sync()
    begun.children[-1].code = 0
    sync()
    sync()
    due = ("sync", "--due")
    ingest = ("ingest", "--json")
    assert begun.commands == [(*ingest, "--later"), (*ingest, "--pull-states"), due, due, due]
    assert starting._syncs == begun.children[3:]


def test_a_question_without_a_record_starts_nothing_and_makes_none(begun, settings):
    busy(1).write(projects(settings))
    freshen(settings)
    assert begun.commands == []
    assert not settings.database.exists()


def test_a_session_that_was_read_whole_is_not_waited_for_and_neither_is_any_other(
    begun, settings, monkeypatch
):
    kept(settings, busy(1), busy(2))
    busy(2, turns=5).write(projects(settings))
    busy(3).write(projects(settings))
    freshen(settings)
    monkeypatch.setattr(starting, "running_session", lambda: "")
    busy(1, turns=5).write(projects(settings))
    freshen(settings)
    next(projects(settings).rglob(f"{ONE}.jsonl")).unlink()
    monkeypatch.setattr(starting, "running_session", lambda: ONE)
    freshen(settings)
    assert begun.commands == []


def test_a_session_that_went_on_or_is_new_is_read_at_once(begun, settings, monkeypatch):
    kept(settings, busy(1))
    busy(1, turns=5).write(projects(settings))
    begun.ends = [(0, b"{}")] * 2
    freshen(settings)
    assert begun.commands == [NOW]
    fork(busy(1), 2, upto=3).write(projects(settings))
    monkeypatch.setattr(starting, "running_session", lambda: session_id(2))
    freshen(settings)
    assert begun.commands == [NOW] * 2


def test_while_another_ingest_holds_the_record_it_is_tried_again(begun, settings):
    kept(settings, busy(1))
    busy(1, turns=5).write(projects(settings))
    held = b'{"held_elsewhere": true}'
    begun.ends = [(0, held), (0, held), (0, b'{"held_elsewhere": false}')]
    freshen(settings)
    assert begun.commands == [NOW] * 3
    assert starting._children == []


def test_whoever_asks_waits_no_longer_than_it_was_said(begun, settings, monkeypatch):
    kept(settings, busy(1))
    busy(1, turns=5).write(projects(settings))
    seconds = iter(range(100))
    clock = SimpleNamespace(monotonic=lambda: next(seconds), sleep=lambda _: None)
    monkeypatch.setattr(starting, "time", clock)
    monkeypatch.setattr(starting, "WAIT_S", 3.0)
    freshen(settings)  # from 0 s on: at 1 s and at 2 s it goes on, at 3 s it is over
    assert next(seconds) == 4
    assert begun.commands == [NOW]
    assert starting._children == begun.children
    assert not start()
