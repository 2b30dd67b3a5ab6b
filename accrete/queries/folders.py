"""The folders that a session's paths are shown relative to: its project's, and the one it began
in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from accrete.database import Question
from accrete.model import Tier
from accrete.queries.scope import Scope, narrowed_by

CUT = "…"
_LEAST = 5
"""Characters of a folder that a cut path must still show, to be known as lying in it."""


@narrowed_by(shows=Tier.ACTIVITY)
def session_folders(scope: Scope, sessions: Collection[str]) -> Question[dict[str, list[str]]]:
    """For each of some sessions the root of its project and the folder that it began in, as far as
    they are known."""
    ids = sorted(set(sessions))
    where, params = scope.where()
    sql = f"""SELECT s.id, COALESCE(p.root, ''), COALESCE(s.cwd, '') FROM visible_session s
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project
    WHERE {where} AND s.id IN ({", ".join("?" * len(ids)) or "''"})"""
    return Question(
        ((sql, (*params, *ids)),),
        lambda answers: {
            session: [folder for folder in folders if folder] for session, *folders in answers[0]
        },
    )


def within(path: str | None, folders: Sequence[str]) -> str | None:
    """A path relative to the first of the folders that it lies in, else as it is. Of a path whose
    beginning was cut off the rest of the folder goes too."""
    for folder in folders:
        start = folder.rstrip("/\\")
        if not path or not start:
            continue
        if path.startswith(CUT):
            rest = next(
                (
                    start[at:]
                    for at in range(len(start) - _LEAST + 1)
                    if path.startswith(start[at:], len(CUT))
                ),
                "",
            )
            begin = len(CUT) + len(rest) if rest else 0
        else:
            begin = len(start) if path.startswith(start) else 0
        if begin and path[begin : begin + 1] in ("/", "\\"):
            return path[begin + 1 :] or path
    return path
