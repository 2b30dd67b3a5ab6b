"""What `accrete-team serve` refuses before it serves, each with a sentence."""

from __future__ import annotations

import socket

import pytest
from accrete_team.__main__ import main


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Runs `serve`; gives what it said on stderr when it ended with 1."""
    monkeypatch.setenv("ACCRETE_TEAM_HOME", str(tmp_path / "team"))

    def run(*options: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--nightly", "off", *options])
        assert ended.value.code == 1
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return run


def test_a_port_that_is_taken_is_named(refused):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"127.0.0.1:{port}: Address already in use" in refused("--port", str(port))


def test_an_address_that_is_not_of_this_machine_is_named(refused):
    said = refused("--host", "198.51.100.7", "--port", "0")
    assert "Nothing can listen on 198.51.100.7:0" in said


def test_a_certificate_that_cannot_be_served_with_is_named(refused, tmp_path):
    wrong = tmp_path / "cert.pem"
    wrong.write_text("no certificate", "utf-8")
    assert f"{wrong} and the key in it are no certificate" in refused("--certificate", str(wrong))
    assert "--key goes with --certificate" in refused("--key", str(wrong))
