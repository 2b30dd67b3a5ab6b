"""Golden files: texts that are written down, compared by tests, and written anew on request."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def write(module: str, doc: str | None, folder: Path,
          made: Callable[[Path], Iterable[tuple[str, str]]]) -> None:  # fmt: skip
    """The command line of a module that writes files: makes each of them, by its name without the
    ending, in a folder that is removed after, and leaves no other in theirs."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=doc)
    parser.add_argument("--write", action="store_true", required=True, help="write every file")
    parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        texts = dict(made(Path(scratch)))
    for path in folder.glob("*.txt"):
        if path.stem not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    print(f"{len(texts)} files written")
