"""Claude Code's settings for hooks, plugins and transcripts: which file counts, and which one it
ignores."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from accrete_hooks import jsontext
from accrete_hooks.settings_file import decode

from accrete.text.json import Json, JsonObject

MANAGED = {
    "darwin": Path("/Library/Application Support/ClaudeCode"),
    "win32": Path("C:/Program Files/ClaudeCode"),
}
PLUGIN = "accrete@"
"""What the id of our plugin begins with; its marketplace follows."""


def managed_folder(platform: str = sys.platform) -> Path:
    """Where an administrator's settings are, which stand above everybody's own."""
    return MANAGED.get(platform, Path("/etc/claude-code"))


MANAGED_FOLDER = managed_folder()


@dataclass(frozen=True, slots=True)
class Layer:
    """One settings file. `value` is what the client takes from it; `fault` says why it takes
    nothing, or not all."""

    path: Path
    value: JsonObject = field(default_factory=dict)
    fault: str = ""


def read_layer(path: Path, *, managed: bool = False) -> Layer | None:
    """A settings file as the client reads it; None where there is none. Of a person's file one
    wrong value leaves all aside, of an administrator's only that value."""
    try:
        text = decode(path.read_bytes()).removeprefix(jsontext.BOM)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        return Layer(
            path,
            {},
            f"cannot be read ({error.strerror if isinstance(error, OSError) else 'not UTF-8'})",
        )
    if not text.strip():
        return Layer(path)
    try:
        value = jsontext.check(text)
    except json.JSONDecodeError as error:
        return Layer(
            path, {}, f"is not valid JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        )
    except (ValueError, RecursionError) as error:
        return Layer(path, {}, f"is not valid JSON ({error})")
    if not isinstance(value, dict):
        return Layer(path, {}, "is not a JSON object")
    wrong = wrong_values(value)
    if not managed:
        return Layer(
            path,
            {} if wrong else value,
            f"has a value that it refuses: {wrong[0][1]}" if wrong else "",
        )
    if any(name == "allowManagedHooksOnly" for name, _ in wrong):
        value["allowManagedHooksOnly"] = True
    left = {
        name: each
        for name, each in value.items()
        if name == "allowManagedHooksOnly" or name not in dict(wrong)
    }
    return Layer(path, left, f"has a value that it refuses: {wrong[0][1]}" if wrong else "")


def wrong_values(value: JsonObject) -> list[tuple[str, str]]:
    """(name, words) of those values that a client from 2.1.89 on refuses, among the settings that
    concern us."""
    found = []
    if "cleanupPeriodDays" in value:
        days = value["cleanupPeriodDays"]
        if (
            isinstance(days, bool)
            or not isinstance(days, (int, float))
            or days < 1
            or days != int(days)
        ):
            words = (
                f"cleanupPeriodDays is {json.dumps(days)}, "
                "and must be a whole number of days, 1 or more"
            )
            found.append(("cleanupPeriodDays", words))
    for name in ("disableAllHooks", "allowManagedHooksOnly"):
        if name in value and not isinstance(value[name], bool):
            found.append((name, f"{name} is {json.dumps(value[name])}, and must be true or false"))
    for name in ("statusLine", "enabledPlugins"):
        if name in value and not isinstance(value[name], dict):
            found.append((name, f"{name} must be an object"))
    return found


def managed_layers(folder: Path | None = None) -> list[Layer]:
    """An administrator's files, from the one that counts most: drop-ins by name, the last first,
    then the base."""
    folder = folder or MANAGED_FOLDER
    try:
        names = sorted(
            name
            for name in os.listdir(folder / "managed-settings.d")
            if name.endswith(".json") and name[0] != "."
        )
    except OSError:
        names = []
    paths = [
        *(folder / "managed-settings.d" / name for name in reversed(names)),
        folder / "managed-settings.json",
    ]
    return [layer for path in paths if (layer := read_layer(path, managed=True)) is not None]


def folder_layers(folder: Path) -> list[Layer]:
    """The files of a folder that a session is begun in, from the one that counts most:
    `settings.local.json` is also found at the root of its repository, `settings.json` only in the
    folder itself."""
    top = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    paths = dict.fromkeys(
        (
            folder / ".claude" / "settings.local.json",
            top / ".claude" / "settings.local.json",
            folder / ".claude" / "settings.json",
        )
    )
    return [layer for path in paths if (layer := read_layer(path)) is not None]


@dataclass(frozen=True, slots=True)
class Stack:
    """All files that a session reads, from the one that counts most."""

    managed: list[Layer]
    own: list[Layer]

    def value(self, name: str) -> tuple[Json, Path | None]:
        """A setting and the file that decides it; (None, None) where none has it."""
        for layer in (*self.managed, *self.own):
            if name in layer.value:
                return layer.value[name], layer.path
        return None, None

    def managed_value(self, name: str) -> tuple[Json, Path | None]:
        """The same of an administrator's files alone."""
        return Stack(self.managed, []).value(name)

    def plugin(self) -> tuple[str, bool, Path] | None:
        """(id, enabled, file) of our plugin, by the file that counts most; enabled by one of
        several marketplaces is enabled."""
        seen: dict[str, tuple[str, bool, Path]] = {}
        for layer in (*self.managed, *self.own):
            plugins = layer.value.get("enabledPlugins")
            for name, on in plugins.items() if isinstance(plugins, dict) else ():
                if name.startswith(PLUGIN):
                    seen.setdefault(name, (name, on is True, layer.path))
        return max(seen.values(), key=lambda each: each[1], default=None)


def stack(root: Path, folder: Path | None = None, managed: list[Layer] | None = None) -> Stack:
    """What a session reads with the config folder `root`, begun in `folder`."""
    own = folder_layers(folder) if folder is not None else []
    user = read_layer(root / "settings.json")
    taken = {layer.path for layer in own}
    if user is not None and user.path not in taken:
        own.append(user)
    return Stack(managed_layers() if managed is None else managed, own)


def blocked(files: Stack, *, plugin: bool) -> tuple[str, Path] | None:
    """(why, which file) no hook of the person's settings runs, or with `plugin` none of the plugin;
    None where they run."""
    forced = Stack(files.managed, []).plugin()
    allowed = plugin and forced is not None and forced[1]
    off, path = files.managed_value("disableAllHooks")
    if off is True and path is not None:
        return "disableAllHooks", path
    only, path = files.managed_value("allowManagedHooksOnly")
    if only is True and path is not None:
        return None if allowed else ("allowManagedHooksOnly", path)
    strict, path = files.managed_value("strictPluginOnlyCustomization")
    if (
        not plugin
        and path is not None
        and (strict is True or (isinstance(strict, list) and "hooks" in strict))
    ):
        return "strictPluginOnlyCustomization", path
    off, path = files.value("disableAllHooks")
    return ("disableAllHooks", path) if off is True and path is not None and not allowed else None
