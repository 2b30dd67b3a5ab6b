"""Settings: paths and preferences, read once at start from the environment and one file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from accrete.clock import UTC_NAMES, zone_of_tz
from accrete.data_folder import data_folder
from accrete.errors import AccreteError
from accrete.text.globs import checked_globs
from accrete.text.json import Json, JsonObject
from accrete.text.lazy import lazy

if TYPE_CHECKING:
    from accrete.projects.settled import Rule

DEFAULT_RETENTION_DAYS = 30
"""What Claude Code uses when `cleanupPeriodDays` is not set (claude-code docs, sessions)."""

IDLE_GAP_MS = 5 * 60_000
"""A pause up to this long counts as active time; a longer one does not count at all."""


KEYS: Mapping[str, str] = {
    "timeZone": "The time zone of days and clock times. Default: this machine's.",
    "workBlockIdleMinutes": "A pause of this many minutes ends a work block. Default: 10.",
    "activeToolMinutes": "A tool that runs alone counts as active time for this many minutes at "
    "most. Default: 15.",
    "apiEquivalent": "Whether costs are called API-equivalent: what the API would charge. For "
    "subscriptions true, for an API key false. Default: true.",
    "modelPricing": "Prices of your own, in the shape of Claude Code's modelPricing.",
    "sessionBudgetUsd": "A session's budget in dollars, for a nudge. Nothing is stopped.",
    "monthlyBudgetUsd": "A month's budget in dollars, for a forecast. Nothing is stopped.",
    "localTier": "How much is kept: 3 all, 2 without words, 1 without tool activity too. "
    "Default: 3.",
    "projects": "Rules that assign folders to projects, the most specific first.",
    "automated": "Globs of folders whose sessions are automated.",
    "pullRequestStates": "Whether Accrete asks for the state of your pull requests: off, gh (your "
    "own gh) or token (GITHUB_TOKEN). Default: off.",
    "githubHosts": "Hosts of GitHub Enterprise that may be asked, beside github.com.",
    "configFolders": "Claude Code's config folders, beside those that the environment names.",
}
"""The keys of config.json, and what each of them sets."""


def stated(home: Path) -> JsonObject:
    """What config.json of a data folder says, by its keys. Raises AccreteError as read_settings."""
    return _read_config(home / "config.json")


PULL_REQUEST_STATES = ("off", "gh", "token")
"""How the states of pull requests are asked for: not at all, through the person's own `gh`, or with
a token of the environment."""
_HOST = lazy(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a command may not ask the environment for itself.

    home: the data folder (0700) with database, spool and logs.
    roots: Claude Code's config folders, in search order.
    zone: the person's time zone, as `clock.zone_info` takes it.
    model_pricing: the person's own prices, in the shape of Claude Code's `modelPricing`.
    work_block_idle_ms: the pause that ends a work block, in ms.
    active_tool_ms: how much of one tool or subagent run counts as active time if nothing else
    happens meanwhile, in ms.
    session_budget_nano: a session's budget in nano-dollars, for a nudge, never a stop; None for no
    budget.
    monthly_budget_nano: a calendar month's budget in nano-dollars, shown beside what is spent;
    None for no budget.
    local_tier: how much of what is read is kept: 3 all, 2 without words, 1 without tool activity
    too.
    projects: rules that assign folders to projects, most specific first.
    automated: globs of folders whose sessions are automated.
    pull_request_states: one of PULL_REQUEST_STATES.
    github_hosts: hosts of GitHub Enterprise whose pull requests `gh` is asked about, besides
    github.com.
    person: the record's person.
    """

    home: Path
    roots: tuple[Path, ...]
    zone: str = "UTC"
    model_pricing: Mapping[str, Json] = field(default_factory=dict)
    work_block_idle_ms: int = 10 * 60_000
    active_tool_ms: int = 15 * 60_000
    api_equivalent: bool = True
    session_budget_nano: int | None = None
    monthly_budget_nano: int | None = None
    local_tier: int = 3
    projects: tuple[Rule, ...] = ()
    automated: tuple[str, ...] = ()
    pull_request_states: str = "off"
    github_hosts: tuple[str, ...] = ()
    person: int = 1

    @property
    def database(self) -> Path:
        """The local database file."""
        return self.home / "accrete.db"

    @property
    def spool(self) -> Path:
        """The folder for events written by hooks."""
        return self.home / "spool"

    @property
    def lock(self) -> Path:
        """The file whose OS lock makes ingest single-flight."""
        return self.home / "ingest.lock"


