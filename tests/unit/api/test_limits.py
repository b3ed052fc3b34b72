"""Token buckets."""

from __future__ import annotations

from releve.api import limits
from releve.api.limits import Limit
from tests.support.stores import TurnedClock


def test_a_bucket_empties_and_fills_again():
    clock = TurnedClock()
    limit = Limit(clock, burst=2, per_second=0.5)
    assert [limit.take("a") for _ in range(3)] == [0, 0, 2]
    assert limit.take("b") == 0
    clock.turn(1)
    assert limit.take("a") == 1
    clock.turn(1)
    assert limit.wait("a") == 0
    assert limit.take("a") == 0
    clock.turn(1000)
    assert [limit.take("a") for _ in range(3)] == [0, 0, 2]


def test_only_so_many_names_are_remembered(monkeypatch):
    monkeypatch.setattr(limits, "MOST_NAMES", 2)
    limit = Limit(TurnedClock(), burst=1, per_second=0.001)
    for name in "abc":
        assert limit.take(name) == 0
    assert limit.take("c") > 0
    assert limit.take("a") == 0
