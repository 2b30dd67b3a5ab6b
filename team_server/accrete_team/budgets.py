"""Budgets: what a calendar month of a company, or of a published project, may cost, as an
administrator set it. Nothing is stopped; who set it and when is written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from accrete.clock import monday
from accrete.database import Database, Question, Row
from accrete.errors import AccreteError
from accrete.insight.four_weeks import block_of
from accrete.present.formats import money
from accrete.record.published import Published, published
from accrete_team import people

NAME = "budget"
"""The setting; one of a project has `:` and its id after it."""
NONE = "none"
MOST = 10**9
"""Dollars."""
COMPANY = ""
"""What stands for the company where a project could."""
_DOLLARS = re.compile(r"\$?(\d{1,10}|\d{1,3}(?:,\d{3})+)(\.\d{1,2})?")


class Budget(NamedTuple):
    """A budget as it was set. project: an id, or COMPANY; nano: nano-dollars a calendar month, None
    where it was taken back; since: UTC ms; by: who set it."""

    project: str
    nano: int | None
    since: int
    by: str


class Followed(NamedTuple):
    """A project whose cost by week is told, since it has, or had, a budget: from a block of weeks
    to another, None for no end."""

    project: str
    first: str
    last: str | None


def budgets() -> Question[list[Budget]]:
    """All budgets that were ever set, in the order in which they were."""
    sql = f"""SELECT c.name, c.value, c.since, COALESCE(p.name, 'the command line')
      FROM company_setting c LEFT JOIN person p ON p.id = c.by_person
      WHERE c.name = '{NAME}' OR c.name LIKE '{NAME}:%' ORDER BY c.since, c.name"""

    def shape(answers: list[list[Row]]) -> list[Budget]:
        return [
            Budget(str(name).partition(":")[2], None if value == NONE else int(value),
                   int(since), str(by))
            for name, value, since, by in answers[0]
        ]  # fmt: skip

    return Question(((sql, ()),), shape)


def project_names() -> Question[dict[str, str]]:
    """The names of published projects, by id."""
    return Question(
        (("SELECT id, name FROM published_project", ()),),
        lambda answers: {str(key): str(name) for key, name in answers[0]},
    )


def at(found: Iterable[Budget], now: int) -> dict[str, Budget]:
    """Those that hold at a moment, by project."""
    held = {each.project: each for each in found if each.since <= now}
    return {project: each for project, each in held.items() if each.nano is not None}


def followed_by(found: Sequence[Budget]) -> list[Followed]:
    """The projects whose weeks are told: from the block in which a budget was first set to the one
    in which it was taken back, so that no block has other sums later than it had at first."""
    made: list[Followed] = []
    newest: dict[str, int] = {}
    for each in found:
        if each.project == COMPANY:
            continue
        block = block_of(monday(datetime.fromtimestamp(each.since / 1000, UTC).date().isoformat()))
        nth = newest.get(each.project)
        if each.nano is None:
            if nth is not None and made[nth].last is None:
                made[nth] = made[nth]._replace(last=block)
        elif nth is None or (made[nth].last or block) < block:
            newest[each.project] = len(made)
            made.append(Followed(each.project, block, None))
        else:
            made[nth] = made[nth]._replace(last=None)
    return made


def read_dollars(given: str) -> int | None:
    """Nano-dollars of what somebody wrote; None for `none` or nothing. Raises AccreteError."""
    plain = given.strip()
    if plain.lower() in ("", NONE):
        return None
    found = _DOLLARS.fullmatch(plain)
    dollars = round(float(plain.lstrip("$").replace(",", "")) * 100) if found else 0
    if not 0 < dollars <= 100 * MOST:
        raise AccreteError(f"{given[:20]!r} is no amount of dollars above 0. Write 1500 or 1500.50;"
                           f" {NONE} for no budget.")  # fmt: skip
    return dollars * 10_000_000


def project_named(db: Database, given: str) -> Published:
    """A published project by its id, name or remote. Raises AccreteError."""
    wanted = given.strip()
    found = {
        each.id: each for each in published(db)
        if wanted in (each.id, each.remote) or wanted.casefold() == each.name.casefold()
    }  # fmt: skip
    if len(found) != 1:
        what = "is no published project" if not found else "is the name of several projects"
        raise AccreteError(f"{given[:60]!r} {what}. Give an id of `accrete-team projects list`.")
    return next(iter(found.values()))


def set_budget(
    db: Database, nano: int | None, *, actor: int | None, now: int, project: str = COMPANY
) -> None:
    """Sets a budget from now on, or takes it back. project: a published one, as in project_named,
    or the id of one that has a budget to take back. Raises AccreteError where there is none."""
    name, whose = NAME, "the company"
    if project:
        name = f"{NAME}:{project}"
        if nano is None and db.run("SELECT 1 FROM company_setting WHERE name = ?", (name,)):
            whose = f"project {project[:6]}"
        else:
            named = project_named(db, project)
            name, whose = f"{NAME}:{named.id}", named.name
    with db.transaction():
        db.run(
            "INSERT INTO company_setting (name, since, value, by_person, made_at) "
            "VALUES (?, ?, ?, ?, ?) ON CONFLICT (name, since) DO UPDATE SET "
            "value = excluded.value, by_person = excluded.by_person",
            (name, now, NONE if nano is None else str(nano), actor, now),
        )
        said = NONE if nano is None else f"{money(nano)} a month"
        people.note(db, "set", f"budget of {whose}: {said}", actor, now)