def read_settings(
    env: Mapping[str, str] | None = None, *, user_home: Path | None = None
) -> Settings:
    """Settings from the environment (`ACCRETE_HOME`, `CLAUDE_CONFIG_DIR`, `XDG_*`, `TZ`) and
    `config.json`.

    Raises AccreteError when the file is not a JSON object or a value has the wrong type.
    """
    env = os.environ if env is None else env
    user = user_home or Path(env.get("HOME") or Path.home())
    home = Path(data_folder(env, str(user)))
    config = _read_config(home / "config.json")
    unknown = sorted(config.keys() - KEYS.keys())
    if unknown:
        raise AccreteError(
            f"{home / 'config.json'}: no setting {unknown[0]!r}. "
            f"Choose one of: {', '.join(sorted(KEYS))}."
        )
    zone = config.get("timeZone")
    if zone is not None and not (isinstance(zone, str) and _is_zone(zone)):
        raise AccreteError(
            f"{home / 'config.json'}: timeZone must be a name such as Europe/Berlin, not {zone!r}."
        )
    tier = config.get("localTier", 3)
    if isinstance(tier, bool) or tier not in (1, 2, 3):
        raise AccreteError(
            f"{home / 'config.json'}: localTier must be 1 "
            "(metadata), 2 (also tool activity) or 3 (also texts)."
        )
    return Settings(
        home=home,
        roots=tuple(
            dict.fromkeys(
                [
                    *config_roots(env, user),
                    *_config_folders(config, home, user),
                    *_remembered_roots(home),
                ]
            )
        ),
        zone=zone or _machine_zone(env),
        model_pricing=_object(config, "modelPricing", home),
        work_block_idle_ms=_minutes(config, "workBlockIdleMinutes", 10, home),
        active_tool_ms=_minutes(config, "activeToolMinutes", 15, home),
        api_equivalent=bool(config.get("apiEquivalent", True)),
        local_tier=int(tier),
        projects=_projects(config, home, user),
        automated=_automated(config, home, user),
        session_budget_nano=_dollars(config, "sessionBudgetUsd", home),
        monthly_budget_nano=_dollars(config, "monthlyBudgetUsd", home),
        pull_request_states=_pull_request_states(config, home),
        github_hosts=_github_hosts(config, home),
    )


def config_roots(env: Mapping[str, str], user: Path) -> list[Path]:
    """Claude Code's config folders, most specific first: `CLAUDE_CONFIG_DIR` (one, or several
    separated by commas or the platform's path separator), else `~/.claude` and
    `$XDG_CONFIG_HOME/claude`. Absolute, for ingest leaves the folder that it was started in. They
    need not exist."""
    given = env.get("CLAUDE_CONFIG_DIR", "").strip()
    if given:
        parts = [p.strip() for chunk in given.split(",") for p in chunk.split(os.pathsep)]
        if os.path.isdir(given):
            parts = [given]
        return [Path(os.path.abspath(_expand(p, user))) for p in parts if p]
    xdg = env.get("XDG_CONFIG_HOME", "").strip()
    return [user / ".claude", (_expand(xdg, user) if xdg else user / ".config") / "claude"]


def _config_folders(config: JsonObject, home: Path, user: Path) -> list[Path]:
    """The config folders that the person lists, for shells with another CLAUDE_CONFIG_DIR than this
    one's."""
    given = config.get("configFolders", [])
    listed = [given] if isinstance(given, str) else given if isinstance(given, list) else [None]
    folders = [each for each in listed if isinstance(each, str) and each]
    if len(folders) < len(listed):
        raise AccreteError(
            f"{home / 'config.json'}: configFolders must be a list of folders, such as "
            '["~/.claude-work"].'
        )
    return [Path(os.path.abspath(_expand(each, user))) for each in folders]


def _remembered_roots(home: Path) -> list[Path]:
    """Config folders that `accrete init` was run for, or that a session ran with."""
    try:
        return [
            Path(line) for line in (home / "roots").read_text("utf-8").splitlines() if line.strip()
        ]
    except OSError:
        return []


def remember_roots(home: Path, roots: list[Path]) -> None:
    """Adds config folders to search from now on."""
    known = _remembered_roots(home)
    new = [root for root in roots if root not in known]
    if new:
        (home / "roots").write_text("".join(f"{root}\n" for root in [*known, *new]), "utf-8")
        (home / "roots").chmod(0o600)


def remember_used(home: Path, env: Mapping[str, str]) -> None:
    """Adds the config folders that the environment names: a hook's ingest has the client's, another
    shell has not."""
    if home.is_dir() and env.get("CLAUDE_CONFIG_DIR", "").strip():
        user = Path(env.get("HOME") or Path.home())
        remember_roots(home, [root for root in config_roots(env, user) if root.is_dir()])


