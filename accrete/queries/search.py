"""Full-text search over prompts, answers, commands and paths: the words of accrete/text/terms.py,
one index for each engine.

Longer than a module should be because both engines' ways of asking stand beside each other, so that
they find the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations, islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

from accrete.clock import LocalTime
from accrete.database import Question, Row
from accrete.model import PROMPT_KINDS, SEARCHABLE_KINDS, Tier
from accrete.queries.prompts import IS_PROMPT, prompt_number
from accrete.queries.scope import EVENT_DAY, SESSIONS, ZONES_MS, Scope, narrowed_by
from accrete.record.searchable import SEARCHABLE
from accrete.text.lazy import lazy
from accrete.text.terms import lower, places, words
from accrete.transcript.client_marks import command_line

if TYPE_CHECKING:
    from accrete.database import Database
    from accrete.database.serving import Reader

WHERE_TO_LOOK = {
    "prompts": PROMPT_KINDS,
    "answers": ("assistant_text",),
    "commands": ("tool_call",),
    "all": SEARCHABLE_KINDS,
}
AROUND = 40
"""Characters of an excerpt before what was found; three times as many after it."""
MOST_EXACT = 100
"""Terms that are compared as they are written: SQLite takes 1,000 conditions at most."""
MOST_TERMS = 24
"""Terms that are looked for: a pasted page has thousands, and each costs a look into the index."""
LONGEST_PHRASE = 24
"""Words of a phrase that have to stand side by side."""
LONGEST_TEXT = 4000
"""Characters of what is asked for that are read."""
PARTLY = 6
"""Words of which some may be missing where no place has all of them."""

TITLES_AT_ONCE = 1000
"""Titles with the letters of the words that are read at once."""

_MARKED = lazy(r"([#@$.~/+-]*)(.*?)([+#]*)", re.DOTALL)
"""Punctuation at the edge of a word that is a part of it: C++, C#, #123, @name, .env, --force."""
_SMALL = {
    "sqlite": "lower({0})",
    "postgresql": "translate({0}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')",
}
_NOT_PLAIN = {
    "sqlite": "s.title GLOB '*[^ -~]*'",
    "postgresql": "octet_length(s.title) > char_length(s.title)",
}
"""Whether a title may have words that it is not written with: other letters fold to ASCII."""
_HOLDS = {"sqlite": "instr({0}, ?) > 0", "postgresql": "position(? in {0}) > 0"}


class Hit(NamedTuple):
    """One place where the words stand. prompt: the number of the prompt it belongs to, None before
    the first; at: UTC ms; kind as the event's; `excerpt` has the words between \\x02 and \\x03;
    run: the subagent whose line it is, '' for the main line."""

    session: str
    title: str | None
    project: str
    prompt: int | None
    at: int | None
    kind: str
    name: str | None
    uuid: str
    excerpt: str
    run: str = ""


class Term(NamedTuple):
    """Words that stand side by side, of which the last may be the beginning of one. exact:
    characters that must stand there as they are, '' where punctuation makes no difference."""

    words: tuple[str, ...]
    beginning: bool = False
    exact: str = ""


class Found(NamedTuple):
    """What a search found. loose: how these places differ from what was asked for, '' if they do
    not. terms, least: what was looked for in the end, as `search` takes them."""

    hits: list[Hit]
    loose: str
    terms: tuple[Term, ...] = ()
    least: int | None = None


class Titled(NamedTuple):
    """A session that is named by its title. at: when it began, UTC ms."""

    session: str
    title: str
    project: str | None
    at: int | None


@narrowed_by(*SESSIONS, "over")
def titled(
    scope: Scope, asked: str, *, dialect: str, limit: int, among: int = TITLES_AT_ONCE
) -> Question[tuple[list[Titled], bool]]:
    """The newest sessions of a scope whose title has all the words of `asked`, whole or as the
    beginning of one; and whether there may be more of them, because only so many were read."""
    wanted = set(words(asked))
    tables, where, params = scope.sessions()
    plain = sorted(filter(str.isascii, wanted))  # a title without them is not read
    holds = _HOLDS[dialect].format(_SMALL[dialect].format("s.title"))
    where += f" AND ({_NOT_PLAIN[dialect]} OR {holds})" * len(plain)
    sql = scope.figures(f"""SELECT s.id, s.title, p.name, s.started_at FROM {tables}
      LEFT JOIN project p ON p.person = s.person AND p.id = s.project
      WHERE {where} AND s.title IS NOT NULL ORDER BY s.started_at DESC NULLS LAST, s.id
      LIMIT ?""")

    def shape(answers: list[list[Row]]) -> tuple[list[Titled], bool]:
        read = (Titled(*row) for row in answers[0])
        found = list(islice((each for each in read if _names(each.title, wanted)), limit))
        return found, len(found) < limit and len(answers[0]) == among

    return Question(((sql, [*params, *plain, among]),), shape)


