"""`accrete explore`: where it listens, and how the browser is let in."""

from __future__ import annotations

import socket
import stat
from urllib.parse import urlsplit

import pytest

from accrete.commands import explore
from tests.records import called


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_it_listens_on_no_address_that_others_can_reach(capsys, host):
    code, _, err = called(capsys, "explore", "--no-browser", "--host", host)
    assert code != 0
    assert "loopback" in err
    assert "Traceback" not in err


def test_a_port_that_is_taken_is_said(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, _, err = called(capsys, "explore", "--no-browser", "--port", str(port))
    assert code != 0
    assert f":{port}: Address already in use" in err
    assert "--port" in err


def test_the_browser_is_opened_through_a_file_of_this_user_alone(settings, monkeypatch, capsys):
    given = []
    tokens = iter(f"token-{n}" for n in range(9))
    monkeypatch.setattr(explore.webbrowser, "open", lambda url: given.append(url) or True)
    monkeypatch.setenv("DISPLAY", ":9")
    settings.home.mkdir(parents=True)
    for _ in range(2):
        explore._say(settings, "http://127.0.0.1:7410", lambda: next(tokens), browser=True)
    assert all(url.startswith("file://") for url in given)
    (file,) = (settings.home / "explorer").iterdir()  # the one before is gone
    assert urlsplit(given[-1]).path == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "http://127.0.0.1:7410/open?token=token-2" in file.read_text()
    assert "open?token=token-3" in capsys.readouterr().out  # some browsers may not read the file


def test_without_a_screen_the_address_is_printed(settings, monkeypatch, capsys):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(explore.sys, "platform", "linux")
    tokens = iter(["secret-token"])
    explore._say(settings, "http://127.0.0.1:7410", lambda: next(tokens), browser=True)
    assert "http://127.0.0.1:7410/open?token=secret-token" in capsys.readouterr().out


def test_the_data_folder_may_be_missing(settings, monkeypatch, capsys):
    monkeypatch.setattr(explore.webbrowser, "open", lambda url: True)
    monkeypatch.setenv("DISPLAY", ":9")
    explore._say(settings, "http://127.0.0.1:7410", lambda: "t", browser=True)
    assert (settings.home / "explorer").is_dir()
