"""What the end-to-end tests share: the client, or a word on why there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.api import Api, Turn
from tests.e2e.client import Place
from tools.browser import AXE, CHROMIUM
from tools.claude_client import NEWEST, client


def installed(version: str) -> str:
    """The client of a version. Without npm the tests are skipped aloud, and fail under CI."""
    found = client(version)
    if found is None:
        why = f"Claude Code {version} cannot be installed: no npm, or no package registry"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return str(found)


Making = Callable[..., Place]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Making]:
    """Makes a closed-in home with the client and a scripted API: `place(scripts, version)`."""
    apis = []

    def make(scripts: dict[str, list[Turn]], version: str = NEWEST) -> Place:
        api = Api(scripts)
        apis.append(api)
        made = Place(tmp_path, installed(version), api.url, Path(sys.executable).parent)
        made.api = api
        return made

    yield make
    for api in apis:
        api.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """The browser of this machine; under CI it has to be there."""
    if not (CHROMIUM and AXE):
        why = "no Chromium or no axe-core: run through `make test`, which installs them"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    sync_api = pytest.importorskip("playwright.sync_api")
    sync_api.expect.set_options(timeout=60_000)  # where it never comes; five seconds are soon over
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
