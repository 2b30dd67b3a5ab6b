"""The record's health: unreadable files, unknown records, missing prices with their reasons."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from accrete.database import Question, Row
from accrete.derive import DERIVED_VERSION
from accrete.queries.costs import Unpriced, without_price
from accrete.queries.scope import Scope, narrowed_by
from accrete.queries.sessions import HAS_WORK
from accrete.transcript import READER_VERSION
from accrete.transcript.line_counts import Counts


class SourceHealth(NamedTuple):
    """A file that was read. `unread` is filled in by whoever can look at the disk."""

    path: str
    layout: str
    size: int
    read_to: int
    mtime_ns: int
    missing_at: int | None
    error: str | None
    counts: Counts


class FileRead(NamedTuple):
    """A file that was read: what it was then, size in bytes."""

    path: str
    size: int
    mtime_ns: int


class Health(NamedTuple):
    """What there is to say about the record."""

    sources: list[SourceHealth]
    unknown: list[tuple[str, int, str, str]]
    """(record type, number, client versions from, to)"""
    unpriced: list[Unpriced]
    without_session: list[tuple[str, int, int]]
    """(model, responses, tokens) of responses that belong to no session, and so are in no figure"""
    price_assumed: int
    last_read_at: int | None
    forgotten: int
    underived: list[tuple[str, str]]
    """(session, error) of the sessions that could not be derived"""
    to_read_again: int = 0
    """Files still on disk that an older version read."""
    assumed: int = 0
    """Sessions that rest on an older version's reading, because their transcripts are gone."""
    misdated: int = 0
    """Lines whose time cannot be right."""


class Completeness(NamedTuple):
    """How much of what a person did is in the record. sources: the files that were read. sessions:
    ids of those in the record; broken: of these the ones of which something could not be read, or
    of which no transcript was. only_typed: ids of sessions of which only typed prompts are left
    (history.jsonl). last_read_at: UTC ms."""

    sources: list[SourceHealth]
    sessions: frozenset[str]
    broken: frozenset[str]
    only_typed: frozenset[str]
    last_read_at: int | None


@narrowed_by()
def files_read(scope: Scope) -> Question[list[FileRead]]:
    """The files that were read of the scope's one person, without what was in them."""
    sql = "SELECT path, size, mtime_ns FROM source_file WHERE person = ?"
    return Question(
        ((sql, (scope.person,)),), lambda answers: [FileRead(*row) for row in answers[0]]
    )


@narrowed_by()
def completeness(scope: Scope) -> Question[Completeness]:
    """The sessions that are known of the scope's one person, and what was read of them."""
    person = scope.person
    statements = (
        (
            """SELECT counts, tail_counts, read_at, session, lost,
            path, layout, size, read_to, mtime_ns, missing_at, error
            FROM source_file WHERE person = ?""",
            (person,),
        ),
        ("SELECT id FROM visible_session WHERE person = ?", (person,)),
        (
            """SELECT DISTINCT h.session FROM typed_history h WHERE h.person = ?
            AND h.session IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visible_session s
            WHERE s.person = h.person AND s.id = h.session)""",
            (person,),
        ),
    )
    return Question(statements, _complete)


def _complete(answers: list[list[Row]]) -> Completeness:
    files, known, typed = answers
    sources, read, broken = [], set(), set()
    read_at: list[int] = []
    for whole, tail, at, session, lost, *source in files:
        counts = Counts.from_json(whole)
        counts.add(Counts.from_json(tail))
        health = SourceHealth(*[*source, counts])
        sources.append(health)
        read_at.append(at)
        if health.layout == "main":
            read.add(session)
        if health.error is not None or lost or counts.malformed:
            broken.add(session)
    sessions = frozenset(session for (session,) in known)
    return Completeness(
        sources=sources,
        sessions=sessions,
        broken=frozenset(one for one in sessions if one in broken or one not in read),
        only_typed=frozenset(session for (session,) in typed),
        last_read_at=max(read_at, default=None),
    )


class Coverage(NamedTuple):
    """Of how much of the record its figures are. outcomes: sessions that have one; current: that
    the rules of this version derived; on_disk: whose transcript is not gone. unpriced, lower_bound
    and price_assumed may count other inferences too."""

    sessions: int
    outcomes: int
    current: int
    on_disk: int
    responses: int
    unpriced: int
    lower_bound: int
    price_assumed: int


