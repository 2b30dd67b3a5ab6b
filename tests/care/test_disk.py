"""What the config folders hold beside the record: read, forgotten, or still to be read."""

from __future__ import annotations

import os

from accrete.care.disk import Behind, OnDisk, on_disk
from accrete.queries.health import FileRead
from accrete.record.file_names import hidden
from tests.records import projects
from tests.transcripts import busy, session_id

DAY = 86_400_000
CHANGED = 1_790_000_000_123


def test_what_was_read_is_told_from_what_was_forgotten_and_what_is_still_to_be_read(settings):
    folder = projects(settings)
    read, forgotten, grown, touched, new = (busy(n).write(folder) for n in range(1, 6))
    size = read.stat().st_size
    for path in (read, forgotten, grown, touched, new):
        os.utime(path, ns=(0, CHANGED * 1_000_000 + 456_789))
    stamp = read.stat().st_mtime_ns
    found = on_disk(
        settings,
        [
            FileRead(str(read), size, stamp),
            FileRead(hidden(str(forgotten)), size, stamp),
            FileRead(str(grown), size - 1, stamp),
            FileRead(str(touched), size, stamp - 1),
        ],
    )
    assert (found.files, found.size, found.forgotten) == (5, 5 * size, 1)
    assert sorted(found.behind) == [
        Behind(path, session_id(n), size, CHANGED)
        for n, path in ((3, grown), (4, touched), (5, new))
    ]
    assert found.sessions == {session_id(n): CHANGED for n in range(1, 6)}
    assert found.first_loss_at == CHANGED + 30 * DAY
    assert (found.places, found.looked) == ([str(settings.roots[0])],) * 2


def test_without_anything_forgotten_none_is_counted(settings):
    path = busy(1).write(projects(settings))
    for sources in ([], [FileRead(str(path), path.stat().st_size, path.stat().st_mtime_ns)]):
        found = on_disk(settings, sources)
        assert (found.forgotten, len(found.behind)) == (0, 1 - len(sources))


def test_a_transcript_may_go_when_its_days_are_over_and_not_before():
    found = OnDisk([], [], sessions={"s": 1000}, kept_days=2)
    over = 1000 + 2 * DAY
    assert [found.deleted_by(at) for at in (over - 1, over, over + 1)] == [[], [], ["s"]]
    assert found.first_loss_at is None
    assert OnDisk([], [], kept_days=0).lifetime_ms == 30 * DAY
