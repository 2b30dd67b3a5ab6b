"""What an event in a spool says, and what of it is told to whoever reads on."""

from __future__ import annotations

import time

import pytest

from accrete.ingest.background import background
from accrete.record import spool
from accrete.record.spool import COMPARED, read_event
from tests.hooks.spooled import Waited, drained, put, talk
from tests.records import projects, rows
from tests.transcripts import START, session_id

HEAD = ("accrete-hook", "1", "Stop", "5", "0", "-", "s")


@pytest.mark.parametrize(
    "head",
    [
        HEAD[:6],
        (*HEAD, "more"),
        ("other", *HEAD[1:]),
        (HEAD[0], "2", *HEAD[2:]),
        (*HEAD[:3], "x", *HEAD[4:]),
        (*HEAD[:3], "1" * 16, *HEAD[4:]),
        (*HEAD[:6], "-"),
        (*HEAD[:6], ""),
        (*HEAD[:6], "a/b"),
        (*HEAD[:6], "s" * 201),
    ],
)
def test_a_head_that_is_not_whole_is_no_event(head):
    with pytest.raises(ValueError, match="no "):
        read_event(f"{' '.join(head)}\n/x\n{{}}".encode())


def test_an_event_says_what_when_where_and_of_whom():
    event = read_event(f"{' '.join(HEAD[:3])} {'9' * 15} 90 - s-1\n/x y\n ".encode())
    assert event[:5] == ("Stop", 999_999_999_999_999, "UTC+01:30", "s-1", "/x y")
    assert event.payload == {}
    named = read_event(f'{" ".join(HEAD)}\n\n{{"session_id": "{"n" * 200}"}}'.encode())
    assert (named.session, named.folder) == ("n" * 200, "")
    for odd in ("3", '""', "null"):
        assert read_event(f'{" ".join(HEAD)}\n\n{{"session_id": {odd}}}'.encode()).session == "s"


@pytest.mark.parametrize(
    ("name", "offset", "zone"),
    [
        ("-", "0", "UTC+00:00"),
        ("", "-90", "UTC-01:30"),
        ("-", "1439", "UTC+23:59"),
        ("-", "-1440", None),
        ("-", "x", None),
        ("Europe/Berlin", "0", "Europe/Berlin"),
        ("no-zone-at-all", "60", "UTC+01:00"),
    ],
)
def test_a_zone_is_that_of_its_name_or_of_its_offset(name, offset, zone):
    assert read_event(f"accrete-hook 1 Stop 5 {offset} {name} s\n/x\n".encode()).zone == zone


def test_the_last_answer_and_the_path_are_told_where_they_are_some(settings):
    said = {
        "a": {"last_assistant_message": "x", "transcript_path": "/a"},
        "b": {"last_assistant_message": "", "transcript_path": ""},
        "c": {"last_assistant_message": "x" * COMPARED, "transcript_path": 3},
        "d": {"last_assistant_message": "x" * (COMPARED + 1)},
        "e": {"last_assistant_message": ["x"]},
    }
    for n, (session, payload) in enumerate(said.items()):
        put(settings, "Stop", {"session_id": session, **payload}, n=n)
    put(settings, "SessionEnd", {"session_id": "a"}, at=START + 9)
    put(settings, "Notification", {"session_id": "f", "last_assistant_message": "x"}, n=9)
    found = drained(settings)
    assert {
        session: (named.at, named.session, named.path, named.last_message)
        for session, named in found.named.items()
    } == {
        "a": (START + 9, "a", None, "x"),
        "b": (START, "b", None, None),
        "c": (START, "c", None, "x" * COMPARED),
        "d": (START, "d", None, None),
        "e": (START, "e", None, None),
    }
    assert found.ended == {"a"}
    assert (found.events, found.copies, found.unreadable, found.forgotten) == (7, 0, 0, 0)


@pytest.mark.parametrize(("after", "copies"), [(4_999, 1), (5_000, 0), (-4_999, 1), (-5_000, 0)])
def test_a_copy_is_one_within_five_seconds(settings, after, copies):
    put(settings, "Stop", {"session_id": "s"})
    drained(settings)
    put(settings, "Stop", {"session_id": "s"}, at=START + after, n=1)
    assert drained(settings).copies == copies


def test_what_is_put_aside_is_for_its_owner_alone_and_redacted(settings):
    settings.spool.mkdir(parents=True)
    secret = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
    (settings.spool / "1.hook").write_text(f"{secret} " + "x" * 10_000)
    drained(settings)
    aside = settings.spool / "unreadable"
    assert aside.stat().st_mode & 0o7777 == 0o700
    assert (aside / "1.hook").stat().st_mode & 0o7777 == 0o600
    text = (aside / "1.hook").read_text()
    assert text.startswith("[redacted:")
    assert len(text) == 4096


@pytest.mark.parametrize("aside", [True, False])
def test_a_directory_that_has_grown_is_another_once_it_is_empty(settings, monkeypatch, aside):
    settings.spool.mkdir(parents=True)
    if aside:
        (settings.spool / "unreadable").mkdir()
        (settings.spool / "unreadable" / "kept").write_text("x")
    settings.spool.chmod(0o755)
    grown = settings.spool.stat().st_size
    monkeypatch.setattr(spool, "GROWN", grown)
    drained(settings)
    assert settings.spool.stat().st_mode & 0o7777 == 0o755
    monkeypatch.setattr(spool, "GROWN", grown - 1)
    put(settings, "Stop", {"session_id": "s"})
    assert drained(settings).events == 1
    assert settings.spool.stat().st_mode & 0o7777 == 0o700
    assert [path.name for path in settings.spool.rglob("*")] == ["unreadable", "kept"][: 2 * aside]
    assert [path.name for path in settings.home.glob("spool*")] == ["spool"]


def test_a_directory_that_has_grown_stays_while_an_event_waits_in_it(settings, monkeypatch):
    path = put(settings, "Stop", {"session_id": "s"})
    settings.spool.chmod(0o755)
    monkeypatch.setattr(spool, "GROWN", 0)
    monkeypatch.setattr(spool, "_names", lambda folder: [])
    drained(settings)
    assert path.exists()
    assert settings.spool.stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize(
    ("said", "ago_s", "least", "most"),
    [
        ("Answer 0", 0, 0, 0),
        (" Answer 0\n", 0, 0, 0),
        ("Answer that never comes", 0, 3.0, 3.2),
        (None, 0, 0.5, 0.7),
        ("Answer that never comes", 61, 0, 0),
        ("Answer that never comes", 58, 3.0, 3.2),
    ],
)
def test_a_transcript_is_waited_for_until_it_is_whole_or_rests(settings, said, ago_s, least, most):
    talk().write(projects(settings))
    waited = Waited()
    payload = {"session_id": session_id(1)}
    if said is not None:
        payload["last_assistant_message"] = said
    put(settings, "Stop", payload, at=int((time.time() - ago_s) * 1000))
    background(settings, clock=waited.clock, sleep=waited.sleep)
    assert least <= round(waited.seconds, 3) <= most
    assert rows(settings, "SELECT COUNT(*) FROM event WHERE kind = 'assistant_text'") == [(1,)]
