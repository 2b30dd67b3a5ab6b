"""A tier that is lowered on a page: what no longer fits is gone at once, and stays so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from accrete_team import lowering, nightly, tokens

from accrete.database import Database
from accrete.edge.local import MINE
from accrete.errors import AccreteError
from accrete.ingest import ingest, open_for_writing
from accrete.model import Tier
from accrete.model.sessions import PersonWeek
from accrete.record.shared import begin_anew
from accrete.wire.travels import NAMES, columns, typed
from tests.records import kept, other, world
from tests.team.serving import NOW, Team
from tests.team.signed import a_person, in_team, signed_in
from tests.team.test_elsewhere import chosen
from tests.team.test_published import sent_bytes
from tests.team.test_sync import SECRETS, everything, told

pytestmark = pytest.mark.long


def of_person(team: Team, person: int) -> dict[str, list[str]]:
    """All rows of a person, and the words by which they are found; project ids are made anew for
    each joining."""
    found = {}
    for name in NAMES:
        fields = [each for each in typed(name) if each not in ("person", "project")]
        rows = team.rows(f"SELECT {', '.join(fields)} FROM {name} WHERE person = {person}")
        found[name] = sorted(map(repr, rows))
    weeks = [each for each in PersonWeek._fields if each not in ("person", "project")]
    rows = team.rows(f"SELECT {', '.join(weeks)} FROM person_week WHERE person = {person}")
    found["person_week"] = sorted(map(repr, rows))
    return found


def above(db: Database, person: int, tier: int) -> list[str]:
    """The columns in which something stands that a tier does not have, read without its rules of
    reduction: from the marks of the fields alone."""
    found = []
    for name in NAMES:
        fits = {each.name for each in columns(name, tier)}
        for field, (kind, _, mark) in typed(name).items():
            if field != "person" and field not in fits and mark.tier != Tier.LOCAL:
                empty = "''" if kind is str else "0"
                ((n,),) = db.run(
                    f"SELECT COUNT(*) FROM {name} WHERE person = ? AND {field} IS NOT NULL "
                    f"AND {field} <> {empty}",
                    (person,),
                )
                found += [f"{name}.{field}"] * int(n > 0)
    return found


@pytest.fixture
def shared(settings, team):
    """Amara shares at tier 3: sessions with all kinds of text, a subagent, forks, advisors."""
    world(settings)
    kept(settings, told(8), told(9))
    team.company()
    amara = a_person(team, "Amara", password=None)
    choice, _ = team.meet(settings, team.choice(tier=3))
    return amara, choice


def test_what_is_left_is_what_would_have_come_at_the_lower_tier(settings, team, shared):
    amara, _ = shared
    db = open_for_writing(settings)
    try:
        begin_anew(db, MINE.person)
    finally:
        db.close()
    kims = team.choice("Kim", tier=2)
    kim = team.rows("SELECT id FROM person WHERE name = 'Kim'")[0][0]
    for tier in (2, 1):
        with team.database() as db:
            assert above(db, amara, tier)
            done = lowering.lower(db, amara, tier, NOW)
            assert above(db, amara, tier) == []
        assert (done.sessions, done.erased.bytes_by > done.erased.rows_at) == (7, True)
        assert team.rows(f"SELECT tier FROM person WHERE id = {amara}") == [(tier,)]
        assert not any(word in everything(team) for word in SECRETS[:3])
        assert "a1b2c3" not in everything(team) + repr(team.rows("SELECT * FROM rival_row"))
        team.sync(settings, kims, tier=tier)
        left, sent = of_person(team, amara), of_person(team, kim)
        for name in left:
            assert left[name] == sent[name], name


@pytest.mark.alike
def test_machines_follow_at_their_next_sync_and_only_they_can_share_more(settings, team, shared):
    amara, choice = shared
    whole = of_person(team, amara)
    with team.database() as db:
        lowering.lower(db, amara, 1, NOW + 1)
    reduced = of_person(team, amara)
    team.sync(settings, choice)  # it did not ask yet
    assert of_person(team, amara) == reduced
    agreed, sent = team.meet(settings, choice)
    assert (agreed.tier, sent.refused) == (1, [])
    assert of_person(team, amara) == reduced
    agreed, _ = team.meet(settings, chosen(agreed, "tier", tier=3))
    assert (agreed.tier, of_person(team, amara)) == (3, whole)
    with team.database() as db:
        lowering.lower(db, amara, 2, NOW + 2)
    assert of_person(team, amara) != whole
    agreed, _ = team.meet(settings, chosen(agreed, "tier", tier=3))  # said again, unchanged there
    assert (agreed.tier, of_person(team, amara)) == (3, whole)


def test_a_tier_is_lowered_where_any_session_has_more_and_nowhere_else(team, shared):
    amara, _ = shared
    with team.database() as db:
        db.run("UPDATE shared SET tier = 1 WHERE person = ? AND session <> "
               "(SELECT MAX(session) FROM shared WHERE person = ?)", (amara, amara))  # fmt: skip
        with pytest.raises(AccreteError, match="can only share less"):
            lowering.lower(db, amara, 3, NOW)
        lowering.lower(db, amara, 2, NOW)
        with pytest.raises(AccreteError, match="can only share less"):
            lowering.lower(db, amara, 2, NOW)


@pytest.mark.alike
def test_a_message_that_was_under_way_is_not_taken_above_the_tier(settings, team, shared):
    amara, choice = shared
    second = other(settings, "second")
    ingest(second)
    late = team.choice(tier=3)
    with team.database() as db:
        lowering.lower(db, amara, 1, tokens.now_ms())
        for machine, theirs in ((settings, choice), (second, late)):
            told(10).write(machine.roots[0] / "projects")
            ingest(machine)
            sent = team.sync(machine, theirs)
            assert sent.refused == []
            assert above(db, amara, 1) == []
    assert team.rows(f"SELECT COUNT(*) FROM session WHERE person = {amara}") == [(7,)]
    for machine, theirs in ((settings, choice), (second, replace(late, tier_at=0))):
        assert team.meet(machine, theirs)[0].tier == 1
    assert team.rows(f"SELECT COUNT(*) FROM session WHERE person = {amara}") == [(8,)]
    assert not any(word in everything(team) for word in SECRETS)


def test_the_page_lowers_says_what_is_gone_and_never_raises(settings, team, shared):
    amara, choice = shared
    lea = a_person(team, "Lea Lead", password=None)
    in_team(team, "Ledger", leads=[lea], members=[amara])
    lead, own = signed_in(team, "Lea Lead"), signed_in(team, "Amara")
    one = f"/people/{amara}/search?q=zqprompt&range=all"
    assert "Please" in lead.page(one)
    assert own.form("/sharing", "/sharing/tier", tier="2").status_code == 303
    page = own.page("/sharing")
    assert "you lowered your tier to 2 here" in page
    left = dict(team.rows("SELECT session, SUM(byte_count) FROM shared GROUP BY session"))
    assert left == sent_bytes(settings, replace(choice, tier=2))
    assert "leave the server&#39;s disk by" in page or "leave the server's disk by" in page
    assert "Not heard of it yet: laptop" in page
    assert "accrete team tier 3" in page
    assert "Please" not in lead.page(one)
    for tier, status in (("3", 400), ("2", 400), ("0", 400), ("", 400)):
        refused = own.form("/sharing", "/sharing/tier", tier=tier)
        assert refused.status_code == status
    assert "accrete team tier 3" in own.form("/sharing", "/sharing/tier", tier="3").text
    team.meet(settings, choice)
    assert "All your machines that sync have heard" in own.page("/sharing")
    nightly.run(team.company(), tokens.now_ms())
    assert "bytes have left" in own.page("/sharing")


@pytest.mark.alike
def test_somebody_without_rows_has_nothing_to_lower(team):
    team.company()
    person = a_person(team, "Amara", password=None)
    with team.database() as db, pytest.raises(AccreteError, match="accrete team tier 1"):
        lowering.lower(db, person, 1, NOW)
    assert "/sharing/tier" not in signed_in(team, "Amara").page("/sharing")
