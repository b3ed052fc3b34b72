"""A soak of seconds, and its twin on a node that leaks; `make soak` is the real thing."""

from __future__ import annotations

import pytest

from tests.torture.soak import Sample, judge, soaked

pytestmark = pytest.mark.timeout(400)  # a busy machine starts and stops processes slowly
SECONDS = 20


async def test_a_short_soak_is_flat() -> None:
    samples = await soaked(SECONDS)
    assert judge(samples) == []
    assert all(sample.sockets for sample in samples[5:-1])  # they were there


async def test_a_leak_is_found_out() -> None:
    found = judge(await soaked(SECONDS / 2, leak=True))
    assert any("memory grew" in one for one in found)


def test_tasks_descriptors_and_sockets_that_stay_are_found_out() -> None:
    def sample(number: int, sockets: int = 5) -> Sample:
        return Sample(number, 100.0, 10 + 5 * number, 10 + 5 * number, sockets)

    found = judge([*map(sample, range(40)), sample(40)])
    assert [one.split()[0] for one in found] == ["descriptors", "tasks", "5"]
    flat = [Sample(n, 100.0, 30, 20, 5) for n in range(40)]
    assert judge([*flat, Sample(40, 100.0, 10, 10, 0)]) == []
