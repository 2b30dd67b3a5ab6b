"""Pull requests that a call opened and did not name: the client's link after it says which."""

from __future__ import annotations

import pytest

from accrete.derive.moments import FAR_MS
from tests.records import kept, rows
from tests.transcripts import START, Transcript

REPOSITORY = "https://github.com/acme/demo/pull"
BEGAN = START - 2 * FAR_MS
HALF_A_YEAR = FAR_MS // 1000
SESSIONS = """SELECT url, number, repository, confidence, uuid IS NULL, seq IS NULL, at
FROM session_pull ORDER BY url"""
Step = tuple[str, int | None, str]


def made(*steps: Step) -> Transcript:
    """A session of calls that open a pull request, each with what it printed, and links; each step
    at a second."""
    t = Transcript(1, start=BEGAN)
    t.prompt("Open a pull request")
    for n, (kind, second, said) in enumerate(steps):
        t.now = BEGAN + (second or 0) * 1000
        if kind == "call":
            t.call("Bash", {"command": "gh pr create --fill"}, message_id=f"msg_{n}",
                   use=f"toolu_{n}", after_ms=0)  # fmt: skip
            t.result(said, use=f"toolu_{n}", after_ms=0)
        else:
            t.add("pr-link", prNumber=int(said.rstrip("/").rsplit("/", 1)[1]), prUrl=said,
                  prRepository="acme/demo", after_ms=0)  # fmt: skip
            if second is None:
                t.lines[-1]["timestamp"] = None
    return t


def linked(number: int, second: int) -> tuple[object, ...]:
    return (f"{REPOSITORY}/{number}", number, "acme/demo", "linked", 1, 1, BEGAN + second * 1000)


CASES: dict[str, tuple[list[Step], list[tuple[object, ...]]]] = {
    "a link after it": (
        [("call", 10, ""), ("link", 20, f"{REPOSITORY}/1")], [linked(1, 20)]),
    "a link at the same instant": (
        [("call", 10, ""), ("link", 10, f"{REPOSITORY}/1")], [linked(1, 10)]),
    "a link before it": ([("link", 9, f"{REPOSITORY}/1"), ("call", 10, "")], []),
    "a link without a time": ([("call", 10, ""), ("link", None, f"{REPOSITORY}/1")], []),
    "no call": ([("link", 20, f"{REPOSITORY}/1")], []),
    "the first of two links": (
        [("call", 10, ""), ("link", 20, f"{REPOSITORY}/2"), ("link", 30, f"{REPOSITORY}/1")],
        [linked(2, 20)]),
    "a link before and one after it": (
        [("link", 5, f"{REPOSITORY}/1"), ("call", 10, ""), ("link", 20, f"{REPOSITORY}/2")],
        [linked(2, 20)]),
    "two calls and two links": (
        [("call", 10, ""), ("call", 11, ""), ("link", 20, f"{REPOSITORY}/1"),
         ("link", 30, f"{REPOSITORY}/2")],
        [linked(1, 20), linked(2, 30)]),
    "two calls and one link": (
        [("call", 10, ""), ("call", 11, ""), ("link", 20, f"{REPOSITORY}/1")], [linked(1, 20)]),
    "a call that did not say, and one that said what is linked": (
        [("call", 5, f"{REPOSITORY}/1"), ("call", 10, ""),
         ("link", 20, "http://GitHub.com/acme/demo/pull/1/")],
        [(f"{REPOSITORY}/1", 1, "acme/demo", "printed", 0, 0, BEGAN + 5000)]),
    "a link just under half a year later": (
        [("call", 10, ""), ("link", 9 + HALF_A_YEAR, f"{REPOSITORY}/1")],
        [linked(1, 9 + HALF_A_YEAR)]),
    "a link of a clock that was wrong": (
        [("call", 10, ""), ("link", 10 + HALF_A_YEAR, f"{REPOSITORY}/1")], [linked(1, 10)]),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "found"), CASES.values(), ids=CASES)
def test_a_pull_request_that_a_call_did_not_name_is_the_next_one_linked(settings, steps, found):
    kept(settings, made(*steps))
    assert rows(settings, SESSIONS) == found
    assert rows(settings, "SELECT pull_requests FROM session") == [(len(found),)]


@pytest.mark.parametrize("said", ["error", "rejected"])
def test_a_call_that_failed_opened_nothing_that_is_linked(settings, said):
    t = made(("call", 10, "failed" if said == "error" else ""), ("link", 20, f"{REPOSITORY}/1"))
    block = t.lines[2]["message"]["content"][0]
    block["is_error"] = True
    if said == "rejected":
        block["content"] = "The user doesn't want to proceed with this tool use."
    kept(settings, t)
    assert rows(settings, SESSIONS) == []


OPENED = f"Created pull request: {REPOSITORY}/3"


@pytest.mark.parametrize(
    ("command", "said", "error", "found"),
    [
        ("./open-pr.sh", OPENED, False, 1),
        ("./open-pr.sh", OPENED + "\nthen something failed", True, 1),
        ("./open-pr.sh", f"See {REPOSITORY}/3 for more", False, 0),
        ("cat notes.txt", OPENED, False, 0),
        ("git log -3", OPENED, False, 0),
        ("pytest -q", OPENED, False, 0),
        ("gh pr create --fill", f"{REPOSITORY}/3", False, 1),
        ("gh pr create --fill", f"a pull request already exists:\n{REPOSITORY}/3", True, 0),
        ("gh pr create --fill", f"failed. Created pull request earlier: {REPOSITORY}/4", True, 0),
        ("gh pr view 3", f"{REPOSITORY}/3", False, 0),
    ],
)
def test_what_a_script_says_it_opened_is_opened(settings, command, said, error, found):
    t = Transcript(1)
    t.prompt("Open it")
    t.call("Bash", {"command": command})
    t.result(said, error=error)
    kept(settings, t)
    assert len(rows(settings, SESSIONS)) == found
