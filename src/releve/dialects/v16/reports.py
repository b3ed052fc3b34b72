"""Notifications that are kept as the station told them."""

from __future__ import annotations

from releve.dialects.v16.version import v16
from releve.ocpp.messages.v16 import SecurityEventNotificationRequest

v16.tells(SecurityEventNotificationRequest)
