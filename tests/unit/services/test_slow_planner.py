"""A planner that needs time: the car hears Processing, and the schedule comes later."""

from datetime import UTC, datetime
from types import SimpleNamespace
from unittest.mock import AsyncMock, MagicMock

import msgspec

from releve.domain.charging_needs import ChargingNeeds, NeedsAnswer
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.station import Station
from releve.services.live import Inbound, LiveStation
from releve.services.smart_charging.needs import ChargingNeedsDesk
from tests.unit.dialects.kit import transaction

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


async def test_a_planner_that_needs_time_is_not_waited_for():
    station = Station(id=StationId(7), operator=DEFAULT_OPERATOR, identity="CS", created_at=NOW)
    live = LiveStation(station)
    planner = SimpleNamespace(slow=True, plan=AsyncMock())
    store = MagicMock()
    store.work.return_value.__aenter__ = AsyncMock(return_value=MagicMock())
    store.work.return_value.__aexit__ = AsyncMock(return_value=None)
    desk = ChargingNeedsDesk(store, MagicMock(), MagicMock(), planner, MagicMock())
    inbound = Inbound(live, NOW, "NotifyEVChargingNeeds", "m", b"{}")
    needs = ChargingNeeds(evse=1, energy_transfer="DC")
    assert await desk.told(inbound, needs) is NeedsAnswer.NO_PROFILE  # nothing runs there

    live.remember(msgspec.structs.replace(transaction("T"), evse=1))
    assert await desk.told(inbound, needs) is NeedsAnswer.PROCESSING  # K15.FR.05, K17.FR.05
    planner.plan.assert_not_awaited()
    assert len(inbound.afterwards) == 1
