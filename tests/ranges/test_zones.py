"""Days are those of the zone that TZ and /etc/localtime mean, as libc reads them; a zone that
changed changes the days."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from accrete import settings as settings_module
from accrete.clock import LocalTime, parse_instant, zone_info, zone_of_tz
from accrete.ingest import ingest
from accrete.record.spool import read_event
from accrete.settings import Settings, read_settings
from tests.fuzz import seeded
from tests.records import called, rows
from tests.transcripts import Transcript

ZONEINFO = Path("/usr/share/zoneinfo")
FORMS = (
    "",
    ":",
    "UTC",
    "UTC0",
    "Asia/Shanghai",
    ":Asia/Shanghai",
    "CST-8",
    ":CST-8",
    "<+08>-8",
    "<+0545>-5:45",
    "<-03>3",
    "EST5EDT",
    "EST5EDT,M3.2.0,M11.1.0",
    "EST5EDT4,M3.2.0/2,M11.1.0/2",
    "IST-2IDT,M3.4.4/26,M10.5.0",
    "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "XXX-5:37:11",
    "CET-1CEST,J88,J298/3",
    "CET-1CEST,87,297/3",
    "<+0330>-3:30<+0430>,J79/24,J263/24",
    "GMT+5",
    "UTC+02:00",
    "UTC-05:30",
    "/usr/share/zoneinfo/Asia/Shanghai",
    ":/usr/share/zoneinfo/Europe/Berlin",
    "Europe",
    "Foo/Bar",
    "CST",
    "AB5",
    "CST-8!",
    "EST5EDT,foo",
    "EST5EDT,M3.2.0,foo",
    "EST5EDT,M3.2.0/2x,M11.1.0",
    "EST5EDT,M3.2.0,M11.9.0",
    "Foo5/Bar",
    "../UTC",
    "/nowhere",
    "/etc/passwd",
    "Europe/Berlin ",
    "-",
    "🕐",
)
LIBC = (
    "import json, sys, time; "
    "print(json.dumps([time.localtime(at).tm_gmtoff for at in json.load(sys.stdin)]))"
)


def libc(tz: str, instants: list[int]) -> list[int]:
    """The offsets that libc has at these instants."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LIBC],
        input=json.dumps(instants),
        env={"TZ": tz},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[int] = json.loads(done.stdout)
    return found


def ours(tz: str, instants: list[int]) -> list[int]:
    zone = zone_info(zone_of_tz(tz) or "UTC")
    local = [datetime.fromtimestamp(at, UTC).astimezone(zone) for at in instants]
    assert [int(each.timestamp()) for each in local] == instants  # and back again
    return [int(each.utcoffset().total_seconds()) for each in local]


def instants(rng: random.Random) -> list[int]:
    """Instants of 2025 to 2028, many of them at hours around changes of time."""
    return [rng.randrange(1_735_689_600, 1_861_920_000) for _ in range(300)]


@pytest.mark.long
@pytest.mark.parametrize("tz", FORMS)
def test_every_form_of_tz_means_what_libc_takes_it_for(tz):
    some = instants(random.Random(tz))
    assert ours(tz, some) == libc(tz, some)


def random_tz(rng: random.Random) -> str:
    def name() -> str:
        return rng.choice(("CST", "EST", "<+08>", "<-03>", "ABCD"))

    def offset() -> str:
        return (
            rng.choice(("", "+", "-"))
            + str(rng.randint(0, 14))
            + rng.choice(("", ":30", ":45", ":20:15"))
        )

    def rule() -> str:
        day = rng.choice(
            (
                f"J{rng.randint(1, 365)}",
                str(rng.randint(0, 365)),
                *[f"M{rng.randint(1, 12)}.{rng.randint(1, 5)}.{rng.randint(0, 6)}"] * 2,
            )
        )
        return day + rng.choice(
            (
                "",
                f"/{rng.randint(0, 24)}",
                f"/{rng.randint(-167, 167)}:15",
                f"/{rng.randint(-9, 9)}:30:10",
            )
        )

    if rng.random() < 0.2:
        return name() + offset()
    return f"{name()}{offset()}{name()}{rng.choice(('', offset()))},{rule()},{rule()}"


@pytest.mark.parametrize(
    ("tz", "east"),
    [
        ("UTC+24:00", -86_399),
        ("UTC-31:00", 86_399),
        ("UTC-24:59", 86_399),
        ("UTC-05:99", 21_540),
        ("UTC+99:99", -86_399),
        ("AAA-23:47BBB,M3.2.0,M11.1.0", 86_399),  # summer time is an hour more
    ],
)
def test_an_offset_of_a_day_or_more_is_cut(tz, east):
    stored = zone_of_tz(tz)
    assert stored is not None
    assert datetime(2026, 9, 21, tzinfo=UTC).astimezone(zone_info(stored)).utcoffset() == timedelta(
        seconds=east
    )
    assert LocalTime(stored).day_and_hour(1_790_000_000_000)[0] in (
        "2026-09-20",
        "2026-09-21",
        "2026-09-22",
    )


