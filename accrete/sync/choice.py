"""What a person chose to share, and with whom: one file in the data folder that only they read."""

from __future__ import annotations

import json
import os
import re
import uuid
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from accrete.errors import AccreteError
from accrete.settings import Settings
from accrete.sync.soon import TEAM

TOKEN = re.compile(r"acr_([a-z0-9][a-z0-9-]{0,38})_[A-Za-z0-9_-]{32,64}")
MODES = ("all", "listed", "none")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Choice:
    """url: of the server; token: of this machine; device: a random id of it. tier: 1 to 3.
    projects: all, listed or none; listed, excluded: project ids; private: patterns of remotes
    whose projects are not shared, unless they are listed; lower: tiers of single projects, where
    lower. paused: nothing is sent; paused_elsewhere: because the person paused another machine.
    ca_file: certificates to trust beside the system's. tier_at, paused_at, projects_at: when the
    server heard of the person's last choice of each; unsaid: those of which it did not yet hear.
    cleared_at: the last deletion of everything that this machine knows of; heard_at: when it heard
    of the server last. All in UTC ms of the server's clock."""

    url: str
    token: str
    device: str
    tier: int = 1
    projects: str = "all"
    listed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    paused: bool = False
    ca_file: str | None = None
    private: tuple[str, ...] = ()
    lower: tuple[tuple[str, int], ...] = ()
    paused_elsewhere: bool = False
    tier_at: int = 0
    paused_at: int = 0
    projects_at: int = 0
    unsaid: tuple[str, ...] = ()
    cleared_at: int = 0
    heard_at: int = 0

    @property
    def company(self) -> str:
        """The name of the company in addresses, from the token."""
        found = TOKEN.fullmatch(self.token)
        return found[1] if found else ""

    @property
    def address(self) -> str:
        """Where the company's machines ask."""
        return f"{self.url.rstrip('/')}/c/{self.company}/api/v1"

    @property
    def endpoint(self) -> str:
        """Where messages go."""
        return f"{self.address}/sync"

    def shares(self, project: str, remote: str = "") -> bool:
        """Whether sessions of a project, '' for none, are shared. A listed one is, whatever its
        remote."""
        if self.projects == "none" or project in self.excluded:
            return False
        if project in self.listed:
            return True
        private = any(fnmatchcase(remote.lower(), each.lower()) for each in self.private)
        return self.projects == "all" and not (remote and private)

    def again(self, unshared_at: int) -> bool:
        """Whether the projects were chosen here after something was unshared elsewhere."""
        return "projects" in self.unsaid or self.projects_at > unshared_at

    def tier_of(self, project: str) -> int:
        """The tier of a project's sessions."""
        return min(self.tier, dict(self.lower).get(project, self.tier))


def join(url: str, token: str, *, tier: int = 1, ca_file: str | None = None) -> Choice:
    """A choice for a server. Raises AccreteError for an address or a token that cannot be one."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise AccreteError(f"{url} is no address of a server.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise AccreteError(f"{url} is no address of a server. Write it as https://accrete.example.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise AccreteError(f"{url} is not encrypted. Use https; http works on this machine only.")
    if not TOKEN.fullmatch(token):
        raise AccreteError(
            "This is no token of a team server, or not all of one. Copy it whole: acr_, the "
            "company's name, and 32 characters or more. Nothing was changed."
        )
    _check_tier(tier)
    certificates = os.path.abspath(ca_file) if ca_file else None
    return Choice(url, token, str(uuid.uuid4()), tier, ca_file=certificates)


def read_choice(settings: Settings) -> Choice | None:
    """What was chosen; None without a team. Raises AccreteError for a damaged file."""
    path = settings.home / TEAM
    try:
        given = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise AccreteError(f"{path} cannot be read ({error}). Join the team again.") from None
    try:
        for name in ("listed", "excluded", "private", "unsaid"):
            given[name] = tuple(given.get(name, ()))
        lower = tuple((str(project), tier) for project, tier in given.pop("lower", ()))
        choice = Choice(**given, lower=lower)
        for tier in (choice.tier, *dict(choice.lower).values()):
            _check_tier(tier)
    except (TypeError, ValueError, AttributeError) as error:
        raise AccreteError(f"{path} is not a choice of sharing ({error}). Join again.") from None
    return choice


def write_choice(settings: Settings, choice: Choice) -> None:
    """Keeps a choice, for this user alone."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, fresh = settings.home / TEAM, settings.home / f"{TEAM}.new"
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(choice), file, indent=2)
    fresh.replace(path)


def drop_choice(settings: Settings) -> Path | None:
    """Forgets the team; returns the file that was removed."""
    path = settings.home / TEAM
    if not path.exists():
        return None
    path.unlink()
    return path


def with_tier(choice: Choice, tier: int) -> Choice:
    """The choice at another tier. Raises AccreteError for one that there is not."""
    _check_tier(tier)
    return replace(choice, tier=tier)


def _check_tier(tier: object) -> None:
    if isinstance(tier, bool) or tier not in (1, 2, 3):
        raise AccreteError(
            f"No tier {tier!r}. Choose 1 (metadata), 2 (also tool activity) or 3 (also texts)."
        )
