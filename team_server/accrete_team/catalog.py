"""Which cards of the catalog are hidden, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from accrete.database import Database, Question
from accrete_team import people


class Hidden(NamedTuple):
    """That a card is hidden. by: their name; at: UTC ms."""

    by: str
    at: int


def hidden() -> Question[Mapping[str, Hidden]]:
    """The hidden cards, by project."""
    sql = """SELECT h.project, COALESCE(p.name, ''), h.at FROM hidden_card h
      LEFT JOIN person p ON p.id = h.by_person"""
    return Question(
        ((sql, ()),),
        lambda answers: {str(project): Hidden(str(by), int(at)) for project, by, at in answers[0]},
    )


def hide(db: Database, project: str, name: str, on: bool, *, actor: int, now: int) -> None:
    """Hides the card of a project, or shows it again, and writes it down. name: of the project."""
    with db.transaction():
        held = bool(db.run("SELECT 1 FROM hidden_card WHERE project = ?", (project,)))
        if held == on:
            return
        db.run("DELETE FROM hidden_card WHERE project = ?", (project,))
        if on:
            db.run(
                "INSERT INTO hidden_card (project, by_person, at) VALUES (?, ?, ?)",
                (project, actor, now),
            )
        what = "hid a card of the catalog" if on else "showed a card of the catalog again"
        people.note(db, what, name, actor, now)
