"""Makes releases: what members may learn of their company and their team, once for each block of
four weeks, stored and never made again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from accrete.database import Database
from accrete.practices import all_practices
from accrete.practices.depth import FLUENT, REGULAR
from accrete.queries.practices import practices
from accrete.queries.scope import Scope
from accrete_team.release_rules import (
    COMPANY,
    REST,
    YEAR,
    Block,
    Plan,
    block_at,
    newest_over,
    number_of,
    plan,
)
from accrete_team.release_words import Past, Said, earlier, steady

Values = dict[str, set[int]]
"""For each practice, the people for whom it is regular."""


def make_releases(db: Database, now: int) -> list[str]:
    """Makes the releases that are due: of the newest block that is over, and of those before it
    that were missed since the last one. Returns their first days. now: UTC ms."""
    newest = newest_over(datetime.fromtimestamp(now / 1000, UTC).date())
    held = db.run("SELECT MAX(block) FROM release")[0][0]
    first = newest if held is None else max(number_of(str(held)) + 1, newest - YEAR + 1)
    made = []
    for number in range(first, newest + 1):
        block = block_at(number)
        with db.transaction():
            if db.run("SELECT 1 FROM release WHERE block = ?", (block.first,)):
                continue  # somebody else made it meanwhile
            _make(db, block, now)
        made.append(block.first)
    return made


def _make(db: Database, block: Block, now: int) -> None:
    oldest = block_at(number_of(block.first) - YEAR).first
    db.run("DELETE FROM counted WHERE block < ?", (oldest,))
    db.run("UPDATE release_cell SET exact = 1 WHERE block < ?", (oldest,))
    home = homes(db, _end_ms(block))
    active = _at_work(db, block) & home.keys()
    before: dict[str, set[int]] = defaultdict(set)
    members: dict[tuple[str, str], set[int]] = defaultdict(set)
    for person, of, team in db.run("SELECT person, block, team FROM counted"):
        before[str(team)].add(int(person))
        members[str(of), str(team)].add(int(person))
    planned = plan({person: home[person] for person in active}, before)
    _keep(db, block, planned, now)
    groups = whole_and_parts(planned)
    values = _values(db, block, {person for some in groups.values() for person in some})
    versions = _versions(db, block)
    past = _past(db, oldest, members)
    rows = []
    for practice in all_practices():
        said: dict[str, Said] = {}
        regular = values[practice.name]
        for team in sorted(groups, key=lambda team: team == COMPANY):  # the whole after its parts
            people = frozenset(groups[team])
            parts = [said[each] for each in planned.groups if team == COMPANY and each != COMPANY]
            known = earlier(
                team, people, past[practice.name], {p: t or REST for p, t in home.items()}
            )
            word = said[team] = steady(len(people & regular), len(people), known, parts)
            found = {v for p in people for v in versions[practice.name, p]}
            rows.append(
                (block.first, team, practice.name, word.word, int(word.exact), _listed(found))
            )
    db.many(
        "INSERT INTO release_cell (block, team, practice, answer, exact, versions) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )


def whole_and_parts(planned: Plan) -> dict[str, list[int]]:
    """Who counts in each group of which something is said: also all people together where it is
    said of parts of them."""
    if not planned.groups or COMPANY in planned.groups:
        return planned.groups
    return {**planned.groups, COMPANY: sorted({p for g in planned.groups.values() for p in g})}


def _keep(db: Database, block: Block, planned: Plan, now: int) -> None:
    """Stores which groups there are, and who counts in them."""
    db.run(
        "INSERT INTO release (block, last_day, made_at, waiting) VALUES (?, ?, ?, ?)",
        (block.first, block.last, now, planned.waiting),
    )
    groups = whole_and_parts(planned)
    rows = [(block.first, team, len(people), "") for team, people in groups.items()]
    rows += [(block.first, team, planned.short[team], why) for team, why in planned.why.items()]
    db.many("INSERT INTO release_group (block, team, people, why) VALUES (?, ?, ?, ?)", rows)
    db.many(
        "INSERT INTO counted (person, block, team) VALUES (?, ?, ?)",
        [(person, block.first, team) for team, people in groups.items() for person in people],
    )


def _end_ms(block: Block) -> int:
    """The first moment after a block, in UTC."""
    after = date.fromisoformat(block.last) + timedelta(1)
    return int(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp() * 1000)


def homes(db: Database, at: int) -> dict[int, str]:
    """Everybody who shares: who did not leave or pause, and has a machine that may send. Their
    team, the first that an administrator gave them of those they are in then; '' for none."""
    sharing = db.run(
        "SELECT a.person FROM account a WHERE a.left_at IS NULL AND a.paused_at IS NULL "
        "AND EXISTS (SELECT 1 FROM device_token t WHERE t.person = a.person "
        "AND t.revoked_at IS NULL)"
    )
    found = {int(person): "" for (person,) in sharing}
    places = db.run(
        "SELECT m.person, m.team, m.made_at, m.since FROM team_place m "
        "JOIN team t ON t.id = m.team WHERE m.since <= ? AND (m.until IS NULL OR m.until > ?) "
        "AND (t.gone_at IS NULL OR t.gone_at > ?)",
        (at, at, at),
    )
    first: dict[int, tuple[int, int, str]] = {}
    for person, team, made_at, since in places:
        given = (int(made_at), int(since), str(team))
        if int(person) in found:
            first[int(person)] = min(given, first.get(int(person), given))
    return {**found, **{person: team for person, (_, _, team) in first.items()}}


def _at_work(db: Database, block: Block) -> set[int]:
    """Who had sessions of their own in a block."""
    rows = db.run(
        "SELECT DISTINCT d.person FROM session_day d JOIN visible_session s "
        "ON s.person = d.person AND s.id = d.session "
        "WHERE s.automated = 0 AND d.local_day >= ? AND d.local_day <= ?",
        tuple(block),
    )
    return {int(person) for (person,) in rows}


def _values(db: Database, block: Block, people: Iterable[int]) -> Values:
    """For whom each practice was regular in the block: by the rule and the question that answer
    a person's own `accrete practices` of these days."""
    found: Values = {practice.name: set() for practice in all_practices()}
    for person in sorted(people):
        scope = Scope((person,), since=block.first, until=block.last, automated=False)
        for row in db.ask(practices(scope)):
            if row.depth in (REGULAR, FLUENT):
                found[row.name].add(person)
    return found


