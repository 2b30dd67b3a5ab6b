"""Owners of what resumes, branches and forks copied: by the rule, in any order, at the cost of what changes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.maintain import rebuild
from accrete.settings import Settings
from tests.lineages import Family, Files, write
from tests.owners import Owners
from tests.records import projects, record

EXAMPLES = 400 if os.environ.get("ACCRETE_TORTURE") else 12


def at(base: Path, name: str) -> Settings:
    return Settings(home=base / name / "data", roots=(base / name / "claude",), zone="UTC")


def steps(files: Files, random: Random) -> Iterable[dict[Path, int]]:
    """The files growing line by line or in strides, in any order, to their end."""
    upto = dict.fromkeys(files, 0)
    while left := [path for path in files if upto[path] < len(files[path])]:
        for path in random.sample(left, random.randint(1, len(left))):
            upto[path] += random.choice((1, 2, len(files[path])))
        yield upto


def check_by_the_rule(settings: Settings) -> None:
    db = Sqlite(settings.database, readonly=True)
    rule = Owners(db)
    assert set(db.run("SELECT session, uuid FROM prompt WHERE replayed = 1")) == rule.replayed_prompts()
    assert set(db.run("SELECT session, uuid FROM event WHERE replayed = 1")) == rule.replayed_records()
    owned = db.run("SELECT message_id, session, agent FROM response WHERE contested = 1")
    assert {(message, (session, agent)) for message, session, agent in owned} == set(rule.responses().items())
    db.close()


@pytest.mark.slow
@hypothesis_settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_owners_follow_the_rule_whatever_was_copied_and_in_whatever_steps_it_is_read(tmp_path_factory, seed):
    random, base = Random(seed), tmp_path_factory.mktemp("family")
    files = Family(random).files()
    stepwise, whole = at(base, "steps"), at(base, "whole")
    for upto in steps(files, random):
        write(files, projects(stepwise), upto)
        ingest(stepwise, jobs=1)
    write(files, projects(whole))
    ingest(whole, jobs=1)
    check_by_the_rule(whole)
    assert record(stepwise) == record(whole)
    rebuild(stepwise)
    assert record(stepwise) == record(whole)
