"""Pictures of the explorer's pages with the bundled sample, and of a team server's with an invented
company: all widths, light and dark.

python -m tools.screens                 # the whole grid, into .make/screens
python -m tools.screens --only team     # one of explorer, team
python -m tools.screens --readme        # the pictures of README.md alone
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from accrete.care.sample import sample_folder
from accrete.database.schema import latest_version
from accrete.present.leads import BEHIND
from tools.browser import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, FloatRect, Page

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = (360, 720, 1280, 1920, 2560)
RANGE = "range=all"
TOP: FloatRect = {"x": 0, "y": 0, "width": 1280, "height": 760}
PAGES = {
    "overview": f"/?{RANGE}",
    "sessions": f"/sessions?{RANGE}",
    "replay": "/sessions/{session}",
    "changes": "/sessions/{session}/changes",
    "facts": "/sessions/{session}/facts",
    "practices": f"/practices?{RANGE}",
    "practice": f"/practices/verification?{RANGE}",
    "costs": f"/costs?{RANGE}",
    "projects": f"/projects?{RANGE}",
    "project": "/projects/{project}?" + RANGE,
    "search": f"/search?{RANGE}&q=test",
    "data": "/data",
    "numbers": "/numbers",
    "settings": "/settings",
    "keys": "/keys",
    "missing": "/nothing",
}


LEAD, ADMIN, PASSWORD = "ines.kealoha@demo.example", "admin@demo.example", "look-around-12"
TEAM = {
    "week": "/week",
    "matrix": "/matrix",
    "matrix-cohorts": "/matrix?by=cohort&compare=before",
    "matrix-projects": "/matrix?by=project",
    "team-practice": "/matrix/planning",
    "cell": "{cell}",
    "profile": "{person}/",
    "seen-sessions": "{person}/sessions",
    "seen-session": "{session}",
    "seen-practices": "{person}/practices",
    "activity": "/activity",
    "figures": "/figures",
    "team-costs": "/costs",
    "catalog": "/catalog",
    "experiments": "/experiments",
    "experiment-new": "/experiments/new",
    "people": "/people",
    "search-people": "/search?q=test",
    "sharing": "/sharing",
    "my-overview": "/me/?range=all",
    "my-sessions": "/me/sessions?range=all",
    "notice": "/notice",
}
"""What a lead opens. {cell}, {person} and {session} are of the first person of the matrix who
shares sessions."""
ADMINS = {
    "admin": "/admin",
    "admin-people": "/admin/people",
    "admin-teams": "/admin/teams",
    "audit": "/admin/audit",
    "admin-activity": "/activity",
    "admin-costs": "/costs",
}
STATES = ("empty", "reading", "upgrading")
"""What a newcomer meets: no transcripts, a backfill that has not read all, a record of an older
program."""
OPEN = {"sign-in": "/sign-in", "signed-out": "/week"}


def _home(folder: str) -> dict[str, str]:
    """An environment in which programs find nothing of whoever calls them."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "ACCRETE_HOME": f"{folder}/accrete",
        "ACCRETE_TEAM_HOME": f"{folder}/team",
        "CLAUDE_CONFIG_DIR": f"{folder}/claude",
        "TZ": "UTC",
    }


def _into(state: str, folder: Path) -> None:
    """Brings a home with the bundled sample into one of STATES."""
    if state == "reading":
        for copy in range(BEHIND):
            for path in (sample_folder() / "projects").glob("*/*.jsonl"):
                there = folder / "claude" / "projects" / path.parent.name / f"{copy}-{path.name}"
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, there)
    elif state == "upgrading":
        with sqlite3.connect(folder / "accrete" / "accrete.db") as db:
            db.execute(f"PRAGMA user_version = {latest_version() - 1}")


