"""What a driver sees of a station beside the car: the display, tariffs; and what the grid and swap stations keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class DriverSide:
    """Kept as they came, in the types of 2.1. They survive a reset, as the standard wants of the first three."""

    messages: dict[int, Any] = field(default_factory=dict)
    tariffs: dict[tuple[int, str], Any] = field(default_factory=dict)
    """Default tariffs by EVSE (0: all) and tariffId."""
    controls: dict[str, Any] = field(default_factory=dict)
    """DER controls by id, as their SetDERControlRequest."""
    superseded: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    """Controls with a time that have begun."""
    set_at: dict[str, datetime] = field(default_factory=dict)
    discharge_share: float = 1.0
    """What of their discharge power EVSEs may use: LimitMaxDischarge."""
    der_alarm: bool = False
    """The CSMS was told that this is felt."""
    afrr: list[tuple[datetime, int]] = field(default_factory=list)
    """The grid operator's signal: from when on, and its value."""
    setpoint_w: float | None = None
    """What an energy manager beside the station asks for, where a profile leaves it the choice (Q05)."""
    most_messages: int = 10
    formats: tuple[str, ...] = ("ASCII", "UTF8", "QRCODE")
    swap_number: int = 0

    def forget_over(self, now: datetime) -> None:
        """Messages whose time is over are taken away (O01.FR.07)."""
        self.messages = {
            number: message
            for number, message in self.messages.items()
            if message.end_date_time is None or message.end_date_time > now
        }

    def forget_transaction(self, key: str) -> None:
        """Messages of a transaction go with it (O02.FR.02)."""
        self.messages = {n: m for n, m in self.messages.items() if m.transaction_id != key}

    def same_type(self, kind: str, is_default: bool) -> list[str]:
        """Ids of the controls of a type that are not superseded."""
        return [
            number
            for number, control in self.controls.items()
            if control.control_type == kind
            and control.is_default is is_default
            and number not in self.superseded
        ]
