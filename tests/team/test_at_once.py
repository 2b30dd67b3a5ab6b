"""Sessions of a message that are kept together are kept as they would be one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from accrete_team import at_once, receive, tokens
from accrete_team.tokens import Who

from accrete.database import Database, Postgres, Sqlite
from accrete.edge.local import MINE
from accrete.ingest import open_for_writing
from accrete.record import shared
from accrete.settings import Settings
from accrete.sync.choice import join
from accrete.sync.prepare import everything
from accrete.wire.contract import Message, Receipt, Shared, Table, Tombstone, rows_hash
from accrete.wire.travels import NAMES, WIRE_VERSION, typed
from tests.fuzz import seeded
from tests.records import ADVISED, kept, used
from tests.team.serving import NOW
from tests.transcripts import Transcript, busy, fork

STORED = (*NAMES, "shared", "session_device", "rival_row", "unshared", "forgotten", "person_week",
          "project")  # fmt: skip
STEPS, PLAIN = 12, (1, 2, 5, 6, 7)


def records() -> list[list[Transcript]]:
    """What four machines have read: sessions, more of them, and forks of the first alone, which
    thus claim responses of it."""
    made: list[list[Transcript]] = []
    for more in (0, 2):
        made.append([busy(n, turns=2) for n in PLAIN])
        for n, each in zip(PLAIN, made[-1], strict=True):
            used(each, f"msg_{n}_0_end", iterations=[ADVISED])
            for again in range(more):
                each.prompt(f"Prompt {again} more")
                each.answer(f"msg_more_{n}_{again}")
    return [*made, [fork(made[0][0], 3, upto=8)], [fork(made[0][0], 4, upto=10, extra=2)]]


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> list[Shared]:
    """All that these machines can say of their sessions, at each tier."""
    folder, found = tmp_path_factory.mktemp("machines"), []
    for n, transcripts in enumerate(records()):
        settings = Settings(home=folder / f"data{n}", roots=(folder / f"claude{n}",), zone="UTC")
        kept(settings, *transcripts)
        db = open_for_writing(settings)
        try:
            for tier in (1, 2, 3):
                choice = join("http://localhost", "acr_acme_" + "x" * 43, tier=tier)
                found += everything(db, MINE, choice, 100)
        finally:
            db.close()
    assert len(found) == 3 * (2 * len(PLAIN) + 1 + 1)
    return found


def some(rng: random.Random, session: Shared) -> Shared:
    """A session as it may come: whole, or a part of its tables, some without rows or not right."""
    whole = rng.random() < 0.7
    tables = [*session.tables] if whole else rng.sample(session.tables, rng.randrange(1, 5))
    if rng.random() < 0.2:
        tables = [Table(each.table, rows_hash([]), []) if rng.random() < 0.3 else each
                  for each in tables]  # fmt: skip
    if rng.random() < 0.1:
        tables.append(Table("prompt", "0" * 64, tables[0].rows))
    if rng.random() < 0.1:
        tables.append(Table("response", rows_hash([b"{}"]), [msgspec.Raw(b"{}")]))
    tier = rng.choice([session.tier] * 30 + [0])
    return Shared(session.session, tier, tables, rng.randrange(5, 9), whole)


def message(rng: random.Random, known: list[Shared], at: int) -> Message:
    """A message as a machine may send it: several sessions, seldom one twice, and some that are
    taken back."""
    tier = rng.choice([1, 2, 3, 3])
    ours = rng.sample([each for each in known if each.tier == tier], rng.randrange(1, 9))
    if rng.random() < 0.9:
        ours = [*{each.session: each for each in ours}.values()]
    gone = []
    if rng.random() < 0.2:
        why = rng.choice(["left", "unshared", "unshared", "no reason"])
        gone = [Tombstone(rng.choice(known).session, why)]
    return Message(WIRE_VERSION, "", at, sessions=[some(rng, each) for each in ours], gone=gone)


def first(known: list[Shared], at: int) -> Message:
    """All sessions at tier 3: both forks of the first have responses of it."""
    ours = {each.session: each for each in known if each.tier == 3}
    return Message(WIRE_VERSION, "", at, sessions=[*ours.values()])


def stored(db: Database) -> dict[str, list[str]]:
    """All rows that messages leave, and the events that search knows."""
    found = {}
    for name in STORED:
        fields = [each for each in typed(name) if each != "id" or name != "event"]
        found[name] = sorted(map(repr, db.run(f"SELECT {', '.join(fields)} FROM {name}")))
    found["rival_row"] = sorted(map(claim, db.run(
        "SELECT what, hash, session, device, fields FROM rival_row")))  # fmt: skip
    hits = "rowid" if db.dialect == "sqlite" else "id"
    match = "event_search MATCH ?" if hits == "rowid" else "found @@ to_tsquery('simple', ?)"
    sql = f"""SELECT e.session, e.uuid, e.part FROM event e
      JOIN (SELECT {hits} AS id FROM event_search WHERE {match}) s ON s.id = e.id"""
    found["searched"] = sorted(map(repr, db.run(sql, ("prompt",))))
    found["tier"] = [repr(row) for row in db.run("SELECT tier FROM person")]
    return found


def claim(row: Sequence[Any]) -> str:
    """A claim, with its row as it would be stored: it may have come, or have stood."""
    what, *key, fields = row
    (values,) = shared.placed(0, what, [msgspec.json.decode(fields)])
    return repr((what, key, values))


def said(receipt: Receipt) -> tuple[object, ...]:
    """A receipt, in no order."""
    faults = sorted((each.session, each.table, each.row, each.why) for each in receipt.refused)
    gone = sorted((each.session, each.why) for each in receipt.gone)
    return sorted((e.session, e.table, e.hash) for e in receipt.kept), faults, gone, receipt.erased


@contextmanager
def company(path, postgres: str | None) -> Iterator[tuple[Database, int]]:
    db: Database = Postgres(postgres) if postgres else Sqlite(path)
    try:
        db.migrate()
        yield db, tokens.add_person(db, "Amara")
    finally:
        db.close()


def walk(known: list[Shared], seed: int, ways: list[tuple[Database, int]], counts: Counter) -> None:
    """Sends the same messages to two companies; one of them keeps every session by itself."""
    rng = random.Random(seed)
    (together, person), (single, same) = ways
    for step in range(STEPS):
        who, now = rng.choice("aaaaab"), NOW + step
        given = message(rng, known, now) if step else first(known, now)
        with pytest.MonkeyPatch.context() as patch:
            receipts = [receive.take(together, Who(person, who), given, now)]
            counts["contested"] += together.run("SELECT COUNT(*) FROM rival_row")[0][0] > 0
            patch.setattr(at_once, "alone", lambda *given: set())
            receipts.append(receive.take(single, Who(same, who), given, now))
        assert said(receipts[0]) == said(receipts[1]), (seed, step)
        one, two = stored(together), stored(single)
        assert {name: rows for name, rows in one.items() if rows != two[name]} == {}, (seed, step)
        counts["rows"] += len(one["response"])
        counts["searched"] += len(one["searched"])


@pytest.mark.long
@seeded(8)
def test_what_is_kept_together_is_kept_as_one_by_one(known, tmp_path, seed, monkeypatch):
    counts: Counter[str] = Counter()
    keep = at_once.keep

    def counted(db, who, brought, now):
        kept_so = keep(db, who, brought, now)
        counts["together" if kept_so else "apart"] += len(brought)
        return kept_so

    monkeypatch.setattr(at_once, "keep", counted)
    with company(tmp_path / "a.db", None) as one, company(tmp_path / "b.db", None) as two:
        walk(known, seed, [one, two], counts)
    assert min(counts[each] for each in ("together", "apart", "contested", "rows", "searched")) > 0


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_both_engines_keep_the_same(known, tmp_path, seed, postgres_url):
    counts: Counter[str] = Counter()
    with company(tmp_path / "a.db", postgres_url) as one, company(tmp_path / "b.db", None) as two:
        walk(known, seed, [one, two], counts)
    assert counts["rows"] > 0
