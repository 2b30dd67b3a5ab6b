"""All ids that a folder's project may have, from this folder alone; used for deletions."""

from __future__ import annotations

import os
from collections.abc import Callable

from accrete.projects.folders import key, plain
from accrete.projects.repository import identity, look, repository
from accrete.projects.resolve import Folder, place
from accrete.projects.worktrees import NEXT_TO, WITHIN, is_home, layouts


def identities(cwd: str, redact: Callable[[str], str] = str) -> set[str]:
    """The ids that a folder's project has, had in older versions, and would have as a worktree of a
    repository that nothing else is known of. A home is none: worktrees that are kept there are of
    any repository."""
    home = plain(os.path.expanduser("~"))
    seen = look(cwd).redacted(redact)
    found = place([Folder(cwd, *seen)], home=home)
    one = found.projects[found.folders[cwd][0]]
    bases = {
        layout.repository
        for spelled in {key(seen.real or plain(cwd)), key(plain(cwd))}
        for layout in layouts(spelled)
        if layout.kind not in (WITHIN, NEXT_TO) and not is_home(layout.repository, key(home))
    }
    before = repository(cwd)
    if before and (seen.there or not is_home(key(plain(before[0])), key(home))):
        bases.add(redact(before[0]))
    return {*one.ids, *(identity(f"path:{base}") for base in bases)}
