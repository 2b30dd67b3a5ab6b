"""What can be taken back is held under a name of its own, for a while, and not too much of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from accrete.explorer import undo
from accrete.explorer.undo import MOST, Kept


@pytest.fixture
def clock(monkeypatch):
    """Says the time: `clock[0]`, in seconds."""
    now = [1000.0]
    monkeypatch.setattr(undo, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_a_thing_is_there_until_its_last_moment_and_not_after_it(clock):
    kept: Kept[str] = Kept(10.0)
    name = kept.keep("thing")
    clock[0] += 10.0
    assert kept.get(name) == "thing"
    clock[0] += 0.001
    assert kept.get(name) is None
    assert kept.take(name) is None


def test_a_thing_is_looked_at_often_and_taken_once(clock):
    kept: Kept[str] = Kept(10.0)
    name, other = kept.keep("thing"), kept.keep("another")
    assert [kept.get(name), kept.get(name), kept.take(name)] == ["thing"] * 3
    assert (kept.get(name), kept.take(name), kept.get(other)) == (None, None, "another")


def test_nothing_is_found_under_a_name_that_was_not_given(clock):
    clock[0] = 0.0
    assert Kept(10.0).get("none") is None
    assert Kept(10.0).take("none") is None


def test_the_oldest_make_room(clock):
    kept: Kept[int] = Kept(10.0)
    names = [kept.keep(number) for number in range(MOST + 2)]
    assert len(set(names)) == MOST + 2
    assert [kept.get(name) for name in names] == [None, None, *range(2, MOST + 2)]