@pytest.mark.parametrize("rule", ["M13.1.0", "M0.1.0", "M3.9.0", "M3.1.9", "J400", "400", "x"])
def test_what_is_wrong_behind_an_offset_is_no_error(rule):
    zone = zone_info(f"CET-1CEST,{rule},M10.5.0")
    for month in range(1, 13):
        assert datetime(2026, month, 1, tzinfo=UTC).astimezone(zone).utcoffset() in (
            timedelta(hours=1),
            timedelta(hours=2),
        )


@pytest.mark.long
@seeded(25)
def test_random_rules_mean_what_libc_takes_them_for(seed):
    rng = random.Random(seed)
    tz = random_tz(rng)
    some = instants(rng)
    assert ours(tz, some) == libc(tz, some), tz


@pytest.mark.parametrize(
    ("tz", "changes"),
    [
        # without rules it is that of the United States: the second Sunday of March, 2:00, and the
        # first of November, 2:00
        ("AAA5BBB", {"2026-03-08T07:00": -4, "2026-11-01T06:00": -5}),
        # without a time of day behind the slash it is 2:00
        ("AAA5BBB,M3.2.0/,M11.1.0", {"2026-03-08T07:00": -4, "2026-11-01T06:00": -5}),
        ("AAA5BBB,M3.2.0/-,M11.1.0", {"2026-03-08T03:00": -4, "2026-11-01T06:00": -5}),
        ("AAA5BBB,M3.2.0/x,M11.1.0", {"2026-03-08T07:00": -4}),
        # on the first day of a year, and on the last of a leap year
        ("AAA0BBB,J1/0,J100/0", {"1971-01-01T00:00": 1, "1973-01-01T00:00": 1}),
        ("AAA0BBB,J300/0,J365/20", {"1972-12-31T19:00": 0}),
        # the 60th day is 1 March in any year
        ("AAA0BBB,J60/0,J100/0", {"1972-03-01T00:00": 1, "1973-03-01T00:00": 1}),
        ("AAA0BBB,J59/0,J100/0", {"1972-02-28T00:00": 1, "1973-02-28T00:00": 1}),
        ("AAA0BBB,59/0,100/0", {"1972-02-29T00:00": 1, "1973-03-01T00:00": 1}),
    ],
)
def test_a_change_of_time_comes_with_its_second(tz, changes):
    zone = zone_info(tz)
    for at, hours in changes.items():
        change = datetime.fromisoformat(f"{at}:00+00:00")
        other = {-4: -5, -5: -4, 0: 1, 1: 0}[hours]
        for second, east in ((-1, other), (0, hours), (1, hours)):
            local = (change + timedelta(seconds=second)).astimezone(zone)
            assert local.utcoffset() == timedelta(hours=east), (at, second)


def test_the_first_and_the_last_instant_of_the_calendar_have_an_offset():
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
    for tz, hours in (("AAA5BBB", -5), ("AAA-8BBB", 8)):
        for local in (first, last):
            assert local.replace(tzinfo=zone_info(tz)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (0, []),
        (468_999, [468_999]),
        (469_000, [469_000]),
        (469_001, [469_000, 1]),
        (900_000, [469_000, 431_000]),
        (469_000 + 86_400_000, [469_000, 86_400_000]),
        (469_001 + 86_400_000, [469_000, 86_400_000, 1]),
    ],
)
def test_time_is_cut_where_a_day_begins_though_it_begins_within_a_quarter(after, found):
    start = int(datetime(2026, 9, 20, 18, 15, tzinfo=UTC).timestamp()) * 1000
    cut = LocalTime("XXX-5:37:11").by_day(start, start + after)  # its days begin at 18:22:49
    assert cut == list(zip(("2026-09-20", "2026-09-21", "2026-09-22"), found, strict=False))


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (0, 0),
        (-1, None),
        (3_999_999_999_999, 3_999_999_999_999),
        (4_000_000_000_000, None),
        (True, None),
        ("123456789", 123_456_789),
        ("19700102", 86_400_000),
        ("9" * 5000, None),
        ("1970-01-01T00:00:01.5", 1500),
        ("1970-01-01T01:00:00.001+01:00", 1),
        ("1969-12-31T23:59:59.999Z", None),
    ],
)
def test_an_instant_is_read_as_a_client_may_write_it_if_a_client_can_have_lived_in_it(said, at):
    assert parse_instant(said) == at


def evening(settings: Settings) -> None:
    """A session at 20:00 UTC on 2026-10-05."""
    t = Transcript(1, start=1_791_230_400_000)
    t.prompt()
    t.answer()
    t.write(settings.roots[0] / "projects")


