"""One message id with several request ids: which rows count, and whose calls they are."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.derive.requests import settle_requests
from tests.records import kept, rows
from tests.transcripts import START, Transcript, minted, write_agent

ONE, TWO = minted("req", 1), minted("req", 2)
COUNTED = """SELECT request_id, counted, contested FROM response
ORDER BY request_id, output_tokens"""


def answered(n: int, request: str | None, *, output: int = 20, given: int = 10) -> Transcript:
    """A session whose one answer has the message id that all of them have."""
    t = Transcript(n, start=START + n * 1000)
    t.prompt(f"Look at {n}")
    t.call(
        "Bash",
        {"command": "ls"},
        message_id=minted("msg"),
        use=minted("toolu"),
        requestId=request,
        usage={"output_tokens": output, "input_tokens": given},
    )
    return t


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_two_requests_of_main_conversations_are_two_responses_that_share_their_calls(
    settings, order
):
    made = {1: answered(1, ONE), 2: answered(2, TWO, output=90)}
    for n in order:
        kept(settings, made[n])
    assert rows(settings, COUNTED) == [(ONE, 1, 0), (TWO, 1, 0)]
    assert rows(settings, "SELECT responses_own, tool_calls FROM session ORDER BY id") == [
        (1, 1),
        (1, 0),
    ]


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ({}, {"output": 21}, ""),
        ({}, {"output": 19}, ONE),
        ({}, {"given": 11}, ""),
        ({}, {"given": 9}, ONE),
        ({"given": 99}, {"output": 21}, ""),
        ({}, {}, ONE),
    ],
)
def test_a_row_without_a_request_says_the_same_again_and_the_one_that_knows_most_counts(
    settings, first, second, counts
):
    """As an older program read it."""
    made = (answered(1, ONE, **first), answered(2, TWO, **second), Transcript(3))
    made[2].prompt("Of another")
    kept(settings, *made)
    db = Sqlite(settings.database)
    db.run("UPDATE response SET request_id = '' WHERE request_id = ?", (TWO,))
    for asked in (made[0], made[1]):
        db.run("UPDATE response SET counted = 1, contested = 0")
        met = settle_requests(db, 1, [asked.session, made[2].session])
        assert met == {frozenset({made[0].session, made[1].session})}
        found = {request: tuple(said) for request, *said in db.run(COUNTED)}
        assert found == {each: (int(each == counts), 1) for each in ("", ONE)}
    assert settle_requests(db, 1, [made[2].session]) == set()
    assert settle_requests(db, 2, [made[0].session]) == set()
    db.close()


@pytest.mark.parametrize(("output", "counts"), [(19, ONE), (20, ONE), (21, TWO)])
def test_a_side_chains_replay_says_the_same_again(settings, output, counts):
    """It counts where it knows more, and is no second response."""
    t = answered(1, ONE)
    write_agent(settings.roots[0] / "projects", t, answered(2, TWO, output=output))
    kept(settings, t)
    assert rows(settings, COUNTED) == [(each, int(each == counts), 1) for each in (ONE, TWO)]
