"""Pull requests that a call opened, by what it or Claude Code says."""

from __future__ import annotations

import pytest

from accrete.outcomes.pulls import pulls_of, wrapped_pulls

ONE, TWO = "https://github.com/acme/app/pull/1", "https://github.com/acme/app/pull/2"


@pytest.mark.parametrize(
    ("output", "urls"),
    [
        (f"Created pull request {ONE}", [ONE]),
        (f"Opened\n{ONE}", [ONE]),
        (f"Opened\n\n  \n{ONE}", [ONE]),
        (f"Submitted.\nNext\n{ONE}", []),
        (f"Opened\nsee {ONE} there", []),
        (f"Opened: {ONE} and {TWO}", []),
        (f"Created: {ONE} already exists", []),
        (f"Created {ONE}\nCreated {TWO}\nCreated {ONE}/", [ONE, TWO]),
        (f"Created\n{ONE}\n{TWO}", [ONE]),
        (f"Created {ONE}\n{TWO}", [ONE, TWO]),
        (ONE, []),
        (f"\n{ONE}", []),
        (f"see {ONE}", []),
        ("Created pull request", []),
        ("", []),
    ],
)
def test_an_address_counts_beside_a_word_that_says_so_or_alone_behind_it(output, urls):
    assert [pull.url for pull in wrapped_pulls(output)] == urls


def reported(**pull: object) -> dict[str, object]:
    return {"git": {"pr": pull}}


@pytest.mark.parametrize(
    ("created", "ok", "output", "told", "found"),
    [
        (True, True, f"See {TWO}\n{ONE}\n{TWO}\nDone {TWO}", {}, [(ONE, "printed")]),
        (True, True, f"See {TWO} and {ONE} for more", {}, [(ONE, "printed")]),
        (True, True, f'{{"html_url": "{TWO}", "x": 1}}\n{ONE}', {}, [(TWO, "printed")]),
        (True, True, "https://api.github.com/repos/acme/app/pulls/1", {}, [(ONE, "printed")]),
        (True, True, "No address", {}, []),
        (False, True, ONE, {}, []),
        (True, False, ONE, {}, []),
        (False, False, ONE, {}, []),
        (True, True, f"a pull request already exists:\n{ONE}", {}, []),
        (False, False, "", reported(action="created", url=ONE), [(ONE, "reported")]),
        (True, True, TWO, reported(action="created", url=ONE), [(ONE, "reported")]),
        (True, True, TWO, reported(action="created", url=""), [(TWO, "printed")]),
        (True, True, TWO, reported(action="created", url=7), [(TWO, "printed")]),
        (True, True, TWO, reported(action="merged", url=ONE), [(TWO, "printed")]),
        (False, True, TWO, reported(action="merged", url=ONE), []),
        (False, True, TWO, {"git": {"pr": "created"}}, []),
        (False, True, TWO, {"git": "created"}, []),
    ],
)
def test_a_call_that_asked_for_one_opened_what_is_printed_or_reported(
    created, ok, output, told, found
):
    pulls = pulls_of(created, ok=ok, output=output, told=told)
    assert [(pull.url, pull.confidence) for pull in pulls] == found
