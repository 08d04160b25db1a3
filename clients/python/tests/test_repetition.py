from __future__ import annotations

import pytest

from actors_registry._repetition import Repetition, first_interval


@pytest.mark.parametrize(
    ("timeout", "expected"), [(5, [1, 3]), (1.5, [0.3, 0.9]), (40, [1, 3, 7, 15, 31])], ids=["usual", "short", "long"]
)
def test_each_time_is_after_twice_the_interval_before(timeout: float, expected: list[float]) -> None:
    repetition = Repetition(100, 100 + timeout)
    looks = [number / 100 for number in range(int(timeout * 100))]
    assert [look for look in looks if repetition.is_due(100 + look + 1e-6)] == pytest.approx(expected)


def test_who_looks_late_sends_once_and_counts_from_there() -> None:
    repetition = Repetition(0, 100)
    assert repetition.is_due(20)
    assert not repetition.is_due(21)
    assert repetition.next == 22


def test_the_first_interval_is_a_fifth_and_a_second_at_most() -> None:
    assert first_interval(1.5) == pytest.approx(0.3)
    assert first_interval(60) == 1
