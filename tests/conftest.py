"""What tests share: a home of their own, and databases of both kinds."""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from accrete.database import Database, Postgres, Sqlite
from accrete.settings import Settings
from tests import ready
from tests.fuzz import TORTURE, settle_hypothesis

ROOT = Path(__file__).resolve().parents[1]

settle_hypothesis()
gc.disable()


def pytest_report_header() -> str | None:
    """How to repeat a torture."""
    return f"torture: ACCRETE_TORTURE={TORTURE} repeats its seeds" if TORTURE else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make quick` does not read files all of whose tests are slow or long: to import them and to
    lay out their cases takes as long as the tests that it runs. The mark has to be the first one,
    on the line of `pytestmark`."""
    if "not long" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text("utf-8")
    return True if re.search(r"(?m)^pytestmark = \[?pytest\.mark\.(slow|long)\b", text) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked `alike` is tried on PostgreSQL in a torture alone: other tests run the same
    statements there. What asks with values that engines take differently is not alike."""
    for item in items:
        given = getattr(item, "callspec", None)
        if given and "postgresql" in given.params.values() and item.get_closest_marker("alike"):
            item.add_marker(pytest.mark.torture)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests stay until the end: nothing is gained by looking for garbage
    among them, neither while they are laid out, which takes a third longer so, nor later."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def copied_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New databases are copies of one that was migrated."""
    with ready.copies(tmp_path_factory.mktemp("migrated")):
        yield


@pytest.fixture(autouse=True, scope="session")
def no_hurry() -> Iterator[None]:
    """Questions may take a minute: several processes run tests, and the machine may be busy. What
    becomes of a question that takes too long is tried with limits of its own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("accrete.database.serving.READ_S", 60.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def no_priority_is_lost() -> Iterator[None]:
    """An ingest that a test runs in its own process would make that process nice, and with it all
    tests that follow."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("accrete.ingest.background.NICENESS", 0)
        yield


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of new folders: ten thousand tests need not look for the next free one."""
    above = tmp_path_factory.mktemp("homes")
    return (above / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def no_real_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the person's own Claude Code or Accrete, nor an administrator's settings."""
    home = next(homes)
    home.mkdir(mode=0o700)
    _hide_home(monkeypatch, home)
    yield
    os.chdir(ROOT)  # an ingest that a test runs leaves for a folder that goes away with it
    shutil.rmtree(home, ignore_errors=True)


def _hide_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    from accrete.edge import client_settings  # not before a test runs: this file is read alone too

    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(home / "claude"))
    monkeypatch.setenv("ACCRETE_HOME", str(home / "accrete"))
    for name in (
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "COLUMNS",
        "NO_COLOR",
        "FORCE_COLOR",
        "LC_ALL",
        "LC_TIME",
        "LANG",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(client_settings, "MANAGED_FOLDER", home / "managed")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with an empty data folder and no config folders."""
    return Settings(home=tmp_path / "data", roots=(tmp_path / "claude",), zone="UTC")


@pytest.fixture(scope="module")
def shared_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings for a record that the tests of a module only read."""
    folder = tmp_path_factory.mktemp("shared")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _hide_home(monkeypatch, folder / "home")
        yield Settings(home=folder / "data", roots=(folder / "claude",), zone="UTC")


@pytest.fixture
def texts_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long texts are not compressed: what is looked for in the bytes of the record is seen
    there."""
    monkeypatch.setattr("accrete.database.sqlite.kept", lambda text: text)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on either engine."""
    made: Database = (
        Sqlite(tmp_path / "either.db")
        if request.param == "sqlite"
        else Postgres(request.getfixturevalue("postgres_url"))
    )
    made.migrate()
    yield made
    made.close()


@pytest.fixture(scope="session")
def stats() -> ModuleType:
    """`scipy.stats`. To import it takes as long as hundreds of tests, so only who asks pays."""
    return importlib.import_module("scipy.stats")


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The server that `make test` found. Without one the tests are skipped aloud, and fail under
    CI."""
    url = os.environ.get("ACCRETE_TEST_POSTGRES")
    if url:
        return url
    why = "no PostgreSQL: run through `make test`, or set ACCRETE_TEST_POSTGRES"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own with the tables of this program, and nothing in them."""
    with ready.server(postgres_server).database(migrated=True) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own without tables."""
    with ready.server(postgres_server).database(migrated=False) as url:
        yield url


@pytest.fixture(scope="module")
def shared_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database with tables for what the tests of a module only read."""
    with ready.server(postgres_server).database(migrated=True) as url:
        yield url
