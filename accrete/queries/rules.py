"""By which rules projects were derived: every command asks, so it stands apart from the projects
themselves."""

from __future__ import annotations

from collections.abc import Sequence

from accrete.database import Question
from accrete.projects.settled import PROJECTS_SETTLED, Rule, digest
from accrete.queries.scope import Scope, narrowed_by


@narrowed_by()
def other_rules(scope: Scope, rules: Sequence[Rule]) -> Question[bool]:
    """Whether projects were derived by other rules than these. False if an ingest has yet to work
    them out."""
    sql = "SELECT value FROM fact WHERE person = ? AND name = ?"
    return Question(
        ((sql, (scope.person, PROJECTS_SETTLED)),),
        lambda answers: any(by not in ("", digest(rules)) for (by,) in answers[0]),
    )
