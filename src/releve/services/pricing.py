"""I: the built-in price list: tariffs as 2.1 describes them, the flat rate being the simple case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from releve.domain.cost import Cost
from releve.domain.pricing import Beginning, Moment, RunningCost, price
from releve.domain.tariff import Tariff


class TariffPricing:
    """Implements `services.ports.Pricing` by `domain.pricing`."""

    def begin(self, tariff: Tariff, beginning: Beginning) -> RunningCost:
        return RunningCost(tariff, beginning)

    def price(
        self,
        tariffs: Sequence[tuple[datetime, Tariff]],
        beginning: Beginning,
        course: Iterable[Moment],
        until: datetime | None = None,
    ) -> Cost:
        return price(tariffs, beginning, course, until)
