"""What tells that a record has changed, and which transcripts may have grown."""

from __future__ import annotations

from typing import NamedTuple

from accrete.database import Question
from accrete.model import Tier
from accrete.queries.scope import Scope, narrowed_by


class Tail(NamedTuple):
    """A transcript as far as it was read: its path, and its size in bytes then."""

    path: str
    size: int


REVISION: Question[int] = Question(
    (("SELECT n FROM revision", ()),), lambda answers: int(answers[0][0][0])
)
"""The number that every transaction raises that writes: a larger one than before says that
something changed. It is of nobody's rows."""


@narrowed_by(shows=Tier.WORDS)
def tails(scope: Scope, since: int) -> Question[list[Tail]]:
    """The transcripts of sessions in which something happened since an instant, UTC ms."""
    whose, params = scope.of("s.person")
    sql = f"""SELECT f.path, f.size FROM visible_session s
      JOIN source_file f ON f.person = s.person AND f.session = s.id
      WHERE {whose} AND s.tier >= ? AND s.ended_at >= ? AND f.missing_at IS NULL ORDER BY f.path"""
    return Question(
        ((sql, [*params, int(scope.tier), since]),),
        lambda answers: [Tail(str(path), int(size)) for path, size in answers[0]],
    )
