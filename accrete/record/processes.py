"""Processes that read beside the writer: started, talked to by pipes, ended with either side."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from typing import IO

import accrete

_LENGTH = 8


def package_folder() -> str:
    """The folder that this program's packages are in."""
    return os.path.dirname(os.path.dirname(os.path.abspath(accrete.__file__)))


def start(module: str) -> subprocess.Popen[bytes]:
    """A process that runs `main` of a module of ours, with a pipe to it and one from it."""
    # -P: nothing is imported from the folder that the command was called in; the package is where
    # this one is.
    home = package_folder()
    code = f"import sys; sys.path.append({home!r}); from {module} import main; main()"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )


def stop(worker: subprocess.Popen[bytes]) -> None:
    """Closes the pipes of a process, which ends by that, and waits for its end."""
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
    worker.wait()


def send(pipe: IO[bytes], value: object) -> None:
    """Writes a value for the other side of a pipe. Raises BrokenPipeError when it is gone."""
    data = pickle.dumps(value, protocol=5)
    view = memoryview(len(data).to_bytes(_LENGTH, "little") + data)
    while view:
        view = view[os.write(pipe.fileno(), view) :]


def frame(pipe: IO[bytes]) -> bytes:
    """The next value as it was packed, b"" when the other side is gone."""
    head = _exactly(pipe, _LENGTH)
    return _exactly(pipe, int.from_bytes(head, "little")) if head else b""


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    """`size` bytes, or b"" when the pipe ends before."""
    data = bytearray(size)
    view, done = memoryview(data), 0
    while done < size:
        got = os.readv(pipe.fileno(), [view[done:]])
        if not got:
            return b""
        done += got
    return bytes(data)
