"""One writes at a time; the others wait as long as they say, and are told."""

from __future__ import annotations

import threading
import time

import pytest

from accrete.errors import AccreteError
from accrete.record.lock import held


def test_a_second_holder_is_told_that_it_holds_nothing_and_the_next_one_holds_it(tmp_path):
    path = tmp_path / "data" / "lock"
    with held(path, wait_s=0) as first, held(path, wait_s=0) as second:
        assert (first, second) == (True, False)
    with held(path, wait_s=0) as third:
        assert third
    assert path.stat().st_mode & 0o7777 == 0o600
    assert path.parent.stat().st_mode & 0o7777 == 0o700


def test_who_waits_long_enough_holds_it_once_it_is_free_and_who_does_not_gives_up(tmp_path):
    path = tmp_path / "lock"
    free = threading.Event()

    def hold() -> None:
        with held(path, wait_s=0):
            held_now.set()
            free.wait(5)

    held_now = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    held_now.wait(5)
    began = time.monotonic()
    with held(path, wait_s=0.15) as mine:
        assert not mine
    assert time.monotonic() - began >= 0.15
    threading.Timer(0.1, free.set).start()
    with held(path, wait_s=5) as mine:
        assert mine
    holder.join()


def test_a_lock_that_cannot_be_made_is_said_with_its_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(AccreteError, match="Cannot write in .*/file: "),
        held(tmp_path / "file" / "lock", wait_s=0),
    ):
        pytest.fail("there is no lock")
