"""`accrete status`: whether capture works, and what to do where it does not."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from accrete_hooks import install

from accrete import __version__, spool
from accrete.commands import common
from accrete.commands.doctor import Finding, show_findings
from accrete.commands.init import settings_file, state_file
from accrete.errors import NoRecordError
from accrete.queries.capture import Capture, capture
from accrete.settings import Settings

RUNS = 7
SLOW_MS = 60
OLD_S = 300
"""Age of the oldest waiting event from which on nobody seems to read them."""


@click.command("status")
@common.json_option
@click.option("--watch", is_flag=True, help="Show the running session live; Ctrl-C ends it.")
def command(as_json: bool, watch: bool) -> None:
    """Whether capture works: hooks, events, latency, what waits, the MCP server, versions.

    Exit code 1 when something needs you.
    """
    settings = common.settings()
    if watch and as_json:
        raise click.UsageError("--watch shows; leave out --json.")
    if watch:
        from accrete.commands.watch import watch as follow

        follow(settings)
        return
    install.repair(settings.home)
    found = _captured(settings)
    findings = [
        *_hooks(settings),
        *_events(settings, found),
        _latency(settings),
        *_spool(settings),
        _server(settings),
        _versions(found),
    ]
    if as_json:
        common.print_json({"findings": [{"level": f.level, "text": f.text, "advice": f.advice, "details": f.details} for f in findings],
                           "events": common.rows_as_dicts(found.events) if found else [], "waiting": len(_waiting(settings))})  # fmt: skip
    else:
        show_findings(findings)
    if any(f.level == "bad" for f in findings):
        raise click.exceptions.Exit(1)


def _captured(settings: Settings) -> Capture | None:
    try:
        db = common.open_record(settings)
    except NoRecordError:
        return None
    try:
        return db.ask(capture(common.MINE))
    finally:
        db.close()


def _hooks(settings: Settings) -> list[Finding]:
    """In which settings the hooks stand, and whether they are as this version wants them."""
    places = [
        settings_file(settings, "user", None),
        *(root / "settings.json" for root in settings.roots[1:]),
        settings_file(settings, "project", None),
    ]
    found = []
    for path in dict.fromkeys(places):
        have = _ours(path)
        if not have:
            continue
        wanted = {event: install.handler(settings.home, event) for event in install.EVENTS}
        if have == wanted:
            found.append(Finding("ok", f"Hooks are in {path}: {', '.join(wanted)}."))
        else:
            found.append(
                Finding(
                    "warn", f"The hooks in {path} are those of another version or folder.", "Run `accrete init` again."
                )
            )
    local = [path.with_name(name) for path in places for name in ("settings.json", "settings.local.json")]
    for path in dict.fromkeys(local):
        if _value(path, "disableAllHooks") is True:
            found.append(
                Finding("bad", f"{path} has disableAllHooks: no hook runs.", "Take it out, or set it to false.")
            )
        elif path.exists() and _broken(path):
            found.append(
                Finding("bad", f"{path} is not valid JSON: Claude Code leaves it aside, hooks and all.", "Mend it.")
            )
    plugin = [
        str(root)
        for root in settings.roots
        if any(
            name.startswith("accrete@") and on
            for name, on in _object(_value(root / "settings.json", "enabledPlugins")).items()
        )
    ]
    if plugin:
        found.append(Finding("ok", f"The plugin is enabled in {', '.join(plugin)}."))
    if not any(finding.level in ("ok", "warn") for finding in found):
        said = "No hook is installed: sessions are read only when you run `accrete backfill`."
        return [*found, Finding("bad", said, "Run `accrete init`.")]
    missing = [str(path) for path in install.scripts(settings.home) if not path.exists()]
    if missing and not plugin:
        found.append(Finding("bad", "Files that the hooks run are gone.", "Run `accrete init` again.", missing))
    return found


def _ours(path: Path) -> dict[str, Any]:
    hooks = _value(path, "hooks")
    if not isinstance(hooks, dict):
        return {}
    return {
        event: hook for event, groups in hooks.items() for hook in install.handlers(groups) if install.is_ours(hook)
    }


def _broken(path: Path) -> bool:
    try:
        data = path.read_bytes()
        return bool(data.strip()) and not isinstance(json.loads(data), dict)
    except ValueError:
        return True
    except OSError:
        return False


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(path: Path, name: str) -> Any:
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return value.get(name) if isinstance(value, dict) else None


def _events(settings: Settings, found: Capture | None) -> list[Finding]:
    if found is None or not found.events:
        return [
            Finding(
                "note",
                "No event has come yet.",
                "Begin a session of Claude Code: running ones read their settings at the start.",
            )
        ]
    now = common.local_now(settings)
    lines = [
        f"{seen.event}: {common.plural(seen.times, 'time')}, last {now.moment(seen.last_at)}" for seen in found.events
    ]
    return [
        Finding("ok", f"Events came, the last {now.moment(max(seen.last_at for seen in found.events))}.", "", lines)
    ]


def _latency(settings: Settings) -> Finding:
    """How long the hook takes, measured now: it runs with an event of its own into a folder that is thrown away."""
    capture_file = settings.home / "bin" / "capture.py"
    if not capture_file.exists():
        return Finding("note", "Latency is not measured: the hook's files are not there.")
    import sys

    times = []
    with tempfile.TemporaryDirectory(prefix="accrete-") as folder:
        for _ in range(RUNS):
            began = time.perf_counter()
            subprocess.run([os.path.realpath(sys.executable), "-I", "-S", str(capture_file), "Notification", folder], input=b'{"session_id": "latency"}',
                           capture_output=True, check=False, timeout=30)  # fmt: skip
            times.append((time.perf_counter() - began) * 1000)
        wrote = len(list((Path(folder) / "spool").glob("*.hook")))
    middle = sorted(times)[RUNS // 2]
    if not wrote:
        return Finding(
            "bad",
            "The hook ran and wrote nothing.",
            "Is this folder ignored (.accrete-ignore), or ACCRETE_DISABLE set?",
        )
    return Finding(
        "warn" if middle > SLOW_MS else "ok",
        f"A hook takes {middle:.0f} ms (median of {RUNS}, slowest {max(times):.0f} ms).",
    )


def _waiting(settings: Settings) -> list[float]:
    """When each waiting event was written, s since the epoch."""
    try:
        return sorted(path.stat().st_mtime for path in settings.spool.glob("*.hook"))
    except OSError:
        return []


def _spool(settings: Settings) -> list[Finding]:
    waiting = _waiting(settings)
    findings = []
    if not waiting:
        findings.append(Finding("ok", "Nothing waits in the spool."))
    elif time.time() - waiting[0] > OLD_S:
        findings.append(Finding("bad", f"{common.plural(len(waiting), 'event')} wait since {common.span(int((time.time() - waiting[0]) * 1000))}.",
                                f"Run `accrete ingest`; what stopped it stands in {settings.home / 'ingest.log'}."))  # fmt: skip
    else:
        findings.append(Finding("note", f"{common.plural(len(waiting), 'event')} wait to be read."))
    lost = spool.dropped(settings)
    if lost is not None:
        when = common.local_now(settings).moment(lost[1])
        findings.append(Finding("warn", f"Hooks dropped {common.plural(lost[0], 'event')} because the spool was full, the last {when}.",
                                f"The transcripts hold what they say of a session. To stop this note: rm {settings.home / 'dropped'}"))  # fmt: skip
    aside = list((settings.spool / "unreadable").glob("*")) if settings.spool.exists() else []
    if aside:
        findings.append(
            Finding(
                "warn",
                f"{common.plural(len(aside), 'file')} in the spool could not be read.",
                f"They are kept in {settings.spool / 'unreadable'}.",
            )
        )
    if settings.spool.exists() and stat.S_IMODE(settings.spool.stat().st_mode) & 0o077:
        findings.append(
            Finding("warn", "Others on this machine can read the spool.", f"Run: chmod 700 {settings.spool}")
        )
    return findings


def _server(settings: Settings) -> Finding:
    path = state_file(settings, None)
    servers = _value(path, "mcpServers")
    ours = servers.get(install.PROGRAM) if isinstance(servers, dict) else None
    if ours is None:
        return Finding("warn", f"The MCP server is not registered in {path}: Claude cannot ask.", "Run `accrete init`.")
    if not isinstance(ours, dict) or ours != install.server(settings.home):
        return Finding(
            "warn", f"The MCP server in {path} starts another program.", "Run `accrete uninstall`, then `accrete init`."
        )
    return Finding("ok", f"The MCP server is registered in {path}.")


def _versions(found: Capture | None) -> Finding:
    client = f"; the last session was with Claude Code {found.client}" if found and found.client else ""
    return Finding("ok", f"Accrete {__version__}{client}.")
