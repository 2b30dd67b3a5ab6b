"""The real client, offline: which session runs after /clear and /resume, one that is to stay out, a
prompt that is refused."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from accrete.queries.live import BLOCKED, _reason
from tests.e2e.api import text, use
from tests.e2e.client import Place, Screen

pytestmark = pytest.mark.slow

SESSION = "mcp__accrete__session"
ASK = [[use("ToolSearch", query=f"select:{SESSION}", max_results=3)], [use(SESSION, id="current")]]


def asked(p: Place) -> list[tuple[str, str]]:
    """(session that asked, session that it was told is running) of each call, in order; ids as
    answers have them."""
    found = p.rows(
        "SELECT session, output FROM tool_call "
        f"WHERE tool = '{SESSION}' AND text_of(output) LIKE '{{%' ORDER BY at",
    )
    return [(session[:8], json.loads(output)["id"]) for session, output in found]


@pytest.mark.torture
def test_after_clear_and_after_resume_current_is_the_session_that_runs_now(place):
    p = place({
        "Note the first thing": [[text("Noted the first.")]],
        "Which one is it at first": [*ASK, [text("Told at first.")]],
        "Which one is it after clear": [*ASK, [text("Told after clear.")]],
        "Which one is it after resume": [*ASK, [text("Told after resume.")]],
    })  # fmt: skip
    p.accrete("init", "--yes")
    screen = Screen(p, "--permission-mode", "bypassPermissions")
    for words, answer in (
        ("Which one is it at first?", "Told at first"),
        ("/clear", None),
        ("Which one is it after clear?", "Told after clear"),
    ):
        screen.say(words)
        if answer:
            screen.wait(answer)
        screen.settle(1.0)
    assert p.until(lambda: len(asked(p)) == 2)
    (first, told), (second, told_after) = asked(p)
    assert (told, told_after) == (first, second)
    assert first != second
    ((identity,),) = p.rows(f"SELECT id FROM session WHERE id LIKE '{first}%'")
    screen.say(f"/resume {identity}")
    screen.wait("Told at first")
    screen.settle(1.0)
    screen.say("Which one is it after resume?")
    screen.wait("Told after resume")
    screen.settle(1.0)
    screen.close()
    assert p.until(lambda: len(asked(p)) == 3)
    assert asked(p)[2] == (first, first)


def test_a_session_with_capture_switched_off_stays_out_for_good(place):
    p = place({"Keep this out": [[text("Out of it.")]], "Keep this": [[text("In it.")]]})
    p.accrete("init", "--yes", "--no-mcp")
    out = p.say("Keep this out.", ACCRETE_DISABLE="1")
    kept = p.say("Keep this.")
    assert p.until(
        lambda: p.rows(f"SELECT 1 FROM session WHERE id = '{kept}' AND responses_own = 1")
    )
    p.accrete("backfill", "-q")
    assert p.rows("SELECT id FROM session") == [(kept,)]
    assert p.rows(f"SELECT event FROM hook_event WHERE session = '{out}'") == []
    assert (
        p.say("Keep this too.", "--resume", out) == out
    )  # without the variable, the session stays out
    time.sleep(2)
    p.accrete("backfill", "-q")
    assert p.rows("SELECT id FROM session") == [(kept,)]
    held = [path for path in (p.home / ".local" / "share" / "accrete").rglob("*") if path.is_file()]
    assert [path.name for path in held if b"Out of it" in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("echo 'prompt refused' >&2; exit 2", "prompt refused"),
        ("""echo '{"decision": "block", "reason": "not now"}'""", "not now"),
    ],
)
def test_a_prompt_that_a_hook_refused_is_known_by_what_the_client_writes_of_it(place, says, reason):
    p = place({"Say hello": [[text("Hello.")]]})
    hook = p.home / "refuse.sh"
    hook.write_text(f"#!/bin/sh\ncat > /dev/null\n{says}\n")
    hook.chmod(0o700)
    settings = {
        "hooks": {"UserPromptSubmit": [{"hooks": [{"type": "command", "command": str(hook)}]}]}
    }
    (p.home / ".claude" / "settings.json").write_text(json.dumps(settings))
    p.accrete("init", "--yes", "--no-mcp")
    subprocess.run(
        [p.client, "-p", "Say hello."],
        cwd=p.repository,
        env=p.env(),
        capture_output=True,
        check=False,
        timeout=180,
    )
    p.accrete("ingest")
    notices = p.until(
        lambda: p.rows(
            f"SELECT text FROM event WHERE kind = 'system_notice' AND text LIKE '{BLOCKED}%'"
        )
    )
    assert [_reason(notice) for (notice,) in notices] == [reason]
