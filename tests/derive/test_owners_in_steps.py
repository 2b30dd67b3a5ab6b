"""Owners after each thing that can happen to a family of copies are those of a record that reads it
all anew."""

from __future__ import annotations

import shutil
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accrete.care.forget import What, forget
from accrete.care.maintain import rebuild
from accrete.derive import owners
from accrete.ingest import ingest
from accrete.settings import Settings
from tests.fuzz import TORTURE, examples
from tests.lineages import Lineage, chain, copy_of, star, talk, tree
from tests.owners import at, check_by_the_rule, derived_by
from tests.records import kept, projects, record, rows
from tests.transcripts import Transcript

EXAMPLES, STEPS = (examples(12), 12) if TORTURE else (6, 6)

OWNED = (
    "SELECT session, agent, uuid, part, replayed FROM event",
    "SELECT session, uuid, number, replayed, cost_own_nano, tokens_own FROM prompt",
    "SELECT message_id, request_id, session, agent, counted, cost_nano FROM response",
    "SELECT message_id, tool_use_id, session, agent, counted FROM tool_call",
    "SELECT id, prompts, prompts_replayed, responses_own, "
    "tool_calls, tokens_own, cost_own_nano FROM session",
)
"""What a session that was forgotten leaves nothing in. Its saying of a response that others hold
too is merged with theirs."""


def owned(settings: Settings) -> list[Any]:
    return [sorted(rows(settings, sql)) for sql in OWNED]


@pytest.mark.slow
@hypothesis_settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_whatever_happens_to_a_family_its_owners_are_those_of_a_fresh_reading(
    tmp_path_factory, seed
):
    random = Random(seed)
    settings, forgotten = at(tmp_path_factory.mktemp("family"), "stepwise"), False
    family = Lineage(random)
    family.write(projects(settings))
    ingest(settings, jobs=0)
    for step in range(STEPS):
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            gone = family.happen()
            if gone is not None:
                (projects(settings) / "-home-dev-demo" / f"{gone}.jsonl").unlink(missing_ok=True)
                forget(settings, What(sessions=(gone,)), 0)
                forgotten = True
        family.write(projects(settings))
        ingest(settings, jobs=0)
        check_by_the_rule(settings)
        fresh = Settings(
            home=settings.home.parent / f"fresh-{step}", roots=settings.roots, zone=settings.zone
        )
        ingest(fresh, jobs=0)
        assert owned(settings) == owned(fresh)
        assert forgotten or record(settings) == record(fresh)
        shutil.rmtree(fresh.home)


def copied_whole(sessions: int, lines: int, *, named: bool = False) -> list[Transcript]:
    """A session without a line of its own, which each other copied whole and went on."""
    hub = Transcript(1)
    talk(hub, lines, "1")
    made = [hub]
    for n in range(2, 1 + sessions):
        made.append(copy_of(hub, n, named=named))
        talk(made[-1], 2, str(n))
    return made


@pytest.mark.long
@pytest.mark.parametrize("place", [0, 5])
@pytest.mark.parametrize("shape", [chain, star, tree, copied_whole])
def test_one_more_line_of_an_older_copy_works_out_who_gains_or_loses_by_it_and_no_cluster(
    settings, monkeypatch, shape, place
):
    made = list(shape(12, 12))
    kept(settings, *made)
    fresh = Settings(home=settings.home.with_name("fresh"), roots=settings.roots, zone="UTC")
    monkeypatch.setattr(owners, "cluster_of", None)
    made[place].now = max(t.now for t in made)
    made[place].prompt("One more line")
    before = owned(settings)
    changed = derived_by(settings, made[place])
    after = owned(settings)
    monkeypatch.undo()
    ingest(fresh)
    assert after == owned(fresh)
    lost = {row[2] for row in set(before[2]) ^ set(after[2])}
    assert changed == lost | {made[place].session}
    assert len(changed) <= 2


def test_who_gained_by_a_line_of_another_may_lose_by_one_of_its_own(settings):
    made = copied_whole(2, 6)
    made[1].lines = made[1].lines[:6]
    third = copy_of(made[0], 3)
    talk(third, 3, "3")
    made.append(third)
    kept(settings, *made)
    owner = "SELECT session FROM response WHERE message_id LIKE 'msg_1_1#%'"
    for t, heir in ((made[0], made[1]), (made[1], third)):
        assert rows(settings, owner) == [(t.session,)]
        t.now = max(each.now for each in made)
        t.prompt("Goes on")
        assert derived_by(settings, t) == {t.session, heir.session}
        assert rows(settings, owner) == [(heir.session,)]
    check_by_the_rule(settings)


@pytest.mark.long
def test_a_line_that_is_stored_under_the_number_of_a_forgotten_one_is_known_to_be_new(settings):
    family, stranger = list(chain(4, 6)), Transcript(90)
    talk(stranger, 12, "90")
    kept(settings, *family)
    kept(settings, stranger)
    rebuild(settings)  # everything is settled up to the last line, which is the stranger's
    (projects(settings) / "-home-dev-demo" / f"{stranger.session}.jsonl").unlink()
    forget(settings, What(sessions=(stranger.session,)), 0)
    family[2].now = family[3].now
    family[2].prompt("The first line of its own")
    assert derived_by(settings, family[2]) == {family[2].session, family[3].session}
    check_by_the_rule(settings)


def test_who_shares_no_prompt_with_a_forgotten_session_but_an_answer_owns_its_records_again(
    settings,
):
    origin, copy = Transcript(1), Transcript(2)
    origin.prompt("Begin")
    origin.answer("m")
    origin.add("system", subtype="api_error", content="529")
    copy.lines = [{**line, "sessionId": copy.session} for line in origin.lines[1:]]
    origin.lines[1]["forkedFrom"] = {
        "sessionId": copy.session,
        "messageUuid": origin.lines[1]["uuid"],
    }
    copy.lines[1]["forkedFrom"] = {
        "sessionId": origin.session,
        "messageUuid": origin.lines[2]["uuid"],
    }
    copy.prompt("Goes on")
    kept(settings, origin, copy)
    api_errors = f"SELECT api_errors FROM session WHERE id = '{copy.session}'"
    assert rows(settings, api_errors) == [(0,)]
    (projects(settings) / "-home-dev-demo" / f"{origin.session}.jsonl").unlink()
    receipt = forget(settings, What(sessions=(origin.session,)), 0)
    assert receipt.kept_by == [copy.session]
    assert rows(settings, api_errors) == [(1,)]
