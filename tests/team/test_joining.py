"""One command sets up capture, reads what there is and shares it, once it is agreed."""

from __future__ import annotations

import gzip
import json

import httpx2
import pytest

from accrete.sync import transport
from accrete.sync.choice import Choice, read_choice
from tests.records import called, kept
from tests.team.test_elsewhere import use
from tests.team.test_sync import told

pytestmark = pytest.mark.alike


@pytest.fixture
def fresh(settings, team, monkeypatch):
    """A machine with transcripts, without a record and without hooks."""
    for n in (1, 2):
        told(n).write(settings.roots[0] / "projects")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    use(monkeypatch, team, settings, None)
    return settings


@pytest.mark.long
def test_one_command_installs_reads_and_shares(fresh, team, capsys):
    token = team.choice().token
    code, out, err = called(capsys, "init", "--yes", "--no-mcp", "--team", "http://localhost",
                            "--token", token, "--tier", "2")  # fmt: skip
    assert (code, err) == (0, ""), err
    hooks = json.loads((fresh.roots[0] / "settings.json").read_text())["hooks"]
    assert "Stop" in hooks
    assert out.index("To be sent: 2 sessions at tier 2") < out.index("Sent 2 sessions")
    assert team.rows("SELECT COUNT(*) FROM session") == [(2,)]
    choice = read_choice(fresh)
    assert choice is not None
    assert (choice.tier, choice.projects, choice.token) == (2, "all", token)


@pytest.mark.long
def test_without_consent_capture_works_and_nothing_leaves(fresh, team, capsys, monkeypatch):
    monkeypatch.setattr("accrete.commands.init.agreed", lambda: True)
    token = team.choice().token
    code, out, _ = called(
        capsys, "init", "--no-mcp", "--team", "http://localhost", "--token", token
    )
    assert code != 0
    assert "To be sent: 2 sessions at tier 1" in out
    assert "Sent" not in out
    assert team.rows("SELECT COUNT(*) FROM session") == [(0,)]
    assert read_choice(fresh) is None
    assert (fresh.roots[0] / "settings.json").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--team", "http://localhost"), "both --team and --token"),
        (("--token", "acr_acme_" + "x" * 43), "both --team and --token"),
        (("--team", "http://far.example", "--token", "acr_acme_" + "x" * 43), "not encrypted"),
        (("--team", "https://far.example", "--token", "secret"), "no token"),
        (("--team", "https://far.example", "--token", "acr_acme_cut-off-secret"), "not all of one"),
    ],
)
def test_what_cannot_be_joined_is_said_before_anything_is_written(fresh, capsys, given, said):
    code, _, err = called(capsys, "init", "--yes", "--no-mcp", *given)
    assert code in (1, 2)
    assert said in err
    assert "secret" not in err
    assert not (fresh.roots[0] / "settings.json").exists()


def watched(team, monkeypatch) -> list[bytes]:
    """The messages that leave from here on, while the server takes them."""
    bodies: list[bytes] = []

    def client(choice: Choice) -> httpx2.Client:
        there = team.http(choice)

        def handle(request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/sync"):
                bodies.append(request.content)
            return there.send(request)

        return httpx2.Client(
            transport=httpx2.MockTransport(handle),
            headers={"Authorization": f"Bearer {choice.token}"},
        )

    monkeypatch.setattr(transport, "client", client)
    return bodies


def as_previewed(bodies: list[bytes]) -> list[str]:
    """The rows of messages, a line each, as a preview prints them."""
    return [
        json.dumps({"table": table["table"], "row": row}, ensure_ascii=False, separators=(",", ":"))
        for body in bodies
        for session in json.loads(gzip.decompress(body))["sessions"]
        for table in session["tables"]
        for row in table["rows"]
    ]


@pytest.mark.long
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_every_row_can_be_read_before_one_joins(fresh, team, capsys, monkeypatch, tier):
    kept(fresh, told(1), told(2))
    use(monkeypatch, team, fresh, None)
    bodies = watched(team, monkeypatch)
    how = ("team", "join", "http://localhost", "--token", team.choice().token, "--tier", str(tier))
    code, out, err = called(capsys, *how)  # shows in words, and nobody agrees
    assert code != 0
    assert "Every row: accrete team join … --preview" in out
    code, previewed, err = called(capsys, *how, "--preview")
    assert (code, err) == (0, "")
    assert bodies == []
    assert read_choice(fresh) is None
    code, out, err = called(capsys, *how, "--yes")
    assert (code, err) == (0, "")
    assert previewed.splitlines() == as_previewed(bodies) != []
    assert called(capsys, "team", "leave", "--yes")[0] == 0
    _, later, _ = called(capsys, *how, "--preview")
    assert not aliases_of(previewed) & aliases_of(later)  # another team could join them by


def aliases_of(rows: str) -> set[str]:
    """The ids under which projects leave, of a preview."""
    found = {json.loads(line)["row"].get("project") for line in rows.splitlines()} - {None}
    assert found
    return found


@pytest.mark.long
def test_every_row_of_a_higher_tier_can_be_read_before_it_is_chosen(
    fresh, team, capsys, monkeypatch
):
    kept(fresh, told(1), told(2))
    use(monkeypatch, team, fresh, None)
    called(capsys, "team", "join", "http://localhost", "--token", team.choice().token, "--yes")
    bodies = watched(team, monkeypatch)
    code, out, _ = called(capsys, "team", "tier", "3")  # nobody agrees
    assert code != 0
    assert "Every row: accrete team tier 3 --preview" in out
    code, previewed, err = called(capsys, "team", "tier", "3", "--preview")
    assert (code, err) == (0, "")
    assert bodies == []
    choice = read_choice(fresh)
    assert choice is not None
    assert choice.tier == 1
    called(capsys, "team", "tier", "3", "--yes")
    assert previewed.splitlines() == as_previewed(bodies) != []


def test_who_cannot_leave_is_told_how_to_leave_without_the_server(fresh, team, capsys, monkeypatch):
    kept(fresh, told(1))
    choice, _ = team.meet(fresh, team.choice())
    use(monkeypatch, team, fresh, choice)
    monkeypatch.setattr(transport, "client", _nobody)
    monkeypatch.setattr(transport, "TRIES", 1)
    code, _, err = called(capsys, "team", "leave", "--yes")
    assert code == 1
    assert "You have not left. To leave now" in err
    assert read_choice(fresh) is not None
    code, out, err = called(capsys, "team", "leave", "--yes", "--keep")
    assert (code, err) == (0, "")
    assert read_choice(fresh) is None


def _nobody(choice: Choice) -> httpx2.Client:
    def handle(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    return httpx2.Client(transport=httpx2.MockTransport(handle))
