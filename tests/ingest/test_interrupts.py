"""Ctrl-C ends an ingest after the batch that it is at; where it is ignored, nothing ends."""

from __future__ import annotations

import os
import signal

import pytest

from accrete.database import Sqlite
from accrete.ingest import Progress, ingest
from tests.records import many, other, record

pytestmark = pytest.mark.long


def test_what_was_read_before_an_interrupt_is_kept(settings):
    many(settings)

    def stop(at: Progress) -> None:
        if at.files_done >= 5:
            os.kill(os.getpid(), signal.SIGINT)

    ignored = signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # as in a shell: what runs in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            ingest(settings, jobs=0, on_progress=stop)
    finally:
        signal.signal(signal.SIGINT, ignored)
    db = Sqlite(settings.database, readonly=True)
    assert 5 <= db.run("SELECT COUNT(*) FROM source_file")[0][0] < 31
    db.close()
    ingest(settings)
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)


def test_where_interrupts_are_ignored_an_ingest_goes_on(settings):
    many(settings, sessions=3)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        ingest(settings, jobs=0, on_progress=lambda at: os.kill(os.getpid(), signal.SIGINT))
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    db = Sqlite(settings.database, readonly=True)
    assert db.run("SELECT COUNT(*) FROM source_file") == [(4,)]
    db.close()
