"""A person beside their team: what the command line, the MCP server and the pages say, with a
server, without one, and with a team that is too small."""

from __future__ import annotations

import json
import os

import httpx2
import pytest
from accrete_team.release_rules import block_at
from accrete_team.releases import make_releases

from accrete.derive.weeks import derive_weeks, let_every_week_wait
from accrete.edge import start
from accrete.edge.benchmarks import FILE, Kept, keep, read_kept
from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.settings import read_settings
from accrete.sync import benchmarks as asking
from accrete.sync.choice import write_choice
from accrete.wire.benchmarks import Benchmarks, Cell, Group, Teacher
from tests.explorer.conftest import locked as locked
from tests.explorer.conftest import opened as opened
from tests.mcp.asked import call
from tests.mcp.conftest import home as home
from tests.records import called
from tests.team.made import BLOCK, after, person, put, worked
from tests.team.serving import Team

pytestmark = pytest.mark.long


@pytest.fixture
def team(tmp_path):
    made = Team(tmp_path / "team")
    with made.client:
        yield made


@pytest.fixture
def mine(home, team, monkeypatch):
    """A machine whose person used subagents in 6 of 8 sessions of a block, and before it; it shares
    with a company. Returns what asks: offline, or with the server."""
    ingest(home)
    db = open_for_writing(home)
    try:
        for block in (BLOCK - 1, BLOCK):
            worked(db, MINE.person, block, ["delegation"])
        db.run(
            "DELETE FROM sighting WHERE practice = 'delegation' "
            f"AND session IN ('s1-{BLOCK}-2', 's1-{BLOCK}-5')"
        )
        with db.transaction():
            let_every_week_wait(db, MINE.person)
        derive_weeks(db, MINE.person)
    finally:
        db.close()
    choice = team.choice("Amara")
    write_choice(home, choice)
    server = {"up": True}

    def client(choice):
        if server["up"]:
            return team.http(choice)

        def cut(request):
            raise httpx2.ConnectError("cut")

        return httpx2.Client(transport=httpx2.MockTransport(cut))

    monkeypatch.setattr(asking, "client", client)
    monkeypatch.setattr(asking, "FRESH_MS", 0)
    monkeypatch.setattr(start, "sync", lambda: None)  # else each question starts a process
    return server


def released(team, sizes: dict[str, int], of: str = "a", *, version: int = 2) -> None:
    """A release of a company in which Amara is in a team."""
    with team.database() as db:
        (amara,) = next(iter(db.run("SELECT id FROM person WHERE name = 'Amara'")))
        for name, size in sizes.items():
            for n in range(size - (name == of)):
                one = person(db, f"P{name}{n}", name)
                worked(db, one, BLOCK, ["delegation"] if n % 2 else [], version=version)
        if of:
            put(db, amara, of)
        worked(db, amara, BLOCK, ["delegation"], version=version)
        make_releases(db, after(BLOCK))


def test_the_answer_begins_with_what_a_person_would_say(mine, team):
    released(team, {"a": 12, "": 12})
    found = call("compare_with_team", practice="subagents")
    assert found["said"] == (
        "You use subagents in 6 of 8 sessions where they could help, regularly since September; "
        "about half of your team does."
    )
    (row,) = found["practices"]
    assert (row["seen"], row["possible"], row["sightings"]) == (6, 8, 6)
    assert row["depth"] == "regular"
    assert [(w["of"], w["word"], w["people"]) for w in row["words"]] == [
        ("team", "about half", 12), ("company", "about half", 24)
    ]  # fmt: skip
    assert (found["first_day"], found["last_day"]) == tuple(block_at(BLOCK))
    assert row["try_next"].startswith("“Use subagents")
    assert any("5 Oct to 1 Nov 2026" in each for each in found["caveats"])
    assert any("your team 12, your company 24" in each for each in found["caveats"])
    assert not {"rank", "percentile", "average"} & set(json.dumps(found).lower().split())


def test_own_figures_are_those_of_the_same_weeks(mine, team, capsys):
    released(team, {"a": 12, "": 12})
    first, last = block_at(BLOCK)
    _, out, _ = called(capsys, "practices", "delegation", "--since", first, "--until", last,
                       "--json")  # fmt: skip
    own = json.loads(out)
    _, out, _ = called(capsys, "compare", "--team", "delegation", "--json")
    (row,) = json.loads(out)["practices"]
    for key in ("seen", "possible", "sightings", "marked", "depth"):
        assert row[key] == own[key], key


def test_when_the_server_does_not_answer_it_says_what_it_said_and_when(mine, team, capsys):
    released(team, {"a": 12, "": 12})
    code, out, _ = called(capsys, "compare", "--team", "delegation")
    assert code == 0
    assert "about half of your team does." in " ".join(out.split())
    assert "does not answer" not in out
    mine["up"] = False
    code, out, _ = called(capsys, "compare", "--team", "delegation")
    assert code == 0
    assert "about half of your team does." in " ".join(out.split())
    assert "http://localhost does not answer. This is what it said" in " ".join(out.split())
    found = call("compare_with_team", practice="delegation")
    assert found["offline"] is True
    assert found["fetched"]
    path = read_settings().home / FILE
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_server_that_never_answered_is_said(mine):
    mine["up"] = False
    found = call("compare_with_team")
    assert found["said"].startswith("http://localhost does not answer. Nothing of the team")
    assert found["offline"] is True


