"""Installs the Claude Code client, and the MCP Inspector, for the end-to-end tests: `python -m
tools.claude_client VERSION`.

Prints the path of a program that starts it, nothing where it cannot be had; why stands on standard
error. It is kept in `.make/claude/VERSION` of the checkout.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

NEWEST, OLDER = "2.1.329", "2.0.55"
INSPECTOR = "0.15.0"
PLACE = Path(__file__).resolve().parents[1] / ".make" / "claude"
NATIVE = (2, 1, 113)
"""The version from which on the client is one native program."""


def client(version: str) -> Path | None:
    """The program of a version, installed where it is not there yet; None where that cannot be."""
    folder = PLACE / version
    program = folder / "claude"
    if program.exists():
        return program
    npm, node = shutil.which("npm"), shutil.which("node")
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine())
    if npm is None or node is None or machine is None:
        print("no npm and node on the path: the client cannot be installed", file=sys.stderr)
        return None
    native = tuple(int(part) for part in version.split(".")) >= NATIVE
    name = (
        f"@anthropic-ai/claude-code-{'darwin' if sys.platform == 'darwin' else 'linux'}-{machine}"
        if native
        else "@anthropic-ai/claude-code"
    )
    if not _npm(npm, folder, f"{name}@{version}"):
        return None
    inside = folder / "node_modules" / name / ("claude" if native else "cli.js")
    if not inside.exists():
        print(f"{name}@{version} has no {inside.name}", file=sys.stderr)
        return None
    program.write_text(
        f'#!/bin/sh\nexec "{inside}" "$@"\n'
        if native
        else f'#!/bin/sh\nexec "{node}" "{inside}" "$@"\n'
    )
    program.chmod(0o755)
    return program


def inspector() -> Path | None:
    """The MCP Inspector's command, installed where it is not there yet; None where that cannot
    be."""
    folder = PLACE.parent / "inspector"
    program = folder / "node_modules" / ".bin" / "mcp-inspector"
    npm = shutil.which("npm")
    if not program.exists() and (
        npm is None or not _npm(npm, folder, f"@modelcontextprotocol/inspector@{INSPECTOR}")
    ):
        return None
    return program


def npm_package(folder: Path, package: str) -> Path | None:
    """The folder in which a package of npm is installed; None where it cannot be."""
    name = package.rpartition("@")[0]
    npm = shutil.which("npm")
    there = (folder / "node_modules" / name).exists()
    return folder if there or (npm is not None and _npm(npm, folder, package)) else None


def _npm(npm: str, folder: Path, package: str) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"name": "client", "private": true}\n')
    words = [
        npm,
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        package,
    ]
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        print(f"npm could not install {package}: {done.stderr.strip()[-300:]}", file=sys.stderr)
    return not done.returncode


if __name__ == "__main__":
    for wanted in sys.argv[1:] or [NEWEST]:
        found = client(wanted)
        if found is not None:
            print(found)
