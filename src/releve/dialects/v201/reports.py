"""Notifications that are kept as the station told them."""

from __future__ import annotations

import msgspec

from releve.dialects.v201.version import v201
from releve.ocpp.messages.v201 import (
    ClearedChargingLimitRequest,
    GenericStatusEnum,
    NotifyChargingLimitRequest,
    NotifyDisplayMessagesRequest,
    NotifyEVChargingScheduleRequest,
    NotifyEVChargingScheduleResponse,
    ReportChargingProfilesRequest,
    SecurityEventNotificationRequest,
)
from releve.services.live import Inbound
from releve.services.services import Services

v201.tells(
    ClearedChargingLimitRequest,
    NotifyChargingLimitRequest,
    NotifyDisplayMessagesRequest,
    ReportChargingProfilesRequest,
    SecurityEventNotificationRequest,
)


@v201.answers
async def notify_ev_charging_schedule(
    request: NotifyEVChargingScheduleRequest, inbound: Inbound, services: Services
) -> NotifyEVChargingScheduleResponse:
    """Accepted means taken in, and within our limits: nothing sends the car a schedule yet (K15.FR.11)."""
    await services.reports.told(inbound, "NotifyEVChargingSchedule", msgspec.to_builtins(request))
    return NotifyEVChargingScheduleResponse(status=GenericStatusEnum.ACCEPTED)
