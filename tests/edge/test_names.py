"""A session is named by the beginning of its id, a branch or model by a part of its name; where
several are meant, they are shown."""

from __future__ import annotations

import re

import pytest

from accrete.database import Sqlite
from accrete.edge import names
from accrete.edge.local import MINE
from accrete.edge.names import find_session, find_used
from accrete.errors import AccreteError
from tests.records import kept
from tests.transcripts import Transcript


def opened(settings, *made: Transcript) -> Sqlite:
    kept(settings, *made)
    return Sqlite(settings.database, readonly=True)


def with_ids(*ids: str) -> list[Transcript]:
    made = []
    for n, identity in enumerate(ids, 1):
        t = Transcript(n)
        t.session = identity
        t.prompt()
        made.append(t)
    return made


def told(error: type[Exception], *given: object) -> str:
    with pytest.raises(error) as found:
        find_session(*given)  # type: ignore[arg-type]
    return str(found.value)


@pytest.mark.parametrize(
    ("differ_at", "shown"),
    [(8, 13), (13, 13), (15, 18), (18, 18), (20, 23), (23, 23), (25, 36), (36, 36)],
)
def test_of_several_sessions_as_much_is_shown_as_tells_them_apart(settings, differ_at, shown):
    whole = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    ids = [f"{whole[: differ_at - 1]}{n}{whole[differ_at:]}" for n in range(5)]
    db = opened(settings, *with_ids(*ids))
    some = ", ".join(each[:shown] for each in ids)
    assert f"5 session ids begin with 'aaaaaaa' ({some}). Give more" in told(
        AccreteError, db, MINE, "aaaaaaa"
    )
    for each in ids:
        assert find_session(db, MINE, each[:differ_at]) == each
        assert find_session(db, MINE, each[:differ_at].upper()) == each
    assert "No session 'aab'." in told(AccreteError, db, MINE, "aab")
    db.close()


def test_of_more_than_five_sessions_five_are_shown_and_that_there_are_more(settings):
    ids = [f"aaaaaaa{n}-bbbb-4ccc-8ddd-eeeeeeeeeeee" for n in range(6)]
    db = opened(settings, *with_ids(*ids))
    some = ", ".join(each[:13] for each in ids[:5])
    assert f"6 session ids begin with 'a' ({some} …). Give" in told(AccreteError, db, MINE, "a")
    db.close()


def test_the_current_session_is_that_of_the_shell_if_it_is_in_the_record(settings, monkeypatch):
    (t,) = with_ids("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")
    db = opened(settings, t)
    for running, said in (("", "does not run in"), ("bbbbbbbb", "is not in the record yet")):
        monkeypatch.setattr(names, "running_session", lambda running=running: running)
        assert said in told(AccreteError, db, MINE, "current")
    monkeypatch.setattr(names, "running_session", lambda: t.session)
    assert find_session(db, MINE, "current") == find_session(db, MINE, "latest") == t.session
    db.close()


def test_of_an_empty_record_there_is_no_latest_session_and_no_branch(settings):
    db = opened(settings)
    assert "The record is empty" in told(AccreteError, db, MINE, "latest")
    assert "No session 'x'" in told(AccreteError, db, MINE, "x")
    with pytest.raises(AccreteError, match=r"No branch 'x'\. The record has none\."):
        find_used(db, MINE, "branch", "branch", "x")
    db.close()


@pytest.mark.parametrize(
    ("branches", "asked", "found"),
    [
        (["main", "fix-main", "Wip"], "main", "main"),
        (["main", "fix-main", "Wip"], "FIX", "fix-main"),
        (["main", "fix-main", "Wip"], "wi", "Wip"),
    ],
)
def test_a_branch_is_named_whole_or_by_a_part_that_no_other_has(settings, branches, asked, found):
    t = Transcript(1)
    for n, branch in enumerate(branches):
        t.answer(f"msg_{n}", gitBranch=branch)
    db = opened(settings, t)
    assert find_used(db, MINE, "branch", "branch", asked) == found
    db.close()


@pytest.mark.parametrize(
    ("there", "asked", "said"),
    [
        (6, "b", r"Several branches match 'b'\. Choose one of: (b\d, ){5}b\d\.$"),
        (8, "B", r"Several branches match 'B'\. Choose one of: (b\d, ){5}b\d … and 2 more\.$"),
        (2, "x", r"No branch 'x'\. Choose one of: b\d, b\d\.$"),
        (2, "", r"No branch ''\. Choose one of: b\d, b\d\.$"),
    ],
)
def test_where_a_part_names_none_or_several_six_at_most_are_shown(settings, there, asked, said):
    t = Transcript(1)
    for n in range(there):
        t.answer(f"msg_{n}", gitBranch=f"b{n}", model=f"claude-opus-{n}")
    db = opened(settings, t)
    with pytest.raises(AccreteError) as refused:
        find_used(db, MINE, "branch", "branch", asked)
    assert re.match(said, str(refused.value))
    with pytest.raises(AccreteError, match=r"^Several models match 'opus'"):
        find_used(db, MINE, "model", "model", "opus")
    db.close()
