"""The real client and a team server with TLS, offline: "How do I use subagents compared to my
team?", asked in several ways, with the server up and down, and in a company of seven."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from accrete_team import tenants, tokens
from accrete_team.registry import Registry
from accrete_team.release_rules import COMPANY, block_at, newest_over

from accrete.edge.benchmarks import FILE
from tests.e2e.api import Request, text, use
from tests.e2e.client import Place
from tests.fuzz import part
from tests.team.made import person, put, worked
from tests.transcripts import Transcript

pytestmark = pytest.mark.slow

TOOL = "mcp__accrete__compare_with_team"
QUESTIONS = {
    "How do I use subagents compared to my team?": "subagents compared to my team",
    "Do my colleagues delegate more to agents than I do?": "colleagues delegate agents compare",
    "Is my use of subagents normal around here?": "usual subagents team company",
    "Am I behind the others with subagents?": "compare others subagents",
    "What do people in my company do with subagents, and what do I do?": "company subagents me",
    "Who of us works with subagents, is it only me?": "team subagents others",
}
"""Ways to ask, each with the words that the client's own search for tools is given."""
ASKED = part(QUESTIONS, 1)


class Served:
    """A team server with TLS in a process of its own."""

    def __init__(self, folder: Path, *, demo: bool = False) -> None:
        self.home, self.certificate = folder / "team", folder / "certificate.pem"
        self.key = folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-keyout", str(self.key), "-out", str(self.certificate), "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
            check=True, capture_output=True,
        )  # fmt: skip
        if demo:  # ten weeks have a whole block and days after it
            made = self.command("demo", "acme", "--people", "28", "--weeks", "10")
            subprocess.run(made, env=self.env, check=True, capture_output=True)
        self.company = Registry(self.home).find("acme") or tenants.create(
            Registry(self.home), "acme"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def command(self, *words: str) -> list[str]:
        return [str(Path(sys.executable).parent / "accrete-team"), *words]

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "ACCRETE_TEAM_HOME": str(self.home)}

    def start(self) -> None:
        self.running = subprocess.Popen(
            self.command("serve", "--port", str(self.port), "--certificate",
                         str(self.certificate), "--key", str(self.key)),
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def stop(self) -> None:
        if self.running is not None:
            self.running.terminate()
            self.running.wait(120)
            self.running = None

    def answers(self) -> bool:
        import ssl

        trusted = ssl.create_default_context(cafile=str(self.certificate))
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", context=trusted, timeout=2) as got:
                return bool(got.status == 200)
        except OSError:
            return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.stop()


def delegated(p: Place, block: int, n: int) -> Transcript:
    """One of ten sessions of a block in which a subagent was asked."""
    day = date.fromisoformat(block_at(block).first) + timedelta(n * 28 // 11)
    start = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1000)
    t = Transcript(n, start=start, cwd=str(p.repository))
    t.prompt("Find out what calc does")
    given = {"subagent_type": "Explore", "description": "Look", "prompt": "look"}
    t.call("Agent", given, message_id=f"msg_{n}_asked", use=f"toolu_{n}")
    t.result("It adds.", use=f"toolu_{n}")
    t.answer(f"msg_{n}_end")
    return t


def joined(p: Place, served: Served, sizes: dict[str, int]) -> str:
    """A company with a release, and the place's person in it. sizes: of teams that are made, half
    of which, and the person, use subagents regularly; none where there are people already: then the
    person is of the largest team. Returns what making the release printed."""
    block = newest_over(datetime.now(UTC).date())
    for n in range(1, 11):
        delegated(p, block, n).write(p.home / ".claude" / "projects", slug="-demo")
    p.accrete("init", "--yes")
    db = tenants.open_company(served.company)
    amara = person(db, "Amara", token="own")
    token = tokens.make_token(db, "acme", amara, "laptop", 0)
    worked(db, amara, block, ["delegation"], sessions=10)
    for team, size in sizes.items():
        for n in range(size - (team == min(sizes))):
            worked(db, person(db, f"P{team}{n}", team), block, ["delegation"] if n % 2 else [])
    if not sizes:
        ((largest, _),) = db.run(
            "SELECT team, COUNT(*) FROM team_place WHERE role = 'member' AND until IS NULL "
            "GROUP BY team ORDER BY 2 DESC, 1 LIMIT 1"
        )
        put(db, amara, largest)
    elif min(sizes):
        put(db, amara, min(sizes))
    db.close()
    made = subprocess.run(
        served.command("release", "acme"), env=served.env, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    served.start()
    assert p.until(served.answers, 60)
    p.accrete(
        "team", "join", served.url, "--token", token, "--ca-file", str(served.certificate), "--yes"
    )
    return made.stdout


def results(request: Request) -> list[str]:
    """What tools answered in a request, in order."""
    found = []
    for message in request["messages"]:
        content: Any = message["content"]
        for block in content if isinstance(content, list) else []:
            if block.get("type") == "tool_result":
                found.append(json.dumps(block["content"]))
    return found


def quoted(request: Request) -> list[dict[str, Any]]:
    """An answer that quotes what the tool said."""
    last = results(request)[-1]
    while last.startswith(('"', "[")):
        inner = json.loads(last)
        last = inner if isinstance(inner, str) else inner[0]["text"]
    return [text(f"I was told: {json.loads(last)['said']}")]


def script(words: str) -> list[Any]:
    return [
        [use("ToolSearch", query=words, max_results=3)],
        [use(TOOL, practice="subagents")],
        quoted,
    ]


Making = Callable[..., Place]


@pytest.mark.grid
def test_the_question_is_answered_with_the_server_up_and_with_it_down(place: Making, served):
    p = place({asked: script(words) for asked, words in QUESTIONS.items()})
    told = joined(p, served, {"a": 12, "b": 12})
    assert "the company: 24 people" in told
    own = r"You use subagents in 10 of 10 sessions where they could help, regularly since \w+"
    expected = rf"{own}( \d+)?; about half of your team does\."
    for asked in ASKED:
        p.say(asked, "--allowedTools", "mcp__accrete")
        request = next(r for r in reversed(p.api.asked) if asked in json.dumps(r["messages"]))
        found, answer = results(request)[:2]
        assert TOOL in found, asked  # the client's own search finds it by these words
        assert re.search(expected, answer), answer
        assert '\\"people\\":12' in answer
    served.stop()
    kept = p.home / ".local/share/accrete" / FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    held = json.loads(kept.read_text())
    hours = 3 * 3_600_000
    kept.write_text(json.dumps([held[0], held[1] - hours, *held[2:]]))
    asked = ASKED[0]
    p.say(asked, "--allowedTools", "mcp__accrete")
    request = next(r for r in reversed(p.api.asked) if asked in json.dumps(r["messages"]))
    answer = results(request)[1]
    assert re.search(expected, answer)
    assert f"{served.url} does not answer. This is what it said" in answer
    out = " ".join(p.accrete("compare", "--team", "delegation").split())
    assert "about half of your team does." in out
    assert "does not answer. This is what it said" in out


@pytest.mark.torture
def test_the_demo_company_is_asked(place: Making, tmp_path):
    served = Served(tmp_path, demo=True)
    try:
        asked = next(iter(QUESTIONS))
        p = place({asked: script(QUESTIONS[asked])})
        joined(p, served, {})
        p.say(asked, "--allowedTools", "mcp__accrete")
    finally:
        served.stop()
    request = next(r for r in reversed(p.api.asked) if asked in json.dumps(r["messages"]))
    answer = results(request)[1]
    assert "You use subagents in 10 of 10 sessions where they could help" in answer
    db = tenants.open_company(served.company)
    ((word, people),) = db.run(
        "SELECT c.answer, g.people FROM release_cell c JOIN release_group g "
        "ON g.block = c.block AND g.team = c.team WHERE c.practice = 'delegation' AND c.team = ?",
        (COMPANY,),
    )
    db.close()
    assert people > 20  # of twenty-eight, and the one who asks
    said = f'\\"word\\":\\"{word}\\",\\"people\\":{people}' if word else '\\"word\\":null'
    assert said in answer  # null where the word beside those for teams would tell of somebody


def test_a_company_of_seven_is_told_that_it_is_too_small(place: Making, served):
    asked = next(iter(QUESTIONS))
    p = place({asked: script(QUESTIONS[asked])})
    told = joined(p, served, {"": 7})
    assert "the company: kept back, fewer than 8 people count (here 7)" in told
    p.say(asked, "--allowedTools", "mcp__accrete")
    request = next(r for r in reversed(p.api.asked) if asked in json.dumps(r["messages"]))
    answer = results(request)[1]
    assert "your company is too small to say anything of it: it takes eight people" in answer
    assert '\\"word\\"' not in answer
