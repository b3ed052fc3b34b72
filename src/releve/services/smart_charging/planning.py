"""The planner that serves where no other is set: within limits, enough by departure, where power is cheap."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

from releve.domain.charging_profile import ChargingSchedule
from releve.domain.holding import Document
from releve.domain.ids import OperatorId
from releve.energy.plan import PriceLevel, plan
from releve.services.ports import Store
from releve.services.smart_charging.ports import PlanRequest


class PriceStep(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` on, power has this price level: 1 is the cheapest."""

    start: datetime
    level: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class PriceLevels(Document, frozen=True, kw_only=True, omit_defaults=True):
    """When power is cheap: steps in time. Cars that choose by themselves are told them too (a sales tariff)."""

    kind: ClassVar[str] = "price-levels"

    steps: tuple[PriceStep, ...] = ()

    @property
    def key(self) -> str:
        return "operator"


class LimitPlanner:
    """Implements `services.smart_charging.ports.Planner`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def slow(self) -> bool:
        """It answers at once."""
        return False

    async def levels(self, operator: OperatorId) -> PriceLevels:
        """The price levels that count now."""
        async with self._store.work(operator) as work:
            return await work.documents.get(PriceLevels, "operator") or PriceLevels()

    async def set_levels(self, operator: OperatorId, levels: PriceLevels) -> PriceLevels:
        """Replace the price levels; kept in order of time."""
        ordered = PriceLevels(steps=tuple(sorted(levels.steps, key=lambda step: step.start)))
        async with self._store.work(operator) as work:
            work.documents.save(ordered)
        return ordered

    async def plan(self, request: PlanRequest) -> tuple[ChargingSchedule, ...]:
        """One schedule: then there is no doubt which one the car follows (K15.FR.18, K18.FR.18)."""
        known = await self.levels(request.operator)
        levels = [PriceLevel(step.start, step.level) for step in known.steps]
        begun = [level for level in levels if level.start <= request.now][-1:]
        coming = [level for level in levels if request.now < level.start < request.offer.end]
        schedule = plan(
            request.needs,
            request.offer,
            request.supply,
            [*begun, *coming],
            request.now,
            request.most_periods,
        )
        return () if schedule is None else (schedule,)
