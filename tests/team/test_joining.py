"""One command sets up capture, reads what there is and shares it, once it is agreed."""

from __future__ import annotations

import json

import pytest

from accrete.sync.choice import read_choice
from tests.records import called
from tests.team.test_elsewhere import use
from tests.team.test_sync import told


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
    ],
)
def test_what_cannot_be_joined_is_said_before_anything_is_written(fresh, capsys, given, said):
    code, _, err = called(capsys, "init", "--yes", "--no-mcp", *given)
    assert code in (1, 2)
    assert said in err
    assert "secret" not in err
    assert not (fresh.roots[0] / "settings.json").exists()
