"""Full-text search over prompts, answers, commands and paths: one implementation for each engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, SEARCHABLE_KINDS
from accrete.queries.scope import Scope

WHERE_TO_LOOK = {
    "prompts": PROMPT_KINDS,
    "answers": ("assistant_text",),
    "commands": ("tool_call",),
    "all": SEARCHABLE_KINDS,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where the words stand. `excerpt` has the words between \\x02 and \\x03."""

    session: str
    title: str | None
    project: str
    at: int | None
    kind: str
    name: str | None
    uuid: str
    excerpt: str


def search(scope: Scope, words: str, *, dialect: str, kinds: tuple[str, ...] = SEARCHABLE_KINDS, limit: int = 20
           ) -> Question[list[Hit]]:  # fmt: skip
    """The newest places that hold all the words, each once however many sessions copied it. A phrase stands in
    double quotes, and a trailing `*` finds beginnings; nothing else in `words` has a meaning of its own.

    Raises ValueError when `words` holds nothing to look for.
    """
    terms = _terms(words)
    if not terms:
        raise ValueError("nothing to look for")
    build = _sqlite if dialect == "sqlite" else _postgres
    return build(scope, terms, kinds, limit)


def _terms(words: str) -> list[tuple[str, bool]]:
    """(phrase, is a beginning) of each term."""
    found: list[tuple[str, bool]] = []
    for index, piece in enumerate(words.split('"')):
        for term in [piece] if index % 2 else piece.split():
            text = term.strip()
            bare = text.rstrip("*") if not index % 2 else text
            if any(char.isalnum() for char in bare):
                found.append((bare, bare != text))
    return found


def _common(scope: Scope, kinds: tuple[str, ...]) -> tuple[str, str, list[Any]]:
    where, params = scope.where(day="s.local_day")
    joins = """JOIN session s ON s.person = e.person AND s.id = e.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project"""
    return joins, f"{where} AND e.kind IN ({', '.join('?' for _ in kinds)})", [*params, *kinds]


def _sqlite(scope: Scope, terms: list[tuple[str, bool]], kinds: tuple[str, ...], limit: int) -> Question[list[Hit]]:
    match = " ".join('"' + text.replace('"', '""') + '"' + (" *" if prefix else "") for text, prefix in terms)
    joins, where, params = _common(scope, kinds)
    sql = f"""SELECT e.session, s.title, COALESCE(p.name, ''), e.at, e.kind, e.name, e.uuid,
      snippet(event_search, 0, char(2), char(3), '…', 24)
    FROM event_search JOIN event e ON e.id = event_search.rowid {joins}
    WHERE event_search MATCH ? AND {where} ORDER BY e.at DESC NULLS LAST, e.id DESC LIMIT ?"""
    return Question(((sql, [match, *params, limit * 4]),), lambda answers: _hits(answers[0], limit))


def _postgres(scope: Scope, terms: list[tuple[str, bool]], kinds: tuple[str, ...], limit: int) -> Question[list[Hit]]:
    joins, where, params = _common(scope, kinds)
    parts, queries = [], []
    for text, prefix in terms:
        if prefix:
            parts.append("to_tsquery('simple', ?)")
            queries.append("".join(char for char in text.lower() if char.isalnum() or char == "_") + ":*")
        else:
            parts.append("phraseto_tsquery('simple', ?)")
            queries.append(text)
    query = " && ".join(parts)
    text_of = "to_tsvector('simple', left(e.text, 200000))"
    searchable = ", ".join(f"'{kind}'" for kind in SEARCHABLE_KINDS)
    sql = f"""SELECT e.session, s.title, COALESCE(p.name, ''), e.at, e.kind, e.name, e.uuid,
      ts_headline('simple', left(e.text, 200000), {query}, 'StartSel=' || chr(2) || ',StopSel=' || chr(3) || ',MaxWords=24,MinWords=12')
    FROM event e {joins}
    WHERE e.kind IN ({searchable}) AND {text_of} @@ ({query}) AND {where} ORDER BY e.at DESC NULLS LAST, e.id DESC LIMIT ?"""
    return Question(((sql, [*queries, *queries, *params, limit * 4]),), lambda answers: _hits(answers[0], limit))


def _hits(rows: list[Row], limit: int) -> list[Hit]:
    seen: set[str] = set()
    found = []
    for row in rows:
        if row[6] not in seen:
            seen.add(row[6])
            found.append(Hit(*row))
    return found[:limit]
