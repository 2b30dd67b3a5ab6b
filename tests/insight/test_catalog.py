"""The card of a project: which sentences rules make of digests, and what they cite."""

from __future__ import annotations

from accrete.insight.catalog import ALIKE, below, card, listed
from accrete.queries.catalog import Digest, Worked


def digest(n: int, title: str | None = None, *, files=(), practices=(), **given) -> Digest:
    """The n-th newest session, of person n."""
    day, kinds = f"2026-11-{28 - n:02d}", frozenset(given.get("kinds", ()))
    return Digest(n, f"s{n}", day, title, given.get("category"), frozenset(practices),
                  frozenset(files), kinds)  # fmt: skip


def a_card(*digests: Digest):
    (of,) = listed([Worked("p", "ledger", 5, {})], [])
    return card(of, digests, "2026-11-22")


def said(made, about: str) -> list[tuple]:
    return [(each.words, each.sessions, each.sources) for each in made.about(about)]


def test_titles_that_are_alike_are_one_theme_and_the_newest_names_it():
    made = a_card(
        digest(1, "Show week numbers"),
        digest(2, "Fix the facet counts"),
        digest(3, "Fix facet counts"),
        digest(4, "FIX facet counts again"),
        digest(5, "Übersetzungen nachladen"),
        digest(6, "Release notes"),
    )
    assert said(made, "theme") == [
        ("Fix the facet counts", 3, (1, 2, 3)),
        ("Show week numbers", 1, (4,)),
        ("Übersetzungen nachladen", 1, (5,)),
    ]
    assert [each.session for each in made.sources] == ["s2", "s3", "s4", "s1", "s5"]


def test_titles_are_alike_that_share_at_least_that_part_of_their_words():
    def themes(one: str, other: str) -> int:
        return len(said(a_card(digest(1, one), digest(2, other)), "theme"))

    few = [f"word{n}" for n in range(20)]
    for shared in range(1, 20):
        expected = 1 if shared >= ALIKE * 20 else 2
        assert themes(" ".join(few), " ".join(few[:shared])) == expected, shared
    assert themes("Fix the ledger", "Draw the matrix") == 2


def test_without_titles_categories_and_kinds_of_files_say_what_it_was_about():
    made = a_card(
        digest(1, category="fix", kinds=[".py"]),
        digest(2, category="fix"),
        digest(3, category="operate", kinds=[".py", ".md"]),
        digest(4),
    )
    assert [each.about for each in made.said] == ["category", "category", "kind", "kind"]
    assert said(made, "category") == [("fixes", 2, (1, 2)), ("operations", 1, (3,))]
    assert said(made, "kind") == [(".py", 2, (1, 3)), (".md", 1, (3,))]
    assert said(a_card(digest(1, "A title", category="fix")), "category") == []


def test_a_card_cites_as_few_sessions_as_it_can():
    made = a_card(
        digest(1, practices=["planning", "verification"]),
        digest(2, practices=["verification", "unheard-of"]),
        digest(3, practices=["review", "planning"]),
    )
    assert said(made, "practice") == [
        ("Planning", 2, (1,)), ("Verification", 2, (1,)), ("Review", 1, (2,)),
    ]  # fmt: skip
    assert len(made.sources) == 2


def test_files_are_told_from_the_folder_that_is_called_as_the_project_is():
    made = a_card(
        digest(1, files=["/home/amara/ledger/src/api.py"]),
        digest(2, files=["C:\\work\\ledger\\src\\api.py", "/root/.claude/plans/p.md"]),
    )
    assert said(made, "file") == [("src/api.py", 2, (1, 2))]
    assert below("/home/amara/ledger-wt/src/api/run.py", "ledger") == "…/src/api/run.py"
    assert below("Makefile", "ledger") == "Makefile"


def test_a_project_has_a_card_where_five_people_are_on_one_side_and_the_sides_are_never_one():
    few, many = {"planning": 4, "review": 5}, {"planning": 9}
    known = [Worked("a", "ours", 5, {}), Worked("b", "mixed", 3, few), Worked("c", "small", 3, {})]
    beyond = [Worked("a", "ours", 4, few), Worked("b", "mixed", 6, few),
              Worked("c", "small", 4, {}), Worked("d", "theirs", 9, many)]  # fmt: skip
    assert [tuple(each) for each in listed(known, beyond)] == [
        ("b", "mixed", 3, 6, ("review",)),
        ("a", "ours", 5, 0, ()),
        ("d", "theirs", 0, 9, ("planning",)),
    ]


def test_a_card_of_people_whose_sessions_may_not_be_opened_cites_nothing():
    (of,) = listed([], [Worked("d", "theirs", 9, {"planning": 9})])
    made = card(of, [], "2026-11-22")
    assert (made.said, made.sources, made.others, made.others_use) == ([], [], 9, ["Planning"])
    assert made.made_by == "rules"
