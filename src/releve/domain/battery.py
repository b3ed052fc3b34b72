"""Batteries in a swap station, and the swapping of them (block S)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Holding
from releve.domain.token import IdToken


class SwapEvent(StrEnum):
    """2.1 BatterySwapEventEnumType."""

    IN = "BatteryIn"
    OUT = "BatteryOut"
    OUT_TIMEOUT = "BatteryOutTimeout"
    """The driver did not take the offered batteries: they are still there."""


class Battery(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A battery in a slot (2.1: an EVSE). soc, soh: percent, as told with the event that brought it."""

    kind: ClassVar[str] = "battery"

    serial: str
    slot: int
    soc: float
    soh: float
    produced_at: datetime | None = None
    vendor_info: str = ""
    since: datetime | None = None

    @property
    def key(self) -> str:
        return self.serial


class SwapStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    event: SwapEvent
    at: datetime
    batteries: tuple[Battery, ...]


class Swap(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """One driver's swap: what went in, what went out. request_id: the station's, or ours when we asked for it."""

    kind: ClassVar[str] = "battery-swap"

    request_id: int
    token: str
    steps: tuple[SwapStep, ...] = ()
    began_at: datetime

    @property
    def key(self) -> str:
        return str(self.request_id)

    @property
    def done(self) -> bool:
        """Batteries went in and out, in whatever order (S03)."""
        events = {step.event for step in self.steps}
        return {SwapEvent.IN, SwapEvent.OUT} <= events


class RequestBatterySwap(Command, frozen=True, kw_only=True):
    """Let a driver swap batteries, from afar (S02)."""

    request_id: int
    token: IdToken