@pytest.mark.long
@pytest.mark.parametrize(
    ("tz", "day"),
    [
        ("CST-8", "2026-10-06"),
        ("<+08>-8", "2026-10-06"),
        (":Asia/Shanghai", "2026-10-06"),
        (str(ZONEINFO / "Asia" / "Shanghai"), "2026-10-06"),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-10-05"),
        ("<-10>10", "2026-10-05"),
        ("", "2026-10-05"),
        ("Foo/Bar", "2026-10-05"),
        ("UTC-04:00", "2026-10-06"),
    ],
)
def test_a_session_is_of_the_day_that_date_says(tz, day, monkeypatch, capsys):
    monkeypatch.setenv("TZ", tz)
    evening(read_settings())
    ingest(read_settings())
    assert json.loads(called(capsys, "cost", "--by", "day", "--json")[1])["rows"][0]["key"] == day
    assert (
        json.loads(called(capsys, "sessions", "--since", day, "--until", day, "--json")[1])[0][
            "local_day"
        ]
        == day
    )


def test_a_changed_zone_changes_the_days_at_the_next_reading(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    evening(read_settings())
    ingest(read_settings())
    for tz, day in (
        ("CST-8", "2026-10-06"),
        ("America/New_York", "2026-10-05"),
        ("<+0545>-5:45", "2026-10-06"),
    ):
        monkeypatch.setenv("TZ", tz)
        ingest(read_settings())
        said = json.loads(called(capsys, "overview", "--json")[1])
        assert [row["day"] for row in said["days"]] == [day]
        assert rows(read_settings(), "SELECT DISTINCT local_day FROM prompt") == [(day,)]


def test_until_the_next_reading_the_screens_say_which_zone_the_days_are_of(monkeypatch, capsys):
    monkeypatch.setenv("TZ", "UTC")
    evening(read_settings())
    ingest(read_settings())
    monkeypatch.setenv("TZ", "CST-8")
    for command in ("overview", "sessions", "cost", "figures", "practices"):
        assert "Days are in UTC. To use CST-8, run `accrete rebuild`" in called(capsys, command)[2]
    ingest(read_settings())
    assert called(capsys, "cost")[2] == ""


def test_a_zone_that_a_hook_saw_stays_when_the_machine_moves(settings):
    evening(settings)
    ingest(settings)
    with_hook = "UPDATE session SET zone = 'Asia/Tokyo', zone_assumed = 0, stale = 1"
    from accrete.database import Sqlite

    db = Sqlite(settings.database)
    with db.transaction():
        db.run(with_hook)
    db.close()
    ingest(Settings(home=settings.home, roots=settings.roots, zone="America/New_York"))
    assert rows(settings, "SELECT zone, local_day FROM session") == [("Asia/Tokyo", "2026-10-06")]


@pytest.mark.parametrize(
    ("said", "offset", "zone"),
    [
        ("CST-8", 480, "CST-8"),
        ("<+08>-8", 480, "<+08>-8"),
        ("EST5EDT,M3.2.0,M11.1.0", -240, "EST5EDT,M3.2.0,M11.1.0"),
        (str(ZONEINFO / "Asia" / "Shanghai"), 480, "Asia/Shanghai"),
        ("UTC+02:00", -120, "UTC-02:00"),
        ("Foo/Bar", 0, "UTC+00:00"),
        ("-", 345, "UTC+05:45"),
    ],
)
def test_a_hook_says_the_zone_in_any_form(said, offset, zone):
    assert (
        read_event(
            f"accrete-hook 1 Stop 1790000000000 {offset} {said} s1\n/home/dev\n".encode()
        ).zone
        == zone
    )


@pytest.mark.parametrize(
    ("tz", "said"),
    [("", "UTC"), ("CST-8", "CST-8"), (":Asia/Shanghai", "Asia/Shanghai"), ("A B", "-")],
)
def test_the_hook_sends_what_tz_says(tz, said, monkeypatch):
    from accrete_hooks.capture import zone

    monkeypatch.setenv("TZ", tz)
    assert zone() == said


def test_without_tz_the_link_names_the_zone(monkeypatch, tmp_path):
    link = tmp_path / "localtime"
    link.symlink_to(ZONEINFO / "Asia" / "Kathmandu")
    monkeypatch.setattr(settings_module, "LOCALTIME", link)
    monkeypatch.delenv("TZ", raising=False)
    assert read_settings().zone == "Asia/Kathmandu"


def test_without_tz_a_copy_of_a_zone_is_read_as_it_stands(monkeypatch, tmp_path):
    copy = tmp_path / "localtime"
    shutil.copyfile(ZONEINFO / "Asia" / "Kathmandu", copy)
    monkeypatch.setattr(settings_module, "LOCALTIME", copy)
    monkeypatch.delenv("TZ", raising=False)
    assert read_settings().zone == f":{copy}"
    at = datetime(2026, 10, 5, 20, tzinfo=UTC)
    assert at.astimezone(zone_info(read_settings().zone)).isoformat() == "2026-10-06T01:45:00+05:45"
    (tmp_path / "timezone").write_text("Asia/Kathmandu\n")
    assert read_settings().zone == "Asia/Kathmandu"
    (tmp_path / "timezone").write_text("Europe/Berlin\n")
    assert read_settings().zone == f":{copy}"


def test_without_anything_the_zone_is_utc(monkeypatch, tmp_path):
    monkeypatch.setattr(settings_module, "LOCALTIME", tmp_path / "none")
    monkeypatch.delenv("TZ", raising=False)
    assert os.name == "nt" or read_settings().zone == "UTC"
