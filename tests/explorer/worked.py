"""A small record of work: two projects, edits, checks, commits, plans, a subagent, some weeks."""

from __future__ import annotations

from typing import Any

from tests.transcripts import START, Transcript

DAY = 86_400_000
PATCH = {
    "structuredPatch": [
        {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 2, "lines": ["-a", "+b", "+c"]}
    ]
}


def worked(
    n: int,
    *,
    days: float = 0,
    cwd: str = "/home/dev/ledger",
    edits: tuple[str, ...] = ("src/bill.py",),
    checks: tuple[bool, ...] = (True,),
    commit: bool = True,
    model: str = "claude-opus-5",
    **common: Any,
) -> Transcript:
    """A session that edits files below its folder, checks them (each passes or not), commits."""
    t = Transcript(n, start=START + round(days * DAY), cwd=cwd, **common)
    t.prompt(f"Fix the total, session {n}")
    steps: list[tuple[str, dict[str, Any], str, Any, bool]] = [
        ("Edit", {"file_path": f"{cwd}/{path}", "old_string": "a", "new_string": "b"}, "ok",
         {"filePath": f"{cwd}/{path}", **PATCH}, False)
        for path in edits
    ]  # fmt: skip
    steps += [
        ("Bash", {"command": "pytest -q"}, "1 passed" if ok else "Exit code 1\n1 failed", None,
         not ok)
        for ok in checks
    ]  # fmt: skip
    if commit:
        said = f"[main {n:07x}] Fix the total"
        steps.append(("Bash", {"command": "git commit -m 'Fix the total'"}, said, None, False))
    for at, (tool, given, text, told, failed) in enumerate(steps):
        key = f"msg_{n}_{at}"
        used = {"input_tokens": 50 * n, "output_tokens": 100 + at}
        t.call(tool, given, message_id=key, use=f"toolu_{key}", usage=used, model=model)
        t.result(text, use=f"toolu_{key}", told=told, error=failed)
    t.answer(f"msg_{n}_end", usage={"output_tokens": 40}, model=model)
    return t


def record() -> list[Transcript]:
    """Ten sessions over five weeks."""
    return [
        worked(1),
        worked(2, days=1, checks=(), commit=False),
        worked(3, days=2, cwd="/home/dev/shop", edits=("a.ts", "b.ts"), checks=(False, True)),
        worked(4, days=7, gitBranch="totals"),
        worked(5, days=8, edits=(), checks=(), commit=False, model="claude-sonnet-5"),
        worked(6, days=14, checks=(False,), commit=False),
        worked(7, days=15, edits=("src/bill.py", "README.md")),
        worked(8, days=21, cwd="/home/dev/shop", model="house-model"),
        worked(9, days=28),
        worked(10, days=28, entrypoint="sdk-cli", commit=False),
    ]
