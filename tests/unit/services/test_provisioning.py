"""What a station is told about its intervals."""

from __future__ import annotations

import pytest

from releve.domain.ids import StationId
from releve.services.provisioning import BootPolicy

IDS = [StationId(1_000_000 + n) for n in range(2_000)]


def test_stations_beat_apart_within_their_share():
    policy = BootPolicy(heartbeat_s=300, jitter=0.1)
    told = [policy.spread(300, station) for station in IDS]
    assert min(told) >= 270
    assert max(told) <= 330
    assert abs(sum(told) / len(told) - 300) < 2, "the mean is what was set"
    # Spread evenly: no second has many more than its share of 2,000 over 60 seconds.
    assert max(told.count(second) for second in set(told)) < 3 * 2_000 / 60


def test_a_station_is_told_the_same_each_time():
    policy = BootPolicy(jitter=0.5)
    assert [policy.spread(60, one) for one in IDS] == [policy.spread(60, one) for one in IDS]


@pytest.mark.parametrize("interval", [1, 60, 300, 86_400])
def test_no_jitter_is_the_interval_itself(interval):
    assert {BootPolicy().spread(interval, station) for station in IDS} == {interval}


def test_an_interval_is_never_nothing():
    policy = BootPolicy(jitter=0.5)
    assert min(policy.spread(1, station) for station in IDS) == 1
