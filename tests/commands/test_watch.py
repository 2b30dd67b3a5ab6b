"""`status --watch`: what it shows of the running session, that it waits for one, and how it
ends."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import signal
import subprocess
import sys
import time

import pytest
from rich.console import Console

from accrete.commands.watch import page
from accrete.edge.local import ME
from accrete.ingest import ingest, open_for_writing
from accrete.model.captured import HookEvent
from accrete.queries.live import BLOCKED, LARGE_CONTEXT, SMALL_CONTEXT, live
from accrete.queries.scope import Scope
from accrete.record import store
from accrete.settings import Settings
from tests.patience import LONG_S
from tests.records import kept
from tests.transcripts import Transcript


def now() -> int:
    return int(time.time() * 1000)


def talk(**usage: int) -> Transcript:
    t = Transcript(1, start=now() - 20_000)
    t.prompt("Mend the tests")
    t.answer(usage=usage)
    return t


def notice(t: Transcript, words: str) -> None:
    t.add(
        "system",
        subtype="informational",
        level="warning",
        preventContinuation=True,
        content=words,
        promptSubmitEnding={
            "ending": {"kind": "blocked_by_hook", "reason": "x"},
            "promptKept": False,
        },
    )


def hooked(
    settings: Settings, t: Transcript, event: str, detail: str = "{}", at: int | None = None
) -> None:
    db = open_for_writing(settings)
    with db.transaction():
        store.add_hook_event(
            db, HookEvent(ME, t.session, event, at or now(), event, None, detail), within_ms=0
        )
    db.close()


def shown(settings: Settings) -> str:
    out = Console(width=140, record=True, file=io.StringIO())
    out.print(page(settings))
    return out.export_text()


def window(settings: Settings, t: Transcript) -> int:
    db = open_for_writing(settings)
    try:
        return db.ask(live(Scope((ME,), session=t.session))).context_limit
    finally:
        db.close()


REFUSED = (
    "UserPromptSubmit operation blocked by hook:\n[/home/dev/check.sh]: prompt refused\n\n\n"
    "Original prompt: Mend it"
)


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (REFUSED, "blocked the last prompt: prompt refused"),
        (f"{BLOCKED}:\nby json\n\nOriginal prompt: x", "blocked the last prompt: by json"),
        (f"{BLOCKED}:\n\nOriginal prompt: x", "blocked the last prompt\n"),
    ],
)
def test_a_prompt_that_a_hook_refused_shows_as_blocked_until_the_next_one(settings, words, said):
    t = talk()
    notice(t, words)
    kept(settings, t)
    assert said in re.sub(r" +\n", "\n", shown(settings))
    t.prompt("Another way, then")
    kept(settings, t)
    assert "blocked" not in shown(settings)


def test_a_session_whose_first_prompt_was_refused_is_the_one_that_runs(settings):
    older, t = Transcript(2, start=now() - 3_000_000), Transcript(1, start=now() - 20_000)
    older.prompt("Long ago")
    older.answer("msg_older")
    notice(t, REFUSED)
    hooked(settings, t, "UserPromptSubmit")
    kept(settings, older, t)
    assert "0 prompts" in shown(settings)
    assert "prompt refused" in shown(settings)


def test_a_window_of_a_million_is_known_by_its_use_by_the_model_and_by_what_hooks_said(settings):
    t = talk()
    kept(settings, t)
    assert window(settings, t) == SMALL_CONTEXT
    hooked(settings, t, "SessionStart", '{"model": "claude-opus-5-5[1m]"}', now() - 30_000)
    assert window(settings, t) == LARGE_CONTEXT
    full = talk(cache_read_input_tokens=260_000)
    kept(settings, full)
    assert "context 260" in shown(settings)
    assert "of 1" in shown(settings)


def test_a_session_that_has_ended_is_not_running_and_one_that_goes_on_is(settings):
    t = talk()
    kept(settings, t)
    assert "Mend the tests" in shown(settings)
    hooked(settings, t, "SessionEnd", at=now() - 1)
    assert "No session is running. Last: Mend the tests" in shown(settings)
    hooked(settings, t, "SessionStart", at=now())
    assert "No session is running" not in shown(settings)


def test_without_a_record_and_without_a_session_it_waits(settings):
    assert "Waiting" in shown(settings)
    ingest(settings)
    assert "Waiting" in shown(settings)


@pytest.mark.long
def test_it_waits_for_a_session_and_ctrl_c_ends_it_well(settings):
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        "TERM": "xterm",
        "COLUMNS": "120",
    }
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "accrete", "status", "--watch"],
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # A shell starts what runs in the background with Ctrl-C ignored, and so would this be.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    seen = b""

    def until(words: bytes) -> None:
        nonlocal seen
        deadline = time.monotonic() + LONG_S
        while words not in seen and time.monotonic() < deadline:
            seen += os.read(ours, 65536)
        assert words in seen

    try:
        until(b"Waiting")
        talk().write(settings.roots[0] / "projects")
        until(b"Mend the tests")
        child.send_signal(signal.SIGINT)
        assert child.wait(LONG_S) == 0
    finally:
        child.kill()
        child.wait()
    os.set_blocking(ours, False)
    with contextlib.suppress(OSError):
        seen += os.read(ours, 65536)
    assert b"Traceback" not in seen
    assert b"Stopped" not in seen
    os.close(ours)
