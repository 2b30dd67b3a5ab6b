"""A rebuild goes by the settings of now."""

from __future__ import annotations

from accrete.ingest import ingest
from tests.records import projects, rows
from tests.transcripts import Transcript


def test_days_follow_the_zone_of_the_settings_at_the_next_rebuild(settings):
    from accrete.care.maintain import rebuild

    t = Transcript(1, start=1_790_034_000_000)  # 2026-09-21T23:40Z
    t.prompt("late")
    t.write(projects(settings))
    ingest(settings)
    assert rows(settings, "SELECT local_day FROM prompt") == [("2026-09-21",)]
    rebuild(type(settings)(home=settings.home, roots=settings.roots, zone="Asia/Tokyo"))
    assert rows(settings, "SELECT local_day FROM prompt") == [("2026-09-22",)]
