"""What the commands about people, teams and published projects print and how they end, each line
as an administrator reads it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from accrete_team import people, tenants, tokens
from accrete_team.__main__ import main

from tests.team.serving import Team


class Server:
    """A server with a company `acme`, as somebody administers it at a terminal."""

    def __init__(self, team: Team, capsys: pytest.CaptureFixture[str]) -> None:
        self.team, self._capsys = team, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """What a command prints, and its exit code."""
        with pytest.raises(SystemExit) as ended:
            main([*words])
        said = self._capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    def said(self, *words: str) -> list[str]:
        """The lines of a command that does what it is asked to."""
        code, out, err = self.run(*words)
        assert (code, err) == (0, ""), words
        assert out.endswith("\n"), words
        return out.splitlines()


@pytest.fixture
def server(tmp_path, monkeypatch, capsys) -> Server:
    team = Team(tmp_path / "team")
    team.company()
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(team.registry.home))
    monkeypatch.delenv(tenants.URL, raising=False)
    return Server(team, capsys)


def test_people_are_added_changed_and_listed_by_name(server):
    said = server.said
    assert said("person", "list", "acme") == [
        'Nobody yet. Add somebody: accrete-team person add acme "Name"'
    ]
    assert said("person", "list", "acme", "--json") == ["[]"]
    assert said("person", "add", "acme", "Kim") == [
        'Added Kim. Next: accrete-team token create acme "Kim"'
    ]
    assert said("person", "add", "acme", "Ada", "--email", "ada@example.com", "--admin",
                "--job", "Engineer", "--since", "2026-03") == [
        'Added Ada. Next: accrete-team token create acme "Ada"',
        'They sign in after: accrete-team person invite acme "Ada"',
    ]  # fmt: skip
    assert said("person", "add", "acme", "Lou", "--job", "Design") != []
    assert said("person", "left", "acme", "Lou") == ["Lou left."]
    assert said("person", "list", "acme") == [
        f"{'Ada':30} {'ada@example.com':36} {'Engineer':12} administrator",
        f"{'Kim':30} —",
        f"{'Lou':30} {'—':36} {'Design':12} left",
    ]
    assert said("person", "set", "acme", "Kim", "--job", "Support", "--since", "2026-05") == [
        "Changed Kim."
    ]
    assert said("person", "set", "acme", "Kim", "--admin") == ["Changed Kim."]
    assert said("person", "set", "acme", "Ada", "--no-admin") == ["Changed Ada."]
    (listed,) = said("person", "list", "acme", "--json")
    keys = ("name", "email", "admin", "job", "since", "left")
    assert [tuple(each[key] for key in keys) for each in json.loads(listed)] == [
        ("Ada", "ada@example.com", False, "Engineer", "2026-03", False),
        ("Kim", None, True, "Support", "2026-05", False),
        ("Lou", None, False, "Design", "", True),
    ]


def test_what_was_done_to_people_is_in_the_audit_log(server):
    for words in (("add", "acme", "Kim"), ("set", "acme", "Kim", "--job", "Support"),
                  ("left", "acme", "Kim")):  # fmt: skip
        server.said("person", *words)
    log = server.team.rows("SELECT what, about FROM audit ORDER BY at, what")
    assert ("added", "Kim") in log
    assert {about.partition(":")[0] for _, about in log} == {"Kim"}
    assert len(log) == 3


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ((), "http://127.0.0.1:7420"),
        (("--url", "https://accrete.example"), "https://accrete.example"),
        (("--url", "https://accrete.example:8443/team/"), "https://accrete.example:8443/team"),
    ],
)
def test_an_invitation_is_a_link_with_which_a_password_is_set_once(server, url, start):
    server.said("person", "add", "acme", "Kim", "--email", "kim@example.com")
    (link,) = server.said("person", "invite", "acme", "Kim", *url)
    found = re.fullmatch(rf"{re.escape(start)}/c/acme/invitation/(\S+)", link)
    assert found
    with server.team.database() as db:
        people.accept(db, found[1], people.hash_password("correct horse battery"),
                      tokens.now_ms())  # fmt: skip


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example", "https://", "https:///x", "https://a.example?x", "https://a.example#x",
     "https://a.example/a b", " https://a.example", "a.example"],
)  # fmt: skip
def test_an_address_that_is_none_is_not_put_into_an_invitation(server, url):
    server.said("person", "add", "acme", "Kim", "--email", "kim@example.com")
    code, out, err = server.run("person", "invite", "acme", "Kim", "--url", url)
    assert (code, out) == (1, "")
    assert f"{url!r} is no address of a server. Write it as https://accrete.example." in err
    assert server.team.rows("SELECT 1 FROM invitation") == []


def test_nobody_is_invited_to_a_company_that_is_closed(server):
    server.said("person", "add", "acme", "Kim", "--email", "kim@example.com")
    server.said("company", "archive", "acme")
    code, out, err = server.run("person", "invite", "acme", "Kim")
    assert (code, out, "accrete-team company unarchive acme" in err) == (1, "", True)
    assert server.team.rows("SELECT 1 FROM invitation") == []


def test_who_is_put_into_a_team_or_at_its_head_is_told_from_when(server):
    said = server.said
    assert said("team", "list", "acme") == [
        'No teams yet. Make one: accrete-team team create acme "Name"'
    ]
    for name in ("Ada", "Kim", "Lou", "Max"):
        said("person", "add", "acme", name)
    assert said("team", "create", "acme", "Ledger") == [
        'Made Ledger. Next: accrete-team team add acme "Ledger" "Person"'
    ]
    assert said("team", "list", "acme") == ["Ledger: nobody", "  led by nobody"]
    later = "from a day from now; the members are told."
    for words, line in (
        (("Max",), "Max is in Ledger, from now."),
        (("Max",), "Max is in Ledger, from now."),  # they are in it already
        (("Kim",), f"Kim is in Ledger, {later}"),
        (("Lou", "--lead"), f"Lou leads Ledger, {later}"),
        (("Ada", "--lead"), f"Ada leads Ledger, {later}"),
        (("Ada",), f"Ada is in Ledger, {later}"),
    ):
        assert said("team", "add", "acme", "Ledger", *words) == [line]
    roles = server.team.rows("SELECT p.name, m.role FROM team_place m JOIN person p "
                             "ON p.id = m.person ORDER BY p.name, m.role")  # fmt: skip
    assert roles == [("Ada", "lead"), ("Ada", "member"), ("Kim", "member"), ("Lou", "lead"),
                     ("Max", "member")]  # fmt: skip
    said("team", "create", "acme", "Tools")
    later = r" \(from \d{4}-\d\d-\d\d \d\d:\d\d UTC\)"
    listed = said("team", "list", "acme")
    assert re.fullmatch(f"Ledger: Ada{later}, Kim{later}, Max", listed[0])
    assert re.fullmatch(f"  led by Ada{later}, Lou{later}", listed[1])
    assert listed[2:] == ["Tools: nobody", "  led by nobody"]
    ((since,),) = server.team.rows("SELECT since FROM team_place WHERE role = 'lead' AND person = "
                                   "(SELECT id FROM person WHERE name = 'Lou')")  # fmt: skip
    assert f"Lou (from {datetime.fromtimestamp(since / 1000, UTC):%Y-%m-%d %H:%M} UTC)" in listed[1]


def test_who_is_out_of_a_team_is_out_at_once_and_a_lead_may_stay_in_it(server):
    said = server.said
    for name in ("Ada", "Kim"):
        said("person", "add", "acme", name)
    said("team", "create", "acme", "Ledger")
    said("team", "add", "acme", "Ledger", "Ada")
    said("team", "add", "acme", "Ledger", "Kim")
    said("team", "add", "acme", "Ledger", "Ada", "--lead")
    assert said("team", "remove", "acme", "Ledger", "Ada", "--lead") == ["Ada is out of Ledger."]
    listed = said("team", "list", "acme")
    assert (re.sub(r" \(from .+?\)", " (later)", listed[0]), listed[1:]) == (
        "Ledger: Ada, Kim (later)", ["  led by nobody"]
    )  # fmt: skip
    assert said("team", "remove", "acme", "Ledger", "Kim") == ["Kim is out of Ledger."]
    assert said("team", "list", "acme") == ["Ledger: Ada", "  led by nobody"]
    assert said("team", "dissolve", "acme", "Ledger") == ["Dissolved Ledger."]
    assert said("team", "list", "acme") == [
        'No teams yet. Make one: accrete-team team create acme "Name"'
    ]
    code, out, err = server.run("team", "dissolve", "acme", "Ledger")
    assert (code, out, "Ledger" in err) == (1, "", True)


def test_projects_are_listed_for_everybody_and_taken_off_the_list(server):
    said = server.said
    none = ["No projects yet. List one: accrete-team projects add acme REMOTE"]
    assert said("projects", "list", "acme") == none
    assert said("projects", "list", "acme", "--json") == ["[]"]
    assert said("projects", "add", "acme", "git@github.com:acme/ledger.git") == [
        "Listed ledger (github.com/acme/ledger). Machines learn of it at their next sync."
    ]
    said("projects", "add", "acme", "github.com/acme/quay", "--name", "The quay")
    known = {
        name: (id_, remote)
        for name, id_, remote in server.team.rows("SELECT name, id, remote FROM published_project")
    }
    assert sorted(said("projects", "list", "acme")) == [
        f"{name:30} {known[name][0]}  {known[name][1]}" for name in ("The quay", "ledger")
    ]
    (listed,) = said("projects", "list", "acme", "--json")
    assert sorted((e["name"], e["id"], e["remote"]) for e in json.loads(listed)) == sorted(
        (name, *rest) for name, rest in known.items()
    )
    assert said("projects", "remove", "acme", "github.com/acme/ledger") == [
        "Took ledger (github.com/acme/ledger) off the list."
    ]
    assert len(said("projects", "list", "acme")) == 1
    code, out, err = server.run("projects", "remove", "acme", "github.com/acme/ledger")
    assert (code, out, "github.com/acme/ledger" in err) == (1, "", True)