def _versions(db: Database, block: Block) -> Mapping[tuple[str, int], set[int]]:
    """The versions of a practice's rules that a person's sessions of the block were judged by."""
    rows = db.run(
        "SELECT DISTINCT p.practice, p.person, p.version FROM session_practice p "
        "JOIN visible_session s ON s.person = p.person AND s.id = p.session "
        "JOIN session_day d ON d.person = p.person AND d.session = p.session "
        "WHERE s.automated = 0 AND d.local_day >= ? AND d.local_day <= ?",
        tuple(block),
    )
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    for practice, person, version in rows:
        found[str(practice), int(person)].add(int(version))
    return found


def _listed(versions: set[int]) -> str:
    return " ".join(map(str, sorted(versions)))


def _past(
    db: Database, oldest: str, members: Mapping[tuple[str, str], set[int]]
) -> dict[str, list[Past]]:
    """What was said of each practice within a year."""
    rows = db.run(
        "SELECT c.practice, c.block, c.team, g.people, c.answer, c.exact FROM release_cell c "
        "JOIN release_group g ON g.block = c.block AND g.team = c.team WHERE c.block >= ?",
        (oldest,),
    )
    found: dict[str, list[Past]] = defaultdict(list)
    for practice, block, team, people, word, exact in rows:
        counted = frozenset(members[str(block), str(team)])
        said = Said(int(people), str(word), bool(exact))
        found[str(practice)].append(Past(str(block), str(team), said, counted))
    return found


class Withheld(NamedTuple):
    """A group that is kept back, for administrators. people: how many count in it; why: as in
    release_rules."""

    team: str
    people: int
    why: str


class Made(NamedTuple):
    """A release for administrators: which groups it tells of with how many people, and which are
    kept back. cells: how many answers it has, and how many it keeps back."""

    block: Block
    waiting: int
    groups: dict[str, int]
    withheld: list[Withheld]
    cells: tuple[int, int]


def made_of(db: Database, first: str) -> Made | None:
    """A release that was made, by its first day."""
    rows = db.run("SELECT last_day, waiting FROM release WHERE block = ?", (first,))
    if not rows:
        return None
    last_day, waiting = rows[0]
    names = {str(team): str(name) for team, name in db.run("SELECT id, name FROM team")}
    names |= {COMPANY: "the company", REST: "people of no team"}
    groups = db.run("SELECT team, people, why FROM release_group WHERE block = ?", (first,))
    answers = db.run("SELECT answer FROM release_cell WHERE block = ? AND team <> ?", (first, REST))
    empty = sum(not answer for (answer,) in answers)
    return Made(
        Block(first, str(last_day)), int(waiting),
        {names.get(str(t), str(t)): int(n) for t, n, why in sorted(groups) if not why},
        [Withheld(names.get(str(t), str(t)), int(n), str(why)) for t, n, why in sorted(groups)
         if why],
        (len(answers) - empty, empty),
    )  # fmt: skip
