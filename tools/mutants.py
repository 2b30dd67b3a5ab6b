"""Whether tests bite: `python -m tools.mutants [ROOM …] [-n 8] [--seed 1]`.

Changes one thing of a room at a time in a copy of the repository, runs the tests there that execute
it, and tells which changes no test noticed: by room how many of a seeded sample, and each with
file, line and change. What is changed and what is not: tools/mutation.py. `--only FILE[:LINE]`
tries what that file or line allows. Uses one core; the work tree is only read. Without
ACCRETE_TEST_POSTGRES tests run on SQLite alone, and what is for PostgreSQL by its name is left out.
Rooms name folders of tests, and those that share some are quickest together: which test executes
which line is measured once, and only in the modules that are changed; then each change is tried in
a fork (tools/forked_runs.py).

Our own and small: much of what we promise is in SQL and in tables of rules. mutmut 3 changes only
code within functions, and neither it nor cosmic-ray changes what SQL means.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from coverage import CoverageData

from tools.forked_runs import Runs
from tools.mutation import Change, changes

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("", "hooks", "mcp_server", "team_server")
"""Folders that hold packages."""
NOT_RUN = "not torture and not upgrade and not slow and not loads"
FEW = 500
"""No command line is endless."""
CASES = 3
"""Of one test with many cases, so many before other tests."""
SECONDS = 60.0
"""How long tests are run with a change, those first that have noticed others."""
LONGER = 4
"""How many times as long as without a change a run may take: a change can make a loop endless."""
START_S = 60
"""What a run may take besides: to begin, and what several files of tests share."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is changed, and the tests that have to notice, the quick ones first. within: the modules
    and folders of the code that are meant, where not all are. without: those that are not: modules
    of another room, and modules that only draw, where a change moves a mark and breaks no
    promise."""

    name: str
    code: str
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    def holds(self, file: str) -> bool:
        """Whether a module (relative to the repository) is of the room."""
        return file.startswith(self.within or self.code) and not file.startswith(self.without)


CORPUS = "tests/test_conformance.py"
TEAM = "team_server/accrete_team"
ACCESS = tuple(
    f"{TEAM}/{name}.py"
    for name in ("access", "benchmarks", "devices", "held", "looks", "oidc", "opened", "people",
                 "release_rules", "signin", "tenants", "tokens")
)  # fmt: skip
"""Who is who on the team server, and who sees what."""
ROOMS = (
    Room("practices", "accrete/practices", ("tests/practices", "tests/derive", "tests/ranges")),
    Room("queries", "accrete/queries",
         ("tests/queries", "tests/derive", "tests/insight", "tests/commands", "tests/explorer",
          "tests/ranges", "tests/mcp/test_answers.py", "tests/team/test_amounts.py", CORPUS)),
    Room("insight", "accrete/insight",
         ("tests/insight", "tests/present", "tests/commands", "tests/mcp/test_answers.py",
          "tests/team/test_compared.py", "tests/team/test_amounts.py", "tests/explorer")),
    Room("pricing", "accrete/pricing", ("tests/pricing", "tests/queries", CORPUS)),
    Room("derive", "accrete/derive",
         ("tests/derive", CORPUS, "tests/practices", "tests/projects", "tests/ranges",
          "tests/queries", "tests/outcomes", "tests/pricing", "tests/care")),
    Room("outcomes", "accrete/outcomes", ("tests/outcomes", "tests/practices", CORPUS)),
    Room("record", "accrete/record",
         ("tests/record", "tests/hooks", "tests/ingest", "tests/care", "tests/outcomes",
          "tests/projects", "tests/sync", "tests/test_pull_states.py", CORPUS)),
    Room("wire", "accrete/wire", ("tests/wire", "tests/team")),
    Room("sync", "accrete/sync", ("tests/sync", "tests/team")),
    Room("database", "accrete/database", ("tests/database", "tests/queries")),
    Room("access", TEAM, ("tests/team",), within=ACCESS),
    Room("pages", TEAM, ("tests/team",), within=(f"{TEAM}/pages/",)),
    Room("team", TEAM, ("tests/team",), without=(*ACCESS, f"{TEAM}/pages/", f"{TEAM}/demo/")),
    Room("demo", f"{TEAM}/demo", ("tests/team/test_demo.py", "tests/team/test_counted.py")),
    Room("explorer", "accrete/explorer", ("tests/explorer",),
         without=("accrete/explorer/charts.py", "accrete/explorer/strip.py")),
    Room("care", "accrete/care",
         ("tests/care", "tests/commands", "tests/explorer", "tests/database")),
    Room("ingest", "accrete/ingest",
         ("tests/ingest", "tests/hooks", "tests/record", "tests/outcomes", "tests/derive",
          "tests/test_pull_states.py")),
    Room("transcript", "accrete/transcript",
         ("tests/transcript", "tests/ingest", "tests/derive", CORPUS)),
    Room("redaction", "accrete/redaction", ("tests/redaction", "tests/wire")),
    Room("projects", "accrete/projects",
         ("tests/projects", "tests/commands", "tests/explorer", CORPUS)),
    Room("present", "accrete/present", ("tests/present", "tests/insight", "tests/commands",
                                        "tests/explorer")),
    Room("clock", "accrete/clock", ("tests/ranges", "tests/commands", "tests/explorer")),
    Room("text", "accrete/text",
         ("tests/text", "tests/derive", "tests/present", "tests/queries", "tests/care",
          "tests/commands")),
    Room("model", "accrete/model",
         ("tests/database", "tests/record", "tests/wire", "tests/hooks", "tests/team")),
    Room("edge", "accrete/edge", ("tests/edge", "tests/hooks", "tests/ingest", "tests/commands")),
    Room("commands", "accrete/commands",
         ("tests/commands", "tests/care", "tests/sync", "tests/hooks")),
    Room("hooks", "hooks/accrete_hooks", ("tests/hooks",)),
    Room("mcp", "mcp_server/accrete_mcp", ("tests/mcp",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a file (relative to the repository)."""

    file: str
    change: Change

    def __str__(self) -> str:
        before, after = (" ".join(each.split()) for each in (self.change.before, self.change.after))
        return f"{self.file}:{self.change.line}: {before[:70]} -> {after[:70]}"


