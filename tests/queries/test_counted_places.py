"""In how many places words stand: by day and by person, copies once, up to a limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accrete.database import Sqlite
from accrete.queries import search as asked
from accrete.queries.scope import Scope
from accrete.queries.search import search, search_days, search_people, terms_of
from tests.records import kept
from tests.transcripts import START, Transcript, fork

ME = Scope((1,))
DAY_MS = 24 * 3_600_000


@pytest.fixture
def db(settings):
    """Two sessions a day apart and a fork of the first; `needle` stands in four places."""
    first = Transcript(1)
    first.prompt("a needle")
    first.answer(blocks=[{"type": "text", "text": "the needle is found"}])
    first.prompt("a needlework")
    second = Transcript(2, start=START + DAY_MS)
    second.prompt("one more needle")
    second.prompt("hay")
    second.prompt("the last needle")
    kept(settings, first, second, fork(first, 3, upto=len(first.lines)))
    opened = Sqlite(settings.database, readonly=True)
    yield opened
    opened.close()


def test_places_are_counted_by_day_and_by_person_once(db):
    terms = terms_of("needle")
    days = db.ask(search_days(ME, terms, dialect=db.dialect))
    assert sorted(days.values()) == [2, 2]
    early, late = sorted(days)
    assert len(db.ask(search(ME, "needle", dialect=db.dialect))) == 4
    (mine,) = db.ask(search_people(ME, terms, dialect=db.dialect))
    assert (mine.person, mine.places) == (1, 4)
    for scope, count in (
        (replace(ME, until=early), {early: 2}),
        (replace(ME, since=late), {late: 2}),
    ):
        assert db.ask(search_days(scope, terms, dialect=db.dialect)) == count
        (mine,) = db.ask(search_people(scope, terms, dialect=db.dialect))
        assert mine.places == 2
    assert mine.sessions == 1
    for kinds, places in ((("typed_prompt",), 3), (("assistant_text",), 1)):
        counted = db.ask(search_days(ME, terms, dialect=db.dialect, kinds=kinds))
        assert sum(counted.values()) == places
    nobody = Scope((2,))
    assert db.ask(search_days(nobody, terms, dialect=db.dialect)) == {}
    assert db.ask(search_people(nobody, terms, dialect=db.dialect)) == []
    several = terms_of("needle hay")
    assert db.ask(search_days(ME, several, dialect=db.dialect)) == {}
    some = db.ask(search_days(ME, several, dialect=db.dialect, least=1))
    assert sum(some.values()) == 5


def test_as_many_places_as_are_counted_are_counted_and_one_more_is_not(db, monkeypatch):
    terms = terms_of("needle")
    rows = 6  # two of the four places stand in the fork, too
    monkeypatch.setattr(asked, "COUNTED", rows)
    assert sum(db.ask(search_days(ME, terms, dialect=db.dialect)).values()) == 4
    monkeypatch.setattr(asked, "COUNTED", rows - 1)
    assert db.ask(search_days(ME, terms, dialect=db.dialect)) is None


@pytest.mark.parametrize("text", ["", " ", "*", "...", '""'])
def test_nothing_to_look_for_is_said(text):
    with pytest.raises(ValueError, match="nothing to look for"):
        terms_of(text)
