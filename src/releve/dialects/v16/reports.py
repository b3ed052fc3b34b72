"""Notifications that are kept as the station told them: firmware, diagnostics, logs, security events."""

from __future__ import annotations

from releve.dialects.v16.version import v16
from releve.ocpp.messages.v16 import (
    DiagnosticsStatusNotificationRequest,
    FirmwareStatusNotificationRequest,
    LogStatusNotificationRequest,
    SecurityEventNotificationRequest,
    SignedFirmwareStatusNotificationRequest,
)

v16.tells(
    DiagnosticsStatusNotificationRequest,
    FirmwareStatusNotificationRequest,
    LogStatusNotificationRequest,
    SecurityEventNotificationRequest,
    SignedFirmwareStatusNotificationRequest,
)
