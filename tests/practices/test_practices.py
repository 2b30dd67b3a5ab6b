"""Every practice is seen where it is shown, and not where something only comes close."""

from __future__ import annotations

import json

import pytest

from accrete.care.maintain import rebuild
from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.practices import all_practices
from tests.contents import contents
from tests.practices.examples import EXAMPLES
from tests.records import kept, rows

NAMES = [practice.name for practice in all_practices()]


def test_every_practice_has_its_two_sessions():
    assert sorted(EXAMPLES) == sorted(NAMES)
    assert len(NAMES) >= 11


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_session_that_shows_a_practice_has_a_sighting_at_the_event_that_proves_it(name, settings):
    kept(settings, EXAMPLES[name][0]())
    found = rows(
        settings,
        "SELECT s.uuid, e.uuid FROM sighting s LEFT JOIN event e ON e.session = s.session AND "
        f"e.uuid = s.uuid AND e.agent = s.agent WHERE s.practice = '{name}'",
    )
    assert found
    assert all(event is not None for _, event in found)
    assert rows(
        settings, f"SELECT possible, sightings > 0 FROM session_practice WHERE practice = '{name}'"
    ) == [(1, 1)]


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_a_session_that_comes_close_has_none_and_was_possible(name, settings):
    kept(settings, EXAMPLES[name][1]())
    assert rows(settings, f"SELECT * FROM sighting WHERE practice = '{name}'") == []
    assert rows(settings, f"SELECT possible FROM session_practice WHERE practice = '{name}'") == [
        (1,)
    ]


@pytest.mark.parametrize("practice", all_practices(), ids=NAMES)
def test_a_practice_says_what_it_is_and_what_to_try(practice):
    assert all((practice.what, practice.why, practice.good, practice.try_next, practice.title))
    assert practice.source.startswith("https://code.claude.com/docs/en/")
    assert all(mark == mark.lower() and " " not in mark for mark in practice.marks)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_marks_are_those_that_the_practice_explains(name, settings):
    kept(settings, EXAMPLES[name][0]())
    marks = {
        mark
        for (text,) in rows(settings, "SELECT marks FROM sighting WHERE practice = '" + name + "'")
        for mark in text.split()
    }
    assert marks <= set(next(p for p in all_practices() if p.name == name).marks)


@pytest.mark.long
def test_deriving_again_without_transcripts_changes_nothing(settings):
    for number, name in enumerate(NAMES, 1):
        made = EXAMPLES[name][0]()
        text = "".join(json.dumps(line) + "\n" for line in made.lines).replace(
            made.session, f"{number:08x}-0000-4000-8000-000000000000"
        )
        path = (
            settings.roots[0]
            / "projects"
            / "-home-dev-demo"
            / f"{number:08x}-0000-4000-8000-000000000000.jsonl"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("00000001-1111", f"{number:08x}-1111"))
    ingest(settings)
    before = contents(Sqlite(settings.database, readonly=True))
    assert before["person_week"]
    for path in settings.roots[0].rglob("*.jsonl"):
        path.unlink()
    rebuild(settings)
    assert contents(Sqlite(settings.database, readonly=True)) == before


def test_what_a_judge_found_wrong_is_no_sighting(settings):
    from tests.practices.examples import READS, edit, run, session

    kept(
        settings,
        session(
            ("say", "Go"),
            (
                "call",
                "Write",
                {"file_path": "/home/dev/demo/.agents/skills/x/notes.md", "content": "x"},
            ),
            edit("/home/dev/demo/a.py"),
            run("markdownlint docs", "ok"),
            run("pytest tests/none", "no tests ran in 0.01s"),
            *READS,
        ),
    )
    assert rows(settings, "SELECT practice FROM sighting") == []


def test_what_a_judge_missed_is_seen(settings):
    from tests.practices.examples import edit, run, session

    kept(
        settings,
        session(
            ("say", "Go"),
            edit("/home/dev/demo/a.py"),
            run("act -j test", ""),
            edit("/home/dev/demo/notes.md"),
            run(
                "git commit -am x",
                "[main 1a2b3c4] x\n 2 files changed, 480 insertions(+), 12 deletions(-)",
            ),
            (
                "call",
                "Agent",
                {
                    "subagent_type": "general-purpose",
                    "description": "Look",
                    "prompt": "p",
                    "isolation": "worktree",
                },
            ),
        ),
    )
    found = dict(
        rows(
            settings,
            "SELECT practice, marks FROM sighting WHERE practice IN "
            "('verification', 'committing', 'isolation')",
        )
    )
    assert found == {
        "verification": "green-at-the-end",
        "committing": "checks-green",
        "isolation": "own-branch",
    }