@pytest.mark.parametrize(
    ("sizes", "of", "said"),
    [
        ({"": 7}, "", "your company is too small to say anything of it: it takes eight people"),
        ({"a": 7, "": 12}, "a", "your team is too small to say anything of it"),
        ({"a": 12, "b": 7}, "a", "your team is not told of, since another team or the rest"),
    ],
)
def test_too_small_a_team_is_said(mine, team, sizes, of, said):
    released(team, sizes, of)
    found = call("compare_with_team", practice="delegation")
    assert said in found["said"]
    if sum(sizes.values()) > 8:
        assert found["said"].endswith("about half of your company does.")
    else:
        assert "half" not in found["said"]


def test_without_a_release_it_says_when_there_will_be_one(mine, team):
    found = call("compare_with_team")
    assert found["said"].startswith("There is no release of acme yet.")


def test_another_version_of_the_rules_is_said(mine, team):
    released(team, {"a": 12, "": 12}, version=1)
    found = call("compare_with_team", practice="delegation")
    assert any("version 2 of its rules, in your team by 1" in each for each in found["caveats"])


def test_what_is_not_shared_and_a_pause_are_said(mine, team):
    from dataclasses import replace

    released(team, {"a": 12, "": 12})
    write_choice(read_settings(), replace(team.choice("Amara"), excluded=("x",)))
    found = call("compare_with_team", practice="delegation")
    assert any("do not share" in each for each in found["caveats"])
    write_choice(read_settings(), replace(team.choice("Amara"), paused=True))
    found = call("compare_with_team", practice="delegation")
    assert any("paused, so http://localhost is not asked" in each for each in found["caveats"])
    assert "about half of your team does" in found["said"]


def test_all_practices_are_compared_without_a_name(mine, team):
    released(team, {"a": 12, "": 12})
    found = call("compare_with_team", project="demo", since="30d")
    assert len(found["practices"]) == 11
    assert not any("try_next" in each for each in found["practices"])
    assert "do not apply" in found["more"]


def test_who_offers_to_show_a_practice_is_seen_beside_it(mine, team, capsys):
    released(team, {"a": 12, "": 12})
    code, out, _ = called(capsys, "team", "teach", "deleg", "on")
    assert code == 0
    assert "your name beside delegation" in out
    with team.database() as db:
        (kim,) = next(iter(db.run("SELECT id FROM person WHERE name = 'Pa1'")))
        db.run("INSERT INTO teaching (person, practice, since) VALUES (?, 'planning', 0)", (kim,))
    found = call("compare_with_team", practice="planning")
    assert found["practices"][0]["taught_by"] == ["Pa1"]
    _, out, _ = called(capsys, "compare", "--team", "--json")
    assert json.loads(out)["teaching"] == ["delegation"]
    code, out, _ = called(capsys, "team", "teach", "delegation", "off")
    assert (code, "no longer" in out) == (0, True)
    _, out, _ = called(capsys, "compare", "--team", "--json")
    assert json.loads(out)["teaching"] == []


def test_leaving_a_team_forgets_what_it_said(mine, team, capsys, monkeypatch):
    released(team, {"a": 12, "": 12})
    called(capsys, "compare", "--team")
    settings = read_settings()
    assert read_kept(settings) is not None
    assert read_kept(settings, "https://another.example") is None
    code, _, _ = called(capsys, "team", "leave", "--yes", "--keep")
    assert (code, read_kept(settings)) == (0, None)
    code, out, _ = called(capsys, "compare", "--team")
    assert (code, out.startswith("This machine shares with no team.")) == (0, True)


@pytest.mark.parametrize("torn", [b"", b"{", b"[1]", b'{"url":1}', b"\xff"])
def test_a_damaged_cache_counts_as_none(home, torn):
    home.home.mkdir(parents=True, exist_ok=True)
    (home.home / FILE).write_bytes(torn)
    assert read_kept(home) is None


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"", "does not take this machine's token"),
        (403, b"", "does not take this machine's token"),
        (404, b"", "is older than this Accrete"),
        (500, b"", "says 500"),
        (302, b"", "says 302"),
        (300, b"{}", "says 300"),
        (200, b"<html>", "is no team server"),
        (200, b"[]", "is no team server"),
        (200, b"x" * (2 << 20), "does not come to an end"),
    ],
)
def test_whatever_the_server_says_is_a_sentence(mine, monkeypatch, status, body, said):
    def odd(choice):
        return httpx2.Client(
            transport=httpx2.MockTransport(lambda request: httpx2.Response(status, content=body))
        )

    monkeypatch.setattr(asking, "client", odd)
    assert said in call("compare_with_team")["said"]


def test_pages_show_the_word_beside_ones_own(settings, opened, capsys):
    from tests.explorer.asking import words
    from tests.explorer.worked import record
    from tests.records import kept

    kept(settings, *record())
    groups = [
        Group("company", "acme", 30, "", 10, [Cell("delegation", "few", "2"), Cell("review")]),
        Group("team", "Payments", 12, "", 2, [Cell("delegation", "most", "2"), Cell("review")]),
    ]
    taught = [Teacher("delegation", "Kim")]
    said_of = Benchmarks("acme", "2026-10-05", "2026-11-01", groups, taught)
    keep(settings, Kept("https://accrete.example", 1, said_of))
    client = opened(settings)
    rows = client.get("/practices?range=all&format=json").json()["tables"]["practices"]
    said = {row["practice"]: row["team"] for row in rows}
    assert (said["delegation"], said["review"], said["planning"]) == ("most", None, None)
    page = words(client.get("/practices/delegation?range=all").text)
    assert "Most of your team do so regularly" in page
    assert "Who offers to show it: Kim" in page
    os.unlink(settings.home / FILE)
    rows = client.get("/practices?range=all&format=json").json()["tables"]["practices"]
    assert all("team" not in row for row in rows)