def _names(title: str, wanted: set[str]) -> bool:
    has = list(words(title))
    return bool(wanted) and all(any(each.startswith(word) for each in has) for word in wanted)


APART, FORMS, SOME = (
    "all the words, not as written",
    "other forms of the words",
    "some of the words",
)
ALL_THE_WORDS = ("", APART)
ANY_WAY = ("", APART, FORMS, SOME)
"""How places may differ from what is asked for, as `Found.loose` says it, the closest first."""


Asking = Generator[Question[list[Hit]], list[Hit], Found]
"""A search: the questions that it puts, each with the answer to the one before it."""


def find(
    db: Database,
    scope: Scope,
    text: str,
    *,
    kinds: tuple[str, ...] = SEARCHABLE_KINDS,
    limit: int = 20,
) -> Found:
    """What `asking` finds, at one moment. Raises ValueError when `text` holds nothing to look
    for."""
    steps = asking(scope, text, dialect=db.dialect, kinds=kinds, limit=limit)
    with db.reading():
        question = next(steps)
        while True:
            try:
                question = steps.send(db.ask(question))
            except StopIteration as end:
                found: Found = end.value
                return found


async def find_by(reader: Reader, steps: Asking) -> Found:
    """The same for whoever serves many: `steps` of `asking`, put to a reader."""
    rows: list[Hit] | None = None
    while True:
        try:
            question = steps.send(rows) if rows is not None else next(steps)
        except StopIteration as end:  # at once where none of the ways applies
            found: Found = end.value
            return found
        rows = await reader.ask(question)


def asking(
    scope: Scope,
    text: str,
    *,
    dialect: str,
    kinds: tuple[str, ...] = SEARCHABLE_KINDS,
    limit: int = 20,
    ways: tuple[str, ...] = ANY_WAY,
    without: frozenset[str] = frozenset(),
) -> Asking:
    """The newest places that hold everything that `text` asks for (see terms_of); where there is
    none, those that hold its phrases whatever the punctuation; else all its words; else forms of
    them; else most of them, and at least half. ways: which of these are tried; without: sessions
    whose places do not count.
    Raises ValueError, at once, when `text` holds nothing to look for."""
    return _asking(scope, terms_of(text), dialect, kinds, limit, ways, without)


def _asking(
    scope: Scope,
    asked: tuple[Term, ...],
    dialect: str,
    kinds: tuple[str, ...],
    limit: int,
    ways: tuple[str, ...],
    without: frozenset[str],
) -> Asking:
    for terms, least, said in _ways(asked):
        if said not in ways:
            continue
        found = yield search(scope, terms, dialect=dialect, kinds=kinds, limit=limit, least=least)
        hits = [each for each in found if each.session not in without]
        if hits:
            return Found(hits, said, terms, least)
    return Found([], "", asked)


def _ways(asked: tuple[Term, ...]) -> Iterator[tuple[tuple[Term, ...], int | None, str]]:
    """The terms to look for, one way after the other: (terms, how many of them at least, how that
    differs from what was asked for)."""
    plain = tuple(term._replace(exact="") for term in asked)
    stems = tuple(dict.fromkeys(_stem(term) for term in _apart(asked)))
    ways: dict[tuple[Term, ...], str] = {}
    for terms, said in ((asked, ""), (plain, APART), (_apart(asked), APART), (stems, FORMS)):
        ways.setdefault(terms, said)  # words without other forms are all the words
    for terms, said in ways.items():
        yield terms, None, said
    few = _telling(stems)
    most, half = len(few) - (len(few) == len(stems)), max(1, (len(few) + 1) // 2)
    for least in range(most, half - 1, -1):
        yield few, least, SOME


_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be but by can could did do does for from had has have how i if in "
        "into is it its me my not of on or our should so that the their them then there these "
        "they this those to us was we were what when where which who why will with would you your ",
    )
)
"""English words that tell nothing of a place."""
_ENDINGS = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
    "s",
    "e",
    "y",
)
SHORTEST_STEM = 3


