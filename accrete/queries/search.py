"""Full-text search over prompts, answers, commands and paths: one implementation for each engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, SEARCHABLE_KINDS
from accrete.queries.scope import Scope

WHERE_TO_LOOK = {
    "prompts": PROMPT_KINDS,
    "answers": ("assistant_text",),
    "commands": ("tool_call",),
    "all": SEARCHABLE_KINDS,
}
AROUND = 40
"""Characters of an excerpt before what was found; three times as many after it."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_BETWEEN = r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+"
"""What stands between words, for Python and PostgreSQL alike: ASCII alone, so that no locale has a say in it."""
_TOKENS = f"to_tsvector('simple', regexp_replace(left(e.text, 200000), '{_BETWEEN}', ' ', 'g'))"
"""The index's expression, as schema 0007 has it."""
_FOLDED = {
    "sqlite": "lower(e.text)",
    "postgresql": "translate(e.text, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')",
}
"""A text with its ASCII capitals made small: SQLite knows no others."""


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


class Term(NamedTuple):
    """Words that have to stand in a row, of which the last may be the beginning of one."""

    text: str
    beginning: bool


def search(scope: Scope, words: str, *, dialect: str, kinds: tuple[str, ...] = SEARCHABLE_KINDS, limit: int = 20
           ) -> Question[list[Hit]]:  # fmt: skip
    """The newest places that hold all the words, each once however many sessions copied it. A phrase stands in
    double quotes, and a trailing `*` finds beginnings; nothing else in `words` has a meaning of its own. Where one of
    them is Chinese, Japanese, Korean, Thai or the like, all are looked for anywhere in a text: no index knows where
    such words begin.

    Raises ValueError when `words` holds nothing to look for.
    """
    terms = _terms(words.replace("\0", " "))
    if not terms:
        raise ValueError("nothing to look for")
    if _UNSPACED.search(words):
        return _anywhere(scope, [_folded(term.text) for term in terms], dialect, kinds, limit)
    build = _sqlite if dialect == "sqlite" else _postgres
    return build(scope, terms, kinds, limit)


def _terms(words: str) -> list[Term]:
    found = []
    for index, piece in enumerate(words.split('"')):
        for term in [piece] if index % 2 else piece.split():
            text = term.strip()
            bare = text.rstrip("*") if not index % 2 else text
            if any(char.isalnum() for char in bare):
                found.append(Term(bare, bare != text))
    return found


def _common(scope: Scope, kinds: tuple[str, ...]) -> tuple[str, str, list[Any]]:
    where, params = scope.where(day="s.local_day")
    joins = """JOIN session s ON s.person = e.person AND s.id = e.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project"""
    return joins, f"{where} AND e.kind IN ({', '.join('?' for _ in kinds)})", [*params, *kinds]


def _sqlite(scope: Scope, terms: list[Term], kinds: tuple[str, ...], limit: int) -> Question[list[Hit]]:
    match = " ".join('"' + term.text.replace('"', '""') + '"' + (" *" if term.beginning else "") for term in terms)
    joins, where, params = _common(scope, kinds)
    sql = f"""SELECT e.session, s.title, COALESCE(p.name, ''), e.at, e.kind, e.name, e.uuid,
      snippet(event_search, 0, char(2), char(3), '…', 24)
    FROM event_search JOIN event e ON e.id = event_search.rowid {joins}
    WHERE event_search MATCH ? AND {where} ORDER BY e.at DESC NULLS LAST, e.id DESC LIMIT ?"""
    return Question(((sql, [match, *params, limit * 4]),), lambda answers: _hits(answers[0], limit))


def _postgres(scope: Scope, terms: list[Term], kinds: tuple[str, ...], limit: int) -> Question[list[Hit]]:
    joins, where, params = _common(scope, kinds)
    words = [[word for word in re.split(_BETWEEN, term.text) if word] for term in terms]
    query = " && ".join("to_tsquery('simple', ?)" for _ in terms)
    queries = [" <-> ".join(f"'{word}'" for word in some) + (":*" if term.beginning else "")
               for term, some in zip(terms, words, strict=True)]  # fmt: skip
    searchable = ", ".join(f"'{kind}'" for kind in SEARCHABLE_KINDS)
    sql = f"""SELECT e.session, s.title, COALESCE(p.name, ''), e.at, e.kind, e.name, e.uuid, left(e.text, 200000)
    FROM event e {joins}
    WHERE e.kind IN ({searchable}) AND {_TOKENS} @@ ({query}) AND {where} ORDER BY e.at DESC NULLS LAST, e.id DESC LIMIT ?"""
    wanted = [_folded(word) for some in words for word in some]
    return Question(((sql, [*queries, *params, limit * 4]),), lambda answers: _hits(_cut(answers[0], wanted), limit))


def _anywhere(scope: Scope, texts: list[str], dialect: str, kinds: tuple[str, ...], limit: int) -> Question[list[Hit]]:
    joins, where, params = _common(scope, kinds)
    text = _FOLDED[dialect]
    holds = f"instr({text}, ?) > 0" if dialect == "sqlite" else f"position(? in {text}) > 0"
    sql = f"""SELECT e.session, s.title, COALESCE(p.name, ''), e.at, e.kind, e.name, e.uuid, e.text
    FROM event e {joins} WHERE {where} AND {" AND ".join(holds for _ in texts)}
    ORDER BY e.at DESC NULLS LAST, e.id DESC LIMIT ?"""
    return Question(((sql, [*params, *texts, limit * 4]),), lambda answers: _hits(_cut(answers[0], texts), limit))


def _folded(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)


def _hits(rows: list[Row], limit: int) -> list[Hit]:
    seen: set[str] = set()
    found = []
    for row in rows:
        if row[6] not in seen:
            seen.add(row[6])
            found.append(Hit(*row))
    return found[:limit]


def _cut(rows: list[Row], words: list[str]) -> list[Row]:
    """The rows with what stands around the first of the words instead of the whole text."""
    return [(*row[:7], _excerpt(row[7], words)) for row in rows]


def _excerpt(text: str, words: list[str]) -> str:
    any_of = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)
    found = any_of.search(text)
    begin, end = (max(found.start() - AROUND, 0), found.end() + 3 * AROUND) if found else (0, 4 * AROUND)
    marked = any_of.sub("\x02\\g<0>\x03", text[begin:end])
    return ("…" if begin else "") + marked + ("…" if end < len(text) else "")
