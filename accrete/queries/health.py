"""Whether the record is sound: files that could not be read, unknown records, unpriced models."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from accrete.database import Question, Row
from accrete.transcript.read import Counts


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A file that was read. `unread` is filled in by whoever can look at the disk."""

    path: str
    layout: str
    size: int
    read_to: int
    mtime_ns: int
    missing_at: int | None
    error: str | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to say about the record."""

    sources: list[SourceHealth]
    unknown: list[tuple[str, int, str, str]]
    """(record type, number, client versions from, to)"""
    unpriced: list[tuple[str, int, int]]
    """(model, responses, tokens)"""
    without_usage: int
    last_read_at: int | None
    forgotten: int
    underived: list[tuple[str, str]]
    """(session, error) of the sessions that could not be worked out"""
    misdated: int = 0
    """lines whose time cannot be right"""


def health(person: int) -> Question[Health]:
    """The state of one person's record."""
    statements = (
        ("""SELECT path, layout, size, read_to, mtime_ns, missing_at, error, counts, tail_counts, read_at
          FROM source_file WHERE person = ? ORDER BY path""", (person,)),
        ("""SELECT e.name, COUNT(*), COALESCE(MIN(c.version), ''), COALESCE(MAX(c.version), '') FROM event e
          LEFT JOIN session_context c ON c.person = e.person AND c.session = e.session
          WHERE e.person = ? AND e.kind = 'unknown' GROUP BY e.name ORDER BY 2 DESC, 1""", (person,)),
        ("""SELECT COALESCE(model, ''), COUNT(*), SUM(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens)
          FROM response WHERE person = ? AND counted = 1 AND cost_nano IS NULL AND has_usage = 1 AND synthetic = 0
          GROUP BY 1 ORDER BY 3 DESC, 1""", (person,)),
        ("""SELECT COUNT(*) FROM response WHERE person = ? AND counted = 1 AND has_usage = 0 AND synthetic = 0""", (person,)),
        ("SELECT COUNT(*) FROM forgotten WHERE person = ? AND what = 'session'", (person,)),
        ("SELECT id, derive_error FROM session WHERE person = ? AND derive_error IS NOT NULL ORDER BY id", (person,)),
        ("SELECT COUNT(*) FROM (SELECT DISTINCT session, agent, uuid FROM event WHERE person = ? AND misdated IS NOT NULL) m", (person,)),
    )  # fmt: skip
    return Question(statements, _shape)


def _shape(answers: list[list[Row]]) -> Health:
    files, unknown, unpriced, without, forgotten, underived, misdated = answers
    sources = []
    for row in files:
        counts = Counts.from_json(row[7])
        counts.add(Counts.from_json(row[8]))
        sources.append(SourceHealth(row[0], row[1], row[2], row[3], row[4], row[5], row[6], counts))
    merged: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for name, n, low, high in unknown:
        merged[name or "(none)"].append((int(n), low, high))
    return Health(
        sources=sources,
        unknown=[
            (name, sum(g[0] for g in got), min(g[1] for g in got), max(g[2] for g in got))
            for name, got in merged.items()
        ],
        unpriced=[(row[0], int(row[1]), int(row[2] or 0)) for row in unpriced],
        without_usage=int(without[0][0]),
        last_read_at=max((row[9] for row in files), default=None),
        forgotten=int(forgotten[0][0]),
        underived=[(row[0], row[1]) for row in underived],
        misdated=int(misdated[0][0]),
    )
