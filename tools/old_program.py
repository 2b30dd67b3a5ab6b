"""Builds the program of an earlier commit, so that tests can see what it left behind.

    python -m tools.old_program ebad4df     # prints the folder that holds its packages

The wheel is built from the commit's own tree and unpacked under `.make/programs`; its dependencies
are those of the environment that runs it. Needs the repository's history.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PROGRAMS = HERE / ".make" / "programs"


def program(commit: str) -> Path:
    """The folder with the packages of a commit's wheel, built when it is not there yet.

    Raises CalledProcessError where the history does not hold the commit, or the wheel cannot be
    built.
    """
    folder = PROGRAMS / commit
    if folder.is_dir():
        return folder
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PROGRAMS) as name:
        work = Path(name)
        archive = work / "tree.tar"
        subprocess.run(["git", "archive", "-o", str(archive), commit], cwd=HERE, check=True)
        with tarfile.open(archive) as tar:
            tar.extractall(work / "tree", filter="data")
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--outdir", str(work), str(work / "tree")],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
            wheel.extractall(work / "packages")
        try:
            (work / "packages").rename(folder)
        except OSError:  # another test has built it meanwhile
            if not folder.is_dir():
                raise
    return folder


if __name__ == "__main__":
    print(program(sys.argv[1]))
