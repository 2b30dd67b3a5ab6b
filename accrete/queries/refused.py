"""What a team server did not take of a person's rows."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question
from accrete.queries.scope import Scope, narrowed_by


class NotTakenRows(NamedTuple):
    """Rows of a table that were refused for one reason, over all sessions."""

    table: str
    why: str
    rows: int
    sessions: int


@narrowed_by()
def refused_rows(scope: Scope) -> Question[list[NotTakenRows]]:
    """Refused rows by table and reason, the most frequent first."""
    where, params = scope.where()
    sql = f"""SELECT f.what, f.why, SUM(f.row_count), COUNT(*) FROM refused f
      JOIN visible_session s ON s.person = f.person AND s.id = f.session
      WHERE {where} GROUP BY f.what, f.why ORDER BY SUM(f.row_count) DESC, f.what, f.why"""
    return Question(
        ((sql, params),),
        lambda answers: [
            NotTakenRows(str(what), str(why), int(rows), int(sessions))
            for what, why, rows, sessions in answers[0]
        ],
    )
