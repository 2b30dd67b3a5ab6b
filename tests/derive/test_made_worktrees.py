"""Worktrees of a session: which repository each is of, by the folder that the session was in, and
what only looks like a worktree."""

from __future__ import annotations

import json

import pytest

from tests.records import kept, rows
from tests.transcripts import START, Transcript

MADE = "Preparing worktree (new branch 'fix')\nHEAD is now at 1a2b3c4 begin"
FOUND = "SELECT worktree, repository, at FROM session_worktree ORDER BY worktree"


def ran(t: Transcript, command: str, *, cwd: str | None = None, said: str = MADE) -> int:
    """A call of git, from a folder; returns when it was made."""
    if cwd is not None:
        t.common["cwd"] = cwd
    n = len(t.lines)
    t.call("Bash", {"command": command}, message_id=f"msg_{n}", use=f"toolu_{n}")
    at = t.now
    t.result(said, use=f"toolu_{n}")
    return at


def test_a_worktree_is_of_the_folder_that_the_session_was_in_then(settings):
    t = Transcript(1, cwd="/w/api")
    t.prompt("Begin")
    first = ran(t, "git worktree add ../one")
    second = ran(t, "git worktree add ../two", cwd="/v/shop")
    t.prompt("Go back")
    third = ran(t, "git worktree add ../three", cwd="/w/api")
    kept(settings, t)
    assert rows(settings, FOUND) == [
        ("/v/two", "/v/shop", second),
        ("/w/one", "/w/api", first),
        ("/w/three", "/w/api", third),
    ]


def test_of_a_worktree_that_was_made_twice_the_last_time_is_told(settings):
    t = Transcript(1, cwd="/w/api")
    t.prompt("Begin")
    ran(t, "git worktree add ../one")
    again = ran(t, "git worktree add ../one")
    kept(settings, t)
    assert rows(settings, FOUND) == [("/w/one", "/w/api", again)]


@pytest.mark.parametrize(
    ("tool", "said", "error", "found"),
    [
        ("EnterWorktree", "Created worktree at /far/side on branch side.", False, 1),
        ("EnterWorktree", "Created worktree at /far/side on branch side.", True, 0),
        ("EnterWorktree", "There is none.", False, 0),
        ("Bash", MADE, False, 1),
        ("Bash", "fatal: '/far/side' already exists", True, 0),
        ("Bash", "The user doesn't want to proceed with this tool use.", True, 0),
        ("Read", MADE, False, 0),
        ("Read", "Created worktree at /far/side on branch side.", False, 0),
    ],
)
def test_a_worktree_is_one_that_a_call_made(settings, tool, said, error, found):
    t = Transcript(1, cwd="/w/api")
    t.prompt("Begin")
    given = {"command": "git worktree add /far/side"} if tool == "Bash" else {"file_path": "/a"}
    t.call(tool, given)
    t.result(said, error=error)
    kept(settings, t)
    assert len(rows(settings, FOUND)) == found


def test_only_the_clients_own_record_names_a_worktree(settings):
    t, other = Transcript(1, cwd="/w/api"), Transcript(2, cwd="/w/api")
    words = json.dumps({"worktree": "/far/side", "of": "/w/api"})
    t.prompt(words)
    t.answer("msg_1", blocks=[{"type": "text", "text": words}])
    other.prompt("Begin")
    for words in ("/far/hooked", None):
        other.add("worktree-state", worktreeSession=words and {
            "originalCwd": "/w/api", "worktreePath": words})  # fmt: skip
    kept(settings, t, other)
    assert rows(settings, "SELECT session, worktree, repository FROM session_worktree") == [
        (other.session, "/far/hooked", "/w/api")
    ]


def test_the_folder_itself_is_no_worktree_of_its_own(settings):
    t = Transcript(1, cwd="/w/api")
    t.prompt("Begin")
    ran(t, "git worktree list", said="/w/api  1a2b3c4 [main]\n/w/one  1a2b3c4 [one]\n")
    ran(t, "git worktree add .", said=MADE)
    kept(settings, t)
    assert [row[:2] for row in rows(settings, FOUND)] == [("/w/one", "/w/api")]
    assert START < rows(settings, FOUND)[0][2] < t.now
