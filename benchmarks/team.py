"""How many sessions a team server takes in a second of one core, on both engines: sessions of 20
responses and 20 tool calls, at tier 1 and 3.

    python benchmarks/team.py [--sessions 100] [--people 4] [--profile] [--tier 1]
    python benchmarks/team.py --sessions 500 --people 1000 --tier 1 --words 100   # a large company
    ACCRETE_TEST_POSTGRES: a server's URL

--words: one person in so many shares at tier 3. --engine: one of both alone. --folder: where the
company's file goes.

A machine's record is made once; each person sends the same messages. What is timed is one message
after the other as the server takes it (token, unpacking, checks, rows), in CPU seconds of its own
process, and by the clock, which has the database's process in it. Everybody sends the same, so the
least that each message cost anybody says what it costs where nothing else runs.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import resource
import string
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from accrete_team import order, receive, tenants, tokens
from accrete_team.registry import Company, Registry

from accrete.edge.local import MINE
from accrete.ingest import ingest, open_for_writing
from accrete.settings import Settings
from accrete.sync.choice import join
from accrete.sync.prepare import parcels
from accrete.sync.send import packed
from accrete.wire.contract import Receipt
from tests.transcripts import Transcript

GOALS = {1: 500, 3: 100}
SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
CALLS = [  # as often as in real histories, where one call in fifteen runs a check
    ["Read", "Grep", "Bash", "Read", "TodoWrite"],
    ["Edit", "Bash", "Edit", "Bash test", "Read"],
    ["Bash", "Grep", "Read", "Edit", "Bash"],
    ["Write", "Bash", "Glob", "Read", "Bash"],
]
WORDS = ["fix", "test", "build", "error", "file", "reads", "path", "value", "should", "return"]


def transcript(n: int, rng: random.Random) -> Transcript:
    """A session of four prompts, 20 responses and 20 calls."""
    made = Transcript(n, cwd=f"/home/dev/project{n % 5}", start=1_780_000_000_000 + n * 3_600_000)
    for turn in range(4):
        made.prompt(text(rng, 40))
        for tool in CALLS[turn]:
            name, use = f"msg_01{letters(rng)}", f"toolu_01{letters(rng)}"
            given, told = asked(tool, rng)
            call = {"type": "tool_use", "id": use, "name": tool.split()[0], "input": given}
            made.answer(
                name,
                blocks=[{"type": "text", "text": text(rng, 60)}, call],
                stop="tool_use",
                requestId=f"req_011C{letters(rng)[:20]}",
            )
            made.result(text(rng, 80), use=use, told=told)
    return made


def asked(tool: str, rng: random.Random) -> tuple[dict[str, Any], Any]:
    """The input of a call, and what the client keeps beside its result."""
    path = f"/home/dev/project/src/{rng.choice(WORDS)}{rng.randrange(99)}.py"
    if tool == "Bash test":
        return {"command": f"pytest tests/t{rng.randrange(99)}.py -q"}, None
    if tool == "Bash":
        return {"command": f"ls src/{rng.choice(WORDS)}"}, None
    if tool in ("Edit", "Write"):
        lines = [f"-{text(rng, 8)}", f"+{text(rng, 8)}", f"+{text(rng, 8)}"]
        hunk = {"oldStart": 3, "oldLines": 1, "newStart": 3, "newLines": 2, "lines": lines}
        given = {"file_path": path, "old_string": lines[0][1:], "new_string": lines[1][1:]}
        if tool == "Write":
            given = {"file_path": path, "content": text(rng, 40)}
        return given, {"filePath": path, "structuredPatch": [hunk], "userModified": False}
    if tool == "TodoWrite":
        task = {"content": text(rng, 5), "status": "pending", "activeForm": text(rng, 5)}
        return {"todos": [task]}, None
    return {"pattern": rng.choice(WORDS)} if tool in ("Grep", "Glob") else {"file_path": path}, None


def letters(rng: random.Random) -> str:
    """What stands behind `msg_01` and its like."""
    return "".join(rng.choices(string.ascii_letters + string.digits, k=22))


def text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def messages(folder: Path, sessions: int) -> dict[int, list[bytes]]:
    """The messages of a first sync, by tier."""
    rng, root = random.Random(7), folder / "claude"
    for n in range(1, sessions + 1):
        transcript(n, rng).write(root / "projects")
    settings = Settings(home=folder / "data", roots=(root,), zone="UTC")
    db = open_for_writing(settings)
    try:
        ingest(settings)
        found: dict[int, list[bytes]] = {}
        for tier in GOALS:
            choice = join("http://localhost", "acr_acme_" + "x" * 43, tier=tier)
            found[tier] = []
            for n, each in enumerate(parcels(db, MINE, choice, 0)):
                each.message.number = order.STRETCH + n  # of the first stretch of each person
                found[tier].append(packed(each.message))
        return found
    finally:
        db.close()


def taken(company: Company, token: str, body: bytes) -> Receipt:
    """A message as the server takes it, on its thread for that."""
    db = tenants.open_company(company)
    try:
        who = tokens.whose(db, token, tokens.today())
        assert who is not None
        now = tokens.now_ms()
        return receive.take(db, who, receive.read(body, now), now)
    finally:
        db.close()


def spent(company: Company, token: str, body: bytes) -> float:
    """The processor seconds of this process that a message costs."""
    began = time.process_time()
    receipt = taken(company, token, body)
    assert not receipt.refused, receipt.refused[0]
    return time.process_time() - began


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--sessions", type=int, default=100)
    given.add_argument("--people", type=int, default=4)
    given.add_argument("--tier", type=int, choices=[1, 3])
    given.add_argument("--words", type=int, default=0)
    given.add_argument("--engine", choices=["sqlite", "postgresql"])
    given.add_argument("--folder")
    given.add_argument("--profile", action="store_true")
    said = given.parse_args()
    admin = os.environ.get("ACCRETE_TEST_POSTGRES")
    urls = {"sqlite": (None,), "postgresql": (admin,)}.get(
        said.engine, (None, admin) if admin else (None,)
    )
    with tempfile.TemporaryDirectory(dir=said.folder) as folder:
        bodies = messages(Path(folder), said.sessions)
        registry = Registry(Path(folder) / "team")
        for url in urls:
            for tier in [said.tier] if said.tier else GOALS:
                measure(registry, url, tier, bodies, said)


def measure(
    registry: Registry,
    url: str | None,
    tier: int,
    messages_at: dict[int, list[bytes]],
    said: argparse.Namespace,
) -> None:
    bodies = messages_at[tier]
    slug = f"bench-{uuid.uuid4().hex[:8]}"
    company = tenants.create(registry, slug, admin_url=url)
    try:
        db = tenants.open_company(company)
        made = []
        for n in range(said.people):
            person = tokens.add_person(db, f"Person {n}")
            made.append(tokens.make_token(db, slug, person, "", 0))
            with db.transaction():
                assert order.hand_out(db, person) == order.STRETCH
        db.close()
        profile = cProfile.Profile()
        if said.profile:
            profile.enable()
        costs, with_words, clock = [], [], time.perf_counter()
        for n, token in enumerate(made):
            words = bool(said.words) and n % said.words == 0
            cost = [spent(company, token, body) for body in messages_at[3 if words else tier]]
            (with_words if words else costs).append(cost)
        cpu, clock = sum(map(sum, costs + with_words)), time.perf_counter() - clock
        least = sum(map(min, zip(*costs, strict=True)))
        profile.disable()
        db = tenants.open_company(company)
        ((held,),) = db.run("SELECT COUNT(*) FROM session")
        ((responses,),) = db.run("SELECT COUNT(*) FROM response")
        ((size,),) = db.run(SIZE[company.engine])
        db.close()
        count = said.sessions * said.people
        assert (held, responses) == (count, count * 20), (held, responses)
        print(
            f"{company.engine:10} tier {tier}: {count / cpu:6.0f} sessions/s of one core "
            f"(goal {GOALS[tier]}), {said.sessions / least:6.0f} by the least of each message, "
            f"{count / clock:6.0f} by the clock; "
            f"{sum(map(len, bodies)) / said.sessions / 1000:.1f} kB a session, "
            f"{len(bodies)} messages a person; {size / 1e9:.2f} GB on disk, "
            f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB in memory"
        )
        if said.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(28)
    finally:
        tenants.delete(registry, slug, admin_url=url)


if __name__ == "__main__":
    main()
