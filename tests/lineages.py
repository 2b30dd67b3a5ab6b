"""Families of sessions that copy each other's lines, as resumes and branches make them: chains,
stars, trees, and at random."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.transcripts import START, Transcript, iso

Line = dict[str, Any]
Files = dict[Path, list[Line]]
"""A file below a projects folder -> its lines."""


def talk(t: Transcript, lines: int, key: str) -> None:
    """Adds a stretch of a conversation: prompts, calls with their results, answers."""
    for n in range(lines):
        if n % 6 == 0:
            t.prompt(f"Prompt {n} of {key}")
        elif n % 6 in (1, 3):
            t.call(
                "Bash",
                {"command": "pytest -q"},
                message_id=f"msg_{key}_{n}",
                use=f"toolu_{key}_{n}",
            )
        elif n % 6 in (2, 4):
            t.result("3 passed", use=f"toolu_{key}_{n - 1}")
        else:
            t.answer(f"msg_{key}_{n}")


def copy_of(
    origin: Transcript, n: int, *, upto: int | None = None, named: bool = False
) -> Transcript:
    """A session that begins with the lines of another, as a resume writes them or, `named`, a
    branch."""
    made = Transcript(n, start=origin.now + 60_000)
    for line in origin.lines[:upto]:
        fork = (
            {"forkedFrom": {"sessionId": origin.session, "messageUuid": line["uuid"]}}
            if named and "uuid" in line
            else {}
        )
        made.lines.append({**line, "sessionId": made.session, **fork})
    made.last = next((line["uuid"] for line in reversed(made.lines) if "uuid" in line), None)
    return made


def chain(
    sessions: int, lines: int, *, named: bool = False, first: int = 1
) -> Iterator[Transcript]:
    """Each session resumes the one before and goes on."""
    last: Transcript | None = None
    for n in range(first, first + sessions):
        last = copy_of(last, n, named=named) if last is not None else Transcript(n)
        talk(last, lines, str(n))
        yield last


def star(sessions: int, lines: int, *, named: bool = False, first: int = 1) -> Iterator[Transcript]:
    """One session, and others that branch off it, each further along."""
    hub = Transcript(first)
    talk(hub, lines, str(first))
    yield hub
    for n in range(1, sessions):
        branch = copy_of(hub, first + n, upto=1 + n * (lines - 1) // sessions, named=named)
        talk(branch, max(lines // 3, 1), str(first + n))
        yield branch


def tree(sessions: int, lines: int, *, named: bool = False, first: int = 1) -> Iterator[Transcript]:
    """Each session is resumed by two others."""
    made: list[Transcript] = []
    for n in range(sessions):
        made.append(
            copy_of(made[(n - 1) // 2], first + n, named=named) if made else Transcript(first)
        )
        talk(made[-1], lines, str(first + n))
        yield made[-1]


class Family:
    """Sessions that copy each other at random: parts of what another holds, whole copies, naming
    their origin or not, with subagents, with equal, missing and changed times."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.sessions: list[Transcript] = []
        self.agents: dict[str, list[Line]] = {}
        numbers = random.sample(range(1, 100), random.randint(2, 6))
        for n in numbers:
            self.sessions.append(self._session(n))

    def files(self) -> Files:
        """All files of the family."""
        found = {Path("-home-dev-demo", f"{t.session}.jsonl"): t.lines for t in self.sessions}
        for session, lines in self.agents.items():
            found[Path("-home-dev-demo", session, "subagents", "agent-a1b2c3.jsonl")] = lines
        return found

    def _session(self, n: int) -> Transcript:
        t = Transcript(n, start=START + self.random.randrange(5) * 1000)
        for origin in self.random.sample(
            self.sessions, min(len(self.sessions), self.random.choice((0, 1, 1, 1, 2)))
        ):
            self._copy(origin, t)
        for _ in range(self.random.choice((0, 1, 2, 3))):
            self._speak(t)
        if not t.lines:
            t.prompt("Hello")
        if self.random.random() < 0.2:
            self._agent(t)
        return t

    def _copy(self, origin: Transcript, t: Transcript) -> None:
        lines = origin.lines
        end = self.random.choice((len(lines), self.random.randint(0, len(lines))))
        begin = 0 if self.random.random() < 0.8 else self.random.randint(0, end)
        naming = self.random.choice(("none", "none", "forked", "forked-anew", "request"))
        later = self.random.choice((0, 0, 0, 0, 5000))
        for line in lines[begin:end]:
            copy = {**line, "sessionId": t.session}
            if naming in ("forked", "forked-anew") and (
                naming == "forked-anew" or "forkedFrom" not in copy
            ):
                copy["forkedFrom"] = {
                    "sessionId": origin.session,
                    "messageUuid": line.get("uuid", ""),
                }
            elif naming == "request":
                copy["requestSessionId"] = origin.session
            if later and "timestamp" in copy and self.random.random() < 0.5:
                copy["timestamp"] = iso(START + later)
            t.lines.append(copy)
        t.now = max(t.now, origin.now) + self.random.choice((0, 1000))
        if origin.session in self.agents and self.random.random() < 0.7:
            self.agents[t.session] = [
                {**line, "sessionId": t.session} for line in self.agents[origin.session]
            ]

    def _speak(self, t: Transcript) -> None:
        key = f"{t.session[:8]}_{len(t.lines)}"
        after = self.random.choice((0, 1000, 1000, -3000))
        kind = self.random.choice(
            ("prompt", "answer", "call", "call", "system", "again", "other request")
        )
        if kind == "prompt":
            t.prompt(f"Prompt {key}", after_ms=after)
        elif kind == "answer":
            t.answer(f"msg_{key}", after_ms=after)
        elif kind == "call":
            t.call(
                "Bash",
                {"command": "pytest -q"},
                message_id=f"msg_{key}",
                use=f"toolu_{key}",
                after_ms=after,
            )
            if self.random.random() < 0.7:
                t.result("1 failed", use=f"toolu_{key}", error=True)
        elif kind == "system":
            t.add("system", subtype="api_error", content="529", after_ms=after)
        else:
            self._say_again(t, kind, after)
        if t.lines and self.random.random() < 0.1:
            t.lines[-1].pop("timestamp", None)

    def _say_again(self, t: Transcript, kind: str, after: int) -> None:
        """Another line of a response that the session holds: more usage, or under another request
        id."""
        said = [line["message"]["id"] for line in t.lines if line["type"] == "assistant"]
        if said and kind == "again":
            t.answer(
                self.random.choice(said),
                usage={"output_tokens": self.random.randint(1, 90)},
                after_ms=after,
            )
        elif said:
            t.answer(
                self.random.choice(said),
                requestId=f"req_{len(t.lines)}",
                isSidechain=True,
                after_ms=after,
            )

    def _agent(self, t: Transcript) -> None:
        told = self.agents.setdefault(t.session, [])
        made = Transcript(int(t.session[:8], 16), start=t.now)
        made._count = 500 + len(told)
        made.answer(f"msg_agent_{t.session[:8]}_{len(told)}")
        told.extend({**line, "isSidechain": True, "agentId": "a1b2c3"} for line in made.lines)


