"""Runs of some tests with one change of a module, each in a fork of a process that has collected
them: to begin pytest and to import everything takes longer than most of these runs.

As a plugin of pytest this module takes orders from the process that made it, lines of JSON, and
answers with lines of JSON. In the fork the functions of the changed module get the code of the
changed source. What a module makes while it is loaded is not made again, so a change outside of
functions is seen by the processes that tests start, and by nothing else.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

ORDERS, ANSWERS, FOLDER = "ACCRETE_RUNS_ORDERS", "ACCRETE_RUNS_ANSWERS", "ACCRETE_RUNS_FOLDER"
"""Variables of the plugin: the numbers of its open files, and a folder for the files of tests."""
MARK = "ACCRETE_RUN"
"""The variable by which what a run started is known, to be ended with it."""


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a run. failed: the test that failed, or how the run ended without one, None
    where all that were run passed; ran: how many were run in the time that there was; exchanged:
    how many functions had another code."""

    failed: str | None
    ran: int
    exchanged: int


class Runs:
    """A process that has collected tests and runs some of them again and again."""

    def __init__(
        self, root: Path, env: Mapping[str, str], folder: Path, arguments: Sequence[str]
    ) -> None:
        """root: where pytest is started with the arguments. folder: for what tests write. Raises
        RuntimeError with what pytest says where it does not get to run."""
        folder.mkdir()
        taken, orders = os.pipe()
        answers, given = os.pipe()
        said = folder / "said"
        with said.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-q", "-p", "tools.forked_runs",
                 "-p", "no:cacheprovider", "-p", "no:xdist", *arguments],
                env={**env, ORDERS: str(taken), ANSWERS: str(given), FOLDER: str(folder)},
                cwd=root, pass_fds=(taken, given), start_new_session=True,
                stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        os.close(taken)
        os.close(given)
        self._orders, self._answers = os.fdopen(orders, "w"), os.fdopen(answers)
        first = self._answers.readline()
        if not first:
            self.end()
            raise RuntimeError(said.read_text(errors="replace")[-3000:])
        self.tests = frozenset(json.loads(first))

    def run(
        self,
        file: Path,
        change: tuple[bytes, bytes],
        tests: Sequence[str],
        seconds: float,
        limit: float,
    ) -> Run:
        """Runs tests, by their ids, with a change of a module until one fails. `file` has the
        changed source already. change: the source before and after. seconds: after so many no other
        test begins; limit: after so many a test that is at work has failed."""
        order = {
            "file": str(file), "before": change[0].decode(), "after": change[1].decode(),
            "tests": [test for test in tests if test in self.tests], "seconds": seconds,
            "limit": limit,
        }  # fmt: skip
        print(json.dumps(order), file=self._orders, flush=True)
        return Run(**json.loads(self._answers.readline()))

    def end(self) -> None:
        """Ends the process, and the run that it is at: both are of one group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._orders.close()
        self._answers.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Takes orders instead of running what was collected."""
    items = {item.nodeid: item for item in session.items}
    functions: dict[str, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            functions[each.__code__.co_filename].append(each)
    gc.freeze()  # a fork that collects garbage would copy all of it
    with os.fdopen(int(os.environ[ORDERS])) as orders, \
         os.fdopen(int(os.environ[ANSWERS]), "w") as answers:  # fmt: skip
        print(json.dumps(list(items)), file=answers, flush=True)
        for line in orders:
            order = json.loads(line)
            done = _forked(order, items, functions[order["file"]])
            print(json.dumps(asdict(done)), file=answers, flush=True)
    return True


def _forked(
    order: dict[str, Any], items: Mapping[str, pytest.Item], functions: list[FunctionType]
) -> Run:
    mark = str(time.monotonic_ns())
    folder = Path(os.environ[FOLDER], mark)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            os.environ[MARK] = mark
            done = _run(order, items, functions, folder)
            os.write(write, json.dumps(asdict(done)).encode())
        except BaseException as error:
            os.write(write, json.dumps(asdict(Run(repr(error)[:500], 0, 0))).encode())
        finally:
            os._exit(0)
    os.close(write)
    try:
        said = _said(read, time.monotonic() + order["limit"])
    finally:
        os.close(read)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _end_all(mark)
        shutil.rmtree(folder, ignore_errors=True)
    if said is None:
        return Run("a test does not end", 0, 0)
    return Run(**json.loads(said)) if said else Run("the process ended", 0, 0)


def _said(read: int, until: float) -> bytes | None:
    """What a fork writes before it closes its end; None where it is still at work by then."""
    said = b""
    while (left := until - time.monotonic()) > 0:
        if not select.select([read], [], [], left)[0]:
            return None
        part = os.read(read, 1 << 16)
        said += part
        if not part or said.endswith(b"}"):
            return said
    return None


def _end_all(mark: str) -> None:
    """Ends what a run started and left, where processes can be looked at."""
    wanted = f"{MARK}={mark}".encode()
    for each in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if wanted in each.read_bytes().split(b"\0"):
                os.kill(int(each.parent.name), signal.SIGKILL)


def _run(
    order: dict[str, Any],
    items: Mapping[str, pytest.Item],
    functions: list[FunctionType],
    folder: Path,
) -> Run:
    """In the fork: runs the tests."""
    from _pytest.runner import runtestprotocol

    exchanged = _exchange(order, functions)
    some = [items[test] for test in order["tests"]]
    if not some:
        return Run(None, 0, exchanged)
    folder.mkdir()
    some[0].config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
    until = time.monotonic() + order["seconds"]
    ran = 0
    for item, following in zip(some, [*some[1:], None], strict=True):
        if time.monotonic() > until:
            break
        reports = runtestprotocol(item, log=False, nextitem=following)
        ran += 1
        if any(report.failed for report in reports):
            return Run(item.nodeid, ran, exchanged)
    return Run(None, ran, exchanged)


def _exchange(order: dict[str, Any], functions: list[FunctionType]) -> int:
    """Gives functions the code of the changed source; how many have it."""
    before, after = (
        compile(order[each], order["file"], "exec", dont_inherit=True)
        for each in ("before", "after")
    )
    codes = dict(_pairs(before, after))
    exchanged = 0
    for each in functions:
        code = codes.get(each.__code__)
        if code is not None and code != each.__code__:
            with contextlib.suppress(ValueError):  # it needs other names from around it
                each.__code__ = code
                exchanged += 1
    return exchanged


def _pairs(before: CodeType, after: CodeType) -> list[tuple[CodeType, CodeType]]:
    """The code of every function in two sources, one of which has one change: in their order, but
    for those that a statement left out took with it."""
    pairs = [(before, after)]
    left = [each for each in after.co_consts if isinstance(each, CodeType)]
    for each in before.co_consts:
        if isinstance(each, CodeType):
            at = next((n for n, it in enumerate(left) if it.co_qualname == each.co_qualname), None)
            if at is not None:
                pairs += _pairs(each, left.pop(at))
    return pairs
