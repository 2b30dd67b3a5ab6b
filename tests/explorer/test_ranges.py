"""The range of days that a URL names, and the one before it."""

from __future__ import annotations

import pytest

from accrete.errors import AccreteError
from accrete.explorer.ranges import read_range

TODAY = "2026-11-26"  # a Thursday


@pytest.mark.parametrize(
    ("query", "since", "until", "label"),
    [
        ({}, "2026-10-30", TODAY, "The last 4 weeks"),
        ({"range": "week"}, "2026-11-23", TODAY, "This week"),
        ({"range": "month"}, "2026-11-01", TODAY, "This month"),
        ({"range": "12w"}, "2026-09-04", TODAY, "The last 12 weeks"),
        ({"range": "year"}, "2025-11-27", TODAY, "The last year"),
        ({"range": "all"}, None, None, "All time"),
        ({"since": "2026-11-03"}, "2026-11-03", None, "Since 3 Nov 2026"),
        ({"until": "2026-11-03"}, None, "2026-11-03", "Until 3 Nov 2026"),
        ({"since": "2026-11-03", "until": "2026-11-03"}, "2026-11-03", "2026-11-03", "3 Nov 2026"),
        ({"since": "2026-11-03", "range": "all"}, "2026-11-03", None, "Since 3 Nov 2026"),
    ],
)
def test_a_url_names_days(query, since, until, label):
    found = read_range(query, None, TODAY)
    assert (found.since, found.until, found.label) == (since, until, label)


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ({"range": "week"}, "2026-11-16", "2026-11-19"),
        ({"range": "month"}, "2026-10-01", "2026-10-26"),
        ({"range": "4w"}, "2026-10-02", "2026-10-29"),
        ({"since": "2026-11-25", "until": "2026-11-26"}, "2026-11-23", "2026-11-24"),
    ],
)
def test_what_is_before_has_as_many_days(query, since, until):
    before = read_range(query, None, TODAY).before()
    assert before is not None
    assert (before.since, before.until) == (since, until)


def test_a_long_month_is_compared_with_the_whole_of_a_short_one():
    before = read_range({"range": "month"}, None, "2026-03-31").before()
    assert before is not None
    assert (before.since, before.until) == ("2026-02-01", "2026-02-28")


@pytest.mark.parametrize("query", [{"range": "all"}, {"since": "2026-11-01"}])
def test_without_both_ends_nothing_is_before(query):
    assert read_range(query, None, TODAY).before() is None


def test_the_last_one_is_remembered_unless_it_is_nonsense():
    assert read_range({}, "year", TODAY).key == "year"
    assert read_range({}, "<script>", TODAY).key == "4w"
    assert read_range({"range": "week"}, "year", TODAY).key == "week"


@pytest.mark.parametrize(
    "query",
    [{"range": "fortnight"}, {"since": "3.11."}, {"since": "20261103"}, {"since": "2026-02-30"},
     {"since": "2026-11-04", "until": "2026-11-03"}, {"since": "0001-01-01"},
     {"until": "9999-12-31"}, {"since": "0202-11-03"}],
)  # fmt: skip
def test_what_is_no_range_is_said(query):
    with pytest.raises(AccreteError):
        read_range(query, None, TODAY)
