"""Sessions with everything odd at once, queues, wrong clocks, ids used again, lines written twice,
and their forks: the same rows in whatever pieces, or in whatever order, they are read."""

from __future__ import annotations

import json
import random

import pytest

from accrete.care.maintain import rebuild
from accrete.ingest import ingest
from tests.fuzz import seeded
from tests.records import kept, other, projects, record, rows
from tests.transcripts import START, Transcript, append, fork, iso

WRONG = ("1970-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z", 1_790_000_010, None, "x")


def queue(t: Transcript, operation: str, content: str | None) -> None:
    """A record of the queue."""
    t.lines.append(
        {
            "type": "queue-operation",
            "operation": operation,
            "timestamp": iso(t.now),
            "sessionId": t.session,
            **({} if content is None else {"content": content}),
        }
    )


def goes_on(t: Transcript, chance: random.Random) -> None:
    """Some lines more of a session."""
    for _ in range(chance.randint(4, 10)):
        kind = chance.choice("pppaaacccrrqqqqw")
        use, name = f"c{chance.randint(0, 2)}", chance.choice(("gate", "gate2"))
        if kind == "p":
            t.prompt(chance.choice(("go on", "Do it", "a zebra\nb", "b")))
        elif kind == "a":
            used = {"input_tokens": chance.choice((100, 120)), "output_tokens": 5}
            said = [{"type": "text", "text": chance.choice(("A", "AB"))}]
            t.answer(name, requestId=None, usage=used, blocks=said,
                     stop=chance.choice((None, "end_turn", "tool_use")))  # fmt: skip
        elif kind == "c":
            t.call("Bash", {"command": "ls"}, message_id=name, use=use, requestId=None)
        elif kind == "r":
            t.result("ok", use=use)
        elif kind == "q":
            operation = chance.choice(("enqueue", "enqueue", "remove", "dequeue", "popAll"))
            given = operation in ("enqueue", "popAll")
            queue(t, operation, chance.choice(("a zebra", "b", "go on")) if given else None)
        elif t.lines:
            again = json.loads(json.dumps(chance.choice(t.lines)))
            if "uuid" in again:
                again["uuid"] = f"{chance.getrandbits(32):08x}-0000-4000-8000-00000000beef"
            t.lines.append(again)
        if t.lines and chance.random() < 0.15:
            t.lines[-1]["timestamp"] = chance.choice(WRONG)


@pytest.mark.long
@seeded(12)
def test_odd_histories_come_out_the_same_in_any_order_and_in_any_pieces(seed, settings):
    chance = random.Random(seed)
    made = [Transcript(1)]
    made[0].prompt("Begin")
    goes_on(made[0], chance)
    for n in range(2, 2 + chance.randint(0, 2)):
        of = chance.choice(made)
        copy = fork(of, n, upto=chance.randint(1, len(of.lines)), extra=chance.randint(0, 1))
        copy._count = 100 * n
        goes_on(copy, chance)
        made.append(copy)
    pieces = other(settings, "pieces")
    in_pieces = chance.random() < 0.5
    for t in made if in_pieces else chance.sample(made, len(made)):
        path = projects(settings) / "-home-dev-demo" / f"{t.session}.jsonl"
        rest = [*t.lines]
        while rest:
            some = chance.randint(1, 6) if in_pieces else len(rest)
            append(path, *rest[:some])
            rest = rest[some:]
            ingest(pieces)
    kept(settings, *made)
    wanted = record(settings)
    assert record(pieces) == wanted
    rebuild(settings)
    assert record(settings) == wanted
    ((sessions,), (days,)) = (
        rows(settings, f"SELECT SUM(prompts + prompts_queued) FROM {table}")
        for table in ("session", "session_day")
    )
    assert sessions == days


def test_a_prompt_is_a_copy_only_as_long_as_the_lines_say_so(settings):
    """Two of one time look like one until an answer tells the same time: then it is no clock's."""
    t = Transcript(1, start=START)
    for _ in range(2):
        t.prompt("Go on", after_ms=0)
    found = "SELECT prompts, prompts_replayed FROM session"
    kept(settings, t)
    assert rows(settings, found) == [(1, 1)]
    t.answer(after_ms=0)
    kept(settings, t)
    assert rows(settings, found) == [(2, 0)]
