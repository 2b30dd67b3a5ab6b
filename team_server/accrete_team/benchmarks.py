"""Answers what a member may learn: the newest release as far as it concerns them, and who offers to
show what. Nobody's rows are read."""

from __future__ import annotations

from accrete.database import Database, Question
from accrete.practices import named
from accrete.queries.practices_of_people import by_name
from accrete.wire.benchmarks import TOO_FEW, Benchmarks, Cell, Group, Teacher
from accrete_team.release_rules import COMPANY, known_by
from accrete_team.releases import homes

_ORDER = "ORDER BY practice"


def benchmarks(db: Database, slug: str, person: int, now: int) -> Benchmarks:
    """What a person may learn now (UTC ms)."""
    made = db.run("SELECT block, last_day FROM release ORDER BY block DESC LIMIT 1")
    first, last = map(str, made[0]) if made else (None, None)
    groups = []
    if first is not None:
        team = homes(db, now).get(person, "")
        names = db.run("SELECT name FROM team WHERE id = ?", (team,))
        groups = [_group(db, first, COMPANY, "company", slug)]
        if names:
            groups.append(_group(db, first, team, "team", str(names[0][0])))
    return Benchmarks(slug, first, last, groups, teachers(db, person), offered(db, person))


def _group(db: Database, block: str, team: str, of: str, name: str) -> Group:
    rows = db.run(
        "SELECT people, why FROM release_group WHERE block = ? AND team = ?", (block, team)
    )
    if not rows:
        return Group(of, name, why=TOO_FEW)  # nobody of it counts
    people, why = rows[0]
    if why:
        return Group(of, name, why=str(why))
    cells = db.run(
        "SELECT practice, answer, versions FROM release_cell "
        f"WHERE block = ? AND team = ? {_ORDER}",
        (block, team),
    )
    made = [Cell(*map(str, row)) for row in cells]
    return Group(of, name, int(people), "", known_by(int(people)), made)


def teachers(db: Database, person: int) -> list[Teacher]:
    """Who of the others offers to show what, by practice and name."""
    rows = db.run(
        "SELECT t.practice, p.name FROM teaching t JOIN person p ON p.id = t.person "
        "JOIN account a ON a.person = t.person WHERE a.left_at IS NULL AND t.person <> ?",
        (person,),
    )
    return [Teacher(*row) for row in sorted((str(a), str(b)) for a, b in rows)]


def offers(practice: str) -> Question[list[str]]:
    """The names of everybody who offers to show a practice, by name."""
    sql = """SELECT p.name FROM teaching t JOIN person p ON p.id = t.person
      JOIN account a ON a.person = t.person WHERE a.left_at IS NULL AND t.practice = ?"""
    return Question(
        ((sql, (practice,)),),
        lambda answers: sorted((str(name) for (name,) in answers[0]), key=by_name),
    )


def offered(db: Database, person: int) -> list[str]:
    """What a person offers to show."""
    sql = f"SELECT practice FROM teaching WHERE person = ? {_ORDER}"
    return [str(practice) for (practice,) in db.run(sql, (person,))]


def teach(db: Database, person: int, practice: str, on: bool, now: int) -> None:
    """A person offers to show a practice, or does not any more. Raises KeyError for a practice that
    there is not."""
    if named(practice) is None:
        raise KeyError(practice)
    with db.transaction():
        db.run("DELETE FROM teaching WHERE person = ? AND practice = ?", (person, practice))
        if on:
            db.run(
                "INSERT INTO teaching (person, practice, since) VALUES (?, ?, ?)",
                (person, practice, now),
            )
