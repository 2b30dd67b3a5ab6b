"""Sessions are found by what a person types: a text in any case, a tag, the beginning of an id."""

from __future__ import annotations

from tests.commands.made import asked, one
from tests.transcripts import Transcript


def test_titles_are_found_in_any_letter_case_and_tags_with_their_sign(run, kept):
    t = Transcript(1)
    t.prompt("Überarbeite den Leser")
    t.answer()
    kept(t)
    assert [s["id"] for s in asked(run, "sessions", "--text", "üBERarbeite")] == [t.session]
    assert run("tag", "latest", "#foo")[0] == 0
    assert [s["id"] for s in asked(run, "sessions", "--tag", "#foo")] == [t.session]


def test_ids_that_begin_alike_are_told_apart_in_the_answer(run, kept):
    made = []
    for n in (1, 2):
        t = Transcript(n)
        t.session = f"11110000-0000-4000-8000-00000000000{n}"
        t.prompt(f"Do {n}")
        t.answer(f"msg_{n}")
        made.append(t)
    kept(*made)
    code, _, err = run("show", "1111")
    assert code == 1
    assert all(t.session in err for t in made)


def test_an_id_may_be_typed_in_capitals_and_an_outcome_too(run, kept):
    t = Transcript(0xABC)
    t.prompt("Look")
    t.answer()
    kept(t)
    assert "Look" in run("show", t.session[:8].upper())[1]
    assert run("sessions", "--outcome", "Shipped")[0] == 0


def test_all_sessions_may_be_limited_too(run, kept):
    kept(*(one(n) for n in (1, 2, 3)))
    assert len(run("sessions", "--all", "-n", "2", "--json")[1].split('"id"')) == 3
