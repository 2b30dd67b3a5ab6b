"""Runs the conformance cases of tests/corpus through the command line and compares every expected
value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from accrete.commands import cli
from tests.corpus.kit.build import stale
from tests.corpus.kit.case import OPEN
from tests.corpus.kit.check import disagreements
from tests.fuzz import TORTURE

CORPUS = Path(__file__).resolve().parent / "corpus"
NAMES = sorted(path.parent.name for path in CORPUS.glob("*/expected.json"))
WITHOUT_STEPS = [
    path.parent.name
    for path in sorted(CORPUS.glob("*/expected.json"))
    if not {"steps", "links"} & json.loads(path.read_bytes()).keys()
]
"""Cases that are one plain folder: their files may come in any order and in pieces. An
eighth is tried in another order, another one in pieces; in `make torture` each in both."""


def expected_of(name: str) -> dict[str, Any]:
    """expected.json of a case."""
    loaded = json.loads((CORPUS / name / "expected.json").read_bytes())
    assert isinstance(loaded, dict)
    return loaded


def lay(case: Path, place: Path, step: str | None, expected: Mapping[str, Any]) -> None:
    """Makes the config folder `place` what the case, or one step of it, says: files renamed as
    listed, others written in place, files that are no more removed, links made."""
    source = case / step if step else case
    for old, new in expected.get("moves", {}).get(step, {}).items():
        (place / new).parent.mkdir(parents=True, exist_ok=True)
        (place / old).rename(place / new)
    files = {path.relative_to(source): path for path in source.rglob("*") if path.is_file()}
    files.pop(Path("expected.json"), None)
    for path in [path for path in place.rglob("*") if path.is_file()]:
        if path.relative_to(place) not in files:
            path.unlink()
    for relative, path in files.items():
        target = place / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        data = path.read_bytes()
        if not target.exists() or target.read_bytes() != data:
            target.write_bytes(data)
    for link, target_name in expected.get("links", {}).items():
        (place / link).parent.mkdir(parents=True, exist_ok=True)
        (place / link).symlink_to(place / target_name)


def environment(tmp_path: Path, expected: Mapping[str, Any]) -> dict[str, str]:
    """Temporary folders for everything, and the case's zone."""
    return {
        "ACCRETE_HOME": str(tmp_path / "data"),
        "HOME": str(tmp_path / "home"),
        "CLAUDE_CONFIG_DIR": str(tmp_path / "config"),
        "TZ": expected.get("timezone", "UTC"),
    }


