"""Measuring and waiting on a machine that does other things too.

What takes too long once may be the machine's doing; what takes too long each time is not. CPU time
is that of the thread: what other threads and processes do does not count. Whoever waits for
something waits long: that costs only where it never comes, and then the test fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

LONG_S = 120.0
"""What is awaited comes in less on any machine, or never."""


def thread_s(work: Callable[[], object]) -> float:
    """CPU seconds of this thread."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def clock_s(work: Callable[[], object]) -> float:
    """Seconds, for what must not be waited for."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def least(measured: Callable[[], float], below: float, times: int = 5) -> float:
    """The least of some measurements. More are made only while none is below a limit."""
    found = measured()
    for _ in range(times - 1):
        if found < below:
            break
        found = min(found, measured())
    return found


def ratio(
    long: Callable[[], object], short: Callable[[], object], below: float, *, floor_s: float
) -> float:
    """Times as much CPU time as `short` that `long` takes, the least of some measurements. floor_s:
    of less than that nothing can be told; a shorter `short` counts as that much."""
    return least(lambda: thread_s(long) / max(floor_s, thread_s(short)), below)


def until(true: Callable[[], object], seconds: float = LONG_S) -> None:
    """Waits until something is true. Fails where it never is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            pytest.fail(f"not true after {seconds:g} seconds")
        time.sleep(0.05)
