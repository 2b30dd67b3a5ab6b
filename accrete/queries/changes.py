"""What changed files in a session: edits with their patches, and shell commands."""

from __future__ import annotations

from dataclasses import dataclass

from accrete.database import Question
from accrete.model import Tier
from accrete.outcomes.tool_names import EDITS, SHELLS
from accrete.queries.scope import Scope, narrowed_by


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A call of an edit tool or of a shell. prompt: the number of the prompt it belongs to, 0
    before the first; uuid: of its event; run: the subagent's, '' for the main line; at: UTC ms,
    when its result came, else when it was made; target: the file, or the command; status: ok,
    error, rejected, interrupted, None without a result; added, removed: lines of its patch; None is
    not known; detail: as stored, JSON."""

    key: tuple[str, str]
    cut: bool
    user_modified: bool
    prompt: int
    uuid: str
    run: str
    at: int | None
    tool: str
    target: str | None
    status: str | None
    patch: str | None
    added: int | None
    removed: int | None
    detail: str | None


@narrowed_by("session", shows=Tier.ACTIVITY)
def changes(scope: Scope) -> Question[list[ChangeRow]]:
    """The calls of a session that changed files or may have, in the order in which they ended; of
    edits those too that failed or were refused."""
    gate, seen = scope.gate
    tools = sorted(EDITS | SHELLS)
    sql = f"""SELECT c.message_id, c.tool_use_id, COALESCE(c.patch_cut, 0),
      COALESCE(c.user_modified, 0), COALESCE(t.number, 0), c.uuid, c.run,
      COALESCE(c.result_at, c.at), c.tool, c.target, c.status, c.patch,
      c.lines_added, c.lines_removed, c.detail
    FROM tool_call c
    LEFT JOIN prompt t ON t.person = c.person AND t.session = c.session AND t.uuid = c.prompt
    WHERE c.person = ? AND c.session = ? AND {gate} AND c.counted = 1
    AND c.tool IN ({", ".join("?" for _ in tools)})
    ORDER BY COALESCE(c.result_at, c.at) NULLS LAST, c.agent, c.seq, c.tool_use_id"""
    return Question(
        ((sql, (*scope.one, *seen, *tools)),),
        lambda answers: [
            ChangeRow((message, use), bool(cut), bool(modified), *call)
            for message, use, cut, modified, *call in answers[0]
        ],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The input of a call, redacted JSON; cut: only its beginning."""

    input: str
    cut: bool


@narrowed_by("session", shows=Tier.WORDS)
def edit_inputs(scope: Scope) -> Question[dict[tuple[str, str], Asked]]:
    """By their keys the inputs of those edits of a session that their patches do not tell whole:
    created files, edits that the person changed or refused, and tabs."""
    gate, seen = scope.gate
    sql = f"""SELECT c.message_id, c.tool_use_id, c.input, c.input_cut FROM tool_call c
    WHERE c.person = ? AND c.session = ? AND {gate} AND c.counted = 1
    AND c.tool IN ({", ".join("?" for _ in EDITS)}) AND c.input IS NOT NULL
    AND (c.patch IS NULL OR c.user_modified = 1 OR text_of(c.input) LIKE ? ESCAPE '!')
    AND (c.status IS NULL OR c.status <> 'error')"""
    return Question(
        ((sql, (*scope.one, *seen, *sorted(EDITS), "%\\t%")),),
        lambda answers: {
            (message, use): Asked(given, bool(cut)) for message, use, given, cut in answers[0]
        },
    )
