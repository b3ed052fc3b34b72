"""Notifications that are kept as the station told them."""

from __future__ import annotations

import msgspec

from releve.dialects.v21.version import v21
from releve.ocpp.messages.v21 import (
    BatterySwapRequest,
    ClearedChargingLimitRequest,
    GenericStatusEnum,
    NotifyChargingLimitRequest,
    NotifyDERAlarmRequest,
    NotifyDERStartStopRequest,
    NotifyDisplayMessagesRequest,
    NotifyEVChargingScheduleRequest,
    NotifyEVChargingScheduleResponse,
    NotifyPriorityChargingRequest,
    NotifySettlementRequest,
    ReportChargingProfilesRequest,
    ReportDERControlRequest,
    SecurityEventNotificationRequest,
)
from releve.services.live import Inbound
from releve.services.services import Services

v21.tells(
    ClearedChargingLimitRequest,
    NotifyChargingLimitRequest,
    NotifyDisplayMessagesRequest,
    ReportChargingProfilesRequest,
    BatterySwapRequest,
    NotifyDERAlarmRequest,
    NotifyDERStartStopRequest,
    NotifyPriorityChargingRequest,
    NotifySettlementRequest,
    ReportDERControlRequest,
    SecurityEventNotificationRequest,
)


@v21.answers
async def notify_ev_charging_schedule(
    request: NotifyEVChargingScheduleRequest, inbound: Inbound, services: Services
) -> NotifyEVChargingScheduleResponse:
    """Accepted means taken in, and within our limits: nothing sends the car a schedule yet (K15.FR.11)."""
    await services.reports.told(inbound, "NotifyEVChargingSchedule", msgspec.to_builtins(request))
    return NotifyEVChargingScheduleResponse(status=GenericStatusEnum.ACCEPTED)