def _stem(term: Term) -> Term:
    """An English word as the beginning that its forms share; anything else as it is."""
    word = term.words[-1]
    if len(term.words) > 1 or term.beginning or not (word.isascii() and word.isalpha()):
        return term
    ending = next(
        (
            each
            for each in _ENDINGS
            if word.endswith(each) and len(word) - len(each) >= SHORTEST_STEM
        ),
        "",
    )
    stem = word[: len(word) - len(ending)]
    if (
        ending in ("ings", "ing", "ers", "er", "ed")
        and stem[-1] == stem[-2]
        and stem[-1] not in "ls"
        and len(stem) > SHORTEST_STEM
    ):
        stem = stem[:-1]  # running, stopped
    return Term((stem,), len(word) > SHORTEST_STEM)


def _telling(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Those few of the words that tell most of a place: no common ones where there are others, the
    longest first."""
    long = [term for term in terms if len(term.words[0]) > 1]
    some = [term for term in long if term.words[0] not in _COMMON] or long
    return tuple(sorted(some, key=lambda term: -len(term.words[0]))[:PARTLY])


def terms_of(text: str) -> tuple[Term, ...]:
    """What a text asks for: its words, each to stand somewhere in one place. A phrase stands in
    double quotes, a trailing `*` finds beginnings, and words joined by punctuation or by a script
    without spaces stand side by side; nothing else has a meaning of its own. Of a long text the
    first MOST_TERMS terms count. Raises ValueError when there is no word in it."""
    text = text[:LONGEST_TEXT]
    pieces = text.encode("utf-8", "replace").decode().replace("\0", " ").split('"')
    found = [
        _term(piece)
        for index, part in enumerate(pieces)
        for piece in ([part] if index % 2 else part.split())
    ]
    terms = [term for term in found if term is not None]
    if not terms:
        raise ValueError("nothing to look for")
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def _term(piece: str) -> Term | None:
    bare = piece.strip()
    beginning = bare.endswith("*") and not bare.strip("*")[-1:].isspace()
    bare = bare.strip("*").strip()
    some = tuple(words(bare))[:LONGEST_PHRASE]
    if not some:
        return None
    marked = _MARKED.fullmatch(bare)
    exact = lower(bare) if marked and (marked[1] or marked[3]) else ""
    return Term(some, beginning, exact)


def _apart(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """The same words, each for itself."""
    return tuple(
        dict.fromkeys(
            Term((word,), beginning) for term in terms for word, beginning in _one_by_one(term)
        )
    )


def _one_by_one(term: Term) -> list[tuple[str, bool]]:
    """The words of a term, each with whether it is a beginning."""
    last = len(term.words) - 1
    return [(word, term.beginning and place == last) for place, word in enumerate(term.words)]


@narrowed_by(*SESSIONS, "over", shows=Tier.WORDS)
def search(
    scope: Scope,
    wanted: str | tuple[Term, ...],
    *,
    dialect: str,
    kinds: tuple[str, ...] = SEARCHABLE_KINDS,
    limit: int = 20,
    least: int | None = None,
) -> Question[list[Hit]]:
    """The newest places that hold all the terms, or at least so many of few single words, each once
    however many sessions copied it, and in the oldest of them.
    since and until of the scope go by the local day of each place. Raises ValueError when nothing
    is asked for."""
    terms = terms_of(wanted) if isinstance(wanted, str) else wanted
    where, params = _conditions(scope, terms, dialect, kinds, least)
    when, days = _on_days(scope)
    statement = (_statement(dialect, where + when, limit), [*params, *days])
    return Question(
        (statement,),
        lambda answers: [
            _hit(found, terms)
            for found in sorted(map(_Found._make, answers[0]), key=lambda found: found.order)
        ],
    )


COUNTED = 5_000
"""The most matches that are counted by day: counting more takes longer than the search."""


@narrowed_by(*SESSIONS, "over", shows=Tier.WORDS)
def search_days(
    scope: Scope,
    terms: tuple[Term, ...],
    *,
    dialect: str,
    kinds: tuple[str, ...] = SEARCHABLE_KINDS,
    least: int | None = None,
) -> Question[dict[str, int] | None]:
    """How many places hold the terms, by local day, each place once however many sessions copied
    it; '' for those without a day. None for more than COUNTED.

    CROSS JOIN, for SQLite keeps to that order: it would look at all events of a person first."""
    where, params = _conditions(scope, terms, dialect, kinds, least)
    when, days = _on_days(scope)
    key = "rowid" if dialect == "sqlite" else "id"
    sql = f"""SELECT day, COUNT(*), SUM(n) FROM (
      SELECT uuid, COALESCE(MIN(day), '') AS day, COUNT(*) AS n FROM (
        SELECT e.person AS person, e.uuid AS uuid, {EVENT_DAY} AS day
        FROM event_search CROSS JOIN event e CROSS JOIN visible_session s
        WHERE e.id = event_search.{key} AND s.person = e.person AND s.id = e.session
        AND {where}{when} LIMIT {COUNTED + 1}) m GROUP BY person, uuid) c GROUP BY day"""
    return Question(((sql, [*params, *days]),), _by_day)


class PersonHits(NamedTuple):
    """How many places of a person's sessions hold what was asked for, each place once."""

    person: int
    places: int
    sessions: int


@narrowed_by(*SESSIONS, "over", shows=Tier.WORDS)
def search_people(
    scope: Scope,
    terms: tuple[Term, ...],
    *,
    dialect: str,
    kinds: tuple[str, ...] = SEARCHABLE_KINDS,
    least: int | None = None,
) -> Question[list[PersonHits]]:
    """In how many places and sessions of each person of a scope the terms stand, of COUNTED matches
    at most; people without any are left out."""
    where, params = _conditions(scope, terms, dialect, kinds, least)
    when, days = _on_days(scope)
    key = "rowid" if dialect == "sqlite" else "id"
    sql = f"""SELECT m.person, COUNT(DISTINCT m.uuid), COUNT(DISTINCT m.session) FROM (
      SELECT e.person AS person, e.uuid AS uuid, e.session AS session
      FROM event_search CROSS JOIN event e CROSS JOIN visible_session s
      WHERE e.id = event_search.{key} AND s.person = e.person AND s.id = e.session
      AND {where}{when} LIMIT {COUNTED}) m GROUP BY m.person"""
    return Question(
        ((sql, [*params, *days]),),
        lambda answers: [PersonHits(*map(int, row)) for row in answers[0]],
    )


def _by_day(answers: list[list[Row]]) -> dict[str, int] | None:
    if sum(int(rows) for _, _, rows in answers[0]) > COUNTED:
        return None
    return {day: int(hits) for day, hits, _ in answers[0]}


class _Found(NamedTuple):
    """A row of `_newest`: the columns of its SELECT."""

    at: int | None
    session: str
    seq: int
    part: int
    title: str | None
    project: str
    prompt: int | None
    kind: str
    name: str | None
    uuid: str
    text: str
    run: str

    @property
    def order(self) -> tuple[bool, int, str, int, int]:
        """Newest first, those without a time last."""
        return self.at is None, -(self.at or 0), self.session, self.seq, self.part


def _conditions(scope: Scope, terms: tuple[Term, ...], dialect: str, kinds: tuple[str, ...],
                least: int | None) -> tuple[str, list[object]]:  # fmt: skip
    """What every place has to be, but for its time."""
    where, params = replace(scope, since=None, until=None).where()
    ways = [terms] if least is None else list(combinations(terms, least))
    holds, given = (_sqlite if dialect == "sqlite" else _postgres)(ways)
    if dialect != "sqlite":
        whose, people = scope.of("event_search.person")
        holds, given = f"{holds} AND {whose}", [*given, *people]
    exact = [term.exact for term in terms if term.exact][:MOST_EXACT]
    literal = [_HOLDS[dialect].format(_SMALL[dialect].format("e.text"))] * len(exact)
    of_kind = f"e.kind IN ({', '.join('?' for _ in kinds)})"
    if "queued_prompt" in kinds:
        of_kind = f"({of_kind} OR (e.kind = 'queue_operation' AND {IS_PROMPT.format(event='e')}))"
    searchable = SEARCHABLE.format(event="e")
    return " AND ".join([holds, searchable, where, of_kind, *literal]), [
        *given,
        *params,
        *kinds,
        *exact,
    ]


def _sqlite(ways: Sequence[tuple[Term, ...]]) -> tuple[str, list[object]]:
    match = " OR ".join(
        "("
        + " AND ".join(
            f'"{" ".join(term.words)}"{" *" if term.beginning else ""}' for term in terms
        )
        + ")"
        for terms in ways
    )
    return "event_search MATCH ?", [match]


def _postgres(ways: Sequence[tuple[Term, ...]]) -> tuple[str, list[object]]:
    """The words by the index; that they stand side by side, which only a single way asks for, by
    their text."""
    query = " | ".join(
        "("
        + " & ".join(
            f"'{word}'{':*' if beginning else ''}"
            for term in terms
            for word, beginning in _one_by_one(term)
        )
        + ")"
        for terms in ways
    )
    phrases = [
        f" {' '.join(term.words)}{'' if term.beginning else ' '}"
        for term in ways[0]
        if len(term.words) > 1
    ]
    beside = [f"position(? in ' ' || {_WORDS} || ' ') > 0"] * len(phrases)
    return " AND ".join(["event_search.found @@ CAST(? AS tsquery)", *beside]), [query, *phrases]


_WORDS = "event_search.words"


LONGEST_MS = 7 * 24 * 3_600_000
"""How long after the beginning of its response a line may have been written, at the very most."""


def _on_days(scope: Scope) -> tuple[str, list[object]]:
    """The condition that a place is of the scope's days, as whatever else goes by days has it: the
    day of the prompt, of the call, or on which the response began. What lies far from them in any
    zone is left out first, without a look at other tables."""
    exact, params = scope.days(EVENT_DAY)
    near, times = "", []
    if scope.since is not None:
        near += " AND (e.at IS NULL OR e.at >= ?)"
        times.append(_UTC.start_of_day(scope.since) - ZONES_MS)
    if scope.until is not None:
        near += " AND (e.at IS NULL OR e.at < ?)"
        times.append(_UTC.start_of_day(scope.until) + ZONES_MS + LONGEST_MS)
    return near + exact, [*times, *params]


_UTC = LocalTime("UTC")


_ORDER = "at DESC NULLS LAST, session, seq, part"


def _statement(dialect: str, where: str, most: int) -> str:
    key = "rowid" if dialect == "sqlite" else "id"
    copies = f"""SELECT e.id AS id, e.at AS at, e.session AS session, e.seq AS seq, e.part AS part,
    ROW_NUMBER() OVER (
        PARTITION BY e.person, e.uuid ORDER BY s.started_at NULLS LAST, s.id, e.agent,
        e.part) AS copy
      FROM event_search JOIN event e ON e.id = event_search.{key}
      JOIN visible_session s ON s.person = e.person AND s.id = e.session
      WHERE {where}"""
    newest = f"SELECT id FROM ({copies}) c WHERE copy = 1 ORDER BY {_ORDER} LIMIT {most}"
    return f"""SELECT e.at, e.session, e.seq, e.part, s.title, COALESCE(p.name, ''),
    {prompt_number("e")}, e.kind, e.name, e.uuid, e.text, e.agent
    FROM ({newest}) f JOIN event e ON e.id = f.id
    JOIN visible_session s ON s.person = e.person AND s.id = e.session
    LEFT JOIN project p ON p.person = s.person AND p.id = s.project"""


def _hit(found: _Found, terms: tuple[Term, ...]) -> Hit:
    queued = found.kind == "queue_operation"
    is_command = found.kind in ("slash_command", "shell_input")
    return Hit(
        found.session,
        found.title,
        found.project,
        found.prompt,
        found.at,
        "queued_prompt" if queued else found.kind,
        None if queued else found.name,
        found.uuid,
        _excerpt(command_line(found.text) if is_command else found.text, terms),
        found.run,
    )


def _excerpt(text: str, terms: tuple[Term, ...]) -> str:
    """What stands around the first of the words, each of them between marks."""
    text = unicodedata.normalize("NFC", text)
    found = places(text, [(term.words, term.beginning) for term in terms])
    first = next(found, (0, 0))
    begin, end = max(first[0] - AROUND, 0), min(first[1] + 3 * AROUND, len(text))
    pieces, at = [], begin
    for start, stop in takewhile(lambda place: place[1] <= end, chain([first], found)):
        pieces.append(f"{text[at:start]}\x02{text[start:stop]}\x03" if stop else "")
        at = stop
    return (
        ("…" if begin else "") + "".join(pieces) + text[at:end] + ("…" if end < len(text) else "")
    )
