"""The MCP server through the SDK's own client, in process and over stdio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from accrete_mcp import tools
from accrete_mcp.texts import INSTRUCTIONS
from mcp import Client

from accrete.care.forget import What, forget
from accrete.edge import start as wake
from accrete.ingest import ingest
from accrete.practices import all_practices
from accrete.record import lock
from tests.mcp.asked import META, asked, call, keep, refused, shipped
from tests.patience import until
from tests.practices.examples import EXAMPLES
from tests.transcripts import Transcript

pytestmark = pytest.mark.long


def test_there_are_six_tools_that_only_read_and_cost_a_model_little():
    listed = asked(lambda client: client.list_tools()).tools
    seen = [
        {"name": t.name, "description": t.description, "input_schema": t.input_schema}
        for t in listed
    ]
    assert len(listed) == 6
    assert len(json.dumps(seen).encode()) <= 6 * 1024
    assert len(INSTRUCTIONS.encode()) <= 2048
    for tool in listed:
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
        assert tool.output_schema
        assert tool.meta
        assert tool.meta["anthropic/searchHint"]
        assert tool.name in INSTRUCTIONS


def test_practices_are_told_with_figures_and_with_moments(home):
    keep(home, EXAMPLES["delegation"][0]())
    found = call("my_practices", project="all")
    assert {p["name"] for p in found["practices"]} == {p.name for p in all_practices()}
    one = call("my_practices", practice="Delegation", project="all")
    assert (one["practices"][0]["seen"], one["practices"][0]["possible"]) == (1, 1)
    assert one["practices"][0]["by_week"] == {"seen": [1], "possible": [1]}
    (moment,) = one["moments"]
    assert (moment["prompt"], moment["when"][:2]) == (1, "20")
    assert one["try_next"]
    assert one["source"].startswith("https://")
    assert (
        call("session", id=moment["session"])["id"] == moment["session"]
    )  # an id that is shown is taken


def test_the_scope_is_the_project_at_hand_and_is_said(home, monkeypatch, tmp_path):
    keep(home, shipped())
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", "/home/dev/demo")
    assert call("my_practices", practice="committing")["practices"][0]["sightings"] == 1
    monkeypatch.setenv("CLAUDE_PROJECT_DIR", str(tmp_path))
    elsewhere = call("my_practices", practice="committing")
    assert "practices" not in elsewhere
    assert 'Call my_practices(project="all")' in elsewhere["more"]
    assert "project='all'" in elsewhere["scope"]
    assert (
        call("my_practices", practice="committing", project="demo")["practices"][0]["sightings"]
        == 1
    )
    assert "No project" in refused("usage", project="nosuch")


def test_no_team_is_said_honestly(home):
    keep(home, shipped())
    found = call("compare_with_team", practice="committing")
    assert found["team_connected"] is False
    assert "No team server" in found["said"]
    assert [p["name"] for p in found["mine"]] == ["committing"]


def test_what_to_try_is_a_step_with_its_reason(home):
    keep(home, shipped())
    found = call("what_to_try", limit=2)
    assert len(found["steps"]) == 2
    assert all(step["try_next"] and step["seen"] < step["possible"] for step in found["steps"])
    assert "limit=11" in found["more"]


def test_history_is_searched_and_capped(home):
    t = Transcript(1)
    for n in range(40):
        t.prompt(f"needle number {n}")
        t.answer(f"msg_{n}")
    keep(home, t)
    found = call("search_history", words="needle", project="all", limit=5)
    assert len(found["hits"]) == 5
    assert "**needle**" in found["hits"][0]["excerpt"]
    assert [hit["prompt"] for hit in found["hits"]] == [40, 39, 38, 37, 36]
    assert (
        "no exact match" in call("search_history", words='"number needle"', project="all")["scope"]
    )
    assert "limit=30" in found["more"]
    assert (
        "No match for these words"
        in call("search_history", words="nosuchword", project="all")["more"]
    )
    assert "Give at least one word" in refused("search_history", words=" ")


def test_a_session_in_its_five_views(home):
    keep(home, shipped())
    whole = call("session")
    assert whole["outcome"] == "shipped"
    assert whole["work"]["asked"] == [{"number": 1, "text": "Fix the add function"}]
    over = call("session", view="handoff")
    work = over["work"]
    assert work["commits"] == [{"sha": "1a2b3c4", "subject": "Add"}]
    assert work["uncommitted"] == ["/home/dev/demo/after.py"]
    assert work["last_check"] == {"runner": "pytest", "verdict": "failed", "passed": 0, "failed": 2}
    assert [c["target"] for c in call("session", view="errors")["failed"]] == ["pytest", "pytest"]
    files = call("session", view="files")["files"]
    assert [(file["path"][-8:], file["edits"]) for file in files] == [
        ("after.py", 1),
        ("/calc.py", 1),
    ]
    (by_model, by_prompt) = call("session", view="cost")["costs"]
    assert by_model["rows"][0]["label"].startswith("claude-opus-5")
    assert by_prompt["rows"][0]["key"] == f"{whole['id']}#1"
    assert "No session 'ffff'" in refused("session", id="ffff")


def test_the_current_session_is_the_one_that_the_client_runs(home, monkeypatch):
    t = shipped()
    keep(home, t)
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", t.session)
    told = call("session", id="current")
    assert (told["id"], "assumed from the environment" in told["scope"]) == (t.session[:8], True)
    assert "assumed" not in call("session", id=t.session)["scope"]
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID")
    assert "not run in a Claude Code session" in refused("session", id="current")


def test_usage_adds_up(home):
    keep(home, shipped(), Transcript(2))
    found = call("usage", by="model")
    assert sum(row["responses"] for row in found["rows"]) == found["total"]["responses"]
    assert call("usage", by="day", limit=1)["rows"][0]["sessions"] == 1
    assert "is not a date" in refused("usage", since="whenever")


def test_new_rows_are_seen_without_a_restart(home):
    keep(home, shipped())

    async def twice(client: Client) -> list[int]:
        counts = []
        for n in (None, 2):
            if n is not None:
                t = Transcript(n)
                t.prompt("Another")
                t.answer("msg_another")
                t.write(home.roots[0] / "projects")
                ingest(home)
            result = await client.call_tool("usage", {"by": "month"})
            assert result.structured_content is not None
            counts.append(result.structured_content["total"]["sessions"])
        return counts

    assert asked(twice) == [1, 2]


def shipped_before() -> Transcript:
    t = Transcript(77)
    t.prompt("Something else")
    t.answer("msg_77")
    return t


def test_the_current_session_is_read_before_it_is_answered_about(home, monkeypatch):
    t = Transcript(1)
    t.prompt("Look around")
    t.answer("msg_a")
    path = t.write(home.roots[0] / "projects")
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", t.session)
    assert "accrete init" in refused("session", id="current")
    assert not home.database.exists()  # a question makes no record
    path.unlink()
    keep(home, shipped_before())
    t.write(home.roots[0] / "projects")
    assert call("session", id="current")["id"] == t.session[:8]
    t.prompt("And now the other half")
    t.answer("msg_b")
    t.write(home.roots[0] / "projects")
    assert "And now the other half" in json.dumps(call("session", id="current"))
    with monkeypatch.context() as nothing_new:
        nothing_new.setattr(
            wake, "_ingest", lambda stdout: pytest.fail("nobody is to be waited for")
        )
        call("session", id="current")
    forget(home, What(sessions=(t.session,)), 1)
    with path.open("ab") as file:
        file.write(b"{}\n")
    assert "not in the record" in refused("session", id="current")


def test_what_waits_in_the_spool_is_read_without_waiting_for_it(home):
    keep(home, shipped())
    home.spool.mkdir(exist_ok=True)  # an ingest makes it too
    (home.spool / "1.hook").write_bytes(b"accrete-hook 1 Stop 1790000000000 0 - s\n/x\n{}")
    with lock.held(home.lock, wait_s=0):
        call("usage")
        wake._children.pop().wait(120)
        assert list(home.spool.glob("*.hook"))
    call("usage")
    until(lambda: not list(home.spool.glob("*.hook")))
    (first,) = wake._children
    first.wait(120)
    wake.start()
    assert first not in wake._children  # those that ended are looked after


def test_without_a_record_the_answer_says_what_to_do():
    assert "accrete init" in refused("my_practices")


def test_prompts_and_resources(home):
    keep(home, EXAMPLES["planning"][0]())
    prompts = asked(lambda client: client.list_prompts()).prompts
    assert sorted(p.name for p in prompts) == ["handoff", "retro"]
    text = (
        asked(lambda client: client.get_prompt("retro", {"project": "all"}))
        .messages[0]
        .content.text
    )  # type: ignore[union-attr]
    assert 'project="all"' in text
    resources = asked(lambda client: client.list_resources()).resources
    assert sorted(str(r.uri) for r in resources) == sorted(
        f"accrete://practices/{p.name}" for p in all_practices()
    )
    read = asked(lambda client: client.read_resource("accrete://practices/planning"))
    assert json.loads(read.contents[0].text)["practices"][0]["possible"] == 1  # type: ignore[union-attr]


def talk(*messages: dict[str, Any]) -> tuple[list[dict[str, Any]], bytes, bytes]:
    """What the server answers on stdio, what else it printed, and its errors."""
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "accrete", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ},
    )
    assert server.stdin is not None
    assert server.stdout is not None
    answers = []
    for message in messages:
        server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        server.stdin.flush()
        if "id" in message:
            answers.append(json.loads(server.stdout.readline()))
    out, err = server.communicate(timeout=120)
    assert server.returncode == 0
    return answers, out, err


def test_the_newest_protocol_over_stdio_with_nothing_but_protocol(home):
    keep(home, shipped())
    answers, out, err = talk(
        {"id": "probe", "method": "server/discover", "params": {"_meta": META}},
        {"id": 2, "method": "tools/list", "params": {"_meta": META}},
        {
            "id": 3,
            "method": "tools/call",
            "params": {"_meta": META, "name": "usage", "arguments": {"by": "project"}},
        },
        {"id": 4, "method": "no/such", "params": {"_meta": META}},
    )
    assert "2026-07-28" in json.dumps(answers[0])
    assert len(answers[1]["result"]["tools"]) == 6
    assert answers[2]["result"]["structuredContent"]["rows"][0]["label"] == "demo"
    assert "error" in answers[3]
    assert (out, err) == (b"", b"")


def test_the_older_handshake_over_stdio(home):
    keep(home, shipped())
    hello = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    answers, out, err = talk(
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "session", "arguments": {}}},
    )
    assert answers[0]["result"]["protocolVersion"] == "2025-11-25"
    assert answers[0]["result"]["instructions"] == INSTRUCTIONS
    assert answers[1]["result"]["structuredContent"]["work"]["asked"]
    assert (out, err) == (b"", b"")


def test_a_call_reads_and_writes_nothing(home):
    keep(home, shipped())
    before = home.database.read_bytes()
    for name in ("my_practices", "what_to_try", "session", "usage"):
        call(name)
    assert home.database.read_bytes() == before
    with tools.record() as r, pytest.raises(Exception, match="readonly|attempt to write"):
        r.db.run("DELETE FROM session")