def in_process(env: Mapping[str, str], *args: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(cli, list(args), env=env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def as_child(env: Mapping[str, str], *args: str) -> str:
    """What the command prints as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "accrete", *args],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def differences(
    expected: Mapping[str, Any],
    counts: Mapping[str, Any],
    sessions: list[dict[str, Any]],
    practices: list[dict[str, Any]],
) -> list[str]:
    """Each expected value that was found otherwise: 'where: expected …, found …'."""
    found: list[str] = []

    def compare(where: str, want: Any, have: Any) -> None:
        if want != have:
            found.append(f"{where}: expected {want}, found {have}")

    for key, want in expected["counts"].items():
        if isinstance(want, dict) and key not in OPEN:
            for name, value in want.items():
                compare(f"{key}.{name}", value, counts[key][name])
        else:
            compare(key, want, counts[key])
    by_id = {session["id"]: session for session in sessions}
    for name, wanted in expected.get("sessions", {}).items():
        for key, want in wanted.items():
            compare(f"{name[:8]} {key}", want, by_id.get(name, {}).get(key))
    by_name = {practice["name"]: practice for practice in practices}
    for name, wanted in expected.get("practices", {}).items():
        for key, want in wanted.items():
            compare(f"{name} {key}", want, by_name.get(name, {}).get(key))
    return found


def counted(env: Mapping[str, str], run: Callable[..., str]
            ) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:  # fmt: skip
    """The counts, the sessions and the practices of the record."""
    counts = json.loads(run(env, "doctor", "--counts", "--json"))["counts"]
    return (
        counts,
        json.loads(run(env, "sessions", "--json", "--all")),
        json.loads(run(env, "practices", "--json")),
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long if n % 6 else ()) for n, name in enumerate(NAMES)],
)
def test_a_case_counts_what_it_says(name: str, tmp_path: Path) -> None:
    expected = expected_of(name)
    env = environment(tmp_path, expected)
    config = tmp_path / "config"
    for step in expected.get("steps", [None]):
        lay(CORPUS / name, config, step, expected)
        in_process(env, "backfill", "--path", str(config), "--quiet", "--jobs", "0")
    assert not differences(expected, *counted(env, in_process))


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["agent-in-its-folder", pytest.param("step-growing", marks=pytest.mark.long)]
)
def test_a_case_counts_the_same_when_run_as_the_readme_says(name: str, tmp_path: Path) -> None:
    expected = expected_of(name)
    env = environment(tmp_path, expected)
    config = tmp_path / "config"
    for step in expected.get("steps", [None]):
        lay(CORPUS / name, config, step, expected)
        as_child(env, "backfill", "--path", str(config), "--quiet")
    assert not differences(expected, *counted(env, as_child))


@pytest.mark.long
@pytest.mark.grid
@pytest.mark.parametrize("name", WITHOUT_STEPS if TORTURE else WITHOUT_STEPS[::8])
def test_a_case_counts_the_same_when_its_files_come_one_by_one_the_last_first(
    name: str, tmp_path: Path
) -> None:
    expected = expected_of(name)
    env = environment(tmp_path, expected)
    whole, config = tmp_path / "whole", tmp_path / "config"
    lay(CORPUS / name, whole, None, expected)
    for path in sorted((path for path in whole.rglob("*") if path.is_file()), reverse=True):
        target = config / path.relative_to(whole)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
        in_process(env, "backfill", "--path", str(config), "--quiet", "--jobs", "0")
    assert not differences(expected, *counted(env, in_process))


@pytest.mark.long
@pytest.mark.grid
@pytest.mark.parametrize("name", WITHOUT_STEPS if TORTURE else WITHOUT_STEPS[4::8])
def test_a_case_counts_the_same_when_every_file_is_read_first_when_it_is_half_written(
    name: str, tmp_path: Path
) -> None:
    expected = expected_of(name)
    env = environment(tmp_path, expected)
    config = tmp_path / "config"
    lay(CORPUS / name, config, None, expected)
    whole = {path: path.read_bytes() for path in config.rglob("*.jsonl") if path.is_file()}
    for path, data in whole.items():
        path.write_bytes(data[: len(data) // 2])
    in_process(env, "backfill", "--path", str(config), "--quiet", "--jobs", "0")
    for path, data in whole.items():
        with path.open("ab") as file:
            file.write(data[len(data) // 2 :])
    in_process(env, "backfill", "--path", str(config), "--quiet", "--jobs", "0")
    assert not differences(expected, *counted(env, in_process))


@pytest.mark.long
def test_the_files_of_the_cases_are_what_the_builders_make() -> None:
    assert not stale(CORPUS), "run: python -m tests.corpus.kit --write"


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_json_reader_counts_the_same_lines(name: str) -> None:
    assert not disagreements(CORPUS / name, expected_of(name))


def test_a_wrong_count_is_told() -> None:
    expected = {
        "counts": {"lines": 2, "prompts": {"typed": 1}, "tools": {"Bash": 1}},
        "sessions": {"a": {"prompts": 1}},
    }
    counts = {"lines": 3, "prompts": {"typed": 0, "slash": 4}, "tools": {"Bash": 1, "Read": 1}}
    assert differences(expected, counts, [{"id": "a", "prompts": 2}], []) == [
        "lines: expected 2, found 3",
        "prompts.typed: expected 1, found 0",
        "tools: expected {'Bash': 1}, found {'Bash': 1, 'Read': 1}",
        "a prompts: expected 1, found 2",
    ]


def test_there_are_enough_cases_and_the_newest_client_is_among_them() -> None:
    assert len(NAMES) >= 100
    assert sum(name.startswith("client-") for name in NAMES) >= 6
