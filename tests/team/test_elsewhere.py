"""What a person chooses on one machine holds on their others; a tier is never raised by another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.care.forget import What, forget
from accrete.ingest import ingest, open_for_writing
from accrete.sync.choice import write_choice
from accrete.sync.due import is_due, went
from tests.records import called, kept, other, rows
from tests.team.serving import NOW
from tests.team.test_sync import SECRETS, everything, replace_home, told

pytestmark = pytest.mark.long


@pytest.fixture
def second(settings):
    """A second machine of the person, with a copy of the home folder."""
    kept(settings, told(1), told(2))
    copy = other(settings, "second")
    ingest(copy)
    return copy


def chosen(choice, what: str, **changed):
    return replace(choice, **changed, unsaid=(what,))


@pytest.mark.alike
def test_a_pause_holds_on_all_machines_until_the_person_goes_on(settings, second, team):
    one, two = team.choice(), team.choice()
    one, _ = team.meet(settings, chosen(one, "paused", paused=True))
    two, sent = team.meet(second, two)
    assert (two.paused, two.paused_elsewhere, sent.sessions) == (True, True, 0)
    assert is_due(second, two, NOW)  # it asks whether it still is
    assert not is_due(settings, one, NOW)  # it was told here, and is quiet
    one, sent = team.meet(settings, chosen(one, "paused", paused=False))
    assert sent.sessions == 2
    two, _ = team.meet(second, two)
    assert (two.paused, two.paused_elsewhere) == (False, False)


@pytest.mark.alike
def test_a_pause_that_the_server_did_not_hear_of_is_said_when_it_can_be(settings, second, team):
    paused = chosen(team.choice(), "paused", paused=True)
    assert is_due(settings, paused, NOW)
    paused, _ = team.meet(settings, paused)
    assert paused.unsaid == ()
    assert team.meet(second, team.choice())[0].paused


@pytest.mark.alike
def test_a_machine_that_goes_on_itself_is_not_held_by_an_older_pause(settings, second, team):
    team.meet(settings, chosen(team.choice(), "paused", paused=True))
    two, _ = team.meet(second, team.choice())
    two, sent = team.meet(second, chosen(two, "paused", paused=False, paused_elsewhere=False))
    assert (two.paused, sent.sessions) == (False, 2)
    assert not team.meet(second, two)[0].paused


@pytest.mark.alike
def test_a_lower_tier_holds_on_all_machines_and_a_higher_one_does_not(settings, second, team):
    one, _ = team.meet(settings, team.choice(tier=3))
    two, _ = team.meet(second, team.choice(tier=3))
    one, _ = team.meet(settings, chosen(one, "tier", tier=1))
    two, _ = team.meet(second, two)
    assert two.tier == 1
    assert not any(word in everything(team) for word in SECRETS)
    team.meet(settings, chosen(one, "tier", tier=3))
    assert team.meet(second, two)[0].tier == 1


@pytest.mark.alike
def test_an_unshared_session_is_not_sent_by_another_machine_until_it_is_chosen_there(
    settings, second, team
):
    one, two = team.choice(tier=2), team.choice(tier=2)
    one, _ = team.meet(settings, one)
    two, _ = team.meet(second, two)
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{told(1).session}'")[0]
    one, sent = team.meet(settings, chosen(one, "projects", excluded=(project,)))
    assert sent.taken_back == 1
    two, _ = team.meet(second, two)
    t = told(1)
    t.answer("msg_later", blocks=[{"type": "text", "text": "more"}])
    t.write(second.roots[0] / "projects")
    ingest(second)
    assert team.meet(second, two)[1].sessions == 0
    assert team.rows("SELECT id FROM session") == [(told(2).session,)]
    two, sent = team.meet(second, chosen(two, "projects"))
    assert sent.sessions == 1
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]


@pytest.mark.alike
def test_what_is_shared_again_where_it_was_unshared_is_shared_by_both(settings, second, team):
    one, two = team.meet(settings, team.choice())[0], team.meet(second, team.choice())[0]
    one, _ = team.meet(settings, chosen(one, "projects", projects="none"))
    two, sent = team.meet(second, two)
    assert sent.sessions == 0
    one, sent = team.meet(settings, chosen(one, "projects", projects="all"))
    assert sent.sessions == 2
    assert team.meet(second, two)[1].sessions == 2
    assert rows(second, "SELECT COUNT(*) FROM unshared") == [(0,)]


@pytest.mark.alike
def test_a_session_forgotten_on_one_machine_is_not_sent_by_another(settings, second, team):
    one, _ = team.meet(settings, team.choice(tier=3))
    forget(settings, What(sessions=(told(1).session,)), NOW)
    assert team.meet(settings, one)[1].taken_back == 1
    _, sent = team.meet(second, team.choice(tier=3))
    assert (sent.sessions, sent.taken_back) == (1, 0)
    assert "zqfolder1" not in everything(team)


@pytest.mark.alike
def test_people_do_not_choose_for_one_another(settings, second, team):
    team.meet(settings, chosen(team.choice("Amara"), "paused", paused=True))
    assert not team.meet(second, team.choice("Kim"))[0].paused


def test_a_project_can_be_shared_at_a_lower_tier_and_what_no_longer_fits_goes(settings, team):
    kept(settings, told(1), told(2))
    choice, _ = team.meet(settings, team.choice(tier=3))
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{told(1).session}'")[0]
    lower = replace(choice, lower=((project, 1),))
    team.meet(settings, lower)
    held = everything(team)
    assert "zqfolder1" not in held
    assert "zqfolder2" in held
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]
    assert dict(team.rows("SELECT session, MAX(tier) FROM shared GROUP BY session")) == {
        told(1).session: 1,
        told(2).session: 3,
    }
    team.meet(settings, choice)
    assert "zqfolder1" in everything(team)


@pytest.mark.alike
def test_projects_with_a_private_remote_are_shared_only_by_name(settings, team):
    from tests.team.test_published import with_remote

    kept(settings, told(1), told(2))
    with_remote(settings, 1, "github.com/Amara/diary")
    choice = replace(team.choice(), private=("github.com/amara/*",))
    assert team.meet(settings, choice)[1].sessions == 1
    (project,) = rows(settings, f"SELECT project FROM session WHERE id = '{told(1).session}'")[0]
    assert team.meet(settings, replace(choice, listed=(project,)))[1].sessions == 1
    assert team.meet(settings, choice)[1].taken_back == 1


def begin_again(settings) -> None:
    """The record forgets what was acknowledged."""
    db = open_for_writing(settings)
    try:
        db.run("DELETE FROM shared")
    finally:
        db.close()


def use(monkeypatch, team, settings, choice) -> None:
    """Commands of this record talk to the server in this process."""
    from accrete.sync import transport

    monkeypatch.setattr(transport, "client", team.http)
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    if choice is not None:
        write_choice(settings, choice)


def test_all_of_a_person_can_be_deleted_and_all_their_machines_pause(
    settings, second, team, monkeypatch, capsys
):
    one, _ = team.meet(settings, team.choice("Amara", tier=3))
    two, _ = team.meet(second, team.choice("Amara", tier=2))
    team.meet(replace_home(settings), team.choice("Kim", tier=1))
    use(monkeypatch, team, settings, one)
    code, out, err = called(capsys, "team", "delete-my-data", "--yes")
    assert (code, err) == (0, "")
    assert "Deleted all that" in out
    assert "bytes on its disk by" in out
    (amara,) = team.rows("SELECT id FROM person WHERE name = 'Amara'")[0]
    for name in ("session", "response", "event", "shared", "unshared", "rival_row", "tool_call"):
        assert team.rows(f"SELECT COUNT(*) FROM {name} WHERE person = {amara}") == [(0,)], name
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]  # Kim's
    two, sent = team.meet(second, two)
    assert (two.paused, sent.sessions) == (True, 0)
    code, out, _ = called(capsys, "sync")
    assert "paused" in out + _
    two, sent = team.meet(second, chosen(two, "paused", paused=False))
    assert sent.sessions == 2  # all of it, since nothing is there any more
    code, out, _ = called(capsys, "team", "resume")
    assert "Sent 2 sessions" in out


@pytest.mark.alike
def test_join_shows_then_sends_and_every_choice_has_a_command(settings, team, monkeypatch, capsys):
    kept(settings, told(1), told(2))
    made = team.choice()
    use(monkeypatch, team, settings, None)
    code, out, err = called(capsys, "team", "join", "http://localhost", "--token", made.token)
    assert code != 0  # nobody agreed
    assert "To be sent: 2 sessions at tier 1" in out
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    assert not (settings.home / "team.json").exists()

    def said(*args: str) -> str:
        code, out, err = called(capsys, *args)
        assert (code, err) == (0, ""), (args, out, err)
        return out

    out = said("team", "join", "http://localhost", "--token", made.token, "--yes",
               "--private", "github.com/me/*")  # fmt: skip
    assert "Sent 2 sessions" in out
    assert "none at github.com/me/*" in said("team", "status")
    (name,) = rows(settings, "SELECT name FROM project WHERE name LIKE '%zqfolder1%'")[0]
    assert "Sent 2 sessions" in said("team", "tier", "2", "--yes")
    assert f"{name} at tier 1" in said("team", "projects", "tier", name, "1")
    begin_again(settings)
    assert "2 sessions at tier 1 (1) and tier 2 (1)" in said("sync", "--explain")
    said("sync")
    assert "at tier" not in said("team", "projects", "tier", name, "3")
    assert "without" in said("team", "projects", "exclude", name)
    assert team.rows("SELECT COUNT(*) FROM session") == [(1,)]
    assert "Sent 1 session" in said("team", "projects", "include", name)
    assert "none at" not in said("team", "projects", "public", "github.com/me/*")
    assert "Your other machines pause" in said("team", "pause")
    assert "paused" in said("team", "tier", "1")
    assert "Sent 2 sessions" in said("team", "resume")
    out = said("team", "leave", "--yes")
    assert "Deleted there: 2 sessions" in out
    assert "Rows gone" in out
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]


@pytest.mark.alike
def test_a_token_that_is_not_known_joins_nothing(settings, team, monkeypatch, capsys):
    kept(settings, told(1))
    team.company()
    use(monkeypatch, team, settings, None)
    token = f"acr_{team.slug('acme')}_" + "x" * 43
    code, out, err = called(capsys, "team", "join", "http://localhost", "--token", token, "--yes")
    assert code == 1
    assert "does not take this machine's token" in err
    assert not (settings.home / "team.json").exists()


@pytest.mark.alike
def test_a_sync_that_is_due_on_a_paused_machine_sends_nothing(settings, second, team, monkeypatch):
    from accrete.commands.sync import sent_to

    team.meet(settings, chosen(team.choice(), "paused", paused=True))
    two = team.choice()
    use(monkeypatch, team, second, two)
    assert sent_to(second, two).sessions == 0
    from accrete.sync.choice import read_choice

    kept_choice = read_choice(second)
    assert kept_choice is not None
    assert kept_choice.paused_elsewhere
    went(second, NOW)
    db = open_for_writing(second)
    db.close()
