"""The server's folder, and a company's database, for the command line."""

from __future__ import annotations

import os
from pathlib import Path

from accrete.database import Database
from accrete.errors import AccreteError
from accrete_team import copies, tenants
from accrete_team.registry import Company, Registry

HOME = "ACCRETE_TEAM_HOME"


def home() -> Path:
    """The folder that the server keeps its files in."""
    given = os.environ.get(HOME)
    if given:
        return Path(given)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "accrete-team"


def registry() -> Registry:
    """The list of companies."""
    return Registry(home())


def opened(slug: str, *, in_use: bool = False) -> tuple[Company, Database]:
    """A company and its database. in_use: for what works only while the company is open. Raises
    AccreteError where there is none, or it cannot be changed now."""
    company = copies.whole(registry(), slug)
    if in_use and company.state == "archived":
        raise AccreteError(
            f"{slug} is archived: nobody signs in, and its machines send nothing. Open it first: "
            f"accrete-team company unarchive {slug}"
        )
    return company, tenants.open_company(company)
