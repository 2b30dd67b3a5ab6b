"""Writes the cases to disk, and tells which files on disk are not what the builders make."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.corpus.kit import cases as cases
from tests.corpus.kit.case import CASES, expected_bytes, render
from tests.corpus.kit.client_newest import NEWEST
from tests.corpus.kit.client_older import OLDER

CLIENT_CASES = (*NEWEST, *OLDER)


def made(corpus: Path) -> dict[str, bytes]:
    """Every file the builders make, by path below the corpus folder. Of the client's cases they make expected.json
    alone: the transcripts are the client's own."""
    files = {f"{name}/{path}": data for name, each in CASES.items() for path, data in render(each).items()}
    for client in CLIENT_CASES:
        head = {"about": client.about, "pins": list(client.pins)}
        files[f"{client.name}/expected.json"] = expected_bytes(head, client.wanted)
    return files


def on_disk(corpus: Path) -> dict[str, bytes]:
    """Every file of every case folder, but of the client's cases expected.json alone."""
    client = {each.name for each in CLIENT_CASES}
    files = {}
    for path in sorted(corpus.glob("*/**/*")):
        name = path.relative_to(corpus).parts[0]
        if not path.is_file() or name in ("kit", "__pycache__") or (name in client and path.name != "expected.json"):
            continue
        files[path.relative_to(corpus).as_posix()] = path.read_bytes()
    return files


def stale(corpus: Path) -> list[str]:
    """The paths that are missing, superfluous or different, sorted."""
    wanted, found = made(corpus), on_disk(corpus)
    return sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))


def write(corpus: Path) -> None:
    """Makes the files on disk those of the builders; folders of cases that are no more are removed."""
    wanted = made(corpus)
    for path in stale(corpus):
        target = corpus / path
        if path not in wanted:
            target.unlink()
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wanted[path])
    for folder in sorted(corpus.glob("*/**/"), reverse=True):
        if "kit" not in folder.relative_to(corpus).parts and not any(folder.iterdir()):
            shutil.rmtree(folder)
