"""A small record that has something of everything that pages draw apart, and its pages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import patch

from starlette.testclient import TestClient

from accrete.explorer.viewer import Example
from accrete.settings import Settings
from tests.explorer import asking
from tests.explorer.edits import ROOT, Editing
from tests.explorer.reading.text import read
from tests.explorer.worked import record, worked
from tests.forges import pulling
from tests.records import ADVISED, kept, projects, rows
from tests.transcripts import START, Transcript, fork, session_id, write_agent

DAY, MIN = 86_400_000, 60_000
NOW = START + 30 * DAY
BASE = "".join(f"line {n}\n" for n in range(1, 13))


def planned() -> Transcript:
    """A session with a plan, reads in a row, a pause, a failure, a compaction, a subagent."""
    t = Transcript(21, start=START + 20 * DAY)
    t.prompt("Plan the export\nof *all* rows", permissionMode="plan")
    for n, path in enumerate(("a", "b", "b")):
        t.call("Read", {"file_path": f"/home/dev/demo/src/report/{path}.py"}, message_id=f"r{n}",
               use=f"r{n}")  # fmt: skip
        t.result("text", use=f"r{n}")
    t.call("ExitPlanMode", {"plan": "# The plan\n\n- one *writer*"}, message_id="p", use="p")
    t.result("User has approved your plan", use="p")
    t.prompt("Go on", after_ms=42 * MIN)
    t.call("Bash", {"command": "pytest -q", "description": "Test"}, message_id="f", use="f")
    t.result("Exit code 1\n1 failed, 2 passed", use="f", error=True, after_ms=30_000)
    t.call("Bash", {"command": "make"}, message_id="m", use="m")
    t.result("The user doesn't want to proceed with this tool use.", use="m", error=True,
             permissionDecision={"decision": "reject", "source": "user_temporary"})  # fmt: skip
    t.call("TodoWrite", {"todos": [{"content": "Read", "status": "completed"},
                                   {"content": "Write", "status": "in_progress"}]},
           message_id="t", use="t")  # fmt: skip
    t.result("ok", use="t")
    t.call("Task", {"subagent_type": "Explore", "description": "look", "prompt": "Look *here*."},
           message_id="k", use="k")  # fmt: skip
    t.result("**Found** it", use="k", after_ms=20_000)
    t.add("system", subtype="compact_boundary", content="Conversation compacted",
          compactMetadata={"trigger": "auto", "preTokens": 154_000})  # fmt: skip
    t.answer("s", usage={"input_tokens": 2000, "iterations": [ADVISED]}, attributionSkill="ship",
             attributionPlugin="tools")  # fmt: skip
    t.answer("v", model="claude-sonnet-5", attributionMcpServer="files")
    t.lines.append({"type": "ai-title", "aiTitle": "CSV export", "sessionId": t.session})
    return t


def changed() -> Editing:
    """Edits: of two prompts, one taken back, one changed by hand, one refused, a rename, a file
    without lines, a command."""
    t = Editing(22, start=START + 22 * DAY)
    t.prompt("Make it shout")
    one = BASE.replace("line 5\n", "LINE 5\n")
    t.edit("a.py", BASE, one)
    t.did("Bash", {"command": "sed -i s/x/y/ b.py"})
    t.prompt("Not so loud")
    t.edit("a.py", one, BASE.replace("line 9\n", "LINE 9\n"))
    t.edit("a.py", BASE.replace("line 9\n", "LINE 9\n"), BASE)
    t.create("new.py", "one\ntwo\n")
    t.did("Bash", {"command": "git mv new.py renamed.py"})
    t.edit("c.py", BASE, BASE.replace("line 7\n", "SEVEN\n"), asked=("line 7\n", "seven\n"),
           userModified=True)  # fmt: skip
    t.did("NotebookEdit", {"notebook_path": f"{ROOT}/n.ipynb", "new_source": "x", "cell_id": "1"})
    given = {"file_path": f"{ROOT}/d.py", "old_string": "a", "new_string": "b"}
    t.did("Edit", given, "The user doesn't want to proceed with this tool use.", error=True,
          permissionDecision={"decision": "reject", "source": "user_temporary"})  # fmt: skip
    t.answer("end")
    return t


def dear() -> Transcript:
    """Caches lost after pauses, another model, an output that filled the context; some of it
    without a price, some known in part."""
    t = worked(23, days=24)
    kept_ms = {"ephemeral_5m_input_tokens": 40_000, "ephemeral_1h_input_tokens": 0}
    for n in range(2):
        t.prompt("again", after_ms=10 * MIN)
        t.answer(f"cold_{n}", usage={"cache_read_input_tokens": 0, "cache_creation": kept_ms,
                                     "cache_creation_input_tokens": 40_000})  # fmt: skip
    t.answer("other", model="claude-sonnet-5", usage={
        "cache_read_input_tokens": 0, "cache_creation": kept_ms,
        "cache_creation_input_tokens": 40_000})  # fmt: skip
    t.call("Bash", {"command": "cat all"}, message_id="big", use="big")
    t.result("x" * 60_000, use="big")
    t.answer("after", usage={"cache_read_input_tokens": 40_000, "input_tokens": 16_000})
    t.answer("house", model="house-model")
    t.answer("cut", stop=None)
    return t


def fill(settings: Settings) -> None:
    """Writes the record."""
    plan = planned()
    agent = Transcript(21, start=plan.now - 60_000)
    agent.call("Grep", {"pattern": "csv"}, message_id="a1", use="a1", model="claude-haiku-4-5")
    agent.result("3 lines", use="a1", after_ms=2000)
    agent.answer("a2", model="claude-haiku-4-5")
    write_agent(projects(settings), plan, agent, use="k")
    timeless = Transcript(25, start=START)
    timeless.prompt("When was this?")
    timeless.answer("timeless")
    for line in timeless.lines:
        del line["timestamp"]
    nowhere = Transcript(26, start=NOW - DAY)
    nowhere.prompt("Where is this?")
    nowhere.answer("nowhere")
    for line in nowhere.lines:
        del line["cwd"], line["gitBranch"]
    kept(settings, *record(), plan, changed(), dear(), fork(plan, 24, upto=8), timeless, nowhere)
    pulling(settings, 31, "https://github.com/acme/demo/pull/1")
    pulling(settings, 32, linked=("https://github.com/acme/demo/pull/1",), start=NOW - 2 * DAY)
    typed = {"display": "long ago", "timestamp": START, "project": "/p"}
    typed["sessionId"] = session_id(99)
    (settings.roots[0] / "history.jsonl").write_text(json.dumps(typed) + "\n")
    damaged = projects(settings) / "-home-dev-demo" / f"{session_id(1)}.jsonl"
    damaged.write_bytes(damaged.read_bytes() + b'{"type": "user", broken\n')
    (settings.home / "config.json").write_text('{"sessionBudgetUsd": 5}')
    kept(settings)
    (projects(settings) / "-home-dev-demo" / f"{session_id(2)}.jsonl").unlink()
    unread = worked(41, days=29).write(projects(settings))
    os.utime(unread, (NOW // 1000, NOW // 1000))
    kept_now = settings.roots[0] / "settings.json"
    kept_now.write_text('{"cleanupPeriodDays": 60}')


class Asked(NamedTuple):
    """A page; part: with what the section begins that is read of it, '' for all of it."""

    path: str
    part: str = ""


def asked(settings: Settings) -> dict[str, Asked]:
    """The pages that are read, by name."""
    ids = dict(rows(settings, "SELECT name, id FROM project"))
    every, table = "range=all&who=all", 'id="costs"'
    one, two, three, four = (f"/sessions/{session_id(n)}" for n in (21, 22, 23, 24))
    return {
        "overview": Asked("/"),
        "overview-all": Asked(f"/?{every}", "<h2>Cost by"),
        "overview-never": Asked("/?since=2020-01-01&until=2020-01-02", "<main"),
        "sessions": Asked(f"/sessions?{every}&sort=cost"),
        "sessions-narrowed": Asked("/sessions?range=all&model=claude-opus-5&made=commits&who=all"),
        "practices": Asked("/practices"),
        "practice": Asked(f"/practices/verification?{every}"),
        "practice-well": Asked(f"/practices/planning?{every}&done=well"),
        "costs": Asked("/costs"),
        **{f"costs-{by}": Asked(f"/costs?{every}&by={by}", table)
           for by in ("week", "month", "project", "prompt", "outcome", "window", "subagent")},
        "costs-of-project": Asked(f"/costs?project={ids['shop']}&by=session"),
        "projects": Asked(f"/projects?{every}"),
        "project": Asked(f"/projects/{ids['ledger']}?{every}&check=test&verdict=passed"),
        "project-demo": Asked(f"/projects/{ids['demo']}"),
        "responses": Asked(f"/responses?{every}&lacks=price"),
        "responses-of-prompt": Asked(f"/responses?{every}&session={session_id(21)}&prompt=2"),
        "search": Asked("/search?q=total+session&in=prompts"),
        "search-of-agent": Asked(f"/search?q=csv&{every}"),
        "data": Asked("/data?files=main&only=malformed"),
        "numbers": Asked("/numbers", 'id="coverage"'),
        "settings": Asked("/settings"),
        "keys": Asked("/keys"),
        "replay": Asked(f"{one}?view=everything"),
        "replay-of-changes": Asked(two),
        "facts": Asked(f"{one}/facts?records=tool_call"),
        "facts-dear": Asked(f"{three}/facts"),
        "facts-copied": Asked(f"{four}/facts"),
        "changes": Asked(f"{two}/changes"),
        "changes-proposed": Asked(f"{two}/changes?as=proposed&edits=yours&prompt=2"),
        "own": Asked(f"{one}/own"),
        "forget": Asked(f"{one}/forget"),
    }  # fmt: skip


PAGES = (
    "overview", "overview-all", "overview-never", "sessions", "sessions-narrowed",
    "practices", "practice", "practice-well", "costs", "costs-week", "costs-month",
    "costs-project", "costs-prompt", "costs-outcome", "costs-window", "costs-subagent",
    "costs-of-project", "projects", "project", "project-demo", "responses",
    "responses-of-prompt", "search", "search-of-agent", "data", "numbers", "settings", "keys",
    "replay", "replay-of-changes", "facts", "facts-dear", "facts-copied", "changes",
    "changes-proposed", "own", "forget",
)  # fmt: skip
"""The names of those that the owner of the record reads."""
OTHERS = ("overview-all", "sessions", "practice", "costs", "project-demo", "search-of-agent",
          "replay", "changes")  # fmt: skip
"""The names of those that are read by somebody else, too."""


@contextmanager
def at_now() -> Iterator[None]:
    """The pages are asked for at NOW."""
    with patch("accrete.explorer.view.time", SimpleNamespace(time_ns=lambda: NOW * 1_000_000)):
        yield


@contextmanager
def opened(settings: Settings) -> Iterator[TestClient]:
    """A client that was let in, for the person of the record."""
    client, keys = asking.locked(settings)
    with client, at_now():
        assert client.get(f"/open?token={keys.token()}").status_code == 200
        yield client


@contextmanager
def opened_to_others(settings: Settings) -> Iterator[TestClient]:
    """A client for somebody who sees neither amounts nor clock times."""
    seen = asking.seen_by(
        settings, amounts=False, api_equivalent=False, last_day="2026-10-20",
        example_at="/examples", examples=(Example("verification", "Ada", "3 Oct", "/ada"),),
        said="Made for you.",
    )  # fmt: skip
    with at_now(), seen as client:
        yield client


def as_read(client: TestClient, settings: Settings, name: str) -> str:
    """A page, with short names for what is another one each time."""
    path, part = asked(settings)[name]
    answer = client.get(path)
    assert answer.status_code == 200, (name, answer.text)
    text = read(answer.text, part)
    for project, id_ in rows(settings, "SELECT name, id FROM project"):
        text = text.replace(id_, f"<{project}>")
    for folder, word in ((settings.home, "~record"), (settings.roots[0], "~claude")):
        text = text.replace(str(folder), word)
    for always, found in (
        ("last read now.", r"last read [^.]*\."),
        ("its size", r"(?<=\[#backup\] )\S+ [kM]B"),
        (r"\1", r"([0-9a-f]{8})-(?:0000|1111)-4000-8000-0{9}(?=0{3})"),
    ):
        text = re.sub(found, always, text)
    return text


def settings_in(folder: Path) -> Settings:
    """Settings of a record that is kept in a folder, with budgets."""
    return Settings(home=folder / "data", roots=(folder / "claude",), zone="UTC",
                    session_budget_nano=10_000_000, monthly_budget_nano=5_000_000_000)  # fmt: skip


def every_page(settings: Settings) -> Iterator[tuple[str, str]]:
    """The name and the text of each page of the record, which is made first."""
    fill(settings)
    with opened(settings) as client:
        for name in PAGES:
            yield name, as_read(client, settings, name)
    with opened_to_others(settings) as client:
        for name in OTHERS:
            yield f"{name}-to-others", as_read(client, settings, name)
