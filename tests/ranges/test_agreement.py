"""For random records, zones, ranges and groupings, every command, its JSON and the MCP tools agree
with one independent SQL."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from accrete_mcp import tools

from accrete.ingest import ingest
from accrete.settings import read_settings
from tests.fuzz import seeded
from tests.records import called
from tests.transcripts import Transcript

ZONES = {
    "America/Los_Angeles": "America/Los_Angeles",
    "Asia/Kathmandu": "Asia/Kathmandu",
    "Australia/Lord_Howe": "Australia/Lord_Howe",
    "America/Havana": "America/Havana",
    "CST-8": "Asia/Shanghai",
    "EST5EDT,M3.2.0,M11.1.0": "America/New_York",
    ":Europe/Berlin": "Europe/Berlin",
}
"""What TZ says, and the IANA zone that the test works days out with."""
CHANGES = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")
MODELS = ("claude-opus-5", "claude-sonnet-4-5", "claude-haiku-4-5", "a-model-nobody-knows")
HOUR = 3_600_000


def pause(rng: random.Random) -> int:
    return rng.choice((1000, 20_000, 200_000, 280_000, 20 * 60_000, HOUR, 5 * HOUR, 11 * HOUR))


def listed(rng: random.Random) -> list[dict[str, Any]]:
    """The inferences of a response: as a rule none beside it, else an advisor, a compaction or an
    attempt that declined."""
    beside = {"input_tokens": rng.randint(1, 99_999), "output_tokens": rng.choice((0, 40))}
    kind, model = rng.choice(
        (("advisor_message", "claude-fable-5"), ("compaction", None), ("message", "claude-fable-5"))
    )
    entry = {"type": kind, **beside, **({"model": model} if model else {})}
    return (
        []
        if rng.random() < 0.6
        else [entry, {"type": "fallback_message", "input_tokens": 1, "output_tokens": 1}]
    )


def told(rng: random.Random, n: int, start: int, projects: Path) -> None:
    """One random session, with subagents where chance will have it."""
    cwd = f"/home/dev/{rng.choice(('shop', 'till', 'press'))}"
    t = Transcript(
        n,
        start=start,
        cwd=cwd,
        gitBranch=rng.choice(("main", "topic")),
        entrypoint=rng.choice(("cli", "cli", "sdk-py")),
    )
    gateway: dict[str, Any] = {"requestId": None} if rng.random() < 0.3 else {}
    for turn in range(rng.randint(1, 7)):
        t.prompt(f"Prompt {turn}: tidy the shelf", after_ms=pause(rng))
        for step in range(rng.randint(0, 3)):
            key, use = f"msg_{n}_{turn}_{step}", f"toolu_{n}_{turn}_{step}"
            tool, given = rng.choice(
                (
                    ("Bash", {"command": "pytest -q"}),
                    ("Bash", {"command": "git commit -m x"}),
                    (
                        "Edit",
                        {"file_path": f"{cwd}/a{step}.py", "old_string": "a", "new_string": "b"},
                    ),
                    ("Read", {"file_path": f"{cwd}/b.py"}),
                )
            )
            t.call(
                tool,
                given,
                message_id=key,
                use=use,
                model=rng.choice(MODELS),
                after_ms=pause(rng),
                usage={"output_tokens": rng.randint(1, 999), "iterations": listed(rng)},
                **gateway,
            )
            bad = rng.random() < 0.2
            t.result(
                "[main 1a2b3c4] x\n 1 file changed" if "git" in str(given) else "1 passed",
                use=use,
                error=bad,
                after_ms=rng.choice((10, HOUR // 2)),
            )
        t.answer(
            f"msg_{n}_{turn}_end",
            model=rng.choice(MODELS),
            after_ms=pause(rng),
            usage={"input_tokens": rng.randint(1, 9999), "iterations": listed(rng)},
        )
        if rng.random() < 0.2:
            t.answer(
                f"msg_{n}_{turn}_refused",
                stop="refusal",
                usage={"output_tokens": 0},
                after_ms=pause(rng),
            )
    t.write(projects, slug=f"-{n}")
    for agent in range(rng.randint(0, 2)):
        sub = Transcript(n, start=start + rng.randint(0, t.now - start), cwd=cwd)
        for step in range(rng.randint(1, 4)):
            sub.answer(
                f"msg_{n}_agent{agent}_{step}",
                model="claude-haiku-4-5",
                after_ms=pause(rng),
                uuid=f"{n:08x}-a{agent}-{step}",
            )
        path = projects / f"-{n}" / t.session / "subagents" / f"agent-a{agent}{n:06x}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            b"".join(
                json.dumps({**line, "isSidechain": True, "agentId": path.stem[6:]}).encode() + b"\n"
                for line in sub.lines
            )
        )


class Truth:
    """The test's own reading of the stored rows: plain SQL, with days by the standard library's
    zones."""

    def __init__(self, path: Path, zone: str) -> None:
        self.db = sqlite3.connect(path)
        info = ZoneInfo(zone)
        self.db.create_function(
            "day",
            1,
            lambda at: datetime.fromtimestamp(at / 1000, UTC).astimezone(info).date().isoformat(),
        )

    def one(self, sql: str, *params: Any) -> tuple[Any, ...]:
        return tuple(value or 0 for value in self.db.execute(sql, params).fetchone())

    def by(self, key: str, since: str, until: str) -> dict[str, tuple[int, int, int]]:
        """key -> (responses, cost, unpriced) of what was answered in the range."""
        found = self.db.execute(
            f"""SELECT {key}, SUM(n), COALESCE(SUM(r.cost_nano), 0), SUM(r.cost_nano IS NULL) FROM (
              SELECT session, at, model, branch, cost_nano, 1 AS n FROM response WHERE synthetic = 0
              AND counted = 1
              UNION ALL SELECT session, at, model, branch, cost_nano, 0 FROM inference) r
              JOIN session s ON s.id = r.session
            WHERE day(r.at) BETWEEN ? AND ? GROUP BY 1""",
            (since, until),
        )
        return {row[0]: row[1:] for row in found}

    def windows(self) -> set[int]:
        """When each five-hour window of the whole record begins."""
        found: list[int] = []
        for (at,) in self.db.execute(
            "SELECT at FROM response WHERE counted = 1 AND synthetic = 0 ORDER BY at"
        ):
            if not found or at >= found[-1] + 5 * HOUR:
                found.append(at - at % HOUR)
        return set(found)

    def sessions(self, since: str, until: str) -> dict[str, tuple[int, int, int]]:
        """session -> (prompts, tool calls, cost) of the range, for each of which something happened
        there."""
        rows = self.db.execute("""SELECT session, day(at) AS d, 1, 0, 0 FROM prompt
        UNION ALL SELECT session, day(at), 0, 1, 0 FROM tool_call
          UNION ALL SELECT session, day(result_at), 0, 0, 0 FROM tool_call WHERE result_at
          IS NOT NULL
          UNION ALL SELECT session, day(at), 0, 0, COALESCE(cost_nano, 0) FROM response
          WHERE counted = 1
          UNION ALL SELECT session, day(at), 0, 0, COALESCE(cost_nano, 0) FROM inference
          UNION ALL SELECT session, day(at), 0, 0, 0 FROM event""")
        found: dict[str, list[int]] = {}
        for session, day, *amounts in rows:
            if since <= day <= until:
                found[session] = [
                    a + b for a, b in zip(found.get(session, [0, 0, 0]), amounts, strict=True)
                ]
        return {session: tuple(sums) for session, sums in found.items()}  # type: ignore[misc]


def monday(day: str) -> str:
    at = date.fromisoformat(day)
    return (at - timedelta(days=at.weekday())).isoformat()


def check(seed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(seed)
    zone = rng.choice(sorted(ZONES))
    monkeypatch.setenv("TZ", zone)
    settings = read_settings()
    middle = int(datetime.fromisoformat(f"{rng.choice(CHANGES)}T00:00:00+00:00").timestamp() * 1000)
    for n in range(1, rng.randint(3, 7)):
        told(rng, n, middle + rng.randint(-40, 30) * HOUR, settings.roots[0] / "projects")
    ingest(settings)
    truth = Truth(settings.database, ZONES[zone])
    days = [row[0] for row in truth.db.execute("SELECT DISTINCT day(at) FROM event ORDER BY 1")]
    for _ in range(3):
        since, until = sorted(rng.choices(days, k=2))
        compare(truth, since, until, ("--since", since, "--until", until), capsys)
    compare(truth, "0001-01-01", "9999-12-31", (), capsys)
    compare(truth, days[0], days[-1], ("--since", days[0]), capsys)


def compare(
    truth: Truth,
    since: str,
    until: str,
    options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def asked(*args: str) -> Any:
        code, out, err = called(capsys, *args, *options, "--json")
        assert code == 0, err
        return json.loads(out)

    days, wanted = truth.by("day(r.at)", since, until), truth.sessions(since, until)
    whole = tuple(map(sum, zip(*days.values(), strict=True))) if days else (0, 0, 0)
    overview = asked("overview")
    sides = (overview["human"], overview["automated"])
    assert sum(s["responses"] for s in sides) == whole[0]
    assert sum(s["cost_nano"] for s in sides) == whole[1]
    assert sum(s["unpriced"] for s in sides) == whole[2]
    assert sum(s["sessions"] for s in sides) == len(wanted)
    assert sum(s["prompts"] for s in sides) == sum(prompts for prompts, _, _ in wanted.values())
    assert sum(s["tool_calls"] for s in sides) == sum(calls for _, calls, _ in wanted.values())
    assert sum(s["active_ms"] for s in sides) == sum(row["active_ms"] for row in overview["days"])
    assert sum(s["active_ms"] for s in sides) == sum(
        row["active_ms"] for row in overview["projects"]
    )
    assert {
        row["day"]: (row["cost_nano"], row["unpriced"]) for row in overview["days"] if row["tokens"]
    } == {day: (cost, unpriced) for day, (_, cost, unpriced) in days.items()}
    assert sum(row["prompts"] for row in overview["days"]) == sum(s["prompts"] for s in sides)
    assert sum(tool["calls"] for tool in overview["tools"]) == sum(s["tool_calls"] for s in sides)
    errors = "SELECT COUNT(*) FROM tool_call WHERE is_error = 1 AND day(at) BETWEEN ? AND ?"
    assert sum(tool["errors"] for tool in overview["tools"]) == truth.one(errors, since, until)[0]
    assert sum(row["cost_nano"] for row in asked("projects")) == whole[1]
    listed = {
        row["id"]: (
            row["prompts"],
            row["tool_calls"],
            row["cost_nano"],
        )
        for row in asked("sessions", "--all")
    }
    assert listed == wanted
    keys = {
        "day": "day(r.at)",
        "month": "substr(day(r.at), 1, 7)",
        "project": "COALESCE(s.project, '')",
        "branch": "COALESCE(r.branch, '')",
        "model": "COALESCE(r.model, '')",
        "session": "s.id",
        "outcome": "COALESCE(s.outcome, '')",
    }
    for by in (
        "day",
        "week",
        "month",
        "project",
        "branch",
        "model",
        "session",
        "prompt",
        "skill",
        "plugin",
        "mcp-server",
        "outcome",
        "window",
    ):
        answer = asked("cost", "--by", by)
        rows = {
            row["key"]: (row["responses"], row["cost_nano"], row["unpriced"])
            for row in answer["rows"]
        }
        if by in keys:
            assert rows == truth.by(keys[by], since, until), by
        if by == "week":
            assert set(rows) == {monday(day) for day in days}
        assert tuple(map(sum, zip(*rows.values(), strict=True))) == (whole if rows else ()), by
        assert (answer["total"] or {"cost_nano": 0})["cost_nano"] == whole[1]
        model = tools.usage(
            by, "all", options[1] if options else None, 60, options[3] if len(options) > 2 else None
        )
        assert (model.total.responses if model.total else 0) == whole[0]
        if model.total and model.total.cost_usd is not None:
            assert model.total.cost_usd == round(whole[1] / 1e9, 4)
        if len(rows) <= 60:
            assert sum(row.responses for row in model.rows) == whole[0]
    blocks = asked("blocks")
    assert sum(row["used"]["cost_nano"] for row in blocks) == whole[1]
    assert sum(row["used"]["responses"] for row in blocks) == whole[0]
    assert {row["begins"] for row in blocks} <= truth.windows()
    typed = "SELECT COUNT(*) FROM prompt WHERE replayed = 0 AND day(at) BETWEEN ? AND ?"
    assert (
        len(asked("search", "tidy", "--in", "prompts", "-n", "1000"))
        == truth.one(typed, since, until)[0]
    )
    figures(truth, asked, since, until)


def figures(truth: Truth, asked: Any, since: str, until: str) -> None:
    own = """SELECT COUNT(*) FROM (SELECT session FROM prompt p WHERE replayed = 0 AND day(at)
    BETWEEN ? AND ? UNION
      SELECT session FROM response WHERE run = '' AND synthetic = 0 AND day(at) BETWEEN ? AND ?)
      JOIN session s ON s.id = session WHERE s.automated = 0"""
    for by in ("outcome", "project", "model", "branch", "client"):
        found = asked("figures", "--by", by)
        assert (
            sum(fit["sessions"] for fit in found["groups"])
            == truth.one(own, since, until, since, until)[0]
        )
        edits = """SELECT COUNT(*) FROM tool_call c JOIN session s ON s.id = c.session WHERE c.tool
        = 'Edit' AND s.automated = 0
          AND day(c.at) BETWEEN ? AND ?"""
        if by == "outcome":
            assert (
                sum(fit["edits_proposed"] for fit in found["groups"])
                == truth.one(edits, since, until)[0]
            )
    seen = """SELECT COUNT(*), COUNT(DISTINCT session) FROM sighting g JOIN session s ON s.id =
    g.session WHERE s.automated = 0
      AND practice = ? AND day(g.at) BETWEEN ? AND ?"""
    model = {row.name: row for row in tools.my_practices(None, "all", since, until).practices}
    for row in asked("practices"):
        assert (row["sightings"], row["seen"]) == truth.one(seen, row["name"], since, until), row[
            "name"
        ]
        assert row["seen"] <= row["possible"]
        assert (model[row["name"]].sightings if model else 0) == row[
            "sightings"
        ]  # where none was possible, one sentence
        assert sum(week["sightings"] for week in row["weeks"]) == row["sightings"]


@pytest.mark.slow
@seeded(4)
def test_every_answer_about_a_range_agrees_with_the_stored_rows(seed, monkeypatch, capsys):
    check(seed, monkeypatch, capsys)