def write(files: Files, projects: Path, upto: dict[Path, int] | None = None) -> None:
    """Writes the files below a projects folder, of each the first lines that `upto` says."""
    for path, lines in files.items():
        here = lines if upto is None else lines[: upto.get(path, 0)]
        if here:
            (projects / path).parent.mkdir(parents=True, exist_ok=True)
            (projects / path).write_bytes(
                b"".join(json.dumps(line).encode() + b"\n" for line in here)
            )


class Lineage:
    """A family of sessions in one of the shapes or mixed, of ids in no order, to which things
    happen: lines of its own or of a relative's in any member, late or early ones; new copies;
    members that are forgotten."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.ids = random.sample(range(1, 1000), 40)
        self.shape = random.choice(("chain", "star", "tree", "mixed"))
        self.named = random.choice((0.0, 0.0, 0.3, 1.0))
        self.members: list[Transcript] = []
        self.count = 0
        for _ in range(random.randint(2, 7)):
            self.branch()

    def write(self, projects: Path) -> None:
        """Writes the file of each member."""
        for t in self.members:
            t.write(projects)

    def happen(self) -> str | None:
        """Something happens; returns the session that is to be forgotten, where it is that."""
        what = self.random.choices(
            ("goes on", "early", "carried", "branch", "gone"), (6, 1, 2, 2, 1)
        )[0]
        t = self.random.choice([self.members[0], self.members[-1], *self.members])
        if what == "gone" and len(self.members) > 2:
            self.members.remove(t)
            return t.session
        if what == "branch" and self.ids:
            self.branch()
        elif what == "carried":
            self._carry(t)
        else:
            self._go_on(t, early=what == "early")
        return None

    def branch(self) -> None:
        """One more session: the first, or a copy of one that is there, as the shape has it."""
        n, last = self.ids.pop(), len(self.members)
        if not last:
            t = Transcript(n)
        else:
            origin = {"chain": last - 1, "star": 0, "tree": (last - 1) // 2}.get(
                self.shape, self.random.randrange(last)
            )
            lines = len(self.members[origin].lines)
            upto = lines if self.random.random() < 0.7 else self.random.randint(1, lines)
            t = copy_of(self.members[origin], n, upto=upto, named=self.random.random() < self.named)
        self.members.append(t)
        if not last or self.random.random() < 0.7:
            self._go_on(t, early=False)

    def _go_on(self, t: Transcript, *, early: bool) -> None:
        now = max(each.now for each in self.members)
        t.now = START + self.random.randrange(max(now - START, 1)) if early else now + 1000
        self.count += 1
        talk(t, self.random.randint(1, 6), f"{t.session[:8]}_{self.count}")
        if self.random.random() < 0.2:
            t.add("system", subtype="api_error", content="529")

    def _carry(self, t: Transcript) -> None:
        """Lines of a relative that this session does not hold yet."""
        held = {line["uuid"] for line in t.lines}
        other = self.random.choice(self.members)
        missing = [line for line in other.lines if line["uuid"] not in held]
        begin = self.random.randrange(len(missing) + 1)
        for line in missing[begin : begin + self.random.randint(1, 4)]:
            t.lines.append({**line, "sessionId": t.session})
