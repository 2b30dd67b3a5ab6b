"""The maker of the benchmark's corpus: the same bytes each time, lines as the client writes them, a
true TRUTH.json."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
SIZE = 30_000_000
SMALL = "0.003"


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environment, check=False
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    done = run("corpus.py", str(folder), "--gb", str(SIZE / 1e9), "--seed", "5")
    assert done.returncode == 0, done.stderr
    return folder


def truth(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "TRUTH.json").read_text(encoding="utf-8"))
    return told


def files(folder: Path) -> list[Path]:
    return sorted((folder / "projects").rglob("*.jsonl"))


def records(folder: Path) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    for path in files(folder):
        for line in path.read_bytes().splitlines():
            yield path, len(line) + 1, json.loads(line)


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.long
def test_the_same_arguments_make_the_same_bytes(tmp_path: Path) -> None:
    for name, hash_seed in (("one", "1"), ("two", "2")):
        assert (
            run(
                "corpus.py", str(tmp_path / name), "--gb", SMALL, PYTHONHASHSEED=hash_seed
            ).returncode
            == 0
        )
    assert content(tmp_path / "one") == content(tmp_path / "two")


@pytest.mark.long
def test_another_seed_makes_other_sessions(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        assert run("corpus.py", str(tmp_path / seed), "--gb", SMALL, "--seed", seed).returncode == 0
    one, two = ({path.stem for path in files(tmp_path / seed)} for seed in ("1", "2"))
    assert one
    assert one.isdisjoint(two)


@pytest.mark.long
def test_the_size_is_what_was_asked_for(corpus: Path) -> None:
    made = sum(path.stat().st_size for path in files(corpus))
    assert made == truth(corpus)["bytes"]
    assert abs(made - SIZE) < SIZE * 0.05


@pytest.mark.long
def test_a_folder_that_holds_projects_is_left_alone(corpus: Path) -> None:
    before = truth(corpus)
    done = run("corpus.py", str(corpus), "--gb", SMALL)
    assert done.returncode == 1
    assert "holds projects already" in done.stderr
    assert truth(corpus) == before


@pytest.mark.long
def test_every_file_lies_where_the_client_would_put_it(corpus: Path) -> None:
    for path, _, record in records(corpus):
        agent = "subagents" in path.parts
        session = path.parts[-3] if agent else path.stem
        slug = path.relative_to(corpus / "projects").parts[0]
        assert record.get("sessionId", session) == session
        if "cwd" in record:
            assert re.sub(r"[^A-Za-z0-9]", "-", record["cwd"]) == slug
            assert record["isSidechain"] is agent
        if agent and "uuid" in record:
            assert path.stem == f"agent-{record['agentId']}"


@pytest.mark.long
def test_every_subagent_is_named_by_its_parents_call(corpus: Path) -> None:
    calls = {
        block["id"]
        for _, _, record in records(corpus)
        if record["type"] == "assistant"
        for block in record["message"]["content"]
        if block["type"] == "tool_use" and block["name"] in ("Task", "Agent")
    }
    agents = [path for path in files(corpus) if "subagents" in path.parts]
    named = {
        json.loads(path.with_suffix(".meta.json").read_text(encoding="utf-8"))["toolUseId"]
        for path in agents
    }
    assert len(agents) == len(named) > 0
    assert named == calls


@pytest.mark.long
def test_every_line_hangs_on_a_line_of_its_file(corpus: Path) -> None:
    seen: dict[Path, set[str]] = defaultdict(set)
    for path, _, record in records(corpus):
        if "parentUuid" in record:
            assert record["parentUuid"] is None or record["parentUuid"] in seen[path]
            seen[path].add(record["uuid"])


@pytest.mark.long
def test_a_file_is_as_old_as_its_last_line(corpus: Path) -> None:
    for path in files(corpus):
        stamps = [json.loads(line).get("timestamp") for line in path.read_bytes().splitlines()]
        last = datetime.fromisoformat([stamp for stamp in stamps if stamp][-1])
        assert abs(path.stat().st_mtime - last.timestamp()) < 1


@pytest.mark.long
def test_the_tokens_told_are_those_of_each_message_once(corpus: Path) -> None:
    largest: dict[str, Counter[str]] = defaultdict(Counter)
    delegated = set()
    for path, _, record in records(corpus):
        if record["type"] != "assistant" or record["message"]["model"] == "<synthetic>":
            continue
        message, usage = record["message"], record["message"]["usage"]
        largest[message["id"]] |= Counter(
            input=usage["input_tokens"],
            output=usage["output_tokens"],
            cache_read=usage["cache_read_input_tokens"],
            cache_write=usage["cache_creation_input_tokens"],
            cache_write_5m=usage["cache_creation"]["ephemeral_5m_input_tokens"],
            cache_write_1h=usage["cache_creation"]["ephemeral_1h_input_tokens"],
        )
        if "subagents" in path.parts:
            delegated.add(message["id"])
    counts = truth(corpus)["counts"]
    assert counts["responses"]["delegated"] == len(delegated)
    assert counts["responses"]["main"] == len(largest) - len(delegated)
    assert counts["tokens"] == sum(largest.values(), Counter())
    assert +Counter(counts["tokens_delegated"]) == sum(
        (largest[name] for name in delegated), Counter()
    )


@pytest.mark.long
def test_tool_calls_errors_and_prompts_are_told_right(corpus: Path) -> None:
    tools: dict[str, str] = {}
    errors: dict[str, bool] = {}
    prompts: dict[str, str] = {}
    lines = 0
    for _, _, record in records(corpus):
        lines += 1
        blocks = (
            record.get("message", {}).get("content", [])
            if record["type"] in ("user", "assistant")
            else []
        )
        for block in blocks if isinstance(blocks, list) else ():
            if block["type"] == "tool_use":
                tools[block["id"]] = block["name"]
            if block["type"] == "tool_result" and block.get("is_error"):
                errors[block["tool_use_id"]] = record["toolUseResult"] == "User rejected tool use"
        if (
            isinstance(blocks, str)
            and not record["isSidechain"]
            and "isCompactSummary" not in record
        ):
            start = re.match(r"<(bash-input|bash-stdout|command-message)>", blocks)
            prompts[record["uuid"]] = start[1] if start else "typed"
    counts, kinds = truth(corpus)["counts"], Counter(prompts.values())
    assert counts["lines"] == lines
    assert counts["sessions"] == len(
        {path for path in files(corpus) if "subagents" not in path.parts}
    )
    assert counts["tools"] == Counter(tools.values())
    assert counts["tool_errors"] == Counter(tools[name] for name in errors)
    assert counts["tool_rejected"] == sum(errors.values())
    assert (kinds["typed"], kinds["command-message"], kinds["bash-input"]) == tuple(
        counts["prompts"][kind] for kind in ("typed", "slash", "shell")
    )


@pytest.mark.long
def test_a_fork_repeats_lines_under_a_session_id_of_its_own(corpus: Path) -> None:
    sessions: dict[str, set[str]] = defaultdict(set)
    for _, _, record in records(corpus):
        if "uuid" in record:
            sessions[record["uuid"]].add(record["sessionId"])
    assert truth(corpus)["forks"] == 1
    assert {len(owners) for owners in sessions.values()} == {1, 2}


@pytest.mark.long
def test_proportions_are_those_of_real_histories(corpus: Path) -> None:
    sizes: Counter[str] = Counter()
    messages, lines = set(), 0
    for _, size, record in records(corpus):
        plumbing = (
            record["type"].startswith("api-request")
            or record.get("attachment", {}).get("type") == "prompt_snapshot"
        )
        sizes["plumbing" if plumbing else "result" if "toolUseResult" in record else "rest"] += size
        if record["type"] == "assistant":
            messages.add(record["message"]["id"])
            lines += 1
    assert 2.0 < lines / len(messages) < 2.4
    assert sizes["plumbing"] < 0.4 * sizes.total()
    assert sizes["result"] > 0.5 * (sizes.total() - sizes["plumbing"])


@pytest.mark.long
def test_placeholder_usage_progress_and_both_cache_lives_are_in_it(corpus: Path) -> None:
    outputs: dict[str, set[int]] = defaultdict(set)
    embedded, versions = set(), set()
    for _, _, record in records(corpus):
        versions.add(record.get("version"))
        if record["type"] == "assistant":
            outputs[record["message"]["id"]].add(record["message"]["usage"]["output_tokens"])
        elif record["type"] == "progress" and record["data"]["type"] == "agent_progress":
            embedded.add(record["data"]["message"]["message"].get("id"))
    assert {len(different) for different in outputs.values()} == {1, 2}
    assert len(embedded) > 1
    assert embedded - {None} <= outputs.keys()
    assert versions > {"2.1.53", "2.1.152", "2.1.219", "2.1.329"}
    tokens = truth(corpus)["counts"]["tokens"]
    assert min(tokens["cache_write_5m"], tokens["cache_write_1h"]) > 0


def test_a_few_fake_credentials_are_planted(corpus: Path) -> None:
    told = truth(corpus)["secrets"]
    found = sum(path.read_bytes().lower().count(told["mark"].encode()) for path in files(corpus))
    assert 0 < told["planted"] <= found
    assert found <= 2 * SIZE / 1e6


@pytest.mark.long
def test_the_limits_read_every_byte_and_decode_every_line(corpus: Path) -> None:
    told = truth(corpus)
    read, decoded = (
        json.loads(run("limits.py", kind, str(corpus)).stdout) for kind in ("read", "decode")
    )
    assert read["bytes"] == decoded["bytes"] == told["bytes"]
    assert decoded["lines"] == told["counts"]["lines"]


@pytest.mark.slow
def test_the_benchmark_finds_every_count_right_and_leaves_a_kept_corpus_as_it_was(
    tmp_path: Path,
) -> None:
    first = run("backfill.py", "--gb", SMALL, "--keep", str(tmp_path), "--limits-only", "--json")
    assert first.returncode == 0, first.stderr
    before = content(tmp_path)
    second = run("backfill.py", "--gb", SMALL, "--keep", str(tmp_path), "--json")
    assert second.returncode == 0, second.stdout + second.stderr
    told = json.loads(second.stdout)
    assert "maker" not in told
    assert told["truth"]["wrong"] == {}
    assert told["backfill"]["lines_parsed"] == told["corpus"]["lines"]
    assert (told["nothing_new"]["lines_parsed"], told["one_line"]["lines_parsed"]) == (0, 1)
    assert content(tmp_path) == before
