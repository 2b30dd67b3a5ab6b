"""Writes the bundled sample: made-up sessions of a made-up person, for a first look without
transcripts of one's own.

`python -m tools.sample --write` writes accrete/sample anew; a test holds it current.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.transcripts import Transcript

SAMPLE = Path(__file__).resolve().parent.parent / "accrete" / "sample"
DAY = 86_400_000
MONDAY = 1_793_606_400_000  # 2026-11-02, 08:00 UTC
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001"


class Story(Transcript):
    """A session told in turns; token counts grow as the context does."""

    def __init__(
        self, n: int, day: int, minute: int, folder: str, *, model: str = OPUS, **common: Any
    ) -> None:
        super().__init__(
            n, start=MONDAY + day * DAY + minute * 60_000, cwd=f"/home/sam/{folder}", **common
        )
        self.n, self.model, self.context, self.step = n, model, 18_000, 0

    def use(self, output: int, fresh: int = 900) -> dict[str, Any]:
        """The usage of the next response."""
        read, self.context = self.context, self.context + fresh
        return {
            "input_tokens": 4,
            "output_tokens": output,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": fresh,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": fresh},
        }

    def key(self) -> str:
        """A new message id."""
        self.step += 1
        return f"msg_sample_{self.n}_{self.step}"

    def ask(self, text: str, wait_s: int = 40, **fields: Any) -> None:
        """The person's words."""
        self.prompt(
            text, after_ms=wait_s * 1000, origin={"kind": "human"}, promptSource="typed", **fields
        )

    def say(self, text: str, output: int = 220) -> None:
        """The model's words."""
        self.answer(
            self.key(),
            blocks=[{"type": "text", "text": text}],
            model=self.model,
            usage=self.use(output),
            after_ms=9000,
        )

    def do(
        self,
        tool: str,
        given: dict[str, Any],
        out: str = "",
        *,
        error: bool = False,
        told: Any = None,
        took_s: int = 4,
        output: int = 120,
    ) -> None:
        """A tool call and its result."""
        key = self.key()
        use = f"toolu_sample_{self.n}_{self.step}"
        self.call(
            tool,
            given,
            message_id=key,
            use=use,
            model=self.model,
            usage=self.use(output, 600 + len(out) // 3),
            after_ms=6000,
        )
        self.result(out, use=use, error=error, told=told, after_ms=took_s * 1000)

    def edit(self, path: str, old: str, new: str) -> None:
        """An edit of one line."""
        hunk = {
            "oldStart": 12,
            "oldLines": 1,
            "newStart": 12,
            "newLines": 1,
            "lines": [f"-{old}", f"+{new}"],
        }
        told = {"filePath": path, "structuredPatch": [hunk], "userModified": False}
        self.do(
            "Edit",
            {"file_path": path, "old_string": old, "new_string": new},
            f"Edited {path}",
            told=told,
        )

    def bash(
        self, command: str, out: str, *, code: int = 0, took_s: int = 4, git: Any = None
    ) -> None:
        """A shell command."""
        text = f"Exit code {code}\n{out}" if code else out
        told = (
            None
            if code
            else {
                "stdout": out,
                "stderr": "",
                "interrupted": False,
                **({"gitOperation": git} if git else {}),
            }
        )
        self.do("Bash", {"command": command}, text, error=bool(code), told=told, took_s=took_s)

    def title(self, text: str) -> Story:
        """The client's title; ends the story."""
        self.lines.append({"type": "ai-title", "aiTitle": text, "sessionId": self.session})
        return self


def dates() -> Story:
    """A bug fixed with a test first."""
    s = Story(0x1A, 0, 65, "ledger")
    s.ask(
        "Invoices dated 31 January show up in February when the browser is in Auckland. Find out "
        "why before you change anything."
    )
    s.do(
        "Read",
        {"file_path": "/home/sam/ledger/src/dates.ts"},
        "export const monthOf = (d: Date) => d.getMonth()\n" * 30,
    )
    s.bash(
        "grep -rn monthOf src",
        "src/invoices.ts:41: monthOf(invoice.issued)\nsrc/report.ts:17: monthOf(row.day)",
    )
    s.say(
        "`monthOf` reads the local month, but invoices are stored as UTC midnights. "
        "Both callers are affected."
    )
    s.ask("Right. Write a failing test for Auckland first, then fix it.", wait_s=95)
    s.edit(
        "/home/sam/ledger/test/dates.test.ts",
        "// more to come",
        "test('31 January in Auckland is January', () => { /* … */ })",
    )
    s.bash(
        "npm test -- dates",
        "1 failed, 6 passed\n  31 January in Auckland is January: expected 0, got 1",
        code=1,
        took_s=11,
    )
    s.edit("/home/sam/ledger/src/dates.ts", "d.getMonth()", "d.getUTCMonth()")
    s.bash("npm test", "42 passed", took_s=19)
    s.bash(
        "git commit -am 'Read invoice months in UTC'",
        "[main 4f1c2ab] Read invoice months in UTC\n 2 files changed",
        took_s=2,
        git={"commit": {"sha": "4f1c2ab", "kind": "committed"}},
    )
    s.say("Fixed, with a test that fails without it. All 42 tests pass.")
    return s.title("Invoice months in UTC")


def export() -> Story:
    """A feature, planned first, with a subagent for the research."""
    s = Story(0x2B, 2, 130, "ledger", gitBranch="csv-export")
    s.ask("Plan a CSV export of the ledger. Bookkeepers open it in Excel.", permissionMode="plan")
    s.do(
        "Agent",
        {
            "subagent_type": "Explore",
            "description": "How exports are done here",
            "prompt": "Find every export in src.",
        },
        "Reports go through src/report.ts.",
        told={"status": "completed", "agentId": "a5a3b1e0c2d4f6a80", "totalTokens": 9000},
        took_s=75,
    )
    s.do(
        "ExitPlanMode",
        {
            "plan": "# CSV export\n\n1. One writer, RFC 4180.\n2. UTF-8 with a byte order mark.\n"
            "3. Tests with commas and quotes."
        },
        "User has approved your plan.",
        took_s=50,
    )
    s.edit("/home/sam/ledger/src/csv.ts", "", "export const toCsv = (rows: Row[]) => …")
    s.bash("npm test -- csv", "1 failed, 3 passed", code=1, took_s=9)
    s.ask("Semicolons, please: Excel here expects them.", wait_s=30)
    s.edit("/home/sam/ledger/src/csv.ts", "','", "';'")
    s.bash("npm test", "46 passed", took_s=20)
    s.bash(
        "git commit -am 'Export the ledger as CSV' && git push",
        "[csv-export 9ad01c7] Export the ledger as CSV",
        took_s=6,
        git={"commit": {"sha": "9ad01c7", "kind": "committed"}, "push": {"branch": "csv-export"}},
    )
    s.lines.append(
        {
            "type": "pr-link",
            "sessionId": s.session,
            "prNumber": 12,
            "prUrl": "https://github.com/sam-example/ledger/pull/12",
            "prRepository": "sam-example/ledger",
            "timestamp": s.lines[-1]["timestamp"],
        }
    )
    s.say("The export is on branch `csv-export`, pull request 12.")
    return s.title("CSV export for bookkeepers")


def research(parent: Story) -> tuple[str, list[dict[str, Any]], dict[str, Any]]:
    """The subagent of `export`: its id, its lines, its meta file."""
    s = Story(0x2B, 2, 132, "ledger", model=HAIKU, gitBranch="csv-export")
    s.prompt("Find every export in src.")
    s.n = 0x2C
    s.bash("grep -rln export src", "src/report.ts\nsrc/dates.ts")
    s.do("Read", {"file_path": "/home/sam/ledger/src/report.ts"}, "export const report = …\n" * 60)
    s.say("Reports go through src/report.ts; nothing writes files yet.")
    agent = "a5a3b1e0c2d4f6a80"
    lines = [
        {
            **line,
            "isSidechain": True,
            "agentId": agent,
            "uuid": line["uuid"].replace("-1111-", "-2222-"),
        }
        for line in s.lines
    ]
    call = next(
        line
        for line in parent.lines
        if line["type"] == "assistant" and line["message"]["content"][0].get("name") == "Agent"
    )
    meta = {
        "agentType": "Explore",
        "description": "How exports are done here",
        "toolUseId": call["message"]["content"][0]["id"],
    }
    return agent, lines, meta


def garden() -> Story:
    """Another project, a cheaper model, an interruption and a correction."""
    s = Story(0x3C, 8, 610, "garden-sensors", model=SONNET)
    s.ask("The moisture graph jumps at midnight. Why?")
    s.do(
        "Read",
        {"file_path": "/home/sam/garden-sensors/graph.py"},
        "def points(rows):\n    ...\n" * 25,
    )
    s.bash("python -m pytest", "E   KeyError: 'tz'", code=1, took_s=6)
    s.prompt([{"type": "text", "text": "[Request interrupted by user]"}], after_ms=3000)
    s.ask("Not the tests: look at how the sensor writes its times.", wait_s=20)
    s.do("Grep", {"pattern": "strftime"}, "sensor.py:14: now.strftime('%H:%M')")
    s.say(
        "The sensor writes local times without a date, "
        "so the first reading after midnight sorts before the day."
    )
    s.edit("/home/sam/garden-sensors/sensor.py", "now.strftime('%H:%M')", "now.isoformat()")
    s.bash("python -m pytest", "18 passed", took_s=7)
    s.prompt(
        "<command-message>commit</command-message>\n<command-name>/commit</command-name>",
        after_ms=40_000,
    )
    s.bash(
        "git commit -am 'Write whole times'",
        "[main 77e0d31] Write whole times",
        git={"commit": {"sha": "77e0d31", "kind": "committed"}},
    )
    return s.title("Moisture graph jumps at midnight")


def nightly(day: int, n: int) -> Story:
    """An automated run."""
    s = Story(n, day, 1200, "garden-sensors", model=HAIKU, entrypoint="sdk-cli")
    s.prompt("Summarise yesterday's sensor log in three lines.", promptSource="sdk")
    s.do("Read", {"file_path": "/home/sam/garden-sensors/log.csv"}, "time,moisture\n" * 40)
    s.say("Dry until noon, watered at 13:10, stable since.", 90)
    return s.title("Nightly summary")


def review() -> Story:
    """A long look at somebody else's change, over a break."""
    s = Story(0x4D, 14, 75, "ledger", gitBranch="rounding")
    s.ask("Review the branch `rounding` against main. Only tell me what is wrong.")
    s.bash("git diff main...rounding", "+  return Math.round(cents)\n" * 40)
    s.say(
        "Negative amounts round towards zero in refunds.ts:88, and up in ledger.ts:31. "
        "One of them is wrong."
    )
    s.ask("Show me a refund that goes wrong.", wait_s=1500)
    s.bash("node -e 'console.log(Math.round(-2.5))'", "-2")
    s.say("A refund of 2.5 cents is booked as 2 and reported as 3.")
    return s.title("Review of the rounding branch")


def files() -> dict[str, str]:
    """Every file of the sample: path below the folder, and text."""
    made: dict[str, str] = {}
    plan = export()
    for story in (dates(), plan, garden(), review(), nightly(9, 0x5E), nightly(10, 0x6F)):
        folder = f"projects/{story.common['cwd'].replace('/', '-')}"
        made[f"{folder}/{story.session}.jsonl"] = story.text().decode()
    agent, lines, meta = research(plan)
    below = f"projects/-home-sam-ledger/{plan.session}/subagents/agent-{agent}"
    made[f"{below}.jsonl"] = "".join(json.dumps(line) + "\n" for line in lines)
    made[f"{below}.meta.json"] = json.dumps(meta) + "\n"
    return made


def main() -> None:
    """Writes the files, or says which differ."""
    made = files()
    if "--write" in sys.argv:
        for name, text in made.items():
            path = SAMPLE / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return
    stale = [
        name
        for name, text in made.items()
        if not (SAMPLE / name).exists() or (SAMPLE / name).read_text("utf-8") != text
    ]
    sys.exit(f"run: python -m tools.sample --write ({', '.join(stale)})" if stale else 0)


if __name__ == "__main__":
    main()