@narrowed_by()
def coverage(scope: Scope) -> Question[Coverage]:
    """How much of a scope's sessions with a prompt or a response, and of their responses, the
    figures cover."""
    where, params = scope.where()
    sql = f"""SELECT COUNT(*), SUM(CASE WHEN s.outcome IS NULL THEN 0 ELSE 1 END),
    SUM(CASE WHEN s.derived_version = {DERIVED_VERSION} AND s.stale = 0 THEN 1 ELSE 0 END),
    SUM(CASE WHEN s.source_missing_at IS NULL THEN 1 ELSE 0 END),
    SUM(s.responses_own + s.responses_delegated), SUM(s.unpriced), SUM(s.lower_bound),
    SUM(s.price_assumed) FROM visible_session s WHERE {where} AND {HAS_WORK}"""
    return Question(
        ((sql, params),), lambda answers: Coverage(*(int(value or 0) for value in answers[0][0]))
    )


ASSUMED = f"""s.reader < {READER_VERSION} AND NOT EXISTS (SELECT 1 FROM source_file f
WHERE f.person = s.person
AND f.session = s.id AND f.reader < {READER_VERSION} AND f.missing_at IS NULL)"""
"""The condition on a session `s` that rests on an older version's reading for good: no file of it
is left to read."""


@narrowed_by()
def health(scope: Scope) -> Question[Health]:
    """The state of the record of a scope's one person."""
    person = scope.person
    statements = (
        ("""SELECT path, layout, size, read_to, mtime_ns, missing_at, error, counts, tail_counts,
          read_at
          FROM source_file WHERE person = ? ORDER BY path""", (person,)),
        ("""SELECT e.name, COUNT(*), COALESCE(MIN(c.version), ''), COALESCE(MAX(c.version), '')
          FROM event e
          LEFT JOIN session_context c ON c.person = e.person AND c.session = e.session
          WHERE e.person = ? AND e.kind = 'unknown' GROUP BY e.name ORDER BY 2 DESC, 1""",
          (person,)),
        *without_price(scope).statements,
        ("""SELECT COALESCE(r.model, ''), COUNT(*),
          SUM(r.input_tokens + r.output_tokens + r.cache_read_tokens + r.cache_write_tokens)
          FROM response r
          WHERE r.person = ? AND r.counted = 1 AND r.synthetic = 0 AND r.session IN (
            SELECT o.session FROM response o WHERE o.person = ?
            EXCEPT SELECT s.id FROM visible_session s WHERE s.person = ?)
          GROUP BY r.model ORDER BY 3 DESC, 1""", (person, person, person)),
        ("SELECT COALESCE(SUM(price_assumed), 0) FROM visible_session WHERE person = ?", (person,)),
        ("SELECT COUNT(*) FROM forgotten WHERE person = ? AND what = 'session'", (person,)),
        ("""SELECT id, derive_error FROM visible_session
          WHERE person = ? AND derive_error IS NOT NULL ORDER BY id""", (person,)),
        ("SELECT COUNT(*) FROM source_file WHERE person = ? AND reader < ? AND missing_at IS NULL",
         (person, READER_VERSION)),
        (f"SELECT COUNT(*) FROM visible_session s WHERE s.person = ? AND {ASSUMED}", (person,)),
        # By an expression: SQLite would walk the index of all events for the order of its columns.
        ("""SELECT COUNT(*) FROM (SELECT DISTINCT session || '' AS session, agent, uuid FROM event
          WHERE person = ? AND misdated IS NOT NULL) m""", (person,)),
    )  # fmt: skip
    return Question(statements, _shape)


NOBODY = Scope((0,))


def _number(rows: list[Row]) -> int:
    """The one number of an answer."""
    ((number,),) = rows
    return int(number)


def _shape(answers: list[list[Row]]) -> Health:
    (
        files,
        unknown,
        unpriced,
        without_session,
        price_assumed,
        forgotten,
        underived,
        again,
        assumed,
        misdated,
    ) = answers
    sources = []
    for path, layout, size, read_to, mtime_ns, missing_at, error, counted, tail_counted, _ in files:
        counts = Counts.from_json(counted)
        counts.add(Counts.from_json(tail_counted))
        sources.append(
            SourceHealth(path, layout, size, read_to, mtime_ns, missing_at, error, counts)
        )
    merged: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for name, n, low, high in unknown:
        merged[name or "(none)"].append((int(n), low, high))
    return Health(
        sources=sources,
        unknown=[
            (
                name,
                sum(n for n, _, _ in got),
                min(low for _, low, _ in got),
                max(high for _, _, high in got),
            )
            for name, got in merged.items()
        ],
        unpriced=without_price(NOBODY).shape([unpriced]),
        without_session=[(model, int(n), int(tokens)) for model, n, tokens in without_session],
        price_assumed=_number(price_assumed),
        last_read_at=max((read_at for *_, read_at in files), default=None),
        forgotten=_number(forgotten),
        underived=[(session, error) for session, error in underived],
        to_read_again=_number(again),
        assumed=_number(assumed),
        misdated=_number(misdated),
    )