def _expand(text: str, user: Path) -> Path:
    return user / text[2:] if text.startswith("~/") else user if text == "~" else Path(text)


def _read_config(path: Path) -> JsonObject:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except NotADirectoryError:
        raise AccreteError(
            f"{path.parent} is not a folder. Set ACCRETE_HOME to a folder, or move the file away."
        ) from None
    except OSError as error:
        raise AccreteError(
            f"Cannot read {path}: {error.strerror}. Make it readable, or remove it."
        ) from error
    import json  # not at the top: most people have no such file

    try:
        config = json.loads(raw)
    except ValueError as error:
        raise AccreteError(f"{path} is not valid JSON ({error}). Fix or remove it.") from error
    if not isinstance(config, dict):
        raise AccreteError(f"{path} must hold a JSON object. Fix or remove it.")
    return config


def _object(config: JsonObject, key: str, home: Path) -> Mapping[str, Json]:
    value = config.get(key, {})
    if not isinstance(value, dict):
        raise AccreteError(f"{home / 'config.json'}: {key} must be an object.")
    return value


def _dollars(config: JsonObject, key: str, home: Path) -> int | None:
    """A setting in dollars, as nano-dollars; None where it is not set."""
    value = config.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
        raise AccreteError(f"{home / 'config.json'}: {key} must be a number of dollars above 0.")
    return round(value * 1_000_000_000)


def _minutes(config: JsonObject, key: str, usual: int, home: Path) -> int:
    """A setting in minutes, as ms."""
    value = config.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e6:
        raise AccreteError(f"{home / 'config.json'}: {key} must be a number of minutes above 0.")
    return int(value * 60_000)


def _projects(config: JsonObject, home: Path, user: Path) -> tuple[Rule, ...]:
    given = config.get("projects", {})
    if not isinstance(given, dict):
        raise AccreteError(
            f"{home / 'config.json'}: projects must be an object of globs and names, such as "
            f'{{"~/code/shop*": "shop"}}.'
        )
    if not given:
        return ()
    from accrete.projects.folders import plain
    from accrete.projects.rules import rules_of

    try:
        return rules_of(given, plain(str(user)))
    except ValueError as error:
        raise AccreteError(f"{home / 'config.json'}: projects: {error}.") from error


def _automated(config: JsonObject, home: Path, user: Path) -> tuple[str, ...]:
    if "automated" not in config:
        return ()
    try:
        return checked_globs(config["automated"], str(user))
    except ValueError as error:
        raise AccreteError(f"{home / 'config.json'}: automated {error}.") from error


def _pull_request_states(config: JsonObject, home: Path) -> str:
    value = config.get("pullRequestStates", "off")
    if value not in PULL_REQUEST_STATES:
        raise AccreteError(
            f"{home / 'config.json'}: pullRequestStates must be one of: "
            f"{', '.join(PULL_REQUEST_STATES)}."
        )
    return str(value)


def _github_hosts(config: JsonObject, home: Path) -> tuple[str, ...]:
    given = config.get("githubHosts", [])
    listed = given if isinstance(given, list) else [None]
    hosts = [each.lower() for each in listed if isinstance(each, str)]
    if len(hosts) < len(listed) or not all(_HOST.fullmatch(host) for host in hosts):
        raise AccreteError(
            f"{home / 'config.json'}: githubHosts must be a list of host names, such as "
            '["github.example.com"].'
        )
    return tuple(hosts)


LOCALTIME = Path("/etc/localtime")


def _machine_zone(env: Mapping[str, str]) -> str:
    """The machine's zone as libc finds it: by `TZ` where that is set, though it be empty, else by
    /etc/localtime."""
    given = env.get("TZ")
    if given is not None:
        return _plain_utc(zone_of_tz(given))
    if LOCALTIME.exists():
        return _plain_utc(_by_content(LOCALTIME) or zone_of_tz(str(LOCALTIME)))
    if os.name != "nt":
        return "UTC"
    import time

    minutes = -(time.altzone if time.localtime().tm_isdst > 0 else time.timezone) // 60
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _plain_utc(zone: str | None) -> str:
    """A zone, or UTC where there is none; UTC has one name, so that another of its names is no
    change of zone."""
    return "UTC" if zone is None or zone in UTC_NAMES else zone


def _by_content(path: Path) -> str | None:
    """The name that /etc/timezone gives, where a copy of that zone's file stands at `path` in place
    of a link."""
    if path.is_symlink():
        return None
    try:
        name = (path.parent / "timezone").read_text("ascii").strip()
        same = path.read_bytes() == (Path("/usr/share/zoneinfo") / name).read_bytes()
    except (OSError, ValueError):
        return None
    return name if same and _is_zone(name) else None


def _is_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
