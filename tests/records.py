"""What tests ask of a record, and the transcripts that several of them fill one with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accrete.commands import main
from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.record.file_names import PART
from accrete.settings import Settings
from tests.contents import contents
from tests.transcripts import Transcript, busy, fork
from tools.old_program import program


def called(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    """Runs the command line in process: (exit code, stdout, stderr)."""
    code = 0
    try:
        main(list(args))
    except SystemExit as stop:
        code = int(stop.code or 0)
    out = capsys.readouterr()
    return code, out.out, out.err


def rows(settings: Settings, sql: str) -> list[tuple]:
    """The rows of one statement."""
    db = Sqlite(settings.database, readonly=True)
    try:
        return db.run(sql)
    finally:
        db.close()


def kept(settings: Settings, *made: Transcript) -> None:
    """Writes transcripts and reads them."""
    for each in made:
        each.write(projects(settings))
    ingest(settings)


def record(settings: Settings) -> dict:
    db = Sqlite(settings.database, readonly=True)
    try:
        return contents(db)
    finally:
        db.close()


FOUND = "SELECT COUNT(*) FROM event_search WHERE event_search MATCH '{}'"
WORDS = ("needle1", "session", "forked", "pytest")


def same(settings: Settings, expected: Settings) -> None:
    """Both records hold the same, and find the same."""
    assert record(settings) == record(expected)
    for word in WORDS:
        assert rows(settings, FOUND.format(word)) == rows(expected, FOUND.format(word)), word
    assert not list(settings.home.glob(f"{PART}*"))


def projects(settings: Settings) -> Path:
    return settings.roots[0] / "projects"


def other(settings: Settings, name: str) -> Settings:
    return Settings(home=settings.home.with_name(name), roots=settings.roots, zone=settings.zone)


ADVISED = {
    "type": "advisor_message",
    "model": "claude-fable-5",
    "input_tokens": 900,
    "output_tokens": 30,
}
"""An inference beside the usage: 900 x 10,000 + 30 x 50,000 = 10,500,000 nano-dollars."""


def used(t: Transcript, message_id: str, **usage: object) -> None:
    """Adds to the usage that the lines of a response carry."""
    for line in t.lines:
        if line.get("message", {}).get("id") == message_id:
            line["message"]["usage"].update(usage)


def world(settings: Settings) -> list[Path]:
    """Three sessions, two forks, a subagent; some responses have an advisor, one a service tier of
    no known price."""
    one, two, three = busy(1), busy(2), busy(3, turns=2)
    used(one, "msg_1_0_end", iterations=[ADVISED])
    used(one, "msg_1_3_end", iterations=[ADVISED])
    used(three, "msg_3_1", service_tier="flex")
    paths = [each.write(projects(settings)) for each in (one, two, three)]
    first = fork(one, 4, upto=10)
    paths.append(first.write(projects(settings)))
    paths.append(fork(first, 5, upto=9, extra=2).write(projects(settings)))
    agent = Transcript(2, start=two.now)
    for line in ("msg_agent_1", "msg_agent_2"):
        agent.answer(line, model="claude-haiku-4-5", usage={"iterations": [ADVISED]})
    folder = projects(settings) / "-home-dev-demo" / two.session / "subagents"
    folder.mkdir(parents=True)
    lines = [{**line, "isSidechain": True, "agentId": "a1b2c3"} for line in agent.lines]
    path = folder / "agent-a1b2c3.jsonl"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    (folder / "agent-a1b2c3.meta.json").write_text(
        json.dumps({"agentType": "Explore", "description": "look", "toolUseId": "toolu_2_0"})
    )
    return [*paths, path]


def many(settings: Settings, sessions: int = 30) -> None:
    for n in range(1, sessions + 1):
        busy(n, turns=25).write(projects(settings))
    fork(busy(1, turns=25), 900, upto=60).write(projects(settings))


def unmeasured() -> dict[str, str]:
    """The environment without what measures coverage: that imports, and says at its end, what the
    program does not."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COV_", "COVERAGE"))
    }


def start_backfill(settings: Settings, jobs: int = 0) -> subprocess.Popen:
    """A backfill in a process of its own."""
    env = {
        **os.environ,
        "ACCRETE_HOME": str(settings.home),
        "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "accrete", "backfill", "-q", "--jobs", str(jobs)], env=env
    )


FIRST = "ebad4df"
"""The program of version 0.1.0."""
LAST_OF_SCHEMA = {
    7: FIRST,
    8: "6837421",
    14: "2e6b7cf",
    15: "8779759",
    16: "54e06ec",
    17: "4b06579",
    18: "2726d8c",
    19: "a91cf81",
    23: "36d0572",
    24: "fe95393",
    26: "d7bef68",
    27: "1b62bd8",
    28: "8a46ae1",
    29: "c9a35c5",
    33: "035938d",
    36: "30cfcc5",
    37: "71df9a6",
    38: "f74c071",
}
"""The last commit of the main line with each number of the schema, of those whose files had the
numbers that they have now."""
NEVER_LAST = {*range(1, 7), *range(9, 14), 20, 21, 22, 25, 30, 31, 32, 34, 35}
"""Numbers with which no commit ended: several files came, or were numbered anew, at once."""


def ingest_with_the_first(*places: Settings, commit: str = FIRST) -> None:
    """An earlier program's own ingest of each place, in one process of its own."""
    try:
        packages = program(commit)
    except (OSError, subprocess.CalledProcessError):
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the history does not hold {commit}, so its program cannot be built")
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom accrete.ingest import ingest\nfrom "
        "accrete.settings import Settings\n"
        "for home, root, zone in json.load(sys.stdin):\n"
        "    ingest(Settings(home=Path(home), roots=(Path(root),), zone=zone))\n"
    )
    told = json.dumps([(str(place.home), str(place.roots[0]), place.zone) for place in places])
    subprocess.run(
        [sys.executable, "-P", "-c", code], input=told.encode(), check=True,
        env={**os.environ, "PYTHONPATH": str(packages)},
    )  # fmt: skip
