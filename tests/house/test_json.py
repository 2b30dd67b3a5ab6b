"""What commands print with `--json` is what docs/json.md says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import click
import pytest

from accrete.commands import cli
from accrete.edge.benchmarks import Kept, keep
from accrete.insight.answer import Absent, keys
from accrete.insight.answers import ANSWERS
from accrete.settings import read_settings
from accrete.sync.choice import join, write_choice
from accrete.wire.benchmarks import Benchmarks, Cell, Group
from tests.practices.examples import edit, session
from tests.records import called
from tests.transcripts import Transcript
from tools import json_doc

SUBAGENT = Path(__file__).resolve().parents[1] / "corpus" / "agent-in-its-folder"
ASKED: dict[str, list[str]] = {
    "overview": ["overview"],
    "today": ["today"],
    "sessions": ["sessions", "--all"],
    "cost": ["cost", "--by", "session", "--breakdown"],
    "blocks": ["blocks"],
    "practices": ["practices"],
    "practices PRACTICE": ["practices", "committing"],
    "compare --team": ["compare", "--team"],
    "figures": ["figures"],
    "show": ["show", "latest"],
    "search": ["search", "cart"],
    "debug": ["debug", "cart"],
    "projects": ["projects"],
    "projects show": ["projects", "show", "demo"],
    "projects rename": ["projects", "rename", "demo", "shop"],
    "projects merge": ["projects", "merge", "other", "--into", "shop"],
    "projects split": ["projects", "split", "shop", "/home/dev/other"],
    "tag": ["tag", "latest", "good"],
    "note": ["note", "latest", "worth a look"],
    "export": ["export", "out.jsonl"],
    "status": ["status"],
    "doctor": ["doctor"],
    "doctor --counts": ["doctor", "--counts"],
    "backfill": ["backfill"],
    "ingest": ["ingest"],
    "team status": ["team", "status"],
    "sync": ["sync"],
    "redact": ["redact", "--check", "secret.txt"],
    "rebuild": ["rebuild"],
    "backup": ["backup", "copy.db"],
    "forget": ["forget", "latest", "--yes"],
}
"""Every command on a small record, those that change it last."""
MAY_FAIL = {"redact", "status", "doctor"}
"""Commands that end with 1 where there is something to do."""


def shipped() -> list[Transcript]:
    first = session(
        ("say", "Fix the cart"),
        ("fail", "Bash", {"command": "pytest"}, "1 failed in 0.1s"),
        edit("/home/dev/demo/cart.py"),
        (
            "call",
            "Bash",
            {"command": "git commit -am 'Fix the cart'"},
            "[main 1a2b3c4] Fix the cart",
        ),
        ("call", "Task", {"subagent_type": "Explore", "prompt": "look"}, "done"),
    )
    second = Transcript(2, cwd="/home/dev/other")
    second.prompt("Look at the cart")
    second.answer("msg_2", blocks=[{"type": "text", "text": "The cart is fine."}])
    return [first, second]


def alone(*args: str) -> tuple[int, str, str]:
    """A command that lowers the priority of its process and leaves its folder."""
    done = subprocess.run(
        [sys.executable, "-m", "accrete", *args], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("ghp_" + "aB3" * 12)
    shutil.copytree(SUBAGENT, read_settings().roots[0], dirs_exist_ok=True)
    for n, t in enumerate(shipped()):
        t.write(read_settings().roots[0] / "projects", slug=f"-p{n}")
    assert called(capsys, "backfill", "--quiet")[0] == 0
    token = "acr_acme_" + "x" * 43
    write_choice(read_settings(), replace(join("https://team.example", token), paused=True))

    cells = [Cell("delegation", "few", "2")]
    groups = [Group("company", "acme", 30, "", 10, cells), Group("team", "Carts", why="others")]
    told = Benchmarks("acme", "2026-09-07", "2026-10-04", groups)
    keep(read_settings(), Kept("https://team.example", 1, told))

    def here(*args: str) -> tuple[int, str, str]:
        return called(capsys, *args)

    def ask(command: str) -> Any:
        code, out, err = (alone if command == "ingest" else here)(*ASKED[command], "--json")
        assert code == 0 or (command in MAY_FAIL and code == 1), (command, err)
        return json.loads(out)

    return ask


def wrong(value: Any, hint: Any, where: str) -> list[str]:
    """Where a printed value is not of its type: keys that are missing, not documented or of another
    type."""
    if hint is Any:
        return []
    if get_origin(hint) in (Union, UnionType):
        options = [each for each in get_args(hint) if each is not Absent]
        found = [wrong(value, each, where) for each in options]
        return [] if [] in found else max(found, key=len)
    if hasattr(hint, "_fields"):
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        known = keys(hint)
        odd = [f"{where}.{name} is not documented" for name in value if name not in known]
        gone = [
            f"{where}.{name} is missing"
            for name, key in known.items()
            if name not in value and not key.optional
        ]
        inside = [
            each
            for name in value
            if name in known
            for each in wrong(value[name], known[name].type, f"{where}.{name}")
        ]
        return [*odd, *gone, *inside]
    if get_origin(hint) is list:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no array"]
        return [
            e
            for n, each in enumerate(value)
            for e in wrong(each, get_args(hint)[0], f"{where}[{n}]")
        ]
    if get_origin(hint) is dict:
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        return [
            e
            for name, each in value.items()
            for e in wrong(each, get_args(hint)[1], f"{where}.{name}")
        ]
    numbers = {int: (int,), float: (int, float)}.get(hint, (hint,))
    right = isinstance(value, numbers) and (hint is bool or not isinstance(value, bool))
    return [] if right else [f"{where}: {value!r} is no {getattr(hint, '__name__', hint)}"]


@pytest.mark.long
def test_every_command_prints_the_documented_keys_with_their_types(printed):
    assert set(ASKED) == set(ANSWERS)
    for command in ASKED:
        answer = printed(command)
        assert wrong(answer, ANSWERS[command], command) == []
        assert answer, command


def test_a_key_that_is_not_documented_or_missing_or_of_another_type_is_told():
    replay = {"session": {"id": 3, "odd": 1}, "items": 5}
    told = wrong(replay, ANSWERS["show"], "show")
    assert "show.session.odd is not documented" in told
    assert "show.session.title is missing" in told
    assert "show.session.id: 3 is no str" in told
    assert "show.items: 5 is no array" in told
    assert wrong(None, int | None, "x") == []
    assert wrong(True, int, "x") == ["x: True is no int"]
    assert wrong("a", NoneType, "x")


def test_every_command_with_json_is_documented():
    def commands(group: click.Group, before: str = "") -> list[str]:
        found = []
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            if any("--json" in parameter.opts for parameter in command.params):
                found.append(before + name)
            if isinstance(command, click.Group):
                found += commands(command, f"{before}{name} ")
        return found

    documented = {
        name.removesuffix(" PRACTICE").removesuffix(" --counts").removesuffix(" --team")
        for name in ANSWERS
    }
    assert documented == set(commands(cli))


def test_the_page_of_json_is_made_from_the_shapes():
    assert json_doc.PAGE.read_text("utf-8") == json_doc.text(), (
        "run: python -m tools.json_doc --write"
    )


@pytest.mark.parametrize("name", ["cost", "responses", "tokens"])
def test_own_and_delegated_add_up_to_the_total_wherever_all_three_stand(printed, name):
    total, own, delegated = (
        ("cost_nano", "cost_own_nano", "cost_delegated_nano")
        if name == "cost"
        else (name, f"{name}_own", f"{name}_delegated")
    )
    found = []

    def look(value: Any) -> None:
        for each in value if isinstance(value, list) else value.values():
            if isinstance(each, (dict, list)):
                look(each)
        if isinstance(value, dict) and own in value:
            found.append(value)

    for command in ("overview", "sessions", "cost", "blocks", "show"):
        look(printed(command))
    assert len(found) >= 2
    assert any(each[total] for each in found)
    assert all(each[total] == each[own] + each[delegated] for each in found)
