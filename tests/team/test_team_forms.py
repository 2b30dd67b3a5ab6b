"""An administrator makes and dissolves teams and says who is in them; each change is written
down."""

from __future__ import annotations

import pytest

from tests.team.signed import a_person, signed_in

AT = "/admin/teams"
pytestmark = pytest.mark.parametrize("team", ["sqlite"], indirect=True)


def places(team) -> list[tuple]:
    return team.rows(
        "SELECT p.name, t.role, t.until IS NULL FROM team_place t JOIN person p ON p.id = t.person "
        "ORDER BY p.name, t.role"
    )


@pytest.mark.long
def test_teams_are_made_filled_emptied_and_dissolved_and_each_change_is_written_down(team):
    admin, mia = a_person(team, "Ada Admin", admin=True), a_person(team, "Mia Member")
    browser = signed_in(team, "Ada Admin")

    def sent(**fields: str) -> int:
        return browser.form(AT, AT, **fields).status_code

    before = {row[0] for row in team.rows("SELECT id FROM audit")}
    assert sent(what="make", name="  Core  team ") == 303
    ((made, name),) = team.rows("SELECT id, name FROM team")
    assert name == "Core team"
    of = {"team": made, "person": str(mia)}
    assert [sent(what=each, **of) for each in ("member", "lead")] == [303, 303]
    assert places(team) == [("Mia Member", "lead", 1), ("Mia Member", "member", 1)]
    assert sent(what="out lead", **of) == 303
    assert [place for place in places(team) if place[2]] == [("Mia Member", "member", 1)]
    for wrong in ("", "owner", "out owner", "out"):
        assert sent(what=wrong, **of) >= 400, wrong
    assert sent(what="member", team=made, person="x") >= 400
    assert sent(what="make", name="core TEAM") >= 400
    assert sent(what="dissolve", team=made) == 303
    assert [place for place in places(team) if place[2]] == []
    written = team.rows("SELECT id, actor, about FROM audit ORDER BY at")
    fresh = [row[1:] for row in written if row[0] not in before]
    assert {actor for actor, _ in fresh} == {admin}
    assert sorted(about for _, about in fresh) == ["Core team"] * 2 + ["Mia Member"] * 3


def test_somebody_else_makes_no_team(team):
    a_person(team, "Ada Admin", admin=True)
    a_person(team, "Mia Member")
    token = "x"
    answer = signed_in(team, "Mia Member").post(
        AT, {"what": "make", "name": "Mine", "token": token}
    )
    assert answer.status_code >= 400
    assert team.rows("SELECT id FROM team") == []
