"""How rows are checked and written at once is how they would be one by one."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta

import msgspec
import pytest

from accrete.database import Sqlite
from accrete.record import shared
from accrete.wire import contract
from accrete.wire.contract import RefusedError
from accrete.wire.travels import NAMES, WIRE_VERSION, columns, typed

TEXTS = ("", "NULL", "null", "a b", 'say "so"', "back\\slash\\", "{1,2}", "a,b", "line\nbreak\ttab",
         "\u2028é漢🙂", "'; --", "%s %(x)s ?", " lead")  # fmt: skip
VALUES = (None, True, -1, 0, 1, 7, 167, 168, 86_400_000, 86_400_001, 1 << 53, -(1 << 53), 1 << 70,
          1.5, "", "x", "a b", "2026-02-30", "2026-02-28", "0123456789abcdef", "Bash", "é", "a\0b",
          "x" * 257, "x" * 1001, "x" * 5000, [], {}, "id\n", "a:b#c")  # fmt: skip


def whole(table: str, tier: int) -> dict[str, object]:
    """A row that the contract takes, with every field that must be there."""
    made: dict[str, object] = {}
    for each in columns(table, tier):
        if each.kind is str:
            day = each.mark.unit == "YYYY-MM-DD"
            made[each.name] = "2026-02-28" if day else ""
        else:
            made[each.name] = 0
    return made


def answer(check, *given: object) -> object:
    try:
        return check(*given)
    except RefusedError as error:
        return str(error)


def one_by_one(table: str, tier: int, raw: bytes) -> dict[str, object]:
    """What `decoded` says when it looks at every field by itself."""
    return contract._finished(table, tier, contract._said_why(table, tier, WIRE_VERSION, raw))


@pytest.mark.long
@pytest.mark.parametrize("table", NAMES)
def test_a_row_is_taken_at_once_exactly_if_each_field_of_it_is(table):
    made, taken = random.Random(7), 0
    for tier in (1, 2, 3):
        fields = [each.name for each in columns(table, tier)]
        for n in range(400 if fields else 0):
            row = whole(table, tier)
            for name in made.sample(fields, min(len(fields), n % 3)):
                row[name] = made.choice(VALUES)
            if n % 7 == 0:
                row["unknown"] = 1
            if n % 11 == 0:
                del row[made.choice(fields)]
            raw = json.dumps(row).encode()
            found = answer(contract.decoded, table, tier, WIRE_VERSION, raw)
            assert found == answer(one_by_one, table, tier, raw), row
            taken += isinstance(found, dict)
    assert taken > 20


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_texts_and_gaps_are_written_at_once_as_they_are(engine, tmp_path, request):
    from accrete.database import Postgres

    db = (Sqlite(tmp_path / "a.db") if engine == "sqlite"
          else Postgres(request.getfixturevalue("postgres_url")))  # fmt: skip
    try:
        db.migrate()
        names = [*typed("prompt")]
        rows = {
            f"s{n}": [{"session": f"s{n}", "uuid": text or "u", "kind": text, "message_id": None}]
            for n, text in enumerate(TEXTS)
        }
        for _ in range(2):
            for ours in rows.values():
                shared.put_rows(db, 1, "prompt", ours)
        shared.put_rows(db, 1, "prompt", [row for ours in rows.values() for row in ours])
        again = [{"session": "s0", "uuid": "u", "kind": kind} for kind in ("first", "last")]
        shared.replace_rows(db, 1, "s0", "prompt", again)
        late = [{"session": "s0", "uuid": "u", "kind": "late"}]
        shared.put_rows(db, 1, "prompt", late * 2, yields=True)
        found = {row[names.index("session")]: row[names.index("kind")]
                 for row in db.run(f"SELECT {', '.join(names)} FROM prompt")}  # fmt: skip
        assert found == {f"s{n}": text for n, text in enumerate(TEXTS)} | {"s0": "last"}
    finally:
        db.close()


@pytest.mark.long
@pytest.mark.parametrize("table", NAMES)
def test_rows_are_taken_together_exactly_if_each_of_them_is(table):
    made, together, apart = random.Random(11), 0, 0
    for tier in (1, 2, 3):
        fields = [each.name for each in columns(table, tier)]
        for n in range(200 if fields else 0):
            rows = []
            for _ in range(made.randint(1, 4)):
                row = whole(table, tier)
                for name in made.sample(fields, min(len(fields), n % 3)):
                    row[name] = made.choice(
                        (*VALUES, "a,b", "{", "}", "},{", ",", "0", "0" * 16, ":", ":a,b")
                    )
                spaced = n % 10 == 9
                rows.append(
                    json.dumps(
                        row, ensure_ascii=n % 2 == 0, separators=None if spaced else (",", ":")
                    ).encode()
                )
            each = [answer(contract.decoded, table, tier, WIRE_VERSION, raw) for raw in rows]
            found = contract.decoded_together(table, tier, WIRE_VERSION, rows)
            refused = [one for one in each if isinstance(one, str)]
            if found is None:
                apart += not refused
            else:
                assert (found, refused) == (each, [])
                together += 1
    assert together > 50
    assert apart < together  # what is as it should be is taken together, by and large


NOON = 1_790_078_400_000
"""2026-09-22, 12:00 UTC."""


@pytest.mark.parametrize(
    ("at", "day"), [(NOON, "2026-09-23"), (NOON - 3 * 3_600_000, "2026-09-22")]
)
def test_nothing_in_a_row_is_later_than_it_may_be(at, day):
    """But what the record holds as a time that cannot be right."""
    seen = set[str]()
    latest = contract.Latest.of(at)
    for table in NAMES:
        for each in columns(table, 3):
            if each.mark.unit == "UTC ms":
                most, more = at, at + 1
            elif each.mark.unit == "YYYY-MM-DD":
                most, more = day, str(date.fromisoformat(day) + timedelta(days=1))
            else:
                continue
            row = whole(table, 3)
            contract.check_dates(table, 3, WIRE_VERSION, row | {each.name: most}, latest)
            contract.check_dates(table, 3, WIRE_VERSION, row | {each.name: None}, latest)
            given = table, 3, WIRE_VERSION, row | {each.name: more}, latest
            if each.name == "misdated":
                contract.check_dates(*given)
                continue
            with pytest.raises(RefusedError, match=rf"^{each.name}: more than a day ahead$"):
                contract.check_dates(*given)
            seen.add(each.name)
    assert {"at", "started_at", "ended_at", "result_at", "local_day", "merged_at"} <= seen


def test_a_text_with_the_marks_of_a_row_is_looked_at_by_itself():
    good = msgspec.json.encode(whole("session_day", 1))
    for name in ("a,b", "a}", "{a", "},{", ',"x":1', "a b", "é", ":a,b", ":"):
        raw = msgspec.json.encode(whole("session_day", 1) | {"session": name})
        assert contract.decoded_together("session_day", 1, WIRE_VERSION, [good, raw]) is None
    assert contract.decoded_together("session_day", 1, WIRE_VERSION, [good, good]) is not None


def test_a_fault_of_the_quick_check_would_be_seen(monkeypatch):
    quick = contract._quick("session_day", 1, 1)
    loose = quick._replace(decoder=msgspec.json.Decoder(contract.row_type("session_day", 1)))
    monkeypatch.setattr(contract, "_quick", lambda *given: loose)
    raw = json.dumps(whole("session_day", 1) | {"first_at": 1}).encode()
    assert isinstance(answer(contract.decoded, "session_day", 1, WIRE_VERSION, raw), dict)
    assert "a time of day" in str(answer(one_by_one, "session_day", 1, raw))
