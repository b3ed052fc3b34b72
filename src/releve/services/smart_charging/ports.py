"""What smart charging needs of the world: someone who plans."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

from releve.domain.charging_needs import ChargingNeeds
from releve.domain.charging_profile import ChargingSchedule
from releve.domain.ids import OperatorId, StationId
from releve.domain.transaction import Transaction
from releve.energy.composite import Composite
from releve.energy.supply import Supply


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A car asks for a schedule.

    offer: what all other profiles and all limits from outside allow, in amperes (K02.FR.01). most_periods: what car and
    station can take. transaction: the one that it is for, with its token.
    """

    operator: OperatorId
    station: StationId
    needs: ChargingNeeds
    transaction: Transaction
    offer: Composite
    supply: Supply
    most_periods: int | None
    now: datetime


class Planner(Protocol):
    """Makes schedules from needs and limits."""

    @property
    def slow(self) -> bool:
        """It needs time: the car is answered Processing, and renegotiates when the schedule comes (K17.FR.05)."""

    async def plan(self, request: PlanRequest) -> tuple[ChargingSchedule, ...]:
        """One schedule, or up to three for the car to choose from; empty: none, the station's own rules apply.

        It must be back well within 60 seconds (K15.FR.08).
        """