@contextmanager
def served(state: str = "") -> Iterator[str]:
    """The explorer with the bundled sample in a home of its own, or in one of STATES; gives the
    address to open."""
    with tempfile.TemporaryDirectory() as folder:
        env = _home(folder)
        accrete = [sys.executable, "-m", "accrete"]
        if state != "empty":
            subprocess.run([*accrete, "backfill", "--or-sample", "--quiet"], env=env, check=True)
        _into(state, Path(folder))
        process = subprocess.Popen(
            [*accrete, "explore", "--port", "0", "--no-browser"],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        with _ending(process):
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://\S+", line):
                    yield found[0]
                    break
            else:
                raise SystemExit("The explorer did not start.")


@contextmanager
def team_served() -> Iterator[str]:
    """A team server with the invented company in a home of its own; gives the company's address."""
    with tempfile.TemporaryDirectory() as folder:
        env = _home(folder)
        team = [sys.executable, "-m", "accrete_team"]
        for command in (["demo", "demo", "--password", PASSWORD], ["release", "demo"]):
            subprocess.run([*team, *command], env=env, check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [*team, "serve", "--port", str(port), "--nightly", "off"],
            env=env,
            stderr=subprocess.DEVNULL,
        )
        with _ending(process):
            for _ in range(300):
                try:
                    urlopen(f"http://127.0.0.1:{port}/healthz").close()
                    break
                except URLError:
                    time.sleep(0.1)
            else:
                raise SystemExit("The team server did not start.")
            yield f"http://127.0.0.1:{port}/c/demo"


@contextmanager
def _ending(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)


def shoot_explorer(browser: Browser, folder: Path, *, readme: bool) -> None:
    """Writes the explorer's pictures."""
    with served() as opened:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(opened)
        home = opened.partition("/open")[0]
        page.wait_for_url(f"{home}/")
        if readme:
            _top(page, f"{home}/?{RANGE}", folder, "explorer")
            return
        named = {}
        for name, path in (("session", "/sessions"), ("project", "/projects")):
            page.goto(f"{home}{path}?{RANGE}")
            named[name] = _link(page, f"{path}/").rpartition("/")[2]
        _grid(page, home, {name: path.format(**named) for name, path in PAGES.items()}, folder)
    for state in STATES:
        with served(state) as opened:
            # Without scripts: a page that waits for the record asks for itself again.
            page = browser.new_page(java_script_enabled=False)
            page.goto(opened)
            home = opened.partition("/open")[0]
            for _ in range(2):  # how much is not read is known once the disk was looked at
                page.goto(f"{home}/?{RANGE}")
                page.wait_for_timeout(1000)
            _grid(page, home, {f"newcomer-{state}": f"/?{RANGE}"}, folder)
            page.close()


def shoot_team(browser: Browser, folder: Path, *, readme: bool) -> None:
    """Writes the team server's pictures."""
    with team_served() as home:
        lead = _signed_in(browser, home, LEAD).new_page()
        if readme:
            _top(lead, f"{home}/matrix", folder, "matrix")
            return
        named = _seen(lead, home)
        _grid(lead, home, {name: path.format(**named) for name, path in TEAM.items()}, folder)
        _grid(_signed_in(browser, home, ADMIN).new_page(), home, ADMINS, folder)
        _grid(browser.new_page(), home, OPEN, folder)


def _signed_in(browser: Browser, home: str, email: str) -> BrowserContext:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{home}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.close()
    return context


def _seen(page: Page, home: str) -> dict[str, str]:
    """Addresses below `home` of a person whose sessions have titles, or else of the last one."""
    page.goto(f"{home}/matrix")
    cells = page.eval_on_selector_all(
        'main a[href*="/matrix/planning/"]', "all => all.map(each => each.getAttribute('href'))"
    )
    found = {"cell": "/none", "person": "/none", "session": "/none"}
    for cell in cells:
        at = cell.partition("/c/demo")[2].partition("?")[0]
        person = f"/people/{at.rpartition('/')[2]}"
        page.goto(f"{home}{person}/sessions")
        session = _link(page, f"{person}/sessions/").partition("/c/demo")[2]
        if session:
            found = {"cell": at, "person": person, "session": session}
            page.goto(home + session)
            if page.query_selector("main .prompt"):
                return found
    return found


def _link(page: Page, part: str) -> str:
    """The first link of a page whose address has a part, without its query."""
    link = page.query_selector(f'main a[href*="{part}"]')
    return ((link.get_attribute("href") if link else None) or "").partition("?")[0]


def _top(page: Page, address: str, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.goto(address)
        page.screenshot(path=folder / f"{name}-{scheme}.png", clip=TOP)


def _grid(page: Page, home: str, paths: Mapping[str, str], folder: Path) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for name, path in paths.items():
            page.goto(home + path)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
                page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)


def main() -> None:
    """Writes the pictures and says where."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--readme", action="store_true", help="the pictures of README.md alone")
    parser.add_argument("--only", choices=("explorer", "team"), help="the pages of one of them")
    asked = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("No Chromium: run `make browser`, or set ACCRETE_CHROMIUM.")
    folder = ROOT / ("docs/screens" if asked.readme else ".make/screens")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        if asked.only != "team":
            shoot_explorer(browser, folder, readme=asked.readme)
        if asked.only != "explorer":
            shoot_team(browser, folder, readme=asked.readme)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