class UnfitError(Exception):
    """Tests that cannot tell what a change does: they fail without one."""


class Copy:
    """A copy of the repository, in which one file at a time is changed and tests run."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = folder / "repository"
        self._folder = folder
        self._executed: dict[str, tuple[float, CoverageData]] = {}
        self._seconds: dict[str, float] = {}
        self._noticed: dict[tuple[str, str], int] = defaultdict(int)
        self._fit: set[str] = set()
        self._unfit: set[str] = set()
        self._forks: Runs | None = None
        for name in _listed(root):
            if (root / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.root / name)
        self._env = {
            name: value
            for name, value in os.environ.items()
            if name not in ("CI", "ACCRETE_TORTURE", "ACCRETE_HOME", "CLAUDE_CONFIG_DIR")
        } | {
            "HOME": str(folder / "home"),
            "PYTHONPATH": os.pathsep.join(str(self.root / each) for each in SOURCES),
            "TMPDIR": str(folder / "tmp"),
        }
        for each in ("home", "tmp"):
            (folder / each).mkdir()
        self._check()

    def _check(self) -> None:
        """Makes sure that it is the copy that runs."""
        code = "import accrete, accrete_team; print(accrete.__file__); print(accrete_team.__file__)"
        done = subprocess.run(
            [sys.executable, "-c", code], env=self._env, cwd=self.root, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        for line in done.stdout.splitlines():
            if not Path(line).is_relative_to(self.root):
                raise SystemExit(f"The tests would run {line}, which is not in the copy.")

    def run(self, tests: tuple[str, ...], limit_s: float | None, **env: str) -> int | None:
        """The exit code of pytest; None if it took longer than the limit."""
        said = (self._folder / "said").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-x", "-q", "-m", NOT_RUN, "-p", "no:cacheprovider",
             "-p", "no:xdist", f"--basetemp={self._folder / 'tmp' / 'tests'}", *tests],
            env=self._env | env, cwd=self.root, start_new_session=True,
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return None
        finally:
            said.close()
            _end(process)

    @property
    def _runs(self) -> Runs:
        """What runs tests in forks, begun when it is needed first."""
        if self._forks is None:
            tests = [*self._executed]
            place = self._folder / "tmp" / "forks"
            env = self._env | {"PYTHONDONTWRITEBYTECODE": "1"}
            self._forks = Runs(self.root, env, place, ["-m", NOT_RUN, *tests])
        return self._forks

    def end(self) -> None:
        """Ends what runs tests."""
        if self._forks is not None:
            self._forks.end()
            self._forks = None

    def whole(self, tests: tuple[str, ...], code: tuple[str, ...]) -> float:
        """How many seconds the tests take without a change; remembers which of them executes which
        line of the code, modules or folders. What several rooms name is run once, so the code is
        what is changed in any of them. Raises UnfitError where they fail."""
        for place in tests:
            if place not in self._executed:
                self._measure(place, code)
        return sum(self._executed[place][0] for place in tests)

    def _measure(self, place: str, code: tuple[str, ...]) -> None:
        began = time.monotonic()
        config = self._folder / "coverage.ini"
        measured = self._folder / f"measured-{len(self._executed)}"
        report = self._folder / "took.xml"
        places = (self.root / each for each in code)
        sources = "".join(f"\n  {each if each.suffix else each / '*'}" for each in places)
        config.write_text(f"[run]\ninclude = {sources}\nparallel = true\npatch = subprocess\n")
        measure = (
            "--cov", f"--cov-config={config}", "--cov-context=test", "--cov-report=",
            f"--junitxml={report}",
        )  # fmt: skip
        if self.run((*measure, place), None, COVERAGE_FILE=str(measured)) != 0:
            said = (self._folder / "said").read_text(errors="replace")
            raise UnfitError(f"{said[-3000:]}\n{place} fails without a change: mend it first.")
        found = CoverageData(str(measured))
        found.read()
        self._executed[place] = (time.monotonic() - began, found)
        for case in ElementTree.parse(report).iter("testcase"):
            file = case.get("classname", "").replace(".", "/") + ".py"
            self._seconds[f"{file}::{case.get('name')}"] = float(case.get("time", 0))

    def _by(self, mutant: Mutant, tests: tuple[str, ...]) -> tuple[set[str], set[str]]:
        """The tests that execute the statement of a change, and those that execute anything of its
        module; "" is none of a test."""
        file = str(self.root / mutant.file)
        lines = range(mutant.change.begins, mutant.change.line + 1)
        of_line: set[str] = set()
        of_module: set[str] = set()
        for place in tests:
            for line, contexts in self._executed[place][1].contexts_by_lineno(file).items():
                named = {context.rpartition("|")[0] for context in contexts}
                of_module |= named
                if line in lines:
                    of_line |= named
        return of_line, of_module

    def _of(self, room: Room) -> set[str]:
        """The tests of a room."""
        return {test for test in self._seconds if test.startswith(room.tests)}

    def _ordered(self, found: set[str], room: Room) -> list[str]:
        """Those first that will tell: what noticed changes of the room before, then files in the
        order of the room, quick tests before slow ones; of many cases of one test a few, and the
        others after all."""
        few, others = [], []
        cases: dict[str, int] = defaultdict(int)
        for test in sorted(found - {""}, key=lambda each: (self._seconds.get(each, 0.0), each)):
            name = test.partition("[")[0]
            cases[name] += 1
            (few if cases[name] <= CASES else others).append(test)

        def key(test: str) -> tuple[int, int, str]:
            file = test.partition("::")[0]
            return -self._noticed[room.name, file], _place(room.tests, file), file

        return [*sorted(few, key=key), *sorted(others, key=key)]

    def notices(self, mutant: Mutant, room: Room, seconds: float) -> bool:
        """Whether a test fails, or never ends, with the change: those that execute its statement,
        in forks of one process. What is executed while a module is loaded is tried in processes of
        their own after that, with the tests that execute anything of the module. seconds: how long
        tests are run, each time. No bytecode is taken for that of the changed file, and none is
        kept."""
        of_line, of_module = self._by(mutant, room.tests)
        loaded = not mutant.change.inside or of_line <= {""}
        first = of_module if loaded else of_line
        tests = self._ordered(first, room)
        if loaded or "" in of_line:  # a test may start a process that executes it
            tests += self._ordered(self._of(room) - first, room)
        limit = LONGER * seconds + START_S
        runs = self._runs  # begun while nothing is changed: it keeps what it loads
        file = self.root / mutant.file
        source = file.read_bytes()
        changed = mutant.change.applied(source)
        while True:
            tests = [test for test in tests if test not in self._unfit]
            with self._changed(file, changed):
                done = runs.run(file, (source, changed), tests, seconds, limit)
            if done.failed is None:
                break
            if done.failed not in tests:  # it came to no end: so it may without the change
                return runs.run(file, (source, source), tests, seconds, limit).failed is None
            if self._passes(done.failed, file, source):
                self._noticed[room.name, done.failed.partition("::")[0]] += 1
                return True
            self._unfit.add(done.failed)
        if done.exchanged and "" not in of_line:
            return False
        some = self._within(tests, seconds)
        with self._changed(file, changed):
            env = {"PYTHONDONTWRITEBYTECODE": "1"}
            return bool(some) and self.run(some, limit, **env) != 0

    def _passes(self, test: str, file: Path, source: bytes) -> bool:
        """Whether a test passes in a fork without a change; each is tried once."""
        if test not in self._fit:
            limit = LONGER * SECONDS
            done = self._runs.run(file, (source, source), [test], SECONDS, limit)
            if done.failed is not None:
                return False
            self._fit.add(test)
        return True

    def _within(self, tests: list[str], seconds: float) -> tuple[str, ...]:
        """The first of the tests, as many as take so long."""
        some: list[str] = []
        for test in tests[:FEW]:
            seconds -= self._seconds.get(test, 0.0)
            if seconds < 0:
                break
            some.append(test)
        return tuple(some)

    @contextlib.contextmanager
    def _changed(self, file: Path, source: bytes) -> Iterator[None]:
        """A file has another source as long as this goes on, and is newer, so that no bytecode is
        taken for it."""
        held, was = file.read_bytes(), file.stat()
        try:
            file.write_bytes(source)
            os.utime(file, (was.st_atime, was.st_mtime + 2))
            yield
        finally:
            file.write_bytes(held)
            os.utime(file, (was.st_atime, was.st_mtime))


def _place(tests: tuple[str, ...], name: str) -> int:
    """Where a test stands in the order of its room."""
    return next((at for at, each in enumerate(tests) if name.startswith(each)), len(tests))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and what it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _listed(root: Path) -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in done.stdout.split("\0") if name]


def mutants_of(
    place: str, root: Path = ROOT, of: Callable[[str], bool] = lambda _: True
) -> Iterator[Mutant]:
    """Every change of the modules of a folder, of a file, or of its line (`FILE:LINE`). of: which
    modules (relative to the root)."""
    path, _, line = place.partition(":")
    files = [root / path] if path.endswith(".py") else sorted((root / path).rglob("*.py"))
    for file in files:
        name = file.relative_to(root).as_posix()
        for change in changes(file.read_bytes()) if of(name) else ():
            if not line or change.line == int(line):
                yield Mutant(name, change)


def sample(found: list[Mutant], n: int, seed: int) -> list[Mutant]:
    """At most n of them, on different lines, the same for the same code and seed."""
    mixed = random.Random(seed).sample(found, len(found))
    lines: dict[tuple[str, int], Mutant] = {}
    for each in mixed:
        lines.setdefault((each.file, each.change.line), each)
    return list(lines.values())[:n]


def _possible(room: Room, place: str) -> Iterator[Mutant]:
    """Every change of a room in a place that tests can notice here."""
    found = mutants_of(place, of=room.holds)
    if "ACCRETE_TEST_POSTGRES" in os.environ:
        return found
    return (each for each in found if each.change.line not in _for_postgres(ROOT / each.file))


@cache
def _for_postgres(file: Path) -> Set[int]:
    """The lines that run on PostgreSQL alone, by the names of what they are in."""
    text = file.read_text("utf-8")
    if "postgres" in file.name:
        return set(range(1, text.count("\n") + 2))
    return {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and "postgres" in node.name.lower()
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _tried(copy: Copy, room: Room, some: list[Mutant], seconds: float) -> list[Mutant]:
    """Those that no test noticed."""
    lived = []
    for number, each in enumerate(some, 1):
        noticed = copy.notices(each, room, seconds)
        said = "noticed " if noticed else "SURVIVED"
        print(f"{room.name} {number}/{len(some)} {said} {each}", flush=True)
        if not noticed:
            lived.append(each)
    return lived


def main() -> int:
    """Prints what survived and the shares by room; exit code 0 whatever they are, 1 where tests of
    a room fail without a change."""
    names = [room.name for room in ROOMS]
    asked = argparse.ArgumentParser(prog="python -m tools.mutants")
    asked.add_argument("rooms", nargs="*", metavar="ROOM", help=f"of {', '.join(names)}; else all")
    asked.add_argument("-n", type=int, default=8, help="changes of each room (8)")
    asked.add_argument("--seed", type=int, default=1, help="which of them (1)")
    asked.add_argument("--only", default="", metavar="FILE[:LINE]", help="of this file or line")
    asked.add_argument("--seconds", type=float, default=SECONDS, help="of tests, at most (60)")
    given = asked.parse_args()
    unknown = sorted(set(given.rooms) - set(names))
    if unknown:
        asked.error(f"no room {', '.join(unknown)}; there are {', '.join(names)}")
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
    rooms = [ROOMS[names.index(name)] for name in given.rooms or names]
    picked = {}
    for room in rooms:
        found = list(_possible(room, given.only or room.code))
        picked[room.name] = (found, sample(found, given.n, given.seed))
    code = tuple(sorted({each.file for _, some in picked.values() for each in some}))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends what runs, removes the copy
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    table, survivors, unfit = [], [], 0
    with tempfile.TemporaryDirectory(prefix="accrete-mutants-", dir=memory) as folder:
        copy = Copy(ROOT, Path(folder))
        fit = []
        for room in rooms:
            if not picked[room.name][1]:
                continue
            try:
                took = copy.whole(room.tests, code)
            except UnfitError as error:
                print(f"{room.name}: {error}", flush=True)
                unfit = 1
                continue
            print(f"{room.name}: its tests take {took:.0f} s without a change", flush=True)
            fit.append(room)
        try:
            for room in fit:
                found, some = picked[room.name]
                lived = _tried(copy, room, some, given.seconds)
                table.append((room.name, len(found), len(some), len(lived)))
                survivors += lived
        finally:
            copy.end()
    print(f"\n{'room':<12}{'possible':>9}{'tried':>7}{'survived':>10}")
    for name, possible, tried, lived_on in table:
        print(f"{name:<12}{possible:>9}{tried:>7}{lived_on:>10}  {lived_on / tried:.0%}")
    tried, lived_on = (sum(row[at] for row in table) for at in (2, 3))
    print(f"{'all':<12}{sum(row[1] for row in table):>9}{tried:>7}{lived_on:>10}"
          f"  {lived_on / max(tried, 1):.0%}")  # fmt: skip
    if survivors:
        print("\nNo test noticed:", *(f"  {each}" for each in survivors), sep="\n")
    return unfit


if __name__ == "__main__":
    sys.exit(main())
