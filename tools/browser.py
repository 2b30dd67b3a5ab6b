"""Finds a Chromium and axe-core for the tests of pages, and installs them where it can."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

AXE_VERSION = "4.14.1"
FOLDER = Path(__file__).resolve().parents[1] / ".make" / "browser"
PACKAGES = ("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji")


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    given = os.environ.get("ACCRETE_CHROMIUM")
    return given or next((found for name in names if (found := shutil.which(name))), None)


def _axe() -> Path | None:
    path = FOLDER / f"axe-core-{AXE_VERSION}.js"
    return path if path.exists() else None


CHROMIUM = _chromium()
AXE = _axe()


def install() -> None:
    """Installs what is missing, as far as this user may; says aloud what could not be."""
    if _chromium() is None:
        _say(_apt(), "Chromium", "install Debian's package chromium, or set ACCRETE_CHROMIUM")
    if _axe() is None:
        _say(_npm(), "axe-core", "install npm")


def _apt() -> bool:
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-q"],
        ["install", "-q", "-y", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(["apt-get", *command], env=env, capture_output=True, check=False)
        if done.returncode:
            print(done.stderr.decode(errors="replace")[-2000:], file=sys.stderr)
            return False
    return _chromium() is not None


def _npm() -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "pack", f"axe-core@{AXE_VERSION}", "--silent"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return False
    packed = FOLDER / done.stdout.split()[-1]
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/axe.min.js")
        if member is None:
            return False
        text = member.read()
    (FOLDER / f"axe-core-{AXE_VERSION}.js").write_bytes(text)
    packed.unlink()
    return True


def _say(done: bool, what: str, how: str) -> None:
    said = "installed" if done else f"missing; tests in a browser are skipped: {how}"
    print(f"{what}: {said}.", file=sys.stderr)


if __name__ == "__main__":
    install()
