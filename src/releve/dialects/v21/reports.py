"""Notifications that are kept as the station told them."""

from __future__ import annotations

from releve.dialects.v21.version import v21
from releve.ocpp.messages.v21 import (
    BatterySwapRequest,
    NotifyDERAlarmRequest,
    NotifyDERStartStopRequest,
    NotifyDisplayMessagesRequest,
    ReportDERControlRequest,
)

v21.tells(
    NotifyDisplayMessagesRequest,
    BatterySwapRequest,
    NotifyDERAlarmRequest,
    NotifyDERStartStopRequest,
    ReportDERControlRequest,
)
