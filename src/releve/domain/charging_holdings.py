"""What is kept of a station about charging limits: installed profiles, limits from outside, its supply."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar

import msgspec

from releve.domain.charging_profile import ChargingProfile, ChargingSchedule
from releve.domain.holding import Holding

OURS = "CSO"
"""The limit source of profiles that the CSMS has set."""


class InstalledProfile(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A profile that the station took from us or reported. by: who set it; source: 2.1 ChargingLimitSourceEnum."""

    kind: ClassVar[str] = "charging-profile"

    evse: int
    profile: ChargingProfile
    installed_at: datetime
    by: str = ""
    source: str = OURS
    reported_at: datetime | None = None
    """When the station itself last told that it has it."""
    remote_start_id: int | None = None
    """It went with this remote start, whose transaction has not begun yet."""
    next_update: bool = False
    """Its limits changed here and the station has not pulled them yet (a dynamic profile)."""

    @property
    def key(self) -> str:
        return str(self.profile.id)


class ExternalLimit(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A limit that a system beside the station has set (K11, K12): an energy management system, a grid operator."""

    kind: ClassVar[str] = "external-limit"

    source: str
    evse: int | None = None
    """None: the station did not say; the station as a whole."""
    grid_critical: bool | None = None
    local_generation: bool | None = None
    schedules: tuple[ChargingSchedule, ...] = ()
    """Empty where the station does not tell them (NotifyChargingLimitWithSchedules)."""
    received_at: datetime

    @property
    def key(self) -> str:
        kind = "generation" if self.local_generation else "limit"
        return f"{self.source}/{self.evse or 0}/{kind}"


class PriorityState(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """Priority charging is on for a transaction (K21, K22)."""

    kind: ClassVar[str] = "priority-charging"

    reference: str
    since: datetime

    @property
    def key(self) -> str:
        return self.reference


Volts = Annotated[Decimal, msgspec.Meta(gt=0, le=1000)]
Amperes = Annotated[Decimal, msgspec.Meta(gt=0, le=10_000)]


class SupplyNote(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """What the operator noted of an EVSE's supply; evse 0: of all that have no note of their own.

    max_current_a: per phase. direct: DC.
    """

    kind: ClassVar[str] = "supply"

    evse: int
    phases: Annotated[int, msgspec.Meta(ge=1, le=3)] = 3
    voltage_v: Volts = Decimal(230)
    max_current_a: Amperes | None = None
    direct: bool = False

    @property
    def key(self) -> str:
        return str(self.evse)
