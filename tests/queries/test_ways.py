"""The ways in which a search is asked, one after the other, until one finds something."""

from __future__ import annotations

from itertools import count

import pytest

from accrete.queries.projects import names_of
from accrete.queries.scope import Scope
from accrete.queries.search import ANY_WAY, Found, Hit, asking

HIT = Hit("s", None, "p", None, None, "typed_prompt", None, "u", "x")


def ways(text: str, which: tuple[str, ...] = ANY_WAY) -> list[tuple[str, str, int | None]]:
    """Each way: how it differs, its words (`*` after a beginning, `=` before what must stand as it
    is), how many of them at least."""
    made = []
    for tried in count():
        steps = asking(Scope((1,)), text, dialect="sqlite", ways=which, without=frozenset({"w"}))
        try:
            next(steps)
            for _ in range(tried):
                steps.send([HIT._replace(session="w")] if made else [])
            steps.send([HIT, HIT._replace(session="w")])
        except StopIteration as end:
            found: Found = end.value
            if not found.hits:
                assert (found.loose, found.least) == ("", None)
                return made
            assert found.hits == [HIT]
            said = " ".join(
                f"{'=' * bool(t.exact)}{'+'.join(t.words)}{'*' * t.beginning}" for t in found.terms
            )
            made.append((found.loose, said, found.least))
    return made


APART, FORMS, SOME = ANY_WAY[1:]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cat", [("", "cat", None)]),
        ("parsing", [("", "parsing", None), (FORMS, "pars*", None)]),
        ("running", [("", "running", None), (FORMS, "run*", None)]),
        ("stopped", [("", "stopped", None), (FORMS, "stop*", None)]),
        ("calling", [("", "calling", None), (FORMS, "call*", None)]),
        ("passing", [("", "passing", None), (FORMS, "pass*", None)]),
        ("egged", [("", "egged", None), (FORMS, "egg*", None)]),
        ("buses", [("", "buses", None), (FORMS, "bus*", None)]),
        ("uses", [("", "uses", None), (FORMS, "use*", None)]),
        ("abc", [("", "abc", None)]),
        ("abcd", [("", "abcd", None), (FORMS, "abcd*", None)]),
        ("2fast", [("", "2fast", None)]),
        ("тесты", [("", "тесты", None)]),
        ("pars*", [("", "pars*", None)]),
        ("cat cat", [("", "cat", None)]),
        ('"cat *"', [("", "cat", None)]),
        ('"cat*"', [("", "cat*", None)]),
        ("*cat", [("", "cat", None)]),
        ('cat" red "dog', [("", "cat red dog", None), (SOME, "cat red dog", 2)]),
        ("cat dog", [("", "cat dog", None), (SOME, "cat dog", 1)]),
        ('"red cat"', [("", "red+cat", None), (APART, "red cat", None), (SOME, "red cat", 1)]),
        ("red.cat", [("", "red+cat", None), (APART, "red cat", None), (SOME, "red cat", 1)]),
        ("--cat", [("", "=cat", None), (APART, "cat", None)]),
        ("a cat of the dog pig", [
            ("", "a cat of the dog pig", None), (SOME, "cat dog pig", 3),
            (SOME, "cat dog pig", 2),
        ]),
        ("big cat dog fox hen owl pig", [
            ("", "big cat dog fox hen owl pig", None),
            *[(SOME, "big cat dog fox hen owl", least) for least in (6, 5, 4, 3)],
        ]),
        ('cat "red dog" pig "sly fox"', [
            ("", "cat red+dog pig sly+fox", None), (APART, "cat red dog pig sly fox", None),
            *[(SOME, "cat red dog pig sly fox", least) for least in (5, 4, 3)],
        ]),
        ("of the", [("", "of the", None), (SOME, "the of", 1)]),
        ("a b cat", [("", "a b cat", None), (SOME, "cat", 1)]),
        ("cat longest dog pig", [
            ("", "cat longest dog pig", None), (FORMS, "cat longest* dog pig", None),
            (SOME, "longest* cat dog pig", 3), (SOME, "longest* cat dog pig", 2),
        ]),
    ],
)  # fmt: skip
def test_a_search_is_tried_from_what_is_written_to_a_half_of_its_words(text, found):
    assert ways(text) == found
    assert ways(text, ("",)) == found[:1]
    assert ways(text, (SOME,)) == [each for each in found if each[0] == SOME]


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("ledger", {"ledger"}),
        ("ledger (work/ledger)", {"ledger (work/ledger)", "ledger", "work/ledger"}),
        ("a (b) (c)", {"a (b) (c)", "a (b)", "c"}),
        ("ledger(x)", {"ledger(x)"}),
    ],
)
def test_a_project_can_be_called_by_either_part_of_its_label(label, names):
    assert names_of(label) == names
