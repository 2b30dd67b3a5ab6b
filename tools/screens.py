"""Pictures of the explorer's pages with the bundled sample: all widths, light and dark.

python -m tools.screens                 # the whole grid, into .make/screens
python -m tools.screens --readme        # the two pictures of README.md alone
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.browser import CHROMIUM

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = (360, 720, 1280, 1920, 2560)
RANGE = "range=all"
TOP = {"x": 0, "y": 0, "width": 1280, "height": 760}
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


@contextmanager
def served() -> Iterator[str]:
    """The explorer with the bundled sample in a home of its own; gives the address to open."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "ACCRETE_HOME": f"{home}/accrete",
            "CLAUDE_CONFIG_DIR": f"{home}/claude",
            "TZ": "UTC",
        }
        accrete = [sys.executable, "-m", "accrete"]
        subprocess.run([*accrete, "backfill", "--or-sample", "--quiet"], env=env, check=True)
        process = subprocess.Popen(
            [*accrete, "explore", "--port", "0", "--no-browser"],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://\S+", line):
                    yield found[0]
                    break
            else:
                raise SystemExit("The explorer did not start.")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(15)


def shoot(folder: Path, *, readme: bool) -> None:
    """Writes the pictures."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with served() as opened, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(opened)
        home = opened.partition("/open")[0]
        page.wait_for_url(f"{home}/")
        named = {}
        for name, path in (("session", "/sessions"), ("project", "/projects")):
            page.goto(f"{home}{path}?{RANGE}")
            link = page.query_selector(f'main a[href*="{path}/"]')
            found = link.get_attribute("href") if link else None
            named[name] = (found or "/none").partition("?")[0].rpartition("/")[2]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            if readme:
                page.goto(f"{home}/?{RANGE}")
                page.screenshot(path=folder / f"explorer-{scheme}.png", clip=TOP)
                continue
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                for name, path in PAGES.items():
                    page.goto(home + path.format(**named))
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        browser.close()


def main() -> None:
    """Writes the pictures and says where."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readme", action="store_true", help="the pictures of README.md alone")
    readme = parser.parse_args().readme
    if CHROMIUM is None:
        raise SystemExit("No Chromium: run `make browser`, or set ACCRETE_CHROMIUM.")
    folder = ROOT / ("docs/screens" if readme else ".make/screens")
    shoot(folder, readme=readme)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
