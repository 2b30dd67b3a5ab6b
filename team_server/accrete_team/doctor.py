"""`accrete-team doctor`: whether the server, its registry and each company are well, in
sentences."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from accrete.database import Database
from accrete.errors import AccreteError
from accrete.present.formats import size
from accrete_team import moves, nightly, tenants
from accrete_team.registry import Company, Registry

DAY_MS = 86_400_000
LATE_MS = 2 * DAY_MS
"""How long ago the nightly job may have ended."""
FREE_LEAST = 1 << 30


class Finding(NamedTuple):
    """A sentence, and whether something is to be done about it."""

    good: bool
    says: str


def examine(registry: Registry, now: int) -> Iterator[Finding]:
    """All that can be said of a server."""
    yield from _folder(registry)
    companies = registry.companies()
    if not companies:
        yield Finding(True, "No companies yet. Make one: accrete-team company create NAME")
    for company in companies:
        found = moves.standing(registry, company)
        if found is not None:
            yield Finding(*found)
        if company.state != "moving":
            yield from _company(company, now)


def _folder(registry: Registry) -> Iterator[Finding]:
    for path in (registry.home, registry.path):
        yield from _private(path)
    free = shutil.disk_usage(registry.home).free
    enough = free >= FREE_LEAST
    said = f"{registry.home} has {size(free)} free."
    yield Finding(enough, said if enough else f"{said} Free some: nothing can be taken without.")


def _private(path: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            False, f"Others may read {path} ({mode:o}). Run: chmod {mode & 0o700:o} {path}"
        )


def _company(company: Company, now: int) -> Iterator[Finding]:
    slug = company.slug
    if company.state not in ("active", "archived"):
        yield Finding(False, f"{slug}: {tenants.BETWEEN.get(company.state, company.state)}.")
        return
    try:
        db = tenants.open_company(company)
    except AccreteError as error:
        yield Finding(False, f"{slug}: {error}")
        return
    except tenants.faults() as error:
        yield Finding(False, f"{slug}: {tenants.fault_said(error)}.")
        return
    try:
        yield Finding(True, f"{slug}: {company.state} on {company.engine}, schema {db.version}.")
        yield from _job(db, slug, now)
    finally:
        db.close()
    if company.engine == "sqlite":
        path = Path(company.address)
        yield from _private(path)
        taken, free = path.stat().st_size, shutil.disk_usage(path.parent).free
        if free < 2 * taken:
            yield Finding(
                False,
                f"{slug}: its file has {size(taken)} and the disk {size(free)} free. To rewrite "
                "it takes twice its size.",
            )


def _job(db: Database, slug: str, now: int) -> Iterator[Finding]:
    ran, gone = nightly.last_run(db), nightly.bytes_gone_before(db)
    if ran is None:
        yield Finding(False, f"{slug}: the nightly job never ran. Run: accrete-team nightly")
        return
    days = (now - ran) // DAY_MS
    if now - ran > LATE_MS:
        yield Finding(False, f"{slug}: the nightly job ran {days} days ago. Is the server on?")
    elif gone is None or gone < ran:
        yield Finding(False, f"{slug}: the last nightly job left deleted bytes. Run it by hand.")
    else:
        yield Finding(True, f"{slug}: the nightly job ran, and deleted bytes have left the disk.")
