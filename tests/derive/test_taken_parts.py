"""Sessions that are taken over from a part are as they would be had they been stored there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accrete.database import Sqlite
from accrete.derive import parts as derived_parts
from accrete.derive.weeks import FEW_WEEKS
from accrete.ingest import ingest, parts
from accrete.outcomes.forge import Said, address_of
from accrete.record import notes
from accrete.record.pull_states import store_states
from accrete.record.store import add_git_worktrees
from tests.forges import REPOSITORY, pulling
from tests.owners import derived_by
from tests.records import kept, other, projects, rows, same
from tests.transcripts import START, Transcript, busy, fork, minted, write_agent

pytestmark = pytest.mark.long

WEEK_MS = 7 * 86_400_000


@pytest.fixture
def parts_taken(monkeypatch):
    """All new sessions are read into one part by this process. Returns a list that gets for each
    part: which of it were left, and the sessions that are stale once it is taken."""
    taken: list[tuple[set[int], set[str]]] = []
    real, take_part = parts.read_in_parts, derived_parts.take_part

    def watched(task, groups, processes, take, stopped):
        return real(task, groups, 0, take, stopped)

    def noting(db, *given):
        left = take_part(db, *given)
        stale = {session for (session,) in db.run("SELECT id FROM session WHERE stale = 1")}
        taken.append((left, stale))
        return left

    monkeypatch.setattr(parts, "read_in_parts", watched)
    monkeypatch.setattr(derived_parts, "take_part", noting)
    return taken


@pytest.fixture
def taken(settings, parts_taken):
    """Reads the first sessions one by one and the others, with one that shares nothing, in a part.
    Both records are given what `said` writes between the two. Returns how many families of the part
    were left to be read again."""

    def read(
        known: list[Transcript],
        new: list[Transcript],
        said: Callable[[Sqlite], object] = lambda db: None,
    ) -> int:
        clean = other(settings, "clean")
        kept(settings, *known)
        ingest(clean, jobs=0)
        for each in (settings, clean):
            db = Sqlite(each.database)
            with db.transaction():
                said(db)
            db.close()
        for each in (*new, busy(90)):
            each.write(projects(settings))
        ingest(settings, jobs=1)
        ingest(clean, jobs=0)
        same(settings, clean)
        assert ingest(settings).lines_parsed == 0
        return sum(len(left) for left, _ in parts_taken)

    return read


def of_summary(n: int, leaf: str) -> Transcript:
    """A session whose file has the summary of a record."""
    t = busy(n)
    t.lines.append({"type": "summary", "summary": f"Sums up {n}", "leafUuid": leaf})
    return t


def named(t: Transcript) -> Transcript:
    """A session that the client gave no title."""
    t.lines = [line for line in t.lines if line["type"] != "ai-title"]
    return t


def result_alone(n: int, use: str) -> tuple[Transcript, Transcript]:
    """A call, and another session with its result."""
    call, result = Transcript(n), Transcript(n + 1)
    call.prompt("run it")
    call.call("Bash", {"command": "ls"}, message_id=f"msg_{n}", use=use)
    call.answer(f"msg_{n}_end")
    result.prompt("go on")
    result.result("3 passed", use=use)
    result.answer(f"msg_{n + 1}_end")
    return call, result


@pytest.mark.parametrize("first", [0, 1])
def test_a_result_finds_its_call_whichever_of_them_is_in_the_part(settings, taken, first):
    made = result_alone(1, minted("toolu"))
    assert taken([made[first]], [made[1 - first]]) == 0
    assert rows(
        settings, "SELECT output FROM tool_call WHERE tool = 'Bash' AND session < '00000005'"
    ) == [("3 passed",)]
    assert rows(settings, "SELECT * FROM waiting_result") == []


@pytest.mark.parametrize("first", [0, 1])
def test_a_summary_names_its_session_whichever_of_them_is_in_the_part(settings, taken, first):
    summed = named(busy(1))
    made = [summed, of_summary(2, summed.lines[-1]["uuid"])]
    assert taken([made[first]], [made[1 - first]]) == 0
    assert rows(settings, f"SELECT title FROM session WHERE id = '{summed.session}'") == [
        ("Sums up 2",)
    ]


@pytest.mark.parametrize("weeks", [1, 3, FEW_WEEKS + 3])
def test_weeks_of_a_part_are_added_up(settings, taken, weeks):
    new = [busy(n, start=START + n * WEEK_MS) for n in range(2, 2 + weeks)]
    assert taken([busy(1)], new) == 0
    counted = rows(settings, "SELECT DISTINCT week FROM person_week")
    assert len(counted) >= weeks


def merged(url: str) -> Callable[[Sqlite], object]:
    """A forge said that this was merged."""
    said = Said("merged", False, 1, 2, 2)
    return lambda db: store_states(db, 1, [(address_of(url), [url], said)], 5)


def test_a_session_of_a_part_has_the_states_that_the_record_knows(settings, taken):
    known, unknown = f"{REPOSITORY}/1", f"{REPOSITORY}/2"
    made = [pulling(settings, 1, known), pulling(settings, 2, known, unknown)]
    (projects(settings) / "-home-dev-demo" / f"{made[1].session}.jsonl").unlink()
    assert taken(made[:1], made[1:], merged(known)) == 0
    assert rows(settings, "SELECT session, url, state FROM session_pull_state ORDER BY 1, 2") == [
        (made[0].session, known, "merged"),
        (made[1].session, known, "merged"),
        (made[1].session, unknown, None),
    ]


def test_folders_of_a_part_are_of_the_project_that_the_record_knows(settings, taken):
    known, new = Transcript(1, cwd="/w/shop"), Transcript(2, cwd="/w/try/src")
    for n, t in enumerate((known, new)):
        t.prompt("Go")
        t.answer(f"msg_{n}")
    tells = lambda db: add_git_worktrees(db, 1, [("/w/try", "/w/shop")])  # noqa: E731
    assert taken([known], [new], tells) == 0
    assert rows(settings, "SELECT COUNT(DISTINCT project) FROM workdir WHERE cwd LIKE '/w/%'") == [
        (1,)
    ]


def copy_of(t: Transcript, n: int, *kinds: str) -> Transcript:
    """Another session that holds lines of this one, of these kinds, and goes on by itself."""
    copy = Transcript(n, start=t.now)
    copy.lines = [{**line, "sessionId": copy.session} for line in t.lines if line["type"] in kinds]
    copy.prompt(f"Goes on as {n}")
    copy.answer(f"msg_own_{n}")
    return copy


@pytest.mark.parametrize("kind", ["user", "assistant"])
def test_what_shares_prompts_or_answers_with_the_record_is_left(taken, kind):
    assert taken([busy(1)], [copy_of(busy(1), 4, kind)]) == 1


@pytest.mark.parametrize(
    "said",
    [
        lambda db, session: notes.title(db, 1, session, "Mine", 1),
        lambda db, session: notes.note(db, 1, session, "Mine", 1),
        lambda db, session: notes.tag(db, 1, session, ["mine"], 1),
    ],
    ids=["title", "note", "tag"],
)
def test_a_session_that_a_person_said_something_of_is_left(taken, said):
    assert taken([busy(1)], [busy(2)], lambda db: said(db, busy(2).session)) == 1


def test_of_a_part_the_sessions_that_share_nothing_are_taken(taken):
    assert taken([busy(1)], [fork(busy(1), 4, upto=8), busy(2), busy(3)]) == 1


def test_of_a_part_whatever_shares_is_left_where_any_of_it_is(taken):
    made = [fork(busy(1), 4, upto=8), busy(2), fork(busy(2), 5, upto=8), busy(3)]
    assert taken([busy(1)], made) == 2  # of four families


def test_a_fork_in_the_part_of_its_origin_is_taken_with_its_figures(settings, taken):
    assert taken([], [busy(1), fork(busy(1), 4, upto=8), busy(2)]) == 0
    clusters = "SELECT COUNT(DISTINCT session), COUNT(DISTINCT cluster) FROM settled"
    assert rows(settings, f"{clusters} WHERE cluster IS NOT NULL") == [(2, 1)]


def test_one_more_line_of_a_fork_that_was_taken_works_out_that_session_alone(settings, taken):
    copy = fork(busy(1), 4, upto=8)
    taken([busy(7)], [busy(1), copy])
    copy.prompt("One more")
    assert derived_by(settings, copy) == {copy.session}


def test_what_a_forks_subagent_has_the_name_of_is_derived_again(settings, parts_taken):
    def written(origin: Transcript, n: int) -> None:
        agent = Transcript(n, start=origin.now)
        agent.answer(f"msg_agent_{n}")
        origin.write(projects(settings))
        write_agent(projects(settings), origin, agent)

    written(busy(1), 11)
    ingest(settings, jobs=0)
    written(busy(2), 12)
    fork(busy(2), 4, upto=8).write(projects(settings))
    busy(3).write(projects(settings))
    ingest(settings, jobs=1)
    assert parts_taken == [(set(), {busy(1).session})]
    clean = other(settings, "clean")
    ingest(clean, jobs=0)
    same(settings, clean)
