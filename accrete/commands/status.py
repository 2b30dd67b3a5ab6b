"""`accrete status`: whether capture works, and what to do if it does not."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import click
from accrete_hooks import install

from accrete import __version__
from accrete.commands import common, hooks_found, silence
from accrete.commands.client_settings import Layer, read_layer, stack
from accrete.commands.findings import Finding, as_json_value, show_findings
from accrete.commands.init import state_file
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
        *hooks_found.hook_findings(settings, found.folders if found else ()),
        *_events(settings, found),
        _latency(settings),
        *_spool(settings),
        *silence.lost(settings),
        *silence.silent(settings, found),
        *_servers(settings),
        _versions(found),
    ]
    if as_json:
        events = common.rows_as_dicts(found.events) if found else []
        common.print_json({"findings": as_json_value(findings), "events": events, "waiting": len(_waiting(settings))})
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


def _servers(settings: Settings) -> list[Finding]:
    """The MCP server in the state file of each config folder; a plugin brings its own."""
    found = []
    for root in hooks_found.roots_in_use(settings):
        path = state_file(root)
        layer = read_layer(path)
        servers = layer.value.get("mcpServers") if layer is not None else None
        ours = servers.get(install.PROGRAM) if isinstance(servers, dict) else None
        plugin = stack(root).plugin()
        if layer is not None and layer.fault:
            found.append(Finding("warn", f"{path} {layer.fault}.", "Start Claude Code once: it writes the file anew."))
        elif ours is None and plugin is not None and plugin[1]:
            found.append(Finding("ok", f"The plugin {plugin[0]} brings the MCP server."))
        elif ours is None:
            text = f"The MCP server is not registered in {path}: Claude cannot ask."
            found.append(Finding("warn", text, "Run `accrete init`."))
        elif not install.is_our_server(ours):
            text = f"An MCP server `{install.PROGRAM}` in {path} is somebody else's: ours is not registered."
            found.append(Finding("warn", text, "Give that one another name, then run `accrete init`."))
        elif ours != install.server(settings.home):
            text = f"The MCP server in {path} starts another installation of Accrete."
            found.append(Finding("warn", text, "Run `accrete init` again."))
        else:
            found.append(Finding("ok", f"The MCP server is registered in {path}."))
        found += _hidden_by(layer)
    return list({finding.text: finding for finding in found}.values())


def _hidden_by(state: Layer | None) -> list[Finding]:
    """Another server of our name that a project has, for it goes before a user's."""
    try:
        here = Path.cwd()
    except OSError:
        return []
    shared = read_layer(here / ".mcp.json")
    projects = state.value.get("projects") if state is not None else None
    own = projects.get(str(here)) if isinstance(projects, dict) else None
    places = (
        (shared.value if shared else None, str(here / ".mcp.json")),
        (own, f"{state.path if state else ''}, for this folder"),
    )
    return [
        Finding(
            "warn",
            f"An MCP server `{install.PROGRAM}` in {place} goes before ours in this folder.",
            "Give it another name.",
        )
        for value, place in places
        if isinstance(value, dict)
        and isinstance(servers := value.get("mcpServers"), dict)
        and install.PROGRAM in servers
        and not install.is_our_server(servers[install.PROGRAM])
    ]


def _versions(found: Capture | None) -> Finding:
    client = f"; the last session was with Claude Code {found.client}" if found and found.client else ""
    return Finding("ok", f"Accrete {__version__}{client}.")
