"""What is measured again, and what is awaited."""

from __future__ import annotations

import pytest

from tests.patience import least, ratio, thread_s, until


def test_what_was_slow_once_is_measured_again_and_no_oftener_than_needed():
    taken = [9.0, 3.0, 1.0]
    assert least(lambda: taken.pop(0), 5) == 3.0
    assert taken == [1.0]


def test_what_is_slow_each_time_is_slow():
    taken = [9.0, 7.0, 8.0]
    assert least(lambda: taken.pop(0), 5, times=3) == 7.0


def test_work_that_grows_faster_than_its_input_is_known():
    def squares(n: int) -> None:
        for _ in range(n):
            sum(range(n))

    assert ratio(lambda: squares(2_000), lambda: squares(500), 4, floor_s=0.0001) > 4
    assert ratio(lambda: sum(range(4_000)), lambda: sum(range(1_000)), 4, floor_s=1) < 4


def test_sleep_is_no_cpu_time():
    from time import sleep

    assert thread_s(lambda: sleep(0.05)) < 0.05


def test_what_never_comes_fails_aloud():
    seen = iter([False, True])
    until(lambda: next(seen))
    with pytest.raises(pytest.fail.Exception, match=r"not true after 0\.1 seconds"):
        until(lambda: False, 0.1)
