"""The running cost at an interval: only when it has changed, and not to stations that cannot show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import AsyncMock

import pytest

from releve.domain.commands import Outcome, Result
from releve.domain.ids import DEFAULT_OPERATOR, StationId, TransactionId
from releve.domain.meter import MeterSample
from releve.domain.station import Station
from releve.domain.tariff import flat
from releve.domain.tariff_commands import CostUpdated
from releve.domain.transaction import Transaction
from releve.services.bill import Bill
from releve.services.cost_telling import CostTelling
from releve.services.live import LiveStation
from releve.services.pricing import TariffPricing

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
EVERY = timedelta(seconds=60)


def charging(**price: Decimal) -> tuple[LiveStation, Any]:
    """A station with a transaction that has a bill."""
    station = Station(
        id=StationId(1), operator=DEFAULT_OPERATOR, identity="CS", created_at=NOW, registered=True
    )
    live = LiveStation(station)
    row = Transaction(
        id=TransactionId(2),
        operator=DEFAULT_OPERATOR,
        station=station.id,
        reference="T",
        received_at=NOW,
        started_at=NOW,
        meter_start_wh=1000.0,
    )
    transaction = live.remember(row)
    tariff = flat("t", "EUR", **price)
    transaction.bill = Bill(TariffPricing(), [(NOW, tariff)], None)
    transaction.bill.begin(row)
    return live, transaction


def measured(transaction: Any, wh: float, minutes: float) -> None:
    at = NOW + timedelta(minutes=minutes)
    transaction.bill.sampled(transaction.row, MeterSample(at, (), wh), at)


def telling(result: Result = Result.ANSWERED) -> tuple[CostTelling, AsyncMock]:
    caller = AsyncMock()
    caller.perform.return_value = Outcome(result=result)
    return CostTelling(AsyncMock(), AsyncMock(), caller), caller


async def test_a_driver_is_told_when_the_cost_has_changed() -> None:
    live, transaction = charging(kwh=Decimal("0.40"))
    tell, caller = telling()
    measured(transaction, 3500.0, 30)
    assert tell.due(live, NOW, EVERY)
    assert await tell.tell_due(live, NOW, EVERY) == 1
    caller.perform.assert_awaited_once_with(
        StationId(1), CostUpdated(reference="T", total=Decimal("1.00"))
    )
    later = NOW + timedelta(minutes=5)
    assert not tell.due(live, later, EVERY)  # the same cost
    measured(transaction, 6000.0, 60)
    assert not tell.due(live, NOW + timedelta(seconds=30), EVERY)  # too soon
    assert await tell.tell_due(live, later, EVERY) == 1


@pytest.mark.parametrize("result", [Result.UNSUPPORTED, Result.ERROR])
async def test_a_station_that_cannot_show_it_is_not_asked_again(result: Result) -> None:
    live, transaction = charging(kwh=Decimal("0.40"))
    tell, caller = telling(result)
    measured(transaction, 3500.0, 30)
    assert await tell.tell_due(live, NOW, EVERY) == 0
    measured(transaction, 9000.0, 60)
    assert not tell.due(live, NOW + timedelta(hours=1), EVERY)
    assert caller.perform.await_count == 1
