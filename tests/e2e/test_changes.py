"""What the real client wrote of its edits folds into what git says of the repository."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from accrete.database.serving import SqlitePool
from accrete.outcomes.patches import hunks_of
from accrete.present.changes import Changes, changes_of
from accrete.queries.changes import changes, edit_inputs
from accrete.queries.scope import Scope
from tests.e2e.api import text, use
from tests.e2e.client import Place

pytestmark = pytest.mark.slow

FILES = {
    "long.py": "".join(f"line {n}\n" for n in range(1, 61)),
    "crlf.txt": "".join(f"row {n}\r\n" for n in range(1, 21)),
    "tabs.go": "func f() {\n\tif a {\n\t\treturn\n\t}\n}\n",
    "end.txt": "one\ntwo\nthree",
    "over.md": "# Old\n\nSome words.\n\nThe end.\n",
    "twice.txt": "x = 1\ny = 2\nx = 1\n",
    "gone.txt": "to go\n",
}


def git(p: Place, *words: str) -> str:
    command = ["git", "-c", "core.autocrlf=false", *words]
    done = subprocess.run(
        command, cwd=p.repository, env=p.env(), check=True, capture_output=True, text=True
    )
    return done.stdout


def changed_lines(diff: str) -> list[str]:
    """The added and removed lines of a diff without CR, sorted."""
    return sorted(line.rstrip("\r") for line in diff.split("\n")
                  if line[:1] in "+-" and line[:3] not in ("+++", "---") and line)  # fmt: skip


def folded(p: Place, session: str, database: Path, prompt: int | None = None) -> Changes:
    async def ask() -> Changes:
        pool = await SqlitePool.open(database)
        scope = Scope((1,), session=session)
        async with pool.reading() as reader:
            rows, inputs = await reader.ask(changes(scope)), await reader.ask(edit_inputs(scope))
        await pool.close()
        return changes_of(rows, inputs, prompt=prompt)

    return asyncio.run(ask())


def ours(found: Changes, name: str) -> list[str]:
    (file,) = [each for each in found.files if each.path.endswith(f"/{name}")]
    hunks = [hunk for block in file.folded.blocks for hunk in hunks_of(block.patch)]
    lines = [line for hunk in hunks for line in hunk.lines if line[0] != " "]
    return sorted(f"{sign}{words}".rstrip("\n") for sign, words in lines)


def test_the_folded_edits_of_the_real_client_are_the_diff_of_git(place, tmp_path):
    here = tmp_path / "home" / "demo"

    def edit(name: str, old: str, new: str, **more: object) -> dict:
        return use("Edit", file_path=f"{here}/{name}", old_string=old, new_string=new, **more)

    def write(name: str, words: str) -> dict:
        return use("Write", file_path=f"{here}/{name}", content=words)

    reads = [use("Read", file_path=f"{here}/{name}") for name in FILES]
    p = place({
        "Rework the files": [
            reads,
            [edit("long.py", "line 10\n", "ten\n"), edit("crlf.txt", "row 5", "five")],
            [edit("long.py", "line 40\nline 41\n", "forty\n"),
             edit("tabs.go", "\t\treturn\n", "\t\treturn 1\n")],
            [edit("long.py", "ten\n", "TEN\nand more\n"), edit("end.txt", "three", "three\nfour")],
            [edit("twice.txt", "x = 1", "x = 3", replace_all=True),
             edit("long.py", "line 55\n", "fifty-five\n")],
            [write("over.md", "# New\n\nSome words.\n\nThe last.\n"),
             write("new.py", "def f():\n\treturn 1\n")],
            [edit("new.py", "\treturn 1\n", "\treturn 2\n"),
             edit("long.py", "fifty-five\n", "line 55\n")],
            [use("Bash", command="rm gone.txt", description="Remove")],
            [text("Done.")],
        ],
        "Then once more": [
            [use("Read", file_path=f"{here}/long.py")],
            [edit("long.py", "line 30\n", "thirty\n")],
            [text("Done again.")],
        ],
    })  # fmt: skip
    for name, words in FILES.items():
        (p.repository / name).write_bytes(words.encode())
    git(p, "add", "-A")
    git(p, "commit", "-qm", "Files")
    p.accrete("init", "--yes")
    session = p.say("Rework the files")
    git(p, "add", "-AN")
    first = {name: changed_lines(git(p, "diff", "HEAD", "--", name)) for name in [*FILES, "new.py"]}
    by_hand = (p.repository / "long.py").read_text()
    (p.repository / "long.py").write_text(f"# by hand\n{by_hand}")
    assert p.say("Then once more", "--resume", session) == session
    p.accrete("ingest")
    database = p.home / ".local" / "share" / "accrete" / "accrete.db"
    p.until(lambda: folded(p, session, database, prompt=2).files)  # a hook's ingest may be at work
    whole, one = folded(p, session, database), folded(p, session, database, prompt=1)
    assert p.repository == here
    for name, lines in first.items():
        assert ours(one, name) == lines, name
    assert one.commands == []  # the client wrote down what rm did
    assert [each.path for each in one.files if each.deleted] == [f"{here}/gone.txt"]
    last = changed_lines(git(p, "diff", "HEAD", "--", "long.py"))
    assert sorted([*ours(whole, "long.py"), "+# by hand"]) == last
    assert [edit.row.prompt for each in whole.files for edit in each.reverted] == [1]
