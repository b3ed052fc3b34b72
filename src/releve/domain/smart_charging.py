"""K: what an operator asks of a station about charging limits, and what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedulePeriod,
    Purpose,
    RateUnit,
    ScheduleUpdate,
)
from releve.domain.commands import Command, Outcome


class SetChargingProfile(Command, frozen=True, kw_only=True):
    """evse 0: the station as a whole."""

    while_pending: ClassVar[bool] = True

    evse: int
    profile: ChargingProfile


class ClearChargingProfile(Command, frozen=True, kw_only=True):
    """A profile by its id, or all that meet every criterion given (K10.FR.02)."""

    while_pending: ClassVar[bool] = True

    id: int | None = None
    evse: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None


class GetChargingProfiles(Command, frozen=True, kw_only=True):
    """Have profiles reported: by their ids, or by every criterion given (K09.FR.03). evse None: of all EVSEs."""

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("ReportChargingProfiles",)

    request_id: int
    evse: int | None = None
    ids: tuple[int, ...] = ()
    purpose: Purpose | None = None
    stack_level: int | None = None
    sources: tuple[str, ...] = ()


class GetCompositeSchedule(Command, frozen=True, kw_only=True):
    """unit None: the station's choice. duration: seconds from receipt on."""

    while_pending: ClassVar[bool] = True

    evse: int
    duration: int
    unit: RateUnit | None = None


class ReportedSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """A composite schedule as the station told it; periods count from `begin`."""

    evse: int
    begin: datetime
    duration: int
    unit: RateUnit
    periods: tuple[ChargingSchedulePeriod, ...]


class ScheduleOutcome(Outcome, frozen=True, kw_only=True, omit_defaults=True):
    """schedule: what the station told; None when it told none."""

    schedule: ReportedSchedule | None = None


class UpdateDynamicSchedule(Command, frozen=True, kw_only=True):
    """New limits for a dynamic profile (K28)."""

    profile: int
    update: ScheduleUpdate


class UsePriorityCharging(Command, frozen=True, kw_only=True):
    """Put a transaction under the PriorityCharging profile, or back (K21)."""

    reference: str
    activate: bool
