"""Figures as texts, on both sides of where their form changes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from accrete.clock import LocalNow, LocalTime, Style
from accrete.errors import AccreteError
from accrete.present import definitions, formats
from accrete.present.session import _facts, _how
from accrete.text.globs import checked_globs, fits

DAY = 86_400_000
NOW = 1_790_000_000_000  # 21 Sep 2026, 14:13 UTC


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (formats.size(0), "0 bytes"), (formats.size(999), "999 bytes"),
        (formats.size(1000), "1.0 kB"), (formats.size(999_940), "999.9 kB"),
        (formats.size(1_000_000), "1.0 MB"), (formats.size(10**9), "1.0 GB"),
        (formats.size(5 * 10**12), "5000.0 GB"),
        (formats.tokens(None), "—"), (formats.tokens(999), "999"), (formats.tokens(1000), "1.0k"),
        (formats.tokens(99_949), "99.9k"), (formats.tokens(99_950), "100k"),
        (formats.tokens(999_499), "999k"), (formats.tokens(999_500), "1.0M"),
        (formats.tokens(10**9), "1.0G"), (formats.tokens(5 * 10**12), "5000G"),
        (formats.money(None), "—"), (formats.money(0), "$0.00"),
        (formats.money(0, unpriced=1), "—"),
        (formats.money(10_000_000), "$0.01"), (formats.money(9_999_999), "$0.0100"),
        (formats.money(1_234_500_000_000), "$1,234.50"),
        (formats.money(5_000_000_000, unpriced=1), "$5.00+"),
        (formats.least(0, 1), "—"), (formats.least(0, 0, 1), "$0.00"),
        (formats.least(10**9, 1), "at least $1.00"), (formats.least(10**9, 0, 1), "at least $1.00"),
        (formats.least(10**9), "$1.00"), (formats.least(None), "—"),
        (formats.span(None), "—"), (formats.span(59_999), "59 s"), (formats.span(60_000), "1 min"),
        (formats.span(3_599_999), "59 min"), (formats.span(3_600_000), "1h 00m"),
        (formats.span(359_999_999), "99h 59m"), (formats.span(360_000_000), "4d 4h"),
        (formats.percent(1, 0), "—"), (formats.percent(1, 8), "12.5%"),
        (formats.percent(1, 8, 0), "12%"), (formats.percent(0.5), "50.0%"),
        (formats.plural(1, "way"), "1 way"), (formats.plural(0, "way"), "0 ways"),
        (formats.plural(2000, "match", "matches"), "2,000 matches"), (formats.number(None), "—"),
    ],
)  # fmt: skip
def test_a_figure_is_written_so(made, said):
    assert made == said


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-09-21"), ("Yesterday ", "2026-09-20"), ("0d", "2026-09-21"),
        ("14d", "2026-09-07"), ("2w", "2026-09-07"), ("3m", "2026-06-23"), ("1y", "2025-09-21"),
        ("2W", "2026-09-07"), ("9999999d", "0001-01-01"), ("99999999999y", "0001-01-01"),
        ("2026-03-01", "2026-03-01"), ("01/03/2026", "2026-03-01"),
    ],
)  # fmt: skip
def test_a_day_is_meant_in_any_of_these_words(text, day):
    assert LocalNow("UTC", NOW, Style("%d/%m/%Y", "%H:%M", "%H:%M:%S")).day(text) == day


@pytest.mark.parametrize("text", ["", "d", "xd", "2q", "-1d", "2026-13-01", "tomorrow"])
def test_what_is_no_day_is_said_to_be_none(text):
    with pytest.raises(AccreteError, match="as a date"):
        LocalNow("UTC", NOW).day(text)


def test_an_instant_is_written_with_its_year_where_it_is_not_this_one():
    now = LocalNow("UTC", NOW)
    assert now.prose(NOW - DAY) == "20 Sep 14:13"
    assert now.prose(NOW - 365 * DAY) == "21 Sep 2025 14:13"
    assert (now.prose(None), now.date(None), now.moment(None), now.time(None)) == (
        "—", "—", "—", ""
    )  # fmt: skip
    assert (now.date(0), now.moment(0), now.time(0)) == ("1970-01-01", "1970-01-01 00:00", "00:00")
    assert now.time(NOW, seconds=True) == "14:13:20"


def test_time_is_cut_at_local_midnight():
    day = LocalTime("Asia/Kathmandu").by_day(NOW - NOW % DAY, NOW - NOW % DAY + DAY)
    assert day == [("2026-09-21", 18 * 3_600_000 + 15 * 60_000), ("2026-09-22", 20_700_000)]
    assert LocalTime("UTC").by_day(5, 5) == []
    assert LocalTime("UTC").by_day(0, DAY + 1) == [("1970-01-01", DAY), ("1970-01-02", 1)]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (["~/bots/**", " /srv/* ", "C:\\bots", "**", "\\\\host\\x", "~"],
         ("/home/dev/bots/**", "/srv/*", "C:\\bots", "**", "\\\\host\\x", "/home/dev")),
        ([], ()), ("/srv", "must be a list"), ([7], "7 is not a text in quotes"),
        ([" "], "' ' is not a text in quotes"), (["srv"], "'srv' must begin with"),
        (["~x"], "'~x' must begin with"), (["/a", None], "None is not a text"),
    ],
)  # fmt: skip
def test_globs_are_folders_or_are_said_to_be_none(given, made):
    if isinstance(made, tuple):
        assert checked_globs(given, "/home/dev") == made
    else:
        with pytest.raises(ValueError, match=made):
            checked_globs(given, "/home/dev")


@pytest.mark.parametrize(
    ("glob", "folder", "does"),
    [
        ("/srv/*", "/srv/a", True), ("/srv/*", "/srv/a/b", True), ("/srv/*", "/srv", False),
        ("/srv/**", "/srv", True), ("/srv/**/x", "/srv/x", True), ("/srv/**/x", "/srv/a/b/x", True),
        ("/srv/**/x", "/srv/a/bx", False), ("/srv/?", "/srv/ab", False), ("/srv/?", "/srv/a", True),
        ("/srv/a.b", "/srv/axb", False), ("/Srv", "/srv", False), ("C:\\Bots", "c:/bots/x", True),
        ("/srv/", "/srv", True), ("**", "", False), ("/a**b", "/a/x/b", True),
    ],
)  # fmt: skip
def test_a_folder_fits_a_glob_or_not(glob, folder, does):
    assert fits(glob, folder) is does


def test_definitions_name_the_minutes_that_the_program_goes_by():
    said = {each.key: each.counts for section in definitions.SECTIONS.values() for each in section}
    assert "up to 5 minutes apart" in said["active-time"]
    assert "a pause of 10 minutes" in said["work-blocks"]


@pytest.mark.parametrize(
    ("cost", "unpriced", "said"),
    [
        (0, 0, "$0.00 API-equivalent"), (0, 2, "cost unknown"), (10**9, 0, "$1.00 API-equivalent"),
        (10**9, 2, "$1.00 API-equivalent, 2 responses without a price"),
    ],
)  # fmt: skip
def test_an_exported_session_says_what_it_cost(cost, unpriced, said):
    row = SimpleNamespace(cost_nano=cost, unpriced=unpriced, started_at=NOW, active_ms=60_000)
    assert _facts(cast("Any", row), LocalTime("UTC")) == ["2026-09-21 14:13", "active 1 min", said]
    bare = SimpleNamespace(cost_nano=cost, unpriced=unpriced, started_at=None, active_ms=None)
    assert _facts(cast("Any", bare), LocalTime("UTC")) == ["", "", said]


def test_how_a_prompt_came_is_said_where_it_is_unusual():
    kinds = ("typed_prompt", "queued_prompt", "prompt_beside_result")
    assert [_how(cast("Any", SimpleNamespace(kind=kind))) for kind in kinds] == [
        "", "queued", "sent mid-turn"
    ]  # fmt: skip
