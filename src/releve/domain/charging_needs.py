"""What a car told that it needs (ISO 15118), and what it was answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from releve.domain.holding import Holding


class NeedsAnswer(StrEnum):
    """2.1 NotifyEVChargingNeedsStatusEnumType; 2.0.1 says Rejected for the last."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    PROCESSING = "Processing"
    NO_PROFILE = "NoChargingProfile"


AC_PHASES = {"AC_single_phase": 1, "AC_two_phase": 2, "AC_three_phase": 3}


class ChargingNeeds(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the message said, in one shape for ISO 15118-2 and -20. `told` has all of it, in wire names.

    energy_wh: what the car wants until departure; None when it did not say. scheduled: the car chooses from schedules
    (control mode ScheduledControl or none); else it follows what the station sets (DynamicControl, K19).
    """

    evse: int
    energy_transfer: str
    max_schedule_tuples: int | None = None
    departure_at: datetime | None = None
    energy_wh: Decimal | None = None
    min_energy_wh: Decimal | None = None
    max_energy_wh: Decimal | None = None
    min_current_a: Decimal | None = None
    max_current_a: Decimal | None = None
    max_voltage_v: Decimal | None = None
    min_power_w: Decimal | None = None
    max_power_w: Decimal | None = None
    max_discharge_w: Decimal | None = None
    soc: int | None = None
    target_soc: int | None = None
    scheduled: bool = True
    iso15118_20: bool = False
    by_phase: bool = False
    """It told maximal power for phases L2 and L3 (K01.FR.142)."""
    told_at: datetime | None = None
    """When the car said so, if the station was offline then (K15.FR.20)."""
    told: dict[str, Any] = {}

    @property
    def direct(self) -> bool:
        """DC, as far as the energy transfer tells."""
        return self.energy_transfer.startswith("DC")

    @property
    def phases(self) -> int:
        """Phases that the car charges on; 3 where that is not told."""
        return AC_PHASES.get(self.energy_transfer, 3)


class NotedNeeds(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """The latest needs of an EVSE, what they were answered with and what came of it.

    profile: id of the TxProfile that was sent. plan_status: how the car's own plan was answered. problem: why it got no
    schedule, or what its plan exceeds.
    """

    kind: ClassVar[str] = "charging-needs"

    needs: ChargingNeeds
    transaction_id: str | None = None
    answer: NeedsAnswer
    received_at: datetime
    profile: int | None = None
    sent_at: datetime | None = None
    sent_status: str = ""
    plan: dict[str, Any] = {}
    plan_status: str = ""
    problem: str = ""
    pushes: int = 0
    """How often a new profile was sent because the car's plan exceeded it."""

    @property
    def key(self) -> str:
        return str(self.needs.evse)
