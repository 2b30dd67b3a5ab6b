"""Every stored table has its noun, and the two agree."""

from __future__ import annotations

import re
from typing import Any, get_args, get_type_hints

import pytest

from accrete.database import Sqlite
from accrete.database.long_texts import LONG_TEXTS
from accrete.model import DAY_FIGURES, DAY_KNOWN, Tier
from accrete.model.captured import ToolResult
from accrete.model.days import SessionFigures
from accrete.model.field import Holds
from accrete.model.published_names import LISTS, OTHER, is_published
from accrete.model.tables import BY_DAY, EXPORTED, OF_PERSON, OF_SESSION, TABLES, Origin
from accrete.practices import all_practices
from accrete.pricing.table import TABLE as PRICES
from tools import stored_doc

SURROGATE = {"event": {"id"}}
"""Columns that no noun has: the order in which records arrived, by which the search index goes."""
LATER = ToolResult._fields
"""Columns of a call that are NULL until its result is read."""


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    made = Sqlite(tmp_path_factory.mktemp("schema") / "accrete.db")
    made.migrate()
    yield made
    made.close()


def stored(db: Sqlite) -> dict[str, dict[str, tuple[str, bool]]]:
    """{table: {column: (type, whether it may be NULL)}}."""
    names = db.run(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'event_search%'"
    )
    return {
        table: {
            column: (kind, not (notnull or key))
            for _, column, kind, notnull, _, key in db.run(f"PRAGMA table_info({table})")
        }
        for (table,) in names
    }


def hints(table: Any) -> dict[str, Any]:
    return {
        name: hint
        for noun in (*table.nouns, *table.worked_out)
        for name, hint in get_type_hints(noun).items()
    }


def test_the_nouns_are_the_schema(db):
    found = stored(db)
    assert set(found) == {table.name for table in TABLES}
    for table in TABLES:
        columns = {
            name: kind
            for name, kind in found[table.name].items()
            if name not in SURROGATE.get(table.name, ())
        }
        said = {
            name: (
                "ANY"
                if name in LONG_TEXTS.get(table.name, ())
                else "INTEGER"
                if int in (hint, *get_args(hint))
                else "TEXT",
                type(None) in get_args(hint) or (name in LATER and columns[name][1]),
            )
            for name, hint in hints(table).items()
        }
        assert said == columns, table.name


def test_a_key_begins_with_the_person_and_is_unique_in_the_schema(db):
    of_all = {
        "revision", "team", "company_setting", "audit", "published_project", "release",
        "release_group", "release_cell", "experiment", "hidden_card",
    }  # fmt: skip
    for table in (each for each in TABLES if each.name != "revision"):
        if table.name not in ("person", *of_all):
            assert table.key[0] == "person", table.name
        unique = [
            tuple(row[2] for row in db.run(f"PRAGMA index_info({index[1]})"))
            for index in db.run(f"PRAGMA index_list({table.name})")
            if index[2]
        ]
        pk = db.run(f"SELECT name FROM pragma_table_info('{table.name}') WHERE pk > 0 ORDER BY pk")
        unique.append(tuple(row[0] for row in pk))
        assert any(set(table.key) == set(each) for each in unique), (table.name, unique)


def test_a_field_says_what_it_is():
    units = {
        r"(.*_)?at|misdated": "UTC ms",
        r"(.*_)?ms": "ms",
        r".*_nano": "nano-dollars",
        r".*tokens.*": "tokens",
    }
    for table in TABLES:
        for name, mark in table.fields.items():
            assert re.match(r"\S.*\S$", mark.meaning), (table.name, name)
            for pattern, unit in units.items():
                assert not re.fullmatch(pattern, name) or mark.unit == unit, (table.name, name)
            if mark.listed:
                assert mark.listed in LISTS
                assert mark.tier is Tier.ACTIVITY


def test_what_is_text_from_outside_is_redacted():
    """Every text column of what is captured or said is one that redaction goes over, or an id, a
    hash or our own word."""
    ours = re.compile(
        r"(^|_)(id|uuid|hash|session|agent|kind|status|parent|project|run|prompt|day|zone|what|"
        r"layout|name|forked_from|spawned"
        r"|error_class|event|practice|why|device|week|leaves_as|label|answer|path|root|counts|error|"
        r"cluster|subject|value|how|ids|short|sha|started_by|basis|version|state|fault|email|job|"
        r"start_month|password|team|role|about|block|versions|metric|item|parts)$"
    )
    for table in TABLES:
        for name, hint in hints(table).items():
            text = str in (hint, *get_args(hint))
            if (
                text
                and table.origin is not Origin.DERIVED
                and table.fields[name].holds is Holds.VALUE
            ):
                assert ours.search(name), (table.name, name)


def test_the_lists_made_from_the_nouns_hold_what_they_say():
    assert {"prompt", "sighting", "session_day", "settled", "waiting_result"} <= set(OF_SESSION)
    assert not {"session", "event", "response", "project", "forgotten"} & set(OF_SESSION)
    assert {"session", "event", "response", "project", "source_file", "person_week"} <= set(
        OF_PERSON
    )
    assert not {"forgotten", "person", "fact"} & set(OF_PERSON)
    assert set(BY_DAY) >= {"prompt", "response", "tool_call", "session_day"}
    assert EXPORTED[0] == "session"
    assert "source_file" not in EXPORTED


def test_tier_one_knows_published_names_only():
    for listed, known in (
        ("tool", "Bash"),
        ("agent_type", "Explore"),
        ("permission_mode", "plan"),
        ("client_version", "2.1.329"),
    ):
        assert is_published(listed, known)
        assert not is_published(listed, "acme-payroll")
    for name in ("mcp__acme__payroll", "bash", "Bash ", ""):
        assert not is_published("tool", name)
    for name in (
        "claude-acme-4",
        "claude-opus-4-acme",
        "acme.claude-opus-4-5",
        "opus",
        "claude-opus-5-5-acme[1m]",
    ):
        assert not is_published("model", name)
    for name in (
        "claude-opus-5-5",
        "claude-sonnet-4-20250514",
        "claude-3-5-haiku-latest",
        "claude-opus-4-5[1m]",
    ):
        assert is_published("model", name)
    assert not any(is_published(listed, OTHER) for listed in LISTS)


def test_every_model_that_has_a_price_is_published():
    for row in PRICES:
        assert is_published("model", row.model), row.model


def test_practices_are_our_own_words():
    assert all(re.fullmatch(r"[a-z-]+", practice.name) for practice in all_practices())


def test_the_page_of_what_is_stored_is_made_from_the_nouns():
    assert stored_doc.PAGE.read_text("utf-8") == stored_doc.text(), (
        "run: python -m tools.stored_doc --write"
    )


def test_the_figures_of_a_day_are_those_of_the_noun_but_for_plan_mode():
    assert SessionFigures._fields == ("plan_mode", *DAY_FIGURES)
    unknown = [name for name, kind in SessionFigures.__annotations__.items() if "None" in str(kind)]
    assert tuple(unknown) == DAY_KNOWN
