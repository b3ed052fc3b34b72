"""Notifications that are kept as the station told them."""

from __future__ import annotations

from releve.dialects.v201.version import v201
from releve.ocpp.messages.v201 import (
    NotifyDisplayMessagesRequest,
)

v201.tells(
    NotifyDisplayMessagesRequest,
)
