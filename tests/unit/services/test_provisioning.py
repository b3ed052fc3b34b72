"""What a station is told about its intervals."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import Mock, create_autospec

import pytest

from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.station import BootDecision, Station
from releve.services.live import Inbound, LiveStation
from releve.services.preparations import AfterBoot
from releve.services.provisioning import Boot, Booted, BootPolicy, foreign_serial
from releve.services.stations import StationDesk

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


@pytest.mark.parametrize(
    ("profile", "named", "told", "foreign"),
    [
        (3, "SN-1", "SN-1", False),
        (3, "SN-1", "SN-2", True),
        (3, "SN-1", "", False),
        (3, "CS-7", "SN-2", False),
        (3, "", "SN-2", False),
        (2, "SN-1", "SN-2", False),
    ],
)
def test_the_serial_number_has_to_be_that_of_the_certificate(profile, named, told, foreign):
    """B01.FR.11; a certificate that names the identity holds none."""
    station = Station(
        id=StationId(7),
        operator=DEFAULT_OPERATOR,
        identity="CS-7",
        security_profile=profile,
        certificate_name=named,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert foreign_serial(station, Booted(vendor="V", model="M", serial=told)) is foreign


async def test_a_station_with_a_foreign_serial_number_is_hung_up_on():
    """B01.FR.12: once its boot has been answered."""
    stations = create_autospec(StationDesk, instance=True)
    after = AfterBoot(Mock(), stations, Mock(), Mock(), Mock(), 30.0)
    station = Station(
        id=StationId(7),
        operator=DEFAULT_OPERATOR,
        identity="CS-7",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    inbound = Inbound(LiveStation(station), station.created_at, "BootNotification", "1", b"{}")
    boot = Boot(
        decision=BootDecision.REJECTED, interval_s=60, first=False, changed=False, foreign=True
    )
    after(inbound, boot)
    stations.disconnect.assert_not_called()
    for work in inbound.afterwards or ():
        await work()
    assert stations.disconnect.await_args.args[:2] == (DEFAULT_OPERATOR, 7)
