"""Whether Claude Code runs our hooks: where they are, what stops them, and who else captures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from accrete_hooks import install

from accrete.commands.diagnosis import Finding
from accrete.edge.client_settings import (
    Layer,
    Stack,
    blocked,
    managed_layers,
    read_layer,
    stack,
)
from accrete.settings import Settings

_WHY = {
    "allowManagedHooksOnly": "allows managed hooks only, so hooks in your own settings do not run",
    "strictPluginOnlyCustomization": "allows hooks of plugins only, "
    "so hooks in your own settings do not run",
    "disableAllHooks": "sets disableAllHooks, so no hooks run",
}
_ASK = (
    "Ask your administrator to enable the plugin there (docs/rollout.md). "
    "`accrete backfill` reads the sessions meanwhile."
)
_DOUBLE = "To keep one of them: `accrete uninstall`, or `claude plugin disable {plugin}`."

NO_HOOKS = "No hooks are installed, so sessions are read only when you run `accrete backfill`."


def roots_in_use(settings: Settings) -> list[Path]:
    """The config folders that Claude Code was started with, as far as they show it; the first one
    always."""
    used = [
        root
        for root in settings.roots
        if (root / "settings.json").exists() or (root / "projects").is_dir()
    ]
    return list(dict.fromkeys([*settings.roots[:1], *used]))


def hook_findings(settings: Settings, folders: Iterable[str] = ()) -> list[Finding]:
    """Everything that decides whether events come; `folders` are those that sessions were begun
    in."""
    managed = managed_layers()
    here = _here()
    found = _faults(managed)
    without: list[Path] = []
    captured = own = False
    for root in roots_in_use(settings):
        files = stack(root, managed=managed)
        ours, said = _placed(settings, root / "settings.json")
        plugin, more = _plugin(files, root, both=bool(ours))
        own |= bool(ours)
        captured |= bool(ours) or plugin
        if not ours and not plugin and not said:
            without.append(root / "settings.json")
        found += [*said, *more]
        stop = blocked(files, plugin=plugin and not ours)
        if stop is not None:
            found.append(_stopped(*stop))
    if captured:
        found += [_absent(path) for path in without]
    local, said = (
        _placed(settings, here / ".claude" / "settings.local.json")
        if here is not None
        else ({}, [])
    )
    found += said
    first, plugin_alone = settings.roots[0], captured and not own and not local
    if here is not None:
        found += _in_folder(first, here, managed, plugin=plugin_alone)
    others = {Path(each) for each in folders} - {here}
    found += _in_others(
        first, sorted(each for each in others if each.is_absolute()), managed, plugin=plugin_alone
    )
    if not captured and not local:
        return [*found, Finding("bad", NO_HOOKS, "Run `accrete init`.")]
    if not own and not local:
        return found
    if not settings.home.is_dir():
        text = (
            f"The data folder {settings.home} is gone, "
            "so hooks end silently and nothing is captured."
        )
        return [
            *found,
            Finding("bad", text, "Mount it again, or run `accrete init` to start a new one."),
        ]
    missing = [str(path) for path in install.scripts(settings.home) if not path.exists()]
    if missing:
        found.append(
            Finding(
                "bad",
                "Files that the hooks need are missing.",
                "Run `accrete init` again.",
                missing,
            )
        )
    return found


def effects(settings: Settings, paths: list[Path]) -> list[Finding]:
    """What keeps hooks in these settings files from having an effect, or makes them one too
    many."""
    managed = managed_layers()
    found = _faults(managed)
    for path in paths:
        project = path.name == "settings.local.json"
        root = settings.roots[0] if project else path.parent
        files = stack(root, path.parent.parent if project else _here(), managed)
        plugin, more = _plugin(files, root, both=True)
        found += more
        stop = blocked(files, plugin=False)
        if stop is not None and not (plugin and blocked(files, plugin=True) is None):
            found.append(_stopped(*stop, here=stop[1].parent != root))
    return list({finding.text: finding for finding in found}.values())


def _placed(settings: Settings, path: Path) -> tuple[dict[str, object], list[Finding]]:
    """Our hooks in one settings file by event, and what there is to say of them and of the file."""
    layer = read_layer(path)
    if layer is None:
        return {}, []
    if layer.fault:
        text = f"{path} {layer.fault}. Claude Code ignores the whole file, hooks included."
        return {}, [Finding("bad", text, "Fix it, then run `accrete status` again.")]
    hooks = layer.value.get("hooks")
    each = [
        (event, hook)
        for event, groups in (hooks.items() if isinstance(hooks, dict) else ())
        for hook in install.handlers(groups)
    ]
    ours = {event: hook for event, hook in each if install.home_of(hook, settings.home)}
    if not ours:
        return {}, []
    if ours == {event: install.handler(settings.home, event) for event in install.EVENTS}:
        return ours, [Finding("ok", f"Hooks are in {path}: {', '.join(ours)}.")]
    homes = {
        home for hook in ours.values() if (home := install.home_of(hook, settings.home)) is not None
    }
    others = [
        f"{home}{'' if home.is_dir() else ', which is gone'}"
        for home in sorted(homes - {settings.home})
    ]
    text = f"The hooks in {path} belong to another version."
    if others:
        text = f"The hooks in {path} write to another data folder: {'; '.join(others)}."
    return ours, [Finding("warn", text, "Run `accrete init` again.")]


def _absent(path: Path) -> Finding:
    text = (
        f"No hooks are installed in {path}, so sessions with "
        "that config folder are not captured as they happen."
    )
    return Finding("warn", text, "Run `accrete init`.")


def _plugin(files: Stack, root: Path, *, both: bool) -> tuple[bool, list[Finding]]:
    """Whether our plugin captures with a config folder, and what there is to say of it."""
    seen = files.plugin()
    if seen is None:
        return False, []
    name, on, path = seen
    if not on:
        return False, [
            Finding(
                "note",
                f"The plugin {name} is disabled in {path}.",
                "" if both else f"Run `claude plugin enable {name}`.",
            )
        ]
    if not _is_fetched(root, name):
        text = f"The plugin {name} is enabled in {path}, but not installed in {root}."
        return False, [Finding("warn", text, f"Run `claude plugin install {name}`.")]
    found = [Finding("ok", f"The plugin {name} is enabled in {path}.")]
    if both:
        text = (
            f"The plugin and the hooks in {root / 'settings.json'} both capture. Every event "
            "arrives twice and is stored once."
        )
        found.append(Finding("note", text, _DOUBLE.format(plugin=name)))
    return True, found


def _is_fetched(root: Path, name: str) -> bool:
    """Whether the client has the plugin; a list that cannot be read is no proof that it has not."""
    try:
        plugins = json.loads((root / "plugins" / "installed_plugins.json").read_bytes())["plugins"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, TypeError, KeyError):
        return True
    return name in plugins if isinstance(plugins, dict) else True


def _stopped(name: str, path: Path, *, here: bool = False) -> Finding:
    if path.name in ("settings.json", "settings.local.json"):
        return Finding(
            "bad",
            f"{path} {_WHY[name]}{' in this folder' if here else ''}.",
            "Remove it or set it to false.",
        )
    return Finding("bad", f"{path} (managed settings) {_WHY[name]}.", _ASK)


def _in_folder(root: Path, here: Path, managed: list[Layer], *, plugin: bool) -> list[Finding]:
    """What the settings of this folder do to hooks."""
    stop = _own_stop(root, here, managed, plugin=plugin)
    found = [_stopped("disableAllHooks", stop, here=True)] if stop is not None else []
    for name in ("settings.json", "settings.local.json"):
        layer = read_layer(here / ".claude" / name)
        if layer is not None and layer.fault and layer.path != root / name:
            found.append(
                Finding(
                    "warn",
                    f"{layer.path} {layer.fault}. Claude Code ignores the whole file.",
                    "Fix it.",
                )
            )
    return found


def _in_others(
    root: Path, folders: Iterable[Path], managed: list[Layer], *, plugin: bool
) -> list[Finding]:
    """The other folders whose own settings turn hooks off."""
    stops = (_own_stop(root, folder, managed, plugin=plugin) for folder in folders)
    off = list(dict.fromkeys(str(stop) for stop in stops if stop is not None))
    if not off:
        return []
    which = (
        "1 settings file of another folder turns"
        if len(off) == 1
        else f"{len(off)} settings files of other folders turn"
    )
    text = (
        f"{which} hooks off (disableAllHooks), so sessions there are not captured as they happen."
    )
    return [
        Finding(
            "warn", text, "Remove the setting there, or run `accrete backfill` now and then.", off
        )
    ]


def _own_stop(root: Path, folder: Path, managed: list[Layer], *, plugin: bool) -> Path | None:
    """The file of a folder itself that turns hooks off there; None where none does."""
    stop = blocked(stack(root, folder, managed), plugin=plugin)
    if (
        stop is None
        or stop[1] == root / "settings.json"
        or any(stop[1] == layer.path for layer in managed)
    ):
        return None
    return stop[1]


def _faults(managed: list[Layer]) -> list[Finding]:
    """Managed settings that the client cannot use, all or in part."""
    return [
        Finding("warn", f"{layer.path} {layer.fault}.", "Tell your administrator.")
        for layer in managed
        if layer.fault
    ]


def is_gone(settings: Settings) -> bool:
    """Whether the data folder is not there although hooks write to it: it was removed, or is not
    mounted."""
    if settings.home.is_dir():
        return False
    placed = (_placed(settings, root / "settings.json")[0] for root in settings.roots)
    return any(
        install.home_of(hook, settings.home) == settings.home
        for ours in placed
        for hook in ours.values()
    )


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:
        return None
