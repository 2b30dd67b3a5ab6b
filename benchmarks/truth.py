"""Holds the record's counts against an independent count of real transcripts, kind by kind.

    python benchmarks/truth.py CORPUS      # folders of transcripts with a TRUTH.json beside them

TRUTH.json is `{"strict": {"totals": COUNTS, "by_repo": {FOLDER: COUNTS}}}`; its `definitions` say
what each count is.
Of the files that MANIFEST.json there lists, the transcripts are read: each folder's into a record
of its own, and all of them into one. Exit code 1 where a count differs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAMES = {
    "lines": "lines", "parse_failures": "parse_failures", "sessions": "sessions",
    "human_prompts": "human_prompts", "text_prompts": "prompts.typed",
    "slash_commands": "prompts.slash",
    "bash_inputs": "prompts.shell", "text_beside_tool_result": "prompts.beside_tool_result",
    "queued.only_in_queue": "prompts.queued_only_in_queue", "tool_use_total": "tool_calls",
    "tool_use": "tools",
    "tool_results": "tool_results", "tool_errors_total": "tool_errors_total",
    "tool_errors": "tool_errors",
    "tool_rejected": "tool_rejected", "subagent_spawns": "subagent_spawns",
    "compact_boundaries": "compactions",
    "microcompact_boundaries": "microcompactions", "api_error_records": "api_errors",
    "pr_links": "pull_request_links",
    "plan_mode_files": "plan_mode_files", "record_types": "record_types", "files": "files.all",
    "empty_files": "files.empty", "agent_progress.message_ids": "embedded_message_ids",
    "agent_progress.tool_uses": "tools_embedded",
    "tool_result_without_use": "tool_results_without_call",
    "synthetic_assistant_records": "responses.synthetic",
}  # fmt: skip
"""Their name -> the name in `accrete doctor --counts --json`."""
TOKENS = {
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "cache_creation": "cache_write",
    "cache_creation_5m": "cache_write_5m",
    "cache_creation_1h": "cache_write_1h",
}
COUNTED = ("main", "subagent", "sidecar")


def counted(corpus: Path, paths: list[str]) -> dict[str, Any]:
    """What the record of these files of the corpus counts."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "transcripts"
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(corpus / path, folder / path)
        env = {**os.environ, "HOME": home, "ACCRETE_HOME": f"{home}/data", "TZ": "UTC",
               "CLAUDE_CONFIG_DIR": f"{home}/none"}  # fmt: skip
        accrete = [sys.executable, "-m", "accrete"]
        subprocess.run([*accrete, "backfill", "-q", "--path", str(folder)], env=env, check=True)
        out = subprocess.run(
            [*accrete, "doctor", "--counts", "--json"], env=env, check=True, capture_output=True
        )
    found: dict[str, Any] = json.loads(out.stdout)["counts"]
    return found


def at(counts: dict[str, Any], name: str) -> Any:
    """A count by its path, None where there is none."""
    value: Any = counts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def compared(truth: dict[str, Any], mine: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, theirs, ours) of everything that both count."""
    for theirs, ours in NAMES.items():
        if (value := at(truth, theirs)) is not None:
            yield theirs, value, at(mine, ours)
    responses = mine["responses"]
    yield (
        "assistant_messages",
        truth["assistant_messages"],
        responses["main"] + responses["delegated"],
    )
    for theirs, ours in TOKENS.items():
        if theirs in truth["tokens_max"]:
            yield f"tokens.{theirs}", truth["tokens_max"][theirs], mine["tokens"][ours]
        progress = truth.get("agent_progress", {})
        if theirs in progress.get("tokens_max", {}) and not progress["also_top_level_ids"]:
            yield (
                f"embedded.{theirs}",
                progress["tokens_max"][theirs],
                mine["tokens_embedded"][ours],
            )


def main(folder: Path) -> int:
    """Prints what differs; 1 where anything does."""
    truth = json.loads((folder / "TRUTH.json").read_text("utf-8"))["strict"]
    files = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
    asked = [
        ("total", truth["totals"], ""),
        *((name, counts, name) for name, counts in truth["by_repo"].items()),
    ]
    n, wrong = 0, []
    for name, theirs, repo in asked:
        paths = [f["path"] for f in files if f["kind"] in COUNTED and repo in ("", f["repo"])]
        for what, expected, found in compared(theirs, counted(folder, paths)):
            n += 1
            if expected != found:
                wrong.append(f"{name} {what}: {expected} there, {found} here")
    print(f"{n} counts compared, {len(wrong)} differ")
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
