"""Commands of a small record, asked at one moment, and what each of them says."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from accrete.commands import main
from accrete.settings import Settings
from tests.explorer.reading.record import NOW, fill
from tests.transcripts import session_id

SECRET = "gh" + "p_" + "aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"
PLANNED, CHANGED, DEAR = (session_id(n)[:8] for n in (21, 22, 23))
NO_FOLD = "1000"
"""So wide that no line is broken that has a folder in it: where it breaks would tell its length."""
SAID: dict[str, tuple[str, ...]] = {
    "overview": ("overview", "overview --all", "overview --since 2020-01-01 --until 2020-01-02",
                 "overview --automated", "overview --project shop", "today"),
    "sessions": ("sessions", "sessions --all -n 5", "sessions --sort cost -n 3",
                 "sessions --sort errors -n 2", "sessions --outcome shipped",
                 "sessions --practice planning", "sessions --model claude-sonnet-5",
                 "sessions --branch nosuch", "sessions --text export", "sessions --tag nosuch"),
    "show": (f"show {PLANNED}", f"show {PLANNED} --thinking --tools", f"show {PLANNED} --errors",
             f"show {PLANNED} --prompts", f"show {PLANNED} --tool Read",
             f"show {PLANNED} --grep csv", f"show {PLANNED} --range 2-",
             f"show {PLANNED} 1", "show latest", "show 0000", "show nosuch"),
    "show-changes": (f"show {CHANGED}", f"show {DEAR} --tools"),
    "practices": ("practices", "practices planning", "practices verification -n 2",
                  "practices nosuch", "practices --project shop", "practices --automated"),
    "projects": ("projects", "projects -n 2", "projects show demo", "projects show nosuch"),
    "cost": tuple(f"cost --by {by}" for by in (
        "day -n 3", "week", "month", "project", "branch", "model", "session -n 3", "prompt -n 3",
        "subagent", "skill", "plugin", "mcp-server", "outcome")),
    "cost-narrowed": ("cost", "cost --breakdown -n 2", f"cost --session {DEAR} --by prompt",
                      "cost --model nosuch", "cost --branch nosuch", "cost --project shop",
                      "blocks -n 3", "blocks --active"),
    "figures": ("figures", "figures --by outcome", "figures --by project -n 2",
                "figures --by model", "figures --by branch", "figures --by client",
                "figures --automated"),
    "search": ("search total -n 3", 'search "total session" --in prompts', "search csv",
               "search csv --in commands", "search nosuchword", "search zebra total",
               "debug total", "debug --action pytest -n 2", "debug nosuchword",
               f"debug total --session {PLANNED} --in answers"),
    "own": (f"tag {PLANNED} demo good", f"tag {PLANNED} demo --remove", f"tag {PLANNED}",
            f"note {PLANNED} Ask about rows", f"note {PLANNED}", f"note {PLANNED} --remove",
            "sessions --tag good", "projects rename shop Corner", "projects rename --undo Corner",
            "projects rename shop", "projects rename --undo shop", "projects merge shop ledger",
            "projects merge --undo shop", "projects split demo /home/dev/demo",
            "projects split demo /nowhere"),
    "export": ("export out.jsonl", "export out.jsonl", "export out.csv --table prompt",
               f"export out.md --session {PLANNED}", "export out.xyz", "export - --table nosuch"),
    "care": ("status", "doctor", "doctor --counts", "rebuild", "redact --check clean.txt",
             "redact --check secret.txt", "redact --check nosuch.txt", "backup copy.db",
             "backup copy.db", f"forget {PLANNED}", "forget nosuch --yes", "forget",
             f"forget {PLANNED} --yes", f"show {PLANNED}", "backup --restore copy.db",
             f"show {PLANNED}", "backup --restore nosuch.db", "uninstall --yes"),
    "team": ("team", "team status", "team leave", "team pause", "team tier 2", "team projects",
             "sync", "sync --preview", "compare", "compare planning", "compare --team"),
}  # fmt: skip
"""What is asked, by the file in which the answers stand, in this order: later ones see what
earlier ones wrote."""


@contextmanager
def asked_in(folder: Path, settings: Settings) -> Iterator[None]:
    """Commands run in a folder, with the record of the settings, at NOW."""
    before = Path.cwd()
    given = {"ACCRETE_HOME": str(settings.home), "CLAUDE_CONFIG_DIR": str(settings.roots[0]),
             "TZ": "UTC", "COLUMNS": "100", "HOME": str(folder), "PATH": os.environ["PATH"],
             "LANG": "C.UTF-8", "NO_COLOR": "1"}  # fmt: skip
    with patch.dict(os.environ, given, clear=True), patch("time.time", lambda: NOW / 1000):
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def said(line: str) -> str:
    """What a command prints, what it says besides, and its exit code where that is not 0."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    words = [part.strip('"') for part in re.findall(r'"[^"]*"|\S+', line)]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
    parts = [f"$ accrete {line}", out.getvalue().rstrip("\n")]
    if err.getvalue():
        parts.append("\n".join(f"! {each}" for each in err.getvalue().rstrip("\n").split("\n")))
    return "\n".join([*(part for part in parts if part), *([f"= {code}"] if code else [])])


def steady(text: str, folder: Path) -> str:
    """A text with one word for what is another one each time."""
    text = text.replace(str(folder), "~")
    for always, found in (
        (r"\1 ms", r"()\b\d+(?:\.\d+)? ms\b"),
        ("Last read then.", r"Last read \d[^.]*\."),
        (r"\1 of its day", r"(price table) \d{4}-\d\d-\d\d\.\d+"),
        ("replaced-then", r"replaced-\d+-\d+"),
        (r"\1 N", r"(schema) \d+"),
        (r"\1 N;", r"(Accrete) \d+\.\d+\.\d+;"),
        ("some time", r"\b\d+\.\d s\b"),
        ("a size", r"\b\d+(?:\.\d+)? [kMG]B\b"),
        (r"\1", r"([0-9a-f]{8})-(?:0000|1111)-4000-8000-0{9}(?=0{3})"),
    ):
        text = re.sub(found, always, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def every_answer(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each file and what stands in it; the record is made in the folder first."""
    settings = Settings(home=folder / "data", roots=(folder / "claude",), zone="UTC")
    fill(settings)
    for name, text in (("clean", "nothing here\n"), ("secret", f"one\ntoken is {SECRET}\n")):
        (folder / f"{name}.txt").write_text(text)
    with asked_in(folder, settings):
        for name, lines in SAID.items():
            os.environ["COLUMNS"] = NO_FOLD if name == "care" else "100"
            yield name, steady("\n\n".join(map(said, lines)) + "\n", folder)
