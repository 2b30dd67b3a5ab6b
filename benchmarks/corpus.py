"""Makes a Claude Code history of any size, the same bytes for the same arguments: python
benchmarks/corpus.py DIR --gb 1"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from typing import Any

from conversation import Conversation
from made import Truth
from tool_calls import Workshop
from transcripts import CLIENTS, Client, Transcript
from wording import MARK, Dice, Wording, vocabulary, zipf

GB = 1_000_000_000
MAKER = 1
"""Raised when the same arguments begin to make other bytes."""
SESSIONS_PER_GB = 142
FORKS = 0.05
START = 1_779_264_000_000  # 2026-05-20; the last session begins 175 days later
DAY = 86_400_000
SESSION_SIZES = (10, 20, 35, 50, 70, 90, 110, 150, 220, 350)
AGENTS = (0, 0, 1, 1, 1, 2, 2, 3, 3, 5)
PROJECTS = (
    "billing-api",
    "web-client",
    "data_tools",
    "mobile.app",
    "infra",
    "docs-site",
    "search-service",
)
CLIENT_SHARES = (0.2, 0.45, 0.75, 1.0)
REFRESH = 32_000_000
"""Bytes after which the wording is made anew, so that the number of different words grows with the
corpus."""


class Maker:
    """Makes the sessions one after the other, from the oldest to the newest."""

    def __init__(self, directory: Path, size: int, seed: int) -> None:
        self.directory, self.size, self.dice, self.truth = directory, size, Dice(seed), Truth()
        self._table = zipf(vocabulary())
        self._stock = max(2_000, min(40_000, size // 1_000))
        self._wording = Wording(self.dice, self._table, self._stock)
        self._worded_at = 0

    def run(self) -> None:
        """Writes all files; their sizes add up to the size asked for within a few percent."""
        sessions = max(2, round(self.size / GB * SESSIONS_PER_GB))
        clients = [_client(number, sessions) for number in range(sessions)]
        weights = [
            self.dice.pick(SESSION_SIZES) * (2 if client.modern else 1) for client in clients
        ]
        forked = {round((i + 0.5) / FORKS) for i in range(round(sessions * FORKS))} or {0}
        for number, weight in enumerate(weights):
            left = max(0, self.size - self.truth.n["bytes"])
            budget = left * weight // sum(weights[number:])
            start = START + (175 * DAY * number) // sessions + self.dice.below(DAY // 3)
            self._session(number, budget, start, clients[number], number in forked)

    def _session(self, number: int, budget: int, start: int, client: Client, forked: bool) -> None:
        dice, truth = self.dice, self.truth
        if truth.n["bytes"] - self._worded_at > REFRESH:
            self._wording, self._worded_at = (
                Wording(dice, self._table, self._stock),
                truth.n["bytes"],
            )
        cwd = f"/home/dev/code/{dice.pick(PROJECTS)}"
        shop = Workshop(dice, self._wording, cwd, number * 100)
        talk = Conversation(
            self._transcript(client, cwd, start), shop, truth, dice.pick(client.models)
        )
        agents = dice.pick(AGENTS)
        talk.agent_sizes = [
            budget // 2 * dice.between(5, 15) // (10 * agents) for _ in range(agents)
        ]
        own = max(30_000, budget - sum(talk.agent_sizes) - (budget // 20 if forked else 0))
        self._talk(talk, own)
        if forked:
            self._fork(talk, budget // 20)
        truth.n["secrets"] += shop.secrets

    def _talk(self, talk: Conversation, budget: int) -> None:
        while talk.file.size < budget or not talk.turn_starts:
            talk.turn(budget)
            if self.dice.chance(0.2):
                talk.bookkeeping()
        talk.bookkeeping()
        self.truth.saved(talk.file)
        talk.file.save()

    def _fork(self, parent: Conversation, budget: int) -> None:
        """A session that begins with a copy of the parent's first part, under its own session
        id."""
        old = parent.file
        new = self._transcript(old.client, old.cwd, old.now + 60_000)
        ends = [*parent.turn_starts[1:], len(old.lines)]
        copied = old.lines[: ends[len(ends) // 3]]
        mine = f'"sessionId":"{new.session}"'.encode(), f'"sessionId":"{old.session}"'.encode()
        request = f'"requestSessionId":"{old.session}","requestId":"'.encode()
        for line in copied:
            if line.startswith(b'{"parentUuid"'):
                line = line.replace(mine[1], mine[0])
                new.copy(line.replace(b'"requestId":"', request, 1) if old.client.modern else line)
        talk = Conversation(new, parent.shop, self.truth, parent.model)
        self._talk(talk, new.size + budget)

    def _transcript(self, client: Client, cwd: str, start: int) -> Transcript:
        session = self.dice.uuid()
        slug = re.sub(r"[^A-Za-z0-9]", "-", cwd)
        path = self.directory / "projects" / slug / f"{session}.jsonl"
        return Transcript(path, self.dice, client, session, cwd, start)


def _client(number: int, sessions: int) -> Client:
    place = (number + 0.5) / sessions
    return next(client for client, end in zip(CLIENTS, CLIENT_SHARES, strict=True) if place < end)


def make(directory: Path, gb: float, seed: int = 1) -> dict[str, Any]:
    """Makes a config folder of about `gb` times 10^9 bytes of transcripts under `directory`, with
    TRUTH.json beside its projects; returns what TRUTH.json says.

    Raises SystemExit when the folder holds projects already.
    """
    if (directory / "projects").exists():
        raise SystemExit(
            f"{directory} holds projects already. Give a folder that is empty or does not exist."
        )
    directory.mkdir(parents=True, exist_ok=True)
    maker = Maker(directory, round(gb * GB), seed)
    maker.run()
    n = maker.truth.n
    truth = {
        "made_with": made_with(gb, seed),
        "bytes": n["bytes"],
        "forks": n["sessions"] - max(2, round(gb * SESSIONS_PER_GB)),
        "commits": n["commits"],
        "secrets": {"planted": n["secrets"], "mark": MARK},
        "counts": maker.truth.counts(),
    }
    (directory / "TRUTH.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return truth


def made_with(gb: float, seed: int) -> dict[str, float]:
    """What decides the corpus' bytes; TRUTH.json names it, so that a kept corpus is known again."""
    return {"maker": MAKER, "gb": gb, "seed": seed}


def main() -> None:
    """Makes a corpus and says how big it is and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "directory", type=Path, help="the config folder to make, as ~/.claude is one"
    )
    parser.add_argument("--gb", type=float, default=1.0, help="size in 10^9 bytes (1)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.perf_counter()
    truth = make(given.directory, given.gb, given.seed)
    seconds = time.perf_counter() - began
    counts = truth["counts"]
    print(
        f"{truth['bytes'] / 1e6:.1f} MB in {counts['files']['all']} files, {counts['lines']} "
        f"lines, {counts['sessions']} sessions;"
        f" {seconds:.1f} s, {truth['bytes'] / 1e6 / seconds:.0f} MB/s"
    )


if __name__ == "__main__":
    main()
