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
from accrete.commands.diagnosis import Finding, as_answers, show_findings
from accrete.commands.init import state_file
from accrete.edge.client_settings import Layer, read_layer, stack
from accrete.errors import NoRecordError
from accrete.queries.hook_events import Capture, capture
from accrete.queries.pulls import pulls_asked
from accrete.settings import Settings

RUNS = 7
SLOW_MS = 60
OLD_S = 300
"""Age of the oldest waiting event from which on nobody seems to read them."""


@click.command("status")
@common.json_option
@click.option("--watch", is_flag=True, help="Follow the running session; Ctrl-C stops.")
def command(as_json: bool, watch: bool) -> None:
    """Check capture: hooks, events, latency, pending events, MCP server, versions.

    Exits with 1 if you need to do something.
    """
    settings = common.settings()
    if watch and as_json:
        raise click.UsageError("--watch can't be combined with --json.")
    if watch:
        from accrete.commands.watch import watch as follow

        follow(settings)
        return
    install.repair(settings.home)
    found = _captured(settings)
    hooks = hooks_found.hook_findings(settings, found.folders if found else ())
    installed = all(finding.text != hooks_found.NO_HOOKS for finding in hooks)
    findings = [
        *hooks,
        *(_events(settings, found) if installed or (found and found.events) else []),
        _latency(settings, installed=installed),
        *_spool(settings),
        *silence.lost(settings),
        *silence.silent(settings, found),
        *_servers(settings),
        *_pull_states(settings),
        _versions(found),
    ]
    if as_json:
        from accrete.insight.answer import made
        from accrete.insight.upkeep import Event, Status

        events = [made(Event, each) for each in found.events] if found else []
        common.print_answer(Status(as_answers(findings), events, len(_waiting(settings))))
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
                "No events yet.",
                "Start a new Claude Code session: running sessions do not reread their settings.",
            )
        ]
    now = common.local_now(settings)
    lines = [
        f"{seen.event}: {common.plural(seen.times, 'time')}, last {now.prose(seen.last_at)}"
        for seen in found.events
    ]
    return [
        Finding(
            "ok",
            "Events are arriving, the last one "
            f"{now.prose(max(seen.last_at for seen in found.events))}.",
            "",
            lines,
        )
    ]


def _latency(settings: Settings, *, installed: bool) -> Finding:
    """How long the hook takes, measured now: it runs with an event of its own into a folder that is
    thrown away."""
    capture_file = settings.home / "bin" / "capture.py"
    if not capture_file.exists():
        return Finding("note", "Can't measure the hook's latency: its files are missing.")
    import sys

    times = []
    with tempfile.TemporaryDirectory(prefix="accrete-") as folder:
        for _ in range(RUNS):
            began = time.perf_counter()
            subprocess.run(
                [
                    os.path.realpath(sys.executable),
                    "-I",
                    "-S",
                    str(capture_file),
                    "Notification",
                    folder,
                ],
                input=b'{"session_id": "latency"}',
                capture_output=True,
                check=False,
                timeout=30,
            )
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
        f"A hook {'takes' if installed else 'would take'} {middle:.0f} ms "
        f"(median of {RUNS} runs, slowest {max(times):.0f} ms).",
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
        findings.append(Finding("ok", "No events pending."))
    elif time.time() - waiting[0] > OLD_S:
        findings.append(
            Finding(
                "bad",
                f"{common.plural(len(waiting), 'event')} pending for "
                f"{common.span(int((time.time() - waiting[0]) * 1000))}.",
                f"Run `accrete ingest`. The reason is in {settings.home / 'ingest.log'}.",
            )
        )
    else:
        findings.append(Finding("note", f"{common.plural(len(waiting), 'event')} pending."))
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
            Finding(
                "warn",
                "Other users of this machine can read the spool.",
                f"Run: chmod 700 {settings.spool}",
            )
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
            found.append(
                Finding(
                    "warn",
                    f"{path} {layer.fault}.",
                    "Start Claude Code once: it writes the file again.",
                )
            )
        elif ours is None and plugin is not None and plugin[1]:
            found.append(Finding("ok", f"The plugin {plugin[0]} brings the MCP server."))
        elif ours is None:
            text = f"The MCP server is not registered in {path}, so Claude can't query your record."
            found.append(Finding("warn", text, "Run `accrete init`."))
        elif not install.is_our_server(ours):
            text = (
                f"{path} has another MCP server called `{install.PROGRAM}`, "
                "so Accrete's is not registered."
            )
            found.append(Finding("warn", text, "Rename that server, then run `accrete init`."))
        elif ours != install.server(settings.home):
            text = f"The MCP server in {path} belongs to another installation of Accrete."
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
            f"Another MCP server called `{install.PROGRAM}` "
            f"in {place} replaces Accrete's in this folder.",
            "Rename it.",
        )
        for value, place in places
        if isinstance(value, dict)
        and isinstance(servers := value.get("mcpServers"), dict)
        and install.PROGRAM in servers
        and not install.is_our_server(servers[install.PROGRAM])
    ]


def _pull_states(settings: Settings) -> list[Finding]:
    """How the asking for the states of pull requests goes, where the person chose it."""
    way = settings.pull_request_states
    if way == "off":
        return []
    try:
        db = common.open_record(settings)
    except NoRecordError:
        return []
    try:
        asked = db.ask(pulls_asked(common.MINE))
    finally:
        db.close()
    last = (
        f"last asked {common.local_now(settings).prose(asked.at)}"
        if asked.at is not None
        else "not asked yet"
    )
    through = "gh" if way == "gh" else "a token"
    text = f"States of pull requests are asked for through {through}, {last}: " + (
        f"{asked.known} of {asked.pulls} known."
    )
    if asked.fault:
        return [Finding("warn", text, f"It stopped: {asked.fault}.")]
    advice = ""
    if way == "token" and asked.at is None:
        advice = (
            "Hooks inherit no tokens: run `accrete ingest` in a shell with GH_TOKEN or "
            "GITHUB_TOKEN, or start `accrete explore` there."
        )
    return [Finding("ok" if asked.at is not None else "note", text, advice)]


def _versions(found: Capture | None) -> Finding:
    client = (
        f"; the last session was with Claude Code {found.client}" if found and found.client else ""
    )
    return Finding("ok", f"Accrete {__version__}{client}.")
